//! The real Gemini CLI against a loopback stub: no network, no credentials.
//!
//! Runs only where `ORCH_TUI_GEMINI_BIN` names the binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::path::Path;

use serde_json::json;
use support::agent_cli::{Ran, Work, binary, project, run};
use support::gemini_stub;
use support::http_stub::HttpStub;
use support::project::Project;

const BINARY: &str = "ORCH_TUI_GEMINI_BIN";

const SETTINGS: &str = r#"{
    "security": {"auth": {"selectedType": "gemini-api-key"}},
    "telemetry": {"enabled": false},
    "privacy": {"usageStatisticsEnabled": false},
    "general": {"disableAutoUpdate": true, "disableUpdateNag": true}
}"#;

/// Runs a scenario with the binary and these settings, which talks to the stub and to nobody else.
fn work(binary: &Path, stub: &HttpStub, (scenario, settings): (&str, &str)) -> (Project, Ran) {
    let command = format!("command: {}", binary.display());
    // Without a model the CLI asks one which to take.
    let keys = [command.as_str(), "model: gemini-2.5-flash"];
    let project = project(&Work { agent: "gemini", keys: &keys, scenario });
    let folder = project.home.join(".gemini");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("settings.json"), settings).unwrap();
    let environment =
        [("GEMINI_API_KEY", "stub".to_owned()), ("GOOGLE_GEMINI_BASE_URL", stub.url())];
    let ran = run(&project, environment.map(|(name, value)| (name.to_owned(), value)).into());
    (project, ran)
}

#[test]
fn a_phase_is_completed_by_the_cli_and_its_gate() {
    let Some(binary) = binary(BINARY) else { return };
    let stub = gemini_stub::start();
    let (project, ran) = work(&binary, &stub, ("STUB:write:made.txt", SETTINGS));
    assert_eq!(ran.code, Some(0), "{}", ran.text);
    assert_eq!(project.repository.read("made.txt"), "hello from the stub\n");
    let exit = ran.exit();
    assert_eq!((&exit["cause"], &exit["said"]), (&json!("own"), &json!({"Ok": null})), "{exit}");
    assert_eq!(exit["usage"]["input_tokens"], 2000, "{exit}");
    let roadmap = project.repository.roadmap();
    assert!(roadmap.contains("✅ Complete\n- **Assigned To:** a-1.1\n"), "{roadmap}");
    let log = project.orch_tui(["logs", "a-1.1"]).expect_success();
    assert!(log.contains("▪ write_file made.txt"), "{log}");
    assert!(log.contains("▪ Done: the file was written."), "{log}");
    assert_eq!(project.home.residents(), []);
}

#[test]
fn an_error_of_the_api_fails_the_phase_with_its_reason() {
    let Some(binary) = binary(BINARY) else { return };
    let stub = gemini_stub::start();
    for (code, kind, exit) in [(400, "service", 1), (401, "needs_login", 5), (404, "service", 1)] {
        let (project, ran) = work(&binary, &stub, (&format!("STUB:err:{code}"), SETTINGS));
        assert_eq!(ran.code, Some(exit), "{}", ran.text);
        let said = &ran.exit()["said"]["Err"][kind];
        let words = format!("the stub answers {code}");
        assert!(said.as_str().is_some_and(|said| said.contains(&words)), "{}", ran.exit());
        assert!(project.repository.roadmap().contains("⚪ Not Started"));
    }
}

#[test]
fn a_cli_nobody_is_logged_in_to_says_so() {
    let Some(binary) = binary(BINARY) else { return };
    let stub = gemini_stub::start();
    // The settings name no way to log in.
    let (_, ran) = work(&binary, &stub, ("STUB:write:made.txt", "{}"));
    assert_eq!(ran.code, Some(5), "{}", ran.text);
    let exit = ran.exit();
    assert!(exit["said"]["Err"]["needs_login"].is_string(), "{exit}");
    assert_eq!(stub.requests().len(), 0);
}
