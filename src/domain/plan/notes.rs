//! What a person added to a plan, what the world said of it, and what moved while it was looked at.

use std::collections::BTreeMap;

use crate::domain::id::PhaseId;
use crate::domain::plan::waves::Graph;
use crate::domain::plan::{Mode, Plan, PlanRow};
use crate::domain::preview::Preview;
use crate::domain::printable::Printable;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::Status;

/// Notes beside a plan's rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// What agents are told instead of what they would be told.
    pub prompts: BTreeMap<PhaseId, String>,
    /// What starting would do, as far as it was asked for.
    pub previews: Vec<Preview>,
    /// What moved in the roadmap since the plan was looked at first, a clause each.
    pub moved: Vec<Printable>,
    /// Phases that were not offered, but could run after phases that can: they may be included.
    pub includable: Vec<PhaseId>,
}

/// Why a row is there that the goal does not mean.
pub(super) const REST: &str = "not meant by the goal";

impl Plan {
    /// What starting the agent of a phase would do, once it is known.
    pub fn preview(&self, phase: &PhaseId) -> Option<&Preview> {
        self.notes.previews.iter().find(|preview| preview.phase == *phase)
    }

    /// Whether a person wrote what the agent of a phase is told.
    pub fn is_edited(&self, phase: &PhaseId) -> bool {
        self.notes.prompts.contains_key(phase)
    }

    /// Takes over what the world said of launches.
    pub fn previewed(&mut self, previews: Vec<Preview>) {
        let said = |old: &Preview| previews.iter().any(|new| new.phase == old.phase);
        self.notes.previews.retain(|old| !said(old));
        self.notes.previews.extend(previews);
    }

    /// Changes what the agent of a phase is told.
    pub(super) fn word(&mut self, phase: PhaseId, prompt: Option<String>) {
        // What was found out before is no longer true.
        self.notes.previews.retain(|preview| preview.phase != phase);
        match prompt.filter(|text| !text.trim().is_empty()) {
            Some(text) => self.notes.prompts.insert(phase, text),
            None => self.notes.prompts.remove(&phase),
        };
    }

    /// Lists all other phases that can run, or takes those out again that are not ticked.
    pub(super) fn toggle_rest(&mut self, graph: &Graph<'_>) {
        let before = self.rows.len();
        self.rows.retain(|row| row.ticked || row.why != REST);
        if self.rows.len() == before {
            let known: Vec<PhaseId> = self.rows.iter().map(|row| row.id.clone()).collect();
            let known: std::collections::BTreeSet<PhaseId> = known.into_iter().collect();
            let others = graph.runnable().into_iter().filter(|phase| !known.contains(&phase.id));
            let rest = |phase| PlanRow { why: REST.to_owned(), ..super::row(phase, graph) };
            self.rows.extend(others.map(rest));
        }
    }

    /// Whether the other phases are listed.
    pub fn lists_rest(&self) -> bool {
        self.rows.iter().any(|row| row.why == REST)
    }

    /// Ticks what was not offered only because of what it waits for.
    pub(super) fn include(&mut self, graph: &Graph<'_>) {
        for id in std::mem::take(&mut self.notes.includable) {
            self.tick(&id, graph);
            let in_plan = self.rows.iter().any(|row| row.id == id && row.ticked);
            self.interpretation.not_offered.retain(|refused| refused.id != id || !in_plan);
        }
        // One phase alone would leave out what was just taken in.
        if self.mode == Mode::Single && self.rows.iter().filter(|row| row.ticked).count() > 1 {
            self.mode = Mode::Parallel;
        }
    }

    /// Notes what could be included.
    pub(super) fn note_includable(&mut self, graph: &Graph<'_>) {
        let refused = self.interpretation.not_offered.iter().take(MOST_REFUSED);
        let could = refused.filter(|refused| graph.with_open_dependencies(&refused.id).is_some());
        self.notes.includable = could.map(|refused| refused.id.clone()).collect();
    }

    /// Takes over a person's words from a plan that this one replaces, and notes what moved since.
    pub fn take_over(&mut self, before: &Plan, roadmap: &Roadmap) {
        self.notes.prompts.clone_from(&before.notes.prompts);
        let ticked = before.rows.iter().filter(|row| row.ticked);
        let moved = ticked.flat_map(|row| moved(row, self, roadmap));
        self.notes.moved = moved.map(|clause| Printable::new(&clause)).collect();
    }
}

/// So many refused phases are looked at for what they wait for.
const MOST_REFUSED: usize = 50;

/// What moved about a ticked row.
fn moved(old: &PlanRow, new: &Plan, roadmap: &Roadmap) -> Vec<String> {
    let id = &old.id;
    let Some(row) = new.rows.iter().find(|row| row.id == *id && row.ticked) else {
        return vec![gone(id, new, roadmap)];
    };
    let more = row.waits_for.iter().filter(|other| !old.waits_for.contains(other));
    let less = old.waits_for.iter().filter(|other| !row.waits_for.contains(other));
    let more = more.map(|other| format!("{id} waits for {other} now"));
    more.chain(less.map(|other| format!("{id} no longer waits for {other}"))).collect()
}

/// Why a phase is no longer in the plan.
fn gone(id: &PhaseId, new: &Plan, roadmap: &Roadmap) -> String {
    let Some(phase) = roadmap.phase(id) else { return format!("{id} is gone from the roadmap") };
    let holder = phase.assigned_to.as_ref();
    match phase.status.state {
        Status::Complete => format!("{id} is complete now"),
        Status::InProgress => match holder {
            Some(holder) => format!("{id} was taken by {holder}"),
            None => format!("{id} is in progress now"),
        },
        Status::NotStarted | Status::Blocked | Status::Deferred | Status::Unknown => {
            let refused = new.interpretation.not_offered.iter().find(|refused| refused.id == *id);
            match refused {
                Some(refused) => format!("{id} can't run now: {}", refused.reason),
                None => format!("{id} is no longer on offer"),
            }
        }
    }
}
