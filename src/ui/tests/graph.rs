//! The dependency graph as a person meets it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;

use proptest::prelude::*;
use ratatui::crossterm::event::KeyCode;
use ratatui::style::{Color, Modifier};

use super::scene::*;
use crate::domain::command::Command;
use crate::domain::id::PhaseId;
use crate::domain::orchestrator::Orchestrator;
use crate::ui::dashboard::{Dashboard, Settings};
use crate::ui::intent::Intent;
use crate::ui::keys::{Scope, Sheet};
use crate::ui::look::{Glyphs, Theme};

const UNICODE: Settings = Settings { theme: Theme::Dark, glyphs: Glyphs::Unicode };
const ASCII: Settings = Settings { theme: Theme::Ansi, glyphs: Glyphs::Ascii };
const MONO: Settings = Settings { theme: Theme::Mono, glyphs: Glyphs::Unicode };

fn opened(o: &Orchestrator, (cols, rows): (u16, u16)) -> Dashboard {
    let mut d = dashboard(cols, rows);
    keys(&mut d, o, "D");
    screen_text(o, &d, (cols, rows));
    d
}

fn shown(o: &Orchestrator, d: &Dashboard, settings: Settings, size: (u16, u16)) -> String {
    text_of(&buffer(o, d, settings, size))
}

/// The row of the line below the graph, where the selected phase is told between graph and foot.
fn rule(screen: &str) -> Option<usize> {
    let is_rule = |line: &str| {
        let line = line.trim_matches(['│', ' ']);
        !line.is_empty() && line.chars().all(|c| c == '─')
    };
    screen.lines().position(is_rule)
}

/// The selected phase as it is named below the graph.
fn selected(o: &Orchestrator, d: &Dashboard) -> String {
    let screen = screen_text(o, d, (120, 36));
    let foot = screen.lines().count() - 5;
    let about = screen.lines().nth(rule(&screen).map_or(foot, |row| row + 1)).unwrap();
    about.trim_matches(['│', ' ']).split(' ').next().unwrap().to_owned()
}

/// Phases of one batch with what they wait for.
fn phases(needs: &[(&str, &str)]) -> Orchestrator {
    let mut text = String::from("## Batch 1: All\n\n");
    for (id, needs) in needs {
        writeln!(text, "### Phase {id}: Part {id}\n- **Status:** ⚪ Not Started").unwrap();
        writeln!(text, "- **Depends On:** {needs}\n").unwrap();
    }
    reading(&text)
}

#[test]
fn the_graph_is_drawn() {
    let o = busy();
    let d = opened(&o, (120, 36));
    insta::assert_snapshot!("graph_120x36", shown(&o, &d, UNICODE, (120, 36)));
    insta::assert_snapshot!("graph_200x60", shown(&o, &d, MONO, (200, 60)));
    insta::assert_snapshot!("graph_80x24", shown(&o, &d, MONO, (80, 24)));
    let ascii = shown(&o, &d, ASCII, (120, 36));
    assert!(ascii.is_ascii(), "{ascii}");
    insta::assert_snapshot!("graph_ascii_120x36", ascii);
}

#[test]
fn crossing_edges_keep_apart() {
    let o = phases(&[
        ("1", "None"),
        ("2", "None"),
        ("3", "None"),
        ("4", "1, 2, 3"),
        ("5", "1, 3"),
        ("6", "2"),
        ("7", "4, 5"),
        ("8", "6, 1"),
        ("9", "7, 8, 2"),
    ]);
    let d = opened(&o, (120, 36));
    insta::assert_snapshot!("graph_dense_120x36", shown(&o, &d, UNICODE, (120, 36)));
}

/// The arms of a box character: up, down, left, right.
fn arms(symbol: &str) -> Option<[bool; 4]> {
    let arms = match symbol {
        "─" | "═" => "lr",
        "│" | "║" => "ud",
        "┌" | "╒" | "╓" | "╔" => "dr",
        "┐" | "╕" | "╖" | "╗" => "dl",
        "└" | "╘" | "╙" | "╚" => "ur",
        "┘" | "╛" | "╜" | "╝" => "ul",
        "├" | "╞" | "╟" | "╠" => "udr",
        "┤" | "╡" | "╢" | "╣" => "udl",
        "┬" | "╤" | "╥" | "╦" => "dlr",
        "┴" | "╧" | "╨" | "╩" => "ulr",
        "┼" | "╪" | "╫" | "╬" => "udlr",
        _ => return None,
    };
    Some(['u', 'd', 'l', 'r'].map(|arm| arms.contains(arm)))
}

/// What is wrong with the lines of a drawn graph; its edge, where the picture goes on, is left out.
fn loose_arm(screen: &str) -> Option<String> {
    let rows: Vec<Vec<String>> =
        screen.lines().map(|line| line.chars().map(String::from).collect()).collect();
    let first = screen.lines().position(|line| line.contains("WAVE"))? + 1;
    let unblocks = screen.lines().position(|line| line.contains("unblocks "))?.checked_sub(3)?;
    let last = rule(screen).map_or(unblocks, |rule| rule - 2);
    let at = |row: usize, column: usize| {
        rows.get(row).and_then(|row| row.get(column)).map_or(" ", String::as_str)
    };
    for (row, cells) in rows.iter().enumerate().take(last + 1).skip(first) {
        let end = cells.len().checked_sub(3)?;
        for column in 3..end {
            let Some(mine) = arms(at(row, column)) else { continue };
            let beside =
                [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)];
            for (arm, (y, x)) in beside.into_iter().enumerate() {
                let (inside, symbol) =
                    ((first..=last).contains(&y) && (3..end).contains(&x), at(y, x));
                let met = match arms(symbol) {
                    Some(other) => other[arm ^ 1] == mine[arm],
                    None if !mine[arm] => true,
                    None if arm == 2 => symbol == " " && at(y, x - 1) != " ",
                    None => arm == 3 && symbol == ">",
                };
                if inside && !met {
                    return Some(format!("arm {arm} of row {row}, column {column}:\n{screen}"));
                }
            }
        }
    }
    None
}

#[test]
fn lines_that_meet_are_drawn_as_meeting() {
    let o = phases(&[
        ("1", "None"),
        ("2", "None"),
        ("3", "None"),
        ("4", "1, 2, 3"),
        ("5", "1, 2"),
        ("6", "2, 3"),
    ]);
    for size in [(100, 30), (120, 36), (200, 60)] {
        let d = opened(&o, size);
        assert_eq!(loose_arm(&shown(&o, &d, UNICODE, size)), None);
    }
    let wrong = "WAVE\n    9.2 ──└───> 9.3     \n\n\n\nunblocks 1";
    assert!(loose_arm(wrong).is_some(), "the check sees what is wrong");
}

#[test]
fn a_graph_wider_than_the_screen_keeps_its_names() {
    let ids: Vec<String> = (1..=13).map(|at| format!("{at}")).collect();
    let needs: Vec<(&str, &str)> = ids
        .iter()
        .enumerate()
        .map(|(at, id)| (id.as_str(), at.checked_sub(1).map_or("None", |at| ids[at].as_str())))
        .collect();
    let o = phases(&needs);
    for size in [(120, 36), (160, 45), (200, 60)] {
        let d = opened(&o, size);
        let screen = shown(&o, &d, UNICODE, size);
        assert!(screen.contains("1 ◦ Part 1"), "{screen}");
    }
}

#[test]
fn keys_go_along_edges_and_waves() {
    let o = busy();
    let mut d = opened(&o, (120, 36));
    assert_eq!(d.scope(&o), Scope::Sheet(Sheet::Graph));
    keys(&mut d, &o, "g");
    let first = selected(&o, &d);
    keys(&mut d, &o, "j");
    assert_ne!(selected(&o, &d), first);
    press(&mut d, &o, KeyCode::Up);
    assert_eq!(selected(&o, &d), first);
    press(&mut d, &o, KeyCode::PageDown);
    press(&mut d, &o, KeyCode::PageUp);
    assert_eq!(selected(&o, &d), first);
    while selected(&o, &d) != "3.3" {
        keys(&mut d, &o, "j");
    }
    keys(&mut d, &o, "l");
    let after = selected(&o, &d);
    assert!(["4.1", "4.2"].contains(&after.as_str()), "{after}");
    press(&mut d, &o, KeyCode::Left);
    assert!(["3.3", "3.4"].contains(&selected(&o, &d).as_str()));
    press(&mut d, &o, KeyCode::Right);
    keys(&mut d, &o, "Gh");
    let plan = keys(&mut d, &o, "s");
    let phases = vec![PhaseId::new("3.5")];
    assert_eq!(plan, [Intent::Run(Command::PlanPhases(phases))]);
    assert_eq!(d.scope(&o), Scope::Roadmap, "the plan comes over it");
}

#[test]
fn the_phase_under_the_cursor_is_selected_and_opens() {
    let o = busy();
    let mut d = dashboard(120, 36);
    keys(&mut d, &o, "GD");
    assert_eq!(selected(&o, &d), "4.4");
    press(&mut d, &o, KeyCode::Enter);
    assert_eq!(d.scope(&o), Scope::Sheet(Sheet::Phase));
    assert!(screen_text(&o, &d, (120, 36)).contains("4.4 in roadmap.md"));
    press(&mut d, &o, KeyCode::Esc);
    assert_eq!(d.scope(&o), Scope::Sheet(Sheet::Graph), "back in the graph");
    for close in ["D", "q"] {
        keys(&mut d, &o, close);
        assert_eq!(d.scope(&o), Scope::Roadmap);
        keys(&mut d, &o, "D");
    }
    press(&mut d, &o, KeyCode::Esc);
    assert_eq!(d.scope(&o), Scope::Roadmap);
}

#[test]
fn a_plan_dropped_leads_back_to_the_graph() {
    let mut o = reading(&roadmap());
    let mut d = dashboard(120, 36);
    keys(&mut d, &o, "GD");
    let at = selected(&o, &d);
    let asked = keys(&mut d, &o, "s");
    let [Intent::Run(plan)] = &asked[..] else { panic!("{asked:?}") };
    o.command(NOW, plan.clone());
    d.answered(&o);
    assert_eq!(d.scope(&o), Scope::Plan);
    for intent in press(&mut d, &o, KeyCode::Esc) {
        let Intent::Run(drop) = intent else { panic!("{intent:?}") };
        o.command(NOW, drop);
        d.answered(&o);
    }
    assert_eq!((d.scope(&o), selected(&o, &d)), (Scope::Sheet(Sheet::Graph), at));
    press(&mut d, &o, KeyCode::Esc);
    assert_eq!(d.scope(&o), Scope::Roadmap);
}

#[test]
fn the_selected_row_of_the_list_is_one_even_bar() {
    let o = busy();
    let d = opened(&o, (80, 24));
    let cells = buffer(&o, &d, UNICODE, (80, 24));
    let reversed = |x: u16, y: u16| cells[(x, y)].modifier.contains(Modifier::REVERSED);
    let bars: Vec<u16> = (1..22).filter(|y| reversed(2, *y)).collect();
    let [bar] = bars[..] else { panic!("{bars:?}") };
    for x in 2..78 {
        assert!(reversed(x, bar) && cells[(x, bar)].fg == Color::Reset, "column {x}");
    }
}

#[test]
fn one_key_shows_all_phases_or_the_longest_chain() {
    let o = busy();
    let mut d = opened(&o, (120, 36));
    let ids = |d: &Dashboard| {
        let screen = screen_text(&o, d, (120, 36));
        let graph = rule(&screen).unwrap_or(usize::MAX);
        screen.lines().take(graph).collect::<Vec<_>>().join("\n")
    };
    assert!(ids(&d).contains("[open] all critical") && !ids(&d).contains("SQLite"));
    keys(&mut d, &o, "f");
    assert!(ids(&d).contains("open [all] critical") && ids(&d).contains("SQLite"));
    keys(&mut d, &o, "f");
    insta::assert_snapshot!("graph_critical_120x36", screen_text(&o, &d, (120, 36)));
    keys(&mut d, &o, "f");
    assert!(ids(&d).contains("[open]"));
}

#[test]
fn what_a_graph_can_not_show_is_said() {
    let none = unread(crate::domain::orchestrator::Role::Driver);
    let at = (120, 36);
    assert!(screen_text(&none, &opened(&none, at), at).contains("no roadmap"));
    let empty = reading("# Nothing\n");
    assert!(screen_text(&empty, &opened(&empty, at), at).contains("no phase yet"));
    let done = reading("### Phase 1: A\n- **Status:** ✅ Complete\n");
    assert!(screen_text(&done, &opened(&done, at), at).contains("All phases are complete"));
    let round = phases(&[("1", "2"), ("2", "1"), ("3", "2, 9, the lawyers")]);
    let list = shown(&round, &opened(&round, (90, 24)), MONO, (90, 24));
    assert!(list.contains(" ═> 3") || list.contains("> 2"), "{list}");
    for id in ["1 ⊘ Part 1", "2 ⊘ Part 2"] {
        let line = list.lines().find(|line| line.contains(id)).unwrap();
        assert!(line.contains('>') && line.contains("(cycle)"), "{list}");
    }
    let mut d = opened(&round, at);
    keys(&mut d, &round, "G");
    let screen = screen_text(&round, &d, at);
    assert!(
        screen.contains("Cycle: 1 waits for 2 waits for 1; none of them can start"),
        "{screen}"
    );
    assert!(screen.contains("waits for 2, \"9\", \"the lawyers\""), "{screen}");
}

#[test]
fn the_foot_says_the_same_in_every_range() {
    let o = phases(&[("1", "None"), ("2", "None"), ("3", "1, 2"), ("4", "3, 1"), ("4", "None")]);
    let mut d = opened(&o, (120, 36));
    keys(&mut d, &o, "G");
    for _ in 0..3 {
        let screen = screen_text(&o, &d, (120, 36));
        assert!(screen.contains("waits for 1 3"), "{screen}");
        assert!(screen.contains("More than once in the file: 4; only the first"), "{screen}");
        keys(&mut d, &o, "f");
    }
}

#[test]
fn the_graph_follows_the_roadmap() {
    let mut o = busy();
    let mut d = dashboard(120, 36);
    keys(&mut d, &o, "GD");
    assert_eq!(selected(&o, &d), "4.4");
    read(&mut o, &roadmap().replace("Load harness", "Load test"));
    assert!(screen_text(&o, &d, (120, 36)).contains("4.4 Load test"));
    read(&mut o, "### Phase 7: Only one\n- **Status:** ⚪ Not Started\n");
    assert_eq!(selected(&o, &d), "7");
}

#[test]
fn a_large_graph_scrolls_and_is_laid_out_once() {
    let mut needs = Vec::new();
    for at in 0..1_000_usize {
        let before = |far: usize| at.checked_sub(far).map(|at| format!("1.{at}"));
        let list: Vec<String> = [before(25), before(31)].into_iter().flatten().collect();
        needs.push((
            format!("1.{at}"),
            if list.is_empty() { "None".into() } else { list.join(", ") },
        ));
    }
    let needs: Vec<(&str, &str)> =
        needs.iter().map(|(id, needs)| (id.as_str(), needs.as_str())).collect();
    let o = phases(&needs);
    let mut d = opened(&o, (120, 36));
    for key in "gjjllllllhGk".chars() {
        keys(&mut d, &o, &key.to_string());
        let screen = screen_text(&o, &d, (120, 36));
        let id = selected(&o, &d);
        let above = screen.lines().take(31).any(|line| line.contains(&format!("{id} ")));
        assert!(above, "{id} is in view:\n{screen}");
    }
    assert!(screen_text(&o, &d, (120, 36)).contains("waves left"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_graph_is_drawn_at_any_size(
        needs in prop::collection::vec(prop::collection::vec(0usize..30, 0..4), 1..30),
        (cols, rows) in (1u16..300, 1u16..100),
        typed in "[jklhgGf]{0,8}",
        ascii: bool,
    ) {
        let needs: Vec<(String, String)> = needs.iter().enumerate().map(|(at, needs)| {
            let ids: Vec<String> = needs.iter().map(|need| format!("1.{need}")).collect();
            (format!("1.{at}"), if ids.is_empty() { "None".into() } else { ids.join(", ") })
        }).collect();
        let needs: Vec<(&str, &str)> = needs.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let o = phases(&needs);
        let mut d = opened(&o, (cols, rows));
        for key in typed.chars() {
            keys(&mut d, &o, &key.to_string());
            let screen = shown(&o, &d, if ascii { ASCII } else { UNICODE }, (cols, rows));
            prop_assert_eq!(loose_arm(&screen), None);
        }
    }
}
