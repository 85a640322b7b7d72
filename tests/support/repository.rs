//! A git repository to work on.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::home::Home;

/// A repository with a roadmap and one commit, inside a [`Home`].
#[derive(Clone, Debug)]
pub struct Repository {
    path: PathBuf,
    environment: Vec<(String, String)>,
}

impl Repository {
    /// Makes `name` below the home, with `roadmap` committed as `roadmap.md` on branch `main`.
    pub fn with_roadmap(home: &Home, name: &str, roadmap: &str) -> Self {
        let repository = Self { path: home.join(name), environment: home.environment() };
        std::fs::create_dir_all(&repository.path).unwrap();
        repository.git(["init", "--quiet", "--initial-branch=main"]);
        repository.commit_file("roadmap.md", roadmap);
        repository
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A path inside it.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file without committing it.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.join(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).unwrap();
        }
        std::fs::write(path, text).unwrap();
    }

    /// Writes a file and commits it.
    pub fn commit_file(&self, name: &str, text: &str) {
        self.write(name, text);
        self.git(["add", "--", name]);
        self.git(["commit", "--quiet", "--message", &format!("Add {name}")]);
    }

    /// Reads a file.
    pub fn read(&self, name: &str) -> String {
        let path = self.join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The roadmap as it stands.
    pub fn roadmap(&self) -> String {
        self.read("roadmap.md")
    }

    /// Runs git here and returns what it printed. Panics with its complaint when it fails.
    pub fn git<const N: usize>(&self, arguments: [&str; N]) -> String {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(&self.path)
            .env_clear()
            .envs(self.environment.iter().cloned())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim_end().to_string()
    }
}
