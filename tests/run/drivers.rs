//! Runs that are interrupted, killed, looked at and not read.

use rustix::process::Signal;
use serde_json::Value;

use crate::support::command::Invocation;
use crate::support::project::{AGENT, PATIENT_AGENT, Project, TWO_PHASES};
use crate::{complaint, events, wait_until_empty};

#[test]
fn an_interrupt_stops_the_agents_and_is_over_with_the_plan() {
    let project =
        Project::with_roadmap(&TWO_PHASES.replace("🔴 Blocked", "⚪ Not Started"), PATIENT_AGENT);
    let before = project.repository.roadmap();
    let mut run = project.start(["run", "batch 1", "--yes", "--json"]);
    run.wait_for_line(|line| line.contains("patient on 1.1"), "the agent");
    assert_ne!(project.repository.roadmap(), before, "In Progress while it runs");
    run.signal(Signal::INT);
    let outcome = run.wait();
    assert_eq!(outcome.code, Some(130), "{}", outcome.stderr);
    assert_eq!(events(&outcome.stdout).last().unwrap()["event"], "plan_finished");
    assert_eq!(project.repository.roadmap(), before);
    wait_until_empty(&project);

    // Neither the stop nor the rest of the plan comes back.
    project.agent(AGENT);
    let outcome = project.orch_tui(["run", "phase 1.1", "--yes", "--json"]);
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    let done = events(&outcome.stdout);
    assert_eq!(done.last().unwrap()["phases"].as_array().unwrap().len(), 1, "{}", outcome.stdout);
    assert!(!project.has("made.1.2"));
}

#[test]
fn while_one_run_drives_others_look_and_kill() {
    let project = Project::new(PATIENT_AGENT);
    let mut run = project.start(["run", "phase 1.1", "--yes", "--json"]);
    run.wait_for_line(|line| line.contains("patient on 1.1"), "the agent");
    let second = project.orch_tui(["run", "phase 1.2", "--yes"]);
    assert_eq!(second.code, Some(6));
    assert!(
        complaint(&second).contains(&format!("process {} drives", run.pid())),
        "{}",
        second.stderr
    );
    let agents = project.orch_tui(["agents"]).expect_success();
    assert!(agents.contains("a-1.1") && agents.contains("running"), "{agents}");
    let mut log = project.start(["logs", "a-1.1", "--follow"]);
    log.wait_for_line(|line| line == "patient on 1.1", "what the agent says");
    assert_eq!(project.orch_tui(["kill", "a-9.9"]).code, Some(3));
    let killed = project.orch_tui(["kill", "a-1.1"]).expect_success();
    assert_eq!(killed, "a-1.1: ended, 0 processes left\n");
    let outcome = run.wait();
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    let last = events(&outcome.stdout).pop().unwrap();
    assert_eq!(last["phases"][0]["outcome"], "killed");
    assert_eq!(log.wait().code, Some(0), "following ends with the agent");
    let raw = project.orch_tui(["logs", "a-1.1", "--raw"]).expect_success();
    assert!(raw.starts_with("patient on 1.1\r\n"), "{raw:?}");
    assert_eq!(project.repository.roadmap(), TWO_PHASES);
    wait_until_empty(&project);
}

#[test]
fn a_run_that_was_killed_is_taken_up_with_its_agents() {
    let project = Project::new(PATIENT_AGENT);
    let mut run = project.start(["run", "phase 1.1", "--yes", "--json"]);
    let told = run.wait_for_line(|line| line.contains("agent_running"), "the agent");
    let agent = serde_json::from_str::<Value>(&told).unwrap()["processes"]["agent"].clone();
    run.wait_for_line(|line| line.contains("patient on 1.1"), "its first words");
    run.signal(Signal::KILL);
    assert_eq!(run.wait().code, None);
    let pid = i32::try_from(agent.as_i64().unwrap()).unwrap();
    assert!(project.home.residents().iter().any(|resident| resident.pid == pid), "it goes on");

    let mut again = project.start(["run", "phase 1.2", "--yes", "--json"]);
    again.wait_for_line(|line| line.contains("\"plan_approved\""), "the second run");
    project.repository.write("go", "");
    let outcome = again.wait();
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    assert!(!outcome.stdout.contains("\"agent_spawned\",\"phase\":\"1.1\""), "not started again");
    assert!(outcome.stderr.contains("taking up the agents of an earlier run"));
    let agents = project.orch_tui(["agents", "--json"]).expect_success();
    let agents: Value = serde_json::from_str(&agents).unwrap();
    for agent in agents["agents"].as_array().unwrap() {
        assert_eq!(
            (&agent["life"], &agent["outcome"]),
            (&1.into(), &"succeeded".into()),
            "{agent}"
        );
    }
    assert_eq!(project.repository.roadmap().matches("✅ Complete").count(), 2);
    wait_until_empty(&project);
}

#[test]
fn a_reader_that_goes_away_does_not_stop_the_run() {
    let project = Project::new(AGENT);
    let program = env!("CARGO_BIN_EXE_orch-tui");
    let line = format!("{program} run 'phase 1.1' --yes | head -1");
    let outcome = Invocation::program(&project.home, "/bin/sh", ["-c", &line])
        .folder(project.repository.path())
        .run();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{}", outcome.stdout);
    assert_eq!(outcome.stdout.lines().count(), 1);
    assert!(project.repository.roadmap().contains("✅ Complete"));
}
