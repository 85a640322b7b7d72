//! The proposals: what waits, what its phases would be in the roadmap, and a person's word on it.
//!
//! Only what was drawn can be approved or refused: a file that has changed since is drawn anew first.

use std::cell::{Cell, RefCell};

use ratatui::crossterm::event::KeyEvent;

use super::Answer;
use super::sheet::{Guard, Pace, Scroll};
use crate::domain::command::Command;
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::printable::Printable;
use crate::domain::proposal::{Judgement, Proposal, ProposalAct, ProposalFile};
use crate::domain::roadmap::RoadmapHash;
use crate::domain::time::Timestamp;
use crate::ui::intent::Intent;
use crate::ui::keys::{self, Action, Choice, RowAction, Scope, Sheet, Step, Tend};

pub(super) const SCOPE: Scope = Scope::Sheet(Sheet::Proposals);

/// The overlay of proposals.
#[derive(Clone, Debug, Default)]
pub struct ProposalsSheet {
    cursor: Cell<usize>,
    /// The file under the cursor: the cursor stays on it while others come and go.
    chosen: RefCell<Option<String>>,
    pub(super) list: Scroll,
    pub(super) text: Scroll,
    pub(super) guard: Guard,
    /// The one that is to be refused, once the person says so.
    pub(super) asked: Option<ProposalFile>,
    pub(super) note: Option<Printable>,
    pub(super) drawn: RefCell<Option<Drawn>>,
}

/// What was drawn of one proposal, worked out once.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub(super) file: ProposalFile,
    others: Vec<ProposalFile>,
    roadmap: Option<RoadmapHash>,
    pub(super) judgement: Judgement,
}

/// The proposals in the order they are shown.
pub(super) fn listed(o: &Orchestrator) -> &[Proposal] {
    o.view().proposals.listing.as_ref().map_or(&[], |listing| &listing.proposals)
}

impl ProposalsSheet {
    /// Index of the row under the cursor: where its file is now, else where it was.
    pub(super) fn selected(&self, rows: &[Proposal]) -> usize {
        let chosen = self.chosen.borrow().clone();
        let named = |name: String| rows.iter().position(|row| row.file.name == name);
        let last = rows.len().saturating_sub(1);
        let at = chosen.and_then(named).unwrap_or_else(|| self.cursor.get().min(last));
        self.choose_row(rows, at);
        at
    }

    fn choose_row(&self, rows: &[Proposal], at: usize) {
        self.cursor.set(at);
        *self.chosen.borrow_mut() = rows.get(at).map(|row| row.file.name.clone());
    }

    pub(super) fn key(&mut self, key: KeyEvent, o: &Orchestrator, now: Timestamp) -> Answer {
        let pace = self.guard.press(now);
        let asked = self.asked.take();
        self.note = None;
        match keys::find(SCOPE, &key) {
            Some(Action::Back) if asked.is_some() => Answer::Stay,
            Some(Action::Back) => Answer::Close,
            Some(Action::Go(step)) => {
                self.go(step, listed(o));
                Answer::Stay
            }
            Some(Action::Tend(Tend::Garden)) => Answer::Do(look()),
            Some(Action::Choose(choice)) => self.choose((choice, asked), pace, o),
            Some(Action::Row(RowAction::Edit)) => self.edit(o),
            Some(_) | None => Answer::Stay,
        }
    }

    /// Up and down choose a proposal; pages scroll what stands in it.
    fn go(&mut self, step: Step, rows: &[Proposal]) {
        if matches!(step, Step::PageDown | Step::PageUp) {
            return self.text.go(step);
        }
        let here = self.selected(rows);
        let there = step.from(here, rows.len(), 1);
        self.choose_row(rows, there);
        if there != here {
            self.text.go(Step::Top);
        }
    }

    fn choose(
        &mut self,
        (choice, asked): (Choice, Option<ProposalFile>),
        pace: Pace,
        o: &Orchestrator,
    ) -> Answer {
        if let Role::Viewer { driver } = o.role() {
            return self
                .refuse(&format!("only looking: process {driver} drives; it is decided there"));
        }
        let Some(proposal) = listed(o).get(self.selected(listed(o))) else {
            return Answer::Stay;
        };
        let seen = self.drawn.borrow().clone().filter(|drawn| drawn.file == proposal.file);
        let Some(seen) = seen else {
            return self.refuse("it has changed since it was shown: look at it again");
        };
        match (choice, asked, pace) {
            (Choice::Yes, asked, Pace::Hasty) => {
                self.asked = asked;
                Answer::Stay
            }
            (Choice::Yes, Some(asked), Pace::Calm) if asked == proposal.file => {
                act(ProposalAct::Refuse(asked))
            }
            (Choice::Yes, Some(_), Pace::Calm) => self.refuse("another one was asked about"),
            (Choice::Yes, None, Pace::Calm) => match seen.judgement.obstacle() {
                Some(why) => self.refuse(&format!("it can't be added: {why}")),
                None => act(ProposalAct::Approve(seen.file)),
            },
            (Choice::Refuse, _, _) => {
                self.asked = Some(seen.file);
                Answer::Stay
            }
            (Choice::Kill | Choice::Detach | Choice::StopAll, ..) => Answer::Stay,
        }
    }

    fn refuse(&mut self, why: &str) -> Answer {
        self.note = Some(Printable::new(why));
        Answer::Stay
    }

    fn edit(&mut self, o: &Orchestrator) -> Answer {
        let Some(proposal) = listed(o).get(self.selected(listed(o))) else {
            return Answer::Stay;
        };
        if !proposal.is_read() {
            return self.refuse("what is no file of this folder is not opened from here");
        }
        let path = o.target().documents.proposals.join(&proposal.file.name);
        let mut wanted = vec![Intent::Open { path, line: 1 }];
        wanted.extend(look());
        Answer::Do(wanted)
    }

    /// What a proposal would come to; remembered as what was drawn.
    pub(super) fn judged(&self, proposal: &Proposal, o: &Orchestrator, now: Timestamp) -> Drawn {
        let roadmap = o.roadmap().map(|roadmap| roadmap.hash.clone());
        let others: Vec<_> = listed(o).iter().map(|other| other.file.clone()).collect();
        let mut drawn = self.drawn.borrow_mut();
        let same_file = drawn.as_ref().is_some_and(|drawn| drawn.file == proposal.file);
        if let Some(known) = drawn
            .as_ref()
            .filter(|known| same_file && known.roadmap == roadmap && known.others == others)
        {
            return known.clone();
        }
        if !same_file && drawn.is_some() {
            // Something else stands there now: a key that was meant for what stood there before is too early.
            let _ = self.guard.press(now);
        }
        let (file, judgement) = (proposal.file.clone(), o.judge_proposal(proposal));
        let new = Drawn { file, others, roadmap, judgement };
        *drawn = Some(new.clone());
        new
    }
}

fn act(act: ProposalAct) -> Answer {
    Answer::Do(vec![Intent::Run(Command::Proposal(act))])
}

/// Reads the folder again.
pub(in crate::ui) fn look() -> Vec<Intent> {
    vec![Intent::Run(Command::Proposal(ProposalAct::Look))]
}
