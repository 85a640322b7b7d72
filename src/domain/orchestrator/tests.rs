//! Transitions: this message gives exactly these effects. No world is needed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::domain::adapter::{AdapterKind, Limits};
use crate::domain::agent::{Exit, ExitCause, Outcome, Processes, Stage, Usage};
use crate::domain::claim::{ClaimOutcome, Fence, Owner};
use crate::domain::command::Command;
use crate::domain::effect::{RoadmapOrder, StopKind};
use crate::domain::gate::{Gate, GateResult, Receipt};
use crate::domain::id::{AgentRef, TargetId};
use crate::domain::journal::Fact;
use crate::domain::report::Report;
use crate::domain::roadmap::phase::Status;
use crate::domain::roadmap::{RoadmapChange, splice};
use crate::domain::target::Documents;
use crate::domain::workspace::Workspace;

const ROADMAP: &str = "\
# Roadmap

## Batch 1

### Phase 1.1: Store

- **Status:** ⚪ Not Started
- **Done When:** the store keeps things

### Phase 1.2: Router

- **Status:** ⚪ Not Started

### Phase 1.3: Pages

- **Status:** 🔴 Blocked
- **Depends On:** Phase 1.1, Phase 1.2
";

/// An orchestrator with a world of plain values around it.
pub(super) struct Bench {
    pub(super) o: Orchestrator,
    pub(super) file: Vec<u8>,
    pub(super) now: u64,
    pub(super) journal: Vec<Entry>,
}

pub(crate) fn setup(slots: u16) -> Setup {
    let gate = Gate {
        name: "tests".into(),
        run: vec!["true".into()],
        timeout: Duration::from_secs(60),
        required: true,
    };
    let limits = Limits {
        total: Duration::from_secs(60),
        idle: Duration::from_secs(60),
        grace: Duration::from_secs(5),
        ..Limits::default()
    };
    let adapter = Adapter {
        name: "text".into(),
        kind: AdapterKind::Text,
        command: "agent".into(),
        args: vec![],
        env: BTreeMap::new(),
        pass_env: vec![],
        root_env: BTreeMap::new(),
        limits,
    };
    Setup {
        others: vec![],
        target: Target {
            id: TargetId::new("here"),
            name: "Here".into(),
            path: PathBuf::from("/here"),
            roadmap: PathBuf::from("/here/plans/roadmap.md"),
            documents: Documents::default(),
            agent: "text".into(),
            shared_agents: slots,
            gates: vec![gate],
            retries: 1,
            env: BTreeMap::new(),
            allow_root: false,
        },
        adapters: BTreeMap::from([("text".into(), adapter)]),
        slots,
        auto_garden: true,
        refusal: None,
        utc_offset: 0,
    }
}

impl Bench {
    pub(super) fn new(slots: u16) -> Self {
        let o = Orchestrator::new(setup(slots), Role::Driver);
        let mut bench = Self { o, file: ROADMAP.into(), now: 1_000, journal: vec![] };
        bench.read();
        bench
    }

    fn now(&mut self) -> Timestamp {
        self.now += 1_000;
        Timestamp(self.now)
    }

    pub(super) fn noted(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let mut rest = Vec::new();
        for effect in effects {
            match effect {
                Effect::Record(entries) => self.journal.extend(entries),
                effect => rest.push(effect),
            }
        }
        rest
    }

    pub(super) fn report(&mut self, report: Report) -> Vec<Effect> {
        let now = self.now();
        let effects = self.o.observe(now, report);
        self.noted(effects)
    }

    pub(super) fn command(&mut self, command: Command) -> Vec<Effect> {
        let now = self.now();
        let effects = self.o.command(now, command);
        self.noted(effects)
    }

    pub(super) fn read(&mut self) -> Vec<Effect> {
        let read = Ok(Arc::new(Roadmap::parse(self.file.clone())));
        self.report(Report::Roadmap { target: TargetId::new("here"), read })
    }

    /// Does what the roadmap desk does: edits the file, reads it, answers.
    pub(super) fn edit(&mut self, order: RoadmapOrder) -> Vec<Effect> {
        let roadmap = Roadmap::parse(self.file.clone());
        let outcome = order.change.edits(&roadmap, &order.held);
        if let Ok(edits) = &outcome {
            self.file = splice(&self.file, edits);
        }
        let mut effects = self.read();
        effects.extend(self.report(Report::Edited { order, outcome, after: None }));
        effects
    }

    pub(super) fn plan(&mut self, goal: &str) -> Vec<Effect> {
        let asked = self.command(Command::Interpret(goal.into()));
        assert!(asked.iter().all(|effect| matches!(effect, Effect::CheckAgent(_))), "{asked:?}");
        self.command(Command::ApprovePlan)
    }

    fn status(&self, id: &str) -> Status {
        let roadmap = Roadmap::parse(self.file.clone());
        roadmap.phase(&PhaseId::new(id)).unwrap().status.state
    }

    pub(super) fn stage(&self, id: &str) -> Stage {
        self.o.agent(&AgentId::new(id)).unwrap().stage.clone()
    }

    /// Brings a claimed agent to the point where its process runs.
    pub(super) fn start(&mut self, me: &AgentRef) {
        let claimed = Report::Claimed { agent: me.clone(), outcome: ClaimOutcome::Won(Fence(1)) };
        assert!(matches!(&self.report(claimed)[..], [Effect::PrepareWorkspace { .. }]));
        let workspace = Ok(Workspace::Checkout { path: "/here".into() });
        let effects = self.report(Report::WorkspaceReady { agent: me.clone(), workspace });
        let [Effect::EditRoadmap(order)] = &effects[..] else { panic!("{effects:?}") };
        let effects = self.edit(order.clone());
        let [Effect::Spawn(launch)] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(launch.agent, *me);
        let processes = Processes { agent: 10, host: 9 };
        let started = Report::Started { agent: me.clone(), processes, at: Timestamp(self.now) };
        assert_eq!(self.report(started), []);
    }

    pub(super) fn exit(&mut self, me: &AgentRef, cause: ExitCause, code: i32) -> Vec<Effect> {
        let exit = Exit {
            cause,
            code: Some(code),
            signal: None,
            said: None,
            survivors: 0,
            usage: Usage::default(),
            at: Timestamp(self.now),
        };
        self.report(Report::Exited { agent: me.clone(), exit })
    }

    pub(super) fn judge(&mut self, me: &AgentRef, result: GateResult) -> Vec<Effect> {
        let tail = vec!["assertion failed".into()];
        let took = Duration::from_secs(1);
        let (gate, commit) = ("tests".into(), None);
        let receipt = Receipt { gate, required: true, result, took, commit, tail };
        self.report(Report::GateJudged { agent: me.clone(), receipt })
    }
}

pub(super) fn agent(id: &str, life: u32) -> AgentRef {
    AgentRef { id: AgentId::new(id), life: Life(life) }
}

use crate::domain::id::Life;

pub(super) fn claims(effects: &[Effect]) -> Vec<String> {
    let mut ids = Vec::new();
    for effect in effects {
        if let Effect::Claim { agent, .. } = effect {
            ids.push(agent.to_string());
        }
    }
    ids
}

pub(super) fn only_edit(effects: &[Effect]) -> RoadmapOrder {
    let mut orders = effects.iter().filter_map(|effect| match effect {
        Effect::EditRoadmap(order) => Some(order.clone()),
        _ => None,
    });
    let order = orders.next().unwrap_or_else(|| panic!("no edit in {effects:?}"));
    assert!(orders.next().is_none(), "more than one edit in {effects:?}");
    order
}

#[test]
fn approving_a_plan_claims_exactly_what_may_start() {
    let mut bench = Bench::new(2);
    let effects = bench.plan("batch 1");
    assert_eq!(claims(&effects), ["a-1.1.1", "a-1.2.1"]);
    assert_eq!(effects.len(), 2);
}

#[test]
fn slots_limit_how_many_start() {
    let mut bench = Bench::new(1);
    assert_eq!(claims(&bench.plan("batch 1")), ["a-1.1.1"]);
}

#[test]
fn nothing_starts_without_a_claim() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    let outcome = ClaimOutcome::Unavailable("disk full".into());
    let effects = bench.report(Report::Claimed { agent: me.clone(), outcome });
    assert!(matches!(&effects[..], [Effect::Release { .. }]), "{effects:?}");
    assert_eq!(bench.stage("a-1.1"), Stage::Ended(Outcome::Refused("disk full".into())));
    assert_eq!(bench.status("1.1"), Status::NotStarted);
    assert!(bench.o.run().plan.as_ref().unwrap().finished);
}

#[test]
fn a_lost_claim_is_not_fought_for() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let owner = Owner { agent: agent("a-1.1", 7), pid: 4, machine: "m".into() };
    let outcome = ClaimOutcome::Lost(owner);
    let effects = bench.report(Report::Claimed { agent: agent("a-1.1", 1), outcome });
    assert_eq!(effects, []);
    assert!(bench.o.run().plan.as_ref().unwrap().finished);
}

#[test]
fn a_phase_goes_from_claim_to_complete_and_unblocks_its_dependents() {
    let mut bench = Bench::new(2);
    bench.plan("batch 1");
    for id in ["a-1.1", "a-1.2"] {
        bench.start(&agent(id, 1));
    }
    assert_eq!(bench.status("1.1"), Status::InProgress);
    for id in ["a-1.1", "a-1.2"] {
        let me = agent(id, 1);
        let effects = bench.exit(&me, ExitCause::Own, 0);
        assert!(matches!(&effects[..], [Effect::RunGate { .. }]), "{effects:?}");
        let order = only_edit(&bench.judge(&me, GateResult::Passed));
        assert!(matches!(order.change, RoadmapChange::Complete { .. }));
        let effects = bench.edit(order);
        assert!(effects.iter().any(|e| matches!(e, Effect::Release { .. })), "{effects:?}");
        if id == "a-1.2" {
            let order = only_edit(&effects);
            assert_eq!(order.change, RoadmapChange::Garden);
            assert!(!bench.o.run().plan.as_ref().unwrap().finished, "a dependent is on its way");
            assert_eq!(claims(&bench.edit(order)), ["a-1.3.1"]);
        }
    }
    assert_eq!(bench.status("1.1"), Status::Complete);
    assert_eq!(bench.status("1.3"), Status::NotStarted);
}

#[test]
fn a_failed_gate_puts_the_phase_back_and_is_retried_once_with_the_reason() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    for life in [1, 2] {
        let me = agent("a-1.1", life);
        bench.start(&me);
        bench.exit(&me, ExitCause::Own, 0);
        let effects = bench.judge(&me, GateResult::Failed(Some(1)));
        let order = only_edit(&effects);
        assert!(matches!(order.change, RoadmapChange::Release { .. }));
        let effects = bench.edit(order);
        assert_eq!(bench.status("1.1"), Status::NotStarted);
        let expected: &[&str] = if life == 1 { &["a-1.1.2"] } else { &[] };
        assert_eq!(claims(&effects), expected, "after life {life}");
    }
    let plan = bench.o.run().plan.as_ref().unwrap();
    assert!(plan.finished);
    assert!(plan.given_up.contains_key(&PhaseId::new("1.1")));
}

#[test]
fn the_second_life_is_told_what_failed() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let first = agent("a-1.1", 1);
    bench.start(&first);
    bench.exit(&first, ExitCause::Own, 0);
    let order = only_edit(&bench.judge(&first, GateResult::Failed(Some(1))));
    bench.edit(order);
    let second = agent("a-1.1", 2);
    let won = ClaimOutcome::Won(Fence(2));
    bench.report(Report::Claimed { agent: second.clone(), outcome: won });
    let workspace = Ok(Workspace::Checkout { path: "/here".into() });
    let effects = bench.report(Report::WorkspaceReady { agent: second, workspace });
    let effects = bench.edit(only_edit(&effects));
    let [Effect::Spawn(launch)] = &effects[..] else { panic!("{effects:?}") };
    let failure = launch.brief.failure.as_ref().expect("a failure");
    assert_eq!(failure.outcome, "failed: gate tests failed");
    assert_eq!(failure.receipts[0].tail, ["assertion failed".into()]);
    assert!(launch.brief.section.contains("the store keeps things"));
}

#[test]
fn a_killed_agent_is_not_started_again_by_itself_but_by_restart() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    let effects = bench.command(Command::Stop(me.id.clone(), StopKind::Term));
    assert_eq!(effects, [Effect::Stop { agent: me.clone(), how: StopKind::Term }]);
    let order = only_edit(&bench.exit(&me, ExitCause::Stopped, 0));
    assert_eq!(claims(&bench.edit(order)), Vec::<String>::new());
    assert_eq!(bench.stage("a-1.1"), Stage::Ended(Outcome::Killed));
    let effects = bench.command(Command::Restart(me.id));
    assert_eq!(claims(&effects), ["a-1.1.2"]);
}

#[test]
fn restarting_a_running_agent_stops_it_first() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    let effects = bench.command(Command::Restart(me.id.clone()));
    assert!(matches!(&effects[..], [Effect::Stop { .. }]), "{effects:?}");
    let order = only_edit(&bench.exit(&me, ExitCause::Stopped, 143));
    assert_eq!(claims(&bench.edit(order)), ["a-1.1.2"]);
}

#[test]
fn reports_of_an_earlier_life_are_dropped() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let old = agent("a-1.1", 1);
    bench.start(&old);
    bench.command(Command::Stop(old.id.clone(), StopKind::Term));
    let order = only_edit(&bench.exit(&old, ExitCause::Stopped, 0));
    bench.edit(order);
    bench.command(Command::Restart(old.id.clone()));
    bench.start(&agent("a-1.1", 2));
    assert_eq!(bench.exit(&old, ExitCause::Own, 0), []);
    assert_eq!(bench.report(Report::HostLost(old)), []);
    assert_eq!(bench.stage("a-1.1"), Stage::Running);
}

#[test]
fn an_agent_that_says_done_is_not_believed_before_its_gates() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    let text = String::from_utf8(bench.file.clone()).unwrap();
    bench.file = text.replacen("🔄 In Progress", "✅ Complete", 1).into_bytes();
    assert_eq!(bench.status("1.1"), Status::Complete);
    assert_eq!(bench.read(), [], "nothing is unblocked by it");
    bench.exit(&me, ExitCause::Own, 0);
    let order = only_edit(&bench.judge(&me, GateResult::Failed(Some(1))));
    bench.edit(order);
    assert_eq!(bench.status("1.1"), Status::NotStarted);
}

#[test]
fn a_viewer_changes_nothing() {
    let mut bench = Bench::new(2);
    bench.o.role = Role::Viewer { driver: 77 };
    assert_eq!(bench.plan("batch 1"), []);
    assert_eq!(bench.journal, []);
    assert!(bench.o.notices().back().unwrap().text.as_str().contains("77"));
}

#[test]
fn a_viewer_leaves_the_driver_s_work_to_the_driver() {
    let mut driver = Bench::new(2);
    driver.plan("batch 1");
    let agents = [agent("a-1.1", 1), agent("a-1.2", 1)];
    agents.iter().for_each(|me| driver.start(me));
    let mut viewer = Bench::new(2);
    viewer.o = Orchestrator::new(setup(2), Role::Viewer { driver: 77 });
    viewer.read();
    let adopted: Vec<Effect> = agents.iter().cloned().map(Effect::Adopt).collect();
    assert_eq!(viewer.report(Report::Journal(driver.journal.clone())), adopted);
    let now = viewer.now();
    assert_eq!(viewer.o.resume(now), adopted);
    assert_eq!(viewer.o.resize_terminals(Size { cols: 200, rows: 60 }), []);
    assert_eq!(viewer.exit(&agents[0], ExitCause::Own, 0), [], "no gate is run a second time");
    assert_eq!(viewer.report(Report::HostLost(agents[1].clone())), []);
    assert_eq!(viewer.journal, []);
    assert_eq!(viewer.o.run(), driver.o.run());
}

#[test]
fn nothing_starts_once_the_journal_can_not_be_written() {
    let mut bench = Bench::new(2);
    bench.report(Report::JournalFailed("disk full".into()));
    assert_eq!(claims(&bench.plan("batch 1")), Vec::<String>::new());
}

#[test]
fn holding_starts_nothing_and_resuming_goes_on() {
    let mut bench = Bench::new(2);
    bench.command(Command::ToggleHold);
    assert_eq!(claims(&bench.plan("batch 1")), Vec::<String>::new());
    assert_eq!(claims(&bench.command(Command::ToggleHold)), ["a-1.1.1", "a-1.2.1"]);
}

#[test]
fn replaying_the_journal_gives_the_live_state() {
    let mut bench = Bench::new(2);
    bench.plan("batch 1");
    bench.start(&agent("a-1.1", 1));
    bench.start(&agent("a-1.2", 1));
    bench.exit(&agent("a-1.1", 1), ExitCause::Own, 0);
    bench.judge(&agent("a-1.1", 1), GateResult::Passed);
    assert_eq!(Run::replay(&bench.journal), *bench.o.run());
}

#[test]
fn after_a_crash_every_stage_is_asked_what_it_owes() {
    let mut bench = Bench::new(2);
    bench.plan("batch 1");
    bench.start(&agent("a-1.1", 1));
    let mut next = Bench::new(2);
    next.file = bench.file.clone();
    next.o.restore(&bench.journal);
    next.read();
    let now = Timestamp(bench.now + 60_000);
    let effects = next.o.resume(now);
    let effects = next.noted(effects);
    assert!(effects.contains(&Effect::Adopt(agent("a-1.1", 1))), "{effects:?}");
    assert_eq!(claims(&effects), ["a-1.2.2"], "the claim that died with the app is made again");
    let lost = next.report(Report::HostLost(agent("a-1.1", 1)));
    assert!(matches!(only_edit(&lost).change, RoadmapChange::Release { .. }));
}

/// The only edit asked for by reading the file with this text.
fn edit_after_save(bench: &mut Bench, text: &[u8]) -> RoadmapOrder {
    bench.file = text.to_vec();
    only_edit(&bench.read())
}

#[test]
fn marks_that_a_stale_save_takes_out_are_made_again() {
    let mut bench = Bench::new(1);
    let unmarked = bench.file.clone();
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    let marked = bench.file.clone();
    let order = edit_after_save(&mut bench, &unmarked);
    assert_eq!(bench.read(), [], "asked for once");
    assert_eq!(bench.edit(order), []);
    assert_eq!(bench.file, marked);
    bench.exit(&me, ExitCause::Own, 0);
    let order = only_edit(&bench.judge(&me, GateResult::Passed));
    bench.edit(order);
    let order = edit_after_save(&mut bench, &marked);
    assert_eq!(bench.edit(order), []);
    assert_eq!(bench.status("1.1"), Status::Complete);
}

#[test]
fn what_a_person_wants_of_a_phase_is_not_taken_for_a_stale_save() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    let marked = String::from_utf8(bench.file.clone()).unwrap();
    bench.file = marked.replace("🔄 In Progress", "🔴 Blocked").into_bytes();
    assert_eq!(bench.read(), []);
    bench.file =
        marked.replace("🔄 In Progress", "⚪ Not Started").replace("a-1.1", "Ada").into_bytes();
    assert_eq!(bench.read(), []);
    bench.file = marked.clone().into_bytes();
    bench.read();
    bench.exit(&me, ExitCause::Own, 0);
    let order = only_edit(&bench.judge(&me, GateResult::Passed));
    bench.edit(order);
    let complete = String::from_utf8(bench.file.clone()).unwrap();
    bench.file = complete.replace("✅ Complete", "⚪ Not Started").into_bytes();
    assert_eq!(bench.read(), [], "opened again");
    bench.now += 120_000;
    bench.file = marked.into_bytes();
    assert_eq!(bench.read(), [], "taken up again");
}

#[test]
fn a_host_that_was_never_started_is_no_try() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    let claimed = Report::Claimed { agent: me.clone(), outcome: ClaimOutcome::Won(Fence(1)) };
    bench.report(claimed);
    let workspace = Ok(Workspace::Checkout { path: "/here".into() });
    let effects = bench.report(Report::WorkspaceReady { agent: me.clone(), workspace });
    bench.edit(only_edit(&effects));
    assert_eq!(bench.stage("a-1.1"), Stage::Starting);
    let mut next = Bench::new(1);
    next.file = bench.file.clone();
    next.o.restore(&bench.journal);
    next.read();
    assert_eq!(next.o.resume(Timestamp(bench.now + 1)), [Effect::Adopt(me.clone())]);
    let order = only_edit(&next.report(Report::HostLost(me)));
    assert_eq!(claims(&next.edit(order)), ["a-1.1.2"]);
    assert_eq!(next.o.agent(&AgentId::new("a-1.1")).unwrap().birth.attempt, 1);
}

#[test]
fn a_roadmap_that_vanishes_finishes_nothing() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    let read = Err("no roadmap".into());
    bench.report(Report::Roadmap { target: TargetId::new("here"), read });
    bench.exit(&me, ExitCause::Own, 0);
    assert!(!bench.o.run().plan.as_ref().unwrap().finished);
    let facts: Vec<_> = bench.journal.iter().map(|entry| &entry.fact).collect();
    assert!(!facts.iter().any(|fact| matches!(fact, Fact::PlanFinished { .. })));
}

#[test]
fn an_ended_plan_does_not_come_back_with_the_next() {
    let mut bench = Bench::new(1);
    bench.plan("batch 1");
    bench.command(Command::StopAll(StopKind::Kill));
    bench.command(Command::EndPlan);
    assert!(bench.o.run().plan.as_ref().unwrap().finished && !bench.o.run().held);
    assert_eq!(claims(&bench.plan("phase 1.2")), ["a-1.2.1"]);
    assert_eq!(bench.o.run().plan.as_ref().unwrap().approved.phases, [PhaseId::new("1.2")]);
}
