//! What the orchestrator asks of the world. Plain data: the runner carries it out and answers with reports.

use std::collections::BTreeSet;

use crate::domain::adapter::{Adapter, Start};
use crate::domain::branch::BranchOrder;
use crate::domain::claim::StreamKey;
pub use crate::domain::document::{Document, DocumentOrder};
use crate::domain::errand::ErrandBrief;
use crate::domain::gate::{Gate, Receipt, Tree};
use crate::domain::id::{AgentRef, PhaseId, TargetId};
use crate::domain::identity::Finding;
use crate::domain::journal::Entry;
use crate::domain::older::OlderWanted;
use crate::domain::proposal::ProposalOrder;
use crate::domain::roadmap::RoadmapChange;
use crate::domain::roadmap::phase::Phase;
use crate::domain::scrollback::Wanted;
use crate::domain::target::Target;
use crate::domain::time::Timestamp;
use crate::domain::workspace::{Workspace, Worktree};

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Append entries to the journal, on disk before any later effect of the same list begins.
    Record(Vec<Entry>),
    /// Read a target's roadmap again. Answer: [`Roadmap`](crate::domain::report::Report::Roadmap).
    ReadRoadmap(TargetId),
    /// Change a target's roadmap. Answer: [`Edited`](crate::domain::report::Report::Edited).
    EditRoadmap(RoadmapOrder),
    /// Claim a stream. Answer: [`Claimed`](crate::domain::report::Report::Claimed).
    Claim {
        /// For whom.
        agent: AgentRef,
        /// What.
        stream: StreamKey,
    },
    /// Let the host go, if there is one, and free the claim.
    Release {
        /// Whose.
        agent: AgentRef,
        /// What.
        stream: StreamKey,
    },
    /// Make a workspace. Answer: [`WorkspaceReady`](crate::domain::report::Report::WorkspaceReady).
    PrepareWorkspace {
        /// For whom.
        agent: AgentRef,
        /// The work it is for.
        stream: StreamKey,
        /// The worktree an earlier life left, whose work is gone on with.
        from: Option<Worktree>,
        /// Commits that merged what the work is built on: a new worktree is to hold them.
        needs: Vec<String>,
    },
    /// Do something with an agent's branch. Answer: [`Branch`](crate::domain::report::Report::Branch).
    Branch(Box<BranchOrder>),
    /// Start a host with its agent. Answer: [`Started`](crate::domain::report::Report::Started) or `SpawnFailed`.
    Spawn(Box<Launch>),
    /// Look for the host of a life that ran when the app last ended. Answer: `Started`, `Exited` or `HostLost`.
    Adopt(AgentRef),
    /// End an agent's process tree. Answer: [`Exited`](crate::domain::report::Report::Exited).
    Stop {
        /// Which.
        agent: AgentRef,
        /// How.
        how: StopKind,
    },
    /// Run a gate. Answer: [`GateJudged`](crate::domain::report::Report::GateJudged).
    RunGate {
        /// After whose work.
        worker: Box<Worker>,
        /// Which gate.
        gate: Gate,
        /// Where.
        workspace: Workspace,
        /// Which tree that is.
        tree: Tree,
        /// Which try to merge this life is at: the answer names it again.
        round: u32,
    },
    /// Send input to an agent's terminal.
    Type {
        /// Which.
        agent: AgentRef,
        /// The bytes, already encoded for its input modes.
        bytes: Vec<u8>,
    },
    /// Show these agents' screens and no others. Answer: [`Frame`](crate::domain::report::Report::Frame), again and again.
    Watch(Vec<AgentRef>),
    /// Fetch lines above an agent's screen. Answer: [`Lines`](crate::domain::report::Report::Lines).
    Lines {
        /// Whose.
        agent: AgentRef,
        /// Which.
        wanted: Wanted,
    },
    /// Read lines again that a host no longer keeps. Ends an earlier such effect. Answer:
    /// [`Older`](crate::domain::report::Report::Older).
    Older {
        /// Whose.
        agent: AgentRef,
        /// Which.
        wanted: OlderWanted,
    },
    /// Find out what these launches would do. Answer: [`Rehearsed`](crate::domain::report::Report::Rehearsed).
    Preview(Vec<Launch>),
    /// Find out whether agents of this adapter can start. Answer: [`Rehearsed`](crate::domain::report::Report::Rehearsed).
    CheckAgent(Box<Adapter>),
    /// Do something with a document of the state folder. Answer: [`Document`](crate::domain::report::Report::Document).
    Document(DocumentOrder),
    /// Do something in the folder of proposals. Answer:
    /// [`Proposals`](crate::domain::report::Report::Proposals).
    Proposals(ProposalOrder),
    /// Give an agent's terminal a new size.
    Resize {
        /// Which.
        agent: AgentRef,
        /// Size of its terminal.
        size: crate::domain::frame::Size,
    },
}

/// A change of a roadmap to be made by compare-and-swap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoadmapOrder {
    /// The target whose roadmap it is.
    pub target: TargetId,
    /// On whose behalf; `None` for the gardener and for a person.
    pub agent: Option<AgentRef>,
    /// What to change.
    pub change: RoadmapChange,
    /// Phases our live agents hold: they count as in progress whatever the file says.
    pub held: BTreeSet<PhaseId>,
}

/// How an agent is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopKind {
    /// SIGTERM to the tree, SIGKILL after the grace time.
    Term,
    /// SIGKILL at once.
    Kill,
}

/// Everything a host needs to start an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// Who.
    pub agent: AgentRef,
    /// The name of its identity.
    pub name: Option<String>,
    /// The phase it works on; of an errand about none, only its id and its name mean something.
    pub phase: Phase,
    /// The target it works in.
    pub target: Target,
    /// The agent CLI.
    pub adapter: Adapter,
    /// Where it works.
    pub workspace: Workspace,
    /// How it begins.
    pub start: Start,
    /// What it is told.
    pub brief: Brief,
    /// Size of its terminal.
    pub size: crate::domain::frame::Size,
}

/// Whose work gates judge, as they are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// Which life.
    pub agent: AgentRef,
    /// The name of its identity, where it has one.
    pub name: Option<String>,
    /// The phase it worked on.
    pub phase: PhaseId,
    /// That phase's name, where it is known.
    pub phase_name: Option<String>,
    /// Name of the adapter it ran with, where it is known.
    pub adapter: Option<String>,
    /// The branch of its own, if it has one.
    pub branch: Option<String>,
}

impl Worker {
    /// Whom a launch starts.
    pub fn of(launch: &Launch) -> Self {
        Self {
            agent: launch.agent.clone(),
            name: launch.name.clone(),
            phase: launch.phase.id.clone(),
            phase_name: Some(launch.phase.name.as_str().to_owned()),
            adapter: Some(launch.adapter.name.clone()),
            branch: launch.workspace.branch().map(str::to_owned),
        }
    }

    /// An agent of which nothing but its id is at hand.
    pub fn known_by(agent: &AgentRef) -> Self {
        let id = agent.id.as_str();
        let phase = PhaseId::new(id.strip_prefix("a-").unwrap_or(id));
        let agent = agent.clone();
        Self { agent, name: None, phase, phase_name: None, adapter: None, branch: None }
    }
}

/// What an agent is told about its work; the runner adds the workflow and the gates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brief {
    /// The phase's section of the roadmap, verbatim.
    pub section: String,
    /// What went wrong in the life before, if there was one.
    pub failure: Option<LastFailure>,
    /// What a person wants it to be told instead of what it would be told.
    pub prompt: Option<String>,
    /// What it is to do, if that is no phase.
    pub errand: Option<ErrandBrief>,
    /// The phases that are complete and that this one depends on.
    pub built_on: Vec<BuiltOn>,
    /// What its identity did before, the newest first.
    pub before: Vec<Before>,
}

/// Where git tells what was done for a phase.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Made {
    /// In this merge commit.
    Merge(String),
    /// In commits made between these moments, in a checkout that others may have shared.
    Between(Timestamp, Timestamp),
    /// Nobody knows.
    Unknown,
}

/// A complete phase that another builds on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltOn {
    /// The phase.
    pub phase: PhaseId,
    /// Its name; empty when it no longer stands in the roadmap.
    pub name: String,
    /// What was done.
    pub made: Made,
}

/// What an identity did on a phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    /// The phase.
    pub phase: PhaseId,
    /// Its name; empty when it no longer stands in the roadmap.
    pub name: String,
    /// How it ended, in one clause.
    pub outcome: String,
    /// What was done.
    pub made: Made,
    /// What gates found.
    pub findings: Vec<Finding>,
}

/// Why a phase is worked on again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastFailure {
    /// How the life before ended, in one clause.
    pub outcome: String,
    /// What its gates said.
    pub receipts: Vec<Receipt>,
    /// What a person said who sent its work back.
    pub comments: Option<String>,
    /// It was in the merge that the work failed: it conflicts with the target branch, or a gate failed on the merge.
    pub at_the_merge: bool,
    /// The lives in which the work was tried, oldest first.
    pub tries: Vec<Try>,
}

/// A life in which an agent worked on a phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Try {
    /// Which.
    pub agent: AgentRef,
    /// When its agent began.
    pub began: Timestamp,
    /// How it ended, in one clause, if it did.
    pub outcome: Option<String>,
}
