//! `orch-tui plan GOAL`: how a goal is understood and what would run.

use crate::app::cli::{Global, OutputFormat};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::json;
use crate::app::out::{self, padded};
use crate::app::place::Place;
use crate::domain::branch::MergePolicy;
use crate::domain::command::Command;
use crate::domain::graph::chart::of_plan;
use crate::domain::id::PhaseId;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::plan::{Mode, Plan};
use crate::domain::printable::counted;
use crate::domain::workspace::Isolation;
use crate::runner::world::now;
use crate::ui::text::columns;

/// Longer names push what follows them aside.
const WIDEST_NAME: usize = 56;

/// Prints the plan for a goal and starts nothing.
///
/// # Errors
/// When configuration, roadmap or state can't be read.
pub fn plan(global: &Global, goal: &str, format: OutputFormat) -> Result<Exit, Failure> {
    let mut orchestrator = Place::find_and_tell(global)?.look_ahead()?;
    let _ = orchestrator.command(now(), Command::Interpret(goal.to_owned()));
    let draft = orchestrator.draft();
    match (format.or_json(global), draft) {
        (OutputFormat::Json, Some(plan)) => out::json(&json::plan(&orchestrator, plan))?,
        (OutputFormat::Json, None) => out::json(&json::reading(&orchestrator))?,
        (OutputFormat::Text, Some(plan)) => {
            table(&orchestrator, plan)?;
            refused(&orchestrator)?;
        }
        (OutputFormat::Text, None) => explanation(&orchestrator)?,
        (OutputFormat::Mermaid, Some(plan)) => flowchart(&orchestrator, plan)?,
        // Nothing would run: a chart of nothing, and why on standard error.
        (OutputFormat::Mermaid, None) => {
            let why = orchestrator.reading().map(|reading| reading.explanation.as_str());
            out::note(why.unwrap_or("the goal can't be read"));
            out::line("flowchart LR")?;
        }
    }
    let ticked = draft.is_some_and(|plan| !plan.approved().phases.is_empty());
    Ok(if ticked || draft.is_none() { Exit::Ok } else { Exit::Nothing })
}

/// Why nothing of a plan could start, where that is known.
fn refused(o: &Orchestrator) -> Result<(), Failure> {
    o.setup().refusal.as_ref().map_or(Ok(()), |why| out::line(format!("Nothing can start: {why}")))
}

fn flowchart(o: &Orchestrator, plan: &Plan) -> Result<(), Failure> {
    let chart = o.roadmap().map(|roadmap| of_plan(plan, roadmap)).unwrap_or_default();
    out::line(chart.trim_end())
}

fn explanation(o: &Orchestrator) -> Result<(), Failure> {
    o.reading().map_or(Ok(()), |reading| out::line(reading.explanation.as_str()))
}

/// Prints a plan for people.
///
/// # Errors
/// When it can't be written.
pub fn table(o: &Orchestrator, plan: &Plan) -> Result<(), Failure> {
    let reading = &plan.interpretation;
    out::line(reading.explanation.as_str())?;
    if plan.rows.iter().any(|row| row.ticked) {
        out::line(summary(o, plan))?;
        out::line(workspaces(o, plan))?;
    }
    rows(o, plan)?;
    if !reading.not_offered.is_empty() {
        out::line("Not offered")?;
    }
    for refused in &reading.not_offered {
        let name = name(o, &refused.id);
        let name = if name.is_empty() { name } else { format!("  {name}") };
        out::line(format!("  {}{name}: {}", refused.id, refused.reason))?;
    }
    let further: Vec<&str> = plan.notes.further.iter().map(PhaseId::as_str).collect();
    if !further.is_empty() {
        out::line(format!("Then, as they become ready: {}", further.join(" ")))?;
    }
    for collision in &plan.collisions {
        let ids: Vec<&str> = collision.phases.iter().map(|id| id.as_str()).collect();
        out::line(format!("Collision: {} both name {}", ids.join(" and "), collision.file))?;
    }
    Ok(())
}

fn summary(o: &Orchestrator, plan: &Plan) -> String {
    let approved = plan.approved();
    let (waves, phases) = (plan.waves().len(), approved.phases.len());
    let mode = match plan.mode {
        Mode::Single => "one phase alone",
        Mode::Parallel => "in parallel",
        Mode::Batch => "until nothing is ready",
    };
    let most = o.target().workspaces.most;
    let slots = if most < plan.slots {
        let setting = match o.target().workspaces.isolation {
            Isolation::Shared => "shared_agents",
            Isolation::Worktree => "max_agents",
        };
        format!("at most {most} at once ({setting} of {})", plan.target)
    } else {
        format!("at most {} at once", plan.slots)
    };
    let confidence = plan.interpretation.confidence;
    if phases == 1 && plan.mode != Mode::Batch {
        return format!("1 phase, confidence {confidence:.2}");
    }
    let (phases, waves) = (counted(phases, "phase"), counted(waves, "wave"));
    format!("{phases}, {waves}, {mode}, {slots}, confidence {confidence:.2}")
}

/// Where agents would work, and who would merge that.
fn workspaces(o: &Orchestrator, plan: &Plan) -> &'static str {
    let target = o.target();
    match (target.workspaces.isolation, plan.merge_by(target)) {
        (Isolation::Shared, _) => "shared checkout, nothing to merge",
        (Isolation::Worktree, MergePolicy::Review) => {
            "a worktree for each agent, merged after your review"
        }
        (Isolation::Worktree, MergePolicy::Auto) => {
            "a worktree for each agent, merged as soon as its gates passed"
        }
    }
}

fn rows(o: &Orchestrator, plan: &Plan) -> Result<(), Failure> {
    let ids = plan.rows.iter().map(|row| columns(row.id.as_str())).max().unwrap_or(0);
    let names = plan.rows.iter().map(|row| columns(&name(o, &row.id)));
    let names = names.max().unwrap_or(0).min(WIDEST_NAME);
    let mut wave = 0;
    for row in &plan.rows {
        if row.wave != wave {
            wave = row.wave;
            out::line(format!("Wave {wave}"))?;
        }
        let tick = if row.ticked { "[x]" } else { "[ ]" };
        let (id, name) = (padded(row.id.as_str(), ids), padded(&name(o, &row.id), names));
        let who = plan.notes.agents.get(&row.id).map(|chosen| format!("; {}", chosen.sentence()));
        let who = who.unwrap_or_default();
        out::line(format!("  {tick} {id}  {name}  {:.2}  {}{who}", row.score, row.why))?;
    }
    Ok(())
}

/// The name of a phase; empty when the roadmap has none with this id.
pub fn name(o: &Orchestrator, id: &PhaseId) -> String {
    let phase = o.roadmap().and_then(|roadmap| roadmap.phase(id));
    phase.map(|phase| phase.name.to_string()).unwrap_or_default()
}
