//! `orch-tui status`: the phases of the roadmap and the agents.

use crate::app::cli::Global;
use crate::app::commands::agents;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::json;
use crate::app::out::{self, padded};
use crate::app::place::Place;
use crate::domain::gardener::UNDONE;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Phase, Status};
use crate::domain::roadmap::readiness::{Blockage, Evaluator, NotReady};
use crate::runner::claim_store::ClaimStore;
use crate::runner::world::now;
use crate::ui::text::columns;

/// Prints the status.
///
/// # Errors
/// When configuration, roadmap or state can't be read.
pub async fn status(global: &Global) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    let orchestrator = place.look_closely().await?;
    if global.json {
        let state = place.state()?;
        let store = ClaimStore::open(&state.claims()).map_err(Failure::environment)?;
        let claims = store.list().map_err(Failure::environment)?;
        out::json(&json::status(&orchestrator, (&state, &claims), now()))?;
        return Ok(Exit::Ok);
    }
    if let Some(roadmap) = orchestrator.roadmap() {
        phases(&orchestrator, roadmap)?;
    }
    if !orchestrator.has_no_agents() {
        out::line("")?;
        agents::table(&orchestrator)?;
    }
    Ok(Exit::Ok)
}

fn phases(o: &Orchestrator, roadmap: &Roadmap) -> Result<(), Failure> {
    let held = o.held_phases();
    let evaluator = Evaluator::new(roadmap, &held);
    let (complete, all) = roadmap.progress();
    out::line(format!(
        "{}: {complete} of {all} phases complete, {} ready ({})",
        o.target().name,
        evaluator.ready().len(),
        o.target().roadmap.display()
    ))?;
    let width = roadmap.phases.iter().map(|phase| columns(phase.id.as_str())).max().unwrap_or(0);
    for phase in &roadmap.phases {
        out::line(row(phase, &evaluator, (o, width)))?;
    }
    let stale = o.view().garden.unblocked.len();
    if stale > 0 {
        let noun = if stale == 1 { "phase is" } else { "phases are" };
        out::line(format!(
            "{stale} {noun} blocked for nothing: `orch-tui garden` unblocks, as every run does"
        ))?;
    }
    Ok(())
}

fn row(phase: &Phase, evaluator: &Evaluator<'_>, (o, width): (&Orchestrator, usize)) -> String {
    let reasons = evaluator.reasons(phase);
    let (word, why) = match phase.status.state {
        Status::Complete => ("complete", String::new()),
        Status::InProgress => ("in progress", assignee(phase)),
        Status::Deferred => ("deferred", String::new()),
        Status::Unknown => ("unknown", unknown(phase, &reasons)),
        Status::NotStarted if reasons.is_empty() => {
            let person = phase.person().map(|name| format!("assigned to {name}"));
            ("ready", person.unwrap_or_default())
        }
        Status::NotStarted => ("not started", clauses(&reasons)),
        Status::Blocked if o.view().garden.left_alone.contains(&phase.id) => {
            ("blocked", UNDONE.to_owned())
        }
        Status::Blocked => ("blocked", blocked(phase, evaluator, &reasons)),
    };
    let line = format!("  {}  {word:<11}  {}", padded(phase.id.as_str(), width), phase.name);
    if why.is_empty() { line } else { format!("{line}  ({why})") }
}

fn assignee(phase: &Phase) -> String {
    let name = phase.assigned_to.as_ref();
    name.map_or_else(|| "nobody assigned".into(), |name| format!("assigned to {name}"))
}

/// Why a phase is blocked, as far as anything says so.
fn blocked(phase: &Phase, evaluator: &Evaluator<'_>, reasons: &[NotReady]) -> String {
    let waits = clauses(reasons);
    match evaluator.blockage(phase) {
        Blockage::Lifted => "everything it depends on is complete".into(),
        Blockage::Human(reason) if waits.is_empty() => reason.to_string(),
        Blockage::Human(reason) => format!("{reason}; {waits}"),
        Blockage::WithoutDependencies => "depends on nothing, says no reason".into(),
        Blockage::Waiting => waits,
    }
}

/// Why a phase's status is unknown, and what tells of it elsewhere.
fn unknown(phase: &Phase, reasons: &[NotReady]) -> String {
    let told = phase.status.told();
    told.into_iter().chain([clauses(reasons)]).collect::<Vec<_>>().join("; ")
}

/// The reasons as clauses, the phases it waits for in one.
fn clauses(reasons: &[NotReady]) -> String {
    let mut waits: Vec<&str> = Vec::new();
    let mut others: Vec<String> = Vec::new();
    for reason in reasons {
        match reason {
            NotReady::Waits(id) if waits.contains(&id.as_str()) => {}
            NotReady::Waits(id) => waits.push(id.as_str()),
            NotReady::Status(Status::Blocked) => {}
            other => others.push(other.clause()),
        }
    }
    if !waits.is_empty() {
        others.insert(0, format!("waits for {}", waits.join(", ")));
    }
    others.join("; ")
}
