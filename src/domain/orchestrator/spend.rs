//! Keeping a plan within its budget.

use crate::domain::agent::Agent;
use crate::domain::budget::{Budget, BudgetStep};
use crate::domain::cost::used;
use crate::domain::effect::{Effect, StopKind};
use crate::domain::id::AgentRef;
use crate::domain::journal::{Fact, QueueFact};
use crate::domain::orchestrator::step::Step;
use crate::domain::orchestrator::{Orchestrator, Role};

impl Step<'_> {
    /// Takes the next step if what the plan's agents used calls for one that was not taken yet.
    pub(super) fn watch_budget(&mut self) {
        if self.o.role != Role::Driver {
            return;
        }
        let Some(plan) = self.o.run.plan.as_ref().filter(|plan| !plan.finished) else { return };
        let (times, taken) = (plan.granted + 1, plan.over_budget);
        let (budget, used) = (self.o.setup.target.budget, used(&self.o.run));
        let Some(percent) = budget.percent(used, times) else { return };
        let Some(step) = Budget::step(percent) else { return };
        let sentence = step.sentence(percent, &budget.words(used, times));
        if self.o.journal_broken {
            // Nothing new starts anyhow.
            if step == BudgetStep::Stop && self.stop_unwritten() {
                self.complain(sentence);
            }
            return;
        }
        if taken >= Some(step) {
            return;
        }
        self.record(Fact::Queue(QueueFact::BudgetReached { step, percent }));
        self.complain(sentence);
        if step == BudgetStep::Stop {
            self.stop_all(StopKind::Term);
        }
    }

    /// Ends every agent that runs though that can't be written down, each once; whether there was one. Those that are
    /// being stopped are asked too: the order may have gone with the entry that could not be written.
    fn stop_unwritten(&mut self) -> bool {
        let runs = |agent: &&Agent| agent.has_process();
        let all: Vec<AgentRef> =
            self.o.run.everyone().filter(runs).map(|agent| agent.me().clone()).collect();
        let mut any = false;
        for agent in all {
            if self.o.under_way.stopped.insert(agent.clone()) {
                any = true;
                self.ask(Effect::Stop { agent, how: StopKind::Term });
            }
        }
        any
    }
}

impl Orchestrator {
    /// Why nothing new of the plan is started, and what goes on; none while it is not held.
    pub(super) fn hold_said(&self) -> Option<String> {
        let plan = self.run.plan.as_ref().filter(|plan| self.run.held && !plan.finished)?;
        let (times, budget, used) = (plan.granted + 1, self.setup.target.budget, used(&self.run));
        let reached = plan.over_budget.zip(budget.percent(used, times));
        Some(match reached {
            Some((step, percent)) => step.sentence(percent, &budget.words(used, times)),
            None => "nothing new is started; p goes on".to_owned(),
        })
    }

    /// Nothing goes on before a person grants more than the budget.
    pub fn waits_for_budget(&self) -> bool {
        let over = self.run.plan.as_ref().is_some_and(|plan| plan.over_budget.is_some());
        self.run.held && over && self.busy_for_the_plan() == 0
    }
}
