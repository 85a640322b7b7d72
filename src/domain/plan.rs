//! Plans: which phases run, in which waves, how many at once. Nothing starts without an approved one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

mod collision;
mod notes;
pub mod text;
mod waves;

use crate::domain::branch::MergePolicy;
use crate::domain::command::PlanEdit;
use crate::domain::goal::index::priority;
use crate::domain::goal::interpretation::{Evidence, GoalKind, Interpretation, Match};
use crate::domain::goal::offer::ASSIGNED;
use crate::domain::id::{PhaseId, TargetId};
use crate::domain::roadmap::phase::{Effort, Phase};
use crate::domain::roadmap::{Roadmap, RoadmapHash};
use crate::domain::target::Target;
pub use notes::Notes;
use waves::Graph;

/// How a plan runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The first ticked phase alone.
    Single,
    /// The ticked phases, as many at once as there are slots.
    Parallel,
    /// The ticked phases, then whatever becomes ready, until nothing is.
    Batch,
}

/// One phase of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanRow {
    /// The phase.
    pub id: PhaseId,
    /// Part of the plan.
    pub ticked: bool,
    /// Score and evidence of its match.
    pub score: f64,
    /// Why it is here, in a few words.
    pub why: String,
    /// Its open dependencies, to be shown: of a scope the first few.
    pub waits_for: Vec<PhaseId>,
    /// Its effort.
    pub effort: Option<Effort>,
    /// Its wave, from 1.
    pub wave: usize,
    /// A hash of what it says of the work, once it is ticked.
    pub says: Option<u64>,
}

/// A plan in the making: drafted from an interpretation, edited by a person, then approved.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The target it is for.
    pub target: TargetId,
    /// How the goal was understood.
    pub interpretation: Interpretation,
    /// How it runs.
    pub mode: Mode,
    /// How many agents at once.
    pub slots: u16,
    /// Who merges, where that differs from what the target says.
    pub merge: Option<MergePolicy>,
    /// Its phases, by wave, then priority.
    pub rows: Vec<PlanRow>,
    /// The chain of ticked phases that wait for each other which takes longest.
    pub critical_path: Vec<PhaseId>,
    /// Ticked phases of one wave that name the same file.
    pub collisions: Vec<Collision>,
    /// The roadmap it was drafted from. If the file changes, approval asks again.
    pub roadmap_hash: RoadmapHash,
    /// What a person added, what is known of its launches, what moved.
    pub notes: Notes,
}

/// Two or more phases of one wave that name the same file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collision {
    /// The phases.
    pub phases: Vec<PhaseId>,
    /// What they all name.
    pub file: String,
}

/// What a person approved: the plan's phases in the order they may start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovedPlan {
    /// The target it is for.
    pub target: TargetId,
    /// What was typed.
    pub goal: String,
    /// How it runs.
    pub mode: Mode,
    /// How many agents at once.
    pub slots: u16,
    /// Its phases, in the order they may start.
    pub phases: Vec<PhaseId>,
    /// Phases a batch never comes to by itself: they were unticked, or the goal leaves them out.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub without: BTreeSet<PhaseId>,
    /// What agents are told instead of what they would be told, by phase.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub prompts: BTreeMap<PhaseId, String>,
    /// Who merges, where that differs from what the target says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge: Option<MergePolicy>,
}

/// Most agents a plan may run at once.
pub const MOST_SLOTS: u16 = 256;

impl Plan {
    /// Drafts a plan: waves are the topological layers over the matched phases and their open dependencies.
    pub fn draft(
        interpretation: Interpretation,
        roadmap: &Roadmap,
        target: TargetId,
        slots: u16,
    ) -> Self {
        let graph = Graph::new(roadmap);
        let rows: Vec<_> =
            interpretation.matched.iter().filter_map(|found| drafted(found, &graph)).collect();
        let mode = fitting_mode(&interpretation);
        let mut plan = Self {
            target,
            interpretation,
            mode,
            slots: slots.clamp(1, MOST_SLOTS),
            rows,
            merge: None,
            critical_path: Vec::new(),
            collisions: Vec::new(),
            roadmap_hash: roadmap.hash.clone(),
            notes: Notes::default(),
        };
        plan.arrange(&graph);
        plan.note_includable(&graph);
        plan
    }

    /// The plan with one change made; waves, path and collisions follow. Ticking a phase ticks its open
    /// dependencies, unticking it unticks what waits for it.
    pub fn edited(mut self, edit: PlanEdit, roadmap: &Roadmap) -> Self {
        let graph = Graph::new(roadmap);
        match edit {
            PlanEdit::Mode(mode) => self.mode = mode,
            PlanEdit::Slots(slots) => self.slots = slots.clamp(1, MOST_SLOTS),
            PlanEdit::Merge(policy) => self.merge = Some(policy),
            PlanEdit::Toggle(id) => self.toggle(&id, &graph),
            PlanEdit::Prompt(id, prompt) => self.word(id, prompt, roadmap),
            PlanEdit::Rest => self.toggle_rest(&graph),
            PlanEdit::Include => self.include(&graph),
        }
        self.arrange(&graph);
        self
    }

    /// Who merges if it is approved.
    pub fn merge_by(&self, target: &Target) -> MergePolicy {
        self.merge.unwrap_or(target.workspaces.merge)
    }

    /// The plan as approved: ticked phases by wave, then priority.
    pub fn approved(&self) -> ApprovedPlan {
        let ticked = self.rows.iter().filter(|row| row.ticked).map(|row| row.id.clone());
        let phases: Vec<PhaseId> = match self.mode {
            Mode::Single => ticked.take(1).collect(),
            Mode::Parallel | Mode::Batch => ticked.collect(),
        };
        let mut prompts = self.notes.prompts.clone();
        prompts.retain(|phase, _| phases.contains(phase));
        ApprovedPlan {
            target: self.target.clone(),
            goal: self.interpretation.goal.clone(),
            mode: self.mode,
            slots: self.slots,
            phases,
            without: match self.mode {
                Mode::Batch => self.without(),
                Mode::Single | Mode::Parallel => BTreeSet::new(),
            },
            prompts,
            merge: self.merge,
        }
    }

    /// Ids of its ticked phases by wave. Waves without a ticked phase are left out.
    pub fn waves(&self) -> Vec<Vec<PhaseId>> {
        let mut waves: Vec<(usize, Vec<PhaseId>)> = Vec::new();
        for row in self.rows.iter().filter(|row| row.ticked) {
            match waves.last_mut() {
                Some((wave, ids)) if *wave == row.wave => ids.push(row.id.clone()),
                Some(_) | None => waves.push((row.wave, vec![row.id.clone()])),
            }
        }
        waves.into_iter().map(|(_, ids)| ids).collect()
    }

    fn tick(&mut self, id: &PhaseId, graph: &Graph<'_>) {
        let Some(needed) = graph.with_open_dependencies(id) else { return };
        let places = self.rows.iter().enumerate().map(|(place, row)| (row.id.clone(), place));
        let places: HashMap<_, _> = places.collect();
        for phase in needed {
            match places.get(&phase.id) {
                Some(place) => self.rows[*place].ticked = true,
                None => {
                    let why = if phase.id == *id {
                        "added by you".to_owned()
                    } else {
                        format!("needed by {id}")
                    };
                    let why = noted(&why, phase);
                    self.rows.push(PlanRow { ticked: true, why, ..row(phase, graph) });
                }
            }
        }
    }

    fn untick(&mut self, id: &PhaseId, graph: &Graph<'_>) {
        let out = graph.dependents(id, &self.ticked());
        for row in self.rows.iter_mut().filter(|row| out.contains(&row.id)) {
            row.ticked = false;
        }
    }

    /// Waves, order, critical path and collisions as the rows are ticked now.
    fn arrange(&mut self, graph: &Graph<'_>) {
        let ids: Vec<_> = self.rows.iter().map(|row| row.id.clone()).collect();
        let waves = graph.waves(&ids);
        for row in &mut self.rows {
            row.wave = waves.get(&row.id).copied().unwrap_or(1);
            if row.ticked && row.says.is_none() {
                row.says = graph.phase(&row.id).map(|phase| notes::says(graph.roadmap(), phase));
            }
        }
        self.rows.sort_by_cached_key(|row| (row.wave, graph.phase(&row.id).map(priority)));
        let ticked: Vec<_> = self.rows.iter().filter(|row| row.ticked).cloned().collect();
        self.note_further(graph);
        self.critical_path = waves::critical_path(&ticked, graph);
        self.collisions = collision::find(&ticked, graph);
    }
}

/// The row of a match; none for a phase that is finished or under way.
fn drafted(found: &Match, graph: &Graph<'_>) -> Option<PlanRow> {
    let phase = graph.phase(&found.id).filter(|phase| graph.is_open(&phase.id))?;
    let why = why(&found.evidence);
    Some(PlanRow { ticked: found.selected, score: found.score, why, ..row(phase, graph) })
}

fn row(phase: &Phase, graph: &Graph<'_>) -> PlanRow {
    PlanRow {
        id: phase.id.clone(),
        ticked: false,
        score: 0.0,
        why: String::new(),
        waits_for: graph.pending(phase),
        effort: phase.effort,
        wave: 1,
        says: None,
    }
}

/// One phase alone runs singly; only a goal for all there is goes on by itself.
fn fitting_mode(interpretation: &Interpretation) -> Mode {
    let by_batch = |found: &Match| found.evidence.iter().any(|e| e.field == "batch");
    let everything = match interpretation.kind {
        GoalKind::RunBatch => !interpretation.matched.iter().any(by_batch),
        GoalKind::RunSingle | GoalKind::RunParallel | GoalKind::Suggest => false,
        GoalKind::Garden | GoalKind::Status | GoalKind::ListAgents => false,
        GoalKind::Stop | GoalKind::Help | GoalKind::Explain => false,
    };
    match (everything, interpretation.selected().count()) {
        (true, _) => Mode::Batch,
        (false, 1) => Mode::Single,
        (false, _) => Mode::Parallel,
    }
}

/// The strongest evidence in a few words.
fn why(evidence: &[Evidence]) -> String {
    let (assigned, hits): (Vec<_>, Vec<_>) = evidence.iter().partition(|e| e.field == ASSIGNED);
    let hit = hits.iter().find(|e| e.field != "dependency").or(hits.first());
    let why = hit.map(|first| hit_by(first)).filter(|why| !why.is_empty());
    let assigned = assigned.first().and_then(|e| e.words.first());
    let assigned = assigned.map(|name| format!("assigned to {name}"));
    why.into_iter().chain(assigned).collect::<Vec<_>>().join("; ")
}

/// Why a phase is a person's, behind why it is there.
fn noted(why: &str, phase: &Phase) -> String {
    match phase.person() {
        Some(name) => format!("{why}; assigned to {name}"),
        None => why.to_owned(),
    }
}

/// One piece of evidence in a few words.
fn hit_by(first: &Evidence) -> String {
    let words: Vec<_> = first.words.iter().map(|word| word.as_str()).collect();
    let words = words.join(" ");
    match first.field.as_str() {
        "id" => "its id in the goal".to_owned(),
        "range" => format!("in {words}"),
        "batch" => format!("{words}, in the goal"),
        "next" => "next that is ready".to_owned(),
        "ready" if words.is_empty() => "ready".to_owned(),
        "ready" => format!("“{words}” in the goal"),
        "bootstrap" => "bootstrap".to_owned(),
        "dependency" => format!("needed by {words}"),
        "dependents" => "waits for what the goal names".to_owned(),
        "name" => format!("name: {words}"),
        "task" => format!("tasks: {words}"),
        _ => format!("notes: {words}"),
    }
}

#[cfg(test)]
#[path = "plan/tests.rs"]
mod tests;
#[cfg(test)]
#[path = "plan/wide_tests.rs"]
mod wide_tests;
