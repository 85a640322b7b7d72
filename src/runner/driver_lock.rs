//! Which process drives a target repository: the one that holds this lock. The kernel frees it on any death.

use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::runner::pause::pause;
use crate::runner::process::ProcessIdentity;
use crate::runner::state_dir::{DRIVER_LOCK_FILE, StateDir, open_private};

/// Time given to a new holder to write its name.
const NAME_WAIT: Duration = Duration::from_millis(250);

/// Time given to what a driver that was killed had just begun to start.
const PASSING: Duration = Duration::from_secs(5);

/// Held for as long as this value lives.
#[derive(Debug)]
pub struct DriverLock {
    _file: File,
}

/// Answer to the wish to drive.
#[derive(Debug)]
pub enum Driver {
    /// We drive.
    Held(DriverLock),
    /// Another process does.
    Taken {
        /// That process; 0 when it did not say.
        pid: u32,
        /// Since when.
        since: Timestamp,
    },
}

/// Why nobody can say who drives.
#[derive(Debug, thiserror::Error)]
#[error("cannot lock {}: {source}; check that the state folder is on a local, writable disk", path.display())]
pub struct DriverLockError {
    path: PathBuf,
    source: io::Error,
}

#[derive(Serialize, Deserialize)]
struct Holder {
    pid: u32,
    since: Timestamp,
}

impl DriverLock {
    /// Tries to become the driver.
    ///
    /// # Errors
    /// One sentence when the lock file can't be used.
    pub fn acquire(state: &StateDir) -> Result<Driver, DriverLockError> {
        let path = state.driver_lock();
        let attempt = || -> io::Result<Driver> {
            let file = open_private(&path)?;
            match file.try_lock() {
                Ok(()) => {
                    sign(&file)?;
                    Ok(Driver::Held(Self { _file: file }))
                }
                Err(TryLockError::WouldBlock) => Ok(holder(&file)),
                Err(TryLockError::Error(error)) => Err(error),
            }
        };
        let deadline = Instant::now() + PASSING;
        loop {
            match attempt().map_err(|source| DriverLockError { path: path.clone(), source })? {
                Driver::Taken { pid, .. } if is_gone(pid) && Instant::now() < deadline => {
                    pause(Duration::from_millis(5));
                }
                driver => return Ok(driver),
            }
        }
    }
}

/// Whether the process that signed the lock is gone: then one it was just starting holds the lock, until it runs its own
/// program.
fn is_gone(pid: u32) -> bool {
    pid != 0 && ProcessIdentity::of(pid).is_none()
}

/// Whether some process drives the repository whose state lies in `folder`.
pub fn is_driven(folder: &Path) -> bool {
    let lock = File::open(folder.join(DRIVER_LOCK_FILE));
    lock.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Writes who holds the lock.
fn sign(file: &File) -> io::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let since = Timestamp::default().plus(now);
    let text = serde_json::to_string(&Holder { pid: std::process::id(), since })?;
    file.set_len(0)?;
    file.write_all_at(text.as_bytes(), 0)
}

/// Who holds the lock, as the file says. A holder that has just won may still be writing.
fn holder(file: &File) -> Driver {
    let deadline = Instant::now() + NAME_WAIT;
    loop {
        let mut bytes = [0; 256];
        let len = file.read_at(&mut bytes, 0).unwrap_or_default();
        if let Ok(Holder { pid, since }) = serde_json::from_slice(&bytes[..len]) {
            return Driver::Taken { pid, since };
        }
        if Instant::now() >= deadline {
            return Driver::Taken { pid: 0, since: Timestamp::default() };
        }
        pause(Duration::from_millis(2));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn one_drives_and_the_other_is_told_who() {
        let root = tempfile::tempdir().unwrap();
        let state =
            StateDir::under(&root.path().join("s"), &root.path().join("r"), root.path()).unwrap();
        let Driver::Held(lock) = DriverLock::acquire(&state).unwrap() else { panic!("not held") };
        match DriverLock::acquire(&state).unwrap() {
            Driver::Taken { pid, since } => {
                assert_eq!(pid, std::process::id());
                assert!(since > Timestamp(1_600_000_000_000));
            }
            Driver::Held(_) => panic!("two drivers"),
        }
        drop(lock);
        // A process that another test is just starting has a copy of it until it runs its own program.
        let deadline = Instant::now() + PASSING;
        let free = || matches!(DriverLock::acquire(&state).unwrap(), Driver::Held(_));
        while !free() {
            assert!(Instant::now() < deadline, "the lock is not free");
            pause(Duration::from_millis(1));
        }
    }

    #[test]
    fn a_lock_that_only_outlives_its_holder_for_a_moment_is_waited_for() {
        let root = tempfile::tempdir().unwrap();
        let state =
            StateDir::under(&root.path().join("s"), &root.path().join("r"), root.path()).unwrap();
        let passing = open_private(&state.driver_lock()).unwrap();
        passing.lock().unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let text = serde_json::to_string(&Holder { pid: child.id(), since: Timestamp(1) }).unwrap();
        passing.write_all_at(text.as_bytes(), 0).unwrap();
        child.wait().unwrap();
        let (begun, began) = std::sync::mpsc::channel();
        let waiting = std::thread::spawn(move || {
            begun.send(()).unwrap();
            DriverLock::acquire(&state).unwrap()
        });
        began.recv().unwrap();
        pause(Duration::from_millis(50));
        drop(passing);
        assert!(matches!(waiting.join().unwrap(), Driver::Held(_)));
    }

    #[test]
    fn a_folder_in_its_place_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        let state =
            StateDir::under(&root.path().join("s"), &root.path().join("r"), root.path()).unwrap();
        std::fs::create_dir(state.driver_lock()).unwrap();
        let error = DriverLock::acquire(&state).unwrap_err().to_string();
        assert!(error.starts_with("cannot lock "), "{error}");
    }
}
