//! Places for the phases of each wave so that edges cross seldom and run straight.
//!
//! The order is found by sweeps of the barycentre method of Sugiyama, Tagawa and Toda (1981): each item goes where its
//! neighbours in the wave beside it are on average. Crossings are counted after each sweep and the best order is kept.

mod place;

use std::collections::HashMap;

use super::{Edge, Graph};

/// How often the order is swept, there and back.
const SWEEPS: usize = 6;

/// What lies in a wave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// A phase.
    Node(usize),
    /// The edges of an earlier phase on their way to later waves.
    Pass(usize),
}

/// A piece of an edge, between two neighbouring waves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Place in the wave it comes from.
    pub from: usize,
    /// Place in the wave it goes to.
    pub to: usize,
    /// It is part of the longest chain.
    pub critical: bool,
}

/// The waves with everything in its place.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// Per wave its items from top to bottom.
    pub items: Vec<Vec<Item>>,
    /// Per wave the row of each item, from 0.
    pub rows: Vec<Vec<usize>>,
    /// Per gap between a wave and the next, the pieces of edges in it.
    pub links: Vec<Vec<Link>>,
}

/// Arranges a graph.
pub fn arrange(graph: &Graph) -> Layers {
    let mut layers = layered(graph);
    let mut best = (layers.crossings(), layers.clone());
    for sweep in 0..SWEEPS {
        for gap in 0..layers.links.len() {
            layers.sort(gap + 1);
        }
        for gap in (0..layers.links.len()).rev() {
            layers.sort(gap);
        }
        let crossings = layers.crossings();
        if sweep == 0 || crossings < best.0 {
            best = (crossings, layers.clone());
        }
        if best.0 == 0 {
            break;
        }
    }
    let mut layers = best.1;
    layers.rows = place::rows(&layers);
    layers
}

/// The waves in file order, with items where edges pass.
fn layered(graph: &Graph) -> Layers {
    let mut layers = Layers {
        items: vec![Vec::new(); graph.waves],
        rows: Vec::new(),
        links: vec![Vec::new(); graph.waves.saturating_sub(1)],
    };
    let mut places: HashMap<(usize, Item), usize> = HashMap::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        places.insert((node.wave, Item::Node(at)), layers.items[node.wave - 1].len());
        layers.items[node.wave - 1].push(Item::Node(at));
    }
    for edges in graph.edges.chunk_by(|a, b| a.from == b.from) {
        layers.lead(graph, edges, &mut places);
    }
    layers
}

impl Layers {
    /// Leads the edges of one phase through the waves between; they share their way.
    fn lead(&mut self, graph: &Graph, edges: &[Edge], places: &mut HashMap<(usize, Item), usize>) {
        let Some(source) = edges.first().map(|edge| edge.from) else { return };
        let (start, wave_of) = (graph.nodes[source].wave, |edge: &Edge| graph.nodes[edge.to].wave);
        let last = edges.iter().map(wave_of).max().unwrap_or(start);
        let mut from = places.get(&(start, Item::Node(source))).copied().unwrap_or(0);
        for wave in start + 1..=last {
            let gap = wave - 2;
            for edge in edges.iter().filter(|edge| wave_of(edge) == wave) {
                let to = places.get(&(wave, Item::Node(edge.to))).copied().unwrap_or(0);
                let critical = graph.is_critical(*edge);
                self.links[gap].push(Link { from, to, critical });
            }
            if wave < last {
                let to = self.items[wave - 1].len();
                self.items[wave - 1].push(Item::Pass(source));
                let mut beyond = edges.iter().filter(|edge| wave_of(edge) > wave);
                let critical = beyond.any(|edge| graph.is_critical(*edge));
                self.links[gap].push(Link { from, to, critical });
                from = to;
            }
        }
    }

    /// Sorts a wave by where its neighbours are; what has none goes to the end.
    fn sort(&mut self, layer: usize) {
        let count = self.items[layer].len();
        let before = layer.checked_sub(1).and_then(|gap| self.links.get(gap));
        let mut sums = vec![(0, 0); count];
        let mut add = |at: usize, place: usize| {
            sums[at] = (sums[at].0 + place, sums[at].1 + 1);
        };
        for link in before.into_iter().flatten() {
            add(link.to, link.from);
        }
        for link in self.links.get(layer).into_iter().flatten() {
            add(link.from, link.to);
        }
        let mut order: Vec<usize> = (0..count).collect();
        // Compares fractions: sum a / count a with sum b / count b; a count of nothing is the largest.
        order.sort_by(|a, b| match (sums[*a], sums[*b]) {
            ((_, 0), (_, 0)) => a.cmp(b),
            ((_, 0), _) => std::cmp::Ordering::Greater,
            (_, (_, 0)) => std::cmp::Ordering::Less,
            ((sum_a, count_a), (sum_b, count_b)) => (sum_a * count_b).cmp(&(sum_b * count_a)),
        });
        self.reorder(layer, &order);
    }

    fn reorder(&mut self, layer: usize, order: &[usize]) {
        let mut place = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old] = new;
        }
        self.items[layer] = order.iter().map(|old| self.items[layer][*old]).collect();
        if let Some(gap) = layer.checked_sub(1) {
            for link in &mut self.links[gap] {
                link.to = place[link.to];
            }
        }
        for link in self.links.get_mut(layer).into_iter().flatten() {
            link.from = place[link.from];
        }
    }

    /// How often edges cross.
    pub fn crossings(&self) -> usize {
        let gap = |(at, links): (usize, &Vec<Link>)| {
            let mut pairs: Vec<(usize, usize)> =
                links.iter().map(|link| (link.from, link.to)).collect();
            pairs.sort_unstable();
            inversions(&pairs, self.items[at + 1].len())
        };
        self.links.iter().enumerate().map(gap).sum()
    }
}

/// Pairs that stand in the wrong order by their second number, by a tree of prefix sums.
fn inversions(pairs: &[(usize, usize)], size: usize) -> usize {
    let mut tree = vec![0; size + 1];
    let mut found = 0;
    for (seen, (_, to)) in pairs.iter().enumerate() {
        let (mut at, mut not_after) = (to + 1, 0);
        while at > 0 {
            not_after += tree[at];
            at &= at - 1;
        }
        found += seen - not_after;
        at = to + 1;
        while at <= size {
            tree[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inversions_are_those_of_a_plain_count() {
        let pairs = [(0, 2), (0, 4), (1, 0), (1, 1), (2, 3), (2, 3)];
        let plain = (0..pairs.len())
            .flat_map(|a| (a + 1..pairs.len()).map(move |b| (a, b)))
            .filter(|(a, b)| pairs[*a].1 > pairs[*b].1)
            .count();
        assert_eq!(inversions(&pairs, 5), plain);
    }
}
