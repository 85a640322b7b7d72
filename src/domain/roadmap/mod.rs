//! The roadmap: a Markdown file that people and agents edit at the same time, read with byte ranges.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub mod archive;
mod believed;
mod below;
mod by_id;
mod change;
mod code_span;
mod condition;
mod cycle;
mod dependency;
pub mod diff;
mod draft;
mod excerpt;
mod field;
pub mod finding;
mod finished;
mod heading;
mod hold;
mod name;
mod not_ready;
mod note;
mod overview;
mod page;
mod parse;
pub mod phase;
pub mod readiness;
mod reason;
mod scan;
mod scope;
mod several;
mod spoken;
mod status;
mod stray;
mod text;
mod token;
pub(in crate::domain) mod unread;
mod vocabulary;

use crate::domain::id::PhaseId;
use crate::domain::journal_text::named;
use crate::domain::printable::Printable;
use crate::domain::proposal::ProposalFile;
use crate::domain::undo::{Fingerprint, Trace, UndoNote};
use archive::Archive;
pub use change::{Choice, Moved, Obstacle, kept_for_a_look};
pub(crate) use change::{says_the_same, shares_line, unblocked};
pub(in crate::domain) use cycle::cycles;
pub use excerpt::FileLine;
use finding::Finding;
use phase::{Phase, Span, Status, StatusSource};
pub use text::Text;

/// SHA-256 of a roadmap's bytes, in hex.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// Unfinished sections that are no phases.
    strays: Vec<stray::Stray>,
    /// What was completed and moved out of the file.
    archive: Arc<Archive>,
    by_id: by_id::ById,
    text: Arc<Text>,
}

impl Roadmap {
    /// Reads a roadmap from any bytes, in linear time.
    pub fn parse(bytes: impl Into<Arc<[u8]>>) -> Self {
        parse::parse(bytes.into())
    }

    /// The bytes it was read from.
    pub fn bytes(&self) -> &[u8] {
        self.text.bytes()
    }

    /// The same roadmap beside an archive: what the archive has complete satisfies those who wait for it.
    #[must_use]
    pub fn with_archive(self, archive: Arc<Archive>) -> Self {
        Self { archive, ..self }
    }

    /// The archive beside it; empty unless one was given.
    pub fn archive(&self) -> &Arc<Archive> {
        &self.archive
    }

    /// Whether the phase at this place has no status of its own but phases inside its section.
    pub fn is_container(&self, at: usize) -> bool {
        let (Some(phase), Some(next)) = (self.phases.get(at), self.phases.get(at + 1)) else {
            return false;
        };
        phase.status.source != StatusSource::Field
            && phase.place.section.contains(&next.place.heading.start)
    }

    /// The phases that are work of their own: those around others that have no status of their own are not counted.
    pub fn counted(&self) -> impl Iterator<Item = &Phase> {
        let phases = self.phases.iter().enumerate();
        phases.filter(|(at, _)| !self.is_container(*at)).map(|(_, phase)| phase)
    }

    /// How many of the counted phases are complete, and how many are counted.
    pub fn progress(&self) -> (usize, usize) {
        self.counted().fold((0, 0), |(done, all), phase| {
            (done + usize::from(phase.status.state == Status::Complete), all + 1)
        })
    }

    /// The first phase with this id.
    pub fn phase(&self, id: &PhaseId) -> Option<&Phase> {
        self.by_id.find(&self.phases, id.as_str())
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
        /// Tasks to tick, by their text; those it does not have any more are left out.
        ticked: Vec<String>,
    },
    /// As [`RoadmapChange::Garden`], but phases whose unblocking a person took back are left alone while they are as
    /// they were then.
    GardenBut(BTreeMap<PhaseId, Fingerprint>),
    /// At a person's word, a phase that is blocked or in progress goes back to Not Started.
    Reopen {
        /// The phase.
        phase: PhaseId,
        /// The state it was seen in; in another one it is left alone.
        from: Status,
    },
    /// Open tasks of a phase are ticked.
    TickTasks {
        /// The phase.
        phase: PhaseId,
        /// The number of the one task, from 1, or its text; `None` ticks all.
        task: Option<String>,
    },
    /// A dependency is ticked, or its tick is taken away.
    TickDependency {
        /// The phase whose list it is.
        phase: PhaseId,
        /// The dependency.
        on: PhaseId,
        /// Which of the two.
        tick: Tick,
    },
    /// A field that stands again with the same value is taken out where it stands again.
    DropRepeats {
        /// The phase.
        phase: PhaseId,
        /// The key.
        key: String,
    },
    /// New phases are added behind the last one, in the file's own style.
    Append {
        /// Their sections in Markdown.
        text: String,
        /// The proposal they come from, if they come from one.
        proposal: Option<ProposalFile>,
    },
    /// Complete phases that no open phase waits for are moved to the archive.
    Archive,
    /// Sections are added at the end of an archive, byte for byte and below the headings of their batches, unless they
    /// are there.
    Keep {
        /// The phases with their sections.
        sections: Vec<Moved>,
    },
    /// Sections that stand elsewhere by now are taken out, where they are still the same byte for byte.
    Remove {
        /// The phases with their sections.
        sections: Vec<Moved>,
    },
    /// What `Keep` added to an archive is taken out of it.
    TakeBack {
        /// The phases with their sections.
        sections: Vec<Moved>,
    },
    /// Several changes at once; those that make no sense any more are left out.
    Together(Vec<RoadmapChange>),
    /// Of these, newest first, the first one that can be is taken back: where the file is still as it left it.
    Revert(Vec<Revert>),
}

/// Whether a tick is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// It shall be there.
    On,
    /// It shall be gone.
    Off,
}

/// What is to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revert {
    /// Its number among all that can be taken back.
    pub number: u64,
    /// Why the edits were made: `garden`, `fix`, `archive` …
    pub why: String,
    /// Where they are and what stood there before.
    pub note: UndoNote,
}

impl Revert {
    /// Whether it brings phases back from the archive.
    pub fn is_of_archive(&self) -> bool {
        self.why == RoadmapChange::Archive.name()
    }

    /// `garden of 2.1, 2.2`.
    pub fn what(&self) -> String {
        let mut phases: Vec<_> = self.note.traces.iter().flat_map(Trace::phases).collect();
        phases.dedup();
        format!("{} of {}", self.why, named(&phases))
    }
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

    /// Its name in the journal: `garden`, `claim`, `release`, `complete`, `reopen`, `tick`, `untick`, `repeat`,
    /// `append`, `archive`, `fix`, `undo`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Garden | Self::GardenBut(_) => "garden",
            Self::Claim { .. } => "claim",
            Self::Release { .. } => "release",
            Self::Complete { .. } => "complete",
            Self::Reopen { .. } => "reopen",
            Self::TickTasks { .. } | Self::TickDependency { tick: Tick::On, .. } => "tick",
            Self::TickDependency { tick: Tick::Off, .. } => "untick",
            Self::DropRepeats { .. } => "repeat",
            Self::Append { .. } => "append",
            Self::Archive | Self::Keep { .. } | Self::Remove { .. } | Self::TakeBack { .. } => {
                "archive"
            }
            Self::Together(_) => "fix",
            Self::Revert(_) => "undo",
        }
    }

    /// The proposal whose phases it adds.
    pub fn proposal(&self) -> Option<&ProposalFile> {
        match self {
            Self::Append { proposal, .. } => proposal.as_ref(),
            _other => None,
        }
    }

    /// Whether it takes edits back.
    pub fn is_revert(&self) -> bool {
        matches!(self, Self::Revert(_))
    }

    /// The gardener's own.
    pub fn is_gardening(&self) -> bool {
        match self {
            Self::Garden | Self::GardenBut(_) => true,
            Self::Claim { .. }
            | Self::Release { .. }
            | Self::Complete { .. }
            | Self::Reopen { .. }
            | Self::TickTasks { .. }
            | Self::TickDependency { .. }
            | Self::DropRepeats { .. }
            | Self::Append { .. }
            | Self::Archive
            | Self::Keep { .. }
            | Self::Remove { .. }
            | Self::TakeBack { .. }
            | Self::Together(_)
            | Self::Revert(_) => false,
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
mod edit_tests;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod properties;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod release_tests;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
