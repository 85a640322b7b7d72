//! Wires the rooms together: arguments, configuration, the loop, update.

pub mod cli;
pub mod commands;
pub mod diff;
pub mod dry_run;
pub mod engine;
pub mod exit;
pub mod failure;
#[cfg(test)]
mod flows;
pub mod headless;
pub mod json;
pub mod model;
pub mod narrate;
pub mod out;
pub mod place;
pub mod screen;
pub mod simulate;
pub mod update;

use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

use clap::Parser as _;
use tokio::runtime::{Builder, Runtime};

use crate::domain::errand::Errand;
use crate::domain::graph::Range;
use crate::domain::id::PhaseId;
use crate::runner::demo::agent::{self as demo_agent, DemoSettings};
use crate::runner::environment;
use crate::runner::host;
use crate::runner::log::LogForm;
use cli::{Change, Cli, Consent, DoctorArgs, Global, Inner, Look, OnDemand, Verb};
use commands::garden::Doing;
use commands::logs::Following;
use commands::setup::{Asking, View};
use commands::simulate::simulate as simulation;
use commands::{
    agents, change, errand, garden, graph, history, kill, logs, orphans, plan, proposals, report,
    run, setup, solo, status, undo,
};
use exit::Exit;
use failure::Failure;
use place::Place;

/// Longest wait at the end for what works on threads of its own.
const LEAVING: Duration = Duration::from_secs(5);

/// Runs the program with the process's own arguments.
///
/// # Errors
/// Only when the report hook can't be installed.
pub fn main() -> color_eyre::Result<Exit> {
    color_eyre::install()?;
    let cli = Cli::parse();
    Ok(dispatch(&cli).unwrap_or_else(|failure| {
        if !failure.message.as_str().is_empty() {
            out::note(failure.message.as_str());
        }
        failure.exit
    }))
}

fn dispatch(cli: &Cli) -> Result<Exit, Failure> {
    let global = &cli.global;
    if cli.command.as_ref().is_none_or(Verb::opens) {
        place::refuse_own_worktree(global)?;
    }
    let Some(verb) = &cli.command else { return open(global) };
    match verb {
        Verb::Run(args) => match args.simulate {
            Some(seed) => simulation(global, args, seed),
            None => until_done(run::run(global, args)),
        },
        Verb::Plan { goal, format } => plan::plan(global, &goal.join(" "), *format),
        Verb::OnDemand(wanted) => on_demand(global, wanted),
        Verb::Look(seen) => look(global, seen),
        Verb::Health { fix: true } => garden::health(global, Doing::Write),
        Verb::Health { fix: false } => garden::health(global, Doing::DryRun),
        Verb::Garden { dry_run: true } => garden::garden(global, Doing::DryRun),
        Verb::Garden { dry_run: false } => garden::garden(global, Doing::Write),
        Verb::Change(change) => alter(global, change),
        Verb::Logs { id, follow, raw } => {
            let form = if *raw { LogForm::Raw } else { LogForm::Text };
            let following = if *follow { Following::Yes } else { Following::No };
            until_done(logs::logs(global, id, following, form))
        }
        Verb::Attach { id } => until_done(solo::attach(global, id, view())),
        Verb::Replay(args) => until_done(solo::replay(global, args, view())),
        Verb::Kill(args) => until_done(kill::kill(global, args)),
        Verb::Demo(args) => until_done(setup::demo(global, args, view())),
        Verb::Init { yes, dry_run } => {
            let asking = if *yes { Asking::Agreed } else { Asking::Ask };
            let doing = if *dry_run { Doing::DryRun } else { Doing::Write };
            setup::init(global, asking, doing)
        }
        Verb::Doctor(args) => doctor(global, args),
        Verb::Completions { shell } => setup::completions(*shell),
        Verb::Inner(inner) => be(inner),
    }
}

/// What only looks.
fn look(global: &Global, seen: &Look) -> Result<Exit, Failure> {
    match seen {
        Look::Graph { all, format } => {
            graph::graph(global, if *all { Range::All } else { Range::Open }, *format)
        }
        Look::Status => until_done(status::status(global)),
        Look::Agents { history: false } => until_done(agents::agents(global)),
        Look::Agents { history: true } => history::history(global),
        Look::Report { summary: false, .. } => report::report(global),
        Look::Report { summary: true, consent } => {
            until_done(report::summary(global, asking(consent)))
        }
    }
}

/// What starts an agent that works for no plan.
fn on_demand(global: &Global, wanted: &OnDemand) -> Result<Exit, Failure> {
    let (wanted, consent) = match wanted {
        OnDemand::Qa { phase, consent } => (Errand::Qa(PhaseId::new(phase)), consent),
        OnDemand::Pm { goal, consent } => (Errand::Pm(goal.join(" ")), consent),
    };
    until_done(errand::errand(global, wanted, asking(consent)))
}

fn asking(consent: &Consent) -> Asking {
    if consent.yes { Asking::Agreed } else { Asking::Ask }
}

/// What changes the roadmap.
fn alter(global: &Global, change: &Change) -> Result<Exit, Failure> {
    match change {
        Change::Tick(args) => change::tick(global, args),
        Change::Add(args) => change::add(global, args),
        Change::Proposals(args) => proposals::proposals(global, args),
        Change::Archive { dry_run: true } => change::archive(global, Doing::DryRun),
        Change::Archive { dry_run: false } => change::archive(global, Doing::Write),
        Change::Undo => undo::undo(global),
    }
}

fn doctor(global: &Global, args: &DoctorArgs) -> Result<Exit, Failure> {
    match args {
        DoctorArgs { clean: false, .. } => setup::doctor(global),
        DoctorArgs { clean: true, yes } => {
            let asking = if *yes { Asking::Agreed } else { Asking::Ask };
            until_done(orphans::clean(global, asking))
        }
    }
}

/// What only orch-tui itself starts.
fn be(inner: &Inner) -> Result<Exit, Failure> {
    match inner {
        Inner::Host { spec } => own_terminal(spec),
        Inner::Bound { host, argv } => Err(Failure::environment(host::become_bound(*host, argv))),
        Inner::DemoAgent => act_as_demo_agent(),
    }
}

/// Without a command: the dashboard on a terminal, the status anywhere else.
fn open(global: &Global) -> Result<Exit, Failure> {
    if view() == View::Lines || global.json {
        return until_done(status::status(global));
    }
    let places = Place::find_all(global)?;
    let left = until_done(screen::show(places, global))?;
    for (place, behind) in left.behind {
        out::note(&behind.sentence(&place.again()));
    }
    Ok(left.exit)
}

/// The full screen only where a person sits at a terminal that can show it.
fn view() -> View {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if terminal && variable("TERM") != "dumb" && variable("CI").is_empty() {
        View::Screen
    } else {
        View::Lines
    }
}

/// All on one thread: what takes long is on threads of its own anyway, and each thread that waits for another is one more
/// wake-up of an idle program.
fn until_done<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime =
        Builder::new_current_thread().enable_all().build().map_err(Failure::environment)?;
    let outcome = runtime.block_on(work);
    end(runtime, LEAVING);
    outcome
}

/// Ends its tasks at once. What still reads or deletes something on a thread is waited for no longer than that: the next
/// start finds it as after a crash.
fn end(runtime: Runtime, longest: Duration) {
    let (ended, end) = channel();
    std::thread::spawn(move || {
        drop(runtime);
        let _ = ended.send(());
    });
    let _late = end.recv_timeout(longest);
}

fn own_terminal(spec: &Path) -> Result<Exit, Failure> {
    host::run(spec).map(|()| Exit::Ok).map_err(Failure::environment)
}

fn act_as_demo_agent() -> Result<Exit, Failure> {
    let env = environment::own();
    let folder = std::env::current_dir().map_err(Failure::environment)?;
    let settings = DemoSettings::from_environment(&env, folder);
    match demo_agent::run(&settings, std::io::stdout()) {
        Ok(()) => Ok(Exit::Ok),
        Err(error) => Err(Failure::new(Exit::Failed, error)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn the_end_waits_for_threads_that_end_and_not_for_those_that_don_t() {
        let runtime = || Builder::new_current_thread().enable_all().build().unwrap();
        let (done, heard) = channel();
        let ends = runtime();
        // It ends when the task is dropped that holds the other end.
        let (hold, held) = channel::<()>();
        ends.spawn(async move {
            let _hold = hold;
            std::future::pending::<()>().await;
        });
        ends.spawn_blocking(move || {
            let _closed = held.recv();
            done.send(()).unwrap();
        });
        end(ends, Duration::from_secs(60));
        heard.try_recv().unwrap();
        let (_hold, held) = channel::<()>();
        let endless = runtime();
        endless.spawn_blocking(move || held.recv());
        end(endless, Duration::from_millis(50));
    }
}
