//! `orch-tui garden` and `orch-tui health`.

use std::collections::BTreeMap;

use crate::app::cli::Global;
use crate::app::commands::change::{Company, Undo, Writer};
use crate::app::diff::{self, Paint};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::place::Place;
use crate::app::{json, out};
use crate::domain::gardener::{Facts, Garden, RoadmapGardener};
use crate::domain::health::{Fix, Risk};
use crate::domain::id::PhaseId;
use crate::domain::orchestrator::run::Run;
use crate::domain::printable::{counted, visible};
use crate::domain::roadmap::diff::{Hunk, hunks, lines_changed};
use crate::domain::roadmap::finding::{Finding, Severity};
use crate::domain::roadmap::{Edit, Roadmap, RoadmapChange};
use crate::runner::roadmap_file::Made;

/// Unblocks what can be unblocked, or says what would be.
///
/// # Errors
/// When configuration, roadmap or state can't be read, or the roadmap can't be written.
pub fn garden(global: &Global, dry_run: Doing) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    let roadmap;
    let (garden, made) = match dry_run {
        Doing::DryRun => {
            roadmap = place.roadmap()?;
            (look(&roadmap, &facts(&place)), Made::default())
        }
        Doing::Write => {
            let mut writer = Writer::open(&place, Company::Allowed)?;
            roadmap = place.roadmap()?;
            let garden = look(&roadmap, writer.facts());
            let made = writer.make(RoadmapChange::Garden)?;
            if !made.edits.is_empty() {
                writer.tell_unkept("gardening");
            }
            (garden, made)
        }
    };
    if global.json {
        out::json(&json::garden(&garden, &made.edits))?;
    } else {
        let hunks = match dry_run {
            Doing::DryRun => hunks(roadmap.bytes(), &garden.edits),
            Doing::Write => made.hunks(),
        };
        tell(&garden, dry_run, &hunks, Paint::wanted(global))?;
    }
    Ok(Exit::Ok)
}

/// What the gardener would do at a person's word, which is more than by itself: also what was undone.
fn look(roadmap: &Roadmap, facts: &Facts) -> Garden {
    let all = Facts { left: BTreeMap::new(), ..facts.clone() };
    RoadmapGardener.look(roadmap, None, &all)
}

/// Whether anything is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Say what would change.
    DryRun,
    /// Change it.
    Write,
}

/// What is known of agents. A target without readable state has none.
fn facts(place: &Place) -> Facts {
    place.journal().map(|entries| Run::replay(&entries).facts()).unwrap_or_default()
}

fn tell(garden: &Garden, dry_run: Doing, hunks: &[Hunk], paint: Paint) -> Result<(), Failure> {
    let verb = match dry_run {
        Doing::DryRun => "would unblock",
        Doing::Write => "unblocked",
    };
    let mut ids: Vec<&str> = Vec::new();
    ids.extend(hunks.iter().flat_map(|hunk| &hunk.phases).map(PhaseId::as_str));
    if ids.is_empty() {
        out::line("nothing to unblock")?;
    } else {
        out::line(format!("{verb} {}", ids.join(", ")))?;
    }
    diff::print(hunks, paint)?;
    for (id, pending) in &garden.still_blocked {
        let pending: Vec<&str> = pending.iter().map(PhaseId::as_str).collect();
        out::line(format!("still blocked {id}: waits for {}", pending.join(", ")))?;
    }
    for (id, reason) in &garden.needs_human {
        out::line(format!("needs a person {id}: {reason}"))?;
    }
    Ok(())
}

fn summed_up(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "no findings".into();
    }
    let count = |wanted| findings.iter().filter(|finding| finding.severity == wanted).count();
    let errors = counted(count(Severity::Error), "error");
    let warnings = counted(count(Severity::Warning), "warning");
    format!("{errors}, {warnings}, {} to know", count(Severity::Info))
}

/// Prints what is odd in the roadmap, after mending what needs no judgement if that is wanted. Exit code 1 when there
/// are errors.
///
/// # Errors
/// When configuration or roadmap can't be read, or the roadmap can't be written.
pub fn health(global: &Global, fix: Doing) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    let mended = match fix {
        Doing::DryRun => Mended { facts: facts(&place), rounds: Vec::new(), undo: Undo::Kept },
        Doing::Write => mend(&place)?,
    };
    let garden = RoadmapGardener.look(&*place.roadmap()?, None, &mended.facts);
    if global.json {
        let edits: Vec<Edit> = mended.rounds.into_iter().flat_map(|made| made.edits).collect();
        out::json(&json::health(&garden, &edits))?;
    } else {
        if fix == Doing::Write {
            fixed(&mended, Paint::wanted(global))?;
        }
        for (finding, fix) in garden.findings.iter().zip(&garden.fixes) {
            report(&place, finding, fix.as_ref())?;
        }
        out::line(summed_up(&garden.findings))?;
    }
    let broken = garden.findings.iter().any(|f| f.severity == Severity::Error);
    Ok(if broken { Exit::Failed } else { Exit::Ok })
}

/// Changes that health makes one after the other, at most.
const MOST_ROUNDS: usize = 8;

/// What was mended.
struct Mended {
    facts: Facts,
    /// What was made, change by change.
    rounds: Vec<Made>,
    undo: Undo,
}

/// Makes every safe fix, in one change, and again what can only be mended then.
fn mend(place: &Place) -> Result<Mended, Failure> {
    let mut writer = Writer::open(place, Company::Refused)?;
    let facts = writer.facts().clone();
    let rounds = in_rounds(|| {
        let garden = RoadmapGardener.look(&*place.roadmap()?, None, &facts);
        let made = garden.safe_fixes().map(|change| writer.make(change)).transpose()?;
        Ok(made.filter(|made| !made.edits.is_empty()))
    })?;
    let undo = match rounds.is_empty() {
        true => Undo::Kept,
        false => writer.tell_unkept("mending"),
    };
    Ok(Mended { facts, rounds, undo })
}

/// What `next` makes until there is nothing more. What is refused behind the first stays among the findings; anything
/// else that fails may leave the roadmap changed, and is told.
fn in_rounds<T>(mut next: impl FnMut() -> Result<Option<T>, Failure>) -> Result<Vec<T>, Failure> {
    let mut rounds = Vec::new();
    while rounds.len() < MOST_ROUNDS {
        match next() {
            Ok(Some(made)) => rounds.push(made),
            Ok(None) => break,
            Err(why) if why.exit == Exit::Failed && !rounds.is_empty() => break,
            Err(why) => return Err(why),
        }
    }
    Ok(rounds)
}

fn fixed(mended: &Mended, paint: Paint) -> Result<(), Failure> {
    let rounds: Vec<Vec<Hunk>> = mended.rounds.iter().map(Made::hunks).collect();
    let lines = match rounds.iter().map(|hunks| lines_changed(hunks)).sum() {
        0 => return out::line("nothing to mend without a person"),
        lines => counted(lines, "line"),
    };
    let back = match (mended.undo, rounds.len()) {
        (Undo::Unkept, _) => String::new(),
        (Undo::Kept, 1) => "; `orch-tui undo` takes it back".to_owned(),
        (Undo::Kept, steps) => format!("; `orch-tui undo`, {steps} times, takes it back"),
    };
    out::line(format!("mended {lines}{back}"))?;
    rounds.iter().try_for_each(|hunks| diff::print(hunks, paint))
}

/// `plans/roadmap.md:12: warning: …`
fn report(place: &Place, finding: &Finding, fix: Option<&Fix>) -> Result<(), Failure> {
    let severity = match finding.severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let path = visible(&place.target.roadmap.to_string_lossy());
    let advice = finding.fix.as_ref().map(|fix| format!(" {fix}")).unwrap_or_default();
    let hand = match fix.map(|fix| fix.risk) {
        Some(Risk::Safe) => " (--fix does it)",
        Some(Risk::Judged) | None => "",
    };
    out::line(format!("{path}:{}: {severity}: {}{advice}{hand}", finding.line, finding.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_refused_ends_the_rounds_quietly() {
        let rounds = |exit| {
            let mut made = 0;
            in_rounds(|| {
                made += 1;
                if made < 3 { Ok(Some(made)) } else { Err(Failure::new(exit, "no")) }
            })
        };
        assert_eq!(rounds(Exit::Failed).ok(), Some(vec![1, 2]));
        assert_eq!(rounds(Exit::Environment).err().map(|why| why.exit), Some(Exit::Environment));
        let refused: Result<Vec<()>, _> = in_rounds(|| Err(Failure::new(Exit::Failed, "no")));
        assert!(refused.is_err());
        assert_eq!(in_rounds(|| Ok(Some(()))).ok().map(|made| made.len()), Some(MOST_ROUNDS));
    }
}
