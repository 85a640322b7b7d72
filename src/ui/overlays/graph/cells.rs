//! The lines between two waves, cell by cell.

use std::collections::HashMap;

use super::route::{Line, Net, Routes};

/// Lines that leave a cell: up, down, left, right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    up: Option<Line>,
    down: Option<Line>,
    left: Option<Line>,
    right: Option<Line>,
}

/// Which way a line goes from the middle of a cell.
#[derive(Clone, Copy)]
enum Arm {
    Up,
    Down,
    Left,
    Right,
}

impl Cell {
    fn draw(&mut self, arm: Arm, line: Line) {
        let at = match arm {
            Arm::Up => &mut self.up,
            Arm::Down => &mut self.down,
            Arm::Left => &mut self.left,
            Arm::Right => &mut self.right,
        };
        *at = (*at).max(Some(line));
    }

    /// With the lines of another way: what meets in a cell is drawn as meeting.
    fn with(self, other: Self) -> Self {
        Self {
            up: self.up.max(other.up),
            down: self.down.max(other.down),
            left: self.left.max(other.left),
            right: self.right.max(other.right),
        }
    }

    /// How strong its strongest line is.
    pub fn line(self) -> Line {
        let strongest = self.up.max(self.down).max(self.left).max(self.right);
        strongest.unwrap_or(Line::Single)
    }

    /// Its character.
    pub fn symbol(self) -> &'static str {
        let double = |line: Option<Line>| usize::from(line == Some(Line::Double));
        let style = 2 * double(self.up.max(self.down)) + double(self.left.max(self.right));
        let there = |line: Option<Line>| line.is_some();
        let set = match (there(self.up), there(self.down), there(self.left), there(self.right)) {
            (false, false, _, _) => ["─", "═", "─", "═"],
            (_, _, false, false) => ["│", "│", "║", "║"],
            (false, true, false, true) => ["┌", "╒", "╓", "╔"],
            (false, true, true, false) => ["┐", "╕", "╖", "╗"],
            (true, false, false, true) => ["└", "╘", "╙", "╚"],
            (true, false, true, false) => ["┘", "╛", "╜", "╝"],
            (true, true, false, true) => ["├", "╞", "╟", "╠"],
            (true, true, true, false) => ["┤", "╡", "╢", "╣"],
            (false, true, true, true) => ["┬", "╤", "╥", "╦"],
            (true, false, true, true) => ["┴", "╧", "╨", "╩"],
            (true, true, true, true) => ["┼", "╪", "╫", "╬"],
        };
        set[style]
    }
}

/// The cells of a gap by row and column.
pub(super) type Cells = HashMap<(usize, usize), Cell>;

/// The gap between two waves, drawn.
#[derive(Clone, Debug, Default)]
pub(super) struct Gap {
    /// Its width in columns.
    pub width: usize,
    /// One row more than the last that is drawn in.
    pub height: usize,
    cells: Cells,
}

impl Gap {
    /// Draws ways; the last two columns are left for arrows.
    pub fn new(routes: &Routes) -> Self {
        let pitch = if routes.tracks <= 3 { 2 } else { 1 };
        let width = match routes.nets.is_empty() {
            true => 3,
            false => 3 + routes.tracks * pitch,
        };
        let mut gap = Self { width, height: 0, cells: HashMap::new() };
        for net in &routes.nets {
            let column = |net: &Net| net.track.map(|track| 1 + track * pitch);
            let start = net.after.and_then(|before| routes.nets.get(before)).and_then(column);
            gap.draw(net, start, column(net));
            gap.height = gap.height.max(net.span().1 + 1);
        }
        gap
    }

    /// The cell at a row and a column.
    pub fn cell(&self, row: usize, column: usize) -> Option<Cell> {
        self.cells.get(&(row, column)).copied()
    }

    fn draw(&mut self, net: &Net, start: Option<usize>, track: Option<usize>) {
        let mut own = Cells::new();
        let end = self.width - 2;
        let turn = track.unwrap_or(end);
        horizontal(&mut own, net.row, (start, turn), net.line());
        for (row, line) in &net.targets {
            if let Some(column) = track {
                vertical(&mut own, column, (net.row, *row), *line);
                if net.step != Some(*row) {
                    horizontal(&mut own, *row, (Some(column), end), *line);
                }
            }
        }
        for (place, cell) in own {
            let there = self.cells.entry(place).or_default();
            *there = there.with(cell);
        }
    }
}

/// A line in a row from the middle of a cell, or the left edge, to the middle of another.
fn horizontal(cells: &mut Cells, row: usize, (from, to): (Option<usize>, usize), line: Line) {
    for column in from.unwrap_or(0)..=to {
        let cell = cells.entry((row, column)).or_default();
        if Some(column) != from {
            cell.draw(Arm::Left, line);
        }
        if column != to {
            cell.draw(Arm::Right, line);
        }
    }
}

fn vertical(cells: &mut Cells, column: usize, (from, to): (usize, usize), line: Line) {
    let (top, bottom) = (from.min(to), from.max(to));
    for row in top..=bottom {
        let cell = cells.entry((row, column)).or_default();
        if row != top {
            cell.draw(Arm::Up, line);
        }
        if row != bottom {
            cell.draw(Arm::Down, line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::graph::Link;

    fn picture(links: &[(usize, usize, bool)], rows: usize) -> String {
        let links: Vec<Link> = links
            .iter()
            .map(|(from, to, critical)| Link { from: *from, to: *to, critical: *critical })
            .collect();
        let places: Vec<usize> = (0..rows).collect();
        let gap = Gap::new(&Routes::new(&links, (&places, &places)));
        let mut text = String::new();
        for row in 0..gap.height {
            let cell = |column| gap.cell(row, column).map_or(" ", Cell::symbol);
            let line: String = (0..gap.width).map(cell).collect();
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    #[test]
    fn ways_are_drawn_in_boxes() {
        assert_eq!(picture(&[(0, 0, false), (0, 1, true)], 2), "═╦──\n ╚══\n");
        assert_eq!(picture(&[(0, 1, false), (1, 1, false)], 2), "─┐\n─┴──\n");
        assert_eq!(picture(&[(0, 2, false), (1, 1, false)], 3), "─┐\n─┼──\n └──\n");
        assert_eq!(picture(&[(0, 1, false), (1, 0, false)], 2), "─┐ ┌────\n─┼─┘ ┌──\n └───┘\n");
    }
}
