//! What a roadmap says of one phase.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::field::Key;
use super::text::Text;
use crate::domain::id::{AgentId, PhaseId};
use crate::domain::printable::Printable;

/// Byte range in the roadmap file.
pub type Span = Range<usize>;

/// State of a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not begun.
    NotStarted,
    /// Somebody works on it.
    InProgress,
    /// Done.
    Complete,
    /// Waits for its dependencies or for a person.
    Blocked,
    /// Put off by a person.
    Deferred,
    /// Not given, or not understood.
    Unknown,
}

/// Where a phase's status was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusSource {
    /// A `Status` field: the only source that is ever written or acted on.
    Field,
    /// A mark in the heading.
    Heading,
    /// An overview check list.
    Checklist,
    /// A table row.
    Table,
    /// The phase's own task marks.
    Derived,
    /// Nowhere.
    None,
}

/// A phase's status with its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhaseStatus {
    /// The state as judged, which decisions are made from; unknown without a `Status` field.
    pub state: Status,
    /// The state to show: the same, or without a `Status` field what another source tells.
    pub shown: Status,
    /// Where it was read.
    pub source: StatusSource,
    /// The bytes of the state token (glyph and words, without a reason in brackets); empty without a field.
    pub token: Span,
    /// The bracketed or dashed reason behind the token, if there is one.
    pub reason: Option<Printable>,
    /// Text and mark contradict each other: never treated as complete, reported as a finding.
    pub conflict: bool,
}

/// Size of the work, as the author estimates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Effort {
    /// Small.
    S,
    /// Medium.
    M,
    /// Large.
    L,
}

/// One item of a `Depends On` list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dependency {
    /// A phase by its id, and whether the author ticked it.
    Phase {
        /// The id.
        id: PhaseId,
        /// A tick, strike-through or the word complete stands beside this id.
        ticked: bool,
        /// Bytes of the id token in the file.
        span: Span,
    },
    /// Every phase of a batch.
    Batch(u32),
    /// Every phase before this one.
    AllPrevious,
    /// Text without a readable id: it waits for a person.
    Opaque(Printable),
}

/// A task of a phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Bytes of its text; see [`Phase::task_text`].
    pub text: Span,
    /// Whether it is ticked.
    pub done: bool,
    /// Bytes of the mark between the brackets.
    pub mark: Span,
    /// Line in the file, from 1.
    pub line: usize,
}

/// A field of a phase, known or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The key as written, without colon and emphasis.
    pub key: Printable,
    /// Bytes of the value on its first line, trimmed; see [`Phase::value`].
    pub span: Span,
    /// Bytes of the whole first line with its line ending.
    pub line_span: Span,
    /// Line in the file, from 1.
    pub line: usize,
    /// Which field it is.
    pub(super) kind: Key,
    /// Which of the file's continuation lines its value goes on in.
    pub(super) more: Range<u32>,
}

impl Field {
    /// Which of the file's continuation lines its value goes on in.
    pub(super) fn more(&self) -> Range<usize> {
        let place = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        place(self.more.start)..place(self.more.end)
    }
}

/// Where a phase stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Line of the heading, from 1.
    pub line: usize,
    /// Bytes of the heading line.
    pub heading: Span,
    /// Bytes from the heading to the end of the section.
    pub section: Span,
    /// 1 for the first phase with this id, 2 for the next.
    pub occurrence: usize,
    /// The batch whose heading stands above it.
    pub batch: Option<u32>,
}

/// One phase of the roadmap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Its id.
    pub id: PhaseId,
    /// Its name, without tags.
    pub name: Printable,
    /// Starred tags of the heading, e.g. `BOOTSTRAP`.
    pub tags: Box<[Printable]>,
    /// Where it stands.
    pub place: Place,
    /// Its status.
    pub status: PhaseStatus,
    /// Who holds it; placeholders such as `TBD` or `Unassigned` are nobody.
    pub assigned_to: Option<Printable>,
    /// What it depends on, in file order.
    pub depends_on: Box<[Dependency]>,
    /// Its effort.
    pub effort: Option<Effort>,
    /// Its tasks.
    pub tasks: Box<[Task]>,
    /// Ticked and all check boxes in its own text, tasks or not.
    pub boxes: (usize, usize),
    /// All its fields in file order, the ones above included.
    pub fields: Box<[Field]>,
    /// The file it stands in.
    pub text: Arc<Text>,
}

impl PhaseStatus {
    /// What another source than a `Status` field tells, as a clause for people.
    pub fn told(&self) -> Option<String> {
        let by = match self.source {
            StatusSource::Field | StatusSource::None => return None,
            StatusSource::Heading => "its heading",
            StatusSource::Checklist => "a check list",
            StatusSource::Table => "a table",
            StatusSource::Derived => "its tasks",
        };
        Some(format!("{} by {by}", self.shown.word()))
    }
}

impl Status {
    /// Its name in a sentence.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotStarted => "not started",
            Self::InProgress => "in progress",
            Self::Complete => "complete",
            Self::Blocked => "blocked",
            Self::Deferred => "deferred",
            Self::Unknown => "unknown",
        }
    }
}

impl Phase {
    /// The phase carries the force-multiplier tag `⭐ BOOTSTRAP`.
    pub fn is_bootstrap(&self) -> bool {
        self.tags.iter().any(|tag| tag.as_str().eq_ignore_ascii_case("bootstrap"))
    }

    /// The person the file assigns it to: no agent of ours, and not what an `Agent` field names.
    pub fn person(&self) -> Option<&Printable> {
        let name = self.assigned_to.as_ref()?;
        let field = self.fields.iter().find(|field| field.kind == Key::AssignedTo)?;
        let agent = field.key.as_str().trim().eq_ignore_ascii_case("agent");
        let ours = AgentId::is_name(name.as_str().trim_matches(['`', '*', '_']));
        (!agent && !ours).then_some(name)
    }

    /// The value of the first field with this key, case-insensitive.
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key.as_str().eq_ignore_ascii_case(key))
    }

    /// The field that names who holds it.
    pub fn assigned_field(&self) -> Option<&Field> {
        self.fields.iter().find(|field| field.kind == Key::AssignedTo)
    }

    /// The fields that say how far it is: they change while work goes on.
    pub fn progress_fields(&self) -> impl Iterator<Item = &Field> {
        let kinds = [Key::Status, Key::AssignedTo, Key::Completed];
        self.fields.iter().filter(move |field| kinds.contains(&field.kind))
    }

    /// Where a field stands, line by line: the first line whole, the others without the blanks around them.
    pub fn lines<'p>(&'p self, field: &'p Field) -> impl Iterator<Item = &'p Span> {
        std::iter::once(&field.line_span).chain(self.text.lines(field).skip(1))
    }

    /// The value of one of its fields, continuation lines joined by newlines.
    pub fn value(&self, field: &Field) -> Cow<'_, str> {
        self.text.value(field)
    }

    /// The text of one of its tasks.
    pub fn task_text(&self, task: &Task) -> Printable {
        Printable::new(&self.text.shown(task.text.clone()))
    }

    /// Finished and all tasks.
    pub fn progress(&self) -> (usize, usize) {
        (self.tasks.iter().filter(|task| task.done).count(), self.tasks.len())
    }
}
