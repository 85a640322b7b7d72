//! Repositories inside a worktree, submodules and others: what is nowhere else is brought into the target's own
//! repository before the worktree goes.

use std::fs;
use std::path::{Path, PathBuf};

use super::{BranchError, name, save};
use crate::domain::workspace::Worktree;
use crate::runner::git::Git;

/// Keeps what repositories inside a worktree hold and no remote of theirs does. Names the references it is kept under.
pub(super) async fn keep(target: &Git, worktree: &Worktree) -> Result<Vec<String>, BranchError> {
    let root = worktree.root.clone();
    let found = tokio::task::spawn_blocking(move || inside(&root)).await.unwrap_or_default();
    let mut kept = Vec::new();
    for (n, path) in found.iter().enumerate() {
        kept.extend(keep_one(target, worktree, (n + 1, path)).await?);
    }
    Ok(kept)
}

async fn keep_one(
    target: &Git,
    worktree: &Worktree,
    (n, path): (usize, &Path),
) -> Result<Option<String>, BranchError> {
    let git = Git::new(path);
    if git.head().await?.is_none() {
        // Its files are kept with those of the worktree, or that fails and the worktree stays.
        return Ok(None);
    }
    let own = Worktree { root: path.to_owned(), path: path.to_owned(), ..worktree.clone() };
    let saved = save::save(&own, None).await?;
    let only_here = ["rev-list", "--count", "HEAD", "--branches", "--not", "--remotes"];
    if saved.is_none() && git.answer(&only_here).await?.trim() == "0" {
        return Ok(None);
    }
    let base = format!("{}/{n}", name::inner(&worktree.branch));
    let head = save::free(target, &format!("{base}/HEAD")).await?;
    let base = head.strip_suffix("/HEAD").map_or_else(|| format!("{head}-more"), str::to_owned);
    let from = path.to_string_lossy().into_owned();
    let specs = [
        format!("+HEAD:{head}"),
        format!("+refs/heads/*:{base}/heads/*"),
        format!("+refs/orch-tui/*:{base}/ours/*"),
    ];
    let mut fetch =
        vec!["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"];
    fetch.push(&from);
    fetch.extend(specs.iter().map(String::as_str));
    target.change(&fetch).await?;
    Ok(Some(head))
}

/// All repositories below a folder, the outer ones first. Links are not followed.
fn inside(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        let mut below = Vec::new();
        for entry in entries.flatten() {
            if entry.file_name() == ".git" {
                if folder != root {
                    found.push(folder.clone());
                }
            } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                below.push(entry.path());
            }
        }
        folders.extend(below);
    }
    found.sort();
    found
}
