//! Process trees: who belongs to one, and ending all of it.
//!
//! A bare pid proves nothing, because the kernel uses pids again: a process is its boot, its pid and
//! its start time. Where `/proc` exists a tree is walked through it; elsewhere only the process group
//! of its leader is known.

mod table;
mod tree;

use serde::{Deserialize, Serialize};

pub use table::{carrying, commands, descendants, marked};
pub use tree::{GraceCut, Tree, end_marked, end_tree};

/// A process, told apart from every later one with the same pid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessIdentity {
    /// Its pid.
    pub pid: u32,
    /// Clock ticks between the machine's start and its own; 0 where the system does not tell.
    pub start_time: u64,
    /// The machine's current run; empty where the system does not tell.
    pub boot_id: String,
}

impl ProcessIdentity {
    /// The identity of a running process; `None` when there is none with this pid.
    pub fn of(pid: u32) -> Option<Self> {
        let start_time = table::start_time(pid)?;
        Some(Self { pid, start_time, boot_id: boot_id() })
    }

    /// Whether this very process still runs. A process that has ended and was not waited for does not.
    pub fn is_alive(&self) -> bool {
        boot_id() == self.boot_id && table::start_time(self.pid) == Some(self.start_time)
    }
}

/// Id of the machine's current run; empty where the system does not tell.
pub fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map(|id| id.trim().to_owned())
        .unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn identity_outlives_its_process() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let identity = ProcessIdentity::of(child.id()).unwrap();
        assert!(identity.is_alive());
        assert!(!ProcessIdentity { start_time: 1, ..identity.clone() }.is_alive());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!identity.is_alive());
    }
}
