//! Where a command works: configuration, target, roadmap, state.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::app::cli::Global;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::out;
use crate::domain::gardener::RoadmapGardener;
use crate::domain::id::AgentRef;
use crate::domain::journal::Entry;
use crate::domain::orchestrator::run::Run;
use crate::domain::orchestrator::{Orchestrator, Role, Setup};
use crate::domain::printable::visible;
use crate::domain::report::Report;
use crate::domain::roadmap::{Roadmap, splice};
use crate::domain::target::Target;
use crate::runner::config::{Config, Places, targets};
use crate::runner::driver_lock::is_driven;
use crate::runner::environment;
use crate::runner::journal_tail::JournalTail;
use crate::runner::own_worktree::OwnWorktree;
use crate::runner::process::ProcessIdentity;
use crate::runner::pulses::{self, Sign};
use crate::runner::roadmap_file::RoadmapFile;
use crate::runner::state_dir::StateDir;
use crate::runner::world::now;

/// Agents a plan runs at once unless a person says otherwise: more are hard to follow.
const DEFAULT_SLOTS: u16 = 4;

/// A target with its configuration.
#[derive(Debug)]
pub struct Place {
    /// The folders configuration was looked for in.
    pub places: Places,
    /// All of the configuration.
    pub config: Config,
    /// The target.
    pub target: Target,
}

impl Place {
    /// Finds the target a command is about.
    ///
    /// # Errors
    /// When the directory, the configuration or the target can't be used.
    pub fn find(global: &Global) -> Result<Self, Failure> {
        match global.targets.as_slice() {
            [] | [_] => {}
            [_, ..] => {
                let why = "this command works on one target; give one --target or ORCH_TUI_TARGET (run and the dashboard take several)";
                return Err(Failure::new(Exit::Usage, why));
            }
        }
        let found = Self::find_all(global)?.into_iter().next();
        found.ok_or_else(|| Failure::environment("there is no target"))
    }

    /// Finds the targets a command is about, in the order they were given: at least one.
    ///
    /// # Errors
    /// When the directory, the configuration or one of the targets can't be used.
    pub fn find_all(global: &Global) -> Result<Vec<Self>, Failure> {
        let cwd = directory(global)?;
        let places = Places::discover(&cwd);
        let config = match &global.roadmap {
            Some(path) => {
                Config::for_roadmap(&places, &cwd.join(path)).map_err(Failure::environment)?
            }
            None => Config::load(&places).map_err(Failure::environment)?,
        };
        let usual = config.default_target.to_string();
        let mut keys: Vec<&str> = Vec::new();
        for key in global.targets.iter().map(|key| key.trim()).filter(|key| !key.is_empty()) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        if keys.is_empty() {
            keys.push(&usual);
        }
        let target =
            |key: &str| config.target(key).map_err(|error| Failure::new(Exit::Usage, error));
        let found = keys.into_iter().map(|key| {
            let (places, config) = (places.clone(), config.clone());
            let place = Self { places, target: target(key)?.clone(), config };
            place.check()?;
            Ok(place)
        });
        let found: Vec<Self> = found.collect::<Result<_, Failure>>()?;
        for (n, place) in found.iter().enumerate() {
            if let Some(same) = found[..n].iter().find(|other| other.is_same_directory(place)) {
                let (one, other) = (&same.target.id, &place.target.id);
                let why = format!(
                    "targets `{one}` and `{other}` are the same directory: give one of them"
                );
                return Err(Failure::new(Exit::Usage, why));
            }
        }
        Ok(found)
    }

    /// The command that opens the target again.
    pub fn again(&self) -> String {
        let shown = |path: &Path| visible(&path.to_string_lossy());
        if self.config.targets.len() < 2 {
            return format!("orch-tui -C {}", shown(&self.target.path));
        }
        format!("orch-tui -C {} --target {}", shown(&self.places.root), self.target.id)
    }

    /// [`Place::look`], whether the roadmap can be read or not: what is wrong with it stands in the view.
    ///
    /// # Errors
    /// When state or journal can't be read.
    pub fn look_anyway(&self) -> Result<Orchestrator, Failure> {
        let mut orchestrator = Orchestrator::new(self.setup(), Role::Viewer { driver: 0 });
        orchestrator.restore(&self.journal()?);
        let read = self.roadmap().map_err(|failure| failure.message);
        let target = self.target.id.clone();
        let _ = orchestrator.observe(now(), Report::Roadmap { target, read });
        Ok(orchestrator)
    }

    /// Whether this is the same directory as that of another target.
    pub fn is_same_directory(&self, other: &Self) -> bool {
        let real = |target: &Target| target.path.canonicalize().ok();
        real(&self.target).is_some_and(|path| Some(path) == real(&other.target))
    }

    /// Another target of the same configuration.
    pub fn at(&self, target: &Target) -> Self {
        Self { places: self.places.clone(), config: self.config.clone(), target: target.clone() }
    }

    /// Whether the target's directory exists.
    ///
    /// # Errors
    /// When it does not.
    pub fn check(&self) -> Result<(), Failure> {
        targets::check_directory(&self.target).map_err(Failure::environment)
    }

    /// Whether some process drives the target.
    pub fn is_driven(&self) -> bool {
        self.state().is_ok_and(|state| state.journal().parent().is_some_and(is_driven))
    }

    /// [`Place::find`] for a command on pipes: what is odd in the configuration is told on standard error.
    ///
    /// # Errors
    /// As [`Place::find`].
    pub fn find_and_tell(global: &Global) -> Result<Self, Failure> {
        let place = Self::find(global)?;
        place.config.warnings.iter().for_each(|warning| out::note(&warning.to_string()));
        Ok(place)
    }

    /// [`Place::find_all`], and what is odd in the configuration is told on standard error.
    ///
    /// # Errors
    /// As [`Place::find_all`].
    pub fn find_all_and_tell(global: &Global) -> Result<Vec<Self>, Failure> {
        let places = Self::find_all(global)?;
        let first = places.first().into_iter();
        let warnings = first.flat_map(|place| &place.config.warnings);
        warnings.for_each(|warning| out::note(&warning.to_string()));
        Ok(places)
    }

    /// Reads the target's roadmap.
    ///
    /// # Errors
    /// When it is missing or can't be read.
    pub fn roadmap(&self) -> Result<Arc<Roadmap>, Failure> {
        RoadmapFile::of(&self.target).read().map_err(Failure::environment)
    }

    /// The folder of the target's state.
    ///
    /// # Errors
    /// When it can't be made or used.
    pub fn state(&self) -> Result<StateDir, Failure> {
        StateDir::open(&self.target.path).map_err(Failure::environment)
    }

    /// What an orchestrator needs to know.
    pub fn setup(&self) -> Setup {
        let offset = jiff::tz::TimeZone::system().to_offset(jiff::Timestamp::now());
        let adapters = self.config.adapters_in(&self.target.id);
        Setup {
            drives: crate::domain::orchestrator::Drives::Everything,
            target: self.target.clone(),
            slots: DEFAULT_SLOTS.min(self.target.workspaces.most).max(1),
            auto_garden: true,
            refusal: environment::refusal(adapters.get(&self.target.agent), &self.target),
            adapters,
            utc_offset: offset.seconds(),
        }
    }

    /// An orchestrator that only looks: the journal replayed, the roadmap read.
    ///
    /// # Errors
    /// When roadmap, state or journal can't be read.
    pub fn look(&self) -> Result<Orchestrator, Failure> {
        self.look_at(self.roadmap()?)
    }

    /// The same, with the roadmap as it will be once the gardener was at work, which a run begins with. Its hash is
    /// still that of the file.
    ///
    /// # Errors
    /// When roadmap, state or journal can't be read.
    pub fn look_ahead(&self) -> Result<Orchestrator, Failure> {
        let roadmap = self.roadmap()?;
        let facts = Run::replay(&self.journal()?).facts();
        let edits = RoadmapGardener.look(&roadmap, None, &facts).edits;
        if edits.is_empty() {
            return self.look_at(roadmap);
        }
        let tended = Roadmap::parse(splice(roadmap.bytes(), &edits));
        let mut tended = tended.with_archive(Arc::clone(roadmap.archive()));
        tended.hash = roadmap.hash.clone();
        self.look_at(Arc::new(tended))
    }

    /// [`Place::look`], and what the agents that run do now, as their hosts tell. Where nobody drives who would see
    /// them end, so is how they have ended.
    ///
    /// # Errors
    /// As [`Place::look`].
    pub async fn look_closely(&self) -> Result<Orchestrator, Failure> {
        let mut orchestrator = self.look()?;
        let running = orchestrator.run().everyone().filter(|agent| agent.has_process());
        let running = running.map(|agent| agent.me().clone()).collect();
        let state = self.state()?;
        let driven = self.is_driven();
        for (agent, sign) in pulses::ask(&state, running).await {
            match sign {
                Sign::Pulse(pulse) => {
                    let _ = orchestrator.observe(now(), Report::Activity { agent, pulse });
                }
                Sign::Exited(_) | Sign::Gone if driven => {}
                Sign::Exited(exit) => orchestrator.presume(&agent, Some(exit)),
                Sign::Gone if self.host_runs(&orchestrator, &agent) => {}
                Sign::Gone => orchestrator.presume(&agent, None),
            }
        }
        Ok(orchestrator)
    }

    /// Whether a host that nobody finds still runs: its socket may lie in another folder.
    fn host_runs(&self, o: &Orchestrator, agent: &AgentRef) -> bool {
        let processes = o.run().known(&agent.id).and_then(|agent| agent.processes);
        processes.is_some_and(|processes| ProcessIdentity::of(processes.host).is_some())
    }

    fn look_at(&self, roadmap: Arc<Roadmap>) -> Result<Orchestrator, Failure> {
        let mut orchestrator = Orchestrator::new(self.setup(), Role::Viewer { driver: 0 });
        orchestrator.restore(&self.journal()?);
        let target = self.target.id.clone();
        let _ = orchestrator.observe(now(), Report::Roadmap { target, read: Ok(roadmap) });
        Ok(orchestrator)
    }

    /// All of the target's journal.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn journal(&self) -> Result<Vec<Entry>, Failure> {
        JournalTail::new(&self.state()?.journal()).read_new().map_err(Failure::environment)
    }
}

/// Nothing is opened in a worktree of ours: what its agent works on would be begun in it a second time.
///
/// # Errors
/// When the directory lies in one.
pub fn refuse_own_worktree(global: &Global) -> Result<(), Failure> {
    let cwd = directory(global)?;
    match OwnWorktree::around(&cwd) {
        Some(own) => Err(Failure::environment(own.refusal(&cwd))),
        None => Ok(()),
    }
}

/// The directory a command works in.
///
/// # Errors
/// When it does not exist.
pub fn directory(global: &Global) -> Result<PathBuf, Failure> {
    match &global.directory {
        Some(path) => path.canonicalize().map_err(|error| {
            Failure::environment(format!("the directory {} can't be used: {error}", path.display()))
        }),
        None => std::env::current_dir().map_err(Failure::environment),
    }
}
