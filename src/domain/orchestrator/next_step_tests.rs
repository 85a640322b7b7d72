//! What follows each kind of end: as a table, and with the exact effects.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use super::next_step::{Again, NewLife, NextStep, Past, Wait, next_step};
use super::outlook::Outlook;
use super::tests::{Bench, agent, claims, only_edit, setup};
use super::*;
use crate::domain::adapter::{Adapter, SessionId, Start};
use crate::domain::agent::ExitCause;
use crate::domain::claim::{ClaimOutcome, Fence};
use crate::domain::command::Command;
use crate::domain::effect::Effect;
use crate::domain::effect::{Launch, StopKind};
use crate::domain::id::TargetId;
use crate::domain::journal::{Birth, Fact};
use crate::domain::reason::Reason;
use crate::domain::report::Report;
use crate::domain::retry::{MOST_RESUMES, MOST_WAITS, RetryRules};
use crate::domain::workspace::Workspace;

const NOTHING: Vec<String> = Vec::new();
const ENDED: Timestamp = Timestamp(1_000_000);

fn birth(attempt: u32) -> Birth {
    let first = Birth::first(agent("a-1.1", 1), PhaseId::new("1.1"), TargetId::new("t"), "text");
    Birth { attempt, ..first }
}

fn rules(retries: u32) -> RetryRules {
    RetryRules { retries, ..RetryRules::default() }
}

fn past<'a>(birth: &'a Birth, rules: &'a RetryRules) -> Past<'a> {
    let mut adapters = vec!["text"];
    adapters.extend(rules.fallback.iter().map(String::as_str));
    Past { birth, ended: ENDED, session: Some("s".into()), adapters, rules }
}

/// What follows the try of this number that ended so, of a target with two retries.
fn after(outcome: &Outcome, attempt: u32) -> NextStep {
    next_step(outcome, &past(&birth(attempt), &rules(2)))
}

fn again(at: u64, wait: Wait, life: NewLife) -> NextStep {
    NextStep::Again(Again { at: ENDED.plus(Duration::from_secs(at)), wait, life })
}

fn life(attempt: u32) -> NewLife {
    NewLife { attempt, ..NewLife::first("text") }
}

fn limited(until: Option<u64>) -> Outcome {
    let until = until.map(|after| ENDED.plus(Duration::from_secs(after)));
    Outcome::RateLimited { until, said: "no more".into() }
}

/// One of each kind.
fn outcomes() -> Vec<Outcome> {
    vec![
        Outcome::Succeeded,
        Outcome::Failed("no".into()),
        Outcome::Service("500".into()),
        Outcome::TurnLimit,
        Outcome::BudgetLimit,
        limited(Some(60)),
        limited(None),
        Outcome::NeedsLogin("log in".into()),
        Outcome::RootRefused("root".into()),
        Outcome::Denied(vec!["Bash".into()]),
        Outcome::NoSession("gone".into()),
        Outcome::Astray("on another branch".into()),
        Outcome::TimedOut("no output".into()),
        Outcome::Killed,
        Outcome::Interrupted(15),
        Outcome::Lost,
        Outcome::Refused("no".into()),
    ]
}

#[test]
fn each_kind_of_end_has_its_next_step() {
    let resumed = NewLife { resumes: 1, session: Some("s".into()), ..life(2) };
    let waited = NewLife { waits: 1, session: Some("s".into()), ..life(1) };
    for outcome in outcomes() {
        let expected = match &outcome {
            Outcome::Succeeded => NextStep::Nothing,
            // One that is told of a session it never had fails like any other.
            Outcome::Failed(_) | Outcome::NoSession(_) => again(5, Wait::Pause, life(2)),
            Outcome::Service(_)
            | Outcome::TurnLimit
            | Outcome::TimedOut(_)
            | Outcome::Interrupted(_)
            | Outcome::Lost => again(5, Wait::Pause, resumed.clone()),
            Outcome::RateLimited { .. } => again(60, Wait::Limit, waited.clone()),
            Outcome::BudgetLimit
            | Outcome::NeedsLogin(_)
            | Outcome::RootRefused(_)
            | Outcome::Astray(_)
            | Outcome::Denied(_)
            | Outcome::Killed
            | Outcome::Refused(_) => NextStep::Person,
        };
        assert_eq!(after(&outcome, 1), expected, "{outcome:?}");
    }
}

#[test]
fn when_the_budget_is_used_up_only_limits_are_waited_for() {
    for outcome in outcomes() {
        let goes_on = after(&outcome, 3).is_again();
        let limit = matches!(outcome, Outcome::RateLimited { .. });
        assert_eq!(goes_on, limit, "{outcome:?}");
    }
}

#[test]
fn pauses_grow_with_the_tries() {
    let failed = Outcome::Failed("no".into());
    assert_eq!(after(&failed, 1), again(5, Wait::Pause, life(2)));
    assert_eq!(after(&failed, 2), again(15, Wait::Pause, life(3)));
}

#[test]
fn a_session_that_fails_again_is_left_and_one_that_is_gone_at_once() {
    let rules = rules(9);
    let start = Start::Resume { session: "s".into() };
    let resumed = |resumes| Birth { resumes, start: start.clone(), ..birth(2) };
    let next = |outcome: &Outcome, birth: &Birth| match next_step(outcome, &past(birth, &rules)) {
        NextStep::Again(again) => again.life,
        other => panic!("{other:?}"),
    };
    let once_more = NewLife { resumes: 2, session: Some("s".into()), ..life(3) };
    assert_eq!(next(&Outcome::TurnLimit, &resumed(1)), once_more);
    let anew = NewLife { resumes: 2, ..life(3) };
    assert_eq!(next(&Outcome::TurnLimit, &resumed(2)), anew);
    let no_try = NewLife { resumes: MOST_RESUMES, ..life(2) };
    assert_eq!(next(&Outcome::NoSession("gone".into()), &resumed(1)), no_try);
    let waits = NewLife { resumes: 2, waits: 1, ..life(2) };
    assert_eq!(next(&limited(None), &resumed(2)), waits, "the session is not trusted any more");
}

#[test]
fn limits_are_waited_for_so_long_and_so_often() {
    let rules = rules(2);
    let waited = |waits| Birth { waits, ..birth(1) };
    let after = |outcome: &Outcome, waits| match next_step(outcome, &past(&waited(waits), &rules)) {
        NextStep::Again(again) => Some(again.at.since(ENDED).as_secs()),
        NextStep::Nothing | NextStep::Person => None,
    };
    let day = 24 * 3_600;
    assert_eq!(after(&limited(Some(day)), 0), Some(day));
    assert_eq!(after(&limited(Some(day + 1)), 0), None, "too long");
    assert_eq!(after(&limited(None), 3), Some(480));
    assert_eq!(after(&limited(None), MOST_WAITS - 1), Some(3_600));
    assert_eq!(after(&limited(None), MOST_WAITS), None, "too often");
    let over = Outcome::RateLimited { until: Some(Timestamp(7)), said: "x".into() };
    assert_eq!(after(&over, 0), Some(60), "a limit that is over already is no reason to hurry");
}

#[test]
fn other_agents_take_their_share_and_what_the_first_can_not_do() {
    let fallback = vec!["codex".to_owned()];
    let rules = RetryRules { retries: 3, fallback, ..RetryRules::default() };
    let next = |outcome: &Outcome, birth: &Birth| match next_step(outcome, &past(birth, &rules)) {
        NextStep::Again(again) => Some((again.at.since(ENDED).as_secs(), again.life)),
        NextStep::Nothing | NextStep::Person => None,
    };
    let codex = |attempt| NewLife { attempt, ..NewLife::first("codex") };
    assert_eq!(next(&Outcome::Failed("no".into()), &birth(1)), Some((5, life(2))));
    assert_eq!(next(&Outcome::TurnLimit, &birth(2)), Some((15, codex(3))), "half is used up");
    for outcome in [Outcome::NeedsLogin("x".into()), limited(Some(100_000))] {
        assert_eq!(next(&outcome, &birth(1)), Some((0, codex(2))), "{outcome:?}");
        let last = Birth { adapter: "codex".into(), ..birth(2) };
        assert_eq!(next(&outcome, &last), None, "{outcome:?}: nobody is left");
        assert_eq!(next(&outcome, &birth(4)), None, "{outcome:?}: no try is left");
    }
    let early = Birth { adapter: "codex".into(), ..birth(2) };
    let failed = next(&Outcome::Failed("no".into()), &early);
    assert_eq!(failed, Some((15, codex(3))), "nobody goes back");
}

/// A target whose agent lets us choose its session and goes on with it; there is a second agent.
fn bench(rules: RetryRules) -> Bench {
    let mut setup = setup(1);
    let mut own = setup.adapters["text"].clone();
    own.session.id = SessionId::Chosen;
    own.session.resume = vec!["--resume={session}".into()];
    let other = Adapter { name: "other".into(), command: "/opt/other".into(), ..own.clone() };
    setup.adapters = BTreeMap::from([("text".into(), own), ("other".into(), other)]);
    setup.target.retry = rules;
    let mut bench = Bench::new(1);
    bench.o = Orchestrator::new(setup, Role::Driver);
    bench.read();
    bench
}

/// The process of an agent ends so.
fn end(bench: &mut Bench, me: &AgentRef, reason: Reason) -> Vec<Effect> {
    let exit = Exit {
        cause: ExitCause::Own,
        code: Some(1),
        signal: None,
        said: Some(Err(reason)),
        survivors: 0,
        usage: crate::domain::agent::Usage::default(),
        session: None,
        at: Timestamp(bench.now),
    };
    let order = only_edit(&bench.report(Report::Exited { agent: me.clone(), exit }));
    bench.edit(order)
}

/// A first life that ended so.
fn ended(rules: RetryRules, reason: Reason) -> (Bench, Vec<Effect>) {
    let mut bench = bench(rules);
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    let effects = end(&mut bench, &me, reason);
    (bench, effects)
}

fn tick(bench: &mut Bench, at: Timestamp) -> Vec<Effect> {
    bench.now = at.0;
    let effects = bench.o.tick(at);
    bench.noted(effects)
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

fn outlook(bench: &Bench) -> Option<Outlook> {
    bench.o.outlook(bench.o.agent(&AgentId::new("a-1.1")).unwrap(), Timestamp(bench.now))
}

fn goes_on(text: &str) -> Option<Outlook> {
    Some(Outlook::GoesOn(text.into()))
}

fn is_finished(bench: &Bench) -> bool {
    bench.o.run().plan.as_ref().unwrap().finished
}

#[test]
fn a_retry_waits_for_its_pause_and_goes_on_with_the_session() {
    let (mut bench, effects) = ended(rules(1), Reason::Service("500".into()));
    assert!(matches!(&effects[..], [Effect::Release { .. }]), "{effects:?}");
    assert!(!is_finished(&bench));
    let now = Timestamp(bench.now);
    let at = bench.o.wakes_at(now).unwrap();
    assert_eq!(at.since(now), Duration::from_secs(5));
    assert_eq!(outlook(&bench), goes_on("retry 1/1 in 5s: the model's service: 500"));
    assert_eq!(tick(&mut bench, Timestamp(at.0 - 1)), []);
    assert_eq!(claims(&tick(&mut bench, at)), ["a-1.1.2"]);
    let first = bench.journal.iter().find_map(|entry| match &entry.fact {
        Fact::AgentSpawned(birth) => Some(birth.start.clone()),
        _ => None,
    });
    let Some(Start::Fresh { session }) = first else { panic!("{first:?}") };
    let launch = launch(&mut bench, &agent("a-1.1", 2));
    assert_eq!(launch.start, Start::Resume { session });
    let failure = launch.brief.failure.unwrap();
    assert_eq!(failure.outcome, "the model's service: 500");
    assert_eq!(failure.tries.len(), 1);
    assert_eq!(failure.tries[0].outcome.as_deref(), Some("the model's service: 500"));
    assert_eq!(Run::replay(&bench.journal), *bench.o.run());
}

#[test]
fn the_next_app_keeps_the_pause_and_the_count() {
    let (bench, _) = ended(rules(1), Reason::Failed("no".into()));
    let mut next = bench_after(&bench);
    let now = Timestamp(next.now);
    let effects = next.o.resume(now);
    assert_eq!(claims(&next.noted(effects)), NOTHING);
    let at = next.o.wakes_at(now).unwrap();
    assert_eq!(Some(at), bench.o.wakes_at(now));
    assert_eq!(claims(&tick(&mut next, at)), ["a-1.1.2"]);
    assert_eq!(next.o.agent(&AgentId::new("a-1.1")).unwrap().birth.attempt, 2);
}

fn bench_after(before: &Bench) -> Bench {
    let mut next = bench(rules(1));
    next.file.clone_from(&before.file);
    (next.now, next.journal) = (before.now, before.journal.clone());
    next.o.restore(&before.journal);
    next.read();
    next
}

#[test]
fn a_limit_is_waited_for_and_is_no_try() {
    let until = Timestamp(1_795_448_400_000);
    let reason = Reason::RateLimited { until: Some(until), said: "limit reached".into() };
    let mut bench = bench(rules(0));
    bench.now = until.0 - 3_600_000;
    bench.plan("phase 1.1");
    bench.start(&agent("a-1.1", 1));
    end(&mut bench, &agent("a-1.1", 1), reason);
    assert_eq!(bench.o.wakes_at(Timestamp(bench.now)), Some(until));
    assert_eq!(outlook(&bench), goes_on("goes on 15:40: rate limited"));
    assert_eq!(claims(&tick(&mut bench, until)), ["a-1.1.2"]);
    let born = &bench.o.agent(&AgentId::new("a-1.1")).unwrap().birth;
    assert_eq!((born.attempt, born.waits, born.resumes), (1, 1, 0));
    assert!(matches!(born.start, Start::Resume { .. }));
}

#[test]
fn what_waits_can_be_stopped_for_good_and_started_anew() {
    let (mut bench, _) = ended(rules(2), Reason::TurnLimit);
    let id = AgentId::new("a-1.1");
    let effects = bench.command(Command::Stop(id.clone(), StopKind::Term));
    assert!(matches!(&effects[..], [Effect::Keep { .. }]), "only a report: {effects:?}");
    assert_eq!(bench.o.wakes_at(Timestamp(bench.now)), None);
    assert!(is_finished(&bench));
    assert_eq!(Run::replay(&bench.journal), *bench.o.run());
    assert_eq!(claims(&bench.command(Command::Restart(id.clone()))), ["a-1.1.2"]);
    let born = &bench.o.agent(&id).unwrap().birth;
    assert_eq!((born.attempt, born.resumes), (1, 0));
    assert!(matches!(born.start, Start::Fresh { .. }));
}

#[test]
fn a_restart_does_not_wait_and_counts_anew() {
    let (mut bench, _) = ended(rules(1), Reason::Failed("no".into()));
    let id = AgentId::new("a-1.1");
    assert_eq!(claims(&bench.command(Command::Restart(id.clone()))), ["a-1.1.2"]);
    assert_eq!(bench.o.agent(&id).unwrap().birth.attempt, 1);
}

#[test]
fn a_hold_outlasts_a_pause() {
    let (mut bench, _) = ended(rules(1), Reason::Failed("no".into()));
    bench.command(Command::ToggleHold);
    let at = bench.o.wakes_at(Timestamp(bench.now)).unwrap();
    assert_eq!(tick(&mut bench, at), []);
    assert!(!is_finished(&bench));
    assert_eq!(outlook(&bench), goes_on("retry 1/1 when the hold is over: no"));
    assert_eq!(claims(&bench.command(Command::ToggleHold)), ["a-1.1.2"]);
}

#[test]
fn a_phase_that_is_blocked_meanwhile_is_not_waited_for() {
    let (mut bench, _) = ended(rules(1), Reason::Failed("no".into()));
    let text = String::from_utf8(bench.file.clone()).unwrap();
    bench.file = text.replacen("⚪ Not Started", "⏸ Deferred", 1).into_bytes();
    bench.read();
    assert_eq!(bench.o.wakes_at(Timestamp(bench.now)), None);
    assert!(is_finished(&bench));
}

#[test]
fn others_run_while_one_waits() {
    let mut bench = bench(rules(1));
    bench.plan("batch 1");
    let first = agent("a-1.1", 1);
    bench.start(&first);
    let effects = end(&mut bench, &first, Reason::Failed("no".into()));
    assert_eq!(claims(&effects), ["a-1.2.1"], "the slot is free");
    let at = bench.o.wakes_at(Timestamp(bench.now)).unwrap();
    assert_eq!(tick(&mut bench, at), [], "no slot is free");
    assert_eq!(bench.o.wakes_at(at), None);
    assert_eq!(outlook(&bench), goes_on("retry 1/1 when a slot is free: no"));
}

#[test]
fn a_limit_holds_what_was_not_tried_yet_too() {
    let mut bench = bench(rules(1));
    bench.plan("batch 1");
    let first = agent("a-1.1", 1);
    bench.start(&first);
    let reason = Reason::RateLimited { until: None, said: "no more".into() };
    let effects = end(&mut bench, &first, reason);
    assert_eq!(claims(&effects), NOTHING, "the next would run into it as well");
    let at = bench.o.limited_until(Timestamp(bench.now)).unwrap();
    assert_eq!(claims(&tick(&mut bench, at)), ["a-1.1.2"]);
    assert_eq!(bench.o.limited_until(at), None);
    let mut bench = self::bench(rules(1));
    bench.plan("batch 1");
    bench.start(&first);
    let reason = Reason::RateLimited { until: None, said: "no more".into() };
    end(&mut bench, &first, reason);
    let effects = bench.command(Command::Stop(first.id.clone(), StopKind::Term));
    assert_eq!(claims(&effects), ["a-1.2.1"], "nobody waits for it any more");
}

#[test]
fn a_person_is_told_what_to_do_first() {
    let denied = Reason::Denied(vec!["Bash".into(), "Write".into()]);
    for (reason, told) in [
        (Reason::NeedsLogin("x".into()), "needs a log-in: run `agent` and log in"),
        (denied, "was denied Bash, Write: allow that in agents.yaml"),
        (
            Reason::BudgetLimit,
            "budget reached: look at what it did, raise its budget in agents.yaml",
        ),
    ] {
        let (bench, _) = ended(rules(3), reason);
        assert!(is_finished(&bench), "{told}");
        assert_eq!(outlook(&bench), Some(Outlook::Asks(told.into())));
    }
    let (bench, _) = ended(rules(0), Reason::Failed("no".into()));
    assert_eq!(outlook(&bench), None, "how it ended says enough");
}

#[test]
fn another_agent_takes_over_with_a_fresh_session() {
    let fallback = vec!["other".to_owned()];
    let (mut bench, effects) =
        ended(RetryRules { fallback, ..rules(1) }, Reason::NeedsLogin("x".into()));
    assert_eq!(claims(&effects), ["a-1.1.2"]);
    let launch = launch(&mut bench, &agent("a-1.1", 2));
    assert_eq!(launch.adapter.name, "other");
    assert!(matches!(launch.start, Start::Fresh { .. }));
    assert!(launch.brief.failure.is_some(), "it is told what was done");
}

#[test]
fn a_session_that_was_told_is_gone_on_with_rather_than_the_chosen() {
    let mut bench = bench(rules(1));
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    let (cause, session) = (ExitCause::IdleLimit, Some("told".to_owned()));
    let exit = Exit {
        cause,
        code: None,
        signal: Some(9),
        said: None,
        survivors: 0,
        usage: crate::domain::agent::Usage::default(),
        session,
        at: Timestamp(bench.now),
    };
    let order = only_edit(&bench.report(Report::Exited { agent: me, exit }));
    bench.edit(order);
    let at = bench.o.wakes_at(Timestamp(bench.now)).unwrap();
    tick(&mut bench, at);
    let born = &bench.o.agent(&AgentId::new("a-1.1")).unwrap().birth;
    assert_eq!(born.start, Start::Resume { session: "told".into() });
}

#[test]
fn an_agent_that_never_said_anything_has_no_session() {
    let mut bench = bench(rules(1));
    bench.plan("phase 1.1");
    let me = agent("a-1.1", 1);
    bench.start(&me);
    let order = only_edit(&bench.exit(&me, ExitCause::StartLimit, 143));
    bench.edit(order);
    let at = bench.o.wakes_at(Timestamp(bench.now)).unwrap();
    tick(&mut bench, at);
    let born = &bench.o.agent(&AgentId::new("a-1.1")).unwrap().birth;
    assert!(matches!(born.start, Start::Fresh { .. }), "{born:?}");
}
