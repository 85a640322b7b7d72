//! Delays like a person's, from a seed: the same seed gives the same demo.

use crate::runner::pause::pause;
use std::time::Duration;

/// A stream of numbers from a seed.
#[derive(Clone, Debug)]
pub struct Pace {
    state: u64,
    speed: f64,
    passed: u64,
}

impl Pace {
    /// A pace for one life of one phase. `speed` divides every delay; 0 leaves them out.
    pub fn new(seed: u64, phase: &str, life: u32, speed: f64) -> Self {
        let mut state = seed ^ (u64::from(life) << 32);
        for byte in phase.bytes() {
            state = mix(state ^ u64::from(byte));
        }
        Self { state, speed, passed: 0 }
    }

    /// A number from `low` to `high`, both included.
    pub fn number(&mut self, low: u64, high: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        low + mix(self.state) % (high.saturating_sub(low) + 1)
    }

    /// Waits between `low` and `high` milliseconds of the script's time.
    pub fn wait(&mut self, low: u64, high: u64) {
        let milliseconds = self.number(low, high);
        self.passed += milliseconds;
        if let Some(delay) = self.scaled(Duration::from_millis(milliseconds)) {
            pause(delay);
        }
    }

    /// A time of the script in real time; `None` when there are no delays.
    pub fn scaled(&self, time: Duration) -> Option<Duration> {
        (self.speed > 0.0).then(|| time.div_f64(self.speed.clamp(0.01, 1000.0)))
    }

    /// Milliseconds of the script's time so far.
    pub fn passed(&self) -> u64 {
        self.passed
    }
}

/// The finishing step of SplitMix64.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
