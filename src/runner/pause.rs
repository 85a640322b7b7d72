//! Waiting where the system offers nothing to wait on. The only place in this program that sleeps on a thread.

use std::time::Duration;

/// Stops the calling thread for a moment, between two looks at something that can't tell by itself that it changed.
/// Never call it on a thread that serves the screen.
pub fn pause(time: Duration) {
    #[allow(clippy::disallowed_methods, reason = "there is nothing to wait on")]
    std::thread::sleep(time);
}
