//! What a run cost: sums of what its agents said they used, by life, phase, batch and in all.

use std::collections::BTreeMap;

use crate::domain::agent::Usage;
use crate::domain::id::PhaseId;
use crate::domain::roadmap::Roadmap;
use crate::domain::timeline::LifeLine;

/// What some lives used together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// How many lives there were.
    pub lives: usize,
    /// How many of them told what they used.
    pub told: usize,
    /// What these used.
    pub usage: Usage,
}

impl Cost {
    fn add(&mut self, life: &LifeLine) {
        self.lives += 1;
        if let Some(exit) = &life.exit {
            self.told += usize::from(exit.usage != Usage::default());
            self.usage = self.usage.plus(exit.usage);
        }
    }

    /// `412k tokens, $1.23, 40 turns`, or that nobody told.
    pub fn words(&self) -> String {
        if self.told == 0 {
            return "not told".to_owned();
        }
        let Usage { input_tokens, output_tokens, cost_millicents, turns } = self.usage;
        let tokens = amount(input_tokens.saturating_add(output_tokens));
        let turns = crate::domain::printable::counted(usize::try_from(turns).unwrap_or(0), "turn");
        format!("{tokens} tokens, {}, {turns}", dollars(cost_millicents))
    }
}

/// Sums of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// By phase.
    pub phases: BTreeMap<PhaseId, Cost>,
    /// By batch; phases outside of any, or no longer in the roadmap, are `None`.
    pub batches: BTreeMap<Option<u32>, Cost>,
    /// In all.
    pub total: Cost,
}

impl Costs {
    /// Sums what these lives used.
    pub fn of(lives: &[LifeLine], roadmap: Option<&Roadmap>) -> Self {
        let mut costs = Self::default();
        for life in lives {
            let phase = &life.birth.phase;
            let batch = roadmap.and_then(|roadmap| roadmap.phase(phase)?.place.batch);
            costs.phases.entry(phase.clone()).or_default().add(life);
            costs.batches.entry(batch).or_default().add(life);
            costs.total.add(life);
        }
        costs
    }
}

/// `950`, `412k`, `2.0M`.
pub fn amount(tokens: u64) -> String {
    match tokens {
        0..1_000 => tokens.to_string(),
        1_000..1_000_000 => format!("{}k", tokens / 1_000),
        _ => format!("{}.{}M", tokens / 1_000_000, tokens / 100_000 % 10),
    }
}

/// `$1.23`, of thousandths of a cent, rounded to the next cent.
pub fn dollars(millicents: u64) -> String {
    let cents = millicents.saturating_add(500) / 1_000;
    format!("${}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::domain::agent::{Exit, ExitCause};
    use crate::domain::journal::Fact;
    use crate::domain::time::Timestamp;
    use crate::domain::timeline::tests::{failed, me, spawned, timeline};

    fn stopped(phase: &str, life: u32, tokens: u64) -> Fact {
        let usage =
            Usage { input_tokens: tokens, output_tokens: 5, cost_millicents: 700, turns: 2 };
        let exit = Exit {
            cause: ExitCause::Own,
            code: Some(0),
            signal: None,
            said: None,
            survivors: 0,
            usage,
            at: Timestamp(1),
        };
        Fact::Stopped { agent: me(phase, life), exit }
    }

    #[test]
    fn lives_are_summed_by_phase_and_batch() {
        let text = "## Batch 1\n\n### Phase 1.1: A\n- **Status:** ✅ Complete\n\n## Batch 2\n\n\
            ### Phase 2.1: B\n- **Status:** ✅ Complete\n";
        let roadmap = Roadmap::parse(text.as_bytes());
        let line = timeline(&[
            (0, spawned("1.1", 1)),
            (1, stopped("1.1", 1, 1_000)),
            (2, failed("1.1", 1)),
            (3, spawned("1.1", 2)),
            (4, stopped("1.1", 2, 500)),
            (5, spawned("2.1", 1)),
            (6, stopped("2.1", 1, 7)),
            (7, spawned("9.9", 1)),
        ]);
        let costs = Costs::of(line.lives(), Some(&roadmap));
        let phase = costs.phases[&PhaseId::new("1.1")];
        assert_eq!((phase.lives, phase.usage.input_tokens, phase.usage.turns), (2, 1_500, 4));
        assert_eq!(costs.batches[&Some(1)], phase);
        assert_eq!((costs.batches[&Some(2)].lives, costs.batches[&None].told), (1, 0));
        assert_eq!((costs.total.lives, costs.total.told), (4, 3));
        assert_eq!(costs.total.words(), "1k tokens, $0.02, 6 turns");
        assert_eq!(costs.batches[&None].words(), "not told");
    }

    #[test]
    fn amounts_are_short() {
        assert_eq!([950, 412_345, 2_049_000].map(amount), ["950", "412k", "2.0M"]);
        assert_eq!([0, 499, 123_456].map(dollars), ["$0.00", "$0.00", "$1.23"]);
    }
}
