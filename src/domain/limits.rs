//! Limits of an agent's life.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Limits of one life. A time of zero is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// From start to the first byte of output.
    pub start: Duration,
    /// From start to the end.
    pub total: Duration,
    /// Without a byte of output.
    pub idle: Duration,
    /// From the word that all is done to the end of the process.
    pub settle: Duration,
    /// From SIGTERM to SIGKILL.
    pub grace: Duration,
    /// How long the host keeps the claim after the end while nobody collects the result.
    pub linger: Duration,
    /// Most bytes of the recording on disk; beyond them its oldest part goes.
    pub recording: u64,
    /// Steps by which its processes stand back for others when the processor is busy, up to 19 (nice(1)).
    pub nice: u8,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            start: Duration::ZERO,
            total: Duration::from_secs(4 * 3600),
            idle: Duration::from_secs(900),
            settle: Duration::from_secs(300),
            grace: Duration::from_secs(5),
            linger: Duration::from_secs(7 * 24 * 3600),
            recording: 64 * 1024 * 1024,
            nice: 5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_written_before_have_the_new_ones() -> Result<(), serde_json::Error> {
        let limits: Limits = serde_json::from_str(r#"{"nice":3}"#)?;
        assert_eq!(limits, Limits { nice: 3, ..Limits::default() });
        Ok(())
    }
}
