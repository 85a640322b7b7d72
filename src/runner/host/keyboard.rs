//! What agents ask of the keyboard beyond what old terminals send (the kitty keyboard protocol's progressive
//! enhancement, <https://sw.kovidgoyal.net/kitty/keyboard-protocol/>).
//!
//! The emulator crate has a stack of its own, which ends the program when it is filled: so this one is used.

use alacritty_terminal::term::TermMode;
use alacritty_terminal::vte::ansi::{KeyboardModes, KeyboardModesApplyBehavior};

use crate::domain::frame::KeyboardFlags;

/// Entries a screen's stack holds; the oldest goes when there are more.
const DEEPEST: usize = 16;

/// The stacks of both screens.
#[derive(Debug, Default)]
pub(super) struct Keyboard {
    main: Stack,
    alternate: Stack,
}

impl Keyboard {
    /// The stack of the screen that is shown in this mode.
    pub(super) fn stack(&self, mode: TermMode) -> &Stack {
        if mode.contains(TermMode::ALT_SCREEN) { &self.alternate } else { &self.main }
    }

    /// The same, to be changed.
    pub(super) fn stack_mut(&mut self, mode: TermMode) -> &mut Stack {
        if mode.contains(TermMode::ALT_SCREEN) { &mut self.alternate } else { &mut self.main }
    }
}

/// What was asked for on one screen; the last entry counts.
#[derive(Debug, Default)]
pub(super) struct Stack(Vec<KeyboardModes>);

impl Stack {
    /// What counts now.
    pub(super) fn flags(&self) -> KeyboardFlags {
        KeyboardFlags(self.0.last().copied().unwrap_or_default().bits())
    }

    /// `CSI > flags u`.
    pub(super) fn push(&mut self, modes: KeyboardModes) {
        if self.0.len() == DEEPEST {
            self.0.remove(0);
        }
        self.0.push(modes);
    }

    /// `CSI < count u`.
    pub(super) fn pop(&mut self, count: u16) {
        self.0.truncate(self.0.len().saturating_sub(usize::from(count)));
    }

    /// `CSI = flags ; how u`.
    pub(super) fn set(&mut self, modes: KeyboardModes, how: KeyboardModesApplyBehavior) {
        let now = self.0.pop().unwrap_or_default();
        self.0.push(match how {
            KeyboardModesApplyBehavior::Replace => modes,
            KeyboardModesApplyBehavior::Union => now | modes,
            KeyboardModesApplyBehavior::Difference => now - modes,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODES: [KeyboardModes; 2] =
        [KeyboardModes::DISAMBIGUATE_ESC_CODES, KeyboardModes::REPORT_EVENT_TYPES];

    #[test]
    fn each_screen_has_its_own_stack() {
        let mut keyboard = Keyboard::default();
        let screens = [TermMode::NONE, TermMode::ALT_SCREEN];
        keyboard.stack_mut(screens[0]).push(MODES[0]);
        keyboard.stack_mut(screens[1]).push(MODES[1]);
        assert_eq!(screens.map(|screen| keyboard.stack(screen).flags().0), [1, 2]);
        keyboard.stack_mut(screens[1]).pop(9);
        assert_eq!(screens.map(|screen| keyboard.stack(screen).flags().0), [1, 0]);
    }

    #[test]
    fn flags_are_set_added_and_taken() {
        let mut stack = Stack::default();
        let mut set = |modes, how| {
            stack.set(modes, how);
            stack.flags().0
        };
        assert_eq!(set(MODES[0], KeyboardModesApplyBehavior::Replace), 1);
        assert_eq!(set(MODES[1], KeyboardModesApplyBehavior::Union), 3);
        assert_eq!(set(MODES[0], KeyboardModesApplyBehavior::Difference), 2);
        stack.pop(1);
        assert_eq!(stack.flags().0, 0);
    }

    #[test]
    fn a_stack_that_is_filled_forgets_its_oldest() {
        let mut stack = Stack::default();
        stack.push(MODES[1]);
        for _ in 0..100_000 {
            stack.push(MODES[0]);
        }
        for left in (0..DEEPEST).rev() {
            assert_eq!(stack.flags().0, 1);
            stack.pop(1);
            assert_eq!(stack.0.len(), left);
        }
        assert_eq!(stack.flags().0, 0);
    }
}
