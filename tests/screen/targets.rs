//! Two repositories at once: plans in both, one on the screen, the other one looked after all the same.

use crate::demo::{Hands, agent_is, eventually, until};
use crate::support::allow_list;
use crate::support::key::Key;
use crate::support::pty::{Exit, Launch, Session};
use crate::support::repository::Repository;
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
