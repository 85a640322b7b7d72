//! The words of a status: which states they stand for, in the order in which they are tried.

use std::ops::Range;

use super::finished;
use super::phase::Status;

/// A word in lower case with its place.
pub(super) struct Word<'t> {
    /// The word.
    pub text: &'t str,
    /// Where it stands.
    pub at: Range<usize>,
}

/// The state the words of a clause stand for, and where they stand.
pub(super) fn by_words(clause: &str) -> Option<(Status, Range<usize>)> {
    let lower = clause.to_ascii_lowercase();
    let words = words(&lower);
    usual(&words)
        .or_else(|| not_started(&words))
        .or_else(|| in_progress(&lower, &words))
        .or_else(|| blocked(&words))
        .or_else(|| finished::complete(&lower, &words))
        .or_else(|| deferred(&words))
}

/// The states as orch-tui writes them; the long way round gives the same.
fn usual(words: &[Word]) -> Option<(Status, Range<usize>)> {
    let (first, last) = (words.first()?, words.last()?);
    let state = match (first.text, last.text, words.len()) {
        ("not", "started", 2) => Status::NotStarted,
        ("in", "progress", 2) => Status::InProgress,
        ("blocked", _, 1) => Status::Blocked,
        ("complete", _, 1) => Status::Complete,
        _ => return None,
    };
    Some((state, first.at.start..last.at.end))
}

/// Words of a clause; shortcodes are no words.
pub(super) fn words(lower: &str) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = lower[at..].find(|c: char| c.is_alphanumeric()).map(|start| at + start)
    {
        let rest = &lower[start..];
        let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        at = start + length;
        let coded = lower[..start].ends_with(':') && lower[at..].starts_with(':');
        if !coded {
            found.push(Word { text: &lower[start..at], at: start..at });
        }
    }
    found
}

/// Where a sequence of words stands.
pub(super) fn phrase(words: &[Word], sequence: &[&str]) -> Option<Range<usize>> {
    let hit = words
        .windows(sequence.len())
        .find(|window| window.iter().map(|w| w.text).eq(sequence.iter().copied()))?;
    Some(hit.first()?.at.start..hit.last()?.at.end)
}

/// The first of several phrases.
fn any(words: &[Word], phrases: &[&[&str]]) -> Option<Range<usize>> {
    phrases.iter().find_map(|sequence| phrase(words, sequence))
}

/// The clause if it consists of one of these phrases.
fn only(words: &[Word], phrases: &[&[&str]]) -> Option<Range<usize>> {
    let whole = phrases.iter().find(|p| p.len() == words.len() && phrase(words, p).is_some())?;
    phrase(words, whole)
}

/// Words for work nobody has begun.
fn not_started(words: &[Word]) -> Option<(Status, Range<usize>)> {
    let anywhere: [&[&str]; 6] = [
        &["not", "started"],
        &["not", "yet", "started"],
        &["not", "begun"],
        &["notstarted"],
        &["unstarted"],
        &["not", "blocked"],
    ];
    let alone: [&[&str]; 11] = [
        &["ready"],
        &["ready", "to", "start"],
        &["ready", "to", "begin"],
        &["todo"],
        &["to", "do"],
        &["planned"],
        &["pending"],
        &["open"],
        &["queued"],
        &["available"],
        &["unclaimed"],
    ];
    any(words, &anywhere).or_else(|| only(words, &alone)).map(|at| (Status::NotStarted, at))
}

/// Words for work that is going on.
fn in_progress(lower: &str, words: &[Word]) -> Option<(Status, Range<usize>)> {
    let anywhere: [&[&str]; 13] = [
        &["in", "progress"],
        &["inprogress"],
        &["in_progress"],
        &["code", "complete"],
        &["wip"],
        &["ongoing"],
        &["underway"],
        &["in", "review"],
        &["in", "development"],
        &["partial"],
        &["partially"],
        &["almost"],
        &["nearly"],
    ];
    let alone: [&[&str]; 3] = [&["started"], &["active"], &["claimed"]];
    let partly = words.iter().find(|word| is_part(lower, word));
    any(words, &anywhere)
        .or_else(|| only(words, &alone))
        .or_else(|| {
            partly.map(|word| {
                let sign = |sign: &str| lower[word.at.end..].find(sign).map(|at| at + sign.len());
                word.at.start..word.at.end + sign("%").or_else(|| sign("percent")).unwrap_or(0)
            })
        })
        .map(|at| (Status::InProgress, at))
}

/// Whether a word is a number of per cent below 100.
pub(super) fn is_part(lower: &str, word: &Word) -> bool {
    let rest = lower[word.at.end..].trim_start();
    let percent = rest.starts_with('%') || rest.starts_with("percent");
    // The noughts of `100.0%`.
    let whole = lower[..word.at.start].ends_with("100.") && word.text.bytes().all(|b| b == b'0');
    percent && !whole && word.text.parse::<u32>().is_ok_and(|n| n < 100)
}

/// Words for work that waits, and for work that waits no more.
fn blocked(words: &[Word]) -> Option<(Status, Range<usize>)> {
    let freed = phrase(words, &["unblocked"]).map(|at| (Status::NotStarted, at));
    let waits: [&[&str]; 4] = [&["blocked"], &["waiting"], &["needs", "human"], &["stuck"]];
    freed.or_else(|| any(words, &waits).map(|at| (Status::Blocked, at)))
}

/// Words for work that was put off.
fn deferred(words: &[Word]) -> Option<(Status, Range<usize>)> {
    let phrases: [&[&str]; 9] = [
        &["deferred"],
        &["postponed"],
        &["on", "hold"],
        &["paused"],
        &["cancelled"],
        &["canceled"],
        &["backlog"],
        &["superseded"],
        &["skipped"],
    ];
    any(words, &phrases).map(|at| (Status::Deferred, at))
}
