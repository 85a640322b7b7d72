//! One agent's terminal on the whole screen, with a status line below it: what `attach` and `replay` show.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::domain::frame::Screen;
use crate::ui::canvas::{Canvas, Piece};
use crate::ui::look::{ColourRole, Look};
use crate::ui::terminal::{self, View, used_rows};
use crate::ui::text::columns;

/// The status line.
#[derive(Clone, Debug, Default)]
pub struct Bar {
    /// What keys do here, in one word.
    pub word: String,
    /// What is shown.
    pub facts: String,
    /// Something to know now.
    pub note: String,
    /// Keys; given up first where there is no room.
    pub hints: String,
}

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Solo<'a> {
    /// The agent's screen.
    pub screen: &'a Screen,
    /// The status line.
    pub bar: &'a Bar,
    /// A list over the screen: its lines, and which of them is marked.
    pub list: Option<(&'a [String], Option<usize>)>,
}

/// Rows left for the agent of a terminal with so many.
pub fn rows_for_agent(rows: u16) -> u16 {
    rows.saturating_sub(1).max(1)
}

/// Draws it. The cursor stands where the agent's does.
pub fn draw(frame: &mut Frame<'_>, solo: &Solo<'_>, look: &Look) {
    let area = frame.area();
    let height = if area.height > 1 { rows_for_agent(area.height) } else { 0 };
    let inner = Rect { height, ..area };
    let mut canvas = Canvas { buffer: frame.buffer_mut(), look };
    let cursor = terminal::draw(&mut canvas, inner, solo.screen, view(solo.screen, inner));
    if let Some((lines, marked)) = solo.list {
        list(&mut canvas, inner, lines, marked);
    }
    let line = Rect { y: inner.bottom(), height: 1, ..area };
    bar(&mut canvas, line, solo.bar);
    if let (Some(cursor), None) = (cursor, solo.list) {
        frame.set_cursor_position(cursor);
    }
}

/// The part of the screen in view: its end, and its cursor.
fn view(screen: &Screen, inner: Rect) -> View {
    let end = used_rows(screen).max(inner.height.min(screen.size.rows));
    let top = end.saturating_sub(inner.height);
    let left = screen.cursor.map_or(0, |(column, _)| (column + 1).saturating_sub(inner.width));
    View { left, top }
}

fn bar(canvas: &mut Canvas<'_>, line: Rect, bar: &Bar) {
    let look = canvas.look;
    let word = Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED);
    let mut pieces: Vec<Piece> =
        vec![(format!(" {} ", bar.word), word), (format!("  {}", bar.facts), Style::new())];
    if !bar.note.is_empty() {
        pieces.push((format!("  {}", bar.note), look.style(ColourRole::Accent)));
    }
    let used: usize = pieces.iter().map(|(text, _)| columns(text)).sum();
    canvas.line(line, &pieces);
    let room = usize::from(line.width).saturating_sub(used + 2);
    if columns(&bar.hints) <= room {
        canvas.line_right(line, &[(bar.hints.clone(), look.style(ColourRole::Muted))]);
    }
}

/// A list at the right, with the marked line in view.
fn list(canvas: &mut Canvas<'_>, inner: Rect, lines: &[String], marked: Option<usize>) {
    let width = inner.width.min(60);
    let x = inner.right() - width;
    let first = marked.unwrap_or(0).saturating_sub(usize::from(inner.height / 2));
    let blank = " ".repeat(usize::from(width));
    let plain = canvas.look.style(ColourRole::Plain);
    let reverse = Style::new().add_modifier(Modifier::REVERSED);
    for (y, number) in (inner.y..inner.bottom()).zip(first..lines.len()) {
        let style = if marked == Some(number) { reverse } else { plain };
        canvas.put((x, y), width, &blank, style);
        canvas.put((x + 1, y), width.saturating_sub(2), &lines[number], style);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;
    use crate::domain::frame::{CellStyle, Row, Run, Size};
    use crate::domain::time::Timestamp;
    use crate::ui::look::{Glyphs, Theme};

    fn drawn(cols: u16, rows: u16) -> Vec<String> {
        let mut screen = Screen::new(Size { cols: 80, rows: 24 });
        screen.rows[23] = Row(vec![Run { text: "$ last row".into(), style: CellStyle::default() }]);
        screen.cursor = Some((10, 23));
        let look = Look { theme: Theme::Mono, glyphs: Glyphs::Unicode, now: Timestamp(0) };
        let text = |text: &str| text.to_owned();
        let (word, facts) = (text("TYPE"), text("a-1  1.1"));
        let bar = Bar { word, facts, note: text("a note"), hints: text("Ctrl-Z back") };
        let lines = ["0:10 asks".to_owned()];
        let solo = Solo { screen: &screen, bar: &bar, list: Some((&lines, Some(0))) };
        let mut terminal = Terminal::new(TestBackend::new(cols, rows)).unwrap();
        terminal.draw(|frame| draw(frame, &solo, &look)).unwrap();
        let buffer = terminal.backend().buffer();
        (0..rows).map(|y| (0..cols).map(|x| buffer[(x, y)].symbol()).collect()).collect()
    }

    #[test]
    fn the_end_of_the_screen_and_the_bar_are_shown() {
        let lines = drawn(50, 10);
        assert!(lines[8].starts_with("$ last row"), "{lines:?}");
        assert!(lines[9].starts_with(" TYPE   a-1  1.1  a note"), "{lines:?}");
        assert!(lines[9].ends_with("Ctrl-Z back") && lines[0].contains("0:10 asks"), "{lines:?}");
    }

    #[test]
    fn no_size_is_too_small() {
        for (cols, rows) in [(1, 1), (2, 1), (1, 2), (3, 30), (300, 2)] {
            drawn(cols, rows);
        }
    }
}
