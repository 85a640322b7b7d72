//! What shows that a phase is complete, in few lines.

use std::fmt::Write as _;
use std::time::Duration;

use super::text::literal;
use crate::domain::gate::{Receipt, Tree};
use crate::domain::timeline::span;

/// Shorter gates go without their time.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// The gates of a life: those that passed on the same commit in one line, what did not pass in one of its own.
pub(super) fn proof(out: &mut String, receipts: &[Receipt]) {
    for group in receipts.chunk_by(|a, b| a.passed() && b.passed() && place(a) == place(b)) {
        let lines: Vec<String> = match group {
            [first, ..] if first.passed() => vec![passed(group, first)],
            others => others.iter().map(other).collect(),
        };
        for line in lines {
            let _ = writeln!(out, "  - {line}");
        }
    }
}

fn place(receipt: &Receipt) -> (Tree, Option<&str>) {
    (receipt.tree, receipt.commit.as_deref())
}

/// `gates clean, tests (1m) passed on the merge at 08b62c0`
fn passed(group: &[Receipt], first: &Receipt) -> String {
    let names: Vec<String> = group.iter().map(named).collect();
    let gates = if names.len() == 1 { "gate" } else { "gates" };
    format!("{gates} {} passed{}", names.join(", "), literal(&first.place()))
}

/// `tests (1m, not required)`
fn named(receipt: &Receipt) -> String {
    let took = (receipt.took >= WORTH_TELLING).then(|| span(receipt.took));
    let optional = (!receipt.required).then(|| "not required".to_owned());
    let notes: Vec<String> = took.into_iter().chain(optional).collect();
    let name = literal(&receipt.gate);
    if notes.is_empty() { name } else { format!("{name} ({})", notes.join(", ")) }
}

fn other(receipt: &Receipt) -> String {
    let required = if receipt.required { "" } else { ", not required" };
    format!("{}, {}{required}", literal(&receipt.line()), span(receipt.took))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::gate::GateResult;

    fn receipt(gate: &str, tree: Tree, result: GateResult, seconds: u64) -> Receipt {
        let commit = match tree {
            Tree::Work => "8a42b42ffff",
            Tree::Merged => "08b62c0ffff",
        };
        Receipt {
            gate: gate.to_owned(),
            required: gate != "lint",
            result,
            took: Duration::from_secs(seconds),
            commit: Some(commit.to_owned()),
            tree,
            tail: Vec::new(),
        }
    }

    #[test]
    fn what_passed_on_one_commit_is_one_line() {
        use GateResult::{Failed, Passed};
        let receipts = [
            receipt("clean", Tree::Work, Passed, 0),
            receipt("tests", Tree::Work, Passed, 90),
            receipt("lint", Tree::Work, Failed(Some(1)), 2),
            receipt("syntax", Tree::Work, Passed, 0),
            receipt("tests", Tree::Merged, Passed, 0),
            receipt("lint", Tree::Merged, Passed, 3),
        ];
        let mut out = String::new();
        proof(&mut out, &receipts);
        let expected = "  - gates clean, tests (1m) passed at 8a42b42
  - gate lint failed with exit code 1 at 8a42b42, 2s, not required
  - gate syntax passed at 8a42b42
  - gates tests, lint (3s, not required) passed on the merge at 08b62c0
";
        assert_eq!(out, expected);
    }
}
