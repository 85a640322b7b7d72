//! The real Claude Code CLI against the loopback stub: no network, no credentials.
//!
//! Runs only where `ORCH_TUI_CLAUDE_BIN` names the binary, because it is some hundred megabytes large.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use support::anthropic_stub::AnthropicStub;
use support::home::Home;
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
    let steps: Vec<usize> = stub.requests().iter().map(|request| request.step).collect();
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
