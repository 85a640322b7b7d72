//! Which edges are worth drawing: those that do not follow from others (the transitive reduction).

use std::collections::{BTreeSet, HashMap};

use super::links::Links;
use super::topology::Topology;
use super::{Edge, LONGEST_EDGE, Scope};

/// Graphs with more phases than this keep all edges to named phases, and none of scopes.
const MOST_PHASES: usize = 4_000;

/// A scope that would add more edges than this to a phase is named beside the phase instead.
const SCOPE_DRAWN: usize = 6;

/// A set of small numbers.
#[derive(Clone)]
struct Bits(Vec<u64>);

impl Bits {
    fn new(size: usize) -> Self {
        Self(vec![0; size.div_ceil(64)])
    }

    fn insert(&mut self, bit: usize) {
        self.0[bit / 64] |= 1 << (bit % 64);
    }

    fn has(&self, bit: usize) -> bool {
        self.0[bit / 64] & (1 << (bit % 64)) != 0
    }

    fn add(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    /// Its members, largest first.
    fn descending(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().rev().flat_map(|(at, word)| {
            (0..64).rev().filter(move |bit| *word & (1 << bit) != 0).map(move |bit| at * 64 + bit)
        })
    }
}

/// Per vertex the phases it waits for, by their places in the order.
struct Reach {
    /// By way of others or not.
    all: Vec<Bits>,
    /// By way of scopes alone.
    near: Vec<Bits>,
    /// The phases in order.
    phases: Vec<usize>,
}

impl Reach {
    fn new(topology: &Topology, count: usize) -> Self {
        let phases: Vec<usize> =
            topology.order.iter().copied().filter(|vertex| *vertex < count).collect();
        let mut place = vec![0; count];
        for (at, vertex) in phases.iter().enumerate() {
            place[*vertex] = at;
        }
        let mut all = vec![Bits(Vec::new()); topology.waits.len()];
        let mut near = all.clone();
        for vertex in &topology.order {
            let (mut far, mut own) = (Bits::new(count), Bits::new(count));
            for before in &topology.waits[*vertex] {
                far.add(&all[*before]);
                if *before < count {
                    far.insert(place[*before]);
                    own.insert(place[*before]);
                } else {
                    own.add(&near[*before]);
                }
            }
            (all[*vertex], near[*vertex]) = (far, own);
        }
        Self { all, near, phases }
    }

    /// The phases a vertex waits for that no other of them waits for.
    fn frontier(&self, vertex: usize) -> Vec<usize> {
        let mut implied = Bits::new(self.phases.len());
        let mut found = Vec::new();
        for place in self.near[vertex].descending() {
            if !implied.has(place) {
                let phase = self.phases[place];
                implied.add(&self.all[phase]);
                found.push(phase);
            }
        }
        found
    }
}

/// The edges to draw, and per phase what is named beside it because its edges are not drawn.
pub(super) fn edges(
    links: &Links,
    topology: &Topology,
    critical: &[usize],
) -> (Vec<Edge>, Vec<Vec<String>>) {
    let count = links.phases.len();
    let reach = (count <= MOST_PHASES).then(|| Reach::new(topology, count));
    let chain: BTreeSet<Edge> =
        critical.windows(2).map(|pair| Edge { from: pair[0], to: pair[1] }).collect();
    let mut edges = chain.clone();
    let mut undrawn = Vec::with_capacity(count);
    for (to, phase) in links.phases.iter().enumerate() {
        let named = |from: &usize| *from < count && phase.named.contains(from);
        let near = match &reach {
            Some(reach) => reach.frontier(to),
            None => topology.waits[to].iter().copied().filter(named).collect(),
        };
        let (own, scoped): (Vec<usize>, Vec<usize>) = near.into_iter().partition(named);
        let mut words = Vec::new();
        let far = |from: &usize| topology.wave[to] - topology.wave[*from] > LONGEST_EDGE;
        let drawn = if scoped.len() <= SCOPE_DRAWN { scoped.as_slice() } else { &[] };
        for from in own.iter().chain(drawn) {
            let edge = Edge { from: *from, to };
            match far(from) && !chain.contains(&edge) {
                true => words.push(links.phases[*from].id.to_string()),
                false => edges.extend([edge]),
            }
        }
        if drawn.len() < scoped.len() || (reach.is_none() && !phase.scopes.is_empty()) {
            words.extend(phase.scopes.iter().map(|scope| match scope.scope {
                Scope::Batch(number) => format!("Batch {number}"),
                Scope::AllPrevious => "all before".to_owned(),
            }));
        }
        undrawn.push(words);
    }
    (edges.into_iter().collect(), undrawn)
}

/// Those of `edges` that follow from others. Edges go from smaller numbers to larger ones; others are never implied.
pub fn implied(count: usize, edges: &BTreeSet<(usize, usize)>) -> BTreeSet<(usize, usize)> {
    if count > MOST_PHASES {
        return BTreeSet::new();
    }
    let mut before: HashMap<usize, Vec<usize>> = HashMap::new();
    for (from, to) in edges.iter().filter(|(from, to)| from < to && *to < count) {
        before.entry(*to).or_default().push(*from);
    }
    let mut reach: Vec<Bits> = Vec::with_capacity(count);
    let mut found = BTreeSet::new();
    for to in 0..count {
        let mut all = Bits::new(count);
        for from in before.get(&to).into_iter().flatten().rev() {
            if all.has(*from) {
                found.insert((*from, to));
            }
            all.insert(*from);
            all.add(&reach[*from]);
        }
        reach.push(all);
    }
    found
}
