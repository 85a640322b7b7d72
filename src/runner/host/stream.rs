//! Reads the output of agent CLIs that print JSON: one object a line, between lines that are none.
//!
//! A cutter makes lines of bytes, one parser per CLI makes events of objects. Formats change often: unknown kinds and
//! missing fields are never an error.

mod claude;
mod codex;
mod fields;
mod gemini;
mod opencode;
mod reasons;
mod until;

use serde_json::Value;

use crate::domain::adapter::Parser;
use crate::domain::printable::Printable;
use crate::domain::reason::Reason;

use super::event::AgentEvent;
use super::probe::{Heard, Probe};
use claude::Claude;
use codex::Codex;
use fields::clip;
use gemini::Gemini;
use opencode::Opencode;
use reasons::telling;

/// Longest line read; the rest of a longer one is dropped.
const LONGEST_LINE: usize = 16 * 1024 * 1024;
/// Characters of a reason that are kept.
const CLAUSE: usize = 200;

/// Cuts output into lines and lines into events; bytes may come in any pieces.
#[derive(Debug)]
pub struct StreamParser {
    line: Vec<u8>,
    dialect: Dialect,
    heard: Vec<AgentEvent>,
    said: Option<Result<(), Reason>>,
    /// The last line that was no event, and the last one that told a reason.
    plain: String,
    told: Option<Reason>,
}

/// Whose JSON it is.
#[derive(Debug)]
enum Dialect {
    Claude(Claude),
    Codex(Codex),
    Gemini(Gemini),
    Opencode(Opencode),
}

impl StreamParser {
    /// A parser at the start of a stream; none where the output is no stream.
    pub fn of(parser: Parser) -> Option<Self> {
        let dialect = match parser {
            Parser::Claude => Dialect::Claude(Claude::default()),
            Parser::Codex => Dialect::Codex(Codex::default()),
            Parser::Gemini => Dialect::Gemini(Gemini::default()),
            Parser::Opencode => Dialect::Opencode(Opencode::default()),
            Parser::None => return None,
        };
        Some(Self {
            line: Vec::new(),
            dialect,
            heard: Vec::new(),
            said: None,
            plain: String::new(),
            told: None,
        })
    }

    /// Takes in output; returns the events of the lines it completed.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<AgentEvent> {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.collect(&rest[..end]);
            rest = &rest[end + 1..];
            self.read();
        }
        self.collect(rest);
        std::mem::take(&mut self.heard)
    }

    /// The events of a last line without an end.
    pub fn finish(&mut self) -> Vec<AgentEvent> {
        self.read();
        std::mem::take(&mut self.heard)
    }

    /// What the agent said of its work. One that ended without a result did not end well; what it printed besides, or its
    /// exit status, may tell why.
    pub fn verdict(&self, code: Option<i32>) -> Option<Result<(), Reason>> {
        let code = match (&self.said, code) {
            (Some(said), _) => return Some(said.clone()),
            (None, None) => return None,
            (None, Some(code)) => code,
        };
        let by_code = match &self.dialect {
            Dialect::Gemini(_) => gemini::by_exit_code(code, &self.plain),
            Dialect::Claude(_) | Dialect::Codex(_) | Dialect::Opencode(_) => None,
        };
        let clause = match (code, self.plain.trim()) {
            (0, _) => "ended without a result".to_owned(),
            (_, _) if self.told.is_some() || by_code.is_some() => String::new(),
            (_, "") => return None,
            (_, last) => format!("exit code {code}: {last}"),
        };
        let failed = || Reason::Failed(Printable::new(&clip(&clause, CLAUSE)));
        let told = self.told.clone().filter(|_| code != 0);
        Some(Err(told.or(by_code).unwrap_or_else(failed)))
    }

    fn collect(&mut self, piece: &[u8]) {
        let room = LONGEST_LINE.saturating_sub(self.line.len());
        self.line.extend_from_slice(&piece[..piece.len().min(room)]);
    }

    /// Reads the line that was collected.
    fn read(&mut self) {
        let line = std::mem::take(&mut self.line);
        let first = self.heard.len();
        attention(&line, &mut self.heard);
        // Reset sequences of the CLI may stand before the brace, never inside an event.
        let brace = line.iter().position(|byte| *byte == b'{');
        match brace.and_then(|at| serde_json::from_slice::<Value>(&line[at..]).ok()) {
            Some(event) if event["type"].is_string() => self.event(&event),
            _ => self.plain(&line),
        }
        for event in &self.heard[first..] {
            if let AgentEvent::TurnEnd { outcome, .. } = event {
                self.said = Some(outcome.clone());
            }
        }
    }

    fn event(&mut self, event: &Value) {
        match &mut self.dialect {
            Dialect::Claude(claude) => claude.event(event, &mut self.heard),
            Dialect::Codex(codex) => codex.event(event, &mut self.heard),
            Dialect::Gemini(gemini) => gemini.event(event, &mut self.heard),
            Dialect::Opencode(opencode) => opencode.event(event, &mut self.heard),
        }
    }

    fn plain(&mut self, line: &[u8]) {
        let text = without_escapes(&String::from_utf8_lossy(line));
        if text.trim().is_empty() {
            return;
        }
        if let Some(reason) = telling(&text) {
            self.told = Some(reason);
        }
        self.plain.clone_from(&text);
        self.heard.push(AgentEvent::Plain { text });
    }
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
            } else {
                // Such as the choice of a character set: ESC ( B.
                while chars.next_if(|next| (' '..='/').contains(next)).is_some() {}
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

    /// All events of a stream that comes in pieces of this length, and what its agent said.
    pub(super) fn parse(
        parser: Parser,
        stream: &str,
        piece: usize,
    ) -> (Vec<AgentEvent>, StreamParser) {
        let mut parser = StreamParser::of(parser).unwrap();
        let mut events: Vec<_> =
            stream.as_bytes().chunks(piece).flat_map(|chunk| parser.feed(chunk)).collect();
        events.extend(parser.finish());
        (events, parser)
    }

    #[test]
    fn lines_are_shown_without_control_sequences() {
        let shown = |line: &str| without_escapes(line);
        assert_eq!(shown("\u{1b}[?25h\u{1b}(B\u{1b}[0m"), "");
        assert_eq!(shown("a\u{1b}]0;title\u{7}b\u{1b}]8;;x\u{1b}\\c\u{1b}7\td\u{8}"), "abc\td");
        assert_eq!(shown("\u{1b}"), "");
    }

    #[test]
    fn endless_lines_are_bounded() {
        let mut parser = StreamParser::of(Parser::Codex).unwrap();
        let piece = vec![b'a'; 1024 * 1024];
        for _ in 0..20 {
            assert_eq!(parser.feed(&piece), []);
        }
        assert_eq!(parser.line.len(), LONGEST_LINE);
    }

    #[test]
    fn an_end_without_a_result_is_judged_by_what_was_printed() {
        let said = |lines: &str, code| parse(Parser::Claude, lines, 100).1.verdict(code);
        let failed = |text: &str| Some(Err(Reason::Failed(text.into())));
        assert_eq!(said("", None), None);
        assert_eq!(said("", Some(3)), None, "the exit status says all there is");
        assert_eq!(said("Done.\n", Some(0)), failed("ended without a result"));
        assert_eq!(said("no such model\n", Some(1)), failed("exit code 1: no such model"));
        let root = "--x cannot be used with root/sudo privileges for security reasons";
        let refused = Some(Err(Reason::RootRefused(root.into())));
        assert_eq!(said(&format!("{root}\nbye\n"), Some(1)), refused);
    }

    #[test]
    fn every_parser_tolerates_what_it_does_not_know() {
        for parser in [Parser::Claude, Parser::Codex, Parser::Gemini, Parser::Opencode] {
            for line in [
                r#"{"type":"brand_new","item":{"type":7}}"#,
                r#"{"type":"result","stats":[],"error":9,"permission_denials":{}}"#,
                r#"{"type":"item.completed","item":"x"}"#,
                r#"{"type":"turn.failed"}"#,
                r#"{"type":"message","role":{}}"#,
                r#"{"type":"tool_use","part":{"state":[]}}"#,
                r#"{"type":"step_finish"}"#,
                r#"{"type":"assistant","message":[]}"#,
                r#"{"type":"system","subtype":[]}"#,
                r#"{"type":"error","error":null}"#,
            ] {
                let (events, _) = parse(parser, line, 9);
                assert!(events.len() < 3, "{parser:?} {line}: {events:?}");
            }
            let unknown = AgentEvent::Unknown { kind: "brand_new".into() };
            assert_eq!(parse(parser, r#"{"type":"brand_new"}"#, 9).0, [unknown]);
        }
        assert!(StreamParser::of(Parser::None).is_none());
    }
}
