//! SCROLL mode on the whole screen.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ratatui::crossterm::event::{KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::style::Modifier;

use super::scene::*;
use crate::domain::frame::{Frame, InputModes, MouseCoding, MouseReports};
use crate::domain::older::{Edge, Older};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::scrollback::{Page, Past};
use crate::ui::dashboard::{Dashboard, Mode, Settings};
use crate::ui::intent::{Intent, Mouse};
use crate::ui::keys::Pane;
use crate::ui::look::{Glyphs, Theme};

fn line(number: u64) -> String {
    match number % 10 {
        3 => format!("{number:4}  test router::case_{number} ... FAILED"),
        _ => format!("{number:4}  test router::case_{number} ... ok"),
    }
}

fn screen_of(above: u64) -> Frame {
    let lines: Vec<String> = (above..above + 29).map(line).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let past = Past { age: 0, oldest: 0, above };
    Frame { past, cursor: None, ..transcript(&lines) }
}

/// Answers everything that is asked for.
fn fetch(d: &mut Dashboard) {
    loop {
        let asked = d.wants();
        if asked.is_empty() {
            return;
        }
        for (agent, wanted) in asked {
            let numbers = wanted.from..wanted.from + wanted.count;
            let rows = numbers.map(|number| screen_of(number).rows.remove(0).1).collect();
            let past = d.screen(&agent).unwrap().past;
            d.lines(&agent, Some(Page { past, from: wanted.from, rows }));
        }
    }
}

/// `a-3.3` has said 1,029 lines and is in view.
fn said(cols: u16, rows: u16) -> (Orchestrator, Dashboard) {
    let o = busy();
    let mut d = dashboard(cols, rows);
    d.frame(agent("3.3"), screen_of(1_000));
    d.agent.shown = Some(agent("3.3").id);
    d.focus.pane = Pane::Agent;
    (o, d)
}

const DOWN: MouseEventKind = MouseEventKind::Down(MouseButton::Left);
const DRAG: MouseEventKind = MouseEventKind::Drag(MouseButton::Left);
const UP: MouseEventKind = MouseEventKind::Up(MouseButton::Left);

fn mouse(
    d: &mut Dashboard,
    o: &Orchestrator,
    kind: MouseEventKind,
    (column, row): (u16, u16),
) -> Vec<Intent> {
    d.mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }, o)
}

fn shows(o: &Orchestrator, d: &Dashboard, texts: &[&str]) {
    let screen = screen_text(o, d, (120, 36));
    for text in texts {
        assert!(screen.contains(text), "no {text:?} on\n{screen}");
    }
}

#[test]
fn scroll_mode_at_every_size() {
    for (cols, rows) in [(200, 60), (120, 36), (80, 24), (60, 15)] {
        let (o, mut d) = said(cols, rows);
        keys(&mut d, &o, "v");
        fetch(&mut d);
        keys(&mut d, &o, "500g/failed");
        press(&mut d, &o, KeyCode::Enter);
        d.frame(agent("3.3"), screen_of(1_087));
        fetch(&mut d);
        insta::assert_snapshot!(format!("scroll_{cols}x{rows}"), screen_text(&o, &d, (cols, rows)));
    }
}

#[test]
fn a_search_while_it_is_typed_in_ascii_and_zoomed() {
    let ascii = Settings { theme: Theme::Ansi, glyphs: Glyphs::Ascii };
    let (o, mut d) = said(80, 24);
    keys(&mut d, &o, "zv");
    fetch(&mut d);
    keys(&mut d, &o, "?case_99");
    insta::assert_snapshot!("scroll_zoom", text_of(&buffer(&o, &d, ascii, (80, 24))));
    let (o, mut d) = said(120, 36);
    keys(&mut d, &o, "v");
    insta::assert_snapshot!("scroll_ascii", text_of(&buffer(&o, &d, ascii, (120, 36))));
}

#[test]
fn what_is_marked_is_seen_without_colour() {
    let (o, mut d) = said(120, 36);
    keys(&mut d, &o, "v");
    fetch(&mut d);
    keys(&mut d, &o, "500g/case_5");
    press(&mut d, &o, KeyCode::Enter);
    let mono = Settings { theme: Theme::Mono, glyphs: Glyphs::Unicode };
    let inner = d.layout().inner(Pane::Agent);
    let marked = |d: &Dashboard, modifier| {
        let buffer = buffer(&o, d, mono, (120, 36));
        let cells = inner.positions().filter(|at| buffer[*at].modifier.contains(modifier));
        cells.count()
    };
    let matches = marked(&d, Modifier::UNDERLINED);
    assert!(matches > 6 && matches % 6 == 0, "{matches}");
    assert_eq!(marked(&d, Modifier::REVERSED), 6, "the match under the cursor");
    keys(&mut d, &o, "Vj");
    assert_eq!(marked(&d, Modifier::REVERSED), 2 * 80, "two lines");
}

#[test]
fn reading_begins_and_ends_by_keys_and_copies() {
    let (o, mut d) = said(120, 36);
    keys(&mut d, &o, "v");
    fetch(&mut d);
    assert_eq!(d.focus.mode, Mode::Scroll);
    shows(&o, &d, &["SCROLL", "line 1,029 of 1,029, follows"]);
    keys(&mut d, &o, "10");
    shows(&o, &d, &["SCROLL  10 "]);
    keys(&mut d, &o, "kV2k");
    shows(
        &o,
        &d,
        &["line 1,017 of 1,029", "SCROLL  3 lines selected ", "y copy  e editor  Esc back"],
    );
    let copied = keys(&mut d, &o, "y");
    assert_eq!(copied, [Intent::Copy((1016..=1018).map(line).collect::<Vec<_>>().join("\n"))]);
    shows(&o, &d, &["copied 3 lines"]);
    d.not_copied();
    shows(&o, &d, &["not copied: too long for the terminal; e opens it in an editor"]);
    keys(&mut d, &o, "v");
    press(&mut d, &o, KeyCode::Esc);
    assert_eq!(d.focus.mode, Mode::Scroll, "Esc drops the selection first");
    let read = keys(&mut d, &o, "1g2je");
    let Intent::Read { line: at, text } = &read[0] else { panic!("{read:?}") };
    assert_eq!((*at, text.lines().count(), text.lines().next()), (3, 1_029, Some(&*line(0))));
    press(&mut d, &o, KeyCode::Esc);
    assert_eq!((d.focus.mode, d.agent.reader.is_none()), (Mode::Browse, true));
    shows(&o, &d, &["BROWSE", "80x29 follow"]);
    assert_eq!(d.wants(), [], "nothing is fetched while nobody reads");
}

#[test]
fn the_editor_opens_when_the_older_lines_are_here() {
    let (o, mut d) = said(120, 36);
    assert_eq!(keys(&mut d, &o, "ve"), []);
    shows(&o, &d, &["older lines are on their way"]);
    let mut opened = Vec::new();
    while opened.is_empty() {
        let (agent, wanted) = d.wants().remove(0);
        let numbers = wanted.from..wanted.from + wanted.count;
        let rows = numbers.map(|number| screen_of(number).rows.remove(0).1).collect();
        let past = d.screen(&agent).unwrap().past;
        opened = d.lines(&agent, Some(Page { past, from: wanted.from, rows }));
    }
    let Intent::Read { line: 1_029, text } = &opened[0] else { panic!("{opened:?}") };
    assert_eq!(text.lines().filter(|line| !line.is_empty()).count(), 1_029);
    assert_eq!((d.wants(), d.agent.edits), (vec![], None));
}

#[test]
fn the_slash_searches_newest_first() {
    let (o, mut d) = said(120, 36);
    keys(&mut d, &o, "/failed");
    fetch(&mut d);
    press(&mut d, &o, KeyCode::Enter);
    shows(&o, &d, &["SCROLL", "?failed", "103/103", "line 1,024"]);
    keys(&mut d, &o, "n");
    shows(&o, &d, &["102/103", "line 1,014"]);
    keys(&mut d, &o, "/zzz");
    shows(&o, &d, &["/zzz  no match"]);
    press(&mut d, &o, KeyCode::Esc);
    shows(&o, &d, &["line 1,014"]);
}

#[test]
fn a_host_of_an_earlier_version_has_only_its_screen() {
    let (o, mut d) = said(120, 36);
    d.frame(agent("3.3"), Frame { past: Past::default(), ..screen_of(0) });
    keys(&mut d, &o, "v");
    assert_eq!(d.wants().len(), 1);
    d.lines(&agent("3.3"), None);
    keys(&mut d, &o, "g");
    shows(&o, &d, &["no older lines kept", "line 1 of 29"]);
}

#[test]
fn the_oldest_line_that_is_kept_is_called_so() {
    let (o, mut d) = said(120, 36);
    let past = |above| Past { age: 0, oldest: 700, above };
    d.frame(agent("3.3"), Frame { past: past(1_000), ..screen_of(1_000) });
    keys(&mut d, &o, "v");
    fetch(&mut d);
    keys(&mut d, &o, "g");
    shows(&o, &d, &["oldest line 701 of 1,029 "]);
    d.frame(agent("3.3"), Frame { past: past(1_010), ..screen_of(1_010) });
    shows(&o, &d, &["oldest line 701  10 new lines below, G "]);
}

/// `a-3.3` has said 1,029 lines, of which its host has those from 700 on, and is read.
fn cut() -> (Orchestrator, Dashboard) {
    let (o, mut d) = said(120, 36);
    let past = Past { age: 0, oldest: 700, above: 1_000 };
    d.frame(agent("3.3"), Frame { past, ..screen_of(1_000) });
    keys(&mut d, &o, "v");
    fetch(&mut d);
    (o, d)
}

fn older(from: u64, edge: Edge) -> Older {
    let rows = (from..700).map(|number| screen_of(number).rows.remove(0).1).collect();
    Older { below: 700, rows, edge }
}

#[test]
fn older_lines_come_from_the_recording_when_they_are_wanted() {
    let (o, mut d) = cut();
    assert_eq!(d.wants_older(), None, "the newest are in view");
    keys(&mut d, &o, "g");
    let (whose, wanted) = d.wants_older().unwrap();
    assert_eq!((whose, wanted.below, wanted.overlap.len()), (agent("3.3"), 700, 200));
    assert_eq!(d.wants_older(), None, "once");
    shows(&o, &d, &["fetching  oldest line 701 of 1,029"]);
    d.older(&agent("3.3"), older(0, Edge::Start));
    shows(&o, &d, &["line 1 of 1,029", "router::case_0 ... ok"]);
    keys(&mut d, &o, "11G");
    shows(&o, &d, &["line 11 of 1,029"]);
    press(&mut d, &o, KeyCode::Esc);
    keys(&mut d, &o, "v11G");
    assert!(d.wants_older().is_some(), "they were let go");
    shows(&o, &d, &["oldest line 701 of 1,029"]);
    d.older(&agent("3.3"), older(0, Edge::Start));
    shows(&o, &d, &["line 11 of 1,029"]);
}

#[test]
fn a_search_looks_in_older_lines_too() {
    let (o, mut d) = cut();
    keys(&mut d, &o, "?case_42 ");
    assert!(d.wants_older().is_some());
    press(&mut d, &o, KeyCode::Enter);
    shows(&o, &d, &["no match"]);
    d.older(&agent("3.3"), older(0, Edge::Start));
    shows(&o, &d, &["1/1", "line 43 of 1,029"]);
}

#[test]
fn the_oldest_line_says_why_it_is() {
    for (edge, why) in [
        (Edge::Erased, ", erased before"),
        (Edge::Dropped, ", recording begins here"),
        (Edge::Limit, ", older: orch-tui logs"),
    ] {
        let (o, mut d) = cut();
        keys(&mut d, &o, "g");
        assert!(d.wants_older().is_some());
        d.older(&agent("3.3"), older(600, edge));
        shows(&o, &d, &[&format!("oldest line 601 of 1,029{why}")]);
    }
    let (o, mut d) = cut();
    keys(&mut d, &o, "g");
    assert!(d.wants_older().is_some());
    d.older(&agent("3.3"), older(700, Edge::Differs));
    shows(&o, &d, &["oldest line 701 of 1,029, recording differs"]);
}

#[test]
fn the_editor_gets_the_older_lines_too() {
    let (o, mut d) = cut();
    assert_eq!(keys(&mut d, &o, "e"), []);
    assert!(d.wants_older().is_some());
    let opened = d.older(&agent("3.3"), older(0, Edge::Start));
    let Intent::Read { line: 1_029, text } = &opened[0] else { panic!("{opened:?}") };
    assert_eq!(text.lines().next(), Some(&*line(0)));
}

#[test]
fn reading_ends_where_another_agent_or_pane_comes_into_view() {
    for way in ["pane", "life", "agent"] {
        let (o, mut d) = said(120, 36);
        keys(&mut d, &o, "v");
        match way {
            "pane" => {
                let inner = d.layout().inner(Pane::Roadmap);
                mouse(&mut d, &o, DOWN, (inner.x, inner.y));
            }
            "life" => {
                let mut next = agent("3.3");
                next.life = crate::domain::id::Life(2);
                d.frame(next, screen_of(0));
            }
            _ => {
                keys(&mut d, &o, "q]");
            }
        }
        assert_eq!((d.focus.mode, d.agent.reader.is_none()), (Mode::Browse, true), "{way}");
    }
}

#[test]
fn the_wheel_reads_and_comes_back() {
    let (o, mut d) = said(120, 36);
    keys(&mut d, &o, "1");
    let at = (60, 10);
    mouse(&mut d, &o, MouseEventKind::ScrollDown, at);
    assert_eq!((d.focus.mode, d.focus.pane), (Mode::Browse, Pane::Roadmap));
    mouse(&mut d, &o, MouseEventKind::ScrollUp, at);
    fetch(&mut d);
    assert_eq!((d.focus.mode, d.focus.pane), (Mode::Scroll, Pane::Agent));
    assert_eq!(d.agent.reader.as_ref().unwrap().window.top, 997);
    mouse(&mut d, &o, MouseEventKind::ScrollUp, at);
    shows(&o, &d, &[&line(994)]);
    mouse(&mut d, &o, MouseEventKind::ScrollDown, at);
    assert_eq!(d.focus.mode, Mode::Scroll);
    mouse(&mut d, &o, MouseEventKind::ScrollDown, at);
    assert_eq!((d.focus.mode, d.agent.reader.is_none()), (Mode::Browse, true));
}

#[test]
fn the_wheel_scrolls_while_one_types_and_a_key_comes_back() {
    let (o, mut d) = said(120, 36);
    keys(&mut d, &o, "i");
    mouse(&mut d, &o, MouseEventKind::ScrollUp, (60, 10));
    assert_eq!((d.focus.mode, d.agent.reader.is_some()), (Mode::Type, true));
    assert_eq!(keys(&mut d, &o, "x"), [Intent::Type(agent("3.3"), b"x".to_vec())]);
    assert_eq!((d.focus.mode, d.agent.reader.is_none()), (Mode::Type, true));
}

#[test]
fn a_drag_copies_and_leaves_everything_as_it_was() {
    let (o, mut d) = said(120, 36);
    let inner = d.layout().inner(Pane::Agent);
    let before = screen_text(&o, &d, (120, 36));
    mouse(&mut d, &o, DOWN, (inner.x + 6, inner.y));
    mouse(&mut d, &o, DRAG, (inner.x + 9, inner.y + 1));
    let mono = Settings { theme: Theme::Mono, glyphs: Glyphs::Unicode };
    let shown = buffer(&o, &d, mono, (120, 36));
    assert!(shown[(inner.x + 70, inner.y)].modifier.contains(Modifier::REVERSED));
    assert!(!shown[(inner.x + 10, inner.y + 1)].modifier.contains(Modifier::REVERSED));
    let copied = mouse(&mut d, &o, UP, (inner.x + 9, inner.y + 1));
    let text = format!("{}\n{}", &line(1_000)[6..], &line(1_001)[..10]);
    assert_eq!(copied, [Intent::Copy(text)]);
    assert_eq!((d.focus.mode, d.agent.reader.is_none()), (Mode::Browse, true));
    shows(&o, &d, &["copied 2 lines"]);
    let row = |screen: &str| screen.lines().nth(5).unwrap().to_owned();
    assert_eq!(row(&screen_text(&o, &d, (120, 36))), row(&before));
}

#[test]
fn a_click_is_no_drag_and_two_are_a_word() {
    let (o, mut d) = said(120, 36);
    let inner = d.layout().inner(Pane::Agent);
    let at = (inner.x + 12, inner.y + 2);
    assert_eq!(mouse(&mut d, &o, DOWN, at), []);
    assert_eq!(mouse(&mut d, &o, UP, at), []);
    assert_eq!(mouse(&mut d, &o, DOWN, at), []);
    assert_eq!(mouse(&mut d, &o, UP, at), [Intent::Copy("router".into())]);
}

#[test]
fn a_tile_is_zoomed_before_it_is_read() {
    for way in ["v", "search"] {
        let (o, mut d) = said(120, 36);
        keys(&mut d, &o, "a");
        assert!(d.shows_grid());
        match way {
            "v" => drop(keys(&mut d, &o, "v")),
            _ => {
                keys(&mut d, &o, "S");
                keys(&mut d, &o, "case_1028");
                press(&mut d, &o, KeyCode::Enter);
            }
        }
        assert_eq!((d.focus.mode, d.agent.zoom), (Mode::Scroll, true), "{way}");
        shows(&o, &d, &[" READING a-3.3", "line 1,029 of 1,029"]);
        assert_eq!(d.watching(&o, NOW), [agent("3.3")]);
        press(&mut d, &o, KeyCode::Esc);
        assert_eq!((d.focus.mode, d.agent.zoom), (Mode::Browse, true), "{way}");
        press(&mut d, &o, KeyCode::Esc);
        assert!(d.shows_grid());
    }
}

#[test]
fn an_agent_whose_screen_was_not_shown_is_read_once_it_comes() {
    let (o, mut d) = said(80, 24);
    keys(&mut d, &o, "1");
    d.agent.shown = Some(agent("2.4").id);
    assert!(!d.watching(&o, NOW).contains(&agent("2.4")), "its pane is closed");
    keys(&mut d, &o, "v");
    assert_eq!((d.focus.mode, d.focus.pane), (Mode::Scroll, Pane::Agent));
    assert_eq!(d.watching(&o, NOW), [agent("2.4")]);
    let screen = |d: &Dashboard| screen_text(&o, d, (80, 24));
    assert!(screen(&d).contains("fetching"), "{}", screen(&d));
    // Typed ahead.
    keys(&mut d, &o, "/case_995");
    assert!(screen(&d).contains("/case_995"), "{}", screen(&d));
    press(&mut d, &o, KeyCode::Enter);
    d.frame(agent("2.4"), screen_of(1_000));
    assert!(screen(&d).contains("searching"), "{}", screen(&d));
    fetch(&mut d);
    let screen = screen(&d);
    assert!(screen.contains("1/1") && screen.contains("line 996 of 1,029"), "{screen}");
    assert!(screen.contains(&line(995)), "{screen}");
    press(&mut d, &o, KeyCode::Esc);
    assert!(d.screen(&agent("2.4")).is_some());
    d.agent.shown = Some(agent("3.1").id);
    keys(&mut d, &o, "v");
    press(&mut d, &o, KeyCode::Esc);
    assert!(d.screen(&agent("3.1")).is_none(), "nothing is left of a screen that did not come");
}

#[test]
fn a_drag_over_tiles_reads_nothing() {
    let (o, mut d) = said(120, 36);
    let inner = d.layout().inner(Pane::Agent);
    mouse(&mut d, &o, DOWN, (inner.x + 6, inner.y));
    keys(&mut d, &o, "a");
    for kind in [DRAG, UP, MouseEventKind::ScrollUp, DOWN, DRAG, UP] {
        assert_eq!(mouse(&mut d, &o, kind, (inner.x + 9, inner.y + 1)), []);
        assert!(d.shows_grid() && d.agent.reader.is_none(), "{kind:?}");
    }
}

#[test]
fn the_cursor_stays_on_its_hit_while_more_come() {
    let (o, mut d) = said(120, 36);
    keys(&mut d, &o, "S");
    keys(&mut d, &o, "case_1010");
    press(&mut d, &o, KeyCode::End);
    for _ in 0..9 {
        press(&mut d, &o, KeyCode::Backspace);
    }
    keys(&mut d, &o, "case_101");
    press(&mut d, &o, KeyCode::Down);
    press(&mut d, &o, KeyCode::Down);
    shows(&o, &d, &["10 lines of 1 agent"]);
    // An agent before it in the list says as much.
    d.frame(agent("2.4"), screen_of(1_000));
    shows(&o, &d, &["20 lines of 2 agents"]);
    press(&mut d, &o, KeyCode::Enter);
    shows(&o, &d, &["a-3.3", "line 1,018 of 1,029"]);
}

#[test]
fn the_mouse_can_be_left_to_the_terminal() {
    let (o, mut d) = said(120, 36);
    assert_eq!(keys(&mut d, &o, "M"), [Intent::Mouse(Mouse::Released)]);
    shows(&o, &d, &["M takes it again"]);
    assert_eq!(keys(&mut d, &o, "M"), [Intent::Mouse(Mouse::Taken)]);
}

#[test]
fn all_agents_are_searched_and_a_hit_is_read() {
    for (cols, rows) in [(120, 36), (60, 15)] {
        let (o, mut d) = said(cols, rows);
        keys(&mut d, &o, "S");
        let watched = d.watching(&o, NOW);
        assert!(watched.len() > 3, "{watched:?}");
        for phase in ["3.4", "2.4"] {
            d.frame(agent(phase), screen_of(300));
        }
        fetch(&mut d);
        keys(&mut d, &o, "CASE");
        assert!(screen_text(&o, &d, (cols, rows)).contains("no line has it"));
        (0..4).for_each(|_| drop(press(&mut d, &o, KeyCode::Backspace)));
        keys(&mut d, &o, "case_29");
        press(&mut d, &o, KeyCode::Down);
        insta::assert_snapshot!(format!("hits_{cols}x{rows}"), screen_text(&o, &d, (cols, rows)));
    }
    let (o, mut d) = said(120, 36);
    keys(&mut d, &o, "1S");
    d.frame(agent("3.4"), screen_of(300));
    fetch(&mut d);
    keys(&mut d, &o, "case_77 .");
    press(&mut d, &o, KeyCode::End);
    press(&mut d, &o, KeyCode::Enter);
    assert!(d.overlay(&o).is_none());
    assert_eq!((d.focus.mode, d.agent.shown.clone()), (Mode::Scroll, Some(agent("3.4").id)));
    shows(&o, &d, &["?case_77 .  1/1", "line 78 of 329", "a-3.4"]);
    press(&mut d, &o, KeyCode::Esc);
    keys(&mut d, &o, "S");
    press(&mut d, &o, KeyCode::Esc);
    assert_eq!((d.focus.mode, d.overlay(&o).is_none()), (Mode::Browse, true));
}

#[test]
fn the_mouse_goes_to_an_agent_that_asked_for_it_while_one_types() {
    let (o, mut d) = said(120, 36);
    let inner = d.layout().inner(Pane::Agent);
    let at = (inner.x + 4, inner.y + 2);
    let input = InputModes {
        mouse: MouseReports::Clicks,
        mouse_coding: MouseCoding::Sgr,
        ..InputModes::NONE
    };
    d.frame(agent("3.3"), Frame { input, ..screen_of(1_000) });
    assert_eq!(mouse(&mut d, &o, DOWN, at), [], "not while one browses");
    keys(&mut d, &o, "i");
    let sent = [Intent::Type(agent("3.3"), b"\x1b[<0;5;3M".to_vec())];
    assert_eq!(mouse(&mut d, &o, DOWN, at), sent);
    let up = [Intent::Type(agent("3.3"), b"\x1b[<0;1;1m".to_vec())];
    assert_eq!(mouse(&mut d, &o, UP, (0, 0)), up, "what went down comes up");
    assert_eq!(mouse(&mut d, &o, UP, (0, 0)), []);
    let shifted =
        MouseEvent { kind: DOWN, column: at.0, row: at.1, modifiers: KeyModifiers::SHIFT };
    assert_eq!(d.mouse(shifted, &o), []);
    mouse(&mut d, &o, DOWN, (3, 3));
    assert_eq!(d.focus.mode, Mode::Browse, "a click beside it leaves");
}
