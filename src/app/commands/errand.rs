//! `orch-tui qa`, `pm` and `report --summary`: an agent that works for no plan, followed to its end.

use std::io;
use std::path::Path;

use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::cli::Global;
use crate::app::commands::run;
use crate::app::commands::setup::Asking;
use crate::app::engine::Engine;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::narrate::{Narrator, Style};
use crate::app::out::{self, Answer};
use crate::app::place::Place;
use crate::domain::agent::{Agent, Outcome, Stage};
use crate::domain::branch::BranchReport;
use crate::domain::command::{Command, ErrandWish};
use crate::domain::effect::StopKind;
use crate::domain::errand::Errand;
use crate::domain::id::AgentId;
use crate::domain::orchestrator::{Drives, Level, Orchestrator, Role, Setup};
use crate::domain::printable::visible;
use crate::domain::report::Report;
use crate::runner::document_desk;
use crate::runner::world::now;

/// Starts an agent for an errand, after a question, tells what it does and prints what it leaves.
///
/// # Errors
/// When it can't be started, or output can't be written.
pub async fn errand(global: &Global, errand: Errand, asking: Asking) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    let (exit, document) = follow_to_the_end(&place, global, (errand, asking)).await?;
    if let Some(document) = document {
        print(global, &document)?;
    }
    Ok(exit)
}

/// What an agent left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    agent: AgentId,
    path: String,
    /// Its text.
    pub text: String,
}

/// Runs an errand to its end: the exit code it deserves, and what its agent left.
///
/// # Errors
/// When it can't be started, or output can't be written.
pub async fn follow_to_the_end(
    place: &Place,
    global: &Global,
    (errand, asking): (Errand, Asking),
) -> Result<(Exit, Option<Left>), Failure> {
    place.roadmap()?;
    // It does nothing for plans: it neither starts phases nor writes the roadmap.
    let setup = Setup { drives: Drives::Errands, auto_garden: false, ..place.setup() };
    let mut engine = Engine::open_with(place, setup)?;
    if let Role::Viewer { driver } = engine.orchestrator.role() {
        let why =
            format!("process {driver} drives this repository already; ask there, or quit it first");
        return Err(Failure::new(Exit::Claimed, why));
    }
    let style = if global.json { Style::Json } else { Style::Lines };
    let mut narrator = Narrator::new(io::stdout(), style, &engine.orchestrator);
    let before = engine.orchestrator.run().errands.agents.values();
    let taken_up = before.filter(|agent| agent.is_live()).any(|a| a.errand() == Some(&errand));
    if !taken_up {
        run::refuse_astray(place, &engine).await?;
    }
    tell_of_others(&engine.orchestrator);
    tidied_up(&mut engine, &errand, &mut narrator).await?;
    let Some(id) = begin(&mut engine, errand.clone(), asking)? else {
        return Ok((Exit::Approval, None));
    };
    let mut exit = follow(&mut engine, &id, &mut narrator).await;
    if taken_up && exit.is_ok() && is_lost(&engine.orchestrator, &id) {
        // What was taken up had ended without anybody there: it was asked for all the same.
        out::note(&format!("{id} was lost: it begins anew"));
        begin(&mut engine, errand, Asking::Agreed)?;
        exit = follow(&mut engine, &id, &mut narrator).await;
    }
    engine.runner.settle().await;
    let exit = exit?;
    let agent = engine.orchestrator.agent(&id);
    if let Some(Outcome::Astray(how)) = agent.and_then(Agent::outcome) {
        out::note(&run::mend(how.as_str()));
    }
    let document = agent.and_then(|agent| agent.document.as_ref()).map(|path| left(&id, path));
    Ok((exit, document.transpose()?))
}

/// Agents of phases whose app is gone are looked after meanwhile: whoever asked for something else is to know.
fn tell_of_others(o: &Orchestrator) {
    let live = o.run().agents.values().filter(|agent| agent.is_busy());
    let ids: Vec<String> = live.map(|agent| visible(agent.me().id.as_str())).collect();
    let (ids, work) = match ids.as_slice() {
        [] => return,
        [one] => (one.clone(), "is still at work for a plan: it is"),
        all => (all.join(", "), "are still at work for a plan: they are"),
    };
    out::note(&format!(
        "{ids} {work} looked after meanwhile; `orch-tui run` or the dashboard goes on with the plan"
    ));
}

fn left(id: &AgentId, path: &Path) -> Result<Left, Failure> {
    let text = document_desk::read(path).map_err(|error| {
        Failure::environment(format!("{} can't be read: {error}", path.display()))
    })?;
    Ok(Left { agent: id.clone(), path: path.display().to_string(), text })
}

/// Waits until what an ended agent with the same errand left is taken away, or can't be: nothing else is in the way.
async fn tidied_up(
    engine: &mut Engine,
    errand: &Errand,
    narrator: &mut Narrator<impl io::Write>,
) -> Result<(), Failure> {
    let left = |o: &Orchestrator| {
        let same = |agent: &&Agent| agent.errand() == Some(errand) && !agent.is_live();
        let ended = o.run().errands.agents.values().filter(same).map(|agent| &agent.me().id);
        ended.into_iter().any(|id| !o.is_done_with(id) && !o.run().is_asked_again(id))
    };
    while left(&engine.orchestrator) && engine.orchestrator.can_record() {
        let Some(report) = engine.reports.recv().await else { return Ok(()) };
        take_in(engine, report, narrator)?;
        narrator.tell(&engine.orchestrator)?;
    }
    Ok(())
}

/// Starts it, unless it runs already or the person says no.
fn begin(engine: &mut Engine, errand: Errand, asking: Asking) -> Result<Option<AgentId>, Failure> {
    let o = &engine.orchestrator;
    let live = |agent: &&Agent| agent.is_live() && agent.errand() == Some(&errand);
    if let Some(agent) = o.run().errands.agents.values().find(live) {
        out::note(&format!("{} is at work on that already: this is what it does", agent.me().id));
        return Ok(Some(agent.me().id.clone()));
    }
    o.can_run(&errand).map_err(|why| Failure::new(Exit::Nothing, why))?;
    if let Some(refusal) = &o.setup().refusal {
        return Err(Failure::environment(refusal));
    }
    let id = o.errand_agent(&errand);
    if asking == Asking::Ask && !agreed(o, &errand, &id) {
        return Ok(None);
    }
    let effects = engine.orchestrator.command(now(), Command::Errand(ErrandWish::Begin(errand)));
    engine.runner.execute(effects);
    match engine.orchestrator.agent(&id).filter(|agent| agent.is_live()) {
        Some(_) => Ok(Some(id)),
        None => Err(Failure::environment(last_complaint(&engine.orchestrator))),
    }
}

fn agreed(o: &Orchestrator, errand: &Errand, id: &AgentId) -> bool {
    let (title, agent) = (visible(&errand.title()), visible(&o.target().agent));
    match out::agreed(&format!("Start {id} ({title}) with {agent}?")) {
        Answer::Yes => true,
        Answer::No => false,
        Answer::Nobody => {
            out::note("nobody is there to approve this agent: add --yes");
            false
        }
    }
}

/// Tells what happens until the agent's life is over and its worktree is gone.
///
/// # Errors
/// When output can't be written, signals can't be heard, or the journal can't be written.
pub async fn follow(
    engine: &mut Engine,
    id: &AgentId,
    narrator: &mut Narrator<impl io::Write>,
) -> Result<Exit, Failure> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::environment)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::environment)?;
    let mut interrupted = false;
    loop {
        narrator.tell(&engine.orchestrator)?;
        if engine.orchestrator.is_done_with(id) {
            return Ok(verdict(&engine.orchestrator, id));
        }
        if !engine.orchestrator.can_record() {
            return Err(Failure::environment(last_complaint(&engine.orchestrator)));
        }
        tokio::select! {
            report = engine.reports.recv() => match report {
                Some(report) => take_in(engine, report, narrator)?,
                None => return Ok(Exit::Failed),
            },
            _ = interrupt.recv() => {
                let how = if interrupted { StopKind::Kill } else { StopKind::Term };
                interrupted = true;
                let stop = Command::Stop(id.clone(), how);
                let effects = engine.orchestrator.command(now(), stop);
                engine.runner.execute(effects);
            }
            _ = terminate.recv() => return Ok(Exit::Interrupted),
        }
    }
}

/// Hears a report, and tells why a worktree stays, which is not in the journal.
fn take_in(
    engine: &mut Engine,
    report: Report,
    narrator: &mut Narrator<impl io::Write>,
) -> Result<(), Failure> {
    narrator.hear(&report, &engine.orchestrator)?;
    if let Report::Branch(BranchReport::Removed { agent, outcome: Err(why), .. }) = &report {
        narrator.note(&format!("{}: {why}", visible(agent.id.as_str())));
    }
    engine.observe(report);
    Ok(())
}

/// Whether an agent was broken off, or nobody knows how it ended.
fn is_lost(o: &Orchestrator, id: &AgentId) -> bool {
    match o.agent(id).map(|agent| &agent.stage) {
        Some(Stage::Ended(Outcome::Lost | Outcome::Interrupted(_))) => true,
        _otherwise => false,
    }
}

/// The exit code the agent's end deserves.
fn verdict(o: &Orchestrator, id: &AgentId) -> Exit {
    match o.agent(id).map(|agent| &agent.stage) {
        Some(Stage::Ended(Outcome::Succeeded)) => Exit::Ok,
        Some(Stage::Ended(Outcome::Killed)) => Exit::Interrupted,
        Some(Stage::Ended(Outcome::TimedOut(_))) => Exit::TimeLimit,
        Some(Stage::Ended(
            Outcome::Refused(_) | Outcome::NeedsLogin(_) | Outcome::RootRefused(_),
        )) => Exit::Environment,
        _failed => Exit::Failed,
    }
}

fn print(global: &Global, document: &Left) -> Result<(), Failure> {
    if global.json {
        return out::json(&json!({
            "event": "document", "at": now(), "agent": document.agent,
            "path": document.path, "markdown": document.text,
        }));
    }
    out::line("")?;
    lines(&document.text)
}

/// Prints a document of an agent: text, and nothing that steers a terminal.
///
/// # Errors
/// When nobody reads any more.
pub fn lines(text: &str) -> Result<(), Failure> {
    text.trim_end().lines().try_for_each(|line| out::line(visible(line)))
}

/// What was complained of last, in one sentence.
fn last_complaint(o: &Orchestrator) -> String {
    let complaint = o.notices().iter().rev().find(|notice| notice.level == Level::Error);
    complaint.map_or_else(|| "the agent could not be started".into(), |c| c.text.to_string())
}
