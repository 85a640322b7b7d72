//! What a program may leave behind in the terminal it was started in.

use portable_pty::MasterPty;

/// The settings of the terminal's line discipline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalModes {
    input: u64,
    output: u64,
    control: u64,
    local: u64,
    characters: Vec<u8>,
}

/// The settings now, where the system tells them.
pub fn terminal_modes(master: &dyn MasterPty) -> Option<TerminalModes> {
    let modes = master.get_termios()?;
    Some(TerminalModes {
        input: modes.input_flags.bits().into(),
        output: modes.output_flags.bits().into(),
        control: modes.control_flags.bits().into(),
        local: modes.local_flags.bits().into(),
        characters: modes.control_chars.to_vec(),
    })
}

/// Private modes that differ from a fresh terminal at the end of `output`, and kitty keyboard levels still pushed.
pub fn left_behind(output: &[u8]) -> Vec<String> {
    let names = [
        (25, true, "the cursor is hidden"),
        (47, false, "the alternate screen is on"),
        (1047, false, "the alternate screen is on"),
        (1049, false, "the alternate screen is on"),
        (1000, false, "mouse clicks are reported"),
        (1002, false, "mouse drags are reported"),
        (1003, false, "mouse moves are reported"),
        (1005, false, "mouse reports are in UTF-8"),
        (1006, false, "mouse reports are in SGR"),
        (1015, false, "mouse reports are in urxvt's form"),
        (1004, false, "focus is reported"),
        (2004, false, "paste is bracketed"),
        (2026, false, "a synchronised update is open"),
    ];
    let mut modes = std::collections::BTreeMap::new();
    let mut levels = 0_i32;
    for part in output.split(|byte| *byte == 0x1b) {
        let Some(rest) = part.strip_prefix(b"[") else { continue };
        let Some(end) = rest.iter().position(|byte| (0x40..=0x7e).contains(byte)) else { continue };
        match (rest.first(), rest[end]) {
            (Some(b'?'), last @ (b'h' | b'l')) => {
                for number in rest[1..end].split(|byte| *byte == b';') {
                    modes.insert(String::from_utf8_lossy(number).into_owned(), last == b'h');
                }
            }
            (Some(b'>'), b'u') => levels += 1,
            (Some(b'<'), b'u') => levels -= 1,
            _ => {}
        }
    }
    let mut left: Vec<String> = names
        .iter()
        .filter(|(number, default, _)| {
            modes.get(&number.to_string()).is_some_and(|value| value != default)
        })
        .map(|(number, _, what)| format!("{what} (mode {number})"))
        .collect();
    if levels > 0 {
        left.push("a kitty keyboard level is pushed".into());
    }
    left
}
