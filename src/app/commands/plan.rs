//! `orch-tui plan GOAL`: how a goal is understood and what would run.

use crate::app::cli::Global;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::place::Place;
use crate::app::{json, out};
use crate::domain::command::Command;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::plan::{Mode, Plan};
use crate::runner::world::now;

/// Prints the plan for a goal and starts nothing.
///
/// # Errors
/// When configuration, roadmap or state can't be read.
pub fn plan(global: &Global, goal: &str) -> Result<Exit, Failure> {
    let mut orchestrator = Place::find(global)?.look()?;
    let _ = orchestrator.command(now(), Command::Interpret(goal.to_owned()));
    let draft = orchestrator.draft();
    match (global.json, draft) {
        (true, Some(plan)) => out::json(&json::plan(&orchestrator, plan))?,
        (true, None) => out::json(&json::reading(&orchestrator))?,
        (false, Some(plan)) => table(plan)?,
        (false, None) => explanation(&orchestrator)?,
    }
    let ticked = draft.is_some_and(|plan| !plan.approved().phases.is_empty());
    Ok(if ticked || draft.is_none() { Exit::Ok } else { Exit::Nothing })
}

fn explanation(o: &Orchestrator) -> Result<(), Failure> {
    o.reading().map_or(Ok(()), |reading| out::line(reading.explanation.as_str()))
}

/// Prints a plan for people.
///
/// # Errors
/// When it can't be written.
pub fn table(plan: &Plan) -> Result<(), Failure> {
    let reading = &plan.interpretation;
    out::line(format!("{} (confidence {:.2})", reading.explanation, reading.confidence))?;
    let mode = match plan.mode {
        Mode::Single => "one phase",
        Mode::Parallel => "in parallel",
        Mode::Batch => "until nothing is ready",
    };
    out::line(format!("Mode: {mode}, at most {} at once, target {}", plan.slots, plan.target))?;
    let mut wave = 0;
    for row in &plan.rows {
        if row.wave != wave {
            wave = row.wave;
            out::line(format!("Wave {wave}"))?;
        }
        let tick = if row.ticked { "[x]" } else { "[ ]" };
        out::line(format!("  {tick} {:<8} {:.2}  {}", row.id, row.score, row.why))?;
    }
    for refused in &reading.not_offered {
        out::line(format!("Not offered: {} {}", refused.id, refused.reason))?;
    }
    for collision in &plan.collisions {
        let ids: Vec<&str> = collision.phases.iter().map(|id| id.as_str()).collect();
        out::line(format!("Collision: {} both name {}", ids.join(" and "), collision.file))?;
    }
    Ok(())
}
