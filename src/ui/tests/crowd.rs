//! Many agents at once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::scene::*;
use crate::domain::agent::Outcome;
use crate::domain::orchestrator::Orchestrator;
use crate::ui::dashboard::waiting;

/// So many agents on as many phases, in all states that there are many of, and as many phases that wait.
pub fn crowd(count: usize) -> Orchestrator {
    let mut text = String::from("# Roadmap\n\n## Batch 1: Crowd\n\n");
    for n in 1..=2 * count {
        text.push_str(&format!("### Phase 1.{n}: Part {n}\n- **Status:** ⚪ Not Started\n\n"));
    }
    let mut o = reading(&text);
    let mut journal = Journal(Vec::new());
    let ids: Vec<String> = (1..=2 * count).map(|n| format!("1.{n}")).collect();
    journal.approved(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    for (n, id) in ids.iter().take(count).enumerate() {
        match n % 10 {
            8 => journal.failed(id, 300, Outcome::Failed("gate tests: exit code 101".into())),
            9 => journal.verifying(id, 300),
            _ => journal.running(id, 300),
        }
    }
    o.restore(&journal.0);
    for (n, id) in ids.iter().take(count).enumerate().filter(|(n, _)| n % 10 < 8) {
        let asks = (n % 50 == 7).then_some("which of both?");
        pulse(&mut o, id, "cargo test", asks);
    }
    o
}

#[test]
fn who_needs_a_person_comes_first_and_the_header_says_who() {
    let mut o = crowd(200);
    let d = dashboard(120, 36);
    // Of those that ask, 1.108 has been silent for longest.
    pulse_at(&mut o, "1.8", 50);
    pulse_at(&mut o, "1.58", 70);
    pulse_at(&mut o, "1.108", 90);
    pulse_at(&mut o, "1.158", 60);
    let ids = |agents: Vec<&crate::domain::agent::Agent>| -> Vec<String> {
        agents.iter().take(5).map(|agent| agent.me().id.to_string()).collect()
    };
    let order = ["a-1.108", "a-1.58", "a-1.158", "a-1.8"];
    assert_eq!(ids(o.agents(NOW))[..4], order);
    assert_eq!(ids(o.agents(NOW))[4], "a-1.9", "then those that failed");
    assert_eq!(ids(waiting(&o, NOW)), order, "the same as the next ones that need you");
    let screen = screen_text(&o, &d, (200, 60));
    assert!(screen.contains("! 4 agents wait for you  a-1.108 a-1.58 a-1.158 +1"), "{screen}");
    let narrow = screen_text(&o, &d, (80, 24));
    assert!(narrow.contains("! 4 agents wait for you"), "{narrow}");
}
