//! Stages: where a life of an agent stands.

use serde::{Deserialize, Serialize};

use crate::domain::agent::Outcome;
use crate::domain::gate::Tree;
use crate::domain::printable::Printable;

/// Where a life of an agent stands. Each stage owes exactly one effect to the world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Waits for the answer of the claim store.
    Claiming,
    /// The stream is ours; the workspace is being made.
    Preparing,
    /// The phase is being marked In Progress in the roadmap.
    Marking,
    /// The host is being started.
    Starting,
    /// The agent runs.
    Running,
    /// The agent was told to stop and has not ended yet.
    Stopping,
    /// The agent ended well; gates run, this many are judged.
    Verifying(usize),
    /// Its work is proven and waits for a person: what is to be mended first, empty when it only has to be looked at.
    Review(Printable),
    /// Its work is being merged with the target branch, or waits for its turn.
    Merging,
    /// Gates run on the merge, this many are judged.
    Proving(usize),
    /// The target branch is being moved to the merge.
    Landing,
    /// All gates passed; Complete is being written.
    Completing,
    /// The life failed; the phase's status is being put back.
    Unmarking(Outcome),
    /// The life is over.
    Ended(Outcome),
}

impl Stage {
    /// The tree gates run on, while they run.
    pub fn tree(&self) -> Option<Tree> {
        match self {
            Self::Verifying(_) => Some(Tree::Work),
            Self::Proving(_) => Some(Tree::Merged),
            Self::Claiming
            | Self::Preparing
            | Self::Marking
            | Self::Starting
            | Self::Running
            | Self::Stopping
            | Self::Review(_)
            | Self::Merging
            | Self::Landing
            | Self::Completing
            | Self::Unmarking(_)
            | Self::Ended(_) => None,
        }
    }

    /// Whether it takes up a place among the agents that may work at once: while it works and is judged. Merges are made
    /// one at a time anyway.
    pub fn holds_slot(&self) -> bool {
        match self {
            Self::Claiming
            | Self::Preparing
            | Self::Marking
            | Self::Starting
            | Self::Running
            | Self::Stopping
            | Self::Verifying(_) => true,
            Self::Review(_)
            | Self::Merging
            | Self::Proving(_)
            | Self::Landing
            | Self::Completing
            | Self::Unmarking(_)
            | Self::Ended(_) => false,
        }
    }

    /// Whether all that is left is to write its end into the roadmap.
    pub fn is_settling(&self) -> bool {
        match self {
            Self::Completing | Self::Unmarking(_) => true,
            Self::Claiming
            | Self::Preparing
            | Self::Marking
            | Self::Starting
            | Self::Running
            | Self::Stopping
            | Self::Verifying(_)
            | Self::Review(_)
            | Self::Merging
            | Self::Proving(_)
            | Self::Landing
            | Self::Ended(_) => false,
        }
    }

    /// Whether something goes on with it by itself: not when it is over, nor when it waits for a person's review.
    pub fn is_busy(&self) -> bool {
        match self {
            Self::Review(_) | Self::Ended(_) => false,
            Self::Claiming
            | Self::Preparing
            | Self::Marking
            | Self::Starting
            | Self::Running
            | Self::Stopping
            | Self::Verifying(_)
            | Self::Merging
            | Self::Proving(_)
            | Self::Landing
            | Self::Completing
            | Self::Unmarking(_) => true,
        }
    }

    /// Whether this life still holds its stream.
    pub fn is_live(&self) -> bool {
        match self {
            Self::Claiming
            | Self::Preparing
            | Self::Marking
            | Self::Starting
            | Self::Running
            | Self::Stopping
            | Self::Verifying(_)
            | Self::Review(_)
            | Self::Merging
            | Self::Proving(_)
            | Self::Landing
            | Self::Completing
            | Self::Unmarking(_) => true,
            Self::Ended(_) => false,
        }
    }

    /// Whether its process runs or is about to.
    pub fn has_process(&self) -> bool {
        match self {
            Self::Starting | Self::Running | Self::Stopping => true,
            Self::Claiming
            | Self::Preparing
            | Self::Marking
            | Self::Verifying(_)
            | Self::Review(_)
            | Self::Merging
            | Self::Proving(_)
            | Self::Landing
            | Self::Completing
            | Self::Unmarking(_)
            | Self::Ended(_) => false,
        }
    }
}
