//! Plans that are played through in no time and touch nothing.

use std::path::Path;

use crate::support::command::Invocation;
use crate::support::home::Home;
use crate::support::project::Project;
use crate::{events, names};

/// Every file below a folder with what is in it, but for what git keeps to itself.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_simulation_plays_the_plan_through_and_touches_nothing() {
    let project = Project::new("#!/bin/sh\nexit 1\n");
    let before = files(project.home.path());
    let arguments = ["run", "--simulate", "3", "--ascii"];
    let first = project.orch_tui(arguments);
    assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""), "{}", first.stdout);
    let rows: Vec<&str> = first.stdout.lines().collect();
    assert!(rows[1].starts_with("1.1 ##") && rows[2].starts_with("1.2  "), "{}", first.stdout);
    assert!(first.stdout.contains("2 complete, 0 failed, 0 never begun"), "{}", first.stdout);
    assert_eq!(project.orch_tui(arguments).stdout, first.stdout);
    assert_ne!(project.orch_tui(["run", "--simulate", "4", "--ascii"]).stdout, first.stdout);
    assert_eq!(files(project.home.path()), before);
}

#[test]
fn a_simulation_tells_its_journal_and_a_summary_as_json() {
    let project = Project::new("#!/bin/sh\nexit 1\n");
    let outcome = project.orch_tui(["run", "phase 1.1", "--simulate", "3", "--json"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{}", outcome.stdout);
    let events = events(&outcome.stdout);
    let names = names(&events);
    assert_eq!((names[0], names[names.len() - 1]), ("plan_approved", "simulation_finished"));
    assert!(names.contains(&"agent_completed") && names.contains(&"plan_finished"), "{names:?}");
    let times: Vec<u64> = events.iter().map(|event| event["at"].as_u64().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
    let last = &events[events.len() - 1];
    assert_eq!((&last["seed"], &last["phases"]["complete"]), (&3.into(), &1.into()));
}

#[test]
fn a_generated_roadmap_needs_no_repository_and_its_size_needs_a_simulation() {
    let home = Home::new();
    let run = |arguments: &[&str]| {
        Invocation::orch_tui(&home, arguments.iter().copied()).folder(home.path()).run()
    };
    let outcome = run(&["run", "--simulate", "7", "--phases", "30", "--max", "3", "--json"]);
    let events = events(&outcome.stdout);
    let last = &events[events.len() - 1];
    let phases = ["complete", "failed", "blocked"].map(|of| last["phases"][of].as_u64().unwrap());
    assert_eq!(phases.iter().sum::<u64>(), 30, "{last}");
    assert_eq!(last["slots"].as_array().unwrap().len(), 3);
    assert_eq!(outcome.code, Some(if phases[0] == 30 { 0 } else { 1 }), "{}", outcome.stderr);
    let refused = run(&["run", "everything", "--phases", "30"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
}
