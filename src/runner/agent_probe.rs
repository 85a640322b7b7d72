//! Asks the programs of agents for their version and their log-in: no shell, no terminal, bounded in time.

use std::io::{Read, Seek};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::domain::adapter::{Adapter, Probe};
use crate::domain::target::Target;
use crate::domain::version::Version;
use crate::runner::environment::{Variables, configured, program};
use crate::runner::pause::pause;

/// An answer may take this long.
const LIMIT: Duration = Duration::from_secs(20);
/// Most bytes of an answer that are read.
const LONGEST: u64 = 4096;

/// What came of asking an agent's program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// Its version, if it can be asked for it.
    pub version: Option<Told>,
    /// Whether somebody is logged in, if it can be asked for it.
    pub login: Option<Login>,
}

/// A version as it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// As new as it must be, or nobody knows how new that is.
    Fits(String),
    /// Older than it must be.
    TooOld {
        /// Its version.
        version: Version,
        /// The oldest that is known to work.
        min: Version,
    },
    /// None: why.
    Nothing(String),
}

/// Whether somebody is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// Somebody is.
    In,
    /// Nobody is.
    Out,
    /// It did not say: why.
    Unknown(String),
}

/// Looks for an adapter's program and asks it; `None` when it is not there.
pub fn probe(own: &Variables, adapter: &Adapter, target: &Target) -> Option<Found> {
    let env = configured(own, adapter, target);
    let path = program(&adapter.command, &env, &target.path).ok()?;
    let probe = &adapter.probe;
    let version = (!probe.args.is_empty()).then(|| version(&path, probe, &env));
    let login = (!probe.auth.is_empty()).then(|| login(&path, probe, &env));
    Some(Found { path, version, login })
}

fn version(path: &Path, probe: &Probe, env: &Variables) -> Told {
    let text = match first_line(path, &probe.args, env) {
        Ok(text) => text,
        Err(why) => return Told::Nothing(why),
    };
    match (Version::find(&text), &probe.min) {
        (Some(version), Some(min)) if version < *min => Told::TooOld { version, min: min.clone() },
        (Some(version), _) => Told::Fits(version.to_string()),
        (None, Some(_)) => Told::Nothing(format!("`{text}` holds none")),
        (None, None) => Told::Fits(text),
    }
}

fn login(path: &Path, probe: &Probe, env: &Variables) -> Login {
    match ask(path, &probe.auth, env) {
        Ok((status, _)) if status.success() => Login::In,
        Ok((status, _)) if status.code().is_some() => Login::Out,
        Ok((status, _)) => Login::Unknown(status.to_string()),
        Err(why) => Login::Unknown(why),
    }
}

/// The first line a program prints when it is started like this and ends well.
///
/// # Errors
/// Why there is none.
pub fn first_line(path: &Path, args: &[String], env: &Variables) -> Result<String, String> {
    let (status, text) = ask(path, args, env)?;
    if !status.success() {
        return Err(status.to_string());
    }
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

/// How a program ends, and what it prints.
fn ask(path: &Path, args: &[String], env: &Variables) -> Result<(ExitStatus, String), String> {
    let failed = |error: std::io::Error| error.to_string();
    // A file, not a pipe: a process left behind could hold a pipe open for ever.
    let mut out = tempfile::tempfile().map_err(failed)?;
    let copy = out.try_clone().map_err(failed)?;
    let child = Command::new(path)
        .args(args)
        .env_clear()
        .envs(env)
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(copy)
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let status = wait(child, LIMIT)?;
    let mut bytes = Vec::new();
    out.rewind().and_then(|()| out.take(LONGEST).read_to_end(&mut bytes)).map_err(failed)?;
    Ok((status, String::from_utf8_lossy(&bytes).into_owned()))
}

/// Waits for a program and ends it, with all it started, when its time is over.
fn wait(mut child: Child, limit: Duration) -> Result<ExitStatus, String> {
    let deadline = Instant::now() + limit;
    loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => return Ok(status),
            None if Instant::now() < deadline => pause(Duration::from_millis(10)),
            None => {
                let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
                let _ = group.map(|group| kill_process_group(group, Signal::KILL));
                let _ = child.wait();
                return Err(format!("it took longer than {} s", limit.as_secs()));
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::runner::config::targets;
    use crate::runner::environment;

    /// An adapter whose program is this script.
    fn scripted(folder: &Path, script: &str) -> (Adapter, Target) {
        let file = folder.join("agent");
        std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o700)).unwrap();
        let mut adapter = Adapter::text("x", &file.to_string_lossy());
        adapter.probe.args = vec!["--version".into()];
        adapter.probe.auth = vec!["auth".into(), "status".into()];
        adapter.probe.min = Version::read("2.1.0");
        (adapter, targets::implicit(folder, None, "x"))
    }

    fn probed(script: &str) -> (Option<Told>, Option<Login>) {
        let folder = tempfile::tempdir().unwrap();
        let (adapter, target) = scripted(folder.path(), script);
        let found = probe(&environment::own(), &adapter, &target).unwrap();
        (found.version, found.login)
    }

    #[test]
    fn version_and_log_in_are_told_apart() {
        let fits = |version: &str| Some(Told::Fits(version.into()));
        let fine = r#"[ "$1" = --version ] && echo "2.1.3 (X)" || test "$1 $2" = "auth status""#;
        assert_eq!(probed(fine), (fits("2.1.3"), Some(Login::In)));
        let out = r#"[ "$1" = --version ] && echo "x-cli 10.0.0" || exit 1"#;
        assert_eq!(probed(out), (fits("10.0.0"), Some(Login::Out)));
        let (version, min) = (Version::read("2.0.99").unwrap(), Version::read("2.1").unwrap());
        let (told, _) = probed("echo 2.0.99");
        assert_eq!(told, Some(Told::TooOld { version, min }));
        assert_eq!(probed("echo new").0, Some(Told::Nothing("`new` holds none".into())));
        let Login::Unknown(why) = probed("kill -9 $$").1.unwrap() else { panic!() };
        assert!(why.contains("signal"), "{why}");
    }

    #[test]
    fn what_can_t_be_asked_is_not_asked() {
        let folder = tempfile::tempdir().unwrap();
        let (mut adapter, target) = scripted(folder.path(), "touch asked");
        adapter.probe = Probe::default();
        let found = probe(&environment::own(), &adapter, &target).unwrap();
        assert_eq!((found.version, found.login), (None, None));
        adapter.command = "/nowhere/x".into();
        assert_eq!(probe(&environment::own(), &adapter, &target), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_program_that_hangs_is_ended_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let held = folder.path().join("held");
        let script = "exec 3>held; flock 3; sleep 1000 & echo ready > ready; wait";
        let child = Command::new("sh")
            .args(["-c", script])
            .current_dir(folder.path())
            .process_group(0)
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        while !folder.path().join("ready").exists() {
            assert!(Instant::now() < deadline);
            pause(Duration::from_millis(5));
        }
        assert!(wait(child, Duration::ZERO).is_err());
        // The child had the lock's file open: the lock is free only when it is gone as well.
        let lock = std::fs::File::open(&held).unwrap();
        while lock.try_lock().is_err() {
            assert!(Instant::now() < deadline, "a child is left");
            pause(Duration::from_millis(5));
        }
    }
}
