//! The kitty keyboard protocol, from the terminal outside to an agent that asked for it.

use crate::demo::Hands as _;
use crate::reading::run_the_agent;
use crate::support::key::Key;
use crate::support::project::Project;
use crate::support::pty::{Exit, Launch};

/// Asks for keys that are told apart, and shows the bytes it gets until a `q`.
const AGENT: &str = r#"#!/bin/sh
stty raw -echo
printf '\033[>1ulistening '
while :; do
  c=$(dd bs=1 count=1 2>/dev/null | od -An -tx1 | tr -d ' \n')
  printf '%s.' "$c"
  [ "$c" = 71 ] && break
done
stty sane
echo made > "made.$WORK_STREAM_ID"
"#;

fn says(output: &[u8], text: &[u8]) -> bool {
    output.windows(text.len()).any(|part| part == text)
}

#[test]
fn keys_that_old_terminals_mix_up_reach_an_agent_apart() {
    let project = Project::new(AGENT);
    let session = Launch::orch_tui(&project.home).folder(project.repository.path()).start();
    run_the_agent(&session);
    session.wait_for_text("listening");
    session.press_until(Key::Char('i'), |screen| screen.contains("TYPE"), "TYPE mode");
    session.wait_for_output(|output| says(output, b"\x1b[>5u"), "the terminal is asked for it");
    // Shift-Enter and Ctrl-I, as a terminal says them that was asked.
    session.send(b"\x1b[13;2u\x1b[105;5u");
    session.wait_for_text("1b.5b.31.33.3b.32.75.1b.5b.31.30.35.3b.35.75.");
    session.send(b"\x1b[122;5u");
    session.wait_for_output(|output| says(output, b"\x1b[<1u"), "the keyboard is given back");
    session.press_until(Key::Char('i'), |screen| screen.contains("TYPE"), "TYPE mode");
    session.type_text("q");
    session.wait_for_text("DONE");
    session.send(b"\x1a");
    session.wait_for_text("BROWSE");
    session.press(&Key::Char('q'));
    assert!(matches!(session.wait_for_exit(), Exit::Code(0)));
    session.terminal_modes_restored().unwrap();
}
