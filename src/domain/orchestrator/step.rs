//! One step of the orchestrator: facts are recorded and applied, effects are asked for.

use crate::domain::effect::Effect;
use crate::domain::journal::{Entry, Fact};
use crate::domain::orchestrator::{Level, Notice, Orchestrator};
use crate::domain::printable::Printable;
use crate::domain::time::Timestamp;

/// Sentences kept for the person.
const NOTICES: usize = 50;

/// A step in the making. Its entries reach the journal before any of its effects is carried out.
pub(super) struct Step<'a> {
    pub(super) o: &'a mut Orchestrator,
    pub(super) now: Timestamp,
    entries: Vec<Entry>,
    pub(super) effects: Vec<Effect>,
}

impl<'a> Step<'a> {
    pub(super) fn new(o: &'a mut Orchestrator, now: Timestamp) -> Self {
        Self { o, now, entries: Vec::new(), effects: Vec::new() }
    }

    /// Records a fact and applies it.
    pub(super) fn record(&mut self, fact: Fact) {
        let entry = Entry { at: self.now, fact };
        self.o.run.apply(&entry);
        self.entries.push(entry);
    }

    /// Asks the world for something.
    pub(super) fn ask(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Tells the person something good to know.
    pub(super) fn say(&mut self, text: impl Into<Printable>) {
        self.notice(Level::Info, text.into());
    }

    /// Tells the person that something did not go as asked.
    pub(super) fn complain(&mut self, text: impl Into<Printable>) {
        self.notice(Level::Error, text.into());
    }

    fn notice(&mut self, level: Level, text: Printable) {
        if self.o.notices.len() == NOTICES {
            self.o.notices.pop_front();
        }
        self.o.notices.push_back(Notice { at: self.now, level, text });
    }

    /// The effects of the step, the journal first.
    pub(super) fn finish(mut self) -> Vec<Effect> {
        if !self.entries.is_empty() {
            self.foresee();
        }
        let record = (!self.entries.is_empty()).then_some(Effect::Record(self.entries));
        record.into_iter().chain(self.effects).collect()
    }
}
