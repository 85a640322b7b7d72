//! Roadmap edits: who asked for them decides what follows; those of the gardener and of a person can be undone.

use std::sync::Arc;

use crate::domain::effect::{Effect, RoadmapOrder};
use crate::domain::journal::{Fact, RoadmapRecord};
use crate::domain::journal_text::sentence;
use crate::domain::orchestrator::Gardening;
use crate::domain::orchestrator::step::Step;
use crate::domain::printable::Printable;
use crate::domain::roadmap::{Edit, Roadmap, RoadmapChange};
use crate::domain::undo;

/// What is to be gardened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Everything: a person asked.
    Everything,
    /// All but what a person took back.
    NotUndone,
}

impl Step<'_> {
    /// Asks for the gardener's edits.
    pub(super) fn order_gardening(&mut self, wanted: Wanted) {
        self.o.gardening = Gardening::Asked;
        let left = self.o.run.undo.left();
        let change = match wanted {
            Wanted::NotUndone if !left.is_empty() => RoadmapChange::GardenBut(left.clone()),
            Wanted::NotUndone | Wanted::Everything => RoadmapChange::Garden,
        };
        self.order(change);
    }

    /// A person wants the roadmap changed.
    pub(super) fn change(&mut self, change: RoadmapChange) {
        if self.o.journal_broken {
            self.complain("nothing is changed: the journal can't be written");
            return;
        }
        self.order(change);
    }

    /// A person wants the last edit taken back that can be.
    pub(super) fn undo(&mut self) {
        if self.o.view.undoing {
            self.complain("the last undo is still under way");
            return;
        }
        let reverts = self.o.run.undo.of(&self.o.setup.target.roadmap);
        if reverts.is_empty() {
            self.complain("there is nothing to undo");
        } else if self.o.journal_broken {
            self.complain("nothing is undone: the journal can't be written");
        } else {
            self.o.view.undoing = true;
            self.order(RoadmapChange::Revert(reverts));
        }
    }

    pub(super) fn order(&mut self, change: RoadmapChange) {
        self.ask(Effect::EditRoadmap(RoadmapOrder {
            target: self.o.setup.target.id.clone(),
            agent: None,
            change,
            held: self.o.run.held_phases(),
        }));
    }

    /// An edit was made or refused.
    pub(super) fn edited(
        &mut self,
        order: RoadmapOrder,
        outcome: Result<Vec<Edit>, Printable>,
        after: Option<Arc<Roadmap>>,
    ) {
        let mut said = None;
        if let Ok(edits) = &outcome
            && !edits.is_empty()
        {
            let after = after.as_deref();
            let path = self.o.setup.target.roadmap.as_path();
            let record = undo::record(&order, edits, after.map(|after| (path, after)));
            said = Some(told(&order, &record));
            self.record(Fact::RoadmapEdited(record));
        }
        match (&order.change, order.agent) {
            (RoadmapChange::Claim { .. }, Some(agent)) => self.marked(agent, outcome),
            (RoadmapChange::Complete { .. }, Some(agent)) => self.completed(agent, outcome),
            (RoadmapChange::Release { .. }, Some(agent)) => self.released(agent, outcome),
            (RoadmapChange::Append { proposal: Some(file), .. }, None) => {
                self.appended(file.clone(), outcome.map(|_| said));
            }
            (change, _) if change.is_gardening() => self.gardened(outcome, said),
            (change, _) => self.changed(change, outcome.map(|_| said)),
        }
    }

    /// A person's change was made or refused.
    fn changed(&mut self, change: &RoadmapChange, outcome: Result<Option<String>, Printable>) {
        if change.is_revert() {
            self.o.view.undoing = false;
        }
        match outcome {
            Ok(Some(said)) => self.say(said),
            Ok(None) => self.say("there is nothing left to change"),
            Err(why) => self.complain(why),
        }
        self.garden_again();
        self.admit();
    }
}

/// What a person is told of their change, and how it goes back.
fn told(order: &RoadmapOrder, record: &RoadmapRecord) -> String {
    let done = sentence(&Fact::RoadmapEdited(record.clone()));
    if !order.change.is_revert() {
        return format!("{done}; u undoes it");
    }
    let left = record.undo.as_ref().is_some_and(|note| !note.left.is_empty());
    if left { format!("{done}; R unblocks it") } else { done }
}
