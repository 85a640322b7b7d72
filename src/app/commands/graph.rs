//! `orch-tui graph`: what waits for what, in waves.

use serde_json::{Value, json};

use crate::app::cli::{Global, OutputFormat};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::json::SCHEMA;
use crate::app::out;
use crate::app::place::Place;
use crate::domain::graph::chart::of_graph;
use crate::domain::graph::{Edge, Graph, Range};

/// Prints the dependency graph of the roadmap as the gardener will leave it.
///
/// # Errors
/// When configuration, roadmap or state can't be read.
pub fn graph(global: &Global, range: Range, format: OutputFormat) -> Result<Exit, Failure> {
    let orchestrator = Place::find_and_tell(global)?.look_ahead()?;
    let Some(roadmap) = orchestrator.roadmap() else {
        return Err(Failure::environment("there is no roadmap"));
    };
    let graph = Graph::new(roadmap, &orchestrator.held_phases(), range);
    match format.or_json(global) {
        OutputFormat::Json => out::json(&shape(&graph))?,
        OutputFormat::Mermaid => out::line(of_graph(&graph).trim_end())?,
        OutputFormat::Text => text(&graph)?,
    }
    Ok(Exit::Ok)
}

/// `  3.3 HTTP router > 4.1 4.2`, wave by wave; `=>` leads along the longest chain.
fn text(graph: &Graph) -> Result<(), Failure> {
    let leaving = graph.leaving();
    for (at, nodes) in graph.by_wave().iter().enumerate() {
        out::line(format!("Wave {}", at + 1))?;
        for node in nodes {
            out::line(row(graph, *node, &leaving[*node]))?;
        }
    }
    let names = |nodes: &[usize], between: &str| {
        let names: Vec<&str> = nodes.iter().map(|at| graph.nodes[*at].id.as_str()).collect();
        names.join(between)
    };
    for way in &graph.cycles {
        out::line(format!("Cycle: {} wait for each other", names(way, ", ")))?;
    }
    for id in &graph.twice {
        out::line(format!("Stands more than once: {id}; only the first counts"))?;
    }
    out::line(format!("Longest chain left: {}", names(&graph.critical, " > ")))
}

/// One phase and what it leads to.
fn row(graph: &Graph, at: usize, leaving: &[Edge]) -> String {
    let node = &graph.nodes[at];
    let after: Vec<String> = leaving.iter().map(|edge| target(graph, *edge)).collect();
    let arrow = match leaving {
        [] => "",
        edges if edges.iter().any(|edge| graph.is_critical(*edge)) => " => ",
        _ => " > ",
    };
    let mut beside = match node.undrawn.as_slice() {
        [] => String::new(),
        words => format!("  (after {})", words.join(", ")),
    };
    if node.in_cycle {
        beside.push_str("  (in a cycle, can't start)");
    }
    format!("  {} {}{arrow}{}{beside}", node.id, node.name, after.join(" "))
}

/// What an edge leads to, and whether it closes a way round.
fn target(graph: &Graph, edge: Edge) -> String {
    let mark = if graph.is_closing(edge) { " (cycle)" } else { "" };
    format!("{}{mark}", graph.nodes[edge.to].id)
}

/// Shape of `graph --json`.
fn shape(graph: &Graph) -> Value {
    let ids = |nodes: &[usize]| -> Vec<_> { nodes.iter().map(|at| &graph.nodes[*at].id).collect() };
    let phase = |(at, node): (usize, &crate::domain::graph::Node)| {
        json!({
            "id": node.id, "wave": node.wave, "waits_for": ids(&node.waits_for),
            "unblocks": graph.unblocks(at).len(), "critical": node.critical,
            "in_cycle": node.in_cycle,
        })
    };
    let edge = |edge: &Edge| [&graph.nodes[edge.from].id, &graph.nodes[edge.to].id];
    json!({
        "schema": SCHEMA,
        "phases": graph.nodes.iter().enumerate().map(phase).collect::<Vec<_>>(),
        "edges": graph.edges.iter().chain(&graph.closing).map(edge).collect::<Vec<_>>(),
        "cycle_edges": graph.closing.iter().map(edge).collect::<Vec<_>>(),
        "duplicates": graph.twice,
        "critical_path": ids(&graph.critical),
        "cycles": graph.cycles.iter().map(|way| ids(way)).collect::<Vec<_>>(),
    })
}
