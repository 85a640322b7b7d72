//! What every effect needs: where state lives, which target, how to answer.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::domain::claim::Owner;
use crate::domain::effect::Worker;
use crate::domain::id::AgentRef;
use crate::domain::report::Report;
use crate::domain::target::Target;
use crate::domain::time::Timestamp;
use crate::runner::claim_store::ClaimStore;
use crate::runner::environment::{self, Privilege, Variables};
use crate::runner::left_gates::OF_VARIABLE;
use crate::runner::roadmap_file::RoadmapFile;
use crate::runner::state_dir::StateDir;

/// Reports under way at most: a busy app makes hosts drop stale frames instead of filling memory.
pub const REPORTS_UNDER_WAY: usize = 256;

/// The surroundings effects are carried out in.
#[derive(Debug)]
pub struct World {
    /// Where state lives.
    pub state: StateDir,
    /// The target agents work in.
    pub target: Target,
    /// Its roadmap.
    pub roadmap: RoadmapFile,
    /// Its claims.
    pub claims: ClaimStore,
    /// This program, to start hosts with.
    pub program: PathBuf,
    /// The environment the app was started with.
    pub environment: BTreeMap<String, String>,
    /// Who the app runs as.
    pub privilege: Privilege,
    /// Where answers go.
    pub reports: mpsc::Sender<Report>,
}

impl World {
    /// Sends an answer; when nobody listens any more the app is ending and the answer is dropped.
    pub async fn report(&self, report: Report) {
        let _ = self.reports.send(report).await;
    }

    /// The environment of a gate or a set-up command for this work, seen from where it runs.
    pub fn gate_environment(&self, worker: &Worker, target: &Target) -> Variables {
        let mut env = environment::for_gate(&self.environment, worker, target);
        let life = self.state.agent_folder(&worker.agent);
        // Whoever drives after a crash finds by it what is left.
        env.insert(OF_VARIABLE.to_owned(), life.to_string_lossy().into_owned());
        env
    }

    /// This process as the owner of a claim for `agent`.
    pub fn owner(&self, agent: &AgentRef) -> Owner {
        Owner { agent: agent.clone(), pid: std::process::id(), machine: machine() }
    }
}

/// A world shared by the tasks that carry out effects.
pub type SharedWorld = Arc<World>;

/// The present.
pub fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(since.map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX)))
}

/// Name of this machine.
pub fn machine() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// A world in a folder whose roadmap is `roadmap.md`, and what it reports.
#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub fn in_folder(folder: &std::path::Path, roadmap: &str) -> (SharedWorld, mpsc::Receiver<Report>) {
    let path = folder.join("roadmap.md");
    std::fs::write(&path, roadmap).unwrap();
    let state = StateDir::under(&folder.join("state"), &folder.join("sockets"), folder).unwrap();
    let claims = ClaimStore::open(&state.claims()).unwrap();
    let target = crate::runner::config::targets::implicit(folder, Some(&path), "text");
    let (reports, heard) = mpsc::channel(8);
    let world = World {
        state,
        roadmap: RoadmapFile::of(&target),
        target,
        claims,
        program: "orch-tui".into(),
        environment: BTreeMap::new(),
        privilege: Privilege::Ordinary,
        reports,
    };
    (Arc::new(world), heard)
}
