//! The roadmap: a Markdown file that people and agents edit at the same time, read with byte ranges.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

mod change;
mod cycle;
mod dependency;
mod draft;
mod field;
pub mod finding;
mod heading;
mod note;
mod parse;
pub mod phase;
pub mod readiness;
mod scan;
mod status;
mod token;
mod vocabulary;

use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;
pub(crate) use change::unblocked;
pub(in crate::domain) use cycle::cycles;
use finding::Finding;
use phase::{Phase, Span};

/// SHA-256 of a roadmap's bytes, in hex.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoadmapHash(pub String);

/// Which marks a file uses for In Progress and Complete: the file's own majority is written back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// `🔄 In Progress`, `✅ Complete`.
    Arrows,
    /// `🟡 In Progress`, `🟢 Complete`.
    Circles,
}

/// A `## Batch N` heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its number.
    pub number: u32,
    /// What the heading says behind the number, without brackets.
    pub title: Printable,
    /// Line in the file, from 1.
    pub line: usize,
}

/// A roadmap as read. Parsing never fails: what is odd becomes a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Roadmap {
    /// Its phases in file order, duplicates included.
    pub phases: Vec<Phase>,
    /// Its batches in file order.
    pub batches: Vec<Batch>,
    /// Its marks.
    pub dialect: Dialect,
    /// Identifies its bytes.
    pub hash: RoadmapHash,
    /// What the parser found odd.
    pub findings: Vec<Finding>,
    /// Per phase: where a field may be added behind its last known one.
    tails: Vec<usize>,
    bytes: Arc<[u8]>,
}

impl Roadmap {
    /// Reads a roadmap from any bytes, in linear time.
    pub fn parse(bytes: impl Into<Arc<[u8]>>) -> Self {
        parse::parse(bytes.into())
    }

    /// The bytes it was read from.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The first phase with this id.
    pub fn phase(&self, id: &PhaseId) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.id == *id)
    }
}

/// One edit: a byte range inside one field of one phase (or an empty range between two of its lines).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The phase it belongs to.
    pub phase: PhaseId,
    /// Line in the file, from 1.
    pub line: usize,
    /// The bytes to replace.
    pub span: Span,
    /// What stands there.
    pub old: Vec<u8>,
    /// What shall stand there.
    pub new: Vec<u8>,
}

/// A change in terms of phases, so that it can be decided again on a file somebody else has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoadmapChange {
    /// Blocked phases with all dependencies satisfied become Not Started.
    Garden,
    /// A phase becomes In Progress, assigned to somebody.
    Claim {
        /// The phase.
        phase: PhaseId,
        /// To whom.
        assignee: String,
    },
    /// A claimed phase goes back to Not Started.
    Release {
        /// The phase.
        phase: PhaseId,
        /// Who was assigned; nothing is touched when the file names somebody else by now.
        assignee: String,
        /// What the field held before the claim; `None` removes the field.
        restore: Option<String>,
    },
    /// A phase becomes Complete.
    Complete {
        /// The phase.
        phase: PhaseId,
        /// The day, `YYYY-MM-DD`, for its `Completed` field.
        date: String,
    },
}

impl RoadmapChange {
    /// The edits that make this change in this roadmap: none when nothing is to change.
    ///
    /// # Errors
    /// One sentence when the change makes no sense in this roadmap (no such phase, duplicate id, no status field, already complete).
    pub fn edits(
        &self,
        roadmap: &Roadmap,
        held: &BTreeSet<PhaseId>,
    ) -> Result<Vec<Edit>, Printable> {
        change::edits(self, roadmap, held)
    }

    /// Its name in the journal: `garden`, `claim`, `release`, `complete`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Garden => "garden",
            Self::Claim { .. } => "claim",
            Self::Release { .. } => "release",
            Self::Complete { .. } => "complete",
        }
    }
}

/// `bytes` with the edits made. Edits are of one roadmap and never overlap.
pub fn splice(bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut ordered: Vec<&Edit> = edits.iter().collect();
    ordered.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = Vec::with_capacity(bytes.len() + 64);
    let mut at = 0;
    for edit in ordered {
        // Edits of another roadmap, or overlapping ones, change nothing.
        let Some(kept) = bytes.get(at..edit.span.start) else { continue };
        if bytes.get(edit.span.clone()) != Some(edit.old.as_slice()) {
            continue;
        }
        out.extend_from_slice(kept);
        out.extend_from_slice(&edit.new);
        at = edit.span.end;
    }
    out.extend_from_slice(bytes.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod properties;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
