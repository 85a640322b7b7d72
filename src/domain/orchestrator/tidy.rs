//! Worktrees that are no longer needed: removed once, and told when they are gone.

use crate::domain::agent::{Agent, Outcome, Stage};
use crate::domain::branch::{BranchFact, BranchOrder, BranchWork, MergeTree};
use crate::domain::effect::Effect;
use crate::domain::id::{AgentRef, PhaseId};
use crate::domain::journal::Fact;
use crate::domain::journal_text::all_of;
use crate::domain::orchestrator::run::Stray;
use crate::domain::orchestrator::step::Step;
use crate::domain::printable::Printable;
use crate::domain::workspace::Worktree;

impl Step<'_> {
    /// Worktree and branch of a life whose work is merged are no longer needed.
    pub(super) fn tidy_up(&mut self, me: &AgentRef) {
        let done = |agent: &&Agent| agent.stage == Stage::Ended(Outcome::Succeeded);
        let agent = self.o.run.agents.get(&me.id).filter(|agent| agent.me() == me).filter(done);
        let Some(agent) = agent.filter(|_| !self.o.journal_broken) else { return };
        let tree = if self.o.has_more(self.now) { MergeTree::Keep } else { MergeTree::Drop };
        let phase = agent.phase().clone();
        if let Some(order) = self.o.branch_order(agent, BranchWork::Remove(tree)) {
            self.o.under_way.removing.insert(phase, me.clone());
            self.ask(order);
        }
    }

    /// Removes worktrees nobody will go on in: of this phase, or all.
    pub(super) fn remove_strays(&mut self, of: Option<&PhaseId>) {
        if self.o.journal_broken {
            return;
        }
        let meant = |stray: &&Stray| of.is_none_or(|phase| stray.phase == *phase);
        let strays: Vec<Stray> = self.o.run.strays.values().filter(meant).cloned().collect();
        for Stray { agent, phase, worktree } in strays {
            // Asked once; what fails is asked for again at the next start.
            if self.o.under_way.clearing.insert(agent.clone()) {
                let work = BranchWork::Discard;
                self.ask(Effect::Branch(Box::new(BranchOrder { agent, phase, worktree, work })));
            }
        }
    }

    pub(super) fn removed(
        &mut self,
        agent: AgentRef,
        (phase, worktree): (PhaseId, Worktree),
        outcome: Result<Vec<String>, Printable>,
    ) {
        let under_way = &mut self.o.under_way;
        let removed = under_way.removing.get(&phase) == Some(&agent);
        // Told twice, it may speak of the worktree of a later life, which has the same name.
        if !removed && !under_way.clearing.remove(&agent) {
            return;
        }
        let stray = self.o.run.strays.get(&worktree.branch);
        let stray = stray.is_some_and(|stray| stray.worktree == worktree);
        if !stray {
            under_way.removing.retain(|of, _| *of != phase);
        }
        let kept = self.o.run.worktrees.get(&phase);
        if !stray && kept.is_none_or(|kept| kept.branch != worktree.branch) {
            return;
        }
        self.gone(agent, (phase, worktree), outcome);
        self.admit();
    }

    /// A worktree was removed, or could not be.
    fn gone(
        &mut self,
        agent: AgentRef,
        (phase, worktree): (PhaseId, Worktree),
        outcome: Result<Vec<String>, Printable>,
    ) {
        match outcome {
            Ok(names) => {
                let (mut names, branch) = (names.into_iter(), worktree.branch);
                let (kept, beside) = (names.next(), names.collect::<Vec<_>>());
                if let Some(name) = &kept {
                    let all = all_of(name, &beside);
                    self.say(format!("{}: what was not merged is kept as {all}", agent.id));
                }
                let gone = BranchFact::WorkspaceGone { agent, phase, branch, kept, beside };
                self.record(Fact::Branch(gone));
            }
            Err(why) => self.complain(why),
        }
    }
}
