//! Phases that are tried again, with real processes: how often, after what pause, and what the next try is told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::Instant;

use rustix::process::Signal;
use serde_json::Value;
use support::DEADLINE;
use support::project::{AGENT, Project};

/// Counts its lives in a file, and fails before this one; its prompts are kept.
fn fails_before(life: u32) -> String {
    format!(
        "{AGENT}echo \"try $AGENT_LIFE gives up\"\necho x >> tries\n\
         git add seen && git -c user.name=n -c user.email=e commit -qm \"Step $AGENT_LIFE\" || exit 9\n\
         [ $(wc -l < tries) -ge {life} ]\n"
    )
}

fn events(output: &str) -> Vec<Value> {
    output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn named<'e>(events: &'e [Value], name: &str) -> Vec<&'e Value> {
    events.iter().filter(|event| event["event"] == name).collect()
}

/// Milliseconds from the end of each life to the birth of the next.
fn pauses(events: &[Value]) -> Vec<u64> {
    let times = |name| named(events, name).iter().map(|e| e["at"].as_u64().unwrap()).collect();
    let (ends, births): (Vec<u64>, Vec<u64>) = (times("released"), times("agent_spawned"));
    births.iter().skip(1).zip(ends).map(|(birth, end)| birth - end).collect()
}

#[test]
fn an_agent_that_fails_twice_succeeds_within_its_budget() {
    let project = Project::new(&fails_before(3));
    project
        .retarget("    retries: 1\n    retry_wait: 0s\n", "    retries: 2\n    retry_wait: 0.2\n");
    let outcome = project.orch_tui(["run", "phase 1.1", "--yes", "--json"]);
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    let events = events(&outcome.stdout);
    let attempts: Vec<&Value> =
        named(&events, "agent_spawned").iter().map(|event| &event["attempt"]).collect();
    assert_eq!(attempts, [1, 2, 3]);
    let pauses = pauses(&events);
    assert!(pauses[0] >= 200 && pauses[1] >= 600, "{pauses:?}");
    let waits = named(&events, "agent_waits");
    let steps: Vec<&Value> = waits.iter().map(|event| &event["next"]["step"]).collect();
    assert_eq!(steps, ["retry", "retry"]);
    assert_eq!(waits[0]["next"]["clause"], "retry 1/2 in 1s: exit code 1");
    let told = project.repository.read("seen/prompt.1.1.3");
    let told = told.split("## What failed last time").nth(1).expect("a hand-over");
    for part in ["life 1: failed: exit code 1", "life 2: ", "Step 2\n", "Step 1\n"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(told.contains("try 2 gives up") && !told.contains("try 1 gives up"), "{told}");
}

#[test]
fn an_agent_that_always_fails_is_given_up() {
    let project = Project::new(&fails_before(1_000));
    project.retarget("    retries: 1\n", "    retries: 3\n");
    let outcome = project.orch_tui(["run", "phase 1.1", "--yes", "--json"]);
    assert_eq!(outcome.code, Some(1), "{}{}", outcome.stdout, outcome.stderr);
    assert_eq!(project.repository.read("tries").lines().count(), 4);
    let events = events(&outcome.stdout);
    assert_eq!(named(&events, "agent_failed").len(), 4);
    assert_eq!(events.last().unwrap()["outcome"], "incomplete");
}

#[test]
fn ctrl_c_ends_a_pause_and_what_waited_does_not_come_back() {
    let project = Project::new(&fails_before(2));
    project.retarget("retry_wait: 0s", "retry_wait: 1h");
    let mut running = project.start(["run", "phase 1.1", "--yes"]);
    running.wait_for_line(|line| line.contains("retry 1/1 in 1h"), "the pause");
    running.signal(Signal::INT);
    let outcome = running.wait();
    assert_eq!(outcome.code, Some(130), "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("nothing completed, left 1.1"), "{}", outcome.stdout);
    assert_eq!(project.repository.read("tries").lines().count(), 1);
    let again = project.orch_tui(["run", "phase 1.1", "--yes", "--json"]);
    assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
    let attempts: Vec<u64> = named(&events(&again.stdout), "agent_spawned")
        .iter()
        .map(|event| event["attempt"].as_u64().unwrap())
        .collect();
    assert_eq!(attempts, [1], "a person's word starts the count anew");
}

/// What follows the last life of the only agent, as the command line tells it.
fn next(project: &Project) -> Value {
    let agents = project.orch_tui(["agents", "--json"]).expect_success();
    let agents: Value = serde_json::from_str(&agents).unwrap();
    agents["agents"][0]["next"].clone()
}

#[test]
fn a_pause_outlives_the_app() {
    let project = Project::new(&fails_before(2));
    project.retarget("retry_wait: 0s", "retry_wait: 1h");
    let mut running = project.start(["run", "phase 1.1", "--yes"]);
    running.wait_for_line(|line| line.contains("retry 1/1 in 1h"), "the pause");
    let deadline = Instant::now() + DEADLINE;
    while next(&project)["step"] != "retry" {
        assert!(Instant::now() < deadline, "the journal never tells: {}", next(&project));
    }
    let at = next(&project)["at"].clone();
    running.signal(Signal::KILL);
    running.wait();
    assert_eq!((&next(&project)["step"], &next(&project)["at"]), (&"retry".into(), &at));
}

#[test]
fn another_agent_takes_the_second_half() {
    let project = Project::new(&fails_before(1_000));
    project.retarget("    retries: 1\n", "    retries: 1\n    fallback_agents: [second]\n");
    project.repository.write(
        "config/agents.yaml",
        "agents:\n  second:\n    kind: text\n    command: ./second.sh\n",
    );
    project.repository.write("second.sh", &fails_before(2));
    let may_run = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(project.repository.join("second.sh"), may_run).unwrap();
    let outcome = project.orch_tui(["run", "phase 1.1", "--yes", "--json"]);
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    let events = events(&outcome.stdout);
    let adapters: Vec<&Value> =
        named(&events, "agent_spawned").iter().map(|event| &event["adapter"]).collect();
    assert_eq!(adapters, ["agent of tide", "second"]);
}

/// Says so and hangs in its first life, works in the second; keeps its arguments.
const HANGS_ONCE: &str = r#"#!/bin/sh
echo "life $AGENT_LIFE"
mkdir -p seen
echo "$@" > "seen/args.$AGENT_LIFE"
cat "$ORCH_TUI_PROMPT_FILE" > "seen/prompt.$AGENT_LIFE"
while [ $AGENT_LIFE = 1 ]; do sleep 0.1; done
echo made > "made.$WORK_STREAM_ID"
"#;

#[test]
fn an_agent_that_hung_goes_on_with_its_session() {
    let project = Project::new(HANGS_ONCE);
    project.retarget(
        "\n      command: ./agent.sh\n      args: [--prompt, \"{prompt_file}\"]",
        " mine",
    );
    let agents = "agents:\n  mine:\n    command: ./agent.sh\n    limits: {idle_s: 1, grace_s: 1}\n    session: {id: chosen, new: [--new, \"{session}\"], resume: [--resume, \"{session}\"]}\n";
    project.repository.write("config/agents.yaml", agents);
    let outcome = project.orch_tui(["run", "phase 1.1", "--yes", "--json"]);
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    let read = |name: &str| project.repository.read(name);
    let (first, second) = (read("seen/args.1"), read("seen/args.2"));
    let session = first.trim().strip_prefix("--new ").expect("a session of its own");
    assert_eq!(second.trim(), format!("--resume {session}"));
    let told = read("seen/prompt.2");
    assert!(told.contains("until phase 1.1 is done") && told.contains("timed out: no output"));
    assert!(!told.contains("the store keeps things"), "it knows its work: {told}");
    assert!(read("seen/prompt.1").contains("the store keeps things"));
}
