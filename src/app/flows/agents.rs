//! Agents by keys: stop, restart, type, leave, look.

use super::*;
use crate::domain::agent::{Outcome, Stage};
use crate::domain::effect::StopKind;
use crate::domain::id::AgentId;
use crate::domain::orchestrator::fake_world::life_of;
use crate::domain::roadmap::phase::Status;

fn at_work() -> App {
    let mut app = App::start(ROADMAP, 2);
    app.goal("batch 1").type_text("y").answer();
    assert_eq!(app.world.running().len(), 2);
    app
}

#[test]
fn an_agent_is_killed_and_started_again_by_keys() {
    let mut app = at_work();
    let me = life_of("1.1", 1);
    app.type_text("3x").sees(&["Stop agent", "a-1.1"]).type_text("k");
    assert!(app.effects.contains(&Effect::Stop { agent: me.clone(), how: StopKind::Kill }));
    app.end(&me, Luck::Good).answer();
    assert_eq!(app.world.status("1.1"), Some(Status::NotStarted));
    app.type_text("r");
    assert_eq!(app.claimed(), ["a-1.1.2"], "what has ended begins again without a question");
    app.answer();
    assert_eq!(app.world.running(), [life_of("1.1", 2), life_of("1.2", 1)]);
}

#[test]
fn what_is_complete_is_not_said_to_start_again() {
    let mut app = at_work();
    app.end(&life_of("1.1", 1), Luck::Good).answer();
    assert_eq!(app.world.status("1.1"), Some(Status::Complete));
    let written = app.world.journal.len();
    app.type_text("3]r");
    let screen = app.screen();
    assert!(screen.contains("1.1 can't start: already complete"), "{screen}");
    assert_eq!(app.world.journal.len(), written, "nothing is promised that is not kept");
    assert_eq!(app.claimed(), [""; 0]);
}

#[test]
fn a_running_agent_is_restarted_after_a_question() {
    let mut app = at_work();
    let me = life_of("1.1", 1);
    app.type_text("3r").sees(&["Restart agent"]).type_text("y");
    assert!(app.effects.contains(&Effect::Stop { agent: me.clone(), how: StopKind::Term }));
    app.end(&me, Luck::Good).answer();
    assert_eq!(app.world.running(), [life_of("1.1", 2), life_of("1.2", 1)]);
}

#[test]
fn the_question_goes_when_the_agent_ends_meanwhile() {
    let mut app = at_work();
    app.type_text("3x").sees(&["Stop agent"]);
    app.end(&life_of("1.1", 1), Luck::Bad(6)).answer();
    app.sees_no(&["Stop agent"]).type_text("y");
    assert_eq!(app.world.running(), [life_of("1.1", 2), life_of("1.2", 1)], "the next life lives");
}

#[test]
fn leaving_asks_while_agents_work() {
    let mut app = at_work();
    app.type_text("q").sees(&["2 agents are still working"]).press(KeyCode::Enter);
    assert_eq!(app.left, None, "Enter stays");
    app.type_text("qd");
    assert_eq!(app.left, Some(Leave::Detach));
    assert_eq!(app.world.running().len(), 2);
}

#[test]
fn stopping_all_and_leaving_puts_the_phases_back() {
    let mut app = at_work();
    app.type_text("qs");
    assert_eq!(app.left, Some(Leave::AfterStop));
    for phase in ["1.1", "1.2"] {
        app.end(&life_of(phase, 1), Luck::Good).answer();
        assert_eq!(app.world.status(phase), Some(Status::NotStarted));
    }
    assert_eq!(app.orchestrator().live_agents(), 0);
}

#[test]
fn without_agents_q_leaves() {
    let mut app = App::start(ROADMAP, 2);
    app.type_text("q");
    assert_eq!(app.left, Some(Leave::Quit));
}

#[test]
fn detached_agents_are_found_again() {
    let mut app = at_work();
    app.type_text("qd");
    let mut next = App::start_on(app.world, Role::Driver);
    next.answer().sees(&["a-1.1", "a-1.2"]);
    for phase in ["1.1", "1.2"] {
        next.end(&life_of(phase, 1), Luck::Good).answer();
        assert_eq!(next.world.status(phase), Some(Status::Complete));
    }
    assert!(next.finished());
}

#[test]
fn a_viewer_sees_the_same_and_changes_nothing() {
    let mut app = at_work();
    let mut viewer = App::start_on(app.world.clone(), Role::Viewer { driver: 77 });
    viewer.answer().sees(&["a-1.1", "a-1.2"]);
    let written = viewer.world.journal.len();
    viewer.type_text("3xy").sees(&["77"]);
    viewer.goal("everything").type_text("y");
    let begun = app.world.journal.len();
    app.end(&life_of("1.1", 1), Luck::Good).answer();
    viewer.follow(&app.world.journal[begun..]);
    viewer.end(&life_of("1.1", 1), Luck::Good);
    let agent = viewer.orchestrator().agent(&AgentId::new("a-1.1")).unwrap();
    assert_eq!(agent.stage, Stage::Ended(Outcome::Succeeded));
    assert!(viewer.world.tasks.is_empty() && viewer.world.desk.is_empty());
    assert_eq!(viewer.world.journal.len(), written);
}

#[test]
fn typing_sends_exactly_the_bytes() {
    let mut app = at_work();
    let me = life_of("1.1", 1);
    let input = InputModes { application_cursor: true, bracketed_paste: true, ..InputModes::NONE };
    app.frame(&me, "keep v1 cookies?", input);
    app.type_text("3i").sees(&["TYPE"]).type_text("qy").press(KeyCode::Enter);
    app.press(KeyCode::Up)
        .press_with(KeyCode::Char('c'), KeyModifiers::CONTROL)
        .press(KeyCode::Esc);
    app.paste("two\nlines");
    let typed: Vec<u8> = app.world.typed.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
    assert_eq!(typed, b"qy\r\x1bOA\x03\x1b\x1b[200~two\nlines\x1b[201~".as_slice().to_owned());
    assert!(app.world.typed.iter().all(|(agent, _)| *agent == me));
    app.press_with(KeyCode::Char('z'), KeyModifiers::CONTROL).sees(&["BROWSE"]);
    assert_eq!(app.left, None);
}

#[test]
fn what_is_typed_after_the_agent_ended_goes_nowhere() {
    let mut app = at_work();
    app.type_text("3i");
    app.end(&life_of("1.1", 1), Luck::Good).type_text("qy");
    assert_eq!((app.world.typed.len(), app.left), (0, None));
    app.sees(&["the agent has ended"]);
}

#[test]
fn a_paste_while_browsing_or_asked_does_nothing_to_agents() {
    let mut app = at_work();
    let before = app.world.journal.len();
    app.paste("xkqd\n").sees(&["GOAL"]).press(KeyCode::Esc);
    app.type_text("3x").paste("y\nk\n").sees(&["Stop agent"]);
    assert_eq!(app.world.typed, []);
    assert_eq!(app.world.journal.len(), before);
    assert_eq!(app.world.running().len(), 2);
}

#[test]
fn holding_by_key_starts_nothing_new_and_going_on_does() {
    let mut app = App::start(ROADMAP, 1);
    app.goal("batch 1").type_text("y").answer().type_text("p");
    app.end(&life_of("1.1", 1), Luck::Good).answer();
    assert_eq!(app.world.running(), []);
    assert!(!app.finished());
    app.type_text("p").answer();
    assert_eq!(app.world.running(), [life_of("1.2", 1)]);
}
