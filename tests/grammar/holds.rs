//! What a person wrote to hold a phase holds it, however it is written; what only names phases waits for these.

use std::collections::BTreeSet;

use orch_tui::domain::gardener::{Garden, RoadmapGardener};
use orch_tui::domain::id::PhaseId;
use orch_tui::domain::roadmap::finding::FindingKind;
use orch_tui::domain::roadmap::{Roadmap, splice};

pub(super) fn garden(text: &str) -> Garden {
    RoadmapGardener.garden(&Roadmap::parse(text.as_bytes()), None, &BTreeSet::new())
}

/// Phase 1 is complete, 3 is not; 2 is blocked, depends on 1 and has the lines.
fn file(status: &str, lines: &str) -> String {
    format!(
        "## Phase 1: Core\n\n- **Status:** ✅ Complete\n\n## Phase 3: Other\n\n- **Status:** ⚪ Not Started\n\n\
         ## Phase 2: t\n\n- **Status:** {status}\n- **Depends On:** Phase 1\n{lines}\n"
    )
}

fn unblocks(status: &str, lines: &str) -> bool {
    !garden(&file(status, lines)).unblocked.is_empty()
}

/// What phase 2 waits for, and whether a person is asked.
fn waits(status: &str, lines: &str) -> (Vec<String>, bool) {
    let garden = garden(&file(status, lines));
    let ids = garden.still_blocked.iter().filter(|(id, _)| id.as_str() == "2");
    let ids = ids.flat_map(|(_, ids)| ids.iter().map(|id| id.as_str().to_owned())).collect();
    (ids, garden.needs_human.iter().any(|(id, _)| id.as_str() == "2"))
}

/// Lines that hold, each in words of its own.
const HOLDS: [&str; 28] = [
    "Blocked: vendor contract",
    "Blocker(s): vendor contract",
    "Blocking Issues: vendor contract",
    "External Dependencies: vendor contract",
    "External dependency: vendor contract",
    "On Hold Because: legal",
    "On hold: yes",
    "Hold: legal",
    "HoldReason: legal",
    "Pending: legal",
    "Awaiting: legal",
    "Needs approval: legal",
    "Needs approval: yes",
    "Approval: no",
    "Approved: no",
    "Approved By: -",
    "Approval needed: yes",
    "Needs: a vendor",
    "Do not start: until legal signs",
    "Don't start: legal",
    "Do not unblock: legal",
    "Not before: March 2031",
    "Start after: legal has signed",
    "Requires before starting: a contract",
    "What blocks this: legal",
    "Blocking: the vendor's answer",
    "Waiting: legal",
    "Reason: legal",
];

#[test]
fn a_reason_under_any_key_holds() {
    assert!(unblocks("🔴 Blocked", ""));
    for line in HOLDS {
        let (key, value) = line.split_once(": ").unwrap();
        for lines in [
            format!("- **{key}:** {value}"),
            format!("**{key}**: {value}"),
            format!("- {key}: {value}"),
            format!("> {key}: {value}"),
            format!("> **{key}:** {value}"),
            format!("- **{key}:**\n  - {value}"),
            format!("- **{key}:**\n- {value}"),
        ] {
            let list = lines.ends_with(&format!("- {value}"));
            if list && ["-", "no"].contains(&value) {
                continue;
            }
            let (ids, human) = waits("🔴 Blocked", &lines);
            assert!(!unblocks("🔴 Blocked", &lines), "{lines}");
            assert!(human && ids.is_empty(), "{lines}: {ids:?}");
        }
    }
}

#[test]
fn words_of_holding_in_a_line_hold() {
    for lines in [
        "> Blocked until legal signs",
        "> **Blocked** until legal signs",
        "> ⚠️ Blocked until legal signs.",
        "> [!WARNING]\n> Blocked until legal signs",
        "> Note: on hold",
        "> On hold.",
        "> Do not start until legal signs",
        "> Waiting for legal",
        "> Awaiting legal",
        "> Needs approval by legal",
        "> This phase is on hold for now",
        "> Blocked until Phase 1 is complete\n> and legal signs",
        "- On hold until legal signs",
        "- Blocked until legal signs",
        "Do not start until legal signs",
        "**Do not start until legal signs.**",
        "\nBlocked pending legal sign-off.",
        "\nBlocked until Phase 1 is complete\nand legal signs.",
        "- **Tasks:**\n  - [ ] one\n- Blocked until legal signs",
    ] {
        assert!(!unblocks("🔴 Blocked", lines), "{lines}");
        assert!(waits("🔴 Blocked", lines).1, "{lines}");
    }
}

#[test]
fn what_is_settled_or_speaks_of_something_else_holds_nothing() {
    for lines in [
        "- **Blockers:** None",
        "- **Blockers:** n/a",
        "- **Blockers:** -",
        "- **Blockers:**",
        "- **Blockers:** none known.",
        "- **Blockers:** ~~vendor contract~~",
        "- **Blockers:** ✅ Resolved",
        "- **Blocked:** no",
        "- **Approval:** granted",
        "- **Approved:** ✅",
        "- **Needs approval:** no",
        "- **External Dependencies:** None",
        "- **Other Dependencies:** Phase 1",
        "- **Blocked until:** Phase 1 is complete",
        "- **Do not start until:** Phase 1 is done",
        "- **Blockers:**\n  - Phase 1",
        "- **Blockers:**\n- **Effort:** S",
        "- **Blockers:** none\n- **Effort:** S",
        "> Blocked until Phase 1 is complete",
        "> Blockers: none",
        "- **Soft dependencies:** the vendor",
        "- **Optional Dependencies:** Phase 3",
        "- **Blocks:** Phase 3",
        "- **Blocks:** the release",
        "- Blocks: Phase 3",
        "- **Unblocks:** Phase 3",
        "- **Dependents:** Phase 3",
        "- **Dependent phases:** Phase 3",
        "- **Blocking:** Phase 3",
        "- **Blocked phases:** Phase 3",
        "- **Depended on by:** Phase 3",
        "- **Phases waiting on this:** Phase 3",
        "- **Downstream dependencies:** Phase 3",
        "- **Dependency injection:** a container",
        "- **Non-blocking:** the docs",
        "- **Blockchain:** none of it",
        "- **Stakeholders:** legal",
        "- **Requirements:** a vendor",
        "- **Tasks:**\n  - [ ] Block users\n  - [ ] Wait for: a socket",
        "- [ ] Blocked until: shown",
        "\nThe pool may hold connections until they are idle.",
        "\nBlocking calls are moved off the main thread.",
        "\nPending writes are flushed.",
        "\n> This unblocks the release.",
        "\n```\n> Blocked until legal signs\n```",
        "<!-- Blocked: legal -->",
        "\n> ### Phase 9: an example\n> Blocked until legal signs",
    ] {
        assert!(unblocks("🔴 Blocked", lines), "{lines}: {:?}", waits("🔴 Blocked", lines));
    }
}

#[test]
fn a_reason_that_names_phases_waits_for_them() {
    for (status, lines) in [
        ("🔴 Blocked (needs 3)", ""),
        ("Blocked (Phase 3)", ""),
        ("Blocked: Phase 3", ""),
        ("🔴 Blocked by Phase 3", ""),
        ("🔴 Blocked (waiting for Phase 3 to complete)", ""),
        ("🔴 Blocked", "- **Blocker:** Phase 3"),
        ("🔴 Blocked", "- **Other Dependencies:** Phase 3"),
        ("🔴 Blocked", "> Blocked until Phase 3 is complete"),
    ] {
        assert!(!unblocks(status, lines), "{status} {lines}");
        assert_eq!(waits(status, lines), (vec!["3".to_owned()], false), "{status} {lines}");
    }
    let absent = waits("🔴 Blocked", "- **Other Dependencies:** Phase 99");
    assert_eq!(absent, (vec!["99".to_owned()], false));
    let garden = garden(&file("🔴 Blocked (needs Phase 99)", ""));
    let unknown = garden.findings.iter().find(|finding| finding.kind == FindingKind::UnknownDep);
    assert!(unknown.unwrap().message.as_str().contains("99"));
}

#[test]
fn a_phase_that_waits_for_its_reason_alone_is_unblocked_by_it() {
    let text = |state: &str| {
        format!(
            "### Phase 1.1: a\n- **Status:** {state}\n\n### Phase 1.2: t\n- **Status:** 🔴 Blocked (needs 1.1)\n"
        )
    };
    let open = garden(&text("⚪ Not Started"));
    assert!(open.unblocked.is_empty() && open.needs_human.is_empty());
    assert_eq!(open.still_blocked, [(PhaseId::new("1.2"), vec![PhaseId::new("1.1")])]);
    assert_eq!(garden(&text("✅ Complete")).unblocked, [PhaseId::new("1.2")]);
}

#[test]
fn reasons_that_name_only_complete_phases_are_settled() {
    for status in [
        "🔴 Blocked (Phase 1)",
        "🔴 Blocked: Phase 1",
        "🔴 Blocked - Phase 1 ✅",
        "🔴 Blocked (requires Phase 1)",
        "🔴 Blocked (after Phase 1)",
        "🔴 Blocked (depends on Phase 1)",
        "🔴 Blocked (needs Phase 1 complete)",
        "🔴 Blocked (waiting for Phase 1 to complete)",
        "🔴 Blocked (until Phase 1 is done)",
        "🔴 Blocked until Phase 1 is complete",
        "🔴 Blocked (pending Phase 1 completion)",
        "🔴 Blocked (Phase 1, Phase 1)",
    ] {
        assert!(unblocks(status, ""), "{status}");
    }
    for status in [
        "🔴 Blocked (1)",
        "🔴 Blocked (2026)",
        "🔴 Blocked (Phase 1?)",
        "🔴 Blocked (Phase 1 and legal)",
        "🔴 Blocked (Phase 1 not complete)",
        "🔴 Blocked (after Phase 1, legal)",
        "🔴 Blocked (Phase 1 to 3)",
        "🔴 Blocked (for 3 days)",
        "🔴 Blocked (complete Phase 1 review)",
        "🔴 Blocked: see Phase 1",
    ] {
        assert!(!unblocks(status, ""), "{status}");
    }
}

#[test]
fn a_status_line_in_no_dress_of_a_field_is_told() {
    let told = |line: &str| {
        let garden = garden(&format!("### Phase 1: a\n\n{line}\n"));
        let found = garden.findings.iter().find(|f| f.kind == FindingKind::UnknownStatus);
        found.map(|finding| format!("{} {}", finding.line, finding.message)).unwrap_or_default()
    };
    let message = told("Status: Not Started");
    assert!(message.starts_with("3 ") && message.contains("bullet"), "{message}");
    assert!(!told("Not Started").contains("bullet"));
    assert!(!told("```\nStatus: Not Started\n```").contains("bullet"));
    assert_eq!(told("- Status: Not Started"), "");
}

#[test]
fn a_reason_that_repeats_what_the_phase_depends_on_is_judged_there() {
    let text = |second: &str, reason: &str, on: &str| {
        format!(
            "## Batch 1\n\n### Phase 1.1: A\n\n- **Status:** ✅ Complete\n\n### Phase 1.2: B\n\n- **Status:** {second}\n\n\
             ## Batch 2\n\n### Phase 2.1: t\n\n- **Status:** 🔴 Blocked ({reason})\n- **Depends On:** {on}\n"
        )
    };
    for (reason, on) in [
        ("needs all previous phases", "All previous phases"),
        ("needs Batch 1", "Batch 1"),
        ("waiting for phases 1.1-1.2", "Phases 1.1-1.2"),
        ("needs Phase 1.1: A", "Phase 1.2, Phase 1.1: A"),
        ("needs Phase 1.1: A", "\n  - Phase 1.2\n  - Phase 1.1: A"),
    ] {
        let done = garden(&text("✅ Complete", reason, on));
        assert_eq!(done.unblocked, [PhaseId::new("2.1")], "{reason}");
        let tended = splice(text("✅ Complete", reason, on).as_bytes(), &done.edits);
        let expected = text("✅ Complete", reason, on)
            .replace(&format!("🔴 Blocked ({reason})"), "⚪ Not Started");
        assert_eq!(String::from_utf8(tended).unwrap(), expected);
        assert!(garden(&text("🔄 In Progress", reason, on)).unblocked.is_empty(), "{reason}");
    }
    for (reason, on) in [
        ("needs legal", "Batch 1"),
        ("needs legal", "Batch 1, legal"),
        ("needs Batch 1 and legal", "Batch 1"),
        ("needs all previous phases: legal", "All previous phases"),
    ] {
        assert!(garden(&text("✅ Complete", reason, on)).unblocked.is_empty(), "{reason}");
    }
}
