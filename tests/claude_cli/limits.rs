//! What the CLI may do, and what ends it.

use serde_json::json;

use crate::support::agent_cli;
use crate::support::agent_cli::{Ran, Work};
use crate::support::anthropic_stub::AnthropicStub;
use crate::support::project::Project;
use crate::{claude_binary, claude_environment};

/// What came of one life of the CLI with these keys of its adapter, not as a confined root.
fn limited(binary: &std::path::Path, stub: &AnthropicStub, work: &Work<'_>) -> (Project, Ran) {
    let command = format!("command: {}", binary.display());
    let keys: Vec<&str> =
        std::iter::once(command.as_str()).chain(work.keys.iter().copied()).collect();
    let project = agent_cli::project(&Work { keys: &keys, ..*work });
    let environment = claude_environment(stub, &project.home);
    let is_ours = |(name, _): &(String, String)| name != "IS_SANDBOX";
    let ran = agent_cli::run(&project, environment.into_iter().filter(is_ours).collect());
    (project, ran)
}

#[test]
fn an_allow_list_of_tools_needs_no_leave_for_root() {
    let Some(binary) = claude_binary() else { return };
    let stub = AnthropicStub::start();
    let scenario = "STUB:write:made.txt";
    let work = Work { agent: "claude", keys: &["autonomy: tools"], scenario };
    let (project, ran) = limited(&binary, &stub, &work);
    assert_eq!(ran.code, Some(0), "{}", ran.text);
    assert_eq!(ran.exit()["said"], json!({"Ok": null}), "{}", ran.exit());
    assert_eq!(project.repository.read("made.txt"), "hello from the stub\n");
}

#[test]
fn a_tool_that_was_denied_is_named() {
    let Some(binary) = claude_binary() else { return };
    let stub = AnthropicStub::start();
    let reading = "autonomy: {level: tools, tools: [\"--allowedTools=Read\"]}";
    for level in [reading, "autonomy: plan"] {
        let work = Work { agent: "claude", keys: &[level], scenario: "STUB:write:made.txt" };
        let (project, ran) = limited(&binary, &stub, &work);
        assert_eq!(ran.code, Some(1), "{}", ran.text);
        let (code, said) = (&ran.exit()["code"], &ran.exit()["said"]["Err"]["denied"]);
        // By its exit status all is well.
        assert_eq!((code, &said[0]), (&json!(0), &json!("Write")), "{level}: {}", ran.exit());
        assert!(!project.repository.join("made.txt").exists());
        assert!(ran.told.last().unwrap().to_string().contains("was denied Write"), "{}", ran.text);
    }
}

#[test]
fn a_refusal_to_work_as_root_is_told() {
    let Some(binary) = claude_binary() else { return };
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let stub = AnthropicStub::start();
    // Nothing is said of a sandbox, so only the CLI itself can refuse.
    let work = Work { agent: "claude", keys: &["root_env: {}"], scenario: "STUB:text:hello" };
    let (_, ran) = limited(&binary, &stub, &work);
    // Something outside is to be mended first.
    assert_eq!(ran.code, Some(5), "{}", ran.text);
    assert!(ran.exit()["said"]["Err"]["root_refused"].is_string(), "{}", ran.exit());
    // Some versions look whether the service is there.
    assert!(stub.requests().iter().all(|request| request.method != "POST"), "it asked the model");
}

#[test]
fn turns_are_limited() {
    let Some(binary) = claude_binary() else { return };
    let stub = AnthropicStub::start();
    let keys = ["autonomy: tools", "max_turns: 2"];
    let (_, ran) =
        limited(&binary, &stub, &Work { agent: "claude", keys: &keys, scenario: "STUB:loop" });
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    assert_eq!(ran.exit()["said"], json!({"Err": "turn_limit"}), "{}", ran.exit());
}

#[test]
fn a_command_left_in_the_background_holds_nothing_up() {
    let Some(binary) = claude_binary() else { return };
    let stub = AnthropicStub::start();
    let keys = ["autonomy: tools", "limits: {settle_s: 3, idle_s: 120}"];
    let scenario = "STUB:background:echo stub > made.txt; tail -f /dev/null";
    let work = Work { agent: "claude", keys: &keys, scenario };
    let (project, ran) = limited(&binary, &stub, &work);
    assert_eq!(ran.code, Some(0), "{}", ran.text);
    let exit = ran.exit();
    let told = (&exit["cause"], &exit["said"], &exit["survivors"]);
    assert_eq!(told, (&json!("settled"), &json!({"Ok": null}), &json!(0)), "{exit}");
    assert!(project.repository.roadmap().contains("✅ Complete"));
    assert_eq!(project.home.residents(), []);
}

#[test]
fn a_model_that_says_no_more_is_given_up() {
    let Some(binary) = claude_binary() else { return };
    let stub = AnthropicStub::start();
    let keys = ["autonomy: tools", "limits: {idle_s: 10}"];
    let work = Work { agent: "claude", keys: &keys, scenario: "STUB:hang" };
    let (project, ran) = limited(&binary, &stub, &work);
    // As timeout(1) says it.
    assert_eq!(ran.code, Some(124), "{}", ran.text);
    assert_eq!(ran.exit()["cause"], "idle_limit", "{}", ran.exit());
    assert!(stub.requests().iter().any(|request| request.scenario == "hang"), "{}", ran.text);
    assert_eq!(project.home.residents(), []);
}

#[test]
fn reasons_of_the_service_are_told_apart() {
    let Some(binary) = claude_binary() else { return };
    let stub = AnthropicStub::start();
    for (code, kind, exit) in
        [(400, "service", 1), (401, "needs_login", 5), (429, "rate_limited", 1)]
    {
        let scenario = format!("STUB:err:{code}");
        let keys = ["autonomy: tools"];
        let work = Work { agent: "claude", keys: &keys, scenario: &scenario };
        let (_, ran) = limited(&binary, &stub, &work);
        assert_eq!(ran.code, Some(exit), "{}", ran.text);
        let said = &ran.exit()["said"]["Err"][kind];
        assert!(said.is_string() || said.is_object(), "{code}: {}", ran.exit());
    }
}
