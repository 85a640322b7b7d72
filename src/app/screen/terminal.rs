//! The person's terminal: taken over once, given back whatever happens.

use std::io::{self, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::sync::Notify;

/// Whether the terminal is ours now.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Tells the loop that some task panicked.
pub static PANICKED: Notify = Notify::const_new();

/// The terminal while it is ours. Dropping it gives it back.
pub struct Screen {
    /// Draws frames.
    pub terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When the terminal refuses.
    pub fn take() -> io::Result<Self> {
        enter()?;
        let terminal =
            Terminal::new(CrosstermBackend::new(io::stdout())).inspect_err(|_| restore())?;
        Ok(Self { terminal })
    }

    /// Gives the terminal back for a while, e.g. to an editor.
    pub fn lend(&mut self) {
        restore();
    }

    /// Takes the terminal over again.
    ///
    /// # Errors
    /// When the terminal refuses.
    pub fn take_back(&mut self) -> io::Result<()> {
        enter()?;
        self.terminal.clear()
    }

    /// Sets the terminal's title.
    pub fn title(&mut self, title: &str) {
        let _ = execute!(io::stdout(), SetTitle(title));
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn enter() -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    let entered = enable_raw_mode().and_then(|()| {
        execute!(
            io::stdout(),
            EnterAlternateScreen,
            EnableBracketedPaste,
            EnableMouseCapture,
            cursor::Hide
        )
    });
    entered.inspect_err(|_| restore())
}

/// Gives the terminal back: every step is tried, however the ones before went. Safe to call at any time and from any thread.
pub fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = execute!(out, DisableMouseCapture);
    let _ = execute!(out, DisableBracketedPaste);
    let _ = execute!(out, SetTitle(""), LeaveAlternateScreen);
    let _ = execute!(out, cursor::Show);
    let _ = out.flush();
    let _ = disable_raw_mode();
}

/// Makes panics give the terminal back before they are reported, and wakes the loop. Call it once, after the report hook.
pub fn restore_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        restore();
        report(panic);
        PANICKED.notify_one();
    }));
}
