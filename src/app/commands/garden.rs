//! `orch-tui garden` and `orch-tui health`.

use std::collections::BTreeSet;

use crate::app::cli::Global;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::place::Place;
use crate::app::{json, out};
use crate::domain::effect::RoadmapOrder;
use crate::domain::gardener::{Garden, RoadmapGardener};
use crate::domain::id::PhaseId;
use crate::domain::orchestrator::run::Run;
use crate::domain::roadmap::finding::{Finding, Severity};
use crate::domain::roadmap::{Edit, RoadmapChange};
use crate::runner::roadmap_file::RoadmapFile;

/// Unblocks what can be unblocked, or says what would be.
///
/// # Errors
/// When configuration, roadmap or state can't be read, or the roadmap can't be written.
pub fn garden(global: &Global, dry_run: Doing) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    let held = match dry_run {
        Doing::DryRun => held(&place),
        Doing::Write => held_for_sure(&place)?,
    };
    let roadmap = place.roadmap()?;
    let garden = RoadmapGardener.garden(&roadmap, None, &held);
    let written = match dry_run {
        Doing::DryRun => Vec::new(),
        Doing::Write => write(&place, held)?,
    };
    if global.json {
        out::json(&json::garden(&garden, &written))?;
    } else {
        tell(&garden, dry_run)?;
    }
    Ok(Exit::Ok)
}

/// Whether anything is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Say what would change.
    DryRun,
    /// Change it.
    Write,
}

/// Phases agents hold now. A target without readable state has none.
fn held(place: &Place) -> BTreeSet<PhaseId> {
    place.journal().map(|entries| Run::replay(&entries).held_phases()).unwrap_or_default()
}

/// The same where something is written by it: a journal that can't be read may hide an agent.
fn held_for_sure(place: &Place) -> Result<BTreeSet<PhaseId>, Failure> {
    match place.state() {
        Ok(_) => Ok(Run::replay(&place.journal()?).held_phases()),
        Err(_) => Ok(BTreeSet::new()),
    }
}

fn write(place: &Place, held: BTreeSet<PhaseId>) -> Result<Vec<Edit>, Failure> {
    let target = place.target.id.clone();
    let order = RoadmapOrder { target, agent: None, change: RoadmapChange::Garden, held };
    RoadmapFile::of(&place.target).apply(&order).map_err(Failure::environment)
}

fn tell(garden: &Garden, dry_run: Doing) -> Result<(), Failure> {
    let verb = match dry_run {
        Doing::DryRun => "would unblock",
        Doing::Write => "unblocked",
    };
    if garden.unblocked.is_empty() {
        out::line("nothing to unblock")?;
    }
    for edit in &garden.edits {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (old, new) = (text(&edit.old), text(&edit.new));
        out::line(format!("{verb} {}  line {}: {old} -> {new}", edit.phase, edit.line))?;
    }
    for (id, pending) in &garden.still_blocked {
        let pending: Vec<&str> = pending.iter().map(PhaseId::as_str).collect();
        out::line(format!("still blocked {id}: waits for {}", pending.join(", ")))?;
    }
    for (id, reason) in &garden.needs_human {
        out::line(format!("needs a person {id}: {reason}"))?;
    }
    Ok(())
}

fn counted(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "no findings".into();
    }
    let count = |wanted| findings.iter().filter(|finding| finding.severity == wanted).count();
    let noun = |count: usize, noun: &str| match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    };
    let errors = noun(count(Severity::Error), "error");
    let warnings = noun(count(Severity::Warning), "warning");
    format!("{errors}, {warnings}, {} to know", count(Severity::Info))
}

/// Prints what is odd in the roadmap. Exit code 1 when there are errors.
///
/// # Errors
/// When configuration or roadmap can't be read.
pub fn health(global: &Global) -> Result<Exit, Failure> {
    let place = Place::find_and_tell(global)?;
    let garden = RoadmapGardener.garden(&*place.roadmap()?, None, &held(&place));
    if global.json {
        out::json(&json::health(&garden))?;
    } else {
        for finding in &garden.findings {
            let severity = match finding.severity {
                Severity::Info => "info",
                Severity::Warning => "warning",
                Severity::Error => "error",
            };
            let path = place.target.roadmap.display();
            let fix = finding.fix.as_ref().map(|fix| format!(" {fix}")).unwrap_or_default();
            out::line(format!("{path}:{}: {severity}: {}{fix}", finding.line, finding.message))?;
        }
        out::line(counted(&garden.findings))?;
    }
    let broken = garden.findings.iter().any(|f| f.severity == Severity::Error);
    Ok(if broken { Exit::Failed } else { Exit::Ok })
}
