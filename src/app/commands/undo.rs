//! `orch-tui undo`: takes back the last change of the roadmap that can be taken back.

use crate::app::cli::Global;
use crate::app::commands::change::{Company, Writer};
use crate::app::diff::{self, Paint};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::place::Place;
use crate::app::{json, out};
use crate::domain::printable::visible;
use crate::domain::roadmap::{Revert, RoadmapChange};
use crate::domain::undo::left_alone;

/// Takes the last change back.
///
/// # Errors
/// When there is none, the file has changed there, an agent works on it, or something can't be read or written.
pub fn undo(global: &Global) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    let mut writer = Writer::open(&place, Company::Refused)?;
    let Some(revert) = writer.run().undo.last(&place.target.roadmap).cloned() else {
        return Err(Failure::new(Exit::Nothing, "there is nothing to undo"));
    };
    let made = writer.make(RoadmapChange::Revert(Box::new(revert.clone())))?;
    if global.json {
        out::json(&json::undone(&revert.why, &made.edits))?;
        return Ok(Exit::Ok);
    }
    out::line(format!("undid {}", visible(&what(&revert))))?;
    diff::print(&made.hunks(), Paint::wanted(global))?;
    let held = &writer.facts().held;
    if made.after.as_ref().is_some_and(|after| !left_alone(&made.edits, after, held).is_empty()) {
        out::line(
            "the gardener leaves it so until it changes; `orch-tui garden` unblocks it again",
        )?;
    }
    Ok(Exit::Ok)
}

/// `garden of 2.1, 2.2`.
fn what(revert: &Revert) -> String {
    let mut ids: Vec<&str> = revert.note.traces.iter().map(|trace| trace.phase.as_str()).collect();
    ids.dedup();
    format!("{} of {}", revert.why, ids.join(", "))
}
