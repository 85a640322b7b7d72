//! The recording of an agent's terminal and the log of its events: neither can fill the disk.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::domain::frame::Size;
use crate::domain::printable::Printable;

use super::cast::Cast;
use super::commits::Commits;
use super::event::AgentEvent;
use super::spec::{HostSpec, append_private, now};
use super::utf8;

/// Most bytes of the log of events.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes collected before they are written.
const BATCH: usize = 64 * 1024;
/// Characters of a marker.
const MARKER_WIDTH: usize = 200;

/// Writes both files. Trouble with the disk ends the files, never the agent.
pub(super) struct Recorder {
    cast: Option<Cast>,
    events: Bounded,
    commits: Commits,
    rest: Vec<u8>,
}

/// A file that stops growing at its limit or at its first error.
struct Bounded {
    file: BufWriter<File>,
    room: Option<u64>,
}

impl Recorder {
    /// Starts both files in the life's folder.
    pub(super) fn new(spec: &HostSpec) -> io::Result<Self> {
        let cast = Some(Cast::new(&spec.folder, spec.size, spec.limits.recording)?);
        let events = Bounded::open(&spec.folder.join("events.jsonl"))?;
        Ok(Self { cast, events, commits: Commits::new(&spec.cwd), rest: Vec::new() })
    }

    /// Records output. A character cut in two by the end of a piece waits for its other half.
    pub(super) fn output(&mut self, bytes: &[u8]) {
        if self.cast.is_none() {
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
        // Looking for what is no text is several times slower than finding that there is none.
        let text = str::from_utf8(whole).map_or_else(|_| String::from_utf8_lossy(whole), Cow::from);
        self.write(|cast| cast.event("o", &text));
    }

    /// Records a new size.
    pub(super) fn resized(&mut self, size: Size) {
        self.write(|cast| cast.resized(size));
    }

    /// Records a marker: something a person may want to jump to.
    pub(super) fn mark(&mut self, text: &str) {
        let text: String = text.chars().take(MARKER_WIDTH).collect();
        let text = Printable::new(&text);
        self.write(|cast| cast.event("m", text.as_str()));
    }

    /// Whether the next part of the recording is due.
    pub(super) fn is_full(&self) -> bool {
        self.cast.as_ref().is_some_and(Cast::is_full)
    }

    /// Begins the next part, which may begin with the present screen.
    pub(super) fn next_part(&mut self, redraw: Option<&str>) {
        self.write(|cast| cast.next_part(redraw));
    }

    fn write(&mut self, write: impl FnOnce(&mut Cast) -> io::Result<()>) {
        if self.cast.as_mut().is_some_and(|cast| write(cast).is_err()) {
            self.cast = None;
        }
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
        for commit in self.commits.news() {
            self.mark(&format!("commit {commit}"));
        }
        self.write(Cast::flush);
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
#[path = "recorder_tests.rs"]
mod tests;
