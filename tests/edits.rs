//! Changing the roadmap from the command line, and taking it back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

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
fn health_mends_what_can_only_be_mended_after_the_rest_as_well() {
    let list = "- **Depends On:** Phase 1.1, 1.2 ✅\n";
    let text = format!(
        "### Phase 1.1: a\n- **Status:** ✅ Complete\n### Phase 1.2: b\n- **Status:** ⚪ Not Started\n\
         ### Phase 1.3: c\n- **Status:** 🔴 Blocked\n{list}{list}"
    );
    let project = Project::with_roadmap(&text, AGENT);
    let fixed = project.orch_tui(["health", "--fix"]).expect_success();
    assert!(
        fixed.starts_with("mended 2 lines; `orch-tui undo`, 2 times, takes it back\n"),
        "{fixed}"
    );
    assert!(!fixed.contains("(--fix does it)"), "{fixed}");
    let mended = text.replacen(list, "", 1).replace("1.1, 1.2 ✅", "1.1 ✅, 1.2");
    assert_eq!(project.repository.roadmap(), mended);
    project.orch_tui(["undo"]).expect_success();
    project.orch_tui(["undo"]).expect_success();
    assert_eq!(project.repository.roadmap(), text);
}

#[test]
fn health_mends_what_needs_no_person_and_undo_takes_it_back() {
    let project = project();
    let fixed = project.orch_tui(["health", "--fix"]);
    assert!(
        fixed.stdout.starts_with("mended 2 lines; `orch-tui undo` takes it back\n"),
        "{fixed:?}"
    );
    assert!(fixed.stdout.contains("+ - **Depends On:** Phase 1.1 ✅, Phase 1.2\n"), "{fixed:?}");
    assert!(fixed.stdout.contains("info: Phase 1.1 is complete with 1 of 2 tasks open."));
    let after = GARDEN
        .replace("🔴 Blocked\n", "⚪ Not Started\n")
        .replace("Phase 1.1 ✅, Phase 1.2 ✅", "Phase 1.1 ✅, Phase 1.2");
    assert_eq!(project.repository.roadmap(), after);
    let again = project.orch_tui(["health", "--fix"]).expect_success();
    assert!(again.starts_with("nothing to mend without a person\n"), "{again}");

    let undone = project.orch_tui(["undo", "--json"]);
    let undone = parsed(&undone);
    keys(&undone, "schema undone passed_over edits");
    assert_eq!((&undone["undone"], undone["edits"].as_array().unwrap().len()), (&json!("fix"), 2));
    assert_eq!(project.repository.roadmap(), GARDEN);
    let nothing = project.orch_tui(["undo"]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(3), ""));
    assert!(nothing.stderr.contains("there is nothing to undo"), "{nothing:?}");

    let health = parsed(&project.orch_tui(["health", "--fix", "--json"]));
    keys(&health, "schema edits findings");
    assert_eq!(health["edits"].as_array().unwrap().len(), 2);
    keys(&health["findings"][0], "kind severity phase line message fix change safe");
    assert_eq!(health["findings"][0]["change"], "tick");
}

#[test]
fn what_undo_does_not_know_of_is_not_promised_back() {
    let archived = format!("{GARDEN}\n### Phase 1.4: Done\n\n- **Status:** ✅ Complete\n");
    for (roadmap, command) in [(GARDEN, &["health", "--fix"][..]), (&archived, &["archive"])] {
        let project = Project::with_roadmap(roadmap, AGENT);
        let stateless = |arguments: &[&str]| {
            let of = Invocation::orch_tui(&project.home, arguments.iter().copied());
            of.folder(project.repository.path()).variable("XDG_STATE_HOME", "/dev/null/x").run()
        };
        let changed = stateless(command);
        assert_ne!(project.repository.roadmap(), roadmap, "{changed:?}");
        assert!(!changed.stdout.contains("orch-tui undo"), "{changed:?}");
        assert!(
            changed.stderr.contains("is not in the list that undo works through"),
            "{changed:?}"
        );
        assert!(stateless(&["undo"]).stderr.contains("nothing to undo"));
    }
}

#[test]
fn undo_goes_further_back_each_time_and_minds_what_others_wrote() {
    let project = project();
    project.orch_tui(["garden"]).expect_success();
    let gardened = project.repository.roadmap();
    let task = "forget\u{1b}[2J";
    let printed = project.orch_tui(["tick", "1.1"]).expect_success();
    assert!(printed.contains("+   - [x] forget\u{241b}[2J\n"), "{printed:?}");
    assert_eq!(project.repository.roadmap(), gardened.replace("[ ] forget", "[x] forget"));
    assert_eq!(project.orch_tui(["tick", "1.1", task]).code, Some(3), "ticked already");

    // Somebody writes elsewhere in the file: that stays.
    let moved = format!("# New title\n\n{}", project.repository.roadmap());
    project.repository.write("roadmap.md", &moved);
    project.orch_tui(["undo"]).expect_success();
    assert_eq!(project.repository.roadmap(), format!("# New title\n\n{gardened}"));
    let undone = project.orch_tui(["undo"]).expect_success();
    assert!(
        undone.contains("undid garden of 1.2\n") && undone.contains("leaves it so"),
        "{undone}"
    );
    assert_eq!(project.repository.roadmap(), format!("# New title\n\n{GARDEN}"));

    // And where somebody wrote what is to be undone, and nothing is older, nothing happens.
    project.orch_tui(["garden"]).expect_success();
    let taken = project.repository.roadmap().replace("⚪ Not Started", "🔄 In Progress");
    project.repository.write("roadmap.md", &taken);
    let refused = project.orch_tui(["undo"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("has been changed since"), "{refused:?}");
    assert_eq!(project.repository.roadmap(), taken);
}

#[test]
fn undo_passes_over_what_others_wrote_since_and_goes_on() {
    let project = project();
    project.orch_tui(["garden"]).expect_success();
    project.orch_tui(["tick", "1.1"]).expect_success();
    let untidy = project.repository.roadmap().replace("[x] forget", "[-] forget");
    project.repository.write("roadmap.md", &untidy);
    let undone = project.orch_tui(["undo"]).expect_success();
    assert!(
        undone.starts_with("undid garden of 1.2; passed over tick of 1.1, changed since\n"),
        "{undone}"
    );
    let blocked = GARDEN.replace("[ ] forget", "[-] forget");
    assert_eq!(project.repository.roadmap(), blocked);
    // The tick is history, even where the file reads again as it left it.
    let ticked = GARDEN.replace("[ ] forget", "[x] forget");
    project.repository.write("roadmap.md", &ticked);
    let nothing = project.orch_tui(["undo"]);
    assert_eq!(nothing.code, Some(3), "{nothing:?}");
    assert_eq!(project.repository.roadmap(), ticked);

    // What can't be taken back now is offered for as long as nothing older is.
    project.orch_tui(["garden"]).expect_success();
    for phase in ["2.1", "2.2"] {
        let new = format!("# Phase {phase}: Search\n\n- **Status:** Not Started\n");
        project.invocation(["add"]).input(new).run().expect_success();
    }
    let added = project.repository.roadmap();
    project.repository.write("roadmap.md", "# Another branch\n");
    let refused = project.orch_tui(["undo"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let older = "What is older can't be taken back either: append of 2.1; garden of 1.2.";
    assert!(refused.stderr.contains(older), "{refused:?}");
    assert_eq!(project.repository.roadmap(), "# Another branch\n");
    project.repository.write("roadmap.md", &added.replace("2.2: Search", "2.2: Find"));
    let undone = parsed(&project.orch_tui(["undo", "--json"]));
    assert_eq!(undone["undone"], "append");
    assert_eq!(undone["passed_over"], json!([{"change": "append of 2.2", "why": "changed"}]));
    let left = added.replace("2.2: Search", "2.2: Find");
    let left = left.replace("### Phase 2.1: Search\n\n- **Status:** ⚪ Not Started\n\n", "");
    assert_eq!(project.repository.roadmap(), left);
    project.orch_tui(["undo"]).expect_success();
    assert_eq!(project.repository.roadmap(), left.replacen("⚪ Not Started", "🔴 Blocked", 1));
}

#[test]
fn what_was_undone_is_not_gardened_by_a_run() {
    let project = project();
    project.orch_tui(["garden"]).expect_success();
    project.orch_tui(["undo"]).expect_success();
    let run = project.orch_tui(["run", "phase 1.2", "--yes"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert_eq!(project.repository.roadmap(), GARDEN);
    let changed = GARDEN.replace("Router", "Router and more");
    project.repository.write("roadmap.md", &changed);
    project.orch_tui(["run", "phase 1.2", "--yes"]).expect_success();
}

#[test]
fn what_was_undone_is_left_alone_by_a_rehearsal_too() {
    let feed = "### Phase 1.4: Feed\n\n- **Status:** ⚪ Not Started\n\n## Notes";
    let project = Project::with_roadmap(&GARDEN.replace("## Notes", feed), AGENT);
    project.orch_tui(["garden"]).expect_success();
    project.orch_tui(["undo"]).expect_success();
    let goal = ["run", "1.2 and 1.4", "--dry-run"];
    let told = project.orch_tui(goal).expect_success();
    let why = "1.2  Router: its unblocking was undone; R or `orch-tui garden` unblocks it";
    assert!(told.contains(why) && !told.contains("gardener:"), "{told}");
    let event = parsed(&project.orch_tui([goal[0], goal[1], goal[2], "--json"]));
    assert_eq!(event["garden"], json!([]), "{event}");
    let status = project.orch_tui(["status"]).expect_success();
    assert!(status.contains("its unblocking was undone"), "{status}");
    let status = project.orch_tui(["status", "--json"]).expect_success();
    assert!(status.contains("its unblocking was undone"), "{status}");
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
