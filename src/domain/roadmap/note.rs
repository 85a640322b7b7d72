//! What stands around an id in a dependency list: ticks, notes, and words that may say anything.

use super::token::{self, Letters, Number, id_length};

/// Blanks, bullets, emphasis, ticks and links before an id.
pub(super) fn is_lead(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '*' | '+' | '_' | '`' | '~' | '(')
        || (!c.is_ascii() && !c.is_alphanumeric())
}

/// What follows an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remainder {
    /// Nothing, marks, or a note in brackets or behind a dash or colon.
    Note,
    /// Words that may say anything.
    Words,
}

/// Classifies what follows an id.
pub(super) fn remainder(text: &str) -> Remainder {
    if text.trim().is_empty() {
        return Remainder::Note;
    }
    if text.starts_with('+') || text.starts_with(".*") {
        // `2.1+` and `2.*` are more than one phase.
        return Remainder::Words;
    }
    let open = text.trim_end_matches(|c: char| c.is_whitespace() || c == '*');
    if open.ends_with(['?', '？']) || matches!(open.trim(), "-" | "–" | "—") {
        // `1.1?` is in doubt, and `1.1-` goes on somewhere.
        return Remainder::Words;
    }
    let outside = without_brackets(text);
    let rest = outside.trim_start_matches(|c: char| c != '-' && c != ':' && is_lead(c));
    let note =
        rest.starts_with([':', '-', ']', '—', '–']) || outside.trim_start().starts_with(['—', '–']);
    if note || only_glue(&outside) { Remainder::Note } else { Remainder::Words }
}

/// The text without what stands in round brackets.
pub(super) fn without_brackets(text: &str) -> String {
    let mut depth = 0usize;
    let mut kept = String::new();
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            c if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

/// Words that add nothing to an id.
const GLUE: [&str; 33] = [
    "must",
    "be",
    "complete",
    "completed",
    "completion",
    "done",
    "finished",
    "first",
    "is",
    "are",
    "now",
    "already",
    "only",
    "of",
    "the",
    "after",
    "requires",
    "needs",
    "both",
    "all",
    "phase",
    "phases",
    "x",
    "white_check_mark",
    "heavy_check_mark",
    "hard",
    "has",
    "to",
    "waiting",
    "for",
    "on",
    "depends",
    "work",
];

/// Whether a text says nothing that a person would have to read.
pub(super) fn only_glue(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut words = lower
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|w| !w.trim_matches('_').is_empty());
    words.all(|word| GLUE.contains(&word))
}

/// The part of a remainder that belongs to the id before it: up to the next named phase, or an id behind a slash.
pub(super) fn own(rest: &str) -> &str {
    let near = &rest[..named_phase(rest).unwrap_or(rest.len())];
    let slash = |at: &usize| id_length(near[at + 1..].trim_start(), Letters::Refused).is_some();
    let outside = near.find('(').unwrap_or(near.len());
    let mut slashes = near[..outside].match_indices('/').map(|(at, _)| at);
    &near[..slashes.find(slash).unwrap_or(near.len())]
}

/// Where a phase is named by keyword or prefix, outside of round brackets and at the start of a word.
pub(super) fn named_phase(text: &str) -> Option<usize> {
    let (mut depth, mut before) = (0usize, ' ');
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let begins = !(before.is_alphanumeric() || matches!(before, '_' | '-' | '.' | '/' | '#'));
        before = c;
        if depth > 0 || !begins || !c.is_ascii_alphabetic() {
            continue;
        }
        let rest = &text[at..];
        let keyed = token::after_keyword(rest).is_some_and(|(id, number)| {
            let letters =
                if number == Number::Singular { Letters::Allowed } else { Letters::Refused };
            id_length(id, letters).is_some()
        });
        let prefixed =
            id_length(rest, Letters::Refused).is_some_and(|length| rest[..length].contains('-'));
        if keyed || prefixed {
            return Some(at);
        }
    }
    None
}

/// Whether a text begins with a phase or a scope, behind its bullet, number, box or link.
pub(super) fn names_at_start(text: &str) -> bool {
    let body = text.trim_start_matches(is_lead);
    let body = body[super::dependency::numbering(body)..].trim_start_matches(is_lead);
    let boxed = ["[ ] ", "[x] ", "[X] "].iter().find_map(|mark| body.strip_prefix(mark));
    let body = boxed.unwrap_or(body).trim_start_matches(|c| is_lead(c) || c == '[');
    let scope = ["batch ", "batches ", "all previous", "all batch"];
    named_phase(body) == Some(0)
        || scope.iter().any(|word| token::starts_with_word(body, word))
        || id_length(body, Letters::Refused).is_some_and(|length| {
            body[..length].contains(['.', '-']) || body[length..].trim().is_empty()
        })
}
