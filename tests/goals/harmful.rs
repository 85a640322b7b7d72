//! Goals that did harm elsewhere: each of them must be harmless here.

use std::collections::BTreeSet;

use orch_tui::domain::goal::GoalInterpreter;
use orch_tui::domain::goal::interpretation::{GoalKind, Interpretation};
use orch_tui::domain::id::PhaseId;
use orch_tui::domain::roadmap::Roadmap;

use super::ticked;

/// A roadmap with the ids of those goals: 7.6 is the first that is ready, 8.9 waits for 8.8, 10.1 is ready.
const ROADMAP: &str = "\
# Workshop

## Batch 7 (Tools)

### Phase 7.5: Plug-in loader
- **Status:** ✅ Complete

### Phase 7.6: Tracing
- **Status:** ⚪ Not Started
- **Depends On:** Phase 7.5 ✅

### Phase 7.7: Prompt store
- **Status:** ⚪ Not Started

## Batch 8 (Memory)

### Phase 8.3: Long-term recall
- **Status:** ⚪ Not Started

### Phase 8.8: Vector search
- **Status:** ⚪ Not Started

### Phase 8.9: Forgetting
- **Status:** 🔴 Blocked
- **Depends On:** Phase 8.8

### Phase 8.10: Approval desk
- **Status:** 🔴 Blocked
- **Depends On:** vendor approval

## Batch 10 (Interfaces)

### Phase 10.1: Web console
- **Status:** ⚪ Not Started
- **Depends On:** Phase 7.5 ✅
";

/// Goals that name nothing of this roadmap: nothing may be ticked, stopped or listed, and they are no command.
const NOTHING: [&str; 19] = [
    "install the new dependencies",
    "write unit tests for the allocator",
    "small cleanup",
    "add a callback",
    "in parallel",
    "implement a skill registry",
    "add a cancel button",
    "unstoppable retries",
    "don't stop until it works",
    "skip phase 7.6",
    "ticket 18.3",
    "version 7.65",
    "restart",
    "token refresh",
    "HTTP status codes",
    "agents page",
    "whole-system test",
    "implement kill switch",
    "HTTP status page",
];

/// Goals that name phases, or are commands; what they come to.
const SOMETHING: [(&str, GoalKind, &[&str]); 12] = [
    ("explain what phase 8.3 does", GoalKind::Explain, &[]),
    ("run batch 8", GoalKind::RunBatch, &["8.3", "8.8", "8.9"]),
    ("do 10.1 next", GoalKind::RunSingle, &["10.1"]),
    ("Start with phase 8.9", GoalKind::RunParallel, &["8.8", "8.9"]),
    ("start with phase 8.3", GoalKind::RunSingle, &["8.3"]),
    ("kill all agents", GoalKind::Stop, &[]),
    ("8.3?", GoalKind::Explain, &[]),
    ("could you run phase 8.3?", GoalKind::RunSingle, &["8.3"]),
    ("QA UI", GoalKind::Suggest, &[]),
    ("8.10", GoalKind::Suggest, &[]),
    ("phase 7.65", GoalKind::Suggest, &[]),
    ("run 18.3", GoalKind::Suggest, &[]),
];

fn roadmap() -> Roadmap {
    Roadmap::parse(ROADMAP.as_bytes().to_vec())
}

/// Interpreted while the agent of 7.7 is at work, so that there is something to stop and to list.
fn read(roadmap: &Roadmap, goal: &str) -> Interpretation {
    let held = BTreeSet::from([PhaseId::new("7.7")]);
    GoalInterpreter::new(roadmap, &held).interpret(goal)
}

#[test]
fn words_inside_words_do_nothing() {
    let roadmap = roadmap();
    for goal in NOTHING {
        let forms =
            [goal.to_owned(), goal.to_uppercase(), format!("please {goal} "), format!("{goal}!")];
        for goal in forms {
            let found = read(&roadmap, &goal);
            assert_eq!(ticked(&found), [""; 0], "{goal:?}: {}", found.explanation);
            assert_eq!(found.kind, GoalKind::Suggest, "{goal:?}: {}", found.explanation);
            assert!(!found.explanation.as_str().is_empty());
        }
    }
}

#[test]
fn words_that_name_something_mean_exactly_that() {
    let roadmap = roadmap();
    for (goal, kind, ids) in SOMETHING {
        let found = read(&roadmap, goal);
        let got = (found.kind, ticked(&found));
        assert_eq!(got, (kind, ids.iter().map(ToString::to_string).collect()), "{goal:?}");
    }
}

#[test]
fn a_blocked_phase_is_answered_and_never_replaced() {
    let roadmap = roadmap();
    let found = read(&roadmap, "Approval desk");
    assert!(found.matched.is_empty(), "{:?}", found.matched);
    assert_eq!(found.not_offered[0].id.as_str(), "8.10");
    assert!(found.not_offered[0].reason.as_str().contains("vendor approval"));
    let skipped = read(&roadmap, "skip phase 7.6");
    assert!(skipped.matched.iter().all(|m| m.id.as_str() != "7.6" && !m.selected));
}

#[test]
fn a_question_mark_asks_for_help_only_where_help_is_asked_for() {
    let roadmap = roadmap();
    for goal in ["what does 8.3 do?", "is 8.9 blocked?", "why not 8.9?", "can you run 8.3?", "?"] {
        assert_ne!(read(&roadmap, goal).kind, GoalKind::Help, "{goal}");
    }
    assert_eq!(read(&roadmap, "help").kind, GoalKind::Help);
}

#[test]
fn names_of_short_words_are_names() {
    let text = "### Phase 1.1: QA UI\n- **Status:** ⚪ Not Started\n\n### Phase 1.2: A\n- **Status:** ⚪ Not Started\n";
    let roadmap = Roadmap::parse(text.as_bytes().to_vec());
    for (goal, id) in [("QA UI", "1.1"), ("qa ui", "1.1"), ("A", "1.2")] {
        assert_eq!(ticked(&read(&roadmap, goal)), [id], "{goal}");
    }
    for goal in ["anything", "write a poem", "no such words", ""] {
        let _ = read(&roadmap, goal);
    }
}

#[test]
fn the_same_goal_is_always_understood_the_same() {
    for goal in NOTHING.into_iter().chain(SOMETHING.map(|(goal, ..)| goal)) {
        let first = read(&roadmap(), goal);
        for _ in 0..3 {
            assert_eq!(first, read(&roadmap(), goal), "{goal}");
        }
    }
}
