//! One look at the roadmap file, which somebody may be writing at that moment.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::runner::atomic_write::PAUSE;
use crate::runner::pause::pause;
use crate::runner::roadmap_error::{MAX_BYTES, RoadmapFileError};

/// How still a file must be to be read.
#[derive(Clone, Copy)]
pub(super) struct Stillness {
    /// A file untouched for this long is not being written.
    pub quiet: Duration,
    /// Neither is one that reads the same after this long.
    pub pause: Duration,
}

/// For a first look.
pub(super) const CALM: Stillness = Stillness { quiet: Duration::from_millis(10), pause: PAUSE };
/// After a lost race: the shorter the way from the look to the swap, the better the chance of winning the next.
pub(super) const HURRY: Stillness =
    Stillness { quiet: Duration::from_millis(1), pause: Duration::from_micros(300) };
/// Longest wait for a busy file to become quiet; it is read as it is then, for the swap shows what was missed.
pub(super) const BUSY: Duration = Duration::from_millis(40);
/// A text is binary when it has a NUL byte in its first bytes.
const SNIFF: usize = 8 * 1024;

/// One read of the file.
pub(super) struct Look {
    /// The whole file.
    pub bytes: Arc<[u8]>,
    /// Time since the last write.
    pub age: Duration,
}

/// Reads a file that nobody seems to be in the middle of writing, or that never comes to rest.
pub(super) fn still(path: &Path) -> Result<Look, RoadmapFileError> {
    let start = Instant::now();
    let mut seen = look(path)?;
    while seen.age < CALM.quiet && start.elapsed() < BUSY {
        pause(CALM.pause);
        let again = look(path)?;
        if again.bytes == seen.bytes {
            return Ok(again);
        }
        seen = again;
    }
    Ok(seen)
}

/// Reads a file once.
pub(super) fn look(path: &Path) -> Result<Look, RoadmapFileError> {
    let failed = |source| RoadmapFileError::typed("read", path, source);
    let file = open_without_waiting(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    let path = || path.to_path_buf();
    if about.is_dir() {
        return Err(RoadmapFileError::Directory { path: path() });
    }
    if !about.is_file() {
        return Err(RoadmapFileError::NotAFile { path: path() });
    }
    if about.len() > MAX_BYTES {
        return Err(RoadmapFileError::TooLarge { path: path(), bytes: about.len() });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or_default());
    (&file).take(MAX_BYTES).read_to_end(&mut bytes).map_err(failed)?;
    if bytes[..bytes.len().min(SNIFF)].contains(&0) {
        return Err(RoadmapFileError::Binary { path: path() });
    }
    // A time in the future says nothing: the second look decides then.
    let written = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    let age = SystemTime::now().duration_since(written).unwrap_or_default();
    Ok(Look { bytes: bytes.into(), age })
}

/// Opens a file for reading; a pipe without a writer does not hang us.
fn open_without_waiting(path: &Path) -> io::Result<File> {
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    fs::OpenOptions::new().read(true).custom_flags(flags).open(path)
}
