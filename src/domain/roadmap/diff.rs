//! Edits as lines: what stood there, what will.

use super::{Edit, splice};
use crate::domain::id::PhaseId;
use crate::domain::journal_text::named;
use crate::domain::printable::Printable;
use crate::domain::undo::{is_section, phases_in};

/// Lines that change together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// The phases concerned.
    pub phases: Vec<PhaseId>,
    /// The first line, from 1.
    pub line: usize,
    /// The lines as they are.
    pub old: Vec<Printable>,
    /// The lines as they become.
    pub new: Vec<Printable>,
}

impl Hunk {
    /// `@@ line 12, phase 2.1 @@`.
    pub fn head(&self) -> Printable {
        let noun = if self.phases.len() == 1 { "phase" } else { "phases" };
        Printable::new(&format!("@@ line {}, {noun} {} @@", self.line, named(&self.phases)))
    }
}

/// The lines that these edits of `bytes` change, in order.
pub fn hunks(bytes: &[u8], edits: &[Edit]) -> Vec<Hunk> {
    let mut ordered: Vec<&Edit> = edits.iter().collect();
    ordered.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut found: Vec<(std::ops::Range<usize>, Vec<Edit>)> = Vec::new();
    for edit in ordered {
        let lines = whole_lines(bytes, edit);
        match found.last_mut() {
            Some((range, group)) if lines.start < range.end => {
                range.end = range.end.max(lines.end);
                group.push(edit.clone());
            }
            Some(_) | None => found.push((lines, vec![edit.clone()])),
        }
    }
    found.into_iter().filter_map(|(range, group)| hunk(bytes, range, group)).collect()
}

/// How many lines the edits take away or change, or add if that is more.
pub fn lines_changed(hunks: &[Hunk]) -> usize {
    hunks.iter().map(|hunk| hunk.old.len().max(hunk.new.len())).sum()
}

fn hunk(bytes: &[u8], range: std::ops::Range<usize>, group: Vec<Edit>) -> Option<Hunk> {
    let old = bytes.get(range.clone())?;
    let moved: Vec<Edit> = group
        .iter()
        .map(|edit| Edit {
            span: edit.span.start - range.start..edit.span.end - range.start,
            ..edit.clone()
        })
        .collect();
    let new = splice(old, &moved);
    let mut phases: Vec<PhaseId> = group.iter().flat_map(phases_of).collect();
    phases.dedup();
    let line = group.first()?.line;
    Some(Hunk { phases, line, old: lines(old), new: lines(&new) })
}

/// The phases an edit is about: all whose sections it puts in or takes out.
fn phases_of(edit: &Edit) -> Vec<PhaseId> {
    match (&edit.old[..], &edit.new[..]) {
        ([], text) | (text, []) if is_section(text) => phases_in(text, &edit.phase),
        _other => vec![edit.phase.clone()],
    }
}

/// The whole lines an edit touches; nothing for an insertion between two lines.
fn whole_lines(bytes: &[u8], edit: &Edit) -> std::ops::Range<usize> {
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let span = edit.span.clone();
    let before = bytes.get(..span.start).unwrap_or_default();
    let at_start = before.last().is_none_or(is_end);
    if span.is_empty() && at_start && ends_line(&edit.new) {
        return span;
    }
    let start = before.iter().rposition(is_end).map_or(0, |at| at + 1);
    let inside = bytes.get(start..span.end).unwrap_or_default();
    if !span.is_empty()
        && inside.last().is_some_and(is_end)
        && (edit.new.is_empty() || ends_line(&edit.new))
    {
        return start..span.end;
    }
    let rest = bytes.get(span.end..).unwrap_or_default();
    let end = match rest.iter().position(is_end) {
        Some(at) if rest[at..].starts_with(b"\r\n") => span.end + at + 2,
        Some(at) => span.end + at + 1,
        None => bytes.len(),
    };
    start..end
}

/// Whether a text ends a line.
fn ends_line(text: &[u8]) -> bool {
    text.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r'))
}

/// The lines of a text, safe to print.
fn lines(bytes: &[u8]) -> Vec<Printable> {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
    text.lines().map(Printable::new).collect()
}
