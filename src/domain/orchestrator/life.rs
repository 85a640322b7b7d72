//! One life of an agent: what each stage owes the world, and how a life ends.

use std::collections::BTreeSet;

use crate::domain::agent::{Agent, Exit, Outcome, Stage};
use crate::domain::claim::StreamKey;
use crate::domain::effect::{Brief, Effect, Launch, RoadmapOrder, Worker};
use crate::domain::gardener::UNDONE;
use crate::domain::gate::{Gate, Receipt, Tree, Verdict, judge};
use crate::domain::id::{AgentRef, PhaseId};
use crate::domain::journal::Fact;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::orchestrator::next_step::NewLife;
use crate::domain::orchestrator::step::Step;
use crate::domain::roadmap::phase::{Phase, Status};
use crate::domain::roadmap::readiness::{Evaluator, NotReady};
use crate::domain::roadmap::{Roadmap, RoadmapChange};
use crate::domain::time::Timestamp;
use crate::domain::workspace::Workspace;

impl Step<'_> {
    /// Asks for a new life of the agent of a phase.
    pub(super) fn begin(&mut self, phase: &PhaseId, life: NewLife) {
        let birth = self.o.birth(phase, life, self.now);
        let agent = birth.agent.clone();
        self.record(Fact::AgentSpawned(birth));
        self.owe(&agent);
    }

    /// Asks for the one effect that the agent's stage owes the world.
    pub(super) fn owe(&mut self, me: &AgentRef) {
        let Some(agent) = self.o.run.known(&me.id).filter(|a| a.me() == me).cloned() else {
            return;
        };
        if let Some(errand) = agent.errand() {
            self.owe_for(errand, &agent);
            return;
        }
        if agent.stage == Stage::Merging {
            self.merge_next();
            return;
        }
        match self.o.owed(&agent, self.now) {
            Ok(effect) => self.ask(effect),
            Err(outcome) => self.fail(me, outcome),
        }
    }

    /// Ends a life that did not succeed: the phase is put back, then the claim is freed.
    pub(super) fn fail(&mut self, me: &AgentRef, outcome: Outcome) {
        self.record(Fact::AgentFailed { agent: me.clone(), outcome });
        match self.o.run.known(&me.id).map(|agent| agent.stage.clone()) {
            Some(Stage::Ended(_)) => self.after_life(me),
            _ => self.owe(me),
        }
    }

    /// The life is over and its phase is settled: free the claim, go on.
    pub(super) fn after_life(&mut self, me: &AgentRef) {
        self.owe(me);
        self.tidy_up(me);
        self.clear_away(me);
        self.merge_next();
        self.admit();
    }

    /// What the end of the process and the gates mean: judges when all have run, otherwise runs the next.
    pub(super) fn verify(&mut self, me: &AgentRef) {
        let Some(agent) = self.o.run.live(me) else { return };
        // The journal may end between how it ended and what that means.
        if let Some(outcome) = agent.exit.as_ref().and_then(Exit::failure) {
            self.fail(me, outcome);
            return;
        }
        // An errand is judged by nothing but what it leaves.
        if agent.errand().is_some() || self.o.next_gate(agent).is_some() {
            self.owe(me);
            return;
        }
        let failed = self.o.failed_gates(agent);
        let agent = me.clone();
        self.record(Fact::VerificationComplete { agent, failed: failed.clone() });
        if failed.is_empty() {
            self.proven(me);
        } else {
            let why = format!("gate {} failed", failed.join(", "));
            self.fail(me, Outcome::Failed(why.into()));
        }
    }
}

impl Orchestrator {
    /// Why a phase can't start now, in one clause.
    pub fn cannot_start(&self, phase: &PhaseId) -> Option<String> {
        let Some(roadmap) = self.roadmap() else { return Some("there is no roadmap".into()) };
        let Some(found) = roadmap.phase(phase) else {
            return Some("it is no longer in the roadmap".into());
        };
        let held = self.run.held_phases();
        self.why_not(found, &Evaluator::new(roadmap, &held)).into_iter().next()
    }

    /// Why a phase can't start now, a clause each; none when it can.
    pub fn why_not(&self, phase: &Phase, evaluator: &Evaluator<'_>) -> Vec<String> {
        let undone = self.view.garden.left_alone.contains(&phase.id);
        let clause = |reason: &NotReady| match reason {
            NotReady::Status(Status::Blocked) if undone => UNDONE.to_owned(),
            other => other.clause(),
        };
        evaluator.reasons(phase).iter().map(clause).collect()
    }

    /// The effect that an agent's stage owes the world, or how its life ends if there can be none.
    fn owed(&self, agent: &Agent, now: Timestamp) -> Result<Effect, Outcome> {
        let me = agent.me().clone();
        Ok(match &agent.stage {
            Stage::Claiming => Effect::Claim { agent: me, stream: stream(agent) },
            Stage::Preparing => {
                let from = self.run.worktrees.get(agent.phase()).cloned();
                let needs = self.merged_needs(agent.phase());
                Effect::PrepareWorkspace { agent: me, stream: stream(agent), from, needs }
            }
            Stage::Marking => self.mark(agent),
            Stage::Starting => Effect::Spawn(Box::new(self.launch(agent)?)),
            Stage::Running | Stage::Stopping | Stage::Review(_) | Stage::Merging => {
                Effect::Adopt(me)
            }
            Stage::Verifying(_) | Stage::Proving(_) => self.gate(agent)?,
            Stage::Landing => self.landing(agent)?,
            Stage::Completing => self.complete(agent, now),
            Stage::Unmarking(_) => self.edit(agent, release_change(agent)),
            Stage::Ended(_) => Effect::Release { agent: me, stream: stream(agent) },
        })
    }

    fn edit(&self, agent: &Agent, change: RoadmapChange) -> Effect {
        let held: BTreeSet<PhaseId> = self.run.held_phases();
        let target = agent.birth.target.clone();
        Effect::EditRoadmap(RoadmapOrder { target, agent: Some(agent.me().clone()), change, held })
    }

    /// The first gate of the target that says nothing of this life's tree yet. Gates are known by name: the
    /// configuration may have changed since the first of them ran.
    pub(super) fn next_gate(&self, agent: &Agent) -> Option<&Gate> {
        let tree = agent.stage.tree()?;
        self.setup.target.gates_on(tree).find(|gate| receipt_of(agent, gate, tree).is_none())
    }

    /// Names of the required gates that failed on the tree that is judged, of those that count now.
    pub(super) fn failed_gates(&self, agent: &Agent) -> Vec<String> {
        let Some(tree) = agent.stage.tree() else { return Vec::new() };
        let proof = |gate: &Gate| {
            let receipt = receipt_of(agent, gate, tree)?;
            Some(Receipt { required: gate.required, ..receipt.clone() })
        };
        let proofs: Vec<Receipt> = self.setup.target.gates_on(tree).filter_map(proof).collect();
        match judge(&proofs) {
            Verdict::Passed => Vec::new(),
            Verdict::Failed(names) => names,
        }
    }

    fn gate(&self, agent: &Agent) -> Result<Effect, Outcome> {
        let tree = agent.stage.tree().unwrap_or_default();
        let merged = || {
            let path = agent.merging.made.as_ref()?.tree.clone();
            Some(Workspace::Checkout { path })
        };
        let workspace = match tree {
            Tree::Work => agent.workspace.clone(),
            Tree::Merged => merged(),
        };
        match (self.next_gate(agent).cloned(), workspace) {
            (Some(gate), Some(workspace)) => {
                let (worker, round) = (Box::new(self.worker(agent)), agent.merging.asked);
                Ok(Effect::RunGate { worker, gate, workspace, tree, round })
            }
            _ => Err(Outcome::Failed("its gate is no longer configured".into())),
        }
    }

    /// Whose work it is, for those who judge it.
    fn worker(&self, agent: &Agent) -> Worker {
        let phase = self.roadmap().and_then(|roadmap| roadmap.phase(agent.phase()));
        let branch = agent.workspace.as_ref().and_then(Workspace::branch);
        Worker {
            name: agent.birth.name.clone(),
            agent: agent.me().clone(),
            phase: agent.phase().clone(),
            phase_name: phase.map(|phase| phase.name.as_str().to_owned()),
            adapter: Some(agent.birth.adapter.clone()),
            branch: branch.map(str::to_owned),
        }
    }

    /// Marks an agent's phase as taken.
    pub(super) fn mark(&self, agent: &Agent) -> Effect {
        let assignee = agent.me().id.to_string();
        self.edit(agent, RoadmapChange::Claim { phase: agent.phase().clone(), assignee })
    }

    /// Marks it as complete.
    pub(super) fn complete(&self, agent: &Agent, now: Timestamp) -> Effect {
        let date = day(now, self.setup.utc_offset);
        let merge = agent.merging.made.as_ref();
        let ticked = merge.map(|merge| merge.ticked.clone()).unwrap_or_default();
        self.edit(agent, RoadmapChange::Complete { phase: agent.phase().clone(), date, ticked })
    }

    fn launch(&self, agent: &Agent) -> Result<Launch, Outcome> {
        let target = self.setup.target.clone();
        let refuse = |why: String| Outcome::Refused(why.into());
        let adapter = self.setup.adapters.get(&agent.birth.adapter).cloned().ok_or_else(|| {
            refuse(format!("agents.yaml has no agent named {}", agent.birth.adapter))
        })?;
        let roadmap = self.roadmap().ok_or_else(|| refuse("there is no roadmap".into()))?;
        let phase = roadmap
            .phase(agent.phase())
            .ok_or_else(|| refuse("the phase is no longer in the roadmap".into()))?;
        let workspace =
            agent.workspace.clone().ok_or_else(|| refuse("it has no workspace".into()))?;
        let plan = self.run.plan.as_ref();
        let prompt = plan.and_then(|plan| plan.approved.prompts.get(agent.phase()).cloned());
        Ok(Launch {
            agent: agent.me().clone(),
            name: agent.birth.name.clone(),
            phase: phase.clone(),
            target: target.seen_from(&workspace),
            adapter,
            workspace,
            start: agent.birth.start.clone(),
            brief: Brief {
                prompt,
                before: self.before(agent.me(), agent.birth.told(), roadmap),
                ..self.brief(agent.me(), (roadmap, phase))
            },
            size: self.terminal,
        })
    }

    /// What a life is told about its work, whoever does it.
    pub(super) fn brief(&self, me: &AgentRef, (roadmap, phase): (&Roadmap, &Phase)) -> Brief {
        let section = roadmap.bytes().get(phase.place.section.clone()).unwrap_or_default();
        Brief {
            section: String::from_utf8_lossy(section).into_owned(),
            failure: self.last_failure(me),
            built_on: self.built_on(roadmap, phase),
            ..Brief::default()
        }
    }
}

/// The receipt of a gate on a tree, once it ran there.
fn receipt_of<'a>(agent: &'a Agent, gate: &Gate, tree: Tree) -> Option<&'a Receipt> {
    agent.receipts.iter().find(|receipt| receipt.gate == gate.name && receipt.tree == tree)
}

pub(super) fn stream(agent: &Agent) -> StreamKey {
    StreamKey { target: agent.birth.target.clone(), phase: agent.phase().clone() }
}

fn release_change(agent: &Agent) -> RoadmapChange {
    RoadmapChange::Release {
        phase: agent.phase().clone(),
        assignee: agent.me().id.to_string(),
        restore: agent.assigned_before.clone(),
    }
}

/// The day of a moment, `YYYY-MM-DD`, at an offset from UTC in seconds.
pub(in crate::domain) fn day(now: Timestamp, utc_offset: i32) -> String {
    let millis = i64::try_from(now.0).unwrap_or(0);
    let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    let offset = jiff::tz::Offset::from_seconds(utc_offset).unwrap_or(jiff::tz::Offset::UTC);
    offset.to_datetime(moment).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_follow_the_offset() {
        let late = Timestamp(1_795_388_400_000);
        assert_eq!(day(late, 0), "2026-11-22");
        assert_eq!(day(late, 3600), "2026-11-23");
    }
}
