//! Where a motion leads, as in vi.

use super::lines::{Place, Seen};
use crate::ui::keys::Motion;

/// What a cursor in some lines can see of them.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    /// First line in view.
    pub top: u64,
    /// Lines in view.
    pub height: u64,
}

/// What words are made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Blank,
    Word,
    Sign,
}

fn class(c: char) -> Class {
    match c {
        c if c.is_whitespace() => Class::Blank,
        c if c.is_alphanumeric() || c == '_' => Class::Word,
        _ => Class::Sign,
    }
}

/// First and last column of each word of a line.
fn words(seen: &Seen, line: u64) -> Vec<(usize, usize)> {
    let mut words: Vec<(usize, usize)> = Vec::new();
    let mut before = Class::Blank;
    for letter in seen.letters(line).iter().filter(|letter| letter.width > 0) {
        let now = class(letter.c);
        match words.last_mut() {
            Some(word) if now == before && now != Class::Blank => word.1 = letter.column,
            _ if now != Class::Blank => words.push((letter.column, letter.column)),
            _ => {}
        }
        before = now;
    }
    words
}

/// The word at a place.
pub fn word_at(seen: &Seen, at: Place) -> Option<(usize, usize)> {
    words(seen, at.line).into_iter().find(|(first, last)| (*first..=*last).contains(&at.column))
}

/// Where `motion` leads from `at`. The column is not yet limited to the line's text.
pub fn moved(seen: &Seen, at: Place, motion: Motion, sight: Sight) -> Place {
    let Sight { top, height } = sight;
    let half = (height / 2).max(1);
    let page = height.saturating_sub(1).max(1);
    let bottom = (top + height.saturating_sub(1)).min(seen.end().saturating_sub(1));
    let line = |line: u64| Place { line, column: at.column };
    match motion {
        Motion::Left => Place { column: at.column.saturating_sub(1), ..at },
        Motion::Right => Place { column: right(seen, at), ..at },
        Motion::Up => line(at.line.saturating_sub(1)),
        Motion::Down => line(at.line + 1),
        Motion::NextWord => next(seen, at, |(first, _)| first),
        Motion::WordEnd => next(seen, at, |(_, last)| last),
        Motion::PreviousWord => previous(seen, at),
        Motion::LineStart => Place { column: 0, ..at },
        Motion::LineEnd => Place { column: usize::MAX, ..at },
        Motion::Top => Place { line: seen.first(), column: 0 },
        Motion::Bottom => Place { line: seen.end().saturating_sub(1), column: 0 },
        Motion::HalfUp => line(at.line.saturating_sub(half)),
        Motion::HalfDown => line(at.line + half),
        Motion::PageUp => line(at.line.saturating_sub(page)),
        Motion::PageDown => line(at.line + page),
        Motion::High => Place { line: top, column: 0 },
        Motion::Middle => Place { line: top + (bottom.saturating_sub(top)) / 2, column: 0 },
        Motion::Low => Place { line: bottom, column: 0 },
    }
}

/// The column of the next character.
fn right(seen: &Seen, at: Place) -> usize {
    let letters = seen.letters(at.line);
    let next = letters.iter().find(|letter| letter.column > at.column && letter.width > 0);
    next.map_or(at.column, |letter| letter.column)
}

/// The next word's first or last column, on whatever line it is.
fn next(seen: &Seen, at: Place, edge: impl Fn((usize, usize)) -> usize) -> Place {
    for line in at.line..seen.end() {
        let mut edges = words(seen, line).into_iter().map(&edge);
        if let Some(column) = edges.find(|column| line > at.line || *column > at.column) {
            return Place { line, column };
        }
    }
    Place { line: seen.end().saturating_sub(1), column: usize::MAX }
}

/// The begin of the word, or of the one before.
fn previous(seen: &Seen, at: Place) -> Place {
    for line in (seen.first()..=at.line).rev() {
        let mut firsts = words(seen, line).into_iter().rev().map(|(first, _)| first);
        if let Some(column) = firsts.find(|column| line < at.line || *column < at.column) {
            return Place { line, column };
        }
    }
    Place { line: seen.first(), column: 0 }
}
