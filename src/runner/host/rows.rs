//! From emulator cells to rows of styled runs.

use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::vte::ansi::{Color, NamedColor};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::domain::frame::{Attributes, CellStyle, Colour, Row, Run};
use crate::domain::printable::is_hidden;

/// Marks combined onto one cell at most.
const MOST_MARKS: usize = 8;

/// One row. Blank cells at its end are left out, the second cell of a wide character is skipped.
pub(super) fn from_cells<'a>(cells: impl Iterator<Item = &'a Cell>) -> Row {
    let mut cells = cells.peekable();
    let mut runs: Vec<Run> = Vec::new();
    let mut kept = (0, 0);
    let mut goes_on = false;
    while let Some(cell) = cells.next() {
        goes_on = cell.flags.contains(Flags::WRAPLINE);
        let second = cells.next_if(|next| is_second(cell, next));
        let (style, shown) = (style(cell), character(cell, second));
        let fits = runs.last().is_some_and(|run| run.style == style && !joins(&run.text, cell.c));
        if !fits {
            runs.push(Run { text: String::new(), style });
        }
        if let Some(run) = runs.last_mut() {
            push(run, shown, (cell, second));
        }
        goes_on |= second.is_some_and(|second| second.flags.contains(Flags::WRAPLINE));
        if shown != ' ' || style != CellStyle::default() || goes_on {
            kept = (runs.len(), runs.last().map_or(0, |run| run.text.len()));
        }
    }
    runs.truncate(kept.0);
    if let Some(run) = runs.last_mut() {
        run.text.truncate(kept.1);
        if goes_on {
            run.style.attributes.0 |= Attributes::GOES_ON;
        }
    }
    Row(runs)
}

fn is_second(cell: &Cell, next: &Cell) -> bool {
    cell.flags.contains(Flags::WIDE_CHAR) && next.flags.contains(Flags::WIDE_CHAR_SPACER)
}

fn push(run: &mut Run, shown: char, (cell, second): (&Cell, Option<&Cell>)) {
    let Some(marks) = cell.zerowidth() else { return run.text.push(shown) };
    let cells = 1 + usize::from(second.is_some());
    match whole(cell.c, marks).filter(|text| text.width() == cells) {
        Some(text) => run.text.push_str(&text),
        None => {
            run.text.push(shown);
            run.text.extend(marks.iter().filter(|mark| is_harmless_mark(**mark)).take(MOST_MARKS));
        }
    }
}

/// A character with its marks, if all of it is one thing to draw. What is hidden is left out, and so
/// is a joiner without anything to join.
fn whole(base: char, marks: &[char]) -> Option<String> {
    let kept = marks.iter().filter(|mark| !mark.is_control() && !is_hidden(**mark));
    let mut text: String = [base].iter().chain(kept.take(MOST_MARKS)).collect();
    text.truncate(text.trim_end_matches('\u{200d}').len());
    let is_drawn = !base.is_control() && !is_hidden(base) && base.width() != Some(0);
    (is_drawn && text.graphemes(true).count() == 1).then_some(text)
}

/// A character that takes its cells and does nothing else. The emulator may leave halves of wide
/// characters behind when text is shifted: those show as what they are.
fn character(cell: &Cell, second: Option<&Cell>) -> char {
    let cells = 1 + usize::from(second.is_some());
    match cell.c {
        '\t' => ' ',
        _ if second.is_none() && cell.flags.contains(Flags::WIDE_CHAR_SPACER) => ' ',
        c if c.is_control() || is_hidden(c) || c.width() != Some(cells) => '\u{fffd}',
        c => c,
    }
}

/// Joiners and variation selectors would give the text another width than its cells have.
fn is_harmless_mark(mark: char) -> bool {
    !(mark.is_control()
        || is_hidden(mark)
        || ('\u{fe00}'..='\u{fe0f}').contains(&mark)
        || mark == '\u{200d}')
}

/// Whether a character with a cell of its own would be drawn as one with the text before it.
fn joins(text: &str, next: char) -> bool {
    if next.is_ascii() {
        return false;
    }
    let Some(last) = text.graphemes(true).next_back() else { return false };
    let both: String = last.chars().chain([next]).collect();
    both.graphemes(true).count() == 1
}

fn style(cell: &Cell) -> CellStyle {
    const ATTRIBUTES: [(Flags, u8); 7] = [
        (Flags::BOLD, Attributes::BOLD),
        (Flags::DIM, Attributes::DIM),
        (Flags::ITALIC, Attributes::ITALIC),
        (Flags::ALL_UNDERLINES, Attributes::UNDERLINE),
        (Flags::INVERSE, Attributes::REVERSE),
        (Flags::STRIKEOUT, Attributes::STRIKE),
        (Flags::HIDDEN, Attributes::HIDDEN),
    ];
    let bits = ATTRIBUTES
        .iter()
        .filter(|(flag, _)| cell.flags.intersects(*flag))
        .fold(0, |bits, (_, attribute)| bits | attribute);
    CellStyle { fg: colour(cell.fg), bg: colour(cell.bg), attributes: Attributes(bits) }
}

fn colour(colour: Color) -> Colour {
    match colour {
        Color::Spec(rgb) => Colour::Rgb(rgb.r, rgb.g, rgb.b),
        Color::Indexed(index) => Colour::Indexed(index),
        Color::Named(name) => named(name),
    }
}

fn named(name: NamedColor) -> Colour {
    let number = name as usize;
    let first_dim = NamedColor::DimBlack as usize;
    match number {
        0..=15 => Colour::Indexed(u8::try_from(number).unwrap_or(0)),
        n if (first_dim..first_dim + 8).contains(&n) => {
            Colour::Indexed(u8::try_from(n - first_dim).unwrap_or(0))
        }
        _ => Colour::Default,
    }
}
