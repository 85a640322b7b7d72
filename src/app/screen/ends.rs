//! What ends the screen from outside.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::hangup;
use crate::app::failure::Failure;

/// Signals and hang-up: all end the screen and leave the agents alone.
pub(super) struct Ends {
    terminate: Signal,
    hangup: Signal,
    quit: Signal,
    interrupt: Signal,
    gone: tokio::sync::oneshot::Receiver<()>,
}

impl Ends {
    pub(super) fn listen() -> Result<Self, Failure> {
        let on = |kind| signal(kind).map_err(Failure::environment);
        Ok(Self {
            terminate: on(SignalKind::terminate())?,
            hangup: on(SignalKind::hangup())?,
            quit: on(SignalKind::quit())?,
            interrupt: on(SignalKind::interrupt())?,
            gone: hangup::watch(),
        })
    }

    pub(super) async fn any(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
            _ = self.quit.recv() => {}
            _ = self.interrupt.recv() => {}
            Ok(()) = &mut self.gone => {}
        }
    }
}
