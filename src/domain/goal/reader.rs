//! Reads a goal that is no command: its ids, names, scopes and other words, in this order.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::domain::goal::done::{Told, only_done, said_done, without_done};
use crate::domain::goal::ids::{IdHit, Ids, read_ids};
use crate::domain::goal::index::{Index, NameSpan};
use crate::domain::goal::negate::{Polarity, polarities};
use crate::domain::goal::offer::Pick;
use crate::domain::goal::picks::{id_pick, opened, scope_picks};
use crate::domain::goal::reading::{NO_PHASE, Reach, Reading, by_name};
use crate::domain::goal::record::{LATER, Manner, PUT_OFF, holding, leading, orders};
use crate::domain::goal::said::{said_ids, said_phases, said_scope};
use crate::domain::goal::scope::{Scope, is_batch_joined, read_scope};
use crate::domain::goal::text;
use crate::domain::goal::words::{Break, CONNECTIVES, Word, is_dotted, is_in};

/// Reads a goal that is no command.
pub(crate) fn read(index: &Index<'_>, words: &[Word]) -> Reading {
    let spans = index.name_spans(words);
    let mut polarity = polarities(words, &spans);
    let mut hits = read_ids(index, words);
    hits.retain(|hit| !spans.iter().any(|span| hit.from < span.to && span.from < hit.to));
    let ids = hits.iter().map(|hit| hit.from..hit.to);
    let mut named: Vec<_> = ids.chain(spans.iter().map(|span| span.from..span.to)).collect();
    named.sort_by_key(|range| range.start);
    let orders = orders(words, &named);
    if orders.ranges.is_empty()
        && orders.times.is_empty()
        && let Some(reading) = named_alone(index, words)
    {
        return reading;
    }
    for (at, _) in said_done(words, &named).iter().enumerate().filter(|(_, said)| **said) {
        polarity[at] = Polarity::Done;
    }
    for (range, manner) in &orders.ranges {
        let words = &mut polarity[range.clone()];
        if words.iter().all(|word| matches!(word, Polarity::Wanted | Polarity::Stopped)) {
            words.fill(Polarity::Apart(*manner));
        }
    }
    let mut reader = Reader::new(index, words, (spans, polarity, hits));
    orders.times.iter().for_each(|time| reader.used[time.clone()].fill(true));
    let mut reading = reader.read();
    let placed = |pick: &Pick| is_in(pick.field, "batch ready bootstrap next");
    if let Some(manner) = leading(words).filter(|_| reading.ticked.iter().any(placed)) {
        reading.only_list(manner.why());
    }
    if orders.later && !reading.ticked.is_empty() {
        reading.only_list(LATER);
    }
    reading
}

/// A name with nothing but fillers around it.
fn named_alone(index: &Index<'_>, words: &[Word]) -> Option<Reading> {
    let named = index.named_inside(words);
    let alone = (!named.is_empty()).then(|| by_name(index, named.to_vec()))?;
    let told = without_done(words).is_some_and(|rest| index.named_inside(rest) == named);
    Some(if told { only_done(index, alone) } else { alone })
}

/// Reads one goal step by step.
pub(super) struct Reader<'r, 'a> {
    pub(super) index: &'r Index<'a>,
    pub(super) words: &'r [Word],
    pub(super) spans: Vec<NameSpan>,
    pub(super) polarity: Vec<Polarity>,
    hits: Vec<IdHit>,
    /// Words that ids and names were made of.
    pub(super) used: Vec<bool>,
    pub(super) reading: Reading,
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
        let order = self.in_order();
        self.told();
        self.ids();
        let by_id = !self.reading.ticked.is_empty() || !self.reading.unknown.is_empty();
        self.exclude();
        self.names(if by_id { Beside::Ids } else { Beside::Nothing });
        let named = by_id || !self.reading.ticked.is_empty();
        self.dependents();
        self.sequence(&order);
        let scope = self.scope(Polarity::Wanted);
        self.batches_unknown(&scope);
        if scope.selects() && (!named || self.adds_batch(&scope)) && self.has_no_aside(&scope) {
            self.select(&scope);
            self.beside(&scope);
        } else if !named && scope.unknown_batches.is_empty() {
            self.text(&scope);
        } else if named {
            self.parts_beside();
        }
        self.reading
    }

    /// Phases named one by one, in the order of the goal.
    fn in_order(&self) -> Vec<(Range<usize>, usize)> {
        let one = |from: usize, to: usize, phases: &[usize]| match phases {
            [phase] if self.polarity[from] == Polarity::Wanted => Some((from..to, *phase)),
            _ => None,
        };
        let ids = self.hits.iter().filter_map(|hit| one(hit.from, hit.to, hit.phases()));
        let spans = self.spans.iter().filter_map(|span| one(span.from, span.to, &span.phases));
        let mut named: Vec<_> = ids.chain(spans).collect();
        named.sort_by_key(|(range, _)| range.start);
        named
    }

    pub(super) fn scope(&self, meant: Polarity) -> Scope {
        read_scope(self.index, self.words, &self.polarity, (meant, &self.used))
    }

    /// Phases said to be done, and such of which something else than work is asked, by id or by name.
    fn told(&mut self) {
        let ids = self.hits.iter().filter(|hit| !hit.aside).map(|hit| (hit.from, hit.phases()));
        let spans = self.spans.iter().map(|span| (span.from, span.phases.as_slice()));
        let (mut done, mut apart) = (BTreeSet::new(), BTreeMap::new());
        for (from, phases) in ids.chain(spans) {
            match self.polarity[from] {
                Polarity::Done => done.extend(phases.iter().copied()),
                Polarity::Apart(manner) => apart.extend(phases.iter().map(|at| (*at, manner))),
                Polarity::Wanted | Polarity::Excluded | Polarity::Stopped => {}
            }
        }
        let picks = done.iter().map(|phase| id_pick(*phase, "id", "")).collect();
        self.reading.told = Told::done(self.index, picks);
        self.reading.excluded.extend(done.iter().chain(apart.keys()));
        let pick = |at| id_pick(at, "id", self.index.phase(at).id.as_str());
        let apart = apart.into_iter().map(|(at, manner)| (pick(at), manner));
        self.reading.told.apart = apart.collect();
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
                (Polarity::Done | Polarity::Apart(_), _) => {}
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
            let score = 0.75 + 0.2 * share;
            let pick = |phase: &usize| Pick::new(*phase, score, ("name", said.clone().collect()));
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

    pub(super) fn also(&mut self, said: &str) {
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
        // Only a plan that goes on is said to.
        let keep_going = scope.keep_going && self.reading.reach == Reach::UntilNothingIsLeft;
        self.also(&said_scope(self.index, &Scope { keep_going, ..scope.clone() }));
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
        let parts: Vec<_> = self.parts().into_iter().map(|(part, _)| part).collect();
        let plural = scope.all || self.words.iter().any(|word| word.text == "phases");
        let said = parts.iter().flatten().copied();
        let mut found = text::find(self.index, said, (&self.reading.excluded, plural));
        if parts.len() > 1 {
            found.add_parts(self.index, &parts, &self.reading.excluded);
        }
        if found.ticked.is_empty() {
            let said: Vec<_> = parts.iter().flatten().copied().collect();
            found.add_batches(self.index, &said, &self.reading.excluded);
        }
        self.reading.ticked.extend(found.ticked);
        self.reading.listed.extend(found.listed);
        self.also(&found.said);
        self.held();
    }

    /// Parts of a goal beside its named phases that are nearly names: ticked when it is sure, else listed.
    fn parts_beside(&mut self) {
        let parts = self.parts();
        if !text::is_read_in_parts(self.index, parts.len()) {
            return;
        }
        for (part, _) in parts.iter().filter(|(_, beside)| *beside == Beside::Nothing) {
            let found = text::nearly_named(self.index, part, &self.reading.excluded);
            let Some((pick, sure)) = found else { continue };
            let mut known = self.reading.ticked.iter().chain(&self.reading.listed);
            if known.any(|known| known.phase == pick.phase) {
                continue;
            }
            let (id, words) = (&self.index.phase(pick.phase).id, text::said(part));
            if sure {
                self.also(&format!("{id} by “{words}”"));
                self.reading.ticked.push(pick);
            } else {
                let note = format!("“{words}” may mean {id}, which is only listed");
                self.reading.told.notes.push(note);
                self.reading.listed.push(pick);
            }
        }
    }

    /// The telling words, in parts joined by `and`, `then` or a comma; and whether names stand beside them.
    fn parts(&self) -> Vec<(Vec<&'r str>, Beside)> {
        let mut parts = vec![(Vec::new(), Beside::Nothing)];
        for (at, word) in self.words.iter().enumerate() {
            if word.before != Break::Space || is_in(&word.text, CONNECTIVES) {
                parts.push((Vec::new(), Beside::Nothing));
            }
            let Some((part, beside)) = parts.last_mut() else { continue };
            if self.used[at] {
                *beside = Beside::Ids;
            } else if self.polarity[at] == Polarity::Wanted && !is_dotted(word) {
                part.extend(word.parts.iter().map(String::as_str));
            }
        }
        parts.retain(|(part, _)| !part.is_empty());
        parts
    }

    /// `hold the router`: what is to be held is only listed, unless the phase speaks of holding.
    fn held(&mut self) {
        let Some(verb) = holding(self.words) else { return };
        let mut found = self.reading.ticked.iter().chain(&self.reading.listed).peekable();
        if found.peek().is_some() && !found.any(|pick| pick.says(verb)) {
            let manner = if is_in(verb, PUT_OFF) { Manner::PutOff } else { Manner::Edit };
            self.reading.only_list(manner.why());
        }
    }
}
