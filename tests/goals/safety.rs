//! Whatever is typed at whatever roadmap: nothing fails, nothing starts that can't, and nothing changes from one time to the next.

use std::collections::BTreeSet;

use orch_tui::domain::goal::GoalInterpreter;
use orch_tui::domain::goal::interpretation::{GoalKind, Interpretation};
use orch_tui::domain::id::{PhaseId, TargetId};
use orch_tui::domain::plan::Plan;
use orch_tui::domain::roadmap::Roadmap;
use orch_tui::domain::roadmap::readiness::{Evaluator, NotReady};
use proptest::prelude::*;

use super::generate::{self, Dice};

/// Pieces a person's goals are made of.
const PIECES: &[&str] = &[
    "tomorrow",
    "rename",
    "to",
    "mark",
    "set",
    "is",
    "it",
    "its",
    "dependents",
    "without",
    "dependencies",
    "at",
    "10",
    "in",
    "tick",
    "hold",
    "remove",
    "how many",
    "left",
    "of",
    "Foo",
    "run",
    "not",
    "phases",
    "phase",
    "batch",
    "2",
    "1.1",
    "1.1-1.4",
    "1.*",
    "WP-1.2",
    "1A",
    "A3",
    "103",
    "next",
    "two",
    "all",
    "everything",
    "ready",
    "until",
    "done",
    "stop",
    "kill",
    "agents",
    ",",
    "and",
    "then",
    "the",
    "a",
    "skip",
    "except",
    "but",
    "without",
    "?",
    "!",
    ";",
    "(",
    ")",
    "why",
    "explain",
    "router",
    "cache",
    "Async",
    "parser",
    "bootstrap",
    "garden",
    "status",
    "version",
    "to",
    "-",
    "..",
    "*",
    "完了",
    "\u{202e}",
    "don't",
    "no",
    ":",
    "9.9",
    "batches",
];

fn goal_of(choices: &[usize]) -> String {
    choices.iter().map(|at| PIECES[at % PIECES.len()]).collect::<Vec<_>>().join(" ")
}

/// Every ticked phase can run now, or waits only for phases that are ticked too or under way already.
fn assert_startable(
    roadmap: &Roadmap,
    held: &BTreeSet<PhaseId>,
    found: &Interpretation,
    goal: &str,
) {
    let evaluator = Evaluator::new(roadmap, held);
    let chosen: BTreeSet<&PhaseId> = found.selected().collect();
    for id in &chosen {
        let phase = roadmap.phase(id).unwrap_or_else(|| panic!("{goal:?} ticks {id}, no phase"));
        for reason in evaluator.reasons(phase) {
            match reason {
                NotReady::Waits(other) => {
                    let under_way = roadmap.phase(&other).is_some_and(|other| {
                        held.contains(&other.id)
                            || format!("{:?}", other.status.state) == "InProgress"
                    });
                    assert!(
                        chosen.contains(&other) || under_way,
                        "{goal:?}: {id} waits for {other}"
                    );
                }
                other => panic!("{goal:?} ticks {id}: {other:?}"),
            }
        }
    }
}

fn assert_sound(roadmap: &Roadmap, held: &BTreeSet<PhaseId>, goal: &str) {
    let interpreter = GoalInterpreter::new(roadmap, held);
    let found = interpreter.interpret(goal);
    assert_eq!(found, interpreter.interpret(goal), "{goal:?} is read in two ways");
    assert_startable(roadmap, held, &found, goal);
    let runs = found.selected().next().is_some();
    let is_run =
        matches!(found.kind, GoalKind::RunSingle | GoalKind::RunParallel | GoalKind::RunBatch);
    assert_eq!(runs, is_run, "{goal:?}: {:?}", found.kind);
    assert_eq!(runs, found.confidence > 0.0, "{goal:?}");
    let plan = Plan::draft(found, roadmap, TargetId::new("t"), 3);
    assert_eq!(!plan.approved().phases.is_empty(), runs, "{goal:?}");
}

#[test]
fn any_goal_at_any_roadmap_starts_only_what_can_run() {
    let mut dice = Dice(11);
    for seed in 100..140 {
        let roadmap = Roadmap::parse(generate::roadmap(seed, 5 + dice.below(40)).into_bytes());
        let held: BTreeSet<PhaseId> = roadmap
            .phases
            .iter()
            .filter(|_| dice.below(8) == 0)
            .map(|phase| phase.id.clone())
            .collect();
        for _ in 0..40 {
            let choices: Vec<usize> =
                (0..dice.below(10)).map(|_| dice.below(PIECES.len())).collect();
            assert_sound(&roadmap, &held, &goal_of(&choices));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_at_any_text(goal in any::<String>(), roadmap in any::<String>()) {
        assert_sound(&Roadmap::parse(roadmap.into_bytes()), &BTreeSet::new(), &goal);
    }

    #[test]
    fn any_pieces_at_any_bytes(
        choices in proptest::collection::vec(0usize..200, 0..12),
        lines in proptest::collection::vec(
            "(### Phase [1-3A][.]?[0-9]?: [a-z]{1,4}|- \\*\\*(Status|Depends On):\\*\\* (⚪ Not Started|Phase 1\\.1|🔴 Blocked|x))",
            0..12,
        ),
    ) {
        let roadmap = Roadmap::parse(lines.join("\n").into_bytes());
        assert_sound(&roadmap, &BTreeSet::new(), &goal_of(&choices));
    }
}
