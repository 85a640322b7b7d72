//! What an agent does, as its host tells it: told again after every start, so never in the journal.

use crate::domain::agent::Usage;
use crate::domain::printable::Printable;
use crate::domain::report::Pulse;
use crate::domain::time::Timestamp;

/// Slots of the activity line.
pub const SLOTS: usize = 10;

/// Length of a slot.
const SLOT_MS: u64 = 30_000;

/// What is known of a life that is not in the journal: it comes again from the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// When the agent last printed something.
    pub last_output: Option<Timestamp>,
    /// It asks for a person: what it said.
    pub waiting: Option<Printable>,
    /// What it asked last and nobody answered, whether it still waits or went on without.
    pub question: Option<Printable>,
    /// What it does, in a few words.
    pub doing: Printable,
    /// What it used so far.
    pub usage: Usage,
    /// Output events in slots of 30 s, up to that of the last output.
    slots: Vec<u32>,
}

impl Activity {
    /// Takes over what the host noticed.
    pub fn take(&mut self, pulse: Pulse) {
        self.beat(pulse.last_output, pulse.events);
        self.last_output = Some(pulse.last_output);
        if pulse.waiting.is_some() {
            self.question.clone_from(&pulse.waiting);
        }
        self.waiting = pulse.waiting;
        self.doing = pulse.doing;
        self.usage = pulse.usage;
    }

    /// Output events of the last [`SLOTS`] slots, the present one last. Silence moves it on without a word of the host.
    pub fn slots(&self, now: Timestamp) -> [u32; SLOTS] {
        let mut shown = [0; SLOTS];
        let Some(last) = self.last_output else { return shown };
        let silent = slot(now).saturating_sub(slot(last));
        let silent = usize::try_from(silent).unwrap_or(SLOTS).min(SLOTS);
        let heard = self.slots.iter().rev();
        for (at, events) in (0..SLOTS - silent).rev().zip(heard) {
            shown[at] = *events;
        }
        shown
    }

    /// Output events a minute, over the slot before this one and what has passed of this one.
    pub fn per_minute(&self, now: Timestamp) -> u32 {
        let slots = self.slots(now);
        let events = u64::from(slots[SLOTS - 1]) + u64::from(slots[SLOTS - 2]);
        let time = SLOT_MS + now.0 % SLOT_MS;
        u32::try_from(events * 60_000 / time).unwrap_or(u32::MAX)
    }

    fn beat(&mut self, at: Timestamp, events: u32) {
        let last = self.last_output.unwrap_or(at);
        let missed = slot(at).saturating_sub(slot(last)).min(SLOTS as u64);
        for _ in 0..missed {
            self.slots.push(0);
        }
        if self.slots.is_empty() {
            self.slots.push(0);
        }
        if let Some(newest) = self.slots.last_mut() {
            *newest = newest.saturating_add(events);
        }
        let surplus = self.slots.len().saturating_sub(SLOTS);
        self.slots.drain(..surplus);
    }
}

fn slot(at: Timestamp) -> u64 {
    at.0 / SLOT_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(pulses: &[(u64, u32)]) -> Activity {
        let mut activity = Activity::default();
        for (at, events) in pulses {
            let last_output = Timestamp(*at);
            let (events, waiting, doing) = (*events, None, Printable::default());
            activity.take(Pulse { last_output, events, waiting, doing, usage: Usage::default() });
        }
        activity
    }

    #[test]
    fn what_is_silent_is_flat_after_a_while() {
        let activity = heard(&[(30_000, 2), (59_999, 1), (100_000, 7)]);
        let slots = |at| activity.slots(Timestamp(at));
        assert_eq!(slots(100_000), [0, 0, 0, 0, 0, 0, 0, 3, 0, 7]);
        assert_eq!(slots(119_999), slots(100_000));
        assert_eq!(slots(150_000), [0, 0, 0, 0, 0, 3, 0, 7, 0, 0]);
        assert_eq!(slots(100_000 + 10 * SLOT_MS), [0; SLOTS]);
        assert_eq!(slots(0), slots(100_000), "a clock that goes back shows what was heard");
        assert_eq!(Activity::default().slots(Timestamp(0)), [0; SLOTS]);
    }

    #[test]
    fn only_the_last_slots_are_kept() {
        let pulses: Vec<(u64, u32)> = (0..40).map(|n| (n * SLOT_MS, 1)).collect();
        assert_eq!(heard(&pulses).slots(Timestamp(39 * SLOT_MS)), [1; SLOTS]);
        assert_eq!(heard(&pulses).slots.len(), SLOTS);
    }

    #[test]
    fn the_rate_is_of_the_last_slots() {
        let activity = heard(&[(30_000, 20), (60_000, 10)]);
        assert_eq!(activity.per_minute(Timestamp(60_000)), 60, "the slot just begun counts whole");
        assert_eq!(activity.per_minute(Timestamp(75_000)), 40);
        assert_eq!(activity.per_minute(Timestamp(120_000)), 0);
    }
}
