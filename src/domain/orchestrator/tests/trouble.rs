//! Viewers, journals that end, hosts that never start, saves that take marks out.

use super::*;

#[test]
fn a_viewer_changes_nothing() {
    let mut bench = Bench::new(2);
    bench.o.role = Role::Viewer { driver: 77 };
    assert_eq!(bench.plan("batch 1"), []);
    assert_eq!(bench.journal, []);
    assert!(bench.o.notices().back().unwrap().text.as_str().contains("77"));
}

#[test]
fn a_viewer_leaves_the_driver_s_work_to_the_driver() {
    let mut driver = Bench::new(2);
    driver.plan("batch 1");
    let agents = [agent("a-1.1", 1), agent("a-1.2", 1)];
    agents.iter().for_each(|me| driver.start(me));
    let mut viewer = Bench::new(2);
    viewer.o = Orchestrator::new(setup(2), Role::Viewer { driver: 77 });
    viewer.read();
    let adopted: Vec<Effect> = agents.iter().cloned().map(Effect::Adopt).collect();
    assert_eq!(viewer.report(Report::Journal(driver.journal.clone())), adopted);
    let now = viewer.now();
    assert_eq!(viewer.o.resume(now), adopted);
    assert_eq!(viewer.o.resize_terminals(Size { cols: 200, rows: 60 }), []);
    assert_eq!(viewer.exit(&agents[0], ExitCause::Own, 0), [], "no gate is run a second time");
    assert_eq!(viewer.report(Report::HostLost(agents[1].clone())), []);
    assert_eq!(viewer.journal, []);
    assert_eq!(viewer.o.run(), driver.o.run());
}

#[test]
fn nothing_starts_once_the_journal_can_not_be_written() {
    let mut bench = Bench::new(2);
    bench.report(Report::JournalFailed("disk full".into()));
    assert_eq!(claims(&bench.plan("batch 1")), Vec::<String>::new());
}

#[test]
fn holding_starts_nothing_and_resuming_goes_on() {
    let mut bench = Bench::new(2);
    bench.command(Command::ToggleHold);
    assert_eq!(claims(&bench.plan("batch 1")), Vec::<String>::new());
    assert_eq!(claims(&bench.command(Command::ToggleHold)), ["a-1.1.1", "a-1.2.1"]);
}

#[test]
fn replaying_the_journal_gives_the_live_state() {
    let mut bench = Bench::new(2);
    bench.plan("batch 1");
    bench.start(&agent("a-1.1", 1));
    bench.start(&agent("a-1.2", 1));
    bench.exit(&agent("a-1.1", 1), ExitCause::Own, 0);
    bench.judge(&agent("a-1.1", 1), GateResult::Passed);
    assert_eq!(Run::replay(&bench.journal), *bench.o.run());
}

#[test]
fn after_a_crash_every_stage_is_asked_what_it_owes() {
    let mut bench = Bench::new(2);
    bench.plan("batch 1");
    bench.start(&agent("a-1.1", 1));
    let mut next = Bench::new(2);
    next.file = bench.file.clone();
    next.o.restore(&bench.journal);
    next.read();
    let now = Timestamp(bench.now + 60_000);
    let effects = next.o.resume(now);
    let effects = next.noted(effects);
    assert!(effects.contains(&Effect::Adopt(agent("a-1.1", 1))), "{effects:?}");
    assert_eq!(claims(&effects), ["a-1.2.2"], "the claim that died with the app is made again");
    let lost = next.report(Report::HostLost(agent("a-1.1", 1)));
    assert!(matches!(only_edit(&lost).change, RoadmapChange::Release { .. }));
}

/// The only edit asked for by reading the file with this text.
fn edit_after_save(bench: &mut Bench, text: &[u8]) -> RoadmapOrder {
    bench.file = text.to_vec();
    only_edit(&bench.read())
}

#[test]
fn marks_that_a_stale_save_takes_out_are_made_again() {
    let mut bench = Bench::new(1);
    let unmarked = bench.file.clone();
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    let marked = bench.file.clone();
    let order = edit_after_save(&mut bench, &unmarked);
    assert_eq!(bench.read(), [], "asked for once");
    assert_eq!(bench.edit(order), []);
    assert_eq!(bench.file, marked);
    bench.exit(&me, ExitCause::Own, 0);
    let order = only_edit(&bench.judge(&me, GateResult::Passed));
    bench.edit(order);
    let order = edit_after_save(&mut bench, &marked);
    assert_eq!(bench.edit(order), []);
    assert_eq!(bench.status("1.1"), Status::Complete);
}

#[test]
fn what_a_person_wants_of_a_phase_is_not_taken_for_a_stale_save() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    let marked = String::from_utf8(bench.file.clone()).unwrap();
    bench.file = marked.replace("🔄 In Progress", "🔴 Blocked").into_bytes();
    assert_eq!(bench.read(), []);
    bench.file =
        marked.replace("🔄 In Progress", "⚪ Not Started").replace("a-1.1", "Ada").into_bytes();
    assert_eq!(bench.read(), []);
    bench.file = marked.clone().into_bytes();
    bench.read();
    bench.exit(&me, ExitCause::Own, 0);
    let order = only_edit(&bench.judge(&me, GateResult::Passed));
    bench.edit(order);
    let complete = String::from_utf8(bench.file.clone()).unwrap();
    bench.file = complete.replace("✅ Complete", "⚪ Not Started").into_bytes();
    assert_eq!(bench.read(), [], "opened again");
    bench.now += 120_000;
    bench.file = marked.into_bytes();
    assert_eq!(bench.read(), [], "taken up again");
}

#[test]
fn a_host_that_was_never_started_is_no_try() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    let claimed = Report::Claimed { agent: me.clone(), outcome: ClaimOutcome::Won(Fence(1)) };
    bench.report(claimed);
    let workspace = Ok(Workspace::Checkout { path: "/here".into() });
    let effects = bench.report(Report::WorkspaceReady { agent: me.clone(), workspace });
    bench.edit(only_edit(&effects));
    assert_eq!(bench.stage("a-1.1"), Stage::Starting);
    let mut next = Bench::new(1);
    next.file = bench.file.clone();
    next.o.restore(&bench.journal);
    next.read();
    assert_eq!(next.o.resume(Timestamp(bench.now + 1)), [Effect::Adopt(me.clone())]);
    let order = only_edit(&next.report(Report::HostLost(me)));
    assert_eq!(claims(&next.edit(order)), ["a-1.1.2"]);
    assert_eq!(next.o.agent(&AgentId::new("a-1.1")).unwrap().birth.attempt, 1);
}

#[test]
fn a_roadmap_that_vanishes_finishes_nothing() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    let read = Err("no roadmap".into());
    bench.report(Report::Roadmap { target: TargetId::new("here"), read });
    bench.exit(&me, ExitCause::Own, 0);
    assert!(!bench.o.run().plan.as_ref().unwrap().finished);
    let facts: Vec<_> = bench.journal.iter().map(|entry| &entry.fact).collect();
    assert!(!facts.iter().any(|fact| matches!(fact, Fact::PlanFinished { .. })));
}

#[test]
fn an_ended_plan_does_not_come_back_with_the_next() {
    let mut bench = Bench::new(1);
    bench.plan("batch 1");
    bench.command(Command::StopAll(StopKind::Kill));
    bench.command(Command::EndPlan);
    assert!(bench.o.run().plan.as_ref().unwrap().finished && !bench.o.run().held);
    assert_eq!(claims(&bench.plan("phase 1.2")), ["a-1.2.1"]);
    assert_eq!(bench.o.run().plan.as_ref().unwrap().approved.phases, [PhaseId::new("1.2")]);
}
