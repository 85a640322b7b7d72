//! What a person asks of the orchestrator.

use crate::domain::branch::MergePolicy;
use crate::domain::effect::StopKind;
use crate::domain::id::{AgentId, PhaseId};
use crate::domain::plan::Mode;
use crate::domain::proposal::ProposalAct;
use crate::domain::roadmap::RoadmapChange;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Interpret a goal and draft a plan from it.
    Interpret(String),
    /// Draft a plan for exactly these phases.
    PlanPhases(Vec<PhaseId>),
    /// Change the drafted plan.
    EditPlan(PlanEdit),
    /// Find out what starting would do: for one phase, or for all that the drafted plan would start.
    Preview(Option<PhaseId>),
    /// Write the drafted plan into the state folder.
    SavePlan,
    /// Approve the drafted plan: its agents start.
    ApprovePlan,
    /// Forget the drafted plan.
    DropPlan,
    /// End an agent.
    Stop(AgentId, StopKind),
    /// End an agent if it runs, then start it again as a new life.
    Restart(AgentId),
    /// Find out what an agent's branch changes.
    Diff(AgentId),
    /// Merge proven work that waits for a person.
    Merge(AgentId),
    /// Send proven work back: its agent begins again with these comments.
    SendBack(AgentId, String),
    /// Give work up: it is kept under a name of ours, its worktree and branch go.
    Discard(AgentId),
    /// Start nothing new, or go on starting.
    ToggleHold,
    /// Read the roadmap again and garden it.
    Garden,
    /// Change the roadmap: a fix of a finding, a tick, new phases.
    Change(RoadmapChange),
    /// Take back the last roadmap edit that can be taken back.
    Undo,
    /// Something with the proposals.
    Proposal(ProposalAct),
    /// End all agents and start nothing new.
    StopAll(StopKind),
    /// Start nothing more of the plan: it is over as it stands.
    EndPlan,
}

/// One change of a drafted plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanEdit {
    /// Take a phase in or out.
    Toggle(PhaseId),
    /// How it runs.
    Mode(Mode),
    /// How many agents at once.
    Slots(u16),
    /// Who merges.
    Merge(MergePolicy),
    /// What a phase's agent is told instead of what it would be told; `None` takes that back.
    Prompt(PhaseId, Option<String>),
    /// List all other phases that can run, or no longer.
    Rest,
    /// Tick the phases that were not offered only because of what they wait for, with what they wait for.
    Include,
}
