//! Who works on what: the choice of an identity for a phase, and what is taken along from earlier work.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::adapter::Start;
use crate::domain::agent::Agent;
use crate::domain::id::{AgentId, AgentRef, Life, PhaseId};
use crate::domain::identity::{Choice, Chosen, Crew, Foreseen, Reuse, Wanted, choose};
use crate::domain::journal::Birth;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::orchestrator::next_step::{NewLife, NextStep, session_known};
use crate::domain::orchestrator::step::Step;
use crate::domain::plan::Plan;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Dependency, Phase};
use crate::domain::role::AgentRole;
use crate::domain::session_id;
use crate::domain::time::Timestamp;
use crate::domain::workspace::{Isolation, Workspace};

/// For so many phases of a plan it is told who would work on them.
const MOST_FORESEEN: usize = 200;

impl Step<'_> {
    /// Keeps beside the draft who would work on its phases.
    pub(super) fn foresee(&mut self) {
        let foreseen = self.o.draft.as_ref().map(|plan| self.o.foresee(plan));
        if let (Some(plan), Some(agents)) = (&mut self.o.draft, foreseen) {
            plan.notes.agents = agents;
        }
    }
}

impl Orchestrator {
    /// The birth of a new life of the agent of a phase.
    pub(super) fn birth(&self, phase: &PhaseId, life: NewLife, now: Timestamp) -> Birth {
        let agent = self.next_agent(phase);
        let chosen = self.choose(phase, &life.adapter);
        let start = self.start(&agent, (&life, &chosen.name), now);
        Birth {
            agent,
            phase: phase.clone(),
            target: self.setup.target.id.clone(),
            attempt: life.attempt,
            waits: life.waits,
            resumes: life.resumes,
            start,
            chosen: Some(Box::new(self.choice(phase, &chosen))),
            name: Some(chosen.name),
            role: AgentRole::Coder,
            errand: None,
            adapter: life.adapter,
        }
    }

    /// The next life of the agent of a phase.
    pub(super) fn next_agent(&self, phase: &PhaseId) -> AgentRef {
        let id = AgentId::for_phase(phase);
        AgentRef { life: self.run.next_life(&id), id }
    }

    fn choice(&self, phase: &PhaseId, chosen: &Chosen) -> Choice {
        let known = self.roadmap().and_then(|roadmap| roadmap.phase(phase));
        let tags = known.map(|phase| phase.tags.iter().map(ToString::to_string).collect());
        Choice {
            why: chosen.ground.clone(),
            batch: known.and_then(|phase| phase.place.batch),
            tags: tags.unwrap_or_default(),
        }
    }

    /// Who works on a phase that begins now.
    pub(super) fn choose(&self, phase: &PhaseId, adapter: &str) -> Chosen {
        let own = AgentId::for_phase(phase);
        let name = self.run.agents.get(&own).and_then(|agent| agent.birth.name.as_ref());
        let others = self.run.agents.values().filter(|agent| agent.me().id != own);
        // Who worked on this last goes on with it, unless at work: wanted again elsewhere too, it is somebody else there.
        let wanted = |agent: &&Agent| agent.birth.name.as_ref() != name && self.is_bound(agent);
        let busy = others.filter(|agent| agent.is_live() || wanted(agent));
        let busy = busy.filter_map(|agent| agent.birth.name.clone()).collect();
        self.choose_of(&self.run.crew, (phase, adapter), &busy)
    }

    fn choose_of(
        &self,
        crew: &Crew,
        (phase, adapter): (&PhaseId, &str),
        busy: &BTreeSet<String>,
    ) -> Chosen {
        let known = self.roadmap().and_then(|roadmap| Some((roadmap, roadmap.phase(phase)?)));
        let batch = known.and_then(|(_, phase)| phase.place.batch);
        let needs = known.map(|(roadmap, phase)| needs(roadmap, phase)).unwrap_or_default();
        let needs = needs.into_iter().collect();
        choose(crew, &Wanted { phase, adapter, batch, needs: &needs }, busy)
    }

    /// Whether an agent's identity can do nothing else: it works, or its work goes on by itself with the same adapter.
    fn is_bound(&self, agent: &Agent) -> bool {
        if agent.is_live() {
            return true;
        }
        let next = match self.run.restart_asked.contains(&agent.me().id) {
            true => Some(self.asked_life(agent)),
            false => match self.next_step(agent) {
                Some(NextStep::Again(again)) => Some(again.life),
                Some(NextStep::Nothing | NextStep::Person) | None => None,
            },
        };
        next.is_some_and(|life| life.adapter == agent.birth.adapter)
    }

    /// Who would work on the phases of a plan, if it began now and each wave were done before the next.
    pub(super) fn foresee(&self, plan: &Plan) -> BTreeMap<PhaseId, Foreseen> {
        let adapter = self.setup.target.agent.as_str();
        let working = self.run.agents.values().filter(|agent| self.is_bound(agent));
        let working: BTreeSet<String> =
            working.filter_map(|agent| agent.birth.name.clone()).collect();
        let at_once = usize::from(plan.slots.min(self.setup.target.workspaces.most).max(1));
        let (mut crew, mut all) = (self.run.crew.clone(), BTreeMap::new());
        let mut done: BTreeMap<String, BTreeSet<PhaseId>> = BTreeMap::new();
        let waves = plan.waves();
        let groups = waves.iter().flat_map(|wave| wave.chunks(at_once));
        for group in groups {
            let mut busy = working.clone();
            let mut born = Vec::new();
            for phase in group.iter().take(MOST_FORESEEN.saturating_sub(all.len())) {
                let own = self.agent_of(phase).and_then(|agent| agent.birth.name.as_ref());
                let mut others = busy.clone();
                own.map(|name| others.remove(name));
                let chosen = self.choose_of(&crew, (phase, adapter), &others);
                busy.insert(chosen.name.clone());
                born.push(self.supposed(phase, &chosen));
                let ahead = done.get(&chosen.name).cloned().unwrap_or_default();
                all.insert(phase.clone(), Foreseen { chosen, ahead });
            }
            for birth in born {
                let who = birth.name.clone().unwrap_or_default();
                done.entry(who).or_default().insert(birth.phase.clone());
                crew.suppose(birth);
            }
        }
        all
    }

    /// The commits that merged what a phase depends on, as far as agents did that here.
    pub(super) fn merged_needs(&self, phase: &PhaseId) -> Vec<String> {
        let known = self.roadmap().and_then(|roadmap| Some((roadmap, roadmap.phase(phase)?)));
        let needs = known.map(|(roadmap, phase)| needs(roadmap, phase)).unwrap_or_default();
        let last = |id: &PhaseId| self.run.crew.last(&AgentId::for_phase(id));
        needs.iter().filter_map(|id| last(id)?.merged.clone()).collect()
    }

    fn supposed(&self, phase: &PhaseId, chosen: &Chosen) -> Birth {
        let agent = AgentRef { id: AgentId::for_phase(phase), life: Life(u32::MAX) };
        let (target, adapter) = (self.setup.target.id.clone(), &self.setup.target.agent);
        Birth {
            name: Some(chosen.name.clone()),
            chosen: Some(Box::new(self.choice(phase, chosen))),
            ..Birth::first(agent, phase.clone(), target, adapter)
        }
    }

    /// How a life begins: with the session it goes on with, from the last one of its identity, or afresh.
    pub(super) fn start(
        &self,
        agent: &AgentRef,
        (life, name): (&NewLife, &str),
        now: Timestamp,
    ) -> Start {
        if let Some(session) = life.session.clone() {
            return Start::Resume { session };
        }
        let new = session_id::of(agent, &self.setup.target.path, now);
        let is_first = (life.attempt, life.waits, life.resumes) == (1, 0, 0);
        match self.last_session(name, &life.adapter).filter(|_| is_first) {
            Some(session) => Start::Fork { session, new },
            None => Start::Fresh { session: new },
        }
    }

    /// The session an identity ended its last work well with, if another may begin with all of it: agent CLIs keep
    /// sessions by the directory they ran in.
    pub(super) fn last_session(&self, name: &str, adapter: &str) -> Option<String> {
        let target = &self.setup.target;
        match (target.workspaces.reuse, target.workspaces.isolation) {
            (Reuse::Resume, Isolation::Shared) => {}
            (Reuse::Brief | Reuse::Resume | Reuse::Nothing, _) => return None,
        }
        let who = self.run.crew.identity(name)?;
        let last = who.works.last().filter(|work| work.succeeded())?;
        let here = Workspace::Checkout { path: target.path.clone() };
        let adapter = self.setup.adapters.get(adapter).filter(|adapter| adapter.can_fork())?;
        if last.birth.adapter != adapter.name || last.workspace.as_ref() != Some(&here) {
            return None;
        }
        session_known(adapter, &last.birth.start, last.session.clone())
    }
}

/// The phases one depends on itself, those of a batch it depends on one by one.
pub(super) fn needs(roadmap: &Roadmap, phase: &Phase) -> Vec<PhaseId> {
    let mut needs: Vec<PhaseId> = Vec::new();
    for dependency in &phase.depends_on {
        match dependency {
            Dependency::Phase { id, .. } => needs.push(id.clone()),
            Dependency::Batch(number) => {
                let of = |other: &&Phase| other.place.batch == Some(*number);
                needs.extend(roadmap.phases.iter().filter(of).map(|other| other.id.clone()));
            }
            // That all before it is done says nothing of who knows this part.
            Dependency::AllPrevious | Dependency::Opaque(_) => {}
        }
    }
    let mut seen = BTreeSet::new();
    needs.retain(|id| *id != phase.id && seen.insert(id.clone()));
    needs
}
