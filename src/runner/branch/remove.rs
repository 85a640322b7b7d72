//! Removing worktrees and branches. What is not in the target branch is never lost.

use super::prepare::forget_registration;
use super::{BranchError, Repository, inner, merge, name, reference, save};
use crate::domain::branch::{BranchOrder, MergeTree};
use crate::runner::git::Git;
use crate::runner::world::World;

/// Removes worktree and branch, if the target branch holds all of it. Uncommitted changes are kept under a reference,
/// whose name is given.
pub(super) async fn remove(
    world: &World,
    order: &BranchOrder,
    tree: MergeTree,
) -> Result<Option<String>, BranchError> {
    let repository = Repository::open(&world.target.path, &world.state).await?;
    let _turn = repository.turn().await?;
    let worktree = &order.worktree;
    let tip = repository.tip(&worktree.branch).await?;
    if let Some(tip) = &tip {
        let onto = reference(&worktree.onto);
        if !repository.git.holds(&onto, tip).await? {
            let (branch, onto) = (worktree.branch.clone(), worktree.onto.clone());
            return Err(BranchError::NotMerged { branch, onto });
        }
    }
    let saved = clear(world, &repository, (order, tip)).await?;
    if tree == MergeTree::Drop {
        merge::forget(&repository, &merge::folder(world)).await?;
    }
    Ok(saved)
}

/// Keeps commits and uncommitted changes under references of ours, then removes worktree and branch.
pub(super) async fn discard(
    world: &World,
    order: &BranchOrder,
) -> Result<Option<String>, BranchError> {
    let repository = Repository::open(&world.target.path, &world.state).await?;
    let _turn = repository.turn().await?;
    let worktree = &order.worktree;
    let tip = repository.tip(&worktree.branch).await?;
    let mut kept = None;
    if let Some(tip) = &tip
        && !is_in(&repository, tip, &worktree.onto).await?
    {
        kept = Some(keep(&repository, &worktree.branch, tip).await?);
    }
    let saved = clear(world, &repository, (order, tip)).await?;
    Ok(kept.or(saved))
}

/// Whether a branch holds a commit; one that is gone holds nothing.
async fn is_in(repository: &Repository, commit: &str, branch: &str) -> Result<bool, BranchError> {
    match repository.tip(branch).await? {
        Some(tip) => Ok(repository.git.holds(&tip, commit).await?),
        None => Ok(false),
    }
}

/// Keeps a commit under a name nothing else is kept under.
async fn keep(repository: &Repository, branch: &str, commit: &str) -> Result<String, BranchError> {
    let name = save::free(&repository.git, &name::kept(branch)).await?;
    repository.git.change(&["update-ref", &name, commit]).await?;
    Ok(name)
}

async fn clear(
    world: &World,
    repository: &Repository,
    (order, tip): (&BranchOrder, Option<String>),
) -> Result<Option<String>, BranchError> {
    let (worktree, git) = (&order.worktree, &repository.git);
    let mut saved = None;
    if worktree.root.is_dir() {
        let roadmap = repository.in_repository(&world.target.roadmap);
        // Commits that are on no branch would go with it.
        if let Some(head) = Git::new(&worktree.root).head().await?
            && tip.as_ref() != Some(&head)
            && !is_in(repository, &head, &worktree.onto).await?
        {
            keep(repository, &worktree.branch, &head).await?;
        }
        let inner = inner::keep(git, worktree).await?;
        saved = save::save(worktree, roadmap.as_deref()).await?.or(inner.into_iter().next());
        let root = worktree.root.to_string_lossy().into_owned();
        if git.change(&["worktree", "remove", "--force", "--force", &root]).await.is_err() {
            // Git does not remove worktrees with submodules.
            std::fs::remove_dir_all(&worktree.root)
                .map_err(|source| BranchError::File { path: worktree.root.clone(), source })?;
        }
    }
    forget_registration(repository, &worktree.root).await;
    if let Some(tip) = tip {
        // Only as it was looked at: a commit made meanwhile keeps it.
        git.change(&["update-ref", "-d", &reference(&worktree.branch), &tip]).await?;
    }
    Ok(saved)
}
