//! What a person asks for.

use std::collections::BTreeSet;

use crate::domain::agent::{Agent, Stage};
use crate::domain::command::{Command, ErrandWish, PlanEdit, Refusal};
use crate::domain::effect::{Effect, StopKind};
use crate::domain::goal::GoalInterpreter;
use crate::domain::goal::interpretation::{Evidence, GoalKind, Interpretation, Match};
use crate::domain::id::{AgentId, PhaseId};
use crate::domain::journal::{Fact, QueueFact};
use crate::domain::orchestrator::edit::Wanted;
use crate::domain::orchestrator::step::Step;
use crate::domain::orchestrator::{Gardening, Orchestrator, Role};
use crate::domain::plan::{ApprovedPlan, Plan};
use crate::domain::proposal::ProposalAct;
use crate::domain::roadmap::Roadmap;
use crate::domain::time::Timestamp;

impl Orchestrator {
    /// Carries out a person's request.
    pub fn command(&mut self, now: Timestamp, command: Command) -> Vec<Effect> {
        let mut step = Step::new(self, now);
        match command {
            Command::Interpret(goal) => step.interpret(&goal),
            Command::PlanPhases(phases) => step.plan_phases(&phases),
            Command::EditPlan(edit) => step.edit_plan(edit),
            Command::DropPlan => step.o.dropped = step.o.draft.take(),
            Command::Preview(phase) => step.preview(phase),
            Command::SavePlan => step.save_plan(),
            Command::Diff(id) => step.diff(&id),
            Command::Errand(ErrandWish::Open(id)) => step.open_document(&id),
            Command::Proposal(ProposalAct::Look) => step.look_at_proposals(),
            act => step.act(act),
        }
        step.foresee();
        step.finish()
    }
}

impl Step<'_> {
    /// The commands that change the world: only the driver's.
    fn act(&mut self, command: Command) {
        if let Role::Viewer { driver } = self.o.role {
            self.complain(format!(
                "only looking: process {driver} drives; once it has quit, this one takes over by itself"
            ));
            return;
        }
        match command {
            Command::ApprovePlan => self.approve(),
            Command::Stop(id, how) => self.stop_by_id(&id, how),
            Command::StopAll(how) => self.stop_all(how),
            Command::Restart(id) => self.restart(&id),
            Command::Merge(id) => self.merge_by_id(&id),
            Command::Refuse(id, Refusal::SendBack(comments)) => self.send_back(&id, comments),
            Command::Refuse(id, Refusal::Discard) => self.discard(&id),
            Command::ToggleHold => self.toggle_hold(),
            Command::EndPlan => self.end_plan(),
            Command::Garden => self.garden(),
            Command::Change(change) => self.change(change),
            Command::Undo => self.undo(),
            Command::Errand(ErrandWish::Begin(errand)) => self.errand(errand),
            Command::Proposal(ProposalAct::Approve(file)) => self.approve_proposal(file),
            Command::Proposal(ProposalAct::Refuse(file)) => self.refuse_proposal(file),
            Command::Interpret(_)
            | Command::PlanPhases(_)
            | Command::EditPlan(_)
            | Command::Preview(_)
            | Command::SavePlan
            | Command::Diff(_)
            | Command::Errand(ErrandWish::Open(_))
            | Command::Proposal(ProposalAct::Look)
            | Command::DropPlan => {}
        }
    }

    fn interpret(&mut self, goal: &str) {
        let Some(roadmap) = self.o.view.roadmap.clone() else {
            self.complain("there is no roadmap to read the goal against");
            return;
        };
        let held = self.o.run.held_phases();
        let undone = &self.o.view.garden.left_alone;
        let reading = GoalInterpreter::new(&roadmap, &held).undone(undone).interpret(goal);
        self.take_reading(reading);
    }

    fn plan_phases(&mut self, phases: &[PhaseId]) {
        let Some(roadmap) = self.o.view.roadmap.clone() else {
            self.complain("there is no roadmap to plan from");
            return;
        };
        let held = self.o.run.held_phases();
        let undone = &self.o.view.garden.left_alone;
        let reading = GoalInterpreter::new(&roadmap, &held).undone(undone).phases(phases);
        self.take_reading(reading);
    }

    fn take_reading(&mut self, reading: Interpretation) {
        let Some(roadmap) = self.o.view.roadmap.clone() else { return };
        self.o.draft = match reading.kind {
            GoalKind::RunSingle
            | GoalKind::RunParallel
            | GoalKind::RunBatch
            | GoalKind::Suggest => {
                let target = self.o.setup.target.id.clone();
                let fresh = Plan::draft(reading.clone(), &roadmap, target, self.o.setup.slots);
                let kept = self.o.dropped.take().filter(|kept| kept.is_for(&fresh));
                Some(kept.map_or(fresh, Plan::taken_up))
            }
            GoalKind::Garden => {
                self.act(Command::Garden);
                None
            }
            GoalKind::Status
            | GoalKind::ListAgents
            | GoalKind::Stop
            | GoalKind::Help
            | GoalKind::Explain => None,
        };
        self.o.reading = Some(reading);
        if self.o.draft.is_some() {
            self.check_agent();
        }
    }

    fn edit_plan(&mut self, edit: PlanEdit) {
        let Some(roadmap) = self.o.view.roadmap.clone() else { return };
        let most = self.o.setup.target.workspaces.most.max(1);
        let edit = match edit {
            PlanEdit::Toggle(id) => return self.toggle(id, &roadmap),
            PlanEdit::Slots(wanted) if wanted > most => {
                self.say(self.o.setup.target.workspaces.most_said());
                PlanEdit::Slots(most)
            }
            PlanEdit::Slots(_)
            | PlanEdit::Mode(_)
            | PlanEdit::Merge(_)
            | PlanEdit::Prompt(..)
            | PlanEdit::Rest
            | PlanEdit::Include => edit,
        };
        self.o.draft = self.o.draft.take().map(|plan| plan.edited(edit, &roadmap));
    }

    /// Takes a phase in or out, and says what else went with it, or why it can't be taken.
    fn toggle(&mut self, id: PhaseId, roadmap: &Roadmap) {
        let Some(before) = self.o.draft.take() else { return };
        let after = before.clone().edited(PlanEdit::Toggle(id.clone()), roadmap);
        let (old, new) = (before.ticked(), after.ticked());
        let others = |from: &BTreeSet<PhaseId>, to: &BTreeSet<PhaseId>| {
            let moved = from.difference(to).filter(|other| **other != id);
            moved.map(PhaseId::as_str).collect::<Vec<_>>().join(" ")
        };
        let (out, back) = (others(&old, &new), others(&new, &old));
        if old == new {
            let why = self.o.cannot_start(&id);
            let why = why.unwrap_or_else(|| "what it waits for can't run".to_owned());
            self.say(format!("{id} can't be taken in: {why}"));
        } else if !out.is_empty() {
            self.say(format!("{id} is out and with it {out}; Space again takes them back in"));
        } else if !back.is_empty() {
            self.say(format!("{id} is in and with it {back}; Space again takes them back out"));
        }
        self.o.draft = Some(after);
    }

    fn approve(&mut self) {
        let (Some(plan), Some(roadmap)) = (self.o.draft.take(), self.o.view.roadmap.clone()) else {
            return;
        };
        if plan.roadmap_hash != roadmap.hash {
            self.redraft(plan);
            return;
        }
        let approved = plan.approved();
        if let Some(refusal) = self.o.setup.refusal.clone() {
            self.complain(refusal);
            self.o.draft = Some(plan);
            return;
        }
        if approved.phases.is_empty() {
            self.complain("nothing is ticked: tick a phase with Space first");
            self.o.draft = Some(plan);
            return;
        }
        self.take_on(approved);
    }

    fn take_on(&mut self, approved: ApprovedPlan) {
        self.record(Fact::PlanApproved(approved));
        if self.o.run.held {
            self.say("approved; the queue is held: p lets it go on");
        }
        self.admit();
    }

    /// The file changed since the plan was drafted: draft it again and ask again.
    fn redraft(&mut self, plan: Plan) {
        let Some(roadmap) = self.o.view.roadmap.clone() else { return };
        let held = self.o.run.held_phases();
        let ticked: Vec<PhaseId> = plan.approved().phases;
        let (goal, mode, slots) = (plan.interpretation.goal.clone(), plan.mode, plan.slots);
        let undone = &self.o.view.garden.left_alone;
        let mut reading = GoalInterpreter::new(&roadmap, &held).undone(undone).interpret(&goal);
        keep_ticks(&mut reading, &ticked);
        let fresh = Plan::draft(reading, &roadmap, plan.target.clone(), slots);
        let mut fresh = fresh.edited(PlanEdit::Mode(mode), &roadmap);
        fresh.take_over(&plan, &roadmap);
        if fresh.approved().phases == ticked && fresh.notes.moved.is_empty() {
            self.take_on(fresh.approved());
        } else {
            self.say("the roadmap changed meanwhile: the plan says what moved, look at it again");
            self.o.draft = Some(fresh);
        }
    }

    fn stop_by_id(&mut self, id: &AgentId, how: StopKind) {
        let meant = |agent: &&Agent| agent.is_live() || self.o.comes_again(agent);
        if let Some(why) = self.o.run.known(id).and_then(Agent::proven_and_waiting) {
            self.complain(why);
            return;
        }
        match self.o.run.known(id).filter(meant).cloned() {
            Some(agent) => {
                self.stop_for_good(&agent, how);
                if !agent.is_live() {
                    self.say(format!("{id} does not begin again by itself any more"));
                }
                self.admit();
            }
            None => self.complain(format!("{id} does not run")),
        }
    }

    /// Ends an agent, also one that was to begin again.
    fn stop_for_good(&mut self, agent: &Agent, how: StopKind) {
        let waits = self.o.comes_again(agent);
        if waits && !agent.has_process() && !self.o.journal_broken {
            self.record(Fact::Stopping { agent: agent.me().clone(), how });
        }
        self.stop(agent, how);
    }

    pub(super) fn stop_all(&mut self, how: StopKind) {
        // What can't be written down may be stopped all the same.
        if !self.o.run.held && !self.o.journal_broken {
            self.record(Fact::Queue(QueueFact::Held));
        }
        let run = &self.o.run;
        // What only waits for a review does nothing that could be stopped.
        let meant = |a: &&Agent| a.is_busy() || run.is_asked_again(&a.me().id);
        let agents: Vec<Agent> = run.everyone().filter(meant).cloned().collect();
        for agent in agents {
            self.stop_for_good(&agent, how);
        }
    }

    fn end_plan(&mut self) {
        if self.o.run.held {
            self.record(Fact::Queue(QueueFact::Resumed));
        }
        if self.o.run.plan.as_ref().is_some_and(|plan| !plan.finished) {
            self.record_finished();
        }
    }

    fn toggle_hold(&mut self) {
        if self.o.run.held {
            self.record(Fact::Queue(QueueFact::Resumed));
            self.admit();
        } else {
            self.record(Fact::Queue(QueueFact::Held));
        }
    }

    fn restart(&mut self, id: &AgentId) {
        let Some(agent) = self.o.run.known(id).cloned() else {
            self.complain(format!("there is no agent {id}"));
            return;
        };
        if self.o.journal_broken {
            self.complain(format!("{id} can't start: the journal can't be written"));
            return;
        }
        if let Some(why) = self.refuses_restart(&agent).filter(|_| !agent.is_live()) {
            self.complain(format!("{} can't start: {why}", agent.phase()));
            return;
        }
        if let (Stage::Review(_), Some(why)) = (&agent.stage, self.o.merged_already(&agent)) {
            self.complain(why);
            return;
        }
        if agent.is_being_merged() {
            self.complain(format!("{id} can't start again: its work is being merged right now"));
            return;
        }
        let wish = Fact::RestartAsked { agent: agent.me().clone() };
        if agent.has_process() {
            // Stopping takes back earlier wishes, so the wish comes second.
            self.stop(&agent, StopKind::Term);
            self.record(wish);
            return;
        }
        self.record(wish);
        self.stop(&agent, StopKind::Term);
        self.admit();
        if !agent.is_live() && self.o.run.restart_asked.contains(id) {
            let when = if self.o.has_free_slot() { "the hold is over" } else { "a slot is free" };
            self.say(format!("{id} starts again as soon as {when}"));
        }
    }

    /// Why an agent that has ended can't be started again, as far as is known: without a roadmap that can be read nothing
    /// is known of its phase.
    fn refuses_restart(&self, agent: &Agent) -> Option<String> {
        match self.o.view.problem.is_none() && self.o.view.roadmap.is_some() {
            true => self.o.cannot_begin(agent),
            false => agent.errand().and_then(|_| self.o.crowded(Some(&agent.me().id))),
        }
    }

    /// Reads the roadmap again, and asks once more for what was refused.
    fn garden(&mut self) {
        self.o.gardening.forget_refusal();
        self.o.view.asked_to_garden = true;
        if !self.o.run.undo.left().is_empty() && self.o.gardening == Gardening::Idle {
            self.order_gardening(Wanted::Everything);
        } else if self.o.setup.auto_garden || self.o.gardening == Gardening::Asked {
            self.ask(Effect::ReadRoadmap(self.o.setup.target.id.clone()));
        } else {
            self.order_gardening(Wanted::Everything);
        }
    }

    /// Ends a live agent, whatever stage it is in.
    pub(super) fn stop(&mut self, agent: &Agent, how: StopKind) {
        let me = agent.me().clone();
        match agent.stage {
            Stage::Review(_) if agent.merging.landed.is_some() => self.leave_unmarked(&me),
            _ if agent.is_being_merged() => {
                // What is on the target branch is not taken back.
                self.complain(format!("{} is being merged right now", me.id));
            }
            Stage::Starting | Stage::Running | Stage::Stopping => {
                // An agent can be ended also when that can't be written down.
                if !self.o.journal_broken {
                    self.record(Fact::Stopping { agent: me.clone(), how });
                }
                self.ask(Effect::Stop { agent: me, how });
            }
            Stage::Unmarking(_) | Stage::Ended(_) => {}
            // An entry that can't be written would take the orders to those that run with it.
            _ if self.o.journal_broken => {
                self.complain(format!("{} can't be ended: the journal can't be written", me.id));
            }
            Stage::Claiming
            | Stage::Preparing
            | Stage::Marking
            | Stage::Verifying(_)
            | Stage::Review(_)
            | Stage::Merging
            | Stage::Proving(_)
            | Stage::Landing
            | Stage::Completing => self.fail(&me, crate::domain::agent::Outcome::Killed),
        }
    }
}

/// Ticks what was ticked before, and nothing else, as far as it is still on offer.
fn keep_ticks(reading: &mut Interpretation, ticked: &[PhaseId]) {
    for offer in &mut reading.matched {
        offer.selected = ticked.contains(&offer.id);
    }
    for id in ticked {
        if !reading.matched.iter().any(|offer| offer.id == *id) {
            let evidence = vec![Evidence { field: "ticked".into(), words: Vec::new() }];
            let kept = Match { id: id.clone(), score: 1.0, selected: true, evidence };
            if !reading.not_offered.iter().any(|refused| refused.id == *id) {
                reading.matched.push(kept);
            }
        }
    }
}
