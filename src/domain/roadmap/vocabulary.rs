//! The words of a status: which states they stand for, in the order in which they are tried.

use std::ops::Range;

use super::phase::Status;

/// A word in lower case with its place.
struct Word<'t> {
    text: &'t str,
    at: Range<usize>,
}

/// The state the words of a clause stand for, and where they stand.
pub(super) fn by_words(clause: &str) -> Option<(Status, Range<usize>)> {
    let lower = clause.to_ascii_lowercase();
    let words = words(&lower);
    usual(&words)
        .or_else(|| not_started(&words))
        .or_else(|| in_progress(&lower, &words))
        .or_else(|| blocked(&words))
        .or_else(|| complete(&lower, &words))
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
fn words(lower: &str) -> Vec<Word<'_>> {
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
fn phrase(words: &[Word], sequence: &[&str]) -> Option<Range<usize>> {
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
    let alone: [&[&str]; 10] = [
        &["ready"],
        &["ready", "to", "start"],
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
    let partly = words.iter().find(|word| {
        let percent = lower[word.at.end..].trim_start().starts_with('%');
        percent && word.text.parse::<u32>().is_ok_and(|n| n < 100)
    });
    any(words, &anywhere)
        .or_else(|| only(words, &alone))
        .or_else(|| {
            partly.map(|word| {
                word.at.start..word.at.end + lower[word.at.end..].find('%').map_or(0, |at| at + 1)
            })
        })
        .map(|at| (Status::InProgress, at))
}

/// Words for work that waits, and for work that waits no more.
fn blocked(words: &[Word]) -> Option<(Status, Range<usize>)> {
    let freed = phrase(words, &["unblocked"]).map(|at| (Status::NotStarted, at));
    let waits: [&[&str]; 4] = [&["blocked"], &["waiting"], &["needs", "human"], &["stuck"]];
    freed.or_else(|| any(words, &waits).map(|at| (Status::Blocked, at)))
}

/// Which word begins `3/5` or `3 of 5`: a part of the whole. Dates have a third number.
fn fraction(lower: &str, words: &[Word]) -> Option<usize> {
    let number = |at: usize| words.get(at).and_then(|word| word.text.parse::<u32>().ok());
    let slash = |at: usize| {
        words.get(at + 1).is_some_and(|next| &lower[words[at].at.end..next.at.start] == "/")
    };
    (0..words.len()).find(|&at| {
        let of = words.get(at + 1).is_some_and(|word| word.text == "of");
        let alone = slash(at) && !slash(at + 1) && !at.checked_sub(1).is_some_and(slash);
        let whole = if alone { at + 1 } else { at + 2 };
        (whole == at + 1 || of) && number(at).zip(number(whole)).is_some_and(|(n, all)| n < all)
    })
}

/// Words for finished work, unless something beside them takes it back.
fn complete(lower: &str, words: &[Word]) -> Option<(Status, Range<usize>)> {
    const DONE: [&str; 8] = [
        "complete",
        "completed",
        "done",
        "delivered",
        "resolved",
        "archived",
        "finished",
        "shipped",
    ];
    const TAKEN_BACK: [&str; 20] = [
        "not", "never", "isn", "aren", "be", "until", "once", "when", "before", "after", "if",
        "needs", "un", "must", "none", "nothing", "mostly", "largely", "half", "awaiting",
    ];
    const UNLESS: [&str; 6] = ["except", "excluding", "but", "pending", "without", "minus"];
    if let Some(at) = phrase(words, &["incomplete"]) {
        return Some((Status::InProgress, at));
    }
    let index = words.iter().position(|word| DONE.contains(&word.text))?;
    let earlier = words[..index].iter().position(|word| TAKEN_BACK.contains(&word.text));
    let earlier = earlier.or_else(|| fraction(lower, &words[..index]));
    let earlier = earlier.or_else(|| index.checked_sub(1).filter(|at| words[*at].text == "to"));
    let unless = words.get(index + 1).filter(|word| {
        UNLESS.contains(&word.text) && !lower[words[index].at.end..word.at.start].contains('.')
    });
    let start = words[earlier.unwrap_or(index)].at.start;
    let at = start..unless.map_or(words[index].at.end, |word| word.at.end);
    let open = earlier.is_some() || unless.is_some();
    Some((if open { Status::InProgress } else { Status::Complete }, at))
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
