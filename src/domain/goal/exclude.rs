//! What a goal rules out by names, batches or other words.

use std::collections::BTreeSet;

use crate::domain::goal::negate::{Polarity, VERBAL};
use crate::domain::goal::order::needed_by;
use crate::domain::goal::reader::Reader;
use crate::domain::goal::scope::Scope;
use crate::domain::goal::text;
use crate::domain::goal::words::{Break, CONNECTIVES, is_in, is_stop_word};

/// Words for what a phase waits for: no plan goes without it.
const DEPENDENCIES: &str =
    "dependencies dependency deps dep prerequisites prerequisite prereqs prereq blockers";
/// Said when they were to be left out.
const COME_FIRST: &str = "what a phase waits for must come first, so dependencies are not left out";

impl<'r> Reader<'r, '_> {
    /// Phases ruled out by name, batch or words of their name. Where that is all that was asked for by id, it stays.
    pub(super) fn exclude(&mut self) {
        let by_itself = self.reading.ticked.iter().filter(|pick| pick.field == "id");
        let asked: BTreeSet<_> = by_itself.map(|pick| pick.phase).collect();
        let mut out = BTreeSet::new();
        for span in &self.spans {
            if self.polarity[span.from] == Polarity::Excluded {
                out.extend(span.phases.iter().copied());
            }
        }
        let scope = self.scope(Polarity::Excluded);
        let phases = self.index.roadmap.phases.iter().enumerate();
        for (at, phase) in phases {
            let batch = phase.place.batch.is_some_and(|batch| scope.batches.contains(&batch));
            if batch || scope.bootstrap && phase.is_bootstrap() {
                out.insert(at);
            }
        }
        out.extend(self.excluded_by_words(&scope));
        let contradicted = self.contradicted(&out, &asked);
        for at in out.difference(&contradicted) {
            if self.reading.excluded.insert(*at) {
                self.reading.left_out.push(self.index.phase(*at).id.to_string());
            }
        }
        let excluded = &self.reading.excluded;
        self.reading.ticked.retain(|pick| !excluded.contains(&pick.phase));
    }

    /// Phases asked for by id that would be ruled out and leave nothing; that they stay is said.
    fn contradicted(&mut self, out: &BTreeSet<usize>, asked: &BTreeSet<usize>) -> BTreeSet<usize> {
        let both: BTreeSet<usize> = out.intersection(asked).copied().collect();
        if both.is_empty() || both.len() < asked.len() {
            return BTreeSet::new();
        }
        let ids: Vec<_> = both.iter().map(|at| self.index.phase(*at).id.to_string()).collect();
        let (is, was) = if ids.len() == 1 { ("is", "was") } else { ("are", "were") };
        let note = format!("{} {is} asked for by id, so {was} not left out", ids.join(", "));
        self.reading.told.notes.push(note);
        both
    }

    /// Phases ruled out by words of their names. Beside phases named by id or name, none but these and what they wait for.
    fn excluded_by_words(&mut self, scope: &Scope) -> BTreeSet<usize> {
        let mut out = BTreeSet::new();
        let named = self.asked_by_itself();
        for group in self.excluded_groups() {
            let telling: Vec<_> =
                group.iter().copied().filter(|word| !is_stop_word(word)).collect();
            if !telling.is_empty() && telling.iter().all(|word| is_in(word, DEPENDENCIES)) {
                self.reading.told.notes.push(COME_FIRST.to_owned());
                continue;
            }
            match text::named_with(&self.index.roadmap.phases, &group) {
                Some(found) if found.is_empty() && scope.batches.is_empty() => {
                    self.reading.left_in.push(telling.join(" "));
                }
                Some(found) => match &named {
                    None => out.extend(found),
                    Some(named) => {
                        let own: Vec<_> = found.intersection(named).copied().collect();
                        if own.is_empty() {
                            let said = telling.join(" ");
                            let note = format!(
                                "“{said}” names none of these phases, so none was left out for it"
                            );
                            self.reading.told.notes.push(note);
                        }
                        out.extend(own);
                    }
                },
                None => {}
            }
        }
        out
    }

    /// Phases a goal names, with what they wait for, where it chooses no others by a scope.
    fn asked_by_itself(&self) -> Option<BTreeSet<usize>> {
        let spans = self.spans.iter().filter(|span| self.polarity[span.from] == Polarity::Wanted);
        let named: BTreeSet<usize> = self
            .reading
            .ticked
            .iter()
            .map(|pick| pick.phase)
            .chain(spans.flat_map(|span| span.phases.iter().copied()))
            .collect();
        let alone = !named.is_empty() && !self.scope(Polarity::Wanted).selects();
        alone.then(|| needed_by(self.index, named))
    }

    /// Words that rule out, in groups parted by commas and `and`.
    fn excluded_groups(&self) -> Vec<Vec<&'r str>> {
        let mut groups = vec![Vec::new()];
        for (at, word) in self.words.iter().enumerate() {
            let parts = word.before != Break::Space || is_in(&word.text, CONNECTIVES);
            if parts || self.polarity[at] != Polarity::Excluded {
                groups.push(Vec::new());
            }
            if self.polarity[at] == Polarity::Excluded
                && !self.used[at]
                && let Some(group) = groups.last_mut()
                && !(group.is_empty() && is_in(&word.text, VERBAL))
            {
                group.extend(word.parts.iter().map(String::as_str));
            }
        }
        groups
    }
}
