//! A program in a real terminal: the real binary in a PTY, emulated by the emulator we ship.

use std::io::{Read, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use alacritty_terminal::event::{Event, EventListener, WindowSize};
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::term::{Config, Term};
use alacritty_terminal::vte::ansi::{Processor, Rgb};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid,
};

pub use super::launch::Launch;

use super::key::Key;
use super::screen::Screen;
use super::terminal_modes::{TerminalModes, left_behind, terminal_modes};

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(u32),
    /// By a signal, in the system's words.
    Signal(String),
}

/// A program in a terminal. Dropping it ends its process group.
pub struct Session {
    shared: Arc<Shared>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Arc<Mutex<Box<dyn Write + Send>>>,
    pid: i32,
    before: Option<TerminalModes>,
    deadline: Duration,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    term: Term<Mailbox>,
    mailbox: Mailbox,
    title: String,
    raw: Vec<u8>,
    is_drained: bool,
    is_closed: bool,
    exit: Option<Exit>,
}

impl Session {
    pub(super) fn start(launch: &Launch) -> Self {
        let (columns, rows) = launch.size;
        let pair = native_pty_system().openpty(pty_size(columns, rows)).unwrap();
        let before = terminal_modes(&*pair.master);
        let mut command = CommandBuilder::new(&launch.program);
        command.args(&launch.arguments);
        command.env_clear();
        launch.environment.iter().for_each(|(name, value)| command.env(name, value));
        command.cwd(&launch.folder);
        let child = pair.slave.spawn_command(command).unwrap_or_else(|error| {
            panic!("{} could not be started: {error}", launch.program.display())
        });
        drop(pair.slave);
        let pid = i32::try_from(child.process_id().unwrap()).unwrap();
        let mailbox = Mailbox::default();
        let term = Term::new(Config::default(), &Size { columns, rows }, mailbox.clone());
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                term,
                mailbox,
                title: String::new(),
                raw: Vec::new(),
                is_drained: false,
                is_closed: false,
                exit: None,
            }),
            changed: Condvar::new(),
        });
        let writer = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let reader = pair.master.try_clone_reader().unwrap();
        std::thread::spawn({
            let (shared, writer) = (shared.clone(), writer.clone());
            move || read(reader, &shared, &writer)
        });
        std::thread::spawn({
            let shared = shared.clone();
            move || await_exit(child, pid, &shared)
        });
        let master = Some(pair.master);
        Self { shared, master, writer, pid, before, deadline: launch.deadline }
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Types characters, as if by hand.
    pub fn type_text(&self, text: &str) {
        self.send(text.as_bytes());
    }

    /// Presses a key.
    pub fn press(&self, key: &Key) {
        self.send(&key.bytes());
    }

    /// Pastes text the way a terminal does when the program asked for bracketed paste.
    pub fn paste(&self, text: &str) {
        self.send(format!("\x1b[200~{text}\x1b[201~").as_bytes());
    }

    /// Clicks the left button at a column and row, from 0.
    pub fn click(&self, column: usize, row: usize) {
        let at = format!("{};{}", column + 1, row + 1);
        self.send(format!("\x1b[<0;{at}M\x1b[<0;{at}m").as_bytes());
    }

    /// Sends bytes as they are.
    pub fn send(&self, bytes: &[u8]) {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.write_all(bytes).and_then(|()| writer.flush()).unwrap_or_else(|error| {
            panic!(
                "{:?} could not be typed: {error}\n{}",
                bytes.escape_ascii().to_string(),
                self.screen()
            )
        });
    }

    /// Changes the terminal's size.
    pub fn resize(&self, columns: u16, rows: u16) {
        let mut state = self.shared.lock();
        state.term.resize(Size { columns, rows });
        self.master.as_ref().unwrap().resize(pty_size(columns, rows)).unwrap();
    }

    /// Takes the terminal away, as when its window is closed. The program must redraw when its size changes.
    pub fn close(&mut self) {
        self.shared.lock().is_closed = true;
        // Only output wakes the thread that reads; it lets go of the terminal then.
        let (columns, rows) = self.screen().size();
        let size = pty_size(u16::try_from(columns).unwrap() + 1, u16::try_from(rows).unwrap());
        self.master.take().unwrap().resize(size).unwrap();
        *self.writer.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(std::io::sink());
    }

    /// The screen now.
    pub fn screen(&self) -> Screen {
        self.shared.lock().screen()
    }

    /// All bytes the program has written so far.
    pub fn output(&self) -> Vec<u8> {
        self.shared.lock().raw.clone()
    }

    /// Waits until the screen fulfils a condition, and returns that screen.
    ///
    /// Panics at the deadline, or when the program's output has ended, with what was waited for and the whole screen.
    pub fn wait_for(&self, condition: impl Fn(&Screen) -> bool, what: &str) -> Screen {
        self.wait(what, |state| Some(state.screen()).filter(|screen| condition(screen)))
    }

    /// Waits until some line of the screen contains `text`.
    pub fn wait_for_text(&self, text: &str) -> Screen {
        self.wait_for(|screen| screen.contains(text), &format!("the text {text:?}"))
    }

    /// Waits until the bytes written so far fulfil a condition.
    pub fn wait_for_output(&self, condition: impl Fn(&[u8]) -> bool, what: &str) {
        self.wait(what, |state| condition(&state.raw).then_some(()));
    }

    /// Waits until the program has ended, and a moment longer for its last output.
    pub fn wait_for_exit(&self) -> Exit {
        let exit = self.wait("the program to end", |state| state.exit.clone());
        // Somebody else may still hold the terminal: that is for the test to judge.
        let state = self.shared.lock();
        let rest = self
            .shared
            .changed
            .wait_timeout_while(state, Duration::from_secs(1), |state| !state.is_drained);
        drop(rest);
        exit
    }

    /// How the program ended, `None` while it runs.
    pub fn exit_status(&self) -> Option<Exit> {
        self.shared.lock().exit.clone()
    }

    /// Sends a signal to the program alone.
    pub fn signal(&self, signal: Signal) {
        let state = self.shared.lock();
        if state.exit.is_none() {
            kill_process(Pid::from_raw(self.pid).unwrap(), signal).unwrap();
        }
    }

    /// Ends the program alone, without a chance to tidy up.
    pub fn kill9(&self) {
        self.signal(Signal::KILL);
    }

    /// Whether the terminal is as it was found: line discipline, main screen, cursor, mouse, paste, focus.
    ///
    /// # Errors
    /// A list of what was left behind.
    pub fn terminal_modes_restored(&self) -> Result<(), String> {
        let mut left = left_behind(&self.output());
        let now = self.master.as_deref().and_then(|master| terminal_modes(master));
        if now != self.before {
            left.push(format!("line discipline was {:?}, is {now:?}", self.before));
        }
        if left.is_empty() { Ok(()) } else { Err(left.join("; ")) }
    }

    fn wait<T>(&self, what: &str, mut found: impl FnMut(&State) -> Option<T>) -> T {
        let began = Instant::now();
        let mut state = self.shared.lock();
        loop {
            if let Some(value) = found(&state) {
                return value;
            }
            let rest = self.deadline.saturating_sub(began.elapsed());
            let is_over = state.is_drained && state.exit.is_some();
            if rest.is_zero() || is_over {
                let report = state.report();
                drop(state);
                let why = if is_over { "the program has ended" } else { "the deadline has passed" };
                panic!("waited {:.1?} for {what}, but {why}\n{report}", began.elapsed());
            }
            state = self
                .shared
                .changed
                .wait_timeout(state, rest)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.shared.lock().exit.is_none()
            && let Some(pid) = Pid::from_raw(self.pid)
        {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn screen(&self) -> Screen {
        Screen::of(&self.term, &self.title)
    }

    fn report(&self) -> String {
        let tail = &self.raw[self.raw.len().saturating_sub(600)..];
        format!("exit: {:?}\n{}\nlast bytes: {}", self.exit, self.screen(), tail.escape_ascii())
    }

    /// Answers what the program asked the terminal.
    fn answers(&mut self) -> Vec<u8> {
        let size = WindowSize {
            num_lines: u16::try_from(self.term.screen_lines()).unwrap_or(u16::MAX),
            num_cols: u16::try_from(self.term.columns()).unwrap_or(u16::MAX),
            cell_width: 8,
            cell_height: 16,
        };
        let mut answers = String::new();
        for event in self.mailbox.take() {
            match event {
                Event::PtyWrite(text) => answers.push_str(&text),
                Event::ColorRequest(_, format) => {
                    answers.push_str(&format(Rgb { r: 0x10, g: 0x10, b: 0x10 }));
                }
                Event::TextAreaSizeRequest(format) => answers.push_str(&format(size)),
                Event::Title(title) => self.title = title,
                Event::ResetTitle => self.title.clear(),
                Event::MouseCursorDirty
                | Event::ClipboardStore(..)
                | Event::ClipboardLoad(..)
                | Event::CursorBlinkingChange
                | Event::Wakeup
                | Event::Bell
                | Event::Exit
                | Event::ChildExit(_) => {}
            }
        }
        answers.into_bytes()
    }
}

/// What the emulator wants to tell.
#[derive(Clone, Default)]
struct Mailbox(Arc<Mutex<Vec<Event>>>);

impl Mailbox {
    fn take(&self) -> Vec<Event> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl EventListener for Mailbox {
    fn send_event(&self, event: Event) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }
}

struct Size {
    columns: u16,
    rows: u16,
}

impl Dimensions for Size {
    fn total_lines(&self) -> usize {
        self.rows.into()
    }

    fn screen_lines(&self) -> usize {
        self.rows.into()
    }

    fn columns(&self) -> usize {
        self.columns.into()
    }
}

fn pty_size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

/// Feeds the emulator until nobody holds the other end any more. Only an end that is told twice is one: Linux may tell the
/// first before it hands over what was printed last.
fn read(mut reader: Box<dyn Read + Send>, shared: &Shared, writer: &Mutex<Box<dyn Write + Send>>) {
    let mut parser: Processor = Processor::new();
    let mut buffer = [0; 8192];
    let mut ends = 0;
    while ends < 2 {
        let count = match reader.read(&mut buffer) {
            Ok(0) => {
                ends += 1;
                continue;
            }
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        ends = 0;
        let mut state = shared.lock();
        if state.is_closed {
            break;
        }
        state.raw.extend_from_slice(&buffer[..count]);
        parser.advance(&mut state.term, &buffer[..count]);
        let answers = state.answers();
        drop(state);
        shared.changed.notify_all();
        if !answers.is_empty() {
            let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = writer.write_all(&answers).and_then(|()| writer.flush());
        }
    }
    shared.lock().is_drained = true;
    shared.changed.notify_all();
}

/// Notes how the child ended. It is reaped under the lock, so that no signal can reach another process of that id.
fn await_exit(mut child: Box<dyn Child + Send + Sync>, pid: i32, shared: &Shared) {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while let Err(rustix::io::Errno::INTR) =
        waitid(WaitId::Pid(Pid::from_raw(pid).unwrap()), options)
    {}
    let mut state = shared.lock();
    let status = child.wait().unwrap();
    state.exit = Some(match status.signal() {
        Some(signal) => Exit::Signal(signal.to_string()),
        None => Exit::Code(status.exit_code()),
    });
    drop(state);
    shared.changed.notify_all();
}
