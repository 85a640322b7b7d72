//! What claiming, completing and giving back leave of a person's fields.

use std::collections::BTreeSet;

use super::{Roadmap, RoadmapChange, splice};
use crate::domain::id::PhaseId;

fn made(text: &str, change: &RoadmapChange, held: bool) -> String {
    let held: BTreeSet<PhaseId> = held.then(|| PhaseId::new("1")).into_iter().collect();
    let edits = change.edits(&Roadmap::parse(text.as_bytes()), &held).unwrap();
    String::from_utf8(splice(text.as_bytes(), &edits)).unwrap()
}

fn claim() -> RoadmapChange {
    RoadmapChange::Claim { phase: PhaseId::new("1"), assignee: "a-1".into() }
}

fn release(restore: Option<&str>) -> RoadmapChange {
    RoadmapChange::Release {
        phase: PhaseId::new("1"),
        assignee: "a-1".into(),
        restore: restore.map(str::to_owned),
    }
}

fn complete() -> RoadmapChange {
    RoadmapChange::Complete { phase: PhaseId::new("1"), date: "2030-01-02".into(), ticked: vec![] }
}

#[test]
fn words_that_hold_a_phase_lie_in_their_lines() {
    let text = "### Phase 1: a\n- **Status:** Blocked\n\nBlocked until the vendor\nand legal sign.\n\nText.\n";
    let roadmap = Roadmap::parse(text.as_bytes());
    let held = roadmap.phases[0].fields.last().unwrap();
    assert_eq!(&text[held.span.clone()], "Blocked until the vendor\nand legal sign.");
    assert_eq!(&text[held.line_span.clone()], "Blocked until the vendor\nand legal sign.\n");
}

/// What the field that names a holder holds, as it is remembered before a claim.
fn remembered(text: &str) -> Option<String> {
    let roadmap = Roadmap::parse(text.as_bytes());
    let span = roadmap.phases[0].assigned_field()?.span.clone();
    Some(text[span].to_owned())
}

#[test]
fn whoever_held_it_before_holds_it_again_under_every_name_of_the_field() {
    let fields = [
        "- **Assigned To:** Ann",
        "- **Assigned To:** Ann\n  - and Bob",
        "- **Assigned To:** Ann <!-- since May -->",
        "- **Owner:** Ann (backend team)",
        "- **Assignee:** TBD",
        "- **Agent:** backend-dev\n- **Assigned To:** Unassigned",
        "- **Claimed By:** nobody yet",
        "- **Effort:** S",
    ];
    for field in fields {
        let text = format!("### Phase 1: a\n- **Status:** ⚪ Not Started\n{field}\n\nText.\n");
        let claimed = made(&text, &claim(), false);
        assert!(claimed.contains("a-1"), "{claimed}");
        let back = made(&claimed, &release(remembered(&text).as_deref()), true);
        assert_eq!(back, text);
    }
}

#[test]
fn what_our_agent_called_complete_goes_back_whoever_signed_it() {
    let signed = "### Phase 1: a\n- **Status:** ✅ Complete\n- **Assigned To:** Claude\n";
    let back = "### Phase 1: a\n- **Status:** ⚪ Not Started\n- **Assigned To:** Claude\n";
    assert_eq!(made(signed, &release(Some("TBD")), true), back);
    assert_eq!(made(signed, &release(Some("TBD")), false), signed, "not held: a person's word");
    let taken = signed.replace("✅ Complete", "🔄 In Progress");
    assert_eq!(made(&taken, &release(Some("TBD")), true), taken, "another works on it");
}

#[test]
fn completing_writes_over_days_and_not_over_words() {
    for (before, after) in [
        ("", "2030-01-02"),
        ("2029-12-31", "2030-01-02"),
        ("Dec 31st, 2029", "2030-01-02"),
        ("2029-12-31T10:00:00Z", "2030-01-02"),
        ("YYYY-MM-DD", "2030-01-02"),
        ("TBD", "2030-01-02"),
        ("-", "2030-01-02"),
        ("3 of 5 endpoints", "3 of 5 endpoints"),
        ("see the log of 2029-12-31", "see the log of 2029-12-31"),
    ] {
        let with = |state: &str, day: &str| {
            format!("### Phase 1: a\n- **Status:** {state}\n- **Completed:** {day}\n")
        };
        let done = made(&with("🔄 In Progress", before), &complete(), true);
        assert_eq!(done, with("✅ Complete", after), "{before}");
    }
}

/// Each text with a new line wherever `+` stands, after its phase was claimed and completed.
#[test]
fn new_lines_cut_no_sentence_in_two() {
    for text in [
        "**Status:** S (since\nspring)\nA\nC\n\nText.\n",
        "**Status:** S\nA\nC\n**Done When:** A client\ngets a 429.\n\nText.\n",
        "- **Status:** S\n- A\n- C\n- **Done When:** It works and\ngoes on.\n\nText.\n",
        "- **Status:** S\n- A\n- **Done When:** It works and\n  goes on.\n- C\n\nText.\n",
        "**Status:** S\nA\nC\n**Done When:**\n- one\n- two\n\nText.\n",
        "**Status:** S\nA\nC\n**Done When:**\n- one\n  goes on\n\nText.\n",
        "**Status:** S\nA\n**Effort:** S\nC\n\nText.\n",
        "- **Status:** S\n- A\n- **Tasks:**\n  - [x] one\n- C\n",
        "- **Status:** S\n- A\n- **Effort:** M\n- C\n\nText\nof two lines.\n",
    ] {
        let text = format!("### Phase 1: a\n{text}");
        let marks = |state: &str, a: &str, c: &str| {
            let line = |line: &str| match line.trim_start_matches("- ") {
                "A" if a.is_empty() => String::new(),
                "C" if c.is_empty() => String::new(),
                "A" => line.replace('A', a) + "\n",
                "C" => line.replace('C', c) + "\n",
                _ => line.replacen("**Status:** S", &format!("**Status:** {state}"), 1) + "\n",
            };
            text.lines().map(line).collect::<String>()
        };
        let claimed = made(&marks("⚪ Not Started", "", ""), &claim(), false);
        let by_us = "**Assigned To:** a-1";
        assert_eq!(claimed, marks("🔄 In Progress", by_us, ""));
        let done = made(&claimed, &complete(), true);
        assert_eq!(done, marks("✅ Complete", by_us, "**Completed:** 2030-01-02"));
    }
}
