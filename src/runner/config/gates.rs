//! Quality gates as `config/targets.yaml` writes them.

use std::time::Duration;

use super::ConfigError;
use super::section::Section;
use super::yaml::Node;
use crate::domain::gate::Gate;

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(600);

/// The `gates` of a target, if it gives any.
pub(super) fn read(target: &Section<'_>) -> Result<Option<Vec<Gate>>, ConfigError> {
    let Some(entries) = target.sections("gates")? else { return Ok(None) };
    let mut gates: Vec<Gate> = Vec::with_capacity(entries.len());
    for entry in &entries {
        let gate = gate(entry)?;
        if gates.iter().any(|other| other.name == gate.name) {
            let why = format!("two gates of this target are named `{}`. Rename one.", gate.name);
            return Err(entry.error("name", why));
        }
        gates.push(gate);
    }
    Ok(Some(gates))
}

fn gate(entry: &Section<'_>) -> Result<Gate, ConfigError> {
    entry.expect_keys(&["name", "run", "timeout", "required"]);
    let run = match entry.get("run") {
        // The person's own configuration: a string is theirs to write for a shell.
        Some(Node::Text(script)) => vec!["sh".to_owned(), "-c".to_owned(), script.clone()],
        Some(_) => entry.texts("run")?.unwrap_or_default(),
        None => {
            return Err(entry.missing("run", "a command line, or a list of program and arguments"));
        }
    };
    if run.iter().all(|part| part.trim().is_empty()) || run.first().is_some_and(String::is_empty) {
        return Err(entry.error("run", "`run` is empty. Give a command.".to_owned()));
    }
    let name = entry.text("name")?.filter(|name| !name.trim().is_empty());
    Ok(Gate {
        name: name.ok_or_else(|| entry.missing("name", "a short name, e.g. `tests`"))?.to_owned(),
        run,
        timeout: entry.duration("timeout")?.unwrap_or(DEFAULT_TIMEOUT),
        required: entry.flag("required")?.unwrap_or(true),
    })
}
