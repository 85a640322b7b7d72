//! Repositories inside a worktree, submodules and others: what is nowhere else is brought into the target's own
//! repository before the worktree goes. Where that can't be done the worktree stays.

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
        let inner = Inner { git: Git::new(path), path, target, worktree };
        kept.extend(inner.keep(n + 1).await?);
    }
    Ok(kept)
}

/// Repositories below a folder that have a checkout and no commit in it.
pub(super) async fn unborn(root: &Path) -> Vec<PathBuf> {
    let folder = root.to_owned();
    let found = tokio::task::spawn_blocking(move || inside(&folder)).await.unwrap_or_default();
    let mut unborn = Vec::new();
    for path in found {
        if !is_bare(&path) && matches!(Git::new(&path).head().await, Ok(None)) {
            unborn.push(path);
        }
    }
    unborn
}

/// A repository inside a worktree.
struct Inner<'a> {
    git: Git,
    path: &'a Path,
    target: &'a Git,
    worktree: &'a Worktree,
}

impl Inner<'_> {
    async fn keep(&self, n: usize) -> Result<Option<String>, BranchError> {
        let saved = self.save().await?;
        if saved.is_none() && !self.has_own().await? {
            return Ok(None);
        }
        let asked = format!("{}/{n}/HEAD", name::inner(&self.worktree.branch));
        let head = save::free(self.target, &asked).await?;
        if self.is_linked().await {
            // Its branches are the target's own.
            let Some(commit) = self.git.head().await? else { return Ok(saved) };
            self.target.change(&["update-ref", &head, &commit]).await?;
            return Ok(Some(head));
        }
        if self.answer(&["rev-parse", "--is-shallow-repository"]).await == "true" {
            return Err(BranchError::Shallow(self.path.to_owned()));
        }
        self.fetch(&head).await?;
        Ok(Some(head))
    }

    /// Its uncommitted changes under a reference of its own.
    async fn save(&self) -> Result<Option<String>, BranchError> {
        if self.answer(&["rev-parse", "--is-bare-repository"]).await == "true" {
            return Ok(None);
        }
        let path = self.path.to_owned();
        save::save(&Worktree { root: path.clone(), path, ..self.worktree.clone() }, None).await
    }

    /// Whether it holds commits that no remote of it has. What was only cloned and looked at is not its own.
    async fn has_own(&self) -> Result<bool, BranchError> {
        let refs = self.refs().await?;
        if refs.is_empty() {
            return Ok(false);
        }
        let stash = refs.iter().any(|(name, _)| name == "refs/stash");
        let moves = self.answer(&["log", "--walk-reflogs", "--format=%gs", "HEAD"]).await;
        let looked = |line: &str| line.starts_with("clone: ") || line.starts_with("checkout: ");
        if !stash && !moves.is_empty() && moves.lines().all(looked) {
            return Ok(false);
        }
        let mut args = vec!["rev-list", "--count", "--ignore-missing"];
        args.extend(refs.iter().map(|(_, id)| id.as_str()));
        // A remote that lies in the same worktree goes with it.
        if !self.has_remote_inside().await {
            args.extend(["--not", "--remotes"]);
        }
        Ok(self.git.answer(&args).await?.trim() != "0")
    }

    /// HEAD, branches, tags, the stash and what we saved: names and what they point to.
    async fn refs(&self) -> Result<Vec<(String, String)>, BranchError> {
        let kinds = ["refs/heads", "refs/tags", "refs/stash", "refs/orch-tui"];
        let args = [&["for-each-ref", "--format=%(objectname) %(refname)"][..], &kinds].concat();
        let said = self.git.answer(&args).await?;
        let pairs = said.lines().filter_map(|line| line.split_once(' '));
        let mut refs: Vec<_> = pairs.map(|(id, name)| (name.to_owned(), id.to_owned())).collect();
        if let Some(head) = self.git.head().await? {
            refs.push(("HEAD".to_owned(), head));
        }
        Ok(refs)
    }

    async fn has_remote_inside(&self) -> bool {
        let said = self.answer(&["config", "--get-regexp", r"^remote\..*\.url$"]).await;
        let urls = said.lines().filter_map(|line| line.split_once(' ').map(|(_, url)| url));
        let root = self.worktree.root.canonicalize().unwrap_or_default();
        let inside = |url: &str| {
            let path = url.strip_prefix("file://").unwrap_or(url);
            self.path.join(path).canonicalize().is_ok_and(|path| path.starts_with(&root))
        };
        urls.into_iter().any(inside)
    }

    /// Whether it is another worktree of the target's repository.
    async fn is_linked(&self) -> bool {
        let common = ["rev-parse", "--path-format=absolute", "--git-common-dir"];
        let target = self.target.answer(&common).await.unwrap_or_default();
        !target.is_empty() && self.answer(&common).await == target
    }

    async fn fetch(&self, head: &str) -> Result<(), BranchError> {
        let refs = self.refs().await?;
        let base = head.strip_suffix("HEAD").unwrap_or(head);
        let specs: Vec<String> = refs
            .iter()
            .map(|(name, _)| match name.strip_prefix("refs/") {
                Some(name) => format!("+refs/{name}:{base}{name}"),
                None => format!("+HEAD:{head}"),
            })
            .collect();
        let from = self.path.to_string_lossy().into_owned();
        let mut args = vec!["fetch", "--quiet", "--no-tags", "--no-recurse-submodules"];
        args.extend(["--no-write-fetch-head", &from]);
        args.extend(specs.iter().map(String::as_str));
        self.target.change(&args).await?;
        // Git leaves out what it does not like, and says nothing.
        for (_, id) in &refs {
            let there = self.target.tried(&["cat-file", "-e", id], &[]).await?;
            if !there.status.success() {
                return Err(BranchError::NotKept(self.path.to_owned()));
            }
        }
        // What has no commit checked out is told by what was saved, or by another it holds.
        let is = |start: &str| refs.iter().find(|(name, _)| name.starts_with(start));
        if is("HEAD").is_none()
            && let Some((_, id)) = is("refs/orch-tui").or(refs.first())
        {
            self.target.change(&["update-ref", head, id]).await?;
        }
        Ok(())
    }

    async fn answer(&self, args: &[&str]) -> String {
        self.git.answer(args).await.unwrap_or_default()
    }
}

/// All repositories below a folder, those with a checkout and bare ones. Links are not followed.
fn inside(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        if is_bare(&folder) {
            found.push(folder);
            continue;
        }
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            if entry.file_name() == ".git" {
                if folder != root {
                    found.push(folder.clone());
                }
            } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

fn is_bare(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).symlink_metadata().is_ok();
    has("HEAD") && has("objects") && has("refs")
}
