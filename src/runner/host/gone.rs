//! A terminal whose dropped lines are collected, for reading a recording again.

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
}
