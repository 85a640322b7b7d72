//! Merging two changes of one text, line by line, so that neither is lost.

use std::collections::HashSet;
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::runner::line_conflict::settle;
use similar::{Algorithm, DiffTag, capture_diff_slices_deadline};

/// Time for one comparison of much: texts that share next to nothing would take its square. What is found by then is a
/// change all the same, only a larger one.
const LONGEST: Duration = Duration::from_millis(50);
/// Pairs of lines, at most, that are compared however long it takes: what is found between them must not hang on how
/// busy the machine is.
const FEW: usize = 4_000_000;

/// Lines of `base` and what a change put in their place.
struct Hunk<'a> {
    old: Range<usize>,
    new: Vec<&'a [u8]>,
}

/// `current` with the change from `base` to `edited` made in it as well.
///
/// Where both replaced the same line, `current` wins, being the later one; lines that either added are kept in any case.
pub fn merge(base: &[u8], edited: &[u8], current: &[u8]) -> Vec<u8> {
    if edited == base || edited == current {
        return current.to_vec();
    }
    if current == base {
        return edited.to_vec();
    }
    let base = lines(base);
    let (edited, current) = (lines(edited), lines(current));
    let mut ours = hunks(&base, &edited).into_iter().peekable();
    let mut theirs = hunks(&base, &current).into_iter().peekable();
    let mut out = Vec::new();
    let mut at = 0;
    loop {
        let first = match (ours.peek(), theirs.peek()) {
            (None, None) => break,
            (Some(a), Some(b)) if goes_first(&b.old, &a.old) => b.old.clone(),
            (Some(a), _) => a.old.clone(),
            (None, Some(b)) => b.old.clone(),
        };
        let mut range = first;
        let (mut mine, mut other) = (Vec::new(), Vec::new());
        loop {
            if let Some(hunk) = ours.next_if(|hunk| touches(&hunk.old, &range)) {
                range = union(&range, &hunk.old);
                mine.push(hunk);
            } else if let Some(hunk) = theirs.next_if(|hunk| touches(&hunk.old, &range)) {
                range = union(&range, &hunk.old);
                other.push(hunk);
            } else {
                break;
            }
        }
        out.extend_from_slice(&base[at..range.start]);
        out.extend(settled(&base, &range, [&mine, &other]));
        at = range.end;
    }
    out.extend_from_slice(&base[at..]);
    out.join(&b'\n')
}

/// Whether `later` was made from `earlier`, both being made from `base`: whether it has more than two thirds of the lines
/// `earlier` put somewhere, of those that stand nowhere in `base` nor in `beside`, which the author of `later` may have
/// read instead. Lines that others have too (`- **Status:** …`) prove nothing. Where `earlier` added lines, what it
/// replaced proves nothing either: two may well tick one box, but hardly add one line.
///
/// Without this a line changed and changed back would look like one that was never changed.
pub fn shows([base, beside]: [&[u8]; 2], earlier: &[u8], later: &[u8]) -> bool {
    let [base, earlier, later, beside] = [base, earlier, later, beside].map(lines);
    let known: HashSet<&[u8]> = base.iter().chain(&beside).map(|line| line.trim_ascii()).collect();
    let is_own = |line: &&&[u8]| !line.is_empty() && !known.contains(line.trim_ascii());
    let later = hunks(&base, &later);
    // How many of its own lines are there, and how many there are.
    let kept = |hunk: &Hunk| {
        let near = || later.iter().filter(|other| meets(&other.old, &hunk.old));
        let own: Vec<_> = hunk.new.iter().filter(is_own).collect();
        let kept = own.iter().filter(|line| near().any(|other| other.new.contains(line))).count();
        (kept, own.len())
    };
    let most = |(kept, own): (usize, usize)| 3 * kept > 2 * own;
    let hunks = hunks(&base, &earlier);
    let (added, replaced): (Vec<_>, Vec<_>) =
        hunks.iter().partition(|hunk| hunk.new.len() > hunk.old.len());
    let added: Vec<_> = added.into_iter().map(kept).filter(|(_, own)| *own > 0).collect();
    if added.is_empty() {
        let replaced = replaced.into_iter().map(kept);
        return most(replaced.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1)));
    }
    added.into_iter().any(most)
}

/// Which of these texts `text` was made from: the first of those it differs from least. One that has lines of its own is
/// ruled out when `text` has none of them.
pub fn origin<'t>(texts: &[&'t [u8]], text: &[u8]) -> &'t [u8] {
    let made = lines(text);
    let has: HashSet<&[u8]> = made.iter().map(|line| line.trim_ascii()).collect();
    let is_possible = |at: &usize| {
        let others = texts.iter().enumerate().filter(|(other, _)| other != at);
        let known: HashSet<&[u8]> =
            others.flat_map(|(_, text)| lines(text)).map(<[u8]>::trim_ascii).collect();
        let mut own = lines(texts[*at])
            .into_iter()
            .map(<[u8]>::trim_ascii)
            .filter(|line| !known.contains(line))
            .peekable();
        own.peek().is_none() || own.any(|line| has.contains(line))
    };
    let changed = |at: &usize| {
        let hunks = hunks(&lines(texts[*at]), &made);
        hunks.iter().map(|hunk| hunk.old.len().max(hunk.new.len())).sum::<usize>()
    };
    let possible = (0..texts.len()).filter(is_possible).min_by_key(changed);
    possible.or_else(|| (0..texts.len()).min_by_key(changed)).map_or(&[], |at| texts[at])
}

/// The lines for `range` of the base where one or both sides changed it.
fn settled<'a>(base: &[&'a [u8]], range: &Range<usize>, sides: [&[Hunk<'a>]; 2]) -> Vec<&'a [u8]> {
    let [mine, other] = sides;
    let (ours, theirs) = (applied(base, range, mine), applied(base, range, other));
    if mine.is_empty() || ours == theirs {
        return theirs;
    }
    if other.is_empty() {
        return ours;
    }
    settle(&base[range.clone()], &ours, &theirs)
}

/// `range` of the base with hunks made.
fn applied<'a>(base: &[&'a [u8]], range: &Range<usize>, hunks: &[Hunk<'a>]) -> Vec<&'a [u8]> {
    let mut out = Vec::new();
    let mut at = range.start;
    for hunk in hunks {
        out.extend_from_slice(&base[at..hunk.old.start]);
        out.extend_from_slice(&hunk.new);
        at = hunk.old.end;
    }
    out.extend_from_slice(&base[at..range.end]);
    out
}

fn goes_first(a: &Range<usize>, b: &Range<usize>) -> bool {
    (a.start, a.end) < (b.start, b.end)
}

/// The ranges share a line, are the same place, or one inserts inside the other.
fn touches(a: &Range<usize>, b: &Range<usize>) -> bool {
    a == b || (a.start < b.end && b.start < a.end)
}

/// The ranges share a line or are neighbours.
fn meets(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start <= b.end && b.start <= a.end
}

fn union(a: &Range<usize>, b: &Range<usize>) -> Range<usize> {
    a.start.min(b.start)..a.end.max(b.end)
}

/// The parts between line ends, so that a last line is the same with and without an end.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split(|byte| *byte == b'\n').collect()
}

/// The changes from `old` to `new`. Equal lines around them are cut first: files are long and changes short.
fn hunks<'a>(old: &[&'a [u8]], new: &[&'a [u8]]) -> Vec<Hunk<'a>> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (rest_old, rest_new) = (&old[head..], &new[head..]);
    let tail = rest_old.iter().rev().zip(rest_new.iter().rev()).take_while(|(a, b)| a == b).count();
    let rest_old = &rest_old[..rest_old.len() - tail];
    let rest_new = &rest_new[..rest_new.len() - tail];
    let mut hunks = Vec::new();
    let (mut from, mut to) = (0, 0);
    // What lies between two equal parts is one change; the order of its parts is no concern here.
    let is_much = rest_old.len().saturating_mul(rest_new.len()) > FEW;
    let deadline = is_much.then(|| Instant::now() + LONGEST);
    let ops = capture_diff_slices_deadline(Algorithm::Myers, rest_old, rest_new, deadline);
    let equal = ops.iter().filter(|op| op.tag() == DiffTag::Equal);
    let parts = equal.map(|op| (op.old_range(), op.new_range()));
    let end = (rest_old.len()..rest_old.len(), rest_new.len()..rest_new.len());
    for (same_old, same_new) in parts.chain([end]) {
        if from < same_old.start || to < same_new.start {
            let new = rest_new[to..same_new.start].to_vec();
            hunks.push(Hunk { old: from + head..same_old.start + head, new });
        }
        (from, to) = (same_old.end, same_new.end);
    }
    hunks
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn merged(base: &str, edited: &str, current: &str) -> String {
        String::from_utf8(merge(base.as_bytes(), edited.as_bytes(), current.as_bytes())).unwrap()
    }

    #[test]
    fn changes_in_different_lines_are_both_made() {
        assert_eq!(merged("a\nb\nc\nd\n", "a\nB\nc\nd\n", "a\nb\nc\nD\n"), "a\nB\nc\nD\n");
        assert_eq!(merged("a\nb\n", "a\nb\nx\n", "y\na\nb\n"), "y\na\nb\nx\n");
        assert_eq!(merged("a\nb\nc\n", "a\nc\n", "a\nb\nc\nd\n"), "a\nc\nd\n");
        assert_eq!(merged("a\nb\n", "A\nb\n", "a\nB\n"), "A\nB\n", "neighbours");
    }

    #[test]
    fn of_one_line_the_current_text_wins_and_additions_are_kept() {
        assert_eq!(merged("a\nb\n", "a\nx\n", "a\ny\n"), "a\ny\n");
        assert_eq!(merged("a\n- b 1\n", "a\n- b 2\nz\n", "a\n- b 3\n"), "a\n- b 3\nz\n");
        assert_eq!(merged("a\n- b 1\n", "a\nz\n- b 2\n", "a\n- b 3\n"), "a\nz\n- b 3\n", "above");
        assert_eq!(
            merged("a\nb\n", "a\nz\nx\n", "a\ny\n"),
            "a\ny\nz\nx\n",
            "which is b's can't be told: none is lost"
        );
        assert_eq!(merged("a\nb\nc\n", "A\nx\nc\n", "a\ny\nC\n"), "A\ny\nC\n", "line by line");
        assert_eq!(merged("a\nb\n", "a\nx\n", "a\nx\nz\n"), "a\nx\nz\n");
        assert_eq!(merged("a\nb\n", "a\nx\n", "a\nx\n"), "a\nx\n");
        assert_eq!(merged("a\n", "a\nx\n", "a\ny\n"), "a\ny\nx\n");
        assert_eq!(merged("a", "a\nx", "a\ny"), "a\ny\nx");
    }

    #[test]
    fn many_changes_of_a_long_text_are_told_apart_however_long_it_takes() {
        let text = |mine: &str, other: &str| {
            let pairs = (0..490).map(|n| format!("a{n}{mine}\nb{n}{mine}\nsame\nc{n}{other}\n"));
            pairs.collect::<String>()
        };
        let [base, edited, current] = [("", ""), ("!", ""), ("", "?")].map(|(a, b)| text(a, b));
        assert!(merged(&base, &edited, &current) == text("!", "?"));
    }

    #[test]
    fn sections_of_both_sides_are_whole() {
        let base = "# Plan\n\n### Phase 1.1: a\n- **Status:** Ready\n";
        let with = |name: &str| {
            format!("{base}\n### Phase {name}\n- **Status:** Ready\n\n- **Effort:** L\n")
        };
        let [ours, theirs] = [with("1.2: ours"), with("1.3: theirs")];
        let both = theirs.clone() + &ours[base.len()..];
        assert_eq!(merged(base, &ours, &theirs), both);
        assert_eq!(merged(base, &ours, &both), both, "it is there already");
        let field = format!("{base}- **Completed:** 2026-01-02\n");
        let all = format!("{field}{}", &theirs[base.len()..]);
        assert_eq!(merged(base, &field, &theirs), all, "a field stays in its section");
        assert_eq!(merged(base, &theirs, &field), all);
    }

    #[test]
    fn lines_below_a_line_of_one_s_own_are_kept() {
        let base = "- Tasks:\n";
        let ours = "- Tasks:\n- one\n  - [ ] tests\n";
        let theirs = "- Tasks:\n- two\n  - [ ] tests\n";
        let both = "- Tasks:\n- two\n  - [ ] tests\n- one\n  - [ ] tests\n";
        assert_eq!(merged(base, ours, theirs), both);
        let fields = "- Tasks:\n- Assigned To: a\n- Completed: b\n";
        assert_eq!(merged(base, fields, "- Tasks:\n- Assigned To: a\n"), fields);
        assert_eq!(merged("a\nb\nc\n", "b\nc\na\n", "a\nb\nC\n"), "b\nC\na\n", "a line moved");
    }

    #[test]
    fn one_sided_changes_are_taken_as_they_are() {
        assert_eq!(merged("a\n", "b\n", "a\n"), "b\n");
        assert_eq!(merged("a\n", "a\n", "b\n"), "b\n");
        assert_eq!(merged("", "b", ""), "b");
    }

    #[test]
    fn a_change_is_taken_back_by_its_opposite() {
        assert_eq!(merged("a\nours\nc\n", "a\nb\nc\n", "a\nours\nc\nd\n"), "a\nb\nc\nd\n");
        assert_eq!(merged("a\nours\nc\n", "a\nb\nc\n", "a\nb\nc\nd\n"), "a\nb\nc\nd\n");
    }

    fn shown(base: &str, beside: &str, earlier: &str, later: &str) -> bool {
        shows([base.as_bytes(), beside.as_bytes()], earlier.as_bytes(), later.as_bytes())
    }

    #[test]
    fn a_text_made_from_another_is_told_by_what_only_that_one_added() {
        let (base, ours) = ("a\nb\nc\nd\nend\n", "a\nb\nC\nd\nend\n");
        let first = "A\nb\nc\nd\nend\n- first\n";
        assert!(shown(base, ours, first, "a\nb\nc\nd\nend\n- first\n- second\n"), "A changed back");
        assert!(!shown(base, ours, first, "A\nb\nC\nd\nend\n"), "A may be another's too");
        assert!(
            shown(base, ours, "A\nb\nC\nd\nend\n", "A\nb\nC\nd\nend\n"),
            "nothing else to tell by"
        );
        assert!(!shown(base, ours, "A\nb\nC\nD\nend\n", "A\nb\nC\nd\nend\n"), "half of it");
        assert!(!shown(base, ours, first, "a\nb\nC\nd\nend\n- second\n"), "made from ours");
        assert!(!shown(base, ours, "a\nb\nC\nd\nend\n- x\n", "a\nb\nC\nd\nend\n"), "C is ours");
        assert!(!shown(base, ours, "a\nb\nc\nd\nend\nA\n", "A\nb\nc\nd\nend\n"), "elsewhere");
        assert!(!shown(base, ours, "a\nb\nd\nend\n", "a\nb\nd\nend\n"), "nothing was added");
        let crlf = |text: &str| text.replace('\n', "\r\n");
        let [base, ours] = [base, ours].map(crlf);
        let [nine, ten] =
            ["nine", "ten"].map(|name| base.clone() + &crlf(&format!("\n{name}\n- a\n- x\n")));
        assert!(!shown(&base, &ours, &nine, &ten), "lines of a template prove nothing");
        let [long, other] =
            ["x", "y"].map(|last| nine.clone() + &crlf(&format!("- z\n- {last}\n")));
        assert!(shown(&base, &ours, &long, &other), "a line of it was changed");
    }

    #[test]
    fn a_text_was_made_from_the_one_it_differs_from_least() {
        let first = b"a\nb\nc\n- first\n";
        let made = |text: &str| origin(&[first, b"a\nB\nc\n", b"a\nb\nc\n"], text.as_bytes());
        assert_eq!(made("A\nb\nc\n- first\n"), first);
        assert_eq!(made("a\nB\nc\n- second\n"), b"a\nB\nc\n");
        assert_eq!(
            made("a\nb\nc\n- second\n"),
            b"a\nb\nc\n",
            "nearer to the first, but has nothing of it"
        );
        assert_eq!(made("a\nb\nc\n"), b"a\nb\nc\n");
    }

    /// `base` with lines put in at these places.
    fn grown(base: &[u8], added: &[(usize, u8)]) -> Vec<u8> {
        let mut lines = lines(base);
        for (place, letter) in added {
            lines.insert(place % lines.len(), std::slice::from_ref(letter));
        }
        lines.join(&b'\n')
    }

    fn additions(letters: std::ops::RangeInclusive<u8>) -> impl Strategy<Value = Vec<(usize, u8)>> {
        proptest::collection::vec((0..20_usize, letters), 0..4)
    }

    /// Six fields, each perhaps with a new value, and lines added above it.
    fn changed(fields: &[(bool, usize)], who: &str) -> String {
        let field = |(at, (change, above)): (usize, &(bool, usize))| {
            let added: String = (0..*above).map(|n| format!("added {who} {at} {n}\n")).collect();
            let value = if *change { who } else { "nobody" };
            format!("{added}- field {at}: the value of {value}\n")
        };
        fields.iter().enumerate().map(field).collect()
    }

    fn changes(who: &'static str) -> impl Strategy<Value = String> {
        proptest::collection::vec((any::<bool>(), 0..3_usize), 6)
            .prop_map(move |fields| changed(&fields, who))
    }

    proptest! {
        #[test]
        fn no_added_line_is_lost(
            base in "([a-f]\n){0,8}",
            mine in additions(b'g'..=b'm'),
            other in additions(b'n'..=b'z'),
        ) {
            let base = base.into_bytes();
            let out = merge(&base, &grown(&base, &mine), &grown(&base, &other));
            for (_, letter) in mine.iter().chain(&other) {
                prop_assert!(lines(&out).contains(&[*letter].as_slice()));
            }
            prop_assert_eq!(lines(&out).len(), lines(&base).len() + mine.len() + other.len());
        }

        #[test]
        fn of_lines_that_both_added_as_many_stay_as_either_added(
            base in "([a-f]\n){0,8}",
            mine in additions(b'g'..=b'k'),
            other in additions(b'g'..=b'k'),
        ) {
            let base = base.into_bytes();
            let out = merge(&base, &grown(&base, &mine), &grown(&base, &other));
            let count = |added: &[(usize, u8)], letter| added.iter().filter(|(_, l)| *l == letter).count();
            for letter in b'g'..=b'k' {
                let found = lines(&out).iter().filter(|line| **line == [letter]).count();
                let (mine, other) = (count(&mine, letter), count(&other, letter));
                prop_assert!(found >= mine.max(other) && found <= mine + other);
            }
        }

        #[test]
        fn no_added_line_is_lost_beside_changed_ones_and_none_stands_twice(
            mine in changes("mine"),
            other in changes("other"),
        ) {
            let base: String = changed(&[const { (false, 0) }; 6], "");
            let out = merged(&base, &mine, &other);
            for side in [&mine, &other] {
                for line in side.lines().filter(|line| line.starts_with("added")) {
                    prop_assert!(out.lines().any(|found| found == line), "{line} of\n{side}in\n{out}");
                }
            }
            for field in 0..6 {
                let key = format!("- field {field}: ");
                let found = out.lines().filter(|line| line.starts_with(&key)).count();
                prop_assert_eq!(found, 1, "{} in\n{}", key, out);
            }
        }

        #[test]
        fn any_texts_merge(base in ".{0,20}", edited in "[a-c\n]{0,20}", current in "[a-c\n]{0,20}") {
            merge(base.as_bytes(), edited.as_bytes(), current.as_bytes());
        }
    }
}
