//! The environment of agents and gates: what is on a list or asked for by name, and nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::domain::adapter::Adapter;
use crate::domain::effect::{Launch, Worker};
use crate::domain::printable::Printable;
use crate::domain::role::AgentRole;
use crate::domain::target::Target;

/// Environment variables by name.
pub type Variables = BTreeMap<String, String>;

/// Passed on to every agent. A trailing `*` is a prefix.
const COMMON: [&str; 20] = [
    "HOME",
    "PATH",
    "LANG",
    "LANGUAGE",
    "LC_*",
    "TZ",
    "USER",
    "LOGNAME",
    "SHELL",
    "TMPDIR",
    "XDG_CONFIG_HOME",
    "XDG_CONFIG_DIRS",
    "XDG_DATA_HOME",
    "XDG_DATA_DIRS",
    "XDG_CACHE_HOME",
    "SSH_AUTH_SOCK",
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL",
];

/// Marks every process of a life, so that those that left its tree are found. Gates are not marked: they outlive the sweep.
pub const MARKER: &str = "ORCH_TUI_AGENT";

/// Who the app runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privilege {
    /// The super-user.
    Root,
    /// Anybody else.
    Ordinary,
}

impl Privilege {
    /// That of this process.
    pub fn current() -> Self {
        if rustix::process::geteuid().is_root() { Self::Root } else { Self::Ordinary }
    }
}

/// An agent CLI refuses to work as root unless it is told that root is confined, and nobody said so for this target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "agent `{adapter}` does not work as root in target `{target}`: run orch-tui as another user, or, if this machine \
     is a sandbox, add `allow_root: true` to `{target}` in config/targets.yaml (it sets {variables}); at `autonomy: \
     tools` or `plan` it needs neither."
)]
pub struct RootRefused {
    adapter: String,
    target: String,
    variables: String,
}

/// The program of an agent is missing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an executable file or a program on PATH; install it or set the agent's `command` in targets.yaml or \
     agents.yaml"
)]
pub struct NoProgram(pub String);

/// Why agents of this adapter can't start in a target, as far as that is known before one is started.
pub fn refusal(adapter: Option<&Adapter>, target: &Target) -> Option<Printable> {
    let adapter = adapter?;
    if let Some(refused) = root_refused(adapter, target, Privilege::current()) {
        return Some(Printable::new(&refused.to_string()));
    }
    let found = program(&adapter.command, &configured(&own(), adapter, target), &target.path);
    found.err().map(|missing| Printable::new(&missing.to_string()))
}

/// The program a command names, for a process with these variables in this folder: itself when it is a path, else the
/// first in `PATH`.
///
/// # Errors
/// When there is none that can be run.
pub fn program(command: &str, env: &Variables, folder: &Path) -> Result<PathBuf, NoProgram> {
    let path = env.get("PATH").map(String::as_str).unwrap_or_default();
    let found = if command.contains('/') {
        Some(folder.join(command)).filter(|file| is_program(file))
    } else {
        let mut files = std::env::split_paths(path).map(|part| folder.join(part).join(command));
        files.find(|file| is_program(file))
    };
    found.ok_or_else(|| NoProgram(command.to_owned()))
}

fn is_program(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

fn root_refused(adapter: &Adapter, target: &Target, privilege: Privilege) -> Option<RootRefused> {
    let needs = adapter.root_needs().filter(|_| privilege == Privilege::Root)?;
    let set = |(name, value): (&String, &String)| format!("{name}={value}");
    (!target.surroundings.allow_root).then(|| RootRefused {
        adapter: adapter.name.clone(),
        target: target.id.to_string(),
        variables: needs.iter().map(set).collect::<Vec<_>>().join(" "),
    })
}

/// This process's environment; variables that are not UTF-8 are left out.
pub fn own() -> Variables {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// The whole environment of an agent, except what only its host knows: where its prompt lies.
///
/// Later wins: passed on, terminal, adapter, target, root, identity.
///
/// # Errors
/// When we are root and the target does not allow what the adapter then needs.
pub fn for_agent(
    own: &Variables,
    launch: &Launch,
    privilege: Privilege,
) -> Result<Variables, RootRefused> {
    let (adapter, target) = (&launch.adapter, &launch.target);
    if let Some(refused) = root_refused(adapter, target, privilege) {
        return Err(refused);
    }
    let mut env = configured(own, adapter, target);
    if privilege == Privilege::Root {
        env.extend(adapter.root_needs().cloned().unwrap_or_default());
    }
    env.extend(described(&Worker::of(launch), target));
    env.insert("AGENT_ROLE".to_owned(), role(launch).word().to_owned());
    env.insert(MARKER.to_owned(), launch.agent.to_string());
    Ok(env)
}

/// What an agent is there for.
fn role(launch: &Launch) -> AgentRole {
    launch.brief.errand.as_ref().map(|brief| brief.errand.role()).unwrap_or_default()
}

/// What an agent gets by its configuration.
pub(super) fn configured(own: &Variables, adapter: &Adapter, target: &Target) -> Variables {
    let mut env = passed(own, &adapter.env.pass);
    env.retain(|name, _| !matches_any(&adapter.env.unset, name));
    env.extend(terminal());
    env.extend(adapter.env.set.clone());
    env.extend(target.surroundings.env.clone());
    env
}

/// The environment of a gate: the common variables, the target's own, and whose work is judged.
pub fn for_gate(own: &Variables, worker: &Worker, target: &Target) -> Variables {
    let mut env = passed(own, &[]);
    env.extend(target.surroundings.env.clone());
    env.extend(described(worker, target));
    env
}

/// What is passed on from our own environment.
fn passed(own: &Variables, more: &[String]) -> Variables {
    let wanted = |name: &str| {
        let mut patterns = COMMON.into_iter().chain(more.iter().map(String::as_str));
        patterns.any(|pattern| matches_pattern(pattern, name))
    };
    own.iter().filter(|(name, _)| wanted(name)).map(|(n, v)| (n.clone(), v.clone())).collect()
}

fn matches_any(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| matches_pattern(pattern, name))
}

/// A bare `*` matches nothing: it would pass every secret.
fn matches_pattern(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => !prefix.is_empty() && name.starts_with(prefix),
        None => pattern == name,
    }
}

fn terminal() -> Variables {
    named([("TERM", "xterm-256color".to_owned()), ("COLORTERM", "truecolor".to_owned())])
}

/// Who works and on what, then the target. A NUL can't be passed, and names come from people's files.
fn described(worker: &Worker, target: &Target) -> Variables {
    let mut env = of_worker(worker);
    env.extend(of_target(target));
    env.values_mut().for_each(|value| value.retain(|c| c != '\0'));
    env
}

fn of_worker(worker: &Worker) -> Variables {
    let agent = &worker.agent;
    let mut env = named([
        ("AGENT_ID", agent.id.to_string()),
        ("AGENT_LIFE", agent.life.0.to_string()),
        ("AGENT_NAME", worker.name.clone().unwrap_or_else(|| agent.id.to_string())),
        ("WORK_STREAM_ID", worker.phase.to_string()),
    ]);
    let more = [
        ("AGENT_ADAPTER", &worker.adapter),
        ("AGENT_BRANCH", &worker.branch),
        ("WORK_STREAM_NAME", &worker.phase_name),
    ];
    env.extend(given(more));
    env
}

fn of_target(target: &Target) -> Variables {
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let documents = &target.documents;
    let mut env = named([
        ("TARGET_ID", target.id.to_string()),
        ("TARGET_NAME", target.name.clone()),
        ("TARGET_PATH", path(&target.path)),
        ("TARGET_ROADMAP", path(&target.roadmap)),
        ("TARGET_AGENT", target.agent.clone()),
        ("TARGET_DEVLOG", path(&documents.devlog)),
        ("TARGET_ARCHIVE", path(&documents.archive)),
        ("TARGET_CODER_AGENT", path(&documents.coder_agent)),
        ("TARGET_PM_AGENT", path(&documents.pm_agent)),
        ("TARGET_QA_AGENT", path(&documents.qa_agent)),
        ("TARGET_ORCHESTRATOR_AGENT", path(&documents.orchestrator_agent)),
        ("TARGET_CONVENTIONS", path(&documents.conventions)),
        ("TARGET_PROPOSALS_DIR", path(&documents.proposals)),
    ]);
    let identity = documents.identity_context.as_deref().map(path);
    env.extend(given([
        ("TARGET_IDENTITY_CONTEXT", &identity),
        ("TARGET_DESCRIPTION", &target.description),
    ]));
    env
}

/// Those that have a value.
fn given<const N: usize>(pairs: [(&str, &Option<String>); N]) -> Variables {
    let some = pairs.into_iter().filter_map(|(name, value)| Some((name, value.clone()?)));
    some.map(|(name, value)| (name.to_owned(), value)).collect()
}

fn named<const N: usize>(pairs: [(&str, String); N]) -> Variables {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::adapter::{Level, Start};
    use crate::domain::effect::Brief;
    use crate::domain::frame::Size;
    use crate::domain::id::{AgentId, AgentRef, Life};
    use crate::domain::roadmap::Roadmap;
    use crate::domain::workspace::{Workspace, Worktree};
    use crate::runner::config::{Adapters, Places, targets};

    fn launch(adapter: &str) -> Launch {
        let places = Places {
            root: "/src/tide".into(),
            user: None,
            home: None,
            program: "/bin/orch-tui".into(),
        };
        let adapters = Adapters::built_in(&places).unwrap();
        let roadmap = "### Phase 2.1: Snapshot export\n\n- **Status:** ⚪ Not Started\n";
        let phase = Roadmap::parse(roadmap.as_bytes()).phases.remove(0);
        Launch {
            name: None,
            agent: AgentRef { id: AgentId::for_phase(&phase.id), life: Life(2) },
            phase,
            target: targets::implicit(&places.root, None, adapter),
            adapter: adapters.by_name[adapter].clone(),
            workspace: Workspace::Checkout { path: places.root },
            start: Start::default(),
            brief: Brief::default(),
            size: Size { rows: 24, cols: 80 },
        }
    }

    fn own_environment() -> Variables {
        let mut own = named([
            ("PATH", "/bin".into()),
            ("LC_ALL", "C.UTF-8".into()),
            ("ANTHROPIC_API_KEY", "key".into()),
            ("CLAUDE_CODE_USE_BEDROCK", "1".into()),
            ("CLAUDE_CONFIG_DIR", "/c".into()),
            ("DATABASE_PASSWORD", "secret".into()),
            ("GITHUB_TOKEN", "secret".into()),
            ("GIT_DIR", "/elsewhere".into()),
            ("IS_SANDBOX", "1".into()),
            ("TARGET_ID", "another".into()),
        ]);
        own.extend(NESTED_SESSION.map(|name| (name.to_owned(), "1".to_owned())));
        own
    }

    /// Some of what a Claude Code session sets for its own children.
    const NESTED_SESSION: [&str; 7] = [
        "CLAUDECODE",
        "AI_AGENT",
        "CLAUDE_CODE_CHILD_SESSION",
        "CLAUDE_CODE_ENTRYPOINT",
        "CLAUDE_CODE_MESSAGING_TOKEN",
        "CLAUDE_CODE_SESSION_ID",
        "GIT_EDITOR",
    ];

    #[test]
    fn secrets_and_nested_session_variables_stay_out() {
        let env = for_agent(&own_environment(), &launch("claude"), Privilege::Ordinary).unwrap();
        for name in ["PATH", "LC_ALL", "ANTHROPIC_API_KEY", "CLAUDE_CODE_USE_BEDROCK"] {
            assert!(env.contains_key(name), "{name} is passed on");
        }
        for name in ["DATABASE_PASSWORD", "GITHUB_TOKEN", "GIT_DIR", "IS_SANDBOX"] {
            assert!(!env.contains_key(name), "{name} must not be passed on");
        }
        for name in NESTED_SESSION {
            assert!(!env.contains_key(name), "{name} must be unset");
        }
        assert_eq!(env["CLAUDE_CONFIG_DIR"], "/c");
    }

    #[test]
    fn what_an_adapter_unsets_is_never_passed_on() {
        for name in ["claude", "claude-tui", "codex", "gemini"] {
            let launch = launch(name);
            let unset = launch.adapter.env.unset.clone();
            let mut own = own_environment();
            own.extend(unset.iter().map(|name| (name.clone(), "1".to_owned())));
            let env = for_agent(&own, &launch, Privilege::Ordinary).unwrap();
            let passed: Vec<_> = unset.iter().filter(|name| env.contains_key(*name)).collect();
            assert!(!unset.is_empty() && passed.is_empty(), "{name}: {passed:?}");
            let asked = |name: &&String| {
                launch.adapter.env.pass.iter().any(|pattern| matches_pattern(pattern, name))
            };
            assert!(unset.iter().any(|name| asked(&name)), "{name} unsets what nobody passes");
        }
    }

    #[test]
    fn an_adapter_gets_only_what_it_asks_for() {
        let env = for_agent(&own_environment(), &launch("demo"), Privilege::Root).unwrap();
        assert!(!env.contains_key("ANTHROPIC_API_KEY"));
        let mut greedy = launch("demo");
        greedy.adapter.env.pass = vec!["*".into(), "GIT_*".into(), "CLAUDE*".into()];
        greedy.adapter.env.unset = vec!["GIT_E*".into()];
        let env = for_agent(&own_environment(), &greedy, Privilege::Ordinary).unwrap();
        assert!(!env.contains_key("GITHUB_TOKEN"), "a bare star passes nothing");
        assert!(env.contains_key("GIT_DIR") && !env.contains_key("GIT_EDITOR"), "{env:?}");
        assert!(env.contains_key("CLAUDECODE"), "what is never passed is the adapter's own word");
    }

    #[test]
    fn agents_learn_who_they_are() {
        let mut launch = launch("claude");
        launch.target.surroundings.env =
            named([("MODE", "fast".into()), ("AGENT_ID", "forged".into())]);
        let env = for_agent(&own_environment(), &launch, Privilege::Ordinary).unwrap();
        let expected = [
            ("AGENT_ID", "a-2.1"),
            ("AGENT_LIFE", "2"),
            ("ORCH_TUI_AGENT", "a-2.1.2"),
            ("TARGET_ID", "tide"),
            ("TARGET_ROADMAP", "/src/tide/plans/roadmap.md"),
            ("WORK_STREAM_ID", "2.1"),
            ("WORK_STREAM_NAME", "Snapshot export"),
            ("AGENT_ADAPTER", "claude"),
            ("MODE", "fast"),
            ("TERM", "xterm-256color"),
        ];
        for (name, value) in expected {
            assert_eq!(env.get(name).map(String::as_str), Some(value), "{name}");
        }
        assert!(!env.contains_key("AGENT_BRANCH"), "the checkout is nobody's branch");
    }

    /// Every variable that tells who works where is in the table of the documentation, and the other way round.
    #[test]
    fn the_documentation_names_every_variable_that_is_set() {
        let mut launch = launch("claude");
        launch.target.description = Some("Tides\0 and moons".into());
        launch.target.documents.identity_context = Some("/src/tide/who.md".into());
        launch.workspace = Workspace::Worktree(Worktree {
            root: "/wt".into(),
            path: "/wt".into(),
            branch: "orch/2.1-1".into(),
            onto: "main".into(),
            base: "b".into(),
        });
        let env = for_agent(&Variables::new(), &launch, Privilege::Ordinary).unwrap();
        let expected = [
            ("AGENT_ADAPTER", "claude"),
            ("AGENT_BRANCH", "orch/2.1-1"),
            ("TARGET_AGENT", "claude"),
            ("TARGET_ARCHIVE", "/src/tide/plans/completed/roadmap-archive.md"),
            ("TARGET_DESCRIPTION", "Tides and moons"),
            ("TARGET_IDENTITY_CONTEXT", "/src/tide/who.md"),
            ("TARGET_PM_AGENT", "/src/tide/.claude/agents/project_manager.md"),
            ("TARGET_PROPOSALS_DIR", "/src/tide/plans/proposals"),
        ];
        for (name, value) in expected {
            assert_eq!(env.get(name).map(String::as_str), Some(value), "{name}");
        }
        let told = |name: &&String| {
            ["AGENT_", "TARGET_", "WORK_STREAM_"].iter().any(|start| name.starts_with(start))
        };
        let set: BTreeSet<&str> = env.keys().filter(told).map(String::as_str).collect();
        let documented = include_str!("../../docs/configuration.md");
        let section = documented.split("## The environment of agents and gates").nth(1).unwrap();
        let rows = section.lines().filter(|line| line.starts_with("| `"));
        let names = rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`'));
        let named: BTreeSet<&str> = names.filter(|name| told(&&(*name).to_owned())).collect();
        assert_eq!(set, named);
    }

    #[test]
    fn root_is_refused_until_the_target_allows_it() {
        let mut launch = launch("claude");
        let refused = for_agent(&own_environment(), &launch, Privilege::Root).unwrap_err();
        assert!(refused.to_string().contains("`allow_root: true`"), "{refused}");
        launch.target.surroundings.allow_root = true;
        let env = for_agent(&own_environment(), &launch, Privilege::Root).unwrap();
        assert_eq!(env["IS_SANDBOX"], "1");
        let env = for_agent(&own_environment(), &launch, Privilege::Ordinary).unwrap();
        assert!(!env.contains_key("IS_SANDBOX"));
        launch.target.surroundings.allow_root = false;
        launch.adapter.autonomy.level = Level::Tools;
        let env = for_agent(&own_environment(), &launch, Privilege::Root).unwrap();
        assert!(!env.contains_key("IS_SANDBOX"), "an allow-list of tools needs no leave");
    }

    #[test]
    fn gates_know_whose_work_they_judge_and_no_secret() {
        let launch = launch("claude");
        let worker = Worker { branch: Some("orch/2.1-1".into()), ..Worker::of(&launch) };
        let env = for_gate(&own_environment(), &worker, &launch.target);
        let told = ["WORK_STREAM_ID", "WORK_STREAM_NAME", "AGENT_ADAPTER", "AGENT_BRANCH"];
        let told = told.map(|name| env[name].as_str());
        assert_eq!(told, ["2.1", "Snapshot export", "claude", "orch/2.1-1"]);
        assert_eq!(env["TARGET_AGENT"], "claude");
        let bare = for_gate(&own_environment(), &Worker::known_by(&launch.agent), &launch.target);
        assert_eq!((bare["WORK_STREAM_ID"].as_str(), bare.get("AGENT_ADAPTER")), ("2.1", None));
        assert!(!env.contains_key("ANTHROPIC_API_KEY"));
        assert!(!env.contains_key(MARKER), "a sweep must not end a gate");
    }
}
