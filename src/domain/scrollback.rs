//! Lines that scrolled off an agent's screen: how they are numbered, and those fetched from its host.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::frame::{Row, Screen};
use crate::domain::older::{Edge, OVERLAP, Older, OlderWanted};

/// Lines asked for at once: few enough that no agent waits for its host to read them.
pub const PAGE: u64 = 200;
/// Lines kept for one agent, on this side, at most; older ones from its recording come on top.
const MOST_LINES: usize = 20_000;

/// Which lines there are. Lines are counted from the agent's start, so that a number means the same line as long as
/// the age stays the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// Changes when numbers lose their meaning: the terminal became wider or narrower, or was cleared.
    pub age: u32,
    /// The oldest line the host still has.
    pub oldest: u64,
    /// The first line of the screen: so many scrolled off it since the start.
    pub above: u64,
}

impl Past {
    /// Of a screen that was not seen yet: whatever comes is of another age.
    pub const UNSEEN: Past = Past { age: u32::MAX, oldest: 0, above: 0 };
}

/// Lines above the screen, as a host gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// What there is.
    pub past: Past,
    /// Number of the first line.
    pub from: u64,
    /// The lines.
    pub rows: Vec<Row>,
}

/// Lines that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Number of the first line.
    pub from: u64,
    /// How many lines.
    pub count: u64,
}

/// Where asking stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asking {
    /// Nobody was asked yet.
    Fresh,
    /// Nothing is under way.
    Idle,
    /// A page is under way.
    UnderWay,
    /// Nobody has more than the screen.
    Closed,
}

/// Where lines older than the host's stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// Nobody looked for them yet.
    Fresh,
    /// Those above this line are looked for.
    UnderWay(u64),
    /// So many were found, and this is before them.
    Known(usize, Edge),
}

/// The lines of one agent that were fetched so far, and its screen below them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scrollback {
    past: Past,
    lines: BTreeMap<u64, Row>,
    /// Lines from the first number up to the second were fetched.
    fetched: (u64, u64),
    asking: Asking,
    before: Before,
}

impl Scrollback {
    /// Nothing fetched yet of a terminal with this past.
    pub fn new(past: Past) -> Self {
        let fetched = (past.above, past.above);
        let (asking, before) = (Asking::Fresh, Before::Fresh);
        Self { past, lines: BTreeMap::new(), fetched, asking, before }
    }

    /// The screen has another past now, while somebody reads: lines that scroll off the one before are kept until they
    /// are fetched, and so is what the host drops.
    pub fn note(&mut self, past: Past, before: &Screen) {
        if past.age != self.past.age {
            *self = Self::new(past);
            return;
        }
        let gone = (before.past.above..past.above).zip(&before.rows);
        self.lines.extend(gone.map(|(number, row)| (number, row.clone())));
        self.lower(past.above);
        self.past = past;
        self.limit();
    }

    /// The screen has another past now, and nobody reads: what the host drops is dropped here.
    pub fn forget(&mut self, past: Past) {
        let (first, last) = self.fetched;
        if past.age != self.past.age || past.oldest > last || first == last {
            let asking = if past.age == self.past.age { self.asking } else { Asking::Fresh };
            *self = Self { asking, ..Self::new(past) };
            return;
        }
        self.lower(past.above);
        self.past = past;
        self.forget_older();
    }

    /// Nobody reads any more: only what the host has is kept.
    pub fn forget_older(&mut self) {
        let oldest = self.past.oldest;
        self.lines = self.lines.split_off(&oldest);
        self.fetched = (self.fetched.0.max(oldest), self.fetched.1.max(oldest));
        self.before = Before::Fresh;
    }

    /// A screen that became taller took lines back.
    fn lower(&mut self, above: u64) {
        if above < self.past.above {
            self.lines.split_off(&above);
            self.fetched = (self.fetched.0.min(above), self.fetched.1.min(above));
            self.past.above = above;
        }
    }

    /// Takes over what came; `None` says that nobody has more.
    pub fn take(&mut self, page: Option<Page>) {
        let Some(page) = page else {
            self.asking = Asking::Closed;
            return;
        };
        self.asking = Asking::Idle;
        if page.past.age != self.past.age {
            return;
        }
        self.past.oldest = self.past.oldest.max(page.past.oldest);
        self.lower(page.past.above);
        let end = page.from + page.rows.len() as u64;
        let (first, last) = self.fetched;
        if page.rows.is_empty() {
            // What was asked for is gone.
            self.fetched = (first.max(self.past.oldest), last.max(self.past.oldest));
            return;
        }
        self.lines.extend((page.from..).zip(page.rows));
        self.fetched = match page.from <= last && end >= first {
            true => (first.min(page.from), last.max(end)),
            // Lines between were lost on the way: they are not asked for again.
            false => (page.from.min(first), end.max(last)),
        };
        self.limit();
    }

    /// What to ask for next, newest lines first; nothing while an answer is under way.
    pub fn ask(&mut self) -> Option<Wanted> {
        let is_fresh = match self.asking {
            Asking::UnderWay | Asking::Closed => return None,
            Asking::Fresh => true,
            Asking::Idle => false,
        };
        let (first, last) = self.fetched;
        let (first, last) = (first.max(self.past.oldest), last.max(self.past.oldest));
        let wanted = if last < self.past.above {
            Wanted { from: last, count: PAGE.min(self.past.above - last) }
        } else if self.past.oldest < self.fetched.0 {
            let from = first.saturating_sub(PAGE).max(self.past.oldest);
            Wanted { from, count: first - from }
        } else if is_fresh {
            // Whether there is somebody to give lines once there are some.
            Wanted { from: self.past.above, count: 0 }
        } else {
            return None;
        };
        self.asking = Asking::UnderWay;
        Some(wanted)
    }

    /// Whether all lines there are have been fetched, or nobody has them.
    pub fn is_whole(&self) -> bool {
        self.asking == Asking::Closed
            || (self.fetched.0 <= self.past.oldest && self.fetched.1 >= self.past.above)
    }

    /// Whether all lines there are up to this number have been fetched; later ones may be on their way.
    pub fn reaches(&self, end: u64) -> bool {
        let (first, last) = self.fetched;
        self.asking == Asking::Closed || (first <= self.past.oldest && last >= end)
    }

    /// What to look for in the recording: the lines above the oldest one, once all that the host has are here.
    pub fn ask_older(&mut self) -> Option<OlderWanted> {
        if !self.may_have_older() || self.fetched.0 > self.past.oldest {
            return None;
        }
        let below = self.fetched.0;
        let most = usize::try_from(OVERLAP).unwrap_or(usize::MAX);
        let overlap = self
            .lines
            .range(below..self.fetched.1.max(below))
            .take(most)
            .map(|(_, row)| row.clone())
            .collect();
        self.before = Before::UnderWay(below);
        Some(OlderWanted { below, overlap })
    }

    /// Whether nobody looked yet for older lines that there may be.
    fn may_have_older(&self) -> bool {
        let is_open = matches!(self.asking, Asking::Idle | Asking::UnderWay);
        is_open && self.before == Before::Fresh && self.fetched.0 > 0 && !self.lines.is_empty()
    }

    /// Takes over what the recording had.
    pub fn take_older(&mut self, older: Older) {
        if self.before != Before::UnderWay(older.below) {
            return;
        }
        let first = self.lines.first_key_value().map(|(number, _)| *number);
        if older.below != self.fetched.0 && first != Some(older.below) {
            // There was no room for the line they belong to.
            self.before = Before::Known(0, Edge::Limit);
            return;
        }
        let count = older.rows.len();
        let from = older.below.saturating_sub(count as u64);
        self.lines.extend((from..).zip(older.rows));
        self.fetched.0 = from;
        self.before = Before::Known(count, older.edge);
    }

    /// Whether older lines are being looked for.
    pub fn awaits_older(&self) -> bool {
        matches!(self.before, Before::UnderWay(_))
    }

    /// Whether there are older lines that may still come when they are asked for.
    pub fn owes_older(&self) -> bool {
        self.awaits_older() || self.may_have_older()
    }

    /// What is before the oldest line, once somebody looked.
    pub fn edge(&self) -> Option<Edge> {
        match self.before {
            Before::Known(_, edge) => Some(edge),
            Before::Fresh | Before::UnderWay(_) => None,
        }
    }

    /// Whether nobody has more than the screen.
    pub fn is_closed(&self) -> bool {
        self.asking == Asking::Closed
    }

    /// The oldest line there is, here or at the host.
    pub fn first(&self) -> u64 {
        let here = self.lines.keys().next().map_or(self.past.above, |first| *first);
        match self.asking {
            Asking::Closed => here.min(self.past.above),
            Asking::Fresh | Asking::Idle | Asking::UnderWay => here.min(self.past.oldest),
        }
    }

    /// A line above the screen; `None` when it was not fetched, or is gone.
    pub fn line(&self, number: u64) -> Option<&Row> {
        self.lines.get(&number)
    }

    fn limit(&mut self) {
        let older = match self.before {
            Before::Known(count, _) => count,
            Before::Fresh | Before::UnderWay(_) => 0,
        };
        while self.lines.len() > MOST_LINES + older {
            if older > 0 {
                self.before = Before::Known(older, Edge::Limit);
            }
            if let Some((number, _)) = self.lines.pop_first() {
                self.fetched.0 = self.fetched.0.max(number + 1);
                self.past.oldest = self.past.oldest.max(number + 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::frame::{CellStyle, Run, Size};

    fn row(number: u64) -> Row {
        Row(vec![Run { text: format!("line {number}"), style: CellStyle::default() }])
    }

    fn past(oldest: u64, above: u64) -> Past {
        Past { age: 0, oldest, above }
    }

    fn screen(past: Past) -> Screen {
        let mut screen = Screen::new(Size { cols: 20, rows: 3 });
        screen.past = past;
        screen.rows = (past.above..past.above + 3).map(row).collect();
        screen
    }

    /// A host with lines from `oldest` up to `above`.
    fn answer(wanted: Wanted, past: Past) -> Page {
        let from = wanted.from.max(past.oldest);
        let end = (wanted.from + wanted.count).min(past.above);
        Page { past, from, rows: (from..end).map(row).collect() }
    }

    #[test]
    fn pages_come_newest_first_until_all_is_there() {
        let now = past(100, 600);
        let mut lines = Scrollback::new(now);
        let mut asked = Vec::new();
        while let Some(wanted) = lines.ask() {
            assert_eq!(lines.ask(), None, "one at a time");
            asked.push((wanted.from, wanted.count));
            lines.take(Some(answer(wanted, now)));
        }
        assert_eq!(asked, [(400, 200), (200, 200), (100, 100)]);
        assert!(lines.is_whole());
        assert_eq!((lines.first(), lines.line(100), lines.line(600)), (100, Some(&row(100)), None));
    }

    #[test]
    fn what_scrolls_off_is_there_at_once_and_keeps_its_number() {
        let mut lines = Scrollback::new(past(0, 10));
        lines.note(past(0, 12), &screen(past(0, 10)));
        assert_eq!(lines.line(11), Some(&row(11)));
        assert!(!lines.is_whole(), "it may have changed before it went");
        lines.note(past(0, 11), &screen(past(0, 12)));
        assert_eq!(lines.line(11), None, "a taller screen took it back");
    }

    #[test]
    fn another_age_forgets_everything() {
        let mut lines = Scrollback::new(past(0, 0));
        lines.note(past(0, 10), &screen(past(0, 9)));
        let wanted = lines.ask();
        lines.note(Past { age: 1, oldest: 0, above: 7 }, &screen(past(0, 10)));
        assert_eq!((lines.first(), lines.line(9)), (0, None));
        lines.take(wanted.map(|wanted| answer(wanted, past(0, 10))));
        assert_eq!(lines.line(5), None, "a page of an earlier age");
    }

    #[test]
    fn who_has_nothing_is_not_asked_again() {
        let mut lines = Scrollback::new(past(0, 10));
        assert!(lines.ask().is_some());
        lines.take(None);
        assert_eq!((lines.ask(), lines.is_whole(), lines.is_closed()), (None, true, true));
    }

    /// All that the host has, of a terminal with lines from 500 on.
    fn fetched() -> Scrollback {
        let mut lines = Scrollback::new(past(500, 900));
        while let Some(wanted) = lines.ask() {
            lines.take(Some(answer(wanted, past(500, 900))));
        }
        lines
    }

    #[test]
    fn older_lines_come_above_those_of_the_host() {
        let mut lines = Scrollback::new(past(500, 900));
        assert_eq!(lines.ask_older(), None, "the host's come first");
        lines = fetched();
        assert!(lines.owes_older());
        let wanted = lines.ask_older().unwrap();
        assert_eq!((wanted.below, wanted.overlap.len() as u64), (500, OVERLAP));
        assert_eq!(wanted.overlap[0], row(500));
        assert!(lines.ask_older().is_none() && lines.awaits_older(), "once");
        let rows = (100..500).map(row).collect();
        lines.take_older(Older { below: 500, rows, edge: Edge::Dropped });
        assert_eq!((lines.first(), lines.line(100)), (100, Some(&row(100))));
        assert_eq!((lines.edge(), lines.owes_older()), (Some(Edge::Dropped), false));
        lines.note(past(600, 1_000), &screen(past(500, 900)));
        assert_eq!(lines.first(), 100, "they stay while somebody reads");
        lines.forget(past(600, 1_000));
        assert_eq!((lines.first(), lines.edge()), (600, None));
    }

    #[test]
    fn older_lines_of_another_age_or_nobodys_wish_are_dropped() {
        let rows = || (400..500).map(row).collect();
        let mut lines = fetched();
        lines.take_older(Older { below: 500, rows: rows(), edge: Edge::Start });
        assert_eq!(lines.first(), 500);
        assert!(lines.ask_older().is_some());
        lines.note(Past { age: 1, oldest: 500, above: 900 }, &screen(past(500, 900)));
        lines.take_older(Older { below: 500, rows: rows(), edge: Edge::Start });
        assert_eq!((lines.line(450), lines.edge()), (None, None));
    }

    #[test]
    fn what_nobody_reads_is_forgotten_with_the_host() {
        let mut lines = Scrollback::new(past(0, 10));
        let wanted = lines.ask().unwrap();
        lines.take(Some(answer(wanted, past(0, 10))));
        lines.forget(past(4, 20));
        assert_eq!((lines.line(3), lines.line(4)), (None, Some(&row(4))));
        assert_eq!(lines.ask(), Some(Wanted { from: 10, count: 10 }));
        lines.forget(past(500, 900));
        assert_eq!((lines.line(4), lines.first()), (None, 500));
    }

    proptest! {
        /// Whatever the output does meanwhile, asking comes to an end and every line is the one its number says.
        #[test]
        fn fetching_ends_and_numbers_hold(steps in proptest::collection::vec(0u64..900, 1..12)) {
            let mut lines = Scrollback::new(past(0, 0));
            let mut now = past(0, 0);
            for step in steps {
                let before = screen(now);
                now = past((now.above + step).saturating_sub(2_000), now.above + step);
                lines.note(now, &before);
                if let Some(wanted) = lines.ask() {
                    lines.take(Some(answer(wanted, now)));
                }
            }
            let mut asked = 0;
            while let Some(wanted) = lines.ask() {
                prop_assert!(wanted.count > 0 && wanted.count <= PAGE);
                lines.take(Some(answer(wanted, now)));
                asked += 1;
                prop_assert!(asked < 100);
            }
            prop_assert!(lines.is_whole());
            for number in now.oldest..now.above {
                prop_assert_eq!(lines.line(number), Some(&row(number)));
            }
        }
    }
}
