//! `orch-tui agents --history`: who worked here, and on what.

use crate::app::cli::Global;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::out::padded;
use crate::app::place::Place;
use crate::app::{json, out};
use crate::domain::cost::dollars;
use crate::domain::identity::{Identity, Work};
use crate::domain::orchestrator::run::Run;
use crate::domain::printable::visible;
use crate::ui::text::columns;

/// So many of the last phases of an identity are named.
const LAST: usize = 5;

/// Prints a row for every identity.
///
/// # Errors
/// When configuration or state can't be read.
pub fn history(global: &Global) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    let run = Run::replay(&place.journal()?);
    let identities = run.crew.identities();
    if global.json {
        out::json(&json::history(&identities))?;
    } else if identities.is_empty() {
        out::line("nobody with a name has worked here yet")?;
    } else {
        table(&identities)?;
    }
    Ok(Exit::Ok)
}

fn table(identities: &[Identity<'_>]) -> Result<(), Failure> {
    let widest = |of: fn(&Identity<'_>) -> String, least: usize| {
        identities.iter().map(|who| columns(&of(who))).max().unwrap_or(0).max(least)
    };
    let (name, adapter) =
        (|who: &Identity<'_>| visible(who.name), |who: &Identity<'_>| visible(who.adapter));
    let (names, adapters) = (widest(name, 4), widest(adapter, 5));
    out::line(format!(
        "  {}  {}  {:>4}  {:>6}  {:>8}  LAST PHASES",
        padded("NAME", names),
        padded("AGENT", adapters),
        "DONE",
        "FAILED",
        "COST"
    ))?;
    for who in identities {
        out::line(format!(
            "  {}  {}  {:>4}  {:>6}  {:>8}  {}",
            padded(&name(who), names),
            padded(&adapter(who), adapters),
            who.done(),
            who.failed(),
            cost(who),
            last(who)
        ))?;
    }
    Ok(())
}

/// What it cost, as far as its agents told that.
fn cost(who: &Identity<'_>) -> String {
    match who.usage().cost_millicents {
        0 => "not told".to_owned(),
        cost => dollars(cost),
    }
}

/// `2.1 done, 1.2 failed`, the newest first.
fn last(who: &Identity<'_>) -> String {
    let one = |work: &&Work| format!("{} {}", work.birth.phase, how(work));
    let named: Vec<String> = who.works.iter().rev().take(LAST).map(one).collect();
    let more = match who.works.len().saturating_sub(LAST) {
        0 => String::new(),
        more => format!(" and {more} before"),
    };
    let rests = if who.rests() { "; rests" } else { "" };
    visible(&format!("{}{more}{rests}", named.join(", ")))
}

/// How the work on a phase is or ended, in one word.
pub fn how(work: &Work) -> &'static str {
    match (&work.outcome, work.succeeded(), work.failed()) {
        (None, ..) => "at work",
        (Some(_), true, _) => "done",
        (Some(_), false, true) => "failed",
        (Some(_), false, false) => "broken off",
    }
}
