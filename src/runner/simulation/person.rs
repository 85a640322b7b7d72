//! The person of a simulation: answers agents, and has another go at what failed for good.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::agent::Agent;
use crate::domain::command::Command;
use crate::domain::id::{AgentId, PhaseId};
use crate::domain::journal::{Entry, Fact};
use crate::domain::orchestrator::Orchestrator;
use crate::runner::simulation::dice::Dice;

/// Phases a person leaves as they failed, in a thousand.
const LEFT: u64 = 20;
/// How often a phase is begun again at a person's word, at most.
const PATIENCE: u32 = 3;

/// See the module's documentation.
#[derive(Clone, Debug)]
pub struct Person {
    seed: u64,
    asked: BTreeMap<PhaseId, u32>,
}

impl Person {
    /// The person of this seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, asked: BTreeMap::new() }
    }

    /// What the person will do about what was just written down, and how long from now.
    pub fn reads(&mut self, entry: &Entry, o: &Orchestrator) -> Option<(Duration, AgentId)> {
        let agent = match &entry.fact {
            Fact::AgentFailed { agent, .. }
            | Fact::Released { agent }
            | Fact::ClaimLost { agent, .. } => agent,
            _ => return None,
        };
        let over = |known: &&Agent| known.me() == agent && !known.is_live();
        // What goes on by itself needs nobody.
        let known = o.agent(&agent.id).filter(over).filter(|known| !o.comes_again(known))?;
        let asked = self.asked.entry(known.phase().clone()).or_default();
        let mut dice = Dice::about(self.seed, &format!("person {} {asked}", agent.id));
        if *asked >= PATIENCE || dice.happens(LEFT) {
            return None;
        }
        *asked += 1;
        Some((dice.millis(5 * 60_000, 60 * 60_000), agent.id.clone()))
    }

    /// What the person does about an agent when the time has come: nothing, if it works again by then.
    pub fn acts(&self, id: &AgentId, o: &Orchestrator) -> Option<Command> {
        let agent = o.agent(id).filter(|agent| !agent.is_live())?;
        let done = o.run().plan.as_ref().is_some_and(|plan| plan.done.contains(agent.phase()));
        (!done).then(|| Command::Restart(id.clone()))
    }
}
