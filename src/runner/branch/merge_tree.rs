//! The tree merges are made in: nobody's work is in it, and nothing of a merge that came to nothing stays in it.

use std::io;
use std::path::{Path, PathBuf};

use super::prepare::{fill, forget_registration, private_folder};
use super::{BranchError, Repository, include, rubbish};
use crate::domain::id::AgentRef;
use crate::runner::git::{Git, GitError};
use crate::runner::plain_file;
use crate::runner::world::World;

/// Folder of the tree merges are made in, below the worktrees.
pub const FOLDER: &str = "merge";
/// The file beside it that names the merge it has landed with. While it is there, nothing has begun in the tree since.
const LANDED: &str = "merge.landed";
/// No commit has a longer name.
const LONGEST_NAME: u64 = 100;

/// What the tree is made with.
pub(super) struct MergeTree<'a> {
    pub(super) world: &'a World,
    pub(super) repository: &'a Repository,
    pub(super) agent: &'a AgentRef,
}

impl MergeTree<'_> {
    /// The tree at this commit. Files that git ignores stay where the merge before has landed: builds need not begin
    /// anew. After any other merge the tree is made anew, since what its gates left could prove the next one wrongly.
    pub(super) async fn at(&self, tip: &str) -> Result<PathBuf, BranchError> {
        let root = folder(self.world);
        let landed = take_landed(self.world)?;
        let keeps = landed.is_some() && self.is_ours(&root).await && head(&root).await == landed;
        if keeps && self.renew(&root, tip).await.is_ok() {
            return Ok(root);
        }
        forget(self.repository, &root).await?;
        private_folder(&self.world.state.worktrees())?;
        let git = &self.repository.git;
        let shown = root.to_string_lossy().into_owned();
        git.change(&["worktree", "add", "--quiet", "--detach", &shown, tip]).await?;
        include::copy(self.repository, &root).await?;
        fill(self.world, self.agent, (&root, &self.repository.within(&root))).await?;
        Ok(root)
    }

    /// Whether it is a worktree of this repository.
    async fn is_ours(&self, root: &Path) -> bool {
        let common = ["rev-parse", "--path-format=absolute", "--git-common-dir"];
        if !root.join(".git").exists() {
            return false;
        }
        let theirs = Git::new(root).answer(&common).await.ok();
        theirs.is_some() && theirs == self.repository.git.answer(&common).await.ok()
    }

    /// Brings it to another commit, without what gates left behind that git would not ignore.
    async fn renew(&self, root: &Path, tip: &str) -> Result<(), GitError> {
        let git = Git::new(root);
        git.change(&["reset", "--quiet", "--hard"]).await?;
        git.change(&["checkout", "--quiet", "--detach", "--force", tip]).await?;
        // Forced twice, it takes repositories inside too.
        git.change(&["clean", "--quiet", "--force", "--force", "-d"]).await?;
        Ok(())
    }
}

/// Where merges are made.
pub(super) fn folder(world: &World) -> PathBuf {
    world.state.worktrees().join(FOLDER)
}

/// Removes the tree merges are made in: nothing of anybody's is in it.
pub(super) async fn forget(repository: &Repository, root: &Path) -> Result<(), BranchError> {
    rubbish::remove(root).await?;
    forget_registration(repository, root).await;
    Ok(())
}

/// Notes that the merge which is in the tree has landed. Without the note the tree is made anew, which is only slower.
pub(super) async fn note_landed(world: &World, commit: &str) {
    if head(&folder(world)).await.as_deref() == Some(commit) {
        let _ = std::fs::write(landed_file(world), commit);
    }
}

/// The merge the tree has landed with. The note is gone before anything begins in the tree, so that whatever becomes of
/// that, and of the app meanwhile, it is not taken for landed.
fn take_landed(world: &World) -> Result<Option<String>, BranchError> {
    let path = landed_file(world);
    let said = plain_file::read_own(&path, LONGEST_NAME).ok();
    match std::fs::remove_file(&path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(BranchError::File { path, source })
        }
        Ok(()) | Err(_) => Ok(said.and_then(|said| String::from_utf8(said).ok())),
    }
}

fn landed_file(world: &World) -> PathBuf {
    world.state.worktrees().join(LANDED)
}

async fn head(root: &Path) -> Option<String> {
    Git::new(root).head().await.ok().flatten()
}
