//! The ways of edges between two waves: each phase's edges share one vertical track.
//!
//! Tracks are given out by the left-edge method with vertical constraints, turned by a quarter: see Deutsch, "A dogleg
//! channel router", Design Automation Conference (1976). Where constraints go round, a way takes a step on a free row.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::graph::Link;

/// Rows a way begins and ends at, and how it is drawn.
#[derive(Clone, Debug)]
pub(super) struct Net {
    /// The row it begins in.
    pub row: usize,
    /// The way whose track it begins at; else it begins at the phase.
    pub after: Option<usize>,
    /// The rows it goes to, and whether on the longest chain.
    pub targets: Vec<(usize, Line)>,
    /// Its track; none when it goes straight on.
    pub track: Option<usize>,
    /// The row in which it meets the way that goes on for it.
    pub step: Option<usize>,
    before: BTreeSet<usize>,
}

/// How strong a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Line {
    Single,
    Double,
}

/// The ways between two waves.
#[derive(Clone, Debug, Default)]
pub(super) struct Routes {
    /// The ways.
    pub nets: Vec<Net>,
    /// How many tracks they take.
    pub tracks: usize,
}

impl Net {
    /// The rows its vertical part covers.
    pub fn span(&self) -> (usize, usize) {
        let rows = self.targets.iter().map(|(row, _)| *row);
        (rows.clone().fold(self.row, usize::min), rows.fold(self.row, usize::max))
    }

    fn turns(&self) -> bool {
        self.targets.iter().any(|(row, _)| *row != self.row)
    }

    /// How strong the part is that all its targets share.
    pub fn line(&self) -> Line {
        self.targets.iter().map(|(_, line)| *line).max().unwrap_or(Line::Single)
    }
}

impl Routes {
    /// Leads links from rows to rows.
    pub fn new(links: &[Link], (from, to): (&[usize], &[usize])) -> Self {
        let mut ways: BTreeMap<usize, Vec<(usize, Line)>> = BTreeMap::new();
        for link in links {
            let line = if link.critical { Line::Double } else { Line::Single };
            ways.entry(from[link.from]).or_default().push((to[link.to], line));
        }
        let net = |(row, targets)| Net {
            row,
            after: None,
            targets,
            track: None,
            step: None,
            before: BTreeSet::new(),
        };
        let mut routes = Self { nets: ways.into_iter().map(net).collect(), tracks: 0 };
        routes.constrain();
        routes.assign();
        routes
    }

    /// A way that leaves in a row must turn before another enters in it.
    fn constrain(&mut self) {
        let leaves: BTreeMap<usize, usize> = self
            .nets
            .iter()
            .enumerate()
            .filter(|(_, net)| net.turns())
            .map(|(at, net)| (net.row, at))
            .collect();
        for (at, net) in self.nets.iter_mut().enumerate() {
            let others = net.targets.iter().filter_map(|(row, _)| leaves.get(row).copied());
            net.before = others.filter(|other| *other != at).collect();
        }
    }

    fn assign(&mut self) {
        let mut left: BTreeSet<usize> =
            (0..self.nets.len()).filter(|at| self.nets[*at].turns()).collect();
        let mut taken: Vec<Vec<(usize, usize)>> = Vec::new();
        while let Some(first) = left.first().copied() {
            let free = |at: &usize| self.nets[*at].before.is_disjoint(&left);
            let ready: Vec<usize> = left.iter().copied().filter(free).collect();
            if ready.is_empty() {
                left.insert(self.step(first));
            }
            for at in ready {
                left.remove(&at);
                self.take(at, &mut taken);
            }
        }
        self.tracks = taken.len();
    }

    /// Gives a way the first track behind those before it in which it meets no other.
    fn take(&mut self, at: usize, taken: &mut Vec<Vec<(usize, usize)>>) {
        let (top, bottom) = self.nets[at].span();
        let behind = self.nets[at].before.iter().filter_map(|net| self.nets[*net].track).max();
        let mut track = behind.map_or(0, |track| track + 1);
        let meets = |track: &Vec<(usize, usize)>| {
            track.iter().any(|(from, to)| *from <= bottom && top <= *to)
        };
        while taken.get(track).is_some_and(meets) {
            track += 1;
        }
        taken.resize_with(taken.len().max(track + 1), Vec::new);
        taken[track].push((top, bottom));
        self.nets[at].track = Some(track);
    }

    /// Breaks a way in two that meet in a row no other uses. The second is given back.
    fn step(&mut self, at: usize) -> usize {
        let rows = |net: &Net| {
            let targets = net.targets.iter().map(|(row, _)| *row).collect::<Vec<_>>();
            targets.into_iter().chain([net.row])
        };
        let used: BTreeSet<usize> = self.nets.iter().flat_map(rows).collect();
        let row = self.nets[at].row;
        let near = (1..).flat_map(|far| [Some(row + far), row.checked_sub(far)]);
        let free = near.flatten().find(|row| !used.contains(row)).unwrap_or(row);
        let second = self.nets.len();
        let first = &mut self.nets[at];
        let (targets, stays): (Vec<_>, Vec<_>) =
            first.targets.iter().partition(|(target, _)| *target != row);
        let line = targets.iter().map(|(_, line)| *line).max().unwrap_or(Line::Single);
        first.targets = stays;
        first.targets.push((free, line));
        first.step = Some(free);
        let mut before = std::mem::take(&mut first.before);
        before.insert(at);
        let (after, step, track) = (Some(at), None, None);
        self.nets.push(Net { row: free, after, targets, track, step, before });
        second
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn link(from: usize, to: usize) -> Link {
        Link { from, to, critical: false }
    }

    #[test]
    fn straight_ways_need_no_track() {
        let routes = Routes::new(&[link(0, 0), link(1, 1)], (&[0, 3], &[0, 3]));
        assert_eq!(routes.tracks, 0);
    }

    #[test]
    fn ways_that_change_places_take_a_step() {
        let routes = Routes::new(&[link(0, 1), link(1, 0)], (&[0, 1], &[0, 1]));
        assert_eq!((routes.nets.len(), routes.tracks), (3, 3));
        let [first, other, second] = &routes.nets[..] else { panic!("{routes:?}") };
        assert!(first.track < other.track && other.track < second.track, "{routes:?}");
        assert_eq!((first.targets[0].0, second.row), (2, 2));
    }

    proptest! {
        #[test]
        fn no_two_ways_share_a_place(
            links in prop::collection::btree_set((0usize..8, 0usize..8), 0..24)
        ) {
            let links: Vec<Link> = links.into_iter().map(|(from, to)| link(from, to)).collect();
            let rows: Vec<usize> = (0..8).collect();
            let routes = Routes::new(&links, (&rows, &rows));
            for (at, a) in routes.nets.iter().enumerate() {
                for b in routes.nets[at + 1..].iter().filter(|b| b.track.is_some()) {
                    let ((top, bottom), (from, to)) = (a.span(), b.span());
                    prop_assert!(a.track != b.track || bottom < from || to < top);
                }
                // Nothing enters in the row this way leaves by before it has turned.
                for b in routes.nets.iter().filter(|_| a.after.is_none() && a.turns()) {
                    let enters = b.targets.iter().any(|(row, _)| *row == a.row) && b.row != a.row;
                    prop_assert!(!enters || a.track < b.track, "{:?}", routes);
                }
            }
        }
    }
}
