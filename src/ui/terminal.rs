//! An agent's screen as cells. What reaches a cell is checked here again, whatever the host sent.

use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::domain::frame::{Attributes, CellStyle, Colour, Row, Screen};
use crate::domain::printable::is_hidden;
use crate::ui::canvas::Canvas;
use crate::ui::look::Theme;

/// The part of a screen that is shown: its first column and row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// First column.
    pub left: u16,
    /// First row.
    pub top: u16,
}

/// How many rows of a screen are in use: up to its cursor and its last row with text.
pub fn used_rows(screen: &Screen) -> u16 {
    let cursor = screen.cursor.map_or(0, |(_, row)| row.saturating_add(1));
    let filled =
        screen.rows.iter().rposition(|row| row.0.iter().any(|run| !run.text.trim().is_empty()));
    let filled = filled.and_then(|row| u16::try_from(row + 1).ok()).unwrap_or(0);
    filled.max(cursor).min(screen.size.rows)
}

/// Draws the part of `screen` that fits into `area`. Gives the place of the cursor on our own screen, if it is in view.
pub fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    screen: &Screen,
    view: View,
) -> Option<(u16, u16)> {
    let rows = screen.rows.iter().skip(usize::from(view.top));
    for (y, row) in (area.y..area.bottom()).zip(rows) {
        let line = Rect { y, height: 1, ..area };
        draw_row(canvas, line, row, view.left);
    }
    let (column, row) = screen.cursor?;
    let x = area.x.checked_add(column.checked_sub(view.left)?)?;
    let y = area.y.checked_add(row.checked_sub(view.top)?)?;
    area.contains((x, y).into()).then_some((x, y))
}

/// What one or two cells of a row hold.
#[derive(Clone, Copy, Debug)]
pub struct Cells<'a> {
    /// The first column.
    pub column: usize,
    /// How many columns.
    pub width: usize,
    /// The text.
    pub text: &'a str,
    style: CellStyle,
}

/// The cells of a row, left to right.
pub fn cells(row: &Row) -> impl Iterator<Item = Cells<'_>> {
    let runs = row.0.iter();
    let pieces = runs.flat_map(|run| {
        run.text.graphemes(true).flat_map(pieces).map(move |text| (text, run.style))
    });
    pieces.scan(0, |next, (text, style)| {
        let (column, width) = (*next, cells_of(text));
        *next += width;
        Some(Cells { column, width, text, style })
    })
}

/// Draws a row from column `left` on.
pub fn draw_row(canvas: &mut Canvas<'_>, line: Rect, row: &Row, left: u16) {
    let theme = canvas.look.theme;
    let (left, end) = (usize::from(left), usize::from(left) + usize::from(line.width));
    for cell in cells(row).filter(|cell| cell.width > 0 && cell.column >= left) {
        if cell.column + cell.width > end {
            return;
        }
        let Ok(offset) = u16::try_from(cell.column - left) else { return };
        put(
            canvas,
            (line.x + offset, line.y),
            (&symbol(cell.text, cell.style.attributes), cell.width),
            style_of(cell.style, theme),
        );
    }
}

/// A grapheme that one or two cells hold, or else its characters: a cell holds nothing wider.
fn pieces(grapheme: &str) -> impl Iterator<Item = &str> {
    let whole = cells_of(grapheme) <= 2;
    let characters = grapheme.char_indices().map(|(at, c)| &grapheme[at..at + c.len_utf8()]);
    whole.then_some(grapheme).into_iter().chain(characters.filter(move |_| !whole))
}

/// Cells a grapheme takes in the agent's terminal, which counts it as a whole.
fn cells_of(grapheme: &str) -> usize {
    if is_unsafe(grapheme) { 1 } else { grapheme.width() }
}

fn is_unsafe(grapheme: &str) -> bool {
    grapheme.chars().any(|c| c.is_control() || is_hidden(c))
}

/// What is drawn for a grapheme: never a control or hidden character, never anything wider than its cells.
fn symbol(grapheme: &str, attributes: Attributes) -> String {
    if attributes.has(Attributes::HIDDEN) {
        return " ".to_owned();
    }
    if is_unsafe(grapheme) {
        return "?".to_owned();
    }
    let plain: String = grapheme.chars().filter(|c| *c != '\u{fe0f}').collect();
    let cells = cells_of(grapheme);
    // The outer terminal may count characters one by one: then joined ones would write over what
    // stands behind them, so the first of them stands for all.
    let counted: usize = plain.chars().map(|c| c.width().unwrap_or(0)).sum();
    let shown = if counted > cells { plain.chars().take(1).collect() } else { plain };
    let width = shown.width();
    if width == 0 || width > cells { "?".to_owned() } else { shown }
}

fn put(canvas: &mut Canvas<'_>, (x, y): (u16, u16), (symbol, cells): (&str, usize), style: Style) {
    for offset in 0..cells {
        let Some(x) = u16::try_from(offset).ok().and_then(|offset| x.checked_add(offset)) else {
            return;
        };
        if let Some(cell) = canvas.buffer.cell_mut((x, y)) {
            cell.reset();
            cell.set_style(style);
            if offset == 0 {
                cell.set_symbol(symbol);
            }
        }
    }
}

fn style_of(style: CellStyle, theme: Theme) -> Style {
    let mut drawn = Style::new();
    match theme {
        Theme::Mono => {}
        Theme::Dark | Theme::Light | Theme::Ansi => {
            drawn = drawn.fg(colour_of(style.fg)).bg(colour_of(style.bg));
        }
    }
    let modifiers = [
        (Attributes::BOLD, Modifier::BOLD),
        (Attributes::DIM, Modifier::DIM),
        (Attributes::ITALIC, Modifier::ITALIC),
        (Attributes::UNDERLINE, Modifier::UNDERLINED),
        (Attributes::REVERSE, Modifier::REVERSED),
        (Attributes::STRIKE, Modifier::CROSSED_OUT),
    ];
    for (bits, modifier) in modifiers {
        if style.attributes.has(bits) {
            drawn = drawn.add_modifier(modifier);
        }
    }
    drawn
}

fn colour_of(colour: Colour) -> Color {
    match colour {
        Colour::Default => Color::Reset,
        Colour::Indexed(n) => Color::Indexed(n),
        Colour::Rgb(r, g, b) => Color::Rgb(r, g, b),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;

    use super::*;
    use crate::domain::frame::{Run, Size};
    use crate::domain::time::Timestamp;
    use crate::ui::look::{Glyphs, Look};

    fn screen(text: &str, style: CellStyle) -> Screen {
        let mut screen = Screen::new(Size { cols: 20, rows: 2 });
        screen.rows[0] = Row(vec![Run { text: text.to_owned(), style }]);
        screen.cursor = Some((3, 1));
        screen
    }

    fn drawn(screen: &Screen, theme: Theme, view: View) -> (Buffer, Option<(u16, u16)>) {
        let area = Rect::new(0, 0, 10, 2);
        let mut buffer = Buffer::empty(area);
        let look = Look { theme, glyphs: Glyphs::Unicode, now: Timestamp(0) };
        let cursor = draw(&mut Canvas { buffer: &mut buffer, look: &look }, area, screen, view);
        (buffer, cursor)
    }

    fn text(buffer: &Buffer) -> String {
        (0..10).map(|x| buffer[(x, 0)].symbol()).collect()
    }

    #[test]
    fn rows_are_cropped_and_the_cursor_follows() {
        let screen = screen("0123456789abcdef", CellStyle::default());
        let (buffer, cursor) = drawn(&screen, Theme::Dark, View::default());
        assert_eq!((text(&buffer).as_str(), cursor), ("0123456789", Some((3, 1))));
        let (buffer, cursor) = drawn(&screen, Theme::Dark, View { left: 2, top: 0 });
        assert_eq!((text(&buffer).as_str(), cursor), ("23456789ab", Some((1, 1))));
        assert_eq!(drawn(&screen, Theme::Dark, View { left: 4, top: 0 }).1, None);
    }

    #[test]
    fn wide_characters_keep_their_columns() {
        let (buffer, _) =
            drawn(&screen("完a👩\u{200d}💻b", CellStyle::default()), Theme::Dark, View::default());
        assert_eq!(buffer[(0, 0)].symbol(), "完");
        assert_eq!(buffer[(2, 0)].symbol(), "a");
        assert_eq!((buffer[(3, 0)].symbol(), buffer[(5, 0)].symbol()), ("👩", "b"));
        for (text, drawn_as) in [("\u{26a0}\u{fe0f}x", "\u{26a0}"), ("👍🏽x", "👍"), ("🇩🇪x", "🇩🇪")]
        {
            let (buffer, _) =
                drawn(&screen(text, CellStyle::default()), Theme::Dark, View::default());
            assert_eq!((buffer[(0, 0)].symbol(), buffer[(2, 0)].symbol()), (drawn_as, "x"));
        }
    }

    #[test]
    fn hidden_text_and_colours() {
        let style = CellStyle {
            fg: Colour::Indexed(3),
            bg: Colour::Rgb(1, 2, 3),
            attributes: Attributes(Attributes::BOLD),
        };
        let (buffer, _) = drawn(&screen("x", style), Theme::Dark, View::default());
        assert_eq!(
            (buffer[(0, 0)].fg, buffer[(0, 0)].bg),
            (Color::Indexed(3), Color::Rgb(1, 2, 3))
        );
        let (buffer, _) = drawn(&screen("x", style), Theme::Mono, View::default());
        assert_eq!((buffer[(0, 0)].fg, buffer[(0, 0)].bg), (Color::Reset, Color::Reset));
        assert!(buffer[(0, 0)].modifier.contains(Modifier::BOLD));
        let secret = CellStyle { attributes: Attributes(Attributes::HIDDEN), ..style };
        assert_eq!(
            text(&drawn(&screen("secret", secret), Theme::Dark, View::default()).0).trim(),
            ""
        );
    }

    #[test]
    fn a_cluster_wider_than_two_cells_is_drawn_by_its_characters() {
        let wide = screen("A가\u{aa2f}x", CellStyle::default());
        let (buffer, _) = drawn(&wide, Theme::Dark, View::default());
        assert_eq!((buffer[(1, 0)].symbol(), buffer[(4, 0)].symbol()), ("가", "x"));
    }

    proptest! {
        #[test]
        fn nothing_raw_reaches_a_cell(text in any::<String>(), left in 0u16..30, top in 0u16..4) {
            let (buffer, _) = drawn(&screen(&text, CellStyle::default()), Theme::Dark, View { left, top });
            for cell in buffer.content() {
                prop_assert!(!is_unsafe(cell.symbol()));
                prop_assert!(cell.symbol().width() <= 2);
            }
        }
    }
}
