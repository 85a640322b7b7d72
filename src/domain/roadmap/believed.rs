//! Ticks behind an id: whose they are, and whether the words around them take them back.

use super::token::{self, Letters, id_length};

/// Marks of what is finished.
const MARKS: [&str; 7] = ["✅", "☑", "✔", ":white_check_mark:", ":heavy_check_mark:", "[x]", "[X]"];

/// Marks and words that take a tick back wherever they stand.
const DENIED: [char; 10] = ['?', '？', '❌', '✗', '✘', '🔴', '🚫', '⛔', '🟡', '🔄'];
const NEVER: [&str; 18] = [
    "not",
    "never",
    "isn",
    "aren",
    "wasn",
    "isnt",
    "hasn",
    "incomplete",
    "unfinished",
    "undone",
    "reopened",
    "reverted",
    "failed",
    "partly",
    "partially",
    "mostly",
    "almost",
    "nearly",
];

/// Words that take a tick back where a clause begins with them, or beside the mark.
const UNLESS: [&str; 24] = [
    "no", "to", "be", "until", "till", "when", "once", "if", "unless", "after", "before",
    "pending", "awaiting", "waiting", "needs", "need", "except", "but", "without", "should",
    "will", "must", "expected", "yet",
];

/// Whether a tick, or the word complete alone, stands in what belongs to an id, and nothing takes it back.
pub(super) fn is_ticked(text: &str) -> bool {
    if !may_tell(text) || text.contains(DENIED) {
        return false;
    }
    let lower = without_struck(text).to_ascii_lowercase();
    if words(&lower).any(|word| NEVER.contains(&word)) {
        return false;
    }
    let mut told = false;
    for clause in clauses(&lower) {
        if words(clause).next().is_some_and(|word| UNLESS.contains(&word)) {
            return false;
        }
        match mark(clause) {
            Some((before, after)) if !is_own(before, after) => return false,
            Some(_) => told = true,
            None => told |= is_done(clause),
        }
    }
    told
}

/// Whether any mark or word of what is finished may begin in a text: most texts are told by one look at each byte.
fn may_tell(text: &str) -> bool {
    let begins = |byte: u8| matches!(byte, b'[' | b':' | b'c' | b'C' | b'd' | b'D' | b'f' | b'F');
    let mut starts = true;
    text.bytes().any(|byte| {
        let word = std::mem::replace(&mut starts, !byte.is_ascii_alphanumeric());
        !byte.is_ascii() || begins(byte) && (word || !byte.is_ascii_alphabetic())
    })
}

/// What stands before and behind the first mark of a clause.
fn mark(clause: &str) -> Option<(&str, &str)> {
    let begins = |c: char| !c.is_ascii() || matches!(c, ':' | '[');
    clause.match_indices(begins).find_map(|(at, _)| {
        let mark = MARKS.iter().find(|mark| clause[at..].starts_with(**mark))?;
        Some((&clause[..at], &clause[at + mark.len()..]))
    })
}

/// Whether a mark between these two speaks of the id before it, without conditions.
fn is_own(before: &str, after: &str) -> bool {
    let last = words(before).last();
    let taken_back = last.is_some_and(|word| UNLESS.contains(&word))
        || words(after).any(|word| UNLESS.contains(&word));
    !taken_back && !names_another(before)
}

/// Whether a text names a phase by a keyword or with a dot.
fn names_another(text: &str) -> bool {
    text.split_whitespace().enumerate().any(|(at, word)| {
        let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
        let dotted = |length: usize| word[..length].contains('.');
        let keyed = ["phase", "stage", "stream", "milestone", "batch"];
        (at > 0 || !word.is_empty()) && id_length(word, Letters::Refused).is_some_and(dotted)
            || keyed.iter().any(|key| token::starts_with_word(word, key))
    })
}

/// Whether a clause says complete and nothing else.
fn is_done(clause: &str) -> bool {
    let done = |word: &str| matches!(word, "complete" | "completed" | "done" | "finished");
    let beside =
        |word: &str| matches!(word, "now" | "both" | "all" | "is" | "are" | "already" | "-");
    words(clause).any(done) && words(clause).all(|word| done(word) || beside(word))
}

/// The words of a text; a dash inside of one belongs to it.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let split = text.split(|c: char| !(c.is_alphanumeric() || c == '-'));
    split.map(|word| word.trim_matches('-')).filter(|word| !word.is_empty())
}

/// The clauses of a text: brackets, dashes between blanks and colons part them.
fn clauses(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut before = ' ';
        for (at, c) in text.char_indices() {
            let behind = &text[at + c.len_utf8()..];
            let dash = c == '-'
                && before.is_whitespace()
                && (behind.is_empty() || behind.starts_with(char::is_whitespace));
            let code = c == ':' && MARKS.iter().any(|mark| text[at..].starts_with(mark));
            let closes = c == ':' && MARKS.iter().any(|mark| text[..=at].ends_with(mark));
            let colon = c == ':' && !code && !closes;
            if dash || colon || matches!(c, '(' | ')' | '—' | '–' | ',' | ';') {
                rest = Some(behind);
                return Some(&text[..at]);
            }
            before = c;
        }
        rest = None;
        Some(text)
    })
}

/// The text without what is struck through; a single `~~` closes what began before it.
fn without_struck(text: &str) -> String {
    let mut parts = text.split("~~");
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    if rest.len() % 2 == 1 {
        return text.replace("~~", "");
    }
    std::iter::once(first).chain(rest.iter().skip(1).step_by(2).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_is_taken_back_by_what_stands_beside_it() {
        for text in [
            " ✅",
            " (complete)",
            " - Complete",
            ": Port to Rust ✅",
            " (Port to Rust) ✅",
            " ✅ (later)",
            "~~",
            " :white_check_mark: (2026)",
            " ✔\u{fe0f}",
            " - now complete",
            " done",
        ] {
            assert_eq!(is_ticked(text), text != "~~", "{text}");
        }
        for text in [
            " (to-be-completed)",
            " (in-complete)",
            " (half-done)",
            " (complete: no)",
            " (not: complete)",
            " (done?)",
            " (no ✅ yet)",
            " (✅ when legal agrees)",
            " completed?",
            " ❌✅",
            " (not) complete",
            " ~~✅~~",
            " (see Phase 9.9 ✅)",
            " (like 9.9 ✅)",
            " complete - when legal agrees",
            " must be complete",
        ] {
            assert!(!is_ticked(text), "{text}");
        }
    }
}
