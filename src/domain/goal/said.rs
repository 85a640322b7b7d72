//! What a goal was read as, in one sentence for the person.

use crate::domain::goal::SAID_DONE;
use crate::domain::goal::index::Index;
use crate::domain::goal::interpretation::{Evidence, Interpretation, Match};
use crate::domain::goal::offer::{ASSIGNED, Pick};
use crate::domain::goal::reading::Reading;
use crate::domain::goal::record::Manner;
use crate::domain::goal::scope::Scope;

/// Phases by their ids, in a few words.
pub(crate) fn said_phases(index: &Index<'_>, picks: &[Pick]) -> String {
    let ids: Vec<_> = picks.iter().map(|pick| index.phase(pick.phase).id.to_string()).collect();
    match ids.as_slice() {
        [one] => format!("phase {one}"),
        [first, .., last] if ids.len() > 6 => format!("{} phases, {first} to {last},", ids.len()),
        _ => format!("phases {}", ids.join(", ")),
    }
}

/// Phases that were named by their ids.
pub(crate) fn said_ids(index: &Index<'_>, picks: &[Pick]) -> String {
    match picks.len() {
        0 => String::new(),
        1 => format!("{} by its id", said_phases(index, picks)),
        _ => format!("{} by their ids", said_phases(index, picks)),
    }
}

/// A scope in a few words.
pub(crate) fn said_scope(index: &Index<'_>, scope: &Scope) -> String {
    let what = match (scope.next, scope.bootstrap, scope.ready) {
        (Some(1), true, _) => "the next ready bootstrap phase".to_owned(),
        (Some(1), false, _) => "the next ready phase".to_owned(),
        (Some(n), true, _) => format!("the next {n} ready bootstrap phases"),
        (Some(n), false, _) => format!("the next {n} ready phases"),
        (None, true, true) => "ready bootstrap phases".to_owned(),
        (None, true, false) => "bootstrap phases".to_owned(),
        (None, false, true) => "all ready phases".to_owned(),
        (None, false, false) if scope.batches.is_empty() => "everything that can run".to_owned(),
        (None, false, false) => "phases".to_owned(),
    };
    let batches: Vec<_> = scope.batches.iter().map(|number| batch_name(index, *number)).collect();
    let of = if batches.is_empty() { String::new() } else { format!(" of {}", batches.join(", ")) };
    let until = if scope.keep_going { ", until nothing is left" } else { "" };
    format!("{what}{of}{until}")
}

/// A batch with its title.
pub(crate) fn batch_name(index: &Index<'_>, number: u32) -> String {
    let batch = index.roadmap.batches.iter().find(|batch| batch.number == number);
    match batch.map(|batch| batch.title.as_str()).filter(|title| !title.is_empty()) {
        Some(title) => format!("Batch {number} ({title})"),
        None => format!("Batch {number}"),
    }
}

impl Reading {
    /// One sentence for the person.
    pub fn explain(&self, found: &Interpretation) -> String {
        let none = found.selected().next().is_none();
        let mut said = if self.said.is_empty() || none && self.ticked.is_empty() {
            self.explain_nothing(found)
        } else {
            format!("Read as {}", self.said)
        };
        said.push_str(&self.not_meant(found));
        if let Some(limit) = self.limit.filter(|limit| !none && self.found < *limit) {
            said.push_str(&format!(" ({} of {limit})", self.found));
        }
        said.push_str(&needed(found));
        let left: Vec<_> = found.matched.iter().filter_map(left).collect();
        if !left.is_empty() {
            said.push_str(&format!("; not ticked: {}", shortened(&left)));
        }
        if !none {
            said.push_str(&self.not_understood());
            let apart = |(pick, manner): &(Pick, Manner)| {
                format!("; {} {}", pick.words.join(" "), manner.reason())
            };
            said.extend(self.told.apart.iter().map(apart));
        }
        said.extend(self.told.notes.iter().map(|note| format!("; {note}")));
        let told = !self.told.done.is_empty() && self.ticked.is_empty();
        let refused = found.not_offered.iter().filter(|n| !told || n.reason.as_str() != SAID_DONE);
        let refused: Vec<_> = refused.map(|n| format!("{} {}", n.id, n.reason)).collect();
        if none && !refused.is_empty() {
            said.push_str(&format!("; nothing is ticked: {}", shortened(&refused)));
        }
        said.push('.');
        said
    }

    /// What is left out, and what could not be.
    fn not_meant(&self, found: &Interpretation) -> String {
        let none = found.selected().next().is_none();
        let mut said = String::new();
        if !self.left_out.is_empty() {
            said.push_str(&format!(", without {}", self.left_out.join(", ")));
        }
        if !self.told.done.is_empty() && !none {
            said.push_str(&format!(" ({} said to be done, so left out)", self.told.said));
        }
        if !self.left_in.is_empty() && !none {
            let words = self.left_in.join(", ");
            said.push_str(&format!(" (no phase is called “{words}”, so none was left out for it)"));
        }
        said
    }

    /// What of the goal was not found, as clauses behind the sentence.
    fn not_understood(&self) -> String {
        self.unknown.iter().map(|(id, why)| format!("; {id}: {why}")).collect()
    }

    /// Whether all that was asked for was found.
    pub fn is_whole(&self) -> bool {
        self.unknown.is_empty() && self.limit.is_none_or(|limit| self.found >= limit)
    }

    fn explain_nothing(&self, found: &Interpretation) -> String {
        if !self.said.is_empty() && !self.listed.is_empty() {
            return format!("Read as {}", self.said);
        }
        if !self.unknown.is_empty() {
            return "Nothing of this roadmap is named".to_owned();
        }
        if !self.told.done.is_empty() {
            return format!(
                "Read as {} said to be done, and nothing else asked for: gates complete a phase when its agent \
                 ends, or you do by hand in its Status in the roadmap; what else is ready is listed",
                self.told.said
            );
        }
        if !self.left_out.is_empty() {
            return "Nothing is asked for, only left out; what else is ready is listed".to_owned();
        }
        if !self.said.is_empty() && found.matched.is_empty() {
            return format!("Read as {}; no phase of it is open", self.said);
        }
        if found.matched.is_empty() {
            return "Nothing in this roadmap matches these words, and no phase is ready".to_owned();
        }
        "Nothing in this roadmap matches these words; the ready phases are listed".to_owned()
    }
}

/// The phases that are ticked only because others wait for them.
fn needed(found: &Interpretation) -> String {
    let along = |m: &&Match| {
        let hit = |e: &Evidence| e.field != "dependency" && e.field != ASSIGNED;
        m.selected && !m.evidence.iter().any(hit)
    };
    let needed: Vec<_> = found.matched.iter().filter(along).map(|m| m.id.to_string()).collect();
    let noun = if needed.len() == 1 { "dependency" } else { "dependencies" };
    match needed.as_slice() {
        [] => String::new(),
        _ => format!(", after the open {noun} {}", shortened(&needed)),
    }
}

/// Who a phase is left to.
fn left(found: &Match) -> Option<String> {
    let assigned = found.evidence.iter().find(|evidence| evidence.field == ASSIGNED)?;
    let name = assigned.words.first().filter(|_| !found.selected)?;
    Some(format!("{} assigned to {name}", found.id))
}

fn shortened(list: &[String]) -> String {
    let more = list.len().saturating_sub(6);
    let shown = list.iter().take(6).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}
