//! What a run cost: sums of what its agents said they used, by life, phase, batch and in all.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::agent::{Agent, Usage};
use crate::domain::id::PhaseId;
use crate::domain::orchestrator::run::Run;
use crate::domain::printable::counted;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Effort, Phase, Status};
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
        let turns = counted(usize::try_from(turns).unwrap_or(usize::MAX), "turn");
        format!("{tokens} tokens, {}, {turns}", dollars(cost_millicents))
    }
}

/// Sums of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// By phase.
    pub phases: BTreeMap<PhaseId, Cost>,
    /// By try of a phase: one that was broken off and gone on with is several lives.
    pub tries: BTreeMap<(PhaseId, u32), Cost>,
    /// By batch; phases outside of any, or no longer in the roadmap, are `None`.
    pub batches: BTreeMap<Option<u32>, Cost>,
    /// Of agents that worked for no plan.
    pub errands: Cost,
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
            costs.tries.entry((phase.clone(), life.birth.attempt)).or_default().add(life);
            costs.batches.entry(batch).or_default().add(life);
            costs.total.add(life);
        }
        costs
    }

    /// The same with the lives of agents that worked for no plan: a sum of their own, and part of all.
    #[must_use]
    pub fn and_errands(mut self, lives: &[LifeLine]) -> Self {
        for life in lives {
            self.errands.add(life);
            self.total.add(life);
        }
        self
    }
}

/// What was used since the last plan was approved: lives that ended by what their exits say, those that run by what their
/// hosts tell. What agents without a plan used meanwhile counts too.
pub fn used(run: &Run) -> Usage {
    let story = &run.story;
    let lives = story.timeline.lives().iter().chain(story.errands.lives());
    let ended = lives.filter_map(|life| life.exit.as_ref());
    let runs = |agent: &&Agent| agent.is_live() && agent.exit.is_none();
    let live = run.everyone().filter(runs).map(|agent| agent.activity.usage);
    ended.map(|exit| exit.usage).chain(live).fold(Usage::default(), Usage::plus)
}

/// What the rest of the roadmap will use, if it uses what the completed phases did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// Open phases of sizes of which enough were completed.
    pub known: usize,
    /// Open phases of other sizes: nothing is said of them.
    pub unknown: usize,
    /// Completed phases it goes by.
    pub samples: usize,
    /// Tokens: a low, a middle and a high sum.
    pub tokens: [u64; 3],
    /// Thousandths of a cent, alike.
    pub millicents: [u64; 3],
}

/// So many completed phases of a size tell what others of that size will use.
const ENOUGH: usize = 3;

impl Forecast {
    /// By the completed phases among these lives, all their tries included; `None` where too few are completed, or
    /// nothing is left to do.
    pub fn of(lives: &[LifeLine], roadmap: &Roadmap) -> Option<Self> {
        let costs = Costs::of(lives, Some(roadmap));
        let done: BTreeSet<&PhaseId> =
            lives.iter().filter(|life| life.succeeded()).map(|life| &life.birth.phase).collect();
        let mut samples: BTreeMap<&str, (Vec<u64>, Vec<u64>)> = BTreeMap::new();
        for (id, cost) in costs.phases.iter().filter(|(id, _)| done.contains(id)) {
            if let Some(phase) = roadmap.phase(id).filter(|_| cost.told > 0) {
                let (tokens, money) = samples.entry(size(phase)).or_default();
                tokens.push(cost.usage.input_tokens.saturating_add(cost.usage.output_tokens));
                money.push(cost.usage.cost_millicents);
            }
        }
        samples.retain(|_, (tokens, _)| tokens.len() >= ENOUGH);
        let mut forecast = Self::default();
        let mut sizes = BTreeSet::new();
        for phase in roadmap.counted().filter(|phase| is_open(phase)) {
            let size = size(phase);
            let Some((tokens, money)) = samples.get(size) else {
                forecast.unknown += 1;
                continue;
            };
            forecast.known += 1;
            if sizes.insert(size) {
                forecast.samples += tokens.len();
            }
            add(&mut forecast.tokens, quartiles(tokens));
            add(&mut forecast.millicents, quartiles(money));
        }
        (forecast.known > 0).then_some(forecast)
    }

    /// One sentence.
    pub fn words(&self) -> String {
        let [low, middle, high] = self.tokens.map(amount);
        let [least, about, most] = self.millicents.map(dollars);
        let (open, done) =
            (counted(self.known, "open phase"), counted(self.samples, "completed one"));
        let rest = match self.unknown {
            0 => String::new(),
            n => format!("; nothing is known of {n} more, too few of their size are completed"),
        };
        format!(
            "{open}: about {middle} tokens ({low} to {high}), {about} ({least} to {most}), as {done} used{rest}."
        )
    }
}

fn size(phase: &Phase) -> &'static str {
    match phase.effort {
        Some(Effort::S) => "S",
        Some(Effort::M) => "M",
        Some(Effort::L) => "L",
        None => "",
    }
}

fn is_open(phase: &Phase) -> bool {
    match phase.status.state {
        Status::NotStarted | Status::InProgress | Status::Blocked | Status::Unknown => true,
        Status::Complete | Status::Deferred => false,
    }
}

fn add(sums: &mut [u64; 3], more: [u64; 3]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum = sum.saturating_add(more);
    }
}

/// Lower quartile, median and upper quartile; of three values these three.
fn quartiles(values: &[u64]) -> [u64; 3] {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let last = sorted.len().saturating_sub(1);
    let at = |place: usize| sorted.get(place).copied().unwrap_or(0);
    [at(last / 4), at(last / 2), at(last - last / 4)]
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
    use crate::domain::timeline::tests::{completed, failed, me, spawned, timeline};

    fn stopped(phase: &str, life: u32, tokens: u64) -> Fact {
        let usage =
            Usage { input_tokens: tokens, output_tokens: 5, cost_millicents: 700, turns: 2 };
        let exit = Exit {
            cause: ExitCause::Own,
            code: Some(0),
            signal: None,
            said: None,
            session: None,
            survivors: 0,
            usage,
            at: Timestamp(1),
        };
        Fact::Stopped { agent: me(phase, life), exit, unanswered: None }
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
    fn the_rest_costs_what_completed_phases_of_its_size_did() {
        let phase = |id: &str, state: &str, effort: &str| {
            format!("### Phase {id}: N\n- **Status:** {state}\n- **Effort:** {effort}\n\n")
        };
        let (done, open) = ("✅ Complete", "⚪ Not Started");
        let text = [
            phase("1.1", done, "S"),
            phase("1.2", done, "S"),
            phase("1.3", done, "S"),
            phase("1.4", open, "S"),
            phase("1.5", "🔴 Blocked", "S"),
            phase("1.6", open, "L"),
        ];
        let roadmap = Roadmap::parse(text.concat().into_bytes());
        let life = |id: &'static str, tokens: u64| {
            [(0, spawned(id, 1)), (1, stopped(id, 1, tokens)), (2, completed(id, 1))]
        };
        let two = timeline(&[life("1.1", 995), life("1.2", 2_995)].concat());
        assert_eq!(Forecast::of(two.lives(), &roadmap), None);
        let three = timeline(&[life("1.1", 995), life("1.2", 2_995), life("1.3", 1_995)].concat());
        let forecast = Forecast::of(three.lives(), &roadmap).unwrap();
        assert_eq!((forecast.known, forecast.unknown, forecast.samples), (2, 1, 3));
        assert_eq!(forecast.tokens, [2_000, 4_000, 6_000]);
        assert_eq!(
            forecast.words(),
            "2 open phases: about 4k tokens (2k to 6k), $0.01 ($0.01 to $0.01), as 3 completed ones used; \
             nothing is known of 1 more, too few of their size are completed."
        );
        // One that failed tells nothing of what completion costs.
        let failed =
            timeline(&[(0, spawned("1.1", 1)), (1, stopped("1.1", 1, 9)), (2, failed("1.1", 1))]);
        assert_eq!(Forecast::of(failed.lives(), &roadmap), None);
    }

    #[test]
    fn outliers_widen_no_range_of_many() {
        assert_eq!(quartiles(&[9, 1, 5]), [1, 5, 9]);
        assert_eq!(quartiles(&[1, 2, 3, 4, 5, 6, 7, 8, 900]), [3, 5, 7]);
        assert_eq!(quartiles(&[]), [0, 0, 0]);
    }

    #[test]
    fn what_is_used_counts_what_runs_and_what_ran() {
        let mut run = Run::default();
        let entries = [
            (0, spawned("1.1", 1)),
            (1, stopped("1.1", 1, 100)),
            (2, failed("1.1", 1)),
            (3, spawned("1.1", 2)),
            (4, spawned("1.2", 1)),
        ];
        for (at, fact) in entries {
            run.apply(&crate::domain::journal::Entry { at: Timestamp(at), fact });
        }
        let usage = Usage { input_tokens: 7, ..Usage::default() };
        run.live_mut(&me("1.1", 2)).unwrap().activity.usage = usage;
        assert_eq!((used(&run).input_tokens, used(&run).output_tokens), (107, 5));
        run.apply(&crate::domain::journal::Entry { at: Timestamp(5), fact: stopped("1.1", 2, 8) });
        assert_eq!((used(&run).input_tokens, used(&run).output_tokens), (108, 10));
    }

    #[test]
    fn amounts_are_short() {
        assert_eq!([950, 412_345, 2_049_000].map(amount), ["950", "412k", "2.0M"]);
        assert_eq!([0, 499, 123_456].map(dollars), ["$0.00", "$0.00", "$1.23"]);
    }
}
