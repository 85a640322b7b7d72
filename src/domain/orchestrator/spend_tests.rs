//! Keeping a plan within its budget, step by step.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::tests::{Bench, agent, claims, only_edit, setup};
use super::*;
use crate::domain::agent::Usage;
use crate::domain::budget::{Budget, BudgetStep};
use crate::domain::command::Command;
use crate::domain::effect::StopKind;
use crate::domain::report::{Pulse, Report};

const NOTHING: Vec<String> = Vec::new();

/// Two phases in two slots, a thousand tokens for both.
fn bench() -> Bench {
    let mut setup = setup(1);
    setup.target.budget = Budget { tokens: Some(1_000), millicents: None };
    setup.target.retry.wait = std::time::Duration::ZERO;
    let mut bench = Bench::new(1);
    bench.o = Orchestrator::new(setup, Role::Driver);
    bench.read();
    bench.plan("batch 1");
    bench.start(&agent("a-1.1", 1));
    bench
}

fn uses(bench: &mut Bench, tokens: u64) -> Vec<Effect> {
    let usage = Usage { input_tokens: tokens, output_tokens: 0, cost_millicents: 0, turns: 1 };
    let pulse = Pulse {
        last_output: Timestamp(bench.now),
        events: 1,
        waiting: None,
        doing: Printable::default(),
        usage,
    };
    bench.report(Report::Activity { agent: agent("a-1.1", 1), pulse })
}

fn over(bench: &Bench) -> (Option<BudgetStep>, u32, bool) {
    let plan = bench.o.run().plan.as_ref().unwrap();
    (plan.over_budget, plan.granted, bench.o.run().held)
}

#[test]
fn a_budget_first_holds_then_asks_then_stops() {
    let mut bench = bench();
    uses(&mut bench, 949);
    assert_eq!(over(&bench), (None, 0, false));
    uses(&mut bench, 950);
    assert_eq!(over(&bench), (Some(BudgetStep::Hold), 0, true));
    let told = bench.o.notices().back().unwrap();
    assert_eq!(told.level, Level::Error);
    assert!(told.text.as_str().contains("95% of the plan's budget is used (950 of 1k tokens)"));
    assert_eq!(uses(&mut bench, 990), [], "once is enough");
    uses(&mut bench, 1_000);
    assert_eq!(over(&bench), (Some(BudgetStep::Ask), 0, true));
    let effects = uses(&mut bench, 1_200);
    let me = agent("a-1.1", 1);
    let stop = Effect::Stop { agent: me.clone(), how: StopKind::Term };
    assert!(effects.contains(&stop), "{effects:?}");
    assert!(!bench.o.waits_for_budget(), "it still runs");
    bench.exit(&me, crate::domain::agent::ExitCause::Stopped, 143);
    assert_eq!(Run::replay(&bench.journal).plan, bench.o.run().plan);
}

#[test]
fn a_person_grants_as_much_again() {
    let mut bench = bench();
    uses(&mut bench, 960);
    let me = agent("a-1.1", 1);
    let effects = bench.exit(&me, crate::domain::agent::ExitCause::Own, 1);
    let effects = bench.edit(only_edit(&effects));
    assert_eq!(claims(&effects), NOTHING, "nothing new is started");
    assert!(bench.o.run().held && bench.o.waits_for_budget());
    let effects = bench.command(Command::ToggleHold);
    assert_eq!(over(&bench), (None, 1, false));
    assert!(!claims(&effects).is_empty(), "it goes on: {effects:?}");
    // A hold for another reason grants nothing.
    bench.command(Command::ToggleHold);
    bench.command(Command::ToggleHold);
    assert_eq!(over(&bench), (None, 1, false));
    assert_eq!(Run::replay(&bench.journal).plan, bench.o.run().plan);
}

#[test]
fn a_budget_stops_agents_also_when_that_can_not_be_written() {
    let mut bench = bench();
    bench.report(Report::JournalFailed("disk full".into()));
    assert_eq!(uses(&mut bench, 1_100), [], "they may go on to 120 percent");
    let stop = Effect::Stop { agent: agent("a-1.1", 1), how: StopKind::Term };
    assert_eq!(uses(&mut bench, 1_200), [stop]);
    let told = bench.o.notices().back().unwrap().text.to_string();
    assert!(told.contains("120% of the plan's budget is used"), "{told}");
    let count = bench.o.notices().len();
    assert_eq!(uses(&mut bench, 1_300), [], "once is enough");
    assert_eq!(bench.o.notices().len(), count);
}

#[test]
fn an_order_that_went_with_its_entry_is_given_again() {
    let mut bench = bench();
    let stop = Effect::Stop { agent: agent("a-1.1", 1), how: StopKind::Term };
    assert!(uses(&mut bench, 1_200).contains(&stop));
    // The entry before it could not be written, so nobody got the order.
    let effects = bench.report(Report::JournalFailed("disk full".into()));
    assert_eq!(effects, [stop]);
    let last = bench.o.notices().back().unwrap().text.to_string();
    assert!(last.contains("disk full"), "{last}");
    assert_eq!(uses(&mut bench, 1_300), []);
}

#[test]
fn what_can_not_be_written_stops_no_order_to_others() {
    let mut bench = bench();
    let (judged, runs) = (agent("a-1.1", 1), agent("a-1.2", 1));
    bench.o.setup.slots = 2;
    bench.o.setup.target.workspaces.most = 2;
    bench.exit(&judged, crate::domain::agent::ExitCause::Own, 0);
    assert!(matches!(bench.stage("a-1.1"), Stage::Verifying(_)));
    bench.plan("phase 1.2");
    bench.start(&runs);
    bench.report(Report::JournalFailed("disk full".into()));
    let now = Timestamp(bench.now);
    let effects = bench.o.command(now, Command::StopAll(StopKind::Term));
    assert_eq!(effects, [Effect::Stop { agent: runs, how: StopKind::Term }]);
    let told = bench.o.notices().back().unwrap().text.to_string();
    assert_eq!(told, "a-1.1 can't be ended: the journal can't be written");
}
