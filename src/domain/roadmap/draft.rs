//! The first pass: headings, fields and tasks in file order, each with its place.

use std::ops::Range;

use super::Batch;
use super::field::{self, Key, Shape};
use super::finding::{Finding, FindingKind, Severity};
use super::heading::{self, Ground, Heading, PhaseTitle, Title};
use super::note;
use super::overview::Overview;
use super::phase::{Field, Span, Task};
use super::scan::{Line, Source};
use crate::domain::printable::Printable;

/// A field with what only the parser needs.
#[derive(Debug)]
pub(super) struct RawField {
    /// Which field it is.
    pub key: Key,
    /// The field.
    pub field: Field,
    /// Bytes of its value, line by line; kept for dependencies only.
    pub parts: Vec<Span>,
    indent: usize,
    bullet: bool,
}

/// A phase in the making.
#[derive(Debug)]
pub(super) struct Draft {
    /// What its heading says.
    pub title: PhaseTitle,
    /// Line of the heading, from 1.
    pub line: usize,
    /// Bytes of the heading line.
    pub heading: Span,
    /// Where its section ends.
    pub end: usize,
    /// Where a field may be added behind the last known one.
    pub tail: usize,
    /// The batch above it.
    pub batch: Option<u32>,
    /// Its fields.
    pub fields: Vec<RawField>,
    /// Its tasks.
    pub tasks: Vec<Task>,
    /// Ticked and all check boxes in its own text, tasks or not.
    pub boxes: (usize, usize),
    /// The first of each known key as written, as indexes of fields.
    known: Vec<usize>,
    /// Its heading level.
    level: usize,
    /// A deeper phase has begun: what follows is no longer this phase's.
    parent: bool,
}

impl Draft {
    /// The first field with this key.
    pub fn field(&self, key: Key) -> Option<&RawField> {
        self.fields.iter().find(|raw| raw.key == key)
    }

    /// Whether the heading and the fields together make a phase.
    fn is_phase(&self) -> bool {
        match self.title.ground {
            Ground::Keyword => true,
            Ground::KnownField => self.fields.iter().any(|raw| raw.key != Key::Unknown),
            Ground::Status => self.field(Key::Status).is_some(),
        }
    }
}

/// Everything the first pass found.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    /// Phases in file order.
    pub phases: Vec<Draft>,
    /// Batches in file order.
    pub batches: Vec<Batch>,
    /// What is odd.
    pub findings: Vec<Finding>,
    /// What text outside of phases tells about phases.
    pub overview: Overview,
}

impl Drafts {
    /// Walks over all lines.
    pub fn read(source: &Source) -> Self {
        let mut walk =
            Walk { source, out: Self::default(), open: Vec::new(), batch: None, at: At::Nowhere };
        for (index, line) in source.lines.iter().enumerate() {
            walk.line(index, line);
        }
        let end = source.lines.last().map_or(0, |line| line.next);
        walk.close(0, end);
        let mut out = walk.out;
        out.phases.retain(Draft::is_phase);
        out
    }
}

/// Where the walk is inside the current phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// In no field.
    Nowhere,
    /// In the phase's last field.
    Field,
    /// In its last field, behind a blank line.
    Gap,
    /// In its tasks.
    Tasks,
}

/// The state of the first pass.
struct Walk<'s> {
    source: &'s Source<'s>,
    out: Drafts,
    open: Vec<usize>,
    batch: Option<(usize, u32)>,
    at: At,
}

impl Walk<'_> {
    fn line(&mut self, index: usize, line: &Line) {
        let text = self.source.line(line);
        if line.hidden {
            self.hidden(text, index, line);
        } else if let Some(heading) = heading::heading(text) {
            self.heading(index, line, &heading);
        } else if let Some(draft) = self.open.last().copied() {
            if !self.out.phases[draft].parent {
                self.body(draft, index, line);
            }
        } else {
            self.out.overview.line(text);
        }
    }

    /// A fence inside a field keeps the field going.
    fn hidden(&mut self, text: &str, index: usize, line: &Line) {
        // What never ends must not swallow a field written behind it.
        if self.source.unclosed.is_some_and(|unclosed| index >= unclosed.line()) {
            return;
        }
        let Some(draft) = self.open.last().map(|at| &mut self.out.phases[*at]) else { return };
        let Some(last) = draft.fields.last() else { return };
        let inside = match self.at {
            At::Nowhere => false,
            At::Field => {
                !last.bullet || field::indent(text).0 > last.indent || line.start == draft.tail
            }
            At::Gap | At::Tasks => field::indent(text).0 > last.indent || line.start == draft.tail,
        };
        if inside && last.key != Key::Unknown {
            draft.tail = line.next;
        }
    }

    fn heading(&mut self, index: usize, line: &Line, heading: &Heading) {
        self.close(heading.level, line.start);
        self.at = At::Nowhere;
        let text = self.source.line(line);
        match heading::title(&text[heading.text.clone()]) {
            Title::Phase(title) => self.phase(title, index, (line, heading.level)),
            Title::Batch(number, title) => {
                self.batch = Some((heading.level, number));
                self.out.batches.push(Batch {
                    number,
                    title: Printable::new(&title),
                    line: index + 1,
                });
            }
            Title::Other => {
                self.batch = self.batch.filter(|(level, _)| heading.level > *level);
                self.list(index, line, &heading.text);
            }
        }
    }

    /// `#### Dependencies` inside a phase: the list below it counts where it names phases.
    fn list(&mut self, index: usize, line: &Line, title: &Range<usize>) {
        let text = &self.source.line(line)[title.clone()];
        let written =
            text.trim_matches(|c: char| matches!(c, '*' | '_' | ':') || c.is_whitespace());
        let Some(draft) = self.open.last().map(|at| &mut self.out.phases[*at]) else { return };
        if draft.parent || !Key::of(written).names_phases() {
            return;
        }
        let end = line.start + title.end;
        let field = Field {
            key: Printable::new(written),
            value: String::new(),
            span: end..end,
            line_span: line.start..line.next,
            line: index + 1,
        };
        let parts = std::iter::once(end..end).collect();
        draft.fields.push(RawField { key: Key::Requires, field, parts, indent: 0, bullet: false });
        self.at = At::Field;
    }

    /// Whether a bold text that looks like a key is an item of the list of phases it stands in.
    fn is_item(&self, draft: usize, key: &str) -> bool {
        let last = self.out.phases[draft].fields.last();
        let listing = last.is_some_and(|last| {
            last.key.names_phases() && !last.bullet && last.field.span.is_empty()
        });
        let inside = self.at == At::Field || self.at == At::Gap;
        listing && inside && Key::of(key) == Key::Unknown && note::named_phase(key) == Some(0)
    }

    fn phase(&mut self, title: PhaseTitle, index: usize, (line, level): (&Line, usize)) {
        if let Some(parent) = self.open.last() {
            self.out.phases[*parent].parent = true;
        }
        self.open.push(self.out.phases.len());
        self.out.phases.push(Draft {
            title,
            line: index + 1,
            heading: line.span(),
            end: line.next,
            tail: line.next,
            batch: self.batch.map(|(_, number)| number),
            fields: Vec::new(),
            tasks: Vec::new(),
            boxes: (0, 0),
            known: Vec::new(),
            level,
            parent: false,
        });
    }

    /// Ends every open section of this level or deeper.
    fn close(&mut self, level: usize, end: usize) {
        while let Some(at) =
            self.open.last().copied().filter(|at| self.out.phases[*at].level >= level)
        {
            self.out.phases[at].end = end;
            self.open.pop();
        }
    }

    fn body(&mut self, draft: usize, index: usize, line: &Line) {
        let text = self.source.line(line);
        let (indent, _) = field::indent(text);
        if let Some(task) = field::task(text) {
            let (done, all) = self.out.phases[draft].boxes;
            self.out.phases[draft].boxes = (done + usize::from(task.done), all + 1);
        }
        let base = self.out.phases[draft].fields.first().map_or(3, |first| first.indent);
        if text.trim().is_empty() {
            self.at = if self.at == At::Field { At::Gap } else { self.at };
        } else if field::is_rule(text) {
            self.at = At::Nowhere;
        } else if let Some(shape) = Some(text)
            .filter(|_| indent <= base)
            .and_then(field::shape)
            .filter(|shape| !self.is_item(draft, &text[shape.key.clone()]))
        {
            self.field(draft, index, (line, shape));
        } else if self.at == At::Tasks && field::task(text).is_some() {
            self.task(draft, index, line);
        } else {
            self.continuation(draft, line, indent);
        }
    }

    fn field(&mut self, draft: usize, index: usize, (line, shape): (&Line, Shape)) {
        let text = self.source.line(line);
        let written = &text[shape.key.clone()];
        let key = Key::of(written);
        let value = line.start + shape.value.start..line.start + shape.value.end;
        let field = Field {
            key: Printable::new(written),
            value: self.source.shown(value.clone()).into_owned(),
            span: value.clone(),
            line_span: line.start..line.next,
            line: index + 1,
        };
        let draft = &mut self.out.phases[draft];
        if key != Key::Unknown {
            let fields = &draft.fields;
            let same = |at: &&usize| fields[**at].field.key.as_str().eq_ignore_ascii_case(written);
            match draft.known.iter().find(same) {
                Some(first) => {
                    self.out.findings.push(repeated(&draft.title, &fields[*first], index + 1))
                }
                None => draft.known.push(fields.len()),
            }
            draft.tail = line.next;
        }
        self.at = if key == Key::Tasks { At::Tasks } else { At::Field };
        let parts = if key.names_phases() { vec![value] } else { Vec::new() };
        let (indent, bullet) = (shape.indent, shape.bullet);
        draft.fields.push(RawField { key, field, parts, indent, bullet });
    }

    fn task(&mut self, draft: usize, index: usize, line: &Line) {
        let text = self.source.line(line);
        let Some(shape) = field::task(text) else { return };
        let mark = line.start + shape.mark.start..line.start + shape.mark.end;
        let words = line.start + shape.text.start..line.start + shape.text.end;
        let draft = &mut self.out.phases[draft];
        let text = Printable::new(&self.source.shown(words));
        draft.tasks.push(Task { text, done: shape.done, mark, line: index + 1 });
        extend(self.source, draft, line);
    }

    /// A line that may belong to the field above it.
    fn continuation(&mut self, draft: usize, line: &Line, indent: usize) {
        let text = self.source.line(line);
        let draft = &mut self.out.phases[draft];
        let Some(last) = draft.fields.last() else { return };
        let item = field::bullet_length(text.trim_start()).is_some();
        let open = last.field.span.is_empty();
        let belongs = match self.at {
            At::Nowhere => false,
            At::Field => indent > last.indent || (!last.bullet && open),
            At::Gap => indent > last.indent || (!last.bullet && open && item),
            At::Tasks => indent > last.indent,
        };
        if belongs {
            extend(self.source, draft, line);
        } else if self.at != At::Tasks || !item {
            self.at = At::Nowhere;
        }
    }
}

/// Adds a line to the value of the last field.
fn extend(source: &Source, draft: &mut Draft, line: &Line) {
    let Some(last) = draft.fields.last_mut() else { return };
    let part = trimmed(source, line);
    last.field.value.push('\n');
    last.field.value.push_str(&source.shown(part.clone()));
    if last.key.names_phases() {
        last.parts.push(part);
    }
    let headed = source.text[last.field.line_span.clone()].trim_start().starts_with('#');
    if last.key != Key::Unknown && !headed {
        draft.tail = line.next;
    }
}

/// Bytes of a line without the blanks around it.
fn trimmed(source: &Source, line: &Line) -> Range<usize> {
    let text = source.line(line);
    let body = text.trim_start();
    let start = line.end - body.len();
    start..start + body.trim_end().len()
}

/// The finding for a field given twice.
fn repeated(title: &PhaseTitle, first: &RawField, line: usize) -> Finding {
    let key = first.field.key.as_str();
    let text =
        format!("Phase {} gives {key} again; only line {} counts.", title.id, first.field.line);
    Finding {
        kind: FindingKind::RepeatedField,
        severity: Severity::Warning,
        phase: Some(title.id.clone()),
        line,
        message: Printable::new(&text),
        fix: Some(Printable::new("Remove one of the two.")),
    }
}
