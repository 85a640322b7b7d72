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
/// The same for what is to be put off or done away with, which no plan does.
const PUTTING_OFF: &str = "postpone defer delay delete remove undo revert hold pause archive close";
/// `do not touch it`: nothing that was named before is started.
const HANDLING: &str = "touch start run do begin execute launch continue";
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
    let puts_off = is_in(text, PUTTING_OFF);
    let mut rest =
        words[at + 1..].iter().filter(|word| !(puts_off && is_in(&word.text, "off on up")));
    let goes_on = |word: &&Word| puts_off && is_in(&word.text, RUN_VERBS);
    let ticks = text == "check" && words.get(at + 1).is_some_and(|word| word.text == "off");
    let looks = (puts_off || is_in(text, LOOKING) && !ticks)
        && rest.all(|word| names_phases(word) && !goes_on(&word));
    let asks = is_in(text, ASKING)
        || words.windows(3).any(hands_off)
        || looks
        || mark && is_in(text, ASKABLE) && next_is_subject(words, at)
        || mark && !asked_to && !is_in(text, RUN_VERBS);
    // What is to be put off or changed is read with its verb.
    let digit = |word: &Word| word.text.bytes().any(|b| b.is_ascii_digit());
    let order = puts_off && words[at + 1..].iter().any(digit);
    let asking = usize::from(is_in(text, ASKING) || looks && !order);
    // `why not 4.4` is about 4.4.
    let not = words.get(at + 1).is_some_and(|word| is_in(&word.text, "not no don't"));
    let asking = asking + usize::from(asking == 1 && not);
    if asks { (Lead::Question, at + asking) } else { (Lead::Request, 0) }
}

/// `not touch it`, `don't run them`.
fn hands_off(words: &[Word]) -> bool {
    let [not, verb, what] = words else { return false };
    is_in(&not.text, "not don't dont never")
        && is_in(&verb.text, HANDLING)
        && is_in(&what.text, "it them that this those these")
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
