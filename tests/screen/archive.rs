//! The archive while the program runs.

use crate::demo::eventually;
use crate::support::key::Key;
use crate::support::project::{AGENT, Project};
use crate::support::pty::{Exit, Launch};

#[test]
fn a_phase_that_is_archived_sets_free_who_waits_for_it() {
    let waiting = "### Phase 2.1: Roof\n- **Status:** 🔴 Blocked\n- **Depends On:** Phase 1.1\n";
    let project = Project::with_roadmap(waiting, AGENT);
    let session = Launch::orch_tui(&project.home).folder(project.repository.path()).start();
    session.wait_for(|screen| screen.contains("1.1?"), "the dependency nobody knows");
    // The folder is made while the program runs.
    let done = "### Phase 1.1: Walls\n- **Status:** ✅ Complete\n";
    project.repository.write("completed/roadmap-archive.md", done);
    eventually("the phase to be set free", || {
        let text = project.repository.roadmap();
        if text.contains("⚪ Not Started") { Ok(()) } else { Err(text) }
    });
    session.wait_for(|screen| screen.contains("1 ready"), "the phase to be ready");
    session.press(&Key::Char('q'));
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
}
