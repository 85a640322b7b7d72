//! Agents' branches: worktrees to work in, merges into the target branch, and removal that loses nothing.
//!
//! One change at a time in a repository, whichever process makes it: each takes its turn by a lock.

mod commands;
mod diff;
mod fit;
mod include;
mod inner;
mod land;
mod merge;
mod merge_tree;
mod name;
mod own;
mod prepare;
mod remove;
mod rubbish;
mod save;
pub mod shared;
mod taken;
#[cfg(test)]
mod tests;

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::domain::branch::{BranchOrder, BranchReport, BranchWork};
use crate::domain::printable::Printable;
use crate::domain::report::Report;
use crate::runner::gate_run;
use crate::runner::git::{Git, GitError};
use crate::runner::state_dir::{StateDir, open_private};
use crate::runner::world::SharedWorld;

pub use merge_tree::FOLDER as MERGE_FOLDER;
pub use prepare::{planned, prepare};
pub use rubbish::FOLDER as RUBBISH_FOLDER;

/// Shortest wait between two tries to have the turn.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
/// Longest wait between two tries to have the turn.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Why something could not be done with a branch: one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BranchError {
    /// Git said no.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A branch is not as it has to be.
    #[error(transparent)]
    Unfit(#[from] fit::Unfit),
    /// There are no files to work on.
    #[error("{} is a bare repository, and agents need a checkout with the roadmap: clone it and give the clone as the target's `path`", .0.display())]
    Bare(PathBuf),
    /// Nobody knows where the work shall go.
    #[error("{} is on no branch (detached HEAD): check out the branch the work shall go to, e.g. `git switch main`, then press r", .0.display())]
    Detached(PathBuf),
    /// There is nothing to begin from.
    #[error("{} has no commit yet: commit something, then press r", .0.display())]
    NoCommit(PathBuf),
    /// Commits need a name.
    #[error("git does not know who commits in {}: set `git config --global user.name` and `user.email`, then press r", .0.display())]
    NoIdentity(PathBuf),
    /// A worktree was switched to something else.
    #[error("the worktree {} has {on} checked out, not its branch {branch}: switch it back there with `git switch {branch}`, and `git merge {commit}` if that is work of its, then press r", root.display())]
    Switched {
        /// Its top.
        root: PathBuf,
        /// The branch it was made for.
        branch: String,
        /// What is checked out there.
        on: String,
        /// Its commit: a name could be read as more than a name by a shell.
        commit: String,
    },
    /// A worktree's branch is gone, and nobody knows whether what is checked out there is its work.
    #[error("branch {branch} is gone, and its worktree {} has {on} checked out: if that is its work, run `{mend} there, then press r", root.display())]
    BranchGone {
        /// Its top.
        root: PathBuf,
        /// The branch it was made for.
        branch: String,
        /// What is checked out there.
        on: String,
        /// The command, with its closing mark.
        mend: String,
    },
    /// A worktree is in the middle of a rebase.
    #[error("a rebase is under way in the worktree {} of {branch}: end it there with `git rebase --continue` or `git rebase --abort`, then press r", root.display())]
    Rebasing {
        /// Its top.
        root: PathBuf,
        /// The branch it was made for.
        branch: String,
    },
    /// The repository's configuration has git run a command that was not there when agents began.
    #[error("{key} in {} has git run a command since agents work here: {mend} (if you want it, put it into your own configuration with `git config --global`), then press r", file.display())]
    NewCommand {
        /// The file it stands in.
        file: PathBuf,
        /// The setting's name.
        key: String,
        /// What takes it away.
        mend: String,
    },
    /// A set-up command failed.
    #[error("set-up command `{command}` {how}; mend it in targets.yaml (`setup`), then press r")]
    Setup {
        /// The command.
        command: String,
        /// How it ended.
        how: String,
    },
    /// Git could not write all files of a worktree.
    #[error("a worktree can't be written to {} ({said}): make space on its disk", folder.display())]
    NoSpace {
        /// Where worktrees are.
        folder: PathBuf,
        /// What git said.
        said: Printable,
    },
    /// A submodule is not to be had.
    #[error("the submodules of {} can't be fetched ({said}): mend their addresses in .gitmodules or your access to them, then press r", path.display())]
    Submodules {
        /// The repository.
        path: PathBuf,
        /// What git said.
        said: Printable,
    },
    /// What a repository inside a worktree holds can't be brought elsewhere.
    #[error("the worktree is kept: {} in it is a shallow clone with commits of its own: push them, or make it whole with `git fetch --unshallow`", .0.display())]
    Shallow(PathBuf),
    /// The same, and git does not say why.
    #[error("the worktree is kept: not all commits of {} in it could be brought into the repository: push them", .0.display())]
    NotKept(PathBuf),
    /// The branch holds what the target branch does not.
    #[error("branch {branch} is kept: it holds commits that are not in {onto}")]
    NotMerged {
        /// The branch.
        branch: String,
        /// Where it should have gone.
        onto: String,
    },
    /// Where the work was to go is gone.
    #[error(
        "branch {onto}, into which {branch} was to be merged, is gone: make it again with `git branch {onto}`, or discard the work, then press r"
    )]
    TargetGone {
        /// The agent's branch.
        branch: String,
        /// Where it should go.
        onto: String,
    },
    /// A file or folder can't be used.
    #[error("{}: {source}; check its disk and permissions", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl BranchError {
    /// The sentence where a merge waits for a person: not the life begins again, but the merge.
    fn blocks_merge(&self) -> Printable {
        let said = self.to_string();
        let sentence = said.strip_suffix(", then press r").unwrap_or(&said);
        Printable::new(&format!("{sentence}; m merges again"))
    }

    /// Says where space is missing, if that is what git complained of: it names nothing but a file.
    fn in_folder(self, folder: &Path) -> Self {
        let full = |said: &Printable| {
            let signs = ["unable to write", "No space left", "Disk quota exceeded"];
            signs.iter().any(|sign| said.as_str().contains(sign))
        };
        match self {
            Self::Git(GitError::Failed { said, .. }) if full(&said) => {
                Self::NoSpace { folder: folder.to_owned(), said }
            }
            other => other,
        }
    }
}

/// The git repository of a target.
#[derive(Debug)]
pub(super) struct Repository {
    /// Git in the target's directory.
    pub(super) git: Git,
    /// The target's directory.
    pub(super) path: PathBuf,
    /// The target's directory in its repository: empty at the top.
    pub(super) prefix: PathBuf,
    lock: PathBuf,
}

impl Repository {
    /// The repository of the target at `path`, which must be a checkout.
    pub(super) async fn open(path: &Path, state: &StateDir) -> Result<Self, BranchError> {
        let git = Git::new(path);
        if git.answer(&["rev-parse", "--is-bare-repository"]).await? == "true" {
            return Err(BranchError::Bare(path.to_owned()));
        }
        let prefix = git.answer(&["rev-parse", "--show-prefix"]).await?;
        let common =
            git.answer(&["rev-parse", "--path-format=absolute", "--git-common-dir"]).await?;
        let lock = state.repository_lock(Path::new(&common));
        Ok(Self { git, path: path.to_owned(), prefix: PathBuf::from(prefix), lock })
    }

    /// Waits for this process's turn to change branches and worktrees; it ends when the file is dropped. Nothing is left
    /// behind of a wait that is given up: a thread that waited would hold up the end of the app. Gates nobody waits for
    /// any more have ended then.
    pub(super) async fn turn(&self) -> Result<File, BranchError> {
        gate_run::all_ended().await;
        let failed = |source| BranchError::File { path: self.lock.clone(), source };
        let file = open_private(&self.lock).map_err(failed)?;
        let mut pause = SHORTEST_PAUSE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => sleep(pause).await,
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// The target's directory in a worktree.
    pub(super) fn within(&self, root: &Path) -> PathBuf {
        // Joining nothing would add a slash.
        if self.prefix.as_os_str().is_empty() { root.to_owned() } else { root.join(&self.prefix) }
    }

    /// A path of the target as git names it in its repository; `None` when it lies elsewhere.
    pub(super) fn in_repository(&self, file: &Path) -> Option<String> {
        let within = file.strip_prefix(&self.path).ok()?;
        Some(self.prefix.join(within).to_string_lossy().into_owned())
    }

    /// The tip of a branch.
    pub(super) async fn tip(&self, branch: &str) -> Result<Option<String>, GitError> {
        self.git.commit(&reference(branch)).await
    }
}

/// The full name of a branch.
pub(crate) fn reference(branch: &str) -> String {
    format!("refs/heads/{branch}")
}

/// Carries out an order about a branch and reports.
pub async fn carry_out(world: SharedWorld, order: BranchOrder) {
    let report = match order.work.clone() {
        BranchWork::Merge { message, round, proven } => {
            let proven = proven.as_deref();
            let outcome = merge::merge(&world, &order, (&message, proven)).await;
            BranchReport::Merged { agent: order.agent, round, outcome }
        }
        BranchWork::Land(merge) => {
            let outcome = land::land(&world, &order, &merge).await;
            BranchReport::Landed { agent: order.agent, commit: merge.commit, outcome }
        }
        BranchWork::Remove(tree) => {
            let done = remove::remove(&world, &order, tree).await;
            removed(order, done)
        }
        BranchWork::Diff => {
            let outcome = diff::diff(&world, &order).await;
            let outcome = outcome.map_err(|error| Printable::new(&error.to_string()));
            BranchReport::Diffed { agent: order.agent, outcome: outcome.map(Arc::new) }
        }
        BranchWork::Discard => removed(order.clone(), remove::discard(&world, &order).await),
    };
    world.report(Report::Branch(report)).await;
}

fn removed(order: BranchOrder, outcome: Result<Vec<String>, BranchError>) -> BranchReport {
    let outcome = outcome.map_err(|error| Printable::new(&error.to_string()));
    let BranchOrder { agent, phase, worktree, .. } = order;
    BranchReport::Removed { agent, phase, worktree, outcome }
}
