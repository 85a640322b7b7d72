//! Agents that work for no plan: they claim only their own name, mark nothing in the roadmap, and leave a document.

use crate::domain::adapter::Start;
use crate::domain::agent::{Agent, Outcome, Stage};
use crate::domain::branch::BranchWork;
use crate::domain::document::{DocumentOrder, DocumentReport};
use crate::domain::effect::{Brief, Effect, Launch};
use crate::domain::errand::{Errand, ErrandBrief};
use crate::domain::id::{AgentId, AgentRef, PhaseId};
use crate::domain::journal::{Birth, Fact};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::orchestrator::life::{day, stream};
use crate::domain::orchestrator::step::Step;
use crate::domain::printable::{Printable, counted};
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::finding::Finding;
use crate::domain::roadmap::phase::Phase;
use crate::domain::session_id;
use crate::domain::time::Timestamp;

/// Findings of the roadmap that a project manager is told.
const FINDINGS: usize = 60;

impl Step<'_> {
    /// A person wants an agent for an errand.
    pub(super) fn errand(&mut self, errand: Errand) {
        if let Err(why) = self.o.can_run(&errand) {
            self.complain(why);
            return;
        }
        let id = self.o.errand_agent(&errand);
        self.begin_errand(id, errand);
    }

    fn begin_errand(&mut self, id: AgentId, errand: Errand) {
        let target = &self.o.setup.target;
        let (phase, adapter) = (PhaseId::new(id.as_str()), target.agent.clone());
        let agent = AgentRef { life: self.o.run.next_life(&id), id };
        let session = session_id::of(&agent, &target.path, self.now);
        let birth = Birth {
            start: Start::Fresh { session },
            role: errand.role(),
            errand: Some(errand),
            ..Birth::first(agent.clone(), phase, target.id.clone(), &adapter)
        };
        self.record(Fact::AgentSpawned(birth));
        self.owe(&agent);
    }

    /// Starts those that are to begin again, once nothing of the life before is in the way.
    pub(super) fn begin_errands_again(&mut self) {
        let (errands, under_way) = (&self.o.run.errands, &self.o.under_way);
        let asked = errands.restart_asked.iter().filter_map(|id| errands.agents.get(id));
        let free = asked.filter(|agent| !agent.is_live() && !under_way.clears(&agent.me().id));
        let free: Vec<_> =
            free.filter_map(|a| Some((a.me().id.clone(), a.errand()?.clone()))).collect();
        for (id, errand) in free {
            self.begin_errand(id, errand);
        }
    }

    /// Asks for the one effect that the stage of an agent with an errand owes the world.
    pub(super) fn owe_for(&mut self, errand: &Errand, agent: &Agent) {
        let me = agent.me().clone();
        // It marks no phase.
        if agent.stage == Stage::Marking {
            self.record(Fact::SpawningAgent { agent: me.clone() });
        }
        let effect = match &agent.stage {
            Stage::Claiming => Effect::Claim { agent: me, stream: stream(agent) },
            Stage::Preparing => {
                let from = self.o.run.worktrees.get(agent.phase()).cloned();
                let needs = Vec::new();
                Effect::PrepareWorkspace { agent: me, stream: stream(agent), from, needs }
            }
            Stage::Marking | Stage::Starting => match self.o.launch_for(errand, agent, self.now) {
                Ok(launch) => Effect::Spawn(Box::new(launch)),
                Err(outcome) => return self.fail(&me, outcome),
            },
            Stage::Verifying(_) => {
                let name = self.o.document_name(errand, agent, self.now);
                Effect::Document(DocumentOrder::Collect { agent: me, name })
            }
            Stage::Ended(_) => Effect::Release { agent: me, stream: stream(agent) },
            Stage::Running
            | Stage::Stopping
            | Stage::Review(_)
            | Stage::Merging
            | Stage::Proving(_)
            | Stage::Landing
            | Stage::Completing
            | Stage::Unmarking(_) => Effect::Adopt(me),
        };
        self.ask(effect);
    }

    /// Something was done with a document.
    pub(super) fn document(&mut self, report: DocumentReport) {
        match report {
            DocumentReport::Kept(document, Ok(path)) => {
                self.say(format!("the {} is kept in {path}", document.word()));
            }
            DocumentReport::Kept(_, Err(why)) => self.complain(why),
            DocumentReport::Collected { agent, outcome } => self.collected(&agent, outcome),
            // The screen's alone.
            DocumentReport::Opened { .. } => {}
        }
    }

    /// What an agent left is kept: that is all it was there for.
    fn collected(&mut self, me: &AgentRef, outcome: Result<std::path::PathBuf, Printable>) {
        let waits = |agent: &&Agent| match agent.stage {
            Stage::Verifying(_) => agent.errand().is_some(),
            _ => false,
        };
        if self.o.run.live(me).filter(waits).is_none() {
            return;
        }
        match outcome {
            Ok(path) => {
                let shown = Printable::new(&path.display().to_string());
                self.record(Fact::AgentCompleted { agent: me.clone(), document: Some(path) });
                self.say(format!("what {} wrote is kept in {shown}", me.id));
                self.after_life(me);
            }
            Err(why) => self.fail(me, Outcome::Failed(why)),
        }
    }

    /// The worktree of an errand that is over goes; what was changed in it is kept under a name of ours.
    pub(super) fn clear_away(&mut self, me: &AgentRef) {
        let over = |agent: &&Agent| agent.me() == me && !agent.is_live();
        let agent = self.o.run.errands.agents.get(&me.id).filter(over);
        let Some(agent) = agent.filter(|_| !self.o.journal_broken) else { return };
        if let Some(order) = self.o.branch_order(agent, BranchWork::Discard) {
            self.o.under_way.clearing.insert(me.clone());
            self.ask(order);
        }
    }

    /// A person wants to read what an agent left.
    pub(super) fn open_document(&mut self, id: &AgentId) {
        let agent = self.o.run.errands.agents.get(id);
        match agent.and_then(|agent| Some((agent.me().clone(), agent.document.clone()?))) {
            Some((agent, path)) => {
                self.ask(Effect::Document(DocumentOrder::Open { agent, path }));
            }
            None => self.complain(format!("{id} has left no document")),
        }
    }
}

impl Orchestrator {
    /// The agent that an errand asked for now would have.
    pub fn errand_agent(&self, errand: &Errand) -> AgentId {
        let free = |n: &u32| !self.run.errands.agents.contains_key(&errand.agent(*n));
        match errand {
            Errand::Qa(_) => errand.agent(1),
            Errand::Pm(_) | Errand::Summary => {
                errand.agent((1..u32::MAX).find(free).unwrap_or(u32::MAX))
            }
        }
    }

    /// Whether an errand could be begun now.
    ///
    /// # Errors
    /// One sentence when it could not.
    pub fn can_run(&self, errand: &Errand) -> Result<(), String> {
        if self.journal_broken {
            return Err("nothing can start: the journal can't be written".into());
        }
        if self.run.plan.as_ref().is_some_and(|plan| !plan.finished && plan.over_budget.is_some()) {
            return Err("the budget of the plan is reached: p grants as much again".into());
        }
        match errand {
            Errand::Qa(phase) => {
                let Some(roadmap) = self.roadmap() else {
                    return Err("there is no roadmap, so there is no phase to look at".into());
                };
                if roadmap.phase(phase).is_none() {
                    let nowhere = || format!("there is no phase {phase} in the roadmap");
                    return Err(self.archived(phase).unwrap_or_else(nowhere));
                }
            }
            Errand::Pm(_) => {}
            Errand::Summary if self.run.story.approvals.is_empty() => {
                return Err("no plan was approved here yet, so there is nothing to sum up".into());
            }
            Errand::Summary => {}
        }
        match self.at_work(errand) {
            Some(id) => Err(format!("{id} is at work on that already")),
            None => self.crowded(None).map_or(Ok(()), Err),
        }
    }

    /// Why no other agent can have an errand now, in one clause: as many have one as the target lets work at once. One
    /// that begins again takes its own place.
    pub(super) fn crowded(&self, but: Option<&AgentId>) -> Option<String> {
        let errands = self.run.errands.agents.values();
        let others = errands.filter(|agent| {
            let id = &agent.me().id;
            but != Some(id) && (agent.is_live() || self.run.is_asked_again(id))
        });
        let (count, workspaces) = (others.count(), &self.setup.target.workspaces);
        (count >= usize::from(workspaces.most)).then(|| {
            let verb = if count == 1 { "is" } else { "are" };
            format!(
                "{} on demand {verb} at work, and {}: let one end, or stop one with x",
                counted(count, "agent"),
                workspaces.most_said()
            )
        })
    }

    /// The agent that has this errand now, or is being tidied up after.
    fn at_work(&self, errand: &Errand) -> Option<&AgentId> {
        let busy = |agent: &&Agent| {
            let id = &agent.me().id;
            agent.is_live() || self.under_way.clears(id) || self.run.is_asked_again(id)
        };
        let same = |agent: &&Agent| agent.errand() == Some(errand);
        self.run.errands.agents.values().filter(same).find(busy).map(|agent| &agent.me().id)
    }

    /// Whether nothing of an agent with an errand is left to do: its life is over and its worktree is gone.
    pub fn is_done_with(&self, id: &AgentId) -> bool {
        let live = self.run.errands.agents.get(id).is_some_and(Agent::is_live);
        !live && !self.under_way.clears(id) && !self.run.is_asked_again(id)
    }

    /// Whether worktrees of agents with errands are being removed.
    pub fn clears_away(&self) -> bool {
        !self.under_way.clearing.is_empty()
    }

    /// The agent that wrote the summary of the last plan.
    pub fn summary(&self) -> Option<&Agent> {
        let path = self.run.story.summary.as_ref()?;
        self.run.errands.agents.values().find(|agent| agent.document.as_ref() == Some(path))
    }

    /// The agent that writes one now.
    pub fn summing_up(&self) -> Option<&Agent> {
        let sums = |agent: &&Agent| agent.is_live() && agent.errand() == Some(&Errand::Summary);
        self.run.errands.agents.values().find(sums)
    }

    /// Why an agent can't begin a new life now, in one clause.
    pub fn cannot_begin(&self, agent: &Agent) -> Option<String> {
        let Some(errand) = agent.errand() else { return self.cannot_start(agent.phase()) };
        if let Some(why) = self.crowded(Some(&agent.me().id)) {
            return Some(why);
        }
        let phase = errand.phase()?;
        let gone = self.roadmap().is_none_or(|roadmap| roadmap.phase(phase).is_none());
        gone.then(|| self.gone(phase))
    }

    /// Why a phase that was in the roadmap can't be looked at.
    fn gone(&self, phase: &PhaseId) -> String {
        self.archived(phase).unwrap_or_else(|| format!("phase {phase} is no longer in the roadmap"))
    }

    /// That a phase was moved to the archive, and what to do to have it looked at.
    fn archived(&self, phase: &PhaseId) -> Option<String> {
        let archive = self.setup.target.documents.archive.display();
        self.roadmap()?.archive().has(phase).then(|| {
            format!(
                "phase {phase} is archived, in {archive}: put its section back into the roadmap to have it looked at"
            )
        })
    }

    /// What an agent is about, for people: its phase with its name, or its errand.
    pub fn about(&self, agent: &Agent) -> Printable {
        let phase = agent.about().and_then(|id| self.roadmap()?.phase(id));
        let name = phase.map(|phase| phase.name.to_string()).unwrap_or_default();
        let text = match agent.errand() {
            Some(Errand::Pm(_) | Errand::Summary) | None if name.is_empty() => {
                agent.errand().map(Errand::title).unwrap_or_default()
            }
            Some(errand) => format!("{} {name}", errand.title()),
            None => name,
        };
        Printable::new(text.trim())
    }

    /// `qa-2.3-2026-11-27`.
    fn document_name(&self, errand: &Errand, agent: &Agent, now: Timestamp) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
        let about = match errand {
            Errand::Qa(phase) => format!("qa-{phase}"),
            Errand::Pm(_) => agent.me().id.to_string(),
            Errand::Summary => "summary".to_owned(),
        };
        let about: String = about.chars().map(plain).take(60).collect();
        format!("{about}-{}", day(now, self.setup.utc_offset))
    }

    fn launch_for(
        &self,
        errand: &Errand,
        agent: &Agent,
        now: Timestamp,
    ) -> Result<Launch, Outcome> {
        let refuse = |why: String| Outcome::Refused(why.into());
        let name = &agent.birth.adapter;
        let adapter = self.setup.adapters.get(name).cloned();
        let adapter =
            adapter.ok_or_else(|| refuse(format!("agents.yaml has no agent named {name}")))?;
        let workspace = agent.workspace.clone();
        let workspace = workspace.ok_or_else(|| refuse("it has no workspace".into()))?;
        let (phase, section) = self.subject(errand, agent).map_err(refuse)?;
        let known = match errand {
            Errand::Qa(phase) => self.known_of(phase),
            Errand::Pm(_) => self.findings(),
            Errand::Summary => Vec::new(),
        };
        let report = match errand {
            Errand::Summary => self.report(now).unwrap_or_default(),
            Errand::Qa(_) | Errand::Pm(_) => String::new(),
        };
        let errand = Some(ErrandBrief { errand: errand.clone(), known, report });
        Ok(Launch {
            agent: agent.me().clone(),
            name: None,
            phase,
            target: self.setup.target.seen_from(&workspace),
            adapter,
            workspace,
            start: agent.birth.start.clone(),
            brief: Brief { section, errand, ..Brief::default() },
            size: self.terminal,
        })
    }

    /// The phase an errand is about, with its section; a stand-in with its own id where there is none.
    fn subject(&self, errand: &Errand, agent: &Agent) -> Result<(Phase, String), String> {
        let Some(id) = errand.phase() else {
            let text = format!("### Phase 0: {}\n", Printable::new(&errand.title()));
            let phase =
                Roadmap::parse(text.replace('\n', " ").into_bytes()).phases.into_iter().next();
            let phase = phase.ok_or_else(|| "its errand can't be named".to_owned())?;
            return Ok((Phase { id: agent.phase().clone(), ..phase }, String::new()));
        };
        let found = self.roadmap().and_then(|roadmap| Some((roadmap, roadmap.phase(id)?)));
        let (roadmap, phase) = found.ok_or_else(|| self.gone(id))?;
        let bytes = roadmap.bytes().get(phase.place.section.clone()).unwrap_or_default();
        Ok((phase.clone(), String::from_utf8_lossy(bytes).into_owned()))
    }

    /// What is known of the work on a phase.
    fn known_of(&self, phase: &PhaseId) -> Vec<String> {
        let Some(agent) = self.agent_of(phase) else { return vec![self.known_of_nobody_s(phase)] };
        let id = &agent.me().id;
        let mut known = Vec::new();
        match (&agent.stage, &agent.merging.made) {
            (Stage::Ended(Outcome::Succeeded), Some(merge)) => {
                let (commit, tip) = (&merge.commit, &merge.tip);
                known.push(format!("{id} completed it, and its work was merged as {commit}: `git log {tip}..{commit}` lists its commits, `git diff {tip} {commit}` shows what they change."));
            }
            (Stage::Ended(Outcome::Succeeded), None) => {
                let [from, to] = [agent.times.started, agent.times.ended].map(moment);
                known.push(format!("{id} completed it in the checkout between {from} and {to}: `git log --since={from} --until={to}` lists the commits of that time, those of others too."));
            }
            (stage, _) => {
                let how = match stage {
                    Stage::Ended(outcome) => outcome.clause(),
                    _ => "it still works".to_owned(),
                };
                known.push(format!("It is not complete. {id} worked on it last: {how}."));
            }
        }
        if let Some(branch) = self.worktree_of(agent).map(|worktree| &worktree.branch) {
            known.push(format!("Its work is on branch {branch}."));
        }
        known.extend(
            agent.receipts.iter().map(|receipt| format!("Its gates said: {}", receipt.line())),
        );
        known
    }

    /// What is odd in the roadmap, a line each.
    fn findings(&self) -> Vec<String> {
        let line = |finding: &Finding| format!("line {}: {}", finding.line, finding.message);
        self.view.garden.findings.iter().take(FINDINGS).map(line).collect()
    }
}

/// `2026-11-27T15:04:05Z`.
fn moment(at: Option<Timestamp>) -> String {
    let millis = i64::try_from(at.unwrap_or_default().0).unwrap_or(0);
    let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
