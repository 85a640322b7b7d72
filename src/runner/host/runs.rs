//! Writes text in whole runs.
//!
//! The parser tells each character on its own, and most of the emulator's time goes into looking up, again and again, what
//! does not change between two letters of a word. So plain characters are collected until anything else is told.

use std::time::Instant;

use alacritty_terminal::grid::Dimensions as _;
use alacritty_terminal::index::Column;
use alacritty_terminal::term::TermMode;
use alacritty_terminal::term::cell::Flags;
use alacritty_terminal::vte::ansi::{
    Attr, CharsetIndex, ClearMode, Handler, KeyboardModes, KeyboardModesApplyBehavior,
    LineClearMode, Mode, PrivateMode, Processor, Rgb, StandardCharset, TabulationClearMode,
};

use super::emulator::Emulator;

/// The parser of an agent's output.
#[derive(Default)]
pub(super) struct Parser {
    processor: Processor,
    /// Empty between two pieces of output; kept for its room.
    run: Vec<u8>,
}

impl Parser {
    /// Takes in a piece of output.
    pub(super) fn advance(&mut self, emulator: &mut Emulator, bytes: &[u8]) {
        let mut runs = Runs { emulator, run: &mut self.run };
        self.processor.advance(&mut runs, bytes);
        runs.write();
    }

    /// Ends a synchronised update.
    pub(super) fn settle(&mut self, emulator: &mut Emulator) {
        let mut runs = Runs { emulator, run: &mut self.run };
        self.processor.stop_sync(&mut runs);
        runs.write();
    }

    /// When a synchronised update has lasted too long.
    pub(super) fn settles_at(&self) -> Option<Instant> {
        self.processor.sync_timeout().sync_timeout()
    }
}

/// Stands between the parser and the emulator.
struct Runs<'a> {
    emulator: &'a mut Emulator,
    /// Plain characters that are not written yet.
    run: &'a mut Vec<u8>,
}

impl Runs<'_> {
    /// Writes what is collected.
    fn write(&mut self) {
        let mut rest = self.run.as_slice();
        while let Some((first, others)) = rest.split_first() {
            rest = match self.emulator.write_plain(rest) {
                0 => {
                    self.emulator.input(char::from(*first));
                    others
                }
                written => &rest[written..],
            };
        }
        self.run.clear();
    }

    #[inline]
    fn before_others(&mut self) {
        if !self.run.is_empty() {
            self.write();
        }
    }
}

impl Emulator {
    /// Writes as many of these printable ASCII characters as are just put into cells beside each other: none where
    /// anything has to be shifted, wrapped, joined or replaced.
    fn write_plain(&mut self, text: &[u8]) -> usize {
        let (columns, mode) = (self.term.columns(), *self.term.mode());
        let charset = self.charset;
        let grid = self.term.grid_mut();
        let cursor = &grid.cursor;
        let is_ascii = matches!(cursor.charsets[charset], StandardCharset::Ascii);
        if mode.contains(TermMode::INSERT) || cursor.input_needs_wrap || !is_ascii {
            return 0;
        }
        let (line, from, pen) = (cursor.point.line, cursor.point.column, cursor.template.clone());
        // In the last column the cursor stays.
        let most = (columns - 1 - from.0).min(text.len());
        let cells = &mut grid[line][from..Column(from.0 + most)];
        let mut written = 0;
        for (cell, byte) in cells.iter_mut().zip(text) {
            if cell.flags.intersects(Flags::WIDE_CHAR | Flags::WIDE_CHAR_SPACER) {
                break;
            }
            cell.c = char::from(*byte);
            (cell.fg, cell.bg, cell.flags) = (pen.fg, pen.bg, pen.flags);
            if cell.extra.is_some() || pen.extra.is_some() {
                cell.extra.clone_from(&pen.extra);
            }
            written += 1;
        }
        grid.cursor.point.column = from + written;
        written
    }
}

/// What comes behind the text so far.
macro_rules! after_text {
    ($($name:ident($($argument:ident: $kind:ty),*);)*) => {
        $(#[inline] fn $name(&mut self, $($argument: $kind),*) {
            self.before_others();
            self.emulator.$name($($argument),*);
        })*
    };
}

impl Handler for Runs<'_> {
    #[inline]
    fn input(&mut self, c: char) {
        match u8::try_from(c) {
            Ok(byte @ b' '..=b'~') => self.run.push(byte),
            Ok(_) | Err(_) => {
                self.before_others();
                self.emulator.input(c);
            }
        }
    }

    after_text! {
        goto(line: i32, column: usize);
        goto_line(line: i32);
        goto_col(column: usize);
        insert_blank(count: usize);
        move_up(lines: usize);
        move_down(lines: usize);
        identify_terminal(intermediate: Option<char>);
        device_status(what: usize);
        move_forward(columns: usize);
        move_backward(columns: usize);
        move_down_and_cr(lines: usize);
        move_up_and_cr(lines: usize);
        put_tab(count: u16);
        backspace();
        carriage_return();
        linefeed();
        bell();
        substitute();
        newline();
        set_horizontal_tabstop();
        scroll_up(lines: usize);
        scroll_down(lines: usize);
        insert_blank_lines(lines: usize);
        delete_lines(lines: usize);
        erase_chars(count: usize);
        delete_chars(count: usize);
        move_backward_tabs(count: u16);
        move_forward_tabs(count: u16);
        save_cursor_position();
        restore_cursor_position();
        clear_line(mode: LineClearMode);
        clear_screen(mode: ClearMode);
        clear_tabs(mode: TabulationClearMode);
        set_tabs(interval: u16);
        reset_state();
        reverse_index();
        terminal_attribute(attribute: Attr);
        set_mode(mode: Mode);
        unset_mode(mode: Mode);
        report_mode(mode: Mode);
        set_private_mode(mode: PrivateMode);
        unset_private_mode(mode: PrivateMode);
        report_private_mode(mode: PrivateMode);
        set_scrolling_region(top: usize, bottom: Option<usize>);
        set_keypad_application_mode();
        unset_keypad_application_mode();
        set_active_charset(index: CharsetIndex);
        configure_charset(index: CharsetIndex, charset: StandardCharset);
        set_color(index: usize, colour: Rgb);
        dynamic_color_sequence(prefix: String, index: usize, end: &str);
        reset_color(index: usize);
        decaln();
        text_area_size_pixels();
        text_area_size_chars();
        report_keyboard_mode();
        push_keyboard_mode(mode: KeyboardModes);
        pop_keyboard_modes(count: u16);
        set_keyboard_mode(mode: KeyboardModes, how: KeyboardModesApplyBehavior);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::frame::{Frame, Size};
    use crate::domain::scrollback::Past;
    use crate::runner::host::Terminal;

    const SIZE: Size = Size { cols: 20, rows: 6 };

    /// Text, and what may stand between it.
    fn piece() -> impl Strategy<Value = String> {
        let controls = [
            "\r\n",
            "\t",
            "\x08",
            "\x1b[4h",
            "\x1b[4l",
            "\x1b(0",
            "\x1b(B",
            "\x1b[3;18H",
            "\x1b[2K",
            "\x1b[1;31m",
            "\x1b[m",
            "\x1b[3b",
            "\x1b[2P",
            "\x1b[?7l",
            "\x1b[?7h",
            "\x1b[2;4r",
            "\x1b7",
            "\x1b8",
            "\x1b[?1049h",
            "\x1b[?1049l",
            "\x1b[?2026h",
            "\x1b[?2026l",
            "\x1b[58;5;9;4:3m",
        ];
        prop_oneof![
            4 => "[ -~]{1,50}",
            2 => "(\u{5b8c}|\u{1f469}|e\u{301}|[a-z]){1,12}",
            3 => proptest::sample::select(controls.to_vec()).prop_map(str::to_owned),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        /// A terminal that gets each byte alone has no run to write.
        #[test]
        fn runs_show_what_single_characters_show(pieces in proptest::collection::vec(piece(), 1..40)) {
            let (mut whole, mut single) = (Terminal::new(SIZE), Terminal::new(SIZE));
            let (text, now) = (pieces.concat(), Instant::now());
            whole.feed(text.as_bytes(), now);
            for byte in text.bytes() {
                single.feed(&[byte], now);
            }
            // Lines above the screen are counted from piece to piece.
            let past = Past::default();
            let cells = |terminal: &mut Terminal| Frame { past, ..terminal.frame_since(0).unwrap().1 };
            prop_assert_eq!(cells(&mut whole), cells(&mut single));
        }
    }
}
