//! Removing worktrees and branches. What is not in the target branch is never lost.

use super::prepare::forget_registration;
use super::{BranchError, Repository, commands, inner, merge_tree, name, reference, rubbish, save};
use crate::domain::branch::{BranchOrder, MergeTree};
use crate::runner::git::Git;
use crate::runner::world::World;

/// Removes worktree and branch, if the target branch holds all of it. What else the worktree holds is kept under
/// references, whose names are given.
pub(super) async fn remove(
    world: &World,
    order: &BranchOrder,
    tree: MergeTree,
) -> Result<Vec<String>, BranchError> {
    let repository = Repository::open(&world.target.path, &world.state).await?;
    let _turn = repository.turn().await?;
    commands::refuse_new(&repository).await?;
    let worktree = &order.worktree;
    let tip = repository.tip(&worktree.branch).await?;
    if let Some(tip) = &tip {
        let onto = reference(&worktree.onto);
        if !repository.git.holds(&onto, tip).await? {
            let (branch, onto) = (worktree.branch.clone(), worktree.onto.clone());
            return Err(BranchError::NotMerged { branch, onto });
        }
    }
    let kept = clear(world, &repository, (order, tip)).await?;
    if tree == MergeTree::Drop {
        merge_tree::forget(&repository, &merge_tree::folder(world)).await?;
    }
    Ok(kept)
}

/// Keeps commits and uncommitted changes under references of ours, whose names are given, then removes worktree and
/// branch.
pub(super) async fn discard(
    world: &World,
    order: &BranchOrder,
) -> Result<Vec<String>, BranchError> {
    let repository = Repository::open(&world.target.path, &world.state).await?;
    let _turn = repository.turn().await?;
    commands::refuse_new(&repository).await?;
    let worktree = &order.worktree;
    let tip = repository.tip(&worktree.branch).await?;
    let mut kept = Vec::new();
    if let Some(tip) = &tip
        && !is_in(&repository, tip, &worktree.onto).await?
    {
        kept.push(keep(&repository, &worktree.branch, tip).await?);
    }
    kept.extend(clear(world, &repository, (order, tip)).await?);
    Ok(kept)
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

/// Keeps what only the worktree holds, under references whose names are given, then removes it and its branch.
async fn clear(
    world: &World,
    repository: &Repository,
    (order, tip): (&BranchOrder, Option<String>),
) -> Result<Vec<String>, BranchError> {
    let (worktree, git) = (&order.worktree, &repository.git);
    let mut kept = Vec::new();
    if worktree.root.is_dir() {
        let roadmap = repository.in_repository(&world.target.roadmap);
        // Commits that are on no branch would go with it.
        if let Some(head) = Git::new(&worktree.root).head().await?
            && tip.as_ref() != Some(&head)
            && !is_in(repository, &head, &worktree.onto).await?
        {
            kept.push(keep(repository, &worktree.branch, &head).await?);
        }
        let inner = inner::keep(git, worktree).await?;
        kept.extend(save::save(worktree, roadmap.as_deref()).await?);
        kept.extend(inner);
        // Git does not remove worktrees with submodules, and leaves half of one when it is ended.
        rubbish::remove(&worktree.root).await?;
    }
    forget_registration(repository, &worktree.root).await;
    if let Some(tip) = tip {
        // Only as it was looked at: a commit made meanwhile keeps it.
        git.change(&["update-ref", "-d", &reference(&worktree.branch), &tip]).await?;
    }
    Ok(kept)
}
