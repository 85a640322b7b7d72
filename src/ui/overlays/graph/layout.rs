//! A graph with everything in its place: what is kept between two frames.

use super::MOST_DRAWN;
use super::cells::Gap;
use super::route::Routes;
use crate::domain::graph::{Graph, Item, Layers, Node, arrange};
use crate::ui::text::columns;

/// Most columns of an id.
const WIDEST_ID: usize = 12;

/// Columns of a name: at most, at least, and where the graph is wider than the screen anyway.
const NAME: (usize, usize, usize) = (52, 9, 14);

/// Columns of what is named beside a phase.
const WIDEST_NOTE: usize = 20;

/// Where a phase is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// Its wave, from 0.
    pub layer: usize,
    /// Its place in the wave.
    pub place: usize,
    /// Its row.
    pub row: usize,
}

/// A graph laid out.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// The graph.
    pub graph: Graph,
    /// Its waves.
    pub layers: Layers,
    /// Per phase where it is.
    pub spots: Vec<Spot>,
    /// Per wave its column and its width.
    pub columns: Vec<(usize, usize)>,
    /// Between the waves.
    pub gaps: Vec<Gap>,
    /// How many rows there are.
    pub height: usize,
    /// Columns for names.
    pub name: usize,
}

impl Layout {
    /// Lays a graph out for a width.
    pub fn new(graph: Graph, width: usize) -> Self {
        let layers = arrange(&graph);
        let mut spots = vec![Spot { layer: 0, place: 0, row: 0 }; graph.nodes.len()];
        for (layer, items) in layers.items.iter().enumerate() {
            for (place, item) in items.iter().enumerate() {
                if let Item::Node(node) = item {
                    spots[*node] = Spot { layer, place, row: layers.rows[layer][place] };
                }
            }
        }
        let rows = &layers.rows;
        let gap = |(at, links): (usize, &Vec<_>)| {
            Gap::new(&Routes::new(links, (&rows[at], &rows[at + 1])))
        };
        let drawn = if graph.nodes.len() > MOST_DRAWN { &[] } else { layers.links.as_slice() };
        let gaps: Vec<Gap> = drawn.iter().enumerate().map(gap).collect();
        let rows = spots.iter().map(|spot| spot.row + 1);
        let height = rows.chain(gaps.iter().map(|gap| gap.height)).max().unwrap_or(0);
        let mut layout = Self { graph, layers, spots, columns: Vec::new(), gaps, height, name: 0 };
        layout.fit(width);
        layout
    }

    /// Gives names the room there is, and each wave its column.
    fn fit(&mut self, width: usize) {
        let (most, least, usual) = NAME;
        let room = (least..=most).rev().find(|name| self.width_with(*name) <= width);
        self.name = room.unwrap_or(usual);
        let mut x = 0;
        for layer in 0..self.layers.items.len() {
            let wide = self.wave_width(layer, self.name);
            self.columns.push((x, wide));
            x += wide + self.gaps.get(layer).map_or(0, |gap| gap.width);
        }
    }

    fn width_with(&self, name: usize) -> usize {
        let waves = (0..self.layers.items.len()).map(|layer| self.wave_width(layer, name));
        waves.sum::<usize>() + self.gaps.iter().map(|gap| gap.width).sum::<usize>()
    }

    fn wave_width(&self, layer: usize, name: usize) -> usize {
        let nodes = self.layers.items[layer].iter().filter_map(|item| match item {
            Item::Node(node) => Some(&self.graph.nodes[*node]),
            Item::Pass(_) => None,
        });
        let heading = columns(&format!("WAVE {}", layer + 1));
        let widest = nodes.map(|node| label_width(node, name)).max().unwrap_or(1).max(heading);
        // A blank between a phase and its edges.
        widest + usize::from(layer + 1 < self.layers.items.len())
    }

    /// The column after the last.
    pub fn width(&self) -> usize {
        self.columns.last().map_or(0, |(x, wide)| x + wide)
    }

    /// The phases of a wave from top to bottom.
    pub fn wave(&self, layer: usize) -> Vec<usize> {
        let items = self.layers.items.get(layer).into_iter().flatten();
        let node = |item: &Item| match item {
            Item::Node(node) => Some(*node),
            Item::Pass(_) => None,
        };
        items.filter_map(node).collect()
    }

    /// All phases wave by wave.
    pub fn in_order(&self) -> Vec<usize> {
        (0..self.layers.items.len()).flat_map(|layer| self.wave(layer)).collect()
    }

    /// The phase of `nodes` whose row is nearest to that of `node`.
    pub fn nearest(&self, node: usize, nodes: impl Iterator<Item = usize>) -> Option<usize> {
        let row = self.spots[node].row;
        nodes.min_by_key(|other| (self.spots[*other].row.abs_diff(row), *other))
    }
}

/// The id as it is shown.
pub(super) fn id_of(node: &Node) -> String {
    crate::ui::text::cut(node.id.as_str(), WIDEST_ID, crate::ui::look::Glyphs::Unicode)
}

/// What a phase waits for without an edge, as it stands behind its name; empty for nothing.
pub(super) fn note_of(node: &Node) -> String {
    let round = if node.in_cycle { "  (cycle)" } else { "" };
    if node.undrawn.is_empty() {
        return round.to_owned();
    }
    let words = format!("  < {}", node.undrawn.join(", "));
    let words = crate::ui::text::cut(&words, WIDEST_NOTE, crate::ui::look::Glyphs::Unicode);
    format!("{words}{round}")
}

/// Columns of a phase: id, glyph, name, note.
fn label_width(node: &Node, name: usize) -> usize {
    let named = columns(node.name.as_str()).min(name);
    columns(&id_of(node)) + 3 + named + columns(&note_of(node))
}
