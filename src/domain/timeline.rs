//! The timeline: when each life ran, was verified and waited for a person, and how it ended, as the journal tells it.

pub mod chart;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::agent::{Exit, Outcome};
use crate::domain::branch::BranchFact;
use crate::domain::gate::{Receipt, Tree};
use crate::domain::id::{AgentRef, PhaseId};
use crate::domain::journal::{Birth, Entry, Fact};
use crate::domain::orchestrator::run::subject;
use crate::domain::time::Timestamp;

/// From one moment to another.
pub type Stretch = (Timestamp, Timestamp);

/// One life of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifeLine {
    /// Who, on what, at which try.
    pub birth: Birth,
    /// It was asked for.
    pub asked: Timestamp,
    /// Its process ran from here on.
    pub started: Option<Timestamp>,
    /// Its process ended.
    pub stopped: Option<Timestamp>,
    /// It was over: its phase was settled and its claim free.
    pub ended: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// How its process ended.
    pub exit: Option<Exit>,
    /// What its gates said.
    pub receipts: Vec<Receipt>,
    /// Its work was proven and only had to be merged: others could begin.
    pub proven: Option<Timestamp>,
    /// The commit that merged its work into the target branch.
    pub merged: Option<String>,
    /// When it waited for a person. Not in the journal: whoever heard it says so.
    pub waits: Vec<Stretch>,
}

impl LifeLine {
    /// When it was over; of one that is not, the moment that is taken for now.
    pub fn end(&self, now: Timestamp) -> Timestamp {
        self.ended.unwrap_or(now)
    }

    /// When it no longer took up one of the places of those that may work at once.
    pub fn freed(&self, now: Timestamp) -> Timestamp {
        self.proven.unwrap_or_else(|| self.end(now))
    }

    /// Whether its phase is complete by it.
    pub fn succeeded(&self) -> bool {
        self.outcome == Some(Outcome::Succeeded)
    }
}

/// The lives of a run in the order in which they were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    lives: Vec<LifeLine>,
    places: BTreeMap<AgentRef, usize>,
}

impl Timeline {
    /// What these entries tell.
    pub fn of<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Self {
        let mut timeline = Self::default();
        entries.into_iter().for_each(|entry| timeline.take(entry));
        timeline
    }

    /// Takes over one more entry.
    pub fn take(&mut self, entry: &Entry) {
        if let Fact::AgentSpawned(birth) = &entry.fact {
            self.begin(birth, entry.at);
        } else if let Some(life) = subject(&entry.fact).and_then(|me| self.life_mut(me)) {
            tell(life, entry);
        }
    }

    fn begin(&mut self, birth: &Birth, asked: Timestamp) {
        self.places.insert(birth.agent.clone(), self.lives.len());
        self.lives.push(LifeLine {
            birth: birth.clone(),
            asked,
            started: None,
            stopped: None,
            ended: None,
            outcome: None,
            exit: None,
            receipts: Vec::new(),
            proven: None,
            merged: None,
            waits: Vec::new(),
        });
    }

    /// A life began to wait for a person, or no longer waits.
    pub fn waits(&mut self, me: &AgentRef, at: Timestamp, waiting: Waiting) {
        let Some(life) = self.life_mut(me) else { return };
        let open = life.waits.last_mut().filter(|(_, until)| until.0 == u64::MAX);
        match (waiting, open) {
            (Waiting::Began, None) => life.waits.push((at, Timestamp(u64::MAX))),
            (Waiting::Over, Some((_, until))) => *until = at,
            (Waiting::Began, Some(_)) | (Waiting::Over, None) => {}
        }
    }

    fn life_mut(&mut self, me: &AgentRef) -> Option<&mut LifeLine> {
        self.places.get(me).and_then(|at| self.lives.get_mut(*at))
    }

    /// All lives, in the order in which they were asked for.
    pub fn lives(&self) -> &[LifeLine] {
        &self.lives
    }

    /// The phases with their lives, phases in the order in which they began.
    pub fn by_phase(&self) -> Vec<(&PhaseId, Vec<&LifeLine>)> {
        let mut rows: Vec<(&PhaseId, Vec<&LifeLine>)> = Vec::new();
        let mut places: BTreeMap<&PhaseId, usize> = BTreeMap::new();
        for life in &self.lives {
            let phase = &life.birth.phase;
            match places.get(phase) {
                Some(at) => rows[*at].1.push(life),
                None => {
                    places.insert(phase, rows.len());
                    rows.push((phase, vec![life]));
                }
            }
        }
        rows
    }

    /// The lives laid into as few rows as they need when none begins before the one before it in its row is over: the
    /// slots they ran in.
    pub fn by_slot(&self, now: Timestamp) -> Vec<Vec<&LifeLine>> {
        let mut slots: Vec<Vec<&LifeLine>> = Vec::new();
        for life in &self.lives {
            let free = |slot: &&mut Vec<&LifeLine>| {
                slot.last().is_none_or(|before| before.freed(now) <= life.asked)
            };
            match slots.iter_mut().find(free) {
                Some(slot) => slot.push(life),
                None => slots.push(vec![life]),
            }
        }
        slots
    }

    /// From the first life's beginning to the last one's end; `None` when there were none.
    pub fn span(&self, now: Timestamp) -> Option<Stretch> {
        let first = self.lives.iter().map(|life| life.asked).min()?;
        let last = self.lives.iter().map(|life| life.end(now)).max()?;
        Some((first, last))
    }
}

/// What changed about an agent's waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// It asks for a person.
    Began,
    /// It no longer does.
    Over,
}

/// `3h12m`, `12m`, `45s`.
pub fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, _) => format!("{minutes}m"),
        (hours, minutes, _) => format!("{hours}h{minutes:02}m"),
    }
}

fn tell(life: &mut LifeLine, entry: &Entry) {
    match &entry.fact {
        Fact::AgentRunning { .. } => life.started = Some(entry.at),
        Fact::Stopped { exit, .. } => {
            life.exit = Some(exit.clone());
            life.stopped = Some(entry.at);
            close(&mut life.waits, entry.at);
        }
        Fact::GateJudged { receipt, .. } => life.receipts.push(receipt.clone()),
        Fact::AgentCompleted { .. } => {
            life.outcome = Some(Outcome::Succeeded);
            life.ended = Some(entry.at);
        }
        Fact::AgentFailed { outcome, .. } => {
            // A later one only tells why it could not begin again.
            life.outcome.get_or_insert_with(|| outcome.clone());
            life.ended.get_or_insert(entry.at);
            life.stopped = life.stopped.or(life.started.map(|_| entry.at));
            close(&mut life.waits, entry.at);
        }
        Fact::ClaimLost { owner, .. } => {
            let why = format!("{} holds the phase", owner.agent);
            life.outcome = Some(Outcome::Refused(why.into()));
            life.ended = Some(entry.at);
        }
        Fact::Released { .. } => life.ended = Some(entry.at),
        Fact::VerificationComplete { failed, .. } if failed.is_empty() => {
            life.proven = Some(entry.at);
        }
        // What was proven of an earlier merge says nothing of this one.
        Fact::Branch(BranchFact::MergePrepared { .. }) => {
            life.receipts.retain(|receipt| receipt.tree == Tree::Work);
        }
        Fact::Branch(BranchFact::MergeLanded { commit, .. }) => life.merged = Some(commit.clone()),
        _ => {}
    }
}

/// Who has ended waits for nobody.
fn close(waits: &mut [Stretch], at: Timestamp) {
    if let Some((_, until)) = waits.last_mut() {
        *until = (*until).min(at);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::agent::Processes;
    use crate::domain::id::{AgentId, Life, TargetId};

    pub(crate) fn me(phase: &str, life: u32) -> AgentRef {
        AgentRef { id: AgentId::for_phase(&PhaseId::new(phase)), life: Life(life) }
    }

    pub(crate) fn spawned(phase: &str, life: u32) -> Fact {
        Fact::AgentSpawned(Birth {
            agent: me(phase, life),
            phase: PhaseId::new(phase),
            target: TargetId::new("here"),
            adapter: "text".into(),
            attempt: life,
            waits: 0,
            resumes: 0,
            start: Default::default(),
            name: None,
            chosen: None,
        })
    }

    pub(crate) fn running(phase: &str, life: u32) -> Fact {
        let processes = Processes { agent: 1, host: 2 };
        Fact::AgentRunning { agent: me(phase, life), processes, started: Timestamp(0) }
    }

    pub(crate) fn failed(phase: &str, life: u32) -> Fact {
        let outcome = Outcome::Failed("exit code 1".into());
        Fact::AgentFailed { agent: me(phase, life), outcome }
    }

    pub(crate) fn completed(phase: &str, life: u32) -> Fact {
        Fact::AgentCompleted { agent: me(phase, life) }
    }

    pub(crate) fn timeline(facts: &[(u64, Fact)]) -> Timeline {
        let entries: Vec<Entry> = facts
            .iter()
            .map(|(at, fact)| Entry { at: Timestamp(*at), fact: fact.clone() })
            .collect();
        Timeline::of(&entries)
    }

    #[test]
    fn lives_are_told_from_birth_to_end() {
        let timeline = timeline(&[
            (0, spawned("1.1", 1)),
            (5, running("1.1", 1)),
            (20, failed("1.1", 1)),
            (21, Fact::Released { agent: me("1.1", 1) }),
            (30, spawned("1.1", 2)),
            (40, completed("1.1", 2)),
            (41, failed("9.9", 1)),
        ]);
        let lives = timeline.lives();
        assert_eq!((lives.len(), timeline.by_phase().len()), (2, 1));
        assert_eq!((lives[0].started, lives[0].stopped), (Some(Timestamp(5)), Some(Timestamp(20))));
        assert_eq!((lives[0].ended, lives[0].succeeded()), (Some(Timestamp(21)), false));
        assert!(lives[1].succeeded());
        assert_eq!(timeline.span(Timestamp(99)), Some((Timestamp(0), Timestamp(40))));
    }

    #[test]
    fn lives_at_one_time_are_in_different_slots() {
        let timeline = timeline(&[
            (0, spawned("1.1", 1)),
            (0, spawned("1.2", 1)),
            (10, completed("1.2", 1)),
            (10, spawned("1.3", 1)),
            (30, completed("1.1", 1)),
        ]);
        let slots = timeline.by_slot(Timestamp(50));
        let named: Vec<Vec<&str>> = slots
            .iter()
            .map(|slot| slot.iter().map(|life| life.birth.phase.as_str()).collect())
            .collect();
        assert_eq!(named, [vec!["1.1"], vec!["1.2", "1.3"]]);
        // What still runs lasts until now.
        assert_eq!(timeline.span(Timestamp(50)), Some((Timestamp(0), Timestamp(50))));
    }

    #[test]
    fn waiting_ends_with_the_answer_or_with_the_life() {
        let mut timeline = timeline(&[(0, spawned("1.1", 1)), (1, running("1.1", 1))]);
        let agent = me("1.1", 1);
        timeline.waits(&agent, Timestamp(10), Waiting::Began);
        timeline.waits(&agent, Timestamp(12), Waiting::Began);
        timeline.waits(&agent, Timestamp(15), Waiting::Over);
        timeline.waits(&agent, Timestamp(20), Waiting::Began);
        timeline.take(&Entry { at: Timestamp(30), fact: failed("1.1", 1) });
        timeline.waits(&agent, Timestamp(40), Waiting::Over);
        let waits = &timeline.lives()[0].waits;
        assert_eq!(*waits, [(Timestamp(10), Timestamp(15)), (Timestamp(20), Timestamp(30))]);
    }
}
