//! Recorded agents on our terminal, where recordings are at hand: they are no part of the repository.
//!
//! Looked for in `$ORCH_TUI_RECORDINGS`, else in `../shared/recordings`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::time::Instant;

use orch_tui::domain::adapter::Parser;
use orch_tui::domain::frame::Size;
use orch_tui::runner::host::{AgentEvent, StreamParser, Terminal, Transcript};

const SIZE: Size = Size { cols: 100, rows: 30 };

fn recording(name: &str) -> Option<Vec<u8>> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/recordings");
    let folder = std::env::var_os("ORCH_TUI_RECORDINGS").map_or_else(beside, PathBuf::from);
    let read = std::fs::read(folder.join(name).with_extension("raw")).ok();
    if read.is_none() {
        eprintln!("SKIPPED: no recording {name} in {}", folder.display());
    }
    read
}

fn transcript(parser: Parser, bytes: &[u8]) -> (String, Vec<AgentEvent>) {
    let (mut parser, mut transcript) = (StreamParser::of(parser).unwrap(), Transcript::new());
    let mut events = parser.feed(bytes);
    events.extend(parser.finish());
    let mut terminal = Terminal::new(SIZE);
    for event in &events {
        terminal.feed(transcript.render(event).as_bytes(), Instant::now());
    }
    (terminal.text(), events)
}

#[test]
fn whole_messages_become_a_transcript() {
    let Some(bytes) = recording("claude-print-stream-json") else { return };
    let (text, events) = transcript(Parser::Claude, &bytes);
    eprintln!("{text}");
    for line in ["▪ Write hello.txt", "▪ Bash cat hello.txt", "  hello from the stub"] {
        assert_eq!(text.matches(line).count(), 1, "{line}\n{text}");
    }
    assert!(!text.contains('{'), "{text}");
    let last = events.iter().rev().find(|event| !is_plain(event)).unwrap();
    let AgentEvent::TurnEnd { outcome: Ok(()), usage } = last else { panic!("{last:?}") };
    assert_eq!((usage.input_tokens, usage.output_tokens), (3600, 70));
}

#[test]
fn pieces_of_text_are_written_once() {
    let Some(bytes) = recording("claude-print-stream-json-partial") else { return };
    let (text, _) = transcript(Parser::Claude, &bytes);
    let expected = "▪ word0 word1 word2 word3 word4 word5 word6 word7 word8 word9";
    assert!(text.contains(expected), "{text}");
    assert_eq!(text.matches("word3").count(), 1, "{text}");
}

#[test]
fn other_clis_become_a_transcript_as_well() {
    for (name, parser, lines) in [
        (
            "codex-exec-json",
            Parser::Codex,
            ["▪ shell printf", "  hello from the stub", "▪ Done: hello.txt was written."],
        ),
        (
            "gemini-p-stream-json",
            Parser::Gemini,
            [
                "▪ I will create hello.txt.",
                "▪ write_file hello.txt",
                "▪ Done: hello.txt was written.",
            ],
        ),
    ] {
        let Some(bytes) = recording(name) else { return };
        let (text, events) = transcript(parser, &bytes);
        for line in lines {
            assert_eq!(text.matches(line).count(), 1, "{line}\n{text}");
        }
        assert!(!text.contains('{'), "{text}");
        assert!(events.iter().any(|event| matches!(event, AgentEvent::SessionStarted { .. })));
        let unknown = |event: &&AgentEvent| matches!(event, AgentEvent::Unknown { .. });
        assert_eq!(events.iter().find(unknown), None);
        let Some(AgentEvent::TurnEnd { outcome: Ok(()), usage }) = events.last() else {
            panic!("{events:?}");
        };
        assert_eq!(usage.input_tokens, 2000, "{name}");
    }
}

#[test]
fn a_full_screen_agent_is_drawn_the_same_in_any_pieces() {
    for name in ["claude-tui-fullscreen", "claude-tui-classic", "claude-tui-trust-dialog"] {
        let Some(bytes) = recording(name) else { return };
        let draw = |piece: usize| {
            let mut terminal = Terminal::new(SIZE);
            for chunk in bytes.chunks(piece) {
                terminal.feed(chunk, Instant::now());
            }
            terminal.text()
        };
        let whole = draw(bytes.len());
        eprintln!("{whole}");
        for piece in [1, 7, 64] {
            assert_eq!(draw(piece), whole, "{name} in pieces of {piece}");
        }
        assert!(!whole.contains("[>") && !whole.contains("Gi="), "{whole}");
    }
}

fn is_plain(event: &AgentEvent) -> bool {
    matches!(event, AgentEvent::Plain { .. })
}
