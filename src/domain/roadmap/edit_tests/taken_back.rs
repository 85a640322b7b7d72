//! Edits that are taken back, at once or after others.

use super::*;

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
        RoadmapChange::Append { text: "### Phase 4: n\n- Status: Ready\n".into(), proposal: None },
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
        let evaluator = crate::domain::roadmap::readiness::Evaluator::new(roadmap, &nobody);
        undo::Fingerprint::of(&roadmap.phases[1], &evaluator)
    };
    assert_eq!(kept.values().next(), Some(&print(&back)));
    assert_ne!(print(&back), print(&Roadmap::parse(text.as_bytes())), "3 is open there");
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
        Just(RoadmapChange::Append {
            text: "### Phase 7.7: n\n- Status: Ready\n".into(),
            proposal: None
        }),
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
