//! The app's end of one agent: starts its host or finds it again, passes orders on and reports back.

use std::fs::File;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::domain::agent::Exit;
use crate::domain::effect::{Launch, StopKind};
use crate::domain::frame::Size;
use crate::domain::id::AgentRef;
use crate::domain::printable::Printable;
use crate::domain::report::Report;
use crate::runner::host::client::{self, HostLink};
use crate::runner::host::protocol::{FromHost, ToHost};
use crate::runner::host::read_result;
use crate::runner::launch;
use crate::runner::world::{SharedWorld, World};

/// Longest wait for a host that was let go.
const PARTING_TIME: Duration = Duration::from_secs(2);

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
    let Some(link) = link else { return };
    let mut session = Session { world, agent, link: Some(link), exited: false };
    session.greet().await;
    session.run(&mut orders).await;
}

/// Lets the host of an earlier time go, if there is one.
pub async fn let_go(world: SharedWorld, agent: AgentRef) {
    let socket = world.state.socket(&agent);
    if let Ok(link) = client::connect(&socket).await {
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
            world.report(Report::SpawnFailed { agent, why }).await;
            None
        }
    }
}

async fn find(world: &World, agent: &AgentRef) -> Option<HostLink> {
    match client::connect(&world.state.socket(agent)).await {
        Ok(link) => Some(link),
        Err(_) => {
            world.report(ending(world, agent)).await;
            None
        }
    }
}

/// What is known of an agent whose host is gone.
fn ending(world: &World, agent: &AgentRef) -> Report {
    match stored_exit(world, agent) {
        Some(exit) => Report::Exited { agent: agent.clone(), exit },
        None => Report::HostLost(agent.clone()),
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
}

impl Session {
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
                    Some(_) => continue,
                }
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
            Order::Watch(true) => ToHost::Watch,
            Order::Watch(false) => ToHost::Unwatch,
            Order::Release => {
                if let Some(link) = self.link.take() {
                    part(link).await;
                }
                return false;
            }
        };
        let _ = link.sender.send(message).await;
        true
    }

    async fn hear(&mut self, event: Option<FromHost>) {
        let agent = self.agent.clone();
        match event {
            Some(FromHost::Hello { .. }) => {}
            Some(FromHost::Frame(frame)) => {
                self.world.report(Report::Frame { agent, frame }).await;
            }
            Some(FromHost::Pulse(pulse)) => {
                self.world.report(Report::Activity { agent, pulse }).await;
            }
            Some(FromHost::Exited(exit)) => {
                self.exited = true;
                self.world.report(Report::Exited { agent, exit }).await;
            }
            None => {
                self.link = None;
                if !self.exited {
                    self.world.report(ending(&self.world, &agent)).await;
                }
            }
        }
    }
}
