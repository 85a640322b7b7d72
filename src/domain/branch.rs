//! Agents' branches: what is done with them from the last gate to the merge, and what is answered.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::diff::Diff;
use crate::domain::id::{AgentRef, PhaseId};
use crate::domain::printable::Printable;
use crate::domain::workspace::Worktree;

/// Who merges proven work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergePolicy {
    /// A person, after looking at it.
    Review,
    /// orch-tui, as soon as the gates passed.
    Auto,
}

/// A merge that was made and is not yet on the target branch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// The merge commit.
    pub commit: String,
    /// The tip of the target branch it was made on.
    pub tip: String,
    /// Where it is checked out, as the target's directory is.
    pub tree: PathBuf,
    /// Tasks of the phase that are ticked in the branch's roadmap.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ticked: Vec<String>,
}

/// Something to do with a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchOrder {
    /// Whose branch.
    pub agent: AgentRef,
    /// The phase it is about.
    pub phase: PhaseId,
    /// Where it is checked out.
    pub worktree: Worktree,
    /// What.
    pub work: BranchWork,
}

/// What is done with a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BranchWork {
    /// Merge it into the tip of the target branch, in a tree of its own. Answer: [`BranchReport::Merged`].
    Merge {
        /// First line of the merge commit's message.
        message: String,
        /// Which try this is: the answer names it again.
        round: u32,
        /// The commit on which its gates passed, if any ran.
        proven: Option<String>,
    },
    /// Move the target branch to the merge. Doing it twice does it once. Answer: [`BranchReport::Landed`].
    Land(Merge),
    /// Remove worktree and branch, which the target branch must hold. Answer: [`BranchReport::Removed`].
    Remove(MergeTree),
    /// Keep what was done under a name of ours, then remove worktree and branch. Answer: [`BranchReport::Removed`].
    Discard,
    /// Find out what it changes. Nothing is touched. Answer: [`BranchReport::Diffed`].
    Diff,
}

/// What becomes of the tree merges are made in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeTree {
    /// More is to be merged.
    Keep,
    /// Nothing is.
    Drop,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BranchReport {
    /// The merge was made, or not.
    Merged {
        /// Of whose branch.
        agent: AgentRef,
        /// Which try it was.
        round: u32,
        /// The merge, or what is in its way.
        outcome: Result<Merge, Unmerged>,
    },
    /// The target branch was moved, or not.
    Landed {
        /// For whose work.
        agent: AgentRef,
        /// The merge commit.
        commit: String,
        /// What is in its way.
        outcome: Result<(), Unlanded>,
    },
    /// Worktree and branch are gone, or not.
    Removed {
        /// Whose.
        agent: AgentRef,
        /// The phase they were about.
        phase: PhaseId,
        /// The worktree that was meant.
        worktree: Worktree,
        /// Under which names what was not merged is kept, commits before the rest; or one sentence why they are still
        /// there.
        outcome: Result<Vec<String>, Printable>,
    },
    /// The checkout that agents share is not as it was to be when this one ended.
    Astray {
        /// Who ended.
        agent: AgentRef,
        /// How it is, in one clause.
        how: Printable,
    },
    /// What it changes was found out, or not.
    Diffed {
        /// Whose.
        agent: AgentRef,
        /// What it changes, or one sentence why nobody knows.
        outcome: Result<Arc<Diff>, Printable>,
    },
}

/// Why a branch could not be merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmerged {
    /// Both sides changed these files. An agent can mend that.
    Conflict(Vec<Printable>),
    /// Something a person has to mend: one sentence.
    Blocked(Printable),
}

/// Why a merge could not be put on the target branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unlanded {
    /// The branch moved on meanwhile: merge again.
    Moved,
    /// Something a person has to mend: one sentence.
    Blocked(Printable),
}

/// What the journal tells of branches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum BranchFact {
    /// Proven work waits for a person.
    ReviewAsked {
        /// Whose.
        agent: AgentRef,
        /// What is to be mended first; empty when it only has to be looked at.
        why: Printable,
    },
    /// It is to be merged.
    MergeAsked {
        /// Whose.
        agent: AgentRef,
    },
    /// The merge is made and its gates run.
    MergePrepared {
        /// Whose.
        agent: AgentRef,
        /// The merge.
        merge: Merge,
    },
    /// All gates were judged on the merged tree.
    MergeProven {
        /// Whose.
        agent: AgentRef,
        /// Names of the required gates that failed.
        failed: Vec<String>,
    },
    /// The merge is on the target branch.
    MergeLanded {
        /// Whose.
        agent: AgentRef,
        /// The merge commit.
        commit: String,
    },
    /// It can't be merged as it is: both sides changed the same.
    Conflicted {
        /// Whose work.
        agent: AgentRef,
        /// The branch it was to be merged into.
        onto: String,
        /// The files both sides changed.
        files: Vec<Printable>,
    },
    /// A person sent the work back with a comment.
    SentBack {
        /// Whose.
        agent: AgentRef,
        /// What the person says.
        comments: String,
    },
    /// A worktree exists for a life that is over already.
    WorkspaceLeft {
        /// Whose.
        agent: AgentRef,
        /// The phase it is about.
        phase: PhaseId,
        /// The worktree.
        worktree: Worktree,
    },
    /// Worktree and branch are gone.
    WorkspaceGone {
        /// Whose.
        agent: AgentRef,
        /// The phase they were about.
        phase: PhaseId,
        /// The branch.
        branch: String,
        /// Under which name what was not merged is kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kept: Option<String>,
        /// Under which other names more of it is: what was not committed, what repositories inside it held.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        beside: Vec<String>,
    },
}

impl BranchFact {
    /// The life it is about.
    pub fn agent(&self) -> &AgentRef {
        match self {
            Self::ReviewAsked { agent, .. }
            | Self::MergeAsked { agent }
            | Self::MergePrepared { agent, .. }
            | Self::MergeProven { agent, .. }
            | Self::MergeLanded { agent, .. }
            | Self::Conflicted { agent, .. }
            | Self::SentBack { agent, .. }
            | Self::WorkspaceLeft { agent, .. }
            | Self::WorkspaceGone { agent, .. } => agent,
        }
    }
}
