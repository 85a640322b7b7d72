//! The journal: everything that was decided, in order. The orchestrator's state is what replaying it gives.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::adapter::Start;
use crate::domain::agent::{Exit, Outcome, Processes};
use crate::domain::branch::BranchFact;
use crate::domain::budget::BudgetStep;
use crate::domain::claim::{Fence, Owner};
use crate::domain::effect::StopKind;
use crate::domain::errand::Errand;
use crate::domain::gate::Receipt;
use crate::domain::id::{AgentRef, PhaseId, TargetId};
use crate::domain::identity::Choice;
use crate::domain::plan::ApprovedPlan;
use crate::domain::printable::Printable;
use crate::domain::role::AgentRole;
use crate::domain::time::Timestamp;
use crate::domain::undo::UndoNote;
use crate::domain::workspace::Workspace;

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Fact {
    /// A person approved a plan.
    PlanApproved(ApprovedPlan),
    /// A new life of an agent was asked for.
    AgentSpawned(Birth),
    /// The claim store gave the stream.
    ClaimWon {
        /// To whom.
        agent: AgentRef,
        /// Its fence.
        fence: Fence,
    },
    /// The claim store gave it to somebody else.
    ClaimLost {
        /// Who did not get it.
        agent: AgentRef,
        /// Who holds it.
        owner: Owner,
    },
    /// The workspace is ready.
    WorkspaceReady {
        /// Whose.
        agent: AgentRef,
        /// Which.
        workspace: Workspace,
        /// Who was assigned to the phase before, so that a release can put it back.
        assigned_before: Option<String>,
    },
    /// The host is about to be started. From here on a process may exist.
    SpawningAgent {
        /// Which.
        agent: AgentRef,
    },
    /// The agent's process runs.
    AgentRunning {
        /// Which.
        agent: AgentRef,
        /// Its processes.
        processes: Processes,
        /// When it started.
        started: Timestamp,
    },
    /// It could not be started.
    SpawnFailed {
        /// Which.
        agent: AgentRef,
        /// Why.
        why: Printable,
    },
    /// Somebody asked to end it.
    Stopping {
        /// Which.
        agent: AgentRef,
        /// How.
        how: StopKind,
    },
    /// A new life was asked for as soon as this one is over.
    RestartAsked {
        /// Which.
        agent: AgentRef,
    },
    /// Its process ended.
    Stopped {
        /// Which.
        agent: AgentRef,
        /// How.
        exit: Exit,
        /// What it asked in its life and nobody answered, as far as that was heard.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unanswered: Option<Printable>,
    },
    /// A gate was judged.
    GateJudged {
        /// After whose work.
        agent: AgentRef,
        /// The proof.
        receipt: Receipt,
    },
    /// All gates were judged.
    VerificationComplete {
        /// After whose work.
        agent: AgentRef,
        /// Names of the required gates that failed.
        failed: Vec<String>,
    },
    /// The life ended well: Complete stands in the roadmap, or what it leaves is kept.
    AgentCompleted {
        /// Which.
        agent: AgentRef,
        /// Where what it leaves is kept, if it worked for no plan.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document: Option<PathBuf>,
    },
    /// The life ended otherwise; its phase is about to be put back.
    AgentFailed {
        /// Which.
        agent: AgentRef,
        /// How.
        outcome: Outcome,
    },
    /// The phase is put back and the claim is free.
    Released {
        /// Whose.
        agent: AgentRef,
    },
    /// The roadmap was changed.
    RoadmapEdited(RoadmapRecord),
    /// Nothing of the plan is left to do.
    PlanFinished {
        /// Phases completed by it.
        completed: Vec<PhaseId>,
        /// Phases it could not complete.
        left: Vec<PhaseId>,
    },
    /// The queue was held, or goes on.
    #[serde(untagged)]
    Queue(QueueFact),
    /// Something happened to an agent's branch.
    #[serde(untagged)]
    Branch(BranchFact),
}

/// What the journal tells of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum QueueFact {
    /// Nothing new is started.
    Held,
    /// Starting goes on. After a budget was reached it is granted once more.
    Resumed,
    /// The plan's agents have used so much of its budget that something is done about it; nothing new is started.
    BudgetReached {
        /// What.
        step: BudgetStep,
        /// How much of the budget, in percent.
        percent: u64,
    },
}

/// A new life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Birth {
    /// Who.
    pub agent: AgentRef,
    /// The phase it works on.
    pub phase: PhaseId,
    /// The target it works in.
    pub target: TargetId,
    /// The adapter it runs with.
    pub adapter: String,
    /// Tries of this phase so far in this plan, this one included.
    pub attempt: u32,
    /// How often a limit of the model's service was waited for since the first of them.
    #[serde(default)]
    pub waits: u32,
    /// How often a session was gone on with since the first of them, but for such waits.
    #[serde(default)]
    pub resumes: u32,
    /// How it begins.
    #[serde(default)]
    pub start: Start,
    /// What it is there for.
    #[serde(default, skip_serializing_if = "AgentRole::is_coder")]
    pub role: AgentRole,
    /// What it does, if it works for no plan. Then `phase` is its own id: it holds none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errand: Option<Errand>,
    /// Who lives: the name of an identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Why it is this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Box<Choice>>,
}

impl Birth {
    /// The first try of a phase.
    pub fn first(agent: AgentRef, phase: PhaseId, target: TargetId, adapter: &str) -> Self {
        Self {
            agent,
            phase,
            target,
            adapter: adapter.to_owned(),
            attempt: 1,
            waits: 0,
            resumes: 0,
            start: Start::default(),
            role: AgentRole::Coder,
            errand: None,
            name: None,
            chosen: None,
        }
    }

    /// Who it is and how it begins.
    pub fn told(&self) -> (Option<&str>, &Start) {
        (self.name.as_deref(), &self.start)
    }
}

/// A change of a roadmap, with what is needed to undo it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoadmapRecord {
    /// Whose roadmap.
    pub target: TargetId,
    /// Why: `garden`, `claim`, `release`, `complete`, `reopen`, `tick`, `untick`, `repeat`, `append`, `archive`, `fix`, `undo`.
    pub why: String,
    /// The phases concerned.
    pub phases: Vec<PhaseId>,
    /// Line, old text, new text.
    pub edits: Vec<(usize, String, String)>,
    /// The file of the proposal whose phases were added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<String>,
    /// What it takes to undo it, where that is possible. Programs that do not know it read the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Box<UndoNote>>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_earlier_versions_are_read() {
        let born = r#"{"at":1,"event":"agent_spawned","agent":{"id":"a-1.1","life":1},"phase":"1.1","target":"t","adapter":"claude","attempt":2}"#;
        let Fact::AgentSpawned(birth) = serde_json::from_str::<Entry>(born).unwrap().fact else {
            panic!("{born}")
        };
        assert_eq!((birth.attempt, birth.waits, birth.resumes), (2, 0, 0));
        assert_eq!((birth.start, birth.name, birth.chosen), (Start::default(), None, None));
        let stopped = r#"{"at":2,"event":"stopped","agent":{"id":"a-1.1","life":1},"exit":{"cause":"own","code":1,"signal":null,"said":{"Err":"API Error: 500"},"survivors":0,"usage":{"input_tokens":0,"output_tokens":0,"cost_millicents":0,"turns":0},"at":2}}"#;
        let Fact::Stopped { exit, .. } = serde_json::from_str::<Entry>(stopped).unwrap().fact
        else {
            panic!("{stopped}")
        };
        assert_eq!(exit.session, None);
        assert_eq!(exit.failure(), Some(Outcome::Failed("API Error: 500".into())));
    }
}
