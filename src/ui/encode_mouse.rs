//! Events of the mouse as the bytes an agent asked for.

use ratatui::crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use crate::domain::frame::{InputModes, MouseCoding, MouseReports};

/// Lines one notch of the wheel moves where it sends arrow keys.
const NOTCH: usize = 3;

/// The bytes of an event at a column and row of the agent's terminal, from 0; `None` for one it did not ask for.
pub fn mouse(event: &MouseEvent, at: (u16, u16), modes: InputModes) -> Option<Vec<u8>> {
    if modes.mouse == MouseReports::None {
        return modes.wheel_as_arrows.then(|| arrows(event.kind, modes)).flatten();
    }
    let code = code(event.kind, modes)? + modifiers(event.modifiers);
    coded(event.kind, (code, at), modes.mouse_coding)
}

/// The wheel as arrow keys.
fn arrows(kind: MouseEventKind, modes: InputModes) -> Option<Vec<u8>> {
    let letter = match kind {
        MouseEventKind::ScrollUp => 'A',
        MouseEventKind::ScrollDown => 'B',
        _ => return None,
    };
    let lead = if modes.application_cursor { 'O' } else { '[' };
    Some(format!("\x1b{lead}{letter}").repeat(NOTCH).into_bytes())
}

/// xterm's number of an event, without modifiers.
fn code(kind: MouseEventKind, modes: InputModes) -> Option<u16> {
    let number = |button| match button {
        MouseButton::Left => 0,
        MouseButton::Middle => 1,
        MouseButton::Right => 2,
    };
    let drags = match modes.mouse {
        MouseReports::None | MouseReports::Clicks => false,
        MouseReports::Drags | MouseReports::Moves => true,
    };
    match kind {
        MouseEventKind::Down(button) => Some(number(button)),
        MouseEventKind::Up(button) => match modes.mouse_coding {
            MouseCoding::Sgr => Some(number(button)),
            // Which button it was is not told.
            MouseCoding::Bytes | MouseCoding::Utf8 => Some(3),
        },
        MouseEventKind::Drag(button) => drags.then(|| 32 + number(button)),
        MouseEventKind::Moved => (modes.mouse == MouseReports::Moves).then_some(35),
        MouseEventKind::ScrollUp => Some(64),
        MouseEventKind::ScrollDown => Some(65),
        MouseEventKind::ScrollLeft => Some(66),
        MouseEventKind::ScrollRight => Some(67),
    }
}

fn modifiers(held: KeyModifiers) -> u16 {
    let bit = |modifier, value| if held.contains(modifier) { value } else { 0 };
    bit(KeyModifiers::SHIFT, 4) + bit(KeyModifiers::ALT, 8) + bit(KeyModifiers::CONTROL, 16)
}

fn coded(
    kind: MouseEventKind,
    (code, (column, row)): (u16, (u16, u16)),
    coding: MouseCoding,
) -> Option<Vec<u8>> {
    let (x, y) = (column.checked_add(1)?, row.checked_add(1)?);
    let numbers = [code.checked_add(32)?, x.checked_add(32)?, y.checked_add(32)?];
    match coding {
        MouseCoding::Sgr => {
            let last = match kind {
                MouseEventKind::Up(_) => 'm',
                _ => 'M',
            };
            Some(format!("\x1b[<{code};{x};{y}{last}").into_bytes())
        }
        MouseCoding::Bytes => {
            let mut bytes = b"\x1b[M".to_vec();
            for number in numbers {
                bytes.push(u8::try_from(number).ok()?);
            }
            Some(bytes)
        }
        MouseCoding::Utf8 => {
            let mut text = "\x1b[M".to_owned();
            for number in numbers {
                text.push(char::from_u32(number.into()).filter(|_| number < 2048)?);
            }
            Some(text.into_bytes())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: MouseButton = MouseButton::Left;

    fn sent(kind: MouseEventKind, at: (u16, u16), modes: InputModes) -> Option<Vec<u8>> {
        let modifiers = KeyModifiers::NONE;
        mouse(&MouseEvent { kind, column: 0, row: 0, modifiers }, at, modes)
    }

    fn asks(mouse: MouseReports, mouse_coding: MouseCoding) -> InputModes {
        InputModes { mouse, mouse_coding, ..InputModes::NONE }
    }

    #[test]
    fn events_are_written_as_asked() {
        let sgr = asks(MouseReports::Drags, MouseCoding::Sgr);
        let is = |bytes: &[u8]| Some(bytes.to_vec());
        assert_eq!(sent(MouseEventKind::Down(LEFT), (4, 2), sgr), is(b"\x1b[<0;5;3M"));
        assert_eq!(sent(MouseEventKind::Up(LEFT), (4, 2), sgr), is(b"\x1b[<0;5;3m"));
        assert_eq!(
            sent(MouseEventKind::Drag(MouseButton::Right), (0, 0), sgr),
            is(b"\x1b[<34;1;1M")
        );
        assert_eq!(sent(MouseEventKind::ScrollUp, (300, 0), sgr), is(b"\x1b[<64;301;1M"));
        let bytes = asks(MouseReports::Clicks, MouseCoding::Bytes);
        assert_eq!(sent(MouseEventKind::Down(LEFT), (4, 2), bytes), is(b"\x1b[M %#"));
        assert_eq!(sent(MouseEventKind::Up(LEFT), (4, 2), bytes), is(b"\x1b[M#%#"));
        assert_eq!(sent(MouseEventKind::Down(LEFT), (222, 0), bytes), is(b"\x1b[M \xff!"));
        assert_eq!(
            sent(MouseEventKind::Down(LEFT), (223, 0), bytes),
            None,
            "beyond what it can say"
        );
        let utf8 = asks(MouseReports::Moves, MouseCoding::Utf8);
        assert_eq!(sent(MouseEventKind::Moved, (223, 0), utf8), is("\x1b[MC\u{100}!".as_bytes()));
    }

    #[test]
    fn only_what_was_asked_for_is_sent() {
        let clicks = asks(MouseReports::Clicks, MouseCoding::Sgr);
        let drags = asks(MouseReports::Drags, MouseCoding::Sgr);
        assert_eq!(sent(MouseEventKind::Drag(LEFT), (0, 0), clicks), None);
        assert_eq!(sent(MouseEventKind::Moved, (0, 0), drags), None);
        assert_eq!(sent(MouseEventKind::Down(LEFT), (0, 0), InputModes::NONE), None);
        assert_eq!(sent(MouseEventKind::ScrollUp, (0, 0), InputModes::NONE), None);
        let wheel = InputModes { wheel_as_arrows: true, ..InputModes::NONE };
        let arrows = sent(MouseEventKind::ScrollUp, (0, 0), wheel);
        assert_eq!(arrows, Some(b"\x1b[A\x1b[A\x1b[A".to_vec()));
        assert_eq!(sent(MouseEventKind::Down(LEFT), (0, 0), wheel), None);
    }
}
