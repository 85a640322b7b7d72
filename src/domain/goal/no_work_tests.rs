#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use super::GoalInterpreter;
use super::interpretation::{GoalKind, Interpretation};
use crate::domain::roadmap::Roadmap;

const LANTERN: &str = include_str!("fixtures/lantern.md");

/// Phases whose names are orders, one about dependencies, one of tests, and a batch whose title says more.
const WORKSHOP: &str = "\
## Batch 1 (Security - Blocked by Batch 2)

### Phase 1.1: Remove the legacy API
- **Status:** ⚪ Not Started

### Phase 1.2: Reset password flow
- **Status:** ⚪ Not Started
- **Depends On:** Phase 1.1
- **Tasks:**
  - [ ] Delete stale tokens

### Phase 1.3: Unit Test Utilities & Helpers
- **Status:** ⚪ Not Started

## Batch 2 (Ground)

### Phase 2.1: Dependencies and licences
- **Status:** ⚪ Not Started

### Phase 2.2: Server Test Framework
- **Status:** ⚪ Not Started

### Phase 2.3: Stuck Detection & Escape Strategies
- **Status:** ⚪ Not Started

### Phase 2.4: Recovery Strategy Engine
- **Status:** ⚪ Not Started

### Phase 2.5: Memory Lifecycle (REM Sleep)
- **Status:** ⚪ Not Started
";

fn read(text: &str, goal: &str) -> Interpretation {
    let roadmap = Roadmap::parse(text.as_bytes().to_vec());
    GoalInterpreter::new(&roadmap, &BTreeSet::new()).interpret(goal)
}

fn ticked(found: &Interpretation) -> Vec<String> {
    let mut ids: Vec<_> = found.selected().cloned().collect();
    ids.sort();
    ids.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_no_work_is_answered_with_what_does_it() {
    for (goal, says) in [
        ("set 3.3 to blocked", "e opens the roadmap"),
        ("assign Bob Smith to 3.3", "e opens the roadmap"),
        ("assign an agent to 3.3", "e opens the roadmap"),
        ("remove phase 3.3 from the plan", "e opens the roadmap"),
        ("rename 3.3 to Foo", "e opens the roadmap"),
        ("unassign 3.3", "e opens the roadmap"),
        ("tick 3.3", "`orch-tui tick`"),
        ("check off 3.3", "`orch-tui tick`"),
        ("hold the HTTP router", "puts nothing off"),
        ("pause 3.3", "puts nothing off"),
        ("start 3.3 tomorrow", "cannot wait for a time"),
    ] {
        let found = read(LANTERN, goal);
        assert!(found.explanation.as_str().contains(says), "{goal}: {}", found.explanation);
        assert_eq!((found.kind, found.confidence), (GoalKind::Explain, 0.0), "{goal}");
        assert_eq!(found.matched[0].id.as_str(), "3.3", "{goal}");
        assert!(found.not_offered[0].reason.as_str().contains(says), "{goal}");
    }
    for goal in ["start Memory Lifecycle (REM Sleep) tomorrow", "hold Memory Lifecycle (REM Sleep)"]
    {
        let found = read(WORKSHOP, goal);
        assert_eq!(
            (found.kind, found.matched[0].id.as_str()),
            (GoalKind::Explain, "2.5"),
            "{goal}"
        );
    }
    let mixed = read(LANTERN, "rename 3.3 to Foo and run 3.2").explanation;
    assert!(mixed.as_str().contains("3.3 is left out: a goal changes nothing"), "{mixed}");
    let later = read(LANTERN, "batch 3 tomorrow").explanation;
    assert!(later.as_str().contains("nothing is ticked: orch-tui cannot wait"), "{later}");
}

#[test]
fn names_that_begin_with_such_a_word_are_names() {
    for (goal, ids) in [
        ("Remove the legacy API", &["1.1"][..]),
        ("remove the legacy api", &["1.1"]),
        ("Reset password flow", &["1.1", "1.2"]),
        ("reset password flow and 1.3", &["1.1", "1.2", "1.3"]),
        ("please run Remove the legacy API", &["1.1"]),
    ] {
        let found = read(WORKSHOP, goal);
        assert_eq!(ticked(&found), ids, "{goal}: {}", found.explanation);
    }
}

#[test]
fn dependencies_are_not_left_out_and_no_stranger_is() {
    for goal in ["1.2 without its dependencies", "1.2 but no dependencies"] {
        let found = read(WORKSHOP, goal);
        assert_eq!(ticked(&found), ["1.1", "1.2"], "{goal}: {}", found.explanation);
        assert_eq!(found.left_out, [], "{goal}");
        assert!(found.explanation.as_str().contains("must come first"), "{}", found.explanation);
    }
    for goal in ["1.2 without tests", "1.2 without the rest", "1.2, not the test framework"] {
        let found = read(WORKSHOP, goal);
        assert_eq!((ticked(&found).len(), found.left_out.len()), (2, 0), "{goal}");
    }
    let others = read(WORKSHOP, "everything except the test framework");
    assert_eq!(others.left_out[0].as_str(), "2.2");
}

#[test]
fn each_of_several_names_is_found() {
    for (goal, ids) in [
        ("recovery engine and stuck detection", &["2.3", "2.4"][..]),
        ("unit test utilities and server test framework", &["1.3", "2.2"]),
        ("2.4 and the unit test utilities", &["1.3", "2.4"]),
        ("2.4 and the unit tests", &["2.4"]),
    ] {
        let found = read(WORKSHOP, goal);
        assert_eq!(ticked(&found), ids, "{goal}: {}", found.explanation);
    }
}

#[test]
fn what_is_nearly_a_name_beside_a_name_is_listed() {
    let found = read(WORKSHOP, "build the recovery strategy engine and stuck detection");
    assert_eq!(ticked(&found), ["2.4"], "{}", found.explanation);
    assert_eq!(found.matched[1].id.as_str(), "2.3", "{}", found.explanation);
    let says = "“stuck detection” may mean 2.3, which is only listed";
    assert!(found.explanation.as_str().contains(says), "{}", found.explanation);
}

#[test]
fn words_are_told_under_the_field_they_hit() {
    let found = read(WORKSHOP, "delete the password tokens");
    let hit = found.matched.iter().find(|m| m.id.as_str() == "1.2").unwrap();
    let told: Vec<_> = hit
        .evidence
        .iter()
        .map(|e| (e.field.as_str(), e.words.iter().map(|w| w.as_str()).collect::<Vec<_>>()))
        .collect();
    assert_eq!(told, [("name", vec!["password"]), ("task", vec!["delete", "tokens"])]);
}

#[test]
fn words_of_a_title_list_the_batch_and_the_whole_title_ticks_it() {
    let found = read(WORKSHOP, "security");
    let ids: Vec<_> = found.matched.iter().map(|m| m.id.as_str()).collect();
    assert_eq!((ids, found.selected().count()), (vec!["1.1", "1.2", "1.3"], 0));
    assert!(found.explanation.as_str().contains("title of Batch 1"), "{}", found.explanation);
    let whole = read(WORKSHOP, "Security - Blocked by Batch 2");
    assert_eq!(ticked(&whole), ["1.1", "1.2", "1.3"], "{}", whole.explanation);
}

#[test]
fn an_order_the_dependencies_do_not_give_is_told() {
    let found = read(WORKSHOP, "1.1, then 1.3").explanation;
    assert!(found.as_str().contains("1.3 does not wait for 1.1"), "{found}");
    let found = read(WORKSHOP, "1.1, then 1.2").explanation;
    assert!(!found.as_str().contains("order follows"), "{found}");
    let found = read(WORKSHOP, "1.1 and its dependents");
    assert_eq!(ticked(&found), ["1.1", "1.2"], "{}", found.explanation);
}
