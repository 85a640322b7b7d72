//! Runs a program on a terminal of ours, driven from a pipe: for `scripts/terminal-conformance`.
//!
//! `terminal_pipe COLUMNS ROWS PROGRAM [ARGUMENT…]` reads lines: `keys` and bytes in hexadecimal types
//! them, `screen` prints the rows as a line of JSON. Ends with its standard input.
#![allow(clippy::print_stdout)]

use std::io::{BufRead, Read, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use orch_tui::domain::frame::Size;
use orch_tui::runner::host::Terminal;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};

type Failure = Box<dyn std::error::Error>;
type Typist = Arc<Mutex<Box<dyn Write + Send>>>;

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
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("COLUMNS ROWS PROGRAM [ARGUMENT…]");
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
        move || feed(reader, &terminal, &typist)
    });
    for line in std::io::stdin().lock().lines() {
        obey(&line?, &terminal, &typist)?;
    }
    child.kill()?;
    Ok(())
}

fn obey(line: &str, terminal: &Mutex<Terminal>, typist: &Typist) -> Result<(), Failure> {
    if let Some(digits) = line.strip_prefix("keys ") {
        let digits = digits.as_bytes().chunks(2).map(std::str::from_utf8);
        let bytes: Result<Vec<u8>, Failure> =
            digits.map(|pair| Ok(u8::from_str_radix(pair?, 16)?)).collect();
        type_in(typist, &bytes?);
    } else {
        let mut terminal = terminal.lock().unwrap_or_else(PoisonError::into_inner);
        terminal.settle(Instant::now());
        let frame = terminal.frame_since(0).map(|(_, frame)| frame.rows).unwrap_or_default();
        let rows: Vec<String> = frame.iter().map(|(_, row)| row.text()).collect();
        println!("{}", serde_json::to_string(&rows)?);
    }
    Ok(())
}

fn feed(mut reader: Box<dyn Read + Send>, terminal: &Mutex<Terminal>, typist: &Typist) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = reader.read(&mut buffer) {
        let mut terminal = terminal.lock().unwrap_or_else(PoisonError::into_inner);
        let replies = terminal.feed(&buffer[..count], Instant::now()).replies;
        drop(terminal);
        type_in(typist, &replies);
    }
}

fn type_in(typist: &Typist, bytes: &[u8]) {
    let mut typist = typist.lock().unwrap_or_else(PoisonError::into_inner);
    // A program that has ended reads no more.
    let _ = typist.write_all(bytes).and_then(|()| typist.flush());
}
