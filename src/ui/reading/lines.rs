//! All lines of an agent that can be read: those that scrolled off its screen, and the screen.

use unicode_width::UnicodeWidthChar;

use crate::domain::frame::{Frame, Row, Screen, Size};
use crate::domain::printable::{is_hidden, visible};
use crate::domain::scrollback::{Past, Scrollback};
use crate::ui::terminal::{cells, used_rows};

use super::search::Match;

/// Rows that belong to one line at most.
const LONGEST_LINE: u64 = 400;

/// An agent's screen and the lines above it, as far as they were fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its screen.
    pub screen: Screen,
    /// What scrolled off it.
    pub back: Scrollback,
}

/// A cell: its line and column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Number of the line.
    pub line: u64,
    /// Column, from 0.
    pub column: usize,
}

/// A character, and the columns it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The character.
    pub c: char,
    /// Its first column.
    pub column: usize,
    /// How many columns it takes.
    pub width: usize,
}

impl Seen {
    /// Nothing but the first frame.
    pub fn new(frame: Frame) -> Self {
        let mut screen = Screen::new(frame.size);
        let back = Scrollback::new(frame.past);
        screen.apply(frame);
        Self { screen, back }
    }

    /// A screen that is on its way.
    pub fn awaited() -> Self {
        let mut screen = Screen::new(Size::SMALLEST);
        screen.past = Past::UNSEEN;
        Self { screen, back: Scrollback::new(Past::UNSEEN) }
    }

    /// Whether it is still on its way.
    pub fn is_awaited(&self) -> bool {
        self.screen.past == Past::UNSEEN
    }

    /// The screen changed while somebody reads.
    pub fn read_on(&mut self, frame: Frame) {
        self.back.note(frame.past, &self.screen);
        self.screen.apply(frame);
    }

    /// The screen changed and nobody reads.
    pub fn apply(&mut self, frame: Frame) {
        self.back.forget(frame.past);
        self.screen.apply(frame);
    }

    /// Number of the oldest line known.
    pub fn first(&self) -> u64 {
        self.back.first().min(self.screen.past.above)
    }

    /// Number behind the last line in use.
    pub fn end(&self) -> u64 {
        self.screen.past.above + u64::from(used_rows(&self.screen).max(1))
    }

    /// First line in view where the newest are, in so many rows: as the live screen is shown.
    pub fn last_top(&self, rows: u64) -> u64 {
        self.end().saturating_sub(rows).max(self.screen.past.above)
    }

    /// A line; `None` when it is not here.
    pub fn row(&self, number: u64) -> Option<&Row> {
        match number.checked_sub(self.screen.past.above) {
            Some(below) => self.screen.rows.get(usize::try_from(below).ok()?),
            None => self.back.line(number),
        }
    }

    /// The characters of a line with their columns.
    pub fn letters(&self, number: u64) -> Vec<Letter> {
        let Some(row) = self.row(number) else { return Vec::new() };
        let mut letters = Vec::new();
        for cell in cells(row) {
            let mut column = cell.column;
            for c in cell.text.chars() {
                let width = c.width().unwrap_or(0);
                letters.push(Letter { c, column, width });
                column += width;
            }
        }
        letters
    }

    /// Column of the last character of a line.
    pub fn last_column(&self, number: u64) -> usize {
        self.row(number).and_then(|row| cells(row).last()).map_or(0, |cell| cell.column)
    }

    /// First of the rows that make up the line of this row.
    pub fn line_start(&self, number: u64) -> u64 {
        let goes_on = |row: u64| self.row(row).is_some_and(Row::goes_on);
        let least = number.saturating_sub(LONGEST_LINE).max(self.first());
        (least..number).rev().take_while(|row| goes_on(*row)).last().unwrap_or(number)
    }

    /// Last of the rows that make up the line of this row.
    pub fn line_end(&self, number: u64) -> u64 {
        let goes_on = |row: &u64| self.row(*row).is_some_and(Row::goes_on);
        let most = number.saturating_add(LONGEST_LINE).min(self.end().saturating_sub(1));
        (number..most).take_while(goes_on).last().map_or(number, |row| row + 1)
    }

    /// First and last cell of the lines from one row to another.
    pub fn whole_lines(&self, from: u64, to: u64) -> Match {
        Match {
            from: Place { line: self.line_start(from), column: 0 },
            to: Place { line: self.line_end(to), column: usize::MAX },
        }
    }

    /// How many lines the rows from one to another are.
    pub fn lines_in(&self, from: u64, to: u64) -> usize {
        let ends = |row: &u64| !self.row(*row).is_some_and(Row::goes_on);
        1 + (from..to).filter(ends).count()
    }

    /// The text from one cell to another, both included, without what could steer a terminal.
    pub fn text(&self, from: Place, to: Place) -> String {
        let mut text = String::new();
        for number in from.line..=to.line {
            let first = if number == from.line { from.column } else { 0 };
            let last = if number == to.line { to.column } else { usize::MAX };
            let within = |letter: &Letter| {
                letter.column + letter.width.max(1) > first && letter.column <= last
            };
            let line: String =
                self.letters(number).into_iter().filter(within).map(|letter| letter.c).collect();
            let ends = number == to.line || !self.row(number).is_some_and(Row::goes_on);
            text.push_str(&visible(if ends { line.trim_end() } else { &line }));
            if ends && number != to.line {
                text.push('\n');
            }
        }
        text.retain(|c| c == '\n' || !(c.is_control() || is_hidden(c)));
        text
    }

    /// All of it.
    pub fn whole_text(&self) -> String {
        let last = self.end().saturating_sub(1);
        let from = Place { line: self.first(), column: 0 };
        let mut text = self.text(from, Place { line: last, column: usize::MAX });
        text.push('\n');
        text
    }

    /// In which line of [`Seen::whole_text`] a row is, from 1.
    pub fn line_of_text(&self, number: u64) -> usize {
        self.lines_in(self.first(), number)
    }
}
