//! Each thing that must never be, told to a referee.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::time::Duration;

use crate::domain::claim::{ClaimOutcome, Fence, StreamKey};
use crate::domain::effect::{Brief, Effect, Launch};
use crate::domain::frame::Size;
use crate::domain::gate::{GateResult, Receipt};
use crate::domain::id::{AgentId, AgentRef, Life, PhaseId};
use crate::domain::journal::{Birth, Entry, Fact};
use crate::domain::orchestrator::tests::setup;
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::plan::{ApprovedPlan, Mode};
use crate::domain::report::Report;
use crate::domain::roadmap::Roadmap;
use crate::domain::time::Timestamp;
use crate::domain::workspace::Workspace;
use crate::runner::simulation::referee::Referee;

const ROADMAP: &str = "\
## Batch 1

### Phase 1.1: Store

- **Status:** ⚪ Not Started

### Phase 1.2: Router

- **Status:** ⚪ Not Started
- **Depends On:** Phase 1.1

### Phase 1.3: Pages

- **Status:** ⚪ Not Started
- **Depends On:** Batch 1

### Phase 1.4: Search

- **Status:** ⚪ Not Started
- **Depends On:** All previous phases
";

fn me(phase: &str, life: u32) -> AgentRef {
    AgentRef { id: AgentId::for_phase(&PhaseId::new(phase)), life: Life(life) }
}

fn record(fact: Fact) -> Effect {
    Effect::Record(vec![Entry { at: Timestamp(1), fact }])
}

/// A referee who knows of a plan with two slots, in a target with one gate and one retry.
fn referee() -> Referee {
    let setup = setup(2);
    let mut referee = Referee::new(&setup.target, &Roadmap::parse(ROADMAP.as_bytes()));
    let plan = ApprovedPlan {
        target: setup.target.id,
        goal: "everything".into(),
        mode: Mode::Batch,
        slots: 9,
        phases: vec![],
        without: Default::default(),
        prompts: Default::default(),
        merge: None,
    };
    referee.sees(&record(Fact::PlanApproved(plan))).unwrap();
    referee
}

fn birth(phase: &str, life: u32, attempt: u32) -> Effect {
    let target = setup(2).target;
    let first = Birth::first(me(phase, life), PhaseId::new(phase), target.id, &target.agent);
    record(Fact::AgentSpawned(Birth { attempt, ..first }))
}

fn won(phase: &str, life: u32) -> Report {
    Report::Claimed { agent: me(phase, life), outcome: ClaimOutcome::Won(Fence(1)) }
}

fn spawn(phase: &str, life: u32) -> Effect {
    let setup = setup(2);
    let roadmap = Roadmap::parse(ROADMAP.as_bytes());
    Effect::Spawn(Box::new(Launch {
        name: None,
        agent: me(phase, life),
        phase: roadmap.phase(&PhaseId::new(phase)).unwrap().clone(),
        adapter: setup.adapters["text"].clone(),
        target: setup.target,
        workspace: Workspace::Checkout { path: "/here".into() },
        start: Default::default(),
        brief: Brief::default(),
        size: Size::SMALLEST,
    }))
}

fn release(phase: &str, life: u32) -> Effect {
    let stream = StreamKey { target: setup(2).target.id, phase: PhaseId::new(phase) };
    Effect::Release { agent: me(phase, life), stream }
}

fn judged(phase: &str, result: GateResult) -> Effect {
    let receipt = Receipt {
        gate: "tests".into(),
        required: true,
        tree: Default::default(),
        result,
        took: Duration::ZERO,
        commit: None,
        tail: vec![],
    };
    record(Fact::GateJudged { agent: me(phase, 1), receipt })
}

fn completed(phase: &str) -> Effect {
    record(Fact::AgentCompleted { document: None, agent: me(phase, 1) })
}

fn sentence(referee: &mut Referee, effect: &Effect) -> String {
    referee.sees(effect).unwrap_err().to_string()
}

#[test]
fn nothing_begins_before_what_it_depends_on() {
    let mut referee = referee();
    for phase in ["1.2", "1.3", "1.4"] {
        let said = sentence(&mut referee, &birth(phase, 1, 1));
        assert_eq!(said, format!("a-{phase}.1 begins before 1.1 is complete"));
    }
    referee.sees(&judged("1.1", GateResult::Passed)).unwrap();
    referee.sees(&completed("1.1")).unwrap();
    referee.sees(&birth("1.2", 1, 1)).unwrap();
    let said = sentence(&mut referee, &birth("1.3", 1, 1));
    assert_eq!(said, "a-1.3.1 begins before 1.2 is complete");
}

#[test]
fn nothing_is_complete_without_green_gates() {
    let said = "a-1.1.1 is called complete without gate tests passed";
    assert_eq!(sentence(&mut referee(), &completed("1.1")), said);
    let mut red = referee();
    red.sees(&judged("1.1", GateResult::Failed(Some(1)))).unwrap();
    assert_eq!(sentence(&mut red, &completed("1.1")), said);
}

#[test]
fn tries_are_counted_until_a_person_wants_more() {
    let mut referee = referee();
    referee.sees(&birth("1.1", 1, 1)).unwrap();
    referee.sees(&birth("1.1", 2, 2)).unwrap();
    referee.lets_again(&PhaseId::new("1.1"));
    referee.sees(&birth("1.1", 3, 1)).unwrap();
    referee.sees(&birth("1.1", 4, 1)).unwrap();
    let said = sentence(&mut referee, &birth("1.1", 5, 1));
    assert_eq!(said, "1.1 is begun 3 times, and 2 are allowed");
}

#[test]
fn agents_are_started_with_their_claim_and_alone_on_their_phase() {
    let mut referee = referee();
    let said = sentence(&mut referee, &spawn("1.1", 1));
    assert_eq!(said, "a-1.1.1 is started without the claim of 1.1");
    referee.hears(&won("1.1", 1));
    referee.sees(&spawn("1.1", 1)).unwrap();
    referee.hears(&won("1.1", 2));
    let said = sentence(&mut referee, &spawn("1.1", 2));
    assert_eq!(said, "a-1.1.2 is started while a-1.1.1 works on 1.1");
}

#[test]
fn no_more_agents_run_than_there_are_slots() {
    let mut referee = referee();
    for phase in ["1.1", "1.2", "1.3"] {
        referee.hears(&won(phase, 1));
    }
    referee.sees(&spawn("1.1", 1)).unwrap();
    referee.sees(&spawn("1.2", 1)).unwrap();
    let said = sentence(&mut referee.clone(), &spawn("1.3", 1));
    assert_eq!(said, "3 agents run, and there are 2 slots");
    referee.hears(&Report::HostLost(me("1.1", 1)));
    referee.sees(&spawn("1.3", 1)).unwrap();
}

#[test]
fn claims_are_held_while_a_process_runs_and_freed_in_the_end() {
    let idle = Orchestrator::new(setup(2), Role::Driver);
    let mut referee = referee();
    referee.hears(&won("1.1", 1));
    referee.sees(&spawn("1.1", 1)).unwrap();
    let said = sentence(&mut referee, &release("1.1", 1));
    assert_eq!(said, "a-1.1.1 lets go of 1.1 while its process runs");
    referee.hears(&Report::HostLost(me("1.1", 1)));
    let said = referee.ends(&idle).unwrap_err().to_string();
    assert_eq!(said, "the run is over, and a-1.1.1 still holds the claim of 1.1");
    referee.sees(&release("1.1", 1)).unwrap();
    referee.ends(&idle).unwrap();
}

#[test]
fn a_run_that_stands_still_is_not_over() {
    let mut o = Orchestrator::new(setup(2), Role::Driver);
    let referee = referee();
    let read = Ok(Arc::new(Roadmap::parse(ROADMAP.as_bytes())));
    let _ = o.observe(Timestamp(1), Report::Roadmap { target: setup(2).target.id, read });
    let _ = o.command(Timestamp(2), crate::domain::command::Command::Interpret("phase 1.1".into()));
    let _ = o.command(Timestamp(3), crate::domain::command::Command::ApprovePlan);
    let said = referee.ends(&o).unwrap_err().to_string();
    assert_eq!(said, "nothing happens any more, and a-1.1.1 is still Claiming");
}
