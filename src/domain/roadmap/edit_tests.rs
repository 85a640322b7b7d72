//! Edits a person asks for, and taking them back.

mod taken_back;

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;

use super::finding::FindingKind;
use super::phase::{Dependency, Status};
use super::properties::soup;
use super::{Revert, Roadmap, RoadmapChange, Tick, diff, splice};
use crate::domain::effect::RoadmapOrder;
use crate::domain::gardener::{Facts, RoadmapGardener};
use crate::domain::health::Risk;
use crate::domain::id::{AgentId, PhaseId, TargetId};
use crate::domain::undo::{self, UndoStack};

fn nobody() -> BTreeSet<PhaseId> {
    BTreeSet::new()
}

fn made(text: &str, change: &RoadmapChange) -> Result<String, String> {
    let roadmap = Roadmap::parse(text.as_bytes());
    let edits = change.edits(&roadmap, &nobody()).map_err(String::from)?;
    let out = splice(text.as_bytes(), &edits);
    let again = change.edits(&Roadmap::parse(out.clone()), &nobody());
    assert_eq!(again, Ok(Vec::new()), "twice is once: {change:?}");
    Ok(String::from_utf8(out).unwrap())
}

fn tick(phase: &str, on: &str, tick: Tick) -> RoadmapChange {
    RoadmapChange::TickDependency { phase: PhaseId::new(phase), on: PhaseId::new(on), tick }
}

fn tasks(task: Option<&str>) -> RoadmapChange {
    RoadmapChange::TickTasks { phase: PhaseId::new("1"), task: task.map(str::to_owned) }
}

fn reopen(phase: &str, from: Status) -> RoadmapChange {
    RoadmapChange::Reopen { phase: PhaseId::new(phase), from }
}

/// Phase 3 with this list of dependencies, 1.1 complete.
fn waiting(list: &str) -> String {
    format!(
        "### Phase 1.1: a\n- **Status:** ✅ Complete\n### Phase 1.2: b\n- **Status:** Blocked\n\
         ### Phase 3: c\n- **Status:** Blocked\n- **Depends On:** {list}\n"
    )
}

#[test]
fn dependencies_are_ticked_in_their_own_style() {
    for (list, ticked) in [
        ("1.1", "1.1 ✅"),
        ("Phase 1.1, Phase 1.2", "Phase 1.1 ✅, Phase 1.2"),
        ("1.2 and 1.1", "1.2 and 1.1 ✅"),
        ("Phase 1.1 (the first), 1.2", "Phase 1.1 ✅ (the first), 1.2"),
        ("Phase 1.1: Store, 1.2", "Phase 1.1: Store ✅, 1.2"),
        ("1.2 ✅, 1.1;", "1.2 ✅, 1.1 ✅;"),
        ("\n  - [ ] 1.1\n  - 1.2", "\n  - [x] 1.1\n  - 1.2"),
        ("**1.1**", "**1.1 ✅**"),
    ] {
        let change = tick("3", "1.1", Tick::On);
        assert_eq!(made(&waiting(list), &change), Ok(waiting(ticked)), "{list}");
    }
    for list in ["1.1-1.2", "1.1..1.2"] {
        let why = made(&waiting(list), &tick("3", "1.1", Tick::On)).unwrap_err();
        assert!(why.contains("by hand"), "{why}");
    }
    let why = made(&waiting("1.1"), &tick("3", "9.9", Tick::On)).unwrap_err();
    assert_eq!(why, "Phase 3 does not name 9.9 among what it depends on.");
}

#[test]
fn stale_ticks_go_and_nothing_else() {
    for (list, plain) in [
        ("1.2 ✅", "1.2"),
        ("1.1 ✅, Phase 1.2 ✅ (later)", "1.1 ✅, Phase 1.2 (later)"),
        ("Phase 1.2 (complete), 1.1", "Phase 1.2, 1.1"),
        ("~~Phase 1.2~~, 1.1", "Phase 1.2, 1.1"),
        ("1.1, 1.2 done", "1.1, 1.2"),
        ("1.1, 1.2 done ⚪", "1.1, 1.2 ⚪"),
        ("✅ 1.2, 1.1", "1.2, 1.1"),
        ("1.2 ✔️", "1.2"),
        ("\n  - [x] 1.2\n  - 1.1", "\n  - [ ] 1.2\n  - 1.1"),
        ("1.2 :white_check_mark:", "1.2"),
    ] {
        let change = tick("3", "1.2", Tick::Off);
        assert_eq!(made(&waiting(list), &change), Ok(waiting(plain)), "{list}");
    }
}

/// Found by fuzzing: an id in the words around itself.
#[test]
fn edits_that_would_reach_into_each_other_are_refused() {
    let core = "All previous ph# ~~Spage 4.1:/Core~~ ✅";
    let list = format!(
        "### Phase 1.1: a {core}ious ph# ~nn:**### Phase 1.1: a {core}### P_ase 1.1: ands nn:**### Phase 1.1: a \
         All previous ph# ~~Spage 4.1:SCore~~ ✅### Phase 1.1: a-**tat--- 🟢 Cxmous ph# plete**"
    );
    let text = format!("# PHASE 2 — Core ##\n* **Status:** Ready\n**Depends On:**{list}\n");
    let roadmap = Roadmap::parse(text.as_bytes());
    for change in [tick("2", "1.1", Tick::On), tick("2", "1.1", Tick::Off)] {
        let edits = change.edits(&roadmap, &nobody()).unwrap_or_default();
        assert!(edits.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "{edits:?}");
    }
}

const TASKS: &str = "### Phase 1: a\r\n- **Status:** ✅ Complete\r\n- **Tasks:**\r\n  - [x] one\r\n  - [ ] two\r\n    - [⚙️] three\r\n";

#[test]
fn tasks_are_ticked_as_others_are() {
    let all = TASKS.replace("[ ]", "[x]").replace("[⚙️]", "[x]");
    assert_eq!(made(TASKS, &tasks(None)), Ok(all));
    assert_eq!(made(TASKS, &tasks(Some("two"))), Ok(TASKS.replace("[ ]", "[x]")));
    let drawn = TASKS.replace("[x]", "[✅]");
    assert_eq!(made(&drawn, &tasks(Some("two"))), Ok(drawn.replace("[ ]", "[✅]")));
    assert!(made(TASKS, &tasks(Some("four"))).unwrap_err().contains("and none is \"four\""));
    let twice = TASKS.replace("three", "two");
    assert!(made(&twice, &tasks(Some("two"))).unwrap_err().contains("more than one is \"two\""));
    assert_eq!(made(&twice, &tasks(Some("3"))), Ok(twice.replace("[⚙️]", "[x]")));
    let fenced = format!("```\n{TASKS}```\n");
    assert!(made(&fenced, &tasks(None)).unwrap_err().contains("no phase 1"));
}

#[test]
fn a_task_is_told_by_its_number_too() {
    assert_eq!(made(TASKS, &tasks(Some("2"))), Ok(TASKS.replace("[ ]", "[x]")));
    assert_eq!(made(TASKS, &tasks(Some(" 3 "))), Ok(TASKS.replace("[⚙️]", "[x]")));
    assert_eq!(made(TASKS, &tasks(Some("1"))).unwrap(), TASKS, "done already");
    for (number, why) in [
        ("0", "Phase 1 has 3 tasks, so none is number 0: give a number from 1 on"),
        ("4", "Phase 1 has 3 tasks, so none is number 4: give a number from 1 on"),
        ("99999999999999999999", "Phase 1 has 3 tasks, and none is \"99999999999999999999\""),
        ("+1", "Phase 1 has 3 tasks, and none is \"+1\""),
    ] {
        let told = made(TASKS, &tasks(Some(number))).unwrap_err();
        assert!(told.starts_with(why), "{told}");
    }
    let named = TASKS.replace("three", "2");
    let told = made(&named, &tasks(Some("2"))).unwrap_err();
    assert!(told.contains("the number of one and the text of another"), "{told}");
    let itself = TASKS.replace("two", "2");
    assert_eq!(made(&itself, &tasks(Some("2"))), Ok(itself.replace("[ ]", "[x]")));
    let none = "### Phase 1: a\n- **Status:** Ready\n";
    assert!(made(none, &tasks(Some("1"))).unwrap_err().contains("Phase 1 has no tasks"));
}

#[test]
fn what_stands_behind_a_state_is_read_as_it_will_be_when_it_is_complete() {
    let text = "### Phase 1: a\n- **Status:** Blocked <!-- x --> half\n";
    let complete = RoadmapChange::Complete {
        phase: PhaseId::new("1"),
        date: "2026-01-02".to_owned(),
        ticked: vec![],
    };
    let out = made(text, &complete).unwrap();
    assert_eq!(out, "### Phase 1: a\n- **Status:** Complete\n- **Completed:** 2026-01-02\n");
    for (end, copied) in [("**\u{a0} ", "** "), ("\u{a0}**", "**"), ("**  ", "**  ")] {
        let bold = format!("### Phase 1: a\n**Status: Blocked{end}\n");
        let out = made(&bold, &complete).unwrap();
        let status = format!("**Status: Complete{end}\n**Completed: 2026-01-02{copied}\n");
        assert_eq!(out, format!("### Phase 1: a\n{status}"));
    }
    let noted = made(&text.replace("half", "by Ada"), &complete).unwrap();
    assert!(noted.contains("Complete <!-- x --> by Ada\n"), "{noted}");
}

#[test]
fn phases_are_opened_again_only_from_the_state_they_were_seen_in() {
    let text = "### Phase 1: a\n- **Status:** 🔴 Blocked (legal)\n### Phase 2: b\n- **Status:** 🔴 Blocked\n- **Depends On:** 1\n\
                ### Phase 3: c\n- **Status:** 🔄 In Progress\n";
    let open = text.replacen("🔴 Blocked (legal)", "⚪ Not Started", 1);
    assert_eq!(made(text, &reopen("1", Status::Blocked)), Ok(open));
    let open = text.replace("🔄 In Progress", "⚪ Not Started");
    assert_eq!(made(text, &reopen("3", Status::InProgress)), Ok(open));
    assert!(made(text, &reopen("2", Status::Blocked)).unwrap_err().contains("waits for"));
    assert!(made(text, &reopen("3", Status::Blocked)).unwrap_err().contains("another status"));
    let held = BTreeSet::from([PhaseId::new("3")]);
    let roadmap = Roadmap::parse(text.as_bytes());
    assert!(reopen("3", Status::InProgress).edits(&roadmap, &held).is_err());
}

#[test]
fn new_phases_take_on_the_style_of_the_file() {
    let append = |text: &str| RoadmapChange::Append { text: text.into(), proposal: None };
    let new = append("# Phase 2: New\n\n- **Status:** Not Started\n\n## Why\n\n```\n# kept\n```\n");
    let file = "# R\r\n\r\n#### Phase 1: a\r\n- **Status:** 🟡 In Progress\r\n- **Completed:**\r\n\r\n## Notes\r\n";
    let out = made(file, &new).unwrap();
    assert_eq!(
        out,
        "# R\r\n\r\n#### Phase 1: a\r\n- **Status:** 🟡 In Progress\r\n- **Completed:**\r\n\r\n\
         #### Phase 2: New\r\n\r\n- **Status:** ⚪ Not Started\r\n\r\n##### Why\r\n\r\n```\r\n# kept\r\n```\r\n\r\n## Notes\r\n"
    );
    assert_eq!(
        made("### Phase 1: a\n- Status: Ready", &new).unwrap(),
        "### Phase 1: a\n- Status: Ready\n\n### Phase 2: New\n\n- **Status:** Not Started\n\n#### Why\n\n```\n# kept\n```\n"
    );
    assert!(made("", &new).unwrap().starts_with("### Phase 2: New\n"));
    for (text, why) in [
        ("hello", "no phase in the text"),
        ("hello\n### Phase 2: x\n- Status: Ready", "must begin"),
        ("### Phase 1: x\n- **Status:** Not Started", "already, on line 3"),
        ("### Phase 2: x\n- **Status:** ✅ Complete", "needs a Status field"),
        ("### Phase 2: x", "needs a Status field"),
        ("### Phase 2: x\n- Status: Ready\n### Phase 2: y\n- Status: Ready", "twice"),
        ("### Phase 2: x\n- Status: Ready\n```\n", "never ends"),
        ("### Phase 2: x\n- Status: Ready\n- \u{9b}2J\n", "Line 3 of the new phases has the un"),
    ] {
        let refused = made(file, &append(text)).unwrap_err();
        assert!(refused.contains(why), "{text:?}: {refused}");
    }
    let hidden = "### Phase 1: a\n- Status: Ready\n```\n";
    assert!(made(hidden, &new).unwrap_err().contains("by hand"));
}

#[test]
fn complete_phases_go_unless_somebody_needs_them_here() {
    let done = |id: &str| format!("### Phase {id}: n\n- **Status:** ✅ Complete\n\n");
    let open = |id: &str, on: &str| {
        format!("### Phase {id}: n\n- **Status:** Blocked\n- **Depends On:** {on}\n\n")
    };
    let left = |text: &str| {
        let out = made(text, &RoadmapChange::Archive)?;
        let roadmap = Roadmap::parse(out.as_bytes());
        let before = Roadmap::parse(text.as_bytes());
        let decide = |roadmap: &Roadmap| RoadmapGardener.garden(roadmap, None, &nobody()).unblocked;
        assert_eq!(decide(&roadmap), decide(&before), "{out}");
        Ok::<_, String>(roadmap.phases.iter().map(|p| p.id.as_str().to_owned()).collect::<Vec<_>>())
    };
    let text = [done("1"), done("2"), open("3", "2"), done("4")].concat();
    assert_eq!(left(&text).unwrap(), ["2", "3"]);
    let text = [done("1"), open("3", "1 ✅")].concat();
    assert_eq!(left(&text).unwrap(), ["3"], "ticked: it counts wherever it is");
    let text =
        ["## Batch 1\n".into(), done("1"), "## Batch 2\n".into(), open("3", "Batch 1")].concat();
    assert_eq!(left(&text).unwrap(), ["1", "3"]);
    let text = [done("1"), open("3", "None").replace("Blocked", "Blocked (needs 1)")].concat();
    assert_eq!(left(&text).unwrap(), ["1", "3"]);
    let text = [done("1"), done("1"), done("2")].concat();
    assert_eq!(left(&text).unwrap(), ["1", "1"], "duplicates stay");
    let inner = done("1.1").replace("###", "####");
    let around = format!("### Phase 1: n\n{inner}");
    assert_eq!(left(&around).unwrap(), [""; 0], "a container goes with all of its phases");
    let held = format!("{around}{}", open("1.2", "None").replace("###", "####"));
    assert_eq!(left(&held).unwrap(), ["1", "1.2"]);
    assert!(left(&format!("{}```\n", done("1"))).unwrap_err().contains("never ends"));
}

#[test]
fn findings_carry_what_mends_them() {
    let text = "### Phase 1: a\n- **Status:** ✅ Complete\n- **Tasks:**\n  - [ ] t\n### Phase 2: b\n- **Status:** Blocked\n- **Depends On:** 1\n\
                ### Phase 3: c\n- **Status:** Blocked\n### Phase 4: d\n- **Status:** 🔄 In Progress\n- **Depends On:** 1, 3 ✅\n\
                ### Phase 5: e\n- **Status:** 🔄 In Progress\n- **Assigned To:** a-5\n";
    let roadmap = Roadmap::parse(text.as_bytes());
    let facts = Facts { ended: BTreeSet::from([AgentId::new("a-5")]), ..Facts::default() };
    let garden = RoadmapGardener.look(&roadmap, None, &facts);
    let pairs = || garden.findings.iter().zip(&garden.fixes);
    let found: Vec<_> =
        pairs().filter_map(|(finding, fix)| Some((finding.kind, fix.as_ref()?.risk))).collect();
    assert_eq!(
        found,
        [
            (FindingKind::CompleteWithOpenTasks, Risk::Judged),
            (FindingKind::BlockedReady, Risk::Safe),
            (FindingKind::BlockedWithoutDeps, Risk::Judged),
            (FindingKind::StaleInProgress, Risk::Judged),
            (FindingKind::UntickedDep, Risk::Safe),
            (FindingKind::StaleTick, Risk::Safe),
            (FindingKind::StaleClaim, Risk::Judged),
        ]
    );
    let safe = garden.safe_fixes().unwrap();
    let out = made(text, &safe).unwrap();
    assert_eq!(
        out,
        "### Phase 1: a\n- **Status:** ✅ Complete\n- **Tasks:**\n  - [ ] t\n### Phase 2: b\n- **Status:** Not Started\n- **Depends On:** 1\n\
         ### Phase 3: c\n- **Status:** Blocked\n### Phase 4: d\n- **Status:** 🔄 In Progress\n- **Depends On:** 1 ✅, 3\n\
         ### Phase 5: e\n- **Status:** 🔄 In Progress\n- **Assigned To:** a-5\n",
        "a-5 may be somebody's elsewhere"
    );
    for (finding, fix) in pairs() {
        let Some(fix) = fix else { continue };
        let mended = made(text, &fix.change).unwrap();
        let mended = RoadmapGardener.look(&Roadmap::parse(mended.as_bytes()), None, &facts);
        let same = |other: &&super::finding::Finding| other.message == finding.message;
        assert_eq!(mended.findings.iter().find(same), None);
    }
}

#[test]
fn a_field_that_says_the_same_again_goes() {
    let text = "### Phase 1: a\n- **Status:** Ready\n- **Effort:** S\n- **Effort:** M\n- **STATUS:** Ready\n";
    let garden = RoadmapGardener.garden(&Roadmap::parse(text.as_bytes()), None, &nobody());
    let fixes: Vec<_> = garden.fixes.iter().flatten().collect();
    assert_eq!((garden.findings.len(), fixes.len()), (2, 1), "M or S: a person judges");
    let out = made(text, &fixes[0].change).unwrap();
    assert_eq!(out, text.replace("- **STATUS:** Ready\n", ""));
}
#[test]
fn a_diff_shows_whole_lines() {
    let text = waiting("1.1");
    let roadmap = Roadmap::parse(text.as_bytes());
    let edits = RoadmapChange::Garden.edits(&roadmap, &nobody()).unwrap();
    let hunks = diff::hunks(text.as_bytes(), &edits);
    assert_eq!(hunks.len(), 1);
    assert_eq!(hunks[0].head().as_str(), "@@ line 6, phase 3 @@");
    assert_eq!(hunks[0].old, ["- **Status:** Blocked".into()]);
    assert_eq!(hunks[0].new, ["- **Status:** Not Started".into()]);
    let append =
        RoadmapChange::Append { text: "### Phase 4: n\n- Status: Ready\n".into(), proposal: None };
    let hunks = diff::hunks(text.as_bytes(), &append.edits(&roadmap, &nobody()).unwrap());
    assert_eq!((hunks[0].old.len(), hunks[0].new.len()), (0, 3));
    assert!(hunks[0].head().as_str().ends_with(", phase 4 @@"), "{}", hunks[0].head());
    let many: String = (1..12).map(|n| format!("### Phase 9.{n}: n\n- Status: Ready\n")).collect();
    let many = RoadmapChange::Append { text: many, proposal: None };
    let hunks_of_many = diff::hunks(text.as_bytes(), &many.edits(&roadmap, &nobody()).unwrap());
    let head = hunks_of_many[0].head().to_string();
    let named = ", phases 9.1, 9.2, 9.3, 9.4, 9.5, 9.6, 9.7, 9.8 and 3 more @@";
    assert!(hunks_of_many.len() == 1 && head.ends_with(named), "{head}");
    assert_eq!(diff::lines_changed(&hunks), 3);
}
