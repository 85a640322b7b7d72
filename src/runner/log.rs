//! An agent's recording as text.

use std::io;
use std::path::Path;

use alacritty_terminal::vte::{self, Perform};

use crate::domain::printable::is_hidden;
use crate::runner::host::{StreamParser, Transcript, read_spec};
use crate::runner::recording::{Recording, What};

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
    recording: Recording,
    reader: Reader,
    /// The beginning is gone: a line may begin in its middle, which only matters where lines are read.
    is_torn: bool,
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
        let recording = Recording::open(folder)?;
        let reader = match (form, StreamParser::of(read_spec(folder)?.parser())) {
            (LogForm::Raw, _) => Reader::Raw,
            (LogForm::Text, None) => Reader::Terminal(PlainText::default()),
            (LogForm::Text, Some(parser)) => {
                Reader::Stream(Box::new(parser), Box::new(Transcript::new()), PlainText::default())
            }
        };
        let is_torn = recording.is_cut() && matches!(reader, Reader::Stream(..));
        Ok(Self { recording, reader, is_torn })
    }

    /// What comes next, as much as is convenient; `None` when there is no more now.
    ///
    /// # Errors
    /// When the recording can't be read.
    pub fn read_new(&mut self) -> io::Result<Option<Vec<u8>>> {
        let read = self.recording.read()?;
        if read.is_empty() {
            return Ok(None);
        }
        let mut out = Vec::new();
        for recorded in read {
            match recorded.what {
                What::Output(data) | What::Screen(data) => {
                    let data = if self.is_torn { self.mended(&data) } else { &data };
                    self.reader.take(data, &mut out);
                }
                What::Size(_) | What::Mark(_) => {}
            }
        }
        Ok(Some(out))
    }

    /// What is left of output when the end of a line without beginning is dropped.
    fn mended<'d>(&mut self, data: &'d str) -> &'d str {
        match data.split_once('\n') {
            Some((_, rest)) => {
                self.is_torn = false;
                rest
            }
            None => "",
        }
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
    parser: vte::Parser,
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
