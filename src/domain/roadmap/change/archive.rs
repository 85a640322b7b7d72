//! Moving complete phases out of the roadmap, section by section.

use std::collections::BTreeSet;

use super::tick::lines_before;
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
    Ok(places.into_iter().filter_map(|at| section(roadmap, &roadmap.phases[at])).collect())
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
            // `Blocked (needs 2.1)` is lifted by 2.1 in this file alone.
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

/// The insertion that adds sections at the end of an archive.
pub(super) fn keeping(
    archive: &Roadmap,
    sections: &[(PhaseId, Vec<u8>)],
) -> Result<Vec<Edit>, Printable> {
    let bytes = archive.bytes();
    let missing: Vec<_> = sections.iter().filter(|one| same(archive, one).is_none()).collect();
    let Some((first, _)) = missing.first() else { return Ok(Vec::new()) };
    let mut new = Vec::new();
    for (_, section) in &missing {
        let before = new.last().or(bytes.last());
        if before.is_some_and(|byte| !matches!(byte, b'\n' | b'\r')) {
            new.push(b'\n');
        }
        new.extend_from_slice(section);
    }
    let (line, end) = (lines_before(bytes, bytes.len()) + 1, bytes.len());
    let edit = Edit { phase: first.clone(), line, span: end..end, old: Vec::new(), new };
    let after = Roadmap::parse(splice(bytes, std::slice::from_ref(&edit)));
    let nobody = BTreeSet::new();
    let evaluator = Evaluator::new(&after, &nobody);
    match missing.iter().find(|(id, _)| !evaluator.is_known(id)) {
        Some((id, _)) => Err(Printable::new(&format!(
            "Phase {id} would not be read as a phase in the archive: look for a code fence or comment there that never ends."
        ))),
        None => Ok(vec![edit]),
    }
}

/// The phase with this very section, blanks at its end left out.
fn same<'r>(roadmap: &'r Roadmap, (id, text): &(PhaseId, Vec<u8>)) -> Option<&'r Phase> {
    let bytes = |phase: &Phase| roadmap.bytes().get(phase.place.section.clone());
    let text = text.trim_ascii_end();
    let mut found = roadmap.phases.iter().filter(|phase| phase.id == *id);
    found.find(|phase| bytes(phase).is_some_and(|bytes| bytes.trim_ascii_end() == text))
}

/// The edits that take sections out that are kept elsewhere, as far as they are the same still.
pub(super) fn removal(roadmap: &Roadmap, sections: &[(PhaseId, Vec<u8>)]) -> Vec<Edit> {
    sections
        .iter()
        .filter_map(|one| same(roadmap, one))
        .filter_map(|phase| section(roadmap, phase))
        .collect()
}

/// The edit that takes a section out.
fn section(roadmap: &Roadmap, phase: &Phase) -> Option<Edit> {
    let span = phase.place.section.clone();
    let old = roadmap.bytes().get(span.clone())?.to_vec();
    Some(Edit { phase: phase.id.clone(), line: phase.place.line, span, old, new: Vec::new() })
}
