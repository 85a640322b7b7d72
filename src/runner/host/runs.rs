//! The parser, with a short way for what output mostly is: text in whole runs.
//!
//! The parser of the crate tells each character on its own, and most of the time would go into looking up, again and again,
//! what does not change between two letters of a word. So text, line ends and whole control sequences are recognised here
//! where nothing else is under way, and everything else is left to it.

use std::time::Instant;

use alacritty_terminal::grid::Dimensions as _;
use alacritty_terminal::index::Column;
use alacritty_terminal::term::TermMode;
use alacritty_terminal::term::cell::Flags;
use alacritty_terminal::vte::ansi::{Handler as _, Processor, StandardCharset};
use memchr::memmem;

use super::emulator::Emulator;

/// Ends a synchronised update.
const UPDATE_ENDS: &[u8] = b"\x1b[?2026l";

/// The parser of an agent's output.
#[derive(Default)]
pub(super) struct Parser {
    processor: Processor,
    /// Whether it is between two characters, and not in a sequence, a string or a cut character.
    is_between: bool,
}

impl Parser {
    /// Tells whether the next bytes begin outside of any sequence.
    pub(super) fn begin(&mut self, is_outside: bool) {
        self.is_between = is_outside;
    }

    /// Takes in a piece of output.
    pub(super) fn advance(&mut self, emulator: &mut Emulator, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match (self.is_between, self.settles_at()) {
                (true, None) => self.outside(emulator, bytes),
                (true, Some(_)) => self.update(emulator, bytes),
                (false, _) => {
                    self.processor.advance(emulator, bytes);
                    return;
                }
            };
        }
    }

    /// Takes in the next thing outside of any sequence; what is left.
    fn outside<'a>(&mut self, emulator: &mut Emulator, bytes: &'a [u8]) -> &'a [u8] {
        let length = match bytes[0] {
            b' '..=b'~' => return self.text(emulator, bytes),
            b'\r' => {
                emulator.carriage_return();
                return &bytes[1..];
            }
            b'\n' => {
                emulator.linefeed();
                return &bytes[1..];
            }
            0x1b => control(bytes),
            0x80.. => characters(bytes),
            _ => Some(1),
        };
        self.is_between = length.is_some();
        let (next, rest) = bytes.split_at(length.unwrap_or(bytes.len()));
        self.processor.advance(emulator, next);
        rest
    }

    /// Writes a run of printable ASCII. The parser gets the last character of it, which may be asked to be repeated.
    fn text<'a>(&mut self, emulator: &mut Emulator, bytes: &'a [u8]) -> &'a [u8] {
        let end = bytes.iter().position(|byte| !(b' '..=b'~').contains(byte));
        let (run, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
        let (last, mut run) = run
            .split_last()
            .map_or((&[][..], run), |(last, run)| (std::slice::from_ref(last), run));
        while let Some((first, others)) = run.split_first() {
            run = match emulator.write_plain(run) {
                0 => {
                    emulator.input(char::from(*first));
                    others
                }
                written => &run[written..],
            };
        }
        self.processor.advance(emulator, last);
        rest
    }

    /// Takes in the rest of a synchronised update, which the parser holds back.
    fn update<'a>(&mut self, emulator: &mut Emulator, bytes: &'a [u8]) -> &'a [u8] {
        let end = memmem::find(bytes, UPDATE_ENDS).map(|at| at + UPDATE_ENDS.len());
        self.is_between = end.is_some();
        let (next, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
        self.processor.advance(emulator, next);
        rest
    }

    /// Ends a synchronised update.
    pub(super) fn settle(&mut self, emulator: &mut Emulator) {
        self.processor.stop_sync(emulator);
    }

    /// When a synchronised update has lasted too long.
    pub(super) fn settles_at(&self) -> Option<Instant> {
        self.processor.sync_timeout().sync_timeout()
    }
}

/// Length of the whole control sequence that the bytes begin with.
fn control(bytes: &[u8]) -> Option<usize> {
    let rest = bytes.strip_prefix(b"\x1b[")?;
    let length = rest.iter().position(|byte| !(0x20..=0x3f).contains(byte))?;
    (0x40..=0x7e).contains(&rest[length]).then_some(length + 3)
}

/// Length of the characters beyond ASCII that the bytes begin with, if they are whole.
fn characters(bytes: &[u8]) -> Option<usize> {
    let length = bytes.iter().position(u8::is_ascii).unwrap_or(bytes.len());
    str::from_utf8(&bytes[..length]).ok().map(str::len)
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use alacritty_terminal::Term;
    use alacritty_terminal::term::Config;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::domain::frame::{Frame, Size};
    use crate::domain::scrollback::Past;
    use crate::runner::host::terminal::{Listener, Terminal};

    const SIZE: Size = Size { cols: 20, rows: 6 };

    fn emulator() -> Emulator {
        let events = Listener::default();
        let config = Config { scrolling_history: 50, ..Config::default() };
        Emulator::new(Term::new(config, &SIZE, events.clone()), events)
    }

    /// Text, what may stand between it, and bytes that are neither.
    fn piece() -> impl Strategy<Value = Vec<u8>> {
        let controls = "\r\n \n \t \x08 \x07 \x7f \x1b[4h \x1b[4l \x1b(0 \x1b(B \x1b[3;18H \x1b[2K \x1b[1;31m \
            \x1b[m \x1b[3b \x1b[2P \x1b[?7l \x1b[?7h \x1b[2;4r \x1b7 \x1b8 \x1b]0;title\x07 \x1bP1$r\x1b\\ \x1b_x \
            \x1b\x7f[31m \x1b \x1b[ \x1b[1 \x1b] \x18 \u{85} \x1b[?1049h \x1b[?1049l \x1b[?2026h \x1b[?2026l \
            \x1b[?2026l \x1b[58;5;9;4:3m \x1b(";
        let controls: Vec<&str> = controls.split(' ').collect();
        prop_oneof![
            8 => "[ -~]{1,50}".prop_map(String::into_bytes),
            4 => "(\u{5b8c}|\u{1f469}|e\u{301}|[a-z]){1,12}".prop_map(String::into_bytes),
            8 => select(controls).prop_map(|control| control.as_bytes().to_vec()),
            1 => proptest::collection::vec(any::<u8>(), 1..4),
        ]
    }

    fn shown(emulator: &Emulator) -> String {
        let term = &emulator.term;
        let cells: Vec<_> = term.grid().display_iter().map(|cell| cell.cell.clone()).collect();
        format!("{cells:?} {:?} {:?}", term.grid().cursor, term.mode())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        /// One parser may go the short way, the other leaves all to the one of the crate.
        #[test]
        fn the_short_way_shows_the_same(
            pieces in proptest::collection::vec(piece(), 1..40),
            length in 1usize..200,
        ) {
            let (mut short, mut long) = (Parser::default(), Parser::default());
            let (mut one, mut other) = (emulator(), emulator());
            short.begin(true);
            for bytes in pieces.concat().chunks(length) {
                short.advance(&mut one, bytes);
                long.advance(&mut other, bytes);
            }
            short.settle(&mut one);
            long.settle(&mut other);
            prop_assert_eq!(shown(&one), shown(&other));
        }

        /// A terminal that begins anew with each few bytes seldom goes the short way.
        #[test]
        fn cuts_do_not_show(
            pieces in proptest::collection::vec(piece(), 1..40),
            length in 1usize..9,
        ) {
            let (mut whole, mut cut) = (Terminal::new(SIZE), Terminal::new(SIZE));
            let (bytes, now) = (pieces.concat(), Instant::now());
            whole.feed(&bytes, now);
            for piece in bytes.chunks(length) {
                cut.feed(piece, now);
            }
            // Lines above the screen are counted from piece to piece.
            let past = Past::default();
            let seen = |terminal: &mut Terminal| Frame { past, ..terminal.frame_since(0).unwrap().1 };
            prop_assert_eq!(seen(&mut whole), seen(&mut cut));
        }
    }
}
