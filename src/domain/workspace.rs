//! Workspaces: the directory an agent works in.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Whether agents share the target's checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Isolation {
    /// Every agent has a git worktree and a branch of its own; its work is merged when it is proven.
    Worktree,
    /// Agents work in the target's own checkout and commit to its branch.
    Shared,
}

/// Where one agent works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Workspace {
    /// The target's own checkout, shared with whoever else works there.
    Checkout {
        /// The checkout's directory.
        path: PathBuf,
    },
    /// A git worktree of its own.
    Worktree(Worktree),
}

/// A git worktree with a branch of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worktree {
    /// The top of the worktree.
    pub root: PathBuf,
    /// What the target's directory is in it: the top, or a folder below.
    pub path: PathBuf,
    /// The branch checked out in it.
    pub branch: String,
    /// The branch its work goes to.
    pub onto: String,
    /// The commit its branch began at.
    pub base: String,
}

impl Workspace {
    /// The directory agents and gates run in.
    pub fn path(&self) -> &Path {
        match self {
            Self::Checkout { path } => path,
            Self::Worktree(worktree) => &worktree.path,
        }
    }

    /// The worktree, if it is one.
    pub fn worktree(&self) -> Option<&Worktree> {
        match self {
            Self::Checkout { .. } => None,
            Self::Worktree(worktree) => Some(worktree),
        }
    }

    /// The branch work is committed to, if it is one of its own.
    pub fn branch(&self) -> Option<&str> {
        self.worktree().map(|worktree| worktree.branch.as_str())
    }
}
