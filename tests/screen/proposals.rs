//! A proposal from the file that appears to the phases in the roadmap.

use crate::demo::{Hands, eventually, row_has};
use crate::support::key::Key;
use crate::support::project::{AGENT, Project, TWO_PHASES};
use crate::support::pty::{Exit, Launch};
use crate::support::screen::Screen;

const PROPOSED: &str = "\
# Faster answers

### Phase 1.3: Measure

- **Status:** Not Started
- **Depends On:** 1.2
- **Effort:** S
- **Tasks:**
  - [ ] a benchmark
";

#[test]
fn a_file_that_appears_is_shown_and_y_adds_its_phases() {
    let project = Project::new(AGENT);
    let session = Launch::orch_tui(&project.home).folder(project.repository.path()).start();
    session.wait_for_text("1.1");
    session.press(&Key::Char('P'));
    session.wait_for_text("No proposal waits for you.");
    session.press(&Key::Esc);
    // The folder is made while the program runs.
    project.repository.write("proposals/speed.md", PROPOSED);
    session.wait_for_text("1 proposal waits: P");
    session.press(&Key::Char('P'));
    session.wait_for_text("1.3 Measure");
    session.wait_for_text("a benchmark");
    session.wait_for_text("y adds 1 phase to the roadmap");
    // What is changed meanwhile is shown anew.
    project.repository.write("proposals/speed.md", &PROPOSED.replace("Measure", "Weigh"));
    session.wait_for_text("1.3 Weigh");
    session.press_until(
        Key::Char('y'),
        |screen| screen.contains("No proposal waits for you."),
        "the proposal to be decided",
    );
    let text = eventually("the phase in the roadmap", || {
        let text = project.repository.roadmap();
        if text.contains("1.3: Weigh") { Ok(text) } else { Err(text) }
    });
    let added = text.find("### Phase 1.3").unwrap();
    let rest = text.find("## Notes").unwrap();
    let without = format!("{}{}", &text[..added], &text[rest..]);
    assert_eq!(without, TWO_PHASES, "the other bytes are what they were");
    let accepted = project.repository.read("proposals/accepted/speed.md");
    assert_eq!(accepted, PROPOSED.replace("Measure", "Weigh"));
    session.press(&Key::Esc);
    session.wait_for(|screen| row_has(screen, "BROWSE", "? help"), "BROWSE mode");
    session.wait_for(|screen| row_has(screen, "1.3", "Weigh"), "the new phase");
    session.press(&Key::Char('E'));
    let told = |screen: &Screen| row_has(screen, "added 1.3", "as speed.md proposed");
    session.wait_for(|screen| row_has(screen, "EVENTS", "? help") && told(screen), "the event");
    session.press(&Key::Esc);
    session.wait_for(|screen| row_has(screen, "BROWSE", "? help"), "BROWSE mode");
    // u takes it back.
    session.press_until(
        Key::Char('u'),
        |_| project.repository.roadmap() == TWO_PHASES,
        "the roadmap as it was",
    );
    session.press(&Key::Char('q'));
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
}

#[test]
fn a_folder_that_is_not_watched_is_read_when_a_person_asks() {
    let project = Project::new(AGENT);
    project.retarget("targets:\n", "task_intake: {watch_proposals: false}\ntargets:\n");
    project.repository.write("proposals/speed.md", PROPOSED);
    let session = Launch::orch_tui(&project.home).folder(project.repository.path()).start();
    session.wait_for_text("1.1");
    session.press(&Key::Char('P'));
    session.wait_for_text("1.3 Measure");
    project.repository.write("proposals/other.md", &PROPOSED.replace("Faster", "Other"));
    session.press_until(Key::Char('R'), |screen| screen.contains("Other answers"), "the new file");
    session.press(&Key::Esc);
    session.wait_for(|screen| row_has(screen, "BROWSE", "? help"), "BROWSE mode");
    session.press(&Key::Char('q'));
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
}

#[test]
fn a_viewer_sees_proposals_and_a_refused_one_is_put_aside() {
    let project = Project::new(AGENT);
    project.repository.write("proposals/speed.md", PROPOSED);
    let launch = || Launch::orch_tui(&project.home).folder(project.repository.path());
    let driver = launch().start();
    driver.wait_for_text("1 proposal");
    let viewer = launch().start();
    viewer.wait_for_text("VIEWER");
    viewer.press(&Key::Char('P'));
    viewer.wait_for_text("1.3 Measure");
    viewer.press_until(
        Key::Char('y'),
        |screen| screen.contains("it is decided there"),
        "a refusal",
    );
    assert_eq!(project.repository.roadmap(), TWO_PHASES);
    driver.press(&Key::Char('P'));
    driver.wait_for_text("1.3 Measure");
    driver.press(&Key::Char('x'));
    driver.wait_for_text("put speed.md into rejected/?");
    let gone = |screen: &Screen| screen.contains("No proposal waits for you");
    driver.press_until(Key::Char('y'), gone, "the proposal to be refused");
    viewer.wait_for(gone, "the viewer to follow");
    assert_eq!(project.repository.read("proposals/rejected/speed.md"), PROPOSED);
    assert_eq!(project.repository.roadmap(), TWO_PHASES);
    for session in [viewer, driver] {
        session.press(&Key::Esc);
        session.wait_for(|screen| row_has(screen, "BROWSE", "? help"), "BROWSE mode");
        session.press(&Key::Char('q'));
        assert_eq!(session.wait_for_exit(), Exit::Code(0));
    }
}
