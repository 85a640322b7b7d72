//! Commands that the repository's own configuration would have git run: an agent can write them as well as a person.
//! Those that were not there before agents began are not run.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{BranchError, Repository, merge_tree};
use crate::runner::git::{Git, GitError};

/// Section and name of settings that hold a command git runs for us. Hooks, the file system monitor, the pager and
/// commands of diffs are off in any case; aliases and editors are not asked for.
const KEYS: [(&str, &str); 14] = [
    ("filter", "clean"),
    ("filter", "smudge"),
    ("filter", "process"),
    ("merge", "driver"),
    ("gpg", "program"),
    ("gpg", "defaultkeycommand"),
    ("core", "sshcommand"),
    ("core", "gitproxy"),
    ("core", "askpass"),
    ("core", "alternaterefscommand"),
    ("credential", "helper"),
    ("remote", "uploadpack"),
    ("protocol", "allow"),
    ("hook", "command"),
];

/// Notes which commands there are, if nobody works in a worktree of the repository; else none may have come since.
pub(super) async fn begin(repository: &Repository) -> Result<(), BranchError> {
    let list = repository.git.answer(&["worktree", "list", "--porcelain", "-z"]).await?;
    let states = repository.lock.parent().and_then(|base| base.canonicalize().ok());
    let works = |line: &str| {
        let root = line.strip_prefix("worktree ").map(Path::new);
        let ours = |root: &&Path| states.as_ref().is_some_and(|base| root.starts_with(base));
        root.filter(ours).is_some_and(|root| root.is_dir() && !root.ends_with(merge_tree::FOLDER))
    };
    if list.split('\0').any(works) {
        return refuse_new(repository).await;
    }
    note(repository).await
}

/// Notes which commands there are now: they are wanted.
pub(super) async fn note(repository: &Repository) -> Result<(), BranchError> {
    let commands = Command::all(repository).await?;
    let text: String = commands.iter().map(|command| format!("{}\0", command.setting)).collect();
    let path = repository.commands();
    write(&path, &text).map_err(|source| BranchError::File { path, source })
}

/// Says so if there is a command that was not noted.
pub(super) async fn refuse_new(repository: &Repository) -> Result<(), BranchError> {
    let path = repository.commands();
    let noted = match std::fs::read_to_string(&path) {
        Ok(noted) => noted,
        // Agents began before this was noted.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return note(repository).await,
        Err(source) => return Err(BranchError::File { path, source }),
    };
    let noted: BTreeSet<&str> = noted.split('\0').collect();
    let commands = Command::all(repository).await?;
    match commands.into_iter().find(|command| !noted.contains(command.setting.as_str())) {
        Some(command) => Err(command.refused(repository)),
        None => Ok(()),
    }
}

/// Written as a whole or not at all.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

impl Repository {
    /// The file that holds the commands that were noted.
    fn commands(&self) -> PathBuf {
        self.lock.with_extension("commands")
    }
}

/// A command in the configuration.
struct Command {
    /// Name and value, on two lines.
    setting: String,
    /// The file it stands in.
    file: PathBuf,
}

impl Command {
    /// All that stand in configuration of the repository and of its worktrees, with what that includes.
    async fn all(repository: &Repository) -> Result<Vec<Self>, GitError> {
        let places = ["rev-parse", "--path-format=absolute", "--show-toplevel", "--git-common-dir"];
        let said = repository.git.answer(&places).await?;
        let (top, common) = said.split_once('\n').unwrap_or((&said, &said));
        let git = Git::new(top);
        let list = ["--includes", "--list", "--show-scope", "--show-origin", "-z"];
        let mut said = git.answer(&[&["config"], &list[..]].concat()).await?;
        for file in of_worktrees(Path::new(common)) {
            let file = file.to_string_lossy().into_owned();
            let told = git.answer(&[&["config", "--file", &file], &list[..]].concat()).await?;
            // There it is said to come from the command line.
            said.push_str(&told.replace("command\0file:", "worktree\0file:"));
        }
        let fields: Vec<&str> = said.split('\0').collect();
        let own = fields.chunks_exact(3).filter(|entry| ["local", "worktree"].contains(&entry[0]));
        let commands = own.filter(|entry| is_command(entry[2]));
        // Files are named from the folder git is started in.
        let path = |origin: &str| Path::new(top).join(origin.trim_start_matches("file:"));
        Ok(commands.map(|e| Self { setting: e[2].to_owned(), file: path(e[1]) }).collect())
    }

    fn refused(&self, repository: &Repository) -> BranchError {
        let key = self.setting.split('\n').next().unwrap_or_default().to_owned();
        // What agents wrote is not to be read as more than a name by a shell.
        let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        let path = repository.path.display();
        let mend = match (self.file.ends_with(".git/config"), plain) {
            (true, true) => format!("take it away with `git config --unset-all {key}` in {path}"),
            (true, false) => format!("take it away with `git config --edit` in {path}"),
            (false, _) => "take it out of that file".to_owned(),
        };
        BranchError::NewCommand { file: self.file.clone(), key, mend }
    }
}

/// Files with configuration of single worktrees.
fn of_worktrees(common: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten();
    let files = entries.map(|entry| entry.path().join("config.worktree"));
    files.filter(|file| file.is_file()).collect()
}

/// Whether a setting, `name\nvalue`, holds a command.
fn is_command(setting: &str) -> bool {
    let (key, value) = setting.split_once('\n').unwrap_or((setting, ""));
    let section = key.split('.').next().unwrap_or_default();
    let name = key.rsplit('.').next().unwrap_or_default();
    KEYS.contains(&(section, name))
        || (section, name) == ("submodule", "update") && value.starts_with('!')
}
