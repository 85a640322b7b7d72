//! What runs and belongs to nobody is named by the doctor, and ended when a person agrees.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::path::PathBuf;

use rustix::process::{Pid, Signal, kill_process};
use support::crew::wait_until;
use support::key::Key;
use support::project::{PATIENT_AGENT, Project};
use support::pty::{Exit, Launch};

/// Goes on whatever happens to its terminal, and leaves a process that is not its child.
const STUBBORN: &str = "#!/bin/sh\ntrap '' HUP TERM\n(setsid sleep 911 >/dev/null 2>&1 &)\necho stubborn\n\
                        while [ ! -e go ]; do sleep 0.05; done\necho made > made.$WORK_STREAM_ID\n";

/// An agent at work whose app was killed.
fn left_alone(agent: &str) -> Project {
    let project = Project::new(agent);
    let mut run = project.start(["run", "--yes", "phase", "1.1"]);
    run.wait_for_line(|line| line.contains("hosted by process"), "the agent");
    run.wait_for_line(|line| line.contains("stubborn") || line.contains("patient"), "its word");
    run.signal(Signal::KILL);
    run.wait();
    project
}

fn hosts(project: &Project) -> Vec<i32> {
    let all = project.home.residents().into_iter();
    all.filter(|one| one.command.contains(" host --spec")).map(|one| one.pid).collect()
}

fn state(project: &Project) -> PathBuf {
    let base = project.home.join(".local/state/orch-tui");
    let mut folders = std::fs::read_dir(base).unwrap().map(|entry| entry.unwrap().path());
    folders.find(|path| path.is_dir()).unwrap()
}

fn said(project: &Project, words: &[&str]) -> (Option<i32>, String) {
    let words = words.iter().map(|word| (*word).to_owned());
    let outcome = support::command::Invocation::orch_tui(&project.home, words).run();
    (outcome.code, outcome.stdout + &outcome.stderr)
}

fn assert_deserted(project: &Project) {
    let all = || project.home.residents();
    wait_until(|| all().is_empty(), "everything to go", || format!("{:?}", all()));
    assert!(said(project, &["doctor", "--clean"]).1.contains("nothing runs"), "{:?}", all());
}

#[test]
fn an_agent_that_works_while_nobody_looks_is_no_orphan() {
    let project = left_alone(PATIENT_AGENT);
    let (code, text) = said(&project, &["doctor", "--clean", "--yes"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("nothing runs that belongs to nobody"), "{text}");
    assert_eq!(hosts(&project).len(), 1);
}

#[test]
fn an_agent_whose_host_was_killed_is_told_as_lost_and_spares_no_other() {
    let roadmap =
        "### Phase 1.1: a\n- **Status:** Ready\n\n### Phase 1.2: b\n- **Status:** Ready\n";
    let project = Project::with_roadmap(roadmap, PATIENT_AGENT);
    project.retarget("retries: 1", "retries: 1\n    shared_agents: 2");
    let run = project.start(["run", "--yes", "everything"]);
    let agents = || -> serde_json::Value {
        serde_json::from_str(&project.orch_tui(["agents", "--json"]).expect_success()).unwrap()
    };
    let state = |id: &str| {
        let all = agents();
        let found = all["agents"].as_array().unwrap().iter().find(|agent| agent["id"] == id);
        found.unwrap().clone()
    };
    // What is told of a run may not be on disk yet.
    let running = || {
        let all = agents();
        let states = all["agents"].as_array().unwrap().iter().map(|agent| agent["state"].clone());
        states.filter(|state| state == "running").count() == 2
    };
    wait_until(running, "both to run", || agents().to_string());
    run.signal(Signal::KILL);
    run.wait();
    assert_eq!(state("a-1.1")["state"], "running");
    let host = state("a-1.1")["host"]["pid"].as_i64().unwrap();
    kill_process(Pid::from_raw(i32::try_from(host).unwrap()).unwrap(), Signal::KILL).unwrap();
    wait_until(|| state("a-1.1")["state"] == "failed", "the loss", || agents().to_string());
    assert_eq!(state("a-1.1")["outcome"], "lost: its host disappeared");
    let killed = project.orch_tui(["kill", "--all", "--yes"]);
    let text = killed.stdout + &killed.stderr;
    assert_eq!(killed.code, Some(1), "{text}");
    assert!(text.contains("the host of a-1.1 is gone"), "{text}");
    assert!(text.contains("a-1.2: ended, 0 processes left"), "{text}");
    assert_eq!(state("a-1.2")["state"], "killed");
    assert!(state("a-1.2")["ended_at"].is_i64());
}

#[test]
fn killing_waits_for_an_agent_that_is_being_started() {
    let project = Project::new(PATIENT_AGENT);
    let run = project.start(["run", "--yes", "phase", "1.1"]);
    let killed = || match project.orch_tui(["kill", "--all", "--yes"]) {
        none if none.code == Some(3) => false,
        killed => {
            assert_eq!(killed.code, Some(0), "{}", killed.stderr);
            true
        }
    };
    wait_until(killed, "an agent to end", || "none ran".into());
    assert_eq!(run.wait().code, Some(1));
}

#[test]
fn a_result_nobody_collected_is_told_and_kept() {
    let project = left_alone(PATIENT_AGENT);
    project.repository.write("go", "");
    let result = state(&project).join("agents/a-1.1.1/result.json");
    wait_until(|| result.exists(), "the result", || format!("{result:?}"));
    let agents = project.orch_tui(["agents"]).expect_success();
    assert!(agents.contains("verifying"), "{agents}");
    let (_, text) = said(&project, &["doctor"]);
    assert!(
        text.contains("a-1.1.1 (host ") && text.contains("nobody collected its result"),
        "{text}"
    );
    let (code, text) = said(&project, &["doctor", "--clean"]);
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("add --yes"), "{text}");
    assert_eq!(hosts(&project).len(), 1, "nobody agreed");
    let (code, text) = said(&project, &["doctor", "--clean", "--yes"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("a-1.1.1: ended, 0 processes left"), "{text}");
    assert!(result.exists());
    assert_deserted(&project);
}

#[test]
fn an_agent_whose_repository_is_gone_is_ended_when_a_person_agrees() {
    let project = left_alone(STUBBORN);
    std::fs::rename(project.repository.path(), project.home.join("moved")).unwrap();
    let ask = || Launch::orch_tui(&project.home).arguments(["doctor", "--clean"]).start();
    let session = ask();
    session.wait_for_text("which is gone");
    session.wait_for_text("[y/N]");
    session.press(&Key::Enter);
    assert_eq!(session.wait_for_exit(), Exit::Code(4));
    assert_eq!(hosts(&project).len(), 1);
    let session = ask();
    session.wait_for_text("[y/N]");
    session.type_text("Yes\r");
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
    assert!(session.screen().contains("0 processes left"), "{}", session.screen());
    assert_deserted(&project);
}

#[test]
fn a_host_without_its_records_and_strays_without_their_host_are_ended() {
    let project = left_alone(STUBBORN);
    std::fs::rename(state(&project), project.home.join("elsewhere")).unwrap();
    let (_, text) = said(&project, &["doctor", "--clean", "--yes", "--json"]);
    assert!(text.contains("\"survivors\":0") && text.contains("lost its folder"), "{text}");
    assert_deserted(&project);

    let project = left_alone(STUBBORN);
    let host = hosts(&project)[0];
    kill_process(Pid::from_raw(host).unwrap(), Signal::KILL).unwrap();
    let left = || project.home.residents();
    wait_until(|| left().len() == 1, "the host and its agent to go", || format!("{:?}", left()));
    let (_, text) = said(&project, &["doctor"]);
    assert!(text.contains("the host of a-1.1.1 died and left 1 processes"), "{text}");
    let (code, text) = said(&project, &["doctor", "--clean", "--yes"]);
    assert_eq!(code, Some(0), "{text}");
    assert_deserted(&project);
}

/// Work in review of a run that has ended, in a worktree of its own.
fn in_review() -> (Project, PathBuf) {
    let agent =
        "#!/bin/sh\necho made > made.$WORK_STREAM_ID\ngit add made.* && git commit -q -m made\n";
    let project = Project::new(agent);
    project.retarget("isolation: shared", "isolation: worktree");
    project.repository.git(["add", "--all"]);
    project.repository.git(["commit", "--quiet", "--message", "Add all"]);
    let ran = project.orch_tui(["run", "--yes", "--phase", "1.1"]);
    assert_eq!(ran.code, Some(4), "{}{}", ran.stdout, ran.stderr);
    let all = std::fs::read_dir(state(&project).join("worktrees")).unwrap().flatten();
    let mut trees = all.map(|entry| entry.path()).filter(|path| !path.ends_with("merge"));
    let tree = trees.find(|path| path.join("made.1.1").exists()).unwrap();
    (project, tree)
}

#[test]
fn work_that_waits_for_a_review_is_no_orphan_while_its_repository_is_there() {
    let (project, _tree) = in_review();
    assert_eq!(hosts(&project).len(), 1, "it holds the phase");
    let (_, text) = said(&project, &["doctor"]);
    assert!(!text.contains("orphan"), "{text}");
    let (_, text) = said(&project, &["doctor", "--clean", "--yes"]);
    assert!(text.contains("nothing runs that belongs to nobody"), "{text}");
    let before = project.repository.path().to_owned();
    std::fs::rename(&before, project.home.join("moved")).unwrap();
    let (_, text) = said(&project, &["doctor", "--clean", "--yes"]);
    let gone = format!("its repository was in {}, which is gone", before.display());
    assert!(text.contains(&gone) && !text.contains("worktrees/"), "{text}");
    assert_deserted(&project);
}

#[test]
fn nothing_is_opened_in_a_worktree_of_an_agent_but_its_roadmap_can_be_looked_at() {
    let (project, tree) = in_review();
    let inside = |words: &[&str]| {
        let words = words.iter().map(|word| (*word).to_owned());
        let outcome =
            support::command::Invocation::orch_tui(&project.home, words).folder(&tree).run();
        (outcome.code, outcome.stdout + &outcome.stderr)
    };
    let there = format!("`orch-tui -C {}`", project.repository.path().display());
    let opening: [&[&str]; 5] =
        [&[], &["run", "--yes", "everything"], &["status"], &["garden"], &["doctor"]];
    for words in opening {
        let (code, text) = inside(words);
        assert_eq!(code, Some(5), "{words:?}: {text}");
        assert!(text.contains(&there), "{words:?}: {text}");
    }
    let (_, text) = said(&project, &["-C", &tree.to_string_lossy(), "run", "--yes", "everything"]);
    assert!(text.contains(&there), "{text}");
    for words in [&["health"][..], &["graph"], &["garden", "--dry-run"], &["plan", "everything"]] {
        let (_, text) = inside(words);
        assert!(!text.contains(&there), "{words:?}: {text}");
    }
    let states = std::fs::read_dir(state(&project).parent().unwrap()).unwrap().flatten();
    let drove = states.filter(|entry| entry.path().join("journal.jsonl").exists()).count();
    assert_eq!(drove, 1, "a run began in the worktree");
    let (_, text) = said(&project, &["-C", &project.repository.path().to_string_lossy(), "status"]);
    assert!(text.contains("a-1.1"), "{text}");
}
