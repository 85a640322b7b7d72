//! Commits that were taken from a branch since a moment, as its reflog tells.

use std::collections::{BTreeMap, BTreeSet};

use crate::runner::git::{Git, GitError};

/// What stands for the branch where none is checked out.
pub(super) const NO_BRANCH: &str = "HEAD";

/// Of an entry of a reflog: its commit, when it was made, and by what.
const FORMAT: &str = "--format=%H%x09%gD%x09%gs";

/// Lines of a file that were added and removed; none where it is no text.
type Lines = Option<(u64, u64)>;

/// Where a branch stood at a moment.
pub(super) struct Moment<'a> {
    /// Full name of the branch, or [`NO_BRANCH`].
    pub(super) name: &'a str,
    /// Its commit.
    pub(super) commit: &'a str,
    /// Entries of its reflog.
    pub(super) entries: usize,
    /// The second after which nothing counts any more, if that is known.
    pub(super) until: Option<u64>,
}

/// How a branch left a commit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The commit was made anew in its place.
    Amended,
    /// Commits were put elsewhere, one by one.
    Rebased,
    /// Otherwise: it went on, or was set back.
    Other,
}

/// One entry of a reflog.
struct Step {
    commit: String,
    /// How the branch came there.
    way: Way,
    /// When, in seconds.
    at: u64,
}

/// Entries of a reflog; none where git keeps none.
pub(super) async fn entries(git: &Git, name: &str) -> usize {
    steps(git, name).await.map_or(0, |steps| steps.len())
}

/// The commits that the branch stood at since that moment and that `now` neither holds nor has something in place of,
/// the oldest first. Without a reflog only the one it stood at then is looked for. What the branch still held at the end
/// was taken by somebody later.
///
/// # Errors
/// When git can't say.
pub(super) async fn since(
    git: &Git,
    then: &Moment<'_>,
    now: &str,
) -> Result<Vec<String>, GitError> {
    let steps = steps(git, then.name).await?;
    let Some(place) = place(&steps, then) else {
        let held = git.holds(now, then.commit).await?;
        return Ok(if held { Vec::new() } else { vec![then.commit.to_owned()] });
    };
    let reached = ["rev-list", now, &format!("^{}", then.commit), "--"];
    let reached = git.answer(&reached).await?;
    let mut known: BTreeSet<&str> = reached.lines().collect();
    let counts = |step: &Step| then.until.is_none_or(|until| step.at <= until);
    let last = steps.iter().take(place).position(counts).unwrap_or(place);
    let end = steps.get(last).filter(|_| last > 0).map(|step| step.commit.as_str());
    let mut taken = Vec::new();
    for (at, step) in steps.iter().enumerate().take(place + 1).skip(last).rev() {
        let left = at.checked_sub(1).and_then(|next| steps.get(next)).map(|next| next.way);
        let commit = step.commit.as_str();
        if left == Some(Way::Amended) || !known.insert(commit) || git.holds(now, commit).await? {
            continue;
        }
        if let Some(end) = end
            && git.holds(end, commit).await?
        {
            continue;
        }
        // Where no branch is checked out, others are looked at and worked on from there.
        if then.name == NO_BRANCH && commit != then.commit && is_on_a_branch(git, commit).await? {
            continue;
        }
        // What was there before it began is to stay, whoever has made the same again.
        let strict = commit == then.commit && left != Some(Way::Rebased);
        if strict || !carried(git, commit, now).await? {
            taken.push(commit.to_owned());
        }
    }
    Ok(taken)
}

/// Whether `now`, or the files that are checked out, have what a commit brought: of each file that it changed at least
/// some of what it wrote there.
///
/// # Errors
/// When git can't say.
pub(super) async fn carried(git: &Git, commit: &str, now: &str) -> Result<bool, GitError> {
    let Ok(base) = git.answer(&["merge-base", commit, now]).await else { return Ok(false) };
    let brought = lines(git, &[&base, commit]).await?;
    let gone = lines(git, &[commit]).await?;
    let stays = |(file, brought): (&String, &Lines)| match (gone.get(file), brought) {
        (None, _) => true,
        (Some(Some((_, removed))), Some((added @ 1.., _))) => removed < added,
        (Some(Some((added, _))), Some((_, removed))) => added < removed,
        (Some(_), _) => false,
    };
    Ok(brought.iter().all(stays))
}

async fn is_on_a_branch(git: &Git, commit: &str) -> Result<bool, GitError> {
    let found = git.answer(&["for-each-ref", "--count=1", "--contains", commit, "refs/"]).await?;
    Ok(!found.is_empty())
}

/// What differs between two commits, or between a commit and the files that are checked out.
async fn lines(git: &Git, between: &[&str]) -> Result<BTreeMap<String, Lines>, GitError> {
    let plain = ["diff", "--no-ext-diff", "--no-textconv", "--no-renames", "--numstat", "-z"];
    let listed = git.answer(&[&plain[..], between, &["--"]].concat()).await?;
    let one = |record: &str| {
        let mut parts = record.splitn(3, '\t');
        let (added, removed) = (parts.next()?, parts.next()?);
        let lines = added.parse().ok().zip(removed.parse().ok());
        Some((parts.next()?.to_owned(), lines))
    };
    Ok(listed.split('\0').filter_map(one).collect())
}

/// Where the moment is among the steps, which begin with the newest.
fn place(steps: &[Step], then: &Moment<'_>) -> Option<usize> {
    let is_it = |step: &Step| step.commit == then.commit;
    let counted = steps.len().checked_sub(then.entries);
    let counted = counted.filter(|at| steps.get(*at).is_some_and(is_it));
    // Old entries may have been tidied away.
    counted.or_else(|| steps.iter().rposition(is_it))
}

/// A reflog, the newest entry first.
async fn steps(git: &Git, name: &str) -> Result<Vec<Step>, GitError> {
    let args = ["reflog", "show", "--no-show-signature", "--date=unix", FORMAT, name, "--"];
    let told = git.answer(&args).await?;
    let one = |line: &str| {
        let mut parts = line.splitn(3, '\t');
        let (commit, selector, how) = (parts.next()?, parts.next()?, parts.next()?);
        let (_, at) = selector.trim_end_matches('}').rsplit_once("@{")?;
        Some(Step { commit: commit.to_owned(), way: way(how), at: at.parse().ok()? })
    };
    Ok(told.lines().filter_map(one).collect())
}

fn way(how: &str) -> Way {
    let pulled = how.starts_with("pull") && how.contains("(finish)");
    match how {
        _ if how.starts_with("commit (amend)") => Way::Amended,
        _ if how.starts_with("rebase") || pulled => Way::Rebased,
        _ => Way::Other,
    }
}
