//! Tables: columns as wide as their longest cell, cut where the screen ends.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::wrap::fit;
use crate::ui::look::{ColourRole, Look};

/// Narrowest a column gets while others could give.
const NARROWEST: usize = 6;

/// The rows of a table that is being read; the first is its heading.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Begins a row.
    pub(super) fn row(&mut self) {
        self.rows.push(Vec::new());
    }

    /// Adds a cell to the last row.
    pub(super) fn cell(&mut self, text: String) {
        if let Some(row) = self.rows.last_mut() {
            row.push(text);
        }
    }

    /// The table in lines of at most `width` columns.
    pub(super) fn lines(&self, width: usize, look: &Look) -> Vec<Line<'static>> {
        let widths = self.widths(width);
        let bar = look.pick(" │ ", " | ");
        let mut lines = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            let style =
                if index == 0 { Style::new().add_modifier(Modifier::BOLD) } else { Style::new() };
            let mut spans = Vec::new();
            for (column, wide) in widths.iter().enumerate() {
                if column > 0 {
                    spans.push(Span::styled(bar, look.style(ColourRole::Muted)));
                }
                let cell = row.get(column).map(String::as_str).unwrap_or_default();
                spans.push(Span::styled(fit(cell, *wide, look.pick("⋯", "~")), style));
            }
            lines.push(Line::from(spans));
            if index == 0 {
                let rule = look
                    .pick("─", "-")
                    .repeat(widths.iter().sum::<usize>() + 3 * widths.len().saturating_sub(1));
                lines.push(Line::styled(rule, look.style(ColourRole::Muted)));
            }
        }
        lines
    }

    /// Widths of the columns that fit: the widest give first, then the last ones are left out.
    fn widths(&self, width: usize) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.width()).max().unwrap_or(0).max(1)
        };
        let most = (width + 3) / (NARROWEST.min(width.max(1)) + 3);
        let mut widths: Vec<usize> = (0..columns.min(most.max(1))).map(widest).collect();
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
