//! From a typed goal to a finished batch, with an agent that hangs and one that asks.

use orch_tui::domain::roadmap::phase::Status;

use crate::demo::{Demo, Hands, agent_is, eventually, row_has};
use crate::support::allow_list;
use crate::support::key::Key;
use crate::support::pty::{Exit, Session};
use crate::support::screen::Screen;

/// Fast, but the agent that hangs stays alive for 18 s before a limit ends it.
const SPEED: &str = "5";

#[test]
fn a_batch_is_planned_run_killed_and_restarted_at_120x36() {
    let (demo, session) = play_the_batch(120, 36);
    session.press(&Key::Char('q'));
    assert_eq!(session.wait_for_exit(), Exit::Code(0), "nothing lives, so nothing is asked");
    session.terminal_modes_restored().unwrap();
    let again = demo.again().start();
    again.wait_for_text("turn finished");
    again.press(&Key::Char('q'));
    again.wait_for_exit();
    demo.wait_deserted();
    allow_list::assert_allowed(&session.output());
}

#[test]
fn a_batch_is_planned_run_killed_and_restarted_at_80x24() {
    let (demo, session) = play_the_batch(80, 24);
    session.press(&Key::Char('q'));
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
    demo.wait_deserted();
    allow_list::assert_allowed(&session.output());
}

/// Plays until batch 2 is complete; the agent that hangs is killed by hand and started again.
fn play_the_batch(columns: u16, rows: u16) -> (Demo, Session) {
    let demo = Demo::new();
    let session = demo.launch(SPEED).size(columns, rows).start();
    let plan = session.plan("finish batch 2");
    for text in ["finish batch 2", "Batch 2 (Storage)", "Wave 1", "Wave 2", "batch 2", "Start 5"] {
        assert!(plan.contains(text), "{text:?} is not in the plan\n{plan}");
    }
    for phase in ["2.1 Snap", "2.2 Sess", "2.3 Query", "2.4 Migr", "2.5 Write"] {
        assert!(row_has(&plan, "[x]", phase), "{phase:?} is not ticked\n{plan}");
    }
    assert_eq!(demo.agents_of("2.1"), [], "nothing starts before it is approved");
    session.approve();
    // Streams: in the accordion that pane must be open to be read.
    session.press(&Key::Char('2'));
    let first = session.wait_for(|screen| screen.contains("I'll start with"), "live output");
    session.wait_for(|screen| terminal(screen) != terminal(&first), "the output to go on");
    demo.wait_status("2.1", Status::Complete);
    // Unblocked on disk and started, before batch 2 is done.
    session.wait_for(agent_is("a-2.5", "RUN"), "the dependent to start");
    assert_eq!(demo.status("2.5"), Status::InProgress);
    kill_the_one_that_hangs(&demo, &session);
    for phase in ["2.2", "2.3", "2.4"] {
        demo.wait_status(phase, Status::Complete);
    }
    demo.wait_status("3.2", Status::NotStarted);
    session.press(&Key::Char('r'));
    session.wait_for(agent_is("a-2.5", "DONE"), "the second life to finish");
    demo.wait_status("2.5", Status::Complete);
    demo.wait_status("3.3", Status::NotStarted);
    let screen = session.wait_for(|screen| screen.contains("9/18"), "nine phases done");
    assert_eq!(screen.size(), (usize::from(columns), usize::from(rows)));
    demo.assert_roadmap_whole();
    (demo, session)
}

fn kill_the_one_that_hangs(demo: &Demo, session: &Session) {
    select(session, "a-2.5");
    session.wait_for_text("a lock that never comes");
    assert!(!demo.agents_of("2.5").is_empty());
    session.press_until(Key::Char('x'), |screen| screen.contains("Stop a-2.5"), "the dialog");
    let asked = |screen: &Screen| screen.contains("Stop a-2.5");
    session.press_until(Key::Char('y'), |screen| !asked(screen), "the dialog to go");
    session.wait_for(agent_is("a-2.5", "KILL"), "the word of the killed agent");
    demo.wait_status("2.5", Status::NotStarted);
    eventually("no process of the killed agent to be left", || {
        let left = demo.agents_of("2.5");
        if left.is_empty() { Ok(()) } else { Err(format!("{left:?}")) }
    });
}

/// Puts an agent in view with the keys a person has.
fn select(session: &Session, agent: &str) {
    let titled = |screen: &Screen| row_has(screen, " 3 ", agent);
    session.press_until(Key::Char(']'), titled, "the agent's terminal");
}

/// What the agent pane shows, at any layout: the lines below its title.
fn terminal(screen: &Screen) -> Vec<String> {
    let lines = screen.lines();
    lines.into_iter().filter(|line| line.contains('▪')).collect()
}

#[test]
fn an_agent_that_asks_is_answered_in_its_terminal() {
    let demo = Demo::new();
    // At this pace it waits 20 s for a person.
    let session = demo.launch("1").start();
    session.start_plan("phase 2.2");
    session.wait_for_text("a-2.2 needs you");
    session.wait_for(agent_is("a-2.2", "WAIT"), "the word of the agent that asks");
    session.press(&Key::Char('!'));
    session.press_until(Key::Char('i'), |screen| screen.contains("TYPE"), "TYPE mode");
    session.type_text("n\r");
    session.wait_for_text("Dropping it");
    // Every other key is the agent's now: q does not leave.
    session.press(&Key::Char('q'));
    session.press_until(Key::Ctrl('z'), |screen| screen.contains("BROWSE"), "BROWSE mode");
    session.wait_for(|screen| !screen.contains("needs you"), "the call for a person to go");
    session.press(&Key::Char('q'));
    session.wait_for(|screen| screen.contains("detach"), "the question what becomes of the agent");
    session.press_until(
        Key::Char('s'),
        |screen| !screen.is_alternate,
        "all agents to be stopped and the screen left",
    );
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
    demo.wait_status("2.2", Status::NotStarted);
    demo.wait_deserted();
}

#[test]
fn detached_agents_go_on_and_are_found_again() {
    let demo = Demo::new();
    let session = demo.launch("1").start();
    session.start_plan("finish batch 2");
    session.wait_for(agent_is("a-2.3", "RUN"), "agents to run");
    session.press(&Key::Char('q'));
    session.wait_for_text("detach");
    session.press_until(Key::Char('d'), |screen| !screen.is_alternate, "the screen to be left");
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
    session.terminal_modes_restored().unwrap();
    assert!(session.screen().contains("opens it again"), "{}", session.screen());
    assert!(!demo.hosts().is_empty(), "{:?}", demo.home.residents());
    assert!(!demo.agents_of("2.3").is_empty());
    let again = demo.again().start();
    again.wait_for(agent_is("a-2.3", "RUN"), "the agents to be found again");
    let first = again.wait_for(|screen| screen.contains("I'll start with"), "their terminals");
    again.wait_for(|screen| terminal(screen) != terminal(&first), "their output to go on");
    again.press(&Key::Char('q'));
    again.wait_for_text("detach");
    again.press_until(Key::Char('s'), |screen| !screen.is_alternate, "the screen to be left");
    assert_eq!(again.wait_for_exit(), Exit::Code(0));
    demo.wait_deserted();
    assert_ne!(demo.status("2.5"), Status::InProgress, "what was stopped is put back");
    demo.assert_roadmap_whole();
}
