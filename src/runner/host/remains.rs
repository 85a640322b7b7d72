//! What is left of a terminal when its host goes: the last screen and the lines above it.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::domain::frame::{Frame, InputModes, Row, Size};
use crate::domain::scrollback::{PAGE, Page, Past, Wanted};

use super::spec::write_whole;
use super::terminal::Terminal;

/// Name of the file in a life's folder.
const REMAINS_FILE: &str = "history.json";

/// The last screen and the lines above it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remains {
    size: Size,
    past: Past,
    rows: Vec<Row>,
}

impl Remains {
    /// What a terminal holds now.
    pub(super) fn of(terminal: &mut Terminal) -> Option<Self> {
        let (_, Frame { size, past, rows, .. }) = terminal.frame_since(0)?;
        let pages = (past.oldest..past.above).step_by(usize::try_from(PAGE).unwrap_or(1));
        let above = pages.flat_map(|from| terminal.lines(Wanted { from, count: PAGE }).rows);
        let mut all: Vec<Row> = above.collect();
        all.extend(rows.into_iter().map(|(_, row)| row));
        Some(Self { size, past, rows: all })
    }

    /// Puts it into a life's folder.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        write_whole(&folder.join(REMAINS_FILE), &serde_json::to_vec(self)?)
    }

    /// The last screen.
    pub fn frame(&self) -> Frame {
        let rows = (0..self.size.rows).zip(self.rows.iter().skip(self.above()).cloned()).collect();
        let input = InputModes::default();
        Frame { size: self.size, rows, cursor: None, input, past: self.past }
    }

    /// Lines above it, as a host gives them.
    pub fn lines(&self, wanted: Wanted) -> Page {
        let past = self.past;
        let from = wanted.from.clamp(past.oldest, past.above);
        let end = wanted.from.saturating_add(wanted.count.min(PAGE)).min(past.above);
        let skipped = usize::try_from(from - past.oldest).unwrap_or(usize::MAX);
        let count = usize::try_from(end.saturating_sub(from)).unwrap_or(0);
        let rows = self.rows.iter().take(self.above()).skip(skipped).take(count).cloned();
        Page { past, from, rows: rows.collect() }
    }

    fn above(&self) -> usize {
        usize::try_from(self.past.above.saturating_sub(self.past.oldest)).unwrap_or(usize::MAX)
    }
}

/// What the host of a life left.
///
/// # Errors
/// When there is nothing, or it can't be understood.
pub fn read_remains(folder: &Path) -> io::Result<Remains> {
    let mut remains: Remains = serde_json::from_slice(&std::fs::read(folder.join(REMAINS_FILE))?)?;
    remains.past.oldest = remains.past.oldest.min(remains.past.above);
    Ok(remains)
}
