//! However the app ends, the person's terminal is theirs again.

use rustix::process::Signal;

use crate::demo::{Demo, Hands, agent_is};
use crate::support::home::Home;
use crate::support::key::Key;
use crate::support::pty::{Exit, Launch, Session};
use crate::support::repository::Repository;

const ROADMAP: &str = "# Roadmap\n\n## Batch 1\n\n### Phase 1.1: First\n\n- **Status:** ⚪ Not Started\n- **Depends On:** None\n";

/// An app with nothing to do.
fn quiet(home: &Home) -> Launch {
    let repository = Repository::with_roadmap(home, "project", ROADMAP);
    Launch::orch_tui(home).folder(repository.path())
}

fn opened(launch: Launch) -> Session {
    let session = launch.start();
    let screen = session.wait_for(|screen| screen.contains("1.1 First"), "the roadmap");
    assert!(screen.is_alternate);
    assert!(session.terminal_modes_restored().is_err(), "the check sees a screen that is in use");
    session
}

fn assert_restored(session: &Session) {
    session.terminal_modes_restored().unwrap();
    let screen = session.screen();
    assert!(!screen.is_alternate && screen.is_cursor_shown, "{screen}");
}

#[test]
fn signals_give_the_terminal_back() {
    for signal in [Signal::TERM, Signal::HUP, Signal::QUIT, Signal::INT] {
        let home = Home::new();
        let session = opened(quiet(&home));
        session.signal(signal);
        assert_eq!(session.wait_for_exit(), Exit::Code(0), "{signal:?}");
        assert_restored(&session);
        assert_eq!(home.residents(), []);
    }
}

#[test]
fn keys_give_the_terminal_back() {
    for keys in [vec![Key::Char('q')], vec![Key::Ctrl('c'), Key::Ctrl('c')]] {
        let home = Home::new();
        let session = opened(quiet(&home));
        keys.iter().for_each(|key| session.press(key));
        assert_eq!(session.wait_for_exit(), Exit::Code(0), "{keys:?}");
        assert_restored(&session);
    }
}

#[test]
fn one_ctrl_c_only_says_what_a_second_would_do() {
    let home = Home::new();
    let session = opened(quiet(&home));
    session.press(&Key::Ctrl('c'));
    session.wait_for_text("Ctrl-C again within a second quits");
    assert_eq!(session.exit_status(), None);
}

#[test]
#[cfg(debug_assertions)]
fn a_panic_while_drawing_gives_the_terminal_back_and_is_reported() {
    let home = Home::new();
    let session = quiet(&home).variable("ORCH_TUI_TEST_PANIC", "draw").start();
    let exit = session.wait_for_exit();
    assert!(matches!(exit, Exit::Code(code) if code != 0), "{exit:?}");
    assert_restored(&session);
    assert!(session.screen().contains("asked for by ORCH_TUI_TEST_PANIC"), "{}", session.screen());
}

#[test]
fn a_terminal_that_disappears_ends_the_app_and_not_the_agents() {
    let demo = Demo::new();
    let mut session = demo.launch("1").start();
    session.start_plan("phase 2.1");
    session.wait_for(agent_is("a-2.1", "RUN"), "the agent to run");
    session.close();
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
    assert!(!demo.hosts().is_empty() && !demo.agents_of("2.1").is_empty());
    let again = demo.again().start();
    again.wait_for(agent_is("a-2.1", "RUN"), "the agent to be found again");
}
