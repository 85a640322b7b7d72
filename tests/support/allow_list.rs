//! What the program may say to the outer terminal, as a grammar: anything else is reported with its offset.
//!
//! Allowed: printable text, CR, LF, BS; colours and attributes (SGR); moving the cursor and erasing; the private modes of
//! [`PRIVATE_MODES`]; titles (OSC 0 and 2), progress (OSC 9;4) and writing the clipboard (OSC 52).

/// Private modes that may be set and reset. 1015 is part of what crossterm sends to turn the mouse on.
pub const PRIVATE_MODES: [u16; 12] =
    [25, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1049, 2004, 2026];

/// Something that may not be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where it begins in the output.
    pub offset: usize,
    /// It, escaped and shortened.
    pub bytes: String,
    /// Why it is refused.
    pub why: &'static str,
}

/// What an output says besides text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// What may not be said, in order.
    pub violations: Vec<Violation>,
    /// Titles set, in order.
    pub titles: Vec<String>,
    /// Clipboard writes: the base64 text of each.
    pub clipboard: Vec<String>,
    /// Progress reports: what stands behind `9;4;`.
    pub progress: Vec<String>,
}

/// Panics with a list when `output` says something it may not; returns what it says.
pub fn assert_allowed(output: &[u8]) -> Reading {
    let reading = read(output);
    let list: Vec<String> = reading
        .violations
        .iter()
        .take(20)
        .map(|violation| {
            format!("at byte {}: {}: \"{}\"", violation.offset, violation.why, violation.bytes)
        })
        .collect();
    assert!(
        list.is_empty(),
        "{} sequences outside the allow-list, the first are:\n  {}",
        reading.violations.len(),
        list.join("\n  ")
    );
    reading
}

/// Reads a whole output.
pub fn read(output: &[u8]) -> Reading {
    let mut reader = Reader { output, at: 0, reading: Reading::default() };
    while reader.at < output.len() {
        reader.step();
    }
    reader.reading
}

struct Reader<'a> {
    output: &'a [u8],
    at: usize,
    reading: Reading,
}

impl Reader<'_> {
    fn step(&mut self) {
        let rest = &self.output[self.at..];
        let length = match rest {
            [0x1b, b'[', ..] => self.control_sequence(rest),
            [0x1b, b']', ..] => self.command(rest),
            [0x1b, b'P' | b'_' | b'^' | b'X', ..] => {
                let (length, _) = string_end(rest);
                self.refuse(length, "a DCS, APC, PM or SOS string");
                length
            }
            [0x1b, b'7' | b'8', ..] => 2,
            [0x1b, _, ..] => {
                self.refuse(2, "an escape sequence of two bytes");
                2
            }
            [0x1b] => {
                self.refuse(1, "an unfinished escape sequence");
                1
            }
            [b'\r' | b'\n' | 0x08, ..] => 1,
            [byte, ..] if *byte < 0x20 || *byte == 0x7f => {
                self.refuse(1, "a control character");
                1
            }
            _ => self.text(rest),
        };
        self.at += length;
    }

    fn refuse(&mut self, length: usize, why: &'static str) {
        let end = self.output.len().min(self.at + length.min(40));
        let bytes = self.output[self.at..end].escape_ascii().to_string();
        self.reading.violations.push(Violation { offset: self.at, bytes, why });
    }

    /// One character.
    fn text(&mut self, rest: &[u8]) -> usize {
        let length = match rest[0] {
            0x00..=0x7f => 1,
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 0,
        };
        let char = rest.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok());
        match char.and_then(|text| text.chars().next()) {
            None => {
                self.refuse(1, "not UTF-8");
                1
            }
            Some(char) => {
                if let Some(why) = refused_character(char) {
                    self.refuse(length, why);
                }
                length
            }
        }
    }

    /// `CSI parameters intermediates final`.
    fn control_sequence(&mut self, rest: &[u8]) -> usize {
        let body = &rest[2..];
        let parameters = body.iter().take_while(|byte| (0x30..=0x3f).contains(*byte)).count();
        let intermediates =
            body[parameters..].iter().take_while(|byte| (0x20..=0x2f).contains(*byte)).count();
        let Some(last) = body.get(parameters + intermediates) else {
            self.refuse(rest.len(), "an unfinished control sequence");
            return rest.len();
        };
        let length = 2 + parameters + intermediates + 1;
        let parameters = &body[..parameters];
        let plain = parameters.iter().all(|byte| byte.is_ascii_digit() || *byte == b';');
        let why = match (last, parameters) {
            _ if intermediates > 0 => Some("a control sequence with intermediate bytes"),
            (b'h' | b'l', [b'?', modes @ ..]) => refused_mode(modes),
            (b'm', _) if plain || parameters.iter().all(|byte| b"0123456789;:".contains(byte)) => {
                None
            }
            // Movement, then erasing.
            (b'A'..=b'H' | b'f' | b'd' | b'`' | b'a' | b'e' | b'J' | b'K' | b'X', _) if plain => {
                None
            }
            _ => Some("a control sequence that neither colours, moves nor erases"),
        };
        if let Some(why) = why {
            self.refuse(length, why);
        }
        length
    }

    /// `OSC number ; text` up to BEL or ST.
    fn command(&mut self, rest: &[u8]) -> usize {
        let (length, text) = string_end(rest);
        let Some(text) = text.and_then(|text| std::str::from_utf8(text).ok()) else {
            self.refuse(length, "an unfinished or unreadable command (OSC)");
            return length;
        };
        let (number, argument) = text.split_once(';').unwrap_or((text, ""));
        if argument.chars().any(|char| char.is_control() || refused_character(char).is_some()) {
            self.refuse(length, "a command (OSC) with control characters");
            return length;
        }
        match number {
            "0" | "2" => self.reading.titles.push(argument.into()),
            "9" if is_progress(argument) => self.reading.progress.push(argument[2..].into()),
            "52" if is_clipboard_write(argument) => {
                let (_, text) = argument.split_once(';').unwrap_or_default();
                self.reading.clipboard.push(text.into());
            }
            _ => self.refuse(length, "a command (OSC) that is not a title, progress or clipboard"),
        }
        length
    }
}

/// Length of a string sequence with its end, and what stands between; `None` when it has no end.
fn string_end(rest: &[u8]) -> (usize, Option<&[u8]>) {
    for (index, byte) in rest.iter().enumerate().skip(2) {
        match byte {
            0x07 => return (index + 1, Some(&rest[2..index])),
            0x1b if rest.get(index + 1) == Some(&b'\\') => {
                return (index + 2, Some(&rest[2..index]));
            }
            // Any other escape ends the string unfinished.
            0x1b => return (index, None),
            _ => {}
        }
    }
    (rest.len(), None)
}

fn refused_mode(modes: &[u8]) -> Option<&'static str> {
    let known = modes.split(|byte| *byte == b';').all(|mode| {
        let mode = std::str::from_utf8(mode).ok().and_then(|mode| mode.parse::<u16>().ok());
        mode.is_some_and(|mode| PRIVATE_MODES.contains(&mode))
    });
    (!known).then_some("a private mode that is not ours to change")
}

/// `4;state` or `4;state;percent`.
fn is_progress(argument: &str) -> bool {
    let mut parts = argument.split(';');
    let state = parts.next() == Some("4")
        && parts.next().is_some_and(|state| matches!(state, "0" | "1" | "2" | "3" | "4"));
    let percent = parts.next().is_none_or(|percent| percent.parse::<u8>().is_ok_and(|n| n <= 100));
    state && percent && parts.next().is_none()
}

/// `target;base64`: reading the clipboard (`?`) is refused.
fn is_clipboard_write(argument: &str) -> bool {
    argument.split_once(';').is_some_and(|(target, text)| {
        matches!(target, "" | "c" | "p")
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
    })
}

fn refused_character(char: char) -> Option<&'static str> {
    match char {
        '\u{80}'..='\u{9f}' => Some("a C1 control character"),
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some("a character that changes the direction of text")
        }
        '\u{2028}' | '\u{2029}' => Some("a line or paragraph separator"),
        // U+200D joins emoji, so it stays.
        '\u{ad}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200c}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => Some("an invisible character"),
        _ => None,
    }
}
