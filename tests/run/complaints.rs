//! What went wrong beside the phases is told while the run goes on.

use super::*;

/// Leaves a commit.
const COMMITTING_AGENT: &str =
    "#!/bin/sh\necho made > made.txt\ngit add made.txt\ngit commit -qm made\n";

/// The branch of its agent can't be removed once it is merged.
fn with_a_branch_that_stays() -> Project {
    let roadmap = "### Phase 1.1: a\n- **Status:** Ready\n";
    let project = Project::with_roadmap(roadmap, COMMITTING_AGENT);
    let lock = "touch \"$(git rev-parse --git-common-dir)/refs/heads/$AGENT_BRANCH.lock\"";
    let targets = format!(
        "targets:\n  tide:\n    path: .\n    roadmap: roadmap.md\n    isolation: worktree\n    merge: auto\n    \
         agent: {{command: ./agent.sh}}\n    gates:\n      - {{name: hold, run: '{lock}', when: merge}}\n"
    );
    project.repository.commit_file("config/targets.yaml", &targets);
    project.repository.commit_file("agent.sh", COMMITTING_AGENT);
    project
}

#[test]
fn a_worktree_that_can_t_be_removed_is_complained_of() {
    let project = with_a_branch_that_stays();
    let outcome = project.orch_tui(["run", "--yes", "phase", "1.1"]);
    let text = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("completed its phase"), "{text}");
    let told = outcome.stderr.lines().filter(|line| line.contains(".lock"));
    assert_eq!(told.count(), 1, "{text}");
    assert!(!outcome.stdout.contains(".lock"), "{text}");
}

#[test]
fn a_worktree_that_can_t_be_removed_is_an_event() {
    let project = with_a_branch_that_stays();
    let outcome = project.orch_tui(["run", "--yes", "--json", "phase", "1.1"]);
    let events = events(&outcome.stdout);
    let named = names(&events);
    assert_eq!(named.last(), Some(&"plan_finished"), "{named:?}");
    let complaints: Vec<&Value> =
        events.iter().filter(|event| event["event"] == "complaint").collect();
    let [complaint] = complaints[..] else { panic!("{named:?}\n{}", outcome.stderr) };
    assert!(complaint["text"].as_str().unwrap().contains(".lock"), "{complaint}");
    assert!(!outcome.stderr.contains(".lock"), "{}", outcome.stderr);
}
