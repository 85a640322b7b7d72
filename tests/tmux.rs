//! The same bytes on our terminal and on a real tmux: the screens are compared cell by cell.
//!
//! Skipped, visibly, where there is no tmux. Recordings of agents are looked for in
//! `$ORCH_TUI_RECORDINGS`, else in `../shared/recordings`: they are no part of the repository.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

#[path = "tmux/cases.rs"]
mod cases;
#[path = "tmux/cells.rs"]
mod cells;
#[path = "tmux/pane.rs"]
mod pane;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use cells::Grid;
use orch_tui::domain::frame::Size;
use orch_tui::runner::host::Terminal;
use pane::Tmux;

/// When recordings called `…-resize` changed their size.
const RESIZES: [(f64, Size); 3] = [
    (0.0, Size { cols: 100, rows: 30 }),
    (4.0, Size { cols: 70, rows: 20 }),
    (6.0, Size { cols: 120, rows: 40 }),
];

/// Screens that differ, and why that is right: `docs/terminal.md` has the same table.
const EXPLAINED: [(&str, &str); 1] = [(
    "claude-tui-fullscreen-resize 4/4",
    "grown while the alternate screen was on, tmux 3.3 brings a row of it back to the main one",
)];

/// Pieces of output, each with the size of the terminal it was written for.
type Pieces = Vec<(Size, Vec<u8>)>;

fn is_there() -> bool {
    let there = pane::is_there();
    if !there {
        eprintln!("SKIPPED: there is no tmux");
    }
    there
}

fn recordings() -> Vec<(String, Pieces)> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/recordings");
    let folder = std::env::var_os("ORCH_TUI_RECORDINGS").map_or_else(beside, PathBuf::from);
    let Ok(files) = std::fs::read_dir(&folder) else {
        eprintln!("SKIPPED: no recordings in {}", folder.display());
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "raw"));
    let name = |file: &Path| file.file_stem().unwrap().to_string_lossy().into_owned();
    let mut found = Vec::new();
    for file in &files {
        for (share, all) in [(1, 4), (2, 4), (3, 4), (4, 4)] {
            found.push((format!("{} {share}/{all}", name(file)), pieces(file, (share, all))));
        }
    }
    found
}

/// A share of a recording, whole writes of the agent.
fn pieces(file: &Path, (share, all): (usize, usize)) -> Pieces {
    let is_resized = file.to_string_lossy().contains("-resize");
    let sizes = if is_resized { &RESIZES[..] } else { &RESIZES[..1] };
    let mut pieces: Pieces = sizes.iter().map(|(_, size)| (*size, Vec::new())).collect();
    let cast = std::fs::read_to_string(file.with_extension("cast")).unwrap();
    let writes: Vec<&str> = cast.lines().skip(1).collect();
    for line in &writes[..writes.len() * share / all] {
        let (at, _, text): (f64, String, String) = serde_json::from_str(line).unwrap();
        let piece = sizes.iter().rposition(|(from, _)| at >= *from).unwrap();
        pieces[piece].1.extend(text.as_bytes());
    }
    let last = pieces.iter().rposition(|(_, bytes)| !bytes.is_empty()).unwrap_or(0);
    pieces.truncate(last + 1);
    pieces
}

/// Our screen, with the bytes fed in pieces of `chunk`.
fn ours(pieces: &[(Size, Vec<u8>)], chunk: usize) -> Grid {
    let mut terminal = Terminal::new(pieces[0].0);
    for (size, bytes) in pieces {
        terminal.resize(*size);
        for part in bytes.chunks(chunk) {
            terminal.feed(part, Instant::now());
        }
    }
    terminal.settle(Instant::now() + std::time::Duration::from_secs(60));
    cells::of_frame(&terminal.frame_since(0).unwrap().1)
}

/// The screens of tmux, in the order of what it is fed with.
fn theirs(fed: &[Pieces]) -> Vec<Grid> {
    let tmux = Tmux::new();
    for (number, pieces) in fed.iter().enumerate() {
        tmux.open(&format!("pane{number}"), pieces);
    }
    let show = |(number, pieces): (usize, &Pieces)| {
        let capture = tmux.show(&format!("pane{number}"), pieces);
        cells::of_capture(&capture, pieces.last().unwrap().0)
    };
    fed.iter().enumerate().map(show).collect()
}

/// Every cell that differs, in words.
fn differences(ours: &Grid, theirs: &Grid) -> Vec<String> {
    let mut found = Vec::new();
    for row in 0..ours.len().max(theirs.len()) {
        let empty = Vec::new();
        let (us, them) = (ours.get(row).unwrap_or(&empty), theirs.get(row).unwrap_or(&empty));
        for column in 0..us.len().max(them.len()) {
            if us.get(column) != them.get(column) {
                let (us, them) = (us.get(column), them.get(column));
                found.push(format!("row {row}, column {column}: {us:?}, tmux {them:?}"));
            }
        }
    }
    found
}

#[test]
fn recorded_agents_look_as_in_tmux() {
    if !is_there() {
        return;
    }
    let (names, fed): (Vec<_>, Vec<_>) = recordings().into_iter().unzip();
    let mut wrong = Vec::new();
    for ((name, pieces), theirs) in names.iter().zip(&fed).zip(theirs(&fed)) {
        let found = differences(&ours(pieces, usize::MAX), &theirs);
        eprintln!("{name}: {} cells differ", found.len());
        let explained = EXPLAINED.iter().any(|(explained, _)| explained == name);
        if explained == found.is_empty() {
            let few = found[..found.len().min(12)].join("\n  ");
            wrong.push(format!("{name} differs in {} cells:\n  {few}", found.len()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn recorded_agents_look_the_same_in_any_pieces() {
    for (name, pieces) in recordings() {
        let whole = ours(&pieces, usize::MAX);
        for chunk in [1, 2, 3, 5, 7, 16, 61, 509, 4096] {
            assert_eq!(ours(&pieces, chunk), whole, "{name} in pieces of {chunk}");
        }
    }
}

#[test]
fn single_behaviours_are_those_of_tmux() {
    if !is_there() {
        return;
    }
    let size = Size { cols: 20, rows: 6 };
    let fed: Vec<Pieces> =
        cases::CASES.iter().map(|case| vec![(size, case.bytes.as_bytes().to_vec())]).collect();
    let (mut groups, mut wrong) = (BTreeMap::new(), Vec::new());
    for ((case, pieces), theirs) in cases::CASES.iter().zip(&fed).zip(theirs(&fed)) {
        let found = differences(&ours(pieces, usize::MAX), &theirs);
        let (same, all) = groups.entry(case.group).or_insert((0, 0));
        *all += 1;
        *same += usize::from(found.is_empty());
        if case.differs.is_some() == found.is_empty() {
            let few = found[..found.len().min(4)].join("; ");
            wrong.push(format!("{}: {}: {few}", case.group, case.name));
        }
    }
    for (group, (same, all)) in groups {
        eprintln!("tmux: {group}: {same} of {all}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_difference_is_seen() {
    let screen = |text: &str| ours(&[(RESIZES[0].1, text.as_bytes().to_vec())], 1);
    assert_eq!(differences(&screen("a\x1b[1mb"), &screen("a\x1b[1mb")), Vec::<String>::new());
    assert_eq!(differences(&screen("a\x1b[1mb"), &screen("ab")).len(), 1);
    assert_eq!(differences(&screen("完"), &screen("a")).len(), 2);
    let capture = b"a\x1b[1mb\x1b[0m \x1b[38;5;208;48;2;1;2;3m\xe5\xae\x8c\x1b[0m   \n\n";
    let drawn = "a\x1b[1mb\x1b[0m \x1b[38;5;208;48;2;1;2;3m完";
    assert_eq!(differences(&screen(drawn), &cells::of_capture(capture, RESIZES[0].1)).len(), 0);
}
