//! The demo agent's hands: files, tests and commits in its working directory.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::DemoError;
use crate::domain::effect::RoadmapOrder;
use crate::domain::id::{PhaseId, TargetId};
use crate::domain::roadmap::RoadmapChange;
use crate::runner::pause::pause;
use crate::runner::roadmap_file::RoadmapFile;

/// The demo's roadmap in its repository.
pub(super) const ROADMAP: &str = "plans/roadmap.md";

/// Would lead git to another repository, or put a person's name on the demo's commits.
const NOT_OURS: [&str; 7] = [
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_WORK_TREE",
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL",
];

/// What a program printed and whether it succeeded.
pub(super) struct Ran {
    pub(super) output: String,
    pub(super) result: Result<(), ()>,
}

/// Runs a program to its end.
pub(super) fn run(directory: &Path, argv: &[&str]) -> Result<Ran, DemoError> {
    let fail = |why: String| DemoError::Program { command: argv.join(" "), why };
    let (program, args) = argv.split_first().ok_or_else(|| fail("it is empty".to_owned()))?;
    let mut command = Command::new(program);
    NOT_OURS.iter().for_each(|name| {
        command.env_remove(name);
    });
    let output = command
        .args(args)
        .current_dir(directory)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| fail(error.to_string()))?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    let result = if output.status.success() { Ok(()) } else { Err(()) };
    Ok(Ran { output: text.trim_end().to_owned(), result })
}

/// Runs a program that must succeed.
pub(super) fn must(directory: &Path, argv: &[&str]) -> Result<String, DemoError> {
    let ran = run(directory, argv)?;
    match ran.result {
        Ok(()) => Ok(ran.output),
        Err(()) => Err(DemoError::Program { command: argv.join(" "), why: ran.output }),
    }
}

/// Writes a file of the working directory, making its folder.
pub(super) fn write(directory: &Path, name: &str, text: &str) -> Result<(), DemoError> {
    let path = directory.join(name);
    let fail = |error| DemoError::File { path: path.clone(), error };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fail)?;
    }
    std::fs::write(&path, text).map_err(fail)
}

/// Ticks a task of a phase in the demo's roadmap, or all of them, and says how many. The file is others' too: orch-tui and
/// other agents write it at the same time.
pub(super) fn tick(directory: &Path, phase: &str, task: Option<&str>) -> Result<String, String> {
    let change =
        RoadmapChange::TickTasks { phase: PhaseId::new(phase), task: task.map(str::to_owned) };
    let (target, held) = (TargetId::new("demo"), BTreeSet::new());
    let order = RoadmapOrder { target, agent: None, change, held };
    let ticked = RoadmapFile::new(directory.join(ROADMAP)).apply(&order);
    match ticked.map_err(|error| error.to_string())?.len() {
        0 => Ok(format!("{ROADMAP}: nothing left to tick")),
        1 => Ok(format!("{ROADMAP}: 1 task ticked")),
        n => Ok(format!("{ROADMAP}: {n} tasks ticked")),
    }
}

/// Commits just these files; other agents commit in the same repository at the same time.
///
/// Agents take turns by a lock of their own: `git commit -- FILE` reads the index before it locks it, so two of them
/// at once can lose what the other has just added (seen in 3 of 60 runs of the test of this).
pub(super) fn commit(directory: &Path, message: &str, files: &[&str]) -> Result<String, DemoError> {
    let _turn = take_turn(directory)?;
    let add = [&["git", "add", "--"], files].concat();
    let differs = [&["git", "diff", "--cached", "--quiet", "HEAD", "--"], files].concat();
    let commit = [&["git", "commit", "--quiet", "-m", message, "--"], files].concat();
    patiently(directory, &add)?;
    if run(directory, &differs)?.result.is_ok() {
        return Ok("nothing to commit: an earlier life committed this".to_owned());
    }
    patiently(directory, &commit)?;
    must(directory, &["git", "log", "-1", "--format=[%h] %s", "--", files[0]])
}

/// Waits until no other demo agent commits; its turn ends when the file is dropped, or the process dies.
fn take_turn(directory: &Path) -> Result<std::fs::File, DemoError> {
    let folder = must(directory, &["git", "rev-parse", "--git-common-dir"])?;
    let path = directory.join(folder).join("demo-agent.lock");
    let lock = std::fs::File::create(&path).and_then(|file| file.lock().map(|()| file));
    lock.map_err(|error| DemoError::File { path, error })
}

/// Runs a git command again, with growing pauses, while somebody else holds a lock of the repository.
fn patiently(directory: &Path, argv: &[&str]) -> Result<(), DemoError> {
    let mut wait = Duration::from_millis(15);
    loop {
        let ran = run(directory, argv)?;
        let locked = ran.output.contains(".lock") || ran.output.contains("cannot lock ref");
        match ran.result {
            Ok(()) => return Ok(()),
            Err(()) if locked && wait < Duration::from_secs(4) => pause(wait),
            Err(()) => {
                return Err(DemoError::Program { command: argv.join(" "), why: ran.output });
            }
        }
        wait = wait.mul_f32(1.6);
    }
}
