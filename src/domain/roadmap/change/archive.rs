//! Moving complete phases out of the roadmap, section by section.

use std::collections::BTreeSet;

use crate::domain::health::open_dependencies;
use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;
use crate::domain::roadmap::finding::FindingKind;
use crate::domain::roadmap::phase::{Dependency, Phase};
use crate::domain::roadmap::readiness::Evaluator;
use crate::domain::roadmap::{Edit, Roadmap, splice};

/// The edits that take the phases to be archived out.
pub(super) fn edits(roadmap: &Roadmap, held: &BTreeSet<PhaseId>) -> Result<Vec<Edit>, Printable> {
    let unclosed = |kind| kind == FindingKind::UnclosedFence;
    if let Some(finding) = roadmap.findings.iter().find(|finding| unclosed(finding.kind)) {
        let line = finding.line;
        let text = format!(
            "A code fence or comment opened on line {line} never ends, so nobody can tell where the sections below it end: close it first."
        );
        return Err(Printable::new(&text));
    }
    let places = archivable(roadmap, held);
    let edits: Vec<Edit> =
        places.into_iter().filter_map(|at| section(roadmap, &roadmap.phases[at])).collect();
    match read_otherwise(roadmap, &edits) {
        Some(id) => Err(Printable::new(&format!(
            "Without its complete phases the file would be read otherwise: the state of phase {id} tells too little by itself. Write it in words, e.g. ⚪ Not Started."
        ))),
        None => Ok(edits),
    }
}

/// A phase that stays and would be read otherwise: which marks a file uses is told by all of it.
fn read_otherwise(roadmap: &Roadmap, edits: &[Edit]) -> Option<PhaseId> {
    let gone: BTreeSet<usize> = edits.iter().map(|edit| edit.span.start).collect();
    let mut end = 0;
    let mut stays = roadmap.phases.iter().filter(|phase| {
        let place = &phase.place.section;
        end = if gone.contains(&place.start) { place.end.max(end) } else { end };
        place.start >= end
    });
    let after = Roadmap::parse(splice(roadmap.bytes(), edits));
    let mut left = after.phases.iter();
    let odd = stays.find(|phase| {
        left.next()
            .is_none_or(|left| left.id != phase.id || left.status.state != phase.status.state)
    });
    odd.or_else(|| left.next()).map(|phase| phase.id.clone())
}

/// Which phases can go, by place in the file: complete, and no open phase needs them to be here. A phase around others
/// goes only with all of them, and then stands for them.
fn archivable(roadmap: &Roadmap, held: &BTreeSet<PhaseId>) -> Vec<usize> {
    let evaluator = Evaluator::new(roadmap, held);
    let needed = Needed::of(roadmap, &evaluator);
    let phases = &roadmap.phases;
    let free: Vec<bool> = phases
        .iter()
        .map(|phase| {
            evaluator.is_complete(&phase.id)
                && !evaluator.is_duplicate(&phase.id)
                && !needed.has(phase)
                && oddity(phase, &evaluator).is_none()
        })
        .collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < phases.len() {
        let section = &phases[at].place.section;
        let inside = phases[at + 1..].iter().take_while(|inner| {
            section.start < inner.place.section.start && inner.place.section.end <= section.end
        });
        let end = at + 1 + inside.count();
        // What waits for a phase around others waits for all of them.
        if evaluator.is_container(at) && needed.has(&phases[at]) {
            at = end;
            continue;
        }
        let container = evaluator.is_container(at);
        if (free[at] || container) && free[at + 1..end].iter().all(|free| *free) {
            found.push(at);
            at = end;
        } else {
            at += 1;
        }
    }
    found
}

/// Complete phases that stay because they may not be complete, each with what is odd about it.
pub fn kept_for_a_look(roadmap: &Roadmap, held: &BTreeSet<PhaseId>) -> Vec<(PhaseId, Printable)> {
    let evaluator = Evaluator::new(roadmap, held);
    let complete = roadmap.phases.iter().filter(|phase| evaluator.is_complete(&phase.id));
    let odd = complete.filter_map(|phase| Some((phase.id.clone(), oddity(phase, &evaluator)?)));
    odd.map(|(id, why)| (id, Printable::new(&why))).collect()
}

/// What the health check has to say of a complete phase that needs a look before it goes.
fn oddity(phase: &Phase, evaluator: &Evaluator) -> Option<String> {
    let (done, all) = phase.progress();
    match all.saturating_sub(done) {
        0 => open_dependencies(evaluator, phase).map(|open| format!("complete before {open}")),
        1 => Some("open task".into()),
        open => Some(format!("{open} open tasks")),
    }
}

/// What open phases need to find in the roadmap.
struct Needed<'r> {
    ids: BTreeSet<&'r str>,
    batches: BTreeSet<u32>,
}

impl<'r> Needed<'r> {
    fn of(roadmap: &'r Roadmap, evaluator: &Evaluator) -> Self {
        let mut needed = Self { ids: BTreeSet::new(), batches: BTreeSet::new() };
        let open = roadmap.phases.iter().filter(|phase| !evaluator.is_complete(&phase.id));
        for phase in open.clone() {
            // Who reads `Blocked (needs 2.1)` looks for 2.1 in this file.
            let reason = phase.status.reason.as_ref().map_or("", Printable::as_str);
            let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
            needed.ids.extend(reason.split(|c| !is_part(c)).map(|word| word.trim_matches('.')));
        }
        for dependency in open.flat_map(|phase| &phase.depends_on) {
            match dependency {
                // With a tick it counts as settled wherever the phase is.
                Dependency::Phase { id, ticked: false, .. } => {
                    needed.ids.insert(id.as_str());
                }
                Dependency::Batch(number) => {
                    needed.batches.insert(*number);
                }
                Dependency::Phase { .. } | Dependency::AllPrevious | Dependency::Opaque(_) => {}
            }
        }
        needed
    }

    fn has(&self, phase: &Phase) -> bool {
        let batch = phase.place.batch.is_some_and(|batch| self.batches.contains(&batch));
        batch || self.ids.contains(phase.id.as_str())
    }
}

/// The edit that takes a section out.
pub(super) fn section(roadmap: &Roadmap, phase: &Phase) -> Option<Edit> {
    let span = phase.place.section.clone();
    let old = roadmap.bytes().get(span.clone())?.to_vec();
    Some(Edit { phase: phase.id.clone(), line: phase.place.line, span, old, new: Vec::new() })
}
