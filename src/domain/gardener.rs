//! The gardener: what a change of the roadmap means.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::health::{self, Fix};
use crate::domain::id::{AgentId, PhaseId};
use crate::domain::printable::Printable;
use crate::domain::roadmap::finding::Finding;
use crate::domain::roadmap::phase::{Dependency, Phase, Status, StatusSource};
use crate::domain::roadmap::readiness::{Blockage, Evaluator};
use crate::domain::roadmap::{Edit, Roadmap, unblocked};
use crate::domain::undo::Fingerprint;

/// Why a phase is left blocked that could be unblocked, and what to do about it.
pub const UNDONE: &str = "its unblocking was undone; R or `orch-tui garden` unblocks it";

/// What one look at the roadmap gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Garden {
    /// Blocked phases whose dependencies are all satisfied; each has an edit.
    pub unblocked: Vec<PhaseId>,
    /// Blocked phases and the dependencies they wait for.
    pub still_blocked: Vec<(PhaseId, Vec<PhaseId>)>,
    /// Phases that wait for a person, and why: blocked ones, and ones not started that depend on text without an id.
    pub needs_human: Vec<(PhaseId, Printable)>,
    /// Blocked phases that could be unblocked, but whose unblocking a person took back.
    pub left_alone: BTreeSet<PhaseId>,
    /// Phases complete now that were not at the last look.
    pub completed_since_last: Vec<PhaseId>,
    /// What to write.
    pub edits: Vec<Edit>,
    /// What a person should know.
    pub findings: Vec<Finding>,
    /// What would mend each finding, one for each of them.
    pub fixes: Vec<Option<Fix>>,
}

/// What is known of the run besides the roadmap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Phases our live agents hold: they count as in progress whatever the file says.
    pub held: BTreeSet<PhaseId>,
    /// Phases whose unblocking a person took back: left alone while they are as they were then.
    pub left: BTreeMap<PhaseId, Fingerprint>,
    /// Agents of ours whose last life is over.
    pub ended: BTreeSet<AgentId>,
}

impl Facts {
    /// Nothing but who holds what.
    pub fn held(held: &BTreeSet<PhaseId>) -> Self {
        Self { held: held.clone(), ..Self::default() }
    }
}

/// Tends a roadmap: pure, and idempotent once its edits are made.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoadmapGardener;

impl RoadmapGardener {
    /// Looks at a roadmap. `held` are phases our live agents hold: they count as in progress whatever the file says.
    pub fn garden(
        &self,
        roadmap: &Roadmap,
        previous: Option<&Roadmap>,
        held: &BTreeSet<PhaseId>,
    ) -> Garden {
        self.look(roadmap, previous, &Facts::held(held))
    }

    /// The same with everything that is known of the run.
    pub fn look(&self, roadmap: &Roadmap, previous: Option<&Roadmap>, facts: &Facts) -> Garden {
        let evaluator = Evaluator::new(roadmap, &facts.held);
        let mut garden = Garden::default();
        let blockages = evaluator.blockages();
        for (at, phase) in roadmap.phases.iter().enumerate() {
            if !is_judged(phase, &evaluator, &facts.held) {
                continue;
            }
            match (phase.status.state, blockages.get(at)) {
                (Status::Blocked, Some(Some(blockage))) => {
                    garden.look_at((at, blockage), &evaluator, &facts.left);
                }
                (Status::NotStarted, _) => garden.needs_human.extend(opaque(phase)),
                (Status::Blocked | Status::InProgress | Status::Complete, _)
                | (Status::Deferred | Status::Unknown, _) => {}
            }
        }
        garden.completed_since_last = completed(&evaluator, previous);
        let diagnoses = health::diagnoses(roadmap, (&evaluator, &blockages), &facts.ended);
        (garden.findings, garden.fixes) = diagnoses.into_iter().unzip();
        garden
    }
}

/// Its state is told by its own field, and it is nobody's at the moment.
fn is_judged(phase: &Phase, evaluator: &Evaluator, held: &BTreeSet<PhaseId>) -> bool {
    let status = &phase.status;
    status.source == StatusSource::Field
        && !status.conflict
        && !held.contains(&phase.id)
        && !evaluator.is_duplicate(&phase.id)
}

/// A person took its unblocking back, and nothing has changed about it since.
fn is_left(phase: &Phase, evaluator: &Evaluator, left: &BTreeMap<PhaseId, Fingerprint>) -> bool {
    left.get(&phase.id).is_some_and(|then| *then == Fingerprint::of(phase, evaluator))
}

impl Garden {
    /// Decides one blocked phase.
    fn look_at(
        &mut self,
        (at, blockage): (usize, &Blockage),
        evaluator: &Evaluator,
        left: &BTreeMap<PhaseId, Fingerprint>,
    ) {
        let roadmap = evaluator.roadmap();
        let phase = &roadmap.phases[at];
        match blockage {
            Blockage::Lifted if is_left(phase, evaluator, left) => {
                self.left_alone.insert(phase.id.clone());
                self.needs_human.push((phase.id.clone(), Printable::new(UNDONE)));
            }
            Blockage::Lifted => {
                if let Some(edit) = unblocked(roadmap, at) {
                    self.unblocked.push(phase.id.clone());
                    self.edits.push(edit);
                }
            }
            Blockage::Waiting => self.needs_human.extend(opaque(phase)),
            Blockage::Human(reason) => self.needs_human.push((phase.id.clone(), reason.clone())),
            Blockage::WithoutDependencies => {
                let why = Printable::new("it is blocked, but depends on nothing");
                self.needs_human.push((phase.id.clone(), why));
            }
        }
        let pending = match blockage {
            // Nothing is pending.
            Blockage::Lifted | Blockage::WithoutDependencies => return,
            Blockage::Waiting | Blockage::Human(_) => evaluator.shown_pending(phase),
        };
        if !pending.is_empty() {
            self.still_blocked.push((phase.id.clone(), pending));
        }
    }
}

/// The first dependency without a readable id.
fn opaque(phase: &Phase) -> Option<(PhaseId, Printable)> {
    phase.depends_on.iter().find_map(|dependency| match dependency {
        Dependency::Opaque(text) => Some((phase.id.clone(), text.clone())),
        Dependency::Phase { .. } | Dependency::Batch(_) | Dependency::AllPrevious => None,
    })
}

/// Phases complete now that were in the roadmap before and weren't. A held phase is not complete.
fn completed(evaluator: &Evaluator, previous: Option<&Roadmap>) -> Vec<PhaseId> {
    let Some(previous) = previous else { return Vec::new() };
    let nobody = BTreeSet::new();
    let before = Evaluator::new(previous, &nobody);
    let now = evaluator.roadmap().phases.iter().map(|phase| &phase.id);
    let newly = now.filter(|id| evaluator.is_complete(id) && !before.is_complete(id));
    let mut found: Vec<_> = newly.cloned().collect();
    found.sort();
    found.dedup();
    found
}
