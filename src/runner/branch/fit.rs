//! Whether a branch is fit to be begun from or merged: it holds what it is to be built on, and what was proven, and brings
//! nothing back that somebody took out.

use std::path::PathBuf;

use super::{BranchError, Repository};
use crate::domain::workspace::Worktree;

/// Letters of a commit that tell it apart.
const SHORT: usize = 10;

/// Why it is not.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// What was proven is not on the branch.
    #[error("branch {branch} does not hold {commit}, on which its gates passed: bring it back with `git -C {} merge {commit}`, or press r", root.display())]
    Behind {
        /// The branch.
        branch: String,
        /// The proven commit.
        commit: String,
        /// Where it is checked out.
        root: PathBuf,
    },
    /// What it began from was amended or rebased away where it is to go.
    #[error("branch {branch} begins at {base}, which {onto} no longer holds, so merging it would bring that back: take its own commits alone with `git -C {} rebase --onto {onto} {base}`", root.display())]
    GivenUp {
        /// The branch.
        branch: String,
        /// Where it began.
        base: String,
        /// Where it is to go.
        onto: String,
        /// Where it is checked out.
        root: PathBuf,
    },
    /// The branch that is checked out lacks what the phase depends on.
    #[error(
        "the branch that is checked out ({onto}) does not hold {commit}, which merged a phase this one depends on, and {holder} does: switch to {holder}, or merge it, then press r"
    )]
    Without {
        /// The branch that is checked out.
        onto: String,
        /// The merge that is missing.
        commit: String,
        /// A branch that has it.
        holder: String,
    },
}

fn short(commit: &str) -> String {
    commit.get(..SHORT).unwrap_or(commit).to_owned()
}

/// The commit to merge into `tip`: the branch's, which must hold what was proven unless it was written anew since. Nothing
/// where all of it is there already, as when somebody merged it by hand.
///
/// # Errors
/// When merging it would complete a phase without its work, or undo what somebody did.
pub(super) async fn to_merge(
    repository: &Repository,
    worktree: &Worktree,
    (proven, tip): (Option<&str>, &str),
) -> Result<Option<String>, BranchError> {
    let git = &repository.git;
    let (branch, root) = (worktree.branch.clone(), worktree.root.clone());
    let proven = proven.filter(|commit| *commit != worktree.base);
    let landed = match proven {
        Some(commit) => git.commit(commit).await?.is_some() && git.holds(tip, commit).await?,
        None => false,
    };
    let Some(work) = repository.tip(&branch).await? else {
        return if landed { Ok(None) } else { Err(gone(repository, &branch)) };
    };
    if git.holds(tip, &work).await? {
        return match proven.filter(|_| !landed) {
            Some(commit) => Err(Unfit::Behind { branch, commit: short(commit), root }.into()),
            None => Ok(None),
        };
    }
    // Further commits are proven by the gates on the merge; only part of what was proven is not enough.
    if let Some(commit) = proven.filter(|_| !landed)
        && !git.holds(&work, commit).await?
        && git.holds(commit, &work).await?
    {
        return Err(Unfit::Behind { branch, commit: short(commit), root }.into());
    }
    let base = &worktree.base;
    let began = !base.is_empty() && git.commit(base).await?.is_some();
    if began && !git.holds(tip, base).await? && git.holds(&work, base).await? {
        let (base, onto) = (short(base), worktree.onto.clone());
        return Err(Unfit::GivenUp { branch, base, onto, root }.into());
    }
    Ok(Some(work))
}

fn gone(repository: &Repository, branch: &str) -> BranchError {
    let said = format!("branch {branch} is gone").as_str().into();
    crate::runner::git::GitError::Failed { path: repository.path.clone(), said }.into()
}

/// That what is begun from holds the merges it is to be built on. One that no branch holds was written anew by somebody.
///
/// # Errors
/// When another branch holds one and this one does not.
pub(super) async fn is_built_on(
    repository: &Repository,
    (onto, tip): (&str, &str),
    needs: &[String],
) -> Result<(), BranchError> {
    let git = &repository.git;
    for commit in needs {
        if git.commit(commit).await?.is_none() || git.holds(tip, commit).await? {
            continue;
        }
        let format = "--format=%(refname:short)";
        let holders = ["for-each-ref", format, "--contains", commit, "refs/heads/"];
        let holders = git.answer(&holders).await?;
        let ours = |name: &&str| !name.starts_with("orch/");
        if let Some(holder) = holders.lines().find(ours) {
            let (onto, holder) = (onto.to_owned(), holder.to_owned());
            return Err(Unfit::Without { onto, commit: short(commit), holder }.into());
        }
    }
    Ok(())
}
