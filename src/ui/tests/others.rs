//! The targets that are not on the screen, as the dashboard tells of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use super::scene::*;
use crate::domain::glance::{Access, Crowd, Glance};
use crate::domain::id::TargetId;
use crate::domain::orchestrator::Role;
use crate::ui::intent::{Arrival, Intent};

fn other(crowd: Crowd) -> Glance {
    Glance {
        target: TargetId::new("aurora"),
        path: PathBuf::from("/src/aurora"),
        about: None,
        access: Access::Open,
        progress: None,
        crowd,
        checkout: None,
    }
}

#[test]
fn without_another_target_there_is_nothing_to_go_to() {
    let o = unread(Role::Driver);
    let mut d = dashboard(120, 36);
    assert_eq!(keys(&mut d, &o, "t"), []);
    assert!(screen_text(&o, &d, (120, 36)).contains("there is no other target"));
}

#[test]
fn the_header_tells_who_is_at_work_and_who_needs_a_person_elsewhere() {
    let o = busy();
    let mut d = dashboard(160, 36);
    d.glanced(vec![other(Crowd { working: 2, left_alone: 2, ..Crowd::default() })]);
    assert!(screen_text(&o, &d, (160, 36)).contains("+2 at work in other targets"));
    d.glanced(vec![other(Crowd { waiting: 1, left_alone: 1, ..Crowd::default() })]);
    for size in [(160, 36), (120, 36), (80, 24)] {
        let screen = screen_text(&o, &d, size);
        assert!(screen.contains("! aurora needs you"), "{size:?}\n{screen}");
    }
    assert_eq!(keys(&mut d, &o, "t"), [Intent::Survey]);
}

#[test]
fn after_the_last_agent_that_needs_a_person_comes_another_target() {
    let o = unread(Role::Driver);
    let mut d = dashboard(120, 36);
    assert_eq!(keys(&mut d, &o, "!"), []);
    d.glanced(vec![other(Crowd { waiting: 1, ..Crowd::default() })]);
    let to = Intent::Switch(TargetId::new("aurora"), Arrival::Needy);
    assert_eq!(keys(&mut d, &o, "!"), [to]);
}

#[test]
fn leaving_asks_while_agents_of_another_target_work() {
    let o = unread(Role::Driver);
    let mut d = dashboard(120, 36);
    d.glanced(vec![other(Crowd { working: 1, left_alone: 1, ..Crowd::default() })]);
    assert_eq!(keys(&mut d, &o, "q"), []);
    let screen = screen_text(&o, &d, (120, 36));
    assert!(screen.contains("1 agent is still working, in another target."), "{screen}");
    d = dashboard(120, 36);
    d.glanced(vec![Glance {
        access: Access::Closed,
        ..other(Crowd { left_alone: 1, ..Crowd::default() })
    }]);
    assert_eq!(keys(&mut d, &o, "q"), [Intent::Quit], "nobody here looks after those");
}
