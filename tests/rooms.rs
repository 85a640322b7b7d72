//! The rule of the rooms and the budgets, as an ordinary test: see `ARCHITECTURE.md`.
//!
//! The checker is tried on bad sources first: a check that cannot fail is a defect.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

#[path = "rooms/budgets.rs"]
mod budgets;
#[path = "rooms/imports.rs"]
mod imports;
#[path = "rooms/source.rs"]
mod source;

use source::{Problem, Room, Source};

/// Fails with a readable list when there is one.
fn assert_none(problems: &[Problem], rule: &str) {
    let list: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(
        list.is_empty(),
        "{} found against {rule}:\n  {}\n",
        match list.len() {
            1 => "one thing was".to_string(),
            n => format!("{n} things were"),
        },
        list.join("\n  "),
    );
}

fn real_sources() -> Vec<Source> {
    source::read_all(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("src is readable")
}

#[test]
fn every_room_imports_only_what_it_may() {
    let problems: Vec<Problem> = real_sources().iter().flat_map(imports::check).collect();
    assert_none(&problems, "the rule of the rooms (ARCHITECTURE.md, \"Rooms\")");
}

#[test]
fn everything_is_within_its_budget() {
    let problems: Vec<Problem> = real_sources().iter().flat_map(budgets::check).collect();
    assert_none(&problems, "the budgets (CONTRIBUTING.md, \"Budgets\")");
}

#[test]
fn the_walk_reaches_every_room() {
    let sources = real_sources();
    for room in [Room::Domain, Room::Ui, Room::Runner, Room::App, Room::Root] {
        assert!(sources.iter().any(|source| source.room == room), "no source in {room:?}");
    }
}

/// What the import check says of `text` as the file `path`.
fn import_problems(path: &str, text: &str) -> Vec<String> {
    imports::check(&Source::parse(path, text).unwrap()).iter().map(ToString::to_string).collect()
}

/// What the budget check says of `text`.
fn budget_problems(text: &str) -> Vec<String> {
    let source = Source::parse("src/domain/sample.rs", text).unwrap();
    budgets::check(&source).iter().map(ToString::to_string).collect()
}

/// Each source must give exactly one problem, on the given line, naming `what`.
fn assert_each_is_refused(path: &str, cases: &[(&str, usize, &str)]) {
    for (text, line, what) in cases {
        let problems = import_problems(path, text);
        assert_eq!(problems.len(), 1, "{text:?} gave {problems:?}");
        assert!(problems[0].starts_with(&format!("{path}:{line}: ")), "{problems:?}");
        assert!(problems[0].contains(&format!("`{what}`")), "{text:?} gave {problems:?}");
    }
}

#[test]
fn a_domain_that_reaches_out_is_refused() {
    assert_each_is_refused(
        "src/domain/sample.rs",
        &[
            ("use crate::runner::pty::Pty;", 1, "crate::runner::pty::Pty"),
            ("use crate::{domain::plan::Plan, ui::Theme};", 1, "crate::ui::Theme"),
            ("\nuse std::{collections::BTreeMap, fs};", 2, "std::fs"),
            ("use std::{time::{Duration, Instant}};", 1, "std::time::Instant"),
            ("use std::time::*;", 1, "std::time::*"),
            ("use std::*;", 1, "std::*"),
            ("use super::super::app::Loop;", 1, "crate::app::Loop"),
            ("use tokio as t;", 1, "tokio"),
            ("use ratatui::style::Color;", 1, "ratatui::style::Color"),
            ("extern crate notify;", 1, "notify"),
            ("mod inner { use super::super::super::ui; }", 1, "crate::ui"),
            ("fn f() -> std::process::ExitCode { g() }", 1, "std::process::ExitCode"),
            ("fn f() {\n let _ = std::env::var(\"X\");\n}", 2, "std::env::var"),
            ("fn f(x: Vec<std::net::IpAddr>) {}", 1, "std::net::IpAddr"),
            (
                "use std::time;\nfn f() { time::SystemTime::now(); }",
                2,
                "std::time::SystemTime::now",
            ),
            ("use std::time as t;\nfn f() { t::Instant::now(); }", 2, "std::time::Instant::now"),
            ("use std as s;\nfn f() { s::thread::yield_now(); }", 2, "std::thread::yield_now"),
            ("fn f() { let _ = vec![\n std::fs::read(\"x\")]; }", 2, "std::fs::read"),
            ("#[tokio::main]\nfn f() {}", 1, "tokio::main"),
            (
                "fn f() { let _ = core::time::Duration::ZERO; std::io::stdin(); }",
                1,
                "std::io::stdin",
            ),
        ],
    );
}

#[test]
fn a_screen_with_effects_is_refused() {
    assert_each_is_refused(
        "src/ui/panes/sample.rs",
        &[
            ("use crate::runner::git;", 1, "crate::runner::git"),
            ("use super::super::super::app;", 1, "crate::app"),
            ("use crossterm::terminal::size;", 1, "crossterm::terminal::size"),
            ("use crossterm::{event::KeyEvent, cursor};", 1, "crossterm::cursor"),
            ("use crossterm::*;", 1, "crossterm::*"),
            ("use crossterm::event::read;", 1, "crossterm::event::read"),
            ("use ratatui::crossterm::execute;", 1, "crossterm::execute"),
            ("use std::thread;", 1, "std::thread"),
            ("use rustix::termios::tcgetattr;", 1, "rustix::termios::tcgetattr"),
        ],
    );
}

#[test]
fn a_runner_that_draws_is_refused() {
    assert_each_is_refused(
        "src/runner/sample.rs",
        &[
            ("use crate::app::Msg;", 1, "crate::app::Msg"),
            ("pub(crate) use crate::ui::draw;", 1, "crate::ui::draw"),
            ("use ratatui::Frame;", 1, "ratatui::Frame"),
            ("use tui_textarea::TextArea;", 1, "tui_textarea::TextArea"),
            (
                "fn f() { crossterm::terminal::enable_raw_mode(); }",
                1,
                "crossterm::terminal::enable_raw_mode",
            ),
        ],
    );
}

#[test]
fn what_a_room_may_import_passes() {
    for (path, text) in [
        ("src/domain/plan.rs", "use std::{collections::BTreeMap, time::Duration};"),
        ("src/domain/plan.rs", "use crate::domain::time::Instant;\nfn f() { Instant::now(); }"),
        ("src/domain/plan.rs", "#[cfg(test)] mod tests { use super::*; use std::fs; }"),
        ("src/domain/roadmap/mod.rs", "use super::id::PhaseId; use self::phase::Phase;"),
        (
            "src/ui/keys.rs",
            "use crossterm::event::{KeyCode, KeyEvent}; use tui_textarea::TextArea;",
        ),
        ("src/ui/keys.rs", "use ratatui::crossterm::event::KeyCode;"),
        ("src/runner/git.rs", "use std::process::Command; use tokio::fs; use crate::domain::id;"),
        ("src/app/mod.rs", "use crate::{ui, runner}; use crossterm::execute;"),
        ("src/main.rs", "fn main() { std::process::exit(orch_tui::app::run()) }"),
    ] {
        assert_eq!(import_problems(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn test_modules_keep_to_their_room() {
    let text = "#[cfg(test)] mod tests { use crate::app::Loop; use std::fs; }";
    assert_eq!(import_problems("src/domain/sample.rs", text).len(), 1);
}

/// `n` lines of statements.
fn lines(n: usize) -> String {
    "let _ = 1;\n".repeat(n)
}

#[test]
fn what_is_over_budget_is_refused() {
    let fields: String = (0..13).map(|n| format!("f{n}: u8,")).collect();
    let variants: String = (0..21).map(|n| format!("V{n},")).collect();
    for (text, what) in [
        ("\n".repeat(401), "401 lines"),
        (format!("{}#[cfg(test)]\nmod tests {{}}\n", "\n".repeat(401)), "401 lines"),
        (format!("#[cfg(test)]\nmod tests {{}}\n{}fn f() {{}}", "\n".repeat(400)), "403 lines"),
        (format!("fn long() {{\n{}}}", lines(41)), "`long` has a body of 41 lines"),
        (format!("struct S; impl S {{ fn m(&self) {{\n{}}} }}", lines(41)), "`m` has a body of 41"),
        (format!("impl Display for S {{ fn fmt(&self) {{\n{}}} }}", lines(41)), "`fmt` has a body"),
        (format!("trait T {{ fn t(&self) {{\n{}}} }}", lines(41)), "`t` has a body of 41 lines"),
        (format!("fn f() {{ fn inner() {{\n{}}} }}", lines(38)), ""),
        (format!("struct Wide {{ {fields} }}"), "`Wide` has 13 fields"),
        (format!("struct Pair({});", "u8,".repeat(13)), "`Pair` has 13 fields"),
        (format!("enum Many {{ V {{ {fields} }} }}"), "`Many::V` has 13 fields"),
        (format!("enum Many {{ {variants} }}"), "`Many` has 21 variants"),
        ("fn f(a: u8, b: u8, c: u8, d: u8, e: u8) {}".into(), "`f` takes 5 parameters"),
        ("impl S { fn f(&self, a: u8, b: u8, c: u8, d: u8, e: u8) {} }".into(), "takes 5"),
        ("fn f(loud: bool) {}".into(), "`f` takes a bool (`loud`)"),
        ("fn f(loud: &mut bool) {}".into(), "`f` takes a bool (`loud`)"),
        ("trait T { fn f(&self, loud: bool); }".into(), "`f` takes a bool (`loud`)"),
        ("fn f() { todo!() }".into(), "`todo!`"),
        ("fn f() { let _ = vec![unimplemented!()]; }".into(), "`unimplemented!`"),
        ("fn f() { std::todo!(); }".into(), "`todo!`"),
    ] {
        let problems = budget_problems(&text);
        if what.is_empty() {
            assert!(problems.is_empty(), "{text}: {problems:?}");
        } else {
            assert_eq!(problems.len(), 1, "{text}: {problems:?}");
            assert!(problems[0].contains(what), "{what:?} is not in {problems:?}");
        }
    }
}

#[test]
fn what_is_within_budget_passes() {
    let long_tests = format!("#[cfg(test)]\nmod tests {{ fn f(x: bool) {{\n{}}} }}", lines(500));
    for text in [
        "\n".repeat(400),
        format!("{}{long_tests}", "\n".repeat(400)),
        format!("fn f() {{\n{}}}", lines(40)),
        "impl Foreign for S { fn f(&self, a: u8, b: u8, c: u8, d: u8, e: bool) {} }".into(),
        "fn f(a: u8, b: u8, c: u8, d: u8) { let g = |x: bool| x; }".into(),
        "#[cfg(all(test, unix))] fn f(x: bool) { todo!() }".into(),
        "fn f(todo: u8) { let _ = todo != 1; }".into(),
    ] {
        assert_eq!(budget_problems(&text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn production_code_behind_cfg_not_test_is_checked() {
    assert_eq!(budget_problems("#[cfg(not(test))] fn f(x: bool) {}").len(), 1);
}

#[test]
fn a_source_that_does_not_parse_is_reported_with_its_place() {
    let error = Source::parse("src/ui/sample.rs", "fn f( {").err().unwrap();
    assert!(error.starts_with("src/ui/sample.rs:1: "), "{error}");
}
