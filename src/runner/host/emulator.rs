//! The emulator with what its crate leaves out or does otherwise than xterm and tmux.
//!
//! Stands between the parser and the grid: most of what is parsed is passed on, the rest is done here.

#[path = "soft_reset.rs"]
mod soft_reset;

use alacritty_terminal::Term;
use alacritty_terminal::event::{Event, EventListener};
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::TermMode;
use alacritty_terminal::vte::ansi::{
    Attr, CharsetIndex, ClearMode, Handler, KeyboardModes, KeyboardModesApplyBehavior,
    LineClearMode, Mode, NamedPrivateMode, PrivateMode, Rgb, StandardCharset, TabulationClearMode,
};
use unicode_width::UnicodeWidthChar;

use super::{grapheme, keyboard::Keyboard, terminal::Listener};
use crate::domain::frame::KeyboardFlags;

/// A private mode no terminal has. Setting it is a soft reset (DECSTR), which the parser does not
/// know: so it happens in its place among the bytes, held back by a synchronised update or not.
pub(super) const SOFT_RESET: u16 = 65_001;

/// An emulated terminal without its parser.
pub(super) struct Emulator {
    /// The grid, its cursor and modes.
    pub(super) term: Term<Listener>,
    events: Listener,
    margins: Margins,
    /// Which of its character sets text is read in.
    pub(super) charset: CharsetIndex,
    saved: [Saved; 2],
    keyboard: Keyboard,
}

/// First and last line that scroll.
#[derive(Clone, Copy)]
struct Margins {
    top: Line,
    bottom: Line,
}

/// What saving the cursor keeps besides what the crate keeps.
#[derive(Clone, Copy, Default)]
struct Saved {
    origin: bool,
    charset: CharsetIndex,
}

impl Emulator {
    pub(super) fn new(term: Term<Listener>, events: Listener) -> Self {
        let margins = Margins { top: Line(0), bottom: term.bottommost_line() };
        let (charset, saved) = (CharsetIndex::G0, [Saved::default(); 2]);
        Self { term, events, margins, charset, saved, keyboard: Keyboard::default() }
    }

    /// What keys are to tell now.
    pub(super) fn keyboard_flags(&self) -> KeyboardFlags {
        self.keyboard.stack(*self.term.mode()).flags()
    }

    /// Gives the grid a new size. Margins are gone then.
    pub(super) fn resize(&mut self, size: impl Dimensions) {
        self.term.resize(size);
        self.forget_margins();
    }

    fn forget_margins(&mut self) {
        self.margins = Margins { top: Line(0), bottom: self.term.bottommost_line() };
    }

    fn answer(&self, text: String) {
        self.events.send_event(Event::PtyWrite(text));
    }

    fn has(&self, mode: TermMode) -> bool {
        self.term.mode().contains(mode)
    }

    fn position(&self) -> (Line, Column) {
        let point = self.term.grid().cursor.point;
        (point.line, point.column)
    }

    /// Puts the cursor on a line counted from the top of the screen, whatever the origin.
    fn place(&mut self, line: Line, column: Column) {
        let top = if self.has(TermMode::ORIGIN) { self.margins.top } else { Line(0) };
        self.term.goto((line - top).0, column.0);
    }

    /// The line `lines` above the cursor; from inside the margins not beyond the upper one.
    fn above(&self, lines: usize) -> Line {
        let (line, _) = self.position();
        let end = if line >= self.margins.top { self.margins.top } else { Line(0) };
        (line - lines.min(self.term.screen_lines())).max(end)
    }

    /// The line `lines` below the cursor; from inside the margins not beyond the lower one.
    fn below(&self, lines: usize) -> Line {
        let (line, last) = (self.position().0, self.term.bottommost_line());
        let end = if line <= self.margins.bottom { self.margins.bottom } else { last };
        (line + lines.min(self.term.screen_lines())).min(end)
    }

    /// A character that may join the one before it, or shifts what stands behind it.
    fn write(&mut self, c: char) {
        if !c.is_ascii() && grapheme::extend(self.term.grid_mut(), c) {
            return;
        }
        if self.has(TermMode::INSERT) {
            let taken = self.position().1.0 + c.width().unwrap_or(0);
            self.sever([0, self.term.columns().saturating_sub(taken)]);
        }
        self.term.input(c);
    }

    fn kept(&mut self) -> &mut Saved {
        let screen = usize::from(self.has(TermMode::ALT_SCREEN));
        &mut self.saved[screen]
    }

    /// Blanks wide characters that lose one half when the cursor's line changes so far from the cursor.
    fn sever(&mut self, distances: [usize; 2]) {
        let column = self.position().1.0;
        for distance in distances {
            grapheme::sever(self.term.grid_mut(), column.saturating_add(distance));
        }
    }

    /// Modes 47 and 1047 share one cursor between the screens, unlike 1049.
    fn leave_alternate(&mut self) {
        if self.has(TermMode::ALT_SCREEN) {
            let cursor = self.term.grid().cursor.clone();
            self.term.swap_alt();
            self.term.grid_mut().cursor = cursor;
        }
    }
}

/// What is passed on as it is.
macro_rules! pass_on {
    ($($name:ident($($argument:ident: $kind:ty),*);)*) => {
        $(#[inline] fn $name(&mut self, $($argument: $kind),*) { self.term.$name($($argument),*); })*
    };
}

// Titles, hyperlinks, the mouse's picture and the clipboard keep the trait's empty defaults: nobody
// asks for them, and kept they would be memory that an agent fills.
impl Handler for Emulator {
    pass_on! {
        goto(line: i32, column: usize);
        goto_line(line: i32);
        identify_terminal(intermediate: Option<char>);
        move_forward(columns: usize);
        move_backward(columns: usize);
        backspace();
        carriage_return();
        bell();
        set_horizontal_tabstop();
        scroll_up(lines: usize);
        scroll_down(lines: usize);
        insert_blank_lines(lines: usize);
        delete_lines(lines: usize);
        move_backward_tabs(count: u16);
        move_forward_tabs(count: u16);
        clear_tabs(mode: TabulationClearMode);
        reverse_index();
        set_mode(mode: Mode);
        unset_mode(mode: Mode);
        report_mode(mode: Mode);
        set_keypad_application_mode();
        unset_keypad_application_mode();
        configure_charset(index: CharsetIndex, charset: StandardCharset);
        set_color(index: usize, colour: Rgb);
        dynamic_color_sequence(prefix: String, index: usize, end: &str);
        reset_color(index: usize);
        text_area_size_pixels();
        text_area_size_chars();
    }

    #[inline]
    fn input(&mut self, c: char) {
        if c.is_ascii() && !self.has(TermMode::INSERT) {
            self.term.input(c);
        } else {
            self.write(c);
        }
    }

    fn insert_blank(&mut self, count: usize) {
        let kept = self.term.columns() - self.position().1.0;
        self.sever([0, kept.saturating_sub(count)]);
        self.term.insert_blank(count);
    }

    fn delete_chars(&mut self, count: usize) {
        // The crate would take from before the cursor what is not behind it.
        let count = count.min(self.term.columns() - self.position().1.0);
        self.sever([0, count]);
        self.term.delete_chars(count);
    }

    fn erase_chars(&mut self, count: usize) {
        self.sever([0, count]);
        self.term.erase_chars(count);
    }

    fn clear_line(&mut self, mode: LineClearMode) {
        match mode {
            LineClearMode::Right => self.sever([0, 0]),
            LineClearMode::Left => self.sever([1, 1]),
            LineClearMode::All => {}
        }
        self.term.clear_line(mode);
    }

    fn goto_col(&mut self, column: usize) {
        self.place(self.position().0, Column(column));
    }

    fn move_up(&mut self, lines: usize) {
        self.place(self.above(lines), self.position().1);
    }

    fn move_down(&mut self, lines: usize) {
        self.place(self.below(lines), self.position().1);
    }

    fn move_up_and_cr(&mut self, lines: usize) {
        self.place(self.above(lines), Column(0));
    }

    fn move_down_and_cr(&mut self, lines: usize) {
        self.place(self.below(lines), Column(0));
    }

    #[inline]
    fn linefeed(&mut self) {
        self.term.newline();
    }

    fn put_tab(&mut self, count: u16) {
        // A tab never wraps a line.
        if !self.term.grid().cursor.input_needs_wrap {
            self.term.put_tab(count);
        }
    }

    fn set_tabs(&mut self, interval: u16) {
        let column = self.position().1;
        self.term.clear_tabs(TabulationClearMode::All);
        for stop in (0..self.term.columns()).step_by(usize::from(interval.max(1))) {
            self.term.grid_mut().cursor.point.column = Column(stop);
            self.term.set_horizontal_tabstop();
        }
        self.term.grid_mut().cursor.point.column = column;
    }

    fn device_status(&mut self, what: usize) {
        if what == 6 && self.has(TermMode::ORIGIN) {
            let (line, column) = self.position();
            self.answer(format!("\x1b[{};{}R", line.0 - self.margins.top.0 + 1, column.0 + 1));
        } else {
            self.term.device_status(what);
        }
    }

    fn save_cursor_position(&mut self) {
        let (origin, charset) = (self.has(TermMode::ORIGIN), self.charset);
        *self.kept() = Saved { origin, charset };
        self.term.save_cursor_position();
    }

    fn restore_cursor_position(&mut self) {
        let kept = *self.kept();
        let mode = PrivateMode::Named(NamedPrivateMode::Origin);
        if kept.origin {
            self.term.set_private_mode(mode);
        } else {
            self.term.unset_private_mode(mode);
        }
        self.set_active_charset(kept.charset);
        self.term.restore_cursor_position();
    }

    fn clear_screen(&mut self, mode: ClearMode) {
        match mode {
            ClearMode::Below => self.sever([0, 0]),
            ClearMode::Above => self.sever([1, 1]),
            ClearMode::All | ClearMode::Saved => {}
        }
        // The crate forgets the first line when the cursor is on the second.
        if matches!(mode, ClearMode::Above) && self.position().0 == Line(1) {
            self.term.grid_mut().reset_region(..Line(1));
        }
        self.term.clear_screen(mode);
    }

    fn reset_state(&mut self) {
        self.term.reset_state();
        self.forget_margins();
        (self.charset, self.saved) = (CharsetIndex::G0, [Saved::default(); 2]);
        self.keyboard = Keyboard::default();
    }

    fn report_keyboard_mode(&mut self) {
        self.answer(format!("\x1b[?{}u", self.keyboard_flags().0));
    }

    fn push_keyboard_mode(&mut self, mode: KeyboardModes) {
        self.keyboard.stack_mut(*self.term.mode()).push(mode);
    }

    fn pop_keyboard_modes(&mut self, count: u16) {
        self.keyboard.stack_mut(*self.term.mode()).pop(count);
    }

    fn set_keyboard_mode(&mut self, mode: KeyboardModes, how: KeyboardModesApplyBehavior) {
        self.keyboard.stack_mut(*self.term.mode()).set(mode, how);
    }

    fn terminal_attribute(&mut self, attribute: Attr) {
        // Only SGR 21 is parsed as the end of bold, and it is a double underline.
        let is_21 = attribute == Attr::CancelBold;
        self.term.terminal_attribute(if is_21 { Attr::DoubleUnderline } else { attribute });
    }

    fn set_private_mode(&mut self, mode: PrivateMode) {
        match mode {
            PrivateMode::Unknown(47 | 1047) if !self.has(TermMode::ALT_SCREEN) => {
                self.term.swap_alt();
            }
            PrivateMode::Unknown(1048) => self.save_cursor_position(),
            PrivateMode::Unknown(SOFT_RESET) => self.soft_reset(),
            PrivateMode::Named(NamedPrivateMode::ColumnMode) => self.forget_margins_with(mode),
            _ => self.term.set_private_mode(mode),
        }
    }

    fn unset_private_mode(&mut self, mode: PrivateMode) {
        match mode {
            PrivateMode::Unknown(47 | 1047) => self.leave_alternate(),
            PrivateMode::Unknown(1048) => self.restore_cursor_position(),
            PrivateMode::Named(NamedPrivateMode::ColumnMode) => self.forget_margins_with(mode),
            PrivateMode::Named(NamedPrivateMode::Origin) => {
                self.term.unset_private_mode(mode);
                self.term.goto(0, 0);
            }
            _ => self.term.unset_private_mode(mode),
        }
    }

    fn report_private_mode(&mut self, mode: PrivateMode) {
        match mode {
            PrivateMode::Unknown(number @ (47 | 1047)) => {
                let state = if self.has(TermMode::ALT_SCREEN) { 1 } else { 2 };
                self.answer(format!("\x1b[?{number};{state}$y"));
            }
            // Graphemes take the cells that they take as a whole, always.
            PrivateMode::Unknown(2027) => self.answer("\x1b[?2027;3$y".to_owned()),
            _ => self.term.report_private_mode(mode),
        }
    }

    fn set_scrolling_region(&mut self, top: usize, bottom: Option<usize>) {
        let lines = self.term.screen_lines();
        let bottom = bottom.unwrap_or(lines).min(lines);
        if top < bottom {
            let line = |number: usize| Line(i32::try_from(number - 1).unwrap_or(0));
            self.margins = Margins { top: line(top.max(1)), bottom: line(bottom) };
            self.term.set_scrolling_region(top, Some(bottom));
        }
    }

    fn set_active_charset(&mut self, index: CharsetIndex) {
        self.charset = index;
        self.term.set_active_charset(index);
    }

    fn decaln(&mut self) {
        self.term.unset_private_mode(PrivateMode::Named(NamedPrivateMode::Origin));
        self.set_scrolling_region(1, None);
        self.term.decaln();
    }
}

impl Emulator {
    /// Another width (DECCOLM) clears the screen and its margins; the width stays.
    fn forget_margins_with(&mut self, mode: PrivateMode) {
        self.forget_margins();
        self.term.set_private_mode(mode);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[path = "emulator_tests.rs"]
mod tests;
