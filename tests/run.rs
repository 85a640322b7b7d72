//! `orch-tui run` on pipes, with a shell script as the agent: from the approved plan to the gardened roadmap.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

#[path = "run/complaints.rs"]
mod complaints;
#[path = "run/drivers.rs"]
mod drivers;
#[path = "run/refusals.rs"]
mod refusals;
#[path = "run/review.rs"]
mod review;
#[path = "run/simulation.rs"]
mod simulation;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::DEADLINE;
use support::command::Outcome;
use support::project::{AGENT, PATIENT_AGENT, Project, TWO_PHASES};

/// The events of a run, each checked for the two fields all have.
fn events(stdout: &str) -> Vec<Value> {
    let read = |line: &str| {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert!(event["event"].is_string() && event["at"].is_u64(), "{line}");
        event
    };
    stdout.lines().filter(|line| !line.is_empty()).map(read).collect()
}

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|event| event["event"].as_str()).collect()
}

/// One sentence of the program on standard error, without any control character.
fn complaint(outcome: &Outcome) -> &str {
    let text = outcome.stderr.trim_end();
    assert!(text.starts_with("orch-tui: ") && text.lines().count() == 1, "{text}");
    assert!(!text.contains(char::is_control), "{text}");
    text
}

/// The last decision of a run; behind it stands where the report is kept.
fn decided_last(outcome: &Outcome) -> &str {
    let mut lines = outcome.stdout.trim_end().lines().rev();
    let report = lines.next().unwrap();
    assert!(report.contains("the report is kept in /"), "{}", outcome.stdout);
    lines.next().unwrap()
}

/// Waits until nothing lives in the home of a project any more.
fn wait_until_empty(project: &Project) {
    let began = Instant::now();
    let (_open, nothing) = std::sync::mpsc::channel::<()>();
    while !project.home.residents().is_empty() {
        assert!(began.elapsed() < DEADLINE, "still there: {:?}", project.home.residents());
        let _ = nothing.recv_timeout(Duration::from_millis(20));
    }
}

/// The roadmap with 1.1 completed today by its agent and 1.2 unblocked.
fn completed(before: &str, after: &str, [open, done, blocked]: [&str; 3]) -> String {
    let date = after.split("**Completed:** ").nth(1).and_then(|rest| rest.get(..10)).unwrap_or("?");
    assert!(date.starts_with("20") && date.len() == 10, "{after}");
    let end = if before.contains("\r\n") { "\r\n" } else { "\n" };
    let status = format!("{done}{end}- **Assigned To:** a-1.1{end}");
    let last = format!("the store keeps things{end}");
    before
        .replacen(&format!("{open}{end}"), &status, 1)
        .replacen(&last, &format!("{last}- **Completed:** {date}{end}"), 1)
        .replacen(blocked, open, 1)
}

#[test]
fn a_phase_is_worked_on_checked_completed_and_its_dependents_are_unblocked() {
    let project = Project::new(AGENT);
    let run = project.invocation(["run", "phase 1.1", "--yes", "--json"]);
    let outcome = run.variable("UNRELATED_SECRET", "hunter2").run();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{}", outcome.stdout);
    let events = events(&outcome.stdout);
    let names = names(&events);
    let order = [
        "plan_approved",
        "agent_spawned",
        "claim_won",
        "workspace_ready",
        "spawning_agent",
        "agent_running",
        "stopped",
        "gate_judged",
        "verification_complete",
        "agent_completed",
        "plan_finished",
    ];
    let told: Vec<_> = names.iter().copied().filter(|name| order.contains(name)).collect();
    assert_eq!(told, order);
    let why: Vec<_> = events.iter().filter_map(|event| event["why"].as_str()).collect();
    assert_eq!(why, ["claim", "complete", "garden"]);
    let last = events.last().unwrap();
    assert_eq!((&last["event"], &last["outcome"]), (&"plan_finished".into(), &"complete".into()));
    assert_eq!(last["phases"], serde_json::json!([{"id": "1.1", "outcome": "complete"}]));
    let receipt = &events.iter().find(|event| event["event"] == "gate_judged").unwrap()["receipt"];
    assert_eq!((&receipt["gate"], &receipt["result"]), (&"made".into(), &"passed".into()));
    let after = project.repository.roadmap();
    let marks = ["⚪ Not Started", "✅ Complete", "🔴 Blocked"];
    assert_eq!(after, completed(TWO_PHASES, &after, marks));
    wait_until_empty(&project);
}

#[test]
fn a_dry_run_tells_everything_and_does_nothing() {
    let project = Project::new(AGENT);
    let before = project.repository.roadmap();
    let run = project.invocation(["run", "1.1 and 1.2", "--dry-run", "--json"]);
    let outcome = run.variable("UNRELATED_SECRET", "hunter2").run();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{}", outcome.stdout);
    let told = events(&outcome.stdout);
    assert_eq!(names(&told), ["dry_run"]);
    assert_eq!(told[0]["waves"], serde_json::json!([["1.1"], ["1.2"]]));
    let [first, second] = &told[0]["agents"].as_array().unwrap()[..] else { panic!("{told:?}") };
    assert_eq!((&first["id"], &first["life"]), (&"a-1.1".into(), &1.into()));
    let path = project.repository.path().canonicalize().unwrap();
    assert_eq!(first["directory"].as_str().map(Path::new), Some(path.as_path()));
    let edits = first["roadmap_edits"].as_array().unwrap();
    assert!(edits.iter().any(|edit| edit["new"] == "🔄 In Progress"), "{edits:?}");
    assert!(second["roadmap_edits"].as_array().unwrap().is_empty(), "{second}");
    assert!(second["roadmap_later"].as_str().unwrap().contains("unblocked"), "{second}");
    assert!(first["prompt"].as_str().unwrap().starts_with("Task: phase 1.1 Store of Tide\n"));
    let env: Vec<_> = first["env"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(env.contains(&"WORK_STREAM_ID") && !env.contains(&"UNRELATED_SECRET"), "{env:?}");
    let text = project.invocation(["run", "phase 1.1", "--dry-run"]).run().expect_success();
    assert!(text.contains("Dry run: nothing is started"), "{text}");
    assert!(text.contains("⚪ Not Started becomes 🔄 In Progress"), "{text}");
    assert_eq!(project.repository.roadmap(), before);
    assert!(!project.repository.path().join("seen").exists(), "no agent ran");
    let nothing = project.invocation(["run", "write a poem", "--dry-run"]).run();
    assert_eq!(nothing.code, Some(3), "{}", nothing.stderr);
}

#[test]
fn an_agent_gets_its_directory_prompt_and_environment_and_no_secret() {
    let project = Project::new(AGENT);
    let run = project.invocation(["run", "--phase", "1.1", "--yes"]);
    run.variable("UNRELATED_SECRET", "hunter2").run().expect_success();
    let path = project.repository.path().canonicalize().unwrap().to_string_lossy().into_owned();
    assert_eq!(project.repository.read("seen/pwd.1.1").trim_end(), path);
    let environment = project.repository.read("seen/env.1.1.1");
    let roadmap = format!("{path}/roadmap.md");
    for (name, value) in [
        ("TARGET_ID", "tide"),
        ("TARGET_NAME", "Tide"),
        ("TARGET_PATH", &path),
        ("TARGET_ROADMAP", &roadmap),
        ("AGENT_ID", "a-1.1"),
        ("AGENT_NAME", "Ada"),
        ("AGENT_LIFE", "1"),
        ("WORK_STREAM_ID", "1.1"),
        ("WORK_STREAM_NAME", "Store"),
        ("TERM", "xterm-256color"),
    ] {
        let line = format!("{name}={value}");
        assert!(environment.lines().any(|given| given == line), "{line} not in:\n{environment}");
    }
    assert!(!environment.contains("hunter2"), "{environment}");
    let file = environment.lines().find_map(|line| line.strip_prefix("ORCH_TUI_PROMPT_FILE="));
    assert_eq!(project.repository.read("seen/args.1.1"), format!("--prompt\n{}\n", file.unwrap()));
    let prompt = project.repository.read("seen/prompt.1.1.1");
    assert_eq!(prompt.lines().next(), Some("Task: phase 1.1 Store of Tide"));
    for part in ["- **Done When:** the store keeps things", "- made: `cat made.$WORK_STREAM_ID`"] {
        assert!(prompt.contains(part), "{part} not in:\n{prompt}");
    }
    assert!(!prompt.contains("Phase 1.2: Router"), "{prompt}");
}

#[test]
fn a_dry_run_names_every_variable_an_agent_gets() {
    let project = Project::new(AGENT);
    let told = project.orch_tui(["run", "phase 1.1", "--dry-run", "--json"]).expect_success();
    let told = events(&told);
    let told = told[0]["agents"][0]["env"].as_array().unwrap();
    let told: BTreeSet<&str> = told.iter().filter_map(Value::as_str).collect();
    project.orch_tui(["run", "phase 1.1", "--yes"]).expect_success();
    let environment = project.repository.read("seen/env.1.1.1");
    // The shell that the agent is made these itself.
    let own = ["PWD", "OLDPWD", "SHLVL", "_"];
    let given = environment.lines().filter_map(|line| Some(line.split_once('=')?.0));
    let given: BTreeSet<&str> = given.filter(|name| !own.contains(name)).collect();
    assert_eq!(told, given);
    assert!(given.contains("ORCH_TUI_PROMPT_FILE") && given.contains("ORCH_TUI_HOST"), "{given:?}");
    let documented = include_str!("../docs/configuration.md");
    for name in given {
        let family = name.starts_with("LC_") && documented.contains("`LC_*`");
        assert!(family || documented.contains(name), "{name} is not in docs/configuration.md");
    }
}

#[test]
fn no_other_byte_changes_in_any_dialect_or_line_ending() {
    let traffic_light = TWO_PHASES.replace("🔴 Blocked", "🔴 BLOCKED");
    let traffic_light =
        format!("{traffic_light}\n### Phase 0.1: Base\n\n- **Status:** 🟢 Complete\n");
    let crlf = TWO_PHASES.replace('\n', "\r\n");
    for (roadmap, marks) in [
        (crlf, ["⚪ Not Started", "✅ Complete", "🔴 Blocked"]),
        (traffic_light, ["⚪ Not Started", "🟢 Complete", "🔴 BLOCKED"]),
    ] {
        let project = Project::with_roadmap(&roadmap, AGENT);
        project.retarget(
            "\n      command: ./agent.sh\n      args: [--prompt, \"{prompt_file}\"]",
            " mine",
        );
        let agents = "agents:\n  mine:\n    kind: text\n    command: ./agent.sh\n";
        project.repository.write("config/agents.yaml", agents);
        let outcome = project.orch_tui(["run", "phase 1.1", "--yes"]);
        assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
        let after = project.repository.roadmap();
        assert_eq!(after, completed(&roadmap, &after, marks));
    }
}

#[test]
fn a_failing_gate_is_tried_again_with_its_output_and_then_given_up() {
    let project = Project::new(AGENT);
    project.retarget("cat made.$WORK_STREAM_ID", "echo expected seven; exit 3");
    let outcome = project.orch_tui(["run", "phase 1.1", "--yes", "--json"]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    let events = events(&outcome.stdout);
    let count = |name: &str| names(&events).iter().filter(|other| **other == name).count();
    assert_eq!((count("agent_spawned"), count("agent_failed"), count("released")), (2, 2, 2));
    let last = events.last().unwrap();
    assert_eq!((&last["event"], &last["outcome"]), (&"plan_finished".into(), &"incomplete".into()));
    assert_eq!(last["phases"][0]["outcome"], "failed: gate made failed");
    assert!(project.repository.read("seen/prompt.1.1.2").contains("expected seven"));
    assert_eq!(project.repository.roadmap(), TWO_PHASES);
    wait_until_empty(&project);
}

#[test]
fn what_an_agent_calls_complete_is_not_believed_whoever_signs_it() {
    let claims_it =
        format!("{AGENT}sed -i 's/🔄 In Progress/✅ Complete/; s/a-1.1/Claude/' roadmap.md\n");
    let project = Project::new(&claims_it);
    project.retarget("cat made.$WORK_STREAM_ID", "exit 3");
    project.retarget("    retries: 1\n", "    retries: 0\n");
    let outcome = project.orch_tui(["run", "everything", "--mode", "batch", "--yes"]);
    assert_eq!(outcome.code, Some(1), "{}{}", outcome.stdout, outcome.stderr);
    assert!(!outcome.stdout.contains("a-1.2"), "{}", outcome.stdout);
    let signed = "⚪ Not Started\n- **Assigned To:** Claude";
    let wanted = TWO_PHASES.replacen("⚪ Not Started", signed, 1);
    assert_eq!(project.repository.roadmap(), wanted);
    wait_until_empty(&project);
}

#[test]
fn what_a_batch_came_to_by_itself_counts_for_its_end() {
    let fails_then = format!("{AGENT}[ $WORK_STREAM_ID = 1.1 ]\n");
    let project = Project::new(&fails_then);
    project.retarget("    retries: 1\n", "    retries: 0\n");
    let outcome = project.orch_tui(["run", "phase 1.1", "--mode", "batch", "--yes"]);
    assert_eq!(outcome.code, Some(1), "{}{}", outcome.stdout, outcome.stderr);
    assert!(decided_last(&outcome).contains("completed 1.1, left 1.2"), "{}", outcome.stdout);
    wait_until_empty(&project);
}

#[test]
fn a_batch_leaves_out_what_the_goal_leaves_out() {
    let free = TWO_PHASES.replacen("🔴 Blocked", "⚪ Not Started", 1).replacen(
        "On:** Phase 1.1",
        "On:** None",
        1,
    );
    let project = Project::with_roadmap(&free, AGENT);
    let outcome = project.orch_tui(["run", "everything except 1.2", "--mode", "batch", "--yes"]);
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    assert!(decided_last(&outcome).ends_with("completed 1.1"), "{}", outcome.stdout);
    wait_until_empty(&project);
}

#[test]
fn what_a_batch_comes_to_by_itself_is_told_beforehand() {
    let project =
        Project::with_roadmap(&TWO_PHASES.replacen("Store", "Store ⭐ BOOTSTRAP", 1), AGENT);
    let then = "\nThen, as they become ready: 1.2\n";
    let plan = project.orch_tui(["plan", "bootstrap phases and keep going"]).expect_success();
    assert!(plan.contains(then), "{plan}");
    let batch =
        |goal| project.orch_tui(["run", goal, "--mode", "batch", "--dry-run"]).expect_success();
    assert!(batch("phase 1.1").contains(then), "{}", batch("phase 1.1"));
    let without = batch("everything except 1.2");
    assert!(without.contains("1.1") && !without.contains("Then,"), "{without}");
}

#[test]
fn what_a_person_completes_meanwhile_is_complete() {
    let for_both = format!("{AGENT}sed -i '/Phase 1.2/,$ s/🔴 Blocked/✅ Complete/' roadmap.md\n");
    let project = Project::new(&for_both);
    let outcome = project.orch_tui(["run", "1.1 and 1.2", "--yes"]);
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    assert!(decided_last(&outcome).ends_with("completed 1.1"), "{}", outcome.stdout);
    wait_until_empty(&project);
}

#[test]
fn a_time_limit_is_exit_code_124() {
    for limits in ["idle_s: 1, total_s: 3600", "idle_s: 3600, total_s: 1"] {
        let project = Project::new(PATIENT_AGENT);
        let agent = "\n      command: ./agent.sh\n      args: [--prompt, \"{prompt_file}\"]";
        project.retarget(agent, " mine\n    retries: 0");
        project.retarget("    retries: 1\n", "");
        let agents =
            "agents:\n  mine:\n    command: ./agent.sh\n    limits: {LIMITS, grace_s: 1}\n";
        project.repository.write("config/agents.yaml", &agents.replace("LIMITS", limits));
        let outcome = project.orch_tui(["run", "phase 1.1", "--yes", "--json"]);
        assert_eq!(outcome.code, Some(124), "{limits}: {}{}", outcome.stdout, outcome.stderr);
        assert!(outcome.stdout.contains("\"outcome\":\"timed out: "), "{}", outcome.stdout);
        assert_eq!(project.repository.roadmap(), TWO_PHASES);
        wait_until_empty(&project);
    }
}

#[test]
fn a_finished_plan_is_told_in_a_report_that_is_kept_and_printed() {
    let project = Project::new(AGENT);
    let nothing = project.orch_tui(["report"]);
    assert_eq!(nothing.code, Some(3), "{}", nothing.stdout);
    assert!(complaint(&nothing).contains("no plan was approved here yet"), "{}", nothing.stderr);
    let run = project.orch_tui(["run", "everything", "--yes"]).expect_success();
    let (_, path) = run.trim_end().split_once("the report is kept in ").unwrap();
    let kept = std::fs::read_to_string(path).unwrap();
    assert!(path.contains("/reports/20") && path.ends_with("-everything.md"), "{path}");
    for said in ["# Report: everything\n", "## Complete: 2\n", "- gate ", "## Timeline\n"] {
        assert!(kept.contains(said), "{said:?} is not in:\n{kept}");
    }
    assert_eq!(project.orch_tui(["report"]).expect_success().trim_end(), kept.trim_end());
    let json: Value =
        serde_json::from_str(&project.orch_tui(["report", "--json"]).expect_success()).unwrap();
    assert_eq!((&json["path"], &json["markdown"]), (&path.into(), &kept.as_str().into()));
    assert_eq!((&json["goals"][0], &json["lives"]), (&"everything".into(), &2.into()));
}
