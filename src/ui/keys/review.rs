//! What keys do with what an agent's branch changes.

use super::Direction;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewAction {
    /// Look at what it changes.
    Look,
    /// Merge it, after a question.
    Merge,
    /// To the next hunk, or the one before.
    Hunk(Direction),
    /// To the next file, or the one before.
    File(Direction),
    /// From the files to the hunks, or back.
    Side,
    /// Say something of the line.
    Comment,
    /// Open the file in the person's editor.
    Edit,
    /// Send what was said to the agent.
    SendBack,
    /// Give the work up, after a question.
    Discard,
}
