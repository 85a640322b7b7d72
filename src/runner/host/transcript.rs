//! Writes what an agent does as a readable transcript for a terminal.
//!
//! Colours are of the 16-colour palette only, so that they follow the theme of the terminal.

use crate::domain::printable::visible;

use super::event::AgentEvent;

/// Lines of a tool's output that are shown.
const OUTPUT_LINES: usize = 8;
/// Characters of a line of a tool's output that are shown.
const OUTPUT_WIDTH: usize = 400;

const RESET: &str = "\x1b[0m";
const DIM: &str = "\x1b[2m";
const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const CYAN: &str = "\x1b[36m";

/// The writer; it remembers whether a text is being written.
#[derive(Debug, Default)]
pub struct Transcript {
    open_text: bool,
    started: bool,
}

impl Transcript {
    /// A transcript at its beginning.
    pub fn new() -> Self {
        Self::default()
    }

    /// What to write for an event; nothing for events that are not shown.
    pub fn render(&mut self, event: &AgentEvent) -> String {
        if let AgentEvent::TextDelta { text } = event {
            return self.delta(text);
        }
        if let AgentEvent::TextEnd { .. } = event {
            return self.close_text();
        }
        let body = match event {
            AgentEvent::SessionStarted { model, .. } => self.session(model),
            AgentEvent::Text { text } => bullet(text),
            AgentEvent::ToolStart { name, summary } => tool(name, summary),
            AgentEvent::ToolEnd { is_error: false, summary } => output(DIM, summary),
            AgentEvent::ToolEnd { is_error: true, summary } => output(RED, summary),
            AgentEvent::Retry { attempt: (number, of), delay_ms, cause } => {
                let seconds = delay_ms.div_ceil(1000);
                line(YELLOW, &format!("↻ retry {number}/{of} in {seconds} s: {cause}"))
            }
            AgentEvent::Denied { tool } => line(YELLOW, &format!("✗ not allowed: {tool}")),
            AgentEvent::TurnEnd { outcome: Ok(()), .. } => line(GREEN, "✓ turn finished"),
            AgentEvent::TurnEnd { outcome: Err(why), .. } => {
                line(RED, &format!("✗ {}", why.clause()))
            }
            AgentEvent::Waiting { message } => line(YELLOW, &format!("? {message}")),
            AgentEvent::Note { text } => line(DIM, text),
            AgentEvent::Plain { text } => format!("{}\r\n", visible(text)),
            AgentEvent::TextDelta { .. }
            | AgentEvent::TextEnd { .. }
            | AgentEvent::Used { .. }
            | AgentEvent::Unknown { .. } => String::new(),
        };
        if body.is_empty() { body } else { self.close_text() + &body }
    }

    /// Pieces of text: the first begins a new entry.
    fn delta(&mut self, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        let begin = if self.open_text { "" } else { "▪ " };
        self.open_text = true;
        format!("{begin}{}", lines(text))
    }

    fn close_text(&mut self) -> String {
        if std::mem::take(&mut self.open_text) { "\r\n".into() } else { String::new() }
    }

    /// The session's line is shown once: later turns begin the same session again.
    fn session(&mut self, model: &str) -> String {
        if std::mem::replace(&mut self.started, true) || model.is_empty() {
            return String::new();
        }
        line(DIM, &format!("session started, model {model}"))
    }
}

fn bullet(text: &str) -> String {
    let text = text.trim_end();
    if text.is_empty() { String::new() } else { format!("▪ {}\r\n", lines(text)) }
}

fn tool(name: &str, summary: &str) -> String {
    format!("{CYAN}▪ {BOLD}{}{RESET} {}\r\n", visible(name), visible(summary))
}

fn output(colour: &str, text: &str) -> String {
    let all: Vec<&str> = text.trim_end().lines().collect();
    let mut shown: String = all
        .iter()
        .take(OUTPUT_LINES)
        .map(|text| {
            let clipped: String = text.chars().take(OUTPUT_WIDTH).collect();
            format!("{colour}  {}{RESET}\r\n", visible(clipped.trim_end()))
        })
        .collect();
    if all.len() > OUTPUT_LINES {
        let more = all.len() - OUTPUT_LINES;
        shown.push_str(&format!("{DIM}  … {more} more lines{RESET}\r\n"));
    }
    shown
}

fn line(colour: &str, text: &str) -> String {
    format!("{colour}{}{RESET}\r\n", visible(text.trim_end()))
}

/// Printable text whose line ends stay line ends.
fn lines(text: &str) -> String {
    text.split('\n')
        .map(|line| visible(line.strip_suffix('\r').unwrap_or(line)))
        .collect::<Vec<_>>()
        .join("\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_tools_are_told_apart() {
        let mut transcript = Transcript::new();
        let mut shown = String::new();
        for event in [
            AgentEvent::TextDelta { text: "one\ntwo ".into() },
            AgentEvent::TextDelta { text: "three".into() },
            AgentEvent::TextEnd { text: "one\ntwo three".into() },
            AgentEvent::TextDelta { text: "four".into() },
            AgentEvent::ToolStart { name: "Bash".into(), summary: "cargo test".into() },
            AgentEvent::ToolEnd { is_error: true, summary: "x\n".repeat(10) },
        ] {
            shown.push_str(&transcript.render(&event));
        }
        assert!(shown.starts_with(
            "▪ one\r\ntwo three\r\n▪ four\r\n\x1b[36m▪ \x1b[1mBash\x1b[0m cargo test"
        ));
        assert_eq!(shown.matches("\x1b[31m  x").count(), OUTPUT_LINES);
        assert!(shown.contains("… 2 more lines"));
    }

    #[test]
    fn agent_text_cannot_steer_the_terminal() {
        let mut transcript = Transcript::new();
        let event = AgentEvent::Text { text: "a\x1b]52;c;x\x07\u{202e}b".into() };
        let shown = transcript.render(&event);
        assert_eq!(shown, "▪ a\u{241b}]52;c;x\u{2407}<202E>b\r\n");
    }
}
