//! Taking over after the app ended, however it ended: every live agent's stage is asked again what it owes.

use crate::domain::agent::{Agent, Outcome, Stage};
use crate::domain::effect::Effect;
use crate::domain::journal::Fact;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::orchestrator::step::Step;
use crate::domain::time::Timestamp;

impl Orchestrator {
    /// What is still owed to the world by the lives the journal calls live. Call it once, after
    /// [`Orchestrator::restore`] and the first roadmap.
    pub fn resume(&mut self, now: Timestamp) -> Vec<Effect> {
        let mut step = Step::new(self, now);
        let agents: Vec<Agent> = step.o.run.agents.values().cloned().collect();
        for agent in agents {
            step.take_up(&agent);
        }
        step.admit();
        step.finish()
    }
}

impl Step<'_> {
    fn take_up(&mut self, agent: &Agent) {
        let me = agent.me();
        match agent.stage {
            // Its claim died with the app: a new life claims again, and this one does not count as a try.
            Stage::Claiming | Stage::Preparing | Stage::Marking => {
                self.record(Fact::RestartAsked { agent: me.clone() });
                self.fail(me, Outcome::Lost);
            }
            Stage::Starting | Stage::Running | Stage::Stopping => {
                self.ask(Effect::Adopt(me.clone()));
            }
            Stage::Verifying(_) => {
                self.ask(Effect::Adopt(me.clone()));
                self.verify(me);
            }
            Stage::Completing | Stage::Unmarking(_) => {
                self.ask(Effect::Adopt(me.clone()));
                self.owe(me);
            }
            // Its host may linger still, if the app ended before it could let go.
            Stage::Ended(_) => self.owe(me),
        }
    }
}
