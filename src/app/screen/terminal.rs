//! The person's terminal: taken over once, given back whatever happens.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};
use tokio::sync::Notify;

use crate::ui::intent::Mouse;

use super::keyboard;

/// Whether the terminal is ours now.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Tells the loop that some task panicked.
pub static PANICKED: Notify = Notify::const_new();

/// The terminal while it is ours. Dropping it gives it back.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<NextFrame>>,
    next: NextFrame,
    mouse: Mouse,
}

/// The bytes of the frame in the making. Flushing keeps them: a frame reaches the terminal as a whole, or not at all
/// when drawing it panics.
#[derive(Clone, Debug, Default)]
struct NextFrame(Rc<RefCell<Vec<u8>>>);

impl Write for NextFrame {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When the terminal refuses.
    pub fn take() -> io::Result<Self> {
        enter()?;
        let next = NextFrame::default();
        let terminal = Terminal::new(CrosstermBackend::new(next.clone()));
        let terminal = terminal.inspect_err(|_| restore())?;
        Ok(Self { terminal, next, mouse: Mouse::Taken })
    }

    /// Columns and rows.
    ///
    /// # Errors
    /// When the terminal does not tell.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws a frame and shows it at once, so that no terminal ever shows half of it.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(render)?;
        let frame = self.next.0.take();
        let mut out = io::stdout().lock();
        queue!(out, BeginSynchronizedUpdate)?;
        out.write_all(&frame)?;
        execute!(out, EndSynchronizedUpdate)
    }

    /// Draws everything anew with the next frame. The terminal is not asked for its cursor, as ratatui would: the answer
    /// can get lost among the keys.
    ///
    /// # Errors
    /// Never, as only the next frame is written to.
    pub fn redraw(&mut self) -> io::Result<()> {
        queue!(self.next, Clear(ClearType::All))?;
        // The other buffer is empty: compared with that, every cell is new.
        self.terminal.swap_buffers();
        Ok(())
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
        self.mouse(self.mouse);
        self.redraw()
    }

    /// Takes the mouse, or leaves it to the terminal.
    pub fn mouse(&mut self, mouse: Mouse) {
        self.mouse = mouse;
        let _ = match mouse {
            Mouse::Taken => execute!(io::stdout(), EnableMouseCapture),
            Mouse::Released => execute!(io::stdout(), DisableMouseCapture),
        };
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
    // A frame may have been cut short.
    let _ = execute!(out, EndSynchronizedUpdate);
    keyboard::give_back();
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
