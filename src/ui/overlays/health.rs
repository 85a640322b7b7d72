//! The health screen: what is odd in the roadmap, worst first, and what would mend it.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use ratatui::crossterm::event::KeyEvent;

use super::Answer;
use super::sheet::{Guard, PAGE, Pace, Scroll};
use crate::domain::command::Command;
use crate::domain::health::Fix;
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::printable::Printable;
use crate::domain::roadmap::diff::{Hunk, hunks, lines_changed};
use crate::domain::roadmap::finding::{Finding, FindingKind, Severity};
use crate::domain::roadmap::{RoadmapChange, RoadmapHash};
use crate::domain::time::Timestamp;
use crate::ui::intent::Intent;
use crate::ui::keys::{self, Action, Choice, RowAction, Scope, Sheet, Step, Tend};

/// The health overlay.
#[derive(Clone, Debug, Default)]
pub struct HealthSheet {
    cursor: usize,
    pub(super) scroll: Scroll,
    pub(super) guard: Guard,
    pub(super) asked: Option<Asked>,
    pub(super) note: Option<Printable>,
    seen: RefCell<Option<Seen>>,
}

/// A change that waits for `y`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    change: RoadmapChange,
    pub(super) lines: usize,
}

/// The lines a change would change, worked out once.
#[derive(Clone, Debug)]
struct Seen {
    hash: RoadmapHash,
    change: RoadmapChange,
    lines: Result<Vec<Hunk>, Printable>,
}

/// A finding with what mends it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed<'o> {
    pub(super) finding: &'o Finding,
    pub(super) fix: Option<&'o Fix>,
}

/// The findings by kind, the worst kind first.
pub(super) fn listed(o: &Orchestrator) -> Vec<Listed<'_>> {
    let garden = &o.view().garden;
    let pairs = garden.findings.iter().zip(&garden.fixes);
    let mut all: Vec<Listed> =
        pairs.map(|(finding, fix)| Listed { finding, fix: fix.as_ref() }).collect();
    let mut worst: BTreeMap<FindingKind, Severity> = BTreeMap::new();
    for row in &all {
        let known = worst.entry(row.finding.kind).or_insert(row.finding.severity);
        *known = row.finding.severity.max(*known);
    }
    all.sort_by_key(|row| {
        let Finding { kind, severity, line, .. } = row.finding;
        (Reverse(worst.get(kind).copied()), *kind, Reverse(*severity), *line)
    });
    all
}

impl HealthSheet {
    /// Index of the row under the cursor.
    pub(super) fn selected(&self, count: usize) -> usize {
        self.cursor.min(count.saturating_sub(1))
    }

    pub(super) fn key(&mut self, key: KeyEvent, o: &Orchestrator, now: Timestamp) -> Answer {
        let pace = self.guard.press(now);
        let (asked, rows) = (self.asked.take(), listed(o));
        self.note = None;
        let row = rows.get(self.selected(rows.len())).copied();
        match (keys::find(Scope::Sheet(Sheet::Health), &key), row) {
            (Some(Action::Back), _) if asked.is_some() => Answer::Stay,
            (Some(Action::Back), _) => Answer::Close,
            (Some(Action::Go(step)), _) => {
                self.go(step, rows.len());
                Answer::Stay
            }
            (Some(Action::Choose(Choice::Yes)), _) => self.confirm(asked, pace),
            (Some(Action::Tend(tend)), _) => self.tend(tend, row, o),
            (Some(Action::Row(RowAction::Edit)), Some(row)) => edit(row.finding),
            (Some(Action::Row(RowAction::Open)), Some(row)) => match &row.finding.phase {
                Some(phase) => Answer::Phase(phase.clone()),
                None => edit(row.finding),
            },
            (Some(_) | None, _) => Answer::Stay,
        }
    }

    fn go(&mut self, step: Step, count: usize) {
        self.cursor = step.from(self.selected(count), count, PAGE);
    }

    fn confirm(&mut self, asked: Option<Asked>, pace: Pace) -> Answer {
        match (asked, pace) {
            (Some(asked), Pace::Calm) => change(asked.change),
            (Some(asked), Pace::Hasty) => {
                self.asked = Some(asked);
                Answer::Stay
            }
            (None, _) => Answer::Stay,
        }
    }

    fn tend(&mut self, tend: Tend, row: Option<Listed>, o: &Orchestrator) -> Answer {
        if let Role::Viewer { driver } = o.role() {
            let text = format!("only looking: process {driver} drives; nothing is changed here");
            self.note = Some(Printable::new(&text));
            return Answer::Stay;
        }
        match tend {
            Tend::Garden => Answer::Do(vec![Intent::Run(Command::Garden)]),
            Tend::Undo => Answer::Do(vec![Intent::Run(Command::Undo)]),
            Tend::One => match row.and_then(|row| row.fix) {
                Some(fix) => self.mend(fix.change.clone(), o),
                None => self.refuse("only a person can mend this: e opens the editor"),
            },
            Tend::All => match o.view().garden.safe_fixes() {
                Some(change) => self.mend(change, o),
                None => self.refuse("nothing here can be mended without a person"),
            },
        }
    }

    fn refuse(&mut self, text: &str) -> Answer {
        self.note = Some(Printable::new(text));
        Answer::Stay
    }

    /// One line is changed at once, more only after `y`.
    fn mend(&mut self, wanted: RoadmapChange, o: &Orchestrator) -> Answer {
        match self.preview(&wanted, o) {
            Err(why) => self.refuse(why.as_str()),
            Ok(hunks) => match lines_changed(&hunks) {
                0 => self.refuse("there is nothing left to change"),
                1 => change(wanted),
                lines => {
                    self.asked = Some(Asked { change: wanted, lines });
                    Answer::Stay
                }
            },
        }
    }

    /// The lines a change would change, or why it can't be made.
    pub(super) fn preview(
        &self,
        change: &RoadmapChange,
        o: &Orchestrator,
    ) -> Result<Vec<Hunk>, Printable> {
        let Some(roadmap) = o.roadmap() else { return Ok(Vec::new()) };
        let mut seen = self.seen.borrow_mut();
        match seen.as_ref() {
            Some(seen) if seen.hash == roadmap.hash && seen.change == *change => seen.lines.clone(),
            Some(_) | None => {
                let edits = change.edits(roadmap, &o.held_phases());
                let lines = edits.map(|edits| hunks(roadmap.bytes(), &edits));
                let (hash, change) = (roadmap.hash.clone(), change.clone());
                *seen = Some(Seen { hash, change, lines: lines.clone() });
                lines
            }
        }
    }

    /// What is shown of changes now: the one that waits for `y`, else the fix under the cursor.
    pub(super) fn shown<'s>(&'s self, row: Option<Listed<'s>>) -> Option<&'s RoadmapChange> {
        let asked = self.asked.as_ref().map(|asked| &asked.change);
        asked.or_else(|| row.and_then(|row| row.fix).map(|fix| &fix.change))
    }
}

fn change(change: RoadmapChange) -> Answer {
    Answer::Do(vec![Intent::Run(Command::Change(change))])
}

fn edit(finding: &Finding) -> Answer {
    Answer::Do(vec![Intent::Edit { line: finding.line }])
}

/// A kind in words.
pub(super) fn words(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::BlockedReady => "blocked for nothing",
        FindingKind::BlockedWithoutDeps => "blocked without dependencies",
        FindingKind::BlockedByPerson => "blocked until a person judges",
        FindingKind::UnknownDep => "unknown dependency",
        FindingKind::OpaqueDep => "dependency without an id",
        FindingKind::StaleTick => "stale tick",
        FindingKind::UntickedDep => "missing tick",
        FindingKind::Cycle => "cycle",
        FindingKind::DuplicateId => "duplicate id",
        FindingKind::CompleteBeforeDeps => "complete too early",
        FindingKind::StartedBeforeDeps => "started too early",
        FindingKind::StaleInProgress => "in progress by nobody",
        FindingKind::StaleClaim => "stale claim",
        FindingKind::StatusConflict => "contradictory status",
        FindingKind::UnknownStatus => "unreadable status",
        FindingKind::CompleteWithOpenTasks => "complete with open tasks",
        FindingKind::RepeatedField => "repeated field",
        FindingKind::UnclosedFence => "fence that never ends",
        FindingKind::NoPhases => "no phases",
    }
}

/// All kinds, for what is in order.
pub(super) const KINDS: [FindingKind; 19] = [
    FindingKind::BlockedReady,
    FindingKind::BlockedWithoutDeps,
    FindingKind::BlockedByPerson,
    FindingKind::UnknownDep,
    FindingKind::OpaqueDep,
    FindingKind::StaleTick,
    FindingKind::UntickedDep,
    FindingKind::Cycle,
    FindingKind::DuplicateId,
    FindingKind::CompleteBeforeDeps,
    FindingKind::StartedBeforeDeps,
    FindingKind::StaleInProgress,
    FindingKind::StaleClaim,
    FindingKind::StatusConflict,
    FindingKind::UnknownStatus,
    FindingKind::CompleteWithOpenTasks,
    FindingKind::RepeatedField,
    FindingKind::UnclosedFence,
    FindingKind::NoPhases,
];
