//! What a recording is drawn on: the terminal its host had, fed in the same way.

use std::time::Instant;

use crate::domain::adapter::Parser;
use crate::runner::host::{StreamParser, Terminal, Transcript};
use crate::runner::recording::What;

/// A terminal, and how the recorded output is read.
pub struct Drawing {
    /// The terminal.
    pub terminal: Terminal,
    reading: Option<(StreamParser, Transcript)>,
}

impl Drawing {
    /// Draws output that is read in this way on a terminal.
    pub fn new(parser: Parser, terminal: Terminal) -> Self {
        let reading = StreamParser::of(parser).map(|parser| (parser, Transcript::new()));
        Self { terminal, reading }
    }

    /// Draws what was recorded. `now` is when it happened, on any clock that goes on.
    pub fn show(&mut self, what: &What, now: Instant) {
        match (what, &mut self.reading) {
            (What::Output(data) | What::Screen(data), None) => {
                self.terminal.feed(data.as_bytes(), now);
            }
            (What::Output(data) | What::Screen(data), Some((parser, transcript))) => {
                for event in parser.feed(data.as_bytes()) {
                    self.terminal.feed(transcript.render(&event).as_bytes(), now);
                }
            }
            (What::Size(size), _) => self.terminal.resize(*size),
            (What::Mark(_), _) => {}
        }
    }
}
