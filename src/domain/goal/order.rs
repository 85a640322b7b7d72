//! Which phases come before and after others: `2.1 and its dependents`, `1.1, then 1.2`.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use crate::domain::goal::index::Index;
use crate::domain::goal::negate::Polarity;
use crate::domain::goal::picks::id_pick;
use crate::domain::goal::reader::Reader;
use crate::domain::goal::words::is_in;
use crate::domain::roadmap::phase::Status;
use crate::domain::roadmap::readiness::Node;

/// Phases and all that is open of what they wait for.
pub(crate) fn needed_by(index: &Index<'_>, phases: BTreeSet<usize>) -> BTreeSet<usize> {
    let mut open: Vec<Node> = phases.iter().map(|at| Node::Phase(*at)).collect();
    let mut seen: HashSet<Node> = open.iter().copied().collect();
    while let Some(node) = open.pop() {
        let waits = index.evaluator.waits(node).into_iter();
        open.extend(waits.filter(|node| seen.insert(*node)));
    }
    seen.iter().filter_map(|node| node.phase()).collect()
}

/// Open phases that wait for one of these, or for one that does.
fn waiting_for(index: &Index<'_>, phases: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut dependents: HashMap<Node, Vec<Node>> = HashMap::new();
    let mut open: Vec<Node> = (0..index.roadmap.phases.len()).map(Node::Phase).collect();
    while let Some(node) = open.pop() {
        for dependency in index.evaluator.waits(node) {
            let known = dependents.entry(dependency).or_default();
            // A scope is looked at when it is first met, phases are all.
            open.extend((known.is_empty() && dependency.phase().is_none()).then_some(dependency));
            known.push(node);
        }
    }
    open.extend(phases.iter().map(|at| Node::Phase(*at)));
    let mut found = HashSet::new();
    while let Some(node) = open.pop() {
        let new = dependents.get(&node).into_iter().flatten().copied();
        open.extend(new.filter(|node| found.insert(*node)));
    }
    let waits =
        |at: &usize| !phases.contains(at) && index.phase(*at).status.state != Status::Complete;
    found.iter().filter_map(|node| node.phase()).filter(waits).collect()
}

impl Reader<'_, '_> {
    /// `and its dependents`: the open phases that wait for the named ones are asked for too.
    pub(super) fn dependents(&mut self) {
        let Some(words) = (0..self.words.len()).find_map(|at| self.dependents_at(at)) else {
            return;
        };
        let named: BTreeSet<usize> = self.reading.ticked.iter().map(|pick| pick.phase).collect();
        if named.is_empty() {
            return;
        }
        let waiting = waiting_for(self.index, &named);
        let picks = waiting.difference(&self.reading.excluded);
        let said = self.words[words.clone()].iter().map(|w| w.text.as_str()).collect::<Vec<_>>();
        let said = said.join(" ");
        self.reading.ticked.extend(picks.map(|at| id_pick(*at, "dependents", &said)));
        self.used[words].fill(true);
        match waiting.is_empty() {
            true => self.also("what waits for it: nothing open does"),
            false => self.also("what waits for it"),
        }
    }

    /// `dependents`, `depends on it`, `waits for them`.
    fn dependents_at(&self, at: usize) -> Option<Range<usize>> {
        let text = |at: usize| self.words.get(at).map_or("", |word| word.text.as_str());
        if self.polarity[at] != Polarity::Wanted || self.used[at] {
            return None;
        }
        if is_in(text(at), "dependents dependants") {
            return Some(at..at + 1);
        }
        let pairs = [("depends depend", "on"), ("waits wait waiting", "for")];
        let pair = pairs.iter().any(|(verb, link)| is_in(text(at), verb) && text(at + 1) == *link);
        let before = at.checked_sub(1).map_or("", text);
        let what = is_in(before, "that what which everything all phases");
        (pair && what && is_in(text(at + 2), "it them this these")).then_some(at..at + 3)
    }

    /// `1.1, then 1.2` where 1.2 does not wait for 1.1: order follows the dependencies, and that is said.
    pub(super) fn sequence(&mut self, named: &[(Range<usize>, usize)]) {
        let then = |from: usize, to: usize| {
            self.words.get(from..to).is_some_and(|words| words.iter().any(|w| w.text == "then"))
        };
        let open = |at: usize| {
            self.index.phase(at).status.state != Status::Complete
                && self.reading.ticked.iter().any(|pick| pick.phase == at)
        };
        let free = |first: usize, second: usize| {
            open(first)
                && open(second)
                && !needed_by(self.index, BTreeSet::from([second])).contains(&first)
        };
        let id = |at: usize| &self.index.phase(at).id;
        let notes = named.windows(2).filter_map(|two| {
            let [(before, first), (behind, second)] = two else { return None };
            let parted = then(before.end, behind.start) && free(*first, *second);
            parted.then(|| {
                let (first, second) = (id(*first), id(*second));
                format!("order follows the dependencies: {second} does not wait for {first}")
            })
        });
        let notes: Vec<_> = notes.collect();
        self.reading.told.notes.extend(notes);
    }
}
