//! Taking over after the app ended, however it ended: every live agent's stage is asked again what it owes.

use crate::domain::agent::{Agent, Outcome, Stage};
use crate::domain::branch::MergePolicy;
use crate::domain::claim::StreamKey;
use crate::domain::effect::{Effect, StopKind};
use crate::domain::id::{AgentRef, Life};
use crate::domain::journal::Fact;
use crate::domain::orchestrator::life::stream;
use crate::domain::orchestrator::step::Step;
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::time::Timestamp;

impl Orchestrator {
    /// What is still owed to the world by the lives the journal calls live. Call it once, after
    /// [`Orchestrator::restore`] and the first roadmap.
    pub fn resume(&mut self, now: Timestamp) -> Vec<Effect> {
        let mut step = Step::new(self, now);
        let agents: Vec<Agent> = step.o.run.everyone().cloned().collect();
        for agent in agents {
            match step.o.role {
                Role::Driver => step.take_up(&agent),
                Role::Viewer { .. } => step.look_at(&agent),
            }
        }
        step.remove_strays();
        step.o.under_way.taking_up = false;
        step.admit();
        step.finish()
    }
}

impl Step<'_> {
    /// Those whose removal failed, or was not heard of.
    fn remove_strays(&mut self) {
        if self.o.role == Role::Driver {
            let strays: Vec<AgentRef> = self.o.run.strays.keys().cloned().collect();
            strays.iter().for_each(|me| self.remove_stray(me));
        }
    }

    /// A viewer looks at what runs; all else is the driver's.
    fn look_at(&mut self, agent: &Agent) {
        match agent.stage {
            Stage::Running | Stage::Stopping => self.ask(Effect::Adopt(agent.me().clone())),
            Stage::Claiming
            | Stage::Preparing
            | Stage::Marking
            | Stage::Starting
            | Stage::Verifying(_)
            | Stage::Review(_)
            | Stage::Merging
            | Stage::Proving(_)
            | Stage::Landing
            | Stage::Completing
            | Stage::Unmarking(_)
            | Stage::Ended(_) => {}
        }
    }

    /// Hosts of earlier lives may linger still, if the app ended between two lives: they hold the claim.
    fn let_go_of_earlier(&mut self, me: &AgentRef, stream: &StreamKey) {
        for life in 1..me.life.0 {
            let agent = AgentRef { id: me.id.clone(), life: Life(life) };
            self.ask(Effect::Release { agent, stream: stream.clone() });
        }
    }

    /// Where nobody has to look at it, it is merged: what was in the way may be mended by now.
    fn review_again(&mut self, me: &AgentRef) {
        let landed = self.o.run.live(me).is_some_and(|agent| agent.merging.landed.is_some());
        match self.o.merge_policy() {
            _ if landed => self.ask_merge(me),
            MergePolicy::Auto => self.ask_merge(me),
            MergePolicy::Review => self.proven(me),
        }
    }

    fn take_up(&mut self, agent: &Agent) {
        let me = agent.me();
        self.let_go_of_earlier(me, &stream(agent));
        match agent.stage {
            // Its claim died with the app: a new life claims again, and this one does not count as a try.
            Stage::Claiming | Stage::Preparing | Stage::Marking => {
                self.record(Fact::RestartAsked { agent: me.clone() });
                self.fail(me, Outcome::Lost);
            }
            Stage::Starting | Stage::Running => self.ask(Effect::Adopt(me.clone())),
            // The order may have died with the app.
            Stage::Stopping => {
                self.ask(Effect::Adopt(me.clone()));
                self.ask(Effect::Stop { agent: me.clone(), how: StopKind::Term });
            }
            Stage::Verifying(_) => {
                self.ask(Effect::Adopt(me.clone()));
                self.verify(me);
            }
            Stage::Review(_) => {
                self.ask(Effect::Adopt(me.clone()));
                self.review_again(me);
            }
            // Nobody knows what became of the merge: it is made anew.
            Stage::Merging | Stage::Proving(_) => {
                self.ask(Effect::Adopt(me.clone()));
                self.ask_merge(me);
            }
            Stage::Landing | Stage::Completing | Stage::Unmarking(_) => {
                self.ask(Effect::Adopt(me.clone()));
                self.owe(me);
            }
            // Its host may linger still, if the app ended before it could let go.
            Stage::Ended(_) => {
                self.owe(me);
                self.tidy_up(me);
                self.clear_away(me);
            }
        }
    }
}
