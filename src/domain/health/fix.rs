//! What would mend a finding, as a change of the roadmap.

use crate::domain::gardener::Garden;
use crate::domain::roadmap::RoadmapChange;

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
        let mut changes: Vec<RoadmapChange> = Vec::new();
        for fix in fixes {
            if !changes.contains(&fix.change) {
                changes.push(fix.change.clone());
            }
        }
        (!changes.is_empty()).then_some(RoadmapChange::Together(changes))
    }
}
