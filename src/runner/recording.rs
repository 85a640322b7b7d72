//! Reads an agent's recording, part after part, while it may still grow.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::domain::frame::Size;
use crate::runner::host::{RECORDING_FILE, part_file};

/// Most bytes read at once.
const MOST: u64 = 1024 * 1024;

/// Something recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Seconds since the agent began.
    pub at: f64,
    /// What.
    pub what: What,
}

/// What was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Output of the agent.
    Output(String),
    /// What draws the screen as it was where the recording now begins.
    Screen(String),
    /// The terminal's new size.
    Size(Size),
    /// Something worth jumping to.
    Mark(String),
}

#[derive(Deserialize)]
struct Header {
    width: u16,
    height: u16,
    #[serde(default)]
    orch_tui: Ours,
}

#[derive(Deserialize)]
struct Ours {
    part: u32,
    at: f64,
    redraw: bool,
}

impl Default for Ours {
    fn default() -> Self {
        Self { part: 1, at: 0.0, redraw: false }
    }
}

/// A recording and how far it was read.
#[derive(Debug)]
pub struct Recording {
    folder: PathBuf,
    /// The part that was read to its end.
    read: u32,
    open: Option<Part>,
    cuts: u32,
}

/// The part that is being read.
#[derive(Debug)]
struct Part {
    file: File,
    /// A line that is not whole yet.
    partial: Vec<u8>,
    number: u32,
    /// When it began, in seconds since the agent did.
    at: f64,
    /// What comes before its lines: its size, where the part before was not read.
    size: Option<Size>,
    redraw: Redraw,
}

/// What is done with the screen a part begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Redraw {
    /// There is none, or it is behind us.
    None,
    /// What it shows was read already.
    Drop,
    /// What it shows can't be read any more.
    Tell,
}

impl Recording {
    /// Opens the recording of the life whose folder this is, at its beginning.
    ///
    /// # Errors
    /// When there is none or it can't be read.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let mut recording = Self { folder: folder.to_owned(), read: 0, open: None, cuts: 0 };
        if !recording.next_part()? && !folder.join(RECORDING_FILE).exists() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "there is no recording"));
        }
        Ok(recording)
    }

    /// Whether output before what was read is missing.
    pub fn is_cut(&self) -> bool {
        self.cuts > 0
    }

    /// How often output before what was read is missing.
    pub fn cuts(&self) -> u32 {
        self.cuts
    }

    /// What comes next, as much as is convenient; nothing when there is no more now.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn read(&mut self) -> io::Result<Vec<Recorded>> {
        loop {
            if self.open.is_none() && !self.next_part()? {
                return Ok(Vec::new());
            }
            let Some(part) = &mut self.open else { return Ok(Vec::new()) };
            // Asked before reading.
            let is_complete = part.is_complete(&self.folder)?;
            let mut told = Vec::new();
            match part.read(&mut told)? {
                0 if !is_complete => return Ok(told),
                0 => {
                    self.read = part.number;
                    self.open = None;
                }
                _ => {}
            }
            if !told.is_empty() {
                return Ok(told);
            }
        }
    }

    /// Opens the part after the one that was read, or the oldest left; whether there is one.
    fn next_part(&mut self) -> io::Result<bool> {
        loop {
            let oldest = self.oldest_after(self.read)?;
            let path = match oldest {
                Some(number) => self.folder.join(part_file(number)),
                None => self.folder.join(RECORDING_FILE),
            };
            let part = match Part::open(&path) {
                Ok(Some(part)) if part.number > self.read => part,
                Ok(_) => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::NotFound && oldest.is_some() => {
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                Err(error) => return Err(error),
            };
            // While the newest was opened it may have become a later one.
            if self.oldest_after(self.read)?.is_some_and(|number| number < part.number) {
                continue;
            }
            let follows = part.number == self.read + 1;
            self.cuts += u32::from(!follows);
            self.open = Some(part.after(follows.then_some(self.read)));
            return Ok(true);
        }
    }

    fn oldest_after(&self, read: u32) -> io::Result<Option<u32>> {
        let names = std::fs::read_dir(&self.folder)?.filter_map(Result::ok);
        let number = |entry: std::fs::DirEntry| {
            let name = entry.file_name().into_string().ok()?;
            name.strip_prefix("recording.")?.strip_suffix(".cast")?.parse::<u32>().ok()
        };
        Ok(names.filter_map(number).filter(|number| *number > read).min())
    }
}

impl Part {
    /// Opens a part and reads its header; `None` when that is not written yet.
    fn open(path: &Path) -> io::Result<Option<Self>> {
        let mut file = File::open(path)?;
        let mut partial = Vec::new();
        (&mut file).take(64 * 1024).read_to_end(&mut partial)?;
        let Some(end) = partial.iter().position(|byte| *byte == b'\n') else { return Ok(None) };
        let header: Header = serde_json::from_slice(&partial[..end])?;
        partial.drain(..=end);
        let Ours { part, at, redraw } = header.orch_tui;
        let size = Some(Size { cols: header.width, rows: header.height });
        let redraw = if redraw { Redraw::Tell } else { Redraw::None };
        Ok(Some(Self { file, partial, number: part, at, size, redraw }))
    }

    /// The part, read right after another: what it repeats is left out.
    fn after(mut self, before: Option<u32>) -> Self {
        if before.is_some_and(|part| part > 0) {
            self.size = None;
            if self.redraw == Redraw::Tell {
                self.redraw = Redraw::Drop;
            }
        }
        self
    }

    /// Whether nothing is written to it any more: it has its old name, or lost even that when the oldest part went.
    fn is_complete(&self, folder: &Path) -> io::Result<bool> {
        Ok(folder.join(part_file(self.number)).exists() || self.file.metadata()?.nlink() == 0)
    }

    /// Reads on; returns how much there was.
    fn read(&mut self, told: &mut Vec<Recorded>) -> io::Result<usize> {
        let waiting = self.partial.contains(&b'\n');
        let length = (&mut self.file).take(MOST).read_to_end(&mut self.partial)?;
        if let Some(size) = self.size.take() {
            told.push(Recorded { at: self.at, what: What::Size(size) });
        }
        let whole = self.partial.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let lines: Vec<u8> = self.partial.drain(..whole).collect();
        let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        for line in lines {
            if let Ok((at, code, data)) = serde_json::from_slice::<(f64, String, String)>(line)
                && let Some(what) = self.what(&code, data)
            {
                told.push(Recorded { at: self.at + at, what });
            }
        }
        Ok(length + usize::from(waiting))
    }

    fn what(&mut self, code: &str, data: String) -> Option<What> {
        match code {
            "o" => match std::mem::replace(&mut self.redraw, Redraw::None) {
                Redraw::None => Some(What::Output(data)),
                Redraw::Tell => Some(What::Screen(data)),
                Redraw::Drop => None,
            },
            "r" => {
                let (cols, rows) = data.split_once('x')?;
                Some(What::Size(Size { cols: cols.parse().ok()?, rows: rows.parse().ok()? }))
            }
            "m" => Some(What::Mark(data)),
            _ => None,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn write(path: &Path, part: u32, text: &str) {
        let ours = format!(r#"{{"part":{part},"at":0.0,"redraw":false}}"#);
        let header = format!(r#"{{"version":2,"width":80,"height":24,"orch_tui":{ours}}}"#);
        std::fs::write(path, format!("{header}\n[0.1,\"o\",\"{text}\"]\n")).unwrap();
    }

    fn output(read: Vec<Recorded>) -> Vec<What> {
        let what = read.into_iter().map(|recorded| recorded.what);
        what.filter(|what| matches!(what, What::Output(_))).collect()
    }

    #[test]
    fn a_part_that_goes_while_it_is_read_is_followed_by_what_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let newest = folder.path().join(RECORDING_FILE);
        write(&newest, 1, "first");
        let mut recording = Recording::open(folder.path()).unwrap();
        assert_eq!(output(recording.read().unwrap()), [What::Output("first".into())]);
        assert_eq!(recording.read().unwrap(), []);
        std::fs::remove_file(&newest).unwrap();
        write(&newest, 6, "sixth");
        assert_eq!(output(recording.read().unwrap()), [What::Output("sixth".into())]);
        assert_eq!(recording.cuts(), 1);
    }
}
