//! The soft reset (DECSTR), which the emulator's parser does not know.

use alacritty_terminal::grid::Cursor;
use alacritty_terminal::vte::ansi::{
    Attr, CharsetIndex, Handler as _, Mode, NamedMode, NamedPrivateMode, PrivateMode,
};

use super::{Emulator, Saved};

impl Emulator {
    /// Modes, margins, attributes and the saved cursor as at first; the screen stays.
    pub(super) fn soft_reset(&mut self) {
        for mode in [NamedPrivateMode::ShowCursor, NamedPrivateMode::LineWrap] {
            self.term.set_private_mode(PrivateMode::Named(mode));
        }
        for mode in [NamedPrivateMode::CursorKeys, NamedPrivateMode::Origin] {
            self.term.unset_private_mode(PrivateMode::Named(mode));
        }
        self.term.unset_mode(Mode::Named(NamedMode::Insert));
        self.term.unset_keypad_application_mode();
        let (line, column) = self.position();
        self.set_scrolling_region(1, None);
        self.place(line, column);
        self.term.terminal_attribute(Attr::Reset);
        self.set_active_charset(CharsetIndex::G0);
        let grid = self.term.grid_mut();
        grid.cursor.charsets = Default::default();
        grid.saved_cursor = Cursor::default();
        *self.kept() = Saved::default();
    }
}
