//! What somebody new meets in the first hour: help, doctor, init, status, plan, and a roadmap that is not up to date.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::process::{Command, Stdio};

use orch_tui::domain::journal::{Entry, Fact, QueueFact};
use orch_tui::domain::time::Timestamp;
use orch_tui::runner::journal_file::JournalFile;
use support::command::{Invocation, Outcome};
use support::home::Home;
use support::repository::Repository;

/// 2.1 is blocked for nothing, 2.2 waits, 2.3 waits for a person.
const STALE: &str = "# Plan

### Phase 1.1: Ground

- **Status:** ✅ Complete

### Phase 2.1: Walls

- **Status:** 🔴 Blocked
- **Depends On:** Phase 1.1

### Phase 2.2: Roof of a house with a name that is longer than others

- **Status:** 🔴 Blocked
- **Depends On:** Phase 2.1, Phase 2.3

### Phase 2.3: Windows

- **Status:** 🔴 Blocked (glass is late)
";

const TARGETS: &str = "default_target: house
targets:
  house:
    path: .
    roadmap: roadmap.md
    isolation: shared
    agent: {command: ./agent.sh}
";

fn house(home: &Home) -> Repository {
    let repository = Repository::with_roadmap(home, "house", STALE);
    repository.commit_file("config/targets.yaml", TARGETS);
    repository.commit_file("agent.sh", "#!/bin/sh\necho \"$WORK_STREAM_ID is built\"\n");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(repository.join("agent.sh"), executable).unwrap();
    repository
}

fn said(home: &Home, repository: &Repository, arguments: &[&str]) -> Outcome {
    Invocation::orch_tui(home, arguments.iter().copied()).folder(repository.path()).run()
}

#[test]
fn a_goal_is_read_against_the_roadmap_as_the_gardener_leaves_it() {
    let home = Home::new();
    let house = house(&home);
    let planned = said(&home, &house, &["plan", "2.1"]).expect_success();
    assert!(planned.contains("[x] 2.1  Walls"), "{planned}");
    assert_eq!(house.roadmap(), STALE, "a plan changes nothing");
    let ran = said(&home, &house, &["run", "--phase", "2.1", "--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("finished: completed 2.1"), "{}", ran.stdout);
    assert!(house.roadmap().contains("Walls\n\n- **Status:** ✅ Complete"), "{}", house.roadmap());
}

#[test]
fn status_says_why_a_phase_is_blocked() {
    let home = Home::new();
    let house = house(&home);
    let status = said(&home, &house, &["status"]).expect_success();
    for line in [
        "  1.1  complete     Ground",
        "  2.1  blocked      Walls  (everything it depends on is complete)",
        "than others  (waits for 2.1, 2.3)",
        "  2.3  blocked      Windows  (glass is late)",
        "1 phase is blocked for nothing: `orch-tui garden` unblocks, as every run does",
    ] {
        assert!(status.lines().any(|shown| shown.ends_with(line)), "{line}\n{status}");
    }
}

#[test]
fn a_run_without_anything_to_start_says_what_is_on_offer() {
    let home = Home::new();
    let house = house(&home);
    let ran = said(&home, &house, &["run", "--yes", "bake", "bread"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.stderr.trim_end().ends_with("On offer: 2.1 Walls."), "{}", ran.stderr);
}

#[test]
fn a_run_resumes_a_queue_that_was_held() {
    let home = Home::new();
    let house = house(&home);
    assert_eq!(said(&home, &house, &["run", "2.1", "--yes"]).code, Some(0));
    let states = std::fs::read_dir(home.join(".local/state/orch-tui")).unwrap();
    let journal = states.map(|state| state.unwrap().path().join("journal.jsonl")).next().unwrap();
    let (mut journal, _entries) = JournalFile::open(&journal).unwrap();
    journal.append(&[Entry { at: Timestamp(1), fact: Fact::Queue(QueueFact::Held) }]).unwrap();
    house.write("roadmap.md", &house.roadmap().replace("Blocked (glass is late)", "Not Started"));
    let ran = said(&home, &house, &["run", "2.3", "--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("resumed: starting goes on"), "{}", ran.stdout);
}

#[test]
fn doctor_looks_at_the_target_that_is_named() {
    let home = Home::new();
    let house = house(&home);
    let good = said(&home, &house, &["doctor", "--target", "house"]);
    assert_eq!(good.code, Some(0), "{good:?}");
    assert!(good.stdout.contains("holds 4 phases."), "{}", good.stdout);
    let wrong = said(&home, &house, &["doctor", "--target", "hous"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert!(wrong.stderr.contains("Did you mean `house`?"), "{}", wrong.stderr);
}

#[test]
fn init_names_the_next_steps_and_its_files_are_read() {
    let home = Home::new();
    let repository = Repository::with_roadmap(&home, "fresh", "# Nothing yet\n");
    let wrote = said(&home, &repository, &["init", "--yes"]).expect_success();
    assert!(wrote.contains("  new    plans/roadmap.md"), "{wrote}");
    assert!(wrote.contains("`orch-tui doctor`"), "{wrote}");
    let again = said(&home, &repository, &["init", "--yes"]).expect_success();
    assert!(again.contains("  exists plans/roadmap.md"), "{again}");
    let planned = said(&home, &repository, &["plan", "next"]).expect_success();
    assert!(planned.contains("[x] 1.1  Read me"), "{planned}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let home = Home::new();
    let house = house(&home);
    for arguments in [&["completions", "bash"][..], &["status"], &["plan", "2.1"], &["doctor"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = Command::new(env!("CARGO_BIN_EXE_orch-tui"))
            .args(arguments)
            .current_dir(house.path())
            .env_clear()
            .envs(home.environment())
            .stdin(Stdio::null())
            .stdout(writer)
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
}
