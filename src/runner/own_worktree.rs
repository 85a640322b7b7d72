//! Worktrees that orch-tui made for its agents, known by where they lie, and the checkout they belong to.

use std::fs;
use std::path::{Path, PathBuf};

use crate::domain::printable::visible;

/// A place in a worktree of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnWorktree {
    /// The same place in the checkout it was made from, as git wrote it down; none when that can't be read.
    pub checkout: Option<PathBuf>,
}

impl OwnWorktree {
    /// The worktree that `path` lies in, of whatever state folder. A repository of its own inside of one is none.
    pub fn around(path: &Path) -> Option<Self> {
        for root in path.ancestors() {
            if is_root(root) {
                let inside = path.strip_prefix(root).unwrap_or(Path::new(""));
                let main = checkout(root);
                let checkout = main.map(|main| match inside.as_os_str().is_empty() {
                    true => main,
                    false => Some(main.join(inside)).filter(|at| at.is_dir()).unwrap_or(main),
                });
                return Some(Self { checkout });
            }
            if root.join(".git").exists() {
                return None;
            }
        }
        None
    }

    /// Why nothing is opened in it, and where to go instead.
    pub fn refusal(&self, path: &Path) -> String {
        let (path, instead) = (
            visible(&path.to_string_lossy()),
            match &self.checkout {
                Some(main) if main.is_dir() => {
                    format!("use the checkout it was made from, `orch-tui -C {}`", shown(main))
                }
                Some(main) => format!(
                    "use the checkout it was made from, which was in {} and is not there any more",
                    shown(main)
                ),
                None => "use the checkout it was made from".to_owned(),
            },
        );
        format!("{path} lies in a worktree that orch-tui made for an agent: {instead}")
    }
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}

/// Whether this is `STATE/worktrees/NAME`.
fn is_root(root: &Path) -> bool {
    let Some(folder) = root.parent().filter(|folder| folder.ends_with("worktrees")) else {
        return false;
    };
    let state = folder.parent();
    state.is_some_and(|state| ["claims", "agents"].iter().all(|of| state.join(of).is_dir()))
}

/// The main checkout of a linked worktree, as its `.git` file tells: the repository need not be there any more.
fn checkout(root: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(root.join(".git")).ok()?;
    let own = root.join(text.strip_prefix("gitdir:")?.trim());
    let common = own.parent().filter(|folder| folder.ends_with("worktrees"))?.parent()?;
    if let Some(elsewhere) = configured(common) {
        return Some(elsewhere);
    }
    match common.ends_with(".git") {
        true => common.parent().map(Path::to_owned),
        false => Some(common.to_owned()),
    }
}

/// Where the checkout is when it is not beside its `.git`, as that of a submodule.
fn configured(common: &Path) -> Option<PathBuf> {
    let config = fs::read_to_string(common.join("config")).ok()?;
    let mut values = config.lines().filter_map(|line| {
        let (key, value) = line.split_once('=')?;
        key.trim().eq_ignore_ascii_case("worktree").then(|| value.trim().trim_matches('"'))
    });
    let path = common.join(values.next()?);
    Some(path.canonicalize().unwrap_or(path))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_worktree_of_ours_names_the_same_place_in_its_checkout() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for made in [
            "state/x-1/claims",
            "state/x-1/agents",
            "state/x-1/receipts",
            "repo/.git/worktrees/1-1",
        ] {
            fs::create_dir_all(at(made)).unwrap();
        }
        fs::create_dir_all(at("repo/web")).unwrap();
        fs::create_dir_all(at("state/x-1/worktrees/1-1/web")).unwrap();
        fs::create_dir_all(at("state/x-1/worktrees/1-1/new/inner/.git")).unwrap();
        let told = format!("gitdir: {}\n", at("repo/.git/worktrees/1-1").display());
        fs::write(at("state/x-1/worktrees/1-1/.git"), told).unwrap();
        let found = |name: &str| OwnWorktree::around(&at(name)).map(|own| own.checkout);
        assert_eq!(found("state/x-1/worktrees/1-1"), Some(Some(at("repo"))));
        assert_eq!(found("state/x-1/worktrees/1-1/web"), Some(Some(at("repo/web"))));
        assert_eq!(found("state/x-1/worktrees/1-1/new"), Some(Some(at("repo"))));
        for other in [
            "repo",
            "repo/web",
            "state/x-1",
            "state/x-1/worktrees",
            "state/x-1/worktrees/1-1/new/inner",
        ] {
            assert_eq!(found(other), None, "{other}");
        }
        let place = at("state/x-1/worktrees/1-1");
        let refusal = || OwnWorktree::around(&place).unwrap().refusal(&place);
        assert!(
            refusal().ends_with(&format!("`orch-tui -C {}`", at("repo").display())),
            "{}",
            refusal()
        );
        fs::rename(at("repo"), at("moved")).unwrap();
        assert!(refusal().contains("is not there any more"), "{}", refusal());
    }

    #[test]
    fn the_checkout_of_a_submodule_is_where_its_configuration_says() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for made in [
            "s/claims",
            "s/agents",
            "s/receipts",
            "s/worktrees/1-1",
            "top/sub",
            "top/.git/modules/sub",
        ] {
            fs::create_dir_all(at(made)).unwrap();
        }
        let own = at("top/.git/modules/sub/worktrees/1-1");
        fs::write(at("s/worktrees/1-1/.git"), format!("gitdir: {}\n", own.display())).unwrap();
        fs::write(at("top/.git/modules/sub/config"), "[core]\n\tworktree = ../../../sub\n")
            .unwrap();
        let found = OwnWorktree::around(&at("s/worktrees/1-1")).unwrap();
        assert_eq!(found.checkout, Some(at("top/sub").canonicalize().unwrap()));
    }
}
