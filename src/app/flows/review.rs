//! Proven work waits for a person: looked at, sent back, merged, given up.

use super::*;
use crate::domain::agent::Stage;
use crate::domain::branch::{BranchOrder, BranchWork};
use crate::domain::id::AgentId;
use crate::domain::orchestrator::fake_world::life_of;
use crate::domain::roadmap::phase::Status;

/// Two agents have ended well and their work waits.
fn in_review() -> App {
    let mut app = App::start_apart(ROADMAP, 2);
    app.goal("batch 1").type_text("y").answer();
    app.end(&life_of("1.1", 1), Luck::Good).answer();
    app
}

fn works(app: &App) -> Vec<BranchWork> {
    let work = |effect: &Effect| match effect {
        Effect::Branch(order) => Some(BranchOrder::clone(order).work),
        _ => None,
    };
    app.effects.iter().filter_map(work).collect()
}

fn stage(app: &App, phase: &str) -> Stage {
    app.orchestrator().agent(&AgentId::new(format!("a-{phase}"))).unwrap().stage.clone()
}

#[test]
fn proven_work_calls_for_a_person_and_is_merged_by_two_keys() {
    let mut app = in_review();
    app.sees(&["a-1.1 needs you", "REVW", "proven 1/1: d shows what changed, m merges it"]);
    app.type_text("!").sees(&["3 a-1.1", "d what it changed  m merge"]);
    app.type_text("m");
    assert_eq!(works(&app), [BranchWork::Diff]);
    app.sees(&["Merge orch/1.1-1 (gates 1/1) into main?"]).answer();
    app.sees(&["Merge orch/1.1-1 (+4 -1, 3 files, gates 1/1) into main?"]);
    // The key that opened it does not confirm, nor does Enter.
    app.type_text("m").sees(&["into main?"]);
    app.press(KeyCode::Enter).sees_no(&["into main?"]);
    assert_eq!(stage(&app, "1.1"), Stage::Review("".into()));
    app.type_text("my").answer().sees_no(&["into main?", "needs you"]);
    assert_eq!(app.world.status("1.1"), Some(Status::Complete));
}

#[test]
fn enter_on_work_in_review_shows_what_changed_and_the_dialog_leads_there_too() {
    let mut app = in_review();
    app.type_text("2").press(KeyCode::Enter).answer();
    app.sees(&["orch/1.1-1 into main", "src/error.rs", "+119     DbError::Locked", "REVIEW"]);
    app.type_text("m").answer().sees(&["into main?"]).type_text("d").sees_no(&["into main?"]);
    app.sees(&["src/error.rs"]).type_text("my").answer();
    app.sees_no(&["src/error.rs"]);
    assert_eq!(app.world.status("1.1"), Some(Status::Complete));
}

#[test]
fn comments_go_back_to_the_agent_with_the_lines_they_are_about() {
    let mut app = in_review();
    app.type_text("!d").answer().type_text("R");
    app.sees(&["there is no comment to send"]);
    app.type_text("jjj").type_text("c").sees(&["Comment on src/error.rs:119", "COMMENT"]);
    app.type_text("also map Busyq").press(KeyCode::Backspace).press(KeyCode::Enter);
    app.sees(&["you: also map Busy", "1 comment: R sends"]);
    app.type_text("m").sees(&["1 comment not sent"]).press(KeyCode::Esc);
    // It outlives the diff it was written in.
    app.type_text("q").sees_no(&["also map Busy"]).type_text("d").answer();
    app.sees(&["you: also map Busy"]).type_text("R").answer();
    let launch = app.world.launched.last().unwrap();
    assert_eq!(launch.agent, life_of("1.1", 2));
    let said = launch.brief.failure.as_ref().unwrap().comments.as_deref();
    let expected = "src/error.rs:119: also map Busy\n    +    DbError::Locked => ApiError::retry_after(e, 1),\n";
    assert_eq!(said, Some(expected));
    app.end(&life_of("1.1", 2), Luck::Good).answer().type_text("!d").answer();
    app.sees_no(&["also map Busy"]);
}

#[test]
fn work_is_given_up_only_when_the_phase_is_typed() {
    let mut app = in_review();
    app.type_text("!d").answer().type_text("X").sees(&["Discard the work of a-1.1?"]);
    app.type_text("1.2").press(KeyCode::Enter).sees(&["That is not 1.1."]);
    assert_eq!(works(&app), []);
    app.press_with(KeyCode::Char('u'), KeyModifiers::CONTROL);
    app.type_text("1.1").press(KeyCode::Enter);
    assert_eq!(works(&app), [BranchWork::Discard]);
    app.answer().sees_no(&["Discard", "src/error.rs"]);
    assert!(app.world.repository.branches.values().all(|phase| phase.as_str() != "1.1"));
}

#[test]
fn what_can_t_be_merged_or_shown_says_why() {
    let mut app = in_review();
    app.type_text("2G").sees(&["›a-1.2"]).type_text("m");
    app.sees(&["a-1.2 has nothing to merge"]);
    // An agent at work has a branch to look at, and it can't be merged yet.
    app.type_text("d").answer().sees(&["src/error.rs"]).type_text("m");
    app.sees(&["a-1.2 is at work: it can be merged once its gates passed"]);
    assert_eq!(works(&app), []);
    // What git can't tell is told.
    app.type_text("qd").answer_all_badly().sees(&["the disk is full"]);
    let mut shared = App::start(ROADMAP, 2);
    shared.goal("batch 1").type_text("y").answer().type_text("3d");
    shared.sees(&["works in the target's own checkout"]);
    assert_eq!(works(&shared), []);
}

#[test]
fn the_wheel_scrolls_the_diff_and_nothing_below_it() {
    use crossterm::event::{MouseEvent, MouseEventKind};
    let mut app = in_review();
    app.type_text("!d").answer().sees(&["1/3 src/error.rs"]);
    let turn = |kind| MouseEvent { kind, column: 60, row: 9, modifiers: KeyModifiers::NONE };
    app.tell(Msg::Mouse(turn(MouseEventKind::ScrollDown)));
    // Three lines down: the one that was added.
    app.type_text("c").sees(&["Comment on src/error.rs:119"]).press(KeyCode::Esc);
    app.tell(Msg::Mouse(turn(MouseEventKind::ScrollUp)));
    app.type_text("c").sees(&["go to a line first"]);
}

#[test]
fn a_viewer_looks_and_decides_nothing() {
    let driver = in_review();
    let (journal, target) = (driver.world.journal.clone(), driver.world.target.clone());
    let mut world = FakeWorld::new(target, ROADMAP, driver.world.gates.clone());
    (world.journal, world.repository) = (journal, driver.world.repository.clone());
    let mut app = App::start_on(world, Role::Viewer { driver: 7 });
    app.type_text("2d");
    assert_eq!(works(&app), [BranchWork::Diff]);
    app.answer().sees(&["src/error.rs"]).type_text("jjcno").press(KeyCode::Enter);
    for key in ["R", "m", "X"] {
        app.type_text(key).sees(&["process 7 drives"]);
        assert_eq!(works(&app), [], "{key}");
    }
    app.sees(&["you: no"]);
}

#[test]
fn who_merges_is_chosen_in_the_plan() {
    let mut app = App::start_apart(ROADMAP, 2);
    app.goal("phase 1.1").sees(&["(*) review   ( ) auto"]).type_text("M");
    app.sees(&["( ) review   (*) auto"]).type_text("y").answer();
    app.end(&life_of("1.1", 1), Luck::Good).answer();
    assert_eq!(app.world.status("1.1"), Some(Status::Complete), "nobody was asked");
    let mut shared = App::start(ROADMAP, 2);
    shared.goal("phase 1.1").type_text("M").sees(&["nothing to merge"]);
}
