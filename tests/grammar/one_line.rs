//! Several fields on one line.

use std::collections::BTreeSet;

use orch_tui::domain::id::PhaseId;
use orch_tui::domain::roadmap::{Roadmap, RoadmapChange, splice};

use super::holds::garden;

#[test]
fn several_fields_may_stand_on_one_line() {
    let text = |status: &str| {
        format!(
            "### Phase 3: a\n\n- **Status:** ✅ Complete\n\n### Phase 4: t\n\n**Status:** {status}\n"
        )
    };
    for status in [
        "🔴 Blocked | **Depends On:** Phase 3 | **Effort:** S",
        "🔴 Blocked | **Effort:** S | **Depends On:** Phase 3",
        "🔴 Blocked | **Effort:** S | **Risk:** low | **Depends On:** Phase 3 | **Team:** core",
        "🔴 Blocked | Effort: S | Depends On: Phase 3",
    ] {
        let text = text(status);
        let roadmap = Roadmap::parse(text.as_bytes());
        let phase = roadmap.phase(&PhaseId::new("4")).unwrap();
        assert_eq!(phase.depends_on.len(), 1, "{status}");
        assert!(phase.effort.is_some(), "{status}");
        let garden = garden(&text);
        assert_eq!(garden.unblocked, [PhaseId::new("4")], "{status}");
        let tended = splice(text.as_bytes(), &garden.edits);
        let tended = String::from_utf8(tended).unwrap();
        assert!(tended.contains(&status.replace("🔴 Blocked", "⚪ Not Started")), "{tended}");
    }
    for status in [
        "🔴 Blocked | **Depends On:** Phase 3 | **Blocked Reason:** legal",
        "🔴 Blocked | **Depends On:** Phase 3, legal | **Effort:** S",
        "🔴 Blocked | legal | **Depends On:** Phase 3",
    ] {
        assert!(garden(&text(status)).unblocked.is_empty(), "{status}");
    }
}

#[test]
fn several_fields_in_bold_may_stand_on_one_line() {
    let read = |line: &str| {
        let text = format!("### WP-01: a\n\n- **Status:** Blocked\n- {line}\n");
        let roadmap = Roadmap::parse(text.as_bytes());
        let phase = &roadmap.phases[0];
        let fields = phase.fields.iter().skip(1);
        fields.map(|field| format!("{}={}", field.key, phase.value(field))).collect::<Vec<_>>()
    };
    for (line, fields) in [
        (
            "**Tier:** T3. **Blocked by:** WP-01. **Blocks:** WP-03-WP-04.",
            &["Tier=T3", "Blocked by=WP-01", "Blocks=WP-03-WP-04."][..],
        ),
        ("**Depends on:** Phase 1. **Risk:** low.", &["Depends on=Phase 1", "Risk=low."]),
        ("**Depends on:** Phase 1 · **Effort:** S", &["Depends on=Phase 1", "Effort=S"]),
        (
            "**Depends on:** Phase 1; **Effort:** S | **Team:** x",
            &["Depends on=Phase 1", "Effort=S", "Team=x"],
        ),
        ("**Depends on:** Phase 1 **Blocks:** Phase 3", &["Depends on=Phase 1", "Blocks=Phase 3"]),
        ("**Owner:** Ann **Effort:** S", &["Owner=Ann", "Effort=S"]),
        ("**Depends on:** Phase 1. **Also:** Phase 2", &["Depends on=Phase 1. **Also:** Phase 2"]),
        ("**Depends on:** **Core:** Phase 1", &["Depends on=**Core:** Phase 1"]),
        ("**Depends on:** Phase 1 **and:** Phase 2", &["Depends on=Phase 1 **and:** Phase 2"]),
        ("**Note:** set **Effort:** S", &["Note=set **Effort:** S"]),
        ("**Owner:** Ann `**Effort:** S`", &["Owner=Ann `**Effort:** S`"]),
        ("**Owner:** Ann. **Effort** S", &["Owner=Ann. **Effort** S"]),
    ] {
        assert_eq!(read(line), fields, "{line}");
    }
}

#[test]
fn edits_of_fields_in_bold_on_one_line_touch_nothing_else() {
    let text = "### Phase 3: a\n\n- **Status:** ✅ Complete\n\n### Phase 4: t\n\n\
        **Tier:** T3. **Status:** 🔴 Blocked. **Depends On:** Phase 3. **Owner:** TBD · **Risk:** low\n";
    let garden = garden(text);
    assert_eq!(garden.unblocked, [PhaseId::new("4")]);
    let tended = splice(text.as_bytes(), &garden.edits);
    assert_eq!(
        String::from_utf8(tended.clone()).unwrap(),
        text.replace("🔴 Blocked", "⚪ Not Started")
    );
    let (phase, assignee) = (PhaseId::new("4"), "a-4".to_owned());
    let roadmap = Roadmap::parse(tended);
    let edits = RoadmapChange::Claim { phase, assignee }.edits(&roadmap, &BTreeSet::new()).unwrap();
    let claimed = String::from_utf8(splice(roadmap.bytes(), &edits)).unwrap();
    assert_eq!(claimed, text.replace("🔴 Blocked", "🔄 In Progress").replace("TBD", "a-4"));
}

#[test]
fn a_field_that_shares_its_line_is_not_taken_out_with_it() {
    let text =
        "### Phase 4: t\n\n**Status:** 🔄 In Progress | **Assigned To:** a-4 | **Effort:** S\n";
    let (roadmap, nobody) = (Roadmap::parse(text.as_bytes()), BTreeSet::new());
    let (phase, assignee) = (PhaseId::new("4"), "a-4".to_owned());
    let change = RoadmapChange::Release { phase, assignee, restore: None };
    let edits = change.edits(&roadmap, &nobody).unwrap();
    let tended = String::from_utf8(splice(text.as_bytes(), &edits)).unwrap();
    let expected = "**Status:** ⚪ Not Started | **Assigned To:** Unassigned | **Effort:** S\n";
    assert_eq!(tended, format!("### Phase 4: t\n\n{expected}"));
}
