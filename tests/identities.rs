//! Names with the real program: who works on what, over batches and kills of the app, and what they are told.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use rustix::process::Signal;
use serde_json::Value;
use support::crew::wait_until;
use support::project::Project;

const FOUR_PHASES: &str = "\
# Roadmap

## Batch 1

### Phase 1.1: Store

- **Status:** ⚪ Not Started

### Phase 1.2: Router

- **Status:** ⚪ Not Started

## Batch 2

### Phase 2.1: Index

- **Status:** 🔴 Blocked
- **Depends On:** Phase 1.1

### Phase 2.2: Pages

- **Status:** 🔴 Blocked
- **Depends On:** Phase 1.2
";

/// Keeps its prompt outside the repository, commits a file, and works until it may end. One of them keeps the log.
const SCRIPT: &str = r#"#!/bin/sh
home=${0%/*}
cat "$ORCH_TUI_PROMPT_FILE" > "$home/prompt.$WORK_STREAM_ID.$AGENT_LIFE"
echo "$AGENT_NAME works on $WORK_STREAM_ID"
while [ ! -e "$home/go-$WORK_STREAM_ID" ]; do sleep 0.05; done
echo "$AGENT_NAME" > "made.$WORK_STREAM_ID"
if [ "$WORK_STREAM_ID" = 1.1 ]; then
  mkdir -p docs
  printf '# Log\n\n## Phase 1.1: Store\n\nKeys are kept sorted.\n' > docs/devlog.md
fi
git add . ":(exclude)roadmap.md" && git commit -q -m "Build part $WORK_STREAM_ID"
"#;

/// Agents in worktrees, two at once, merged by themselves.
fn in_worktrees() -> Project {
    let project = Project::with_roadmap(FOUR_PHASES, SCRIPT);
    let script = project.home.join("agent.sh");
    std::fs::rename(project.repository.join("agent.sh"), &script).unwrap();
    let (old, new) = ("    isolation: shared\n", "    merge: auto\n    max_agents: 2\n");
    project.retarget(old, new);
    let command = format!("command: {}", script.display());
    project.retarget("command: ./agent.sh", &command);
    // Gates know who worked.
    let named =
        "      - {name: named, run: 'test \"$AGENT_NAME\" = \"$(cat made.$WORK_STREAM_ID)\"'}\n";
    project.retarget("    gates:\n", &format!("    gates:\n{named}"));
    project.repository.git(["add", "."]);
    project.repository.git(["commit", "--quiet", "--message", "Configure"]);
    project
}

fn go(project: &Project, phases: &[&str]) {
    for phase in phases {
        std::fs::write(project.home.join(format!("go-{phase}")), "").unwrap();
    }
}

fn prompt(project: &Project, name: &str) -> String {
    std::fs::read_to_string(project.home.join(format!("prompt.{name}"))).unwrap_or_default()
}

/// Who was born for each phase, one name a life; and that nobody had two lives at once.
fn births(journal: &[Value]) -> BTreeMap<String, Vec<String>> {
    let mut births: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut live: BTreeMap<String, String> = BTreeMap::new();
    for entry in journal {
        let agent = entry["agent"].to_string();
        match entry["event"].as_str().unwrap_or_default() {
            "agent_spawned" => {
                let name = entry["name"].as_str().expect("a name").to_owned();
                let other = live.values().find(|other| **other == name);
                assert_eq!(other, None, "{name} lives twice: {entry}");
                let phase = entry["phase"].as_str().unwrap().to_owned();
                births.entry(phase).or_default().push(name.clone());
                live.insert(agent, name);
            }
            "agent_completed" | "released" => {
                live.remove(&agent);
            }
            _ => {}
        }
    }
    births
}

/// The merge commit of a phase, as the journal tells it.
fn merge_of(journal: &[Value], phase: &str) -> String {
    let agent = format!("a-{phase}");
    let landed = journal
        .iter()
        .rfind(|entry| entry["event"] == "merge_landed" && entry["agent"]["id"] == agent.as_str());
    landed.expect("a merge")["commit"].as_str().unwrap().to_owned()
}

#[test]
fn the_second_batch_is_done_by_who_knows_the_first_though_the_app_was_killed() {
    let project = in_worktrees();
    go(&project, &["1.1", "1.2"]);
    let first = project.orch_tui(["run", "batch 1", "--yes"]);
    assert_eq!(first.code, Some(0), "{}{}", first.stdout, first.stderr);
    let planned = project.orch_tui(["run", "batch 2", "--dry-run", "--json"]).expect_success();
    let second = project.start(["run", "batch 2", "--yes"]);
    let began = |phase: &str| prompt(&project, &format!("{phase}.1")).ends_with('\n');
    wait_until(
        || began("2.1") && began("2.2"),
        "both agents",
        || format!("{:#?}", project.home.journal()),
    );
    second.signal(Signal::KILL);
    second.wait();
    go(&project, &["2.1", "2.2"]);
    let third = project.orch_tui(["run", "batch 2", "--yes"]);
    assert_eq!(third.code, Some(0), "{}{}", third.stdout, third.stderr);

    let journal = project.home.journal();
    let births = births(&journal);
    let who = |phase: &str| {
        let names: BTreeSet<&String> = births[phase].iter().collect();
        assert_eq!(names.len(), 1, "{phase} changes hands: {births:?}");
        births[phase][0].clone()
    };
    assert_eq!((who("2.1"), who("2.2")), (who("1.1"), who("1.2")));
    assert_ne!(who("1.1"), who("1.2"));
    for (phase, on, name, other) in
        [("2.1", "1.1", "Store", "Router"), ("2.2", "1.2", "Router", "Store")]
    {
        let told = prompt(&project, &format!("{phase}.1"));
        let head: Vec<&str> = told.lines().take(3).collect();
        assert_eq!(head[1..], [format!("You are {}.", who(phase)).as_str(), ""], "{told}");
        let merge = merge_of(&journal, on);
        let subject = project.repository.git(["log", "-1", "--format=%h %s", &merge]);
        let commit = project.repository.git(["log", "-1", "--format=%h %s", &format!("{merge}^2")]);
        let done = format!("merged as {subject}\n  {commit}\nfiles changed:\n");
        let (before, after) = told.split_once("## What you did before in this repository").unwrap();
        let built_on = before.split_once("## What this phase builds on").unwrap().1;
        assert!(built_on.contains(&format!("{on} {name}\n{done}")), "{built_on}");
        assert!(built_on.contains(&format!("  made.{on}\n")), "{built_on}");
        assert!(!built_on.contains(other), "it does not depend on {other}: {built_on}");
        let own = after.split_once("## What done means").unwrap().0;
        let above = "its commits and files stand above, under what this phase builds on";
        assert!(own.contains(&format!("{on} {name}: succeeded\n{above}\n")), "{own}");
        assert_eq!(told.matches(&done).count(), 1, "a merge is told once: {told}");
        let devlog =
            before.contains("the end of its entry in the devlog:\n  Keys are kept sorted.");
        assert_eq!(devlog, on == "1.1", "{before}");
        let chosen = journal.iter().find(|e| e["event"] == "agent_spawned" && e["phase"] == phase);
        assert_eq!(chosen.unwrap()["chosen"]["why"]["dependency"][0], on);
        assert!(planned.contains(&format!("You are {}.", who(phase))), "{planned}");
        assert!(planned.contains(&merge[..7]), "{planned}");
    }
    agents_are_found_by_name(&project, &who("2.1"));
}

fn agents_are_found_by_name(project: &Project, name: &str) {
    let table = project.orch_tui(["agents"]).expect_success();
    let row = table.lines().find(|line| line.contains("a-2.1")).unwrap();
    assert!(row.split_whitespace().nth(1) == Some(name), "{table}");
    let status: Value =
        serde_json::from_str(&project.orch_tui(["agents", "--json"]).expect_success()).unwrap();
    let names: BTreeSet<&str> =
        status["agents"].as_array().unwrap().iter().filter_map(|a| a["name"].as_str()).collect();
    assert_eq!(names.len(), 2, "{status}");
    let log = project.orch_tui(["logs", &name.to_lowercase()]).expect_success();
    assert!(log.contains(&format!("{name} works on 2.1")), "the newest of that name: {log}");
    let nobody = project.orch_tui(["logs", "zora"]);
    assert_eq!(nobody.code, Some(3), "{}", nobody.stderr);
    let ended = project.orch_tui(["kill", name]);
    assert!(ended.stderr.contains("does not run"), "{}", ended.stderr);
    let history = project.orch_tui(["agents", "--history"]).expect_success();
    let row = history.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
    assert!(row.ends_with("2.1 done, 1.1 done"), "{history}");
    assert!(row.contains("  not told  "), "nobody told what it cost: {history}");
    let report = project.orch_tui(["report"]).expect_success();
    assert!(report.contains(&format!(" by {name}, merged as ")), "{report}");
}

/// Tells how it was begun. Whoever is told to begin with all of another session finds it gone, once that is wanted.
const WITH_SESSIONS: &str = r#"#!/bin/sh
mkdir -p seen
echo "$@" > "seen/args.$WORK_STREAM_ID.$AGENT_LIFE"
cat > "seen/prompt.$WORK_STREAM_ID.$AGENT_LIFE"
case "$1" in --fork)
  if [ -e gone ]; then
    echo '{"type":"result","subtype":"error_during_execution","is_error":true,"errors":["No conversation found with session ID: 7"]}'
    exit 1
  fi;;
esac
echo made > "made.$WORK_STREAM_ID"
echo '{"type":"result","subtype":"success","is_error":false,"result":"done"}'
"#;

fn with_sessions(reuse: &str) -> Project {
    let project = Project::new(WITH_SESSIONS);
    let agent = "\n      command: ./agent.sh\n      args: [--prompt, \"{prompt_file}\"]";
    project.retarget(agent, &format!(" mine\n    reuse: {reuse}"));
    let agents = "agents:\n  mine:\n    kind: stream\n    command: ./agent.sh\n    session: {id: chosen, new: [--new, \"{session}\"], resume: [--resume, \"{session}\"], fork: [--fork, \"{session}\", \"{new_session}\"]}\n";
    project.repository.write("config/agents.yaml", agents);
    project
}

fn first_session(project: &Project) -> String {
    let first = project.repository.read("seen/args.1.1.1");
    first.trim().strip_prefix("--new ").expect("a session of its own").to_owned()
}

#[test]
fn the_next_phase_begins_with_the_session_of_the_last() {
    let project = with_sessions("resume");
    let outcome = project.orch_tui(["run", "batch 1", "--yes"]);
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    let args = project.repository.read("seen/args.1.2.1");
    assert!(args.starts_with(&format!("--fork {} ", first_session(&project))), "{args}");
    let told = project.repository.read("seen/prompt.1.2.1");
    assert!(told.contains("Work on phase 1.2 and on nothing else"), "all of it is told: {told}");
    assert!(!told.contains("What you did before"), "it knows: {told}");
}

#[test]
fn a_session_that_is_gone_is_left_and_what_was_done_is_told_instead() {
    let project = with_sessions("resume");
    project.repository.write("gone", "");
    let outcome = project.orch_tui(["run", "batch 1", "--yes", "--json"]);
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    let (gone, fresh) =
        (project.repository.read("seen/args.1.2.1"), project.repository.read("seen/args.1.2.2"));
    assert!(gone.starts_with("--fork ") && fresh.starts_with("--new "), "{gone}{fresh}");
    let told = project.repository.read("seen/prompt.1.2.2");
    assert!(told.contains("## What you did before in this repository"), "{told}");
    assert!(told.contains("1.1 Store: succeeded"), "{told}");
    let births: Vec<Value> =
        outcome.stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let tries = births.iter().filter(|e| e["event"] == "agent_spawned" && e["phase"] == "1.2");
    let tries: Vec<(&Value, &Value)> = tries.map(|e| (&e["attempt"], &e["name"])).collect();
    assert_eq!(tries, [(&1.into(), &"Ada".into()), (&1.into(), &"Ada".into())]);
}

#[test]
fn who_is_to_take_nothing_along_is_told_nothing_of_it() {
    let project = with_sessions("none");
    project.orch_tui(["run", "batch 1", "--yes"]).expect_success();
    assert!(project.repository.read("seen/args.1.2.1").starts_with("--new "));
    let told = project.repository.read("seen/prompt.1.2.1");
    assert!(!told.contains("What you did before") && told.contains("You are Ada."), "{told}");
}
