#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;

use tokio::runtime::Builder;

use super::*;
use crate::domain::roadmap::RoadmapChange;
use crate::runner::world::in_folder;

const BLOCKED: &str = "# Roadmap\n\n### Phase 1.1: First\n- **Status:** ✅ Complete\n\n\
    ### Phase 1.2: Second\n- **Status:** 🔴 Blocked\n- **Depends On:** Phase 1.1\n";

/// The watcher's thread may hold the desk a moment longer than the runtime lives.
#[test]
fn a_desk_that_looks_for_late_writers_outlives_its_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let (world, mut heard) = in_folder(folder.path(), BLOCKED);
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
