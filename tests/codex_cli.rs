//! The real Codex CLI against a loopback stub: no network, no credentials.
//!
//! Runs only where `ORCH_TUI_CODEX_BIN` names the binary, because it is some hundred megabytes large.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::path::Path;

use serde_json::json;
use support::agent_cli::{Ran, Work, binary, project, run};
use support::http_stub::HttpStub;
use support::openai_stub;
use support::project::Project;

const BINARY: &str = "ORCH_TUI_CODEX_BIN";

/// Runs a scenario with the binary, whose settings name the stub as its only service.
fn work(binary: &Path, stub: &HttpStub, scenario: &str) -> (Project, Ran) {
    work_at("full", (binary, stub), scenario)
}

/// The same at a level of autonomy.
fn work_at(level: &str, (binary, stub): (&Path, &HttpStub), scenario: &str) -> (Project, Ran) {
    let command = format!("command: {}", binary.display());
    let level = format!("autonomy: {level}");
    let keys = [command.as_str(), "model: stub-model", level.as_str()];
    let project = project(&Work { agent: "codex", keys: &keys, scenario });
    let settings = format!(
        "model_provider = \"stub\"\n\n[model_providers.stub]\nname = \"stub\"\nbase_url = \"{}/v1\"\n\
         wire_api = \"responses\"\nenv_key = \"CODEX_STUB_KEY\"\nrequest_max_retries = 0\nstream_max_retries = 0\n",
        stub.url()
    );
    let folder = project.home.join(".codex");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), settings).unwrap();
    let home = folder.to_string_lossy().into_owned();
    let environment = [("CODEX_STUB_KEY", "stub".to_owned()), ("CODEX_HOME", home)];
    let ran = run(&project, environment.map(|(name, value)| (name.to_owned(), value)).into());
    (project, ran)
}

#[test]
fn a_phase_is_completed_by_the_cli_and_its_gate() {
    let Some(binary) = binary(BINARY) else { return };
    let stub = openai_stub::start();
    let (project, ran) = work(&binary, &stub, "STUB:write:made.txt");
    assert_eq!(ran.code, Some(0), "{}", ran.text);
    assert_eq!(project.repository.read("made.txt"), "hello from the stub\n");
    let exit = ran.exit();
    assert_eq!((&exit["cause"], &exit["said"]), (&json!("own"), &json!({"Ok": null})), "{exit}");
    assert_eq!(exit["usage"]["input_tokens"], 2000, "{exit}");
    let roadmap = project.repository.roadmap();
    assert!(roadmap.contains("✅ Complete\n- **Assigned To:** a-1.1\n"), "{roadmap}");
    let log = project.orch_tui(["logs", "a-1.1"]).expect_success();
    assert!(log.contains("▪ shell echo 'hello from the stub'"), "{log}");
    assert!(log.contains("▪ Done: the file was written."), "{log}");
    let asked = stub.requests().iter().filter(|r| r.path.ends_with("/responses")).count();
    assert_eq!(asked, 2);
    assert_eq!(project.home.residents(), []);
}

#[test]
fn an_agent_that_only_plans_writes_nothing() {
    let Some(binary) = binary(BINARY) else { return };
    let stub = openai_stub::start();
    let (project, ran) = work_at("plan", (&binary, &stub), "STUB:write:made.txt");
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    assert_eq!(ran.exit()["said"], json!({"Ok": null}), "{}", ran.exit());
    assert!(!project.repository.join("made.txt").exists());
    assert!(ran.text.contains("gate made failed"), "{}", ran.text);
}

#[test]
fn an_error_of_the_api_fails_the_phase_with_its_reason() {
    let Some(binary) = binary(BINARY) else { return };
    let stub = openai_stub::start();
    for (code, kind, words, exit) in [
        (400, "service", "the stub answers 400", 1),
        (401, "needs_login", "the stub answers 401", 5),
        (429, "rate_limited", "429", 1),
        (500, "service", "", 1),
    ] {
        let (project, ran) = work(&binary, &stub, &format!("STUB:err:{code}"));
        assert_eq!(ran.code, Some(exit), "{}", ran.text);
        let said = &ran.exit()["said"]["Err"];
        assert!(said[kind].is_string() || said[kind].is_object(), "{code}: {said}");
        assert!(said[kind].to_string().contains(words), "{code}: {said}");
        assert!(project.repository.roadmap().contains("⚪ Not Started"));
    }
}
