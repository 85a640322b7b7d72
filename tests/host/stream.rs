//! Agents that speak in events.

use std::time::Duration;

use orch_tui::domain::adapter::{AdapterKind, Parser};
use orch_tui::domain::agent::ExitCause;
use orch_tui::domain::reason::Reason;
use orch_tui::runner::host::read_result;
use orch_tui::runner::log::{AgentLog, LogForm};

use crate::bench::Bench;

#[tokio::test]
async fn stream_agents_become_a_transcript() {
    let script = r#"read -r task
        printf '%s\r\n' '{"type":"system","subtype":"init","session_id":"s-1","model":"m"}'
        printf '{"type":"assistant","message":{"content":[{"type":"text","text":"%s"}]}}\n' "$task"
        printf '%s\n' '{"type":"assistant","message":{"content":[{"type":"tool_use","name":"Bash","input":{"command":"cargo test"}}]}}'
        printf '%s\n' '{"type":"result","subtype":"success","is_error":false,"num_turns":2,"total_cost_usd":0.5,"usage":{"input_tokens":7,"output_tokens":3}}'"#;
    let bench = Bench::new("stream", AdapterKind::Stream, script);
    let mut viewer = bench.start().await;
    viewer.until_shown("▪ Task: say hello").await;
    viewer.until_shown("▪ Bash cargo test").await;
    let exit = viewer.exit().await;
    assert_eq!((exit.code, exit.said, exit.usage.turns), (Some(0), Some(Ok(())), 2));
    assert_eq!((exit.usage.input_tokens, exit.usage.cost_millicents), (7, 50_000));
    let pulse = viewer.pulse.clone().unwrap();
    assert_eq!(pulse.doing.as_str(), "Bash cargo test");
    let result = read_result(&bench.spec.folder).unwrap().unwrap();
    assert_eq!(result.session.as_deref(), Some("s-1"));
    let events = std::fs::read_to_string(bench.spec.folder.join("events.jsonl")).unwrap();
    assert_eq!(events.lines().count(), 4, "{events}");
    bench.collect(viewer).await;
}

/// Prints that a turn ended well.
const DONE: &str = r#"printf '%s\n' '{"type":"result","subtype":"success"}'"#;

#[tokio::test]
async fn an_agent_that_lingers_after_its_last_word_is_ended_and_did_well() {
    let script = format!("{DONE}; sleep 100");
    let mut bench = Bench::new("settle", AdapterKind::Stream, &script);
    bench.spec.limits.settle = Duration::from_millis(300);
    let mut viewer = bench.start().await;
    let exit = viewer.exit().await;
    assert_eq!((exit.cause, &exit.said), (ExitCause::Settled, &Some(Ok(()))));
    assert_eq!((exit.failure(), exit.survivors, bench.left()), (None, 0, 0));
    let recording = std::fs::read_to_string(bench.spec.folder.join("recording.cast")).unwrap();
    assert!(recording.contains("finished, and its process did not end"), "{recording}");
    bench.collect(viewer).await;
}

#[tokio::test]
async fn another_turn_takes_the_last_word_back() {
    // The second turn is silent for longer than it may linger, and ends badly.
    let script = format!(
        r#"{DONE}; printf '%s\n' '{{"type":"system","subtype":"init","session_id":"s"}}'
        sleep 2; printf '%s\n' '{{"type":"result","subtype":"error_max_turns"}}'; sleep 100"#
    );
    let mut bench = Bench::new("again-turn", AdapterKind::Stream, &script);
    bench.spec.limits.settle = Duration::from_millis(300);
    bench.spec.limits.idle = Duration::from_secs(4);
    let mut viewer = bench.start().await;
    let exit = viewer.exit().await;
    assert_eq!((exit.cause, exit.said), (ExitCause::IdleLimit, Some(Err(Reason::TurnLimit))));
    bench.collect(viewer).await;
}

#[tokio::test]
async fn silence_after_the_last_word_is_no_silence_of_work() {
    let script = format!("{DONE}; sleep 2; exit 0");
    let mut bench = Bench::new("quiet-end", AdapterKind::Stream, &script);
    bench.spec.limits.idle = Duration::from_millis(500);
    let mut viewer = bench.start().await;
    let exit = viewer.exit().await;
    assert_eq!((exit.cause, exit.code, exit.failure()), (ExitCause::Own, Some(0), None));
    bench.collect(viewer).await;
}

#[tokio::test]
async fn other_parsers_read_other_streams() {
    let script = r#"read -r task
        printf '%s\n' '{"type":"thread.started","thread_id":"t-9"}'
        printf '{"type":"item.completed","item":{"type":"agent_message","text":"%s"}}\n' "$task"
        printf '%s\n' '{"type":"turn.failed","error":{"message":"unexpected status 500: no"}}'; exit 1"#;
    let mut bench = Bench::new("codex", AdapterKind::Stream, script);
    bench.spec.parser = Some(Parser::Codex);
    let mut viewer = bench.start().await;
    viewer.until_shown("▪ Task: say hello").await;
    let said = viewer.exit().await.said;
    assert_eq!(said, Some(Err(Reason::Service("unexpected status 500: no".into()))));
    let result = read_result(&bench.spec.folder).unwrap().unwrap();
    assert_eq!(result.session.as_deref(), Some("t-9"));
    let mut log = AgentLog::open(&bench.spec.folder, LogForm::Text).unwrap();
    let text = log.read_new().unwrap().unwrap_or_default();
    assert!(String::from_utf8_lossy(&text).contains("Task: say hello"), "the log reads it as well");
    bench.collect(viewer).await;
}

#[tokio::test]
async fn a_stream_agent_without_a_result_did_not_end_well() {
    let bench = Bench::new("mute", AdapterKind::Stream, "echo 'no such model' >&2; exit 1");
    let mut viewer = bench.start().await;
    let said = viewer.exit().await.said;
    assert_eq!(said, Some(Err(Reason::Failed("exit code 1: no such model".into()))));
    bench.collect(viewer).await;
}
