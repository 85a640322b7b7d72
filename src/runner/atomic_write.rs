//! Replacing a file that other programs edit at the same time, without losing what they write.
//!
//! The new text is exchanged with the file in one step. What comes out is then compared with what the new text was
//! made from: if it differs, somebody was faster, the exchange is undone and the caller decides again.
//! The temporary file's name tells the next start what to do should this process die in between: see
//! [`roadmap_recovery`](crate::runner::roadmap_recovery).

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use tempfile::{NamedTempFile, TempPath};

use crate::runner::journal_file::sync_folder;
use crate::runner::line_merge::origin;
use crate::runner::pause::pause;
use crate::runner::roadmap_recovery::TempName;

/// A writer that has emptied a file gets this long to fill it.
const FILLING: Duration = Duration::from_secs(1);
/// More than the step of the clock that files' times are taken from.
const CLOCK_STEP: Duration = Duration::from_millis(50);
/// Pause between two looks at a file somebody writes.
pub const PAUSE: Duration = Duration::from_millis(2);

/// What became of an attempt to replace a file.
#[derive(Debug)]
pub enum Swap {
    /// The new text is in place and durable.
    Done(Displaced),
    /// Somebody was faster; the file is theirs. Changes to be made, in this order, in whatever is found there next.
    /// A file without a name that may still be written into comes with them.
    Overtaken(Vec<Change>, Option<Displaced>),
    /// Somebody was faster, and deleted the file; the version taken out of it could not be put back and lies here.
    Stranded(PathBuf),
}

/// A change somebody else made: a text and what they made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The text they changed.
    pub base: Vec<u8>,
    /// The text they wrote.
    pub edited: Vec<u8>,
    /// The text that stood in the file by turns with the base: what it shares with others' texts tells nothing of whom
    /// they had read.
    pub beside: Arc<[u8]>,
}

impl Change {
    /// A text made from one of those that stood in the file by turns, in order of likelihood.
    fn made_of(texts: &[&[u8]], edited: Vec<u8>) -> Self {
        let base = origin(texts, &edited);
        let beside = texts.iter().find(|text| **text != base).copied().unwrap_or_default();
        Self { base: base.to_vec(), beside: beside.into(), edited }
    }
}

/// The file that was replaced. It has no name any more, but a program that opened it before may still write into it.
#[derive(Debug)]
pub struct Displaced {
    file: File,
    text: Vec<u8>,
    /// What stood in the file instead.
    beside: Arc<[u8]>,
    since: Instant,
    /// Size and time of the last write when it was read and nothing was new.
    quiet: Option<(u64, SystemTime)>,
}

impl Displaced {
    fn new(file: File, text: Vec<u8>, beside: &[u8]) -> Self {
        Self { file, text, beside: beside.into(), since: Instant::now(), quiet: None }
    }

    /// How long ago it was replaced.
    pub fn age(&self) -> Duration {
        self.since.elapsed()
    }

    /// A change written into the file after it was replaced; `None` when there is none.
    ///
    /// # Errors
    /// What the system said.
    pub fn late_change(&mut self) -> io::Result<Option<Change>> {
        let about = self.file.metadata()?;
        let stamp = (about.len(), about.modified()?);
        if self.quiet == Some(stamp) {
            return Ok(None);
        }
        if read_all(&self.file)? == self.text {
            // Two writes within the clock's step have one time.
            let old = stamp.1.elapsed().is_ok_and(|age| age > CLOCK_STEP);
            self.quiet = old.then_some(stamp);
            return Ok(None);
        }
        let Some(edited) = settled(&self.file, &self.text)? else { return Ok(None) };
        let text = std::mem::replace(&mut self.text, edited.clone());
        Ok(Some(Change::made_of(&[&text, &self.beside], edited)))
    }
}

/// Replaces the text of `path`, which must be `base`, by `new`. Mode and owner stay; `path` is not a link.
///
/// # Errors
/// What the system said; the file is untouched then.
pub fn replace(path: &Path, base: &[u8], new: &[u8]) -> io::Result<Swap> {
    let current = File::open(path)?;
    let (mut temp, ours) = prepared(path, &current, (base, new))?;
    if read_all(&current)? != base || inode(&current) != Some(fs::metadata(path)?.ino()) {
        return Ok(Swap::Overtaken(Vec::new(), None));
    }
    // From the exchange on, the temporary name may hold the only copy of somebody's text.
    temp.disable_cleanup(true);
    reached("before the exchange", path);
    match exchange(&temp, path) {
        Ok(()) => reached("after the exchange", path),
        Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => {
            temp.disable_cleanup(false);
            return renamed(temp, path, Displaced::new(current, base.to_vec(), new));
        }
        Err(error) => {
            temp.disable_cleanup(false);
            return Err(error.into());
        }
    }
    let theirs = Theirs::taken_out(&temp, base, &current)?;
    if theirs.text == base {
        temp.disable_cleanup(false);
        drop(temp);
        sync_folder(path)?;
        return Ok(Swap::Done(Displaced::new(theirs.file, theirs.text, new)));
    }
    if exchange(&temp, path).is_err() {
        return put_back(temp, path, base);
    }
    reached("after the exchange back", path);
    overtaken(temp, path, (ours, new), theirs)
}

/// What came out of the file.
struct Theirs<'a> {
    base: &'a [u8],
    file: File,
    /// As it was when it came out: the file itself is theirs and may change again.
    text: Vec<u8>,
    whole: bool,
}

impl<'a> Theirs<'a> {
    fn taken_out(temp: &Path, base: &'a [u8], current: &File) -> io::Result<Self> {
        let file = File::open(temp)?;
        let text = read_all(&file)?;
        // One renamed into place was finished before; one written in place may be half done.
        let whole = inode(&file) != inode(current) || looks_whole(&text, base);
        Ok(Self { base, file, text, whole })
    }

    /// What they made of the base as it came out, and what they made of that by the time they had finished.
    fn changes(self, ours: &[u8]) -> Vec<Change> {
        // What is known counts, though no more could be read.
        let end = settled(&self.file, self.base).ok().flatten();
        let first = |edited| Change { base: self.base.to_vec(), edited, beside: ours.into() };
        match (self.whole, end) {
            (true, Some(end)) if end != self.text => {
                // Whoever saved again may have read ours, or have begun before the first one saved.
                let second = Change::made_of(&[ours, self.base, &self.text], end);
                vec![first(self.text), second]
            }
            (true, _) => vec![first(self.text)],
            (false, Some(end)) => vec![first(end)],
            (false, None) => Vec::new(),
        }
    }
}

/// Whether a text that is being written in place has got past the end of what stood there.
fn looks_whole(text: &[u8], base: &[u8]) -> bool {
    let end = &base[base.len().saturating_sub(64)..];
    !end.is_empty()
        && text.windows(end.len()).any(|part| part == end)
        && text.ends_with(b"\n") == base.ends_with(b"\n")
}

/// After the exchange was undone: what is the other's change, and did another come back instead of our text?
fn overtaken(
    mut temp: TempPath,
    path: &Path,
    ours: (Option<u64>, &[u8]),
    theirs: Theirs<'_>,
) -> io::Result<Swap> {
    let mut back = File::open(&temp)?;
    let (mut text, mut beside) = (ours.1.to_vec(), theirs.base);
    let mut second = None;
    if inode(&back) != ours.0 || read_all(&back)? != ours.1 {
        // A second one, saved over ours, so later than the first: it is the one that belongs in the file.
        if exchange(&temp, path).is_err() {
            return put_back(temp, path, theirs.base);
        }
        reached("after the second exchange", path);
        second = Some(std::mem::replace(&mut back, File::open(&temp)?));
        (text, beside) = (theirs.text.clone(), ours.1);
    }
    temp.disable_cleanup(false);
    drop(temp);
    // Whoever read or opened the file while ours was in it may still save, without the first one's change, or into
    // the file that has just lost its name.
    let displaced = Displaced::new(back, text, beside);
    let (first, base) = (theirs.text.clone(), theirs.base);
    let mut changes = theirs.changes(ours.1);
    // The second one was out of the file for a moment too: whoever read the first one then may save without it.
    let second = second.and_then(|second| settled(&second, base).ok().flatten());
    changes.extend(second.map(|text| Change::made_of(&[ours.1, base, &first], text)));
    Ok(Swap::Overtaken(changes, Some(displaced)))
}

fn inode(file: &File) -> Option<u64> {
    file.metadata().ok().map(|about| about.ino())
}

/// The file was deleted while ours was in it: the version we hold goes back under its name.
fn put_back(temp: TempPath, path: &Path, base: &[u8]) -> io::Result<Swap> {
    match renameat_with(CWD, &*temp, CWD, path, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(Swap::Overtaken(Vec::new(), None)),
        // Somebody made it anew in this moment: their version stays, the one we hold is a change beside it.
        Err(Errno::EXIST) => {
            let held = settled(&File::open(&temp)?, base)?;
            fs::remove_file(&temp)?;
            let change = |edited| Change { base: base.to_vec(), edited, beside: base.into() };
            Ok(Swap::Overtaken(held.map(change).into_iter().collect(), None))
        }
        Err(_) => Ok(Swap::Stranded(temp.to_path_buf())),
    }
}

/// Where nothing can be exchanged: a last comparison just done, then a plain rename.
fn renamed(temp: TempPath, path: &Path, displaced: Displaced) -> io::Result<Swap> {
    temp.persist(path).map_err(|error| error.error)?;
    sync_folder(path)?;
    Ok(Swap::Done(displaced))
}

/// Exchanges two files' names in one step.
pub(super) fn exchange(temp: &Path, path: &Path) -> Result<(), Errno> {
    renameat_with(CWD, temp, CWD, path, RenameFlags::EXCHANGE)
}

/// A durable temporary file beside `path` for the step from one text to another, with its mode and owner, and its
/// inode.
fn prepared(
    path: &Path,
    current: &File,
    (base, text): (&[u8], &[u8]),
) -> io::Result<(TempPath, Option<u64>)> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = TempName::of_this_process(path);
    let mut temp: NamedTempFile = tempfile::Builder::new()
        .prefix(&name.prefix())
        .suffix(&name.unfinished())
        .tempfile_in(folder)?;
    temp.write_all(text)?;
    let about = current.metadata()?;
    let made = temp.as_file().metadata()?;
    if (about.uid(), about.gid()) != (made.uid(), made.gid()) {
        let uid = rustix::fs::Uid::from_raw(about.uid());
        let gid = rustix::fs::Gid::from_raw(about.gid());
        // Only root may give a file away; whoever may not keeps it, as every editor does.
        let _kept = rustix::fs::fchown(temp.as_file(), Some(uid), Some(gid));
    }
    temp.as_file().set_permissions(about.permissions())?;
    temp.as_file().sync_all()?;
    reached("before the name", path);
    let finished = name.finished(temp.path(), base, text);
    let mut temp = temp.into_temp_path();
    fs::rename(&temp, &finished)?;
    temp.disable_cleanup(true);
    Ok((TempPath::try_from_path(finished)?, Some(made.ino())))
}

/// Lets a test be faster, or end the process, at a point between two steps.
#[cfg(test)]
fn reached(point: &str, path: &Path) {
    tests::reached(point, path);
    let is_here = |name| std::env::var_os(name).is_some_and(|wanted| wanted == point);
    if is_here("ORCH_TUI_TEST_EDIT") {
        let temp = path.with_extension("swap");
        let edited = fs::read_to_string(path).map(|text| text + "- theirs\n");
        let _ =
            edited.and_then(|text| fs::write(&temp, text)).and_then(|()| fs::rename(&temp, path));
    }
    if is_here("ORCH_TUI_TEST_KILL") {
        let _ =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}

#[cfg(not(test))]
fn reached(_point: &str, _path: &Path) {}

/// What somebody made of `base` in `file`, once they have finished. `None` when it is `base`, or looks cut short.
fn settled(file: &File, base: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let deadline = Instant::now() + FILLING;
    let mut last = read_all(file)?;
    loop {
        pause(PAUSE);
        let text = read_all(file)?;
        let whole = !is_cut_short(&text, base);
        if text == last && whole {
            return Ok((text != base).then_some(text));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        last = text;
    }
}

/// Less than half of what stood there: rather a writer that has not finished than an edit.
pub fn is_cut_short(text: &[u8], before: &[u8]) -> bool {
    text.len() < before.len() / 2
}

/// The whole content of an open file.
pub fn read_all(mut file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
pub(super) mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn folder_with(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roadmap.md");
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    /// What another writer does at a point between two steps.
    pub type Other = Box<dyn FnMut(&str, &Path)>;

    thread_local! {
        static OTHER: std::cell::RefCell<Option<Other>> = const { std::cell::RefCell::new(None) };
    }

    /// Runs with another writer of the same files beside it.
    pub fn beside<T>(other: impl FnMut(&str, &Path) + 'static, run: impl FnOnce() -> T) -> T {
        OTHER.set(Some(Box::new(other)));
        let out = run();
        OTHER.set(None);
        out
    }

    /// Lets the other writer act between two steps.
    pub(super) fn reached(point: &str, path: &Path) {
        OTHER.with_borrow_mut(|other| other.iter_mut().for_each(|other| other(point, path)));
    }

    /// The second one saves over ours, which is in the file for a moment; the third has read what comes back for
    /// another moment, and saves over the second.
    #[test]
    fn a_save_that_was_out_of_the_file_for_a_moment_is_not_lost() {
        fn save(path: &Path, held: &str, text: &str) {
            let temp = path.with_extension(held);
            fs::write(&temp, text).unwrap();
            fs::rename(&temp, path).unwrap();
        }
        let other = |point: &str, path: &Path| {
            let read = || fs::read_to_string(path).unwrap();
            match point {
                "before the exchange" => save(path, "swap", &(read() + "- first\n")),
                "after the exchange" => save(path, "swap", &(read() + "- second\n")),
                "after the exchange back" => {
                    fs::write(path.with_extension("held"), read() + "- third\n").unwrap();
                }
                "after the second exchange" => {
                    fs::rename(path.with_extension("held"), path).unwrap();
                }
                _ => {}
            }
        };
        let (folder, path) = folder_with("a\nold\n");
        let swap = beside(other, || replace(&path, b"a\nold\n", b"a\nnew\n").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"a\nold\n- first\n- third\n");
        let Swap::Overtaken(changes, Some(_)) = swap else { panic!("{swap:?}") };
        let made: Vec<_> = changes
            .iter()
            .map(|change| (change.base.as_slice(), change.edited.as_slice()))
            .collect();
        let first = (&b"a\nold\n"[..], &b"a\nold\n- first\n"[..]);
        let second = (&b"a\nnew\n"[..], &b"a\nnew\n- second\n"[..]);
        assert_eq!(made, [first, second]);
        assert_eq!(names(folder.path()), 1, "nothing is left over");
    }

    fn names(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_file_is_replaced_with_its_mode_and_nothing_is_left_over() {
        let (folder, path) = folder_with("old\n");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
        let Swap::Done(mut displaced) = replace(&path, b"old\n", b"new\n").unwrap() else {
            panic!("not done")
        };
        assert_eq!(fs::read(&path).unwrap(), b"new\n");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o664);
        assert_eq!(names(folder.path()), 1);
        assert_eq!(displaced.late_change().unwrap(), None);
    }

    #[test]
    fn a_file_that_differs_from_the_base_is_left_alone() {
        let (folder, path) = folder_with("theirs\n");
        let swap = replace(&path, b"old\n", b"new\n").unwrap();
        assert!(matches!(swap, Swap::Overtaken(changes, None) if changes.is_empty()));
        assert_eq!(fs::read(&path).unwrap(), b"theirs\n");
        assert_eq!(names(folder.path()), 1);
    }

    #[test]
    fn a_late_writer_of_the_old_file_is_noticed() {
        let (_folder, path) = folder_with("old\n");
        let mut late = fs::OpenOptions::new().append(true).open(&path).unwrap();
        let Swap::Done(mut displaced) = replace(&path, b"old\n", b"new\n").unwrap() else {
            panic!("not done")
        };
        late.write_all(b"more\n").unwrap();
        let change = displaced.late_change().unwrap().unwrap();
        assert_eq!(
            (change.base.as_slice(), change.edited.as_slice()),
            (&b"old\n"[..], &b"old\nmore\n"[..])
        );
        assert_eq!(displaced.late_change().unwrap(), None, "told once");
    }

    #[test]
    fn an_error_leaves_no_temporary_file() {
        let (folder, path) = folder_with("old\n");
        fs::remove_file(&path).unwrap();
        assert!(replace(&path, b"old\n", b"new\n").is_err());
        assert_eq!(names(folder.path()), 0);
    }

    #[test]
    fn a_half_written_file_is_not_an_edit() {
        let file = tempfile::tempfile().unwrap();
        assert_eq!(settled(&file, b"a long text\n").unwrap(), None);
    }
}
