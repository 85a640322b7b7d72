//! Keys that edit a text: as readline has them, and the same in every text.

use tui_textarea::{CursorMove, TextArea};

use crate::ui::keys::TextAction;

/// Carries an editing key out. Keys that do something with the text as a whole are not for here.
pub fn edit(text: &mut TextArea<'_>, action: TextAction) {
    match action {
        TextAction::Start => go(text, CursorMove::Head),
        TextAction::End => go(text, CursorMove::End),
        TextAction::CutToStart => {
            text.delete_line_by_head();
        }
        TextAction::CutToEnd => {
            text.delete_line_by_end();
        }
        TextAction::CutWord => {
            text.delete_word();
        }
        TextAction::Undo => {
            text.undo();
        }
        TextAction::Newline => text.insert_newline(),
        TextAction::Older => go(text, CursorMove::Up),
        TextAction::Newer => go(text, CursorMove::Down),
        TextAction::Submit | TextAction::Leave => {}
    }
}

/// Moves the cursor; what was selected stays.
fn go(text: &mut TextArea<'_>, to: CursorMove) {
    text.cancel_selection();
    text.move_cursor(to);
}
