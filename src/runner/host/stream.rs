//! Reads Claude Code's `stream-json`: one JSON object a line, between lines that are none.
//!
//! Formats change often: unknown kinds and missing fields are never an error.

use serde_json::Value;

use crate::domain::agent::Usage;
use crate::domain::printable::Printable;
use crate::domain::reason::Reason;

use super::event::AgentEvent;
use super::probe::{Heard, Probe};

/// Longest line read; the rest of a longer one is dropped.
const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// Cuts output into lines and lines into events; bytes may come in any pieces.
#[derive(Debug, Default)]
pub struct StreamParser {
    line: Vec<u8>,
    partials: bool,
    turns: u32,
    cwd: String,
}

impl StreamParser {
    /// A parser at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in output; returns the events of the lines it completed.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<AgentEvent> {
        let mut events = Vec::new();
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.collect(&rest[..end]);
            rest = &rest[end + 1..];
            let line = std::mem::take(&mut self.line);
            self.read(&line, &mut events);
        }
        self.collect(rest);
        events
    }

    /// The events of a last line without an end.
    pub fn finish(&mut self) -> Vec<AgentEvent> {
        let mut events = Vec::new();
        let line = std::mem::take(&mut self.line);
        self.read(&line, &mut events);
        events
    }

    fn collect(&mut self, piece: &[u8]) {
        let room = LONGEST_LINE.saturating_sub(self.line.len());
        self.line.extend_from_slice(&piece[..piece.len().min(room)]);
    }

    fn read(&mut self, line: &[u8], events: &mut Vec<AgentEvent>) {
        attention(line, events);
        // Reset sequences of the CLI may stand before the brace, never inside an event.
        let brace = line.iter().position(|byte| *byte == b'{');
        match brace.and_then(|at| serde_json::from_slice::<Value>(&line[at..]).ok()) {
            Some(event) if event["type"].is_string() => self.event(&event, events),
            _ => {
                let text = without_escapes(&String::from_utf8_lossy(line));
                if !text.trim().is_empty() {
                    events.push(AgentEvent::Plain { text });
                }
            }
        }
    }

    fn event(&mut self, event: &Value, events: &mut Vec<AgentEvent>) {
        match text(&event["type"]).as_str() {
            "system" => {
                if let Some(cwd) = event["cwd"].as_str() {
                    self.cwd = format!("{cwd}/");
                }
                events.extend(system(event));
            }
            "assistant" => self.assistant(event, events),
            "user" => tool_results(event, events),
            "stream_event" => self.partial(event, events),
            "result" => events.push(self.result(event)),
            "usage" => events.push(AgentEvent::Used { usage: self.usage(event) }),
            "control_response" | "rate_limit_event" => {}
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
                    summary: self.tool_summary(&block["name"], &block["input"]),
                }),
                _ => {}
            }
        }
        if let Some(error) = event["error"].as_str() {
            events.push(AgentEvent::Note { text: format!("error: {error}") });
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
        let outcome = if ok { Ok(()) } else { Err(reason(event)) };
        AgentEvent::TurnEnd { outcome, usage }
    }

    /// What a tool works on: the most telling of its arguments, paths from the agent's directory.
    fn tool_summary(&self, name: &Value, input: &Value) -> String {
        const TELLING: [&str; 9] = [
            "command",
            "file_path",
            "notebook_path",
            "path",
            "pattern",
            "query",
            "url",
            "description",
            "prompt",
        ];
        // A search's pattern says more than the folder it searches.
        let searches = name == "Grep" || name == "Glob";
        let first = searches.then_some("pattern");
        let found = first.iter().chain(&TELLING).find_map(|key| input[*key].as_str());
        let line = found.unwrap_or_default().lines().next().unwrap_or_default();
        let within = if self.cwd.is_empty() { None } else { line.strip_prefix(&self.cwd) };
        clip(within.unwrap_or(line), 200)
    }
}

/// Why a turn ended badly, in one clause.
fn reason(event: &Value) -> Reason {
    let errors = items(&event["errors"]).map(text).find(|error| !error.is_empty());
    let said = event["result"].as_str().filter(|said| !said.trim().is_empty());
    let subtype = text(&event["subtype"]);
    let why = match subtype.as_str() {
        "error_max_turns" => return Reason::TurnLimit,
        "error_max_budget_usd" => return Reason::BudgetLimit,
        "success" | "" => said.map(str::to_owned).or(errors).unwrap_or("error".into()),
        other => errors.unwrap_or_else(|| other.replace('_', " ")),
    };
    Reason::Failed(Printable::new(&clip(why.lines().next().unwrap_or_default(), 200)))
}

/// Notifications and bells between the events. JSON itself holds no control characters.
fn attention(line: &[u8], events: &mut Vec<AgentEvent>) {
    if !line.iter().any(|byte| *byte == 0x07 || *byte == 0x1b) {
        return;
    }
    let mut probe = Probe::new();
    let (mut rest, mut bell) = (line, true);
    while !rest.is_empty() {
        let (read, heard) = probe.listen(rest);
        rest = &rest[read..];
        if let Some(Heard::Notice(message)) = heard {
            events.push(AgentEvent::Waiting { message });
            bell = false;
        }
    }
    if bell && line.contains(&0x07) && !line.windows(2).any(|pair| pair == b"\x1b]") {
        events.push(AgentEvent::Waiting { message: String::new() });
    }
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

fn clip(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most).chain(['…']).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_f64().map(rounded)).unwrap_or(0)
}

fn millicents(dollars: &Value) -> u64 {
    rounded(dollars.as_f64().unwrap_or(0.0) * 100_000.0)
}

/// Nearest whole number; nothing below zero.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn rounded(value: f64) -> u64 {
    value.max(0.0).round() as u64
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

/// A line without control sequences and control characters except tabs.
fn without_escapes(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            if chars.next_if(|next| *next == '[').is_some() {
                while chars.next_if(|next| !('\u{40}'..='\u{7e}').contains(next)).is_some() {}
            } else if chars.next_if(|next| *next == ']').is_some() {
                while chars.next_if(|next| *next != '\u{7}' && *next != '\u{1b}').is_some() {}
                chars.next_if(|next| *next == '\u{1b}');
            }
            chars.next();
        } else if c == '\t' || !c.is_control() {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

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

    fn parse(stream: &str, piece: usize) -> Vec<AgentEvent> {
        let mut parser = StreamParser::new();
        let mut events: Vec<_> =
            stream.as_bytes().chunks(piece).flat_map(|chunk| parser.feed(chunk)).collect();
        events.extend(parser.finish());
        events
    }

    #[test]
    fn a_stream_becomes_events_in_any_pieces() {
        let usage = Usage { input_tokens: 15, output_tokens: 7, cost_millicents: 1580, turns: 2 };
        let expected = vec![
            AgentEvent::Plain { text: "a warning".into() },
            AgentEvent::SessionStarted { session: "s1".into(), model: "m".into() },
            AgentEvent::TextDelta { text: "Hel".into() },
            AgentEvent::TextDelta { text: "lo".into() },
            AgentEvent::TextEnd { text: "Hello".into() },
            AgentEvent::ToolStart { name: "Bash".into(), summary: "ls".into() },
            AgentEvent::ToolEnd { is_error: true, summary: "no".into() },
            AgentEvent::Unknown { kind: "brand_new".into() },
            AgentEvent::TurnEnd { outcome: Err(Reason::Failed("API Error: 500".into())), usage },
        ];
        for piece in [1, 7, 100, 10_000] {
            assert_eq!(parse(STREAM, piece), expected);
        }
    }

    #[test]
    fn whole_texts_are_shown_when_there_were_no_pieces() {
        let line = r#"{"type":"assistant","message":{"content":[{"type":"text","text":"Hi"}]}}"#;
        assert_eq!(parse(line, 50), [AgentEvent::Text { text: "Hi".into() }]);
    }

    #[test]
    fn limits_are_named() {
        let line = r#"{"type":"result","subtype":"error_max_turns","is_error":true}"#;
        let events = parse(line, 50);
        let outcome = Err(Reason::TurnLimit);
        assert_eq!(
            events,
            [AgentEvent::TurnEnd { outcome, usage: Usage { turns: 0, ..Usage::default() } }]
        );
    }

    #[test]
    fn endless_lines_are_bounded() {
        let mut parser = StreamParser::new();
        let piece = vec![b'a'; 1024 * 1024];
        for _ in 0..20 {
            assert_eq!(parser.feed(&piece), []);
        }
        assert_eq!(parser.line.len(), LONGEST_LINE);
    }
}
