//! Taking roadmap edits back: what the journal keeps of them, and which of them can be taken back.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::effect::RoadmapOrder;
use crate::domain::id::PhaseId;
use crate::domain::journal::RoadmapRecord;
use crate::domain::roadmap::phase::{Phase, Status};
use crate::domain::roadmap::readiness::{Blockage, Evaluator, named_in_reason};
use crate::domain::roadmap::{
    Choice, Edit, Obstacle, Revert, Roadmap, RoadmapChange, RoadmapHash, splice,
};

/// Records kept that can be taken back.
const KEPT: usize = 100;
/// How many edits a sentence names before it only counts them.
const NAMED: usize = 8;
/// Most bytes of surroundings kept on either side of an edit.
const AROUND: usize = 256;

/// Bytes of a roadmap in the journal: a text, or numbers where they are none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Kept {
    /// UTF-8.
    Text(String),
    /// Anything else.
    Bytes(Vec<u8>),
}

impl Kept {
    /// Keeps these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Bytes(bytes.to_vec()),
        }
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// One edit as it is found again in a file that has changed elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The phase it belongs to.
    pub phase: PhaseId,
    /// Its line, from 1, before it was made.
    pub line: usize,
    /// Where what it wrote begins, in bytes of the file it left.
    pub at: usize,
    /// What stood there.
    pub old: Kept,
    /// What it wrote.
    pub new: Kept,
    /// What stands before it, at most two lines.
    pub before: Kept,
    /// What stands behind it, at most two lines.
    pub after: Kept,
}

impl Trace {
    /// The phases it belongs to: several where it put in more than one.
    pub fn phases(&self) -> Vec<PhaseId> {
        match (self.old.bytes(), self.new.bytes()) {
            ([], new) if is_section(new) => phases_in(new, &self.phase),
            _other => vec![self.phase.clone()],
        }
    }
}

/// Whether a text is of whole sections.
pub fn is_section(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(b"#")
}

/// The phases whose sections a text is; without any the one it is of.
pub fn phases_in(text: &[u8], phase: &PhaseId) -> Vec<PhaseId> {
    let read = Roadmap::parse(text);
    let found: Vec<_> = read.phases.iter().map(|phase| phase.id.clone()).collect();
    if found.is_empty() { vec![phase.clone()] } else { found }
}

/// What is needed to take edits back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoNote {
    /// The roadmap file.
    pub path: PathBuf,
    /// The file as the edits left it.
    pub hash: RoadmapHash,
    /// The edits, in file order.
    pub traces: Vec<Trace>,
    /// This record itself takes back the one with this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<u64>,
    /// For it these newer ones were passed over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<Passed>,
    /// Phases the gardener is to leave alone while they are like this.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left: BTreeMap<PhaseId, Fingerprint>,
}

/// An edit that could not be taken back when an older one was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// Its number.
    pub number: u64,
    /// `garden of 2.1`.
    pub what: String,
    /// What was in the way.
    pub why: Way,
}

/// What is in the way of taking an edit back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Somebody wrote there since: the edit is history, and is not offered again.
    Changed,
    /// An agent works on the phase: the edit can be taken back when it has ended.
    Held,
}

/// `; passed over garden of 2.1, which was changed since`, or nothing.
pub fn passed_over(passed: &[Passed]) -> String {
    let about = |wanted: Way, clause: &str| {
        let ones = passed.iter().filter(|one| one.why == wanted);
        let ones: Vec<&str> = ones.map(|one| one.what.as_str()).collect();
        let more = match ones.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let named = ones.iter().take(NAMED).copied().collect::<Vec<_>>().join("; ");
        if ones.is_empty() {
            String::new()
        } else {
            format!("; passed over {named}{more}, {clause}")
        }
    };
    let changed = about(Way::Changed, "changed since");
    changed + &about(Way::Held, "where an agent works")
}

/// What an undo that was made took back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// What was taken back.
    pub revert: Revert,
    /// What was passed over for it, newest first.
    pub passed: Vec<Passed>,
}

impl Undone {
    /// Chooses again in the file as it was before these edits, as whoever made them did.
    pub fn of(order: &RoadmapOrder, edits: &[Edit], after: &Roadmap) -> Option<Self> {
        let reverts = match &order.change {
            RoadmapChange::Revert(reverts) if !edits.is_empty() => reverts,
            _other => return None,
        };
        let before = Roadmap::parse(without(edits, after.bytes()));
        let choice = Choice::of(&before, reverts, &order.held);
        let passed = choice.passed.iter().map(|(revert, obstacle)| Passed {
            number: revert.number,
            what: revert.what(),
            why: match obstacle {
                Obstacle::Changed(_) => Way::Changed,
                Obstacle::Held(_) => Way::Held,
            },
        });
        let passed = passed.collect();
        choice.taken.map(|(revert, _)| Self { revert: revert.clone(), passed })
    }
}

/// The file before these edits, from the file they left.
pub fn without(edits: &[Edit], after: &[u8]) -> Vec<u8> {
    let (mut back, mut added, mut removed) = (Vec::with_capacity(edits.len()), 0, 0);
    for edit in edits {
        let start = edit.span.start + added - removed;
        let (old, new) = (edit.new.clone(), edit.old.clone());
        added += old.len();
        removed += new.len();
        back.push(Edit { span: start..start + old.len(), old, new, ..edit.clone() });
    }
    splice(after, &back)
}

/// What decides about a phase: its text, and which of its dependencies and of what its status names are satisfied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub String);

impl Fingerprint {
    /// The fingerprint of a phase.
    pub fn of(phase: &Phase, evaluator: &Evaluator) -> Self {
        let section = phase.place.section.clone();
        let text = evaluator.roadmap().bytes().get(section).unwrap_or_default();
        let satisfied = |dependency| u8::from(evaluator.is_satisfied(phase, dependency));
        let mut digest = Sha256::new();
        digest.update(text.trim_ascii_end());
        digest.update(phase.depends_on.iter().map(satisfied).collect::<Vec<u8>>());
        let complete = |id| u8::from(evaluator.is_complete(id));
        digest.update(named_in_reason(phase).iter().map(complete).collect::<Vec<u8>>());
        Self(digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }
}

/// What the journal keeps of an order that was carried out. `after` is the file as it was left, where that is known;
/// without it the edits can't be undone.
pub fn record(
    order: &RoadmapOrder,
    edits: &[Edit],
    after: Option<(&Path, &Roadmap)>,
) -> RoadmapRecord {
    let note = after.filter(|_| can_be_taken_back(order)).map(|(path, after)| {
        let (path, hash) = (path.to_owned(), after.hash.clone());
        let traces = traces(edits, after.bytes());
        let note = UndoNote { path, hash, traces, ..UndoNote::default() };
        match Undone::of(order, edits, after) {
            Some(Undone { revert, passed }) => {
                let left = left_alone(edits, after, &order.held);
                UndoNote { undoes: Some(revert.number), passed, left, ..note }
            }
            None => note,
        }
    });
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    RoadmapRecord {
        target: order.target.clone(),
        why: order.change.name().to_owned(),
        phases: concerned(&order.change, edits),
        edits: edits.iter().map(|e| (e.line, text(&e.old), text(&e.new))).collect(),
        proposal: order.change.proposal().map(|file| file.name.clone()),
        undo: note.map(Box::new),
    }
}

/// The phases edits are about; of those that are added in one edit, or taken out again, all.
fn concerned(change: &RoadmapChange, edits: &[Edit]) -> Vec<PhaseId> {
    let of = |edit: &Edit| match change {
        RoadmapChange::Append { .. } => phases_in(&edit.new, &edit.phase),
        RoadmapChange::Revert(_) if edit.new.is_empty() && is_section(&edit.old) => {
            phases_in(&edit.old, &edit.phase)
        }
        _other => vec![edit.phase.clone()],
    };
    let mut phases: Vec<_> = edits.iter().flat_map(of).collect();
    phases.dedup();
    phases
}

/// What agents write is taken back by stopping them, all else by undoing.
fn can_be_taken_back(order: &RoadmapOrder) -> bool {
    order.agent.is_none()
}

/// The phases whose unblocking these edits take back, as they are now: unblocking them again at once would be no
/// answer.
pub fn left_alone(
    edits: &[Edit],
    after: &Roadmap,
    held: &BTreeSet<PhaseId>,
) -> BTreeMap<PhaseId, Fingerprint> {
    let evaluator = Evaluator::new(after, held);
    let blocked = |trace: &Trace| {
        let phase = evaluator.phase(&trace.phase)?;
        let (state, token) = (phase.status.state, &phase.status.token);
        let written = trace.at < token.end && token.start < trace.at + trace.new.bytes().len();
        let lifted = state == Status::Blocked && evaluator.blockage(phase) == Blockage::Lifted;
        (written && lifted).then(|| (phase.id.clone(), Fingerprint::of(phase, &evaluator)))
    };
    traces(edits, after.bytes()).iter().filter_map(blocked).collect()
}

/// The edits as they are found in the text they left.
fn traces(edits: &[Edit], after: &[u8]) -> Vec<Trace> {
    let mut ordered: Vec<&Edit> = edits.iter().collect();
    ordered.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let (mut added, mut removed) = (0, 0);
    let trace = |edit: &Edit| {
        let at = edit.span.start + added - removed;
        added += edit.new.len();
        removed += edit.old.len();
        let end = (at + edit.new.len()).min(after.len());
        Trace {
            phase: edit.phase.clone(),
            line: edit.line,
            at,
            old: Kept::of(&edit.old),
            new: Kept::of(&edit.new),
            before: Kept::of(lead(&after[..at.min(after.len())])),
            after: Kept::of(tail(&after[end..])),
        }
    };
    ordered.into_iter().map(trace).collect()
}

fn is_end(byte: &u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// The last line of a text and the one before it.
fn lead(text: &[u8]) -> &[u8] {
    let line = text.iter().rposition(is_end).unwrap_or(0);
    let start = text[..line].trim_ascii_end().iter().rposition(is_end).map_or(0, |at| at + 1);
    &text[start.max(text.len().saturating_sub(AROUND))..]
}

/// The first line of a text and the next one that is not blank.
fn tail(text: &[u8]) -> &[u8] {
    let line = text.iter().position(is_end).unwrap_or(text.len());
    let blank = text[line..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let rest = line + blank;
    let end = text[rest..].iter().position(is_end).map_or(text.len(), |at| rest + at);
    &text[..end.min(AROUND)]
}

/// The records that can be taken back, as the journal tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UndoStack {
    records: VecDeque<Revert>,
    /// How many there have ever been.
    count: u64,
    /// Phases whose unblocking was taken back, as they were then.
    left: BTreeMap<PhaseId, Fingerprint>,
}

impl UndoStack {
    /// Takes over a record of the journal.
    pub fn take(&mut self, record: &RoadmapRecord) {
        let Some(note) = &record.undo else { return };
        if let Some(number) = note.undoes {
            let gone = |passed: &Passed| (passed.why == Way::Changed).then_some(passed.number);
            let gone: BTreeSet<u64> = note.passed.iter().filter_map(gone).collect();
            self.records.retain(|kept| kept.number != number && !gone.contains(&kept.number));
            self.left.extend(note.left.clone());
            return;
        }
        if self.records.len() == KEPT {
            self.records.pop_front();
        }
        let (number, why, note) = (self.count, record.why.clone(), note.as_ref().clone());
        self.records.push_back(Revert { number, why, note });
        self.count += 1;
    }

    /// What may be taken back in this file, newest first.
    pub fn of(&self, path: &Path) -> Vec<Revert> {
        self.records.iter().rev().filter(|revert| revert.note.path == path).cloned().collect()
    }

    /// Phases the gardener leaves alone while they are as they were.
    pub fn left(&self) -> &BTreeMap<PhaseId, Fingerprint> {
        &self.left
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[path = "undo_tests.rs"]
mod tests;
