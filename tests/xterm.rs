//! Control functions as xterm documents them, by group: a screen of 10 by 5, or an answer.
//!
//! Those marked `missing` are not there, on purpose or for want of anybody who needs them:
//! `docs/terminal.md` says which is which. One that begins to work fails here until its mark is taken off.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::time::Instant;

use orch_tui::domain::frame::Size;
use orch_tui::runner::host::Terminal;

/// A control function, bytes that use it, and what comes of it: rows between slashes, or an answer after
/// an equals sign.
struct Case {
    group: &'static str,
    function: &'static str,
    bytes: &'static str,
    expected: &'static str,
    missing: bool,
}

impl Case {
    const fn missing(self) -> Self {
        Self { missing: true, ..self }
    }

    fn works(&self) -> bool {
        let mut terminal = Terminal::new(Size { cols: 10, rows: 5 });
        let replies = terminal.feed(self.bytes.as_bytes(), Instant::now()).replies;
        let text = terminal.text();
        let rows: Vec<&str> = text.lines().map(str::trim_end).collect();
        match self.expected.strip_prefix('=') {
            Some(answer) => replies == answer.as_bytes(),
            None => rows.join("/") == self.expected.trim_end_matches('/'),
        }
    }
}

const fn case(
    group: &'static str,
    function: &'static str,
    bytes: &'static str,
    expected: &'static str,
) -> Case {
    Case { group, function, bytes, expected, missing: false }
}

#[test]
fn control_functions_are_those_of_xterm() {
    let (mut groups, mut wrong) = (BTreeMap::new(), Vec::new());
    for case in CASES {
        let works = case.works();
        let (working, all) = groups.entry(case.group).or_insert((0, 0));
        *all += 1;
        *working += usize::from(works);
        if works == case.missing {
            wrong.push(format!("{}: {:?} for {:?}", case.function, case.bytes, case.expected));
        }
    }
    for (group, (working, all)) in groups {
        eprintln!("xterm: {group}: {working} of {all}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    case("cursor", "CUP", "\x1b[2;3Hx", "/  x"),
    case("cursor", "CUP", "\x1b[;3Hx", "  x"),
    case("cursor", "CUP", "\x1b[99;99Hx", "////         x"),
    case("cursor", "HVP", "\x1b[2;3fx", "/  x"),
    case("cursor", "CUP", "\x1b[2;4r\x1b[?6h\x1b[9;2Hx", "/// x"),
    case("cursor", "CUU", "\x1b[4;3H\x1b[2Ax", "/  x"),
    case("cursor", "CUU", "\x1b[2;4r\x1b[3;3H\x1b[9Ax", "/  x"),
    case("cursor", "CUU", "\x1b[3;4r\x1b[2;3H\x1b[9Ax", "  x"),
    case("cursor", "CUD", "\x1b[2Bx", "//x"),
    case("cursor", "CUD", "\x1b[2;4r\x1b[3;3H\x1b[9Bx", "///  x"),
    case("cursor", "CUD", "\x1b[2;3r\x1b[4;3H\x1b[9Bx", "////  x"),
    case("cursor", "CUF", "\x1b[3Cx", "   x"),
    case("cursor", "CUF", "\x1b[99Cx", "         x"),
    case("cursor", "CUB", "abc\x1b[2Dx", "axc"),
    case("cursor", "CUB", "abc\x1b[99Dx", "xbc"),
    case("cursor", "CNL", "abc\x1b[2Ex", "abc//x"),
    case("cursor", "CPL", "\x1b[3;3H\x1b[2Fx", "x"),
    case("cursor", "CHA", "abc\x1b[2Gx", "axc"),
    case("cursor", "HPA", "abc\x1b[2`x", "axc"),
    case("cursor", "HPR", "a\x1b[2ax", "a  x"),
    case("cursor", "VPA", "ab\x1b[3dx", "ab//  x"),
    case("cursor", "VPR", "ab\x1b[2ex", "ab//  x"),
    case("cursor", "VPA", "\x1b[2;4r\x1b[?6h\x1b[2dx", "//x"),
    case("cursor", "CHT", "\x1b[Ix", "        x"),
    case("cursor", "CBT", "\x1b[10G\x1b[Zx", "        x"),
    case("cursor", "CBT", "\x1b[10G\x1b[2Zx", "x"),
    case("cursor", "HTS", "\x1b[4G\x1bH\r\tx", "   x"),
    case("cursor", "TBC", "\x1b[9G\x1b[g\r\tx", "         x"),
    case("cursor", "TBC", "\x1b[3g\r\tx", "         x"),
    case("cursor", "DECST8C", "\x1b[3g\x1b[?5W\r\tx", "        x"),
    case("cursor", "BS", "ab\x08x", "ax"),
    case("cursor", "BS", "0123456789\x08x", "01234567x9"),
    case("cursor", "BS", "\x08x", "x"),
    case("cursor", "BS", "\x1b[?45h0123456789a\x08\x08x", "012345678x/a").missing(),
    case("cursor", "CR", "ab\rx", "xb"),
    case("cursor", "LF", "ab\nx", "ab/  x"),
    case("cursor", "VT", "ab\x0bx", "ab/  x"),
    case("cursor", "FF", "ab\x0cx", "ab/  x"),
    case("cursor", "IND", "ab\x1bDx", "ab/  x"),
    case("cursor", "NEL", "ab\x1bEx", "ab/x"),
    case("cursor", "RI", "a\x1bMx", " x/a"),
    case("cursor", "IND", "1\r\n2\r\n3\r\n4\r\n5\x1bDx", "2/3/4/5/ x"),
    case("cursor", "DECSC", "\x1b[2;3H\x1b7\x1b[Hy\x1b8x", "y/  x"),
    case("cursor", "DECSC", "\x1b[2;2r\x1b8x", "x"),
    case("cursor", "DECSC", "\x1b[2;4r\x1b[?6h\x1b7\x1b[?6l\x1b8\x1b[Hx", "/x"),
    case("cursor", "DECSC", "\x1b(0\x1b7\x1b(B\x1b8q", "─"),
    case("cursor", "SCOSC", "\x1b[2;3H\x1b[s\x1b[Hy\x1b[ux", "y/  x"),
    case("cursor", "DECBI", "abc\r\x1b6x", "xabc").missing(),
    case("cursor", "DECFI", "abc\x1b[10G\x1b9x", "bc       x").missing(),
    case("erase", "ED", "abc\r\ndef\r\nghi\x1b[2;2H\x1b[J", "abc/d"),
    case("erase", "ED", "abc\r\ndef\r\nghi\x1b[2;2H\x1b[1J", "/  f/ghi"),
    case("erase", "ED", "abc\r\ndef\r\nghi\x1b[2;2H\x1b[2J", ""),
    case("erase", "ED", "abc\r\ndef\r\nghi\x1b[2;2H\x1b[3J", "abc/def/ghi"),
    case("erase", "ED", "1\r\n2\r\n3\x1b[3;1H\x1b[1J", ""),
    case("erase", "EL", "abc\r\ndef\r\nghi\x1b[2;2H\x1b[K", "abc/d/ghi"),
    case("erase", "EL", "abc\r\ndef\r\nghi\x1b[2;2H\x1b[1K", "abc/  f/ghi"),
    case("erase", "EL", "abc\r\ndef\r\nghi\x1b[2;2H\x1b[2K", "abc//ghi"),
    case("erase", "ECH", "abc\r\ndef\r\nghi\x1b[2;2H\x1b[X", "abc/d f/ghi"),
    case("erase", "ECH", "abc\r\ndef\r\nghi\x1b[2;2H\x1b[99X", "abc/d/ghi"),
    case("erase", "DECSCA", "a\x1b[1\x22qb\x1b[0\x22qc\x1b[1;1H\x1b[?J", " b").missing(),
    case("erase", "DECSEL", "a\x1b[1\x22qb\x1b[0\x22qc\x1b[?2K", " b").missing(),
    case("erase", "DECSED", "abc\r\ndef\r\nghi\x1b[2;2H\x1b[?2J", "").missing(),
    case("edit", "ICH", "abc\x1b[2G\x1b[2@", "a  bc"),
    case("edit", "ICH", "0123456789\x1b[2G\x1b[@x", "0x12345678"),
    case("edit", "DCH", "abcdef\x1b[2G\x1b[2P", "adef"),
    case("edit", "DCH", "abc\x1b[2G\x1b[99P", "a"),
    case("edit", "IL", "abc\r\ndef\r\nghi\x1b[2;2H\x1b[L", "abc//def/ghi"),
    case("edit", "IL", "1\r\n2\r\n3\r\n4\r\n5\x1b[2;4r\x1b[3;1H\x1b[L", "1/2//3/5"),
    case("edit", "IL", "1\r\n2\r\n3\x1b[2;3r\x1b[H\x1b[L", "1/2/3"),
    case("edit", "DL", "abc\r\ndef\r\nghi\x1b[2;2H\x1b[M", "abc/ghi"),
    case("edit", "DL", "1\r\n2\r\n3\r\n4\r\n5\x1b[2;4r\x1b[3;1H\x1b[M", "1/2/4//5"),
    case("edit", "IRM", "abc\r\x1b[4hx", "xabc"),
    case("edit", "IRM", "abc\r\x1b[4h\x1b[4lx", "xbc"),
    case("edit", "REP", "a\x1b[3b", "aaaa"),
    case("edit", "REP", "a\x1b[12b", "aaaaaaaaaa/aaa"),
    case("scroll", "SU", "1\r\n2\r\n3\r\n4\r\n5\x1b[S", "2/3/4/5"),
    case("scroll", "SD", "1\r\n2\r\n3\r\n4\r\n5\x1b[T", "/1/2/3/4"),
    case("scroll", "SU", "1\r\n2\r\n3\r\n4\r\n5\x1b[2;4r\x1b[S", "1/3/4//5"),
    case("scroll", "DECSTBM", "1\r\n2\r\n3\r\n4\r\n5\x1b[2;4r\x1b[4;1H\n", "1/3/4//5"),
    case("scroll", "DECSTBM", "1\r\n2\r\n3\r\n4\r\n5\x1b[2;4r\x1b[5;1H\nx", "1/2/3/4/x"),
    case("scroll", "DECSTBM", "1\r\n2\r\n3\r\n4\r\n5\x1b[3;3rx", "1/2/3/4/5x"),
    case("scroll", "DECSTBM", "ab\x1b[2;4rx", "xb"),
    case("scroll", "DECSTBM", "1\r\n2\r\n3\r\n4\r\n5\x1b[2;4r\x1b[r\x1b[5;1H\n", "2/3/4/5"),
    case("modes", "DECAWM", "\x1b[?7l0123456789x", "012345678x"),
    case("modes", "DECAWM", "0123456789x", "0123456789/x"),
    case("modes", "DECOM", "\x1b[2;4r\x1b[?6hx", "/x"),
    case("modes", "DECOM", "\x1b[2;4r\x1b[?6h\x1b[3;3H\x1b[?6lx", "x"),
    case("modes", "LNM", "\x1b[20hab\nx", "ab/x"),
    case("modes", "ALTBUF", "ab\x1b[?1049hx", "  x"),
    case("modes", "ALTBUF", "ab\x1b[?1049h\x1b[3;3Hx\x1b[?1049ly", "aby"),
    case("modes", "ALTBUF", "ab\x1b[?47h\x1b[?47lx", "abx"),
    case("modes", "ALTBUF", "ab\x1b[?1047h\x1b[3;3H\x1b[?1047lx", "ab//  x"),
    case("modes", "1048", "a\x1b[?1048h\x1b[3;3H\x1b[?1048lx", "ax"),
    case("modes", "DECCOLM", "ab\x1b[?3hx", "abx").missing(),
    case("modes", "DECALN", "\x1b[2;4r\x1b#8\x1b[H\x1b[Kx", "x/EEEEEEEEEE/EEEEEEEEEE/EEEEEEEEEE/EEEEEEEEEE"),
    case("modes", "DECSTR", "\x1b[4h\x1b[2;4r\x1b[?6h\x1b[!p\x1b[Habc\rx", "xbc"),
    case("modes", "DECSTR", "\x1b[2;3H\x1b7\x1b[!p\x1b8x", "x"),
    case("modes", "RIS", "ab\x1b[2;4r\x1b[?6h\x1bcx", "x"),
    case("sets", "SCS", "\x1b(0lqk\x1b(B", "┌─┐"),
    case("sets", "SCS", "\x1b)0\x0eq\x0fq", "─q"),
    case("sets", "SCS", "\x1b(A#", "£").missing(),
    case("sets", "SS2", "\x1b*0\x1bNqq", "─q").missing(),
    case("sets", "LS2", "\x1b*0\x1bnq", "─").missing(),
    case("rectangles", "DECERA", "abc\r\ndef\r\nghi\x1b[2;2H\x1b[1;2;2;3$z", "a/d/ghi").missing(),
    case("rectangles", "DECFRA", "abc\r\ndef\r\nghi\x1b[2;2H\x1b[88;1;1;2;2$x", "XXc/XXf/ghi").missing(),
    case("rectangles", "DECCRA", "abc\r\ndef\r\nghi\x1b[2;2H\x1b[1;1;1;2;1;3;3;1$v", "abc/def/ghab").missing(),
    case("rectangles", "DECIC", "abc\x1b[2G\x1b[1'}", "a bc").missing(),
    case("rectangles", "DECDC", "abc\x1b[2G\x1b[1'~", "ac").missing(),
    case("rectangles", "SL", "abc\x1b[1 @", "bc").missing(),
    case("rectangles", "SR", "abc\x1b[1 A", " abc").missing(),
    case("rectangles", "DECLRMM", "\x1b[?69h\x1b[3;5s\x1b[1;3Habcd", "  abc/  d").missing(),
    case("reports", "DA", "\x1b[c", "=\x1b[?6c"),
    case("reports", "DA", "\x1b[0c", "=\x1b[?6c"),
    case("reports", "DA2", "\x1b[>c", "=\x1b[>0;2600;1c"),
    case("reports", "DA3", "\x1b[=c", "=\x1bP!|00000000\x1b\\").missing(),
    case("reports", "DSR", "\x1b[5n", "=\x1b[0n"),
    case("reports", "DSR", "\x1b[2;3H\x1b[6n", "=\x1b[2;3R"),
    case("reports", "DSR", "\x1b[2;4r\x1b[?6h\x1b[6n", "=\x1b[1;1R"),
    case("reports", "DECXCPR", "\x1b[?6n", "=\x1b[?1;1R").missing(),
    case("reports", "DECRQM", "\x1b[?7$p", "=\x1b[?7;1$y"),
    case("reports", "DECRQM", "\x1b[4$p", "=\x1b[4;2$y"),
    case("reports", "DECRQM", "\x1b[?2026$p", "=\x1b[?2026;2$y"),
    case("reports", "DECRQM", "\x1b[?1049h\x1b[?1049$p", "=\x1b[?1049;1$y"),
    case("reports", "DECRQM", "\x1b[?9999$p", "=\x1b[?9999;0$y"),
    case("reports", "DECRQSS", "\x1bP$qm\x1b\\", "=\x1bP1$r0m\x1b\\").missing(),
    case("reports", "XTVERSION", "\x1b[>q", concat!("=\x1bP>|orch-tui(", env!("CARGO_PKG_VERSION"), ")\x1b\\")),
    case("reports", "XTWINOPS", "\x1b[18t", "=\x1b[8;5;10t"),
    case("reports", "XTWINOPS", "\x1b[14t", "=\x1b[4;80;80t"),
    case("reports", "XTWINOPS", "\x1b[16t", "=\x1b[6;16;8t"),
    case("reports", "XTWINOPS", "\x1b[19t", "=\x1b[9;5;10t").missing(),
    case("reports", "XTWINOPS", "\x1b[21t", "=\x1b]l\x1b\\").missing(),
    case("reports", "OSC 10", "\x1b]10;?\x07", "=\x1b]10;rgb:d0d0/d0d0/d0d0\x07"),
    case("reports", "OSC 4", "\x1b]4;9;?\x07", "=\x1b]4;9;rgb:ffff/0000/0000\x07"),
    case("reports", "OSC 4", "\x1b]4;9;#010203\x07\x1b]4;9;?\x07", "=\x1b]4;9;rgb:0101/0202/0303\x07"),
    case("reports", "OSC 104", "\x1b]4;9;#010203\x07\x1b]104;9\x07\x1b]4;9;?\x07", "=\x1b]4;9;rgb:ffff/0000/0000\x07"),
    case("reports", "OSC 52", "\x1b]52;c;?\x07", "=\x1b]52;c;\x07").missing(),
    case("reports", "XTMODKEYS", "\x1b[>4;2m\x1b[?4m", "=\x1b[>4;2m").missing(),
    case("reports", "DECREQTPARM", "\x1b[x", "=\x1b[2;1;1;128;128;1;0x").missing(),
    case("reports", "DECRQCRA", "\x1b[1;1;1;1;1;1*y", "=\x1bP1!~0000\x1b\\").missing(),
];
