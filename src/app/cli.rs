//! The command line.

mod choices;
mod verbs;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use choices::{ColourWhen, MergeChoice, ModeChoice, OutputFormat, ThemeChoice};
pub use verbs::{Change, Decision, Inner, Look, ProposalArgs};

/// The first steps, under the help.
const FIRST: &str = "First steps:
  orch-tui demo      try it: nothing to set up, no network, no tokens
  orch-tui init      in your repository: a starter roadmap and configuration
  orch-tui doctor    what is missing before agents can run
  orch-tui           the dashboard";

/// The same with the exit codes.
const LONG: &str = "First steps:
  orch-tui demo      try it: nothing to set up, no network, no tokens
  orch-tui init      in your repository: a starter roadmap and configuration
  orch-tui doctor    what is missing before agents can run
  orch-tui           the dashboard

Exit codes:
  0  all is well
  1  an agent or a gate failed, `health` found errors, or a change of the roadmap was refused
  2  the command line is wrong, or a terminal is needed and there is none
  3  there is nothing to do, or nothing matches
  4  a person has to approve first
  5  something outside is missing or unreadable: repository, roadmap, configuration
  6  another process drives the repository
  124  a time limit was reached
  130  interrupted";

/// Run many coding agents from one terminal: goal, plan, approval, live terminals, and a roadmap that gardens itself.
#[derive(Debug, Parser)]
#[command(name = "orch-tui", version, about, max_term_width = 100, after_help = FIRST, after_long_help = LONG)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten, next_help_heading = "Options of every command")]
    pub global: Global,
    /// What to do; without it the dashboard opens, or the status is printed when there is no terminal.
    #[command(subcommand)]
    pub command: Option<Verb>,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Work as if started in this directory
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// Target from config/targets.yaml; for run and the dashboard several, separated by commas
    #[arg(
        long = "target",
        value_name = "ID",
        global = true,
        env = "ORCH_TUI_TARGET",
        value_delimiter = ','
    )]
    pub targets: Vec<String>,
    /// Roadmap file, instead of the target's
    #[arg(long, value_name = "PATH", global = true, env = "ORCH_TUI_ROADMAP")]
    pub roadmap: Option<PathBuf>,
    /// Print JSON: one object, or for run one a line
    #[arg(long, global = true)]
    pub json: bool,
    /// Colours
    #[arg(long, value_enum, default_value_t = ColourWhen::Auto, global = true)]
    pub color: ColourWhen,
    /// Theme of the screen
    #[arg(long, value_enum, default_value_t = ThemeChoice::Auto, global = true, env = "ORCH_TUI_THEME")]
    pub theme: ThemeChoice,
    /// Draw with ASCII alone
    #[arg(long, global = true)]
    pub ascii: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Plan a goal, ask, run it to the end
    Run(RunArgs),
    /// Show how a goal is understood and what would run; start nothing
    Plan {
        /// What to achieve
        #[arg(required = true, value_name = "GOAL")]
        goal: Vec<String>,
        /// What to print; json is the same as --json
        #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
        format: OutputFormat,
    },
    /// What only looks.
    #[command(flatten)]
    Look(Look),
    /// Check the roadmap; exit code 1 when errors are found
    Health {
        /// First mend what needs no judgement
        #[arg(long)]
        fix: bool,
    },
    /// Unblock phases whose dependencies are complete
    Garden {
        /// Say what would change, change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// What changes the roadmap.
    #[command(flatten)]
    Change(Change),
    /// Print what an agent showed
    Logs {
        /// The agent, e.g. a-2.1
        id: String,
        /// Go on until the agent ends
        #[arg(short, long)]
        follow: bool,
        /// The terminal's bytes as they were
        #[arg(long)]
        raw: bool,
    },
    /// Show an agent's live terminal on the whole screen and type to it; Ctrl-Z leaves it running
    Attach {
        /// The agent, e.g. a-2.1
        id: String,
    },
    /// Play what an agent showed, on the whole screen
    Replay(ReplayArgs),
    /// End agents
    Kill(KillArgs),
    /// Try it out: a throw-away repository with scripted agents; no network, no tokens
    Demo(DemoArgs),
    /// Write a starter roadmap, configuration and workflows; overwrite nothing
    Init {
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Say what would be written, write nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Check what orch-tui needs, print every path it uses, name what runs and belongs to nobody
    Doctor(DoctorArgs),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// What only orch-tui itself starts.
    #[command(flatten)]
    Inner(Inner),
}

/// Arguments of `run`.
#[derive(Clone, Debug, Args)]
pub struct RunArgs {
    /// What to achieve
    #[arg(value_name = "GOAL", required_unless_present_any = ["phases", "simulate"])]
    pub goal: Vec<String>,
    /// A phase to run, by its id; may be given several times
    #[arg(long = "phase", value_name = "ID")]
    pub phases: Vec<String>,
    /// How the plan runs
    #[arg(long, value_enum)]
    pub mode: Option<ModeChoice>,
    /// How many agents at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub max: Option<u16>,
    /// Who merges proven work, instead of what the target says
    #[arg(long, value_enum)]
    pub merge: Option<MergeChoice>,
    /// Say what would happen, start nothing
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// Approve the plan without asking
    #[arg(short, long)]
    pub yes: bool,
    /// Agent to run with, instead of the target's
    #[arg(long, value_name = "NAME")]
    pub agent: Option<String>,
    /// Play the plan through with scripted agents on a virtual clock: no process runs, no file is written; the same seed
    /// gives the same run
    #[arg(long, value_name = "SEED", conflicts_with_all = ["dry_run", "yes", "agent"])]
    pub simulate: Option<u64>,
    /// Simulate a generated roadmap of so many phases instead of the target's
    #[arg(long = "phases", value_name = "N", requires = "simulate", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub size: Option<u32>,
}

/// Arguments of `tick`.
#[derive(Clone, Debug, Args)]
pub struct TickArgs {
    /// The phase, e.g. 2.1
    pub phase: String,
    /// The task, by its number from 1 or by its whole text; without it all open tasks are ticked
    pub task: Option<String>,
    /// Whether anything is written.
    #[command(flatten)]
    pub rehearsal: Rehearsal,
}

/// Arguments of `add`.
#[derive(Clone, Debug, Args)]
pub struct AddArgs {
    /// Markdown file with their sections, instead of standard input
    pub file: Option<PathBuf>,
    /// Whether anything is written.
    #[command(flatten)]
    pub rehearsal: Rehearsal,
}

/// Whether a command only says what it would do.
#[derive(Clone, Debug, Args)]
pub struct Rehearsal {
    /// Say what would change, change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `doctor`.
#[derive(Clone, Copy, Debug, Args)]
pub struct DoctorArgs {
    /// End what runs and belongs to nobody; asks first
    #[arg(long)]
    pub clean: bool,
    /// Do not ask
    #[arg(long, requires = "clean")]
    pub yes: bool,
}

/// Arguments of `replay`.
#[derive(Clone, Debug, Args)]
pub struct ReplayArgs {
    /// The agent, e.g. a-2.1
    pub id: String,
    /// How fast: 2 is twice as fast, 0.5 half as fast
    #[arg(long, default_value = "1", value_name = "N", value_parser = speed)]
    pub speed: f64,
    /// Where to begin
    #[arg(long, value_name = "MM:SS", value_parser = moment)]
    pub at: Option<f64>,
    /// What longer silences are cut to, in seconds; 0 cuts none
    #[arg(long, default_value = "2", value_name = "SECONDS", value_parser = silence, env = "ORCH_TUI_REPLAY_IDLE")]
    pub idle: f64,
}

fn speed(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.125..=64.0).contains(number));
    number.ok_or_else(|| "a number from 0.125 to 64 is expected".to_owned())
}

fn silence(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.0..=1e6).contains(number));
    number.ok_or_else(|| "a number of seconds is expected".to_owned())
}

/// `SS`, `MM:SS` or `HH:MM:SS`.
fn moment(text: &str) -> Result<f64, String> {
    let parts: Option<Vec<u32>> = text.split(':').map(|part| part.parse().ok()).collect();
    let seconds = |parts: Vec<u32>| {
        let few = (1..=3).contains(&parts.len());
        few.then(|| parts.iter().fold(0.0, |sum, part| sum * 60.0 + f64::from(*part)))
    };
    parts.and_then(seconds).ok_or_else(|| "a time such as 2:30 is expected".to_owned())
}

/// Arguments of `kill`.
#[derive(Clone, Debug, Args)]
pub struct KillArgs {
    /// The agents, e.g. a-2.1
    #[arg(required_unless_present = "all", value_name = "ID")]
    pub ids: Vec<String>,
    /// SIGKILL at once instead of SIGTERM first
    #[arg(long)]
    pub now: bool,
    /// Every agent that runs
    #[arg(long, conflicts_with = "ids", requires = "yes")]
    pub all: bool,
    /// Needed with --all
    #[arg(long)]
    pub yes: bool,
}

/// Arguments of `demo`.
#[derive(Clone, Debug, Args)]
pub struct DemoArgs {
    /// Decides every delay of the scripted agents
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// How fast the agents work: 1 as a person can follow, 0 without any delay
    #[arg(long, default_value_t = 1.0, value_name = "FACTOR")]
    pub speed: f64,
    /// Put the repository here instead of into a new temporary folder
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Run this goal without a screen and print what happens
    #[arg(long, value_name = "GOAL")]
    pub goal: Option<String>,
}
