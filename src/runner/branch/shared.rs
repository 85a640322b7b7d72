//! The guard of a checkout that agents share: it must be on the branch it was on, and still hold the commits it held.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::domain::agent::Exit;
use crate::domain::branch::BranchReport;
use crate::domain::id::AgentRef;
use crate::domain::printable::Printable;
use crate::domain::reason::Reason;
use crate::domain::report::Report;
use crate::runner::claim_store::Holding;
use crate::runner::git::{Git, GitError};
use crate::runner::state_dir::StateDir;
use crate::runner::world::{SharedWorld, World};

/// File in the agent's folder that says what it found.
const NOTE: &str = "checkout.json";
/// A rebase, or a look at another branch, is over by then.
const LOOKS: u32 = 20;
/// Time between two looks.
const BETWEEN: Duration = Duration::from_millis(250);
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

/// Keeps what an agent finds checked out: on the branch that agents who work here already began on. What can't be
/// kept is not guarded: a repository without a commit, a full disk.
pub async fn note(world: &World, agent: &AgentRef, path: &Path) {
    let Ok(Some(mut found)) = found(path).await else { return };
    let state = &world.state;
    let others = world.claims.list().unwrap_or_default().into_iter();
    let others = others.filter(|claim| claim.held == Holding::Held && claim.owner.agent != *agent);
    let mut notes = others.filter_map(|claim| noted(state, &claim.owner.agent));
    if let Some(before) = notes.find(|before| before.path == found.path) {
        found.branch = before.branch;
    }
    let (Ok(folder), Ok(text)) = (state.make_agent_folder(agent), serde_json::to_vec(&found))
    else {
        return;
    };
    let _unguarded = std::fs::write(folder.join(NOTE), text);
}

/// How an agent ended, once more: one that left the checkout otherwise than it was to did not end well. Reports that.
pub async fn judged(world: &SharedWorld, agent: &AgentRef, exit: Exit) -> Exit {
    match (look(world, agent).await, exit.failure()) {
        (Some(how), None) => Exit { said: Some(Err(Reason::Astray(how))), ..exit },
        (Some(_) | None, _) => exit,
    }
}

/// Looks at the checkout an agent shared, and reports when it is not as it was to be.
pub async fn look(world: &SharedWorld, agent: &AgentRef) -> Option<Printable> {
    let before = noted(&world.state, agent)?;
    let mut how = astray(&before).await?;
    for _ in 0..LOOKS {
        sleep(BETWEEN).await;
        how = astray(&before).await?;
    }
    let how = Printable::new(&how);
    let report = BranchReport::Astray { agent: agent.clone(), how: how.clone() };
    world.report(Report::Branch(report)).await;
    Some(how)
}

/// What is still wrong with the checkout that the last of these agents shared; nothing once it was put right.
pub async fn still_astray(state: &StateDir, agents: Vec<AgentRef>) -> Option<String> {
    let noted_at = |agent: &AgentRef| {
        let note = state.agent_folder(agent).join(NOTE);
        note.metadata().and_then(|note| note.modified()).ok()
    };
    let last = agents.into_iter().filter_map(|agent| Some((noted_at(&agent)?, agent)));
    let (_, last) = last.max_by_key(|(at, _)| *at)?;
    astray(&noted(state, &last)?).await
}

fn noted(state: &StateDir, agent: &AgentRef) -> Option<Found> {
    let note = std::fs::read(state.agent_folder(agent).join(NOTE)).ok()?;
    serde_json::from_slice(&note).ok()
}

/// What is checked out; nothing where there is no commit.
async fn found(path: &Path) -> Result<Option<Found>, GitError> {
    let git = Git::new(path);
    let Some(commit) = git.head().await? else { return Ok(None) };
    let branch = git.answer(&["symbolic-ref", "--quiet", "HEAD"]).await.ok();
    Ok(Some(Found { path: path.to_owned(), branch, commit }))
}

/// What is wrong with the checkout now, in one clause.
async fn astray(before: &Found) -> Option<String> {
    let was = named(before);
    let now = match found(&before.path).await {
        Ok(Some(now)) => now,
        Ok(None) => {
            return Some(format!(
                "the checkout was on {was} and is on a branch without a commit now"
            ));
        }
        Err(why) => return Some(format!("nobody can tell what is checked out: {why}")),
    };
    if now.branch != before.branch {
        return Some(format!(
            "the checkout was on {was} when it began and is on {} now",
            named(&now)
        ));
    }
    let args = ["merge-base", "--is-ancestor", &before.commit, &now.commit];
    let answer = Git::new(&before.path).tried(&args, &[]).await.ok()?;
    // Any other status than 1 is no answer.
    let lost = answer.status.code() == Some(1);
    lost.then(|| {
        let commit = before.commit.get(..SHORT).unwrap_or(&before.commit);
        format!("{was} no longer holds commit {commit}, which was checked out when it began")
    })
}

fn named(found: &Found) -> String {
    match &found.branch {
        Some(branch) => format!("`{}`", branch.strip_prefix("refs/heads/").unwrap_or(branch)),
        None => "a detached HEAD".to_owned(),
    }
}
