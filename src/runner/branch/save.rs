//! What is not committed is kept under a name before a worktree goes.

use std::path::Path;

use super::{BranchError, name};
use crate::domain::workspace::Worktree;
use crate::runner::git::Git;

/// Commits everything that is not committed in a worktree, files git does not know too, to a reference of ours, without
/// touching the worktree or its branch. Gives the reference, or `None` when there is nothing; `but` is left out.
pub(super) async fn save(
    worktree: &Worktree,
    but: Option<&str>,
) -> Result<Option<String>, BranchError> {
    let git = Git::new(&worktree.root);
    let index = tempfile::Builder::new()
        .prefix("orch-tui-index")
        .tempdir()
        .map_err(|source| BranchError::File { path: std::env::temp_dir(), source })?;
    let index = index.path().join("index");
    let env: [(&str, &Path); 1] = [("GIT_INDEX_FILE", &index)];
    let run = |args: Vec<String>| {
        let git = git.clone();
        async move {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            git.said(git.tried(&args, &env).await?)
        }
    };
    let words = |args: &[&str]| args.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    run(words(&["read-tree", "HEAD"])).await?;
    run(words(&["add", "--all", "--", ":/"])).await?;
    if let Some(but) = but {
        // Its ticks were read already.
        let _ = run(words(&["reset", "--quiet", "HEAD", "--", but])).await;
    }
    let tree = run(words(&["write-tree"])).await?;
    if tree == git.answer(&["rev-parse", "HEAD^{tree}"]).await? {
        return Ok(None);
    }
    let message = format!("Not committed in {}", worktree.branch);
    let commit = run(words(&["commit-tree", &tree, "-p", "HEAD", "-m", &message])).await?;
    let kept = free(&git, &name::saved(&worktree.branch)).await?;
    git.change(&["update-ref", &kept, &commit]).await?;
    Ok(Some(kept))
}

/// A reference of this name that does not exist yet, with a number if it must be.
pub(super) async fn free(git: &Git, name: &str) -> Result<String, BranchError> {
    let mut free = name.to_owned();
    let mut n = 1;
    while git.commit(&free).await?.is_some() {
        n += 1;
        free = format!("{name}-{n}");
    }
    Ok(free)
}
