//! How a program is started in a terminal.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::DEADLINE;
use super::home::Home;
use super::pty::Session;

/// How a program is started in a terminal.
#[derive(Clone, Debug)]
pub struct Launch {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) environment: Vec<(String, String)>,
    pub(super) folder: PathBuf,
    pub(super) size: (u16, u16),
    pub(super) deadline: Duration,
}

impl Launch {
    /// The program under test, at 120x36 in `home`.
    pub fn orch_tui(home: &Home) -> Self {
        Self::program(home, env!("CARGO_BIN_EXE_orch-tui"))
    }

    /// Any program, at 120x36 in `home`.
    pub fn program(home: &Home, program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            environment: home.environment(),
            folder: home.path().into(),
            size: (120, 36),
            deadline: DEADLINE,
        }
    }

    /// A shell script.
    pub fn script(home: &Home, script: &str) -> Self {
        Self::program(home, "/bin/sh").arguments(["-c", script])
    }

    /// Adds arguments.
    pub fn arguments<S: Into<String>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets a variable.
    pub fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.retain(|(have, _)| have != name);
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Sets variables.
    pub fn variables(self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        variables.into_iter().fold(self, |launch, (name, value)| launch.variable(&name, value))
    }

    /// Starts it in another folder than the home.
    pub fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = folder.as_ref().into();
        self
    }

    /// Columns and rows.
    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    /// How long each wait may take; 20 s if not set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Starts it.
    pub fn start(self) -> Session {
        Session::start(&self)
    }
}
