//! What agents do now, asked of their hosts by whoever only looks once.

use std::path::Path;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::domain::agent::Exit;
use crate::domain::id::AgentRef;
use crate::domain::report::Pulse;
use crate::runner::host::client::{self, ConnectError};
use crate::runner::host::protocol::FromHost;
use crate::runner::host::read_result;
use crate::runner::state_dir::StateDir;

/// Most time all hosts together may take to tell.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a host that has told what its agent does is listened to: it tells at once when the agent has ended.
const AFTERWARDS: Duration = Duration::from_millis(100);

/// What is known of a life now.
#[derive(Clone, Debug)]
pub enum Sign {
    /// What the agent does.
    Pulse(Pulse),
    /// It has ended, and nobody has collected how.
    Exited(Exit),
    /// Its host is gone.
    Gone,
}

/// What the hosts of these lives tell, asked all at once. Those that are too slow tell nothing. Nobody's size or right to
/// write changes: a viewer that never types or attaches has neither.
pub async fn ask(state: &StateDir, agents: Vec<AgentRef>) -> Vec<(AgentRef, Sign)> {
    let mut asked = JoinSet::new();
    for agent in agents {
        let (socket, folder) = (state.socket(&agent), state.agent_folder(&agent));
        asked.spawn(async move {
            let sign = match listen(&agent, &socket).await? {
                Sign::Gone => left(&folder),
                sign => sign,
            };
            Some((agent, sign))
        });
    }
    let mut signs = Vec::new();
    let collect = async {
        while let Some(told) = asked.join_next().await {
            signs.extend(told.ok().flatten());
        }
    };
    // Who has told by then has told.
    let _late = tokio::time::timeout(PATIENCE, collect).await;
    signs
}

/// What a host that is gone has left.
fn left(folder: &Path) -> Sign {
    let result = read_result(folder).ok().flatten();
    result.map_or(Sign::Gone, |result| Sign::Exited(result.exit))
}

async fn listen(agent: &AgentRef, socket: &Path) -> Option<Sign> {
    let mut link = match client::connect_to(agent, socket).await {
        Ok(link) => link,
        Err(ConnectError::Gone { .. }) => return Some(Sign::Gone),
        Err(_) => return None,
    };
    let mut sign = None;
    loop {
        let patience = if sign.is_none() { PATIENCE } else { AFTERWARDS };
        match tokio::time::timeout(patience, link.events.recv()).await {
            Ok(Some(FromHost::Pulse(pulse))) => sign = Some(Sign::Pulse(pulse)),
            Ok(Some(FromHost::Exited(exit))) => return Some(Sign::Exited(exit)),
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => return sign,
        }
    }
}
