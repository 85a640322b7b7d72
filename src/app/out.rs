//! Standard output for data, standard error for notes.

use std::io::{self, IsTerminal as _, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::app::failure::Failure;
use crate::domain::printable::{is_hidden, visible};
use crate::ui::text::columns;

/// Columns of a line where nobody says how many there are.
const PLAIN: usize = 80;

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

/// Columns of the terminal a list is printed to; elsewhere those of a plain one.
pub fn width() -> usize {
    let size = io::stdout().is_terminal().then(|| ratatui::crossterm::terminal::size().ok());
    let columns = size.flatten().map(|(columns, _)| usize::from(columns));
    columns.filter(|columns| *columns > 0).unwrap_or(PLAIN)
}

/// Writes one JSON object to standard output.
///
/// # Errors
/// When nobody reads any more.
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    written(write_json(&mut out, value).and_then(|()| writeln!(out)).and_then(|()| out.flush()))
}

/// The same as text.
pub fn json_text(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    // Memory takes everything, and what is sent has text for its keys.
    let _whole = write_json(&mut out, value);
    String::from_utf8(out).unwrap_or_default()
}

fn write_json(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Careful)).map_err(io::Error::from)
}

/// JSON on one line in which characters that could steer or deceive a terminal are escaped.
struct Careful;

impl Formatter for Careful {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|c: char| c == '\u{7f}' || is_hidden(c)) {
            let (plain, hidden) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let mut chars = hidden.chars();
            let mut units = [0; 2];
            for unit in chars.next().iter().flat_map(|c| c.encode_utf16(&mut units).to_vec()) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
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

/// What a person says to a question that asks for yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `y` or `yes`.
    Yes,
    /// Anything else.
    No,
    /// There is nobody to ask.
    Nobody,
}

/// Asks a question that only `y` or `yes` says yes to; what else was said is told as no.
pub fn agreed(question: &str) -> Answer {
    let Some(said) = ask(&format!("{question} [y/N]")) else { return Answer::Nobody };
    if means_yes(&said) {
        return Answer::Yes;
    }
    if !said.is_empty() && !["n", "no"].iter().any(|no| said.eq_ignore_ascii_case(no)) {
        note(&format!("\"{said}\" was taken as no; y or yes agrees"));
    }
    Answer::No
}

fn means_yes(said: &str) -> bool {
    ["y", "yes"].iter().any(|yes| said.eq_ignore_ascii_case(yes))
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_nothing_like_it_is_yes() {
        assert!(["y", "Y", "yes", "YES"].into_iter().all(means_yes));
        assert!(!["", "n", "no", "yep", "ye", "y n", "yes!"].into_iter().any(means_yes));
    }

    #[test]
    fn what_could_steer_a_terminal_is_escaped_and_means_the_same() {
        let text = "a\u{9b}31m\u{202e}\u{7f}\u{e0041}\u{1b}é\"\n";
        let json = json_text(&text);
        assert!(json.chars().all(|c| c == 'é' || (' '..='~').contains(&c)), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
