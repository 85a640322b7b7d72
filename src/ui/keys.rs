//! The one key table. Dispatch, footer hints, the help overlay and the README table all come from it.

mod chord;
mod lookup;
mod reading;
mod review;
mod scope;
pub mod table;

pub use chord::Chord;
pub use lookup::{essential, find, hints, hints_of, hints_where, label, markdown, rows};
pub use reading::{Direction, Motion, ReadAction, Span};
pub use review::ReviewAction;
pub use scope::{Question, Reading, Scope, Sheet};
pub use table::table;

/// A pane of the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pane {
    /// 1: the roadmap.
    Roadmap,
    /// 2: claimed streams.
    Streams,
    /// 3: one agent's terminal.
    Agent,
    /// 4: the goal.
    Goal,
}

/// Where the focus goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FocusMove {
    /// The next pane.
    Next,
    /// The pane before.
    Previous,
    /// The pane to the left.
    Left,
    /// The pane to the right.
    Right,
    /// This pane.
    Pane(Pane),
}

/// Where a selection or a view goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One down.
    Down,
    /// One up.
    Up,
    /// One page down.
    PageDown,
    /// One page up.
    PageUp,
    /// To the first.
    Top,
    /// To the last.
    Bottom,
}

impl Step {
    /// The place this leads to in a list of so many rows, or the nearest there is.
    pub fn from(self, at: usize, count: usize, page: usize) -> usize {
        let to = match self {
            Self::Down => at.saturating_add(1),
            Self::Up => at.saturating_sub(1),
            Self::PageDown => at.saturating_add(page),
            Self::PageUp => at.saturating_sub(page),
            Self::Top => 0,
            Self::Bottom => count,
        };
        to.min(count.saturating_sub(1))
    }
}

/// What is done to the agent in view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentAction {
    /// Send every key to it.
    Type,
    /// Show the agent after it.
    Next,
    /// Show the agent before it.
    Previous,
    /// Give it the whole screen, or no longer.
    Zoom,
    /// End it, after a question.
    Stop,
    /// Begin a new life, after a question if it runs.
    Restart,
    /// Send a text to it, or to all that are marked.
    Broadcast,
    /// Something with what its branch changes.
    Review(ReviewAction),
}

/// What is done to the row under the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowAction {
    /// Open it.
    Open,
    /// Take it into a batch of phases or agents, or out.
    Mark,
    /// Plan just this phase, or the marked ones.
    Plan,
    /// Open the roadmap in the editor at its line.
    Edit,
    /// Copy its id.
    Copy,
    /// Narrow the list by a text.
    Filter,
    /// See it in the dependency graph.
    Graph,
    /// Show more or fewer of them.
    Range,
    /// Mark all, or none.
    MarkAll,
    /// The one whose number the key is.
    Pick,
    /// Let an agent look for what is wrong with it.
    Qa,
    /// Close it, so that others can have it.
    Close,
}

/// What is done in a text field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextAction {
    /// Use the text.
    Submit,
    /// Break the line.
    Newline,
    /// Take the text before.
    Older,
    /// Take the text after.
    Newer,
    /// Go back.
    Leave,
    /// To the start of the line.
    Start,
    /// To the end of the line.
    End,
    /// Cut what is before the cursor.
    CutToStart,
    /// Cut what is behind the cursor.
    CutToEnd,
    /// Cut the word before the cursor.
    CutWord,
    /// Take the last change back.
    Undo,
}

/// What is done in the plan overlay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanAction {
    /// Start its agents.
    Approve,
    /// Take the phase in or out.
    Toggle,
    /// Next mode.
    Mode,
    /// Another one merges.
    Merge,
    /// One agent more at once.
    MoreSlots,
    /// One agent fewer at once.
    FewerSlots,
    /// Edit what the phase's agent is told.
    Prompt,
    /// Tell it what it was told before.
    PromptReset,
    /// Edit it in the person's editor.
    PromptEditor,
    /// Show what starting would do.
    DryRun,
    /// Show what variables the phase's agent gets.
    Environment,
    /// Show the targets.
    Targets,
    /// Keep the plan in the state folder.
    Save,
    /// List the phases the goal does not mean, or no longer.
    Rest,
    /// Take in what was not offered, after what it waits for.
    Include,
    /// Show what is not offered, and why.
    Refused,
}

/// How the roadmap is tended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tend {
    /// Read and garden it.
    Garden,
    /// Take back the last change.
    Undo,
    /// Mend the finding under the cursor.
    One,
    /// Mend all findings that need no judgement.
    All,
}

/// A screen over the dashboard that needs nothing but a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// What happened.
    Events,
    /// What is odd in the roadmap.
    Health,
    /// All agents as tiles, or no longer.
    Grid,
    /// What the last plan came to.
    Report,
    /// What an agent wrote of that.
    Summary,
    /// The targets.
    Targets,
    /// The proposals.
    Proposals,
}

/// What is done with the person's terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminalAction {
    /// Draw everything anew.
    Redraw,
    /// Leave the mouse to the terminal, or take it again.
    Mouse,
}

/// An answer to a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Do it gently.
    Yes,
    /// Do it at once.
    Kill,
    /// Leave, agents go on.
    Detach,
    /// Stop all agents, then leave.
    StopAll,
    /// Put it aside, after a question.
    Refuse,
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Leave the app.
    Quit,
    /// Leave the app if pressed twice.
    Interrupt,
    /// Open the help.
    Help,
    /// Close, clear or go back; never leaves the app.
    Back,
    /// Something with the person's terminal itself.
    Terminal(TerminalAction),
    /// Type a goal.
    Goal,
    /// Go to the next agent that needs a person.
    NextNeedy,
    /// Change the roadmap: garden it, mend it, take that back.
    Tend(Tend),
    /// Start nothing new, or go on.
    Hold,
    /// Open a screen over the dashboard.
    Show(Shown),
    /// Write a starter roadmap.
    Init,
    /// Move the focus.
    Focus(FocusMove),
    /// Move the selection or the view.
    Go(Step),
    /// Something with the row under the cursor.
    Row(RowAction),
    /// Something with the agent in view.
    Agent(AgentAction),
    /// Something in what an agent said.
    Read(ReadAction),
    /// Something in a text field.
    Text(TextAction),
    /// Something in the plan overlay.
    Plan(PlanAction),
    /// An answer to a dialog.
    Choose(Choice),
    /// Leave TYPE mode.
    LeaveType,
}

/// One row of the key table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// Where it holds.
    pub scope: Scope,
    /// Its keys; any of them does.
    pub chords: &'static [Chord],
    /// What it does.
    pub action: Action,
    /// Stable name of the action, e.g. `agent.restart`.
    pub name: &'static str,
    /// One or two words for the hint line; empty: never hinted.
    pub hint: &'static str,
    /// One clause for the help.
    pub help: &'static str,
}

impl KeyRow {
    /// Its keys for people: `? F1`.
    pub fn keys(&self) -> String {
        let labels: Vec<String> = self.chords.iter().map(Chord::label).collect();
        labels.join(" ")
    }
}
