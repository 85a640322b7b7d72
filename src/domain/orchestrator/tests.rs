//! Transitions: this message gives exactly these effects. No world is needed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod proposals;
mod trouble;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::domain::adapter::Limits;
use crate::domain::agent::{Exit, ExitCause, Outcome, Processes, Stage, Usage};
use crate::domain::branch::MergePolicy;
use crate::domain::claim::{ClaimOutcome, Fence, Owner};
use crate::domain::command::Command;
use crate::domain::effect::{RoadmapOrder, StopKind};
use crate::domain::gate::{Check, Gate, GateResult, Receipt, Tree, When};
use crate::domain::id::{AgentRef, TargetId};
use crate::domain::journal::Fact;
use crate::domain::report::Report;
use crate::domain::retry::RetryRules;
use crate::domain::roadmap::phase::Status;
use crate::domain::roadmap::{RoadmapChange, splice};
use crate::domain::target::{Documents, Workspaces};
use crate::domain::workspace::{Isolation, Workspace};

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
        check: Check::Command(vec!["true".into()]),
        when: When::Always,
        timeout: Duration::from_secs(60),
        required: true,
    };
    let limits = Limits {
        total: Duration::from_secs(60),
        idle: Duration::from_secs(60),
        grace: Duration::from_secs(5),
        ..Limits::default()
    };
    let adapter = Adapter { limits, ..Adapter::text("text", "agent") };
    Setup {
        drives: crate::domain::orchestrator::Drives::Everything,
        target: Target {
            id: TargetId::new("here"),
            name: "Here".into(),
            path: PathBuf::from("/here"),
            roadmap: PathBuf::from("/here/plans/roadmap.md"),
            documents: Documents::default(),
            agent: "text".into(),
            workspaces: Workspaces {
                isolation: Isolation::Shared,
                most: slots,
                setup: vec![],
                merge: MergePolicy::Review,
                reuse: Default::default(),
            },
            gates: vec![gate],
            retry: RetryRules { wait: Duration::ZERO, ..RetryRules::default() },
            budget: Default::default(),
            surroundings: Default::default(),
            description: None,
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
            session: None,
            at: Timestamp(self.now),
        };
        self.report(Report::Exited { agent: me.clone(), exit })
    }

    pub(super) fn judge(&mut self, me: &AgentRef, result: GateResult) -> Vec<Effect> {
        let tail = vec!["assertion failed".into()];
        let took = Duration::from_secs(1);
        let (gate, commit) = ("tests".into(), None);
        let receipt =
            Receipt { gate, required: true, result, took, commit, tree: Tree::Work, tail };
        self.report(Report::GateJudged { agent: me.clone(), round: 0, receipt })
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
    assert!(matches!(&effects[..], [Effect::Release { .. }, Effect::Document(_)]), "{effects:?}");
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
    assert!(matches!(&effects[..], [Effect::Document(_)]), "{effects:?}");
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
