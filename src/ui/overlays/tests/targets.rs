//! The targets: where each stands, and what leads to them.

use super::*;
use crate::domain::agent::{Exit, ExitCause};
use crate::domain::glance::{Access, Checkout, Crowd, Glance, LeftBehind, Progress};
use crate::ui::intent::Arrival;

fn glance(target: &str, access: Access) -> Glance {
    Glance {
        target: TargetId::new(target),
        path: PathBuf::from(format!("/src/{target}")),
        about: (target == "aurora").then(|| "Northern lights, by the hour".into()),
        access,
        progress: None,
        crowd: Crowd::default(),
        checkout: None,
        trouble: None,
    }
}

fn glances() -> Vec<Glance> {
    let checkout = |branch: &str, dirty| Some(Checkout { branch: branch.into(), dirty });
    vec![
        Glance {
            progress: Some(Progress { complete: 3, phases: 22 }),
            crowd: Crowd {
                working: 2,
                waiting: 1,
                left_alone: 3,
                proposals: 1,
                ..Crowd::default()
            },
            checkout: checkout("main", 2),
            ..glance("aurora", Access::Open)
        },
        glance("ghost", Access::Unusable("the directory `/src/ghost` does not exist.".into())),
        Glance {
            progress: Some(Progress { complete: 40, phases: 56 }),
            checkout: checkout("feature/\u{1b}[31mred", 0),
            ..glance("self", Access::Closed)
        },
        Glance { checkout: checkout("main", 0), ..glance("zephyr", Access::Elsewhere) },
    ]
}

#[test]
fn the_targets_are_listed_with_the_one_that_is_shown() {
    let o = orchestrator();
    let mut targets = Overlay::targets(&glances(), None);
    insta::assert_snapshot!("targets-80x24", drawn(&targets, &o, (80, 24)));
    insta::assert_snapshot!("targets-120x36", drawn(&targets, &o, (120, 36)));
    let to =
        |target: &str| Answer::CloseAnd(vec![Intent::Switch(TargetId::new(target), Arrival::Look)]);
    assert_eq!(targets.clone().key(code(KeyCode::Enter), &o, NOW), to("aurora"));
    targets.key(key('j'), &o, NOW);
    let told = targets.key(code(KeyCode::Enter), &o, NOW);
    let Answer::Say(why) = told else { panic!("{told:?}") };
    assert!(why.starts_with("ghost: ") && why.contains("does not exist"), "{why}");
    targets.key(key('G'), &o, NOW);
    assert_eq!(targets.key(code(KeyCode::Enter), &o, NOW), to("zephyr"));
    targets.key(key('k'), &o, NOW);
    assert_eq!(targets.key(code(KeyCode::Enter), &o, NOW), Answer::Close, "it is here");
    assert_eq!(targets.key(code(KeyCode::Esc), &o, NOW), Answer::Close);
}

#[test]
fn the_target_under_the_cursor_is_closed_and_the_list_stays() {
    let o = orchestrator();
    let mut targets = Overlay::targets(&glances(), None);
    let close = |target: &str| Answer::Do(vec![Intent::Close(TargetId::new(target))]);
    assert_eq!(targets.key(key('x'), &o, NOW), close("aurora"));
    targets.key(key('j'), &o, NOW);
    assert_eq!(targets.key(key('x'), &o, NOW), close("ghost"));
}

#[test]
fn the_cursor_stays_on_its_target_while_more_becomes_known() {
    let o = orchestrator();
    let mut targets = Overlay::targets(&glances()[2..], None);
    targets.key(key('j'), &o, NOW);
    targets.key(key('j'), &o, NOW);
    targets.glanced(&glances());
    let to = Intent::Switch(TargetId::new("zephyr"), Arrival::Look);
    assert_eq!(targets.key(code(KeyCode::Enter), &o, NOW), Answer::CloseAnd(vec![to]));
}

#[test]
fn a_goal_is_taken_along() {
    let o = orchestrator();
    let mut targets = Overlay::targets(&glances(), Some("the API batch".into()));
    assert!(drawn(&targets, &o, (80, 24)).contains("plan \"the API batch\" for another one"));
    let goal = Arrival::Goal("the API batch".into());
    let to = Intent::Switch(TargetId::new("aurora"), goal);
    // And does not wait here for a slip.
    let there = vec![Intent::Run(Command::DropPlan), to];
    assert_eq!(targets.key(code(KeyCode::Enter), &o, NOW), Answer::CloseAnd(there));
}

#[test]
fn leaving_tells_of_comments_that_were_not_sent() {
    let o = Orchestrator::new(setup(), Role::Driver);
    let dialog = drawn(&Overlay::quit(Behind { comments: 2, ..Behind::default() }), &o, (80, 24));
    for said in ["Leave what you wrote?", "2 comments in diffs not sent", "quit without it"] {
        assert!(dialog.contains(said), "{said}: {dialog}");
    }
    assert!(!dialog.contains("SIGTERM"), "there is nobody to stop: {dialog}");
}

#[test]
fn leaving_tells_of_agents_in_other_targets() {
    let o = orchestrator();
    let dialog = drawn(&Overlay::quit(Behind { working: 2, ..Behind::default() }), &o, (80, 24));
    assert!(dialog.contains("3 agents are still working, 2 of them in other targets."), "{dialog}");
    let dialog = drawn(&Overlay::quit(Behind { unjudged: 1, ..Behind::default() }), &o, (80, 24));
    assert!(dialog.contains("1 agent is still working."), "{dialog}");
    assert!(dialog.contains("1 more is judged once orch-tui is open again"), "{dialog}");
}

#[test]
fn leaving_while_only_gates_run_says_that_they_run_again() {
    let mut o = orchestrator();
    let mut entries = journal();
    let exit = Exit {
        cause: ExitCause::Own,
        code: Some(0),
        signal: None,
        said: None,
        session: None,
        survivors: 0,
        usage: Default::default(),
        at: NOW,
    };
    entries.push(Entry { at: NOW, fact: Fact::Stopped { agent: me(), exit, unanswered: None } });
    o.restore(&entries);
    let left = LeftBehind::of(&o);
    assert_eq!(left, LeftBehind { running: 0, unjudged: 1 });
    let dialog = drawn(&Overlay::quit(Behind::default()), &o, (80, 24));
    assert!(dialog.contains("No agent runs, but the work of 1 is still being judged."), "{dialog}");
    assert!(dialog.contains("it is judged once orch-tui is open again"), "{dialog}");
    assert!(!dialog.contains("keeps running"), "{dialog}");
    assert_eq!(left.sentence("orch-tui"), "the work of 1 agent is judged once `orch-tui` is open");
    let both = LeftBehind { running: 2, unjudged: 1 };
    let said = "2 agents go on; `orch-tui` shows them again and judges the work of 1 more";
    assert_eq!(both.sentence("orch-tui"), said);
}

#[test]
fn why_a_target_is_broken_is_told_whole() {
    let o = orchestrator();
    let why = format!(
        "config/targets.yaml, line 7: {}; then press Enter once more",
        "so it goes on, ".repeat(11)
    );
    let broken = glance("ghost", Access::Unusable(why.as_str().into()));
    let mut targets = Overlay::targets(&[broken], None);
    targets.key(key('g'), &o, NOW);
    let screen = drawn(&targets, &o, (80, 24));
    assert!(screen.contains("then press Enter") && screen.contains(" once more"), "{screen}");
    let told = targets.key(code(KeyCode::Enter), &o, NOW);
    assert_eq!(told, Answer::Say(format!("ghost: {why}")));
}
