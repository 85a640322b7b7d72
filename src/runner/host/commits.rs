//! Commits made where an agent works, as git's own log of the checkout tells them.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// Most bytes of the log read at once.
const MOST: u64 = 64 * 1024;

/// Reads what is new in the log. Looking costs one question to the file system.
#[derive(Debug)]
pub(super) struct Commits {
    log: Option<PathBuf>,
    read: u64,
}

impl Commits {
    /// Tells commits made from now on in the checkout that holds `folder`.
    pub(super) fn new(folder: &Path) -> Self {
        let log = folder.ancestors().find_map(git_folder).map(|git| git.join("logs/HEAD"));
        let read = log.as_ref().and_then(|log| fs::metadata(log).ok()).map_or(0, |data| data.len());
        Self { log, read }
    }

    /// The commits since the last call: `1a2b3c4 What it does`.
    pub(super) fn news(&mut self) -> Vec<String> {
        let Some(log) = &self.log else { return Vec::new() };
        let length = fs::metadata(log).map_or(0, |data| data.len());
        if length < self.read {
            // Shortened by git's own tidying.
            self.read = length;
        }
        if length == self.read {
            return Vec::new();
        }
        let mut text = Vec::new();
        let read = File::open(log).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.read))?;
            file.take(MOST).read_to_end(&mut text)
        });
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if read.is_err() || whole == 0 {
            return Vec::new();
        }
        self.read += whole as u64;
        String::from_utf8_lossy(&text[..whole]).lines().filter_map(commit).collect()
    }
}

/// The folder git keeps for a checkout: `.git`, or where a file of that name leads.
fn git_folder(folder: &Path) -> Option<PathBuf> {
    let git = folder.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let mut text = String::new();
    File::open(git).ok()?.take(4096).read_to_string(&mut text).ok()?;
    Some(folder.join(text.strip_prefix("gitdir:")?.trim()))
}

/// `OLD NEW Name <mail> TIME ZONE\tcommit: Subject`
fn commit(line: &str) -> Option<String> {
    let (about, what) = line.split_once('\t')?;
    let id = about.split(' ').nth(1)?.get(..7)?;
    let (kind, subject) = what.split_once(": ")?;
    let made =
        ["commit", "merge", "cherry-pick", "revert"].iter().any(|made| kind.starts_with(made));
    made.then(|| format!("{id} {subject}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn commits_made_later_are_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let logs = folder.path().join("real/logs");
        fs::create_dir_all(&logs).unwrap();
        fs::create_dir(folder.path().join("deep")).unwrap();
        fs::write(folder.path().join(".git"), "gitdir: real\n").unwrap();
        let zero = "0".repeat(40);
        let line =
            |id: &str, what: &str| format!("{zero} {} A B <a@b> 1 +0000\t{what}\n", id.repeat(40));
        let old = line("a", "commit (initial): First");
        fs::write(logs.join("HEAD"), &old).unwrap();
        let mut commits = Commits::new(&folder.path().join("deep"));
        assert_eq!(commits.news(), Vec::<String>::new());
        let new = line("b", "commit: Add: a thing") + &line("c", "checkout: moving") + "torn";
        fs::write(logs.join("HEAD"), old.clone() + &new).unwrap();
        assert_eq!(commits.news(), ["bbbbbbb Add: a thing"]);
        assert_eq!(commits.news(), Vec::<String>::new());
        assert_eq!(Commits::new(Path::new("/")).news(), Vec::<String>::new());
    }
}
