//! The lives of an agent in which somebody worked, and what became of them: what the next one is told.

use std::collections::BTreeMap;

use crate::domain::branch::BranchFact;
use crate::domain::effect::{LastFailure, Try};
use crate::domain::gate::{Receipt, Tree};
use crate::domain::id::{AgentId, AgentRef};
use crate::domain::journal::Fact;
use crate::domain::orchestrator::Orchestrator;

/// So many lives of an agent are remembered, the newest.
const KEPT: usize = 20;

/// The tries of every agent, as the journal tells them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tries {
    of: BTreeMap<AgentId, Vec<Tried>>,
}

/// One life in which an agent ran: a start that was refused was no try.
#[derive(Clone, Debug, PartialEq)]
struct Tried {
    told: Try,
    /// Proofs of it; forgotten once the next but one runs.
    receipts: Vec<Receipt>,
    /// What a person said who sent it back.
    comments: Option<String>,
    at_the_merge: bool,
}

impl Tries {
    /// Takes over what happened.
    pub(super) fn take(&mut self, fact: &Fact) {
        match fact {
            Fact::AgentRunning { agent, started, .. } => {
                let told = Try { agent: agent.clone(), began: *started, outcome: None };
                self.begin(told);
            }
            Fact::AgentFailed { agent, outcome } => self.edit(agent, |tried| {
                // A later one only tells why it could not begin again.
                tried.told.outcome.get_or_insert_with(|| outcome.clause());
            }),
            Fact::GateJudged { agent, receipt } => {
                self.edit(agent, |tried| tried.receipts.push(receipt.clone()));
            }
            Fact::Branch(BranchFact::MergeAsked { agent }) => self.edit(agent, |tried| {
                tried.receipts.retain(|receipt| receipt.tree == Tree::Work);
                tried.at_the_merge = true;
            }),
            Fact::Branch(BranchFact::SentBack { agent, comments }) => {
                self.edit(agent, |tried| tried.comments = Some(comments.clone()));
            }
            _ => {}
        }
    }

    fn begin(&mut self, told: Try) {
        let tries = self.of.entry(told.agent.id.clone()).or_default();
        if tries.iter().any(|tried| tried.told.agent == told.agent) {
            return;
        }
        let older = tries.len().saturating_sub(1);
        tries.iter_mut().take(older).for_each(|tried| tried.receipts.clear());
        if tries.len() == KEPT {
            tries.remove(0);
        }
        tries.push(Tried { told, receipts: Vec::new(), comments: None, at_the_merge: false });
    }

    fn edit(&mut self, me: &AgentRef, change: impl FnOnce(&mut Tried)) {
        let tries = self.of.get_mut(&me.id);
        let found = tries.and_then(|all| all.iter_mut().find(|tried| tried.told.agent == *me));
        if let Some(tried) = found {
            change(tried);
        }
    }

    /// Those before this life, oldest first.
    fn before(&self, me: &AgentRef) -> impl DoubleEndedIterator<Item = &Tried> {
        let all = self.of.get(&me.id).map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(|tried| tried.told.agent.life < me.life)
    }
}

impl Orchestrator {
    /// The lives before this one in which an agent ran, oldest first.
    pub(super) fn tries_before(&self, me: &AgentRef) -> Vec<Try> {
        self.run.tries.before(me).map(|tried| tried.told.clone()).collect()
    }

    /// Why the last try before this life failed.
    pub(super) fn last_failure(&self, me: &AgentRef) -> Option<LastFailure> {
        let tried = self.run.tries.before(me).next_back()?;
        Some(LastFailure {
            outcome: tried.told.outcome.clone()?,
            receipts: tried.receipts.clone(),
            comments: tried.comments.clone(),
            at_the_merge: tried.at_the_merge,
            tries: self.tries_before(me),
        })
    }
}
