//! Reads a goal that is no command: its ids, names, scopes and other words, in this order.

use std::collections::BTreeSet;

use crate::domain::goal::done::{SaidDone, only_done, said_done, without_done};
use crate::domain::goal::ids::{IdHit, Ids, read_ids};
use crate::domain::goal::index::{Index, NameSpan};
use crate::domain::goal::negate::{Polarity, polarities};
use crate::domain::goal::offer::Pick;
use crate::domain::goal::picks::{id_pick, opened, scope_picks};
use crate::domain::goal::reading::{NO_PHASE, Reach, Reading, by_name};
use crate::domain::goal::said::{said_ids, said_phases, said_scope};
use crate::domain::goal::scope::{Scope, is_batch_joined, read_scope};
use crate::domain::goal::text;
use crate::domain::goal::words::{Break, CONNECTIVES, Word, is_dotted, is_in, is_stop_word};

/// Reads a goal that is no command.
pub(crate) fn read(index: &Index<'_>, words: &[Word]) -> Reading {
    let named = index.named_inside(words);
    if !named.is_empty() {
        let reading = by_name(index, named.to_vec());
        let told = without_done(words).is_some_and(|rest| index.named_inside(rest) == named);
        return if told { only_done(index, reading) } else { reading };
    }
    let spans = index.name_spans(words);
    let mut polarity = polarities(words, &spans);
    let mut hits = read_ids(index, words);
    hits.retain(|hit| !spans.iter().any(|span| hit.from < span.to && span.from < hit.to));
    let ids = hits.iter().map(|hit| hit.from..hit.to);
    let mut named: Vec<_> = ids.chain(spans.iter().map(|span| span.from..span.to)).collect();
    named.sort_by_key(|range| range.start);
    for (at, _) in said_done(words, &named).iter().enumerate().filter(|(_, said)| **said) {
        polarity[at] = Polarity::Done;
    }
    Reader::new(index, words, (spans, polarity, hits)).read()
}

struct Reader<'r, 'a> {
    index: &'r Index<'a>,
    words: &'r [Word],
    spans: Vec<NameSpan>,
    polarity: Vec<Polarity>,
    hits: Vec<IdHit>,
    /// Words that ids and names were made of.
    used: Vec<bool>,
    reading: Reading,
}

/// What stands beside names in a goal.
#[derive(Clone, Copy, PartialEq)]
enum Beside {
    Nothing,
    Ids,
}

impl<'r, 'a> Reader<'r, 'a> {
    fn new(
        index: &'r Index<'a>,
        words: &'r [Word],
        (spans, polarity, hits): (Vec<NameSpan>, Vec<Polarity>, Vec<IdHit>),
    ) -> Self {
        let mut used = vec![false; words.len()];
        let taken = hits.iter().map(|hit| (hit.from, hit.to));
        for (from, to) in taken.chain(spans.iter().map(|span| (span.from, span.to))) {
            used[from..to].fill(true);
        }
        Self { index, words, spans, polarity, hits, used, reading: Reading::default() }
    }

    fn read(mut self) -> Reading {
        self.done();
        self.ids();
        let by_id = !self.reading.ticked.is_empty() || !self.reading.unknown.is_empty();
        self.exclude();
        self.names(if by_id { Beside::Ids } else { Beside::Nothing });
        let named = by_id || !self.reading.ticked.is_empty();
        let scope = self.scope(Polarity::Wanted);
        self.batches_unknown(&scope);
        if scope.selects() && (!named || self.adds_batch(&scope)) && self.has_no_aside(&scope) {
            self.select(&scope);
            self.beside(&scope);
        } else if !named && scope.unknown_batches.is_empty() {
            self.text(&scope);
        }
        self.reading
    }

    fn scope(&self, meant: Polarity) -> Scope {
        read_scope(self.index, self.words, &self.polarity, (meant, &self.used))
    }

    /// Phases said to be done, by id or by name.
    fn done(&mut self) {
        let is_done = |from: usize| self.polarity[from] == Polarity::Done;
        let ids = self.hits.iter().filter(|hit| is_done(hit.from)).flat_map(|hit| hit.phases());
        let spans = self.spans.iter().filter(|span| is_done(span.from));
        let phases: BTreeSet<usize> =
            ids.chain(spans.flat_map(|span| &span.phases)).copied().collect();
        let done = phases.iter().map(|phase| id_pick(*phase, "id", ""));
        self.reading.done = SaidDone::new(self.index, done.collect());
        self.reading.excluded.extend(phases);
    }

    /// Phases named by id.
    fn ids(&mut self) {
        for hit in std::mem::take(&mut self.hits) {
            let text: Vec<_> =
                self.words[hit.from..hit.to].iter().map(|word| word.text.as_str()).collect();
            let text = text.join(" ");
            let (phases, field) = match hit.what {
                Ids::One(phase) => {
                    self.reading.named.insert(phase);
                    (vec![phase], "id")
                }
                Ids::Many(phases) => (phases, "range"),
                Ids::Unknown(id) => {
                    if self.polarity[hit.from] == Polarity::Wanted && !hit.aside {
                        let said = self.unknown_id(&id);
                        self.reading.unknown.push((id, said));
                    }
                    continue;
                }
            };
            match (self.polarity[hit.from], hit.aside) {
                (Polarity::Wanted, false) => {
                    let picks = phases.into_iter().map(|phase| id_pick(phase, field, &text));
                    let index = self.index;
                    self.reading.ticked.extend(picks.flat_map(|pick| opened(index, pick)));
                }
                (Polarity::Wanted, true) => {
                    let picks = phases.into_iter().map(|phase| id_pick(phase, field, &text));
                    self.reading.listed.extend(picks.map(|pick| Pick { score: 0.5, ..pick }));
                }
                (Polarity::Done, _) => {}
                (Polarity::Excluded | Polarity::Stopped, _) => {
                    self.reading.left_out.push(text);
                    let inside = phases.iter().flat_map(|at| self.index.evaluator.open_inside(*at));
                    self.reading.excluded.extend(inside);
                    self.reading.excluded.extend(phases);
                }
            }
        }
        let excluded = &self.reading.excluded;
        self.reading.ticked.retain(|pick| !excluded.contains(&pick.phase));
        self.reading.said = said_ids(self.index, &self.reading.ticked);
    }

    fn unknown_id(&self, id: &str) -> String {
        let prefix = format!("{id}.");
        let inside =
            |phase: &crate::domain::roadmap::phase::Phase| phase.id.as_str().starts_with(&prefix);
        if self.index.roadmap.phases.iter().any(inside) {
            return format!("{NO_PHASE}; {id}.* stands for all phases below it");
        }
        NO_PHASE.to_owned()
    }

    /// Phases ruled out by name, batch or words of their name; an id that was asked for stays.
    fn exclude(&mut self) {
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
        for group in self.excluded_groups() {
            let telling = group.iter().copied().filter(|word| !is_stop_word(word));
            let said = telling.collect::<Vec<_>>().join(" ");
            match text::named_with(&self.index.roadmap.phases, &group) {
                Some(found) if found.is_empty() && scope.batches.is_empty() => {
                    self.reading.left_in.push(said);
                }
                Some(found) => out.extend(found),
                None => {}
            }
        }
        for at in out.difference(&asked) {
            if self.reading.excluded.insert(*at) {
                self.reading.left_out.push(self.index.phase(*at).id.to_string());
            }
        }
        let excluded = &self.reading.excluded;
        self.reading.ticked.retain(|pick| !excluded.contains(&pick.phase));
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
            {
                group.extend(word.parts.iter().map(String::as_str));
            }
        }
        groups
    }

    /// Whole names inside the goal; beside ids only those that carry on the list.
    fn names(&mut self, beside: Beside) {
        let mut picks = Vec::new();
        for span in &self.spans {
            let listed = span.from == 0
                || self.words[span.from].before != Break::Space
                || is_in(&self.words[span.from - 1].text, CONNECTIVES);
            if self.polarity[span.from] != Polarity::Wanted || beside == Beside::Ids && !listed {
                continue;
            }
            let said = self.words[span.from..span.to].iter().map(|word| word.text.clone());
            let share = (span.to - span.from) as f64 / self.words.len() as f64;
            let pick = |phase: &usize| Pick {
                phase: *phase,
                score: 0.75 + 0.2 * share,
                field: "name",
                words: said.clone().collect(),
            };
            picks.extend(span.phases.iter().map(pick));
        }
        let excluded = &self.reading.excluded;
        picks.retain(|pick| !excluded.contains(&pick.phase));
        if !picks.is_empty() {
            let said = said_phases(self.index, &picks);
            let by = if picks.len() == 1 { "its name" } else { "their names" };
            self.also(&format!("{said} by {by}"));
        }
        self.reading.named.extend(picks.iter().map(|pick| pick.phase));
        self.reading.ticked.extend(picks);
    }

    fn also(&mut self, said: &str) {
        if !self.reading.said.is_empty() {
            self.reading.said.push_str(" and ");
        }
        self.reading.said.push_str(said);
    }

    /// Beside phases named otherwise, a batch adds to the goal that is joined to them, or that none of them is in.
    fn adds_batch(&self, scope: &Scope) -> bool {
        let batch = |pick: &Pick| self.index.phase(pick.phase).place.batch;
        let inside = |pick| batch(pick).is_some_and(|batch| scope.batches.contains(&batch));
        let beside = is_batch_joined(self.words) || !self.reading.ticked.iter().any(inside);
        !scope.batches.is_empty() && beside
    }

    /// `everything until 3.2` is not understood: better ask than run too much.
    fn has_no_aside(&self, scope: &Scope) -> bool {
        self.reading.listed.is_empty() || !scope.batches.is_empty()
    }

    fn batches_unknown(&mut self, scope: &Scope) {
        for batch in &scope.unknown_batches {
            self.reading.unknown.push((format!("Batch {batch}"), "no such batch".into()));
        }
    }

    fn select(&mut self, scope: &Scope) {
        let mut open = scope.clone();
        let limit = open.next.take();
        let excluded = &self.reading.excluded;
        if limit.is_some() {
            open.ready = true;
        }
        let mut picks = scope_picks(self.index, &open);
        picks.retain(|pick| !excluded.contains(&pick.phase));
        if let Some(limit) = limit {
            let index = self.index;
            let (left, free) =
                picks.into_iter().partition(|pick| index.phase(pick.phase).person().is_some());
            self.reading.listed.extend::<Vec<Pick>>(left);
            picks = free;
            picks.truncate(limit);
            for pick in &mut picks {
                pick.field = if scope.batches.is_empty() { "next" } else { "batch" };
            }
        }
        let whole = scope.all && !scope.ready && !scope.bootstrap || scope.keep_going;
        self.reading.reach = match (scope.batches.is_empty(), limit) {
            (_, Some(_)) => Reach::Phases,
            (false, None) => Reach::Batch,
            (true, None) if whole && excluded.is_empty() => Reach::UntilNothingIsLeft,
            (true, None) => Reach::Phases,
        };
        (self.reading.limit, self.reading.found) = (limit, picks.len());
        self.reading.ticked.extend(picks);
        self.also(&said_scope(self.index, scope));
    }

    /// Words beside a batch may mean phases that are not in it.
    fn beside(&mut self, scope: &Scope) {
        let open = scope.residual.iter().filter(|at| !self.used[**at]);
        let said = open.flat_map(|at| self.words[*at].parts.iter().map(String::as_str));
        if !scope.batches.is_empty() {
            self.reading.listed.extend(text::beside(self.index, said, &self.reading));
        }
    }

    fn text(&mut self, scope: &Scope) {
        let telling = (0..self.words.len()).filter(|at| {
            self.polarity[*at] == Polarity::Wanted
                && !self.used[*at]
                && !is_dotted(&self.words[*at])
        });
        let said = telling.flat_map(|at| self.words[at].parts.iter().map(String::as_str));
        let plural = scope.all || self.words.iter().any(|word| word.text == "phases");
        let found = text::find(self.index, said, (&self.reading.excluded, plural));
        self.reading.ticked.extend(found.ticked);
        self.reading.listed.extend(found.listed);
        self.also(&found.said);
    }
}
