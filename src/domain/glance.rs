//! Targets at a glance: what a person who looks at one of them has to know of the others.

use std::path::PathBuf;

use crate::domain::agent::{Agent, AgentState};
use crate::domain::id::TargetId;
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::printable::Printable;
use crate::domain::target::Target;
use crate::domain::time::Timestamp;

/// One target at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    /// Its key in `config/targets.yaml`.
    pub target: TargetId,
    /// Its directory.
    pub path: PathBuf,
    /// What it is, in one sentence for people.
    pub about: Option<Printable>,
    /// Whether this program works on it.
    pub access: Access,
    /// How far its roadmap is, if it could be read.
    pub progress: Option<Progress>,
    /// Its agents.
    pub crowd: Crowd,
    /// What is checked out there, if git told.
    pub checkout: Option<Checkout>,
}

/// Whether this program works on a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// It is on the screen.
    Here,
    /// It is open behind the screen: its agents are looked after.
    Open,
    /// It is not open.
    Closed,
    /// It is not open, and another process drives it.
    Elsewhere,
    /// It is open, and another process drives it.
    Viewed {
        /// Process id of the driver.
        driver: u32,
    },
    /// It can't be opened, for this reason.
    Unusable(Printable),
}

/// How far a roadmap is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Complete phases.
    pub complete: usize,
    /// All phases.
    pub phases: usize,
}

/// The agents of a target, by what a person has to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Crowd {
    /// Those that work, or whose work is being judged or merged.
    pub working: usize,
    /// Those that can't go on without a person.
    pub waiting: usize,
    /// Those that ended badly.
    pub failed: usize,
    /// Those that would be left to themselves by whoever leaves.
    pub left_alone: usize,
    /// Proposals that wait for a person.
    pub proposals: usize,
    /// Something begins by itself later.
    pub later: bool,
}

/// What is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// The branch, or a commit when none is checked out.
    pub branch: Printable,
    /// Files with uncommitted changes.
    pub dirty: usize,
}

impl Glance {
    /// A target nothing is known of yet but what the configuration says.
    pub fn closed(target: &Target) -> Self {
        Self {
            target: target.id.clone(),
            path: target.path.clone(),
            about: target.description.as_deref().map(Printable::new),
            access: Access::Closed,
            progress: None,
            crowd: Crowd::default(),
            checkout: None,
        }
    }

    /// A target that is open, here or behind the screen.
    pub fn open(o: &Orchestrator, access: Access, now: Timestamp) -> Self {
        let access = match (access, o.role()) {
            (Access::Open, Role::Viewer { driver }) => Access::Viewed { driver },
            (access, Role::Driver | Role::Viewer { .. }) => access,
        };
        Self {
            access,
            progress: Progress::of(o),
            crowd: Crowd::of(o, now),
            ..Self::closed(o.target())
        }
    }

    /// Whether it is open behind the screen and one of its agents can't go on without a person.
    pub fn needs_a_person(&self) -> bool {
        match self.access {
            Access::Open => self.crowd.waiting > 0,
            Access::Here | Access::Closed | Access::Elsewhere => false,
            Access::Viewed { .. } | Access::Unusable(_) => false,
        }
    }

    /// Whether it is open behind the screen and leaving now would leave something of it to itself.
    pub fn is_busy(&self) -> bool {
        match self.access {
            Access::Open => self.crowd.left_alone > 0 || self.crowd.later,
            Access::Here
            | Access::Closed
            | Access::Elsewhere
            | Access::Viewed { .. }
            | Access::Unusable(_) => false,
        }
    }
}

impl Progress {
    /// Of the roadmap an orchestrator has read.
    pub fn of(o: &Orchestrator) -> Option<Self> {
        let (complete, phases) = o.roadmap()?.progress();
        Some(Self { complete, phases })
    }
}

impl Crowd {
    /// Of the agents an orchestrator knows.
    pub fn of(o: &Orchestrator, now: Timestamp) -> Self {
        let agents = o.run().agents.values();
        let states: Vec<AgentState> = agents.map(|agent: &Agent| agent.state(now)).collect();
        let count = |wanted: &[AgentState]| states.iter().filter(|s| wanted.contains(s)).count();
        Self {
            working: count(&[
                AgentState::Running,
                AgentState::Idle,
                AgentState::Verifying,
                AgentState::Merging,
                AgentState::Starting,
                AgentState::Stopping,
            ]),
            waiting: count(&[AgentState::Waiting, AgentState::Review]),
            failed: count(&[AgentState::Failed, AgentState::TimedOut]),
            left_alone: o.working_agents(),
            proposals: o.view().proposals.waiting(),
            later: o.wakes_at(now).is_some(),
        }
    }
}
