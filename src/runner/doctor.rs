//! `orch-tui doctor`: what the app needs, checked, as data.

use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::domain::adapter::Adapter;
use crate::domain::printable::{Printable, counted};
use crate::domain::target::Target;
use crate::runner::config::{Config, ConfigError, Places, targets};
use crate::runner::environment::{Privilege, Variables, configured, program};
use crate::runner::orphans;
use crate::runner::pause::pause;

/// A version probe may take this long.
const PROBE_LIMIT: Duration = Duration::from_secs(10);

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// As it should be.
    Ok,
    /// Worth knowing; the app works.
    Warn,
    /// The app can't do its main job.
    Fail,
}

impl Health {
    /// `ok`, `warn` or `fail`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What.
    pub name: &'static str,
    /// How it is.
    pub state: Health,
    /// One sentence: what was found, and what to do if it is not as it should be.
    pub sentence: Printable,
}

/// What the doctor looks at.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Where configuration is looked for.
    pub places: &'a Places,
    /// What came of reading it.
    pub config: &'a Result<Config, ConfigError>,
    /// The folder of journal, claims and recordings.
    pub state: &'a Path,
    /// The folder all repositories' state lies in.
    pub base: &'a Path,
    /// Our own environment.
    pub env: &'a Variables,
    /// Counts the phases of a roadmap file, or says why it can't.
    pub count: fn(&Path) -> Result<usize, String>,
}

/// Checks everything, in the order it is worth reading.
pub fn examine(facts: &Facts<'_>) -> Vec<Check> {
    let mut checks = vec![configuration(facts)];
    if let Ok(config) = facts.config {
        checks.extend(
            config
                .warnings
                .iter()
                .map(|warning| check("configuration", Health::Warn, warning.to_string())),
        );
        if let Some(target) = config.targets.get(&config.default_target) {
            checks.push(repository(target));
            checks.push(roadmap(target, facts.count));
            let adapter = config.adapters.get(&target.agent);
            checks.extend(adapter.map(|adapter| agent(adapter, target, facts)));
            checks.extend(privilege(target, adapter));
        }
    }
    checks.push(git(facts));
    checks.push(state(facts.state));
    checks.extend(orphans(facts.base));
    checks.push(terminal(facts.env));
    checks.push(colours(facts.env));
    checks.extend(paths(facts));
    checks
}

/// The worst of them.
pub fn verdict(checks: &[Check]) -> Health {
    let has = |state| checks.iter().any(|check| check.state == state);
    match (has(Health::Fail), has(Health::Warn)) {
        (true, _) => Health::Fail,
        (false, true) => Health::Warn,
        (false, false) => Health::Ok,
    }
}

fn check(name: &'static str, state: Health, sentence: impl AsRef<str>) -> Check {
    Check { name, state, sentence: Printable::new(sentence.as_ref()) }
}

fn configuration(facts: &Facts<'_>) -> Check {
    let name = "configuration";
    match facts.config {
        Ok(config) => {
            let (targets, files) = (config.targets.len(), config.files.len());
            let targets = counted(targets, "target");
            let sentence = match files {
                0 => format!("{targets}, by default: there is no configuration file."),
                _ => format!("{targets}, read from {}.", counted(files, "file")),
            };
            check(name, Health::Ok, sentence)
        }
        Err(error) => check(name, Health::Fail, error.to_string()),
    }
}

fn repository(target: &Target) -> Check {
    if let Err(gone) = targets::check_directory(target) {
        return check("repository", Health::Fail, format!("{gone}"));
    }
    let path = target.path.display();
    match crate::runner::config::places::repository_of(&target.path) {
        Some(_) => check("repository", Health::Ok, format!("{path} is a git repository.")),
        None => {
            let why = format!("{path} is not in a git repository. Run `git init` there.");
            check("repository", Health::Fail, why)
        }
    }
}

fn roadmap(target: &Target, count: fn(&Path) -> Result<usize, String>) -> Check {
    let path = target.roadmap.display();
    if !target.roadmap.is_file() {
        let why = format!("there is no roadmap at {path}. `orch-tui init` writes a starter.");
        return check("roadmap", Health::Fail, why);
    }
    match count(&target.roadmap) {
        Ok(0) => check("roadmap", Health::Warn, format!("{path} holds no phase.")),
        Ok(phases) => {
            check("roadmap", Health::Ok, format!("{path} holds {}.", counted(phases, "phase")))
        }
        Err(why) => check("roadmap", Health::Fail, format!("{path} can't be read: {why}")),
    }
}

fn agent(adapter: &Adapter, target: &Target, facts: &Facts<'_>) -> Check {
    let name = "agent";
    let env = configured(facts.env, adapter, target);
    let Ok(program) = program(&adapter.command, &env, &target.path) else {
        let why = format!(
            "`{}` of agent `{}` was not found. Install it, or name another agent in config/targets.yaml.",
            adapter.command, adapter.name
        );
        return check(name, Health::Fail, why);
    };
    let path = program.display();
    if adapter.kind == crate::domain::adapter::AdapterKind::Text {
        return check(name, Health::Ok, format!("`{}` is {path}.", adapter.name));
    }
    match version(&program, facts.env) {
        Ok(version) => {
            check(name, Health::Ok, format!("`{}` is {path}, version {version}.", adapter.name))
        }
        Err(why) => check(name, Health::Warn, format!("{path} did not tell its version: {why}.")),
    }
}

fn privilege(target: &Target, adapter: Option<&Adapter>) -> Option<Check> {
    let adapter = adapter.filter(|adapter| adapter.root_needs().is_some())?;
    if Privilege::current() == Privilege::Ordinary {
        return None;
    }
    let (target_id, name) = (&target.id, &adapter.name);
    Some(if target.allow_root {
        check(
            "root",
            Health::Warn,
            format!("`{name}` runs as root in `{target_id}`, as its `allow_root` says."),
        )
    } else {
        let why = format!(
            "you are root and `{name}` refuses to work as root. Use another user, or set `allow_root: true` for `{target_id}` if this machine is a sandbox."
        );
        check("root", Health::Fail, why)
    })
}

fn git(facts: &Facts<'_>) -> Check {
    let Ok(program) = program("git", facts.env, Path::new("/")) else {
        return check("git", Health::Fail, "`git` was not found. Install it.");
    };
    match version(&program, facts.env) {
        Ok(version) => check("git", Health::Ok, format!("{version}.")),
        Err(why) => check("git", Health::Fail, format!("`git --version` failed: {why}.")),
    }
}

fn state(folder: &Path) -> Check {
    let path = folder.display();
    let tried = std::fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder));
    match tried {
        Ok(_) => check("state", Health::Ok, format!("{path} is writable.")),
        Err(error) => check(
            "state",
            Health::Fail,
            format!("{path} can't be written: {error}. Free or permit it."),
        ),
    }
}

/// What runs and belongs to nobody.
fn orphans(base: &Path) -> Vec<Check> {
    let found = orphans::find(base);
    let told = found.iter().map(|orphan| {
        let why = format!("{}. `orch-tui doctor --clean` ends it.", orphan.sentence());
        check("orphan", Health::Warn, why)
    });
    told.collect()
}

fn terminal(env: &Variables) -> Check {
    let term = env.get("TERM").map_or("", String::as_str);
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(|name| env.get(*name))
        .find(|value| !value.is_empty());
    let utf8 = locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    match (term, utf8) {
        ("" | "dumb", _) => check(
            "terminal",
            Health::Warn,
            "TERM names no full-screen terminal: only the plain commands work.",
        ),
        (term, true) => {
            check("terminal", Health::Ok, format!("TERM is {term}, the locale is UTF-8."))
        }
        (term, false) => check(
            "terminal",
            Health::Warn,
            format!("TERM is {term}, the locale is not UTF-8: signs are drawn in ASCII."),
        ),
    }
}

fn colours(env: &Variables) -> Check {
    let is =
        |name: &str, values: &[&str]| env.get(name).is_some_and(|v| values.contains(&v.as_str()));
    let term = env.get("TERM").map_or("", String::as_str);
    let found = if env.get("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        "none: NO_COLOR is set"
    } else if is("COLORTERM", &["truecolor", "24bit"]) {
        "16 million"
    } else if term.contains("256") {
        "256"
    } else {
        "16"
    };
    check("colours", Health::Ok, format!("{found}."))
}

fn paths(facts: &Facts<'_>) -> Vec<Check> {
    let mut named = vec![("targets file", facts.places.targets_file())];
    named.extend(facts.places.agent_files().into_iter().map(|file| ("agents file", file)));
    named.push(("program", facts.places.program.clone()));
    let line = |(what, path): (&'static str, PathBuf)| {
        let there = if path.exists() { "" } else { " (none; it need not exist)" };
        check(what, Health::Ok, format!("{}{there}", path.display()))
    };
    named.into_iter().map(line).collect()
}

/// The first line of `PROGRAM --version`.
fn version(program: &Path, env: &Variables) -> Result<String, String> {
    // A file, not a pipe: a process left behind could hold a pipe open for ever.
    let mut out = tempfile::tempfile().map_err(|error| error.to_string())?;
    let copy = out.try_clone().map_err(|error| error.to_string())?;
    let mut child = Command::new(program)
        .arg("--version")
        .env_clear()
        .envs(env.iter().filter(|(name, _)| ["PATH", "HOME", "LANG"].contains(&name.as_str())))
        .stdin(Stdio::null())
        .stdout(copy)
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let deadline = Instant::now() + PROBE_LIMIT;
    let status = loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => break status,
            None if Instant::now() < deadline => pause(Duration::from_millis(10)),
            None => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("it took longer than {} s", PROBE_LIMIT.as_secs()));
            }
        }
    };
    if !status.success() {
        return Err(status.to_string());
    }
    let mut text = Vec::new();
    let read = out.rewind().and_then(|()| out.take(4096).read_to_end(&mut text));
    read.map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&text).lines().next().unwrap_or_default().trim().to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::runner::demo::repository;
    use crate::runner::environment;

    fn find<'a>(checks: &'a [Check], name: &str) -> &'a Check {
        checks.iter().find(|check| check.name == name).expect(name)
    }

    #[test]
    fn a_demo_repository_is_examined() {
        let folder = tempfile::tempdir().unwrap();
        let demo = repository::create(&folder.path().join("tide"), 7, 0.0).unwrap();
        let places =
            Places { user: None, program: "/gone/orch-tui".into(), ..Places::discover(&demo.path) };
        let config = Config::load(&places);
        let mut env = environment::own();
        env.extend([("TERM".into(), "xterm".into()), ("LC_ALL".into(), "C.UTF-8".into())]);
        let state = folder.path().join("state");
        let facts = Facts {
            places: &places,
            config: &config,
            state: &state,
            base: &state,
            env: &env,
            count: |_| Ok(18),
        };
        let checks = examine(&facts);
        for name in ["configuration", "repository", "roadmap", "git", "state", "terminal"] {
            assert_eq!(find(&checks, name).state, Health::Ok, "{checks:?}");
        }
        assert!(find(&checks, "roadmap").sentence.as_str().contains("18 phases."));
        assert!(find(&checks, "git").sentence.as_str().starts_with("git version"));
        let agent = find(&checks, "agent");
        assert_eq!(agent.state, Health::Fail);
        assert!(agent.sentence.as_str().contains("/gone/orch-tui"), "{}", agent.sentence);
        assert_eq!(verdict(&checks), Health::Fail);
        let files = ["targets file", "agents file", "program"];
        assert!(files.iter().all(|name| checks.iter().any(|check| check.name == *name)));
    }

    #[test]
    fn a_plain_terminal_is_a_warning() {
        let mut env = Variables::new();
        assert_eq!(terminal(&env).state, Health::Warn);
        env.insert("TERM".into(), "linux".into());
        assert_eq!(terminal(&env).state, Health::Warn, "no UTF-8");
        env.insert("LANG".into(), "de_DE.utf8".into());
        assert_eq!(terminal(&env).state, Health::Ok);
        env.insert("NO_COLOR".into(), "1".into());
        assert!(colours(&env).sentence.as_str().starts_with("none"));
    }

    #[test]
    fn a_program_is_found_only_if_it_can_be_run() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("agent");
        std::fs::write(&file, "#!/bin/sh\necho 1.2.3\n").unwrap();
        let mut env = Variables::new();
        env.insert("PATH".into(), folder.path().to_string_lossy().into_owned());
        let allow = |mode| {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        allow(0o600);
        let here = folder.path();
        assert!(program("agent", &env, Path::new("/")).is_err());
        allow(0o700);
        let found = Ok(file.clone());
        assert_eq!(program("agent", &env, Path::new("/")), found);
        assert_eq!(program(&file.to_string_lossy(), &Variables::new(), Path::new("/")), found);
        assert_eq!(program("./agent", &env, here), Ok(here.join("./agent")));
        assert_eq!(version(&file, &environment::own()), Ok("1.2.3".to_owned()));
        assert!(version(Path::new("/nowhere/x"), &env).is_err());
    }
}
