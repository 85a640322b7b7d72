//! `orch-tui run`: plan, ask, run to the end.

use std::collections::BTreeSet;
use std::io::{self, Stdout};

use futures_util::future::join_all;

use crate::app::cli::{Global, MergeChoice, ModeChoice, RunArgs};
use crate::app::commands::plan;
use crate::app::engine::Engine;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::narrate::{Narrator, Style};
use crate::app::out::Answer;
use crate::app::place::Place;
use crate::app::{dry_run, headless, json, out};
use crate::domain::branch::MergePolicy;
use crate::domain::command::{Command, PlanEdit};
use crate::domain::goal::interpretation::Interpretation;
use crate::domain::id::PhaseId;
use crate::domain::orchestrator::{Level, Orchestrator, Role};
use crate::domain::plan::{Mode, Plan};
use crate::domain::printable::{Printable, counted};
use crate::domain::workspace::Isolation;
use crate::runner::branch::{BranchError, shared};
use crate::runner::git::Git;
use crate::runner::world::now;

/// Plans a goal, asks unless told not to, and runs it to the end: in one target, or in several at once.
///
/// # Errors
/// When something outside is missing, when another process drives, or when nobody can approve.
pub async fn run(global: &Global, args: &RunArgs) -> Result<Exit, Failure> {
    let places = Place::find_all_and_tell(global)?;
    if args.dry_run {
        return rehearse_all(places, global, args).await;
    }
    let several = places.len() > 1;
    let mut runs = Vec::new();
    for place in places {
        let target = place.target.id.clone();
        match begin(place, global, args).await {
            Ok(mut begun) => {
                if several {
                    begun.narrator = begun.narrator.one_of_several(target);
                }
                runs.push(begun);
            }
            // Where one of several has nothing to do, the others run.
            Err(nothing) if several && nothing.exit == Exit::Nothing => {
                out::note(&format!("{target}: {nothing}"));
            }
            Err(why) if several => {
                return Err(Failure::new(why.exit, format!("{target}: {why}")));
            }
            Err(failure) => return Err(failure),
        }
    }
    if runs.is_empty() {
        return Err(Failure::new(Exit::Nothing, "there is nothing to run in any of these targets"));
    }
    if !approved_by_person(&runs, global, args)? {
        return Ok(Exit::Approval);
    }
    if several {
        let exits = join_all(runs.into_iter().map(Begun::drive_and_tell)).await;
        return Ok(exits.into_iter().fold(Exit::Ok, Exit::worst));
    }
    let mut worst = Exit::Ok;
    for run in runs {
        worst = worst.worst(run.drive().await?);
    }
    Ok(worst)
}

/// A run of one target that can start once a person has approved.
struct Begun {
    engine: Engine,
    narrator: Narrator<Stdout>,
    /// Its plan waits for approval; without one, agents of an earlier run go on.
    plans: bool,
    /// Phases whose proven work is merged, whatever the plan says it came from.
    merges: BTreeSet<PhaseId>,
}

impl Begun {
    /// Starts it and follows it to its end.
    async fn drive(mut self) -> Result<Exit, Failure> {
        self.follow().await
    }

    /// The same for one of several: what goes wrong is told at once, and the others go on.
    async fn drive_and_tell(mut self) -> Exit {
        match self.follow().await {
            Ok(exit) => exit,
            Err(failure) => {
                self.narrator.note(&failure.to_string());
                failure.exit
            }
        }
    }

    async fn follow(&mut self) -> Result<Exit, Failure> {
        for command in
            approval(&self.engine.orchestrator, self.plans.then_some(Command::ApprovePlan))
        {
            let effects = self.engine.orchestrator.command(now(), command);
            self.engine.runner.execute(effects);
        }
        headless::drive(&mut self.engine, &mut self.narrator, &self.merges).await
    }
}

/// Opens a target and drafts its plan.
async fn begin(mut place: Place, global: &Global, args: &RunArgs) -> Result<Begun, Failure> {
    refuse_bare(&place).await?;
    place.roadmap()?;
    Git::new(&place.target.path).head().await.map_err(Failure::environment)?;
    choose_agent(&mut place, args)?;
    let mut engine = Engine::open(&place)?;
    if let Role::Viewer { driver } = engine.orchestrator.role() {
        let why = format!("process {driver} drives this repository already; look with `orch-tui`");
        return Err(Failure::new(Exit::Claimed, why));
    }
    refuse_astray(&place, &engine).await?;
    if engine.orchestrator.live_agents() > 0 {
        out::note("taking up the agents of an earlier run first");
    }
    let style = if global.json { Style::Json } else { Style::Lines };
    let narrator = Narrator::new(io::stdout(), style, &engine.orchestrator);
    headless::settle(&mut engine).await;
    draft(&mut engine.orchestrator, args);
    let merges = merges(&engine.orchestrator, args);
    if let Err(nothing) = check(&engine.orchestrator) {
        if !goes_on(&engine.orchestrator) {
            return Err(nothing);
        }
        out::note("nothing new can start; going on with the agents of the earlier run");
        return Ok(Begun { engine, narrator, plans: false, merges });
    }
    match &engine.orchestrator.setup().refusal {
        Some(refusal) => Err(Failure::environment(refusal)),
        None => Ok(Begun { engine, narrator, plans: true, merges }),
    }
}

/// The phases the goal means, when it was said with it that proven work is merged: also of a plan that lets a person look.
fn merges(o: &Orchestrator, args: &RunArgs) -> BTreeSet<PhaseId> {
    let meant = o.draft().filter(|_| args.merge == Some(MergeChoice::Auto));
    let meant = meant.map(|plan| &plan.interpretation).into_iter();
    meant.flat_map(Interpretation::meant).cloned().collect()
}

/// A bare repository has no roadmap either, but that is not what is to be mended.
async fn refuse_bare(place: &Place) -> Result<(), Failure> {
    let path = &place.target.path;
    let bare = Git::new(path).answer(&["rev-parse", "--is-bare-repository"]).await;
    match bare.as_deref() {
        Ok("true") => Err(Failure::environment(BranchError::Bare(path.clone()))),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// A queue that is held because the shared checkout is astray is let go by nobody but a person who has put it right.
pub(super) async fn refuse_astray(place: &Place, engine: &Engine) -> Result<(), Failure> {
    let run = engine.orchestrator.run();
    if !run.held || place.target.workspaces.isolation == Isolation::Worktree {
        return Ok(());
    }
    let agents = run.everyone().map(|agent| agent.me().clone()).collect();
    match shared::still_astray(&place.state()?, agents).await {
        Some(how) => Err(Failure::environment(mend(&how))),
        None => Ok(()),
    }
}

/// How a checkout is astray, and what is to be done about it.
pub(super) fn mend(how: &str) -> String {
    format!("{how}: put the checkout right, or go on as it is with p in the dashboard")
}

/// Whether a run was asked for that finds all its phases at work: its agents still need somebody who judges their work.
fn goes_on(o: &Orchestrator) -> bool {
    o.draft().is_some() && o.live_agents() > 0
}

/// Tells what the runs would do; a target in which there is nothing to do is named.
async fn rehearse_all(
    places: Vec<Place>,
    global: &Global,
    args: &RunArgs,
) -> Result<Exit, Failure> {
    let several = places.len() > 1;
    let mut exit = Exit::Nothing;
    for place in places {
        let target = place.target.id.clone();
        if several && !global.json {
            out::line(format!("in {target}"))?;
        }
        match rehearse(place, global, args).await {
            Ok(_) => exit = Exit::Ok,
            Err(nothing) if several && nothing.exit == Exit::Nothing => {
                out::note(&format!("{target}: {nothing}"));
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(exit)
}

/// Tells what the run would do, and does nothing of it.
async fn rehearse(mut place: Place, global: &Global, args: &RunArgs) -> Result<Exit, Failure> {
    choose_agent(&mut place, args)?;
    let mut orchestrator = place.look_ahead()?;
    draft(&mut orchestrator, args);
    check(&orchestrator)?;
    dry_run::tell(&place, &orchestrator, global).await?;
    Ok(Exit::Ok)
}

/// Approves, and lifts a hold that an earlier time left: nobody is here to lift it later.
fn approval(o: &Orchestrator, approve: Option<Command>) -> Vec<Command> {
    let resume = o.run().held.then_some(Command::ToggleHold);
    approve.into_iter().chain(resume).collect()
}

fn choose_agent(place: &mut Place, args: &RunArgs) -> Result<(), Failure> {
    let Some(name) = &args.agent else { return Ok(()) };
    if !place.config.adapters.contains_key(name) {
        let known: Vec<&str> = place.config.adapters.keys().map(String::as_str).collect();
        let why =
            format!("there is no agent {name} in agents.yaml; there are {}", known.join(", "));
        return Err(Failure::new(Exit::Usage, why));
    }
    place.target.agent.clone_from(name);
    Ok(())
}

/// Drafts the plan the command line asks for.
pub(super) fn draft(o: &mut Orchestrator, args: &RunArgs) {
    let goal = args.goal.join(" ");
    let command = if args.phases.is_empty() {
        Command::Interpret(goal)
    } else {
        Command::PlanPhases(args.phases.iter().map(PhaseId::new).collect())
    };
    let _ = o.command(now(), command);
    if let Some(mode) = args.mode {
        let mode = match mode {
            ModeChoice::Single => Mode::Single,
            ModeChoice::Parallel => Mode::Parallel,
            ModeChoice::Batch => Mode::Batch,
        };
        let _ = o.command(now(), Command::EditPlan(PlanEdit::Mode(mode)));
    }
    if let Some(merge) = args.merge {
        let policy = match merge {
            MergeChoice::Review => MergePolicy::Review,
            MergeChoice::Auto => MergePolicy::Auto,
        };
        let _ = o.command(now(), Command::EditPlan(PlanEdit::Merge(policy)));
    }
    if let Some(slots) = args.max {
        let _ = o.command(now(), Command::EditPlan(PlanEdit::Slots(slots)));
    }
}

/// Whether there is anything to start; if not, says why, and what is on offer instead.
pub(super) fn check(o: &Orchestrator) -> Result<(), Failure> {
    match o.draft() {
        Some(plan) if plan.approved().phases.is_empty() => {
            Err(Failure::new(Exit::Nothing, nothing_ticked(o, plan)))
        }
        Some(_) => Ok(()),
        None => Err(Failure::new(Exit::Nothing, not_a_run(o))),
    }
}

/// Most phases a sentence names.
const NAMED: usize = 8;

fn nothing_ticked(o: &Orchestrator, plan: &Plan) -> String {
    let why = &plan.interpretation.explanation;
    let rows = plan.rows.iter().take(NAMED);
    let offers: Vec<_> = rows.map(|row| format!("{} {}", row.id, plan::name(o, &row.id))).collect();
    let more = if plan.rows.len() > NAMED { ", and more" } else { "" };
    match offers.as_slice() {
        [] => why.to_string(),
        offers => format!("{why} On offer: {}{more}.", offers.join(", ")),
    }
}

fn not_a_run(o: &Orchestrator) -> Printable {
    let complaint = o.notices().iter().rev().find(|notice| notice.level == Level::Error);
    let explanation = o.reading().map(|reading| reading.explanation.clone());
    explanation
        .or_else(|| complaint.map(|notice| notice.text.clone()))
        .unwrap_or_else(|| "there is nothing to run".into())
}

/// Shows the plans and asks once for all of them.
fn approved_by_person(runs: &[Begun], global: &Global, args: &RunArgs) -> Result<bool, Failure> {
    let plans = runs.iter().filter(|begun| begun.plans).map(|begun| &begun.engine.orchestrator);
    let plans: Vec<_> = plans.filter_map(|o| Some((o, o.draft()?))).collect();
    if args.yes || plans.is_empty() {
        return Ok(true);
    }
    for (o, draft) in &plans {
        if global.json {
            out::json(&json::plan(o, draft))?;
            continue;
        }
        if runs.len() > 1 {
            out::line(format!("in {}", o.target().id))?;
        }
        plan::table(o, draft)?;
    }
    let count = plans.iter().map(|(_, draft)| draft.approved().phases.len()).sum();
    let where_ = match plans.len() {
        1 => String::new(),
        n => format!(" in {n} targets"),
    };
    match out::agreed(&format!("Start {}{where_}?", counted(count, "phase"))) {
        Answer::Yes => Ok(true),
        Answer::No => Ok(false),
        Answer::Nobody => {
            out::note("nobody is there to approve this plan: look at it, then add --yes");
            Ok(false)
        }
    }
}
