//! Whether a worktree is on the branch it was made for, and the way back to it.

use std::path::Path;

use super::{BranchError, Repository, reference};
use crate::domain::workspace::Worktree;
use crate::runner::git::{Git, GitError};

/// Makes sure that a worktree is on its branch. One that was renamed or deleted is made again at what is checked out
/// there, if that grew from where the worktree began: no file and no other branch is touched.
pub(super) async fn ensure(
    repository: &Repository,
    worktree: &Worktree,
) -> Result<(), BranchError> {
    let git = Git::new(&worktree.root);
    let (on, there) = (git.branch().await?, repository.tip(&worktree.branch).await?.is_some());
    if there && on.as_ref() == Some(&worktree.branch) {
        return Ok(());
    }
    let (root, branch) = (worktree.root.clone(), worktree.branch.clone());
    if on.is_none() && is_rebasing(&git).await? {
        return Err(BranchError::Rebasing { root, branch });
    }
    let head = git.head().await?;
    let short = head.as_deref().map(|commit| commit.chars().take(10).collect::<String>());
    let name = on.clone().or(short.clone()).unwrap_or_default();
    if there {
        // What has no commit brings nothing.
        let commit = short.unwrap_or_else(|| branch.clone());
        return Err(BranchError::Switched { root, branch, on: name, commit });
    }
    let mend = match (&head, &on) {
        (None, _) => {
            "git reset --soft COMMIT` (`git fsck --no-reflogs` names what is on no branch)"
                .to_owned()
        }
        (Some(_), Some(_)) => format!("git branch -m {branch}`"),
        (Some(_), None) => format!("git switch -c {branch}`"),
    };
    if let Some(head) = head
        && git.holds(&head, &worktree.base).await.unwrap_or_default()
        && again(repository, worktree, &head).await.is_ok()
    {
        return Ok(());
    }
    Err(BranchError::BranchGone { root, branch, on: name, mend })
}

/// Makes the branch at a commit and takes the worktree there, which has that commit checked out.
async fn again(repository: &Repository, worktree: &Worktree, head: &str) -> Result<(), GitError> {
    let branch = reference(&worktree.branch);
    // Nothing: only if it is still gone.
    repository.git.change(&["update-ref", &branch, head, ""]).await?;
    Git::new(&worktree.root).change(&["symbolic-ref", "HEAD", &branch]).await?;
    Ok(())
}

async fn is_rebasing(git: &Git) -> Result<bool, GitError> {
    let folder = git.answer(&["rev-parse", "--path-format=absolute", "--git-dir"]).await?;
    let kinds = ["rebase-merge", "rebase-apply"];
    Ok(kinds.iter().any(|kind| Path::new(&folder).join(kind).is_dir()))
}
