//! From a launch order to a running host: folder, prompt, environment, process.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::domain::adapter::{Adapter, Start, Told, Via};
use crate::domain::preview::{HOST, PROMPT, Preview, SESSION};
use crate::runner::environment::{Privilege, Variables};

use crate::domain::effect::Launch;
use crate::runner::environment::{self, NoProgram, RootRefused};
use crate::runner::errand_prompt::{self, Places};
use crate::runner::hand_over::HandOver;
use crate::runner::host::client::{self, ConnectError, HostLink, SpawnError};
use crate::runner::host::{HOST_VARIABLE, HostSpec, PROMPT_VARIABLE};
use crate::runner::prompt::{self, PromptParts, Retry};
use crate::runner::state_dir::StateDirError;
use crate::runner::world::World;

/// Name of the prompt's file in the agent's folder.
pub const PROMPT_FILE: &str = "prompt.md";

/// Longest prompt given as an argument: the system takes 128 KiB at most.
const LONGEST_ARGUMENT: usize = 120_000;

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
    /// Its adapter can't be told how much it may do.
    #[error(
        "agent `{adapter}` has no arguments for autonomy `{level}`; add them to its `autonomy` in agents.yaml, or choose \
         another level or agent"
    )]
    Level {
        /// The adapter.
        adapter: String,
        /// The level asked for.
        level: &'static str,
    },
    /// Its prompt is too long for an argument.
    #[error(
        "the prompt has {length} bytes and an argument may have {LONGEST_ARGUMENT}; give agent `{adapter}` its prompt \
         by `prompt: {{via: stdin}}` or `{{via: file}}` in agents.yaml"
    )]
    PromptLength {
        /// Its length.
        length: usize,
        /// The adapter.
        adapter: String,
    },
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
    let mut env = environment::for_agent(&world.environment, launch, world.privilege)?;
    let places = Places::of(&world.target, &world.state.agent_folder(&launch.agent));
    let prompt = match &launch.brief.errand {
        Some(brief) => {
            env.extend(places.variables(&brief.errand));
            errand_prompt::prompt(launch, brief, &places)
        }
        None => prompt_of(launch, done),
    };
    check(&launch.adapter, &prompt)?;
    let folder = world.state.make_agent_folder(&launch.agent)?;
    let prompt_file = folder.join(PROMPT_FILE);
    write_private(&prompt_file, prompt.as_bytes()).map_err(|source| LaunchError::Prompt {
        path: prompt_file.display().to_string(),
        source,
    })?;
    // An argument ends at a NUL.
    let prompt = prompt.replace('\0', "");
    let told = Told { file: &prompt_file.to_string_lossy(), text: &prompt };
    Ok(HostSpec {
        agent: launch.agent.clone(),
        argv: launch.adapter.argv(&launch.start, &told),
        cwd: launch.workspace.path().to_owned(),
        env,
        kind: launch.adapter.kind,
        parser: Some(launch.adapter.parser),
        via: Some(launch.adapter.prompt.via),
        limits: launch.adapter.limits,
        size: launch.size,
        prompt_file,
        socket: world.state.socket(&launch.agent),
        folder,
    })
}

/// Whether the adapter can be told what it may do, and what it is to do.
fn check(adapter: &Adapter, prompt: &str) -> Result<(), LaunchError> {
    if adapter.autonomy.group().is_none() {
        let level = adapter.autonomy.level.word();
        return Err(LaunchError::Level { adapter: adapter.name.clone(), level });
    }
    let length = prompt.len();
    match adapter.prompt.via {
        Via::Arg if length > LONGEST_ARGUMENT => {
            Err(LaunchError::PromptLength { length, adapter: adapter.name.clone() })
        }
        Via::Arg | Via::Stdin | Via::File => Ok(()),
    }
}

/// What a launch would do; `folder` is where its prompt would lie.
pub fn preview(
    (launch, known): (&Launch, &HandOver),
    folder: &Path,
    (own, privilege): (&Variables, Privilege),
) -> Preview {
    let prompt_file = folder.join(PROMPT_FILE);
    let (env, problem) = match rehearsed((launch, known), &prompt_file, (own, privilege)) {
        Ok(env) => (env, None),
        Err(refused) => (Variables::new(), Some(refused.to_string().as_str().into())),
    };
    let (prompt, retry) = told(launch, known);
    let new = SESSION.to_owned();
    let start = match &launch.start {
        Start::Fork { session, .. } => Start::Fork { session: session.clone(), new },
        Start::Fresh { .. } | Start::Resume { .. } => Start::Fresh { session: new },
    };
    let way = Told { file: &prompt_file.to_string_lossy(), text: PROMPT };
    Preview {
        agent: launch.agent.clone(),
        name: launch.name.clone(),
        phase: launch.phase.id.clone(),
        adapter: launch.adapter.name.clone(),
        argv: launch.adapter.argv(&start, &way),
        workspace: launch.workspace.clone(),
        env,
        prompt,
        retry,
        problem,
    }
}

/// All variables an agent would get, those its host adds too; an error when it could not start.
fn rehearsed(
    (launch, known): (&Launch, &HandOver),
    prompt_file: &Path,
    (own, privilege): (&Variables, Privilege),
) -> Result<Variables, LaunchError> {
    let mut env = environment::for_agent(own, launch, privilege)?;
    check(&launch.adapter, &prompt_of(launch, known))?;
    environment::program(&launch.adapter.command, &env, launch.workspace.path())?;
    env.insert(PROMPT_VARIABLE.to_owned(), prompt_file.to_string_lossy().into_owned());
    env.insert(HOST_VARIABLE.to_owned(), HOST.to_owned());
    Ok(env)
}

fn prompt_of(launch: &Launch, done: &HandOver) -> String {
    let (prompt, retry) = told(launch, done);
    prompt + &retry
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
        workspace: &launch.workspace,
        name: launch.name.as_deref(),
        done,
        retry: failure.map(|last| Retry {
            outcome: last.outcome.clone(),
            receipts: &last.receipts,
            comments: last.comments.as_deref(),
            at_the_merge: last.at_the_merge,
        }),
    };
    let work = match (&launch.start, &launch.brief.prompt) {
        (Start::Resume { .. }, _) => prompt::go_on(&parts),
        (Start::Fresh { .. } | Start::Fork { .. }, Some(own)) => prompt::with_head(own, &parts),
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
    use crate::domain::adapter::Level;
    use crate::domain::effect::{Brief, LastFailure};
    use crate::domain::frame::Size;
    use crate::domain::id::{AgentId, AgentRef, Life};
    use crate::domain::roadmap::Roadmap;
    use crate::domain::workspace::Workspace;
    use crate::runner::config::targets;

    /// A launch of an adapter whose program is there.
    fn launch(adapter: Adapter) -> Launch {
        let roadmap = "### Phase 2.1: Export\n\n- **Status:** ⚪ Not Started\n";
        let phase = Roadmap::parse(roadmap.as_bytes()).phases.remove(0);
        Launch {
            name: None,
            agent: AgentRef { id: AgentId::for_phase(&phase.id), life: Life(1) },
            phase,
            target: targets::implicit(Path::new("/"), None, &adapter.name),
            adapter,
            workspace: Workspace::Checkout { path: "/".into() },
            start: Start::default(),
            brief: Brief::default(),
            size: Size::SMALLEST,
        }
    }

    fn previewed(launch: &Launch) -> Preview {
        let known = HandOver::default();
        preview((launch, &known), Path::new("/folder"), (&environment::own(), Privilege::Ordinary))
    }

    #[test]
    fn a_prompt_that_goes_by_argument_is_shown_as_one_word_and_bounded() {
        let mut adapter = Adapter::text("x", "sh");
        adapter.prompt.via = Via::Arg;
        adapter.prompt.args = vec!["--".into(), "{prompt}".into()];
        let mut launch = launch(adapter);
        let shown = previewed(&launch);
        assert_eq!(shown.argv, ["sh", "--", "<prompt>"]);
        assert_eq!(shown.problem, None);
        launch.brief.prompt = Some("x".repeat(LONGEST_ARGUMENT));
        let problem = previewed(&launch).problem.unwrap();
        assert!(problem.as_str().contains("`prompt: {via: stdin}`"), "{problem}");
        launch.adapter.prompt.via = Via::File;
        assert_eq!(previewed(&launch).problem, None, "a file may be as long as it likes");
    }

    #[test]
    fn an_agent_that_can_t_be_told_its_level_does_not_start() {
        let mut launch = launch(Adapter::text("x", "sh"));
        launch.adapter.autonomy.level = Level::Plan;
        let problem = previewed(&launch).problem.unwrap();
        assert!(
            problem.as_str().contains("agent `x` has no arguments for autonomy `plan`"),
            "{problem}"
        );
        launch.adapter.autonomy.plan = Some(vec!["--plan".into()]);
        let shown = previewed(&launch);
        assert_eq!((shown.problem, shown.argv), (None, vec!["sh".into(), "--plan".into()]));
    }

    #[test]
    fn who_goes_on_is_told_only_what_happened() {
        let mut launch = launch(Adapter::text("x", "sh"));
        let outcome = "turn limit reached".to_owned();
        launch.brief.failure = Some(LastFailure {
            outcome,
            receipts: vec![],
            comments: None,
            at_the_merge: false,
            tries: vec![],
        });
        launch.brief.prompt = Some("mine".into());
        let (work, fresh_retry) = told(&launch, &HandOver::default());
        assert!(work.contains("mine"), "{work}");
        launch.start = Start::Resume { session: "s".into() };
        let (work, retry) = told(&launch, &HandOver::default());
        assert!(!work.contains("mine") && work.contains("until phase 2.1 is done"), "{work}");
        assert!(retry.contains("ended so: turn limit reached."), "{retry}");
        assert_eq!(fresh_retry, retry);
    }
}
