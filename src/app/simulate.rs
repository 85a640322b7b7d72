//! `run --simulate`: the orchestrator at work in a simulated world, to the end, as fast as it decides.

pub mod picture;
pub mod tally;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::domain::agent::Outcome;
use crate::domain::command::Command;
use crate::domain::effect::Effect;
use crate::domain::journal::{Entry, Fact};
use crate::domain::orchestrator::{Orchestrator, Role, Setup};
use crate::domain::report::Report;
use crate::domain::roadmap::Roadmap;
use crate::domain::time::Timestamp;
use crate::domain::timeline::{Timeline, Waiting};
use crate::runner::simulation::person::Person;
use crate::runner::simulation::referee::{Breach, Referee};
use crate::runner::simulation::world::{Happening, SimulatedWorld};

/// Happenings after which a run of so many phases has come to rest, whatever goes wrong in it.
const MOST_PER_PHASE: usize = 1_000;

/// A run in the making.
#[derive(Debug)]
pub struct Simulation {
    /// What decides.
    pub orchestrator: Orchestrator,
    /// What answers.
    pub world: SimulatedWorld,
    /// What watches.
    pub referee: Referee,
    /// Who looks after what failed.
    pub person: Person,
    /// What happened when.
    pub timeline: Timeline,
    told: usize,
}

impl Simulation {
    /// A simulation of this target from this roadmap. Nothing has happened but that the roadmap was read and gardened.
    ///
    /// # Errors
    /// When the gardener breaks a rule.
    pub fn new(setup: Setup, seed: u64, roadmap: Arc<Roadmap>) -> Result<Self, Breach> {
        let world = SimulatedWorld::new(seed, &setup.target, roadmap);
        let referee = Referee::new(&setup.target, world.roadmap());
        let mut simulation = Self {
            orchestrator: Orchestrator::new(setup, Role::Driver),
            world,
            referee,
            person: Person::new(seed),
            timeline: Timeline::default(),
            told: 0,
        };
        let read = simulation.world.read();
        simulation.report(read)?;
        while simulation.step(&mut |_, _| {})? {}
        Ok(simulation)
    }

    /// A person's command.
    ///
    /// # Errors
    /// When what follows breaks a rule.
    pub fn command(&mut self, command: Command) -> Result<(), Breach> {
        let effects = self.orchestrator.command(self.world.now(), command);
        self.carry_out(effects)
    }

    /// Lets happen whatever happens until nothing does any more; `tell` hears each entry of the journal once.
    ///
    /// # Errors
    /// When a rule is broken.
    pub fn finish(&mut self, tell: &mut dyn FnMut(&Entry, &Orchestrator)) -> Result<(), Breach> {
        let phases = self.world.roadmap().phases.len();
        let most = phases.saturating_add(1).saturating_mul(MOST_PER_PHASE);
        self.told_all(tell);
        for _ in 0..most {
            if !self.step(tell)? {
                return self.referee.ends(&self.orchestrator);
            }
        }
        Err(Breach(format!("the run does not come to rest: {most} things happened")))
    }

    /// One thing happens; whether there was one.
    fn step(&mut self, tell: &mut dyn FnMut(&Entry, &Orchestrator)) -> Result<bool, Breach> {
        if let Some(at) = self.orchestrator.wakes_at(self.world.now())
            && self.world.next().is_none_or(|next| next > at)
        {
            self.world.wait_until(at);
            let effects = self.orchestrator.tick(at);
            self.carry_out(effects)?;
            self.told_all(tell);
            return Ok(true);
        }
        match self.world.pass() {
            None => return Ok(false),
            Some(Happening::Reports(reports)) => {
                reports.into_iter().try_for_each(|report| self.report(report))?;
            }
            Some(Happening::Person(agent)) => {
                if let Some(command) = self.person.acts(&agent, &self.orchestrator) {
                    let known = self.orchestrator.agent(&agent).map(|agent| agent.phase().clone());
                    known.iter().for_each(|phase| self.referee.lets_again(phase));
                    self.command(command)?;
                }
            }
        }
        self.told_all(tell);
        Ok(true)
    }

    fn report(&mut self, report: Report) -> Result<(), Breach> {
        self.referee.hears(&report);
        if let Report::Activity { agent, pulse } = &report {
            let waiting = if pulse.waiting.is_some() { Waiting::Began } else { Waiting::Over };
            self.timeline.waits(agent, self.world.now(), waiting);
        }
        let effects = self.orchestrator.observe(self.world.now(), report);
        self.carry_out(effects)
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> Result<(), Breach> {
        effects.iter().try_for_each(|effect| self.referee.sees(effect))?;
        self.world.carry_out(effects);
        self.referee.counts(&self.orchestrator)
    }

    /// Tells what is new in the journal; the person reads it too.
    fn told_all(&mut self, tell: &mut dyn FnMut(&Entry, &Orchestrator)) {
        let mut errands = Vec::new();
        for entry in &self.world.journal()[self.told..] {
            self.timeline.take(entry);
            errands.extend(self.person.reads(entry, &self.orchestrator));
            tell(entry, &self.orchestrator);
        }
        self.told = self.world.journal().len();
        for (after, agent) in errands {
            self.world.expect_person(after, agent);
        }
    }

    /// How many lives ended with an outcome for which `wanted` says yes.
    pub fn ended(&self, wanted: impl Fn(&Outcome) -> bool) -> usize {
        let outcomes = self.timeline.lives().iter().filter_map(|life| life.outcome.as_ref());
        outcomes.filter(|outcome| wanted(outcome)).count()
    }

    /// When the last plan was approved.
    pub fn approved(&self) -> Option<Timestamp> {
        let journal = self.world.journal().iter().rev();
        journal.filter(|entry| is_approval(&entry.fact)).map(|entry| entry.at).next()
    }
}

fn is_approval(fact: &Fact) -> bool {
    matches!(fact, Fact::PlanApproved(_))
}
