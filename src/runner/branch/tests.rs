//! The same with a real git.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::mpsc;

use super::*;

mod commands;
mod fit;
mod nested;
mod renamed;

use crate::domain::branch::{Merge, MergePolicy, MergeTree, Unlanded, Unmerged};
use crate::domain::diff::{Content, MergeOutlook};
use crate::domain::id::{AgentId, AgentRef, Life, PhaseId};
use crate::domain::target::Workspaces;
use crate::domain::workspace::{Isolation, Workspace, Worktree};
use crate::runner::claim_store::ClaimStore;
use crate::runner::config::targets;
use crate::runner::environment::{self, Privilege};
use crate::runner::roadmap_file::RoadmapFile;
use crate::runner::world::World;

const ROADMAP: &str = "# R\n\n### Phase 1: One\n\n- **Status:** ⚪ Not Started\n- **Tasks:**\n  - [ ] write it\n\n\
    ### Phase 2: Two\n\n- **Status:** ⚪ Not Started\n- **Tasks:**\n  - [ ] write it\n";

/// A repository with a roadmap and one commit on `main`, and a world around it.
struct Bed {
    folder: TempDir,
    world: Arc<World>,
}

fn git(at: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(at)
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {args:?} in {}: {said}", at.display());
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn agent(phase: &str) -> AgentRef {
    AgentRef { id: AgentId::for_phase(&PhaseId::new(phase)), life: Life(1) }
}

impl Bed {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl Fn(&mut Workspaces)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repository = folder.path().join("repo");
        fs::create_dir_all(repository.join("plans")).unwrap();
        git(&repository, &["init", "-q", "-b", "main"]);
        for (name, value) in [("user.name", "n"), ("user.email", "e@e"), ("core.autocrlf", "false")]
        {
            git(&repository, &["config", name, value]);
        }
        fs::write(repository.join("plans/roadmap.md"), ROADMAP).unwrap();
        fs::write(repository.join("a.txt"), "one\ntwo\n").unwrap();
        fs::write(repository.join(".gitignore"), "*.env\n").unwrap();
        git(&repository, &["add", "."]);
        git(&repository, &["commit", "-q", "-m", "first"]);
        let (base, sockets) = (folder.path().join("state"), folder.path().join("run"));
        let state = StateDir::under(&base, &sockets, &repository).unwrap();
        let mut target = targets::implicit(&repository, None, "claude");
        target.workspaces.isolation = Isolation::Worktree;
        target.workspaces.merge = MergePolicy::Auto;
        change(&mut target.workspaces);
        let claims = ClaimStore::open(&state.claims()).unwrap();
        let world = World {
            roadmap: RoadmapFile::of(&target),
            state,
            target,
            claims,
            program: "orch-tui".into(),
            environment: environment::own(),
            privilege: Privilege::Ordinary,
            reports: mpsc::channel(16).0,
        };
        Self { folder, world: Arc::new(world) }
    }

    fn repository(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    async fn try_worktree(&self, phase: &str, from: Option<Worktree>) -> Result<Worktree, String> {
        let made = prepare(&self.world, (&agent(phase), &PhaseId::new(phase)), (from, &[])).await;
        match made.map_err(|error| error.to_string())? {
            Workspace::Worktree(worktree) => Ok(worktree),
            Workspace::Checkout { .. } => panic!("no worktree"),
        }
    }

    async fn worktree(&self, phase: &str) -> Worktree {
        self.try_worktree(phase, None).await.unwrap()
    }

    fn order(&self, phase: &str, worktree: &Worktree) -> BranchOrder {
        BranchOrder {
            agent: agent(phase),
            phase: PhaseId::new(phase),
            worktree: worktree.clone(),
            work: BranchWork::Discard,
        }
    }

    async fn merge(&self, phase: &str, worktree: &Worktree) -> Result<Merge, Unmerged> {
        self.merge_proven(phase, worktree, None).await
    }

    async fn merge_proven(
        &self,
        phase: &str,
        worktree: &Worktree,
        proven: Option<&str>,
    ) -> Result<Merge, Unmerged> {
        merge::merge(&self.world, &self.order(phase, worktree), ("Phase", proven)).await
    }

    async fn land(&self, worktree: &Worktree, merge: &Merge) -> Result<(), Unlanded> {
        land::land(&self.world, &self.order("1", worktree), merge).await
    }

    fn head(&self) -> String {
        git(&self.repository(), &["rev-parse", "main"])
    }
}

/// Writes a file in a worktree and commits it.
fn work(worktree: &Worktree, file: &str, text: &str) {
    fs::write(worktree.root.join(file), text).unwrap();
    git(&worktree.root, &["add", file]);
    git(&worktree.root, &["commit", "-q", "-m", file]);
}

#[tokio::test]
async fn work_goes_from_a_worktree_to_the_branch_and_nothing_of_it_is_left() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    assert_eq!((one.branch.as_str(), one.onto.as_str()), ("orch/1-1", "main"));
    assert!(!one.root.starts_with(bed.repository()), "inside the repository");
    work(&one, "b.txt", "new\n");
    // The roadmap: ticked in the branch, marked by us in the checkout, both not committed.
    let roadmap = ROADMAP.replacen("- [ ] write it", "- [x] write it", 1);
    fs::write(one.root.join("plans/roadmap.md"), &roadmap).unwrap();
    git(&one.root, &["commit", "-q", "-am", "tick"]);
    let marked = ROADMAP.replacen("⚪ Not Started", "🔄 In Progress", 1);
    fs::write(bed.repository().join("plans/roadmap.md"), &marked).unwrap();
    let before = bed.head();
    let merge = bed.merge("1", &one).await.unwrap();
    assert_eq!(
        (bed.head(), merge.ticked.as_slice()),
        (before.clone(), &["write it".to_owned()][..])
    );
    assert_eq!(fs::read_to_string(merge.tree.join("b.txt")).unwrap(), "new\n");
    assert_eq!(fs::read_to_string(merge.tree.join("plans/roadmap.md")).unwrap(), ROADMAP);
    bed.land(&one, &merge).await.unwrap();
    bed.land(&one, &merge).await.unwrap();
    assert_eq!(bed.head(), merge.commit);
    assert_eq!(git(&bed.repository(), &["rev-parse", "main^1"]), before);
    assert_eq!(fs::read_to_string(bed.repository().join("b.txt")).unwrap(), "new\n");
    assert_eq!(fs::read_to_string(bed.repository().join("plans/roadmap.md")).unwrap(), marked);
    assert_eq!(git(&bed.repository(), &["status", "--porcelain"]), "M plans/roadmap.md");
    let kept = remove::remove(&bed.world, &bed.order("1", &one), MergeTree::Drop).await.unwrap();
    assert_eq!(kept, [""; 0]);
    assert!(!one.root.exists());
    assert_eq!(git(&bed.repository(), &["branch", "--list", "orch/*"]), "");
}

#[tokio::test]
async fn a_roadmap_that_never_ends_holds_up_no_merge() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    work(&one, "b.txt", "new\n");
    let roadmap = one.root.join("plans/roadmap.md");
    fs::remove_file(&roadmap).unwrap();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    let (here, fifo) = (rustix::fs::CWD, rustix::fs::FileType::Fifo);
    rustix::fs::mknodat(here, &roadmap, fifo, mode, 0).unwrap();
    let patience = Duration::from_secs(30);
    let merge = tokio::time::timeout(patience, bed.merge("1", &one)).await.unwrap().unwrap();
    assert_eq!(merge.ticked, [""; 0]);
    fs::remove_file(&roadmap).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &roadmap).unwrap();
    let merge = tokio::time::timeout(patience, bed.merge("1", &one)).await.unwrap().unwrap();
    assert_eq!(merge.ticked, [""; 0]);
}

#[tokio::test]
async fn the_next_worktree_holds_what_was_merged_before() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    work(&one, "b.txt", "new\n");
    let merge = bed.merge("1", &one).await.unwrap();
    bed.land(&one, &merge).await.unwrap();
    let two = bed.worktree("2").await;
    assert_eq!(two.base, merge.commit);
    assert!(two.root.join("b.txt").exists());
}

#[tokio::test]
async fn a_conflict_leaves_everything_as_it_was() {
    let bed = Bed::new();
    let (one, two) = (bed.worktree("1").await, bed.worktree("2").await);
    work(&one, "a.txt", "ONE\ntwo\n");
    work(&two, "a.txt", "uno\ntwo\n");
    let merge = bed.merge("1", &one).await.unwrap();
    bed.land(&one, &merge).await.unwrap();
    let tip = bed.head();
    let conflict = bed.merge("2", &two).await;
    assert_eq!(conflict, Err(Unmerged::Conflict(vec!["a.txt".into()])));
    assert_eq!(bed.head(), tip);
    // Once its agent has merged main, it goes through.
    let _ = Command::new("git").current_dir(&two.root).args(["merge", "main"]).output().unwrap();
    work(&two, "a.txt", "ONE uno\ntwo\n");
    let merge = bed.merge("2", &two).await.unwrap();
    bed.land(&two, &merge).await.unwrap();
    assert_eq!(fs::read_to_string(bed.repository().join("a.txt")).unwrap(), "ONE uno\ntwo\n");
}

#[tokio::test]
async fn everybody_s_devlog_entries_stay() {
    let bed = Bed::new();
    fs::create_dir(bed.repository().join("docs")).unwrap();
    fs::write(bed.repository().join("docs/devlog.md"), "# Log\n").unwrap();
    git(&bed.repository(), &["add", "."]);
    git(&bed.repository(), &["commit", "-q", "-m", "log"]);
    let (one, two) = (bed.worktree("1").await, bed.worktree("2").await);
    work(&one, "docs/devlog.md", "# Log\n- one\n");
    work(&two, "docs/devlog.md", "# Log\n- two\n");
    for (phase, worktree) in [("1", &one), ("2", &two)] {
        let merge = bed.merge(phase, worktree).await.unwrap();
        bed.land(worktree, &merge).await.unwrap();
    }
    let log = fs::read_to_string(bed.repository().join("docs/devlog.md")).unwrap();
    assert!(log.contains("- one\n") && log.contains("- two\n") && !log.contains("<<<"), "{log}");
}

#[tokio::test]
async fn a_branch_that_moved_on_is_merged_again() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    work(&one, "b.txt", "new\n");
    let merge = bed.merge("1", &one).await.unwrap();
    fs::write(bed.repository().join("c.txt"), "c").unwrap();
    git(&bed.repository(), &["add", "c.txt"]);
    git(&bed.repository(), &["commit", "-q", "-m", "by a person"]);
    assert_eq!(bed.land(&one, &merge).await, Err(Unlanded::Moved));
    let again = bed.merge("1", &one).await.unwrap();
    bed.land(&one, &again).await.unwrap();
    assert!(bed.repository().join("b.txt").exists() && bed.repository().join("c.txt").exists());
}

#[tokio::test]
async fn uncommitted_changes_in_the_way_stop_it_and_are_named() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    work(&one, "a.txt", "ONE\ntwo\n");
    let merge = bed.merge("1", &one).await.unwrap();
    fs::write(bed.repository().join("a.txt"), "mine\n").unwrap();
    let Err(Unlanded::Blocked(why)) = bed.land(&one, &merge).await else { panic!("it landed") };
    assert!(why.as_str().contains("uncommitted changes in a.txt"), "{why}");
    assert!(why.as_str().contains("press m"), "{why}");
    assert_eq!(fs::read_to_string(bed.repository().join("a.txt")).unwrap(), "mine\n");
    git(&bed.repository(), &["checkout", "-q", "--", "a.txt"]);
    bed.land(&one, &merge).await.unwrap();
}

#[tokio::test]
async fn a_branch_nobody_has_checked_out_moves_too() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    work(&one, "b.txt", "new\n");
    git(&bed.repository(), &["switch", "-q", "-c", "elsewhere"]);
    let merge = bed.merge("1", &one).await.unwrap();
    bed.land(&one, &merge).await.unwrap();
    assert_eq!(bed.head(), merge.commit);
    assert!(!bed.repository().join("b.txt").exists());
}

#[tokio::test]
async fn what_is_not_merged_is_never_removed() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    work(&one, "b.txt", "new\n");
    let refused = remove::remove(&bed.world, &bed.order("1", &one), MergeTree::Drop)
        .await
        .unwrap_err()
        .to_string();
    assert!(refused.contains("orch/1-1 is kept"), "{refused}");
    assert!(one.root.join("b.txt").exists());
    fs::write(one.root.join("c.txt"), "not committed").unwrap();
    let tip = git(&one.root, &["rev-parse", "HEAD"]);
    // What is committed nowhere and what no branch holds is named with the rest.
    fs::create_dir(one.root.join("own")).unwrap();
    git(&one.root.join("own"), &["init", "-q", "-b", "main"]);
    fs::write(one.root.join("own/o.txt"), "own").unwrap();
    git(&one.root.join("own"), &["add", "."]);
    let person = ["-c", "user.name=n", "-c", "user.email=e", "commit", "-q", "-m", "own"];
    git(&one.root.join("own"), &person);
    let kept = remove::discard(&bed.world, &bed.order("1", &one)).await.unwrap();
    let names = ["kept/orch/1-1", "saved/orch/1-1", "inner/orch/1-1/1/HEAD"];
    assert_eq!(kept, names.map(|name| format!("refs/orch-tui/{name}")));
    assert_eq!(git(&bed.repository(), &["rev-parse", &kept[0]]), tip);
    let saved = git(&bed.repository(), &["show", "refs/orch-tui/saved/orch/1-1:c.txt"]);
    assert_eq!(saved, "not committed");
    assert!(!one.root.exists());
}

#[tokio::test]
async fn uncommitted_changes_are_kept_when_a_merged_worktree_goes() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    work(&one, "b.txt", "new\n");
    let merge = bed.merge("1", &one).await.unwrap();
    bed.land(&one, &merge).await.unwrap();
    fs::write(one.root.join("b.txt"), "half done").unwrap();
    let kept = remove::remove(&bed.world, &bed.order("1", &one), MergeTree::Drop).await.unwrap();
    let [kept] = &kept[..] else { panic!("{kept:?}") };
    assert_eq!(git(&bed.repository(), &["show", &format!("{kept}:b.txt")]), "half done");
}

#[tokio::test]
async fn the_next_life_takes_up_what_the_last_one_left() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    work(&one, "b.txt", "new\n");
    fs::write(one.root.join("c.txt"), "half done").unwrap();
    // Git was killed with it.
    let lock = bed.repository().join(".git/worktrees/1-1/index.lock");
    fs::write(&lock, "").unwrap();
    let again = bed.try_worktree("1", Some(one.clone())).await.unwrap();
    assert_eq!((again, lock.exists()), (one.clone(), false));
    assert!(one.root.join("c.txt").exists());
    // Its folder is gone: what was committed is not.
    fs::remove_dir_all(&one.root).unwrap();
    let again = bed.try_worktree("1", Some(one.clone())).await.unwrap();
    assert!(again.root.join("b.txt").exists());
    git(&one.root, &["switch", "-q", "-c", "other"]);
    let switched = bed.try_worktree("1", Some(one.clone())).await.unwrap_err();
    assert!(switched.contains("git switch orch/1-1"), "{switched}");
    // One that nobody knows of any more and that holds work is left alone.
    git(&one.root, &["switch", "-q", "orch/1-1"]);
    assert_eq!(bed.worktree("1").await.branch, "orch/1-2");
}

#[tokio::test]
async fn wanted_ignored_files_and_set_up_make_a_worktree_ready() {
    let bed = Bed::with(|spaces| {
        spaces.setup = vec![["sh", "-c", "cp local.env made.env"].map(str::to_owned).to_vec()];
    });
    fs::write(bed.repository().join(".worktreeinclude"), "local.env\na.txt\n").unwrap();
    fs::write(bed.repository().join("local.env"), "KEY=1\n").unwrap();
    fs::write(bed.repository().join("other.env"), "no\n").unwrap();
    let one = bed.worktree("1").await;
    assert_eq!(fs::read_to_string(one.root.join("made.env")).unwrap(), "KEY=1\n");
    assert!(!one.root.join("other.env").exists());
}

#[tokio::test]
async fn a_set_up_that_fails_leaves_nothing_behind() {
    let bed = Bed::with(|spaces| {
        spaces.setup = vec![["sh", "-c", "echo no network; exit 3"].map(str::to_owned).to_vec()];
    });
    let why = bed.try_worktree("1", None).await.unwrap_err();
    assert!(why.contains("ended with exit code 3 (no network)"), "{why}");
    assert!(!bed.world.state.worktrees().join("1-1").exists());
    assert_eq!(git(&bed.repository(), &["branch", "--list", "orch/*"]), "");
    assert_eq!(git(&bed.repository(), &["worktree", "list"]).lines().count(), 1);
}

#[tokio::test]
async fn what_makes_work_impossible_is_told_before_it_begins() {
    let bed = Bed::new();
    let path = bed.repository();
    git(&path, &["config", "user.name", ""]);
    let identity = bed.try_worktree("1", None).await;
    git(&path, &["config", "user.name", "n"]);
    git(&path, &["switch", "-q", "--detach"]);
    let detached = bed.try_worktree("1", None).await;
    git(&path, &["switch", "-q", "main"]);
    git(&path, &["config", "core.bare", "true"]);
    let bare = bed.try_worktree("1", None).await;
    fs::rename(&path, bed.folder.path().join("away")).unwrap();
    let gone = bed.try_worktree("1", None).await;
    for (refused, expected) in [
        (identity, "git does not know who commits"),
        (detached, "git switch main"),
        (bare, "is a bare repository"),
        (gone, "no directory at"),
    ] {
        let why = refused.unwrap_err();
        assert!(why.contains(expected), "{why}");
    }
}

#[tokio::test]
async fn a_submodule_that_can_t_be_filled_is_told_and_one_that_is_there_is_removed() {
    let bed = Bed::new();
    let path = bed.repository();
    let part = bed.folder.path().join("part");
    fs::create_dir(&part).unwrap();
    git(&part, &["init", "-q", "-b", "main"]);
    fs::write(part.join("p.txt"), "part").unwrap();
    git(&part, &["add", "."]);
    git(&part, &["-c", "user.name=n", "-c", "user.email=e", "commit", "-q", "-m", "p"]);
    let from = part.to_str().unwrap();
    let allow = "protocol.file.allow=always";
    git(&path, &["-c", allow, "submodule", "--quiet", "add", from, "part"]);
    git(&path, &["commit", "-q", "-m", "with a part"]);
    // Where git does not fetch it, the sentence says so and nothing is left behind.
    let refused = bed.try_worktree("1", None).await.unwrap_err();
    assert!(refused.contains("can't be fetched"), "{refused}");
    assert!(!bed.world.state.worktrees().join("1-1").exists());
    // Git itself does not remove a worktree with a submodule in it.
    git(&path, &["reset", "-q", "--hard", "HEAD^"]);
    let one = bed.worktree("1").await;
    git(&one.root, &["-c", allow, "submodule", "--quiet", "add", from, "part"]);
    git(&one.root, &["commit", "-q", "-m", "with a part"]);
    git(&path, &["merge", "-q", "--ff-only", "orch/1-1"]);
    remove::remove(&bed.world, &bed.order("1", &one), MergeTree::Drop).await.unwrap();
    assert!(!one.root.exists());
    assert_eq!(git(&path, &["worktree", "list"]).lines().count(), 1);
}

#[tokio::test]
async fn what_repositories_inside_a_worktree_hold_is_kept_when_it_goes() {
    let bed = Bed::new();
    let path = bed.repository();
    let part = bed.folder.path().join("part");
    fs::create_dir(&part).unwrap();
    git(&part, &["init", "-q", "-b", "main"]);
    let person = ["-c", "user.name=n", "-c", "user.email=e"];
    let commit = |at: &Path, message: &str| {
        git(at, &["add", "."]);
        git(at, &[&person[..], &["commit", "-q", "-m", message]].concat());
        git(at, &["rev-parse", "HEAD"])
    };
    fs::write(part.join("p.txt"), "part").unwrap();
    commit(&part, "p");
    let one = bed.worktree("1").await;
    let allow = "protocol.file.allow=always";
    let from = part.to_str().unwrap();
    git(&one.root, &["-c", allow, "submodule", "--quiet", "add", from, "part"]);
    git(&one.root, &["commit", "-q", "-m", "with a part"]);
    // A commit inside the submodule, a changed file there, and a repository of its own.
    fs::write(one.root.join("part/more.txt"), "more").unwrap();
    let inside = commit(&one.root.join("part"), "more");
    fs::write(one.root.join("part/p.txt"), "changed").unwrap();
    let own = one.root.join("deep/own");
    fs::create_dir_all(&own).unwrap();
    git(&own, &["init", "-q", "-b", "main"]);
    fs::write(own.join("o.txt"), "own").unwrap();
    let alone = commit(&own, "own");
    remove::discard(&bed.world, &bed.order("1", &one)).await.unwrap();
    assert!(!one.root.exists());
    for commit in [&inside, &alone] {
        let refs = git(&path, &["for-each-ref", "--contains", commit, "refs/orch-tui/inner"]);
        assert!(refs.contains("/HEAD"), "{commit} is on no reference: {refs}");
    }
    let saved =
        git(&path, &["for-each-ref", "--format=%(refname)", "refs/orch-tui/inner/**/saved/**"]);
    assert_eq!(
        git(&path, &["show", &format!("{}:p.txt", saved.lines().next().unwrap())]),
        "changed"
    );
    // A second time under the same name the first is not overwritten.
    let again = bed.worktree("1").await;
    assert_eq!(again.root, one.root);
    fs::create_dir_all(&own).unwrap();
    git(&own, &["init", "-q", "-b", "main"]);
    fs::write(own.join("o.txt"), "own again").unwrap();
    commit(&own, "own again");
    remove::discard(&bed.world, &bed.order("1", &again)).await.unwrap();
    let refs = git(&path, &["for-each-ref", "--contains", &alone, "refs/orch-tui/inner"]);
    assert!(refs.contains("/HEAD"), "{refs}");
}

#[tokio::test]
async fn a_stash_a_tag_and_a_bare_repository_inside_a_worktree_are_kept_and_a_mere_clone_is_not() {
    let bed = Bed::new();
    let path = bed.repository();
    let one = bed.worktree("1").await;
    let person = ["-c", "user.name=n", "-c", "user.email=e"];
    let as_person = |at: &Path, args: &[&str]| git(at, &[&person[..], args].concat());
    let origin = bed.folder.path().join("origin");
    fs::create_dir(&origin).unwrap();
    git(&origin, &["init", "-q", "-b", "main"]);
    fs::write(origin.join("o.txt"), "origin").unwrap();
    git(&origin, &["add", "."]);
    as_person(&origin, &["commit", "-q", "-m", "o"]);
    git(&origin, &["tag", "v1"]);
    let from = origin.to_str().unwrap();
    // Only looked at: nothing of it is brought anywhere.
    git(&one.root, &["clone", "-q", "--branch", "v1", from, "looked"]);
    // A stash, and a commit that only a tag holds.
    git(&one.root, &["clone", "-q", from, "clone"]);
    let clone = one.root.join("clone");
    fs::write(clone.join("o.txt"), "stashed").unwrap();
    as_person(&clone, &["stash", "-q"]);
    git(&clone, &["checkout", "-q", "--detach"]);
    as_person(&clone, &["commit", "-q", "--allow-empty", "-m", "tagged"]);
    git(&clone, &["tag", "mine"]);
    let tagged = git(&clone, &["rev-parse", "mine"]);
    git(&clone, &["checkout", "-q", "main"]);
    // A bare repository whose only clone lies beside it.
    git(&one.root, &["init", "-q", "--bare", "-b", "main", "dep.git"]);
    let bare = one.root.join("dep.git");
    git(&one.root, &["clone", "-q", bare.to_str().unwrap(), "beside"]);
    let beside = one.root.join("beside");
    as_person(&beside, &["commit", "-q", "--allow-empty", "-m", "pushed"]);
    git(&beside, &["push", "-q", "origin", "HEAD:main"]);
    let pushed = git(&bare, &["rev-parse", "main"]);
    let stash = git(&clone, &["rev-parse", "refs/stash"]);
    fs::write(path.join(".git/info/exclude"), "looked\nclone\ndep.git\nbeside\n").unwrap();
    remove::discard(&bed.world, &bed.order("1", &one)).await.unwrap();
    assert!(!one.root.exists());
    for commit in [&tagged, &pushed, &stash] {
        let refs = git(&path, &["for-each-ref", "--points-at", commit, "refs/orch-tui/inner"]);
        assert!(!refs.is_empty(), "{commit} is on no reference");
    }
    let refs = git(&path, &["for-each-ref", "--format=%(refname)", "refs/orch-tui/inner"]);
    assert!(!refs.contains("/4/"), "what was only looked at was brought along: {refs}");
}

#[tokio::test]
async fn a_shallow_clone_with_commits_of_its_own_keeps_the_worktree() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    let origin = bed.folder.path().join("origin");
    fs::create_dir(&origin).unwrap();
    git(&origin, &["init", "-q", "-b", "main"]);
    let person = ["-c", "user.name=n", "-c", "user.email=e"];
    for message in ["a", "b"] {
        git(&origin, &[&person[..], &["commit", "-q", "--allow-empty", "-m", message]].concat());
    }
    let from = format!("file://{}", origin.display());
    git(&one.root, &["clone", "-q", "--depth", "1", &from, "dep"]);
    let own = one.root.join("dep");
    git(&own, &[&person[..], &["commit", "-q", "--allow-empty", "-m", "precious"]].concat());
    let refused = remove::discard(&bed.world, &bed.order("1", &one)).await.unwrap_err();
    assert!(refused.to_string().contains("shallow clone with commits of its own"), "{refused}");
    assert!(own.exists());
}

#[tokio::test]
async fn a_merge_that_was_broken_off_does_not_disturb_the_next() {
    let bed = Bed::new();
    let (one, two) = (bed.worktree("1").await, bed.worktree("2").await);
    work(&one, "b.txt", "new\n");
    work(&two, "c.txt", "new\n");
    let first = bed.merge("1", &one).await.unwrap();
    let root = first.tree.clone();
    // As if the app had died in the middle, with a gate's droppings about.
    fs::write(root.join("dropping.txt"), "x").unwrap();
    fs::write(root.join("a.txt"), "half").unwrap();
    let merge = bed.merge("2", &two).await.unwrap();
    let files = git(&root, &["diff", "--name-only", "main", &merge.commit]);
    assert_eq!((files.as_str(), root.join("dropping.txt").exists()), ("c.txt", false));
    // Even when its registration is gone.
    fs::remove_dir_all(bed.repository().join(".git/worktrees/merge")).unwrap();
    let merge = bed.merge("1", &one).await.unwrap();
    bed.land(&one, &merge).await.unwrap();
}

#[tokio::test]
async fn what_gates_left_behind_stays_only_after_a_merge_that_landed() {
    let bed = Bed::with(|spaces| {
        spaces.setup = vec![["sh", "-c", "echo made > made.env"].map(str::to_owned).to_vec()];
    });
    let (one, two) = (bed.worktree("1").await, bed.worktree("2").await);
    work(&one, "b.txt", "new\n");
    work(&two, "c.txt", "new\n");
    let merge = bed.merge("1", &one).await.unwrap();
    let tree = merge.tree.clone();
    let leave = |name: &str| fs::write(tree.join(name), "left by a gate").unwrap();
    let left = || {
        let entries = fs::read_dir(&tree).unwrap().map(|entry| entry.unwrap().file_name());
        let names = entries.map(|name| name.into_string().unwrap());
        let theirs = ["cache.env", "made.env", "nested", "dropping.txt"];
        let mut left: Vec<String> = names.filter(|name| theirs.contains(&&**name)).collect();
        left.sort();
        left
    };
    leave("cache.env");
    leave("dropping.txt");
    fs::create_dir(tree.join("nested")).unwrap();
    git(&tree.join("nested"), &["init", "-q"]);
    bed.land(&one, &merge).await.unwrap();
    // It landed: what git ignores may stay, and nothing else.
    bed.merge("2", &two).await.unwrap();
    assert_eq!(left(), ["cache.env", "made.env"]);
    // Its gates failed, or the app ended: nobody said that it landed. Set-up makes the tree ready again.
    bed.merge("2", &two).await.unwrap();
    assert_eq!(left(), ["made.env"]);
    // The branch moved on under it.
    let merge = bed.merge("2", &two).await.unwrap();
    leave("cache.env");
    fs::write(bed.repository().join("d.txt"), "d").unwrap();
    git(&bed.repository(), &["add", "d.txt"]);
    git(&bed.repository(), &["commit", "-q", "-m", "by a person"]);
    assert_eq!(bed.land(&two, &merge).await, Err(Unlanded::Moved));
    let merge = bed.merge("2", &two).await.unwrap();
    assert_eq!(left(), ["made.env"]);
    // A merge that landed is told of twice, and then another is in the tree.
    bed.land(&two, &merge).await.unwrap();
    bed.merge("1", &one).await.unwrap();
    leave("cache.env");
    git(&tree, &["checkout", "-q", "--detach", "HEAD^"]);
    bed.land(&two, &merge).await.unwrap();
    bed.merge("1", &one).await.unwrap();
    assert_eq!(left(), ["made.env"]);
}

#[tokio::test]
async fn what_a_branch_changes_is_told_without_the_roadmap() {
    let bed = Bed::new();
    let path = bed.repository();
    let evil = bed.folder.path().join("ran");
    for setting in ["diff.external", "diff.x.textconv", "diff.x.command"] {
        git(&path, &["config", setting, &format!("touch {}; cat", evil.display())]);
    }
    for (setting, value) in
        [("diff.noprefix", "true"), ("diff.submodule", "log"), ("color.ui", "always")]
    {
        git(&path, &["config", setting, value]);
    }
    let one = bed.worktree("1").await;
    fs::write(one.root.join(".gitattributes"), "*.txt diff=x\n").unwrap();
    fs::write(one.root.join("plans/roadmap.md"), "# mine\n").unwrap();
    fs::write(one.root.join("logo.bin"), [0u8, 1, 2]).unwrap();
    git(&one.root, &["add", "."]);
    git(&one.root, &["commit", "-q", "-m", "more"]);
    git(&one.root, &["mv", "a.txt", "b \"ä\n.txt"]);
    fs::write(one.root.join("b \"ä\n.txt"), "one\nTWO\n").unwrap();
    git(&one.root, &["commit", "-q", "-a", "-m", "renamed"]);
    fs::write(one.root.join("left.txt"), "x").unwrap();
    // The target branch goes on: what it changed is no work of the agent.
    fs::write(path.join("other.txt"), "other").unwrap();
    git(&path, &["add", "other.txt"]);
    git(&path, &["commit", "-q", "-m", "other"]);
    let told = diff::diff(&bed.world, &bed.order("1", &one)).await.unwrap();
    let files: Vec<String> = told
        .files
        .iter()
        .map(|f| {
            format!("{} {} +{} -{} {:?}", f.kind.letter(), f.path, f.added, f.removed, f.content)
        })
        .collect();
    let expected =
        ["A .gitattributes +1 -0 Whole", "R b \"ä .txt +1 -1 Whole", "A logo.bin +0 -0 Binary"];
    assert_eq!(files, expected);
    assert_eq!(told.files[1].hunks[0].lines[2].text.as_str(), "TWO");
    assert_eq!((told.commits, told.merge), (2, MergeOutlook::Clean));
    assert_eq!(told.uncommitted, ["left.txt".into()]);
    assert!(!evil.exists(), "what the repository brings along is run");
}

#[tokio::test]
async fn a_conflict_is_told_before_the_merge_and_a_missing_branch_in_a_sentence() {
    let bed = Bed::new();
    let path = bed.repository();
    let one = bed.worktree("1").await;
    work(&one, "a.txt", "mine\n");
    fs::write(path.join("a.txt"), "theirs\n").unwrap();
    fs::write(path.join("plans/roadmap.md"), "# theirs\n").unwrap();
    git(&path, &["commit", "-q", "-a", "-m", "theirs"]);
    work(&one, "plans/roadmap.md", "# mine\n");
    let order = bed.order("1", &one);
    let told = diff::diff(&bed.world, &order).await.unwrap();
    assert_eq!(told.merge, MergeOutlook::Conflicts(vec!["a.txt".into()]));
    assert!(told.files.iter().all(|file| file.name == "a.txt"), "{:?}", told.files);
    remove::discard(&bed.world, &order).await.unwrap();
    let why = diff::diff(&bed.world, &order).await.unwrap_err().to_string();
    assert!(why.contains("branch orch/1-1 is gone"), "{why}");
}

#[tokio::test]
async fn a_diff_that_is_too_long_says_what_is_left_out() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    work(&one, "b.txt", "first\n");
    work(&one, "c.txt", &"long line\n".repeat(400_000));
    let told = diff::diff(&bed.world, &bed.order("1", &one)).await.unwrap();
    let contents: Vec<Content> = told.files.iter().map(|file| file.content).collect();
    assert_eq!(contents, [Content::Whole, Content::Cut]);
    assert_eq!(told.files[1].added, 400_000);
    assert!(told.cut.unwrap().as_str().starts_with("lines of 1 file are left out"));
}

#[tokio::test]
async fn work_on_another_branch_is_neither_taken_for_nothing_nor_lost() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    git(&one.root, &["checkout", "-q", "--detach"]);
    work(&one, "b.txt", "new\n");
    let commit = git(&one.root, &["rev-parse", "HEAD"]);
    let Err(Unmerged::Blocked(why)) = bed.merge("1", &one).await else { panic!("it is merged") };
    assert!(why.as_str().contains("git switch orch/1-1"), "{why}");
    // Whoever gives it up keeps it all the same.
    let kept = remove::discard(&bed.world, &bed.order("1", &one)).await.unwrap();
    assert_eq!(kept, ["refs/orch-tui/kept/orch/1-1"]);
    let refs = ["for-each-ref", "--format=%(refname)", "--contains", &commit];
    assert_eq!(git(&bed.repository(), &refs), "refs/orch-tui/kept/orch/1-1");
}

#[tokio::test]
async fn what_was_kept_before_stays() {
    let bed = Bed::new();
    for text in ["first\n", "second\n"] {
        let one = bed.worktree("1").await;
        work(&one, "b.txt", text);
        remove::discard(&bed.world, &bed.order("1", &one)).await.unwrap();
    }
    let kept = |name: &str| git(&bed.repository(), &["show", &format!("{name}:b.txt")]);
    assert_eq!(kept("refs/orch-tui/kept/orch/1-1"), "first");
    assert_eq!(kept("refs/orch-tui/kept/orch/1-1-2"), "second");
}

#[tokio::test]
async fn a_person_s_other_branch_does_not_get_into_the_work() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    git(&bed.repository(), &["switch", "-q", "-c", "feature"]);
    fs::write(bed.repository().join("c.txt"), "half done").unwrap();
    git(&bed.repository(), &["add", "c.txt"]);
    git(&bed.repository(), &["commit", "-q", "-m", "unfinished"]);
    let again = bed.try_worktree("1", Some(one.clone())).await.unwrap();
    assert_eq!((again.onto.as_str(), again.root.join("c.txt").exists()), ("main", false));
    // Nor does it work on for a branch that is gone.
    git(&bed.repository(), &["branch", "-q", "-D", "main"]);
    let gone = bed.try_worktree("1", Some(one.clone())).await.unwrap_err();
    assert!(gone.contains("branch main, into which orch/1-1 was to be merged, is gone"), "{gone}");
    remove::discard(&bed.world, &bed.order("1", &one)).await.unwrap();
    assert!(!one.root.exists());
}

#[tokio::test]
async fn landing_overwrites_nothing_whatever_the_settings_say() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    fs::write(one.root.join("local.env"), "theirs\n").unwrap();
    git(&one.root, &["add", "--force", "local.env"]);
    git(&one.root, &["commit", "-q", "-m", "env"]);
    let merge = bed.merge("1", &one).await.unwrap();
    fs::write(bed.repository().join("local.env"), "mine\n").unwrap();
    git(&bed.repository(), &["config", "merge.autoStash", "true"]);
    git(&bed.repository(), &["config", "branch.main.mergeoptions", "--squash"]);
    let Err(Unlanded::Blocked(why)) = bed.land(&one, &merge).await else { panic!("it landed") };
    assert!(why.as_str().contains("local.env"), "{why}");
    assert_eq!(fs::read_to_string(bed.repository().join("local.env")).unwrap(), "mine\n");
    fs::remove_file(bed.repository().join("local.env")).unwrap();
    bed.land(&one, &merge).await.unwrap();
    assert_eq!(bed.head(), merge.commit);
}

#[tokio::test]
async fn a_rebase_under_way_and_a_tag_of_the_same_name_are_known() {
    let bed = Bed::new();
    let path = bed.repository();
    git(&path, &["tag", "main"]);
    let one = bed.worktree("1").await;
    assert_eq!(one.onto, "main");
    work(&one, "b.txt", "new\n");
    // A rebase that stops in the middle.
    git(&path, &["switch", "-q", "-c", "other"]);
    fs::write(path.join("a.txt"), "other\n").unwrap();
    git(&path, &["commit", "-q", "-am", "other"]);
    git(&path, &["switch", "-q", "main"]);
    fs::write(path.join("a.txt"), "main\n").unwrap();
    git(&path, &["commit", "-q", "-am", "main"]);
    let merge = bed.merge("1", &one).await.unwrap();
    let _ = Command::new("git").current_dir(&path).args(["rebase", "-q", "other"]).output();
    let Err(Unlanded::Blocked(why)) = bed.land(&one, &merge).await else { panic!("it landed") };
    assert!(why.as_str().contains("main is being rebased"), "{why}");
    git(&path, &["rebase", "--abort"]);
    bed.land(&one, &merge).await.unwrap();
}
