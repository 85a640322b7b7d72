//! The roadmap file: read whole, changed by compare-and-swap, shared with people and agents who edit it at the same moment.
//!
//! What we change is decided again on whatever stands in the file, so losing a race costs us a turn. What others
//! change can't be decided again, so it is never thrown away: their change is merged in should it go missing.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::effect::RoadmapOrder;
use crate::domain::roadmap::archive::Archive;
use crate::domain::roadmap::diff::{Hunk, hunks};
use crate::domain::roadmap::{Edit, Roadmap};
use crate::domain::target::Target;
use crate::domain::undo::without;
use crate::runner::atomic_write::{Change, Displaced, PAUSE, Swap, is_cut_short, replace};
use crate::runner::pause::pause;
use crate::runner::roadmap_draft::{Draft, Pending, draft};
use crate::runner::roadmap_error::RoadmapFileError;
use crate::runner::roadmap_look::{BUSY, CALM, HURRY, Look, Stillness, look, still};

/// Longest wait for a file that vanished, or lost most of its text, to come back.
const REWRITING: Duration = Duration::from_secs(1);
/// Longest time spent on one change.
const STRUGGLE: Duration = Duration::from_secs(10);
/// Pause before a replaced file is looked at for a late writer.
const LATE: Duration = Duration::from_millis(2);

/// Where finished phases are kept unless the configuration says otherwise, from the folder of the roadmap.
const ARCHIVE: &str = "completed/roadmap-archive.md";

/// The archive that belongs to a roadmap of which the configuration does not say more.
pub fn archive_beside(roadmap: &Path) -> PathBuf {
    roadmap.with_file_name(ARCHIVE)
}

/// One roadmap file. Share one value per file: its calls take turns.
#[derive(Debug)]
pub struct RoadmapFile {
    path: PathBuf,
    archive: PathBuf,
    memory: Mutex<Memory>,
    writes: AtomicU64,
    races_lost: AtomicU64,
}

/// What a change came to.
#[derive(Debug, Default)]
pub struct Made {
    /// The edits it took; none when there was nothing to change.
    pub edits: Vec<Edit>,
    /// The roadmap as they left it.
    pub after: Option<Arc<Roadmap>>,
}

impl Made {
    /// The lines that were changed.
    pub fn hunks(&self) -> Vec<Hunk> {
        let Some(after) = &self.after else { return Vec::new() };
        hunks(&without(&self.edits, after.bytes()), &self.edits)
    }
}

/// How a turn ended.
enum Attempt {
    /// The file is as it should be.
    Nothing,
    /// It was written, with these edits of ours.
    Won(Vec<Edit>),
    /// Somebody was faster.
    Lost,
}

/// What is remembered between two calls.
#[derive(Debug, Default)]
struct Memory {
    last: Option<Arc<Roadmap>>,
    archive: Arc<Archive>,
    archived: Arc<[u8]>,
    displaced: Vec<Displaced>,
    pending: Pending,
    /// That others' changes can't be written was told.
    told: bool,
}

impl RoadmapFile {
    /// The roadmap of a target, with its archive.
    pub fn of(target: &Target) -> Self {
        Self { archive: target.documents.archive.clone(), ..Self::new(&target.roadmap) }
    }

    /// The roadmap at `path`, which need not exist yet, with the archive beside it.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            archive: archive_beside(&path),
            path,
            memory: Mutex::default(),
            writes: AtomicU64::new(0),
            races_lost: AtomicU64::new(0),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The archive beside it.
    pub fn archive(&self) -> &Path {
        &self.archive
    }

    /// How often this value wrote the file.
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::Relaxed)
    }

    /// How often somebody else was faster and the change was decided again.
    pub fn races_lost(&self) -> u64 {
        self.races_lost.load(Ordering::Relaxed)
    }

    /// Reads the roadmap; waits a moment for somebody who is in the middle of writing it. Blocks, up to a second.
    ///
    /// # Errors
    /// One sentence: which file, what is wrong, what to do.
    pub fn read(&self) -> Result<Arc<Roadmap>, RoadmapFileError> {
        let mut memory = self.memory();
        self.read_archive(&mut memory)?;
        if memory.expects_more() {
            match self.write(&mut memory, None) {
                Err(error) if !std::mem::replace(&mut memory.told, true) => return Err(error),
                // Told once; what others wrote is still pending, and what is there can be read.
                Err(_) => {}
                Ok(_) => memory.told = false,
            }
        }
        self.stable(&mut memory, CALM)
    }

    /// Makes a change and gives the edits it took: none when there was nothing to change, and then nothing is written.
    /// Blocks; milliseconds when nobody else writes.
    ///
    /// # Errors
    /// One sentence: which file, what is wrong, what to do.
    pub fn apply(&self, order: &RoadmapOrder) -> Result<Vec<Edit>, RoadmapFileError> {
        self.make(order).map(|made| made.edits)
    }

    /// Makes a change in this file and no other.
    pub(super) fn change(&self, order: &RoadmapOrder) -> Result<Made, RoadmapFileError> {
        let mut memory = self.memory();
        self.write(&mut memory, Some(order))
    }

    /// Whether a file replaced not long ago may still be written into by whoever had opened it before.
    pub fn awaits_late_writers(&self) -> bool {
        self.memory().awaits_late_writers()
    }

    /// Whether somebody has written into a replaced file, or a change may be missing from the file. The next
    /// [`read`](Self::read) takes it over.
    pub fn is_written_late(&self) -> bool {
        self.memory().expects_more()
    }

    /// Writes until others' pending changes and our order are all in the file.
    fn write(
        &self,
        memory: &mut Memory,
        order: Option<&RoadmapOrder>,
    ) -> Result<Made, RoadmapFileError> {
        // A bad archive is told by whoever reads; what was decided is written all the same.
        let _told = self.read_archive(memory);
        let deadline = Instant::now() + STRUGGLE;
        let (mut order, mut stillness) = (order, CALM);
        let (mut made, mut done) = (Made::default(), false);
        while Instant::now() < deadline {
            match self.attempt(memory, order, stillness) {
                Ok(Attempt::Nothing) => return Ok(made),
                Ok(Attempt::Won(edits)) => {
                    if order.is_some() {
                        made = Made { edits, after: memory.last.clone() };
                    }
                    // Decided and done: from here on only what others wrote is of interest.
                    (order, done) = (None, true);
                    pause(LATE);
                }
                Ok(Attempt::Lost) => stillness = HURRY,
                // What was asked for is done; what others wrote stays pending.
                Err(error) if done && !matches!(error, RoadmapFileError::Stranded { .. }) => {
                    return Ok(made);
                }
                Err(error) => return Err(error),
            }
        }
        if done { Ok(made) } else { Err(RoadmapFileError::Contended { path: self.path.clone() }) }
    }

    /// One turn: decides on what stands in the file, and writes it unless somebody is faster.
    fn attempt(
        &self,
        memory: &mut Memory,
        order: Option<&RoadmapOrder>,
        stillness: Stillness,
    ) -> Result<Attempt, RoadmapFileError> {
        let read = self.stable(memory, stillness)?;
        memory.expects_more();
        let Draft { merged, text, edits } = draft(&read, &mut memory.pending, order);
        if text == read.bytes() {
            edits?;
            if order.is_some() {
                // As we want it, whoever wrote it.
                memory.pending.keep_theirs();
            }
            return Ok(Attempt::Nothing);
        }
        match self.swap(read.bytes(), &text)? {
            Swap::Done(displaced) => {
                self.remember(memory, text, displaced);
                edits.map(Attempt::Won)
            }
            Swap::Overtaken(changes, displaced) => {
                self.races_lost.fetch_add(1, Ordering::Relaxed);
                memory.displaced.extend(displaced);
                let beside = read.bytes().into();
                memory.pending.add(changes, Change { base: text, edited: merged, beside });
                Ok(Attempt::Lost)
            }
            Swap::Stranded(kept) => {
                Err(RoadmapFileError::Stranded { path: self.path.clone(), kept })
            }
        }
    }

    /// What was written is what was read last.
    fn remember(&self, memory: &mut Memory, text: Vec<u8>, displaced: Displaced) {
        self.writes.fetch_add(1, Ordering::Relaxed);
        memory.last = Some(memory.beside_archive(text));
        memory.displaced.push(displaced);
        memory.pending.keep_theirs();
    }

    /// One attempt to replace the file. A file that vanished meanwhile is a lost race like any other.
    fn swap(&self, base: &[u8], text: &[u8]) -> Result<Swap, RoadmapFileError> {
        let failed = |source| RoadmapFileError::typed("write", &self.path, source);
        let real = self.path.canonicalize();
        let swap = real.and_then(|real| {
            rustix::fs::access(&real, rustix::fs::Access::WRITE_OK)?;
            replace(&real, base, text)
        });
        match swap {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(Swap::Overtaken(Vec::new(), None))
            }
            other => other.map_err(failed),
        }
    }

    /// Reads the file when nobody seems to be in the middle of writing it.
    fn stable(
        &self,
        memory: &mut Memory,
        still: Stillness,
    ) -> Result<Arc<Roadmap>, RoadmapFileError> {
        let start = Instant::now();
        let mut before: Option<Look> = None;
        loop {
            let waited = start.elapsed();
            let look = match look(&self.path) {
                Err(RoadmapFileError::Missing { .. })
                    if memory.last.is_some() && waited < REWRITING =>
                {
                    pause(PAUSE);
                    continue;
                }
                other => other?,
            };
            let same = before.as_ref().is_some_and(|before| before.bytes == look.bytes);
            let settled = look.age >= still.quiet || same || waited >= BUSY;
            let roadmap = memory.parsed(&look);
            let suspicious =
                memory.lost_most(&roadmap) || (look.bytes.is_empty() && look.age < REWRITING);
            if settled && (!suspicious || waited >= REWRITING) {
                memory.last = Some(Arc::clone(&roadmap));
                return Ok(roadmap);
            }
            before = Some(look);
            pause(still.pause);
        }
    }

    /// Reads the archive, parsed anew only when its bytes are others. A missing one is empty. One that can't be read
    /// leaves what was known of it before.
    fn read_archive(&self, memory: &mut Memory) -> Result<(), RoadmapFileError> {
        let bytes = match still(&self.archive) {
            Err(RoadmapFileError::Missing { .. }) => Arc::default(),
            // A file where its folder would be is no folder to look in.
            Err(RoadmapFileError::Io { source, .. })
                if source.kind() == io::ErrorKind::NotADirectory =>
            {
                Arc::default()
            }
            other => other.map_err(|error| RoadmapFileError::of_archive(&error))?.bytes,
        };
        if bytes != memory.archived {
            memory.archive = Arc::new(Archive::read(&bytes));
            memory.archived = bytes;
        }
        Ok(())
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    /// The roadmap in these bytes; the one we have when they are the same.
    fn parsed(&self, look: &Look) -> Arc<Roadmap> {
        match &self.last {
            Some(last) if *last.bytes() == *look.bytes && *last.archive() == self.archive => {
                Arc::clone(last)
            }
            Some(_) | None => self.beside_archive(Arc::clone(&look.bytes)),
        }
    }

    /// A roadmap with the archive as it was read last.
    fn beside_archive(&self, text: impl Into<Arc<[u8]>>) -> Arc<Roadmap> {
        Arc::new(Roadmap::parse(text).with_archive(Arc::clone(&self.archive)))
    }

    /// Whether a change somebody made may be missing from the file.
    fn expects_more(&mut self) -> bool {
        self.pending.extend(Pending::late(&mut self.displaced));
        self.pending.forget_old();
        !self.pending.is_empty()
    }

    fn awaits_late_writers(&mut self) -> bool {
        Pending::forget_replaced(&mut self.displaced);
        !self.displaced.is_empty()
    }

    /// Most of the phases or bytes of the last read are missing: somebody truncated the file and has not filled it yet.
    fn lost_most(&self, roadmap: &Roadmap) -> bool {
        self.last.as_ref().is_some_and(|last| {
            is_cut_short(roadmap.bytes(), last.bytes())
                || roadmap.phases.len() < last.phases.len() / 2
        })
    }
}

#[cfg(test)]
#[path = "roadmap_file_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "roadmap_race_tests.rs"]
mod race_tests;
