#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::*;
use crate::domain::id::{PhaseId, TargetId};
use crate::domain::roadmap::RoadmapChange;
use crate::domain::roadmap::phase::Status;
use crate::runner::atomic_write::tests::beside;
use crate::runner::roadmap_error::MAX_BYTES;

pub(super) const ROADMAP: &str = "# Roadmap\n\n## Batch 1\n\n### Phase 1.1: First\n- **Status:** ✅ Complete\n\n\
    ### Phase 1.2: Second\n- **Status:** 🔴 Blocked\n- **Depends On:** Phase 1.1\n\n\
    ### Phase 1.3: Third\n- **Status:** ⚪ Not Started\n- **Assigned To:** TBD\n\n## Log\n";

pub(super) fn order(change: RoadmapChange) -> RoadmapOrder {
    RoadmapOrder { target: TargetId::new("t"), agent: None, change, held: BTreeSet::new() }
}

pub(super) fn claim() -> RoadmapOrder {
    order(RoadmapChange::Claim { phase: PhaseId::new("1.3"), assignee: "a-1.3".into() })
}

pub(super) fn release() -> RoadmapOrder {
    order(RoadmapChange::Release {
        phase: PhaseId::new("1.3"),
        assignee: "a-1.3".into(),
        restore: Some("TBD".into()),
    })
}

pub(super) fn folder_with(text: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
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

pub(super) fn state(roadmap: &Roadmap, id: &str) -> Status {
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
    let change = RoadmapChange::Complete {
        phase: PhaseId::new("9.9"),
        date: "2030-01-01".into(),
        ticked: vec![],
    };
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
