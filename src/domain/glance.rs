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
    /// What is wrong with it, in one sentence: its roadmap can't be read, its directory is gone.
    pub trouble: Option<Printable>,
}

/// Why a person is called to a target that is not on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// One of its agents can't go on without a person.
    Waits,
    /// Its plan is held: nothing new starts.
    Held,
    /// Something is wrong with it.
    Trouble(Printable),
}

/// Whether this program works on a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// It is on the screen.
    Here,
    /// It is open behind the screen: its agents are looked after.
    Open,
    /// It is being opened.
    Opening,
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
    /// Those of them of which nothing runs: they are being started, judged or merged.
    pub unjudged: usize,
    /// Proposals that wait for a person.
    pub proposals: usize,
    /// Something begins by itself later.
    pub later: bool,
    /// Its plan is not finished, and nothing new starts.
    pub held: bool,
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
            trouble: None,
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
            trouble: o.view().problem.clone(),
            ..Self::closed(o.target())
        }
    }

    /// Why a person is called there. Of one that is not open only agents that wait are known.
    pub fn call(&self) -> Option<Call> {
        let open = match self.access {
            Access::Open => true,
            Access::Closed => false,
            Access::Here | Access::Opening | Access::Elsewhere => return None,
            Access::Viewed { .. } | Access::Unusable(_) => return None,
        };
        if self.crowd.waiting > 0 {
            return Some(Call::Waits);
        }
        match &self.trouble {
            Some(trouble) if open => Some(Call::Trouble(trouble.clone())),
            _ if open && self.crowd.held => Some(Call::Held),
            Some(_) | None => None,
        }
    }

    /// Whether it is open, on the screen or behind it.
    pub fn is_open(&self) -> bool {
        match self.access {
            Access::Here | Access::Open | Access::Viewed { .. } => true,
            Access::Opening | Access::Closed | Access::Elsewhere | Access::Unusable(_) => false,
        }
    }

    /// Whether one of its agents can't go on without a person.
    pub fn needs_a_person(&self) -> bool {
        self.call() == Some(Call::Waits)
    }

    /// Whether it is open behind the screen and leaving now would leave something of it to itself.
    pub fn is_busy(&self) -> bool {
        match self.access {
            Access::Open => self.crowd.left_alone > 0 || self.crowd.later,
            Access::Here
            | Access::Opening
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

/// What goes on when nobody drives any more, and what does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftBehind {
    /// Agents that run on.
    pub running: usize,
    /// Agents that do not run and are not done: they are judged once somebody drives again.
    pub unjudged: usize,
}

impl LeftBehind {
    /// Of one target.
    pub fn of(o: &Orchestrator) -> Self {
        let running = o.run().everyone().filter(|agent| agent.has_process()).count();
        Self { running, unjudged: o.working_agents().saturating_sub(running) }
    }

    /// Whether nothing is left behind.
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }

    /// One sentence, with the command that opens the target again.
    pub fn sentence(self, again: &str) -> String {
        let Self { running, unjudged } = self;
        let them = if running == 1 { "it" } else { "them" };
        let goes = match running {
            1 => "1 agent goes on".to_owned(),
            n => format!("{n} agents go on"),
        };
        match (running, unjudged) {
            (0, 1) => format!("the work of 1 agent is judged once `{again}` is open"),
            (0, n) => format!("the work of {n} agents is judged once `{again}` is open"),
            (_, 0) => format!("{goes}; `{again}` shows {them} again"),
            (_, n) => {
                format!("{goes}; `{again}` shows {them} again and judges the work of {n} more")
            }
        }
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
            unjudged: LeftBehind::of(o).unjudged,
            proposals: o.view().proposals.waiting(),
            later: o.wakes_at(now).is_some(),
            held: o.run().held && o.run().plan.as_ref().is_some_and(|plan| !plan.finished),
        }
    }
}
