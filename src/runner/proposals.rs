//! The folder of proposals: listed with limits, watched, and its files put away without ever overwriting one.
//!
//! Anybody may write into it, so names are opened as they are: a link, a pipe or a device is never followed or read.

mod folder;
mod watch;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::printable::Printable;
use crate::domain::proposal::{ProposalAnswer, ProposalNews, ProposalOrder, Shelf};
use crate::domain::report::Report;
use crate::runner::world::SharedWorld;
pub use folder::{list, shelve};
pub use watch::watch;

/// Most files of a folder that are read.
pub const MOST_FILES: usize = 100;
/// Most bytes of a file.
pub const MOST_BYTES: u64 = 512 * 1024;

/// Why the file of a proposal was not put away.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// It is gone.
    #[error("{0} is gone: somebody else moved or deleted it")]
    Gone(String),
    /// Something else stands in it by now.
    #[error("{0} has changed since it was shown, so it stays where it is: look at it again")]
    Changed(String),
    /// It is no file that is put away.
    #[error("{name} stays where it is: {why}")]
    NotOurs {
        /// Its name.
        name: String,
        /// Why.
        why: String,
    },
    /// Something stands where its folder is to be.
    #[error(
        "{name} stays where it is: {to} is {what}, and nothing is put there. Make a folder of it, or move the file by hand"
    )]
    NoShelf {
        /// Its name.
        name: String,
        /// Where it was to go.
        to: PathBuf,
        /// What stands there.
        what: &'static str,
    },
    /// The system refused.
    #[error(
        "{name} can't be moved to {to}: {source}; it stays where it is. Check the permissions of the folder, or move it by hand"
    )]
    Io {
        /// Its name.
        name: String,
        /// Where it was to go.
        to: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Takes orders one after another, so that the newest report tells the newest state.
#[derive(Clone, Debug, Default)]
pub struct ProposalDesk {
    turn: Arc<Mutex<()>>,
    /// A look is asked for and has not begun: it will see what there is by then, so another one is not needed.
    look_waits: Arc<AtomicBool>,
}

impl ProposalDesk {
    /// Carries out an order and reports.
    pub fn ask(&self, world: &SharedWorld, order: ProposalOrder) {
        let looks = order == ProposalOrder::Look;
        if looks && self.look_waits.swap(true, Ordering::AcqRel) {
            return;
        }
        let (desk, world) = (self.clone(), world.clone());
        tokio::task::spawn_blocking(move || {
            let _mine = desk.turn.lock().unwrap_or_else(PoisonError::into_inner);
            if looks {
                desk.look_waits.store(false, Ordering::Release);
            }
            let folder = &world.target.documents.proposals;
            let news = carry_out(folder, order);
            // When nobody listens any more, the app is ending.
            let _ended = world.reports.blocking_send(Report::Proposals(news));
        });
    }
}

fn carry_out(folder: &Path, order: ProposalOrder) -> ProposalNews {
    match order {
        ProposalOrder::Look => ProposalNews { listing: list(folder), answer: None },
        ProposalOrder::Compare(file) => {
            let listing = list(folder);
            let same = listing.find(&file.name).is_some_and(|found| found.file == file);
            let answer =
                if same { ProposalAnswer::Same(file) } else { ProposalAnswer::Changed(file) };
            ProposalNews { listing, answer: Some(answer) }
        }
        ProposalOrder::Shelve(file, shelf) => {
            let shelved = shelve(folder, &file, shelf);
            let shelved = shelved
                .map(|path| Printable::new(&path.to_string_lossy()))
                .map_err(|error| Printable::new(&told(&error, shelf)));
            let answer = Some(ProposalAnswer::Shelved(file, shelf, shelved));
            ProposalNews { listing: list(folder), answer }
        }
    }
}

/// Why a file was not put away, and what was done all the same.
fn told(error: &ShelfError, shelf: Shelf) -> String {
    match shelf {
        Shelf::Accepted => format!("what was shown is in the roadmap, but {error}"),
        Shelf::Rejected => error.to_string(),
    }
}
