//! What a goal's words come to: phases to tick, phases to list, phases to leave out.

use std::collections::BTreeSet;

use crate::domain::goal::done::Told;
use crate::domain::goal::index::Index;
use crate::domain::goal::offer::Pick;
use crate::domain::goal::picks::{id_pick, opened, scope_picks};
use crate::domain::goal::said::said_ids;
use crate::domain::goal::scope::Scope;
use crate::domain::id::PhaseId;

/// How far a goal reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reach {
    /// These phases.
    #[default]
    Phases,
    /// A batch.
    Batch,
    /// Whatever can run, until nothing is left.
    UntilNothingIsLeft,
}

/// What a goal was read as.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Reading {
    /// Phases asked for.
    pub ticked: Vec<Pick>,
    /// Phases that may be meant.
    pub listed: Vec<Pick>,
    /// What is told beside: phases said to be done, and such as are no work.
    pub told: Told,
    /// Phases asked for by their own id or whole name.
    pub named: BTreeSet<usize>,
    /// Phases ruled out.
    pub excluded: BTreeSet<usize>,
    /// Ids that no phase has, and what to say of them.
    pub unknown: Vec<(String, String)>,
    /// How far it reaches.
    pub reach: Reach,
    /// How many phases were asked for at most.
    pub limit: Option<usize>,
    /// How many phases were found for that limit.
    pub found: usize,
    /// What it was read as, in a few words.
    pub said: String,
    /// Words of what was left out, as ids.
    pub left_out: Vec<String>,
    /// Words that were to leave something out, but no phase is called so.
    pub left_in: Vec<String>,
}

/// What is said of an id without a phase.
pub(crate) const NO_PHASE: &str = "not a phase of this roadmap";

/// Phases picked by their whole name. Several with one name: a person has to choose.
pub(crate) fn by_name(index: &Index<'_>, named: Vec<usize>) -> Reading {
    let alone = named.len() == 1;
    let score = if alone { 0.98 } else { 0.59 };
    let words = |at: usize| vec![index.phase(at).name.as_str().to_lowercase()];
    let picks: Vec<_> =
        named.iter().map(|at| Pick::new(*at, score, ("name", words(*at)))).collect();
    let own = named.iter().copied().collect();
    let picks = picks.into_iter().flat_map(|pick| opened(index, pick)).collect();
    let (ticked, listed) = if alone { (picks, Vec::new()) } else { (Vec::new(), picks) };
    let said = match named.as_slice() {
        [one] => format!("phase {} by its name", index.phase(*one).id),
        _ => "a name that several phases have: tick the one meant".to_owned(),
    };
    Reading { ticked, listed, said, named: own, ..Reading::default() }
}

/// Exactly these phases.
pub(crate) fn by_ids(index: &Index<'_>, ids: &[PhaseId]) -> Reading {
    let mut reading = Reading::default();
    for id in ids {
        match index.place(id) {
            Some(phase) => {
                reading.named.insert(phase);
                reading.ticked.extend(opened(index, id_pick(phase, "id", id.as_str())));
            }
            None => reading.unknown.push((id.to_string(), NO_PHASE.to_owned())),
        }
    }
    reading.said = said_ids(index, &reading.ticked);
    reading
}

/// The ready phases.
pub(crate) fn ready(index: &Index<'_>) -> Reading {
    let scope = Scope { ready: true, ..Scope::default() };
    Reading { ticked: scope_picks(index, &scope), ..Reading::default() }
}

impl Reading {
    /// Whether nothing is asked for but what no plan does.
    pub fn is_no_work(&self) -> bool {
        let nothing = self.ticked.is_empty() && self.listed.is_empty() && self.unknown.is_empty();
        nothing && self.told.done.is_empty() && !self.told.apart.is_empty()
    }

    /// Nothing is ticked after all, only listed, for a reason.
    pub fn only_list(&mut self, why: &str) {
        let listed = std::mem::take(&mut self.ticked).into_iter();
        let listed = listed.map(|pick| Pick { score: pick.score.min(0.59), ..pick });
        self.listed.splice(0..0, listed);
        self.told.notes.push(format!("nothing is ticked: {why}"));
    }
}
