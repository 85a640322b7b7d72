//! Dependency values as people write them: what is in doubt waits.

use std::collections::BTreeSet;

use orch_tui::domain::roadmap::Roadmap;
use orch_tui::domain::roadmap::readiness::Evaluator;

/// Whether a phase with this field is ready beside phase 1, complete, and phase 9, open.
fn is_ready(field: &str) -> bool {
    let text = format!(
        "### Phase 1: a\n- **Status:** Complete\n### Phase 9: b\n- **Status:** In Progress\n\
         ### Phase 10: c\n- **Status:** Not Started\n{field}\n"
    );
    let (roadmap, nobody) = (Roadmap::parse(text.into_bytes()), BTreeSet::new());
    let evaluator = Evaluator::new(&roadmap, &nobody);
    evaluator.ready().iter().any(|phase| phase.id.as_str() == "10")
}

/// The values of `Depends On` that are not what they should be.
fn wrong<'v>(values: &[&'v str], ready: &str) -> Vec<&'v str> {
    let read = |value: &&&str| is_ready(&format!("- **Depends On:** {value}"));
    values.iter().filter(|value| read(value) != (ready == "ready")).copied().collect()
}

#[test]
fn an_open_phase_is_waited_for_however_it_is_written() {
    let values = [
        "Phase 9",
        "phase 9.",
        "-- Phase 9",
        "- Phase 9",
        "— Phase 9",
        "– Phase 9",
        "--- Phase 9",
        "(Phase 9)",
        "* Phase 9",
        "**Phase 9**",
        "`Phase 9`",
        "[Phase 9](#phase-9)",
        "#9",
        "9",
        "9 (b)",
        "Phase 1, 9",
        "Phase 1 and 9",
        "Phase 1 & Phase 9",
        "Phase 1 + 9",
        "Phase 1/9",
        "Phases 1-9",
        "Phases 1–9",
        "1..9",
        "1 to 9",
        "Phase 1; Phase 9",
        "Phase 1 ✅, Phase 9",
        "✅ Phase 1, Phase 9",
        "Phase 1 then Phase 9",
        "Phase 1 → Phase 9",
        "Phase 1 | Phase 9",
        "Phase 1 or Phase 9",
        "Either Phase 1 or Phase 9",
        "Phase 9 ✅",
        "~~Phase 9~~",
        "Phase 9 (complete)",
        "[x] Phase 9",
        "Nothing but Phase 9",
        "Nothing except Phase 9",
        "none but 9",
        "All previous phases",
        "all prior phases",
        "everything above",
        "Phase 9 (optional)",
        "Phase 9?",
        "after Phase 9",
        "Requires Phase 9",
        "Completion of Phase 9",
        "PHASE 9",
        "Phase\u{a0}9",
        "Stage 9",
        "Milestone 9",
    ];
    assert_eq!(wrong(&values, "waits"), Vec::<&str>::new());
}

#[test]
fn what_names_no_phase_waits_for_a_person() {
    let values = [
        "vendor approval",
        "Phase 1, vendor approval",
        "Phase 1 plus approval",
        "API keys",
        "-- vendor approval",
        "- vendor approval",
        "TBD",
        "tbd",
        "?",
        "???",
        "unknown",
        "Nonesuch",
        "Phase 7",
        "Phase 1.x",
        "Phase 1+",
        "1.*",
        "v1.0",
        "Python 1",
        "Phase One",
        "the phase before",
        "Batch 3",
        "Phase 9-1",
        "Phase 1 of the other roadmap",
        "other-repo#1",
        "1 approval",
        "50%",
        "see below",
        "not yet known",
        "No idea",
        "no later than Phase 9",
        "🚧",
    ];
    assert_eq!(wrong(&values, "waits"), Vec::<&str>::new());
}

#[test]
fn what_is_complete_or_nothing_holds_nobody_up() {
    let values = [
        "",
        "None",
        "none.",
        "*None*",
        "(none)",
        "`none`",
        "None (can start at once)",
        "None - Phase 9 is only related",
        "Nothing",
        "Nothing -- first",
        "N/A",
        "n/a",
        "NA",
        "-",
        "--",
        "—",
        "–",
        "- ",
        "- None",
        "— none",
        "No dependencies",
        "No prerequisites",
        "Phase 1",
        "Phase 1 ✅",
        "phase 1 (a)",
        "Phase 1 - the base",
        "Phase 1: the base",
        "Phase 1 must be complete",
        "-- Phase 1",
        "- Phase 1",
        "1",
        "Phases 1",
    ];
    assert_eq!(wrong(&values, "ready"), Vec::<&str>::new());
}

#[test]
fn waiting_waits_whatever_it_names() {
    for key in ["Blocked By", "Waits For", "Waits On", "Waiting For", "Waiting On", "Depends On"] {
        assert!(!is_ready(&format!("- **{key}:** legal")), "{key}");
        assert!(!is_ready(&format!("- {key}: Phase 9")), "{key}");
        assert!(is_ready(&format!("- **{key}:** nothing")), "{key}");
        assert!(is_ready(&format!("- **{key}:** Phase 1")), "{key}");
    }
    assert!(is_ready("- **Requires:** Docker"));
    assert!(!is_ready("- **Requires:** Docker, Phase 9"));
}
