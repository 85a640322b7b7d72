//! Characters that belong to the one before them: marks, joined emoji, skin tones, flags.
//!
//! A grapheme takes the cells that its text takes as a whole, which is how the screen counts it when
//! it is drawn, and how the agents' own layout counts it.

use alacritty_terminal::grid::{Dimensions, Grid};
use alacritty_terminal::index::{Column, Point};
use alacritty_terminal::term::cell::{Cell, Flags};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Marks kept on one cell; what an agent piles up beyond is dropped.
const MOST_MARKS: usize = 16;
const JOINER: char = '\u{200d}';
const EMOJI_FORM: char = '\u{fe0f}';

/// Puts `c` onto the character before the cursor if it belongs there. `false` leaves it to be written
/// like any other, which most are: that is found out first.
#[inline]
pub(super) fn extend(grid: &mut Grid<Cell>, c: char) -> bool {
    let is_mark = c.width() == Some(0);
    let may_join = is_mark || is_tone_or_flag(c) || (is_joined(c) && follows_joiner(grid));
    may_join && attach(grid, c)
}

#[inline(never)]
fn attach(grid: &mut Grid<Cell>, c: char) -> bool {
    let is_mark = c.width() == Some(0);
    let Some(place) = before(grid) else { return is_mark };
    let cell = &grid[place];
    let marks = cell.zerowidth().unwrap_or_default();
    if marks.len() >= MOST_MARKS {
        return is_mark;
    }
    if is_mark && c != EMOJI_FORM {
        grid[place].push_zerowidth(c);
        return true;
    }
    let whole: String = [cell.c].iter().chain(marks).chain([&c]).collect();
    let is_one = whole.graphemes(true).count() == 1;
    let is_wide = cell.flags.contains(Flags::WIDE_CHAR);
    match (is_one, whole.width()) {
        (true, 2) if is_wide => grid[place].push_zerowidth(c),
        (true, 2) if widen(grid, place) => grid[place].push_zerowidth(c),
        (true, 1) if !is_wide => grid[place].push_zerowidth(c),
        _ => return is_mark,
    }
    true
}

fn follows_joiner(grid: &Grid<Cell>) -> bool {
    let marks = before(grid).and_then(|place| grid[place].zerowidth());
    marks.and_then(<[char]>::last) == Some(&JOINER)
}

/// Whether a character that is no mark may belong to the one before it.
fn is_joined(c: char) -> bool {
    // Nothing below arrows and symbols is joined to an emoji.
    c >= '\u{2190}'
}

fn is_tone_or_flag(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}' | '\u{1f1e6}'..='\u{1f1ff}')
}

/// Where the character before the cursor stands.
fn before(grid: &Grid<Cell>) -> Option<Point> {
    let cursor = &grid.cursor;
    let mut place = cursor.point;
    if !cursor.input_needs_wrap {
        place.column = Column(place.column.0.checked_sub(1)?);
    }
    if grid[place].flags.contains(Flags::WIDE_CHAR_SPACER) {
        place.column = Column(place.column.0.checked_sub(1)?);
    }
    Some(place)
}

/// Gives a character its second cell, if the row has one and the cursor stands there.
fn widen(grid: &mut Grid<Cell>, place: Point) -> bool {
    let cursor = grid.cursor.point;
    let second = place.column + 1usize;
    if cursor.column != second || grid.cursor.input_needs_wrap {
        return false;
    }
    free(grid, cursor);
    let mut spacer = grid[place].clone();
    (spacer.c, spacer.extra) = (' ', None);
    spacer.flags.insert(Flags::WIDE_CHAR_SPACER);
    grid[cursor] = spacer;
    grid[place].flags.insert(Flags::WIDE_CHAR);
    if cursor.column < grid.last_column() {
        grid.cursor.point.column += 1;
    } else {
        grid.cursor.input_needs_wrap = true;
    }
    true
}

/// Blanks a wide character of which a change at `column` would leave one half.
pub(super) fn sever(grid: &mut Grid<Cell>, column: usize) {
    let line = grid.cursor.point.line;
    let (Some(first), true) = (column.checked_sub(1), column < grid.columns()) else { return };
    if grid[line][Column(column)].flags.contains(Flags::WIDE_CHAR_SPACER) {
        for half in [first, column] {
            let cell = &mut grid[line][Column(half)];
            cell.flags.remove(Flags::WIDE_CHAR | Flags::WIDE_CHAR_SPACER);
            (cell.c, cell.extra) = (' ', None);
        }
    }
}

/// Takes the other half from a wide character whose first half is about to go.
fn free(grid: &mut Grid<Cell>, place: Point) {
    let next = Point { column: place.column + 1usize, ..place };
    if grid[place].flags.contains(Flags::WIDE_CHAR) && next.column <= grid.last_column() {
        grid[next].flags.remove(Flags::WIDE_CHAR_SPACER);
        grid[next].c = ' ';
    }
}
