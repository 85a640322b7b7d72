//! Drawing text and pane frames into a buffer. The only way chrome reaches a cell.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::ui::layout::Shape;
use crate::ui::look::{ColourRole, Look};
use crate::ui::text::{columns, cut};

/// A piece of a line.
pub type Piece = (String, Style);

/// How a pane's border tells its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Border {
    /// An ordinary pane.
    Plain,
    /// The focused pane.
    Focus,
    /// Keys go to the agent in it.
    Typing,
    /// It needs a person.
    Call,
    /// What its agent said is being read.
    Reading,
}

/// Title, foot and border of a pane.
#[derive(Clone, Debug)]
pub struct Chrome {
    /// Left end of the upper border.
    pub title: String,
    /// Right end of the upper border, with its colour.
    pub note: (String, ColourRole),
    /// Left end of the lower border.
    pub foot: String,
    /// Right end of the lower border.
    pub foot_note: String,
    /// The border.
    pub border: Border,
}

impl Chrome {
    /// Tells how many rows are above and below those in view: in the lower border, or in the title where there is none.
    pub fn with_hidden(mut self, (above, below): (usize, usize), shape: Shape) -> Self {
        let text = match (above, below) {
            (0, 0) => return self,
            (above, 0) => format!("{above} more above"),
            (0, below) => format!("{below} more below"),
            (above, below) => format!("{above} above, {below} below"),
        };
        match shape {
            Shape::Accordion => {
                let gap = if self.note.0.is_empty() { "" } else { "   " };
                self.note.0 = format!("{text}{gap}{}", self.note.0);
            }
            Shape::Columns | Shape::Stack | Shape::Zoom | Shape::TooSmall => self.foot_note = text,
        }
        self
    }
}

/// A buffer and how things look in it.
#[derive(Debug)]
pub struct Canvas<'a> {
    /// The cells.
    pub buffer: &'a mut Buffer,
    /// How things look.
    pub look: &'a Look,
}

/// The characters of a border: corners from upper left clockwise, horizontal, vertical.
type BorderSet = [&'static str; 6];

impl Canvas<'_> {
    /// Writes `text` into at most `width` columns of row `y`, made harmless and cut. Gives the columns used.
    pub fn put(&mut self, (x, y): (u16, u16), width: u16, text: &str, style: Style) -> u16 {
        let area = self.buffer.area;
        if y < area.y || y >= area.bottom() || x < area.x {
            return 0;
        }
        let width = width.min(area.right().saturating_sub(x));
        let mut at = x;
        for grapheme in cut(text, usize::from(width), self.look.glyphs).graphemes(true) {
            let wide = u16::try_from(grapheme.width()).unwrap_or(0);
            if wide == 0 {
                continue;
            }
            let (Some(cell), true) = (self.buffer.cell_mut((at, y)), at + wide <= x + width) else {
                break;
            };
            cell.set_symbol(grapheme).set_style(style);
            for behind in at + 1..at + wide {
                if let Some(cell) = self.buffer.cell_mut((behind, y)) {
                    cell.reset();
                    cell.set_style(style);
                }
            }
            at += wide;
        }
        at - x
    }

    /// Writes pieces one behind the other into the first row of `area`.
    pub fn line(&mut self, area: Rect, pieces: &[Piece]) {
        if area.height == 0 {
            return;
        }
        let mut used = 0;
        for (text, style) in pieces {
            used +=
                self.put((area.x + used, area.y), area.width.saturating_sub(used), text, *style);
        }
    }

    /// Writes pieces so that they end at the right end of the first row of `area`. Gives the columns used.
    pub fn line_right(&mut self, area: Rect, pieces: &[Piece]) -> u16 {
        let width: usize = pieces.iter().map(|(text, _)| columns(text)).sum();
        let width = u16::try_from(width).unwrap_or(u16::MAX).min(area.width);
        self.line(Rect { x: area.right() - width, width, ..area }, pieces);
        width
    }

    /// Marks the first row of `area` as selected: one bar, whatever colours stand in it.
    pub fn select(&mut self, area: Rect) {
        let row = Rect { height: area.height.min(1), ..area };
        let bar = Style::new().fg(Color::Reset).remove_modifier(Modifier::DIM);
        self.buffer.set_style(row, bar.add_modifier(Modifier::REVERSED));
    }

    /// Draws a pane's border with its titles: a box, or a rule above the pane in the accordion.
    pub fn frame(&mut self, area: Rect, chrome: &Chrome, shape: Shape) {
        match shape {
            Shape::Columns | Shape::Stack => self.boxed(area, chrome),
            Shape::Accordion => self.rule(area, chrome),
            Shape::Zoom | Shape::TooSmall => {}
        }
    }

    fn boxed(&mut self, area: Rect, chrome: &Chrome) {
        if area.width < 4 || area.height < 2 {
            return;
        }
        let set = self.border_set(chrome.border);
        let style = self.border_style(chrome.border);
        let (right, bottom) = (area.right() - 1, area.bottom() - 1);
        for x in area.x + 1..right {
            self.put((x, area.y), 1, set[4], style);
            self.put((x, bottom), 1, set[4], style);
        }
        for y in area.y + 1..bottom {
            self.put((area.x, y), 1, set[5], style);
            self.put((right, y), 1, set[5], style);
        }
        let corners = [(area.x, area.y), (right, area.y), (right, bottom), (area.x, bottom)];
        for (corner, symbol) in corners.into_iter().zip(set) {
            self.put(corner, 1, symbol, style);
        }
        self.titles(Rect { height: 1, ..area }, chrome);
        let foot = Rect { x: area.x + 2, y: bottom, width: area.width - 4, height: 1 };
        self.ends(foot, &chrome.foot, (&chrome.foot_note, self.look.style(ColourRole::Muted)));
    }

    fn rule(&mut self, area: Rect, chrome: &Chrome) {
        if area.height == 0 || area.width < 4 {
            return;
        }
        let set = self.border_set(chrome.border);
        let style = self.border_style(chrome.border);
        for x in area.x..area.right() {
            self.put((x, area.y), 1, set[4], style);
        }
        self.titles(Rect { height: 1, ..area }, chrome);
    }

    fn titles(&mut self, row: Rect, chrome: &Chrome) {
        let inner = Rect { x: row.x + 2, width: row.width.saturating_sub(4), ..row };
        let note = (chrome.note.0.as_str(), self.look.style(chrome.note.1));
        self.ends(inner, &chrome.title, note);
    }

    /// A text at each end of a row, in blanks. The right one is cut last, but leaves the left one its beginning.
    fn ends(&mut self, row: Rect, left: &str, right: (&str, Style)) {
        let mut room = row.width;
        let kept = u16::try_from(columns(left).min(12)).unwrap_or(0) + 3;
        if !right.0.is_empty() && room > kept + 4 {
            let text = cut(right.0, usize::from(room - kept - 2), self.look.glyphs);
            let pieces = [(" ".into(), Style::new()), (text, right.1), (" ".into(), Style::new())];
            room = room.saturating_sub(self.line_right(row, &pieces) + 1);
        }
        if !left.is_empty() && room > 4 {
            let text = cut(left, usize::from(room.saturating_sub(2)), self.look.glyphs);
            let start = Rect { width: room, ..row };
            self.line(start, &[(format!(" {text} "), Style::new().add_modifier(Modifier::BOLD))]);
        }
    }

    fn border_set(&self, border: Border) -> BorderSet {
        match border {
            Border::Plain => {
                self.look.pick(["┌", "┐", "┘", "└", "─", "│"], ["+", "+", "+", "+", "-", "|"])
            }
            Border::Focus | Border::Call => {
                self.look.pick(["╔", "╗", "╝", "╚", "═", "║"], ["+", "+", "+", "+", "=", "|"])
            }
            Border::Typing => {
                self.look.pick(["┏", "┓", "┛", "┗", "━", "┃"], ["#", "#", "#", "#", "#", "#"])
            }
            Border::Reading => {
                self.look.pick(["┏", "┓", "┛", "┗", "╍", "╏"], ["+", "+", "+", "+", "~", ":"])
            }
        }
    }

    fn border_style(&self, border: Border) -> Style {
        match border {
            Border::Plain => self.look.style(ColourRole::Muted),
            Border::Focus => self.look.style(ColourRole::Accent),
            Border::Call => self.look.style(ColourRole::Wait).remove_modifier(Modifier::REVERSED),
            Border::Typing => self.look.style(ColourRole::Run).add_modifier(Modifier::BOLD),
            Border::Reading => self.look.style(ColourRole::Accent).add_modifier(Modifier::BOLD),
        }
    }
}
