//! Text by display width: cutting, padding, clocks and activity lines.

use std::time::Duration;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::domain::printable::visible;
use crate::ui::look::{Glyphs, Look};

/// `text` without anything that could steer a terminal or change its width behind our back.
pub fn clean(text: &str) -> String {
    let mut text = visible(text);
    text.retain(|c| c != '\u{fe0f}');
    text
}

/// Columns `text` takes.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// `text` in at most `width` columns; what is cut ends in `⋯`, or `~` in ASCII.
pub fn cut(text: &str, width: usize, glyphs: Glyphs) -> String {
    let text = clean(text);
    if text.width() <= width {
        return text;
    }
    let mark = match glyphs {
        Glyphs::Unicode => "⋯",
        Glyphs::Ascii => "~",
    };
    if width == 0 {
        return String::new();
    }
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        if used + grapheme.width() + 1 > width {
            break;
        }
        used += grapheme.width();
        out.push_str(grapheme);
    }
    out.push_str(mark);
    out
}

/// `text` cut or padded on the right to exactly `width` columns.
pub fn fit(text: &str, width: usize, glyphs: Glyphs) -> String {
    let mut text = cut(text, width, glyphs);
    text.push_str(&" ".repeat(width.saturating_sub(text.width())));
    text
}

/// `text` cut or padded on the left to exactly `width` columns.
pub fn fit_right(text: &str, width: usize, glyphs: Glyphs) -> String {
    let text = cut(text, width, glyphs);
    format!("{}{text}", " ".repeat(width.saturating_sub(text.width())))
}

/// `text` broken into lines of at most `width` columns, between words where that is possible. Nothing of it is lost.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in clean(text).split_whitespace() {
        let needed = line.width() + usize::from(!line.is_empty()) + word.width();
        if needed > width && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        // A word longer than a line, such as a path, goes on in the next one.
        for grapheme in word.graphemes(true) {
            if line.width() + grapheme.width() > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(grapheme);
        }
    }
    lines.push(line);
    lines
}

/// Minutes and seconds, or hours, minutes and seconds: `12:41`, `1:02:03`.
pub fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// The last `cells` slots of an activity line, on a scale that ends at `top`.
pub fn spark(pulse: &[u32], cells: usize, top: u32, look: &Look) -> String {
    let levels: [char; 8] = look
        .pick(['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'], ['_', '.', ':', '-', '=', '+', '*', '#']);
    let newest = &pulse[pulse.len().saturating_sub(cells)..];
    let missing = std::iter::repeat_n(0, cells - newest.len());
    let level = |events: u32| {
        let scaled = u64::from(events) * 7;
        let scaled = scaled.div_ceil(u64::from(top.max(1))).min(7);
        levels[usize::try_from(scaled).unwrap_or(0)]
    };
    missing.chain(newest.iter().copied()).map(level).collect()
}

/// A bar of `cells` cells, filled as far as `done` of `total`.
pub fn bar(done: usize, total: usize, cells: usize, look: &Look) -> String {
    let full = (done * cells).checked_div(total).unwrap_or(0).min(cells);
    let (on, off) = look.pick(("█", "░"), ("#", "."));
    format!("{}{}", on.repeat(full), off.repeat(cells - full))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::time::Timestamp;
    use crate::ui::look::Theme;

    #[test]
    fn names_are_cut_by_columns() {
        assert_eq!(cut("HTTP router", 11, Glyphs::Unicode), "HTTP router");
        assert_eq!(cut("HTTP router", 6, Glyphs::Unicode), "HTTP ⋯");
        assert_eq!(cut("完了しました", 5, Glyphs::Ascii), "完了~");
        assert_eq!(cut("完了しました", 4, Glyphs::Ascii), "完~");
        assert_eq!(cut("x", 0, Glyphs::Ascii), "");
        assert_eq!(cut("a\u{1b}[31m\u{202e}", 99, Glyphs::Ascii), "a\u{241b}[31m<202E>");
    }

    proptest! {
        #[test]
        fn fitted_text_has_exactly_its_width(text in "\\PC{0,20}", width in 0usize..30) {
            for glyphs in [Glyphs::Unicode, Glyphs::Ascii] {
                prop_assert_eq!(columns(&fit(&text, width, glyphs)), width);
                prop_assert_eq!(columns(&fit_right(&text, width, glyphs)), width);
            }
        }
    }

    #[test]
    fn wrapped_text_is_whole() {
        let path = "the file /a/very/long/path is gone";
        assert_eq!(wrap(path, 10), ["the file", "/a/very/lo", "ng/path is", "gone"]);
        assert_eq!(wrap("完了しました", 5), ["完了", "しま", "した"]);
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn clocks_and_sparks() {
        assert_eq!(clock(Duration::from_secs(761)), "12:41");
        assert_eq!(clock(Duration::from_secs(3723)), "1:02:03");
        let look = Look { theme: Theme::Mono, glyphs: Glyphs::Unicode, now: Timestamp(0) };
        assert_eq!(spark(&[0, 1, 7, 14], 5, 14, &look), "▁▁▂▅█");
        assert_eq!(bar(8, 18, 18, &look), "████████░░░░░░░░░░");
        assert_eq!(bar(0, 0, 4, &look), "░░░░");
    }
}
