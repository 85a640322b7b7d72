//! `orch-tui kill`: ends agents by a word to their hosts; whoever drives sees how they end.

use std::time::Duration;

use crate::app::cli::{Global, KillArgs};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::place::Place;
use crate::app::{json, out};
use crate::domain::agent::Exit as AgentExit;
use crate::domain::effect::StopKind;
use crate::domain::id::{AgentId, AgentRef};
use crate::domain::orchestrator::run::Run;
use crate::runner::host::client;
use crate::runner::host::protocol::{FromHost, ToHost};
use crate::runner::state_dir::StateDir;

/// Longest wait for an agent to end, grace time included.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

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
    let how = if args.now { StopKind::Kill } else { StopKind::Term };
    for agent in agents {
        let exit = end(&state, &agent, how).await?;
        if !global.json {
            out::line(format!("{}: ended, {} processes left", agent.id, exit.survivors))?;
        }
        ended.push((agent, exit.survivors));
    }
    if global.json {
        out::json(&json::killed(&ended))?;
    }
    Ok(if ended.is_empty() { Exit::Nothing } else { Exit::Ok })
}

fn chosen(run: &Run, args: &KillArgs) -> Result<Vec<AgentRef>, Failure> {
    let running = |id: &AgentId| run.agents.get(id).filter(|agent| agent.has_process());
    if args.all {
        let live = run.agents.values().filter(|agent| agent.has_process());
        return Ok(live.map(|agent| agent.me().clone()).collect());
    }
    let one = |text: &String| match running(&AgentId::new(text)) {
        Some(agent) => Ok(agent.me().clone()),
        None => Err(Failure::new(
            Exit::Nothing,
            format!("{text} does not run; `orch-tui agents` lists the agents"),
        )),
    };
    args.ids.iter().map(one).collect()
}

async fn end(state: &StateDir, agent: &AgentRef, how: StopKind) -> Result<AgentExit, Failure> {
    let gone = || {
        let why = format!("the host of {} is gone; `orch-tui` settles what it left", agent.id);
        Failure::new(Exit::Failed, why)
    };
    let mut link = client::connect_to(agent, &state.socket(agent)).await.map_err(|_| gone())?;
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
            let why = format!("{} has not ended yet; try --now", agent.id);
            Err(Failure::new(Exit::TimeLimit, why))
        }
    }
}
