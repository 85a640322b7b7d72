//! Notes behind an id that are more than a name: further ids, and conditions only a person can judge.

use std::ops::Range;

use super::note::only_glue;
use super::token::{self, Letters, id_length};

/// Words that make a note a condition wherever they stand.
const ANYWHERE: [&str; 10] = [
    "approval",
    "approvals",
    "pending",
    "awaiting",
    "waiting",
    "sign-off",
    "signoff",
    "unless",
    "until",
    "waits",
];

/// Words that make it one, or tell what the phase is needed for: `needs the schema`.
const NEEDS: [&str; 5] = ["needs", "need", "requires", "require", "requiring"];

/// What is needed beside a phase, rather than of it: people, what they decide and give, and anything more.
const BESIDE: &str = "\
    approve approves approved sign signed signs signature legal permission consent agreement \
    agreed contract license licence nda budget funding funds money purchase procurement payment \
    invoice credential credentials access key keys token password secret secrets account accounts \
    hardware device devices certificate decision decisions decide decided confirmation confirm \
    confirmed clarification answer answers feedback input meeting discussion ok okay go-ahead \
    review reviews reviewed reviewer reviewers audit audited verification verified validation \
    validated testing tested qa lgtm deploy deployed deployment release released merge merged \
    vendor vendors customer customers client clients partner partners supplier stakeholder \
    stakeholders user users human person people team teams someone somebody owner lead boss board \
    committee lawyer counsel security compliance finance product project engineering management \
    cfo ceo cto coo ciso vp pm po hr ops external third-party manual manually upstream \
    not no never but except or if once when whenever after before unless then plus also more \
    another additional extra further other others else too still only both either \
    week weeks day days month months hours time date";

/// What may be legal and is made by the phase itself.
const PAGES: [&str; 8] = ["page", "pages", "text", "texts", "notice", "notices", "footer", "links"];

/// Words that make it one at its beginning.
const FIRST: [&str; 11] =
    ["and", "plus", "after", "also", "when", "once", "if", "or", "but", "except", "then"];

/// Most words of a purpose; more may say anything.
const LONGEST_PURPOSE: usize = 8;

/// Words that tell of the phase itself.
const ITSELF: [&str; 12] = [
    "pending", "waiting", "awaiting", "not", "yet", "once", "when", "until", "and", "plus", "also",
    "then",
];

/// Whether a note holds a condition.
pub(super) fn told(note: &str) -> bool {
    let plain = without_ids(note);
    let lower = plain.to_ascii_lowercase();
    let own = words(&lower).all(|word| ITSELF.contains(&word) || only_glue(word));
    let first = words(&lower).next().unwrap_or_default();
    if own {
        return false;
    }
    if FIRST.contains(&first) || words(&lower).any(|word| ANYWHERE.contains(&word)) {
        return true;
    }
    let needs = first == "with" || words(&lower).any(|word| NEEDS.contains(&word));
    is_legal(&lower) || needs && !is_purpose(&plain)
}

/// Words that name phases beside this one, which it does not wait for.
const ASIDE: [&str; 6] =
    ["parallel", "concurrently", "alongside", "simultaneously", "blocks", "unblocks"];

/// What may stand beside such a word where nothing else is said.
const BESIDE_ASIDE: &str = "\
    can may could be run runs running done start started starts in with to and also phase phases \
    stage stages stream streams work workstream workstreams milestone milestones sub-phase";

/// Whether a text says that phases may go on beside this one, and nothing else: `can run in parallel with 2.2`.
pub(super) fn is_parallel(text: &str) -> bool {
    const PARALLEL: &[u8] = b"parallel";
    let bytes = text.as_bytes();
    let mut places = memchr::memchr2_iter(b'p', b'P', bytes);
    let found = places.any(|at| {
        bytes.get(at..at + PARALLEL.len()).is_some_and(|word| word.eq_ignore_ascii_case(PARALLEL))
    });
    found && is_aside(text)
}

/// Whether a part of a note names phases that are not waited for: `blocks 2.1`, `parallel with 2.2`, `NOT 1.3`.
fn is_aside(part: &str) -> bool {
    let lower = without_ids(part).to_ascii_lowercase();
    let aside = |word: &str| ASIDE.contains(&word);
    let beside = |word: &str| {
        BESIDE_ASIDE.split(' ').any(|listed| listed == word)
            || word.bytes().all(|b| b.is_ascii_digit())
    };
    // What stands before it is another matter: `1.2, parallel with 2.2`.
    let Some((first, _)) = ids(part).next() else { return false };
    let leads = words(&lower[..first.start]).any(aside);
    let told = leads && words(&lower).all(|word| aside(word) || beside(word));
    let denied = words(&lower[..first.start]).next() == Some("not")
        && words(&lower).skip(1).all(|word| matches!(word, "phase" | "phases" | "and"));
    (told || denied) && !part.contains('?')
}

/// The ids in a note that are waited for, and whether they are phases even if the file has none of that id.
pub(super) fn needed(note: &str) -> Vec<(Range<usize>, bool)> {
    let mut ends = note.match_indices(['(', ')', ';']).map(|(at, _)| at).chain([note.len()]);
    let (mut start, mut end, mut aside) = (0, 0, false);
    let counts = |(place, _): &(Range<usize>, bool)| {
        while place.start >= end {
            (start, end) = (end, ends.find(|at| *at > end).unwrap_or(note.len() + 1));
            aside = is_aside(&note[start..end.min(note.len())]);
        }
        !aside
    };
    ids(note).filter(counts).collect()
}

/// The note with blanks in place of its ids.
fn without_ids(note: &str) -> String {
    let mut plain = note.to_owned();
    for (place, _) in ids(note) {
        plain.replace_range(place.clone(), &" ".repeat(place.len()));
    }
    plain
}

/// Whether a matter of lawyers is told of.
fn is_legal(lower: &str) -> bool {
    let mut words = words(lower).peekable();
    while let Some(word) = words.next() {
        if word == "legal" && !words.peek().is_some_and(|next| PAGES.contains(next)) {
            return true;
        }
    }
    false
}

/// Whether what is needed is a thing the phase makes: nobody is named, and nothing beside it.
fn is_purpose(plain: &str) -> bool {
    let named = |word: &str| {
        let mut chars = word.chars();
        chars.next().is_some_and(char::is_uppercase) && chars.any(char::is_lowercase)
    };
    let leads = |word: &str| NEEDS.iter().any(|need| word.eq_ignore_ascii_case(need));
    let beside = |word: &str| {
        let lower = word.to_ascii_lowercase();
        BESIDE.split(' ').any(|listed| listed == lower)
            || word.starts_with(|c: char| c.is_ascii_digit() || !c.is_ascii())
            || named(word) && !leads(word) && lower != "with"
    };
    let few = words(plain).nth(LONGEST_PURPOSE).is_none();
    few && !plain.contains(['?', '%', '>']) && !words(plain).any(beside)
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
