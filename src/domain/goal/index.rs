//! What the readers of a goal look phases up in: built once per goal.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::domain::goal::words::{Word, is_filler, is_in, parts_of, plain};
use crate::domain::id::PhaseId;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::Phase;
use crate::domain::roadmap::readiness::Evaluator;

/// A roadmap indexed by ids and names. Phases are meant by their position in the roadmap.
pub(crate) struct Index<'a> {
    /// The roadmap.
    pub roadmap: &'a Roadmap,
    /// Phases our live agents hold.
    pub held: &'a BTreeSet<PhaseId>,
    /// Phases that are blocked only because their unblocking was undone.
    pub undone: BTreeSet<PhaseId>,
    /// Says what can start.
    pub evaluator: Evaluator<'a>,
    ids: HashMap<Cow<'a, str>, usize>,
    names: HashMap<String, Vec<usize>>,
    longest_name: usize,
}

/// Orders phases by priority: bootstrap first, then batch (none last), then id.
pub(crate) fn priority(phase: &Phase) -> (bool, u32, &PhaseId) {
    (!phase.is_bootstrap(), phase.place.batch.unwrap_or(u32::MAX), &phase.id)
}

/// Chunks `from..to` of a goal that spell phases' whole name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NameSpan {
    /// The first chunk.
    pub from: usize,
    /// The chunk behind the last.
    pub to: usize,
    /// The phases of this name.
    pub phases: Vec<usize>,
}

impl<'a> Index<'a> {
    /// Indexes a roadmap for a goal of these words: all ids, and the names that begin with one of them.
    pub fn new(roadmap: &'a Roadmap, held: &'a BTreeSet<PhaseId>, goal: &[Word]) -> Self {
        let said: HashSet<&str> = parts_of(goal.iter()).into_iter().collect();
        let mut ids = HashMap::with_capacity(roadmap.phases.len());
        let mut names: HashMap<String, Vec<usize>> = HashMap::new();
        let mut longest_name = 0;
        for (at, phase) in roadmap.phases.iter().enumerate() {
            ids.entry(lowered(phase.id.as_str())).or_insert(at);
            let name = phase.name.as_str();
            if !first_word(name).is_none_or(|word| said.contains(word.as_str())) {
                continue;
            }
            let name = plain(name);
            if !name.is_empty() && phase.place.occurrence <= 1 {
                longest_name = longest_name.max(name.split(' ').count());
                names.entry(name).or_default().push(at);
            }
        }
        let evaluator = Evaluator::new(roadmap, held);
        Self { roadmap, held, undone: BTreeSet::new(), evaluator, ids, names, longest_name }
    }

    /// The phase at a place.
    pub fn phase(&self, at: usize) -> &'a Phase {
        &self.roadmap.phases[at]
    }

    /// Orders phases by priority: bootstrap first, then batch (none last), then id.
    pub fn priority(&self, at: usize) -> (bool, u32, &'a PhaseId) {
        priority(self.phase(at))
    }

    /// The phase with this id, whatever its case.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.ids.get(id).copied()
    }

    /// The place of a phase known to the roadmap.
    pub fn place(&self, id: &PhaseId) -> Option<usize> {
        match self.ids.get(id.as_str()) {
            Some(at) => Some(*at),
            None => self.ids.get(id.as_str().to_lowercase().as_str()).copied(),
        }
    }

    /// Phases whose name was typed, and nothing else.
    pub fn typed_name(&self, goal: &str, words: &[Word]) -> Vec<usize> {
        if goal.is_empty() || !words.iter().all(|word| word.parts.is_empty()) {
            return self.named(words).to_vec();
        }
        // A name without any letter, e.g. an emoji, has no words to compare.
        let same = |at: &usize| self.phase(*at).name.as_str() == goal;
        (0..self.roadmap.phases.len()).filter(same).collect()
    }

    /// Phases whose name is all that was typed.
    pub fn named(&self, words: &[Word]) -> &[usize] {
        self.by_name(&parts_of(words.iter()).join(" "))
    }

    /// Phases with this name, in plain words.
    fn by_name(&self, name: &str) -> &[usize] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }

    /// Phases whose name is all that is left without filler words around it.
    pub fn named_inside(&self, words: &[Word]) -> &[usize] {
        for from in 0..words.len().min(16) {
            let tail = words[from..].iter().rev().take_while(|word| is_neutral(word)).count();
            for cut in 0..=tail.min(8) {
                let found = self.named(&words[from..words.len().saturating_sub(cut).max(from)]);
                if !found.is_empty() {
                    return found;
                }
            }
            if !is_neutral(&words[from]) {
                break;
            }
        }
        &[]
    }

    /// Whole names of two or more words inside a goal, the longest first, never overlapping.
    pub fn name_spans(&self, words: &[Word]) -> Vec<NameSpan> {
        let mut spans = Vec::new();
        let mut from = 0;
        while from < words.len() {
            match self.longest_name_at(words, from) {
                Some(span) => {
                    from = span.to;
                    spans.push(span);
                }
                None => from += 1,
            }
        }
        spans
    }

    fn longest_name_at(&self, words: &[Word], from: usize) -> Option<NameSpan> {
        let (mut name, mut count, mut best) = (String::new(), 0, None);
        for (to, word) in words.iter().enumerate().skip(from) {
            for part in &word.parts {
                if !name.is_empty() {
                    name.push(' ');
                }
                name.push_str(part);
                count += 1;
            }
            if count > self.longest_name {
                break;
            }
            let telling = words[from..=to].iter().any(|word| !is_filler(word));
            let phases = self.by_name(&name);
            if count >= 2 && telling && !phases.is_empty() {
                best = Some(NameSpan { from, to: to + 1, phases: phases.to_vec() });
            }
        }
        best
    }
}

/// A text in lower case, copied only if it has to be.
fn lowered(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|b| b.is_ascii_uppercase() || !b.is_ascii()) {
        Cow::Owned(text.to_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// The first plain word of a name that begins with one; of other names all has to be read.
fn first_word(name: &str) -> Option<String> {
    let end = name.bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(name.len());
    let word = &name[..end];
    let cut = name[end..].starts_with(['\'', '’', '‘', '\u{fe0f}'])
        || name.as_bytes().get(end).is_some_and(|b| !b.is_ascii());
    (!word.is_empty() && !cut).then(|| word.to_ascii_lowercase())
}

/// A filler that neither rules out nor puts off what it stands beside.
fn is_neutral(word: &Word) -> bool {
    const TURNING: &str =
        "not no except without skip minus excluding don't dont until till after before";
    is_filler(word) && !is_in(&word.text, TURNING)
}
