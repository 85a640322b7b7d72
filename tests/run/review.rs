//! Proven work of an earlier run that waits for a review, and a run that says with `--merge auto` that it is to be merged.

use crate::support::project::Project;

/// Commits what it made.
const WORKER: &str = "#!/bin/sh\necho made > \"made.$WORK_STREAM_ID\"\n\
                      git add made.* && git commit -q -m \"Make $WORK_STREAM_ID\"\n";

fn project() -> Project {
    let project = Project::new(WORKER);
    project.retarget("isolation: shared", "isolation: worktree");
    project.repository.git(["add", "--all"]);
    project.repository.git(["commit", "--quiet", "--message", "Add all"]);
    project
}

fn merges(project: &Project) -> usize {
    project.repository.git(["log", "--merges", "--format=%s", "main"]).lines().count()
}

#[test]
fn what_waits_for_a_review_is_merged_by_a_run_that_says_so() {
    let project = project();
    let first = project.orch_tui(["run", "--phase", "1.1", "--yes"]);
    assert_eq!(first.code, Some(4), "{}{}", first.stdout, first.stderr);
    assert!(first.stderr.contains("run it again with --merge auto"), "{}", first.stderr);
    let same = project.orch_tui(["run", "--phase", "1.1", "--yes"]);
    assert_eq!((same.code, merges(&project)), (Some(4), 0), "{}", same.stderr);
    let auto = project.orch_tui(["run", "--phase", "1.1", "--yes", "--merge", "auto"]);
    assert_eq!(auto.code, Some(0), "{}{}", auto.stdout, auto.stderr);
    assert_eq!(merges(&project), 1, "{}", auto.stdout);
    assert_eq!(project.repository.roadmap().matches("✅ Complete").count(), 1);
}

#[test]
fn a_plan_that_stopped_at_a_review_goes_on_to_its_end() {
    let project = project();
    let first = project.orch_tui(["run", "everything", "--yes"]);
    assert_eq!((first.code, merges(&project)), (Some(4), 0), "{}{}", first.stdout, first.stderr);
    let auto = project.orch_tui(["run", "everything", "--yes", "--merge", "auto"]);
    assert_eq!(auto.code, Some(0), "{}{}", auto.stdout, auto.stderr);
    assert_eq!(merges(&project), 2, "{}", auto.stdout);
    assert_eq!(project.repository.roadmap().matches("✅ Complete").count(), 2);
}

#[test]
fn of_other_phases_nothing_is_merged() {
    let project = project();
    project.repository.write(
        "roadmap.md",
        "### Phase 1.1: a\n- **Status:** Ready\n\n### Phase 1.2: b\n- **Status:** Ready\n",
    );
    project.orch_tui(["run", "--phase", "1.1", "--yes"]);
    let other = project.orch_tui(["run", "--phase", "1.2", "--yes", "--merge", "auto"]);
    assert_eq!(merges(&project), 1, "{}{}", other.stdout, other.stderr);
    assert_eq!(project.repository.git(["log", "-1", "--format=%s", "main"]), "Phase 1.2: b");
}
