//! From lines to phases: one pass over the lines, one over the phases found.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::dependency::DependencyReader;
use super::draft::{Draft, Drafts};
use super::field::Key;
use super::finding::{Finding, FindingKind, Severity};
use super::overview::{self, Overview};
use super::phase::{Effort, Phase, PhaseStatus, Place, Status, StatusSource};
use super::scan::{Source, Unclosed};
use super::{Dialect, Roadmap, RoadmapHash, status};
use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;

/// Reads a roadmap from any bytes.
pub(super) fn parse(bytes: Arc<[u8]>) -> Roadmap {
    let source = Source::new(&bytes);
    let mut drafts = Drafts::read(&source);
    let mut findings = std::mem::take(&mut drafts.findings);
    findings.extend(structure(&source, &drafts));
    let ids = drafts.phases.iter().map(|draft| draft.title.id.clone()).collect();
    let dialect = dialect(&source, &drafts.phases);
    let mut builder = Builder {
        source: &source,
        dialect,
        overview: std::mem::take(&mut drafts.overview),
        dependencies: DependencyReader::new(&source.text, ids),
        seen: HashMap::new(),
    };
    let tails = drafts.phases.iter().map(|draft| draft.tail).collect();
    let phases = drafts.phases.into_iter().map(|draft| builder.phase(draft)).collect();
    let hash = hash(&bytes);
    Roadmap {
        phases,
        batches: drafts.batches,
        dialect,
        hash,
        findings,
        tails,
        archive: Arc::default(),
        bytes: bytes.clone(),
    }
}

/// SHA-256 in hex.
fn hash(bytes: &[u8]) -> RoadmapHash {
    let digest = Sha256::digest(bytes);
    RoadmapHash(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The majority of the file's marks.
fn dialect(source: &Source, drafts: &[Draft]) -> Dialect {
    let spoken = drafts.iter().filter_map(|draft| status::dialect(value(source, draft)?));
    let balance: i64 = spoken.map(|dialect| if dialect == Dialect::Arrows { 1 } else { -1 }).sum();
    if balance < 0 { Dialect::Circles } else { Dialect::Arrows }
}

/// The status value of a phase.
fn value<'s>(source: &'s Source, draft: &Draft) -> Option<&'s str> {
    draft.field(Key::Status).map(|field| &source.text[field.field.span.clone()])
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
    dialect: Dialect,
    overview: Overview,
    dependencies: DependencyReader<'s>,
    seen: HashMap<PhaseId, usize>,
}

impl Builder<'_> {
    fn phase(&mut self, draft: Draft) -> Phase {
        let occurrence =
            self.seen.entry(draft.title.id.clone()).and_modify(|n| *n += 1).or_insert(1);
        let place = Place {
            line: draft.line,
            heading: draft.heading.clone(),
            section: draft.heading.start..draft.end,
            occurrence: *occurrence,
            batch: draft.batch,
        };
        Phase {
            status: self.status(&draft),
            assigned_to: draft
                .field(Key::AssignedTo)
                .and_then(|field| assignee(&field.field.value)),
            depends_on: self.depends_on(&draft),
            effort: draft.field(Key::Effort).and_then(|field| effort(&field.field.value)),
            place,
            name: Printable::new(&draft.title.name),
            tags: draft.title.tags.iter().map(|tag| Printable::new(tag)).collect(),
            id: draft.title.id,
            tasks: draft.tasks,
            fields: draft.fields.into_iter().map(|raw| raw.field).collect(),
        }
    }

    fn status(&self, draft: &Draft) -> PhaseStatus {
        let nowhere = draft.heading.end..draft.heading.end;
        let Some(raw) = draft.field(Key::Status) else {
            let state = Status::Unknown;
            let (source, shown) = self.told(draft).unwrap_or((StatusSource::None, state));
            let (token, reason, conflict) = (nowhere, None, false);
            return PhaseStatus { state, shown, source, token, reason, conflict };
        };
        let span = raw.field.span.clone();
        let judged = status::judge(&self.source.text[span.clone()], self.dialect);
        let moved = |range: Range<usize>| span.start + range.start..span.start + range.end;
        PhaseStatus {
            state: judged.state,
            shown: judged.state,
            source: StatusSource::Field,
            token: moved(judged.token),
            reason: judged.reason.map(|range| Printable::new(&self.source.shown(moved(range)))),
            conflict: judged.conflict,
        }
    }

    /// What the file tells of a phase's state elsewhere than in a Status field.
    fn told(&self, draft: &Draft) -> Option<(StatusSource, Status)> {
        let heading = &self.source.text[draft.heading.clone()];
        let marked = overview::marked(heading, &draft.title.id);
        let tasks = || overview::of_tasks(draft.boxes).map(|state| (StatusSource::Derived, state));
        let heading = marked.map(|state| (StatusSource::Heading, state));
        heading.or_else(|| self.overview.of(&draft.title.id)).or_else(tasks)
    }

    /// The dependencies of all fields that name some; a key given twice counts once.
    fn depends_on(&mut self, draft: &Draft) -> Vec<super::phase::Dependency> {
        let mut keys: Vec<String> = Vec::new();
        let mut found = Vec::new();
        for raw in draft.fields.iter().filter(|raw| raw.key.names_phases()) {
            let key = raw.field.key.as_str().to_lowercase();
            if !keys.contains(&key) {
                keys.push(key);
                let read = self.dependencies.read(&raw.parts);
                let counts =
                    raw.key == Key::DependsOn || self.dependencies.names_phases(&read, &raw.parts);
                found.extend(read.into_iter().filter(|_| counts));
            }
        }
        found
    }
}

/// The assignee, unless it is a placeholder.
pub(super) fn assignee(value: &str) -> Option<Printable> {
    let name = value.lines().next().unwrap_or_default().trim();
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
    ];
    (!nobody.contains(&plain.as_str())).then(|| Printable::new(name))
}

/// The effort a value begins with.
fn effort(value: &str) -> Option<Effort> {
    let word = value.trim_start_matches(|c: char| !c.is_alphanumeric());
    let end = word.find(|c: char| !c.is_alphanumeric()).unwrap_or(word.len());
    match word[..end].to_lowercase().as_str() {
        "s" | "small" | "xs" => Some(Effort::S),
        "m" | "medium" => Some(Effort::M),
        "l" | "large" | "xl" => Some(Effort::L),
        _ => None,
    }
}
