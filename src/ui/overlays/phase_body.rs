//! The section of a phase less what the lines above it say already.

use std::ops::Range;

use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Field, Phase};

/// Values with one of these may say more than the phases they name.
const REMARKS: [&str; 6] = ["(", ":", ";", "—", "–", " - "];

/// Text of a section without the lines of fields that are told above it.
pub(super) fn untold(roadmap: &Roadmap, phase: &Phase, section: Range<usize>) -> String {
    let told = ["Status", "Depends On", "Done When", "Effort"].map(|key| phase.field(key));
    let told = told.into_iter().flatten().filter(|field| is_told(phase, field));
    let mut hidden: Vec<usize> =
        told.flat_map(|field| phase.lines(field)).map(|span| span.start).collect();
    hidden.sort_unstable();
    let bytes = roadmap.bytes().get(section.clone()).unwrap_or_default();
    let (mut at, mut kept) = (section.start, Vec::with_capacity(bytes.len()));
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let end = at + line.len();
        let next = hidden.partition_point(|start| *start < at);
        if hidden.get(next).is_none_or(|start| *start >= end) {
            kept.extend_from_slice(line);
        }
        at = end;
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// Whether the lines above say all that a field says.
fn is_told(phase: &Phase, field: &Field) -> bool {
    let value = phase.value(field);
    let key = field.key.as_str();
    if key.eq_ignore_ascii_case("done when") {
        return true;
    }
    if key.eq_ignore_ascii_case("depends on") {
        return !REMARKS.iter().any(|mark| value.contains(mark));
    }
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    if key.eq_ignore_ascii_case("effort") {
        return phase.effort.is_some() && letters(&value) <= "medium".len();
    }
    let reason = phase.status.reason.as_ref().map_or(0, |reason| letters(reason.as_str()));
    letters(&value) <= letters(phase.status.state.word()) + reason
}
