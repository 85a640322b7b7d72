//! One goal in several repositories at once, without a screen.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use serde_json::Value;
use support::command::{Invocation, Outcome};
use support::repository::Repository;
use support::targets::TwoTargets;

const OPEN: &str = "# Roadmap\n\n## Batch 1: Ground\n\n### Phase 1.1: Store\n\n- **Status:** ⚪ Not Started\n\n### Phase 1.2: Router\n\n- **Status:** ⚪ Not Started\n- **Depends On:** Phase 1.1\n";
const DONE: &str = "# Roadmap\n\n### Phase 1.1: Store\n\n- **Status:** ✅ Complete\n";

/// Commits a file, and in phase 1.1 waits until the agent of the other target is at work too.
const AGENT: &str = r#"#!/bin/sh
touch "$1/at-$TARGET_ID"
if [ "$WORK_STREAM_ID" = 1.1 ]; then
  while [ ! -e "$1/at-tide" ] || [ ! -e "$1/at-aurora" ]; do sleep 0.05; done
fi
echo "$WORK_STREAM_ID" >> work.txt
git add work.txt && git commit -q -m "work on $WORK_STREAM_ID"
"#;

struct Bed(TwoTargets);

impl std::ops::Deref for Bed {
    type Target = TwoTargets;

    fn deref(&self) -> &TwoTargets {
        &self.0
    }
}

impl Bed {
    fn new(aurora: &str) -> Self {
        let rules =
            "  merge: auto\n  retries: 0\n  gates:\n    - {name: works, run: 'test -s work.txt'}\n";
        Self(TwoTargets::new([OPEN, aurora], AGENT, rules))
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        Invocation::orch_tui(&self.home, arguments.iter().copied()).folder(self.tide.path()).run()
    }
}

/// Phases that are complete in a roadmap.
fn complete(repository: &Repository) -> usize {
    repository.roadmap().matches("✅ Complete").count()
}

#[test]
fn one_goal_runs_in_two_targets_at_the_same_time() {
    let bed = Bed::new(OPEN);
    let ran = bed.run(&["run", "--target", "tide,aurora", "--yes", "everything"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!((complete(&bed.tide), complete(&bed.aurora)), (2, 2), "{ran:?}");
    for (target, repository) in [("tide", &bed.tide), ("aurora", &bed.aurora)] {
        let lines = ran.stdout.lines().filter(|line| line.starts_with(target));
        assert!(lines.clone().any(|line| line.contains("a-1.1")), "{}", ran.stdout);
        assert!(lines.clone().any(|line| line.contains("the report is kept in")), "{}", ran.stdout);
        let merges = repository.git(["log", "--merges", "--format=%s"]);
        assert_eq!(merges, "Phase 1.2: Router\nPhase 1.1: Store");
        assert_eq!(repository.read("work.txt"), "1.1\n1.2\n");
    }
}

#[test]
fn each_event_names_its_target() {
    let bed = Bed::new(OPEN);
    let ran = bed.run(&[
        "run", "--json", "--target", "tide", "--target", "aurora", "--yes", "--phase", "1.1",
    ]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let events: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for target in ["tide", "aurora"] {
        let of = |event: &&Value| event["target"] == target;
        let names: Vec<&Value> = events.iter().filter(of).map(|event| &event["event"]).collect();
        assert!(names.iter().any(|name| **name == "plan_finished"), "{target}: {names:?}");
    }
    assert!(events.iter().all(|event| event["target"].is_string()), "{}", ran.stdout);
}

#[test]
fn a_target_with_nothing_to_do_leaves_the_others_running() {
    let bed = Bed::new(DONE);
    std::fs::write(bed.home.join("crew/at-aurora"), "").unwrap();
    let ran = bed.run(&["run", "--target", "tide,aurora", "--yes", "everything"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(complete(&bed.tide), 2, "{ran:?}");
    assert!(ran.stderr.contains("aurora: "), "{ran:?}");
}

#[test]
fn without_approval_nothing_starts_in_any_of_them() {
    let bed = Bed::new(OPEN);
    let ran = bed.run(&["run", "--target", "tide,aurora", "everything"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(ran.stdout.contains("in tide") && ran.stdout.contains("in aurora"), "{ran:?}");
    assert!(!bed.home.join("crew/at-tide").exists() && !bed.home.join("crew/at-aurora").exists());
}

#[test]
fn a_target_that_is_gone_or_unknown_ends_it_before_anything_starts() {
    let bed = Bed::new(OPEN);
    let ran = bed.run(&["run", "--target", "tide,nowhere", "--yes", "everything"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    std::fs::rename(bed.aurora.path(), bed.home.join("moved")).unwrap();
    let ran = bed.run(&["run", "--target", "tide,aurora", "--yes", "everything"]);
    assert_eq!(ran.code, Some(5), "{ran:?}");
    assert!(ran.stderr.contains("target `aurora` does not exist"), "{ran:?}");
    assert_eq!(complete(&bed.tide), 0);
}

#[test]
fn a_command_for_one_target_says_so() {
    let bed = Bed::new(OPEN);
    let ran = bed.run(&["status", "--target", "tide,aurora"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("works on one target"), "{ran:?}");
}

#[test]
fn a_rehearsal_shows_every_target_and_names_those_with_nothing_to_do() {
    let bed = Bed::new(DONE);
    let ran = bed.run(&["run", "--target", "aurora, tide", "--dry-run", "everything"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("in tide") && ran.stdout.contains("1.1"), "{ran:?}");
    assert!(ran.stderr.contains("aurora: "), "{ran:?}");
}

#[test]
fn one_directory_under_two_names_is_one_target() {
    let bed = Bed::new(OPEN);
    bed.add("twin", &bed.tide.path().display().to_string());
    let ran = bed.run(&["run", "--target", "tide,twin", "--yes", "everything"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("`tide` and `twin` are the same directory"), "{ran:?}");
}
