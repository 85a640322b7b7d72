//! Listens in on a terminal's byte stream for what the emulator does not tell: notifications
//! (OSC 9, 99, 777), version and cell size queries, soft resets, repetitions. Also bounds operating
//! system commands, which the emulator would collect without end.

/// Longest operating system command passed on.
const LONGEST_COMMAND: usize = 64 * 1024;
/// Longest notification kept.
const LONGEST_NOTICE: usize = 512;
/// Longest control sequence looked at.
const LONGEST_CONTROL: usize = 16;

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// XTVERSION: the name and version of the terminal is asked.
    VersionQuery,
    /// XTWINOPS 16: the size of a cell in pixels is asked.
    CellSizeQuery,
    /// DECSTR.
    SoftReset,
    /// REP: the last character shall be repeated this often.
    Repeat(u32),
    /// A notification.
    Notice(String),
    /// An operating system command is too long: nothing of it may be passed on until `CommandOver`.
    CommandTooLong,
    /// A command that was too long is over.
    CommandOver,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ground,
    Escape,
    /// `ESC [`; what came since is in `control`.
    Control,
    Command,
    OtherString,
}

/// The listener; bytes may come in any pieces.
#[derive(Debug)]
pub(super) struct Probe {
    state: State,
    control: Vec<u8>,
    command: Vec<u8>,
    length: usize,
}

impl Probe {
    pub(super) fn new() -> Self {
        Self { state: State::Ground, control: Vec::new(), command: Vec::new(), length: 0 }
    }

    /// Reads until something is heard; returns how many bytes were read and what it was.
    pub(super) fn listen(&mut self, bytes: &[u8]) -> (usize, Option<Heard>) {
        let mut at = 0;
        while at < bytes.len() {
            if self.state == State::Ground {
                match memchr::memchr(0x1b, &bytes[at..]) {
                    Some(offset) => at += offset,
                    None => return (bytes.len(), None),
                }
                if let Some((length, heard)) = whole_control(&bytes[at..]) {
                    at += length;
                    if heard.is_some() {
                        return (at, heard);
                    }
                    continue;
                }
            }
            let heard = self.step(bytes[at]);
            at += 1;
            if heard.is_some() {
                return (at, heard);
            }
        }
        (at, None)
    }

    fn step(&mut self, byte: u8) -> Option<Heard> {
        match (self.state, byte) {
            (State::Command, 0x07 | 0x18 | 0x1a) => return self.end_command(State::Ground),
            (State::Command, 0x1b) => return self.end_command(State::Escape),
            (State::Command, _) => return self.collect(byte),
            (_, 0x1b) => self.state = State::Escape,
            (_, 0x18 | 0x1a) => self.state = State::Ground,
            (State::Ground | State::OtherString, _) => {}
            (State::Escape, _) => self.begin(byte),
            (State::Control, _) => return self.control(byte),
        }
        None
    }

    fn begin(&mut self, byte: u8) {
        self.state = match byte {
            b'[' => {
                self.control.clear();
                State::Control
            }
            b']' => {
                self.command.clear();
                self.length = 0;
                State::Command
            }
            b'P' | b'_' | b'^' | b'X' => State::OtherString,
            // Intermediates of a longer escape, and controls executed inside it.
            0x20..=0x2f | 0x00..=0x17 | 0x19 | 0x1c..=0x1f => State::Escape,
            _ => State::Ground,
        };
    }

    fn control(&mut self, byte: u8) -> Option<Heard> {
        match byte {
            0x40..=0x7e => {
                self.state = State::Ground;
                return meaning(&self.control, byte);
            }
            0x00..=0x1f | 0x7f => {}
            _ if self.control.len() <= LONGEST_CONTROL => self.control.push(byte),
            _ => {}
        }
        None
    }

    fn collect(&mut self, byte: u8) -> Option<Heard> {
        self.length = self.length.saturating_add(1);
        if self.command.len() < LONGEST_NOTICE {
            self.command.push(byte);
        }
        (self.length == LONGEST_COMMAND).then_some(Heard::CommandTooLong)
    }

    fn end_command(&mut self, next: State) -> Option<Heard> {
        self.state = next;
        if self.length >= LONGEST_COMMAND {
            return Some(Heard::CommandOver);
        }
        notice(&String::from_utf8_lossy(&self.command)).map(Heard::Notice)
    }
}

/// The length of a plain control sequence that the bytes begin with, and what it says. Nearly all are; what is cut in two
/// or has controls inside is read byte by byte.
fn whole_control(bytes: &[u8]) -> Option<(usize, Option<Heard>)> {
    let rest = bytes.strip_prefix(b"\x1b[")?;
    let length = rest.iter().position(|byte| !(0x20..=0x3f).contains(byte))?;
    let end = rest[length];
    let is_plain = (0x40..=0x7e).contains(&end) && length <= LONGEST_CONTROL;
    is_plain.then(|| (length + 3, meaning(&rest[..length], end)))
}

/// What a control sequence with these parameters and this end says, if it is of interest.
fn meaning(parameters: &[u8], end: u8) -> Option<Heard> {
    match (parameters, end) {
        ([b'>', zeros @ ..], b'q') if zeros.iter().all(|byte| *byte == b'0') => {
            Some(Heard::VersionQuery)
        }
        (b"16", b't') => Some(Heard::CellSizeQuery),
        (b"!", b'p') => Some(Heard::SoftReset),
        (parameters, b'b') => repetition(parameters).map(Heard::Repeat),
        _ => None,
    }
}

fn repetition(parameters: &[u8]) -> Option<u32> {
    if !parameters.iter().all(|byte| byte.is_ascii_digit() || b";:".contains(byte)) {
        return None;
    }
    let digits = parameters.iter().take_while(|byte| byte.is_ascii_digit());
    let times = digits.fold(0u32, |number, digit| {
        number.saturating_mul(10).saturating_add(u32::from(digit - b'0'))
    });
    // One that was not kept whole may be any.
    Some(if parameters.len() > LONGEST_CONTROL { u32::MAX } else { times.max(1) })
}

/// The text of a notification command.
fn notice(command: &str) -> Option<String> {
    let (kind, rest) = command.split_once(';')?;
    let text = match kind {
        // `9;4;…` reports progress.
        "9" if !rest.starts_with("4;") => rest.to_owned(),
        "99" => rest.split_once(';')?.1.to_owned(),
        "777" => rest.strip_prefix("notify;")?.replacen(';', ": ", 1),
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], piece: usize) -> Vec<Heard> {
        let mut probe = Probe::new();
        let mut heard = Vec::new();
        for mut chunk in bytes.chunks(piece) {
            while !chunk.is_empty() {
                let (read, what) = probe.listen(chunk);
                chunk = &chunk[read..];
                heard.extend(what);
            }
        }
        heard
    }

    #[test]
    fn notifications_and_queries_are_heard_in_any_pieces() {
        let stream = b"x\x1b]9;hello\x07\x1b[>0q\x1b[>1q\x1b]777;notify;T;B\x1b\\\x1b]9;4;1;50\x07\
                       \x1b]99;i=1:d=0;hi\x1b\\\x1b_Ga;\x07]9;no\x1b\\\x1b[>q\x1b]0;title\x07";
        let expected = [
            Heard::Notice("hello".into()),
            Heard::VersionQuery,
            Heard::Notice("T: B".into()),
            Heard::Notice("hi".into()),
            Heard::VersionQuery,
        ];
        for piece in [1, 2, 3, 7, 1000] {
            assert_eq!(all(stream, piece), expected);
        }
    }

    #[test]
    fn controls_of_interest_are_heard_in_any_pieces() {
        let stream =
            b"\x1b[!p\x1b[16t\x1b[5b\x1b[b\x1b[99999;1b\x1b[00000000000000000007b\x1b[1 b\x1b[?1b\
                       \x1b[1\x0d6t\x1b[16\x18t\x1b[116t\x1b[!\x1b[p";
        let expected = [
            Heard::SoftReset,
            Heard::CellSizeQuery,
            Heard::Repeat(5),
            Heard::Repeat(1),
            Heard::Repeat(99_999),
            Heard::Repeat(u32::MAX),
            Heard::CellSizeQuery,
        ];
        for piece in [1, 2, 3, 7, 1000] {
            assert_eq!(all(stream, piece), expected);
        }
    }

    #[test]
    fn endless_commands_are_bounded() {
        let mut stream = b"\x1b]0;".to_vec();
        stream.resize(3 * LONGEST_COMMAND, b'a');
        stream.push(0x07);
        assert_eq!(all(&stream, 1000), [Heard::CommandTooLong, Heard::CommandOver]);
    }
}
