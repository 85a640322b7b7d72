//! Counting the lines that scroll off the emulator's screen, so that each keeps its number.
//!
//! The emulator tells how many lines it has, not how many it dropped. So it gets its bytes in pieces that can't fill the
//! room between what is kept and what it can hold, and its history is cut back after each.

use alacritty_terminal::Term;
use alacritty_terminal::event::EventListener;
use alacritty_terminal::grid::{Dimensions, Grid, Scroll};
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::TermMode;
use alacritty_terminal::term::cell::Cell;

use crate::domain::frame::{CellStyle, Row, Run, Size};
use crate::domain::scrollback::Past;

use super::utf8;

use super::rows;

/// Lines the emulator can hold above its screen.
pub(super) const MOST: usize = 2_000;
/// Lines kept above the screen at least.
const KEPT: usize = MOST - ROOM - 1;
/// Lines that a piece may add.
const ROOM: usize = 127;
/// Bytes looked at together. Text of so many fills no line: no terminal is narrower than 80.
const BLOCK: usize = 64;
/// Stands where lines are missing.
const HOLE: &str = "[lines missing: the narrower terminal had no room for them]";

/// How many lines there were and are.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Lines above the screen after the last piece.
    size: usize,
    above: u64,
    age: u32,
    /// The main screen got a new size while another covered it.
    resized_beneath: bool,
    /// Lines that were dropped, with their numbers, where somebody collects them.
    gone: Option<Vec<(u64, Row)>>,
}

/// Length of a long beginning of `bytes` that adds few lines: every control may be a line end.
pub(super) fn piece(bytes: &[u8]) -> usize {
    let mut lines = 0;
    for (number, block) in bytes.chunks(BLOCK).enumerate() {
        let controls = block.iter().fold(0u8, |count, byte| count + u8::from(*byte < 0x20));
        lines += usize::from(controls) + 1;
        if lines > ROOM {
            // A character cut in two would be lost.
            let at = number * BLOCK;
            return at - utf8::unfinished(&bytes[..at]);
        }
    }
    bytes.len()
}

fn is_covered<T>(term: &Term<T>) -> bool {
    term.mode().contains(TermMode::ALT_SCREEN)
}

impl History {
    /// Before a piece. The emulator loses the mark when its history is cleared.
    pub(super) fn begin<T: EventListener>(&self, term: &mut Term<T>) {
        if !is_covered(term) {
            term.grid_mut().scroll_display(Scroll::Delta(1));
        }
    }

    /// After a piece.
    pub(super) fn end<T: EventListener>(&mut self, term: &mut Term<T>) {
        if is_covered(term) {
            return;
        }
        let grid = term.grid_mut();
        let is_cleared = self.size > 0 && grid.display_offset() == 0;
        grid.scroll_display(Scroll::Bottom);
        let size = grid.history_size();
        if self.resized_beneath {
            self.resized_beneath = false;
            self.age += 1;
            self.reflowed(size);
        } else if is_cleared || size < self.size || size >= MOST {
            self.age += 1;
            self.above += size as u64;
        } else {
            self.above += (size - self.size) as u64;
        }
        self.cut(grid, size);
    }

    /// Cuts the history back to what is kept.
    fn cut(&mut self, grid: &mut Grid<Cell>, size: usize) {
        self.size = size.min(KEPT);
        if size <= KEPT {
            return;
        }
        if let Some(gone) = &mut self.gone {
            let numbers = self.above.saturating_sub(size as u64)..;
            let lines = (KEPT + 1..=size).rev().map(|above| {
                let cells = &grid[Line(-i32::try_from(above).unwrap_or(0))];
                rows::from_cells((0..grid.columns()).map(|column| &cells[Column(column)]))
            });
            gone.extend(numbers.zip(lines));
        }
        grid.update_history(KEPT);
        grid.update_history(MOST);
    }

    /// The terminal got a new size: rows move between screen and history, other columns break lines elsewhere.
    pub(super) fn resized<T: EventListener>(&mut self, before: Size, term: &mut Term<T>) {
        if is_covered(term) {
            self.resized_beneath = true;
            return;
        }
        let size = term.grid().history_size();
        if before.columns() != term.columns() || size >= MOST {
            self.age += 1;
        }
        self.reflowed(size);
        self.cut(term.grid_mut(), size);
    }

    /// Lines were broken elsewhere. Where they became more than there is room for, one number stands for those missing.
    fn reflowed(&mut self, size: usize) {
        let mut dropped = self.dropped();
        if size >= MOST {
            if let Some(gone) = &mut self.gone {
                let run = Run { text: HOLE.to_owned(), style: CellStyle::default() };
                gone.push((dropped, Row(vec![run])));
            }
            dropped += 1;
        }
        self.above = dropped + size as u64;
    }

    /// Collects from now on what is dropped.
    pub(super) fn collect(&mut self) {
        self.gone.get_or_insert_default();
    }

    /// What was collected since the last call.
    pub(super) fn take_gone(&mut self) -> Vec<(u64, Row)> {
        self.gone.as_mut().map(std::mem::take).unwrap_or_default()
    }

    fn dropped(&self) -> u64 {
        self.above.saturating_sub(self.size as u64)
    }

    /// Which lines there are. None can be read while another screen covers them.
    pub(super) fn past<T: EventListener>(&self, term: &Term<T>) -> Past {
        let oldest = if is_covered(term) { self.above } else { self.dropped() };
        Past { age: self.age, oldest, above: self.above }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::time::Instant;

    use alacritty_terminal::event::VoidListener;
    use alacritty_terminal::term::Config;
    use alacritty_terminal::vte::ansi::Processor;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::scrollback::{PAGE, Wanted};
    use crate::runner::host::Terminal;

    const SIZE: Size = Size { cols: 80, rows: 5 };

    fn feed(terminal: &mut Terminal, text: &str) {
        terminal.feed(text.as_bytes(), Instant::now());
    }

    fn numbered(numbers: std::ops::Range<u64>) -> String {
        numbers.map(|number| format!("line {number}\r\n")).collect()
    }

    fn past(terminal: &mut Terminal) -> Past {
        terminal.frame_since(0).unwrap().1.past
    }

    /// Text of lines above the screen.
    fn lines(terminal: &Terminal, from: u64, count: u64) -> Vec<String> {
        terminal.lines(Wanted { from, count }).rows.iter().map(|row| row.text()).collect()
    }

    #[test]
    fn lines_keep_their_number_for_ever() {
        let mut terminal = Terminal::new(SIZE);
        feed(&mut terminal, &numbered(0..100));
        assert_eq!(past(&mut terminal), Past { age: 0, oldest: 0, above: 96 });
        assert_eq!(lines(&terminal, 42, 1), ["line 42"]);
        feed(&mut terminal, &numbered(100..10_000));
        let now = past(&mut terminal);
        assert_eq!((now.age, now.above), (0, 9_996));
        assert!((KEPT as u64..=MOST as u64).contains(&(now.above - now.oldest)), "{now:?}");
        assert_eq!(lines(&terminal, now.oldest, 1), [format!("line {}", now.oldest)]);
        assert_eq!(lines(&terminal, 9_994, 50), ["line 9994", "line 9995"]);
        assert_eq!(lines(&terminal, 0, 50), Vec::<String>::new(), "long gone");
        assert_eq!(lines(&terminal, now.oldest, 5_000).len() as u64, PAGE);
    }

    #[test]
    fn characters_are_not_cut_however_much_is_fed_at_once() {
        let text: String =
            (0..400).map(|n| format!("{} д é 完 р{n}\r\n", "x".repeat(n % 7))).collect();
        let (mut whole, mut single) = (Terminal::new(SIZE), Terminal::new(SIZE));
        feed(&mut whole, &text);
        for byte in text.bytes() {
            single.feed(&[byte], Instant::now());
        }
        assert_eq!(lines(&whole, 0, 400), lines(&single, 0, 400));
    }

    #[test]
    fn a_taller_screen_takes_lines_back_and_other_columns_begin_another_age() {
        let mut terminal = Terminal::new(SIZE);
        feed(&mut terminal, &numbered(0..100));
        terminal.resize(Size { cols: 80, rows: 10 });
        assert_eq!(past(&mut terminal), Past { age: 0, oldest: 0, above: 91 });
        terminal.resize(Size { cols: 80, rows: 4 });
        assert_eq!(past(&mut terminal), Past { age: 0, oldest: 0, above: 97 });
        assert_eq!(lines(&terminal, 96, 1), ["line 96"]);
        terminal.resize(Size { cols: 90, rows: 4 });
        assert_eq!(past(&mut terminal).age, 1);
        let now = past(&mut terminal);
        assert_eq!(lines(&terminal, now.above - 1, 1), ["line 96"]);
    }

    #[test]
    fn a_cleared_history_begins_another_age() {
        for clear in ["\x1b[3J", "\x1bc"] {
            let mut terminal = Terminal::new(SIZE);
            feed(&mut terminal, &numbered(0..50));
            let before = past(&mut terminal);
            feed(&mut terminal, &format!("{clear}{}", numbered(0..90)));
            let now = past(&mut terminal);
            assert_eq!(now.age, 1, "{clear:?}");
            assert!(now.oldest >= before.above && now.above > now.oldest);
            let shown = lines(&terminal, now.oldest, 99);
            assert_eq!(shown.last().unwrap(), "line 85");
        }
    }

    #[test]
    fn another_screen_covers_the_lines_for_a_while() {
        let mut terminal = Terminal::new(SIZE);
        feed(&mut terminal, &numbered(0..50));
        feed(&mut terminal, &format!("{}\x1b[?1049h{}", numbered(50..60), numbered(0..300)));
        let covered = past(&mut terminal);
        assert_eq!(covered.oldest, covered.above);
        feed(&mut terminal, "\x1b[?1049l");
        assert_eq!(past(&mut terminal), Past { age: 0, oldest: 0, above: 56 });
        assert_eq!(lines(&terminal, 55, 1), ["line 55"]);
        feed(&mut terminal, "\x1b[?1049h");
        terminal.resize(Size { cols: 100, rows: 5 });
        feed(&mut terminal, "\x1b[?1049lx");
        assert_eq!(past(&mut terminal).age, 1);
        assert_eq!(lines(&terminal, 55, 1), ["line 55"]);
    }

    #[test]
    fn scrolling_below_a_fixed_head_adds_no_lines() {
        let mut terminal = Terminal::new(SIZE);
        feed(&mut terminal, &numbered(0..10));
        let before = past(&mut terminal);
        feed(&mut terminal, &format!("\x1b[2;5r\x1b[5;1H{}", numbered(0..30)));
        assert_eq!(past(&mut terminal), before);
    }

    #[test]
    fn a_full_row_goes_on_in_the_next() {
        let mut terminal = Terminal::new(SIZE);
        feed(&mut terminal, &format!("{}\r\nshort\r\n{}", "x".repeat(100), numbered(0..9)));
        let page = terminal.lines(Wanted { from: 0, count: 3 });
        let on: Vec<bool> = page.rows.iter().map(|row| row.goes_on()).collect();
        assert_eq!(on, [true, false, false]);
    }

    /// What a terminal without a limit has above its screen.
    struct Unlimited(Term<VoidListener>, Processor);

    impl Unlimited {
        fn new() -> Self {
            let config = Config { scrolling_history: 1_000_000, ..Config::default() };
            Self(Term::new(config, &SIZE, VoidListener), Processor::new())
        }

        fn rows(&self) -> Vec<Row> {
            let grid = self.0.grid();
            let lines = (1..=grid.history_size()).rev();
            lines
                .map(|above| {
                    let cells = &grid[Line(-i32::try_from(above).unwrap())];
                    rows::from_cells((0..grid.columns()).map(|column| &cells[Column(column)]))
                })
                .collect()
        }
    }

    /// The lines dropped since the last gap, and those still there.
    fn all(gone: &mut Vec<(u64, Row)>, terminal: &mut Terminal) -> Vec<Row> {
        let now = past(terminal);
        let mut numbered: Vec<(u64, Row)> = std::mem::take(gone);
        for from in (now.oldest..now.above).step_by(usize::try_from(PAGE).unwrap()) {
            numbered.extend((from..).zip(terminal.lines(Wanted { from, count: PAGE }).rows));
        }
        let mut next = now.above;
        let rows = numbered.into_iter().rev().take_while(|(number, _)| {
            next = next.wrapping_sub(1);
            *number == next
        });
        let mut rows: Vec<Row> = rows.map(|(_, row)| row).collect();
        rows.reverse();
        rows
    }

    #[test]
    fn lines_without_room_in_a_narrower_terminal_leave_one_line_that_says_so() {
        let mut terminal = Terminal::collecting(Size { cols: 200, rows: 5 });
        let long: String = (0..3_000).map(|number| format!("{number:190}\r\n")).collect();
        feed(&mut terminal, &long);
        let before = past(&mut terminal);
        terminal.resize(Size { cols: 80, rows: 5 });
        let now = past(&mut terminal);
        let gone = terminal.take_gone();
        assert_eq!(gone.len() as u64, now.oldest, "no number is left out");
        let texts: Vec<String> = gone.iter().map(|(_, row)| row.text()).collect();
        assert_eq!(texts.iter().filter(|text| *text == HOLE).count(), 1);
        assert_eq!(texts[usize::try_from(before.oldest).unwrap()], HOLE);
        feed(&mut terminal, &numbered(0..100));
        assert_eq!(past(&mut terminal).age, now.age, "there was room for them");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// However the output is cut and whatever it does, a number never means two lines in one age.
        #[test]
        fn numbers_are_steady(
            parts in proptest::collection::vec(prop_oneof![
                8 => (1u64..400).prop_map(|count| (count, "")),
                1 => Just((0, "\x1b[3J")),
                1 => Just((0, "\x1b[2J")),
                1 => Just((0, "\x1b[4S")),
                1 => Just((0, "\x1b[?1049hcovered\r\n\r\n\r\n\r\n\r\n\r\n\x1b[?1049l")),
                1 => Just((0, "\x1b[?2026h")),
            ], 1..20),
        ) {
            let mut terminal = Terminal::new(SIZE);
            let mut seen = std::collections::BTreeMap::new();
            let mut count = 0;
            for (lines, command) in parts {
                feed(&mut terminal, command);
                feed(&mut terminal, &numbered(count..count + lines));
                count += lines;
                let now = past(&mut terminal);
                for from in [now.oldest, now.above.saturating_sub(PAGE).max(now.oldest)] {
                    let page = terminal.lines(Wanted { from, count: PAGE });
                    for (number, row) in (page.from..).zip(page.rows) {
                        let text = row.text();
                        let known = seen.entry((now.age, number)).or_insert(text.clone());
                        prop_assert_eq!(&text, known, "line {} of {:?}", number, now);
                    }
                }
            }
        }

        /// What was dropped and what is there are together all lines that a terminal without a limit has.
        #[test]
        fn nothing_is_lost(
            steps in proptest::collection::vec(prop_oneof![
                8 => (1u64..900).prop_map(|count| (count, "", 0)),
                2 => (2u16..60).prop_map(|rows| (0, "", rows)),
                1 => Just((0, "\x1b[3J", 0)),
                1 => Just((0, "\x1b[2J", 0)),
                1 => Just((0, "\x1b[4S", 0)),
                1 => Just((0, "wide \x1b[31mand coloured, longer than the terminal is, so that it goes on in the next row: \u{5b8c}\r\n", 0)),
                1 => Just((0, "\x1b[?1049hcovered\r\n\r\n\r\n\r\n\r\n\r\n\x1b[?1049l", 0)),
            ], 1..24),
        ) {
            let (mut terminal, mut unlimited) = (Terminal::collecting(SIZE), Unlimited::new());
            let (mut gone, mut count) = (Vec::new(), 0);
            for (lines, command, rows) in steps {
                let text = format!("{command}{}", numbered(count..count + lines));
                count += lines;
                feed(&mut terminal, &text);
                unlimited.1.advance(&mut unlimited.0, text.as_bytes());
                if rows > 0 {
                    terminal.resize(Size { rows, ..SIZE });
                    unlimited.0.resize(Size { rows, ..SIZE });
                }
                gone.extend(terminal.take_gone());
            }
            prop_assert_eq!(all(&mut gone, &mut terminal), unlimited.rows());
        }
    }
}
