//! What a host shows of its agent's terminal: rows of styled, already printable text.

use serde::{Deserialize, Serialize};

use crate::domain::scrollback::Past;

/// Size of a terminal in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Columns.
    pub cols: u16,
    /// Rows.
    pub rows: u16,
}

impl Size {
    /// No agent's terminal is ever smaller: command-line agents lay out badly below it.
    pub const SMALLEST: Size = Size { cols: 80, rows: 24 };

    /// This size, widened to [`Size::SMALLEST`] where it is smaller.
    pub fn at_least_smallest(self) -> Self {
        Self { cols: self.cols.max(Self::SMALLEST.cols), rows: self.rows.max(Self::SMALLEST.rows) }
    }
}

/// A colour as the agent asked for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Colour {
    /// The terminal's own foreground or background.
    #[default]
    Default,
    /// One of the 256 palette entries.
    Indexed(u8),
    /// Direct colour.
    Rgb(u8, u8, u8),
}

/// Attributes of a run of cells, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(pub u8);

impl Attributes {
    /// Bold.
    pub const BOLD: u8 = 1;
    /// Dim.
    pub const DIM: u8 = 2;
    /// Italic.
    pub const ITALIC: u8 = 4;
    /// Any underline.
    pub const UNDERLINE: u8 = 8;
    /// Foreground and background swapped.
    pub const REVERSE: u8 = 16;
    /// Struck out.
    pub const STRIKE: u8 = 32;
    /// Hidden.
    pub const HIDDEN: u8 = 64;
    /// No look of cells: the row ends here only because it is full, its text goes on in the next one. Set on a
    /// row's last run, where programs of earlier versions read past it.
    pub const GOES_ON: u8 = 128;

    /// Whether all of `bits` are set.
    pub fn has(self, bits: u8) -> bool {
        self.0 & bits == bits
    }
}

/// How a run of cells looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellStyle {
    /// Foreground.
    pub fg: Colour,
    /// Background.
    pub bg: Colour,
    /// Attributes.
    pub attributes: Attributes,
}

/// A run of neighbouring cells of one style. Wide characters take two cells; there are no control characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The text of the cells.
    pub text: String,
    /// Their style.
    pub style: CellStyle,
}

/// One row of a screen, left to right; blank cells at its end are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Row(pub Vec<Run>);

impl Row {
    /// The row's text without styles.
    pub fn text(&self) -> String {
        self.0.iter().map(|run| run.text.as_str()).collect()
    }

    /// Whether its text goes on in the next row.
    pub fn goes_on(&self) -> bool {
        self.0.last().is_some_and(|run| run.style.attributes.has(Attributes::GOES_ON))
    }
}

/// A change of an agent's screen: the rows that differ since the frame before, newest state only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Size of the agent's terminal.
    pub size: Size,
    /// Changed rows with their numbers, from 0. A full frame holds all of them.
    pub rows: Vec<(u16, Row)>,
    /// Column and row of the cursor, when it is visible.
    pub cursor: Option<(u16, u16)>,
    /// What the agent asked of the terminal's input side.
    pub input: InputModes,
    /// Which lines there are above the screen. Hosts of earlier versions tell of none.
    #[serde(default)]
    pub past: Past,
}

/// Input modes the agent switched on, which decide how keys, pastes and the mouse are encoded. A mode
/// that a host of another version does not tell is off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InputModes {
    /// Arrow keys send `ESC O` instead of `ESC [` (mode 1).
    pub application_cursor: bool,
    /// Pastes are wrapped in `ESC [200~` and `ESC [201~` (mode 2004).
    pub bracketed_paste: bool,
    /// Gaining and losing focus sends `ESC [I` and `ESC [O` (mode 1004).
    pub focus: bool,
    /// The wheel sends arrow keys: the agent is on its alternate screen and did not ask for the mouse
    /// (mode 1007, on at first).
    pub wheel_as_arrows: bool,
    /// What of the mouse is reported.
    pub mouse: MouseReports,
    /// How it is reported.
    pub mouse_coding: MouseCoding,
    /// What keys tell beyond what old terminals send.
    pub keyboard: KeyboardFlags,
}

/// The kitty keyboard protocol's progressive enhancement: what an agent asked keys to tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyboardFlags(pub u8);

impl KeyboardFlags {
    /// Keys that old terminals mix up are told apart.
    pub const DISAMBIGUATE: Self = Self(1);
    /// Repeats and releases are told.
    pub const EVENTS: Self = Self(2);
    /// What Shift makes of a key is told beside it.
    pub const ALTERNATES: Self = Self(4);
    /// Keys that write text are sequences as well.
    pub const ALL: Self = Self(8);
    /// With the text they write.
    pub const TEXT: Self = Self(16);

    /// Whether all of these are asked for.
    pub fn has(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// Whether nothing is asked for.
    pub fn is_none(self) -> bool {
        self.0 == 0
    }
}

impl std::ops::BitOr for KeyboardFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl InputModes {
    /// Those of a terminal nobody asked anything of.
    pub const NONE: Self = Self {
        application_cursor: false,
        bracketed_paste: false,
        focus: false,
        wheel_as_arrows: false,
        mouse: MouseReports::None,
        mouse_coding: MouseCoding::Bytes,
        keyboard: KeyboardFlags(0),
    };
}

/// Which events of the mouse the agent asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MouseReports {
    /// None.
    #[default]
    None,
    /// Presses, releases and the wheel (mode 1000).
    Clicks,
    /// Those, and moves while a button is held (mode 1002).
    Drags,
    /// Those, and all moves (mode 1003).
    Moves,
}

/// How an event of the mouse is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MouseCoding {
    /// `ESC [M` and three bytes of 32 and more; nothing beyond column or row 223.
    #[default]
    Bytes,
    /// `ESC [M` and three characters in UTF-8 (mode 1005).
    Utf8,
    /// `ESC [<` with decimal numbers, and `M` or `m` (mode 1006).
    Sgr,
}

/// An agent's screen as last seen, built up from frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Size of the agent's terminal.
    pub size: Size,
    /// Its rows.
    pub rows: Vec<Row>,
    /// Column and row of the cursor, when it is visible.
    pub cursor: Option<(u16, u16)>,
    /// The agent's input modes.
    pub input: InputModes,
    /// Which lines there are above it.
    pub past: Past,
}

impl Screen {
    /// An empty screen.
    pub fn new(size: Size) -> Self {
        let rows = vec![Row::default(); usize::from(size.rows)];
        Self { size, rows, cursor: None, input: InputModes::default(), past: Past::default() }
    }

    /// Takes over what a frame changed. Rows beyond the frame's own size are ignored.
    pub fn apply(&mut self, frame: Frame) {
        if self.size != frame.size {
            *self = Self::new(frame.size);
        }
        for (number, row) in frame.rows {
            if let Some(slot) = self.rows.get_mut(usize::from(number)) {
                *slot = row;
            }
        }
        self.cursor = frame.cursor;
        self.input = frame.input;
        self.past = frame.past;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Row {
        Row(vec![Run { text: text.to_owned(), style: CellStyle::default() }])
    }

    #[test]
    fn frames_change_only_their_rows() {
        let size = Size { cols: 4, rows: 2 };
        let mut screen = Screen::new(size);
        let frame = |rows| Frame {
            size,
            rows,
            cursor: None,
            input: InputModes::default(),
            past: Past::default(),
        };
        screen.apply(frame(vec![(0, row("ab")), (1, row("cd"))]));
        screen.apply(frame(vec![(1, row("xy")), (9, row("out"))]));
        assert_eq!(screen.rows.iter().map(Row::text).collect::<Vec<_>>(), ["ab", "xy"]);
    }

    #[test]
    fn a_new_size_clears_the_screen() {
        let mut screen = Screen::new(Size { cols: 4, rows: 1 });
        screen.rows[0] = row("old");
        let size = Size { cols: 5, rows: 2 };
        screen.apply(Frame {
            size,
            rows: vec![],
            cursor: Some((0, 1)),
            input: InputModes::default(),
            past: Past::default(),
        });
        assert_eq!(screen.rows, vec![Row::default(); 2]);
    }

    #[test]
    fn input_modes_of_another_version_are_read() {
        let old: InputModes =
            serde_json::from_str(r#"{"application_cursor":true,"bracketed_paste":false}"#).unwrap();
        assert_eq!(old, InputModes { application_cursor: true, ..InputModes::NONE });
        assert_eq!(InputModes::default(), InputModes::NONE);
    }
}
