//! The graph drawn: waves in columns, edges in boxes, the longest chain in double lines.

use std::cell::Cell;

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::layout::{Layout, id_of, note_of};
use super::route::Line;
use crate::domain::graph::Item;
use crate::ui::canvas::Canvas;
use crate::ui::look::ColourRole;
use crate::ui::overlays::sheet::Scroll;
use crate::ui::panes::roadmap::Judge;
use crate::ui::text::{columns, cut};

/// The part of a graph that is on the screen.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    /// Rows.
    pub scroll: Scroll,
    /// The first wave.
    left: Cell<usize>,
    /// How many waves follow behind the right edge.
    hidden: Cell<usize>,
}

impl Window {
    /// Moves so that a phase is in view.
    fn follow(&self, layout: &Layout, selected: usize, area: Rect) {
        let spot = layout.spots[selected];
        let width = usize::from(area.width);
        self.scroll.settle(layout.height, usize::from(area.height.saturating_sub(1)));
        self.scroll.reveal(spot.row);
        let end = |layer: usize| layout.columns[layer].0 + layout.columns[layer].1;
        let mut left = self.left.get().min(spot.layer);
        if layout.width() <= width {
            left = 0;
        }
        while left < spot.layer && end(spot.layer) - layout.columns[left].0 > width {
            left += 1;
        }
        // Where there is room, what it waits for stays in view.
        if left == spot.layer && left > 0 && end(left) - layout.columns[left - 1].0 <= width {
            left -= 1;
        }
        self.left.set(left);
        let from = layout.columns[left].0;
        let seen = layout.columns.iter().filter(|(x, wide)| x + wide <= from + width).count();
        self.hidden.set(layout.columns.len() - seen);
    }

    /// What is outside of the view, in words; empty for nothing.
    pub fn outside(&self) -> String {
        let mut words = Vec::new();
        let (above, below) = (self.scroll.top(), self.scroll.below());
        let sides = [(self.left.get(), "left"), (self.hidden.get(), "right")];
        let waves = sides.iter().filter(|(count, _)| *count > 0);
        let s = |count: usize| if count == 1 { "" } else { "s" };
        words.extend(waves.map(|(count, side)| format!("{count} wave{} {side}", s(*count))));
        let rows = [(above, "above"), (below, "below")].into_iter().filter(|(count, _)| *count > 0);
        words.extend(rows.map(|(count, side)| format!("{count} row{} {side}", s(count))));
        words.join(", ")
    }
}

/// A graph and where it is drawn.
pub(super) struct Picture<'a> {
    pub layout: &'a Layout,
    pub judge: &'a Judge<'a>,
    pub selected: usize,
    pub area: Rect,
    /// First column and first row in view.
    pub from: (usize, usize),
}

/// Draws the graph into `area`.
pub(super) fn paint(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (layout, judge, selected): (&Layout, &Judge<'_>, usize),
    window: &Window,
) {
    if area.is_empty() {
        return;
    }
    window.follow(layout, selected, area);
    let left = layout.columns[window.left.get()].0;
    let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let picture =
        Picture { layout, judge, selected, area: body, from: (left, window.scroll.top()) };
    for layer in window.left.get()..layout.columns.len() {
        let (x, wide) = layout.columns[layer];
        if x >= left + usize::from(area.width) {
            break;
        }
        let heading = format!("WAVE {}", layer + 1);
        let muted = canvas.look.style(ColourRole::Muted);
        picture.put(canvas, (x, None), &heading, muted);
        picture.items(canvas, layer);
        picture.gap(canvas, layer, x + wide);
    }
}

impl Picture<'_> {
    /// Writes at a column and a row of the graph, or above the first row.
    fn put(
        &self,
        canvas: &mut Canvas<'_>,
        (x, row): (usize, Option<usize>),
        text: &str,
        style: Style,
    ) {
        let (left, top) = self.from;
        let Some(x) = x.checked_sub(left).and_then(|x| u16::try_from(x).ok()) else { return };
        let y = match row {
            None => self.area.y.checked_sub(1),
            Some(row) => row
                .checked_sub(top)
                .and_then(|y| u16::try_from(y).ok())
                .filter(|y| *y < self.area.height)
                .map(|y| self.area.y + y),
        };
        if let (Some(y), Some(room)) = (y, self.area.width.checked_sub(x)) {
            canvas.put((self.area.x + x, y), room, text, style);
        }
    }

    fn is_seen(&self, row: usize) -> bool {
        row >= self.from.1 && row - self.from.1 < usize::from(self.area.height)
    }

    fn items(&self, canvas: &mut Canvas<'_>, layer: usize) {
        let (x, wide) = self.layout.columns[layer];
        for (place, item) in self.layout.layers.items[layer].iter().enumerate() {
            let row = self.layout.layers.rows[layer][place];
            if !self.is_seen(row) {
                continue;
            }
            let start = match item {
                Item::Node(node) => x + self.node(canvas, *node, (x, row)) + 1,
                Item::Pass(_) => x,
            };
            let mut out = self.layout.layers.links.get(layer).into_iter().flatten();
            let out = out
                .clone()
                .any(|link| link.critical && link.from == place)
                .then_some(Line::Double)
                .or_else(|| out.any(|link| link.from == place).then_some(Line::Single));
            if let Some(line) = out {
                let (text, style) = stroke(canvas, line);
                self.put(
                    canvas,
                    (start, Some(row)),
                    &text.repeat((x + wide).saturating_sub(start)),
                    style,
                );
            }
        }
    }

    /// Draws a phase; gives the columns it takes.
    fn node(&self, canvas: &mut Canvas<'_>, at: usize, (x, row): (usize, usize)) -> usize {
        let node = &self.layout.graph.nodes[at];
        let look = canvas.look;
        let phase = self.judge.evaluator.phase(&node.id);
        let mark = phase.map(|phase| self.judge.mark(phase));
        let (glyph, role) = mark.map_or((" ", ColourRole::Plain), |mark| (mark.glyph, mark.role));
        let strong = if node.critical { Modifier::BOLD } else { Modifier::empty() };
        let role_of_id = if node.in_cycle { ColourRole::Fail } else { ColourRole::Plain };
        let mut used = 0;
        let name = format!(" {}", cut(node.name.as_str(), self.layout.name, look.glyphs));
        let pieces = [
            (id_of(node), look.style(role_of_id).add_modifier(strong)),
            (" ".into(), Style::new()),
            (glyph.to_owned(), look.style(role)),
            (name, Style::new().add_modifier(strong)),
            (note_of(node), look.style(ColourRole::Muted)),
        ];
        for (text, style) in pieces {
            self.put(canvas, (x + used, Some(row)), &text, style);
            used += columns(&text);
        }
        if at == self.selected {
            self.select(canvas, (x, row), used);
        }
        used
    }

    fn select(&self, canvas: &mut Canvas<'_>, (x, row): (usize, usize), width: usize) {
        let (Some(x), Some(y)) = (x.checked_sub(self.from.0), row.checked_sub(self.from.1)) else {
            return;
        };
        let (Ok(x), Ok(y), Ok(width)) = (u16::try_from(x), u16::try_from(y), u16::try_from(width))
        else {
            return;
        };
        let bar = Rect {
            x: self.area.x.saturating_add(x),
            y: self.area.y.saturating_add(y),
            width,
            height: 1,
        };
        canvas.select(bar.intersection(self.area));
    }

    fn gap(&self, canvas: &mut Canvas<'_>, layer: usize, x: usize) {
        let Some(gap) = self.layout.gaps.get(layer) else { return };
        let rows = self.from.1..self.from.1 + usize::from(self.area.height);
        for row in rows.start..rows.end.min(gap.height) {
            for column in 0..gap.width - 1 {
                if let Some(cell) = gap.cell(row, column) {
                    let (_, style) = stroke(canvas, cell.line());
                    self.put(canvas, (x + column, Some(row)), cell.symbol(), style);
                }
            }
        }
        for link in self.layout.layers.links.get(layer).into_iter().flatten() {
            let row = self.layout.layers.rows[layer + 1][link.to];
            let line = if link.critical { Line::Double } else { Line::Single };
            let (text, style) = stroke(canvas, line);
            let text = match self.layout.layers.items[layer + 1][link.to] {
                Item::Node(_) => ">".to_owned(),
                Item::Pass(_) => text.repeat(2),
            };
            self.put(canvas, (x + gap.width - 2, Some(row)), &text, style);
        }
    }
}

/// A piece of a line, and its style.
fn stroke(canvas: &Canvas<'_>, line: Line) -> (&'static str, Style) {
    match line {
        Line::Single => ("─", canvas.look.style(ColourRole::Muted)),
        Line::Double => ("═", canvas.look.style(ColourRole::Accent).add_modifier(Modifier::BOLD)),
    }
}
