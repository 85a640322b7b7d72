//! Waves: the layers phases can run in, and the longest chain through them.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::domain::estimate::weight;
use crate::domain::id::PhaseId;
use crate::domain::plan::PlanRow;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Phase, Status};
use crate::domain::roadmap::readiness::{Evaluator, NotReady};

/// Who waits for whom in a roadmap.
pub(super) struct Graph<'a> {
    evaluator: Evaluator<'a>,
    phases: HashMap<&'a str, Node<'a>>,
}

struct Node<'a> {
    phase: &'a Phase,
    pending: OnceCell<Vec<PhaseId>>,
}

/// A plan knows no agents: what they hold is under way in the file as well.
static NOTHING_HELD: BTreeSet<PhaseId> = BTreeSet::new();

impl<'a> Graph<'a> {
    /// Indexes a roadmap.
    pub fn new(roadmap: &'a Roadmap) -> Self {
        let mut phases = HashMap::with_capacity(roadmap.phases.len());
        for phase in &roadmap.phases {
            let node = || Node { phase, pending: OnceCell::new() };
            phases.entry(phase.id.as_str()).or_insert_with(node);
        }
        Self { evaluator: Evaluator::new(roadmap, &NOTHING_HELD), phases }
    }

    /// The roadmap they are of.
    pub fn roadmap(&self) -> &'a Roadmap {
        self.evaluator.roadmap()
    }

    /// The first phase with this id.
    pub fn phase(&self, id: &PhaseId) -> Option<&'a Phase> {
        self.phases.get(id.as_str()).map(|node| node.phase)
    }

    /// Neither complete nor under way.
    pub fn is_open(&self, id: &PhaseId) -> bool {
        self.phase(id).is_some_and(|phase| match phase.status.state {
            Status::Complete | Status::InProgress => false,
            Status::NotStarted | Status::Blocked | Status::Deferred | Status::Unknown => true,
        })
    }

    /// All dependencies of a phase that are not satisfied.
    pub fn pending(&self, id: &PhaseId) -> Vec<PhaseId> {
        self.known_pending(id).to_vec()
    }

    fn known_pending(&self, id: &PhaseId) -> &[PhaseId] {
        let Some(node) = self.phases.get(id.as_str()) else { return &[] };
        node.pending.get_or_init(|| self.evaluator.pending(node.phase))
    }

    /// Dependencies of a phase that still have to be started.
    pub fn waits_for(&self, id: &PhaseId) -> Vec<&PhaseId> {
        self.known_pending(id).iter().filter(|id| self.is_open(id)).collect()
    }

    /// The phase and all it waits for; none when one of them can't run by itself.
    pub fn with_open_dependencies(&self, id: &PhaseId) -> Option<Vec<&'a Phase>> {
        let (mut seen, mut open, mut found) = (HashSet::new(), vec![id.clone()], Vec::new());
        while let Some(next) = open.pop() {
            if !seen.insert(next.clone()) {
                continue;
            }
            let phase = self.phase(&next)?;
            if !self.only_waits(phase) {
                return None;
            }
            open.extend(self.waits_for(&next).into_iter().cloned());
            found.push(phase);
        }
        let ids: Vec<_> = found.iter().map(|phase| phase.id.clone()).collect();
        (self.waves(&ids).len() == seen.len()).then_some(found)
    }

    /// Nothing keeps a phase from running but phases that are not complete yet.
    fn only_waits(&self, phase: &Phase) -> bool {
        self.evaluator.reasons(phase).iter().all(|reason| match reason {
            NotReady::Waits(_) => true,
            NotReady::Status(_)
            | NotReady::Held
            | NotReady::UnknownDependency(_)
            | NotReady::Opaque(_)
            | NotReady::Duplicate
            | NotReady::NoStatusField => false,
        })
    }

    /// All open phases that nothing keeps from running but phases that are not complete yet.
    pub fn runnable(&self) -> Vec<&'a Phase> {
        let phases = self.phases.values().map(|node| node.phase);
        let mut runnable: Vec<&Phase> =
            phases.filter(|phase| self.is_open(&phase.id) && self.only_waits(phase)).collect();
        runnable.sort_by_key(|phase| &phase.id);
        runnable
    }

    /// The wave of each phase and of all it waits for, from 1. Phases that wait for themselves have none.
    pub fn waves(&self, ids: &[PhaseId]) -> HashMap<PhaseId, usize> {
        let mut waiting: HashMap<&PhaseId, usize> = HashMap::new();
        let mut dependents: HashMap<&PhaseId, Vec<&PhaseId>> = HashMap::new();
        let mut open: Vec<&PhaseId> = ids.iter().collect();
        while let Some(id) = open.pop() {
            if waiting.contains_key(id) {
                continue;
            }
            let waits: BTreeSet<&PhaseId> = self.waits_for(id).into_iter().collect();
            waiting.insert(id, waits.len());
            for dependency in waits {
                dependents.entry(dependency).or_default().push(id);
                open.push(dependency);
            }
        }
        let mut layer: Vec<&PhaseId> =
            waiting.iter().filter(|(_, waits)| **waits == 0).map(|(id, _)| *id).collect();
        let (mut waves, mut wave) = (HashMap::new(), 0);
        while !layer.is_empty() {
            wave += 1;
            let mut next = Vec::new();
            for id in layer {
                waves.insert(id.clone(), wave);
                for dependent in dependents.get(id).into_iter().flatten() {
                    if let Some(waits) = waiting.get_mut(*dependent) {
                        *waits -= 1;
                        if *waits == 0 {
                            next.push(*dependent);
                        }
                    }
                }
            }
            layer = next;
        }
        waves
    }
}

/// The chain of rows that wait for each other which takes longest, first to last. Rows are sorted by wave.
pub(super) fn critical_path(rows: &[PlanRow]) -> Vec<PhaseId> {
    let mut chains: HashMap<&PhaseId, (u32, Option<&PhaseId>)> = HashMap::new();
    let mut best: Option<(&PhaseId, u32)> = None;
    for row in rows {
        let before = row.waits_for.iter().filter_map(|id| Some((chains.get(id)?.0, id)));
        // The first of those as long as any.
        let (length, of) = before
            .reduce(|longest, other| if other.0 > longest.0 { other } else { longest })
            .map_or((0, None), |(length, id)| (length, Some(id)));
        let length = length.saturating_add(weight(row.effort));
        if best.is_none_or(|(_, longest)| length > longest) {
            best = Some((&row.id, length));
        }
        chains.insert(&row.id, (length, of));
    }
    let mut path = Vec::new();
    let mut at = best.map(|(id, _)| id);
    while let Some(id) = at {
        path.push(id.clone());
        at = chains.get(id).and_then(|(_, before)| *before);
    }
    path.reverse();
    path
}
