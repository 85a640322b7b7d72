//! Identifiers. Each is a checked or opaque newtype so that a phase can never be passed where an agent is meant.

use std::cmp::Ordering;
use std::fmt;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// Identifier of a phase as the roadmap writes it: `2.1`, `WP-10.1`, `SEC-2`. Ordered naturally: `1.9 < 1.10`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhaseId(CompactString);

impl PhaseId {
    /// Wraps an id token found in a roadmap, a goal or a command line.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(CompactString::new(text))
    }

    /// The id as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Ord for PhaseId {
    fn cmp(&self, other: &Self) -> Ordering {
        natural(&self.0, &other.0).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for PhaseId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares digit runs as numbers and everything else as text.
fn natural(left: &str, right: &str) -> Ordering {
    let (mut a, mut b) = (left.as_bytes(), right.as_bytes());
    loop {
        match (a.first(), b.first()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (run_a, rest_a) = digits(a);
                let (run_b, rest_b) = digits(b);
                let order = run_a.len().cmp(&run_b.len()).then_with(|| run_a.cmp(run_b));
                if order != Ordering::Equal {
                    return order;
                }
                (a, b) = (rest_a, rest_b);
            }
            (Some(x), Some(y)) => {
                if x != y {
                    return x.cmp(y);
                }
                (a, b) = (&a[1..], &b[1..]);
            }
        }
    }
}

/// The leading digit run without its leading zeros, and what follows it.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    let zeros = text[..end].iter().take_while(|b| **b == b'0').count().min(end.saturating_sub(1));
    (&text[zeros..end], &text[end..])
}

/// Identifier of a target repository: its key in `config/targets.yaml`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TargetId(String);

impl TargetId {
    /// Wraps a target's key.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Identifier of an agent: `a-` and the id of the phase it works on. One agent per phase; restarts are lives.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AgentId(String);

impl AgentId {
    /// Wraps an agent id typed by a person or read from disk.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether a name is one that our agents have.
    pub fn is_name(name: &str) -> bool {
        let phase = name.strip_prefix("a-").unwrap_or_default();
        phase.starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase())
            && !phase.contains(char::is_whitespace)
    }

    /// The agent that works on `phase`.
    pub fn for_phase(phase: &PhaseId) -> Self {
        Self(format!("a-{}", phase.as_str()))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Counts the lives of an agent, from 1. A report of an earlier life is stale and is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Life(pub u32);

impl Life {
    /// The life before this one, if there was one.
    pub fn before(self) -> Option<Self> {
        (self.0 > 1).then(|| Self(self.0 - 1))
    }

    /// The life that follows this one.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// One life of one agent. Displays as `a-2.1.3`, which also names its folder and marks its processes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AgentRef {
    /// The agent.
    pub id: AgentId,
    /// Its life.
    pub life: Life,
}

impl fmt::Display for AgentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.id, self.life.0)
    }
}

impl fmt::Debug for AgentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! shown_as_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}
shown_as_text!(PhaseId, TargetId, AgentId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_order_naturally() {
        let mut ids = ["1.10", "1.9", "WP-10.1", "WP-2.1", "1.9a", "10.1", "2.1"].map(PhaseId::new);
        ids.sort();
        let order: Vec<_> = ids.iter().map(PhaseId::as_str).collect();
        assert_eq!(order, ["1.9", "1.9a", "1.10", "2.1", "10.1", "WP-2.1", "WP-10.1"]);
    }

    #[test]
    fn leading_zeros_do_not_change_the_order() {
        assert!(PhaseId::new("1.02") < PhaseId::new("1.3"));
        assert_ne!(PhaseId::new("1.02"), PhaseId::new("1.2"));
    }
}
