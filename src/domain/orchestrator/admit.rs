//! Admission: planned phases start while slots are free, in order, when they are ready.

use crate::domain::agent::{Agent, Outcome, Stage};
use crate::domain::effect::{Document, DocumentOrder, Effect};
use crate::domain::errand::Errand;
use crate::domain::id::PhaseId;
use crate::domain::journal::Fact;
use crate::domain::orchestrator::next_step::{Again, NewLife};
use crate::domain::orchestrator::run::PlanRun;
use crate::domain::orchestrator::step::Step;
use crate::domain::orchestrator::{Drives, Gardening, Orchestrator, Role};
use crate::domain::plan::Mode;
use crate::domain::roadmap::phase::Status;
use crate::domain::roadmap::readiness::Evaluator;
use crate::domain::synthesis::{self, Known};
use crate::domain::time::Timestamp;

impl Step<'_> {
    /// Starts what may start; says so when nothing of the plan is left.
    pub(super) fn admit(&mut self) {
        if self.o.role != Role::Driver || self.o.journal_broken || self.o.under_way.taking_up {
            return;
        }
        self.begin_errands_again();
        if self.o.setup.drives == Drives::Errands {
            return;
        }
        self.begin_again();
        while let Some((phase, life)) = self.o.next_admissible(self.now) {
            self.begin(&phase, life);
        }
        self.finish_plan();
    }

    /// Starts the agents that are to begin again, as far as slots are free.
    fn begin_again(&mut self) {
        if self.o.view.problem.is_some() || self.o.view.roadmap.is_none() {
            return;
        }
        let asked = self.o.run.restart_asked.iter().filter_map(|id| self.o.run.agents.get(id));
        let under_way = &self.o.under_way;
        let free = |agent: &&Agent| !agent.is_live() && !under_way.clears_away(agent.phase());
        let asked: Vec<Agent> = asked.filter(free).cloned().collect();
        for agent in asked {
            let phase = agent.phase();
            if let Some(why) = self.o.cannot_start(phase) {
                self.complain(format!("{phase} can't start: {why}"));
                let outcome = Outcome::Refused(why.into());
                self.record(Fact::AgentFailed { agent: agent.me().clone(), outcome });
            } else if self.o.has_free_slot() && !(self.o.run.held && lost_before_start(&agent)) {
                let life = self.o.asked_life(&agent);
                self.begin(phase, life);
            }
        }
    }

    fn finish_plan(&mut self) {
        let Some(plan) = &self.o.run.plan else { return };
        let tidying = self.o.under_way.tidies();
        if plan.finished || tidying || self.o.live_agents() > 0 || !self.o.view_is_settled() {
            return;
        }
        if self.o.wakes_at(self.now).is_some() {
            return;
        }
        let waiting = !self.o.run.restart_asked.is_empty() || self.o.admissible(self.now).is_some();
        if self.o.run.held && waiting {
            return;
        }
        self.record_finished();
        if !self.o.setup.target.documents.summary {
            return;
        }
        match (self.o.can_run(&Errand::Summary), self.o.crowded(None)) {
            (Ok(()), _) => self.errand(Errand::Summary),
            (Err(_), Some(why)) => self.complain(format!("nobody sums up the plan: {why}")),
            (Err(_), None) => {}
        }
    }

    /// Says that nothing more of the plan is started.
    pub(super) fn record_finished(&mut self) {
        let Some(plan) = &self.o.run.plan else { return };
        let completed: Vec<PhaseId> = plan.done.iter().cloned().collect();
        let left = self.o.left_undone(plan);
        self.record(Fact::PlanFinished { completed, left });
        self.keep_report();
    }

    /// Keeps what the plan came to in the state folder.
    fn keep_report(&mut self) {
        let name = synthesis::file_name(&self.o.run.story, self.o.setup.utc_offset);
        if let Some(text) = self.o.report(self.now) {
            let document = Document::Report;
            self.ask(Effect::Document(DocumentOrder::Keep { document, name, text }));
        }
    }
}

/// The app ended before anything of this life ran. It was no try, and no person asked for it to begin again.
fn lost_before_start(agent: &Agent) -> bool {
    agent.stage == Stage::Ended(Outcome::Lost) && agent.times.started.is_none()
}

impl Orchestrator {
    /// Time passed: what waited for nothing else goes on.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Effect> {
        let plan = self.run.plan.as_ref().filter(|plan| !plan.finished);
        if plan.is_none_or(|plan| plan.given_up.is_empty()) {
            return Vec::new();
        }
        let mut step = Step::new(self, now);
        step.admit();
        step.finish()
    }

    /// The life a person asked for after this one, or one that takes the place of a life nothing of which ran.
    pub(super) fn asked_life(&self, agent: &Agent) -> NewLife {
        match lost_before_start(agent) {
            true => NewLife::like(&agent.birth),
            false => NewLife::first(&self.setup.target.agent),
        }
    }

    /// What the last plan came to, as a Markdown document; `None` while nothing was ever approved.
    pub fn report(&self, now: Timestamp) -> Option<String> {
        let utc_offset = self.setup.utc_offset;
        let waits = |agent: &Agent| match &agent.stage {
            Stage::Review(why) => Some((agent.phase().clone(), why.clone())),
            _ => None,
        };
        let reviews: Vec<_> = self.run.agents.values().filter_map(waits).collect();
        let (roadmap, hold) = (self.roadmap(), self.hold_said());
        let known = Known { roadmap, now, utc_offset, reviews: &reviews, hold: hold.as_deref() };
        synthesis::markdown(&self.run.story, known)
    }

    pub(super) fn has_free_slot(&self) -> bool {
        self.slots_taken() < usize::from(self.slots())
    }

    fn next_admissible(&self, now: Timestamp) -> Option<(PhaseId, NewLife)> {
        // How a life ended that is being put back may say that nothing is to be started; whoever is about to be done is
        // free for what it unblocks.
        let settling = |agent: &Agent| agent.stage.is_settling();
        if self.run.held || !self.has_free_slot() || self.run.agents.values().any(settling) {
            return None;
        }
        self.admissible(now)
    }

    /// The first phase of the plan that could start now if there were slots, and how its life would begin.
    /// A roadmap that can't be read now starts nothing: its last text may be wrong by the time it is back.
    fn admissible(&self, now: Timestamp) -> Option<(PhaseId, NewLife)> {
        let (plan, roadmap) = (self.run.plan.as_ref()?, self.roadmap()?);
        if plan.finished || self.view.problem.is_some() {
            return None;
        }
        let held = self.run.held_phases();
        let evaluator = Evaluator::new(roadmap, &held);
        let ready = |id: &PhaseId| {
            roadmap.phase(id).is_some_and(|phase| evaluator.reasons(phase).is_empty())
        };
        let limited = self.limited_until(now).is_some();
        let tries = |id: &PhaseId| {
            let may = |again: &Again| {
                again.at <= now && !(limited && again.life.adapter == self.setup.target.agent)
            };
            let removed = self.under_way.clears_away(id);
            let next = self.next_life(plan, id).filter(may).filter(|_| !removed);
            next.map(|again| (id.clone(), again.life))
        };
        let mut planned = plan.approved.phases.iter().filter(|id| ready(id));
        planned.find_map(tries).or_else(|| match plan.approved.mode {
            Mode::Single | Mode::Parallel => None,
            // Those of the plan were asked already.
            Mode::Batch => {
                // What a person is assigned to starts only where the plan names it.
                let free = evaluator.ready().into_iter().filter(|phase| phase.person().is_none());
                let further = free.map(|phase| &phase.id);
                further.filter(|id| !plan.approved.without.contains(*id)).find_map(tries)
            }
        })
    }

    fn comes_to_more(&self, now: Timestamp) -> bool {
        self.admissible(now).is_some() || self.wakes_at(now).is_some()
    }

    /// Something is at work, or can start as soon as there is a slot.
    pub(super) fn has_more(&self, now: Timestamp) -> bool {
        let more = !self.run.restart_asked.is_empty() || self.comes_to_more(now);
        more || self.live_agents() > 0 || !self.view_is_settled()
    }

    /// Nothing of the plan can go on before a person has looked at proven work.
    pub fn waits_for_review(&self, now: Timestamp) -> bool {
        let reviews = self.run.agents.values().any(|agent| agent.is_live() && !agent.is_busy());
        let quiet = self.busy_for_the_plan() == 0 && self.view_is_settled();
        let more = !self.run.restart_asked.is_empty() || self.comes_to_more(now);
        reviews && quiet && (self.run.held || !more)
    }

    /// The roadmap can be read and no unblocking is on its way: before that nothing may be called finished.
    pub fn view_is_settled(&self) -> bool {
        let on_its_way = match &self.gardening {
            Gardening::Idle => self.setup.auto_garden && !self.view.garden.edits.is_empty(),
            Gardening::Asked => true,
            Gardening::Refused(_) => false,
        };
        self.view.problem.is_none() && self.view.roadmap.is_some() && !on_its_way
    }

    /// What a plan has not completed: of the phases that were approved, and of those it came to by itself.
    pub fn left_undone(&self, plan: &PlanRun) -> Vec<PhaseId> {
        let approved = &plan.approved.phases;
        let further = plan.given_up.keys().filter(|id| !approved.contains(id));
        approved.iter().chain(further).filter(|id| !self.is_done(plan, id)).cloned().collect()
    }

    fn is_done(&self, plan: &PlanRun, id: &PhaseId) -> bool {
        let complete = |roadmap: &crate::domain::roadmap::Roadmap| {
            roadmap.phase(id).is_some_and(|phase| phase.status.state == Status::Complete)
        };
        plan.done.contains(id) || self.roadmap().is_some_and(complete)
    }
}
