//! The rows of the roadmap pane: batches that fold, phases under them, a cursor that survives changes of the file.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::id::PhaseId;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Phase, Status};

/// Names a row so that it is found again in the next version of the roadmap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowKey {
    /// The heading of a batch; `None` for phases without one.
    Batch(Option<u32>),
    /// A phase and which of those with its id.
    Phase(PhaseId, usize),
}

/// Whether a person folded a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// Its phases are shown.
    Open,
    /// Its phases are hidden.
    Closed,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub enum RoadmapRow<'a> {
    /// The heading of a batch.
    Batch(BatchRow<'a>),
    /// A phase.
    Phase(&'a Phase),
}

/// The heading of a batch.
#[derive(Clone, Copy, Debug)]
pub struct BatchRow<'a> {
    /// Its number.
    pub number: Option<u32>,
    /// Its title.
    pub title: &'a str,
    /// Complete phases.
    pub done: usize,
    /// All its phases.
    pub total: usize,
    /// Whether its phases are shown.
    pub fold: Fold,
}

impl RoadmapRow<'_> {
    /// What names the row.
    pub fn key(&self) -> RowKey {
        match self {
            Self::Batch(batch) => RowKey::Batch(batch.number),
            Self::Phase(phase) => RowKey::Phase(phase.id.clone(), phase.place.occurrence),
        }
    }
}

/// What a person did to the list.
#[derive(Clone, Debug, Default)]
pub struct RoadmapList {
    /// The row under the cursor.
    pub cursor: Option<RowKey>,
    /// Phases marked for a plan.
    pub marked: BTreeSet<PhaseId>,
    /// Batches folded or opened by hand; complete batches are folded otherwise.
    pub folds: BTreeMap<Option<u32>, Fold>,
    /// Only phases with this text are shown; `!` before it: only the others.
    pub filter: String,
}

impl RoadmapList {
    /// The rows as they are shown.
    pub fn rows<'a>(&self, roadmap: &'a Roadmap) -> Vec<RoadmapRow<'a>> {
        let mut groups: Vec<(Option<u32>, Vec<&'a Phase>)> = Vec::new();
        let mut places: BTreeMap<Option<u32>, usize> = BTreeMap::new();
        let mut around = BTreeSet::new();
        for (at, phase) in roadmap.phases.iter().enumerate() {
            if roadmap.is_container(at) {
                around.insert(phase.place.line);
            }
            let batch = phase.place.batch;
            let place = *places.entry(batch).or_insert(groups.len());
            if place == groups.len() {
                groups.push((batch, Vec::new()));
            }
            groups[place].1.push(phase);
        }
        let headed = groups.iter().any(|(batch, _)| batch.is_some());
        let mut rows = Vec::new();
        for (number, phases) in groups {
            let shown: Vec<&Phase> = phases.iter().copied().filter(|p| self.shows(p)).collect();
            if shown.is_empty() {
                continue;
            }
            let counted = phases.iter().filter(|phase| !around.contains(&phase.place.line));
            let counted: Vec<&Phase> = counted.copied().collect();
            let head = self.head(roadmap, number, &counted);
            let open = !headed || head.fold == Fold::Open;
            rows.extend(headed.then_some(RoadmapRow::Batch(head)));
            rows.extend(shown.into_iter().filter(|_| open).map(RoadmapRow::Phase));
        }
        rows
    }

    fn head<'a>(
        &self,
        roadmap: &'a Roadmap,
        number: Option<u32>,
        phases: &[&Phase],
    ) -> BatchRow<'a> {
        let done = phases.iter().filter(|p| p.status.state == Status::Complete).count();
        let batch = roadmap.batches.iter().find(|batch| Some(batch.number) == number);
        let usual = if done == phases.len() { Fold::Closed } else { Fold::Open };
        let fold = self.folds.get(&number).copied().unwrap_or(usual);
        let fold = if self.filter.is_empty() { fold } else { Fold::Open };
        let title = batch.map_or("", |batch| batch.title.as_str());
        BatchRow { number, title, done, total: phases.len(), fold }
    }

    /// Whether the filter lets a phase through: all its words occur in id, name or tags.
    fn shows(&self, phase: &Phase) -> bool {
        let filter = self.filter.to_lowercase();
        let (inverse, filter) = match filter.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, filter.as_str()),
        };
        if filter.trim().is_empty() {
            return true;
        }
        let mut text = format!("{} {}", phase.id, phase.name).to_lowercase();
        for tag in &phase.tags {
            text.push(' ');
            text.push_str(&tag.as_str().to_lowercase());
        }
        filter.split_whitespace().all(|word| text.contains(word)) != inverse
    }

    /// The row under the cursor: the phase itself, its folded batch, or the first phase that isn't complete.
    pub fn index(&self, roadmap: &Roadmap, rows: &[RoadmapRow<'_>]) -> usize {
        let at = |key: &RowKey| rows.iter().position(|row| row.key() == *key);
        let found = match &self.cursor {
            None => None,
            Some(key @ RowKey::Batch(_)) => at(key),
            Some(key @ RowKey::Phase(id, _)) => at(key).or_else(|| {
                roadmap.phase(id).and_then(|phase| at(&RowKey::Batch(phase.place.batch)))
            }),
        };
        found.unwrap_or_else(|| {
            let open = |row: &RoadmapRow<'_>| match row {
                RoadmapRow::Phase(phase) => phase.status.state != Status::Complete,
                RoadmapRow::Batch(_) => false,
            };
            rows.iter().position(open).unwrap_or(0)
        })
    }

    /// Folds an open batch, opens a folded one.
    pub fn toggle(&mut self, batch: &BatchRow<'_>) {
        let fold = match batch.fold {
            Fold::Open => Fold::Closed,
            Fold::Closed => Fold::Open,
        };
        self.folds.insert(batch.number, fold);
        self.cursor = Some(RowKey::Batch(batch.number));
    }

    /// Marks a phase, or takes its mark away.
    pub fn mark(&mut self, id: &PhaseId) {
        if !self.marked.remove(id) {
            self.marked.insert(id.clone());
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn roadmap() -> Roadmap {
        let mut text = String::new();
        for (batch, ids) in [(1, ["1.1", "1.2"]), (2, ["2.1", "2.2"])] {
            text.push_str(&format!("## Batch {batch}: B{batch}\n\n"));
            for id in ids {
                let status = if id.starts_with('1') { "✅ Complete" } else { "⚪ Not Started" };
                text.push_str(&format!("### Phase {id}: Name of {id}\n- **Status:** {status}\n\n"));
            }
        }
        Roadmap::parse(text.into_bytes())
    }

    fn shown(list: &RoadmapList, roadmap: &Roadmap) -> Vec<String> {
        let name = |row: &RoadmapRow<'_>| match row {
            RoadmapRow::Batch(batch) => format!("B{}", batch.number.unwrap()),
            RoadmapRow::Phase(phase) => phase.id.to_string(),
        };
        list.rows(roadmap).iter().map(name).collect()
    }

    #[test]
    fn complete_batches_are_folded_until_opened() {
        let roadmap = roadmap();
        let mut list = RoadmapList::default();
        assert_eq!(shown(&list, &roadmap), ["B1", "B2", "2.1", "2.2"]);
        let rows = list.rows(&roadmap);
        assert_eq!(list.index(&roadmap, &rows), 2, "the first open phase");
        let RoadmapRow::Batch(first) = rows[0] else { panic!("a batch") };
        list.toggle(&first);
        assert_eq!(shown(&list, &roadmap), ["B1", "1.1", "1.2", "B2", "2.1", "2.2"]);
        list.cursor = Some(RowKey::Phase(PhaseId::new("1.2"), 1));
        list.folds.clear();
        let rows = list.rows(&roadmap);
        assert_eq!(list.index(&roadmap, &rows), 0, "a folded phase is found at its batch");
    }

    #[test]
    fn the_filter_takes_words_and_their_inverse() {
        let roadmap = roadmap();
        let mut list = RoadmapList { filter: "NAME 1.2".into(), ..RoadmapList::default() };
        assert_eq!(shown(&list, &roadmap), ["B1", "1.2"]);
        list.filter = "!1.2".into();
        assert_eq!(shown(&list, &roadmap), ["B1", "1.1", "B2", "2.1", "2.2"]);
        list.filter = "nothing".into();
        assert!(list.rows(&roadmap).is_empty());
        assert_eq!(list.index(&roadmap, &[]), 0);
    }
}
