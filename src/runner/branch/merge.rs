//! Merging an agent's branch: in a tree of its own, on the tip of the target branch, without touching any checkout.

use std::path::Path;

use super::merge_tree::MergeTree;
use super::prepare::submodules;
use super::{BranchError, Repository, commands, fit, own};
use crate::domain::branch::{BranchOrder, Merge, Unmerged};
use crate::domain::printable::Printable;
use crate::domain::roadmap::Roadmap;
use crate::domain::workspace::Worktree;
use crate::runner::git::Git;
use crate::runner::plain_file::{self, LARGEST_TEXT};
use crate::runner::world::World;

/// Merges a branch into the tip of its target branch. The roadmap is left as it is there: what the branch has in it is
/// read for ticks, never merged.
pub(super) async fn merge(
    world: &World,
    order: &BranchOrder,
    (message, proven): (&str, Option<&str>),
) -> Result<Merge, Unmerged> {
    let blocked = |error: BranchError| Unmerged::Blocked(error.blocks_merge());
    let repository = Repository::open(&world.target.path, &world.state).await.map_err(blocked)?;
    let _turn = repository.turn().await.map_err(blocked)?;
    let merging = Merging { world, repository, order };
    match merging.make((message, proven)).await {
        Ok(Made::Merge(merge)) => Ok(merge),
        Ok(Made::Conflict(files)) => Err(Unmerged::Conflict(files)),
        Err(error) => Err(blocked(error.in_folder(&world.state.worktrees()))),
    }
}

enum Made {
    Merge(Merge),
    Conflict(Vec<Printable>),
}

struct Merging<'a> {
    world: &'a World,
    repository: Repository,
    order: &'a BranchOrder,
}

impl Merging<'_> {
    async fn make(&self, (message, proven): (&str, Option<&str>)) -> Result<Made, BranchError> {
        let worktree = &self.order.worktree;
        commands::refuse_new(&self.repository).await?;
        if worktree.root.is_dir() {
            // Work on another branch would not be merged, and be taken for nothing.
            own::ensure(&self.repository, worktree).await?;
        }
        let tip = self.known(&worktree.onto).await?;
        let work = fit::to_merge(&self.repository, worktree, (proven, &tip)).await?;
        let (world, repository, agent) = (self.world, &self.repository, &self.order.agent);
        let root = MergeTree { world, repository, agent }.at(&tip).await?;
        let Some(work) = work else {
            return Ok(Made::Merge(self.made(tip.clone(), tip, &root).await));
        };
        let git = Git::new(&root);
        let merge = ["merge", "--quiet", "--no-ff", "--no-commit", "--no-edit", &work];
        let tried = git.tried(&merge, &[]).await?;
        if git.commit("MERGE_HEAD").await?.is_none() {
            // Nothing to merge, or git would not begin.
            git.said(tried)?;
            return Ok(Made::Merge(self.made(tip.clone(), tip, &root).await));
        }
        self.keep_ours(&git, &tip).await?;
        self.join_devlog(&git).await?;
        let files = unmerged(&git).await?;
        if !files.is_empty() {
            git.change(&["merge", "--abort"]).await?;
            return Ok(Made::Conflict(files));
        }
        git.change(&["commit", "--quiet", "--no-verify", "--allow-empty", "-m", message]).await?;
        let Some(commit) = git.head().await? else {
            return Err(BranchError::NoCommit(root));
        };
        submodules(&self.world.target.path, &root).await?;
        Ok(Made::Merge(self.made(commit, tip, &root).await))
    }

    async fn known(&self, branch: &str) -> Result<String, BranchError> {
        let gone = || {
            let said = Printable::new(&format!("branch {branch} is gone"));
            let path = self.repository.path.clone();
            crate::runner::git::GitError::Failed { path, said }
        };
        Ok(self.repository.tip(branch).await?.ok_or_else(gone)?)
    }

    async fn made(&self, commit: String, tip: String, root: &Path) -> Merge {
        let worktree = &self.order.worktree;
        let ticked = self.ticked(worktree).await;
        Merge { commit, tip, tree: self.repository.within(root), ticked }
    }

    /// Tasks of the phase that are ticked in the worktree's roadmap, if an ordinary file is there.
    async fn ticked(&self, worktree: &Worktree) -> Vec<String> {
        let target = &self.world.target;
        let Ok(within) = target.roadmap.strip_prefix(&target.path) else { return Vec::new() };
        let (file, phase) = (worktree.path.join(within), self.order.phase.clone());
        let read = tokio::task::spawn_blocking(move || {
            let bytes = plain_file::read(&file, LARGEST_TEXT).unwrap_or_default();
            let roadmap = Roadmap::parse(bytes);
            let Some(phase) = roadmap.phase(&phase) else { return Vec::new() };
            let done = phase.tasks.iter().filter(|task| task.done);
            done.map(|task| phase.task_text(task).to_string()).collect()
        });
        read.await.unwrap_or_default()
    }

    /// The roadmap stays as it is on the target branch.
    async fn keep_ours(&self, git: &Git, tip: &str) -> Result<(), BranchError> {
        let Some(roadmap) = self.repository.in_repository(&self.world.target.roadmap) else {
            return Ok(());
        };
        let file = format!(":(top,literal){roadmap}");
        if git.tried(&["cat-file", "-e", &format!("{tip}:{roadmap}")], &[]).await?.status.success()
        {
            git.change(&["checkout", "--quiet", "--force", tip, "--", &file]).await?;
        } else {
            git.change(&["rm", "--quiet", "--force", "--ignore-unmatch", "--", &file]).await?;
        }
        Ok(())
    }

    /// Everybody appends to the devlog: of a conflict there both sides stay (git-merge-file(1), `--union`).
    async fn join_devlog(&self, git: &Git) -> Result<(), BranchError> {
        let devlog = &self.world.target.documents.devlog;
        let Some(devlog) = self.repository.in_repository(devlog) else { return Ok(()) };
        if !unmerged(git).await?.iter().any(|file| file.as_str() == devlog) {
            return Ok(());
        }
        let file = format!(":(top,literal){devlog}");
        git.change(&["checkout", "--quiet", "--conflict=merge", "--", &file]).await?;
        let stages = [2, 1, 3].map(|stage| format!(":{stage}:{devlog}"));
        let folder = tempfile::tempdir()
            .map_err(|source| BranchError::File { path: std::env::temp_dir(), source })?;
        let mut parts = Vec::new();
        for (n, stage) in stages.iter().enumerate() {
            let part = folder.path().join(n.to_string());
            // A side without the file has nothing to say.
            let output = git.tried(&["cat-file", "blob", stage], &[]).await?;
            let text = if output.status.success() { output.stdout } else { Vec::new() };
            std::fs::write(&part, text)
                .map_err(|source| BranchError::File { path: part.clone(), source })?;
            parts.push(part.to_string_lossy().into_owned());
        }
        let [ours, base, theirs] = parts.as_slice() else { return Ok(()) };
        let union = ["merge-file", "--union", "--stdout", ours, base, theirs];
        let joined = git.tried(&union, &[]).await?;
        if !joined.status.success() {
            // It is no text: an ordinary conflict.
            return Ok(());
        }
        let top = git.answer(&["rev-parse", "--show-toplevel"]).await?;
        let path = Path::new(&top).join(&devlog);
        std::fs::write(&path, &joined.stdout)
            .map_err(|source| BranchError::File { path, source })?;
        git.change(&["add", "--", &file]).await?;
        Ok(())
    }
}

/// Files both sides changed.
async fn unmerged(git: &Git) -> Result<Vec<Printable>, BranchError> {
    let named = git.answer(&["diff", "--name-only", "--diff-filter=U", "-z"]).await?;
    Ok(named.split('\0').filter(|name| !name.is_empty()).map(Printable::new).collect())
}
