//! Moving complete phases to the archive beside the roadmap, and back. Nothing leaves a file before it is safely in the
//! other one.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::domain::effect::RoadmapOrder;
use crate::domain::id::PhaseId;
use crate::domain::roadmap::{Edit, RoadmapChange};
use crate::runner::journal_file::sync_folder;
use crate::runner::roadmap_error::RoadmapFileError;
use crate::runner::roadmap_file::{Made, RoadmapFile};

/// What a new archive begins with.
const TITLE: &str = "# Roadmap archive\n\n";

/// The archive of the roadmap at `path`.
pub fn archive_of(path: &Path) -> PathBuf {
    path.with_file_name("completed").join("roadmap-archive.md")
}

impl RoadmapFile {
    /// Makes a change and gives the edits it took, with the file as they left it; when there was nothing to change,
    /// nothing is written. Blocks; milliseconds when nobody else writes.
    ///
    /// # Errors
    /// One sentence: which file, what is wrong, what to do.
    pub fn make(&self, order: &RoadmapOrder) -> Result<Made, RoadmapFileError> {
        match &order.change {
            RoadmapChange::Archive => self.move_out(order),
            RoadmapChange::Revert(revert) if revert.why == RoadmapChange::Archive.name() => {
                let made = self.change(order)?;
                // The roadmap has the text again: a copy that can't be taken out of the archive does no harm.
                let _kept = self.take_out(order, sections(&made.edits, |edit| &edit.new));
                Ok(made)
            }
            _other => self.change(order),
        }
    }

    /// First into the archive, then out of the roadmap.
    fn move_out(&self, order: &RoadmapOrder) -> Result<Made, RoadmapFileError> {
        let read = self.read()?;
        let edits = order.change.edits(&read, &order.held).map_err(RoadmapFileError::Refused)?;
        if edits.is_empty() {
            return Ok(Made::default());
        }
        let moved = sections(&edits, |edit| &edit.old);
        let archive = archive_of(self.path());
        found(&archive).map_err(|source| RoadmapFileError::typed("write", &archive, source))?;
        let keep = RoadmapChange::Keep { sections: moved.clone() };
        RoadmapFile::new(archive).change(&RoadmapOrder { change: keep, ..order.clone() })?;
        let remove = RoadmapChange::Remove { sections: moved.clone() };
        let made = self.change(&RoadmapOrder { change: remove, ..order.clone() })?;
        // Somebody changed these in between: they stay, and their old text is of no use in the archive.
        let gone = |id: &PhaseId| made.edits.iter().any(|edit| edit.phase == *id);
        let stayed: Vec<_> = moved.into_iter().filter(|(id, _)| !gone(id)).collect();
        if !stayed.is_empty() {
            self.take_out(order, stayed)?;
        }
        Ok(made)
    }

    /// Takes sections out of the archive.
    fn take_out(
        &self,
        order: &RoadmapOrder,
        sections: Vec<(PhaseId, Vec<u8>)>,
    ) -> Result<Made, RoadmapFileError> {
        let change = RoadmapChange::Remove { sections };
        let archive = RoadmapFile::new(archive_of(self.path()));
        archive.change(&RoadmapOrder { change, ..order.clone() })
    }
}

/// Phases with the text that was moved.
fn sections(edits: &[Edit], text: impl Fn(&Edit) -> &Vec<u8>) -> Vec<(PhaseId, Vec<u8>)> {
    edits.iter().map(|edit| (edit.phase.clone(), text(edit).clone())).collect()
}

/// Makes an archive with nothing in it, unless there is one.
fn found(archive: &Path) -> io::Result<()> {
    let folder = archive.parent().unwrap_or(Path::new("."));
    if !folder.exists() {
        fs::create_dir_all(folder)?;
        sync_folder(folder)?;
    }
    match fs::OpenOptions::new().write(true).create_new(true).open(archive) {
        Ok(mut file) => {
            file.write_all(TITLE.as_bytes())?;
            file.sync_all()?;
            sync_folder(archive)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}
