//! A phase's heading typed as it stands: `Phase 2.1: Name`, `2.1 Name`, or its id alone.

use crate::domain::goal::index::Index;
use crate::domain::goal::words::{PHASE_WORDS, Word, is_in, parts_of, plain};

/// The phase whose heading is all that was typed.
pub(crate) fn typed(index: &Index<'_>, words: &[Word]) -> Option<usize> {
    // Hashes in front of a heading have no plain words.
    let marks = words.iter().take_while(|word| word.parts.is_empty()).count();
    let words = words.get(marks..)?;
    let keyword = words.iter().take_while(|word| is_in(&word.text, PHASE_WORDS)).count().min(2);
    let (id, name) = words.get(keyword..)?.split_first()?;
    let at = index.find(&id.text)?;
    let phase = index.phase(at);
    let alone = name.is_empty() && phase.place.occurrence <= 1;
    (alone || plain(phase.name.as_str()) == parts_of(name.iter()).join(" ")).then_some(at)
}

/// Whether a text ends in a question mark.
pub(crate) fn asks(text: &str) -> bool {
    text.trim_end().ends_with('?')
}
