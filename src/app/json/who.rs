//! Identities in JSON: who worked here, and who would work.

use serde_json::{Value, json};

use super::SCHEMA;
use crate::app::commands::history::how;
use crate::domain::agent::Outcome;
use crate::domain::identity::{Foreseen, Identity, Work};

/// Shape of `agents --history --json`.
pub fn history(identities: &[Identity<'_>]) -> Value {
    let one = |who: &Identity<'_>| {
        json!({
            "name": who.name, "adapter": who.adapter, "done": who.done(), "failed": who.failed(),
            "rests": who.rests(), "usage": who.usage(),
            "phases": who.works.iter().map(|work| stint(work)).collect::<Vec<_>>(),
        })
    };
    json!({ "schema": SCHEMA, "identities": identities.iter().map(one).collect::<Vec<_>>() })
}

/// What an identity did on one phase.
fn stint(work: &Work) -> Value {
    let chosen = work.birth.chosen.as_ref();
    json!({
        "phase": work.birth.phase, "agent": work.birth.agent.id, "lives": work.lives,
        "batch": work.batch(), "tags": chosen.map(|chosen| &chosen.tags),
        "why": chosen.map(|chosen| chosen.why.clause()),
        "state": how(work), "outcome": work.outcome.as_ref().map(Outcome::clause),
        "started_at": work.times.started, "ended_at": work.times.ended,
        "merged": work.merged, "session": work.session, "usage": work.usage,
    })
}

/// Who would work on a phase of a plan.
pub(super) fn planned(who: &Foreseen) -> Value {
    json!({ "name": who.chosen.name, "why": who.clause() })
}
