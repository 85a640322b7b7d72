//! `orch-tui doctor`: what the app needs, checked, as data.

use std::path::{Path, PathBuf};

use crate::domain::adapter::Adapter;
use crate::domain::printable::{Printable, counted};
use crate::domain::target::Target;
use crate::runner::agent_probe::{self, Found, Login, Told};
use crate::runner::config::{Config, ConfigError, Places, targets};
use crate::runner::environment::{Privilege, Variables, program};
use crate::runner::orphans;

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
    /// What is said of worktrees in which nobody works.
    pub left: &'a [Check],
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
            checks.push(proposals(target));
            checks.extend(agents(config, target, facts));
            let adapters = config.adapters_in(&target.id);
            checks.extend(privilege(target, adapters.get(&target.agent)));
        }
    }
    checks.extend(facts.config.iter().flat_map(others));
    checks.push(git(facts));
    checks.push(state(facts.state));
    checks.extend(orphans(facts.base));
    checks.extend(facts.left.iter().cloned());
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

/// What was found about one thing.
pub(super) fn check(name: &'static str, state: Health, sentence: impl AsRef<str>) -> Check {
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
        Some(_) => {
            let about = target.description.as_ref().map(|about| format!(" {about}"));
            let about = about.unwrap_or_default();
            check("repository", Health::Ok, format!("{path} is a git repository.{about}"))
        }
        None => {
            let why = format!("{path} is not in a git repository. Run `git init` there.");
            check("repository", Health::Fail, why)
        }
    }
}

/// What makes another target unusable.
fn others(config: &Config) -> Vec<Check> {
    let others = config.targets.values().filter(|other| other.id != config.default_target);
    let gone = others.filter_map(|other| targets::check_directory(other).err());
    gone.map(|gone| check("target", Health::Warn, gone.to_string())).collect()
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

/// The folder of proposals, and how many wait there.
fn proposals(target: &Target) -> Check {
    let folder = &target.documents.proposals;
    let (path, listing) = (folder.display(), crate::runner::proposals::list(folder));
    let name = "proposals";
    match (&listing.problem, listing.proposals.len()) {
        (Some(problem), _) => check(name, Health::Warn, format!("{problem}.")),
        (None, _) if !folder.exists() => check(
            name,
            Health::Ok,
            format!("{path} does not exist; it need not. New phases may be proposed there."),
        ),
        (None, count) => {
            let waits = if count == 1 { "proposal waits" } else { "proposals wait" };
            check(name, Health::Ok, format!("{count} {waits} in {path}."))
        }
    }
}

/// All agents: those of targets first, the default target's before all others.
fn agents(config: &Config, default: &Target, facts: &Facts<'_>) -> Vec<Check> {
    let user = |name: &str| {
        let mut targets = std::iter::once(default).chain(config.targets.values());
        targets.find(|target| target.agent == name)
    };
    let mut asked: Vec<(&Adapter, Option<&Target>)> =
        config.adapters.values().map(|adapter| (adapter, user(&adapter.name))).collect();
    asked.sort_by_key(|(adapter, user)| (adapter.name != default.agent, user.is_none()));
    let found: Vec<Option<Found>> = std::thread::scope(|scope| {
        let mut asking = Vec::with_capacity(asked.len());
        for (adapter, user) in &asked {
            let (adapter, target) = (*adapter, user.unwrap_or(default));
            asking.push(scope.spawn(move || agent_probe::probe(facts.env, adapter, target)));
        }
        asking.into_iter().map(|answer| answer.join().ok().flatten()).collect()
    });
    let (mut checks, mut missing) = (Vec::new(), Vec::new());
    for ((adapter, user), found) in asked.into_iter().zip(found) {
        match (found, user) {
            (None, None) => missing.push(format!("`{}`", adapter.name)),
            (found, user) => checks.push(agent(adapter, found, user)),
        }
    }
    if !missing.is_empty() {
        let why = format!("not installed, and not used by any target: {}.", missing.join(", "));
        checks.push(check("agent", Health::Ok, why));
    }
    checks
}

/// One agent. What is wrong with one that no target uses troubles nobody.
fn agent(adapter: &Adapter, found: Option<Found>, user: Option<&Target>) -> Check {
    let name = &adapter.name;
    let Some(found) = found else {
        let why = format!(
            "`{}` of agent `{name}` was not found. Install it, or name another agent in config/targets.yaml.",
            adapter.command
        );
        return check("agent", Health::Fail, why);
    };
    let mut sentence = format!("`{name}` is {}", found.path.display());
    let mut advice = Vec::new();
    match found.version {
        None => {}
        Some(Told::Fits(version)) => sentence.push_str(&format!(", version {version}")),
        Some(Told::TooOld { version, min }) => {
            sentence.push_str(&format!(", version {version}"));
            advice.push(format!("Version {min} is the oldest known to work: update it."));
        }
        Some(Told::Nothing(why)) => advice.push(format!("It did not tell its version: {why}.")),
    }
    match found.login {
        None => {}
        Some(Login::In) => sentence.push_str(", logged in"),
        Some(Login::Out) => {
            advice.push(format!("It says that nobody is logged in: {}", log_in(adapter)))
        }
        Some(Login::Unknown(why)) => {
            advice.push(format!("It did not tell whether somebody is logged in: {why}."));
        }
    }
    let state = if advice.is_empty() || user.is_none() { Health::Ok } else { Health::Warn };
    advice.insert(0, format!("{sentence}."));
    check("agent", state, advice.join(" "))
}

/// How to log in.
fn log_in(adapter: &Adapter) -> String {
    if adapter.probe.login.is_empty() {
        return format!("start `{}` and log in, or set its API key.", adapter.command);
    }
    let words = adapter.probe.login.join(" ");
    format!("run `{} {words}`, or set its API key.", adapter.command)
}

fn privilege(target: &Target, adapter: Option<&Adapter>) -> Option<Check> {
    let adapter = adapter.filter(|adapter| adapter.root_needs().is_some())?;
    if Privilege::current() == Privilege::Ordinary {
        return None;
    }
    let (target_id, name) = (&target.id, &adapter.name);
    Some(if target.surroundings.allow_root {
        check(
            "root",
            Health::Warn,
            format!("`{name}` runs as root in `{target_id}`, as its `allow_root` says."),
        )
    } else {
        let why = format!(
            "you are root and `{name}` refuses to work as root. Use another user, set `allow_root: true` for `{target_id}` if this machine is a sandbox, or give it `autonomy: tools`."
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
    let few = |(name, _): &(&String, &String)| ["PATH", "HOME", "LANG"].contains(&name.as_str());
    let env = env.iter().filter(few).map(|(name, value)| (name.clone(), value.clone())).collect();
    agent_probe::first_line(program, &["--version".to_owned()], &env)
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
            left: &[],
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
        let agents = checks.iter().filter(|check| check.name == "agent").count();
        assert!(agents > 1, "those no target uses are told of as well: {checks:?}");
        let files = ["targets file", "agents file", "program"];
        assert!(files.iter().all(|name| checks.iter().any(|check| check.name == *name)));
    }

    #[test]
    fn another_target_without_a_directory_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let demo = repository::create(&folder.path().join("tide"), 7, 0.0).unwrap();
        let path = demo.path.join("config/targets.yaml");
        let text = std::fs::read_to_string(&path).unwrap() + "  ghost:\n    path: ../ghost\n";
        std::fs::write(&path, text).unwrap();
        let config = Config::load(&Places::discover(&demo.path)).unwrap();
        let [check] = &others(&config)[..] else { panic!("one target is gone") };
        assert!(check.sentence.as_str().contains("of target `ghost` does not exist"), "{check:?}");
    }

    #[test]
    fn an_agent_is_told_with_what_to_do() {
        use crate::domain::version::Version;
        let mut adapter = Adapter::text("claude", "claude");
        adapter.probe.login = vec!["auth".into(), "login".into()];
        let target = targets::implicit(Path::new("/x"), None, "claude");
        let found = |version, login| Some(Found { path: "/b/claude".into(), version, login });
        let told = |found, user| {
            let check = agent(&adapter, found, user);
            (check.state, check.sentence.to_string())
        };
        let fits = || Some(Told::Fits("2.1.3".into()));
        let fine = "`claude` is /b/claude, version 2.1.3, logged in.";
        let good = found(fits(), Some(Login::In));
        assert_eq!(told(good, Some(&target)), (Health::Ok, fine.into()));
        let out = "`claude` is /b/claude, version 2.1.3. It says that nobody is logged in: run `claude auth login`, \
                   or set its API key.";
        let nobody = found(fits(), Some(Login::Out));
        assert_eq!(told(nobody.clone(), Some(&target)), (Health::Warn, out.into()));
        assert_eq!(told(nobody, None), (Health::Ok, out.into()), "no target uses it");
        let version = |text| Version::read(text).unwrap();
        let old = Some(Told::TooOld { version: version("2.0.1"), min: version("2.1.0") });
        let update = "`claude` is /b/claude, version 2.0.1. Version 2.1.0 is the oldest known to work: update it.";
        assert_eq!(told(found(old, None), Some(&target)), (Health::Warn, update.into()));
        assert_eq!(told(None, Some(&target)).0, Health::Fail);
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
