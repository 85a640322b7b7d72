//! The guard of a checkout that agents share: it must be on the branch it was on, and still hold the commits it held.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::agent::Exit;
use crate::domain::id::AgentRef;
use crate::domain::printable::Printable;
use crate::domain::reason::Reason;
use crate::runner::git::Git;
use crate::runner::state_dir::StateDir;

/// File in the agent's folder that says what it found.
const NOTE: &str = "checkout.json";
/// Letters of a commit that tell it apart.
const SHORT: usize = 10;

/// What an agent finds checked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Found {
    path: PathBuf,
    /// The branch's full name; none on a detached HEAD.
    branch: Option<String>,
    commit: String,
}

/// Keeps what an agent finds checked out. What can't be kept is not guarded: a repository without a commit, a full disk.
pub async fn note(state: &StateDir, agent: &AgentRef, path: &Path) {
    let Some(found) = found(path).await else { return };
    let (Ok(folder), Ok(text)) = (state.make_agent_folder(agent), serde_json::to_vec(&found))
    else {
        return;
    };
    let _unguarded = std::fs::write(folder.join(NOTE), text);
}

/// How an agent ended, once more: one that left the checkout otherwise than it was to did not end well.
pub async fn judged(state: &StateDir, agent: &AgentRef, exit: Exit) -> Exit {
    let note = std::fs::read(state.agent_folder(agent).join(NOTE)).ok();
    let Some(before) = note.and_then(|text| serde_json::from_slice::<Found>(&text).ok()) else {
        return exit;
    };
    match astray(&before).await {
        Some(how) => Exit { said: Some(Err(Reason::Astray(Printable::new(&how)))), ..exit },
        None => exit,
    }
}

async fn found(path: &Path) -> Option<Found> {
    let git = Git::new(path);
    let commit = git.head().await.ok()??;
    let branch = git.answer(&["symbolic-ref", "--quiet", "HEAD"]).await.ok();
    Some(Found { path: path.to_owned(), branch, commit })
}

/// What is wrong with the checkout now, in one clause.
async fn astray(before: &Found) -> Option<String> {
    let now = found(&before.path).await?;
    if now.branch != before.branch {
        let (was, is) = (named(before), named(&now));
        return Some(format!("the checkout was on {was} when it began and is on {is} now"));
    }
    let args = ["merge-base", "--is-ancestor", &before.commit, &now.commit];
    let answer = Git::new(&before.path).tried(&args, &[]).await.ok()?;
    // Any other status than 1 is no answer.
    let lost = answer.status.code() == Some(1);
    lost.then(|| {
        let commit = before.commit.get(..SHORT).unwrap_or(&before.commit);
        format!(
            "{} no longer holds commit {commit}, which was checked out when it began",
            named(before)
        )
    })
}

fn named(found: &Found) -> String {
    match &found.branch {
        Some(branch) => format!("`{}`", branch.strip_prefix("refs/heads/").unwrap_or(branch)),
        None => "a detached HEAD".to_owned(),
    }
}
