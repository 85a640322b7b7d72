//! Roadmaps made up from a fixed seed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

const PER_BATCH: usize = 12;

/// A roadmap made up from a fixed seed.
pub struct Sample {
    /// The file.
    pub text: String,
    /// How many phases it has.
    pub phases: usize,
    /// Blocked phases whose dependencies are all complete.
    pub stale: usize,
    dice: Dice,
}

/// How much is said of a phase.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    /// Its fields.
    Fields,
    /// Notes, tables and code as well.
    Long,
}

/// Where a phase stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Complete,
    NotStarted,
    Blocked,
}

impl Sample {
    /// A roadmap of short sections.
    pub fn grow(phases: usize) -> Self {
        Self::made(phases, Body::Fields)
    }

    /// A roadmap of sections as people write them: about two kilobytes each.
    pub fn written(phases: usize) -> Self {
        Self::made(phases, Body::Long)
    }

    /// The first 40 % of the phases are complete; the others wait for earlier ones, and a good part of those that could
    /// begin still says Blocked.
    fn made(phases: usize, body: Body) -> Self {
        let text = String::from("# Roadmap\n\nMade for measuring.\n");
        let mut sample = Self { text, phases, stale: 0, dice: Dice(0x9e37_79b9_7f4a_7c15) };
        let complete = phases * 2 / 5;
        for index in 0..phases {
            if index % PER_BATCH == 0 {
                let word = sample.dice.word();
                let _ =
                    write!(sample.text, "\n---\n\n## Batch {} ({word})\n", index / PER_BATCH + 1);
            }
            // Work on the frontier depends on finished phases, later work on anything before it.
            let reach = if sample.dice.below(10) == 0 { complete } else { index };
            let reach = reach.min(index).max(1);
            let count = if index == 0 { 0 } else { sample.dice.below(3) + 1 };
            let dependencies: BTreeSet<usize> =
                (0..count).map(|_| sample.dice.below(reach)).collect();
            let is_free = dependencies.iter().all(|dependency| *dependency < complete);
            let state = if index < complete {
                State::Complete
            } else if is_free && sample.dice.below(2) == 0 {
                State::NotStarted
            } else {
                sample.stale += usize::from(is_free);
                State::Blocked
            };
            sample.phase(index, (state, &dependencies, complete));
            if body == Body::Long {
                sample.notes();
            }
        }
        sample
    }

    fn phase(
        &mut self,
        index: usize,
        (state, dependencies, complete): (State, &BTreeSet<usize>, usize),
    ) {
        let Self { text, dice, .. } = self;
        let _ = write!(text, "\n### Phase {}: {} {}\n\n", id(index), dice.word(), dice.word());
        let status = match state {
            State::Complete => "✅ Complete",
            State::NotStarted => "⚪ Not Started",
            State::Blocked => "🔴 Blocked",
        };
        let _ = writeln!(text, "- **Status:** {status}");
        if state == State::Complete {
            let _ = writeln!(text, "- **Assigned To:** {} (coder-{index:09})", dice.word());
        }
        if !dependencies.is_empty() {
            let mut names = Vec::new();
            for dependency in dependencies {
                let ticked = *dependency < complete && dice.below(2) == 0;
                names.push(format!("Phase {}{}", id(*dependency), if ticked { " ✅" } else { "" }));
            }
            let _ = writeln!(text, "- **Depends On:** {}", names.join(", "));
        }
        text.push_str("- **Tasks:**\n");
        for _ in 0..dice.below(5) + 3 {
            let mark = if state == State::Complete { 'x' } else { ' ' };
            let _ = writeln!(text, "  - [{mark}] {}", dice.sentence(4));
        }
        let _ = writeln!(text, "- **Effort:** M\n- **Done When:** {}; it passes", dice.sentence(6));
    }

    /// What people add: why, a table, an example with a line that looks like a field.
    fn notes(&mut self) {
        let Self { text, dice, .. } = self;
        text.push_str("- **Quality Gates:**\n");
        for _ in 0..3 {
            let _ = writeln!(text, "  - `cargo test {}`", dice.word());
        }
        let _ = writeln!(text, "- **Plan:** plans/{}.md\n\n#### Notes\n", dice.word());
        for _ in 0..4 {
            let _ = writeln!(
                text,
                "{}: **{}** and {}.\n",
                dice.sentence(14),
                dice.word(),
                dice.sentence(12)
            );
        }
        text.push_str("| Part | What | Risk |\n|---|---|---|\n");
        for _ in 0..5 {
            let _ = writeln!(text, "| {} | {} | {} |", dice.word(), dice.sentence(5), dice.word());
        }
        text.push_str("\n```yaml\n# an example\n- **Status:** 🔴 Blocked\n");
        for _ in 0..8 {
            let _ = writeln!(text, "  {}: {}", dice.word(), dice.sentence(4));
        }
        text.push_str("```\n");
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
        const WORDS: [&str; 32] = [
            "Anchor", "Bridge", "Canvas", "Drift", "Echo", "Fabric", "Glass", "Harbour", "Island",
            "Juniper", "Keel", "Lantern", "Mosaic", "Needle", "Orchard", "Pulse", "Quarry",
            "Rudder", "Signal", "Timber", "Umbra", "Vessel", "Wharf", "Yarrow", "Zephyr", "Beacon",
            "Cipher", "Ember", "Forge", "Granite", "Hollow", "Inlet",
        ];
        WORDS[self.below(WORDS.len())]
    }

    fn sentence(&mut self, words: usize) -> String {
        (0..words).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }
}
