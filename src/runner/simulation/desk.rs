//! The roadmap desk of a simulation: the file is a text in memory, changed by the same edits as a real one.

use std::sync::Arc;

use crate::domain::effect::RoadmapOrder;
use crate::domain::id::TargetId;
use crate::domain::report::Report;
use crate::domain::roadmap::{Roadmap, splice};

/// See the module's documentation.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    target: TargetId,
    roadmap: Arc<Roadmap>,
}

impl Desk {
    pub(super) fn new(target: TargetId, roadmap: Arc<Roadmap>) -> Self {
        Self { target, roadmap }
    }

    /// The roadmap as it stands now.
    pub(super) fn roadmap(&self) -> &Arc<Roadmap> {
        &self.roadmap
    }

    /// What a reader of the file is told.
    pub(super) fn read(&self) -> Report {
        Report::Roadmap { target: self.target.clone(), read: Ok(self.roadmap.clone()) }
    }

    /// Makes a change. Who asked hears of it after the file was read again, the gardener before.
    pub(super) fn make(&mut self, order: RoadmapOrder) -> Vec<Report> {
        let outcome = order.change.edits(&self.roadmap, &order.held);
        let mut after = None;
        if let Ok(edits) = &outcome
            && !edits.is_empty()
        {
            let written = Roadmap::parse(splice(self.roadmap.bytes(), edits));
            self.roadmap = Arc::new(written.with_archive(self.roadmap.archive().clone()));
            after = Some(self.roadmap.clone());
        }
        let (gardening, failed) = (order.change.is_gardening(), outcome.is_err());
        let edited = Report::Edited { order, outcome, after };
        match (gardening, failed) {
            (false, _) => vec![self.read(), edited],
            (true, false) => vec![edited, self.read()],
            (true, true) => vec![edited],
        }
    }
}
