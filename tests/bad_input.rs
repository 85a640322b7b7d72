//! What is wrong outside: one clear sentence on standard error, the right exit code, and nothing changed on disk.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use support::command::{Invocation, Outcome};
use support::project::{AGENT, Project};

/// Every file below a folder with its bytes; what is no regular file counts by its name.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() {
            all.extend(contents(&path));
        } else {
            let bytes =
                if kind.is_file() { std::fs::read(&path).unwrap_or_default() } else { Vec::new() };
            all.insert(path, bytes);
        }
    }
    all
}

/// Runs a command line in the repository and asserts that nothing in it changed.
fn harmless(project: &Project, command: &str) -> Outcome {
    let before = contents(project.repository.path());
    let words = command.split_whitespace();
    let outcome =
        Invocation::orch_tui(&project.home, words).folder(project.repository.path()).run();
    assert_eq!(contents(project.repository.path()), before, "{command} changed something");
    outcome
}

/// Asserts that a command says one sentence, with this in it, and ends with this code and without data.
fn refused(project: &Project, command: &str, code: i32, part: &str) {
    let outcome = harmless(project, command);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(code), ""), "{command}: {outcome:?}");
    let said = outcome.stderr.trim_end();
    assert!(said.starts_with("orch-tui: ") && said.lines().count() == 1, "{command}: {said}");
    assert!(said.contains(part), "{command}: {said} does not say {part}");
    assert!(!said.contains(char::is_control), "{command}: {said:?}");
}

/// The commands that need a roadmap.
const READERS: [&str; 11] = [
    "status",
    "agents",
    "health",
    "garden",
    "garden --dry-run",
    "health --fix",
    "archive",
    "archive --dry-run",
    "tick 1.1",
    "plan --json next",
    "run --phase 1.1 --yes",
];

#[test]
fn a_roadmap_that_is_none_is_named() {
    let project = Project::new(AGENT);
    let path = project.repository.join("roadmap.md");
    let remove = || {
        let _ = std::fs::remove_file(&path);
        let _ = std::fs::remove_dir(&path);
    };
    let kinds: [(&str, &dyn Fn()); 4] = [
        ("; `orch-tui init` writes a starter", &|| ()),
        ("is a directory; give the path of a Markdown file", &|| {
            std::fs::create_dir(&path).unwrap()
        }),
        ("is not a text file (it has NUL bytes)", &|| {
            std::fs::write(&path, b"a\0b\x7f\xff").unwrap()
        }),
        ("is not a regular file", &|| {
            let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
            assert!(made.success());
        }),
    ];
    for (part, make) in kinds {
        remove();
        make();
        for command in READERS {
            refused(&project, command, 5, part);
            refused(&project, command, 5, "/tide/roadmap.md");
        }
        let doctor = harmless(&project, "doctor");
        assert_eq!(doctor.code, Some(5), "{part}: {doctor:?}");
    }
}

#[test]
fn an_empty_roadmap_is_a_roadmap_without_phases() {
    let project = Project::with_roadmap("x", AGENT);
    std::fs::write(project.repository.join("roadmap.md"), "").unwrap();
    let health = harmless(&project, "health");
    assert_eq!(health.code, Some(1));
    assert!(health.stdout.contains("roadmap.md:1: error: No phase was found"), "{health:?}");
    assert!(harmless(&project, "status").stdout.contains("0 of 0 phases"));
    harmless(&project, "garden").expect_success();
    assert_eq!(harmless(&project, "archive").code, Some(3));
    refused(&project, "undo", 3, "nothing to undo");
    refused(&project, "tick 1.1", 1, "The roadmap has no phase 1.1");
    refused(&project, "add", 1, "There is no phase in the text");
    refused(&project, "run --phase 1.1 --yes", 3, "1.1 not a phase of this roadmap");
    refused(&project, "run everything --yes", 3, "");
}

#[test]
fn a_roadmap_one_may_not_read_is_named() {
    let project = Project::new(AGENT);
    let path = project.repository.join("roadmap.md");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o000)).unwrap();
    if rustix::process::geteuid().is_root() {
        // Written directly: the test harness hides what a passing test prints.
        let _ = writeln!(std::io::stderr(), "skipped: the super-user may read everything");
        return;
    }
    for command in READERS {
        refused(&project, command, 5, "roadmap.md");
    }
}

#[test]
fn a_broken_configuration_is_named_with_its_line() {
    let project = Project::new(AGENT);
    for (text, part) in [
        (
            "targets:\n  a:\n   path: x\n    name: y\n",
            "config/targets.yaml:4: this is not valid YAML",
        ),
        ("targets:\n  a:\n    path: [x]\n", "config/targets.yaml:3: `targets.a.path` must be text"),
        (
            "targets:\n  a:\n    path: .\n    path: .\n",
            "config/targets.yaml:4: the key `path` stands twice",
        ),
        ("targets:\n  a:\n    path: ./gone\n", "/tide/gone` of target `a` does not exist"),
        ("", "needs `targets`"),
        ("targets: {}\n", "Add a line `targets: "),
        ("targets:\n  a:\n    path: .\n    agent: claud\n", "config/targets.yaml:4: "),
    ] {
        project.repository.write("config/targets.yaml", text);
        for command in ["status", "garden", "run --phase 1.1 --yes", "logs a-1.1", "kill a-1.1"] {
            refused(&project, command, 5, part);
        }
    }
}

#[test]
fn an_unknown_key_is_a_warning_that_stops_nobody() {
    let project = Project::new(AGENT);
    project.retarget("    name: Tide\n", "    name: Tide\n    roadmpa: x\n");
    for command in ["status", "agents", "health", "garden", "plan next", "status --json"] {
        let outcome = harmless(&project, command);
        assert_eq!(outcome.code, Some(0), "{command}: {outcome:?}");
        let said = outcome.stderr.trim_end();
        assert!(said.contains("config/targets.yaml:4: "), "{command}: {said}");
        assert!(said.ends_with("Did you mean `roadmap`?") && said.lines().count() == 1, "{said}");
    }
    let run = project.orch_tui(["run", "phase 1.1", "--yes"]);
    assert_eq!((run.code, run.stderr.matches("roadmpa").count()), (Some(0), 1), "{}", run.stderr);
}

#[test]
fn what_is_named_wrongly_is_told_with_the_nearest() {
    let project = Project::new(AGENT);
    refused(
        &project,
        "--target tied status",
        2,
        "no target `tied` in config/targets.yaml. Did you mean `tide`?",
    );
    refused(&project, "-C /nowhere-at-all status", 5, "/nowhere-at-all");
    refused(&project, "--roadmap /nowhere.md status", 5, "no roadmap at /nowhere.md");
    refused(&project, "run --agent nobody --phase 1.1 --yes", 2, "there is no agent nobody");
    refused(&project, "logs a-7", 3, "there is no agent a-7");
    refused(&project, "kill a-7", 3, "a-7 does not run");
}

#[test]
fn wrong_flags_are_exit_code_2() {
    let project = Project::new(AGENT);
    for command in [
        "--bogus",
        "statsu",
        "run",
        "plan",
        "logs",
        "kill",
        "kill --all",
        "run x --max 0",
        "run x --max 257",
        "run x --mode fast",
        "completions nosh",
        "status extra",
        "garden --dry",
        "undo 2",
        "tick",
        "--theme pink status",
    ] {
        let outcome = harmless(&project, command);
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (Some(2), ""),
            "{command}: {outcome:?}"
        );
        assert!(outcome.stderr.starts_with("error: "), "{command}: {outcome:?}");
    }
}

#[test]
fn a_run_needs_a_git_repository() {
    let project = Project::new(AGENT);
    std::fs::remove_dir_all(project.repository.join(".git")).unwrap();
    refused(
        &project,
        "run --phase 1.1 --yes",
        5,
        "/tide is not a git repository; run `git init` there",
    );
    assert_eq!(harmless(&project, "status").code, Some(0), "looking needs none");
}

#[test]
fn a_state_folder_that_can_not_be_is_named() {
    let project = Project::new(AGENT);
    let state = project.home.join(".local/state");
    std::fs::remove_dir_all(&state).unwrap();
    std::fs::write(&state, "in the way").unwrap();
    for command in ["status", "agents", "run --phase 1.1 --yes", "logs a-1.1", "kill a-1.1"] {
        refused(&project, command, 5, "/.local/state is not a directory; move it away");
    }
    assert_eq!(std::fs::read_to_string(state).unwrap(), "in the way");
}

/// The journal of the project's repository.
fn journal(project: &Project) -> PathBuf {
    let states = std::fs::read_dir(project.home.join(".local/state/orch-tui")).unwrap();
    states.flatten().map(|entry| entry.path().join("journal.jsonl")).find(|p| p.exists()).unwrap()
}

#[test]
fn a_damaged_or_newer_journal_is_left_alone() {
    let project = Project::new(AGENT);
    project.orch_tui(["run", "phase 1.1", "--yes"]).expect_success();
    let path = journal(&project);
    let whole = std::fs::read_to_string(&path).unwrap();
    let third = whole.lines().nth(2).unwrap();
    for (bad, part) in [
        (third.replace("event", "evend"), "line 3 of the journal"),
        ("not even JSON".to_string(), "is damaged"),
        (
            third.replacen("\"v\":1", "\"v\":2", 1),
            "has format 2 and this program reads up to 1; update orch-tui",
        ),
    ] {
        let text = whole.replacen(third, &bad, 1);
        std::fs::write(&path, &text).unwrap();
        for command in
            ["status", "agents", "garden", "run --phase 1.2 --yes", "logs a-1.1", "kill a-1.1"]
        {
            refused(&project, command, 5, part);
            refused(&project, command, 5, "/journal.jsonl");
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "the journal is left as it is");
    }
    // A line that a crash cut off is no damage.
    std::fs::write(&path, whole.get(..whole.len() - 9).unwrap()).unwrap();
    harmless(&project, "status").expect_success();
    assert_eq!(project.orch_tui(["run", "phase 1.2", "--yes"]).code, Some(0));
}
