//! `orch-tui report`: what the last plan came to.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::{Value, json};

use crate::app::cli::Global;
use crate::app::commands::errand;
use crate::app::commands::setup::Asking;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::json::SCHEMA;
use crate::app::out;
use crate::app::place::Place;
use crate::domain::cost::{Costs, Forecast};
use crate::domain::effect::Document;
use crate::domain::errand::Errand;
use crate::domain::orchestrator::Orchestrator;
use crate::runner::document_desk;
use crate::runner::world::now;

/// Prints the report of the last plan, as the journal tells it now, below its summary where there is one.
///
/// # Errors
/// When configuration, roadmap or state can't be read, or when nothing was ever approved.
pub fn report(global: &Global) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    print(&place, global)?;
    Ok(Exit::Ok)
}

/// Lets an agent sum the last plan up, unless that was done already, then prints it with the report.
///
/// # Errors
/// As [`report`], or when the agent can't be started.
pub async fn summary(global: &Global, asking: Asking) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    let orchestrator = place.look()?;
    text_of(&orchestrator)?;
    if summary_of(&orchestrator).is_none() {
        let wanted = (Errand::Summary, asking);
        let (exit, _) = errand::follow_to_the_end(&place, global, wanted).await?;
        if exit != Exit::Ok {
            return Ok(exit);
        }
        if !global.json {
            out::line("")?;
        }
    }
    print(&place, global)?;
    Ok(Exit::Ok)
}

fn print(place: &Place, global: &Global) -> Result<(), Failure> {
    let orchestrator = place.look()?;
    let text = text_of(&orchestrator)?;
    let summary = summary_of(&orchestrator);
    if global.json {
        let kept = newest(&document_desk::folder(&place.state()?, Document::Report));
        return out::json(&shape(&orchestrator, (&text, summary.as_deref()), kept.as_deref()));
    }
    if let Some(summary) = summary {
        errand::lines(&summary)?;
        out::line("")?;
    }
    out::line(text.trim_end())
}

/// The report itself.
fn text_of(o: &Orchestrator) -> Result<String, Failure> {
    o.report(now()).ok_or_else(|| {
        let why = "no plan was approved here yet: `orch-tui run GOAL` plans and asks";
        Failure::new(Exit::Nothing, why)
    })
}

/// What an agent wrote of it, as far as that can still be read.
fn summary_of(o: &Orchestrator) -> Option<String> {
    o.run().story.summary.as_ref().and_then(|path| document_desk::read(path).ok())
}

/// Shape of `report --json`.
fn shape(o: &Orchestrator, (text, summary): (&str, Option<&str>), kept: Option<&Path>) -> Value {
    let story = &o.run().story;
    let costs = Costs::of(story.timeline.lives(), o.roadmap());
    let costs = costs.and_errands(story.errands.lives());
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
        "summary": summary.map(|text| json!({ "path": story.summary, "markdown": text })),
    })
}

/// The report of the folder that was written last; what agents left lies there too, under names that begin otherwise.
fn newest(folder: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let is_report = |file: &std::fs::DirEntry| {
        file.file_name().as_encoded_bytes().first().is_some_and(u8::is_ascii_digit)
    };
    let dated = files.filter(is_report).filter_map(|file| {
        let written: SystemTime = file.metadata().ok()?.modified().ok()?;
        Some((written, file.path()))
    });
    dated.max().map(|(_, path)| path)
}
