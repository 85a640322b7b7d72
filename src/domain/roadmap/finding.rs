//! What is worth telling a person about a roadmap.

use serde::{Deserialize, Serialize};

use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;

/// Kind of a health finding. The names are part of the JSON output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// Blocked though every dependency is complete.
    BlockedReady,
    /// Blocked without any dependency.
    BlockedWithoutDeps,
    /// Blocked by nothing but a reason that a person has to judge.
    BlockedByPerson,
    /// Depends on a phase that does not exist.
    UnknownDep,
    /// Depends on something that has no id.
    OpaqueDep,
    /// A tick beside a dependency that is not complete.
    StaleTick,
    /// No tick beside a complete dependency, where the author ticks others.
    UntickedDep,
    /// Phases that wait for each other.
    Cycle,
    /// Two phases with one id.
    DuplicateId,
    /// Complete before its dependencies.
    CompleteBeforeDeps,
    /// In progress before its dependencies are complete.
    StartedBeforeDeps,
    /// In progress without anybody assigned.
    StaleInProgress,
    /// In progress by an agent of ours that has ended.
    StaleClaim,
    /// Text and mark of a status contradict each other.
    StatusConflict,
    /// No readable status.
    UnknownStatus,
    /// Complete with open tasks.
    CompleteWithOpenTasks,
    /// A field given twice.
    RepeatedField,
    /// A code fence that never ends.
    UnclosedFence,
    /// No phase at all.
    NoPhases,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Probably not meant.
    Warning,
    /// Wrong: the plan can't be trusted.
    Error,
}

/// One health finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What kind it is.
    pub kind: FindingKind,
    /// How bad it is.
    pub severity: Severity,
    /// The phase concerned.
    pub phase: Option<PhaseId>,
    /// Line in the file, from 1.
    pub line: usize,
    /// One sentence.
    pub message: Printable,
    /// What would mend it, when something would.
    pub fix: Option<Printable>,
}
