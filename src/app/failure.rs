//! What ends a command early: one sentence and an exit code.

use std::fmt::Display;

use crate::app::exit::Exit;
use crate::domain::orchestrator::meant::NotMeant;
use crate::domain::printable::Printable;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// How the program ends.
    pub exit: Exit,
    /// One sentence for the person.
    pub message: Printable,
}

impl Failure {
    /// Something outside is missing or unreadable.
    pub fn environment(cause: impl Display) -> Self {
        Self::new(Exit::Environment, cause)
    }

    /// Output that can't be written. A reader that went away has what it wanted: nothing failed, nothing is said.
    pub fn output(error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::new(Exit::Ok, ""),
            _ => Self::new(Exit::Failed, format!("output can't be written: {error}")),
        }
    }

    /// No agent is meant, or several may be.
    pub fn not_meant(text: &str, why: &NotMeant) -> Self {
        let exit = match why {
            NotMeant::Nobody => Exit::Nothing,
            NotMeant::Several(_) => Exit::Usage,
        };
        Self::new(exit, why.sentence(text))
    }

    /// A failure with its exit code.
    pub fn new(exit: Exit, cause: impl Display) -> Self {
        Self { exit, message: Printable::new(&cause.to_string()) }
    }
}
