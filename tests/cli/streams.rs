//! What goes to which stream, and where a command works.

use crate::RICH;
use crate::support::command::Invocation;
use crate::support::project::{AGENT, Project};

#[test]
fn output_is_data_without_escapes_and_a_closed_pipe_is_quiet() {
    let project = Project::with_roadmap(&RICH.replace("Router", "Rou\u{1b}[31mter"), AGENT);
    project.orch_tui(["run", "phase 1.2", "--yes"]).expect_success();
    let commands = [
        "status",
        "agents",
        "health",
        "garden",
        "doctor",
        "logs a-1.2",
        "plan next",
        "init --dry-run",
        "completions bash",
        "plan next --json",
        "status --json",
        "agents --json",
        "--help",
        "",
    ];
    for command in commands {
        let words = command.split_whitespace();
        let run =
            || Invocation::orch_tui(&project.home, words.clone()).folder(project.repository.path());
        let outcome = run().variable("COLORTERM", "truecolor").run();
        let known = [Some(0), Some(1), Some(3)];
        assert!(known.contains(&outcome.code), "{command}: {outcome:?}");
        assert!(!outcome.stdout.is_empty(), "{command}");
        let all = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(!all.contains('\u{1b}'), "{command}: {all:?}");
        let line = format!("{} {command} | head -1", env!("CARGO_BIN_EXE_orch-tui"));
        let piped = Invocation::program(&project.home, "/bin/sh", ["-c", &line]);
        let piped = piped.folder(project.repository.path()).run();
        let noise = piped.stderr.replace(&outcome.stderr, "");
        assert_eq!((noise.as_str(), piped.stdout.lines().count()), ("", 1), "{command}");
    }
}

#[test]
fn output_that_nobody_reads_is_no_failure() {
    let project = Project::new(AGENT);
    for command in ["status", "status --json", "completions zsh", "plan next", "doctor"] {
        // The reader is gone before the first byte.
        let program = env!("CARGO_BIN_EXE_orch-tui");
        let line = format!(
            "(while [ ! -e closed ]; do :; done; {program} {command}; echo $? >&2) | (exec <&-; touch closed)"
        );
        let outcome = Invocation::program(&project.home, "/bin/sh", ["-c", &line]);
        let outcome = outcome.folder(project.repository.path()).run();
        assert_eq!(outcome.stderr, "0\n", "{command}");
        std::fs::remove_file(project.repository.join("closed")).unwrap();
    }
}

#[test]
fn every_command_goes_where_it_is_sent() {
    let project = Project::new(AGENT);
    let other = project.repository.join("plans/other.md");
    project.repository.write("plans/other.md", &RICH.replace("1.2", "8.8"));
    let targets = project.repository.read("config/targets.yaml");
    let second = "  second:\n    name: Second\n    path: .\n    roadmap: plans/other.md\n";
    project.repository.write("config/targets.yaml", &format!("{targets}{second}"));
    let (folder, other) = (project.repository.path().to_string_lossy(), other.to_string_lossy());
    for command in [&["status"][..], &["plan", "phase 8.8"], &["garden", "--dry-run"]] {
        for place in
            [["--roadmap", &*other], ["--target", "second"], ["--roadmap", "plans/other.md"]]
        {
            let words = place.iter().chain(command).copied();
            let here = Invocation::orch_tui(&project.home, words.clone()).folder(&*folder).run();
            assert!(here.stdout.contains("8.8"), "{place:?} {command:?}: {here:?}");
            let words = ["-C", &*folder].into_iter().chain(words);
            let there = Invocation::orch_tui(&project.home, words).run();
            assert_eq!(there, here, "{place:?} {command:?}");
        }
    }
    let first = project.orch_tui(["status"]).expect_success();
    assert!(!first.contains("8.8"), "{first}");
}

#[test]
fn completions_are_for_every_shell() {
    let project = Project::new(AGENT);
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let text = project.orch_tui(["completions", shell]).expect_success();
        assert!(text.contains("orch-tui") && text.contains("garden"), "{shell}");
    }
}
