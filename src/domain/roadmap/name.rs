//! The name of a phase as plain text: without matching emphasis, status marks around it and a state at its end.

use std::ops::Range;

use super::status::{after_mark, before_mark};
use super::vocabulary::by_words;

/// Opening marks that may still be closed; more are left as they stand.
const OPEN: usize = 8;

/// The name a heading gives, as plain text.
pub(super) fn plain(text: &str) -> String {
    let pairs = pairs(text);
    let text_range = inside(text, &pairs);
    let mut name = String::with_capacity(text_range.len());
    let mut at = text_range.start;
    let kept = |pair: &&Range<usize>| pair.start >= text_range.start && pair.end <= text_range.end;
    for pair in pairs.iter().filter(kept) {
        name.push_str(&text[at..pair.start]);
        at = pair.end;
    }
    name.push_str(&text[at..text_range.end]);
    without_state(without_lead(&name)).to_owned()
}

/// The text without blanks, marks and emphasis that has no other half, at both ends.
fn inside(text: &str, pairs: &[Range<usize>]) -> Range<usize> {
    let single = |at: usize| {
        let place = pairs.partition_point(|pair| pair.end <= at);
        pairs.get(place).is_none_or(|pair| pair.start > at)
    };
    let (mut start, mut end) = (0, text.len());
    loop {
        let rest = text[start..end].trim();
        let from = text.len() - text[start..].trim_start().len();
        (start, end) = (from.min(end), from.min(end) + rest.len());
        if rest.starts_with(is_emphasis) && single(start) {
            start += 1;
        } else if rest.ends_with(is_emphasis) && single(end - 1) {
            end -= 1;
        } else if let Some(kept) = before_mark(rest) {
            end = start + kept.len();
        } else {
            return start..end;
        }
    }
}

/// Emphasis, strike-through and code.
fn is_emphasis(c: char) -> bool {
    matches!(c, '*' | '_' | '~' | '`')
}

/// The marks of emphasis and code that come in pairs, in order.
fn pairs(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut open: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(is_emphasis).map(|start| at + start) {
        let mark = &text[start..=start];
        let end = text.len() - text[start..].trim_start_matches(mark).len();
        at = end;
        let run = &text[start..end];
        if mark == "`" {
            if let Some(close) = closing(text, end, run.len()) {
                at = close + run.len();
                found.extend([start..end, close..at]);
            }
            continue;
        }
        let (opens, closes) = sides(text, &(start..end));
        let first = open.len().saturating_sub(OPEN);
        let same = open[first..].iter().rposition(|other| text[other.clone()] == *run);
        match same.filter(|_| closes) {
            Some(place) => {
                found.extend([open[first + place].clone(), start..end]);
                open.truncate(first + place);
            }
            None if opens && run.len() <= 3 => open.push(start..end),
            None => {}
        }
    }
    found.sort_by_key(|pair| pair.start);
    found
}

/// Where the run of back-ticks that ends a code begins. Only near ones are looked for.
fn closing(text: &str, from: usize, length: usize) -> Option<usize> {
    let mut at = from;
    for _ in 0..OPEN {
        let start = at + text[at..].find('`')?;
        let run = text[start..].bytes().take_while(|byte| *byte == b'`').count();
        if run == length {
            return Some(start);
        }
        at = start + run;
    }
    None
}

/// Whether a run of marks may open, and whether it may close emphasis. Inside a word it does neither.
fn sides(text: &str, run: &Range<usize>) -> (bool, bool) {
    let before = text[..run.start].chars().next_back().unwrap_or(' ');
    let after = text[run.end..].chars().next().unwrap_or(' ');
    let within = before.is_alphanumeric() && after.is_alphanumeric();
    let opens = !within && !after.is_whitespace() && !before.is_alphanumeric();
    (opens, !within && !before.is_whitespace() && !after.is_alphanumeric())
}

/// The name without the marks before it, and the separator behind those.
fn without_lead(name: &str) -> &str {
    let dashes = |c: char| c.is_whitespace() || matches!(c, '—' | '–' | '\u{fe0f}' | '\u{200d}');
    let mut rest = name.trim_start_matches(dashes);
    while let Some(behind) = after_mark(rest) {
        rest = behind.trim_start_matches(|c: char| dashes(c) || matches!(c, ':' | '-'));
    }
    rest
}

/// The name without a state at its end: a mark, or words with a mark, in brackets or behind a dash.
fn without_state(name: &str) -> &str {
    let mut name = name.trim();
    loop {
        let kept = before_mark(name).or_else(|| before_words(name));
        let kept = kept.map(|kept| kept.trim_end_matches([' ', '-', '—', '–']).trim_end());
        match kept.filter(|kept| kept.contains(char::is_alphanumeric)) {
            Some(kept) => name = kept,
            None => return name,
        }
    }
}

/// What stands before a state in words at the end of a name.
fn before_words(name: &str) -> Option<&str> {
    let (start, from) = match name.chars().next_back()? {
        ')' => name.rfind('(').map(|at| (at, at + 1))?,
        ']' => name.rfind('[').map(|at| (at, at + 1))?,
        _ => {
            // A state is a few words: what cuts it off is near.
            let tail = name.char_indices().rev().take(40).map(|(at, _)| at);
            let cut = |at: usize| {
                let rest = &name[at..];
                let dash = [" - ", " -- ", " — ", " – "].iter().find(|cut| rest.starts_with(**cut));
                let mark = after_mark(rest).map(|behind| name.len() - behind.len());
                dash.map(|cut| at + cut.len()).or(mark).map(|from| (at, from))
            };
            tail.filter(|at| name.is_char_boundary(*at)).find_map(cut)?
        }
    };
    let words = name[from..].trim_end_matches([')', ']']);
    let (_, at) = by_words(words)?;
    let alone = [&words[..at.start], &words[at.end..]];
    alone.iter().all(|rest| !rest.contains(char::is_alphabetic)).then(|| &name[..start])
}
