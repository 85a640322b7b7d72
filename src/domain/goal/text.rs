//! Phases by the words of a goal: which of them stand out clearly enough to be ticked.

use std::collections::BTreeSet;

use crate::domain::goal::index::Index;
use crate::domain::goal::offer::Pick;
use crate::domain::goal::rank::{Hit, Stems, Term, each_word, name_share, rank, terms};
use crate::domain::goal::reading::Reading;
use crate::domain::goal::said::batch_name;
use crate::domain::goal::scope::title_words;
use crate::domain::goal::typo::{join, mend};
use crate::domain::goal::words::{is_in, is_stop_word};
use crate::domain::roadmap::phase::{Phase, Status};

/// From here a match is ticked.
const TICKED: f64 = 0.60;
/// From here a match is listed.
const LISTED: f64 = 0.30;
/// A match this near to the best is its peer.
const PEER: f64 = 0.12;
/// More peers than this, and none of them stands out.
const MOST_PEERS: usize = 3;
const MOST_LISTED: usize = 12;
/// From here a phase is listed for a part of a goal.
const NEAR: f64 = 0.45;
/// A name of which so much was said is nearly typed.
const NEARLY_WHOLE: f64 = 0.75;
/// A goal of more parts is read as a whole.
const MOST_PARTS: usize = 6;
/// So is one whose parts would be looked for in more phases together: each part reads all of them.
const MOST_READ: usize = 10_000;
/// How well a phase fits a word of its batch's title.
const BATCH_WORD: f64 = 0.4;
/// So many phases are listed for the words beside a batch.
const MOST_BESIDE: usize = 5;

/// What the words of a goal found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Phases that stand out.
    pub ticked: Vec<Pick>,
    /// Phases that may be meant.
    pub listed: Vec<Pick>,
    /// What the words were read as.
    pub said: String,
}

/// Phases these words were found in, best first, and the words as they were looked for.
fn ranked<'w>(
    index: &Index<'_>,
    said: impl Iterator<Item = &'w str>,
    excluded: &BTreeSet<usize>,
) -> (Vec<Term>, Vec<Hit>) {
    let phases = &index.roadmap.phases;
    let mut terms = terms(said);
    if terms.is_empty() {
        return (terms, Vec::new());
    }
    let mut hits = rank(phases, &mut terms);
    if terms.iter().any(|term| term.phases == 0) {
        let joined = join(phases, &mut terms);
        if mend(phases, &mut terms) || joined {
            hits = rank(phases, &mut terms);
        }
    }
    hits.retain(|hit| {
        hit.score >= LISTED
            && !excluded.contains(&hit.phase)
            && phases[hit.phase].place.occurrence <= 1
    });
    (terms, hits)
}

/// Whether each part of a goal is looked for by itself.
pub(crate) fn is_read_in_parts(index: &Index<'_>, parts: usize) -> bool {
    parts <= MOST_PARTS && parts * index.roadmap.phases.len() <= MOST_READ
}

impl Found {
    /// Each part of a goal may be nearly a name of its own: such phases are ticked when it is sure, else listed.
    pub fn add_parts(
        &mut self,
        index: &Index<'_>,
        parts: &[Vec<&str>],
        excluded: &BTreeSet<usize>,
    ) {
        if !is_read_in_parts(index, parts.len()) {
            return;
        }
        for part in parts {
            self.add_part(index, part, excluded);
        }
        let words: Vec<_> = parts.iter().map(|part| said(part)).filter(|s| !s.is_empty()).collect();
        if !self.ticked.is_empty() {
            self.said = format!("phases that speak of “{}”", words.join(", "));
        }
    }

    fn add_part(&mut self, index: &Index<'_>, part: &[&str], excluded: &BTreeSet<usize>) {
        let (terms, hits) = ranked(index, part.iter().copied(), excluded);
        let ticked = |hit: &Hit| self.ticked.iter().any(|pick| pick.phase == hit.phase);
        let known = |hit: &Hit| named(hit) == terms.len() && ticked(hit);
        let Some(best) = hits.first().filter(|_| !hits.iter().any(known)) else { return };
        let peers = hits.iter().filter(|hit| is_peer(hit, best.score, PEER / 2.0)).count();
        if peers == 1 && named(best) > 1 {
            if !ticked(best) {
                self.listed.retain(|pick| pick.phase != best.phase);
                self.ticked.push(pick(best, &terms));
            }
            return;
        }
        let near = hits.iter().filter(|hit| hit.score >= NEAR && named(hit) > 0 && !ticked(hit));
        for hit in near.take(MOST_PEERS) {
            if self.listed.iter().all(|pick| pick.phase != hit.phase) {
                let pick = pick(hit, &terms);
                self.listed.push(Pick { score: pick.score.min(TICKED - 0.01), ..pick });
            }
        }
    }

    /// Words of a batch's title list its open phases.
    pub fn add_batches(&mut self, index: &Index<'_>, said: &[&str], excluded: &BTreeSet<usize>) {
        let words: Vec<&str> = said
            .iter()
            .copied()
            .filter(|word| !is_stop_word(word) && !is_in(word, "batch batches"))
            .collect();
        let all = |title: &str| {
            let title = title_words(title);
            !words.is_empty() && words.iter().all(|word| title.iter().any(|own| own == word))
        };
        let batches = index.roadmap.batches.iter().filter(|batch| all(batch.title.as_str()));
        let numbers: BTreeSet<u32> = batches.map(|batch| batch.number).collect();
        let open = |at: &usize| {
            let phase = index.phase(*at);
            phase.place.batch.is_some_and(|batch| numbers.contains(&batch))
                && phase.place.occurrence <= 1
                && phase.status.state != Status::Complete
                && !index.evaluator.is_container(*at)
                && !excluded.contains(at)
        };
        let known: BTreeSet<usize> = self.listed.iter().map(|pick| pick.phase).collect();
        let said: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let new = (0..index.roadmap.phases.len()).filter(open).filter(|at| !known.contains(at));
        let new: Vec<_> =
            new.map(|at| Pick::new(at, BATCH_WORD, ("batch", said.clone()))).collect();
        if !new.is_empty() && known.is_empty() {
            let names: Vec<_> = numbers.iter().map(|number| batch_name(index, *number)).collect();
            let word = if said.len() == 1 { "a word" } else { "words" };
            self.said = format!("{word} of the title of {}: tick what is meant", names.join(", "));
        }
        self.listed.extend(new);
    }
}

/// How many words hit a phase's name.
fn named(hit: &Hit) -> usize {
    hit.counts.iter().filter(|counts| counts[0] > 0).count()
}

/// What a part of a goal beside named phases means: a phase whose name is nearly said, and whether that is sure.
pub(crate) fn nearly_named(
    index: &Index<'_>,
    part: &[&str],
    excluded: &BTreeSet<usize>,
) -> Option<(Pick, bool)> {
    let (terms, hits) = ranked(index, part.iter().copied(), excluded);
    let best = hits.first().filter(|hit| named(hit) > 1 && hit.score >= TICKED)?;
    let peers = hits.iter().filter(|hit| is_peer(hit, best.score, PEER / 2.0)).count();
    let sure = peers == 1 && name_share(index.phase(best.phase), best) >= NEARLY_WHOLE;
    let pick = pick(best, &terms);
    let score = if sure { pick.score } else { pick.score.min(TICKED - 0.01) };
    Some((Pick { score, ..pick }, sure))
}

/// The telling words of a part.
pub(crate) fn said(part: &[&str]) -> String {
    let telling = part.iter().copied().filter(|word| !is_stop_word(word));
    telling.collect::<Vec<_>>().join(" ")
}

/// Finds phases by words. `plural`: the goal speaks of all that fit.
pub(crate) fn find<'w>(
    index: &Index<'_>,
    said: impl Iterator<Item = &'w str>,
    (excluded, plural): (&BTreeSet<usize>, bool),
) -> Found {
    let (terms, hits) = ranked(index, said, excluded);
    if terms.is_empty() {
        return Found::default();
    }
    let best = hits.first().map_or(0.0, |hit| hit.score);
    let margin = if plural { 2.0 * PEER } else { PEER };
    let peers = hits.iter().filter(|hit| is_peer(hit, best, margin)).count();
    let clear = peers > 0 && (plural || peers <= MOST_PEERS);
    let (mut ticked, mut listed) = (Vec::new(), Vec::new());
    for hit in &hits {
        let pick = pick(hit, &terms);
        if clear && is_peer(hit, best, margin) {
            ticked.push(pick);
        } else if listed.len() < MOST_LISTED {
            listed.push(Pick { score: pick.score.min(TICKED - 0.01), ..pick });
        }
    }
    let said = describe(&terms, ticked.len(), listed.len());
    Found { ticked, listed, said }
}

/// Phases that words beside a batch may mean and that the batch has not: a person ticks those that are meant.
pub(crate) fn beside<'w>(
    index: &Index<'_>,
    said: impl Iterator<Item = &'w str>,
    reading: &Reading,
) -> Vec<Pick> {
    let found = find(index, said, (&reading.excluded, false));
    let known = &reading.ticked;
    let new = |pick: &Pick| !known.iter().any(|ticked| ticked.phase == pick.phase);
    let listed = found.ticked.into_iter().chain(found.listed).filter(new).take(MOST_BESIDE);
    listed.map(|pick| Pick { score: pick.score.min(TICKED - 0.01), ..pick }).collect()
}

fn is_peer(hit: &Hit, best: f64, margin: f64) -> bool {
    hit.score >= TICKED && hit.score >= best - margin
}

/// Each word is told under the field that tells most of those it hit.
fn pick(hit: &Hit, terms: &[Term]) -> Pick {
    let mut fields: [(&str, Vec<String>); 3] =
        ["name", "task", "notes"].map(|field| (field, Vec::new()));
    for (counts, term) in hit.counts.iter().zip(terms) {
        let known = fields.iter().any(|(_, words)| words.contains(&term.said));
        if let Some(part) = (0..3).find(|part| counts[*part] > 0 && !known) {
            fields[part].1.push(term.said.clone());
        }
    }
    let mut told = fields.into_iter().filter(|(_, words)| !words.is_empty());
    let first = told.next().unwrap_or(("notes", Vec::new()));
    // Rounded so that the score shown is the score compared.
    let score = (hit.score.min(0.95) * 100.0).round() / 100.0;
    Pick { more: told.collect(), ..Pick::new(hit.phase, score, first) }
}

fn describe(terms: &[Term], ticked: usize, listed: usize) -> String {
    let mut words: Vec<&str> = Vec::new();
    for term in terms.iter().filter(|term| term.phases > 0) {
        if !words.contains(&term.said.as_str()) {
            words.push(&term.said);
        }
    }
    words.truncate(6);
    match (ticked, listed) {
        (1.., _) => format!("phases that speak of “{}”", words.join(" ")),
        (0, 1..) => {
            format!(
                "words no phase clearly stands out for (“{}”): tick what is meant",
                words.join(" ")
            )
        }
        (0, 0) => String::new(),
    }
}

/// Phases whose name has all telling words of `group`; none when no word of it tells anything.
pub(crate) fn named_with(phases: &[Phase], group: &[&str]) -> Option<BTreeSet<usize>> {
    let terms = terms(group.iter().copied());
    if terms.is_empty() {
        return None;
    }
    let mut stems = Stems::new(&terms);
    let mut fits = |phase: &Phase| {
        let mut found = BTreeSet::new();
        each_word(phase.name.as_str(), |word| found.extend(stems.term(word)));
        found.len() == terms.len()
    };
    Some((0..phases.len()).filter(|at| fits(&phases[*at])).collect())
}
