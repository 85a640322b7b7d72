//! Notes behind an id that are more than a name: further ids, and conditions only a person can judge.

use std::ops::Range;

use super::note::only_glue;
use super::token::{self, Letters, id_length};

/// Words that make a note a condition wherever they stand.
const ANYWHERE: [&str; 16] = [
    "needs",
    "need",
    "requires",
    "require",
    "requiring",
    "approval",
    "approvals",
    "pending",
    "awaiting",
    "waiting",
    "sign-off",
    "signoff",
    "legal",
    "unless",
    "until",
    "waits",
];

/// Words that make it one at its beginning.
const FIRST: [&str; 12] =
    ["and", "plus", "after", "also", "with", "when", "once", "if", "or", "but", "except", "then"];

/// Words that tell of the phase itself.
const ITSELF: [&str; 12] = [
    "pending", "waiting", "awaiting", "not", "yet", "once", "when", "until", "and", "plus", "also",
    "then",
];

/// Whether a note holds a condition.
pub(super) fn told(note: &str) -> bool {
    let mut plain = note.to_owned();
    let places: Vec<_> = ids(note).map(|(place, _)| place).collect();
    for place in places {
        plain.replace_range(place.clone(), &" ".repeat(place.len()));
    }
    let plain = plain.to_ascii_lowercase();
    let own = words(&plain).all(|word| ITSELF.contains(&word) || only_glue(word));
    let first = words(&plain).next().is_some_and(|word| FIRST.contains(&word));
    !own && (first || words(&plain).any(|word| ANYWHERE.contains(&word)))
}

/// The words of a note.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let split = text.split(|c: char| !(c.is_alphanumeric() || c == '-'));
    split.map(|word| word.trim_matches('-')).filter(|word| !word.is_empty())
}

/// The ids in a note, outside of link targets, and whether they are phases even if the file has none of that id.
pub(super) fn ids(note: &str) -> impl Iterator<Item = (Range<usize>, bool)> {
    let (mut before, mut link, mut until, mut words) = (' ', false, 0, 0);
    note.char_indices().filter_map(move |(at, c)| {
        let last = std::mem::replace(&mut before, c);
        link = (link || (c == '(' && last == ']')) && c != ')';
        let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | '#' | '$');
        let begins = c.is_ascii_alphanumeric() && !inside(last);
        let dashed = last == '-' && note[..at - 1].ends_with(|c: char| c.is_alphanumeric());
        if at < until || link || !begins || dashed {
            return None;
        }
        words += 1;
        let rest = &note[at..];
        let keyed = token::after_keyword(rest);
        let body = keyed.map_or(rest, |(body, _)| body);
        let start = note.len() - body.len();
        let letters = if keyed.is_some() { Letters::Allowed } else { Letters::Refused };
        let length = id_length(body, letters)?;
        let id = &body[..length];
        let alone = body[length..].chars().all(|c| !c.is_alphanumeric());
        let shaped = keyed.is_some() || id.contains('.') || (words == 1 && alone);
        until = start + length;
        let sure = keyed.is_some() || (words == 1 && alone);
        shaped.then_some((start..start + length, sure))
    })
}
