//! Order, waves and the longest chain.
//!
//! Waves are a longest-path layering: see Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical
//! system structures", IEEE Transactions on Systems, Man and Cybernetics 11 (1981), whose steps the whole drawing
//! follows: break cycles, layer, order, place.

use std::collections::BTreeSet;

use super::Edge;
use super::links::Links;

/// The vertices in order: what is waited for first. Edges that close a cycle are left out.
pub(super) struct Topology {
    /// The vertices in order.
    pub order: Vec<usize>,
    /// Per vertex what it waits for, without cycles.
    pub waits: Vec<Vec<usize>>,
    /// Per vertex its wave, from 1 for phases; a scope has that of its latest member.
    pub wave: Vec<usize>,
    /// What was left out: what is waited for, and what waits.
    left_out: Vec<(usize, usize)>,
}

/// What a depth-first walk knows of a vertex.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Never,
    OnTheWay,
    Done,
}

impl Topology {
    pub fn new(links: &Links) -> Self {
        let count = links.waits.len();
        let mut topology = Self {
            order: Vec::with_capacity(count),
            waits: vec![Vec::new(); count],
            wave: vec![0; count],
            left_out: Vec::new(),
        };
        let mut seen = vec![Seen::Never; count];
        for root in 0..count {
            if seen[root] == Seen::Never {
                topology.walk(root, &links.waits, &mut seen);
            }
        }
        for vertex in &topology.order {
            let latest = topology.waits[*vertex].iter().map(|before| topology.wave[*before]).max();
            let own = usize::from(*vertex < links.phases.len());
            topology.wave[*vertex] = latest.unwrap_or(0) + own;
        }
        topology
    }

    /// Depth first without recursion: a link to a vertex on the way closes a cycle.
    fn walk(&mut self, root: usize, waits: &[Vec<usize>], seen: &mut [Seen]) {
        let mut way = vec![(root, 0)];
        seen[root] = Seen::OnTheWay;
        while let Some((vertex, next)) = way.last_mut() {
            let vertex = *vertex;
            let Some(&before) = waits[vertex].get(*next) else {
                seen[vertex] = Seen::Done;
                self.order.push(vertex);
                way.pop();
                continue;
            };
            *next += 1;
            match seen[before] {
                Seen::OnTheWay => {
                    self.left_out.push((before, vertex));
                    continue;
                }
                Seen::Done => {}
                Seen::Never => {
                    seen[before] = Seen::OnTheWay;
                    way.push((before, 0));
                }
            }
            self.waits[vertex].push(before);
        }
    }

    /// The edges between phases, by way of scopes or not, that close ways round, sorted.
    pub fn closing(&self, count: usize, cycles: &[Vec<usize>]) -> Vec<Edge> {
        let named = self.left_out.iter().filter(|(from, to)| *from < count && *to < count);
        let mut closing: BTreeSet<Edge> =
            named.map(|(from, to)| Edge { from: *from, to: *to }).collect();
        for way in cycles {
            let next = way.iter().skip(1).chain(way.first());
            let round = way.iter().zip(next).map(|(to, from)| Edge { from: *from, to: *to });
            closing.extend(round.filter(|edge| self.wave[edge.from] >= self.wave[edge.to]));
        }
        closing.into_iter().collect()
    }

    /// How many waves there are.
    pub fn waves(&self, links: &Links) -> usize {
        self.wave.iter().take(links.phases.len()).copied().max().unwrap_or(0)
    }

    /// The longest chain of phases by weight, then by number, first to last. Complete phases are not in it.
    pub fn critical(&self, links: &Links) -> Vec<usize> {
        let mut chains = vec![((0, 0), None); self.waits.len()];
        let mut best: Option<usize> = None;
        for vertex in &self.order {
            let mut chain = ((0, 0), None);
            for before in &self.waits[*vertex] {
                if chains[*before].0 > chain.0 {
                    chain = (chains[*before].0, Some(*before));
                }
            }
            let weight = links.weight(*vertex);
            chain.0.0 += weight;
            chain.0.1 += u32::from(weight > 0);
            chains[*vertex] = chain;
            if weight > 0 && best.is_none_or(|best| chains[best].0 < chain.0) {
                best = Some(*vertex);
            }
        }
        let mut path = Vec::new();
        let mut at = best;
        while let Some(vertex) = at {
            if links.weight(vertex) > 0 {
                path.push(vertex);
            }
            at = chains[vertex].1;
        }
        path.reverse();
        path
    }
}
