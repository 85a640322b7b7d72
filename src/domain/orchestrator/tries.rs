//! What the journal still tells of the lives of an agent in which somebody worked.

use crate::domain::effect::Try;
use crate::domain::id::AgentRef;
use crate::domain::journal::Fact;
use crate::domain::orchestrator::Orchestrator;

impl Orchestrator {
    /// The lives before this one in which an agent ran, oldest first.
    pub(super) fn tries_before(&self, me: &AgentRef) -> Vec<Try> {
        let before = |agent: &AgentRef| agent.id == me.id && agent.life < me.life;
        let mut tries: Vec<Try> = Vec::new();
        for entry in &self.run.log {
            match &entry.fact {
                Fact::AgentRunning { agent, started, .. } if before(agent) => {
                    let (agent, began) = (agent.clone(), *started);
                    tries.push(Try { agent, began, outcome: None });
                }
                Fact::AgentFailed { agent, outcome } if before(agent) => {
                    let told = tries.iter_mut().find(|one| one.agent == *agent);
                    if let Some(one) = told {
                        // A later one only tells why it could not begin again.
                        one.outcome.get_or_insert_with(|| outcome.clause());
                    }
                }
                _ => {}
            }
        }
        tries
    }
}
