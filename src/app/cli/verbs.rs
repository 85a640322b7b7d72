//! Commands that belong together.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{AddArgs, OutputFormat, Rehearsal, TickArgs, Verb};

impl Verb {
    /// Whether it opens the directory as a target: plans, agents, state. What only reads the roadmap is of use to an agent
    /// or a gate in a worktree too; what needs no directory works everywhere.
    pub fn opens(&self) -> bool {
        match self {
            Self::Run(args) => args.simulate.is_none() && !args.dry_run,
            Self::Health { fix } => *fix,
            Self::Garden { dry_run } => !dry_run,
            Self::Plan { .. } | Self::Look(Look::Graph { .. }) => false,
            Self::Doctor(args) => !args.clean,
            Self::Change(Change::Tick(TickArgs { rehearsal, .. })) => !rehearsal.dry_run,
            Self::Change(Change::Add(AddArgs { rehearsal, .. })) => !rehearsal.dry_run,
            Self::Change(_) | Self::OnDemand(_) | Self::Look(_) => true,
            Self::Logs { .. } | Self::Attach { .. } | Self::Replay(_) | Self::Kill(_) => true,
            Self::Init { .. } => true,
            Self::Demo(_) | Self::Completions { .. } | Self::Inner(_) => false,
        }
    }
}

/// What only looks.
#[derive(Debug, Subcommand)]
pub enum Look {
    /// Show what waits for what, in waves, with the longest chain
    Graph {
        /// Complete phases as well
        #[arg(long)]
        all: bool,
        /// What to print; json is the same as --json
        #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
        format: OutputFormat,
    },
    /// Show the phases of the roadmap and the agents
    Status,
    /// List the agents
    Agents {
        /// Who worked here by name, on what and with what success, instead
        #[arg(long)]
        history: bool,
    },
    /// Print what the last plan came to, as Markdown
    Report {
        /// Let an agent sum it up first (asks), unless that was done already
        #[arg(long)]
        summary: bool,
        /// Whether it asks.
        #[command(flatten)]
        consent: Consent,
    },
}

/// Whether a person said yes already.
#[derive(Clone, Copy, Debug, Args)]
pub struct Consent {
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}

/// What starts an agent that works for no plan.
#[derive(Debug, Subcommand)]
pub enum OnDemand {
    /// Let an agent look for what is wrong with a phase's work, and print what it found
    Qa {
        /// The phase, e.g. 2.1
        phase: String,
        /// Whether it asks.
        #[command(flatten)]
        consent: Consent,
    },
    /// Let an agent write proposals of phases, for a wish or for what is missing most
    Pm {
        /// What is wanted
        #[arg(value_name = "GOAL")]
        goal: Vec<String>,
        /// Whether it asks.
        #[command(flatten)]
        consent: Consent,
    },
}

/// What changes the roadmap.
#[derive(Debug, Subcommand)]
pub enum Change {
    /// Tick tasks of a phase
    Tick(TickArgs),
    /// Add phases behind the last one, in the style of the roadmap
    Add(AddArgs),
    /// List the proposals: files with new phases that wait for a person; approve or refuse one
    Proposals(ProposalArgs),
    /// Move complete phases that no open phase waits for to completed/roadmap-archive.md beside the roadmap
    Archive {
        /// Say what would be moved, move nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Take back the last change of the roadmap that gardening, a fix or one of these commands made
    Undo,
}

/// Arguments of `proposals`.
#[derive(Clone, Debug, Args)]
pub struct ProposalArgs {
    /// What is decided; without it they are listed.
    #[command(subcommand)]
    pub decision: Option<Decision>,
}

/// A person's word on a proposal.
#[derive(Clone, Debug, Subcommand)]
pub enum Decision {
    /// Add its phases to the roadmap and move the file to accepted/
    Approve {
        /// The file, by its name in the folder of proposals
        file: PathBuf,
        /// Whether anything is written.
        #[command(flatten)]
        rehearsal: Rehearsal,
    },
    /// Move the file to rejected/
    Refuse {
        /// The file, by its name in the folder of proposals
        file: PathBuf,
    },
}

/// What only orch-tui itself starts.
#[derive(Debug, Subcommand)]
pub enum Inner {
    /// Own one agent's terminal
    #[command(hide = true)]
    Host {
        /// File that says what to run
        #[arg(long)]
        spec: PathBuf,
    },
    /// Become an agent that ends with its host
    #[command(hide = true)]
    Bound {
        /// Process id of the host
        #[arg(long)]
        host: u32,
        /// Program and arguments
        #[arg(last = true, required = true)]
        argv: Vec<OsString>,
    },
    /// Act as the scripted agent of the demo
    #[command(hide = true)]
    DemoAgent,
}
