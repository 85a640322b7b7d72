//! Whether a goal asks for work or for an answer.

use crate::domain::goal::words::{PHASE_WORDS, RUN_VERBS, Word, is_filler, is_in};

/// What a goal's first words say it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lead {
    /// Something is to be done.
    Request,
    /// Something is asked: nothing starts.
    Question,
}

/// Courtesy in front of a request or a question.
const COURTESY: &str = "please hey hi hello ok okay so now then and well kindly just let's lets i we want need to like \
    i'd we'd me us";
/// A goal that begins so is a question.
const ASKING: &str = "explain what what's whats show why how how's describe tell which who who's where is are does did \
    has should summarize summarise know understand whether";
/// A goal that begins so is a question when it only names phases.
const LOOKING: &str =
    "open view inspect details detail info review check read see display unblock about list";
const ASKABLE: &str = "can could would will do shall when may am";

/// Reads the lead of a goal, and says how many words a question's lead has.
pub(crate) fn read(goal: &str, words: &[Word]) -> (Lead, usize) {
    let mut at = 0;
    let mut asked_to = false;
    while let Some(word) = words.get(at) {
        let next = words.get(at + 1).map_or("", |word| word.text.as_str());
        if is_in(&word.text, "can could would will") && next == "you" {
            asked_to = true;
            at += 2;
        } else if is_in(&word.text, COURTESY) {
            at += 1;
        } else {
            break;
        }
    }
    let Some(first) = words.get(at) else { return (Lead::Request, 0) };
    let text = first.text.as_str();
    let mark = goal.trim_end().ends_with('?');
    let looks = is_in(text, LOOKING) && words[at + 1..].iter().all(names_phases);
    let asks = is_in(text, ASKING)
        || looks
        || mark && is_in(text, ASKABLE) && next_is_subject(words, at)
        || mark && !asked_to && !is_in(text, RUN_VERBS);
    let asking = usize::from(is_in(text, ASKING) || looks);
    // `why not 4.4` is about 4.4.
    let not = words.get(at + 1).is_some_and(|word| is_in(&word.text, "not no don't"));
    let asking = asking + usize::from(asking == 1 && not);
    if asks { (Lead::Question, at + asking) } else { (Lead::Request, 0) }
}

/// `do we ...`, `can 3.3 ...`: a question; `do 3.3?` is a request.
fn next_is_subject(words: &[Word], at: usize) -> bool {
    words[at].text != "do" || words.get(at + 1).is_some_and(|w| is_in(&w.text, "we i you they"))
}

fn names_phases(word: &Word) -> bool {
    is_filler(word)
        || is_in(&word.text, PHASE_WORDS)
        || word.text.bytes().any(|b| b.is_ascii_digit())
        || is_in(&word.text, "ready blocked open batch batches")
}
