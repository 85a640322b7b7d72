//! Phases a goal says are done: `1.1 is done, do 2.1`, `mark 1.1 complete`, `I finished 1.1`. They are left out: what is
//! complete is decided by gates or by a person, never by a goal.

use std::ops::Range;

use crate::domain::goal::index::Index;
use crate::domain::goal::offer::Pick;
use crate::domain::goal::reading::Reading;
use crate::domain::goal::record::Manner;
use crate::domain::goal::said::said_phases;
use crate::domain::goal::words::{Break, CONNECTIVES, PHASE_WORDS, RUN_VERBS, Word, is_in};

/// What is said of a phase that is done.
const DONE: &str = "done complete completed finished";
/// Between a phase and what is said of it.
const IS: &str = "is are was were has have been already now both all also";
/// A statement may follow these.
const SAID: &str =
    "and but so since because now well ok okay yes think believe although though then";
/// Orders to say that something is done.
const MARK: &str = "mark set flag label declare consider count record";
/// What else may stand in such an order.
const MARKED: &str = "as to the be being is are both all already";
/// What is said behind these is a condition.
const IF: &str = "when once if until till unless while after before whenever";

/// What a goal says beside what it asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Told {
    /// Phases said to be done.
    pub done: Vec<Pick>,
    /// The same in a few words.
    pub said: String,
    /// Phases of which something else than work is asked.
    pub apart: Vec<(Pick, Manner)>,
    /// Clauses for the person about what was read otherwise than it may have been meant.
    pub notes: Vec<String>,
}

impl Told {
    /// These phases are said to be done.
    pub fn done(index: &Index<'_>, done: Vec<Pick>) -> Self {
        Self { said: said_phases(index, &done), done, ..Self::default() }
    }
}

/// Per word whether it belongs to a statement that phases are done. `named`: where ids and names stand, in order.
pub(crate) fn said_done(words: &[Word], named: &[Range<usize>]) -> Vec<bool> {
    let goal = Goal { words, named };
    let mut said = vec![false; words.len()];
    let told = (0..named.len()).filter_map(|last| goal.stated(last));
    let ordered = (0..words.len()).filter_map(|at| goal.marked(at));
    let done = (0..words.len()).filter_map(|at| goal.finished(at));
    told.chain(ordered).chain(done).for_each(|range| said[range].fill(true));
    said
}

/// The words in front of `is done`, where the goal ends so and sets no condition.
pub(crate) fn without_done(words: &[Word]) -> Option<&[Word]> {
    let (last, rest) = words.split_last()?;
    let told = rest.iter().rev().take_while(|word| is_in(&word.text, IS)).count();
    let rest = rest.get(..rest.len() - told)?;
    let states = told > 0 && is_in(&last.text, DONE);
    (states && !rest.iter().any(|word| is_in(&word.text, IF))).then_some(rest)
}

/// What was read is said to be done: nothing is asked for.
pub(crate) fn only_done(index: &Index<'_>, reading: Reading) -> Reading {
    let done: Vec<Pick> = reading.ticked.into_iter().chain(reading.listed).collect();
    let excluded = done.iter().map(|pick| pick.phase).collect();
    Reading { told: Told::done(index, done), excluded, ..Reading::default() }
}

/// A goal with the ids and names it has.
pub(crate) struct Goal<'w> {
    /// All of its words.
    pub words: &'w [Word],
    /// Where ids and names stand, in order.
    pub named: &'w [Range<usize>],
}

impl Goal<'_> {
    /// A word.
    pub fn text(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.text.as_str())
    }

    /// The word in front of another.
    pub fn before(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |at| self.text(at))
    }

    /// Whether a word follows the one before it without a break.
    pub fn goes_on(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| word.before == Break::Space)
    }

    /// Whether a word is of an id or a name.
    pub fn is_named(&self, at: usize) -> bool {
        self.named.iter().any(|range| range.contains(&at))
    }

    /// `1.1 and 1.2 are done`, of which `last` is the last; without a verb only as a clause of its own.
    fn stated(&self, last: usize) -> Option<Range<usize>> {
        let verb = self.named[last].end;
        let told = (verb..).take_while(|at| self.goes_on(*at) && is_in(self.text(*at), IS)).count();
        let done = verb + told;
        let ends = !self.goes_on(done + 1) || is_in(self.text(done + 1), "and but so now already");
        let says = self.goes_on(done) && is_in(self.text(done), DONE) && !self.is_named(done);
        if !says || told == 0 && !ends {
            return None;
        }
        let first = (0..last).rev().take_while(|at| self.carries_on(*at)).last().unwrap_or(last);
        let whole = self.lead(self.named[first].start);
        if self.begins(whole) {
            return Some(whole..done + 1);
        }
        // `do 2.1 and 1.1 is done` tells of the last one alone.
        let alone = self.lead(self.named[last].start);
        let one = is_in(self.text(verb), "is was has") && is_in(self.before(whole), RUN_VERBS);
        (one && self.begins(alone)).then_some(alone..done + 1)
    }

    /// Whether the named thing behind this one carries on its list.
    pub fn carries_on(&self, at: usize) -> bool {
        let (end, next) = (self.named[at].end, self.named[at + 1].start);
        let lead = self.lead(next).max(end);
        self.words[end..lead].iter().all(|word| is_in(&word.text, CONNECTIVES))
            && self.words[end..=next].iter().all(|word| word.before != Break::Clause)
    }

    /// Where the words for a phase in front of its id begin.
    pub fn lead(&self, from: usize) -> usize {
        let leads = |at: &usize| {
            let word = self.before(*at);
            self.goes_on(*at) && (is_in(word, PHASE_WORDS) || is_in(word, "the both"))
        };
        from - (0..from).map(|back| from - back).take_while(leads).count()
    }

    /// Whether a statement may begin here.
    pub fn begins(&self, at: usize) -> bool {
        let that = self.before(at) == "that" && is_in(self.before(at - 1), "now given");
        at == 0 || !self.goes_on(at) || is_in(self.before(at), SAID) || that
    }

    /// `mark 1.1 as done`.
    fn marked(&self, at: usize) -> Option<Range<usize>> {
        let begins = at == 0 || !self.goes_on(at) || is_in(self.before(at), "and then please so");
        if !begins || !is_in(self.text(at), MARK) || self.is_named(at) {
            return None;
        }
        let fits = |at: &usize| {
            let text = self.text(*at);
            let plain = [MARKED, CONNECTIVES, PHASE_WORDS].iter().any(|list| is_in(text, list));
            self.words.get(*at).is_some_and(|word| word.before != Break::Clause)
                && (plain || self.is_named(*at))
        };
        let done = (at + 1..).find(|at| !fits(at))?;
        let names = (at + 1..done).any(|at| self.is_named(at));
        let says = is_in(self.text(done), DONE) && self.goes_on(done);
        (names && says).then_some(at..done + 1)
    }

    /// `I finished 1.1 and 1.2`.
    fn finished(&self, at: usize) -> Option<Range<usize>> {
        let who = "i we i've we've have already just";
        let begins = at == 0 || !self.goes_on(at) || is_in(self.before(at), who);
        if !begins || !is_in(self.text(at), "finished completed") || self.is_named(at) {
            return None;
        }
        let first = self.named.iter().position(|range| self.lead(range.start) == at + 1)?;
        let on = (first..self.named.len() - 1).take_while(|at| self.carries_on(*at)).count();
        Some(at..self.named[first + on].end)
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init)]
mod tests {
    use super::*;
    use crate::domain::goal::words::words;

    /// The goal with what is said to be done in brackets; each word with a dot in it is an id.
    fn read(goal: &str) -> String {
        let words = words(goal);
        let ids = (0..words.len()).filter(|at| words[*at].text.contains('.'));
        let named: Vec<Range<usize>> = ids.map(|at| at..at + 1).collect();
        let said = said_done(&words, &named);
        let shown = words.iter().zip(said).map(|(word, said)| match said {
            true => format!("[{}]", word.text),
            false => word.text.clone(),
        });
        shown.collect::<Vec<_>>().join(" ").replace("] [", " ")
    }

    #[test]
    fn what_is_said_to_be_done_is_told_from_what_is_to_be_done() {
        for (goal, said) in [
            ("1.1 is done, do 2.1", "[1.1 is done] do 2.1"),
            ("do 2.1, 1.1 is complete", "do 2.1 [1.1 is complete]"),
            ("do 2.1 and 1.1 is done", "do 2.1 and [1.1 is done]"),
            ("phases 1.1 and 1.2 are both done", "[phases 1.1 and 1.2 are both done]"),
            ("since 1.1 has been finished do 2.1", "since [1.1 has been finished] do 2.1"),
            ("1.1 done", "[1.1 done]"),
            ("mark 1.1 complete", "[mark 1.1 complete]"),
            (
                "please mark phase 1.1 as done and run 2.1",
                "please [mark phase 1.1 as done] and run 2.1",
            ),
            ("i finished 1.1 and 1.2, do 2.1", "[i finished 1.1 and 1.2] do 2.1"),
        ] {
            assert_eq!(read(goal).replace("i [", "[i "), said, "{goal}");
        }
        for goal in [
            "finish 1.1",
            "complete 1.1",
            "get 1.1 done",
            "get 1.1 and 1.2 done",
            "2.1, complete 3.3",
            "once 1.1 and 1.2 are done do 2.1",
            "run 2.1 until 2.1 is done",
            "make sure 1.1 is done",
            "1.1 is not done",
            "set up 3.3 and get 3.4 done",
            "",
        ] {
            assert!(!read(goal).contains('['), "{goal}: {}", read(goal));
        }
    }
}
