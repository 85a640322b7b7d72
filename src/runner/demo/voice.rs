//! The demo agent's output: JSON lines shaped like those of Claude Code.

use std::io::Write;

use serde_json::{Value, json};

use super::pace::Pace;

/// Prints events of one session.
pub(super) struct Voice<W: Write> {
    out: W,
    session: String,
    tools: u32,
    turns: u32,
}

type Printed = std::io::Result<()>;

impl<W: Write> Voice<W> {
    pub(super) fn new(out: W, session: String) -> Self {
        Self { out, session, tools: 0, turns: 0 }
    }

    /// The session begins.
    pub(super) fn begin(&mut self, directory: &str) -> Printed {
        self.event(json!({
            "type": "system", "subtype": "init", "cwd": directory, "model": "demo-1",
            "tools": ["Bash", "Edit", "Read", "Write"], "permissionMode": "bypassPermissions",
            "apiKeySource": "none", "mcp_servers": [],
        }))
    }

    /// Text, a few words at a time, then as a whole.
    pub(super) fn say(&mut self, pace: &mut Pace, text: &str) -> Printed {
        pace.wait(250, 700);
        self.stream(json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}))?;
        for piece in pieces(text) {
            self.stream(json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}))?;
            pace.wait(40, 130);
        }
        self.stream(json!({"type": "content_block_stop", "index": 0}))?;
        self.assistant(json!([{"type": "text", "text": text}]))
    }

    /// A tool is used; answered by [`Voice::answer`].
    pub(super) fn tool(&mut self, name: &str, input: &Value) -> Printed {
        self.tools += 1;
        let id = self.tool_id();
        self.assistant(json!([{"type": "tool_use", "id": id, "name": name, "input": input}]))
    }

    /// What the last tool gave.
    pub(super) fn answer(&mut self, text: &str, result: Result<(), ()>) -> Printed {
        let id = self.tool_id();
        let content = json!([{"type": "tool_result", "tool_use_id": id, "content": text, "is_error": result.is_err()}]);
        self.event(json!({"type": "user", "message": {"role": "user", "content": content}, "parent_tool_use_id": null}))
    }

    /// A person is asked.
    pub(super) fn wait_for_person(&mut self, question: &str) -> Printed {
        self.event(json!({"type": "system", "subtype": "waiting", "message": question}))
    }

    /// The session ends.
    pub(super) fn end(&mut self, pace: &mut Pace, text: &str, result: Result<(), ()>) -> Printed {
        let (input, output) = (pace.number(6_000, 24_000), pace.number(700, 3_200));
        let cost = (input * 3 + output * 15) as f64 / 1e6;
        let subtype = if result.is_ok() { "success" } else { "error_during_execution" };
        self.event(json!({
            "type": "result", "subtype": subtype, "is_error": result.is_err(), "result": text,
            "num_turns": self.turns, "duration_ms": pace.passed(), "total_cost_usd": cost,
            "usage": {"input_tokens": input, "output_tokens": output, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0},
            "permission_denials": [],
        }))
    }

    fn tool_id(&self) -> String {
        format!("toolu_demo_{:03}", self.tools)
    }

    fn assistant(&mut self, content: Value) -> Printed {
        self.turns += 1;
        let message = json!({
            "id": format!("msg_demo_{:03}", self.turns), "type": "message", "role": "assistant",
            "model": "demo-1", "content": content, "usage": {"input_tokens": 0, "output_tokens": 1},
        });
        self.event(json!({"type": "assistant", "message": message, "parent_tool_use_id": null}))
    }

    fn stream(&mut self, event: Value) -> Printed {
        self.event(json!({"type": "stream_event", "event": event, "parent_tool_use_id": null}))
    }

    fn event(&mut self, mut event: Value) -> Printed {
        if let Some(fields) = event.as_object_mut() {
            fields.insert("session_id".to_owned(), json!(self.session));
        }
        writeln!(self.out, "{event}")?;
        self.out.flush()
    }
}

/// `text` in pieces of two words, blanks kept.
fn pieces(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_inclusive(' ').collect();
    words.chunks(2).map(<[&str]>::concat).collect()
}
