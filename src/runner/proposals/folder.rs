//! The folder itself: what lies in it, and moving a file to `accepted/` or `rejected/`.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, Mode, OFlags, RenameFlags, linkat, mkdirat, openat, renameat_with, unlinkat,
};
use rustix::io::Errno;

use super::{MOST_BYTES, MOST_FILES, ShelfError};
use crate::domain::printable::Printable;
use crate::domain::proposal::{Listing, Proposal, ProposalFile, Shelf};

/// How many other names are tried for a file whose name is taken on its shelf.
const OTHER_NAMES: usize = 1_000;

/// What names of Markdown files end in.
const EXTENSION: &str = ".md";

/// Lists a folder of proposals: its Markdown files by name; its README, hidden ones and those below it are left out. A
/// folder that does not exist is empty.
pub fn list(folder: &Path) -> Listing {
    let problem = |error: &io::Error| {
        let text = format!(
            "proposals can't be read from {}: {error}. Check the folder, or `proposals_dir` in config/targets.yaml",
            folder.display()
        );
        Listing { problem: Some(Printable::new(&text)), ..Listing::default() }
    };
    let found = open_folder(folder).and_then(|dir| Ok((names(folder)?, dir)));
    let (mut names, dir) = match found {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Listing::default(),
        Err(error) => return problem(&error),
    };
    let more = names.len().saturating_sub(MOST_FILES);
    names.truncate(MOST_FILES);
    let read = |name: &String| match read(dir.as_fd(), name) {
        Ok(bytes) => Some(Proposal::read(name, &bytes)),
        Err(Unread::Gone) => None,
        Err(Unread::Because(why)) => Some(Proposal::unreadable(name, &why)),
    };
    Listing { proposals: names.iter().filter_map(read).collect(), more, problem: None }
}

/// Moves the file of a proposal to a shelf, unless it has changed. What lies there stays: a name that is taken gets a
/// number. Gives the path where it lies now.
///
/// # Errors
/// One sentence; the file stays where it is then.
pub fn shelve(folder: &Path, file: &ProposalFile, shelf: Shelf) -> Result<PathBuf, ShelfError> {
    let name = file.name.as_str();
    let to = folder.join(shelf.folder());
    let failed =
        |source: io::Error| ShelfError::Io { name: name.to_owned(), to: to.clone(), source };
    let dir = open_folder(folder).map_err(failed)?;
    unchanged(dir.as_fd(), file)?;
    match mkdirat(&dir, shelf.folder(), Mode::from_raw_mode(0o777)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => return Err(failed(error.into())),
    }
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let shelved = match openat(&dir, shelf.folder(), flags, Mode::empty()) {
        // Nothing is ever put where a link leads.
        Err(Errno::NOTDIR | Errno::LOOP | Errno::MLINK) => {
            let what = if to.is_symlink() { "a link" } else { "no folder" };
            return Err(ShelfError::NoShelf { name: name.to_owned(), to, what });
        }
        other => other.map_err(|error| failed(error.into()))?,
    };
    for new in free_names(name) {
        match moved((dir.as_fd(), name), (shelved.as_fd(), &new)) {
            Ok(()) => return Ok(to.join(new)),
            Err(Errno::EXIST) => {}
            Err(Errno::NOENT) => return Err(ShelfError::Gone(name.to_owned())),
            Err(error) => return Err(failed(error.into())),
        }
    }
    Err(failed(Errno::EXIST.into()))
}

/// Whether a file is still what was shown.
fn unchanged(dir: BorrowedFd<'_>, file: &ProposalFile) -> Result<(), ShelfError> {
    let name = file.name.as_str();
    let now = match read(dir, name) {
        Ok(bytes) => Proposal::read(name, &bytes),
        Err(Unread::Gone) => return Err(ShelfError::Gone(name.to_owned())),
        Err(Unread::Because(why)) => Proposal::unreadable(name, &why),
    };
    if now.file == *file { Ok(()) } else { Err(ShelfError::Changed(name.to_owned())) }
}

/// Renames without replacing anything.
fn moved(
    (from, old): (BorrowedFd<'_>, &str),
    (to, new): (BorrowedFd<'_>, &str),
) -> Result<(), Errno> {
    match renameat_with(from, old, to, new, RenameFlags::NOREPLACE) {
        Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => {
            linkat(from, old, to, new, AtFlags::empty())?;
            unlinkat(from, old, AtFlags::empty())
        }
        other => other,
    }
}

/// A name, then the same with numbers: `more.md`, `more-2.md`, …
fn free_names(name: &str) -> impl Iterator<Item = String> + '_ {
    let (stem, end) =
        name.split_at(name.len() - if is_markdown(name) { EXTENSION.len() } else { 0 });
    let numbered = (2..=OTHER_NAMES).map(move |number| format!("{stem}-{number}{end}"));
    std::iter::once(name.to_owned()).chain(numbered)
}

fn open_folder(folder: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(folder, flags, Mode::empty())?)
}

/// Whether a name is one of a Markdown file, in letters of whatever case.
fn is_markdown(name: &str) -> bool {
    let end = name.len().checked_sub(EXTENSION.len()).and_then(|at| name.get(at..));
    end.is_some_and(|end| end.eq_ignore_ascii_case(EXTENSION))
}

/// Names of the Markdown files, in order.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        // A file that tells what the folder is for proposes nothing.
        let hidden = name.as_bytes().starts_with(b".") || name.eq_ignore_ascii_case("readme.md");
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        // One whose name is no text can't be named to a person, so it is left alone.
        if let (Some(name), false, false) = (name.to_str(), hidden, is_folder)
            && is_markdown(name)
        {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Why a file was not read.
enum Unread {
    /// It is gone.
    Gone,
    /// In one sentence.
    Because(String),
}

/// The bytes of a regular file of the folder. Nothing is followed, waited for, or read beyond the limit.
fn read(dir: BorrowedFd<'_>, name: &str) -> Result<Vec<u8>, Unread> {
    let because = |why: &str| Err(Unread::Because(why.to_owned()));
    let flags =
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = match openat(dir, name, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(Errno::NOENT) => return Err(Unread::Gone),
        Err(Errno::LOOP | Errno::MLINK) => {
            return because("It is a link, and links are not followed: put the file itself here.");
        }
        Err(error) => return because(&format!("It can't be opened: {error}.")),
    };
    match file.metadata() {
        Ok(about) if !about.is_file() => {
            return because("It is no regular file: only files are read.");
        }
        Ok(_) => {}
        Err(error) => return because(&format!("It can't be read: {error}.")),
    }
    let mut bytes = Vec::new();
    match file.take(MOST_BYTES + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 > MOST_BYTES => because(&format!(
            "It is longer than {} KiB, the most that is read: make several of it.",
            MOST_BYTES / 1024
        )),
        Ok(_) => Ok(bytes),
        Err(error) => because(&format!("It can't be read: {error}.")),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
