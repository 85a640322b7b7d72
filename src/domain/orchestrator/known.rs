//! What an agent is told of work that is done: what its phase builds on, and what it did itself before.

use std::collections::BTreeSet;

use crate::domain::adapter::Start;
use crate::domain::effect::{Before, BuiltOn, Made};
use crate::domain::id::{AgentId, AgentRef, PhaseId};
use crate::domain::identity::{Reuse, Work};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::orchestrator::crew::needs;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Dependency, Phase, Status};
use crate::domain::roadmap::readiness::Evaluator;
use crate::domain::workspace::Workspace;

/// So many of the phases a phase depends on are told of, those that stand last.
const MOST_BUILT_ON: usize = 12;
/// So many of the phases an identity worked on are told of, the newest.
const MOST_BEFORE: usize = 5;

/// What there is to look at of a phase that others worked on.
const COMMITS: &str = "Look for its commits yourself, by its number, its name and the files its tasks are about; say in your document what you took for its work.";
/// What there is to look at of a phase that nobody worked on.
const SECTION: &str = "So there is no work to judge. Look at the section instead: whether its tasks and its \"Done When\" can be checked, whether what it depends on is there, and how much of it the repository does already. Say at the top of your document that it was not begun.";

impl Orchestrator {
    /// The phases that are complete and that a phase depends on.
    pub(super) fn built_on(&self, roadmap: &Roadmap, phase: &Phase) -> Vec<BuiltOn> {
        let mut ids = needs(roadmap, phase);
        if phase.depends_on.contains(&Dependency::AllPrevious) {
            let earlier = roadmap.phases.iter().take_while(|other| other.id != phase.id);
            ids.extend(earlier.map(|other| other.id.clone()));
        }
        if ids.is_empty() {
            return Vec::new();
        }
        let nothing_held = BTreeSet::new();
        let evaluator = Evaluator::new(roadmap, &nothing_held);
        let mut seen = BTreeSet::new();
        ids.retain(|id| evaluator.is_complete(id) && seen.insert(id.clone()));
        let from = ids.len().saturating_sub(MOST_BUILT_ON);
        ids.drain(from..).map(|id| self.result(roadmap, id)).collect()
    }

    fn result(&self, roadmap: &Roadmap, id: PhaseId) -> BuiltOn {
        let agent = AgentId::for_phase(&id);
        let done = |work: &&Work| work.birth.agent.id == agent && work.succeeded();
        let made = self.run.crew.works().iter().rfind(done).map_or(Made::Unknown, made);
        BuiltOn { name: name(roadmap, &id), phase: id, made }
    }

    /// What is known of a phase that no agent ever worked on here, and what there is to look at all the same.
    pub(super) fn known_of_nobody_s(&self, phase: &PhaseId) -> String {
        let found = self.roadmap().and_then(|roadmap| roadmap.phase(phase));
        let state = found.map_or(Status::Unknown, |phase| phase.status.state);
        let (says, advice) = match state {
            Status::Complete => ("that it is complete", COMMITS),
            Status::InProgress => ("that it is in progress, so it may be half done", COMMITS),
            Status::NotStarted | Status::Blocked | Status::Deferred | Status::Unknown => {
                ("nothing of work on it", SECTION)
            }
        };
        format!("No agent worked on it here, and the roadmap says {says}. {advice}")
    }

    /// What an identity did before, as far as it is to be told: one that begins with all of its last session knows.
    pub(super) fn before(
        &self,
        me: &AgentRef,
        (name_of_it, start): (Option<&str>, &Start),
        roadmap: &Roadmap,
    ) -> Vec<Before> {
        let told = match (self.setup.target.workspaces.reuse, start) {
            (Reuse::Nothing, _) | (_, Start::Fork { .. }) => false,
            (Reuse::Brief | Reuse::Resume, Start::Fresh { .. } | Start::Resume { .. }) => true,
        };
        let who = name_of_it.filter(|_| told).and_then(|name| self.run.crew.identity(name));
        let works = who.map(|who| who.works).unwrap_or_default();
        // What failed here is told as what failed last time.
        let elsewhere = |work: &&&Work| {
            work.outcome.is_some() && (work.birth.agent.id != me.id || work.succeeded())
        };
        let newest = works.iter().rev().filter(elsewhere).take(MOST_BEFORE);
        newest.map(|work| before(work, roadmap)).collect()
    }
}

fn before(work: &Work, roadmap: &Roadmap) -> Before {
    let outcome = work.outcome.as_ref();
    Before {
        phase: work.birth.phase.clone(),
        name: name(roadmap, &work.birth.phase),
        outcome: outcome.map(|outcome| outcome.clause()).unwrap_or_default(),
        made: made(work),
        findings: work.findings.clone(),
    }
}

fn name(roadmap: &Roadmap, id: &PhaseId) -> String {
    roadmap.phase(id).map(|phase| phase.name.to_string()).unwrap_or_default()
}

/// Where git tells what was done.
fn made(work: &Work) -> Made {
    match (&work.merged, &work.workspace, work.times.started, work.times.ended) {
        (Some(merge), ..) => Made::Merge(merge.clone()),
        (None, Some(Workspace::Checkout { .. }), Some(from), Some(until)) => {
            Made::Between(from, until)
        }
        (None, ..) => Made::Unknown,
    }
}
