//! Moving the target branch to a merge that is proven.

use std::path::{Path, PathBuf};

use super::{BranchError, Repository, commands, merge_tree, reference};
use crate::domain::branch::{BranchOrder, Merge, Unlanded};
use crate::domain::printable::Printable;
use crate::domain::workspace::Worktree;
use crate::runner::git::{Git, GitError};
use crate::runner::plain_file;
use crate::runner::world::World;

/// No branch has a longer name.
const LONGEST_NAME: u64 = 4096;

/// Moves the target branch to the merge, if it is still where the merge was made on. Where the branch is checked out, the
/// files follow; uncommitted changes there stay as they are, and those the merge would overwrite stop it.
pub(super) async fn land(
    world: &World,
    order: &BranchOrder,
    merge: &Merge,
) -> Result<(), Unlanded> {
    match moved(world, &order.worktree, merge).await {
        Ok(landed) => landed,
        Err(error) => Err(Unlanded::Blocked(error.blocks_merge())),
    }
}

async fn moved(
    world: &World,
    worktree: &Worktree,
    merge: &Merge,
) -> Result<Result<(), Unlanded>, BranchError> {
    let repository = Repository::open(&world.target.path, &world.state).await?;
    let _turn = repository.turn().await?;
    commands::refuse_new(&repository).await?;
    let landed = advance(&repository, worktree, merge).await?;
    if landed.is_ok() {
        merge_tree::note_landed(world, &merge.commit).await;
    }
    Ok(landed)
}

async fn advance(
    repository: &Repository,
    worktree: &Worktree,
    merge: &Merge,
) -> Result<Result<(), Unlanded>, BranchError> {
    let onto = reference(&worktree.onto);
    let Some(now) = repository.git.commit(&onto).await? else {
        let said = Printable::new(&format!("branch {} is gone", worktree.onto));
        return Err(GitError::Failed { path: repository.path.clone(), said }.into());
    };
    if repository.git.holds(&now, &merge.commit).await? {
        return Ok(Ok(()));
    }
    if now != merge.tip {
        return Ok(Err(Unlanded::Moved));
    }
    match checked_out(repository, &onto).await? {
        Some(place) => follow(place, worktree, merge).await,
        None => {
            let message = format!("orch-tui: merge {}", worktree.branch);
            let update = ["update-ref", "-m", &message, &onto, &merge.commit, &merge.tip];
            repository.git.change(&update).await?;
            Ok(Ok(()))
        }
    }
}

/// Where a branch is checked out.
async fn checked_out(repository: &Repository, onto: &str) -> Result<Option<PathBuf>, GitError> {
    let list = repository.git.answer(&["worktree", "list", "--porcelain", "-z"]).await?;
    let mut place = None;
    for line in list.split('\0') {
        if let Some(path) = line.strip_prefix("worktree ") {
            place = Some(PathBuf::from(path));
        } else if line == "detached" && is_rebased(place.as_deref(), onto).await {
            // A rebase would take the merge back when it is broken off: it counts as checked out there.
            return Ok(place);
        } else if line.strip_prefix("branch ") == Some(onto) {
            return Ok(place);
        }
    }
    Ok(None)
}

/// Whether a worktree is in the middle of a rebase of this branch.
async fn is_rebased(place: Option<&Path>, onto: &str) -> bool {
    let Some(place) = place else { return false };
    let folder =
        Git::new(place).answer(&["rev-parse", "--path-format=absolute", "--git-dir"]).await;
    let Ok(folder) = folder else { return false };
    ["rebase-merge", "rebase-apply"].iter().any(|kind| {
        let name = Path::new(&folder).join(kind).join("head-name");
        // An agent's own worktree may be what is looked at.
        plain_file::read(&name, LONGEST_NAME).is_ok_and(|name| name.trim_ascii() == onto.as_bytes())
    })
}

/// Fast-forwards a checkout.
async fn follow(
    place: PathBuf,
    worktree: &Worktree,
    merge: &Merge,
) -> Result<Result<(), Unlanded>, BranchError> {
    let git = Git::new(&place);
    if git.branch().await?.as_ref() != Some(&worktree.onto) {
        let why = format!(
            "{} is being rebased in {}: finish the rebase, then press m",
            worktree.onto,
            place.display()
        );
        return Ok(Err(Unlanded::Blocked(Printable::new(&why))));
    }
    // Whatever the person's settings say: nothing of theirs is overwritten, stashed, or only seems to be merged.
    let safe = ["--no-overwrite-ignore", "--no-autostash", "--no-squash"];
    let args = [&["merge", "--quiet", "--ff-only"][..], &safe, &[merge.commit.as_str()]].concat();
    let output = git.tried(&args, &[]).await?;
    if output.status.success() {
        let onto = reference(&worktree.onto);
        let landed = git.holds(&onto, &merge.commit).await?;
        return Ok(if landed { Ok(()) } else { Err(Unlanded::Moved) });
    }
    if git.commit(&reference(&worktree.onto)).await?.as_deref() != Some(merge.tip.as_str()) {
        return Ok(Err(Unlanded::Moved));
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let files: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix('\t')).collect();
    if files.is_empty() {
        git.said(output)?;
        return Ok(Ok(()));
    }
    let why = format!(
        "{} has uncommitted changes in {}, which the merge of {} changes too: commit, stash or move them away, then press m",
        place.display(),
        files.join(", "),
        worktree.branch
    );
    Ok(Err(Unlanded::Blocked(Printable::new(&why))))
}
