//! What keeps a phase from starting.

use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;
use crate::domain::roadmap::phase::Status;

/// Why a phase can't start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotReady {
    /// Its own status: complete, in progress, deferred, unknown, or blocked for a human reason.
    Status(Status),
    /// One of our live agents holds it.
    Held,
    /// A dependency that is not complete.
    Waits(PhaseId),
    /// A dependency that is not in the roadmap.
    UnknownDependency(PhaseId),
    /// A dependency without a readable id: it waits for a person.
    Opaque(Printable),
    /// Its id stands twice in the roadmap.
    Duplicate,
    /// Its status is not in a `Status` field, so nothing may be decided from it.
    NoStatusField,
}

impl NotReady {
    /// One clause for people.
    pub fn clause(&self) -> String {
        match self {
            Self::Status(Status::NotStarted) => "not started".into(),
            Self::Status(Status::InProgress) => "in progress".into(),
            Self::Status(Status::Complete) => "already complete".into(),
            Self::Status(Status::Blocked) => "marked blocked".into(),
            Self::Status(Status::Deferred) => "put off".into(),
            Self::Status(Status::Unknown) => "its status can't be read".into(),
            Self::Held => "an agent works on it".into(),
            Self::Waits(id) => format!("waits for {}", Printable::new(id.as_str())),
            Self::UnknownDependency(id) => {
                format!("depends on {}, which is not in the roadmap", Printable::new(id.as_str()))
            }
            Self::Opaque(text) => format!("waits for a person to judge \"{text}\""),
            Self::Duplicate => "its id stands twice in the roadmap".into(),
            Self::NoStatusField => "it has no Status field".into(),
        }
    }
}

/// How a blocked phase came to be blocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blockage {
    /// Every dependency is satisfied and nothing else is given: the mark is stale.
    Lifted,
    /// It waits for what it depends on.
    Waiting,
    /// A person wrote a reason, which only a person can lift.
    Human(Printable),
    /// It depends on nothing, so nothing but a person can lift it.
    WithoutDependencies,
}
