//! Random runs: any answer in any order, any person, any crash; what must hold is checked after every message.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod moves;

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::fake_world::{BAD_LUCKS, FakeWorld, Host, Luck, life_of};
use super::tests::setup;
use super::*;
use crate::domain::agent::Stage;
use crate::domain::branch::MergePolicy;
use crate::domain::claim::StreamKey;
use crate::domain::command::{Command, ErrandWish, PlanEdit, Refusal};
use crate::domain::effect::{StopKind, Worker};
use crate::domain::errand::Errand;
use crate::domain::id::TargetId;
use crate::domain::journal::{Birth, Fact};
use crate::domain::plan::Mode;
use crate::domain::report::Report;
use crate::domain::retry::{MOST_RESUMES, MOST_WAITS};
use crate::domain::workspace::Isolation;
use moves::{Move, Rules, a_move, luck, rules};

const ROADMAP: &str = "\
# Roadmap

## Batch 1

### Phase 1.1: Store

- **Status:** ⚪ Not Started

### Phase 1.2: Router

- **Status:** ⚪ Not Started

### Phase 1.3: Pages

- **Status:** 🔴 Blocked
- **Depends On:** Phase 1.1, Phase 1.2

## Batch 2

### Phase 2.1: Search

- **Status:** 🔴 Blocked
- **Depends On:** Phase 1.1

### Phase 2.2: Export

- **Status:** ⚪ Not Started
- **Depends On:** Phase 1.2
";
const PHASES: [&str; 6] = ["1.1", "1.2", "1.3", "2.1", "2.2", "9.1"];
const STATUSES: [&str; 5] =
    ["⚪ Not Started", "🔄 In Progress", "✅ Complete", "🔴 Blocked", "⏸ Deferred"];
const GOALS: [&str; 5] = ["everything", "batch 1", "phase 2.2", "next", "phase 1.1"];
/// No run of these roadmaps takes more steps to come to rest, whatever goes wrong.
const MOST_STEPS: usize = 4_000;

/// An orchestrator at work in a world of values.
#[derive(Clone)]
struct Drive {
    rules: Rules,
    o: Orchestrator,
    world: FakeWorld,
    now: u64,
    /// What replaying the journal gives, entry by entry.
    mirror: Run,
    /// What was reported of agents.
    past: Vec<Report>,
    /// Lives since a person last had a word in it.
    births: BTreeMap<PhaseId, u32>,
    /// The app dies once the next message has written so many entries.
    dying: Option<(usize, u8)>,
    crashes: u32,
    /// The roadmap before it vanished.
    gone: String,
}

/// Whose message it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    World,
    Person,
    Start,
}

/// What was true before a message.
struct Before {
    live: usize,
    held: bool,
    finished: bool,
    wishes: BTreeSet<AgentId>,
    births: BTreeMap<AgentId, Birth>,
    from: From,
}

impl Drive {
    fn new(rules: Rules) -> Self {
        let setup = rules.setup();
        let target = setup.target.clone();
        let mut drive = Self {
            rules,
            o: Orchestrator::new(setup, Role::Driver),
            world: {
                let mut world = FakeWorld::new(target.id, ROADMAP, target.gates);
                world.repository.isolation = rules.isolation;
                world
            },
            now: 1_000,
            mirror: Run::default(),
            past: vec![],
            births: BTreeMap::new(),
            dying: None,
            crashes: 0,
            gone: String::new(),
        };
        let read = drive.world.read();
        drive.report(read);
        drive
    }

    fn tick(&mut self) -> Timestamp {
        self.now += 1_000;
        Timestamp(self.now)
    }

    fn before(&self, from: From) -> Before {
        let run = self.o.run();
        Before {
            live: self.o.slots_taken(),
            held: run.held,
            finished: run.plan.as_ref().is_none_or(|plan| plan.finished),
            wishes: run.restart_asked.union(&run.errands.restart_asked).cloned().collect(),
            births: run
                .agents
                .iter()
                .map(|(id, agent)| (id.clone(), agent.birth.clone()))
                .collect(),
            from,
        }
    }

    fn report(&mut self, report: Report) {
        let now = self.tick();
        let before = self.before(From::World);
        let effects = self.o.observe(now, report);
        self.carry_out(effects, &before);
    }

    /// A report that must change nothing but free what came too late.
    fn stale(&mut self, report: Report) {
        let run = self.o.run().clone();
        let now = self.tick();
        let effects = self.o.observe(now, report.clone());
        assert_eq!(*self.o.run(), run, "changed by {report:?}");
        for effect in effects {
            assert!(matches!(effect, Effect::Release { .. }), "{report:?} gave {effect:?}");
        }
    }

    fn command(&mut self, command: Command) {
        let now = self.tick();
        let before = self.before(From::Person);
        match &command {
            Command::ApprovePlan => self.births.clear(),
            Command::Restart(id) | Command::Refuse(id, Refusal::SendBack(_)) => {
                self.births.retain(|phase, _| AgentId::for_phase(phase) != *id)
            }
            _ => {}
        }
        let effects = self.o.command(now, command);
        self.carry_out(effects, &before);
    }

    fn carry_out(&mut self, effects: Vec<Effect>, before: &Before) {
        if let Some((entries, bits)) = self.dying.take() {
            self.die(effects, entries, bits);
            return;
        }
        let since = self.world.journal.len();
        self.world.take(effects);
        let told = self.world.journal[since..].to_vec();
        for entry in told {
            self.mirror.apply(&entry);
            if let Fact::AgentSpawned(birth) = &entry.fact {
                self.born(birth, before);
            }
        }
        self.check(before);
    }

    fn born(&mut self, birth: &crate::domain::journal::Birth, before: &Before) {
        if birth.errand.is_some() {
            let wished = before.wishes.contains(&birth.agent.id) || before.from == From::Person;
            let ran = |entry: &crate::domain::journal::Entry| {
                matches!(&entry.fact, Fact::AgentRunning { agent, .. }
                    if agent.id == birth.agent.id && Some(agent.life) == birth.agent.life.before())
            };
            // One that was lost before it ran begins again.
            let lost = !self.world.journal.iter().any(ran);
            assert!(wished || lost, "{} began by itself", birth.agent);
            return;
        }
        assert!(
            birth.attempt <= self.rules.retries + 1,
            "try {} of {}",
            birth.attempt,
            birth.phase
        );
        let wished = before.wishes.contains(&birth.agent.id);
        if before.from != From::Person && !wished {
            assert!(!before.held, "{} began on hold", birth.agent);
            // A restart opens the plan again.
            let quiet = before.finished && before.wishes.is_empty();
            assert!(!quiet, "{} began after the plan was finished", birth.agent);
        }
        let births = self.births.entry(birth.phase.clone()).or_default();
        *births += 1;
        // A session that is gone is no try, once; nor is a wait for a limit.
        let most = self.rules.retries + 1 + 1 + birth.waits + self.crashes;
        assert!(*births <= most, "{} began {births} times by itself", birth.phase);
        assert!(birth.waits <= MOST_WAITS, "{} waited {} times", birth.phase, birth.waits);
        assert!(birth.resumes <= MOST_RESUMES, "{} resumed {}", birth.phase, birth.resumes);
    }

    fn check(&self, before: &Before) {
        let live = self.o.slots_taken();
        let most = usize::from(self.o.slots()).max(before.live);
        assert!(live <= most, "{live} agents live, {most} may");
        assert_eq!(self.mirror, *self.o.run(), "the journal tells something else");
        let run = self.o.run();
        assert!(run.agents.values().all(|agent| agent.errand().is_none()));
        assert!(run.held_phases().iter().all(|id| !Errand::is_agent(id.as_str())));
        let errands = run.errands.agents.values().filter(|agent| agent.is_live()).count();
        let may = usize::from(self.o.setup().target.workspaces.most);
        assert!(errands <= may, "{errands} errands at once, {may} may");
        for agent in run.errands.agents.values() {
            let (me, kept) = (agent.me(), agent.document.is_some());
            let well = agent.outcome() == Some(&Outcome::Succeeded);
            assert_eq!(kept, well, "{me} ended well exactly if it left something");
            assert!(!run.restart_asked.contains(&me.id), "a plan waits for {me}");
        }
        for agent in self.o.run().everyone().filter(|agent| agent.has_process()) {
            let me = agent.me();
            let ours = self.world.claims.get(agent.phase()).is_none_or(|holder| holder == me);
            assert!(ours, "{me} works on what another holds");
        }
        for agent in run.agents.values().filter(|agent| agent.merging.landed.is_some()) {
            let well = match &agent.stage {
                Stage::Completing | Stage::Review(_) => true,
                stage => *stage == Stage::Ended(Outcome::Succeeded),
            };

            assert!(well, "{} is merged, and {:?}", agent.me(), agent.stage);
        }
        self.check_names(before);
    }

    /// Nobody works on two phases at once, nobody changes the adapter, and a further try is made by the same.
    fn check_names(&self, before: &Before) {
        let agents = || self.o.run().agents.values();
        let mut names = BTreeMap::new();
        let codes = |agent: &&Agent| agent.me().id == AgentId::for_phase(agent.phase());
        for agent in agents().filter(codes).filter(|agent| agent.is_live()) {
            let name = agent.birth.name.as_ref().expect("whoever lives has a name");
            let other = names.insert(name, agent.me());
            assert_eq!(other, None, "{name} works on {} too", agent.phase());
        }
        for who in self.o.run().crew.identities() {
            let other = who.works.iter().find(|work| work.birth.adapter != who.adapter);
            assert_eq!(other, None, "{} works with two adapters", who.name);
        }
        for agent in agents().filter(|agent| agent.birth.attempt > 1) {
            let Some(earlier) = before.births.get(&agent.me().id) else { continue };
            let other = |a: &Agent| a.me().id != agent.me().id && a.birth.name == earlier.name;
            let elsewhere = agents().filter(|a| a.is_live()).any(other);
            if earlier.adapter == agent.birth.adapter && !elsewhere {
                assert_eq!(earlier.name, agent.birth.name, "{} changes hands", agent.me());
            }
        }
    }

    /// The journal gets the first entries of a message, nothing else of it happens, and a new app starts.
    fn die(&mut self, effects: Vec<Effect>, entries: usize, bits: u8) {
        for effect in effects {
            if let Effect::Record(list) = effect {
                let kept = list.into_iter().take(entries);
                self.world.journal.extend(kept);
            }
        }
        // Some of what was under way was done all the same.
        for at in (0..self.world.tasks.len()).rev() {
            if matches!(self.world.tasks[at], Effect::Spawn(_)) && bits & 1 << (at % 8) != 0 {
                self.world.answer(at, Luck::Good);
            }
        }
        if bits & 1 != 0 {
            self.world.serve(Luck::Good);
        }
        self.world.crash(|agent| bits & 2 << (agent.life.0 % 6) != 0);
        for agent in self.world.running() {
            if bits & 64 != 0 {
                self.world.end(&agent, Luck::Bad(5));
            }
        }
        self.crashes += 1;
        self.past.clear();
        if bits & 128 != 0 {
            self.rules.gates = bits % 3;
        }
        self.start_again();
    }

    fn start_again(&mut self) {
        let setup = self.rules.setup();
        self.world.gates = setup.target.gates.clone();
        self.o = Orchestrator::new(setup, Role::Driver);
        self.o.restore(&self.world.journal);
        self.mirror = Run::replay(&self.world.journal);
        let before = Before { live: usize::MAX, ..self.before(From::Start) };
        let now = self.tick();
        let mut effects = self.o.observe(now, self.world.read());
        effects.extend(self.o.resume(now));
        self.carry_out(effects, &before);
    }

    fn make(&mut self, what: Move) {
        match what {
            Move::Answer(at, luck) => self.answer(usize::from(at), luck),
            Move::Desk(luck) => self.desk(luck),
            Move::End(at, luck) => self.end(usize::from(at), luck),
            Move::Again(at) => self.again(usize::from(at)),
            Move::Late(at, what) => self.late(usize::from(at), what),
            Move::Edit(at, what) => self.edit(usize::from(at), what),
            Move::Vanish => match self.world.file.take() {
                Some(text) => self.gone = text,
                None => self.world.file = Some(self.gone.clone()),
            },
            Move::Notice => self.report(self.world.read()),
            Move::Ask(what, at) => self.ask(what, usize::from(at)),
            Move::Errand(what, at) => self.errand(what, usize::from(at)),
            Move::Wait(minutes) => self.pass(u64::from(minutes) * 60_000),
            Move::Crash(entries, bits) => self.dying = Some((usize::from(entries), bits)),
        }
    }

    fn answer(&mut self, at: usize, luck: Luck) {
        if !self.world.tasks.is_empty() {
            let report = self.world.answer(at % self.world.tasks.len(), luck);
            self.past.push(report.clone());
            self.report(report);
        }
    }

    fn desk(&mut self, luck: Luck) {
        let crashes = self.crashes;
        for report in self.world.serve(luck) {
            // What an app did not hear before it died it never hears.
            if self.crashes == crashes {
                self.report(report);
            }
        }
    }

    fn end(&mut self, at: usize, luck: Luck) {
        let running = self.world.running();
        if !running.is_empty()
            && let Some(report) = self.world.end(&running[at % running.len()], luck)
        {
            self.past.push(report.clone());
            self.report(report);
        }
    }

    /// Time passes, and the clock ticks once.
    fn pass(&mut self, millis: u64) {
        self.now += millis;
        let before = self.before(From::World);
        let effects = self.o.tick(Timestamp(self.now));
        self.carry_out(effects, &before);
    }

    fn again(&mut self, at: usize) {
        if !self.past.is_empty() {
            let report = self.past[at % self.past.len()].clone();
            self.stale(report);
        }
    }

    fn late(&mut self, at: usize, what: u8) {
        let phase = PHASES[at % PHASES.len()];
        let Some(agent) = self.o.agent_of(&PhaseId::new(phase)) else { return };
        let Some(life) = agent.me().life.before() else { return };
        let old = life_of(phase, life.0);
        let mut alone = FakeWorld::new(TargetId::new("here"), ROADMAP, vec![]);
        let gate = setup(1).target.gates[0].clone();
        let workspace = crate::domain::workspace::Workspace::Checkout { path: "/here".into() };
        alone.tasks = vec![match what % 4 {
            0 => Effect::Adopt(old.clone()),
            1 => {
                let worker = Box::new(Worker::known_by(&old));
                Effect::RunGate { worker, gate, workspace, tree: Default::default(), round: 0 }
            }
            2 => Effect::PrepareWorkspace {
                agent: old.clone(),
                stream: StreamKey { target: TargetId::new("here"), phase: PhaseId::new(phase) },
                from: None,
                needs: Vec::new(),
            },
            _ => {
                alone.hosts.insert(old.clone(), Host::Running { stopping: false });
                alone.end(&old, Luck::Good);
                Effect::Adopt(old.clone())
            }
        }];
        let report = alone.answer(0, Luck::Good);
        self.stale(report);
    }

    fn edit(&mut self, at: usize, what: u8) {
        let phase = PHASES[at % PHASES.len()];
        match what % 8 {
            0 => self.world.delete(phase),
            1 => {
                let file = self.world.file.as_mut().filter(|file| !file.contains("Phase 9.1"));
                if let Some(file) = file {
                    file.push_str("\n### Phase 9.1: New\n\n- **Status:** ⚪ Not Started\n");
                }
            }
            n => self.world.set_status(phase, STATUSES[usize::from(n) % STATUSES.len()]),
        }
        if what & 16 != 0 {
            self.report(self.world.read());
        }
    }

    fn ask(&mut self, what: u8, at: usize) {
        let agent = AgentId::for_phase(&PhaseId::new(PHASES[at % PHASES.len()]));
        match what % 16 {
            0..=5 => {
                self.command(Command::Interpret(GOALS[at % GOALS.len()].into()));
                if what & 16 != 0 {
                    self.command(Command::EditPlan(PlanEdit::Slots(u16::from(what % 3) + 1)));
                }
                if what & 32 != 0 {
                    self.command(Command::EditPlan(PlanEdit::Mode(Mode::Batch)));
                }
                self.command(Command::ApprovePlan);
            }
            6 => self.command(Command::ApprovePlan),
            7 | 8 => self.command(Command::Stop(agent, StopKind::Term)),
            9 => self.command(Command::Stop(agent, StopKind::Kill)),
            10..=12 => self.command(Command::Restart(agent)),
            13 => self.command(Command::ToggleHold),
            14 => self.command(Command::StopAll(StopKind::Term)),
            _ => match what / 16 % 5 {
                0 => self.command(Command::Garden),
                1 => self.command(Command::Refuse(agent, Refusal::SendBack("again".into()))),
                2 => self.command(Command::Refuse(agent, Refusal::Discard)),
                _ => self.command(Command::Merge(agent)),
            },
        }
    }

    fn errand(&mut self, what: u8, at: usize) {
        let phase = PhaseId::new(PHASES[at % PHASES.len()]);
        let wanted = match at % 4 {
            0 | 1 => Errand::Qa(phase),
            2 => Errand::Pm("more".into()),
            _ => Errand::Summary,
        };
        let known: Vec<AgentId> = self.o.run().errands.agents.keys().cloned().collect();
        let id = known.get(at % known.len().max(1)).cloned();
        match (what % 6, id) {
            (0 | 1, _) | (_, None) => self.command(Command::Errand(ErrandWish::Begin(wanted))),
            (2, Some(id)) => self.command(Command::Stop(id, StopKind::Term)),
            (3, Some(id)) => self.command(Command::Stop(id, StopKind::Kill)),
            (4, Some(id)) => self.command(Command::Restart(id)),
            // Keys that mean something for a phase's agent.
            (_, Some(id)) => match what / 6 % 3 {
                0 => self.command(Command::Merge(id)),
                1 => self.command(Command::Refuse(id, Refusal::Discard)),
                _ => self.command(Command::Refuse(id, Refusal::SendBack("again".into()))),
            },
        }
    }

    /// No person acts any more and everything is answered, well or badly: the run comes to rest.
    fn settle(&mut self, lucks: &[Luck], end: impl Fn(usize, &AgentRef) -> Luck) {
        self.dying = None;
        if self.world.file.is_none() {
            self.world.file = Some(self.gone.clone());
        }
        self.report(self.world.read());
        for step in 0..MOST_STEPS {
            let luck = lucks[step % lucks.len()];
            if !self.world.desk.is_empty() {
                self.desk(luck);
            } else if !self.world.tasks.is_empty() {
                self.answer(step, luck);
            } else if !self.world.running().is_empty() {
                let running = self.world.running();
                let luck = end(step, &running[step % running.len()]);
                self.end(step, luck);
            } else if let Some(at) = self.o.wakes_at(Timestamp(self.now)) {
                self.pass(at.0 - self.now);
            } else if let Some(me) = self.in_review() {
                // A person looks at it; what can't be merged is given up in the end.
                self.command(match step < MOST_STEPS / 3 {
                    true => Command::Merge(me),
                    false if self.is_merged(&me) => Command::Stop(me, StopKind::Term),
                    false => Command::Refuse(me, Refusal::Discard),
                });
            } else {
                return;
            }
        }
        panic!("it never comes to rest: {:#?} {:#?}", self.world.tasks, self.world.desk);
    }

    fn is_merged(&self, id: &AgentId) -> bool {
        self.o.agent(id).is_some_and(|agent| agent.merging.landed.is_some())
    }

    fn in_review(&self) -> Option<AgentId> {
        let agents = self.o.run().agents.values();
        let waits = |agent: &&Agent| agent.state(Timestamp(self.now)) == AgentState::Review;
        agents.filter(waits).map(|agent| agent.me().id.clone()).next()
    }

    fn assert_at_rest(&self) {
        let run = self.o.run();
        assert_eq!(self.o.live_agents(), 0, "{:?}", run.agents);
        assert_eq!(self.world.claims, BTreeMap::new(), "claims leaked");
        assert_eq!(self.world.hosts, BTreeMap::new(), "hosts linger");
        assert!(run.held || run.restart_asked.is_empty(), "{:?}", run.restart_asked);
        assert!(run.errands.agents.values().all(|agent| !agent.is_live()), "{:?}", run.errands);
        assert!(run.errands.restart_asked.is_empty(), "{:?}", run.errands.restart_asked);
        let finished = run.plan.as_ref().is_none_or(|plan| plan.finished);
        assert!(finished || run.held, "neither finished nor held: {:?}", run.plan);
        assert_eq!(Run::replay(&self.world.journal), *run);
    }

    /// At rest, then let go on if it was held, and at rest again.
    fn come_to_rest(&mut self, lucks: &[Luck]) {
        self.settle(lucks, |step, _| lucks[step % lucks.len()]);
        self.assert_at_rest();
        if self.o.run().held {
            self.births.clear();
            self.command(Command::ToggleHold);
            self.settle(lucks, |step, _| lucks[step % lucks.len()]);
            self.assert_at_rest();
            assert!(self.o.run().plan.as_ref().is_none_or(|plan| plan.finished));
        }
        self.assert_tidied();
    }

    /// What could not be removed is removed at the next start, at the latest.
    fn assert_tidied(&mut self) {
        let crashed = self.crashes > 0;
        self.die(Vec::new(), 0, 0);
        self.settle(&[Luck::Good], |_, _| Luck::Good);
        let Run { worktrees, strays, .. } = self.o.run();
        assert!(strays.is_empty(), "nobody's worktrees are left: {strays:?}");
        let known: BTreeSet<_> = worktrees.values().map(|kept| kept.branch.clone()).collect();
        let there = self.world.repository.branches.keys().filter(|branch| !known.contains(*branch));
        // What was made when the app ended, and never heard of, is looked for by the doctor.
        assert!(crashed || there.clone().count() == 0, "nobody knows of {there:?}");
        let left = worktrees.keys().filter(|id| Errand::is_agent(id.as_str()));
        assert_eq!(left.count(), 0, "a worktree of an errand is left: {worktrees:?}");
    }
}

fn with_plan(rules: Rules) -> Drive {
    let mut drive = Drive::new(rules);
    drive.command(Command::Interpret("everything".into()));
    drive.command(Command::ApprovePlan);
    drive
}

/// Runs are long, so there are fewer than usual; PROPTEST_CASES asks for more.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases * 3 / 8, failure_persistence: None, ..usual }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn whatever_happens_the_rules_hold_and_the_run_comes_to_rest(
        rules in rules(),
        moves in prop::collection::vec(a_move(), 0..120),
        lucks in prop::collection::vec(luck(), 1..6),
    ) {
        let mut drive = with_plan(rules);
        for what in moves {
            drive.make(what);
        }
        drive.come_to_rest(&lucks);
    }

    #[test]
    fn a_journal_cut_anywhere_is_taken_up_and_comes_to_rest(
        rules in rules(),
        moves in prop::collection::vec(a_move(), 0..60),
        cut in 0..60usize,
        entries in 0..4usize,
        bits in any::<u8>(),
        lucks in prop::collection::vec(luck(), 1..6),
    ) {
        let mut drive = with_plan(rules);
        for (at, what) in moves.into_iter().enumerate() {
            if at == cut {
                drive.dying = Some((entries, bits));
            }
            drive.make(what);
        }
        drive.come_to_rest(&lucks);
    }
}

#[test]
fn a_run_of_good_luck_completes_everything() {
    for isolation in [Isolation::Shared, Isolation::Worktree] {
        good_luck(isolation);
    }
}

fn good_luck(isolation: Isolation) {
    let mut drive = with_plan(Rules {
        slots: 2,
        retries: 0,
        gates: 2,
        auto_garden: true,
        isolation,
        merge: MergePolicy::Auto,
        wait: 5,
        fallback: 0,
    });
    drive.come_to_rest(&[Luck::Good]);
    for phase in &PHASES[..5] {
        let status = drive.world.status(phase);
        assert_eq!(status, Some(crate::domain::roadmap::phase::Status::Complete), "{phase}");
    }
}

#[test]
fn agents_that_always_end_alike_are_given_up() {
    for first in 0..BAD_LUCKS {
        // A session that is gone comes after one that was there.
        for then in [first, 14] {
            for (retries, wait, fallback) in [(0, 0, 0), (1, 5, 0), (3, 0, 1), (3, 5, 2)] {
                let rules = Rules {
                    slots: 2,
                    retries,
                    gates: 0,
                    auto_garden: true,
                    wait,
                    fallback,
                    isolation: Isolation::Shared,
                    merge: MergePolicy::Auto,
                };
                always(rules, first, then);
            }
        }
    }
}

/// The first life of every phase ends in one way, all further ones in another.
fn always(rules: Rules, first: u8, then: u8) {
    let mut drive = with_plan(rules);
    let kind = |me: &AgentRef| if me.life.0 == 1 { first } else { then };
    drive.settle(&[Luck::Good], |_, me| Luck::Bad(kind(me)));
    drive.assert_at_rest();
    let done = drive.o.run().plan.as_ref().unwrap().done.len();
    // One of the kinds is an agent that ends well.
    assert!(done == 0 || first == 5, "{first}: {done} phases are done");
    let most = 1 + rules.retries + 1 + MOST_WAITS;
    assert!(drive.births.values().all(|births| *births <= most), "{:?}", drive.births);
    if (first, then, rules.retries) == (9, 9, 0) {
        assert_eq!(drive.births[&PhaseId::new("1.1")], 1 + MOST_WAITS);
    }
}

#[test]
fn what_is_merged_is_never_put_back_though_the_roadmap_was_gone_meanwhile() {
    let mut drive = with_plan(Rules {
        slots: 1,
        retries: 1,
        gates: 1,
        auto_garden: true,
        isolation: Isolation::Worktree,
        merge: MergePolicy::Auto,
        wait: 0,
        fallback: 0,
    });
    let me = AgentId::new("a-1.1");
    let stage = |drive: &Drive| drive.o.agent(&me).unwrap().stage.clone();
    while stage(&drive) != Stage::Completing {
        drive.desk(Luck::Good);
        drive.answer(0, Luck::Good);
        drive.end(0, Luck::Good);
    }
    drive.make(Move::Vanish);
    drive.desk(Luck::Good);
    let reviewed = |drive: &Drive| matches!(stage(drive), Stage::Review(_));
    assert!(reviewed(&drive), "{:?}", stage(&drive));
    for command in [
        Command::Restart(me.clone()),
        Command::Refuse(me.clone(), Refusal::SendBack("again".into())),
        Command::Refuse(me.clone(), Refusal::Discard),
    ] {
        drive.command(command);
        let said = drive.o.notices().back().unwrap().text.to_string();
        assert!(said.contains("is merged already, as "), "{said}");
        assert!(reviewed(&drive) && drive.o.run().restart_asked.is_empty());
    }
    // Whatever its gates would say now.
    let merges = drive.world.repository.landed.clone();
    drive.die(Vec::new(), 0, 0);
    drive.desk(Luck::Good);
    assert!(reviewed(&drive), "{:?}", stage(&drive));
    let mut left = drive.clone();
    left.command(Command::Stop(me.clone(), StopKind::Term));
    assert_eq!(stage(&left), Stage::Ended(Outcome::Succeeded), "a person marks it");
    drive.make(Move::Vanish);
    drive.command(Command::Merge(me.clone()));
    drive.desk(Luck::Good);
    assert_eq!(stage(&drive), Stage::Ended(Outcome::Succeeded));
    assert_eq!(drive.world.repository.landed, merges, "it is merged once");
}
