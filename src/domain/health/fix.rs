//! What would mend a finding, as a change of the roadmap.

use std::collections::HashSet;

use crate::domain::gardener::Garden;
use crate::domain::roadmap::finding::{Finding, FindingKind};
use crate::domain::roadmap::phase::StatusSource;
use crate::domain::roadmap::readiness::Evaluator;
use crate::domain::roadmap::{RoadmapChange, says_the_same, shares_line};

/// Whether a person must judge before a fix is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Risk {
    /// The roadmap itself says that it is right.
    Safe,
    /// Only a person knows.
    Judged,
}

/// A change that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The change.
    pub change: RoadmapChange,
    /// Who may make it.
    pub risk: Risk,
}

impl Garden {
    /// Every fix that needs no judgement, as one change; none when there is nothing to mend.
    pub fn safe_fixes(&self) -> Option<RoadmapChange> {
        let fixes = self.fixes.iter().flatten().filter(|fix| fix.risk == Risk::Safe);
        let mut known = HashSet::new();
        let new = fixes.filter(|fix| known.insert(format!("{:?}", fix.change)));
        let changes: Vec<RoadmapChange> = new.map(|fix| fix.change.clone()).collect();
        (!changes.is_empty()).then_some(RoadmapChange::Together(changes))
    }
}

/// The fix of a field that stands twice: only where both say the same it needs no judgement.
pub(super) fn repeat(finding: &Finding, evaluator: &Evaluator) -> Option<Fix> {
    let phase = finding.phase.as_ref().filter(|_| finding.kind == FindingKind::RepeatedField)?;
    let found = evaluator.phase(phase).filter(|found| {
        found.status.source == StatusSource::Field
            && !evaluator.is_duplicate(phase)
            && !evaluator.is_held(phase)
    })?;
    let at = found.fields.partition_point(|field| field.line < finding.line);
    let again = found.fields.get(at).filter(|field| field.line == finding.line)?;
    let first = found.field(again.key.as_str())?;
    let (phase, key) = (phase.clone(), again.key.to_string());
    let change = RoadmapChange::DropRepeats { phase, key };
    let whole = says_the_same(found, first, again) && !shares_line(found, again);
    whole.then_some(Fix { change, risk: Risk::Safe })
}
