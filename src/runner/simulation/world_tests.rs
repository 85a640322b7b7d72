//! What the simulated world answers, and when.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::agent::{ExitCause, Outcome};
use crate::domain::claim::{ClaimOutcome, StreamKey};
use crate::domain::effect::{Brief, Effect, Launch, RoadmapOrder, StopKind};
use crate::domain::frame::Size;
use crate::domain::id::{AgentId, AgentRef, Life, PhaseId};
use crate::domain::orchestrator::tests::setup;
use crate::domain::report::Report;
use crate::domain::roadmap::phase::Status;
use crate::domain::roadmap::{Roadmap, RoadmapChange};
use crate::domain::workspace::Workspace;
use crate::runner::simulation::world::{BEGINNING, Happening, SimulatedWorld};

const ROADMAP: &str = "### Phase 1.1: Store\n- **Status:** ⚪ Not Started\n- **Effort:** S\n";

fn me(life: u32) -> AgentRef {
    AgentRef { id: AgentId::new("a-1.1"), life: Life(life) }
}

fn world(seed: u64) -> SimulatedWorld {
    SimulatedWorld::new(seed, &setup(1).target, Arc::new(Roadmap::parse(ROADMAP.as_bytes())))
}

fn claim(life: u32) -> Effect {
    let stream = StreamKey { target: setup(1).target.id, phase: PhaseId::new("1.1") };
    Effect::Claim { agent: me(life), stream }
}

fn spawn(world: &SimulatedWorld, life: u32) -> Effect {
    let setup = setup(1);
    Effect::Spawn(Box::new(Launch {
        name: None,
        agent: me(life),
        phase: world.roadmap().phases[0].clone(),
        adapter: setup.adapters["text"].clone(),
        target: setup.target,
        workspace: Workspace::Checkout { path: "/here".into() },
        start: Default::default(),
        brief: Brief::default(),
        size: Size::SMALLEST,
    }))
}

/// Everything that is reported until nothing happens any more.
fn all(world: &mut SimulatedWorld) -> Vec<Report> {
    let mut all = Vec::new();
    while let Some(happening) = world.pass() {
        match happening {
            Happening::Reports(reports) => all.extend(reports),
            Happening::Person(agent) => panic!("nobody asked to look after {agent}"),
        }
    }
    all
}

#[test]
fn a_claim_is_given_once() {
    let mut world = world(7);
    world.carry_out(vec![claim(1), claim(2)]);
    let outcomes: Vec<bool> = all(&mut world)
        .iter()
        .map(|report| matches!(report, Report::Claimed { outcome: ClaimOutcome::Won(_), .. }))
        .collect();
    assert_eq!(outcomes.iter().filter(|won| **won).count(), 1, "{outcomes:?}");
}

#[test]
fn an_agent_runs_for_as_long_as_its_effort_says() {
    let mut world = world(7);
    world.carry_out(vec![spawn(&world, 1)]);
    let reports = all(&mut world);
    assert!(matches!(&reports[0], Report::Started { .. }), "{reports:?}");
    let Some(Report::Exited { exit, .. }) = reports.last() else { panic!("{reports:?}") };
    assert_eq!(exit.failure(), None);
    let minutes = exit.at.since(BEGINNING).as_secs() / 60;
    assert!((8..=20).contains(&minutes) && exit.at == world.now(), "{minutes}");
}

#[test]
fn an_agent_that_is_stopped_ends_once_and_soon() {
    let mut world = world(7);
    world.carry_out(vec![spawn(&world, 1), Effect::Stop { agent: me(1), how: StopKind::Term }]);
    let reports = all(&mut world);
    let exits: Vec<_> = reports
        .iter()
        .filter_map(|report| match report {
            Report::Exited { exit, .. } => Some(exit),
            _ => None,
        })
        .collect();
    assert_eq!(exits.len(), 1);
    assert_eq!((exits[0].cause, exits[0].failure()), (ExitCause::Stopped, Some(Outcome::Killed)));
    assert!(exits[0].at.since(BEGINNING).as_secs() <= 5);
}

#[test]
fn the_roadmap_is_changed_by_the_real_edits_and_read_before_it_is_told() {
    let mut world = world(7);
    let change = RoadmapChange::Claim { phase: PhaseId::new("1.1"), assignee: "a-1.1".into() };
    let order = RoadmapOrder {
        target: setup(1).target.id,
        agent: Some(me(1)),
        change,
        held: BTreeSet::new(),
    };
    world.carry_out(vec![Effect::EditRoadmap(order)]);
    let reports = all(&mut world);
    let [Report::Roadmap { read: Ok(read), .. }, Report::Edited { outcome: Ok(edits), after, .. }] =
        &reports[..]
    else {
        panic!("{reports:?}")
    };
    assert_eq!((edits.len(), after.as_ref()), (2, Some(read)));
    let text = String::from_utf8(world.roadmap().bytes().to_vec()).unwrap();
    assert!(text.contains("🔄 In Progress\n- **Assigned To:** a-1.1\n"), "{text}");
    assert_eq!(world.roadmap().phases[0].status.state, Status::InProgress);
}

#[test]
fn what_nobody_knows_is_lost() {
    let mut world = world(7);
    world.carry_out(vec![Effect::Adopt(me(4))]);
    assert_eq!(all(&mut world), [Report::HostLost(me(4))]);
}
