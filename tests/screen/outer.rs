//! What reaches the outer terminal: colours, glyphs, sizes, and nothing where nobody looks.

use crate::demo::{Demo, Hands, agent_is};
use crate::support::allow_list;
use crate::support::command::Invocation;
use crate::support::key::Key;
use crate::support::pty::Exit;
use crate::support::screen::{Color, Flags, NamedColor, Screen};

/// Parameters of all SGR sequences.
fn sgr(output: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    let sequences = text.split("\x1b[").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';' && c != ':')?;
        rest[end..].starts_with('m').then(|| rest[..end].to_owned())
    });
    sequences.collect()
}

/// Whether SGR parameters set a colour; 39 and 49 take one back.
fn sets_colour(parameters: &str) -> bool {
    parameters.split(';').any(|part| {
        let code = part.split(':').next().unwrap_or_default().parse::<u16>().unwrap_or(0);
        matches!(code, 30..=38 | 40..=48 | 58 | 90..=97 | 100..=107)
    })
}

#[test]
fn the_check_for_colours_sees_colours() {
    let seen = sgr(b"\x1b[0;1m\x1b[31mred\x1b[39m\x1b[38;2;1;2;3mx\x1b[48:5:7m\x1b[2J");
    let colours: Vec<bool> = seen.iter().map(|parameters| sets_colour(parameters)).collect();
    assert_eq!(colours, [false, true, false, true, true]);
}

#[test]
fn without_colour_the_selection_is_still_seen() {
    let demo = Demo::new();
    let session = demo.launch("10").variable("NO_COLOR", "1").start();
    session.start_plan("phase 2.1");
    let screen = session.wait_for(agent_is("a-2.1", "DONE"), "the agent to finish");
    let coloured: Vec<_> =
        sgr(&session.output()).into_iter().filter(|one| sets_colour(one)).collect();
    assert_eq!(coloured, Vec::<String>::new());
    let (_, row) = screen.find("› ").unwrap();
    assert!(has_inverse(&screen, row), "{screen}");
    for column in 0..120 {
        let cell = screen.cell(column, row);
        assert_eq!(cell.foreground, Color::Named(NamedColor::Foreground));
    }
    allow_list::assert_allowed(&session.output());
}

fn has_inverse(screen: &Screen, row: usize) -> bool {
    (0..screen.size().0).any(|column| screen.cell(column, row).flags.contains(Flags::INVERSE))
}

#[test]
fn an_ascii_terminal_gets_ascii_chrome() {
    for (option, locale) in [(true, "C.UTF-8"), (false, "C")] {
        let demo = Demo::new();
        let launch = demo.launch("10").variable("LANG", locale);
        let launch = if option { launch.arguments(["--ascii"]) } else { launch };
        let session = launch.start();
        let plan = session.plan("finish batch 2");
        assert_ascii(&plan);
        session.approve();
        let running = session.wait_for(agent_is("a-2.1", "RUN"), "the agents to run");
        // The agent's own terminal is its own affair.
        let chrome: Vec<String> =
            running.lines().iter().map(|line| line.chars().take(38).collect()).collect();
        assert!(chrome.concat().is_ascii(), "{running}");
        session.press(&Key::Char('?'));
        session.wait_for_text("Everywhere");
    }
}

fn assert_ascii(screen: &Screen) {
    for line in screen.lines() {
        assert!(line.is_ascii(), "{line:?}\n{screen}");
    }
}

#[test]
fn where_nobody_looks_there_are_lines_without_escapes() {
    let demo = Demo::new();
    let made = demo.launch("0").start();
    made.wait_for_text("2.5 Write lock");
    made.press(&Key::Char('q'));
    made.wait_for_exit();
    for (name, value) in [("TERM", "dumb"), ("CI", "1")] {
        let session = demo.again().variable(name, value).start();
        assert_eq!(session.wait_for_exit(), Exit::Code(0));
        let output = session.output();
        assert!(!output.contains(&0x1b), "{name}: {}", output.escape_ascii());
        assert!(session.screen().contains("Write lock"), "{}", session.screen());
    }
    let folder = demo.path.to_string_lossy().into_owned();
    let piped = Invocation::orch_tui(&demo.home, ["-C", &folder]).run();
    assert!(!piped.stdout.contains('\u{1b}') && piped.stderr.is_empty(), "{piped:?}");
    assert!(piped.expect_success().contains("Write lock"));
}

#[test]
fn every_size_is_right_while_agents_run() {
    let demo = Demo::new();
    let session = demo.launch("1").start();
    session.start_plan("finish batch 2");
    session.wait_for(agent_is("a-2.3", "RUN"), "the agents to run");
    for (columns, rows) in [(80, 24), (200, 60), (50, 10), (120, 36)] {
        session.resize(columns, rows);
        let what = format!("the screen at {columns}x{rows}");
        let screen = session.wait_for(|screen| is_right(screen, columns, rows), &what);
        assert_eq!(screen.size(), (usize::from(columns), usize::from(rows)));
    }
    session.wait_for(agent_is("a-2.1", "DONE"), "the agents to go on");
    allow_list::assert_allowed(&session.output());
}

/// All of it was drawn for this size: header in the first row, status bar in the last, frames that close.
fn is_right(screen: &Screen, columns: u16, rows: u16) -> bool {
    let lines = screen.lines();
    if columns < 60 {
        return screen.contains(&format!("Too small ({columns}x{rows})"))
            && !screen.contains("BROWSE");
    }
    let last = &lines[usize::from(rows) - 1];
    let frame = |line: &String| line.starts_with('┌') && line.ends_with('┐');
    let width = |line: &String| line.chars().count() == usize::from(columns);
    lines[0].starts_with(" orch-tui")
        && last.contains("BROWSE")
        && last.ends_with("? help")
        && last.chars().count() >= usize::from(columns) - 1
        && screen.contains("a-2.")
        && (columns < 110 || lines.iter().filter(|line| frame(line)).all(width))
        && screen.lines().iter().filter(|line| line.contains("4 Goal")).count() == 1
}
