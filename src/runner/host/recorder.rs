//! The recording of an agent's terminal (asciicast v2) and the log of its events.
//!
//! Both end with a remark at their size limit: an agent cannot fill the disk.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use serde_json::json;

use crate::domain::frame::Size;

use super::event::AgentEvent;
use super::spec::{append_private, now};
use super::utf8;

/// Most bytes of a recording.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes collected before they are written.
const BATCH: usize = 64 * 1024;

/// Writes both files. Trouble with the disk ends the files, never the agent.
pub(super) struct Recorder {
    cast: Bounded,
    events: Bounded,
    started: Instant,
    rest: Vec<u8>,
    /// The line being made.
    line: Vec<u8>,
}

/// A file that stops growing at its limit or at its first error.
struct Bounded {
    file: BufWriter<File>,
    room: Option<u64>,
}

impl Recorder {
    /// Starts both files in a life's folder.
    pub(super) fn new(folder: &Path, size: Size) -> io::Result<Self> {
        let header = json!({
            "version": 2,
            "width": size.cols,
            "height": size.rows,
            "timestamp": now().0 / 1000,
            "env": { "TERM": "xterm-256color" },
        });
        let mut cast = Bounded::open(&folder.join("recording.cast"))?;
        cast.line(header.to_string().as_bytes(), String::new);
        let events = Bounded::open(&folder.join("events.jsonl"))?;
        Ok(Self { cast, events, started: Instant::now(), rest: Vec::new(), line: Vec::new() })
    }

    /// Records output. A character cut in two by the end of a piece waits for its other half.
    pub(super) fn output(&mut self, bytes: &[u8]) {
        if self.cast.room.is_none() {
            return;
        }
        let mut rest = std::mem::take(&mut self.rest);
        let joined = if rest.is_empty() {
            bytes
        } else {
            rest.extend_from_slice(bytes);
            rest.as_slice()
        };
        let (whole, unfinished) = joined.split_at(joined.len() - utf8::unfinished(joined));
        self.rest = unfinished.to_vec();
        self.mark("o", &String::from_utf8_lossy(whole));
    }

    /// Records a new size.
    pub(super) fn resized(&mut self, size: Size) {
        self.mark("r", &format!("{}x{}", size.cols, size.rows));
    }

    fn mark(&mut self, code: &str, data: &str) {
        let at = self.started.elapsed().as_secs_f64();
        self.line.clear();
        // Text into memory: nothing that could fail.
        let _ = serde_json::to_writer(&mut self.line, &(at, code, data));
        let stop = || json!([at, "m", "recording stopped at its size limit"]).to_string();
        self.cast.line(&self.line, stop);
    }

    /// Logs an event. Pieces of text are left out: the whole text is in the recording.
    pub(super) fn event(&mut self, event: &AgentEvent) {
        if let AgentEvent::TextDelta { .. } = event {
            return;
        }
        let Ok(mut entry) = serde_json::to_value(event) else { return };
        entry["at"] = now().0.into();
        let stop = || r#"{"event":"log_stopped_at_its_size_limit"}"#.to_owned();
        self.events.line(entry.to_string().as_bytes(), stop);
    }

    /// Hands everything to the system.
    pub(super) fn flush(&mut self) {
        self.cast.flush();
        self.events.flush();
    }
}

impl Bounded {
    fn open(path: &Path) -> io::Result<Self> {
        let file = BufWriter::with_capacity(BATCH, append_private(path)?);
        Ok(Self { file, room: Some(MOST_BYTES) })
    }

    /// Writes a line, or the last one where the limit is reached.
    fn line(&mut self, line: &[u8], last: impl FnOnce() -> String) {
        let Some(room) = self.room else { return };
        let length = line.len() as u64 + 1;
        self.room = room.checked_sub(length);
        let written = match self.room {
            Some(_) => self.file.write_all(line),
            None => self.file.write_all(last().as_bytes()),
        };
        if written.and_then(|()| self.file.write_all(b"\n")).is_err() {
            self.room = None;
        }
    }

    fn flush(&mut self) {
        if self.file.flush().is_err() {
            self.room = None;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_the_same_text_in_any_pieces() {
        let text = "plain ä 完 👩 \u{1b}[31m\u{7f}";
        for piece in 1..9 {
            let folder = tempfile::tempdir().unwrap();
            let mut recorder = Recorder::new(folder.path(), Size { cols: 80, rows: 24 }).unwrap();
            for chunk in text.as_bytes().chunks(piece) {
                recorder.output(chunk);
            }
            recorder.flush();
            let cast = std::fs::read_to_string(folder.path().join("recording.cast")).unwrap();
            let read: String = cast
                .lines()
                .skip(1)
                .map(|line| serde_json::from_str::<(f64, String, String)>(line).unwrap().2)
                .collect();
            assert_eq!(read, text, "pieces of {piece}");
        }
    }

    #[test]
    fn a_recording_ends_at_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let mut recorder = Recorder::new(folder.path(), Size { cols: 80, rows: 24 }).unwrap();
        recorder.cast.room = Some(100);
        for _ in 0..10 {
            recorder.output(b"0123456789012345678901234567890123456789");
        }
        recorder.flush();
        let cast = std::fs::read_to_string(folder.path().join("recording.cast")).unwrap();
        assert!(cast.trim_end().ends_with(r#""recording stopped at its size limit"]"#), "{cast}");
        assert!(cast.lines().count() <= 4);
    }
}
