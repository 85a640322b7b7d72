//! Which words of a goal are wanted, and which are ruled out.

use crate::domain::goal::index::NameSpan;
use crate::domain::goal::record::Manner;
use crate::domain::goal::words::{
    ALL_WORDS, Break, PHASE_WORDS, RUN_VERBS, STOP_VERBS, Word, is_in,
};

/// How a word is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Polarity {
    /// It says what to do.
    Wanted,
    /// It says what to leave out.
    Excluded,
    /// It belongs to a clause about stopping: nothing it names is to be started.
    Stopped,
    /// It belongs to a statement that phases are done.
    Done,
    /// It belongs to an order that is no work.
    Apart(Manner),
}

/// Always rule out what follows.
const NEGATORS: &str = "except excepting excluding without minus besides never don't dont";
/// Rule out what follows unless they are part of a thing's name: `a skip list`, `implement skip lists`.
pub(crate) const VERBAL: &str = "skip skipping omit omitting ignore ignoring exclude avoid drop";
/// Two words that rule out what follows.
const PAIRS: &[(&str, &str)] = &[
    ("other", "than"),
    ("apart", "from"),
    ("rather", "than"),
    ("instead", "of"),
    ("leave", "out"),
    ("leaving", "out"),
];
/// After `not` or `don't`, these say to go on.
const GO_ON: &str = "stop stopping forget wait worry give hesitate pause quit only just started done \
    complete completed finished blocked yet claimed";
const ARTICLES: &str = "a an the";

/// How each word is meant. Words inside a phase's whole name negate nothing.
pub(crate) fn polarities(words: &[Word], names: &[NameSpan]) -> Vec<Polarity> {
    let mut state = Polarity::Wanted;
    let mut out = Vec::with_capacity(words.len());
    for at in 0..words.len() {
        let named = names.iter().any(|span| span.from <= at && at < span.to);
        if turns_back(words, at, state) {
            state = Polarity::Wanted;
        }
        if !named && negates(words, at) {
            state = Polarity::Excluded;
        } else if !named && stops(words, at) {
            state = Polarity::Stopped;
        }
        out.push(state);
    }
    out
}

fn text(words: &[Word], at: usize) -> &str {
    words.get(at).map_or("", |word| word.text.as_str())
}

fn previous(words: &[Word], at: usize) -> &str {
    at.checked_sub(1).map_or("", |at| text(words, at))
}

/// Whether this word ends a negation: a new clause, or a new verb after a comma or `and`.
fn turns_back(words: &[Word], at: usize, state: Polarity) -> bool {
    if state == Polarity::Wanted {
        return false;
    }
    let word = &words[at];
    let joined = word.before == Break::Comma || is_in(previous(words, at), "and but then");
    let restarts = is_in(&word.text, RUN_VERBS) || is_in(&word.text, "only just");
    word.before == Break::Clause
        || is_in(&word.text, "then instead") && text(words, at + 1) != "of"
        || word.text == "but"
        || joined && restarts
}

fn negates(words: &[Word], at: usize) -> bool {
    let (word, next, before) = (text(words, at), text(words, at + 1), previous(words, at));
    if is_in(word, "not don't dont never") {
        return !is_in(next, GO_ON);
    }
    if word == "no" {
        let names = at == 0 && names_next(words, at);
        return names || words[at].before != Break::Space || is_in(before, "but and with");
    }
    if word == "but" {
        return is_in(before, ALL_WORDS) || takes_from_many(words, at);
    }
    if word == "leave" {
        return words[at..].iter().take(8).any(|word| is_in(&word.text, "out alone"));
    }
    is_in(word, NEGATORS)
        || is_in(word, VERBAL) && !is_in(before, ARTICLES) && !is_in(before, RUN_VERBS)
        || PAIRS.contains(&(word, next))
}

/// Whether a phase or an agent is named right behind a word.
fn names_next(words: &[Word], at: usize) -> bool {
    words.get(at + 1).is_some_and(|next| {
        next.before == Break::Space
            && (next.text.bytes().any(|b| b.is_ascii_digit())
                || is_in(&next.text, PHASE_WORDS)
                || is_in(&next.text, "agent agents batch batches"))
    })
}

/// `all ready phases but 3.2`, `batch 3 but the limiter`: what was said before is many, and no new wish follows.
fn takes_from_many(words: &[Word], at: usize) -> bool {
    const MANY: &str = "batch batches ready available bootstrap phases roadmap";
    let begins = |at: &usize| *at == 0 || words[*at].before != Break::Space;
    let start = (0..at).rev().find(begins).unwrap_or(0);
    let many = |word: &Word| is_in(&word.text, ALL_WORDS) || is_in(&word.text, MANY);
    let next = text(words, at + 1);
    let wish = is_in(next, RUN_VERBS) || is_in(next, "not no only just with do don't then please");
    words[start..at].iter().any(many) && !next.is_empty() && !wish
}

/// Whether a clause about stopping begins here.
fn stops(words: &[Word], at: usize) -> bool {
    // `don't stop 3.3` asks to let it go on: there is nothing to start.
    let kept = is_in(previous(words, at), "not don't dont never") && names_next(words, at);
    let begins = at == 0
        || kept
        || words[at].before != Break::Space
        || is_in(previous(words, at), "and then please but you now");
    begins && is_in(&words[at].text, STOP_VERBS)
}

#[cfg(test)]
mod tests {
    use super::Polarity::{Excluded as X, Stopped as S, Wanted as W};
    use super::*;
    use crate::domain::goal::words::words;

    fn read(goal: &str) -> Vec<Polarity> {
        polarities(&words(goal), &[])
    }

    #[test]
    fn negation_reaches_to_the_next_clause() {
        assert_eq!(read("3.1 but not 3.2 and 3.3"), [W, W, X, X, X, X]);
        assert_eq!(read("skip 3.2, run 3.3"), [X, X, W, W]);
        assert_eq!(read("skip 3.2 and run 3.3"), [X, X, X, W, W]);
        assert_eq!(read("all but 3.2"), [W, X, X]);
        assert_eq!(read("don't run 3.2; 3.3"), [X, X, X, W]);
    }

    #[test]
    fn words_that_only_look_like_negations() {
        assert_eq!(read("don't stop until it works"), [W; 5]);
        assert_eq!(read("implement skip lists"), [W; 3]);
        assert_eq!(read("add a skip button"), [W; 4]);
        assert_eq!(read("everything not done"), [W; 3]);
        assert_eq!(read("implement kill switch"), [W; 3]);
        assert_eq!(read("stop 3.3 soon, run 3.4"), [S, S, S, W, W]);
    }
}
