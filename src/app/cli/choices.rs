//! Values the command line chooses from.

use clap::ValueEnum;

use super::Global;

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

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColourWhen {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Theme of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ThemeChoice {
    /// As the terminal tells.
    Auto,
    /// For dark backgrounds.
    Dark,
    /// For light backgrounds.
    Light,
    /// The terminal's own 16 colours.
    Ansi,
    /// No colour.
    Mono,
}

/// What a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// Lines for people.
    Text,
    /// One JSON object.
    Json,
    /// A Mermaid flowchart, for Markdown pages that draw it.
    Mermaid,
}

impl OutputFormat {
    /// JSON where `--json` asks for it instead of lines.
    pub fn or_json(self, global: &Global) -> Self {
        match self {
            Self::Text if global.json => Self::Json,
            Self::Text | Self::Json | Self::Mermaid => self,
        }
    }
}
