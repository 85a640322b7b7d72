//! Proposals: what waits for a person, and what becomes of it.
//!
//! Approving goes in three steps, each when the one before has succeeded: the file is compared with what the person
//! saw, its phases are added to the roadmap, the file is put away.

use std::collections::BTreeSet;

use crate::domain::effect::Effect;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::orchestrator::step::Step;
use crate::domain::printable::Printable;
use crate::domain::proposal::{
    Judgement, Listing, Proposal, ProposalAnswer, ProposalFile, ProposalNews, ProposalOrder, Shelf,
    judge,
};

/// What is known of the folder of proposals.
#[derive(Clone, Debug, Default)]
pub struct Proposals {
    /// What lies there; `None` before it was looked at.
    pub listing: Option<Listing>,
    /// Files about which a decision is being carried out.
    deciding: BTreeSet<ProposalFile>,
}

impl Proposals {
    /// How many wait for a person.
    pub fn waiting(&self) -> usize {
        self.listing.as_ref().map_or(0, |listing| listing.proposals.len())
    }

    /// A proposal by the name of its file.
    pub fn find(&self, name: &str) -> Option<&Proposal> {
        self.listing.as_ref()?.find(name)
    }
}

impl Orchestrator {
    /// What a proposal would come to in the roadmap as it is now.
    pub fn judge_proposal(&self, proposal: &Proposal) -> Judgement {
        let empty = Listing::default();
        let listing = self.view.proposals.listing.as_ref().unwrap_or(&empty);
        judge(proposal, (listing, self.roadmap()), &self.run.held_phases())
    }
}

impl Step<'_> {
    pub(super) fn look_at_proposals(&mut self) {
        self.ask(Effect::Proposals(ProposalOrder::Look));
    }

    /// A person wants the phases of this proposal, as they saw it.
    pub(super) fn approve_proposal(&mut self, file: ProposalFile) {
        if self.o.journal_broken {
            self.complain("nothing is added: the journal can't be written");
            return;
        }
        let Some(proposal) = self.shown(&file) else { return };
        if let Some(why) = self.o.judge_proposal(&proposal).obstacle() {
            self.complain(format!("{} can't be added: {why}", file.name));
        } else if self.may_decide(&file) {
            self.ask(Effect::Proposals(ProposalOrder::Compare(file)));
        }
    }

    /// A person does not want it.
    pub(super) fn refuse_proposal(&mut self, file: ProposalFile) {
        if self.shown(&file).is_some() && self.may_decide(&file) {
            self.ask(Effect::Proposals(ProposalOrder::Shelve(file, Shelf::Rejected)));
        }
    }

    /// The proposal in the state a person saw; without it they are told.
    fn shown(&mut self, file: &ProposalFile) -> Option<Proposal> {
        let found = self.o.view.proposals.find(&file.name).filter(|found| found.file == *file);
        let found = found.cloned();
        if found.is_none() {
            self.changed_since(file);
        }
        found
    }

    fn changed_since(&mut self, file: &ProposalFile) {
        let text = match self.o.view.proposals.find(&file.name) {
            Some(_) => "has changed since it was shown: look at it again",
            None => "is gone",
        };
        self.complain(format!("{} {text}; nothing was done", file.name));
    }

    /// Whether a decision can be carried out: one at a time for each file.
    fn may_decide(&mut self, file: &ProposalFile) -> bool {
        self.o.view.proposals.deciding.insert(file.clone())
    }

    fn end(&mut self, file: &ProposalFile) {
        self.o.view.proposals.deciding.remove(file);
    }

    /// The folder was looked at.
    pub(super) fn proposals(&mut self, news: ProposalNews) {
        let before = self.o.view.proposals.listing.replace(news.listing);
        self.announce(before.as_ref());
        match news.answer {
            None => {}
            Some(ProposalAnswer::Same(file)) => self.append_proposal(&file),
            Some(ProposalAnswer::Changed(file)) => {
                self.end(&file);
                self.changed_since(&file);
            }
            Some(ProposalAnswer::Shelved(file, shelf, outcome)) => {
                self.end(&file);
                self.shelved(&file, shelf, outcome);
            }
        }
    }

    /// Tells of proposals that were not there before.
    fn announce(&mut self, before: Option<&Listing>) {
        let Some(listing) = &self.o.view.proposals.listing else { return };
        let known = before.map(Listing::files).unwrap_or_default();
        let known: BTreeSet<&str> = known.iter().map(|file| file.name.as_str()).collect();
        let mut files = listing.proposals.iter().map(|proposal| proposal.file.name.as_str());
        let new = files.any(|name| !known.contains(name));
        let text = match listing.proposals.len() {
            1 => "1 proposal waits: P".to_owned(),
            count => format!("{count} proposals wait: P"),
        };
        let problem = listing.problem.clone();
        let told = before.is_some_and(|before| before.problem == problem);
        if new {
            self.say(text);
        }
        if let Some(problem) = problem.filter(|_| !told) {
            self.complain(problem);
        }
    }

    /// The file is as it was seen: its phases go into the roadmap.
    fn append_proposal(&mut self, file: &ProposalFile) {
        if !self.o.view.proposals.deciding.contains(file) {
            return;
        }
        let found = self.shown(file);
        match found.and_then(|proposal| proposal.drafted.ok()) {
            Some(drafted) => self.order(drafted.change(file)),
            None => self.end(file),
        }
    }

    /// The phases of a proposal were added, or not. Only then its file is put away.
    pub(super) fn appended(
        &mut self,
        file: ProposalFile,
        outcome: Result<Option<String>, Printable>,
    ) {
        match outcome {
            Ok(said) => {
                let there = || format!("the roadmap has the phases of {} already", file.name);
                self.say(said.unwrap_or_else(there));
                self.ask(Effect::Proposals(ProposalOrder::Shelve(file, Shelf::Accepted)));
            }
            Err(why) => {
                self.end(&file);
                self.complain(format!("{} was not added: {why}", file.name));
            }
        }
        self.garden_again();
        self.admit();
    }

    fn shelved(
        &mut self,
        file: &ProposalFile,
        shelf: Shelf,
        outcome: Result<Printable, Printable>,
    ) {
        match (outcome, shelf) {
            (Ok(path), Shelf::Rejected) => {
                self.say(format!("refused: {} lies in {path}", file.name))
            }
            // That its phases were added was told.
            (Ok(_), Shelf::Accepted) => {}
            (Err(why), _) => self.complain(why),
        }
    }
}
