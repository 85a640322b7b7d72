//! Claims: who may work on a stream. The engine is the runner's; these are its words.

use serde::{Deserialize, Serialize};

use crate::domain::id::{AgentRef, PhaseId, TargetId};
use crate::domain::printable::Printable;

/// A phase seen as work to claim: unique over all targets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StreamKey {
    /// The target.
    pub target: TargetId,
    /// The phase.
    pub phase: PhaseId,
}

/// Rises with every claim won on a stream; a side effect with an older fence is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fence(pub u64);

/// Answer to a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// The stream is ours.
    Won(Fence),
    /// Somebody else holds it.
    Lost(Owner),
    /// Nobody can say. Never run on this.
    Unavailable(Printable),
}

/// Who holds a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The agent that holds it.
    pub agent: AgentRef,
    /// Process that took it.
    pub pid: u32,
    /// Machine it was taken on.
    pub machine: String,
}
