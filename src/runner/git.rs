//! Git, through its program: questions that change nothing, and changes that are asked for by name.
//!
//! A repository agents write to is not trusted: hooks, the file system monitor and the pager are off, no lock is taken by
//! questions and no prompt is shown. What git runs all the same because the configuration says so (filters, drivers of
//! merges, signing, ssh, credential helpers) sees a short list of environment variables and no secret. Before branches are
//! made, merged or removed, [`branch`](crate::runner::branch) refuses those that agents have configured.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use crate::domain::diff::Ending;
use crate::domain::printable::Printable;
use crate::domain::time::Timestamp;
use crate::domain::workspace::Worktree;
use crate::runner::gate_run;

/// Longest time for one question.
const PATIENCE: Duration = Duration::from_secs(10);

/// Longest time for one change.
const LONG_PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Who commits, where the environment says it.
const IDENTITY: [&str; 4] =
    ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"];

/// Variables git sees beside those gates see: where a person's own configuration and keys are, and what the program
/// itself needs. Others of git's own would answer about another repository.
const PASSED_ON: [&str; 6] = [
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GNUPGHOME",
    "LD_LIBRARY_PATH",
    "DEVELOPER_DIR",
];

/// What reaches a remote: submodules and commits that are not here yet are fetched by changes.
const FOR_REMOTES: [&str; 11] = [
    "SSH_AUTH_SOCK",
    "DBUS_SESSION_BUS_ADDRESS",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
];

/// The git repository a directory is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Git {
    directory: PathBuf,
}

/// Why git did not answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The directory is in no repository.
    #[error("{} is not a git repository; run `git init` there, or choose another directory", path.display())]
    NotARepository {
        /// Which directory.
        path: PathBuf,
    },
    /// The directory is missing.
    #[error("no directory at {}; check the target's path", path.display())]
    NoDirectory {
        /// Which directory.
        path: PathBuf,
    },
    /// There is no git program.
    #[error("cannot start git: {0}; install git and make sure that it is on PATH")]
    NoGit(io::Error),
    /// No answer in time.
    #[error("git gave no answer about {} within {} s; check its disk", path.display(), PATIENCE.as_secs())]
    TimedOut {
        /// Which directory.
        path: PathBuf,
    },
    /// A change took too long.
    #[error("git did not end in {} within {} min; check its disk", path.display(), LONG_PATIENCE.as_secs() / 60)]
    TooLong {
        /// Which directory.
        path: PathBuf,
    },
    /// Git said no.
    #[error("git failed in {}: {said}", path.display())]
    Failed {
        /// Which directory.
        path: PathBuf,
        /// The first line of what it said.
        said: Printable,
    },
}

impl Git {
    /// Questions about the repository `directory` is in. Nothing is asked yet.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// Whether the directory is inside the working tree of a repository.
    ///
    /// # Errors
    /// One sentence when git can't say.
    pub async fn is_repository(&self) -> Result<bool, GitError> {
        match self.ask(&["rev-parse", "--is-inside-work-tree"]).await {
            Ok(said) => Ok(said.trim() == "true"),
            Err(GitError::NotARepository { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The commit checked out; `None` before the first one.
    ///
    /// # Errors
    /// One sentence when git can't say.
    pub async fn head(&self) -> Result<Option<String>, GitError> {
        let args = ["rev-parse", "--quiet", "--verify", "HEAD^{commit}"];
        self.ask_quietly(&args).await
    }

    /// The branch checked out; `None` when it is detached.
    ///
    /// # Errors
    /// One sentence when git can't say.
    pub async fn branch(&self) -> Result<Option<String>, GitError> {
        // The short form is another where a tag has the same name.
        let full = self.ask_quietly(&["symbolic-ref", "--quiet", "HEAD"]).await?;
        Ok(full.map(|name| name.strip_prefix("refs/heads/").unwrap_or(&name).to_owned()))
    }

    /// Files changed, added, deleted or not known to git; a new folder counts once.
    ///
    /// # Errors
    /// One sentence when git can't say.
    pub async fn dirty_files(&self) -> Result<usize, GitError> {
        // Without renames each record is one file.
        let args = ["status", "--porcelain=v1", "-z", "--no-renames", "--ignore-submodules=all"];
        Ok(self.ask(&args).await?.split('\0').filter(|record| !record.is_empty()).count())
    }

    /// The commit a name stands for; `None` when there is none of that name.
    ///
    /// # Errors
    /// One sentence when git can't say.
    pub async fn commit(&self, name: &str) -> Result<Option<String>, GitError> {
        let name = format!("{name}^{{commit}}");
        self.ask_quietly(&["rev-parse", "--quiet", "--verify", "--end-of-options", &name]).await
    }

    /// Whether `commit` holds all of `earlier`.
    ///
    /// # Errors
    /// One sentence when git can't say.
    pub async fn holds(&self, commit: &str, earlier: &str) -> Result<bool, GitError> {
        let found = self.ask_quietly(&["merge-base", "--is-ancestor", earlier, commit]).await?;
        Ok(found.is_some())
    }

    /// The answer of a question, without the line end.
    ///
    /// # Errors
    /// One sentence when git refuses.
    pub async fn answer(&self, args: &[&str]) -> Result<String, GitError> {
        Ok(self.ask(args).await?.trim_end_matches('\n').to_owned())
    }

    /// Runs a command that changes something; it may take long.
    ///
    /// # Errors
    /// One sentence when git refuses.
    pub async fn change(&self, args: &[&str]) -> Result<String, GitError> {
        self.said(self.tried(args, &[]).await?)
    }

    /// Runs a command that changes something with these variables, and gives what it said, whether it succeeded or not.
    ///
    /// # Errors
    /// One sentence when it can't be run or takes too long.
    pub async fn tried(&self, args: &[&str], env: &[(&str, &Path)]) -> Result<Output, GitError> {
        if !self.directory.is_dir() {
            return Err(GitError::NoDirectory { path: self.directory.clone() });
        }
        let mut command = command(&self.directory, args);
        command.env_remove("GIT_NO_LAZY_FETCH").envs(env.iter().copied());
        for name in IDENTITY.into_iter().chain(FOR_REMOTES) {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        match tokio::time::timeout(LONG_PATIENCE, command.output()).await {
            Ok(output) => output.map_err(GitError::NoGit),
            Err(_) => Err(GitError::TooLong { path: self.directory.clone() }),
        }
    }

    /// What a command that was tried said, without the line end.
    ///
    /// # Errors
    /// One sentence when it failed.
    pub fn said(&self, output: Output) -> Result<String, GitError> {
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned())
        } else {
            Err(self.refusal(&output))
        }
    }

    /// The first `most` bytes of an answer that may be long, and whether that is all of it.
    ///
    /// # Errors
    /// One sentence when git refuses, or takes too long.
    pub async fn beginning(
        &self,
        args: &[&str],
        most: usize,
    ) -> Result<(Vec<u8>, Ending), GitError> {
        match tokio::time::timeout(PATIENCE, self.read(args, most)).await {
            Ok(read) => read,
            Err(_) => Err(GitError::TimedOut { path: self.directory.clone() }),
        }
    }

    async fn read(&self, args: &[&str], most: usize) -> Result<(Vec<u8>, Ending), GitError> {
        let mut command = command(&self.directory, args);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(GitError::NoGit)?;
        let mut bytes = Vec::new();
        if let Some(output) = child.stdout.take() {
            let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
            output.take(limit).read_to_end(&mut bytes).await.map_err(GitError::NoGit)?;
        }
        if bytes.len() > most {
            // Git ends by itself: nobody reads what it writes any more.
            bytes.truncate(most);
            return Ok((bytes, Ending::Cut));
        }
        let output = child.wait_with_output().await.map_err(GitError::NoGit)?;
        if output.status.success() {
            Ok((bytes, Ending::Whole))
        } else {
            Err(self.refusal(&output))
        }
    }

    /// The newest commits checked out that were made since a moment, newest first: `1a2b3c4 What it does`.
    ///
    /// # Errors
    /// One sentence when git can't say.
    pub async fn commits_since(
        &self,
        moment: Timestamp,
        most: usize,
    ) -> Result<Vec<String>, GitError> {
        let (since, most) = (format!("--since=@{}", moment.0 / 1000), format!("-{most}"));
        let args = ["log", &since, &most, "--no-show-signature", "--format=%h %s"];
        Ok(self.ask(&args).await?.lines().map(str::to_owned).collect())
    }

    /// The newest commits of a worktree's branch since it began, newest first, without what was merged into it.
    ///
    /// # Errors
    /// One sentence when git can't say.
    pub async fn commits_of_its_own(
        &self,
        own: &Worktree,
        most: usize,
    ) -> Result<Vec<String>, GitError> {
        let (base, most) = (format!("^{}", own.base), format!("-{most}"));
        let log = ["log", &most, "--no-show-signature", "--format=%h %s", "HEAD", &base];
        let onto = format!("^refs/heads/{}", own.onto);
        let said = match self.ask(&[&log[..], &[&onto, "--"]].concat()).await {
            // The branch it goes to may have another name by now.
            Err(_) => self.ask(&[&log[..], &["--"]].concat()).await?,
            Ok(said) => said,
        };
        Ok(said.lines().map(str::to_owned).collect())
    }

    /// The answer of a question that says nothing and fails when there is nothing to say.
    async fn ask_quietly(&self, args: &[&str]) -> Result<Option<String>, GitError> {
        let output = self.run(args).await?;
        if output.status.success() {
            return Ok(Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()));
        }
        if output.stderr.is_empty() { Ok(None) } else { Err(self.refusal(&output)) }
    }

    async fn ask(&self, args: &[&str]) -> Result<String, GitError> {
        let output = self.run(args).await?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(self.refusal(&output))
        }
    }

    async fn run(&self, args: &[&str]) -> Result<Output, GitError> {
        if !self.directory.is_dir() {
            return Err(GitError::NoDirectory { path: self.directory.clone() });
        }
        let running = command(&self.directory, args).output();
        match tokio::time::timeout(PATIENCE, running).await {
            Ok(output) => output.map_err(GitError::NoGit),
            Err(_) => Err(GitError::TimedOut { path: self.directory.clone() }),
        }
    }

    fn refusal(&self, output: &Output) -> GitError {
        let path = self.directory.clone();
        let said = String::from_utf8_lossy(&output.stderr);
        if said.contains("not a git repository") {
            return GitError::NotARepository { path };
        }
        GitError::Failed { path, said: Printable::new(said.lines().next().unwrap_or("no reason")) }
    }
}

/// A git command that does not wait for a person, runs no hook, and has no secret to tell what else it runs.
fn command(directory: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.env_clear().envs(std::env::vars_os().filter(|(name, _)| is_passed_on(name)));
    command
        .args(["--no-pager", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"])
        .args(["-c", "diff.external=", "-c", "submodule.recurse=false", "-c", "gc.auto=0"])
        .args(["-c", "maintenance.auto=false", "-c", "advice.detachedHead=false"])
        .args(args)
        .current_dir(directory)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

fn is_passed_on(name: &OsStr) -> bool {
    let on_list = |name| PASSED_ON.contains(&name) || gate_run::is_passed_on(name);
    name.to_str().is_some_and(on_list)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
pub(crate) mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A repository with one commit on branch `main`.
    pub fn repository() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "1").unwrap();
        git(folder.path(), &["init", "-q", "-b", "main"]);
        commit(folder.path());
        folder
    }

    fn git(folder: &Path, args: &[&str]) {
        let mut command = std::process::Command::new("git");
        command.current_dir(folder).args(args).env("GIT_CONFIG_GLOBAL", "/dev/null");
        assert!(command.status().unwrap().success(), "{args:?}");
    }

    fn commit(folder: &Path) {
        git(folder, &["add", "."]);
        git(folder, &["-c", "user.name=n", "-c", "user.email=e", "commit", "-q", "-m", "m"]);
    }

    #[tokio::test]
    async fn a_repository_is_described() {
        let folder = repository();
        let git_here = Git::new(folder.path());
        assert!(git_here.is_repository().await.unwrap());
        assert_eq!(git_here.branch().await.unwrap().unwrap(), "main");
        assert_eq!(git_here.head().await.unwrap().unwrap().len(), 40);
        assert_eq!(git_here.dirty_files().await.unwrap(), 0);
        fs::write(folder.path().join("a"), "changed").unwrap();
        fs::rename(folder.path().join("a"), folder.path().join("b c\nd")).unwrap();
        assert_eq!(git_here.dirty_files().await.unwrap(), 2);
        git(folder.path(), &["checkout", "-q", "--detach"]);
        assert_eq!(git_here.branch().await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_repository_without_commits_has_a_branch_and_no_head() {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "-q", "-b", "main"]);
        let git_here = Git::new(folder.path());
        assert_eq!(git_here.head().await.unwrap(), None);
        assert_eq!(git_here.branch().await.unwrap().unwrap(), "main");
    }

    #[tokio::test]
    async fn a_plain_directory_is_no_repository() {
        let folder = tempfile::tempdir().unwrap();
        let git_here = Git::new(folder.path());
        assert!(!git_here.is_repository().await.unwrap());
        let error = git_here.head().await.unwrap_err().to_string();
        assert!(error.contains("is not a git repository"), "{error}");
        let error = Git::new(folder.path().join("none")).head().await.unwrap_err().to_string();
        assert!(error.starts_with("no directory at "), "{error}");
    }

    #[tokio::test]
    async fn what_the_repository_brings_along_is_not_run() {
        let folder = repository();
        let script = folder.path().join("evil");
        fs::write(&script, format!("#!/bin/sh\ntouch {}/ran\n", folder.path().display())).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let hook = folder.path().join(".git/hooks/post-index-change");
        fs::copy(&script, hook).unwrap();
        let evil = script.to_str().unwrap();
        for setting in ["core.fsmonitor", "diff.external", "core.pager"] {
            git(folder.path(), &["config", setting, evil]);
        }
        let _changed = fs::write(folder.path().join("a"), "2");
        Git::new(folder.path()).dirty_files().await.unwrap();
        assert!(!folder.path().join("ran").exists());
    }

    #[tokio::test]
    async fn what_the_configuration_has_git_run_sees_no_secret() {
        let folder = repository();
        let seen = folder.path().join(".git/seen");
        let tell = format!("sh -c 'env > \"{}\"; cat'", seen.display());
        for filter in ["filter.e.clean", "filter.e.smudge"] {
            git(folder.path(), &["config", filter, &tell]);
        }
        fs::write(folder.path().join(".git/info/attributes"), "* filter=e\n").unwrap();
        // As good as a secret: it is in no list, and cargo sets it.
        let secret = format!("CARGO_PKG_NAME={}", std::env::var("CARGO_PKG_NAME").unwrap());
        let git_here = Git::new(folder.path());
        for question in [true, false] {
            fs::write(folder.path().join("a"), "2").unwrap();
            if question {
                git_here.dirty_files().await.unwrap();
            } else {
                git_here.change(&["checkout", "--quiet", "--force", "main"]).await.unwrap();
            }
            let env = fs::read_to_string(&seen).unwrap();
            fs::remove_file(&seen).unwrap();
            assert!(!env.lines().any(|line| line == secret), "{env}");
            assert!(env.lines().any(|line| line.starts_with("PATH=")), "{env}");
        }
    }

    #[test]
    fn git_is_told_where_a_person_s_configuration_is_and_no_more_of_its_own() {
        let passed = |name: &&str| is_passed_on(OsStr::new(*name));
        let yes = ["HOME", "PATH", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GNUPGHOME", "LANG"];
        let no = ["GIT_DIR", "GIT_INDEX_FILE", "GIT_SSH_COMMAND", "GITHUB_TOKEN", "AWS_SECRET_KEY"];
        assert_eq!(yes.iter().copied().filter(|name| passed(name)).collect::<Vec<_>>(), yes);
        assert_eq!(no.iter().copied().filter(|name| passed(name)).collect::<Vec<_>>(), [""; 0]);
    }
}
