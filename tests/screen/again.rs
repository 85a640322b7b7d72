//! A phase that waits to be tried again, in the real program.

use crate::demo::{Hands, agent_is};
use crate::support::key::Key;
use crate::support::project::{AGENT, Project};
use crate::support::pty::{Exit, Launch, Session};

fn open(project: &Project) -> Session {
    Launch::orch_tui(&project.home).folder(project.repository.path()).size(160, 40).start()
}

#[test]
fn a_pause_is_shown_outlives_the_app_and_ends_by_itself() {
    let project = Project::new(&format!("{AGENT}[ $AGENT_LIFE -gt 1 ]\n"));
    project.retarget("retry_wait: 0s", "retry_wait: 4s");
    let session = open(&project);
    session.wait_for_text("1.1 Store");
    session.press(&Key::Char('s'));
    session.wait_for_text("Read as");
    session.approve();
    session.wait_for_text("retry 1/1 in ");
    session.wait_for(agent_is("a-1.1", "PEND"), "the agent that waits");
    session.kill9();
    session.wait_for_exit();
    let session = open(&project);
    session.wait_for(agent_is("a-1.1", "DONE"), "the second life");
    session.press(&Key::Char('q'));
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
    assert!(project.has("seen/prompt.1.1.2") && !project.has("seen/prompt.1.1.3"));
}
