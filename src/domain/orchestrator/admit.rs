//! Admission: planned phases start while slots are free, in order, when they are ready.

use crate::domain::id::PhaseId;
use crate::domain::journal::Fact;
use crate::domain::orchestrator::run::PlanRun;
use crate::domain::orchestrator::step::Step;
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::plan::Mode;
use crate::domain::roadmap::phase::Status;
use crate::domain::roadmap::readiness::Evaluator;

impl PlanRun {
    /// Whether a phase belongs to this plan.
    pub fn wants(&self, phase: &PhaseId) -> bool {
        match self.approved.mode {
            Mode::Single | Mode::Parallel => self.approved.phases.contains(phase),
            Mode::Batch => true,
        }
    }
}

impl Step<'_> {
    /// Starts what may start; says so when nothing of the plan is left.
    pub(super) fn admit(&mut self) {
        if self.o.role != Role::Driver || self.o.journal_broken {
            return;
        }
        while let Some(phase) = self.o.next_admissible() {
            self.begin(&phase, 1);
        }
        self.finish_plan();
    }

    fn finish_plan(&mut self) {
        let Some(plan) = &self.o.run.plan else { return };
        if plan.finished || self.o.live_agents() > 0 || !self.o.view_is_settled() {
            return;
        }
        if self.o.run.held && !self.o.admissible().is_empty() {
            return;
        }
        let completed: Vec<PhaseId> = plan.done.iter().cloned().collect();
        let left = plan.approved.phases.iter().filter(|id| !self.o.is_done(plan, id));
        let left = left.cloned().collect();
        self.record(Fact::PlanFinished { completed, left });
    }
}

impl Orchestrator {
    fn next_admissible(&self) -> Option<PhaseId> {
        if self.run.held || self.live_agents() >= usize::from(self.slots()) {
            return None;
        }
        self.admissible().into_iter().next()
    }

    /// Phases of the plan that could start now if there were slots, in order.
    fn admissible(&self) -> Vec<PhaseId> {
        let (Some(plan), Some(roadmap)) = (&self.run.plan, self.roadmap()) else {
            return Vec::new();
        };
        let held = self.run.held_phases();
        let evaluator = Evaluator::new(roadmap, &held);
        let fresh = |id: &PhaseId| !plan.done.contains(id) && !plan.given_up.contains_key(id);
        let ready = |id: &PhaseId| {
            roadmap.phase(id).is_some_and(|phase| evaluator.reasons(phase).is_empty())
        };
        let mut ids: Vec<PhaseId> =
            plan.approved.phases.iter().filter(|id| fresh(id) && ready(id)).cloned().collect();
        match plan.approved.mode {
            Mode::Single | Mode::Parallel => {}
            Mode::Batch => {
                for phase in evaluator.ready() {
                    if fresh(&phase.id) && !ids.contains(&phase.id) {
                        ids.push(phase.id.clone());
                    }
                }
            }
        }
        ids
    }

    /// The roadmap can be read and no unblocking is on its way: before that nothing may be called finished.
    fn view_is_settled(&self) -> bool {
        let gardening = self.setup.auto_garden && !self.view.garden.edits.is_empty();
        self.view.problem.is_none() && self.view.roadmap.is_some() && !gardening
    }

    fn is_done(&self, plan: &PlanRun, id: &PhaseId) -> bool {
        let complete = |roadmap: &crate::domain::roadmap::Roadmap| {
            roadmap.phase(id).is_some_and(|phase| phase.status.state == Status::Complete)
        };
        plan.done.contains(id) || self.roadmap().is_some_and(complete)
    }
}
