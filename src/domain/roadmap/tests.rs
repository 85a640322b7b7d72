//! Whole roadmaps: reading, deciding and editing.

use std::collections::BTreeSet;

use super::finding::{FindingKind, Severity};
use super::phase::{Dependency, Effort, Status, StatusSource};
use super::readiness::{Evaluator, NotReady};
use super::{Dialect, Roadmap, RoadmapChange, splice};
use crate::domain::gardener::{Garden, RoadmapGardener};
use crate::domain::id::PhaseId;

const TEXT: &str = "\
# Plan

## Batch 1 (Base)

### Phase 1.1: Ground ⭐ BOOTSTRAP

- **Status:** ✅ Complete
- **Assigned To:** Mira
- **Tasks:**
  - [✅] dig
  - [x] fill
- **Effort:** S

### Phase 1.2: Walls

- **Status:** 🔄 In Progress
- **Assigned To:** Otto
- **Depends On:** Phase 1.1 ✅
- **Tasks:**
  - [x] north
  - [ ] south
    - [⚙️] window
- **Effort:** M (two days)
- **Done When:**
  - stands
  - [ ] is plumb

## Batch 2

### Phase 2.1: Roof

- **Status:** 🔴 Blocked
- **Depends On:** Phase 1.1 ✅, Phase 1.2

### Phase 2.2: Door

- **Status:** 🔴 Blocked (waiting for 1.1)
- **Depends On:** Phase 1.1

```text
### Phase 9.9: Example
- **Status:** 🔴 Blocked
```

## Backlog

- [ ] paint
- **Status:** ✅ Complete
";

fn nobody() -> BTreeSet<PhaseId> {
    BTreeSet::new()
}

fn garden(text: &str) -> Garden {
    RoadmapGardener.garden(&Roadmap::parse(text.as_bytes()), None, &nobody())
}

fn kinds(text: &str) -> Vec<FindingKind> {
    garden(text).findings.iter().map(|finding| finding.kind).collect()
}

fn apply(text: &str, change: &RoadmapChange) -> Result<String, String> {
    let roadmap = Roadmap::parse(text.as_bytes());
    let edits = change.edits(&roadmap, &nobody()).map_err(String::from)?;
    Ok(String::from_utf8(splice(text.as_bytes(), &edits)).unwrap())
}

fn claim(phase: &str) -> RoadmapChange {
    RoadmapChange::Claim { phase: PhaseId::new(phase), assignee: "Nova".into() }
}

fn release(phase: &str, restore: Option<&str>) -> RoadmapChange {
    let restore = restore.map(str::to_owned);
    RoadmapChange::Release { phase: PhaseId::new(phase), assignee: "Nova".into(), restore }
}

fn complete(phase: &str) -> RoadmapChange {
    RoadmapChange::Complete {
        phase: PhaseId::new(phase),
        date: "2026-01-02".into(),
        ticked: vec![],
    }
}

#[test]
fn a_roadmap_is_read_with_its_places() {
    let roadmap = Roadmap::parse(TEXT.as_bytes());
    let ids: Vec<_> = roadmap.phases.iter().map(|phase| phase.id.as_str()).collect();
    assert_eq!(ids, ["1.1", "1.2", "2.1", "2.2"]);
    assert_eq!(roadmap.dialect, Dialect::Arrows);
    assert_eq!(roadmap.hash.0.len(), 64);
    let walls = &roadmap.phases[1];
    assert_eq!((walls.name.as_str(), walls.place.line, walls.place.batch), ("Walls", 14, Some(1)));
    assert_eq!((walls.effort, walls.progress()), (Some(Effort::M), (1, 3)));
    assert_eq!(walls.value(walls.field("done when").unwrap()), "\n- stands\n- [ ] is plumb");
    assert_eq!(&TEXT[walls.status.token.clone()], "🔄 In Progress");
    assert!(
        matches!(&walls.depends_on[..], [Dependency::Phase { ticked: true, span, .. }] if &TEXT[span.clone()] == "1.1")
    );
    assert!(roadmap.phases[0].is_bootstrap());
    assert!(TEXT[roadmap.phases[3].place.section.clone()].ends_with("```\n\n"));
    for task in &walls.tasks {
        assert!(matches!(&TEXT[task.mark.clone()], "x" | " " | "⚙️"));
    }
}

#[test]
fn gardening_unblocks_what_is_satisfied_and_nothing_else() {
    let looked = garden(TEXT);
    assert_eq!(looked.unblocked, [PhaseId::new("2.2")]);
    assert_eq!(looked.still_blocked, [(PhaseId::new("2.1"), vec![PhaseId::new("1.2")])]);
    let tended = apply(TEXT, &RoadmapChange::Garden).unwrap();
    assert_eq!(tended, TEXT.replacen("🔴 Blocked (waiting for 1.1)", "⚪ Not Started", 1));
    assert!(garden(&tended).edits.is_empty());
}

#[test]
fn a_tick_satisfies_only_its_own_phase() {
    let text = "### Phase 5.1: a\n- **Status:** Complete\n### Phase 8.6: b\n- **Status:** Not Started\n\
        ### Phase 9.4: c\n- **Status:** Blocked\n- **Depends On:** Phase 5.1 ✅, Phase 8.6\n";
    assert!(garden(text).unblocked.is_empty());
    let stale = text.replace("Phase 8.6\n", "Phase 8.6 ✅\n");
    assert!(garden(&stale).unblocked.is_empty());
    assert!(kinds(&stale).contains(&FindingKind::StaleTick));
}

#[test]
fn text_without_an_id_waits_for_a_person() {
    let text = "### Phase 1: a\n- **Status:** Blocked\n- **Depends On:** vendor approval\n\
        ### Phase 2: b\n- **Status:** Blocked\n### Phase 3: c\n- **Status:** Complete\n\
        ### Phase 4: d\n- **Status:** Blocked (legal review)\n- **Depends On:** Phase 3\n";
    let looked = garden(text);
    let people: Vec<_> =
        looked.needs_human.iter().map(|(id, why)| (id.as_str(), why.as_str())).collect();
    assert_eq!(
        people,
        [
            ("1", "vendor approval"),
            ("2", "it is blocked, but depends on nothing"),
            ("4", "legal review")
        ]
    );
    assert!(looked.edits.is_empty());
}

#[test]
fn a_reason_is_dropped_only_when_it_is_met() {
    let text = |reason: &str| {
        format!(
            "### Phase 1: a\n- **Status:** Complete\n### Phase 2: b\n- **Status:** 🔴 Blocked {reason}\n- **Depends On:** Phase 1\n"
        )
    };
    for reason in
        ["(needs Phase 1)", "(blocked by 1.x)", "(Waiting for Phase 1, Phase 7)", "(2026)"]
    {
        let unblocked = !garden(&text(reason)).edits.is_empty();
        assert_eq!(unblocked, reason == "(needs Phase 1)", "{reason}");
    }
}

#[test]
fn held_phases_are_never_complete() {
    let held = BTreeSet::from([PhaseId::new("1.1")]);
    let roadmap = Roadmap::parse(TEXT.as_bytes());
    let evaluator = Evaluator::new(&roadmap, &held);
    assert!(!evaluator.is_complete(&PhaseId::new("1.1")));
    assert!(RoadmapGardener.garden(&roadmap, None, &held).unblocked.is_empty());
    assert!(evaluator.reasons(&roadmap.phases[0]).contains(&NotReady::Held));
}

#[test]
fn scopes_wait_for_every_phase_they_cover() {
    let text = "## Batch 1\n### Phase 1: a\n- **Status:** Complete\n### Phase 2: b\n- **Status:** In Progress\n- **Agent:** x\n\
        ## Batch 2\n### Phase 3: c\n- **Status:** Blocked\n- **Depends On:** All Batch 1 phases\n\
        ### Phase 4: d\n- **Status:** Blocked\n- **Depends On:** All previous phases\n\
        ### Phase 5: e\n- **Status:** Blocked\n- **Depends On:** Batch 7\n";
    let looked = garden(text);
    let pending: Vec<_> =
        looked.still_blocked.iter().map(|(id, on)| format!("{id}:{on:?}")).collect();
    assert_eq!(pending, ["3:[2]", "4:[2, 3]"]);
    let done = text.replace("In Progress", "Complete");
    assert_eq!(garden(&done).unblocked, [PhaseId::new("3")]);
}

#[test]
fn completions_since_the_last_look_are_named() {
    let before = Roadmap::parse(TEXT.as_bytes());
    let after = Roadmap::parse(TEXT.replace("🔄 In Progress", "✅ Complete").into_bytes());
    let looked = RoadmapGardener.garden(&after, Some(&before), &nobody());
    assert_eq!(looked.completed_since_last, [PhaseId::new("1.2")]);
    let held = BTreeSet::from([PhaseId::new("1.2")]);
    assert!(RoadmapGardener.garden(&after, Some(&before), &held).completed_since_last.is_empty());
}

#[test]
fn claim_and_release_undo_each_other() {
    for text in [
        TEXT.to_owned(),
        TEXT.replace('\n', "\r\n"),
        TEXT.replace("- **", "* **").replace(":**", "**:"),
    ] {
        let open = apply(&text, &RoadmapChange::Garden).unwrap();
        let claimed = apply(&open, &claim("2.2")).unwrap();
        let phase = Roadmap::parse(claimed.as_bytes()).phases[3].clone();
        assert_eq!(
            (phase.status.state, phase.assigned_to.unwrap().as_str()),
            (Status::InProgress, "Nova")
        );
        assert_eq!(claimed.matches("\r\n").count() > 0, text.contains('\r'));
        assert_eq!(apply(&claimed, &claim("2.2")).unwrap(), claimed);
        assert_eq!(apply(&claimed, &release("2.2", None)).unwrap(), open);
        assert_eq!(apply(&open, &release("2.2", None)).unwrap(), open);
    }
}

#[test]
fn a_placeholder_comes_back() {
    let text = "### Phase 1: a\n- **Status:** ⚪ Not Started\n- **Owner:** TBD\n";
    let claimed = apply(text, &claim("1")).unwrap();
    assert_eq!(claimed, "### Phase 1: a\n- **Status:** 🔄 In Progress\n- **Owner:** Nova\n");
    assert_eq!(apply(&claimed, &release("1", Some("TBD"))).unwrap(), text);
    let taken = claimed.replace("Nova", "Otto");
    assert_eq!(apply(&taken, &release("1", Some("TBD"))).unwrap(), taken);
}

#[test]
fn completing_adds_a_day_behind_the_last_field() {
    let text = TEXT.replace("Otto", "Nova");
    let done = apply(&text, &complete("1.2")).unwrap();
    let expected = text.replacen("🔄 In Progress", "✅ Complete", 1).replacen(
        "  - [ ] is plumb\n",
        "  - [ ] is plumb\n- **Completed:** 2026-01-02\n",
        1,
    );
    assert_eq!(done, expected);
    assert_eq!(apply(&done, &complete("1.2")).unwrap(), done);
    let circles =
        "### Phase 1: a\n**Status:** 🟢 Complete\n### Phase 2: b\n**Status:** 🟡 In Progress";
    let done = apply(circles, &complete("2")).unwrap();
    assert_eq!(
        done,
        "### Phase 1: a\n**Status:** 🟢 Complete\n### Phase 2: b\n**Status:** 🟢 Complete\n**Completed:** 2026-01-02"
    );
}

#[test]
fn refusals_say_why() {
    let text = "### Phase 1: a\n- **Status:** Complete\n### Phase 1: b\n- **Status:** Not Started\n### Phase 2: c\n\
        ### Phase 3: d\n- **Status:** In Progress\n- **Agent:** Otto\n### Phase 4: e\n- **Status:** Blocked\n### Phase 5: f\n- **Status:** Done\n";
    let why = |id: &str| apply(text, &claim(id)).unwrap_err();
    assert!(why("9").contains("no phase 9"));
    assert!(why("1").contains("stands twice, on lines 1 and 3"));
    assert!(why("2").contains("no Status field"));
    assert!(why("3").contains("assigned to Otto"));
    assert!(why("4").contains("blocked"));
    assert!(why("5").contains("already complete"));
}

#[test]
fn names_stay_on_one_line() {
    let change =
        RoadmapChange::Claim { phase: PhaseId::new("1"), assignee: "a\n### Phase 2: b".into() };
    let claimed = apply("### Phase 1: a\n- **Status:** Not Started\n", &change).unwrap();
    assert_eq!(Roadmap::parse(claimed.into_bytes()).phases.len(), 1);
}

#[test]
fn findings_of_every_kind() {
    use FindingKind as K;
    let phase = |id: &str, status: &str, rest: &str| {
        format!("### Phase {id}: x\n- **Status:** {status}\n{rest}")
    };
    let done = phase("1", "Complete", "");
    let deps = |on: &str| format!("- **Depends On:** {on}\n");
    for (kind, text) in [
        (K::BlockedReady, done.clone() + &phase("2", "Blocked", &deps("1, Phase 1"))),
        (K::BlockedByPerson, done.clone() + &phase("2", "Blocked (colour)", &deps("Phase 1"))),
        (K::BlockedWithoutDeps, phase("2", "Blocked", "")),
        (K::UnknownDep, phase("2", "Not Started", &deps("Phase 9"))),
        (K::OpaqueDep, phase("2", "Not Started", &deps("the vendor"))),
        (K::StaleTick, phase("1", "Blocked", "") + &phase("2", "Blocked", &deps("Phase 1 ✅"))),
        (
            K::UntickedDep,
            done.clone()
                + &phase("3", "Done", "")
                + &phase("2", "Not Started", &deps("Phase 1 ✅, Phase 3")),
        ),
        (
            K::Cycle,
            phase("1", "Blocked", &deps("Phase 2")) + &phase("2", "Blocked", &deps("Phase 1")),
        ),
        (K::DuplicateId, done.clone() + &done),
        (
            K::CompleteBeforeDeps,
            phase("1", "Blocked", "") + &phase("2", "Complete", &deps("Phase 1")),
        ),
        (
            K::StartedBeforeDeps,
            phase("1", "Blocked", "") + &phase("2", "In Progress", &deps("Phase 1")),
        ),
        (K::StaleInProgress, phase("2", "In Progress", "- **Owner:** TBD\n")),
        (K::StatusConflict, phase("2", "🟡 Complete", "")),
        (K::UnknownStatus, phase("2", "soon", "")),
        (K::CompleteWithOpenTasks, phase("2", "Complete", "- **Tasks:**\n  - [ ] x\n")),
        (K::RepeatedField, phase("2", "Complete", "- **Status:** Blocked\n")),
        (K::UnclosedFence, phase("2", "Complete", "```\n")),
        (K::NoPhases, "# Nothing\n".to_owned()),
    ] {
        assert!(kinds(&text).contains(&kind), "{kind:?}: {:?}", kinds(&text));
    }
    assert!(kinds(&done).is_empty());
    let looked = garden(
        &(phase("1", "Blocked", &deps("Phase 2")) + &phase("2", "Blocked", &deps("Phase 1"))),
    );
    let cycle = looked.findings.iter().find(|finding| finding.kind == K::Cycle).unwrap();
    assert_eq!(cycle.message.as_str(), "These phases wait for each other: 1 → 2 → 1.");
}

#[test]
fn sections_end_where_markdown_says() {
    let text = "## Phase 1: box\n### Phase 1.1: a\n- **Status:** Not Started\n#### Notes\n- **Owner:** Otto\n\
        ### Other\n- **Status:** Complete\n## Elsewhere\n- **Depends On:** Phase 9\n- **Tasks:**\n  - [ ] x\n";
    let roadmap = Roadmap::parse(text.as_bytes());
    let [outer, inner] = &roadmap.phases[..] else { panic!("two phases") };
    assert_eq!(outer.status.source, StatusSource::None);
    assert!(outer.tasks.is_empty() && inner.tasks.is_empty() && inner.depends_on.is_empty());
    assert_eq!(inner.assigned_to.as_ref().unwrap().as_str(), "Otto");
    let held = nobody();
    let ready: Vec<_> =
        Evaluator::new(&roadmap, &held).ready().iter().map(|phase| phase.id.as_str()).collect();
    assert_eq!(ready, ["1.1"]);
}

#[test]
fn what_is_required_counts_where_it_names_phases() {
    let ready = |on: &str| {
        let text = format!(
            "### Phase 1: a\n- **Status:** Blocked\n### Phase 2: b\n- **Status:** Not Started\n{on}\n"
        );
        let (roadmap, held) = (Roadmap::parse(text.as_bytes()), nobody());
        !Evaluator::new(&roadmap, &held).ready().is_empty()
    };
    for on in ["- **Requires:** Phase 1", "- Waiting on: 1", "**Requires:** Docker, Phase 9"] {
        assert!(!ready(on), "{on}");
    }
    for on in [
        "#### Dependencies\n- Phase 1",
        "#### **Depends on:**\n\n- **Phase 1**: the base\n",
        "**Dependencies:**\n- **Phase 1**: the base",
    ] {
        assert!(!ready(on), "{on}");
    }
    assert!(ready("#### Dependencies\n- axios\n\n#### Notes\n- Phase 1"));
    for on in ["- **Requires:** Docker", "- **Requires:** Python 3.11", "- **Requires:** 18.3"] {
        assert!(ready(on), "{on}");
    }
}

#[test]
fn a_complete_phase_is_checked_too_but_never_an_error() {
    let found = |text: &str| -> Vec<(FindingKind, Severity)> {
        let roadmap = Roadmap::parse(text.as_bytes());
        let held = BTreeSet::new();
        let evaluator = Evaluator::new(&roadmap, &held);
        let found = crate::domain::health::diagnoses(
            &roadmap,
            (&evaluator, &evaluator.blockages()),
            &BTreeSet::new(),
        );
        found.into_iter().map(|(finding, _)| (finding.kind, finding.severity)).collect()
    };
    let phase = "### Phase 1: a\n- **Status:** Complete\n";
    for on in ["Phase 9.9", "Batch 9"] {
        let text = format!("{phase}- **Depends On:** {on}\n");
        assert_eq!(found(&text), [(FindingKind::UnknownDep, Severity::Info)]);
    }
    let open = [(FindingKind::CompleteWithOpenTasks, Severity::Info)];
    assert_eq!(found(&format!("{phase}\n#### To do\n\n- [ ] one\n- [x] two\n")), open);
    assert_eq!(found(&format!("{phase}- **Tasks:**\n  - [ ] one\n\n- [ ] two\n")), open);
    assert_eq!(found(&format!("{phase}\n- [x] two\n")), []);
}

#[test]
fn tasks_go_on_behind_plain_items_and_may_be_numbered() {
    let tasks = |list: &str| {
        let text = format!("### Phase 1: a\n- **Status:** Not Started\n\n**Tasks:**\n\n{list}");
        Roadmap::parse(text.as_bytes()).phases[0].progress()
    };
    assert_eq!(tasks("1. plan it\n2. do it\n\n- [ ] one\n- [x] two\n"), (1, 2));
    assert_eq!(tasks("1. [ ] one\n2. [x] two\n3) [x] three\n"), (2, 3));
    assert_eq!(tasks("- plain\n- [x] one\n"), (1, 1));
    assert_eq!(tasks("Some text\n\n- [x] one\n"), (0, 0));
}

#[test]
fn check_lists_elsewhere_are_no_tasks() {
    let text = "### Phase 1: a\n- **Status:** Not Started\n- **Tasks:**\n  - [ ] one\n- **Done When:**\n  - [ ] two\n- [ ] three\n\n- [ ] four\n";
    assert_eq!(Roadmap::parse(text.as_bytes()).phases[0].progress(), (0, 1));
}

#[test]
fn clauses_are_for_people() {
    let shown = |reason: NotReady| reason.clause();
    assert_eq!(shown(NotReady::Status(Status::Complete)), "already complete");
    assert_eq!(shown(NotReady::Waits(PhaseId::new("3.3"))), "waits for 3.3");
    assert_eq!(
        shown(NotReady::UnknownDependency(PhaseId::new("9.9"))),
        "depends on 9.9, which is not in the roadmap"
    );
}
