#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use super::tests::{Bench, agent, claims, only_edit, setup};
use super::*;
use crate::domain::adapter::{SessionId, Start};
use crate::domain::agent::{ExitCause, Outcome};
use crate::domain::claim::{ClaimOutcome, Fence};
use crate::domain::command::Command;
use crate::domain::effect::{Launch, Made, StopKind};
use crate::domain::gate::GateResult;
use crate::domain::id::Life;
use crate::domain::identity::Reuse;
use crate::domain::reason::Reason;
use crate::domain::report::Report;
use crate::domain::workspace::Workspace;

/// A bench whose agents keep sessions that can be branched.
fn bench(reuse: Reuse, wait: Duration) -> Bench {
    let mut setup = setup(1);
    setup.target.workspaces.reuse = reuse;
    setup.target.retry.wait = wait;
    let adapter = setup.adapters.get_mut("text").unwrap();
    adapter.session.id = SessionId::Chosen;
    adapter.session.resume = vec!["--resume={session}".into()];
    adapter.session.fork = vec!["--fork={session}".into()];
    let mut bench = Bench::new(1);
    bench.o = Orchestrator::new(setup, Role::Driver);
    bench.read();
    bench
}

/// Brings a claimed life to where its host is asked for.
fn launch(bench: &mut Bench, me: &AgentRef) -> Launch {
    let won = ClaimOutcome::Won(Fence(2));
    bench.report(Report::Claimed { agent: me.clone(), outcome: won });
    let workspace = Ok(Workspace::Checkout { path: "/here".into() });
    let effects = bench.report(Report::WorkspaceReady { agent: me.clone(), workspace });
    let effects = bench.edit(only_edit(&effects));
    let [Effect::Spawn(launch)] = &effects[..] else { panic!("{effects:?}") };
    (**launch).clone()
}

/// From its claim to the end of its process.
fn run(bench: &mut Bench, id: &str, life: u32) -> AgentRef {
    let me = agent(id, life);
    bench.start(&me);
    bench.exit(&me, ExitCause::Own, 0);
    me
}

fn completes(bench: &mut Bench, id: &str, life: u32) -> Vec<Effect> {
    let me = run(bench, id, life);
    let judged = bench.judge(&me, GateResult::Passed);
    bench.edit(only_edit(&judged))
}

fn fails(bench: &mut Bench, id: &str, life: u32) -> Vec<Effect> {
    let me = run(bench, id, life);
    let judged = bench.judge(&me, GateResult::Failed(Some(1)));
    bench.edit(only_edit(&judged))
}

/// Name and reason of an agent's last life.
fn who(bench: &Bench, id: &str) -> String {
    let birth = &bench.o.agent(&AgentId::new(id)).unwrap().birth;
    let why = birth.chosen.as_ref().unwrap().why.clause();
    format!("{}: {why}", birth.name.as_ref().unwrap())
}

#[test]
fn who_is_free_goes_on_with_what_it_knows_and_the_plan_said_so() {
    let mut bench = bench(Reuse::Brief, Duration::ZERO);
    bench.command(Command::Interpret("batch 1".into()));
    let planned = bench.o.draft().unwrap().notes.agents.clone();
    bench.command(Command::ApprovePlan);
    completes(&mut bench, "a-1.1", 1);
    let unblocking = only_edit(&completes(&mut bench, "a-1.2", 1));
    bench.edit(unblocking);
    let launch = launch(&mut bench, &agent("a-1.3", 1));
    let told = ["a-1.1", "a-1.2", "a-1.3"].map(|id| who(&bench, id));
    let expected = [
        "Ada: new, nobody is free",
        "Ada: did 1.1 of the same batch",
        "Ada: did 1.1, 1.2, this phase depends on them",
    ];
    assert_eq!(told, expected);
    let planned: Vec<String> = planned.values().map(|who| who.sentence()).collect();
    let foreseen = expected.map(|why| why.replace("did", "is to do"));
    assert_eq!(planned, foreseen);
    assert_eq!(launch.name.as_deref(), Some("Ada"));
    let built_on: Vec<&str> = launch.brief.built_on.iter().map(|one| one.phase.as_str()).collect();
    assert_eq!(built_on, ["1.1", "1.2"]);
    let before: Vec<_> =
        launch.brief.before.iter().map(|one| (one.phase.as_str(), &*one.outcome)).collect();
    assert_eq!(before, [("1.2", "succeeded"), ("1.1", "succeeded")]);
    for made in launch.brief.before.iter().map(|one| &one.made) {
        assert!(matches!(made, Made::Between(from, until) if from < until), "{made:?}");
    }
    assert_eq!(Run::replay(&bench.journal), *bench.o.run());
}

#[test]
fn who_waits_for_a_further_try_does_nothing_else_meanwhile() {
    let mut bench = bench(Reuse::Brief, Duration::from_secs(3600));
    bench.plan("1.1 and 1.2");
    let effects = fails(&mut bench, "a-1.1", 1);
    assert_eq!(claims(&effects), ["a-1.2.1"]);
    assert_eq!(who(&bench, "a-1.2"), "Ben: new, nobody is free");
    // The next app knows as much.
    let mut next = super::crew_tests::bench(Reuse::Brief, Duration::from_secs(3600));
    next.file.clone_from(&bench.file);
    next.o.restore(&bench.journal);
    assert_eq!(next.o.run(), bench.o.run());
    completes(&mut bench, "a-1.2", 1);
    let at = bench.o.wakes_at(Timestamp(bench.now)).unwrap();
    let effects = bench.o.tick(at);
    assert_eq!(claims(&bench.noted(effects)), ["a-1.1.2"]);
    assert_eq!(who(&bench, "a-1.1"), "Ada: worked on this phase before");
}

#[test]
fn who_works_elsewhere_by_now_is_not_called_back() {
    let mut bench = bench(Reuse::Brief, Duration::ZERO);
    bench.o.setup.target.retry.retries = 0;
    bench.o.setup.target.workspaces.most = 2;
    bench.o.setup.slots = 2;
    bench.plan("1.1 and 1.2");
    assert_eq!(who(&bench, "a-1.2"), "Ben: new, nobody is free");
    fails(&mut bench, "a-1.1", 1);
    completes(&mut bench, "a-1.2", 1);
    let file = String::from_utf8(bench.file.clone()).unwrap();
    bench.file = format!("{file}\n### Phase 1.4: Log\n\n- **Status:** ⚪ Not Started\n").into();
    bench.read();
    bench.plan("phase 1.4");
    assert_eq!(who(&bench, "a-1.4"), "Ben: did 1.2 of the same batch");
    bench.plan("phase 1.1");
    assert_eq!(who(&bench, "a-1.1"), "Ada: worked on this phase before");
}

#[test]
fn a_reason_tells_what_is_done_from_what_is_to_be_done() {
    let mut bench = bench(Reuse::Brief, Duration::ZERO);
    bench.plan("phase 1.1");
    completes(&mut bench, "a-1.1", 1);
    bench.command(Command::Interpret("1.2 and 1.3".into()));
    let planned = bench.o.draft().unwrap().notes.agents.clone();
    let planned: Vec<String> = planned.values().map(|who| who.sentence()).collect();
    let expected = [
        "Ada: did 1.1 of the same batch",
        "Ada: did 1.1 and is to do 1.2, this phase depends on them",
    ];
    assert_eq!(planned, expected);
}

#[test]
fn who_is_at_work_goes_on_with_it_though_wanted_again_elsewhere() {
    let mut bench = bench(Reuse::Brief, Duration::ZERO);
    bench.plan("1.1 and 1.2");
    bench.command(Command::Stop(AgentId::new("a-1.1"), StopKind::Term));
    let second = agent("a-1.2", 1);
    bench.start(&second);
    let order = only_edit(&bench.report(Report::HostLost(second)));
    let outcome = Err("the disk is full".into());
    bench.report(Report::Edited { order, outcome, after: None });
    assert!(bench.o.run().plan.as_ref().unwrap().finished);
    assert_eq!(who(&bench, "a-1.2"), "Ada: is free");
    bench.command(Command::Restart(AgentId::new("a-1.1")));
    fails(&mut bench, "a-1.1", 2);
    assert_eq!(bench.o.agent(&AgentId::new("a-1.1")).unwrap().me().life, Life(3));
    assert_eq!(who(&bench, "a-1.1"), "Ada: worked on this phase before");
}

#[test]
fn a_session_is_gone_on_with_where_that_can_be_done() {
    let mut bench = bench(Reuse::Resume, Duration::ZERO);
    bench.plan("batch 1");
    completes(&mut bench, "a-1.1", 1);
    let Start::Fresh { session: first } =
        bench.o.agent(&AgentId::new("a-1.1")).unwrap().birth.start.clone()
    else {
        panic!("it begins afresh")
    };
    let branched = launch(&mut bench, &agent("a-1.2", 1));
    let Start::Fork { session, new } = &branched.start else { panic!("{:?}", branched.start) };
    assert_eq!((session, new == session), (&first, false));
    assert_eq!(branched.brief.before, [], "it knows");
    // It is gone: a fresh life begins at once, which is told what it no longer knows.
    let me = agent("a-1.2", 1);
    let processes = crate::domain::agent::Processes { agent: 10, host: 9 };
    bench.report(Report::Started { agent: me.clone(), processes, at: Timestamp(bench.now) });
    let gone = Some(Err(Reason::NoSession("no conversation found".into())));
    let exit = crate::domain::agent::Exit {
        cause: ExitCause::Own,
        code: Some(1),
        signal: None,
        said: gone,
        survivors: 0,
        usage: Default::default(),
        session: None,
        at: Timestamp(bench.now),
    };
    let effects = bench.report(Report::Exited { agent: me, exit });
    let effects = bench.edit(only_edit(&effects));
    assert_eq!(claims(&effects), ["a-1.2.2"]);
    let fresh = launch(&mut bench, &agent("a-1.2", 2));
    assert!(matches!(&fresh.start, Start::Fresh { session } if *session != first), "{fresh:?}");
    assert_eq!((fresh.name.as_deref(), fresh.brief.before.len()), (Some("Ada"), 1));
    assert_eq!(bench.o.agent(&AgentId::new("a-1.2")).unwrap().birth.attempt, 1);
}

#[test]
fn a_session_that_ended_badly_or_elsewhere_is_left() {
    for (reuse, good, place) in [
        (Reuse::Resume, false, "/here"),
        (Reuse::Resume, true, "/there"),
        (Reuse::Brief, true, "/here"),
        (Reuse::Nothing, true, "/here"),
    ] {
        let mut bench = bench(reuse, Duration::ZERO);
        bench.o.setup.target.retry.retries = 0;
        bench.plan("1.1 and 1.2");
        match good {
            true => completes(&mut bench, "a-1.1", 1),
            false => fails(&mut bench, "a-1.1", 1),
        };
        bench.o.setup.target.path = place.into();
        let next = launch_of_second(&mut bench);
        assert!(matches!(next.start, Start::Fresh { .. }), "{reuse:?} {good} {place}");
        let told = usize::from(reuse != Reuse::Nothing);
        assert_eq!(next.brief.before.len(), told, "{reuse:?} {good} {place}");
        if !good {
            let found = &next.brief.before[0];
            assert_eq!(found.outcome, "failed: gate tests failed");
            assert_eq!(found.findings[0].said, ["assertion failed".into()]);
        }
    }
}

/// The second phase, asked for anew once the target lies where it does now.
fn launch_of_second(bench: &mut Bench) -> Launch {
    let me = agent("a-1.2", 1);
    bench.report(Report::Claimed { agent: me, outcome: ClaimOutcome::Unavailable("busy".into()) });
    assert_eq!(bench.stage("a-1.2"), Stage::Ended(Outcome::Refused("busy".into())));
    bench.plan("phase 1.2");
    launch(bench, &agent("a-1.2", 2))
}
