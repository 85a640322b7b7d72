//! Sections in the archive: each stands below the heading of its batch, so that it says there what it said before.

use std::collections::HashMap;

use super::append::ending;
use super::archive::section;
use super::tick::lines_before;
use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;
use crate::domain::roadmap::heading::{self, Title};
use crate::domain::roadmap::phase::Phase;
use crate::domain::roadmap::scan::Source;
use crate::domain::roadmap::{Edit, Roadmap, splice};

/// What the heading says that phases of no batch stand below.
const OTHER: &str = "# Other phases";

/// A section on its way to the archive or back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its phase.
    pub phase: PhaseId,
    /// Its bytes.
    pub text: Vec<u8>,
    /// The batch it stands in.
    under: Option<Under>,
}

/// A batch that is open at some place of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Under {
    level: usize,
    number: u32,
    /// Its heading as it stands.
    line: Vec<u8>,
}

impl Moved {
    /// These sections with the batches they stand in.
    pub fn of(roadmap: &Roadmap, sections: Vec<(PhaseId, Vec<u8>)>) -> Vec<Self> {
        let batches = batches(roadmap.bytes(), None);
        let places = roadmap.phases.iter().rev();
        let places: HashMap<_, _> =
            places.map(|phase| (&phase.id, phase.place.heading.start)).collect();
        let under = |phase: &PhaseId| {
            let start = places.get(phase)?;
            let at = batches.partition_point(|(from, _)| from <= start);
            batches.get(at.checked_sub(1)?)?.1.clone()
        };
        let moved = |(phase, text)| Self { under: under(&phase), phase, text };
        sections.into_iter().map(moved).collect()
    }

    /// The heading to write before it, where one is needed.
    fn heading(&self, end: &End) -> Option<Vec<u8>> {
        let lines = ending(&self.text).repeat(2).into_bytes();
        let line = match (&self.under, &end.under) {
            (Some(own), Some(open)) if own.is(open) && !end.bare => return None,
            (Some(own), _) => own.line.clone(),
            (None, Some(open)) => [&b"#".repeat(open.level - 1), OTHER.as_bytes()].concat(),
            (None, None) if end.bare => OTHER.as_bytes().to_vec(),
            (None, None) => return None,
        };
        Some([line, lines].concat())
    }

    /// Every heading that may have been written before it.
    fn headings(&self) -> Vec<Vec<u8>> {
        let lines = ending(&self.text).repeat(2);
        match &self.under {
            Some(own) => vec![[&own.line[..], lines.as_bytes()].concat()],
            None => (0..6)
                .map(|more| format!("{}{OTHER}{lines}", "#".repeat(more)))
                .map(String::into_bytes)
                .collect(),
        }
    }
}

impl Under {
    fn is(&self, other: &Self) -> bool {
        (self.level, self.number) == (other.level, other.number)
    }
}

/// What is open at the end of a text.
struct End {
    under: Option<Under>,
    /// A heading below which nothing stands is its author's: nothing goes below it, or it would be taken out again.
    bare: bool,
}

impl End {
    fn of(archive: &[u8]) -> Self {
        let text = archive.trim_ascii_end();
        let under = batches(archive, None).pop().and_then(|(_, under)| under);
        let last = under.as_ref().map_or(OTHER.as_bytes(), |under| under.line.trim_ascii_end());
        Self { bare: text.ends_with(last), under }
    }
}

/// From which byte on which batch is open, where it changes; the first entry is `open`, from the start.
fn batches(bytes: &[u8], open: Option<Under>) -> Vec<(usize, Option<Under>)> {
    let source = Source::new(bytes);
    let mut found = vec![(0, open.clone())];
    let mut open = open;
    for line in source.lines().filter(|line| !line.hidden) {
        let text = source.line(&line);
        let Some(heading) = heading::heading(text) else { continue };
        open = match heading::title(&text[heading.text.clone()]) {
            Title::Phase(_) => continue,
            Title::Batch(number, _) => {
                let line = bytes.get(line.span()).unwrap_or_default().to_vec();
                Some(Under { level: heading.level, number, line })
            }
            Title::Other => open.filter(|open| heading.level > open.level),
        };
        found.push((line.start, open.clone()));
    }
    found
}

/// The insertion that adds sections at the end of an archive.
pub(super) fn keeping(archive: &Roadmap, sections: &[Moved]) -> Result<Vec<Edit>, Printable> {
    let bytes = archive.bytes();
    let there = Sections::of(archive);
    let missing: Vec<_> = sections.iter().filter(|one| there.same(one).is_none()).collect();
    let Some(first) = missing.first() else { return Ok(Vec::new()) };
    let (line, end) = (lines_before(bytes, bytes.len()) + 1, bytes.len());
    let (phase, new) = (first.phase.clone(), written(bytes, &missing));
    let edit = Edit { phase, line, span: end..end, old: Vec::new(), new };
    let after = Roadmap::parse(splice(bytes, std::slice::from_ref(&edit)));
    let added = after.phases.iter().filter(|phase| phase.place.heading.start >= end);
    let added: HashMap<_, _> = added.map(|phase| (&phase.id, phase.place.batch)).collect();
    let number = |one: &Moved| one.under.as_ref().map(|under| under.number);
    match missing.iter().find(|one| added.get(&one.phase) != Some(&number(one))) {
        Some(Moved { phase, .. }) => Err(Printable::new(&format!(
            "Phase {phase} would not be read as a phase in the archive: look for a code fence or comment there that never ends."
        ))),
        None => Ok(vec![edit]),
    }
}

/// The text that adds sections at the end of an archive.
fn written(archive: &[u8], sections: &[&Moved]) -> Vec<u8> {
    let mut end = End::of(archive);
    let mut new: Vec<u8> = Vec::new();
    for one in sections {
        let heading = one.heading(&end);
        let under = if heading.is_some() { one.under.clone() } else { end.under };
        for part in heading.iter().chain([&one.text]) {
            let before = new.last().or(archive.last());
            if before.is_some_and(|byte| !matches!(byte, b'\n' | b'\r')) {
                new.push(b'\n');
            }
            new.extend_from_slice(part);
        }
        let under = batches(&one.text, under).pop().and_then(|(_, under)| under);
        end = End { under, bare: false };
    }
    new
}

/// The edits that take sections out of the archive again, with what was written around them if nothing was added since.
pub(super) fn taking_back(archive: &Roadmap, sections: &[Moved]) -> Vec<Edit> {
    match added(archive, sections) {
        Some(edit) => vec![edit],
        None => removal(archive, sections),
    }
}

/// All that was added at the end, when these sections are all there is to it.
fn added(archive: &Roadmap, sections: &[Moved]) -> Option<Edit> {
    let bytes = archive.bytes();
    let first = sections.first()?;
    let at = memchr::memmem::rfind(bytes, &first.text)?;
    let headed = first.headings().into_iter().filter(|heading| bytes[..at].ends_with(heading));
    let mut cuts: Vec<usize> = headed.map(|heading| at - heading.len()).collect();
    cuts.push(at);
    let sections: Vec<&Moved> = sections.iter().collect();
    let cut = cuts.into_iter().find(|cut| written(&bytes[..*cut], &sections) == bytes[*cut..])?;
    let (phase, line) = (first.phase.clone(), lines_before(bytes, cut) + 1);
    Some(Edit { phase, line, span: cut..bytes.len(), old: bytes[cut..].to_vec(), new: Vec::new() })
}

/// The edits that take sections out that are kept elsewhere, as far as they are the same still.
pub(super) fn removal(roadmap: &Roadmap, sections: &[Moved]) -> Vec<Edit> {
    let there = Sections::of(roadmap);
    let found = sections.iter().filter_map(|one| there.same(one));
    found.filter_map(|phase| section(roadmap, phase)).collect()
}

/// Sections by the id of their phase.
struct Sections<'r> {
    roadmap: &'r Roadmap,
    by_id: HashMap<&'r PhaseId, Vec<&'r Phase>>,
}

impl<'r> Sections<'r> {
    fn of(roadmap: &'r Roadmap) -> Self {
        let mut by_id: HashMap<_, Vec<_>> = HashMap::with_capacity(roadmap.phases.len());
        for phase in &roadmap.phases {
            by_id.entry(&phase.id).or_default().push(phase);
        }
        Self { roadmap, by_id }
    }

    /// The phase with this very section, blanks at its end left out.
    fn same(&self, one: &Moved) -> Option<&'r Phase> {
        let bytes = |phase: &Phase| self.roadmap.bytes().get(phase.place.section.clone());
        let text = one.text.trim_ascii_end();
        let mut found = self.by_id.get(&one.phase)?.iter().copied();
        found.find(|phase| bytes(phase).is_some_and(|bytes| bytes.trim_ascii_end() == text))
    }
}
