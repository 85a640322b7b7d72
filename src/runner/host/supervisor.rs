//! Watches over one agent's life: limits, stopping, the last sweep, the result.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use portable_pty::MasterPty;
use rustix::process::WaitStatus;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::domain::agent::{Exit, ExitCause};
use crate::domain::effect::StopKind;
use crate::domain::frame::Size;
use crate::runner::process::{GraceCut, Tree, end_tree};

use super::HostError;
use super::launch::pty_size;
use super::remains::Remains;
use super::shared::{Order, Shared};
use super::spec::{HostResult, HostSpec, RESULT_FILE, now, write_whole};

/// Resizes are collected for so long.
const RESIZE_PAUSE: Duration = Duration::from_millis(150);
/// Most time left-over processes get to end after the agent did.
const SWEEP_GRACE: Duration = Duration::from_secs(1);
/// Longest silence before the last output, which a busy machine may be slow to take in.
const LAST_OUTPUT: Duration = Duration::from_secs(5);
/// Most time the last output may take.
const ALL_OUTPUT: Duration = Duration::from_secs(60);
/// The same where processes are left.
const SURVIVED_OUTPUT: Duration = Duration::from_secs(2);
/// Stands for "no limit".
const FAR: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// The supervisor.
pub(super) struct Supervisor {
    /// What the host was told.
    pub(super) spec: HostSpec,
    /// What its threads share.
    pub(super) shared: Arc<Shared>,
    /// The host's side of the terminal.
    pub(super) master: Box<dyn MasterPty + Send>,
    /// What it is told.
    pub(super) orders: UnboundedReceiver<Order>,
    /// What belongs to the agent.
    pub(super) tree: Tree,
    /// When the agent started.
    pub(super) started: Instant,
    /// How far the end is.
    pub(super) end: End,
}

/// How far the end of the agent is.
#[derive(Default)]
pub(super) struct End {
    cause: Option<ExitCause>,
    status: Option<WaitStatus>,
    cut: Option<Arc<GraceCut>>,
    survivors: Option<Vec<u32>>,
    output_over: bool,
    resize: Option<(Instant, Size)>,
}

impl Supervisor {
    /// Supervises until the result was collected; returns what should be removed then.
    pub(super) async fn supervise(mut self) -> Result<PathBuf, HostError> {
        self.run().await?;
        self.wait_for_output().await;
        // Viewers hear of the end even when it could not be written.
        let written = self.conclude();
        self.linger().await;
        written.map(|()| self.spec.socket)
    }

    /// Until the agent and its whole tree are gone.
    async fn run(&mut self) -> Result<(), HostError> {
        let failed = |cause| HostError::Signals { cause };
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        let mut hangup = signal(SignalKind::hangup()).map_err(failed)?;
        while self.end.survivors.is_none() {
            let wake = self.wake();
            tokio::select! {
                order = self.orders.recv() => if let Some(order) = order { self.obey(order) },
                () = sleep_until(wake) => self.look_at_clock(),
                _ = terminate.recv() => self.stop(ExitCause::Stopped, StopKind::Term),
                _ = interrupt.recv() => self.stop(ExitCause::Stopped, StopKind::Term),
                _ = hangup.recv() => {}
            }
        }
        Ok(())
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Stop(how) => self.stop(ExitCause::Stopped, how),
            Order::Resize(size) => {
                let due = Instant::now() + RESIZE_PAUSE;
                self.end.resize = Some((due, size.at_least_smallest()));
            }
            // There is no result yet.
            Order::Collect => {}
            Order::AgentEnded(status) => {
                self.end.status = Some(status);
                let grace = self.spec.limits.grace.min(SWEEP_GRACE);
                self.end_tree(StopKind::Term, grace);
            }
            Order::TreeEnded(survivors) => self.end.survivors = Some(survivors),
            Order::OutputEnded => self.end.output_over = true,
            // The next look at the clock takes it into account.
            Order::Finished => {}
        }
    }

    /// Ends the agent; a kill shortens the grace time of an earlier request.
    fn stop(&mut self, cause: ExitCause, how: StopKind) {
        self.shared.mark(match (cause, how) {
            (ExitCause::StartLimit, _) => "no output within its time to start",
            (ExitCause::TotalLimit, _) => "time limit reached",
            (ExitCause::IdleLimit, _) => "silent for too long",
            (ExitCause::Settled, _) => "finished, and its process did not end",
            (ExitCause::Stopped | ExitCause::Own, StopKind::Term) => "asked to stop",
            (ExitCause::Stopped | ExitCause::Own, StopKind::Kill) => "killed",
        });
        if self.end.status.is_none() {
            self.end.cause.get_or_insert(cause);
        }
        if let (StopKind::Kill, Some(cut)) = (how, &self.end.cut) {
            cut.cut();
        }
        self.end_tree(how, self.spec.limits.grace);
    }

    /// Begins to end the tree, once.
    fn end_tree(&mut self, how: StopKind, grace: Duration) {
        if self.end.cut.is_some() {
            return;
        }
        let cut = Arc::new(GraceCut::default());
        self.end.cut = Some(Arc::clone(&cut));
        let (tree, shared) = (self.tree.clone(), Arc::clone(&self.shared));
        std::thread::spawn(move || {
            let left = end_tree(&tree, how, grace, &cut);
            shared.order(Order::TreeEnded(left));
        });
    }

    /// The next moment at which something may be due.
    fn wake(&self) -> Instant {
        let limit = self.limits().into_iter().map(|(at, _)| at);
        let resize = self.end.resize.iter().map(|(at, _)| *at);
        limit.chain(resize).min().unwrap_or(self.started + FAR)
    }

    /// When the limits are reached, unless output comes.
    fn limits(&self) -> Vec<(Instant, ExitCause)> {
        if self.end.cause.is_some() || self.end.status.is_some() {
            return Vec::new();
        }
        let limits = self.spec.limits;
        let (silent_since, spoke, finished) = {
            let pane = self.shared.pane();
            (Instant::from_std(pane.silent_since()), pane.has_spoken(), pane.finished_since())
        };
        let start = if spoke { Duration::ZERO } else { limits.start };
        let all = match finished.map(Instant::from_std) {
            // It owes nothing more: whatever ends it now, it did what it said.
            Some(since) => vec![
                (limits.settle, since, ExitCause::Settled),
                (limits.total, self.started, ExitCause::Settled),
            ],
            None => vec![
                (start, self.started, ExitCause::StartLimit),
                (limits.total, self.started, ExitCause::TotalLimit),
                (limits.idle, silent_since, ExitCause::IdleLimit),
            ],
        };
        all.into_iter()
            .filter(|(limit, ..)| !limit.is_zero())
            .map(|(limit, since, cause)| (since + limit.min(FAR), cause))
            .collect()
    }

    fn look_at_clock(&mut self) {
        let now = Instant::now();
        if let Some((due, size)) = self.end.resize
            && now >= due
        {
            self.end.resize = None;
            self.resize(size);
        }
        let reached = self.limits().into_iter().find(|(at, _)| now >= *at);
        if let Some((_, cause)) = reached {
            self.stop(cause, StopKind::Term);
        }
    }

    fn resize(&mut self, size: Size) {
        if self.master.resize(pty_size(size)).is_ok() {
            self.shared.pane().terminal.resize(size);
            self.shared.recorder().resized(size);
            self.shared.touch();
        }
    }

    /// Waits for the last output, and for the exit status where the sweep was faster.
    async fn wait_for_output(&mut self) {
        let began = Instant::now();
        // Who could not be ended may keep the terminal open, and go on printing.
        let is_certain = self.end.survivors.as_ref().is_some_and(Vec::is_empty);
        let end = began + if is_certain { ALL_OUTPUT } else { SURVIVED_OUTPUT };
        while !self.end.output_over || self.end.status.is_none() {
            let heard = Instant::from_std(self.shared.pane().silent_since()).max(began);
            let deadline = (heard + LAST_OUTPUT).min(end);
            match timeout_at(deadline, self.orders.recv()).await {
                Ok(Some(order)) => self.obey(order),
                Ok(None) => return,
                Err(_) if self.has_spoken_since(heard) && Instant::now() < end => {}
                Err(_) => return,
            }
        }
    }

    fn has_spoken_since(&self, moment: Instant) -> bool {
        self.shared.pane().silent_since() > moment.into_std()
    }

    /// Writes the result and tells viewers.
    fn conclude(&mut self) -> Result<(), HostError> {
        let mut pane = self.shared.pane();
        let events = pane.finish(Instant::now().into_std());
        let code = self.end.status.and_then(WaitStatus::exit_status);
        let survivors = self.end.survivors.as_deref().unwrap_or_default();
        let session = pane.session.clone();
        let exit = Exit {
            cause: self.end.cause.unwrap_or(ExitCause::Own),
            code,
            signal: self.end.status.and_then(WaitStatus::terminating_signal),
            said: pane.verdict(code),
            survivors: u32::try_from(survivors.len()).unwrap_or(u32::MAX),
            usage: pane.usage(),
            session: session.clone(),
            at: now(),
        };
        let screen = pane.terminal.text();
        let remains = Remains::of(&mut pane.terminal);
        drop(pane);
        let mut recorder = self.shared.recorder();
        events.iter().for_each(|event| recorder.event(event));
        // What was committed comes before the end.
        recorder.flush();
        recorder.mark(&match (exit.code, exit.signal) {
            (Some(code), _) => format!("ended with exit code {code}"),
            (None, Some(signal)) => format!("ended by signal {signal}"),
            (None, None) => "ended".to_owned(),
        });
        recorder.flush();
        drop(recorder);
        // Both are only for looking at: the result matters more.
        let _ = write_whole(&self.spec.folder.join("screen"), screen.as_bytes());
        let _ = remains.map(|remains| remains.write(&self.spec.folder));
        self.write(exit, session)
    }

    fn write(&self, exit: Exit, session: Option<String>) -> Result<(), HostError> {
        let hello = self.shared.hello();
        let result = HostResult {
            agent: self.spec.agent.clone(),
            exit: exit.clone(),
            session,
            processes: hello.processes,
            started_at: hello.started_at,
        };
        let failed = |cause| HostError::Result { path: self.spec.folder.clone(), cause };
        let written = serde_json::to_vec_pretty(&result)
            .map_err(std::io::Error::from)
            .and_then(|bytes| write_whole(&self.spec.folder.join(RESULT_FILE), &bytes));
        self.shared.end(exit);
        written.map_err(failed)
    }

    /// Keeps the claim until somebody knows the result.
    async fn linger(&mut self) {
        let linger = self.spec.limits.linger;
        let deadline = Instant::now() + if linger.is_zero() { FAR } else { linger.min(FAR) };
        loop {
            match timeout_at(deadline, self.orders.recv()).await {
                Ok(Some(Order::Collect)) | Ok(None) | Err(_) => return,
                Ok(Some(
                    Order::Stop(_)
                    | Order::Resize(_)
                    | Order::AgentEnded(_)
                    | Order::TreeEnded(_)
                    | Order::OutputEnded
                    | Order::Finished,
                )) => {}
            }
        }
    }
}
