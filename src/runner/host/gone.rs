//! A terminal whose dropped lines are collected, for reading a recording again.

use alacritty_terminal::term::TermMode;

use crate::domain::frame::{Row, Size};

use super::Terminal;

impl Terminal {
    /// An empty terminal that collects the lines it drops, until they are taken.
    pub fn collecting(size: Size) -> Self {
        let mut terminal = Self::new(size);
        terminal.history.collect();
        terminal
    }

    /// The lines that were dropped since the last call, oldest first, each with its number.
    pub fn take_gone(&mut self) -> Vec<(u64, Row)> {
        self.history.take_gone()
    }

    /// Takes another screen away that covers the lines, which can't be read beneath it.
    pub fn uncover(&mut self) {
        if self.emulator.term.mode().contains(TermMode::ALT_SCREEN) {
            self.emulator.term.swap_alt();
            self.history.end(&mut self.emulator.term);
        }
    }
}
