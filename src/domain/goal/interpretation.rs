//! What a goal was understood to mean.

use serde::{Deserialize, Serialize};

use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;

/// What kind of command a goal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoalKind {
    /// Run one phase.
    RunSingle,
    /// Run several phases.
    RunParallel,
    /// Run phases until nothing of the selection is left.
    RunBatch,
    /// Nothing is certain enough: offer, select nothing.
    Suggest,
    /// Garden the roadmap.
    Garden,
    /// Show the status.
    Status,
    /// List the agents.
    ListAgents,
    /// Stop agents; always confirmed.
    Stop,
    /// Show help.
    Help,
    /// A question about phases: opens them, starts nothing.
    Explain,
}

/// Why a phase was matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was hit: `id`, `range`, `batch`, `next`, `ready`, `bootstrap`, `name`, `task`, `notes`, `dependency`,
    /// `dependents`;
    /// `assigned` with the person it is assigned to.
    pub field: String,
    /// The words of the goal that hit it.
    pub words: Vec<Printable>,
}

/// A phase on offer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// The phase.
    pub id: PhaseId,
    /// How well it fits, 0 to 1.
    pub score: f64,
    /// Ticked in the plan.
    pub selected: bool,
    /// Why it is offered.
    pub evidence: Vec<Evidence>,
}

/// A phase the goal meant that can't be offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotOffered {
    /// The phase.
    pub id: PhaseId,
    /// One clause: why not.
    pub reason: Printable,
}

/// A goal as understood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interpretation {
    /// What was typed.
    pub goal: String,
    /// What kind of command it is.
    pub kind: GoalKind,
    /// Lowest score among the selected, 0 to 1.
    pub confidence: f64,
    /// One sentence for the person: what it was read as.
    pub explanation: Printable,
    /// Phases on offer, best first, then in priority order. Open dependencies of selected phases are among them.
    pub matched: Vec<Match>,
    /// Phases the goal meant that can't be offered.
    pub not_offered: Vec<NotOffered>,
    /// Phases the goal says to leave out (`except 2.3`): no mode comes to them by itself.
    #[serde(default)]
    pub left_out: Vec<PhaseId>,
    /// How many phases the goal asks for at most (`next two`), if it says so.
    pub limit: Option<usize>,
}

impl Interpretation {
    /// The phases that are ticked.
    pub fn selected(&self) -> impl Iterator<Item = &PhaseId> {
        self.matched.iter().filter(|m| m.selected).map(|m| &m.id)
    }

    /// The phases the goal speaks of, those included that can't be offered.
    pub fn meant(&self) -> impl Iterator<Item = &PhaseId> {
        let refused = self.not_offered.iter().map(|refused| &refused.id);
        self.selected().chain(refused)
    }
}
