//! The journaled half of the orchestrator: what replaying the journal gives, and nothing else.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use crate::domain::agent::{Agent, Outcome, Stage};
use crate::domain::branch::BranchFact;
use crate::domain::budget::BudgetStep;
use crate::domain::gardener::Facts;
use crate::domain::id::{AgentId, AgentRef, Life, PhaseId};
use crate::domain::identity::Crew;
use crate::domain::journal::{Entry, Fact, QueueFact};
use crate::domain::orchestrator::advance::advance;
use crate::domain::orchestrator::tries::Tries;
use crate::domain::plan::{ApprovedPlan, Mode};
use crate::domain::synthesis::Story;
use crate::domain::undo::UndoStack;
use crate::domain::workspace::{Workspace, Worktree};

/// Entries kept for the events screen.
const LOG_LENGTH: usize = 1_000;

/// Plan, agents and switches as the journal tells them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// What was approved last, and how far it is.
    pub plan: Option<PlanRun>,
    /// The last life of every agent.
    pub agents: BTreeMap<AgentId, Agent>,
    /// Agents that begin a new life as soon as this one is over and a slot is free.
    pub restart_asked: BTreeSet<AgentId>,
    /// Nothing new is started.
    pub held: bool,
    /// The newest entries, oldest first.
    pub log: VecDeque<Entry>,
    /// Roadmap edits that can be taken back.
    pub undo: UndoStack,
    /// All that the last plan led to.
    pub story: Story,
    /// Worktrees there are, by the phase their work is for.
    pub worktrees: BTreeMap<PhaseId, Worktree>,
    /// Worktrees to be removed, by their branches: the phases they were made for have others.
    pub strays: BTreeMap<String, Stray>,
    /// Agents that work for no plan.
    pub errands: Errands,
    /// Who works here, and what each of them did.
    pub crew: Crew,
    /// What became of the lives in which somebody worked.
    pub tries: Tries,
}

/// A worktree nobody will go on in.
#[derive(Clone, Debug, PartialEq)]
pub struct Stray {
    /// The life that made it or came after it.
    pub agent: AgentRef,
    /// The phase it is about.
    pub phase: PhaseId,
    /// The worktree.
    pub worktree: Worktree,
}

/// Agents that work for no plan: they hold no phase and no slot, and a plan is finished without them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Errands {
    /// The last life of each.
    pub agents: BTreeMap<AgentId, Agent>,
    /// Those that begin a new life as soon as this one is over.
    pub restart_asked: BTreeSet<AgentId>,
}

/// An approved plan at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRun {
    /// What was approved.
    pub approved: ApprovedPlan,
    /// Phases completed by its agents.
    pub done: BTreeSet<PhaseId>,
    /// Phases whose last life ended otherwise, and how: that says what follows.
    pub given_up: BTreeMap<PhaseId, Outcome>,
    /// Nothing of it is left to do, unless a person restarts something.
    pub finished: bool,
    /// What was done last about its budget, since it was last granted.
    pub over_budget: Option<BudgetStep>,
    /// How often a person granted its budget again.
    pub granted: u32,
}

impl Run {
    /// The state a journal leads to.
    pub fn replay<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut run = Self::default();
        for entry in entries {
            run.apply(entry);
        }
        run
    }

    /// Takes over one entry.
    pub fn apply(&mut self, entry: &Entry) {
        if self.log.len() == LOG_LENGTH {
            self.log.pop_front();
        }
        self.log.push_back(entry.clone());
        self.story.take(entry);
        self.crew.take(entry);
        self.tries.take(&entry.fact);
        match &entry.fact {
            Fact::PlanApproved(approved) => self.take_plan(approved),
            Fact::Queue(fact) => self.take_queue(*fact),
            Fact::PlanFinished { .. } => {
                if let Some(plan) = &mut self.plan {
                    plan.finished = true;
                }
            }
            Fact::AgentSpawned(birth) if birth.errand.is_some() => {
                let id = birth.agent.id.clone();
                self.errands.restart_asked.remove(&id);
                self.errands.agents.insert(id, Agent::born(birth.clone(), entry.at));
            }
            Fact::AgentSpawned(birth) => {
                self.restart_asked.remove(&birth.agent.id);
                if let Some(plan) = &mut self.plan {
                    plan.given_up.remove(&birth.phase);
                    plan.finished = false;
                }
                let agent = Agent::born(birth.clone(), entry.at);
                self.agents.insert(birth.agent.id.clone(), agent);
            }
            Fact::RestartAsked { agent } => {
                self.wishes_of(&agent.id).insert(agent.id.clone());
            }
            Fact::RoadmapEdited(record) => self.undo.take(record),
            fact => {
                self.drop_wish(fact);
                self.keep_worktrees(fact);
                self.apply_to_agent(fact, entry);
            }
        }
    }

    fn take_queue(&mut self, fact: QueueFact) {
        self.held = fact != QueueFact::Resumed;
        let Some(plan) = &mut self.plan else { return };
        match fact {
            QueueFact::Held => {}
            QueueFact::Resumed => plan.granted += u32::from(plan.over_budget.take().is_some()),
            QueueFact::BudgetReached { step, .. } => plan.over_budget = Some(step),
        }
    }

    /// Worktrees outlive the lives they were made for, until their work is merged or a person gives it up.
    fn keep_worktrees(&mut self, fact: &Fact) {
        match fact {
            Fact::WorkspaceReady { agent, workspace: Workspace::Worktree(worktree), .. } => {
                let Some(found) = self.known(&agent.id) else { return };
                let phase = found.birth.phase.clone();
                self.strays.remove(&worktree.branch);
                let old = self.worktrees.insert(phase.clone(), worktree.clone());
                if let Some(old) = old.filter(|old| old.branch != worktree.branch) {
                    self.stray(agent, phase, old);
                }
            }
            Fact::Branch(BranchFact::WorkspaceLeft { agent, phase, worktree }) => {
                let kept = self.worktrees.entry(phase.clone()).or_insert_with(|| worktree.clone());
                if kept.branch != worktree.branch {
                    self.stray(agent, phase.clone(), worktree.clone());
                } else {
                    self.strays.remove(&worktree.branch);
                }
            }
            Fact::Branch(BranchFact::WorkspaceGone { phase, branch, .. }) => {
                self.worktrees.retain(|of, kept| of != phase || kept.branch != *branch);
                self.strays.remove(branch);
            }
            _ => {}
        }
    }

    fn stray(&mut self, agent: &AgentRef, phase: PhaseId, worktree: Worktree) {
        let branch = worktree.branch.clone();
        self.strays.insert(branch, Stray { agent: agent.clone(), phase, worktree });
    }

    /// Whoever stops an agent takes back that it shall begin again; so does a restart that could not be made.
    fn drop_wish(&mut self, fact: &Fact) {
        let dropped = match fact {
            Fact::Stopping { agent, .. } => Some(agent),
            Fact::AgentFailed { agent, .. } if self.live(agent).is_none() => Some(agent),
            _ => None,
        };
        if let Some(agent) = dropped {
            self.wishes_of(&agent.id).remove(&agent.id);
        }
        if let Fact::Stopping { agent, .. } = fact {
            self.give_up_waiting(agent);
        }
    }

    /// Whoever stops an agent whose life is over wants no further life of it.
    fn give_up_waiting(&mut self, me: &AgentRef) {
        let ended = self.agents.get(&me.id).filter(|agent| agent.me() == me && !agent.is_live());
        let phase = ended.map(|agent| agent.phase().clone());
        if let (Some(phase), Some(plan)) = (phase, &mut self.plan)
            && plan.given_up.contains_key(&phase)
        {
            plan.given_up.insert(phase, Outcome::Killed);
        }
    }

    fn take_plan(&mut self, approved: &ApprovedPlan) {
        let running = self.plan.take().filter(|plan| !plan.finished);
        let mut approved = approved.clone();
        let (mut done, mut given_up) = (BTreeSet::new(), BTreeMap::new());
        let (mut over_budget, mut granted) = (None, 0);
        if let Some(before) = running {
            (over_budget, granted) = (before.over_budget, before.granted);
            (done, given_up) = (before.done, before.given_up);
            // What is approved anew is tried anew, and nothing else.
            for phase in &approved.phases {
                done.remove(phase);
                given_up.remove(phase);
            }
            let mut prompts = before.approved.prompts;
            prompts.retain(|phase, _| !approved.phases.contains(phase));
            approved.prompts.extend(prompts);
            approved.phases = merged(&before.approved.phases, &approved.phases);
            approved.without.extend(before.approved.without);
            approved.without.retain(|phase| !approved.phases.contains(phase));
            approved.mode = joined(before.approved.mode, approved.mode);
        }
        let planned: HashSet<&PhaseId> = approved.phases.iter().collect();
        done.retain(|phase| planned.contains(phase));
        self.plan =
            Some(PlanRun { approved, done, given_up, finished: false, over_budget, granted });
    }

    fn apply_to_agent(&mut self, fact: &Fact, entry: &Entry) {
        let Some(agent) = subject(fact).and_then(|me| self.live_mut(me)) else { return };
        advance(agent, entry);
        if let Stage::Ended(outcome) = agent.stage.clone() {
            agent.times.ended = Some(entry.at);
            // Of no errand a plan knows anything.
            let phase = agent.birth.errand.is_none().then(|| agent.birth.phase.clone());
            if let Some(phase) = phase {
                self.settle(phase, outcome);
            }
        }
    }

    fn settle(&mut self, phase: PhaseId, outcome: Outcome) {
        let Some(plan) = &mut self.plan else { return };
        if outcome == Outcome::Succeeded {
            plan.done.insert(phase);
        } else {
            plan.given_up.insert(phase, outcome);
        }
    }

    /// The last life of an agent, whatever it works for.
    pub fn known(&self, id: &AgentId) -> Option<&Agent> {
        self.agents.get(id).or_else(|| self.errands.agents.get(id))
    }

    /// Mutable form of [`Run::known`].
    pub fn known_mut(&mut self, id: &AgentId) -> Option<&mut Agent> {
        self.agents.get_mut(id).or_else(|| self.errands.agents.get_mut(id))
    }

    /// The last life of every agent, whatever it works for.
    pub fn everyone(&self) -> impl Iterator<Item = &Agent> {
        self.agents.values().chain(self.errands.agents.values())
    }

    /// Whether an agent is asked to begin again.
    pub fn is_asked_again(&self, id: &AgentId) -> bool {
        self.restart_asked.contains(id) || self.errands.restart_asked.contains(id)
    }

    /// The wishes among which one about this agent stands.
    fn wishes_of(&mut self, id: &AgentId) -> &mut BTreeSet<AgentId> {
        match self.errands.agents.contains_key(id) {
            true => &mut self.errands.restart_asked,
            false => &mut self.restart_asked,
        }
    }

    /// The agent, if this is its present life and that life is not over.
    pub fn live(&self, me: &AgentRef) -> Option<&Agent> {
        self.known(&me.id).filter(|agent| agent.me() == me && agent.is_live())
    }

    /// Mutable form of [`Run::live`].
    pub fn live_mut(&mut self, me: &AgentRef) -> Option<&mut Agent> {
        self.known_mut(&me.id).filter(|agent| agent.me() == me && agent.is_live())
    }

    /// Phases our live agents hold.
    pub fn held_phases(&self) -> BTreeSet<PhaseId> {
        self.agents.values().filter(|a| a.is_live()).map(|a| a.phase().clone()).collect()
    }

    /// What the gardener needs to know of the run.
    pub fn facts(&self) -> Facts {
        let ended = self.agents.values().filter(|agent| !agent.is_live());
        Facts {
            held: self.held_phases(),
            left: self.undo.left().clone(),
            ended: ended.map(|agent| agent.me().id.clone()).collect(),
        }
    }

    /// The life an agent would begin next.
    pub fn next_life(&self, id: &AgentId) -> Life {
        self.known(id).map_or(Life(1), |agent| agent.me().life.next())
    }
}

/// Phases of both plans, each once, in order.
fn merged(first: &[PhaseId], second: &[PhaseId]) -> Vec<PhaseId> {
    let mut seen = BTreeSet::new();
    first.iter().chain(second).filter(|id| seen.insert((*id).clone())).cloned().collect()
}

/// The mode two plans run in together.
fn joined(first: Mode, second: Mode) -> Mode {
    match (first, second) {
        (Mode::Batch, _) | (_, Mode::Batch) => Mode::Batch,
        (Mode::Single | Mode::Parallel, Mode::Single | Mode::Parallel) => Mode::Parallel,
    }
}

/// The life a fact is about, for facts about one life.
pub fn subject(fact: &Fact) -> Option<&AgentRef> {
    match fact {
        Fact::ClaimWon { agent, .. }
        | Fact::ClaimLost { agent, .. }
        | Fact::WorkspaceReady { agent, .. }
        | Fact::SpawningAgent { agent }
        | Fact::AgentRunning { agent, .. }
        | Fact::SpawnFailed { agent, .. }
        | Fact::Stopping { agent, .. }
        | Fact::RestartAsked { agent }
        | Fact::Stopped { agent, .. }
        | Fact::GateJudged { agent, .. }
        | Fact::VerificationComplete { agent, .. }
        | Fact::AgentCompleted { agent, .. }
        | Fact::AgentFailed { agent, .. }
        | Fact::Released { agent } => Some(agent),
        Fact::AgentSpawned(birth) => Some(&birth.agent),
        Fact::Branch(fact) => Some(fact.agent()),
        Fact::PlanApproved(_)
        | Fact::RoadmapEdited(_)
        | Fact::Queue(_)
        | Fact::PlanFinished { .. } => None,
    }
}
