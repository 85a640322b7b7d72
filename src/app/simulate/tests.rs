//! Whole simulated runs: the same seed gives the same run, rules hold, and a broken one is found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use super::picture;
use super::tally::{Phases, Tally};
use super::*;
use crate::app::commands::simulate::made_up;
use crate::domain::timeline::chart::Marks;
use crate::runner::simulation::generated;

fn roadmap(phases: u32, seed: u64) -> Arc<Roadmap> {
    Arc::new(Roadmap::parse(generated::roadmap(phases, seed).into_bytes()))
}

/// A run of everything in a roadmap, up to its approval.
fn prepared(setup: Setup, seed: u64, roadmap: Arc<Roadmap>) -> Simulation {
    let mut simulation = Simulation::new(setup, seed, roadmap).unwrap();
    simulation.command(Command::Interpret("everything".into())).unwrap();
    simulation
}

/// The whole of it; what was broken, if anything was.
fn run(simulation: &mut Simulation) -> Result<(), Breach> {
    simulation.command(Command::ApprovePlan)?;
    simulation.finish(&mut |_, _| {})
}

fn whole(phases: u32, seed: u64) -> (Simulation, Tally) {
    let roadmap = roadmap(phases, seed);
    let mut simulation = prepared(made_up(), seed, roadmap.clone());
    run(&mut simulation).unwrap();
    let tally = Tally::of(&simulation, &roadmap);
    (simulation, tally)
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_one_another() {
    let told = |seed| {
        let (simulation, tally) = whole(40, seed);
        let lines = picture::timeline(&simulation, 100, Marks::UNICODE);
        (simulation.world.journal().to_vec(), tally, lines)
    };
    assert_eq!(told(3), told(3));
    assert_ne!(told(3).0, told(4).0);
}

#[test]
fn runs_come_to_their_end_by_the_rules_whatever_the_seed() {
    let mut seen = Tally::default();
    for seed in 0..12 {
        let (simulation, tally) = whole(25, seed);
        let Phases { complete, failed, blocked } = tally.phases;
        assert_eq!(complete + failed + blocked, 25, "seed {seed}");
        let marked = simulation.world.roadmap().phases.iter();
        let marked =
            marked.filter(|p| p.status.state == crate::domain::roadmap::phase::Status::Complete);
        assert_eq!(marked.count(), complete, "seed {seed}");
        assert!(
            tally.chain.1 <= tally.makespan && tally.utilised() <= 100,
            "seed {seed}: {tally:?}"
        );
        seen.lives.retries += tally.lives.retries;
        seen.lives.asked += tally.lives.asked;
        seen.lives.rate_limited += tally.lives.rate_limited;
        seen.gates.1 += tally.gates.1;
        seen.waited += tally.waited;
    }
    // Whatever can go wrong did somewhere.
    let (lives, waited) = (seen.lives, seen.waited.as_secs());
    assert!(lives.retries > 0 && lives.asked > 0 && lives.rate_limited > 0, "{seen:?}");
    assert!(seen.gates.1 > 0 && waited > 0, "{seen:?}");
}

#[test]
fn many_phases_are_shown_by_slot_and_few_by_phase() {
    let (few, _) = whole(10, 5);
    let lines = picture::timeline(&few, 100, Marks::ASCII);
    assert_eq!(lines.len(), 10 + 3);
    assert!(lines.iter().all(|line| line.is_ascii() && line.len() <= 100), "{lines:#?}");
    assert!(lines.iter().any(|line| line.starts_with("1.7 ")), "{lines:#?}");
    let (many, tally) = whole(70, 5);
    let lines = picture::timeline(&many, 100, Marks::ASCII);
    assert_eq!(lines.len(), tally.busy.len() + 3);
    assert!(lines[1].starts_with("slot 1 #") && !lines[1].contains('+'), "{lines:#?}");
}

/// The sentence of a run whose referee goes by another target, or another roadmap, than its orchestrator.
fn judged(change: impl Fn(&mut Setup, &mut Setup)) -> String {
    let (mut played, mut refereed) = (made_up(), made_up());
    change(&mut played, &mut refereed);
    let roadmap = roadmap(60, 1);
    let mut simulation = prepared(played, 1, roadmap.clone());
    simulation.referee = Referee::new(&refereed.target, &roadmap);
    run(&mut simulation).map_or_else(|breach| breach.to_string(), |()| "no rule was broken".into())
}

#[test]
fn a_broken_rule_is_found_in_a_whole_run() {
    assert_eq!(judged(|_, _| {}), "no rule was broken");
    let gates = judged(|played, _| played.target.gates.clear());
    assert!(gates.ends_with("is called complete without gate build passed"), "{gates}");
    let slots = judged(|_, refereed| refereed.target.workspaces.most = 2);
    assert!(slots.ends_with(" agents are live, and there are 2 slots"), "{slots}");
    let retries = judged(|_, refereed| refereed.target.retry.retries = 0);
    assert!(retries.ends_with("is begun 2 times, and 1 are allowed"), "{retries}");
}

#[test]
fn a_phase_that_begins_too_early_is_found_in_a_whole_run() {
    let text = generated::roadmap(60, 1);
    // What the orchestrator reads names no dependencies.
    let blind =
        text.replace("- **Depends On:**", "- **Beside:**").replace("🔴 Blocked", "⚪ Not Started");
    let mut simulation = prepared(made_up(), 1, Arc::new(Roadmap::parse(blind.into_bytes())));
    simulation.referee = Referee::new(&made_up().target, &Roadmap::parse(text.into_bytes()));
    let said = run(&mut simulation).unwrap_err().to_string();
    assert!(said.contains(" begins before ") && said.ends_with(" is complete"), "{said}");
}

#[test]
fn a_world_that_falls_silent_is_found() {
    let mut simulation = prepared(made_up(), 1, roadmap(5, 1));
    simulation.command(Command::ApprovePlan).unwrap();
    while simulation.step(&mut |_, _| {}).unwrap() && simulation.world.journal().len() < 12 {}
    let said = simulation.referee.ends(&simulation.orchestrator).unwrap_err().to_string();
    assert!(said.starts_with("nothing happens any more, and a-"), "{said}");
}
