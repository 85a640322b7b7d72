//! The synthesis: what a plan was asked to do, and what came of it, as the journal tells it.

mod open;
mod proof;
mod text;

use std::path::PathBuf;

use crate::domain::branch::BranchFact;
use crate::domain::errand::Errand;
use crate::domain::id::{AgentRef, PhaseId};
use crate::domain::journal::{Entry, Fact};
use crate::domain::plan::ApprovedPlan;
use crate::domain::printable::Printable;
use crate::domain::time::Timestamp;
use crate::domain::timeline::{LifeLine, Timeline};
pub use text::{Known, file_name, markdown};

/// All that the last plan led to. Begins anew with the first approval after a plan was finished.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// What was approved, and when: more than once when a plan was joined to one that ran.
    pub approvals: Vec<(Timestamp, ApprovedPlan)>,
    /// Its lives.
    pub timeline: Timeline,
    /// Nothing more was started from here on.
    pub finished: Option<Ending>,
    /// Edits of the roadmap meanwhile.
    pub edits: usize,
    /// Lives of agents that worked for no plan meanwhile.
    pub errands: Timeline,
    /// Where the last summary of it is kept.
    pub summary: Option<PathBuf>,
    /// Conflicts its merges met.
    pub conflicts: Vec<Conflict>,
    /// What its agents asked and nobody answered.
    pub unanswered: Vec<(AgentRef, Printable)>,
}

/// A conflict that was met in merging.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Whose work.
    pub agent: AgentRef,
    /// The branch it was to be merged into.
    pub onto: String,
    /// The files both sides changed.
    pub files: Vec<Printable>,
}

/// How a plan ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// When.
    pub at: Timestamp,
    /// Phases it completed.
    pub completed: Vec<PhaseId>,
    /// Phases it could not complete.
    pub left: Vec<PhaseId>,
}

impl Story {
    /// What a journal tells of its last plan.
    pub fn of<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Self {
        let mut story = Self::default();
        entries.into_iter().for_each(|entry| story.take(entry));
        story
    }

    /// Takes over one more entry.
    pub fn take(&mut self, entry: &Entry) {
        match &entry.fact {
            Fact::PlanApproved(plan) => {
                if self.finished.is_some() {
                    *self = Self::default();
                }
                self.approvals.push((entry.at, plan.clone()));
            }
            Fact::PlanFinished { completed, left } => {
                let (completed, left) = (completed.clone(), left.clone());
                self.finished = Some(Ending { at: entry.at, completed, left });
            }
            Fact::AgentSpawned(birth) if birth.errand.is_some() => {
                self.errands.begin(birth, entry.at);
            }
            // Something was begun again: what was summed up is not all any more.
            Fact::AgentSpawned(_) => (self.finished, self.summary) = (None, None),
            Fact::AgentCompleted { agent, document: Some(path) } if self.sums_up(agent) => {
                self.summary = Some(path.clone());
            }
            Fact::RoadmapEdited(_) => self.edits += 1,
            Fact::Branch(BranchFact::Conflicted { agent, onto, files }) => {
                let (agent, onto, files) = (agent.clone(), onto.clone(), files.clone());
                self.conflicts.push(Conflict { agent, onto, files });
            }
            Fact::Stopped { agent, unanswered: Some(question), .. } => {
                self.unanswered.push((agent.clone(), question.clone()));
            }
            _ => {}
        }
        self.timeline.take(entry);
        self.errands.go_on(entry);
    }

    /// Whether this life was asked to sum this plan up.
    fn sums_up(&self, me: &AgentRef) -> bool {
        let of = |life: &&LifeLine| life.birth.agent == *me;
        let life = self.errands.lives().iter().find(of);
        life.is_some_and(|life| life.birth.errand == Some(Errand::Summary))
    }
}

#[cfg(test)]
#[path = "synthesis/tests.rs"]
mod tests;
