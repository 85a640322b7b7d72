//! What the graph says of the selected phase, and of the longest chain.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::layout::Layout;
use crate::domain::graph::{Graph, Node, Scope};
use crate::domain::id::PhaseId;
use crate::domain::printable::visible;
use crate::domain::roadmap::phase::{Effort, Status};
use crate::ui::look::{ColourRole, Look};
use crate::ui::markdown::wrap::cut;
use crate::ui::panes::roadmap::Judge;

/// How many ids are listed before the rest is counted.
const LISTED: usize = 12;

/// The lines below the graph, each at most `width` columns.
pub(super) fn lines(
    layout: &Layout,
    judge: &Judge<'_>,
    selected: usize,
    width: usize,
) -> Vec<Line<'static>> {
    let graph = &layout.graph;
    let mut lines = vec![
        about(graph, judge, selected),
        around(graph, judge.look, selected),
        chain(graph, judge.look),
    ];
    let whole = graph.whole();
    if let Some(way) = whole.cycles.first() {
        lines.push(cycle(whole, way, judge.look));
    }
    if !graph.twice.is_empty() {
        let ids: Vec<&str> = graph.twice.iter().take(LISTED).map(PhaseId::as_str).collect();
        let text = format!("More than once in the file: {}; only the first counts", ids.join(" "));
        lines.push(Line::styled(visible(&text), judge.look.style(ColourRole::Fail)));
    }
    lines.into_iter().map(|line| shortened(line, width, judge.look)).collect()
}

/// `3.3 HTTP router   ◦ ready   effort L`
fn about(graph: &Graph, judge: &Judge<'_>, selected: usize) -> Line<'static> {
    let node = &graph.nodes[selected];
    let look = judge.look;
    let mark = judge.evaluator.phase(&node.id).map(|phase| judge.mark(phase));
    let name = visible(&format!("{} {}", node.id, node.name));
    let mut spans = vec![Span::styled(name, Style::new().add_modifier(Modifier::BOLD))];
    if let Some(mark) = mark {
        spans.push(Span::styled(format!("   {}", mark.glyph), look.style(mark.role)));
        if node.status == Status::Complete {
            spans.push(Span::styled(" complete", look.style(mark.role)));
        } else if node.in_cycle {
            spans.push(Span::styled(" waits for itself", look.style(ColourRole::Fail)));
        } else if !mark.note.is_empty() {
            spans.push(Span::styled(format!(" {}", visible(&mark.note)), look.style(mark.role)));
        }
    }
    let effort = match node.effort {
        Some(Effort::S) => "   effort S",
        Some(Effort::M) => "   effort M",
        Some(Effort::L) => "   effort L",
        None => "",
    };
    spans.push(Span::styled(effort, look.style(ColourRole::Muted)));
    if node.critical {
        spans.push(Span::styled("   on the longest chain", look.style(ColourRole::Accent)));
    }
    Line::from(spans)
}

/// `unblocks 2: 4.1 4.2, 5 behind it   waits for 3.1, all of Batch 2 (3 open)`
fn around(graph: &Graph, look: &Look, selected: usize) -> Line<'static> {
    let muted = look.style(ColourRole::Muted);
    let after = graph.unblocks(selected);
    let mut spans = vec![Span::styled("unblocks ", muted)];
    if after.is_empty() {
        spans.push(Span::raw("nothing"));
    } else {
        let text = format!("{}: {}", after.len(), ids(&after));
        spans.push(Span::raw(text));
        let behind = graph.behind(selected);
        if behind > after.len() {
            spans.push(Span::styled(format!("  {behind} wait behind it"), muted));
        }
    }
    spans.push(Span::styled("   waits for ", muted));
    spans.push(Span::raw(waits_for(graph, selected)));
    Line::from(spans)
}

fn waits_for(graph: &Graph, selected: usize) -> String {
    let node = &graph.nodes[selected];
    if node.complete {
        return "nothing".into();
    }
    let named = graph.waits_for(selected);
    let mut parts = Vec::new();
    if !named.is_empty() {
        parts.push(ids(&named));
    }
    let scopes = node.scopes.iter().filter(|(_, count)| *count > 0);
    parts.extend(scopes.map(|(scope, count)| match scope {
        Scope::Batch(number) => format!("all {count} of Batch {number}"),
        Scope::AllPrevious => format!("all {count} before it"),
    }));
    parts.extend(node.outside.iter().map(|text| format!("\"{text}\"")));
    if parts.is_empty() { "nothing".into() } else { visible(&parts.join(", ")) }
}

/// `Longest chain left: 3.3 > 4.2   2 phases, effort 8`
fn chain(graph: &Graph, look: &Look) -> Line<'static> {
    let muted = look.style(ColourRole::Muted);
    if graph.critical.is_empty() {
        return Line::styled("Nothing is left to do", muted);
    }
    let names: Vec<&str> =
        graph.critical.iter().map(|node| graph.nodes[*node].id.as_str()).collect();
    let names = match names.as_slice() {
        [first @ .., last] if names.len() > LISTED => {
            let first = first.get(..LISTED - 2).unwrap_or_default().join(" > ");
            format!("{first} > {} > {last}", look.pick("⋯", "..."))
        }
        _ => names.join(" > "),
    };
    let count = graph.critical.len();
    let s = if count == 1 { "" } else { "s" };
    let length = match graph.nodes.iter().any(|node| node.effort.is_some()) {
        true => format!("   {count} phase{s}, effort {} (S 1, M 2, L 4)", graph.length),
        false => format!("   {count} phase{s}"),
    };
    Line::from(vec![
        Span::styled("Longest chain left: ", muted),
        Span::styled(visible(&names), look.style(ColourRole::Accent)),
        Span::styled(length, muted),
    ])
}

fn cycle(graph: &Graph, way: &[usize], look: &Look) -> Line<'static> {
    let names: Vec<&str> =
        way.iter().chain(way.first()).take(LISTED).map(|at| graph.nodes[*at].id.as_str()).collect();
    let more = match graph.cycles.len() {
        1 => String::new(),
        count => format!("; {} more like this", count - 1),
    };
    let text = format!("Cycle: {}; none of them can start{more}", names.join(" waits for "));
    Line::styled(visible(&text), look.style(ColourRole::Fail))
}

/// Ids with blanks between, the rest counted.
fn ids(nodes: &[&Node]) -> String {
    let names: Vec<&str> = nodes.iter().take(LISTED).map(|node| node.id.as_str()).collect();
    let more = match nodes.len().saturating_sub(LISTED) {
        0 => String::new(),
        count => format!(" +{count}"),
    };
    visible(&format!("{}{more}", names.join(" ")))
}

/// A line of at most `width` columns.
fn shortened(line: Line<'static>, width: usize, look: &Look) -> Line<'static> {
    let mut room = width;
    let mut spans = Vec::new();
    for span in line.spans {
        let text = cut(&span.content, room, look.pick("⋯", "~"));
        room = room.saturating_sub(Span::raw(text.as_str()).width());
        spans.push(Span::styled(text, span.style.patch(line.style)));
    }
    Line::from(spans)
}
