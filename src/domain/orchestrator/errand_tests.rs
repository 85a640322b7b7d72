//! Agents that work for no plan: what they ask of the world, and what they never do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::tests::{Bench, agent, claims, only_edit};
use std::sync::Arc;

use super::*;
use crate::domain::agent::{ExitCause, Outcome, Processes, Stage};
use crate::domain::claim::{ClaimOutcome, Fence};
use crate::domain::command::{Command, ErrandWish};
use crate::domain::cost::used;
use crate::domain::document::{DocumentOrder, DocumentReport};
use crate::domain::effect::StopKind;
use crate::domain::errand::Errand;
use crate::domain::gate::GateResult;
use crate::domain::id::TargetId;
use crate::domain::report::Report;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::archive::Archive;
use crate::domain::workspace::Workspace;

fn qa(phase: &str) -> Command {
    Command::Errand(ErrandWish::Begin(Errand::Qa(PhaseId::new(phase))))
}

/// Brings an errand that was asked for to the point where its process runs.
fn start(bench: &mut Bench, me: &AgentRef) -> Box<crate::domain::effect::Launch> {
    let claimed = Report::Claimed { agent: me.clone(), outcome: ClaimOutcome::Won(Fence(1)) };
    assert!(matches!(&bench.report(claimed)[..], [Effect::PrepareWorkspace { .. }]));
    let workspace = Ok(Workspace::Checkout { path: "/here".into() });
    let effects = bench.report(Report::WorkspaceReady { agent: me.clone(), workspace });
    let [Effect::Spawn(launch)] = &effects[..] else { panic!("it marks nothing: {effects:?}") };
    let processes = Processes { agent: 10, host: 9 };
    let started = Report::Started { agent: me.clone(), processes, at: Timestamp(bench.now) };
    assert_eq!(bench.report(started), []);
    launch.clone()
}

fn collected(me: &AgentRef) -> Report {
    let outcome = Ok("/reports/qa.md".into());
    Report::Document(DocumentReport::Collected { agent: me.clone(), outcome })
}

#[test]
fn an_errand_claims_its_own_name_marks_nothing_and_ends_with_its_document() {
    let mut bench = Bench::new(1);
    let before = bench.file.clone();
    assert_eq!(claims(&bench.command(qa("1.1"))), ["qa-1.1.1"]);
    let me = agent("qa-1.1", 1);
    let launch = start(&mut bench, &me);
    assert_eq!(launch.phase.id, PhaseId::new("1.1"));
    assert!(launch.brief.section.starts_with("### Phase 1.1"), "{}", launch.brief.section);
    assert_eq!(bench.o.held_phases(), BTreeSet::new());
    assert_eq!((bench.o.live_agents(), bench.o.slots_taken(), bench.o.busy_agents()), (0, 0, 1));
    let effects = bench.exit(&me, ExitCause::Own, 0);
    let [Effect::Document(DocumentOrder::Collect { agent: whose, name })] = &effects[..] else {
        panic!("no gate runs: {effects:?}")
    };
    assert!(*whose == me && name.starts_with("qa-1.1-"), "{name}");
    assert!(matches!(&bench.report(collected(&me))[..], [Effect::Release { .. }]));
    assert_eq!(bench.stage("qa-1.1"), Stage::Ended(Outcome::Succeeded));
    assert_eq!(bench.report(collected(&me)), [], "told twice");
    assert_eq!(bench.file, before);
}

#[test]
fn a_plan_neither_waits_for_an_errand_nor_counts_it() {
    let mut bench = Bench::new(1);
    bench.command(qa("1.2"));
    let other = agent("qa-1.2", 1);
    start(&mut bench, &other);
    assert_eq!(claims(&bench.plan("phase 1.1")), ["a-1.1.1"], "it takes no slot");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    bench.exit(&me, ExitCause::Own, 0);
    let order = only_edit(&bench.judge(&me, GateResult::Passed));
    bench.edit(order);
    let plan = bench.o.run().plan.as_ref().unwrap();
    assert!(plan.finished && plan.given_up.is_empty(), "{plan:?}");
    assert!(bench.o.run().live(&other).is_some(), "and it goes on");
    bench.exit(&other, ExitCause::Own, 3);
    let plan = bench.o.run().plan.as_ref().unwrap();
    assert!(plan.finished && plan.given_up.is_empty(), "{plan:?}");
}

#[test]
fn there_is_one_errand_of_a_phase_at_a_time_and_none_of_a_phase_that_is_not_there() {
    let mut bench = Bench::new(3);
    bench.command(qa("1.1"));
    assert_eq!(claims(&bench.command(qa("1.1"))), Vec::<String>::new());
    assert_eq!(claims(&bench.command(qa("9.9"))), Vec::<String>::new());
    assert_eq!(bench.o.notices().len(), 2, "{:?}", bench.o.notices());
    let wish = |text: &str| Command::Errand(ErrandWish::Begin(Errand::Pm(text.into())));
    assert_eq!(claims(&bench.command(wish("a"))), ["pm-1.1"]);
    assert_eq!(claims(&bench.command(wish("b"))), ["pm-2.1"], "each wish has one of its own");
    let summary = bench.command(Command::Errand(ErrandWish::Begin(Errand::Summary)));
    assert_eq!(summary, [], "nothing was approved yet");
}

#[test]
fn as_many_errands_run_at_once_as_agents_may_and_the_next_is_refused() {
    let mut bench = Bench::new(2);
    let wish = |text: &str| Command::Errand(ErrandWish::Begin(Errand::Pm(text.into())));
    assert_eq!(claims(&bench.command(wish("a"))), ["pm-1.1"]);
    assert_eq!(claims(&bench.command(qa("1.1"))), ["qa-1.1.1"]);
    // What works for a plan takes no place of theirs, nor they of it.
    assert_eq!(claims(&bench.plan("phase 1.1")), ["a-1.1.1"]);
    assert_eq!(claims(&bench.command(wish("b"))), Vec::<String>::new());
    let told = bench.o.notices().back().unwrap().text.to_string();
    let expected = "2 agents on demand are at work, and the target lets 2 agents share its checkout \
         (shared_agents): let one end, or stop one with x";
    assert_eq!(told, expected);
    // One that begins again keeps its place, and nobody gets it in between.
    let (pm, qa) = (agent("pm-1", 1), agent("qa-1.1", 1));
    start(&mut bench, &pm);
    start(&mut bench, &qa);
    bench.command(Command::Restart(qa.id.clone()));
    assert_eq!(claims(&bench.exit(&qa, ExitCause::Stopped, 143)), ["qa-1.1.2"]);
    // One that has ended makes place, and can't be started again while there is none.
    bench.exit(&pm, ExitCause::Own, 3);
    assert_eq!(claims(&bench.command(wish("c"))), ["pm-2.1"]);
    assert_eq!(claims(&bench.command(Command::Restart(pm.id.clone()))), Vec::<String>::new());
    let told = bench.o.notices().back().unwrap().text.to_string();
    assert!(told.starts_with("pm-1 can't start: 2 agents on demand are at work"), "{told}");
    let ended = bench.o.agent(&pm.id).cloned().unwrap();
    assert!(bench.o.cannot_begin(&ended).is_some());
}

#[test]
fn a_plan_that_nobody_can_sum_up_is_told() {
    let mut bench = Bench::new(1);
    bench.o.setup.target.documents.summary = true;
    bench.command(qa("1.2"));
    start(&mut bench, &agent("qa-1.2", 1));
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    bench.exit(&me, ExitCause::Own, 0);
    let order = only_edit(&bench.judge(&me, GateResult::Passed));
    assert_eq!(claims(&bench.edit(order)), Vec::<String>::new());
    let told =
        |notice: &Notice| notice.text.as_str().starts_with("nobody sums up the plan: 1 agent");
    assert!(bench.o.notices().iter().any(told), "{:?}", bench.o.notices());
}

#[test]
fn qa_of_what_nobody_worked_on_is_told_what_to_look_at_instead() {
    let cases = [
        ("⚪ Not Started", "says nothing of work on it. So there is no work to judge. Look at the"),
        ("🔄 In Progress", "so it may be half done. Look for its commits yourself"),
        ("✅ Complete", "says that it is complete. Look for its commits yourself"),
    ];
    for (state, said) in cases {
        let mut bench = Bench::new(1);
        let text = String::from_utf8(bench.file.clone()).unwrap();
        bench.file = text.replacen("⚪ Not Started", state, 1).into_bytes();
        bench.read();
        bench.command(qa("1.1"));
        let launch = start(&mut bench, &agent("qa-1.1", 1));
        let known = &launch.brief.errand.as_ref().unwrap().known;
        let [known] = &known[..] else { panic!("{known:?}") };
        assert!(known.starts_with("No agent worked on it here, and the roadmap says "), "{known}");
        assert!(known.contains(said), "{known}");
    }
}

#[test]
fn qa_of_an_archived_phase_is_refused_as_such() {
    let mut bench = Bench::new(1);
    let done = b"### Phase 9.9: Old\n\n- **Status:** \xe2\x9c\x85 Complete\n";
    let roadmap = Roadmap::parse(bench.file.clone());
    let roadmap = Arc::new(roadmap.with_archive(Arc::new(Archive::read(done))));
    bench.report(Report::Roadmap { target: TargetId::new("here"), read: Ok(roadmap) });
    let why = bench.o.can_run(&Errand::Qa(PhaseId::new("9.9"))).unwrap_err();
    assert!(why.starts_with("phase 9.9 is archived, in "), "{why}");
    assert!(why.ends_with(": put its section back into the roadmap to have it looked at"), "{why}");
    let why = bench.o.can_run(&Errand::Qa(PhaseId::new("9.8"))).unwrap_err();
    assert_eq!(why, "there is no phase 9.8 in the roadmap");
}

#[test]
fn an_errand_is_stopped_restarted_and_begins_again_after_a_crash_before_it_ran() {
    let mut bench = Bench::new(1);
    bench.command(qa("1.1"));
    let me = agent("qa-1.1", 1);
    start(&mut bench, &me);
    let stop = bench.command(Command::Stop(me.id.clone(), StopKind::Term));
    assert!(matches!(&stop[..], [Effect::Stop { .. }]));
    let effects = bench.exit(&me, ExitCause::Stopped, 143);
    assert!(matches!(&effects[..], [Effect::Release { .. }]), "nothing is kept: {effects:?}");
    assert_eq!(bench.stage("qa-1.1"), Stage::Ended(Outcome::Killed));
    assert_eq!(claims(&bench.command(Command::Restart(me.id))), ["qa-1.1.2"]);

    let mut next = Bench::new(1);
    next.o.restore(&bench.journal);
    let effects = next.o.resume(Timestamp(bench.now + 1_000));
    assert_eq!(claims(&effects), ["qa-1.1.3"], "its claim died with the app");
}

#[test]
fn what_errands_use_counts_for_the_budget_and_is_a_row_of_its_own() {
    let mut bench = Bench::new(1);
    bench.plan("phase 1.1");
    bench.command(qa("1.2"));
    let me = agent("qa-1.2", 1);
    start(&mut bench, &me);
    let usage = crate::domain::agent::Usage { input_tokens: 70, ..Default::default() };
    let pulse = crate::domain::report::Pulse {
        last_output: Timestamp(bench.now),
        events: 1,
        waiting: None,
        doing: "reads".into(),
        usage,
    };
    bench.report(Report::Activity { agent: me.clone(), pulse });
    assert_eq!(used(bench.o.run()).input_tokens, 70);
    let story = &bench.o.run().story;
    assert_eq!((story.timeline.lives().len(), story.errands.lives().len()), (1, 1));
    let report = bench.o.report(Timestamp(bench.now)).unwrap();
    assert!(report.contains("| on demand | 1 | not told |"), "{report}");
}

#[test]
fn a_target_that_wants_it_has_its_plans_summed_up() {
    let mut bench = Bench::new(1);
    bench.o.setup.target.documents.summary = true;
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    bench.exit(&me, ExitCause::Own, 0);
    let order = only_edit(&bench.judge(&me, GateResult::Passed));
    let effects = bench.edit(order);
    assert_eq!(claims(&effects), ["sum-1.1"]);
    let launch = start(&mut bench, &agent("sum-1", 1));
    let brief = launch.brief.errand.as_ref().unwrap();
    assert!(brief.report.contains("## Complete: 1\n"), "{}", brief.report);
}

#[test]
fn a_question_nobody_answered_is_told_in_the_report() {
    for answered in [false, true] {
        let mut bench = Bench::new(1);
        bench.plan("phase 1.1");
        let me = agent("a-1.1", 1);
        bench.start(&me);
        for waiting in [Some("Keep both?".into()), None] {
            let pulse = crate::domain::report::Pulse {
                last_output: Timestamp(bench.now),
                events: 1,
                waiting,
                doing: "asks".into(),
                usage: Default::default(),
            };
            bench.report(Report::Activity { agent: me.clone(), pulse });
        }
        if answered {
            bench.o.typed(&me);
        }
        bench.exit(&me, ExitCause::Own, 0);
        let report = bench.o.report(Timestamp(bench.now)).unwrap();
        assert_eq!(
            report.contains("asked, and nobody answered: Keep both?"),
            !answered,
            "{report}"
        );
    }
}
