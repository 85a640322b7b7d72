//! Phases picked by id, by what is around them, or by a scope.

use crate::domain::goal::index::Index;
use crate::domain::goal::offer::Pick;
use crate::domain::goal::scope::Scope;
use crate::domain::roadmap::phase::{Status, StatusSource};

/// A phase picked by its id, or as one of several.
pub(crate) fn id_pick(phase: usize, field: &'static str, word: &str) -> Pick {
    let score = if field == "id" { 1.0 } else { 0.97 };
    Pick::new(phase, score, (field, vec![word.to_owned()]))
}

/// Of a phase around others those that are open: it is no work of its own.
pub(crate) fn opened(index: &Index<'_>, pick: Pick) -> Vec<Pick> {
    let inside = index.evaluator.open_inside(pick.phase);
    let works = |at: &usize| {
        let phase = index.phase(*at);
        phase.status.source == StatusSource::Field && !index.evaluator.is_duplicate(&phase.id)
    };
    if !inside.iter().any(works) {
        return vec![pick];
    }
    let words = || match pick.field {
        "id" => vec![format!("phase {}", pick.words.join(" "))],
        _ => pick.words.clone(),
    };
    let picks = inside.iter().map(|at| Pick::new(*at, pick.score, ("range", words())));
    picks.collect()
}

/// Phases of a scope, in priority order.
pub(crate) fn scope_picks(index: &Index<'_>, scope: &Scope) -> Vec<Pick> {
    let field = match (scope.batches.is_empty(), scope.bootstrap) {
        (false, _) => "batch",
        (true, true) => "bootstrap",
        (true, false) => "ready",
    };
    let fits = |at: &usize| {
        let phase = index.phase(*at);
        let batch = phase.place.batch.is_some_and(|batch| scope.batches.contains(&batch));
        (scope.batches.is_empty() || batch)
            && (!scope.bootstrap || phase.is_bootstrap())
            && (!scope.batches.is_empty() || phase.status.state != Status::Complete)
            && phase.place.occurrence <= 1
            && !index.evaluator.is_container(*at)
    };
    let only_ready = scope.ready || scope.keep_going && !scope.all && !scope.bootstrap;
    let mut phases: Vec<usize> = if only_ready {
        index.evaluator.ready().into_iter().filter_map(|phase| index.place(&phase.id)).collect()
    } else {
        (0..index.roadmap.phases.len()).collect()
    };
    phases.retain(fits);
    phases.sort_by(|a, b| index.priority(*a).cmp(&index.priority(*b)));
    let words = |phase| scope.words_for(index.phase(phase).place.batch);
    let pick = |phase| Pick::new(phase, 0.9, (field, words(phase)));
    phases.into_iter().map(pick).collect()
}
