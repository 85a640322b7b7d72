//! A simulated run as text: its timeline, and what it came to.

use crate::app::simulate::Simulation;
use crate::app::simulate::tally::{Lives, Tally};
use crate::domain::cost::{amount, dollars};
use crate::domain::id::PhaseId;
use crate::domain::printable::{counted, visible};
use crate::domain::timeline::chart::{Ends, Marks, Scale, row};
use crate::domain::timeline::{LifeLine, span};

/// Phases that have a row each; of more, each slot has one.
const MOST_ROWS: usize = 60;
/// Columns between two moments above the rows.
const TICK: usize = 12;
/// Phases a line names before it leaves some out.
const NAMED: usize = 10;

/// Rows above and below: what runs when, in so many columns.
pub fn timeline(simulation: &Simulation, width: usize, marks: Marks) -> Vec<String> {
    let now = simulation.world.now();
    let Some(whole) = simulation.timeline.span(now) else { return Vec::new() };
    let phases = simulation.timeline.by_phase();
    let (rows, ends): (Vec<(String, Vec<&LifeLine>)>, Ends) = if phases.len() <= MOST_ROWS {
        let labelled = phases.into_iter().map(|(phase, lives)| (label(phase, lives.len()), lives));
        (labelled.collect(), Ends::All)
    } else {
        let slots = simulation.timeline.by_slot(now).into_iter().enumerate();
        (slots.map(|(at, lives)| (format!("slot {}", at + 1), lives)).collect(), Ends::Bad)
    };
    let beside = rows.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
    let scale = Scale { span: whole, columns: width.saturating_sub(beside + 1).max(TICK) };
    let mut lines = vec![format!("{:beside$} {}", "", moments(&scale))];
    for (label, lives) in rows {
        lines.push(format!("{label:beside$} {}", row(&lives, &scale, &marks, ends)));
    }
    lines.push(String::new());
    lines.push(legend(marks, ends, &scale));
    lines
}

/// `2.1 x3`: a phase and how many lives it took.
fn label(phase: &PhaseId, lives: usize) -> String {
    let phase = visible(phase.as_str());
    if lives > 1 { format!("{phase} x{lives}") } else { phase }
}

/// `0:00        1:10        2:20`: hours and minutes since the beginning.
fn moments(scale: &Scale) -> String {
    let mut line = String::new();
    for column in (0..scale.columns.saturating_sub(6)).step_by(TICK) {
        let minutes = scale.moment(column).since(scale.span.0).as_secs() / 60;
        let text = format!("{}:{:02}", minutes / 60, minutes % 60);
        line.push_str(&format!("{text:TICK$}"));
    }
    line.trim_end().to_owned()
}

fn legend(marks: Marks, ends: Ends, scale: &Scale) -> String {
    let Marks { run, verify, wait, done, failed } = marks;
    let good = match ends {
        Ends::All => format!("  {done} complete"),
        Ends::Bad => String::new(),
    };
    let column = scale.moment(1).since(scale.moment(0));
    format!(
        "{run} run  {verify} verify  {wait} waiting for a person{good}  {failed} failed   a column is {}",
        span(column)
    )
}

/// What a run came to, one line a matter.
pub fn summary(tally: &Tally, seed: u64) -> Vec<String> {
    let phases = &tally.phases;
    let slots = tally.utilisation().into_iter().enumerate();
    let slots: Vec<String> = slots.map(|(at, share)| format!("{} {share}%", at + 1)).collect();
    let usage = &tally.usage;
    let tokens = usage.input_tokens + usage.output_tokens;
    let lines = [
        ("Simulated", format!("with seed {seed}; no process ran and no file was written")),
        ("Makespan", span(tally.makespan)),
        ("Chain", format!("{}: {}", span(tally.chain.1), chain(&tally.chain.0))),
        (
            "Phases",
            format!(
                "{} complete, {} failed, {} never begun",
                phases.complete, phases.failed, phases.blocked
            ),
        ),
        ("Agents", agents(&tally.lives)),
        ("Gates", format!("{} run, {} failed", tally.gates.0, tally.gates.1)),
        ("Merges", format!("{} landed", tally.merges)),
        ("Slots", format!("{}% taken: {}", tally.utilised(), slots.join("  "))),
        (
            "Waiting",
            format!(
                "agents waited {} for a person, {}% of their time",
                span(tally.waited),
                tally.waiting()
            ),
        ),
        ("Roadmap", format!("edited {}", counted(tally.edits, "time"))),
        ("Used", format!("{} tokens, {}", amount(tokens), dollars(usage.cost_millicents))),
    ];
    lines.into_iter().map(|(name, text)| format!("{name:<9} {text}")).collect()
}

fn agents(lives: &Lives) -> String {
    format!(
        "lived {}: {} failed ({} rate limited), {} tried again by themselves, {} at a person's word",
        counted(lives.all, "time"),
        lives.failed,
        lives.rate_limited,
        lives.retries,
        lives.asked
    )
}

fn chain(phases: &[PhaseId]) -> String {
    let name = |phase: &PhaseId| visible(phase.as_str());
    if phases.len() <= NAMED {
        return phases.iter().map(name).collect::<Vec<_>>().join(" > ");
    }
    let first: Vec<String> = phases[..NAMED / 2].iter().map(name).collect();
    let last: Vec<String> = phases[phases.len() - NAMED / 2..].iter().map(name).collect();
    format!("{} > .. > {} ({} phases)", first.join(" > "), last.join(" > "), phases.len())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_and_chains_are_short() {
        let seconds = Duration::from_secs;
        assert_eq!([45, 725, 11_520].map(|s| span(seconds(s))), ["45s", "12m", "3h12m"]);
        let ids = |count: usize| {
            (1..=count).map(|at| PhaseId::new(format!("1.{at}"))).collect::<Vec<_>>()
        };
        assert_eq!(chain(&ids(3)), "1.1 > 1.2 > 1.3");
        let long = chain(&ids(30));
        assert!(long.ends_with("> .. > 1.26 > 1.27 > 1.28 > 1.29 > 1.30 (30 phases)"), "{long}");
    }
}
