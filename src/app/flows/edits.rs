//! Gardening, mending and taking back, as a person sees them.

use super::*;
use crate::domain::journal::Fact;
use crate::domain::roadmap::phase::Status;

/// Phase 2.1 waits for nothing that is open.
const DONE: &str = "\
# Roadmap

### Phase 1.1: Store

- **Status:** ✅ Complete

### Phase 2.1: Pages

- **Status:** 🔴 Blocked
- **Depends On:** Phase 1.1

### Phase 2.2: Search

- **Status:** 🔄 In Progress
- **Depends On:** Phase 1.1, Phase 2.1 ✅
";

fn undone(app: &App) -> usize {
    let is_undo = |entry: &&Entry| match &entry.fact {
        Fact::RoadmapEdited(record) => record.why == "undo",
        _ => false,
    };
    app.world.journal.iter().filter(is_undo).count()
}

#[test]
fn gardening_is_taken_back_by_one_key_and_not_done_again() {
    let mut app = App::start(DONE, 1);
    app.answer();
    assert_eq!(app.world.status("2.1"), Some(Status::NotStarted));
    app.type_text("u").answer().sees(&["undid what was written for 2.1", "; R unblocks it"]);
    assert_eq!((app.world.file.as_deref(), undone(&app)), (Some(DONE), 1));
    // Whatever else is written, or however often it is read: it stays as the person wants it.
    app.edit(|world| {
        world.file = world.file.as_ref().map(|text| text.replace("Search", "Find"));
    });
    app.answer();
    assert_eq!(app.world.status("2.1"), Some(Status::Blocked));
    app.type_text("u").answer().sees(&["there is nothing to undo"]);

    // Started again, the app still knows.
    let mut app = App::start_on(app.world.clone(), Role::Driver);
    app.answer();
    assert_eq!(app.world.status("2.1"), Some(Status::Blocked));
    app.type_text("R").answer().sees(&["unblocked 2.1 (roadmap line 9); u undoes it"]);
    assert_eq!(app.world.status("2.1"), Some(Status::NotStarted), "a person asks");
    app.type_text("u").answer();
    assert_eq!(app.world.status("2.1"), Some(Status::Blocked), "and takes it back again");
    app.edit(|world| world.set_status("1.1", "🔄 In Progress"));
    app.answer();
    app.edit(|world| {
        world.file = world.file.as_ref().map(|text| text.replace("Pages", "Pages and lists"));
    });
    app.edit(|world| world.set_status("1.1", "✅ Complete"));
    app.answer();
    assert_eq!(app.world.status("2.1"), Some(Status::NotStarted), "its text changed");
}

#[test]
fn fixes_are_made_on_the_health_screen_and_taken_back_one_by_one() {
    let mut app = App::start(DONE, 1);
    app.answer().type_text("H").sees(&[
        "Health  roadmap.md",
        "stale tick",
        "in progress by nobody",
    ]);
    let gardened = app.world.file.clone();
    app.type_text("F").answer().sees(&["mended 2.2 (roadmap line 15); u undoes it"]);
    let mended = app.world.file.clone().unwrap();
    assert!(mended.contains("Phase 1.1 ✅, Phase 2.1\n"), "{mended}");
    app.type_text("u").answer();
    assert_eq!(app.world.file, gardened);
    app.type_text("u").answer();
    assert_eq!(app.world.file.as_deref(), Some(DONE));
    app.press(KeyCode::Enter).sees(&["2.1 in roadmap.md"]).press(KeyCode::Esc).sees(&["Health"]);
    app.press(KeyCode::Esc).sees_no(&["Health  roadmap.md"]);
}

#[test]
fn an_undo_passes_over_what_was_changed_since() {
    let mut app = App::start(DONE, 1);
    app.answer().type_text("H").type_text("F").answer();
    app.edit(|world| {
        world.file = world.file.as_ref().map(|text| text.replace("1.1 ✅, Phase 2.1", "1.1 ✅"));
    });
    app.answer().type_text("u").answer().sees(&[
        "undid what was written for 2.1 (roadmap line 9)",
        "passed over fix of 2.2, changed since",
    ]);
    assert_eq!(app.world.status("2.1"), Some(Status::Blocked), "and it stays so");
    app.edit(|world| {
        world.file = world.file.as_ref().map(|text| text.replace("Search", "Find"));
    });
    app.answer().type_text("u").answer().sees(&["there is nothing to undo"]);
    assert_eq!((app.world.status("2.1"), undone(&app)), (Some(Status::Blocked), 1));
}

#[test]
fn an_edit_under_an_agent_is_not_taken_back() {
    let mut app = App::start(DONE, 1);
    app.answer().goal("phase 2.1").type_text("y").answer();
    assert_eq!(app.world.running().len(), 1);
    let before = app.world.file.clone();
    app.type_text("u").answer().sees(&["An agent works on phase 2.1: stop it first."]);
    assert_eq!((&app.world.file, undone(&app)), (&before, 0));
}

#[test]
fn a_viewer_takes_nothing_back() {
    let mut app = App::start(DONE, 1);
    app.answer();
    let world = app.world.clone();
    let mut viewer = App::start_on(world, Role::Viewer { driver: 7 });
    viewer.type_text("u").answer().sees(&["only looking: process 7 drives"]);
    assert_eq!(viewer.world.status("2.1"), Some(Status::NotStarted));
}
