//! Reading a journal somebody else writes.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::domain::journal::Entry;
use crate::runner::journal_file::read_lines;
use crate::runner::journal_line::JournalError;

/// A viewer's place in the driver's journal. Never writes, never cuts.
#[derive(Debug)]
pub struct JournalTail {
    path: PathBuf,
    place: Place,
}

#[derive(Debug, Default)]
struct Place {
    inode: Option<u64>,
    offset: u64,
    lines: usize,
}

impl JournalTail {
    /// Starts before the first line of the journal at `path`, which need not exist yet.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), place: Place::default() }
    }

    /// Whole entries written since the last call; a line still being written comes next time.
    ///
    /// # Errors
    /// One sentence. After [`JournalError::Replaced`] the next call begins at the start of the new file.
    pub fn read_new(&mut self) -> Result<Vec<Entry>, JournalError> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(self.failed(source)),
        };
        let about = file.metadata().map_err(|source| self.failed(source))?;
        let same = self.place.inode.is_none_or(|inode| inode == about.ino());
        if !same || about.len() < self.place.offset {
            self.place = Place::default();
            return Err(JournalError::Replaced { path: self.path.clone() });
        }
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(self.place.offset)).map_err(|source| self.failed(source))?;
        file.read_to_end(&mut bytes).map_err(|source| self.failed(source))?;
        let read = read_lines(&bytes, self.place.lines + 1);
        let (entries, whole) = read.map_err(|fault| fault.named(&self.path))?;
        self.place.inode = Some(about.ino());
        self.place.offset += whole as u64;
        self.place.lines += entries.len();
        Ok(entries)
    }

    fn failed(&self, source: std::io::Error) -> JournalError {
        JournalError::Io { doing: "read", path: self.path.clone(), source }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;
    use crate::domain::journal::{Fact, QueueFact};
    use crate::domain::time::Timestamp;
    use crate::runner::journal_file::JournalFile;
    use crate::runner::journal_line::write_line;

    fn entry(at: u64) -> Entry {
        Entry { at: Timestamp(at), fact: Fact::Queue(QueueFact::Held) }
    }

    #[test]
    fn only_new_whole_lines_come() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let mut tail = JournalTail::new(&path);
        assert_eq!(tail.read_new().unwrap(), []);
        let (mut journal, _) = JournalFile::open(&path).unwrap();
        journal.append(&[entry(1), entry(2)]).unwrap();
        assert_eq!(tail.read_new().unwrap(), [entry(1), entry(2)]);
        assert_eq!(tail.read_new().unwrap(), []);
        let line = write_line(&entry(3)).unwrap();
        let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(&line.as_bytes()[..20]).unwrap();
        assert_eq!(tail.read_new().unwrap(), []);
        file.write_all(&line.as_bytes()[20..]).unwrap();
        assert_eq!(tail.read_new().unwrap(), [entry(3)]);
    }

    #[test]
    fn a_replaced_journal_is_read_from_its_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let (mut journal, _) = JournalFile::open(&path).unwrap();
        journal.append(&[entry(1)]).unwrap();
        let mut tail = JournalTail::new(&path);
        assert_eq!(tail.read_new().unwrap().len(), 1);
        fs::write(&path, "").unwrap();
        assert!(tail.read_new().is_err());
        fs::write(&path, write_line(&entry(9)).unwrap()).unwrap();
        assert_eq!(tail.read_new().unwrap(), [entry(9)]);
    }
}
