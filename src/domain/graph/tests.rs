#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

/// A roadmap of `id, batch, effort, dependencies`; an id with `✓` behind it is complete.
fn roadmap(phases: &[(&str, u32, &str, &str)]) -> Roadmap {
    let mut text = String::new();
    let mut last = 0;
    for (id, batch, effort, needs) in phases {
        if *batch != last {
            last = *batch;
            writeln!(text, "## Batch {batch}: B\n").unwrap();
        }
        let status = if id.ends_with('✓') { "✅ Complete" } else { "⚪ Not Started" };
        let id = id.trim_end_matches('✓');
        writeln!(text, "### Phase {id}: Part {id}\n- **Status:** {status}").unwrap();
        writeln!(text, "- **Depends On:** {needs}\n- **Effort:** {effort}\n").unwrap();
    }
    Roadmap::parse(text.into_bytes())
}

fn open(roadmap: &Roadmap) -> Graph {
    Graph::new(roadmap, &BTreeSet::new(), Range::Open)
}

fn ids(graph: &Graph, nodes: &[usize]) -> String {
    let ids: Vec<&str> = nodes.iter().map(|at| graph.nodes[*at].id.as_str()).collect();
    ids.join(" ")
}

fn names(nodes: &[&Node]) -> String {
    nodes.iter().map(|node| node.id.as_str()).collect::<Vec<_>>().join(" ")
}

fn drawn(graph: &Graph) -> String {
    let edge = |edge: &Edge| format!("{}>{}", graph.nodes[edge.from].id, graph.nodes[edge.to].id);
    graph.edges.iter().map(edge).collect::<Vec<_>>().join(" ")
}

fn waves(graph: &Graph) -> String {
    graph.nodes.iter().map(|node| format!("{}:{} ", node.id, node.wave)).collect()
}

fn tide() -> Roadmap {
    roadmap(&[
        ("2.1✓", 2, "M", "None"),
        ("2.4", 2, "M", "2.1"),
        ("3.2", 3, "S", "None"),
        ("3.3", 3, "L", "None"),
        ("3.4", 3, "M", "2.1"),
        ("4.1", 4, "S", "3.3"),
        ("4.2", 4, "L", "3.3, 3.4"),
        ("4.3", 4, "M", "2.4, 3.4"),
        ("4.4", 4, "M", "4.2, 3.3, 9.9, the lawyers"),
    ])
}

#[test]
fn waves_and_the_longest_chain_follow_what_is_open() {
    let roadmap = tide();
    let graph = open(&roadmap);
    assert_eq!(waves(&graph), "2.4:1 3.2:1 3.3:1 3.4:1 4.1:2 4.2:2 4.3:2 4.4:3 ");
    assert_eq!((ids(&graph, &graph.critical), graph.length), ("3.3 4.2 4.4".into(), 10));
    let router = graph.find(&PhaseId::new("3.3")).unwrap();
    assert_eq!(names(&graph.unblocks(router)), "4.1 4.2 4.4");
    assert_eq!(graph.behind(graph.find(&PhaseId::new("3.4")).unwrap()), 3);
    assert_eq!(drawn(&graph), "2.4>4.3 3.3>4.1 3.3>4.2 3.4>4.2 3.4>4.3 4.2>4.4");
    let last = graph.nodes.last().unwrap();
    assert_eq!(ids(&graph, &last.waits_for), "3.3 4.2", "also what is not drawn");
    assert_eq!(last.outside, [Printable::new("9.9"), Printable::new("the lawyers")]);
    assert!(last.critical && !graph.nodes[1].critical);
}

#[test]
fn all_phases_and_the_chain_alone_can_be_asked_for() {
    let roadmap = tide();
    let all = Graph::new(&roadmap, &BTreeSet::new(), Range::All);
    assert_eq!((all.nodes.len(), all.waves, all.length), (9, 4, 10));
    let chain = Graph::new(&roadmap, &BTreeSet::new(), Range::Critical);
    assert_eq!(
        (waves(&chain), drawn(&chain)),
        ("3.3:1 4.2:2 4.4:3 ".into(), "3.3>4.2 4.2>4.4".into())
    );
    assert_eq!(names(&chain.unblocks(0)), "4.1 4.2 4.4", "also what is not drawn");
    assert_eq!((names(&chain.waits_for(2)), chain.behind(0)), ("3.3 4.2".into(), 3));
    let empty = Graph::new(&Roadmap::parse(Vec::new()), &BTreeSet::new(), Range::Critical);
    assert_eq!((empty.waves, empty.nodes.len()), (0, 0));
}

#[test]
fn edges_are_told_of_by_phase_and_by_chain() {
    let round = [("6.1", 6, "S", "6.2"), ("6.2", 6, "S", "6.1"), ("6.3", 6, "S", "6.2, Batch 1")];
    let batch = [("1.1", 1, "S", "None"), ("1.2", 1, "L", "1.1"), ("2.1", 2, "L", "Batch 1")];
    for roadmap in [tide(), roadmap(&round), roadmap(&[&batch[..], &round].concat())] {
        for range in [Range::Open, Range::All, Range::Critical] {
            let graph = Graph::new(&roadmap, &BTreeSet::new(), range);
            let leaving = graph.leaving();
            for (at, leaving) in leaving.iter().enumerate() {
                let edges = graph.edges.iter().chain(&graph.closing);
                let from: Vec<Edge> = edges.filter(|edge| edge.from == at).copied().collect();
                assert_eq!(*leaving, from);
            }
            for edge in leaving.iter().flatten() {
                let both = [edge.from, edge.to];
                let on_chain = graph.critical.windows(2).any(|pair| pair == both);
                assert_eq!(graph.is_critical(*edge), on_chain, "{edge:?} {:?}", graph.critical);
            }
            for (wave, nodes) in graph.by_wave().iter().enumerate() {
                let of = (0..graph.nodes.len()).filter(|at| graph.nodes[*at].wave == wave + 1);
                assert_eq!(*nodes, of.collect::<Vec<_>>());
            }
            assert_eq!(graph.by_wave().concat().len(), graph.nodes.len());
        }
    }
}

#[test]
fn without_efforts_every_phase_counts_the_same() {
    let roadmap = roadmap(&[("1", 1, "", "None"), ("2", 1, "", "1"), ("3", 1, "", "2")]);
    assert_eq!(open(&roadmap).length, 3);
}

#[test]
fn scopes_are_edges_while_they_are_few() {
    let mut phases = vec![("1.1", 1, "S", "None"), ("1.2", 1, "S", "1.1"), ("1.3", 1, "S", "None")];
    phases.push(("2.1", 2, "S", "Batch 1"));
    phases.push(("3.1", 3, "S", "All previous phases"));
    phases.push(("3.2", 3, "S", "Batch 3, Batch 8"));
    let graph = open(&roadmap(&phases));
    assert_eq!(drawn(&graph), "1.1>1.2 1.2>2.1 1.3>2.1 2.1>3.1 3.1>3.2");
    assert_eq!(waves(&graph), "1.1:1 1.2:2 1.3:1 2.1:3 3.1:4 3.2:5 ");
    assert_eq!(graph.nodes[4].scopes, [(Scope::AllPrevious, 4)]);
    assert_eq!(names(&graph.unblocks(2)), "2.1 3.1");
    assert_eq!(graph.nodes[5].outside, [Printable::new("Batch 8")]);
}

#[test]
fn scopes_of_many_are_named_instead() {
    let names: Vec<String> = (0..1_000).map(|at| format!("1.{at}")).collect();
    let more: Vec<String> = (0..1_000).map(|at| format!("2.{at}")).collect();
    let first = names.iter().map(|id| (id.as_str(), 1, "S", "None"));
    let phases: Vec<_> =
        first.chain(more.iter().map(|id| (id.as_str(), 2, "S", "Batch 1"))).collect();
    let graph = open(&roadmap(&phases));
    assert_eq!((graph.nodes.len(), graph.waves, graph.edges.len()), (2_000, 2, 1));
    assert_eq!(graph.nodes[1_500].undrawn, ["Batch 1"]);
    assert_eq!(graph.unblocks(0).len(), 1_000);
}

#[test]
fn a_thousand_phases_after_all_before_are_one_chain() {
    let names: Vec<String> = (1..=1_000).map(|at| format!("1.{at}")).collect();
    let phases: Vec<_> =
        names.iter().map(|id| (id.as_str(), 1, "S", "All previous phases")).collect();
    let graph = open(&roadmap(&phases));
    assert_eq!((graph.waves, graph.edges.len(), graph.critical.len()), (1_000, 999, 1_000));
    assert_eq!(arrange(&graph).crossings(), 0);
}

#[test]
fn cycles_are_named_and_do_not_hang() {
    let roadmap = roadmap(&[
        ("1.1", 1, "S", "2.1"),
        ("1.2", 1, "S", "1.1, 1.2"),
        ("2.1", 2, "S", "Batch 1"),
        ("3.1", 3, "S", "2.1"),
    ]);
    let graph = open(&roadmap);
    assert!(graph.cycles.iter().any(|way| ids(&graph, way) == "1.1 2.1"), "{:?}", graph.cycles);
    assert!(graph.nodes[0].in_cycle && !graph.nodes[3].in_cycle);
    assert_eq!(graph.nodes[3].wave, graph.nodes[2].wave + 1);
    assert!(graph.closing.iter().all(|edge| !graph.edges.contains(edge)), "{:?}", graph.closing);
    for (at, node) in graph.nodes.iter().enumerate() {
        let from = |from: &usize| Edge { from: *from, to: at };
        let known = |edge: Edge| graph.edges.contains(&edge) || graph.is_closing(edge);
        assert!(node.waits_for.iter().map(from).all(known), "{} {:?}", node.id, graph.closing);
    }
    assert!(chart::of_graph(&graph).contains("-.->|cycle| "), "{}", chart::of_graph(&graph));
    assert!(chart::of_graph(&graph).contains("1.1 Part 1.1 (in a cycle)"));
    arrange(&graph);
}

#[test]
fn what_is_done_neither_waits_nor_is_waited_for() {
    let roadmap = roadmap(&[
        ("1.1", 1, "S", "None"),
        ("1.2✓", 1, "S", "1.1"),
        ("1.3", 1, "S", "1.2"),
        ("2.1", 2, "S", "Batch 1"),
    ]);
    let all = Graph::new(&roadmap, &BTreeSet::new(), Range::All);
    assert_eq!(names(&all.unblocks(0)), "2.1", "1.2 is complete");
    assert_eq!((all.behind(0), names(&all.unblocks(1))), (1, "1.3 2.1".into()));
    assert_eq!((all.waits_for(1).len(), all.waits_for(2).len()), (0, 0));
    assert_eq!(all.nodes[3].scopes, [(Scope::Batch(1), 2)]);
}

#[test]
fn an_id_that_stands_twice_is_named() {
    let roadmap = roadmap(&[("1", 1, "S", "None"), ("2", 1, "S", "1"), ("1", 1, "S", "2")]);
    assert_eq!(open(&roadmap).twice, [PhaseId::new("1")]);
    assert!(open(&tide()).twice.is_empty());
}

#[test]
fn what_can_be_drawn_without_a_crossing_is() {
    let roadmap = roadmap(&[
        ("1", 1, "S", "None"),
        ("2", 1, "S", "None"),
        ("3", 1, "S", "None"),
        ("4", 1, "S", "3"),
        ("5", 1, "S", "2"),
        ("6", 1, "S", "1"),
    ]);
    let layers = arrange(&open(&roadmap));
    assert_eq!(layers.crossings(), 0);
    assert_eq!(layers.rows[0], layers.rows[1], "straight");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_graph_is_layered_and_reduced(
        wanted in prop::collection::vec(prop::collection::vec(0usize..24, 0..4), 1..24)
    ) {
        let names: Vec<String> = (0..wanted.len()).map(|at| format!("1.{at}")).collect();
        let needs: Vec<String> = wanted.iter().map(|needs| {
            let known = needs.iter().filter_map(|at| names.get(*at)).cloned().collect::<Vec<_>>();
            if known.is_empty() { "None".into() } else { known.join(", ") }
        }).collect();
        let phases: Vec<_> =
            names.iter().zip(&needs).map(|(id, need)| (id.as_str(), 1, "M", need.as_str())).collect();
        let graph = open(&roadmap(&phases));
        for edge in &graph.edges {
            prop_assert!(graph.nodes[edge.from].wave < graph.nodes[edge.to].wave);
        }
        // What is waited for is reached by drawn edges, unless a cycle was broken there.
        if graph.cycles.is_empty() {
            let reaches = |from: usize, to: usize| {
                let mut open = vec![from];
                while let Some(at) = open.pop() {
                    if at == to { return true; }
                    open.extend(graph.edges.iter().filter(|edge| edge.from == at).map(|edge| edge.to));
                }
                false
            };
            for (at, node) in graph.nodes.iter().enumerate() {
                prop_assert!(node.waits_for.iter().all(|from| reaches(*from, at)));
            }
        }
        let layers = arrange(&graph);
        for (items, rows) in layers.items.iter().zip(&layers.rows) {
            prop_assert_eq!(items.len(), rows.len());
            prop_assert!(rows.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
