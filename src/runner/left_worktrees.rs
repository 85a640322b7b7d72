//! Worktrees in which nobody works any more, for the doctor: whose they are, and what takes them away.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::domain::errand::Errand;
use crate::domain::id::{AgentRef, PhaseId};
use crate::domain::orchestrator::run::Run;
use crate::runner::branch::{MERGE_FOLDER, RUBBISH_FOLDER};
use crate::runner::claim_store::{ClaimStore, Holding};
use crate::runner::doctor::{Check, Health, check};
use crate::runner::driver_lock::is_driven;
use crate::runner::state_dir::StateDir;

/// What is said of each worktree of a repository. Whoever drives it tidies up by itself.
pub fn examine(state: &StateDir, run: &Run, repository: &Path) -> Vec<Check> {
    if state.journal().parent().is_some_and(is_driven) {
        return Vec::new();
    }
    let held = held(state);
    let whose = |root: &PathBuf| {
        let known = run.worktrees.iter().find(|(_, worktree)| worktree.root == *root);
        known.map(|(phase, _)| phase)
    };
    let at_work = |phase: &PhaseId| {
        let mut agents = run.everyone().filter(|agent| agent.phase() == phase);
        agents.any(|agent| held.contains(agent.me()))
    };
    let told = |root: PathBuf| match whose(&root) {
        Some(phase) if at_work(phase) => None,
        Some(phase) => Some(known(&root, phase)),
        None => Some(unknown(&root, repository)),
    };
    folders(&state.worktrees()).into_iter().filter_map(told).collect()
}

fn known(root: &Path, phase: &PhaseId) -> Check {
    let (path, id) = (root.display(), phase.as_str());
    match Errand::is_agent(id) {
        true => {
            let why = format!(
                "{path} is left of {id}, which works no more. `orch-tui` takes it away when it is opened next; changes are kept in refs/orch-tui/."
            );
            check("worktree", Health::Warn, why)
        }
        false => {
            let what = format!(
                "{path} holds what was done for phase {id} and is not merged. Its next agent goes on there; in `orch-tui`, d shows it and X discards it."
            );
            check("worktree", Health::Ok, what)
        }
    }
}

fn unknown(root: &Path, repository: &Path) -> Check {
    let (path, repository) = (root.display(), repository.display());
    let why = format!(
        "{path} is in no journal. Look what is in it; `git -C {repository} worktree remove {path}` takes it away."
    );
    check("worktree", Health::Warn, why)
}

/// Lives whose claims somebody holds: their hosts, or an app.
fn held(state: &StateDir) -> BTreeSet<AgentRef> {
    let claims = ClaimStore::open(&state.claims()).and_then(|claims| claims.list());
    let held = claims.unwrap_or_default().into_iter().filter(|one| one.held == Holding::Held);
    held.map(|one| one.owner.agent).collect()
}

/// The worktrees there are, but for the one merges are made in and what is being deleted.
fn folders(base: &Path) -> Vec<PathBuf> {
    let found = std::fs::read_dir(base).into_iter().flatten().flatten();
    let nobody_s = |path: &PathBuf| path.ends_with(MERGE_FOLDER) || path.ends_with(RUBBISH_FOLDER);
    let paths = found.map(|entry| entry.path());
    let mut paths: Vec<PathBuf> = paths.filter(|path| path.is_dir() && !nobody_s(path)).collect();
    paths.sort();
    paths
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::fs;

    use super::*;
    use crate::domain::workspace::Worktree;
    use crate::runner::driver_lock::{Driver, DriverLock};

    #[test]
    fn each_worktree_is_told_with_what_takes_it_away_unless_somebody_drives() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("repo")).unwrap();
        let state = StateDir::under(&at("state"), &at("run"), &at("repo")).unwrap();
        let mut run = Run::default();
        for (phase, name) in [("2.1", "2-1-1"), ("qa-2.1", "qa-2-1-1"), ("3.1", "gone")] {
            let root = state.worktrees().join(name);
            let (branch, onto) = (format!("orch/{name}"), "main".to_owned());
            let worktree = Worktree { path: root.clone(), root, branch, onto, base: "a".into() };
            run.worktrees.insert(PhaseId::new(phase), worktree);
        }
        for name in ["2-1-1", "qa-2-1-1", "nobody", MERGE_FOLDER, RUBBISH_FOLDER] {
            fs::create_dir_all(state.worktrees().join(name)).unwrap();
        }
        let checks = examine(&state, &run, &at("repo"));
        let told: Vec<(Health, &str)> =
            checks.iter().map(|check| (check.state, check.sentence.as_str())).collect();
        let [(Health::Ok, phase), (Health::Warn, nobody), (Health::Warn, errand)] = told[..] else {
            panic!("{told:?}")
        };
        assert!(phase.contains("/2-1-1 holds what was done for phase 2.1"), "{phase}");
        assert!(nobody.contains("worktree remove /"), "{nobody}");
        assert!(errand.contains("/qa-2-1-1 is left of qa-2.1"), "{errand}");
        let Driver::Held(_lock) = DriverLock::acquire(&state).unwrap() else { panic!("driven") };
        assert_eq!(examine(&state, &run, &at("repo")), []);
    }
}
