//! An agent that writes whatever could harm a terminal, in the real program: nothing of it passes.

use std::path::PathBuf;

use crate::demo::{Hands, agent_is, eventually};
use crate::hostile_bytes::{self, PAYLOAD};
use crate::support::allow_list;
use crate::support::key::Key;
use crate::support::project::Project;
use crate::support::pty::{Exit, Launch, Session};
use crate::support::screen::Screen;

/// Writes one file after the other. After each it makes its terminal presentable, says which one that
/// was, and waits to be let on; what is typed at it is kept.
const AGENT: &str = r#"#!/bin/sh
stty raw -echo
exec 3<&0
cat <&3 > typed &
number=0
while [ -e "hostile/$number" ]; do
    printf '\033c'
    cat "hostile/$number"
    printf '\033\\\030\033[?2026l\033[!p\033(B\017\033[H\033[2Kseen %s.' "$number"
    while [ ! -e "go/$number" ]; do sleep 0.02; done
    number=$((number + 1))
done
kill %1 2>/dev/null
echo made > "made.$WORK_STREAM_ID"
"#;

struct Stage {
    project: Project,
    session: Session,
}

impl Stage {
    fn new(bytes: &[(&str, Vec<u8>)]) -> Self {
        let project = Project::new(AGENT);
        for (number, (_, bytes)) in bytes.iter().enumerate() {
            project.repository.write(&format!("hostile/{number}"), "");
            std::fs::write(project.repository.join(format!("hostile/{number}")), bytes).unwrap();
        }
        std::fs::create_dir(project.repository.join("go")).unwrap();
        let session = Launch::orch_tui(&project.home).folder(project.repository.path()).start();
        session.wait_for_text("Router");
        session.press(&Key::Char('n'));
        session.wait_for_text("GOAL");
        session.type_text("phase 1.1");
        session.wait_for_text("phase 1.1");
        session.press(&Key::Enter);
        session.wait_for_text("Read as");
        session.approve();
        Self { project, session }
    }

    /// The screen with what the agent wrote. Every frame on it still closes.
    fn seen(&self, number: usize, name: &str) -> Screen {
        let mark = format!("seen {number}.");
        let screen = self.session.wait_for(|screen| screen.contains(&mark), name);
        let broken: Vec<String> =
            screen.lines().into_iter().filter(|line| is_broken(line)).collect();
        assert!(broken.is_empty(), "{name}: {broken:?}\n{screen}");
        screen
    }

    fn go(&self, number: usize) {
        std::fs::write(self.project.repository.join(format!("go/{number}")), "").unwrap();
    }

    fn typed(&self) -> PathBuf {
        self.project.repository.join("typed")
    }
}

/// Whether a row of panes does not end where all of them do.
fn is_broken(line: &str) -> bool {
    let begins = line.starts_with(['│', '┌', '└', '├']);
    begins && !line.ends_with(['│', '┐', '┘', '┤'])
}

/// Whether answers hold nothing but reports of what the terminal is and where its cursor stands.
fn is_report_only(mut typed: &[u8]) -> bool {
    while let [first, rest @ ..] = typed {
        let length = match (first, rest) {
            (0x1b, [b'[', body @ ..]) => {
                let end = body.iter().position(|byte| (0x40..=0x7e).contains(byte));
                let Some(end) = end.filter(|end| b"cnRtyu".contains(&body[*end])) else {
                    return false;
                };
                body[..end].iter().all(|byte| b"0123456789;?>$".contains(byte)).then_some(end + 3)
            }
            (0x1b, [b'P' | b']', body @ ..]) => {
                let ends = |pair: &[u8]| pair[0] == 0x07 || pair == b"\x1b\\";
                let end = body.windows(2).position(ends);
                let bell = body.iter().position(|byte| *byte == 0x07);
                match (end, bell) {
                    (_, Some(bell)) if end.is_none_or(|end| bell <= end) => Some(bell + 3),
                    (Some(end), _) => Some(end + 4),
                    (None, _) => None,
                }
                .filter(|length| is_known_string(&typed[1..*length]))
            }
            _ => None,
        };
        let Some(length) = length else { return false };
        typed = &typed[length..];
    }
    true
}

fn is_known_string(string: &[u8]) -> bool {
    let known: [&[u8]; 4] = [b"P>|orch-tui(", b"]4;", b"]10;rgb:", b"]11;rgb:"];
    known.iter().any(|begin| string.starts_with(begin))
}

#[test]
fn the_check_of_answers_sees_what_is_no_report() {
    assert!(is_report_only(
        b"\x1b[?6c\x1b[1;1R\x1b]11;rgb:1010/1010/1010\x07\x1bP>|orch-tui(1)\x1b\\\x1b[0n"
    ));
    for bad in [&b"x"[..], b"\x1b]lPWNED\x1b\\", b"\x1bP1$rPWNED\x1b\\", b"\x1b[?6c\r", b"\x1b[20~"]
    {
        assert!(!is_report_only(bad), "{}", bad.escape_ascii());
    }
    assert!(is_broken("│ a") && !is_broken("│ a │") && !is_broken("plain"));
}

#[test]
fn nothing_hostile_reaches_the_outer_terminal_or_comes_back() {
    let all = hostile_bytes::all();
    assert!(all.len() >= 60, "{}", all.len());
    let stage = Stage::new(&all);
    let mut said = 0;
    for (number, (name, _)) in all.iter().enumerate() {
        stage.seen(number, name);
        let output = stage.session.output();
        let violations = allow_list::read(&output[said..]).violations;
        let cut = violations.iter().all(|violation| violation.why.contains("unfinished"));
        assert!(violations.is_empty() || cut, "{name}: {violations:?}");
        said = if violations.is_empty() { output.len() } else { said };
        stage.go(number);
    }
    stage.session.wait_for(agent_is("a-1.1", "DONE"), "the agent to be done");
    let typed = std::fs::read(stage.typed()).unwrap();
    assert!(is_report_only(&typed), "{}", typed.escape_ascii());
    assert!(!typed.is_empty(), "there were queries that have an answer");
    stage.session.press(&Key::Char('q'));
    assert_eq!(stage.session.wait_for_exit(), Exit::Code(0));
    stage.session.terminal_modes_restored().unwrap();
    let reading = allow_list::assert_allowed(&stage.session.output());
    assert_eq!(reading.clipboard, Vec::<String>::new());
    assert!(!reading.titles.iter().any(|title| title.contains(PAYLOAD)), "{:?}", reading.titles);
    eventually("nobody to be left", || {
        let residents = stage.project.home.residents();
        if residents.is_empty() { Ok(()) } else { Err(format!("{residents:?}")) }
    });
}
