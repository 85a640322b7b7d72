//! The real Claude Code CLI against the loopback stub: no network, no credentials.
//!
//! Runs only where `ORCH_TUI_CLAUDE_BIN` names the binary, because it is some hundred megabytes large.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

#[path = "claude_cli/killed.rs"]
mod killed;
#[path = "claude_cli/limits.rs"]
mod limits;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use support::agent_cli;
use support::agent_cli::Work;
use support::anthropic_stub::AnthropicStub;
use support::home::Home;
use support::project::{AGENT, Project};
use support::pty::{Exit, Launch, Session};
use support::repository::Repository;

/// The CLI needs a second or two to start, more on a busy machine.
const DEADLINE: Duration = Duration::from_secs(90);

const SESSION: &str = "7f3b8e7c-6a0e-4f53-9f0f-0d5a9f1c2b3d";

/// The real binary, if one was named; otherwise says why the test is skipped.
fn claude_binary() -> Option<PathBuf> {
    let binary = std::env::var_os("ORCH_TUI_CLAUDE_BIN").map(PathBuf::from);
    if binary.is_none() {
        // Written directly: the test harness hides what a passing test prints.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: set ORCH_TUI_CLAUDE_BIN to run the real Claude Code CLI"
        );
    }
    binary
}

/// The environment in which the CLI talks to `stub` and to nobody else, with its settings inside `home`.
fn claude_environment(stub: &AnthropicStub, home: &Home) -> Vec<(String, String)> {
    let mut environment: Vec<(String, String)> = [
        ("CLAUDE_CONFIG_DIR", home.join(".claude").to_string_lossy().into_owned()),
        ("ANTHROPIC_BASE_URL", stub.url()),
        ("ANTHROPIC_API_KEY", "sk-ant-stub".into()),
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1".into()),
        ("CLAUDE_CODE_MAX_RETRIES", "1".into()),
        ("DISABLE_AUTOUPDATER", "1".into()),
        ("DISABLE_TELEMETRY", "1".into()),
        ("DISABLE_ERROR_REPORTING", "1".into()),
    ]
    .map(|(name, value)| (name.to_string(), value))
    .into();
    if rustix::process::geteuid().is_root() {
        // The CLI refuses to skip permissions as root unless told that the machine is disposable.
        environment.push(("IS_SANDBOX".into(), "1".into()));
    }
    environment
}

/// Starts the CLI the way an agent is started: a terminal to write to, the prompt as a file to read.
fn start(
    binary: PathBuf,
    place: (&Home, &Repository),
    stub: &AnthropicStub,
    prompt: &str,
) -> Session {
    start_with(binary, place, stub, prompt, &["--session-id", SESSION])
}

fn start_with(
    binary: PathBuf,
    (home, repository): (&Home, &Repository),
    stub: &AnthropicStub,
    prompt: &str,
    more: &[&str],
) -> Session {
    let file = home.join("prompt.txt");
    std::fs::write(&file, prompt).unwrap();
    let binary = binary.to_string_lossy().into_owned();
    Launch::program(home, "/bin/sh")
        .arguments(["-c", "exec \"$0\" \"$@\" < \"$PROMPT\"", &binary])
        .arguments(["-p", "--dangerously-skip-permissions"])
        .arguments(["--output-format", "stream-json", "--verbose", "--include-partial-messages"])
        .arguments(more.iter().copied())
        .variables(claude_environment(stub, home))
        .variable("PROMPT", file.to_string_lossy())
        .folder(repository.path())
        .deadline(DEADLINE)
        .start()
}

/// The JSON lines of an output.
fn events(output: &[u8]) -> Vec<Value> {
    String::from_utf8_lossy(output)
        .lines()
        .filter_map(|line| serde_json::from_str(line.get(line.find('{')?..)?.trim_end()).ok())
        .collect()
}

/// A home with a repository inside.
fn place() -> (Home, Repository) {
    let home = Home::new();
    let repository = Repository::with_roadmap(&home, "project", "# Roadmap\n");
    (home, repository)
}

#[test]
fn the_cli_writes_a_file_and_reports_success() {
    let Some(binary) = claude_binary() else { return };
    let (home, repository) = place();
    let stub = AnthropicStub::start();
    let session = start(
        binary.clone(),
        (&home, &repository),
        &stub,
        "Create the file. STUB:write:made.txt\n",
    );
    assert_eq!(session.wait_for_exit(), Exit::Code(0), "{}", session.screen());
    assert_eq!(repository.read("made.txt"), "hello from the stub\n");
    let events = events(&session.output());
    let init = events.iter().find(|event| event["subtype"] == "init").expect("an init event");
    assert_eq!(init["session_id"], SESSION);
    let result = events.iter().rfind(|event| event["type"] == "result").expect("a result");
    assert_eq!((&result["subtype"], &result["is_error"]), (&"success".into(), &false.into()));
    assert_eq!(result["permission_denials"], Value::Array(Vec::new()));
    let mut steps: Vec<usize> = stub.requests().iter().map(|request| request.step).collect();
    // Some versions ask something of their own beside the first.
    steps.dedup();
    assert_eq!(steps, [0, 1, 2]);
    assert_eq!(home.residents(), []);

    let again = "Once more. STUB:text:back again\n";
    let resumed = start_with(binary, (&home, &repository), &stub, again, &["--resume", SESSION]);
    assert_eq!(resumed.wait_for_exit(), Exit::Code(0), "{}", resumed.screen());
    let messages = stub.requests().last().unwrap().body["messages"].clone();
    assert!(messages.to_string().contains("STUB:write:made.txt"), "the session was not resumed");
}

#[test]
fn events_are_live_while_the_model_still_speaks() {
    let Some(binary) = claude_binary() else { return };
    let (home, repository) = place();
    let stub = AnthropicStub::start();
    let session = start(binary, (&home, &repository), &stub, "STUB:held:early words then late\n");
    let has = |what: &'static str| {
        move |output: &[u8]| output.windows(what.len()).any(|part| part == what.as_bytes())
    };
    session.wait_for_output(has("\"early \""), "the first word");
    assert_eq!(session.exit_status(), None);
    assert!(!has("\"late\"")(&session.output()));
    stub.release();
    assert_eq!(session.wait_for_exit(), Exit::Code(0), "{}", session.screen());
    let events = events(&session.output());
    let result = events.iter().rfind(|event| event["type"] == "result").expect("a result");
    assert_eq!(result["result"], "early words then late");
}

#[test]
fn an_error_of_the_api_is_an_error_of_the_run() {
    let Some(binary) = claude_binary() else { return };
    let (home, repository) = place();
    let stub = AnthropicStub::start();
    let session = start(binary, (&home, &repository), &stub, "STUB:err:400\n");
    assert_eq!(session.wait_for_exit(), Exit::Code(1), "{}", session.screen());
    let events = events(&session.output());
    let result = events.iter().rfind(|event| event["type"] == "result").expect("a result");
    assert_eq!(result["is_error"], true);
}

/// A project whose agent is the CLI, with a phase that names a scenario of the stub.
fn project(binary: &std::path::Path, scenario: &str) -> Project {
    let roadmap = format!(
        "# Roadmap\n\n### Phase 1.1: Store\n\n- **Status:** ⚪ Not Started\n- **Done When:** {scenario}\n"
    );
    let project = Project::with_roadmap(&roadmap, AGENT);
    let agent = "\n      command: ./agent.sh\n      args: [--prompt, \"{prompt_file}\"]";
    // In the checkout itself: the model's script commits nothing.
    project.retarget(agent, " claude\n    allow_root: true\n    shared_agents: 1");
    project.retarget("cat made.$WORK_STREAM_ID", "grep stub made.txt");
    let agents = format!("agents:\n  claude:\n    command: {}\n", binary.display());
    project.repository.write("config/agents.yaml", &agents);
    project
}

/// Runs the only phase on pipes and returns the exit code with what was told.
fn run(project: &Project, stub: &AnthropicStub) -> (Option<i32>, Vec<Value>, String) {
    let run = project.invocation(["run", "phase 1.1", "--yes", "--json"]);
    let environment = claude_environment(stub, &project.home);
    let outcome = run.variables(environment).deadline(DEADLINE * 2).run();
    let told = events(outcome.stdout.as_bytes());
    (outcome.code, told, format!("{}{}", outcome.stdout, outcome.stderr))
}

/// Lets the time pass in which a plan that has just appeared takes no approval.
fn calm() {
    let (_open, nothing) = std::sync::mpsc::channel::<()>();
    let _ = nothing.recv_timeout(Duration::from_millis(600));
}

#[test]
fn a_phase_is_completed_by_the_cli_and_its_gate() {
    let Some(binary) = claude_binary() else { return };
    let stub = AnthropicStub::start();
    let project = project(&binary, "STUB:write:made.txt");
    let (code, told, text) = run(&project, &stub);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(project.repository.read("made.txt"), "hello from the stub\n");
    let stopped = told.iter().find(|event| event["event"] == "stopped").expect("its end");
    assert_eq!(stopped["exit"]["said"], serde_json::json!({"Ok": null}), "{stopped}");
    assert!(stopped["exit"]["usage"]["output_tokens"].as_u64() > Some(0), "{stopped}");
    let activity = told.iter().filter(|event| event["event"] == "agent_activity").count();
    assert!(activity > 0, "{text}");
    let roadmap = project.repository.roadmap();
    assert!(roadmap.contains("✅ Complete\n- **Assigned To:** a-1.1\n"), "{roadmap}");
}

#[test]
fn an_error_of_the_api_fails_the_phase_with_its_reason_after_a_second_try() {
    let Some(binary) = claude_binary() else { return };
    let stub = AnthropicStub::start();
    let project = project(&binary, "STUB:err:400");
    let before = project.repository.roadmap();
    let (code, told, text) = run(&project, &stub);
    assert_eq!(code, Some(1), "{text}");
    let lives = told.iter().filter(|event| event["event"] == "agent_spawned").count();
    assert_eq!(lives, 2, "{text}");
    let outcome = told.last().unwrap()["phases"][0]["outcome"].to_string();
    assert!(outcome.contains("the stub answers 400"), "{outcome}");
    assert_eq!(project.repository.roadmap(), before);
}

#[test]
fn what_the_cli_says_is_on_the_screen_while_it_still_speaks() {
    let Some(binary) = claude_binary() else { return };
    let stub = AnthropicStub::start();
    let project = project(&binary, "STUB:held:early words then late");
    project.retarget("grep stub made.txt", "true");
    let session = Launch::orch_tui(&project.home)
        .folder(project.repository.path())
        .variables(claude_environment(&stub, &project.home))
        .size(120, 36)
        .deadline(DEADLINE)
        .start();
    session.wait_for_text("Store");
    session.type_text("n");
    session.type_text("phase 1.1\r");
    session.wait_for_text("Nothing starts before y");
    calm();
    session.type_text("y");
    // The plan shows the phase's own text, which has the words too.
    session.wait_for(|screen| !screen.contains("Nothing starts before y"), "the plan to close");
    let live = session.wait_for(|screen| screen.contains("early words then"), "the first words");
    assert!(!live.contains("late"), "{live}");
    assert!(project.repository.roadmap().contains("🔄 In Progress"));
    stub.release();
    session.wait_for(|screen| screen.contains("100%"), "the completed phase");
    assert!(project.repository.roadmap().contains("✅ Complete"));
    session.type_text("q");
    assert_eq!(session.wait_for_exit(), Exit::Code(0), "{}", session.screen());
}

/// What the CLI's own screen would ask first is answered beforehand, as a person has done long ago.
fn accustom(project: &Project) {
    let folder = project.home.join(".claude");
    std::fs::create_dir_all(&folder).unwrap();
    let here = project.repository.path().to_string_lossy().into_owned();
    let known = json!({
        "hasCompletedOnboarding": true,
        "theme": "dark",
        "customApiKeyResponses": {"approved": ["sk-ant-stub"], "rejected": []},
        "projects": {here: {"hasTrustDialogAccepted": true, "hasCompletedProjectOnboarding": true}},
    });
    std::fs::write(folder.join(".claude.json"), known.to_string()).unwrap();
}

#[test]
fn its_own_screen_gets_the_prompt_and_is_left_by_hand() {
    let Some(binary) = claude_binary() else { return };
    let stub = AnthropicStub::start();
    let command = format!("command: {}", binary.display());
    let keys = [command.as_str(), "autonomy: tools"];
    let scenario = "STUB:write:made.txt";
    let project = agent_cli::project(&Work { agent: "claude-tui", keys: &keys, scenario });
    accustom(&project);
    let run = project.invocation(["run", "phase 1.1", "--yes"]);
    let mut run = run
        .variables(claude_environment(&stub, &project.home))
        .deadline(agent_cli::DEADLINE)
        .start();
    run.wait_for_line(|line| line.contains("hosted by process"), "the agent");
    let seat = Launch::orch_tui(&project.home)
        .folder(project.repository.path())
        .arguments(["attach", "a-1.1"])
        .size(100, 40)
        .deadline(DEADLINE)
        .start();
    seat.wait_for(
        |screen| screen.contains("TYPE") && screen.contains("was written and checked"),
        "the end of its work",
    );
    assert_eq!(project.repository.read("made.txt"), "hello from the stub\n");
    seat.type_text("/exit");
    seat.wait_for_text("/exit");
    seat.type_text("\r");
    let outcome = run.wait();
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    assert!(project.repository.roadmap().contains("✅ Complete"));
}
