//! Many agents at once: their tiles, one of them zoomed, and one text for all.

use std::path::PathBuf;

use crate::demo::{Hands, PLAN, eventually, row_has};
use crate::support::allow_list;
use crate::support::crew::Crew;
use crate::support::home::Home;
use crate::support::key::Key;
use crate::support::pty::{Exit, Launch, Session};
use crate::support::repository::Repository;
use crate::support::screen::Screen;

/// Notes each line it is given, and ends when one is `stop`. One of them asks for bracketed paste.
const ECHO: &str = r#"#!/bin/sh
exec < /dev/tty
stty -echo
[ "$WORK_STREAM_ID" = 1.7 ] && printf '\033[?2004h'
echo "listening on $WORK_STREAM_ID"
while IFS= read -r line; do
  printf '%s\n' "$line" >> "$1/heard-$WORK_STREAM_ID"
  echo "got $line" | tr -d '\033'
  [ "$line" = stop ] && break
done
"#;

/// Agents on eight phases.
struct Eight {
    home: Home,
    repository: Repository,
    heard: PathBuf,
}

impl Eight {
    fn new() -> Self {
        let home = Home::new();
        let phase = |n| format!("### Phase 1.{n}: Part {n}\n\n- **Status:** ⚪ Not Started\n\n");
        let phases: String = (1..=8).map(phase).collect();
        let roadmap = format!("# Roadmap\n\n## Batch 1: Parts\n\n{phases}");
        let repository = Repository::with_roadmap(&home, "tide", &roadmap);
        Crew::hire_with(&home, &repository, 8, ECHO);
        let heard = home.join("crew");
        Self { home, repository, heard }
    }

    /// The screen, with all of them at work.
    fn at_work(&self, columns: u16, rows: u16) -> Session {
        let launch = Launch::orch_tui(&self.home).folder(self.repository.path());
        let session = launch.size(columns, rows).deadline(PLAN).start();
        session.wait_for(|screen| screen.contains("8 ready"), "the roadmap");
        session.press(&Key::Char('n'));
        session.wait_for_text("GOAL");
        session.type_text("batch 1");
        session.press(&Key::Enter);
        session.wait_for_text("Read as");
        session.press_until(Key::Char('+'), |screen| screen.contains("max 8"), "eight slots");
        session.approve();
        session
    }

    /// What the agent of a phase was given.
    fn heard(&self, phase: &str) -> String {
        std::fs::read_to_string(self.heard.join(format!("heard-{phase}"))).unwrap_or_default()
    }

    fn wait_heard(&self, phase: &str, wanted: &str) {
        eventually(&format!("{phase} to hear {wanted:?}"), || {
            let heard = self.heard(phase);
            if heard == wanted { Ok(()) } else { Err(format!("{heard:?}")) }
        });
    }
}

/// Types a text for whoever is meant, and sends it.
fn send(session: &Session, title: &str, lines: &[&str]) {
    session.press(&Key::Char('b'));
    session.wait_for_text(title);
    for (n, line) in lines.iter().enumerate() {
        if n > 0 {
            session.press(&Key::Ctrl('j'));
        }
        session.type_text(line);
    }
    session.wait_for_text(lines[lines.len() - 1]);
    session.press(&Key::Enter);
    session.wait_for_text("back to the text");
    let gone = |screen: &Screen| !screen.contains(title);
    session.press_until(Key::Char('y'), gone, "the dialog to go");
}

#[test]
fn tiles_zoom_and_one_text_for_all() {
    let eight = Eight::new();
    let session = eight.at_work(120, 36);
    session.press(&Key::Char('a'));
    session.wait_for(
        |screen| {
            let tiles = ["1.1", "1.2", "1.3", "1.4", "1.5", "1.6"];
            let alive = tiles.iter().all(|id| screen.contains(&format!("listening on {id}")));
            alive && row_has(screen, "GRID  8 agents", "page 1/2")
        },
        "the tiles of the first page",
    );
    assert!(!session.screen().contains("listening on 1.7"));
    session.press_until(Key::Char('3'), |screen| screen.contains("›3 a-1.3"), "the third tile");
    session.press(&Key::Enter);
    let zoomed = session.wait_for_text("z unzoom");
    assert!(
        zoomed.contains("listening on 1.3") && !zoomed.contains("listening on 1.4"),
        "{zoomed}"
    );
    session.press(&Key::Esc);
    session.wait_for_text("GRID  8 agents");
    session.press(&Key::Char('*'));
    session.wait_for_text("8 marked");
    send(&session, "Send to 8 agents", &["one", "two"]);
    session.wait_for_text("sent to 8 agents");
    for n in [1, 2, 3, 4, 5, 6, 8] {
        eight.wait_heard(&format!("1.{n}"), "one\ntwo\n");
    }
    eight.wait_heard("1.7", "\u{1b}[200~one\ntwo\u{1b}[201~\n");
    session.wait_for(|screen| row_has(screen, "got two", "got two"), "its echo in the tiles");
    // One alone, which ends of it; after that it is sent nothing.
    session.press(&Key::Esc);
    session.wait_for(|screen| !screen.contains(" marked"), "the marks to go");
    session.press_until(Key::Char('2'), |screen| screen.contains("›2 a-1.2"), "the second tile");
    send(&session, "Send to a-1.2", &["stop"]);
    eight.wait_heard("1.2", "one\ntwo\nstop\n");
    session.wait_for(|screen| screen.contains("✓1"), "its end");
    session.press(&Key::Char('*'));
    session.wait_for_text("7 marked");
    send(&session, "Send to 7 agents", &["three"]);
    eight.wait_heard("1.8", "one\ntwo\nthree\n");
    assert_eq!(eight.heard("1.2"), "one\ntwo\nstop\n");
    session.press(&Key::Char('q'));
    session.press_until(Key::Char('s'), |screen| !screen.is_alternate, "the screen to be left");
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
    allow_list::assert_allowed(&session.output());
}
