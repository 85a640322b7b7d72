//! Moving complete phases to the archive beside the roadmap, and back. Nothing leaves a file before it is safely in the
//! other one.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::domain::effect::RoadmapOrder;
use crate::domain::id::PhaseId;
use crate::domain::roadmap::{Edit, RoadmapChange};
use crate::runner::journal_file::sync_folder;
use crate::runner::roadmap_error::RoadmapFileError;
use crate::runner::roadmap_file::{Made, RoadmapFile};

/// What a new archive begins with.
const TITLE: &str = "# Roadmap archive\n\n";

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
        let archive = self.archive().to_path_buf();
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
        let archive = RoadmapFile::new(self.archive());
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    use super::*;
    use crate::domain::id::TargetId;
    use crate::domain::undo::{UndoStack, record};
    use crate::runner::roadmap_file::archive_beside;

    const TEXT: &str = "# R\n\n### Phase 1: a\n- **Status:** ✅ Complete\n\n### Phase 2: b\n- **Status:** ✅ Complete\r\n\r\n\
                        ### Phase 3: c\n- **Status:** Ready\n- **Depends On:** 2";

    fn order(change: RoadmapChange) -> RoadmapOrder {
        RoadmapOrder { target: TargetId::new("t"), agent: None, change, held: BTreeSet::new() }
    }

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roadmap.md");
        fs::write(&path, TEXT).unwrap();
        (folder, path)
    }

    fn read(path: &Path) -> String {
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn sections_move_byte_for_byte_and_back() {
        let (_folder, path) = folder();
        let file = RoadmapFile::new(&path);
        let order = order(RoadmapChange::Archive);
        let made = file.make(&order).unwrap();
        let moved = "### Phase 1: a\n- **Status:** ✅ Complete\n\n";
        assert_eq!(read(&path), TEXT.replace(moved, ""));
        assert_eq!(read(&archive_beside(&path)), format!("{TITLE}{moved}"));
        assert_eq!(made.hunks()[0].old.len(), 3);
        assert!(file.make(&order).unwrap().edits.is_empty());

        let note = record(&order, &made.edits, made.after.as_deref().map(|after| (&*path, after)));
        let mut stack = UndoStack::default();
        stack.take(&note);
        let revert = Box::new(stack.last(&path).unwrap().clone());
        let back = RoadmapOrder { change: RoadmapChange::Revert(revert), ..order };
        file.make(&back).unwrap();
        assert_eq!((read(&path).as_str(), read(&archive_beside(&path)).as_str()), (TEXT, TITLE));
    }

    #[test]
    fn what_cannot_be_archived_stays() {
        let (folder, path) = folder();
        fs::write(folder.path().join("completed"), "in the way").unwrap();
        let refused = RoadmapFile::new(&path).make(&order(RoadmapChange::Archive));
        assert!(refused.is_err());
        assert_eq!(read(&path), TEXT);
    }

    #[test]
    fn a_move_that_was_cut_short_is_finished_without_a_second_copy() {
        let (_folder, path) = folder();
        let archive = archive_beside(&path);
        fs::create_dir(archive.parent().unwrap()).unwrap();
        let kept = "# Old\n\n### Phase 1: a\n- **Status:** ✅ Complete";
        fs::write(&archive, kept).unwrap();
        RoadmapFile::new(&path).make(&order(RoadmapChange::Archive)).unwrap();
        assert_eq!(read(&archive), kept);
        assert!(!read(&path).contains("Phase 1: a"));
    }

    #[test]
    fn an_archive_that_would_swallow_the_text_is_refused() {
        let (_folder, path) = folder();
        let archive = archive_beside(&path);
        fs::create_dir(archive.parent().unwrap()).unwrap();
        fs::write(&archive, "# Old\n\n```\n").unwrap();
        let refused = RoadmapFile::new(&path).make(&order(RoadmapChange::Archive)).unwrap_err();
        assert!(refused.to_string().contains("never ends"), "{refused}");
        assert_eq!((read(&path).as_str(), read(&archive).as_str()), (TEXT, "# Old\n\n```\n"));
    }
}
