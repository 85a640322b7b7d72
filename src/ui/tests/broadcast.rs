//! One text for several agents.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::crowd::crowd;
use super::scene::*;
use crate::domain::frame::InputModes;
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::time::Timestamp;
use crate::ui::dashboard::Dashboard;
use crate::ui::intent::Intent;

/// The grid of the busy afternoon with those that run marked, and the text open.
fn asked() -> (Orchestrator, Dashboard) {
    let o = busy();
    let mut d = dashboard(120, 36);
    d.frame(agent("3.4"), transcript(&["which of both?"]));
    keys(&mut d, &o, "a*b");
    (o, d)
}

/// Seen, and a while later: then a key may confirm.
fn confirm(d: &mut Dashboard, o: &Orchestrator, code: KeyCode) -> Vec<Intent> {
    screen_text(o, d, (120, 36));
    d.key(KeyEvent::new(code, KeyModifiers::NONE), o, Timestamp(NOW.0 + 1_000))
}

fn toast(d: &Dashboard, o: &Orchestrator) -> String {
    d.toast(o, d_now()).map(|notice| notice.text.to_string()).unwrap_or_default()
}

fn d_now() -> Timestamp {
    Timestamp(NOW.0 + 1_000)
}

#[test]
fn a_text_is_typed_once_asked_about_and_sent_to_all() {
    let (o, mut d) = asked();
    keys(&mut d, &o, "b, use yes");
    assert_eq!(press(&mut d, &o, KeyCode::Enter), [], "first it is asked");
    let screen = screen_text(&o, &d, (120, 36));
    for text in ["Send to 2 agents", "a-3.3  a-3.4", "b, use yes", "y  send it to all"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    assert_eq!(keys(&mut d, &o, "y"), [], "not before it could be read");
    assert_eq!(confirm(&mut d, &o, KeyCode::Enter), [], "Enter sends nothing: back to the text");
    assert_eq!(confirm(&mut d, &o, KeyCode::Char('!')), []);
    press(&mut d, &o, KeyCode::Enter);
    let sent = |phase| Intent::Type(agent(phase), b"\x1b[200~b, use yes!\x1b[201~\r".to_vec());
    assert_eq!(confirm(&mut d, &o, KeyCode::Char('y')), [sent("3.3"), sent("3.4")]);
    assert_eq!(toast(&d, &o), "sent to 2 agents");
    assert!(d.overlay(&o).is_none() && d.shows_grid());
}

#[test]
fn lines_are_pasted_as_each_agent_asked() {
    let (o, mut d) = asked();
    let mut plain = transcript(&["$"]);
    plain.input = InputModes::default();
    d.frame(agent("3.4"), plain);
    keys(&mut d, &o, "one");
    ctrl(&mut d, &o, 'j');
    d.paste("two\r\nthree\u{1b}[31m", &o);
    press(&mut d, &o, KeyCode::Enter);
    assert!(screen_text(&o, &d, (120, 36)).contains("three[31m"));
    d.paste("ignored", &o);
    let sent = confirm(&mut d, &o, KeyCode::Char('y'));
    let wanted = [
        Intent::Type(agent("3.3"), b"\x1b[200~one\ntwo\nthree[31m\x1b[201~\r".to_vec()),
        Intent::Type(agent("3.4"), b"one\rtwo\rthree[31m\r".to_vec()),
    ];
    assert_eq!(sent, wanted);
}

#[test]
fn several_lines_wait_for_terminals_that_were_not_seen() {
    let o = busy();
    let mut d = dashboard(120, 36);
    keys(&mut d, &o, "a*b");
    let seen = d.watching(&o, NOW);
    assert!(seen.contains(&agent("3.3")) && seen.contains(&agent("3.4")), "their modes are asked");
    d.paste("one\ntwo", &o);
    press(&mut d, &o, KeyCode::Enter);
    assert_eq!(confirm(&mut d, &o, KeyCode::Char('y')), []);
    assert_eq!(toast(&d, &o), "the terminal of a-3.4 was not seen yet; try again");
    assert!(d.overlay(&o).is_some(), "the text is not lost");
}

#[test]
fn what_has_ended_is_sent_nothing() {
    let (o, mut d) = asked();
    keys(&mut d, &o, "go on");
    press(&mut d, &o, KeyCode::Enter);
    let mut journal = Journal(Vec::new());
    journal.running("3.4", 130);
    journal.succeeded("3.3", 100);
    let mut later = reading(&roadmap());
    later.restore(&journal.0);
    let screen = screen_text(&later, &d, (120, 36));
    assert!(screen.contains("a-3.3 (ended)  a-3.4"), "{screen}");
    let sent = confirm(&mut d, &later, KeyCode::Char('y'));
    assert_eq!(sent, [Intent::Type(agent("3.4"), b"\x1b[200~go on\x1b[201~\r".to_vec())]);
    assert_eq!(toast(&d, &later), "sent to a-3.4; a-3.3 has ended");
}

#[test]
fn without_marks_it_is_for_one_and_never_for_one_that_has_ended() {
    let o = busy();
    let mut d = dashboard(120, 36);
    keys(&mut d, &o, "a1b");
    assert!(screen_text(&o, &d, (120, 36)).contains("Send to a-3.4"));
    press(&mut d, &o, KeyCode::Enter);
    assert!(!screen_text(&o, &d, (120, 36)).contains("y  send it"), "no text, no question");
    press(&mut d, &o, KeyCode::Esc);
    keys(&mut d, &o, "2b");
    assert!(d.overlay(&o).is_none());
    let said = d.toast(&o, NOW).unwrap().text.to_string();
    assert_eq!(said, "a-3.2 does not run, nothing can be sent to it");
    let mut viewer = unread(Role::Viewer { driver: 4242 });
    read(&mut viewer, &roadmap());
    keys(&mut d, &viewer, "b");
    assert!(d.toast(&viewer, NOW).unwrap().text.as_str().contains("only it can type into agents"));
}

#[test]
fn streams_have_marks_too() {
    let o = busy();
    let mut d = dashboard(80, 24);
    keys(&mut d, &o, "2g jb");
    let screen = screen_text(&o, &d, (80, 24));
    assert!(screen.contains("Send to a-3.4") && screen.contains("»a-3.4 Ada  Auth"), "{screen}");
    press(&mut d, &o, KeyCode::Esc);
    press(&mut d, &o, KeyCode::Esc);
    assert!(d.agent.marked.is_empty());
}

#[test]
fn the_dialog_at_every_size() {
    for (cols, rows) in [(120, 36), (80, 24), (60, 15)] {
        let o = crowd(80);
        let mut d = dashboard(cols, rows);
        keys(&mut d, &o, "a*b");
        d.paste("The schema changed: read docs/schema.md again.\nThen go on.", &o);
        let name = format!("send_{cols}x{rows}");
        insta::assert_snapshot!(name, screen_text(&o, &d, (cols, rows)));
        press(&mut d, &o, KeyCode::Enter);
        let name = format!("send_asks_{cols}x{rows}");
        insta::assert_snapshot!(name, screen_text(&o, &d, (cols, rows)));
    }
}

#[test]
fn marked_agents_that_do_not_run_are_named_and_get_nothing() {
    let o = busy();
    let mut d = dashboard(120, 36);
    keys(&mut d, &o, "a");
    d.agent.marked = ["3.2", "3.4"].map(|phase| agent(phase).id).into();
    keys(&mut d, &o, "b");
    let screen = screen_text(&o, &d, (120, 36));
    assert!(screen.contains("Send to a-3.4"), "{screen}");
    assert!(screen.contains("not to a-3.2: it does not run"), "{screen}");
    keys(&mut d, &o, "go on");
    press(&mut d, &o, KeyCode::Enter);
    let screen = screen_text(&o, &d, (120, 36));
    assert!(screen.contains("not to a-3.2") && screen.contains("go on"), "{screen}");
    let sent = confirm(&mut d, &o, KeyCode::Char('y'));
    assert_eq!(sent, [Intent::Type(agent("3.4"), b"go on\r".to_vec())]);
}
