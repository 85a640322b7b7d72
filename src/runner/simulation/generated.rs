//! A roadmap out of nothing: any number of phases in batches, with efforts and dependencies on phases before them.

use std::fmt::Write as _;

use crate::runner::simulation::dice::Dice;

/// Phases of one batch.
const PER_BATCH: usize = 10;
/// Most phases a generated roadmap has.
pub const MOST_PHASES: u32 = 10_000;
/// A phase depends on phases at most so many before it.
const REACH: usize = 40;

const WORDS: [&str; 36] = [
    "Adapter", "Audit", "Batch", "Buffer", "Cache", "Channel", "Claim", "Client", "Codec",
    "Config", "Cursor", "Digest", "Driver", "Event", "Filter", "Gateway", "Graph", "History",
    "Index", "Journal", "Ledger", "Loader", "Matcher", "Metrics", "Notice", "Parser", "Pipeline",
    "Policy", "Query", "Queue", "Router", "Schema", "Search", "Session", "Token", "Worker",
];

/// A roadmap of so many phases. The same seed gives the same text.
pub fn roadmap(phases: u32, seed: u64) -> String {
    let mut dice = Dice::about(seed, "roadmap");
    let count = usize::try_from(phases.min(MOST_PHASES)).unwrap_or(0);
    let mut text = format!("# Roadmap\n\nGenerated: {count} phases, seed {seed}.\n");
    for at in 0..count {
        if at % PER_BATCH == 0 {
            let name = dice.one_of(&WORDS).unwrap_or(&"Rest");
            // Writing into a string can't fail.
            let _ = write!(text, "\n## Batch {} ({name})\n", at / PER_BATCH + 1);
        }
        phase(&mut text, at, &mut dice);
    }
    text
}

/// The id of the phase at a place.
fn id(at: usize) -> String {
    format!("{}.{}", at / PER_BATCH + 1, at % PER_BATCH + 1)
}

fn phase(text: &mut String, at: usize, dice: &mut Dice) {
    let word = |dice: &mut Dice| *dice.one_of(&WORDS).unwrap_or(&"Work");
    let (first, second) = (word(dice), word(dice));
    let needs = needs(at, dice);
    let status =
        if needs.is_empty() || dice.happens(300) { "⚪ Not Started" } else { "🔴 Blocked" };
    let effort = ["S", "S", "M", "M", "L"][usize::try_from(dice.below(5)).unwrap_or(0)];
    let _ = write!(text, "\n### Phase {}: {first} {second}\n\n- **Status:** {status}\n", id(at));
    if !needs.is_empty() {
        let needs: Vec<String> = needs.into_iter().map(|on| format!("Phase {}", id(on))).collect();
        let _ = writeln!(text, "- **Depends On:** {}", needs.join(", "));
    }
    let _ = writeln!(text, "- **Effort:** {effort}");
}

/// What a phase depends on: up to three phases before it, most of them near.
fn needs(at: usize, dice: &mut Dice) -> Vec<usize> {
    if at == 0 || dice.happens(120) {
        return Vec::new();
    }
    let place = |dice: &mut Dice| {
        let low = if dice.happens(900) { at.saturating_sub(REACH) } else { 0 };
        usize::try_from(dice.between(low as u64, at as u64 - 1)).unwrap_or(0)
    };
    let mut needs: Vec<usize> = (0..dice.between(1, 3)).map(|_| place(dice)).collect();
    needs.sort_unstable();
    needs.dedup();
    needs
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::roadmap::Roadmap;
    use crate::domain::roadmap::finding::Severity;
    use crate::domain::roadmap::phase::Dependency;

    #[test]
    fn every_phase_depends_on_phases_before_it_alone_and_nothing_is_odd() {
        let roadmap = Roadmap::parse(roadmap(137, 3).into_bytes());
        assert_eq!(roadmap.phases.len(), 137);
        let mut before = BTreeSet::new();
        let mut edges = 0;
        for phase in &roadmap.phases {
            for dependency in &phase.depends_on {
                let Dependency::Phase { id, .. } = dependency else { panic!("{dependency:?}") };
                assert!(before.contains(id), "{} depends on {id}", phase.id);
                edges += 1;
            }
            assert!(phase.effort.is_some() && phase.place.batch.is_some());
            before.insert(phase.id.clone());
        }
        assert_eq!((before.len(), edges > 137), (137, true));
        assert!(roadmap.findings.iter().all(|finding| finding.severity != Severity::Error));
    }

    #[test]
    fn the_text_follows_from_the_seed() {
        assert_eq!(roadmap(40, 9), roadmap(40, 9));
        assert_ne!(roadmap(40, 9), roadmap(40, 10));
        assert_eq!(Roadmap::parse(roadmap(0, 9).into_bytes()).phases.len(), 0);
    }
}
