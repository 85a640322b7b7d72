//! What the check of one phase says of its status.

use super::Check;
use super::fix::Risk;
use crate::domain::id::PhaseId;
use crate::domain::roadmap::finding::{FindingKind, Severity};
use crate::domain::roadmap::phase::{Dependency, Status, StatusSource};
use crate::domain::roadmap::readiness::{Blockage, named_in_reason};
use crate::domain::roadmap::unread;

impl Check<'_, '_> {
    pub(super) fn status(&mut self) {
        let phase = self.phase;
        let id = &phase.id;
        if phase.status.source != StatusSource::Field {
            self.without_field();
            return;
        }
        if phase.status.conflict {
            let text = format!("Words and mark of the status of phase {id} contradict each other.");
            self.add(FindingKind::StatusConflict, Severity::Error, text, "Correct the status.");
        } else if phase.status.state == Status::Unknown {
            let text = format!("The status of phase {id} can't be read.");
            self.add(
                FindingKind::UnknownStatus,
                Severity::Warning,
                text,
                "Write one state, e.g. ⚪ Not Started.",
            );
        }
        if let Some(blockage) = self.blockage {
            self.blocked(blockage);
        }
    }

    fn blocked(&mut self, blockage: &Blockage) {
        let id = &self.phase.id;
        match blockage {
            Blockage::Lifted => {
                let text =
                    format!("Phase {id} is blocked though everything it depends on is complete.");
                self.add(
                    FindingKind::BlockedReady,
                    Severity::Warning,
                    text,
                    "Set it to Not Started.",
                );
                self.mend(self.reopening(), Risk::Safe);
            }
            Blockage::WithoutDependencies => {
                let text = format!("Phase {id} is blocked but depends on nothing.");
                self.add(
                    FindingKind::BlockedWithoutDeps,
                    Severity::Warning,
                    text,
                    "Set it to Not Started, or say why it is blocked.",
                );
                self.mend(self.reopening(), Risk::Judged);
            }
            Blockage::Human(reason) if self.waits_for_nothing_else() => {
                let rest = match self.phase.depends_on.is_empty() {
                    true => "",
                    false => " All it depends on is complete.",
                };
                let text = format!("Phase {id} is blocked until a person judges: {reason}.{rest}");
                self.add(
                    FindingKind::BlockedByPerson,
                    Severity::Info,
                    text,
                    "Set it to Not Started when that is settled.",
                );
                self.mend(self.reopening(), Risk::Judged);
            }
            Blockage::Human(_) | Blockage::Waiting => {}
        }
    }

    /// Whether its dependencies are complete, and none has to be judged itself, which is told beside it.
    fn waits_for_nothing_else(&self) -> bool {
        let is_told = |one: &Dependency| matches!(one, Dependency::Opaque(_));
        !self.phase.depends_on.iter().any(is_told)
            && self.evaluator.shown_pending(self.phase).is_empty()
    }

    /// No Status field, though a line may have been meant as one.
    fn without_field(&mut self) {
        let (kind, severity) = (FindingKind::UnknownStatus, Severity::Warning);
        let nothing =
            format!("Phase {} has no Status field, so nothing is decided from it", self.phase.id);
        match unread::plain_status(self.phase) {
            Some(line) => {
                let text = format!(
                    "{nothing}: its Status line needs a bullet before it, or bold, to be one."
                );
                let fix = "Write `- Status: …` or `**Status:** …`.";
                self.add_at(line, (kind, severity, text), fix);
            }
            None => self.add(kind, severity, format!("{nothing}."), "Add a Status field."),
        }
    }

    /// Phases that the reason of a blocked phase names and that are nowhere.
    pub(super) fn reason(&mut self) {
        let phase = self.phase;
        if phase.status.state != Status::Blocked {
            return;
        }
        let listed = |id: &PhaseId| {
            phase.depends_on.iter().any(|dependency| match dependency {
                Dependency::Phase { id: other, .. } => other == id,
                Dependency::Batch(_) | Dependency::AllPrevious | Dependency::Opaque(_) => false,
            })
        };
        for other in named_in_reason(phase) {
            let known = self.evaluator.is_known(&other) || self.evaluator.is_complete(&other);
            if !known && !listed(&other) {
                let text = format!(
                    "Phase {} is blocked for {other}, which is not in the roadmap.",
                    phase.id
                );
                let fix = "Correct the id, or remove the reason.";
                self.add(FindingKind::UnknownDep, Severity::Error, text, fix);
            }
        }
    }
}
