//! An agent's lines as they are read: selection and matches marked.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::domain::older::Edge;
use crate::ui::canvas::Canvas;
use crate::ui::keys::label;
use crate::ui::look::ColourRole;
use crate::ui::terminal::draw_row;

use super::lines::{Place, Seen};
use super::reader::Reader;
use super::search::{Match, find};

/// Draws the lines in view. Gives the place of the cursor on our screen.
pub fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    seen: &Seen,
    reader: &Reader,
) -> Option<(u16, u16)> {
    let top = reader.window.top;
    let left = u16::try_from(reader.window.left).unwrap_or(u16::MAX);
    for (number, y) in (top..seen.end()).zip(area.y..area.bottom()) {
        let line = Rect { y, height: 1, ..area };
        match seen.row(number) {
            Some(row) => draw_row(canvas, line, row, left),
            None => {
                let mark = canvas.look.pick("⋯", "~");
                canvas.put((line.x, y), line.width, mark, canvas.look.style(ColourRole::Muted));
            }
        }
    }
    let window = Sheet { area, top, left: reader.window.left };
    if let Some(search) = &reader.search {
        let style = canvas.look.style(ColourRole::Accent).add_modifier(Modifier::UNDERLINED);
        let end = seen.end().min(top + u64::from(area.height));
        for one in find(seen, &search.needle, (top, end)) {
            let here = one.holds(reader.at);
            let marked = if here { style.add_modifier(Modifier::REVERSED) } else { style };
            window.mark(canvas, one, marked.add_modifier(Modifier::BOLD));
        }
    }
    if let Some(selection) = reader.selection(seen) {
        window.mark(canvas, selection, Style::new().add_modifier(Modifier::REVERSED));
    }
    window.cell(reader.at)
}

/// Where lines are drawn.
struct Sheet {
    area: Rect,
    top: u64,
    left: usize,
}

impl Sheet {
    fn cell(&self, at: Place) -> Option<(u16, u16)> {
        let x = u16::try_from(at.column.checked_sub(self.left)?).ok()?;
        let y = u16::try_from(at.line.checked_sub(self.top)?).ok()?;
        let cell = (self.area.x.checked_add(x)?, self.area.y.checked_add(y)?);
        self.area.contains(cell.into()).then_some(cell)
    }

    fn mark(&self, canvas: &mut Canvas<'_>, what: Match, style: Style) {
        for (number, y) in (self.top..).zip(self.area.y..self.area.bottom()) {
            if number < what.from.line || number > what.to.line {
                continue;
            }
            let first = if number == what.from.line { what.from.column } else { 0 };
            let last = if number == what.to.line { what.to.column } else { usize::MAX };
            let first = first.saturating_sub(self.left);
            let width = usize::from(self.area.width);
            let Some(last) = last.checked_sub(self.left) else { continue };
            let (Ok(x), Ok(end)) = (u16::try_from(first), u16::try_from(last.min(width - 1) + 1))
            else {
                continue;
            };
            if x < end {
                let line = Rect { x: self.area.x + x, y, width: end - x, height: 1 };
                canvas.buffer.set_style(line, style);
            }
        }
    }
}

/// The cell of the agent's lines at a place of our screen, or the nearest one.
pub fn place_of(area: Rect, reader: &Reader, (x, y): (u16, u16)) -> Place {
    let row = y.clamp(area.y, area.bottom().saturating_sub(1)) - area.y;
    let column = x.clamp(area.x, area.right().saturating_sub(1)) - area.x;
    Place {
        line: reader.window.top + u64::from(row),
        column: reader.window.left + usize::from(column),
    }
}

/// Where one reads: line and last line, or what came below.
pub fn note(seen: &Seen, reader: &Reader) -> String {
    if seen.is_awaited() {
        return "fetching".into();
    }
    // Lines before the oldest one are gone.
    let is_oldest = seen.first() > 0 && reader.at.line == seen.first() && seen.back.reaches(0);
    let why = seen.back.edge().and_then(Edge::clause);
    let (at, end) = (counted(reader.at.line + 1), counted(seen.end()));
    let line = match (is_oldest, reader.new_lines(seen), why) {
        (false, ..) => format!("line {at} of {end}"),
        (true, 0, Some(why)) => format!("oldest line {at} of {end}, {why}"),
        (true, 0, None) => format!("oldest line {at} of {end}"),
        // There is no room for all of it where the screen is narrow.
        (true, ..) => format!("oldest line {at}"),
    };
    let is_fetched = seen.back.reaches(0) && !seen.back.awaits_older();
    let fetched = match (seen.back.is_closed(), is_fetched) {
        (true, _) => "no older lines kept  ",
        (false, true) => "",
        (false, false) => "fetching  ",
    };
    match reader.new_lines(seen) {
        0 if reader.follows() => format!("{fetched}{line}, follows"),
        0 => format!("{fetched}{line}"),
        1 => format!("{line}  1 new line below, {}", label("read.bottom")),
        new => format!("{line}  {} new lines below, {}", counted(new), label("read.bottom")),
    }
}

/// A number with its thousands apart.
fn counted(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
