//! The key table: consistent, complete, and hints that fit.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::ui::keys::{
    Action, Question, Scope, Tend, find, hints, hints_of, markdown, rows, table,
};
use crate::ui::text::columns;

#[test]
fn no_chord_stands_twice_in_a_scope() {
    for (n, row) in table().iter().enumerate() {
        for other in table()[n + 1..].iter().filter(|other| other.scope == row.scope) {
            let twice = row.chords.iter().find(|chord| other.chords.contains(chord));
            assert_eq!(twice, None, "{} and {}", row.name, other.name);
        }
    }
}

#[test]
fn a_name_means_one_action() {
    let mut actions: BTreeMap<&str, Action> = BTreeMap::new();
    for row in table() {
        assert!(!row.chords.is_empty() && !row.help.is_empty(), "{}", row.name);
        assert_eq!(*actions.entry(row.name).or_insert(row.action), row.action, "{}", row.name);
    }
}

#[test]
fn enter_confirms_nothing() {
    for scope in [
        Scope::Plan,
        Scope::Ask(Question::Stop),
        Scope::Ask(Question::Restart),
        Scope::Ask(Question::Quit),
        Scope::Ask(Question::Init),
        Scope::Ask(Question::Send),
    ] {
        let enter = find(scope, &KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE));
        assert!(enter.is_none() || enter == Some(Action::Back), "{scope:?}");
    }
}

#[test]
fn hints_fit_and_keep_the_way_to_the_help() {
    let scopes: Vec<Scope> = table().iter().map(|row| row.scope).collect();
    for scope in scopes {
        for width in 24..120 {
            let line = hints(scope, width);
            assert!(columns(&line) <= usize::from(width), "{scope:?} {width}: {line}");
            if scope.chain().contains(&Scope::Browse) {
                assert!(line.ends_with("? help"), "{line}");
            }
        }
    }
    assert_eq!(hints(Scope::Welcome, 40), "i write a starter  n goal  ? help");
    assert_eq!(hints_of("agent", 30), "i type  z zoom  v scroll");
    assert_eq!(hints(Scope::Streams, 42), "Enter open  n goal  i type  z zoom  ? help");
}

#[test]
fn characters_carry_their_shift() {
    let shifted = KeyEvent::new(KeyCode::Char('R'), KeyModifiers::SHIFT);
    assert_eq!(find(Scope::Roadmap, &shifted), Some(Action::Tend(Tend::Garden)));
    let control = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::CONTROL);
    assert_eq!(find(Scope::Browse, &control), None);
}

#[test]
fn markdown_has_every_row() {
    let text = markdown();
    assert_eq!(text.lines().count(), table().len() + 2);
    assert!(text.contains("| `q` | Everywhere | quit (asks while agents work) | `app.quit` |"));
    assert!(rows(Scope::Goal).any(|row| row.name == "goal.plan"));
}
