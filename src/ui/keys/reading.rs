//! What keys do in what an agent said.

/// Where the cursor goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// One cell to the left.
    Left,
    /// One cell to the right.
    Right,
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// To the next word.
    NextWord,
    /// To the word before.
    PreviousWord,
    /// To the end of the word.
    WordEnd,
    /// To the line's begin.
    LineStart,
    /// To the line's end.
    LineEnd,
    /// To the first line.
    Top,
    /// To the last line.
    Bottom,
    /// Half a page up.
    HalfUp,
    /// Half a page down.
    HalfDown,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first line in view.
    High,
    /// To the line in the middle of the view.
    Middle,
    /// To the last line in view.
    Low,
}

/// Which way a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Down.
    On,
    /// Up.
    Back,
}

impl Direction {
    /// The other way.
    pub fn turned(self) -> Self {
        match self {
            Self::On => Self::Back,
            Self::Back => Self::On,
        }
    }
}

/// What a selection is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Characters.
    Characters,
    /// Whole lines.
    Lines,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadAction {
    /// Begin to read.
    Enter,
    /// Move the cursor.
    Move(Motion),
    /// Type what to search for.
    Search(Direction),
    /// To the next match, the way the search goes or against it.
    Next(Direction),
    /// Begin a selection, or drop it.
    Select(Span),
    /// Copy the selection, or the line.
    Copy,
    /// Open all lines in the person's editor.
    Editor,
    /// Search in what all agents said.
    All,
    /// Drop the selection, or go back to the newest output.
    Leave,
    /// Use what was typed.
    Submit,
}
