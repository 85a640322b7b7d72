//! Adapters: the built-in ones, and what `agents.yaml` files change or add.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::agent_groups;
use super::places::Places;
use super::section::{Reader, Section, nearest};
use super::yaml::Document;
use super::{ConfigError, ConfigWarning};
use crate::domain::adapter::{Adapter, AdapterKind, Limits, Parser, Via};

const BUILT_IN: &str = include_str!("../../../assets/agents.yaml");
const KEYS: [&str; 17] = [
    "kind",
    "parser",
    "command",
    "args",
    "autonomy",
    "session",
    "options",
    "model",
    "max_turns",
    "budget_usd",
    "prompt",
    "env",
    "pass_env",
    "unset",
    "root_env",
    "limits",
    "probe",
];
const KINDS: [(&str, AdapterKind); 3] =
    [("stream", AdapterKind::Stream), ("text", AdapterKind::Text), ("demo", AdapterKind::Demo)];
const PARSERS: [(&str, Parser); 5] = [
    ("claude", Parser::Claude),
    ("codex", Parser::Codex),
    ("gemini", Parser::Gemini),
    ("opencode", Parser::Opencode),
    ("none", Parser::None),
];

/// All adapters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapters {
    /// The one used where a target names none. Always a key of `by_name`.
    pub default: String,
    /// By name.
    pub by_name: BTreeMap<String, Adapter>,
    /// The files that were read, in order of rising precedence.
    pub files: Vec<PathBuf>,
    /// What was odd in them.
    pub warnings: Vec<ConfigWarning>,
}

impl Adapters {
    /// The built-in adapters with the person's and the project's `agents.yaml` merged over them by name.
    ///
    /// # Errors
    /// When a file can't be read or understood.
    pub fn load(places: &Places) -> Result<Self, ConfigError> {
        let mut adapters = Self::built_in(places)?;
        for file in places.agent_files().into_iter().filter(|file| file.is_file()) {
            let document = Document::read(&file)?;
            adapters.merge(&document, places)?;
            adapters.files.push(file);
        }
        Ok(adapters)
    }

    /// The adapters this program brings along.
    ///
    /// # Errors
    /// Never, unless the built-in file is broken.
    pub fn built_in(places: &Places) -> Result<Self, ConfigError> {
        let mut adapters = Self {
            default: "claude".to_owned(),
            by_name: BTreeMap::new(),
            files: Vec::new(),
            warnings: Vec::new(),
        };
        adapters.merge(&Document::parse(Path::new("built-in agents.yaml"), BUILT_IN)?, places)?;
        Ok(adapters)
    }

    /// Names of all adapters, for messages.
    pub fn names(&self) -> String {
        self.by_name.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    /// The adapter name nearest to `name`, or all of them, as a sentence.
    pub fn hint(&self, name: &str) -> String {
        match nearest(name, self.by_name.keys().map(String::as_str)) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => format!("There are: {}.", self.names()),
        }
    }

    fn merge(&mut self, document: &Document, places: &Places) -> Result<(), ConfigError> {
        let reader = Reader::new(document);
        let top = reader.top()?;
        top.expect_keys(&["version", "default", "agents"]);
        top.whole("version", 1..=1)?;
        if let Some(agents) = top.section("agents")? {
            for name in agents.keys() {
                let Some(fields) = agents.section(name)? else { continue };
                let base = self.by_name.get(name).cloned();
                let adapter = adapter(&Entry { name, fields, folder: &places.root }, base, places)?;
                self.by_name.insert(name.to_owned(), adapter);
            }
        }
        if let Some(default) = top.text("default")? {
            if !self.by_name.contains_key(default) {
                let why = format!("`default` names no agent. {}", self.hint(default));
                return Err(top.error("default", why));
            }
            self.default = default.to_owned();
        }
        self.warnings.extend(reader.into_warnings());
        Ok(())
    }
}

/// A definition of an adapter in a file.
pub(super) struct Entry<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// What is said of it.
    pub(super) fields: Section<'a>,
    /// What a relative program path is relative to.
    pub(super) folder: &'a Path,
}

/// `base` with the fields of an entry replaced; a new adapter needs at least a command.
pub(super) fn adapter(
    entry: &Entry<'_>,
    base: Option<Adapter>,
    places: &Places,
) -> Result<Adapter, ConfigError> {
    let fields = &entry.fields;
    fields.expect_keys(&KEYS);
    let command = fields.text("command")?.map(|text| program(text, entry.folder, places));
    let mut adapter = match (base, &command) {
        (Some(base), _) => base,
        (None, Some(command)) => Adapter::text(entry.name, command),
        (None, None) => return Err(fields.missing("command", "the program to start")),
    };
    replace(&mut adapter.command, command);
    read_kind(&mut adapter, fields)?;
    if let Some(args) = agent_groups::group(fields, "args")? {
        // Who writes the arguments anew says all of them: a group of the old line could allow what the new one left out.
        adapter.args = args;
        adapter.autonomy.full.clear();
        (adapter.autonomy.tools, adapter.autonomy.plan) = (None, None);
        adapter.session = Default::default();
        adapter.options = Default::default();
        adapter.prompt.args.clear();
    }
    agent_groups::read(&mut adapter, fields)?;
    replace(&mut adapter.env.set, fields.variables("env")?);
    replace(&mut adapter.env.pass, fields.texts("pass_env")?);
    replace(&mut adapter.env.unset, fields.texts("unset")?);
    replace(&mut adapter.env.root, fields.variables("root_env")?);
    if let Some(limits) = fields.section("limits")? {
        replace_limits(&mut adapter.limits, &limits)?;
    }
    agent_groups::check(&adapter, fields)?;
    Ok(adapter)
}

/// The kind, and what follows from another kind than before.
fn read_kind(adapter: &mut Adapter, fields: &Section<'_>) -> Result<(), ConfigError> {
    if let Some(kind) = fields.choice("kind", &KINDS)?
        && kind != adapter.kind
    {
        adapter.kind = kind;
        adapter.parser = Parser::of(kind);
        adapter.prompt.via = Via::of(kind);
    }
    replace(&mut adapter.parser, fields.choice("parser", &PARSERS)?);
    match (adapter.kind, adapter.parser) {
        (AdapterKind::Text, Parser::None)
        | (AdapterKind::Demo, Parser::Claude)
        | (
            AdapterKind::Stream,
            Parser::Claude | Parser::Codex | Parser::Gemini | Parser::Opencode,
        ) => Ok(()),
        (AdapterKind::Stream, Parser::None) => Err(fields.error(
            "parser",
            "a `stream` needs a parser. Use `kind: text` to show the terminal as it is.".to_owned(),
        )),
        (AdapterKind::Text, _) => Err(fields.error(
            "parser",
            "only a `stream` has a parser. Add `kind: stream`, or leave `parser` out.".to_owned(),
        )),
        (AdapterKind::Demo, _) => Err(fields.error(
            "parser",
            "the demo agent speaks as Claude Code does. Leave `parser` out.".to_owned(),
        )),
    }
}

fn replace_limits(limits: &mut Limits, fields: &Section<'_>) -> Result<(), ConfigError> {
    fields.expect_keys(&[
        "start_s",
        "total_s",
        "idle_s",
        "settle_s",
        "grace_s",
        "linger_s",
        "recording_mb",
        "nice",
    ]);
    replace(&mut limits.start, fields.duration("start_s")?);
    replace(&mut limits.total, fields.duration("total_s")?);
    replace(&mut limits.idle, fields.duration("idle_s")?);
    replace(&mut limits.settle, fields.duration("settle_s")?);
    replace(&mut limits.grace, fields.duration("grace_s")?);
    replace(&mut limits.linger, fields.duration("linger_s")?);
    let megabytes = fields.whole("recording_mb", 4..=65_536)?;
    replace(
        &mut limits.nice,
        fields.whole("nice", 0..=19)?.and_then(|steps| steps.try_into().ok()),
    );
    replace(&mut limits.recording, megabytes.map(|count| u64::from(count) * 1024 * 1024));
    Ok(())
}

/// Sets a field to a value, if there is one.
pub(super) fn replace<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// The program to start: `{self}` is this one, a bare name is looked up in `PATH`, anything with a slash is a path.
fn program(text: &str, folder: &Path, places: &Places) -> String {
    if text == "{self}" {
        return places.program.to_string_lossy().into_owned();
    }
    if text.contains('/') || text.starts_with('~') {
        return places.resolve(folder, text).to_string_lossy().into_owned();
    }
    text.to_owned()
}
