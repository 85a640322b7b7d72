//! Work streams: phases as work on offer, in the order they are offered.

use std::collections::BTreeSet;

use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Effort, Phase};
use crate::domain::roadmap::readiness::Evaluator;

/// A phase that can be claimed now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkStream {
    /// The phase.
    pub phase: PhaseId,
    /// Its name.
    pub name: Printable,
    /// Whether other work gets faster by it.
    pub bootstrap: bool,
    /// Its batch.
    pub batch: Option<u32>,
    /// Its effort.
    pub effort: Option<Effort>,
}

impl WorkStream {
    /// The work a phase is.
    pub fn of(phase: &Phase) -> Self {
        Self {
            phase: phase.id.clone(),
            name: phase.name.clone(),
            bootstrap: phase.is_bootstrap(),
            batch: phase.place.batch,
            effort: phase.effort,
        }
    }

    /// Everything on offer: bootstrap first, then batch, then id.
    pub fn on_offer(roadmap: &Roadmap, held: &BTreeSet<PhaseId>) -> Vec<Self> {
        Evaluator::new(roadmap, held).ready().into_iter().map(Self::of).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn bootstrap_then_batch_then_id() {
        let text = "## Batch 2\n### Phase 2.10: a\n- **Status:** Not Started\n### Phase 2.9: b\n- **Status:** Not Started\n\
            ### Phase 2.1: c ⭐ BOOTSTRAP\n- **Status:** Not Started\n## Batch 1\n### Phase 9.1: d\n- **Status:** Not Started\n\
            ## Later\n### Phase 1.1: e\n- **Status:** Not Started\n### Phase 1.2: f\n- **Status:** Not Started\n";
        let roadmap = Roadmap::parse(text.as_bytes());
        let held = BTreeSet::from([PhaseId::new("1.2")]);
        let offered = WorkStream::on_offer(&roadmap, &held);
        let ids: Vec<_> = offered.iter().map(|stream| stream.phase.as_str()).collect();
        assert_eq!(ids, ["2.1", "9.1", "2.9", "2.10", "1.1"]);
        assert!(offered[0].bootstrap);
        assert_eq!((offered[1].batch, offered[4].batch), (Some(1), None));
    }
}
