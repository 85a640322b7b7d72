//! Gates on a merge: what they prove, and what becomes of a merge that is not what they saw.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use super::tests::{Bench, agent, only_edit, setup};
use super::*;
use crate::domain::agent::{ExitCause, Processes};
use crate::domain::branch::{BranchReport, BranchWork, Merge, MergePolicy};
use crate::domain::claim::{ClaimOutcome, Fence};
use crate::domain::command::Command;
use crate::domain::gate::{GateResult, Receipt, Tree};
use crate::domain::report::Report;
use crate::domain::workspace::{Isolation, Workspace, Worktree};

/// Phase 1.1 with its work proven and its merge asked for; there are two gates.
fn merging() -> (Bench, AgentRef, Vec<Effect>) {
    let mut setup = setup(1);
    setup.target.workspaces.isolation = Isolation::Worktree;
    setup.target.workspaces.merge = MergePolicy::Auto;
    let mut more = setup.target.gates[0].clone();
    more.name = "lint".into();
    setup.target.gates.push(more);
    let mut bench = Bench::new(1);
    bench.o = Orchestrator::new(setup, Role::Driver);
    bench.read();
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.report(Report::Claimed { agent: me.clone(), outcome: ClaimOutcome::Won(Fence(1)) });
    let workspace = Ok(Workspace::Worktree(Worktree {
        root: "/wt".into(),
        path: "/wt".into(),
        branch: "orch/1.1-1".into(),
        onto: "main".into(),
        base: "0".into(),
    }));
    let effects = bench.report(Report::WorkspaceReady { agent: me.clone(), workspace });
    bench.edit(only_edit(&effects));
    let (processes, at) = (Processes { agent: 10, host: 9 }, Timestamp(bench.now));
    bench.report(Report::Started { agent: me.clone(), processes, at });
    bench.exit(&me, ExitCause::Own, 0);
    judged(&mut bench, &me, ("tests", Tree::Work, 0), "work");
    let effects = judged(&mut bench, &me, ("lint", Tree::Work, 0), "work");
    (bench, me, effects)
}

fn judged(
    bench: &mut Bench,
    me: &AgentRef,
    (gate, tree, round): (&str, Tree, u32),
    commit: &str,
) -> Vec<Effect> {
    let receipt = Receipt {
        gate: gate.into(),
        required: true,
        result: GateResult::Passed,
        took: Duration::from_secs(1),
        commit: Some(commit.into()),
        tree,
        tail: vec![],
    };
    bench.report(Report::GateJudged { agent: me.clone(), round, receipt })
}

/// The merge that was asked for is made.
fn made(bench: &mut Bench, me: &AgentRef, effects: &[Effect]) -> u32 {
    let [Effect::Branch(order)] = effects else { panic!("{effects:?}") };
    let BranchWork::Merge { round, .. } = order.work else { panic!("{order:?}") };
    let commit = format!("merge {round}");
    let merge = Merge { commit, tip: "0".into(), tree: "/merge".into(), ticked: vec![] };
    let report = BranchReport::Merged { agent: me.clone(), round, outcome: Ok(merge) };
    let effects = bench.report(Report::Branch(report));
    assert!(matches!(&effects[..], [Effect::RunGate { round: asked, .. }] if *asked == round));
    round
}

#[test]
fn a_merge_that_is_lost_between_two_gates_is_made_again() {
    let (mut bench, me, effects) = merging();
    let round = made(&mut bench, &me, &effects);
    let effects = judged(&mut bench, &me, ("tests", Tree::Merged, round), "merge 1");
    assert!(matches!(&effects[..], [Effect::RunGate { .. }]), "{effects:?}");
    let effects = judged(&mut bench, &me, ("lint", Tree::Merged, round), "elsewhere");
    assert_eq!(bench.stage("a-1.1"), Stage::Merging);
    let again = made(&mut bench, &me, &effects);
    // Both gates judge the new merge; what is told again of the old one proves nothing and changes nothing.
    for old in ["merge 1", "elsewhere"] {
        assert_eq!(judged(&mut bench, &me, ("tests", Tree::Merged, round), old), []);
    }
    judged(&mut bench, &me, ("tests", Tree::Merged, again), "merge 2");
    let effects = judged(&mut bench, &me, ("lint", Tree::Merged, again), "merge 2");
    assert_eq!(bench.stage("a-1.1"), Stage::Landing);
    assert!(matches!(&effects[..], [Effect::Branch(_)]), "{effects:?}");
    assert_eq!(Run::replay(&bench.journal), *bench.o.run());
}

#[test]
fn a_merge_that_is_lost_again_and_again_waits_for_a_person() {
    let (mut bench, me, mut effects) = merging();
    let mut rounds = 0;
    while bench.stage("a-1.1") == Stage::Merging {
        let round = made(&mut bench, &me, &effects);
        rounds += 1;
        assert_eq!(round, rounds);
        assert!(rounds <= 10, "it never ends");
        effects = judged(&mut bench, &me, ("tests", Tree::Merged, round), "elsewhere");
    }
    assert_eq!(rounds, 10);
    let Stage::Review(why) = bench.stage("a-1.1") else { panic!("{:?}", bench.stage("a-1.1")) };
    assert!(why.as_str().contains("checks out another commit"), "{why}");
    assert!(why.as_str().ends_with("m merges again"), "{why}");
}

#[test]
fn what_is_being_merged_is_not_started_again() {
    let (mut bench, me, effects) = merging();
    let round = made(&mut bench, &me, &effects);
    judged(&mut bench, &me, ("tests", Tree::Merged, round), "merge 1");
    judged(&mut bench, &me, ("lint", Tree::Merged, round), "merge 1");
    let refused = |bench: &mut Bench| {
        let before = bench.journal.len();
        assert_eq!(bench.command(Command::Restart(me.id.clone())), []);
        assert_eq!(bench.journal.len(), before, "nothing is wished that can't be");
        let told = bench.o.notices().back().unwrap().text.to_string();
        assert_eq!(told, "a-1.1 can't start again: its work is being merged right now");
    };
    assert_eq!(bench.stage("a-1.1"), Stage::Landing);
    refused(&mut bench);
    let commit = "merge 1".to_owned();
    let landed = BranchReport::Landed { agent: me.clone(), commit, outcome: Ok(()) };
    let effects = bench.report(Report::Branch(landed));
    assert_eq!(bench.stage("a-1.1"), Stage::Completing);
    refused(&mut bench);
    bench.edit(only_edit(&effects));
    assert_eq!(bench.stage("a-1.1"), Stage::Ended(Outcome::Succeeded));
    assert!(bench.o.run().restart_asked.is_empty());
}
