//! What agents may rely on, as xterm and tmux do it.

use std::time::{Duration, Instant};

use crate::domain::frame::{Attributes, CellStyle, Colour, Row, Size};
use crate::runner::host::Terminal;

const SIZE: Size = Size { cols: 10, rows: 5 };

fn fed(bytes: &str) -> Terminal {
    let mut terminal = Terminal::new(SIZE);
    terminal.feed(bytes.as_bytes(), Instant::now());
    terminal
}

/// The screen's lines, without blank ones at its end.
fn lines(bytes: &str) -> Vec<String> {
    fed(bytes).text().lines().map(|line| line.trim_end().to_owned()).collect()
}

fn cursor(bytes: &str) -> (u16, u16) {
    fed(bytes).frame_since(0).unwrap().1.cursor.unwrap()
}

fn rows(bytes: &str) -> Vec<Row> {
    let rows = fed(bytes).frame_since(0).unwrap().1.rows;
    rows.into_iter().map(|(_, row)| row).collect()
}

fn reply(bytes: &str) -> String {
    let mut terminal = Terminal::new(SIZE);
    String::from_utf8(terminal.feed(bytes.as_bytes(), Instant::now()).replies).unwrap()
}

#[test]
fn alternate_screens_come_empty_and_leave_the_main_one_alone() {
    for mode in [47, 1047, 1049] {
        let on = format!("main\x1b[?{mode}h");
        assert_eq!(lines(&format!("{on}\x1b[Halt")), ["alt"], "{mode}");
        assert_eq!(lines(&format!("{on}\x1b[Halt\x1b[?{mode}l")), ["main"], "{mode}");
        assert_eq!(lines(&format!("{on}alt\x1b[?{mode}l\x1b[?{mode}h")), Vec::<String>::new());
    }
    // Only 1049 brings the cursor back.
    assert_eq!(cursor("main\x1b[?1049h\x1b[3;3H\x1b[?1049l"), (4, 0));
    assert_eq!(cursor("main\x1b[?47h\x1b[3;3H\x1b[?47l"), (2, 2));
    assert_eq!(cursor("main\x1b[?1047h\x1b[3;3H\x1b[?1047l"), (2, 2));
    assert_eq!(cursor("ab\x1b[?1048h\x1b[3;3H\x1b[?1048l"), (2, 0));
    assert_eq!(reply("\x1b[?47h\x1b[?1047$p\x1b[?47l\x1b[?47$p"), "\x1b[?1047;1$y\x1b[?47;2$y");
}

#[test]
fn what_scrolls_stays_between_the_margins() {
    let filled = "1\r\n2\r\n3\r\n4\r\n5";
    assert_eq!(lines(&format!("{filled}\x1b[2;4r\x1b[4;1H\n")), ["1", "3", "4", "", "5"]);
    assert_eq!(lines(&format!("{filled}\x1b[2;4r\x1b[2;1H\x1bM")), ["1", "", "2", "3", "5"]);
    assert_eq!(lines(&format!("{filled}\x1b[2;4r\x1b[3;1H\x1b[L")), ["1", "2", "", "3", "5"]);
    assert_eq!(lines(&format!("{filled}\x1b[2;4r\x1b[3;1H\x1b[M")), ["1", "2", "4", "", "5"]);
    assert_eq!(lines(&format!("{filled}\x1b[2;4r\x1b[S\x1b[2T")), ["1", "", "", "3", "5"]);
    // Outside of them nothing does.
    assert_eq!(lines(&format!("{filled}\x1b[2;4r\x1b[5;1H\x1b[L\n\n")), ["1", "2", "3", "4", "5"]);
    // Nor does the cursor leave them when it moves.
    assert_eq!(cursor("\x1b[2;4r\x1b[3;3H\x1b[9A"), (2, 1));
    assert_eq!(cursor("\x1b[2;4r\x1b[3;3H\x1b[9B"), (2, 3));
    assert_eq!(cursor("\x1b[2;4r\x1b[3;3H\x1b[9E"), (0, 3));
    assert_eq!(cursor("\x1b[2;4r\x1b[5;3H\x1b[9B\x1b[F"), (0, 3));
    assert_eq!(cursor("\x1b[2;4r\x1b[1;3H\x1b[65535A"), (2, 0));
}

#[test]
fn with_an_origin_lines_count_from_the_margin() {
    assert_eq!(cursor("\x1b[2;4r\x1b[?6h"), (0, 1));
    assert_eq!(cursor("\x1b[2;4r\x1b[?6h\x1b[2;3H\x1b[5G"), (4, 2));
    assert_eq!(cursor("\x1b[2;4r\x1b[?6h\x1b[3;3H\x1b[A"), (2, 2));
    assert_eq!(cursor("\x1b[2;4r\x1b[?6h\x1b[9;3H\x1b[d"), (2, 1));
    assert_eq!(cursor("\x1b[2;4r\x1b[?6h\x1b[9;3H\x1b[?6l"), (0, 0));
    assert_eq!(reply("\x1b[2;4r\x1b[?6h\x1b[2;3H\x1b[6n"), "\x1b[2;3R");
    // It is kept with the cursor.
    let kept = "\x1b[2;4r\x1b[?6h\x1b[2;2H\x1b7\x1b[?6l\x1b8\x1b[H";
    assert_eq!(cursor(kept), (0, 1));
}

#[test]
fn lines_are_edited_and_erased_in_place() {
    assert_eq!(lines("abcdef\x1b[3G\x1b[2@"), ["ab  cdef"]);
    assert_eq!(lines("abcdef\x1b[3G\x1b[2P"), ["abef"]);
    assert_eq!(lines("abcdef\x1b[3G\x1b[99P"), ["ab"]);
    assert_eq!(lines("abcdef\x1b[3G\x1b[2X"), ["ab  ef"]);
    assert_eq!(lines("abcdef\x1b[3G\x1b[K\r\nabc\x1b[2G\x1b[1K"), ["ab", "  c"]);
    assert_eq!(lines("abcdef\x1b[3G\x1b[4hxy\x1b[4lz"), ["abxyzdef"]);
    assert_eq!(lines("1\r\n2\r\n3\x1b[2;1H\x1b[1J"), ["", "", "3"]);
    assert_eq!(lines("1\r\n2\r\n3\x1b[2;1H\x1b[J"), ["1"]);
    assert_eq!(lines("1\r\n2\x1b[2J3"), ["", " 3"]);
    assert_eq!(lines("ab\x1b[3b|"), ["abbbb|"]);
    assert_eq!(lines("x\x1b[2;4r\x1b[3;3H\x1b#8"), ["EEEEEEEEEE"; 5]);
    assert_eq!(cursor("\x1b[2;4r\x1b[3;3H\x1b#8\x1b[9B"), (0, 4));
}

#[test]
fn wide_characters_go_whole() {
    assert_eq!(lines("a完b\x1b[2G\x1b[Px"), ["axb"]);
    assert_eq!(lines("a完b\x1b[3G\x1b[P"), ["a b"]);
    assert_eq!(lines("a完b\x1b[3G\x1b[X"), ["a  b"]);
    assert_eq!(lines("a完b\x1b[2G\x1b[X"), ["a  b"]);
    assert_eq!(lines("a完b\x1b[3G\x1b[K"), ["a"]);
    assert_eq!(lines("a完b\x1b[3G\x1b[J"), ["a"]);
    assert_eq!(lines("a完b\x1b[2G\x1b[1K"), ["   b"]);
    assert_eq!(lines("a完b\x1b[3G\x1b[@x"), ["a x b"]);
    assert_eq!(lines("01234567完\x1b[G\x1b[@"), [" 01234567"]);
    assert_eq!(lines("a完b\x1b[3Gx\x1b[2Gy"), ["ayxb"]);
    assert_eq!(lines("a完b\x1b[3G\x1b[4hx"), ["a x b"]);
    assert_eq!(lines("01234567👍🏽\r\x1b[4hx"), ["x01234567"]);
}

#[test]
fn lines_wrap_late() {
    assert_eq!(lines("0123456789\r\nx"), ["0123456789", "x"]);
    assert_eq!(cursor("0123456789"), (9, 0));
    assert_eq!(lines("0123456789\tx"), ["0123456789", "x"]);
    assert_eq!(lines("\x1b[?7l0123456789xyz"), ["012345678z"]);
    assert_eq!(lines("012345678完"), ["012345678", "完"]);
}

#[test]
fn tabs_stop_where_they_are_set() {
    assert_eq!(lines("\tx\r\n\x1b[3g\x1b[4G\x1bH\r\ty"), ["        x", "   y"]);
    assert_eq!(lines("\x1b[3g\x1b[?5W\tx"), ["        x"]);
    assert_eq!(cursor("\x1b[9G\x1b[Z"), (0, 0));
    assert_eq!(cursor("\x1b[65535I"), (9, 0));
}

#[test]
fn line_drawing_comes_and_goes() {
    assert_eq!(lines("\x1b(0lqk\x1b(Blqk"), ["┌─┐lqk"]);
    assert_eq!(lines("\x1b)0\x0eq\x0fq"), ["─q"]);
    // The set in use is kept with the cursor.
    assert_eq!(lines("\x1b)0\x0e\x1b7\x0fq\x1b8q"), ["─"]);
}

#[test]
fn newline_mode_returns_the_carriage() {
    assert_eq!(lines("\x1b[20hab\nc"), ["ab", "c"]);
    assert_eq!(lines("\x1b[20h\x1b[20lab\nc"), ["ab", "  c"]);
}

#[test]
fn a_soft_reset_takes_back_modes_and_leaves_text() {
    let odd = "\x1b[2;4r\x1b[?6;1h\x1b[?7;25l\x1b[4h\x1b[1;31m\x1b(0\x1b[2;3H";
    let reset = format!("text{odd}\x1b[!p");
    assert_eq!(cursor(&reset), (2, 2));
    assert!(!fed(&reset).frame_since(0).unwrap().1.input.application_cursor);
    assert_eq!(lines(&format!("{reset}q\x1b[H0123456789x")), ["0123456789", "x", "  q"]);
    assert_eq!(rows(&format!("{reset}q"))[2].0[0].style, CellStyle::default());
    assert_eq!(cursor(&format!("{reset}\x1b8")), (0, 0));
    // In its place among the bytes, also in a synchronised update.
    assert_eq!(lines("\x1b[?2026h\x1b[4h\x1b[!pab\r\x1b[!px\x1b[?2026l"), ["xb"]);
}

#[test]
fn graphemes_take_the_cells_of_their_text() {
    for (text, cells) in [
        ("e\u{301}", 1),
        ("完", 2),
        ("👩\u{200d}💻", 2),
        ("👨\u{200d}👩\u{200d}👧\u{200d}👦", 2),
        ("👍🏽", 2),
        ("\u{2764}\u{fe0f}", 2),
        ("\u{2764}\u{fe0f}\u{200d}🔥", 2),
        ("🏳\u{fe0f}\u{200d}🌈", 2),
        ("🇩🇪", 2),
        ("🇩🇪🇫🇷", 4),
        ("\u{26a0}", 1),
        ("1\u{fe0f}\u{20e3}", 2),
        ("한", 2),
        ("\u{1112}\u{1161}\u{11ab}", 2),
    ] {
        let (line, at) = (lines(&format!("{text}|")), cursor(&format!("{text}|")));
        assert_eq!(line, [format!("{text}|")]);
        assert_eq!(at, (cells + 1, 0), "{text}");
    }
    // What does not belong together stays apart.
    assert_eq!(cursor("a🏽|"), (4, 0));
    assert_eq!(cursor("─\u{200d}─|"), (3, 0));
    assert_eq!(cursor("👩\u{200d}x|"), (4, 0));
}

#[test]
fn graphemes_at_the_edge_stay_on_their_row() {
    assert_eq!(lines("01234567👩\u{200d}💻x"), ["01234567👩\u{200d}💻", "x"]);
    assert_eq!(lines("01234567\u{2764}\u{fe0f}x"), ["01234567\u{2764}\u{fe0f}", "x"]);
    // No room for the second cell: the narrow form stays.
    assert_eq!(lines("012345678\u{2764}\u{fe0f}x"), ["012345678\u{2764}", "x"]);
    // Widening takes the cell of what stood there.
    assert_eq!(lines("\u{2764}完x\x1b[2G\u{fe0f}"), ["\u{2764}\u{fe0f} x"]);
}

#[test]
fn marks_do_not_pile_up() {
    let many = format!("a{}\x1b[65535bx", "\u{301}".repeat(5_000));
    let text = lines(&many).concat();
    assert!(text.chars().count() < 40, "{}", text.chars().count());
}

#[test]
fn repetitions_end_with_the_screen() {
    let began = Instant::now();
    let mut terminal = fed("x");
    for _ in 0..2_000 {
        terminal.feed(b"\x1b[65535b", began);
    }
    assert_eq!(terminal.text().lines().count(), 5);
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn colours_and_underlines_are_those_asked_for() {
    let style = |bytes: &str| rows(&format!("{bytes}x"))[0].0[0].style;
    let coloured = |fg| CellStyle { fg, ..CellStyle::default() };
    for orange in ["38;2;255;128;0", "38:2::255:128:0", "38:2:255:128:0"] {
        assert_eq!(
            style(&format!("\x1b[{orange}m")),
            coloured(Colour::Rgb(255, 128, 0)),
            "{orange}"
        );
    }
    assert_eq!(style("\x1b[38;5;208m"), coloured(Colour::Indexed(208)));
    assert_eq!(style("\x1b[95m"), coloured(Colour::Indexed(13)));
    let underlined = Attributes(Attributes::UNDERLINE);
    for line in
        ["4", "21", "4:2", "4:3", "4:4", "4:5", "4;58;2;1;2;3", "4;58:5:9", "4:3;58:2::1:2:3"]
    {
        let expected = CellStyle { attributes: underlined, ..CellStyle::default() };
        assert_eq!(style(&format!("\x1b[{line}m")), expected, "{line}");
        assert_eq!(style(&format!("\x1b[{line}m\x1b[24;59m")), CellStyle::default(), "{line}");
        assert_eq!(style(&format!("\x1b[{line}m\x1b[4:0m")), CellStyle::default(), "{line}");
    }
}

#[test]
fn strings_are_swallowed_whole() {
    let long = "A".repeat(200_000);
    for string in [
        "\x1b]8;id=1;https://example.com/\x1b\\",
        "\x1b]0;title\x07",
        "\x1b]52;c;aGVsbG8=\x07",
        "\x1bPq#0;2;0;0;0~~\x1b\\",
        "\x1b_Gi=1,a=T;AAAA\x1b\\",
        "\x1b^private\x1b\\",
        "\x1bXstart\x1b\\",
        "\x1b[>1u\x1b[<u\x1b[=5;1u\x1b[>4;2m",
        "\x1b[22;0t\x1b[23;0t",
        &format!("\x1bP{long}\x1b\\"),
        &format!("\x1b_{long}\x1b\\"),
        &format!("\x1b]8;;{long}\x1b\\"),
    ] {
        assert_eq!(lines(&format!("a{string}b")), ["ab"]);
    }
    assert_eq!(rows("a\x1b]8;;https://example.com/\x1b\\b")[0].0.len(), 1);
}

#[test]
fn queries_of_size_and_colour_are_answered() {
    assert_eq!(reply("\x1b[18t\x1b[14t\x1b[16t"), "\x1b[8;5;10t\x1b[4;80;80t\x1b[6;16;8t");
    assert_eq!(reply("\x1b]4;1;?\x07"), "\x1b]4;1;rgb:cdcd/0000/0000\x07");
    assert_eq!(reply("\x1b]10;?\x1b\\"), "\x1b]10;rgb:d0d0/d0d0/d0d0\x1b\\");
    assert_eq!(reply("\x1b]11;#203040\x07\x1b]11;?\x07"), "\x1b]11;rgb:2020/3030/4040\x07");
    assert_eq!(reply("\x1b[?2027$p\x1b[?2004$p"), "\x1b[?2027;3$y\x1b[?2004;2$y");
    assert_eq!(reply("\x1b[>c"), "\x1b[>0;2600;1c");
    // What would give away or repeat what an agent wrote is not.
    assert_eq!(
        reply("\x1b[21t\x1b[20t\x05\x1bP$qm\x1b\\\x1bP+q544e\x1b\\\x1b[?1$q\x1b[8;9;9t"),
        ""
    );
}

#[test]
fn an_unfinished_update_is_shown_after_its_time() {
    let now = Instant::now();
    let mut terminal = Terminal::new(SIZE);
    terminal.feed(b"old\r\x1b[?2026hnew", now);
    assert_eq!(terminal.text(), "old\n");
    assert!(terminal.settles_at().is_some());
    terminal.settle(now + Duration::from_secs(60));
    assert_eq!((terminal.text().as_str(), terminal.settles_at()), ("new\n", None));
}

#[test]
fn a_narrower_screen_folds_its_lines_and_a_wider_one_unfolds_them() {
    let mut terminal = fed("0123456789\r\nab");
    terminal.resize(Size { cols: 6, rows: 5 });
    assert_eq!(terminal.text(), "6789\nab\n", "the rest went up into the history");
    terminal.resize(Size { cols: 12, rows: 5 });
    assert_eq!(terminal.text(), "0123456789\nab\n");
    let mut terminal = fed("\x1b[?1049h\x1b[H0123456789");
    terminal.resize(Size { cols: 6, rows: 5 });
    assert_eq!(terminal.text(), "012345\n", "a full-screen program draws itself again");
}
