//! `orch-tui report`: what the last plan came to.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::{Value, json};

use crate::app::cli::Global;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::json::SCHEMA;
use crate::app::out;
use crate::app::place::Place;
use crate::domain::cost::{Costs, Forecast};
use crate::domain::effect::Document;
use crate::domain::orchestrator::Orchestrator;
use crate::runner::plan_desk;
use crate::runner::world::now;

/// Prints the report of the last plan, as the journal tells it now.
///
/// # Errors
/// When configuration, roadmap or state can't be read, or when nothing was ever approved.
pub fn report(global: &Global) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    let orchestrator = place.look()?;
    let Some(text) = orchestrator.report(now()) else {
        let why = "no plan was approved here yet: `orch-tui run GOAL` plans and asks";
        return Err(Failure::new(Exit::Nothing, why));
    };
    if global.json {
        let kept = newest(&plan_desk::folder(&place.state()?, Document::Report));
        out::json(&shape(&orchestrator, &text, kept.as_deref()))?;
    } else {
        out::line(text.trim_end())?;
    }
    Ok(Exit::Ok)
}

/// Shape of `report --json`.
fn shape(o: &Orchestrator, text: &str, kept: Option<&Path>) -> Value {
    let story = &o.run().story;
    let costs = Costs::of(story.timeline.lives(), o.roadmap());
    let forecast = o.roadmap().and_then(|r| Forecast::of(story.timeline.lives(), r));
    let goals: Vec<&str> = story.approvals.iter().map(|(_, plan)| plan.goal.as_str()).collect();
    json!({
        "schema": SCHEMA,
        "goals": goals,
        "approved_at": story.approvals.first().map(|(at, _)| at),
        "finished_at": story.finished.as_ref().map(|ending| ending.at),
        "completed": story.finished.as_ref().map(|ending| &ending.completed),
        "left": story.finished.as_ref().map(|ending| &ending.left),
        "lives": costs.total.lives,
        "usage": costs.total.usage,
        "forecast": forecast.map(|rest| json!({
            "phases": rest.known, "unknown": rest.unknown, "samples": rest.samples,
            "tokens": rest.tokens, "cost_millicents": rest.millicents,
        })),
        "path": kept,
        "markdown": text,
    })
}

/// The file of the folder that was written last.
fn newest(folder: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let dated = files.filter_map(|file| {
        let written: SystemTime = file.metadata().ok()?.modified().ok()?;
        Some((written, file.path()))
    });
    dated.max().map(|(_, path)| path)
}
