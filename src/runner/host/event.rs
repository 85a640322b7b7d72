//! What an agent does, told apart from how its CLI says it.

use serde::{Deserialize, Serialize};

use crate::domain::agent::Usage;
use crate::domain::reason::Reason;

/// One thing an agent did or said. Text is as the agent gave it: make it printable before showing it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum AgentEvent {
    /// A session began or went on.
    SessionStarted {
        /// Its id, for resuming it.
        session: String,
        /// The model it runs with.
        model: String,
    },
    /// A piece of text, as it is written.
    TextDelta {
        /// The piece.
        text: String,
    },
    /// A text that came in pieces is complete.
    TextEnd {
        /// All of it.
        text: String,
    },
    /// A whole text.
    Text {
        /// The text.
        text: String,
    },
    /// A tool was started.
    ToolStart {
        /// The tool.
        name: String,
        /// What it works on.
        summary: String,
    },
    /// A tool ended.
    ToolEnd {
        /// Whether it failed.
        is_error: bool,
        /// Its output.
        summary: String,
    },
    /// A request failed and is tried again.
    Retry {
        /// Number of the attempt and how many there will be.
        attempt: (u64, u64),
        /// Time until then, in milliseconds.
        delay_ms: u64,
        /// Why.
        cause: String,
    },
    /// A tool was not allowed.
    Denied {
        /// The tool.
        tool: String,
    },
    /// What the session has used in all.
    Used {
        /// How much.
        usage: Usage,
    },
    /// A turn is over; the process may go on.
    TurnEnd {
        /// Well, or the reason the agent gave.
        outcome: Result<(), Reason>,
        /// What the session has used in all.
        usage: Usage,
    },
    /// The agent asks for a person.
    Waiting {
        /// What it says.
        message: String,
    },
    /// A remark worth showing.
    Note {
        /// The remark.
        text: String,
    },
    /// A line that is not an event: shown as it is.
    Plain {
        /// The line.
        text: String,
    },
    /// An event of a kind that is not known.
    Unknown {
        /// Its kind.
        kind: String,
    },
}
