//! `orch-tui init`: a starter roadmap, a targets file and workflows, written without overwriting anything.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::config::yaml::{Document, Node};

const ROADMAP: &str = include_str!("../../assets/starter/roadmap.md");
const TARGETS: &str = include_str!("../../assets/starter/targets.yaml");
const WORKFLOWS: [(&str, &str); 4] = [
    (".claude/agents/coder_agent.md", super::prompt::DEFAULT_WORKFLOW),
    (".claude/agents/project_manager.md", include_str!("../../.claude/agents/project_manager.md")),
    (".claude/agents/qa_agent.md", include_str!("../../.claude/agents/qa_agent.md")),
    (
        ".claude/agents/orchestrator_agent.md",
        include_str!("../../.claude/agents/orchestrator_agent.md"),
    ),
];

/// Whether a file is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitState {
    /// It will be written.
    New,
    /// It is there and stays as it is.
    Exists,
}

/// One file of a fresh set-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitFile {
    /// Where it goes.
    pub path: PathBuf,
    /// What it holds.
    pub content: String,
    /// Whether it is there already.
    pub state: InitState,
}

/// A file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("`{}` can't be written: {error}. Check the permissions of its folder.", .path.display())]
pub struct InitError {
    path: PathBuf,
    error: std::io::Error,
}

/// What `init` would write into `directory`. Touches nothing.
pub fn plan(directory: &Path) -> Vec<InitFile> {
    let name = directory.file_name().map_or("project".into(), |name| name.to_string_lossy());
    let targets = TARGETS.replace("{id}", &key(&name)).replace("{name}", &quoted(&name));
    let fixed = [("plans/roadmap.md", ROADMAP.to_owned()), ("config/targets.yaml", targets)];
    let workflows = WORKFLOWS.map(|(path, text)| (path, text.to_owned()));
    let file = |(path, content): (&str, String)| {
        let path = directory.join(path);
        // A dangling link is there too: writing through it would surprise.
        let there = path.symlink_metadata().is_ok();
        InitFile { path, content, state: if there { InitState::Exists } else { InitState::New } }
    };
    fixed.into_iter().chain(workflows).map(file).collect()
}

/// Writes the new files of a plan and gives their paths. A file that appeared meanwhile stays as it is.
///
/// # Errors
/// When a file or its folder can't be written; the files before it are written.
pub fn write(files: &[InitFile]) -> Result<Vec<PathBuf>, InitError> {
    let mut written = Vec::new();
    for file in files.iter().filter(|file| file.state == InitState::New) {
        let fail = |error| InitError { path: file.path.clone(), error };
        if let Some(folder) = file.path.parent() {
            std::fs::create_dir_all(folder).map_err(fail)?;
        }
        match std::fs::OpenOptions::new().write(true).create_new(true).open(&file.path) {
            Ok(mut out) => out.write_all(file.content.as_bytes()).map_err(fail)?,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(fail(error)),
        }
        written.push(file.path.clone());
    }
    Ok(written)
}

/// A directory's name as the key of a target.
fn key(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let key: String = name.chars().map(plain).take(64).collect();
    let key = key.trim_matches(['-', '_', '.']);
    let read = Document::parse(Path::new(""), key).map(|document| document.root);
    let reads_as_text = read == Ok(Node::Text(key.to_owned()));
    if key.is_empty() || !reads_as_text { "project".to_owned() } else { key.to_owned() }
}

/// A name as a YAML string.
fn quoted(name: &str) -> String {
    serde_json::to_string(name).unwrap_or_else(|_| "\"project\"".to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::runner::config::{Config, Places};

    #[test]
    fn nothing_is_ever_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let roadmap = folder.path().join("plans/roadmap.md");
        std::fs::create_dir(folder.path().join("plans")).unwrap();
        std::fs::write(&roadmap, "mine").unwrap();
        let planned = plan(folder.path());
        assert_eq!(planned.iter().filter(|file| file.state == InitState::Exists).count(), 1);
        let late = folder.path().join("config/targets.yaml");
        std::fs::create_dir(folder.path().join("config")).unwrap();
        std::fs::write(&late, "also mine").unwrap();
        let written = write(&planned).unwrap();
        assert_eq!(written.len(), planned.len() - 2);
        assert_eq!(std::fs::read_to_string(&roadmap).unwrap(), "mine");
        assert_eq!(std::fs::read_to_string(&late).unwrap(), "also mine");
        assert!(write(&plan(folder.path())).unwrap().is_empty());
    }

    #[test]
    fn what_is_written_can_be_loaded_whatever_the_directory_is_called() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["tide", "my: \"project\" #1", "123", "null", "~", "héllo {x}"] {
            let directory = folder.path().join(name);
            write(&plan(&directory)).unwrap();
            let places =
                Places { user: None, root: directory.clone(), ..Places::discover(&directory) };
            let config = Config::load(&places).unwrap();
            let target = &config.targets[&config.default_target];
            assert_eq!(target.path, directory);
            assert_eq!(target.name, name);
            assert!(target.roadmap.is_file() && target.documents.coder_agent.is_file());
        }
    }

    #[test]
    fn workflows_have_front_matter_with_name_and_description() {
        for (path, text) in WORKFLOWS {
            let stem = Path::new(path).file_stem().unwrap().to_string_lossy();
            assert!(text.starts_with(&format!("---\nname: {stem}\ndescription: ")), "{path}");
            assert!(super::super::prompt::body(text).trim_start().starts_with("# "), "{path}");
        }
    }
}
