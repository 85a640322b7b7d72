//! The terminal with styles, queries, floods and hostile bytes.

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::*;
use crate::domain::frame::{Attributes, CellStyle, Colour, MouseCoding, MouseReports, Screen};
use crate::domain::printable::is_hidden;

const SIZE: Size = Size { cols: 20, rows: 5 };

fn shown(pieces: &[&[u8]]) -> (Vec<Row>, Option<(u16, u16)>) {
    let now = Instant::now();
    let mut terminal = Terminal::new(SIZE);
    let mut screen = Screen::new(SIZE);
    let mut seen = 0;
    for piece in pieces {
        terminal.feed(piece, now);
        if let Some((version, frame)) = terminal.frame_since(seen) {
            screen.apply(frame);
            seen = version;
        }
    }
    // A synchronised update that never ends is shown after its time.
    terminal.settle(now + Duration::from_secs(60));
    if let Some((_, frame)) = terminal.frame_since(seen) {
        screen.apply(frame);
    }
    assert_eq!(terminal.frame_since(0).unwrap().1.rows.len(), 5);
    (screen.rows, screen.cursor)
}

fn reply(bytes: &[u8]) -> String {
    let reaction = Terminal::new(SIZE).feed(bytes, Instant::now());
    String::from_utf8(reaction.replies).unwrap()
}

#[test]
fn styles_become_runs() {
    let (rows, cursor) = shown(&[b"a\x1b[1;31mbc\x1b[0;48;2;1;2;3md\x1b[0m  \r\n\x1b[7m x"]);
    let style = |fg, bg, bits| CellStyle { fg, bg, attributes: Attributes(bits) };
    let red = style(Colour::Indexed(1), Colour::Default, Attributes::BOLD);
    let runs: Vec<_> = rows[0].0.iter().map(|run| (run.text.as_str(), run.style)).collect();
    let blue = style(Colour::Default, Colour::Rgb(1, 2, 3), 0);
    assert_eq!(runs, [("a", CellStyle::default()), ("bc", red), ("d", blue)]);
    assert_eq!(rows[1].0[0].style.attributes, Attributes(Attributes::REVERSE));
    assert_eq!(cursor, Some((2, 1)));
}

#[test]
fn wide_and_combined_characters_keep_their_cells() {
    let (rows, cursor) = shown(&["完a e\u{301} 👩\u{200d}💻|".as_bytes()]);
    assert_eq!(rows[0].text(), "完a e\u{301} 👩\u{200d}💻|");
    assert_eq!(cursor, Some((9, 0)));
}

#[test]
fn queries_are_answered_in_order() {
    assert_eq!(reply(b"\x1b[c"), "\x1b[?6c");
    assert_eq!(reply(b"\x1b[5n\x1b[3;4H\x1b[6n"), "\x1b[0n\x1b[3;4R");
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(reply(b"\x1b[>0q\x1b[c"), format!("\x1bP>|orch-tui({version})\x1b\\\x1b[?6c"));
    assert_eq!(reply(b"\x1b]11;?\x1b\\"), "\x1b]11;rgb:1010/1010/1010\x1b\\");
    assert_eq!(reply(b"\x1b[?2026$p"), "\x1b[?2026;2$y");
    assert_eq!(reply(b"\x1b]52;c;?\x07\x1b]52;c;aGk=\x07"), "");
    assert_eq!(
        reply(b"\x1b[?u\x1b[>5u\x1b[?u\x1b[?1049h\x1b[?u\x1b[<u"),
        "\x1b[?0u\x1b[?5u\x1b[?0u"
    );
}

#[test]
fn floods_of_queries_are_not_answered() {
    let mut terminal = Terminal::new(SIZE);
    let now = Instant::now();
    let answered: usize =
        (0..200).map(|_| terminal.feed(&b"\x1b[c".repeat(100), now).replies.len()).sum();
    assert!(answered <= REPLIES_PER_SECOND);
    assert!(answered > 0);
    let later = now + Duration::from_secs(1);
    assert_eq!(terminal.feed(b"\x1b[c", later).replies, b"\x1b[?6c");
}

#[test]
fn attention_is_heard() {
    let mut terminal = Terminal::new(SIZE);
    let now = Instant::now();
    assert_eq!(terminal.feed(b"x\x07", now).attention.as_deref(), Some(""));
    assert_eq!(terminal.feed(b"\x1b]9;well?\x07", now).attention.as_deref(), Some("well?"));
    assert_eq!(terminal.feed(b"\x1b]0;title\x07", now).attention, None);
}

#[test]
fn a_new_size_sends_everything_again() {
    let mut terminal = Terminal::new(SIZE);
    terminal.feed(b"one", Instant::now());
    let (version, _) = terminal.frame_since(0).unwrap();
    assert_eq!(terminal.frame_since(version), None);
    terminal.resize(Size { cols: 30, rows: 7 });
    let (_, frame) = terminal.frame_since(version).unwrap();
    assert_eq!((frame.rows.len(), frame.rows[0].1.text()), (7, "one".to_owned()));
}

#[test]
fn commands_without_end_do_not_pile_up() {
    let mut terminal = Terminal::new(SIZE);
    let now = Instant::now();
    terminal.feed(b"\x1b]0;", now);
    for _ in 0..200 {
        terminal.feed(&[b'a'; 1024], now);
    }
    terminal.feed(b"\x07seen", now);
    assert_eq!(terminal.text(), "seen\n");
}

fn modes(bytes: &[u8]) -> InputModes {
    let mut terminal = Terminal::new(SIZE);
    terminal.feed(bytes, Instant::now());
    terminal.frame_since(0).unwrap().1.input
}

#[test]
fn what_the_agent_asked_of_keys_and_mouse_is_carried() {
    let none = InputModes::NONE;
    assert_eq!(modes(b""), none);
    let all = modes(b"\x1b[?1;2004;1004h");
    let asked = InputModes { application_cursor: true, bracketed_paste: true, focus: true, ..none };
    assert_eq!(all, asked);
    for (number, mouse) in
        [(1000, MouseReports::Clicks), (1002, MouseReports::Drags), (1003, MouseReports::Moves)]
    {
        let on = format!("\x1b[?{number}h");
        let coded = InputModes { mouse, mouse_coding: MouseCoding::Sgr, ..none };
        assert_eq!(modes(on.as_bytes()), InputModes { mouse, ..none });
        assert_eq!(modes(format!("{on}\x1b[?1006h").as_bytes()), coded);
        assert_eq!(modes(format!("{on}\x1b[?1006;{number}l").as_bytes()), none);
    }
    assert_eq!(modes(b"\x1b[?1000h\x1b[?1005h").mouse_coding, MouseCoding::Utf8);
    assert_eq!(modes(b"\x1b[?1049h"), InputModes { wheel_as_arrows: true, ..none });
    assert!(!modes(b"\x1b[?1049h\x1b[?1000h").wheel_as_arrows);
    assert_eq!(modes(b"\x1b[?1049h\x1b[?1007l"), none);
    assert_eq!(modes(b"\x1b[?1049h\x1b[?1049l"), none);
}

/// Bytes with many of the pieces control sequences are made of.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => proptest::collection::vec(any::<u8>(), 0..8),
        3 => "[a-z 0-9完é\u{301}\u{200b}\u{202e}\u{85}👩\u{200d}\u{fe0f}🏽🇩\u{2764}─]{0,6}".prop_map(String::into_bytes),
        4 => (0usize..FRAGMENTS.len()).prop_map(|index| FRAGMENTS[index].to_vec()),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

const JOINER: char = '\u{200d}';

const FRAGMENTS: [&[u8]; 33] = [
    b"\x1b[",
    b"\x1b]",
    b"\x1bP",
    b"\x1b_",
    b"\x1b\\",
    b"\x07",
    b"\x18",
    b"\r\n",
    b"\t",
    b"H",
    b"m",
    b"9;x\x07",
    b"0;t\x07",
    b"\x1b[2J",
    b"\x1b[5;1H",
    b"\x1b[31m",
    b"\x1b[?1049h",
    b"\x1b[?1049l",
    b"\x1b[?2026h",
    b"\x1b[?2026l",
    b"\x1b[3S",
    b"\x1b[2T",
    b"\x1b[2L",
    b"\x1b[4h",
    b"\x1bM",
    b"\x1b[>0q",
    b"\x1b[!p",
    b"\x1b[?47h",
    b"\x1b[?47l",
    b"\x1b[?6h",
    b"\x1b[2;4r",
    b"\x1b[9999b",
    b"\x1b8",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_split_gives_the_same_screen(
        bytes in hostile(),
        size in 1usize..9,
        cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..8),
    ) {
        let whole = shown(&[&bytes]);
        let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
        prop_assert_eq!(shown(&pieces), whole.clone());
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]).collect();
        prop_assert_eq!(shown(&pieces), whole);
    }

    #[test]
    fn nothing_hostile_reaches_a_run(bytes in hostile()) {
        for row in shown(&[&bytes]).0 {
            let text = row.text();
            prop_assert!(!text.chars().any(|c| c.is_control() || is_hidden(c)), "{:?}", text);
            let width: usize =
                row.0.iter().flat_map(|run| run.text.graphemes(true)).map(UnicodeWidthStr::width).sum();
            let loose = row.0.iter().any(|run| run.text.ends_with(JOINER));
            prop_assert!(!loose, "{:?}", text);
            prop_assert!(width <= usize::from(SIZE.cols), "{:?} is {} wide", text, width);
        }
    }
}
