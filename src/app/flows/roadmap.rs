//! The roadmap changes under the app's feet.

use super::*;
use crate::domain::orchestrator::fake_world::life_of;
use crate::domain::roadmap::phase::Status;

#[test]
fn a_plan_is_asked_again_when_the_roadmap_changed_before_y() {
    let mut app = App::start(ROADMAP, 2);
    app.goal("batch 1").edit(|world| world.set_status("1.1", "✅ Complete")).type_text("y");
    assert_eq!(app.claimed(), [""; 0]);
    app.sees(&["the roadmap changed", "start"]).type_text("y");
    assert_eq!(app.claimed(), ["a-1.2.1"]);
}

#[test]
fn a_roadmap_that_vanishes_and_comes_back_stops_nothing() {
    let mut app = App::start(ROADMAP, 1);
    app.goal("batch 1").type_text("y").answer();
    let mut gone = None;
    std::mem::swap(&mut gone, &mut app.world.file);
    app.edit(|_| {}).sees(&["there is no roadmap file"]);
    app.end(&life_of("1.1", 1), Luck::Bad(6));
    assert!(!app.finished());
    app.world.file = gone;
    app.edit(|_| {}).answer().sees_no(&["there is no roadmap file"]);
    assert_eq!(app.world.running().len(), 1, "work goes on");
    assert!(!app.finished());
}

#[test]
fn no_roadmap_at_all_is_said_and_a_goal_gives_no_plan() {
    let mut app = App::start(ROADMAP, 1);
    let mut world = app.world.clone();
    world.file = None;
    app = App::start_on(world, Role::Driver);
    app.sees(&["write a starter"]).goal("everything").type_text("y");
    assert!(app.orchestrator().draft().is_none());
    assert!(app.world.journal.is_empty() && app.world.tasks.is_empty());
}

#[test]
fn what_a_person_completes_unblocks_what_waits_for_it() {
    let mut app = App::start(ROADMAP, 1);
    app.edit(|world| {
        world.set_status("1.1", "✅ Complete");
        world.set_status("1.2", "✅ Complete");
    });
    app.answer();
    assert_eq!(app.world.status("2.1"), Some(Status::NotStarted));
    assert!(app.world.tasks.is_empty(), "unblocking starts nobody");
    app.goal("next").type_text("y");
    assert_eq!(app.claimed(), ["a-2.1.1"]);
}

#[test]
fn a_phase_deleted_under_its_agent_ends_without_harm() {
    let mut app = App::start(ROADMAP, 1);
    app.goal("phase 1.1").type_text("y").answer();
    app.edit(|world| world.delete("1.1"));
    app.end(&life_of("1.1", 1), Luck::Good).answer();
    assert!(app.finished());
    assert!(app.world.claims.is_empty() && app.world.hosts.is_empty());
    app.sees(&["a-1.1"]);
}
