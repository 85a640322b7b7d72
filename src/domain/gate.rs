//! Quality gates: what must be shown true before a phase counts as complete.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::printable::Printable;
use crate::domain::workspace::Isolation;

/// A check that runs after the agent ended well: in its workspace, and again on the merge of its work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// Its name.
    pub name: String,
    /// What it looks at.
    pub check: Check,
    /// How long it may take.
    pub timeout: Duration,
    /// A failed gate that is not required is reported and does not stop the phase.
    pub required: bool,
    /// On which trees it runs.
    pub when: When,
}

/// What a gate looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// A program with its arguments: its exit status decides.
    Command(Vec<String>),
    /// Nothing is left uncommitted, the roadmap aside.
    Clean,
    /// The branch holds at least one commit of its own.
    Commits,
    /// The roadmap is as it was, but for the section of the phase.
    Roadmap,
    /// The devlog has grown.
    Devlog,
    /// The test suite the repository is recognised to have.
    Tests,
}

impl Check {
    /// The built-in check of this name.
    pub fn built_in(name: &str) -> Option<Self> {
        Some(match name {
            "clean" => Self::Clean,
            "commits" => Self::Commits,
            "roadmap" => Self::Roadmap,
            "devlog" => Self::Devlog,
            "tests" => Self::Tests,
            _ => return None,
        })
    }
}

/// Names of the built-in checks.
pub const BUILT_IN: [&str; 5] = ["clean", "commits", "roadmap", "devlog", "tests"];

/// On which trees a gate runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// On the agent's work and on the merge.
    Always,
    /// On the agent's work.
    Work,
    /// On the merge.
    Merge,
}

/// The tree a gate runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tree {
    /// The agent's workspace.
    #[default]
    Work,
    /// Its merge with the target branch.
    Merged,
}

impl Gate {
    /// Whether it runs on a tree. Where nothing is merged, every gate runs on the work.
    pub fn runs_on(&self, tree: Tree, isolation: Isolation) -> bool {
        match (self.when, tree, isolation) {
            (_, Tree::Work, Isolation::Shared)
            | (When::Always, _, _)
            | (When::Work, Tree::Work, _)
            | (When::Merge, Tree::Merged, _) => true,
            (When::Merge, Tree::Work, _) | (When::Work, Tree::Merged, _) => false,
        }
    }
}

/// How a gate run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateResult {
    /// Exit status 0.
    Passed,
    /// Any other exit status; `None` when a signal ended it.
    Failed(Option<i32>),
    /// The time was up; the whole process tree was ended.
    TimedOut,
    /// It could not be started.
    Unavailable(Printable),
}

/// Proof of one gate run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The gate's name.
    pub gate: String,
    /// Whether it was required.
    pub required: bool,
    /// How it ended.
    pub result: GateResult,
    /// How long it took.
    pub took: Duration,
    /// Commit checked out when it ran.
    pub commit: Option<String>,
    /// The tree it ran on.
    #[serde(default)]
    pub tree: Tree,
    /// The end of its output.
    pub tail: Vec<Printable>,
}

impl Receipt {
    /// The gate passed.
    pub fn passed(&self) -> bool {
        match self.result {
            GateResult::Passed => true,
            GateResult::Failed(_) | GateResult::TimedOut | GateResult::Unavailable(_) => false,
        }
    }

    /// One line: which gate, how it ended, at which commit.
    pub fn line(&self) -> String {
        let how = match &self.result {
            GateResult::Passed => "passed".to_owned(),
            GateResult::Failed(Some(code)) => format!("failed with exit code {code}"),
            GateResult::Failed(None) => "was ended by a signal".to_owned(),
            GateResult::TimedOut => "ran out of time".to_owned(),
            GateResult::Unavailable(why) => format!("could not run: {why}"),
        };
        format!("gate {} {how}{}", self.gate, self.place())
    }

    /// ` on the merge at 08b62c0`: where it ran, as far as that is known.
    pub fn place(&self) -> String {
        let commit = self.commit.as_deref().and_then(|id| id.get(..7));
        let commit = commit.map(|id| format!(" at {id}")).unwrap_or_default();
        let merged = match self.tree {
            Tree::Work => "",
            Tree::Merged => " on the merge",
        };
        format!("{merged}{commit}")
    }
}

/// What the gates say of a phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every required gate passed.
    Passed,
    /// Names of the required gates that did not.
    Failed(Vec<String>),
}

/// Judges receipts: all required gates must have passed.
pub fn judge(receipts: &[Receipt]) -> Verdict {
    let failed: Vec<String> =
        receipts.iter().filter(|r| r.required && !r.passed()).map(|r| r.gate.clone()).collect();
    if failed.is_empty() { Verdict::Passed } else { Verdict::Failed(failed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(gate: &str, required: bool, result: GateResult) -> Receipt {
        Receipt {
            gate: gate.into(),
            required,
            result,
            took: Duration::ZERO,
            commit: None,
            tree: Tree::Work,
            tail: vec![],
        }
    }

    #[test]
    fn only_required_gates_decide() {
        let lint = receipt("lint", false, GateResult::Failed(Some(1)));
        let tests = receipt("tests", true, GateResult::Passed);
        assert_eq!(judge(&[lint.clone(), tests]), Verdict::Passed);
        let slow = receipt("tests", true, GateResult::TimedOut);
        assert_eq!(judge(&[lint, slow]), Verdict::Failed(vec!["tests".into()]));
    }
}
