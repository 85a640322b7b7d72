//! The host's socket: any number of viewers, none of which can hold up the agent.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::domain::agent::Exit;
use crate::domain::frame::Size;
use crate::domain::report::Pulse;
use crate::domain::scrollback::Wanted;
use crate::runner::process::descendants;

use super::HostError;
use super::pane::Pane;
use super::protocol::{self, FromHost, ToHost, VERSION, Writing};
use super::shared::{Order, Shared};
use super::spec::private_folder;

/// Shortest time between two frames for one viewer.
const FRAME_PAUSE: Duration = Duration::from_millis(33);
/// The same just after somebody typed, who waits for the answer.
const ECHO_PAUSE: Duration = Duration::from_millis(4);
/// Shortest time between two pulses for one viewer.
const PULSE_PAUSE: Duration = Duration::from_millis(250);

/// Shortest time between two pages of lines for one viewer.
const PAGE_PAUSE: Duration = Duration::from_millis(4);

/// What a viewer wants to see. Numbers tell one wish from the next.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Wish {
    /// The screen.
    screen: Option<u64>,
    /// Lines above it.
    lines: Option<(u64, Wanted)>,
}

/// Opens the socket, for this user only.
pub(super) fn listen(socket: &Path) -> Result<UnixListener, HostError> {
    let failed = |cause| HostError::Socket { path: socket.to_owned(), cause };
    if let Some(folder) = socket.parent() {
        private_folder(folder).map_err(failed)?;
    }
    match std::fs::remove_file(socket) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(failed(cause)),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(socket).map_err(failed)?;
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
    Ok(listener)
}

/// Serves viewers until the runtime ends.
pub(super) async fn serve(listener: UnixListener, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) if is_welcome(&stream) => {
                tokio::spawn(viewer(stream, Arc::clone(&shared)));
            }
            Ok(_) => {}
            // Out of descriptors, for instance: others may close theirs.
            Err(_) => tokio::time::sleep(PULSE_PAUSE).await,
        }
    }
}

/// Whether a peer is of this user and not of this host's own agent.
fn is_welcome(stream: &UnixStream) -> bool {
    let Ok(peer) = stream.peer_cred() else { return false };
    let pid = peer.pid().and_then(|pid| u32::try_from(pid).ok());
    let is_own_agent =
        pid.is_some_and(|pid| descendants(std::process::id()).iter().any(|seen| seen.pid == pid));
    peer.uid() == rustix::process::geteuid().as_raw() && !is_own_agent
}

async fn viewer(stream: UnixStream, shared: Arc<Shared>) {
    let (read, write) = stream.into_split();
    let (wish, wished) = watch::channel(Wish::default());
    let me = shared.rights().join();
    let hear = hear(read, wish, (Arc::clone(&shared), me));
    let tell = Teller { shared: Arc::clone(&shared), me, stream: write, wished }.tell();
    tokio::select! {
        _ = hear => {}
        _ = tell => {}
    }
    let size = shared.rights().leave(me);
    settle(&shared, size);
}

/// Gives the terminal the size that follows from who writes now, and lets viewers know.
fn settle(shared: &Shared, size: Option<Size>) {
    if let Some(size) = size {
        shared.order(Order::Resize(size));
    }
    shared.touch();
}

/// Takes a viewer's messages until it goes.
async fn hear(
    read: OwnedReadHalf,
    wish: watch::Sender<Wish>,
    (shared, me): (Arc<Shared>, u64),
) -> std::io::Result<()> {
    let mut read = BufReader::new(read);
    let mut wishes = 0;
    while let Some(message) = protocol::read::<ToHost>(&mut read).await? {
        match message {
            ToHost::Hello { version } if version != VERSION => return Ok(()),
            ToHost::Hello { .. } => {}
            ToHost::Watch => {
                wishes += 1;
                wish.send_modify(|wish| wish.screen = Some(wishes));
            }
            ToHost::Unwatch => wish.send_modify(|wish| wish.screen = None),
            ToHost::Lines(wanted) => {
                wishes += 1;
                wish.send_modify(|wish| wish.lines = Some((wishes, wanted)));
            }
            ToHost::Keys(bytes) => {
                let size = shared.rights().take(me);
                settle(&shared, size);
                shared.type_in(bytes);
                // Wakes the teller: the next frame may go sooner now.
                wish.send_modify(|_| {});
            }
            ToHost::Resize(size) => {
                let size = shared.rights().wish(me, size);
                settle(&shared, size);
            }
            ToHost::Take => {
                let size = shared.rights().take(me);
                settle(&shared, size);
            }
            ToHost::Mark(text) => shared.mark(&text),
            ToHost::Stop(how) => shared.order(Order::Stop(how)),
            ToHost::Collect => shared.order(Order::Collect),
        }
    }
    Ok(())
}

/// Tells one viewer what it wants to know.
struct Teller {
    shared: Arc<Shared>,
    me: u64,
    stream: OwnedWriteHalf,
    wished: watch::Receiver<Wish>,
}

/// What a viewer was told last, and when it may be told again.
struct Told {
    watch: u64,
    frame: u64,
    framed: Option<Instant>,
    lines: u64,
    next_page: Instant,
    pulse: Option<Pulse>,
    events: u64,
    next_pulse: Instant,
    writing: Writing,
    exited: bool,
}

impl Teller {
    async fn tell(mut self) -> std::io::Result<()> {
        let (mut changed, mut ended) = (self.shared.changes(), self.shared.ending());
        let start = Instant::now();
        let mut told = Told {
            watch: 0,
            frame: 0,
            framed: None,
            lines: 0,
            next_page: start,
            pulse: None,
            events: 0,
            next_pulse: start,
            writing: Writing::Nobody,
            exited: false,
        };
        self.send(&FromHost::Hello(self.shared.hello())).await?;
        loop {
            changed.borrow_and_update();
            let wish = *self.wished.borrow_and_update();
            // Looked at first: whoever hears of the end has been told what there was until then.
            let exit = self.shared.pane().exit.clone();
            let frame = self.frame(wish, &mut told).await?;
            let again = [frame, self.lines(wish, &mut told).await?, self.pulse(&mut told).await?];
            self.writing(&mut told).await?;
            self.exit(exit, &mut told).await?;
            let sated = self.sated_until(wish, &told);
            let wake = again.into_iter().chain([sated]).flatten().min();
            tokio::select! {
                gone = changed.changed(), if sated.is_none() => if gone.is_err() { return Ok(()) },
                gone = ended.changed() => if gone.is_err() { return Ok(()) },
                gone = self.wished.changed() => if gone.is_err() { return Ok(()) },
                () = sleep_until(wake) => {}
            }
        }
    }

    /// Until when nothing could be told, whatever the agent prints. Without it each piece of a flood would wake the teller.
    fn sated_until(&self, wish: Wish, told: &Told) -> Option<Instant> {
        let pane = self.shared.pane();
        let next = match wish.screen {
            None => told.next_pulse,
            Some(_) => told.next_pulse.min(told.next_frame(&pane)?),
        };
        (Instant::now() < next && pane.exit.is_none()).then_some(next)
    }

    async fn send(&mut self, message: &FromHost) -> std::io::Result<()> {
        self.stream.write_all(&protocol::encode(message)?).await
    }

    /// Sends what changed on the screen; returns when to look again if it is too early for that.
    async fn frame(&mut self, wish: Wish, told: &mut Told) -> std::io::Result<Option<Instant>> {
        let Some(watch) = wish.screen else { return Ok(None) };
        if watch != told.watch {
            (told.watch, told.frame, told.framed) = (watch, 0, None);
        }
        let now = Instant::now();
        let (frame, settles) = {
            let mut pane = self.shared.pane();
            pane.terminal.settle(now.into_std());
            let early = told.next_frame(&pane).filter(|next| now < *next && pane.exit.is_none());
            let frame = match early {
                Some(_) => None,
                None => pane.terminal.frame_since(told.frame),
            };
            (frame, early.or(pane.terminal.settles_at().map(Instant::from_std)))
        };
        if let Some((version, frame)) = frame {
            (told.frame, told.framed) = (version, Some(now));
            self.send(&FromHost::Frame(frame)).await?;
        }
        Ok(settles)
    }

    /// Sends the lines asked for last, once.
    async fn lines(&mut self, wish: Wish, told: &mut Told) -> std::io::Result<Option<Instant>> {
        let Some((number, wanted)) = wish.lines.filter(|(number, _)| *number != told.lines) else {
            return Ok(None);
        };
        let now = Instant::now();
        if now < told.next_page {
            return Ok(Some(told.next_page));
        }
        (told.lines, told.next_page) = (number, now + PAGE_PAUSE);
        let page = self.shared.pane().terminal.lines(wanted);
        self.send(&FromHost::Lines(page)).await?;
        Ok(None)
    }

    /// Sends a pulse when there is something new in it.
    async fn pulse(&mut self, told: &mut Told) -> std::io::Result<Option<Instant>> {
        let now = Instant::now();
        let (mut pulse, events, ended) = {
            let mut pane = self.shared.pane();
            if now < told.next_pulse && pane.exit.is_none() {
                return Ok(Some(told.next_pulse));
            }
            let (pulse, events) = pane.pulse();
            (pulse, events, pane.exit.is_some())
        };
        if told.pulse.as_ref() == Some(&pulse) && (ended || told.events == events) {
            return Ok(None);
        }
        told.pulse = Some(pulse.clone());
        pulse.events = u32::try_from(events.saturating_sub(told.events)).unwrap_or(u32::MAX);
        (told.events, told.next_pulse) = (events, now + PULSE_PAUSE);
        self.send(&FromHost::Pulse(pulse)).await?;
        Ok(None)
    }

    async fn writing(&mut self, told: &mut Told) -> std::io::Result<()> {
        let writing = self.shared.rights().writing(self.me);
        if writing == told.writing {
            return Ok(());
        }
        told.writing = writing;
        self.send(&FromHost::Writing(writing)).await
    }

    async fn exit(&mut self, exit: Option<Exit>, told: &mut Told) -> std::io::Result<()> {
        match exit {
            Some(exit) if !told.exited => {
                told.exited = true;
                self.send(&FromHost::Exited(exit)).await
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl Told {
    /// When the next frame may be sent, after the first one.
    fn next_frame(&self, pane: &Pane) -> Option<Instant> {
        let framed = self.framed?;
        let pause = if pane.awaits_echo(framed.into_std()) { ECHO_PAUSE } else { FRAME_PAUSE };
        Some(framed + pause)
    }
}

/// Sleeps until a moment; for ever without one.
async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
