//! Several changes at once.

use std::collections::BTreeSet;

use super::tick::{Ticks, only_ticks};
use super::{Page, made};
use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;
use crate::domain::roadmap::readiness::Evaluator;
use crate::domain::roadmap::{Edit, RoadmapChange};

/// The edits of several changes. Those that are refused are left out, unless all are.
pub(super) fn edits(
    changes: &[RoadmapChange],
    evaluator: &Evaluator,
    held: &BTreeSet<PhaseId>,
) -> Result<Vec<Edit>, Printable> {
    let (mut all, mut refused, mut ticks) = (Vec::<Edit>::new(), None, Vec::new());
    for change in changes {
        let edits = match change {
            // What ticks come to is seen in the file they leave, which is read once for all of them.
            RoadmapChange::TickDependency { phase, on, tick } => {
                let ticked = Page::open(evaluator, phase).and_then(|page| page.ticks(on, *tick));
                ticked.map(|edits| {
                    ticks.push(Ticks { phase, on, tick: *tick, edits });
                    Vec::new()
                })
            }
            change => made(change, evaluator, held),
        };
        match edits {
            Ok(edits) => all.extend(edits),
            Err(why) => refused = refused.or(Some(why)),
        }
    }
    let unread = only_ticks(evaluator, &mut ticks);
    refused = refused.or(unread);
    all.extend(ticks.into_iter().flat_map(|ticks| ticks.edits));
    all.sort_by_key(|edit| (edit.span.start, edit.span.end));
    // Two changes of one place can't both be made: the first is, the other may be asked for again.
    let mut end = None;
    all.retain(|edit| {
        let free = end.is_none_or(|end| edit.span.start >= end);
        end = if free { Some(edit.span.end) } else { end };
        free
    });
    match refused {
        Some(why) if all.is_empty() => Err(why),
        Some(_) | None => Ok(all),
    }
}
