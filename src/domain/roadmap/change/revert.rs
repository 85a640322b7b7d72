//! Taking edits back, wherever they are in the file by now.

use std::collections::BTreeSet;

use super::refuse_held;
use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;
use crate::domain::roadmap::{Edit, Revert, Roadmap};
use crate::domain::undo::Trace;

use super::tick::lines_before;

/// The edits that put back what stood there before.
pub(super) fn edits(
    roadmap: &Roadmap,
    revert: &Revert,
    held: &BTreeSet<PhaseId>,
) -> Result<Vec<Edit>, Printable> {
    let exact = roadmap.hash == revert.note.hash;
    let mut made = Vec::new();
    for trace in &revert.note.traces {
        refuse_held(&trace.phase, held)?;
        let start = if exact { Some(trace.at) } else { found(roadmap, trace) };
        let (old, new) = (trace.new.bytes().to_vec(), trace.old.bytes().to_vec());
        let place = start.map(|start| start..start + old.len());
        let place = place.filter(|span| roadmap.bytes().get(span.clone()) == Some(&old[..]));
        let Some(span) = place else {
            let (id, line) = (&trace.phase, trace.line);
            let text = format!(
                "What was written for phase {id} (line {line} then) has been changed since, so it can't be undone: change it by hand."
            );
            return Err(Printable::new(&text));
        };
        let line = lines_before(roadmap.bytes(), span.start) + 1;
        made.push(Edit { phase: trace.phase.clone(), line, span, old, new });
    }
    Ok(made)
}

/// Where an edit is now: where everything around it is the same, else where its own line is.
fn found(roadmap: &Roadmap, trace: &Trace) -> Option<usize> {
    let (before, new, after) = (trace.before.bytes(), trace.new.bytes(), trace.after.bytes());
    let whole = [before, new, after].concat();
    let bytes = roadmap.bytes();
    if let Some(at) = once(bytes, &whole) {
        return Some(at + before.len());
    }
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let lead = &before[before.iter().rposition(is_end).map_or(0, |at| at + 1)..];
    let tail = &after[..after.iter().position(is_end).unwrap_or(after.len())];
    if new.is_empty() || (lead.is_empty() && new.trim_ascii().is_empty()) {
        return None;
    }
    let mut phases = roadmap.phases.iter().filter(|phase| phase.id == trace.phase);
    let phase = phases.next().filter(|_| phases.next().is_none())?;
    let start = phase.place.section.start;
    let section = bytes.get(phase.place.section.clone())?;
    once(section, &[lead, new, tail].concat()).map(|at| start + at + lead.len())
}

/// Where `part` is in `text`, when it is there exactly once.
fn once(text: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() {
        return text.is_empty().then_some(0);
    }
    let mut places = text.windows(part.len()).enumerate().filter(|(_, window)| *window == part);
    let (first, _) = places.next()?;
    places.next().is_none().then_some(first)
}
