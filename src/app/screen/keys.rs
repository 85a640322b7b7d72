//! What the person does at the terminal.

use std::future::poll_fn;
use std::io;
use std::task::Poll;

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt as _;
use futures_util::stream::SelectAll;

use super::hangup;

/// Keys, pastes, clicks and sizes, in their order.
///
/// The stream is looked at only when it has woken this task. Looking at it for any other reason would spin for the lock that
/// its thread holds while it waits, and each of those turns gives the processor away to whoever floods.
pub(super) struct Keys(SelectAll<EventStream>);

impl Keys {
    /// Listens from now on.
    pub(super) fn listen() -> Self {
        Self(SelectAll::from_iter([EventStream::new()]))
    }

    /// Leaves the terminal to somebody else. Otherwise what is typed to them would be read here.
    pub(super) fn pause(&mut self) {
        self.0.clear();
    }

    /// Listens again.
    pub(super) fn go_on(&mut self) {
        self.0.push(EventStream::new());
    }

    /// The next event; the end when the terminal is gone, where crossterm would read it again and again without end.
    pub(super) async fn next(&mut self) -> Option<io::Result<Event>> {
        poll_fn(|context| match hangup::is_gone() {
            true => Poll::Ready(None),
            false => self.0.poll_next_unpin(context),
        })
        .await
    }
}
