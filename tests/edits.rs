//! Changing the roadmap from the command line, and taking it back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

#[path = "edits/undo.rs"]
mod undo;

use rustix::process::Signal;
use serde_json::{Value, json};
use support::command::{Invocation, Outcome};
use support::project::{AGENT, PATIENT_AGENT, Project};

/// Something to mend without a person, and something with one.
const GARDEN: &str = "\
# Roadmap

### Phase 1.1: Store

- **Status:** ✅ Complete
- **Tasks:**
  - [x] keep
  - [ ] forget\u{1b}[2J

### Phase 1.2: Router

- **Status:** 🔴 Blocked
- **Depends On:** Phase 1.1

### Phase 1.3: Pages

- **Status:** 🔴 Blocked (legal)
- **Depends On:** Phase 1.1 ✅, Phase 1.2 ✅

## Notes

Nothing here is a phase.\t
";

fn project() -> Project {
    Project::with_roadmap(GARDEN, AGENT)
}

fn parsed(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"))
}

/// Asserts that an object has exactly these keys.
fn keys(value: &Value, expected: &str) {
    let mut found: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    found.sort_unstable();
    let mut wanted: Vec<&str> = expected.split(' ').collect();
    wanted.sort_unstable();
    assert_eq!(found, wanted, "{value}");
}

#[test]
fn a_rehearsal_shows_the_lines_that_gardening_changes() {
    let project = project();
    let shown = "would unblock 1.2\n@@ line 12, phase 1.2 @@\n- - **Status:** 🔴 Blocked\n+ - **Status:** ⚪ Not Started\n\
                 needs a person 1.3: legal\n";
    let rehearsal = project.orch_tui(["garden", "--dry-run"]).expect_success();
    assert_eq!(rehearsal, shown.replace("needs", "still blocked 1.3: waits for 1.2\nneeds"));
    assert_eq!(project.repository.roadmap(), GARDEN);
    let coloured = project.orch_tui(["garden", "--dry-run", "--color", "always"]).expect_success();
    assert!(coloured.contains("\u{1b}[31m- - **Status:** 🔴 Blocked\u{1b}[0m\n"), "{coloured}");
    let made = project.orch_tui(["garden"]).expect_success();
    assert!(made.starts_with(&shown.replace("would unblock", "unblocked")[..90]), "{made}");
    assert!(project.orch_tui(["garden"]).expect_success().starts_with("nothing to unblock\n"));
}

#[test]
fn complete_phases_move_to_the_archive_and_back() {
    let done = GARDEN.replace("Depends On:** Phase 1.1\n", "Depends On:** Phase 1.1 ✅\n");
    let project = Project::with_roadmap(&done, AGENT);
    let open = project.orch_tui(["archive"]);
    assert_eq!(open.code, Some(3));
    assert!(open.stdout.ends_with("\nkept 1.1: open task\n"), "{open:?}");
    assert_eq!(project.repository.roadmap(), done);
    let done = done.replace("[ ] forget\u{1b}[2J", "[x] forget");
    project.repository.write("roadmap.md", &done);
    let rehearsal = parsed(&project.orch_tui(["archive", "--dry-run", "--json"]));
    keys(&rehearsal, "schema written archive phases kept");
    assert_eq!(rehearsal["phases"], json!([{"id": "1.1", "line": 3}]));
    assert!(!project.has("completed"));
    let moved = project.orch_tui(["archive"]).expect_success();
    assert!(moved.starts_with("moved line 3: Phase 1.1: Store\nto "), "{moved}");
    let archive = project.repository.read("completed/roadmap-archive.md");
    let (start, end) = (done.find("### Phase 1.1").unwrap(), done.find("### Phase 1.2").unwrap());
    assert_eq!(archive, format!("# Roadmap archive\n\n{}", &done[start..end]));
    assert_eq!(project.repository.roadmap(), format!("{}{}", &done[..start], &done[end..]));
    assert_eq!(project.orch_tui(["archive"]).code, Some(3));
    project.orch_tui(["undo"]).expect_success();
    assert_eq!(project.repository.roadmap(), done);
    assert!(!project.has("completed/roadmap-archive.md"));
}

#[test]
fn new_phases_are_added_in_the_style_of_the_file() {
    let project = project();
    let new = "# Phase 2.1: Search\n\n- **Status:** Not Started\n- **Depends On:** 1.2";
    let outcome = project.invocation(["add", "--json"]).input(new).run();
    let added = parsed(&outcome);
    keys(&added, "schema written edits");
    let written =
        "### Phase 2.1: Search\n\n- **Status:** ⚪ Not Started\n- **Depends On:** 1.2\n\n## Notes";
    assert_eq!(project.repository.roadmap(), GARDEN.replace("## Notes", written));
    assert_eq!(project.invocation(["add"]).input(new).run().code, Some(3), "it is there");
    let other = new.replace("Search", "Other");
    assert_eq!(project.invocation(["add"]).input(other).run().code, Some(1));
    project.orch_tui(["undo"]).expect_success();
    assert_eq!(project.repository.roadmap(), GARDEN);
    let two = format!("{new}\n\n{}", new.replace("2.1", "2.2"));
    project.invocation(["add"]).input(two).run().expect_success();
    let undone = project.orch_tui(["undo"]).expect_success();
    assert!(
        undone.starts_with("undid append of 2.1, 2.2\n@@ line 20, phases 2.1, 2.2 @@\n"),
        "{undone}"
    );
    assert_eq!(project.repository.roadmap(), GARDEN);
}

#[test]
fn ticks_and_new_phases_can_be_rehearsed() {
    let project = project();
    let tick = project.orch_tui(["tick", "1.1", "2", "--dry-run"]).expect_success();
    let lines = "@@ line 8, phase 1.1 @@\n-   - [ ] forget␛[2J\n+   - [x] forget␛[2J\n";
    assert_eq!(tick, format!("would tick in 1.1\n{lines}"));
    let refused = project.orch_tui(["tick", "1.1", "7", "--dry-run"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("Phase 1.1 has 2 tasks, so none is number 7"), "{refused:?}");
    let new = "# Phase 2.1: Search\n\n- **Status:** Not Started\n- **Depends On:** 1.2, 9.9\n";
    let add = project.invocation(["add", "--dry-run"]).input(new).run();
    assert!(
        add.stdout.starts_with("would add 2.1\n@@ line 20, phase 2.1 @@\n+ ### Phase 2.1"),
        "{add:?}"
    );
    let warning =
        "Phase 2.1 depends on 9.9, which is not in the roadmap. Correct the id, or tick it";
    assert!(add.stderr.contains(warning), "{add:?}");
    let add = parsed(&project.invocation(["add", "--dry-run", "--json"]).input(new).run());
    keys(&add, "schema written edits");
    assert_eq!(add["written"], false);
    assert_eq!(project.repository.roadmap(), GARDEN);
    assert_eq!(project.orch_tui(["undo"]).code, Some(3), "nothing was done");

    let added = project.invocation(["add"]).input(new).run();
    assert_eq!(added.code, Some(0), "{added:?}");
    assert!(added.stderr.contains(warning) && !added.stderr.contains("1.2,"), "{added:?}");
    assert!(project.repository.roadmap().contains("### Phase 2.1"));
    let ticked = project.orch_tui(["tick", "1.1", "2"]).expect_success();
    assert_eq!(ticked, lines);
}

#[test]
fn while_an_app_drives_the_file_is_its_own() {
    let ready = GARDEN.replace("🔴 Blocked\n", "⚪ Not Started\n");
    let project = Project::with_roadmap(&ready, PATIENT_AGENT);
    let mut run = project.start(["run", "phase 1.2", "--yes"]);
    run.wait_for_line(|line| line.contains("patient on 1.2"), "the agent");
    for arguments in [["undo"], ["archive"]] {
        let refused = project.orch_tui(arguments);
        assert_eq!(refused.code, Some(6), "{refused:?}");
        let who = format!("(process {}) drives", run.pid());
        assert!(refused.stderr.contains(&who), "{refused:?}");
    }
    project.repository.write("go", "");
    assert_eq!(run.wait().code, Some(0));
}

#[test]
fn gardening_beside_a_driver_says_that_it_is_not_kept_for_undo() {
    let ready = GARDEN.replace("🔴 Blocked\n", "⚪ Not Started\n");
    let project = Project::with_roadmap(&ready, PATIENT_AGENT);
    let alone = project.orch_tui(["garden"]);
    assert_eq!((alone.code, alone.stderr.as_str()), (Some(0), ""), "{alone:?}");
    let mut run = project.start(["run", "phase 1.2", "--yes"]);
    run.wait_for_line(|line| line.contains("patient on 1.2"), "the agent");
    // The driver gardens what it sees, so it is held still while there is something to garden.
    run.signal(Signal::STOP);
    let blocked =
        "\n### Phase 1.4: Later\n\n- **Status:** 🔴 Blocked\n- **Depends On:** Phase 1.1\n";
    let text = project.repository.roadmap().replace("\n## Notes", &format!("{blocked}\n## Notes"));
    project.repository.write("roadmap.md", &text);
    let beside = project.orch_tui(["garden"]);
    run.signal(Signal::CONT);
    assert!(beside.stdout.starts_with("unblocked 1.4\n"), "{beside:?}");
    let why = format!("orch-tui (process {}) drives this repository", run.pid());
    assert!(beside.stderr.contains("not in the list that undo works through"), "{beside:?}");
    assert!(beside.stderr.contains(&why), "{beside:?}");
    project.repository.write("go", "");
    assert_eq!(run.wait().code, Some(0));
}

#[test]
fn a_change_that_can_not_be_kept_for_undo_is_told_as_made() {
    let project = project();
    for _ in 0..12 {
        project.orch_tui(["tick", "1.1"]).expect_success();
        project.orch_tui(["undo"]).expect_success();
    }
    // Nothing may grow beyond two kilobytes: the roadmap is shorter, the journal longer by now.
    let script = "trap '' XFSZ; ulimit -f 4; exec \"$0\" tick 1.1";
    let program = env!("CARGO_BIN_EXE_orch-tui");
    let bound = Invocation::program(&project.home, "/bin/sh", ["-c", script, program]);
    let outcome = bound.folder(project.repository.path()).run();
    assert_eq!(outcome.code, Some(5), "{outcome:?}");
    assert!(outcome.stderr.contains("the roadmap was changed, but"), "{outcome:?}");
    assert!(project.repository.roadmap().contains("- [x] forget"), "{outcome:?}");
}

#[test]
fn what_is_too_long_or_no_text_is_not_added_in_part() {
    let project = project();
    let phase = |n: usize| format!("### Phase 7.{n}: Long\n\n- **Status:** ⚪ Not Started\n\n");
    let whole: String = (1..).map(phase).take(90_000).collect();
    assert!(whole.len() > 4 * 1024 * 1024);
    project.repository.write("long.md", &whole);
    for (refused, name) in [
        (project.orch_tui(["add", "long.md"]), "long.md"),
        (project.invocation(["add"]).input(whole.into_bytes()).run(), "standard input"),
    ] {
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{}", refused.stderr);
        let why = format!("{name} is longer than 4 MiB, the most that is added at once");
        assert!(refused.stderr.contains(&why), "{}", refused.stderr);
    }
    let latin = b"### Phase 7.1: One\n\n- **Owner:** Zo\xeb\n".to_vec();
    let refused = project.invocation(["add"]).input(latin).run();
    assert_eq!(refused.code, Some(2), "{refused:?}");
    let why = "standard input is no UTF-8 text (line 3), so nothing was added: save it as UTF-8";
    assert!(refused.stderr.contains(why), "{refused:?}");
    let phase =
        |odd: &str| format!("### Phase 7.1: One\n\n- **Status:** Ready\n- **Why:** {odd}\n");
    for (odd, code) in [("\u{1b}[2J", "001B"), ("\u{9b}2J", "009B"), ("a\u{202e}b", "202E")] {
        project.repository.write("odd.md", &phase(odd));
        let why = format!(
            "line 4 of odd.md has the unprintable character U+{code}, so nothing was added: take it out and add it again"
        );
        for refused in
            [project.orch_tui(["add", "odd.md"]), project.orch_tui(["add", "odd.md", "--dry-run"])]
        {
            assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{refused:?}");
            assert!(refused.stderr.contains(&why), "{refused:?}");
        }
    }
    assert_eq!(project.repository.roadmap(), GARDEN);
    let tabs = format!("\u{feff}{}", phase("a\tb\r"));
    project.invocation(["add"]).input(tabs).run().expect_success();
    assert!(project.repository.roadmap().contains("\n- **Why:** a\tb\n"));
}

#[test]
fn ticking_where_there_are_no_tasks_says_so() {
    let project = project();
    let nothing = project.orch_tui(["tick", "1.2"]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(3), "phase 1.2 has no tasks\n"));
    project.orch_tui(["tick", "1.1"]).expect_success();
    let again = project.orch_tui(["tick", "1.1"]);
    assert_eq!((again.code, again.stdout.as_str()), (Some(3), "everything is ticked already\n"));
}
