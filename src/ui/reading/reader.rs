//! A cursor in an agent's lines, the view around it, a selection and a search.

use crate::domain::id::AgentRef;
use crate::ui::keys::{Direction, Motion, Span};

use super::lines::{Place, Seen};
use super::motion::{Sight, moved, word_at};
use super::search::{Match, Search};

/// A motion is repeated at most so often.
const MOST_REPEATS: u64 = 10_000;

/// Columns and rows there are to show lines in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Columns.
    pub cols: usize,
    /// Rows.
    pub rows: u64,
}

/// How reading began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Began {
    /// By a key: it ends by one.
    ByKey,
    /// By the wheel: it ends at the newest line.
    ByWheel,
}

/// The part of the lines that is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// First line.
    pub top: u64,
    /// First column.
    pub left: usize,
}

/// Reading what one life of an agent said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Whose lines.
    pub agent: AgentRef,
    /// How it began.
    pub began: Began,
    /// The cursor.
    pub at: Place,
    /// What is shown.
    pub window: Window,
    /// Where a selection began.
    pub mark: Option<(Place, Span)>,
    /// What was searched for last.
    pub search: Option<Search>,
    /// The number before a motion.
    pub count: Option<u64>,
    /// A search is being typed: where the cursor was before, and what was searched for.
    before: Option<(Place, Option<Search>)>,
    /// The column the cursor keeps to.
    column: usize,
    /// End of the lines when it was last in view; `None` while the view follows it.
    end_seen: Option<u64>,
    age: u32,
    /// A line that was gone to and may be among older ones that are on their way.
    owed: Option<u64>,
}

impl Reader {
    /// At the newest line.
    pub fn open(agent: AgentRef, seen: &Seen, extent: Extent, began: Began) -> Self {
        let end = seen.end();
        let at = Place { line: end.saturating_sub(1), column: 0 };
        let mut reader = Self {
            agent,
            began,
            at,
            window: Window { top: seen.last_top(extent.rows), left: 0 },
            mark: None,
            search: None,
            count: None,
            before: None,
            column: 0,
            end_seen: None,
            age: seen.screen.past.age,
            owed: None,
        };
        reader.settle(seen, extent);
        reader
    }

    /// Moves the cursor, as often as the number before says.
    pub fn go(&mut self, seen: &Seen, motion: Motion, extent: Extent) {
        let count = self.count.take();
        if let Some(search) = &mut self.search {
            search.owed = None;
        }
        self.owed = match motion {
            Motion::Top | Motion::Bottom if count.is_some() => {
                count.map(|one| one.saturating_sub(1))
            }
            Motion::Top => Some(0),
            _ => None,
        };
        if let (Motion::Top | Motion::Bottom, Some(number)) = (motion, count) {
            self.jump(seen, Place { line: number.saturating_sub(1), column: 0 }, extent);
            return;
        }
        for _ in 0..count.unwrap_or(1).clamp(1, MOST_REPEATS) {
            let before = self.at;
            let sight = Sight { top: self.window.top, height: extent.rows };
            self.at = moved(seen, self.at, motion, sight);
            match motion {
                Motion::Up | Motion::Down => self.at.column = self.column,
                Motion::HalfUp | Motion::HalfDown | Motion::PageUp | Motion::PageDown => {
                    self.at.column = self.column;
                    let by = self.at.line.abs_diff(before.line);
                    self.window.top = match self.at.line < before.line {
                        true => self.window.top.saturating_sub(by),
                        false => self.window.top + by,
                    };
                }
                _ => self.column = self.at.column,
            }
            self.settle(seen, extent);
            if self.at == before {
                break;
            }
        }
    }

    /// Moves the view by some lines, the cursor only as far as it must.
    pub fn scroll(&mut self, seen: &Seen, way: Direction, (lines, extent): (u64, Extent)) {
        let last = seen.last_top(extent.rows);
        self.window.top = match way {
            Direction::Back => self.window.top.saturating_sub(lines).max(seen.first()),
            Direction::On => (self.window.top + lines).min(last),
        };
        let bottom = self.window.top + extent.rows.saturating_sub(1);
        self.at.line = self.at.line.clamp(self.window.top, bottom);
        // At the end the cursor goes along, so that the view follows again.
        if way == Direction::On && self.window.top == last && self.mark.is_none() {
            self.at.line = seen.end().saturating_sub(1);
        }
        self.settle(seen, extent);
    }

    /// Puts the cursor somewhere.
    pub fn jump(&mut self, seen: &Seen, to: Place, extent: Extent) {
        let shown = self.window.top..self.window.top + extent.rows;
        if !shown.contains(&to.line) {
            self.window.top = to.line.saturating_sub(extent.rows / 2);
        }
        (self.at, self.column) = (to, to.column);
        self.settle(seen, extent);
    }

    /// Whether lines older than the host's are about to be shown, or searched.
    pub fn may_need_older(&self, seen: &Seen, extent: Extent) -> bool {
        self.search.is_some() || self.window.top < seen.first() + 2 * extent.rows
    }

    /// Lines above number `below` came: on to the one that was gone to when they were not here.
    pub fn go_on_to_older(&mut self, seen: &Seen, below: u64, extent: Extent) {
        if let Some(line) = self.owed.take().filter(|line| *line < below && self.at.line == below) {
            self.jump(seen, Place { line: line.max(seen.first()), column: 0 }, extent);
        }
    }

    /// New output, or lines that were fetched: the view stays where it is, unless it is at the end.
    pub fn refresh(&mut self, seen: &Seen, extent: Extent) {
        let age = seen.screen.past.age;
        if age != self.age {
            // Numbers mean other lines now; the distance from the end is all there is to go by.
            let below = self.end_seen.map_or(0, |end| end.saturating_sub(self.at.line));
            self.at.line = seen.end().saturating_sub(below.max(1));
            self.window.top = self.at.line.saturating_sub(extent.rows / 2);
            (self.age, self.mark) = (age, None);
            self.look(seen, extent);
        }
        if self.follows() && self.mark.is_none() {
            self.at = Place { line: seen.end().saturating_sub(1), column: self.column };
            self.window.top = seen.last_top(extent.rows);
        }
        self.settle(seen, extent);
    }

    /// Brings cursor and view to where there is text.
    fn settle(&mut self, seen: &Seen, extent: Extent) {
        let (first, end) = (seen.first(), seen.end());
        let rows = extent.rows.max(1);
        self.at.line = self.at.line.clamp(first, end.saturating_sub(1).max(first));
        self.at.column = snapped(seen, self.at);
        let Window { top, left } = self.window;
        let top = top.clamp((self.at.line + 1).saturating_sub(rows), self.at.line);
        self.window.top = top.min(seen.last_top(rows)).max(first);
        let cols = extent.cols.max(2);
        // A wide character takes two columns.
        self.window.left = left.clamp((self.at.column + 2).saturating_sub(cols), self.at.column);
        if self.at.column + 2 <= cols {
            self.window.left = 0;
        }
        let is_at_end = self.at.line + 1 >= end && self.mark.is_none();
        let in_view = self.window.top + rows >= end;
        self.end_seen = match (is_at_end && in_view, self.end_seen) {
            (true, _) => None,
            (false, None) => Some(end),
            (false, Some(seen)) if in_view => Some(seen.max(end)),
            (false, seen) => seen,
        };
    }

    /// Whether the view follows new output.
    pub fn follows(&self) -> bool {
        self.end_seen.is_none()
    }

    /// Lines that came since the end was last in view.
    pub fn new_lines(&self, seen: &Seen) -> u64 {
        self.end_seen.map_or(0, |end| seen.end().saturating_sub(end))
    }

    /// Begins a selection of this kind, changes the kind of one, or drops it.
    pub fn select(&mut self, span: Span) {
        self.count = None;
        self.mark = match self.mark {
            Some((_, same)) if same == span => None,
            Some((from, _)) => Some((from, span)),
            None => Some((self.at, span)),
        };
    }

    /// Begins a selection of characters at a place.
    pub fn mark_at(&mut self, seen: &Seen, at: Place, extent: Extent) {
        self.jump(seen, at, extent);
        self.mark = Some((self.at, Span::Characters));
    }

    /// Selects the word under the cursor.
    pub fn select_word(&mut self, seen: &Seen, extent: Extent) {
        if let Some((first, last)) = word_at(seen, self.at) {
            self.mark = Some((Place { column: first, ..self.at }, Span::Characters));
            self.jump(seen, Place { column: last, ..self.at }, extent);
        }
    }

    /// First and last cell of what is selected. Rows that the terminal broke are one line.
    pub fn selection(&self, seen: &Seen) -> Option<Match> {
        let (mark, span) = self.mark?;
        let (from, to) = (mark.min(self.at), mark.max(self.at));
        Some(match span {
            Span::Characters => Match { from, to },
            Span::Lines => seen.whole_lines(from.line, to.line),
        })
    }

    /// How much is selected, for people.
    pub fn selected(&self, seen: &Seen) -> Option<String> {
        let Match { from, to } = self.selection(seen)?;
        let what = match (self.mark, seen.lines_in(from.line, to.line)) {
            (Some((_, Span::Characters)), 1) => amount(&seen.text(from, to)),
            (_, 1) => "1 line".into(),
            (_, lines) => format!("{lines} lines"),
        };
        Some(format!("{what} selected"))
    }

    /// The selected text, or that of the line under the cursor.
    pub fn text(&self, seen: &Seen) -> String {
        let line = || seen.whole_lines(self.at.line, self.at.line);
        let Match { from, to } = self.selection(seen).unwrap_or_else(line);
        seen.text(from, to)
    }

    /// Begins to type a search.
    pub fn begin_search(&mut self, way: Direction) {
        let known = self.search.replace(Search::new(way));
        (self.count, self.before) = (None, Some((self.at, known)));
    }

    /// At a match of a search made elsewhere.
    pub fn begin_at(&mut self, seen: &Seen, (at, needle): (Place, String), extent: Extent) {
        let mut search = Search { needle, ..Search::new(Direction::Back) };
        search.look(seen);
        self.search = Some(search);
        self.jump(seen, at, extent);
    }

    /// Whether a search is being typed.
    pub fn is_searching(&self) -> bool {
        self.before.is_some()
    }

    /// The text of the search changes: the cursor goes to the first match from where it was.
    pub fn refine(&mut self, seen: &Seen, extent: Extent, change: impl FnOnce(&mut String)) {
        let (Some(search), Some((before, _))) = (&mut self.search, &self.before) else { return };
        let before = *before;
        change(&mut search.needle);
        search.look(seen);
        let here = search.found.iter().find(|one| one.holds(before)).copied();
        let to = here.or_else(|| search.next(before, search.way));
        self.jump(seen, to.map_or(before, |one| one.from), extent);
    }

    /// The search is typed: the cursor stays where it leads.
    pub fn keep_search(&mut self) {
        let Some((before, known)) = self.before.take() else { return };
        if self.search.as_ref().is_some_and(|search| search.needle.is_empty()) {
            self.search = known;
            return;
        }
        if let Some(search) = self.search.as_mut().filter(|search| search.found.is_empty()) {
            search.owed = Some(before);
        }
    }

    /// The search that is typed is dropped: the cursor goes back, and the search before is the one again.
    pub fn drop_search(&mut self, seen: &Seen, extent: Extent) {
        if let Some((before, known)) = self.before.take() {
            self.search = known;
            self.jump(seen, before, extent);
            self.look(seen, extent);
        }
    }

    /// To the next match, the way of the search or against it. Says whether there is one.
    pub fn next_match(&mut self, seen: &Seen, way: Direction, extent: Extent) -> Option<Match> {
        let count = self.count.take().unwrap_or(1).clamp(1, MOST_REPEATS);
        let search = self.search.as_mut()?;
        search.look(seen);
        let way = match way {
            Direction::On => search.way,
            Direction::Back => search.way.turned(),
        };
        let mut to = None;
        for _ in 0..count {
            to = search.next(to.map_or(self.at, |one: Match| one.from), way);
        }
        self.jump(seen, to?.from, extent);
        to
    }

    /// Searches again in what is here now: lines came.
    pub fn look(&mut self, seen: &Seen, extent: Extent) {
        if self.is_searching() {
            self.refine(seen, extent, |_| {});
            return;
        }
        let Some(search) = &mut self.search else { return };
        search.look(seen);
        // Nothing was found before; unless the cursor moved on since, that is made up for.
        if let Some(from) = search.owed
            && let Some(found) = search.next(from, search.way)
        {
            search.owed = None;
            // It may have moved with the output alone.
            if from == self.at || self.follows() {
                self.jump(seen, found.from, extent);
            }
        }
    }
}

/// How much text that is, for people.
pub fn amount(text: &str) -> String {
    match (text.matches('\n').count() + 1, text.chars().count()) {
        (1, 1) => "1 character".into(),
        (1, characters) => format!("{characters} characters"),
        (lines, _) => format!("{lines} lines"),
    }
}

/// The column of the character at a place, or of the last one before it.
fn snapped(seen: &Seen, at: Place) -> usize {
    let letters = seen.letters(at.line);
    let mut firsts = letters.iter().rev().filter(|letter| letter.width > 0);
    firsts.find(|letter| letter.column <= at.column).map_or(0, |letter| letter.column)
}
