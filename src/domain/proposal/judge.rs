//! What a proposal would come to in a roadmap.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Drafted, Listing, Proposal};
use crate::domain::gardener::{Facts, RoadmapGardener};
use crate::domain::id::PhaseId;
use crate::domain::journal_text::named;
use crate::domain::printable::Printable;
use crate::domain::roadmap::finding::Finding;
use crate::domain::roadmap::phase::{Dependency, Phase};
use crate::domain::roadmap::{Edit, Roadmap, splice};

/// How many remarks are made on one proposal.
const REMARKS: usize = 20;

/// What a proposal would come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Its phases as they would be added, or as they stand in it where they can't be.
    pub phases: Arc<Roadmap>,
    /// What comes of it.
    pub standing: Standing,
    /// What is odd about it and stops nobody.
    pub remarks: Vec<Printable>,
}

/// Whether a proposal can be approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its phases can be added.
    Ready,
    /// The roadmap has them already: approving it only puts the file away.
    Added,
    /// They can't be added, for this reason.
    Refused(Printable),
}

impl Judgement {
    /// Why it can't be approved.
    pub fn obstacle(&self) -> Option<&Printable> {
        match &self.standing {
            Standing::Ready | Standing::Added => None,
            Standing::Refused(why) => Some(why),
        }
    }
}

/// The phases of a proposal that the roadmap has under the same id, in the proposal's order.
pub fn repeated(proposal: &Proposal, roadmap: &Roadmap) -> Vec<PhaseId> {
    let Ok(drafted) = &proposal.drafted else { return Vec::new() };
    let ids = drafted.phases.phases.iter().map(|phase| &phase.id);
    ids.filter(|id| roadmap.phase(id).is_some()).cloned().collect()
}

/// What a proposal would come to in a roadmap. `held` are phases our agents work on.
pub fn judge(
    proposal: &Proposal,
    (listing, roadmap): (&Listing, Option<&Roadmap>),
    held: &BTreeSet<PhaseId>,
) -> Judgement {
    let refused = |phases, why| {
        let standing = Standing::Refused(why);
        Judgement { phases, standing, remarks: Vec::new() }
    };
    let drafted = match &proposal.drafted {
        Ok(drafted) => drafted,
        Err(why) => return refused(Arc::new(Roadmap::parse(Vec::new())), why.clone()),
    };
    let mine = Arc::clone(&drafted.phases);
    let Some(roadmap) = roadmap else {
        return refused(mine, "There is no roadmap to add it to.".into());
    };
    match drafted.change(&proposal.file).edits(roadmap, held) {
        Err(why) => {
            let known = repeated(proposal, roadmap);
            refused(mine, if known.len() > 1 { collision(&known, roadmap) } else { why })
        }
        Ok(edits) => match edits.first() {
            None => Judgement { phases: mine, standing: Standing::Added, remarks: Vec::new() },
            Some(edit) => {
                let phases = Arc::new(Roadmap::parse(edit.new.clone()));
                let remarks = remarks((proposal, listing), (roadmap, &edits), held);
                Judgement { phases, standing: Standing::Ready, remarks }
            }
        },
    }
}

/// Several phases have the ids of others.
fn collision(known: &[PhaseId], roadmap: &Roadmap) -> Printable {
    let line = |id: &PhaseId| roadmap.phase(id).map(|phase| phase.place.line.to_string());
    let lines: Vec<String> = known.iter().filter_map(line).collect();
    let text = format!(
        "The roadmap has phases {} already, on lines {}: give the new ones other ids.",
        named(known),
        lines.join(", ")
    );
    Printable::new(&text)
}

/// What is odd about a proposal that can be added.
fn remarks(
    (proposal, listing): (&Proposal, &Listing),
    (roadmap, edits): (&Roadmap, &[Edit]),
    held: &BTreeSet<PhaseId>,
) -> Vec<Printable> {
    let after = Roadmap::parse(splice(roadmap.bytes(), edits));
    let after = after.with_archive(Arc::clone(roadmap.archive()));
    let added: BTreeSet<&PhaseId> = proposal
        .drafted
        .iter()
        .flat_map(|drafted| drafted.phases.phases.iter().map(|phase| &phase.id))
        .collect();
    let findings = RoadmapGardener.look(&after, None, &Facts::held(held)).findings;
    let of_it = |finding: &&Finding| finding.phase.as_ref().is_some_and(|id| added.contains(id));
    let mut remarks: Vec<Printable> =
        findings.iter().filter(of_it).map(|finding| finding.message.clone()).collect();
    let archived = added.iter().filter(|id| roadmap.archive().has(id));
    remarks.extend(
        archived.map(|id| Printable::new(&format!("The archive has a phase {id} already."))),
    );
    remarks.extend(proposal.drafted.iter().flat_map(|drafted| presumptions(drafted, &after)));
    remarks.extend(others((proposal, listing), &added, &after));
    remarks.truncate(REMARKS);
    remarks
}

/// What its phases say that others decide, and where they would stand without having said so.
fn presumptions(drafted: &Drafted, after: &Roadmap) -> Vec<Printable> {
    let phases = &drafted.phases.phases;
    let ids = |wanted: &dyn Fn(&Phase) -> bool| -> Vec<PhaseId> {
        phases.iter().filter(|phase| wanted(phase)).map(|phase| phase.id.clone()).collect()
    };
    let written =
        ids(&|phase| phase.assigned_field().is_some() || phase.field("Completed").is_some());
    let ticked = ids(&|phase| phase.boxes.0 > 0);
    let joined = ids(&|phase| phase.place.batch.is_none());
    let batch = joined.first().and_then(|id| after.phase(id)?.place.batch);
    let mut said = Vec::new();
    if !written.is_empty() {
        said.push(format!(
            "{} says who has it or when it was completed: orch-tui writes that.",
            named(&written)
        ));
    }
    if !ticked.is_empty() {
        said.push(format!("{} has ticked tasks.", named(&ticked)));
    }
    if let Some(batch) = batch {
        said.push(format!("{} becomes part of batch {batch}.", named(&joined)));
    }
    said.iter().map(|text| Printable::new(text)).collect()
}

/// The phase a dependency names.
fn phase_of(dependency: &Dependency) -> Option<&PhaseId> {
    match dependency {
        Dependency::Phase { id, .. } => Some(id),
        Dependency::Batch(_) | Dependency::AllPrevious | Dependency::Opaque(_) => None,
    }
}

/// What the other proposals have to do with one: phases of the same ids, and phases that it waits for.
fn others(
    (proposal, listing): (&Proposal, &Listing),
    added: &BTreeSet<&PhaseId>,
    after: &Roadmap,
) -> Vec<Printable> {
    let waits: BTreeSet<&PhaseId> = proposal
        .drafted
        .iter()
        .flat_map(|drafted| &drafted.phases.phases)
        .flat_map(|phase| phase.depends_on.iter().filter_map(phase_of))
        .filter(|id| after.phase(id).is_none())
        .collect();
    let mut said = Vec::new();
    for other in listing.proposals.iter().filter(|other| other.file.name != proposal.file.name) {
        let Ok(drafted) = &other.drafted else { continue };
        let ids = || drafted.phases.phases.iter().map(|phase| &phase.id);
        let name = &other.file.name;
        let same: Vec<PhaseId> = ids().filter(|id| added.contains(id)).cloned().collect();
        if !same.is_empty() {
            said.push(format!(
                "Proposal {name} has {} too: only one of them can be added.",
                named(&same)
            ));
        }
        let wanted: Vec<PhaseId> = ids().filter(|id| waits.contains(id)).cloned().collect();
        if !wanted.is_empty() {
            said.push(format!("It waits for {} of proposal {name}.", named(&wanted)));
        }
    }
    said.iter().map(|text| Printable::new(text)).collect()
}
