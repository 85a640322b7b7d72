//! Ranks phases by the words of a goal: BM25 over the roadmap's own text, with English stems and a bounded
//! edit distance for typos. Only the words asked for are counted, in one pass over the text.

use std::collections::HashMap;

use frostem::{Algorithm, Stemmer};

use crate::domain::goal::words::is_stop_word;
use crate::domain::roadmap::phase::Phase;

/// A word of the goal as it is looked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Term {
    /// What was typed.
    pub said: String,
    /// The stem looked for.
    pub stem: String,
    /// How sure it is that this was meant: below 1 for a mended typo.
    pub trust: f64,
    /// How rare it is in this roadmap.
    pub weight: f64,
    /// How many phases have it.
    pub phases: usize,
}

/// A phase some terms were found in.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    /// Its position in the roadmap.
    pub phase: usize,
    /// How often each term is in its name, its tasks and its notes.
    pub counts: Vec<[u16; 3]>,
    /// BM25 over all three.
    pub bm25: f64,
    /// 0 to 1: how well goal and phase cover each other.
    pub score: f64,
    length: f64,
}

/// Where a text stands in a phase: index into the counts of a hit.
#[derive(Clone, Copy)]
enum Part {
    Name = 0,
    Task = 1,
    Notes = 2,
}

/// What a hit in each part counts for BM25, and how far it covers a term.
const BOOST: [f64; 3] = [3.0, 1.0, 0.5];
const COVER: [f64; 3] = [1.0, 0.6, 0.35];
const K1: f64 = 1.2;
const B: f64 = 0.75;
/// So many words of a goal are looked for.
const MOST_TERMS: usize = 48;
/// So many of the best phases are looked at closely.
const CLOSE_LOOKS: usize = 60;

/// Stems words, each spelling once.
pub(crate) struct Stems {
    stemmer: Stemmer,
    known: HashMap<String, Option<usize>>,
    /// First two bytes of the stems looked for: everything else is passed over unstemmed.
    starts: Vec<bool>,
    terms: HashMap<String, usize>,
}

impl Stems {
    /// Ready to look for these terms.
    pub fn new(terms: &[Term]) -> Self {
        let mut starts = vec![false; 1 << 16];
        let mut index = HashMap::new();
        for (at, term) in terms.iter().enumerate() {
            starts[start(&term.stem)] = true;
            index.entry(term.stem.clone()).or_insert(at);
        }
        Self {
            stemmer: Stemmer::new(Algorithm::English),
            known: HashMap::new(),
            starts,
            terms: index,
        }
    }

    /// Which term a word of the roadmap is.
    pub fn term(&mut self, raw: &str) -> Option<usize> {
        if raw.is_ascii() && !self.starts[start(raw)] {
            return None;
        }
        if let Some(known) = self.known.get(raw) {
            return *known;
        }
        let word = &lower(raw);
        let term = self.terms.get(self.stemmer.stem(word).as_ref() as &str).copied();
        self.known.insert(raw.to_owned(), term);
        term
    }
}

/// A word's first two letters as a number, whatever their case.
fn start(word: &str) -> usize {
    let mut bytes = word.bytes().filter(|b| *b != b'\'').map(|b| b.to_ascii_lowercase());
    usize::from(bytes.next().unwrap_or(0)) << 8 | usize::from(bytes.next().unwrap_or(0))
}

/// Calls `each` with every word of a text as it is written.
pub(crate) fn each_word(text: &str, mut each: impl FnMut(&str)) {
    let joins = |b: u8| b.is_ascii_alphanumeric() || b == b'\'' || !b.is_ascii();
    for run in text.split(|c: char| c.is_ascii() && !joins(c as u8)) {
        if run.is_ascii() {
            if run.bytes().any(|b| b != b'\'') {
                each(run);
            }
            continue;
        }
        let words = run.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’');
        words.filter(|word| word.chars().any(char::is_alphanumeric)).for_each(&mut each);
    }
}

/// A word in lower case, without apostrophes.
pub(crate) fn lower(word: &str) -> String {
    word.chars().filter(|c| *c != '\'' && *c != '’').flat_map(char::to_lowercase).collect()
}

/// The terms of a goal's telling words, each once.
pub(crate) fn terms<'w>(said: impl Iterator<Item = &'w str>) -> Vec<Term> {
    let stemmer = Stemmer::new(Algorithm::English);
    let mut terms: Vec<Term> = Vec::new();
    for word in said.filter(|word| !is_stop_word(word)) {
        let stem = stemmer.stem(word).to_string();
        if terms.len() < MOST_TERMS && terms.iter().all(|term| term.stem != stem) {
            let said = word.to_owned();
            terms.push(Term { said, stem, trust: 1.0, weight: 0.0, phases: 0 });
        }
    }
    terms
}

/// Phases the terms were found in, best first. Weighs the terms on the way.
pub(crate) fn rank(phases: &[Phase], terms: &mut [Term]) -> Vec<Hit> {
    let mut stems = Stems::new(terms);
    let (mut hits, words) = count(phases, terms.len(), &mut stems);
    weigh(phases.len(), terms, &hits);
    let mean = (words / phases.len().max(1) as f64).max(1.0);
    for hit in &mut hits {
        hit.bm25 = bm25(hit, terms, mean);
    }
    hits.sort_by(|a, b| b.bm25.total_cmp(&a.bm25).then(a.phase.cmp(&b.phase)));
    for (place, hit) in hits.iter_mut().enumerate() {
        let phase = &phases[hit.phase];
        hit.score = cover(phase, hit, terms);
        if place < CLOSE_LOOKS {
            hit.score = hit.score.max(task_cover(phase, terms, &mut stems));
        }
    }
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.bm25.total_cmp(&a.bm25)));
    hits
}

/// Counts the terms in every phase; also the number of words in all.
fn count(phases: &[Phase], terms: usize, stems: &mut Stems) -> (Vec<Hit>, f64) {
    let (mut hits, mut words) = (Vec::new(), 0.0);
    let mut counts = vec![[0u16; 3]; terms];
    for (phase, of) in phases.iter().enumerate() {
        let (mut length, mut any) = (0.0, false);
        each_text(of, |part, text| {
            each_word(text, |word| {
                length += 1.0;
                if let Some(term) = stems.term(word) {
                    any = true;
                    let cell = &mut counts[term][part as usize];
                    *cell = cell.saturating_add(1);
                }
            });
        });
        words += length;
        if any {
            hits.push(Hit { phase, counts: counts.clone(), bm25: 0.0, score: 0.0, length });
            counts.fill([0; 3]);
        }
    }
    (hits, words)
}

/// The texts of a phase that a goal may speak of.
fn each_text(phase: &Phase, mut each: impl FnMut(Part, &str)) {
    const SKIPPED: &[&str] = &[
        "status",
        "assigned to",
        "depends on",
        "dependencies",
        "tasks",
        "effort",
        "completed",
        "plan",
        "target",
        "quality gates",
    ];
    each(Part::Name, phase.name.as_str());
    for task in &phase.tasks {
        each(Part::Task, phase.task_text(task).as_str());
    }
    for field in &phase.fields {
        let key = field.key.as_str();
        if key.eq_ignore_ascii_case("done when") {
            each(Part::Task, &phase.value(field));
        } else if !SKIPPED.iter().any(|skipped| key.eq_ignore_ascii_case(skipped)) {
            each(Part::Notes, &phase.value(field));
        }
    }
}

/// Rare terms weigh more; a term this roadmap never uses weighs half of the rarest.
fn weigh(phases: usize, terms: &mut [Term], hits: &[Hit]) {
    let idf = |with: usize| {
        let (all, with) = (phases as f64, with as f64);
        ((all - with + 0.5) / (with + 0.5)).ln_1p()
    };
    for (at, term) in terms.iter_mut().enumerate() {
        term.phases = hits.iter().filter(|hit| hit.counts[at] != [0; 3]).count();
        term.weight = if term.phases == 0 { idf(1) * 0.5 } else { idf(term.phases) };
    }
}

fn bm25(hit: &Hit, terms: &[Term], mean: f64) -> f64 {
    let norm = K1 * (1.0 - B + B * hit.length / mean);
    let of = |(counts, term): (&[u16; 3], &Term)| {
        let tf: f64 = counts.iter().zip(BOOST).map(|(n, boost)| f64::from(*n) * boost).sum();
        term.weight * term.trust * tf * (K1 + 1.0) / (tf + norm)
    };
    hit.counts.iter().zip(terms).map(of).sum()
}

/// How far the phase covers the goal, and its name is covered by it.
fn cover(phase: &Phase, hit: &Hit, terms: &[Term]) -> f64 {
    let all: f64 = terms.iter().map(|term| term.weight).sum();
    let best = |counts: &[u16; 3]| {
        let parts = counts.iter().zip(COVER).filter(|(n, _)| **n > 0);
        parts.map(|(_, cover)| cover).fold(0.0, f64::max)
    };
    let goal: f64 =
        hit.counts.iter().zip(terms).map(|(n, term)| best(n) * term.weight * term.trust).sum();
    let goal = if all > 0.0 { goal / all } else { 0.0 };
    let named: Vec<_> = hit
        .counts
        .iter()
        .zip(terms)
        .filter(|(n, _)| n[0] > 0)
        .map(|(_, term)| term.trust)
        .collect();
    if named.is_empty() {
        return 0.55 * goal;
    }
    let name = (named.iter().sum::<f64>() / telling_words(phase).max(1) as f64).min(1.0);
    // One word in common says little when the goal speaks of much else.
    let trust = if named.len() > 1 { 1.0 } else { (goal * 1.33).min(1.0) };
    0.55 * goal + 0.45 * name * trust
}

/// How much of a phase's name was said.
pub(crate) fn name_share(phase: &Phase, hit: &Hit) -> f64 {
    let named = hit.counts.iter().filter(|counts| counts[0] > 0).count();
    named as f64 / telling_words(phase).max(1) as f64
}

/// How many different words of a phase's name tell it from others.
fn telling_words(phase: &Phase) -> usize {
    let mut seen: Vec<String> = Vec::new();
    each_word(phase.name.as_str(), |word| {
        let word = lower(word);
        if !is_stop_word(&word) && !seen.contains(&word) {
            seen.push(word);
        }
    });
    seen.len()
}

/// A goal that says what one task says means its phase, whatever the name.
fn task_cover(phase: &Phase, terms: &[Term], stems: &mut Stems) -> f64 {
    let all: f64 = terms.iter().map(|term| term.weight).sum();
    let known = terms.iter().filter(|term| term.phases > 0).count();
    if known < 2 || all <= 0.0 {
        return 0.0;
    }
    let mut best: f64 = 0.0;
    for task in &phase.tasks {
        let (mut found, mut words) = (vec![false; terms.len()], 0usize);
        each_word(phase.task_text(task).as_str(), |word| {
            words += usize::from(!is_stop_word(&lower(word)));
            if let Some(term) = stems.term(word) {
                found[term] = true;
            }
        });
        let hit = found.iter().filter(|found| **found).count();
        let share: f64 =
            found.iter().zip(terms).filter(|(f, _)| **f).map(|(_, t)| t.weight * t.trust).sum();
        let task = hit as f64 / words.max(1) as f64;
        if hit >= 2 {
            best = best.max(share / all * (0.62 + 0.25 * task.min(1.0)));
        }
    }
    best
}
