//! From a goal to a finished plan, and goals that are no plans.

use super::*;
use crate::domain::effect::StopKind;
use crate::domain::orchestrator::fake_world::life_of;
use crate::domain::roadmap::phase::Status;

#[test]
fn a_goal_becomes_a_plan_agents_work_a_gate_fails_and_the_plan_is_finished() {
    let mut app = App::start(ROADMAP, 2);
    app.goal("everything").sees(&["Plan", "1.1", "2.1", "start"]);
    assert_eq!(app.claimed(), [""; 0], "nothing starts before y");
    app.type_text("y");
    assert_eq!(app.claimed(), ["a-1.1.1", "a-1.2.1"]);
    app.answer().sees(&["a-1.1", "a-1.2"]);
    assert_eq!(app.world.status("1.1"), Some(Status::InProgress));
    let (first, second) = (life_of("1.1", 1), life_of("1.2", 1));
    assert_eq!(app.world.watched, std::slice::from_ref(&first));
    app.frame(&first, "reading the store", InputModes::default()).sees(&["reading the store"]);
    app.end(&first, Luck::Good).answer_with(Luck::Bad(2));
    assert_eq!(app.world.status("1.1"), Some(Status::InProgress), "its second try runs");
    assert_eq!(app.world.running(), [life_of("1.1", 2), second.clone()]);
    app.end(&second, Luck::Good).answer();
    assert_eq!(app.world.status("1.2"), Some(Status::Complete));
    assert_eq!(app.world.status("2.1"), Some(Status::Blocked));
    app.end(&life_of("1.1", 2), Luck::Good).answer();
    assert_eq!(app.world.status("1.1"), Some(Status::Complete));
    assert_eq!(app.world.running(), [life_of("2.1", 1)], "what waited for both has begun");
    app.end(&life_of("2.1", 1), Luck::Good).answer();
    assert_eq!(app.world.status("2.1"), Some(Status::Complete));
    assert!(app.finished());
    assert!(app.world.claims.is_empty() && app.world.hosts.is_empty());
    app.sees(&["3/3"]);
}

#[test]
fn escape_drops_the_plan_and_leads_back_to_the_goal() {
    let mut app = App::start(ROADMAP, 2);
    app.goal("phase 1.1").sees(&["start"]).press(KeyCode::Esc).sees(&["phase 1.1"]);
    assert!(app.orchestrator().draft().is_none());
    app.type_text("y");
    assert_eq!(app.claimed(), [""; 0], "y is a letter of the goal now");
}

#[test]
fn enter_starts_nothing_and_a_hasty_y_does_not_either() {
    let mut app = App::start(ROADMAP, 2);
    app.goal("phase 1.1").press(KeyCode::Enter);
    app.tell(Msg::Key(KeyEvent::new(KeyCode::Char('y'), KeyModifiers::NONE)));
    assert_eq!(app.claimed(), [""; 0]);
    app.type_text("y");
    assert_eq!(app.claimed(), ["a-1.1.1"]);
}

#[test]
fn a_phase_taken_out_of_the_plan_does_not_start() {
    let mut app = App::start(ROADMAP, 2);
    app.goal("batch 1").type_text(" y");
    assert_eq!(app.claimed(), ["a-1.2.1"]);
}

#[test]
fn stop_all_asks_about_all_and_holds() {
    let mut app = App::start(ROADMAP, 2);
    app.goal("batch 1").type_text("y").answer();
    app.goal("stop all").sees(&["Stop all 2 agents"]).press(KeyCode::Enter);
    assert_eq!(app.world.running().len(), 2, "Enter stops nothing");
    app.sees_no(&["Stop all"]).goal("stop all").type_text("y");
    let agents = [life_of("1.1", 1), life_of("1.2", 1)];
    let stops = agents.clone().map(|agent| Effect::Stop { agent, how: StopKind::Term });
    assert!(stops.iter().all(|stop| app.effects.contains(stop)), "{:?}", app.effects);
    for agent in &agents {
        app.end(agent, Luck::Good).answer();
    }
    assert_eq!(app.world.status("1.1"), Some(Status::NotStarted));
    assert_eq!(app.orchestrator().live_agents(), 0);
    assert!(app.orchestrator().run().held);
}

#[test]
fn stopping_a_phase_by_goal_asks_about_its_agent_only() {
    let mut app = App::start(ROADMAP, 2);
    app.goal("phase 1.1").type_text("y").answer();
    app.goal("stop 1.2").sees_no(&["Stop agent"]).sees(&["no such agent runs"]);
    app.goal("stop 1.1").sees(&["Stop agent", "a-1.1"]);
}

#[test]
fn other_goals_start_nothing() {
    let mut app = App::start(ROADMAP, 2);
    app.goal("help").sees(&["Help"]).press(KeyCode::Esc);
    app.goal("explain 2.1").sees(&["Pages", "Depends on"]).press(KeyCode::Esc);
    app.goal("status").sees(&["BROWSE", "Show the status"]);
    app.goal("list agents").sees(&["BROWSE"]);
    app.goal("stop all").sees(&["no agent runs"]);
    app.goal("zebra quantum accordion");
    assert_eq!(app.orchestrator().draft().map(|plan| plan.approved().phases.len()), Some(0));
    app.type_text("y").sees(&["ticked"]);
    assert!(app.world.tasks.is_empty() && app.world.journal.is_empty());
}

#[test]
fn a_pasted_goal_is_text_until_it_is_handed_in() {
    let mut app = App::start(ROADMAP, 2);
    app.paste("y\nphase 1.1").sees(&["GOAL", "phase 1.1"]);
    assert!(app.orchestrator().draft().is_none());
    assert!(app.effects.is_empty() && app.world.journal.is_empty());
}

#[test]
fn an_edited_prompt_is_what_the_agent_is_told() {
    let mut app = App::start(ROADMAP, 2);
    app.goal("phase 1.1").press(KeyCode::Char('e'));
    let [Effect::Preview(launches)] = &app.effects[..] else { panic!("{:?}", app.effects) };
    let launch = launches[0].clone();
    assert_eq!((launch.agent.clone(), launch.brief.prompt.clone()), (life_of("1.1", 1), None));
    let preview = crate::domain::preview::Preview {
        name: None,
        agent: launch.agent,
        phase: launch.phase.id,
        adapter: launch.adapter.name,
        argv: vec!["agent".into()],
        workspace: launch.workspace,
        env: Default::default(),
        prompt: "Task: phase 1.1 Store of Here\n\nbuild it\n".into(),
        retry: String::new(),
        problem: None,
    };
    app.report(Report::Rehearsed(crate::domain::report::Rehearsed::Launches(vec![preview])));
    app.sees(&["Prompt of 1.1", "build it"]).paste("Quickly. ").press(KeyCode::Esc);
    app.sees(&["edited: 1.1"]).type_text("y").answer();
    assert_eq!(app.world.running(), [life_of("1.1", 1)]);
    let told = app.world.launched.iter().map(|launch| launch.brief.prompt.clone());
    let told: Vec<_> = told.collect();
    assert_eq!(told, [Some("Quickly. build it".to_owned())]);
    app.end(&life_of("1.1", 1), Luck::Good).answer_with(Luck::Bad(1));
    let again = app.world.launched.last().unwrap();
    assert_eq!(again.agent, life_of("1.1", 2));
    assert!(again.brief.prompt.is_some() && again.brief.failure.is_some(), "kept for the next try");
}

#[test]
fn what_the_editor_gave_back_is_kept() {
    let mut app = App::start(ROADMAP, 2);
    app.goal("phase 1.1").tell(Msg::Prompt(crate::domain::id::PhaseId::new("1.1"), "mine".into()));
    app.sees(&["edited: 1.1"]);
    assert_eq!(app.claimed(), [""; 0]);
}
