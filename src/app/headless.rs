//! `orch-tui run`: the same state machine without a screen, driven to the end.

use std::collections::BTreeSet;
use std::io::Write;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use crate::app::commands::errand;
use crate::app::engine::Engine;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::narrate::Narrator;
use crate::domain::agent::{Outcome, Stage};
use crate::domain::branch::MergePolicy;
use crate::domain::command::Command;
use crate::domain::effect::{Document, StopKind};
use crate::domain::glance::LeftBehind;
use crate::domain::id::{AgentId, PhaseId};
use crate::domain::orchestrator::{Level, Orchestrator};
use crate::domain::printable::{Printable, counted, visible};
use crate::domain::report::{DocumentReport, Report};
use crate::runner::world::now;

/// Time to remove worktrees before the program ends.
const TIDYING: Duration = Duration::from_secs(5);

/// Drives an approved plan until nothing of it is left, telling what happens. Proven work of the phases in `merges` is
/// merged: what waits for a review when it begins whatever it waits for, as a person's own word does, later only what
/// nothing is in the way of.
///
/// # Errors
/// When output can't be written or signals can't be heard.
pub async fn drive(
    engine: &mut Engine,
    narrator: &mut Narrator<impl Write>,
    merges: &BTreeSet<PhaseId>,
) -> Result<Exit, Failure> {
    let before = engine.orchestrator.run().story.finished.clone();
    merge(engine, |phase, _| merges.contains(phase));
    let outcome = follow(engine, narrator, merges).await;
    let after = &engine.orchestrator.run().story.finished;
    if outcome.is_ok() && after.is_some() && *after != before {
        tell_report(engine, narrator).await?;
        narrator.complain(&engine.orchestrator)?;
        // The target may want it summed up by itself.
        if let Some(id) = engine.orchestrator.summing_up().map(|agent| agent.me().id.clone()) {
            errand::follow(engine, &id, narrator).await?;
        }
    }
    // Hosts whose result is collected are told to go, and the journal is on disk.
    engine.runner.settle().await;
    outcome
}

/// Merges work in review, where what it waits for is so.
fn merge(engine: &mut Engine, wanted: impl Fn(&PhaseId, &Printable) -> bool) {
    let waits = engine.orchestrator.run().agents.values().filter(|agent| match &agent.stage {
        Stage::Review(why) => wanted(agent.phase(), why),
        _ => false,
    });
    let ids: Vec<AgentId> = waits.map(|agent| agent.me().id.clone()).collect();
    for id in ids {
        let effects = engine.orchestrator.command(now(), Command::Merge(id));
        engine.runner.execute(effects);
    }
}

async fn follow(
    engine: &mut Engine,
    narrator: &mut Narrator<impl Write>,
    merges: &BTreeSet<PhaseId>,
) -> Result<Exit, Failure> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::environment)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::environment)?;
    let mut interrupted = false;
    loop {
        merge(engine, |phase, why| merges.contains(phase) && why.as_str().is_empty());
        narrator.tell(&engine.orchestrator)?;
        if finished(&engine.orchestrator) && !merging(&engine.orchestrator, merges) {
            break;
        }
        if let Some(exit) = waits_for_person(&engine.orchestrator, narrator) {
            return Ok(exit);
        }
        if !engine.orchestrator.can_record() {
            return Err(Failure::environment(last_complaint(&engine.orchestrator)));
        }
        let wakes_at = engine.orchestrator.wakes_at(now());
        tokio::select! {
            () = Engine::wake(wakes_at) => engine.tick(),
            report = engine.reports.recv() => match report {
                Some(report) => {
                    narrator.hear(&report, &engine.orchestrator)?;
                    engine.observe(report);
                }
                None => break,
            },
            _ = interrupt.recv() => {
                let how = if interrupted { StopKind::Kill } else { StopKind::Term };
                interrupted = true;
                stop(engine, how);
            }
            _ = terminate.recv() => return leave_running(&engine.orchestrator, narrator),
        }
        if interrupted && engine.orchestrator.busy_agents() == 0 {
            give_up(engine, narrator)?;
            return Ok(Exit::Interrupted);
        }
    }
    Ok(verdict(&engine.orchestrator))
}

/// Longest wait for the report to be written.
const REPORTING: Duration = Duration::from_secs(10);

/// Says where the report of the plan that has just finished is kept.
async fn tell_report(
    engine: &mut Engine,
    narrator: &mut Narrator<impl Write>,
) -> Result<(), Failure> {
    let kept = async {
        loop {
            match engine.reports.recv().await? {
                Report::Document(DocumentReport::Kept(Document::Report, kept)) => {
                    return Some(kept);
                }
                report => engine.observe(report),
            }
            if !engine.orchestrator.can_record() {
                return None;
            }
        }
    };
    // Without it the run has ended all the same, and `orch-tui report` tells it.
    let kept = tokio::time::timeout(REPORTING, kept).await.ok().flatten();
    match kept {
        Some(Ok(path)) => narrator.add(&format!("the report is kept in {path}")),
        Some(Err(why)) => narrator.add(why.as_str()),
        None => Ok(()),
    }
}

/// The person wanted the end: what is left of the plan must not come back with the next one.
fn give_up(engine: &mut Engine, narrator: &mut Narrator<impl Write>) -> Result<(), Failure> {
    narrator.tell(&engine.orchestrator)?;
    let told = finished(&engine.orchestrator);
    let effects = engine.orchestrator.command(now(), Command::EndPlan);
    engine.runner.execute(effects);
    if told { Ok(()) } else { narrator.tell(&engine.orchestrator) }
}

/// Longest wait for the roadmap to be read and gardened before a goal is read against it.
const SETTLING: Duration = Duration::from_secs(20);

/// Lets the gardener finish first, so that what it unblocks can be planned.
pub async fn settle(engine: &mut Engine) {
    let settled = async {
        while !engine.orchestrator.view_is_settled() {
            let Some(report) = engine.reports.recv().await else { return };
            engine.observe(report);
        }
    };
    // Without it a goal is read against the file as it is.
    let _late = tokio::time::timeout(SETTLING, settled).await;
}

/// Waits until all agents have ended, their phases are put back and worktrees that go with them are gone. Ctrl-C kills what is slow to end, once more leaves.
pub async fn stop_and_wait(engine: &mut Engine) {
    let mut impatient = false;
    let goes_on = |o: &Orchestrator| o.busy_agents() > 0 || o.clears_away();
    while goes_on(&engine.orchestrator) && engine.orchestrator.can_record() {
        tokio::select! {
            report = engine.reports.recv() => match report {
                Some(report) => engine.observe(report),
                None => return,
            },
            _ = tokio::signal::ctrl_c() => {
                if impatient {
                    return;
                }
                impatient = true;
                stop(engine, StopKind::Kill);
            }
        }
    }
}

/// Waits until worktrees that are being removed are gone, for a while.
pub async fn tidy_up(engine: &mut Engine) {
    let tidying = async {
        while engine.orchestrator.clears_away() && engine.orchestrator.can_record() {
            let Some(report) = engine.reports.recv().await else { return };
            engine.observe(report);
        }
    };
    // Whoever drives next does what is left.
    let _late = tokio::time::timeout(TIDYING, tidying).await;
}

/// The end of a run that can't go on before a person has done something; says what.
fn waits_for_person(o: &Orchestrator, narrator: &Narrator<impl Write>) -> Option<Exit> {
    if o.waits_for_budget() {
        narrator.remind(&last_complaint(o));
        narrator.note("run it again to go on with as much again");
        return Some(Exit::Approval);
    }
    if o.waits_for_review(now()) {
        return Some(reviews_left(o, narrator));
    }
    if o.run().held && o.busy_agents() == 0 {
        if let Some(complaint) = complaint(o) {
            narrator.remind(&complaint);
        }
        narrator.note("the queue is held, so nothing new starts: run it again once that is mended");
        return Some(Exit::Approval);
    }
    None
}

/// Ends the run, not its agents: says that they go on without anybody who looks after them.
fn leave_running(o: &Orchestrator, narrator: &mut Narrator<impl Write>) -> Result<Exit, Failure> {
    narrator.tell(o)?;
    let LeftBehind { running, unjudged } = LeftBehind::of(o);
    let path = visible(&o.target().path.to_string_lossy());
    if running > 0 {
        let agents = counted(running, "agent");
        narrator
            .note(&format!("{agents} left running: `orch-tui -C {path}` looks after them again"));
    }
    if unjudged > 0 {
        let agents = counted(unjudged, "agent");
        narrator.note(&format!("{agents} not judged yet: `orch-tui -C {path}` goes on with that"));
    }
    Ok(Exit::Interrupted)
}

/// Says what waits for a person, who merges it with a screen.
fn reviews_left(o: &Orchestrator, narrator: &Narrator<impl Write>) -> Exit {
    let waits = o.run().agents.values().filter_map(|agent| match &agent.stage {
        Stage::Review(why) => Some((agent, why)),
        _ => None,
    });
    for (agent, why) in waits {
        let branch = agent.workspace.as_ref().and_then(|place| place.branch()).unwrap_or_default();
        let why = if why.as_str().is_empty() { "" } else { why.as_str() };
        let sep = if why.is_empty() { "" } else { ": " };
        narrator.note(&format!(
            "{} is proven on branch {branch} and waits to be merged{sep}{why}",
            agent.phase()
        ));
    }
    narrator.note(match o.merge_policy() {
        MergePolicy::Review => {
            "open orch-tui to look at it and merge it, or run it again with --merge auto"
        }
        MergePolicy::Auto => "mend what is in the way and run again: then it is merged",
    });
    Exit::Approval
}

/// What was complained of last, in one sentence.
fn last_complaint(o: &Orchestrator) -> String {
    complaint(o).unwrap_or_else(|| "the journal can't be written".into())
}

fn complaint(o: &Orchestrator) -> Option<String> {
    let complaint = o.notices().iter().rev().find(|notice| notice.level == Level::Error);
    complaint.map(|complaint| complaint.text.to_string())
}

fn stop(engine: &mut Engine, how: StopKind) {
    let effects = engine.orchestrator.command(now(), Command::StopAll(how));
    engine.runner.execute(effects);
}

/// Whether work of these phases is on its way to the target branch: also that of a plan that was ended.
fn merging(o: &Orchestrator, merges: &BTreeSet<PhaseId>) -> bool {
    let agents = o.run().agents.values();
    agents.into_iter().any(|agent| agent.is_busy() && merges.contains(agent.phase()))
}

fn finished(orchestrator: &Orchestrator) -> bool {
    orchestrator.run().plan.as_ref().is_none_or(|plan| plan.finished)
}

/// The exit code a finished plan deserves.
fn verdict(orchestrator: &Orchestrator) -> Exit {
    let Some(plan) = &orchestrator.run().plan else { return Exit::Nothing };
    let undone = orchestrator.left_undone(plan);
    // What never began waited for one that did.
    let begun = undone.iter().filter_map(|phase| orchestrator.agent_of(phase));
    let failed = |exit: Option<Exit>, stage: &Stage| match stage {
        Stage::Ended(Outcome::TimedOut(_)) => Some(Exit::TimeLimit),
        Stage::Ended(Outcome::Refused(_) | Outcome::NeedsLogin(_) | Outcome::RootRefused(_)) => {
            exit.or(Some(Exit::Environment))
        }
        _failed => Some(Exit::Failed),
    };
    let none = if undone.is_empty() { Exit::Ok } else { Exit::Failed };
    begun.map(|agent| &agent.stage).fold(None, failed).unwrap_or(none)
}
