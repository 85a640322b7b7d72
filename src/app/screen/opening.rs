//! Targets that are being opened: journals are read beside the loop, which goes on taking keys.

use std::collections::BTreeMap;
use std::task::{Context, Poll};

use tokio::sync::mpsc;

use super::site::Site;
use crate::app::failure::Failure;
use crate::app::place::Place;
use crate::domain::id::TargetId;
use crate::ui::dashboard::Settings;

/// What a target is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A person wants to see it.
    Look,
    /// Nobody looks after its agents.
    Agents,
    /// It is open, and nobody drives it any more.
    Drive,
}

/// A target that was opened, or could not be.
pub(super) struct Opened {
    pub(super) target: TargetId,
    pub(super) purpose: Purpose,
    pub(super) site: Result<Site, Failure>,
}

/// All that are being opened.
#[derive(Debug)]
pub(super) struct Openings {
    under_way: BTreeMap<TargetId, Purpose>,
    done: (mpsc::UnboundedSender<Opened>, mpsc::UnboundedReceiver<Opened>),
}

impl Openings {
    pub(super) fn new() -> Self {
        Self { under_way: BTreeMap::new(), done: mpsc::unbounded_channel() }
    }

    /// Whether this one is being opened.
    pub(super) fn has(&self, target: &TargetId) -> bool {
        self.under_way.contains_key(target)
    }

    /// Opens a target. One that is being opened is not opened twice.
    pub(super) fn begin(&mut self, place: Place, purpose: Purpose, settings: Settings) {
        let target = place.target.id.clone();
        if self.has(&target) {
            return;
        }
        self.under_way.insert(target.clone(), purpose);
        let done = self.done.0.clone();
        tokio::task::spawn_blocking(move || {
            let site = Site::load(place, settings);
            // Nobody listens any more when the screen is left. Nothing was begun then.
            let _left = done.send(Opened { target, purpose, site });
        });
    }

    /// The next one that is done.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Opened> {
        match self.done.1.poll_recv(context) {
            Poll::Ready(Some(opened)) => {
                self.under_way.remove(&opened.target);
                Poll::Ready(opened)
            }
            // The sender is ours.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}
