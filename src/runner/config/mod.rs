//! Configuration: which repositories agents work in, and with which agent CLIs.
//!
//! Two stages: a file becomes a [`yaml::Document`], a document becomes checked values. An unknown key is a warning;
//! anything that can't be understood is an error that names file, line, what was expected and the nearest key.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::domain::adapter::{Adapter, Level};
use crate::domain::id::TargetId;
use crate::domain::printable::visible;
use crate::domain::target::Target;

mod agent_groups;
pub mod agents;
mod budget;
mod gates;
mod intake;
pub mod places;
mod retry;
pub mod section;
pub mod targets;
mod workspaces;
pub mod yaml;

pub use agents::Adapters;
pub use intake::Intake;
pub use places::Places;

/// Everything the app is configured to do, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The target used when none is named. Always a key of `targets`.
    pub default_target: TargetId,
    /// All targets.
    pub targets: BTreeMap<TargetId, Target>,
    /// All adapters by name; every target's `agent` is one of them.
    pub adapters: BTreeMap<String, Adapter>,
    /// How much agents may do without asking in the targets that say so.
    pub levels: BTreeMap<TargetId, Level>,
    /// How proposals are taken in.
    pub intake: Intake,
    /// The files it was read from, in order of rising precedence.
    pub files: Vec<PathBuf>,
    /// What was odd in them.
    pub warnings: Vec<ConfigWarning>,
}

impl Config {
    /// Reads `config/targets.yaml` and both `agents.yaml`. Without a targets file there is one target: the repository itself.
    ///
    /// # Errors
    /// When a file can't be read or understood.
    pub fn load(places: &Places) -> Result<Self, ConfigError> {
        let adapters = Adapters::load(places)?;
        let file = places.targets_file();
        if file.is_file() {
            return targets::load(&file, places, adapters);
        }
        let target = targets::implicit(&places.root, None, &adapters.default);
        Ok(Self::of_one(target, adapters))
    }

    /// The configuration for one roadmap named on the command line: its target is the repository that holds it.
    /// A configured target with this roadmap keeps its settings.
    ///
    /// # Errors
    /// When a configuration file can't be read or understood.
    pub fn for_roadmap(places: &Places, roadmap: &Path) -> Result<Self, ConfigError> {
        let roadmap = std::path::absolute(roadmap).map_err(|e| {
            ConfigError::new(roadmap, None, format!("this path can't be used: {e}."))
        })?;
        let folder = roadmap.parent().unwrap_or(&roadmap).to_path_buf();
        let root = places::repository_of(&folder).unwrap_or(folder);
        let places = Places { root: root.clone(), ..places.clone() };
        if places.targets_file().is_file() {
            let mut config = Self::load(&places)?;
            let same = |target: &&Target| places::same_file(&target.roadmap, &roadmap);
            if let Some(id) = config.targets.values().find(same).map(|target| target.id.clone()) {
                config.default_target = id;
                return Ok(config);
            }
        }
        let adapters = Adapters::load(&places)?;
        let target = targets::implicit(&root, Some(&roadmap), &adapters.default);
        Ok(Self::of_one(target, adapters))
    }

    /// A target by its key.
    ///
    /// # Errors
    /// One sentence with the nearest key when there is none.
    pub fn target(&self, key: &str) -> Result<&Target, UnknownTarget> {
        self.targets.get(&TargetId::new(key)).ok_or_else(|| {
            let keys = || self.targets.keys().map(TargetId::as_str);
            UnknownTarget {
                key: visible(key),
                hint: match section::nearest(key, keys()) {
                    Some(near) => format!("Did you mean `{near}`?"),
                    None => format!("There are: {}.", keys().collect::<Vec<_>>().join(", ")),
                },
            }
        })
    }

    /// All adapters by name, at the level a target says.
    pub fn adapters_in(&self, target: &TargetId) -> BTreeMap<String, Adapter> {
        let mut adapters = self.adapters.clone();
        if let Some(level) = self.levels.get(target) {
            adapters.values_mut().for_each(|adapter| adapter.autonomy.level = *level);
        }
        adapters
    }

    fn of_one(target: Target, adapters: Adapters) -> Self {
        Self {
            default_target: target.id.clone(),
            targets: BTreeMap::from([(target.id.clone(), target)]),
            adapters: adapters.by_name,
            levels: BTreeMap::new(),
            intake: Intake::default(),
            files: adapters.files,
            warnings: adapters.warnings,
        }
    }
}

/// Why a configuration file can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", located(.file, *.line, .message))]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1, when it is about one.
    pub line: Option<usize>,
    /// What was expected, what was found, what to do. Printable.
    pub message: String,
}

impl ConfigError {
    /// Makes an error; the message is made printable.
    pub fn new(file: &Path, line: Option<usize>, message: impl AsRef<str>) -> Self {
        Self { file: file.to_path_buf(), line, message: visible(message.as_ref()) }
    }
}

/// Something odd in a configuration file that stops nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigWarning {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1, when it is about one.
    pub line: Option<usize>,
    /// What is odd and what to do.
    pub message: String,
}

impl fmt::Display for ConfigWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&visible(&located(&self.file, self.line, &self.message)))
    }
}

/// No target has the key a person named.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no target `{key}` in config/targets.yaml. {hint}")]
pub struct UnknownTarget {
    key: String,
    hint: String,
}

fn located(file: &Path, line: Option<usize>, message: &str) -> String {
    let file = visible(&file.to_string_lossy());
    match line {
        Some(line) => format!("{file}:{line}: {message}"),
        None => format!("{file}: {message}"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::adapter::{AdapterKind, Parser, Start, Told, Via};
    use crate::domain::gate::Check;
    use crate::domain::plan::MOST_SLOTS;
    use crate::domain::retry::RetryRules;
    use crate::domain::workspace::Isolation;

    struct Project {
        folder: tempfile::TempDir,
    }

    impl Project {
        fn new(targets: &str, agents: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir(folder.path().join("config")).unwrap();
            let write = |name, text: &str| {
                if !text.is_empty() {
                    std::fs::write(folder.path().join("config").join(name), text).unwrap();
                }
            };
            write("targets.yaml", targets);
            write("agents.yaml", agents);
            Self { folder }
        }

        fn places(&self) -> Places {
            Places {
                root: self.folder.path().to_path_buf(),
                user: None,
                home: Some("/home/ann".into()),
                program: "/bin/orch-tui".into(),
            }
        }

        fn load(&self) -> Result<Config, ConfigError> {
            Config::load(&self.places())
        }
    }

    const FULL: &str = r#"
default_target: tide
task_intake:
  watch_proposals: false
  poll_interval_seconds: 30
  nats_subjects: ["external.tasks.>"]
defaults:
  roadmap: "docs/plan.md"
  conventions: "RULES.md"
  env: {A: 1, B: x}
  retries: 3
targets:
  self:
    name: "Self"
    path: "."
    description: "this  is it"
    identity_context: null
  tide:
    name: "Tide"
    path: "~/src/tide"
    roadmap: "plans/roadmap.md"
    devlog: "notes.md"
    coder_agent: "a/coder.md"
    pm_agent: "a/pm.md"
    identity_context: "id.yaml"
    proposals_dir: "proposals/pending"
    archive: "plans/done.md"
    agent: {command: ./agent.sh, args: [--fast, 3]}
    shared_agents: 6
    max_agents: 4
    retries: 0
    env: {B: y, C: true}
    allow_root: true
    gates:
      - {name: tests, run: "make test | tail", timeout: 5m}
      - name: lint
        run: [cargo, clippy]
        timeout: 90
        required: false
"#;

    #[test]
    fn every_field_of_a_targets_file_is_understood() {
        let project = Project::new(FULL, "");
        let config = project.load().unwrap();
        let tide = config.target("tide").unwrap();
        assert_eq!(config.default_target, tide.id);
        assert_eq!(tide.path, Path::new("/home/ann/src/tide"));
        assert_eq!(tide.roadmap, Path::new("/home/ann/src/tide/plans/roadmap.md"));
        assert_eq!(tide.documents.conventions, Path::new("/home/ann/src/tide/RULES.md"));
        assert_eq!(tide.documents.devlog, Path::new("/home/ann/src/tide/notes.md"));
        assert_eq!(tide.documents.archive, Path::new("/home/ann/src/tide/plans/done.md"));
        assert_eq!(
            (tide.workspaces.most, tide.retry.retries, tide.surroundings.allow_root),
            (4, 0, true)
        );
        let env: Vec<_> = tide.surroundings.env.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(env, ["A=1", "B=y", "C=true"]);
        assert_eq!(tide.gates[0].check, command(&["sh", "-c", "make test | tail"]));
        assert_eq!(tide.gates[0].timeout, Duration::from_secs(300));
        assert_eq!(tide.gates[1].check, command(&["cargo", "clippy"]));
        assert_eq!(tide.gates[1].timeout, Duration::from_secs(90));
        assert!(tide.gates[0].required && !tide.gates[1].required);
        let adapter = &config.adapters[&tide.agent];
        assert_eq!(adapter.kind, AdapterKind::Text);
        assert_eq!(adapter.command, "/home/ann/src/tide/agent.sh");
        assert_eq!(adapter.args, ["--fast", "3"]);
        let own = config.target("self").unwrap();
        assert_eq!((own.agent.as_str(), own.retry.retries), ("claude", 3));
        assert_eq!(own.path, project.folder.path());
        assert_eq!(own.roadmap, project.folder.path().join("docs/plan.md"));
        let archive = project.folder.path().join("docs/completed/roadmap-archive.md");
        assert_eq!(own.documents.archive, archive);
        assert_eq!(own.description.as_deref(), Some("this is it"));
        assert_eq!(own.documents.proposals, project.folder.path().join("docs/proposals"));
        assert_eq!(own.documents.identity_context, None);
        let identity = Path::new("/home/ann/src/tide/id.yaml");
        assert_eq!(tide.documents.identity_context.as_deref(), Some(identity));
        let proposals = Path::new("/home/ann/src/tide/proposals/pending");
        assert_eq!(tide.documents.proposals, proposals);
        let interval = Duration::from_secs(30);
        assert_eq!(config.intake, Intake { watch: false, interval });
        let warnings: Vec<_> = config.warnings.iter().map(|w| (w.line, &w.message)).collect();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert_eq!(warnings[0].0, Some(6), "nats_subjects is not acted on");
    }

    #[test]
    fn errors_name_the_line_and_the_nearest_key() {
        let table = [
            ("targets:\n  a:\n    pth: x\n", 3, "`path` instead of `pth`"),
            ("targets:\n  a:\n    name: x\n", 2, "needs `path`"),
            (
                "targets:\n  a:\n    path: x\n    shared_agents: many\n",
                4,
                "from 1 to 256, but it is the text `many`",
            ),
            ("targets:\n  a:\n    path: x\n    shared_agents: 0\n", 4, "the number 0"),
            (
                "targets:\n  a:\n    path: x\n    roadmap: r.md\n    archive: ./r.md\n",
                5,
                "is the roadmap itself",
            ),
            ("targets:\n  a:\n    path: [x]\n", 3, "must be text, but it is a list"),
            ("targets:\n  a:\n    path: x\n    agent: claud\n", 4, "Did you mean `claude`?"),
            ("targets:\n  a:\n    path: x\n    gates: tests\n", 4, "a list, one `- ` per entry"),
            (
                "targets:\n  a:\n    path: x\n    gates:\n      - {name: t, rn: x}\n",
                5,
                "`run` instead of `rn`",
            ),
            (
                "targets:\n  a:\n    path: x\n    gates:\n      - {name: t, run: x,\n         timeout: soon}\n",
                6,
                "such as `90s`",
            ),
            (
                "targets:\n  a:\n    path: x\n    gates:\n      - {name: t, run: x}\n      - {name: t, run: y}\n",
                6,
                "two gates",
            ),
            ("targets:\n  a:\n    path: x\n  a:\n    path: y\n", 4, "`a` stands twice"),
            ("targets:\n  a:\n    path: x\n    path: y\n", 4, "`path` stands twice"),
            ("targets:\n  a:\n    path: x\n    allow_root: yep\n", 4, "`true` or `false`"),
            (
                "targets:\n  a:\n    path: x\n    env: {V: 1.10}\n",
                4,
                "`targets.a.env.V` must be text",
            ),
            ("default_target: tid\ntargets:\n  tide: {path: x}\n", 1, "Did you mean `tide`?"),
            ("target:\n  a: {path: x}\n", 1, "`targets` instead of `target`"),
            ("targets:\n  ../a: {path: x}\n", 2, "letters, digits"),
            ("targets:\n  a:\n   path: x\n    name: y\n", 4, "not valid YAML"),
            (
                "task_intake:\n  watch_proposals: 1\ntargets: {a: {path: x}}\n",
                2,
                "`true` or `false`",
            ),
            (
                "task_intake:\n  poll_interval_seconds: 0\ntargets: {a: {path: x}}\n",
                2,
                "from 1 to 86400, but it is the number 0",
            ),
            (
                "task_intake:\n  poll_interval_seconds: 90000\ntargets: {a: {path: x}}\n",
                2,
                "from 1 to 86400",
            ),
            ("task_intake:\n  nats_subjects: a.b\ntargets: {a: {path: x}}\n", 2, "a list of texts"),
            (
                "task_intake:\n  nats_subjects: [a.b, \"a..b\"]\ntargets: {a: {path: x}}\n",
                2,
                "but one is `a..b`",
            ),
            ("task_intake: yes\ntargets: {a: {path: x}}\n", 1, "a mapping of keys"),
            ("targets:\n  a:\n    path: x\n    description: [x]\n", 4, "must be text"),
            ("targets:\n  a:\n    path: .\n    proposals_dir: \"\"\n", 4, "but it is empty"),
            ("targets:\n  a:\n    path: .\n    proposals_dir: .\n", 4, "directory itself"),
            (
                "targets:\n  a:\n    path: .\n    proposals_dir: config/targets.yaml\n",
                4,
                "must be a folder, but it is a file",
            ),
            (
                "targets:\n  a:\n    path: .\n    roadmap: docs/r.md\n    proposals_dir: docs\n",
                5,
                "is the folder of the roadmap",
            ),
            (
                "targets:\n  a:\n    path: .\n    identity_context: config\n",
                4,
                "but it is a folder",
            ),
        ];
        for (text, line, part) in table {
            let error = Project::new(text, "").load().unwrap_err();
            assert_eq!(error.line, Some(line), "{text}: {error}");
            assert!(error.to_string().contains(part), "{text}: {error}");
            assert!(
                error.to_string().contains(&format!("config/targets.yaml:{line}: ")),
                "{error}"
            );
        }
    }

    #[test]
    fn an_unknown_key_is_a_warning_with_line_and_nearest_name() {
        let text = "targets:\n  a:\n    path: x\n    roadmp: y\n    colour: z\nextra: 1\n";
        let config = Project::new(text, "agents:\n  claude:\n    arg: [x]\n").load().unwrap();
        let shown: Vec<_> = config.warnings.iter().map(ToString::to_string).collect();
        let expected = [
            ("agents.yaml:3: ", "`args`"),
            ("targets.yaml:6: ", "`extra` is not a known key"),
            ("targets.yaml:4: ", "Did you mean `roadmap`?"),
            ("targets.yaml:5: ", "Known keys here: name, path"),
        ];
        assert_eq!(shown.len(), expected.len(), "{shown:?}");
        for (warning, (place, part)) in shown.iter().zip(expected) {
            assert!(warning.contains(place) && warning.contains(part), "{warning}");
        }
    }

    #[test]
    fn a_background_that_is_missing_is_a_warning_with_its_line() {
        let text = "targets:\n  a:\n    path: .\n    identity_context: who.md\n";
        let project = Project::new(text, "");
        let shown: Vec<_> =
            project.load().unwrap().warnings.iter().map(ToString::to_string).collect();
        assert_eq!(shown.len(), 1, "{shown:?}");
        assert!(shown[0].contains("targets.yaml:4: ") && shown[0].contains("who.md, which does"));
        std::fs::write(project.folder.path().join("who.md"), "x").unwrap();
        assert_eq!(project.load().unwrap().warnings, []);
    }

    #[test]
    fn control_characters_of_a_file_do_not_reach_a_message() {
        let error =
            Project::new("targets:\n  a:\n    path: x\n    agent: \"\\e[31mx\"\n", "").load();
        assert!(!error.unwrap_err().to_string().contains('\u{1b}'));
    }

    #[test]
    fn a_large_file_is_refused() {
        let error = Project::new(&"#\n".repeat(600_000), "").load().unwrap_err();
        assert!(error.to_string().contains("at most 1048576"), "{error}");
    }

    #[test]
    fn agents_are_merged_field_by_field() {
        let agents = "default: mine\nagents:\n  claude:\n    args: [-p]\n    limits: {idle_s: 60}\n  mine:\n    command: ./bin/mine\n";
        let config = Project::new("targets: {a: {path: .}}", agents).load().unwrap();
        let claude = &config.adapters["claude"];
        assert_eq!((claude.command.as_str(), claude.kind), ("claude", AdapterKind::Stream));
        assert_eq!(claude.args, ["-p"]);
        assert_eq!(claude.limits.idle, Duration::from_secs(60));
        assert_eq!(claude.limits.total, Duration::from_secs(14_400));
        assert_eq!(claude.env.root["IS_SANDBOX"], "1");
        assert_eq!(config.adapters["demo"].command, "/bin/orch-tui");
        assert!(config.adapters["mine"].command.ends_with("/bin/mine"));
        assert!(config.adapters["mine"].command.starts_with('/'));
        assert_eq!(config.target("a").unwrap().agent, "mine");
    }

    #[test]
    fn wrong_agents_are_refused_with_their_line() {
        let table = [
            ("agents:\n  x:\n    comand: y\n", 3, "`command` instead of `comand`"),
            ("agents:\n  x:\n    command: y\n    kind: streem\n", 4, "`stream`, `text` or `demo`"),
            ("agents:\n  claude:\n    limits:\n      idle_s: never\n", 4, "a number of seconds"),
            ("agents:\n  claude:\n    limits:\n      settle_s: 0\n", 4, "a number of seconds"),
            ("agents:\n  codex:\n    parser: codx\n", 3, "Did you mean `codex`?"),
            ("agents:\n  codex:\n    parser: none\n", 3, "a `stream` needs a parser"),
            ("agents:\n  x:\n    command: y\n    parser: codex\n", 4, "Add `kind: stream`"),
            ("agents:\n  claude:\n    autonomy: ful\n", 3, "Did you mean `full`?"),
            (
                "agents:\n  claude:\n    autonomy:\n      level: all\n",
                4,
                "`full`, `tools` or `plan`",
            ),
            ("agents:\n  claude:\n    autonomy:\n      tools: Bash\n", 4, "a list of texts"),
            (
                "agents:\n  opencode:\n    autonomy: tools\n",
                3,
                "has no arguments for autonomy `tools`",
            ),
            ("agents:\n  claude:\n    session:\n      id: mine\n", 4, "`chosen` or `reported`"),
            ("agents:\n  claude:\n    session:\n      resume: [-c]\n", 4, "must name the session"),
            (
                "agents:\n  claude:\n    options:\n      model: [-m]\n",
                4,
                "must hold its value: `{model}`",
            ),
            ("agents:\n  claude:\n    max_turns: 0\n", 3, "from 1 to"),
            ("agents:\n  claude:\n    budget_usd: -2\n", 3, "an amount above zero"),
            ("agents:\n  codex:\n    max_turns: 5\n", 3, "has no arguments for `max_turns`"),
            ("agents:\n  claude:\n    prompt: {via: pipe}\n", 3, "`stdin`, `arg` or `file`"),
            (
                "agents:\n  claude:\n    prompt:\n      args: [\"{prompt}\"]\n",
                3,
                "only with `prompt: {via: arg}`",
            ),
            ("agents:\n  claude:\n    probe:\n      min: new\n", 4, "a version such as `2.1.0`"),
            ("agents:\n  claude:\n    args: -p\n", 3, "a list of texts"),
            ("default: claud\n", 1, "Did you mean `claude`?"),
            ("version: 2\n", 1, "from 1 to 1"),
        ];
        for (text, line, part) in table {
            let error = Project::new("targets: {a: {path: .}}", text).load().unwrap_err();
            assert_eq!(error.line, Some(line), "{text}: {error}");
            assert!(error.to_string().contains(part), "{text}: {error}");
        }
    }

    fn argv(adapter: &Adapter) -> Vec<String> {
        adapter.argv(&Start::Fresh { session: "s".into() }, &Told { file: "f", text: "p" })
    }

    /// The arguments of an adapter of a project with this `agents.yaml`.
    fn line(name: &str, agents: &str) -> String {
        let config = Project::new("targets: {a: {path: .}}", agents).load().unwrap();
        assert_eq!(config.warnings, []);
        argv(&config.adapters[name])[1..].join(" ")
    }

    #[test]
    fn the_built_in_adapters_start_their_programs() {
        let claude = "-p --output-format stream-json --verbose --include-partial-messages --setting-sources user \
                      --strict-mcp-config --dangerously-skip-permissions --session-id s";
        assert_eq!(line("claude", ""), claude);
        let tui = "--setting-sources user --strict-mcp-config --dangerously-skip-permissions --session-id s -- p";
        assert_eq!(line("claude-tui", ""), tui);
        let codex =
            "exec --json --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox -";
        assert_eq!(line("codex", ""), codex);
        let gemini = "--output-format stream-json --skip-trust --yolo --session-id s";
        assert_eq!(line("gemini", ""), gemini);
        assert_eq!(line("opencode", ""), "run --format json --auto");
        assert_eq!(line("demo", ""), "demo-agent");
        let config = Project::new("", "").load().unwrap();
        for (name, kind, parser, via) in [
            ("claude", AdapterKind::Stream, Parser::Claude, Via::Stdin),
            ("claude-tui", AdapterKind::Text, Parser::None, Via::Arg),
            ("codex", AdapterKind::Stream, Parser::Codex, Via::Stdin),
            ("gemini", AdapterKind::Stream, Parser::Gemini, Via::Stdin),
            ("opencode", AdapterKind::Stream, Parser::Opencode, Via::Stdin),
            ("demo", AdapterKind::Demo, Parser::Claude, Via::File),
        ] {
            let found = &config.adapters[name];
            assert_eq!((found.kind, found.parser, found.prompt.via), (kind, parser, via), "{name}");
        }
        let codex = config.adapters["codex"]
            .argv(&Start::Resume { session: "t".into() }, &Told { file: "f", text: "p" });
        let expected = "codex exec resume --json --skip-git-repo-check t \
                        --dangerously-bypass-approvals-and-sandbox -";
        assert_eq!(codex.join(" "), expected);
    }

    #[test]
    fn values_fill_their_groups_and_levels_choose_theirs() {
        let values = "agents:\n  claude:\n    model: opus\n    max_turns: 7\n    budget_usd: 2.5\n    autonomy: plan\n";
        let line = line("claude", values);
        let end = "--strict-mcp-config --permission-mode plan --session-id s --model opus --max-turns 7 --max-budget-usd 2.5";
        assert!(line.ends_with(end), "{line}");
    }

    #[test]
    fn who_writes_the_arguments_anew_gets_no_other() {
        assert_eq!(line("claude", "agents:\n  claude:\n    args: [-p, --x]\n"), "-p --x");
        let again = "agents:\n  claude:\n    args: [-p]\n    autonomy: {level: tools, tools: [--t]}\n    session: {new: [-s, \"{session}\"]}\n";
        assert_eq!(line("claude", again), "-p --t -s s");
        assert_eq!(line("claude-tui", "agents:\n  claude-tui:\n    args: [--y]\n"), "--y p");
        let inside = "agents:\n  claude-tui:\n    args: [\"--say={prompt}\", --y]\n";
        assert_eq!(line("claude-tui", inside), "--say=p --y");
        let text = "agents:\n  claude:\n    kind: text\n";
        let config = Project::new("targets: {a: {path: .}}", text).load().unwrap();
        let claude = &config.adapters["claude"];
        assert_eq!((claude.parser, claude.prompt.via), (Parser::None, Via::File));
    }

    #[test]
    fn a_target_says_how_much_its_agents_may_do() {
        let targets = "default_target: a\ndefaults: {autonomy: tools}\ntargets: {a: {path: .}, b: {path: ., autonomy: plan}}";
        let config = Project::new(targets, "").load().unwrap();
        let level = |target: &str| {
            let target = config.target(target).unwrap();
            config.adapters_in(&target.id)["claude"].autonomy.level
        };
        assert_eq!((level("a"), level("b")), (Level::Tools, Level::Plan));
        assert_eq!(config.adapters["claude"].autonomy.level, Level::Full);
        let wrong = "targets:\n  a:\n    path: .\n    agent: opencode\n    autonomy: tools\n";
        let error = Project::new(wrong, "").load().unwrap_err();
        assert_eq!(error.line, Some(5), "{error}");
        assert!(error.to_string().contains("agent `opencode` has no arguments"), "{error}");
    }

    #[test]
    fn a_placeholder_that_is_nearly_one_is_a_warning() {
        let text = "agents:\n  x:\n    command: y\n    args: [\"{sesion}\", \"{}\", \"{what}\"]\n";
        let config = Project::new("targets: {a: {path: .}}", text).load().unwrap();
        let shown: Vec<_> = config.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(shown.len(), 1, "{shown:?}");
        assert!(
            shown[0]
                .contains("agents.yaml:4: `{sesion}` is not filled in. Did you mean `{session}`?")
        );
    }

    #[test]
    fn how_phases_are_tried_again_is_read() {
        let text = "targets: {a: {path: ., retries: 3, retry_wait: 0, most_wait: 90m, fallback_agents: [demo]}, b: {path: .}}";
        let config = Project::new(text, "").load().unwrap();
        let rules = |id: &str| config.targets[&TargetId::new(id)].retry.clone();
        let seconds = std::time::Duration::from_secs;
        let fallback = vec!["demo".to_owned()];
        let own = RetryRules { retries: 3, wait: seconds(0), most_wait: seconds(5_400), fallback };
        assert_eq!(rules("a"), own);
        assert_eq!(rules("b"), RetryRules::default());
        for (wrong, part) in [
            ("retry_wait: soon", "must be a time"),
            ("retry_wait: -1.5", "must be a time"),
            ("retries: 101", "retries"),
            ("fallback_agents: [demmo]", "Did you mean `demo`?"),
            ("fallback_agents: [demo, demo]", "a second time"),
            ("fallback_agents: [claude]", "a second time"),
        ] {
            let text = format!("targets:\n  a:\n    path: .\n    {wrong}\n");
            let error = Project::new(&text, "").load().unwrap_err();
            assert_eq!(error.line, Some(4), "{wrong}: {error}");
            assert!(error.to_string().contains(part), "{wrong}: {error}");
        }
    }

    #[test]
    fn the_claude_adapter_does_not_trust_the_target() {
        let config = Project::new("", "").load().unwrap();
        let argv = argv(&config.adapters["claude"]).join(" ");
        for part in ["--setting-sources user", "--strict-mcp-config", "--session-id s", "--verbose"]
        {
            assert!(argv.contains(part), "{part}: {argv}");
        }
    }

    fn command(argv: &[&str]) -> Check {
        Check::Command(argv.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn without_a_file_the_repository_is_the_target() {
        let project = Project::new("", "");
        std::fs::write(project.folder.path().join("ROADMAP.md"), "").unwrap();
        let config = project.load().unwrap();
        let target = &config.targets[&config.default_target];
        assert_eq!(target.roadmap, project.folder.path().join("ROADMAP.md"));
        assert_eq!(
            (target.workspaces.isolation, target.workspaces.most),
            (Isolation::Worktree, MOST_SLOTS)
        );
        assert!(config.target("nowhere").is_err());
    }

    #[test]
    fn a_named_roadmap_brings_its_repository() {
        let project = Project::new("", "");
        let repo = project.folder.path().join("repo");
        std::fs::create_dir_all(repo.join(".git")).unwrap();
        std::fs::create_dir_all(repo.join("deep/plans")).unwrap();
        let roadmap = repo.join("deep/plans/x.md");
        let config = Config::for_roadmap(&project.places(), &roadmap).unwrap();
        let target = &config.targets[&config.default_target];
        assert_eq!((&target.path, &target.roadmap), (&repo, &roadmap));
        std::fs::create_dir(repo.join("config")).unwrap();
        let text = "targets: {a: {path: ., roadmap: deep/plans/x.md, retries: 9}}";
        std::fs::write(repo.join("config/targets.yaml"), text).unwrap();
        let config = Config::for_roadmap(&project.places(), &roadmap).unwrap();
        assert_eq!(config.targets[&config.default_target].retry.retries, 9);
    }

    #[test]
    fn a_missing_directory_is_told_on_use() {
        let config = Project::new("targets: {a: {path: ./gone}}", "").load().unwrap();
        let gone = targets::check_directory(config.target("a").unwrap()).unwrap_err();
        assert!(gone.to_string().contains("gone"), "{gone}");
    }

    #[test]
    fn this_repository_s_own_files_are_correct() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let config = Config::load(&Places { user: None, ..Places::discover(root) }).unwrap();
        assert_eq!(config.warnings, []);
        assert_eq!(config.files.len(), 2);
    }
}
