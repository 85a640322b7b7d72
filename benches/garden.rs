//! How long a roadmap takes to be read and gardened, by its size: `cargo bench --bench garden [-- SIZE...]`.
//!
//! Three sizes a factor of ten apart show whether the time stays linear.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use orch_tui::domain::gardener::RoadmapGardener;
use orch_tui::domain::roadmap::Roadmap;

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
const ROUNDS: usize = 5;
const PER_BATCH: usize = 12;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut sizes: Vec<usize> = arguments.iter().filter_map(|text| text.parse().ok()).collect();
    if sizes.is_empty() {
        // Run as a test, not as a bench: one small round shows that it works.
        let is_bench = arguments.iter().any(|argument| argument == "--bench");
        sizes = if is_bench { SIZES.to_vec() } else { vec![100] };
    }
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{:>8} {:>11} {:>11} {:>11} {:>9}",
        "phases", "bytes", "parse", "garden", "unblocked"
    )?;
    for size in sizes {
        measure(size, &mut out)?;
    }
    Ok(())
}

/// Prints the best of some rounds for a roadmap of `size` phases.
fn measure(size: usize, out: &mut impl Write) -> io::Result<()> {
    let sample = Sample::grow(size);
    let held = BTreeSet::new();
    let (mut parse, mut garden) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        let bytes = sample.text.clone().into_bytes();
        let began = Instant::now();
        let roadmap = Roadmap::parse(bytes);
        parse = parse.min(began.elapsed());
        let began = Instant::now();
        let seen = RoadmapGardener.garden(&roadmap, None, &held);
        garden = garden.min(began.elapsed());
        assert_eq!(roadmap.phases.len(), size, "every phase is read");
        assert_eq!(seen.unblocked.len(), sample.stale, "exactly the stale phases are unblocked");
    }
    writeln!(
        out,
        "{size:>8} {:>11} {:>8.2} ms {:>8.2} ms {:>9}",
        sample.text.len(),
        parse.as_secs_f64() * 1e3,
        garden.as_secs_f64() * 1e3,
        sample.stale
    )
}

/// A roadmap made up from a fixed seed.
struct Sample {
    text: String,
    /// Blocked phases whose dependencies are all complete.
    stale: usize,
}

impl Sample {
    /// The first 40 % of the phases are complete; the others wait for earlier ones, and a good part of those that could
    /// begin still says Blocked.
    fn grow(size: usize) -> Self {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        let mut sample =
            Self { text: String::from("# Roadmap\n\nMade for measuring.\n"), stale: 0 };
        let complete = size * 2 / 5;
        for index in 0..size {
            if index % PER_BATCH == 0 {
                let batch = index / PER_BATCH + 1;
                let _ = write!(sample.text, "\n---\n\n## Batch {batch} ({})\n", dice.word());
            }
            // Work on the frontier depends on finished phases, later work on anything before it.
            let reach = if dice.below(10) == 0 { complete } else { index.max(1) };
            let dependencies: BTreeSet<usize> =
                (0..dice.below(3) + 1).map(|_| dice.below(reach.min(index).max(1))).collect();
            let dependencies = if index == 0 { BTreeSet::new() } else { dependencies };
            let is_free = dependencies.iter().all(|dependency| *dependency < complete);
            let status = if index < complete {
                "✅ Complete"
            } else if is_free && dice.below(2) == 0 {
                "⚪ Not Started"
            } else {
                sample.stale += usize::from(is_free);
                "🔴 Blocked"
            };
            sample.phase(index, (status, &dependencies), &mut dice);
        }
        sample
    }

    fn phase(
        &mut self,
        index: usize,
        (status, dependencies): (&str, &BTreeSet<usize>),
        dice: &mut Dice,
    ) {
        let text = &mut self.text;
        let _ = write!(text, "\n### Phase {}: {} {}\n\n", id(index), dice.word(), dice.word());
        let _ = writeln!(text, "- **Status:** {status}");
        if !dependencies.is_empty() {
            let names: Vec<String> =
                dependencies.iter().map(|index| format!("Phase {}", id(*index))).collect();
            let _ = writeln!(text, "- **Depends On:** {}", names.join(", "));
        }
        text.push_str("- **Tasks:**\n");
        for _ in 0..dice.below(4) + 2 {
            let mark = if status.ends_with("Complete") { 'x' } else { ' ' };
            let _ = writeln!(text, "  - [{mark}] {} the {}", dice.word(), dice.word());
        }
        let _ = writeln!(text, "- **Effort:** M\n- **Done When:** the {} passes", dice.word());
    }
}

fn id(index: usize) -> String {
    format!("{}.{}", index / PER_BATCH + 1, index % PER_BATCH + 1)
}

/// Pseudo-random numbers, the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        usize::try_from(self.0 % limit).unwrap_or(0)
    }

    fn word(&mut self) -> &'static str {
        const WORDS: [&str; 16] = [
            "Anchor", "Bridge", "Canvas", "Drift", "Echo", "Fabric", "Glass", "Harbour", "Island",
            "Juniper", "Keel", "Lantern", "Mosaic", "Needle", "Orchard", "Pulse",
        ];
        WORDS[self.below(WORDS.len())]
    }
}
