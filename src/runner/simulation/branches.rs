//! Branches of a simulation: worktrees that are only names, merges that mostly go well.

use std::path::Path;

use crate::domain::branch::{BranchOrder, BranchReport, BranchWork, Merge, Unmerged};
use crate::domain::id::AgentRef;
use crate::domain::workspace::{Isolation, Workspace, Worktree};
use crate::runner::simulation::dice::Dice;
use crate::runner::simulation::script::commit;

/// Merges that conflict, in a thousand.
const CONFLICTS: u64 = 40;

/// Where a life works: in what the life before it left, if it left something.
pub(super) fn workspace(
    directory: &Path,
    (isolation, from): (Isolation, Option<Worktree>),
    (agent, dice): (&AgentRef, &mut Dice),
) -> Workspace {
    match isolation {
        Isolation::Shared => Workspace::Checkout { path: directory.to_path_buf() },
        Isolation::Worktree => Workspace::Worktree(from.unwrap_or_else(|| {
            let root = directory.join("worktrees").join(agent.id.as_str());
            Worktree {
                path: root.clone(),
                root,
                branch: format!("orch/{}", agent.id),
                onto: "main".to_owned(),
                base: commit(dice),
            }
        })),
    }
}

/// What is answered to an order.
pub(super) fn answer(order: BranchOrder, directory: &Path, dice: &mut Dice) -> BranchReport {
    let BranchOrder { agent, phase, worktree, work } = order;
    match work {
        BranchWork::Merge { round, .. } => {
            let outcome = if dice.happens(CONFLICTS) {
                Err(Unmerged::Conflict(vec!["src/shared.rs".into()]))
            } else {
                let (made, tip) = (commit(dice), commit(dice));
                let tree = directory.join("merge");
                Ok(Merge { commit: made, tip, tree, ticked: Vec::new() })
            };
            BranchReport::Merged { agent, round, outcome }
        }
        BranchWork::Land(merge) => {
            BranchReport::Landed { agent, commit: merge.commit, outcome: Ok(()) }
        }
        BranchWork::Diff => {
            let outcome = Err("a simulation changes no files: there is nothing to compare".into());
            BranchReport::Diffed { agent, outcome }
        }
        BranchWork::Remove(_) | BranchWork::Discard => {
            BranchReport::Removed { agent, phase, worktree, outcome: Ok(Vec::new()) }
        }
    }
}
