//! What happens in one simulated life: how long it takes, whether it asks, how it ends.

use std::time::Duration;

use crate::domain::agent::{Exit, ExitCause, Usage};
use crate::domain::estimate::Estimates;
use crate::domain::gate::{Gate, GateResult, Receipt, Tree};
use crate::domain::printable::Printable;
use crate::domain::reason::Reason;
use crate::domain::roadmap::phase::Effort;
use crate::domain::time::Timestamp;
use crate::runner::simulation::dice::Dice;

/// How an agent's process comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It says that it is done.
    Well,
    /// It gives up.
    GaveUp,
    /// Something outside kills it.
    Killed,
    /// The model's service breaks off.
    Service,
    /// The service takes no more requests for a while.
    RateLimit,
    /// It falls silent until its limit.
    Silent,
    /// Its host disappears.
    HostGone,
}

/// How often lives end so, in a thousand. The rest end well.
const ENDS: [(End, u64); 6] = [
    (End::GaveUp, 30),
    (End::Service, 20),
    (End::RateLimit, 20),
    (End::Killed, 10),
    (End::Silent, 10),
    (End::HostGone, 5),
];
/// Lives in which the agent asks a person, in a thousand.
const ASKS: u64 = 80;
/// Gate runs that fail, in a thousand: at the first try, and when the agent was told what failed.
const GATE_FAILS: (u64, u64) = (50, 20);

/// One life, as it will go if nobody stops it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Script {
    /// How long its process runs.
    pub(super) runs: Duration,
    /// When it asks a person, and how long it waits for the answer.
    pub(super) asks: Option<(Duration, Duration)>,
    /// How it ends.
    pub(super) end: End,
}

impl Script {
    /// The script of a life.
    pub(super) fn new(mut dice: Dice, effort: Option<Effort>) -> Self {
        let (low, high) = Estimates::default().of(effort.or(Some(Effort::M))).unwrap_or((20, 45));
        let full = dice.millis(u64::from(low) * 60_000, u64::from(high) * 60_000);
        let end = end(dice.below(1_000));
        // What breaks off does so somewhere on the way.
        let part =
            if end == End::Well { 100 } else { u32::try_from(dice.between(10, 95)).unwrap_or(50) };
        let runs = full * part / 100;
        let asks = dice.happens(ASKS).then(|| {
            let wait = dice.millis(60_000, 25 * 60_000);
            (runs * u32::try_from(dice.between(20, 80)).unwrap_or(50) / 100, wait)
        });
        let waited = asks.map_or(Duration::ZERO, |(_, wait)| wait);
        Self { runs: runs + waited, asks, end }
    }

    /// How its host tells that it ended; `None` when there is no host left to tell.
    pub(super) fn exit(&self, dice: &mut Dice, at: Timestamp) -> Option<Exit> {
        let usage = usage(dice, self.runs);
        let own = |code: i32, said: Result<(), Reason>| Exit {
            cause: ExitCause::Own,
            code: Some(code),
            signal: None,
            said: Some(said),
            session: None,
            survivors: 0,
            usage,
            at,
        };
        Some(match self.end {
            End::Well => own(0, Ok(())),
            End::GaveUp => own(1, Err(Reason::Failed("it could not finish its task".into()))),
            End::Service => own(1, Err(Reason::Service("API error 529: overloaded".into()))),
            End::RateLimit => {
                let until = at.plus(dice.millis(10 * 60_000, 90 * 60_000));
                let said = Printable::new("usage limit reached");
                own(1, Err(Reason::RateLimited { until: Some(until), said }))
            }
            End::Killed => ended_by(9, ExitCause::Own, (usage, at)),
            End::Silent => ended_by(15, ExitCause::IdleLimit, (usage, at)),
            End::HostGone => return None,
        })
    }
}

fn end(throw: u64) -> End {
    let mut below = 0;
    for (end, often) in ENDS {
        below += often;
        if throw < below {
            return end;
        }
    }
    End::Well
}

/// The end of an agent by a signal.
pub(super) fn ended_by(signal: i32, cause: ExitCause, (usage, at): (Usage, Timestamp)) -> Exit {
    Exit {
        cause,
        code: None,
        signal: Some(signal),
        said: None,
        session: None,
        survivors: 0,
        usage,
        at,
    }
}

/// What an agent uses in so much time.
pub(super) fn usage(dice: &mut Dice, time: Duration) -> Usage {
    let minutes = time.as_secs() / 60 + 1;
    let input_tokens = minutes * dice.between(15_000, 60_000);
    let output_tokens = minutes * dice.between(400, 1_800);
    Usage {
        input_tokens,
        output_tokens,
        // Three dollars a million in, mostly cached at a tenth; fifteen a million out.
        cost_millicents: input_tokens * 3 / 100 + output_tokens * 3 / 2,
        turns: u32::try_from(minutes * dice.between(2, 5)).unwrap_or(u32::MAX),
    }
}

/// How a gate ends after the work of a life, at the first try or a later one.
pub(super) fn receipt(dice: &mut Dice, (gate, tree): (&Gate, Tree), life: u32) -> Receipt {
    let (first, later) = GATE_FAILS;
    let fails = dice.happens(if life > 1 { later } else { first });
    let longest = u64::try_from(gate.timeout.as_millis()).unwrap_or(u64::MAX);
    let took = dice.millis(5_000, 240_000.min(longest.max(5_000)));
    let result = match (fails, dice.happens(100)) {
        (false, _) => GateResult::Passed,
        (true, false) => GateResult::Failed(Some(1)),
        (true, true) => GateResult::TimedOut,
    };
    let took = if result == GateResult::TimedOut { gate.timeout } else { took };
    let tail = if fails { vec![Printable::new("1 test failed")] } else { Vec::new() };
    // Of which merge it is, is known without: the world makes one at a time.
    let commit = (tree == Tree::Work).then(|| commit(dice));
    let (gate, required) = (gate.name.clone(), gate.required);
    Receipt { gate, required, tree, result, took, commit, tail }
}

/// A commit's name.
pub(super) fn commit(dice: &mut Dice) -> String {
    (0..5).map(|_| format!("{:08x}", dice.below(1 << 32))).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn scripts(effort: Option<Effort>) -> Vec<Script> {
        (0..3_000).map(|at| Script::new(Dice::about(at, "life"), effort)).collect()
    }

    #[test]
    fn lives_take_as_long_as_their_effort_says() {
        for (effort, low, high) in [
            (Some(Effort::S), 8, 20),
            (Some(Effort::M), 20, 45),
            (Some(Effort::L), 40, 90),
            (None, 20, 45),
        ] {
            for script in scripts(effort).iter().filter(|s| s.end == End::Well) {
                let waited = script.asks.map_or(Duration::ZERO, |(_, wait)| wait);
                let minutes = (script.runs - waited).as_secs() / 60;
                assert!((low..=high).contains(&minutes), "{effort:?}: {minutes}");
            }
        }
    }

    #[test]
    fn every_end_happens_and_most_lives_end_well() {
        let scripts = scripts(None);
        let count = |end: End| scripts.iter().filter(|script| script.end == end).count();
        for (end, often) in ENDS {
            let found = count(end);
            let wanted = usize::try_from(often * 3).unwrap();
            assert!(found > wanted / 3 && found < wanted * 2, "{end:?}: {found} of {wanted}");
        }
        assert!((2_600..2_850).contains(&count(End::Well)));
        let asked = scripts.iter().filter(|script| script.asks.is_some()).count();
        assert!((150..350).contains(&asked), "{asked}");
    }

    #[test]
    fn only_a_good_end_is_one() {
        for script in scripts(Some(Effort::S)) {
            let exit = script.exit(&mut Dice::about(1, "exit"), Timestamp(9));
            let good = exit.as_ref().is_some_and(|exit| exit.failure().is_none());
            assert_eq!(good, script.end == End::Well, "{script:?}");
            assert_eq!(exit.is_none(), script.end == End::HostGone);
        }
    }
}
