//! A screen in front of hundreds of agents: what one message and one drawing cost.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use super::*;
use crate::domain::report::Pulse;
use crate::ui::tests::crowd::crowd;
use crate::ui::tests::scene::{NOW, agent};

/// The app with so many agents.
fn app(agents: usize) -> App {
    let setup = setup(2);
    let world = FakeWorld::new(setup.target.id.clone(), ROADMAP, setup.target.gates.clone());
    let mut app = App::open(Orchestrator::new(setup, Role::Driver), world);
    app.model.orchestrator = crowd(agents);
    app.model.now = NOW;
    app
}

/// Time that this thread has had of a processor: what else runs on the machine takes nothing of it.
fn spent() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// The least that some work took, of several tries.
fn least(mut work: impl FnMut()) -> Duration {
    let time = |()| {
        let begun = spent();
        work();
        spent() - begun
    };
    std::iter::repeat_n((), 5).map(time).min().unwrap()
}

/// What a hundred messages of an agent, and one drawing, cost.
fn costs(agents: usize, keys: &str) -> [Duration; 2] {
    let mut app = app(agents);
    app.type_text(keys);
    let pulse = || Pulse {
        last_output: NOW,
        events: 1,
        waiting: None,
        doing: "cargo test".into(),
        usage: crate::domain::agent::Usage::default(),
    };
    let told = least(|| {
        for _ in 0..100 {
            app.tell(Msg::Report(Report::Activity { agent: agent("1.1"), pulse: pulse() }));
        }
    });
    [told, least(|| app.draw())]
}

/// Eight times as many may cost eight times as much, and something for the noise of the machine; what goes over all
/// pairs would cost 64 times as much.
#[test]
fn costs_grow_with_the_agents_and_not_faster() {
    for keys in ["1", "2", "2 *", "a"] {
        let (few, many) = (costs(100, keys), costs(800, keys));
        for (what, (few, many)) in ["messages", "drawing"].iter().zip(few.iter().zip(many)) {
            assert!(many < *few * 24, "{what} after {keys:?}: {few:?} became {many:?}");
        }
    }
}

#[test]
fn frames_of_a_crowd_cost_nothing_that_grows() {
    let mut app = app(800);
    app.type_text("a");
    let watched = app.model.watched.clone();
    assert_eq!(watched.len(), 6, "the tiles of a page, whatever there is besides");
    app.effects.clear();
    for me in watched.clone() {
        app.frame(&me, "line", InputModes::default());
    }
    assert_eq!((app.effects.len(), &app.model.watched), (0, &watched));
    app.sees(&["GRID  800 agents", "page 1/134", "line"]);
    app.press(KeyCode::End).sees(&["page 134/134"]);
    let watch: Vec<_> = app.effects.iter().filter(|e| matches!(e, Effect::Watch(_))).collect();
    assert_eq!(watch, [&Effect::Watch(app.model.watched.clone())], "the others are let go");
    app.press(KeyCode::Esc).press(KeyCode::Enter);
}
