//! `orch-tui agents`: the agents of a target.

use crate::app::cli::Global;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::out::padded;
use crate::app::place::Place;
use crate::app::{json, out};
use crate::domain::agent::{Agent, AgentState, Stage};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::printable::visible;
use crate::domain::time::Timestamp;
use crate::runner::world::now;
use crate::ui::text::columns;

/// The longest name that others are lined up with.
const LONGEST_NAME: usize = 12;

/// Prints the agents.
///
/// # Errors
/// When configuration, roadmap or state can't be read.
pub async fn agents(global: &Global) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    let orchestrator = place.look_closely().await?;
    if global.json {
        out::json(&json::agents(&orchestrator, &place.state()?, now()))?;
    } else if orchestrator.has_no_agents() {
        out::line("no agent has run here yet")?;
    } else {
        table(&orchestrator)?;
    }
    Ok(Exit::Ok)
}

/// Prints a table of agents.
///
/// # Errors
/// When it can't be written.
pub fn table(o: &Orchestrator) -> Result<(), Failure> {
    let now = now();
    let names = o.run().agents.values().filter_map(|agent| agent.name());
    let names = names.map(columns).max().unwrap_or(0).clamp(4, LONGEST_NAME);
    out::line(format!(
        "  {:<10} {:<names$} {:<5} {:<10} {:>8}  {}",
        "AGENT", "NAME", "LIFE", "STATE", "TIME", "NOW"
    ))?;
    for agent in o.agents(now) {
        out::line(row(agent, names, o, now))?;
    }
    Ok(())
}

fn row(agent: &Agent, names: usize, o: &Orchestrator, now: Timestamp) -> String {
    let seconds = agent.ran_for(now).as_secs();
    format!(
        "  {:<10} {} {:<5} {:<10} {:>5}:{:02}  {}",
        agent.me().id,
        padded(&visible(agent.name().unwrap_or("-")), names),
        agent.me().life.0,
        word(o.state_of(agent, now)),
        seconds / 60,
        seconds % 60,
        o.outlook(agent, now).map_or_else(|| note(agent), |next| next.text().to_owned())
    )
}

fn note(agent: &Agent) -> String {
    match &agent.stage {
        Stage::Ended(outcome) | Stage::Unmarking(outcome) => outcome.clause(),
        Stage::Verifying(judged) => format!("{judged} gates judged"),
        Stage::Review(why) if why.as_str().is_empty() => "proven, waits to be merged".into(),
        Stage::Review(why) => why.to_string(),
        Stage::Merging => "being merged".into(),
        Stage::Proving(judged) => format!("{judged} gates judged on the merge"),
        Stage::Landing => "moving the target branch".into(),
        Stage::Running | Stage::Stopping => {
            let waiting = agent.activity.waiting.as_ref().map(|text| format!("asks: {text}"));
            waiting.unwrap_or_else(|| agent.activity.doing.to_string())
        }
        Stage::Claiming | Stage::Preparing | Stage::Marking | Stage::Starting => String::new(),
        Stage::Completing => "writing Complete".into(),
    }
}

/// The word for a state, as in the JSON output.
fn word(state: AgentState) -> &'static str {
    match state {
        AgentState::Waiting => "waiting",
        AgentState::Failed => "failed",
        AgentState::TimedOut => "timed out",
        AgentState::Running => "running",
        AgentState::Idle => "idle",
        AgentState::Verifying => "verifying",
        AgentState::Review => "review",
        AgentState::Merging => "merging",
        AgentState::Starting => "starting",
        AgentState::Pending => "pending",
        AgentState::Stopping => "stopping",
        AgentState::Succeeded => "done",
        AgentState::Killed => "killed",
    }
}
