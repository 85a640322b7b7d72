//! The run at work: orchestrator, runner, watchers, driver lock. The screen and `run` both stand on it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::app::failure::Failure;
use crate::app::place::Place;
use crate::domain::effect::Effect;
use crate::domain::id::TargetId;
use crate::domain::orchestrator::{Orchestrator, Role, Setup};
use crate::domain::report::Report;
use crate::domain::time::Timestamp;
use crate::runner::claim_store::ClaimStore;
use crate::runner::driver_lock::{Driver, DriverLock};
use crate::runner::environment::{self, Privilege};
use crate::runner::executor::Runner;
use crate::runner::journal_file::JournalFile;
use crate::runner::journal_tail::JournalTail;
use crate::runner::proposals;
use crate::runner::roadmap_file::RoadmapFile;
use crate::runner::roadmap_recovery::recover;
use crate::runner::watcher::RoadmapWatcher;
use crate::runner::world::{REPORTS_UNDER_WAY, SharedWorld, World, now};

/// Key under which the journal is watched; no target can have it.
const JOURNAL_KEY: &str = "\u{0}journal";

/// Shortest wait between two looks at the clock.
const SHORTEST_WAIT: Duration = Duration::from_millis(5);
/// Longest wait between two looks at the clock, while something waits for a moment.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Everything that runs behind a screen or a headless run.
#[derive(Debug)]
pub struct Engine {
    /// What was decided and what is known.
    pub orchestrator: Orchestrator,
    /// Carries out effects.
    pub runner: Runner,
    /// What the world answers.
    pub reports: mpsc::Receiver<Report>,
    /// Sentences about the configuration, for the person.
    pub warnings: Vec<String>,
    /// What is to be done first.
    first: Vec<Effect>,
    _lock: Option<DriverLock>,
    _watcher: RoadmapWatcher,
}

impl Engine {
    /// Opens a target: as its driver, or as a viewer when another process drives. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// When state, journal or watcher can't be opened. A missing roadmap is no error here: it is shown.
    pub fn open(place: &Place) -> Result<Self, Failure> {
        Self::open_with(place, place.setup())
    }

    /// The same with a set-up of the caller's.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn open_with(place: &Place, setup: Setup) -> Result<Self, Failure> {
        let mut engine = Self::load(place, setup)?;
        engine.begin();
        Ok(engine)
    }

    /// Reads all there is and does nothing yet: a long journal takes its time.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn load(place: &Place, setup: Setup) -> Result<Self, Failure> {
        let state = place.state()?;
        let journal_path = state.journal();
        let driver = DriverLock::acquire(&state).map_err(Failure::environment)?;
        let (role, lock) = match driver {
            Driver::Held(lock) => (Role::Driver, Some(lock)),
            Driver::Taken { pid, .. } => (Role::Viewer { driver: pid }, None),
        };
        let claims = ClaimStore::open(&state.claims()).map_err(Failure::environment)?;
        let (sender, reports) = mpsc::channel(REPORTS_UNDER_WAY);
        let world = Arc::new(World {
            state,
            target: place.target.clone(),
            roadmap: RoadmapFile::of(&place.target),
            claims,
            program: place.places.program.clone(),
            environment: environment::own(),
            privilege: Privilege::current(),
            reports: sender,
        });
        let mut warnings: Vec<String> =
            place.config.warnings.iter().map(ToString::to_string).collect();
        if role == Role::Driver {
            warnings.extend(recovered(place));
        }
        let mut orchestrator = Orchestrator::new(setup, role);
        let (journal, tail) = open_journal(&mut orchestrator, &journal_path)?;
        let runner = Runner::start(world.clone(), journal);
        let watcher = watch(place, &world, &runner, tail)?;
        proposals::watch(place.config.intake, &world, &runner).map_err(Failure::environment)?;
        let first = first(&mut orchestrator, &world);
        let (_lock, _watcher) = (lock, watcher);
        Ok(Self { orchestrator, runner, reports, warnings, first, _lock, _watcher })
    }

    /// Does what is to be done first. Harmless when it was done.
    pub fn begin(&mut self) {
        self.runner.execute(std::mem::take(&mut self.first));
    }

    /// Time passed: what waited for nothing else goes on.
    pub fn tick(&mut self) {
        let effects = self.orchestrator.tick(now());
        self.runner.execute(effects);
    }

    /// Waits until something of the plan goes on by itself; for ever while nothing waits. A machine that slept in
    /// between is noticed within a minute.
    pub async fn wake(wakes_at: Option<Timestamp>) {
        match wakes_at {
            Some(at) => sleep(at.since(now()).clamp(SHORTEST_WAIT, LONGEST_WAIT)).await,
            None => std::future::pending().await,
        }
    }

    /// Takes over an answer of the world and carries out what follows.
    pub fn observe(&mut self, report: Report) {
        let effects = self.orchestrator.observe(now(), report);
        self.runner.execute(effects);
    }
}

/// Reads the roadmap, and tells what takes up what earlier times left.
fn first(orchestrator: &mut Orchestrator, world: &SharedWorld) -> Vec<Effect> {
    let target = world.target.id.clone();
    let read = world.roadmap.read().map_err(|error| error.to_string().into());
    let mut effects = orchestrator.observe(now(), Report::Roadmap { target, read });
    effects.extend(orchestrator.resume(now()));
    effects
}

/// Replays the journal; the driver goes on writing it, a viewer reads on.
fn open_journal(
    orchestrator: &mut Orchestrator,
    path: &Path,
) -> Result<(Option<JournalFile>, Option<JournalTail>), Failure> {
    match orchestrator.role() {
        Role::Driver => {
            let (file, entries) = JournalFile::open(path).map_err(Failure::environment)?;
            orchestrator.restore(&entries);
            Ok((Some(file), None))
        }
        Role::Viewer { .. } => {
            let mut tail = JournalTail::new(path);
            orchestrator.restore(&tail.read_new().map_err(Failure::environment)?);
            Ok((None, Some(tail)))
        }
    }
}

/// Tidies up after a process that died while it wrote the roadmap.
fn recovered(place: &Place) -> Vec<String> {
    let path = &place.target.roadmap;
    match recover(path) {
        Ok(found) => found.iter().map(ToString::to_string).collect(),
        Err(error) => vec![format!(
            "{}: what a crash may have left beside it can't be looked at ({error}); check the folder's permissions",
            path.display()
        )],
    }
}

/// Watches the roadmap and, for a viewer, the journal.
fn watch(
    place: &Place,
    world: &SharedWorld,
    runner: &Runner,
    tail: Option<JournalTail>,
) -> Result<RoadmapWatcher, Failure> {
    let (changes, inbox) = mpsc::channel(16);
    let target = &place.target;
    let read = [&target.roadmap, &target.documents.archive];
    let mut paths: Vec<_> = read.map(|path| (target.id.clone(), path.clone())).into();
    if tail.is_some() {
        paths.push((TargetId::new(JOURNAL_KEY), world.state.journal()));
    }
    let watcher = RoadmapWatcher::start(paths, changes).map_err(Failure::environment)?;
    tokio::spawn(follow(inbox, world.clone(), runner.clone(), tail));
    Ok(watcher)
}

async fn follow(
    mut changes: mpsc::Receiver<TargetId>,
    world: SharedWorld,
    runner: Runner,
    mut tail: Option<JournalTail>,
) {
    while let Some(changed) = changes.recv().await {
        if changed.as_str() != JOURNAL_KEY {
            runner.execute(vec![Effect::ReadRoadmap(changed)]);
            continue;
        }
        let Some(tail) = &mut tail else { continue };
        match tail.read_new() {
            Ok(entries) => world.report(Report::Journal(entries)).await,
            Err(error) => world.report(Report::Trouble(error.to_string().into())).await,
        }
    }
}
