//! The app's end of one agent: starts its host or finds it again, passes orders on and reports back.

use std::fs::File;
use std::io::ErrorKind;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

use crate::domain::agent::Exit;
use crate::domain::effect::{Launch, StopKind};
use crate::domain::frame::Size;
use crate::domain::id::AgentRef;
use crate::domain::printable::Printable;
use crate::domain::report::Report;
use crate::domain::scrollback::Wanted;
use crate::runner::branch::shared;
use crate::runner::claim_store::Holding;
use crate::runner::host::client::{self, ConnectError, HostLink};
use crate::runner::host::protocol::{FromHost, LINES, ToHost};
use crate::runner::host::{agent_marker, read_result};
use crate::runner::last_screen;
use crate::runner::launch::{self, PROMPT_FILE};
use crate::runner::process::end_marked;
use crate::runner::world::{SharedWorld, World};

/// Longest wait for a host that was let go.
const PARTING_TIME: Duration = Duration::from_secs(2);
/// Most time a host that holds its claim may take to be reached.
const ON_ITS_WAY: Duration = Duration::from_secs(30);
/// Most time the system may take to tidy up after a host that was killed.
const DYING: Duration = Duration::from_secs(3);
/// Pause between two looks for it.
const PAUSE: Duration = Duration::from_millis(50);

/// How often a lost connection is made again in one life.
const CALLS: u8 = 3;

/// How a link begins.
#[derive(Debug)]
pub enum Beginning {
    /// By starting a host.
    Spawn {
        /// What it shall run.
        launch: Box<Launch>,
        /// The lock of the claim, which the host holds from now on.
        lock: Option<File>,
    },
    /// By looking for the host of an earlier time.
    Adopt,
}

/// What is passed on to a host.
#[derive(Clone, Debug)]
pub enum Order {
    /// End the agent.
    Stop(StopKind),
    /// Send input.
    Type(Vec<u8>),
    /// Change the terminal's size.
    Resize(Size),
    /// Show the screen, or no longer.
    Watch(bool),
    /// Put a marker into the recording.
    Mark(String),
    /// Fetch lines above the screen.
    Lines(Wanted),
    /// Let the host go.
    Release,
}

/// Supervises one life of an agent until it is released.
pub async fn supervise(
    world: SharedWorld,
    agent: AgentRef,
    beginning: Beginning,
    mut orders: mpsc::UnboundedReceiver<Order>,
) {
    let link = match beginning {
        Beginning::Spawn { launch, lock } => start(&world, &launch, lock).await,
        Beginning::Adopt => find(&world, &agent).await,
    };
    if let Some(link) = link {
        let mut session = Session::new((world.clone(), agent.clone()), link);
        session.greet().await;
        session.run(&mut orders).await;
    }
    // Whoever asks from now on finds nobody to ask; those who did get what is left.
    orders.close();
    while let Some(order) = orders.recv().await {
        answer(&world, &agent, order).await;
    }
}

/// Answers what is asked of a host that is gone, as far as it left something.
async fn answer(world: &SharedWorld, agent: &AgentRef, order: Order) {
    let (world, agent) = (world.clone(), agent.clone());
    match order {
        Order::Watch(true) => last_screen::show(world, agent).await,
        Order::Lines(wanted) => last_screen::lines(world, agent, wanted).await,
        Order::Watch(false)
        | Order::Stop(_)
        | Order::Type(_)
        | Order::Resize(_)
        | Order::Mark(_)
        | Order::Release => {}
    }
}

/// Lets the host of an earlier time go, if there is one.
pub async fn let_go(world: SharedWorld, agent: AgentRef) {
    let socket = world.state.socket(&agent);
    if let Ok(link) = client::connect_to(&agent, &socket).await {
        part(link).await;
    }
}

/// Tells a host that it is no longer needed, and waits until it is gone: with it goes its hold on the claim.
async fn part(mut link: HostLink) {
    if link.sender.send(ToHost::Collect).await {
        let gone = async { while link.events.recv().await.is_some() {} };
        let _ = tokio::time::timeout(PARTING_TIME, gone).await;
    }
}

async fn start(world: &World, launch: &Launch, lock: Option<File>) -> Option<HostLink> {
    let agent = launch.agent.clone();
    match launch::start(world, launch, lock).await {
        Ok(link) => Some(link),
        Err(why) => {
            let why = Printable::new(&why.to_string());
            // The host may have ended just after its agent began.
            sweep(world, &agent).await;
            world.report(Report::SpawnFailed { agent, why }).await;
            None
        }
    }
}

/// Looks for the host of an earlier time. One that was just being started when the app ended has no socket yet, but
/// it holds the claim.
async fn find(world: &SharedWorld, agent: &AgentRef) -> Option<HostLink> {
    let deadline = Instant::now() + ON_ITS_WAY;
    loop {
        let held = holds_claim(world, agent).await;
        match client::connect_to(agent, &world.state.socket(agent)).await {
            Ok(link) => return Some(link),
            Err(error) if held && may_yet_answer(&error) && Instant::now() < deadline => {
                sleep(PAUSE).await;
            }
            Err(_) => {
                world.report(ending(world, agent).await).await;
                return None;
            }
        }
    }
}

fn may_yet_answer(error: &ConnectError) -> bool {
    match error {
        ConnectError::Gone { .. } => true,
        ConnectError::Version { .. } | ConnectError::Foreign { .. } => false,
    }
}

/// Whether somebody, so its host, holds the claim that was won for this life.
async fn holds_claim(world: &SharedWorld, agent: &AgentRef) -> bool {
    let (world, agent) = (world.clone(), agent.clone());
    let look = move || {
        let claims = world.claims.list().unwrap_or_default();
        claims.iter().any(|one| one.owner.agent == agent && one.held == Holding::Held)
    };
    spawn_blocking(look).await.unwrap_or_default()
}

/// What is known of an agent whose host is gone. What the agent left running is ended: nobody watches it any more.
async fn ending(world: &SharedWorld, agent: &AgentRef) -> Report {
    if let Some(exit) = stored_exit(world, agent) {
        let exit = shared::judged(world, agent, exit).await;
        return Report::Exited { agent: agent.clone(), exit };
    }
    sweep(world, agent).await;
    shared::look(world, agent, None).await;
    Report::HostLost(agent.clone())
}

/// Ends what an agent left running, unless its host still lives.
async fn sweep(world: &World, agent: &AgentRef) {
    let deadline = Instant::now() + DYING;
    // A host that is just being killed may hang up before it stops to listen.
    while answers(world, agent).await {
        if Instant::now() >= deadline {
            return;
        }
        sleep(PAUSE).await;
    }
    let marker = agent_marker(&world.state.agent_folder(agent).join(PROMPT_FILE));
    let left = spawn_blocking(move || end_marked(&marker)).await.unwrap_or_default();
    if !left.is_empty() {
        let why = format!("{}: processes {left:?} can't be ended; end them", agent.id);
        world.report(Report::Trouble(why.into())).await;
    }
}

/// Whether its host listens, even one that can't be talked with.
async fn answers(world: &World, agent: &AgentRef) -> bool {
    match client::connect_to(agent, &world.state.socket(agent)).await {
        Ok(_) | Err(ConnectError::Version { .. }) => true,
        Err(ConnectError::Foreign { .. }) => false,
        Err(ConnectError::Gone { cause, .. }) => {
            !matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused)
        }
    }
}

fn stored_exit(world: &World, agent: &AgentRef) -> Option<Exit> {
    let stored = read_result(&world.state.agent_folder(agent)).ok().flatten();
    stored.map(|result| result.exit)
}

struct Session {
    world: SharedWorld,
    agent: AgentRef,
    link: Option<HostLink>,
    exited: bool,
    /// Somebody looks at its screen.
    watched: bool,
    /// It was told since they began to look.
    shown: bool,
    /// How often a lost connection is made again.
    calls_left: u8,
    /// Lines that were asked for and did not come yet.
    asked: Option<Wanted>,
}

impl Session {
    fn new((world, agent): (SharedWorld, AgentRef), link: HostLink) -> Self {
        Self {
            world,
            agent,
            link: Some(link),
            exited: false,
            watched: false,
            shown: false,
            calls_left: CALLS,
            asked: None,
        }
    }

    async fn greet(&self) {
        if let Some(link) = &self.link {
            let agent = self.agent.clone();
            let (processes, at) = (link.hello.processes, link.hello.started_at);
            self.world.report(Report::Started { agent, processes, at }).await;
        }
    }

    async fn run(&mut self, orders: &mut mpsc::UnboundedReceiver<Order>) {
        loop {
            let Some(link) = &mut self.link else {
                // Nothing to hear any more; wait to be released.
                match orders.recv().await {
                    Some(Order::Release) | None => return,
                    Some(order) => answer(&self.world, &self.agent, order).await,
                }
                continue;
            };
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => {
                        if !self.pass_on(order).await {
                            return;
                        }
                    }
                    None => return,
                },
                event = link.events.recv() => self.hear(event).await,
            }
        }
    }

    /// Returns false when the link is over.
    async fn pass_on(&mut self, order: Order) -> bool {
        let Some(link) = &self.link else { return false };
        let message = match order {
            Order::Stop(how) => ToHost::Stop(how),
            Order::Type(bytes) => ToHost::Keys(bytes),
            Order::Resize(size) => ToHost::Resize(size),
            Order::Mark(text) => ToHost::Mark(text),
            Order::Watch(watched) => {
                self.shown &= self.watched;
                self.watched = watched;
                if watched { ToHost::Watch } else { ToHost::Unwatch }
            }
            Order::Lines(wanted) => {
                self.asked = Some(wanted);
                self.ask().await;
                return true;
            }
            Order::Release => {
                if let Some(link) = self.link.take() {
                    part(link).await;
                    self.show_what_is_left().await;
                }
                return false;
            }
        };
        let _ = link.sender.send(message).await;
        true
    }

    /// Asks for the lines that are wanted. Hosts of earlier versions have none to give.
    async fn ask(&mut self) {
        let Some(wanted) = self.asked else { return };
        match &self.link {
            Some(link) if link.hello.level >= LINES => {
                let _ = link.sender.send(ToHost::Lines(wanted)).await;
            }
            Some(_) => {
                self.asked = None;
                let agent = self.agent.clone();
                self.world.report(Report::Lines { agent, page: None }).await;
            }
            None => {
                self.asked = None;
                last_screen::lines(self.world.clone(), self.agent.clone(), wanted).await;
            }
        }
    }

    async fn hear(&mut self, event: Option<FromHost>) {
        let agent = self.agent.clone();
        match event {
            Some(FromHost::Hello { .. } | FromHost::Writing(_)) => {}
            Some(FromHost::Frame(frame)) => {
                self.shown = true;
                self.world.report(Report::Frame { agent, frame }).await;
            }
            Some(FromHost::Lines(page)) => {
                self.asked = None;
                self.world.report(Report::Lines { agent, page: Some(page) }).await;
            }
            Some(FromHost::Pulse(pulse)) => {
                self.world.report(Report::Activity { agent, pulse }).await;
            }
            Some(FromHost::Exited(exit)) => {
                self.exited = true;
                let exit = shared::judged(&self.world, &agent, exit).await;
                self.world.report(Report::Exited { agent, exit }).await;
            }
            None => {
                self.link = self.call_again().await;
                if self.link.is_none() && !self.exited {
                    let ending = ending(&self.world, &agent).await;
                    self.world.report(ending).await;
                }
                if self.link.is_none() {
                    self.show_what_is_left().await;
                }
                self.ask().await;
            }
        }
    }

    /// The last screen, for those who began to look when the host was about to go.
    async fn show_what_is_left(&self) {
        if self.watched && !self.shown {
            answer(&self.world, &self.agent, Order::Watch(true)).await;
        }
    }

    /// A lost connection is not yet a lost host: whoever still answers is talked with again.
    async fn call_again(&mut self) -> Option<HostLink> {
        if self.exited || self.calls_left == 0 {
            return None;
        }
        self.calls_left -= 1;
        let link =
            client::connect_to(&self.agent, &self.world.state.socket(&self.agent)).await.ok()?;
        if self.watched {
            let _ = link.sender.send(ToHost::Watch).await;
        }
        Some(link)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[path = "agent_link_tests.rs"]
mod tests;
