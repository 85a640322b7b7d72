//! What a fact makes of the agent it is about.

use crate::domain::agent::{Agent, Outcome, Stage};
use crate::domain::branch::BranchFact;
use crate::domain::gate::Tree;
use crate::domain::journal::{Entry, Fact};
use crate::domain::printable::Printable;

/// Takes over what a fact tells of an agent, and moves it to the stage the fact leads to.
pub(super) fn advance(agent: &mut Agent, entry: &Entry) {
    let fact = &entry.fact;
    match fact {
        Fact::WorkspaceReady { workspace, assigned_before, .. } => {
            agent.workspace = Some(workspace.clone());
            agent.assigned_before.clone_from(assigned_before);
        }
        Fact::AgentRunning { processes, started, .. } => {
            agent.processes = Some(*processes);
            agent.times.started = Some(*started);
        }
        Fact::Stopped { exit, .. } => {
            agent.activity.usage = exit.usage;
            agent.activity.waiting = None;
            agent.exit = Some(exit.clone());
        }
        Fact::GateJudged { receipt, .. } => agent.receipts.push(receipt.clone()),
        Fact::AgentCompleted { document, .. } => agent.document.clone_from(document),
        Fact::Branch(BranchFact::MergeAsked { .. }) => {
            agent.merging.asked += 1;
            agent.merging.since = Some(entry.at);
        }
        Fact::Branch(BranchFact::MergePrepared { merge, .. }) => {
            // What was proven of an earlier merge says nothing of this one.
            agent.receipts.retain(|receipt| receipt.tree == Tree::Work);
            agent.merging.made = Some(merge.clone());
        }
        Fact::Branch(BranchFact::MergeLanded { commit, .. }) => {
            agent.merging.landed = Some(commit.clone());
        }
        _ => {}
    }
    if let Some(stage) = stage_after(agent, fact) {
        agent.stage = stage;
    }
}

/// The stage a fact leads to, if it leads to another.
fn stage_after(agent: &Agent, fact: &Fact) -> Option<Stage> {
    match fact {
        Fact::ClaimWon { .. } => Some(Stage::Preparing),
        Fact::ClaimLost { owner, .. } => {
            let why = format!("{} holds the phase (process {})", owner.agent, owner.pid);
            Some(Stage::Ended(Outcome::Refused(why.into())))
        }
        Fact::WorkspaceReady { .. } => Some(Stage::Marking),
        Fact::SpawningAgent { .. } => Some(Stage::Starting),
        Fact::AgentRunning { .. } => Some(Stage::Running),
        Fact::Stopping { .. } => agent.has_process().then_some(Stage::Stopping),
        Fact::Stopped { .. } => Some(Stage::Verifying(0)),
        Fact::GateJudged { receipt, .. } => Some(judged_stage(agent, receipt.tree)),
        Fact::VerificationComplete { failed, .. } => {
            let shared = agent.workspace.as_ref().is_none_or(|place| place.worktree().is_none());
            let proven =
                if shared { Stage::Completing } else { Stage::Review(Printable::default()) };
            failed.is_empty().then_some(proven)
        }
        Fact::Branch(fact) => branch_stage(fact),
        Fact::AgentCompleted { .. } => Some(Stage::Ended(Outcome::Succeeded)),
        // It marked nothing, so nothing is put back.
        Fact::AgentFailed { outcome, .. } if agent.errand().is_some() => {
            Some(Stage::Ended(outcome.clone()))
        }
        Fact::AgentFailed { outcome, .. } => Some(failed_stage(&agent.stage, outcome)),
        Fact::Released { .. } => match &agent.stage {
            Stage::Unmarking(outcome) => Some(Stage::Ended(outcome.clone())),
            _ => None,
        },
        Fact::SpawnFailed { .. }
        | Fact::PlanApproved(_)
        | Fact::AgentSpawned(_)
        | Fact::RestartAsked { .. }
        | Fact::RoadmapEdited(_)
        | Fact::Queue(_)
        | Fact::PlanFinished { .. } => None,
    }
}

fn judged_stage(agent: &Agent, tree: Tree) -> Stage {
    let judged = agent.receipts.iter().filter(|receipt| receipt.tree == tree).count();
    match tree {
        Tree::Work => Stage::Verifying(judged),
        Tree::Merged => Stage::Proving(judged),
    }
}

/// The stage a fact about a branch leads to, if it leads to another.
fn branch_stage(fact: &BranchFact) -> Option<Stage> {
    match fact {
        BranchFact::ReviewAsked { why, .. } => Some(Stage::Review(why.clone())),
        BranchFact::MergeAsked { .. } => Some(Stage::Merging),
        BranchFact::MergePrepared { .. } => Some(Stage::Proving(0)),
        BranchFact::MergeProven { failed, .. } => failed.is_empty().then_some(Stage::Landing),
        BranchFact::MergeLanded { .. } => Some(Stage::Completing),
        BranchFact::SentBack { .. }
        | BranchFact::Conflicted { .. }
        | BranchFact::WorkspaceLeft { .. }
        | BranchFact::WorkspaceGone { .. } => None,
    }
}

/// A life that failed before its phase could have been marked is over at once; otherwise the mark goes first.
fn failed_stage(stage: &Stage, outcome: &Outcome) -> Stage {
    match stage {
        Stage::Claiming | Stage::Preparing | Stage::Ended(_) => Stage::Ended(outcome.clone()),
        Stage::Marking
        | Stage::Starting
        | Stage::Running
        | Stage::Stopping
        | Stage::Verifying(_)
        | Stage::Review(_)
        | Stage::Merging
        | Stage::Proving(_)
        | Stage::Landing
        | Stage::Completing
        | Stage::Unmarking(_) => Stage::Unmarking(outcome.clone()),
    }
}
