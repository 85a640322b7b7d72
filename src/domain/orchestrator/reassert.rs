//! Our own marks that somebody's stale save took out of the roadmap are made again: whoever reads the file, thinks, and
//! writes it back, writes what stood there before.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::agent::{Agent, Outcome, Stage};
use crate::domain::effect::Effect;
use crate::domain::orchestrator::step::Step;
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Phase, Status};
use crate::domain::time::Timestamp;

/// For so long after its end an agent's phase is watched; later, In Progress means that somebody took it up again.
const AFTERWARDS: Duration = Duration::from_secs(60);

impl Step<'_> {
    /// Asks for marks that are missing, once for each text they are missing in.
    pub(super) fn reassert(&mut self, roadmap: &Arc<Roadmap>) {
        if self.o.role != Role::Driver || self.o.journal_broken {
            return;
        }
        let missing: Vec<Effect> = self
            .o
            .run
            .agents
            .values()
            .filter_map(|a| self.o.mark_again(a, roadmap, self.now))
            .collect();
        let asked = self.o.view.reasserted.take();
        if missing.is_empty() {
            return;
        }
        if asked.is_none_or(|asked| asked.bytes() != roadmap.bytes()) {
            self.effects.extend(missing);
        }
        self.o.view.reasserted = Some(Arc::clone(roadmap));
    }
}

impl Orchestrator {
    /// The edit that makes an agent's mark again, if it is missing.
    fn mark_again(&self, agent: &Agent, roadmap: &Roadmap, now: Timestamp) -> Option<Effect> {
        let phase = roadmap.phase(agent.phase())?;
        match &agent.stage {
            Stage::Starting
            | Stage::Running
            | Stage::Stopping
            | Stage::Verifying(_)
            | Stage::Review(_)
            | Stage::Merging
            | Stage::Proving(_)
            | Stage::Landing => {
                let free = phase.status.state == Status::NotStarted
                    && (phase.assigned_to.is_none() || is_of(phase, agent));
                free.then(|| self.mark(agent))
            }
            Stage::Ended(Outcome::Succeeded) => {
                let recent = agent.times.ended.is_some_and(|ended| now < ended.plus(AFTERWARDS));
                let undone = phase.status.state == Status::InProgress && is_of(phase, agent);
                (recent && undone).then(|| self.complete(agent, now))
            }
            Stage::Claiming
            | Stage::Preparing
            | Stage::Marking
            | Stage::Completing
            | Stage::Unmarking(_)
            | Stage::Ended(_) => None,
        }
    }
}

fn is_of(phase: &Phase, agent: &Agent) -> bool {
    phase.assigned_to.as_ref().is_some_and(|holder| holder.as_str() == agent.me().id.as_str())
}
