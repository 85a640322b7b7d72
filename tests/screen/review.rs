//! Proven work in a real repository: it waits, is looked at, sent back with a comment, and merged, by keys.

use crate::demo::{Hands, agent_is, eventually, until};
use crate::support::allow_list;
use crate::support::crew::Crew;
use crate::support::home::Home;
use crate::support::key::Key;
use crate::support::pty::{Exit, Launch};
use crate::support::repository::Repository;
use crate::support::screen::Screen;

const ROADMAP: &str = "# Roadmap\n\n### Phase 1: Greeting\n\n- **Status:** ⚪ Not Started\n- **Tasks:**\n  - [ ] greet\n";

/// Commits a line in its first life; in a later one it mends it, and keeps what it was told.
const AGENT: &str = r#"#!/bin/sh
cp "$ORCH_TUI_PROMPT_FILE" "$1/prompt.$AGENT_LIFE"
echo "hello $AGENT_LIFE" >> greeting.txt
git add greeting.txt && git commit -q -m "greeting $AGENT_LIFE"
"#;

fn bed(home: &Home) -> (Repository, Crew) {
    let repository = Repository::with_roadmap(home, "tide", ROADMAP);
    let targets = format!(
        "default_target: tide\ntargets:\n  tide:\n    path: {}\n    roadmap: roadmap.md\n    agent: crew\n    \
         retries: 0\n    gates:\n      - {{name: greets, run: 'test -s greeting.txt'}}\n",
        repository.path().display()
    );
    let crew = Crew::hire_for((home, &repository), &targets, AGENT);
    (repository, crew)
}

#[test]
fn work_in_review_is_looked_at_sent_back_and_merged() {
    let home = Home::new();
    let (repository, crew) = bed(&home);
    let session = Launch::orch_tui(&home).folder(repository.path()).size(120, 36).start();
    session.wait_for_text("Greeting");
    until(&session, Key::Char('s'), "Read as");
    session.approve();
    session.wait_for_text("a-1 needs you");
    session.wait_for(agent_is("a-1", "REVW"), "the word of work that waits");
    session.press(&Key::Char('!'));
    session.wait_for_text("d what it changed");
    session.press(&Key::Char('d'));
    session.wait_for_text("+  1 hello 1");
    let shown = session.wait_for_text("1 commit   0 conflicts");
    for text in [
        "orch/1-1 into main",
        "›A greeting.txt",
        "Gates  ✓ clean ✓ commits ✓ roadmap",
        "✓ greets",
        "REVIEW",
    ] {
        assert!(shown.contains(text), "{text:?} is not on the screen\n{shown}");
    }
    // On the line, below the head of the hunk.
    session.press(&Key::Char('j'));
    until(&session, Key::Char('c'), "Comment on greeting.txt:1");
    session.type_text("say it in Welsh\r");
    session.wait_for_text("you: say it in Welsh");
    session.press(&Key::Char('R'));
    session.wait_for_text("life 2");
    session.wait_for_text("a-1 needs you");
    let told = std::fs::read_to_string(crew.join("prompt.2")).unwrap();
    let comment = "greeting.txt:1: say it in Welsh\n    +hello 1";
    assert!(told.contains(comment), "the second life was not told: {told}");
    assert_eq!(repository.git(["log", "--format=%s", "-1"]), "Add config/targets.yaml");
    session.press(&Key::Char('m'));
    session.wait_for_text("Merge orch/1-1 (+2 -0, 1 file, gates 4/4) into main?");
    let asked = |screen: &Screen| screen.contains("into main?");
    session.press_until(Key::Char('y'), |screen| !asked(screen), "the dialog to go");
    session.wait_for(agent_is("a-1", "DONE"), "the phase to be done");
    assert!(repository.roadmap().contains("✅ Complete"), "{}", repository.roadmap());
    assert_eq!(repository.git(["log", "--merges", "--format=%s"]), "Phase 1: Greeting");
    assert_eq!(repository.read("greeting.txt"), "hello 1\nhello 2\n");
    eventually("the branch to go", || {
        let left = repository.git(["branch", "--list", "orch/*"]);
        if left.is_empty() { Ok(()) } else { Err(left) }
    });
    session.press(&Key::Char('q'));
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
    session.terminal_modes_restored().unwrap();
    allow_list::assert_allowed(&session.output());
}
