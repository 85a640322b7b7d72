//! The emulator's modes as what an agent asked of the input side.

use alacritty_terminal::term::TermMode;

use crate::domain::frame::{InputModes, KeyboardFlags, MouseCoding, MouseReports};

/// What of the keyboard and the mouse the agent asked for.
pub(super) fn input(mode: TermMode, keyboard: KeyboardFlags) -> InputModes {
    let mouse = if mode.contains(TermMode::MOUSE_MOTION) {
        MouseReports::Moves
    } else if mode.contains(TermMode::MOUSE_DRAG) {
        MouseReports::Drags
    } else if mode.contains(TermMode::MOUSE_REPORT_CLICK) {
        MouseReports::Clicks
    } else {
        MouseReports::None
    };
    let mouse_coding = if mode.contains(TermMode::SGR_MOUSE) {
        MouseCoding::Sgr
    } else if mode.contains(TermMode::UTF8_MOUSE) {
        MouseCoding::Utf8
    } else {
        MouseCoding::Bytes
    };
    InputModes {
        application_cursor: mode.contains(TermMode::APP_CURSOR),
        bracketed_paste: mode.contains(TermMode::BRACKETED_PASTE),
        focus: mode.contains(TermMode::FOCUS_IN_OUT),
        wheel_as_arrows: mode.contains(TermMode::ALT_SCREEN | TermMode::ALTERNATE_SCROLL)
            && mouse == MouseReports::None,
        mouse,
        mouse_coding,
        keyboard,
    }
}
