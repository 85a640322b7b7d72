//! What the world answers.

use std::sync::Arc;

use crate::domain::agent::{Exit, Processes, Usage};
use crate::domain::branch::BranchReport;
use crate::domain::claim::ClaimOutcome;
pub use crate::domain::document::DocumentReport;
use crate::domain::effect::RoadmapOrder;
use crate::domain::frame::Frame;
use crate::domain::gate::Receipt;
use crate::domain::id::{AgentRef, TargetId};
use crate::domain::journal::Entry;
use crate::domain::older::Older;
use crate::domain::preview::Preview;
use crate::domain::printable::Printable;
use crate::domain::proposal::ProposalNews;
use crate::domain::roadmap::{Edit, Roadmap};
use crate::domain::scrollback::Page;
use crate::domain::time::Timestamp;
use crate::domain::workspace::Workspace;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// A roadmap was read, or could not be.
    Roadmap {
        /// Whose.
        target: TargetId,
        /// The roadmap, or one sentence why there is none.
        read: Result<Arc<Roadmap>, Printable>,
    },
    /// A roadmap change was made, or refused.
    Edited {
        /// What was asked.
        order: RoadmapOrder,
        /// The edits made (none: there was nothing to change), or one sentence why not.
        outcome: Result<Vec<Edit>, Printable>,
        /// The roadmap as the edits left it, if there were any.
        after: Option<Arc<Roadmap>>,
    },
    /// A claim was answered.
    Claimed {
        /// For whom.
        agent: AgentRef,
        /// How.
        outcome: ClaimOutcome,
    },
    /// A workspace is ready, or could not be made.
    WorkspaceReady {
        /// For whom.
        agent: AgentRef,
        /// The workspace, or one sentence why there is none.
        workspace: Result<Workspace, Printable>,
    },
    /// An agent's process runs: newly started, or found again.
    Started {
        /// Who.
        agent: AgentRef,
        /// Its processes.
        processes: Processes,
        /// When it started.
        at: Timestamp,
    },
    /// A host or its agent could not be started.
    SpawnFailed {
        /// Who.
        agent: AgentRef,
        /// One sentence: command, error, next step.
        why: Printable,
    },
    /// What an agent does; at most a few a second.
    Activity {
        /// Who.
        agent: AgentRef,
        /// What changed.
        pulse: Pulse,
    },
    /// A change of an agent's screen.
    Frame {
        /// Whose.
        agent: AgentRef,
        /// What changed.
        frame: Frame,
    },
    /// Lines above an agent's screen; `None` when nobody has any.
    Lines {
        /// Whose.
        agent: AgentRef,
        /// The lines.
        page: Option<Page>,
    },
    /// Lines older than those a host keeps.
    Older {
        /// Whose.
        agent: AgentRef,
        /// The lines, or why there are none.
        older: Older,
    },
    /// An agent's process ended and its tree is gone.
    Exited {
        /// Who.
        agent: AgentRef,
        /// How.
        exit: Exit,
    },
    /// The host of an agent is gone without a result.
    HostLost(AgentRef),
    /// A gate was run.
    GateJudged {
        /// After whose work.
        agent: AgentRef,
        /// At which try to merge.
        round: u32,
        /// The proof.
        receipt: Receipt,
    },
    /// Something was done with a branch, or not.
    Branch(BranchReport),
    /// What would happen if agents were started.
    Rehearsed(Rehearsed),
    /// What lies in the folder of proposals.
    Proposals(ProposalNews),
    /// Something was done with a document, or not.
    Document(DocumentReport),
    /// The journal could not be written: nothing more may be started.
    JournalFailed(Printable),
    /// Another process, the driver, wrote to the journal. Only viewers see this.
    Journal(Vec<Entry>),
    /// Something failed that belongs to no agent; one sentence for the person.
    Trouble(Printable),
}

/// What would happen if agents were started.
#[derive(Clone, Debug, PartialEq)]
pub enum Rehearsed {
    /// What launches would do.
    Launches(Vec<Preview>),
    /// Whether the target's agent can start at all, or one sentence why not.
    Startable(Result<(), Printable>),
}

/// What an agent's host noticed since it last told.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Pulse {
    /// When the agent last printed something.
    pub last_output: Timestamp,
    /// Output events since the last pulse.
    pub events: u32,
    /// It asks for a person: what it said. `None` when it no longer does.
    pub waiting: Option<Printable>,
    /// What it does, in a few words.
    pub doing: Printable,
    /// What it used so far.
    pub usage: Usage,
}
