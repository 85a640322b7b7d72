//! Targets: the repositories agents work in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::branch::MergePolicy;
use crate::domain::budget::Budget;
use crate::domain::gate::{Gate, Tree};
use crate::domain::id::TargetId;
use crate::domain::identity::Reuse;
use crate::domain::retry::RetryRules;
use crate::domain::workspace::{Isolation, Workspace};

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
    /// Where its agents work.
    pub workspaces: Workspaces,
    /// What must pass before a phase is complete.
    pub gates: Vec<Gate>,
    /// How phases are tried again that did not succeed.
    pub retry: RetryRules,
    /// What the agents of a plan may use.
    pub budget: Budget,
    /// What its agents and gates are surrounded by.
    pub surroundings: Surroundings,
    /// What it is, in one sentence for people.
    pub description: Option<String>,
}

/// What the agents and gates of a target are surrounded by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Environment variables added for its agents.
    pub env: BTreeMap<String, String>,
    /// Agents may be told that root is confined here (see [`Environment::root`](crate::domain::adapter::Environment)).
    pub allow_root: bool,
}

/// Where the agents of a target work, and what becomes of their work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspaces {
    /// Whether they share the target's checkout.
    pub isolation: Isolation,
    /// How many agents may work at once.
    pub most: u16,
    /// Commands that make a fresh worktree ready: programs with their arguments.
    pub setup: Vec<Vec<String>>,
    /// Who merges, unless the plan says otherwise.
    pub merge: MergePolicy,
    /// What they take along from what they did before.
    pub reuse: Reuse,
}

impl Workspaces {
    /// How many agents may work at once and which setting says so, in one clause.
    pub fn most_said(&self) -> String {
        let s = if self.most == 1 { "" } else { "s" };
        match self.isolation {
            Isolation::Shared => {
                format!("the target lets {} agent{s} share its checkout (shared_agents)", self.most)
            }
            Isolation::Worktree => {
                format!("the target lets {} agent{s} work at once (max_agents)", self.most)
            }
        }
    }
}

/// Documents of a target. All paths are absolute; the files need not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Documents {
    /// Workflow of the coder role.
    pub coder_agent: PathBuf,
    /// Workflow of the project manager role.
    pub pm_agent: PathBuf,
    /// Workflow of the quality assurance role.
    pub qa_agent: PathBuf,
    /// Workflow of the orchestrator role, which sums plans up.
    pub orchestrator_agent: PathBuf,
    /// Conventions of the repository.
    pub conventions: PathBuf,
    /// Log agents append to.
    pub devlog: PathBuf,
    /// Phases that were completed and moved out of the roadmap.
    pub archive: PathBuf,
    /// An agent sums up by itself what a plan came to, once it is finished.
    pub summary: bool,
    /// Folder in which new phases are proposed. It belongs to the target itself, also for who works in a worktree.
    pub proposals: PathBuf,
    /// Background that every agent is told; like the folder of proposals it is never another one in a worktree.
    pub identity_context: Option<PathBuf>,
}

impl Target {
    /// The gates that run on a tree, in order.
    pub fn gates_on(&self, tree: Tree) -> impl Iterator<Item = &Gate> {
        let isolation = self.workspaces.isolation;
        self.gates.iter().filter(move |gate| gate.runs_on(tree, isolation))
    }

    /// The target as it stands in a workspace: what lies in its directory lies there now.
    pub fn seen_from(&self, workspace: &Workspace) -> Self {
        let there = |path: &PathBuf| match path.strip_prefix(&self.path) {
            Ok(within) => workspace.path().join(within),
            Err(_) => path.clone(),
        };
        let documents = &self.documents;
        Self {
            path: workspace.path().to_path_buf(),
            roadmap: there(&self.roadmap),
            documents: Documents {
                coder_agent: there(&documents.coder_agent),
                pm_agent: there(&documents.pm_agent),
                qa_agent: there(&documents.qa_agent),
                orchestrator_agent: there(&documents.orchestrator_agent),
                summary: documents.summary,
                conventions: there(&documents.conventions),
                devlog: there(&documents.devlog),
                archive: there(&documents.archive),
                ..documents.clone()
            },
            ..self.clone()
        }
    }
}
