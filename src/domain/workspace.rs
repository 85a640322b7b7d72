//! Workspaces: the directory an agent works in.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Where one agent works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Workspace {
    /// The target's own checkout, shared with whoever else works there.
    Checkout {
        /// The checkout's directory.
        path: PathBuf,
    },
}

impl Workspace {
    /// The directory agents and gates run in.
    pub fn path(&self) -> &Path {
        match self {
            Self::Checkout { path } => path,
        }
    }
}
