//! From a launch order to a running host: folder, prompt, environment, process.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::domain::preview::{HOST, Preview, SESSION};
use crate::runner::environment::{Privilege, Variables};

use crate::domain::effect::Launch;
use crate::runner::environment::{self, NoProgram, RootRefused};
use crate::runner::host::client::{self, ConnectError, HostLink, SpawnError};
use crate::runner::host::{HOST_VARIABLE, HostSpec, PROMPT_VARIABLE};
use crate::runner::prompt::{self, PromptParts, Retry};
use crate::runner::session_id;
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
    let spec = specify(world, launch)?;
    client::spawn_host(&world.program, &spec, lock).await?;
    Ok(client::connect_to(&spec.agent, &spec.socket).await?)
}

fn specify(world: &World, launch: &Launch) -> Result<HostSpec, LaunchError> {
    let env = environment::for_agent(&world.environment, launch, world.privilege)?;
    let folder = world.state.make_agent_folder(&launch.agent)?;
    let prompt_file = folder.join(PROMPT_FILE);
    write_private(&prompt_file, prompt_of(launch).as_bytes()).map_err(|source| {
        LaunchError::Prompt { path: prompt_file.display().to_string(), source }
    })?;
    let session = session_id::fresh();
    Ok(HostSpec {
        agent: launch.agent.clone(),
        argv: launch.adapter.argv(&session, &prompt_file.to_string_lossy()),
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
    let (prompt, retry) = told(launch);
    Preview {
        agent: launch.agent.clone(),
        phase: launch.phase.id.clone(),
        adapter: launch.adapter.name.clone(),
        argv: launch.adapter.argv(SESSION, &prompt_file.to_string_lossy()),
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

fn prompt_of(launch: &Launch) -> String {
    let (prompt, retry) = told(launch);
    prompt + &retry
}

/// What an agent is told: the work, and what failed before.
fn told(launch: &Launch) -> (String, String) {
    let failure = launch.brief.failure.as_ref();
    let workflow = prompt::workflow(&launch.target);
    let parts = PromptParts {
        target: &launch.target,
        phase: &launch.phase,
        section: &launch.brief.section,
        workflow: &workflow,
        workspace: &launch.workspace,
        retry: failure.map(|last| Retry {
            outcome: last.outcome.clone(),
            receipts: &last.receipts,
            comments: last.comments.as_deref(),
            at_the_merge: last.at_the_merge,
        }),
    };
    let work = match &launch.brief.prompt {
        Some(own) => prompt::with_first_line(own, &parts),
        None => prompt::work(&parts),
    };
    (work, prompt::failure(&parts))
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = File::options();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)
}
