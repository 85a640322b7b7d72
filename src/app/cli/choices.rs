//! Values the command line chooses from.

use clap::ValueEnum;

/// How a plan runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModeChoice {
    /// The first phase alone.
    Single,
    /// Several at once.
    Parallel,
    /// Until nothing is ready.
    Batch,
}

/// Who merges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MergeChoice {
    /// A person, after a review.
    Review,
    /// orch-tui, as soon as the gates passed.
    Auto,
}
