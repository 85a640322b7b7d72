use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::domain::frame::Row;
use crate::domain::older::OVERLAP;
use crate::domain::scrollback::Past;

const SIZE: Size = Size { cols: 80, rows: 24 };

/// A host, as far as lines go: its terminal, its recording, and each line as it last was there.
struct Fake {
    folder: tempfile::TempDir,
    terminal: Terminal,
    began: Instant,
    before: Past,
    /// Lines that were dropped, so that nothing changes them any more.
    dropped: u64,
    cast: String,
    known: BTreeMap<u64, String>,
}

impl Fake {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("spec.json"), include_str!("tape_spec.json")).unwrap();
        let (terminal, began) = (Terminal::new(SIZE), Instant::now());
        let (before, cast) = (Past::default(), header(1, "false"));
        Self { folder, terminal, began, before, dropped: 0, cast, known: BTreeMap::new() }
    }

    fn print(&mut self, text: &str) {
        self.print_at((self.began, 0.0), text);
    }

    /// Prints at a moment, which is another second of the recording.
    fn print_at(&mut self, (now, at): (Instant, f64), text: &str) {
        self.terminal.feed(text.as_bytes(), now);
        writeln!(self.cast, "{}", serde_json::json!((at, "o", text))).unwrap();
        self.note();
    }

    fn resize(&mut self, size: Size) {
        self.terminal.resize(size);
        writeln!(self.cast, "[0.0,\"r\",\"{}x{}\"]", size.cols, size.rows).unwrap();
        self.note();
    }

    fn note(&mut self) {
        let Past { age, oldest, above } = self.past();
        // In another age numbers mean other lines, but for those that were dropped before.
        let kept = if age == self.before.age { oldest } else { self.dropped };
        self.known.retain(|number, _| *number < kept);
        self.before = self.past();
        // Beneath another screen lines can't be read, but they are not dropped: another width breaks them elsewhere.
        if oldest < above {
            self.dropped = oldest;
        }
        let rows = self.rows(oldest, above - oldest);
        self.known.extend((oldest..).zip(rows.iter().map(Row::text)));
    }

    fn past(&mut self) -> Past {
        self.terminal.lines(Wanted { from: 0, count: 0 }).past
    }

    fn rows(&self, from: u64, count: u64) -> Vec<Row> {
        let mut rows = Vec::new();
        for at in (from..from + count).step_by(usize::try_from(PAGE).unwrap()) {
            let count = PAGE.min(from + count - at);
            rows.extend(self.terminal.lines(Wanted { from: at, count }).rows);
        }
        rows
    }

    /// What is above the oldest line.
    fn wanted(&mut self) -> OlderWanted {
        let below = self.past().oldest;
        OlderWanted { below, overlap: self.rows(below, OVERLAP) }
    }

    /// Asks for what is above the oldest line.
    fn ask(&mut self) -> Older {
        let wanted = self.wanted();
        self.read(wanted)
    }

    fn read(&self, wanted: OlderWanted) -> Older {
        std::fs::write(self.folder.path().join("recording.cast"), &self.cast).unwrap();
        let mut replay = Replay::open(self.folder.path(), wanted).unwrap();
        while matches!(replay.read_on().unwrap(), Far::Between) {}
        replay.place()
    }

    /// Compares the lines above the oldest one with those that were there.
    fn check(&mut self) -> Result<Older, TestCaseError> {
        let older = self.ask();
        let Past { oldest, above, .. } = self.past();
        if above > oldest {
            prop_assert_ne!(older.edge, Edge::Differs);
            prop_assert!(older.edge != Edge::Start || older.rows.len() as u64 == oldest);
        }
        let from = older.below - older.rows.len() as u64;
        for (number, row) in (from..).zip(&older.rows) {
            if let Some(text) = self.known.get(&number) {
                prop_assert_eq!(&row.text(), text, "line {}", number);
            }
        }
        Ok(older)
    }
}

fn header(part: u32, redraw: &str) -> String {
    format!(
        "{{\"version\":2,\"width\":80,\"height\":24,\
         \"orch_tui\":{{\"part\":{part},\"at\":0.0,\"redraw\":{redraw}}}}}\n"
    )
}

fn numbered(numbers: std::ops::Range<u64>) -> String {
    numbers.map(|number| format!("line {number}\r\n")).collect()
}

fn texts(older: &Older) -> Vec<String> {
    older.rows.iter().map(Row::text).collect()
}

#[test]
fn the_first_line_is_found_again() {
    let mut fake = Fake::new();
    (0..50).for_each(|hundred| fake.print(&numbered(hundred * 100..hundred * 100 + 100)));
    let older = fake.ask();
    assert_eq!((older.rows.len() as u64, older.edge), (older.below, Edge::Start));
    assert_eq!(texts(&older)[10], "line 10");
}

#[test]
fn lines_keep_the_width_they_had_when_they_went() {
    let mut fake = Fake::new();
    fake.print(&numbered(0..3_000));
    fake.print(&"a line as long as two rows, ".repeat(5));
    fake.resize(Size { cols: 120, rows: 30 });
    fake.print(&numbered(3_000..6_000));
    fake.resize(SIZE);
    fake.print(&numbered(6_000..7_000));
    let older = fake.ask();
    assert_eq!((older.rows.len() as u64, older.edge), (older.below, Edge::Start));
    assert_eq!(texts(&older)[10], "line 10");
}

#[test]
fn what_was_erased_stays_so() {
    let mut fake = Fake::new();
    fake.print(&numbered(0..3_000));
    fake.print("\x1b[3J");
    fake.print(&numbered(3_000..6_000));
    let older = fake.ask();
    // The rows on the screen were not erased.
    assert_eq!((texts(&older)[0].as_str(), older.edge), ("line 2977", Edge::Erased));
}

#[test]
fn a_recording_that_lost_its_beginning_begins_with_its_first_part() {
    let mut fake = Fake::new();
    fake.print(&numbered(0..4_000));
    let (_, frame) = fake.terminal.frame_since(0).unwrap();
    let shown: Vec<String> = frame.rows.iter().map(|(_, row)| row.text()).collect();
    let screen = serde_json::to_string(&shown.join("\r\n")).unwrap();
    fake.cast = format!("{}[0.0,\"o\",{screen}]\n", header(5, "true"));
    fake.print(&numbered(4_000..9_000));
    let older = fake.ask();
    assert_eq!(older.edge, Edge::Dropped);
    let from = usize::try_from(older.below).unwrap() - older.rows.len();
    assert_eq!(texts(&older)[0], format!("line {from}"));
    assert_eq!(from, 4_000 - 23, "what the screen showed then comes first");
}

#[test]
fn another_recording_is_not_believed() {
    let mut fake = Fake::new();
    fake.print(&numbered(0..4_000));
    fake.cast = fake.cast.replace("line", "other");
    let older = fake.ask();
    assert_eq!((older.rows.len(), older.edge), (0, Edge::Differs));
}

#[test]
fn an_update_that_was_held_for_too_long_ends_as_it_did() {
    let mut fake = Fake::new();
    fake.print(&numbered(0..500));
    fake.print(&format!("\x1b[?2026h{}", numbered(500..1_500)));
    let due = fake.terminal.settles_at().unwrap();
    fake.print_at((fake.began, 0.1), &numbered(1_500..1_600));
    fake.print_at((due, 0.2), &numbered(1_600..5_000));
    let older = fake.ask();
    assert_eq!((older.rows.len() as u64, older.edge), (older.below, Edge::Start));
}

#[test]
fn lines_that_became_narrower_beneath_another_screen_are_read_as_they_were_then() {
    let mut fake = Fake::new();
    fake.print(&format!("{}\r\n", "some words ".repeat(440)));
    fake.resize(Size { cols: 159, rows: 30 });
    fake.print(&numbered(0..1_600));
    fake.print(&format!("{}\r\n", "some words ".repeat(3_000)));
    fake.print("\x1b[?1049hcovered");
    fake.resize(Size { cols: 93, rows: 53 });
    assert_eq!(fake.past().above, fake.past().oldest, "none can be read meanwhile");
    // Now they are more than are kept: the first ones go in their new width.
    fake.print("\x1b[?1049l");
    assert!(fake.past().oldest > 0);
    fake.print(&numbered(1_600..3_000));
    let older = fake.check().unwrap();
    assert_eq!((older.rows.len() as u64, older.edge), (older.below, Edge::Start));
    assert_eq!(texts(&older)[0].len(), 93);
}

#[test]
fn another_screen_that_came_meanwhile_hides_no_lines() {
    for cover in ["\x1b[?1049hcovered", "\x1b[?47hcovered"] {
        let mut fake = Fake::new();
        fake.print(&numbered(0..4_000));
        let wanted = fake.wanted();
        fake.print(cover);
        let older = fake.read(wanted);
        assert_eq!((older.rows.len() as u64, older.edge), (older.below, Edge::Start), "{cover:?}");
        assert_eq!(texts(&older)[10], "line 10");
    }
}

#[tokio::test]
async fn without_a_recording_there_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let older = find(folder.path(), OlderWanted { below: 5, overlap: Vec::new() }).await;
    assert_eq!((older.below, older.edge), (5, Edge::Unread));
}

#[derive(Clone, Debug)]
enum Step {
    Print(u64),
    Long(usize),
    Send(&'static str),
    Resize(Size),
    /// A new size while another screen covers the lines.
    Beneath(Size),
}

fn step() -> impl Strategy<Value = Step> {
    let command = prop_oneof![
        Just("\x1b[3J"),
        Just("\x1b[H\x1b[2J\x1b[3J"),
        Just("\x1b[2J"),
        Just("\x1b[4S"),
        Just("\x1b[?1049hcovered\r\n\r\n\r\n\r\n\x1b[?1049l"),
        Just("\x1b[?1049hcovered"),
        Just("\x1b[?1049l"),
        Just("\x1b[?2026hheld back\r\n"),
        Just("\x1b[?2026l"),
        Just("\x1b[31mred\u{5b8c}e\u{301}\x1b[m\r\n"),
    ];
    let size = (80u16..200, 24u16..60).prop_map(|(cols, rows)| Size { cols, rows });
    prop_oneof![
        6 => (1u64..800).prop_map(Step::Print),
        2 => (1usize..600).prop_map(Step::Long),
        2 => command.prop_map(Step::Send),
        2 => size.clone().prop_map(Step::Resize),
        1 => size.prop_map(Step::Beneath),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever an agent does, the lines of its recording are those its host had, under the same numbers.
    #[test]
    fn older_lines_are_those_the_host_had(steps in proptest::collection::vec(step(), 1..24)) {
        let mut fake = Fake::new();
        let mut count = 0;
        for step in steps {
            match step {
                Step::Print(lines) => {
                    fake.print(&numbered(count..count + lines));
                    count += lines;
                }
                Step::Long(words) => fake.print(&format!("{}\r\n", "some words ".repeat(words))),
                Step::Send(command) => fake.print(command),
                Step::Resize(size) => fake.resize(size),
                Step::Beneath(size) => {
                    fake.print("\x1b[?1049hcovered");
                    fake.resize(size);
                    fake.print("\x1b[?1049l");
                }
            }
        }
        fake.print("\x1b[?1049l\x1b[?2026l");
        fake.check()?;
    }
}
