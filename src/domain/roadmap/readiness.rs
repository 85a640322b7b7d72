//! Readiness: the one evaluator that the gardener, the health check, the plan and the screen all ask.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt};

mod waits;

use super::below::Below;
pub use super::not_ready::{Blockage, NotReady};
use super::reason::{self, Open};
use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Dependency, Phase, Status, StatusSource};

pub use waits::Node;

/// Most ids one scope (`Batch 3`, `All previous phases`) contributes to what is shown of a phase. Nothing is decided from
/// such a list but whether it is empty: [`Evaluator::waits`] has all of them.
pub const SCOPE_SHOWN: usize = 100;

/// Answers for one roadmap and one set of held phases.
#[derive(Debug)]
pub struct Evaluator<'a> {
    roadmap: &'a Roadmap,
    held: &'a BTreeSet<PhaseId>,
    index: HashMap<&'a str, Standing>,
    /// Whether any id stands more than once.
    repeats: bool,
    /// Phases that count in a scope and aren't complete, in file order.
    open: Vec<usize>,
    batches: HashMap<u32, Members>,
    below: Below,
}

/// What is known of one id.
#[derive(Clone, Copy, Debug)]
struct Standing {
    first: usize,
    count: usize,
    complete: bool,
}

/// The phases of a batch.
#[derive(Clone, Debug, Default)]
struct Members {
    count: usize,
    open: Vec<usize>,
    /// The first unfinished section in it that is no phase.
    stray: Option<usize>,
}

impl<'a> Evaluator<'a> {
    /// Indexes the roadmap once.
    pub fn new(roadmap: &'a Roadmap, held: &'a BTreeSet<PhaseId>) -> Self {
        let mut index: HashMap<&str, Standing> = HashMap::with_capacity(roadmap.phases.len());
        let (mut open, mut batches) = (Vec::new(), HashMap::<u32, Members>::new());
        let mut containers = Vec::new();
        for (at, phase) in roadmap.phases.iter().enumerate() {
            let complete = says_complete(phase) && !held.contains(&phase.id);
            let standing = index.entry(phase.id.as_str()).or_insert(Standing {
                first: at,
                count: 0,
                complete: true,
            });
            standing.count += 1;
            if roadmap.is_container(at) {
                containers.push(at);
                continue;
            }
            standing.complete &= complete;
            if let Some(number) = phase.place.batch {
                let members = batches.entry(number).or_default();
                members.count += 1;
                members.open.extend((!complete).then_some(at));
            }
            open.extend((!complete).then_some(at));
        }
        // A phase around others is complete with all of them.
        for phase in containers.into_iter().map(|at| &roadmap.phases[at]) {
            let over = inside(roadmap, &open, phase).is_empty() && !has_stray(roadmap, phase);
            let complete = over && !held.contains(&phase.id);
            if let Some(standing) = index.get_mut(phase.id.as_str()) {
                standing.complete &= complete;
            }
        }
        for (at, stray) in roadmap.strays.iter().enumerate() {
            if let Some(number) = stray.batch {
                batches.entry(number).or_default().stray.get_or_insert(at);
            }
        }
        let repeats = index.len() < roadmap.phases.len();
        Self { roadmap, held, index, repeats, open, batches, below: Below::default() }
    }

    /// Why `phase` can't start now; empty when it is ready. A scope names at most [`SCOPE_SHOWN`] phases.
    pub fn reasons(&self, phase: &Phase) -> Vec<NotReady> {
        let mut reasons = Vec::new();
        if self.is_duplicate(&phase.id) {
            reasons.push(NotReady::Duplicate);
        }
        if self.held.contains(&phase.id) {
            reasons.push(NotReady::Held);
        }
        if phase.status.source == StatusSource::Field {
            reasons.extend(self.own_status(phase).map(NotReady::Status));
        } else {
            reasons.push(NotReady::NoStatusField);
        }
        self.unmet(phase, &mut reasons);
        reasons
    }

    /// What of all that `phase` waits for is not satisfied: of its dependencies, and of the phases its reason names.
    fn unmet(&self, phase: &Phase, reasons: &mut Vec<NotReady>) {
        for dependency in &phase.depends_on {
            self.unsatisfied(phase, dependency, reasons);
        }
        if phase.status.state == Status::Blocked
            && let Some(Open::Phases(ids)) = reason::open(phase, |id| self.is_complete(id))
        {
            for id in ids {
                self.incomplete(&id, reasons);
            }
        }
    }

    /// A phase that is waited for: of one around others, or that only others are below, those that are open.
    fn incomplete(&self, id: &PhaseId, reasons: &mut Vec<NotReady>) {
        let place = self.place(id);
        let open = place.map_or_else(|| self.open_below(id), |at| self.open_inside(at));
        if open.is_empty() {
            reasons.push(match place {
                Some(_) => NotReady::Waits(id.clone()),
                None => NotReady::UnknownDependency(id.clone()),
            });
        }
        let ids = open.iter().take(SCOPE_SHOWN).map(|at| self.roadmap.phases[*at].id.clone());
        reasons.extend(ids.map(NotReady::Waits));
    }

    /// Dependencies of `phase` that are not satisfied, scopes resolved to ids, in file order, to be shown:
    /// a scope names at most [`SCOPE_SHOWN`] of them.
    pub fn shown_pending(&self, phase: &Phase) -> Vec<PhaseId> {
        let mut reasons = Vec::new();
        self.unmet(phase, &mut reasons);
        let mut seen = BTreeSet::new();
        let ids = reasons.into_iter().filter_map(|reason| match reason {
            NotReady::Waits(id) | NotReady::UnknownDependency(id) => Some(id),
            NotReady::Status(_) | NotReady::Held | NotReady::Opaque(_) => None,
            NotReady::Duplicate | NotReady::NoStatusField => None,
        });
        ids.filter(|id| seen.insert(id.clone())).collect()
    }

    /// Whether the phase with this id is complete and not held. One without a Status field around others is complete when
    /// all of these are. One that is not in the roadmap is complete when the
    /// archive has it complete.
    pub fn is_complete(&self, id: &PhaseId) -> bool {
        match self.index.get(id.as_str()) {
            Some(standing) => standing.complete,
            None => {
                let archived = self.roadmap.archive().has(id) && !self.is_held(id);
                archived && self.open_below(id).is_empty()
            }
        }
    }

    /// The open phases below an id that the roadmap does not have, by place in the file.
    fn open_below(&self, id: &PhaseId) -> &[usize] {
        self.below.of(&self.roadmap.phases, &self.open, id)
    }

    /// Whether the roadmap has a phase with this id.
    pub fn is_known(&self, id: &PhaseId) -> bool {
        self.index.contains_key(id.as_str())
    }

    /// Whether more than one phase has this id.
    pub fn is_duplicate(&self, id: &PhaseId) -> bool {
        self.repeats && self.index.get(id.as_str()).is_some_and(|standing| standing.count > 1)
    }

    /// The roadmap it answers for.
    pub fn roadmap(&self) -> &'a Roadmap {
        self.roadmap
    }

    /// Whether one of our live agents holds the phase.
    pub fn is_held(&self, id: &PhaseId) -> bool {
        self.held.contains(id)
    }

    /// Whether any phase is in the batch.
    pub fn has_batch(&self, number: u32) -> bool {
        self.batches.contains_key(&number)
    }

    /// Whether the phase at this place has no status of its own but phases inside its section.
    pub fn is_container(&self, at: usize) -> bool {
        self.roadmap.is_container(at)
    }

    /// The open phases inside of one that is around others, by place in the file.
    pub fn open_inside(&self, at: usize) -> &[usize] {
        match self.roadmap.phases.get(at).filter(|_| self.is_container(at)) {
            Some(phase) => inside(self.roadmap, &self.open, phase),
            None => &[],
        }
    }

    /// Groups of unfinished phases that wait for each other, each as a way round, by place in the file.
    pub fn cycles(&self) -> Vec<Vec<usize>> {
        let edge = |id: &PhaseId| {
            let open = self.index.get(id.as_str()).filter(|standing| !standing.complete);
            open.map(|standing| standing.first)
        };
        let named = |dependency: &'a Dependency| match dependency {
            Dependency::Phase { id, .. } => edge(id),
            Dependency::Batch(_) | Dependency::AllPrevious | Dependency::Opaque(_) => None,
        };
        let edges = self.roadmap.phases.iter().enumerate().map(|(at, phase)| {
            let may_be_over = phase.status.state == Status::Complete || self.is_container(at);
            if may_be_over && self.is_complete(&phase.id) {
                return Vec::new();
            }
            let mut waits: Vec<usize> = phase.depends_on.iter().filter_map(named).collect();
            if phase.status.state == Status::Blocked {
                waits.extend(reason::named(phase).iter().filter_map(edge));
            }
            waits.extend(self.open_inside(at));
            waits
        });
        super::cycle::cycles(&edges.collect::<Vec<Vec<usize>>>())
    }

    /// Where the first phase with this id stands among the phases.
    pub fn place(&self, id: &PhaseId) -> Option<usize> {
        self.index.get(id.as_str()).map(|standing| standing.first)
    }

    /// The first phase with this id.
    pub fn phase(&self, id: &PhaseId) -> Option<&'a Phase> {
        self.index.get(id.as_str()).and_then(|standing| self.roadmap.phases.get(standing.first))
    }

    /// Phases that can start now, in priority order: bootstrap first, then batch, then id.
    pub fn ready(&self) -> Vec<&'a Phase> {
        let mut ready: Vec<_> =
            self.roadmap.phases.iter().filter(|phase| self.reasons(phase).is_empty()).collect();
        ready.sort_by_cached_key(|phase| priority(phase));
        ready
    }

    /// Why a phase whose file says Blocked is blocked.
    pub fn blockage(&self, phase: &Phase) -> Blockage {
        match reason::open(phase, |id| self.is_complete(id)) {
            Some(Open::Person(reason)) => return Blockage::Human(reason),
            Some(Open::Phases(_)) => return Blockage::Waiting,
            None => {}
        }
        if phase.depends_on.is_empty() && reason::named(phase).is_empty() {
            return Blockage::WithoutDependencies;
        }
        let satisfied =
            phase.depends_on.iter().all(|dependency| self.is_satisfied(phase, dependency));
        if satisfied { Blockage::Lifted } else { Blockage::Waiting }
    }

    /// Whether a dependency of `phase` is satisfied.
    pub fn is_satisfied(&self, phase: &Phase, dependency: &Dependency) -> bool {
        match dependency {
            Dependency::Phase { id, ticked, .. } => {
                let absent = *ticked && !self.is_known(id) && !self.is_held(id);
                absent && self.open_below(id).is_empty() || self.is_complete(id)
            }
            Dependency::Batch(number) => match self.batches.get(number) {
                Some(members) => {
                    members.count > 0
                        && members.stray.is_none()
                        && members.open.iter().all(|at| self.roadmap.phases[*at].id == phase.id)
                }
                None => self.roadmap.archive().has_batch(*number),
            },
            Dependency::AllPrevious => {
                self.open_before(phase).is_empty() && self.stray_before(phase).is_none()
            }
            Dependency::Opaque(_) => false,
        }
    }

    /// The first unfinished section above `phase` that is no phase.
    fn stray_before(&self, phase: &Phase) -> Option<usize> {
        let first = self.roadmap.strays.first()?;
        (first.title.start < phase.place.heading.start).then_some(0)
    }

    /// What is said of an unfinished section that is no phase.
    fn astray(&self, at: usize) -> NotReady {
        let title = self.roadmap.strays.get(at).map(|stray| stray.title.clone());
        let text = String::from_utf8_lossy(
            title.and_then(|title| self.roadmap.bytes().get(title)).unwrap_or_default(),
        );
        NotReady::Opaque(Printable::new(&text))
    }

    /// The phase's own status, where it keeps the phase from starting. Waiting for a dependency
    /// is said by the dependency.
    fn own_status(&self, phase: &Phase) -> Option<Status> {
        match phase.status.state {
            Status::NotStarted => None,
            Status::Blocked => match self.blockage(phase) {
                Blockage::Waiting => None,
                Blockage::Lifted | Blockage::Human(_) | Blockage::WithoutDependencies => {
                    Some(Status::Blocked)
                }
            },
            state
            @ (Status::InProgress | Status::Complete | Status::Deferred | Status::Unknown) => {
                Some(state)
            }
        }
    }

    /// What of a dependency is not satisfied.
    fn unsatisfied(&self, phase: &Phase, dependency: &Dependency, reasons: &mut Vec<NotReady>) {
        if self.is_satisfied(phase, dependency) {
            return;
        }
        let id = |at: &usize| self.roadmap.phases[*at].id.clone();
        match dependency {
            Dependency::Phase { id, .. } => self.incomplete(id, reasons),
            Dependency::Batch(number) => match self.batches.get(number) {
                Some(members) => {
                    let open = members.open.iter().map(id).filter(|id| *id != phase.id);
                    reasons.extend(open.take(SCOPE_SHOWN).map(NotReady::Waits));
                    reasons.extend(members.stray.map(|at| self.astray(at)));
                }
                None => reasons.push(NotReady::Opaque(Printable::new(&format!("Batch {number}")))),
            },
            Dependency::AllPrevious => {
                let open = self.open_before(phase).iter().map(id);
                reasons.extend(open.take(SCOPE_SHOWN).map(NotReady::Waits));
                reasons.extend(self.stray_before(phase).map(|at| self.astray(at)));
            }
            Dependency::Opaque(text) => reasons.push(NotReady::Opaque(text.clone())),
        }
    }

    /// Unfinished phases above `phase` in the file.
    fn open_before(&self, phase: &Phase) -> &[usize] {
        let start = phase.place.heading.start;
        let before = |at: &usize| self.roadmap.phases[*at].place.heading.start < start;
        &self.open[..self.open.partition_point(before)]
    }
}

/// The open phases inside the section of a phase; phases around others are not among them.
fn inside<'o>(roadmap: &Roadmap, open: &'o [usize], phase: &Phase) -> &'o [usize] {
    let section = &phase.place.section;
    let start = |at: &usize| roadmap.phases[*at].place.heading.start;
    let from = open.partition_point(|at| start(at) <= phase.place.heading.start);
    let to = open.partition_point(|at| start(at) < section.end);
    open.get(from..to).unwrap_or_default()
}

/// Whether an unfinished section that is no phase stands inside that of a phase.
fn has_stray(roadmap: &Roadmap, phase: &Phase) -> bool {
    let section = &phase.place.section;
    let from = roadmap.strays.partition_point(|stray| stray.title.start < section.start);
    roadmap.strays.get(from).is_some_and(|stray| stray.title.start < section.end)
}

/// What the reason of a status names that can be complete: `needs Phase 2.1`.
pub(crate) fn named_in_reason(phase: &Phase) -> Vec<PhaseId> {
    reason::named(phase)
}

/// The file itself says complete, in a field, without contradiction.
pub(super) fn says_complete(phase: &Phase) -> bool {
    let status = &phase.status;
    status.state == Status::Complete && status.source == StatusSource::Field && !status.conflict
}

/// Order in which phases are offered: bootstrap first, then batch (none last), then id.
pub fn priority(phase: &Phase) -> (Reverse<bool>, u32, PhaseId) {
    (Reverse(phase.is_bootstrap()), phase.place.batch.unwrap_or(u32::MAX), phase.id.clone())
}
