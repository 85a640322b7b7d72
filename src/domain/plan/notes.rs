//! What a person added to a plan, what the world said of it, and what moved while it was looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::domain::id::PhaseId;
use crate::domain::identity::Foreseen;
use crate::domain::plan::waves::Graph;
use crate::domain::plan::{Mode, Plan, PlanRow};
use crate::domain::preview::Preview;
use crate::domain::printable::Printable;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Phase, Status};
use crate::domain::roadmap::readiness::SCOPE_SHOWN;

/// Notes beside a plan's rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// What agents are told instead of what they would be told.
    pub prompts: BTreeMap<PhaseId, String>,
    /// What stood in the roadmap of the phases whose prompts a person wrote, when they wrote them.
    pub grounds: BTreeMap<PhaseId, String>,
    /// What starting would do, as far as it was asked for.
    pub previews: Vec<Preview>,
    /// What moved in the roadmap since the plan was looked at first, a clause each.
    pub moved: Vec<Printable>,
    /// Phases that were not offered, but could run after phases that can: they may be included.
    pub includable: Vec<PhaseId>,
    /// Phases a batch comes to after the ticked ones, as they become ready.
    pub further: Vec<PhaseId>,
    /// What went in or out together with a phase when it was last ticked or unticked: it comes back with it.
    pub along: BTreeMap<PhaseId, BTreeSet<PhaseId>>,
    /// Who would work on the ticked phases, as far as that can be told now.
    pub agents: BTreeMap<PhaseId, Foreseen>,
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

    /// Whether the phase says something else since a person wrote what its agent is told.
    pub fn is_stale(&self, phase: &PhaseId, roadmap: &Roadmap) -> bool {
        let now = roadmap.phase(phase).map(|phase| grounds(roadmap, phase));
        let then = self.notes.grounds.get(phase);
        then.is_some_and(|then| now.is_some_and(|now| now != *then))
    }

    /// Takes over what the world said of launches.
    pub fn previewed(&mut self, previews: Vec<Preview>) {
        let said = |old: &Preview| previews.iter().any(|new| new.phase == old.phase);
        self.notes.previews.retain(|old| !said(old));
        self.notes.previews.extend(previews);
    }

    /// Changes what the agent of a phase is told.
    pub(super) fn word(&mut self, phase: PhaseId, prompt: Option<String>, roadmap: &Roadmap) {
        // What was found out before is no longer true.
        self.notes.previews.retain(|preview| preview.phase != phase);
        let Some(text) = prompt.filter(|text| !text.trim().is_empty()) else {
            self.notes.grounds.remove(&phase);
            self.notes.prompts.remove(&phase);
            return;
        };
        if let Some(found) = roadmap.phase(&phase) {
            self.notes.grounds.insert(phase.clone(), grounds(roadmap, found));
        }
        self.notes.prompts.insert(phase, text);
    }

    /// The phases that are ticked.
    pub fn ticked(&self) -> BTreeSet<PhaseId> {
        self.rows.iter().filter(|row| row.ticked).map(|row| row.id.clone()).collect()
    }

    /// Takes a phase in with what it waits for, or out with what waits for it. The second time, what went along the
    /// first time comes back.
    pub(super) fn toggle(&mut self, id: &PhaseId, graph: &Graph<'_>) {
        let before = self.ticked();
        let along = self.notes.along.remove(id).unwrap_or_default();
        if before.contains(id) {
            self.untick(id, graph);
            for other in along.iter().rev().filter(|other| before.contains(*other)) {
                // What another phase waits for stays.
                let needed = |row: &PlanRow| row.ticked && graph.waits_for(&row.id, other);
                if !self.rows.iter().any(needed) {
                    self.untick(other, graph);
                }
            }
        } else {
            self.tick(id, graph);
            if self.ticked().contains(id) {
                along.iter().for_each(|other| self.tick(other, graph));
            }
        }
        let after = self.ticked();
        let mut moved: BTreeSet<PhaseId> = before.symmetric_difference(&after).cloned().collect();
        if moved.remove(id) && !moved.is_empty() {
            self.notes.along.insert(id.clone(), moved);
        }
    }

    /// Whether this plan, left earlier, is one of the same goal for the same roadmap.
    pub fn is_for(&self, fresh: &Plan) -> bool {
        self.interpretation.goal == fresh.interpretation.goal
            && self.interpretation.kind == fresh.interpretation.kind
            && self.interpretation.matched == fresh.interpretation.matched
            && (&self.target, &self.roadmap_hash) == (&fresh.target, &fresh.roadmap_hash)
    }

    /// This plan again, after it was left: what was known of launches may have changed.
    pub fn taken_up(mut self) -> Self {
        self.notes.previews.clear();
        self.notes.moved.clear();
        self
    }

    /// Lists all other phases that can run, or takes those out again that are not ticked.
    pub(super) fn toggle_rest(&mut self, graph: &Graph<'_>) {
        let before = self.rows.len();
        self.rows.retain(|row| row.ticked || !row.why.starts_with(REST));
        if self.rows.len() == before {
            let refused = &self.interpretation.not_offered;
            let known = self.ids();
            let others = graph.runnable().into_iter().filter(|phase| {
                let new = !known.contains(&phase.id) && !refused.iter().any(|n| n.id == phase.id);
                // What waits for work under way, or for what can't run, has no wave to stand in.
                new && graph.runs_alone(&phase.id)
            });
            let rest =
                |phase| PlanRow { why: super::noted(REST, phase), ..super::row(phase, graph) };
            let rest: Vec<PlanRow> = others.map(rest).collect();
            self.rows.extend(rest);
        }
    }

    fn ids(&self) -> BTreeSet<PhaseId> {
        self.rows.iter().map(|row| row.id.clone()).collect()
    }

    /// Whether the other phases are listed.
    pub fn lists_rest(&self) -> bool {
        self.rows.iter().any(|row| row.why.starts_with(REST))
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

    /// Phases a batch does not come to by itself.
    pub(super) fn without(&self) -> BTreeSet<PhaseId> {
        let unticked = self.rows.iter().filter(|row| !row.ticked && !row.why.starts_with(REST));
        let left_out = self.interpretation.left_out.iter().filter(|id| !self.is_ticked(id));
        unticked.map(|row| &row.id).chain(left_out).cloned().collect()
    }

    fn is_ticked(&self, id: &PhaseId) -> bool {
        self.rows.iter().any(|row| row.ticked && row.id == *id)
    }

    /// Notes what a batch comes to by itself.
    pub(super) fn note_further(&mut self, graph: &Graph<'_>) {
        self.notes.further.clear();
        if self.mode != Mode::Batch {
            return;
        }
        let (ticked, without) = (self.ticked(), self.without());
        let free = graph.runnable().into_iter().filter(|phase| phase.person().is_none());
        let others = free
            .map(|phase| &phase.id)
            .filter(|id| !ticked.contains(*id) && !without.contains(*id));
        let comes_to_it = |id: &&PhaseId| {
            let chain = graph.with_open_dependencies(id);
            chain.is_some_and(|chain| chain.iter().all(|phase| !without.contains(&phase.id)))
        };
        self.notes.further = others.filter(comes_to_it).cloned().collect();
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
        self.notes.grounds.clone_from(&before.notes.grounds);
        self.merge = before.merge;
        // What a ticked phase waits for by now goes in with it.
        let graph = Graph::new(roadmap);
        self.ticked().iter().for_each(|id| self.tick(id, &graph));
        self.arrange(&graph);
        let ticked = before.rows.iter().filter(|row| row.ticked);
        let moved = ticked.flat_map(|row| moved(row, self, roadmap));
        self.notes.moved = moved.map(|clause| Printable::new(&clause)).collect();
    }
}

/// A hash of what a phase says of the work, to tell whether it says something else later.
pub(super) fn says(roadmap: &Roadmap, phase: &Phase) -> u64 {
    let mut hasher = DefaultHasher::new();
    grounds(roadmap, phase).hash(&mut hasher);
    hasher.finish()
}

/// What a phase says of the work: its heading and section without how far it is, which agents need not be told anew.
fn grounds(roadmap: &Roadmap, phase: &Phase) -> String {
    let fields = phase.progress_fields();
    let progress: Vec<usize> = fields.flat_map(|f| phase.lines(f)).map(|line| line.start).collect();
    let (mut at, mut kept) = (phase.place.heading.start, Vec::new());
    let section = roadmap.bytes().get(at..phase.place.section.end).unwrap_or_default();
    for line in section.split_inclusive(|byte| *byte == b'\n') {
        let end = at + line.len();
        if !progress.iter().any(|start| (at..end).contains(start)) {
            kept.extend_from_slice(line);
        }
        at = end;
    }
    String::from_utf8_lossy(&kept).trim_end().to_owned()
}

/// So many refused phases are looked at for what they wait for.
const MOST_REFUSED: usize = 50;

/// What moved about a ticked row.
fn moved(old: &PlanRow, new: &Plan, roadmap: &Roadmap) -> Vec<String> {
    let id = &old.id;
    let Some(row) = new.rows.iter().find(|row| row.id == *id && row.ticked) else {
        return vec![gone(id, new, roadmap)];
    };
    // What a list that was cut does not show may have been waited for all along, or still be.
    let whole = |of: &PlanRow| of.waits_for.len() < SCOPE_SHOWN;
    let more = row.waits_for.iter().filter(|o| whole(old) && !old.waits_for.contains(o));
    let less = old.waits_for.iter().filter(|o| whole(row) && !row.waits_for.contains(o));
    let more = more.map(|other| format!("{id} waits for {other} now"));
    let less = less.map(|other| format!("{id} no longer waits for {other}"));
    let other = (row.says != old.says).then(|| format!("{id} says something else now"));
    more.chain(less).chain(other).collect()
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
