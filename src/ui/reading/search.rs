//! Searching what an agent said: the text as it is typed, capitals only where the search has some.

use crate::domain::frame::Row;
use crate::ui::keys::Direction;

use super::lines::{Place, Seen};

/// Matches counted at most.
const MOST_MATCHES: usize = 99_999;

/// A search and what it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// What is searched for.
    pub needle: String,
    /// Which way it goes.
    pub way: Direction,
    /// What was found when it was last looked, oldest first.
    pub found: Vec<Match>,
    /// Nothing was found yet when it was typed, from this place.
    pub owed: Option<Place>,
}

/// First and last cell of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// Its first cell.
    pub from: Place,
    /// Its last cell.
    pub to: Place,
}

impl Match {
    /// Whether a cell belongs to it.
    pub fn holds(&self, at: Place) -> bool {
        self.from <= at && at <= self.to
    }
}

impl Search {
    /// A search that has not looked yet.
    pub fn new(way: Direction) -> Self {
        Self { needle: String::new(), way, found: Vec::new(), owed: None }
    }

    /// Looks through everything that is here.
    pub fn look(&mut self, seen: &Seen) {
        self.found = find(seen, &self.needle, (seen.first(), seen.end()));
    }

    /// The match next to a place, from the other end where there is none on.
    pub fn next(&self, at: Place, way: Direction) -> Option<Match> {
        let found = &self.found;
        match way {
            Direction::On => found.iter().find(|one| one.from > at).or(found.first()),
            Direction::Back => found.iter().rev().find(|one| one.from < at).or(found.last()),
        }
        .copied()
    }

    /// Which match a place is in, from 1, and how many there are: `3/17`.
    pub fn count(&self, at: Place) -> String {
        let all = match self.found.len() {
            MOST_MATCHES.. => format!("{MOST_MATCHES}+"),
            all => all.to_string(),
        };
        match self.found.iter().position(|one| one.holds(at)) {
            Some(index) => format!("{}/{all}", index + 1),
            None if self.found.is_empty() => "no match".into(),
            None => format!("-/{all}"),
        }
    }
}

/// Finds a text in lines from one number up to another. Rows that are only broken by the terminal are one line.
pub fn find(seen: &Seen, needle: &str, (from, end): (u64, u64)) -> Vec<Match> {
    let case = if needle.chars().any(char::is_uppercase) { Case::Kept } else { Case::Folded };
    let wanted: Vec<char> = needle.chars().map(|c| folded(c, case)).collect();
    let mut found = Vec::new();
    if wanted.is_empty() {
        return found;
    }
    let plain: String = wanted.iter().collect();
    let mut number = seen.line_start(from);
    while number < end && found.len() < MOST_MATCHES {
        let last = seen.line_end(number);
        if number == last && lacks(seen.row(number), &plain, case) {
            number += 1;
            continue;
        }
        let mut line: Vec<(char, Place, usize)> = Vec::new();
        for row in number..=last {
            let letters = seen.letters(row).into_iter();
            line.extend(letters.map(|letter| {
                let place = Place { line: row, column: letter.column };
                (folded(letter.c, case), place, letter.width)
            }));
        }
        find_in(&line, &wanted, &mut found);
        number = last + 1;
    }
    found
}

/// Whether a row of plain ASCII, as most are, certainly lacks a text. Quicker than looking at each of its cells.
fn lacks(row: Option<&Row>, wanted: &str, case: Case) -> bool {
    let Some(row) = row.filter(|row| row.0.iter().all(|run| run.text.is_ascii())) else {
        return false;
    };
    let mut text = row.text();
    match case {
        Case::Kept => {}
        Case::Folded => text.make_ascii_lowercase(),
    }
    !text.contains(wanted)
}

/// Whether capitals differ from small letters.
#[derive(Clone, Copy)]
enum Case {
    Kept,
    Folded,
}

fn folded(c: char, case: Case) -> char {
    match case {
        Case::Kept => c,
        Case::Folded => c.to_lowercase().next().unwrap_or(c),
    }
}

fn find_in(line: &[(char, Place, usize)], wanted: &[char], found: &mut Vec<Match>) {
    let mut at = 0;
    while let Some(window) = line.get(at..at + wanted.len()) {
        let hit = window.iter().zip(wanted).all(|((c, ..), wanted)| c == wanted);
        if let (true, Some((_, from, _)), Some((_, to, width))) =
            (hit, window.first(), window.last())
        {
            let to = Place { column: to.column + width.saturating_sub(1), ..*to };
            found.push(Match { from: *from, to });
            at += wanted.len();
        } else {
            at += 1;
        }
    }
}
