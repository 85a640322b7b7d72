//! Built-in gates: what orch-tui looks at by itself in a worktree before it is merged.

use std::path::Path;
use std::time::Instant;

use crate::domain::gate::{Check, Gate, GateResult, Receipt, Tree};
use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;
use crate::domain::roadmap::Roadmap;
use crate::domain::target::Target;
use crate::domain::workspace::{Workspace, Worktree};
use crate::runner::branch::reference;
use crate::runner::environment::Variables;
use crate::runner::gate_run;
use crate::runner::git::{Git, GitError};
use crate::runner::plain_file;

/// No more of a roadmap or a devlog is looked at: 256 MiB.
const LARGEST: u64 = 256 << 20;
/// Files named in a receipt.
const NAMED: usize = 20;

/// Runs a built-in gate and gives its receipt.
pub async fn run(
    gate: &Gate,
    (workspace, target): (&Workspace, &Target),
    variables: &Variables,
) -> Receipt {
    if gate.check == Check::Tests {
        return tests(gate, workspace, variables).await;
    }
    let start = Instant::now();
    let git = Git::new(workspace.path());
    let commit = git.head().await.ok().flatten();
    let looked = match workspace {
        Workspace::Worktree(worktree) => {
            let phase = variables.get("WORK_STREAM_ID").cloned().unwrap_or_default();
            let look = Look { git, worktree, target, phase: PhaseId::new(phase) };
            look.at(&gate.check).await.map_err(|error| error.to_string())
        }
        Workspace::Checkout { .. } => Err("it needs `isolation: worktree`".to_owned()),
    };
    let (result, tail) = match looked {
        Ok(wrong) if wrong.is_empty() => (GateResult::Passed, Vec::new()),
        Ok(wrong) => (GateResult::Failed(Some(1)), wrong),
        Err(why) => (GateResult::Unavailable(Printable::new(&why)), Vec::new()),
    };
    let (gate, required, took) = (gate.name.clone(), gate.required, start.elapsed());
    Receipt { gate, required, result, took, commit, tree: Tree::Work, tail }
}

/// What a check looks at.
struct Look<'a> {
    git: Git,
    worktree: &'a Worktree,
    target: &'a Target,
    phase: PhaseId,
}

type Wrong = Result<Vec<Printable>, GitError>;

impl Look<'_> {
    /// What is wrong, a line each; nothing when all is well.
    async fn at(&self, check: &Check) -> Wrong {
        match check {
            Check::Clean => self.clean().await,
            Check::Commits => self.commits().await,
            Check::Roadmap => self.roadmap().await,
            Check::Devlog => self.devlog().await,
            // These two are commands.
            Check::Command(_) | Check::Tests => Ok(Vec::new()),
        }
    }

    async fn clean(&self) -> Wrong {
        // What a build leaves in a submodule is nobody's work; commits that are not recorded here would be lost.
        let args =
            ["status", "--porcelain=v1", "-z", "--no-renames", "--ignore-submodules=untracked"];
        let said = self.git.answer(&args).await?;
        let top = self.git.answer(&["rev-parse", "--show-toplevel"]).await?;
        let changed = said.split('\0').filter_map(|record| record.get(3..));
        // Its ticks are read where it lies.
        let others = changed.filter(|name| Path::new(&top).join(name) != self.target.roadmap);
        let files: Vec<Printable> = others.map(Printable::new).collect();
        Ok(listed("not committed:", files))
    }

    async fn commits(&self) -> Wrong {
        let (branch, there) = (&self.worktree.branch, self.git.branch().await?);
        if there.as_ref() != Some(branch) {
            let there = there.unwrap_or_else(|| "a detached HEAD".to_owned());
            let why = format!(
                "{there} is checked out, and only {branch} is merged: `git switch {branch}`, then `git merge` what you committed there"
            );
            return Ok(vec![Printable::new(&why)]);
        }
        let range = format!("{}..HEAD", reference(&self.worktree.onto));
        let count = self.git.answer(&["rev-list", "--count", "--end-of-options", &range]).await?;
        let none = count.trim() == "0";
        let why = format!("branch {} holds no commit of its own", self.worktree.branch);
        Ok(none.then(|| Printable::new(&why)).into_iter().collect())
    }

    /// The file as it was where the branch left the target branch.
    async fn before(&self, file: &Path) -> Result<Option<Vec<u8>>, GitError> {
        let base =
            self.git.answer(&["merge-base", &reference(&self.worktree.onto), "HEAD"]).await?;
        let Ok(within) = file.strip_prefix(&self.worktree.root) else { return Ok(None) };
        let name = format!("{base}:{}", within.to_string_lossy());
        let output = self.git.tried(&["cat-file", "blob", &name], &[]).await?;
        Ok(output.status.success().then_some(output.stdout))
    }

    async fn roadmap(&self) -> Wrong {
        let file = &self.target.roadmap;
        let Some(before) = self.before(file).await? else { return Ok(Vec::new()) };
        let after = plain_file::read(file, LARGEST).unwrap_or_default();
        let same = outside(&before, &self.phase) == outside(&after, &self.phase);
        let why = format!(
            "{} is changed outside the section of phase {}",
            file.strip_prefix(&self.worktree.path).unwrap_or(file).display(),
            self.phase
        );
        Ok((!same).then(|| Printable::new(&why)).into_iter().collect())
    }

    async fn devlog(&self) -> Wrong {
        let file = &self.target.documents.devlog;
        let before = self.before(file).await?.unwrap_or_default();
        let after = plain_file::read(file, LARGEST).unwrap_or_default();
        let grown = after.len() > before.len();
        let why = format!(
            "{} has no new entry",
            file.strip_prefix(&self.worktree.path).unwrap_or(file).display()
        );
        Ok((!grown).then(|| Printable::new(&why)).into_iter().collect())
    }
}

/// A roadmap without the section of a phase. How lines end is git's business: it may change them in a checkout.
fn outside(text: &[u8], phase: &PhaseId) -> Vec<u8> {
    let text = &lines_of(text)[..];
    let roadmap = Roadmap::parse(text);
    let section = roadmap.phase(phase).map(|phase| phase.place.section.clone());
    let section = section.unwrap_or(text.len()..text.len());
    let (head, tail) = (text.get(..section.start), text.get(section.end..));
    [head.unwrap_or_default(), tail.unwrap_or_default()].concat()
}

/// A text with lines that end in a line feed alone.
fn lines_of(text: &[u8]) -> Vec<u8> {
    let mut lines = text.to_vec();
    let mut next = text.iter().skip(1).chain([&0]);
    lines.retain(|byte| {
        let next = next.next();
        *byte != b'\r' || next != Some(&b'\n')
    });
    lines
}

fn listed(heading: &str, files: Vec<Printable>) -> Vec<Printable> {
    if files.is_empty() {
        return files;
    }
    let more = files.len().saturating_sub(NAMED);
    let mut lines = vec![Printable::new(heading)];
    lines.extend(files.into_iter().take(NAMED));
    if more > 0 {
        lines.push(Printable::new(&format!("and {more} more")));
    }
    lines
}

/// The repository's own test suite, as its files tell.
async fn tests(gate: &Gate, workspace: &Workspace, variables: &Variables) -> Receipt {
    let folder = workspace.path();
    let known: [(&str, &[&str]); 6] = [
        ("Cargo.toml", &["cargo", "test"]),
        ("package.json", &["npm", "test"]),
        ("go.mod", &["go", "test", "./..."]),
        ("pyproject.toml", &["python3", "-m", "pytest"]),
        ("Makefile", &["make", "test"]),
        ("pom.xml", &["mvn", "--batch-mode", "test"]),
    ];
    let found = known.iter().find(|(file, _)| folder.join(file).is_file());
    let argv = found.map(|(_, argv)| argv.iter().map(|word| (*word).to_owned()).collect());
    let command = Gate { check: Check::Command(argv.unwrap_or_default()), ..gate.clone() };
    gate_run::run(&command, workspace, variables).await
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn only_the_phase_s_own_section_may_change() {
        let before = b"# R\n\n### Phase 1: a\n\n- [ ] x\n\n### Phase 2: b\n\n- [ ] y\n";
        let ticked = b"# R\n\n### Phase 1: a\n\n- [x] x\n\n### Phase 2: b\n\n- [ ] y\n";
        let (one, two) = (PhaseId::new("1"), PhaseId::new("2"));
        assert_eq!(outside(before, &one), outside(ticked, &one));
        assert_ne!(outside(before, &two), outside(ticked, &two));
        assert_ne!(outside(before, &one), outside(b"", &one));
        let checked_out = String::from_utf8_lossy(ticked).replace('\n', "\r\n");
        assert_eq!(outside(before, &one), outside(checked_out.as_bytes(), &one));
    }
}
