//! What a host is told, and what it leaves behind.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::adapter::{AdapterKind, Limits, Parser, Via};
use crate::domain::agent::{Exit, Processes};
use crate::domain::frame::Size;
use crate::domain::id::AgentRef;
use crate::domain::time::Timestamp;

/// Everything a host needs: written as `spec.json` before it is started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostSpec {
    /// Who runs in it.
    pub agent: AgentRef,
    /// Program and arguments of the agent.
    pub argv: Vec<String>,
    /// Where it works.
    pub cwd: PathBuf,
    /// Its whole environment. The host adds what belongs to the terminal and marks the process.
    pub env: BTreeMap<String, String>,
    /// How its output is shown.
    pub kind: AdapterKind,
    /// How its output is read; what earlier versions wrote has none: see [`HostSpec::parser`].
    #[serde(default)]
    pub parser: Option<Parser>,
    /// How it gets its prompt; what earlier versions wrote has none: see [`HostSpec::via`].
    #[serde(default)]
    pub via: Option<Via>,
    /// Its time limits; one of zero is none.
    pub limits: Limits,
    /// Size of its terminal at the start.
    pub size: Size,
    /// The file with what it is told.
    pub prompt_file: PathBuf,
    /// The life's folder: result, recording, events and last screen are written there.
    pub folder: PathBuf,
    /// Socket for viewers.
    pub socket: PathBuf,
}

impl HostSpec {
    /// Path of the specification itself.
    pub fn path(&self) -> PathBuf {
        self.folder.join(SPEC_FILE)
    }

    /// How the output is read.
    pub fn parser(&self) -> Parser {
        self.parser.unwrap_or(Parser::of(self.kind))
    }

    /// How the agent gets its prompt.
    pub fn via(&self) -> Via {
        self.via.unwrap_or(Via::of(self.kind))
    }
}

/// How a life ended: `result.json`, the last thing a host writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostResult {
    /// Whose.
    pub agent: AgentRef,
    /// How its process ended.
    pub exit: Exit,
    /// Its session with the agent CLI, for resuming it.
    pub session: Option<String>,
    /// Its processes.
    pub processes: Processes,
    /// When it started.
    pub started_at: Timestamp,
}

/// Name of the specification in a life's folder.
const SPEC_FILE: &str = "spec.json";

/// Name of the result in a life's folder.
pub const RESULT_FILE: &str = "result.json";

/// The specification a life was started with.
///
/// # Errors
/// When there is none or it can't be understood.
pub fn read_spec(folder: &Path) -> io::Result<HostSpec> {
    Ok(serde_json::from_slice(&fs::read(folder.join(SPEC_FILE))?)?)
}

/// Reads the result of a life; `None` when its host has not written one.
///
/// # Errors
/// When the file cannot be read or is not a result.
pub fn read_result(folder: &Path) -> io::Result<Option<HostResult>> {
    match fs::read(folder.join(RESULT_FILE)) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a file that appears whole or not at all, readable by its owner only.
///
/// # Errors
/// When the folder cannot be written.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

/// Opens a file of the owner's for appending.
pub(super) fn append_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// Makes a folder of the owner's, with those above it.
pub(super) fn private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// The present.
pub(super) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX)))
}
