//! One goal in several repositories at once, without a screen.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use serde_json::Value;
use support::command::{Invocation, Outcome};
use support::home::Home;
use support::repository::Repository;

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

struct Bed {
    home: Home,
    tide: Repository,
    aurora: Repository,
}

impl Bed {
    fn new(aurora: &str) -> Self {
        let home = Home::new();
        let tide = Repository::with_roadmap(&home, "tide", OPEN);
        let aurora = Repository::with_roadmap(&home, "aurora", aurora);
        std::fs::create_dir_all(home.join("crew")).unwrap();
        std::fs::write(home.join("crew/agent.sh"), AGENT).unwrap();
        let at = home.join("crew").display().to_string();
        let agents = format!(
            "version: 1\ndefault: crew\nagents:\n  crew:\n    kind: text\n    command: /bin/sh\n    \
             args: [{at}/agent.sh, {at}]\n    limits: {{grace_s: 1}}\n"
        );
        let targets = format!(
            "default_target: tide\ndefaults:\n  roadmap: roadmap.md\n  agent: crew\n  merge: auto\n  \
             retries: 0\n  gates:\n    - {{name: works, run: 'test -s work.txt'}}\ntargets:\n  tide:\n    \
             path: {}\n  aurora:\n    path: {}\n",
            tide.path().display(),
            aurora.path().display()
        );
        tide.commit_file("config/agents.yaml", &agents);
        tide.commit_file("config/targets.yaml", &targets);
        Self { home, tide, aurora }
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
