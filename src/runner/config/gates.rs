//! Quality gates as `config/targets.yaml` writes them.

use std::time::Duration;

use super::ConfigError;
use super::section::Section;
use super::yaml::Node;
use crate::domain::gate::{BUILT_IN, Check, Gate, When};
use crate::domain::workspace::Isolation;

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
    entry.expect_keys(&["name", "run", "timeout", "required", "when"]);
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
        check: Check::Command(run),
        timeout: entry.duration("timeout")?.unwrap_or(DEFAULT_TIMEOUT),
        required: entry.flag("required")?.unwrap_or(true),
        when: when(entry)?,
    })
}

fn when(entry: &Section<'_>) -> Result<When, ConfigError> {
    match entry.text("when")? {
        None | Some("always") => Ok(When::Always),
        Some("work") => Ok(When::Work),
        Some("merge") => Ok(When::Merge),
        Some(other) => {
            let why = format!("`when` must be `always`, `work` or `merge`, but it is `{other}`.");
            Err(entry.error("when", why))
        }
    }
}

/// Built-in checks where a target names none: of a worktree what merging it needs.
fn usual(isolation: Isolation) -> &'static [&'static str] {
    match isolation {
        Isolation::Worktree => &["clean", "commits", "roadmap"],
        Isolation::Shared => &[],
    }
}

/// The built-in checks of a target, the usual ones if it names none.
pub(super) fn checks(target: &Section<'_>, isolation: Isolation) -> Result<Vec<Gate>, ConfigError> {
    let Some(names) = target.texts("checks")? else { return Ok(usual_checks(isolation)) };
    let mut gates: Vec<Gate> = Vec::with_capacity(names.len());
    for name in &names {
        let Some(check) = Check::built_in(name) else {
            let near = super::section::nearest(name, BUILT_IN.into_iter());
            let hint = near.map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
            let known = BUILT_IN.join(", ");
            let why = format!("there is no built-in check `{name}`; there are {known}.{hint}");
            return Err(target.error("checks", why));
        };
        if !gates.iter().any(|gate| gate.name == *name) {
            gates.push(built_in(name, check));
        }
    }
    Ok(gates)
}

/// The built-in checks of a target that names none.
pub(super) fn usual_checks(isolation: Isolation) -> Vec<Gate> {
    let known = |name: &&str| Check::built_in(name).map(|check| built_in(name, check));
    usual(isolation).iter().filter_map(known).collect()
}

fn built_in(name: &str, check: Check) -> Gate {
    // A test suite says as much of the merge; the others look at the branch.
    let when = if check == Check::Tests { When::Always } else { When::Work };
    Gate { name: name.to_owned(), check, timeout: DEFAULT_TIMEOUT, required: true, when }
}
