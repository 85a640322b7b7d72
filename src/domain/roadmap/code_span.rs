//! Code in a line: what stands between back-ticks is quoted, not said.

use std::collections::HashMap;
use std::ops::Range;

/// Where one of `marks` stands in a text outside of code, and the mark.
pub(super) fn outside<'t>(text: &'t str, marks: &[char]) -> impl Iterator<Item = (usize, &'t str)> {
    let mut codes = spans(text).into_iter().peekable();
    text.match_indices(marks).filter(move |(at, _)| {
        while codes.next_if(|code| code.end <= *at).is_some() {}
        codes.peek().is_none_or(|code| *at < code.start)
    })
}

/// The code of a text, back-ticks included: what a run of them opens, the next run of the same length closes.
fn spans(text: &str) -> Vec<Range<usize>> {
    let runs = runs(text);
    let last: HashMap<usize, usize> = (0..).zip(&runs).map(|(at, run)| (run.len(), at)).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = runs.get(at) {
        // A run that nothing closes is text.
        if last.get(&open.len()).is_some_and(|last| *last > at) {
            let close = runs[at + 1..].iter().position(|run| run.len() == open.len());
            at += close.map_or(0, |close| close + 1);
            found.push(open.start..runs[at].end);
        }
        at += 1;
    }
    found
}

fn runs(text: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices('`') {
        match runs.last_mut().filter(|run| run.end == at) {
            Some(run) => run.end = at + 1,
            None => runs.push(at..at + 1),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pipes(text: &str) -> Vec<usize> {
        outside(text, &['|']).map(|(at, _)| at).collect()
    }

    #[test]
    fn marks_in_code_are_passed_over() {
        assert_eq!(pipes("a | b"), [2]);
        assert_eq!(pipes("`a|b` | `c|d`"), [6]);
        assert_eq!(pipes("``a`|b`` | c"), [9]);
        assert_eq!(pipes("`a | b"), [3], "nothing closes it");
        assert_eq!(pipes("``a | `b` | c"), [4, 10]);
        assert_eq!(pipes("`a``|`"), [0; 0]);
        assert_eq!(pipes(""), [0; 0]);
    }
}
