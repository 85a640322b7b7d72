//! How long roadmaps take to be read, gardened, searched and planned: `cargo bench --bench garden`.
//!
//! Three sizes a factor of ten apart show whether the time stays linear. `cargo bench --bench garden -- write SIZE` writes
//! the roadmap of that many phases to standard output instead.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::io::{self, Write};
use std::sync::Arc;

use divan::Bencher;
use divan::counter::BytesCount;
use orch_tui::domain::gardener::{Garden, RoadmapGardener};
use orch_tui::domain::goal::GoalInterpreter;
use orch_tui::domain::graph::{Graph, Range};
use orch_tui::domain::id::{PhaseId, TargetId};
use orch_tui::domain::plan::Plan;
use orch_tui::domain::roadmap::Roadmap;

mod sample;

use sample::Sample;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let size = |text: &String| text.parse().ok();
    match arguments.iter().position(|argument| argument == "write") {
        Some(at) => {
            let size = arguments.get(at + 1).and_then(size).unwrap_or(1_000);
            io::stdout().lock().write_all(Sample::grow(size).text.as_bytes())
        }
        None => {
            divan::main();
            Ok(())
        }
    }
}

/// Run as a test, not as a bench, a small roadmap shows that it works.
fn is_bench() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

fn sizes() -> Vec<usize> {
    if is_bench() { vec![1_000, 10_000, 100_000] } else { vec![100] }
}

fn nobody() -> BTreeSet<PhaseId> {
    BTreeSet::new()
}

fn bytes(sample: &Sample) -> Arc<[u8]> {
    sample.text.as_bytes().into()
}

fn tended(roadmap: &Roadmap) -> Garden {
    RoadmapGardener.garden(roadmap, None, &nobody())
}

/// What is measured is right: every phase is read, and exactly the stale ones are unblocked.
fn checked(sample: &Sample) -> Roadmap {
    let roadmap = Roadmap::parse(bytes(sample));
    let garden = tended(&roadmap);
    assert_eq!(roadmap.phases.len(), sample.phases, "every phase is read");
    assert_eq!(garden.unblocked.len(), sample.stale, "exactly the stale phases are unblocked");
    assert_eq!(garden.edits.len(), sample.stale, "each of them by an edit");
    roadmap
}

/// From bytes to a roadmap.
#[divan::bench(args = sizes(), sample_count = 20, sample_size = 1)]
fn parse(bencher: Bencher, size: usize) {
    let sample = Sample::grow(size);
    checked(&sample);
    bencher
        .counter(BytesCount::of_str(&sample.text))
        .with_inputs(|| bytes(&sample))
        .bench_values(Roadmap::parse);
}

/// From a roadmap to edits and findings.
#[divan::bench(args = sizes(), sample_count = 20, sample_size = 1)]
fn garden(bencher: Bencher, size: usize) {
    let roadmap = checked(&Sample::grow(size));
    bencher.bench(|| tended(black_box(&roadmap)));
}

/// What a change of the file costs: from bytes to edits and findings.
#[divan::bench(args = sizes(), sample_count = 20, sample_size = 1)]
fn parse_and_garden(bencher: Bencher, size: usize) {
    let sample = Sample::grow(size);
    checked(&sample);
    bencher.counter(BytesCount::of_str(&sample.text)).with_inputs(|| bytes(&sample)).bench_values(
        |bytes| {
            let roadmap = Roadmap::parse(bytes);
            let garden = tended(&roadmap);
            (roadmap, garden)
        },
    );
}

/// One goal over 10,000 phases: by words, by words with a slip, of several parts, by ids, by state.
#[divan::bench(
    args = [
        "the harbour lantern passes",
        "mend the lantrn of the anchr",
        "the harbour lantern, the anchr, the tide, the kettle, the ladder and the compass",
        "2.1-2.9 but not 2.4",
        "everything ready",
    ],
    sample_count = 20,
    sample_size = 1
)]
fn goal(bencher: Bencher, goal: &str) {
    let roadmap = checked(&Sample::grow(if is_bench() { 10_000 } else { 100 }));
    let held = nobody();
    let found = GoalInterpreter::new(&roadmap, &held).interpret(goal);
    assert!(
        !found.matched.is_empty() || !found.not_offered.is_empty(),
        "the goal speaks of phases"
    );
    bencher.bench(|| GoalInterpreter::new(black_box(&roadmap), &held).interpret(goal));
}

/// A plan of all there is, with what is told of each of its rows.
#[divan::bench(args = sizes(), sample_count = 10, sample_size = 1)]
fn plan_everything(bencher: Bencher, size: usize) {
    let roadmap = checked(&Sample::grow(size));
    let held = nobody();
    let told = |roadmap: &Roadmap| {
        let goal = GoalInterpreter::new(roadmap, &held).interpret("everything");
        let plan = Plan::draft(goal, roadmap, TargetId::new("sample"), 4);
        let known = plan.rows.iter().filter_map(|row| roadmap.phase(&row.id)).count();
        (plan.rows.len(), known, plan.waves().len())
    };
    let (rows, known, waves) = told(&roadmap);
    assert!(rows > 0 && rows == known && waves > 0, "each row is of a phase");
    bencher.bench(|| told(black_box(&roadmap)));
}

/// The dependency graph, wave by wave with what each phase leads to.
#[divan::bench(args = sizes(), sample_count = 10, sample_size = 1)]
fn graph(bencher: Bencher, size: usize) {
    let roadmap = checked(&Sample::grow(size));
    let held = nobody();
    let told = |roadmap: &Roadmap| {
        let graph = Graph::new(roadmap, &held, Range::All);
        let leaving = graph.leaving();
        let nodes = graph.by_wave().into_iter().flatten();
        let edges = nodes.flat_map(|node| &leaving[node]);
        let critical = edges.filter(|edge| graph.is_critical(**edge)).count();
        (critical, graph.critical.len())
    };
    let (edges, chain) = told(&roadmap);
    assert_eq!(edges + 1, chain, "the longest chain is drawn");
    bencher.bench(|| told(black_box(&roadmap)));
}

/// A roadmap of ordinary size with long sections, as people write them.
#[divan::bench(sample_count = 200, sample_size = 1)]
fn parse_of_56_long_phases(bencher: Bencher) {
    let sample = Sample::written(56);
    checked(&sample);
    bencher
        .counter(BytesCount::of_str(&sample.text))
        .with_inputs(|| bytes(&sample))
        .bench_values(Roadmap::parse);
}
