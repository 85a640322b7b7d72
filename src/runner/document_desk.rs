//! Keeps documents in the state folder, and reads them again: plans, reports, what agents with an errand left.

use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::domain::document::{Document, DocumentOrder, DocumentReport};
use crate::domain::id::AgentRef;
use crate::domain::printable::Printable;
use crate::domain::report::Report;
use crate::runner::last_words::last_words;
use crate::runner::plain_file;
use crate::runner::state_dir::StateDir;
use crate::runner::world::{SharedWorld, World};

/// Name of the file in its folder that an agent with an errand is told to write.
pub const DOCUMENT_FILE: &str = "document.md";

/// So many documents of one name are kept.
const MOST_OF_A_NAME: u32 = 1_000;
/// More of a document is cut.
const LONGEST: u64 = 1024 * 1024;

/// The folder of a kind of document.
pub fn folder(state: &StateDir, document: Document) -> PathBuf {
    match document {
        Document::Plan => state.folder().join("plans"),
        Document::Report => state.reports(),
    }
}

/// Carries out an order about a document and reports.
pub fn carry_out(world: &SharedWorld, order: DocumentOrder) {
    let world = world.clone();
    tokio::task::spawn_blocking(move || {
        let report = match order {
            DocumentOrder::Keep { document, name, text } => {
                DocumentReport::Kept(document, save(&world, document, (&name, &text)))
            }
            DocumentOrder::Collect { agent, name } => {
                let outcome = collect(&world, &agent, &name);
                DocumentReport::Collected { agent, outcome }
            }
            DocumentOrder::Open { agent, path } => {
                let outcome = read(&path).map_err(|error| unreadable(&path, &error));
                DocumentReport::Opened { agent, outcome }
            }
        };
        let _ = world.reports.blocking_send(Report::Document(report));
    });
}

fn save(
    world: &World,
    document: Document,
    (name, text): (&str, &str),
) -> Result<Printable, Printable> {
    let folder = folder(&world.state, document);
    match keep(&folder, name, text) {
        Ok(path) => Ok(Printable::new(&path.display().to_string())),
        Err(error) => Err(unkept(document.word(), &folder, &error)),
    }
}

fn unkept(word: &str, folder: &Path, error: &io::Error) -> Printable {
    let folder = folder.display();
    let why = format!("the {word} can't be kept in {folder}: {error}; check the disk");
    Printable::new(&why)
}

fn unreadable(path: &Path, error: &io::Error) -> Printable {
    Printable::new(&format!("{} can't be read: {error}", path.display()))
}

/// Keeps the file an agent was told to write; where it wrote none, its last words.
fn collect(world: &World, agent: &AgentRef, name: &str) -> Result<PathBuf, Printable> {
    let own = world.state.agent_folder(agent);
    let path = own.join(DOCUMENT_FILE);
    let written = match read(&path) {
        Ok(written) => written,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(unreadable(&path, &error)),
    };
    let text =
        if written.trim().is_empty() { last_words(&own).unwrap_or_default() } else { written };
    if text.trim().is_empty() {
        return Err("it ended well, but wrote no document and said nothing".into());
    }
    let folder = world.state.reports();
    keep(&folder, name, &text).map_err(|error| unkept("document", &folder, &error))
}

/// The text of a document. A file that is no file of its own is not followed: agents may write anything there.
///
/// # Errors
/// What the system said.
pub fn read(path: &Path) -> io::Result<String> {
    let bytes = plain_file::read_own(path, LONGEST)?;
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    if bytes.len() as u64 == LONGEST {
        text.push_str(&format!("\n\n(Cut at 1 MiB: the rest stands in {}.)\n", path.display()));
    }
    Ok(text)
}

/// Writes a document into a file nothing else is in.
fn keep(folder: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    for n in 1..=MOST_OF_A_NAME {
        let number = if n == 1 { String::new() } else { format!("-{n}") };
        let path = folder.join(format!("{name}{number}.md"));
        let opened = File::options().write(true).create_new(true).mode(0o600).open(&path);
        match opened {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                return Ok(path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(
        ErrorKind::AlreadyExists,
        format!("there are {MOST_OF_A_NAME} of {name} already"),
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn plans_of_one_name_never_overwrite_each_other() {
        let state = tempfile::tempdir().unwrap();
        let plans = state.path().join("plans");
        let first = keep(&plans, "2026-11-26-batch", "one").unwrap();
        let second = keep(&plans, "2026-11-26-batch", "two").unwrap();
        assert!(first.ends_with("plans/2026-11-26-batch.md"), "{}", first.display());
        assert!(second.ends_with("plans/2026-11-26-batch-2.md"), "{}", second.display());
        assert_eq!(std::fs::read_to_string(first).unwrap(), "one");
        assert_eq!(std::fs::read_to_string(second).unwrap(), "two");
    }

    #[test]
    fn a_plan_that_can_t_be_kept_is_an_error() {
        let state = tempfile::tempdir().unwrap();
        let plans = state.path().join("plans");
        std::fs::write(&plans, "in the way").unwrap();
        assert!(keep(&plans, "x", "y").is_err());
    }

    #[test]
    fn a_link_is_no_document() {
        let folder = tempfile::tempdir().unwrap();
        let (secret, link) = (folder.path().join("secret"), folder.path().join(DOCUMENT_FILE));
        std::fs::write(&secret, "mine").unwrap();
        std::os::unix::fs::symlink(&secret, &link).unwrap();
        assert!(read(&link).is_err(), "it is not the agent's own");
        assert_eq!(read(&secret).unwrap(), "mine");
    }
}
