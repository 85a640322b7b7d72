#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use tokio::runtime::Builder;
use tokio::sync::mpsc::Receiver;

use super::*;
use crate::domain::roadmap::RoadmapChange;
use crate::runner::claim_store::ClaimStore;
use crate::runner::config::targets::implicit;
use crate::runner::environment::Privilege;
use crate::runner::roadmap_file::RoadmapFile;
use crate::runner::state_dir::StateDir;

const BLOCKED: &str = "# Roadmap\n\n### Phase 1.1: First\n- **Status:** ✅ Complete\n\n\
    ### Phase 1.2: Second\n- **Status:** 🔴 Blocked\n- **Depends On:** Phase 1.1\n";

fn world(folder: &Path) -> (SharedWorld, Receiver<Report>) {
    let path = folder.join("roadmap.md");
    fs::write(&path, BLOCKED).unwrap();
    let state = StateDir::under(&folder.join("state"), &folder.join("sockets"), folder).unwrap();
    let claims = ClaimStore::open(&state.claims()).unwrap();
    let target = implicit(folder, Some(&path), "text");
    let (reports, heard) = tokio::sync::mpsc::channel(8);
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

/// The watcher's thread may hold the desk a moment longer than the runtime lives.
#[test]
fn a_desk_that_looks_for_late_writers_outlives_its_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let (world, mut heard) = world(folder.path());
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let desk = runtime.block_on(async { RoadmapDesk::start(world.clone()) });
    let order = RoadmapOrder {
        target: world.target.id.clone(),
        agent: None,
        change: RoadmapChange::Garden,
        held: BTreeSet::new(),
    };
    desk.ask(RoadmapJob::Edit(Box::new(order)));
    let edited = heard.blocking_recv();
    assert!(matches!(edited, Some(Report::Edited { outcome: Ok(edits), .. }) if edits.len() == 1));
    assert!(matches!(heard.blocking_recv(), Some(Report::Roadmap { read: Ok(_), .. })));
    assert!(world.roadmap.awaits_late_writers());

    runtime.shutdown_background();
    desk.ask(RoadmapJob::Read);
    drop((desk, world));
    assert!(matches!(heard.blocking_recv(), Some(Report::Roadmap { read: Ok(_), .. })));
    assert!(heard.blocking_recv().is_none());
}
