//! What has been read of the phase that is being read.

use super::phase::{Field, Task};

/// Where the walk is inside the current phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// In no field.
    Nowhere,
    /// In the phase's last field.
    Field,
    /// In its last field, behind a blank line.
    Gap,
    /// In its tasks.
    Tasks,
}

/// What has been read of the current phase: the last one begun, until its section ends or a deeper phase begins.
#[derive(Default)]
pub(super) struct Page {
    /// Its place among the drafts.
    pub draft: Option<usize>,
    /// Its fields so far.
    pub fields: Vec<Field>,
    /// Its tasks so far.
    pub tasks: Vec<Task>,
    /// The first of each known key as written, as indexes of fields.
    pub known: Vec<usize>,
    /// Column of the first field.
    pub base: usize,
    /// Column of the last field.
    pub indent: usize,
    /// How the last field begins.
    pub mark: Mark,
}

/// How a field begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mark {
    /// As a list item.
    #[default]
    Bullet,
    /// As a bold line.
    Bold,
}
