//! What a person would see: the emulated terminal at one moment.

use std::fmt;

use alacritty_terminal::event::EventListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line, Point};
pub use alacritty_terminal::term::cell::Flags;
use alacritty_terminal::term::{Term, TermMode};
#[allow(unused_imports, reason = "every test binary uses its own part")]
pub use alacritty_terminal::vte::ansi::{Color, NamedColor};

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What stands in it, combining marks included; empty behind a wide character.
    pub text: String,
    /// Colour of the text.
    pub foreground: Color,
    /// Colour behind it.
    pub background: Color,
    /// Bold, inverse and so on.
    pub flags: Flags,
}

/// A copy of the whole screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    cells: Vec<Vec<Cell>>,
    /// Column and row of the cursor, from 0.
    pub cursor: (usize, usize),
    /// Whether the cursor is shown.
    pub is_cursor_shown: bool,
    /// Whether the alternate screen is on.
    pub is_alternate: bool,
    /// The window's title.
    pub title: String,
}

impl Screen {
    /// Copies an emulator's screen.
    pub fn of<L: EventListener>(term: &Term<L>, title: &str) -> Self {
        let row = |line| (0..term.columns()).map(|column| cell(term, line, column)).collect();
        let cursor = term.grid().cursor.point;
        Self {
            cells: (0..term.screen_lines()).map(row).collect(),
            cursor: (cursor.column.0, usize::try_from(cursor.line.0).unwrap_or(0)),
            is_cursor_shown: term.mode().contains(TermMode::SHOW_CURSOR),
            is_alternate: term.mode().contains(TermMode::ALT_SCREEN),
            title: title.to_string(),
        }
    }

    /// Its lines without the blanks at their ends.
    pub fn lines(&self) -> Vec<String> {
        self.cells
            .iter()
            .map(|row| {
                let line: String = row.iter().map(|cell| cell.text.as_str()).collect();
                line.trim_end().to_string()
            })
            .collect()
    }

    /// Its lines as one text.
    pub fn text(&self) -> String {
        self.lines().join("\n")
    }

    /// Whether some line contains `text`.
    pub fn contains(&self, text: &str) -> bool {
        self.find(text).is_some()
    }

    /// Column and row of the first `text` on one line.
    pub fn find(&self, text: &str) -> Option<(usize, usize)> {
        self.cells.iter().enumerate().find_map(|(row, cells)| {
            let line: String = cells.iter().map(|cell| cell.text.as_str()).collect();
            let before = line.find(text)?;
            let mut length = 0;
            let column = cells.iter().position(|cell| {
                let here = length;
                length += cell.text.len();
                here >= before && !cell.text.is_empty()
            })?;
            Some((column, row))
        })
    }

    /// The cell at a column and row, from 0.
    pub fn cell(&self, column: usize, row: usize) -> &Cell {
        &self.cells[row][column]
    }

    /// The cells of the first `text` on one line.
    pub fn cells_of(&self, text: &str) -> Option<&[Cell]> {
        let (column, row) = self.find(text)?;
        let mut length = 0;
        let cells = &self.cells[row][column..];
        let count = cells.iter().take_while(|cell| {
            let inside = length < text.len();
            length += cell.text.len();
            inside
        });
        Some(&cells[..count.count()])
    }

    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        (self.cells.first().map_or(0, Vec::len), self.cells.len())
    }
}

impl fmt::Display for Screen {
    /// The screen in a frame, with what cannot be seen below it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (columns, _) = self.size();
        writeln!(f, "+{}+", "-".repeat(columns))?;
        for row in &self.cells {
            let line: String = row.iter().map(|cell| cell.text.as_str()).collect();
            writeln!(f, "|{line}|")?;
        }
        writeln!(f, "+{}+", "-".repeat(columns))?;
        write!(
            f,
            "cursor {:?} {}, {} screen, title {:?}",
            self.cursor,
            if self.is_cursor_shown { "shown" } else { "hidden" },
            if self.is_alternate { "alternate" } else { "main" },
            self.title
        )
    }
}

fn cell<L>(term: &Term<L>, line: usize, column: usize) -> Cell {
    let line = Line(i32::try_from(line).unwrap_or(i32::MAX));
    let cell = &term.grid()[Point::new(line, Column(column))];
    let mut text = String::new();
    if !cell.flags.contains(Flags::WIDE_CHAR_SPACER) {
        text.push(if cell.c.is_control() { ' ' } else { cell.c });
        text.extend(cell.zerowidth().unwrap_or_default());
    }
    Cell { text, foreground: cell.fg, background: cell.bg, flags: cell.flags }
}
