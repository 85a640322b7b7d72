//! Taking edits back, wherever they are in the file by now.

use std::collections::{BTreeSet, HashMap};

use memchr::memmem;

use super::refuse_held;
use crate::domain::id::PhaseId;
use crate::domain::journal_text::named;
use crate::domain::printable::Printable;
use crate::domain::roadmap::phase::Span;
use crate::domain::roadmap::{Edit, Revert, Roadmap};
use crate::domain::undo::{Trace, is_section};

use super::tick::lines_before;

/// How many records a refusal names before it only counts them.
const NAMED: usize = 8;

/// What an undo comes to: the newest edits that can be taken back, past those that can't.
#[derive(Debug)]
pub struct Choice<'r> {
    /// What is taken back, with the edits that do it.
    pub taken: Option<(&'r Revert, Vec<Edit>)>,
    /// What is newer and stays as it is, newest first, each with the reason.
    pub passed: Vec<(&'r Revert, Obstacle)>,
}

/// Why edits are not taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The text is another one by now.
    Changed(Printable),
    /// An agent works on the phase.
    Held(Printable),
}

impl Obstacle {
    fn sentence(&self) -> &Printable {
        match self {
            Self::Changed(sentence) | Self::Held(sentence) => sentence,
        }
    }
}

impl<'r> Choice<'r> {
    /// Chooses among these, newest first, by what stands in the roadmap.
    pub fn of(roadmap: &Roadmap, reverts: &'r [Revert], held: &BTreeSet<PhaseId>) -> Self {
        let (mut places, mut lines) = (Places::of(roadmap), Lines::of(roadmap.bytes()));
        let mut passed = Vec::new();
        for revert in reverts {
            match edits_of(roadmap, revert, held, (&mut places, &mut lines)) {
                Ok(edits) => return Self { taken: Some((revert, edits)), passed },
                Err(obstacle) => passed.push((revert, obstacle)),
            }
        }
        Self { taken: None, passed }
    }
}

/// The edits that put back what stood there before the newest of these that can be taken back.
pub(super) fn edits(
    roadmap: &Roadmap,
    reverts: &[Revert],
    held: &BTreeSet<PhaseId>,
) -> Result<Vec<Edit>, Printable> {
    let Choice { taken, passed } = Choice::of(roadmap, reverts, held);
    match (taken, &passed[..]) {
        (Some((_, edits)), _) => Ok(edits),
        (None, []) => Ok(Vec::new()),
        (None, [(_, only)]) => Err(only.sentence().clone()),
        (None, [(_, newest), older @ ..]) => {
            let named: Vec<String> = older.iter().take(NAMED).map(|(r, _)| r.what()).collect();
            let more = match older.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let text = format!(
                "{newest} What is older can't be taken back either: {}{more}.",
                named.join("; "),
                newest = newest.sentence()
            );
            Err(Printable::new(&text))
        }
    }
}

/// All edits of one record taken back, or none.
fn edits_of(
    roadmap: &Roadmap,
    revert: &Revert,
    held: &BTreeSet<PhaseId>,
    (places, lines): (&mut Places, &mut Lines),
) -> Result<Vec<Edit>, Obstacle> {
    let exact = roadmap.hash == revert.note.hash;
    let mut made: Vec<Edit> = Vec::new();
    for trace in &revert.note.traces {
        for phase in &trace.phases() {
            refuse_held(phase, held).map_err(Obstacle::Held)?;
        }
        let taken_out = trace.new.bytes().is_empty() && is_of_sections(trace);
        if !exact && taken_out && places.has(&trace.phase) {
            let id = &trace.phase;
            let text = format!(
                "Phase {id} is in the roadmap again, so what was moved out is not put back beside it: undo it by hand."
            );
            return Err(Obstacle::Changed(Printable::new(&text)));
        }
        let start = if exact { Some(trace.at) } else { places.found(trace) };
        let (old, new) = (trace.new.bytes().to_vec(), trace.old.bytes().to_vec());
        let place = start.map(|start| start..start + old.len());
        let place = place.filter(|span| roadmap.bytes().get(span.clone()) == Some(&old[..]));
        let span = place.ok_or_else(|| changed(trace))?;
        let line = lines.at(span.start);
        made.push(Edit { phase: trace.phase.clone(), line, span, old, new });
    }
    made.sort_by_key(|edit| (edit.span.start, edit.span.end));
    // Two edits found in one place: what one of them wrote is gone.
    let overlap = made.windows(2).any(|pair| pair[0].span.end > pair[1].span.start);
    match revert.note.traces.first().filter(|_| overlap) {
        Some(trace) => Err(changed(trace)),
        None => Ok(made),
    }
}

fn changed(trace: &Trace) -> Obstacle {
    let (phases, line) = (trace.phases(), trace.line);
    let noun = if phases.len() == 1 { "phase" } else { "phases" };
    let text = format!(
        "What was written for {noun} {} (line {line} then) has been changed since, so it can't be undone: change it by hand.",
        named(&phases)
    );
    Obstacle::Changed(Printable::new(&text))
}

/// Numbers of lines, counted on from the one asked for last: edits come in file order.
struct Lines<'b> {
    bytes: &'b [u8],
    at: usize,
    line: usize,
}

impl<'b> Lines<'b> {
    fn of(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0, line: 1 }
    }

    /// The line this byte is in. `at` begins no second half of a line ending.
    fn at(&mut self, at: usize) -> usize {
        if at < self.at {
            *self = Self::of(self.bytes);
        }
        let between = self.bytes.get(self.at..at).unwrap_or_default();
        self.line += lines_before(between, between.len());
        self.at = at;
        self.line
    }
}

/// Where edits are by now.
struct Places<'r> {
    bytes: &'r [u8],
    /// Sections of phases; none where an id stands twice.
    sections: HashMap<&'r PhaseId, Option<&'r Span>>,
    /// What was looked for in the whole file: many edits of one place look the same.
    known: HashMap<Vec<u8>, Option<usize>>,
}

impl<'r> Places<'r> {
    fn of(roadmap: &'r Roadmap) -> Self {
        let mut sections = HashMap::with_capacity(roadmap.phases.len());
        for phase in &roadmap.phases {
            let one = |found: &mut Option<&Span>| *found = None;
            sections.entry(&phase.id).and_modify(one).or_insert(Some(&phase.place.section));
        }
        Self { bytes: roadmap.bytes(), sections, known: HashMap::new() }
    }

    fn has(&self, phase: &PhaseId) -> bool {
        self.sections.contains_key(phase)
    }

    /// Where an edit is now: where everything around it is the same, else where its own line is.
    fn found(&mut self, trace: &Trace) -> Option<usize> {
        let (before, new, after) = (trace.before.bytes(), trace.new.bytes(), trace.after.bytes());
        let whole = [before, new, after].concat();
        let section = self.sections.get(&trace.phase).copied().flatten();
        let near = section.and_then(|section| {
            let start = section.start.saturating_sub(before.len());
            let end = section.end.saturating_add(after.len()).min(self.bytes.len());
            Some(start + once(self.bytes.get(start..end)?, &whole)?)
        });
        // Only a whole section is at home outside of its phase: a field found elsewhere is another phase's.
        let at = near.or_else(|| self.anywhere(whole).filter(|_| is_of_sections(trace)));
        if let Some(at) = at {
            return Some(at + before.len());
        }
        if !new.is_empty() && is_of_sections(trace) {
            return section.and_then(|section| self.section(section, new));
        }
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let lead = &before[before.iter().rposition(is_end).map_or(0, |at| at + 1)..];
        let tail = &after[..after.iter().position(is_end).unwrap_or(after.len())];
        if new.is_empty() || (lead.is_empty() && new.trim_ascii().is_empty()) {
            return None;
        }
        let section = section?;
        let place = once(self.bytes.get(section.clone())?, &[lead, new, tail].concat());
        place.map(|at| section.start + at + lead.len())
    }

    /// Where a whole section is that was put in and is as it was, whatever has come to stand around it.
    fn section(&self, section: &Span, new: &[u8]) -> Option<usize> {
        let own = self.bytes.get(section.clone())?;
        let lead = new.len() - new.trim_ascii_start().len();
        let same = own.trim_ascii_end() == new.trim_ascii();
        same.then(|| section.start.checked_sub(lead)).flatten()
    }

    fn anywhere(&mut self, whole: Vec<u8>) -> Option<usize> {
        let bytes = self.bytes;
        *self.known.entry(whole).or_insert_with_key(|whole| once(bytes, whole))
    }
}

/// Whether an edit put in or took out whole sections.
fn is_of_sections(trace: &Trace) -> bool {
    let (old, new) = (trace.old.bytes(), trace.new.bytes());
    (new.is_empty() && is_section(old)) || (old.is_empty() && is_section(new))
}

/// Where `part` is in `text`, when it is there exactly once.
fn once(text: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() {
        return text.is_empty().then_some(0);
    }
    let first = memmem::find(text, part)?;
    memmem::find(&text[first + 1..], part).is_none().then_some(first)
}
