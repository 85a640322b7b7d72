//! Cutting and wrapping by display width, never inside a grapheme.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// One grapheme with its style.
struct Cell<'a> {
    text: &'a str,
    style: Style,
    width: usize,
}

/// `text` in at most `width` columns; where something is left out, `mark` (one column) says so.
pub fn cut(text: &str, width: usize, mark: &str) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(mark.width());
    let mut used = 0;
    let mut kept = String::new();
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used > room {
            break;
        }
        kept.push_str(grapheme);
    }
    if mark.width() <= width {
        kept.push_str(mark);
    }
    kept
}

/// `text` in exactly `width` columns, cut or filled with spaces.
pub fn fit(text: &str, width: usize, mark: &str) -> String {
    let mut fitted = cut(text, width, mark);
    let missing = width.saturating_sub(fitted.width());
    fitted.extend(std::iter::repeat_n(' ', missing));
    fitted
}

/// Breaks styled text at spaces into lines of at most `width` columns; lines after the first are indented by `hang`.
/// Words that are longer than a line are broken anywhere.
pub fn wrap(spans: &[Span<'_>], width: usize, hang: usize) -> Vec<Line<'static>> {
    let cells: Vec<Cell<'_>> = spans.iter().flat_map(cells_of).collect();
    let width = width.max(1);
    let hang = hang.min(width / 2);
    let mut lines = Vec::new();
    let mut start = 0;
    while start < cells.len() {
        let indent = if lines.is_empty() { 0 } else { hang };
        let end = fill(&cells[start..], width - indent) + start;
        let stop = if end < cells.len() { last_break(&cells, start, end) } else { end };
        lines.push(joined(&cells[start..stop], indent));
        start = stop;
        while start < cells.len() && cells[start].text == " " {
            start += 1;
        }
    }
    if lines.is_empty() {
        lines.push(Line::default());
    }
    lines
}

fn cells_of<'a>(span: &'a Span<'_>) -> impl Iterator<Item = Cell<'a>> {
    let style = span.style;
    span.content.graphemes(true).map(move |text| Cell { text, style, width: text.width() })
}

/// How many cells fit into `width`, at least one.
fn fill(cells: &[Cell<'_>], width: usize) -> usize {
    let mut used = 0;
    let mut count = 0;
    for cell in cells {
        used += cell.width;
        if used > width {
            break;
        }
        count += 1;
    }
    count.max(1)
}

/// Where to break a line that would end at `end`: after its last word, if it holds more than one.
fn last_break(cells: &[Cell<'_>], start: usize, end: usize) -> usize {
    let first_word = cells[start..end].iter().position(|cell| cell.text != " ");
    let floor = start + first_word.unwrap_or(end - start);
    (floor..=end).rev().find(|at| cells[*at].text == " ").filter(|at| *at > floor).unwrap_or(end)
}

/// The cells as one line, runs of one style in one span.
fn joined(cells: &[Cell<'_>], indent: usize) -> Line<'static> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    if indent > 0 {
        spans.push(Span::raw(" ".repeat(indent)));
    }
    for cell in cells {
        match spans.last_mut().filter(|span| span.style == cell.style) {
            Some(span) => span.content.to_mut().push_str(cell.text),
            None => spans.push(Span::styled(cell.text.to_owned(), cell.style)),
        }
    }
    Line::from(spans)
}

/// The beginning of a text and the mark, in exactly the columns there are, or fewer before a wide character.
pub(super) fn cut_short(text: &str, width: usize, mark: &str) -> String {
    let kept = cut(&format!("{text}{mark}{mark}"), width.max(1), mark);
    if width == 0 { String::new() } else { kept }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(lines: &[Line<'_>]) -> Vec<String> {
        lines.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn wide_text_is_cut_between_graphemes() {
        assert_eq!(cut("完了した", 5, "⋯"), "完了⋯");
        assert_eq!(cut("完了した", 4, "~"), "完~");
        assert_eq!(cut("abc", 3, "~"), "abc");
        assert_eq!(cut("abc", 0, "~"), "");
        assert_eq!(fit("👩\u{200d}💻!", 4, "~"), "👩\u{200d}💻! ");
    }

    #[test]
    fn lines_break_at_spaces_and_hang() {
        let spans = [Span::raw("one two three anextremelylongword")];
        assert_eq!(
            plain(&wrap(&spans, 10, 2)),
            ["one two", "  three", "  anextrem", "  elylongw", "  ord"]
        );
        assert_eq!(plain(&wrap(&[], 10, 2)), [""]);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_asked(text in "[a-z 完👩é]{0,60}", width in 2_usize..20) {
            for line in wrap(&[Span::raw(text.clone())], width, 3) {
                prop_assert!(line.width() <= width.max(3), "{line:?} in {width}");
            }
            prop_assert!(cut(&text, width, "~").width() <= width);
            prop_assert_eq!(fit(&text, width, "~").width(), width);
        }
    }
}
