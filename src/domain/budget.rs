//! Budgets: what a plan's agents may use, and what happens as they come near to it and beyond.

use serde::{Deserialize, Serialize};

use crate::domain::agent::Usage;
use crate::domain::cost::{amount, dollars};

/// What the agents of a plan may use. A person may grant as much again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Tokens, in and out.
    pub tokens: Option<u64>,
    /// Thousandths of a US cent.
    pub millicents: Option<u64>,
}

/// What happens at a share of the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetStep {
    /// Nothing new is started.
    Hold,
    /// A person is asked; agents that run go on.
    Ask,
    /// They are stopped.
    Stop,
}

/// Percent of the budget at which each step is taken.
const STEPS: [(u64, BudgetStep); 3] =
    [(120, BudgetStep::Stop), (100, BudgetStep::Ask), (95, BudgetStep::Hold)];

impl Budget {
    /// How much of the budget is used, in percent, when it was granted so many times; of tokens and money the greater
    /// share. `None` without a budget.
    pub fn percent(&self, used: Usage, times: u32) -> Option<u64> {
        let share = |used: u64, of: Option<u64>| {
            let of = of?.max(1).saturating_mul(times.max(1).into());
            u64::try_from(u128::from(used) * 100 / u128::from(of)).ok()
        };
        let tokens = used.input_tokens.saturating_add(used.output_tokens);
        share(tokens, self.tokens).max(share(used.cost_millicents, self.millicents))
    }

    /// What such a share calls for.
    pub fn step(percent: u64) -> Option<BudgetStep> {
        STEPS.iter().find(|(from, _)| percent >= *from).map(|(_, step)| *step)
    }

    /// `412k of 2.0M tokens, $1.23 of $5.00`.
    pub fn words(&self, used: Usage, times: u32) -> String {
        let times = u64::from(times.max(1));
        let tokens = used.input_tokens.saturating_add(used.output_tokens);
        let of_tokens = self
            .tokens
            .map(|of| format!("{} of {} tokens", amount(tokens), amount(of.saturating_mul(times))));
        let of_money = self.millicents.map(|of| {
            format!("{} of {}", dollars(used.cost_millicents), dollars(of.saturating_mul(times)))
        });
        of_tokens.into_iter().chain(of_money).collect::<Vec<_>>().join(", ")
    }
}

impl BudgetStep {
    /// What a person is told.
    pub fn sentence(self, percent: u64, words: &str) -> String {
        match self {
            Self::Hold => format!(
                "{percent}% of the plan's budget is used ({words}): nothing new is started; p goes on with as much again"
            ),
            Self::Ask => format!(
                "the plan's budget is used up ({words}): agents that run are stopped at 120%; p goes on with as much again"
            ),
            Self::Stop => format!(
                "{percent}% of the plan's budget is used ({words}): its agents are stopped; p goes on with as much again, r starts one again"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(tokens: u64, cost_millicents: u64) -> Usage {
        Usage { input_tokens: tokens, output_tokens: 0, cost_millicents, turns: 1 }
    }

    #[test]
    fn the_greater_share_counts_and_a_grant_is_as_much_again() {
        let budget = Budget { tokens: Some(1_000), millicents: Some(500_000) };
        assert_eq!(budget.percent(used(400, 400_000), 1), Some(80));
        assert_eq!(budget.percent(used(1_200, 0), 1), Some(120));
        assert_eq!(budget.percent(used(1_200, 0), 2), Some(60));
        assert_eq!(Budget::default().percent(used(u64::MAX, 9), 1), None);
        assert_eq!(budget.words(used(400, 123_000), 2), "400 of 2k tokens, $1.23 of $10.00");
    }

    #[test]
    fn steps_follow_each_other() {
        let steps = [94, 95, 99, 100, 119, 120, 500].map(Budget::step);
        let (hold, ask, stop) = (BudgetStep::Hold, BudgetStep::Ask, BudgetStep::Stop);
        let expected = [None, Some(hold), Some(hold), Some(ask), Some(ask), Some(stop), Some(stop)];
        assert_eq!(steps, expected);
        assert!(hold < ask && ask < stop);
    }
}
