//! From a launch order to a running host: folder, prompt, environment, process.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::domain::adapter::Start;
use crate::domain::preview::{HOST, Preview, SESSION};
use crate::runner::environment::{Privilege, Variables};

use crate::domain::effect::Launch;
use crate::runner::environment::{self, NoProgram, RootRefused};
use crate::runner::hand_over::HandOver;
use crate::runner::host::client::{self, ConnectError, HostLink, SpawnError};
use crate::runner::host::{HOST_VARIABLE, HostSpec, PROMPT_VARIABLE};
use crate::runner::prompt::{self, PromptParts, Retry};
use crate::runner::state_dir::StateDirError;
use crate::runner::world::World;

/// Name of the prompt's file in the agent's folder.
pub const PROMPT_FILE: &str = "prompt.md";

/// Why an agent could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// Its folder can't be made.
    #[error(transparent)]
    State(#[from] StateDirError),
    /// It would not work as root.
    #[error(transparent)]
    Root(#[from] RootRefused),
    /// Its program is missing.
    #[error(transparent)]
    Program(#[from] NoProgram),
    /// Its prompt can't be written.
    #[error("the prompt can't be written to {path}: {source}")]
    Prompt {
        /// Where.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Its host can't be started.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
    /// Its host does not answer.
    #[error(transparent)]
    Connect(#[from] ConnectError),
}

/// Starts a host with its agent and connects to it.
///
/// # Errors
/// One sentence that names the command and the next step.
pub async fn start(
    world: &World,
    launch: &Launch,
    lock: Option<File>,
) -> Result<HostLink, LaunchError> {
    let done = HandOver::gather(&world.state, launch).await;
    let spec = specify(world, launch, &done)?;
    client::spawn_host(&world.program, &spec, lock).await?;
    Ok(client::connect_to(&spec.agent, &spec.socket).await?)
}

fn specify(world: &World, launch: &Launch, done: &HandOver) -> Result<HostSpec, LaunchError> {
    let env = environment::for_agent(&world.environment, launch, world.privilege)?;
    let folder = world.state.make_agent_folder(&launch.agent)?;
    let prompt_file = folder.join(PROMPT_FILE);
    let (prompt, retry) = told(launch, done);
    write_private(&prompt_file, (prompt + &retry).as_bytes()).map_err(|source| {
        LaunchError::Prompt { path: prompt_file.display().to_string(), source }
    })?;
    Ok(HostSpec {
        agent: launch.agent.clone(),
        argv: launch.adapter.argv(&launch.start, &prompt_file.to_string_lossy()),
        cwd: launch.workspace.path().to_owned(),
        env,
        kind: launch.adapter.kind,
        limits: launch.adapter.limits,
        size: launch.size,
        prompt_file,
        socket: world.state.socket(&launch.agent),
        folder,
    })
}

/// What a launch would do; `folder` is where its prompt would lie.
pub fn preview(
    launch: &Launch,
    folder: &Path,
    (own, privilege): (&Variables, Privilege),
) -> Preview {
    let prompt_file = folder.join(PROMPT_FILE);
    let (env, problem) = match rehearsed(launch, &prompt_file, (own, privilege)) {
        Ok(env) => (env, None),
        Err(refused) => (Variables::new(), Some(refused.to_string().as_str().into())),
    };
    let (prompt, retry) = told(launch, &HandOver::default());
    let start = Start::Fresh { session: SESSION.to_owned() };
    Preview {
        agent: launch.agent.clone(),
        phase: launch.phase.id.clone(),
        adapter: launch.adapter.name.clone(),
        argv: launch.adapter.argv(&start, &prompt_file.to_string_lossy()),
        workspace: launch.workspace.clone(),
        env,
        prompt,
        retry,
        problem,
    }
}

/// All variables an agent would get, those its host adds too; an error when it could not start.
fn rehearsed(
    launch: &Launch,
    prompt_file: &Path,
    (own, privilege): (&Variables, Privilege),
) -> Result<Variables, LaunchError> {
    let mut env = environment::for_agent(own, launch, privilege)?;
    environment::program(&launch.adapter.command, &env, launch.workspace.path())?;
    env.insert(PROMPT_VARIABLE.to_owned(), prompt_file.to_string_lossy().into_owned());
    env.insert(HOST_VARIABLE.to_owned(), HOST.to_owned());
    Ok(env)
}

/// What an agent is told: the work, and what failed before. One that goes on with its session knows its work.
fn told(launch: &Launch, done: &HandOver) -> (String, String) {
    let failure = launch.brief.failure.as_ref();
    let workflow = prompt::workflow(&launch.target);
    let parts = PromptParts {
        target: &launch.target,
        phase: &launch.phase,
        section: &launch.brief.section,
        workflow: &workflow,
        retry: failure.map(|last| Retry {
            outcome: last.outcome.clone(),
            receipts: &last.receipts,
            done,
        }),
    };
    let work = match (&launch.start, &launch.brief.prompt) {
        (Start::Resume { .. }, _) => prompt::go_on(&parts),
        (Start::Fresh { .. } | Start::Fork { .. }, Some(own)) => {
            prompt::with_first_line(own, &parts)
        }
        (Start::Fresh { .. } | Start::Fork { .. }, None) => prompt::work(&parts),
    };
    (work, prompt::failure(&parts))
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = File::options();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::domain::effect::{Brief, LastFailure};
    use crate::domain::frame::Size;
    use crate::domain::id::{AgentId, AgentRef, Life};
    use crate::domain::roadmap::Roadmap;
    use crate::domain::workspace::Workspace;
    use crate::runner::config::{Adapters, Places, targets};

    fn launch(start: Start) -> Launch {
        let places = Places {
            root: "/src/tide".into(),
            user: None,
            home: None,
            program: "/bin/orch-tui".into(),
        };
        let adapters = Adapters::built_in(&places).unwrap();
        let roadmap = "### Phase 2.1: Snapshot export\n\n- **Status:** ⚪ Not Started\n";
        let phase = Roadmap::parse(roadmap.as_bytes()).phases.remove(0);
        let outcome = "turn limit reached".to_owned();
        let failure = Some(LastFailure { outcome, receipts: vec![], tries: vec![] });
        Launch {
            agent: AgentRef { id: AgentId::for_phase(&phase.id), life: Life(2) },
            phase,
            target: targets::implicit(&places.root, None, "claude"),
            adapter: adapters.by_name["claude"].clone(),
            workspace: Workspace::Checkout { path: places.root },
            start,
            brief: Brief { section: roadmap.to_owned(), failure, prompt: Some("mine".into()) },
            size: Size { rows: 24, cols: 80 },
        }
    }

    #[test]
    fn who_goes_on_is_told_only_what_happened() {
        let session = || "s".to_owned();
        let done = HandOver::default();
        let (work, retry) = told(&launch(Start::Resume { session: session() }), &done);
        assert!(!work.contains("mine") && work.contains("until phase 2.1 is done"), "{work}");
        assert!(retry.contains("ended so: turn limit reached."), "{retry}");
        let (work, fresh_retry) = told(&launch(Start::Fresh { session: session() }), &done);
        assert!(work.contains("mine"), "{work}");
        assert_eq!(fresh_retry, retry);
    }
}
