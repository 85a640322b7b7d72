//! The referee: keeps its own books of what an orchestrator asked for and what it was told, and says what must never be.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::claim::ClaimOutcome;
use crate::domain::effect::{Effect, Launch};
use crate::domain::gate::{Receipt, Tree};
use crate::domain::id::{AgentRef, PhaseId};
use crate::domain::journal::{Birth, Entry, Fact};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::report::Report;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Dependency, Phase, Status};
use crate::domain::target::Target;
use crate::domain::workspace::Isolation;

/// What was broken, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Breach(pub String);

/// See the module's documentation.
#[derive(Clone, Debug)]
pub struct Referee {
    rules: Rules,
    /// The roadmap as it was at the beginning.
    roadmap: Roadmap,
    /// Phases shown complete.
    complete: BTreeSet<PhaseId>,
    /// Who holds which phase's claim.
    claims: BTreeMap<PhaseId, AgentRef>,
    /// Phases with a process, and whose it is.
    processes: BTreeMap<PhaseId, AgentRef>,
    /// The gates each life passed, and on which tree.
    green: BTreeMap<AgentRef, Vec<(Tree, String)>>,
    /// Lives of each phase since a person last had a word in it.
    lives: BTreeMap<PhaseId, u32>,
}

/// What holds during a run.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rules {
    slots: usize,
    most_slots: u16,
    retries: u32,
    gates: Vec<(Tree, String)>,
}

impl Referee {
    /// A referee for runs in this target that begin with this roadmap.
    pub fn new(target: &Target, roadmap: &Roadmap) -> Self {
        let trees = match target.workspaces.isolation {
            Isolation::Shared => vec![Tree::Work],
            Isolation::Worktree => vec![Tree::Work, Tree::Merged],
        };
        let on = |tree: Tree| {
            let required = target.gates_on(tree).filter(|gate| gate.required);
            required.map(move |gate| (tree, gate.name.clone()))
        };
        let complete = |phase: &&Phase| phase.status.state == Status::Complete;
        let complete = roadmap.phases.iter().filter(complete).map(|phase| phase.id.clone());
        Self {
            rules: Rules {
                slots: 0,
                most_slots: target.workspaces.most.max(1),
                retries: target.retry.retries,
                gates: trees.into_iter().flat_map(on).collect(),
            },
            complete: complete.collect(),
            roadmap: roadmap.clone(),
            claims: BTreeMap::new(),
            processes: BTreeMap::new(),
            green: BTreeMap::new(),
            lives: BTreeMap::new(),
        }
    }

    /// A person wants a phase begun again: its tries count anew.
    pub fn lets_again(&mut self, phase: &PhaseId) {
        self.lives.remove(phase);
    }

    /// Looks at what is asked of the world.
    ///
    /// # Errors
    /// When it must not be asked.
    pub fn sees(&mut self, effect: &Effect) -> Result<(), Breach> {
        match effect {
            Effect::Record(entries) => entries.iter().try_for_each(|entry| self.reads(entry)),
            Effect::Spawn(launch) => self.spawned(launch),
            Effect::Release { agent, stream } => self.released(agent, &stream.phase),
            Effect::ReadRoadmap(_)
            | Effect::EditRoadmap(_)
            | Effect::Claim { .. }
            | Effect::PrepareWorkspace { .. }
            | Effect::Branch(_)
            | Effect::Adopt(_)
            | Effect::Stop { .. }
            | Effect::RunGate { .. }
            | Effect::Type { .. }
            | Effect::Watch(_)
            | Effect::Lines { .. }
            | Effect::Older { .. }
            | Effect::Preview(_)
            | Effect::CheckAgent(_)
            | Effect::Keep { .. }
            | Effect::Proposals(_)
            | Effect::Resize { .. } => Ok(()),
        }
    }

    /// Hears what the world answers.
    pub fn hears(&mut self, report: &Report) {
        match report {
            Report::Claimed { agent, outcome: ClaimOutcome::Won(_) } => {
                if let Some(phase) = phase_of(agent) {
                    self.claims.insert(phase, agent.clone());
                }
            }
            Report::Exited { agent, .. } | Report::SpawnFailed { agent, .. } => self.ended(agent),
            Report::HostLost(agent) => self.ended(agent),
            _ => {}
        }
    }

    /// Compares the orchestrator's own count with what may be.
    ///
    /// # Errors
    /// When more agents live than there are slots.
    pub fn counts(&self, o: &Orchestrator) -> Result<(), Breach> {
        let live = o.slots_taken();
        let slots = self.rules.slots;
        if live > slots {
            return breach(format!("{live} agents are live, and there are {slots} slots"));
        }
        Ok(())
    }

    /// Looks at what is left when nothing happens any more.
    ///
    /// # Errors
    /// When a plan is not over, an agent lives, or a claim is held.
    pub fn ends(&self, o: &Orchestrator) -> Result<(), Breach> {
        if let Some(agent) = o.run().agents.values().find(|agent| agent.is_live()) {
            let (me, stage) = (agent.me(), &agent.stage);
            return breach(format!("nothing happens any more, and {me} is still {stage:?}"));
        }
        if o.run().plan.as_ref().is_some_and(|plan| !plan.finished) {
            return breach("nothing happens any more, and the plan is not finished".into());
        }
        match self.claims.iter().next() {
            Some((phase, agent)) => {
                breach(format!("the run is over, and {agent} still holds the claim of {phase}"))
            }
            None => Ok(()),
        }
    }

    fn reads(&mut self, entry: &Entry) -> Result<(), Breach> {
        match &entry.fact {
            Fact::PlanApproved(plan) => {
                self.rules.slots = usize::from(plan.slots.min(self.rules.most_slots).max(1));
                Ok(())
            }
            Fact::AgentSpawned(birth) => self.born(birth),
            Fact::GateJudged { agent, receipt } => {
                self.judged(agent, receipt);
                Ok(())
            }
            Fact::AgentCompleted { agent } => self.completed(agent),
            _ => Ok(()),
        }
    }

    fn born(&mut self, birth: &Birth) -> Result<(), Breach> {
        let (me, phase) = (&birth.agent, &birth.phase);
        if let Some(open) = self.waits_for(phase) {
            return breach(format!("{me} begins before {open} is complete"));
        }
        let tries = self.rules.retries + 1;
        let lives = self.lives.entry(phase.clone()).or_default();
        *lives += 1;
        // A life that only waited for a limit is no try.
        if *lives > tries + birth.waits || birth.attempt > tries {
            let times = (*lives).max(birth.attempt);
            return breach(format!("{phase} is begun {times} times, and {tries} are allowed"));
        }
        Ok(())
    }

    /// A dependency that is not complete: decided from the list alone, in the simplest way there is.
    fn waits_for(&self, id: &PhaseId) -> Option<String> {
        let at = self.roadmap.phases.iter().position(|phase| phase.id == *id)?;
        let counted = |at: &usize| !self.roadmap.is_container(*at);
        let open = |at: usize| {
            let other = &self.roadmap.phases[at];
            (other.id != *id && !self.complete.contains(&other.id)).then(|| other.id.to_string())
        };
        let all = self.roadmap.phases.len();
        self.roadmap.phases[at].depends_on.iter().find_map(|dependency| match dependency {
            Dependency::Phase { id, .. } => {
                let known = |at: &usize| self.roadmap.phases[*at].id == *id;
                (0..all).filter(known).filter(counted).find_map(open)
            }
            Dependency::Batch(number) => {
                let inside = |at: &usize| self.roadmap.phases[*at].place.batch == Some(*number);
                (0..all).filter(inside).filter(counted).find_map(open)
            }
            Dependency::AllPrevious => (0..at).filter(counted).find_map(open),
            Dependency::Opaque(text) => Some(text.to_string()),
        })
    }

    fn judged(&mut self, agent: &AgentRef, receipt: &Receipt) {
        if receipt.passed() {
            let passed = (receipt.tree, receipt.gate.clone());
            self.green.entry(agent.clone()).or_default().push(passed);
        }
    }

    fn completed(&mut self, agent: &AgentRef) -> Result<(), Breach> {
        let green = self.green.remove(agent).unwrap_or_default();
        if let Some((_, gate)) = self.rules.gates.iter().find(|gate| !green.contains(*gate)) {
            return breach(format!("{agent} is called complete without gate {gate} passed"));
        }
        self.complete.extend(phase_of(agent));
        Ok(())
    }

    fn spawned(&mut self, launch: &Launch) -> Result<(), Breach> {
        let (me, phase) = (&launch.agent, &launch.phase.id);
        if self.claims.get(phase) != Some(me) {
            return breach(format!("{me} is started without the claim of {phase}"));
        }
        if let Some(other) = self.processes.insert(phase.clone(), me.clone()) {
            return breach(format!("{me} is started while {other} works on {phase}"));
        }
        let (running, slots) = (self.processes.len(), self.rules.slots);
        if running > slots {
            return breach(format!("{running} agents run, and there are {slots} slots"));
        }
        Ok(())
    }

    fn released(&mut self, agent: &AgentRef, phase: &PhaseId) -> Result<(), Breach> {
        if self.processes.get(phase) == Some(agent) {
            return breach(format!("{agent} lets go of {phase} while its process runs"));
        }
        if self.claims.get(phase) == Some(agent) {
            self.claims.remove(phase);
        }
        Ok(())
    }

    fn ended(&mut self, agent: &AgentRef) {
        self.processes.retain(|_, holder| holder != agent);
    }
}

fn breach(what: String) -> Result<(), Breach> {
    Err(Breach(what))
}

fn phase_of(agent: &AgentRef) -> Option<PhaseId> {
    agent.id.as_str().strip_prefix("a-").map(PhaseId::new)
}
