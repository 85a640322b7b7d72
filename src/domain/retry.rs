//! Trying again: how often, after what pause, with whom.

use std::time::Duration;

/// Longest pause between two tries, unless a person asks for a longer one.
const MOST_PAUSE: Duration = Duration::from_secs(600);
/// Wait for a limit whose end nobody told, the first time.
const FIRST_WAIT: Duration = Duration::from_secs(60);
/// The same, as long as it gets.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// How often limits are waited for until a person has to decide.
pub const MOST_WAITS: u32 = 20;
/// How often a session that failed is gone on with; after that the work is begun anew.
pub const MOST_RESUMES: u32 = 2;

/// How a target wants phases tried again that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryRules {
    /// How often a failed phase is tried again by itself.
    pub retries: u32,
    /// Pause before the first further try; it triples with each.
    pub wait: Duration,
    /// Longest wait until a limit of the model's service is over; beyond it another agent or a person takes over.
    pub most_wait: Duration,
    /// Adapters that share the further tries with the target's own, in order.
    pub fallback: Vec<String>,
}

impl Default for RetryRules {
    fn default() -> Self {
        Self {
            retries: 1,
            wait: Duration::from_secs(5),
            most_wait: Duration::from_secs(24 * 3600),
            fallback: Vec::new(),
        }
    }
}

impl RetryRules {
    /// The pause after so many failures.
    pub fn pause(&self, failures: u32) -> Duration {
        let times = 3u32.saturating_pow(failures.saturating_sub(1));
        self.wait.saturating_mul(times).min(MOST_PAUSE.max(self.wait))
    }

    /// Place of the adapter a try runs with, of this many: they share the tries in equal parts, in order.
    pub fn turn(&self, attempt: u32, adapters: usize) -> usize {
        let tries = u64::from(self.retries) + 1;
        let before = u64::from(attempt.saturating_sub(1)).min(tries - 1);
        let turn = before * adapters as u64 / tries;
        usize::try_from(turn).unwrap_or_default()
    }
}

/// The wait for a limit whose end nobody told, after so many waits before.
pub fn wait_for_limit(waits: u32) -> Duration {
    FIRST_WAIT.saturating_mul(2u32.saturating_pow(waits)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(retries: u32, wait: u64) -> RetryRules {
        RetryRules { retries, wait: Duration::from_secs(wait), ..RetryRules::default() }
    }

    #[test]
    fn pauses_grow_up_to_a_most() {
        let pauses = |wait: u64| [1, 2, 3, 4, 100].map(|n| rules(9, wait).pause(n).as_secs());
        assert_eq!(pauses(5), [5, 15, 45, 135, 600]);
        assert_eq!(pauses(0), [0; 5]);
        assert_eq!(pauses(900), [900; 5], "a person asked for it");
    }

    #[test]
    fn waits_grow_up_to_a_most() {
        let waits = [0, 1, 5, 6, 4_000].map(|n| wait_for_limit(n).as_secs());
        assert_eq!(waits, [60, 120, 1_920, 3_600, 3_600]);
    }

    #[test]
    fn adapters_share_the_tries_in_order() {
        let turns = |retries: u32, adapters| {
            (1..=retries + 1).map(|n| rules(retries, 0).turn(n, adapters)).collect::<Vec<_>>()
        };
        assert_eq!(turns(3, 2), [0, 0, 1, 1]);
        assert_eq!(turns(2, 2), [0, 0, 1]);
        assert_eq!(turns(1, 2), [0, 1]);
        assert_eq!(turns(0, 2), [0]);
        assert_eq!(turns(2, 1), [0, 0, 0]);
        assert_eq!(turns(1, 5), [0, 2], "some never have a turn");
    }
}
