//! Changed lines on standard output.

use std::io::IsTerminal as _;

use crate::app::cli::{ColourWhen, Global};
use crate::app::failure::Failure;
use crate::app::out;
use crate::domain::roadmap::diff::Hunk;

/// Whether output is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// No escape sequence at all.
    Plain,
    /// Red, green and cyan of the terminal.
    Coloured,
}

impl Paint {
    /// What the person, the environment and standard output ask for.
    pub fn wanted(global: &Global) -> Self {
        let unset = |name: &str| std::env::var_os(name).is_none_or(|value| value.is_empty());
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let coloured = match global.color {
            ColourWhen::Always => true,
            ColourWhen::Never => false,
            ColourWhen::Auto => std::io::stdout().is_terminal() && unset("NO_COLOR") && !dumb,
        };
        if coloured { Self::Coloured } else { Self::Plain }
    }

    fn line(self, code: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Coloured => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }
}

/// Prints changed lines like a unified diff.
///
/// # Errors
/// When nobody reads any more.
pub fn print(hunks: &[Hunk], paint: Paint) -> Result<(), Failure> {
    for hunk in hunks {
        out::line(paint.line("36", hunk.head().as_str()))?;
        for old in &hunk.old {
            out::line(paint.line("31", &format!("- {old}")))?;
        }
        for new in &hunk.new {
            out::line(paint.line("32", &format!("+ {new}")))?;
        }
    }
    Ok(())
}
