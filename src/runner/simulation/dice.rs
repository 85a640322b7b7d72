//! Dice: every choice of a simulation comes from its seed and from what the choice is about, so one more choice
//! somewhere changes no other.

use std::time::Duration;

/// Numbers that follow from a seed and a name.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// The dice for one question.
    pub(super) fn about(seed: u64, question: &str) -> Self {
        // FNV-1a over the question; the first throws mix it with the seed.
        let hash = question.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut dice = Self(hash ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        dice.throw();
        dice
    }

    /// The next number: splitmix64.
    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 when that is 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        let wide = u128::from(self.throw()) * u128::from(end);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low).saturating_add(1))
    }

    /// A time from `low` to `high` milliseconds.
    pub(super) fn millis(&mut self, low: u64, high: u64) -> Duration {
        Duration::from_millis(self.between(low, high))
    }

    /// Whether something happens that happens so many times in a thousand.
    pub(super) fn happens(&mut self, in_a_thousand: u64) -> bool {
        self.below(1_000) < in_a_thousand
    }

    /// One of several.
    pub(super) fn one_of<'t, T>(&mut self, of: &'t [T]) -> Option<&'t T> {
        let at = self.below(of.len() as u64);
        of.get(usize::try_from(at).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throws_follow_from_seed_and_question() {
        let throws = |seed, question| {
            let mut dice = Dice::about(seed, question);
            [dice.below(1_000_000), dice.below(1_000_000), dice.below(1_000_000)]
        };
        assert_eq!(throws(7, "a-1.1.1"), throws(7, "a-1.1.1"));
        assert_ne!(throws(7, "a-1.1.1"), throws(8, "a-1.1.1"));
        assert_ne!(throws(7, "a-1.1.1"), throws(7, "a-1.1.2"));
    }

    #[test]
    fn throws_stay_in_range_and_come_as_often_as_they_should() {
        let mut dice = Dice::about(1, "range");
        let mut seen = [0; 4];
        for _ in 0..4_000 {
            seen[usize::try_from(dice.between(3, 6) - 3).unwrap_or(9)] += 1;
        }
        assert!(seen.iter().all(|count| (850..1_150).contains(count)), "{seen:?}");
        let often = (0..10_000).filter(|_| dice.happens(50)).count();
        assert!((400..600).contains(&often), "{often}");
        assert_eq!((dice.below(0), dice.one_of::<u8>(&[])), (0, None));
    }
}
