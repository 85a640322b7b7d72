//! Runs a program on a terminal of ours, driven from a pipe: for `scripts/terminal-conformance`.
//!
//! `terminal_pipe [--checksums] COLUMNS ROWS PROGRAM [ARGUMENT…]` reads lines: `keys` and bytes in hexadecimal
//! types them, `screen` prints the rows as a line of JSON, `wait` prints `null` when the program has ended. Ends with
//! its standard input.
//!
//! `--checksums` answers DECRQCRA, by which a program reads the screen back: esctest reads cells no other way. The
//! product does not answer it, so it is answered here, beside the terminal.
#![allow(clippy::print_stdout)]

use std::io::{BufRead, Read, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use orch_tui::domain::frame::Size;
use orch_tui::runner::host::Terminal;
use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

type Failure = Box<dyn std::error::Error>;
type Typist = Arc<Mutex<Box<dyn Write + Send>>>;

/// Whether programs may ask for checksums of the screen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Checksums {
    Unanswered,
    Answered,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            println!("{{\"error\":\"{}\"}}", failure.to_string().escape_default());
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).peekable();
    let checksums = match arguments.next_if_eq("--checksums") {
        Some(_) => Checksums::Answered,
        None => Checksums::Unanswered,
    };
    let mut next = || arguments.next().ok_or("[--checksums] COLUMNS ROWS PROGRAM [ARGUMENT…]");
    let size = Size { cols: next()?.parse()?, rows: next()?.parse()? };
    let mut command = CommandBuilder::new(next()?);
    command.args(arguments);
    command.env("TERM", "xterm-256color");
    let pty = PtySize { rows: size.rows, cols: size.cols, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(pty)?;
    let mut child = pair.slave.spawn_command(command)?;
    drop(pair.slave);
    let terminal = Arc::new(Mutex::new(Terminal::new(size)));
    let typist: Typist = Arc::new(Mutex::new(pair.master.take_writer()?));
    let reader = pair.master.try_clone_reader()?;
    std::thread::spawn({
        let (terminal, typist) = (terminal.clone(), typist.clone());
        move || feed(reader, &terminal, &typist, checksums)
    });
    for line in std::io::stdin().lock().lines() {
        obey(&line?, &terminal, &typist, child.as_mut())?;
    }
    child.kill()?;
    Ok(())
}

fn obey(
    line: &str,
    terminal: &Mutex<Terminal>,
    typist: &Typist,
    child: &mut dyn Child,
) -> Result<(), Failure> {
    if let Some(digits) = line.strip_prefix("keys ") {
        let digits = digits.as_bytes().chunks(2).map(std::str::from_utf8);
        let bytes: Result<Vec<u8>, Failure> =
            digits.map(|pair| Ok(u8::from_str_radix(pair?, 16)?)).collect();
        type_in(typist, &bytes?);
    } else if line == "wait" {
        child.wait()?;
        println!("null");
    } else {
        let mut terminal = terminal.lock().unwrap_or_else(PoisonError::into_inner);
        terminal.settle(Instant::now());
        println!("{}", serde_json::to_string(&text(&mut terminal))?);
    }
    Ok(())
}

/// The rows of the screen.
fn text(terminal: &mut Terminal) -> Vec<String> {
    let frame = terminal.frame_since(0).map(|(_, frame)| frame.rows).unwrap_or_default();
    frame.iter().map(|(_, row)| row.text()).collect()
}

fn feed(
    mut reader: Box<dyn Read + Send>,
    terminal: &Mutex<Terminal>,
    typist: &Typist,
    checksums: Checksums,
) {
    let mut buffer = [0; 4096];
    let mut waiting = Vec::new();
    while let Ok(count @ 1..) = reader.read(&mut buffer) {
        waiting.extend_from_slice(&buffer[..count]);
        let mut terminal = terminal.lock().unwrap_or_else(PoisonError::into_inner);
        let replies = match checksums {
            Checksums::Answered => answer(&mut terminal, &mut waiting),
            Checksums::Unanswered => {
                terminal.feed(&std::mem::take(&mut waiting), Instant::now()).replies
            }
        };
        drop(terminal);
        type_in(typist, &replies);
    }
}

/// Feeds what has come and answers each DECRQCRA in its place. One that has only begun is left waiting.
fn answer(terminal: &mut Terminal, waiting: &mut Vec<u8>) -> Vec<u8> {
    let mut replies = Vec::new();
    loop {
        let (at, end) = query(waiting);
        replies.extend(terminal.feed(&waiting[..at], Instant::now()).replies);
        let Some(end) = end else {
            waiting.drain(..at);
            return replies;
        };
        let parameters = String::from_utf8_lossy(&waiting[at + 2..end - 2]).into_owned();
        replies.extend(checksum(&text(terminal), &parameters).bytes());
        waiting.drain(..end);
    }
}

/// Where the first DECRQCRA begins, and where it ends if it is whole.
fn query(bytes: &[u8]) -> (usize, Option<usize>) {
    for at in (0..bytes.len()).filter(|at| bytes[*at] == 0x1b) {
        let rest = &bytes[at..];
        let digits = |byte: &&u8| b"0123456789;".contains(*byte);
        let length = rest.iter().skip(2).take_while(digits).count();
        match (rest.get(1), rest.get(2 + length), rest.get(3 + length)) {
            (Some(b'['), Some(b'*'), Some(b'y')) => return (at, Some(at + length + 4)),
            (None, ..) | (Some(b'['), None, _) | (Some(b'['), Some(b'*'), None) => {
                return (at, None);
            }
            _ => {}
        }
    }
    (bytes.len(), None)
}

/// The answer: the sum of the characters in a rectangle, blanks as spaces.
fn checksum(rows: &[String], parameters: &str) -> String {
    let numbers: Vec<usize> = parameters.split(';').map(|part| part.parse().unwrap_or(0)).collect();
    let [id, _, top, left, bottom, right] = numbers[..] else { return String::new() };
    let mut sum = 0u32;
    for row in top.max(1)..=bottom.min(rows.len()) {
        for column in left.max(1)..=right.min(999) {
            let c = rows.get(row - 1).and_then(|text| text.chars().nth(column - 1));
            sum = sum.wrapping_add(u32::from(c.unwrap_or(' ')));
        }
    }
    format!("\x1bP{id}!~{:04X}\x1b\\", sum & 0xffff)
}

fn type_in(typist: &Typist, bytes: &[u8]) {
    let mut typist = typist.lock().unwrap_or_else(PoisonError::into_inner);
    // A program that has ended reads no more.
    let _ = typist.write_all(bytes).and_then(|()| typist.flush());
}
