//! What can not run says why.

use serde_json::Value;

use crate::support::project::{AGENT, Project, TWO_PHASES};
use crate::{complaint, wait_until_empty};

#[test]
fn a_missing_agent_command_is_named_before_anything_is_claimed() {
    let project = Project::with_roadmap(&TWO_PHASES.replace("🔴 Blocked", "⚪ Not Started"), AGENT);
    let before = project.repository.roadmap();
    let said = "`no-such-agent` is not an executable file or a program on PATH";
    project.retarget("./agent.sh", "no-such-agent");
    for goal in ["1.1", "1.1 and 1.2", "run everything"] {
        let outcome = project.orch_tui(["run", goal, "--yes"]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(5), ""), "{goal}");
        assert!(complaint(&outcome).contains(said), "{goal}: {}", outcome.stderr);
        let rehearsed = project.orch_tui(["run", goal, "--dry-run"]);
        assert_eq!(rehearsed.code, Some(5), "{goal}: {}", rehearsed.stdout);
        assert!(rehearsed.stdout.contains("refused    `no-such-agent`"), "{}", rehearsed.stdout);
        let planned = project.orch_tui(["plan", goal]).expect_success();
        assert!(planned.contains(&format!("Nothing can start: {said}")), "{planned}");
    }
    let plan = project.orch_tui(["plan", "1.1", "--json"]).expect_success();
    let plan: Value = serde_json::from_str(&plan).unwrap();
    assert!(plan["refusal"].as_str().is_some_and(|why| why.contains(said)), "{plan}");
    assert_eq!(project.orch_tui(["agents"]).expect_success(), "no agent has run here yet\n");
    assert_eq!(project.repository.roadmap(), before);
    wait_until_empty(&project);
}

#[test]
fn what_the_environment_refused_is_its_fault_however_many_agents_it_was() {
    let phase = |id: &str| format!("### Phase {id}: Work\n\n- **Status:** ⚪ Not Started\n\n");
    let roadmap = format!("# Roadmap\n\n{}{}{}", phase("1.1"), phase("1.2"), phase("1.3"));
    // The first one takes the program away from the others.
    let project = Project::with_roadmap(&roadmap, &format!("{AGENT}rm agent.sh\n"));
    let outcome = project.orch_tui(["run", "run everything", "--max", "1", "--yes"]);
    assert_eq!(outcome.code, Some(5), "{}{}", outcome.stdout, outcome.stderr);
    let after = project.repository.roadmap();
    assert!(
        after.contains("✅ Complete") && after.matches("⚪ Not Started").count() == 2,
        "{after}"
    );
    wait_until_empty(&project);
}

#[test]
fn what_can_not_run_says_why_and_starts_nothing() {
    let project =
        Project::with_roadmap(&TWO_PHASES.replacen("⚪ Not Started", "✅ Complete", 1), AGENT);
    for (goal, part) in [
        ("phase 1.1", "1.1 already complete"),
        ("phase 9.9", "9.9 not a phase of this roadmap"),
        ("zebra stripes", "Nothing in this roadmap matches"),
        ("status", "Show the status"),
    ] {
        let outcome = project.orch_tui(["run", goal, "--yes"]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(3), ""), "{goal}");
        assert!(complaint(&outcome).contains(part), "{goal}: {}", outcome.stderr);
        assert_eq!(complaint(&outcome).matches(part).count(), 1, "{goal}: {}", outcome.stderr);
    }
    let project = Project::new(AGENT);
    let outcome = project.orch_tui(["run", "phase 1.1"]);
    assert_eq!(outcome.code, Some(4));
    assert!(outcome.stdout.contains("[x] 1.1") && complaint(&outcome).contains("--yes"));
    let outcome = project.orch_tui(["run", "phase 1.1", "--json"]);
    assert_eq!(outcome.code, Some(4));
    let plan: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&plan["schema"], &plan["waves"][0][0]), (&"orch-tui/1".into(), &"1.1".into()));
    assert_eq!(project.repository.roadmap(), TWO_PHASES);
    assert!(!project.has("seen"));
}
