//! Snapshots of screens, and what holds for every screen.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use proptest::prelude::*;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use super::scene::*;
use crate::domain::agent::{AgentState, Outcome};
use crate::domain::command::Command;
use crate::domain::id::TargetId;
use crate::domain::journal::{Entry, Fact, QueueFact};
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::printable::is_hidden;
use crate::domain::report::Report;
use crate::ui::dashboard::{Dashboard, Settings};
use crate::ui::keys::Pane;
use crate::ui::look::{Glyphs, Look, Theme};
use ratatui::crossterm::event::KeyCode;

const UNICODE: Settings = Settings { theme: Theme::Dark, glyphs: Glyphs::Unicode };
const ASCII: Settings = Settings { theme: Theme::Ansi, glyphs: Glyphs::Ascii };
const MONO: Settings = Settings { theme: Theme::Mono, glyphs: Glyphs::Unicode };

fn watched(cols: u16, rows: u16, o: &Orchestrator) -> Dashboard {
    let mut d = dashboard(cols, rows);
    keys(&mut d, o, "gG/3.3");
    press(&mut d, o, KeyCode::Enter);
    keys(&mut d, o, "k");
    press(&mut d, o, KeyCode::Down);
    press(&mut d, o, KeyCode::Esc);
    d
}

#[test]
fn dashboard_at_every_size() {
    let o = busy();
    for (cols, rows) in [(200, 60), (120, 36), (80, 24), (60, 15), (59, 14)] {
        let mut d = watched(cols, rows, &o);
        if cols < 110 {
            keys(&mut d, &o, "2");
        }
        insta::assert_snapshot!(format!("busy_{cols}x{rows}"), screen_text(&o, &d, (cols, rows)));
    }
}

#[test]
fn rows_without_room_are_counted() {
    let o = busy();
    let mut d = dashboard(120, 28);
    d.resize(120, 28);
    let screen = screen_text(&o, &d, (120, 28));
    assert!(screen.contains("═ Enter open ") && screen.contains(" 5 more below"), "{screen}");
    keys(&mut d, &o, "G");
    let screen = screen_text(&o, &d, (120, 28));
    assert!(screen.contains(" 5 more above") && !screen.contains("below"), "{screen}");
    keys(&mut d, &o, "2");
    assert!(screen_text(&o, &d, (80, 24)).contains("1 more below   3/4 slots"));
    // A queue that is longer than its place names the rest.
    let mut o = reading(&roadmap());
    o.command(NOW, Command::Interpret("everything".into()));
    o.command(NOW, Command::ApprovePlan);
    let screen = screen_text(&o, &d, (80, 24));
    assert!(screen.contains(" 5 more: 3.5 4.1 4.2 "), "{screen}");
}

#[test]
fn hints_are_of_what_there_is() {
    let foot = |o: &Orchestrator| {
        let screen = screen_text(o, &dashboard(120, 36), (120, 36));
        screen.trim_end().lines().last().unwrap().to_owned()
    };
    let idle = foot(&reading(&roadmap()));
    for hint in ["H health", "D graph", "E events", "? help"] {
        assert!(idle.contains(hint), "{idle}");
    }
    for hint in ["i type", "x stop", "r restart", "p hold"] {
        assert!(!idle.contains(hint), "{idle}");
    }
    assert!(foot(&busy()).contains("x stop"), "{}", foot(&busy()));
}

#[test]
fn dashboard_in_ascii() {
    let o = busy();
    for (cols, rows) in [(120, 36), (60, 15)] {
        let d = watched(cols, rows, &o);
        let buffer = buffer(&o, &d, ASCII, (cols, rows));
        let inner = d.layout().inner(Pane::Agent);
        for (n, cell) in buffer.content().iter().enumerate() {
            let (x, y) = buffer.pos_of(n);
            assert!(
                cell.symbol().is_ascii() || inner.contains((x, y).into()),
                "{x},{y}: {}",
                cell.symbol()
            );
        }
        insta::assert_snapshot!(format!("ascii_{cols}x{rows}"), text_of(&buffer));
    }
}

#[test]
fn dashboard_without_colour() {
    let o = busy();
    let d = watched(80, 24, &o);
    let buffer = buffer(&o, &d, MONO, (80, 24));
    assert!(buffer.content().iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    let mark = |modifier: Modifier| match modifier {
        m if m.contains(Modifier::REVERSED) => 'R',
        m if m.contains(Modifier::BOLD) => 'B',
        m if m.contains(Modifier::DIM) => 'd',
        _ => ' ',
    };
    let mut text = text_of(&buffer);
    for y in 0..24 {
        let marks: String = (0..80).map(|x| mark(buffer[(x, y)].modifier)).collect();
        text.push_str(marks.trim_end());
        text.push('\n');
    }
    insta::assert_snapshot!("mono_80x24", text);
}

#[test]
fn chrome_never_paints_a_background() {
    let o = busy();
    for settings in [UNICODE, Settings { theme: Theme::Light, ..UNICODE }, ASCII] {
        let buffer = buffer(&o, &watched(120, 36, &o), settings, (120, 36));
        assert!(buffer.content().iter().all(|cell| cell.bg == Color::Reset));
    }
}

#[test]
fn empty_states() {
    let mut nothing = unread(Role::Driver);
    let d = dashboard(120, 36);
    assert!(screen_text(&nothing, &d, (120, 36)).contains("Reading the roadmap"));
    nothing.observe(NOW, no_roadmap());
    insta::assert_snapshot!("first_run_120x36", screen_text(&nothing, &d, (120, 36)));
    insta::assert_snapshot!(
        "quiet_80x24",
        screen_text(&reading(&roadmap()), &dashboard(80, 24), (80, 24))
    );
}

#[test]
fn an_unreadable_roadmap_keeps_the_last_one_and_says_why() {
    let mut o = busy();
    let why = "plans/roadmap.md: permission denied".into();
    o.observe(NOW, Report::Roadmap { target: TargetId::new("tide"), read: Err(why) });
    let text = screen_text(&o, &dashboard(120, 36), (120, 36));
    assert!(text.contains("! plans/roadmap.md: permission "), "{text}");
    assert!(text.contains("║denied "), "{text}");
    assert!(text.contains("can't be read") && text.contains("3.3 HTTP"), "{text}");
}

#[test]
fn why_a_roadmap_can_t_be_read_is_shown_whole_and_no_advice_that_can_t_help() {
    let mut o = reading("# Nothing yet\n");
    assert!(screen_text(&o, &dashboard(120, 36), (120, 36)).contains("No phase in it yet"));
    let why = "the roadmap /tmp/a/rather/long/way/to/the/repository/plans/roadmap.md is not text: \
               its byte 17 is 0; put back the file that was there";
    let read = Err(why.into());
    o.observe(NOW, Report::Roadmap { target: TargetId::new("tide"), read });
    for size in [(120, 36), (80, 24)] {
        let text = screen_text(&o, &dashboard(size.0, size.1), size);
        // The pane has a border at its sides, or none.
        let row = |line: &str| {
            let row = line.split('║').nth(1).unwrap_or(line);
            row.split_whitespace().collect::<String>()
        };
        let whole: String = text.lines().map(row).collect();
        assert!(whole.contains(&why.replace(' ', "")), "{text}");
        assert!(!text.contains("No phase in it yet") && !text.contains("adds phases"), "{text}");
    }
}

#[test]
fn typing_zoomed() {
    let o = busy();
    let mut d = watched(120, 36, &o);
    keys(&mut d, &o, "zi");
    insta::assert_snapshot!("type_zoom_120x36", screen_text(&o, &d, (120, 36)));
}

#[test]
fn agents_without_a_screen_show_what_is_known() {
    let o = busy();
    let mut d = dashboard(120, 36);
    d.agent.shown = Some(agent("3.2").id);
    let text = screen_text(&o, &d, (120, 36));
    for part in [
        "✗ FAIL",
        "gate tests: exit code 101",
        "✓ build",
        "✗ tests  exit code 101",
        "assertion failed",
        "r restart",
    ] {
        assert!(text.contains(part), "{part} missing in\n{text}");
    }
}

#[test]
fn badges_and_titles() {
    let mut viewer = unread(Role::Viewer { driver: 4242 });
    read(&mut viewer, &roadmap());
    viewer.restore(&[Entry { at: NOW, fact: Fact::Queue(QueueFact::Held) }]);
    let d = dashboard(120, 36);
    let text = screen_text(&viewer, &d, (120, 36));
    assert!(text.contains("VIEWER: process 4242 drives") && text.contains("   HOLD"), "{text}");
    assert_eq!(d.title(&viewer, NOW), "orch-tui tide");
    let busy = busy();
    assert_eq!(d.title(&busy, NOW), "[1!] orch-tui tide");
    assert!(screen_text(&busy, &d, (60, 15)).contains("! a-3.4 needs you"));
    assert!(d.needs_tick(&busy) && !d.needs_tick(&viewer));
}

#[test]
fn no_state_is_told_by_colour_alone() {
    let states = [
        AgentState::Waiting,
        AgentState::Failed,
        AgentState::TimedOut,
        AgentState::Running,
        AgentState::Idle,
        AgentState::Verifying,
        AgentState::Starting,
        AgentState::Pending,
        AgentState::Stopping,
        AgentState::Succeeded,
        AgentState::Killed,
    ];
    for glyphs in [Glyphs::Unicode, Glyphs::Ascii] {
        let look = Look { theme: Theme::Mono, glyphs, now: NOW };
        let words: BTreeSet<_> = states.iter().map(|state| look.state(*state).1).collect();
        assert_eq!(words.len(), states.len());
        assert!(states.iter().all(|state| look.state(*state).0.width() == 1));
    }
}

#[test]
fn phases_differ_without_colour() {
    let o = busy();
    for (settings, glyphs) in [
        (MONO, ["✓ 2.1", "▸ 3.3", "◦ 3.5", "⊘ 4.1", "✗ 3.2", "⇢ 2.5", "? 3.4"]),
        (ASCII, ["[x] 2.1", "[>] 3.3", "[ ] 3.5", "[#] 4.1", "[!] 3.2", "[D] 2.5", "[?] 3.4"]),
    ] {
        let text = text_of(&buffer(&o, &dashboard(120, 36), settings, (120, 36)));
        for glyph in glyphs {
            assert!(text.contains(glyph), "{glyph} missing in\n{text}");
        }
    }
}

#[test]
fn hostile_names_never_reach_a_cell_raw() {
    let evil = "\u{1b}]0;owned\u{7}\u{202e}\u{200b}\u{9b}31m";
    let markdown =
        roadmap().replace("HTTP router", &format!("HTTP {evil}")).replace("Storage", evil);
    let mut o = reading(&markdown);
    let mut journal = Journal(Vec::new());
    journal.running("3.3", 10);
    journal.failed("3.2", 9, Outcome::Failed(evil.into()));
    o.restore(&journal.0);
    pulse(&mut o, "3.3", evil, Some(evil));
    o.observe(NOW, Report::Trouble(evil.into()));
    for (cols, rows) in [(200, 60), (120, 36), (80, 24)] {
        for focus in ["1", "2", "3", "n"] {
            let mut d = dashboard(cols, rows);
            d.frame(agent("3.3"), transcript(&[evil, "x\u{200d}", "\u{301}"]));
            keys(&mut d, &o, focus);
            d.paste(evil, &o);
            let buffer = buffer(&o, &d, UNICODE, (cols, rows));
            for cell in buffer.content() {
                let raw = cell.symbol().chars().any(|c| c.is_control() || is_hidden(c));
                assert!(!raw, "{:?}", cell.symbol());
            }
            assert!(!d.title(&o, NOW).contains('\u{1b}'));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_size_panics(cols in 1u16..300, rows in 1u16..100, text in "[1234nztbGgkjz/!i ?E\\[\\]]{0,8}") {
        let o = busy();
        let mut d = dashboard(cols, rows);
        keys(&mut d, &o, &text);
        let buffer = buffer(&o, &d, UNICODE, (cols, rows));
        prop_assert_eq!((buffer.area.width, buffer.area.height), (cols, rows));
        let _ = screen_text(&o, &d, (rows, cols));
    }
}
