//! `config/targets.yaml`, and the target there is without it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::agents::{Adapters, Entry, adapter};
use super::budget;
use super::intake::{self, description, identity_context, proposals, proposals_beside};
use super::places::Places;
use super::retry;
use super::section::{Reader, Section};
use super::yaml::{Document, Node};
use super::{Config, ConfigError};
use super::{agent_groups, gates, workspaces};
use crate::domain::adapter::{Adapter, Level};
use crate::domain::branch::MergePolicy;
use crate::domain::budget::Budget;
use crate::domain::gate::Gate;
use crate::domain::id::TargetId;
use crate::domain::identity::Reuse;
use crate::domain::plan::MOST_SLOTS;
use crate::domain::retry::RetryRules;
use crate::domain::target::{Documents, Surroundings, Target, Workspaces};
use crate::domain::workspace::Isolation;
use crate::runner::roadmap_archive::is_same_file;
use crate::runner::roadmap_file::archive_beside;

const KEYS: [&str; 27] = [
    "name",
    "path",
    "description",
    "roadmap",
    "devlog",
    "coder_agent",
    "pm_agent",
    "qa_agent",
    "orchestrator_agent",
    "summary",
    "identity_context",
    "conventions",
    "proposals_dir",
    "agent",
    "autonomy",
    "shared_agents",
    "gates",
    "env",
    "allow_root",
    "max_agents",
    "archive",
    "isolation",
    "merge",
    "setup",
    "checks",
    "budget",
    "reuse",
];
const ROADMAPS: [&str; 4] = ["plans/roadmap.md", "ROADMAP.md", "docs/roadmap.md", "roadmap.md"];
const DEVLOG: &str = "docs/devlog.md";
const CODER: &str = ".claude/agents/coder_agent.md";
const PM: &str = ".claude/agents/project_manager.md";
const QA: &str = ".claude/agents/qa_agent.md";
const ORCHESTRATOR: &str = ".claude/agents/orchestrator_agent.md";
const CONVENTIONS: &str = "CLAUDE.md";

/// A target's directory is gone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the directory `{}` of target `{}` does not exist. Correct its `path` in config/targets.yaml.", .path.display(), .target)]
pub struct TargetGone {
    /// The target.
    pub target: TargetId,
    /// Its directory.
    pub path: PathBuf,
}

/// Checks, at the time of use, that a target's directory exists.
///
/// # Errors
/// When it does not.
pub fn check_directory(target: &Target) -> Result<(), TargetGone> {
    if target.path.is_dir() {
        return Ok(());
    }
    Err(TargetGone { target: target.id.clone(), path: target.path.clone() })
}

/// Reads and checks a targets file.
///
/// # Errors
/// When it can't be read or understood.
pub fn load(file: &Path, places: &Places, mut adapters: Adapters) -> Result<Config, ConfigError> {
    let document = Document::read(file)?;
    let reader = Reader::new(&document);
    let top = reader.top()?;
    top.expect_keys(&["default_target", "targets", "task_intake", "defaults"]);
    let defaults = top.section("defaults")?;
    if let Some(defaults) = &defaults {
        let allowed: Vec<&str> =
            known_keys().into_iter().filter(|key| !["name", "path"].contains(key)).collect();
        defaults.expect_keys(&allowed);
    }
    let Some(entries) = top.section("targets")?.filter(|entries| entries.keys().count() > 0) else {
        return Err(top.missing("targets", "a mapping from a short key to a repository"));
    };
    let intake = intake::read(&top)?;
    let (mut targets, mut levels) = (BTreeMap::new(), BTreeMap::new());
    for key in entries.keys() {
        let Some(own) = entries.section(key)? else {
            return Err(entries.error(key, format!("target `{key}` is empty. Give it a `path`.")));
        };
        check_key(&entries, key)?;
        let layers = Layers { own, defaults: defaults.as_ref() };
        let target = target(key, &layers, places, &mut adapters)?;
        if let Some(level) = level(&layers, adapters.by_name.get(&target.agent))? {
            levels.insert(target.id.clone(), level);
        }
        targets.insert(target.id.clone(), target);
    }
    let default_target = default_target(&top, &entries, &targets)?;
    let files = adapters.files.into_iter().chain([file.to_path_buf()]).collect();
    let mut warnings = adapters.warnings;
    warnings.extend(reader.into_warnings());
    Ok(Config {
        default_target,
        targets,
        adapters: adapters.by_name,
        levels,
        intake,
        files,
        warnings,
    })
}

/// The target there is without a targets file: the repository itself.
pub fn implicit(root: &Path, roadmap: Option<&Path>, agent: &str) -> Target {
    let name = root.file_name().map_or("repository".into(), |name| name.to_string_lossy());
    let found = ROADMAPS.iter().map(|place| root.join(place)).find(|file| file.is_file());
    let roadmap = roadmap.map(Path::to_path_buf).or(found);
    let roadmap = roadmap.unwrap_or_else(|| root.join(ROADMAPS[0]));
    Target {
        id: TargetId::new(name.as_ref()),
        name: name.into_owned(),
        path: root.to_path_buf(),
        documents: Documents {
            coder_agent: root.join(CODER),
            pm_agent: root.join(PM),
            qa_agent: root.join(QA),
            orchestrator_agent: root.join(ORCHESTRATOR),
            summary: false,
            conventions: root.join(CONVENTIONS),
            devlog: root.join(DEVLOG),
            archive: archive_beside(&roadmap),
            proposals: proposals_beside(&roadmap),
            identity_context: None,
        },
        roadmap,
        agent: agent.to_owned(),
        workspaces: Workspaces {
            isolation: Isolation::Worktree,
            most: MOST_SLOTS,
            setup: Vec::new(),
            merge: MergePolicy::Review,
            reuse: Reuse::default(),
        },
        gates: gates::usual_checks(Isolation::Worktree),
        retry: RetryRules::default(),
        budget: Budget::default(),
        surroundings: Surroundings::default(),
        description: None,
    }
}

/// All keys of a target.
fn known_keys() -> Vec<&'static str> {
    KEYS.into_iter().chain(retry::KEYS).collect()
}

/// A target's own fields over the file's `defaults`.
pub(super) struct Layers<'a> {
    own: Section<'a>,
    defaults: Option<&'a Section<'a>>,
}

impl<'a> Layers<'a> {
    /// The section that speaks of `key`: the target's own if it does.
    pub(super) fn of(&self, key: &str) -> &Section<'a> {
        match self.defaults {
            Some(defaults) if self.own.get(key).is_none() => defaults,
            Some(_) | None => &self.own,
        }
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, ConfigError> {
        self.of(key).text(key)
    }
}

fn target(
    key: &str,
    layers: &Layers<'_>,
    places: &Places,
    adapters: &mut Adapters,
) -> Result<Target, ConfigError> {
    layers.own.expect_keys(&known_keys());
    let Some(path) = layers.own.text("path")? else {
        return Err(layers.own.missing("path", "the repository's directory"));
    };
    let path = places.resolve(&places.root, path);
    let place = |field: &str, default: &str| -> Result<PathBuf, ConfigError> {
        Ok(places.resolve(&path, layers.text(field)?.unwrap_or(default)))
    };
    let workspaces = workspaces::read(layers)?;
    let roadmap = roadmap(layers, places, &path)?;
    let archive = archive(layers, places, &path, &roadmap)?;
    let agent = agent(key, layers.of("agent"), (places, &path), adapters)?;
    let retry = retry::read(layers, &agent, adapters)?;
    Ok(Target {
        id: TargetId::new(key),
        name: layers.own.text("name")?.unwrap_or(key).to_owned(),
        documents: Documents {
            coder_agent: place("coder_agent", CODER)?,
            pm_agent: place("pm_agent", PM)?,
            qa_agent: place("qa_agent", QA)?,
            orchestrator_agent: place("orchestrator_agent", ORCHESTRATOR)?,
            summary: layers.of("summary").flag("summary")?.unwrap_or(false),
            conventions: place("conventions", CONVENTIONS)?,
            devlog: place("devlog", DEVLOG)?,
            archive,
            proposals: proposals(layers, (places, &path), &roadmap)?,
            identity_context: identity_context(layers, (places, &path))?,
        },
        roadmap,
        agent,
        gates: all_gates(layers, workspaces.isolation)?,
        workspaces,
        retry,
        budget: budget::read(layers.of("budget"))?,
        surroundings: surroundings(layers)?,
        description: description(layers)?,
        path,
    })
}

/// Built-in checks first, then the target's own gates. A gate of its own takes the place of a usual check with its name.
fn all_gates(layers: &Layers<'_>, isolation: Isolation) -> Result<Vec<Gate>, ConfigError> {
    let own = gates::read(layers.of("gates"))?.unwrap_or_default();
    let mut all = gates::checks(layers.of("checks"), isolation)?;
    all.retain(|check| !own.iter().any(|gate| gate.name == check.name));
    all.extend(own);
    Ok(all)
}

fn roadmap(layers: &Layers<'_>, places: &Places, path: &Path) -> Result<PathBuf, ConfigError> {
    if let Some(given) = layers.text("roadmap")? {
        return Ok(places.resolve(path, given));
    }
    let found = ROADMAPS.iter().map(|place| path.join(place)).find(|file| file.is_file());
    Ok(found.unwrap_or_else(|| path.join(ROADMAPS[0])))
}

/// Where finished phases go: never the roadmap they are taken out of.
fn archive(
    layers: &Layers<'_>,
    places: &Places,
    path: &Path,
    roadmap: &Path,
) -> Result<PathBuf, ConfigError> {
    let Some(given) = layers.text("archive")? else { return Ok(archive_beside(roadmap)) };
    let archive = places.resolve(path, given);
    if is_same_file(&archive, roadmap) {
        let why = "the `archive` is the roadmap itself. Give it a file of its own.";
        return Err(layers.of("archive").error("archive", why.to_owned()));
    }
    Ok(archive)
}

fn surroundings(layers: &Layers<'_>) -> Result<Surroundings, ConfigError> {
    let allow_root = layers.of("allow_root").flag("allow_root")?.unwrap_or(false);
    Ok(Surroundings { env: variables(layers)?, allow_root })
}

/// The variables of `defaults` and of the target together; the target's win.
fn variables(layers: &Layers<'_>) -> Result<BTreeMap<String, String>, ConfigError> {
    let mut env = match layers.defaults {
        Some(defaults) => defaults.variables("env")?.unwrap_or_default(),
        None => BTreeMap::new(),
    };
    env.extend(layers.own.variables("env")?.unwrap_or_default());
    Ok(env)
}

/// The name of a target's adapter. A mapping defines an adapter of its own, named after the target.
fn agent(
    key: &str,
    section: &Section<'_>,
    (places, path): (&Places, &Path),
    adapters: &mut Adapters,
) -> Result<String, ConfigError> {
    if let Some(Node::Map(_)) = section.get("agent") {
        let name = format!("agent of {key}");
        if let Some(fields) = section.section("agent")? {
            let entry = Entry { name: &name, fields, folder: path };
            adapters.by_name.insert(name.clone(), adapter(&entry, None, places)?);
        }
        return Ok(name);
    }
    let Some(name) = section.text("agent")? else { return Ok(adapters.default.clone()) };
    if adapters.by_name.contains_key(name) {
        return Ok(name.to_owned());
    }
    let why = format!("there is no agent `{name}`. {}", adapters.hint(name));
    Err(section.error("agent", why))
}

/// How much agents may do in a target without asking, if it says so; its own agent must have that level.
fn level(layers: &Layers<'_>, adapter: Option<&Adapter>) -> Result<Option<Level>, ConfigError> {
    let fields = layers.of("autonomy");
    let Some(level) = agent_groups::level(fields, "autonomy")? else { return Ok(None) };
    if let Some(adapter) = adapter {
        let mut adapter = adapter.clone();
        adapter.autonomy.level = level;
        agent_groups::level_exists(&adapter, fields)?;
    }
    Ok(Some(level))
}

/// A key names folders and variables, so it is kept plain.
fn check_key(entries: &Section<'_>, key: &str) -> Result<(), ConfigError> {
    let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    if key.chars().all(plain) && key.starts_with(char::is_alphanumeric) && key.len() <= 64 {
        return Ok(());
    }
    let why = "a target's key must be at most 64 letters, digits, `-`, `_` or `.`, and begin with a letter or digit.";
    Err(entries.error(key, why.to_owned()))
}

fn default_target(
    top: &Section<'_>,
    entries: &Section<'_>,
    targets: &BTreeMap<TargetId, Target>,
) -> Result<TargetId, ConfigError> {
    let first = entries.keys().next().map(TargetId::new);
    let Some(name) = top.text("default_target")? else {
        if targets.len() > 1 {
            let why = "no `default_target` is given; the first target is used.";
            top.warn("targets", why.to_owned());
        }
        return first.ok_or_else(|| top.missing("targets", "at least one repository"));
    };
    let id = TargetId::new(name);
    if targets.contains_key(&id) {
        return Ok(id);
    }
    let hint = match super::section::nearest(name, entries.keys()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("There are: {}.", entries.keys().collect::<Vec<_>>().join(", ")),
    };
    Err(top.error("default_target", format!("`default_target` names no target. {hint}")))
}
