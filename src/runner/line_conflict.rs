//! Two versions of the same lines made one, so that nothing is lost that either side put there.

use std::collections::{HashMap, HashSet};

/// Pairs of lines, at most, that are compared to find out which came of which.
const MOST: usize = 250_000;

/// What one side made of some lines.
struct Side<'a> {
    /// What became of each line; none when it was taken out.
    versions: Vec<Option<&'a [u8]>>,
    /// What was added above each line, and below the last.
    above: Vec<Vec<&'a [u8]>>,
}

/// What is to stand in place of `old`, of which one side made `ours` and the other, which is the later, `theirs`.
///
/// Of a line that both changed theirs stays; what one of them changed or added stays in any case. What both added is
/// taken once where it belongs to what stands above it, and twice in sections of their own.
pub fn settle<'a>(old: &[&'a [u8]], ours: &[&'a [u8]], theirs: &[&'a [u8]]) -> Vec<&'a [u8]> {
    let (mine, other) = (Side::of(old, ours), Side::of(old, theirs));
    let mut known = Known::of(old, &mine, &other);
    let mut out = Vec::new();
    for at in 0..=old.len() {
        let (their_lines, their_sections) = split(&other.above[at]);
        let (own_lines, own_sections) = split(&mine.above[at]);
        out.extend_from_slice(their_lines);
        out.extend(known.without(own_lines));
        out.extend_from_slice(their_sections);
        let mut places = their_sections.windows(own_sections.len().max(1));
        if !places.any(|place| place == own_sections) {
            out.extend_from_slice(own_sections);
        }
        let Some(was) = old.get(at) else { break };
        out.extend(match (mine.versions[at], other.versions[at]) {
            (mine, Some(other)) if other == *was => mine,
            (Some(mine), None) => Some(mine).filter(|mine| !known.takes(mine)),
            (_, other) => other,
        });
    }
    out
}

/// The lines that belong to what stands above them, and the sections below: from the blank lines before a heading on.
fn split<'s, 'a>(lines: &'s [&'a [u8]]) -> (&'s [&'a [u8]], &'s [&'a [u8]]) {
    let is_heading = |line: &&[u8]| line.trim_ascii_start().starts_with(b"#");
    let heading = lines.iter().position(is_heading).unwrap_or(lines.len());
    let above = lines[..heading].iter().rposition(|line| !line.trim_ascii().is_empty());
    let cut = if heading == lines.len() { heading } else { above.map_or(0, |at| at + 1) };
    lines.split_at(cut)
}

/// What the other side has of one's own lines.
struct Known<'a> {
    /// How often it put each line somewhere.
    put: HashMap<&'a [u8], usize>,
    /// Lines one has moved that it has in another version.
    changed: HashSet<&'a [u8]>,
}

impl<'a> Known<'a> {
    fn of(old: &[&'a [u8]], mine: &Side<'a>, other: &Side<'a>) -> Self {
        let mut known = Self { put: HashMap::new(), changed: HashSet::new() };
        let lines = old.iter().zip(&mine.versions).zip(&other.versions);
        let changed = lines.filter(|((was, _), other)| other.is_some_and(|other| other != **was));
        for ((was, mine), other) in changed {
            *known.put.entry(other.unwrap_or(was)).or_default() += 1;
            if mine.is_none() {
                known.changed.insert(*was);
            }
        }
        for line in other.above.iter().flatten() {
            *known.put.entry(*line).or_default() += 1;
        }
        known
    }

    /// Whether the other side has this line too; each of its lines stands for one.
    fn takes(&mut self, line: &[u8]) -> bool {
        match self.put.get_mut(line).filter(|count| **count > 0) {
            Some(count) => {
                *count -= 1;
                true
            }
            None => self.changed.contains(line),
        }
    }

    /// Lines less those that the other side has too. What is nested in a line stays with it.
    fn without(&mut self, lines: &[&'a [u8]]) -> Vec<&'a [u8]> {
        let indent = |line: &[u8]| line.len() - line.trim_ascii_start().len();
        let shown = lines.iter().filter(|line| !line.trim_ascii().is_empty());
        let least = shown.map(|line| indent(line)).min().unwrap_or(0);
        let mut is_taken = false;
        let mut keeps = |line: &&&[u8]| {
            let nested = indent(line) > least && !line.trim_ascii().is_empty();
            is_taken = (!nested || is_taken) && self.takes(line);
            !is_taken
        };
        lines.iter().filter(|line| keeps(line)).copied().collect()
    }
}

impl<'a> Side<'a> {
    fn of(old: &[&'a [u8]], new: &[&'a [u8]]) -> Self {
        let mut side =
            Self { versions: vec![None; old.len()], above: vec![Vec::new(); old.len() + 1] };
        let (mut from, mut to) = (0, 0);
        let ends = pairs(old, new).into_iter().chain([(old.len(), new.len())]);
        for (was, is) in ends {
            side.gap(from..was, &new[to..is]);
            if let Some(version) = side.versions.get_mut(was) {
                *version = new.get(is).copied();
            }
            (from, to) = (was + 1, is + 1);
        }
        side
    }

    /// Lines between two pairs: as many as there were are new versions of them, others were added.
    fn gap(&mut self, old: std::ops::Range<usize>, new: &[&'a [u8]]) {
        if old.len() == new.len() {
            let versions = new.iter().copied().map(Some);
            self.versions[old].iter_mut().zip(versions).for_each(|(place, line)| *place = line);
        } else {
            self.above[old.end].extend_from_slice(new);
        }
    }
}

/// Which lines came of which, in order: as many as possible, the same before the similar (a longest common subsequence
/// with weights).
fn pairs(old: &[&[u8]], new: &[&[u8]]) -> Vec<(usize, usize)> {
    if old.len().saturating_mul(new.len()) > MOST {
        return Vec::new();
    }
    let width = new.len() + 1;
    // The best sum for what lies behind each pair of places.
    let mut best = vec![0_usize; (old.len() + 1) * width];
    for was in (0..old.len()).rev() {
        for is in (0..new.len()).rev() {
            let with = weight(old[was], new[is]).map(|own| own + best[(was + 1) * width + is + 1]);
            let without = best[(was + 1) * width + is].max(best[was * width + is + 1]);
            best[was * width + is] = with.unwrap_or(0).max(without);
        }
    }
    let (mut was, mut is) = (0, 0);
    let mut pairs = Vec::new();
    while was < old.len() && is < new.len() {
        let here = best[was * width + is];
        if here == best[(was + 1) * width + is] {
            was += 1;
        } else if here == best[was * width + is + 1] {
            is += 1;
        } else {
            pairs.push((was, is));
            (was, is) = (was + 1, is + 1);
        }
    }
    pairs
}

/// What it is worth to see one line as a version of the other; none when it is not one: less than a third is alike.
fn weight(was: &[u8], is: &[u8]) -> Option<usize> {
    let longest = was.len().max(is.len());
    let alike = likeness(was, is);
    // The same line is worth more than any two that are similar.
    let same = if was == is { 2 * longest + 2 } else { 0 };
    (3 * alike >= longest).then_some(alike + same)
}

/// Bytes at the beginning and the end that both lines have.
fn likeness(line: &[u8], other: &[u8]) -> usize {
    let head = line.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (line, other) = (&line[head..], &other[head..]);
    head + line.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count()
}
