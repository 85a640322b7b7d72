//! How the tiles of the agent grid share the screen. What does not fit is on other pages.

use ratatui::layout::Rect;

/// Narrower tiles show nothing one could read.
const LEAST_COLS: u16 = 36;
/// The border and three lines.
const LEAST_ROWS: u16 = 5;

/// How many tiles a person wants on a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Density {
    /// Two by two.
    Few,
    /// Three by two.
    #[default]
    Some,
    /// Four by three.
    Many,
}

impl Density {
    /// All of them, in the order they are gone through.
    pub const ALL: [Density; 3] = [Density::Few, Density::Some, Density::Many];

    fn wanted(self) -> (u16, u16) {
        match self {
            Self::Few => (2, 2),
            Self::Some => (3, 2),
            Self::Many => (4, 3),
        }
    }
}

/// The tiles of one page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiles {
    /// Tiles beside each other.
    pub cols: u16,
    /// Tiles below each other.
    pub rows: u16,
    body: Rect,
}

impl Tiles {
    /// Tiles for so many agents: fewer than wanted where they would get too small, and where there are fewer agents.
    pub fn new(body: Rect, density: Density, agents: usize) -> Self {
        let (cols, rows) = density.wanted();
        let cols = cols.min(body.width / LEAST_COLS).max(1);
        let rows = if cols < density.wanted().0 { rows.max(3) } else { rows };
        let rows = rows.min(body.height / LEAST_ROWS).max(1);
        let agents = u16::try_from(agents).unwrap_or(u16::MAX).max(1);
        if agents >= cols.saturating_mul(rows) {
            return Self { cols, rows, body };
        }
        let rows = agents.div_ceil(cols);
        Self { cols: agents.div_ceil(rows), rows, body }
    }

    /// How many tiles a page has.
    pub fn count(&self) -> usize {
        usize::from(self.cols) * usize::from(self.rows)
    }

    /// The first of those that share a page with the one at this place.
    pub fn first(&self, at: usize) -> usize {
        at - at % self.count()
    }

    /// Where a tile of the page is.
    pub fn area(&self, tile: usize) -> Rect {
        let cols = usize::from(self.cols);
        let (row, col) = (tile / cols, tile % cols);
        let (x, width) = share(self.body.width, self.cols, col);
        let (y, height) = share(self.body.height, self.rows, row);
        Rect { x: self.body.x + x, y: self.body.y + y, width, height }
    }

    /// The tile at a place of the screen.
    pub fn at(&self, x: u16, y: u16) -> Option<usize> {
        (0..self.count()).find(|tile| self.area(*tile).contains((x, y).into()))
    }
}

/// Start and length of one of `parts` equal parts of `length`; what is left over goes to the first ones.
fn share(length: u16, parts: u16, part: usize) -> (u16, u16) {
    let part = u16::try_from(part).unwrap_or(u16::MAX).min(parts - 1);
    let (each, over) = (length / parts, length % parts);
    (part * each + part.min(over), each + u16::from(part < over))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shape(cols: u16, rows: u16, density: Density, agents: usize) -> (u16, u16) {
        let tiles = Tiles::new(Rect::new(0, 1, cols, rows - 2), density, agents);
        (tiles.cols, tiles.rows)
    }

    #[test]
    fn as_many_as_wanted_where_there_is_room() {
        assert_eq!(Density::ALL.map(|d| shape(200, 60, d, 99)), [(2, 2), (3, 2), (4, 3)]);
        assert_eq!(Density::ALL.map(|d| shape(120, 36, d, 99)), [(2, 2), (3, 2), (3, 3)]);
        assert_eq!(Density::ALL.map(|d| shape(80, 24, d, 99)), [(2, 2), (2, 3), (2, 3)]);
        assert_eq!(Density::ALL.map(|d| shape(60, 15, d, 99)), [(1, 2), (1, 2), (1, 2)]);
    }

    #[test]
    fn few_agents_share_the_whole_screen() {
        let shapes = [1, 2, 3, 4, 5, 6].map(|agents| shape(120, 36, Density::Some, agents));
        assert_eq!(shapes, [(1, 1), (2, 1), (3, 1), (2, 2), (3, 2), (3, 2)]);
    }

    proptest! {
        #[test]
        fn tiles_fill_the_page_without_overlap(
            cols in 1u16..300, rows in 1u16..100, agents in 0usize..300, density in 0usize..3,
        ) {
            let body = Rect::new(0, 1, cols, rows);
            let tiles = Tiles::new(body, Density::ALL[density], agents);
            let areas: Vec<Rect> = (0..tiles.count()).map(|tile| tiles.area(tile)).collect();
            prop_assert_eq!(areas.iter().map(|area| area.area()).sum::<u32>(), body.area());
            for (n, area) in areas.iter().enumerate() {
                prop_assert_eq!(area.intersection(body), *area);
                prop_assert_eq!(tiles.at(area.x, area.y), Some(n));
            }
            prop_assert_eq!(tiles.first(agents) % tiles.count(), 0);
        }
    }
}
