//! The real opencode CLI against a loopback stub: no network, no credentials.
//!
//! Runs only where `ORCH_TUI_OPENCODE_BIN` names the binary, because it is some hundred megabytes large.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::path::Path;

use serde_json::json;
use support::agent_cli::{Ran, Work, binary, project, run};
use support::anthropic_stub::AnthropicStub;
use support::project::Project;

const BINARY: &str = "ORCH_TUI_OPENCODE_BIN";

/// Runs a scenario with the binary, whose settings name the stub as its only service.
fn work(binary: &Path, stub: &AnthropicStub, scenario: &str) -> (Project, Ran) {
    let command = format!("command: {}", binary.display());
    let keys = [command.as_str(), "model: stub/model"];
    let project = project(&Work { agent: "opencode", keys: &keys, scenario });
    let settings = json!({
        "autoupdate": false,
        "share": "disabled",
        "small_model": "stub/model",
        "provider": {"stub": {
            "npm": "@ai-sdk/anthropic",
            "name": "stub",
            "options": {"baseURL": format!("{}/v1", stub.url()), "apiKey": "stub"},
            "models": {"model": {"name": "model"}},
        }},
    });
    let file = project.home.join("opencode.json");
    std::fs::write(&file, settings.to_string()).unwrap();
    let environment = [
        ("OPENCODE_CONFIG", file.to_string_lossy().into_owned()),
        ("OPENCODE_DISABLE_MODELS_FETCH", "1".to_owned()),
        ("OPENCODE_DISABLE_AUTOUPDATE", "1".to_owned()),
    ];
    let ran = run(&project, environment.map(|(name, value)| (name.to_owned(), value)).into());
    (project, ran)
}

#[test]
fn a_phase_is_completed_by_the_cli_and_its_gate() {
    let Some(binary) = binary(BINARY) else { return };
    let stub = AnthropicStub::start();
    let scenario = "STUB:bash:echo 'hello from the stub' > made.txt";
    let (project, ran) = work(&binary, &stub, scenario);
    assert_eq!(ran.code, Some(0), "{}", ran.text);
    assert_eq!(project.repository.read("made.txt"), "hello from the stub\n");
    let exit = ran.exit();
    assert_eq!((&exit["cause"], &exit["said"]), (&json!("own"), &json!({"Ok": null})), "{exit}");
    assert_eq!(exit["usage"]["input_tokens"], 2400, "{exit}");
    assert!(project.repository.roadmap().contains("✅ Complete"));
    let log = project.orch_tui(["logs", "a-1.1"]).expect_success();
    assert!(log.contains("▪ bash echo 'hello from the stub'"), "{log}");
    assert!(log.contains("▪ The command has finished."), "{log}");
    assert_eq!(project.home.residents(), []);
}

#[test]
fn an_error_of_the_api_fails_the_phase_with_its_reason() {
    let Some(binary) = binary(BINARY) else { return };
    let stub = AnthropicStub::start();
    for (code, kind, exit) in [(400, "service", 1), (401, "needs_login", 5)] {
        let (_, ran) = work(&binary, &stub, &format!("STUB:err:{code}"));
        assert_eq!(ran.code, Some(exit), "{}", ran.text);
        let said = &ran.exit()["said"]["Err"][kind];
        let words = format!("the stub answers {code}");
        assert!(said.as_str().is_some_and(|said| said.contains(&words)), "{}", ran.exit());
    }
}
