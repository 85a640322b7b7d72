//! One agent on the whole screen of a real terminal: live and typed to, or as it was recorded.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::path::PathBuf;

use serde_json::Value;
use support::allow_list;
use support::command::Running;
use support::crew::wait_until;
use support::key::Key;
use support::project::Project;
use support::pty::{Exit, Launch, Session};

/// Asks, tells the size of its terminal, commits, and tries what no outer terminal may see.
const AGENT: &str = r#"#!/bin/sh
trap 'echo "size $(stty size)"' WINCH
printf '\033]0;evil\007\033[?1003h\033[31mred\033[0m\r\n'
printf 'name? \a'
while ! read -r name; do :; done
echo "hello $name"
echo made > "made.$WORK_STREAM_ID"
git add -A; git commit -qm "Made for $name"
while [ ! -e go ]; do sleep 0.05; done
echo "bye $name"
"#;

fn start() -> (Project, Running) {
    let project = Project::new(AGENT);
    let mut run = project.start(["run", "--yes", "phase", "1.1"]);
    run.wait_for_line(|line| line.contains("hosted by process"), "the agent");
    (project, run)
}

fn solo(project: &Project, words: &[&str]) -> Session {
    let launch = Launch::orch_tui(&project.home).folder(project.repository.path());
    launch.arguments(words.iter().copied()).size(100, 40).start()
}

fn assert_left(session: &Session) {
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
    session.terminal_modes_restored().unwrap();
    let reading = String::from_utf8_lossy(&session.output()).into_owned();
    assert!(!reading.contains("evil") && !reading.contains("?1003h\x1b[31m"));
    allow_list::assert_allowed(&session.output());
}

fn recording(project: &Project) -> PathBuf {
    let state = project.home.join(".local/state/orch-tui");
    let folder = std::fs::read_dir(state).unwrap().next().unwrap().unwrap().path();
    folder.join("agents/a-1.1.1/recording.cast")
}

#[test]
fn an_attached_terminal_types_and_decides_the_size() {
    let (project, run) = start();
    let first = solo(&project, &["attach", "a-1.1"]);
    first.wait_for(|screen| screen.contains("name?") && screen.contains("TYPE"), "the agent");
    first.wait_for_text("asks:");
    first.wait_for_text("size 39 100");
    first.type_text("Ada\r");
    first.wait_for_text("hello Ada");
    first.resize(120, 45);
    first.wait_for_text("size 44 120");
    first.wait_for_text("a-1.1  120x44");
    // Whoever attaches last writes; the one before sees that, and gets the size back.
    let second = solo(&project, &["attach", "a-1.1"]);
    second.wait_for_text("a-1.1  100x39");
    first.wait_for(
        |screen| screen.contains("somebody else typed last") && screen.contains("a-1.1  100x39"),
        "the writer's size",
    );
    second.press(&Key::Ctrl('z'));
    assert_left(&second);
    assert!(second.screen().contains("a-1.1 goes on"), "{}", second.screen());
    first.wait_for_text("a-1.1  120x44");
    project.repository.write("go", "");
    first.wait_for_text("bye Ada");
    first.wait_for_text("ended with exit code 0");
    first.press(&Key::Char('q'));
    assert_left(&first);
    assert_eq!(run.wait().code, Some(0));
    let ended = solo(&project, &["attach", "a-1.1"]);
    assert_eq!(ended.wait_for_exit(), Exit::Code(3));
    assert!(ended.screen().contains("orch-tui replay a-1.1"), "{}", ended.screen());
}

#[test]
fn what_was_recorded_is_played_and_marked() {
    let (project, run) = start();
    let typist = solo(&project, &["attach", "a-1.1"]);
    typist.wait_for_text("name?");
    typist.type_text("Ada\r");
    typist.wait_for_text("hello Ada");
    let marked = || std::fs::read_to_string(recording(&project)).unwrap().contains("Made for Ada");
    wait_until(marked, "the commit to be marked", || recording(&project).display().to_string());
    project.repository.write("go", "");
    typist.wait_for_text("ended with");
    typist.press(&Key::Ctrl('z'));
    assert_left(&typist);
    assert_eq!(run.wait().code, Some(0));

    let session = solo(&project, &["replay", "a-1.1", "--speed", "64"]);
    session.wait_for(|screen| screen.contains("bye Ada") && screen.contains("64x  end"), "the end");
    session.press(&Key::Char('m'));
    let listed = |screen: &support::screen::Screen| {
        ["asks: ", "answered", "Made for Ada", "ended with exit code 0", "gate made passed"]
            .iter()
            .all(|mark| screen.contains(mark))
    };
    session.wait_for(listed, "the markers");
    session.press(&Key::Char('m'));
    session.press(&Key::Char('g'));
    session.wait_for(
        |screen| screen.contains("64x  paused") && !screen.contains("hello"),
        "the start",
    );
    session.press(&Key::Char('n'));
    session.wait_for(|screen| screen.contains("asks:") && !screen.contains("hello"), "a marker");
    session.press(&Key::Char('-'));
    session.wait_for_text("32x");
    session.press(&Key::Char(' '));
    session.wait_for(|screen| screen.contains("bye Ada") && screen.contains("32x  end"), "the end");
    session.press(&Key::Char('q'));
    assert_left(&session);
    let late = solo(&project, &["replay", "a-1.1", "--at", "59:00"]);
    late.wait_for(|screen| screen.contains("bye Ada") && screen.contains("1x  end"), "the end");
    late.press(&Key::Up);
    late.press(&Key::Esc);
    assert_left(&late);
}

#[test]
fn a_recording_is_a_valid_asciicast() {
    let (project, run) = start();
    let typist = solo(&project, &["attach", "a-1.1"]);
    typist.wait_for_text("a-1.1  100x39");
    typist.type_text("Ada\r");
    typist.wait_for_text("hello Ada");
    project.repository.write("go", "");
    assert_eq!(run.wait().code, Some(0));
    let path = recording(&project);
    let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let header: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!(header["version"], 2);
    assert!(header["width"].as_u64().unwrap() >= 80 && header["timestamp"].is_u64());
    assert!(header["env"].as_object().unwrap().values().all(Value::is_string));
    let mut before = 0.0;
    let mut kinds = String::new();
    for line in lines {
        let (at, kind, data): (f64, String, String) = serde_json::from_str(line).unwrap();
        assert!(at >= before, "{line}");
        before = at;
        match kind.as_str() {
            "o" | "m" => {}
            "r" => {
                let (cols, rows) = data.split_once('x').unwrap();
                assert!(cols.parse::<u16>().is_ok() && rows.parse::<u16>().is_ok());
            }
            other => panic!("{other}"),
        }
        kinds.push_str(&kind);
    }
    assert!(["o", "m", "r"].iter().all(|kind| kinds.contains(kind)), "{kinds}");
}

#[test]
fn without_a_terminal_one_sentence_says_so() {
    let project = Project::new(AGENT);
    for verb in ["attach", "replay"] {
        let outcome = project.orch_tui([verb, "a-1.1"]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""));
        assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
        assert!(outcome.stderr.contains("needs a terminal"), "{}", outcome.stderr);
        let session = solo(&project, &[verb, "a-9"]);
        assert_eq!(session.wait_for_exit(), Exit::Code(3));
        assert!(session.screen().contains("there is no agent a-9"), "{}", session.screen());
    }
    for bad in [["--speed", "0"], ["--at", "soon"], ["--idle", "-1"]] {
        let outcome = project.orch_tui(["replay", "a-1.1", bad[0], bad[1]]);
        assert_eq!(outcome.code, Some(2), "{bad:?}");
    }
}
