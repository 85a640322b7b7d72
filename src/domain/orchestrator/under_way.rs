//! What the orchestrator has asked for and the journal does not tell.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::errand::Errand;
use crate::domain::id::{AgentId, AgentRef, PhaseId};

/// What is under way and does not stand in the journal.
#[derive(Clone, Debug, Default)]
pub(super) struct UnderWay {
    /// Lives of an earlier time wait to be taken up: before that nothing may be decided about slots.
    pub(super) taking_up: bool,
    /// Whose merge is being made, and which try of it.
    pub(super) merging: Option<(AgentRef, u32)>,
    /// Phases whose worktrees are being removed, and after which life.
    pub(super) removing: BTreeMap<PhaseId, AgentRef>,
    /// Lives of agents without a plan whose worktrees are being removed, and lives whose stray ones are.
    pub(super) clearing: BTreeSet<AgentRef>,
    /// Lives that were asked to end for the budget when that could not be written down any more.
    pub(super) stopped: BTreeSet<AgentRef>,
}

impl UnderWay {
    /// Whether worktrees of phases are being removed.
    pub(super) fn tidies(&self) -> bool {
        !self.removing.is_empty()
            || self.clearing.iter().any(|life| !Errand::is_agent(life.id.as_str()))
    }

    /// Whether a worktree of a phase is being removed: nobody begins in it meanwhile.
    pub(super) fn clears_away(&self, phase: &PhaseId) -> bool {
        self.removing.contains_key(phase) || self.clears(&AgentId::for_phase(phase))
    }

    /// Whether the worktree of an agent without a plan is being removed.
    pub(super) fn clears(&self, id: &AgentId) -> bool {
        self.clearing.iter().any(|life| life.id == *id)
    }
}
