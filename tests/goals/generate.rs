//! Roadmaps made up from words and a number: the same number makes the same roadmap.

use std::fmt::Write as _;

/// Numbers that look random and never change: SplitMix64.
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// One of several.
    pub fn one<'t, T: ?Sized>(&mut self, of: &[&'t T]) -> &'t T {
        of[self.below(of.len())]
    }
}

/// Words that many names share, so that they are hard to tell apart.
const THINGS: [&str; 24] = [
    "router",
    "cache",
    "ledger",
    "parser",
    "export",
    "search",
    "index",
    "audit",
    "session",
    "renderer",
    "layout",
    "metrics",
    "tokens",
    "queue",
    "scheduler",
    "agents",
    "status",
    "tests",
    "roadmap",
    "batch",
    "phase",
    "help",
    "dependencies",
    "garden",
];
const KINDS: [&str; 16] = [
    "HTTP",
    "Async",
    "Local",
    "Remote",
    "Signed",
    "Rate-limited",
    "Multi-tenant",
    "Offline",
    "Stop-the-world",
    "Next-generation",
    "Ready",
    "Zero-copy",
    "SQLite",
    "Kill-switch",
    "v2",
    "No-op",
];
/// Ways a name is put; `%` is a thing, `@` a kind.
const SHAPES: [&str; 22] = [
    "@ %",
    "@ % and %",
    "% % for @ %",
    "Implement the @ %",
    "Stop and restart the @ %",
    "% without @ %",
    "Skip @ % in %",
    "%: @ % & %",
    "% (@, %)",
    "Upgrade % from 1.2 to 2.0",
    "What is a @ %?",
    "Don't block the @ % on %",
    "Explain every @ % of %",
    "@ %/% – polish",
    "All @ % until % works",
    "Next @ %",
    "% not @ %",
    "Fix: `%.rs` and @ %",
    "Phase-aware @ %",
    "Batch the @ % of 3 %",
    "Show @ % status",
    "Run @ % in parallel",
];
const STATES: [&str; 5] =
    ["⚪ Not Started", "⚪ Not Started", "🔴 Blocked", "✅ Complete", "🔄 In Progress"];

fn name(dice: &mut Dice) -> String {
    let mut name = String::new();
    for c in dice.one(&SHAPES).chars() {
        match c {
            '%' => name.push_str(dice.one(&THINGS)),
            '@' => name.push_str(dice.one(&KINDS)),
            c => name.push(c),
        }
    }
    name
}

/// How ids of one roadmap look.
const IDS: [fn(usize, usize) -> String; 5] = [
    |batch, at| format!("{batch}.{at}"),
    |batch, at| format!("WP-{batch}.{at}"),
    |batch, at| format!("{}", batch * 100 + at),
    |batch, at| format!("{batch}{}", char::from(b'A' + (at % 26) as u8)),
    |batch, at| format!("{}{at}", char::from(b'A' + (batch % 26) as u8)),
];

/// A roadmap of `count` phases whose names all differ.
pub fn roadmap(seed: u64, count: usize) -> String {
    let mut dice = Dice(seed);
    let id = IDS[dice.below(IDS.len())];
    let mut names = std::collections::BTreeSet::new();
    let mut text = format!("# Generated {seed}\n");
    let mut before: Vec<String> = Vec::new();
    for at in 0..count {
        let (batch, place) = (at / 12 + 1, at % 12 + 1);
        if place == 1 {
            let title = format!("{} {}", dice.one(&KINDS), dice.one(&THINGS));
            let _ = write!(text, "\n## Batch {batch} ({title})\n");
        }
        let name = loop {
            let name = name(&mut dice);
            if names.insert(name.to_lowercase()) {
                break name;
            }
        };
        let star = if dice.below(9) == 0 { " ⭐ BOOTSTRAP" } else { "" };
        let state = dice.one(&STATES);
        let waits = match dice.below(3) {
            0 if !before.is_empty() => format!("Phase {}", before[dice.below(before.len())]),
            _ => "None".to_owned(),
        };
        let (task, other) = (dice.one(&THINGS), dice.one(&THINGS));
        let _ = write!(
            text,
            "\n### Phase {}: {name}{star}\n- **Status:** {state}\n- **Depends On:** {waits}\n\
             - **Tasks:**\n  - [ ] Write the {task} with its {other}\n",
            id(batch, place),
        );
        before.push(id(batch, place));
    }
    text
}
