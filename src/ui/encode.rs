//! Keys and pastes as the bytes an agent's terminal expects.

mod kitty;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::domain::frame::InputModes;

/// The bytes of a key press; none for a key that has no bytes.
pub fn key(key: &KeyEvent, modes: InputModes) -> Vec<u8> {
    if let Some(bytes) = kitty::key(key, modes.keyboard) {
        return bytes;
    }
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    match key.code {
        KeyCode::Char(c) => character(c, key.modifiers),
        KeyCode::Enter => with_alt(b"\r".to_vec(), key.modifiers),
        KeyCode::Tab if key.modifiers.contains(KeyModifiers::SHIFT) => b"\x1b[Z".to_vec(),
        KeyCode::Tab => with_alt(b"\t".to_vec(), key.modifiers),
        KeyCode::BackTab => b"\x1b[Z".to_vec(),
        KeyCode::Backspace if key.modifiers.contains(KeyModifiers::CONTROL) => {
            with_alt(vec![0x08], key.modifiers)
        }
        KeyCode::Backspace => with_alt(vec![0x7f], key.modifiers),
        KeyCode::Esc => with_alt(vec![0x1b], key.modifiers),
        KeyCode::Null => vec![0],
        code => special(code, key.modifiers, modes),
    }
}

/// A character, with Control folded into C0 and Alt as an escape before it.
fn character(c: char, modifiers: KeyModifiers) -> Vec<u8> {
    let mut bytes = Vec::new();
    let control = modifiers.contains(KeyModifiers::CONTROL).then(|| control(c)).flatten();
    match control {
        Some(byte) => bytes.push(byte),
        None => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
    }
    with_alt(bytes, modifiers)
}

/// The C0 byte of a character with Control. The bytes 0x1C to 0x1F reach us as Ctrl-4 to Ctrl-7,
/// or under their other names from terminals that tell keys apart.
fn control(c: char) -> Option<u8> {
    match c {
        ' ' | '@' | '`' | '2' => Some(0x00),
        'a'..='z' | 'A'..='Z' => u8::try_from(c).ok().map(|byte| byte & 0x1f),
        '[' | '{' | '3' => Some(0x1b),
        '\\' | '|' | '4' => Some(0x1c),
        ']' | '}' | '5' => Some(0x1d),
        '^' | '~' | '6' => Some(0x1e),
        '_' | '/' | '-' | '7' => Some(0x1f),
        '?' | '8' => Some(0x7f),
        _ => None,
    }
}

fn with_alt(mut bytes: Vec<u8>, modifiers: KeyModifiers) -> Vec<u8> {
    if modifiers.contains(KeyModifiers::ALT) {
        bytes.insert(0, 0x1b);
    }
    bytes
}

/// Keys that send escape sequences, as xterm sends them.
fn special(code: KeyCode, modifiers: KeyModifiers, modes: InputModes) -> Vec<u8> {
    let letter = match code {
        KeyCode::Up => Some('A'),
        KeyCode::Down => Some('B'),
        KeyCode::Right => Some('C'),
        KeyCode::Left => Some('D'),
        KeyCode::Home => Some('H'),
        KeyCode::End => Some('F'),
        KeyCode::F(1) => Some('P'),
        KeyCode::F(2) => Some('Q'),
        KeyCode::F(3) => Some('R'),
        KeyCode::F(4) => Some('S'),
        _ => None,
    };
    if let Some(letter) = letter {
        let function = letter.is_ascii() && ('P'..='S').contains(&letter);
        let lead = if function || modes.application_cursor { 'O' } else { '[' };
        return match parameter(modifiers) {
            None => format!("\x1b{lead}{letter}").into_bytes(),
            Some(m) => format!("\x1b[1;{m}{letter}").into_bytes(),
        };
    }
    let Some(number) = number(code) else { return Vec::new() };
    match parameter(modifiers) {
        None => format!("\x1b[{number}~").into_bytes(),
        Some(m) => format!("\x1b[{number};{m}~").into_bytes(),
    }
}

/// The number of a key whose sequence ends in a tilde.
fn number(code: KeyCode) -> Option<u8> {
    Some(match code {
        KeyCode::Insert => 2,
        KeyCode::Delete => 3,
        KeyCode::PageUp => 5,
        KeyCode::PageDown => 6,
        KeyCode::F(5) => 15,
        KeyCode::F(n @ 6..=10) => 11 + n,
        KeyCode::F(n @ 11..=14) => 12 + n,
        KeyCode::F(n @ 15..=16) => 13 + n,
        KeyCode::F(n @ 17..=20) => 14 + n,
        _ => return None,
    })
}

/// xterm's modifier parameter; `None` without modifiers.
fn parameter(modifiers: KeyModifiers) -> Option<u8> {
    let bit = |modifier, value| if modifiers.contains(modifier) { value } else { 0 };
    let sum =
        bit(KeyModifiers::SHIFT, 1) + bit(KeyModifiers::ALT, 2) + bit(KeyModifiers::CONTROL, 4);
    (sum > 0).then_some(sum + 1)
}

/// A paste as bytes. Nothing in it can end the paste early or act as a key: control characters go,
/// except tabs and line ends.
pub fn paste(text: &str, modes: InputModes) -> Vec<u8> {
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    for bracket in ["\u{1b}[200~", "\u{1b}[201~", "\u{9b}200~", "\u{9b}201~"] {
        text = text.replace(bracket, "");
    }
    text.retain(|c| !c.is_control() || c == '\n' || c == '\t');
    if modes.bracketed_paste {
        format!("\x1b[200~{text}\x1b[201~").into_bytes()
    } else {
        // Without brackets a line end is what the Enter key sends.
        text.replace('\n', "\r").into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::frame::KeyboardFlags;

    const PLAIN: InputModes = InputModes::NONE;
    const NONE: KeyModifiers = KeyModifiers::NONE;
    const CTRL: KeyModifiers = KeyModifiers::CONTROL;

    fn bytes(code: KeyCode, modifiers: KeyModifiers) -> Vec<u8> {
        key(&KeyEvent::new(code, modifiers), PLAIN)
    }

    /// How crossterm 0.29 reports each C0 byte on a plain terminal.
    fn reported(byte: u8) -> (KeyCode, KeyModifiers) {
        match byte {
            0x00 => (KeyCode::Char(' '), CTRL),
            0x09 => (KeyCode::Tab, NONE),
            0x0d => (KeyCode::Enter, NONE),
            0x1b => (KeyCode::Esc, NONE),
            0x01..=0x1a => (KeyCode::Char(char::from(byte - 1 + b'a')), CTRL),
            _ => (KeyCode::Char(char::from(byte - 0x1c + b'4')), CTRL),
        }
    }

    #[test]
    fn every_control_byte_reaches_the_agent_unchanged() {
        for byte in 0x00..=0x1f {
            let (code, modifiers) = reported(byte);
            assert_eq!(bytes(code, modifiers), [byte], "byte {byte:#04x}");
        }
        assert_eq!(bytes(KeyCode::Backspace, NONE), [0x7f]);
    }

    #[test]
    fn control_bytes_under_their_other_names() {
        let named = [('\\', 0x1c), (']', 0x1d), ('^', 0x1e), ('_', 0x1f), ('[', 0x1b), ('@', 0)];
        for (c, byte) in named {
            assert_eq!(bytes(KeyCode::Char(c), CTRL), [byte]);
        }
    }

    #[test]
    fn escape_sequences_are_those_of_xterm() {
        assert_eq!(bytes(KeyCode::Up, NONE), b"\x1b[A");
        let application = InputModes { application_cursor: true, ..PLAIN };
        assert_eq!(key(&KeyEvent::new(KeyCode::Up, NONE), application), b"\x1bOA");
        assert_eq!(key(&KeyEvent::new(KeyCode::Up, CTRL), application), b"\x1b[1;5A");
        assert_eq!(bytes(KeyCode::Left, KeyModifiers::SHIFT | KeyModifiers::ALT), b"\x1b[1;4D");
        assert_eq!(bytes(KeyCode::F(1), NONE), b"\x1bOP");
        assert_eq!(bytes(KeyCode::F(1), KeyModifiers::SHIFT), b"\x1b[1;2P");
        let numbers =
            [(5, "15"), (6, "17"), (10, "21"), (11, "23"), (12, "24"), (15, "28"), (20, "34")];
        for (f, n) in numbers {
            assert_eq!(bytes(KeyCode::F(f), NONE), format!("\x1b[{n}~").into_bytes(), "F{f}");
        }
        assert_eq!(bytes(KeyCode::Delete, CTRL), b"\x1b[3;5~");
        assert_eq!(bytes(KeyCode::BackTab, KeyModifiers::SHIFT), b"\x1b[Z");
    }

    #[test]
    fn who_asked_for_the_kitty_protocol_gets_it() {
        let kitty =
            InputModes { keyboard: KeyboardFlags::DISAMBIGUATE, application_cursor: true, ..PLAIN };
        let said = |code, modifiers| key(&KeyEvent::new(code, modifiers), kitty);
        assert_eq!(said(KeyCode::Esc, NONE), b"\x1b[27u");
        assert_eq!(said(KeyCode::Up, NONE), b"\x1b[A");
        assert_eq!(said(KeyCode::Char('x'), NONE), b"x");
        assert_eq!(said(KeyCode::Char('5'), CTRL), b"\x1d");
    }

    #[test]
    fn alt_is_an_escape_before_the_key() {
        assert_eq!(bytes(KeyCode::Char('b'), KeyModifiers::ALT), b"\x1bb");
        assert_eq!(bytes(KeyCode::Char('é'), KeyModifiers::ALT), "\u{1b}é".as_bytes());
        assert_eq!(bytes(KeyCode::Char('a'), KeyModifiers::ALT | CTRL), b"\x1b\x01");
        assert_eq!(bytes(KeyCode::Enter, KeyModifiers::ALT), b"\x1b\r");
        assert_eq!(bytes(KeyCode::Backspace, KeyModifiers::ALT), b"\x1b\x7f");
        assert_eq!(bytes(KeyCode::Char('完'), NONE), "完".as_bytes());
    }

    #[test]
    fn a_paste_stays_a_paste() {
        let brackets = InputModes { bracketed_paste: true, ..PLAIN };
        let evil = "ls\u{1b}[201~\r\nrm -rf\u{3}\u{9b}201~ x\ty";
        assert_eq!(paste(evil, brackets), b"\x1b[200~ls\nrm -rf x\ty\x1b[201~");
        assert_eq!(paste(evil, PLAIN), b"ls\rrm -rf x\ty");
    }

    proptest! {
        #[test]
        fn no_paste_escapes_its_brackets(text in any::<String>()) {
            let brackets = InputModes { bracketed_paste: true, ..PLAIN };
            let sent = String::from_utf8(paste(&text, brackets)).unwrap_or_default();
            let body = sent.strip_prefix("\x1b[200~").and_then(|s| s.strip_suffix("\x1b[201~"));
            prop_assert!(body.is_some_and(|b| b.chars().all(|c| !c.is_control() || c == '\n' || c == '\t')));
        }
    }
}
