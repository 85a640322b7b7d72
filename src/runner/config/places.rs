//! Where configuration is looked for, and what relative paths are relative to.

use std::path::{Component, Path, PathBuf};

/// The folders and programs configuration refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The folder that holds `config/`: relative target paths start here.
    pub root: PathBuf,
    /// The person's own configuration folder, e.g. `~/.config/orch-tui`.
    pub user: Option<PathBuf>,
    /// The person's home, for `~`.
    pub home: Option<PathBuf>,
    /// This program, for `{self}`.
    pub program: PathBuf,
}

impl Places {
    /// The places as seen from `cwd`: the nearest folder up to the repository's top that has `config/targets.yaml`,
    /// else the repository's top, else `cwd` itself.
    pub fn discover(cwd: &Path) -> Self {
        let top = repository_of(cwd);
        let inside = |folder: &&Path| top.as_ref().is_none_or(|top| folder.starts_with(top));
        let reach = if top.is_some() { usize::MAX } else { 1 };
        let configured = cwd
            .ancestors()
            .take(reach)
            .take_while(inside)
            .find(|folder| folder.join("config/targets.yaml").is_file());
        let root = configured.map(Path::to_path_buf).or(top).unwrap_or_else(|| cwd.to_path_buf());
        let dirs = directories::ProjectDirs::from("", "", "orch-tui");
        Self {
            root,
            user: dirs.map(|dirs| dirs.config_dir().to_path_buf()),
            home: directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_path_buf()),
            program: std::env::current_exe().unwrap_or_else(|_| PathBuf::from("orch-tui")),
        }
    }

    /// The file that names the targets.
    pub fn targets_file(&self) -> PathBuf {
        self.root.join("config/targets.yaml")
    }

    /// The files that may define adapters, in order of rising precedence.
    pub fn agent_files(&self) -> Vec<PathBuf> {
        let user = self.user.iter().map(|folder| folder.join("agents.yaml"));
        user.chain([self.root.join("config/agents.yaml")]).collect()
    }

    /// `text` as an absolute path: `~` expanded, relative to `base`, `.` and `..` resolved by name.
    pub fn resolve(&self, base: &Path, text: &str) -> PathBuf {
        let expanded = match (&self.home, text.strip_prefix('~')) {
            (Some(home), Some("")) => home.clone(),
            (Some(home), Some(rest)) if rest.starts_with('/') => home.join(&rest[1..]),
            _ => base.join(text),
        };
        tidy(&expanded)
    }
}

/// The top of the git repository `folder` lies in: the nearest ancestor with a `.git` entry.
pub fn repository_of(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_path_buf)
}

/// Whether two paths name one file.
pub fn same_file(left: &Path, right: &Path) -> bool {
    match (left.canonicalize(), right.canonicalize()) {
        (Ok(left), Ok(right)) => left == right,
        _ => left == right,
    }
}

fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => out.push(part),
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved() {
        let places = Places {
            root: "/repo".into(),
            user: None,
            home: Some("/home/ann".into()),
            program: "/bin/orch-tui".into(),
        };
        let resolve = |text| places.resolve(Path::new("/repo"), text);
        assert_eq!(resolve("."), Path::new("/repo"));
        assert_eq!(resolve("../other/./x"), Path::new("/other/x"));
        assert_eq!(resolve("~"), Path::new("/home/ann"));
        assert_eq!(resolve("~/src/tide"), Path::new("/home/ann/src/tide"));
        assert_eq!(resolve("~bob/x"), Path::new("/repo/~bob/x"));
        assert_eq!(resolve("/abs"), Path::new("/abs"));
    }

    #[test]
    fn the_root_is_the_configured_folder_then_the_repository_then_here() {
        let home = tempfile::tempdir().unwrap();
        let repo = home.path().join("repo");
        let deep = repo.join("packages/api/src");
        std::fs::create_dir_all(&deep).unwrap();
        assert_eq!(Places::discover(&deep).root, deep);
        std::fs::create_dir(repo.join(".git")).unwrap();
        assert_eq!(Places::discover(&deep).root, repo);
        std::fs::create_dir_all(repo.join("packages/api/config")).unwrap();
        std::fs::write(repo.join("packages/api/config/targets.yaml"), "").unwrap();
        assert_eq!(Places::discover(&deep).root, repo.join("packages/api"));
    }
}
