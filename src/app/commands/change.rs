//! Commands that change the roadmap at a person's word: `tick`, `add`, `archive`. Each leaves in the journal what it takes
//! to undo it.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use crate::app::cli::{AddArgs, Global, Rehearsal, TickArgs};
use crate::app::commands::garden::Doing;
use crate::app::diff::{self, Paint};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::place::Place;
use crate::app::{json, out};
use crate::domain::effect::RoadmapOrder;
use crate::domain::gardener::{Facts, RoadmapGardener};
use crate::domain::id::PhaseId;
use crate::domain::journal::{Entry, Fact};
use crate::domain::journal_text::named;
use crate::domain::orchestrator::run::Run;
use crate::domain::printable::{Unprintable, visible};
use crate::domain::roadmap::finding::FindingKind;
use crate::domain::roadmap::phase::Phase;
use crate::domain::roadmap::{Edit, Roadmap, RoadmapChange, kept_for_a_look, splice};
use crate::domain::undo::record;
use crate::runner::driver_lock::{Driver, DriverLock};
use crate::runner::journal_file::JournalFile;
use crate::runner::roadmap_error::RoadmapFileError;
use crate::runner::roadmap_file::{Made, RoadmapFile};
use crate::runner::world::now;

/// Longest text `add` reads, in mebibytes.
const LONGEST: u64 = 4;

/// Whether another process may drive the repository meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    /// It may: then nothing is left in its journal.
    Allowed,
    /// It may not.
    Refused,
}

/// Whether what was changed can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undo {
    /// It can.
    Kept,
    /// It can't: nothing keeps what that takes.
    Unkept,
}

/// The roadmap of a target, to be changed from outside of the app.
#[derive(Debug)]
pub struct Writer<'p> {
    place: &'p Place,
    run: Run,
    facts: Facts,
    journal: Option<JournalFile>,
    unkept: Option<String>,
    _lock: Option<DriverLock>,
}

impl<'p> Writer<'p> {
    /// Takes the driver's place for a moment, where state can be kept at all.
    ///
    /// # Errors
    /// When another process drives and that is not allowed, or a journal that may hide an agent can't be read.
    pub fn open(place: &'p Place, company: Company) -> Result<Self, Failure> {
        let writer = |run: Run, kept: Result<(JournalFile, DriverLock), String>| {
            let facts = run.facts();
            let (kept, unkept) = match kept {
                Ok(kept) => (Some(kept), None),
                Err(why) => (None, Some(why)),
            };
            let (journal, _lock) = kept.unzip();
            Self { place, run, facts, journal, unkept, _lock }
        };
        let Ok(state) = place.state() else {
            let why = "there is no state folder to keep it in";
            return Ok(writer(Run::default(), Err(why.into())));
        };
        match DriverLock::acquire(&state).map_err(Failure::environment)? {
            Driver::Held(lock) => {
                let (journal, entries) =
                    JournalFile::open(&state.journal()).map_err(Failure::environment)?;
                Ok(writer(Run::replay(&entries), Ok((journal, lock))))
            }
            Driver::Taken { pid, .. } if company == Company::Allowed => {
                let why = format!(
                    "orch-tui (process {pid}) drives this repository, and only it keeps that list"
                );
                Ok(writer(Run::replay(&place.journal()?), Err(why)))
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

    /// Whether the changes it makes can be undone; says so of `what` it made where they can't.
    pub fn tell_unkept(&self, what: &str) -> Undo {
        let Some(why) = &self.unkept else { return Undo::Kept };
        out::note(&format!("this {what} is not in the list that undo works through: {why}"));
        Undo::Unkept
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
            journal.append(&[entry]).map_err(|error| {
                Failure::environment(format!(
                    "the roadmap was changed, but what it takes to undo that was not kept: {error}"
                ))
            })?;
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

/// Ticks tasks of a phase, or says which would be ticked.
///
/// # Errors
/// When it is refused, or something can't be read or written.
pub fn tick(global: &Global, args: &TickArgs) -> Result<Exit, Failure> {
    let (phase, task) = (PhaseId::new(&args.phase), args.task.clone());
    let doing = doing(&args.rehearsal);
    let place = Place::find_and_tell(global)?;
    let would = format!("would tick in {}", visible(phase.as_str()));
    let made = made(&place, RoadmapChange::TickTasks { phase: phase.clone(), task }, doing)?;
    let bare = |phase: &Phase| phase.tasks.is_empty();
    let nothing = match made.edits.is_empty() && place.roadmap()?.phase(&phase).is_some_and(bare) {
        true => format!("phase {} has no tasks", visible(phase.as_str())),
        false => "everything is ticked already".to_owned(),
    };
    told(global, &made, doing, (&would, &nothing))
}

/// Adds phases, or says what would be added. What they wait for in vain is told.
///
/// # Errors
/// When it is refused, or something can't be read or written.
pub fn add(global: &Global, args: &AddArgs) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    let (text, doing) = (given(args.file.as_deref())?, doing(&args.rehearsal));
    let made = made(&place, RoadmapChange::Append { text, proposal: None }, doing)?;
    let added = added(&made);
    let would = format!("would add {}", named(&added));
    let exit = told(global, &made, doing, (&would, "the roadmap has these phases already"))?;
    made.after.iter().for_each(|after| warn(after, &added));
    Ok(exit)
}

/// The text of new phases: all of it, or none.
fn given(file: Option<&Path>) -> Result<String, Failure> {
    let name = file.map_or("standard input".into(), |path| path.to_string_lossy().into_owned());
    let (most, mut bytes) = (LONGEST * 1024 * 1024, Vec::new());
    let read = match file {
        Some(path) => {
            std::fs::File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        }
        None => std::io::stdin().take(most + 1).read_to_end(&mut bytes),
    };
    read.map_err(|error| Failure::environment(format!("{name} can't be read: {error}")))?;
    if bytes.len() as u64 > most {
        let why = format!(
            "{name} is longer than {LONGEST} MiB, the most that is added at once, so nothing was added: \
             add it in parts"
        );
        return Err(Failure::new(Exit::Usage, why));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let whole = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = whole.iter().filter(|byte| **byte == b'\n').count() + 1;
        let why = format!(
            "{name} is no UTF-8 text (line {line}), so nothing was added: save it as UTF-8 and add it again"
        );
        Failure::new(Exit::Usage, why)
    })?;
    match Unprintable::find(text.trim_start_matches('\u{feff}'), 0) {
        Some(found) => {
            let line = found.line;
            let why = format!(
                "line {line} of {name} has {found}, so nothing was added: take it out and add it again"
            );
            Err(Failure::new(Exit::Usage, why))
        }
        None => Ok(text),
    }
}

/// Says which of the new phases wait for something that is nowhere.
pub(super) fn warn(after: &Roadmap, added: &[PhaseId]) {
    let findings = RoadmapGardener.look(after, None, &Facts::default()).findings;
    let in_vain = findings.iter().filter(|finding| finding.kind == FindingKind::UnknownDep);
    for finding in in_vain.filter(|f| f.phase.as_ref().is_some_and(|id| added.contains(id))) {
        let advice = finding.fix.as_ref().map(|fix| format!(" {fix}")).unwrap_or_default();
        out::note(&format!("warning: line {}: {}{advice}", finding.line, finding.message));
    }
}

fn doing(rehearsal: &Rehearsal) -> Doing {
    if rehearsal.dry_run { Doing::DryRun } else { Doing::Write }
}

/// The phases that were added.
pub(super) fn added(made: &Made) -> Vec<PhaseId> {
    let Some(after) = &made.after else { return Vec::new() };
    let new = |phase: &&Phase| {
        let at = phase.place.heading.start;
        made.edits
            .iter()
            .any(|edit| (edit.span.start..edit.span.start + edit.new.len()).contains(&at))
    };
    after.phases.iter().filter(new).map(|phase| phase.id.clone()).collect()
}

/// Makes a change, or finds out what it would come to.
pub(super) fn made(place: &Place, change: RoadmapChange, doing: Doing) -> Result<Made, Failure> {
    match doing {
        Doing::Write => Writer::open(place, Company::Refused)?.make(change),
        Doing::DryRun => {
            let held = place.journal().map(|entries| Run::replay(&entries).held_phases());
            let roadmap = place.roadmap()?;
            let edits = change.edits(&roadmap, &held.unwrap_or_default());
            let edits = edits.map_err(|why| Failure::new(Exit::Failed, why))?;
            let after = Roadmap::parse(splice(roadmap.bytes(), &edits));
            let after = after.with_archive(Arc::clone(roadmap.archive()));
            Ok(Made { after: (!edits.is_empty()).then(|| Arc::new(after)), edits })
        }
    }
}

/// Moves complete phases to the archive, or says which would be moved.
///
/// # Errors
/// When it is refused, or something can't be read or written.
pub fn archive(global: &Global, doing: Doing) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    let mut undo = Undo::Kept;
    let (edits, kept) = match doing {
        Doing::Write => {
            let mut writer = Writer::open(&place, Company::Refused)?;
            let edits = writer.make(RoadmapChange::Archive)?.edits;
            if !edits.is_empty() {
                undo = writer.tell_unkept("move");
            }
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
        moved(&edits, (doing, undo), &path)?;
        for (id, why) in &kept {
            out::line(format!("kept {}: {why}", visible(id.as_str())))?;
        }
    }
    Ok(if edits.is_empty() { Exit::Nothing } else { Exit::Ok })
}

fn moved(edits: &[Edit], (doing, undo): (Doing, Undo), path: &Path) -> Result<(), Failure> {
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
        let back = match undo {
            Undo::Kept => "; `orch-tui undo` brings them back",
            Undo::Unkept => "",
        };
        out::line(format!("to {path}{back}"))?;
    }
    Ok(())
}

/// Prints what was changed, or would be.
pub(super) fn told(
    global: &Global,
    made: &Made,
    doing: Doing,
    (would, nothing): (&str, &str),
) -> Result<Exit, Failure> {
    if global.json {
        out::json(&json::changed(&made.edits, doing))?;
    } else if made.edits.is_empty() {
        out::line(nothing)?;
    } else {
        match doing {
            Doing::DryRun => out::line(would)?,
            Doing::Write => {}
        }
        diff::print(&made.hunks(), Paint::wanted(global))?;
    }
    Ok(if made.edits.is_empty() { Exit::Nothing } else { Exit::Ok })
}
