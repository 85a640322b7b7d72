//! Keys as the kitty keyboard protocol writes them (<https://sw.kovidgoyal.net/kitty/keyboard-protocol/>), for agents
//! that asked for it.

use std::fmt::Write as _;

use ratatui::crossterm::event::{
    KeyCode, KeyEvent, KeyEventKind, KeyEventState, KeyModifiers, ModifierKeyCode,
};

use crate::domain::frame::KeyboardFlags;

/// The number and the last letter of a key's sequence.
type Form = (u32, char);

/// The bytes of a key; `None` when the protocol leaves it as it always was.
pub(super) fn key(key: &KeyEvent, flags: KeyboardFlags) -> Option<Vec<u8>> {
    if flags.is_none() {
        return None;
    }
    if key.kind == KeyEventKind::Release && !flags.has(KeyboardFlags::EVENTS) {
        return Some(Vec::new());
    }
    let all = flags.has(KeyboardFlags::ALL);
    let plain = (key.modifiers - KeyModifiers::SHIFT).is_empty();
    let released = key.kind == KeyEventKind::Release;
    match key.code {
        // An old terminal says 4 to 7 for the keys that send 0x1c to 0x1f.
        KeyCode::Char('4'..='7') if key.modifiers == KeyModifiers::CONTROL && !all => None,
        KeyCode::Char(_) if !all && plain && !released && !is_keypad(key) => None,
        KeyCode::Enter | KeyCode::Tab | KeyCode::Backspace if !all && released => Some(Vec::new()),
        KeyCode::Enter | KeyCode::Tab | KeyCode::Backspace
            if !all && key.modifiers.is_empty() && !is_keypad(key) =>
        {
            None
        }
        KeyCode::Modifier(_) if !all => Some(Vec::new()),
        _ => Some(form(key).map_or_else(Vec::new, |form| sequence(key, form, flags))),
    }
}

fn is_keypad(key: &KeyEvent) -> bool {
    key.state.contains(KeyEventState::KEYPAD)
}

/// `CSI number:shifted ; modifiers:event ; text LETTER`, with what is the default left out.
fn sequence(key: &KeyEvent, (number, letter): Form, flags: KeyboardFlags) -> Vec<u8> {
    let modifiers = modifiers(key);
    let event = match key.kind {
        KeyEventKind::Press => 1,
        KeyEventKind::Repeat => 2,
        KeyEventKind::Release => 3,
    };
    let event = if flags.has(KeyboardFlags::EVENTS) { event } else { 1 };
    let text = text_of(key).filter(|_| flags.has(KeyboardFlags::ALL | KeyboardFlags::TEXT));
    let shifted = shifted(key).filter(|_| flags.has(KeyboardFlags::ALTERNATES));
    let mut out = String::from("\x1b[");
    let tail = modifiers > 1 || event > 1 || text.is_some();
    // Writing to a string never fails.
    if number != 1 || tail {
        let _ = write!(out, "{number}");
    }
    if let Some(shifted) = shifted {
        let _ = write!(out, ":{}", u32::from(shifted));
    }
    if modifiers > 1 || event > 1 {
        let _ = write!(out, ";{modifiers}");
    } else if text.is_some() {
        out.push(';');
    }
    if event > 1 {
        let _ = write!(out, ":{event}");
    }
    if let Some(text) = text {
        let _ = write!(out, ";{}", u32::from(text));
    }
    out.push(letter);
    out.into_bytes()
}

/// One more than the bits of what is held.
fn modifiers(key: &KeyEvent) -> u32 {
    let held = [
        (KeyModifiers::SHIFT, 1),
        (KeyModifiers::ALT, 2),
        (KeyModifiers::CONTROL, 4),
        (KeyModifiers::SUPER, 8),
        (KeyModifiers::HYPER, 16),
        (KeyModifiers::META, 32),
    ];
    let locks = [(KeyEventState::CAPS_LOCK, 64), (KeyEventState::NUM_LOCK, 128)];
    let held = held.iter().filter(|(one, _)| key.modifiers.contains(*one)).map(|(_, bit)| bit);
    let locks = locks.iter().filter(|(one, _)| key.state.contains(*one)).map(|(_, bit)| bit);
    let shift = u32::from(key.code == KeyCode::BackTab || shifted(key).is_some());
    1 + (held.chain(locks).sum::<u32>() | shift)
}

/// The character that shift made, where it is known of which.
fn shifted(key: &KeyEvent) -> Option<char> {
    match key.code {
        KeyCode::Char(c) if lower(c) != c => Some(c),
        _ => None,
    }
}

/// The key that bears this character.
fn lower(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// What the key would write.
fn text_of(key: &KeyEvent) -> Option<char> {
    let held = key.modifiers - KeyModifiers::SHIFT;
    match key.code {
        KeyCode::Char(c) if held.is_empty() && key.kind != KeyEventKind::Release => Some(c),
        _ => None,
    }
}

/// What a key's sequence is built of.
fn form(key: &KeyEvent) -> Option<Form> {
    if is_keypad(key)
        && let Some(number) = keypad(key.code)
    {
        return Some((number, 'u'));
    }
    Some(match key.code {
        KeyCode::Char(c) => (u32::from(lower(c)), 'u'),
        KeyCode::Null => (u32::from(' '), 'u'),
        KeyCode::Esc => (27, 'u'),
        KeyCode::Enter => (13, 'u'),
        KeyCode::Tab | KeyCode::BackTab => (9, 'u'),
        KeyCode::Backspace => (127, 'u'),
        KeyCode::Up => (1, 'A'),
        KeyCode::Down => (1, 'B'),
        KeyCode::Right => (1, 'C'),
        KeyCode::Left => (1, 'D'),
        KeyCode::Home => (1, 'H'),
        KeyCode::End => (1, 'F'),
        KeyCode::KeypadBegin => (1, 'E'),
        KeyCode::F(1) => (1, 'P'),
        KeyCode::F(2) => (1, 'Q'),
        KeyCode::F(3) => (13, '~'),
        KeyCode::F(4) => (1, 'S'),
        KeyCode::F(n @ 13..=35) => (57_376 + u32::from(n) - 13, 'u'),
        KeyCode::CapsLock => (57_358, 'u'),
        KeyCode::ScrollLock => (57_359, 'u'),
        KeyCode::NumLock => (57_360, 'u'),
        KeyCode::PrintScreen => (57_361, 'u'),
        KeyCode::Pause => (57_362, 'u'),
        KeyCode::Menu => (57_363, 'u'),
        KeyCode::Modifier(modifier) => (modifier_key(modifier), 'u'),
        code => (u32::from(super::number(code)?), '~'),
    })
}

/// The number of a key of the keypad.
fn keypad(code: KeyCode) -> Option<u32> {
    Some(match code {
        KeyCode::Char(c @ '0'..='9') => 57_399 + u32::from(c) - u32::from('0'),
        KeyCode::Char('.') => 57_409,
        KeyCode::Char('/') => 57_410,
        KeyCode::Char('*') => 57_411,
        KeyCode::Char('-') => 57_412,
        KeyCode::Char('+') => 57_413,
        KeyCode::Enter => 57_414,
        KeyCode::Char('=') => 57_415,
        KeyCode::Char(',') => 57_416,
        KeyCode::Left => 57_417,
        KeyCode::Right => 57_418,
        KeyCode::Up => 57_419,
        KeyCode::Down => 57_420,
        KeyCode::PageUp => 57_421,
        KeyCode::PageDown => 57_422,
        KeyCode::Home => 57_423,
        KeyCode::End => 57_424,
        KeyCode::Insert => 57_425,
        KeyCode::Delete => 57_426,
        KeyCode::KeypadBegin => 57_427,
        _ => return None,
    })
}

/// The number of a key that is only held.
fn modifier_key(modifier: ModifierKeyCode) -> u32 {
    match modifier {
        ModifierKeyCode::LeftShift => 57_441,
        ModifierKeyCode::LeftControl => 57_442,
        ModifierKeyCode::LeftAlt => 57_443,
        ModifierKeyCode::LeftSuper => 57_444,
        ModifierKeyCode::LeftHyper => 57_445,
        ModifierKeyCode::LeftMeta => 57_446,
        ModifierKeyCode::RightShift => 57_447,
        ModifierKeyCode::RightControl => 57_448,
        ModifierKeyCode::RightAlt => 57_449,
        ModifierKeyCode::RightSuper => 57_450,
        ModifierKeyCode::RightHyper => 57_451,
        ModifierKeyCode::RightMeta => 57_452,
        ModifierKeyCode::IsoLevel3Shift => 57_453,
        ModifierKeyCode::IsoLevel5Shift => 57_454,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: KeyModifiers = KeyModifiers::NONE;
    const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
    const ALT: KeyModifiers = KeyModifiers::ALT;
    const CTRL: KeyModifiers = KeyModifiers::CONTROL;

    /// A key's bytes as text, with ^ for the escape; "as ever" where nothing changes.
    fn said(event: KeyEvent, flags: u8) -> String {
        let bytes = key(&event, KeyboardFlags(flags));
        bytes.map_or("as ever".into(), |bytes| String::from_utf8_lossy(&bytes).replace('\x1b', "^"))
    }

    fn pressed(code: KeyCode, modifiers: KeyModifiers, flags: u8) -> String {
        said(KeyEvent::new(code, modifiers), flags)
    }

    #[test]
    fn without_flags_nothing_changes() {
        assert_eq!(pressed(KeyCode::Esc, NONE, 0), "as ever");
        assert_eq!(pressed(KeyCode::Char('a'), CTRL, 0), "as ever");
    }

    #[test]
    fn what_old_terminals_mix_up_is_told_apart() {
        let table = [
            (KeyCode::Esc, NONE, "^[27u"),
            (KeyCode::Char('i'), CTRL, "^[105;5u"),
            (KeyCode::Char('A'), CTRL, "^[97;6u"),
            (KeyCode::Char('b'), ALT, "^[98;3u"),
            (KeyCode::Enter, SHIFT, "^[13;2u"),
            (KeyCode::Enter, CTRL, "^[13;5u"),
            (KeyCode::Backspace, ALT, "^[127;3u"),
            (KeyCode::BackTab, SHIFT, "^[9;2u"),
            (KeyCode::Char(' '), CTRL, "^[32;5u"),
            (KeyCode::F(3), NONE, "^[13~"),
            (KeyCode::F(1), NONE, "^[P"),
            (KeyCode::F(5), CTRL, "^[15;5~"),
            (KeyCode::F(13), NONE, "^[57376u"),
            (KeyCode::Up, NONE, "^[A"),
            (KeyCode::Up, CTRL | SHIFT, "^[1;6A"),
            (KeyCode::Delete, NONE, "^[3~"),
        ];
        for (code, modifiers, wanted) in table {
            assert_eq!(pressed(code, modifiers, 1), wanted, "{code:?} {modifiers:?}");
        }
    }

    #[test]
    fn what_writes_text_stays_text() {
        for (code, modifiers) in [
            (KeyCode::Char('a'), NONE),
            (KeyCode::Char('A'), SHIFT),
            (KeyCode::Char('完'), NONE),
            (KeyCode::Enter, NONE),
            (KeyCode::Tab, NONE),
            (KeyCode::Backspace, NONE),
            // 0x1c from an old terminal.
            (KeyCode::Char('4'), CTRL),
        ] {
            assert_eq!(pressed(code, modifiers, 1), "as ever", "{code:?}");
        }
    }

    #[test]
    fn every_key_is_a_sequence_when_all_are_asked_for() {
        assert_eq!(pressed(KeyCode::Char('a'), NONE, 1 | 8), "^[97u");
        assert_eq!(pressed(KeyCode::Char('A'), NONE, 1 | 8), "^[97;2u");
        assert_eq!(pressed(KeyCode::Char('A'), SHIFT, 1 | 4 | 8), "^[97:65;2u");
        assert_eq!(pressed(KeyCode::Char('A'), SHIFT, 1 | 8 | 16), "^[97;2;65u");
        assert_eq!(pressed(KeyCode::Char('a'), NONE, 8 | 16), "^[97;;97u");
        assert_eq!(pressed(KeyCode::Char('a'), CTRL, 8 | 16), "^[97;5u");
        assert_eq!(pressed(KeyCode::Enter, NONE, 8), "^[13u");
        let shift = KeyCode::Modifier(ModifierKeyCode::LeftShift);
        assert_eq!(pressed(shift, SHIFT, 8), "^[57441;2u");
        assert_eq!(pressed(shift, SHIFT, 1), "");
    }

    #[test]
    fn releases_and_repeats_are_told_to_who_asked() {
        let event = |code, kind| KeyEvent::new_with_kind(code, NONE, kind);
        let up = KeyEventKind::Release;
        assert_eq!(said(event(KeyCode::Up, up), 1), "");
        assert_eq!(said(event(KeyCode::Up, up), 3), "^[1;1:3A");
        assert_eq!(said(event(KeyCode::Char('a'), up), 3), "^[97;1:3u");
        assert_eq!(said(event(KeyCode::Enter, up), 3), "");
        assert_eq!(said(event(KeyCode::Enter, up), 3 | 8), "^[13;1:3u");
        assert_eq!(said(event(KeyCode::Up, KeyEventKind::Repeat), 3), "^[1;1:2A");
        assert_eq!(said(event(KeyCode::Up, KeyEventKind::Repeat), 1), "^[A");
        assert_eq!(said(event(KeyCode::Char('a'), KeyEventKind::Repeat), 3), "as ever");
    }

    #[test]
    fn the_keypad_has_keys_of_its_own() {
        let on_pad = |code| {
            KeyEvent::new_with_kind_and_state(
                code,
                NONE,
                KeyEventKind::Press,
                KeyEventState::KEYPAD,
            )
        };
        assert_eq!(said(on_pad(KeyCode::Char('0')), 1), "^[57399u");
        assert_eq!(said(on_pad(KeyCode::Char('9')), 1), "^[57408u");
        assert_eq!(said(on_pad(KeyCode::Enter), 1), "^[57414u");
        assert_eq!(said(on_pad(KeyCode::Home), 1), "^[57423u");
    }

    #[test]
    fn locks_count_as_modifiers_of_sequences() {
        let state = KeyEventState::NUM_LOCK | KeyEventState::CAPS_LOCK;
        let event =
            KeyEvent::new_with_kind_and_state(KeyCode::Up, NONE, KeyEventKind::Press, state);
        assert_eq!(said(event, 1), "^[1;193A");
    }
}
