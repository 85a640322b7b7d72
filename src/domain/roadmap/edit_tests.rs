//! Edits a person asks for, and taking them back.

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
    let complete =
        RoadmapChange::Complete { phase: PhaseId::new("1"), date: "2026-01-02".to_owned() };
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
    let append = |text: &str| RoadmapChange::Append { text: text.into() };
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

/// Makes a change and gives the text with what can be taken back.
fn noted(text: &[u8], change: RoadmapChange) -> Option<(Vec<u8>, Revert)> {
    let roadmap = Roadmap::parse(text);
    let edits = change.edits(&roadmap, &nobody()).ok().filter(|edits| !edits.is_empty())?;
    let after = Roadmap::parse(splice(text, &edits));
    let target = TargetId::new("t");
    let order = RoadmapOrder { target, agent: None, change, held: nobody() };
    let record = undo::record(&order, &edits, Some((Path::new("/r.md"), &after)));
    let line = serde_json::to_string(&record).unwrap();
    let mut stack = UndoStack::default();
    stack.take(&serde_json::from_str(&line).unwrap());
    assert_eq!(stack.of(Path::new("/other.md")), []);
    Some((after.bytes().to_vec(), stack.of(Path::new("/r.md"))[0].clone()))
}

fn reverted(text: &[u8], revert: Revert) -> Result<Vec<u8>, String> {
    let change = RoadmapChange::Revert(vec![revert]);
    let edits = change.edits(&Roadmap::parse(text), &nobody()).map_err(String::from)?;
    Ok(splice(text, &edits))
}

#[test]
fn an_edit_is_taken_back_wherever_it_has_moved() {
    let text = waiting("1.1, 1.2 ✅");
    for change in [
        tick("3", "1.1", Tick::On),
        tick("3", "1.2", Tick::Off),
        reopen("1.2", Status::Blocked),
        RoadmapChange::Append { text: "### Phase 4: n\n- Status: Ready\n".into() },
    ] {
        let (after, revert) = noted(text.as_bytes(), change.clone()).unwrap();
        assert_eq!(reverted(&after, revert.clone()).unwrap(), text.as_bytes(), "{change:?}");
        let moved = [b"# New title\n\n".as_slice(), &after].concat();
        let back = reverted(&moved, revert.clone()).unwrap();
        assert_eq!(back, format!("# New title\n\n{text}").into_bytes(), "{change:?}");
        assert!(reverted(text.as_bytes(), revert).unwrap_err().contains("changed since"));
    }
    let done = "### Phase 1: n\n- **Status:** ✅ Complete\n\n### Phase 2: m\n- **Status:** Ready\n";
    let (after, revert) = noted(done.as_bytes(), RoadmapChange::Archive).unwrap();
    assert_eq!(after, b"### Phase 2: m\n- **Status:** Ready\n");
    assert_eq!(reverted(&after, revert).unwrap(), done.as_bytes());
}

#[test]
fn what_was_changed_since_is_not_taken_back() {
    let text = waiting("1.1");
    let (after, revert) = noted(text.as_bytes(), RoadmapChange::Garden).unwrap();
    let after = String::from_utf8(after).unwrap();
    let claimed = after.replace("Not Started", "In Progress");
    let why = reverted(claimed.as_bytes(), revert.clone()).unwrap_err();
    assert!(why.starts_with("What was written for phase 3 (line 6 then)"), "{why}");
    let held = BTreeSet::from([PhaseId::new("3")]);
    let change = RoadmapChange::Revert(vec![revert]);
    let why = change.edits(&Roadmap::parse(after.as_bytes()), &held).unwrap_err();
    assert!(why.as_str().contains("An agent works on phase 3"), "{why}");
}

/// Beside ticks a green circle alone says nothing; in a file of circles it says complete.
#[test]
fn an_archive_that_would_change_what_is_left_is_refused() {
    let text = "### Phase 1: n\n- **Status:** ✅ Complete\n\n### Phase 2: m\n- **Status:** 🟢\n\n\
        ### Phase 3: o\n- **Status:** 🔴 Blocked\n- **Depends On:** Phase 2\n";
    let why = made(text, &RoadmapChange::Archive).unwrap_err();
    assert!(why.contains("the state of phase 2 tells too little"), "{why}");
    // Without the phase the state below belongs to the heading above.
    let text = "# R7 - x\n\n### Phase 1.1: n\n- **Status:** ✅ Complete\n\n### Phase1.3: m\n- **Status:** Ready\n";
    assert_eq!(Roadmap::parse(text.as_bytes()).phases.len(), 1);
    let why = made(text, &RoadmapChange::Archive).unwrap_err();
    assert!(why.contains("the state of phase R7 tells too little"), "{why}");
}

/// Phases look alike: what was written for one that is gone is not looked for in another.
#[test]
fn undo_never_writes_into_another_phase() {
    let phase = |id: &str, status: &str| {
        format!(
            "### Phase {id}: x\n- **Effort:** M\n- **Assigned To:** TBD\n- **Status:** {status}\n- **Depends On:** Phase 1.1\n\n"
        )
    };
    let done = "### Phase 1.1: a\n- **Status:** ✅ Complete\n\n";
    let text = format!("{done}{}{}", phase("1.2", "🔴 Blocked"), phase("1.3", "🔄 In Progress"));
    let (after, revert) = noted(text.as_bytes(), RoadmapChange::Garden).unwrap();
    let after = String::from_utf8(after).unwrap();
    let tended = phase("1.2", "⚪ Not Started");
    assert!(after.contains(&tended));
    for gone in [
        String::new(),
        phase("1.3", "⚪ Not Started"),
        tended.replace("1.2", "1.7"),
        format!("```\n{tended}```\n"),
    ] {
        let text = after.replace(&tended, &gone);
        let why = reverted(text.as_bytes(), revert.clone()).unwrap_err();
        assert!(why.starts_with("What was written for phase 1.2"), "{why}");
    }
}

#[test]
fn a_section_is_not_put_back_beside_another_of_its_phase() {
    let done = "### Phase 1: n\n- **Status:** ✅ Complete\n\n### Phase 2: m\n- **Status:** Ready\n";
    let (after, revert) = noted(done.as_bytes(), RoadmapChange::Archive).unwrap();
    let again = [&after[..], b"\n### Phase 1: new\n- **Status:** Ready\n"].concat();
    let why = reverted(&again, revert).unwrap_err();
    assert!(why.starts_with("Phase 1 is in the roadmap again"), "{why}");
}

#[test]
fn what_was_undone_is_left_alone_until_it_changes() {
    let text = waiting("1.1");
    let (after, revert) = noted(text.as_bytes(), RoadmapChange::Garden).unwrap();
    let change = RoadmapChange::Revert(vec![revert]);
    let edits = change.edits(&Roadmap::parse(after.clone()), &nobody()).unwrap();
    let back = Roadmap::parse(splice(&after, &edits));
    let order = RoadmapOrder { target: TargetId::new("t"), agent: None, change, held: nobody() };
    let mut stack = UndoStack::default();
    stack.take(&undo::record(&order, &edits, Some((Path::new("/r.md"), &back))));
    let facts = Facts { left: stack.left().clone(), ..Facts::default() };
    let garden = RoadmapGardener.look(&back, None, &facts);
    assert!(garden.edits.is_empty());
    let why = garden.needs_human.last().unwrap().1.as_str();
    assert_eq!(why, "its unblocking was undone; R or `orch-tui garden` unblocks it");
    let but = RoadmapChange::GardenBut(facts.left.clone());
    assert_eq!(but.edits(&back, &nobody()), Ok(Vec::new()));
    assert_eq!(RoadmapChange::Garden.edits(&back, &nobody()).unwrap().len(), 1);
    for changed in [text.replace(": c", ": see"), waiting("1.1 ✅")] {
        let roadmap = Roadmap::parse(changed.as_bytes());
        assert_eq!(RoadmapGardener.look(&roadmap, None, &facts).unblocked.len(), 1, "{changed}");
    }
}

#[test]
fn only_what_was_unblocked_is_left_alone_after_an_undo() {
    let left = |text: &str, change: RoadmapChange| {
        let (after, revert) = noted(text.as_bytes(), change).unwrap();
        let change = RoadmapChange::Revert(vec![revert]);
        let edits = change.edits(&Roadmap::parse(after.clone()), &nobody()).unwrap();
        let back = Roadmap::parse(splice(&after, &edits));
        (undo::left_alone(&edits, &back, &nobody()), back)
    };
    let text = "### Phase 1: a\n- **Status:** ✅ Complete\n\n### Phase 2: b\n- **Status:** 🔴 Blocked (needs Phase 3)\n\
                - **Depends On:** 1\n- **Tasks:**\n  - [ ] t\n\n### Phase 3: c\n- **Status:** 🔄 In Progress\n";
    let tick = || RoadmapChange::TickTasks { phase: PhaseId::new("2"), task: None };
    assert!(left(text, tick()).0.is_empty());
    let done = text.replace("🔄 In Progress", "✅ Complete");
    assert!(left(&done, tick()).0.is_empty(), "its status was not written");
    let (kept, back) = left(&done, RoadmapChange::Garden);
    let ids: Vec<_> = kept.keys().map(PhaseId::as_str).collect();
    assert_eq!(ids, ["2"]);
    let print = |roadmap: &Roadmap| {
        let nobody = nobody();
        let evaluator = super::readiness::Evaluator::new(roadmap, &nobody);
        undo::Fingerprint::of(&roadmap.phases[1], &evaluator)
    };
    assert_eq!(kept.values().next(), Some(&print(&back)));
    assert_ne!(print(&back), print(&Roadmap::parse(text.as_bytes())), "3 is open there");
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
fn thousands_of_fixes_are_made_and_taken_back_after_another_edit() {
    let section = |id: usize| {
        let (on, next) = (id.saturating_sub(1), id + 1);
        format!(
            "### Phase 1.{id}: n\n- **Status:** 🔄 In Progress\n- **Owner:** Ada\n- **Depends On:** 1.{on} ✅, 1.{next} ✅\n\n"
        )
    };
    let text: String = (1..=5_000).map(section).collect();
    let garden = RoadmapGardener.garden(&Roadmap::parse(text.as_bytes()), None, &nobody());
    let (after, revert) = noted(text.as_bytes(), garden.safe_fixes().unwrap()).unwrap();
    let ticks = |text: &[u8]| String::from_utf8_lossy(text).matches('✅').count();
    assert_eq!((ticks(text.as_bytes()), ticks(&after)), (10_000, 2), "1.0 and 1.5001 are not here");
    let other = "### Phase 0.1: other\n- **Status:** Ready\n\n";
    let after = [other.as_bytes(), &after].concat();
    assert!(reverted(&after, revert).unwrap() == [other, &text].concat().as_bytes());
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
fn records_of_earlier_and_later_versions_are_read() {
    let old = r#"{"target":"t","why":"garden","phases":["1"],"edits":[[4,"a","b"]]}"#;
    let record: crate::domain::journal::RoadmapRecord = serde_json::from_str(old).unwrap();
    assert_eq!((&record.undo, serde_json::to_string(&record).unwrap().as_str()), (&None, old));
    let mut stack = UndoStack::default();
    stack.take(&record);
    assert_eq!(stack.of(Path::new("/r.md")), []);
    // What an earlier program does with what it does not know.
    #[derive(serde::Deserialize)]
    #[serde(tag = "event", rename_all = "snake_case")]
    enum Then {
        RoadmapEdited { why: String },
    }
    let (_, revert) = noted(waiting("1.1").as_bytes(), RoadmapChange::Garden).unwrap();
    let record =
        crate::domain::journal::RoadmapRecord { undo: Some(Box::new(revert.note)), ..record };
    let fact = crate::domain::journal::Fact::RoadmapEdited(record);
    let Then::RoadmapEdited { why } =
        serde_json::from_str(&serde_json::to_string(&fact).unwrap()).unwrap();
    assert_eq!(why, "garden");
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
    let append = RoadmapChange::Append { text: "### Phase 4: n\n- Status: Ready\n".into() };
    let hunks = diff::hunks(text.as_bytes(), &append.edits(&roadmap, &nobody()).unwrap());
    assert_eq!((hunks[0].old.len(), hunks[0].new.len()), (0, 3));
    assert_eq!(diff::lines_changed(&hunks), 3);
}

fn any_change() -> impl Strategy<Value = RoadmapChange> {
    let id = || prop::sample::select(vec!["1.1", "1.2", "1.3"]).prop_map(PhaseId::new);
    let state = prop::sample::select(vec![Status::Blocked, Status::InProgress]);
    let ticks = prop::sample::select(vec![Tick::On, Tick::Off]);
    prop_oneof![
        Just(RoadmapChange::Garden),
        Just(RoadmapChange::Archive),
        id().prop_map(|phase| RoadmapChange::DropRepeats { phase, key: "status".into() }),
        (id(), state).prop_map(|(phase, from)| RoadmapChange::Reopen { phase, from }),
        (id(), prop::option::of(Just("t".to_owned())))
            .prop_map(|(phase, task)| RoadmapChange::TickTasks { phase, task }),
        (id(), id(), ticks).prop_map(|(phase, on, tick)| RoadmapChange::TickDependency {
            phase,
            on,
            tick
        }),
        Just(RoadmapChange::Append { text: "### Phase 7.7: n\n- Status: Ready\n".into() }),
    ]
}

/// What every phase but some says.
fn others(roadmap: &Roadmap, but: &BTreeSet<PhaseId>) -> Vec<(PhaseId, Status, Vec<Dependency>)> {
    let plain = |dependency: &Dependency| match dependency {
        Dependency::Phase { id, ticked, .. } => {
            Dependency::Phase { id: id.clone(), ticked: *ticked, span: 0..0 }
        }
        Dependency::Batch(_) | Dependency::AllPrevious | Dependency::Opaque(_) => {
            dependency.clone()
        }
    };
    let told = roadmap.phases.iter().filter(|phase| !but.contains(&phase.id)).map(|phase| {
        let depends_on = phase.depends_on.iter().map(plain).collect();
        (phase.id.clone(), phase.status.state, depends_on)
    });
    told.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn any_edit_of_any_bytes_is_made_once_and_taken_back(bytes in soup(), change in any_change()) {
        let roadmap = Roadmap::parse(bytes.as_slice());
        if let Ok(edits) = change.edits(&roadmap, &nobody()) {
            for edit in &edits {
                prop_assert_eq!(&bytes[edit.span.clone()], edit.old.as_slice());
            }
            for pair in edits.windows(2) {
                prop_assert!(pair[0].span.end <= pair[1].span.start);
            }
            let after = Roadmap::parse(splice(&bytes, &edits));
            prop_assert_eq!(change.edits(&after, &nobody()), Ok(Vec::new()));
            let touched: BTreeSet<PhaseId> = match change {
                RoadmapChange::Archive => edits.iter().flat_map(|edit| {
                    Roadmap::parse(edit.old.as_slice()).phases.into_iter().map(|phase| phase.id)
                }).collect(),
                _ => edits.iter().map(|edit| edit.phase.clone()).collect(),
            };
            if change != RoadmapChange::Archive {
                prop_assert_eq!(others(&after, &touched), others(&roadmap, &touched));
            }
            let shown = diff::hunks(&bytes, &edits);
            prop_assert_eq!(shown.is_empty(), edits.is_empty());
        }
        if let Some((after, revert)) = noted(&bytes, change) {
            prop_assert_eq!(reverted(&after, revert), Ok(bytes));
        }
    }
}
