//! What a person says of lines of a diff, until it goes back to the agent.

use crate::domain::diff::{DiffLine, FileDiff, LineKind};
use crate::domain::printable::Printable;

/// A remark on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The file.
    pub path: Printable,
    /// The line's number: before the change if it is gone, else now.
    pub line: u32,
    /// What happened to the line.
    pub kind: LineKind,
    /// What stands in it.
    pub quoted: Printable,
    /// What is said.
    pub text: String,
}

impl Comment {
    /// A remark on a line of a file, still empty. Git's own remarks have no number and take none.
    pub(super) fn on(file: &FileDiff, line: &DiffLine) -> Option<Self> {
        let number = number(line)?;
        let (path, quoted) = (file.path.clone(), line.text.clone());
        Some(Self { path, line: number, kind: line.kind, quoted, text: String::new() })
    }

    /// Whether it is about this line.
    pub(super) fn is_on(&self, file: &FileDiff, line: &DiffLine) -> bool {
        let same_side = (self.kind == LineKind::Removed) == (line.kind == LineKind::Removed);
        self.path == file.path && Some(self.line) == number(line) && same_side
    }
}

/// The number people know a line by.
pub(super) fn number(line: &DiffLine) -> Option<u32> {
    match line.kind {
        LineKind::Removed => line.old,
        LineKind::Same | LineKind::Added | LineKind::Remark => line.new,
    }
}

/// The sign of a line.
pub(super) fn sign(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Same => " ",
        LineKind::Added => "+",
        LineKind::Removed => "-",
        LineKind::Remark => "\\",
    }
}

/// All remarks as the agent is told them: where, what is said, and the line it is about.
pub(super) fn told(comments: &[Comment]) -> String {
    let one = |comment: &Comment| {
        let Comment { path, line, kind, quoted, text } = comment;
        format!("{path}:{line}: {text}\n    {}{quoted}\n", sign(*kind))
    };
    comments.iter().map(one).collect()
}
