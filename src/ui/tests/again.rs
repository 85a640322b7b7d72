//! What is seen of lives that did not succeed: when they go on by themselves, or what a person has to do.

use std::time::Duration;

use super::scene::*;
use crate::domain::agent::Outcome;
use crate::domain::command::Command;
use crate::domain::effect::StopKind;
use crate::domain::orchestrator::Orchestrator;
use crate::ui::intent::Intent;
use crate::ui::keys::{Pane, Question, Scope};

/// One waits for a limit, one for a person; nothing runs.
fn waiting() -> Orchestrator {
    let mut o = reading(&roadmap());
    let mut journal = Journal(Vec::new());
    journal.approved(&["3.2", "3.3"]);
    let until = Some(NOW.plus(Duration::from_secs(3_000)));
    let said = "5-hour limit reached".into();
    journal.failed("3.3", 761, Outcome::RateLimited { until, said });
    journal.failed("3.2", 362, Outcome::NeedsLogin("please run /login".into()));
    o.restore(&journal.0);
    o
}

#[test]
fn what_waits_says_until_when_and_what_needs_a_person_says_for_what() {
    let o = waiting();
    let mut d = dashboard(160, 40);
    d.agent.shown = Some(agent("3.2").id);
    let screen = screen_text(&o, &d, (160, 40));
    // The time of day has room in the narrow pane too.
    let waits = screen.lines().find(|line| line.contains("a-3.3") && line.contains("PEND"));
    let until = waits.and_then(|line| line.split("goes on ").nth(1)).unwrap_or_default();
    assert!(until.chars().take(5).all(|c| c.is_ascii_digit() || c == ':'), "{screen}");
    assert!(screen.contains("needs a log-in: log in with claude-stream, then r"), "{screen}");
    assert!(screen.contains("needs a log-in: please run /login"), "{screen}");
    assert!(d.needs_tick(&o), "the wait ends by itself");
}

#[test]
fn what_waits_is_given_up_without_a_question() {
    let o = waiting();
    let mut d = dashboard(160, 40);
    d.focus.pane = Pane::Agent;
    d.agent.shown = Some(agent("3.3").id);
    let stop = Command::Stop(agent("3.3").id, StopKind::Term);
    assert_eq!(keys(&mut d, &o, "x"), [Intent::Run(stop)]);
    d.agent.shown = Some(agent("3.2").id);
    assert_eq!(keys(&mut d, &o, "x"), []);
    assert!(d.overlay(&o).is_none(), "there is nothing to give up");
}

#[test]
fn leaving_while_one_waits_is_asked_about() {
    let o = waiting();
    let mut d = dashboard(120, 36);
    assert_eq!(keys(&mut d, &o, "q"), []);
    assert_eq!(d.overlay(&o).map(|overlay| overlay.scope()), Some(Scope::Ask(Question::Quit)));
    let screen = screen_text(&o, &d, (120, 36));
    assert!(screen.contains("one waits to begin again"), "{screen}");
}
