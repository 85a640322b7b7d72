//! Sections that have a status and are no phases: what a scope spans may be more than what was read.

use super::finding::{Finding, FindingKind, Severity};
use super::phase::Span;
use crate::domain::printable::Printable;

/// A section with a Status field whose heading is not read as that of a phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stray {
    /// Bytes of its title.
    pub title: Span,
    /// Line of its heading, from 1.
    pub line: usize,
    /// Level of its heading.
    pub level: usize,
    /// The batch it stands in.
    pub batch: Option<u32>,
    /// Bytes of its status.
    pub status: Span,
}

impl Stray {
    /// The finding that tells of it.
    pub fn finding(&self, title: &str) -> Finding {
        let text = format!(
            "\"{title}\" has a Status but is not read as a phase, so what depends on all around it waits."
        );
        Finding {
            kind: FindingKind::UnknownStatus,
            severity: Severity::Warning,
            phase: None,
            line: self.line,
            message: Printable::new(&text),
            fix: Some(Printable::new(
                "Write the heading as `Phase 1.2: Name`, or remove the Status.",
            )),
        }
    }
}
