//! What an undo chooses, and what the journal keeps of it.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::domain::id::TargetId;
use crate::domain::journal::{Fact, QueueFact};
use crate::domain::journal_text::sentence;

/// A roadmap with the stack of what was written into it.
struct Desk {
    text: String,
    stack: UndoStack,
    held: BTreeSet<PhaseId>,
    /// What the journal was told last.
    last: Fact,
}

impl Desk {
    fn with(text: &str) -> Self {
        let (text, stack, held) = (text.to_owned(), UndoStack::default(), BTreeSet::new());
        Self { text, stack, held, last: Fact::Queue(QueueFact::Resumed) }
    }

    fn change(&mut self, change: RoadmapChange) -> Result<String, String> {
        let order = RoadmapOrder {
            target: TargetId::new("t"),
            agent: None,
            change,
            held: self.held.clone(),
        };
        let edits = order.change.edits(&Roadmap::parse(self.text.as_bytes()), &order.held)?;
        let after = Roadmap::parse(splice(self.text.as_bytes(), &edits));
        let record = record(&order, &edits, Some((Path::new("/r.md"), &after)));
        self.last = Fact::RoadmapEdited(record.clone());
        let line = serde_json::to_string(&record).unwrap();
        self.stack.take(&serde_json::from_str(&line).unwrap());
        self.text = String::from_utf8(after.bytes().to_vec()).unwrap();
        let undone = Undone::of(&order, &edits, &after);
        Ok(undone
            .map_or(String::new(), |undone| undone.revert.what() + &passed_over(&undone.passed)))
    }

    fn undo(&mut self) -> Result<String, String> {
        self.change(RoadmapChange::Revert(self.stack.of(Path::new("/r.md"))))
    }

    fn write(&mut self, old: &str, new: &str) {
        assert!(self.text.contains(old), "{old} in {}", self.text);
        self.text = self.text.replacen(old, new, 1);
    }
}

const TASKS: &str = "### Phase 1: n\n- **Status:** Ready\n- **Tasks:**\n  - [ ] a\n  - [ ] b\n\n\
                     ### Phase 2: m\n- **Status:** Ready\n- **Tasks:**\n  - [ ] c\n  - [ ] d\n";

fn tick_task(phase: &str, task: &str) -> RoadmapChange {
    RoadmapChange::TickTasks { phase: PhaseId::new(phase), task: Some(task.into()) }
}

#[test]
fn an_undo_passes_over_what_was_changed_since_and_does_not_offer_it_again() {
    let mut desk = Desk::with(TASKS);
    for (phase, task) in [("1", "a"), ("1", "b"), ("2", "c")] {
        desk.change(tick_task(phase, task)).unwrap();
    }
    desk.write("[x] c", "[-] c");
    desk.write("[x] b", "[ ] b");
    let told = desk.undo().unwrap();
    assert_eq!(told, "tick of 1; passed over tick of 2; tick of 1, changed since");
    assert_eq!(desk.text, TASKS.replace("[ ] c", "[-] c"));
    // Somebody writes what was passed over: by now it is theirs.
    desk.write("[-] c", "[x] c");
    desk.write("[ ] b", "[x] b");
    assert_eq!(desk.stack.of(Path::new("/r.md")), []);
    desk.change(tick_task("2", "d")).unwrap();
    assert_eq!(desk.undo().unwrap(), "tick of 2");
    assert!(desk.text.contains("[x] b") && desk.text.contains("[x] c"), "{}", desk.text);
}

#[test]
fn an_undo_says_why_nothing_can_be_taken_back_and_forgets_nothing() {
    let mut desk = Desk::with(TASKS);
    desk.change(tick_task("1", "a")).unwrap();
    desk.change(tick_task("2", "c")).unwrap();
    let written = desk.text.clone();
    desk.write("[x] a", "[x] other");
    desk.write("[x] c", "[ ] c");
    let text = desk.text.clone();
    let why = desk.undo().unwrap_err();
    assert_eq!(
        why,
        "What was written for phase 2 (line 10 then) has been changed since, so it can't be undone: change it by hand. \
         What is older can't be taken back either: tick of 1."
    );
    assert_eq!(desk.text, text);
    desk.text = written;
    assert_eq!(desk.undo().unwrap(), "tick of 2");
    assert_eq!(desk.undo().unwrap(), "tick of 1");
    assert_eq!(desk.text, TASKS);
}

#[test]
fn what_an_agent_works_on_is_passed_over_for_as_long() {
    let mut desk = Desk::with(TASKS);
    desk.change(tick_task("1", "a")).unwrap();
    desk.change(tick_task("2", "c")).unwrap();
    desk.held.insert(PhaseId::new("2"));
    assert_eq!(desk.undo().unwrap(), "tick of 1; passed over tick of 2, where an agent works");
    assert_eq!(desk.undo().unwrap_err(), "An agent works on phase 2: stop it first.");
    desk.held.clear();
    assert_eq!(desk.undo().unwrap(), "tick of 2");
    assert_eq!(desk.text, TASKS);
}

/// One of two that look alike is gone: the other one is not taken back for both.
#[test]
fn an_undo_is_never_half_made() {
    let text = "### Phase 1: n\n- **Status:** Ready\n- **Tasks:**\n  - [ ] a\n  - [ ] b\n  - [ ] a\n  - [ ] c\n";
    let mut desk = Desk::with(text);
    desk.change(RoadmapChange::TickTasks { phase: PhaseId::new("1"), task: None }).unwrap();
    let ticked = text.replace("[ ]", "[x]");
    assert_eq!(desk.text, ticked);
    for gone in ["  - [x] b\n  - [x] a\n", "  - [x] c\n"] {
        desk.text = ticked.replacen(gone, "", 1);
        let left = desk.text.clone();
        assert!(desk.undo().unwrap_err().contains("changed since"), "{gone}");
        assert_eq!(desk.text, left);
    }
    desk.text = text.replace("[ ]", "[x]").replacen("- [x] a\n  - [x] b\n", "", 1);
    assert!(desk.undo().is_err(), "{}", desk.text);
}

/// Phases with these numbers as they are added.
fn new_phases(numbers: std::ops::Range<u32>) -> RoadmapChange {
    let phase = |n| format!("### Phase 9.{n}: New\n\n- **Status:** Ready\n\n");
    RoadmapChange::Append { text: numbers.map(phase).collect(), proposal: None }
}

#[test]
fn all_phases_that_were_added_at_once_are_named() {
    let mut desk = Desk::with(TASKS);
    desk.change(new_phases(8..10)).unwrap();
    let said = sentence(&desk.last);
    assert!(said.starts_with("added 9.8, 9.9 (roadmap line "), "{said}");
    assert_eq!(desk.stack.of(Path::new("/r.md"))[0].what(), "append of 9.8, 9.9");
    desk.write("### Phase 9.9: New", "### Phase 9.9: Other");
    let why = desk.undo().unwrap_err();
    assert!(why.starts_with("What was written for phases 9.8, 9.9 (line "), "{why}");
    desk.write("### Phase 9.9: Other", "### Phase 9.9: New");
    // An agent on any of them is in the way, not on the first alone.
    desk.held.insert(PhaseId::new("9.9"));
    assert_eq!(desk.undo().unwrap_err(), "An agent works on phase 9.9: stop it first.");
    desk.held.clear();
    assert_eq!(desk.undo().unwrap(), "append of 9.8, 9.9");
    let said = sentence(&desk.last);
    assert!(said.starts_with("undid what was written for 9.8, 9.9 (roadmap line "), "{said}");
    assert_eq!(desk.text, TASKS);
    desk.change(new_phases(1..12)).unwrap();
    let named = "9.1, 9.2, 9.3, 9.4, 9.5, 9.6, 9.7, 9.8 and 3 more";
    assert!(sentence(&desk.last).starts_with(&format!("added {named} (roadmap line ")));
    assert_eq!(desk.undo().unwrap(), format!("append of {named}"));
    assert!(sentence(&desk.last).starts_with(&format!("undid what was written for {named} (")));
}
