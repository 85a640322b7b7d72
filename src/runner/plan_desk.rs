//! What a plan asks of the world before anything starts: what launches would do, and a place to keep it.

use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::domain::adapter::Adapter;
use crate::domain::effect::{Document, Launch};
use crate::domain::preview::Preview;
use crate::domain::printable::Printable;
use crate::domain::report::{Rehearsed, Report};
use crate::domain::workspace::{Isolation, Workspace};
use crate::runner::branch;
use crate::runner::done_work::DoneWork;
use crate::runner::environment::{self, Privilege, Variables};
use crate::runner::hand_over::HandOver;
use crate::runner::launch;
use crate::runner::state_dir::StateDir;
use crate::runner::world::SharedWorld;

/// So many documents of one name are kept.
const MOST_OF_A_NAME: u32 = 1_000;

/// Finds out what launches would do and reports it.
pub fn preview(world: &SharedWorld, launches: Vec<Launch>) {
    let world = world.clone();
    tokio::spawn(async move {
        let known = known(&launches).await;
        let told = world.clone();
        let looked = tokio::task::spawn_blocking(move || {
            previews(&told.state, &known, (&told.environment, told.privilege))
        });
        if let Ok(previews) = looked.await {
            world.report(Report::Rehearsed(Rehearsed::Launches(previews))).await;
        }
    });
}

/// What was done before, for each of these launches.
pub async fn known(launches: &[Launch]) -> Vec<(Launch, HandOver)> {
    let mut all = Vec::new();
    let Some(first) = launches.first() else { return all };
    let mut work = DoneWork::new(first.workspace.path(), &first.target.documents.devlog);
    for launch in launches {
        all.push((launch.clone(), HandOver::known(&mut work, launch).await));
    }
    all
}

/// Finds out whether agents of an adapter can start and reports it.
pub fn check(world: &SharedWorld, adapter: Box<Adapter>) {
    let world = world.clone();
    tokio::task::spawn_blocking(move || {
        let refusal = environment::refusal(Some(&adapter), &world.target);
        let _ = world
            .reports
            .blocking_send(Report::Rehearsed(Rehearsed::Startable(refusal.map_or(Ok(()), Err))));
    });
}

/// What launches would do.
pub fn previews(
    state: &StateDir,
    launches: &[(Launch, HandOver)],
    own: (&Variables, Privilege),
) -> Vec<Preview> {
    let one = |(launch, known): &(Launch, HandOver)| {
        let launch = placed(state, launch.clone());
        launch::preview((&launch, known), &state.agent_folder(&launch.agent), own)
    };
    launches.iter().map(one).collect()
}

/// The folder of a kind of document.
pub fn folder(state: &StateDir, document: Document) -> PathBuf {
    match document {
        Document::Plan => state.folder().join("plans"),
        Document::Report => state.reports(),
    }
}

/// The launch in the workspace it would get.
fn placed(state: &StateDir, launch: Launch) -> Launch {
    match launch.target.workspaces.isolation {
        Isolation::Shared => launch,
        Isolation::Worktree => {
            let workspace = Workspace::Worktree(branch::planned(state, &launch.phase.id));
            let target = launch.target.seen_from(&workspace);
            Launch { workspace, target, ..launch }
        }
    }
}

/// Keeps a document under a name and reports where.
pub fn save(world: &SharedWorld, document: Document, (name, text): (String, String)) {
    let world = world.clone();
    tokio::task::spawn_blocking(move || {
        let folder = folder(&world.state, document);
        let kept = keep(&folder, &name, &text);
        let report = match kept {
            Ok(path) => Ok(Printable::new(&path.display().to_string())),
            Err(error) => {
                let why = format!(
                    "the {} can't be kept in {}: {error}; check the disk",
                    document.word(),
                    folder.display()
                );
                Err(Printable::new(&why))
            }
        };
        let _ = world.reports.blocking_send(Report::Kept(document, report));
    });
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
}
