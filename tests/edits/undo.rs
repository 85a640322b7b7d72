//! What gardening and mending wrote is taken back.

use serde_json::json;

use crate::support::command::Invocation;
use crate::support::project::{AGENT, Project};
use crate::{GARDEN, keys, parsed, project};

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
