//! When the next frame is due: at once for the person, calmly for everything else.
//!
//! Each frame costs processor time. Under load a program that takes more than its share waits for it, and whoever types
//! into an agent waits with it: so nothing is drawn that nobody waits for.

use std::time::{Duration, Instant};

/// Shortest time between two frames.
const FRAME: Duration = Duration::from_millis(33);
/// The same where only what agents tell of themselves changed.
const PULSE_FRAME: Duration = Duration::from_millis(100);
/// The same soon after a key, whose effect somebody waits for.
const KEY_FRAME: Duration = Duration::from_millis(2);
/// What changes so soon after a key counts as its effect.
const KEY_TIME: Duration = Duration::from_millis(50);

/// What changed the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The person did something.
    Person,
    /// The person typed into an agent: what is to be seen of it comes from there.
    Typed,
    /// An agent's terminal.
    Terminal,
    /// What agents tell of themselves, several times a second each.
    Pulse,
    /// Something else.
    Other,
}

/// Tells when to draw.
#[derive(Debug)]
pub(super) struct Pace {
    drawn: Option<Instant>,
    due: Option<Instant>,
    acted: Option<Instant>,
    typed: Option<Instant>,
}

impl Pace {
    /// Nothing is drawn yet, and the first frame is due.
    pub(super) fn new(now: Instant) -> Self {
        Self { drawn: None, due: Some(now), acted: None, typed: None }
    }

    /// Something changed that is to be drawn.
    pub(super) fn changed(&mut self, cause: Cause, now: Instant) {
        let recently = |at: Option<Instant>| at.is_some_and(|at| now < at + KEY_TIME);
        let (soon, calmly) = (self.after(KEY_FRAME, now), self.after(FRAME, now));
        let at_leisure = self.after(PULSE_FRAME, now);
        let due = match cause {
            Cause::Person => {
                self.acted = Some(now);
                soon
            }
            Cause::Typed => {
                self.typed = Some(now);
                now + FRAME
            }
            Cause::Terminal if recently(self.typed) || recently(self.acted) => soon,
            Cause::Other if recently(self.acted) => soon,
            Cause::Terminal | Cause::Other => calmly,
            Cause::Pulse => at_leisure,
        };
        self.due = Some(self.due.map_or(due, |before| before.min(due)));
    }

    fn after(&self, pause: Duration, now: Instant) -> Instant {
        self.drawn.map_or(now, |drawn| drawn + pause)
    }

    /// How long to wait until the next frame; `None` when nothing is to be drawn.
    pub(super) fn wait(&self, now: Instant) -> Option<Duration> {
        self.due.map(|due| due.saturating_duration_since(now))
    }

    /// A frame was drawn.
    pub(super) fn drew(&mut self, now: Instant) {
        (self.drawn, self.due) = (Some(now), None);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// A pace that has drawn 10 ms before the moment given back.
    fn drawn() -> (Pace, Instant) {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        assert_eq!(pace.wait(start), Some(Duration::ZERO));
        pace.drew(start);
        assert_eq!(pace.wait(start), None);
        (pace, start + ms(10))
    }

    #[test]
    fn what_the_person_does_shows_at_once_and_what_follows_soon() {
        let (mut pace, now) = drawn();
        pace.changed(Cause::Person, now);
        assert_eq!(pace.wait(now), Some(Duration::ZERO));
        pace.drew(now);
        pace.changed(Cause::Other, now + ms(1));
        assert_eq!(pace.wait(now + ms(1)), Some(ms(1)));
        pace.drew(now + ms(2));
        pace.changed(Cause::Other, now + ms(60));
        assert_eq!(pace.wait(now + ms(30)), Some(ms(5)), "the key is long ago");
    }

    #[test]
    fn what_is_typed_into_an_agent_shows_with_its_echo() {
        let (mut pace, now) = drawn();
        pace.changed(Cause::Typed, now);
        assert_eq!(pace.wait(now), Some(ms(33)), "at last without one");
        pace.changed(Cause::Pulse, now + ms(1));
        assert_eq!(pace.wait(now + ms(1)), Some(ms(32)), "the pulse of another is no echo");
        pace.changed(Cause::Terminal, now + ms(3));
        assert_eq!(pace.wait(now + ms(3)), Some(Duration::ZERO));
    }

    #[test]
    fn a_flood_is_drawn_calmly() {
        let (mut pace, now) = drawn();
        for later in 0..20 {
            pace.changed(Cause::Terminal, now + ms(later));
            assert_eq!(pace.wait(now), Some(ms(23)));
        }
    }
}
