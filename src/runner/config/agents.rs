//! Adapters: the built-in ones, and what `agents.yaml` files change or add.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::places::Places;
use super::section::{Reader, Section, nearest};
use super::yaml::Document;
use super::{ConfigError, ConfigWarning};
use crate::domain::adapter::{Adapter, AdapterKind, Limits, Session};

const BUILT_IN: &str = include_str!("../../../assets/agents.yaml");
const KEYS: [&str; 7] = ["kind", "command", "args", "env", "pass_env", "root_env", "limits"];

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
        (None, Some(command)) => blank(entry.name, command),
        (None, None) => return Err(fields.missing("command", "the program to start")),
    };
    if let Some(command) = command {
        adapter.command = command;
    }
    if let Some(kind) = kind(fields)? {
        adapter.kind = kind;
    }
    replace(&mut adapter.args, fields.texts("args")?);
    replace(&mut adapter.env, fields.variables("env")?);
    replace(&mut adapter.pass_env, fields.texts("pass_env")?);
    replace(&mut adapter.root_env, fields.variables("root_env")?);
    if let Some(limits) = fields.section("limits")? {
        replace_limits(&mut adapter.limits, &limits)?;
    }
    Ok(adapter)
}

fn replace_limits(limits: &mut Limits, fields: &Section<'_>) -> Result<(), ConfigError> {
    fields.expect_keys(&[
        "start_s",
        "total_s",
        "idle_s",
        "grace_s",
        "linger_s",
        "recording_mb",
        "nice",
    ]);
    replace(&mut limits.start, fields.duration("start_s")?);
    replace(&mut limits.total, fields.duration("total_s")?);
    replace(&mut limits.idle, fields.duration("idle_s")?);
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

fn replace<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

fn blank(name: &str, command: &str) -> Adapter {
    Adapter {
        name: name.to_owned(),
        kind: AdapterKind::Text,
        command: command.to_owned(),
        args: Vec::new(),
        session: Session::default(),
        env: BTreeMap::new(),
        pass_env: Vec::new(),
        root_env: BTreeMap::new(),
        limits: Limits::default(),
    }
}

fn kind(fields: &Section<'_>) -> Result<Option<AdapterKind>, ConfigError> {
    match fields.text("kind")? {
        None => Ok(None),
        Some("stream") => Ok(Some(AdapterKind::Stream)),
        Some("text") => Ok(Some(AdapterKind::Text)),
        Some("demo") => Ok(Some(AdapterKind::Demo)),
        Some(other) => {
            let why = format!("`kind` must be `stream`, `text` or `demo`, but it is `{other}`.");
            Err(fields.error("kind", why))
        }
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
