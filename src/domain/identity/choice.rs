//! Who works on a phase: chosen by what was done before, with the reason.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Crew, Identity, names};
use crate::domain::id::{AgentId, PhaseId};

/// A phase that somebody is wanted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// The phase.
    pub phase: &'a PhaseId,
    /// The adapter its agent runs with.
    pub adapter: &'a str,
    /// The batch it is in.
    pub batch: Option<u32>,
    /// The phases it depends on itself.
    pub needs: &'a BTreeSet<PhaseId>,
}

/// Who was chosen, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The name.
    pub name: String,
    /// Why.
    pub ground: Ground,
}

/// Who would be chosen for a phase of a plan once its turn comes, if all goes well until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreseen {
    /// Who, and why.
    pub chosen: Chosen,
    /// Phases they would have completed by then that are not done now.
    pub ahead: BTreeSet<PhaseId>,
}

impl Foreseen {
    /// `Ada: did 2.1, this phase depends on it`
    pub fn sentence(&self) -> String {
        format!("{}: {}", self.chosen.name, self.clause())
    }

    /// The reason in one clause.
    pub fn clause(&self) -> String {
        match &self.chosen.ground {
            Ground::Dependency(phases) => {
                let (ahead, done): (Vec<_>, Vec<_>) =
                    phases.iter().partition(|phase| self.ahead.contains(*phase));
                let said = |verb: &str, all: &[&PhaseId]| (!all.is_empty()).then(|| did(verb, all));
                let said = [said("did", &done), said(AHEAD, &ahead)];
                let said: Vec<String> = said.into_iter().flatten().collect();
                format!("{}, this phase depends on {}", said.join(" and "), them(phases))
            }
            Ground::Batch(phase) if self.ahead.contains(phase) => {
                format!("{AHEAD} {phase} of the same batch")
            }
            Ground::Record { done, failed } if !self.ahead.is_empty() => {
                record("is free by then", (done.saturating_sub(self.ahead.len()), *failed))
            }
            ground => ground.clause(),
        }
    }
}

/// What somebody did who did not do it yet.
const AHEAD: &str = "is to do";

/// `did 2.1, 2.2`
fn did(verb: &str, phases: &[&PhaseId]) -> String {
    let all: Vec<&str> = phases.iter().map(|phase| phase.as_str()).collect();
    format!("{verb} {}", all.join(", "))
}

fn them(phases: &[PhaseId]) -> &'static str {
    match phases {
        [_] => "it",
        _ => "them",
    }
}

fn record(free: &str, (done, failed): (usize, usize)) -> String {
    match done + failed {
        0 => free.to_owned(),
        all => format!("{free}, {done} of {all} phases done"),
    }
}

/// What a birth tells of the choice: why, and what its phase was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Why.
    pub why: Ground,
    /// The batch the phase was in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<u32>,
    /// The tags of its heading.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// Why somebody was chosen for a phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// Worked on this phase before.
    Stays,
    /// Completed phases that this one depends on.
    Dependency(Vec<PhaseId>),
    /// Completed a phase of the same batch, this one last.
    Batch(PhaseId),
    /// Is free and has the best record.
    Record {
        /// Phases completed.
        done: usize,
        /// Phases that were not.
        failed: usize,
    },
    /// A new name: nobody is free.
    New,
    /// A new name: the one who would have been chosen failed twice and rests.
    InsteadOf(String),
}

impl Ground {
    /// The reason in one clause.
    pub fn clause(&self) -> String {
        match self {
            Self::Stays => "worked on this phase before".to_owned(),
            Self::Dependency(phases) => {
                let all: Vec<&PhaseId> = phases.iter().collect();
                format!("{}, this phase depends on {}", did("did", &all), them(phases))
            }
            Self::Batch(phase) => format!("did {phase} of the same batch"),
            Self::Record { done, failed } => record("is free", (*done, *failed)),
            Self::New => "new, nobody is free".to_owned(),
            Self::InsteadOf(name) => format!("new, {name} failed twice and rests"),
        }
    }
}

/// Who works on a phase. `busy` are the names that work or are wanted again elsewhere: each does one thing at a time.
///
/// Whoever worked on it before stays. Of the others that are free and run with the same adapter comes first who completed
/// most of the phases it depends on, then who completed one of its batch, then who completed more and failed less, then
/// who ended last. Who failed at the last two phases rests; where nobody is left, somebody new begins.
pub fn choose(crew: &Crew, wanted: &Wanted<'_>, busy: &BTreeSet<String>) -> Chosen {
    if let Some(name) = stays(crew, wanted).filter(|name| !busy.contains(*name)) {
        return Chosen { name: name.to_owned(), ground: Ground::Stays };
    }
    let all = crew.identities();
    let free = |who: &&Identity<'_>| who.adapter == wanted.adapter && !busy.contains(who.name);
    let mut free: Vec<&Identity<'_>> = all.iter().filter(free).collect();
    // Among equals the one who has been here longest.
    free.sort_by_cached_key(|who| Reverse(merit(who, wanted)));
    match free.iter().find(|who| !who.rests()) {
        Some(who) => Chosen { name: who.name.to_owned(), ground: ground(who, wanted) },
        None => {
            let ground = match free.first() {
                Some(who) => Ground::InsteadOf(who.name.to_owned()),
                None => Ground::New,
            };
            Chosen { name: new_name(&all, busy), ground }
        }
    }
}

/// Who worked on this very phase last, with the same adapter.
fn stays<'c>(crew: &'c Crew, wanted: &Wanted<'_>) -> Option<&'c str> {
    let last = crew.last(&AgentId::for_phase(wanted.phase))?;
    last.birth.name.as_deref().filter(|_| last.birth.adapter == wanted.adapter)
}

/// How well somebody fits: the greater the better.
fn merit(who: &Identity<'_>, wanted: &Wanted<'_>) -> impl Ord + use<> {
    let balance = i64::try_from(who.done()).unwrap_or(i64::MAX)
        - i64::try_from(who.failed()).unwrap_or(i64::MAX);
    let ended = who.works.iter().filter_map(|work| work.times.ended).max();
    (needed(who, wanted).len(), of_batch(who, wanted).is_some(), balance, ended)
}

fn ground(who: &Identity<'_>, wanted: &Wanted<'_>) -> Ground {
    let needed = needed(who, wanted);
    if !needed.is_empty() {
        return Ground::Dependency(needed.into_iter().cloned().collect());
    }
    match of_batch(who, wanted) {
        Some(phase) => Ground::Batch(phase.clone()),
        None => Ground::Record { done: who.done(), failed: who.failed() },
    }
}

/// The phases somebody completed that this one depends on.
fn needed<'w>(who: &Identity<'w>, wanted: &Wanted<'_>) -> BTreeSet<&'w PhaseId> {
    let done = who.works.iter().filter(|work| work.succeeded()).map(|work| &work.birth.phase);
    done.filter(|phase| wanted.needs.contains(*phase)).collect()
}

/// The phase of this one's batch that somebody completed last.
fn of_batch<'w>(who: &Identity<'w>, wanted: &Wanted<'_>) -> Option<&'w PhaseId> {
    wanted.batch?;
    let same = who.works.iter().rfind(|work| work.succeeded() && work.batch() == wanted.batch);
    same.map(|work| &work.birth.phase)
}

/// The first name nobody has.
fn new_name(all: &[Identity<'_>], busy: &BTreeSet<String>) -> String {
    let taken: BTreeSet<&str> =
        all.iter().map(|who| who.name).chain(busy.iter().map(String::as_str)).collect();
    let mut places = (0..=taken.len()).map(names::nth);
    places.find(|name| !taken.contains(name.as_str())).unwrap_or_else(|| names::nth(taken.len()))
}
