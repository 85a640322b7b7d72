//! An agent's recording as text.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use alacritty_terminal::vte::{Parser, Perform};

use crate::domain::adapter::AdapterKind;
use crate::domain::printable::is_hidden;
use crate::runner::host::{StreamParser, Transcript, read_spec};

/// Name of the recording in the agent's folder.
pub const RECORDING_FILE: &str = "recording.cast";

/// What a log is wanted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogForm {
    /// Readable text without any control sequence.
    Text,
    /// The bytes of the agent's terminal.
    Raw,
}

/// Reads a recording that may still grow.
pub struct AgentLog {
    file: File,
    /// A line of the recording that is not whole yet.
    partial: Vec<u8>,
    reader: Reader,
}

/// How output becomes what is wanted.
enum Reader {
    Raw,
    Terminal(PlainText),
    Stream(Box<StreamParser>, Box<Transcript>, PlainText),
}

impl AgentLog {
    /// Opens the log of the life whose folder this is.
    ///
    /// # Errors
    /// When there is no recording or it can't be read.
    pub fn open(folder: &Path, form: LogForm) -> io::Result<Self> {
        let file = File::open(folder.join(RECORDING_FILE))?;
        let reader = match (form, read_spec(folder)?.kind) {
            (LogForm::Raw, _) => Reader::Raw,
            (LogForm::Text, AdapterKind::Text) => Reader::Terminal(PlainText::default()),
            (LogForm::Text, AdapterKind::Stream | AdapterKind::Demo) => Reader::Stream(
                Box::new(StreamParser::new()),
                Box::new(Transcript::new()),
                PlainText::default(),
            ),
        };
        Ok(Self { file, partial: Vec::new(), reader })
    }

    /// What came since the last call.
    ///
    /// # Errors
    /// When the recording can't be read.
    pub fn read_new(&mut self) -> io::Result<Vec<u8>> {
        self.file.read_to_end(&mut self.partial)?;
        let whole = self.partial.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let lines: Vec<u8> = self.partial.drain(..whole).collect();
        let mut out = Vec::new();
        for line in lines.split(|byte| *byte == b'\n') {
            if let Ok((_, code, data)) = serde_json::from_slice::<(f64, String, String)>(line)
                && code == "o"
            {
                self.reader.take(&data, &mut out);
            }
        }
        Ok(out)
    }

    /// What is left when no more comes.
    pub fn finish(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        self.reader.finish(&mut out);
        out
    }
}

impl Reader {
    fn take(&mut self, data: &str, out: &mut Vec<u8>) {
        match self {
            Self::Raw => out.extend_from_slice(data.as_bytes()),
            Self::Terminal(plain) => plain.take(data.as_bytes(), out),
            Self::Stream(parser, transcript, plain) => {
                for event in parser.feed(data.as_bytes()) {
                    plain.take(transcript.render(&event).as_bytes(), out);
                }
            }
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Raw => {}
            Self::Terminal(plain) => plain.finish(out),
            Self::Stream(parser, transcript, plain) => {
                for event in parser.finish() {
                    plain.take(transcript.render(&event).as_bytes(), out);
                }
                plain.finish(out);
            }
        }
    }
}

/// Terminal output as lines of text: sequences are dropped, a carriage return starts its line again.
#[derive(Default)]
struct PlainText {
    parser: Parser,
    line: Line,
}

#[derive(Default)]
struct Line {
    cells: Vec<char>,
    column: usize,
    done: Vec<u8>,
}

impl PlainText {
    fn take(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.parser.advance(&mut self.line, bytes);
        out.append(&mut self.line.done);
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        if !self.line.cells.is_empty() {
            self.line.end();
        }
        out.append(&mut self.line.done);
    }
}

impl Line {
    fn end(&mut self) {
        let text: String = self.cells.drain(..).collect();
        self.done.extend_from_slice(text.trim_end().as_bytes());
        self.done.push(b'\n');
        self.column = 0;
    }
}

impl Perform for Line {
    fn print(&mut self, c: char) {
        if is_hidden(c) {
            return;
        }
        match self.cells.get_mut(self.column) {
            Some(cell) => *cell = c,
            None => self.cells.push(c),
        }
        self.column += 1;
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' => self.end(),
            b'\r' => self.column = 0,
            b'\t' => {
                let stop = (self.column / 8 + 1) * 8;
                while self.column < stop {
                    self.print(' ');
                }
            }
            0x08 => self.column = self.column.saturating_sub(1),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        let (mut reader, mut out) = (PlainText::default(), Vec::new());
        reader.take(text.as_bytes(), &mut out);
        reader.finish(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn sequences_and_overwritten_text_are_gone() {
        assert_eq!(plain("a\u{1b}[31mb\u{1b}[0m\r\nc"), "ab\nc\n");
        assert_eq!(plain("10%\r20%\r\n"), "20%\n");
        assert_eq!(plain("\u{1b}]0;title\u{7}x\u{202e}y"), "xy\n");
    }

    #[test]
    fn tabs_reach_the_next_stop() {
        assert_eq!(plain("a\tb"), "a       b\n");
        assert_eq!(plain("\tb"), "        b\n");
    }
}
