//! From lines to phases: one pass over the lines, one over the phases found.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use sha2::{Digest, Sha256};

use super::by_id::ById;
use super::dependency::DependencyReader;
use super::draft::{Draft, Drafts};
use super::field::Key;
use super::finding::{Finding, FindingKind, Severity};
use super::heading;
use super::overview::{self, Overview};
use super::phase::{Dependency, Effort, Field, Phase, PhaseStatus, Place, Span};
use super::phase::{Status, StatusSource};
use super::scan::{Source, Unclosed};
use super::status::Judge;
use super::stray::Stray;
use super::text::Text;
use super::token::{self, Letters};
use super::{Dialect, Roadmap, RoadmapHash, status};
use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;

/// Reads a roadmap from any bytes.
pub(super) fn parse(bytes: Arc<[u8]>) -> Roadmap {
    let source = Source::new(&bytes);
    let mut drafts = Drafts::read(&source);
    let mut findings = std::mem::take(&mut drafts.findings);
    findings.extend(structure(&source, &drafts));
    let ids = drafts.phases.iter().map(|draft| draft.id.clone()).collect();
    let titles = drafts.phases.iter().map(|draft| draft.place.heading.clone()).collect();
    let dialect = dialect(&source, &drafts.phases);
    let mut builder = Builder {
        source: &source,
        overview: std::mem::take(&mut drafts.overview),
        text: Arc::new(Text::new(Arc::clone(&bytes), drafts.more)),
        judge: Judge::new(dialect),
        dependencies: DependencyReader::new(&source.text, ids).with_titles(titles),
        seen: HashMap::with_capacity(drafts.phases.len()),
    };
    let tails = drafts.phases.iter().map(|draft| draft.tail).collect();
    let strays = std::mem::take(&mut drafts.strays);
    let strays: Vec<Stray> = strays.into_iter().filter(|stray| builder.is_open(stray)).collect();
    findings.extend(strays.iter().map(|stray| stray.finding(&source.text[stray.title.clone()])));
    let phases = drafts.phases.into_iter().map(|draft| builder.phase(draft)).collect();
    Roadmap {
        phases,
        batches: drafts.batches,
        dialect,
        hash: hash(&bytes),
        findings,
        tails,
        strays,
        archive: Arc::default(),
        by_id: ById::default(),
        text: builder.text,
    }
}

/// SHA-256 in hex.
fn hash(bytes: &[u8]) -> RoadmapHash {
    let digest = Sha256::digest(bytes);
    RoadmapHash(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The majority of the file's marks.
fn dialect(source: &Source, drafts: &[Draft]) -> Dialect {
    let mut values: HashMap<&str, i64> = HashMap::new();
    for value in drafts.iter().filter_map(|draft| value(source, draft)) {
        *values.entry(value).or_default() += 1;
    }
    let balance: i64 = values
        .into_iter()
        .map(|(value, count)| match status::dialect(value) {
            Some(Dialect::Arrows) => count,
            Some(Dialect::Circles) => -count,
            None => 0,
        })
        .sum();
    if balance < 0 { Dialect::Circles } else { Dialect::Arrows }
}

/// The status value of a phase.
fn value<'s>(source: &'s Source, draft: &Draft) -> Option<&'s str> {
    draft.field(Key::Status).map(|field| &source.text[field.span.clone()])
}

/// Findings about the file as a whole.
fn structure(source: &Source, drafts: &Drafts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let unclosed = source.unclosed.map(|unclosed| match unclosed {
        Unclosed::Fence(line) => {
            (line + 1, "The code fence opened here never ends, so nothing below it is read.")
        }
        Unclosed::Comment(line) => {
            (line + 1, "The comment opened here never ends, so nothing below it is read.")
        }
        Unclosed::Raw(line) => {
            (line + 1, "The HTML opened here never ends, so nothing below it is read.")
        }
    });
    let empty =
        (1, "No phase was found: a phase begins with a heading such as `### Phase 1.1: Name`.");
    let found = [
        unclosed.map(|(line, text)| (FindingKind::UnclosedFence, line, text)),
        drafts.phases.is_empty().then_some((FindingKind::NoPhases, empty.0, empty.1)),
    ];
    for (kind, line, text) in found.into_iter().flatten() {
        let message = Printable::new(text);
        findings.push(Finding {
            kind,
            severity: Severity::Error,
            phase: None,
            line,
            message,
            fix: None,
        });
    }
    findings
}

/// Makes phases of drafts.
struct Builder<'s> {
    source: &'s Source<'s>,
    overview: Overview,
    text: Arc<Text>,
    judge: Judge<'s>,
    dependencies: DependencyReader<'s>,
    seen: HashMap<PhaseId, usize>,
}

impl Builder<'_> {
    /// Whether a section that is no phase is not complete.
    fn is_open(&mut self, stray: &Stray) -> bool {
        let judged = self.judge.of(&self.source.text[stray.status.clone()]);
        judged.state != Status::Complete || judged.conflict
    }

    fn phase(&mut self, draft: Draft) -> Phase {
        let occurrence = self.seen.entry(draft.id.clone()).or_insert(0);
        *occurrence += 1;
        let place = Place { occurrence: *occurrence, ..draft.place.clone() };
        let value = |key| draft.fields.iter().find(|field| field.kind == key);
        Phase {
            status: self.status(value(Key::Status), &draft),
            assigned_to: value(Key::AssignedTo).and_then(|field| self.assigned_to(field)),
            depends_on: self.depends_on(&draft.fields),
            effort: value(Key::Effort).and_then(|field| effort(&self.text.value(field))),
            place,
            name: draft.name,
            tags: draft.tags,
            id: draft.id,
            boxes: draft.boxes,
            tasks: draft.tasks,
            fields: draft.fields,
            text: Arc::clone(&self.text),
        }
    }

    /// The status a field gives; without one it is unknown, and stands behind the heading.
    fn status(&mut self, field: Option<&Field>, draft: &Draft) -> PhaseStatus {
        let Some(field) = field else {
            let nowhere = draft.place.heading.end;
            let state = Status::Unknown;
            let (source, shown) = self.told(draft).unwrap_or((StatusSource::None, state));
            let (token, reason, conflict) = (nowhere..nowhere, None, false);
            return PhaseStatus { state, shown, source, token, reason, conflict };
        };
        let span = field.span.clone();
        let value = &self.source.text[span.clone()];
        let judged = match without_own(value, draft.id.as_str()) {
            Some(plain) => self.judge.once(&plain),
            None => self.judge.of(value),
        };
        let moved = |range: Range<usize>| span.start + range.start..span.start + range.end;
        let reason = judged.reason.map(|range| Printable::new(&self.text.shown(moved(range))));
        PhaseStatus {
            state: judged.state,
            shown: judged.state,
            source: StatusSource::Field,
            token: moved(judged.token),
            reason,
            conflict: judged.conflict,
        }
    }

    fn assigned_to(&self, field: &Field) -> Option<Printable> {
        assignee(&self.text.shown(field.span.clone()))
    }

    /// What the file tells of a phase's state elsewhere than in a Status field.
    fn told(&self, draft: &Draft) -> Option<(StatusSource, Status)> {
        let line = &self.source.text[draft.place.heading.clone()];
        let heading = heading::heading(line).map_or(line, |heading| &line[heading.text]);
        let marked = overview::marked(heading, &draft.id);
        let tasks = || overview::of_tasks(draft.boxes).map(|state| (StatusSource::Derived, state));
        let heading = marked.map(|state| (StatusSource::Heading, state));
        heading.or_else(|| self.overview.of(&draft.id)).or_else(tasks)
    }

    /// The dependencies of all fields that name some; one that stands twice with one value counts once.
    fn depends_on(&mut self, fields: &[Field]) -> Box<[Dependency]> {
        let mut naming = fields.iter().filter(|field| field.kind.names_phases()).peekable();
        let mut values = HashSet::new();
        let mut found = Vec::new();
        while let Some(field) = naming.next() {
            let more = !values.is_empty() || naming.peek().is_some();
            if more && !values.insert(self.text.value(field).into_owned()) {
                continue;
            }
            let lines: Vec<Span> = self.text.lines(field).cloned().collect();
            let read = self.dependencies.read(&lines);
            let counts =
                field.kind == Key::DependsOn || self.dependencies.names_phases(&read, &lines);
            found.extend(read.into_iter().filter(|_| counts));
        }
        found.into_boxed_slice()
    }
}

/// A status with blanks in place of the phase's own name, which says nothing: `Phase 2.1 complete`.
fn without_own(value: &str, id: &str) -> Option<String> {
    let at = value.find(id)?;
    let end = at + id.len();
    let whole = token::id_length(&value[at..], Letters::Allowed) == Some(id.len());
    let word = value[..at].trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
    let start = value[..at].trim_end().len() - word.len();
    let keyed = token::after_keyword(&value[start..]).is_some_and(|(rest, _)| rest.starts_with(id));
    let start = if keyed { start } else { at };
    let apart = keyed || id.contains(['.', '-']) && !value[..at].ends_with(char::is_alphanumeric);
    (whole && apart).then(|| {
        let blank = " ".repeat(end - start);
        [&value[..start], &blank, &value[end..]].concat()
    })
}

/// Who the first line of a value assigns a phase to; a placeholder is nobody.
pub(super) fn assignee(line: &str) -> Option<Printable> {
    let name = line.trim();
    let plain = name.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let nobody = [
        "",
        "tbd",
        "tba",
        "available",
        "unassigned",
        "none",
        "nobody",
        "n a",
        "n/a",
        "unclaimed",
        "open",
        "not assigned",
        "not yet assigned",
        "to be assigned",
        "to be decided",
        "to be determined",
        "tbc",
        "no one",
        "anyone",
        "anybody",
        "someone",
        "somebody",
    ];
    // `@team?` is a question.
    let asked = name.trim_end_matches(['*', '_', '`', ')', ' ']).ends_with('?');
    (!asked && !nobody.contains(&plain.as_str())).then(|| Printable::new(name))
}

/// The effort a value begins with.
fn effort(value: &str) -> Option<Effort> {
    let word = value.trim_start_matches(|c: char| !c.is_alphanumeric());
    let end = word.find(|c: char| !c.is_alphanumeric()).unwrap_or(word.len());
    let is = |names: &[&str]| names.iter().any(|name| word[..end].eq_ignore_ascii_case(name));
    if is(&["s", "small", "xs"]) {
        return Some(Effort::S);
    }
    if is(&["m", "medium"]) {
        return Some(Effort::M);
    }
    is(&["l", "large", "xl"]).then_some(Effort::L)
}
