//! Hosts: one process per agent, which owns its terminal and its process tree and outlives the app.
//!
//! [`run`] is the host itself; [`client`] is the app's side of it.

mod bound;
mod cast;
mod commits;
mod emulator;
mod event;
mod grapheme;
mod history;
mod json_text;
mod keyboard;
mod launch;
mod menu;
mod modes;
mod palette;
mod pane;
mod priority;
mod probe;
mod prompt;
mod read_out;
mod recorder;
mod redraw;
mod remains;
mod rights;
mod rows;
mod runs;
mod server;
mod shared;
mod spec;
mod stream;
mod supervisor;
mod terminal;
mod transcript;
mod utf8;

pub mod client;
pub mod protocol;

use std::fs::OpenOptions;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::agent::Processes;
use crate::domain::effect::StopKind;
use crate::runner::environment::NoProgram;
use crate::runner::process::{GraceCut, ProcessIdentity, Tree, end_tree};

pub use bound::become_bound;
pub use cast::{RECORDING_FILE, part_file};
pub use event::AgentEvent;
pub use launch::{PROMPT_VARIABLE, agent_marker};
pub use remains::{Remains, read_remains};
pub use spec::{HostResult, HostSpec, RESULT_FILE, read_result, read_spec};
pub use stream::StreamParser;
pub use terminal::{Reaction, Terminal};
pub use transcript::Transcript;

use launch::Launched;
use pane::Pane;
use protocol::{Hello, LEVEL, VERSION};
use recorder::Recorder;
use shared::{Ends, Shared, moment, write_input};
use supervisor::{End, Supervisor};

/// Why a host could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The specification is missing or is none.
    #[error("{path}: the host's specification cannot be read ({cause}); start the agent again")]
    Spec {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// The specification has no command.
    #[error("the adapter has no command; set `command` in agents.yaml")]
    NoCommand,
    /// The agent's directory is missing.
    #[error("{0}: the agent's directory does not exist; check the target's path")]
    NoDirectory(PathBuf),
    /// The agent's program is missing.
    #[error(transparent)]
    NotFound(#[from] NoProgram),
    /// The prompt is missing.
    #[error("{path}: the prompt cannot be read ({cause}); start the agent again")]
    Prompt {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// The agent could not be started.
    #[error("`{command}` could not be started: {cause}")]
    Start {
        /// What was to be started.
        command: String,
        /// Why not.
        cause: String,
    },
    /// The host is gone before its agent began.
    #[error("the agent's host is gone; start the agent again")]
    Orphaned,
    /// The life's folder cannot be written.
    #[error("{path}: the agent's records cannot be written ({cause}); free some space there")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// The socket cannot be opened.
    #[error("{path}: the host's socket cannot be opened ({cause}); use a shorter or writable path")]
    Socket {
        /// Its path.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// The system refused what every host needs.
    #[error("the system refused the host's signal set-up ({cause})")]
    Signals {
        /// Why.
        cause: std::io::Error,
    },
    /// The result cannot be written.
    #[error("{path}: the result cannot be written ({cause}); free some space there")]
    Result {
        /// The folder.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
}

/// Runs a host until its result was collected.
///
/// The claim's lock file may be passed as standard input: the host keeps it open, and thus locked,
/// for its whole life.
///
/// # Errors
/// When the agent cannot be started, or its result cannot be written.
pub fn run(spec_path: &Path) -> Result<(), HostError> {
    let lock = detach();
    let spec = specification(spec_path)?;
    let folder = |cause| HostError::Folder { path: spec.folder.clone(), cause };
    let size = spec.size.at_least_smallest();
    let spec = HostSpec { size, ..spec.clone() };
    let recorder = Recorder::new(&spec).map_err(folder)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|cause| HostError::Signals { cause })?;
    let marker = marker();
    let launched = launch::launch(&spec, &marker)?;
    let started = tokio::time::Instant::now();
    let processes = Processes { agent: launched.pid, host: std::process::id() };
    let agent = spec.agent.clone();
    let started_at = spec::now();
    let hello = Hello { version: VERSION, level: LEVEL, agent, processes, started_at, size };
    let pane = Pane::new(spec.parser(), size, moment());
    let (shared, ends) = Shared::new(hello, pane, recorder);
    let tree = Tree { root: processes.host, leader: processes.agent, marker };
    let mine = tree.clone();
    let outcome = runtime.block_on(async move {
        let (master, orders) = start_threads(launched, &shared, ends);
        let listener = server::listen(&spec.socket)?;
        tokio::spawn(server::serve(listener, Arc::clone(&shared)));
        tokio::spawn(Arc::clone(&shared).keep_flushed());
        tokio::spawn(Arc::clone(&shared).watch_for_prompts());
        let end = End::default();
        Supervisor { spec, shared, master, orders, tree, started, end }.supervise().await
    });
    let outcome = outcome.map(|socket| {
        // Whoever removed it already wanted the same.
        let _ = std::fs::remove_file(socket);
    });
    if outcome.is_err() {
        // An agent never goes on without its host.
        end_tree(&mine, StopKind::Kill, Duration::ZERO, &GraceCut::default());
    }
    drop(lock);
    outcome
}

type Master = Box<dyn portable_pty::MasterPty + Send>;
type Orders = tokio::sync::mpsc::UnboundedReceiver<shared::Order>;

fn start_threads(launched: Launched, shared: &Arc<Shared>, ends: Ends) -> (Master, Orders) {
    let Launched { pid, master, output, input } = launched;
    let (reader, reaper) = (Arc::clone(shared), Arc::clone(shared));
    std::thread::spawn(move || reader.drain(output));
    std::thread::spawn(move || reaper.reap(pid));
    std::thread::spawn(move || write_input(&ends.input, input));
    (master, ends.orders)
}

/// Leaves the app's session and terminal, keeps the claim's lock, and adopts all later orphans.
fn detach() -> Option<OwnedFd> {
    // Fails only for the leader of a group, which is on its own already.
    let _ = rustix::process::setsid();
    let lock = rustix::io::fcntl_dupfd_cloexec(std::io::stdin().as_fd(), 3).ok();
    if let Ok(null) = OpenOptions::new().read(true).open("/dev/null") {
        let _ = rustix::stdio::dup2_stdin(null);
    }
    #[cfg(target_os = "linux")]
    {
        let own = rustix::process::getpid();
        let _ = rustix::process::set_child_subreaper(Some(own));
    }
    lock
}

fn specification(path: &Path) -> Result<HostSpec, HostError> {
    std::fs::read(path)
        .and_then(|bytes| Ok(serde_json::from_slice(&bytes)?))
        .map_err(|cause| HostError::Spec { path: path.to_owned(), cause })
}

/// Names the host in the environment of its agent's processes: `PID.START`.
pub const HOST_VARIABLE: &str = "ORCH_TUI_HOST";

/// Marks the processes of this host's agent and of no other, not even of one with the same name.
fn marker() -> String {
    let pid = std::process::id();
    let start = ProcessIdentity::of(pid).map_or(0, |own| own.start_time);
    format!("{HOST_VARIABLE}={pid}.{start}")
}
