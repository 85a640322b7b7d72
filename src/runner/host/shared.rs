//! What the threads and tasks of a host share.

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{WaitOptions, WaitStatus};
use tokio::sync::{mpsc, watch};

use crate::domain::agent::Exit;
use crate::domain::effect::StopKind;
use crate::domain::frame::Size;

use super::pane::{Moment, Pane};
use super::prompt;
use super::protocol::Hello;
use super::read_out::read_out;
use super::recorder::Recorder;
use super::rights::Rights;
use super::spec::now;

/// Inputs waiting for an agent that does not read.
const WAITING_INPUTS: usize = 1024;
/// How long recorded output may wait before it is handed to the system.
const FLUSH_PAUSE: Duration = Duration::from_millis(500);

/// What the supervisor is told.
#[derive(Debug)]
pub(super) enum Order {
    /// End the agent.
    Stop(StopKind),
    /// Give the terminal a new size.
    Resize(Size),
    /// The result is known.
    Collect,
    /// The agent's own process ended.
    AgentEnded(WaitStatus),
    /// The tree was ended; these are left.
    TreeEnded(Vec<u32>),
    /// The terminal was closed by all who had it open.
    OutputEnded,
    /// The agent said that all is done: its process may stay only so long.
    Finished,
}

/// Shared state of a host.
pub(super) struct Shared {
    hello: Hello,
    pane: Mutex<Pane>,
    recorder: Mutex<Recorder>,
    rights: Mutex<Rights>,
    changed: watch::Sender<u64>,
    ended: watch::Sender<()>,
    input: SyncSender<Vec<u8>>,
    orders: mpsc::UnboundedSender<Order>,
}

/// The receiving ends.
pub(super) struct Ends {
    /// What is to be typed to the agent.
    pub(super) input: Receiver<Vec<u8>>,
    /// What the supervisor is told.
    pub(super) orders: mpsc::UnboundedReceiver<Order>,
}

impl Shared {
    pub(super) fn new(hello: Hello, pane: Pane, recorder: Recorder) -> (Arc<Self>, Ends) {
        let (input, typed) = sync_channel(WAITING_INPUTS);
        let (orders, ordered) = mpsc::unbounded_channel();
        let shared = Self {
            hello,
            pane: Mutex::new(pane),
            recorder: Mutex::new(recorder),
            rights: Mutex::new(Rights::default()),
            changed: watch::Sender::new(0),
            ended: watch::Sender::new(()),
            input,
            orders,
        };
        (Arc::new(shared), Ends { input: typed, orders: ordered })
    }

    /// The screen and activity.
    pub(super) fn pane(&self) -> MutexGuard<'_, Pane> {
        self.pane.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The recording.
    pub(super) fn recorder(&self) -> MutexGuard<'_, Recorder> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who views and who writes.
    pub(super) fn rights(&self) -> MutexGuard<'_, Rights> {
        self.rights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who this host is, with the terminal's present size.
    pub(super) fn hello(&self) -> Hello {
        let size = self.pane().terminal.size();
        Hello { size, ..self.hello.clone() }
    }

    /// Tells when something changed that viewers may want to know.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Tells when the agent has ended, even those who do not want to know of changes now.
    pub(super) fn ending(&self) -> watch::Receiver<()> {
        self.ended.subscribe()
    }

    /// The agent has ended and its result is written.
    pub(super) fn end(&self, exit: Exit) {
        self.pane().exit = Some(exit);
        self.ended.send_replace(());
        self.touch();
    }

    /// Something changed.
    pub(super) fn touch(&self) {
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Tells the supervisor.
    pub(super) fn order(&self, order: Order) {
        // It is gone only when the host is about to be.
        let _ = self.orders.send(order);
    }

    /// Types into the agent's terminal.
    pub(super) fn type_in(&self, bytes: Vec<u8>) {
        if self.pane().answered(Instant::now()) {
            self.recorder().mark("answered");
        }
        self.touch();
        // Full only when the agent has not read a thousand inputs.
        let _ = self.input.try_send(bytes);
    }

    /// Reads the terminal to its end.
    pub(super) fn drain(&self, output: Box<dyn Read + Send>) {
        read_out(output, |bytes| self.take_in(bytes));
        self.order(Order::OutputEnded);
    }

    fn take_in(&self, bytes: &[u8]) {
        let (taken, finished) = {
            let mut pane = self.pane();
            let before = pane.finished_since();
            let taken = pane.take_in(bytes, moment());
            let since = pane.finished_since();
            (taken, since.is_some() && since != before)
        };
        if finished {
            self.order(Order::Finished);
        }
        if !taken.replies.is_empty() {
            let _ = self.input.try_send(taken.replies);
        }
        let mut recorder = self.recorder();
        recorder.output(bytes);
        for event in &taken.events {
            recorder.event(event);
        }
        if let Some(mark) = &taken.mark {
            recorder.mark(mark);
        }
        let is_full = recorder.is_full();
        drop(recorder);
        if is_full {
            // Only this thread changes the screen by output: it is still as these bytes left it.
            let redraw = self.pane().redraw();
            self.recorder().next_part(redraw.as_deref());
        }
        self.touch();
    }

    /// Puts a marker into the recording, at once on disk.
    pub(super) fn mark(&self, text: &str) {
        let mut recorder = self.recorder();
        recorder.mark(text);
        recorder.flush();
    }

    /// Flushes the recording a little after each change.
    pub(super) async fn keep_flushed(self: Arc<Self>) {
        let mut changed = self.changes();
        // The agent may have spoken before this began to listen, and be silent ever since.
        changed.mark_changed();
        while changed.changed().await.is_ok() {
            tokio::time::sleep(FLUSH_PAUSE).await;
            changed.borrow_and_update();
            self.recorder().flush();
        }
    }

    /// Looks for a question at the cursor each time the agent has been silent for long enough. While output flows it
    /// wakes once in that time, whatever the flow.
    pub(super) async fn watch_for_prompts(self: Arc<Self>) {
        let mut changed = self.changes();
        changed.mark_changed();
        while changed.changed().await.is_ok() {
            let mut due = self.pane().silent_since() + prompt::SILENCE;
            while Instant::now() < due {
                tokio::time::sleep_until(due.into()).await;
                due = self.pane().silent_since() + prompt::SILENCE;
            }
            changed.borrow_and_update();
            let asked = self.pane().look_for_prompt(Instant::now());
            if let Some(mark) = asked {
                self.mark(&mark);
                self.touch();
            }
        }
    }

    /// Waits for every process that ends: the agent, and the orphans of its tree.
    pub(super) fn reap(&self, agent: u32) {
        loop {
            match rustix::process::wait(WaitOptions::empty()) {
                Ok(Some((pid, status))) if pid.as_raw_nonzero().get().unsigned_abs() == agent => {
                    self.order(Order::AgentEnded(status));
                }
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                // No children: nothing can become one any more.
                Err(_) => return,
            }
        }
    }
}

/// Hands what is typed to the terminal, which may block as long as the agent does not read.
pub(super) fn write_input(typed: &Receiver<Vec<u8>>, mut input: Box<dyn Write + Send>) {
    while let Ok(bytes) = typed.recv() {
        if input.write_all(&bytes).and_then(|()| input.flush()).is_err() {
            return;
        }
    }
}

/// The present on both clocks.
pub(super) fn moment() -> Moment {
    Moment { instant: Instant::now(), wall: now() }
}
