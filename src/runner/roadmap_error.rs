//! Why a roadmap file can't be read or changed.

use std::io;
use std::path::{Path, PathBuf};

use crate::domain::printable::Printable;

/// Largest roadmap that is read, in bytes.
pub const MAX_BYTES: u64 = 100_000_000;

/// One sentence each: which file, what is wrong, what to do.
#[derive(Debug, thiserror::Error)]
pub enum RoadmapFileError {
    /// There is none.
    #[error("no roadmap at {}; `orch-tui init` writes a starter", path.display())]
    Missing {
        /// Where it was expected.
        path: PathBuf,
    },
    /// A folder.
    #[error("the roadmap {} is a directory; give the path of a Markdown file", path.display())]
    Directory {
        /// Which.
        path: PathBuf,
    },
    /// A pipe, device or socket.
    #[error("the roadmap {} is not a regular file; give the path of a Markdown file", path.display())]
    NotAFile {
        /// Which.
        path: PathBuf,
    },
    /// It can't be read or written by this user.
    #[error("no permission to {doing} the roadmap {}; change it with chmod or chown", path.display())]
    NoPermission {
        /// `read` or `write`.
        doing: &'static str,
        /// Which.
        path: PathBuf,
    },
    /// Not a text.
    #[error("the roadmap {} is not a text file (it has NUL bytes); give the path of a Markdown file", path.display())]
    Binary {
        /// Which.
        path: PathBuf,
    },
    /// Too large.
    #[error("the roadmap {} has {bytes} bytes and the limit is {MAX_BYTES}; move finished phases to an archive", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// The archive beside the roadmap can't be read.
    #[error("{0}")]
    Archive(String),
    /// The change makes no sense in this roadmap.
    #[error("{0}")]
    Refused(Printable),
    /// Somebody else never stops writing.
    #[error("the roadmap {} changes all the time, so nothing was written; try again when the other program has finished", path.display())]
    Contended {
        /// Which.
        path: PathBuf,
    },
    /// Somebody's version could not be put back.
    #[error("the roadmap {} vanished while it was written; its last version is in {}: move it back", path.display(), kept.display())]
    Stranded {
        /// Which.
        path: PathBuf,
        /// Where the last version is.
        kept: PathBuf,
    },
    /// Anything else.
    #[error("cannot {doing} the roadmap {}: {source}; check the disk", path.display())]
    Io {
        /// `read` or `write`.
        doing: &'static str,
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl RoadmapFileError {
    /// The same, said of the archive beside the roadmap.
    pub fn of_archive(error: &Self) -> Self {
        Self::Archive(error.to_string().replacen("the roadmap", "the archive", 1))
    }

    /// The fitting error for what the system said.
    pub fn typed(doing: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::Missing { path },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::NoPermission { doing, path }
            }
            io::ErrorKind::IsADirectory => Self::Directory { path },
            _other => Self::Io { doing, path, source },
        }
    }
}
