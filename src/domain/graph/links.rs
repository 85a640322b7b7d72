//! What waits for what. A scope such as `Batch 3` or `All previous phases` is one vertex between its members and those
//! that wait for them, so that the number of links stays within the size of the file.

use std::collections::{BTreeSet, HashMap};

use super::{Range, Scope};
use crate::domain::estimate::weight;
use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;
use crate::domain::roadmap::phase::{Dependency, Effort, Phase, Status};
use crate::domain::roadmap::readiness::Evaluator;
use crate::domain::roadmap::{Roadmap, cycles};

/// A phase and what it waits for.
pub(super) struct Linked {
    pub id: PhaseId,
    pub name: Printable,
    pub status: Status,
    pub effort: Option<Effort>,
    pub complete: bool,
    /// Phases it names.
    pub named: Vec<usize>,
    pub scopes: Vec<InScope>,
    pub outside: Vec<Printable>,
}

/// A scope a phase waits for.
pub(super) struct InScope {
    pub scope: Scope,
    /// How many open phases of the graph are in it.
    pub open: usize,
    /// Its vertex.
    pub vertex: usize,
}

/// All links. Vertices below `phases.len()` are phases, the others scopes.
pub(super) struct Links {
    pub phases: Vec<Linked>,
    /// Per vertex what it waits for.
    pub waits: Vec<Vec<usize>>,
    /// No phase has an effort: all count the same.
    even: bool,
}

/// Reads links out of a roadmap.
struct Reader<'a> {
    roadmap: &'a Roadmap,
    evaluator: Evaluator<'a>,
    /// Place in the file of each node.
    places: Vec<usize>,
    index: HashMap<&'a str, usize>,
    /// Nodes of each batch that count in a scope.
    batches: HashMap<u32, Vec<usize>>,
    /// Vertices of batches.
    gates: HashMap<u32, usize>,
    /// The last vertex of `all previous`, and the nodes since.
    before: (Option<usize>, Vec<usize>),
    /// How many open nodes stand before.
    passed: usize,
    links: Links,
}

impl Links {
    pub fn new(roadmap: &Roadmap, held: &BTreeSet<PhaseId>, range: Range) -> Self {
        let evaluator = Evaluator::new(roadmap, held);
        let mut reader = Reader::new(roadmap, evaluator, range);
        for node in 0..reader.places.len() {
            reader.read(node);
        }
        reader.links
    }

    /// What a vertex adds to the length of a chain.
    pub fn weight(&self, vertex: usize) -> u32 {
        match self.phases.get(vertex) {
            None => 0,
            Some(phase) if phase.complete => 0,
            Some(_) if self.even => 1,
            Some(phase) => weight(phase.effort),
        }
    }

    /// Per vertex what waits for it.
    pub fn waiting(&self) -> Vec<Vec<usize>> {
        let mut waiting = vec![Vec::new(); self.waits.len()];
        for (vertex, waits) in self.waits.iter().enumerate() {
            for dependency in waits {
                waiting[*dependency].push(vertex);
            }
        }
        waiting
    }

    /// Ways round, scopes left out.
    pub fn cycles(&self) -> Vec<Vec<usize>> {
        let phase = |vertex: &usize| *vertex < self.phases.len();
        let found = cycles(&self.waits).into_iter();
        found.map(|way| way.into_iter().filter(phase).collect()).collect()
    }
}

impl<'a> Reader<'a> {
    fn new(roadmap: &'a Roadmap, evaluator: Evaluator<'a>, range: Range) -> Self {
        let named: BTreeSet<&PhaseId> = roadmap.phases.iter().flat_map(named).collect();
        let wanted = |place: &usize| {
            let phase = &roadmap.phases[*place];
            let open = match range {
                Range::Open | Range::Critical => !evaluator.is_complete(&phase.id),
                Range::All => true,
            };
            let real = !evaluator.is_container(*place) || named.contains(&phase.id);
            open && real && phase.place.occurrence == 1
        };
        let places: Vec<usize> = (0..roadmap.phases.len()).filter(wanted).collect();
        let mut index = HashMap::with_capacity(places.len());
        let mut batches: HashMap<u32, Vec<usize>> = HashMap::new();
        for (node, place) in places.iter().enumerate() {
            let phase = &roadmap.phases[*place];
            index.insert(phase.id.as_str(), node);
            if let Some(batch) = phase.place.batch.filter(|_| !evaluator.is_container(*place)) {
                batches.entry(batch).or_default().push(node);
            }
        }
        let even = places.iter().all(|place| roadmap.phases[*place].effort.is_none());
        let waits = vec![Vec::new(); places.len()];
        Self {
            roadmap,
            evaluator,
            index,
            batches,
            gates: HashMap::new(),
            before: (None, Vec::new()),
            passed: 0,
            links: Links { phases: Vec::with_capacity(places.len()), waits, even },
            places,
        }
    }

    fn read(&mut self, node: usize) {
        let roadmap: &'a Roadmap = self.roadmap;
        let place = self.places[node];
        let phase = &roadmap.phases[place];
        let mut linked = Linked {
            id: phase.id.clone(),
            name: phase.name.clone(),
            status: phase.status.state,
            effort: phase.effort,
            complete: self.evaluator.is_complete(&phase.id),
            named: Vec::new(),
            scopes: Vec::new(),
            outside: Vec::new(),
        };
        for dependency in &phase.depends_on {
            match dependency {
                Dependency::Phase { id, .. } => match self.index.get(id.as_str()) {
                    Some(other) => linked.named.push(*other),
                    None if self.evaluator.is_satisfied(phase, dependency) => {}
                    None => linked.outside.push(Printable::new(id.as_str())),
                },
                Dependency::Batch(number) => self.batch(node, *number, &mut linked),
                Dependency::AllPrevious => linked.scopes.extend(self.all_previous()),
                Dependency::Opaque(text) => linked.outside.push(text.clone()),
            }
        }
        linked.named.sort_unstable();
        linked.named.dedup();
        self.links.waits[node].extend(linked.named.iter().copied());
        self.links.waits[node].extend(linked.scopes.iter().map(|scope| scope.vertex));
        self.links.phases.push(linked);
        if !self.evaluator.is_container(place) {
            self.before.1.push(node);
            self.passed += usize::from(self.is_open(node));
        }
    }

    fn is_open(&self, node: usize) -> bool {
        !self.evaluator.is_complete(&self.roadmap.phases[self.places[node]].id)
    }

    /// A phase that waits for its own batch waits for the others in it.
    fn batch(&mut self, node: usize, number: u32, linked: &mut Linked) {
        if !self.evaluator.has_batch(number) {
            if self.roadmap.archive().has_batch(number) {
                return;
            }
            linked.outside.push(Printable::new(&format!("Batch {number}")));
            return;
        }
        let Some(members) = self.batches.get(&number).filter(|members| !members.is_empty()) else {
            return;
        };
        if members.contains(&node) {
            let others = members.iter().filter(|other| **other != node);
            linked.named.extend(others);
            return;
        }
        let open = members.iter().filter(|member| self.is_open(**member)).count();
        let vertex = match self.gates.get(&number) {
            Some(vertex) => *vertex,
            None => {
                let vertex = self.links.waits.len();
                self.links.waits.push(members.clone());
                self.gates.insert(number, vertex);
                vertex
            }
        };
        linked.scopes.push(InScope { scope: Scope::Batch(number), open, vertex });
    }

    /// Each vertex of this scope waits for the one before and for what stands between.
    fn all_previous(&mut self) -> Option<InScope> {
        let (last, since) = &mut self.before;
        if !since.is_empty() {
            let vertex = self.links.waits.len();
            self.links.waits.push(last.iter().copied().chain(since.drain(..)).collect());
            *last = Some(vertex);
        }
        let vertex = (*last)?;
        Some(InScope { scope: Scope::AllPrevious, open: self.passed, vertex })
    }
}

/// Ids a phase names among its dependencies.
fn named(phase: &Phase) -> impl Iterator<Item = &PhaseId> {
    phase.depends_on.iter().filter_map(|dependency| match dependency {
        Dependency::Phase { id, .. } => Some(id),
        Dependency::Batch(_) | Dependency::AllPrevious | Dependency::Opaque(_) => None,
    })
}
