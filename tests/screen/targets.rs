//! Two repositories at once: plans in both, one on the screen, the other one looked after all the same.

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::PathBuf;
use std::process::Command;

use crate::demo::{Hands, agent_is, eventually, until};
use crate::support::allow_list;
use crate::support::key::Key;
use crate::support::pty::{Exit, Launch, Session};
use crate::support::repository::Repository;
use crate::support::screen::Screen;
use crate::support::targets::TwoTargets;

const TIDE: &str = "# Tide\n\n### Phase 1: Ebb\n\n- **Status:** ⚪ Not Started\n";
const AURORA: &str = "# Aurora\n\n### Phase 1: Glow\n\n- **Status:** ⚪ Not Started\n\n### Phase 2: Fade\n\n- **Status:** ⚪ Not Started\n- **Depends On:** Phase 1\n";

/// Works until its target's phase may end, and notes where it was.
const AGENT: &str = r#"#!/bin/sh
echo "$TARGET_ID $WORK_STREAM_ID $(pwd)" >> "$1/log"
while [ ! -e "$1/go-$TARGET_ID-$WORK_STREAM_ID" ]; do sleep 0.1; done
"#;

/// Two repositories, and a target whose directory is gone.
struct Bed(TwoTargets);

impl std::ops::Deref for Bed {
    type Target = TwoTargets;

    fn deref(&self) -> &TwoTargets {
        &self.0
    }
}

impl Bed {
    fn new() -> Self {
        let bed = TwoTargets::new([TIDE, AURORA], AGENT, "  isolation: shared\n  gates: []\n");
        bed.add("gone", "../gone");
        Self(bed)
    }

    fn open(&self) -> Session {
        Launch::orch_tui(&self.home).folder(self.tide.path()).size(120, 36).start()
    }

    /// Opened on a target by another process.
    fn open_at(&self, target: &str) -> Session {
        let launch = Launch::orch_tui(&self.home).folder(self.tide.path()).size(120, 36);
        launch.arguments(["--target", target]).start()
    }

    fn let_go(&self, agent: &str) {
        self.crew.let_go(agent);
    }

    fn wait_complete(&self, repository: &Repository, count: usize) {
        eventually("phases to be complete", || {
            let roadmap = repository.roadmap();
            if roadmap.matches("✅ Complete").count() == count { Ok(()) } else { Err(roadmap) }
        });
    }
}

/// Goes to the target under the cursor of the list.
fn go_to(session: &Session, rows_down: usize, text: &str) {
    until(session, Key::Char('t'), "Targets");
    for _ in 0..rows_down {
        session.press(&Key::Char('j'));
    }
    session.press(&Key::Enter);
    session.wait_for_text(text);
}

#[test]
fn two_targets_work_at_once_and_the_one_behind_the_screen_goes_on() {
    let bed = Bed::new();
    let session = bed.open();
    session.wait_for_text("Ebb");
    until(&session, Key::Char('t'), "aurora");
    let listed = session.wait_for_text("does not exist");
    assert!(listed.contains("● tide") && listed.contains("0/1"), "{listed}");
    session.wait_for_text("0/2");
    session.press_until(Key::Esc, |screen| !screen.contains("aurora"), "the list to close");
    // A plan here, then one there.
    until(&session, Key::Char('s'), "Read as");
    session.approve();
    session.wait_for(agent_is("a-1", "RUN"), "the agent of tide to run");
    go_to(&session, 0, "Glow");
    session.wait_for_text("+1 at work in other targets");
    session.press(&Key::Char('n'));
    session.type_text("everything\r");
    session.wait_for_text("(*) batch");
    session.approve();
    session.wait_for(agent_is("a-1", "RUN"), "the agent of aurora to run");
    // What is behind the screen is judged and written down all the same.
    bed.let_go("tide-1");
    bed.wait_complete(&bed.tide, 1);
    go_to(&session, 2, "Ebb");
    session.wait_for(agent_is("a-1", "DONE"), "the word of the agent of tide");
    bed.let_go("aurora-1");
    bed.wait_complete(&bed.aurora, 1);
    let log = || std::fs::read_to_string(bed.crew.join("log")).unwrap();
    eventually("the next phase of aurora to begin behind the screen", || {
        let log = log();
        if log.contains("aurora 2 ") { Ok(()) } else { Err(log) }
    });
    let log = log();
    for (line, repository) in [("tide 1 ", &bed.tide), ("aurora 1 ", &bed.aurora)] {
        assert!(log.contains(&format!("{line}{}", repository.path().display())), "{log}");
    }
    // Leaving tells of the agent that nobody sees.
    session.press(&Key::Char('q'));
    session.wait_for_text("1 agent is still working, in another target.");
    session.press_until(Key::Char('d'), |screen| !screen.contains("still working"), "to leave");
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
    let said = String::from_utf8_lossy(&session.output()).into_owned();
    assert!(said.contains("--target aurora` shows it again"), "{said}");
    session.terminal_modes_restored().unwrap();
    allow_list::assert_allowed(&session.output());

    // Opened again on the first one, it looks after what goes on in the other.
    let again = bed.open();
    again.wait_for_text("agents of aurora go on");
    bed.let_go("aurora-2");
    bed.wait_complete(&bed.aurora, 2);
    again.press(&Key::Char('q'));
    assert_eq!(again.wait_for_exit(), Exit::Code(0));
}

#[test]
fn stopping_all_stops_the_agents_of_every_target() {
    let bed = Bed::new();
    let session = bed.open();
    session.wait_for_text("Ebb");
    until(&session, Key::Char('s'), "Read as");
    session.approve();
    session.wait_for(agent_is("a-1", "RUN"), "the agent of tide to run");
    go_to(&session, 0, "Glow");
    until(&session, Key::Char('s'), "Read as");
    session.approve();
    session.wait_for(agent_is("a-1", "RUN"), "the agent of aurora to run");
    session.press(&Key::Char('q'));
    session.wait_for_text("2 agents are still working, 1 of them in other targets.");
    session.press_until(Key::Char('s'), |screen| !screen.contains("still working"), "to leave");
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
    for repository in [&bed.tide, &bed.aurora] {
        assert!(!repository.roadmap().contains("In Progress"), "{}", repository.roadmap());
    }
    assert!(bed.home.residents().is_empty(), "{:?}", bed.home.residents());
}

#[test]
fn a_goal_is_planned_for_another_target_from_its_plan() {
    let bed = Bed::new();
    let session = bed.open();
    session.wait_for_text("Ebb");
    session.press(&Key::Char('n'));
    session.type_text("phase 1\r");
    session.wait_for_text("Read as");
    until(&session, Key::Char('t'), "plan \"phase 1\" for another one");
    session.press(&Key::Enter);
    let plan = session.wait_for_text("Glow");
    assert!(plan.contains("Target    aurora") && plan.contains("Read as"), "{plan}");
}

#[test]
fn a_target_whose_driver_dies_is_driven_by_whoever_looks_at_it() {
    let bed = Bed::new();
    let driver = bed.open();
    driver.wait_for_text("Ebb");
    until(&driver, Key::Char('s'), "Read as");
    driver.approve();
    driver.wait_for(agent_is("a-1", "RUN"), "the agent of tide to run");
    let viewer = bed.open();
    viewer.wait_for_text("VIEWER");
    driver.kill9();
    viewer.wait_for_text("nobody drove tide any more");
    bed.let_go("tide-1");
    bed.wait_complete(&bed.tide, 1);
    viewer.wait_for(|screen| !screen.contains("VIEWER"), "to drive");
    viewer.press(&Key::Char('q'));
    assert_eq!(viewer.wait_for_exit(), Exit::Code(0));
}

/// Closes the first target of the list, is told this, and leaves the list.
fn close_first(session: &Session, text: &str) {
    until(session, Key::Char('t'), "Targets");
    session.press(&Key::Char('g'));
    session.press(&Key::Char('x'));
    session.wait_for_text(text);
    session.press_until(Key::Esc, |screen| !screen.contains("Targets"), "the list to close");
}

#[test]
fn a_target_that_is_closed_can_be_driven_by_another_process() {
    let bed = Bed::new();
    let first = bed.open();
    first.wait_for_text("Ebb");
    go_to(&first, 0, "Glow");
    let second = bed.open_at("aurora");
    second.wait_for_text("VIEWER");
    // Not the one on the screen.
    close_first(&first, "aurora is on the screen");
    // Nor one with an agent.
    until(&first, Key::Char('s'), "Read as");
    first.approve();
    first.wait_for(agent_is("a-1", "RUN"), "the agent of aurora to run");
    go_to(&first, 2, "Ebb");
    close_first(&first, "aurora stays open: an agent of it is not done");
    assert!(second.screen().contains("VIEWER"));
    bed.let_go("aurora-1");
    bed.wait_complete(&bed.aurora, 1);
    go_to(&first, 0, "Glow");
    first.wait_for(agent_is("a-1", "DONE"), "the agent of aurora to be done");
    go_to(&first, 2, "Ebb");
    close_first(&first, "aurora is closed");
    second.wait_for_text("nobody drove aurora any more");
    second.wait_for(|screen| !screen.contains("VIEWER"), "to drive");
    // There is nothing to close a second time, and the way there is open: as a viewer now.
    close_first(&first, "aurora is not open");
    go_to(&first, 0, "VIEWER");
    for session in [first, second] {
        session.press(&Key::Char('q'));
        assert_eq!(session.wait_for_exit(), Exit::Code(0));
    }
}

#[test]
fn proposals_of_targets_that_are_not_open_are_counted() {
    let bed = Bed::new();
    let phase = "### Phase 3: Dawn\n\n- **Status:** ⚪ Not Started\n";
    bed.aurora.write("proposals/dawn.md", phase);
    bed.aurora.write("proposals/README.md", "what this folder is for\n");
    let session = bed.open();
    session.wait_for_text("Ebb");
    until(&session, Key::Char('t'), "1 proposal");
    // Another one is counted when the list is opened again.
    session.press_until(Key::Esc, |screen| !screen.contains("Targets"), "the list to close");
    bed.aurora.write("proposals/dusk.md", &phase.replace("3: Dawn", "4: Dusk"));
    until(&session, Key::Char('t'), "2 proposals");
}

/// The lock of a target that another process drives.
struct Lock(File);

impl Lock {
    fn hold(state: &std::path::Path) -> Self {
        let path = state.join("driver.lock");
        let file = File::options().read(true).write(true).open(path).unwrap();
        file.lock().unwrap();
        Self(file)
    }

    /// Says whose it is.
    fn sign(&mut self, pid: u32) {
        self.0.set_len(0).unwrap();
        self.0.rewind().unwrap();
        write!(self.0, "{{\"pid\":{pid},\"since\":0}}").unwrap();
    }
}

/// The state folder of aurora, which was open once.
fn state_of_aurora(bed: &Bed) -> PathBuf {
    let session = bed.open_at("aurora");
    session.wait_for_text("Glow");
    session.press(&Key::Char('q'));
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
    let folders = std::fs::read_dir(bed.home.join(".local/state/orch-tui")).unwrap();
    let mut paths = folders.map(|folder| folder.unwrap().path());
    let is_it = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("aurora-");
    paths.find(is_it).unwrap()
}

#[test]
fn keys_work_while_a_target_is_opened() {
    let bed = Bed::new();
    let state = state_of_aurora(&bed);
    let mut lock = Lock::hold(&state);
    lock.sign(std::process::id());
    // A journal that takes as long as this test wants.
    let journal = state.join("journal.jsonl");
    std::fs::remove_file(&journal).unwrap();
    assert!(Command::new("mkfifo").arg(&journal).status().unwrap().success());
    let session = bed.open();
    session.wait_for_text("Ebb");
    go_to(&session, 0, "opening aurora");
    until(&session, Key::Char('t'), "opening…");
    // To ask again, or to close it, changes nothing.
    session.press(&Key::Char('x'));
    session.wait_for_text("aurora is being opened");
    let closed = |screen: &Screen| !screen.contains("Targets");
    session.press_until(Key::Enter, closed, "the list to close");
    session.press(&Key::Char('n'));
    session.type_text("phase one");
    session.wait_for_text("phase one");
    // It is told why it can't be opened, and what was typed stays.
    drop(File::options().write(true).open(&journal).unwrap());
    session.wait_for_text("journal.jsonl: ");
    let left = until(&session, Key::Esc, "BROWSE");
    assert!(left.contains("phase one") && left.contains("Ebb"), "{left}");
    std::fs::remove_file(&journal).unwrap();
    go_to(&session, 0, "VIEWER");
    session.wait_for_text("Glow");
}

#[test]
fn a_target_that_opens_does_not_come_between_the_keys_of_a_person() {
    let bed = Bed::new();
    let state = state_of_aurora(&bed);
    let mut lock = Lock::hold(&state);
    // Whoever signed it is gone: some seconds it may be about to be let go.
    let mut gone = Command::new("true").spawn().unwrap();
    gone.wait().unwrap();
    lock.sign(gone.id());
    let session = bed.open();
    session.wait_for_text("Ebb");
    until(&session, Key::Char('t'), "aurora");
    session.press(&Key::Enter);
    session.press(&Key::Char('n'));
    session.type_text("phase one");
    let told = session.wait_for_text("aurora is open: t goes there");
    assert!(told.contains("phase one") && told.contains("Ebb"), "{told}");
    until(&session, Key::Esc, "BROWSE");
    go_to(&session, 0, "Glow");
}
