//! What `attach` and `replay` share: the person's terminal, its events, its end.

use std::io;
use std::time::Duration;

use crossterm::event::Event;

use crate::app::cli::Global;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::domain::frame::Size;
use crate::runner::world::now;
use crate::ui::look::Look;
use crate::ui::solo::{self, Solo};

use super::keys::Keys;
use super::terminal::{PANICKED, Screen};
use super::{Ends, hangup, look, pass, terminal};

/// A full screen for one agent.
pub(super) struct Stage {
    screen: Screen,
    keys: Keys,
    ends: Ends,
    look: Look,
}

/// What woke it.
pub(super) enum Woken<T> {
    /// The person did something.
    Event(Event),
    /// What was waited for besides.
    Other(T),
    /// The time is up.
    Time,
    /// The terminal or the program is to be left.
    End(Option<Failure>),
}

impl Stage {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When it refuses.
    pub(super) fn open(global: &Global) -> Result<Self, Failure> {
        let settings = look::settings(global);
        let ends = Ends::listen()?;
        let screen = Screen::take().map_err(Failure::environment)?;
        terminal::restore_on_panic();
        let look = Look { theme: settings.theme, glyphs: settings.glyphs, now: now() };
        Ok(Self { screen, keys: Keys::listen(), ends, look })
    }

    /// The terminal's size, less the status line.
    ///
    /// # Errors
    /// When the terminal does not tell.
    pub(super) fn size(&self) -> Result<Size, Failure> {
        let (cols, rows) = self.screen.size().map_err(Failure::environment)?;
        Ok(Size { cols, rows: solo::rows_for_agent(rows) })
    }

    /// Sets the terminal's title.
    pub(super) fn title(&mut self, title: &str) {
        self.screen.title(title);
    }

    /// Shows it; a terminal that is gone is told by the next wait.
    ///
    /// # Errors
    /// When the terminal can't be written.
    pub(super) fn show(&mut self, what: &Solo<'_>) -> Result<(), Failure> {
        let look = Look { now: now(), ..self.look };
        match self.screen.draw(|frame| solo::draw(frame, what, &look)) {
            Err(_) if hangup::is_gone() => Ok(()),
            drawn => drawn.map_err(Failure::environment),
        }
    }

    /// Draws everything anew with the next frame.
    ///
    /// # Errors
    /// Never, as only the next frame is written to.
    pub(super) fn redraw(&mut self) -> Result<(), Failure> {
        self.screen.redraw().map_err(Failure::environment)
    }

    /// Waits for the next thing, keys before everything else.
    pub(super) async fn wait<T>(
        &mut self,
        time: Option<Duration>,
        other: impl Future<Output = T>,
    ) -> Woken<T> {
        let up = async {
            match time {
                Some(time) => pass(time).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            event = self.keys.next() => heard(event),
            () = self.ends.any() => Woken::End(None),
            () = PANICKED.notified() => Woken::End(Some(Failure::new(
                Exit::Failed,
                "a part of orch-tui panicked; agents go on",
            ))),
            () = up => Woken::Time,
            other = other => Woken::Other(other),
        }
    }
}

fn heard<T>(event: Option<io::Result<Event>>) -> Woken<T> {
    match event {
        Some(Ok(event)) => Woken::Event(event),
        Some(Err(_)) | None => Woken::End(None),
    }
}
