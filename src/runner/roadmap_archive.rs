//! Moving complete phases to the archive beside the roadmap, and back. Nothing leaves a file before it is safely in the
//! other one.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::domain::effect::RoadmapOrder;
use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;
use crate::domain::roadmap::{Edit, Moved, Revert, RoadmapChange};
use crate::domain::undo::Undone;
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
            RoadmapChange::Revert(reverts) if reverts.iter().any(Revert::is_of_archive) => {
                self.refuse_itself()?;
                let made = self.change(order)?;
                if let Some(after) = &made.after
                    && let Some(undone) = Undone::of(order, &made.edits, after)
                    && undone.revert.is_of_archive()
                {
                    let sections = Moved::of(after, sections(&made.edits, |edit| &edit.new));
                    self.take_out(order, RoadmapChange::TakeBack { sections });
                }
                Ok(made)
            }
            _other => self.change(order),
        }
    }

    /// First into the archive, then out of the roadmap.
    fn move_out(&self, order: &RoadmapOrder) -> Result<Made, RoadmapFileError> {
        self.refuse_itself()?;
        let read = self.read()?;
        let edits = order.change.edits(&read, &order.held).map_err(RoadmapFileError::Refused)?;
        if edits.is_empty() {
            return Ok(Made::default());
        }
        let moved = Moved::of(&read, sections(&edits, |edit| &edit.old));
        let archive = self.archive().to_path_buf();
        found(&archive).map_err(|source| RoadmapFileError::typed("write", &archive, source))?;
        let keep = RoadmapChange::Keep { sections: moved.clone() };
        RoadmapFile::new(archive).change(&RoadmapOrder { change: keep, ..order.clone() })?;
        let remove = RoadmapChange::Remove { sections: moved.clone() };
        let made = self.change(&RoadmapOrder { change: remove, ..order.clone() })?;
        // Somebody changed these in between: they stay, and their old text is of no use in the archive.
        let gone: BTreeSet<_> = made.edits.iter().map(|edit| &edit.phase).collect();
        let mut stayed = moved;
        stayed.retain(|one| !gone.contains(&one.phase));
        if !stayed.is_empty() {
            self.take_out(order, RoadmapChange::TakeBack { sections: stayed });
        }
        Ok(made)
    }

    /// Takes sections out of the archive that the roadmap has. A copy that can't be taken out does no harm: what the
    /// roadmap has is believed before the archive, and the roadmap is changed already.
    fn take_out(&self, order: &RoadmapOrder, change: RoadmapChange) {
        let archive = RoadmapFile::new(self.archive());
        let _kept = archive.change(&RoadmapOrder { change, ..order.clone() });
        let _empty = leave(self.archive());
    }

    /// A section that is moved into the file it is then taken out of would be lost.
    fn refuse_itself(&self) -> Result<(), RoadmapFileError> {
        if !is_same_file(self.path(), self.archive()) {
            return Ok(());
        }
        let path = self.archive().display();
        let why = format!(
            "The archive {path} is the roadmap itself: give it a file of its own, by `archive` in config/targets.yaml."
        );
        Err(RoadmapFileError::Refused(Printable::new(&why)))
    }
}

/// Whether two paths lead to one file.
pub(super) fn is_same_file(one: &Path, other: &Path) -> bool {
    let identity = |path: &Path| fs::metadata(path).ok().map(|about| (about.dev(), about.ino()));
    one == other
        || identity(one).is_some_and(|identity_of_one| identity(other) == Some(identity_of_one))
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

/// Removes an archive that is again as [`found`] makes it. Out of reach first, so that what is looked at last is what
/// goes; a link is somebody's, whatever it leads to.
fn leave(archive: &Path) -> io::Result<()> {
    let untouched = |path: &Path| Ok::<_, io::Error>(fs::read(path)? == TITLE.as_bytes());
    if !fs::symlink_metadata(archive)?.is_file() || !untouched(archive)? {
        return Ok(());
    }
    let aside = archive.with_extension(format!("{}.empty", std::process::id()));
    fs::rename(archive, &aside)?;
    if !untouched(&aside)? {
        // Unlike a renaming, this never replaces an archive that somebody has made meanwhile.
        fs::hard_link(&aside, archive)?;
    }
    fs::remove_file(&aside)?;
    sync_folder(archive)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::domain::id::TargetId;
    use crate::domain::undo::{UndoStack, record};
    use crate::runner::config::targets::implicit;
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
        let back = RoadmapOrder { change: RoadmapChange::Revert(stack.of(&path)), ..order };
        file.make(&back).unwrap();
        assert_eq!((read(&path).as_str(), archive_beside(&path).exists()), (TEXT, false));
        let folder = fs::read_dir(archive_beside(&path).parent().unwrap()).unwrap();
        assert_eq!(folder.count(), 0, "nothing beside it either");
    }

    #[test]
    fn only_an_archive_that_nobody_wrote_in_goes() {
        let (_folder, path) = folder();
        let archive = archive_beside(&path);
        assert!(leave(&archive).is_err(), "there is none");
        found(&archive).unwrap();
        let own = format!("{TITLE}Kept for the auditors.\n");
        fs::write(&archive, &own).unwrap();
        leave(&archive).unwrap();
        assert_eq!(read(&archive), own);
        let elsewhere = path.with_file_name("elsewhere.md");
        fs::write(&elsewhere, TITLE).unwrap();
        fs::remove_file(&archive).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &archive).unwrap();
        leave(&archive).unwrap();
        assert_eq!(read(&archive), TITLE, "a link is somebody's");
        fs::remove_file(&archive).unwrap();
        found(&archive).unwrap();
        leave(&archive).unwrap();
        assert!(!archive.exists());
    }

    #[test]
    fn a_roadmap_is_not_its_own_archive() {
        for how in ["path", "symlink", "hard link"] {
            let (folder, path) = folder();
            let mut file = RoadmapFile::new(&path);
            let made = file.make(&order(RoadmapChange::Archive)).unwrap();
            let after = (path.as_path(), made.after.as_deref().unwrap());
            let note = record(&order(RoadmapChange::Archive), &made.edits, Some(after));
            let mut stack = UndoStack::default();
            stack.take(&note);
            let revert = RoadmapChange::Revert(stack.of(&path));
            let text = read(&path);
            fs::remove_file(archive_beside(&path)).unwrap();
            match how {
                "path" => {
                    let mut target = implicit(folder.path(), Some(&path), "agent");
                    target.documents.archive = path.clone();
                    file = RoadmapFile::of(&target);
                }
                "symlink" => {
                    std::os::unix::fs::symlink(&path, archive_beside(&path)).unwrap();
                }
                _ => fs::hard_link(&path, archive_beside(&path)).unwrap(),
            }
            let refused = file.make(&order(revert)).unwrap_err().to_string();
            assert!(refused.contains("is the roadmap itself"), "{how}: {refused}");
            assert_eq!(read(&path), text, "{how}");
            fs::write(&path, TEXT).unwrap();
            let refused = file.make(&order(RoadmapChange::Archive)).unwrap_err().to_string();
            assert!(refused.contains("is the roadmap itself"), "{how}: {refused}");
            assert_eq!(read(&path), TEXT, "{how}");
            drop(folder);
        }
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
