//! Open phases below an id that no heading has: `Phase 1` is not over while 1.2 is open.

use std::sync::OnceLock;

use super::phase::Phase;
use crate::domain::id::PhaseId;

/// Places of the open phases, sorted by their ids' bytes. Made when first asked: few roadmaps depend on what they do not
/// have.
#[derive(Debug, Default)]
pub(super) struct Below(OnceLock<Box<[usize]>>);

impl Below {
    /// Those of the open phases whose ids begin with this one and a dot.
    pub fn of(&self, phases: &[Phase], open: &[usize], id: &PhaseId) -> &[usize] {
        let of = |at: &usize| phases.get(*at).map_or("", |phase| phase.id.as_str());
        let sorted = self.0.get_or_init(|| {
            let mut sorted: Box<[usize]> = open.into();
            sorted.sort_unstable_by(|a, b| of(a).cmp(of(b)).then(a.cmp(b)));
            sorted
        });
        let behind = |at: &usize| of(at).strip_prefix(id.as_str()).unwrap_or_default();
        let from = sorted.partition_point(|at| of(at) <= id.as_str() || before(of(at), id));
        let count = sorted[from..].partition_point(|at| behind(at).starts_with('.'));
        &sorted[from..from + count]
    }
}

/// Whether an id stands before all those that begin with another one and a dot.
fn before(id: &str, other: &PhaseId) -> bool {
    id.strip_prefix(other.as_str()).is_some_and(|rest| rest < ".")
}
