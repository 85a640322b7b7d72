//! Scopes in dependency lists, and what carries over from one item to the next.

use std::ops::Range;

use super::note::{is_lead, without_brackets};
use super::phase::Dependency;
use super::token::{self, Letters, id_length};

/// Most batches one range may name.
const BATCH_RANGE: u32 = 1_000;

/// What the words before an item were about; it carries over to bare numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carry {
    /// Nothing yet.
    Nothing,
    /// Phases.
    Phase,
    /// Batches.
    Batch,
}

/// Place and length of the id a text begins with.
pub(super) fn leading_id(text: &str, carry: Carry) -> Option<(usize, usize)> {
    if let Some((rest, _)) = token::after_keyword(text) {
        let rest = rest.trim_start_matches('#');
        return id_length(rest, Letters::Allowed).map(|length| (text.len() - rest.len(), length));
    }
    let letters = if carry == Carry::Phase { Letters::Allowed } else { Letters::Refused };
    id_length(text, letters).map(|length| (0, length))
}

/// Words of a scope that say nothing about which phases it means.
const GLUE: [&str; 16] = [
    "all",
    "of",
    "the",
    "phases",
    "phase",
    "in",
    "from",
    "every",
    "everything",
    "work",
    "streams",
    "complete",
    "completed",
    "must",
    "be",
    "tasks",
];

/// `Batch 3`, `All Batch 3 phases`, `Batches 1-2`, `All previous phases`.
pub(super) fn scope(text: &str, carry: Carry) -> Option<Vec<Dependency>> {
    if carry != Carry::Batch
        && leading_id(text.trim_start_matches(is_lead), Carry::Nothing).is_some()
    {
        return None;
    }
    const EARLIER: [&str; 6] = ["previous", "prior", "preceding", "earlier", "above", "before"];
    let lower = without_brackets(text).to_ascii_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).take(16).collect();
    let glue = |word: &&&str| !GLUE.contains(word);
    let telling: Vec<&str> = words.iter().filter(glue).copied().collect();
    let all = words.first().is_some_and(|word| matches!(*word, "all" | "every" | "everything"));
    match telling.as_slice() {
        [word] if all && EARLIER.contains(word) => Some(vec![Dependency::AllPrevious]),
        ["batch" | "batches", number] => number.parse().ok().map(|n| vec![Dependency::Batch(n)]),
        ["batch" | "batches", from, to] | ["batch" | "batches", from, "to" | "through", to] => {
            let joined = ["-", "–", "—", "to", "through"].iter().any(|join| lower.contains(join));
            batches(from.parse().ok()?..to.parse::<u32>().ok()?.checked_add(1)?).filter(|_| joined)
        }
        [number] if carry == Carry::Batch && words.len() == 1 && !lower.contains('.') => {
            number.parse().ok().map(|n| vec![Dependency::Batch(n)])
        }
        _ => None,
    }
}

/// One dependency for each batch of a range of sane length.
fn batches(range: Range<u32>) -> Option<Vec<Dependency>> {
    (!range.is_empty() && range.end - range.start <= BATCH_RANGE)
        .then(|| range.map(Dependency::Batch).collect())
}
