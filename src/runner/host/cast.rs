//! The recording of an agent's terminal: asciicast v2, in parts, each of which can be played alone.
//!
//! The newest part is `recording.cast`, older ones are `recording.N.cast`. When all parts together would be larger than
//! the limit, the oldest goes: the newest output is never lost.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::json;

use crate::domain::frame::Size;

use super::json_text;
use super::spec::{append_private, now};

/// Name of the newest part in a life's folder.
pub const RECORDING_FILE: &str = "recording.cast";
/// Parts kept at once.
const PARTS: u32 = 4;
/// Bytes collected before they are written.
const BATCH: usize = 64 * 1024;

/// Name of a part that is no longer written.
pub fn part_file(number: u32) -> String {
    format!("recording.{number}.cast")
}

/// Writes the parts, one after another.
pub(super) struct Cast {
    folder: PathBuf,
    file: BufWriter<File>,
    part: u32,
    written: u64,
    most: u64,
    started: Instant,
    began: Instant,
    size: Size,
    /// The line being made.
    line: Vec<u8>,
}

impl Cast {
    /// Begins the first part. `most` is what all parts together may hold in bytes.
    pub(super) fn new(folder: &Path, size: Size, most: u64) -> io::Result<Self> {
        let file = BufWriter::with_capacity(BATCH, append_private(&folder.join(RECORDING_FILE))?);
        let (folder, started) = (folder.to_owned(), Instant::now());
        let most = most / u64::from(PARTS);
        let (began, line) = (started, Vec::new());
        let mut cast = Self { folder, file, part: 1, written: 0, most, started, began, size, line };
        cast.header(None)?;
        Ok(cast)
    }

    /// Whether the next part is due.
    pub(super) fn is_full(&self) -> bool {
        self.written >= self.most
    }

    /// Begins the next part with what draws the present screen, where output can draw it.
    pub(super) fn next_part(&mut self, redraw: Option<&str>) -> io::Result<()> {
        self.file.flush()?;
        let newest = self.folder.join(RECORDING_FILE);
        fs::rename(&newest, self.folder.join(part_file(self.part)))?;
        self.part += 1;
        if let Some(oldest) = self.part.checked_sub(PARTS).filter(|part| *part > 0) {
            match fs::remove_file(self.folder.join(part_file(oldest))) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        self.file = BufWriter::with_capacity(BATCH, append_private(&newest)?);
        (self.written, self.began) = (0, Instant::now());
        self.header(redraw)
    }

    fn header(&mut self, redraw: Option<&str>) -> io::Result<()> {
        let at = (self.began - self.started).as_secs_f64();
        let header = json!({
            "version": 2,
            "width": self.size.cols,
            "height": self.size.rows,
            "timestamp": now().0 / 1000,
            "env": { "TERM": "xterm-256color" },
            "orch_tui": { "part": self.part, "at": at, "redraw": redraw.is_some() },
        });
        self.line.clear();
        serde_json::to_writer(&mut self.line, &header)?;
        self.write_line()?;
        redraw.map_or(Ok(()), |screen| self.event("o", screen))
    }

    /// Writes an event of this moment.
    pub(super) fn event(&mut self, code: &str, data: &str) -> io::Result<()> {
        self.line.clear();
        self.line.push(b'[');
        serde_json::to_writer(&mut self.line, &self.began.elapsed().as_secs_f64())?;
        for text in [code, data] {
            self.line.push(b',');
            json_text::push(&mut self.line, text);
        }
        self.line.push(b']');
        self.write_line()
    }

    /// Writes the terminal's new size.
    pub(super) fn resized(&mut self, size: Size) -> io::Result<()> {
        self.size = size;
        self.event("r", &format!("{}x{}", size.cols, size.rows))
    }

    fn write_line(&mut self) -> io::Result<()> {
        self.line.push(b'\n');
        self.written += self.line.len() as u64;
        self.file.write_all(&self.line)
    }

    /// Hands everything to the system.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
