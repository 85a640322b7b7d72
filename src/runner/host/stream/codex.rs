//! Codex' `exec --json`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::domain::agent::Usage;
use crate::runner::host::event::AgentEvent;

use super::fields::{clip, items, number, text};
use super::reasons::{Said, reason};

/// What is known of a stream so far.
#[derive(Debug, Default)]
pub(super) struct Codex {
    /// Items that were told to have begun and not to have ended.
    begun: BTreeSet<String>,
    usage: Usage,
}

impl Codex {
    /// Reads one object.
    pub(super) fn event(&mut self, event: &Value, events: &mut Vec<AgentEvent>) {
        match text(&event["type"]).as_str() {
            "thread.started" => events.push(AgentEvent::SessionStarted {
                session: text(&event["thread_id"]),
                model: text(&event["model"]),
            }),
            "turn.started" | "item.updated" => {}
            "item.started" => self.begin(&event["item"], events),
            "item.completed" => self.complete(&event["item"], events),
            "turn.completed" => {
                let usage = self.used(&event["usage"]);
                events.push(AgentEvent::TurnEnd { outcome: Ok(()), usage });
            }
            "turn.failed" => {
                let why = message(&event["error"]);
                let outcome = Err(reason(&Said::text(&why)));
                events.push(AgentEvent::TurnEnd { outcome, usage: self.usage });
            }
            // Whether it is fatal is told by what follows.
            "error" => events.push(trouble(&message(event))),
            kind => events.push(AgentEvent::Unknown { kind: kind.to_owned() }),
        }
    }

    fn begin(&mut self, item: &Value, events: &mut Vec<AgentEvent>) {
        if let Some(tool) = tool(item) {
            self.begun.insert(text(&item["id"]));
            events.push(tool);
        }
    }

    fn complete(&mut self, item: &Value, events: &mut Vec<AgentEvent>) {
        match text(&item["type"]).as_str() {
            "agent_message" => events.push(AgentEvent::Text { text: text(&item["text"]) }),
            "reasoning" => {
                let first =
                    text(&item["text"]).lines().next().unwrap_or_default().replace("**", "");
                events.push(AgentEvent::Note { text: first });
            }
            // A warning, such as one of a model it does not know: a turn that fails says so itself.
            "error" => events.push(AgentEvent::Note { text: message(item) }),
            "todo_list" => {}
            kind => match tool(item) {
                Some(tool) => {
                    if !self.begun.remove(&text(&item["id"])) {
                        events.push(tool);
                    }
                    events.push(end(item));
                }
                None => events.push(AgentEvent::Unknown { kind: format!("item {kind}") }),
            },
        }
    }

    fn used(&mut self, usage: &Value) -> Usage {
        self.usage.input_tokens += number(&usage["input_tokens"]);
        self.usage.output_tokens += number(&usage["output_tokens"]);
        self.usage.turns += 1;
        self.usage
    }
}

fn message(value: &Value) -> String {
    value["message"].as_str().unwrap_or("error").to_owned()
}

/// A stream that broke is taken up again: `Reconnecting... 2/5 (why)`.
fn trouble(message: &str) -> AgentEvent {
    let counted = message.strip_prefix("Reconnecting...").and_then(|rest| {
        let (attempt, cause) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
        let (number, of) = attempt.split_once('/')?;
        let cause = cause.trim_matches(|c| "() ".contains(c)).to_owned();
        Some(((number.parse().ok()?, of.parse().ok()?), cause))
    });
    match counted {
        Some((attempt, cause)) => AgentEvent::Retry { attempt, delay_ms: 0, cause },
        None => AgentEvent::Note { text: message.lines().next().unwrap_or_default().to_owned() },
    }
}

/// The start of a tool, if an item is one.
fn tool(item: &Value) -> Option<AgentEvent> {
    let (name, summary) = match item["type"].as_str()? {
        "command_execution" => ("shell".to_owned(), bare(&text(&item["command"]))),
        "file_change" => {
            let paths: Vec<String> = items(&item["changes"]).map(|c| text(&c["path"])).collect();
            ("edit".to_owned(), paths.join(" "))
        }
        "mcp_tool_call" => {
            (format!("{}.{}", text(&item["server"]), text(&item["tool"])), String::new())
        }
        "web_search" => ("search".to_owned(), text(&item["query"])),
        _ => return None,
    };
    let first = summary.lines().next().unwrap_or_default();
    Some(AgentEvent::ToolStart { name, summary: clip(first, CLIPPED) })
}

/// Characters of what a tool works on that are told.
const CLIPPED: usize = 200;

fn end(item: &Value) -> AgentEvent {
    let failed = ["failed", "declined"].contains(&text(&item["status"]).as_str());
    let is_error = failed || item["exit_code"].as_i64().is_some_and(|code| code != 0);
    let output = item["aggregated_output"].as_str().or(item["error"]["message"].as_str());
    AgentEvent::ToolEnd { is_error, summary: output.unwrap_or_default().to_owned() }
}

/// A command without the shell it is run by.
fn bare(command: &str) -> String {
    let inner = command.split_once(" -lc ").map_or(command, |(_, inner)| inner);
    let quoted = ['"', '\'']
        .into_iter()
        .find_map(|quote| inner.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)));
    quoted.unwrap_or(inner).to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::super::tests::parse;
    use super::*;
    use crate::domain::adapter::Parser;
    use crate::domain::reason::Reason;

    const STREAM: &str = concat!(
        "WARNING: a remark\r\n",
        r#"{"type":"thread.started","thread_id":"t-1"}"#,
        "\r\n",
        r#"{"type":"item.completed","item":{"id":"i0","type":"error","message":"unknown model"}}"#,
        "\r\n",
        r#"{"type":"turn.started"}"#,
        "\r\n",
        r#"{"type":"item.started","item":{"id":"i1","type":"command_execution","command":"/bin/bash -lc \"make all\"","status":"in_progress"}}"#,
        "\r\n",
        r#"{"type":"item.completed","item":{"id":"i1","type":"command_execution","command":"/bin/bash -lc \"make all\"","aggregated_output":"no\n","exit_code":2,"status":"completed"}}"#,
        "\r\n",
        r#"{"type":"item.completed","item":{"id":"i2","type":"file_change","changes":[{"path":"a.rs","kind":"add"},{"path":"b.rs","kind":"update"}],"status":"completed"}}"#,
        "\r\n",
        r#"{"type":"error","message":"Reconnecting... 2/5 (stream closed)"}"#,
        "\r\n",
        r#"{"type":"item.completed","item":{"id":"i3","type":"agent_message","text":"Done."}}"#,
        "\r\n",
        r#"{"type":"item.completed","item":{"id":"i4","type":"dream"}}"#,
        "\r\n",
        r#"{"type":"turn.completed","usage":{"input_tokens":20,"cached_input_tokens":5,"output_tokens":6}}"#,
        "\r\n",
    );

    #[test]
    fn a_stream_becomes_events_in_any_pieces() {
        let usage = Usage { input_tokens: 20, output_tokens: 6, cost_millicents: 0, turns: 1 };
        let tool = |name: &str, summary: &str| AgentEvent::ToolStart {
            name: name.into(),
            summary: summary.into(),
        };
        let expected = vec![
            AgentEvent::Plain { text: "WARNING: a remark".into() },
            AgentEvent::SessionStarted { session: "t-1".into(), model: String::new() },
            AgentEvent::Note { text: "unknown model".into() },
            tool("shell", "make all"),
            AgentEvent::ToolEnd { is_error: true, summary: "no\n".into() },
            tool("edit", "a.rs b.rs"),
            AgentEvent::ToolEnd { is_error: false, summary: String::new() },
            AgentEvent::Retry { attempt: (2, 5), delay_ms: 0, cause: "stream closed".into() },
            AgentEvent::Text { text: "Done.".into() },
            AgentEvent::Unknown { kind: "item dream".into() },
            AgentEvent::TurnEnd { outcome: Ok(()), usage },
        ];
        for piece in [1, 9, 10_000] {
            let (events, parser) = parse(Parser::Codex, STREAM, piece);
            assert_eq!(events, expected);
            assert_eq!(parser.verdict(Some(0)), Some(Ok(())), "a warning is no failure");
        }
    }

    #[test]
    fn only_a_failed_turn_is_a_failure() {
        let said = |lines: &str, code| parse(Parser::Codex, lines, 40).1.verdict(Some(code));
        let error = r#"{"type":"error","message":"unexpected status 500 Internal Server Error"}"#;
        let failed = r#"{"type":"turn.failed","error":{"message":"unexpected status 500 Internal Server Error: no\nmore"}}"#;
        let why = "unexpected status 500 Internal Server Error: no";
        let expected = Some(Err(Reason::Service(why.into())));
        assert_eq!(said(&format!("{error}\n{failed}"), 1), expected);
        assert_eq!(said(r#"{"type":"turn.completed"}"#, 0), Some(Ok(())));
        assert_eq!(said(&format!("{error}\n"), 1), None, "its exit status is the failure");
    }
}
