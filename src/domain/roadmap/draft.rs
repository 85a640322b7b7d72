//! The first pass: headings, fields and tasks in file order, each with its place.

use std::ops::Range;

mod held;
pub(super) mod part;

use super::Batch;
use super::field::{self, Key, Shape, TaskShape};
use super::finding::{Finding, FindingKind, Severity};
use super::heading::{self, Ground, Heading, PhaseTitle, Title};
use super::note;
use super::overview::Overview;
use super::page::{At, Mark, Page, Quote};
use super::phase::{Field, Place, Span, Task};
use super::scan::{Line, Source};
use super::spoken;
use super::stray::Stray;
use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;

/// A phase in the making.
#[derive(Debug)]
pub(super) struct Draft {
    /// Its id.
    pub id: PhaseId,
    /// Its name.
    pub name: Printable,
    /// Its starred tags.
    pub tags: Box<[Printable]>,
    /// Where it stands; the section is complete once it is closed, the occurrence is not known yet.
    pub place: Place,
    /// Where a field may be added behind the last known one.
    pub tail: usize,
    /// Its fields.
    pub fields: Box<[Field]>,
    /// Its tasks.
    pub tasks: Box<[Task]>,
    /// Ticked and all check boxes in its own text, tasks or not.
    pub boxes: (usize, usize),
    /// What makes it a phase.
    ground: Ground,
    /// Its heading level.
    level: usize,
}

impl Draft {
    /// The first field with this key.
    pub fn field(&self, key: Key) -> Option<&Field> {
        self.fields.iter().find(|field| field.kind == key)
    }

    /// Whether the heading and the fields together make a phase.
    fn is_phase(&self) -> bool {
        match self.ground {
            Ground::Keyword => true,
            Ground::KnownField => {
                let known = |field: &Field| !matches!(field.kind, Key::Unknown | Key::Hold);
                self.fields.iter().any(known)
            }
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
    /// The lines by which the values of fields go on, in file order.
    pub more: Vec<Span>,
    /// What is odd.
    pub findings: Vec<Finding>,
    /// Sections with a status that are no phases.
    pub strays: Vec<Stray>,
    /// What text outside of phases tells about phases.
    pub overview: Overview,
}

impl Drafts {
    /// Walks over all lines.
    pub fn read(source: &Source) -> Self {
        let mut walk = Walk {
            source,
            out: Self::default(),
            open: Vec::new(),
            page: Page::default(),
            batch: None,
            at: At::Nowhere,
            stray: None,
        };
        walk.out.phases.reserve(heading::most(&source.text));
        let mut end = 0;
        for (index, line) in source.lines().enumerate() {
            walk.line(index, &line);
            end = line.next;
        }
        walk.close(0, end);
        let mut out = walk.out;
        let top = out.phases.iter().map(|draft| draft.level).min();
        out.strays.retain(|stray| top.is_some_and(|top| stray.level >= top));
        out.phases.retain(Draft::is_phase);
        out.more.shrink_to_fit();
        out
    }
}

/// The state of the first pass.
struct Walk<'s> {
    source: &'s Source<'s>,
    out: Drafts,
    open: Vec<usize>,
    page: Page,
    batch: Option<(usize, u32)>,
    at: At,
    /// The section that is read, where it is no phase and has no status so far.
    stray: Option<Stray>,
}

impl Walk<'_> {
    fn line(&mut self, index: usize, line: &Line) {
        let text = self.source.line(line);
        if line.hidden {
            self.hidden(text, index, line);
        } else if let Some(heading) = heading::heading(text) {
            self.heading(index, line, &heading);
        } else if let Some(draft) = self.page.draft {
            self.body(draft, index, line);
        } else {
            let status = |shape: &Shape| Key::of(&text[shape.key.clone()]) == Key::Status;
            if self.stray.is_some()
                && let Some(shape) = field::shape(text).filter(status)
            {
                let status = within(line, &shape.value);
                self.out.strays.extend(self.stray.take().map(|stray| Stray { status, ..stray }));
            }
            if self.open.is_empty() {
                self.out.overview.line(text);
            }
        }
    }

    /// A fence inside a field keeps the field going.
    fn hidden(&mut self, text: &str, index: usize, line: &Line) {
        // What never ends must not swallow a field written behind it.
        if self.source.unclosed.is_some_and(|unclosed| index >= unclosed.line()) {
            return;
        }
        let (Some(draft), Some(last)) = (self.page.draft, self.page.fields.last()) else { return };
        let draft = &mut self.out.phases[draft];
        let inside = match self.at {
            At::Nowhere => false,
            At::Field if self.page.mark != Mark::Bullet => true,
            At::Field | At::Gap | At::Tasks => {
                field::indent(text).0 > self.page.indent || line.start == draft.tail
            }
        };
        if inside && last.kind != Key::Unknown {
            draft.tail = line.next;
        }
    }

    fn heading(&mut self, index: usize, line: &Line, heading: &Heading) {
        self.close(heading.level, line.start);
        self.at = At::Nowhere;
        let text = self.source.line(line);
        self.stray = None;
        match heading::title(&text[heading.text.clone()]) {
            Title::Phase(title) => self.phase(&title, index, (line, heading.level)),
            Title::Batch(number, title) => {
                self.batch = Some((heading.level, number));
                self.out.batches.push(Batch {
                    number,
                    title: Printable::new(title),
                    line: index + 1,
                });
            }
            Title::Other => {
                self.batch = self.batch.filter(|(level, _)| heading.level > *level);
                self.list(index, line, &heading.text);
                self.part(index, line, heading);
                let batch = self.batch.map(|(_, number)| number);
                let title = within(line, &heading.text);
                let level = heading.level;
                self.stray = Some(Stray { title, line: index + 1, level, batch, status: 0..0 });
            }
        }
    }

    /// `#### Dependencies` inside a phase: the list below it counts where it names phases.
    fn list(&mut self, index: usize, line: &Line, title: &Range<usize>) {
        let text = &self.source.line(line)[title.clone()];
        let plain = text.trim_matches(|c: char| matches!(c, '*' | '_' | ':') || c.is_whitespace());
        let whole = (Key::Requires, 0..text.len(), text.len()..text.len());
        let known = Key::of(plain).names_phases().then_some(whole);
        let Some((kind, key, value)) = spoken::titled(text).or(known) else { return };
        if self.page.draft.is_none() {
            return;
        }
        let (at, more) = (line.start + title.start, self.more());
        self.page.base = if self.page.fields.is_empty() { 0 } else { self.page.base };
        (self.page.indent, self.page.mark) = (0, Mark::Heading);
        self.page.fields.push(Field {
            key: Printable::new(if key.end == text.len() { plain } else { &text[key] }),
            span: at + value.start..at + value.end,
            line_span: line.start..line.next,
            line: index + 1,
            kind,
            more: more..more,
        });
        self.at = At::Field;
    }

    /// How many continuation lines there are so far.
    fn more(&self) -> u32 {
        u32::try_from(self.out.more.len()).unwrap_or(u32::MAX)
    }

    /// Whether a bold text that looks like a key is an item of the list of phases it stands in.
    fn is_item(&self, key: &str) -> bool {
        let last = self.page.fields.last();
        let listing = last.is_some_and(|last| last.kind.names_phases() && last.span.is_empty());
        let inside = self.at == At::Field || self.at == At::Gap;
        listing && inside && Key::of(key) == Key::Unknown && note::named_phase(key) == Some(0)
    }

    fn phase(&mut self, title: &PhaseTitle, index: usize, (line, level): (&Line, usize)) {
        self.finish_page();
        self.open.push(self.out.phases.len());
        self.page.draft = Some(self.out.phases.len());
        self.out.phases.push(Draft {
            id: title.id.clone(),
            name: Printable::new(&title.name),
            tags: title.tags.iter().map(|tag| Printable::new(tag)).collect(),
            place: Place {
                line: index + 1,
                heading: line.span(),
                section: line.start..line.next,
                occurrence: 0,
                batch: self.batch.map(|(_, number)| number),
            },
            tail: line.next,
            fields: Box::default(),
            tasks: Box::default(),
            boxes: (0, 0),
            ground: title.ground,
            level,
        });
    }

    /// Hands over what was read of the current phase; nothing more is read of it.
    fn finish_page(&mut self) {
        let fields = self.own_fields();
        if let Some(draft) = self.page.draft.take().and_then(|at| self.out.phases.get_mut(at)) {
            draft.fields = fields;
            draft.tasks = self.page.tasks.drain(..).collect();
        }
        self.page.known.clear();
        self.page.part = None;
    }

    /// Ends every open section of this level or deeper.
    fn close(&mut self, level: usize, end: usize) {
        while let Some(at) =
            self.open.last().copied().filter(|at| self.out.phases[*at].level >= level)
        {
            self.out.phases[at].place.section.end = end;
            self.open.pop();
            // The current phase is the innermost of all that are open.
            self.finish_page();
        }
    }

    fn body(&mut self, draft: usize, index: usize, line: &Line) {
        let text = self.source.line(line);
        let (indent, mark) = field::indent(text);
        let task = field::task(text);
        if let Some(task) = &task {
            let (done, all) = &mut self.out.phases[draft].boxes;
            (*done, *all) = (*done + usize::from(task.done), *all + 1);
        }
        self.page.quote(text);
        if mark == text.len() {
            self.page.holding = None;
            self.at = if self.at == At::Field { At::Gap } else { self.at };
        } else if field::is_rule(text) {
            self.at = At::Nowhere;
        } else if let Some(shape) = self.shape(text, (indent, task.is_some())) {
            self.page.holding = None;
            self.fields(draft, index, (line, shape));
        } else if let Some(task) = task.filter(|_| self.at == At::Tasks) {
            self.task(draft, index, (line, task));
        } else {
            if field::task(text).is_none() {
                self.holding(index, line, indent);
            }
            self.continuation(draft, line, indent);
        }
    }

    fn field(&mut self, draft: usize, index: usize, (line, shape): (&Line, Shape)) {
        let text = self.source.line(line);
        let written = &text[shape.key.clone()];
        let more = self.more();
        let field = Field {
            key: Printable::new(written),
            span: within(line, &shape.value),
            line_span: line.start..line.next,
            line: index + 1,
            kind: Key::of(written),
            more: more..more,
        };
        let (draft, page) = (&mut self.out.phases[draft], &mut self.page);
        if field.kind != Key::Unknown {
            let same = |at: &&usize| page.fields[**at].key.as_str().eq_ignore_ascii_case(written);
            match page.known.iter().find(same) {
                Some(first) => {
                    let finding = repeated(&draft.id, &page.fields[*first], index + 1);
                    self.out.findings.push(finding);
                }
                None => page.known.push(page.fields.len()),
            }
            draft.tail = line.next;
        }
        self.at = if field.kind == Key::Tasks { At::Tasks } else { At::Field };
        page.base = if page.fields.is_empty() { shape.indent } else { page.base };
        page.indent = shape.indent;
        page.mark = match shape.bullet {
            _ if text.trim_start().starts_with('>') => Mark::Quote,
            true => Mark::Bullet,
            false => Mark::Bold,
        };
        page.fields.push(field);
    }

    fn task(&mut self, draft: usize, index: usize, (line, shape): (&Line, TaskShape)) {
        let (text, mark) = (within(line, &shape.text), within(line, &shape.mark));
        self.page.tasks.push(Task { text, done: shape.done, mark, line: index + 1 });
        self.extend(draft, line);
    }

    /// A line that may belong to the field above it.
    fn continuation(&mut self, draft: usize, line: &Line, indent: usize) {
        let text = self.source.line(line);
        if self.page.takes(self.at, text, indent) {
            let waits = self.page.fields.last().is_some_and(|last| last.kind.names_phases());
            self.at = if waits { At::Field } else { self.at };
            self.extend(draft, line);
        } else if self.at != At::Tasks || field::item_length(text.trim_start()).is_none() {
            self.at = At::Nowhere;
        }
    }

    /// Adds a line to the value of the last field.
    fn extend(&mut self, draft: usize, line: &Line) {
        let Some(last) = self.page.fields.last_mut() else { return };
        self.out.more.push(trimmed(self.source, line));
        last.more.end = last.more.end.saturating_add(1);
        if last.kind != Key::Unknown && self.page.mark != Mark::Heading {
            self.out.phases[draft].tail = line.next;
        }
    }
}

/// Bytes in the file of a range in a line.
fn within(line: &Line, range: &Range<usize>) -> Span {
    line.start + range.start..line.start + range.end
}

/// Bytes of a line without the blanks around it.
fn trimmed(source: &Source, line: &Line) -> Range<usize> {
    let text = source.line(line);
    let body = text.trim_start();
    let start = line.end - body.len();
    start..start + body.trim_end().len()
}

/// The finding for a field given twice.
fn repeated(phase: &PhaseId, first: &Field, line: usize) -> Finding {
    let counts = if first.kind.names_phases() { "both count, the first on" } else { "only" };
    let line_counts = if first.kind.names_phases() { "" } else { " counts" };
    let text = format!(
        "Phase {phase} gives {} again; {counts} line {}{line_counts}.",
        first.key, first.line
    );
    Finding {
        kind: FindingKind::RepeatedField,
        severity: Severity::Warning,
        phase: Some(phase.clone()),
        line,
        message: Printable::new(&text),
        fix: Some(Printable::new("Remove one of the two.")),
    }
}
