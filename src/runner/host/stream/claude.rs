//! Claude Code's `stream-json`.

use serde_json::Value;

use crate::domain::agent::Usage;
use crate::domain::printable::Printable;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::runner::host::event::AgentEvent;

use super::fields::{items, millicents, number, text, tool_summary};
use super::reasons::{Said, reason};

/// What is known of a stream so far.
#[derive(Debug, Default)]
pub(super) struct Claude {
    partials: bool,
    turns: u32,
    cwd: String,
    /// What the last failed request failed with, until one succeeds.
    trouble: Trouble,
}

/// Why a request failed, beside what is said of it.
#[derive(Clone, Debug, Default)]
struct Trouble {
    status: Option<u64>,
    kind: String,
    until: Option<Timestamp>,
}

impl Claude {
    /// Reads one object.
    pub(super) fn event(&mut self, event: &Value, events: &mut Vec<AgentEvent>) {
        match text(&event["type"]).as_str() {
            "system" => {
                if let Some(cwd) = event["cwd"].as_str() {
                    self.cwd = format!("{cwd}/");
                }
                self.note_retry(event);
                events.extend(system(event));
            }
            "assistant" => self.assistant(event, events),
            "user" => tool_results(event, events),
            "stream_event" => self.partial(event, events),
            "result" => events.push(self.result(event)),
            "usage" => events.push(AgentEvent::Used { usage: self.usage(event) }),
            "rate_limit_event" => self.note_limit(&event["rate_limit_info"]),
            "control_response" => {}
            kind => events.push(AgentEvent::Unknown { kind: kind.to_owned() }),
        }
    }

    /// Whole messages. Texts that came in pieces before are not repeated.
    fn assistant(&mut self, event: &Value, events: &mut Vec<AgentEvent>) {
        for block in items(&event["message"]["content"]) {
            match text(&block["type"]).as_str() {
                "text" if self.partials => {
                    events.push(AgentEvent::TextEnd { text: text(&block["text"]) });
                }
                "text" => events.push(AgentEvent::Text { text: text(&block["text"]) }),
                "tool_use" => events.push(AgentEvent::ToolStart {
                    name: text(&block["name"]),
                    summary: tool_summary(&text(&block["name"]), &block["input"], &self.cwd),
                }),
                _ => {}
            }
        }
        self.trouble.kind = text(&event["error"]);
        if let Some(error) = event["error"].as_str() {
            events.push(AgentEvent::Note { text: format!("error: {error}") });
        }
        if self.trouble.kind.is_empty() {
            self.trouble = Trouble::default();
        }
        self.partials = false;
    }

    fn partial(&mut self, event: &Value, events: &mut Vec<AgentEvent>) {
        // Pieces of sub-agents would be mixed into the main text.
        if event["parent_tool_use_id"].is_string() {
            return;
        }
        let delta = &event["event"]["delta"];
        if delta["type"] == "text_delta" {
            self.partials = true;
            events.push(AgentEvent::TextDelta { text: text(&delta["text"]) });
        }
    }

    /// A request that is tried again may be the one that fails the turn.
    fn note_retry(&mut self, event: &Value) {
        if event["subtype"] == "api_retry" {
            self.trouble.status = event["error_status"].as_u64();
            self.trouble.kind = text(&event["error"]);
        }
    }

    /// Limits of a subscription: when one is used up, it is told when it ends.
    fn note_limit(&mut self, info: &Value) {
        let until = info["resetsAt"].as_u64().map(|seconds| Timestamp(seconds * 1000));
        self.trouble.until = until.filter(|_| info["status"] == "rejected");
    }

    fn usage(&self, event: &Value) -> Usage {
        let usage = &event["usage"];
        let input = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"];
        Usage {
            input_tokens: input.iter().map(|key| number(&usage[*key])).sum(),
            output_tokens: number(&usage["output_tokens"]),
            cost_millicents: millicents(&event["total_cost_usd"]),
            turns: self.turns,
        }
    }

    fn result(&mut self, event: &Value) -> AgentEvent {
        let turns = u32::try_from(number(&event["num_turns"])).unwrap_or(0);
        self.turns = self.turns.saturating_add(turns);
        let usage = self.usage(event);
        let ok = event["subtype"] == "success" && event["is_error"] != true;
        let outcome = match (ok, denied(event)) {
            (true, None) => Ok(()),
            (true, Some(denied)) => Err(denied),
            (false, _) => Err(self.why(event)),
        };
        AgentEvent::TurnEnd { outcome, usage }
    }

    /// Why a turn ended badly.
    fn why(&self, event: &Value) -> Reason {
        let errors = items(&event["errors"]).map(text).find(|error| !error.is_empty());
        let said = event["result"].as_str().filter(|said| !said.trim().is_empty());
        let subtype = text(&event["subtype"]);
        let why = match subtype.as_str() {
            "error_max_turns" => return Reason::TurnLimit,
            "error_max_budget_usd" => return Reason::BudgetLimit,
            "success" | "" => said.map(str::to_owned).or(errors).unwrap_or("error".into()),
            other => errors.unwrap_or_else(|| other.replace('_', " ")),
        };
        let status = event["api_error_status"].as_u64().or(self.trouble.status);
        let Trouble { kind, until, .. } = &self.trouble;
        reason(&Said { text: &why, status, kind, until: *until })
    }
}

/// What an agent that ended well was not allowed to do; the reason if there was anything.
fn denied(event: &Value) -> Option<Reason> {
    let mut tools: Vec<Printable> = Vec::new();
    for denial in items(&event["permission_denials"]) {
        let tool = Printable::new(denial["tool_name"].as_str().unwrap_or("a tool"));
        if !tools.contains(&tool) {
            tools.push(tool);
        }
    }
    (!tools.is_empty()).then_some(Reason::Denied(tools))
}

fn system(event: &Value) -> Option<AgentEvent> {
    Some(match text(&event["subtype"]).as_str() {
        "init" => AgentEvent::SessionStarted {
            session: text(&event["session_id"]),
            model: text(&event["model"]),
        },
        "api_retry" => AgentEvent::Retry {
            attempt: (number(&event["attempt"]), number(&event["max_retries"])),
            delay_ms: number(&event["retry_delay_ms"]),
            cause: text(&event["error"]),
        },
        "permission_denied" => AgentEvent::Denied { tool: text(&event["tool_name"]) },
        "notification" | "waiting" => AgentEvent::Waiting { message: message(event) },
        "informational" => AgentEvent::Note { text: message(event) },
        _ => return None,
    })
}

fn message(event: &Value) -> String {
    let found = ["message", "text", "content"].iter().find_map(|key| event[*key].as_str());
    found.unwrap_or_default().to_owned()
}

fn tool_results(event: &Value, events: &mut Vec<AgentEvent>) {
    for block in items(&event["message"]["content"]) {
        if block["type"] == "tool_result" {
            let summary = match &block["content"] {
                Value::String(output) => output.clone(),
                parts => {
                    items(parts).map(|part| text(&part["text"])).collect::<Vec<_>>().join("\n")
                }
            };
            events.push(AgentEvent::ToolEnd { is_error: block["is_error"] == true, summary });
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::super::tests::parse;
    use super::*;
    use crate::domain::adapter::Parser;

    const STREAM: &str = concat!(
        "a warning\r\n",
        r#"{"type":"system","subtype":"hook_started"}"#,
        "\r\n",
        r#"{"type":"system","subtype":"init","session_id":"s1","model":"m"}"#,
        "\r\n",
        r#"{"type":"stream_event","event":{"delta":{"type":"text_delta","text":"Hel"}}}"#,
        "\r\n",
        r#"{"type":"stream_event","event":{"delta":{"type":"text_delta","text":"lo"}}}"#,
        "\r\n",
        r#"{"type":"assistant","message":{"content":[{"type":"text","text":"Hello"}]}}"#,
        "\r\n",
        r#"{"type":"assistant","message":{"content":[{"type":"tool_use","name":"Bash","input":{"command":"ls\nx"}}]}}"#,
        "\r\n",
        r#"{"type":"user","message":{"content":[{"type":"tool_result","is_error":true,"content":[{"text":"no"}]}]}}"#,
        "\r\n",
        r#"{"type":"brand_new"}"#,
        "\r\n",
        r#"{"num_turns":2,"type":"result","subtype":"success","is_error":true,"result":"API Error: 500\nmore","total_cost_usd":0.0158,"usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":7}}"#,
        "\r\n\u{1b}[?25h",
    );

    #[test]
    fn a_stream_becomes_events_in_any_pieces() {
        let usage = Usage { input_tokens: 15, output_tokens: 7, cost_millicents: 1580, turns: 2 };
        let outcome = Err(Reason::Service("API Error: 500".into()));
        let expected = vec![
            AgentEvent::Plain { text: "a warning".into() },
            AgentEvent::SessionStarted { session: "s1".into(), model: "m".into() },
            AgentEvent::TextDelta { text: "Hel".into() },
            AgentEvent::TextDelta { text: "lo".into() },
            AgentEvent::TextEnd { text: "Hello".into() },
            AgentEvent::ToolStart { name: "Bash".into(), summary: "ls".into() },
            AgentEvent::ToolEnd { is_error: true, summary: "no".into() },
            AgentEvent::Unknown { kind: "brand_new".into() },
            AgentEvent::TurnEnd { outcome: outcome.clone(), usage },
        ];
        for piece in [1, 7, 100, 10_000] {
            let (events, parser) = parse(Parser::Claude, STREAM, piece);
            assert_eq!(events, expected);
            assert_eq!(parser.verdict(Some(1)), Some(outcome.clone()));
        }
    }

    #[test]
    fn whole_texts_are_shown_when_there_were_no_pieces() {
        let line = r#"{"type":"assistant","message":{"content":[{"type":"text","text":"Hi"}]}}"#;
        assert_eq!(parse(Parser::Claude, line, 50).0, [AgentEvent::Text { text: "Hi".into() }]);
    }

    /// What a stream's agent said in the end.
    fn said(stream: &str) -> Result<(), Reason> {
        parse(Parser::Claude, stream, 70).1.verdict(None).unwrap()
    }

    #[test]
    fn results_name_their_reason() {
        let result = |fields: &str| format!(r#"{{"type":"result",{fields}}}"#);
        let table = [
            (r#""subtype":"success""#, Ok(())),
            (r#""subtype":"error_max_turns","is_error":true"#, Err(Reason::TurnLimit)),
            (r#""subtype":"error_max_budget_usd","is_error":true"#, Err(Reason::BudgetLimit)),
            (
                r#""subtype":"error_during_execution","errors":["No conversation found with session ID: 7"]"#,
                Err(Reason::NoSession("No conversation found with session ID: 7".into())),
            ),
            (
                r#""subtype":"error_during_execution","errors":[]"#,
                Err(Reason::Failed("error during execution".into())),
            ),
            (
                r#""subtype":"success","is_error":true,"result":"Not good","api_error_status":503"#,
                Err(Reason::Service("Not good".into())),
            ),
            (
                r#""subtype":"success","is_error":true,"result":"Not good""#,
                Err(Reason::Failed("Not good".into())),
            ),
            (
                r#""subtype":"success","permission_denials":[{"tool_name":"Bash"},{"tool_name":"Write"},{"tool_name":"Bash"}]"#,
                Err(Reason::Denied(vec!["Bash".into(), "Write".into()])),
            ),
        ];
        for (fields, expected) in table {
            assert_eq!(said(&result(fields)), expected, "{fields}");
        }
    }

    #[test]
    fn what_failed_requests_told_counts_until_one_succeeds() {
        let retry =
            r#"{"type":"system","subtype":"api_retry","error":"rate_limit","error_status":429}"#;
        let limit = r#"{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1800000000}}"#;
        let fine = r#"{"type":"assistant","message":{"content":[]}}"#;
        let login =
            r#"{"type":"assistant","error":"authentication_failed","message":{"content":[]}}"#;
        let end = r#"{"type":"result","subtype":"success","is_error":true,"result":"It failed"}"#;
        let said = |lines: &[&str]| said(&lines.join("\n")).unwrap_err();
        let limited = |until| Reason::RateLimited { until, said: "It failed".into() };
        assert_eq!(said(&[retry, end]), limited(None));
        let until = Timestamp(1_800_000_000_000);
        assert_eq!(said(&[retry, limit, end]), limited(Some(until)));
        assert_eq!(said(&[login, end]), Reason::NeedsLogin("It failed".into()));
        assert_eq!(said(&[retry, fine, end]), Reason::Failed("It failed".into()));
        assert_eq!(said(&[limit, fine, end]), Reason::Failed("It failed".into()));
    }

    #[test]
    fn the_last_result_counts() {
        let failed = r#"{"type":"result","subtype":"error_during_execution"}"#;
        let fine = r#"{"type":"result","subtype":"success"}"#;
        assert_eq!(said(&format!("{failed}\n{fine}")), Ok(()));
    }
}
