//! The last message of an agent, as its recording tells it.

use std::io;
use std::path::Path;

use crate::runner::host::{AgentEvent, StreamParser, read_spec};
use crate::runner::log::{AgentLog, LogForm};
use crate::runner::recording::{Recording, What};

/// Lines of a terminal that are taken for its last words.
const LINES: usize = 200;

/// What an agent said last: its last text where its output is read, else the end of what its terminal showed.
///
/// # Errors
/// When there is no recording or it can't be read.
pub fn last_words(folder: &Path) -> io::Result<String> {
    match StreamParser::of(read_spec(folder)?.parser()) {
        Some(parser) => last_text(folder, parser),
        None => last_lines(folder),
    }
}

fn last_text(folder: &Path, mut parser: StreamParser) -> io::Result<String> {
    let mut recording = Recording::open(folder)?;
    let mut last = String::new();
    loop {
        let read = recording.read()?;
        let is_end = read.is_empty();
        let mut events = Vec::new();
        for recorded in read {
            if let What::Output(data) | What::Screen(data) = recorded.what {
                events.extend(parser.feed(data.as_bytes()));
            }
        }
        if is_end {
            events.extend(parser.finish());
        }
        for event in events {
            if let AgentEvent::Text { text } | AgentEvent::TextEnd { text } = event
                && !text.trim().is_empty()
            {
                last = text;
            }
        }
        if is_end {
            return Ok(last);
        }
    }
}

fn last_lines(folder: &Path) -> io::Result<String> {
    let mut log = AgentLog::open(folder, LogForm::Text)?;
    let mut text = Vec::new();
    while let Some(more) = log.read_new()? {
        text.extend(more);
    }
    text.extend(log.finish());
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.trim().lines().collect();
    Ok(lines[lines.len().saturating_sub(LINES)..].join("\n"))
}
