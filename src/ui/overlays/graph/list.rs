//! The graph as a list: `3.3 > 4.1 4.2`, wave by wave. For narrow screens and for ASCII.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::layout::Layout;
use super::paint::Window;
use crate::domain::graph::{Graph, Node};
use crate::ui::look::ColourRole;
use crate::ui::overlays::sheet::{cut, draw_lines, fit, select};
use crate::ui::panes::roadmap::Judge;
use crate::ui::text::columns;

/// Columns of a name.
const NAME: (usize, usize) = (12, 34);

/// Draws the list into `area`.
pub(super) fn paint(
    frame: &mut Frame<'_>,
    area: Rect,
    (layout, judge, selected): (&Layout, &Judge<'_>, usize),
    window: &Window,
) {
    // A heading above each wave, and the phases in order.
    let place = layout.in_order().iter().position(|node| *node == selected).unwrap_or(0);
    let line = place + layout.spots[selected].layer + 1;
    let total = layout.graph.nodes.len() + layout.layers.items.len();
    window.scroll.settle(total, usize::from(area.height));
    window.scroll.reveal(if place == 0 { 0 } else { line });
    window.scroll.reveal(line);
    let shown = window.scroll.top()..window.scroll.top() + usize::from(area.height);
    let mut lines = Vec::new();
    let mut at = 0;
    for layer in 0..layout.layers.items.len() {
        if shown.contains(&at) {
            let heading = format!("Wave {}", layer + 1);
            lines.push(Line::styled(heading, judge.look.style(ColourRole::Muted)));
        }
        at += 1;
        for node in layout.wave(layer) {
            if shown.contains(&at) {
                lines.push(row(layout, judge, node, (usize::from(area.width), selected)));
            }
            at += 1;
        }
    }
    draw_lines(frame, area, &lines);
    if let Some(row) = line.checked_sub(shown.start).and_then(|row| u16::try_from(row).ok())
        && row < area.height
    {
        select(frame, Rect { y: area.y + row, height: 1, ..area }, judge.look);
    }
}

fn row(
    layout: &Layout,
    judge: &Judge<'_>,
    at: usize,
    (width, selected): (usize, usize),
) -> Line<'static> {
    let look = judge.look;
    let graph = &layout.graph;
    let node = &graph.nodes[at];
    let mark = judge.evaluator.phase(&node.id).map(|phase| judge.mark(phase));
    let (glyph, role) = mark.map_or((" ", ColourRole::Plain), |mark| (mark.glyph, mark.role));
    let ids = graph.nodes.iter().map(|node| columns(node.id.as_str())).max().unwrap_or(0).min(12);
    let strong = if node.critical { Modifier::BOLD } else { Modifier::empty() };
    let pointer = if at == selected { look.pick("› ", "> ") } else { "  " };
    let name = (width / 2).saturating_sub(ids + 4).clamp(NAME.0, NAME.1);
    let mut spans = vec![
        Span::raw(pointer),
        Span::styled(fit(node.id.as_str(), ids, look), Style::new().add_modifier(strong)),
        Span::raw(" "),
        Span::styled(glyph, look.style(role)),
        Span::styled(
            format!(" {}", fit(node.name.as_str(), name, look)),
            Style::new().add_modifier(strong),
        ),
    ];
    let next = graph.critical.iter().position(|on| *on == at).map(|place| place + 1);
    let next = next.and_then(|place| graph.critical.get(place));
    let edges = graph.edges.iter().chain(&graph.closing).filter(|edge| edge.from == at);
    let mut after: Vec<usize> = edges.map(|edge| edge.to).collect();
    after.sort_by_key(|node| Some(node) != next);
    let arrow = if next.is_some() { look.pick(" ═> ", " => ") } else { "  > " };
    let arrow_style = if next.is_some() { ColourRole::Accent } else { ColourRole::Muted };
    if !after.is_empty() {
        spans.push(Span::styled(arrow, look.style(arrow_style)));
    }
    let after = beside(graph, &after, node);
    let used: usize = spans.iter().map(Span::width).sum();
    let after = crate::ui::text::clean(&after);
    spans.push(Span::raw(cut(&after, width.saturating_sub(used), look)));
    Line::from(spans)
}

/// What waits for a phase, and what it waits for itself without a drawn edge.
fn beside(graph: &Graph, after: &[usize], node: &Node) -> String {
    let ids: Vec<&str> = after.iter().map(|node| graph.nodes[*node].id.as_str()).collect();
    let mut text = ids.join(" ");
    if node.in_cycle {
        text.push_str("   (cycle)");
    }
    if !node.undrawn.is_empty() {
        text.push_str(&format!("   < {}", node.undrawn.join(", ")));
    }
    text
}
