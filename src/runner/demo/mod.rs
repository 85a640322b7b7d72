//! The demo: a throw-away repository with a roadmap, and a scripted agent that really does its work.

pub mod agent;
pub mod errand;
pub mod pace;
pub mod repository;
pub mod script;
mod voice;
mod work;

use std::path::PathBuf;

/// Why the demo can't go on.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A file or directory can't be read or written.
    #[error("`{}` can't be used: {error}. Choose an empty, writable directory.", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The directory holds something already.
    #[error("`{}` is not empty: the demo writes only into an empty directory.", .0.display())]
    NotEmpty(PathBuf),
    /// A program can't be started or failed.
    #[error("`{command}` failed: {why}. The demo needs `git` and `sh`.")]
    Program {
        /// The command line.
        command: String,
        /// The end of what it printed.
        why: String,
    },
    /// The agent does not know what to work on.
    #[error(
        "the demo agent has no script for phase `{0}`: it only works on phases 2.1 to 4.4 of the demo's roadmap."
    )]
    UnknownPhase(String),
    /// The agent can't print.
    #[error("the demo agent can't print: {0}.")]
    Output(#[from] std::io::Error),
}
