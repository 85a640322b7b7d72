//! What can be offered of the phases a goal means: each with its open dependencies, or with the reason why not.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::domain::gardener::UNDONE;
use crate::domain::goal::index::Index;
use crate::domain::goal::interpretation::{Evidence, Match, NotOffered};
use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;
use crate::domain::roadmap::phase::Status;
use crate::domain::roadmap::readiness::{Node, NotReady};

/// A phase the goal means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pick {
    /// Its place in the roadmap.
    pub phase: usize,
    /// How well it fits, 0 to 1.
    pub score: f64,
    /// What was hit.
    pub field: &'static str,
    /// The words that hit it.
    pub words: Vec<String>,
    /// What other words hit, and these.
    pub more: Vec<(&'static str, Vec<String>)>,
}

impl Pick {
    /// A phase that some words hit in one of its fields.
    pub fn new(phase: usize, score: f64, (field, words): (&'static str, Vec<String>)) -> Self {
        Self { phase, score, field, words, more: Vec::new() }
    }

    /// Whether one of the words that hit it is this.
    pub fn says(&self, word: &str) -> bool {
        let more = self.more.iter().flat_map(|(_, words)| words);
        self.words.iter().chain(more).any(|said| said == word)
    }

    /// What the interpretation shows of it.
    pub fn matched(&self, index: &Index<'_>, selected: Ticked) -> Match {
        let of = |(field, words): (&str, &Vec<String>)| Evidence {
            field: field.to_owned(),
            words: words.iter().map(|word| Printable::new(word)).collect(),
        };
        let person = index.phase(self.phase).person().cloned();
        let assigned =
            person.map(|name| Evidence { field: ASSIGNED.to_owned(), words: vec![name] });
        let more = self.more.iter().map(|(field, words)| (*field, words));
        let hits = std::iter::once((self.field, &self.words)).chain(more).map(of);
        Match {
            id: index.phase(self.phase).id.clone(),
            score: self.score,
            selected: selected == Ticked::Yes,
            evidence: hits.chain(assigned).collect(),
        }
    }
}

/// The evidence that a phase is a person's.
pub(crate) const ASSIGNED: &str = "assigned";

/// Whether a match is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ticked {
    /// It is.
    Yes,
    /// It is only listed.
    No,
}

/// Whether a phase can run, now or after others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Prospect {
    /// It can run once these phases are complete; they can run themselves. Phases in progress are not among them.
    After(Vec<Node>),
    /// It can't: one clause.
    Never(String),
}

/// Stands between a phase that is waited for and why that can't run.
const CANT_RUN: &str = ", which can't run (";

/// Answers for one roadmap; each phase is looked at once.
pub(crate) struct Prospects<'i, 'a> {
    index: &'i Index<'a>,
    excluded: &'i BTreeSet<usize>,
    /// Phases the goal asks for by id or name, whoever they are assigned to.
    named: BTreeSet<usize>,
    known: HashMap<Node, Prospect>,
}

/// What a phase's dependencies say before they are looked at themselves.
enum Own {
    Never(String),
    Waits(Vec<Node>),
}

/// The way to what is looked at: each with what it waits for, and which of that is next.
#[derive(Default)]
struct Way {
    steps: Vec<(Node, Vec<Node>, usize)>,
    on: HashSet<Node>,
}

impl Way {
    /// The first phase from a node of the way on.
    fn phase_from(&self, node: Node) -> Option<usize> {
        let behind = self.steps.iter().map(|(node, ..)| *node).skip_while(|at| *at != node);
        behind.into_iter().find_map(|node| node.phase())
    }
}

impl<'i, 'a> Prospects<'i, 'a> {
    /// Prospects when the `excluded` phases are left out.
    pub fn new(index: &'i Index<'a>, excluded: &'i BTreeSet<usize>) -> Self {
        Self { index, excluded, named: BTreeSet::new(), known: HashMap::new() }
    }

    /// The prospect of a phase, or of a scope of phases. Dependencies are followed without recursion: chains may be long.
    pub fn of(&mut self, node: Node) -> &Prospect {
        let mut way = Way::default();
        self.enter(node, &mut way);
        while let Some((at, waits, next)) = way.steps.last_mut() {
            let at = *at;
            match waits.get(*next).copied() {
                Some(dependency) => {
                    *next += 1;
                    if way.on.contains(&dependency) {
                        let clause = self.goes_round(at, way.phase_from(dependency));
                        self.known.insert(at, Prospect::Never(clause));
                    } else if !self.known.contains_key(&dependency) {
                        self.enter(dependency, &mut way);
                    }
                }
                None => {
                    let waits = std::mem::take(waits);
                    way.steps.pop();
                    way.on.remove(&at);
                    let prospect = self.settle(waits);
                    self.known.entry(at).or_insert(prospect);
                }
            }
        }
        self.known.entry(node).or_insert_with(|| Prospect::After(Vec::new()))
    }

    /// What is said of a phase that waits for itself, and of a scope to all that wait for it.
    fn goes_round(&self, at: Node, through: Option<usize>) -> String {
        let id = through.map(|at| self.index.phase(at).id.to_string()).unwrap_or_default();
        match at {
            Node::Phase(_) => format!("waits for itself through {id}"),
            Node::Batch(_) | Node::Inside(_) | Node::First(_) => {
                format!("waits for {id}{CANT_RUN}waits for itself)")
            }
        }
    }

    fn enter(&mut self, node: Node, way: &mut Way) {
        if self.known.contains_key(&node) {
            return;
        }
        match self.own(node) {
            Own::Never(clause) => {
                self.known.insert(node, Prospect::Never(clause));
            }
            Own::Waits(waits) => {
                way.on.insert(node);
                way.steps.push((node, waits, 0));
            }
        }
    }

    /// A prospect once those of what is waited for are known.
    fn settle(&self, waits: Vec<Node>) -> Prospect {
        for dependency in &waits {
            if let Some(Prospect::Never(clause)) = self.known.get(dependency) {
                // A scope says it of its phases.
                let Some(at) = dependency.phase() else {
                    return Prospect::Never(clause.clone());
                };
                let id = &self.index.phase(at).id;
                let clause = clause.split("; ").next().unwrap_or(clause);
                // The next link and the last one are enough to act on.
                return Prospect::Never(match clause.split_once(CANT_RUN) {
                    Some((chain, why)) => {
                        let root = chain.rsplit(' ').next().unwrap_or(chain);
                        format!("waits for {id} and so for {root}{CANT_RUN}{why}")
                    }
                    None => format!("waits for {id}{CANT_RUN}{clause})"),
                });
            }
        }
        Prospect::After(waits)
    }

    fn own(&self, node: Node) -> Own {
        let mut clauses = node.phase().map_or_else(Vec::new, |at| self.hindrances(at));
        let mut waits = Vec::new();
        for node in self.index.evaluator.waits(node) {
            let Some(at) = node.phase() else {
                waits.push(node);
                continue;
            };
            let id = &self.index.phase(at).id;
            if self.excluded.contains(&at) {
                clauses.push(format!("waits for {id}, which the goal leaves out"));
            } else if let Some(name) = self.left_to(at).filter(|_| !self.is_under_way(at)) {
                clauses.push(format!("waits for {id}, which is assigned to {name}"));
            } else if !self.is_under_way(at) {
                waits.push(node);
            }
        }
        if clauses.is_empty() {
            Own::Waits(waits)
        } else {
            clauses.dedup();
            Own::Never(clauses.join("; "))
        }
    }

    /// What keeps a phase from running beside the phases it waits for.
    fn hindrances(&self, phase: usize) -> Vec<String> {
        let of = self.index.phase(phase);
        let clause = |reason: NotReady| match reason {
            NotReady::Waits(_) => None,
            NotReady::Status(Status::Blocked) if self.index.undone.contains(&of.id) => {
                Some(UNDONE.to_owned())
            }
            NotReady::Status(_)
            | NotReady::Held
            | NotReady::UnknownDependency(_)
            | NotReady::Opaque(_)
            | NotReady::Duplicate
            | NotReady::NoStatusField => Some(reason.clause()),
        };
        self.index.evaluator.reasons(of).into_iter().filter_map(clause).collect()
    }

    /// The person a phase is left to, as the goal does not ask for it by itself.
    fn left_to(&self, phase: usize) -> Option<&'a Printable> {
        self.index.phase(phase).person().filter(|_| !self.named.contains(&phase))
    }

    /// Somebody works on it already: others wait for it, nobody starts it.
    fn is_under_way(&self, phase: usize) -> bool {
        let of = self.index.phase(phase);
        self.index.held.contains(&of.id)
            || match of.status.state {
                Status::InProgress => true,
                Status::NotStarted
                | Status::Complete
                | Status::Blocked
                | Status::Deferred
                | Status::Unknown => false,
            }
    }
}

/// Phases on offer as they are gathered.
pub(crate) struct Offer<'i, 'a> {
    index: &'i Index<'a>,
    prospects: Prospects<'i, 'a>,
    /// Scopes whose phases are ticked, with the best score that asked for them.
    scopes: HashMap<Node, f64>,
    matched: BTreeMap<usize, Match>,
    refused: BTreeMap<PhaseId, Printable>,
}

impl<'i, 'a> Offer<'i, 'a> {
    /// An empty offer that leaves `excluded` out.
    pub fn new(index: &'i Index<'a>, excluded: &'i BTreeSet<usize>) -> Self {
        let prospects = Prospects::new(index, excluded);
        let (scopes, matched, refused) = (HashMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { index, prospects, scopes, matched, refused }
    }

    /// The same, where the goal asks for these phases by id or name.
    pub fn asked_for(mut self, named: &BTreeSet<usize>) -> Self {
        self.prospects.named.clone_from(named);
        self
    }

    /// Ticks a phase with its open dependencies, or notes why it can't be.
    pub fn tick(&mut self, pick: &Pick) {
        match self.prospects.of(Node::Phase(pick.phase)).clone() {
            Prospect::Never(reason) => self.refuse(&self.index.phase(pick.phase).id, &reason),
            Prospect::After(_) if self.prospects.left_to(pick.phase).is_some() => {
                self.add(pick.phase, pick.matched(self.index, Ticked::No));
            }
            Prospect::After(waits) => {
                self.add(pick.phase, pick.matched(self.index, Ticked::Yes));
                self.tick_dependencies(pick, waits);
            }
        }
    }

    fn tick_dependencies(&mut self, pick: &Pick, waits: Vec<Node>) {
        let mut open: Vec<(usize, Node)> =
            waits.into_iter().map(|node| (pick.phase, node)).collect();
        while let Some((dependent, node)) = open.pop() {
            let (seen, by) = match node.phase() {
                Some(at) => (self.tick_needed(pick.score, (dependent, at)), at),
                // What is in a scope is needed by the first that waits for it.
                None => (self.scopes.get(&node).is_some_and(|s| *s >= pick.score), dependent),
            };
            if seen {
                continue;
            }
            if node.phase().is_none() {
                self.scopes.insert(node, pick.score);
            }
            if let Prospect::After(waits) = self.prospects.of(node).clone() {
                open.extend(waits.into_iter().map(|next| (by, next)));
            }
        }
    }

    /// Ticks what another phase needs; says whether it was ticked before.
    fn tick_needed(&mut self, score: f64, (dependent, at): (usize, usize)) -> bool {
        let seen = self.matched.get(&at).is_some_and(|known| known.selected);
        let words = vec![self.index.phase(dependent).id.to_string()];
        let needed = Pick::new(at, score, ("dependency", words));
        self.add(at, needed.matched(self.index, Ticked::Yes));
        seen
    }

    /// Lists a phase unticked, if it can ever run.
    pub fn list(&mut self, pick: &Pick) {
        if let Prospect::After(_) = self.prospects.of(Node::Phase(pick.phase)) {
            self.add(pick.phase, pick.matched(self.index, Ticked::No));
        }
    }

    /// Shows a phase whatever its state, with the reason if it can't run: for questions.
    pub fn show(&mut self, pick: &Pick) {
        self.add(pick.phase, pick.matched(self.index, Ticked::No));
        let id = &self.index.phase(pick.phase).id;
        let reasons = self.index.evaluator.reasons(self.index.phase(pick.phase));
        let clauses: Vec<_> = reasons.iter().map(NotReady::clause).collect();
        if !clauses.is_empty() {
            self.refuse(id, &clauses.join("; "));
        }
    }

    /// Notes a phase, or an id without one, that can't be offered.
    pub fn refuse(&mut self, id: &PhaseId, reason: &str) {
        self.refused.entry(id.clone()).or_insert_with(|| Printable::new(reason));
    }

    fn add(&mut self, at: usize, new: Match) {
        match self.matched.get_mut(&at) {
            None => {
                self.matched.insert(at, new);
            }
            Some(known) => {
                known.selected |= new.selected;
                known.score = known.score.max(new.score);
                for evidence in new.evidence {
                    if !known.evidence.contains(&evidence) {
                        known.evidence.push(evidence);
                    }
                }
            }
        }
    }

    /// All matches, best first, then in priority order; and what can't be offered, in id order.
    pub fn finish(self) -> (Vec<Match>, Vec<NotOffered>) {
        let index = self.index;
        let mut matched: Vec<(usize, Match)> = self.matched.into_iter().collect();
        matched.sort_by(|(a, left), (b, right)| {
            let priority = || index.priority(*a).cmp(&index.priority(*b));
            right.score.total_cmp(&left.score).then_with(priority)
        });
        let refused = self.refused.into_iter().map(|(id, reason)| NotOffered { id, reason });
        (matched.into_iter().map(|(_, found)| found).collect(), refused.collect())
    }
}
