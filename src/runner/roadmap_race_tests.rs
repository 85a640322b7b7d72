//! Editors that know nothing of us, and we, write one roadmap at the same time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::Write as _;
use std::sync::atomic::AtomicBool;

use super::tests::{ROADMAP, claim, folder_with, order, release, state};
use super::*;
use crate::domain::roadmap::RoadmapChange;
use crate::domain::roadmap::phase::Status;

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
