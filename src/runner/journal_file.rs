//! The journal on disk: append-only, on disk before anything depends on it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::domain::journal::Entry;
use crate::runner::journal_line::{JournalError, LineFault, read_line, write_line};
use crate::runner::state_dir::open_private;

/// The journal, open for appending. Only the driver may have it.
#[derive(Debug)]
pub struct JournalFile {
    path: PathBuf,
    file: File,
    /// Bytes known to be whole lines.
    len: u64,
    broken: bool,
}

impl JournalFile {
    /// Opens the journal at `path`, made if it is missing, and reads it. A torn last line, left by a crash, is cut off.
    ///
    /// # Errors
    /// One sentence when it can't be opened, a line before the last is damaged, or a newer program wrote it.
    pub fn open(path: &Path) -> Result<(Self, Vec<Entry>), JournalError> {
        let failed =
            |doing| move |source| JournalError::Io { doing, path: path.to_owned(), source };
        let mut file = open_private(path).map_err(failed("open"))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed("read"))?;
        let (entries, whole) = read_lines(&bytes, 1).map_err(|fault| fault.named(path))?;
        if whole < bytes.len() {
            file.set_len(whole as u64).map_err(failed("mend"))?;
        }
        file.sync_all().map_err(failed("write"))?;
        sync_folder(path).map_err(failed("write"))?;
        let journal = Self { path: path.to_owned(), file, len: whole as u64, broken: false };
        Ok((journal, entries))
    }

    /// Appends entries; when this returns `Ok` they are on disk.
    ///
    /// # Errors
    /// One sentence; none of the entries counts then.
    pub fn append(&mut self, entries: &[Entry]) -> Result<(), JournalError> {
        if self.broken {
            return Err(JournalError::Broken { path: self.path.clone() });
        }
        if entries.is_empty() {
            return Ok(());
        }
        let mut text = String::new();
        for entry in entries {
            text.push_str(&write_line(entry).map_err(|error| self.failed(error.into()))?);
        }
        if let Err(source) = self.write(text.as_bytes()) {
            // Half a batch must not stay: a later line behind it would make it a damaged one.
            self.broken = self.file.set_len(self.len).is_err();
            return Err(self.failed(source));
        }
        self.len += text.len() as u64;
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.file.seek(SeekFrom::Start(self.len))?;
        self.file.write_all(bytes)?;
        self.file.sync_data()
    }

    fn failed(&self, source: std::io::Error) -> JournalError {
        JournalError::Io { doing: "write", path: self.path.clone(), source }
    }
}

/// A bad line and its number.
#[derive(Debug)]
pub struct BadLine {
    line: usize,
    fault: LineFault,
}

impl BadLine {
    /// The error for the journal at `path`.
    pub fn named(self, path: &Path) -> JournalError {
        let (path, line) = (path.to_owned(), self.line);
        match self.fault {
            LineFault::Damaged(what) => JournalError::Damaged { path, line, what },
            LineFault::Newer(version) => JournalError::Newer { path, line, version },
        }
    }
}

/// The entries in `bytes`, the first of which is line `first`, and how many bytes they take. A damaged last line is left out.
///
/// # Errors
/// The first bad line that can't be what a crash left behind.
pub fn read_lines(bytes: &[u8], first: usize) -> Result<(Vec<Entry>, usize), BadLine> {
    let (mut entries, mut whole) = (Vec::new(), 0);
    for (at, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let Some(text) = line.strip_suffix(b"\n") else { break };
        match read_line(text) {
            Ok(entry) => entries.push(entry),
            Err(LineFault::Damaged(_)) if whole + line.len() == bytes.len() => break,
            Err(fault) => return Err(BadLine { line: first + at, fault }),
        }
        whole += line.len();
    }
    Ok((entries, whole))
}

/// Makes the entry of `path` in its folder durable.
pub fn sync_folder(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _here => File::open(".")?.sync_all(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::claim::{Fence, Owner};
    use crate::domain::gate::{GateResult, Receipt};
    use crate::domain::id::{AgentId, AgentRef, Life, PhaseId, TargetId};
    use crate::domain::journal::{Birth, Fact, QueueFact, RoadmapRecord};
    use crate::domain::time::Timestamp;

    fn agent() -> AgentRef {
        AgentRef { id: AgentId::new("a-2.1"), life: Life(3) }
    }

    fn facts() -> Vec<Fact> {
        let owner = Owner { agent: agent(), pid: 7, machine: "m".into() };
        let receipt = Receipt {
            gate: "tests".into(),
            required: true,
            result: GateResult::Failed(Some(2)),
            took: std::time::Duration::from_millis(1500),
            commit: Some("abc".into()),
            tree: crate::domain::gate::Tree::Work,
            tail: vec!["line".into()],
        };
        let birth = Birth::first(agent(), PhaseId::new("2.1"), TargetId::new("t"), "demo");
        vec![
            Fact::Queue(QueueFact::Held),
            Fact::AgentSpawned(birth),
            Fact::ClaimWon { agent: agent(), fence: Fence(u64::MAX) },
            Fact::ClaimLost { agent: agent(), owner },
            Fact::GateJudged { agent: agent(), receipt },
            Fact::RoadmapEdited(RoadmapRecord {
                target: TargetId::new("t"),
                why: "garden".into(),
                phases: vec![PhaseId::new("2.1")],
                edits: vec![(4, "old\n".into(), "neu ✅".into())],
                proposal: None,
                undo: None,
            }),
        ]
    }

    fn entries() -> Vec<Entry> {
        let numbered = facts().into_iter().zip(1..);
        numbered.map(|(fact, at)| Entry { at: Timestamp(at), fact }).collect()
    }

    fn written(path: &Path) -> Vec<u8> {
        let (mut journal, old) = JournalFile::open(path).unwrap();
        assert_eq!(old, []);
        for entry in entries() {
            journal.append(&[entry]).unwrap();
        }
        fs::read(path).unwrap()
    }

    #[test]
    fn what_is_appended_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        written(&path);
        let (mut journal, read) = JournalFile::open(&path).unwrap();
        assert_eq!(read, entries());
        journal.append(&entries()).unwrap();
        assert_eq!(JournalFile::open(&path).unwrap().1.len(), 12);
    }

    #[test]
    fn a_journal_cut_anywhere_keeps_its_whole_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let bytes = written(&path);
        for cut in 0..bytes.len() {
            fs::write(&path, &bytes[..cut]).unwrap();
            let whole = bytes[..cut].iter().filter(|byte| **byte == b'\n').count();
            let (mut journal, read) = JournalFile::open(&path).unwrap();
            assert_eq!(read, entries()[..whole]);
            journal.append(&entries()[..1]).unwrap();
            assert_eq!(JournalFile::open(&path).unwrap().1.len(), whole + 1);
        }
    }

    #[test]
    fn a_damaged_middle_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let bytes = written(&path);
        let text = String::from_utf8(bytes.clone()).unwrap().replacen("demo", "demi", 1);
        fs::write(&path, text).unwrap();
        let error = JournalFile::open(&path).unwrap_err().to_string();
        assert!(
            error.starts_with("line 2 of the journal") && error.contains("checksum"),
            "{error}"
        );
        let newer = [b"{\"v\":2,\"crc\":\"00000000\"}\n".as_slice(), &bytes].concat();
        fs::write(&path, &newer).unwrap();
        let error = JournalFile::open(&path).unwrap_err().to_string();
        assert!(error.contains("has format 2") && error.contains("update orch-tui"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), newer, "an unreadable journal is left as it is");
    }

    #[test]
    fn a_newer_last_line_is_not_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        fs::write(&path, "{\"v\":2,\"x\":1}\n").unwrap();
        assert!(JournalFile::open(&path).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"{\"v\":2,\"x\":1}\n");
    }

    #[test]
    fn a_folder_in_its_place_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let error = JournalFile::open(folder.path()).unwrap_err().to_string();
        assert!(error.starts_with("cannot open the journal "), "{error}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok((entries, whole)) = read_lines(&bytes, 1) {
                prop_assert!(entries.is_empty() && whole == 0);
            }
        }
    }
}
