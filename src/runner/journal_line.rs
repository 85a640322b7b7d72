//! Lines of the journal: one JSON object each, with the format's version and a checksum in front.

use std::path::PathBuf;

use serde::Deserialize;

use crate::domain::journal::Entry;

/// Version of the format this program writes.
pub const VERSION: u32 = 1;

/// Why a journal can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system refused.
    #[error("cannot {doing} the journal {}: {source}; nothing more is started until it can be written", path.display())]
    Io {
        /// What was tried: `open`, `read`, `write`.
        doing: &'static str,
        /// Which journal.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line that is not the last one can't be trusted.
    #[error("line {line} of the journal {} is damaged ({what}); restore the file from a backup, or move it away to start without history", path.display())]
    Damaged {
        /// Which journal.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// A newer program wrote it.
    #[error("line {line} of the journal {} has format {version} and this program reads up to {VERSION}; update orch-tui", path.display())]
    Newer {
        /// Which journal.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The version found.
        version: u32,
    },
    /// The file is not the one that was read before.
    #[error("the journal {} was replaced; read it again from the start", path.display())]
    Replaced {
        /// Which journal.
        path: PathBuf,
    },
    /// An earlier write failed half way and could not be taken back.
    #[error("the journal {} has half a line from a failed write; start again to mend it", path.display())]
    Broken {
        /// Which journal.
        path: PathBuf,
    },
}

/// What is wrong with one line.
#[derive(Debug, PartialEq, Eq)]
pub enum LineFault {
    /// It can't be trusted.
    Damaged(String),
    /// A newer program wrote it.
    Newer(u32),
}

#[derive(Deserialize)]
struct Versioned {
    v: u32,
}

/// `entry` as a line with its line ending.
///
/// # Errors
/// When the entry can't be expressed as a JSON object.
pub fn write_line(entry: &Entry) -> Result<String, serde_json::Error> {
    let body = serde_json::to_string(entry)?;
    // The checksum is over the entry alone; its fields follow the two of the envelope in one object.
    let rest = body.strip_prefix('{').unwrap_or(&body);
    Ok(format!("{}{rest}\n", head(crc32(body.as_bytes()))))
}

/// Reads a line without its line ending.
///
/// # Errors
/// What is wrong with it.
pub fn read_line(line: &[u8]) -> Result<Entry, LineFault> {
    let damaged = |what: &str| LineFault::Damaged(what.to_owned());
    let text = std::str::from_utf8(line).map_err(|_| damaged("not UTF-8"))?;
    let head_len = head(0).len();
    let rest = text.get(head_len..).unwrap_or_default();
    let body = format!("{{{rest}");
    if text.get(..head_len) == Some(head(crc32(body.as_bytes())).as_str()) {
        let read = serde_json::from_str(&body);
        return read.map_err(|error| LineFault::Damaged(format!("unknown content: {error}")));
    }
    match serde_json::from_str::<Versioned>(text) {
        Ok(Versioned { v }) if v > VERSION => Err(LineFault::Newer(v)),
        Ok(Versioned { .. }) => Err(damaged("wrong checksum")),
        Err(_) => Err(damaged("not a journal line")),
    }
}

/// What stands before the entry's own fields.
fn head(crc: u32) -> String {
    format!("{{\"v\":{VERSION},\"crc\":\"{crc:08x}\",")
}

/// CRC-32 as in zip and PNG.
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let mask = (crc & 1).wrapping_neg();
            crc = (crc >> 1) ^ (0xedb8_8320 & mask);
        }
    }
    !crc
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::domain::journal::{Fact, QueueFact};
    use crate::domain::time::Timestamp;

    #[test]
    fn the_checksum_is_the_common_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_line_is_one_json_object_and_reads_back() {
        let entry = Entry { at: Timestamp(5), fact: Fact::Queue(QueueFact::Held) };
        let line = write_line(&entry).unwrap();
        assert!(
            line.starts_with("{\"v\":1,\"crc\":\"")
                && line.ends_with("\"at\":5,\"event\":\"held\"}\n")
        );
        serde_json::from_str::<serde_json::Value>(&line).unwrap();
        assert_eq!(read_line(line.trim_end().as_bytes()).unwrap(), entry);
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let line =
            write_line(&Entry { at: Timestamp(5), fact: Fact::Queue(QueueFact::Resumed) }).unwrap();
        let line = line.trim_end().as_bytes();
        for at in 0..line.len() {
            let mut bad = line.to_vec();
            bad[at] ^= 1;
            assert!(read_line(&bad).is_err(), "byte {at}");
        }
        assert_eq!(read_line(br#"{"v":7,"what":1}"#), Err(LineFault::Newer(7)));
    }
}
