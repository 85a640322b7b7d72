//! Claims on this machine: one file per stream, locked by the kernel for as long as somebody holds it.
//!
//! The lock belongs to the open file, so it can be handed to the agent's host, and it is free the moment
//! the last process that has the file open is gone. There is no stale lock, no guess by process id and no clock.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::domain::claim::{ClaimOutcome, Fence, Owner, StreamKey};
use crate::domain::printable::Printable;
use crate::runner::claim_record::{self, Reading, Record};
use crate::runner::journal_file::sync_folder;
use crate::runner::pause::pause;
use crate::runner::state_dir::{hex, open_private};

/// Ids up to this many bytes name their file in hex; longer ones by their hash.
const PLAIN_NAME: usize = 100;
/// Patience with a holder that has not yet written who it is.
const PATIENCE: Duration = Duration::from_millis(500);
/// Patience with somebody who lists: ten thousand claims take a part of a second.
const LISTING_PATIENCE: Duration = Duration::from_secs(5);
/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(1);
/// Longest time between the fork and the exec of a process started by somebody else in this program.
const START_TIME: Duration = Duration::from_millis(20);

/// The claims of one target repository.
#[derive(Clone, Debug)]
pub struct ClaimStore {
    folder: PathBuf,
}

/// Answer to a claim. With [`ClaimOutcome::Won`] comes the lock: the claim is held until every copy of it is closed.
#[derive(Debug)]
pub struct Claim {
    /// How it went.
    pub outcome: ClaimOutcome,
    /// The open, locked file; `Some` exactly when the claim was won.
    pub lock: Option<File>,
}

/// A stream that was claimed at least once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedClaim {
    /// The stream.
    pub stream: StreamKey,
    /// Who claimed it last.
    pub owner: Owner,
    /// With which fence.
    pub fence: Fence,
    /// Whether it is still held.
    pub held: Holding,
}

/// Whether a claim is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// A living process holds it.
    Held,
    /// Nobody holds it.
    Free,
}

/// Why claims can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// The system refused.
    #[error("cannot use the claims in {}: {source}; check the disk and its permissions", folder.display())]
    Io {
        /// Folder of the claims.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Locks are not trustworthy there.
    #[error("the claims in {} are on a network disk, where locks can't be trusted; set ORCH_TUI_STATE_DIR to a local folder", folder.display())]
    NetworkDisk {
        /// Folder of the claims.
        folder: PathBuf,
    },
    /// A claim file can't be trusted.
    #[error("the claim file {} is damaged; make sure that no agent runs, then remove it", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// Somebody holds the lock and never wrote who it is.
    #[error("the claim file {} is locked by a process that does not say who it is; try again", path.display())]
    Nameless {
        /// Which file.
        path: PathBuf,
    },
}

impl ClaimStore {
    /// The claims in `folder`, which exists.
    ///
    /// # Errors
    /// One sentence when the folder can't be used or its locks can't be trusted.
    pub fn open(folder: &Path) -> Result<Self, ClaimError> {
        let store = Self { folder: folder.to_owned() };
        let opened = File::open(folder).map_err(|source| store.io(source))?;
        if is_network_disk(&opened).map_err(|source| store.io(source))? {
            return Err(ClaimError::NetworkDisk { folder: store.folder });
        }
        Ok(store)
    }

    /// Tries to claim a stream. Never waits for its owner, and never says `Won` when anything at all went wrong.
    pub fn claim(&self, stream: &StreamKey, owner: Owner) -> Claim {
        match self.try_claim(stream, &owner) {
            Ok((outcome, lock)) => Claim { outcome, lock },
            Err(error) => {
                let why = Printable::new(&error.to_string());
                Claim { outcome: ClaimOutcome::Unavailable(why), lock: None }
            }
        }
    }

    /// Every stream claimed so far, in order.
    ///
    /// # Errors
    /// One sentence when the folder can't be read.
    pub fn list(&self) -> Result<Vec<ListedClaim>, ClaimError> {
        let _probing = self.probing_alone()?;
        let mut claims = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(|source| self.io(source))? {
            let path = entry.map_err(|source| self.io(source))?.path();
            if path.extension().is_some_and(|extension| extension == "claim") {
                claims.extend(listed(&path).map_err(|source| self.io(source))?);
            }
        }
        claims.sort_by(|a, b| a.stream.cmp(&b.stream));
        Ok(claims)
    }

    fn try_claim(
        &self,
        stream: &StreamKey,
        owner: &Owner,
    ) -> Result<(ClaimOutcome, Option<File>), ClaimError> {
        let path = self.path(stream);
        let file = open_private(&path).map_err(|source| self.io(source))?;
        if !self.lock(&file)? {
            return Ok((ClaimOutcome::Lost(current_owner(&file, &path)?), None));
        }
        let reading = claim_record::read(&file).map_err(|source| self.io(source))?;
        let last = match reading {
            Reading::Empty => None,
            Reading::Last(Record { fence, .. }) => Some(fence),
            Reading::Damaged => return Err(ClaimError::Damaged { path }),
        };
        let sign = || {
            let fence = claim_record::write(&file, last, owner)?;
            claim_record::write_name(&file, stream)?;
            if last.is_none() {
                sync_folder(&path)?;
            }
            Ok(fence)
        };
        let fence = sign().map_err(|source| self.io(source))?;
        Ok((ClaimOutcome::Won(fence), Some(file)))
    }

    /// Whether the lock was free and is ours now.
    fn lock(&self, file: &File) -> Result<bool, ClaimError> {
        let try_lock = || match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(source)) => Err(self.io(source)),
        };
        if try_lock()? {
            return Ok(true);
        }
        // Not necessarily an owner: it may be somebody who lists, or a process just being started that has not yet let
        // go of its copy of a freed lock. Ask again while nobody lists, for as long as a start may take.
        let deadline = Instant::now() + START_TIME;
        loop {
            let probing = self.probing_alone()?;
            if try_lock()? {
                return Ok(true);
            }
            drop(probing);
            if Instant::now() >= deadline {
                return Ok(false);
            }
            pause(PAUSE);
        }
    }

    /// Held while claims are listed, so that a look is never mistaken for an owner.
    fn probing_alone(&self) -> Result<File, ClaimError> {
        let file =
            open_private(&self.folder.join("probe.lock")).map_err(|source| self.io(source))?;
        let deadline = Instant::now() + LISTING_PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    pause(PAUSE);
                }
                Err(error) => return Err(self.io(error.into())),
            }
        }
    }

    fn path(&self, stream: &StreamKey) -> PathBuf {
        let key = [stream.target.as_str().as_bytes(), b"\0", stream.phase.as_str().as_bytes()];
        let key = key.concat();
        let long = key.len() > PLAIN_NAME;
        let name = if long { format!("h{}", hex(&Sha256::digest(&key))) } else { hex(&key) };
        self.folder.join(format!("{name}.claim"))
    }

    fn io(&self, source: io::Error) -> ClaimError {
        ClaimError::Io { folder: self.folder.clone(), source }
    }
}

/// Who holds a locked file. The holder locks first and writes its name a moment later.
fn current_owner(file: &File, path: &Path) -> Result<Owner, ClaimError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match claim_record::read(file) {
            Ok(Reading::Last(record)) => return Ok(record.owner),
            Ok(Reading::Empty | Reading::Damaged) if Instant::now() < deadline => {
                pause(PAUSE);
            }
            Ok(Reading::Empty) => return Err(ClaimError::Nameless { path: path.to_owned() }),
            Ok(Reading::Damaged) => return Err(ClaimError::Damaged { path: path.to_owned() }),
            Err(source) => {
                let folder = path.parent().unwrap_or(path).to_owned();
                return Err(ClaimError::Io { folder, source });
            }
        }
    }
}

/// One claim file, looked at without keeping its lock. `None` when it was never won.
fn listed(path: &Path) -> io::Result<Option<ListedClaim>> {
    let file = open_private(path)?;
    let held = match file.try_lock_shared() {
        Ok(()) => Holding::Free,
        Err(TryLockError::WouldBlock) => Holding::Held,
        Err(TryLockError::Error(error)) => return Err(error),
    };
    let Some(stream) = claim_record::read_name(&file)? else { return Ok(None) };
    Ok(match claim_record::read(&file)? {
        Reading::Last(Record { fence, owner }) => Some(ListedClaim { stream, owner, fence, held }),
        Reading::Empty | Reading::Damaged => None,
    })
}

/// Whether the folder is on NFS or SMB.
#[cfg(target_os = "linux")]
fn is_network_disk(folder: &File) -> io::Result<bool> {
    /// NFS, SMB, CIFS, SMB2: see `statfs(2)`.
    const NETWORK: [u32; 4] = [0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42];
    let kind = rustix::fs::fstatfs(folder)?.f_type;
    // The numbers are 32 bits wide whatever the type of the field, and may come sign-extended.
    Ok(NETWORK.iter().any(|magic| kind as u64 & 0xffff_ffff == u64::from(*magic)))
}

/// Elsewhere the kernel's answer to the lock itself has to do.
#[cfg(not(target_os = "linux"))]
fn is_network_disk(_folder: &File) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
#[path = "claim_store_tests.rs"]
mod tests;
