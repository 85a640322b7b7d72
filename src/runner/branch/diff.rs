//! What a branch changes: asked of git, which touches nothing for it.

use super::{BranchError, Repository, reference};
use crate::domain::branch::BranchOrder;
use crate::domain::diff::{self, Diff, Ending, MOST_FILES, MOST_LINES, MergeOutlook};
use crate::domain::printable::{Printable, counted};
use crate::domain::workspace::Worktree;
use crate::runner::git::{Git, GitError};
use crate::runner::world::World;

/// Bytes of a patch that are read.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// Whatever the repository's configuration says, this is how a diff is written.
const PLAIN: [&str; 10] = [
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
    "--submodule=short",
    "--ignore-submodules=none",
    "--inter-hunk-context=0",
    "-O/dev/null",
    "-M",
    "-U3",
];

/// What the branch of an order changes against the branch its work goes to.
pub(super) async fn diff(world: &World, order: &BranchOrder) -> Result<Diff, BranchError> {
    let repository = Repository::open(&world.target.path, &world.state).await?;
    let worktree = &order.worktree;
    let tip = match known(&repository, &worktree.branch).await {
        // A branch that was renamed is still what is checked out.
        Err(gone) => Git::new(&worktree.root).head().await.ok().flatten().ok_or(gone)?,
        Ok(tip) => tip,
    };
    let onto = known(&repository, &worktree.onto).await?;
    let roadmap = repository.in_repository(&world.target.roadmap);
    let git = &repository.git;
    let range = format!("{onto}...{tip}");
    let unmerged = roadmap.as_ref().map(|file| format!(":(exclude,top,literal){file}"));
    let ask = |what: &'static [&'static str]| {
        let mut args = vec!["diff"];
        args.extend(PLAIN);
        args.extend(what);
        args.extend([range.as_str(), "--", ":(top)"]);
        args.extend(unmerged.as_deref());
        args.into_iter().map(str::to_owned).collect::<Vec<String>>()
    };
    let read = |args: Vec<String>| async move {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        git.beginning(&args, MOST_BYTES).await
    };
    let (summary, listed) = read(ask(&["--raw", "--numstat", "-z"])).await?;
    let (patch, ending) = read(ask(&["--patch"])).await?;
    let mut files = diff::files(&summary);
    let cut = diff::fill(&mut files, &patch, ending);
    let more = files.len().saturating_sub(MOST_FILES);
    files.truncate(MOST_FILES);
    let count = git.answer(&["rev-list", "--count", &format!("{onto}..{tip}")]).await?;
    Ok(Diff {
        branch: Printable::new(&worktree.branch),
        onto: Printable::new(&worktree.onto),
        files,
        commits: count.parse().unwrap_or_default(),
        uncommitted: uncommitted(worktree, roadmap.as_deref()).await,
        merge: outlook(world, &repository, (&onto, &tip)).await,
        cut: left_out(cut, more, listed),
    })
}

async fn known(repository: &Repository, branch: &str) -> Result<String, BranchError> {
    let gone = || {
        let said = Printable::new(&format!("branch {branch} is gone"));
        GitError::Failed { path: repository.path.clone(), said }
    };
    Ok(repository.git.commit(&reference(branch)).await?.ok_or_else(gone)?)
}

/// What is too much to be shown, in one clause.
fn left_out(cut: usize, more: usize, listed: Ending) -> Option<Printable> {
    let lines = (cut > 0).then(|| {
        let files = counted(cut, "file");
        format!("lines of {files} are left out: a diff of more than {MOST_LINES} lines or 2 MiB")
    });
    let files = match (more, listed) {
        (0, Ending::Whole) => None,
        (0, Ending::Cut) => Some("further files are not listed".to_owned()),
        (more, _) => Some(format!("{} more are not listed", counted(more, "file"))),
    };
    let clauses: Vec<String> = lines.into_iter().chain(files).collect();
    (!clauses.is_empty()).then(|| Printable::new(&clauses.join("; ")))
}

/// Files changed and not committed in a worktree; the roadmap is not of interest. A worktree that is gone has none.
async fn uncommitted(worktree: &Worktree, roadmap: Option<&str>) -> Vec<Printable> {
    let args = ["status", "--porcelain=v1", "-z", "--no-renames", "--ignore-submodules=all"];
    let Ok(said) = Git::new(&worktree.root).answer(&args).await else { return Vec::new() };
    let names = said.split('\0').filter_map(|record| record.get(3..));
    names.filter(|name| Some(*name) != roadmap).take(MOST_FILES).map(Printable::new).collect()
}

/// Whether the branch could be merged now. The roadmap is never merged, and of the devlog both sides stay.
async fn outlook(world: &World, repository: &Repository, ends: (&str, &str)) -> MergeOutlook {
    let unknown = |why: &str| MergeOutlook::Unknown(Printable::new(why));
    let args = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ends.0, ends.1];
    let output = match repository.git.tried(&args, &[]).await {
        Ok(output) => output,
        Err(error) => return unknown(&error.to_string()),
    };
    match output.status.code() {
        Some(0) => return MergeOutlook::Clean,
        Some(1) => {}
        _ => return unknown("git 2.38 or newer can tell"),
    }
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let settled = [&world.target.roadmap, &world.target.documents.devlog]
        .map(|file| repository.in_repository(file).unwrap_or_default());
    let names = said.split('\0').skip(1).filter(|name| !name.is_empty());
    let files: Vec<Printable> =
        names.filter(|name| !settled.iter().any(|file| file == name)).map(Printable::new).collect();
    if files.is_empty() { MergeOutlook::Clean } else { MergeOutlook::Conflicts(files) }
}
