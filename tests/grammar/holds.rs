//! What a person wrote to hold a phase holds it, however it is written; what only names phases waits for these.

use std::collections::BTreeSet;

use orch_tui::domain::gardener::{Garden, RoadmapGardener};
use orch_tui::domain::id::PhaseId;
use orch_tui::domain::roadmap::finding::FindingKind;
use orch_tui::domain::roadmap::readiness::Evaluator;
use orch_tui::domain::roadmap::{Roadmap, RoadmapChange, splice};

fn garden(text: &str) -> Garden {
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
