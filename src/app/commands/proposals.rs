//! `orch-tui proposals`: the new phases that wait for a person, and a person's word on one of them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::app::cli::{Decision, Global, ProposalArgs};
use crate::app::commands::change::{self, Company, Writer};
use crate::app::commands::garden::Doing;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::place::Place;
use crate::app::screen::look::glyphs;
use crate::app::{json, out};
use crate::domain::id::PhaseId;
use crate::domain::journal_text::named;
use crate::domain::orchestrator::run::Run;
use crate::domain::printable::{counted, visible};
use crate::domain::proposal::{Drafted, Judgement, Listing, Proposal, Shelf, Standing, judge};
use crate::domain::roadmap::Roadmap;
use crate::runner::proposals::{list, shelve};
use crate::ui::text::{columns, cut};

/// So much of a title is told however long the rest of its line is.
const LEAST_TITLE: usize = 20;

/// The proposals of a target beside what they are judged by.
struct Desk {
    place: Place,
    listing: Listing,
    roadmap: Option<Arc<Roadmap>>,
    held: BTreeSet<PhaseId>,
}

impl Desk {
    fn open(global: &Global) -> Result<Self, Failure> {
        let place = Place::find_and_tell(global)?;
        let listing = list(&place.target.documents.proposals);
        if let Some(problem) = &listing.problem {
            return Err(Failure::environment(problem));
        }
        let roadmap = place.roadmap().ok();
        let held = place.journal().map(|entries| Run::replay(&entries).held_phases());
        Ok(Self { place, listing, roadmap, held: held.unwrap_or_default() })
    }

    fn folder(&self) -> &Path {
        &self.place.target.documents.proposals
    }

    fn judge(&self, proposal: &Proposal) -> Judgement {
        judge(proposal, (&self.listing, self.roadmap.as_deref()), &self.held)
    }

    /// The proposal a person names: by its file's name, or by a path into the folder.
    fn find(&self, given: &Path) -> Result<&Proposal, Failure> {
        let inside = || {
            let same =
                |above: &Path| above.canonicalize().ok() == self.folder().canonicalize().ok();
            given.parent().is_some_and(|above| above.as_os_str().is_empty() || same(above))
        };
        let name = given.file_name().and_then(|name| name.to_str()).filter(|_| inside());
        let found = name.and_then(|name| self.listing.find(name));
        found.ok_or_else(|| {
            let names = self.listing.proposals.iter().map(|p| visible(&p.file.name));
            let names = names.collect::<Vec<_>>().join(", ");
            let there = if names.is_empty() { "nothing".to_owned() } else { names };
            let (given, folder) = (given.to_string_lossy(), self.folder().to_string_lossy());
            let (given, folder) = (visible(&given), visible(&folder));
            let why = format!("there is no proposal {given} in {folder}; there is: {there}");
            Failure::new(Exit::Nothing, why)
        })
    }
}

/// Lists the proposals, or carries out what a person decided about one.
///
/// # Errors
/// When the folder can't be read, there is no such proposal, or the decision can't be carried out.
pub fn proposals(global: &Global, args: &ProposalArgs) -> Result<Exit, Failure> {
    let desk = Desk::open(global)?;
    match &args.decision {
        None => show(global, &desk),
        Some(Decision::Approve { file, rehearsal }) => {
            let doing = if rehearsal.dry_run { Doing::DryRun } else { Doing::Write };
            approve(global, (&desk, desk.find(file)?), doing)
        }
        Some(Decision::Refuse { file }) => refuse(global, (&desk, desk.find(file)?)),
    }
}

fn show(global: &Global, desk: &Desk) -> Result<Exit, Failure> {
    let judged: Vec<(&Proposal, Judgement)> =
        desk.listing.proposals.iter().map(|proposal| (proposal, desk.judge(proposal))).collect();
    if global.json {
        out::json(&json::proposals(desk.folder(), desk.listing.more, &judged))?;
        return Ok(Exit::Ok);
    }
    let folder = visible(&desk.folder().to_string_lossy());
    if judged.is_empty() {
        out::line(format!(
            "no proposal waits: a Markdown file with new phases in {folder} would be one"
        ))?;
    }
    for (proposal, judgement) in &judged {
        out::line(headline(global, (proposal, judgement), out::width()))?;
        if let Some(why) = judgement.obstacle() {
            out::line(format!("  can't be added: {why}"))?;
        }
        if judgement.standing == Standing::Added {
            out::line("  its phases are in the roadmap already")?;
        }
        for remark in &judgement.remarks {
            out::line(format!("  note: {remark}"))?;
        }
    }
    if desk.listing.more > 0 {
        out::note(&format!("{} in {folder} not read", counted(desk.listing.more, "more file")));
    }
    Ok(Exit::Ok)
}

/// `speed.md  Faster import: 2.1, 2.2`; a title that is too long for the line is cut.
fn headline(
    global: &Global,
    (proposal, judgement): (&Proposal, &Judgement),
    width: usize,
) -> String {
    let ids: Vec<PhaseId> = judgement.phases.phases.iter().map(|p| p.id.clone()).collect();
    let phases = if ids.is_empty() { String::new() } else { format!(": {}", named(&ids)) };
    let (name, phases) = (visible(&proposal.file.name), visible(&phases));
    let room = width.saturating_sub(columns(&name) + 2 + columns(&phases)).max(LEAST_TITLE);
    let title = cut(proposal.title.as_str(), room, glyphs(global));
    format!("{name}  {title}{phases}")
}

fn approve(
    global: &Global,
    (desk, proposal): (&Desk, &Proposal),
    doing: Doing,
) -> Result<Exit, Failure> {
    let name = visible(&proposal.file.name);
    let refused = |why: &str| Failure::new(Exit::Failed, format!("{name} can't be added: {why}"));
    let drafted: &Drafted = proposal.drafted.as_ref().map_err(|why| refused(why.as_str()))?;
    if let Some(why) = desk.judge(proposal).obstacle() {
        return Err(refused(why.as_str()));
    }
    let made = change::made(&desk.place, drafted.change(&proposal.file), doing)?;
    let added = change::added(&made);
    let exit = change::told(
        global,
        &made,
        doing,
        (&format!("would add {}", named(&added)), "the roadmap has these phases already"),
    )?;
    made.after.iter().for_each(|after| change::warn(after, &added));
    if doing == Doing::DryRun {
        return Ok(exit);
    }
    let path = shelve(desk.folder(), &proposal.file, Shelf::Accepted);
    let path =
        path.map_err(|error| Failure::environment(format!("its phases are added, but {error}")))?;
    out::note(&format!("{name} lies in {} now", visible(&path.to_string_lossy())));
    Ok(Exit::Ok)
}

fn refuse(global: &Global, (desk, proposal): (&Desk, &Proposal)) -> Result<Exit, Failure> {
    // Whoever drives the repository decides there.
    let _driver = Writer::open(&desk.place, Company::Refused)?;
    let path = shelve(desk.folder(), &proposal.file, Shelf::Rejected);
    let path = path.map_err(Failure::environment)?;
    if global.json {
        out::json(&json::refused(&proposal.file.name, &path))?;
    } else {
        let (name, path) = (visible(&proposal.file.name), visible(&path.to_string_lossy()));
        out::line(format!("refused: {name} lies in {path}"))?;
    }
    Ok(Exit::Ok)
}
