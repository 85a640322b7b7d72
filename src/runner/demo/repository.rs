//! The demo's repository: a small real project with a roadmap, made anew for every demo.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::script::PARTS;
use super::{DemoError, work};

const ROADMAP: &str = include_str!("../../../assets/demo/roadmap.md");
/// Files with placeholders for seed, speed and idle limit.
const SETTINGS: [(&str, &str); 2] = [
    ("config/targets.yaml", include_str!("../../../assets/demo/targets.yaml")),
    ("config/agents.yaml", include_str!("../../../assets/demo/agents.yaml")),
];
const FILES: [(&str, &str); 6] = [
    ("README.md", include_str!("../../../assets/demo/README.md")),
    ("plans/roadmap.md", ROADMAP),
    ("tests/lib.sh", include_str!("../../../assets/demo/tests/lib.sh")),
    ("tests/run.sh", include_str!("../../../assets/demo/tests/run.sh")),
    ("tests/syntax.sh", include_str!("../../../assets/demo/tests/syntax.sh")),
    ("tests/phases", include_str!("../../../assets/demo/tests/phases")),
];

/// A demo repository on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoRepository {
    /// Its directory; holds `config/targets.yaml`.
    pub path: PathBuf,
    /// Its roadmap.
    pub roadmap: PathBuf,
}

/// Seconds an agent may be silent when it works as fast as a person can follow, and the least at any speed.
const IDLE_SECONDS: (f64, f64) = (90.0, 4.0);

/// Makes the repository in `directory`, which must be empty or not exist. Agents get `seed` and `speed` through the
/// target's environment; the one that hangs is given up sooner when all work faster.
///
/// # Errors
/// When the directory is not empty or can't be written, or git fails.
pub fn create(directory: &Path, seed: u64, speed: f64) -> Result<DemoRepository, DemoError> {
    let fail = |error| DemoError::File { path: directory.to_path_buf(), error };
    std::fs::create_dir_all(directory).map_err(fail)?;
    if std::fs::read_dir(directory).map_err(fail)?.next().is_some() {
        return Err(DemoError::NotEmpty(directory.to_path_buf()));
    }
    let directory = directory.canonicalize().map_err(fail)?;
    let fill = |text: &str| {
        text.replace("{seed}", &seed.to_string())
            .replace("{speed}", &speed.to_string())
            .replace("{idle}", &idle_seconds(speed).to_string())
    };
    for (name, text) in FILES {
        work::write(&directory, name, text)?;
    }
    for (name, text) in SETTINGS {
        work::write(&directory, name, &fill(text))?;
    }
    for part in PARTS.iter().filter(|part| part.is_given()) {
        work::write(&directory, &part.source_path(), part.source)?;
        work::write(&directory, &part.test_path(), part.test)?;
    }
    first_commit(&directory)?;
    Ok(DemoRepository { roadmap: directory.join("plans/roadmap.md"), path: directory })
}

/// How long an agent may be silent at a speed, in whole seconds.
fn idle_seconds(speed: f64) -> u64 {
    let (most, least) = IDLE_SECONDS;
    let seconds = if speed > 0.0 { most / speed } else { least };
    Duration::from_secs_f64(seconds.clamp(least, most)).as_secs()
}

fn first_commit(directory: &Path) -> Result<(), DemoError> {
    let settings = [
        ["user.name", "Demo"],
        ["user.email", "demo@example.invalid"],
        ["commit.gpgsign", "false"],
        ["core.hooksPath", "/dev/null"],
        ["core.autocrlf", "false"],
        ["gc.auto", "0"],
    ];
    work::must(directory, &["git", "init", "--quiet", "--initial-branch=main", "--template="])?;
    for [name, value] in settings {
        work::must(directory, &["git", "config", name, value])?;
    }
    work::must(directory, &["git", "add", "--all"])?;
    work::must(directory, &["git", "commit", "--quiet", "-m", "tide with its foundation"])?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::domain::adapter::AdapterKind;
    use crate::runner::config::{Config, Places};

    #[test]
    fn the_demo_is_a_configured_repository_with_18_phases() {
        let folder = tempfile::tempdir().unwrap();
        let demo = create(&folder.path().join("new/tide"), 42, 1.0).unwrap();
        let config = Config::load(&Places { user: None, ..Places::discover(&demo.path) }).unwrap();
        assert_eq!(config.warnings, []);
        let target = config.target("tide").unwrap();
        assert_eq!((&target.path, &target.roadmap), (&demo.path, &demo.roadmap));
        assert_eq!((target.workspaces.most, target.gates.len()), (4, 5));
        assert_eq!(target.surroundings.env["ORCH_TUI_DEMO_SEED"], "42");
        let adapter = &config.adapters[&target.agent];
        assert_eq!(adapter.kind, AdapterKind::Demo);
        assert_eq!(adapter.limits.idle.as_secs(), 90);
        let log = work::must(&demo.path, &["git", "log", "--format=%an"]).unwrap();
        assert_eq!(log, "Demo");
        let headings = ROADMAP.lines().filter(|line| line.starts_with("### Phase ")).count();
        assert_eq!(headings, PARTS.len());
        for part in &PARTS {
            assert!(ROADMAP.contains(&format!("### Phase {}: {}", part.phase, part.title)));
        }
    }

    #[test]
    fn a_directory_with_anything_in_it_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mine"), "x").unwrap();
        let refused = create(folder.path(), 1, 1.0).unwrap_err().to_string();
        assert!(refused.contains("is not empty"), "{refused}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_gate_runs_all_tests_there_are_and_wants_the_phase_s_own() {
        let folder = tempfile::tempdir().unwrap();
        let demo = create(folder.path(), 7, 0.0).unwrap();
        let part = PARTS.iter().find(|part| part.name == "snapshot").unwrap();
        work::write(&demo.path, &part.source_path(), part.source).unwrap();
        work::write(&demo.path, &part.test_path(), part.test).unwrap();
        let gate = |phase| {
            let script = format!("WORK_STREAM_ID={phase} sh tests/run.sh");
            work::run(&demo.path, &["sh", "-c", &script]).unwrap()
        };
        assert_eq!(gate("2.1").result, Ok(()), "{}", gate("2.1").output);
        assert!(gate("2.1").output.contains("all 5 tests passed"));
        assert_eq!(gate("2.2").result, Err(()), "a phase without its test is not finished");
    }
}
