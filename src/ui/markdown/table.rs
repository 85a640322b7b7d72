//! Tables: columns as wide as their longest cell; where the screen is narrower, cells are wrapped.

use pulldown_cmark::Alignment;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::wrap::wrap;
use crate::ui::look::{ColourRole, Look};

/// Narrowest a column gets while others could give.
const NARROWEST: usize = 6;

/// Text of one cell.
type Cell = Vec<Span<'static>>;

/// The rows of a table that is being read; the first is its heading.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Vec<Cell>>,
    sides: Vec<Alignment>,
}

impl Table {
    /// A table whose columns stand on these sides.
    pub(super) fn new(sides: &[Alignment]) -> Self {
        Self { rows: Vec::new(), sides: sides.to_vec() }
    }

    /// Begins a row.
    pub(super) fn row(&mut self) {
        self.rows.push(Vec::new());
    }

    /// Adds a cell to the last row.
    pub(super) fn cell(&mut self, text: Cell) {
        if let Some(row) = self.rows.last_mut() {
            row.push(text);
        }
    }

    /// The table in lines of at most `width` columns.
    pub(super) fn lines(&self, width: usize, look: &Look) -> Vec<Line<'static>> {
        let widths = self.widths(width);
        let muted = look.style(ColourRole::Muted);
        let mut lines = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            lines.extend(self.row_lines(row, &widths, look));
            if index == 0 {
                for span in lines.iter_mut().flat_map(|line: &mut Line<'_>| &mut line.spans) {
                    span.style = span.style.add_modifier(Modifier::BOLD);
                }
                let total = widths.iter().sum::<usize>() + 3 * widths.len().saturating_sub(1);
                lines.push(Line::styled(look.pick("─", "-").repeat(total), muted));
            }
        }
        let left_out = self.columns().saturating_sub(widths.len());
        if left_out > 0 {
            let text = format!("({left_out} more columns)");
            lines.extend(wrap(&[Span::styled(text, muted)], width, 0));
        }
        lines
    }

    /// One row: as many lines as its longest cell needs.
    fn row_lines(&self, row: &[Cell], widths: &[usize], look: &Look) -> Vec<Line<'static>> {
        let cells: Vec<Vec<Line<'static>>> = widths
            .iter()
            .enumerate()
            .map(|(column, wide)| wrap(row.get(column).map_or(&[], Vec::as_slice), *wide, 0))
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        let bar = Span::styled(look.pick(" │ ", " | "), look.style(ColourRole::Muted));
        let mut lines = Vec::new();
        for at in 0..height {
            let mut spans = Vec::new();
            for (column, wide) in widths.iter().enumerate() {
                if column > 0 {
                    spans.push(bar.clone());
                }
                let text = cells[column].get(at).cloned().unwrap_or_default();
                let free = wide.saturating_sub(text.width());
                let before = match self.sides.get(column) {
                    Some(Alignment::Right) => free,
                    Some(Alignment::Center) => free / 2,
                    Some(Alignment::Left | Alignment::None) | None => 0,
                };
                spans.push(Span::raw(" ".repeat(before)));
                spans.extend(text.spans);
                spans.push(Span::raw(" ".repeat(free - before)));
            }
            lines.push(Line::from(spans));
        }
        lines
    }

    fn columns(&self) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// Widths of the columns that fit: the widest give first, then the last ones are left out.
    fn widths(&self, width: usize) -> Vec<usize> {
        let widest = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            let wide = |cell: &Cell| cell.iter().map(Span::width).sum();
            cells.map(wide).max().unwrap_or(0).max(1)
        };
        let most = (width + 3) / (NARROWEST.min(width.max(1)) + 3);
        let mut widths: Vec<usize> = (0..self.columns().min(most.max(1))).map(widest).collect();
        let room = width.saturating_sub(3 * widths.len().saturating_sub(1)).max(1);
        let limit = fair_limit(&widths, room);
        for wide in &mut widths {
            *wide = (*wide).min(limit);
        }
        widths
    }
}

/// The largest width every column may have so that all together fit into `room`.
fn fair_limit(widths: &[usize], room: usize) -> usize {
    let mut sorted = widths.to_vec();
    sorted.sort_unstable();
    let mut left = room;
    for (index, wide) in sorted.iter().enumerate() {
        let share = left / (sorted.len() - index);
        if *wide > share {
            return share.max(1);
        }
        left -= wide;
    }
    usize::MAX
}
