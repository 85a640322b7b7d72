//! From proven work to the target branch: review, one merge at a time, gates on the merge, landing.

use crate::domain::agent::{Agent, Outcome, Stage};
use crate::domain::branch::{
    BranchFact, BranchOrder, BranchReport, BranchWork, Merge, MergePolicy, Unlanded, Unmerged,
};
use crate::domain::effect::{Effect, StopKind};
use crate::domain::gate::{Receipt, Tree};
use crate::domain::id::{AgentId, AgentRef};
use crate::domain::journal::{Fact, QueueFact};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::orchestrator::step::Step;
use crate::domain::printable::Printable;
use crate::domain::workspace::{Workspace, Worktree};

/// So often the target branch may move on under a merge, or the merge be lost, before a person is asked.
const MOST_ROUNDS: u32 = 10;

impl Step<'_> {
    /// All gates passed on the work: it is complete where agents share a checkout; otherwise it is to be merged.
    pub(super) fn proven(&mut self, me: &AgentRef) {
        let Some(agent) = self.o.run.live(me) else { return };
        match (&agent.stage, self.o.merge_policy()) {
            (Stage::Review(why), MergePolicy::Auto) if why.as_str().is_empty() => {
                self.ask_merge(me);
            }
            (Stage::Review(_), MergePolicy::Auto | MergePolicy::Review) => self.admit(),
            _ => self.owe(me),
        }
    }

    /// Asks for the merge of a life's work; of one that is merged already only what is left: to mark its phase complete.
    pub(super) fn ask_merge(&mut self, me: &AgentRef) {
        let landed = self.o.run.live(me).filter(|agent| agent.merging.landed.is_some());
        if let Some(agent) = landed {
            let effect = self.o.complete(agent, self.now);
            self.ask(effect);
            return;
        }
        self.branch_fact(BranchFact::MergeAsked { agent: me.clone() });
        self.merge_next();
    }

    /// What is merged is done, though its phase could not be marked: a person leaves it as it stands.
    pub(super) fn leave_unmarked(&mut self, me: &AgentRef) {
        self.record(Fact::AgentCompleted { agent: me.clone(), document: None });
        self.say(format!("{} is merged; its phase stays in the roadmap as it stands", me.id));
        self.garden_again();
        self.after_life(me);
    }

    fn branch_fact(&mut self, fact: BranchFact) {
        self.record(Fact::Branch(fact));
    }

    /// Asks for the next merge, unless one is under way: there is one tree to merge in.
    pub(super) fn merge_next(&mut self) {
        let next = self.o.next_merge().map(|agent| (agent.me().clone(), agent.merging.asked));
        let Some((me, round)) = next.filter(|_| !self.o.journal_broken) else { return };
        let Some(agent) = self.o.run.live(&me) else { return };
        let phase = agent.phase();
        let name = self.o.roadmap().and_then(|roadmap| roadmap.phase(phase));
        let name = name.map(|phase| format!(" {}", phase.name)).unwrap_or_default();
        let message = format!("Phase {phase}:{name}");
        let work = |receipt: &&Receipt| receipt.tree == Tree::Work;
        let proven = agent.receipts.iter().rfind(work).and_then(|receipt| receipt.commit.clone());
        let work = BranchWork::Merge { message, round, proven };
        let Some(order) = self.o.branch_order(agent, work) else {
            self.fail(&me, Outcome::Failed("its worktree is not known any more".into()));
            return;
        };
        self.o.under_way.merging = Some((me, round));
        self.ask(order);
    }

    /// Something was done with a branch.
    pub(super) fn branch(&mut self, report: BranchReport) {
        match report {
            BranchReport::Merged { agent, round, outcome } => self.merged(&agent, round, outcome),
            BranchReport::Landed { agent, commit, outcome } => {
                self.landed(&agent, commit, outcome);
            }
            BranchReport::Removed { agent, phase, worktree, outcome } => {
                self.removed(agent, (phase, worktree), outcome);
            }
            BranchReport::Astray { agent, how } => self.astray(&agent, &how),
            // The screen's alone.
            BranchReport::Diffed { .. } => {}
        }
    }

    /// Whoever begins now would work on the wrong branch too: nothing new starts before a person has looked.
    fn astray(&mut self, me: &AgentRef, how: &Printable) {
        if self.o.run.live(me).is_none() {
            return;
        }
        if !self.o.run.held && !self.o.journal_broken {
            self.record(Fact::Queue(QueueFact::Held));
        }
        self.complain(format!(
            "{}: {how}; nothing new starts: put the checkout right first, p goes on with it as it is then",
            me.id
        ));
    }

    fn merged(&mut self, me: &AgentRef, round: u32, outcome: Result<Merge, Unmerged>) {
        if self.o.under_way.merging.as_ref() != Some(&(me.clone(), round)) {
            return;
        }
        self.o.under_way.merging = None;
        let at = self.o.run.live(me).map(|agent| (agent.stage.clone(), agent.merging.asked));
        if at != Some((Stage::Merging, round)) {
            self.merge_next();
            return;
        }
        match outcome {
            Ok(merge) => {
                self.branch_fact(BranchFact::MergePrepared { agent: me.clone(), merge });
                self.prove(me);
            }
            Err(Unmerged::Conflict(files)) => self.conflict(me, &files),
            Err(Unmerged::Blocked(why)) => self.put_to_review(me, why),
        }
    }

    fn conflict(&mut self, me: &AgentRef, files: &[Printable]) {
        let names: Vec<&str> = files.iter().map(Printable::as_str).collect();
        let onto = self.o.run.live(me).and_then(|agent| agent.workspace.as_ref()?.worktree());
        let onto = onto.map(|worktree| worktree.onto.clone()).unwrap_or_default();
        let why = format!("its work conflicts with {onto} in {}", names.join(", "));
        let (agent, files) = (me.clone(), files.to_vec());
        self.branch_fact(BranchFact::Conflicted { agent, onto, files });
        self.complain(format!("{}: {why}", me.id));
        self.fail(me, Outcome::Failed(why.into()));
    }

    /// Whether a gate saw the very merge that is to land.
    pub(super) fn judges_the_merge(&self, me: &AgentRef, receipt: &Receipt) -> bool {
        let merge = self.o.run.live(me).and_then(|agent| agent.merging.made.as_ref());
        let made = merge.map(|merge| &merge.commit);
        receipt.commit.is_none() || receipt.commit.as_ref() == made
    }

    /// Something else than the merge is checked out where it was to be judged: it is made again.
    pub(super) fn merge_anew(&mut self, me: &AgentRef) {
        let rounds = self.o.run.live(me).map_or(0, |agent| agent.merging.asked);
        if rounds < MOST_ROUNDS {
            self.ask_merge(me);
            return;
        }
        let why = "something checks out another commit in the tree for merges, between its gates; m merges again";
        self.put_to_review(me, why.into());
    }

    /// What the gates say of the merge: judges when all have run, otherwise runs the next.
    pub(super) fn prove(&mut self, me: &AgentRef) {
        let Some(agent) = self.o.run.live(me) else { return };
        if self.o.next_gate(agent).is_some() {
            self.owe(me);
            return;
        }
        let failed = self.o.failed_gates(agent);
        self.branch_fact(BranchFact::MergeProven { agent: me.clone(), failed: failed.clone() });
        if failed.is_empty() {
            self.owe(me);
        } else {
            let why = format!("gate {} failed on the merge", failed.join(", "));
            self.fail(me, Outcome::Failed(why.into()));
        }
    }

    fn landed(&mut self, me: &AgentRef, commit: String, outcome: Result<(), Unlanded>) {
        let Some(agent) = self.o.run.live(me).filter(|agent| agent.stage == Stage::Landing) else {
            return;
        };
        if agent.merging.made.as_ref().is_none_or(|merge| merge.commit != commit) {
            return;
        }
        let rounds = agent.merging.asked;
        match outcome {
            Ok(()) => {
                self.branch_fact(BranchFact::MergeLanded { agent: me.clone(), commit });
                self.owe(me);
                self.merge_next();
            }
            Err(Unlanded::Moved) if rounds < MOST_ROUNDS => self.ask_merge(me),
            Err(Unlanded::Moved) => {
                let why = "the target branch moves faster than its gates run; m merges again";
                self.put_to_review(me, why.into());
            }
            Err(Unlanded::Blocked(why)) => self.put_to_review(me, why),
        }
    }

    /// A person has to mend something before the work can be merged.
    pub(super) fn put_to_review(&mut self, me: &AgentRef, why: Printable) {
        self.complain(format!("{}: {why}", me.id));
        self.branch_fact(BranchFact::ReviewAsked { agent: me.clone(), why });
        self.merge_next();
        self.admit();
    }

    /// Somebody wants to see what an agent's branch changes.
    pub(super) fn diff(&mut self, id: &AgentId) {
        let agent = self.o.run.agents.get(id);
        match agent.and_then(|agent| self.o.branch_order(agent, BranchWork::Diff)) {
            Some(order) => self.ask(order),
            None => self.complain(self.o.no_diff(id)),
        }
    }

    /// A person wants proven work merged.
    pub(super) fn merge_by_id(&mut self, id: &AgentId) {
        match self.o.in_review(id) {
            Ok(me) => self.ask_merge(&me),
            Err(why) => self.complain(why),
        }
    }

    /// A person sends work back with comments: the agent begins again with them.
    pub(super) fn send_back(&mut self, id: &AgentId, comments: String) {
        match self.o.undecided(id) {
            Ok(agent) => {
                self.branch_fact(BranchFact::SentBack { agent: agent.clone(), comments });
                self.record(Fact::RestartAsked { agent: agent.clone() });
                self.fail(&agent, Outcome::Failed("a person sent it back".into()));
            }
            Err(why) => self.complain(why),
        }
    }

    /// A person gives work up: what was done is kept under a name of ours, worktree and branch go.
    pub(super) fn discard(&mut self, id: &AgentId) {
        let Some(agent) = self.o.run.agents.get(id).cloned() else {
            self.complain(format!("there is no agent {id}"));
            return;
        };
        let given_up = self.o.undecided(id);
        if let (true, Err(why)) = (agent.is_live(), &given_up) {
            let reviewed = matches!(agent.stage, Stage::Review(_));
            let busy = format!("{id} is at work: stop it first");
            self.complain(if reviewed { why.clone() } else { busy });
            return;
        }
        let Some(order) = self.o.branch_order(&agent, BranchWork::Discard) else {
            self.complain(format!("{id} has no worktree"));
            return;
        };
        // Nothing is begun in it any more.
        self.o.under_way.removing.insert(agent.phase().clone(), agent.me().clone());
        if let Ok(me) = given_up {
            self.fail(&me, Outcome::Killed);
        } else if self.o.comes_again(&agent) && !self.o.journal_broken {
            self.record(Fact::Stopping { agent: agent.me().clone(), how: StopKind::Term });
        }
        self.ask(order);
    }
}

impl Orchestrator {
    /// Who merges now.
    pub fn merge_policy(&self) -> MergePolicy {
        let plan = self.run.plan.as_ref().and_then(|plan| plan.approved.merge);
        plan.unwrap_or(self.setup.target.workspaces.merge)
    }

    /// The agent whose merge is to be made next: the one that has waited longest. None while another is under way.
    fn next_merge(&self) -> Option<&Agent> {
        let live = || self.run.agents.values().filter(|agent| agent.is_live());
        let busy = |agent: &Agent| match agent.stage {
            Stage::Proving(_) | Stage::Landing => true,
            // Its gates may still run on the merge until it is released.
            Stage::Unmarking(_) => agent.merging.made.is_some(),
            _ => false,
        };
        if self.under_way.merging.is_some() || live().any(busy) {
            return None;
        }
        let waiting = live().filter(|agent| agent.stage == Stage::Merging);
        waiting.min_by_key(|agent| (agent.merging.since, agent.me().clone()))
    }

    /// Why there is nothing to see of an agent's work, in one sentence.
    pub fn no_diff(&self, id: &AgentId) -> String {
        let Some(agent) = self.run.known(id) else { return format!("there is no agent {id}") };
        match (&agent.workspace, &agent.stage) {
            _ if agent.errand().is_some() => {
                format!("{id} changes nothing that is kept: it leaves a document when it has ended")
            }
            (Some(Workspace::Checkout { .. }), _) => format!(
                "{id} works in the target's own checkout, which has no branch to compare: see `git log` and `git diff` there"
            ),
            (Some(Workspace::Worktree(_)), Stage::Ended(Outcome::Succeeded)) => {
                format!(
                    "{id} is merged and its worktree is gone: see `git log` for what it changed"
                )
            }
            (Some(Workspace::Worktree(_)), _) => format!("{id} has no worktree any more"),
            (None, _) => format!("{id} has no worktree yet"),
        }
    }

    /// The worktree an agent's phase has, if it has one.
    pub fn worktree_of(&self, agent: &Agent) -> Option<&Worktree> {
        self.run.worktrees.get(agent.phase())
    }

    /// An order about the worktree an agent's phase has, if it has one.
    pub(super) fn branch_order(&self, agent: &Agent, work: BranchWork) -> Option<Effect> {
        let worktree = self.run.worktrees.get(agent.phase())?.clone();
        let (me, phase) = (agent.me().clone(), agent.phase().clone());
        Some(Effect::Branch(Box::new(BranchOrder { agent: me, phase, worktree, work })))
    }

    pub(super) fn landing(&self, agent: &Agent) -> Result<Effect, Outcome> {
        let merge = agent.merging.made.clone();
        let order = merge.and_then(|merge| self.branch_order(agent, BranchWork::Land(merge)));
        order.ok_or_else(|| Outcome::Failed("its merge is not known any more".into()))
    }

    /// The agent, if its work waits for a person who may still decide otherwise than to merge it.
    fn undecided(&self, id: &AgentId) -> Result<AgentRef, String> {
        let me = self.in_review(id)?;
        match self.run.live(&me).and_then(|agent| self.merged_already(agent)) {
            Some(why) => Err(why),
            None => Ok(me),
        }
    }

    /// That an agent's work is on the target branch and only its mark is missing.
    pub(super) fn merged_already(&self, agent: &Agent) -> Option<String> {
        let commit = agent.merging.landed.as_deref().and_then(|commit| commit.get(..7))?;
        let id = &agent.me().id;
        Some(format!(
            "{id} is merged already, as {commit}: m marks its phase complete, x leaves that to you"
        ))
    }

    /// The agent, if its work waits for a person.
    fn in_review(&self, id: &AgentId) -> Result<AgentRef, String> {
        match self.run.agents.get(id) {
            Some(Agent { stage: Stage::Review(_), birth, .. }) => Ok(birth.agent.clone()),
            Some(_) => Err(format!("{id} has nothing to review now")),
            None => Err(format!("there is no agent {id}")),
        }
    }
}
