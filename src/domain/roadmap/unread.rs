//! What a person meant as a field and did not write as one.

use super::field::Key;
use super::heading;
use super::phase::Phase;
use super::scan::Source;

/// Line of a `Status: …` in a phase's own text that is no field, as it has neither a bullet nor bold.
pub(in crate::domain) fn plain_status(phase: &Phase) -> Option<usize> {
    let source = Source::new(phase.text.bytes().get(phase.place.section.clone())?);
    let lines = source.lines().enumerate().skip(1);
    let lines = lines.map(|(at, line)| (at, line.hidden, source.line(&line)));
    let own = lines.take_while(|(_, hidden, text)| *hidden || heading::heading(text).is_none());
    let status = |text: &str| {
        let told = text.split_once(':').filter(|(_, value)| !value.trim().is_empty());
        told.is_some_and(|(key, _)| Key::of(key.trim()) == Key::Status)
    };
    let mut found = own.filter(|(_, hidden, text)| !hidden && status(text));
    found.next().map(|(at, ..)| phase.place.line + at)
}
