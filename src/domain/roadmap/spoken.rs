//! Lines that speak of waiting in a dress of their own: `- Depends on Phase 1.1`, `Depends-On:`, `🔗 Hard Dependencies (blocking):`.

use std::ops::Range;

use super::dependency::numbering;
use super::field::{self, Key, Shape};
use super::note;

/// What begins a line that says what a phase waits for, without blanks and dashes; longer ones first.
const VERBS: [&str; 15] = [
    "dependsupon",
    "dependson",
    "dependupon",
    "dependon",
    "dependentupon",
    "dependenton",
    "dependingupon",
    "dependingon",
    "depends",
    "blockedon",
    "blockedby",
    "waitsfor",
    "waitson",
    "waitingfor",
    "waitingon",
];

/// The same for nouns, which also begin other things.
const NOUNS: [&str; 7] =
    ["dependencies", "dependency", "deps", "prerequisites", "prerequisite", "prereqs", "prereq"];

/// What may stand before or behind such a word.
const DEGREES: [&str; 4] = ["hard", "blocking", "strict", "direct"];

/// What dependencies of a program are spoken of with.
pub(super) const PROGRAM: [&str; 10] = [
    "injection",
    "graph",
    "update",
    "upgrade",
    "management",
    "change",
    "added",
    "audit",
    "scan",
    "tree",
];

/// The words that begin a text.
struct Words {
    /// Where they end.
    end: usize,
    /// Which kind they are.
    kind: Kind,
}

/// How plainly words speak of waiting.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Verb,
    Noun,
}

/// How a line begins before its words.
#[derive(Default)]
struct Lead {
    /// Where the words begin.
    at: usize,
    /// As an item of a list or in a quotation.
    listed: bool,
    /// In emphasis.
    dressed: bool,
}

/// The field in a line, in any dress for what a phase waits for.
pub(super) fn shape(line: &str) -> Option<Shape> {
    let plain = field::shape(line);
    let known = |shape: &Shape| Key::of(&line[shape.key.clone()]) != Key::Unknown;
    let dressed = |shape: &Shape| line[shape.value.clone()].starts_with(['*', '_', '`']);
    if plain.as_ref().is_some_and(|shape| known(shape) && !dressed(shape)) {
        return plain;
    }
    if may_speak(line) { spoken(line).or(plain) } else { plain }
}

/// Whether the first letters of a line begin any of the words: most lines are told by two letters.
fn may_speak(line: &str) -> bool {
    let bytes = line.as_bytes();
    let mut letters = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_alphabetic());
    let ticked = |at: &usize| {
        let around = at.checked_sub(1).and_then(|before| bytes.get(before..at + 2));
        around.is_some_and(|around| around.eq_ignore_ascii_case(b"[x]"))
    };
    let Some(first) = letters.find(|at| !ticked(at)) else { return false };
    let second = letters.next().map_or(b' ', |at| bytes[at].to_ascii_lowercase());
    matches!(
        (bytes[first].to_ascii_lowercase(), second),
        (b'd', b'e' | b'i')
            | (b'b', b'l')
            | (b'w', b'a')
            | (b'p', b'r')
            | (b'h', b'a')
            | (b's', b't')
    )
}

/// What a key in a dress of its own stands for.
pub(super) fn key(written: &str) -> Key {
    let text = written.trim_start_matches(|c: char| !c.is_alphanumeric());
    let Some(words) = words(text) else { return Key::Unknown };
    let rest = text[words.end..].trim();
    let behind = bracket(rest).map_or(rest, |length| &rest[length..]);
    let behind = behind.trim_matches(|c: char| !c.is_alphanumeric());
    let degree = DEGREES.iter().any(|degree| behind.eq_ignore_ascii_case(degree));
    if behind.is_empty() || degree { Key::DependsOn } else { Key::Unknown }
}

/// What the title of a section says a phase waits for: key and value in the title.
pub(super) fn titled(title: &str) -> Option<(Key, Range<usize>, Range<usize>)> {
    let lead = title.len() - title.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
    let words = words(&title[lead..])?;
    let key = lead..lead + words.end;
    let (colon, at) = behind(title, key.end);
    let value = trimmed(title, at..title.len());
    let told = colon || value.is_empty() || note::names_at_start(&title[value.clone()]);
    let kind = match words.kind {
        Kind::Verb => Key::DependsOn,
        Kind::Noun => Key::Requires,
    };
    told.then_some((kind, key, value))
}

/// A second field, of what a phase waits for, inside the value of a first one.
pub(super) fn inside(line: &str, first: &Shape) -> Option<Shape> {
    let value = first.value.clone();
    if !line[value.clone()].contains([':', '：', '=', '-', '—', '–']) {
        return None;
    }
    let breaks = line[value.clone()].match_indices(['*', '_', '|', '·', ';', '•']);
    let mut begun = 0;
    let found = breaks.filter_map(|(at, mark)| {
        let from = value.start + at + mark.len();
        // Marks side by side come to the same words.
        if from <= begun {
            return None;
        }
        let text = line[from..value.end].trim_start_matches(is_dress);
        let begin = value.end - text.len();
        begun = begin;
        let words = words(text)?;
        let (colon, after) = behind(line, begin + words.end);
        colon.then(|| Shape {
            key: begin..begin + words.end,
            value: trimmed(line, after.min(value.end)..value.end),
            ..first.clone()
        })
    });
    let mut found = found;
    found.next()
}

/// `first` without a field found inside of its value.
pub(super) fn before(line: &str, first: &Shape, second: &Shape) -> Shape {
    let start = first.value.start;
    let kept = line[start..second.key.start]
        .trim_end_matches(|c: char| is_dress(c) || matches!(c, '|' | '·' | ';' | '•' | ',' | '/'));
    Shape { value: start..start + kept.len(), ..first.clone() }
}

/// A line that begins with the words, where they are more than prose.
fn spoken(line: &str) -> Option<Shape> {
    let (indent, _) = field::indent(line);
    let lead = lead(line);
    let words = words(&line[lead.at..])?;
    let key = lead.at..lead.at + words.end;
    let (colon, at) = behind(line, key.end);
    let value = trimmed(line, at..line.len());
    let text = &line[value.clone()];
    let marked = lead.listed || lead.dressed;
    let told = match words.kind {
        Kind::Verb => marked || colon,
        Kind::Noun => colon || marked && (text.is_empty() || note::names_at_start(text)),
    };
    told.then_some(Shape { indent, bullet: lead.listed, key, value })
}

/// Emphasis, marks and blanks.
fn is_dress(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '*' | '_' | '`' | '~')
        || (!c.is_ascii() && !c.is_alphanumeric())
}

/// What stands before the words of a line.
fn lead(line: &str) -> Lead {
    let mut lead = Lead::default();
    loop {
        let rest = line[lead.at..].trim_start();
        lead.at = line.len() - rest.len();
        let task = ["[ ] ", "[x] ", "[X] "].iter().find(|mark| rest.starts_with(**mark));
        let step = if rest.starts_with('>') {
            1
        } else if let Some(mark) = task.filter(|_| lead.listed) {
            mark.len()
        } else {
            field::bullet_length(rest).unwrap_or_else(|| numbering(rest))
        };
        if step == 0 {
            break;
        }
        lead.listed = true;
        lead.at += step;
    }
    let rest = &line[lead.at..];
    let words = rest.trim_start_matches(is_dress);
    let dress = &rest[..rest.len() - words.len()];
    lead.dressed = dress.contains(['*', '_', '`']);
    lead.at += dress.len();
    lead
}

/// The words at the start of a text, whatever stands between them.
fn words(text: &str) -> Option<Words> {
    let begins = |c: u8| matches!(c.to_ascii_lowercase(), b'd' | b'b' | b'w' | b'p' | b'h' | b's');
    text.bytes().next().filter(|c| begins(*c))?;
    let degree = DEGREES.iter().find_map(|word| spelt(text, word)).unwrap_or(0);
    let rest = text[degree..].trim_start_matches([' ', '-', '_', '\u{a0}']);
    let from = text.len() - rest.len();
    if let Some(end) = VERBS.iter().find_map(|verb| spelt(rest, verb)) {
        return Some(Words { end: from + end, kind: Kind::Verb });
    }
    let end = NOUNS.iter().find_map(|noun| spelt(rest, noun))?;
    let next = rest[end..].trim_start().as_bytes();
    let of_program = |word: &&str| {
        next.get(..word.len()).is_some_and(|next| next.eq_ignore_ascii_case(word.as_bytes()))
    };
    let words = Words { end: from + end, kind: Kind::Noun };
    (!PROGRAM.iter().any(of_program)).then_some(words)
}

/// Length of a word at the start of a text, blanks and dashes inside of it or not.
fn spelt(text: &str, word: &str) -> Option<usize> {
    let mut letters = word.chars().peekable();
    let mut gap = false;
    for (at, c) in text.char_indices() {
        match letters.peek() {
            None => {
                // `DependsOn` and `HardDependencies` go on with a capital.
                let camel = c.is_uppercase() && text[..at].ends_with(|c: char| c.is_lowercase());
                return (!c.is_alphanumeric() || camel).then_some(at);
            }
            Some(letter) if c.to_ascii_lowercase() == *letter => {
                letters.next();
                gap = false;
            }
            Some(_) if at > 0 && !gap && (c.is_whitespace() || matches!(c, '-' | '_')) => {
                gap = true;
            }
            Some(_) => return None,
        }
    }
    letters.peek().is_none().then_some(text.len())
}

/// Whether a colon (or what stands for one) follows the words, and where the value begins.
fn behind(line: &str, at: usize) -> (bool, usize) {
    let rest = line[at..].trim_start_matches(is_dress);
    let noted = bracket(rest).map(|length| rest[length..].trim_start_matches(is_dress));
    let rest = noted.filter(|rest| rest.starts_with([':', '：'])).unwrap_or(rest);
    let rest = rest.trim_start_matches(is_dress);
    let degree = DEGREES.iter().find_map(|word| spelt(rest, word));
    let after = degree.map(|length| rest[length..].trim_start_matches(is_dress));
    let rest = after.filter(|rest| rest.starts_with(':')).unwrap_or(rest);
    // A dash and a full-width colon were passed as marks.
    let passed = &line[at..line.len() - rest.len()];
    let value = rest.trim_start_matches([':', '=']);
    let dash = value.strip_prefix("- ").filter(|_| value.len() == rest.len());
    let colon = value.len() < rest.len() || dash.is_some() || passed.contains(['：', '—', '–']);
    let value = dash.unwrap_or(value);
    let closed = value.trim_start_matches(['*', '_', '`']);
    (colon, line.len() - closed.len())
}

/// Length of a bracket at the start of a text that names no phase.
fn bracket(text: &str) -> Option<usize> {
    let inner = text.strip_prefix(['(', '['])?;
    let close = inner.find([')', ']'])?;
    (!note::names_at_start(&inner[..close])).then_some(close + 2)
}

/// A range without the blanks around it.
pub(super) fn trimmed(line: &str, range: Range<usize>) -> Range<usize> {
    let text = &line[range.clone()];
    let start = range.end - text.trim_start().len();
    start..start + text.trim().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<(&str, &str)> {
        shape(line).map(|shape| (&line[shape.key], &line[shape.value]))
    }

    #[test]
    fn what_a_phase_waits_for_is_read_in_any_dress() {
        for line in [
            "- Depends on Phase 1.1",
            "- **Depends on Phase 1.1",
            "- **Depends On** Phase 1.1",
            "- **Depends-On:** Phase 1.1",
            "- **depends_on:** Phase 1.1",
            "- **DependsOn:** Phase 1.1",
            "- **Hard Dependencies:** Phase 1.1",
            "- **Dependencies - blocking:** Phase 1.1",
            "- **Dependencies (blocking):** Phase 1.1",
            "- 🔗 **Depends On:** Phase 1.1",
            "- **🔗 Depends On:** Phase 1.1",
            "- **Depends On：** Phase 1.1",
            "- **Depends On** — Phase 1.1",
            "- *Depends On:* Phase 1.1",
            "1. **Depends On:** Phase 1.1",
            "> **Depends On:** Phase 1.1",
            "- [ ] **Depends On:** Phase 1.1",
            "Depends On: Phase 1.1",
            "- Blocked by Phase 1.1",
        ] {
            let (key, value) = read(line).unwrap_or_default();
            assert_eq!((value, Key::of(key)), ("Phase 1.1", Key::DependsOn), "{line}");
        }
        for line in [
            "This depends on luck",
            "- It depends on luck",
            "depends on luck",
            "- Dependency injection: a container",
            "- Dependents: Phase 3",
            "- Dependencies were hard to find",
            "- Independent work: none",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn a_line_may_hold_two_fields() {
        let line = "- **Effort:** M | **Depends On:** Phase 1.1";
        let first =
            shape(line).unwrap_or(Shape { indent: 0, bullet: true, key: 0..0, value: 0..0 });
        let second = inside(line, &first).unwrap_or(first.clone());
        assert_eq!(&line[second.value.clone()], "Phase 1.1");
        assert_eq!(&line[before(line, &first, &second).value], "M");
    }
}
