#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::sync::atomic::AtomicBool;

use super::*;
use crate::domain::id::{PhaseId, TargetId};
use crate::domain::roadmap::RoadmapChange;
use crate::domain::roadmap::phase::Status;
use crate::runner::atomic_write::tests::beside;
use crate::runner::roadmap_error::MAX_BYTES;

const ROADMAP: &str = "# Roadmap\n\n## Batch 1\n\n### Phase 1.1: First\n- **Status:** ✅ Complete\n\n\
    ### Phase 1.2: Second\n- **Status:** 🔴 Blocked\n- **Depends On:** Phase 1.1\n\n\
    ### Phase 1.3: Third\n- **Status:** ⚪ Not Started\n- **Assigned To:** TBD\n\n## Log\n";

fn order(change: RoadmapChange) -> RoadmapOrder {
    RoadmapOrder { target: TargetId::new("t"), agent: None, change, held: BTreeSet::new() }
}

fn claim() -> RoadmapOrder {
    order(RoadmapChange::Claim { phase: PhaseId::new("1.3"), assignee: "a-1.3".into() })
}

fn release() -> RoadmapOrder {
    order(RoadmapChange::Release {
        phase: PhaseId::new("1.3"),
        assignee: "a-1.3".into(),
        restore: Some("TBD".into()),
    })
}

fn folder_with(text: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roadmap.md");
    fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn the_archive_beside_it_is_read_with_the_roadmap() {
    let (folder, path) =
        folder_with("### Phase 2.1: a\n- **Status:** 🔴 Blocked\n- **Depends On:** Phase 1.1\n");
    let archive = folder.path().join("completed/roadmap-archive.md");
    let done = "### Phase 1.1: z\n- **Status:** ✅ Complete\n";
    let file = RoadmapFile::new(&path);
    let has = |file: &RoadmapFile| file.read().unwrap().archive().has(&PhaseId::new("1.1"));
    assert!(!has(&file));
    fs::write(folder.path().join("completed"), "a file").unwrap();
    assert!(!has(&file));
    fs::remove_file(folder.path().join("completed")).unwrap();
    fs::create_dir(folder.path().join("completed")).unwrap();
    assert_eq!(file.apply(&order(RoadmapChange::Garden)).unwrap(), []);
    fs::write(&archive, done).unwrap();
    assert!(has(&file));
    assert!(Arc::ptr_eq(&file.read().unwrap(), &file.read().unwrap()));
    assert_eq!(file.apply(&order(RoadmapChange::Garden)).unwrap().len(), 1);
    assert!(has(&file));
    fs::write(&archive, done.replace("✅ Complete", "🔄 In Progress")).unwrap();
    assert!(!has(&file));
    fs::remove_file(&archive).unwrap();
    fs::create_dir(&archive).unwrap();
    let said = file.read().unwrap_err().to_string();
    assert!(said.contains("the archive") && said.contains("is a directory"), "{said}");
    fs::write(&path, ROADMAP).unwrap();
    assert_eq!(file.apply(&claim()).unwrap().len(), 2, "what was decided is written all the same");
}

fn state(roadmap: &Roadmap, id: &str) -> Status {
    roadmap.phase(&PhaseId::new(id)).unwrap().status.state
}

#[test]
fn a_change_is_written_and_only_its_bytes_differ() {
    let (folder, path) = folder_with(ROADMAP);
    let file = RoadmapFile::new(&path);
    let edits = file.apply(&order(RoadmapChange::Garden)).unwrap();
    assert_eq!(edits.len(), 1);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text, ROADMAP.replace("🔴 Blocked", "⚪ Not Started"));
    assert_eq!(file.apply(&claim()).unwrap().len(), 2);
    assert_eq!(state(&file.read().unwrap(), "1.3"), Status::InProgress);
    file.apply(&release()).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert_eq!(file.writes(), 3);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left over");
}

#[test]
fn nothing_to_change_is_nothing_written() {
    let (_folder, path) = folder_with(ROADMAP);
    let file = RoadmapFile::new(&path);
    file.apply(&order(RoadmapChange::Garden)).unwrap();
    let before = fs::metadata(&path).unwrap();
    assert_eq!(file.apply(&order(RoadmapChange::Garden)).unwrap(), []);
    let after = fs::metadata(&path).unwrap();
    assert_eq!(
        (before.ino(), before.modified().unwrap()),
        (after.ino(), after.modified().unwrap())
    );
    assert_eq!(file.writes(), 1);
}

#[test]
fn an_unchanged_file_is_parsed_once() {
    let (_folder, path) = folder_with(ROADMAP);
    let file = RoadmapFile::new(&path);
    assert!(Arc::ptr_eq(&file.read().unwrap(), &file.read().unwrap()));
}

#[test]
fn links_and_modes_stay() {
    let (folder, path) = folder_with(ROADMAP);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let link = folder.path().join("link.md");
    symlink("roadmap.md", &link).unwrap();
    RoadmapFile::new(&link).apply(&claim()).unwrap();
    assert!(link.is_symlink());
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o640);
    assert!(fs::read_to_string(&path).unwrap().contains("a-1.3"));
}

#[test]
fn what_is_no_roadmap_is_named() {
    let (folder, path) = folder_with([b"# Roadmap\n".as_slice(), &[0]].concat());
    let said = |path: &Path| RoadmapFile::new(path).read().unwrap_err().to_string();
    assert!(said(&path).contains("is not a text file"));
    assert!(said(folder.path()).contains("is a directory"));
    let none = folder.path().join("none.md");
    assert_eq!(
        said(&none),
        format!("no roadmap at {}; `orch-tui init` writes a starter", none.display())
    );
    rustix::fs::mknodat(
        rustix::fs::CWD,
        folder.path().join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    assert!(said(&folder.path().join("pipe")).contains("is not a regular file"));
    let large = folder.path().join("large.md");
    File::create(&large).unwrap().set_len(MAX_BYTES + 1).unwrap();
    assert!(said(&large).contains("move finished phases to an archive"));
}

#[test]
fn a_senseless_change_is_refused_and_nothing_written() {
    let (_folder, path) = folder_with(ROADMAP);
    let file = RoadmapFile::new(&path);
    let change = RoadmapChange::Complete { phase: PhaseId::new("9.9"), date: "2030-01-01".into() };
    let error = file.apply(&order(change)).unwrap_err();
    assert!(matches!(error, RoadmapFileError::Refused(_)), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), ROADMAP);
}

/// Whether `thread` waits for the file rather than having taken what stood in it.
fn waits<T>(thread: &std::thread::ScopedJoinHandle<'_, T>, long: Duration) -> bool {
    let until = Instant::now() + long;
    while Instant::now() < until && !thread.is_finished() {
        std::thread::yield_now();
    }
    !thread.is_finished()
}

#[test]
fn a_truncated_file_is_waited_for() {
    let (_folder, path) = folder_with(ROADMAP);
    let file = RoadmapFile::new(&path);
    file.read().unwrap();
    for half_written in ["", "# Roadmap\n\n## Batch 1\n"] {
        let mut editor = fs::OpenOptions::new().write(true).truncate(true).open(&path).unwrap();
        editor.write_all(half_written.as_bytes()).unwrap();
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| file.read().unwrap());
            assert!(waits(&reader, Duration::from_millis(60)));
            editor.write_all(&ROADMAP.as_bytes()[half_written.len()..]).unwrap();
            assert_eq!(reader.join().unwrap().bytes(), ROADMAP.as_bytes());
        });
    }
    fs::write(&path, "# Roadmap\n").unwrap();
    assert_eq!(file.read().unwrap().bytes(), b"# Roadmap\n", "really emptied");
}

#[test]
fn a_file_deleted_for_a_moment_is_waited_for() {
    let (_folder, path) = folder_with(ROADMAP);
    let file = RoadmapFile::new(&path);
    file.read().unwrap();
    fs::remove_file(&path).unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| file.apply(&claim()));
        assert!(waits(&writer, Duration::from_millis(60)));
        fs::write(&path, ROADMAP).unwrap();
        assert_eq!(writer.join().unwrap().unwrap().len(), 2);
    });
    fs::remove_file(&path).unwrap();
    assert!(matches!(file.read(), Err(RoadmapFileError::Missing { .. })));
}

#[test]
fn what_is_written_late_into_the_replaced_file_is_kept() {
    let (_folder, path) = folder_with(ROADMAP);
    let file = RoadmapFile::new(&path);
    let mut late = fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.apply(&claim()).unwrap();
    late.write_all(b"- late\n").unwrap();
    let read = file.read().unwrap();
    assert!(read.bytes().ends_with(b"## Log\n- late\n"));
    assert_eq!(state(&read, "1.3"), Status::InProgress);
    assert_eq!(fs::read(&path).unwrap(), read.bytes());
}

#[test]
fn a_writer_that_was_held_up_through_many_of_our_writes_is_kept() {
    let (_folder, path) = folder_with(ROADMAP);
    let file = RoadmapFile::new(&path);
    let mut late = fs::OpenOptions::new().append(true).open(&path).unwrap();
    for _ in 0..10 {
        file.apply(&claim()).unwrap();
        file.apply(&release()).unwrap();
    }
    late.write_all(b"- late\n").unwrap();
    assert!(file.read().unwrap().bytes().ends_with(b"## Log\n- late\n"));
}

/// How an editor saves.
#[derive(Clone, Copy, Debug)]
enum Style {
    Rename,
    Truncate,
    Append,
}

/// One edit, as an editor without any care for others makes it: the marker line of this editor gets a new number,
/// and a line is added at the end.
fn edit(path: &Path, style: Style, number: u64) {
    let added = format!("- {style:?} {number}\n");
    if let Style::Append = style {
        let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
        return file.write_all(added.as_bytes()).unwrap();
    }
    let marker = format!("{style:?}: ");
    let mut text = String::new();
    for line in fs::read_to_string(path).unwrap().split_inclusive('\n') {
        let own = line.starts_with(&marker);
        text.push_str(&if own { format!("{marker}{number}\n") } else { line.to_owned() });
    }
    text.push_str(&added);
    match style {
        Style::Rename => {
            let temp = path.with_extension("swap");
            fs::write(&temp, text).unwrap();
            fs::rename(&temp, path).unwrap();
        }
        Style::Truncate | Style::Append => fs::write(path, text).unwrap(),
    }
}

/// A marker for each editor that rewrites, apart from each other.
const MARKERS: &str = "Rename: -\n\nSome text.\n\nTruncate: -\n\n## Log\n";

/// Lets `long` pass without giving up the processor for long.
fn pass(long: Duration) {
    let until = Instant::now() + long;
    while Instant::now() < until {
        std::thread::yield_now();
    }
}

/// Lets editors make `edits` each while we claim and release all the time; how long each of our changes took, in order.
/// One of ours that never found its moment says so and is made no more: on a machine that is starved that is no fault.
fn race(file: &RoadmapFile, styles: [Style; 3], edits: u64) -> Vec<Duration> {
    // The editors would lose each other's edits without our help, so they take turns; we do not.
    let turn = Mutex::new(());
    let ended = AtomicBool::new(false);
    let mut times = std::thread::scope(|scope| {
        let editors: Vec<_> = styles
            .iter()
            .map(|style| {
                let (turn, path) = (&turn, file.path());
                scope.spawn(move || {
                    for number in 0..edits {
                        pass(Duration::from_micros(number * 7919 % 20_000));
                        let _turn = turn.lock().unwrap();
                        edit(path, *style, number);
                    }
                })
            })
            .collect();
        let ours = scope.spawn(|| {
            let mut times = Vec::new();
            while !ended.load(Ordering::Relaxed) {
                for order in [claim(), order(RoadmapChange::Garden), release()] {
                    let start = Instant::now();
                    match file.apply(&order) {
                        Ok(_) | Err(RoadmapFileError::Contended { .. }) => {}
                        Err(other) => panic!("{other}"),
                    }
                    times.push(start.elapsed());
                }
            }
            times
        });
        editors.into_iter().for_each(|editor| editor.join().unwrap());
        ended.store(true, Ordering::Relaxed);
        ours.join().unwrap()
    });
    times.sort();
    times
}

/// Claims 1.3 while somebody saves `edited` over the roadmap in the last moment.
fn claimed_beside(file: &RoadmapFile, mut edited: impl FnMut(String) -> String + 'static) {
    let mut made = false;
    let other = move |point: &str, path: &Path| {
        if point == "before the exchange" && !std::mem::replace(&mut made, true) {
            let (temp, text) = (path.with_extension("swap"), fs::read_to_string(path).unwrap());
            fs::write(&temp, edited(text)).unwrap();
            fs::rename(&temp, path).unwrap();
        }
    };
    beside(other, || file.apply(&claim()).unwrap());
    assert_eq!(file.races_lost(), 1);
}

#[test]
fn what_another_decided_as_we_did_stays() {
    let (_folder, path) = folder_with(ROADMAP);
    let file = RoadmapFile::new(&path);
    claimed_beside(&file, |text| {
        text.replace("⚪ Not Started", "🔄 In Progress").replace("TBD", "a-1.3") + "- theirs\n"
    });
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("a-1.3\n") && text.ends_with("- theirs\n"), "{text}");
    file.read().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), text, "reading changes nothing");
}

#[test]
fn a_roadmap_is_read_though_what_is_missing_from_it_cannot_be_written() {
    let (folder, path) = folder_with(ROADMAP);
    let file = RoadmapFile::new(&path);
    claimed_beside(&file, |text| text + "- theirs\n");
    let kept = fs::read_to_string(&path).unwrap();
    assert!(kept.contains("- theirs\n"));
    // A slow writer takes it out, and no name is left for a file beside this one.
    let real = folder.path().join("r".repeat(250));
    fs::write(&real, kept.replace("- theirs\n", "")).unwrap();
    fs::remove_file(&path).unwrap();
    symlink(&real, &path).unwrap();
    let told = file.read().unwrap_err().to_string();
    assert!(told.contains("write"), "{told}");
    let read = file.read().unwrap();
    assert!(!String::from_utf8_lossy(read.bytes()).contains("- theirs"), "told once");
}

/// Three editors take turns, `edits` each, in their own styles, while we claim and release all the time.
/// `ORCH_TUI_RACE_EDITS` makes it longer.
#[test]
fn no_edit_of_another_writer_is_lost() {
    let edits =
        std::env::var("ORCH_TUI_RACE_EDITS").ok().and_then(|text| text.parse().ok()).unwrap_or(250);
    let (folder, path) = folder_with(ROADMAP.replace("## Log\n", MARKERS));
    let file = RoadmapFile::new(&path);
    let styles = [Style::Rename, Style::Truncate, Style::Append];
    let times = race(&file, styles, edits);
    file.apply(&claim()).unwrap();
    let roadmap = file.read().unwrap();
    let text = String::from_utf8(roadmap.bytes().to_vec()).unwrap();
    let count = |line: String| text.lines().filter(|found| **found == line).count();
    let wanted =
        styles.iter().flat_map(|style| (0..edits).map(move |n| format!("- {style:?} {n}")));
    let counts: Vec<(String, usize)> = wanted.map(|line| (line.clone(), count(line))).collect();
    let lost: Vec<_> = counts.iter().filter(|(_, count)| *count == 0).collect();
    let repeated: Vec<_> = counts.iter().filter(|(_, count)| *count > 1).collect();
    let mut out = std::io::stderr();
    writeln!(
        out,
        "editor-race n={} lost={} repeated={} writes={} races_lost={} p50={:?} p99={:?}",
        counts.len(),
        lost.len(),
        repeated.len(),
        file.writes(),
        file.races_lost(),
        times[times.len() / 2],
        times[times.len() * 99 / 100],
    )
    .unwrap();
    assert!(lost.is_empty() && repeated.is_empty(), "lost {lost:?}, repeated {repeated:?}");
    assert_eq!(state(&roadmap, "1.3"), Status::InProgress);
    assert_eq!(state(&roadmap, "1.2"), Status::NotStarted);
    for style in [Style::Rename, Style::Truncate] {
        assert_eq!(count(format!("{style:?}: {}", edits - 1)), 1, "{text}");
    }
    let before = ROADMAP.lines().count() - 1 + MARKERS.lines().count();
    assert_eq!(text.lines().count(), before + counts.len());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left over");
}
