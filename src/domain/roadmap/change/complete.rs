//! A phase becomes complete.

use super::{Page, is_date, one_line};
use crate::domain::roadmap::Edit;
use crate::domain::roadmap::field::Key;
use crate::domain::roadmap::phase::Status;

impl Page<'_> {
    /// Complete, with the tasks ticked that are known to be done.
    pub(super) fn completed(&self, date: &str, ticked: &[String]) -> Vec<Edit> {
        [self.complete(date), self.tick_known(ticked)].concat()
    }

    /// Complete, with its day.
    fn complete(&self, date: &str) -> Vec<Edit> {
        let done = self.phase.status.state == Status::Complete;
        let field = self.first(Key::Completed);
        let dated = match field {
            Some(field) if done && !field.span.is_empty() => None,
            // A person's words are no date of ours to write over.
            Some(field) if !is_date(&self.phase.text.shown(field.span.clone())) => None,
            Some(field) => self.replaced(field, &one_line(date)),
            None => self.inserted("Completed", &one_line(date), self.behind_fields()),
        };
        let state = if done { None } else { self.state(Status::Complete) };
        state.into_iter().chain(dated).collect()
    }
}
