//! Lines older than those a host keeps: collected from a recording, and placed above those a viewer has.

use std::collections::VecDeque;

use crate::domain::frame::Row;

/// Lines compared at most before older ones are believed.
pub const OVERLAP: u64 = 200;
/// Older lines held for one agent, at most.
pub const MOST_LINES: usize = 50_000;
/// Bytes they may take, about.
pub const MOST_BYTES: usize = 32 * 1024 * 1024;
/// Bytes a row takes besides its text, and so does each of its runs.
const ROW_BYTES: usize = 48;

/// What is asked for: the lines above the oldest one that is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OlderWanted {
    /// Number of the oldest line here.
    pub below: u64,
    /// That line and some that follow.
    pub overlap: Vec<Row>,
}

/// The lines right above a number, oldest first, and why there are no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Older {
    /// The number of the line below the last of them.
    pub below: u64,
    /// The lines.
    pub rows: Vec<Row>,
    /// What is before the first of them.
    pub edge: Edge,
}

/// Why there are no lines before the oldest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// It is the agent's first.
    Start,
    /// They were erased, or lost count of.
    Erased,
    /// The recording's beginning was dropped for its size.
    Dropped,
    /// There are too many to hold.
    Limit,
    /// The recording shows other lines than the host does.
    Differs,
    /// The recording can't be read.
    Unread,
}

impl Edge {
    /// What a person is told; nothing where nothing is missing.
    pub fn clause(self) -> Option<&'static str> {
        match self {
            Self::Start => None,
            Self::Erased => Some("erased before"),
            Self::Dropped => Some("recording begins here"),
            Self::Limit => Some("older: orch-tui logs"),
            Self::Differs => Some("recording differs"),
            Self::Unread => Some("no recording"),
        }
    }
}

/// What the numbers of collected lines are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// Counted from the agent's start.
    Counted,
    /// Counted from somewhere: only the text says which line is which.
    Unknown,
}

/// The newest lines collected, without a gap and within bounds.
#[derive(Debug)]
pub struct Collected {
    from: u64,
    rows: VecDeque<Row>,
    bytes: usize,
    most: (usize, usize),
    edge: Edge,
}

impl Collected {
    /// Nothing yet; what comes is after this edge. `most` is how many lines and bytes are held.
    pub fn new(edge: Edge, most: (usize, usize)) -> Self {
        Self { from: 0, rows: VecDeque::new(), bytes: 0, most, edge }
    }

    /// Number behind the last line.
    pub fn end(&self) -> u64 {
        self.from + self.rows.len() as u64
    }

    /// Takes a line in. Where numbers are left out, what was before the gap is forgotten.
    pub fn push(&mut self, number: u64, row: Row) {
        if number != self.end() {
            (self.from, self.bytes, self.edge) = (number, 0, Edge::Erased);
            self.rows.clear();
        }
        self.bytes += weight(&row);
        self.rows.push_back(row);
        while self.rows.len() > self.most.0 || self.bytes > self.most.1 {
            let Some(row) = self.rows.pop_front() else { return };
            self.bytes -= weight(&row);
            (self.from, self.edge) = (self.from + 1, Edge::Limit);
        }
    }

    /// The lines above those that both sides have. Only lines whose text is the same are believed to be the same.
    pub fn place(mut self, wanted: &OlderWanted, numbers: Numbers) -> Older {
        let texts: Vec<String> = wanted.overlap.iter().map(Row::text).collect();
        let counted = wanted.below.checked_sub(self.from);
        let counted = counted.and_then(|at| usize::try_from(at).ok());
        let counted = counted.filter(|at| numbers == Numbers::Counted && self.holds(&texts, *at));
        let erased = numbers == Numbers::Counted && wanted.below < self.from;
        let Some(at) = counted.or_else(|| self.only_place(&texts)) else {
            let edge = if erased { Edge::Erased } else { Edge::Differs };
            return Older { below: wanted.below, rows: Vec::new(), edge };
        };
        self.rows.truncate(at);
        // A shifted count can't reach below the first line.
        let spare = self.rows.len().saturating_sub(usize::try_from(wanted.below).unwrap_or(0));
        self.rows.drain(..spare);
        let is_short = self.rows.len() as u64 != wanted.below;
        // The host lost count of some where the recording has none missing.
        let edge = if self.edge == Edge::Start && is_short { Edge::Erased } else { self.edge };
        Older { below: wanted.below, rows: self.rows.into(), edge }
    }

    fn holds(&self, texts: &[String], at: usize) -> bool {
        let rows = self.rows.range(at.min(self.rows.len())..);
        !texts.is_empty()
            && rows.len() >= texts.len()
            && rows.zip(texts).all(|(row, text)| row.text() == *text)
    }

    /// The one place where these lines are.
    fn only_place(&self, texts: &[String]) -> Option<usize> {
        let mut places = (0..self.rows.len()).filter(|at| self.holds(texts, *at));
        let place = places.next()?;
        places.next().is_none().then_some(place)
    }
}

/// About how many bytes a row takes.
fn weight(row: &Row) -> usize {
    ROW_BYTES + row.0.iter().map(|run| ROW_BYTES + run.text.len()).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::frame::{CellStyle, Run};

    fn row(text: &str) -> Row {
        Row(vec![Run { text: text.to_owned(), style: CellStyle::default() }])
    }

    fn line(number: u64) -> Row {
        row(&format!("line {number}"))
    }

    fn collected(numbers: std::ops::Range<u64>, shown: impl Fn(u64) -> Row) -> Collected {
        let mut all = Collected::new(Edge::Start, (500, MOST_BYTES));
        numbers.for_each(|number| all.push(number, shown(number)));
        all
    }

    fn wanted(below: u64, shown: impl Fn(u64) -> Row) -> OlderWanted {
        OlderWanted { below, overlap: (below..below + 20).map(shown).collect() }
    }

    #[test]
    fn lines_are_those_right_above() {
        let older = collected(0..100, line).place(&wanted(30, line), Numbers::Counted);
        assert_eq!((older.below, older.edge), (30, Edge::Start));
        assert_eq!(older.rows, (0..30).map(line).collect::<Vec<_>>());
    }

    #[test]
    fn the_newest_are_held() {
        let older = collected(0..900, line).place(&wanted(800, line), Numbers::Counted);
        assert_eq!((older.rows.len(), older.edge), (400, Edge::Limit));
        assert_eq!(older.rows[0], line(400));
        let mut heavy = Collected::new(Edge::Start, (500, 1_000));
        (0..500).for_each(|number| heavy.push(number, line(number)));
        assert!(heavy.rows.len() < 10 && heavy.bytes <= 1_000 && heavy.end() == 500);
    }

    #[test]
    fn nothing_before_a_gap_is_held() {
        let mut all = collected(0..50, line);
        (60..100).for_each(|number| all.push(number, line(number)));
        let older = all.place(&wanted(70, line), Numbers::Counted);
        assert_eq!((older.rows.len(), older.edge), (10, Edge::Erased));
        let mut all = collected(0..50, line);
        (60..100).for_each(|number| all.push(number, line(number)));
        let gone = all.place(&wanted(55, line), Numbers::Counted);
        assert_eq!((gone.rows.len(), gone.edge), (0, Edge::Erased));
    }

    #[test]
    fn what_differs_is_not_believed() {
        let other = collected(0..100, |number| row(&format!("other {number}")));
        let older = other.place(&wanted(30, line), Numbers::Counted);
        assert_eq!((older.rows.len(), older.edge), (0, Edge::Differs));
        let none = OlderWanted { below: 30, overlap: Vec::new() };
        assert_eq!(collected(0..100, line).place(&none, Numbers::Counted).edge, Edge::Differs);
    }

    #[test]
    fn text_tells_which_line_is_which_where_the_count_is_unknown() {
        let shown = |number| line(number + 1_000);
        let older = collected(0..100, shown).place(&wanted(1_030, line), Numbers::Unknown);
        assert_eq!(older.rows, (1_000..1_030).map(line).collect::<Vec<_>>());
        let same = |_| row("the same");
        let older = collected(0..100, same).place(&wanted(1_030, same), Numbers::Unknown);
        assert_eq!((older.rows.len(), older.edge), (0, Edge::Differs), "any place would do");
        let older = collected(0..100, same).place(&wanted(30, same), Numbers::Counted);
        assert_eq!(older.rows.len(), 30, "the count says it");
    }
}
