//! opencode's `run --format json`.

use serde_json::Value;

use crate::domain::agent::Usage;
use crate::domain::printable::Printable;
use crate::domain::reason::Reason;
use crate::runner::host::event::AgentEvent;

use super::fields::{clip, millicents, number, text, tool_summary};
use super::reasons::{Said, reason};

/// Characters of a tool's title that are told.
const LONGEST_TITLE: usize = 200;

/// What is known of a stream so far.
#[derive(Debug, Default)]
pub(super) struct Opencode {
    session: String,
    usage: Usage,
}

impl Opencode {
    /// Reads one object.
    pub(super) fn event(&mut self, event: &Value, events: &mut Vec<AgentEvent>) {
        self.note_session(event, events);
        let part = &event["part"];
        match text(&event["type"]).as_str() {
            "step_start" | "reasoning" => {}
            "text" => events.push(AgentEvent::Text { text: text(&part["text"]) }),
            "tool_use" => tool(part, events),
            "step_finish" => events.push(self.finished(part)),
            "error" => {
                let outcome = Err(why(&event["error"]));
                events.push(AgentEvent::TurnEnd { outcome, usage: self.usage });
            }
            kind => events.push(AgentEvent::Unknown { kind: kind.to_owned() }),
        }
    }

    /// Every event names the session; the first begins it.
    fn note_session(&mut self, event: &Value, events: &mut Vec<AgentEvent>) {
        let session = text(&event["sessionID"]);
        if self.session.is_empty() && !session.is_empty() {
            self.session.clone_from(&session);
            events.push(AgentEvent::SessionStarted { session, model: String::new() });
        }
    }

    /// A step that ends in tool calls is followed by another.
    fn finished(&mut self, part: &Value) -> AgentEvent {
        let tokens = &part["tokens"];
        let cached = number(&tokens["cache"]["read"]) + number(&tokens["cache"]["write"]);
        self.usage.input_tokens += number(&tokens["input"]) + cached;
        self.usage.output_tokens += number(&tokens["output"]) + number(&tokens["reasoning"]);
        self.usage.cost_millicents += millicents(&part["cost"]);
        self.usage.turns += 1;
        let usage = self.usage;
        match part["reason"].as_str() {
            Some("stop") => AgentEvent::TurnEnd { outcome: Ok(()), usage },
            Some("tool-calls" | "tool_calls") | None => AgentEvent::Used { usage },
            Some(other) => {
                let outcome = Err(Reason::Failed(Printable::new(&format!("it ended by {other}"))));
                AgentEvent::TurnEnd { outcome, usage }
            }
        }
    }
}

/// A tool is told once, when it has ended.
fn tool(part: &Value, events: &mut Vec<AgentEvent>) {
    let (name, state) = (text(&part["tool"]), &part["state"]);
    let title = state["title"].as_str().filter(|title| !title.is_empty());
    let summary = match title.and_then(|title| title.lines().next()) {
        Some(title) => clip(title, LONGEST_TITLE),
        None => tool_summary(&name, &state["input"], ""),
    };
    events.push(AgentEvent::ToolStart { name, summary });
    let output = state["output"].as_str().or(state["error"].as_str());
    events.push(AgentEvent::ToolEnd {
        is_error: state["status"] == "error",
        summary: output.unwrap_or_default().to_owned(),
    });
}

fn why(error: &Value) -> Reason {
    let data = &error["data"];
    let said = data["message"].as_str().or(error["message"].as_str()).or(error["name"].as_str());
    let kind = text(&error["name"]);
    let status = data["statusCode"].as_u64();
    reason(&Said { status, kind: &kind, ..Said::text(said.unwrap_or("error")) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::super::tests::parse;
    use super::*;
    use crate::domain::adapter::Parser;

    const STREAM: &str = concat!(
        r#"{"type":"step_start","sessionID":"ses_1","part":{"type":"step-start"}}"#,
        "\n",
        r#"{"type":"tool_use","sessionID":"ses_1","part":{"type":"tool","tool":"bash","state":{"status":"completed","input":{"command":"make"},"output":"ok"}}}"#,
        "\n",
        r#"{"type":"tool_use","sessionID":"ses_1","part":{"tool":"write","state":{"status":"error","title":"a.rs","input":{"filePath":"/x/a.rs"},"error":"no"}}}"#,
        "\n",
        r#"{"type":"step_finish","sessionID":"ses_1","part":{"reason":"tool-calls","cost":0.001,"tokens":{"input":5,"output":2,"reasoning":1,"cache":{"read":3,"write":0}}}}"#,
        "\n",
        r#"{"type":"text","sessionID":"ses_1","part":{"type":"text","text":"Done."}}"#,
        "\n",
        r#"{"type":"step_finish","sessionID":"ses_1","part":{"reason":"stop","cost":0.001,"tokens":{"input":1,"output":1}}}"#,
        "\n",
    );

    #[test]
    fn a_stream_becomes_events_in_any_pieces() {
        let usage = Usage { input_tokens: 8, output_tokens: 3, cost_millicents: 100, turns: 1 };
        let all = Usage { input_tokens: 9, output_tokens: 4, cost_millicents: 200, turns: 2 };
        let expected = vec![
            AgentEvent::SessionStarted { session: "ses_1".into(), model: String::new() },
            AgentEvent::ToolStart { name: "bash".into(), summary: "make".into() },
            AgentEvent::ToolEnd { is_error: false, summary: "ok".into() },
            AgentEvent::ToolStart { name: "write".into(), summary: "a.rs".into() },
            AgentEvent::ToolEnd { is_error: true, summary: "no".into() },
            AgentEvent::Used { usage },
            AgentEvent::Text { text: "Done.".into() },
            AgentEvent::TurnEnd { outcome: Ok(()), usage: all },
        ];
        for piece in [1, 9, 10_000] {
            assert_eq!(parse(Parser::Opencode, STREAM, piece).0, expected);
        }
    }

    #[test]
    fn errors_name_their_reason() {
        let said = |error: &str| {
            let line = format!(r#"{{"type":"error","error":{error}}}"#);
            parse(Parser::Opencode, &line, 40).1.verdict(Some(1)).unwrap().unwrap_err()
        };
        let api = r#"{"name":"APIError","data":{"message":"Bad","statusCode":500}}"#;
        assert_eq!(said(api), Reason::Service("Bad".into()));
        let auth = r#"{"name":"ProviderAuthError","data":{"message":"No key"}}"#;
        assert_eq!(said(auth), Reason::NeedsLogin("No key".into()));
        assert_eq!(said(r#"{"name":"UnknownError"}"#), Reason::Failed("UnknownError".into()));
    }
}
