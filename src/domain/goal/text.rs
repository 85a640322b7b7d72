//! Phases by the words of a goal: which of them stand out clearly enough to be ticked.

use std::collections::BTreeSet;

use crate::domain::goal::index::Index;
use crate::domain::goal::offer::Pick;
use crate::domain::goal::rank::{Hit, Stems, Term, each_word, rank, terms};
use crate::domain::goal::reading::Reading;
use crate::domain::goal::typo::{join, mend};
use crate::domain::roadmap::phase::Phase;

/// From here a match is ticked.
const TICKED: f64 = 0.60;
/// From here a match is listed.
const LISTED: f64 = 0.30;
/// A match this near to the best is its peer.
const PEER: f64 = 0.12;
/// More peers than this, and none of them stands out.
const MOST_PEERS: usize = 3;
const MOST_LISTED: usize = 12;
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

/// Finds phases by words. `plural`: the goal speaks of all that fit.
pub(crate) fn find<'w>(
    index: &Index<'_>,
    said: impl Iterator<Item = &'w str>,
    (excluded, plural): (&BTreeSet<usize>, bool),
) -> Found {
    let phases = &index.roadmap.phases;
    let mut terms = terms(said);
    if terms.is_empty() {
        return Found::default();
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

fn pick(hit: &Hit, terms: &[Term]) -> Pick {
    let fields = ["name", "task", "notes"];
    let field = (0..3).find(|part| hit.counts.iter().any(|counts| counts[*part] > 0));
    let found = hit.counts.iter().zip(terms).filter(|(counts, _)| **counts != [0; 3]);
    let mut words: Vec<String> = Vec::new();
    for (_, term) in found {
        if !words.contains(&term.said) {
            words.push(term.said.clone());
        }
    }
    // Rounded so that the score shown is the score compared.
    let score = (hit.score.min(0.95) * 100.0).round() / 100.0;
    Pick { phase: hit.phase, score, field: field.map_or("notes", |at| fields[at]), words }
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
