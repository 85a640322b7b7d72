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
