//! Lines that hold several fields, behind `|` or in bold: `**Tier:** T3. **Blocked by:** WP-1. **Blocks:** WP-3`.

use super::code_span;
use super::field::{self, Key, Shape};
use super::note;
use super::spoken::trimmed;

/// Longest value of a field orch-tui does not know that another one follows in bold: a longer one is prose.
const LONGEST_BEFORE: usize = 40;

/// Keys that tell what waits for the phase.
const AROUND: [&str; 4] = ["blocks", "unblocks", "enables", "dependents"];

/// The fields of a line: `**Status:** Blocked | **Effort:** S` is two.
pub(super) fn parted(line: &str, first: Shape) -> Vec<Shape> {
    let mut shapes = vec![first];
    let Some(last) = shapes.first().map(|first| first.value.clone()) else { return shapes };
    if memchr::memchr2(b'|', b'*', line[last.clone()].as_bytes()).is_none() {
        return shapes;
    }
    let marks = code_span::outside(&line[last.clone()], &['|', '*']);
    let mut breaks = marks.map(|(at, _)| last.start + at).filter(|at| parts(line, *at)).peekable();
    while let Some(at) = breaks.next() {
        let end = breaks.peek().copied().unwrap_or(last.end);
        let piped_here = line[at..].starts_with('|');
        let from = if piped_here { at + 1 } else { at };
        let next = match piped_here {
            true => piped(&line[from..end]),
            false => shapes.last().and_then(|before| bold(line, before, from..end)),
        };
        let Some(next) = next else { continue };
        if let Some(before) = shapes.last_mut() {
            let start = before.value.start.min(at);
            let kept = line[start..at].trim_end();
            let kept = if piped_here { kept } else { without_stop(kept) };
            before.value = start..start + kept.len();
        }
        let (indent, bullet) = (shapes[0].indent, shapes[0].bullet);
        let key = next.key.start + from..next.key.end + from;
        // Up to the end of the line, if no other field follows.
        let value = (next.value.start + from).min(last.end)..last.end;
        shapes.push(Shape { indent, bullet, key, value });
    }
    shapes
}

/// Whether another field may begin at a mark: any `|`, or bold with a colon at its end behind a blank.
fn parts(line: &str, at: usize) -> bool {
    if line[at..].starts_with('|') {
        return true;
    }
    let Some(inner) = line[at..].strip_prefix("**") else { return false };
    let before = line[..at].trim_end_matches(char::is_whitespace);
    let apart = before.len() < at && !before.ends_with('|') || before.ends_with(['·', ';', '•']);
    apart && inner.starts_with(|c: char| c.is_alphabetic()) && key(inner).is_some()
}

/// The key in bold a text begins with, where its colon stands inside.
fn key(inner: &str) -> Option<&str> {
    let near =
        inner.as_bytes().iter().take(field::LONGEST_KEY + 3).position(|byte| *byte == b'*')?;
    let key = inner[..near].strip_suffix(':')?;
    inner[near..].starts_with("**").then(|| key.trim_end())
}

/// The field in bold inside the value of another one, where it is no part of what that one says.
fn bold(line: &str, before: &Shape, place: std::ops::Range<usize>) -> Option<Shape> {
    let text = &line[place.clone()];
    let shape = field::shape(text).filter(|shape| !shape.bullet)?;
    let (written, value) = (&text[shape.key.clone()], &text[shape.value.clone()]);
    let value_before = line.get(before.value.start..place.start).unwrap_or_default().trim_end();
    if value_before.is_empty() {
        return None;
    }
    let around = AROUND.iter().any(|around| written.eq_ignore_ascii_case(around));
    let known = around || Key::of(written) != Key::Unknown;
    let ended = value_before.ends_with(['.', ';', '·', '•']);
    let fits = match Key::of(&line[before.key.clone()]) {
        Key::Unknown => ended && value_before.len() <= LONGEST_BEFORE,
        // What names further phases may be one of several lists of them.
        kind if kind.names_phases() => known || ended && !names(value),
        _ => known || ended,
    };
    fits.then_some(shape)
}

/// Whether a text names phases.
fn names(value: &str) -> bool {
    note::named_phase(value).is_some() || value.contains(|c: char| c.is_ascii_digit())
}

/// A value without what ends it before the next field.
fn without_stop(value: &str) -> &str {
    let value =
        value.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '·' | ';' | '•' | ','));
    value.strip_suffix('.').unwrap_or(value)
}

/// The field behind a `|`: any key in bold, or a known one.
fn piped(text: &str) -> Option<Shape> {
    field::shape(text).filter(|shape| !shape.bullet).or_else(|| {
        let colon = text.find(':').filter(|colon| *colon <= field::LONGEST_KEY)?;
        let known = text[..colon].trim().chars().all(|c| c.is_alphanumeric() || c == ' ');
        let key = trimmed(text, 0..colon);
        (known && Key::of(&text[key.clone()]) != Key::Unknown).then(|| Shape {
            indent: 0,
            bullet: false,
            key,
            value: trimmed(text, colon + 1..text.len()),
        })
    })
}
