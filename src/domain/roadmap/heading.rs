//! Headings: which are phases, which are batches, what id, name and tags they carry.

use std::ops::Range;

use super::name;
use super::token::{self, Letters, Number};
use crate::domain::id::PhaseId;

/// An ATX heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heading {
    /// How many hash marks.
    pub level: usize,
    /// Its text in the line.
    pub text: Range<usize>,
}

/// What a heading stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Title<'t> {
    /// A phase.
    Phase(PhaseTitle<'t>),
    /// A batch with its number and the rest of its text.
    Batch(u32, &'t str),
    /// Anything else.
    Other,
}

/// The heading of a phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PhaseTitle<'t> {
    /// Its id.
    pub id: PhaseId,
    /// Its name as plain text, without tags.
    pub name: String,
    /// Its starred tags.
    pub tags: Vec<&'t str>,
    /// Whether a keyword makes it a phase, or only the fields that follow can.
    pub ground: Ground,
}

/// What makes a heading a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ground {
    /// A keyword before the id.
    Keyword,
    /// An id with a prefix or a dot: a known field must follow.
    KnownField,
    /// A bare number: a status must follow.
    Status,
}

/// The heading in a line.
pub(super) fn heading(line: &str) -> Option<Heading> {
    if !line.starts_with([' ', '#']) {
        return None;
    }
    let indent = line.bytes().take_while(|b| *b == b' ').count();
    let rest = &line[indent..];
    let level = rest.bytes().take_while(|b| *b == b'#').count();
    let text = &rest[level..];
    if indent > 3 || !(1..=6).contains(&level) || !(text.is_empty() || starts_blank(text)) {
        return None;
    }
    let trimmed = text.trim_end();
    let open = trimmed.trim_end_matches('#');
    let body = if open.is_empty() || open.ends_with([' ', '\t']) { open } else { trimmed };
    let start = line.len() - text.trim_start().len();
    let end = (indent + level + body.trim_end().len()).max(start);
    Some(Heading { level, text: start..end })
}

/// Whether a text begins with white space of any kind.
fn starts_blank(text: &str) -> bool {
    text.starts_with(char::is_whitespace)
}

/// Reads the text of a heading.
pub(super) fn title(text: &str) -> Title<'_> {
    let text = undressed(text);
    if let Some((number, title)) = batch(text) {
        return Title::Batch(number, title);
    }
    phase(text).map_or(Title::Other, Title::Phase)
}

/// How many headings a text has at most that could be those of phases: a phase takes some lines.
pub(super) fn most(text: &str) -> usize {
    const SHORTEST: usize = 200;
    memchr::memmem::find_iter(text.as_bytes(), b"\n#").take(text.len() / SHORTEST).count()
}

/// The text without a check box, shortcodes, emphasis, marks and blanks before it.
pub(super) fn undressed(text: &str) -> &str {
    let text = uncoded(text.trim_start_matches(is_decoration));
    uncoded(unboxed(text).trim_start_matches(is_decoration)).trim_end()
}

/// The text without shortcodes such as `:white_circle:` before it.
fn uncoded(text: &str) -> &str {
    let mut text = text;
    while let Some((code, rest)) = text.strip_prefix(':').and_then(|rest| rest.split_once(':')) {
        let named =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
        if code.is_empty() || !code.bytes().all(named) {
            break;
        }
        text = rest.trim_start_matches(is_decoration);
    }
    text
}

/// The text without a check box before it.
fn unboxed(text: &str) -> &str {
    let boxes = ["[x] ", "[X] ", "[ ] ", "[✅] ", "[✔] "];
    boxes.iter().find_map(|mark| text.strip_prefix(mark)).unwrap_or(text)
}

/// Emphasis, marks and blanks that may stand before a keyword or behind a name.
fn is_decoration(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '*' | '_' | '~' | '`')
        || (!c.is_ascii() && !c.is_alphanumeric())
}

/// `Batch N`, with what follows.
fn batch(text: &str) -> Option<(u32, &str)> {
    let rest = text.get(5..).filter(|_| token::starts_with_word(text, "batch"))?;
    let number = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '#');
    let end = number.bytes().take_while(u8::is_ascii_digit).count();
    let value = number[..end].parse().ok().filter(|_| starts_blank(rest))?;
    let tail = &number[end..];
    if tail.starts_with(|c: char| c.is_alphanumeric() || c == '.') && !tail.starts_with(". ") {
        return None;
    }
    let title = tail.trim_matches(|c: char| is_decoration(c) || matches!(c, ':' | '-' | '.'));
    let inner = title.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
    Some((value, inner.filter(|inner| !inner.contains(')')).unwrap_or(title)))
}

/// `Phase ID: Name ⭐ TAG`.
fn phase(text: &str) -> Option<PhaseTitle<'_>> {
    let (rest, keyword) = match token::after_keyword(text) {
        Some((_, Number::Plural)) => return None,
        Some((rest, Number::Singular)) => (rest, Letters::Allowed),
        None => (text, Letters::Refused),
    };
    let length = token::id_length(rest, keyword)?;
    let (id, rest) = rest.split_at(length);
    let name = behind_id(rest, keyword)?;
    let ground = match keyword {
        Letters::Allowed => Ground::Keyword,
        Letters::Refused if id.contains(['-', '.']) => Ground::KnownField,
        Letters::Refused => Ground::Status,
    };
    let mut parts = name.split('⭐');
    let name = parts.next().unwrap_or_default();
    let tags = parts.map(plain).filter(|tag| !tag.is_empty()).collect();
    Some(PhaseTitle { id: PhaseId::new(id), name: name::plain(name), tags, ground })
}

/// What follows the separator behind an id; `None` when no separator follows.
fn behind_id(rest: &str, keyword: Letters) -> Option<&str> {
    let near = rest.trim_start_matches(['*', '_', '~', '`', '\u{fe0f}']);
    if near
        .strip_prefix(['-', '–', '—'])
        .is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()))
    {
        return None;
    }
    let text = near.trim_start();
    let group = Some(text).filter(|_| keyword == Letters::Allowed).and_then(group);
    let text = match group {
        Some((inner, "")) => return Some(inner),
        Some((_, rest)) if !rest.starts_with(char::is_alphanumeric) => rest,
        Some(_) | None => text,
    };
    if let Some(name) = text.strip_prefix([':', '—', '–', '-', ')', '.']) {
        return Some(name.trim_start_matches('-'));
    }
    let bare = text.is_empty() || text.starts_with(|c: char| !c.is_ascii() && !c.is_alphanumeric());
    (bare && keyword == Letters::Allowed).then_some(text)
}

/// What stands in brackets at the start of a text, and what follows: `Phase 2 (optional): Name`.
fn group(text: &str) -> Option<(&str, &str)> {
    let close = match text.chars().next()? {
        '(' => ')',
        '[' => ']',
        _ => return None,
    };
    let (inner, rest) = text[1..].split_once(close)?;
    Some((inner, rest.trim()))
}

/// A text without the decoration around it.
fn plain(text: &str) -> &str {
    text.trim_matches(is_decoration)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<(String, String, Vec<String>)> {
        let heading = heading(line)?;
        match title(&line[heading.text]) {
            Title::Phase(phase) => {
                let tags = phase.tags.into_iter().map(str::to_owned).collect();
                Some((phase.id.as_str().to_owned(), phase.name, tags))
            }
            Title::Batch(..) | Title::Other => None,
        }
    }

    #[test]
    fn phases_in_many_dresses() {
        let lines = [
            ("### Phase 1.1: Core", "1.1", "Core"),
            ("# PHASE 2 — Core ##", "2", "Core"),
            ("###### ✅ Work Stream A - Core", "A", "Core"),
            ("## **Phase 3.2:** Core", "3.2", "Core"),
            ("## ~~Stage 4.1: Core~~", "4.1", "Core"),
            ("#### WP-10.1: Core", "WP-10.1", "Core"),
            ("### Sub-phase 1A: Core ✅", "1A", "Core"),
            ("### Milestone 5", "5", ""),
            ("### Phase 1.1.2 -- Core", "1.1.2", "Core"),
            ("### 🔴 Phase 7) Core", "7", "Core"),
            ("### [x] Phase 8: Core", "8", "Core"),
            ("## Phase 8 (weeks 1-2): Core", "8", "Core"),
            ("## Phase 8 [DONE] - Core", "8", "Core"),
            ("## Phase 8 (Core)", "8", "Core"),
            ("## Phase 9 ✅ — Core", "9", "Core"),
            ("### WP-EXT-1.1: Core", "WP-EXT-1.1", "Core"),
            ("### Phase V2-1.1: Core", "V2-1.1", "Core"),
            ("### Phase P1-1: Core", "P1-1", "Core"),
            ("### Phase TS-W7 — Core", "TS-W7", "Core"),
            ("### :white_circle: Work Stream 10: Core", "10", "Core"),
            ("### **:red_circle: Phase 10:** Core", "10", "Core"),
            ("### :white_check_mark::rocket: [x] Phase 10: Core", "10", "Core"),
        ];
        for (line, id, name) in lines {
            assert_eq!(read(line), Some((id.into(), name.into(), vec![])), "{line}");
        }
    }

    #[test]
    fn tags_may_have_two_words_and_trailing_blanks() {
        let (_, name, tags) = read("### Phase 1.1: Core ⭐ BOOTSTRAP ⭐ HIGH PRIORITY  ").unwrap();
        assert_eq!(name, "Core");
        assert_eq!(tags, ["BOOTSTRAP", "HIGH PRIORITY"]);
    }

    #[test]
    fn other_headings_are_no_phases() {
        for line in [
            "### Phases 1-3: all",
            "### Phase 1-3: all",
            "### Phase overview",
            "### Phase 2 work",
            "### Phase 2 (old) work",
            "### 2.1 (old): work",
            "###Phase 1: x",
            "    ### Phase 1: x",
            "####### Phase 1: x",
            "### Overview",
            "### 2.1 Overview",
            "> ### Phase 1: x",
            "### Milestone Tracking",
            "### : Phase 1: Core",
            "### :see Phase 1: Core",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn batches_lose_their_brackets() {
        assert_eq!(title("Batch 3 (Security)"), Title::Batch(3, "Security"));
        assert_eq!(title("Batch 12: Next - now"), Title::Batch(12, "Next - now"));
        assert_eq!(title("Batch 1 (A) - 3 phases"), Title::Batch(1, "(A) - 3 phases"));
        assert_eq!(title("Batches"), Title::Other);
        assert_eq!(title("Batch 3.1 x"), Title::Other);
    }
}
