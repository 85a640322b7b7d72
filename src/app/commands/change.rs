//! Commands that change the roadmap at a person's word: `tick`, `add`, `archive`. Each leaves in the journal what it takes
//! to undo it.

use std::io::Read as _;
use std::path::Path;

use crate::app::cli::Global;
use crate::app::commands::garden::Doing;
use crate::app::diff::{self, Paint};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::place::Place;
use crate::app::{json, out};
use crate::domain::effect::RoadmapOrder;
use crate::domain::gardener::Facts;
use crate::domain::id::PhaseId;
use crate::domain::journal::{Entry, Fact};
use crate::domain::orchestrator::run::Run;
use crate::domain::printable::visible;
use crate::domain::roadmap::{Edit, RoadmapChange, kept_for_a_look};
use crate::domain::undo::record;
use crate::runner::driver_lock::{Driver, DriverLock};
use crate::runner::journal_file::JournalFile;
use crate::runner::roadmap_error::RoadmapFileError;
use crate::runner::roadmap_file::{Made, RoadmapFile};
use crate::runner::world::now;

/// Longest text `add` reads.
const LONGEST: u64 = 4 * 1024 * 1024;

/// Whether another process may drive the repository meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    /// It may: then nothing is left in its journal.
    Allowed,
    /// It may not.
    Refused,
}

/// The roadmap of a target, to be changed from outside of the app.
#[derive(Debug)]
pub struct Writer<'p> {
    place: &'p Place,
    run: Run,
    facts: Facts,
    journal: Option<JournalFile>,
    _lock: Option<DriverLock>,
}

impl<'p> Writer<'p> {
    /// Takes the driver's place for a moment, where state can be kept at all.
    ///
    /// # Errors
    /// When another process drives and that is not allowed, or a journal that may hide an agent can't be read.
    pub fn open(place: &'p Place, company: Company) -> Result<Self, Failure> {
        let alone = |run: Run, journal, _lock| {
            let facts = run.facts();
            Self { place, run, facts, journal, _lock }
        };
        let Ok(state) = place.state() else { return Ok(alone(Run::default(), None, None)) };
        match DriverLock::acquire(&state).map_err(Failure::environment)? {
            Driver::Held(lock) => {
                let (journal, entries) =
                    JournalFile::open(&state.journal()).map_err(Failure::environment)?;
                Ok(alone(Run::replay(&entries), Some(journal), Some(lock)))
            }
            Driver::Taken { .. } if company == Company::Allowed => {
                Ok(alone(Run::replay(&place.journal()?), None, None))
            }
            Driver::Taken { pid, .. } => {
                let why = format!(
                    "orch-tui (process {pid}) drives this repository: do it there, or quit it first"
                );
                Err(Failure::new(Exit::Claimed, why))
            }
        }
    }

    /// What the journal tells.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// What is known of agents.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Makes a change and leaves in the journal what it takes to undo it.
    ///
    /// # Errors
    /// When it is refused, or roadmap or journal can't be written.
    pub fn make(&mut self, change: RoadmapChange) -> Result<Made, Failure> {
        self.carry_out(&self.order(change))
    }

    /// The order to make a change.
    pub fn order(&self, change: RoadmapChange) -> RoadmapOrder {
        let (target, held) = (self.place.target.id.clone(), self.facts.held.clone());
        RoadmapOrder { target, agent: None, change, held }
    }

    /// As [`Writer::make`].
    ///
    /// # Errors
    /// As [`Writer::make`].
    pub fn carry_out(&mut self, order: &RoadmapOrder) -> Result<Made, Failure> {
        let target = &self.place.target;
        let made = RoadmapFile::of(target).make(order).map_err(refused)?;
        if let (Some(journal), Some(after)) = (&mut self.journal, &made.after) {
            let record = record(order, &made.edits, Some((&target.roadmap, after)));
            let entry = Entry { at: now(), fact: Fact::RoadmapEdited(record) };
            journal.append(&[entry]).map_err(Failure::environment)?;
        }
        Ok(made)
    }
}

/// A change that makes no sense is no fault of the surroundings.
fn refused(error: RoadmapFileError) -> Failure {
    match error {
        RoadmapFileError::Refused(why) => Failure::new(Exit::Failed, why),
        error => Failure::environment(error),
    }
}

/// Ticks tasks of a phase.
///
/// # Errors
/// When it is refused, or something can't be read or written.
pub fn tick(global: &Global, phase: &str, task: Option<&str>) -> Result<Exit, Failure> {
    let (phase, task) = (PhaseId::new(phase), task.map(str::to_owned));
    let place = Place::find_and_tell(global)?;
    let change = RoadmapChange::TickTasks { phase, task };
    let made = Writer::open(&place, Company::Refused)?.make(change)?;
    told(global, &made, "everything is ticked already")
}

/// Adds phases.
///
/// # Errors
/// When it is refused, or something can't be read or written.
pub fn add(global: &Global, file: Option<&Path>) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    let mut text = String::new();
    let read = match file {
        Some(path) => {
            std::fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text))
        }
        None => std::io::stdin().take(LONGEST).read_to_string(&mut text),
    };
    read.map_err(|error| {
        let name = file.map_or("standard input".into(), |path| path.to_string_lossy());
        Failure::environment(format!("{name} can't be read: {error}"))
    })?;
    let change = RoadmapChange::Append { text };
    let made = Writer::open(&place, Company::Refused)?.make(change)?;
    told(global, &made, "the roadmap has these phases already")
}

/// Moves complete phases to the archive, or says which would be moved.
///
/// # Errors
/// When it is refused, or something can't be read or written.
pub fn archive(global: &Global, doing: Doing) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    let (edits, kept) = match doing {
        Doing::Write => {
            let mut writer = Writer::open(&place, Company::Refused)?;
            let edits = writer.make(RoadmapChange::Archive)?.edits;
            (edits, kept_for_a_look(&*place.roadmap()?, &writer.facts().held))
        }
        Doing::DryRun => {
            let held = place.journal().map(|entries| Run::replay(&entries).held_phases());
            let (roadmap, held) = (place.roadmap()?, held.unwrap_or_default());
            let edits = RoadmapChange::Archive.edits(&roadmap, &held);
            let edits = edits.map_err(|why| Failure::new(Exit::Failed, why))?;
            (edits, kept_for_a_look(&roadmap, &held))
        }
    };
    let path = place.target.documents.archive.clone();
    if global.json {
        out::json(&json::archived(&edits, &kept, doing, &path))?;
    } else {
        moved(&edits, doing, &path)?;
        for (id, why) in &kept {
            out::line(format!("kept {}: {why}", visible(id.as_str())))?;
        }
    }
    Ok(if edits.is_empty() { Exit::Nothing } else { Exit::Ok })
}

fn moved(edits: &[Edit], doing: Doing, path: &Path) -> Result<(), Failure> {
    let verb = match doing {
        Doing::DryRun => "would move",
        Doing::Write => "moved",
    };
    if edits.is_empty() {
        out::line("nothing to archive: no complete phase that no open phase waits for")?;
    }
    for edit in edits {
        let heading = edit.old.split(|byte| matches!(byte, b'\n' | b'\r')).next();
        let heading = String::from_utf8_lossy(heading.unwrap_or_default()).into_owned();
        let name = visible(heading.trim_matches(['#', ' ']));
        out::line(format!("{verb} line {}: {name}", edit.line))?;
    }
    if !edits.is_empty() && doing == Doing::Write {
        let path = visible(&path.to_string_lossy());
        out::line(format!("to {path}; `orch-tui undo` brings them back"))?;
    }
    Ok(())
}

fn told(global: &Global, made: &Made, nothing: &str) -> Result<Exit, Failure> {
    if global.json {
        out::json(&json::changed(&made.edits))?;
    } else if made.edits.is_empty() {
        out::line(nothing)?;
    } else {
        diff::print(&made.hunks(), Paint::wanted(global))?;
    }
    Ok(if made.edits.is_empty() { Exit::Nothing } else { Exit::Ok })
}
