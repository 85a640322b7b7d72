//! Words of holding: keys and lines by which a person says that a phase has to wait, and values that settle them.

use super::dependency::numbering;
use super::field;
use super::spoken::PROGRAM;

/// What a key says of the phase it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tells {
    /// Nothing that holds it.
    Nothing,
    /// Where its value names phases, these wait for this one; else it holds.
    TheOtherWay,
    /// A consent that holds it until it is given.
    Consent,
    /// Why it is held.
    Hold,
}

/// What words that speak of holding begin with.
const STEMS: [&str; 19] = [
    "block",
    "hold",
    "held",
    "onhold",
    "await",
    "pending",
    "approv",
    "depend",
    "wait",
    "stuck",
    "halt",
    "paus",
    "suspend",
    "frozen",
    "prereq",
    "signoff",
    "until",
    "gated",
    "dependant",
];

/// What begins like them and speaks of something else.
const OTHERS: &str = "\
    blockchain blocklist blockquote holder holders holdings waitlist waiter waiters dependabot \
    dependable dependents dependants depended";

/// Dependencies of a program, besides what [`PROGRAM`] says.
const PACKAGES: &str = "npm cargo crate crates package packages pip dev transitive updates changes";

/// What takes a word of holding back when it stands before it.
const NOT: &str = "non not no never dont cannot cant wont mustnt";

/// What may not be begun yet.
const BEGIN: &str =
    "start starts started starting begin begins beginning proceed run touch unblock work";

/// What a beginning waits for.
const LATER: &str = "after when once before only if until";

/// What belongs to a phase beside its own words.
const PHASES: &str = "phase phases stream streams workstream workstreams milestone milestones";

/// What makes a consent one that is still to come.
const WANTED: &str =
    "need needs needed require requires required pending awaiting waiting missing outstanding";

/// A value that says that nothing holds.
const NOTHING: [&str; 20] = [
    "",
    "-",
    "–",
    "—",
    "none",
    "nothing",
    "n/a",
    "na",
    "not applicable",
    "no",
    "false",
    "none known",
    "none currently",
    "none at present",
    "none identified",
    "none left",
    "none remaining",
    "no blockers",
    "no dependencies",
    "no external dependencies",
];

/// A value that says that what held is over.
const OVER: [&str; 12] = [
    "resolved",
    "all resolved",
    "cleared",
    "all cleared",
    "lifted",
    "done",
    "complete",
    "completed",
    "granted",
    "received",
    "approved",
    "obtained",
];

/// Most words of a key without emphasis.
const LONGEST_PLAIN: usize = 4;

/// Whether a word is one of a list.
fn is_in(list: &str, word: &str) -> bool {
    list.split(' ').any(|listed| listed == word)
}

/// The words of a text in lower case; `BlockedReason` is two, `don't` is one.
fn words(text: &str) -> Vec<String> {
    opening(text, usize::MAX)
}

/// As many of its words, at most.
fn opening(text: &str, most: usize) -> Vec<String> {
    let (mut found, mut last) = (vec![String::new()], ' ');
    for c in text.chars().filter(|c| !matches!(c, '\'' | '’')) {
        let parts = !c.is_alphanumeric() || c.is_uppercase() && last.is_lowercase();
        if parts && found.last().is_some_and(|word| !word.is_empty()) {
            if found.len() == most {
                break;
            }
            found.push(String::new());
        }
        if let Some(word) = found.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        last = c;
    }
    found.retain(|word| !word.is_empty());
    found
}

/// What a key says.
pub(super) fn key(written: &str) -> Tells {
    let words = words(written);
    if ["reason", "reasons"].iter().any(|reason| words == [*reason]) || begins_later(&words) {
        return Tells::Hold;
    }
    let soft = |word: &String| word.starts_with("soft") || word.starts_with("optional");
    let around = |word: &String| is_in("downstream reverse inverse", word);
    if words.iter().any(|word| soft(word) || around(word)) {
        return Tells::Nothing;
    }
    let needs = words.first().is_some_and(|first| is_in("need needs", first));
    let told = (0..words.len()).map(|at| word(&words, at)).max().unwrap_or(Tells::Nothing);
    let wanted = told == Tells::Consent && words.iter().any(|word| is_in(WANTED, word));
    if needs || wanted { Tells::Hold } else { told }
}

/// `Do not start`, `Not before`, `Start after`, `Requires before starting`.
fn begins_later(words: &[String]) -> bool {
    let any = |list: &str| words.iter().position(|word| is_in(list, word));
    let denied = any(NOT).is_some_and(|at| {
        words[at..].iter().any(|word| is_in(BEGIN, word))
            || words.get(at + 1).is_some_and(|w| w == "before")
    });
    let begins = any("start starts starting begin begins").is_some();
    denied || begins && any(LATER).is_some()
}

/// A program that is farther from what a word says is not what it is about.
const NEAR: usize = 10;

/// What one word of a key says.
fn word(words: &[String], at: usize) -> Tells {
    let said = words[at].as_str();
    let next = words.get(at + 1).map_or("", String::as_str);
    let before = at.checked_sub(1).map_or("", |at| words[at].as_str());
    let this = |word: &str| is_in("this it", word);
    if is_in("blocks holds prevents", said) && (this(next) || next == "us") {
        return Tells::Hold;
    }
    let tells =
        STEMS.iter().any(|stem| said.starts_with(stem)) && !is_in(OTHERS, said) && said != "blocks";
    let of_us = match words {
        [.., by, last] => this(last) && is_in("by on for upon", by),
        _ => false,
    };
    if !tells || of_us || is_in(NOT, before) {
        return Tells::Nothing;
    }
    if said.starts_with("approv") {
        return Tells::Consent;
    }
    let program = |word: &String| PROGRAM.contains(&word.as_str()) || is_in(PACKAGES, word);
    let near = &words[at.saturating_sub(NEAR)..words.len().min(at + NEAR)];
    match said {
        "awaited" if next == "by" => Tells::Nothing,
        "holds" | "holding" if next == "up" => Tells::Nothing,
        "blocker" | "blockers" if is_in("for of", next) => Tells::Nothing,
        "blocking" if next.is_empty() || is_in("for other others", next) => Tells::TheOtherWay,
        "dependent" | "dependant" if !is_in("on upon", next) => Tells::TheOtherWay,
        "blocked" | "waiting" | "depending" if is_in(PHASES, before) || is_in(PHASES, next) => {
            Tells::TheOtherWay
        }
        depends if depends.starts_with("depend") && near.iter().any(program) => Tells::Nothing,
        _ => Tells::Hold,
    }
}

/// Whether a value says that nothing holds.
pub(super) fn is_settled(tells: Tells, written: &str, value: &str) -> bool {
    let bare = plain(value);
    let struck = bare.strip_prefix("~~").and_then(|inner| inner.strip_suffix("~~"));
    if struck.is_some_and(|inner| !inner.contains("~~")) {
        return true;
    }
    let words = bare.trim_start_matches(['✅', '☑', '✔', '\u{fe0f}', ' ']).to_lowercase();
    if words.is_empty() && !bare.is_empty() || OVER.contains(&words.as_str()) {
        return true;
    }
    let nothing = NOTHING.contains(&words.as_str());
    match tells {
        Tells::Nothing | Tells::TheOtherWay | Tells::Hold => nothing,
        Tells::Consent => {
            let given = is_in("yes true given signed n/a na", &words) || words == "not applicable";
            // `Approval: no` is not settled, nor is `Approved By: -`.
            let open = is_in("no false", &words) || written.to_lowercase().contains("approved");
            given || nothing && !open
        }
    }
}

/// A value on one line, without bullets, quotation marks, emphasis and the full stop.
pub(super) fn plain(value: &str) -> String {
    let dress = |c: char| c.is_whitespace() || matches!(c, '*' | '_' | '`');
    let line = |line: &str| {
        let body = line.trim_start_matches(|c: char| c.is_whitespace() || c == '>');
        body[field::bullet_length(body).unwrap_or(0)..].trim_matches(dress).to_owned()
    };
    let lines: Vec<String> = value.lines().map(line).filter(|line| !line.is_empty()).collect();
    let text = lines.join(" ");
    let text = text.strip_suffix('.').unwrap_or(&text);
    let inner = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
    inner.filter(|inner| !inner.contains(['(', ')'])).unwrap_or(text).trim_matches(dress).to_owned()
}

/// How a line stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dress {
    /// In a quotation.
    Quoted,
    /// As an item or a paragraph.
    Plain,
}

impl Dress {
    /// How a line stands.
    pub fn of(line: &str) -> Self {
        if line.trim_start().starts_with('>') { Self::Quoted } else { Self::Plain }
    }
}

/// Words that hold a phase in a line of their own, as key and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Said<'t> {
    /// What it begins with.
    pub key: &'t str,
    /// The rest.
    pub value: &'t str,
}

/// Where in a line that is no field words begin that hold the phase.
pub(super) fn begins(line: &str) -> Option<usize> {
    let first = line.bytes().find(u8::is_ascii_alphabetic)?.to_ascii_lowercase();
    let dress = Dress::of(line);
    let quoted = dress == Dress::Quoted;
    // Most lines are told by their first letter.
    if !quoted && !b"abcdefghimnoprsuw".contains(&first) {
        return None;
    }
    let at = lead(line);
    said(&line[at..], dress).map(|_| at)
}

/// The words again, of a text that was found by [`begins`].
pub(super) fn read(text: &str) -> Option<Said<'_>> {
    said(text, Dress::Quoted)
}

/// Length of bullets, quotation marks, emphasis, emoji and labels such as `Note:` at the start of a line.
fn lead(line: &str) -> usize {
    let mut rest = line;
    loop {
        let body = rest.trim_start_matches(|c: char| {
            c.is_whitespace()
                || matches!(c, '>' | '*' | '_' | '`' | '-' | '+')
                || !c.is_ascii() && !c.is_alphanumeric()
        });
        let body = &body[numbering(body)..];
        let labels = [
            "[!note]",
            "[!warning]",
            "[!important]",
            "[!caution]",
            "[!tip]",
            "note:",
            "warning:",
            "important:",
            "caution:",
            "attention:",
        ];
        let label = labels.iter().find(|label| super::token::starts_with_word(body, label));
        let body = label.map_or(body, |label| &body[label.len()..]);
        if body.len() == rest.len() {
            return line.len() - rest.len();
        }
        rest = body;
    }
}

/// What a text that begins with words of holding says.
fn said(text: &str, dress: Dress) -> Option<Said<'_>> {
    let line = text.lines().next().unwrap_or_default();
    let quoted = dress == Dress::Quoted;
    if let Some(colon) = line.find(':') {
        let few = if quoted { LONGEST_PLAIN + 2 } else { LONGEST_PLAIN };
        let written = &line[..colon];
        if opening(written, few + 1).len() <= few && key(written) > Tells::Nothing {
            return Some(Said { key: written, value: &text[colon + 1..] });
        }
    }
    // What is not quoted is told by how it begins, and most of a roadmap is prose.
    let words = if quoted { words(line) } else { opening(line, 3) };
    let strict = (0..words.len()).any(|at| is_plain_hold(&words[at..]) && (at == 0 || quoted));
    let loose = quoted && !words.is_empty() && word(&words, 0) == Tells::Hold;
    let approval = quoted
        && words.first().is_some_and(|w| is_in("need needs", w))
        && key(line) > Tells::Nothing;
    if !strict && !loose && !approval {
        return None;
    }
    let end = line.find(char::is_whitespace).unwrap_or(line.len());
    let from = ["until", "after", "for", "on"].iter().filter_map(|lead| {
        let at = line.find(&format!(" {lead} "))?;
        (line[..at].split_whitespace().count() <= LONGEST_PLAIN).then_some(at)
    });
    let at = from.min().unwrap_or(end);
    // `On hold until …`: what it is held until says more than that.
    Some(Said { key: &line[..at], value: &text[at..] })
}

/// Words that can only mean that a phase is held.
fn is_plain_hold(words: &[String]) -> bool {
    let at = |at: usize| words.get(at).map_or("", String::as_str);
    match at(0) {
        "on" => at(1) == "hold",
        "blocked" | "held" => {
            is_in("until pending because while as due awaiting waiting for", at(1))
        }
        "do" | "must" | "can" | "should" | "may" => {
            at(1) == "not" && is_in("start begin proceed unblock", at(2))
        }
        "dont" | "cannot" | "cant" | "mustnt" => is_in("start begin proceed unblock", at(1)),
        _ => false,
    }
}
