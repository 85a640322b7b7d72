//! Screens as cells, from our rows and from what tmux captures.

use orch_tui::domain::frame::{Attributes, CellStyle, Colour, Frame, Size};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// One cell: its grapheme, empty behind a wide one, and how it looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    pub style: CellStyle,
}

/// Rows of cells. Blank cells at the end of a row are left out, coloured ones too: tmux does not capture
/// them.
pub type Grid = Vec<Vec<Cell>>;

/// A full frame's cells.
pub fn of_frame(frame: &Frame) -> Grid {
    let row = |runs: &[orch_tui::domain::frame::Run]| {
        let mut cells = Vec::new();
        for run in runs {
            let style = CellStyle { attributes: of_cells(run.style.attributes), ..run.style };
            run.text.graphemes(true).for_each(|one| push(&mut cells, one, style));
        }
        trimmed(cells)
    };
    frame.rows.iter().map(|(_, runs)| row(&runs.0)).collect()
}

/// The attributes of cells, without the one bit that tells of their row.
fn of_cells(attributes: Attributes) -> Attributes {
    Attributes(attributes.0 & !Attributes::GOES_ON)
}

/// The cells of `capture-pane -e`: lines of text with SGR sequences.
pub fn of_capture(capture: &[u8], size: Size) -> Grid {
    let text = String::from_utf8_lossy(capture);
    let mut style = CellStyle::default();
    let mut grid: Grid = text.lines().map(|line| of_line(line, &mut style)).collect();
    grid.resize(usize::from(size.rows), Vec::new());
    grid
}

fn of_line(line: &str, style: &mut CellStyle) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut rest = line;
    let mut shifted = false;
    while let Some(first) = rest.chars().next() {
        if let Some(sequence) = rest.strip_prefix("\x1b[") {
            let end = sequence.find('m').unwrap();
            colour(&sequence[..end], style);
            rest = &sequence[end + 1..];
        } else if first == '\u{e}' || first == '\u{f}' {
            shifted = first == '\u{e}';
            rest = &rest[1..];
        } else {
            let end = rest.find(['\x1b', '\u{e}', '\u{f}']).unwrap_or(rest.len());
            for grapheme in rest[..end].graphemes(true) {
                let drawn = if shifted { line_drawing(grapheme) } else { grapheme };
                push(&mut cells, drawn, *style);
            }
            rest = &rest[end..];
        }
    }
    trimmed(cells)
}

fn push(cells: &mut Vec<Cell>, grapheme: &str, style: CellStyle) {
    cells.push(Cell { text: grapheme.to_owned(), style });
    for _ in 1..grapheme.width() {
        cells.push(Cell { text: String::new(), style });
    }
}

fn trimmed(mut cells: Vec<Cell>) -> Vec<Cell> {
    let blank = |cell: &Cell| cell.text == " " && cell.style.attributes == Attributes::default();
    while cells.last().is_some_and(blank) {
        cells.pop();
    }
    cells
}

/// What a letter of the line drawing set stands for.
fn line_drawing(letter: &str) -> &str {
    const DRAWN: [(&str, &str); 12] = [
        ("j", "┘"),
        ("k", "┐"),
        ("l", "┌"),
        ("m", "└"),
        ("n", "┼"),
        ("q", "─"),
        ("t", "├"),
        ("u", "┤"),
        ("v", "┴"),
        ("w", "┬"),
        ("x", "│"),
        ("a", "▒"),
    ];
    DRAWN.iter().find(|(from, _)| *from == letter).map_or(letter, |(_, to)| to)
}

/// Applies the parameters of an SGR sequence of tmux.
fn colour(parameters: &str, style: &mut CellStyle) {
    let numbers: Vec<u8> =
        parameters.split([';', ':']).map(|number| number.parse().unwrap_or(0)).collect();
    let mut rest = numbers.as_slice();
    while let [code, after @ ..] = rest {
        rest = after;
        match *code {
            0 => *style = CellStyle::default(),
            1..=9 if *code == 4 && parameters.contains("4:") => {
                style.attributes.0 |= Attributes::UNDERLINE;
                return;
            }
            1..=9 => style.attributes.0 |= attribute(*code),
            30..=37 => style.fg = Colour::Indexed(*code - 30),
            39 => style.fg = Colour::Default,
            40..=47 => style.bg = Colour::Indexed(*code - 40),
            49 => style.bg = Colour::Default,
            90..=97 => style.fg = Colour::Indexed(*code - 82),
            100..=107 => style.bg = Colour::Indexed(*code - 92),
            38 | 48 => {
                let (found, after) = extended(rest);
                if *code == 38 {
                    style.fg = found
                } else {
                    style.bg = found
                }
                rest = after;
            }
            58 => rest = extended(rest).1,
            59 => {}
            other => panic!("SGR {other} of tmux"),
        }
    }
}

fn attribute(code: u8) -> u8 {
    match code {
        1 => Attributes::BOLD,
        2 => Attributes::DIM,
        3 => Attributes::ITALIC,
        4 => Attributes::UNDERLINE,
        7 => Attributes::REVERSE,
        8 => Attributes::HIDDEN,
        9 => Attributes::STRIKE,
        _ => 0,
    }
}

fn extended(parameters: &[u8]) -> (Colour, &[u8]) {
    match parameters {
        [5, index, rest @ ..] => (Colour::Indexed(*index), rest),
        [2, r, g, b, rest @ ..] => (Colour::Rgb(*r, *g, *b), rest),
        other => panic!("a colour of tmux: {other:?}"),
    }
}
