//! Goals against real, generated and odd roadmaps: what is typed means what a person would mean, and nothing else starts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "goals/assigned.rs"]
mod assigned;
#[path = "goals/generate.rs"]
mod generate;
#[path = "goals/harmful.rs"]
mod harmful;
#[path = "goals/names.rs"]
mod names;
#[path = "goals/odd.rs"]
mod odd;
#[path = "goals/safety.rs"]
mod safety;

use std::collections::BTreeSet;

use orch_tui::domain::goal::GoalInterpreter;
use orch_tui::domain::goal::interpretation::Interpretation;
use orch_tui::domain::id::PhaseId;
use orch_tui::domain::roadmap::Roadmap;

/// What a goal means to a roadmap whose phases nobody holds.
fn interpret(roadmap: &Roadmap, goal: &str) -> Interpretation {
    GoalInterpreter::new(roadmap, &BTreeSet::new()).interpret(goal)
}

/// Ids of the ticked phases, in order.
fn ticked(found: &Interpretation) -> Vec<String> {
    let mut ids: Vec<&PhaseId> = found.selected().collect();
    ids.sort();
    ids.into_iter().map(PhaseId::to_string).collect()
}

/// Phases the goal itself means: those only needed by others left out.
fn meant(found: &Interpretation) -> Vec<&PhaseId> {
    let own = |m: &&orch_tui::domain::goal::interpretation::Match| {
        m.evidence.iter().any(|evidence| evidence.field != "dependency")
    };
    found.matched.iter().filter(own).map(|m| &m.id).collect()
}
