//! `orch-tui status`: the phases of the roadmap and the agents.

use crate::app::cli::Global;
use crate::app::commands::agents;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::place::Place;
use crate::app::{json, out};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Phase, Status};
use crate::domain::roadmap::readiness::Evaluator;
use crate::runner::claim_store::ClaimStore;
use crate::runner::world::now;

/// Prints the status.
///
/// # Errors
/// When configuration, roadmap or state can't be read.
pub fn status(global: &Global) -> Result<Exit, Failure> {
    let place = Place::find(global)?;
    let orchestrator = place.look()?;
    if global.json {
        let store = ClaimStore::open(&place.state()?.claims()).map_err(Failure::environment)?;
        let claims = store.list().map_err(Failure::environment)?;
        out::json(&json::status(&orchestrator, &claims, now()))?;
        return Ok(Exit::Ok);
    }
    if let Some(roadmap) = orchestrator.roadmap() {
        phases(&orchestrator, roadmap)?;
    }
    if !orchestrator.run().agents.is_empty() {
        out::line("")?;
        agents::table(&orchestrator)?;
    }
    Ok(Exit::Ok)
}

fn phases(o: &Orchestrator, roadmap: &Roadmap) -> Result<(), Failure> {
    let held = o.held_phases();
    let evaluator = Evaluator::new(roadmap, &held);
    let complete = roadmap.phases.iter().filter(|p| p.status.state == Status::Complete).count();
    out::line(format!(
        "{}: {complete} of {} phases complete, {} ready ({})",
        o.target().name,
        roadmap.phases.len(),
        evaluator.ready().len(),
        o.target().roadmap.display()
    ))?;
    for phase in &roadmap.phases {
        out::line(row(phase, &evaluator))?;
    }
    Ok(())
}

fn row(phase: &Phase, evaluator: &Evaluator<'_>) -> String {
    let reasons = evaluator.reasons(phase);
    let (word, why) = match phase.status.state {
        Status::Complete => ("complete", String::new()),
        Status::InProgress => ("in progress", assignee(phase)),
        Status::Deferred => ("deferred", String::new()),
        Status::Unknown => ("unknown", "its status can't be read".into()),
        Status::NotStarted if reasons.is_empty() => ("ready", String::new()),
        Status::NotStarted => ("not started", clauses(&reasons)),
        Status::Blocked => ("blocked", clauses(&reasons)),
    };
    let line = format!("  {:<8} {:<11} {}", phase.id, word, phase.name);
    if why.is_empty() { line } else { format!("{line}  ({why})") }
}

fn assignee(phase: &Phase) -> String {
    phase.assigned_to.as_ref().map_or_else(|| "nobody assigned".into(), ToString::to_string)
}

fn clauses(reasons: &[crate::domain::roadmap::readiness::NotReady]) -> String {
    use crate::domain::roadmap::readiness::NotReady;
    let worth = |reason: &&NotReady| **reason != NotReady::Status(Status::Blocked);
    reasons.iter().filter(worth).map(NotReady::clause).collect::<Vec<_>>().join("; ")
}
