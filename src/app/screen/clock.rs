//! The clock behind visible times. On Linux a kernel timer: tokio's own wakes up twice for every tick.

use std::io;
use std::time::Duration;

/// Time between two ticks.
const TICK: Duration = Duration::from_secs(1);

#[cfg(target_os = "linux")]
mod timer {
    use std::fs::File;
    use std::io;

    use rustix::fs::Timespec;
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, timerfd_create,
        timerfd_settime,
    };
    use tokio::io::AsyncReadExt as _;
    use tokio::net::unix::pipe::Receiver;

    use super::TICK;

    /// A timer that fires every tick while it runs. Its descriptor is read as a pipe's is.
    pub(super) struct Timer(Receiver);

    impl Timer {
        pub(super) fn new() -> io::Result<Self> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            Ok(Self(Receiver::from_file_unchecked(File::from(timer))?))
        }

        pub(super) fn start(&mut self) -> io::Result<()> {
            let every = Timespec { tv_sec: TICK.as_secs() as i64, tv_nsec: 0 };
            self.set(every)
        }

        pub(super) fn stop(&mut self) -> io::Result<()> {
            self.set(Timespec { tv_sec: 0, tv_nsec: 0 })
        }

        fn set(&mut self, every: Timespec) -> io::Result<()> {
            let times = Itimerspec { it_interval: every, it_value: every };
            timerfd_settime(&self.0, TimerfdTimerFlags::empty(), &times)?;
            Ok(())
        }

        pub(super) async fn fire(&mut self) -> io::Result<()> {
            let mut times = [0u8; 8];
            self.0.read_exact(&mut times).await.map(|_| ())
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod timer {
    use std::io;

    use tokio::time::{Interval, MissedTickBehavior, interval};

    use super::TICK;

    /// A timer that fires every tick.
    pub(super) struct Timer(Interval);

    impl Timer {
        pub(super) fn new() -> io::Result<Self> {
            let mut interval = interval(TICK);
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
            Ok(Self(interval))
        }

        pub(super) fn start(&mut self) -> io::Result<()> {
            self.0.reset();
            Ok(())
        }

        pub(super) fn stop(&mut self) -> io::Result<()> {
            Ok(())
        }

        pub(super) async fn fire(&mut self) -> io::Result<()> {
            self.0.tick().await;
            Ok(())
        }
    }
}

/// Whether a time is visible that moves on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Tick.
    Ticks,
    /// Nothing moves: no wake-ups at all.
    Nothing,
}

/// Ticks while somebody sees it.
pub struct Clock {
    timer: timer::Timer,
    wanted: Wanted,
}

impl Clock {
    /// A clock that stands. Must be made inside a tokio runtime.
    ///
    /// # Errors
    /// When the system has no timer left.
    pub fn new() -> io::Result<Self> {
        Ok(Self { timer: timer::Timer::new()?, wanted: Wanted::Nothing })
    }

    /// Lets the clock tick or stand.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn want(&mut self, wanted: Wanted) -> io::Result<()> {
        if self.wanted == wanted {
            return Ok(());
        }
        self.wanted = wanted;
        match wanted {
            Wanted::Ticks => self.timer.start(),
            Wanted::Nothing => self.timer.stop(),
        }
    }

    /// Waits for the next tick; for ever while the clock stands.
    ///
    /// # Errors
    /// When the timer can't be read.
    pub async fn tick(&mut self) -> io::Result<()> {
        match self.wanted {
            Wanted::Ticks => self.timer.fire().await,
            Wanted::Nothing => std::future::pending().await,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_ticks_while_it_is_wanted() {
        let mut clock = Clock::new().unwrap();
        clock.want(Wanted::Ticks).unwrap();
        clock.tick().await.unwrap();
        clock.tick().await.unwrap();
        clock.want(Wanted::Nothing).unwrap();
        let waited = tokio::time::timeout(Duration::from_millis(5), clock.tick()).await;
        assert!(waited.is_err(), "a clock that stands never ticks");
    }
}
