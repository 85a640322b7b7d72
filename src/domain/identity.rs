//! Identities: who works here, by name, and what each of them did. All of it is what replaying the journal gives.
//!
//! An agent works on one phase; an identity is who does that, phase after phase, always with the same adapter.

mod choice;
pub mod names;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::domain::agent::{Outcome, Times, Usage};
use crate::domain::branch::BranchFact;
use crate::domain::gate::Receipt;
use crate::domain::id::{AgentId, AgentRef};
use crate::domain::journal::{Birth, Entry, Fact};
use crate::domain::orchestrator::run::subject;
use crate::domain::printable::Printable;
use crate::domain::time::Timestamp;
use crate::domain::workspace::Workspace;
pub use choice::{Choice, Chosen, Foreseen, Ground, Wanted, choose};

/// So many findings of gates are kept of the work on a phase.
const FINDINGS: usize = 4;
/// So many of the last lines a gate said are kept.
const FINDING_LINES: usize = 6;

/// What somebody who begins with a phase takes along from what it did before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reuse {
    /// It is told what it did.
    #[default]
    Brief,
    /// Its session is gone on with, where that can be done; otherwise it is told.
    Resume,
    /// Nothing.
    Nothing,
}

/// What somebody did on one phase, in all lives there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// Who, on what, with which adapter: the birth of the last life.
    pub birth: Birth,
    /// How many lives it took so far.
    pub lives: u32,
    /// When the first life was asked for and started, and when the last one was over.
    pub times: Times,
    /// How the last life ended.
    pub outcome: Option<Outcome>,
    /// What all lives used.
    pub usage: Usage,
    /// The session the agent told in its last life.
    pub session: Option<String>,
    /// Where it worked.
    pub workspace: Option<Workspace>,
    /// The commit that merged it into the target branch.
    pub merged: Option<String>,
    /// What gates found that failed, the newest last.
    pub findings: Vec<Finding>,
}

/// What a gate found that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The gate, and how it ended.
    pub line: String,
    /// The last lines it said.
    pub said: Vec<Printable>,
}

impl Work {
    fn begun(birth: &Birth, entry: &Entry) -> Self {
        Self {
            birth: birth.clone(),
            lives: 1,
            times: Times { asked: entry.at, started: None, ended: None },
            outcome: None,
            usage: Usage::default(),
            session: None,
            workspace: None,
            merged: None,
            findings: Vec::new(),
        }
    }

    /// Whether its phase is complete by it.
    pub fn succeeded(&self) -> bool {
        self.outcome == Some(Outcome::Succeeded)
    }

    /// Whether its phase is not complete for a reason that has to do with the work.
    pub fn failed(&self) -> bool {
        self.outcome.as_ref().is_some_and(blames_the_work)
    }

    /// The batch its phase was in.
    pub fn batch(&self) -> Option<u32> {
        self.birth.chosen.as_ref().and_then(|chosen| chosen.batch)
    }

    /// Whether a life is the next one of this work.
    fn goes_on(&self, birth: &Birth) -> bool {
        let (before, after) = (&self.birth, birth);
        !self.succeeded() && before.name == after.name && before.adapter == after.adapter
    }

    fn tell(&mut self, entry: &Entry) {
        match &entry.fact {
            Fact::WorkspaceReady { workspace, .. } => self.workspace = Some(workspace.clone()),
            Fact::AgentRunning { started, .. } => {
                self.times.started.get_or_insert(*started);
            }
            Fact::Stopped { exit, .. } => {
                self.usage = self.usage.plus(exit.usage);
                self.session.clone_from(&exit.session);
            }
            Fact::GateJudged { receipt, .. } if !receipt.passed() => self.find(receipt),
            Fact::Branch(BranchFact::MergeLanded { commit, .. }) => {
                self.merged = Some(commit.clone());
            }
            Fact::AgentCompleted { .. } => self.end(entry, Outcome::Succeeded),
            // A later one only tells why it could not begin again.
            Fact::AgentFailed { outcome, .. } if self.outcome.is_none() => {
                self.end(entry, outcome.clone());
            }
            Fact::ClaimLost { owner, .. } => {
                self.end(entry, Outcome::Refused(format!("{} holds it", owner.agent).into()));
            }
            _ => {}
        }
    }

    fn end(&mut self, entry: &Entry, outcome: Outcome) {
        self.times.ended = Some(entry.at);
        self.outcome = Some(outcome);
    }

    fn find(&mut self, receipt: &Receipt) {
        if self.findings.len() == FINDINGS {
            self.findings.remove(0);
        }
        let from = receipt.tail.len().saturating_sub(FINDING_LINES);
        self.findings.push(Finding { line: receipt.line(), said: receipt.tail[from..].to_vec() });
    }
}

/// Whether an outcome speaks against the work, and not only against where or when it was done.
fn blames_the_work(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Failed(_)
        | Outcome::TurnLimit
        | Outcome::BudgetLimit
        | Outcome::TimedOut(_)
        | Outcome::Astray(_) => true,
        Outcome::Succeeded
        | Outcome::Service(_)
        | Outcome::RateLimited { .. }
        | Outcome::NeedsLogin(_)
        | Outcome::RootRefused(_)
        | Outcome::Denied(_)
        | Outcome::NoSession(_)
        | Outcome::Killed
        | Outcome::Interrupted(_)
        | Outcome::Lost
        | Outcome::Refused(_) => false,
    }
}

/// Somebody who works here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity<'c> {
    /// The name.
    pub name: &'c str,
    /// The adapter, always the same.
    pub adapter: &'c str,
    /// The work on phases, in the order in which it began.
    pub works: Vec<&'c Work>,
}

impl Identity<'_> {
    /// How many phases are complete by it.
    pub fn done(&self) -> usize {
        self.works.iter().filter(|work| work.succeeded()).count()
    }

    /// How many phases it failed at.
    pub fn failed(&self) -> usize {
        self.works.iter().filter(|work| work.failed()).count()
    }

    /// What it used in all its lives.
    pub fn usage(&self) -> Usage {
        self.works.iter().fold(Usage::default(), |sum, work| sum.plus(work.usage))
    }

    /// Whether it failed at the last two phases that tell anything of its work.
    pub fn rests(&self) -> bool {
        let tell = |work: &&&Work| work.succeeded() || work.failed();
        let mut last = self.works.iter().rev().filter(tell).take(2);
        last.next().is_some_and(|work| work.failed()) && last.next().is_some_and(|w| w.failed())
    }
}

/// All work there was, by whom: what the journal tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crew {
    works: Vec<Work>,
    /// The last work of each agent.
    places: BTreeMap<AgentId, usize>,
}

impl Crew {
    /// What these entries tell.
    pub fn of<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Self {
        let mut crew = Self::default();
        entries.into_iter().for_each(|entry| crew.take(entry));
        crew
    }

    /// Takes over one more entry.
    pub fn take(&mut self, entry: &Entry) {
        if let Fact::AgentSpawned(birth) = &entry.fact {
            // What is done for no plan is nobody's record.
            if birth.errand.is_none() {
                self.begin(birth, entry);
            }
        } else if let Some(work) = subject(&entry.fact).and_then(|me| self.work_mut(me)) {
            work.tell(entry);
        }
    }

    fn begin(&mut self, birth: &Birth, entry: &Entry) {
        let place = self.places.get(&birth.agent.id).copied();
        if let Some(work) = place.and_then(|at| self.works.get_mut(at))
            && work.goes_on(birth)
        {
            // Why it was chosen at first stays told.
            let chosen = work.birth.chosen.take();
            work.birth = Birth { chosen: chosen.or_else(|| birth.chosen.clone()), ..birth.clone() };
            work.lives += 1;
            (work.outcome, work.times.ended, work.session) = (None, None, None);
            return;
        }
        self.places.insert(birth.agent.id.clone(), self.works.len());
        self.works.push(Work::begun(birth, entry));
    }

    /// Takes for granted that somebody completes a phase after all that is known. Only for looking ahead.
    pub fn suppose(&mut self, birth: Birth) {
        let entry = Entry { at: Timestamp(u64::MAX), fact: Fact::AgentSpawned(birth.clone()) };
        self.take(&entry);
        let me = birth.agent;
        self.take(&Entry { fact: Fact::AgentCompleted { agent: me, document: None }, ..entry });
    }

    fn work_mut(&mut self, me: &AgentRef) -> Option<&mut Work> {
        let work = self.places.get(&me.id).and_then(|at| self.works.get_mut(*at));
        work.filter(|work| work.birth.agent == *me)
    }

    /// All work, in the order in which it began; that of lives without a name too.
    pub fn works(&self) -> &[Work] {
        &self.works
    }

    /// The last work of an agent.
    pub fn last(&self, agent: &AgentId) -> Option<&Work> {
        self.places.get(agent).and_then(|at| self.works.get(*at))
    }

    /// Everybody who works here, in the order in which they came.
    pub fn identities(&self) -> Vec<Identity<'_>> {
        let mut all: Vec<Identity<'_>> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for work in &self.works {
            let Some(name) = work.birth.name.as_deref() else { continue };
            match places.get(name) {
                Some(at) => all[*at].works.push(work),
                None => {
                    places.insert(name, all.len());
                    all.push(Identity { name, adapter: &work.birth.adapter, works: vec![work] });
                }
            }
        }
        all
    }

    /// One of them.
    pub fn identity(&self, name: &str) -> Option<Identity<'_>> {
        self.identities().into_iter().find(|who| who.name == name)
    }
}
