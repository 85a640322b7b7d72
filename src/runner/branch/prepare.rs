//! Worktrees to work in: made, or taken up where an earlier life left them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{
    BranchError, Repository, commands, fit, include, name, own, reference, rubbish, shared,
};
use crate::domain::effect::Worker;
use crate::domain::gate::{Check, Gate, GateResult, When};
use crate::domain::id::{AgentRef, PhaseId};
use crate::domain::workspace::{Isolation, Workspace, Worktree};
use crate::runner::gate_run;
use crate::runner::git::{Git, GitError};
use crate::runner::state_dir::StateDir;
use crate::runner::world::World;

/// Longest time for one set-up command.
const SETUP_TIME: Duration = Duration::from_secs(30 * 60);
/// So many worktrees of one phase at most.
const MOST: u32 = 10_000;

/// Makes the workspace of a life, or takes up the worktree an earlier one left.
///
/// # Errors
/// One sentence that says what to do.
pub async fn prepare(
    world: &World,
    (agent, phase): (&AgentRef, &PhaseId),
    (from, needs): (Option<Worktree>, &[String]),
) -> Result<Workspace, BranchError> {
    let path = &world.target.path;
    match world.target.workspaces.isolation {
        Isolation::Shared => {
            gate_run::all_ended().await;
            Git::new(path).head().await?;
            shared::note(world, agent, path).await;
            Ok(Workspace::Checkout { path: path.clone() })
        }
        Isolation::Worktree => {
            let repository = Repository::open(path, &world.state).await?;
            let making = Making { world, repository, agent, needs };
            let turn = making.repository.turn().await?;
            commands::begin(&making.repository).await?;
            let worktree = making.worktree(phase, from).await?;
            drop(turn);
            Ok(Workspace::Worktree(worktree))
        }
    }
}

/// The worktree a phase would get, as far as that can be told without asking git.
pub fn planned(state: &StateDir, phase: &PhaseId) -> Worktree {
    let slug = name::slug(phase);
    let root = |n: &u32| state.worktrees().join(format!("{slug}-{n}"));
    let n = (1..MOST).find(|n| !root(n).exists()).unwrap_or(MOST);
    Worktree {
        root: root(&n),
        path: root(&n),
        branch: name::branch(&slug, n),
        onto: "the branch that is checked out".to_owned(),
        base: String::new(),
    }
}

/// What a worktree is made with.
struct Making<'a> {
    world: &'a World,
    repository: Repository,
    agent: &'a AgentRef,
    /// Merges that the work is built on.
    needs: &'a [String],
}

impl Making<'_> {
    async fn worktree(
        &self,
        phase: &PhaseId,
        from: Option<Worktree>,
    ) -> Result<Worktree, BranchError> {
        self.knows_who_commits().await?;
        // Whatever the checkout is at: this work goes where it was to go.
        if let Some(left) = from
            && let Some(worktree) = self.take_up(left).await?
        {
            return Ok(worktree);
        }
        let (onto, tip) = self.start().await?;
        let slug = name::slug(phase);
        for n in 1..=MOST {
            let place = self.place((&slug, n), (&onto, &tip));
            let known = self.repository.tip(&place.branch).await?.is_some();
            match (known, place.root.exists()) {
                (false, false) => return self.make(place).await,
                (true, true) => {
                    if let Some(worktree) = self.adopt(place, &tip).await? {
                        return Ok(worktree);
                    }
                }
                _ => {}
            }
        }
        Err(BranchError::Git(GitError::Failed {
            path: self.repository.path.clone(),
            said: format!("there are {MOST} worktrees of phase {phase} already").into(),
        }))
    }

    /// The branch that is checked out and its tip: where work begins and where it goes.
    async fn start(&self) -> Result<(String, String), BranchError> {
        let (git, path) = (&self.repository.git, self.repository.path.clone());
        let Some(tip) = git.head().await? else { return Err(BranchError::NoCommit(path)) };
        let Some(onto) = git.branch().await? else { return Err(BranchError::Detached(path)) };
        Ok((onto, tip))
    }

    async fn knows_who_commits(&self) -> Result<(), BranchError> {
        for ident in ["GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"] {
            if !self.repository.git.tried(&["var", ident], &[]).await?.status.success() {
                return Err(BranchError::NoIdentity(self.repository.path.clone()));
            }
        }
        Ok(())
    }

    fn place(&self, (slug, n): (&str, u32), (onto, tip): (&str, &str)) -> Worktree {
        let root = self.world.state.worktrees().join(format!("{slug}-{n}"));
        Worktree {
            path: self.repository.within(&root),
            root,
            branch: name::branch(slug, n),
            onto: onto.to_owned(),
            base: tip.to_owned(),
        }
    }

    /// The worktree an earlier life left, if there is still something of it.
    async fn take_up(&self, left: Worktree) -> Result<Option<Worktree>, BranchError> {
        if !left.root.is_dir() {
            let Some(_) = self.repository.tip(&left.branch).await? else { return Ok(None) };
            let root = left.root.to_string_lossy().into_owned();
            forget_registration(&self.repository, &left.root).await;
            self.repository
                .git
                .change(&["worktree", "add", "--quiet", &root, &left.branch])
                .await?;
            self.fill(&left).await?;
            return Ok(Some(left));
        }
        self.unlock(&left).await?;
        own::ensure(&self.repository, &left).await?;
        let Some(branch) = self.repository.tip(&left.branch).await? else { return Ok(None) };
        // What nobody has worked on yet begins where the target branch is now.
        let Some(tip) = self.repository.tip(&left.onto).await? else {
            return Err(BranchError::TargetGone { branch: left.branch, onto: left.onto });
        };
        let untouched = self.repository.git.holds(&tip, &branch).await?;
        if untouched && Git::new(&left.root).dirty_files().await? == 0 {
            return Ok(Some(self.move_up(left, &tip).await?));
        }
        Ok(Some(left))
    }

    /// Removes locks that git left behind when the life before was killed: nobody else works there.
    async fn unlock(&self, left: &Worktree) -> Result<(), BranchError> {
        let own = ["rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir"];
        let said = Git::new(&left.root).answer(&own).await?;
        let Some((own, common)) = said.split_once('\n') else { return Ok(()) };
        let branch = format!("{}.lock", reference(&left.branch));
        let locks = [
            Path::new(own).join("index.lock"),
            Path::new(own).join("HEAD.lock"),
            Path::new(common).join(branch),
        ];
        for lock in locks {
            match std::fs::remove_file(&lock) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(BranchError::File { path: lock, source });
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// A worktree that was being made when the app ended, if nothing was done in it.
    async fn adopt(&self, place: Worktree, tip: &str) -> Result<Option<Worktree>, BranchError> {
        let Some(branch) = self.repository.tip(&place.branch).await? else { return Ok(None) };
        let git = Git::new(&place.root);
        let ours = git.branch().await.ok().flatten().as_deref() == Some(place.branch.as_str());
        let untouched = ours && self.repository.git.holds(tip, &branch).await?;
        if !untouched || git.dirty_files().await? > 0 {
            return Ok(None);
        }
        let place = self.move_up(place, tip).await?;
        self.fill(&place).await?;
        Ok(Some(place))
    }

    async fn move_up(&self, worktree: Worktree, tip: &str) -> Result<Worktree, BranchError> {
        Git::new(&worktree.root).change(&["merge", "--quiet", "--ff-only", tip]).await?;
        Ok(Worktree { base: tip.to_owned(), ..worktree })
    }

    async fn make(&self, place: Worktree) -> Result<Worktree, BranchError> {
        fit::is_built_on(&self.repository, (&place.onto, &place.base), self.needs).await?;
        let folder = self.world.state.worktrees();
        private_folder(&folder)?;
        let root = place.root.to_string_lossy().into_owned();
        let add =
            ["worktree", "add", "--quiet", "--no-track", "-b", &place.branch, &root, &place.base];
        let made = match self.repository.git.change(&add).await {
            Ok(_) => self.fill(&place).await,
            Err(error) => Err(BranchError::from(error).in_folder(&folder)),
        };
        if let Err(error) = made {
            // Nothing was done in it yet.
            self.unmake(&place).await;
            return Err(error);
        }
        Ok(place)
    }

    async fn unmake(&self, place: &Worktree) {
        let git = &self.repository.git;
        let _ = rubbish::remove(&place.root).await;
        forget_registration(&self.repository, &place.root).await;
        let branch = reference(&place.branch);
        let _ = git.change(&["update-ref", "-d", &branch, &place.base]).await;
    }

    /// Ignored files that are wanted, submodules, the target's own set-up.
    async fn fill(&self, place: &Worktree) -> Result<(), BranchError> {
        include::copy(&self.repository, &place.root).await?;
        fill(self.world, self.agent, (&place.root, &place.path)).await
    }
}

/// Fills submodules and runs the target's set-up commands in a fresh worktree.
pub(super) async fn fill(
    world: &World,
    agent: &AgentRef,
    (root, path): (&Path, &Path),
) -> Result<(), BranchError> {
    submodules(&world.target.path, root).await?;
    let workspace = Workspace::Checkout { path: path.to_owned() };
    let target = world.target.seen_from(&workspace);
    let variables = world.gate_environment(&Worker::known_by(agent), &target);
    for command in &world.target.workspaces.setup {
        run(command, &workspace, &variables).await?;
    }
    if !world.target.workspaces.setup.is_empty() {
        // What the target's own set-up has git run is wanted.
        commands::note(&Repository::open(&world.target.path, &world.state).await?).await?;
    }
    Ok(())
}

/// Brings submodules to what is checked out.
pub(super) async fn submodules(target: &Path, root: &Path) -> Result<(), BranchError> {
    if root.join(".gitmodules").is_file() {
        let fill = ["submodule", "--quiet", "update", "--init", "--recursive"];
        Git::new(root).change(&fill).await.map_err(|error| match error {
            GitError::Failed { said, .. } => {
                BranchError::Submodules { path: target.to_owned(), said }
            }
            other => other.into(),
        })?;
    }
    Ok(())
}

/// Takes back that a folder which is gone is a worktree. Others' worktrees that are not there now are not touched, as
/// `git worktree prune` would.
pub(super) async fn forget_registration(repository: &Repository, root: &Path) {
    let root = root.to_string_lossy().into_owned();
    let _ = repository.git.change(&["worktree", "remove", "--force", "--force", &root]).await;
}

async fn run(
    command: &[String],
    workspace: &Workspace,
    variables: &BTreeMap<String, String>,
) -> Result<(), BranchError> {
    let shown = command.last().filter(|_| command.len() == 3 && command[1] == "-c");
    let shown = shown.cloned().unwrap_or_else(|| command.join(" "));
    let check = Check::Command(command.to_vec());
    let (name, timeout) = ("setup".to_owned(), SETUP_TIME);
    let gate = Gate { name, check, timeout, required: true, when: When::Work };
    let receipt = gate_run::run(&gate, workspace, variables).await;
    let how = match &receipt.result {
        GateResult::Passed => return Ok(()),
        GateResult::Failed(Some(code)) => format!("ended with exit code {code}"),
        GateResult::Failed(None) => "was ended by a signal".to_owned(),
        GateResult::TimedOut => "took too long".to_owned(),
        GateResult::Unavailable(why) => format!("can't be run: {why}"),
    };
    let last = receipt.tail.iter().rev().find(|line| !line.as_str().trim().is_empty());
    let said = last.map(|line| format!(" ({line})")).unwrap_or_default();
    Err(BranchError::Setup { command: shown, how: how + &said })
}

pub(super) fn private_folder(path: &Path) -> Result<(), BranchError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| BranchError::File { path: PathBuf::from(path), source })
}
