//! Phases that wait for each other.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};

/// What a walk is doing: entering a node, or looking at its next edge.
struct Step {
    node: usize,
    edge: usize,
}

/// Strongly connected components by Tarjan's method, without recursion.
struct Components<'g> {
    edges: &'g [Vec<usize>],
    order: Vec<usize>,
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    next: usize,
    found: Vec<Vec<usize>>,
}

/// Not visited yet.
const UNSEEN: usize = usize::MAX;

/// One cycle for each group of nodes that reach each other; its first node is the smallest of the group.
/// `edges[n]` are the nodes that `n` waits for.
pub(in crate::domain) fn cycles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let count = edges.len();
    let mut search = Components {
        edges,
        order: vec![UNSEEN; count],
        low: vec![UNSEEN; count],
        on_stack: vec![false; count],
        stack: Vec::new(),
        next: 0,
        found: Vec::new(),
    };
    for node in 0..count {
        if search.order[node] == UNSEEN {
            search.walk(node);
        }
    }
    let looped = |group: &Vec<usize>| group.len() > 1 || edges[group[0]].contains(&group[0]);
    let mut found: Vec<_> =
        search.found.iter().filter(|group| looped(group)).map(|group| path(edges, group)).collect();
    found.sort();
    found
}

impl Components<'_> {
    fn enter(&mut self, node: usize) {
        (self.order[node], self.low[node]) = (self.next, self.next);
        self.next += 1;
        self.stack.push(node);
        self.on_stack[node] = true;
    }

    fn walk(&mut self, root: usize) {
        let mut steps = vec![Step { node: root, edge: 0 }];
        self.enter(root);
        while let Some(step) = steps.last_mut() {
            let node = step.node;
            if let Some(&to) = self.edges[node].get(step.edge) {
                step.edge += 1;
                if self.order[to] == UNSEEN {
                    self.enter(to);
                    steps.push(Step { node: to, edge: 0 });
                } else if self.on_stack[to] {
                    self.low[node] = self.low[node].min(self.order[to]);
                }
                continue;
            }
            steps.pop();
            if let Some(above) = steps.last() {
                self.low[above.node] = self.low[above.node].min(self.low[node]);
            }
            if self.low[node] == self.order[node] {
                self.close(node);
            }
        }
    }

    /// Takes a finished component off the stack.
    fn close(&mut self, root: usize) {
        let mut group = Vec::new();
        while let Some(node) = self.stack.pop() {
            self.on_stack[node] = false;
            group.push(node);
            if node == root {
                break;
            }
        }
        self.found.push(group);
    }
}

/// The shortest way from the smallest node of a component back to itself.
fn path(edges: &[Vec<usize>], group: &[usize]) -> Vec<usize> {
    let start = group.iter().copied().min().unwrap_or_default();
    let inside: HashSet<usize> = group.iter().copied().collect();
    let mut came: HashMap<usize, usize> = HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for &to in edges[node].iter().filter(|to| inside.contains(to)) {
            if to == start {
                let mut way = vec![node];
                while let Some(&before) =
                    way.last().filter(|node| **node != start).and_then(|node| came.get(node))
                {
                    way.push(before);
                }
                way.reverse();
                return way;
            }
            if let Entry::Vacant(place) = came.entry(to) {
                place.insert(node);
                queue.push_back(to);
            }
        }
    }
    vec![start]
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn cycles_are_whole_paths() {
        let edges = [vec![1], vec![2], vec![0, 3], vec![4], vec![3], vec![5], vec![0]];
        assert_eq!(cycles(&edges), [vec![0, 1, 2], vec![3, 4], vec![5]]);
        assert!(cycles(&[vec![1], vec![2], vec![]]).is_empty());
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let count = 200_000;
        let edges: Vec<Vec<usize>> = (0..count).map(|n| vec![(n + 1) % count]).collect();
        assert_eq!(cycles(&edges)[0].len(), count);
    }
}
