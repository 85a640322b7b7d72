//! Id tokens: `2.1`, `1A`, `C1`, `WP-10.1`, `SEC-2`, never found inside another token.

/// Words that announce a phase id, longest first.
const KEYWORDS: [&str; 9] = [
    "work package",
    "work stream",
    "workstream",
    "sub-phase",
    "milestone",
    "subphase",
    "stream",
    "phase",
    "stage",
];

/// What may stand for an id at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letters {
    /// A single capital is an id: a keyword stands before it.
    Allowed,
    /// It isn't.
    Refused,
}

/// Length of the id token at the start of `text`.
pub(super) fn id_length(text: &str, letters: Letters) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = prefix(bytes);
    let capitals = bytes[at..].iter().take_while(|b| b.is_ascii_uppercase()).count();
    match (capitals, bytes.get(at + capitals)) {
        (0, _) => {}
        (1..=3, Some(b)) if b.is_ascii_digit() => at += capitals,
        (1, _) if at == 0 && letters == Letters::Allowed && ends_token(&text[1..]) => {
            return Some(1);
        }
        _ => return None,
    }
    at += digits(&bytes[at..])?;
    while bytes.get(at) == Some(&b'.') {
        let Some(run) = digits(&bytes[at + 1..]) else { break };
        at += 1 + run;
    }
    if bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
        at += 1;
    }
    at += suffix(&text[at..]);
    (ends_token(&text[at..]) || is_range(&text[at..])).then_some(at)
}

/// Most parts of a prefix.
const PARTS: usize = 3;

/// Length of the prefix an id begins with, dashes included: `WP-`, `WP-EXT-`, `V2-`. What follows begins with a digit, or
/// behind a part without digits with up to three more capitals: `TS-W7`.
fn prefix(bytes: &[u8]) -> usize {
    let (mut at, mut found) = (0, 0);
    for _ in 0..PARTS {
        let part = bytes[at..].iter().take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let part = part.take(9).count();
        let capital = bytes.get(at).is_some_and(u8::is_ascii_uppercase);
        if !capital || part > 8 || bytes.get(at + part) != Some(&b'-') {
            break;
        }
        let numbered = bytes[at..at + part].iter().any(u8::is_ascii_digit);
        at += part + 1;
        let capitals = bytes[at..].iter().take_while(|b| b.is_ascii_uppercase()).count();
        let digit = bytes.get(at + capitals).is_some_and(u8::is_ascii_digit);
        if digit && (capitals == 0 || !numbered && capitals <= 3) {
            found = at;
        }
        if capitals == 0 || numbered {
            break;
        }
    }
    found
}

/// Length of the first part of an id that begins with a part with digits: `C1` of `C1-3`, which may be a range.
pub(super) fn numbered_part(id: &str) -> Option<usize> {
    let (part, rest) = id.split_once('-')?;
    let capital = part.starts_with(|c: char| c.is_ascii_uppercase());
    let numbered = rest.starts_with(|c: char| c.is_ascii_digit());
    (capital && numbered && part.contains(|c: char| c.is_ascii_digit())).then_some(part.len())
}

/// Whether a dash and another prefixed id follow: `WP-1.3-WP-1.4` is a range.
fn is_range(rest: &str) -> bool {
    rest.strip_prefix('-').is_some_and(|id| prefix(id.as_bytes()) > 0)
}

/// Length of a run of at most nine digits.
fn digits(bytes: &[u8]) -> Option<usize> {
    let run = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    (1..=9).contains(&run).then_some(run)
}

/// Length of a `-SUFFIX` in capitals.
fn suffix(text: &str) -> usize {
    let Some(rest) = text.strip_prefix('-') else { return 0 };
    let run = rest.bytes().take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit()).count();
    let begins = rest.starts_with(|c: char| c.is_ascii_uppercase());
    if begins && !is_range(text) && ends_token(&rest[run..]) { run + 1 } else { 0 }
}

/// Whether a token may end where `rest` begins. `2.1-2.4` ends, `2.1-beta` and `2.1.x` don't.
fn ends_token(rest: &str) -> bool {
    let mut chars = rest.chars();
    match (chars.next(), chars.next()) {
        (None, _) => true,
        (Some('.' | '-'), Some(next)) if next.is_alphabetic() => false,
        (Some('.'), Some(next)) => !next.is_ascii_digit(),
        (Some('_' | '%'), _) => false,
        (Some(c), _) => !c.is_alphanumeric(),
    }
}

/// What follows a keyword and its blanks, and whether the keyword is in the plural.
pub(super) fn after_keyword(text: &str) -> Option<(&str, Number)> {
    let first = text.bytes().next()?.to_ascii_lowercase();
    let fits = |word: &&&str| word.as_bytes()[0] == first && starts_with_word(text, word);
    let word = KEYWORDS.iter().find(fits)?;
    let rest = &text[word.len()..];
    let (rest, number) = match rest.strip_prefix(['s', 'S']) {
        Some(rest) => (rest, Number::Plural),
        None => (rest, Number::Singular),
    };
    let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '*');
    (trimmed.len() < rest.len()).then_some((trimmed, number))
}

/// Grammatical number of a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// `Phase`.
    Singular,
    /// `Phases`.
    Plural,
}

/// Whether `text` starts with a word, whatever its case.
pub(super) fn starts_with_word(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn id(text: &str) -> Option<&str> {
        id_length(text, Letters::Allowed).map(|length| &text[..length])
    }

    #[test]
    fn ids_are_whole_tokens() {
        let read = [
            ("1.10: x", "1.10"),
            ("1A — y", "1A"),
            ("WP-10.1:", "WP-10.1"),
            ("SEC-2", "SEC-2"),
            ("C1)", "C1"),
            ("B: z", "B"),
            ("2.1-2.4", "2.1"),
            ("2-HOT fix", "2-HOT"),
            ("WP-1.3-WP-1.4", "WP-1.3"),
            ("3.1a.", "3.1a"),
            ("WP-EXT-1.1: x", "WP-EXT-1.1"),
            ("WP-EXT-1.1-WP-EXT-1.3", "WP-EXT-1.1"),
            ("V2-1.1: Models", "V2-1.1"),
            ("V2-1.1-V2-1.4", "V2-1.1"),
            ("P1-1:", "P1-1"),
            ("TS-W7 — x", "TS-W7"),
            ("SEC-2-CONFIG", "SEC-2-CONFIG"),
            ("4. Foo", "4"),
        ];
        for (text, expected) in read {
            assert_eq!(id(text), Some(expected), "{text}");
        }
        for text in [
            "v2.0",
            "2.x",
            "5-year",
            "50%",
            "Overview",
            "1st",
            "2_a",
            "12345678901",
            "é1",
            "DB-OPT",
            "WP-EXT-",
            "WP-EXT-1.x",
            "UTF-8x9",
            "A-B-C-D-1",
        ] {
            assert_eq!(id(text), None, "{text}");
        }
    }

    #[test]
    fn keywords_need_a_blank() {
        assert_eq!(after_keyword("PHASE 1"), Some(("1", Number::Singular)));
        assert_eq!(after_keyword("Phases\u{a0}1"), Some(("1", Number::Plural)));
        assert_eq!(after_keyword("Work Stream  A"), Some(("A", Number::Singular)));
        assert_eq!(after_keyword("Phaser 1"), None);
        assert_eq!(after_keyword("phase"), None);
    }
}
