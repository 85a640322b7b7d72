//! Whoever is killed in the midst of a tool, the work goes on.

use std::io::Write;

use serde_json::Value;

use crate::support::anthropic_stub::{AnthropicStub, PROMPT_MARK, Request};
use crate::support::crew::wait_until;
use crate::support::project::{AGENT, Project};
use crate::{DEADLINE, claude_binary, claude_environment};

/// Who is killed in the midst of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    Agent,
    Host,
    /// The agent too: it would go on without.
    App,
}

/// The tool: half of the work, then nothing until a later life. `$0` is outside the repository.
const TOOL: &str = r#"#!/bin/sh
home=${0%/*}
echo "begin $AGENT_LIFE $(pwd)" >> "$home/log"
if [ "$AGENT_LIFE" = 1 ]; then
  echo half > half.txt
  while [ ! -e "$home/go" ]; do sleep 0.1; done
fi
touch "$home/go"
echo stub > made.txt
git add half.txt made.txt && git commit -qm "Made" && echo "end $AGENT_LIFE" >> "$home/log"
"#;

/// A project whose agent is the CLI, in worktrees that are merged by themselves, and whose work is that tool.
fn isolated(binary: &std::path::Path) -> Project {
    let roadmap = "# Roadmap\n\n### Phase 1.1: Store\n\n- **Status:** ⚪ Not Started\n";
    let project = Project::with_roadmap(roadmap, AGENT);
    let tool = project.home.join("work.sh");
    std::fs::write(&tool, TOOL).unwrap();
    let done = format!("{roadmap}- **Done When:** STUB:again:sh {}\n", tool.display());
    project.repository.commit_file("roadmap.md", &done);
    let agent = "\n      command: ./agent.sh\n      args: [--prompt, \"{prompt_file}\"]";
    project.retarget(agent, " claude\n    allow_root: true");
    project.retarget("isolation: shared", "isolation: worktree\n    merge: auto");
    project.retarget("cat made.$WORK_STREAM_ID", "grep half half.txt && grep stub made.txt");
    let agents = format!("agents:\n  claude:\n    command: {}\n", binary.display());
    project.repository.write("config/agents.yaml", &agents);
    project
}

fn parent(pid: i32) -> Option<i32> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()
}

/// What the CLI has written of its sessions.
fn sessions(folder: &std::path::Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => text += &sessions(&path),
            false => text += &std::fs::read_to_string(&path).unwrap_or_default(),
        }
    }
    text
}

fn kill(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
}

/// Runs the phase, kills in the midst of the tool, and runs it to its end.
fn interrupted(project: &Project, stub: &AnthropicStub, victim: Victim) -> (Option<i32>, String) {
    let run = || {
        let run = project.invocation(["run", "phase 1.1", "--yes", "--json"]);
        run.variables(claude_environment(stub, &project.home)).deadline(2 * DEADLINE)
    };
    let first = run().start();
    let log = || std::fs::read_to_string(project.home.join("log")).unwrap_or_default();
    let all = || format!("{:?}\n{:#?}", project.home.residents(), project.home.journal());
    wait_until(|| log().contains("begin 1"), "the tool", all);
    // The CLI writes its session a little later; whoever is killed before that has none to go on with.
    let kept = || sessions(&project.home.join(".claude/projects")).contains("Running a command. ");
    wait_until(kept, "the session", all);
    let residents = project.home.residents();
    let host = residents.iter().find(|one| one.command.contains("host --spec")).unwrap().pid;
    let agent = residents.iter().find(|one| parent(one.pid) == Some(host)).unwrap().pid;
    match victim {
        Victim::Agent => kill(agent),
        Victim::Host => kill(host),
        Victim::App => {
            first.signal(rustix::process::Signal::KILL);
            let _ = first.wait();
            kill(agent);
            let second = run().run();
            return (second.code, second.stdout + &second.stderr);
        }
    }
    let outcome = first.wait();
    (outcome.code, outcome.stdout + &outcome.stderr)
}

/// What the model was shown of the first life in the first request of the second.
fn check_history(stub: &AnthropicStub) {
    let prompts =
        |request: &Request| request.body["messages"].to_string().matches(PROMPT_MARK).count();
    let is_second = |request: &&Request| request.scenario == "again" && prompts(request) == 2;
    let requests = stub.requests();
    let counts: Vec<usize> = requests.iter().map(prompts).collect();
    let request = requests.iter().find(is_second);
    let request = request.unwrap_or_else(|| panic!("no context of the first life: {counts:?}"));
    let messages = request.body["messages"].as_array().unwrap();
    assert!(messages.len() >= 3, "{} messages", messages.len());
    let said: Vec<&Value> = messages
        .iter()
        .filter(|message| message["role"] == "assistant")
        .filter_map(|message| message["content"].as_array())
        .flatten()
        .collect();
    assert!(said.iter().any(|block| block["text"] == "Running a command. "), "{messages:#?}");
    // Some versions leave out the call that has no result; others say that its outcome is unknown.
    let call = said.iter().find(|block| block["type"] == "tool_use");
    if let Some(call) = call {
        assert!(call["input"]["command"].to_string().contains("work.sh"), "{call}");
        let mut results =
            messages.iter().filter_map(|message| message["content"].as_array()).flatten();
        assert!(results.any(|block| block["tool_use_id"] == call["id"]), "{messages:#?}");
    }
    let _ = writeln!(std::io::stderr(), "the unfinished call is told: {}", call.is_some());
    let with_prompt: Vec<String> =
        messages.iter().map(Value::to_string).filter(|text| text.contains(PROMPT_MARK)).collect();
    let (first, last) = (with_prompt.first().unwrap(), with_prompt.last().unwrap());
    assert!(first.contains("STUB:again"), "{first}");
    assert!(with_prompt.len() == 2 && !last.contains("STUB:again"), "the whole task again: {last}");
    assert!(last.contains("until phase 1.1 is done"), "{last}");
}

#[test]
fn whoever_is_killed_in_mid_tool_its_next_life_goes_on_with_all_it_knew() {
    let Some(binary) = claude_binary() else { return };
    for victim in [Victim::Agent, Victim::Host, Victim::App] {
        let stub = AnthropicStub::start();
        let project = isolated(&binary);
        let (code, text) = interrupted(&project, &stub, victim);
        let told = || format!("{victim:?}: {text}\n{:#?}", project.home.journal());
        assert_eq!(code, Some(0), "{}", told());
        check_history(&stub);
        let journal = project.home.journal();
        let born: Vec<&Value> =
            journal.iter().filter(|entry| entry["event"] == "agent_spawned").collect();
        assert_eq!(born.len(), 2, "{}", told());
        let (new, again) = (&born[0]["start"]["fresh"], &born[1]["start"]["resume"]);
        assert!(new["session"].is_string() && new == again, "{}", told());
        // Only the second life came to its end, in the place of the first.
        let log = std::fs::read_to_string(project.home.join("log")).unwrap();
        let lines: Vec<&str> = log.lines().collect();
        let [one, two, "end 2"] = lines[..] else { panic!("{log}") };
        let place = |line: &str| line.split(' ').nth(2).unwrap().to_owned();
        assert_eq!(place(one), place(two));
        assert!(!place(one).starts_with(&*project.repository.path().to_string_lossy()), "{log}");
        assert!(project.repository.roadmap().contains("✅ Complete"));
        assert_eq!(project.repository.git(["show", "main:half.txt"]), "half");
        assert_eq!(
            project.repository.git(["log", "--merges", "--format=%s", "main"]).lines().count(),
            1
        );
        assert_eq!(project.repository.git(["branch", "--list", "orch/*"]), "");
        assert_eq!(project.home.residents(), []);
    }
}
