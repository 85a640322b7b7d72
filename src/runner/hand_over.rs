//! What earlier tries of a phase left, for the agent that comes after them.

use crate::domain::adapter::Start;
use crate::domain::effect::{Launch, Try};
use crate::domain::printable::Printable;
use crate::runner::done_work::DoneWork;
use crate::runner::git::Git;
use crate::runner::last_screen::SCREEN_FILE;
use crate::runner::state_dir::StateDir;

/// So many of the newest tries are told.
const TRIES: usize = 5;
/// So many of the newest commits are told.
const COMMITS: usize = 30;
/// So many of the last lines on a screen are told.
const LINES: usize = 15;
/// More of a line is cut.
const WIDTH: usize = 300;

/// What was done before. All of it is text of others: data, not orders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandOver {
    /// The tries and how they ended, oldest first.
    pub tries: Vec<String>,
    /// Commits made since the first of them, newest first.
    pub commits: Vec<String>,
    /// The last lines on the screen of the last of them.
    pub last_words: Vec<String>,
    /// What was done for the phases this one builds on, a text each.
    pub built_on: Vec<String>,
    /// What the agent's identity did on other phases, a text each.
    pub before: Vec<String>,
}

impl HandOver {
    /// Finds out what was done before a life. What can't be found out is left out.
    pub async fn gather(state: &StateDir, launch: &Launch) -> Self {
        let mut work = DoneWork::new(launch.workspace.path(), &launch.target.documents.devlog);
        let known = Self::known(&mut work, launch).await;
        let tries = launch.brief.failure.as_ref().map(|failure| failure.tries.as_slice());
        let Some([first, ..]) = tries else { return known };
        let tries = tries.unwrap_or_default();
        let commits = commits(launch, first).await;
        let screen = tries.last().map(|last| state.agent_folder(&last.agent).join(SCREEN_FILE));
        let screen = screen.and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
        Self {
            tries: tries.iter().rev().take(TRIES).rev().map(tried).collect(),
            commits: commits.iter().map(|commit| clip(commit)).collect(),
            last_words: last_lines(&String::from_utf8_lossy(&screen)),
            ..known
        }
    }

    /// What is known before anything of a life is made. One that goes on with its session knows it.
    pub async fn known(work: &mut DoneWork, launch: &Launch) -> Self {
        if let Start::Resume { .. } = launch.start {
            return Self::default();
        }
        let (built_on, before) =
            (work.built_on(&launch.brief).await, work.before(&launch.brief).await);
        Self { built_on, before, ..Self::default() }
    }
}

/// The newest commits of the tries: in a worktree those of its branch alone, elsewhere those made since the first try.
async fn commits(launch: &Launch, first: &Try) -> Vec<String> {
    let git = Git::new(launch.workspace.path());
    if let Some(own) = launch.workspace.worktree()
        && let Ok(commits) = git.commits_of_its_own(own, COMMITS).await
    {
        return commits;
    }
    // A clock that was set is no reason to leave a commit out.
    git.commits_since(first.began, COMMITS).await.unwrap_or_default()
}

fn tried(one: &Try) -> String {
    let how = one.outcome.as_deref().unwrap_or("how it ended is not known");
    clip(&format!("life {}: {how}", one.agent.life.0))
}

fn last_lines(screen: &str) -> Vec<String> {
    let lines: Vec<&str> = screen.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.iter().rev().take(LINES).rev().map(|line| clip(line.trim_end())).collect()
}

fn clip(line: &str) -> String {
    let line: String = line.chars().take(WIDTH).collect();
    Printable::new(&line).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_screen_is_told_without_what_steers_a_terminal() {
        let screen: String = (0..40).map(|n| format!("line {n}\n\n  \n")).collect();
        let lines = last_lines(&format!("{screen}the \u{1b}[2Jend   \n"));
        assert_eq!(lines.len(), LINES);
        assert_eq!(lines.first().map(String::as_str), Some("line 26"));
        assert_eq!(lines.last().map(String::as_str), Some("the \u{241b}[2Jend"));
        assert_eq!(last_lines(&"x".repeat(5_000)), [("x".repeat(WIDTH))]);
    }
}
