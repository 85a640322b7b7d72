//! Gemini CLI's `--output-format stream-json`.

use serde_json::Value;

use crate::domain::agent::Usage;
use crate::domain::reason::Reason;
use crate::runner::host::event::AgentEvent;

use super::fields::{number, text, tool_summary};
use super::reasons::{Said, reason};

/// What is known of a stream so far.
#[derive(Debug, Default)]
pub(super) struct Gemini {
    /// The text that comes in pieces.
    open: String,
    turns: u32,
}

impl Gemini {
    /// Reads one object.
    pub(super) fn event(&mut self, event: &Value, events: &mut Vec<AgentEvent>) {
        let kind = text(&event["type"]);
        if kind != "message" {
            self.close(events);
        }
        match kind.as_str() {
            "init" => events.push(AgentEvent::SessionStarted {
                session: text(&event["session_id"]),
                model: text(&event["model"]),
            }),
            "message" if event["role"] == "assistant" => self.message(event, events),
            "message" => {}
            "tool_use" => {
                let name = text(&event["tool_name"]);
                let summary = tool_summary(&name, &event["parameters"], "");
                events.push(AgentEvent::ToolStart { name, summary });
            }
            "tool_result" => {
                let output = event["output"].as_str().or(event["error"]["message"].as_str());
                events.push(AgentEvent::ToolEnd {
                    is_error: event["status"] != "success",
                    summary: output.unwrap_or_default().to_owned(),
                });
            }
            "error" => events.push(AgentEvent::Note { text: text(&event["message"]) }),
            "result" => events.push(self.result(event)),
            kind => events.push(AgentEvent::Unknown { kind: kind.to_owned() }),
        }
    }

    fn message(&mut self, event: &Value, events: &mut Vec<AgentEvent>) {
        let text = text(&event["content"]);
        if event["delta"] == true {
            self.open.push_str(&text);
            events.push(AgentEvent::TextDelta { text });
        } else {
            self.close(events);
            events.push(AgentEvent::Text { text });
        }
    }

    /// The end of a text that came in pieces is told by whatever follows it.
    fn close(&mut self, events: &mut Vec<AgentEvent>) {
        if !self.open.is_empty() {
            events.push(AgentEvent::TextEnd { text: std::mem::take(&mut self.open) });
        }
    }

    fn result(&mut self, event: &Value) -> AgentEvent {
        let stats = &event["stats"];
        let calls = u32::try_from(number(&stats["tool_calls"])).unwrap_or(0);
        self.turns = self.turns.saturating_add(calls).saturating_add(1);
        let usage = Usage {
            input_tokens: number(&stats["input_tokens"]),
            output_tokens: number(&stats["output_tokens"]),
            cost_millicents: 0,
            turns: self.turns,
        };
        let outcome = match event["status"].as_str() {
            Some("success") => Ok(()),
            _ => {
                let error = &event["error"];
                let why = error["message"].as_str().unwrap_or("error");
                Err(reason(&Said { kind: &text(&error["type"]), ..Said::text(why) }))
            }
        };
        AgentEvent::TurnEnd { outcome, usage }
    }
}

/// What an exit status says: its own codes, or the status of the failed request modulo 256.
pub(super) fn by_exit_code(code: i32, last_line: &str) -> Option<Reason> {
    let clause = |what: String| match last_line.trim() {
        "" => what,
        last => format!("{what}: {last}"),
    };
    match code {
        41 => {
            let text = clause("not logged in".to_owned());
            Some(reason(&Said { status: Some(401), ..Said::text(&text) }))
        }
        53 => Some(Reason::TurnLimit),
        144..=255 => {
            let status = code.unsigned_abs() + 256;
            let text = clause(format!("status {status}"));
            Some(reason(&Said { status: Some(status.into()), ..Said::text(&text) }))
        }
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::super::tests::parse;
    use super::*;
    use crate::domain::adapter::Parser;

    const STREAM: &str = concat!(
        "A remark.\n",
        r#"{"type":"init","session_id":"g-1","model":"m"}"#,
        "\n",
        r#"{"type":"message","role":"user","content":"Task"}"#,
        "\n",
        r#"{"type":"message","role":"assistant","content":"I will ","delta":true}"#,
        "\n",
        r#"{"type":"message","role":"assistant","content":"write.","delta":true}"#,
        "\n",
        r#"{"type":"tool_use","tool_name":"write_file","tool_id":"t","parameters":{"file_path":"a.txt","content":"x"}}"#,
        "\n",
        r#"{"type":"tool_result","tool_id":"t","status":"error","error":{"type":"X","message":"no"}}"#,
        "\n",
        r#"{"type":"result","status":"success","stats":{"input_tokens":9,"output_tokens":4,"tool_calls":1}}"#,
        "\n",
    );

    #[test]
    fn a_stream_becomes_events_in_any_pieces() {
        let usage = Usage { input_tokens: 9, output_tokens: 4, cost_millicents: 0, turns: 2 };
        let expected = vec![
            AgentEvent::Plain { text: "A remark.".into() },
            AgentEvent::SessionStarted { session: "g-1".into(), model: "m".into() },
            AgentEvent::TextDelta { text: "I will ".into() },
            AgentEvent::TextDelta { text: "write.".into() },
            AgentEvent::TextEnd { text: "I will write.".into() },
            AgentEvent::ToolStart { name: "write_file".into(), summary: "a.txt".into() },
            AgentEvent::ToolEnd { is_error: true, summary: "no".into() },
            AgentEvent::TurnEnd { outcome: Ok(()), usage },
        ];
        for piece in [1, 9, 10_000] {
            assert_eq!(parse(Parser::Gemini, STREAM, piece).0, expected);
        }
    }

    #[test]
    fn failures_are_told_by_the_result_or_the_exit_status() {
        let said = |lines: &str, code| parse(Parser::Gemini, lines, 40).1.verdict(Some(code));
        let result = r#"{"type":"result","status":"error","error":{"type":"Error","message":"Quota exceeded, please retry in 12s."}}"#;
        let Some(Err(Reason::RateLimited { until: Some(_), .. })) = said(result, 1) else {
            panic!("{:?}", said(result, 1));
        };
        let service = |text: &str| Some(Err(Reason::Service(text.into())));
        assert_eq!(said("", 144), service("status 400"));
        assert_eq!(said("It broke\n", 244), service("status 500: It broke"));
        assert_eq!(said("", 247), service("status 503"));
        assert_eq!(said("", 53), Some(Err(Reason::TurnLimit)));
        let login = Some(Err(Reason::NeedsLogin("not logged in".into())));
        assert_eq!(said("", 41), login);
        assert_eq!(said("", 145), Some(Err(Reason::NeedsLogin("status 401".into()))));
        let limited = Reason::RateLimited { until: None, said: "status 429".into() };
        assert_eq!(said("", 173), Some(Err(limited)));
        assert_eq!(said("", 1), None);
        assert_eq!(said("", 130), None, "it was interrupted");
    }
}
