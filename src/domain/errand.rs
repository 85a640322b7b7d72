//! Errands: what agents do on demand, for no plan. They hold no phase and leave a document.

use serde::{Deserialize, Serialize};

use crate::domain::id::{AgentId, PhaseId};
use crate::domain::role::AgentRole;

/// Parts of ids that only agents with an errand have.
const PREFIXES: [&str; 3] = ["qa-", "pm-", "sum-"];

/// What an agent does that works for no plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// Look for what is wrong with a phase's work.
    Qa(PhaseId),
    /// Write proposals of phases for this wish; empty when there is none.
    Pm(String),
    /// Sum up the report of the last plan.
    Summary,
}

impl Errand {
    /// The role of its agent.
    pub fn role(&self) -> AgentRole {
        match self {
            Self::Qa(_) => AgentRole::Qa,
            Self::Pm(_) => AgentRole::ProjectManager,
            Self::Summary => AgentRole::Orchestrator,
        }
    }

    /// The phase it is about, which it does not hold.
    pub fn phase(&self) -> Option<&PhaseId> {
        match self {
            Self::Qa(phase) => Some(phase),
            Self::Pm(_) | Self::Summary => None,
        }
    }

    /// What people call it.
    pub fn title(&self) -> String {
        match self {
            Self::Qa(phase) => format!("QA of {phase}"),
            Self::Pm(wish) if wish.trim().is_empty() => "Proposals".to_owned(),
            Self::Pm(wish) => format!("Proposals: {}", wish.trim()),
            Self::Summary => "Summary of the last plan".to_owned(),
        }
    }

    /// The id of its agent: one for a phase; `next` counts those there is one more of each time.
    pub fn agent(&self, next: u32) -> AgentId {
        match self {
            Self::Qa(phase) => AgentId::new(format!("qa-{phase}")),
            Self::Pm(_) => AgentId::new(format!("pm-{next}")),
            Self::Summary => AgentId::new(format!("sum-{next}")),
        }
    }

    /// Whether an agent with this id has an errand.
    pub fn is_agent(id: &str) -> bool {
        PREFIXES.iter().any(|prefix| id.starts_with(prefix))
    }
}

/// What an agent is told about its errand; the runner adds the workflow and the places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrandBrief {
    /// What it is to do.
    pub errand: Errand,
    /// What is known that it needs, a line each: who completed a phase and how, or what is odd in the roadmap.
    pub known: Vec<String>,
    /// The report it is to sum up.
    pub report: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_errand_of_a_phase_has_one_agent_and_wishes_have_one_each() {
        let qa = Errand::Qa(PhaseId::new("2.3"));
        assert_eq!((qa.agent(1), qa.agent(7)), (AgentId::new("qa-2.3"), AgentId::new("qa-2.3")));
        assert_eq!(Errand::Pm(String::new()).agent(2), AgentId::new("pm-2"));
        assert_eq!(Errand::Summary.agent(1), AgentId::new("sum-1"));
        for errand in [qa, Errand::Pm("faster".into()), Errand::Summary] {
            assert!(Errand::is_agent(errand.agent(1).as_str()));
            let written = serde_json::to_string(&errand).unwrap_or_default();
            assert_eq!(serde_json::from_str(&written).ok(), Some(errand), "{written}");
        }
        assert!(!Errand::is_agent(AgentId::for_phase(&PhaseId::new("2.3")).as_str()));
    }
}
