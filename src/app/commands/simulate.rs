//! `orch-tui run --simulate SEED`: how a plan would go, with scripted agents on a virtual clock.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::app::cli::{Global, RunArgs};
use crate::app::commands::run;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::place::Place;
use crate::app::simulate::tally::Tally;
use crate::app::simulate::{Simulation, picture};
use crate::app::{narrate, out};
use crate::domain::adapter::Adapter;
use crate::domain::branch::MergePolicy;
use crate::domain::command::Command;
use crate::domain::gate::{Check, Gate, When};
use crate::domain::id::TargetId;
use crate::domain::orchestrator::{Drives, Setup};
use crate::domain::plan::MOST_SLOTS;
use crate::domain::retry::RetryRules;
use crate::domain::roadmap::Roadmap;
use crate::domain::target::{Documents, Target, Workspaces};
use crate::domain::timeline::chart::Marks;
use crate::domain::workspace::Isolation;
use crate::runner::simulation::generated;
use crate::runner::simulation::referee::Breach;

/// The agent of every simulation.
const AGENT: &str = "simulated";
/// Agents at once where the roadmap is generated.
const SLOTS: u16 = 8;
/// What a run is for when nothing is said.
const GOAL: &str = "everything";
/// Columns where there is no terminal that has some.
const COLUMNS: usize = 100;

/// Simulates a plan to its end.
///
/// # Errors
/// When configuration or roadmap can't be read, when there is nothing to run, or when a rule is broken.
pub fn simulate(global: &Global, args: &RunArgs, seed: u64) -> Result<Exit, Failure> {
    let (setup, roadmap) = match args.size {
        Some(phases) => {
            let text = generated::roadmap(phases, seed);
            (made_up(), Arc::new(Roadmap::parse(text.into_bytes())))
        }
        None => {
            let place = Place::find_and_tell(global)?;
            let roadmap = place.roadmap()?;
            (scripted(place.setup()), roadmap)
        }
    };
    let before = roadmap.clone();
    let mut simulation = Simulation::new(setup, seed, roadmap).map_err(broken)?;
    run::draft(&mut simulation.orchestrator, &with_goal(args));
    run::check(&simulation.orchestrator)?;
    simulation.command(Command::ApprovePlan).map_err(broken)?;
    let mut lines = std::io::BufWriter::new(std::io::stdout().lock());
    let mut written = Ok(());
    let ended = simulation.finish(&mut |entry, o| {
        if global.json && written.is_ok() {
            let line = out::json_text(&narrate::json_line(entry, o));
            written = writeln!(lines, "{line}");
        }
    });
    written.and_then(|()| lines.flush()).map_err(|error| Failure::output(&error))?;
    drop(lines);
    ended.map_err(broken)?;
    let tally = Tally::of(&simulation, &before);
    if global.json {
        out::json(&tally.shape(seed, simulation.world.now()))?;
    } else {
        show(global, &simulation, (&tally, seed))?;
    }
    let undone = tally.phases.failed + tally.phases.blocked;
    Ok(if undone == 0 { Exit::Ok } else { Exit::Failed })
}

fn show(
    global: &Global,
    simulation: &Simulation,
    (tally, seed): (&Tally, u64),
) -> Result<(), Failure> {
    let marks = if global.ascii { Marks::ASCII } else { Marks::UNICODE };
    for line in picture::timeline(simulation, columns(), marks) {
        out::line(line)?;
    }
    out::line("")?;
    for line in picture::summary(tally, seed) {
        out::line(line)?;
    }
    Ok(())
}

fn columns() -> usize {
    let size = std::io::stdout().is_terminal().then(crossterm::terminal::size);
    let columns = size.and_then(Result::ok).map(|(columns, _)| usize::from(columns));
    columns.filter(|columns| *columns > 0).unwrap_or(COLUMNS)
}

fn broken(breach: Breach) -> Failure {
    Failure::new(Exit::Failed, format!("the simulation broke a rule: {breach}"))
}

/// Without a goal it is for everything there is.
fn with_goal(args: &RunArgs) -> RunArgs {
    let mut args = args.clone();
    if args.goal.is_empty() && args.phases.is_empty() {
        args.goal.push(GOAL.to_owned());
    }
    args
}

/// The same target with the scripted agent: what is missing on this machine is missing to nobody here. Days are those of
/// UTC, so that the same seed gives the same text everywhere.
fn scripted(setup: Setup) -> Setup {
    let mut target = setup.target;
    target.agent = AGENT.to_owned();
    // Nobody is here who reviews.
    target.workspaces.merge = MergePolicy::Auto;
    let adapters = BTreeMap::from([(AGENT.to_owned(), adapter())]);
    Setup { target, adapters, refusal: None, utc_offset: 0, ..setup }
}

fn adapter() -> Adapter {
    Adapter::text(AGENT, AGENT)
}

/// A target for generated roadmaps.
pub(crate) fn made_up() -> Setup {
    let path = PathBuf::from("/simulated");
    let gate = |name: &str| Gate {
        name: name.to_owned(),
        check: Check::Command(vec![name.to_owned()]),
        when: When::Always,
        timeout: Duration::from_secs(600),
        required: true,
    };
    let target = Target {
        id: TargetId::new(AGENT),
        name: "Simulated".to_owned(),
        roadmap: path.join("roadmap.md"),
        path,
        documents: Documents::default(),
        agent: AGENT.to_owned(),
        workspaces: Workspaces {
            isolation: Isolation::Worktree,
            most: MOST_SLOTS,
            setup: Vec::new(),
            merge: MergePolicy::Auto,
            reuse: Default::default(),
        },
        gates: vec![gate("build"), gate("tests")],
        retry: RetryRules { retries: 2, ..RetryRules::default() },
        budget: Default::default(),
        surroundings: Default::default(),
        description: None,
    };
    scripted(Setup {
        target,
        adapters: BTreeMap::new(),
        slots: SLOTS,
        drives: Drives::Everything,
        auto_garden: true,
        refusal: None,
        utc_offset: 0,
    })
}
