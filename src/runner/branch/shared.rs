//! The guard of a checkout that agents share: it must be on the branch it was on, and hold the commits it held then and
//! since.

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
use crate::domain::time::Timestamp;
use crate::runner::branch::taken::{self, Moment};
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
    /// Entries of the branch's reflog.
    #[serde(default)]
    entries: usize,
    /// The commits that were missing when the agent ended; none before somebody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lost: Option<Vec<String>>,
    /// The second in which the agent ended, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<u64>,
}

impl Found {
    /// The branch's full name, or that of what stands for it.
    fn name(&self) -> &str {
        self.branch.as_deref().unwrap_or(taken::NO_BRANCH)
    }
}

/// What is wrong with a checkout.
struct Wrong {
    /// In one clause.
    how: String,
    /// The commits that are missing.
    lost: Vec<String>,
}

impl From<String> for Wrong {
    fn from(how: String) -> Self {
        Self { how, lost: Vec::new() }
    }
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
    found.entries = taken::entries(&Git::new(path), found.name()).await;
    keep(state, agent, &found);
}

fn keep(state: &StateDir, agent: &AgentRef, found: &Found) {
    let Ok(folder) = state.make_agent_folder(agent) else { return };
    let Ok(text) = serde_json::to_vec(found) else { return };
    let _unguarded = std::fs::write(folder.join(NOTE), text);
}

/// How an agent ended, once more: one that left the checkout otherwise than it was to did not end well. Reports that.
pub async fn judged(world: &SharedWorld, agent: &AgentRef, exit: Exit) -> Exit {
    match (look(world, agent, Some(exit.at)).await, exit.failure()) {
        (Some(how), None) => Exit { said: Some(Err(Reason::Astray(how))), ..exit },
        (Some(_) | None, _) => exit,
    }
}

/// Looks at the checkout an agent shared, and reports when it is not as it was to be when the agent ended.
pub async fn look(
    world: &SharedWorld,
    agent: &AgentRef,
    ended: Option<Timestamp>,
) -> Option<Printable> {
    let ended = ended.map(|at| at.0 / 1000);
    let before = Found { ended, ..noted(&world.state, agent)? };
    let mut wrong = astray(&before).await?;
    for _ in 0..LOOKS {
        sleep(BETWEEN).await;
        wrong = astray(&before).await?;
    }
    // What a person does from here on to put it right takes nothing away.
    keep(&world.state, agent, &Found { lost: Some(wrong.lost), ..before });
    let how = Printable::new(&wrong.how);
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
    astray(&noted(state, &last)?).await.map(|wrong| wrong.how)
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
    Ok(Some(Found { path: path.to_owned(), branch, commit, entries: 0, lost: None, ended: None }))
}

/// What is wrong with the checkout now.
async fn astray(before: &Found) -> Option<Wrong> {
    let was = named(before);
    let now = match found(&before.path).await {
        Ok(Some(now)) => now,
        Ok(None) => {
            let how = format!("the checkout was on {was} and is on a branch without a commit now");
            return Some(how.into());
        }
        Err(why) => return Some(format!("nobody can tell what is checked out: {why}").into()),
    };
    if now.branch != before.branch {
        let now = named(&now);
        let how = format!("the checkout was on {was} when it began and is on {now} now");
        return Some(how.into());
    }
    let lost = missing(before, &now.commit).await.ok()?;
    let first = lost.first()?;
    let when = match *first == before.commit {
        true => "which was checked out when it began",
        false => "which was made while it worked",
    };
    let commit = first.get(..SHORT).unwrap_or(first);
    Some(Wrong { how: format!("{was} no longer holds commit {commit}, {when}"), lost })
}

/// The commits that the branch no longer holds: of those that were missing before, if somebody looked.
async fn missing(before: &Found, now: &str) -> Result<Vec<String>, GitError> {
    let git = Git::new(&before.path);
    let Some(lost) = before.lost.as_ref().filter(|lost| !lost.is_empty()) else {
        let Found { commit, entries, ended, .. } = before;
        let then = Moment { name: before.name(), commit, entries: *entries, until: *ended };
        return taken::since(&git, &then, now).await;
    };
    let mut missing = Vec::new();
    for commit in lost {
        if !git.holds(now, commit).await? && !taken::carried(&git, commit, now).await? {
            missing.push(commit.clone());
        }
    }
    Ok(missing)
}

fn named(found: &Found) -> String {
    match &found.branch {
        Some(branch) => format!("`{}`", branch.strip_prefix("refs/heads/").unwrap_or(branch)),
        None => "a detached HEAD".to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::fs;
    use std::process::Command;

    use tempfile::TempDir;

    use super::*;

    /// A checkout that an agent found as it is after three commits: `a`, `b` and `c`, a file each.
    struct Checkout {
        folder: TempDir,
        found: Found,
    }

    impl Checkout {
        async fn new() -> Self {
            Self::with("git config core.logAllRefUpdates true").await
        }

        async fn with(settings: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            sh(folder.path(), &format!("git init -q -b main; {settings}"));
            sh(folder.path(), &format!("{} {} {}", made("a"), made("b"), made("c")));
            let found = begun(folder.path()).await;
            Self { folder, found }
        }

        /// What is wrong after that was done; nothing is an empty text.
        async fn after(&self, script: &str) -> String {
            sh(self.folder.path(), script);
            astray(&self.found).await.map(|wrong| wrong.how).unwrap_or_default()
        }
    }

    /// As an agent finds it.
    async fn begun(path: &Path) -> Found {
        let found = found(path).await.unwrap().unwrap();
        let entries = taken::entries(&Git::new(path), found.name()).await;
        Found { entries, ..found }
    }

    fn sh(at: &Path, script: &str) {
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", script]).current_dir(at).env("GIT_CONFIG_GLOBAL", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            shell.env(format!("GIT_{who}_NAME"), "n").env(format!("GIT_{who}_EMAIL"), "e@e");
        }
        let output = shell.env("GIT_EDITOR", "true").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}: {said}");
    }

    /// Commits a file of this name, of a few lines.
    fn made(file: &str) -> String {
        format!(
            "printf '{file}1\\n{file}2\\n{file}3\\n' > {file}; git add {file}; git commit -qm {file};"
        )
    }

    #[tokio::test]
    async fn what_goes_on_or_is_made_anew_is_not_lost() {
        let fine = [
            String::new(),
            made("d"),
            "git commit -q --amend -m other".to_owned(),
            "echo other > c; git commit -qa --amend -m other; git commit -q --amend -m third"
                .to_owned(),
            made("d") + "echo other > d; git commit -qa --amend -m other",
            // Commits of one's own in one.
            made("d")
                + &made("e")
                + "git reset -q --soft HEAD~2; echo d4 >> d; git commit -qam both",
            // Somewhere else and back.
            "git checkout -q -b side; ".to_owned() + &made("d") + "git checkout -q main",
            "git checkout -q -b side HEAD~1; ".to_owned()
                + &made("d")
                + "git checkout -q main; git rebase -q side",
            made("d") + "git revert --no-edit HEAD~1",
            "git checkout -q -b side; ".to_owned()
                + &made("d")
                + "git checkout -q main; git merge -q --no-ff -m merge side",
            made("d") + "git reset -q --hard HEAD~1; git reset -q --hard ORIG_HEAD",
        ];
        for script in fine {
            assert_eq!(Checkout::new().await.after(&script).await, "", "{script}");
        }
    }

    #[tokio::test]
    async fn what_is_taken_away_is_told() {
        let (before, since) = ("checked out when it began", "made while it worked");
        let lost = [
            ("git reset -q --hard HEAD~1".to_owned(), before),
            ("git reset -q --hard HEAD~1; ".to_owned() + &made("d"), before),
            ("git reset -q --hard HEAD~2; git cherry-pick main@{1}".to_owned(), before),
            ("git commit -q --amend -m other; git reset -q --hard HEAD~1".to_owned(), since),
            (made("d") + "git reset -q --hard HEAD~1", since),
            (made("d") + "git reset -q --hard HEAD~1; " + &made("e"), since),
            // The same file, but not what was written there.
            (
                made("d") + "git reset -q --hard HEAD~1; seq 9 > d; git add d; git commit -qm d",
                since,
            ),
            ("git rm -q a; git commit -qm gone; git reset -q --hard HEAD~1".to_owned(), since),
            (made("d") + &made("e") + "git rebase -q --onto HEAD~2 HEAD~1", since),
        ];
        for (script, when) in lost {
            let told = Checkout::new().await.after(&script).await;
            assert!(told.starts_with("`main` no longer holds commit "), "{script}: {told:?}");
            assert!(told.ends_with(when), "{script}: {told:?}");
        }
    }

    #[tokio::test]
    async fn what_is_taken_after_the_agent_has_ended_is_not_held_against_it() {
        let seconds =
            |script: &str, at: u64| format!("export GIT_COMMITTER_DATE='@{at} +0000'; {script}");
        let (far, takes) = (4_000_000_000, "git reset -q --hard HEAD~1");
        let rows = [
            (made("d") + &seconds(takes, far + 1), ""),
            (seconds("git reset -q --hard HEAD~1", far + 1), ""),
            (made("d") + &seconds(takes, far), "made while it worked"),
            (made("d") + takes + "; " + &seconds(&made("e"), far + 1), "made while it worked"),
        ];
        for (script, expected) in rows {
            let mut checkout = Checkout::new().await;
            checkout.found.ended = Some(far);
            let told = checkout.after(&script).await;
            assert!(told.ends_with(expected), "{script}: {told:?}");
            assert_eq!(told.is_empty(), expected.is_empty(), "{script}: {told:?}");
        }
    }

    #[tokio::test]
    async fn where_no_branch_is_checked_out_others_may_be_looked_at() {
        let detached = "git checkout -q --detach HEAD~1; git config core.logAllRefUpdates true;";
        let rows = [
            ("git checkout -q main; git checkout -q -".to_owned(), ""),
            ("git checkout -q main; ".to_owned() + &made("d") + "git checkout -q main~2", ""),
            (made("d"), ""),
            (made("d") + "git reset -q --hard HEAD~1", "made while it worked"),
            (made("d") + "git checkout -q HEAD~1", "made while it worked"),
            ("git checkout -q HEAD~1".to_owned(), "checked out when it began"),
        ];
        for (script, expected) in rows {
            let mut checkout = Checkout::new().await;
            sh(checkout.folder.path(), detached);
            checkout.found = begun(checkout.folder.path()).await;
            let told = checkout.after(&script).await;
            assert!(told.ends_with(expected), "{script}: {told:?}");
            assert_eq!(told.is_empty(), expected.is_empty(), "{script}: {told:?}");
        }
    }

    #[tokio::test]
    async fn without_a_reflog_the_commit_it_began_on_is_what_counts() {
        for settings in ["git config core.logAllRefUpdates false", ""] {
            let rows = [
                (made("d"), ""),
                (made("d") + "git reset -q --hard HEAD~1", ""),
                ("git reset -q --hard HEAD~1".to_owned(), "when it began"),
                ("git commit -q --amend -m other".to_owned(), "when it began"),
            ];
            for (script, expected) in rows {
                let checkout = Checkout::with(settings).await;
                // As git does it by and by.
                let script = script + "\nrm -rf .git/logs";
                let told = checkout.after(&script).await;
                assert!(told.ends_with(expected), "{script}: {told:?}");
                assert_eq!(told.is_empty(), expected.is_empty(), "{script}: {told:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_reflog_that_was_tidied_is_read_from_where_the_commit_is() {
        let checkout = Checkout::new().await;
        let log = checkout.folder.path().join(".git/logs/refs/heads/main");
        let text = fs::read_to_string(&log).unwrap();
        fs::write(&log, text.lines().last().unwrap().to_owned() + "\n").unwrap();
        let takes = made("d") + &made("e") + "git reset -q --hard HEAD~2";
        let told = checkout.after(&takes).await;
        assert!(told.ends_with("made while it worked"), "{told:?}");
    }

    #[tokio::test]
    async fn what_a_person_does_to_put_it_right_takes_nothing_away() {
        let checkout = Checkout::new().await;
        let script = made("d") + "git tag d; git reset -q --hard HEAD~1; " + &made("e");
        sh(checkout.folder.path(), &script);
        let wrong = astray(&checkout.found).await.unwrap();
        assert_eq!(wrong.lost.len(), 1);
        let looked_at = Found { lost: Some(wrong.lost), ..checkout.found.clone() };
        let rows = [
            ("git commit --allow-empty -qm 'nothing is mended'", false),
            ("git reset -q --hard d", true),
            ("git reset -q --hard d~1", false),
            ("git cherry-pick d", true),
        ];
        for (script, mended) in rows {
            sh(checkout.folder.path(), script);
            assert_eq!(astray(&looked_at).await.is_none(), mended, "{script}");
        }
    }
}
