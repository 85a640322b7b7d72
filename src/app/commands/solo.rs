//! `orch-tui attach` and `replay`: one agent on the whole screen, live or as recorded.

use std::path::PathBuf;
use std::time::Duration;

use crate::app::cli::{Global, ReplayArgs};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::out;
use crate::app::place::Place;
use crate::app::screen::attach::{Detached, ended};
use crate::app::screen::{attach, replay};
use crate::domain::id::AgentRef;
use crate::domain::orchestrator::run::Run;
use crate::runner::host::client::{self, ConnectError};
use crate::runner::host::read_spec;
use crate::runner::state_dir::StateDir;
use crate::runner::tape::Tape;
use crate::ui::player::Player;

use super::setup::View;

/// Shows an agent's live terminal and passes keys on to it.
///
/// # Errors
/// When there is no terminal, state can't be read, or the agent does not run.
pub async fn attach(global: &Global, id: &str, view: View) -> Result<Exit, Failure> {
    needs_terminal(view, "attach")?;
    let (state, agent) = find(global, id)?;
    let link = client::connect_to(&agent, &state.socket(&agent)).await.map_err(|error| {
        let gone = format!("{id} does not run; `orch-tui replay {id}` plays what it showed");
        match error {
            ConnectError::Gone { .. } => Failure::new(Exit::Nothing, gone),
            ConnectError::Version { .. } | ConnectError::Foreign { .. } => {
                Failure::new(Exit::Failed, error)
            }
        }
    })?;
    let spec = read_spec(&state.agent_folder(&agent)).map_err(Failure::environment)?;
    match attach::attach(global, (link, spec.via()), &name(&agent)).await? {
        Detached::Running => out::note(&format!("{id} goes on")),
        Detached::Ended(exit) => out::note(&format!("{id} {}", ended(&exit))),
        Detached::Lost => out::note(&format!("the host of {id} disappeared")),
    }
    Ok(Exit::Ok)
}

/// Plays an agent's recording.
///
/// # Errors
/// When there is no terminal, state can't be read, or nothing was recorded.
pub async fn replay(global: &Global, args: &ReplayArgs, view: View) -> Result<Exit, Failure> {
    needs_terminal(view, "replay")?;
    let (state, agent) = find(global, &args.id)?;
    let folder: PathBuf = state.agent_folder(&agent);
    let mut tape = Tape::load(&folder, Duration::from_secs_f64(args.idle)).map_err(|error| {
        let why = format!("the recording of {} can't be read ({error})", args.id);
        Failure::environment(why)
    })?;
    let length = tape.length();
    let marks = tape.marks().into_iter().map(|mark| (mark.at, mark.text)).collect();
    let at = args.at.unwrap_or_default().min(length);
    let player = Player { at, length, speed: args.speed, playing: true, listing: false, marks };
    replay::replay(global, (&mut tape, player), &name(&agent)).await?;
    Ok(Exit::Ok)
}

fn needs_terminal(view: View, verb: &str) -> Result<(), Failure> {
    match view {
        View::Screen => Ok(()),
        View::Lines => {
            let why = format!("`{verb}` needs a terminal; `orch-tui logs ID` works in a pipe");
            Err(Failure::new(Exit::Usage, why))
        }
    }
}

/// The last life of an agent.
fn find(global: &Global, id: &str) -> Result<(StateDir, AgentRef), Failure> {
    let place = Place::find_and_tell(global)?;
    let run = Run::replay(&place.journal()?);
    let agent = run.meant(id).map_err(|why| Failure::not_meant(id, &why))?;
    Ok((place.state()?, agent.me().clone()))
}

fn name(agent: &AgentRef) -> String {
    match agent.life.0 {
        1 => agent.id.to_string(),
        life => format!("{} life {life}", agent.id),
    }
}
