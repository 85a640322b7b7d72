//! Scopes of more phases than are shown.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use super::*;
use crate::domain::goal::GoalInterpreter;
use crate::domain::roadmap::readiness::Evaluator;

/// 150 open phases, one that waits for all before it, one that waits for their batch.
fn wide() -> Roadmap {
    let one = |id: usize| format!("### Phase 1.{id}: Part {id}\n- **Status:** Not Started\n\n");
    let ones: String = (1..=150).map(one).collect();
    let two = "## Batch 2\n\n### Phase 2.1: Sum\n- **Status:** Not Started\n- **Depends On:** All previous phases\n\n\
        ### Phase 2.2: Batch\n- **Status:** Not Started\n- **Depends On:** Batch 1\n";
    Roadmap::parse(format!("## Batch 1\n\n{ones}{two}").into_bytes())
}

fn plan(roadmap: &Roadmap, goal: &str) -> Plan {
    let found = GoalInterpreter::new(roadmap, &BTreeSet::new()).interpret(goal);
    Plan::draft(found, roadmap, TargetId::new("wide"), 4)
}

#[test]
fn a_plan_has_all_that_a_scope_waits_for() {
    let roadmap = wide();
    for id in ["2.1", "2.2"] {
        let plan = plan(&roadmap, id);
        assert_eq!(plan.ticked().len(), 151, "{id}");
        let waves: Vec<usize> = plan.waves().iter().map(Vec::len).collect();
        assert_eq!(waves, [150, 1], "{id}");
        assert_eq!(plan.critical_path.len(), 2, "{id}");
        assert_eq!(plan.critical_path[1].as_str(), id);
    }
}

#[test]
fn a_goal_minds_all_that_a_scope_waits_for() {
    let roadmap = wide();
    for last in ["2.1", "2.2"] {
        let dependents = plan(&roadmap, "1.120 and its dependents");
        assert!(dependents.ticked().contains(&PhaseId::new(last)), "{last}");
        let then = plan(&roadmap, &format!("1.120, then {last}")).interpretation.explanation;
        assert!(!then.as_str().contains("does not wait for"), "{then}");
        let without = plan(&roadmap, &format!("{last} but not 1.120"));
        assert!(without.ticked().is_empty(), "{last}");
        let why = &without.interpretation.not_offered[0].reason;
        assert_eq!(why.as_str(), "waits for 1.120, which the goal leaves out");
    }
}

#[test]
fn all_of_a_scope_are_counted() {
    let (roadmap, nobody) = (wide(), BTreeSet::new());
    let evaluator = Evaluator::new(&roadmap, &nobody);
    let count = |id| evaluator.open_before_it(&PhaseId::new(id));
    assert_eq!([count("1.1"), count("2.1"), count("2.2")], [0, 150, 150]);
}

#[test]
fn what_was_only_not_shown_has_not_moved() {
    let roadmap = wide();
    let before = plan(&roadmap, "2.1");
    let text = String::from_utf8(roadmap.bytes().to_vec()).unwrap();
    let done = text.replacen("Not Started", "✅ Complete", 1);
    let roadmap = Roadmap::parse(done.into_bytes());
    let mut after = plan(&roadmap, "2.1");
    after.take_over(&before, &roadmap);
    let moved: Vec<_> = after.notes.moved.iter().map(|clause| clause.as_str()).collect();
    assert_eq!(moved, ["1.1 is complete now"]);
}

#[test]
fn unticking_takes_along_what_waits_through_a_scope() {
    let roadmap = wide();
    for id in ["2.1", "2.2"] {
        let less = plan(&roadmap, id);
        let less = less.edited(PlanEdit::Toggle(PhaseId::new("1.120")), &roadmap);
        assert_eq!(less.ticked().len(), 149, "{id} goes with it");
        let again = less.edited(PlanEdit::Toggle(PhaseId::new("1.120")), &roadmap);
        assert_eq!(again.ticked().len(), 151, "{id} comes back");
        let out = again.edited(PlanEdit::Toggle(PhaseId::new(id)), &roadmap);
        assert_eq!(out.ticked().len(), 150, "{id} goes alone");
    }
}

#[test]
fn phases_that_all_wait_for_all_before_stand_in_a_row() {
    let one = |id: usize| {
        format!(
            "### Phase {id}: Part\n- **Status:** Not Started\n- **Depends On:** All previous phases\n\n"
        )
    };
    let text: String = (1..=400).map(one).collect();
    let roadmap = Roadmap::parse(text.into_bytes());
    let plan = plan(&roadmap, "everything");
    assert_eq!((plan.waves().len(), plan.critical_path.len()), (400, 400));
}

#[test]
fn a_way_round_through_a_scope_can_t_run() {
    let text = "## Batch 1\n\n### Phase 1.1: A\n- **Status:** Not Started\n- **Depends On:** Phase 2.1\n\n## Batch 2\n\n\
        ### Phase 2.1: B\n- **Status:** Not Started\n- **Depends On:** Batch 1\n\n\
        ### Phase 2.2: C\n- **Status:** Not Started\n- **Depends On:** Batch 1\n";
    let roadmap = Roadmap::parse(text.as_bytes().to_vec());
    for goal in ["1.1", "2.1", "2.2", "everything"] {
        let plan = plan(&roadmap, goal);
        assert!(plan.ticked().is_empty(), "{goal}");
        for refused in &plan.interpretation.not_offered {
            assert!(
                refused.reason.as_str().contains("waits for itself"),
                "{goal}: {}",
                refused.reason
            );
        }
    }
}
