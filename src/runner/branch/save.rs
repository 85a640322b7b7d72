//! What is not committed is kept under a name before a worktree goes.

use std::path::{Path, PathBuf};

use super::{BranchError, inner, name};
use crate::domain::workspace::Worktree;
use crate::runner::git::{Git, GitError};

/// How git lists a submodule.
const SUBMODULE: &str = "160000 ";
/// Who wrote a commit, and who made it.
const AUTHOR: [&str; 2] = ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL"];
const COMMITTER: [&str; 2] = ["GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"];

/// Commits everything that is not committed in a worktree, files git does not know too, to a reference of ours, without
/// touching the worktree or its branch. Gives the reference, or `None` when there is nothing; `but` is left out. So are
/// repositories in it without a commit, which git can't add: they are kept by themselves.
pub(super) async fn save(
    worktree: &Worktree,
    but: Option<&str>,
) -> Result<Option<String>, BranchError> {
    let index = tempfile::Builder::new()
        .prefix("orch-tui-index")
        .tempdir()
        .map_err(|source| BranchError::File { path: std::env::temp_dir(), source })?;
    let git = Git::new(&worktree.root);
    let head = git.head().await?;
    let index = Index { git: &git, file: index.path().join("index") };
    index.fill(head.as_deref(), &worktree.root).await?;
    if let (Some(but), Some(_)) = (but, &head) {
        // Its ticks were read already.
        let _ = index.run(&["reset", "--quiet", "HEAD", "--", but]).await;
    }
    let tree = index.run(&["write-tree"]).await?;
    let before = match &head {
        Some(_) => git.answer(&["rev-parse", "HEAD^{tree}"]).await?,
        None => git.answer(&["hash-object", "-t", "tree", "/dev/null"]).await?,
    };
    if tree == before {
        return Ok(None);
    }
    let message = format!("Not committed in {}", worktree.branch);
    let commit = commit(&git, (&tree, head.as_deref()), &message).await?;
    let kept = free(&git, &name::saved(&worktree.branch)).await?;
    git.change(&["update-ref", &kept, &commit]).await?;
    Ok(Some(kept))
}

/// A commit of a tree. A repository may be inside a worktree whose people it does not know.
async fn commit(
    git: &Git,
    (tree, parent): (&str, Option<&str>),
    message: &str,
) -> Result<String, GitError> {
    let mut args = vec!["commit-tree", tree, "-m", message];
    args.extend(parent.iter().flat_map(|parent| ["-p", parent]));
    let us = Path::new("orch-tui");
    let us = [AUTHOR, COMMITTER].map(|who| who.map(|variable| (variable, us))).concat();
    let mut known = true;
    for who in ["GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"] {
        known &= git.tried(&["var", who], &[]).await?.status.success();
    }
    git.said(git.tried(&args, if known { &[] } else { &us }).await?)
}

/// An index beside that of the worktree.
struct Index<'a> {
    git: &'a Git,
    file: PathBuf,
}

impl Index<'_> {
    async fn run(&self, args: &[&str]) -> Result<String, GitError> {
        self.git.said(self.git.tried(args, &[("GIT_INDEX_FILE", &self.file)]).await?)
    }

    /// Everything there is below `root`, as it is.
    async fn fill(&self, head: Option<&str>, root: &Path) -> Result<(), GitError> {
        self.run(&["read-tree", head.unwrap_or("--empty")]).await?;
        let mut add = vec!["add".to_owned(), "--all".into(), "--".into(), ":/".into()];
        for path in inner::unborn(root).await {
            let Some(within) = path.strip_prefix(root).ok().and_then(Path::to_str) else {
                continue;
            };
            // Where files of it are known to git already, git adds all of them.
            let known = ["ls-files", "--stage", "--", &format!(":(top,literal){within}/")];
            if self.run(&known).await?.lines().all(|entry| entry.starts_with(SUBMODULE)) {
                add.push(format!(":(exclude,top,literal){within}"));
            }
        }
        let add: Vec<&str> = add.iter().map(String::as_str).collect();
        self.run(&add).await?;
        Ok(())
    }
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
