//! What agents do now, asked of their hosts by whoever only looks once.

use std::time::Duration;

use tokio::task::JoinSet;

use crate::domain::id::AgentRef;
use crate::domain::report::Pulse;
use crate::runner::host::client;
use crate::runner::host::protocol::FromHost;
use crate::runner::state_dir::StateDir;

/// Most time all hosts together may take to tell.
const PATIENCE: Duration = Duration::from_secs(1);

/// The first pulse of each of these lives, asked for all at once. Hosts that are gone or too slow tell nothing. Nobody's
/// size or right to write changes: a viewer that never types or attaches has neither.
pub async fn ask(state: &StateDir, agents: Vec<AgentRef>) -> Vec<(AgentRef, Pulse)> {
    let mut asked = JoinSet::new();
    for agent in agents {
        let socket = state.socket(&agent);
        asked.spawn(async move {
            let mut link = client::connect_to(&agent, &socket).await.ok()?;
            while let Some(told) = link.events.recv().await {
                if let FromHost::Pulse(pulse) = told {
                    return Some((agent, pulse));
                }
            }
            None
        });
    }
    let mut pulses = Vec::new();
    let collect = async {
        while let Some(told) = asked.join_next().await {
            pulses.extend(told.ok().flatten());
        }
    };
    // Who has told by then has told.
    let _late = tokio::time::timeout(PATIENCE, collect).await;
    pulses
}
