//! Noticing that a file changed, however it is saved: in place, by rename, by delete and re-create, by a checkout.
//!
//! The folder is watched, not the file: a watch on the file goes silent with the first rename over it. Reading
//! the file is not a change. A comparison beside it covers disks and moments where no event comes: often where events
//! can't be relied upon, seldom elsewhere, so that an idle program stays asleep.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

use crate::domain::id::TargetId;

/// From the first event to its report: a save is several events.
const SETTLE: Duration = Duration::from_millis(20);
/// Shortest time between two reports of one file.
const SPACING: Duration = Duration::from_millis(80);
/// Time between two comparisons where events do not come.
const POLL: Duration = Duration::from_secs(2);
/// Time between two comparisons where they do.
const RARE_POLL: Duration = Duration::from_secs(60);

/// Most entries of a folder that are compared.
const MOST_ENTRIES: usize = 10_000;

/// Watches roadmaps.
pub type RoadmapWatcher = FileWatcher<TargetId>;

/// Watches files, each known by a key of the caller's. Dropping it ends it.
#[derive(Debug)]
pub struct FileWatcher<K> {
    stop: std::sync::mpsc::Sender<Signal>,
    key: std::marker::PhantomData<K>,
}

/// Why files can't be watched.
#[derive(Debug, thiserror::Error)]
#[error("cannot start watching files: {source}; close some programs and start again")]
pub struct WatchError {
    #[from]
    source: std::io::Error,
}

/// What the watching thread is told.
#[derive(Debug)]
enum Signal {
    /// These paths changed.
    Changed(Vec<PathBuf>),
    /// Events were lost: anything may have changed.
    Lost,
    /// The watcher was dropped.
    Stop,
}

impl<K: Clone + Send + 'static> FileWatcher<K> {
    /// Watches `paths`, which need not exist, and sends the key of each file that changed.
    ///
    /// # Errors
    /// One sentence when no thread can be started. Where the system gives no events, comparing every 2 s remains.
    pub fn start(paths: Vec<(K, PathBuf)>, sender: Sender<K>) -> Result<Self, WatchError> {
        let new = |(key, path)| Watched::new(key, path, Subject::File);
        Self::watch(paths.into_iter().map(new).collect(), POLL, sender)
    }

    /// Watches the files right in a folder, which need not exist: sends its key when any of them, or the folder itself,
    /// comes, goes or changes. Where the system gives no events it is looked at after each `interval`.
    ///
    /// # Errors
    /// One sentence when no thread can be started.
    pub fn of_folder(
        (key, folder): (K, PathBuf),
        interval: Duration,
        sender: Sender<K>,
    ) -> Result<Self, WatchError> {
        Self::watch(vec![Watched::new(key, folder, Subject::Folder)], interval, sender)
    }

    fn watch(
        files: Vec<Watched<K>>,
        poll: Duration,
        sender: Sender<K>,
    ) -> Result<Self, WatchError> {
        let (stop, signals) = channel();
        let (events, folders) = (events_into(stop.clone()), BTreeSet::new());
        let mut watch = Watch { files, events, folders, poll, sender };
        // Watching begins before this returns: what is written afterwards is reported.
        watch.follow();
        watch.files.iter_mut().for_each(|file| file.seen = file.stamp());
        std::thread::Builder::new().name("watcher".into()).spawn(move || watch.run(&signals))?;
        Ok(Self { stop, key: std::marker::PhantomData })
    }
}

impl<K> Drop for FileWatcher<K> {
    fn drop(&mut self) {
        // The thread may be gone already; then there is nobody to tell.
        let _gone = self.stop.send(Signal::Stop);
    }
}

/// The system's events; `None` where it has none to give.
fn events_into(signals: std::sync::mpsc::Sender<Signal>) -> Option<RecommendedWatcher> {
    notify::recommended_watcher(move |event: notify::Result<Event>| {
        let signal = match event {
            Ok(event) if event.need_rescan() => Signal::Lost,
            Ok(event) if is_change(event.kind) => Signal::Changed(event.paths),
            Ok(_) => return,
            Err(_) => Signal::Lost,
        };
        let _gone = signals.send(signal);
    })
    .ok()
}

/// Whether an event can mean new content. Opening and reading do not.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) => true,
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        EventKind::Any | EventKind::Other => false,
    }
}

/// What of a path is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    /// The file that it names.
    File,
    /// The files in the folder that it names.
    Folder,
}

/// A file, or the files of a folder, that is watched.
struct Watched<K> {
    key: K,
    path: PathBuf,
    subject: Subject,
    /// The path itself and, through links, the real file: a change of either counts. Where its folder is missing, the
    /// first folder that is, too.
    names: Vec<PathBuf>,
    /// When it is to be reported.
    due: Option<Instant>,
    reported: Option<Instant>,
    seen: Option<Stamp>,
}

/// Tells two states of a file apart without reading it.
type Stamp = (u64, u64, i64, i64);

impl<K> Watched<K> {
    fn new(key: K, path: PathBuf, subject: Subject) -> Self {
        let path = std::path::absolute(&path).unwrap_or(path);
        Self { key, path, subject, names: Vec::new(), due: None, reported: None, seen: None }
    }

    /// Whether a change of `changed` is one of it.
    fn is_told_by(&self, changed: &PathBuf) -> bool {
        let inside = || {
            let folder = changed.parent().map(Path::to_path_buf);
            folder.is_some_and(|folder| self.names.contains(&folder))
        };
        self.names.contains(changed) || (self.subject == Subject::Folder && inside())
    }

    /// The folders in which events about it come.
    fn folders(&self) -> impl Iterator<Item = &Path> {
        let inside = self.names.iter().map(PathBuf::as_path);
        let inside = inside.filter(|_| self.subject == Subject::Folder);
        self.names
            .iter()
            .filter_map(|name| name.parent())
            .chain(inside.filter(|name| name.is_dir()))
    }

    fn stamp(&self) -> Option<Stamp> {
        match self.subject {
            Subject::File => stamp(&self.path),
            Subject::Folder => folder_stamp(&self.path),
        }
    }

    /// Plans a report: soon after a quiet time, later in a busy one.
    fn touch(&mut self, now: Instant) {
        let spaced = self.reported.map_or(now, |last| last + SPACING);
        self.due.get_or_insert(spaced.max(now + SETTLE));
    }
}

/// The watching thread's state.
struct Watch<K> {
    files: Vec<Watched<K>>,
    events: Option<RecommendedWatcher>,
    /// Folders watched, with device and inode: a folder made anew needs a new watch.
    folders: BTreeSet<(PathBuf, u64, u64)>,
    /// Time between two comparisons where events do not come.
    poll: Duration,
    sender: Sender<K>,
}

impl<K: Clone> Watch<K> {
    fn run(mut self, signals: &Receiver<Signal>) {
        let mut last_poll = Instant::now();
        while !self.sender.is_closed() {
            let due = self.files.iter().filter_map(|file| file.due).min();
            let next_poll =
                last_poll + if self.is_blind() { self.poll } else { RARE_POLL.max(self.poll) };
            let wake = due.map_or(next_poll, |due| due.min(next_poll));
            match signals.recv_timeout(wake.saturating_duration_since(Instant::now())) {
                Ok(Signal::Changed(paths)) => self.changed(&paths),
                Ok(Signal::Lost) => self.touch(|_| true),
                Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
            let now = Instant::now();
            if now >= next_poll {
                last_poll = now;
                self.compare();
            }
            self.report(now);
        }
    }

    /// These paths changed. With a watched folder its watch may have gone.
    fn changed(&mut self, paths: &[PathBuf]) {
        self.touch(|file| paths.iter().any(|path| file.is_told_by(path)));
        if self.folders.iter().any(|(folder, ..)| paths.contains(folder)) {
            self.compare();
        }
    }

    fn compare(&mut self) {
        self.follow();
        self.touch(|file| file.stamp() != file.seen);
    }

    /// Whether a change may happen of which no event tells.
    fn is_blind(&self) -> bool {
        let watched = |name: &Path| {
            let folder = name.parent().unwrap_or(name);
            self.folders.iter().any(|(known, ..)| known == folder) && !is_shared_disk(folder)
        };
        let told = |file: &Watched<K>, name: &Path| {
            let mut ways = file.names.iter().filter(|way| name.starts_with(way));
            watched(name) || ways.any(|way| watched(way))
        };
        // In a folder that does not exist, or is not watched, no event can come.
        let heard = |file: &Watched<K>| {
            let here = |(known, ..): &(PathBuf, u64, u64)| *known == file.path;
            file.subject == Subject::File
                || (self.folders.iter().any(here) && !is_shared_disk(&file.path))
        };
        self.events.is_none()
            || !self.files.iter().all(heard)
            || !self.files.iter().all(|file| file.names.iter().all(|name| told(file, name)))
    }

    fn touch(&mut self, changed: impl Fn(&Watched<K>) -> bool) {
        let now = Instant::now();
        self.files.iter_mut().filter(|file| changed(file)).for_each(|file| file.touch(now));
    }

    /// Sends the keys that are due. A full channel is tried again: the newest state is all that counts.
    fn report(&mut self, now: Instant) {
        let mut linked = false;
        for file in self.files.iter_mut().filter(|file| file.due.is_some_and(|due| due <= now)) {
            // Taken before the report: a change while the reader reads is seen as a new one.
            file.seen = file.stamp();
            file.due = None;
            file.reported = Some(now);
            linked |=
                file.names.len() > 1 || file.path.is_symlink() || file.subject == Subject::Folder;
            match self.sender.try_send(file.key.clone()) {
                Ok(()) | Err(TrySendError::Closed(_)) => {}
                Err(TrySendError::Full(_)) => file.due = Some(now + SETTLE),
            }
        }
        if linked {
            // What was written before the new watches stood is seen by comparing.
            self.compare();
        }
    }

    /// Watches the folders of all files where they are now, the real ones behind links too.
    fn follow(&mut self) {
        let Some(events) = &mut self.events else { return };
        let mut wanted = BTreeSet::new();
        for file in &mut self.files {
            file.names = names(&file.path);
            wanted.extend(file.folders().filter_map(identified));
        }
        for (folder, _, _) in self.folders.difference(&wanted) {
            // A folder that is gone has taken its watch with it.
            let _gone = events.unwatch(folder);
        }
        // One that can't be watched is tried again at the next comparison.
        wanted.retain(|folder| {
            self.folders.contains(folder)
                || events.watch(&folder.0, RecursiveMode::NonRecursive).is_ok()
        });
        self.folders = wanted;
    }
}

/// The names under which events about `path` come.
fn names(path: &Path) -> Vec<PathBuf> {
    let mut names = vec![path.to_owned()];
    // Each link on the way: replacing any of them changes the file.
    let mut at = path.to_owned();
    for _hop in 0..8 {
        let Ok(next) = fs::read_link(&at) else { break };
        at = at.parent().unwrap_or(Path::new("/")).join(next);
        names.push(at.clone());
    }
    names.extend(path.canonicalize());
    let missing = names.iter().filter_map(|name| missing_folder(name)).collect::<Vec<_>>();
    names.extend(missing);
    names.sort();
    names.dedup();
    names
}

/// The topmost folder on the way to `name` that does not exist: from there on no event can come.
fn missing_folder(name: &Path) -> Option<PathBuf> {
    let missing = name.ancestors().skip(1).take_while(|folder| !folder.exists());
    missing.last().map(Path::to_path_buf)
}

/// Whether other machines may write there, or a program that tells nobody: NFS, SMB, CIFS, SMB2, FUSE, 9P, Ceph,
/// VirtualBox.
#[cfg(target_os = "linux")]
fn is_shared_disk(folder: &Path) -> bool {
    const SHARED: [u32; 8] = [
        0x6969,
        0x517b,
        0xff53_4d42,
        0xfe53_4d42,
        0x6573_5546,
        0x0102_1997,
        0x00c3_6400,
        0x786f_4256,
    ];
    rustix::fs::statfs(folder).is_ok_and(|about| {
        // The numbers are 32 bits wide whatever the type of the field, and may come sign-extended.
        SHARED.iter().any(|magic| about.f_type as u64 & 0xffff_ffff == u64::from(*magic))
    })
}

#[cfg(not(target_os = "linux"))]
fn is_shared_disk(_folder: &Path) -> bool {
    true
}

fn identified(folder: &Path) -> Option<(PathBuf, u64, u64)> {
    let about = fs::metadata(folder).ok()?;
    Some((folder.to_owned(), about.dev(), about.ino()))
}

/// The file's inode, size and time of its last change; `None` when it is missing.
fn stamp(path: &Path) -> Option<Stamp> {
    let about = fs::metadata(path).ok()?;
    Some((about.ino(), about.size(), about.mtime(), about.mtime_nsec()))
}

/// As [`stamp`], of all files right in a folder.
fn folder_stamp(folder: &Path) -> Option<Stamp> {
    let own = stamp(folder)?;
    let mut sum = 0_u64;
    for entry in fs::read_dir(folder).ok()?.flatten().take(MOST_ENTRIES) {
        let about = entry.metadata().map(|m| (m.ino(), m.size(), m.mtime(), m.mtime_nsec())).ok();
        let mut hasher = DefaultHasher::new();
        (entry.file_name(), about).hash(&mut hasher);
        sum = sum.wrapping_add(hasher.finish());
    }
    Some((own.0, sum, own.2, own.3))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// Waits for one report.
    async fn reported(receiver: &mut tokio::sync::mpsc::Receiver<u8>) -> u8 {
        tokio::time::timeout(Duration::from_secs(10), receiver.recv()).await.unwrap().unwrap()
    }

    fn started(path: &Path) -> (FileWatcher<u8>, tokio::sync::mpsc::Receiver<u8>) {
        let (sender, receiver) = tokio::sync::mpsc::channel(64);
        (FileWatcher::start(vec![(1, path.to_owned())], sender).unwrap(), receiver)
    }

    /// Everything reported so far was about changes made before this; then `change` must be reported too.
    async fn notices(receiver: &mut tokio::sync::mpsc::Receiver<u8>, change: impl FnOnce()) {
        // The trailing report of the change before ends with a pause longer than the spacing.
        while tokio::time::timeout(SPACING * 2, receiver.recv()).await.is_ok() {}
        change();
        assert_eq!(reported(receiver).await, 1);
    }

    #[tokio::test]
    async fn every_way_of_saving_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roadmap.md");
        let temp = folder.path().join("other");
        let (_watcher, mut receiver) = started(&path);
        notices(&mut receiver, || fs::write(&path, "created").unwrap()).await;
        notices(&mut receiver, || fs::write(&path, "in place").unwrap()).await;
        for text in ["renamed", "again"] {
            fs::write(&temp, text).unwrap();
            notices(&mut receiver, || fs::rename(&temp, &path).unwrap()).await;
        }
        notices(&mut receiver, || fs::remove_file(&path).unwrap()).await;
        notices(&mut receiver, || fs::write(&path, "created anew").unwrap()).await;
        notices(&mut receiver, || {
            let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
            std::io::Write::write_all(&mut file, b"more").unwrap();
        })
        .await;
    }

    /// Watches a folder with a poll that comes too late for any test: only events count.
    fn folder_watched(path: &Path) -> (FileWatcher<u8>, tokio::sync::mpsc::Receiver<u8>) {
        let (sender, receiver) = tokio::sync::mpsc::channel(64);
        let never = Duration::from_secs(3_600);
        (FileWatcher::of_folder((1, path.to_owned()), never, sender).unwrap(), receiver)
    }

    #[tokio::test]
    async fn whatever_happens_to_the_files_of_a_folder_is_noticed() {
        let top = tempfile::tempdir().unwrap();
        let folder = top.path().join("plans/proposals");
        let (_watcher, mut receiver) = folder_watched(&folder);
        let file = folder.join("a.md");
        notices(&mut receiver, || {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&file, "made at once with its folders").unwrap();
        })
        .await;
        notices(&mut receiver, || fs::write(&file, "changed").unwrap()).await;
        notices(&mut receiver, || fs::write(folder.join("b.md"), "another").unwrap()).await;
        fs::create_dir(folder.join("accepted")).unwrap();
        notices(&mut receiver, || fs::rename(&file, folder.join("accepted/a.md")).unwrap()).await;
        notices(&mut receiver, || fs::remove_file(folder.join("b.md")).unwrap()).await;
        notices(&mut receiver, || fs::rename(&folder, top.path().join("old")).unwrap()).await;
        notices(&mut receiver, || fs::create_dir(&folder).unwrap()).await;
        notices(&mut receiver, || fs::write(&file, "in the new one").unwrap()).await;
    }

    #[tokio::test]
    async fn a_folder_that_appears_is_found_at_the_next_look() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("proposals");
        let (sender, _receiver) = tokio::sync::mpsc::channel::<u8>(64);
        let watched = Watched::new(1, missing.clone(), Subject::Folder);
        let (events, folders) = (None, BTreeSet::new());
        let poll = Duration::from_secs(7);
        let mut watch = Watch { files: vec![watched], events, folders, poll, sender };
        watch.compare();
        assert!(watch.is_blind() && watch.files[0].due.is_none(), "nothing is there");
        fs::create_dir(&missing).unwrap();
        watch.compare();
        assert!(watch.files[0].due.is_some());
        watch.files[0].seen = watch.files[0].stamp();
        watch.files[0].due = None;
        watch.compare();
        assert!(watch.files[0].due.is_none(), "nothing has changed since");
        fs::write(missing.join("a.md"), "x").unwrap();
        watch.compare();
        assert!(watch.files[0].due.is_some());
    }

    #[tokio::test]
    async fn reading_and_other_files_are_not_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roadmap.md");
        fs::write(&path, "x").unwrap();
        let (_watcher, mut receiver) = started(&path);
        for _ in 0..50 {
            fs::read(&path).unwrap();
            fs::write(folder.path().join("other.md"), "y").unwrap();
        }
        let quiet = tokio::time::timeout(SPACING * 4, receiver.recv()).await;
        assert!(quiet.is_err(), "reported {quiet:?}");
    }

    #[tokio::test]
    async fn a_burst_is_a_few_reports_and_the_last_change_is_among_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roadmap.md");
        let (_watcher, mut receiver) = started(&path);
        let start = Instant::now();
        for number in 0..200 {
            fs::write(&path, number.to_string()).unwrap();
        }
        let took = start.elapsed();
        assert_eq!(reported(&mut receiver).await, 1);
        let mut reports = 1;
        while tokio::time::timeout(SPACING * 3, receiver.recv()).await.is_ok() {
            reports += 1;
        }
        let most = 2 + took.as_millis() / SPACING.as_millis();
        assert!(reports <= most, "{reports} reports in {took:?}");
    }

    #[tokio::test]
    async fn the_file_behind_a_link_is_watched_too() {
        let folder = tempfile::tempdir().unwrap();
        let docs = folder.path().join("docs");
        fs::create_dir(&docs).unwrap();
        let (real, link) = (docs.join("real.md"), folder.path().join("roadmap.md"));
        fs::write(&real, "x").unwrap();
        symlink(&real, &link).unwrap();
        let (_watcher, mut receiver) = started(&link);
        notices(&mut receiver, || fs::write(&real, "behind the link").unwrap()).await;
        let other = docs.join("other.md");
        fs::write(&other, "o").unwrap();
        notices(&mut receiver, || {
            symlink(&other, docs.join("link")).unwrap();
            fs::rename(docs.join("link"), &link).unwrap();
        })
        .await;
        notices(&mut receiver, || fs::write(&other, "behind the new link").unwrap()).await;
    }

    #[tokio::test]
    async fn a_folder_made_anew_is_found_by_comparing() {
        let folder = tempfile::tempdir().unwrap();
        let docs = folder.path().join("docs");
        let path = docs.join("roadmap.md");
        let (_watcher, mut receiver) = started(&path);
        for _ in 0..2 {
            fs::create_dir(&docs).unwrap();
            fs::write(&path, "x").unwrap();
            assert_eq!(reported(&mut receiver).await, 1);
            notices(&mut receiver, || fs::write(&path, "y").unwrap()).await;
            notices(&mut receiver, || fs::remove_dir_all(&docs).unwrap()).await;
        }
    }

    #[tokio::test]
    async fn a_folder_that_is_made_later_needs_no_comparing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plans/completed/archive.md");
        let events = events_into(channel().0);
        let (files, folders) =
            (vec![Watched::new(1, path.clone(), Subject::File)], BTreeSet::new());
        let mut watch =
            Watch { files, events, folders, poll: POLL, sender: tokio::sync::mpsc::channel(1).0 };
        for made in ["", "plans", "plans/completed"] {
            fs::create_dir_all(folder.path().join(made)).unwrap();
            watch.follow();
            assert!(!watch.is_blind(), "{made}");
        }
        fs::remove_dir_all(folder.path().join("plans")).unwrap();
        let (_watcher, mut receiver) = started(&path);
        let start = Instant::now();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "x").unwrap();
        assert_eq!(reported(&mut receiver).await, 1);
        while !path.exists() || tokio::time::timeout(SPACING * 3, receiver.recv()).await.is_ok() {}
        notices(&mut receiver, || fs::write(&path, "y").unwrap()).await;
        assert!(start.elapsed() < RARE_POLL);
    }

    #[tokio::test]
    async fn dropping_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        let (watcher, mut receiver) = started(&folder.path().join("roadmap.md"));
        drop(watcher);
        let ended = tokio::time::timeout(Duration::from_secs(10), receiver.recv()).await;
        assert_eq!(ended.unwrap(), None);
    }
}
