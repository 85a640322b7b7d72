//! What a key press means for the rest of the app.

use std::path::PathBuf;

use crate::domain::command::Command;
use crate::domain::id::{AgentRef, PhaseId, TargetId};

/// Whose the mouse is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// Ours.
    Taken,
    /// The terminal's.
    Released,
}

/// What is done first on a target one goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Nothing.
    Look,
    /// This goal is planned.
    Goal(String),
    /// The agent that needs a person is shown.
    Needy,
}

/// One wish of the person that the screen can't fulfil itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Ask the orchestrator.
    Run(Command),
    /// Send input to an agent's terminal, already encoded.
    Type(AgentRef, Vec<u8>),
    /// Leave the screen; agents that run go on.
    Detach,
    /// Stop all agents, then leave the screen.
    StopAndQuit,
    /// Leave the screen when nothing runs.
    Quit,
    /// Draw everything anew.
    Redraw,
    /// Take the mouse, or leave it to the terminal.
    Mouse(Mouse),
    /// Put text on the clipboard of the person's terminal.
    Copy(String),
    /// Open what an agent said in the person's editor, at a line.
    Read {
        /// Line, from 1.
        line: usize,
        /// All of it.
        text: String,
    },
    /// Open the roadmap in the person's editor, at a line.
    Edit {
        /// Line, from 1.
        line: usize,
    },
    /// Open a file of an agent's worktree in the person's editor, at a line.
    Open {
        /// Which.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
    },
    /// Open what an agent is to be told in the person's editor.
    EditPrompt {
        /// Whose.
        phase: PhaseId,
        /// What it is told as things stand.
        text: String,
    },
    /// Find out which starter files are missing, and ask before they are written.
    Init,
    /// Write the starter roadmap and configuration.
    WriteStarter,
    /// Find out where the other targets stand.
    Survey,
    /// Show another target.
    Switch(TargetId, Arrival),
    /// Close a target that is open behind the screen.
    Close(TargetId),
}
