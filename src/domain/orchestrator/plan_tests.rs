//! What a plan starts, and when it is asked again.

use super::tests::{Bench, claims};
use crate::domain::command::{Command, PlanEdit};
use crate::domain::id::PhaseId;
use crate::domain::plan::Mode;

#[test]
fn a_batch_never_starts_what_was_unticked_or_left_out() {
    let mut bench = Bench::new(4);
    bench.command(Command::Interpret("everything".into()));
    bench.command(Command::EditPlan(PlanEdit::Toggle(PhaseId::new("1.2"))));
    assert_eq!(bench.o.draft().unwrap().mode, Mode::Batch);
    assert_eq!(claims(&bench.command(Command::ApprovePlan)), ["a-1.1.1"]);
    let mut bench = Bench::new(4);
    bench.command(Command::Interpret("everything except 1.2".into()));
    bench.command(Command::EditPlan(PlanEdit::Mode(Mode::Batch)));
    assert_eq!(claims(&bench.command(Command::ApprovePlan)), ["a-1.1.1"]);
    let mut bench = Bench::new(4);
    bench.command(Command::Interpret("1.1".into()));
    bench.command(Command::EditPlan(PlanEdit::Mode(Mode::Batch)));
    assert_eq!(bench.o.draft().unwrap().notes.further, ["1.2", "1.3"].map(PhaseId::new));
    assert_eq!(claims(&bench.command(Command::ApprovePlan)), ["a-1.1.1", "a-1.2.1"]);
}

#[test]
fn what_a_ticked_phase_waits_for_by_now_goes_in_with_it() {
    let mut bench = Bench::new(2);
    bench.command(Command::Interpret("1.1".into()));
    let text = String::from_utf8(bench.file.clone()).unwrap().replacen(
        "- **Done When:**",
        "- **Depends On:** Phase 1.2\n- **Done When:**",
        1,
    );
    bench.file = text.into_bytes();
    bench.read();
    assert_eq!(claims(&bench.command(Command::ApprovePlan)), Vec::<String>::new());
    let moved: Vec<_> = bench.o.draft().unwrap().notes.moved.iter().map(|m| m.as_str()).collect();
    assert!(moved.contains(&"1.1 waits for 1.2 now"), "{moved:?}");
    assert_eq!(claims(&bench.command(Command::ApprovePlan)), ["a-1.2.1"]);
}

#[test]
fn a_plan_is_asked_again_when_the_roadmap_changed_what_it_holds() {
    let mut bench = Bench::new(2);
    bench.command(Command::Interpret("batch 1".into()));
    let text = String::from_utf8(bench.file.clone()).unwrap();
    bench.file = text.replacen("⚪ Not Started", "✅ Complete", 1).into_bytes();
    bench.read();
    assert_eq!(claims(&bench.command(Command::ApprovePlan)), Vec::<String>::new());
    assert!(bench.o.draft().is_some(), "the plan is shown again");
    assert_eq!(claims(&bench.command(Command::ApprovePlan)), ["a-1.2.1"]);
}

#[test]
fn an_unrelated_change_of_the_roadmap_does_not_ask_again() {
    let mut bench = Bench::new(2);
    bench.command(Command::Interpret("batch 1".into()));
    bench.file = [b"A remark.\n\n".as_slice(), &bench.file].concat();
    bench.read();
    assert_eq!(claims(&bench.command(Command::ApprovePlan)), ["a-1.1.1", "a-1.2.1"]);
}
