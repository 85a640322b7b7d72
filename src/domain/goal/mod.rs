//! Goals: one line of a person's words, interpreted against the roadmap. Deterministic.

use std::collections::BTreeSet;

mod command;
mod done;
mod exclude;
mod heading;
mod ids;
pub(crate) mod index;
pub mod interpretation;
mod lead;
mod negate;
pub(in crate::domain) mod offer;
mod order;
mod picks;
mod rank;
mod reader;
mod reading;
mod record;
mod said;
mod scope;
mod text;
mod typo;
mod words;

#[cfg(test)]
mod no_work_tests;
#[cfg(test)]
mod table_tests;

use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::Status;
use command::Order;
use index::Index;
use interpretation::{GoalKind, Interpretation};
use lead::Lead;
use offer::{Offer, Pick};
use reading::{Reach, Reading};

/// So many ready phases are listed when a goal matches nothing.
const MOST_SUGGESTED: usize = 50;

/// What is said of a phase that the goal says is done.
const SAID_DONE: &str = "is left out: the goal says it is done";

/// How to pause.
const PAUSE: &str = "A goal pauses nothing: on the screen, p starts nothing new until p again, and running agents go on; \
    x stops an agent.";

/// Interprets goals against one roadmap, gardened beforehand.
#[derive(Debug)]
pub struct GoalInterpreter<'a> {
    roadmap: &'a Roadmap,
    held: &'a BTreeSet<PhaseId>,
    undone: BTreeSet<PhaseId>,
}

impl<'a> GoalInterpreter<'a> {
    /// An interpreter for this roadmap; `held` are phases our live agents hold.
    pub fn new(roadmap: &'a Roadmap, held: &'a BTreeSet<PhaseId>) -> Self {
        Self { roadmap, held, undone: BTreeSet::new() }
    }

    /// The same, where these phases are blocked only because their unblocking was undone.
    pub fn undone(self, undone: &BTreeSet<PhaseId>) -> Self {
        Self { undone: undone.clone(), ..self }
    }

    fn index(&self, words: &[words::Word]) -> Index<'a> {
        let mut index = Index::new(self.roadmap, self.held, words);
        index.undone.clone_from(&self.undone);
        index
    }

    /// What `goal` means.
    pub fn interpret(&self, goal: &str) -> Interpretation {
        if goal.trim().is_empty() {
            let read = self.read("");
            let said = "The goal is empty: say a phase id, a batch or words of a name; what is ready is listed.";
            return Interpretation { explanation: Printable::new(said), ..read };
        }
        self.read(goal)
    }

    fn read(&self, goal: &str) -> Interpretation {
        let forced = goal.trim().strip_prefix(':');
        let words = words::words(forced.unwrap_or(goal));
        let index = self.index(&words);
        let mut named = match forced {
            None => index.typed_name(goal.trim(), &words),
            Some(_) => Vec::new(),
        };
        // A name with a question mark that is not its own is a question about it.
        let asks =
            |at: &usize| heading::asks(goal) && !heading::asks(index.phase(*at).name.as_str());
        named.retain(|at| !asks(at));
        if !named.is_empty() {
            return settle(&index, goal, &reading::by_name(&index, named));
        }
        let headed = heading::typed(&index, &words).filter(|at| !asks(at));
        if let (None, Some(at)) = (forced, headed) {
            let id = index.phase(at).id.clone();
            return settle(&index, goal, &reading::by_ids(&index, &[id]));
        }
        if let Some(order) = command::parse(&index, &words) {
            return ordered(&index, goal, order);
        }
        let (lead, skipped) = lead::read(goal, &words);
        let reading = reader::read(&index, &words[skipped..]);
        match lead {
            Lead::Question => explained(&index, goal, &reading),
            Lead::Request if reading.is_no_work() => explained(&index, goal, &reading),
            Lead::Request => settle(&index, goal, &reading),
        }
    }

    /// Exactly these phases, as if each had been named by its id.
    pub fn phases(&self, ids: &[PhaseId]) -> Interpretation {
        let index = self.index(&[]);
        let goal: Vec<_> = ids.iter().map(PhaseId::as_str).collect();
        settle(&index, &goal.join(", "), &reading::by_ids(&index, ids))
    }
}

/// What a reading comes to when it asks for work.
fn settle(index: &Index<'_>, goal: &str, reading: &Reading) -> Interpretation {
    let mut offer = Offer::new(index, &reading.excluded).asked_for(&reading.named);
    for pick in &reading.ticked {
        offer.tick(pick);
    }
    for pick in &reading.listed {
        offer.list(pick);
    }
    for (id, reason) in &reading.unknown {
        offer.refuse(&PhaseId::new(id.as_str()), reason);
    }
    refuse_told(index, reading, &mut offer);
    let nothing_meant = reading.ticked.is_empty() && reading.listed.is_empty();
    if nothing_meant && reading.unknown.is_empty() {
        suggest_ready(index, reading, &mut offer);
    }
    let (matched, not_offered) = offer.finish();
    let chosen: Vec<_> = matched.iter().filter(|m| m.selected).map(|m| m.score).collect();
    let kind = match (chosen.len(), reading.reach) {
        (0, _) => GoalKind::Suggest,
        (_, Reach::Batch | Reach::UntilNothingIsLeft) => GoalKind::RunBatch,
        (1, Reach::Phases) => GoalKind::RunSingle,
        (_, Reach::Phases) => GoalKind::RunParallel,
    };
    let found = Interpretation {
        goal: goal.to_owned(),
        kind,
        confidence: confidence(&chosen, reading),
        explanation: Printable::default(),
        matched,
        not_offered,
        left_out: reading.excluded.iter().map(|at| index.phase(*at).id.clone()).collect(),
        limit: reading.limit,
    };
    Interpretation { explanation: Printable::new(&reading.explain(&found)), ..found }
}

/// Refuses what is said to be done, and what is asked that is no work.
fn refuse_told(index: &Index<'_>, reading: &Reading, offer: &mut Offer<'_, '_>) {
    for (pick, manner) in &reading.told.apart {
        offer.refuse(&index.phase(pick.phase).id, &manner.reason());
    }
    for pick in &reading.told.done {
        let phase = index.phase(pick.phase);
        let complete = phase.status.state == Status::Complete;
        offer.refuse(&phase.id, if complete { "already complete" } else { SAID_DONE });
    }
}

/// A goal of which part was not found can be understood fairly at best.
const PARTLY: f64 = 0.7;

/// The lowest score of what was chosen.
fn confidence(chosen: &[f64], reading: &Reading) -> f64 {
    let lowest = chosen.iter().copied().reduce(f64::min).unwrap_or(0.0);
    if reading.is_whole() { lowest } else { lowest.min(PARTLY) }
}

/// Lists what is ready, unticked.
fn suggest_ready(index: &Index<'_>, reading: &Reading, offer: &mut Offer<'_, '_>) {
    for phase in index.evaluator.ready().into_iter().take(MOST_SUGGESTED) {
        let Some(at) = index.place(&phase.id) else { continue };
        if !reading.excluded.contains(&at) {
            offer.list(&Pick::new(at, 0.0, ("ready", Vec::new())));
        }
    }
}

/// A question: the phases it is about, whatever their state, none of them ticked.
fn explained(index: &Index<'_>, goal: &str, reading: &Reading) -> Interpretation {
    let nothing = BTreeSet::new();
    let mut offer = Offer::new(index, &nothing);
    for (pick, manner) in &reading.told.apart {
        offer.refuse(&index.phase(pick.phase).id, &manner.reason());
        offer.show(pick);
    }
    for pick in reading.ticked.iter().chain(&reading.listed).chain(&reading.told.done) {
        offer.show(pick);
    }
    for (id, reason) in &reading.unknown {
        offer.refuse(&PhaseId::new(id.as_str()), reason);
    }
    let (matched, not_offered) = offer.finish();
    let explanation = if matched.is_empty() {
        "Read as a question that names no phase of this roadmap; nothing starts.".to_owned()
    } else if let (Some((_, manner)), true) = (reading.told.apart.first(), reading.is_no_work()) {
        let picks: Vec<_> = reading.told.apart.iter().map(|(pick, _)| pick.clone()).collect();
        let ids = said::said_phases(index, &picks);
        format!("Read as an order about {ids} that is no work: {}; nothing starts.", manner.why())
    } else {
        let ids: Vec<_> = matched.iter().take(6).map(|m| m.id.to_string()).collect();
        let more = matched.len().saturating_sub(6);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("Read as a question about {}{rest}; nothing starts.", ids.join(", "))
    };
    Interpretation { matched, not_offered, ..plain(goal, GoalKind::Explain, &explanation) }
}

/// A command.
fn ordered(index: &Index<'_>, goal: &str, order: Order) -> Interpretation {
    match order {
        Order::Garden => plain(goal, GoalKind::Garden, "Garden the roadmap."),
        Order::Status => plain(goal, GoalKind::Status, "Show the status."),
        Order::ListAgents => plain(goal, GoalKind::ListAgents, "List the agents."),
        Order::Pause => plain(goal, GoalKind::Explain, PAUSE),
        Order::Help => plain(goal, GoalKind::Help, "Show help."),
        Order::StopAll => plain(goal, GoalKind::Stop, "Stop all agents, once confirmed."),
        Order::ListReady => explained(index, goal, &reading::ready(index)),
        Order::Stop(phases, unknown) => stopped(index, goal, &phases, &unknown),
    }
}

/// Stops some phases' agents: these are matched, never ticked.
fn stopped(index: &Index<'_>, goal: &str, phases: &[usize], unknown: &[String]) -> Interpretation {
    let nothing = BTreeSet::new();
    let mut offer = Offer::new(index, &nothing);
    for id in unknown {
        offer.refuse(&PhaseId::new(id.as_str()), "not a phase of this roadmap");
    }
    let (_, not_offered) = offer.finish();
    let ids: Vec<_> = phases.iter().map(|at| index.phase(*at).id.to_string()).collect();
    let matched = phases
        .iter()
        .map(|at| {
            let words = vec![index.phase(*at).id.to_string()];
            Pick::new(*at, 1.0, ("id", words)).matched(index, offer::Ticked::No)
        })
        .collect();
    let explanation = if ids.is_empty() {
        format!("{} is not a phase of this roadmap; nothing stops.", unknown.join(", "))
    } else {
        format!("Stop the agents of {}, once confirmed.", ids.join(", "))
    };
    Interpretation { matched, not_offered, ..plain(goal, GoalKind::Stop, &explanation) }
}

/// An interpretation without phases.
fn plain(goal: &str, kind: GoalKind, explanation: &str) -> Interpretation {
    Interpretation {
        goal: goal.to_owned(),
        kind,
        confidence: 0.0,
        explanation: Printable::new(explanation),
        matched: Vec::new(),
        not_offered: Vec::new(),
        left_out: Vec::new(),
        limit: None,
    }
}
