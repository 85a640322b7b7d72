//! `orch-tui undo`: takes back the last change of the roadmap that can be taken back.

use crate::app::cli::Global;
use crate::app::commands::change::{Company, Writer};
use crate::app::diff::{self, Paint};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::place::Place;
use crate::app::{json, out};
use crate::domain::printable::visible;
use crate::domain::roadmap::RoadmapChange;
use crate::domain::undo::{Undone, left_alone, passed_over};

/// Takes the last change back.
///
/// # Errors
/// When there is none, all of them were changed since or are an agent's now, or something can't be read or written.
pub fn undo(global: &Global) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    let mut writer = Writer::open(&place, Company::Refused)?;
    let reverts = writer.run().undo.of(&place.target.roadmap);
    if reverts.is_empty() {
        return Err(Failure::new(Exit::Nothing, "there is nothing to undo"));
    }
    let order = writer.order(RoadmapChange::Revert(reverts));
    let made = writer.carry_out(&order)?;
    let undone = made.after.as_ref().and_then(|after| Undone::of(&order, &made.edits, after));
    let Some(Undone { revert, passed }) = undone else {
        return Err(Failure::new(Exit::Nothing, "there is nothing to undo"));
    };
    if global.json {
        out::json(&json::undone(&revert.why, &passed, &made.edits))?;
        return Ok(Exit::Ok);
    }
    out::line(visible(&format!("undid {}{}", revert.what(), passed_over(&passed))))?;
    diff::print(&made.hunks(), Paint::wanted(global))?;
    let held = &writer.facts().held;
    if made.after.as_ref().is_some_and(|after| !left_alone(&made.edits, after, held).is_empty()) {
        out::line(
            "the gardener leaves it so until it changes; `orch-tui garden` unblocks it again",
        )?;
    }
    Ok(Exit::Ok)
}
