//! `orch-tui doctor --clean`: ends what runs and belongs to nobody.

use crate::app::cli::Global;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::out::Answer;
use crate::app::{json, out};
use crate::domain::printable::visible;
use crate::runner::orphans;
use crate::runner::state_dir::base_folder;

use super::setup::Asking;

/// Lists what belongs to nobody, asks, and ends it.
///
/// # Errors
/// When there is no state folder or output can't be written.
pub async fn clean(global: &Global, asking: Asking) -> Result<Exit, Failure> {
    let found = orphans::find(&base_folder().map_err(Failure::environment)?);
    if !global.json {
        for orphan in &found {
            out::line(visible(&orphan.sentence()))?;
        }
        if found.is_empty() {
            out::line("nothing runs that belongs to nobody")?;
        }
    }
    if asking == Asking::Ask && !found.is_empty() {
        match out::agreed(&format!("End these {}, with all they run?", found.len())) {
            Answer::Yes => {}
            Answer::No => return Ok(Exit::Approval),
            Answer::Nobody => {
                out::note("nobody is there to ask: add --yes");
                return Ok(Exit::Approval);
            }
        }
    }
    let mut ended = Vec::new();
    for orphan in found {
        let (name, why) = (orphan.name(), orphan.sentence());
        let left = orphans::end(orphan).await;
        if !global.json {
            out::line(visible(&format!("{name}: ended, {} processes left", left.len())))?;
        }
        ended.push((name, why, left.len()));
    }
    if global.json {
        out::json(&json::cleaned(&ended))?;
    }
    Ok(if ended.iter().all(|(.., left)| *left == 0) { Exit::Ok } else { Exit::Failed })
}
