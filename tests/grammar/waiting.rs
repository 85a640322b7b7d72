//! What a phase waits for is read however it is written: nothing starts on doubt.

use std::collections::BTreeSet;

use orch_tui::domain::gardener::RoadmapGardener;
use orch_tui::domain::id::PhaseId;
use orch_tui::domain::roadmap::Roadmap;
use orch_tui::domain::roadmap::finding::{Finding, FindingKind};
use orch_tui::domain::roadmap::readiness::Evaluator;

/// Phase 1.1 is complete, 1.2 under way, 9.x nowhere; 2.1 has the lines and is ready but for them.
fn file(status: &str, lines: &str) -> String {
    format!(
        "# R\n\n## Batch 1\n\n### Phase 1.1: Core storage\n\n- **Status:** ✅ Complete\n\n\
         ### Phase 1.2: Legal review\n\n- **Status:** 🔄 In Progress\n- **Assigned To:** bob\n\n\
         ## Batch 2\n\n### Phase 2.1: t\n\n- **Status:** {status}\n{lines}\n\n\
         ### Phase 3.1: after\n\n- **Status:** ✅ Complete\n"
    )
}

/// Whether 2.1 may start, and the gardener agrees.
pub(super) fn starts(lines: &str) -> bool {
    let nobody = BTreeSet::new();
    let text = file("⚪ Not Started", lines);
    let roadmap = Roadmap::parse(text.as_bytes());
    let evaluator = Evaluator::new(&roadmap, &nobody);
    let starts = evaluator.reasons(roadmap.phase(&PhaseId::new("2.1")).unwrap()).is_empty();
    let blocked = Roadmap::parse(file("🔴 Blocked", lines).as_bytes());
    let garden = RoadmapGardener.garden(&blocked, None, &nobody);
    if !starts {
        assert!(garden.unblocked.is_empty(), "{lines}");
    }
    starts
}

/// The phases 2.1 waits for and the text a person has to judge.
pub(super) fn waits(lines: &str) -> String {
    let roadmap = Roadmap::parse(file("⚪ Not Started", lines).as_bytes());
    let nobody = BTreeSet::new();
    let reasons =
        Evaluator::new(&roadmap, &nobody).reasons(roadmap.phase(&PhaseId::new("2.1")).unwrap());
    reasons.iter().map(|reason| reason.clause()).collect::<Vec<_>>().join("; ")
}

/// Each dress of "depends on", with `@` for what it depends on.
const DRESSES: [&str; 52] = [
    "- **Depends On:** @",
    "- **Depends On:**\n- @",
    "- **Depends On:**\n- **@**",
    "- **Depends On:**\n\n- @",
    "- **Depends On:**\n- [ ] @",
    "- **Depends On:**\n@",
    "**Depends On**\n- @",
    "**Depends On**\n\n@",
    "**Depends On**\n\n- @",
    "**Depends On:**\n- @",
    "- **Depends On** @",
    "- **Depends on @**",
    "- Depends on @",
    "- Depends on\n  - @",
    "Depends On: @",
    "- **Depends-On:** @",
    "- **depends_on:** @",
    "- **DependsOn:** @",
    "- **Depends on (hard):** @",
    "- **Hard Dependencies:** @",
    "- **HardDependencies:** @",
    "- **Dependencies (blocking):** @",
    "- **Dependencies (blocking)**: @",
    "- **Dependencies** (blocking): @",
    "- **Pre-requisites:** @",
    "- **Prereqs:** @",
    "- **Deps:** @",
    "- **Blocked on:** @",
    "- **Depends Upon:** @",
    "- **Depending On:** @",
    "- **Dependent On:** @",
    "- **🔗 Depends On:** @",
    "- 🔗 **Depends On:** @",
    "- *Depends On:* @",
    "- _Depends On_: @",
    "- `Depends On`: @",
    "- ***Depends On:*** @",
    "- **Depends On** - @",
    "- **Depends On** — @",
    "- **Depends On**= @",
    "- **Depends On：** @",
    "- **Depends On**： @",
    "- [ ] **Depends On:** @",
    "1. **Depends On:** @",
    "> **Depends On:** @",
    "> - **Depends On:** @",
    "#### Dependencies: @",
    "#### Depends On\n\n@",
    "#### Dependencies\n\n- @",
    "- **Effort:** M | **Depends On:** @",
    "- **Effort:** M **Depends On:** @",
    "- **Effort:** M · **Depends On:** @",
];

#[test]
fn a_dependency_in_any_dress_counts() {
    for dress in DRESSES {
        assert_eq!(waits(&dress.replace('@', "Phase 1.2")), "waits for 1.2", "{dress}");
        assert!(!starts(&dress.replace('@', "Phase 1.2")), "{dress}");
        assert!(
            starts(&dress.replace('@', "Phase 1.1")),
            "{dress}: {}",
            waits(&dress.replace('@', "Phase 1.1"))
        );
    }
}

#[test]
fn what_cannot_be_read_waits_for_a_person() {
    for lines in [
        "- Depends on the vendor",
        "- **Depends on** the vendor",
        "- Blocked by the vendor",
        "- Waiting for: the vendor's answer to Phase 9.1",
        "- **Depends On:**\n- the vendor",
        "#### Depends On\n\nthe vendor",
        "- **Dependencies:** the vendor",
        "- **Effort:** M | **Depends On:** the vendor",
    ] {
        assert!(!starts(lines), "{lines}");
    }
}

#[test]
fn prose_that_speaks_of_depending_says_nothing() {
    for lines in [
        "- **Notes:** This depends on luck",
        "- **Notes:** it\n  depends on luck, and Phase 1.2",
        "- **Notes:** M | all of it **depends on** luck",
        "All of this depends on luck: Phase 1.2",
        "- **Dependents:** Phase 1.2",
        "- **Dependency injection:** a container",
        "- Independent of Phase 1.2",
        "- **Depends On:** None\n\nPhase 1.2 is another matter.",
        "- **Depends On:**\n- **Effort:** S",
        "- **Depends On:**\n\nThis phase is small.",
        "> ### Phase 7: an example\n> - **Depends On:** Phase 1.2",
    ] {
        assert!(starts(lines), "{lines}: {}", waits(lines));
    }
}

#[test]
fn a_wrapped_line_keeps_its_second_half() {
    for (lines, expected) in [
        ("- **Depends On:** Phase 9.9 ✅,\nPhase 1.2", "waits for 1.2"),
        ("- **Depends On:** Phase 9.9 ✅,\n  Phase 1.2", "waits for 1.2"),
        ("**Depends On:** Phase 9.9 ✅,\nPhase 1.2", "waits for 1.2"),
        ("**Depends On:** Phase 1.1,\nPhase 1.1\nand 1.2", "waits for 1.2"),
        ("Depends On: Phase 1.1\nlegal matters", "waits for a person to judge \"legal matters\""),
        ("- Depends on Phase 1.1,\nPhase 1.2", "waits for 1.2"),
        ("- **Depends On:** None\n  - Phase 1.2", "waits for 1.2"),
        ("**Depends On:** None,\nPhase 1.2", "waits for 1.2"),
        ("- **Depends On:** None\n- **Depends On:** Phase 1.2", "waits for 1.2"),
        ("- Depends on Phase 1.1\n- Depends on Phase 1.2", "waits for 1.2"),
        ("**Depends On:** Phase 1.1\n- **Effort:** M\nPhase 1.2 is late", ""),
        ("**Depends On:** Phase 1.1\n\nPhase 1.2 is late", ""),
        ("**Depends On:** Phase 1.1\n---\nPhase 1.2 is late", ""),
        ("**Depends On:** Phase 1.1\n```\nPhase 1.2\n```", ""),
        ("**Depends On:** Phase 1.1\n> Phase 1.2 is late", ""),
        ("> **Depends On:** Phase 1.1,\n> Phase 1.2", "waits for 1.2"),
        ("> **Depends On:**\n> - Phase 1.2", "waits for 1.2"),
        ("- **Depends On:** None\n  (can start at once)", ""),
    ] {
        assert_eq!(waits(lines), expected, "{lines}");
    }
}

#[test]
fn a_tick_that_is_denied_or_of_another_phase_is_none() {
    let depends = |value: &str| format!("- **Depends On:** {value}");
    for value in [
        "Phase 9.8",
        "Phase 9.8 / 9.9 ✅",
        "Phase 9.8/9.9 ✅",
        "9.8/9.9 (complete)",
        "Phase 9.8 (see Phase 9.9 ✅)",
        "Phase 9.8 (like 9.9 ✅)",
        "Phase 9.8 (to-be-completed)",
        "Phase 9.8 (in-complete)",
        "Phase 9.8 (half-done)",
        "Phase 9.8 (complete: no)",
        "Phase 9.8 (not: complete)",
        "Phase 9.8 (done?)",
        "Phase 9.8 (no ✅ yet)",
        "Phase 9.8 (✅ when legal agrees)",
        "9.8 completed?",
        "9.8 ❌✅",
        "9.8 (not) complete",
        "Phase 9.8 - not - complete",
        "[ ] Phase 9.8 ✅",
        "9.8 ~~✅~~",
        "Phase 9.8 ~~done~~",
        "Phase 9.8 must be complete",
        "✅? Phase 9.8",
        "Phase 9.8, Phase 9.9 ✅",
        "Phase 9.8-9.9 ✅",
    ] {
        assert!(!starts(&depends(value)), "{value}");
    }
    for value in [
        "Phase 9.8 ✅",
        "Phase 9.8 (complete)",
        "Phase 9.8 (Port to Rust) ✅",
        "Phase 9.8: Port to Rust ✅",
        "[x] Phase 9.8",
        "~~Phase 9.8~~",
        "9.8 - now complete",
        "Phase 9.8 ✅ (2026-01-02)",
        "✅ Phase 9.8",
    ] {
        assert!(starts(&depends(value)), "{value}: {}", waits(&depends(value)));
    }
}

#[test]
fn nothing_is_lost_behind_an_id() {
    let depends = |value: &str| format!("- **Depends On:** {value}");
    for value in [
        "Phase 1.1 -> 1.2",
        "1.1: 1.2",
        "1.1 --- 1.2",
        "Phase 1.1 — needs 1.2",
        "Phase 1.1 (and Phase 1.2)",
        "Phase 1.1 (and 1.2)",
        "1.1 (1.2",
        "[1.1](#a) [1.2](#b)",
        "Phase 1.1 :), 3.1 :(, 1.2",
    ] {
        assert_eq!(waits(&depends(value)), "waits for 1.2", "{value}");
    }
    for value in [
        "Phase 1.1 (plus vendor approval)",
        "Phase 1.1: vendor approval",
        "Phase 1.1 - and vendor approval",
        "Phase 1.1 (pending legal)",
        "Phase 1.1?",
        "Phases 1.1-",
    ] {
        assert!(waits(&depends(value)).contains("a person"), "{value}: {}", waits(&depends(value)));
    }
    for value in [
        "Phase 1.1 (Core storage)",
        "Phase 1.1: Core storage",
        "Phase 1.1 (must be complete)",
        "Phase 1.1 (3.5 days)",
        "[Phase 1.1](#phase-1.2)",
        "Phase 1.1 (search and retrieval)",
    ] {
        assert!(starts(&depends(value)), "{value}: {}", waits(&depends(value)));
    }
}

#[test]
fn a_scope_waits_for_what_is_not_read_as_a_phase() {
    let waits = |section: &str, on: &str| {
        let text = format!(
            "# R\n\n**Status:** Active\n\n## Batch 1\n\n### Phase 1.1: a\n\n- **Status:** ✅ Complete\n\n{section}\n\
             ## Batch 2\n\n### Phase 2.1: t\n\n- **Status:** 🔴 Blocked\n- **Depends On:** {on}\n"
        );
        let garden =
            RoadmapGardener.garden(&Roadmap::parse(text.as_bytes()), None, &BTreeSet::new());
        let unread = |finding: &&Finding| finding.kind == FindingKind::UnknownStatus;
        assert_eq!(
            garden.findings.iter().filter(unread).count(),
            usize::from(garden.unblocked.is_empty()),
            "{section}"
        );
        garden.unblocked.is_empty()
    };
    for on in ["Batch 1", "All previous phases"] {
        for section in ["### 1.2 Something", "### Phase Two: c", "### Part Three"] {
            assert!(waits(&format!("{section}\n\n- **Status:** Not Started\n"), on), "{section}");
            assert!(!waits(&format!("{section}\n\n- **Status:** Complete\n"), on), "{section}");
        }
        assert!(!waits("### Notes\n\nNothing.\n", on));
    }
}

#[test]
fn ids_may_have_longer_prefixes() {
    let text = |id: &str, state: &str, on: &str| {
        format!(
            "### {id}: a\n\n- **Status:** {state}\n\n### Phase C1: b\n\n- **Status:** 🔄 In Progress\n\n\
             ### Phase 2.1: t\n\n- **Status:** 🔴 Blocked\n- **Depends On:** {on}\n"
        )
    };
    let unblocks = |text: String| {
        let roadmap = Roadmap::parse(text.into_bytes());
        assert_eq!(roadmap.phases.len(), 3);
        !RoadmapGardener.garden(&roadmap, None, &BTreeSet::new()).unblocked.is_empty()
    };
    for (id, on) in [
        ("WP-EXT-1.1", "WP-EXT-1.1"),
        ("Phase V2-1.1", "V2-1.1"),
        ("Phase V2-1.1", "Phase V2-1.1 and Phase V2-1.1 (core)"),
        ("Phase P1-1", "Phase P1-1"),
        ("Phase TS-W7", "Phase TS-W7"),
    ] {
        assert!(unblocks(text(id, "✅ Complete", on)), "{id}");
        for state in ["⚪ Not Started", "🔄 In Progress"] {
            assert!(!unblocks(text(id, state, on)), "{id}");
        }
    }
    // `C1-3` may be a range that begins with a phase of the file, and is open with it.
    assert!(!unblocks(text("Phase 1.1", "✅ Complete", "Phase C1-3 ✅")));
    assert!(unblocks(text("Phase 1.1", "✅ Complete", "Phase D1-3 ✅")));
}

#[test]
fn a_phase_that_is_not_started_waits_for_what_stands_behind_its_state() {
    let state = |value: &str| {
        let text = file(value, "");
        let (roadmap, nobody) = (Roadmap::parse(text.as_bytes()), BTreeSet::new());
        let garden = RoadmapGardener.garden(&roadmap, None, &nobody);
        let phase = roadmap.phase(&PhaseId::new("2.1")).unwrap();
        let ready = Evaluator::new(&roadmap, &nobody).reasons(phase).is_empty();
        if ready {
            "ready"
        } else if garden.unblocked.is_empty() {
            "waits"
        } else {
            "unblocked"
        }
    };
    for lead in ["blocked by", "depends on", "Depends upon", "needs", "requires", "after"] {
        for (on, expected) in
            [("Phase 1.1", "unblocked"), ("Phase 1.2", "waits"), ("1.1, 1.2", "waits")]
        {
            assert_eq!(state(&format!("⚪ Not Started ({lead} {on})")), expected, "{lead} {on}");
            assert_eq!(state(&format!("Not Started - {lead} {on}")), expected, "{lead} {on}");
        }
    }
    assert_eq!(state("Not Started (depends on Phase 1.1 and legal)"), "waits");
    for value in
        ["Not Started (needs 3 days)", "Not Started (depends on luck)", "Not Started (after lunch)"]
    {
        assert_eq!(state(value), "ready", "{value}");
    }
}
