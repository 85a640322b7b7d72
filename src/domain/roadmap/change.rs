//! Changes as edits: garden, claim, release, complete and what a person asks for. Each touches the bytes of one field
//! and no other; only whole sections are added, or moved to the archive.

mod append;
mod archive;
mod complete;
mod keep;
mod place;
mod revert;
mod tick;
mod together;

use std::collections::{BTreeMap, BTreeSet};

use super::field::{self, Key};
use super::parse::assignee;
use super::phase::{Field, Phase, Span, Status, StatusSource};
use super::readiness::{Blockage, Evaluator};
use super::scan::Source;
use super::{Edit, Roadmap, RoadmapChange, status};
use crate::domain::gardener::{Facts, RoadmapGardener};
use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;
use crate::domain::undo::Fingerprint;
pub use archive::kept_for_a_look;
pub use keep::Moved;
pub use revert::{Choice, Obstacle};

/// The edits that make a change in a roadmap.
pub(super) fn edits(
    change: &RoadmapChange,
    roadmap: &Roadmap,
    held: &BTreeSet<PhaseId>,
) -> Result<Vec<Edit>, Printable> {
    made(change, &Evaluator::new(roadmap, held), held)
}

/// The same with what is known of the roadmap already.
fn made(
    change: &RoadmapChange,
    evaluator: &Evaluator,
    held: &BTreeSet<PhaseId>,
) -> Result<Vec<Edit>, Printable> {
    let roadmap = evaluator.roadmap();
    let mut edits = match change {
        RoadmapChange::Garden => return Ok(RoadmapGardener.garden(roadmap, None, held).edits),
        RoadmapChange::Claim { phase, assignee } => {
            Page::open(evaluator, phase)?.claim(assignee)?
        }
        RoadmapChange::Release { phase, assignee, restore } => {
            let back = if held.contains(phase) { Back::EvenComplete } else { Back::InProgress };
            Page::open(evaluator, phase)?.release(assignee, restore.as_deref(), back)
        }
        RoadmapChange::Complete { phase, date, ticked } => {
            Page::open(evaluator, phase)?.completed(date, ticked)
        }
        RoadmapChange::GardenBut(left) => return Ok(gardened_but(roadmap, left, held)),
        RoadmapChange::Reopen { phase, from } => {
            refuse_held(phase, held)?;
            Page::open(evaluator, phase)?.reopen(*from, evaluator)?
        }
        RoadmapChange::TickTasks { phase, task } => {
            Page::open(evaluator, phase)?.tick_tasks(task.as_deref())?
        }
        RoadmapChange::TickDependency { phase, on, tick } => {
            Page::open(evaluator, phase)?.tick_dependency(evaluator, on, *tick)?
        }
        RoadmapChange::DropRepeats { phase, key } => {
            Page::open(evaluator, phase)?.drop_repeats(key)
        }
        RoadmapChange::Append { text, proposal: _ } => append::edits(roadmap, text)?,
        RoadmapChange::Archive => archive::edits(roadmap, held)?,
        RoadmapChange::Keep { sections } => keep::keeping(roadmap, sections)?,
        RoadmapChange::Remove { sections } => keep::removal(roadmap, sections),
        RoadmapChange::TakeBack { sections } => keep::taking_back(roadmap, sections),
        RoadmapChange::Together(changes) => together::edits(changes, evaluator, held)?,
        RoadmapChange::Revert(reverts) => revert::edits(roadmap, reverts, held)?,
    };
    edits.retain(|edit| edit.old != edit.new);
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    Ok(edits)
}

/// The gardener's edits, but for what a person took back.
fn gardened_but(
    roadmap: &Roadmap,
    left: &BTreeMap<PhaseId, Fingerprint>,
    held: &BTreeSet<PhaseId>,
) -> Vec<Edit> {
    let facts = Facts { left: left.clone(), ..Facts::held(held) };
    RoadmapGardener.look(roadmap, None, &facts).edits
}

/// Whether a field of a phase on one line says what the other one says.
pub(crate) fn says_the_same(phase: &Phase, first: &Field, again: &Field) -> bool {
    let (first, again) = (phase.value(first), phase.value(again));
    again.trim() == first.trim() && !again.trim().contains('\n')
}

/// Whether another field of a phase stands on the line of this one.
pub(crate) fn shares_line(phase: &Phase, field: &Field) -> bool {
    let first = phase.fields.partition_point(|other| other.line < field.line);
    phase.fields.get(first + 1).is_some_and(|other| other.line == field.line)
}

/// A phase that one of our agents works on is the agent's.
fn refuse_held(phase: &PhaseId, held: &BTreeSet<PhaseId>) -> Result<(), Printable> {
    if held.contains(phase) {
        let text = format!("An agent works on phase {phase}: stop it first.");
        return Err(Printable::new(&text));
    }
    Ok(())
}

/// Replaces the state token of the phase at this place; the reason goes with it when it is met.
pub(crate) fn unblocked(roadmap: &Roadmap, at: usize) -> Option<Edit> {
    let phase = roadmap.phases.get(at)?;
    let page = Page { roadmap, phase, tail: *roadmap.tails.get(at)? };
    let mut edit = page.state(Status::NotStarted)?;
    if phase.status.reason.is_some() {
        let end = page.status_field()?.span.end;
        edit.span.end = end.max(edit.span.end);
        edit.old = roadmap.bytes().get(edit.span.clone())?.to_vec();
    }
    Some(edit)
}

/// Which states a release puts back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Back {
    /// In Progress.
    InProgress,
    /// Complete as well: our agent wrote it before its gates had their say.
    EvenComplete,
}

/// One phase of one roadmap, about to be edited.
struct Page<'r> {
    roadmap: &'r Roadmap,
    phase: &'r Phase,
    tail: usize,
}

impl<'r> Page<'r> {
    /// Finds the phase; refuses what may never be written.
    fn open(evaluator: &Evaluator<'r>, id: &PhaseId) -> Result<Self, Printable> {
        let refuse = |text: String| Err(Printable::new(&text));
        let roadmap = evaluator.roadmap();
        let Some((at, phase)) =
            evaluator.place(id).and_then(|at| Some((at, roadmap.phases.get(at)?)))
        else {
            return refuse(format!("The roadmap has no phase {id}: choose one that it has."));
        };
        if evaluator.is_duplicate(id) {
            let other = roadmap.phases[at + 1..].iter().find(|phase| phase.id == *id);
            let lines = (phase.place.line, other.map_or(0, |other| other.place.line));
            return refuse(format!(
                "Phase {id} stands twice, on lines {} and {}: rename one of them.",
                lines.0, lines.1
            ));
        }
        if phase.status.source != StatusSource::Field {
            let line = phase.place.line;
            return refuse(format!(
                "Phase {id} (line {line}) has no Status field: add one, then try again."
            ));
        }
        Ok(Self { roadmap, phase, tail: roadmap.tails[at] })
    }

    /// In Progress, assigned to somebody.
    fn claim(&self, name: &str) -> Result<Vec<Edit>, Printable> {
        let id = &self.phase.id;
        let holder = self.phase.assigned_to.as_ref();
        let wanted = Printable::new(&one_line(name));
        let refuse = |text: String| Err(Printable::new(&text));
        match self.phase.status.state {
            Status::NotStarted => {}
            Status::InProgress => {
                if let Some(holder) = holder.filter(|holder| **holder != wanted) {
                    return refuse(format!(
                        "Phase {id} is in progress and assigned to {holder}: release it first."
                    ));
                }
            }
            Status::Complete => {
                return refuse(format!(
                    "Phase {id} is already complete: there is nothing to claim."
                ));
            }
            Status::Blocked => {
                return refuse(format!(
                    "Phase {id} is blocked: it can be claimed once it is Not Started."
                ));
            }
            Status::Deferred => {
                return refuse(format!("Phase {id} is deferred: set it to Not Started first."));
            }
            Status::Unknown => {
                let line = self.status_field().map_or(self.phase.place.line, |field| field.line);
                return refuse(format!(
                    "The status of phase {id} (line {line}) can't be read: set it to Not Started first."
                ));
            }
        }
        let assigned = match self.phase.assigned_field() {
            Some(field) => self.replaced(field, &one_line(name)),
            None => self.inserted("Assigned To", &one_line(name), self.behind_status()),
        };
        Ok(self.state(Status::InProgress).into_iter().chain(assigned).collect())
    }

    /// Back to Not Started, unless the file has moved on. A name that is not ours stays.
    fn release(&self, name: &str, restore: Option<&str>, back: Back) -> Vec<Edit> {
        let ours = Printable::new(&one_line(name));
        let other = self.phase.assigned_to.as_ref().is_some_and(|holder| *holder != ours);
        let ours_to_put_back = match self.phase.status.state {
            Status::InProgress => !other,
            // Whoever signs it: what our agent holds is complete by its gates and by nothing else.
            Status::Complete => back == Back::EvenComplete,
            Status::NotStarted | Status::Blocked | Status::Deferred | Status::Unknown => false,
        };
        if !ours_to_put_back {
            return Vec::new();
        }
        let named = |field: &&Field| {
            !other && assignee(&self.phase.text.shown(field.span.clone())).is_some()
        };
        let field = self.phase.assigned_field().filter(named);
        let assigned = field.and_then(|field| match restore {
            Some(text) => self.replaced(field, &one_line(text)),
            // Its line is not its own: another field would go with it.
            None if shares_line(self.phase, field) => self.replaced(field, "Unassigned"),
            None => self.edit(field.line_span.clone(), field.line, Vec::new()),
        });
        self.state(Status::NotStarted).into_iter().chain(assigned).collect()
    }

    /// Without the lines that say the same again.
    fn drop_repeats(&self, key: &str) -> Vec<Edit> {
        let same = |field: &&Field| field.key.as_str().eq_ignore_ascii_case(key);
        let mut fields = self.phase.fields.iter().filter(same);
        let Some(first) = fields.next() else { return Vec::new() };
        let again = fields.filter(|field| says_the_same(self.phase, first, field));
        let again = again.filter(|field| !shares_line(self.phase, field));
        again
            .filter_map(|field| self.edit(field.line_span.clone(), field.line, Vec::new()))
            .collect()
    }

    /// Not Started again, at a person's word.
    fn reopen(&self, from: Status, evaluator: &Evaluator) -> Result<Vec<Edit>, Printable> {
        let id = &self.phase.id;
        let refuse = |text: String| Err(Printable::new(&text));
        let state = self.phase.status.state;
        if state == Status::NotStarted {
            return Ok(Vec::new());
        }
        if state != from || self.phase.status.conflict {
            return refuse(format!("Phase {id} has another status by now: look at it again."));
        }
        match state {
            Status::InProgress | Status::Unknown | Status::Deferred => {}
            Status::Blocked => {
                if evaluator.blockage(self.phase) == Blockage::Waiting {
                    return refuse(format!("Phase {id} waits for what it depends on."));
                }
            }
            Status::NotStarted | Status::Complete => {
                return refuse(format!("Phase {id} is complete: it is not opened again."));
            }
        }
        let at = evaluator.place(id);
        Ok(at.and_then(|at| unblocked(self.roadmap, at)).into_iter().collect())
    }

    /// The edit that writes another state, in the style of the old one.
    fn state(&self, state: Status) -> Option<Edit> {
        let status = &self.phase.status;
        if status.state == state && !status.conflict {
            return None;
        }
        let old =
            String::from_utf8_lossy(self.roadmap.bytes().get(status.token.clone())?).into_owned();
        let words = status::write(state, &old, self.roadmap.dialect);
        let field = self.status_field()?;
        let gap = if old.is_empty() && self.needs_blank(status.token.start) { " " } else { "" };
        let bytes = |span: Span| self.roadmap.bytes().get(span).unwrap_or_default();
        let before = bytes(field.line_span.start..status.token.start);
        let behind = bytes(status.token.end..field.span.end);
        let line = [before, words.as_bytes(), behind].concat();
        // As the parser reads it: without comments.
        let line = Source::new(&line);
        let value = line.text.get(field.span.start - field.line_span.start..).unwrap_or_default();
        let read = status::judge(value.trim(), self.roadmap.dialect);
        // What stands around the token may say something else: then the whole value goes.
        let agrees = read.state == state && !read.conflict;
        let span = if agrees { status.token.clone() } else { field.span.clone() };
        self.edit(span, field.line, format!("{gap}{words}").into_bytes())
    }

    /// The edit that writes another value into a field.
    fn replaced(&self, field: &Field, value: &str) -> Option<Edit> {
        let gap =
            if field.span.is_empty() && self.needs_blank(field.span.start) { " " } else { "" };
        self.edit(field.span.clone(), field.line, format!("{gap}{value}").into_bytes())
    }

    /// The edit that adds a field in the style of the Status line.
    fn inserted(&self, key: &str, value: &str, at: usize) -> Option<Edit> {
        let field = self.status_field()?;
        let line = String::from_utf8_lossy(self.roadmap.bytes().get(field.line_span.clone())?)
            .into_owned();
        let body = line.trim_end_matches(['\r', '\n']);
        let shape = field::shape(body)?;
        let between = &body[shape.key.end..shape.value.start];
        let gap = if between.ends_with(char::is_whitespace) { "" } else { " " };
        // The closing marks, and the blanks that break a line.
        let trail = &body[shape.value.end..];
        let closes = trail.chars().all(|c| c.is_whitespace() || matches!(c, '*' | '_'));
        let trail = trail.chars().filter(|c| closes && matches!(c, ' ' | '*' | '_'));
        let trail: String = trail.collect();
        let text = format!("{}{key}{between}{gap}{value}{trail}", &body[..shape.key.start]);
        let ending = self.ending(&line[body.len()..]);
        let ended =
            matches!(self.roadmap.bytes().get(at.wrapping_sub(1)), None | Some(b'\n' | b'\r'));
        let text = if ended { format!("{text}{ending}") } else { format!("{ending}{text}") };
        self.edit(at..at, field.line, text.into_bytes())
    }

    /// The line ending to write: the one given, or the file's first.
    fn ending(&self, own: &str) -> String {
        if !own.is_empty() {
            return own.to_owned();
        }
        let bytes = self.roadmap.bytes();
        let first = bytes.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(bytes.len());
        match (bytes.get(first), bytes.get(first + 1)) {
            (Some(b'\r'), Some(b'\n')) => "\r\n".into(),
            (Some(b'\r'), _) => "\r".into(),
            _ => "\n".into(),
        }
    }

    /// An edit of this phase.
    fn edit(&self, span: Span, line: usize, new: Vec<u8>) -> Option<Edit> {
        let old = self.roadmap.bytes().get(span.clone())?.to_vec();
        Some(Edit { phase: self.phase.id.clone(), line, span, old, new })
    }

    /// Whether a value written at `at` needs a blank before it.
    fn needs_blank(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.roadmap.bytes().get(before));
        !before.is_some_and(|b| b.is_ascii_whitespace())
    }

    fn first(&self, key: Key) -> Option<&'r Field> {
        self.phase.fields.iter().find(|field| field.kind == key)
    }

    fn status_field(&self) -> Option<&'r Field> {
        self.first(Key::Status)
    }
}

/// Text that stays on one line, whatever it was.
fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.trim().to_owned()
}

/// Whether this says a day, or none yet.
fn is_date(text: &str) -> bool {
    const WORDS: [&str; 20] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "yyyy",
        "mm", "dd", "st", "nd", "rd", "th", "utc",
    ];
    let is_part = |part: &str| {
        let letters = part.trim_matches(|c: char| c.is_ascii_digit()).to_lowercase();
        let is_month = letters.len() >= 3 && letters.is_ascii() && WORDS.contains(&&letters[..3]);
        part.len() <= 9 && (letters.is_empty() || letters == "t" || letters == "z" || is_month)
            || WORDS.contains(&letters.as_str())
    };
    let mut parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    assignee(text).is_none() || parts.all(is_part)
}
