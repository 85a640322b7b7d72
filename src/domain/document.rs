//! Documents of the state folder: plans, reports, and what agents with an errand leave.

use std::path::PathBuf;

use crate::domain::id::AgentRef;
use crate::domain::printable::Printable;

/// A document of the state folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// A plan a person wants to keep.
    Plan,
    /// What a plan came to.
    Report,
}

impl Document {
    /// What people call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Report => "report",
        }
    }
}

/// Something to do with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentOrder {
    /// Keep a text. Answer: [`DocumentReport::Kept`].
    Keep {
        /// What it is.
        document: Document,
        /// What its file is called, if nothing is called so yet.
        name: String,
        /// What stands in it.
        text: String,
    },
    /// Keep what an agent left: the file it was told to write, or else its last words. Answer:
    /// [`DocumentReport::Collected`].
    Collect {
        /// Whose.
        agent: AgentRef,
        /// What its file is called, if nothing is called so yet.
        name: String,
    },
    /// Read what was kept of an agent. Answer: [`DocumentReport::Opened`].
    Open {
        /// Whose.
        agent: AgentRef,
        /// Where it is kept.
        path: PathBuf,
    },
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentReport {
    /// A text was kept: its path, or one sentence why not.
    Kept(Document, Result<Printable, Printable>),
    /// What an agent left was kept, or not.
    Collected {
        /// Whose.
        agent: AgentRef,
        /// Its path, or one sentence why there is none.
        outcome: Result<PathBuf, Printable>,
    },
    /// What an agent left was read, or not.
    Opened {
        /// Whose.
        agent: AgentRef,
        /// Its text, or one sentence why there is none.
        outcome: Result<String, Printable>,
    },
}
