//! Targets: the repositories agents work in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::gate::Gate;
use crate::domain::id::TargetId;
use crate::domain::retry::RetryRules;

/// A repository with its roadmap and the rules agents work by in it. All paths are absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its key in `config/targets.yaml`.
    pub id: TargetId,
    /// Its name for people.
    pub name: String,
    /// Its directory.
    pub path: PathBuf,
    /// Its roadmap file.
    pub roadmap: PathBuf,
    /// Documents beside its roadmap.
    pub documents: Documents,
    /// Name of the adapter agents run with.
    pub agent: String,
    /// How many agents may work in its checkout at once.
    pub shared_agents: u16,
    /// What must pass before a phase is complete.
    pub gates: Vec<Gate>,
    /// How phases are tried again that did not succeed.
    pub retry: RetryRules,
    /// Environment variables added for its agents.
    pub env: BTreeMap<String, String>,
    /// Agents may be told that root is confined here (see [`Environment::root`](crate::domain::adapter::Environment)).
    pub allow_root: bool,
}

/// Documents of a target. All paths are absolute; the files need not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Documents {
    /// Workflow of the coder role.
    pub coder_agent: PathBuf,
    /// Workflow of the project manager role.
    pub pm_agent: PathBuf,
    /// Conventions of the repository.
    pub conventions: PathBuf,
    /// Log agents append to.
    pub devlog: PathBuf,
    /// Phases that were completed and moved out of the roadmap.
    pub archive: PathBuf,
}
