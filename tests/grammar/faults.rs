//! The faults of the system this one re-imagines, one test each: the input that shows it, and the right answer.

use std::collections::BTreeSet;

use orch_tui::domain::gardener::{Garden, RoadmapGardener};
use orch_tui::domain::id::PhaseId;
use orch_tui::domain::roadmap::finding::FindingKind;
use orch_tui::domain::roadmap::phase::Status;
use orch_tui::domain::roadmap::readiness::Evaluator;
use orch_tui::domain::roadmap::{Roadmap, RoadmapChange, splice};

use super::decisions::{decide, names};

/// A phase with a status and more lines.
fn phase(id: &str, status: &str, more: &str) -> String {
    format!("### Phase {id}: Name of {id}\n\n- **Status:** {status}\n{more}\n")
}

fn on(deps: &str) -> String {
    format!("- **Depends On:** {deps}\n")
}

fn read(text: &str) -> Roadmap {
    Roadmap::parse(text.as_bytes())
}

fn garden(text: &str) -> Garden {
    RoadmapGardener.garden(&read(text), None, &BTreeSet::new())
}

/// The file as gardening leaves it.
fn tended(text: &str) -> String {
    let edits = RoadmapChange::Garden.edits(&read(text), &BTreeSet::new()).unwrap();
    String::from_utf8(splice(text.as_bytes(), &edits)).unwrap()
}

fn ids(text: &str) -> Vec<String> {
    read(text).phases.iter().map(|phase| phase.id.to_string()).collect()
}

fn ready(text: &str) -> Vec<String> {
    decide(text.as_bytes()).ready.into_iter().collect()
}

fn kinds(text: &str) -> BTreeSet<FindingKind> {
    garden(text).findings.iter().map(|finding| finding.kind).collect()
}

fn pending(text: &str, id: &str) -> Vec<String> {
    decide(text.as_bytes()).still_blocked[id].iter().cloned().collect()
}

#[test]
fn fault_01_a_tick_satisfies_its_own_phase_only() {
    let text = phase("5.1", "✅ Complete", "")
        + &phase("8.6", "🔴 Blocked", &on("Phase 9.9"))
        + &phase("9.4", "🔴 Blocked", &on("Phase 5.1 ✅, Phase 8.6"));
    assert_eq!(tended(&text), text);
    assert_eq!(pending(&text, "9.4"), ["8.6"]);
    // Nor does a tick make an open phase complete.
    let stale = text.replace("Phase 8.6\n", "Phase 8.6 ✅\n");
    assert_eq!(tended(&stale), stale);
    assert!(kinds(&stale).contains(&FindingKind::StaleTick));
}

#[test]
fn fault_02_gardener_and_health_check_agree() {
    for seed in 0..300 {
        let manner = super::wording::Manner::Messy;
        let bytes =
            super::generator::Sample::grow(seed, manner).bytes(super::generator::Order::Made);
        let garden = RoadmapGardener.garden(&Roadmap::parse(bytes), None, &BTreeSet::new());
        let found = |kind| garden.findings.iter().filter(move |finding| finding.kind == kind);
        let stale = found(FindingKind::BlockedReady).filter_map(|finding| finding.phase.as_ref());
        let (stale, duplicates) = (names(stale), found(FindingKind::DuplicateId));
        let duplicates = names(duplicates.filter_map(|finding| finding.phase.as_ref()));
        assert_eq!(names(&garden.unblocked), &stale - &duplicates, "seed {seed}");
    }
}

#[test]
fn fault_03_text_without_an_id_satisfies_nothing() {
    let done = phase("1.1", "✅ Complete", "");
    let scope = done.clone()
        + &phase("1.2", "🔄 In Progress", "")
        + &phase("2.1", "🔴 Blocked", &on("All previous phases"));
    assert_eq!(pending(&scope, "2.1"), ["1.2"]);
    let satisfied = done.clone() + &phase("2.1", "🔴 Blocked", &on("All previous phases"));
    assert_eq!(names(&garden(&satisfied).unblocked), BTreeSet::from(["2.1".to_owned()]));
    let opaque = done + &phase("2.1", "🔴 Blocked", &on("Phase 1.1, vendor approval"));
    assert_eq!(tended(&opaque), opaque);
    assert_eq!(garden(&opaque).needs_human[0].1.as_str(), "vendor approval");
    assert!(kinds(&opaque).contains(&FindingKind::OpaqueDep));
}

#[test]
fn fault_04_the_marker_of_another_phase_is_never_replaced() {
    for written in ["Blocked", "🔴 BLOCKED", "blocked", "🔴"] {
        let text = phase("8.1", "✅ Complete", "")
            + &phase("8.9", written, &on("Phase 8.1"))
            + &phase("9.3", "🔴 Blocked", &on("Phase 9.9"));
        let after = tended(&text);
        assert!(after.ends_with(&phase("9.3", "🔴 Blocked", &on("Phase 9.9"))), "{after}");
        assert_eq!(read(&after).phases[1].status.state, Status::NotStarted);
        assert_eq!(after.matches("locked").count() + after.matches("LOCKED").count(), 1, "{after}");
    }
}

#[test]
fn fault_05_gardening_again_changes_nothing() {
    let mut text = phase("1", "✅ Complete", "");
    for id in 2..16 {
        let waits = if id % 2 == 0 { "Phase 1" } else { "Phase 1, Phase 99" };
        text += &phase(&id.to_string(), "🔴 Blocked", &on(waits));
    }
    let once = tended(&text);
    assert_eq!(text.matches("🔴 Blocked").count(), 14);
    assert_eq!(once.matches("🔴 Blocked").count(), 7);
    assert_eq!(tended(&once), once);
}

#[test]
fn fault_06_what_is_reported_is_what_is_written() {
    for written in [
        "🔴 Blocked",
        "Blocked",
        ":red_circle: Blocked",
        "**🔴 Blocked**",
        "🔴 Blocked (needs 1)",
        "🔴 blocked by 1",
    ] {
        let text = phase("1", "Complete", "") + &phase("2", written, &on("Phase 1"));
        let garden = garden(&text);
        let after = tended(&text);
        assert_eq!(garden.unblocked.len(), garden.edits.len());
        assert_eq!(after != text, !garden.unblocked.is_empty());
        assert_eq!(read(&after).phases[1].status.state, Status::NotStarted, "{written}: {after}");
    }
    let fenced = format!(
        "```\n{}```\n",
        phase("1", "Complete", "") + &phase("2", "🔴 Blocked", &on("Phase 1"))
    );
    assert!(garden(&fenced).unblocked.is_empty());
    assert_eq!(tended(&fenced), fenced);
}

#[test]
fn fault_07_check_lists_elsewhere_are_no_tasks() {
    let tasks = "- **Tasks:**\n  - [x] one\n  - [ ] two\n- **Done When:**\n  - [ ] it stands\n";
    let text = phase("1", "Not Started", tasks)
        + "## Backlog\n\n- [ ] three\n- **Tasks:**\n  - [ ] four\n";
    assert_eq!(read(&text).phases[0].progress(), (1, 2));
}

#[test]
fn fault_08_no_phase_heading_is_dropped() {
    let headings = [
        "# Phase 1: a",
        "## PHASE 2 — b",
        "### ✅ Phase 3.1.2 - c",
        "#### Work Stream A: d",
        "##### Workstream 4) e",
        "###### WP-10.1: f",
        "## **Stage 5.** g",
        "## ~~Milestone 6: h~~",
        "### Sub-phase 1A: i",
        "### Work Package C1: j",
        "### Phase SEC-2: k",
        "### Phase 7",
        "## Phase 8 (weeks 1-2): l",
        "### [x] Phase 9: m",
        "### 2.1 — n",
        "### 3. o",
        "### Phase 2-HOT: p",
        "## 🔴 Stream B – q",
    ];
    for heading in headings {
        let text = format!("{heading}\n- **Status:** Not Started\n");
        assert_eq!(ready(&text).len(), 1, "{heading}");
    }
}

#[test]
fn fault_09_a_heading_ends_the_phase_before_it() {
    let text = phase("1", "⚪ Not Started", "- **Assigned To:** TBD\n")
        + "### Log\n\n- **Status:** ✅ Complete\n- **Assigned To:** Mira\n- **Depends On:** Phase 9\n";
    let roadmap = read(&text);
    assert_eq!(roadmap.phases.len(), 1);
    assert_eq!(roadmap.phases[0].assigned_to, None);
    assert_eq!(ready(&text), ["1"]);
}

#[test]
fn fault_10_examples_are_no_phases() {
    let example = phase("9", "Blocked", "");
    for text in [
        format!("```\n{example}```\n"),
        format!("  ~~~~md\n{example}~~~\n{example}~~~~\n"),
        format!("<!--\n{example}-->\n"),
        format!("<!-- a\n{example} -->\n"),
        "---\ntitle: x\n# Phase 9: y\n---\n".to_owned(),
        format!("- ```\n  {example}  ```\n"),
    ] {
        assert_eq!(ids(&(text.clone() + &phase("1", "Done", ""))), ["1"], "{text}");
    }
}

#[test]
fn fault_11_every_id_of_a_part_counts() {
    for list in [
        "1 and Phase 2",
        "Phase 1 and 2",
        "Phase 1 & 2",
        "Phase 1 + Phase 2",
        "Phase 1/2",
        "Phases 1-2",
        "Phase 1; 2",
    ] {
        let text = phase("1", "Done", "")
            + &phase("2", "Not Started", "")
            + &phase("3", "Blocked", &on(list));
        assert_eq!(pending(&text, "3"), ["2"], "{list}");
    }
}

#[test]
fn fault_12_ids_are_whole_tokens() {
    let all = ["5.1", "2.0", "3.11", "18.3", "1"].map(|id| phase(id, "Done", "")).concat();
    for other in
        ["WS-5.1", "v2.0", "Python 3.11", "ticket #18.3-beta", "1st review", "Phase 5.1.x", "2.0%"]
    {
        let text = all.clone() + &phase("9", "Blocked", &on(other));
        assert_eq!(tended(&text), text, "{other}");
    }
    let found = all + &phase("9", "Blocked", &on("Phase 5.1"));
    assert_ne!(tended(&found), found);
}

#[test]
fn fault_13_a_missing_status_is_not_startable() {
    for text in [
        "### Phase 1: a\n",
        "### Phase 1: a\n- **Tasks:**\n  - [ ] x\n",
        "### Phase 1: a\n- **Status:**\n",
        "### Phase 1: a\nStatus: Ready\n",
    ] {
        assert_eq!(read(text).phases[0].status.state, Status::Unknown);
        assert!(ready(text).is_empty(), "{text}");
        assert!(kinds(text).contains(&FindingKind::UnknownStatus));
    }
}

#[test]
fn fault_14_complete_is_a_word_and_can_be_taken_back() {
    for status in [
        "Not Complete yet",
        "🟡 Code Complete - Pending Hardware Validation",
        "Incomplete",
        "95% complete",
        "🟡 Complete",
        "To be completed",
        "3/5 complete",
        "Blocked until 1 is complete",
    ] {
        let text = phase("1", status, "") + &phase("2", "Blocked", &on("Phase 1"));
        assert_eq!(pending(&text, "2"), ["1"], "{status}");
    }
}

#[test]
fn fault_15_a_placeholder_is_nobody() {
    for name in ["TBD", "Available", "Unassigned", "*None*", "n/a", "", "tba", "(unclaimed)"] {
        let text = phase("1", "In Progress", &format!("- **Assigned To:** {name}\n"));
        assert_eq!(read(&text).phases[0].assigned_to, None, "{name}");
        assert!(kinds(&text).contains(&FindingKind::StaleInProgress));
    }
    let text = phase("1", "In Progress", "- **Owner:** Mira\n");
    assert!(read(&text).phases[0].assigned_to.is_some());
}

#[test]
fn fault_16_nested_lines_belong_to_their_field() {
    let text = phase(
        "1",
        "Not Started",
        "- **Done When:**\n  - it stands\n    - [ ] for a year\n\n  - it is dry\n- **Effort:** S\n",
    );
    let roadmap = read(&text);
    assert_eq!(
        roadmap.phases[0].value(roadmap.phases[0].field("Done When").unwrap()),
        "\n- it stands\n- [ ] for a year\n- it is dry"
    );
}

#[test]
fn fault_17_values_and_tags_are_kept_whole() {
    let text = "### Phase 1: Core ⭐ BOOTSTRAP  \n- **Status:** Done\n- **Note:** a **b:** c :** d\n### Phase 2: Two ⭐ HIGH PRIORITY ⭐ LATE\n";
    let roadmap = read(text);
    assert_eq!(
        roadmap.phases[0].value(roadmap.phases[0].field("Note").unwrap()),
        "a **b:** c :** d"
    );
    assert_eq!(roadmap.phases[0].name.as_str(), "Core");
    assert!(roadmap.phases[0].is_bootstrap());
    let tags: Vec<_> = roadmap.phases[1].tags.iter().map(|tag| tag.as_str()).collect();
    assert_eq!((roadmap.phases[1].name.as_str(), tags), ("Two", vec!["HIGH PRIORITY", "LATE"]));
}

#[test]
fn fault_18_task_marks_make_progress() {
    let marks = ["x", "X", "✅", "☑️", "✔️", "☑", " ", "⚙️", "-"]
        .map(|mark| format!("  - [{mark}] task\n"))
        .concat();
    let text = phase("1", "In Progress", &format!("- **Tasks:**\n{marks}"));
    assert_eq!(read(&text).phases[0].progress(), (6, 9));
}

#[test]
fn fault_19_ids_have_their_natural_order() {
    let text = ["1.10", "1.9", "1.1", "WP-2", "WP-10"]
        .map(|id| phase(&id.replace("WP-", "2."), "Not Started", ""));
    let roadmap = read(&text.concat());
    let nobody = BTreeSet::new();
    let order = Evaluator::new(&roadmap, &nobody).ready();
    let order: Vec<_> = order.iter().map(|phase| phase.id.as_str()).collect();
    assert_eq!(order, ["1.1", "1.9", "1.10", "2.2", "2.10"]);
    let range = ["1.8", "1.9", "1.10"].map(|id| phase(id, "Deferred", "")).concat()
        + &phase("2", "Blocked", &on("Phases 1.9-1.10"));
    assert_eq!(pending(&range, "2"), ["1.10", "1.9"]);
}

#[test]
fn fault_20_line_endings_stay() {
    let text = phase("1", "✅ Complete", "")
        + &phase("2", "🔴 Blocked", &on("Phase 1"))
        + &phase("3", "⚪ Not Started", "- **Owner:** TBD\n");
    for ending in ["\r\n", "\r", "\n"] {
        let text = text.replace('\n', ending);
        let after = tended(&text);
        assert_eq!(after, text.replacen("🔴 Blocked", "⚪ Not Started", 1));
        let claim = RoadmapChange::Claim { phase: PhaseId::new("2"), assignee: "a-2".into() };
        let edits = claim.edits(&read(&after), &BTreeSet::new()).unwrap();
        let claimed = String::from_utf8(splice(after.as_bytes(), &edits)).unwrap();
        assert_eq!(claimed.matches(ending).count(), text.matches(ending).count() + 1);
        assert_eq!(claimed.replace(ending, "").matches(['\r', '\n']).count(), 0);
        let state = read(&claimed).phases[1].status.state;
        assert_eq!(state, Status::InProgress);
    }
}

#[test]
fn fault_21_a_phase_that_stands_twice_is_left_alone() {
    let text = phase("1", "✅ Complete", "")
        + &phase("2", "🔴 Blocked", &on("Phase 1"))
        + &phase("2", "🔴 Blocked", &on("Phase 1"));
    assert_eq!(tended(&text), text);
    assert!(kinds(&text).contains(&FindingKind::DuplicateId));
    let held = BTreeSet::new();
    for change in [
        RoadmapChange::Claim { phase: PhaseId::new("2"), assignee: "a".into() },
        RoadmapChange::Complete {
            phase: PhaseId::new("2"),
            date: "2026-01-02".into(),
            ticked: vec![],
        },
        RoadmapChange::Release { phase: PhaseId::new("2"), assignee: "a".into(), restore: None },
    ] {
        assert!(change.edits(&read(&text), &held).is_err(), "{}", change.name());
    }
    assert!(ready(&text.replace("🔴 Blocked", "⚪ Not Started")).is_empty());
}

#[test]
fn fault_22_what_cannot_be_true_is_found_and_others_writes_are_seen() {
    let cycle = phase("1", "Blocked", &on("Phase 2"))
        + &phase("2", "Blocked", &on("Phase 3"))
        + &phase("3", "Blocked", &on("Phase 1"));
    let found = garden(&cycle);
    let cycles: Vec<_> =
        found.findings.iter().filter(|finding| finding.kind == FindingKind::Cycle).collect();
    assert_eq!(cycles.len(), 1);
    assert!(cycles[0].message.as_str().contains("1 → 2 → 3 → 1"));
    assert!(kinds(&phase("1", "Not Started", &on("Phase 7"))).contains(&FindingKind::UnknownDep));
    let open = phase("1", "Not Started", "");
    let before = open.clone() + &phase("2", "Complete", &on("Phase 1"));
    assert!(kinds(&before).contains(&FindingKind::CompleteBeforeDeps));
    let started = open.clone() + &phase("2", "In Progress", &on("Phase 1"));
    assert!(kinds(&started).contains(&FindingKind::StartedBeforeDeps));
    // What a file is, its bytes say, not its time: one changed byte is another hash.
    assert_ne!(read(&open).hash, read(&open.replace("Name", "Nama")).hash);
    // Edits decided on other bytes than those in the file change nothing: the swap itself is tested with the file.
    let text = phase("1", "Done", "") + &phase("2", "🔴 Blocked", &on("Phase 1"));
    let edits = RoadmapChange::Garden.edits(&read(&text), &BTreeSet::new()).unwrap();
    let other = format!("# A line above\n{text}");
    assert_eq!(splice(other.as_bytes(), &edits), other.as_bytes());
}
