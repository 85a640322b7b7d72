//! What is decided about a roadmap, comparable.

use std::collections::{BTreeMap, BTreeSet};

use orch_tui::domain::gardener::RoadmapGardener;
use orch_tui::domain::id::PhaseId;
use orch_tui::domain::roadmap::phase::Status;
use orch_tui::domain::roadmap::readiness::Evaluator;
use orch_tui::domain::roadmap::{Roadmap, splice};

/// Ids.
pub type Ids = BTreeSet<String>;

/// Everything that is decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    /// Every phase with its state, duplicates included.
    pub states: BTreeSet<(String, usize, &'static str)>,
    /// Blocked phases to be set free.
    pub unblocked: Ids,
    /// Blocked phases and what they wait for.
    pub still_blocked: BTreeMap<String, Ids>,
    /// Blocked phases a person has to judge.
    pub needs_human: Ids,
    /// Phases that can start once the gardener was at work.
    pub ready: Ids,
}

/// Ids as text.
pub fn names<'i>(ids: impl IntoIterator<Item = &'i PhaseId>) -> Ids {
    ids.into_iter().map(|id| id.as_str().to_owned()).collect()
}

/// Reads, gardens, and reads again what was gardened, which must leave nothing to garden.
pub fn decide(bytes: &[u8]) -> Decisions {
    let nobody = BTreeSet::new();
    let roadmap = Roadmap::parse(bytes);
    let garden = RoadmapGardener.garden(&roadmap, None, &nobody);
    for edit in &garden.edits {
        assert_eq!(&bytes[edit.span.clone()], edit.old.as_slice());
    }
    let tended = Roadmap::parse(splice(bytes, &garden.edits));
    let again = RoadmapGardener.garden(&tended, None, &nobody);
    assert!(again.edits.is_empty(), "gardening twice: {:?}", again.edits);
    only_these_changed(&roadmap, &tended, &names(&garden.unblocked));
    let states = roadmap.phases.iter().map(|phase| {
        (phase.id.as_str().to_owned(), phase.place.occurrence, phase.status.state.word())
    });
    let still_blocked = garden.still_blocked.iter();
    Decisions {
        states: states.collect(),
        unblocked: names(&garden.unblocked),
        still_blocked: still_blocked
            .map(|(id, pending)| (id.as_str().to_owned(), names(pending)))
            .collect(),
        needs_human: names(garden.needs_human.iter().map(|(id, _)| id)),
        ready: names(Evaluator::new(&tended, &nobody).ready().into_iter().map(|phase| &phase.id)),
    }
}

/// Gardening touched the states of these phases and nothing else of any phase.
fn only_these_changed(before: &Roadmap, after: &Roadmap, freed: &Ids) {
    assert_eq!(before.phases.len(), after.phases.len());
    for (old, new) in before.phases.iter().zip(&after.phases) {
        assert_eq!((&old.id, &old.name, &old.tasks.len()), (&new.id, &new.name, &new.tasks.len()));
        let expected =
            if freed.contains(old.id.as_str()) { Status::NotStarted } else { old.status.state };
        assert_eq!(new.status.state, expected, "phase {}", old.id);
        let text =
            |roadmap: &Roadmap, place: std::ops::Range<usize>| roadmap.bytes()[place].to_vec();
        if !freed.contains(old.id.as_str()) && old.place.occurrence == 1 {
            let sections = [(before, &old.place.section), (after, &new.place.section)];
            let [old_text, new_text] =
                sections.map(|(roadmap, place)| text(roadmap, place.clone()));
            let holds_others = before.phases.iter().any(|other| {
                other.id != old.id && old.place.section.contains(&other.place.heading.start)
            });
            assert!(holds_others || old_text == new_text, "phase {} was changed", old.id);
        }
    }
}
