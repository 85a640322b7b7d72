//! `orch-tui logs`: what an agent showed.

use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::time::Duration;

use crate::app::cli::Global;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::out;
use crate::app::place::Place;
use crate::domain::orchestrator::run::Run;
use crate::runner::host::read_result;
use crate::runner::log::{AgentLog, LogForm};

/// Time between two looks at a log that still grows.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Whether to go on until the agent ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Following {
    /// Print what there is.
    No,
    /// Go on.
    Yes,
}

/// Prints the log of an agent's last life.
///
/// # Errors
/// When state can't be read, the agent is unknown, or raw bytes would reach a terminal.
pub async fn logs(
    global: &Global,
    id: &str,
    follow: Following,
    form: LogForm,
) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    let run = Run::replay(&place.journal()?);
    let agent = run.meant(id).map_err(|why| Failure::not_meant(id, &why))?;
    if form == LogForm::Raw && io::stdout().is_terminal() {
        let why =
            "raw bytes of an agent are not written to a terminal: send them to a file or a pipe";
        return Err(Failure::new(Exit::Usage, why));
    }
    let folder = place.state()?.agent_folder(agent.me());
    let mut log = AgentLog::open(&folder, form).map_err(Failure::environment)?;
    loop {
        let ended = ended(&folder);
        while let Some(text) = log.read_new().map_err(Failure::environment)? {
            out::bytes(&text)?;
        }
        if follow == Following::No || ended {
            out::bytes(&log.finish())?;
            return Ok(Exit::Ok);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

fn ended(folder: &Path) -> bool {
    read_result(folder).ok().flatten().is_some()
}
