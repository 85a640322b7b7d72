//! Roles: what agents are there for.

use serde::{Deserialize, Serialize};

/// What an agent is there for.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum AgentRole {
    /// Builds a phase of a plan.
    #[default]
    Coder,
    /// Tries to show that a phase does not do what it says.
    Qa,
    /// Turns wishes into proposals of phases.
    ProjectManager,
    /// Says what a plan came to.
    Orchestrator,
}

impl AgentRole {
    /// Whether it is the usual one, which needs not be told.
    pub fn is_coder(&self) -> bool {
        match self {
            Self::Coder => true,
            Self::Qa | Self::ProjectManager | Self::Orchestrator => false,
        }
    }

    /// Its name in configuration, variables and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Coder => "coder",
            Self::Qa => "qa",
            Self::ProjectManager => "project_manager",
            Self::Orchestrator => "orchestrator",
        }
    }
}
