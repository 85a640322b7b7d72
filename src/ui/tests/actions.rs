//! What keys do: every row of the table outside overlays, and the rules of the modes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use ratatui::crossterm::event::{
    KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use super::scene::*;
use crate::domain::command::Command;
use crate::domain::diff::LineKind;
use crate::domain::id::{AgentId, AgentRef, Life, PhaseId};
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::time::Timestamp;
use crate::ui::dashboard::{Dashboard, Mode};
use crate::ui::intent::Intent;
use crate::ui::keys::{Chord, Pane, Question, Reading, Scope, Sheet, table};
use crate::ui::overlays::Comment;
use crate::ui::roadmap_rows::RowKey;

fn chord(d: &mut Dashboard, o: &Orchestrator, chord: &Chord) -> Vec<Intent> {
    d.key(KeyEvent::new(chord.code, chord.modifiers), o, NOW)
}

/// A dashboard in which each row of a scope has something to act on.
fn prepared(scope: Scope, o: &Orchestrator, name: &str) -> Dashboard {
    let mut d = dashboard(120, 36);
    d.resize(120, 24 + 12);
    let rows: Vec<String> = (0..40).map(|n| format!("two words, line {n}")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let mut tall = transcript(&rows);
    tall.size.rows = 40;
    d.frame(agent("3.3"), tall);
    d.agent.shown = Some(agent("3.3").id);
    d.roadmap.cursor = Some(RowKey::Phase(PhaseId::new("3.3"), 1));
    match scope {
        Scope::Roadmap | Scope::Welcome | Scope::Browse | Scope::List => {}
        Scope::Streams => d.focus.pane = Pane::Streams,
        Scope::Agent => {
            d.focus.pane = Pane::Agent;
            d.agent.up = 3;
        }
        Scope::Grid => {
            keys(&mut d, o, "a");
            match name {
                "grid.up" => d.agent.shown = Some(agent("3.1").id),
                "grid.down" => d.agent.shown = Some(agent("3.4").id),
                _ => {}
            }
        }
        Scope::Goal => {
            keys(&mut d, o, "nfirst");
            press(&mut d, o, KeyCode::Enter);
            keys(&mut d, o, "n");
            if name == "goal.newer" {
                press(&mut d, o, KeyCode::Up);
            } else if name == "text.cut-to-end" || name == "text.end" {
                keys(&mut d, o, "second");
                press(&mut d, o, KeyCode::Home);
            } else {
                keys(&mut d, o, "second");
            }
        }
        Scope::Filter => {
            keys(&mut d, o, "/api");
        }
        Scope::Type => {
            keys(&mut d, o, "i");
        }
        Scope::Reading(Reading::Lines) => {
            keys(&mut d, o, "v");
            d.agent.reader.as_mut().unwrap().window.top = 20;
            keys(&mut d, o, "/line 2");
            press(&mut d, o, KeyCode::Enter);
            keys(&mut d, o, "25gll");
            match name {
                "read.top" | "read.leave" => {}
                "read.middle" => drop(keys(&mut d, o, "H")),
                _ => {}
            }
        }
        Scope::Reading(Reading::Needle) => {
            keys(&mut d, o, "v/x");
        }
        Scope::Reading(Reading::Hits | Reading::Report | Reading::Changes | Reading::Comment) => {}
        Scope::Plan
        | Scope::Page
        | Scope::Prompt
        | Scope::Help
        | Scope::Ask(_)
        | Scope::Sheet(Sheet::Events)
        | Scope::Sheet(Sheet::Phase)
        | Scope::Sheet(Sheet::Health)
        | Scope::Sheet(Sheet::Document | Sheet::Graph | Sheet::Targets | Sheet::Proposals) => {}
    }
    match name {
        "app.back" if scope != Scope::Grid => d.agent.zoom = true,
        "pane.roadmap" | "pane.left" => d.focus.pane = Pane::Streams,
        _ => {}
    }
    if name == "pane.left" {
        d.focus.pane = Pane::Agent;
    }
    d
}

#[test]
fn every_row_outside_overlays_does_something() {
    let busy = busy();
    let mut nothing = unread(Role::Driver);
    nothing.observe(NOW, no_roadmap());
    let overlays = [
        Scope::Plan,
        Scope::Page,
        Scope::Prompt,
        Scope::Help,
        Scope::Ask(Question::Stop),
        Scope::Ask(Question::Restart),
        Scope::Ask(Question::Quit),
        Scope::Ask(Question::Init),
        Scope::Ask(Question::Words),
        Scope::Ask(Question::Send),
        Scope::Sheet(Sheet::Events),
        Scope::Sheet(Sheet::Phase),
        Scope::Sheet(Sheet::Health),
        Scope::Sheet(Sheet::Graph),
        Scope::Sheet(Sheet::Targets),
        Scope::Sheet(Sheet::Proposals),
        Scope::Reading(Reading::Hits),
        Scope::Ask(Question::Merge),
        Scope::Ask(Question::Discard),
        Scope::Ask(Question::Errand),
        Scope::Sheet(Sheet::Document),
        Scope::Reading(Reading::Changes),
        Scope::Reading(Reading::Comment),
        Scope::Reading(Reading::Report),
    ];
    let mut tried = BTreeSet::new();
    // A digit picks what may be picked already.
    let rows = table().iter().filter(|row| row.name != "grid.pick");
    for row in rows.filter(|row| !overlays.contains(&row.scope)) {
        let o = if row.scope == Scope::Welcome { &nothing } else { &busy };
        for key in row.chords {
            let mut d = prepared(row.scope, o, row.name);
            let state = |d: &Dashboard| {
                let own = format!("{:?} {:?} {:?}", d.focus, d.agent, d.goal.text.cursor());
                (screen_text(o, d, (120, 36)), own)
            };
            let before = state(&d);
            let intents = chord(&mut d, o, key);
            let after = state(&d);
            assert!(
                !intents.is_empty() || before != after,
                "{} {} does nothing",
                row.name,
                key.label()
            );
        }
        tried.insert(row.name);
    }
    assert!(tried.len() > 40, "{}", tried.len());
}

#[test]
fn commands_of_browse() {
    let o = busy();
    let mut d = prepared(Scope::Roadmap, &o, "");
    let phases = |ids: &[&str]| {
        vec![Intent::Run(Command::PlanPhases(ids.iter().map(|id| PhaseId::new(*id)).collect()))]
    };
    assert_eq!(keys(&mut d, &o, "s"), phases(&["3.3"]));
    assert_eq!(keys(&mut d, &o, " "), []);
    assert_eq!(keys(&mut d, &o, "j s"), phases(&["3.3", "3.5"]));
    assert_eq!(keys(&mut d, &o, "p"), vec![Intent::Run(Command::ToggleHold)]);
    assert_eq!(keys(&mut d, &o, "R"), vec![Intent::Run(Command::Garden)]);
    assert_eq!(ctrl(&mut d, &o, 'l'), vec![Intent::Redraw]);
    d.roadmap.cursor = Some(RowKey::Phase(PhaseId::new("3.2"), 1));
    assert_eq!(keys(&mut d, &o, "r"), vec![Intent::Run(Command::Restart(agent("3.2").id))]);
    assert_eq!(keys(&mut d, &o, "y"), vec![Intent::Copy("3.2".into())]);
    let line = o.roadmap().unwrap().phase(&PhaseId::new("3.2")).unwrap().place.line;
    assert_eq!(keys(&mut d, &o, "e"), vec![Intent::Edit { line }]);
    let mut first_run = unread(Role::Driver);
    assert_eq!(
        keys(&mut dashboard(120, 36), &first_run, "i"),
        [],
        "not before the roadmap was looked for"
    );
    first_run.observe(NOW, no_roadmap());
    assert_eq!(keys(&mut dashboard(120, 36), &first_run, "i"), vec![Intent::Init]);
}

#[test]
fn starter_files_are_shown_and_asked_about_before_they_are_written() {
    let mut o = unread(Role::Driver);
    o.observe(NOW, no_roadmap());
    let mut d = dashboard(80, 24);
    d.tick(NOW);
    let files = || ["plans/roadmap.md", "config/targets.yaml"].map(String::from).to_vec();
    d.ask_for_starter("/src/tide".into(), files());
    let screen = screen_text(&o, &d, (80, 24));
    assert!(screen.contains("Write these 2 files into /src/tide?"), "{screen}");
    assert!(screen.contains("plans/roadmap.md  config/targets.yaml"), "{screen}");
    let later = |seconds: u64| Timestamp(NOW.0 + seconds * 1_000);
    let pressed = |d: &mut Dashboard, code, seconds| {
        d.key(KeyEvent::new(code, KeyModifiers::NONE), &o, later(seconds))
    };
    assert_eq!(pressed(&mut d, KeyCode::Enter, 1), [], "Enter writes nothing");
    assert!(d.overlay(&o).is_none());
    d.ask_for_starter("/src/tide".into(), files());
    screen_text(&o, &d, (80, 24));
    assert_eq!(pressed(&mut d, KeyCode::Char('y'), 3), [Intent::WriteStarter]);
    assert!(d.overlay(&o).is_none());
    d.ask_for_starter("/src/tide".into(), Vec::new());
    assert!(d.overlay(&o).is_none());
    assert!(d.toast(&o, later(3)).unwrap().text.as_str().contains("is there already"));
}

#[test]
fn what_is_typed_for_an_agent_that_ended_is_swallowed_for_one_moment_only() {
    let o = busy();
    let mut d = prepared(Scope::Agent, &o, "");
    d.agent.shown = Some(agent("3.2").id);
    let at = |ms: u64| Timestamp(NOW.0 + ms);
    let pressed = |d: &mut Dashboard, c, ms| {
        d.key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE), &o, at(ms))
    };
    let again = [Intent::Run(Command::Restart(agent("3.2").id))];
    assert_eq!(pressed(&mut d, 'i', 0), []);
    let told = "a-3.2 does not run, nothing is typed; after a moment r restarts it";
    for ms in [300, 600, 900] {
        assert_eq!(pressed(&mut d, 'r', ms), [], "meant for the agent");
        assert_eq!(d.toast(&o, at(ms)).unwrap().text.as_str(), told, "it is told why");
    }
    assert_eq!(pressed(&mut d, 'r', 1_000), again, "what is swallowed makes it no longer");
    d.agent.shown = Some(agent("3.1").id);
    assert_eq!(pressed(&mut d, 'i', 5_000), []);
    let told = "a-3.1 does not run, nothing is typed: 3.1 already complete";
    assert_eq!(d.toast(&o, at(5_000)).unwrap().text.as_str(), told);
}

#[test]
fn destructive_keys_ask_first() {
    let o = busy();
    for key in ["x", "X", "r", "q"] {
        let mut d = prepared(Scope::Agent, &o, "");
        assert_eq!(keys(&mut d, &o, key), [], "{key}");
        assert!(d.overlay(&o).is_some(), "{key}");
        assert_eq!(press(&mut d, &o, KeyCode::Enter), [], "{key} then Enter");
        assert!(d.overlay(&o).is_none(), "Enter leaves the dialog of {key}");
    }
    assert_eq!(keys(&mut dashboard(120, 36), &reading(&roadmap()), "q"), vec![Intent::Quit]);
}

#[test]
fn comments_that_were_not_sent_are_not_left_without_a_question() {
    let o = reading(&roadmap());
    let mut d = dashboard(120, 36);
    let comment = Comment {
        path: "src/a.rs".into(),
        line: 7,
        kind: LineKind::Added,
        quoted: "let a = 1;".into(),
        text: "why".into(),
    };
    let me = AgentRef { id: AgentId::new("a-2.1"), life: Life(1) };
    d.agent.comments.insert(me, vec![comment]);
    assert_eq!(keys(&mut d, &o, "q"), []);
    let screen = screen_text(&o, &d, (120, 36));
    assert!(screen.contains("1 comment in diffs not sent: R in the diff sends"), "{screen}");
}

#[test]
fn ctrl_c_leaves_only_when_pressed_twice() {
    let o = reading(&roadmap());
    let mut d = dashboard(120, 36);
    assert_eq!(ctrl(&mut d, &o, 'c'), []);
    assert!(screen_text(&o, &d, (120, 36)).contains("Ctrl-C again within a second quits"));
    let late = NOW.plus(std::time::Duration::from_millis(1_500));
    let key = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(d.key(key, &o, late), []);
    assert_eq!(d.key(key, &o, late), vec![Intent::Quit]);
    let busy = busy();
    let mut d = dashboard(120, 36);
    assert_eq!((ctrl(&mut d, &busy, 'c'), ctrl(&mut d, &busy, 'c')), (vec![], vec![]));
    assert_eq!(d.overlay(&busy).unwrap().scope(), Scope::Ask(Question::Quit));
    assert_eq!(
        (ctrl(&mut d, &busy, 'c'), ctrl(&mut d, &busy, 'c')),
        (vec![], vec![Intent::Detach])
    );
}

#[test]
fn type_mode_sends_every_key_but_one() {
    let o = busy();
    let mut d = prepared(Scope::Type, &o, "");
    let to = |bytes: &[u8]| vec![Intent::Type(agent("3.3"), bytes.to_vec())];
    for byte in (1..=0x1fu8).filter(|byte| ![0x1a, 0x1b].contains(byte) && *byte < 0x1b) {
        let c = char::from(byte - 1 + b'a');
        assert_eq!(ctrl(&mut d, &o, c), to(&[byte]), "Ctrl-{c}");
    }
    assert_eq!(press(&mut d, &o, KeyCode::Esc), to(b"\x1b"));
    assert_eq!(keys(&mut d, &o, "q"), to(b"q"));
    assert_eq!(d.focus.mode, Mode::Type);
    assert_eq!(ctrl(&mut d, &o, 'z'), []);
    assert_eq!(d.focus.mode, Mode::Browse);
}

#[test]
fn keys_meant_for_an_agent_that_ended_never_become_commands() {
    let mut o = busy();
    let mut d = prepared(Scope::Type, &o, "");
    let mut journal = Journal(Vec::new());
    journal.succeeded("3.3", 100);
    o.restore(&journal.0);
    assert_eq!(keys(&mut d, &o, "dxXyqpR"), []);
    assert_eq!((d.focus.mode, d.overlay(&o).is_some()), (Mode::Type, false));
    assert!(screen_text(&o, &d, (120, 36)).contains("Ctrl-Z leaves TYPE"));
}

#[test]
fn pastes_are_text_everywhere() {
    let o = busy();
    let mut d = prepared(Scope::Roadmap, &o, "");
    assert_eq!(d.paste("dxXy\nq", &o), []);
    assert_eq!((d.focus.mode, d.goal.content()), (Mode::Goal, "dxXy\nq".into()));
    d.paste("\u{1b}[A!", &o);
    assert_eq!(d.goal.content(), "dxXy\nq[A!");
    let mut d = prepared(Scope::Type, &o, "");
    let sent = d.paste("ls\u{1b}[201~\u{3}", &o);
    assert_eq!(sent, vec![Intent::Type(agent("3.3"), b"\x1b[200~ls\x1b[201~".to_vec())]);
    let mut d = prepared(Scope::Agent, &o, "");
    keys(&mut d, &o, "x");
    assert_eq!(d.paste("y", &o), []);
    assert_eq!(d.goal.content(), "");
}

#[test]
fn goals_have_a_history_and_lead_to_the_plan() {
    let mut o = reading(&roadmap());
    let mut d = dashboard(120, 36);
    keys(&mut d, &o, "2nphase 3.5");
    let asked = press(&mut d, &o, KeyCode::Enter);
    assert_eq!(asked, vec![Intent::Run(Command::Interpret("phase 3.5".into()))]);
    assert_eq!((d.focus.pane, d.focus.mode), (Pane::Streams, Mode::Browse));
    o.command(NOW, Command::Interpret("phase 3.5".into()));
    d.answered(&o);
    assert_eq!(d.overlay(&o).unwrap().scope(), Scope::Plan);
    let dropped = press(&mut d, &o, KeyCode::Esc);
    assert_eq!(dropped, vec![Intent::Run(Command::DropPlan)]);
    assert_eq!((d.focus.mode, d.goal.content()), (Mode::Goal, "phase 3.5".into()));
    press(&mut d, &o, KeyCode::Esc);
    assert_eq!((d.focus.pane, d.focus.mode), (Pane::Streams, Mode::Browse));
}

#[test]
fn a_goal_that_was_left_gives_way_to_the_next_and_is_found_again() {
    let o = busy();
    let mut d = dashboard(120, 36);
    let ctrl = |d: &mut Dashboard, c: char| chord(d, &o, &Chord::ctrl(c));
    keys(&mut d, &o, "nfinish batch 2");
    press(&mut d, &o, KeyCode::Esc);
    keys(&mut d, &o, "nphase 3.5");
    assert_eq!(d.goal.content(), "phase 3.5", "what is typed replaces what was left");
    press(&mut d, &o, KeyCode::Up);
    assert_eq!(d.goal.content(), "finish batch 2");
    press(&mut d, &o, KeyCode::Esc);
    keys(&mut d, &o, "n");
    press(&mut d, &o, KeyCode::End);
    keys(&mut d, &o, ", then");
    assert_eq!(d.goal.content(), "finish batch 2, then", "a key that moves keeps it");
    ctrl(&mut d, 'w');
    ctrl(&mut d, 'w');
    assert_eq!(d.goal.content(), "finish batch 2");
    ctrl(&mut d, 'a');
    keys(&mut d, &o, "please ");
    ctrl(&mut d, 'k');
    assert_eq!(d.goal.content(), "please ");
    ctrl(&mut d, 'z');
    assert_eq!(d.goal.content(), "please finish batch 2");
    ctrl(&mut d, 'e');
    ctrl(&mut d, 'u');
    assert_eq!(d.goal.content(), "");
    press(&mut d, &o, KeyCode::Esc);
    keys(&mut d, &o, "1/two words");
    ctrl(&mut d, 'w');
    assert_eq!(d.roadmap.filter, "two ");
    ctrl(&mut d, 'u');
    assert_eq!(d.roadmap.filter, "");
}

#[test]
fn other_goals_open_what_they_ask_for() {
    let mut o = busy();
    for (goal, scope) in [
        ("help", Some(Scope::Help)),
        ("agents", None),
        ("stop 3.3", Some(Scope::Ask(Question::Stop))),
    ] {
        let mut d = dashboard(120, 36);
        keys(&mut d, &o, "n");
        keys(&mut d, &o, goal);
        press(&mut d, &o, KeyCode::Enter);
        o.command(NOW, Command::Interpret(goal.into()));
        d.answered(&o);
        assert_eq!(d.overlay(&o).map(|overlay| overlay.scope()), scope, "{goal}");
        if scope.is_none() {
            assert_eq!(d.focus.pane, Pane::Streams);
        }
    }
}

#[test]
fn the_agent_in_view_follows_the_selection() {
    let o = busy();
    let mut d = dashboard(120, 36);
    d.roadmap.cursor = Some(RowKey::Phase(PhaseId::new("3.2"), 1));
    keys(&mut d, &o, "j");
    assert_eq!(d.agent.shown, Some(agent("3.3").id));
    assert_eq!(d.watching(&o, NOW), [agent("3.3")]);
    keys(&mut d, &o, "!");
    assert_eq!((d.agent.shown.clone(), d.focus.pane), (Some(agent("3.4").id), Pane::Agent));
    keys(&mut d, &o, "2]");
    assert_eq!(d.agent.shown, Some(agent("3.2").id));
    assert_eq!(d.watching(&o, NOW), [agent("3.2")], "its last screen, though it has ended");
    d.resize(50, 10);
    keys(&mut d, &o, "[");
    assert_eq!(d.watching(&o, NOW), []);
}

#[test]
fn clicks_select_and_the_wheel_scrolls() {
    let o = busy();
    let mut d = dashboard(120, 36);
    let at = |d: &mut Dashboard, kind, column, row| {
        d.mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }, &o)
    };
    let text = screen_text(&o, &d, (120, 36));
    let row = text.lines().position(|line| line.contains("3.3 HTTP")).unwrap();
    at(&mut d, MouseEventKind::Down(MouseButton::Left), 5, u16::try_from(row).unwrap());
    assert_eq!(d.roadmap.cursor, Some(RowKey::Phase(PhaseId::new("3.3"), 1)));
    assert_eq!(d.agent.shown, Some(agent("3.3").id));
    let streams = d.layout().inner(Pane::Streams);
    at(&mut d, MouseEventKind::Down(MouseButton::Left), 5, streams.y);
    assert_eq!((d.focus.pane, d.agent.shown.clone()), (Pane::Streams, Some(agent("3.4").id)));
    at(&mut d, MouseEventKind::ScrollUp, 5, 5);
    assert_eq!(d.focus.pane, Pane::Streams);
    assert_ne!(d.roadmap.cursor, Some(RowKey::Phase(PhaseId::new("3.3"), 1)));
}

#[test]
fn help_opens_over_an_overlay_which_comes_back_as_it_was() {
    let o = busy();
    for (opening, scope) in [
        ("H", Scope::Sheet(Sheet::Health)),
        ("D", Scope::Sheet(Sheet::Graph)),
        ("E", Scope::Sheet(Sheet::Events)),
        ("W", Scope::Reading(Reading::Report)),
    ] {
        for code in [KeyCode::Char('?'), KeyCode::F(1)] {
            let mut d = dashboard(120, 36);
            keys(&mut d, &o, opening);
            keys(&mut d, &o, "j");
            let before = screen_text(&o, &d, (120, 36));
            assert!(before.contains("? help"), "{before}");
            press(&mut d, &o, code);
            let help = screen_text(&o, &d, (120, 36));
            assert!(help.contains(&format!("Here: {}", scope.title())), "{help}");
            press(&mut d, &o, KeyCode::Esc);
            assert_eq!(screen_text(&o, &d, (120, 36)), before);
        }
    }
}

#[test]
fn help_over_the_plan_keeps_it_and_what_was_said_there_is_not_said_again() {
    let mut o = busy();
    o.command(NOW, Command::Interpret("phase 3.2".into()));
    let mut d = dashboard(80, 24);
    d.answered(&o);
    keys(&mut d, &o, "n?");
    assert_eq!(d.scope(&o), Scope::Help);
    press(&mut d, &o, KeyCode::Esc);
    assert_eq!(d.scope(&o), Scope::Page);
    press(&mut d, &o, KeyCode::Esc);
    assert_eq!(d.scope(&o), Scope::Plan);
    let saved =
        crate::domain::report::Report::Document(crate::domain::report::DocumentReport::Kept(
            crate::domain::effect::Document::Plan,
            Ok("/state/plans/x.md".into()),
        ));
    o.observe(NOW, saved);
    assert!(screen_text(&o, &d, (80, 24)).contains("/plans/x.md"));
    let later = crate::domain::time::Timestamp(NOW.0 + 500);
    d.key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE), &o, later);
    o.command(later, Command::DropPlan);
    assert!(!screen_text(&o, &d, (80, 24)).contains("/plans/x.md"));
}

#[test]
fn a_plan_asked_for_by_a_phase_leads_back_to_it_and_not_to_an_old_goal() {
    let mut o = busy();
    let mut d = dashboard(120, 36);
    keys(&mut d, &o, "n3.2");
    press(&mut d, &o, KeyCode::Enter);
    o.command(NOW, Command::Interpret("3.2".into()));
    d.answered(&o);
    assert_eq!(d.scope(&o), Scope::Plan);
    o.command(NOW, Command::ApprovePlan);
    d.answered(&o);
    keys(&mut d, &o, "1G");
    press(&mut d, &o, KeyCode::Enter);
    assert_eq!(d.scope(&o), Scope::Sheet(Sheet::Phase));
    for intent in keys(&mut d, &o, "s") {
        let Intent::Run(command) = intent else { panic!("{intent:?}") };
        o.command(NOW, command);
    }
    d.answered(&o);
    assert_eq!(d.scope(&o), Scope::Plan);
    let later = crate::domain::time::Timestamp(NOW.0 + 500);
    d.key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE), &o, later);
    o.command(later, Command::DropPlan);
    assert_eq!(d.scope(&o), Scope::Sheet(Sheet::Phase));
    press(&mut d, &o, KeyCode::Esc);
    assert_eq!(d.scope(&o), Scope::Roadmap);
}

#[test]
fn the_report_shows_what_the_plan_came_to_and_moves() {
    let (o, mut d) = (busy(), dashboard(120, 20));
    keys(&mut d, &o, "W");
    let first = screen_text(&o, &d, (120, 20));
    for shown in ["Report", "Complete: 1", "3.1 Error envelope", "more lines below", "REPORT"] {
        assert!(first.contains(shown), "{shown} is not in:\n{first}");
    }
    assert!(!first.contains("Timeline"), "{first}");
    keys(&mut d, &o, "G");
    let last = screen_text(&o, &d, (120, 20));
    assert!(last.contains("✗ failed") && !last.contains("Complete: 1"), "{last}");
    assert!(last.contains("▓✓") && last.contains("▓✗"), "{last}");
    keys(&mut d, &o, "g");
    assert_eq!(screen_text(&o, &d, (120, 20)), first);
    keys(&mut d, &o, "W");
    assert_eq!(d.scope(&o), Scope::Roadmap);
    let none = reading(&roadmap());
    keys(&mut d, &none, "W");
    let empty = screen_text(&none, &d, (120, 20));
    assert!(empty.contains("No plan was approved yet: n types a goal."), "{empty}");
}
