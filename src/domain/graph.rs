//! The dependency graph of a roadmap: who waits for whom, in which wave, and the longest chain that is left.

pub mod chart;
mod links;
mod order;
mod reduce;
mod topology;

use std::collections::{BTreeSet, HashSet};

use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Effort, Status};
use links::Links;
pub use order::{Item, Layers, Link, arrange};
pub use reduce::implied;
use topology::Topology;

/// Edges that pass over more waves than this are named at their end instead of drawn.
const LONGEST_EDGE: usize = 16;

/// Which phases are in a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// Those that are not complete.
    Open,
    /// All of them.
    All,
    /// The longest chain alone.
    Critical,
}

/// A dependency on many phases at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All phases of a batch.
    Batch(u32),
    /// All phases before this one.
    AllPrevious,
}

/// One phase in the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: PhaseId,
    /// Its name.
    pub name: Printable,
    /// Its status in the file.
    pub status: Status,
    /// Its effort.
    pub effort: Option<Effort>,
    /// Its wave, from 1: one more than that of the latest phase it waits for.
    pub wave: usize,
    /// Phases of the graph it names among its dependencies.
    pub waits_for: Vec<usize>,
    /// Scopes it depends on in which phases of the graph are, with how many.
    pub scopes: Vec<(Scope, usize)>,
    /// What else it waits for: ids that are not in the roadmap, and text for a person.
    pub outside: Vec<Printable>,
    /// What it waits for without a drawn edge, in a few words.
    pub undrawn: Vec<String>,
    /// It is part of the longest chain, and that has more than one phase.
    pub critical: bool,
    /// It waits for itself by way of others.
    pub in_cycle: bool,
    /// It is done: nothing it names is waited for, nor does it wait.
    pub complete: bool,
}

/// One drawn edge: `to` waits for `from`. What follows from other edges is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The phase that is waited for.
    pub from: usize,
    /// The phase that waits.
    pub to: usize,
}

/// The dependency graph of a roadmap.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Its phases in file order; of phases with one id, the first.
    pub nodes: Vec<Node>,
    /// How many waves there are.
    pub waves: usize,
    /// The edges to draw, sorted.
    pub edges: Vec<Edge>,
    /// The longest chain of unfinished phases by effort, first to last.
    pub critical: Vec<usize>,
    /// Its length: a small phase counts 1, a medium one 2, a large one 4.
    pub length: u32,
    /// Ways round on which phases wait for each other: each waits for the next, the last for the first.
    pub cycles: Vec<Vec<usize>>,
    /// Edges that can't be drawn from wave to wave, because they close a way round. They are not among `edges`.
    pub closing: Vec<Edge>,
    /// Ids that stand in the file more than once; the first counts.
    pub twice: Vec<PhaseId>,
    /// Per vertex what waits for it; vertices behind the phases are scopes.
    waiting: Vec<Vec<usize>>,
    /// Where this is a part alone: the graph it is a part of, for what is true of its phases.
    whole: Option<Box<Graph>>,
}

impl Graph {
    /// The graph of a roadmap. Linear in the size of the file but for the choice of edges.
    pub fn new(roadmap: &Roadmap, held: &BTreeSet<PhaseId>, range: Range) -> Self {
        let links = Links::new(roadmap, held, range);
        let topology = Topology::new(&links);
        let critical = topology.critical(&links);
        let (edges, undrawn) = reduce::edges(&links, &topology, &critical);
        let cycles = links.cycles();
        let mut graph = Self {
            nodes: Vec::new(),
            waves: topology.waves(&links),
            edges,
            length: critical.iter().map(|node| links.weight(*node)).sum(),
            closing: topology.closing(links.phases.len(), &cycles),
            twice: twice(roadmap),
            cycles,
            waiting: links.waiting(),
            whole: None,
            critical,
        };
        graph.nodes = nodes(links, &topology, undrawn);
        graph.mark();
        match range {
            Range::Open | Range::All => graph,
            Range::Critical => graph.chain_alone(),
        }
    }

    /// The node of a phase.
    pub fn find(&self, id: &PhaseId) -> Option<usize> {
        self.nodes.iter().position(|node| node.id == *id)
    }

    /// The graph this is a part of, or itself.
    pub fn whole(&self) -> &Self {
        self.whole.as_deref().unwrap_or(self)
    }

    /// The whole graph, and the place of a phase in it.
    fn real(&self, node: usize) -> (&Self, usize) {
        match &self.whole {
            None => (self, node),
            // A part is the longest chain: its phases are those of the chain, in order.
            Some(whole) => (whole, whole.critical.get(node).copied().unwrap_or(node)),
        }
    }

    /// Open phases this one names among its dependencies, drawn or not; none when it is complete itself.
    pub fn waits_for(&self, node: usize) -> Vec<&Node> {
        let (graph, node) = self.real(node);
        let waits = graph.nodes.get(node).filter(|node| !node.complete);
        let named = waits.into_iter().flat_map(|node| &node.waits_for);
        named.map(|at| &graph.nodes[*at]).filter(|node| !node.complete).collect()
    }

    /// Open phases that wait for this one by name or by scope, in file order, drawn or not.
    pub fn unblocks(&self, node: usize) -> Vec<&Node> {
        let (graph, node) = self.real(node);
        let (mut found, mut seen) = (BTreeSet::new(), HashSet::new());
        let mut open = vec![node];
        while let Some(vertex) = open.pop() {
            for next in graph.waiting.get(vertex).into_iter().flatten() {
                if *next < graph.nodes.len() {
                    found.insert(*next);
                } else if seen.insert(*next) {
                    open.push(*next);
                }
            }
        }
        found.remove(&node);
        found.into_iter().map(|at| &graph.nodes[at]).filter(|node| !node.complete).collect()
    }

    /// How many open phases wait for this one, by way of other open ones or not.
    pub fn behind(&self, node: usize) -> usize {
        let (graph, node) = self.real(node);
        let done = |at: usize| graph.nodes.get(at).is_some_and(|node| node.complete);
        let mut seen = HashSet::from([node]);
        let mut open = vec![node];
        while let Some(vertex) = open.pop() {
            let next = graph.waiting.get(vertex).into_iter().flatten();
            open.extend(next.copied().filter(|next| !done(*next) && seen.insert(*next)));
        }
        seen.iter().filter(|vertex| **vertex < graph.nodes.len() && **vertex != node).count()
    }

    /// Whether an edge closes a way round.
    pub fn is_closing(&self, edge: Edge) -> bool {
        self.closing.binary_search(&edge).is_ok()
    }

    /// Whether an edge is part of the longest chain.
    pub fn is_critical(&self, edge: Edge) -> bool {
        let wave = |node: &usize| self.nodes[*node].wave;
        // Each phase of the chain is in a later wave than the one before it.
        let place = self.critical.binary_search_by_key(&wave(&edge.from), wave);
        place.is_ok_and(|at| self.critical[at..].starts_with(&[edge.from, edge.to]))
    }

    /// Per node the drawn edges that leave it, and then those that close a way round.
    pub fn leaving(&self) -> Vec<Vec<Edge>> {
        let mut leaving = vec![Vec::new(); self.nodes.len()];
        for edge in self.edges.iter().chain(&self.closing) {
            leaving[edge.from].push(*edge);
        }
        leaving
    }

    /// The nodes wave by wave, in file order.
    pub fn by_wave(&self) -> Vec<Vec<usize>> {
        let mut waves = vec![Vec::new(); self.waves];
        for (at, node) in self.nodes.iter().enumerate() {
            if let Some(wave) = waves.get_mut(node.wave.wrapping_sub(1)) {
                wave.push(at);
            }
        }
        waves
    }

    fn mark(&mut self) {
        for node in self.critical.iter().filter(|_| self.critical.len() > 1) {
            self.nodes[*node].critical = true;
        }
        for node in self.cycles.iter().flatten() {
            self.nodes[*node].in_cycle = true;
        }
    }

    /// Only the longest chain: each of its phases a wave of its own.
    fn chain_alone(self) -> Self {
        let count = self.critical.len();
        let mut nodes = Vec::with_capacity(count);
        for (place, at) in self.critical.iter().enumerate() {
            let mut node = self.nodes[*at].clone();
            node.wave = place + 1;
            node.waits_for = place.checked_sub(1).into_iter().collect();
            node.undrawn.clear();
            nodes.push(node);
        }
        let edges = (1..count).map(|to| Edge { from: to - 1, to }).collect();
        Self {
            nodes,
            waves: count,
            edges,
            critical: (0..count).collect(),
            length: self.length,
            cycles: Vec::new(),
            closing: Vec::new(),
            twice: self.twice.clone(),
            waiting: Vec::new(),
            whole: Some(Box::new(self)),
        }
    }
}

/// Ids of more than one phase, in file order.
fn twice(roadmap: &Roadmap) -> Vec<PhaseId> {
    let second = roadmap.phases.iter().filter(|phase| phase.place.occurrence == 2);
    second.map(|phase| phase.id.clone()).collect()
}

/// The nodes from what was found out about them.
fn nodes(links: Links, topology: &Topology, undrawn: Vec<Vec<String>>) -> Vec<Node> {
    let mut undrawn = undrawn.into_iter();
    let mut nodes = Vec::with_capacity(links.phases.len());
    for (at, phase) in links.phases.into_iter().enumerate() {
        nodes.push(Node {
            id: phase.id,
            name: phase.name,
            status: phase.status,
            effort: phase.effort,
            wave: topology.wave[at].max(1),
            waits_for: phase.named,
            scopes: phase.scopes.iter().map(|scope| (scope.scope, scope.open)).collect(),
            outside: phase.outside,
            undrawn: undrawn.next().unwrap_or_default(),
            critical: false,
            in_cycle: false,
            complete: phase.complete,
        });
    }
    nodes
}

#[cfg(test)]
#[path = "graph/tests.rs"]
mod tests;
