//! Two thousand made roadmaps: every right answer is given, whatever the manner they are written in.

use std::collections::BTreeSet;

use orch_tui::domain::id::PhaseId;
use orch_tui::domain::roadmap::{Roadmap, RoadmapChange, splice};

use super::decisions::decide;
use super::generator::{Order, Sample};
use super::wording::Manner;

/// How many of each manner.
const SAMPLES: u64 = 1_000;

fn shown(seed: u64, bytes: &[u8]) -> String {
    format!("seed {seed}\n{}", String::from_utf8_lossy(bytes).replace('\r', "\n"))
}

#[test]
fn two_thousand_roadmaps_give_their_right_answers() {
    let (mut unblocked, mut waiting, mut ready, mut human, mut turned) = (0, 0, 0, 0, 0);
    for manner in [Manner::Tidy, Manner::Messy] {
        for seed in 0..SAMPLES {
            let sample = Sample::grow(seed, manner);
            let (bytes, truth) = (sample.bytes(Order::Made), sample.truth());
            let decided = decide(&bytes);
            assert_eq!(decided, truth, "{}", shown(seed, &bytes));
            if seed % 4 == 0 && !sample.depends_on_order() {
                let other = sample.bytes(Order::Turned);
                assert_eq!(decide(&other), truth, "turned, {}", shown(seed, &other));
                turned += 1;
            }
            unblocked += truth.unblocked.len();
            waiting += truth.still_blocked.len();
            ready += truth.ready.len();
            human += truth.needs_human.len();
        }
    }
    // The makers of samples must not make easy ones only.
    assert!(
        unblocked > 1_000 && waiting > 2_000 && ready > 1_500 && human > 400 && turned > 300,
        "{unblocked} unblocked, {waiting} waiting, {ready} ready, {human} for people, {turned} turned"
    );
}

#[test]
fn what_is_claimed_and_released_is_as_it_was() {
    let nobody = BTreeSet::new();
    let (mut claims, mut claimed_from) = (0, BTreeSet::new());
    for seed in 0..SAMPLES / 8 {
        let bytes = Sample::grow(seed, Manner::Messy).bytes(Order::Made);
        let garden =
            RoadmapChange::Garden.edits(&Roadmap::parse(bytes.as_slice()), &nobody).unwrap();
        let tended = splice(&bytes, &garden);
        for id in decide(&bytes).ready {
            let phase = PhaseId::new(id);
            let claim = RoadmapChange::Claim { phase: phase.clone(), assignee: "a-1".into() };
            let roadmap = Roadmap::parse(tended.as_slice());
            let old = roadmap.phase(&phase).unwrap().status.token.clone();
            claimed_from.insert(String::from_utf8_lossy(&tended[old]).into_owned());
            let claimed = splice(&tended, &claim.edits(&roadmap, &nobody).unwrap());
            let release = RoadmapChange::Release { phase, assignee: "a-1".into(), restore: None };
            let edits = release.edits(&Roadmap::parse(claimed.as_slice()), &nobody).unwrap();
            let released = splice(&claimed, &edits);
            // The state comes back in its usual words; every other byte as it was.
            assert_eq!(decide(&released), decide(&tended), "{}", shown(seed, &bytes));
            claims += 1;
        }
    }
    assert!(claims > 100 && claimed_from.len() > 8, "{claims} claims from {claimed_from:?}");
}
