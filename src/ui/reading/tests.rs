#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;
use crate::domain::frame::{Attributes, CellStyle, Frame, InputModes, Row, Run, Size};
use crate::domain::id::{AgentId, AgentRef, Life};
use crate::domain::scrollback::{Page, Past};
use crate::ui::keys::{Direction, Motion, Span};

const EXTENT: Extent = Extent { cols: 20, rows: 5 };

fn row(text: &str) -> Row {
    Row(vec![Run { text: text.into(), style: CellStyle::default() }])
}

/// Of a full row whose text goes on.
fn full(text: &str) -> Row {
    let style = CellStyle { attributes: Attributes(Attributes::GOES_ON), ..CellStyle::default() };
    Row(vec![Run { text: text.into(), style }])
}

fn frame(age: u32, above: u64, rows: Vec<Row>) -> Frame {
    let size = Size { cols: 20, rows: 5 };
    let past = Past { age, oldest: 0, above };
    Frame {
        size,
        rows: (0..).zip(rows).collect(),
        cursor: None,
        input: InputModes::default(),
        past,
    }
}

/// Rows above the screen and on it; the screen has five.
fn seen(rows: &[Row]) -> Seen {
    let above = rows.len().saturating_sub(5);
    let mut seen = Seen::new(frame(0, above as u64, rows[above..].to_vec()));
    while let Some(wanted) = seen.back.ask() {
        let end = (wanted.from + wanted.count) as usize;
        let rows = rows[wanted.from as usize..end].to_vec();
        seen.back.take(Some(Page { past: seen.screen.past, from: wanted.from, rows }));
    }
    seen
}

fn texts(texts: &[&str]) -> Seen {
    seen(&texts.iter().map(|text| row(text)).collect::<Vec<_>>())
}

fn numbered(count: u64) -> Vec<Row> {
    (0..count).map(|number| row(&format!("line {number}"))).collect()
}

fn reader(seen: &Seen) -> Reader {
    let agent = AgentRef { id: AgentId::new("a-1"), life: Life(1) };
    Reader::open(agent, seen, EXTENT, Began::ByKey)
}

fn at(reader: &Reader) -> (u64, usize) {
    (reader.at.line, reader.at.column)
}

proptest! {
    /// Rows that are skipped unseen have nothing of the text.
    #[test]
    fn every_row_with_the_text_is_found(
        rows in proptest::collection::vec("[abAB é\u{212a}k]{0,12}", 6..20),
        needle in "[abABkKé]{1,2}",
    ) {
        let fold = |text: &str| -> String {
            match needle.chars().any(char::is_uppercase) {
                true => text.to_owned(),
                false => text.chars().flat_map(char::to_lowercase).collect(),
            }
        };
        let seen = seen(&rows.iter().map(|text| row(text)).collect::<Vec<_>>());
        let found = find(&seen, &needle, (seen.first(), seen.end()));
        let mut lines: Vec<u64> = found.iter().map(|one| one.from.line).collect();
        lines.dedup();
        let holds = |(number, text): (u64, &String)| fold(text).contains(&fold(&needle)).then_some(number);
        let wanted: Vec<u64> = (0..).zip(&rows).filter_map(holds).collect();
        prop_assert_eq!(lines, wanted);
    }
}

#[test]
fn motions_are_those_of_vi() {
    let seen = texts(&["one  two_3, four", "", "  five (six)", "seven", "完 x", "end"]);
    let mut reader = reader(&seen);
    assert_eq!(at(&reader), (5, 0));
    let mut go = |motions: &[Motion]| {
        motions.iter().for_each(|motion| reader.go(&seen, *motion, EXTENT));
        at(&reader)
    };
    use Motion::*;
    assert_eq!(go(&[Top]), (0, 0));
    assert_eq!(go(&[NextWord]), (0, 5));
    assert_eq!(go(&[WordEnd]), (0, 9));
    assert_eq!(go(&[NextWord]), (0, 10));
    assert_eq!(go(&[NextWord, NextWord]), (2, 2));
    assert_eq!(go(&[PreviousWord]), (0, 12));
    assert_eq!(go(&[PreviousWord, PreviousWord, PreviousWord]), (0, 0));
    assert_eq!(go(&[LineEnd]), (0, 15));
    assert_eq!(go(&[Down]), (1, 0));
    assert_eq!(go(&[Down]), (2, 11), "the end of the line is kept to");
    assert_eq!(go(&[LineStart, Right]), (2, 1));
    assert_eq!(go(&[Down, Down]), (4, 0), "a wide character has one place");
    assert_eq!(go(&[Right]), (4, 2));
    assert_eq!(go(&[Right, Right, Right]), (4, 3));
    assert_eq!(go(&[Left, Left]), (4, 0));
    assert_eq!(go(&[High]), (0, 0));
    assert_eq!(go(&[Low]), (4, 0));
    assert_eq!(go(&[Middle]), (2, 0));
    assert_eq!(go(&[Bottom, Down, Down]), (5, 0));
    reader.count = Some(3);
    reader.go(&seen, Up, EXTENT);
    assert_eq!((at(&reader), reader.count), ((2, 0), None));
    reader.count = Some(2);
    reader.go(&seen, Bottom, EXTENT);
    assert_eq!(at(&reader), (1, 0), "to the line of that number");
}

#[test]
fn pages_move_the_view() {
    let seen = seen(&numbered(100));
    let mut reader = reader(&seen);
    assert_eq!(reader.window.top, 95);
    reader.go(&seen, Motion::PageUp, EXTENT);
    assert_eq!((at(&reader), reader.window.top), ((95, 0), 91));
    reader.go(&seen, Motion::HalfUp, EXTENT);
    assert_eq!((at(&reader), reader.window.top), ((93, 0), 89));
    reader.scroll(&seen, Direction::Back, (80, EXTENT));
    assert_eq!((at(&reader), reader.window.top), ((13, 0), 9));
    assert!(!reader.follows());
    reader.scroll(&seen, Direction::On, (500, EXTENT));
    assert_eq!((at(&reader), reader.follows()), ((99, 0), true));
}

#[test]
fn new_output_moves_the_view_only_at_the_end() {
    let mut rows = numbered(50);
    let mut seen = seen(&rows);
    let mut reader = reader(&seen);
    let mut print = |seen: &mut Seen, reader: &mut Reader, count: u64| {
        rows.extend(numbered(count));
        let above = rows.len() - 5;
        seen.read_on(frame(0, above as u64, rows[above..].to_vec()));
        reader.refresh(seen, EXTENT);
    };
    print(&mut seen, &mut reader, 3);
    assert_eq!((at(&reader), reader.new_lines(&seen)), ((52, 0), 0), "it follows");
    reader.go(&seen, Motion::Up, EXTENT);
    let top = reader.window.top;
    print(&mut seen, &mut reader, 87);
    assert_eq!((at(&reader), reader.window.top), ((51, 0), top));
    assert_eq!((reader.new_lines(&seen), reader.follows()), (87, false));
    assert!(note(&seen, &reader).ends_with("87 new lines below, G"), "{}", note(&seen, &reader));
    assert!(seen.row(51).is_some(), "what scrolled off is there at once");
    reader.go(&seen, Motion::Bottom, EXTENT);
    assert_eq!((reader.new_lines(&seen), reader.follows()), (0, true));
    reader.select(Span::Lines);
    print(&mut seen, &mut reader, 2);
    assert_eq!(at(&reader), (139, 0), "a selection holds the cursor");
}

#[test]
fn another_age_keeps_the_distance_from_the_end() {
    let mut seen = seen(&numbered(50));
    let mut reader = reader(&seen);
    reader.count = Some(10);
    reader.go(&seen, Motion::Up, EXTENT);
    seen.read_on(frame(1, 75, numbered(5)));
    reader.refresh(&seen, EXTENT);
    assert_eq!((at(&reader).0, reader.follows()), (69, false));
}

#[test]
fn searches_mind_capitals_only_when_they_have_some() {
    let seen = texts(&["Error: one", "no error", "ERROR Error", "x", "完error"]);
    let found = |needle| {
        let found = find(&seen, needle, (0, 5)).into_iter();
        found.map(|one| (one.from.line, one.from.column, one.to.column)).collect::<Vec<_>>()
    };
    assert_eq!(found("error"), [(0, 0, 4), (1, 3, 7), (2, 0, 4), (2, 6, 10), (4, 2, 6)]);
    assert_eq!(found("Error"), [(0, 0, 4), (2, 6, 10)]);
    assert_eq!(found("完"), [(4, 0, 1)]);
    assert_eq!(found(".*"), [], "literally");
    assert_eq!(found(""), []);
}

#[test]
fn a_search_goes_on_around_and_back() {
    let seen = texts(&["hit", "x", "hit", "x", "x", "hit", "x"]);
    let mut reader = reader(&seen);
    reader.begin_search(Direction::Back);
    for c in "hit".chars() {
        reader.refine(&seen, EXTENT, |needle| needle.push(c));
    }
    assert_eq!(at(&reader), (5, 0), "the newest, as it is typed");
    reader.keep_search();
    let mut next = |way| {
        reader.next_match(&seen, way, EXTENT);
        (reader.at.line, reader.search.as_ref().unwrap().count(reader.at))
    };
    assert_eq!(next(Direction::On), (2, "2/3".into()));
    assert_eq!(next(Direction::On), (0, "1/3".into()));
    assert_eq!(next(Direction::On), (5, "3/3".into()));
    assert_eq!(next(Direction::Back), (0, "1/3".into()));
    reader.begin_search(Direction::On);
    reader.refine(&seen, EXTENT, |needle| needle.push_str("zzz"));
    assert_eq!(reader.search.as_ref().unwrap().count(reader.at), "no match");
    reader.drop_search(&seen, EXTENT);
    let count = |reader: &Reader| reader.search.as_ref().unwrap().count(reader.at);
    assert_eq!((at(&reader), count(&reader)), ((0, 0), "1/3".into()), "the one before again");
    reader.begin_search(Direction::On);
    reader.keep_search();
    assert_eq!(count(&reader), "1/3", "nothing was typed");
}

#[test]
fn rows_broken_by_the_terminal_are_one_line() {
    let seen = seen(&[
        row("before"),
        full("a long line that is b"),
        full("roken twice by the te"),
        row("rminal"),
        row("after"),
    ]);
    let found = find(&seen, "broken", (2, 5));
    assert_eq!(found[0].from, Place { line: 1, column: 20 });
    assert_eq!(found[0].to, Place { line: 2, column: 4 });
    let mut reader = reader(&seen);
    reader.count = Some(3);
    reader.go(&seen, Motion::Top, EXTENT);
    assert_eq!(reader.text(&seen), "a long line that is broken twice by the terminal");
    assert_eq!(seen.whole_text().lines().count(), 3);
    assert_eq!([0, 2, 4].map(|row| seen.line_of_text(row)), [1, 2, 3]);
    reader.select(Span::Lines);
    assert_eq!(reader.selected(&seen).unwrap(), "1 line selected");
    assert_eq!(reader.text(&seen), "a long line that is broken twice by the terminal");
    reader.go(&seen, Motion::Bottom, EXTENT);
    assert_eq!(reader.selected(&seen).unwrap(), "2 lines selected");
    assert_eq!(amount(&reader.text(&seen)), "2 lines");
}

#[test]
fn what_is_selected_is_copied() {
    let seen = texts(&["one two", "three 完 four", "five"]);
    let mut reader = reader(&seen);
    reader.go(&seen, Motion::Top, EXTENT);
    reader.go(&seen, Motion::NextWord, EXTENT);
    reader.select(Span::Characters);
    reader.go(&seen, Motion::Down, EXTENT);
    reader.go(&seen, Motion::NextWord, EXTENT);
    assert_eq!(reader.text(&seen), "two\nthree 完");
    assert_eq!(reader.selected(&seen).unwrap(), "2 lines selected");
    reader.select(Span::Lines);
    assert_eq!(reader.text(&seen), "one two\nthree 完 four");
    reader.select(Span::Lines);
    assert_eq!((reader.mark, reader.text(&seen)), (None, "three 完 four".into()));
    reader.go(&seen, Motion::Bottom, EXTENT);
    reader.select_word(&seen, EXTENT);
    assert_eq!(reader.text(&seen), "five");
}

proptest! {
    /// Cursor and view are in the lines whatever is done; nothing that is copied could steer a terminal.
    #[test]
    fn the_cursor_stays_in_the_lines(
        texts in proptest::collection::vec(any::<String>(), 1..30),
        steps in proptest::collection::vec((0usize..18, 0u64..40, 0usize..4), 0..40),
        cols in 1usize..30,
        rows in 1u64..9,
    ) {
        use Motion::*;
        const ALL: [Motion; 18] = [Left, Right, Up, Down, NextWord, PreviousWord, WordEnd, LineStart, LineEnd, Top, Bottom,
            HalfUp, HalfDown, PageUp, PageDown, High, Middle, Low];
        let mut lines: Vec<Row> = texts.iter().map(|text| row(text)).collect();
        let mut seen = seen(&lines);
        let mut reader = reader(&seen);
        let extent = Extent { cols, rows };
        for (motion, count, more) in steps {
            reader.count = Some(count);
            reader.go(&seen, ALL[motion], extent);
            if more == 3 {
                reader.select(Span::Characters);
            }
            lines.extend(numbered(more as u64));
            let above = lines.len().saturating_sub(5);
            seen.read_on(frame(0, above as u64, lines[above..].to_vec()));
            reader.refresh(&seen, extent);
            prop_assert!((seen.first()..seen.end()).contains(&reader.at.line));
            prop_assert!((reader.window.top..reader.window.top + rows).contains(&reader.at.line));
            prop_assert!(reader.window.left <= reader.at.column);
            let copied = reader.text(&seen);
            prop_assert!(copied.chars().all(|c| c == '\n' || !c.is_control()));
        }
    }
}
