//! Where the app keeps its state: one private folder per target repository, and one for sockets.
//!
//! Folders are 0700 and files 0600: prompts, recordings and claims are nobody else's business.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::domain::errand::Errand;
use crate::domain::id::{AgentId, AgentRef, Life};

/// Environment variable that names the base folder instead of the system's state folder.
pub const STATE_DIR_VARIABLE: &str = "ORCH_TUI_STATE_DIR";

/// Name of the file whose lock makes a process the driver.
pub const DRIVER_LOCK_FILE: &str = "driver.lock";

/// Socket paths must fit `sockaddr_un`: 108 bytes on Linux, 104 on macOS, a final NUL included.
const MAX_SOCKET_PATH: usize = 100;

/// Longest encoded name used for a folder; beyond it a hash takes its place.
const MAX_NAME: usize = 200;

/// The private folders of one target repository. They exist from the moment this value does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDir {
    folder: PathBuf,
    sockets: PathBuf,
}

/// Why the state folder can't be used.
#[derive(Debug, thiserror::Error)]
pub enum StateDirError {
    /// No home folder.
    #[error(
        "no state folder: this user has no home directory; set {STATE_DIR_VARIABLE} to a folder you own"
    )]
    NoHome,
    /// The repository is missing or unreadable.
    #[error("no repository at {}: {source}; give the path of an existing directory", path.display())]
    NoRepository {
        /// Where it was expected.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file stands where a folder must be.
    #[error("{} is not a directory; move it away or set {STATE_DIR_VARIABLE} to another folder", path.display())]
    NotADirectory {
        /// What is in the way.
        path: PathBuf,
    },
    /// No permission.
    #[error("no permission to use {}; make it yours (chown) or set {STATE_DIR_VARIABLE} to a folder you own", path.display())]
    NoPermission {
        /// Which folder.
        path: PathBuf,
    },
    /// The folder belongs to somebody else, who could replace what is inside.
    #[error("{} belongs to another user; remove it or set XDG_RUNTIME_DIR to a folder you own", path.display())]
    Foreign {
        /// Which folder.
        path: PathBuf,
    },
    /// The socket's path would not fit.
    #[error("the socket folder {} has too long a path; set XDG_RUNTIME_DIR to a shorter one", path.display())]
    TooLong {
        /// Which folder.
        path: PathBuf,
    },
    /// Anything else.
    #[error("cannot use {}: {source}; check the disk", path.display())]
    Io {
        /// Which folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl StateDir {
    /// The folders for the repository at `repository`, in the place the environment asks for.
    ///
    /// # Errors
    /// One sentence when a folder can't be made or used.
    pub fn open(repository: &Path) -> Result<Self, StateDirError> {
        Self::under(&base_folder()?, &runtime_folder()?, repository)
    }

    /// The folders for `repository` below `base`, with sockets in `sockets`.
    ///
    /// # Errors
    /// One sentence when a folder can't be made or used.
    pub fn under(base: &Path, sockets: &Path, repository: &Path) -> Result<Self, StateDirError> {
        let canonical = repository.canonicalize().map_err(|source| {
            StateDirError::NoRepository { path: repository.to_owned(), source }
        })?;
        let name = canonical.file_name().unwrap_or_default().to_string_lossy();
        let name: String = encode(&name).chars().take(80).collect();
        let hash = short_hash(canonical.as_os_str().as_encoded_bytes());
        let folder = base.join(format!("{name}-{hash}"));
        private_folder(&folder)?;
        for inner in ["claims", "agents", "reports"] {
            private_folder(&folder.join(inner))?;
        }
        private_folder(sockets)?;
        Ok(Self { folder, sockets: sockets.to_owned() })
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The journal file.
    pub fn journal(&self) -> PathBuf {
        self.folder.join("journal.jsonl")
    }

    /// The file whose lock makes a process the driver.
    pub fn driver_lock(&self) -> PathBuf {
        self.folder.join(DRIVER_LOCK_FILE)
    }

    /// The folder of the claim files.
    pub fn claims(&self) -> PathBuf {
        self.folder.join("claims")
    }

    /// The folder of agents' worktrees.
    pub fn worktrees(&self) -> PathBuf {
        self.folder.join("worktrees")
    }

    /// The file whose lock lets one process at a time change the branches and worktrees of the git repository with
    /// this common directory. Targets of one repository share it.
    pub fn repository_lock(&self, common: &Path) -> PathBuf {
        let name = short_hash(common.as_os_str().as_encoded_bytes());
        let base = self.folder.parent().unwrap_or(&self.folder);
        base.join(format!("{name}.lock"))
    }

    /// The folder of reports.
    pub fn reports(&self) -> PathBuf {
        self.folder.join("reports")
    }

    /// The folder of one life of an agent. It need not exist yet: see [`StateDir::make_agent_folder`].
    pub fn agent_folder(&self, agent: &AgentRef) -> PathBuf {
        self.folder.join("agents").join(encode(&agent.to_string()))
    }

    /// Makes the folder of one life of an agent, private.
    ///
    /// # Errors
    /// One sentence when it can't be made.
    pub fn make_agent_folder(&self, agent: &AgentRef) -> Result<PathBuf, StateDirError> {
        let folder = self.agent_folder(agent);
        private_folder(&folder)?;
        Ok(folder)
    }

    /// The lives that have a folder, in order. Names that are nobody's are left out.
    ///
    /// # Errors
    /// One sentence when the folder can't be read.
    pub fn agents(&self) -> Result<Vec<AgentRef>, StateDirError> {
        let folder = self.folder.join("agents");
        let read = fs::read_dir(&folder).map_err(|source| typed(&folder, source))?;
        let mut agents: Vec<AgentRef> = read
            .filter_map(Result::ok)
            .filter_map(|entry| agent_named(entry.file_name().to_str()?))
            .collect();
        agents.sort();
        Ok(agents)
    }

    /// The socket of an agent's host.
    pub fn socket(&self, agent: &AgentRef) -> PathBuf {
        self.socket_named(&agent.to_string())
    }

    /// The socket of the driver.
    pub fn driver_socket(&self) -> PathBuf {
        // No agent is called that: their names have a dot and a number at the end.
        self.socket_named("driver")
    }

    /// Sockets of all repositories share a folder and have short names, so that their paths fit.
    fn socket_named(&self, name: &str) -> PathBuf {
        let mut key = self.folder.as_os_str().as_encoded_bytes().to_vec();
        key.push(0);
        key.extend_from_slice(name.as_bytes());
        self.sockets.join(format!("{}.sock", short_hash(&key)))
    }
}

/// The folder all repositories' state lies in.
///
/// # Errors
/// One sentence when there is none.
pub fn base_folder() -> Result<PathBuf, StateDirError> {
    if let Some(base) = std::env::var_os(STATE_DIR_VARIABLE).filter(|base| !base.is_empty()) {
        let base = PathBuf::from(base);
        return std::path::absolute(&base).map_err(|source| typed(&base, source));
    }
    let dirs = directories::ProjectDirs::from("", "", "orch-tui").ok_or(StateDirError::NoHome)?;
    Ok(dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).to_owned())
}

/// The folder of the sockets: the first candidate short enough.
fn runtime_folder() -> Result<PathBuf, StateDirError> {
    let session = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let session = session.filter(|folder| folder.is_absolute() && folder.is_dir());
    let uid = rustix::process::geteuid().as_raw();
    let own = format!("orch-tui-{uid}");
    let candidates = [
        session.map(|folder| folder.join("orch-tui")),
        Some(std::env::temp_dir().join(&own)),
        Some(Path::new("/tmp").join(&own)),
    ];
    let fits =
        |folder: &&PathBuf| folder.as_os_str().len() + "/0123456789ab.sock".len() < MAX_SOCKET_PATH;
    let long = std::env::temp_dir();
    let found = candidates.iter().flatten().find(fits).cloned();
    found.ok_or(StateDirError::TooLong { path: long })
}

/// Makes a folder, with its parents, that only this user can enter. An existing one is made private.
fn private_folder(folder: &Path) -> Result<(), StateDirError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    if let Err(source) = made {
        return Err(match source.kind() {
            // `create` says so when the folder's name is taken by something else.
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
                StateDirError::NotADirectory { path: in_the_way(folder).to_owned() }
            }
            _other => typed(folder, source),
        });
    }
    let about = fs::symlink_metadata(folder).map_err(|source| typed(folder, source))?;
    if about.is_symlink() {
        // A link a person made to move their state elsewhere: the target must be theirs.
        let target = fs::metadata(folder).map_err(|source| typed(folder, source))?;
        return check_owner(folder, target.uid());
    }
    check_owner(folder, about.uid())?;
    if about.mode() & 0o077 != 0 {
        let private = fs::Permissions::from_mode(0o700);
        fs::set_permissions(folder, private).map_err(|source| typed(folder, source))?;
    }
    Ok(())
}

/// The part of the path that should be a folder and is something else.
fn in_the_way(folder: &Path) -> &Path {
    folder.ancestors().find(|part| part.exists() && !part.is_dir()).unwrap_or(folder)
}

/// A folder of another user is refused: its owner could swap what is inside.
fn check_owner(folder: &Path, owner: u32) -> Result<(), StateDirError> {
    if owner == rustix::process::geteuid().as_raw() {
        Ok(())
    } else {
        Err(StateDirError::Foreign { path: folder.to_owned() })
    }
}

/// Opens a file that only this user may read, for reading and writing, without following a link.
///
/// # Errors
/// What the system said.
pub fn open_private(path: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::CLOEXEC;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(flags)
        .open(path)
}

/// The fitting error for what the system said of `path`.
fn typed(path: &Path, source: io::Error) -> StateDirError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::PermissionDenied => StateDirError::NoPermission { path },
        io::ErrorKind::NotADirectory => StateDirError::NotADirectory { path },
        _other => StateDirError::Io { path, source },
    }
}

/// The first six bytes of SHA-256, in hex: enough to tell a person's repositories apart.
fn short_hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)[..6])
}

/// Bytes in hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `name` as a file name: letters, digits, `-`, `_` and inner dots stay, the rest becomes `%XX`. A long one becomes its hash.
fn encode(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (at, byte) in name.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => out.push(char::from(byte)),
            b'.' if at > 0 => out.push('.'),
            _other => out.push_str(&format!("%{byte:02X}")),
        }
    }
    if out.is_empty() || out.len() > MAX_NAME {
        format!("%h{}", hex(&Sha256::digest(name)))
    } else {
        out
    }
}

/// The life whose folder is called `name`.
fn agent_named(name: &str) -> Option<AgentRef> {
    let name = decode(name)?;
    let (id, life) = name.rsplit_once('.')?;
    let life: u32 = life.parse().ok()?;
    (id.starts_with("a-") || Errand::is_agent(id))
        .then(|| AgentRef { id: AgentId::new(id), life: Life(life) })
}

/// What [`encode`] encoded; `None` for a hash or anything else.
fn decode(name: &str) -> Option<String> {
    let mut bytes = name.bytes();
    let mut out = Vec::with_capacity(name.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digits = [bytes.next()?, bytes.next()?];
        out.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn agent(id: &str, life: u32) -> AgentRef {
        AgentRef { id: AgentId::new(id), life: Life(life) }
    }

    fn opened(root: &Path) -> StateDir {
        let repo = root.join("my repo");
        fs::create_dir_all(&repo).unwrap();
        StateDir::under(&root.join("state"), &root.join("run"), &repo).unwrap()
    }

    #[test]
    fn folders_are_private_and_named_after_the_repository() {
        let root = tempfile::tempdir().unwrap();
        let state = opened(root.path());
        let name = state.folder().file_name().unwrap().to_str().unwrap().to_owned();
        assert!(name.starts_with("my%20repo-"), "{name}");
        for folder in [state.folder(), &state.claims(), &root.path().join("run")] {
            assert_eq!(fs::metadata(folder).unwrap().mode() & 0o777, 0o700, "{folder:?}");
        }
        drop(open_private(&state.journal()).unwrap());
        assert_eq!(fs::metadata(state.journal()).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn two_ways_to_one_repository_give_one_folder() {
        let root = tempfile::tempdir().unwrap();
        let state = opened(root.path());
        let link = root.path().join("link");
        std::os::unix::fs::symlink(root.path().join("my repo"), &link).unwrap();
        let other = StateDir::under(&root.path().join("state"), &root.path().join("run"), &link);
        assert_eq!(other.unwrap(), state);
    }

    #[test]
    fn an_open_folder_is_closed_and_a_given_base_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let base = root.path().join("state");
        fs::create_dir(&base).unwrap();
        let state = opened(root.path());
        for folder in [base.as_path(), state.folder()] {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        }
        opened(root.path());
        assert_eq!(fs::metadata(&base).unwrap().mode() & 0o777, 0o755);
        assert_eq!(fs::metadata(state.folder()).unwrap().mode() & 0o777, 0o700);
    }

    #[test]
    fn agents_are_found_again_whatever_they_are_called() {
        let root = tempfile::tempdir().unwrap();
        let state = opened(root.path());
        let mut wanted = vec![agent("a-2.1", 3), agent("a-../../x", 1), agent("a-é %", 2)];
        for one in &wanted {
            let folder = state.make_agent_folder(one).unwrap();
            assert_eq!(folder.parent().unwrap(), state.folder().join("agents"));
        }
        let long = agent(&format!("a-{}", "x".repeat(900)), 1);
        assert!(state.make_agent_folder(&long).unwrap().is_dir());
        fs::create_dir(state.folder().join("agents/other")).unwrap();
        wanted.sort();
        assert_eq!(state.agents().unwrap(), wanted);
    }

    #[test]
    fn socket_paths_are_short_and_differ() {
        let root = tempfile::tempdir().unwrap();
        let state = opened(root.path());
        let long = agent(&format!("a-{}", "x".repeat(900)), 1);
        let paths = [state.socket(&agent("a-1", 1)), state.socket(&long), state.driver_socket()];
        assert!(paths.iter().all(|path| path.file_name().unwrap().len() == 17));
        assert!(paths[0] != paths[1] && paths[1] != paths[2]);
        let folder = runtime_folder().unwrap();
        assert!(folder.as_os_str().len() + 18 < MAX_SOCKET_PATH);
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let root = tempfile::tempdir().unwrap();
        let base = root.path().join("state");
        fs::write(&base, "x").unwrap();
        let error = StateDir::under(&base, &root.path().join("run"), root.path()).unwrap_err();
        assert!(error.to_string().contains("/state is not a directory"), "{error}");
        let error = StateDir::under(&base, &base, &root.path().join("none")).unwrap_err();
        assert!(error.to_string().starts_with("no repository at "), "{error}");
    }
}
