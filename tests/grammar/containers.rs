//! Phases with others below them.

use std::collections::BTreeSet;

use orch_tui::domain::gardener::{Garden, RoadmapGardener};
use orch_tui::domain::id::PhaseId;
use orch_tui::domain::roadmap::finding::FindingKind;
use orch_tui::domain::roadmap::readiness::Evaluator;
use orch_tui::domain::roadmap::{Roadmap, RoadmapChange};

use super::holds::garden;

/// Phase 1 holds 1.1 and 1.2; 2 is blocked and waits for 1.
fn container(second: &str, more: &str) -> String {
    format!(
        "## Phase 1: Foundation\n\nWhat all stands on.\n\n### Phase 1.1: a\n\n- **Status:** ✅ Complete\n\n\
         ### Phase 1.2: b\n\n{second}\n\n## Phase 2: t\n\n- **Status:** 🔴 Blocked\n- **Depends On:** Phase 1\n{more}\n"
    )
}

#[test]
fn a_phase_around_others_is_complete_with_all_of_them() {
    let done = "- **Status:** ✅ Complete";
    assert_eq!(garden(&container(done, "")).unblocked, [PhaseId::new("2")]);
    for open in ["- **Status:** ⚪ Not Started", "- **Status:** 🔄 In Progress", "✅ Done", ""]
    {
        let garden = garden(&container(open, ""));
        assert!(garden.unblocked.is_empty(), "{open}");
        let pending = [(PhaseId::new("2"), vec![PhaseId::new("1.2")])];
        assert_eq!(garden.still_blocked, pending, "{open}");
    }
    let own = container(done, "").replace("What all", "- **Status:** ⚪ Not Started\n\nWhat all");
    let garden = garden(&own);
    assert_eq!(garden.still_blocked, [(PhaseId::new("2"), vec![PhaseId::new("1")])]);
}

#[test]
fn a_phase_that_only_others_are_below_is_not_complete_before_these() {
    let text = |second: &str, on: &str| {
        let text = container(second, "").replace("## Phase 1: Foundation", "## Foundation");
        text.replace("Depends On:** Phase 1", &format!("Depends On:** {on}"))
    };
    let (done, open) = ("- **Status:** ✅ Complete", "- **Status:** ⚪ Not Started");
    for on in ["Phase 1 complete", "Phase 1 ✅", "~~Phase 1~~", "Phase 1 (done)"] {
        let pending = [(PhaseId::new("2"), vec![PhaseId::new("1.2")])];
        assert_eq!(garden(&text(open, on)).still_blocked, pending, "{on}");
        assert_eq!(garden(&text(done, on)).unblocked, [PhaseId::new("2")], "{on}");
    }
    let unknown = [(PhaseId::new("2"), vec![PhaseId::new("1")])];
    assert_eq!(garden(&text(done, "Phase 1")).still_blocked, unknown);
    let beside = text(open, "Phase 1 ✅").replace("Phase 1.2", "Phase 10.2");
    let beside = beside + "### Phase 1A: c\n- **Status:** 🔄 In Progress\n";
    assert_eq!(garden(&beside).unblocked, [PhaseId::new("2")]);
}

#[test]
fn a_phase_around_others_that_is_held_in_part_is_not_complete() {
    let text = container("- **Status:** ✅ Complete", "");
    let held = BTreeSet::from([PhaseId::new("1.2")]);
    let roadmap = Roadmap::parse(text.as_bytes());
    assert!(RoadmapGardener.garden(&roadmap, None, &held).unblocked.is_empty());
    assert!(!Evaluator::new(&roadmap, &held).is_complete(&PhaseId::new("1")));
}

#[test]
fn a_phase_that_waits_for_what_it_stands_in_is_told() {
    let text = "## Phase 1: a\n\n### Phase 1.1: b\n\n- **Status:** ⚪ Not Started\n- **Depends On:** Phase 1\n";
    let cycle = |garden: &Garden| garden.findings.iter().any(|f| f.kind == FindingKind::Cycle);
    assert!(cycle(&garden(text)));
    assert!(!cycle(&garden(&container("- **Status:** ⚪ Not Started", ""))));
    let twice = "## Phase 1: a\n\n### Phase 1.1: b\n\n- **Status:** ✅ Complete\n\n## Phase 1: c\n\n### Phase 1.2: d\n\n\
         - **Status:** ⚪ Not Started\n\n## Phase 2: t\n\n- **Status:** ⚪ Not Started\n- **Depends On:** Phase 1\n";
    let (roadmap, nobody) = (Roadmap::parse(twice.as_bytes()), BTreeSet::new());
    let evaluator = Evaluator::new(&roadmap, &nobody);
    assert!(!evaluator.reasons(roadmap.phase(&PhaseId::new("2")).unwrap()).is_empty());
}

#[test]
fn phases_around_others_are_not_counted() {
    let text = container("- **Status:** ✅ Complete", "");
    assert_eq!(Roadmap::parse(text.as_bytes()).progress(), (2, 3));
}

#[test]
fn a_phase_around_others_that_is_waited_for_is_not_archived_in_part() {
    let text = container("- **Status:** ✅ Complete", "").replace("🔴 Blocked", "⚪ Not Started");
    let (roadmap, nobody) = (Roadmap::parse(text.as_bytes()), BTreeSet::new());
    assert_eq!(RoadmapChange::Archive.edits(&roadmap, &nobody).unwrap(), []);
    let done = text.replace("⚪ Not Started", "✅ Complete");
    let edits = RoadmapChange::Archive.edits(&Roadmap::parse(done.as_bytes()), &nobody).unwrap();
    assert_eq!(edits.len(), 2);
}

#[test]
fn what_stands_below_a_numbered_heading_is_not_of_the_phase_around_it() {
    let text = |first: &str, second: &str, state: &str| {
        format!(
            "## Phase 1: Core\n\n### {first}\n\n**Effort:** S\n**Status:** ✅ Complete\n\n### {second}\n\n\
             **Depends On:** 1.1\n**Status:** {state}\n\n- [ ] more\n\n## Phase 2: t\n\n\
             **Status:** 🔴 Blocked\n**Dependencies:** Phase 1\n"
        )
    };
    let pair = ("1.1 Models", "1.2 Views");
    for (first, second) in [pair, ("Phase 1.1 Models", "**1.2 Views**")] {
        let open = text(first, second, "⏳ Pending");
        let roadmap = Roadmap::parse(open.as_bytes());
        let read: Vec<_> = roadmap.phases.iter().map(|phase| phase.id.as_str()).collect();
        assert_eq!(read, ["1", "1.1", "1.2", "2"]);
        assert_eq!(roadmap.phases[1].name.as_str(), "Models");
        assert!(roadmap.phases[0].fields.is_empty() && roadmap.phases[1].effort.is_some());
        assert_eq!((roadmap.phases[0].boxes, roadmap.phases[2].boxes), ((0, 0), (0, 1)));
        assert_eq!(roadmap.phases[2].depends_on.len(), 1);
        let pending = [(PhaseId::new("2"), vec![PhaseId::new("1.2")])];
        assert_eq!(garden(&open).still_blocked, pending);
        assert_eq!(garden(&text(first, second, "✅ Done")).unblocked, [PhaseId::new("2")]);
    }
    for (first, second) in [
        ("Work Stream DB-OPT: a", "1.2 Views"),
        ("Phase Two: a", "Phase Three: b"),
        ("Task 1: a", "Task 2: b"),
        ("Step 1.1 - a", "1.2 Views"),
        ("1.1 Models", "Work Stream DB-OPT: a"),
    ] {
        let garden = garden(&text(first, second, "⏳ Pending"));
        assert!(garden.unblocked.is_empty(), "{first}, {second}");
    }
    let twice = text("1.1 Models", "1.2 Views", "⏳ Pending")
        .replace("# Phase 1: Core\n\n", "# Phase 1: Core\n\n**Owner:** Ann\n\n");
    let roadmap = Roadmap::parse(twice.as_bytes());
    assert_eq!(roadmap.phases[0].fields.len(), 1);
}

#[test]
fn what_stands_below_an_ordinary_heading_is_of_the_phase() {
    for heading in
        ["Status", "Details", "Phase 1 status", "Phase status", "1 Status", "Update 2026-01-02"]
    {
        let text = format!(
            "## Phase 1: Core\n\n### {heading}\n\n**Status:** ✅ Complete\n\n## Phase 2: t\n\n\
             **Status:** 🔴 Blocked\n**Dependencies:** Phase 1\n"
        );
        assert_eq!(garden(&text).unblocked, [PhaseId::new("2")], "{heading}");
    }
    let list = "## Phase 1: a\n\n**Status:** 🔄 In Progress\n\n## Phase 2: t\n\n**Status:** 🔴 Blocked\n\n\
        ### 2.1 Needs\n\n**Depends On:** Phase 1\n";
    assert_eq!(garden(list).still_blocked, [(PhaseId::new("2"), vec![PhaseId::new("1")])]);
}
