//! Reading back what an agent said: in the real program, while it runs and after it ended.

use std::os::unix::fs::PermissionsExt;

use crate::demo::{Hands, agent_is, row_has};
use crate::support::allow_list;
use crate::support::key::Key;
use crate::support::project::Project;
use crate::support::pty::{Exit, Launch, Session};

/// Says much more than its screen holds, then goes on when it is let.
const TALKER: &str = r#"#!/bin/sh
i=1
while [ $i -le 400 ]; do echo "line number $i of many"; i=$((i+1)); done
echo "Needle in the hay"
while [ $i -le 800 ]; do echo "line number $i of many"; i=$((i+1)); done
while [ ! -e go ]; do sleep 0.05; done
i=1
while [ $i -le 87 ]; do echo "later $i"; i=$((i+1)); done
while [ ! -e go2 ]; do sleep 0.05; done
echo made > "made.$WORK_STREAM_ID"
"#;

/// Says more than its host keeps, then goes on when it is let.
const LONG_TALKER: &str = r#"#!/bin/sh
seq -f 'line number %.0f of many' 1 6000
while [ ! -e go2 ]; do sleep 0.05; done
echo made > "made.$WORK_STREAM_ID"
"#;

/// Stands for a person's editor: keeps what it was given and says so on the screen.
const EDITOR: &str = r#"#!/bin/sh
ls -l "$3" > mode
echo "$1 $2" > arguments
cp "$3" copy
mv copy edited
"#;

fn start(project: &Project) -> Session {
    project.repository.write("my editor", EDITOR);
    let may_run = PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(project.repository.join("my editor"), may_run).unwrap();
    Launch::orch_tui(&project.home)
        .folder(project.repository.path())
        .variable("EDITOR", "'./my editor' -w")
        .start()
}

/// Plans and approves the first phase.
pub fn run_the_agent(session: &Session) {
    session.wait_for_text("1.1");
    session.press(&Key::Char('n'));
    session.wait_for_text("GOAL");
    session.type_text("phase 1.1");
    session.press(&Key::Enter);
    session.wait_for_text("Read as");
    session.approve();
}

#[test]
fn what_scrolled_off_is_read_searched_and_copied() {
    let project = Project::new(TALKER);
    let session = start(&project);
    run_the_agent(&session);
    session.wait_for_text("line number 800 of many");
    session.type_text("3v");
    session.wait_for(|screen| row_has(screen, "SCROLL", "F1 help"), "SCROLL mode");
    session.type_text("/needle");
    session.wait_for(|screen| row_has(screen, "/needle", "1/1"), "the match");
    session.press(&Key::Enter);
    session.wait_for_text("Needle in the hay");
    // New output does not move what is read.
    project.repository.write("go", "");
    session.wait_for_text("87 new lines below, G");
    assert!(session.screen().contains("Needle in the hay"), "{}", session.screen());
    session.type_text("Vky");
    session.wait_for_text("copied 2 lines");
    // "line number 400 of many", a line end, "Needle in the hay".
    let copied = b"\x1b]52;c;bGluZSBudW1iZXIgNDAwIG9mIG1hbnkKTmVlZGxlIGluIHRoZSBoYXk=\x1b\\";
    session.wait_for_output(
        |output| output.windows(copied.len()).any(|window| window == copied),
        "the copied text",
    );
    session.type_text("e");
    session.wait_for(|screen| row_has(screen, "SCROLL", "F1 help"), "the screen again");
    let read = crate::demo::eventually("the editor", || {
        let read = std::fs::read_to_string(project.repository.join("edited"));
        read.map_err(|error| error.to_string())
    });
    assert_eq!(read.lines().filter(|line| line.starts_with("line number ")).count(), 800);
    let mode = project.repository.read("mode");
    assert!(mode.starts_with("-rw-------"), "{mode}");
    assert_eq!(project.repository.read("arguments").trim(), "-w +400");
    session.wait_for_text("Needle in the hay");
    session.press(&Key::Esc);
    session.wait_for(|screen| row_has(screen, "BROWSE", "? help"), "BROWSE mode");
    let screen = session.wait_for_text("later 87");
    drag_over(&session, screen.find("later 80").unwrap());
    read_when_it_ended(&project, &session);
    session.press(&Key::Char('q'));
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
    session.terminal_modes_restored().unwrap();
    allow_list::assert_allowed(&session.output());
}

/// Drags over six columns of two lines: what is selected is copied.
fn drag_over(session: &Session, (column, row): (usize, usize)) {
    let (from, to) = (format!("{};{}", column + 1, row + 1), format!("{};{}", column + 5, row + 2));
    session.send(format!("\x1b[<0;{from}M\x1b[<32;{to}M\x1b[<0;{to}m").as_bytes());
    // "later 80", a line end, "later".
    let copied = b"\x1b]52;c;bGF0ZXIgODAKbGF0ZXI=\x1b\\";
    session.wait_for_output(
        |output| output.windows(copied.len()).any(|window| window == copied),
        "the lines of the drag",
    );
    session.wait_for(|screen| row_has(screen, "BROWSE", "copied 2 lines"), "BROWSE mode as before");
}

/// The host is gone then: its lines are read from what it left.
fn read_when_it_ended(project: &Project, session: &Session) {
    project.repository.write("go2", "");
    session.wait_for(agent_is("a-1.1", "DONE"), "the agent to end");
    session.type_text("v");
    session.wait_for_text("SCROLL");
    session.type_text("g");
    session.wait_for_text("line number 1 of many");
    session.press(&Key::Char('q'));
    session.wait_for_text("BROWSE");
    // Typed faster than lines are fetched.
    let again = Launch::orch_tui(&project.home).folder(project.repository.path()).start();
    again.wait_for_text("later 87");
    again.type_text("3v/Needle\r");
    again.wait_for(|screen| row_has(screen, "/Needle", "1/1"), "the match");
    assert!(again.screen().contains("F1 help"));
    again.wait_for_text("Needle in the hay");
    again.press_until(Key::Esc, |screen| screen.contains("BROWSE"), "BROWSE mode");
    again.press(&Key::Char('q'));
    assert_eq!(again.wait_for_exit(), Exit::Code(0));
}

#[test]
fn lines_its_host_dropped_are_read_from_the_recording() {
    let project = Project::new(LONG_TALKER);
    let session = start(&project);
    run_the_agent(&session);
    session.wait_for_text("line number 6000 of many");
    session.type_text("3v");
    session.wait_for(|screen| row_has(screen, "SCROLL", "F1 help"), "SCROLL mode");
    // Typed before any older line is here.
    session.type_text("g");
    session.wait_for(|screen| row_has(screen, "line 1 of 6,0", ""), "the first line");
    session.wait_for_text("line number 1 of many");
    session.type_text("10G");
    session.wait_for(|screen| row_has(screen, "line 10 of 6,0", ""), "the tenth line");
    session.press(&Key::Esc);
    session.wait_for(|screen| row_has(screen, "BROWSE", "? help"), "BROWSE mode");
    project.repository.write("go2", "");
    session.wait_for(agent_is("a-1.1", "DONE"), "the agent to end");
    session.type_text("v?number 77 of\r");
    session.wait_for(|screen| row_has(screen, "number 77 of", "1/1"), "the match");
    session.wait_for(|screen| row_has(screen, "line 77 of 6,0", ""), "its line");
    session.press_until(Key::Esc, |screen| screen.contains("BROWSE"), "BROWSE mode");
    session.press(&Key::Char('q'));
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
}
