//! Orders about a phase that are no work on it: `set 1.2 to blocked`, `rename 1.2`, `tick 1.2`, `hold 1.2`, `start 1.2 tomorrow`.
//! No plan carries them out: the phase is left out with the reason, which says what does it.

use std::ops::Range;

use crate::domain::goal::done::Goal;
use crate::domain::goal::words::{Break, PHASE_WORDS, RUN_VERBS, Word, is_filler, is_in};

/// How a phase is spoken of that is not to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Its entry in the roadmap is to say something else.
    Edit,
    /// It, or its tasks, are to be ticked.
    Tick,
    /// It is to be put off.
    PutOff,
    /// It is to be run another time.
    Later,
}

impl Manner {
    /// Why no plan does it, and what does.
    pub fn why(self) -> &'static str {
        match self {
            Self::Edit => {
                "a goal changes nothing in the roadmap; e opens the roadmap to change it by hand"
            }
            Self::Tick => {
                "a goal ticks nothing; `orch-tui tick` ticks tasks, and a Status is changed by hand (e opens the roadmap)"
            }
            Self::PutOff => {
                "a goal puts nothing off; what no plan has does not start, and a Status is changed by hand (e opens the roadmap)"
            }
            Self::Later => LATER,
        }
    }

    /// The same of a phase.
    pub fn reason(self) -> String {
        format!("is left out: {}", self.why())
    }
}

/// Why nothing is planned for another time.
pub(crate) const LATER: &str = "orch-tui cannot wait for a time; ask for it when it should start";

const EDIT: &str = "set reset rename retitle relabel renumber unassign reassign assign remove delete archive undo revert \
    reopen edit split merge swap combine block unmark label tag flag mark prioritize deprioritize prioritise deprioritise";
const TICK: &str = "tick untick uncheck";
/// Verbs that put a phase off.
pub(crate) const PUT_OFF: &str =
    "hold pause park defer postpone delay suspend shelve freeze snooze leave";
/// Behind a verb, and still in front of the phase.
const LINKS: &str = "the both all of to for on off out back aside status state name title owner assignee priority effort \
    dependencies description";
/// Parts of a phase's entry.
const ATTRIBUTES: &str =
    "status state name title owner assignee priority effort dependencies description";
/// Verbs that are such an order only with one of these words behind the phase.
const WITH_TAIL: &[(&str, &str, Manner)] = &[
    ("put", "on off aside back away", Manner::PutOff),
    ("take", "off out away from", Manner::PutOff),
    ("keep", "blocked deferred paused for on back aside", Manner::PutOff),
    ("move", "to into up down behind after before", Manner::Edit),
    ("give", "to", Manner::Edit),
    ("change", "to into", Manner::Edit),
    ("update", "to", Manner::Edit),
    ("edit", "to", Manner::Edit),
];
/// Between a phase and what is said of it.
const IS: &str = "is are was were has have been being should must needs need to be now already still both all also stays \
    remains";
/// What is said of a phase nobody is to work on.
const STATES: &str = "blocked deferred paused parked postponed delayed cancelled canceled obsolete renamed removed dropped \
    deleted archived assigned suspended shelved frozen";
const BEGINNINGS: &str = "and or then please so but now just you to let's i we";
const DAYS: &str = "monday tuesday wednesday thursday friday saturday sunday weekend";
const SPANS: &str = "week month sprint year quarter time morning";

/// What a goal says of phases beside work.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    /// Words, and how the phases they name are spoken of.
    pub ranges: Vec<(Range<usize>, Manner)>,
    /// All of the goal is for another time.
    pub later: bool,
    /// Words that tell the time.
    pub times: Vec<Range<usize>>,
}

/// The orders of a goal. `named`: where ids and names stand, in order.
pub(crate) fn orders(words: &[Word], named: &[Range<usize>]) -> Orders {
    let goal = Goal { words, named };
    let mut found = Orders::default();
    found.ranges.extend((0..words.len()).filter_map(|at| goal.ordered(at)));
    found.ranges.extend((0..named.len()).filter_map(|last| goal.put_off(last)));
    for at in 0..words.len() {
        let Some(time) = goal.time(at) else { continue };
        match goal.timed(&time) {
            Some(range) => found.ranges.push((range, Manner::Later)),
            None => found.later |= named.is_empty(),
        }
        found.times.push(time);
    }
    found
}

/// What a verb alone says of what is named behind it.
fn manner_of(verb: &str) -> Option<Manner> {
    let lists = [(EDIT, Manner::Edit), (TICK, Manner::Tick), (PUT_OFF, Manner::PutOff)];
    lists.iter().find(|(list, _)| is_in(verb, list)).map(|(_, manner)| *manner)
}

/// Whether a word in front of an id is such a verb.
pub(crate) fn is_order(verb: &str) -> bool {
    manner_of(verb).is_some()
}

/// The manner of a goal that begins with such a verb, whatever it names: `assign batch 3 to Bob`.
pub(crate) fn leading(words: &[Word]) -> Option<Manner> {
    let polite = words.iter().take_while(|word| is_in(&word.text, BEGINNINGS)).count();
    let next = words.get(polite + 1).map_or("", |word| word.text.as_str());
    let verb = words.get(polite).filter(|_| !is_in(next, "up"))?;
    manner_of(&verb.text)
}

/// The verb of a goal that puts off or records, whatever it names.
pub(crate) fn holding(words: &[Word]) -> Option<&str> {
    const ALWAYS: &str = "hold pause park defer postpone shelve snooze suspend tick untick unassign reassign rename retitle";
    let polite = words.iter().take_while(|word| is_in(&word.text, BEGINNINGS)).count();
    let verb = words.get(polite)?.text.as_str();
    is_in(verb, ALWAYS).then_some(verb)
}

/// So many words may name who is given a phase.
const LONGEST_NAME: usize = 5;

/// The `to` of `assign Bob Smith to 1.2`, whose verb is at `at`.
fn recipient(words: &[Word], at: usize) -> Option<usize> {
    let verb = words.get(at).filter(|word| is_in(&word.text, "assign reassign give"));
    let behind = (at + 1..words.len()).take(LONGEST_NAME + 1);
    let mut of_clause = behind.take_while(|at| words[*at].before == Break::Space);
    verb.and_then(|_| of_clause.find(|at| words[*at].text == "to"))
}

/// Whether the `to` at `at` gives a phase to somebody.
pub(crate) fn gives(words: &[Word], at: usize) -> bool {
    (at.saturating_sub(LONGEST_NAME + 1)..at).any(|verb| recipient(words, verb) == Some(at))
}

impl Goal<'_> {
    /// `set the status of 1.2 and 1.3 to blocked`.
    fn ordered(&self, at: usize) -> Option<(Range<usize>, Manner)> {
        let begins = at == 0 || !self.goes_on(at) || is_in(self.before(at), BEGINNINGS);
        if !begins || self.is_named(at) {
            return None;
        }
        let next = self.object(at)?;
        let first = self.named.iter().position(|range| range.start == next)?;
        let more = (first..self.named.len() - 1).take_while(|at| self.carries_on(*at)).count();
        let end = self.named[first + more].end;
        let tail = if self.goes_on(end) { self.text(end) } else { "" };
        let manner = self.manner(at, next, tail)?;
        Some((at..self.clause_end(end), manner))
    }

    /// Where the phase stands that the verb at `at` speaks of.
    fn object(&self, at: usize) -> Option<usize> {
        let link = |next: &usize| {
            let text = self.text(*next);
            self.goes_on(*next)
                && !self.is_named(*next)
                && (is_in(text, LINKS) || is_in(text, PHASE_WORDS))
        };
        let whom = recipient(self.words, at).filter(|to| !(at..*to).any(|at| self.is_named(at)));
        let next = (whom.unwrap_or(at + 1)..).find(|next| !link(next))?;
        (self.goes_on(next) && self.is_named(next)).then_some(next)
    }

    fn manner(&self, at: usize, next: usize, tail: &str) -> Option<Manner> {
        let (verb, particle) = (self.text(at), self.text(at + 1));
        let attribute = (at + 1..next).any(|at| is_in(self.text(at), ATTRIBUTES));
        if is_in(verb, "check cross") {
            let off = is_in(particle, "off out") || is_in(tail, "off out");
            return off.then_some(Manner::Tick);
        }
        if attribute && is_in(verb, "change edit update set fix") {
            return Some(Manner::Edit);
        }
        if verb == "put" && particle == "off" {
            return Some(Manner::PutOff);
        }
        if verb == "set" && is_in(tail, "up in off out")
            || verb == "leave" && is_in(tail, "out alone")
        {
            return None;
        }
        let with = WITH_TAIL.iter().find(|(v, tails, _)| *v == verb && is_in(tail, tails));
        manner_of(verb).or(with.map(|(.., manner)| *manner))
    }

    /// `1.2 is blocked`, `1.1 and 1.2 are on hold`.
    fn put_off(&self, last: usize) -> Option<(Range<usize>, Manner)> {
        let verb = self.named[last].end;
        let told = (verb..).take_while(|at| self.goes_on(*at) && is_in(self.text(*at), IS)).count();
        let state = verb + told;
        let on_hold = self.text(state) == "on" && self.text(state + 1) == "hold";
        let says = self.goes_on(state) && (on_hold || is_in(self.text(state), STATES));
        if told == 0 || !says || self.is_named(state) {
            return None;
        }
        let first = (0..last).rev().take_while(|at| self.carries_on(*at)).last().unwrap_or(last);
        let from = self.lead(self.named[first].start);
        self.begins(from).then(|| (from..self.clause_end(state), Manner::Edit))
    }

    /// Where the clause ends that goes on at `at`: at a comma, or where something else is asked for.
    fn clause_end(&self, at: usize) -> usize {
        (at..self.words.len()).find(|at| self.turns(*at)).unwrap_or(self.words.len())
    }

    /// Whether something else begins at a word.
    fn turns(&self, at: usize) -> bool {
        // A bracket inside a name parts nothing.
        if self.named.iter().any(|range| range.start < at && at < range.end) {
            return false;
        }
        let asks = |at: usize| is_in(self.text(at), RUN_VERBS) && !self.is_named(at);
        !self.goes_on(at)
            || is_in(self.text(at), "and but then")
                && (asks(at + 1) || self.text(at) != "and")
                && !self.is_named(at)
    }

    /// Words for another time: `tomorrow`, `next week`, `on monday`; not `by friday`.
    fn time(&self, at: usize) -> Option<Range<usize>> {
        const NOT: &str = "by before until till than or no sooner every since";
        let (text, next) = (self.text(at), self.text(at + 1));
        if self.is_named(at) || self.goes_on(at) && is_in(self.before(at), NOT) {
            return None;
        }
        let two = self.goes_on(at + 1)
            && !self.is_named(at + 1)
            && (text == "next" && (is_in(next, SPANS) || is_in(next, DAYS))
                || is_in(text, "on for") && is_in(next, DAYS)
                || text == "this" && (is_in(next, DAYS) || is_in(next, "evening afternoon")));
        // `the next week view`: a noun behind makes it something else.
        if two {
            let ends = !self.goes_on(at + 2) || self.is_named(at + 2);
            let on = is_in(self.text(at + 2), "and but then please if when");
            return (ends || on).then_some(at..at + 2);
        }
        let one = text == "tomorrow" || text == "later" && next != "than";
        one.then_some(at..at + 1)
    }

    /// The clause whose phases are for that time.
    fn timed(&self, time: &Range<usize>) -> Option<Range<usize>> {
        let begin = |at: usize| {
            let starts = |at: &usize| *at == 0 || self.turns(*at);
            (0..=at).rev().find(starts).unwrap_or(0)
        };
        let (mut from, mut to) = (begin(time.start), self.clause_end(time.end));
        let said = |at: &usize| time.contains(at) || is_filler(&self.words[*at]);
        if (from..to).all(|at| said(&at)) {
            // `run 1.2, tomorrow`
            if from > 0 {
                from = begin(from - 1);
            } else {
                to = self.clause_end((to + 1).min(self.words.len()));
            }
        }
        while let Some(at) = self.named.iter().position(|range| (from..to).contains(&range.start)) {
            if at == 0 || !self.carries_on(at - 1) || self.named[at - 1].start >= from {
                return Some(from..to);
            }
            from = begin(self.named[at - 1].start);
        }
        None
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init)]
mod tests {
    use super::*;
    use crate::domain::goal::words::words;

    fn read(goal: &str) -> Vec<(String, Manner)> {
        let words = words(goal);
        let ids = (0..words.len()).filter(|at| words[*at].text.contains('.'));
        let named: Vec<Range<usize>> = ids.map(|at| at..at + 1).collect();
        let found = orders(&words, &named);
        let said = |range: &Range<usize>| {
            words[range.clone()].iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
        };
        found.ranges.iter().map(|(range, manner)| (said(range), *manner)).collect()
    }

    #[test]
    fn orders_that_are_no_work_are_told_from_work() {
        for (goal, said, manner) in [
            ("set 1.2 to blocked", "set 1.2 to blocked", Manner::Edit),
            ("please set the status of 1.2 to done", "set the status of 1.2 to done", Manner::Edit),
            ("remove phase 1.2 from the plan", "remove phase 1.2 from the plan", Manner::Edit),
            ("rename 1.2 to foo and run 2.1", "rename 1.2 to foo", Manner::Edit),
            ("unassign 1.2", "unassign 1.2", Manner::Edit),
            ("assign 1.2 to bob", "assign 1.2 to bob", Manner::Edit),
            ("assign bob to 1.2", "assign bob to 1.2", Manner::Edit),
            ("assign bob smith to 1.2", "assign bob smith to 1.2", Manner::Edit),
            ("run 2.1, tick 1.2", "tick 1.2", Manner::Tick),
            ("check off 1.2", "check off 1.2", Manner::Tick),
            ("hold 1.2 and 1.3", "hold 1.2 and 1.3", Manner::PutOff),
            ("put 1.2 on hold", "put 1.2 on hold", Manner::PutOff),
            ("1.1 and 1.2 are on hold", "1.1 and 1.2 are on", Manner::Edit),
            ("1.2 is blocked, do 1.3", "1.2 is", Manner::Edit),
            ("start 1.2 tomorrow", "start 1.2 tomorrow", Manner::Later),
            ("start 1.1, 1.2 next week", "start 1.1 1.2 next week", Manner::Later),
            ("run 1.1 now, 1.2 later", "1.2 later", Manner::Later),
            ("run 1.1, tomorrow", "run 1.1 tomorrow", Manner::Later),
            ("tomorrow, run 1.1", "tomorrow run 1.1", Manner::Later),
        ] {
            let found = read(goal);
            let right = found.iter().any(|(s, m)| s.starts_with(said) && *m == manner);
            assert!(right && found.len() == 1, "{goal}: {found:?}");
        }
        for goal in [
            "run 1.2",
            "set 1.2 up",
            "move on to 1.2",
            "finish 1.2 by tomorrow",
            "sooner or later 1.2",
            "check 1.2",
            "once 1.1 is blocked do 1.2",
            "run 1.2 to unblock 1.3",
            "take 1.2",
            "1.2 with the next week view",
        ] {
            assert_eq!(read(goal), [], "{goal}");
        }
    }
}
