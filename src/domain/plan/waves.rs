//! Waves: the layers phases can run in, and the longest chain through them.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::domain::estimate::weight;
use crate::domain::id::PhaseId;
use crate::domain::plan::PlanRow;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Phase, Status};
use crate::domain::roadmap::readiness::{Evaluator, Node, NotReady};

/// Who waits for whom in a roadmap.
pub(super) struct Graph<'a> {
    evaluator: Evaluator<'a>,
    /// What each phase waits for that still has to be started, by its place.
    waits: Vec<OnceCell<Vec<Node>>>,
}

/// A plan knows no agents: what they hold is under way in the file as well.
static NOTHING_HELD: BTreeSet<PhaseId> = BTreeSet::new();

/// A phase with all that still has to be started before it.
struct Chain<'a> {
    phases: Vec<&'a Phase>,
    /// Some of them wait for what is neither complete nor part of it.
    waits_for_others: bool,
}

/// What stands before some phases, by who waits for it.
#[derive(Default)]
struct Explored {
    /// How much each node waits for.
    waiting: HashMap<Node, usize>,
    dependents: HashMap<Node, Vec<Node>>,
}

impl<'a> Graph<'a> {
    /// Indexes a roadmap.
    pub fn new(roadmap: &'a Roadmap) -> Self {
        let waits = roadmap.phases.iter().map(|_| OnceCell::new()).collect();
        Self { evaluator: Evaluator::new(roadmap, &NOTHING_HELD), waits }
    }

    /// The roadmap they are of.
    pub fn roadmap(&self) -> &'a Roadmap {
        self.evaluator.roadmap()
    }

    /// The first phase with this id.
    pub fn phase(&self, id: &PhaseId) -> Option<&'a Phase> {
        self.evaluator.phase(id)
    }

    fn node(&self, id: &PhaseId) -> Option<Node> {
        self.evaluator.place(id).map(Node::Phase)
    }

    /// Neither complete nor under way.
    pub fn is_open(&self, id: &PhaseId) -> bool {
        self.phase(id).is_some_and(is_open)
    }

    /// Dependencies of a phase that are not satisfied, as they are shown.
    pub fn pending(&self, phase: &Phase) -> Vec<PhaseId> {
        self.evaluator.shown_pending(phase)
    }

    /// Whether a phase waits for another itself.
    pub fn waits_for(&self, id: &PhaseId, other: &PhaseId) -> bool {
        let (Some(node), Some(other)) = (self.node(id), self.evaluator.place(other)) else {
            return false;
        };
        self.evaluator.waits(node).into_iter().any(|node| self.evaluator.holds(node, other))
    }

    /// Whether a node still has to be started; of a scope its phases are asked.
    fn is_ahead(&self, node: Node) -> bool {
        node.phase().is_none_or(|at| is_open(&self.roadmap().phases[at]))
    }

    /// What a node waits for that still has to be started.
    fn ahead(&self, node: Node) -> Vec<Node> {
        let of = |node| {
            let waits = self.evaluator.waits(node).into_iter();
            waits.filter(|node| self.is_ahead(*node)).collect()
        };
        match node.phase().and_then(|at| self.waits.get(at)) {
            Some(known) => known.get_or_init(|| of(node)).clone(),
            None => of(node),
        }
    }

    /// The phase and all it waits for; none when one of them can't run by itself.
    pub fn with_open_dependencies(&self, id: &PhaseId) -> Option<Vec<&'a Phase>> {
        self.chain(id).map(|chain| chain.phases)
    }

    /// Whether the phase and all it waits for can run by themselves, and wait for nothing that is under way.
    pub fn runs_alone(&self, id: &PhaseId) -> bool {
        self.chain(id).is_some_and(|chain| !chain.waits_for_others)
    }

    fn chain(&self, id: &PhaseId) -> Option<Chain<'a>> {
        let first = self.node(id)?;
        let mut chain = Chain { phases: Vec::new(), waits_for_others: false };
        let (mut seen, mut open) = (HashSet::from([first]), vec![first]);
        while let Some(node) = open.pop() {
            if let Some(at) = node.phase() {
                let phase = &self.roadmap().phases[at];
                if !self.only_waits(phase) {
                    return None;
                }
                chain.phases.push(phase);
            }
            for next in self.evaluator.waits(node) {
                if !self.is_ahead(next) {
                    chain.waits_for_others = true;
                } else if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        (self.layers([first]).len() == seen.len()).then_some(chain)
    }

    /// Nothing keeps a phase from running but phases that are not complete yet.
    fn only_waits(&self, phase: &Phase) -> bool {
        self.evaluator.reasons(phase).iter().all(|reason| match reason {
            NotReady::Waits(_) => true,
            NotReady::Status(_)
            | NotReady::Held
            | NotReady::UnknownDependency(_)
            | NotReady::Opaque(_)
            | NotReady::Duplicate
            | NotReady::NoStatusField => false,
        })
    }

    /// All open phases that nothing keeps from running but phases that are not complete yet.
    pub fn runnable(&self) -> Vec<&'a Phase> {
        let phases = self.roadmap().phases.iter();
        let mut runnable: Vec<&Phase> =
            phases.filter(|phase| is_open(phase) && self.only_waits(phase)).collect();
        runnable.sort_by_key(|phase| &phase.id);
        runnable
    }

    /// Everything that has to be started before these nodes, and they.
    fn explored(&self, nodes: impl IntoIterator<Item = Node>) -> Explored {
        let mut open: Vec<Node> = nodes.into_iter().collect();
        let mut explored = Explored::default();
        while let Some(node) = open.pop() {
            if explored.waiting.contains_key(&node) {
                continue;
            }
            let waits = self.ahead(node);
            explored.waiting.insert(node, waits.len());
            for dependency in waits {
                explored.dependents.entry(dependency).or_default().push(node);
                open.push(dependency);
            }
        }
        explored
    }

    /// These nodes and all they wait for, each behind what it waits for itself, with the waves, from 1. What waits for
    /// itself is not among them.
    fn layers(&self, nodes: impl IntoIterator<Item = Node>) -> Vec<(Node, usize)> {
        let Explored { mut waiting, dependents } = self.explored(nodes);
        let free = waiting.iter().filter(|(_, waits)| **waits == 0);
        let mut next: Vec<Node> = free.map(|(node, _)| *node).collect();
        let (mut latest, mut layers) = (HashMap::<Node, usize>::new(), Vec::new());
        while let Some(node) = next.pop() {
            // A scope takes no time itself.
            let wave = latest.get(&node).unwrap_or(&0) + usize::from(node.phase().is_some());
            layers.push((node, wave));
            for dependent in dependents.get(&node).into_iter().flatten() {
                let known = latest.entry(*dependent).or_default();
                *known = wave.max(*known);
                if let Some(waits) = waiting.get_mut(dependent) {
                    *waits -= 1;
                    next.extend((*waits == 0).then_some(*dependent));
                }
            }
        }
        layers
    }

    /// The wave of each phase and of all it waits for, from 1. Phases that wait for themselves have none.
    pub fn waves(&self, ids: &[PhaseId]) -> HashMap<PhaseId, usize> {
        let layers = self.layers(ids.iter().filter_map(|id| self.node(id))).into_iter();
        let id = |node: Node| Some(self.roadmap().phases[node.phase()?].id.clone());
        layers.filter_map(|(node, wave)| Some((id(node)?, wave))).collect()
    }

    /// The phase, and those of `among` that wait for it or for one that does.
    pub fn dependents(&self, id: &PhaseId, among: &BTreeSet<PhaseId>) -> HashSet<PhaseId> {
        let Some(first) = self.node(id) else { return HashSet::from([id.clone()]) };
        let id = |node: Node| node.phase().map(|at| &self.roadmap().phases[at].id);
        let explored = self.explored(among.iter().filter_map(|id| self.node(id)));
        let (mut found, mut open) = (HashSet::from([first]), vec![first]);
        while let Some(node) = open.pop() {
            let dependents = explored.dependents.get(&node).into_iter().flatten().copied();
            let counts = |node: &Node| id(*node).is_none_or(|id| among.contains(id));
            open.extend(dependents.filter(counts).filter(|node| found.insert(*node)));
        }
        found.into_iter().filter_map(id).cloned().collect()
    }
}

fn is_open(phase: &Phase) -> bool {
    match phase.status.state {
        Status::Complete | Status::InProgress => false,
        Status::NotStarted | Status::Blocked | Status::Deferred | Status::Unknown => true,
    }
}

/// The chain of rows that wait for each other which takes longest, first to last. Rows are sorted by wave.
pub(super) fn critical_path(rows: &[PlanRow], graph: &Graph<'_>) -> Vec<PhaseId> {
    let of: HashMap<Node, &PlanRow> =
        rows.iter().filter_map(|row| Some((graph.node(&row.id)?, row))).collect();
    // Per node how long the longest chain is that ends with it, and the row that ends it or stands before.
    let mut chains: HashMap<Node, (u32, Option<Node>)> = HashMap::new();
    for (node, _) in graph.layers(of.keys().copied()) {
        let ends = |node: Node| {
            let (length, before) = *chains.get(&node)?;
            Some((length, node.phase().map(Node::Phase).or(before)))
        };
        // The first of those as long as any.
        let longest = graph.ahead(node).into_iter().filter_map(ends);
        let longest =
            longest.reduce(|longest, other| if other.0 > longest.0 { other } else { longest });
        let (length, before) = longest.unwrap_or((0, None));
        match (of.get(&node), node.phase()) {
            (Some(row), _) => {
                chains.insert(node, (length.saturating_add(weight(row.effort)), before));
            }
            (None, None) => {
                chains.insert(node, (length, before));
            }
            // What is not in the plan ends a chain.
            (None, Some(_)) => {}
        }
    }
    let ends = rows.iter().filter_map(|row| {
        let node = graph.node(&row.id)?;
        Some((node, chains.get(&node)?.0))
    });
    let best = ends.reduce(|best, other| if other.1 > best.1 { other } else { best });
    let mut at = best.map(|(node, _)| node);
    let mut path = Vec::new();
    while let Some(node) = at {
        path.extend(of.get(&node).map(|row| row.id.clone()));
        at = chains.get(&node).and_then(|(_, before)| *before);
    }
    path.reverse();
    path
}
