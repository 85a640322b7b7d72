//! How long phases take: by the runs the journal tells of, or by what is usual.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use crate::domain::id::AgentRef;
use crate::domain::journal::{Entry, Fact};
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::Effort;

/// So many finished runs of an effort class tell more than what is usual.
const ENOUGH: usize = 3;

/// Minutes a phase takes, from and to.
pub type Minutes = (u32, u32);

/// Minutes by effort class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estimates {
    measured: BTreeMap<char, Minutes>,
}

impl Estimates {
    /// What the finished runs of a journal come to.
    pub fn measure(log: &VecDeque<Entry>, roadmap: &Roadmap) -> Self {
        let mut began: BTreeMap<&AgentRef, u64> = BTreeMap::new();
        let mut taken: BTreeMap<char, Vec<u64>> = BTreeMap::new();
        for entry in log {
            if let Fact::AgentRunning { agent, started, .. } = &entry.fact {
                began.insert(agent, started.0);
            } else if let Fact::AgentCompleted { agent, .. } = &entry.fact {
                let effort = phase_of(agent).and_then(|id| roadmap.phase(&id)?.effort);
                if let (Some(effort), Some(start)) = (effort, began.get(agent)) {
                    let minutes = entry.at.0.saturating_sub(*start).div_ceil(60_000);
                    taken.entry(letter(effort)).or_default().push(minutes);
                }
            }
        }
        let enough = taken.into_iter().filter(|(_, taken)| taken.len() >= ENOUGH);
        Self {
            measured: enough.filter_map(|(effort, taken)| Some((effort, span(&taken)?))).collect(),
        }
    }

    /// Minutes a phase of this effort takes.
    pub fn of(&self, effort: Option<Effort>) -> Option<Minutes> {
        let effort = effort?;
        Some(self.measured.get(&letter(effort)).copied().unwrap_or(match effort {
            Effort::S => (8, 20),
            Effort::M => (20, 45),
            Effort::L => (40, 90),
        }))
    }

    /// Whether finished runs say it, for people.
    pub fn grounds(&self) -> String {
        if self.measured.is_empty() {
            return "default".to_owned();
        }
        let letters: Vec<String> = self.measured.keys().map(char::to_string).collect();
        format!("{} from finished runs here", letters.join(" "))
    }
}

/// What a phase adds to the length of a chain of phases that wait for each other.
pub fn weight(effort: Option<Effort>) -> u32 {
    match effort {
        Some(Effort::S) => 1,
        Some(Effort::M) | None => 2,
        Some(Effort::L) => 4,
    }
}

fn phase_of(agent: &AgentRef) -> Option<crate::domain::id::PhaseId> {
    agent.id.as_str().strip_prefix("a-").map(crate::domain::id::PhaseId::new)
}

fn letter(effort: Effort) -> char {
    match effort {
        Effort::S => 'S',
        Effort::M => 'M',
        Effort::L => 'L',
    }
}

fn span(taken: &[u64]) -> Option<Minutes> {
    let minutes = |value: &u64| u32::try_from(*value).unwrap_or(u32::MAX).max(1);
    Some((taken.iter().min().map(minutes)?, taken.iter().max().map(minutes)?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::domain::agent::Processes;
    use crate::domain::id::{AgentId, Life, PhaseId};
    use crate::domain::time::Timestamp;

    fn finished(phase: &str, minutes: u64) -> [Entry; 2] {
        let agent = AgentRef { id: AgentId::for_phase(&PhaseId::new(phase)), life: Life(1) };
        let (began, ended) = (Timestamp(1_000), Timestamp(1_000 + minutes * 60_000));
        let processes = Processes { agent: 1, host: 2 };
        let running = Fact::AgentRunning { agent: agent.clone(), processes, started: began };
        [
            Entry { at: began, fact: running },
            Entry { at: ended, fact: Fact::AgentCompleted { agent, document: None } },
        ]
    }

    #[test]
    fn three_finished_runs_tell_more_than_what_is_usual() {
        let phase = |id: &str| {
            format!("### Phase {id}: N{id}\n- **Status:** ✅ Complete\n- **Effort:** S\n\n")
        };
        let text: String = ["1.1", "1.2", "1.3"].map(phase).concat();
        let roadmap = Roadmap::parse(text.into_bytes());
        let mut log: VecDeque<Entry> = finished("1.1", 4).into();
        log.extend(finished("1.2", 9));
        let two = Estimates::measure(&log, &roadmap);
        assert_eq!((two.of(Some(Effort::S)), two.grounds().as_str()), (Some((8, 20)), "default"));
        log.extend(finished("1.3", 6));
        let three = Estimates::measure(&log, &roadmap);
        assert_eq!(three.of(Some(Effort::S)), Some((4, 9)));
        assert_eq!(three.of(Some(Effort::L)), Some((40, 90)));
        assert_eq!((three.of(None), three.grounds().as_str()), (None, "S from finished runs here"));
    }
}
