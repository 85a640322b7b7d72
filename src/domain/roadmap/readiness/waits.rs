//! What waits for what, all of it. A scope such as `Batch 3` or `All previous phases` is a node of its own between its
//! phases and those that wait for them, so that the links of all nodes stay within the size of the file.

use std::collections::BTreeSet;

use super::{Blockage, Evaluator, reason};
use crate::domain::id::PhaseId;
use crate::domain::roadmap::phase::{Dependency, Phase, Status, StatusSource};
use crate::domain::roadmap::reason::Open;

/// Something that is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// The phase at this place in the file.
    Phase(usize),
    /// The open phases of a batch.
    Batch(u32),
    /// The open phases inside of the one at this place.
    Inside(usize),
    /// The first so many open phases of the file.
    First(usize),
}

impl Node {
    /// The phase, where it is one.
    pub fn phase(self) -> Option<usize> {
        match self {
            Self::Phase(at) => Some(at),
            Self::Batch(_) | Self::Inside(_) | Self::First(_) => None,
        }
    }
}

impl Evaluator<'_> {
    /// Why each phase is blocked that its own field says is, and nobody holds, by place in the file.
    pub fn blockages(&self) -> Vec<Option<Blockage>> {
        let blocked = |phase: &&Phase| {
            let status = &phase.status;
            status.state == Status::Blocked
                && status.source == StatusSource::Field
                && !self.is_held(&phase.id)
        };
        let phases = self.roadmap.phases.iter();
        phases.map(|phase| Some(phase).filter(blocked).map(|phase| self.blockage(phase))).collect()
    }

    /// What a node waits for itself, in file order: phases that are not complete, and scopes of such.
    pub fn waits(&self, node: Node) -> Vec<Node> {
        match node {
            Node::Phase(at) => self.phase_waits(at),
            Node::Batch(_) | Node::Inside(_) => self.nodes(self.members(node)),
            Node::First(count) => {
                let Some((last, before)) = self.members(Node::First(count)).split_last() else {
                    return Vec::new();
                };
                let before = (!before.is_empty()).then_some(Node::First(before.len()));
                before.into_iter().chain(self.nodes(std::slice::from_ref(last))).collect()
            }
        }
    }

    /// Whether the phase at a place is what is waited for, or among it.
    pub fn holds(&self, node: Node, at: usize) -> bool {
        match node {
            Node::Phase(phase) => phase == at,
            Node::Batch(_) | Node::Inside(_) | Node::First(_) => {
                self.members(node).binary_search(&at).is_ok()
            }
        }
    }

    /// How many phases the first one with this id waits for itself, those of scopes included.
    pub fn open_before_it(&self, id: &PhaseId) -> usize {
        let nodes = self.place(id).map(|at| self.waits(Node::Phase(at))).unwrap_or_default();
        let places = |node: &Node| match node.phase() {
            Some(at) => vec![at],
            None => self.members(*node).to_vec(),
        };
        nodes.iter().flat_map(places).collect::<BTreeSet<usize>>().len()
    }

    /// The phases of a scope, by place in the file.
    fn members(&self, scope: Node) -> &[usize] {
        match scope {
            Node::Phase(_) => &[],
            Node::Batch(number) => self.batches.get(&number).map_or(&[], |of| of.open.as_slice()),
            Node::Inside(at) => self.open_inside(at),
            Node::First(count) => self.open.get(..count).unwrap_or_default(),
        }
    }

    /// The first phases with the ids of these.
    fn nodes(&self, places: &[usize]) -> Vec<Node> {
        let ids = places.iter().map(|at| &self.roadmap.phases[*at].id);
        ids.filter_map(|id| self.place(id)).map(Node::Phase).collect()
    }

    fn phase_waits(&self, at: usize) -> Vec<Node> {
        let Some(phase) = self.roadmap.phases.get(at) else { return Vec::new() };
        let mut waits = Vec::new();
        for dependency in &phase.depends_on {
            if self.is_satisfied(phase, dependency) {
                continue;
            }
            match dependency {
                Dependency::Phase { id, .. } => waits.extend(self.named(at, id)),
                Dependency::Batch(number) => waits.extend(self.others(at, Node::Batch(*number))),
                Dependency::AllPrevious => match self.open_before(phase).len() {
                    0 => {}
                    count => waits.push(Node::First(count)),
                },
                Dependency::Opaque(_) => {}
            }
        }
        if phase.status.state == Status::Blocked
            && let Some(Open::Phases(ids)) = reason::open(phase, |id| self.is_complete(id))
        {
            waits.extend(ids.iter().flat_map(|id| self.named(at, id)));
        }
        let mut seen = BTreeSet::new();
        waits.retain(|node| seen.insert(*node));
        waits
    }

    /// The phase of a name, or what is open inside of it, or below an id that has no heading.
    fn named(&self, waiting: usize, id: &PhaseId) -> Vec<Node> {
        match self.place(id) {
            Some(at) if self.open_inside(at).is_empty() => vec![Node::Phase(at)],
            Some(at) => self.others(waiting, Node::Inside(at)),
            None => self.nodes(self.open_below(id)),
        }
    }

    /// A scope; where the phase that waits is in it, the phases of it by themselves.
    fn others(&self, waiting: usize, scope: Node) -> Vec<Node> {
        if !self.holds(scope, waiting) {
            return vec![scope];
        }
        let mut others = self.nodes(self.members(scope));
        if let Node::Batch(_) = scope {
            others.retain(|node| *node != Node::Phase(waiting));
        }
        others
    }
}
