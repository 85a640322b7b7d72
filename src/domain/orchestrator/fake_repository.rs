//! A git repository of plain values for tests: branches with work on them, one tree to merge in, a target branch.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::fake_world::Luck;
use crate::domain::branch::{BranchOrder, BranchReport, BranchWork, Merge, Unlanded, Unmerged};
use crate::domain::diff::{self, Diff, Ending, MergeOutlook};
use crate::domain::gate::Tree;
use crate::domain::id::PhaseId;
use crate::domain::workspace::{Isolation, Workspace, Worktree};

/// See the module's documentation.
#[derive(Clone, Debug)]
pub(crate) struct FakeRepository {
    pub(crate) isolation: Isolation,
    /// Branches there are, by name, with the phase their work is for.
    pub(crate) branches: BTreeMap<String, PhaseId>,
    /// Phases whose work is on the target branch.
    pub(crate) landed: BTreeSet<PhaseId>,
    /// Branches whose work is on it.
    merged: BTreeSet<String>,
    tip: u32,
    /// Commits are never made twice.
    made: u32,
    /// What is checked out in the tree for merges.
    in_tree: Option<String>,
}

impl Default for FakeRepository {
    fn default() -> Self {
        Self {
            isolation: Isolation::Shared,
            branches: BTreeMap::new(),
            landed: BTreeSet::new(),
            merged: BTreeSet::new(),
            tip: 0,
            made: 0,
            in_tree: None,
        }
    }
}

impl FakeRepository {
    pub(crate) fn prepare(&mut self, phase: &PhaseId, from: Option<Worktree>) -> Workspace {
        match (self.isolation, from) {
            (Isolation::Shared, _) => Workspace::Checkout { path: "/here".into() },
            (Isolation::Worktree, Some(left)) if self.branches.contains_key(&left.branch) => {
                Workspace::Worktree(left)
            }
            (Isolation::Worktree, _) => {
                let n = (1..).find(|n| !self.branches.contains_key(&format!("orch/{phase}-{n}")));
                let branch = format!("orch/{phase}-{}", n.unwrap());
                self.branches.insert(branch.clone(), phase.clone());
                Workspace::Worktree(Worktree {
                    root: "/wt".into(),
                    path: "/wt".into(),
                    branch,
                    onto: "main".into(),
                    base: self.tip.to_string(),
                })
            }
        }
    }

    /// The commit gates run on.
    pub(crate) fn tested(&self, tree: Tree) -> Option<String> {
        match tree {
            Tree::Work => None,
            Tree::Merged => self.in_tree.clone(),
        }
    }

    pub(crate) fn answer(&mut self, order: BranchOrder, luck: Luck) -> BranchReport {
        let BranchOrder { agent, phase, worktree, work } = order;
        match work {
            BranchWork::Merge { round, .. } => {
                let outcome = self.merge(&worktree, luck);
                BranchReport::Merged { agent, round, outcome }
            }
            BranchWork::Land(merge) => {
                let commit = merge.commit.clone();
                let outcome = self.land(&phase, (&worktree, &merge), luck);
                BranchReport::Landed { agent, commit, outcome }
            }
            BranchWork::Diff => {
                let outcome = match luck {
                    Luck::Good => Ok(Arc::new(a_diff(&worktree.branch))),
                    Luck::Bad(_) => Err("the disk is full".into()),
                };
                BranchReport::Diffed { agent, outcome }
            }
            BranchWork::Remove(_) => {
                let outcome = match luck {
                    Luck::Bad(0) => Err("the disk is full".into()),
                    _ => {
                        let known = self.branches.remove(&worktree.branch).is_some();
                        assert!(
                            !known || self.merged.contains(&worktree.branch),
                            "unmerged work lost"
                        );
                        Ok(Vec::new())
                    }
                };
                BranchReport::Removed { agent, phase, worktree, outcome }
            }
            BranchWork::Discard => {
                self.branches.remove(&worktree.branch);
                let outcome = Ok(vec!["kept".to_owned()]);
                BranchReport::Removed { agent, phase, worktree, outcome }
            }
        }
    }

    fn merge(&mut self, worktree: &Worktree, luck: Luck) -> Result<Merge, Unmerged> {
        match luck {
            Luck::Bad(0..=2) => return Err(Unmerged::Conflict(vec!["a.rs".into()])),
            Luck::Bad(_) => return Err(Unmerged::Blocked("the disk is full".into())),
            Luck::Good => {}
        }
        assert!(self.branches.contains_key(&worktree.branch), "{} is gone", worktree.branch);
        self.made += 1;
        let commit = format!("merge {}", self.made);
        self.in_tree = Some(commit.clone());
        Ok(Merge { commit, tip: self.tip.to_string(), tree: "/merge".into(), ticked: vec![] })
    }

    fn land(
        &mut self,
        phase: &PhaseId,
        (worktree, merge): (&Worktree, &Merge),
        luck: Luck,
    ) -> Result<(), Unlanded> {
        match luck {
            _ if self.merged.contains(&worktree.branch) => return Ok(()),
            Luck::Bad(0..=3) => {
                self.tip += 1;
                return Err(Unlanded::Moved);
            }
            Luck::Bad(_) => return Err(Unlanded::Blocked("uncommitted changes".into())),
            Luck::Good => {}
        }
        if merge.tip != self.tip.to_string() {
            return Err(Unlanded::Moved);
        }
        self.tip += 1;
        self.landed.insert(phase.clone());
        self.merged.insert(worktree.branch.clone());
        Ok(())
    }
}

/// What every branch changes: two files, one with two hunks, and one that is no text.
pub(crate) fn a_diff(branch: &str) -> Diff {
    let summary = b":100644 100644 a b M\0src/error.rs\0:000000 100644 0 b A\0tests/envelope.rs\0\
        :100644 100644 a b M\0logo.png\x002\t1\tsrc/error.rs\x002\t0\ttests/envelope.rs\0-\t-\tlogo.png\0";
    let patch = b"diff --git a/src/error.rs b/src/error.rs\n\
        @@ -118,3 +118,3 @@ impl From<DbError> for ApiError\n match e {\n\
        -    DbError::Locked => ApiError::internal(e),\n+    DbError::Locked => ApiError::retry_after(e, 1),\n \
        DbError::Schema(_) => ApiError::internal(e),\n@@ -200,2 +200,3 @@ mod tests\n use super::*;\n\
        +use std::fmt;\n fn a() {}\ndiff --git a/tests/envelope.rs b/tests/envelope.rs\n\
        @@ -0,0 +1,2 @@\n+#[test]\n+fn envelope() {}\n\\ No newline at end of file\n\
        diff --git a/logo.png b/logo.png\nBinary files a/logo.png and b/logo.png differ\n";
    let mut files = diff::files(summary);
    diff::fill(&mut files, patch, Ending::Whole);
    Diff {
        branch: branch.into(),
        onto: "main".into(),
        files,
        commits: 1,
        uncommitted: vec![],
        merge: MergeOutlook::Clean,
        cut: None,
    }
}
