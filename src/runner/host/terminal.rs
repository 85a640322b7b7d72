//! The agent's terminal: bytes in, rows of styled and printable text out.
//!
//! The only file that knows the emulator. Nothing that leaves it can steer a terminal.

#[path = "gone.rs"]
mod gone;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use alacritty_terminal::Term;
use alacritty_terminal::event::{Event, EventListener, WindowSize};
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::{Config, Osc52, TermDamage, TermMode};
use alacritty_terminal::vte::ansi::Rgb;

use crate::domain::frame::{Frame, InputModes, Row, Size};
use crate::domain::scrollback::{PAGE, Page, Past, Wanted};

use super::emulator::{Emulator, SOFT_RESET};
use super::history::{self, History};
use super::probe::{Heard, Probe};
use super::runs::Parser;
use super::{modes, palette, rows, utf8};

/// Bytes of answers a second; more is a flood of queries and is dropped.
const REPLIES_PER_SECOND: usize = 4 * 1024;
/// What a piece of output led to, besides a changed screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reaction {
    /// Answers to the agent's queries, for its terminal's input side only.
    pub replies: Vec<u8>,
    /// The last call for attention: the text of a notification, or nothing for a bell.
    pub attention: Option<String>,
}

/// An emulated terminal.
pub struct Terminal {
    emulator: Emulator,
    events: Listener,
    parser: Parser,
    probe: Probe,
    muted: bool,
    held: Vec<u8>,
    size: Size,
    shown: Shown,
    history: History,
    answered: (Option<Instant>, usize),
}

/// The screen as last read from the emulator.
struct Shown {
    rows: Vec<(Row, u64)>,
    version: u64,
    cursor: Option<(u16, u16)>,
    input: InputModes,
    past: Past,
}

/// Where the emulator leaves what it has to tell.
#[derive(Clone, Default)]
pub(super) struct Listener(Arc<Mutex<Vec<Event>>>);

impl Listener {
    fn take(&self) -> Vec<Event> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl EventListener for Listener {
    fn send_event(&self, event: Event) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }
}

impl Dimensions for Size {
    fn total_lines(&self) -> usize {
        self.screen_lines()
    }

    fn screen_lines(&self) -> usize {
        usize::from(self.rows.max(1))
    }

    fn columns(&self) -> usize {
        usize::from(self.cols.max(2))
    }
}

impl Terminal {
    /// An empty terminal.
    pub fn new(size: Size) -> Self {
        let config = Config {
            scrolling_history: history::MOST,
            kitty_keyboard: false,
            osc52: Osc52::Disabled,
            ..Config::default()
        };
        let events = Listener::default();
        let term = Term::new(config, &size, events.clone());
        Self {
            emulator: Emulator::new(term, events.clone()),
            events,
            parser: Parser::default(),
            probe: Probe::new(),
            muted: false,
            held: Vec::new(),
            size,
            shown: Shown::new(size),
            history: History::default(),
            answered: (None, 0),
        }
    }

    /// Size in cells.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Takes in output of the agent, in pieces of any size.
    pub fn feed(&mut self, bytes: &[u8], now: Instant) -> Reaction {
        self.settle(now);
        // The emulator loses text around characters that come in two pieces: it gets them whole.
        let mut held = std::mem::take(&mut self.held);
        let joined = if held.is_empty() {
            bytes
        } else {
            held.extend_from_slice(bytes);
            held.as_slice()
        };
        let (whole, rest) = joined.split_at(joined.len() - utf8::unfinished(joined));
        self.held = rest.to_vec();
        self.feed_whole(whole, now)
    }

    fn feed_whole(&mut self, mut bytes: &[u8], now: Instant) -> Reaction {
        let mut reaction = Reaction::default();
        while !bytes.is_empty() {
            let (read, heard) = self.probe.listen(bytes);
            self.pass_on(&bytes[..read], heard.as_ref());
            bytes = &bytes[read..];
            self.collect(&mut reaction);
            if let Some(heard) = heard {
                self.heed(heard, &mut reaction);
            }
        }
        self.limit(&mut reaction.replies, now);
        reaction
    }

    fn pass_on(&mut self, bytes: &[u8], heard: Option<&Heard>) {
        let all = u32::from(self.size.cols) * u32::from(self.size.rows);
        match (heard, bytes.split_last()) {
            // What ends a command that was cut off begins the next sequence.
            (Some(Heard::CommandOver), Some((0x1b, _))) => {
                self.advance(b"\x1b");
            }
            // Repeated as often as the screen has cells, in place of what was asked.
            (Some(Heard::Repeat(times)), Some((_, begun))) if *times > all => {
                self.advance(begun);
                let less = format!("\x18\x1b[{}b", all.min(u32::from(u16::MAX)));
                self.advance(less.as_bytes());
            }
            _ if self.muted => {}
            _ => self.advance(bytes),
        }
    }

    fn advance(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (piece, rest) = bytes.split_at(history::piece(bytes));
            self.history.begin(&mut self.emulator.term);
            self.parser.advance(&mut self.emulator, piece);
            self.history.end(&mut self.emulator.term);
            bytes = rest;
        }
    }

    fn heed(&mut self, heard: Heard, reaction: &mut Reaction) {
        match heard {
            Heard::VersionQuery => {
                let version = env!("CARGO_PKG_VERSION");
                reaction.replies.extend(format!("\x1bP>|orch-tui({version})\x1b\\").bytes());
            }
            Heard::CellSizeQuery => {
                let WindowSize { cell_width, cell_height, .. } = self.window();
                reaction.replies.extend(format!("\x1b[6;{cell_height};{cell_width}t").bytes());
            }
            Heard::SoftReset => {
                let reset = format!("\x1b[?{SOFT_RESET}h");
                self.advance(reset.as_bytes());
            }
            Heard::Notice(text) => reaction.attention = Some(text),
            Heard::CommandTooLong => self.mute(),
            Heard::CommandOver => self.muted = false,
            Heard::Repeat(_) => {}
        }
    }

    /// Cancels the command the emulator is collecting; the rest of it is not passed on.
    fn mute(&mut self) {
        self.advance(b"\x18");
        self.muted = true;
    }

    fn collect(&mut self, reaction: &mut Reaction) {
        for event in self.events.take() {
            match event {
                Event::PtyWrite(text) => reaction.replies.extend(text.bytes()),
                Event::ColorRequest(index, answer) => {
                    reaction.replies.extend(self.colour(index, answer.as_ref()).bytes());
                }
                Event::TextAreaSizeRequest(answer) => {
                    reaction.replies.extend(answer(self.window()).bytes());
                }
                Event::Bell => {
                    reaction.attention.get_or_insert_default();
                }
                Event::MouseCursorDirty
                | Event::Title(_)
                | Event::ResetTitle
                | Event::ClipboardStore(..)
                | Event::ClipboardLoad(..)
                | Event::CursorBlinkingChange
                | Event::Wakeup
                | Event::Exit
                | Event::ChildExit(_) => {}
            }
        }
    }

    fn colour(&self, index: usize, answer: &dyn Fn(Rgb) -> String) -> String {
        let set = self.emulator.term.colors()[index];
        set.or_else(|| palette::colour(index)).map(answer).unwrap_or_default()
    }

    fn window(&self) -> WindowSize {
        WindowSize {
            num_lines: self.size.rows,
            num_cols: self.size.cols,
            cell_width: 8,
            cell_height: 16,
        }
    }

    /// Drops answers beyond the allowed rate; an answer is given whole or not at all.
    fn limit(&mut self, replies: &mut Vec<u8>, now: Instant) {
        if replies.is_empty() {
            return;
        }
        let (since, used) = self.answered;
        let begins = since.is_none_or(|since| now.duration_since(since) >= Duration::from_secs(1));
        let (since, used) = if begins { (Some(now), 0) } else { (since, used) };
        if used + replies.len() > REPLIES_PER_SECOND {
            replies.clear();
        }
        self.answered = (since, used + replies.len());
    }

    /// Ends a synchronised update that has lasted too long, so that a screen never freezes.
    pub fn settle(&mut self, now: Instant) {
        if self.settles_at().is_some_and(|at| now >= at) {
            self.history.begin(&mut self.emulator.term);
            self.parser.settle(&mut self.emulator);
            self.history.end(&mut self.emulator.term);
        }
    }

    /// When [`Terminal::settle`] has something to do, if nothing else comes before.
    pub fn settles_at(&self) -> Option<Instant> {
        self.parser.settles_at()
    }

    /// Gives the terminal a new size.
    pub fn resize(&mut self, size: Size) {
        if size != self.size {
            let before = std::mem::replace(&mut self.size, size);
            self.emulator.resize(size);
            self.history.resized(before, &mut self.emulator.term);
            let version = self.shown.version + 1;
            self.shown = Shown { version, ..Shown::new(size) };
            for (_, stamp) in &mut self.shown.rows {
                *stamp = version;
            }
        }
    }

    /// What changed since the frame with this version, and the version reached. 0 asks for a full
    /// frame; nothing changed gives `None`.
    pub fn frame_since(&mut self, seen: u64) -> Option<(u64, Frame)> {
        self.refresh();
        if self.shown.version == seen {
            return None;
        }
        let rows = (0u16..)
            .zip(&self.shown.rows)
            .filter(|(_, (_, stamp))| *stamp > seen)
            .map(|(number, (row, _))| (number, row.clone()))
            .collect();
        let Shown { cursor, input, past, .. } = self.shown;
        Some((self.shown.version, Frame { size: self.size, rows, cursor, input, past }))
    }

    /// Lines above the screen: those asked for that are there, from the first of them on.
    pub fn lines(&self, wanted: Wanted) -> Page {
        let past = self.history.past(&self.emulator.term);
        let from = wanted.from.clamp(past.oldest, past.above);
        let end = wanted.from.saturating_add(wanted.count.min(PAGE)).min(past.above);
        let line = |number: u64| -i32::try_from(past.above - number).unwrap_or(i32::MAX);
        let rows = (from..end).map(|number| self.row(Line(line(number)))).collect();
        Page { past, from, rows }
    }

    /// The screen's text, one line a row, without blank rows at its end.
    pub fn text(&mut self) -> String {
        self.refresh();
        let mut text: String =
            self.shown.rows.iter().flat_map(|(row, _)| [row.text(), "\n".into()]).collect();
        text.truncate(text.trim_end().len());
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    /// The row of the cursor, or the nearest one above it that is not blank.
    pub fn last_line(&mut self) -> String {
        self.refresh();
        let below = usize::try_from(self.emulator.term.grid().cursor.point.line.0).unwrap_or(0) + 1;
        let rows = self.shown.rows.iter().take(below).rev();
        rows.map(|(row, _)| row.text()).find(|text| !text.trim().is_empty()).unwrap_or_default()
    }

    /// What the row of the cursor holds before it; of blanks at its end one.
    pub(super) fn before_cursor(&self) -> String {
        let point = self.emulator.term.grid().cursor.point;
        let cells = &self.emulator.term.grid()[point.line];
        let before = (0..point.column.0).map(|column| &cells[Column(column)]);
        let blank = before.clone().next_back().is_some_and(|cell| cell.c == ' ');
        let text = rows::from_cells(before).text();
        if blank { format!("{} ", text.trim_end()) } else { text }
    }

    /// Reads the damaged rows from the emulator again.
    fn refresh(&mut self) {
        let lines = self.emulator.term.screen_lines();
        let damaged: Vec<usize> = match self.emulator.term.damage() {
            TermDamage::Full => (0..lines).collect(),
            TermDamage::Partial(lines) => lines.map(|bounds| bounds.line).collect(),
        };
        self.emulator.term.reset_damage();
        let next = self.shown.version + 1;
        let mut changed = false;
        for number in damaged {
            let row = self.row(Line(i32::try_from(number).unwrap_or(0)));
            if let Some(slot) = self.shown.rows.get_mut(number)
                && slot.0 != row
            {
                *slot = (row, next);
                changed = true;
            }
        }
        let now = (self.cursor(), self.input(), self.history.past(&self.emulator.term));
        if changed || now != (self.shown.cursor, self.shown.input, self.shown.past) {
            self.shown.version = next;
            (self.shown.cursor, self.shown.input, self.shown.past) = now;
        }
    }

    fn row(&self, line: Line) -> Row {
        let cells = &self.emulator.term.grid()[line];
        rows::from_cells((0..self.emulator.term.columns()).map(|column| &cells[Column(column)]))
    }

    fn cursor(&self) -> Option<(u16, u16)> {
        let point = self.emulator.term.grid().cursor.point;
        let column = u16::try_from(point.column.0).ok()?;
        let row = u16::try_from(point.line.0).ok()?;
        self.emulator.term.mode().contains(TermMode::SHOW_CURSOR).then_some((column, row))
    }

    fn input(&self) -> InputModes {
        modes::input(*self.emulator.term.mode(), self.emulator.keyboard_flags())
    }
}

impl Shown {
    fn new(size: Size) -> Self {
        let rows = vec![(Row::default(), 1); size.screen_lines()];
        Self { rows, version: 1, cursor: None, input: InputModes::default(), past: Past::default() }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[path = "terminal_tests.rs"]
mod tests;
