//! The model: the run, the screen, the present.

use std::path::PathBuf;

use crossterm::event::{KeyEvent, MouseEvent};

use crate::domain::id::{AgentRef, PhaseId, TargetId};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::report::Report;
use crate::domain::time::Timestamp;
use crate::ui::dashboard::{Bearing, Dashboard};
use crate::ui::intent::{Arrival, Mouse};

/// Everything the full-screen app knows.
#[derive(Debug)]
pub struct Model {
    /// The run.
    pub orchestrator: Orchestrator,
    /// The screen.
    pub dashboard: Dashboard,
    /// The present.
    pub now: Timestamp,
    /// Lives whose screens the world was asked for.
    pub watched: Vec<AgentRef>,
    /// Whether this target is on the screen.
    pub sight: Sight,
}

/// Whether a target is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// It is.
    Shown,
    /// It is open behind the screen: no terminal of it is watched.
    Hidden,
}

/// Something that happened to the app.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// The terminal has a new size: columns, rows.
    Resize(u16, u16),
    /// What an agent is to be told was edited outside.
    Prompt(PhaseId, String),
    /// The world answered.
    Report(Report),
    /// Time passed.
    Tick,
    /// All of its agents are to be stopped: the person leaves.
    StopAll,
    /// It comes on the screen after another one.
    Arrive(Bearing, Arrival),
    /// It leaves the screen.
    Depart,
}

/// What `update` asks of the loop around it.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Carry out an effect.
    Effect(crate::domain::effect::Effect),
    /// End the screen.
    Leave(Leave),
    /// Draw everything anew.
    Redraw,
    /// Take the mouse, or leave it to the terminal.
    Mouse(Mouse),
    /// Put text on the clipboard of the person's terminal.
    Copy(String),
    /// Open what an agent said in the person's editor, at a line.
    Read(usize, String),
    /// Open the roadmap in the person's editor, at a line.
    Edit(usize),
    /// Open a file of an agent's worktree in the person's editor, at a line.
    Open(PathBuf, usize),
    /// Open what an agent is to be told in the person's editor.
    EditPrompt(PhaseId, String),
    /// Ask whether the starter files that are missing shall be written.
    Init,
    /// Write them.
    WriteStarter,
    /// Find out where the other targets stand.
    Survey,
    /// Show another target.
    Switch(TargetId, Arrival),
    /// Close a target that is open behind the screen.
    Close(TargetId),
}

/// How the screen is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Nothing runs.
    Quit,
    /// What runs goes on.
    Detach,
    /// What ran is being stopped; wait for it.
    AfterStop,
}
