//! What is named beside a phase and is no condition of it.

use super::waiting::{starts, waits};

#[test]
fn what_a_phase_is_needed_for_is_no_condition() {
    let depends = |value: &str| format!("- **Depends On:** {value}");
    for value in [
        "Phase 1.1 (needs the schema)",
        "Phase 1.1 (needs config for limits) ✅",
        "Phase 1.1 (need tick manager first)",
        "Phase 1.1 (requires schema)",
        "Phase 1.1 (with caching)",
        "Phase 1.1 (legal pages)",
        "Phase 1.1 - needs API types",
        "Phase 1.1 (Needs API types), 3.1 (with the cache)",
    ] {
        assert!(starts(&depends(value)), "{value}: {}", waits(&depends(value)));
    }
    for value in [
        "Phase 1.1 (needs approval)",
        "Phase 1.1 (needs legal)",
        "Phase 1.1 (legal)",
        "Phase 1.1 (legal review)",
        "Phase 1.1 (legal pages approval)",
        "Phase 1.1 (after legal sign-off)",
        "Phase 1.1 (once approved)",
        "Phase 1.1 (needs CFO)",
        "Phase 1.1 (needs Bob)",
        "Phase 1.1 (needs two reviewers)",
        "Phase 1.1 (requires the vendor's contract)",
        "Phase 1.1 (needs 3 of 5)",
        "Phase 1.1 (needs the schema or the cache)",
        "Phase 1.1 (needs the schema and a budget)",
        "Phase 1.1 (needs the schema?)",
        "Phase 1.1 (with Ann)",
        "Phase 1.1 (with sign-off)",
        "Phase 1.1 - needs access to the cluster",
        "Phase 1.1 (needs a deployed server)",
        "Phase 1.1 (needs somebody to look at what came out of it in the end)",
    ] {
        assert!(waits(&depends(value)).contains("a person"), "{value}: {}", waits(&depends(value)));
    }
    assert_eq!(
        waits(&depends("Phase 1.1 (needs the schema), 1.2 (with caching)")),
        "waits for 1.2"
    );
}

#[test]
fn what_goes_on_beside_a_phase_is_not_waited_for() {
    let depends = |value: &str| format!("- **Depends On:** {value}");
    for value in [
        "Phase 1.1 (parallel with 1.2)",
        "Phase 1.1 (can run in parallel with Phase 1.2 and 9.8)",
        "Phase 1.1 (core; parallel with 1.2)",
        "Phase 1.1 (blocks Phase 1.2)",
        "Phase 1.1 (NOT 1.2)",
        "Phase 1.1, can run parallel with Phase 1.2",
        "Phase 1.1 - can run in parallel with Phase 1.2",
        "Can run parallel with Phase 1.2",
        "- Phase 1.1\n  - Can run in parallel with Phase 1.2",
    ] {
        assert!(starts(&depends(value)), "{value}: {}", waits(&depends(value)));
    }
    for value in [
        "Phase 1.2 (parallel with 1.1)",
        "Phase 1.1 (1.2 parallel with 3.1)",
        "Phase 1.1 (and 1.2, parallel with 3.1)",
        "Phase 1.1 (not in parallel with 1.2)",
        "Phase 1.1 (can't run parallel with 1.2)",
        "Phase 1.1 (parallel with 3.1 after 1.2)",
        "Phase 1.1 (parallel with 3.1, 1.2 first)",
        "Phase 1.1 (parallel with 3.1; needs 1.2)",
        "Phase 1.1 (parallel with 1.2?)",
        "Phase 1.1 (not before 1.2)",
        "Phase 1.1 (not until 1.2)",
        "Phase 1.1 (not 1.2 yet)",
        "Phase 1.1 (blocked by 1.2)",
        "Can run parallel with Phase 3.1 after Phase 1.2",
    ] {
        let waits = waits(&depends(value));
        assert!(waits.contains("waits for 1.2"), "{value}: {waits}");
    }
}
