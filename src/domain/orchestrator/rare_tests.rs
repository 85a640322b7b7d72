//! Rare moments: what happens seldom enough that only random runs found it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::tests::{Bench, agent, claims, only_edit, setup};
use super::*;
use crate::domain::agent::{ExitCause, Outcome, Stage};
use crate::domain::branch::{BranchOrder, BranchReport, BranchWork};
use crate::domain::claim::{ClaimOutcome, Fence};
use crate::domain::command::{Command, PlanEdit};
use crate::domain::effect::StopKind;
use crate::domain::gate::GateResult;
use crate::domain::id::TargetId;
use crate::domain::journal::Fact;
use crate::domain::report::{Rehearsed, Report};
use crate::domain::roadmap::RoadmapChange;
use crate::domain::workspace::{Workspace, Worktree};

const NOTHING: Vec<String> = Vec::new();

fn change(bench: &mut Bench, from: &str, to: &str) -> Vec<Effect> {
    let text = String::from_utf8(bench.file.clone()).unwrap();
    assert!(text.contains(from), "{text}");
    bench.file = text.replacen(from, to, 1).into_bytes();
    bench.read()
}

fn unreadable(bench: &mut Bench) -> Vec<Effect> {
    let read = Err("no roadmap".into());
    bench.report(Report::Roadmap { target: TargetId::new("here"), read })
}

/// A new app on what the old one left: file and journal.
fn next_app(bench: &Bench, setup: Setup, entries: usize) -> (Bench, Vec<Effect>) {
    let mut next = Bench::new(1);
    next.o = Orchestrator::new(setup, Role::Driver);
    next.file = bench.file.clone();
    next.now = bench.now + 60_000;
    next.o.restore(&bench.journal[..entries]);
    let first = next.read();
    assert_eq!(first, [], "nothing is decided before the old lives are taken up");
    let effects = next.o.resume(Timestamp(next.now));
    let effects = next.noted(effects);
    (next, effects)
}

fn is_garden(effect: &Effect) -> bool {
    matches!(effect, Effect::EditRoadmap(order) if order.change == RoadmapChange::Garden)
}

#[test]
fn gardening_that_is_refused_is_not_asked_for_again_and_again() {
    let mut bench = Bench::new(1);
    change(&mut bench, "⚪ Not Started", "✅ Complete");
    let order = only_edit(&change(&mut bench, "⚪ Not Started", "✅ Complete"));
    assert_eq!(bench.read(), [], "one is under way");
    let outcome = Err("the file can't be written".into());
    assert_eq!(bench.report(Report::Edited { order, outcome, after: None }), []);
    assert_eq!(bench.read(), [], "the same edit would be refused again");
    assert!(bench.command(Command::Garden).contains(&Effect::ReadRoadmap(TargetId::new("here"))));
    assert!(is_garden(&bench.read()[0]), "a person wants it tried again");
}

#[test]
fn a_refused_unblocking_does_not_keep_the_plan_open() {
    let mut bench = Bench::new(1);
    change(&mut bench, "⚪ Not Started", "✅ Complete");
    let order = only_edit(&change(&mut bench, "⚪ Not Started", "✅ Complete"));
    bench.file.extend_from_slice(b"\n### Phase 7.1: Late\n\n- **Status:** Not Started\n");
    bench.read();
    bench.plan("phase 7.1");
    let outcome = ClaimOutcome::Unavailable("disk full".into());
    bench.report(Report::Claimed { agent: agent("a-7.1", 1), outcome });
    assert!(!bench.o.run().plan.as_ref().unwrap().finished, "an unblocking is on its way");
    bench.report(Report::Edited { order, outcome: Err("disk full".into()), after: None });
    assert!(bench.o.run().plan.as_ref().unwrap().finished);
}

#[test]
fn a_restart_waits_for_a_free_slot() {
    let mut bench = Bench::new(1);
    bench.plan("batch 1");
    let first = agent("a-1.1", 1);
    bench.report(Report::Claimed {
        agent: first.clone(),
        outcome: ClaimOutcome::Unavailable("disk full".into()),
    });
    let second = agent("a-1.2", 1);
    bench.start(&second);
    let effects = bench.command(Command::Restart(first.id));
    assert_eq!(claims(&effects), NOTHING, "a second agent would work in the same checkout");
    let order = only_edit(&bench.exit(&second, ExitCause::Own, 3));
    assert_eq!(claims(&bench.edit(order)), ["a-1.1.2"]);
    assert_eq!(bench.o.live_agents(), 1);
}

#[test]
fn stopping_takes_back_a_restart() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    bench.command(Command::Restart(me.id.clone()));
    bench.command(Command::StopAll(StopKind::Term));
    let order = only_edit(&bench.exit(&me, ExitCause::Stopped, 143));
    assert_eq!(claims(&bench.edit(order)), NOTHING);
    bench.command(Command::ToggleHold);
    assert_eq!(bench.stage("a-1.1"), Stage::Ended(Outcome::Killed));
}

#[test]
fn a_restart_while_the_phase_is_put_back_can_be_taken_back_too() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    let order = only_edit(&bench.exit(&me, ExitCause::Stopped, 143));
    bench.command(Command::Restart(me.id.clone()));
    bench.command(Command::Stop(me.id.clone(), StopKind::Term));
    assert_eq!(bench.stage("a-1.1"), Stage::Unmarking(Outcome::Killed));
    assert_eq!(claims(&bench.edit(order)), NOTHING);
}

#[test]
fn a_finished_plan_starts_nothing_by_itself() {
    let mut bench = Bench::new(1);
    bench.plan("everything");
    for id in ["a-1.1", "a-1.2"] {
        let outcome = ClaimOutcome::Unavailable("disk full".into());
        bench.report(Report::Claimed { agent: agent(id, 1), outcome });
    }
    assert!(bench.o.run().plan.as_ref().unwrap().finished);
    bench.file.extend_from_slice(b"\n### Phase 7.1: Later\n\n- **Status:** Not Started\n");
    assert_eq!(claims(&bench.read()), NOTHING, "nobody approved this phase");
}

#[test]
fn a_roadmap_that_is_gone_starts_nothing_and_gives_nothing_up() {
    let mut bench = Bench::new(1);
    bench.plan("batch 1");
    unreadable(&mut bench);
    let first = agent("a-1.1", 1);
    let outcome = ClaimOutcome::Unavailable("disk full".into());
    let effects = bench.report(Report::Claimed { agent: first, outcome });
    assert_eq!(claims(&effects), NOTHING);
    assert_eq!(claims(&bench.read()), ["a-1.2.1"]);
}

#[test]
fn a_second_plan_does_not_try_again_what_the_first_gave_up() {
    let mut bench = Bench::new(2);
    bench.plan("phase 1.1");
    let first = agent("a-1.1", 1);
    bench.start(&first);
    bench.file.extend_from_slice(b"\n### Phase 7.1: More\n\n- **Status:** Not Started\n");
    bench.read();
    let ours = bench.plan("phase 7.1");
    assert_eq!(claims(&ours), ["a-7.1.1"]);
    let order = only_edit(&bench.exit(&first, ExitCause::Stopped, 143));
    bench.edit(order);
    assert_eq!(claims(&bench.plan("phase 1.2")), ["a-1.2.1"], "1.1 was killed by a person");
    assert_eq!(bench.stage("a-1.1"), Stage::Ended(Outcome::Killed));
}

#[test]
fn a_viewer_answers_for_nobody() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    let mut viewer = Bench::new(1);
    viewer.o = Orchestrator::new(setup(1), Role::Viewer { driver: 77 });
    viewer.file = bench.file.clone();
    viewer.o.restore(&bench.journal);
    viewer.read();
    assert_eq!(viewer.o.resume(Timestamp(9)), [Effect::Adopt(me.clone())]);
    assert_eq!(viewer.exit(&me, ExitCause::Own, 0), [], "the driver runs the gates");
    assert_eq!(viewer.report(Report::HostLost(me.clone())), []);
    assert_eq!(viewer.stage("a-1.1"), Stage::Running);
    bench.exit(&me, ExitCause::Own, 0);
    viewer.report(Report::Journal(bench.journal.clone()));
    assert_eq!(viewer.stage("a-1.1"), Stage::Verifying(0));
    viewer.o.restore(&bench.journal);
    assert_eq!(viewer.o.resume(Timestamp(9)), [], "gates and the end are the driver's");
}

#[test]
fn gates_that_changed_meanwhile_are_known_by_name() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    bench.exit(&me, ExitCause::Own, 0);
    bench.judge(&me, GateResult::Passed);
    let mut changed = setup(1);
    changed.target.gates[0].name = "other tests".into();
    let verifying = bench
        .journal
        .iter()
        .position(|entry| matches!(entry.fact, Fact::VerificationComplete { .. }));
    let (mut next, effects) = next_app(&bench, changed, verifying.unwrap());
    let [Effect::Adopt(_), Effect::RunGate { gate, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(gate.name, "other tests", "the gate that counts now has not run yet");
    assert_eq!(next.judge(&me, GateResult::Passed), [], "nobody asked for this gate");
}

#[test]
fn a_stop_that_died_with_the_app_is_asked_again() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    bench.command(Command::Stop(me.id.clone(), StopKind::Term));
    let (_, effects) = next_app(&bench, setup(1), bench.journal.len());
    let stop = Effect::Stop { agent: me.clone(), how: StopKind::Term };
    assert_eq!(effects, [Effect::Adopt(me), stop]);
}

#[test]
fn a_journal_that_ends_at_a_bad_exit_is_no_success() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    bench.exit(&me, ExitCause::Own, 3);
    let stopped =
        bench.journal.iter().position(|entry| matches!(entry.fact, Fact::Stopped { .. })).unwrap();
    let (next, effects) = next_app(&bench, setup(1), stopped + 1);
    assert!(matches!(only_edit(&effects).change, RoadmapChange::Release { .. }), "{effects:?}");
    assert!(matches!(next.stage("a-1.1"), Stage::Unmarking(Outcome::Failed(_))));
}

#[test]
fn hosts_of_earlier_lives_are_let_go_and_a_crash_is_no_try() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let first = agent("a-1.1", 1);
    bench.start(&first);
    let order = only_edit(&bench.exit(&first, ExitCause::Own, 3));
    assert_eq!(claims(&bench.edit(order)), ["a-1.1.2"]);
    let (next, effects) = next_app(&bench, setup(1), bench.journal.len());
    let released =
        |effect: &Effect| matches!(effect, Effect::Release { agent, .. } if *agent == first);
    assert!(effects.iter().any(released), "its host may still hold the claim: {effects:?}");
    assert_eq!(claims(&effects), ["a-1.1.3"]);
    assert_eq!(next.o.agent(&first.id).unwrap().birth.attempt, 2);
}

#[test]
fn a_hold_outlives_the_app() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    bench.command(Command::ToggleHold);
    let (mut next, effects) = next_app(&bench, setup(1), bench.journal.len());
    assert_eq!(claims(&effects), NOTHING);
    assert!(!next.o.run().plan.as_ref().unwrap().finished);
    assert_eq!(claims(&next.command(Command::ToggleHold)), ["a-1.1.2"]);
}

#[test]
fn a_retry_waits_for_the_end_of_a_hold() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    bench.command(Command::ToggleHold);
    let order = only_edit(&bench.exit(&me, ExitCause::Own, 3));
    assert_eq!(claims(&bench.edit(order)), NOTHING);
    assert_eq!(claims(&bench.command(Command::ToggleHold)), ["a-1.1.2"]);
}

#[test]
fn agents_can_be_ended_though_the_journal_can_not_be_written() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    bench.report(Report::JournalFailed("disk full".into()));
    let now = Timestamp(bench.now);
    let effects = bench.o.command(now, Command::Stop(me.id.clone(), StopKind::Kill));
    assert_eq!(effects, [Effect::Stop { agent: me.clone(), how: StopKind::Kill }]);
    assert_eq!(bench.o.command(now, Command::Restart(me.id)), []);
}

#[test]
fn a_claim_told_twice_is_not_given_away() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    let claimed = Report::Claimed { agent: me, outcome: ClaimOutcome::Won(Fence(1)) };
    assert_eq!(bench.report(claimed), []);
}

#[test]
fn a_start_that_was_refused_is_no_try() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let why = "disk full".into();
    let outcome = ClaimOutcome::Unavailable(why);
    bench.report(Report::Claimed { agent: agent("a-1.1", 1), outcome });
    let launches = bench.o.rehearsal(&[PhaseId::new("1.1")]);
    assert_eq!((launches[0].agent.life.0, launches[0].brief.failure.as_ref()), (2, None));
}

#[test]
fn a_plan_that_was_left_comes_back_as_it_was() {
    let mut bench = Bench::new(1);
    let goal = || Command::Interpret("batch 1".into());
    bench.command(goal());
    let first = bench.o.draft().unwrap().rows[0].id.clone();
    bench.command(Command::EditPlan(PlanEdit::Toggle(first.clone())));
    bench.command(Command::EditPlan(PlanEdit::Prompt(first.clone(), Some("mine".into()))));
    let left = bench.o.draft().cloned();
    bench.command(Command::DropPlan);
    assert_eq!(bench.o.draft(), None);
    bench.command(goal());
    assert_eq!(bench.o.draft().cloned(), left);
    bench.command(Command::DropPlan);
    bench.command(Command::Interpret("phase 1.2".into()));
    bench.command(Command::DropPlan);
    bench.command(goal());
    assert!(bench.o.draft().unwrap().notes.prompts.is_empty(), "another goal lay between");
}

#[test]
fn an_agent_that_can_t_start_is_refused_before_anything_is_claimed() {
    let mut bench = Bench::new(1);
    let refusal = Some("it does not work as root".into());
    bench.o = Orchestrator::new(Setup { refusal, ..setup(1) }, Role::Driver);
    bench.read();
    assert_eq!(claims(&bench.plan("phase 1.1")), NOTHING);
    assert!(bench.o.draft().is_some());
    assert!(bench.o.notices().back().unwrap().text.as_str().contains("as root"));
    let asked = bench.command(Command::Interpret("phase 1.1".into()));
    assert!(matches!(&asked[..], [Effect::CheckAgent(_)]), "{asked:?}");
    bench.report(Report::Rehearsed(Rehearsed::Startable(Ok(()))));
    assert_eq!(claims(&bench.command(Command::ApprovePlan)).len(), 1, "it can by now");
}

#[test]
fn what_is_a_persons_does_not_start_by_itself() {
    let mut bench = Bench::new(2);
    change(&mut bench, "Router\n\n", "Router\n\n- **Assigned To:** Bob\n");
    let effects = bench.plan("run everything until nothing is left");
    assert_eq!(claims(&effects), ["a-1.1.1"]);
    let mut bench = Bench::new(2);
    change(&mut bench, "Router\n\n", "Router\n\n- **Assigned To:** Bob\n");
    assert_eq!(claims(&bench.plan("1.2")), ["a-1.2.1"]);
}

fn worktree(n: u32) -> Workspace {
    let root = format!("/wt/1.1-{n}");
    Workspace::Worktree(Worktree {
        root: root.clone().into(),
        path: root.into(),
        branch: format!("orch/1.1-{n}"),
        onto: "main".into(),
        base: "0".into(),
    })
}

/// Three lives one after the other, all of them over before their worktrees were made.
fn three_ended_early() -> (Bench, [AgentRef; 3]) {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let lives = [1, 2, 3].map(|life| agent("a-1.1", life));
    for (at, me) in lives.iter().enumerate() {
        let outcome = ClaimOutcome::Won(Fence(1));
        let effects = bench.report(Report::Claimed { agent: me.clone(), outcome });
        assert!(matches!(effects[..], [Effect::PrepareWorkspace { from: None, .. }]));
        bench.command(Command::Stop(me.id.clone(), StopKind::Term));
        assert_eq!(bench.stage("a-1.1"), Stage::Ended(Outcome::Killed));
        if at < 2 {
            bench.command(Command::Restart(me.id.clone()));
        }
    }
    (bench, lives)
}

#[test]
fn a_worktree_that_comes_late_beside_another_one_is_removed() {
    let (mut bench, [first, second, third]) = three_ended_early();
    let ready = |life: &AgentRef, n| Report::WorkspaceReady {
        agent: life.clone(),
        workspace: Ok(worktree(n)),
    };
    assert_eq!(bench.report(ready(&second, 2)), [], "the next life takes it up");
    let effects = bench.report(ready(&first, 1));
    let [Effect::Branch(order)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((&order.agent, &order.work), (&first, &BranchWork::Discard));
    assert_eq!(Workspace::Worktree(order.worktree.clone()), worktree(1));
    assert_eq!(bench.report(ready(&first, 1)), [], "told twice");
    assert_eq!(bench.report(ready(&third, 2)), [], "it is the one that is known");

    let removed = |outcome| {
        let BranchOrder { agent, phase, worktree, .. } = (**order).clone();
        Report::Branch(BranchReport::Removed { agent, phase, worktree, outcome })
    };
    bench.report(removed(Err("the disk is full".into())));
    let (mut next, effects) = next_app(&bench, setup(1), bench.journal.len());
    assert!(effects.contains(&effects_of(order)), "it is tried again: {effects:?}");
    next.report(removed(Ok(Vec::new())));
    assert!(next.o.run().strays.is_empty());
    let kept = next.o.run().worktrees.values().cloned().map(Workspace::Worktree);
    assert_eq!(kept.collect::<Vec<_>>(), [worktree(2)]);
}

fn effects_of(order: &BranchOrder) -> Effect {
    Effect::Branch(Box::new(order.clone()))
}

#[test]
fn however_much_happens_in_between_a_life_is_told_what_failed() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let first = agent("a-1.1", 1);
    bench.start(&first);
    bench.exit(&first, ExitCause::Own, 0);
    let order = only_edit(&bench.judge(&first, GateResult::Failed(Some(1))));
    for _ in 0..600 {
        bench.command(Command::ToggleHold);
        bench.command(Command::ToggleHold);
    }
    bench.edit(order);
    let second = agent("a-1.1", 2);
    let roadmap = bench.o.roadmap().unwrap();
    let phase = roadmap.phase(&PhaseId::new("1.1")).unwrap();
    let failure = bench.o.brief(&second, (roadmap, phase)).failure.expect("a failure");
    assert_eq!(failure.outcome, "failed: gate tests failed");
    assert_eq!(failure.receipts[0].tail, ["assertion failed".into()]);
    assert_eq!(failure.tries.len(), 1);
}

#[test]
fn a_life_that_was_given_another_worktree_leaves_none_behind() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    let lives = [1, 2].map(|life| agent("a-1.1", life));
    for me in &lives {
        let outcome = ClaimOutcome::Won(Fence(1));
        bench.report(Report::Claimed { agent: me.clone(), outcome });
        if me.life.0 == 1 {
            bench.command(Command::Stop(me.id.clone(), StopKind::Term));
            bench.command(Command::Restart(me.id.clone()));
        }
    }
    let ready = |life: &AgentRef, n| Report::WorkspaceReady {
        agent: life.clone(),
        workspace: Ok(worktree(n)),
    };
    // The first one comes when the second life, which was asked for without it, is at it already.
    assert_eq!(bench.report(ready(&lives[0], 1)), []);
    let effects = bench.report(ready(&lives[1], 2));
    let order = effects.iter().find_map(|effect| match effect {
        Effect::Branch(order) => Some(order),
        _ => None,
    });
    let order = order.expect("the first one is removed");
    assert_eq!(Workspace::Worktree(order.worktree.clone()), worktree(1));
    let kept = bench.o.run().worktrees.values().cloned().map(Workspace::Worktree);
    assert_eq!(kept.collect::<Vec<_>>(), [worktree(2)]);
    // A life that takes a stray up owns it.
    assert_eq!(bench.o.run().strays.len(), 1);
    let taken = Fact::WorkspaceReady {
        agent: lives[1].clone(),
        workspace: worktree(1),
        assigned_before: None,
    };
    let mut run = bench.o.run().clone();
    run.apply(&crate::domain::journal::Entry { at: Timestamp(bench.now), fact: taken });
    assert!(!run.strays.contains_key("orch/1.1-1"));
}
