//! Many agents at once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ratatui::crossterm::event::{
    KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use super::scene::*;
use crate::domain::agent::Outcome;
use crate::domain::branch::BranchFact;
use crate::domain::command::Command;
use crate::domain::effect::{Effect, StopKind};
use crate::domain::frame::Frame;
use crate::domain::journal::{Entry, Fact};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::time::Timestamp;
use crate::ui::dashboard::{Dashboard, Mode, waiting};
use crate::ui::intent::Intent;
use crate::ui::keys::{AgentAction, Pane};

/// So many agents on as many phases, in all states that there are many of, and as many phases that wait.
pub fn crowd(count: usize) -> Orchestrator {
    let mut text = String::from("# Roadmap\n\n## Batch 1: Crowd\n\n");
    for n in 1..=2 * count {
        text.push_str(&format!("### Phase 1.{n}: Part {n}\n- **Status:** ⚪ Not Started\n\n"));
    }
    let mut o = reading(&text);
    let mut journal = Journal(Vec::new());
    let ids: Vec<String> = (1..=2 * count).map(|n| format!("1.{n}")).collect();
    journal.approved(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    for (n, id) in ids.iter().take(count).enumerate() {
        match n % 10 {
            8 => journal.failed(id, 300, Outcome::Failed("gate tests: exit code 101".into())),
            9 => journal.verifying(id, 300),
            _ => journal.running(id, 300),
        }
    }
    o.restore(&journal.0);
    for (n, id) in ids.iter().take(count).enumerate().filter(|(n, _)| n % 10 < 8) {
        let asks = (n % 50 == 7).then_some("which of both?");
        pulse(&mut o, id, "cargo test", asks);
    }
    o
}

#[test]
fn who_needs_a_person_comes_first_and_the_header_says_who() {
    let mut o = crowd(200);
    let d = dashboard(120, 36);
    // Of those that ask, 1.108 has been silent for longest.
    pulse_at(&mut o, "1.8", 50);
    pulse_at(&mut o, "1.58", 70);
    pulse_at(&mut o, "1.108", 90);
    pulse_at(&mut o, "1.158", 60);
    let ids = |agents: Vec<&crate::domain::agent::Agent>| -> Vec<String> {
        agents.iter().take(5).map(|agent| agent.me().id.to_string()).collect()
    };
    let order = ["a-1.108", "a-1.58", "a-1.158", "a-1.8"];
    assert_eq!(ids(o.agents(NOW))[..4], order);
    assert_eq!(ids(o.agents(NOW))[4], "a-1.9", "then those that failed");
    assert_eq!(ids(waiting(&o, NOW)), order, "the same as the next ones that need you");
    let screen = screen_text(&o, &d, (200, 60));
    assert!(screen.contains("! 4 agents wait for you  a-1.108 a-1.58 a-1.158 +1"), "{screen}");
    let narrow = screen_text(&o, &d, (80, 24));
    assert!(narrow.contains("! 4 agents wait for you"), "{narrow}");
}

/// What a tile shows: its rows.
fn grid(cols: u16, rows: u16) -> (Orchestrator, Dashboard) {
    let o = busy();
    let mut d = dashboard(cols, rows);
    d.frame(agent("3.4"), asking());
    keys(&mut d, &o, "a");
    (o, d)
}

/// The screen of an agent with a question at its end.
fn asking() -> Frame {
    transcript(&[
        "▪ Read src/auth.rs (97 lines)",
        "",
        "Keep v1 session cookies readable during the migration?",
        "  › 1. Yes, read v1 and write v2",
        "    2. No, invalidate all sessions",
    ])
}

#[test]
fn the_grid_at_every_size() {
    for (cols, rows) in [(200, 60), (120, 36), (80, 24), (60, 15)] {
        let (o, d) = grid(cols, rows);
        insta::assert_snapshot!(format!("grid_{cols}x{rows}"), screen_text(&o, &d, (cols, rows)));
    }
}

#[test]
fn a_crowd_in_the_grid() {
    let o = crowd(200);
    let mut d = dashboard(200, 60);
    keys(&mut d, &o, "af ");
    insta::assert_snapshot!("grid_crowd_200x60", screen_text(&o, &d, (200, 60)));
}

fn shown(d: &Dashboard) -> String {
    d.agent.shown.as_ref().map(ToString::to_string).unwrap_or_default()
}

#[test]
fn only_the_tiles_of_the_page_are_watched() {
    let o = crowd(200);
    let mut d = dashboard(120, 36);
    assert_eq!(d.watching(&o, NOW).len(), 1, "the agent in view");
    keys(&mut d, &o, "a");
    // The first page: four that ask, and two that failed and have no terminal any more.
    let first = d.watching(&o, NOW);
    assert_eq!(first, ["1.8", "1.58", "1.108", "1.158"].map(agent));
    press(&mut d, &o, KeyCode::PageDown);
    press(&mut d, &o, KeyCode::PageDown);
    press(&mut d, &o, KeyCode::PageDown);
    press(&mut d, &o, KeyCode::PageDown);
    let running = d.watching(&o, NOW);
    assert_eq!(running.len(), 6);
    assert!(running.iter().all(|me| !first.contains(me)));
    press(&mut d, &o, KeyCode::Enter);
    assert_eq!(d.watching(&o, NOW).len(), 1, "zoomed it is alone");
    d.resize(50, 10);
    assert_eq!(d.watching(&o, NOW), [], "nobody sees anything");
}

#[test]
fn keys_of_the_grid() {
    let o = busy();
    let mut d = dashboard(120, 36);
    keys(&mut d, &o, "2a");
    assert_eq!((shown(&d).as_str(), d.shows_grid()), ("a-3.4", true), "who needs a person");
    let before = d.terminal_size();
    keys(&mut d, &o, "3");
    assert_eq!(shown(&d), "a-3.3");
    keys(&mut d, &o, "9h");
    assert_eq!(shown(&d), "a-3.2", "there is no ninth tile");
    keys(&mut d, &o, "j");
    assert_eq!(shown(&d), "a-3.1");
    keys(&mut d, &o, "kll");
    assert_eq!(shown(&d), "a-2.4");
    keys(&mut d, &o, "!");
    assert_eq!((shown(&d).as_str(), d.shows_grid()), ("a-3.4", true));
    assert_eq!(d.terminal_size(), before, "tiles crop, terminals keep their size");
    press(&mut d, &o, KeyCode::Enter);
    assert!(d.agent.zoom && !d.shows_grid());
    press(&mut d, &o, KeyCode::Esc);
    assert!(d.shows_grid(), "back to the tiles");
    keys(&mut d, &o, "i");
    assert_eq!((d.focus.mode, d.agent.zoom), (Mode::Type, true), "a tile is no place to type in");
    ctrl(&mut d, &o, 'z');
    keys(&mut d, &o, "za");
    assert_eq!((d.shows_grid(), d.focus.pane), (false, Pane::Streams), "where one came from");
    keys(&mut d, &o, "an");
    assert_eq!((d.shows_grid(), d.focus.mode), (false, Mode::Goal));
    press(&mut d, &o, KeyCode::Esc);
    assert_eq!(d.focus.pane, Pane::Streams);
}

#[test]
fn the_agent_after_the_last_is_the_first() {
    let o = busy();
    let mut d = dashboard(120, 36);
    keys(&mut d, &o, "2G");
    assert_eq!(shown(&d), "a-3.1");
    keys(&mut d, &o, "]");
    assert_eq!(shown(&d), "a-3.4");
    keys(&mut d, &o, "[");
    assert_eq!(shown(&d), "a-3.1");
    keys(&mut dashboard(120, 36), &reading(&roadmap()), "][");
}

#[test]
fn tiles_are_fewer_or_more_where_they_fit() {
    let o = crowd(30);
    let shape = |d: &Dashboard| {
        let page = d.page(&o, NOW);
        (page.tiles.cols, page.tiles.rows)
    };
    let mut d = dashboard(200, 60);
    keys(&mut d, &o, "a");
    let shapes = ["", "f", "f", "f"].map(|key| {
        keys(&mut d, &o, key);
        shape(&d)
    });
    assert_eq!(shapes, [(3, 2), (4, 3), (2, 2), (3, 2)]);
    d.resize(80, 24);
    assert_eq!(shape(&d), (2, 3));
    keys(&mut d, &o, "f");
    assert_eq!(shape(&d), (2, 2), "what looks the same is passed over");
    d.resize(60, 15);
    keys(&mut d, &o, "f");
    assert!(screen_text(&o, &d, (60, 15)).contains("no other layout fits here"));
}

#[test]
fn marked_agents_are_stopped_and_restarted_together() {
    let o = busy();
    let mut d = dashboard(120, 36);
    keys(&mut d, &o, "a ");
    assert_eq!(shown(&d), "a-3.2", "a mark goes on to the next");
    keys(&mut d, &o, "3 ");
    let screen = screen_text(&o, &d, (120, 36));
    assert!(screen.contains("2 marked") && screen.contains("═ »1 a-3.4"), "{screen}");
    keys(&mut d, &o, "x");
    let asked = screen_text(&o, &d, (120, 36));
    assert!(asked.contains("Stop these 2 agents?") && asked.contains("a-3.3  a-3.4"), "{asked}");
    let later = |d: &mut Dashboard, c| {
        let key = KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
        d.key(key, &o, Timestamp(NOW.0 + 5_000))
    };
    let stop = |id: &str| Intent::Run(Command::Stop(agent(id).id, StopKind::Term));
    assert_eq!(later(&mut d, 'y'), [stop("3.3"), stop("3.4")]);
    keys(&mut d, &o, "r");
    let asked = screen_text(&o, &d, (120, 36));
    assert!(asked.contains("Restart these 2 agents?"), "{asked}");
    let restart = |id: &str| Intent::Run(Command::Restart(agent(id).id));
    assert_eq!(later(&mut d, 'y'), [restart("3.3"), restart("3.4")]);
    press(&mut d, &o, KeyCode::Esc);
    assert!(d.agent.marked.is_empty() && d.shows_grid());
    keys(&mut d, &o, "5x");
    assert!(screen_text(&o, &d, (120, 36)).contains("a-3.1 does not run"));
    keys(&mut d, &o, "**");
    assert!(d.agent.marked.is_empty(), "all, then none");
    press(&mut d, &o, KeyCode::Esc);
    assert!(!d.shows_grid());
}

#[test]
fn a_click_picks_a_tile_and_the_wheel_turns_pages() {
    let o = crowd(30);
    let mut d = dashboard(120, 36);
    keys(&mut d, &o, "a");
    let mouse = |d: &mut Dashboard, kind, column, row| {
        d.mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }, &o)
    };
    mouse(&mut d, MouseEventKind::Down(MouseButton::Left), 100, 30);
    assert_eq!(d.page(&o, NOW).cursor, 5);
    mouse(&mut d, MouseEventKind::ScrollDown, 1, 1);
    assert_eq!(d.page(&o, NOW).number(), (2, 5));
    mouse(&mut d, MouseEventKind::ScrollUp, 1, 1);
    assert_eq!(d.page(&o, NOW).cursor, 0);
}

#[test]
fn a_grid_without_agents_says_how_one_begins() {
    let o = reading(&roadmap());
    let mut d = dashboard(80, 24);
    keys(&mut d, &o, "a");
    assert!(screen_text(&o, &d, (80, 24)).contains("No agent yet.  n  type a goal"));
    keys(&mut d, &o, "jklh! fx");
    assert!(d.shows_grid() && d.watching(&o, NOW).is_empty());
}

#[test]
fn streams_of_a_crowd_scroll_and_count() {
    let o = crowd(200);
    for (cols, rows) in [(80, 24), (120, 36), (200, 60)] {
        let mut d = dashboard(cols, rows);
        keys(&mut d, &o, "2");
        let screen = screen_text(&o, &d, (cols, rows));
        assert!(screen.contains("a-1.8 ") && screen.contains("more below"), "{screen}");
        // One begins at the agent shown beside, or at the top where its row is not in view.
        let begun = if screen.contains("›a-1.1 ") { "a-1.2" } else { "a-1.8" };
        keys(&mut d, &o, "j");
        assert_eq!((shown(&d).as_str(), rows == 60), (begun, begun == "a-1.2"));
        keys(&mut d, &o, "G");
        let screen = screen_text(&o, &d, (cols, rows));
        assert!(screen.contains("›a-1.200") && screen.contains("above"), "{screen}");
    }
}

#[test]
fn work_in_review_is_not_stopped_alone_nor_among_others() {
    let mut o = reading(&roadmap());
    let mut journal = Journal(Vec::new());
    journal.approved(&["3.3", "3.4"]);
    journal.verifying("3.3", 700);
    journal.running("3.4", 130);
    let me = agent("3.3");
    let review = BranchFact::ReviewAsked { agent: me.clone(), why: "".into() };
    let facts = [Fact::VerificationComplete { agent: me, failed: vec![] }, Fact::Branch(review)];
    journal.0.extend(facts.map(|fact| Entry { at: NOW, fact }));
    o.restore(&journal.0);
    let mut d = dashboard(120, 36);
    d.agent.shown = Some(agent("3.3").id);
    keys(&mut d, &o, "3");
    let offered = |d: &Dashboard, o: &Orchestrator| d.works(AgentAction::Stop, o);
    assert!(!offered(&d, &o), "it does not run");
    assert_eq!(keys(&mut d, &o, "x"), []);
    assert!(d.overlay(&o).is_none(), "nothing is asked");
    let said = d.toast(&o, NOW).unwrap().text.to_string();
    assert!(said.contains("waits for a review; m merges it"), "{said}");
    d.agent.marked = [agent("3.3").id, agent("3.4").id].into();
    d.focus.pane = Pane::Streams;
    assert!(offered(&d, &o));
    keys(&mut d, &o, "x");
    let asked = screen_text(&o, &d, (120, 36));
    assert!(asked.contains("Stop a-3.4"), "{asked}");
    let said = d.toast(&o, NOW).unwrap().text.to_string();
    assert!(said.contains("left out") && said.contains("a-3.3"), "{said}");
    // Nor by who asked before its gates had passed.
    let before = o.agent(&agent("3.3").id).unwrap().stage.clone();
    let effects = o.command(NOW, Command::Stop(agent("3.3").id, StopKind::Term));
    assert_eq!(o.agent(&agent("3.3").id).unwrap().stage, before);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Stop { .. })), "{effects:?}");
}
