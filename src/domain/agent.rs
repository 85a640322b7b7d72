//! Agents: one supervised life of an agent CLI after another, working on one phase.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::activity::Activity;
use crate::domain::branch::Merge;
use crate::domain::errand::Errand;
use crate::domain::gate::Receipt;
use crate::domain::id::{AgentRef, PhaseId};
use crate::domain::journal::Birth;
pub use crate::domain::outcome::Outcome;
use crate::domain::printable::visible;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::workspace::Workspace;

pub use crate::domain::stage::Stage;

/// How an agent's process ended, as its host saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// Why it ended.
    pub cause: ExitCause,
    /// Exit status, unless a signal ended it.
    pub code: Option<i32>,
    /// Number of the signal that ended it.
    pub signal: Option<i32>,
    /// What the agent said of its work, for adapters that report it: `Ok` or the reason it gave.
    pub said: Option<Result<(), Reason>>,
    /// Processes of its tree still alive after the last sweep.
    pub survivors: u32,
    /// What it used.
    pub usage: Usage,
    /// Its session with the agent CLI, as far as the agent told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// When it ended.
    pub at: Timestamp,
}

/// Why an agent's process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitCause {
    /// By itself.
    Own,
    /// Somebody asked for it.
    Stopped,
    /// No output at all within its time to start.
    StartLimit,
    /// The total time limit.
    TotalLimit,
    /// The idle limit.
    IdleLimit,
    /// It said that all is done and did not end: its time for that was over.
    Settled,
}

/// Tokens and money used, as far as the agent tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Input tokens, cached ones included.
    pub input_tokens: u64,
    /// Output tokens.
    pub output_tokens: u64,
    /// Cost in thousandths of a US cent.
    pub cost_millicents: u64,
    /// Model turns.
    pub turns: u32,
}

impl Eq for Usage {}

impl Usage {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            cost_millicents: self.cost_millicents.saturating_add(other.cost_millicents),
            turns: self.turns.saturating_add(other.turns),
        }
    }
}

/// Process ids of a running life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processes {
    /// The agent itself.
    pub agent: u32,
    /// The host that owns its terminal.
    pub host: u32,
}

/// A life of an agent as the orchestrator knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Who it is and what it works on.
    pub birth: Birth,
    /// Where it stands.
    pub stage: Stage,
    /// When things happened.
    pub times: Times,
    /// Its processes, once they ran.
    pub processes: Option<Processes>,
    /// Where it works, once that is ready.
    pub workspace: Option<Workspace>,
    /// Who was assigned to the phase before, so that a release can put it back.
    pub assigned_before: Option<String>,
    /// How its process ended.
    pub exit: Option<Exit>,
    /// Gates judged so far.
    pub receipts: Vec<Receipt>,
    /// How far the merge of its work is.
    pub merging: Merging,
    /// What it does now.
    pub activity: Activity,
    /// Where what it left is kept, once that is so; only of one that works for no plan.
    pub document: Option<PathBuf>,
}

/// How far the merge of a life's work is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merging {
    /// How often it was asked for.
    pub asked: u32,
    /// When it was asked for last.
    pub since: Option<Timestamp>,
    /// The merge that was made last.
    pub made: Option<Merge>,
    /// Its commit, once the target branch holds it: from then on nothing of the work is done again.
    pub landed: Option<String>,
}

/// Moments in a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// It was asked for.
    pub asked: Timestamp,
    /// Its process started.
    pub started: Option<Timestamp>,
    /// It was over.
    pub ended: Option<Timestamp>,
}

/// State of an agent as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    /// Asks for a person.
    Waiting,
    /// Its work is proven and waits for a person to merge it.
    Review,
    /// Ended badly.
    Failed,
    /// Reached a time limit.
    TimedOut,
    /// Prints or changed files within the last minutes.
    Running,
    /// Alive and silent for three minutes or more.
    Idle,
    /// Its gates run, or Complete is being written.
    Verifying,
    /// Its work is being merged, or its gates run on the merge.
    Merging,
    /// Being started.
    Starting,
    /// Waits for its claim.
    Pending,
    /// Being stopped.
    Stopping,
    /// Its phase is complete.
    Succeeded,
    /// Ended by a person.
    Killed,
}

/// An agent silent for so long is idle.
pub const IDLE_AFTER_SECS: u64 = 180;

impl Agent {
    /// A life that was just asked for.
    pub fn born(birth: Birth, asked: Timestamp) -> Self {
        Self {
            birth,
            stage: Stage::Claiming,
            times: Times { asked, started: None, ended: None },
            processes: None,
            workspace: None,
            assigned_before: None,
            exit: None,
            receipts: Vec::new(),
            merging: Merging::default(),
            activity: Activity::default(),
            document: None,
        }
    }

    /// Which life of which agent this is.
    pub fn me(&self) -> &AgentRef {
        &self.birth.agent
    }

    /// The name of its identity; lives of earlier versions have none.
    pub fn name(&self) -> Option<&str> {
        self.birth.name.as_deref()
    }

    /// Its id with the name of its identity: `a-2.1 Ada`.
    pub fn called(&self) -> String {
        match self.name() {
            Some(name) => format!("{} {}", self.me().id, visible(name)),
            None => self.me().id.to_string(),
        }
    }

    /// The phase it works on. Of one that works for no plan its own id, which is no phase: see [`Agent::about`].
    pub fn phase(&self) -> &PhaseId {
        &self.birth.phase
    }

    /// What it does, if it works for no plan.
    pub fn errand(&self) -> Option<&Errand> {
        self.birth.errand.as_ref()
    }

    /// The phase it is about, whether it holds it or not; none of what is about no phase.
    pub fn about(&self) -> Option<&PhaseId> {
        match &self.birth.errand {
            Some(errand) => errand.phase(),
            None => Some(&self.birth.phase),
        }
    }

    /// How long its process has run, or ran.
    pub fn ran_for(&self, now: Timestamp) -> std::time::Duration {
        let end = self.times.ended.unwrap_or(now);
        self.times.started.map(|start| end.since(start)).unwrap_or_default()
    }

    /// The state people see.
    pub fn state(&self, now: Timestamp) -> AgentState {
        match &self.stage {
            Stage::Claiming => AgentState::Pending,
            Stage::Preparing | Stage::Marking | Stage::Starting => AgentState::Starting,
            Stage::Running => self.running_state(now),
            Stage::Stopping => AgentState::Stopping,
            Stage::Review(_) => AgentState::Review,
            Stage::Merging | Stage::Proving(_) | Stage::Landing => AgentState::Merging,
            Stage::Verifying(_) | Stage::Completing => AgentState::Verifying,
            Stage::Unmarking(outcome) | Stage::Ended(outcome) => outcome.state(),
        }
    }

    fn running_state(&self, now: Timestamp) -> AgentState {
        if self.activity.waiting.is_some() {
            return AgentState::Waiting;
        }
        let last = self.activity.last_output.or(self.times.started).unwrap_or(self.times.asked);
        if now.since(last).as_secs() >= IDLE_AFTER_SECS {
            AgentState::Idle
        } else {
            AgentState::Running
        }
    }

    /// How this life ends or ended, once that is decided.
    pub fn outcome(&self) -> Option<&Outcome> {
        match &self.stage {
            Stage::Unmarking(outcome) | Stage::Ended(outcome) => Some(outcome),
            Stage::Claiming
            | Stage::Preparing
            | Stage::Marking
            | Stage::Starting
            | Stage::Running
            | Stage::Stopping
            | Stage::Verifying(_)
            | Stage::Review(_)
            | Stage::Merging
            | Stage::Proving(_)
            | Stage::Landing
            | Stage::Completing => None,
        }
    }

    /// Whether it takes up a place among the agents that may work at once.
    pub fn holds_slot(&self) -> bool {
        self.stage.holds_slot()
    }

    /// Why there is nothing to stop: its work is proven and waits for a person, who must not lose it by that.
    pub fn proven_and_waiting(&self) -> Option<String> {
        let id = &self.me().id;
        match self.stage {
            // What is merged already can be left as it stands.
            Stage::Review(_) if self.merging.landed.is_none() => Some(format!(
                "{id} does not run: its work waits for a review; m merges it, d then R sends it back, d then X gives it up"
            )),
            _ => None,
        }
    }

    /// Whether something goes on with it by itself.
    pub fn is_busy(&self) -> bool {
        self.stage.is_busy()
    }

    /// Whether this life still holds its stream.
    pub fn is_live(&self) -> bool {
        self.stage.is_live()
    }

    /// Whether its process runs or is about to.
    pub fn has_process(&self) -> bool {
        self.stage.has_process()
    }

    /// Whether its merge is being put on the target branch, or is there: that is not taken back.
    pub fn is_being_merged(&self) -> bool {
        match self.stage {
            Stage::Landing => true,
            Stage::Completing => self.merging.made.is_some(),
            _ => false,
        }
    }
}
