//! Any bytes are a roadmap: read, gardened and changed without a panic, without touching a byte outside of the edits, and
//! with nothing left to do the second time.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use orch_tui::domain::gardener::RoadmapGardener;
use orch_tui::domain::id::PhaseId;
use orch_tui::domain::roadmap::phase::{Phase, Status};
use orch_tui::domain::roadmap::{Edit, Roadmap, RoadmapChange, Tick, splice};

/// So many phases of a file are changed: few, so that many files are tried.
const PHASES: usize = 2;

/// A phase to be added.
const NEW: &str = "### Phase 9999.1: New\n\n- **Status:** Not Started\n";

fuzz_target!(|bytes: &[u8]| {
    let roadmap = Roadmap::parse(bytes);
    assert_eq!(roadmap.bytes(), bytes);
    looked_at(&roadmap);
    gardened(&roadmap);
    let mut ids: Vec<&PhaseId> = roadmap.phases.iter().map(|phase| &phase.id).collect();
    ids.dedup();
    for id in ids.into_iter().take(PHASES) {
        for (change, held) in changes(id) {
            changed(&roadmap, id, &change, &held);
        }
    }
});

/// Everything that was read lies in the file and can be shown.
fn looked_at(roadmap: &Roadmap) {
    for phase in &roadmap.phases {
        assert!(roadmap.bytes().get(phase.place.section.clone()).is_some());
        assert!(roadmap.bytes().get(phase.status.token.clone()).is_some());
        for field in &phase.fields {
            assert!(field.line_span.start <= field.span.start);
            assert!(field.span.end <= field.line_span.end);
            let _ = phase.value(field);
        }
        for task in &phase.tasks {
            let _ = phase.task_text(task);
        }
    }
}

/// Gardening twice is gardening once.
fn gardened(roadmap: &Roadmap) {
    let nobody = BTreeSet::new();
    let garden = RoadmapGardener.garden(roadmap, None, &nobody);
    assert_eq!(garden.edits.len(), garden.unblocked.len());
    let tended = Roadmap::parse(made(roadmap, &garden.edits));
    assert!(RoadmapGardener.garden(&tended, Some(roadmap), &nobody).edits.is_empty());
}

/// Every change of one phase, and the phases that agents hold meanwhile.
fn changes(id: &PhaseId) -> Vec<(RoadmapChange, BTreeSet<PhaseId>)> {
    let (nobody, held) = (BTreeSet::new(), BTreeSet::from([id.clone()]));
    let (phase, assignee) = (id.clone(), "Nova".to_owned());
    let release = |restore: Option<&str>| RoadmapChange::Release {
        phase: phase.clone(),
        assignee: assignee.clone(),
        restore: restore.map(str::to_owned),
    };
    vec![
        (RoadmapChange::Claim { phase: phase.clone(), assignee: assignee.clone() }, nobody.clone()),
        (release(None), held.clone()),
        (release(Some("TBD")), nobody.clone()),
        (RoadmapChange::Reopen { phase: phase.clone(), from: Status::Blocked }, nobody.clone()),
        (RoadmapChange::TickTasks { phase: phase.clone(), task: None }, nobody.clone()),
        (RoadmapChange::DropRepeats { phase: phase.clone(), key: "Status".into() }, nobody.clone()),
        (tick(&phase, Tick::On), nobody.clone()),
        (tick(&phase, Tick::Off), nobody.clone()),
        (RoadmapChange::Archive, nobody.clone()),
        (RoadmapChange::Append { text: NEW.into() }, nobody),
        (RoadmapChange::Complete { phase: phase.clone(), date: "2026-01-02".into() }, held.clone()),
        (RoadmapChange::Garden, held),
    ]
}

fn tick(phase: &PhaseId, tick: Tick) -> RoadmapChange {
    RoadmapChange::TickDependency { phase: phase.clone(), on: PhaseId::new("1.1"), tick }
}

/// A change is made once, and says what it was to say.
fn changed(roadmap: &Roadmap, id: &PhaseId, change: &RoadmapChange, held: &BTreeSet<PhaseId>) {
    let Ok(edits) = change.edits(roadmap, held) else { return };
    let after = Roadmap::parse(made(roadmap, &edits));
    if *change == RoadmapChange::Archive {
        // What is left is read as before; then more may be free to go.
        let left = roadmap.phases.iter().filter(|phase| {
            edits.iter().all(|edit| !edit.span.contains(&phase.place.heading.start))
        });
        let states = |phase: &Phase| (phase.id.clone(), phase.status.state);
        assert!(left.map(states).eq(after.phases.iter().map(states)));
        return;
    }
    assert_eq!(change.edits(&after, held), Ok(Vec::new()), "{change:?} is made once");
    let phases = after.phases.len();
    let state = after.phase(id).map(|phase| phase.status.state);
    match change {
        RoadmapChange::Append { .. } => {
            assert_eq!(phases, roadmap.phases.len() + edits.len());
            return;
        }
        RoadmapChange::Claim { .. } => assert_eq!(state, Some(Status::InProgress)),
        RoadmapChange::Complete { .. } => assert_eq!(state, Some(Status::Complete)),
        RoadmapChange::Release { .. } => {
            assert!(state != Some(Status::InProgress) || edits.is_empty());
        }
        _of_lines => {}
    }
    assert_eq!(phases, roadmap.phases.len(), "{change:?} keeps every phase");
}

/// The file with the edits made; every byte outside of them is checked to be where it was.
fn made(roadmap: &Roadmap, edits: &[Edit]) -> Vec<u8> {
    let bytes = roadmap.bytes();
    let out = splice(bytes, edits);
    let (mut old, mut new) = (0, 0);
    for edit in edits {
        assert_eq!(bytes.get(edit.span.clone()), Some(edit.old.as_slice()));
        let kept = bytes.get(old..edit.span.start).expect("edits in order, none over another");
        assert_eq!(out.get(new..new + kept.len()), Some(kept));
        new += kept.len();
        assert_eq!(out.get(new..new + edit.new.len()), Some(edit.new.as_slice()));
        (old, new) = (edit.span.end, new + edit.new.len());
    }
    assert_eq!(bytes.get(old..), out.get(new..));
    out
}
