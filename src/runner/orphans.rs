//! What runs and belongs to nobody any more: hosts whose target or state is gone, hosts whose result nobody collects,
//! processes of agents whose host died while nobody looked on, and gates whose app died.
//!
//! Only what belongs to one state folder is looked at. Found through `/proc`: elsewhere nothing is found.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::task::spawn_blocking;

use crate::domain::agent::Stage;
use crate::domain::effect::StopKind;
use crate::domain::id::AgentRef;
use crate::domain::orchestrator::run::Run;
use crate::runner::driver_lock::is_driven;
use crate::runner::host::client::{self, HostLink};
use crate::runner::host::protocol::{FromHost, ToHost};
use crate::runner::host::{
    HOST_VARIABLE, HostSpec, PROMPT_VARIABLE, agent_marker, read_result, read_spec,
};
use crate::runner::journal_tail::JournalTail;
use crate::runner::left_gates::{self, LeftGate};
use crate::runner::own_worktree::OwnWorktree;
use crate::runner::process::{
    GraceCut, ProcessIdentity, Tree, carrying, commands, end_marked, end_tree,
};

/// Longest wait for an agent to end when asked.
const PATIENCE: Duration = Duration::from_secs(15);
/// Longest wait for a host that was let go.
const PARTING: Duration = Duration::from_secs(2);

/// Something that runs and belongs to nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Orphan {
    /// A host.
    Host {
        /// Its process.
        host: ProcessIdentity,
        /// The folder of the life.
        folder: PathBuf,
        /// What it was started with, if that can still be read.
        spec: Option<Box<HostSpec>>,
        /// Why it is one.
        why: Why,
    },
    /// Processes of an agent whose host died.
    Strays {
        /// The folder of the life.
        folder: PathBuf,
        /// What marks them.
        marker: String,
        /// How many there are.
        count: usize,
    },
    /// A gate or a set-up command whose app died.
    Gate(LeftGate),
}

/// Why a host belongs to nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The directory its agent works in is gone.
    TargetGone,
    /// The folder of its records is gone.
    StateGone,
    /// Its agent has ended, and nobody drives the repository, which was here when it began, if that is known.
    Uncollected(Option<PathBuf>),
}

impl Orphan {
    /// The life, as its folder is called.
    pub fn name(&self) -> String {
        let (Self::Host { folder, .. }
        | Self::Strays { folder, .. }
        | Self::Gate(LeftGate { folder, .. })) = self;
        folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// One clause.
    pub fn sentence(&self) -> String {
        let name = self.name();
        match self {
            Self::Strays { count, .. } => {
                format!("the host of {name} died and left {count} processes")
            }
            Self::Gate(LeftGate { count, .. }) => {
                let processes = if *count == 1 { "process" } else { "processes" };
                format!(
                    "a gate or set-up command of {name} outlived the app that started it: {count} {processes}"
                )
            }
            Self::Host { host, folder, spec, why } => {
                let work = spec.as_ref().map_or(folder.as_path(), |spec| &spec.cwd).display();
                let pid = host.pid;
                match why {
                    Why::TargetGone => format!("{name} (host {pid}) runs in {work}, which is gone"),
                    Why::StateGone => format!("{name} (host {pid}) lost its folder {work}"),
                    Why::Uncollected(home) => format!(
                        "{name} (host {pid}) ended and nobody collected its result; {}",
                        collects(home.as_deref())
                    ),
                }
            }
        }
    }
}

/// Everything below the state folder `base` that belongs to nobody.
pub fn find(base: &Path) -> Vec<Orphan> {
    let mut found: Vec<Orphan> =
        commands().into_iter().filter_map(|(pid, words)| host(base, pid, &words)).collect();
    found.extend(strays(base));
    found.extend(left_gates::find(base).into_iter().map(Orphan::Gate));
    found
}

/// The host a process is, if it is one of ours that belongs to nobody.
fn host(base: &Path, pid: u32, words: &[Vec<u8>]) -> Option<Orphan> {
    let [_, verb, option, spec, ..] = words else { return None };
    if verb != b"host" || option != b"--spec" {
        return None;
    }
    let host = ProcessIdentity::of(pid)?;
    let folder = Path::new(OsStr::from_bytes(spec)).parent()?.to_owned();
    if !folder.starts_with(base) {
        return None;
    }
    let spec = read_spec(&folder).ok().map(Box::new);
    let why = match &spec {
        None => Why::StateGone,
        Some(spec) if !spec.cwd.is_dir() => Why::TargetGone,
        Some(spec) => {
            let ended = read_result(&folder).ok().flatten().is_some();
            let state = folder.parent()?.parent()?;
            let home = home(&spec.cwd);
            let here = home.as_ref().is_some_and(|home| home.is_dir());
            if !ended || is_driven(state) || here && waits_for_review(state, &spec.agent) {
                return None;
            }
            Why::Uncollected(home)
        }
    };
    Some(Orphan::Host { host, folder, spec, why })
}

/// The directory that is opened to drive the agent that works in `cwd`.
fn home(cwd: &Path) -> Option<PathBuf> {
    match OwnWorktree::around(cwd) {
        Some(own) => own.checkout,
        None => Some(cwd.to_owned()),
    }
}

/// What collects a result, as far as it is known where.
fn collects(home: Option<&Path>) -> String {
    match home {
        Some(home) if home.is_dir() => format!("`orch-tui -C {}` does", home.display()),
        Some(home) => format!("its repository was in {}, which is gone", home.display()),
        None => "where its repository is can't be read".to_owned(),
    }
}

/// Whether its result was collected and judged: its host only holds the phase until a person has looked.
fn waits_for_review(state: &Path, me: &AgentRef) -> bool {
    let journal = JournalTail::new(&state.join("journal.jsonl")).read_new();
    let run = journal.map(|entries| Run::replay(&entries)).unwrap_or_default();
    run.live(me).is_some_and(|agent| matches!(agent.stage, Stage::Review(_)))
}

/// Processes that carry the mark of a host that no longer runs.
fn strays(base: &Path) -> Vec<Orphan> {
    let mut found: Vec<Orphan> = Vec::new();
    for (_, mark, prompt) in carrying(HOST_VARIABLE, PROMPT_VARIABLE) {
        let prompt = PathBuf::from(OsStr::from_bytes(&prompt));
        let Some(folder) = prompt.parent().filter(|folder| folder.starts_with(base)) else {
            continue;
        };
        if lives(&mark) {
            continue;
        }
        let marker = agent_marker(&prompt);
        let known = found.iter_mut().find_map(|orphan| match orphan {
            Orphan::Strays { marker: other, count, .. } if *other == marker => Some(count),
            Orphan::Strays { .. } | Orphan::Host { .. } | Orphan::Gate(_) => None,
        });
        match known {
            Some(count) => *count += 1,
            None => found.push(Orphan::Strays { folder: folder.to_owned(), marker, count: 1 }),
        }
    }
    found
}

/// Whether the host with this mark, `PID.START`, runs.
fn lives(mark: &[u8]) -> bool {
    let parts = std::str::from_utf8(mark).ok().and_then(|text| text.split_once('.'));
    let Some((pid, start)) = parts else { return false };
    let identity = pid.parse().ok().and_then(ProcessIdentity::of);
    identity.is_some_and(|identity| identity.start_time.to_string() == start)
}

/// Ends an orphan and all that belongs to it; returns the pids that could not be ended.
pub async fn end(orphan: Orphan) -> Vec<u32> {
    match orphan {
        Orphan::Strays { marker, .. } | Orphan::Gate(LeftGate { marker, .. }) => {
            spawn_blocking(move || end_marked(&marker)).await.unwrap_or_default()
        }
        Orphan::Host { host, spec, .. } => {
            if let Some(spec) = spec
                && let Ok(link) = client::connect_to(&spec.agent, &spec.socket).await
            {
                ask(link).await;
            }
            spawn_blocking(move || kill(&host)).await.unwrap_or_default()
        }
    }
}

/// Asks a host to end its agent, so that the result is kept, and lets it go.
async fn ask(mut link: HostLink) {
    if !link.sender.send(ToHost::Stop(StopKind::Term)).await {
        return;
    }
    let ended = async {
        while let Some(event) = link.events.recv().await {
            if let FromHost::Exited(_) = event {
                return;
            }
        }
    };
    let _late = tokio::time::timeout(PATIENCE, ended).await;
    if link.sender.send(ToHost::Collect).await {
        let gone = async { while link.events.recv().await.is_some() {} };
        let _late = tokio::time::timeout(PARTING, gone).await;
    }
}

/// Kills what is left of a host and its tree.
fn kill(host: &ProcessIdentity) -> Vec<u32> {
    if !host.is_alive() {
        return Vec::new();
    }
    let marker = format!("{HOST_VARIABLE}={}.{}", host.pid, host.start_time);
    let tree = Tree { root: host.pid, leader: host.pid, marker };
    end_tree(&tree, StopKind::Kill, Duration::ZERO, &GraceCut::default())
}
