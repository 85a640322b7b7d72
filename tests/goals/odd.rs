//! Roadmaps whose ids are no numbers, and whose statuses are for show only.

use orch_tui::domain::goal::interpretation::GoalKind;
use orch_tui::domain::roadmap::Roadmap;

use super::{interpret, ticked};

/// One phase a heading, with a status field.
fn with_fields(phases: &[(&str, &str)]) -> Roadmap {
    let one = |(heading, more): &(&str, &str)| {
        format!("### {heading}\n- **Status:** ⚪ Not Started\n{more}\n")
    };
    Roadmap::parse(phases.iter().map(one).collect::<String>().into_bytes())
}

#[test]
fn odd_ids_are_found_by_themselves_and_in_lists() {
    let roadmap = with_fields(&[
        ("WP-10.1: Intake", ""),
        ("WP-10.2: Sorting", ""),
        ("Phase A: Groundwork", ""),
        ("Phase B: Scaffold", ""),
        ("Phase C1: Fittings", ""),
        ("Phase SEC-2: Locks", ""),
        ("Phase 1A: Alarm", ""),
        ("Phase 12: Garden wall", ""),
    ]);
    let ids: Vec<&str> = roadmap.phases.iter().map(|phase| phase.id.as_str()).collect();
    assert_eq!(ids, ["WP-10.1", "WP-10.2", "A", "B", "C1", "SEC-2", "1A", "12"]);
    let mut wrong = Vec::new();
    for (goal, expected) in [
        ("WP-10.1", &["WP-10.1"][..]),
        ("run wp-10.2", &["WP-10.2"]),
        ("WP-10.1 and WP-10.2", &["WP-10.1", "WP-10.2"]),
        ("WP-10.1-WP-10.2", &["WP-10.1", "WP-10.2"]),
        ("WP-10.1 to WP-10.2", &["WP-10.1", "WP-10.2"]),
        ("WP-10.*", &["WP-10.1", "WP-10.2"]),
        ("phase A", &["A"]),
        ("run phase a", &["A"]),
        ("start with phase B please", &["B"]),
        ("phases A and B", &["A", "B"]),
        ("phases A, B and C1", &["A", "B", "C1"]),
        ("run phase A, then phase B", &["A", "B"]),
        ("A", &["A"]),
        ("C1", &["C1"]),
        ("fix sec-2", &["SEC-2"]),
        ("SEC-2 and 1A", &["1A", "SEC-2"]),
        ("1a", &["1A"]),
        ("phase 12", &["12"]),
        ("run 12", &["12"]),
        ("everything but SEC-2", &["12", "1A", "A", "B", "C1", "WP-10.1", "WP-10.2"]),
        ("phases A and B but not phase B", &["A"]),
        ("run A", &["A"]),
        ("A and B", &["A", "B"]),
        ("do a, b and c1", &["A", "B", "C1"]),
        ("run a phase", &[]),
        ("A?", &[]),
        ("Fittings?", &[]),
        ("write a test", &[]),
        ("skip A", &[]),
        ("plan B", &["B"]),
    ] {
        let found = interpret(&roadmap, goal);
        let mut got = ticked(&found);
        got.sort();
        if got != expected {
            wrong.push(format!("{goal:?}: {got:?}, not {expected:?}: {}", found.explanation));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn agents_of_odd_phases_are_stopped_by_id_only() {
    let roadmap = with_fields(&[("WP-10.1: Intake", ""), ("Phase A: Groundwork", "")]);
    for (goal, id) in
        [("stop WP-10.1", "WP-10.1"), ("kill phase A", "A"), ("stop agent a-WP-10.1", "WP-10.1")]
    {
        let found = interpret(&roadmap, goal);
        assert_eq!(found.kind, GoalKind::Stop, "{goal}: {}", found.explanation);
        assert_eq!(found.matched.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(), [id], "{goal}");
    }
    for goal in ["stop a leak", "kill a process", "cancel a booking"] {
        assert_ne!(interpret(&roadmap, goal).kind, GoalKind::Stop, "{goal}");
    }
}

#[test]
fn a_phase_whose_status_is_only_for_show_is_answered_and_never_started() {
    let text = "\
# Shed

### Phase 1: Posts ✅
Dig them in.

### Phase 2: Beams
- [ ] Measure
- [ ] Saw

### Phase 3: Roof
- **Status:** ⚪ Not Started
- **Depends On:** Phase 2
";
    let roadmap = Roadmap::parse(text.as_bytes().to_vec());
    assert_eq!(roadmap.phases.len(), 3);
    for goal in ["phase 2", "Beams", "run phase 2", "everything", "next", "phase 3", "roof"] {
        let found = interpret(&roadmap, goal);
        assert_eq!(ticked(&found), [""; 0], "{goal}: {}", found.explanation);
    }
    for goal in ["phase 2", "Beams"] {
        let found = interpret(&roadmap, goal);
        assert_eq!(found.not_offered[0].id.as_str(), "2", "{goal}");
        assert!(found.explanation.as_str().contains("Status"), "{}", found.explanation);
    }
}
