//! Words for finished work, and what takes them back: before them, behind them, or in the part that follows.

use std::ops::Range;

use super::phase::Status;
use super::vocabulary::{Word, is_part, phrase, words};
use super::{note, reason, token};

/// Words for finished work.
const DONE: &str = "\
    complete completed done delivered resolved archived finished shipped";

/// Before a word for finished work these take it back.
const BEFORE: &str = "\
    not never isn aren be until once when before after if needs un must none nothing mostly \
    largely half awaiting wasn hasn haven won don doesn didn cannot can couldn will would should \
    shall could may might unless soon except expected due eta target hopefully maybe perhaps \
    probably possibly supposedly was previously formerly longer non semi near close far barely \
    hardly partly some most part parts only getting sort kind want being";

/// Right before a word for finished work these say that only a part of the work is.
const PART: &str = "\
    to no few design designs spec specs plan planning research draft backend frontend prototype \
    poc mvp docs documentation coding dev development tests testing analysis ui api review setup \
    first";

/// Behind a word for finished work, in its sentence, these take it back.
const BEHIND: &str = "\
    once until till when whenever after before if unless soon shortly later tomorrow tonight \
    eventually next pending awaiting waiting waits except excepting excluding but without minus \
    barring apart save modulo needs need requires must should will not isn hasn wasn never \
    subject assuming provided still remaining remains left todo untested unverified unmerged \
    unreviewed undeployed reopened reverted broken failing failed mostly largely partly \
    hopefully maybe probably ish";

/// At the start of a bracket or of another clause these take back what stands before it as well.
const OPENING: &str = "\
    partial partially almost nearly half blocked stuck wip only some";

/// At the start of another sentence these have nothing to do with what stands before it.
const APART: &str = "\
    once when whenever after before if later next without save provided only some will assuming";

/// What a day to come begins with.
const DAYS: &str = "\
    monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri \
    sat sun january february march april may june july august september october november \
    december jan feb mar apr jun jul aug sep sept oct nov dec tomorrow tonight next end eod eow \
    eom mid";

/// Whether a word is one of a list.
fn is_in(list: &str, word: &str) -> bool {
    list.split(' ').any(|listed| listed == word)
}

/// Words for finished work, unless something beside them takes it back.
pub(super) fn complete(lower: &str, words: &[Word]) -> Option<(Status, Range<usize>)> {
    if let Some(at) = phrase(words, &["incomplete"]) {
        return Some((Status::InProgress, at));
    }
    let index = words.iter().position(|word| is_in(DONE, word.text))?;
    let earlier = words[..index].iter().position(|word| is_in(BEFORE, word.text));
    let earlier = earlier.or_else(|| fraction(lower, &words[..index]));
    let earlier =
        earlier.or_else(|| index.checked_sub(1).filter(|at| is_in(PART, words[*at].text)));
    let earlier = earlier.or_else(|| negated(lower, &words[..=index]).then_some(0));
    let start = words[earlier.unwrap_or(index)].at.start;
    let end = words[index].at.end;
    let behind = end..sentence(lower, end);
    let later = behind_done(lower, &words[index..], &behind);
    let open = earlier.is_some() || later.is_some();
    let state = match open {
        true => Status::InProgress,
        false if tells_of_another(&lower[..words[index].at.start]) => Status::Unknown,
        false => Status::Complete,
    };
    Some((state, start..later.unwrap_or(end)))
}

/// What may be finished while the phase itself is not.
const WAITED_FOR: &str = "\
    dependencies dependency deps dep prerequisites prerequisite prereqs prereq pre-requisites";

/// What an id follows that names other work.
const NAMED: &str = "\
    phase phases stage stages stream streams workstream workstreams batch batches milestone \
    milestones package packages sub-phase subphase";

/// Whether what stands before a word for finished work makes it that of something else: `Phase 9`, `Dependencies:`.
fn tells_of_another(before: &str) -> bool {
    let dash = [" - ", ". "].iter().filter_map(|cut| before.rfind(cut).map(|at| at + cut.len()));
    let mark = before.rfind(['(', ',', ';', '—', '–', ':', '|', '[']);
    let mark = mark.map(|at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let own = &before[dash.max().max(mark).unwrap_or(0)..];
    let leads = before.trim_end().ends_with([':', '-', '—', '–']);
    let alone = leads && !own.contains(char::is_alphanumeric) && before.len() <= 40;
    is_of_another(if alone { before } else { own })
}

/// Whether what is said to be finished is something else than the phase: `All dependencies from Stage 2`, `Phase 9`,
/// `WP-7`, `2.1`.
fn is_of_another(subject: &str) -> bool {
    let words = subject.split_whitespace();
    let mut words =
        words.map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '%')).peekable();
    while let Some(word) = words.next() {
        let next = words.peek().copied().unwrap_or_default();
        let numbered =
            next.starts_with(|c: char| c.is_ascii_digit()) || next.len() == 1 || is_prefixed(next);
        if is_in(WAITED_FOR, word) || is_in(NAMED, word) && numbered || is_id(word) {
            return true;
        }
    }
    false
}

/// `wp-7`, in lower case.
fn is_prefixed(word: &str) -> bool {
    let letters = word.bytes().take_while(u8::is_ascii_lowercase).count();
    let number = word[letters..].strip_prefix('-').unwrap_or(&word[letters..]);
    letters > 0 && number.starts_with(|c: char| c.is_ascii_digit())
}

/// `wp-7` or `2.1`; a day such as `2.1.2026` is none.
fn is_id(word: &str) -> bool {
    let dotted = word.contains('.')
        && word.split('.').all(|part| part.len() < 4 && part.bytes().all(|b| b.is_ascii_digit()));
    dotted || word.contains('-') && is_prefixed(word)
}

/// Whether a text speaks of what a phase waits for.
pub(super) fn tells_of_waiting(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    words(&lower).iter().any(|word| is_in(WAITED_FOR, word.text))
}

/// Whether a clause that ends in a word for finished work begins with `No`.
fn negated(lower: &str, words: &[Word]) -> bool {
    let between = words.last().map_or("", |last| &lower[..last.at.start]);
    let apart = between.contains(['(', ',', '—', '–', ':', '.']) || between.contains(" - ");
    !apart && words.first().is_some_and(|first| first.text == "no")
}

/// Where what takes finished work back ends, behind the first of these words and in its sentence.
fn behind_done(lower: &str, words: &[Word], sentence: &Range<usize>) -> Option<usize> {
    let count = words.iter().take_while(|word| word.at.end <= sentence.end).count();
    let words = words.get(..count)?;
    let tail = words.get(1..)?;
    let taken = tail.iter().position(|word| is_in(BEHIND, word.text));
    let taken = taken.or_else(|| (0..tail.len()).find(|&at| is_ahead(lower, words, at + 1)));
    let taken = taken.map(|at| tail[at].at.end);
    let part = || fraction(lower, tail).filter(|&at| !on_a_day(words, at + 1));
    taken.or_else(|| {
        let at = part()?;
        let numbers = tail[at + 1..].iter().find(|word| word.text.parse::<u32>().is_ok());
        Some(numbers.unwrap_or(&tail[at]).at.end)
    })
}

/// Whether the number at a place is a day: `on 12/29`.
fn on_a_day(words: &[Word], at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| words[before].text == "on")
}

/// Whether a time to come stands at a place: `by Friday`, `this week`; `done in 2 days`. A name is none.
fn is_ahead(lower: &str, words: &[Word], at: usize) -> bool {
    let Some(next) = words.get(at + 1) else { return false };
    let number = next.text.starts_with(|c: char| c.is_ascii_digit());
    let told = lower[words[at].at.end..next.at.start].contains(':');
    let quarter = next.text.len() == 2 && next.text.starts_with('q');
    match words[at].text {
        "by" if next.text == "the" => words.get(at + 2).is_some_and(|w| is_in(DAYS, w.text)),
        "by" => !told && (number || quarter || is_in(DAYS, next.text)),
        "this" => matches!(next.text, "week" | "month" | "quarter" | "sprint"),
        "in" => number && at == 1 && matches!(words[0].text, "done" | "complete"),
        _ => false,
    }
}

/// Where the sentence that goes on at `from` ends.
fn sentence(lower: &str, from: usize) -> usize {
    let ends = |at: usize| {
        let rest = &lower[at + 1..];
        rest.is_empty() || rest.starts_with(char::is_whitespace)
    };
    let mut stops = lower[from..].match_indices(['.', '!', ';']).map(|(at, _)| from + at);
    stops.find(|at| ends(*at)).unwrap_or(lower.len())
}

/// Which word begins `3/5`, `3 of 5` or `3 out of 5`: a part of the whole. Dates have a third number.
fn fraction(lower: &str, words: &[Word]) -> Option<usize> {
    let number = |at: usize| words.get(at).and_then(|word| word.text.parse::<u32>().ok());
    let is = |at: usize, text: &str| words.get(at).is_some_and(|word| word.text == text);
    let slash = |at: usize| {
        words.get(at + 1).is_some_and(|next| lower[words[at].at.end..next.at.start].trim() == "/")
    };
    (0..words.len()).find(|&at| {
        let alone = slash(at) && !slash(at + 1) && !at.checked_sub(1).is_some_and(slash);
        let whole = match (alone, is(at + 1, "of"), is(at + 1, "out") && is(at + 2, "of")) {
            (true, ..) => at + 1,
            (false, true, _) => at + 2,
            (false, false, true) => at + 3,
            (false, false, false) => return false,
        };
        number(at).zip(number(whole)).is_some_and(|(n, all)| n < all)
    })
}

/// Whether what follows `Not Started` says that it waits for something: `(blocked by legal)`, `- until May`.
pub(super) fn waits(rest: &str) -> bool {
    const WAITS: &str = "blocked waiting waits awaiting stuck pending until unless once";
    let lower = rest.to_ascii_lowercase();
    let words = words(&lower);
    // `waits for nobody`
    let nobody = words.iter().take(3).any(|word| is_in("nobody nothing none no one", word.text));
    !nobody && words.first().is_some_and(|first| is_in(WAITS, first.text)) || waits_for_phase(rest)
}

/// Whether a text says that it waits for a phase: `(depends on Phase 1.1)`, `- after 1.2`.
fn waits_for_phase(rest: &str) -> bool {
    let text =
        rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '(' | '-' | '—' | '–'));
    let depends = ["depends on ", "depends upon ", "dependent on ", "dependent upon "];
    if let Some(lead) = depends.iter().find(|lead| token::starts_with_word(text, lead)) {
        return note::names_at_start(&text[lead.len()..]);
    }
    let leads = ["needs ", "requires ", "after "];
    let reason = text.split(')').next().unwrap_or_default();
    leads.iter().any(|lead| token::starts_with_word(reason, lead))
        && reason::listed(reason).is_some()
}

/// Whether what follows the clause of a finished work takes it back: `(pending review)`, `- 3 of 5`, `. Not merged`.
pub(super) fn takes_back(rest: &str) -> bool {
    let lower = rest.to_ascii_lowercase();
    let sentences = lower.trim_start().starts_with(['.', '!', ';']);
    // Days and marks may stand between.
    let parts =
        lower.split(['(', ')', ',', ';', '|', '—', '–', '[']).flat_map(|part| part.split(" - "));
    let told = parts.map(|part| (part, words(part))).find(|(part, words)| {
        let day = words.iter().any(|word| is_in(DAYS, word.text)) && words.len() <= 3;
        let day = day && !words.first().is_some_and(|first| is_in(BEHIND, first.text));
        let letters = words.iter().any(|word| word.text.starts_with(|c: char| c.is_alphabetic()));
        (letters && !day) || fraction(part, words).is_some() || part.trim_end().ends_with('%')
    });
    let Some((part, words)) = told else { return false };
    let Some(first) = words.first() else { return false };
    let taken = is_in(BEHIND, first.text) || is_in(OPENING, first.text);
    if sentences {
        return taken && !is_in(APART, first.text);
    }
    let going = first.text == "in"
        && words.get(1).is_some_and(|next| matches!(next.text, "review" | "progress" | "testing"));
    let alone = words.len() == 1 && is_part(part, first);
    taken || going || alone || fraction(part, &words) == Some(0) || is_ahead(part, &words, 0)
}
