//! `orch-tui kill`: ends agents by a word to their hosts; whoever drives sees how they end.

use std::time::Duration;

use crate::app::cli::{Global, KillArgs};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::place::Place;
use crate::app::{json, out};
use crate::domain::agent::{Agent, Exit as AgentExit};
use crate::domain::effect::StopKind;
use crate::domain::orchestrator::meant::NotMeant;
use crate::domain::orchestrator::run::Run;
use crate::runner::host::client::{self, HostLink};
use crate::runner::host::protocol::{FromHost, ToHost};
use crate::runner::state_dir::StateDir;

/// Longest wait for an agent to end, grace time included.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Longest wait for the host of an agent that is being started.
const START_WAIT: Duration = Duration::from_secs(10);

/// Between two looks for a host.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Ends the agents named, or all.
///
/// # Errors
/// When configuration or state can't be read, or an agent does not run.
pub async fn kill(global: &Global, args: &KillArgs) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    let state = place.state()?;
    let run = Run::replay(&place.journal()?);
    let agents = chosen(&run, args)?;
    if agents.is_empty() && !global.json {
        out::line("no agent runs")?;
        return Ok(Exit::Nothing);
    }
    let mut ended = Vec::new();
    let mut failed = None;
    let how = if args.now { StopKind::Kill } else { StopKind::Term };
    for agent in agents {
        // One that can't be ended spares none of the others.
        let exit = match end(&state, agent, how).await {
            Ok(exit) => exit,
            Err(why) => {
                if let Some(earlier) = failed.replace(why) {
                    out::note(&earlier.to_string());
                }
                continue;
            }
        };
        let agent = agent.me().clone();
        if !global.json {
            out::line(format!("{}: ended, {} processes left", agent.id, exit.survivors))?;
        }
        ended.push((agent, exit.survivors));
    }
    if global.json {
        out::json(&json::killed(&ended))?;
    }
    match failed {
        Some(why) => Err(why),
        None if ended.is_empty() => Ok(Exit::Nothing),
        None => Ok(Exit::Ok),
    }
}

fn chosen<'r>(run: &'r Run, args: &KillArgs) -> Result<Vec<&'r Agent>, Failure> {
    if args.all {
        return Ok(run.everyone().filter(|agent| agent.has_process()).collect());
    }
    let one = |text: &String| {
        let meant = match run.meant(text) {
            // Nobody is ended by half a name.
            Ok(agent) => Some(agent).filter(|agent| {
                let whole = |name: &str| name.eq_ignore_ascii_case(text);
                whole(agent.me().id.as_str()) || agent.name().is_some_and(whole)
            }),
            Err(NotMeant::Nobody) => None,
            Err(why @ NotMeant::Several(_)) => return Err(Failure::not_meant(text, &why)),
        };
        meant.filter(|agent| agent.has_process()).ok_or_else(|| {
            let why = format!("{text} does not run; `orch-tui agents` lists the agents");
            Failure::new(Exit::Nothing, why)
        })
    };
    args.ids.iter().map(one).collect()
}

/// The host of an agent; one that is being started is waited for.
async fn connect(state: &StateDir, agent: &Agent) -> Option<HostLink> {
    let patience = if agent.processes.is_none() { START_WAIT } else { Duration::ZERO };
    let deadline = tokio::time::Instant::now() + patience;
    loop {
        match client::connect_to(agent.me(), &state.socket(agent.me())).await {
            Ok(link) => return Some(link),
            Err(_) if tokio::time::Instant::now() < deadline => {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            Err(_) => return None,
        }
    }
}

async fn end(state: &StateDir, agent: &Agent, how: StopKind) -> Result<AgentExit, Failure> {
    let id = &agent.me().id;
    let gone = || {
        let why = format!("the host of {id} is gone; `orch-tui` settles what it left");
        Failure::new(Exit::Failed, why)
    };
    let mut link = connect(state, agent).await.ok_or_else(gone)?;
    if !link.sender.send(ToHost::Stop(how)).await {
        return Err(gone());
    }
    let ended = async {
        while let Some(event) = link.events.recv().await {
            if let FromHost::Exited(exit) = event {
                return Some(exit);
            }
        }
        None
    };
    match tokio::time::timeout(LONGEST_WAIT, ended).await {
        Ok(exit) => exit.ok_or_else(gone),
        Err(_) => {
            let why = format!("{id} has not ended yet; try --now");
            Err(Failure::new(Exit::TimeLimit, why))
        }
    }
}
