//! The health check: what a person should know about a whole roadmap.

use std::collections::BTreeSet;

mod fix;
mod status;

pub use fix::{Fix, Risk};

use crate::domain::id::{AgentId, PhaseId};
use crate::domain::printable::Printable;
use crate::domain::roadmap::finding::{Finding, FindingKind, Severity};
use crate::domain::roadmap::phase::{Dependency, Phase, Status, StatusSource};
use crate::domain::roadmap::readiness::{Blockage, Evaluator, SCOPE_SHOWN};
use crate::domain::roadmap::{Roadmap, RoadmapChange, Tick};

/// Longest list of ids written into one sentence.
const IDS_SHOWN: usize = 8;
/// Longest cycle written in full.
const CYCLE_SHOWN: usize = 50;

/// A finding, and the change that mends it where there is one.
pub type Diagnosis = (Finding, Option<Fix>);

/// Every finding of a roadmap, by line. `blockages` are those of the evaluator, `ended` agents of ours whose last life is
/// over.
pub fn diagnoses(
    roadmap: &Roadmap,
    (evaluator, blockages): (&Evaluator, &[Option<Blockage>]),
    ended: &BTreeSet<AgentId>,
) -> Vec<Diagnosis> {
    let mut found: Vec<Diagnosis> = roadmap
        .findings
        .iter()
        .map(|finding| (finding.clone(), fix::repeat(finding, evaluator)))
        .collect();
    for (at, phase) in roadmap.phases.iter().enumerate() {
        let blockage = blockages.get(at).and_then(Option::as_ref);
        let mut check = Check { phase, blockage, evaluator, ended, found: &mut found };
        check.identity();
        if !evaluator.is_container(at) {
            check.status();
        }
        check.dependencies();
        check.reason();
        if !evaluator.is_container(at) {
            check.progress();
        }
    }
    found.extend(evaluator.cycles().iter().map(|cycle| (circular(roadmap, cycle), None)));
    found.sort_by_key(|(finding, _)| finding.line);
    found
}

/// The finding for phases that wait for each other.
fn circular(roadmap: &Roadmap, cycle: &[usize]) -> Finding {
    let ids: Vec<_> = cycle.iter().map(|at| roadmap.phases[*at].id.as_str()).collect();
    let first = &roadmap.phases[cycle[0]];
    let mut way = ids[..ids.len().min(CYCLE_SHOWN)].join(" → ");
    if ids.len() > CYCLE_SHOWN {
        way.push_str(&format!(" → … ({} more)", ids.len() - CYCLE_SHOWN));
    }
    Finding {
        kind: FindingKind::Cycle,
        severity: Severity::Error,
        phase: Some(first.id.clone()),
        line: first.place.line,
        message: Printable::new(&format!(
            "These phases wait for each other: {way} → {}.",
            first.id
        )),
        fix: Some(Printable::new("Remove one of these dependencies.")),
    }
}

/// The check of one phase.
struct Check<'c, 'r> {
    phase: &'c Phase,
    blockage: Option<&'c Blockage>,
    evaluator: &'c Evaluator<'r>,
    ended: &'c BTreeSet<AgentId>,
    found: &'c mut Vec<Diagnosis>,
}

/// Whether an author ticks dependencies in a list at all.
#[derive(Clone, Copy, PartialEq)]
enum Others {
    Plain,
    Ticked,
}

impl Check<'_, '_> {
    fn identity(&mut self) {
        let phase = self.phase;
        if phase.place.occurrence > 1 {
            let first = self.evaluator.phase(&phase.id).map_or(0, |first| first.place.line);
            let text =
                format!("Phase {} stands twice: its first heading is on line {first}.", phase.id);
            self.add(FindingKind::DuplicateId, Severity::Error, text, "Give one another id.");
        }
    }

    fn dependencies(&mut self) {
        let id = &self.phase.id;
        let ticks = self.phase.depends_on.iter().any(is_ticked);
        let others = if ticks { Others::Ticked } else { Others::Plain };
        for dependency in &self.phase.depends_on {
            match dependency {
                Dependency::Phase { id: other, ticked: true, .. } => self.ticked(other),
                Dependency::Phase { id: other, ticked: false, .. } => {
                    self.unticked(other, others);
                }
                Dependency::Opaque(text) if !self.evaluator.is_complete(id) => {
                    let text = format!(
                        "Phase {id} depends on \"{text}\", which no phase id is read from."
                    );
                    self.add(
                        FindingKind::OpaqueDep,
                        Severity::Warning,
                        text,
                        "Name a phase, or remove it once it is settled.",
                    );
                }
                Dependency::Batch(number) if self.is_nowhere(*number) => {
                    let text = format!("Phase {id} depends on Batch {number}, which has no phase.");
                    let severity = self.of_unknown();
                    self.add(FindingKind::UnknownDep, severity, text, "Correct the number.");
                }
                Dependency::Batch(_) | Dependency::AllPrevious | Dependency::Opaque(_) => {}
            }
        }
    }

    /// Whether neither the roadmap nor its archive has the batch.
    fn is_nowhere(&self, number: u32) -> bool {
        let archive = self.evaluator.roadmap().archive();
        !self.evaluator.has_batch(number) && !archive.has_batch(number)
    }

    /// How bad it is to depend on what is nowhere: a complete phase waits for nothing.
    fn of_unknown(&self) -> Severity {
        match self.evaluator.is_complete(&self.phase.id) {
            true => Severity::Info,
            false => Severity::Error,
        }
    }

    /// A dependency with a tick.
    fn ticked(&mut self, other: &PhaseId) {
        let id = &self.phase.id;
        if self.evaluator.is_known(other) && !self.evaluator.is_complete(other) {
            let text = format!("Phase {id} ticks {other}, which is not complete.");
            self.add(FindingKind::StaleTick, Severity::Warning, text, "Remove the tick.");
            self.mend(self.ticking(other, Tick::Off), Risk::Safe);
        }
    }

    /// A dependency without a tick, beside others.
    fn unticked(&mut self, other: &PhaseId, others: Others) {
        let id = &self.phase.id;
        let satisfied = self.evaluator.is_complete(other);
        let known = || self.evaluator.is_known(other);
        if !satisfied && !known() {
            let text = format!("Phase {id} depends on {other}, which is not in the roadmap.");
            let fix = "Correct the id, or tick it if it was archived.";
            self.add(FindingKind::UnknownDep, self.of_unknown(), text, fix);
        } else if satisfied && others == Others::Ticked && known() {
            let text =
                format!("Phase {id} ticks other dependencies but not {other}, which is complete.");
            self.add(FindingKind::UntickedDep, Severity::Info, text, "Tick it.");
            self.mend(self.ticking(other, Tick::On), Risk::Safe);
        }
    }

    fn progress(&mut self) {
        let phase = self.phase;
        if phase.status.state == Status::Complete && self.evaluator.is_complete(&phase.id) {
            self.finished();
        } else if phase.status.state == Status::InProgress {
            self.started();
        }
    }

    fn finished(&mut self) {
        let id = &self.phase.id;
        if let Some(open) = open_dependencies(self.evaluator, self.phase) {
            let text = format!("Phase {id} is complete before what it depends on: {open}.");
            self.add(
                FindingKind::CompleteBeforeDeps,
                Severity::Warning,
                text,
                "Check the status of both.",
            );
        }
        let (done, all) = self.phase.progress();
        let (ticked, boxes) = self.phase.boxes;
        if done == all && ticked < boxes {
            let count = boxes - ticked;
            let noun = if count == 1 { "check box" } else { "check boxes" };
            let text = format!("Phase {id} is complete with {count} {noun} open beside its tasks.");
            let kind = FindingKind::CompleteWithOpenTasks;
            self.add(kind, Severity::Info, text, "Tick or remove them.");
        }
        if done < all {
            let text = format!("Phase {id} is complete with {} of {all} tasks open.", all - done);
            self.add(
                FindingKind::CompleteWithOpenTasks,
                Severity::Info,
                text,
                "Tick or remove them.",
            );
            let phase = self.phase.id.clone();
            self.mend(RoadmapChange::TickTasks { phase, task: None }, Risk::Judged);
        }
    }

    fn started(&mut self) {
        let id = &self.phase.id;
        if let Some(open) = open_dependencies(self.evaluator, self.phase) {
            let text = format!("Phase {id} is in progress before what it depends on: {open}.");
            self.add(
                FindingKind::StartedBeforeDeps,
                Severity::Warning,
                text,
                "Check the status of both.",
            );
        }
        if self.phase.assigned_to.is_none() && !self.evaluator.is_held(id) {
            let text = format!("Phase {id} is in progress, but nobody is assigned to it.");
            self.add(
                FindingKind::StaleInProgress,
                Severity::Warning,
                text,
                "Claim it again, or set it to Not Started.",
            );
            self.mend(self.reopening(), Risk::Judged);
        }
        self.claimed();
    }

    /// In progress by an agent of ours.
    fn claimed(&mut self) {
        let id = &self.phase.id;
        let agent = AgentId::for_phase(id);
        let holder = self.phase.assigned_to.as_ref().map(Printable::as_str);
        if holder != Some(agent.as_str())
            || self.evaluator.is_held(id)
            || !self.ended.contains(&agent)
        {
            return;
        }
        let text =
            format!("Phase {id} is in progress by {agent}, an agent of ours that has ended.");
        let fix = "Set it to Not Started.";
        self.add(FindingKind::StaleClaim, Severity::Warning, text, fix);
        let (phase, assignee) = (id.clone(), agent.to_string());
        let change = RoadmapChange::Release { phase, assignee, restore: None };
        // An agent of this name may work on it in another checkout.
        self.mend(change, Risk::Judged);
    }

    /// Back to Not Started.
    fn reopening(&self) -> RoadmapChange {
        RoadmapChange::Reopen { phase: self.phase.id.clone(), from: self.phase.status.state }
    }

    /// A tick of a dependency.
    fn ticking(&self, on: &PhaseId, tick: Tick) -> RoadmapChange {
        RoadmapChange::TickDependency { phase: self.phase.id.clone(), on: on.clone(), tick }
    }

    /// What mends the finding added last, where the phase may be written at all.
    fn mend(&mut self, change: RoadmapChange, risk: Risk) {
        let phase = self.phase;
        let writable = phase.status.source == StatusSource::Field
            && !self.evaluator.is_duplicate(&phase.id)
            && !self.evaluator.is_held(&phase.id);
        if let Some((_, fix)) = self.found.last_mut().filter(|_| writable) {
            *fix = Some(Fix { change, risk });
        }
    }

    fn add(&mut self, kind: FindingKind, severity: Severity, text: String, fix: &str) {
        self.add_at(self.line(kind), (kind, severity, text), fix);
    }

    /// The same for a line of its own.
    fn add_at(&mut self, line: usize, found: (FindingKind, Severity, String), fix: &str) {
        let (kind, severity, text) = found;
        let phase = Some(self.phase.id.clone());
        let (message, fix) = (Printable::new(&text), Some(Printable::new(fix)));
        self.found.push((Finding { kind, severity, phase, line, message, fix }, None));
    }

    /// The line a finding of this kind is about.
    fn line(&self, kind: FindingKind) -> usize {
        let place = &self.phase.place;
        let about: &[&str] = match kind {
            FindingKind::UnknownDep
            | FindingKind::OpaqueDep
            | FindingKind::StaleTick
            | FindingKind::UntickedDep => {
                &["depends on", "dependencies", "blocked by", "prerequisites", "prerequisite"]
            }
            FindingKind::BlockedReady
            | FindingKind::BlockedWithoutDeps
            | FindingKind::BlockedByPerson
            | FindingKind::StatusConflict
            | FindingKind::UnknownStatus
            | FindingKind::CompleteBeforeDeps
            | FindingKind::StartedBeforeDeps
            | FindingKind::StaleInProgress
            | FindingKind::StaleClaim
            | FindingKind::CompleteWithOpenTasks => &["status"],
            FindingKind::Cycle
            | FindingKind::DuplicateId
            | FindingKind::RepeatedField
            | FindingKind::UnclosedFence
            | FindingKind::NoPhases => &[],
        };
        about.iter().find_map(|key| self.phase.field(key)).map_or(place.line, |field| field.line)
    }
}

/// Whether the author ticked a dependency.
fn is_ticked(dependency: &Dependency) -> bool {
    match dependency {
        Dependency::Phase { ticked, .. } => *ticked,
        Dependency::Batch(_) | Dependency::AllPrevious | Dependency::Opaque(_) => false,
    }
}

/// The named dependencies of a phase that are in the roadmap and open, for a sentence.
pub(in crate::domain) fn open_dependencies(evaluator: &Evaluator, phase: &Phase) -> Option<String> {
    if phase.depends_on.iter().all(|dependency| evaluator.is_satisfied(phase, dependency)) {
        return None;
    }
    let mut ids: Vec<_> =
        evaluator.shown_pending(phase).into_iter().filter(|id| evaluator.is_known(id)).collect();
    let more = ids.len().saturating_sub(IDS_SHOWN);
    // Of a scope that long not all are known here.
    let at_least = if ids.len() >= SCOPE_SHOWN { "at least " } else { "" };
    ids.truncate(IDS_SHOWN);
    let mut text = ids.iter().map(PhaseId::as_str).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {at_least}{more} more"));
    }
    (!text.is_empty()).then_some(text)
}
