//! Mends words of a goal the roadmap does not know: typos within a bounded edit distance, and words joined or parted.

use std::collections::{BTreeMap, HashSet};

use frostem::{Algorithm, Stemmer};

use crate::domain::goal::rank::{Term, each_word, lower};
use crate::domain::goal::words::is_stop_word;
use crate::domain::roadmap::phase::Phase;

/// So many unknown words are mended.
const MOST_MENDED: usize = 10;

/// Replaces unknown terms by words of phase names they probably stand for. Says whether anything changed.
pub(crate) fn mend(phases: &[Phase], terms: &mut Vec<Term>) -> bool {
    let unknown: Vec<_> = (0..terms.len())
        .filter(|at| terms[*at].phases == 0 && terms[*at].said.chars().count() >= 4)
        .take(MOST_MENDED)
        .collect();
    if unknown.is_empty() {
        return false;
    }
    let said: Vec<_> = unknown.iter().map(|at| terms[*at].said.clone()).collect();
    let found = nearest(phases, &said);
    let stemmer = Stemmer::new(Algorithm::English);
    let mut changed = false;
    for (place, at) in unknown.iter().enumerate().rev() {
        let Some(near) = found.get(&place) else { continue };
        changed = true;
        let original = terms.remove(*at);
        for word in near.words.iter().rev() {
            let stem = stemmer.stem(word).to_string();
            if terms.iter().all(|term| term.stem != stem) {
                terms.insert(*at, Term { stem, trust: near.trust, ..original.clone() });
            }
        }
    }
    changed
}

/// Makes one term of two neighbours that a phase's name writes as one word: `open api` of `OpenAPI`.
pub(crate) fn join(phases: &[Phase], terms: &mut Vec<Term>) -> bool {
    let candidates: Vec<(usize, String)> = terms
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair.iter().any(|term| term.phases == 0))
        .map(|(at, pair)| (at, format!("{}{}", pair[0].said, pair[1].said)))
        .collect();
    if candidates.is_empty() {
        return false;
    }
    let mut found = None;
    for phase in phases {
        each_word(phase.name.as_str(), |word| {
            let same = |(_, joined): &&(usize, String)| joined.eq_ignore_ascii_case(word);
            found = found.take().or_else(|| candidates.iter().find(same));
        });
    }
    let Some((at, joined)) = found else { return false };
    let stem = Stemmer::new(Algorithm::English).stem(joined).to_string();
    terms.remove(*at + 1);
    terms[*at].phases = 1;
    terms[*at].said.clone_from(joined);
    terms[*at].stem = stem;
    true
}

/// What an unknown word probably stands for.
struct Near {
    distance: usize,
    words: Vec<String>,
    trust: f64,
}

/// For each unknown word, by its place, the nearest word or pair of words of any phase's name.
fn nearest(phases: &[Phase], said: &[String]) -> BTreeMap<usize, Near> {
    let mut found: BTreeMap<usize, Near> = BTreeMap::new();
    let mut seen: HashSet<String> = HashSet::new();
    for phase in phases {
        let mut last = String::new();
        each_word(phase.name.as_str(), |word| {
            let word = lower(word);
            // A word seen before is no nearer the second time, unless it follows another.
            let known = seen.contains(&word) || !seen.insert(word.clone());
            for (place, said) in said.iter().enumerate() {
                if known && !joins(said, &last, &word) {
                    continue;
                }
                let Some(near) = near(said, &last, &word) else { continue };
                let better = found.get(&place).is_none_or(|known| {
                    (near.distance, &near.words) < (known.distance, &known.words)
                });
                if better {
                    found.insert(place, near);
                }
            }
            last = word;
        });
    }
    found
}

/// Whether two neighbours, written as one word, are what was said.
fn joins(said: &str, last: &str, word: &str) -> bool {
    said.len() == last.len() + word.len()
        && said.strip_prefix(last).is_some_and(|tail| tail == word)
        && !last.is_empty()
}

fn near(said: &str, last: &str, word: &str) -> Option<Near> {
    if joins(said, last, word) {
        return Some(Near { distance: 0, words: vec![last.into(), word.into()], trust: 1.0 });
    }
    let trust_and_distance = typo(said, word)?;
    (!is_stop_word(word)).then(|| Near {
        distance: trust_and_distance.1,
        words: vec![word.into()],
        trust: trust_and_distance.0,
    })
}

/// How sure and how far: one slip in words of five letters, two from eight, in four only two letters swapped.
fn typo(said: &str, word: &str) -> Option<(f64, usize)> {
    let bound = if said.len() >= 8 { 2 } else { 1 };
    if said.as_bytes().first() != word.as_bytes().first()
        || said.len().abs_diff(word.len()) > bound
        || word.len() < 4
    {
        return None;
    }
    let distance = strsim::osa_distance(said, word);
    let swapped = said.len() == word.len() && sorted(said) == sorted(word);
    let near = distance <= bound && (said.len() > 4 || swapped);
    near.then_some((if swapped || said.len() >= 6 { 0.85 } else { 0.65 }, distance))
}

fn sorted(word: &str) -> Vec<char> {
    let mut letters: Vec<_> = word.chars().collect();
    letters.sort_unstable();
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_bounded_by_length() {
        assert!(typo("ruoter", "router").is_some());
        assert!(typo("auht", "auth").is_some());
        assert!(typo("load", "road").is_none());
        assert!(typo("post", "port").is_none());
        assert!(typo("harnes", "harness").is_some());
        assert!(typo("kill", "skill").is_none());
    }

    #[test]
    fn joined_words_are_parted() {
        let near = near("ratelimiter", "rate", "limiter").map(|near| near.words);
        assert_eq!(near, Some(vec!["rate".to_owned(), "limiter".to_owned()]));
    }
}
