//! A phase that is assigned to a person starts only where the goal names it.

use orch_tui::domain::goal::interpretation::Interpretation;
use orch_tui::domain::id::TargetId;
use orch_tui::domain::plan::Plan;
use orch_tui::domain::roadmap::Roadmap;

use super::{interpret, ticked};

/// 1.1 is free, 1.2 has this line, 1.3 waits for 1.2.
fn roadmap(line: &str) -> Roadmap {
    let text = format!(
        "## Batch 1 (Ground)\n\n### Phase 1.1: Drains\n- **Status:** ⚪ Not Started\n\n\
         ### Phase 1.2: Brick walls\n- **Status:** ⚪ Not Started\n{line}\n\n\
         ### Phase 1.3: Roof\n- **Status:** ⚪ Not Started\n- **Depends On:** Phase 1.2\n"
    );
    Roadmap::parse(text.into_bytes())
}

/// Why a row of the plan is there, and why a phase is not offered.
fn notes(found: &Interpretation, roadmap: &Roadmap, id: &str) -> (String, String) {
    let plan = Plan::draft(found.clone(), roadmap, TargetId::new("t"), 2);
    let row = plan.rows.iter().find(|row| row.id.as_str() == id);
    let refused = found.not_offered.iter().find(|refused| refused.id.as_str() == id);
    (
        row.map(|row| row.why.clone()).unwrap_or_default(),
        refused.map(|refused| refused.reason.to_string()).unwrap_or_default(),
    )
}

#[test]
fn what_is_a_persons_is_told_and_left() {
    for line in ["- **Assigned To:** Bob", "- **Owner:** Bob", "- **Assignee:** Bob"] {
        let roadmap = roadmap(line);
        for goal in
            ["everything", "all ready phases", "batch 1", "run everything until nothing is left"]
        {
            let found = interpret(&roadmap, goal);
            assert_eq!(ticked(&found), ["1.1"], "{goal} {line}");
            let (why, _) = notes(&found, &roadmap, "1.2");
            assert!(why.contains("assigned to Bob"), "{goal}: {why}");
            assert!(
                found.explanation.as_str().contains("1.2 assigned to Bob"),
                "{}",
                found.explanation
            );
        }
        let found = interpret(&roadmap, "next two");
        assert_eq!(ticked(&found), ["1.1"]);
        let found = interpret(&roadmap, "everything");
        let (_, refused) = notes(&found, &roadmap, "1.3");
        assert_eq!(refused, "waits for 1.2, which is assigned to Bob");
    }
}

#[test]
fn what_is_a_persons_starts_where_it_is_named() {
    let roadmap = roadmap("- **Assigned To:** Bob");
    for goal in ["1.2", "phase 1.2", "run 1.2 please", "Brick walls", "build the brick walls"] {
        let found = interpret(&roadmap, goal);
        assert_eq!(ticked(&found), ["1.2"], "{goal}");
        let (why, _) = notes(&found, &roadmap, "1.2");
        assert!(why.contains("; assigned to Bob"), "{goal}: {why}");
    }
    assert_eq!(ticked(&interpret(&roadmap, "1.2 and 1.3")), ["1.2", "1.3"]);
    let found = interpret(&roadmap, "1.3");
    assert_eq!(ticked(&found), [""; 0]);
    assert!(found.explanation.as_str().contains("assigned to Bob"), "{}", found.explanation);
    let plan = Plan::draft(found, &roadmap, TargetId::new("t"), 2);
    assert_eq!(plan.notes.includable.len(), 1, "it may be included with what it waits for");
}

#[test]
fn nobody_and_agents_are_no_persons() {
    for line in [
        "- **Assigned To:** TBD",
        "- **Assigned To:** Unassigned",
        "- **Assigned To:** -",
        "- **Assigned To:** @team?",
        "- **Assigned To:** to be decided",
        "- **Assigned To:** a-1.2",
        "- **Agent:** backend",
    ] {
        let roadmap = roadmap(line);
        assert_eq!(ticked(&interpret(&roadmap, "everything")), ["1.1", "1.2", "1.3"], "{line}");
    }
}

#[test]
fn a_phase_around_others_means_these() {
    let text = "## Phase 1: Foundation\n\n### Phase 1.1: a\n- **Status:** ✅ Complete\n\n\
                ### Phase 1.2: b\n- **Status:** ⚪ Not Started\n\n### Phase 1.3: c\n- **Status:** ⚪ Not Started\n\n\
                ## Phase 2: d\n- **Status:** ⚪ Not Started\n- **Depends On:** Phase 1\n";
    let roadmap = Roadmap::parse(text.as_bytes());
    for goal in ["phase 1", "run phase 1", "Foundation", "1"] {
        assert_eq!(ticked(&interpret(&roadmap, goal)), ["1.2", "1.3"], "{goal}");
    }
    assert_eq!(ticked(&interpret(&roadmap, "phase 2")), ["1.2", "1.3", "2"]);
    assert_eq!(ticked(&interpret(&roadmap, "everything except phase 1")), [""; 0]);
    assert_eq!(interpret(&roadmap, "everything").not_offered, []);
}
