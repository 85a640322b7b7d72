//! Rows: each item as near to its neighbours as the order in its wave lets it.

use super::Layers;

/// Pull of an edge of the longest chain against that of another one.
const CRITICAL_PULL: f64 = 8.0;

/// Pull of an item without neighbours towards the row it has.
const IDLE_PULL: f64 = 0.01;

/// Where a run of items that touch each other wants to be.
struct Run {
    wish: f64,
    pull: f64,
    count: usize,
}

/// The rows of all items: three passes, the first and the last from the first wave on.
pub(super) fn rows(layers: &Layers) -> Vec<Vec<usize>> {
    let mut rows: Vec<Vec<f64>> =
        layers.items.iter().map(|items| (0..items.len()).map(as_row).collect()).collect();
    let count = rows.len();
    for layer in 1..count {
        rows[layer] = settled(layers, &rows, layer, Sides::Before);
    }
    for layer in (0..count.saturating_sub(1)).rev() {
        rows[layer] = settled(layers, &rows, layer, Sides::Both);
    }
    for layer in 1..count {
        rows[layer] = settled(layers, &rows, layer, Sides::Both);
    }
    let top = rows.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    let place = |row: &f64| as_place(row - top);
    rows.iter().map(|layer| layer.iter().map(place).collect()).collect()
}

/// Which neighbours count.
#[derive(Clone, Copy)]
enum Sides {
    Before,
    Both,
}

/// The rows of a wave that are nearest to what its items wish, in order and one row apart at least: pooling of adjacent
/// violators (Ayer and others, "An empirical distribution function for sampling with incomplete information", 1955).
fn settled(layers: &Layers, rows: &[Vec<f64>], layer: usize, sides: Sides) -> Vec<f64> {
    let mut runs: Vec<Run> = Vec::new();
    for (at, (wish, pull)) in wishes(layers, rows, layer, sides).into_iter().enumerate() {
        let mut run = Run { wish: wish - as_row(at), pull, count: 1 };
        while let Some(last) = runs.pop_if(|last| last.wish > run.wish) {
            let pull = last.pull + run.pull;
            let wish = (last.wish * last.pull + run.wish * run.pull) / pull;
            run = Run { wish, pull, count: last.count + run.count };
        }
        runs.push(run);
    }
    let mut settled = Vec::with_capacity(rows[layer].len());
    for run in runs {
        for _ in 0..run.count {
            settled.push(run.wish.round() + as_row(settled.len()));
        }
    }
    settled
}

/// Per item the average row of its neighbours, and how strongly it is pulled there.
fn wishes(layers: &Layers, rows: &[Vec<f64>], layer: usize, sides: Sides) -> Vec<(f64, f64)> {
    let mut sums = vec![(0.0, 0.0); rows[layer].len()];
    let mut add = |at: usize, row: f64, critical: bool| {
        let pull = if critical { CRITICAL_PULL } else { 1.0 };
        sums[at] = (sums[at].0 + row * pull, sums[at].1 + pull);
    };
    for link in layer.checked_sub(1).and_then(|gap| layers.links.get(gap)).into_iter().flatten() {
        add(link.to, rows[layer - 1][link.from], link.critical);
    }
    let after = match sides {
        Sides::Before => None,
        Sides::Both => layers.links.get(layer),
    };
    for link in after.into_iter().flatten() {
        add(link.from, rows[layer + 1][link.to], link.critical);
    }
    let wish = |(at, (sum, pull)): (usize, (f64, f64))| match pull > 0.0 {
        true => (sum / pull, pull),
        false => (rows[layer][at], IDLE_PULL),
    };
    sums.into_iter().enumerate().map(wish).collect()
}

/// A count as a row.
fn as_row(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A row as a place; rows are whole and never negative here.
fn as_place(row: f64) -> usize {
    format!("{row:.0}").parse().unwrap_or(0)
}
