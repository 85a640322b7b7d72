//! What a simulated run came to, in numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};

use crate::app::simulate::Simulation;
use crate::domain::agent::{Outcome, Usage};
use crate::domain::branch::BranchFact;
use crate::domain::graph::{Graph, Node, Range, Scope};
use crate::domain::id::PhaseId;
use crate::domain::journal::{Entry, Fact};
use crate::domain::reason::Reason;
use crate::domain::roadmap::Roadmap;
use crate::domain::time::Timestamp;

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// From the approval to the last thing that happened.
    pub makespan: Duration,
    /// The phases that waited for each other longest, and how long their agents took together.
    pub chain: (Vec<PhaseId>, Duration),
    /// How long each slot was taken.
    pub busy: Vec<Duration>,
    /// What became of the phases.
    pub phases: Phases,
    /// What became of the lives.
    pub lives: Lives,
    /// Gates run, and how many of them failed.
    pub gates: (usize, usize),
    /// Merges that are on the target branch.
    pub merges: usize,
    /// Edits of the roadmap.
    pub edits: usize,
    /// How long agents waited for a person.
    pub waited: Duration,
    /// What agents used.
    pub usage: Usage,
}

/// Phases of the plan, each counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// Shown complete.
    pub complete: usize,
    /// Begun, and not complete.
    pub failed: usize,
    /// Never begun.
    pub blocked: usize,
}

/// Lives of agents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lives {
    /// All of them.
    pub all: usize,
    /// Those that tried again what had failed.
    pub retries: usize,
    /// Those that a person asked for.
    pub asked: usize,
    /// Those that ended otherwise than well.
    pub failed: usize,
    /// Those whose agent was told that its service takes no more for a while.
    pub rate_limited: usize,
}

impl Tally {
    /// Counts a run that is over. `before` is the roadmap it began with.
    pub fn of(simulation: &Simulation, before: &Roadmap) -> Self {
        let now = simulation.world.now();
        let lives = simulation.timeline.lives();
        let began = simulation.approved().unwrap_or(now);
        let end = simulation.timeline.span(now).map_or(began, |(_, end)| end);
        let slots = simulation.timeline.by_slot(now);
        let busy =
            slots.iter().map(|slot| slot.iter().map(|life| life.freed(now).since(life.asked)));
        let mut tally = Self {
            makespan: end.since(began),
            chain: chain(simulation, before, now),
            busy: busy.map(Iterator::sum).collect(),
            phases: phases(simulation),
            ..Self::default()
        };
        let slots = usize::from(simulation.orchestrator.slots());
        tally.busy.resize(slots.max(tally.busy.len()), Duration::ZERO);
        tally.lives.all = lives.len();
        tally.lives.failed = simulation.ended(|outcome| *outcome != Outcome::Succeeded);
        tally.waited = lives.iter().flat_map(|l| &l.waits).map(|(from, to)| to.since(*from)).sum();
        simulation.world.journal().iter().for_each(|entry| tally.take(entry));
        tally
    }

    fn take(&mut self, entry: &Entry) {
        match &entry.fact {
            Fact::AgentSpawned(birth) => self.lives.retries += usize::from(birth.attempt > 1),
            Fact::RestartAsked { .. } => self.lives.asked += 1,
            Fact::GateJudged { receipt, .. } => {
                self.gates.0 += 1;
                self.gates.1 += usize::from(!receipt.passed());
            }
            Fact::RoadmapEdited(_) => self.edits += 1,
            Fact::Branch(BranchFact::MergeLanded { .. }) => self.merges += 1,
            Fact::Stopped { exit, .. } => {
                self.usage = self.usage.plus(exit.usage);
                let limited = matches!(exit.said, Some(Err(Reason::RateLimited { .. })));
                self.lives.rate_limited += usize::from(limited);
            }
            _ => {}
        }
    }

    /// How much of the time each slot was taken, in percent.
    pub fn utilisation(&self) -> Vec<u64> {
        self.busy.iter().map(|busy| percent(*busy, self.makespan)).collect()
    }

    /// The same over all slots.
    pub fn utilised(&self) -> u64 {
        let slots = u32::try_from(self.busy.len()).unwrap_or(u32::MAX);
        percent(self.busy.iter().sum(), self.makespan * slots)
    }

    /// How much of the agents' time they waited for a person, in percent.
    pub fn waiting(&self) -> u64 {
        percent(self.waited, self.busy.iter().sum())
    }

    /// Its shape on the last line of `run --simulate --json`.
    pub fn shape(&self, seed: u64, at: Timestamp) -> Value {
        json!({
            "event": "simulation_finished", "at": at, "seed": seed,
            "makespan_ms": millis(self.makespan),
            "critical_path": { "phases": self.chain.0, "ms": millis(self.chain.1) },
            "slots": self.utilisation(),
            "phases": {
                "complete": self.phases.complete, "failed": self.phases.failed,
                "blocked": self.phases.blocked,
            },
            "lives": {
                "all": self.lives.all, "retries": self.lives.retries, "restarts": self.lives.asked,
                "failed": self.lives.failed, "rate_limited": self.lives.rate_limited,
            },
            "gates": { "run": self.gates.0, "failed": self.gates.1 },
            "merges": self.merges,
            "roadmap_edits": self.edits,
            "waited_ms": millis(self.waited),
            "usage": self.usage,
        })
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn percent(part: Duration, whole: Duration) -> u64 {
    let whole = whole.as_millis().max(1);
    u64::try_from((part.as_millis() * 100 + whole / 2) / whole).unwrap_or(u64::MAX)
}

fn phases(simulation: &Simulation) -> Phases {
    let o = &simulation.orchestrator;
    let Some(plan) = &o.run().plan else { return Phases::default() };
    let left = o.left_undone(plan);
    let failed = left.iter().filter(|phase| o.agent_of(phase).is_some()).count();
    Phases { complete: plan.done.len(), failed, blocked: left.len() - failed }
}

/// The chain of phases waiting for each other whose agents took longest.
fn chain(simulation: &Simulation, before: &Roadmap, now: Timestamp) -> (Vec<PhaseId>, Duration) {
    let mut took: BTreeMap<&PhaseId, Duration> = BTreeMap::new();
    for life in simulation.timeline.lives() {
        *took.entry(&life.birth.phase).or_default() += life.freed(now).since(life.asked);
    }
    let graph = Graph::new(before, &BTreeSet::new(), Range::Open);
    let mut order: Vec<usize> = (0..graph.nodes.len()).collect();
    order.sort_by_key(|at| graph.nodes[*at].wave);
    // Per phase: how long the longest chain to its end is, and which phase comes before it there.
    let mut ways: Vec<(Duration, Option<usize>)> = vec![(Duration::ZERO, None); order.len()];
    for at in order {
        let node = &graph.nodes[at];
        let waits_for = waits_for(node, at, (&graph, before));
        // What it waits for in a circle is not before it.
        let earlier = waits_for.into_iter().filter(|on| graph.nodes[*on].wave < node.wave);
        let longest = earlier.max_by_key(|on| (ways[*on].0, std::cmp::Reverse(*on)));
        let own = took.get(&node.id).copied().unwrap_or_default();
        ways[at] = (own + longest.map_or(Duration::ZERO, |on| ways[on].0), longest);
    }
    let last = (0..ways.len()).max_by_key(|at| (ways[*at].0, std::cmp::Reverse(*at)));
    let mut chain = Vec::new();
    let mut next = last;
    while let Some(at) = next {
        chain.push(graph.nodes[at].id.clone());
        next = ways[at].1;
    }
    chain.reverse();
    (chain, last.map_or(Duration::ZERO, |at| ways[at].0))
}

/// Places of all phases a phase waits for, those of its scopes too.
fn waits_for(node: &Node, at: usize, (graph, roadmap): (&Graph, &Roadmap)) -> Vec<usize> {
    let mut all = node.waits_for.clone();
    for (scope, _) in &node.scopes {
        match scope {
            Scope::AllPrevious => all.extend(0..at),
            Scope::Batch(number) => {
                let inside = |other: &usize| {
                    let phase = roadmap.phase(&graph.nodes[*other].id);
                    phase.is_some_and(|phase| phase.place.batch == Some(*number))
                };
                all.extend((0..graph.nodes.len()).filter(inside));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_whole_time() {
        let seconds = Duration::from_secs;
        let tally = Tally {
            makespan: seconds(100),
            busy: vec![seconds(100), seconds(50), seconds(0)],
            waited: seconds(15),
            ..Tally::default()
        };
        assert_eq!(tally.utilisation(), [100, 50, 0]);
        assert_eq!((tally.utilised(), tally.waiting()), (50, 10));
        assert_eq!(Tally::default().utilised(), 0);
    }
}
