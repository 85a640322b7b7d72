//! Sections inside of a phase that are work of their own: `### 1.1 Models` or `#### Work Stream DB-OPT: x` with a Status
//! field. What stands in them is not the phase's.

use super::{Field, Key, Line, Shape, Stray, Task, Walk, within};
use crate::domain::id::PhaseId;
use crate::domain::roadmap::heading::{self, Ground, Heading, PhaseTitle};
use crate::domain::roadmap::name;
use crate::domain::roadmap::token::{self, Letters};

/// A section that turns out to be work of its own once a Status field is found in it.
pub(in crate::domain::roadmap) struct Part {
    line: Line,
    index: usize,
    heading: Heading,
    kind: Kind,
    /// How much had been read of the phase around it.
    before: Before,
}

/// What had been read of a phase at a place.
struct Before {
    fields: usize,
    tasks: usize,
    holds: usize,
    findings: usize,
    boxes: (usize, usize),
    tail: usize,
}

/// What a heading without a separator names.
enum Kind {
    /// A phase: an id and a name.
    Phase(PhaseId, String),
    /// Something that can't be read as one.
    Other,
}

/// Numbers in words.
const NUMBERS: &str = "one two three four five six seven eight nine ten";

/// What a heading names, where it names work of its own: an id, a keyword and what is no id, or a word and a number.
/// The id of the phase around it names nothing else.
fn kind(text: &str, around: &str) -> Option<Kind> {
    let text = heading::undressed(text);
    let keyed = token::after_keyword(text).map(|(rest, _)| rest);
    let letters = if keyed.is_some() { Letters::Allowed } else { Letters::Refused };
    let rest = keyed.unwrap_or(text);
    if let Some(length) = token::id_length(rest, letters) {
        let (id, name) = rest.split_at(length);
        if id == around {
            return None;
        }
        let blank = name.starts_with(char::is_whitespace);
        let named = blank && name.trim_start().starts_with(char::is_alphanumeric);
        let sure = keyed.is_some() || id.contains(['.', '-']);
        return Some(match named && sure {
            true => Kind::Phase(PhaseId::new(id), name::plain(name)),
            false => Kind::Other,
        });
    }
    let (word, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let other = match keyed {
        Some(_) => {
            let plain = word.trim_end_matches([':', ')', '.']);
            let parted = plain.len() < word.len() || behind.starts_with(['-', '–', '—']);
            parted && is_name(plain)
        }
        None => word.chars().all(char::is_alphabetic) && is_number(behind),
    };
    other.then_some(Kind::Other)
}

/// `DB-OPT`, `API`, `Two`.
fn is_name(word: &str) -> bool {
    let capitals = word.bytes().filter(u8::is_ascii_uppercase).count() > 1;
    let number = NUMBERS.split(' ').any(|number| word.eq_ignore_ascii_case(number));
    number || capitals && !word.contains(|c: char| c.is_lowercase())
}

/// Whether a text begins with a number that is no day.
fn is_number(text: &str) -> bool {
    let length = token::id_length(text.trim_start_matches('#'), Letters::Refused);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let day = digits > 3 || text[digits..].starts_with(['-', '/']);
    length.is_some() && !day
}

impl Walk<'_> {
    /// Takes notice of a heading that is neither that of a phase nor of a batch.
    pub(super) fn part(&mut self, index: usize, line: &Line, heading: &Heading) {
        if self.page.part.as_ref().is_some_and(|part| part.heading.level < heading.level) {
            return;
        }
        self.page.part = None;
        let Some(inner) = self.open.last() else { return };
        let around = &self.out.phases[*inner];
        let text = &self.source.line(line)[heading.text.clone()];
        let Some(kind) = kind(text, around.id.as_str()) else { return };
        let (boxes, tail) = (around.boxes, around.tail);
        let page = &self.page;
        let (fields, tasks, holds) = (page.fields.len(), page.tasks.len(), page.holds.len());
        let findings = self.out.findings.len();
        let before = Before { fields, tasks, holds, findings, boxes, tail };
        let part = Part { line: *line, index, heading: heading.clone(), kind, before };
        match part.kind {
            // Nobody's fields are read here: those in front of its Status must not be lost.
            Kind::Phase(..) if self.page.draft.is_none() => self.become_phase(&part),
            Kind::Phase(..) | Kind::Other => self.page.part = Some(part),
        }
    }

    /// Where the fields of a line belong to: with a Status, to the part they stand in.
    pub(super) fn owner(&mut self, draft: usize, line: &Line, shapes: &[Shape]) -> Option<usize> {
        if self.page.part.is_none() {
            return Some(draft);
        }
        let text = self.source.line(line);
        let status = shapes.iter().find(|shape| Key::of(&text[shape.key.clone()]) == Key::Status);
        let Some(status) = status else { return Some(draft) };
        let page = &mut self.page;
        let fed = page.known.iter().any(|at| page.fields[*at].kind == Key::Status);
        // One that can't be read as a phase does no harm behind the phase's own Status.
        let counts = |part: &mut Part| matches!(part.kind, Kind::Phase(..)) || !fed;
        let Some(part) = page.part.take_if(counts) else { return Some(draft) };
        let (fields, tasks, holds) = self.take_back(draft, &part.before);
        match part.kind {
            Kind::Phase(..) => {
                self.become_phase(&part);
                self.page.known = firsts(&fields);
                (self.page.fields, self.page.tasks, self.page.holds) = (fields, tasks, holds);
            }
            Kind::Other => {
                self.finish_page();
                let (title, level) = (within(&part.line, &part.heading.text), part.heading.level);
                let batch = self.batch.map(|(_, number)| number);
                let status = within(line, &status.value);
                self.out.strays.push(Stray { title, line: part.index + 1, level, batch, status });
            }
        }
        self.page.draft
    }

    /// Opens the phase a part is.
    fn become_phase(&mut self, part: &Part) {
        let Kind::Phase(id, name) = &part.kind else { return };
        let (id, name) = (id.clone(), name.clone());
        let title = PhaseTitle { id, name, tags: Vec::new(), ground: Ground::Status };
        self.phase(&title, part.index, (&part.line, part.heading.level));
    }

    /// Takes from a phase what was read since.
    fn take_back(&mut self, draft: usize, before: &Before) -> (Vec<Field>, Vec<Task>, Vec<Field>) {
        let draft = &mut self.out.phases[draft];
        (draft.boxes, draft.tail) = (before.boxes, before.tail);
        self.out.findings.truncate(before.findings);
        let page = &mut self.page;
        let fields = page.fields.split_off(before.fields);
        (fields, page.tasks.split_off(before.tasks), page.holds.split_off(before.holds))
    }
}

/// The first field of each known key as written.
fn firsts(fields: &[Field]) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    for (at, field) in fields.iter().enumerate().filter(|(_, field)| field.kind != Key::Unknown) {
        let key = field.key.as_str();
        if !found.iter().any(|at| fields[*at].key.as_str().eq_ignore_ascii_case(key)) {
            found.push(at);
        }
    }
    found
}
