//! Standard output for data, standard error for notes.

use std::io::{self, IsTerminal as _, Write};

use serde::Serialize;

use crate::app::failure::Failure;
use crate::domain::printable::visible;
use crate::ui::text::columns;

/// Writes a line to standard output; a closed pipe ends the program quietly.
///
/// # Errors
/// When nobody reads any more.
pub fn line(text: impl AsRef<str>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    written(writeln!(out, "{}", text.as_ref()))
}

/// `text` filled with blanks up to `width` columns; never cut.
pub fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// Writes one JSON object to standard output.
///
/// # Errors
/// When nobody reads any more.
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let sent = serde_json::to_writer(&mut out, value).map_err(io::Error::from);
    written(sent.and_then(|()| writeln!(out)).and_then(|()| out.flush()))
}

/// Writes a note to standard error, where it may be lost without harm.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "orch-tui: {}", visible(text));
}

/// Asks a question on standard error and reads a line; `None` when there is nobody to ask.
pub fn ask(question: &str) -> Option<String> {
    if !io::stdin().is_terminal() {
        return None;
    }
    let mut err = io::stderr().lock();
    let _ = write!(err, "{} ", visible(question)).and_then(|()| err.flush());
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).ok()?;
    Some(answer.trim().to_owned())
}

/// Writes bytes to standard output as they are.
///
/// # Errors
/// When nobody reads any more.
pub fn bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    written(out.write_all(bytes).and_then(|()| out.flush()))
}

fn written(outcome: io::Result<()>) -> Result<(), Failure> {
    outcome.map_err(|error| Failure::output(&error))
}
