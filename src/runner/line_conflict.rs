//! Two versions of the same lines made one, so that nothing is lost that either side put there.

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
/// Of a line that both changed theirs stays; what one of them changed or added stays in any case.
pub fn settle<'a>(old: &[&'a [u8]], ours: &[&'a [u8]], theirs: &[&'a [u8]]) -> Vec<&'a [u8]> {
    let (mine, other) = (Side::of(old, ours), Side::of(old, theirs));
    let is_new = |line: &&&[u8]| !theirs.contains(line) && !old.contains(line);
    let mut out = Vec::new();
    for at in 0..=old.len() {
        out.extend_from_slice(&other.above[at]);
        out.extend(mine.above[at].iter().filter(is_new));
        let Some(was) = old.get(at) else { break };
        out.extend(match (mine.versions[at], other.versions[at]) {
            (mine, Some(other)) if other == *was => mine,
            (Some(mine), None) => Some(mine).filter(|mine| is_new(&mine)),
            (_, other) => other,
        });
    }
    out
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
