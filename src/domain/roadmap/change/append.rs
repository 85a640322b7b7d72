//! New phases behind the last one: heading level, line ending and marks become the file's own.

use super::tick::lines_before;
use crate::domain::id::PhaseId;
use crate::domain::printable::{Printable, Unprintable};
use crate::domain::roadmap::field::Key;
use crate::domain::roadmap::finding::FindingKind;
use crate::domain::roadmap::heading::{self, Title};
use crate::domain::roadmap::phase::{Field, Phase, Span, Status, StatusSource};
use crate::domain::roadmap::scan::Source;
use crate::domain::roadmap::{Edit, Roadmap, splice, status};
use std::borrow::Cow;

/// Heading level of phases where the file has none to go by.
const LEVEL: usize = 3;

/// The one insertion that adds these phases.
pub(super) fn edits(roadmap: &Roadmap, text: &str) -> Result<Vec<Edit>, Printable> {
    let text = text.trim_start_matches('\u{feff}');
    let drafted = Roadmap::parse(text.as_bytes());
    check(&drafted)?;
    if let Some(found) = Unprintable::find(text, 0) {
        let line = found.line;
        let text = format!("Line {line} of the new phases has {found}: take it out.");
        return Err(Printable::new(&text));
    }
    let place = Place::of(roadmap);
    let written = place.dressed(&drafted);
    let new = Roadmap::parse(written.as_bytes());
    if let Some(known) = new.phases.iter().find_map(|phase| roadmap.phase(&phase.id)) {
        let there = |phase: &Phase| {
            roadmap.phase(&phase.id).is_some_and(|found| told(found) == told(phase))
        };
        if new.phases.iter().all(there) {
            return Ok(Vec::new());
        }
        let (id, line) = (&known.id, known.place.line);
        let text = format!(
            "The roadmap has a phase {id} already, on line {line}: give the new one another id."
        );
        return Err(Printable::new(&text));
    }
    let edit = place.insertion(&written, &new.phases[0].id);
    if fits(roadmap, &new, &edit) {
        Ok(vec![edit])
    } else {
        Err(Printable::new(
            "The new phases would not be read as phases where they belong, behind the last one: add them by hand.",
        ))
    }
}

/// What a phase says of itself, less its state, which moves on.
fn told(phase: &Phase) -> (&Printable, Vec<(&Printable, Cow<'_, str>)>) {
    let stable = |field: &&Field| Key::of(field.key.as_str()) != Key::Status;
    let fields = phase.fields.iter().filter(stable);
    (&phase.name, fields.map(|field| (&field.key, phase.value(field))).collect())
}

/// Refuses what is no list of new phases.
fn check(drafted: &Roadmap) -> Result<(), Printable> {
    let refuse = |text: &str| Err(Printable::new(text));
    if drafted.findings.iter().any(|finding| finding.kind == FindingKind::UnclosedFence) {
        return refuse("The new phases have a code fence or comment that never ends: close it.");
    }
    let Some(first) = drafted.phases.first() else {
        return refuse(
            "There is no phase in the text: a phase begins with a heading such as `### Phase 1.1: Name`.",
        );
    };
    let start = drafted.bytes().iter().position(|b| !b.is_ascii_whitespace()).unwrap_or_default();
    if start != first.place.heading.start && drafted.bytes().get(start) != Some(&b'#') {
        return refuse("The text must begin with the heading of a phase or a batch.");
    }
    for phase in &drafted.phases {
        let id = &phase.id;
        if phase.place.occurrence > 1 {
            return refuse(&format!("Phase {id} stands twice among the new ones: rename one."));
        }
        let new = match phase.status.state {
            Status::NotStarted | Status::Blocked => phase.status.source == StatusSource::Field,
            Status::InProgress | Status::Complete | Status::Deferred | Status::Unknown => false,
        };
        if !new {
            return refuse(&format!(
                "The new phase {id} needs a Status field that says Not Started or Blocked."
            ));
        }
    }
    Ok(())
}

/// Where new phases go, and the style that is usual there.
struct Place<'r> {
    roadmap: &'r Roadmap,
    at: usize,
    level: usize,
    ending: &'static str,
    /// The state token of the phase before.
    token: Option<String>,
}

impl<'r> Place<'r> {
    /// Behind the last phase, or the phase around it.
    fn of(roadmap: &'r Roadmap) -> Self {
        let bytes = roadmap.bytes();
        let last = roadmap.phases.last();
        let around = last.and_then(|last| {
            let start = last.place.heading.start;
            roadmap.phases.iter().find(|phase| phase.place.section.contains(&start))
        });
        let at = around.map_or(bytes.len(), |phase| phase.place.section.end);
        let level = around.map(|phase| hashes(bytes, &phase.place.heading));
        let tokens = roadmap.phases.iter().rev().filter(|phase| !phase.status.token.is_empty());
        let mut tokens = tokens.filter_map(|phase| bytes.get(phase.status.token.clone()));
        let token = tokens.next().map(|token| String::from_utf8_lossy(token).into_owned());
        let level = level.unwrap_or(LEVEL).clamp(1, 6);
        Self { roadmap, at, level, ending: ending(bytes), token }
    }

    /// The sections in the file's style, without blank lines around them.
    fn dressed(&self, drafted: &Roadmap) -> String {
        let marked = splice(drafted.bytes(), &self.states(drafted));
        let source = Source::new(&marked);
        let headings: Vec<_> = source.lines().map(|line| level(&source, &line)).collect();
        let phases = source.lines().zip(&headings).filter_map(|(line, level)| {
            let heading = heading::heading(source.line(&line)).filter(|_| level.is_some())?;
            match heading::title(&source.line(&line)[heading.text]) {
                Title::Phase(_) => *level,
                Title::Batch(..) | Title::Other => None,
            }
        });
        let lowest = phases.min().unwrap_or(self.level);
        let mut text = String::with_capacity(marked.len() + 64);
        for (line, level) in source.lines().zip(&headings) {
            let body = String::from_utf8_lossy(&marked[line.span()]);
            match level {
                Some(level) => {
                    let new = (level + self.level).saturating_sub(lowest).clamp(1, 6);
                    text.push_str(&"#".repeat(new));
                    text.push_str(body.trim_start().trim_start_matches('#'));
                }
                None => text.push_str(&body),
            }
            text.push_str(self.ending);
        }
        format!("{}{}", text.trim_matches(['\n', '\r', ' ']), self.ending)
    }

    /// The edits that give the drafted states the marks of the file.
    fn states(&self, drafted: &Roadmap) -> Vec<Edit> {
        let Some(style) = &self.token else { return Vec::new() };
        let edit = |phase: &Phase| {
            let span = phase.status.token.clone();
            let old = drafted.bytes().get(span.clone())?.to_vec();
            let new = status::write(phase.status.state, style, self.roadmap.dialect).into_bytes();
            let line = phase.place.line;
            Some(Edit { phase: phase.id.clone(), line, span, old, new })
        };
        drafted.phases.iter().filter_map(edit).collect()
    }

    /// The insertion, with one blank line on either side.
    fn insertion(&self, written: &str, first: &PhaseId) -> Edit {
        let bytes = self.roadmap.bytes();
        let before = &bytes[..self.at];
        let blanks = if before.trim_ascii().is_empty() { 2 } else { line_ends(before) };
        let lead = self.ending.repeat(2_usize.saturating_sub(blanks));
        let trail = if self.at < bytes.len() { self.ending } else { "" };
        let line = lines_before(bytes, self.at) + 1;
        let (span, new) = (self.at..self.at, format!("{lead}{written}{trail}").into_bytes());
        Edit { phase: first.clone(), line, span, old: Vec::new(), new }
    }
}

/// Heading level of a line, if it is a heading.
fn level(source: &Source, line: &crate::domain::roadmap::scan::Line) -> Option<usize> {
    heading::heading(source.line(line)).filter(|_| !line.hidden).map(|heading| heading.level)
}

/// Hash marks of a heading line.
fn hashes(bytes: &[u8], heading: &Span) -> usize {
    let line = bytes.get(heading.clone()).unwrap_or_default().trim_ascii_start();
    line.iter().take_while(|byte| **byte == b'#').count()
}

/// How many line endings a text ends in, blanks between them left out.
fn line_ends(text: &[u8]) -> usize {
    let (mut count, mut rest) = (0, text);
    loop {
        rest = match rest {
            [rest @ .., b'\r', b'\n'] | [rest @ .., b'\n' | b'\r'] => {
                count += 1;
                rest
            }
            [rest @ .., b' ' | b'\t'] => rest,
            _ => return count,
        };
    }
}

/// The first line ending of a text.
pub(super) fn ending(bytes: &[u8]) -> &'static str {
    let first = bytes.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(bytes.len());
    match (bytes.get(first), bytes.get(first + 1)) {
        (Some(b'\r'), Some(b'\n')) => "\r\n",
        (Some(b'\r'), _) => "\r",
        _ => "\n",
    }
}

/// Whether all phases are read as they were, and then the new ones.
fn fits(roadmap: &Roadmap, new: &Roadmap, edit: &Edit) -> bool {
    let after = Roadmap::parse(splice(roadmap.bytes(), std::slice::from_ref(edit)));
    let told = |phase: &Phase| (phase.id.clone(), phase.status.state, phase.tasks.len());
    let wanted = roadmap.phases.iter().chain(&new.phases).map(told);
    after.phases.iter().map(told).eq(wanted)
}
