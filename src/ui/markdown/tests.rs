#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::domain::time::Timestamp;
use crate::ui::look::{Glyphs, Theme};

const LOOK: Look = Look { theme: Theme::Mono, glyphs: Glyphs::Unicode, now: Timestamp(0) };

fn shown(text: &str, width: u16) -> String {
    let lines = render(text, width, &LOOK);
    let line = |line: &Line<'_>| {
        assert!(line.width() <= usize::from(width), "{line:?}");
        format!("{}\n", line.to_string().trim_end())
    };
    lines.iter().map(line).collect()
}

#[test]
fn tables_are_aligned_and_wrapped() {
    let text = "\
| Field | Meaning of it all | n |
|:------|:-----------------:|--:|
| `id`  | what a phase is called, everywhere | 1 |
| 完了  | **done** | 1000 |
";
    let wide = "\
Field │         Meaning of it all          │    n
─────────────────────────────────────────────────
`id`  │ what a phase is called, everywhere │    1
完了  │                done                │ 1000
";
    assert_eq!(shown(text, 60), wide);
    let narrow = "\
Field │ Meaning of it  │    n
      │      all       │
─────────────────────────────
`id`  │  what a phase  │    1
      │   is called,   │
      │   everywhere   │
完了  │      done      │ 1000
";
    assert_eq!(shown(text, 29), narrow);
    assert!(
        shown("|a|b|c|d|e|f|g|h|\n|-|-|-|-|-|-|-|-|\n|1|2|3|4|5|6|7|8|\n", 20)
            .contains("more columns")
    );
}

#[test]
fn links_images_and_footnotes_are_text() {
    let text = "See [one](http://a.b), [two](http://c.d), [one again](http://a.b)[^why].\n\n![a *picture*](p.png)\n\n\
                [^why]: Because it is\n    so.\n";
    let wanted = "\
See one[1], two[2], one again[1][^why].

image: a picture[3]

[^why] Because it is so.

[1] http://a.b
[2] http://c.d
[3] p.png
";
    assert_eq!(shown(text, 60), wanted);
}

#[test]
fn blocks_nest() {
    let text = "\
- [ ] open
  - [x] done ~~gone~~
    > quoted **bold** text that goes on
    >
    > ```rs
    > let x = \"a long line of code\"; // cut
    > ```
10. ten
11. eleven
    1. one
";
    let wanted = "\
▪ [ ] open
  ▪ [x] done gone
    │ quoted bold text that
    │ goes on
    │
    │     rs
    │     let x = \"a long l⋯

10. ten
11. eleven
  1. one
";
    assert_eq!(shown(text, 28), wanted);
}

#[test]
fn hard_text_stays_inside() {
    let deep = format!("{} deep", "> ".repeat(40));
    let items: String = (0..30).map(|at| format!("{}- level {at}\n", "  ".repeat(at))).collect();
    let wide = "👩\u{200d}💻完了".repeat(30);
    let table = format!("|{wide}|b|\n|-|-|\n|\u{1b}[31m|\u{202e}x|\n");
    let html = "<script>alert(1)</script>\n<!-- a\nb -->\n\n<b>x</b> &amp; &#27;[0m";
    let code = format!("```\n{wide}\n\t{wide}\n```\n");
    for text in [&deep, &items, &wide, &table, html, &code] {
        for width in [4, 9, 20, 80] {
            let text = shown(text, width);
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
        }
    }
}

#[test]
fn tags_that_mean_something_are_obeyed() {
    let text = "one<br>two <br/> three\n\n<details>\n<summary>More of *it*</summary>\n\nInside.\n\n</details>\n\n<b>x</b>\n";
    assert_eq!(shown(text, 40), "one\ntwo\n three\nMore of *it*\n\nInside.\n\n<b>x</b>\n");
    let table = "| a | b |\n|---|---|\n| one<br>two | c |\n";
    assert!(shown(table, 40).contains("one two │ c"), "{}", shown(table, 40));
}

#[test]
fn code_has_its_marks_only_where_it_has_no_colour() {
    let text = |theme, glyphs| {
        let look = Look { theme, glyphs, now: Timestamp(0) };
        render("a `b` c", 20, &look).iter().map(Line::to_string).collect::<String>()
    };
    assert_eq!(text(Theme::Dark, Glyphs::Unicode), "a b c");
    assert_eq!(text(Theme::Mono, Glyphs::Unicode), "a `b` c");
    assert_eq!(text(Theme::Ansi, Glyphs::Ascii), "a `b` c");
}

#[test]
fn added_lines_look_good_and_lines_taken_away_bad() {
    for theme in [Theme::Dark, Theme::Light, Theme::Ansi] {
        let look = Look { theme, ..LOOK };
        let lines = render("```diff\n+new\n-old\n same\n```\n", 20, &look);
        let colour = |text: &str| {
            let spans = lines.iter().flat_map(|line| &line.spans);
            spans.filter(|span| span.content == text).map(|span| span.style.fg).next().unwrap()
        };
        assert_eq!(colour("+new"), look.style(crate::ui::look::ColourRole::Ok).fg);
        assert!(colour("+new") != colour(" same") && colour("-old") != colour(" same"));
    }
}
