//! The app dies at any moment: agents, roadmap and plan live on.

use std::cell::Cell;

use orch_tui::domain::roadmap::phase::Status;

use crate::demo::{Demo, Hands, agent_is, row_has};
use crate::support::key::Key;
use crate::support::pty::{Exit, Session};
use crate::support::screen::Screen;

/// How many changes of the screen pass before each kill; the sum is about what a run shows.
const MOMENTS: [usize; 10] = [1, 2, 1, 3, 2, 1, 4, 2, 3, 2];

#[test]
fn killed_at_ten_moments_the_plan_still_goes_to_its_end() {
    let demo = Demo::new();
    let mut session = demo.launch("2").start();
    session.start_plan("finish batch 2");
    for changes in MOMENTS {
        wait_for_changes(&session, changes);
        session.kill9();
        session.wait_for_exit();
        demo.assert_roadmap_whole();
        session = demo.again().start();
        session.wait_for(|screen| screen.contains("a-2.1"), "the agents to be shown again");
    }
    end_the_one_that_hangs(&demo, &session);
    session.wait_for(|screen| screen.contains("9/18"), "all of the batch to be done");
    for phase in ["2.1", "2.2", "2.3", "2.4", "2.5"] {
        assert_eq!(demo.status(phase), Status::Complete, "{phase}\n{}", session.screen());
    }
    demo.assert_roadmap_whole();
    session.press(&Key::Char('q'));
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
    demo.wait_deserted();
}

/// Kills and restarts the agent that hangs. It does not if the app died while its first life began: then there is nothing to do.
fn end_the_one_that_hangs(demo: &Demo, session: &Session) {
    let is_done = |screen: &Screen| screen.contains("9/18");
    let is_last = |screen: &Screen| screen.contains("plan 4/5") && agent_is("a-2.5", "RUN")(screen);
    session.wait_for(|screen| is_done(screen) || is_last(screen), "the last agent");
    let in_view = |screen: &Screen| row_has(screen, " 3 ", "a-2.5");
    session.press_until(Key::Char(']'), in_view, "its terminal");
    let hangs = |screen: &Screen| screen.contains("a lock that never comes");
    let screen = session.wait_for(|screen| is_done(screen) || hangs(screen), "its end or hanging");
    if is_done(&screen) {
        return;
    }
    session.press_until(Key::Char('x'), |screen| screen.contains("Stop a-2.5"), "the dialog");
    session.press_until(Key::Char('y'), |screen| !screen.contains("Stop a-2.5"), "it to go");
    session.wait_for(agent_is("a-2.5", "KILL"), "the agent to be under control");
    demo.wait_status("2.5", Status::NotStarted);
    session.press(&Key::Char('r'));
}

/// Waits until what the screen says of agents and plan has changed so often, or nothing but the hanging agent is left.
fn wait_for_changes(session: &Session, changes: usize) {
    let (seen, count) = (Cell::new(String::new()), Cell::new(0));
    let changed = |screen: &Screen| {
        let now = state(screen);
        if seen.take() != now {
            count.set(count.get() + 1);
        }
        seen.set(now);
        count.get() > changes || screen.contains("plan 4/5")
    };
    session.wait_for(changed, "the run to go on");
}

/// States of agents, the plan's count, and what agents say: everything but clocks.
fn state(screen: &Screen) -> String {
    let words = ["STRT", "RUN", "WAIT", "VRFY", "DONE", "FAIL", "plan "];
    let mut state = String::new();
    for line in screen.lines() {
        if line.contains('▪') {
            state.push_str(&line);
        }
        for word in words.iter().filter(|word| line.contains(**word)) {
            state.push_str(word);
        }
    }
    state
}
