//! What a process that died while it wrote the roadmap left beside it.
//!
//! Between the exchange and its undoing, a temporary file may hold the only copy of somebody's edit. Its name says who
//! wrote it, and which text was to replace which: so the next start knows what it is.

use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use sha2::{Digest, Sha256};

use crate::runner::atomic_write::exchange;
use crate::runner::journal_file::sync_folder;
use crate::runner::process::ProcessIdentity;
use crate::runner::state_dir::hex;

/// No roadmap is larger.
const LARGEST: u64 = 100 * 1024 * 1024;

/// How the name of every temporary file ends.
const ENDING: &str = ".orch-tui";
/// Instead of hashes, as long as not everything is written.
const UNFINISHED: &str = "new";

/// The name of a temporary file: `.NAME.RANDOM.PID-START.BASE.OURS.orch-tui`.
#[derive(Debug)]
pub struct TempName {
    name: String,
    process: String,
}

/// What was found and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovered {
    /// An edit that our own had displaced stands in the roadmap again.
    Restored,
    /// A version of somebody's that could not be put back lies in this file.
    Kept(PathBuf),
}

impl fmt::Display for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Restored => {
                f.write_str("an edit of the roadmap that a crash had displaced was put back")
            }
            Self::Kept(path) => write!(
                f,
                "a crash displaced a version of the roadmap; it lies in {}: compare it with the roadmap, then remove it",
                path.display()
            ),
        }
    }
}

impl TempName {
    /// For a temporary file of this process beside `path`.
    pub fn of_this_process(path: &Path) -> Self {
        let pid = std::process::id();
        let start = ProcessIdentity::of(pid).map_or(0, |own| own.start_time);
        Self { name: file_name(path), process: format!("{pid}-{start}") }
    }

    /// How its name begins.
    pub fn prefix(&self) -> String {
        format!(".{}.", self.name)
    }

    /// How its name ends until it is whole.
    pub fn unfinished(&self) -> String {
        format!(".{}.{UNFINISHED}{ENDING}", self.process)
    }

    /// The path of the whole one, for the step from `base` to `ours`.
    pub fn finished(&self, unfinished: &Path, base: &[u8], ours: &[u8]) -> PathBuf {
        let name = file_name(unfinished);
        let stem = name.strip_suffix(&format!("{UNFINISHED}{ENDING}")).unwrap_or(&name);
        unfinished.with_file_name(format!("{stem}{}.{}{ENDING}", hash(base), hash(ours)))
    }
}

/// Removes what dead processes left beside the roadmap at `path`, and puts back what they had displaced.
///
/// # Errors
/// What the system said.
pub fn recover(path: &Path) -> io::Result<Vec<Recovered>> {
    // Without a roadmap there is no folder to speak of; should it come back, so will the next start.
    let Ok(path) = path.canonicalize() else { return Ok(Vec::new()) };
    let prefix = format!(".{}.", file_name(&path));
    let mut found = Vec::new();
    for entry in fs::read_dir(path.parent().unwrap_or(Path::new("/")))? {
        let temp = entry?.path();
        let name = file_name(&temp);
        let middle = name.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(ENDING));
        if let Some(middle) = middle.filter(|_| is_ours(&temp)) {
            found.extend(recover_one(&path, &temp, middle)?);
        }
    }
    Ok(found)
}

/// A plain file of our own and of sane size. A repository may hold anything under such a name, links among it.
fn is_ours(temp: &Path) -> bool {
    let own = rustix::process::geteuid().as_raw();
    fs::symlink_metadata(temp)
        .is_ok_and(|seen| seen.is_file() && seen.uid() == own && seen.len() <= LARGEST)
}

/// One file that was left; `middle` is what stands between name and ending.
fn recover_one(path: &Path, temp: &Path, middle: &str) -> io::Result<Option<Recovered>> {
    let parts: Vec<&str> = middle.split('.').collect();
    match parts.as_slice() {
        [_, process, ..] if is_alive(process) => Ok(None),
        // Nobody's text was touched yet.
        [_, _, unfinished] if *unfinished == UNFINISHED => fs::remove_file(temp).map(|()| None),
        [_, _, base, ours] => {
            let content = hash(&fs::read(temp)?);
            if content == *base || content == *ours {
                return fs::remove_file(temp).map(|()| None);
            }
            if hash(&fs::read(path)?) == *ours {
                return put_back(path, temp, ours).map(Some);
            }
            Ok(Some(Recovered::Kept(temp.to_owned())))
        }
        // Not one of ours.
        _ => Ok(None),
    }
}

/// Does what the process did not come to: the edit goes back in, ours is decided anew.
fn put_back(path: &Path, temp: &Path, ours: &str) -> io::Result<Recovered> {
    if exchange(temp, path).is_err() {
        return Ok(Recovered::Kept(temp.to_owned()));
    }
    if hash(&fs::read(temp)?) == ours {
        fs::remove_file(temp)?;
        sync_folder(path)?;
        return Ok(Recovered::Restored);
    }
    // Somebody saved in this very moment: theirs is newer.
    if exchange(temp, path).is_err() {
        renameat_with(CWD, temp, CWD, path, RenameFlags::NOREPLACE)?;
    }
    Ok(Recovered::Kept(temp.to_owned()))
}

/// Whether the process a name speaks of, `PID-START`, still runs.
fn is_alive(process: &str) -> bool {
    let Some((pid, start)) = process.split_once('-') else { return false };
    let (Ok(pid), Ok(start)) = (pid.parse(), start.parse::<u64>()) else { return false };
    ProcessIdentity::of(pid).is_some_and(|found| found.start_time == start)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Enough of a text's hash to tell it from any other that may stand in the same file.
fn hash(text: &[u8]) -> String {
    hex(&Sha256::digest(text)[..8])
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Stdio};

    use super::*;
    use crate::runner::atomic_write::replace;

    const CHILD: &str = "runner::roadmap_recovery::tests::writes_and_may_be_killed";

    /// Does something only in a process of its own, started by [`killed`].
    #[test]
    fn writes_and_may_be_killed() {
        let Some(path) = std::env::var_os("ORCH_TUI_TEST_ROADMAP") else { return };
        let _ = replace(Path::new(&path), b"old\n", b"new\n");
    }

    /// A roadmap after a writer, of "new" over "old", was killed at `kill`; somebody else added a line at `edit`.
    fn killed(kill: &str, edit: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap().join("roadmap.md");
        fs::write(&path, "old\n").unwrap();
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", CHILD])
            .env("ORCH_TUI_TEST_ROADMAP", &path)
            .env("ORCH_TUI_TEST_KILL", kill)
            .env("ORCH_TUI_TEST_EDIT", edit)
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert_eq!(status.signal(), Some(9), "killed {kill}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "something is left {kill}");
        (folder, path)
    }

    /// The text after recovery, what was found, and how many files there are then.
    fn recovered(path: &Path) -> (String, Vec<Recovered>, usize) {
        let found = recover(path).unwrap();
        let files = fs::read_dir(path.parent().unwrap()).unwrap().count();
        (fs::read_to_string(path).unwrap(), found, files)
    }

    #[test]
    fn what_displaced_nothing_is_swept() {
        let points = [
            ("before the name", "old\n"),
            ("before the exchange", "old\n"),
            ("after the exchange", "new\n"),
        ];
        for (point, text) in points {
            let (_folder, path) = killed(point, "never");
            assert_eq!(recovered(&path), (text.into(), vec![], 1), "{point}");
        }
        let (_folder, path) = killed("after the exchange back", "before the exchange");
        assert_eq!(recovered(&path), ("old\n- theirs\n".into(), vec![], 1));
    }

    #[test]
    fn an_edit_that_was_displaced_is_put_back() {
        let (_folder, path) = killed("after the exchange", "before the exchange");
        assert_eq!(fs::read(&path).unwrap(), b"new\n", "the edit is not in the file");
        let put_back = ("old\n- theirs\n".into(), vec![Recovered::Restored], 1);
        assert_eq!(recovered(&path), put_back);
        assert_eq!(recover(&path).unwrap(), []);
    }

    #[test]
    fn where_the_file_went_on_the_displaced_edit_is_kept_and_told() {
        let (_folder, path) = killed("after the exchange", "before the exchange");
        fs::write(&path, "new\nand more\n").unwrap();
        for _start in 0..2 {
            let (text, found, files) = recovered(&path);
            assert_eq!((text.as_str(), files), ("new\nand more\n", 2));
            let [Recovered::Kept(kept)] = found.as_slice() else { panic!("{found:?}") };
            assert_eq!(fs::read(kept).unwrap(), b"old\n- theirs\n");
        }
    }

    #[test]
    fn files_of_living_writers_and_of_others_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roadmap.md");
        fs::write(&path, "text\n").unwrap();
        let name = TempName::of_this_process(&path);
        let living = folder.path().join(format!("{}abc{}", name.prefix(), name.unfinished()));
        fs::write(&living, "half").unwrap();
        fs::write(folder.path().join(".roadmap.md.mine.orch-tui"), "a person's").unwrap();
        fs::write(name.finished(&living, b"text\n", b"other\n"), "theirs").unwrap();
        assert_eq!(recovered(&path), ("text\n".into(), vec![], 4));
    }
}
