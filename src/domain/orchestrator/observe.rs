//! What the world answers.

use std::sync::Arc;

use crate::domain::agent::{Exit, Outcome, Processes, Stage};
use crate::domain::branch::BranchFact;
use crate::domain::claim::{ClaimOutcome, StreamKey};
use crate::domain::effect::Effect;
use crate::domain::gardener::RoadmapGardener;
use crate::domain::gate::{Receipt, Tree};
use crate::domain::id::AgentRef;
use crate::domain::journal::{Entry, Fact};
use crate::domain::orchestrator::edit::Wanted;
use crate::domain::orchestrator::step::Step;
use crate::domain::orchestrator::{Gardening, Orchestrator, Role};
use crate::domain::printable::Printable;
use crate::domain::report::{Pulse, Rehearsed, Report};
use crate::domain::roadmap::{Edit, Roadmap};
use crate::domain::time::Timestamp;
use crate::domain::workspace::Workspace;

impl Orchestrator {
    /// Takes over what the world answered.
    pub fn observe(&mut self, now: Timestamp, report: Report) -> Vec<Effect> {
        let mut step = Step::new(self, now);
        if step.o.role != Role::Driver && !is_for_viewers(&report) {
            return Vec::new();
        }
        match report {
            Report::Roadmap { read, .. } => step.roadmap(read),
            Report::Edited { order, outcome, after } => step.edited(order, outcome, after),
            Report::Claimed { agent, outcome } => step.claimed(agent, outcome),
            Report::WorkspaceReady { agent, workspace } => step.workspace(agent, workspace),
            Report::Started { agent, processes, at } => step.started(agent, processes, at),
            Report::SpawnFailed { agent, why } => step.spawn_failed(agent, why),
            Report::Activity { agent, pulse } => step.activity(&agent, pulse),
            Report::Exited { agent, exit } => step.exited(agent, exit),
            Report::HostLost(agent) => step.host_lost(&agent),
            Report::GateJudged { agent, round, receipt } => {
                step.gate_judged(agent, round, receipt);
            }
            Report::Branch(report) => step.branch(report),
            Report::Rehearsed(Rehearsed::Launches(previews)) => step.previewed(previews),
            Report::Rehearsed(Rehearsed::Startable(checked)) => {
                step.o.setup.refusal = checked.err()
            }
            Report::Proposals(news) => step.proposals(news),
            Report::Document(report) => step.document(report),
            Report::JournalFailed(why) => {
                step.o.journal_broken = true;
                step.watch_budget();
                step.complain(format!("nothing new is started: {why}"));
            }
            Report::Journal(entries) => step.follow(&entries),
            Report::Trouble(why) => step.complain(why),
            Report::Frame { .. } | Report::Lines { .. } | Report::Older { .. } => {}
        }
        step.finish()
    }
}

/// What a viewer learns by itself; all else it learns from the driver's journal.
fn is_for_viewers(report: &Report) -> bool {
    match report {
        Report::Roadmap { .. }
        | Report::Activity { .. }
        | Report::Frame { .. }
        | Report::Lines { .. }
        | Report::Older { .. }
        | Report::Journal(_)
        | Report::Rehearsed(_)
        | Report::Proposals(_)
        | Report::Document(_)
        | Report::Trouble(_) => true,
        Report::Edited { .. }
        | Report::Claimed { .. }
        | Report::WorkspaceReady { .. }
        | Report::Started { .. }
        | Report::SpawnFailed { .. }
        | Report::Exited { .. }
        | Report::HostLost(_)
        | Report::GateJudged { .. }
        | Report::Branch(_)
        | Report::JournalFailed(_) => false,
    }
}

impl Step<'_> {
    fn is_at(&self, me: &AgentRef, stage: impl Fn(&Stage) -> bool) -> bool {
        self.o.run.live(me).is_some_and(|agent| stage(&agent.stage))
    }

    fn started(&mut self, agent: AgentRef, processes: Processes, started: Timestamp) {
        if self.is_at(&agent, |stage| *stage == Stage::Starting) {
            self.record(Fact::AgentRunning { agent, processes, started });
        }
    }

    fn exited(&mut self, agent: AgentRef, exit: Exit) {
        if !self.has_process(&agent) {
            return;
        }
        let asked = self.o.run.live(&agent).and_then(|live| live.activity.question.clone());
        self.record(Fact::Stopped { agent: agent.clone(), exit, unanswered: asked });
        self.watch_budget();
        self.verify(&agent);
    }

    fn host_lost(&mut self, agent: &AgentRef) {
        if !self.has_process(agent) {
            return;
        }
        // The app ended before it could start a host: nothing was tried yet.
        if self.is_at(agent, |stage| *stage == Stage::Starting) {
            self.record(Fact::RestartAsked { agent: agent.clone() });
        }
        self.fail(agent, Outcome::Lost);
    }

    fn gate_judged(&mut self, agent: AgentRef, round: u32, receipt: Receipt) {
        let tree = receipt.tree;
        if !self.awaits(&agent, round, &receipt) {
            return;
        }
        if tree == Tree::Merged && !self.judges_the_merge(&agent, &receipt) {
            self.merge_anew(&agent);
            return;
        }
        self.record(Fact::GateJudged { agent: agent.clone(), receipt });
        match tree {
            Tree::Work => self.verify(&agent),
            Tree::Merged => self.prove(&agent),
        }
    }

    /// Whether this is the proof a life waits for.
    fn awaits(&self, me: &AgentRef, round: u32, receipt: &Receipt) -> bool {
        let Some(agent) = self.o.run.live(me) else { return false };
        let next = self.o.next_gate(agent).is_some_and(|gate| gate.name == receipt.gate);
        // A receipt of an earlier merge proves nothing of this one.
        agent.stage.tree() == Some(receipt.tree) && agent.merging.asked == round && next
    }

    /// A viewer takes over what the driver wrote, and looks at the agents it started.
    fn follow(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.o.run.apply(entry);
            if let Fact::AgentRunning { agent, .. } = &entry.fact {
                self.ask(Effect::Adopt(agent.clone()));
            }
        }
    }

    fn has_process(&self, me: &AgentRef) -> bool {
        self.o.run.live(me).is_some_and(|agent| agent.has_process())
    }

    fn roadmap(&mut self, read: Result<Arc<Roadmap>, Printable>) {
        self.o.view.read_at = Some(self.now);
        match read {
            Ok(roadmap) => {
                self.reassert(&roadmap);
                self.take_roadmap(roadmap);
            }
            Err(why) => self.o.view.problem = Some(why),
        }
        self.admit();
    }

    fn take_roadmap(&mut self, roadmap: Arc<Roadmap>) {
        let facts = self.o.run.facts();
        let previous = self.o.view.roadmap.take();
        let garden = RoadmapGardener.look(&roadmap, previous.as_deref(), &facts);
        self.o.view.garden = garden;
        self.o.view.roadmap = Some(roadmap);
        self.o.view.problem = None;
        self.keep_gardened();
    }

    /// Asks for the gardener's edits, unless they are under way or were refused.
    fn keep_gardened(&mut self) {
        let edits = &self.o.view.garden.edits;
        let due = match &self.o.gardening {
            Gardening::Idle => !edits.is_empty(),
            Gardening::Asked => false,
            Gardening::Refused(refused) => !edits.is_empty() && refused != edits,
        };
        // What is being taken back is not done again meanwhile.
        let writes =
            self.o.setup.auto_garden && self.o.role == Role::Driver && !self.o.view.undoing;
        if due && writes && !self.o.journal_broken {
            self.order_gardening(Wanted::NotUndone);
        } else if self.o.gardening != Gardening::Asked {
            self.o.view.asked_to_garden = false;
        }
    }

    /// The gardener's edits were made or refused. A person who asked for them is told.
    pub(super) fn gardened(&mut self, outcome: Result<Vec<Edit>, Printable>, said: Option<String>) {
        if let Some(said) = said.filter(|_| self.o.view.asked_to_garden) {
            self.o.view.asked_to_garden = false;
            self.say(said);
        }
        match outcome {
            Ok(_) => {
                self.o.gardening = Gardening::Idle;
                // Somebody may have blocked another phase after the edit was decided.
                self.keep_gardened();
            }
            Err(why) => {
                self.o.gardening = Gardening::Refused(self.o.view.garden.edits.clone());
                self.complain(why);
            }
        }
        self.admit();
    }

    pub(super) fn marked(&mut self, agent: AgentRef, outcome: Result<Vec<Edit>, Printable>) {
        if !self.is_at(&agent, |stage| *stage == Stage::Marking) {
            return;
        }
        match outcome {
            Ok(_) => {
                self.record(Fact::SpawningAgent { agent: agent.clone() });
                self.owe(&agent);
            }
            Err(why) => self.fail(&agent, Outcome::Refused(why)),
        }
    }

    pub(super) fn completed(&mut self, agent: AgentRef, outcome: Result<Vec<Edit>, Printable>) {
        let waits = |stage: &Stage| match stage {
            Stage::Completing => true,
            Stage::Review(_) => self.has_landed(&agent),
            _ => false,
        };
        if !self.is_at(&agent, waits) {
            return;
        }
        match outcome {
            Ok(_) => {
                self.record(Fact::AgentCompleted { agent: agent.clone(), document: None });
                self.garden_again();
                self.after_life(&agent);
            }
            // What is merged is never done again only because the roadmap can't be written.
            Err(why) if self.has_landed(&agent) => {
                let why = format!("it is merged, but not marked complete: {why}; m tries again");
                self.put_to_review(&agent, why.into());
            }
            Err(why) => self.fail(&agent, Outcome::Failed(why)),
        }
    }

    fn has_landed(&self, me: &AgentRef) -> bool {
        self.o.run.live(me).is_some_and(|agent| agent.merging.landed.is_some())
    }

    /// A phase is no longer held: what waited for it may be free now, though the file did not change.
    pub(super) fn garden_again(&mut self) {
        if let Some(roadmap) = self.o.view.roadmap.clone() {
            let completed = std::mem::take(&mut self.o.view.garden.completed_since_last);
            self.take_roadmap(roadmap);
            self.o.view.garden.completed_since_last = completed;
        }
    }

    pub(super) fn released(&mut self, agent: AgentRef, outcome: Result<Vec<Edit>, Printable>) {
        if let Err(why) = outcome {
            self.complain(why);
        }
        if self.o.run.live(&agent).is_some() {
            self.record(Fact::Released { agent: agent.clone() });
            self.garden_again();
            self.after_life(&agent);
        }
    }

    fn claimed(&mut self, agent: AgentRef, outcome: ClaimOutcome) {
        if !self.is_at(&agent, |stage| *stage == Stage::Claiming) {
            self.give_back(agent, outcome);
            return;
        }
        match outcome {
            ClaimOutcome::Won(fence) => {
                self.record(Fact::ClaimWon { agent: agent.clone(), fence });
                self.owe(&agent);
            }
            ClaimOutcome::Lost(owner) => {
                self.complain(format!("{} is held by {}", agent.id, owner.agent));
                self.record(Fact::ClaimLost { agent: agent.clone(), owner });
                self.admit();
            }
            ClaimOutcome::Unavailable(why) => self.fail(&agent, Outcome::Refused(why)),
        }
    }

    /// A claim that came too late is freed at once.
    fn give_back(&mut self, agent: AgentRef, outcome: ClaimOutcome) {
        let Some(known) = self.o.run.known(&agent.id) else { return };
        if self.o.run.live(&agent).is_some() {
            return;
        }
        let stream = StreamKey { target: known.birth.target.clone(), phase: known.phase().clone() };
        match outcome {
            ClaimOutcome::Won(_) => self.ask(Effect::Release { agent, stream }),
            ClaimOutcome::Lost(_) | ClaimOutcome::Unavailable(_) => {}
        }
    }

    fn workspace(&mut self, agent: AgentRef, workspace: Result<Workspace, Printable>) {
        if !self.is_at(&agent, |stage| *stage == Stage::Preparing) {
            self.keep_left(agent, workspace);
            return;
        }
        match workspace {
            Ok(workspace) => {
                let assigned_before = self.assigned(&agent);
                let ready =
                    Fact::WorkspaceReady { agent: agent.clone(), workspace, assigned_before };
                self.record(ready);
                self.owe(&agent);
                if let Some(phase) = self.o.run.known(&agent.id).map(|known| known.phase().clone())
                {
                    self.remove_strays(Some(&phase));
                }
            }
            Err(why) => self.fail(&agent, Outcome::Refused(why)),
        }
    }

    /// A worktree that was made for a life that is over by now is not forgotten: the next life takes it up, or it is
    /// removed where the phase has another one.
    fn keep_left(&mut self, agent: AgentRef, workspace: Result<Workspace, Printable>) {
        let Some(known) = self.o.run.known(&agent.id) else { return };
        let (phase, last) = (known.phase().clone(), known.me().clone());
        let told = |fact: &Fact| match fact {
            Fact::WorkspaceReady { agent: of, .. }
            | Fact::Branch(BranchFact::WorkspaceLeft { agent: of, .. }) => *of == agent,
            _ => false,
        };
        if let Ok(Workspace::Worktree(worktree)) = workspace
            && self.o.run.live(&agent).is_none()
            && !self.o.run.log.iter().any(|entry| told(&entry.fact))
        {
            let of = phase.clone();
            self.record(Fact::Branch(BranchFact::WorkspaceLeft { agent, phase, worktree }));
            self.remove_strays(Some(&of));
            self.clear_away(&last);
        }
    }

    /// What stands now where the agent's name is to be written.
    fn assigned(&self, me: &AgentRef) -> Option<String> {
        let agent = self.o.run.live(me)?;
        let roadmap = self.o.roadmap()?;
        let field = roadmap.phase(agent.phase())?.assigned_field()?;
        let value = String::from_utf8_lossy(roadmap.bytes().get(field.span.clone())?).into_owned();
        (value != me.id.as_str()).then_some(value)
    }

    fn spawn_failed(&mut self, agent: AgentRef, why: Printable) {
        if !self.has_process(&agent) {
            return;
        }
        self.record(Fact::SpawnFailed { agent: agent.clone(), why: why.clone() });
        self.complain(format!("{}: {why}", agent.id));
        self.fail(&agent, Outcome::Refused(why));
    }

    fn activity(&mut self, me: &AgentRef, pulse: Pulse) {
        if let Some(agent) = self.o.run.live_mut(me) {
            agent.activity.take(pulse);
            self.watch_budget();
        }
    }
}
