//! A phase's own name, typed, means that phase and no other.

use std::path::{Path, PathBuf};

use orch_tui::domain::roadmap::Roadmap;
use orch_tui::domain::roadmap::phase::Phase;

use super::{generate, interpret, meant};

/// How a phase's name is typed.
type Way = fn(&Phase) -> String;

/// Ways a name is typed.
const WAYS: [(&str, Way); 9] = [
    ("verbatim", |phase| phase.name.as_str().to_owned()),
    ("lower case", |phase| phase.name.as_str().to_lowercase()),
    ("upper case", |phase| phase.name.as_str().to_uppercase()),
    ("full stop behind", |phase| format!("{}.", phase.name)),
    ("exclamation mark behind", |phase| format!("  {}! ", phase.name)),
    ("Phase ID: name", |phase| format!("Phase {}: {}", phase.id, phase.name)),
    ("phase ID name", |phase| format!("phase {} {}", phase.id, phase.name)),
    ("ID name", |phase| format!("{} {}", phase.id, phase.name)),
    ("### Phase ID: name", |phase| format!("### Phase {}: {}", phase.id, phase.name)),
];

/// What typing names came to.
#[derive(Default)]
struct Tally {
    right: usize,
    typed: usize,
    /// Names that can't be told apart by typing them: several phases have them.
    shared: Vec<String>,
    wrong: Vec<String>,
}

impl Tally {
    fn rate(&self) -> f64 {
        self.right as f64 / self.typed.max(1) as f64
    }

    fn add(&mut self, of: &str, roadmap: &Roadmap) {
        for phase in &roadmap.phases {
            if phase.name.as_str().is_empty() || phase.place.occurrence > 1 {
                continue;
            }
            for (way, typed) in WAYS {
                self.try_one((of, way), (roadmap, phase), &typed(phase));
            }
        }
    }

    fn try_one(
        &mut self,
        (of, way): (&str, &str),
        (roadmap, phase): (&Roadmap, &Phase),
        goal: &str,
    ) {
        let found = interpret(roadmap, goal);
        let refused = found.not_offered.iter().any(|refused| refused.id == phase.id);
        let alone = match meant(&found).as_slice() {
            [] => refused,
            [only] => **only == phase.id && found.selected().any(|id| *id == phase.id),
            _ => false,
        };
        if !alone && names_of(roadmap, phase) > 1 {
            self.shared.push(format!("{of}: {} {} ({way})", phase.id, phase.name));
            return;
        }
        self.typed += 1;
        self.right += usize::from(alone);
        if !alone {
            let ids: Vec<String> = meant(&found).iter().map(ToString::to_string).collect();
            let not: Vec<String> = found.not_offered.iter().map(|n| n.id.to_string()).collect();
            self.wrong.push(format!(
                "{of}: {way} {goal:?}: {:?} [{}], not offered [{}]: {}",
                found.kind,
                ids.join(" "),
                not.join(" "),
                found.explanation
            ));
        }
    }

    fn check(&self, what: &str) {
        println!("{what}: {} of {} names ({:.2} %)", self.right, self.typed, 100.0 * self.rate());
        println!("{what}: {} more belong to several phases", self.shared.len());
        self.shared.iter().for_each(|line| println!("  several phases: {line}"));
        self.wrong.iter().for_each(|line| println!("  {line}"));
        assert!(self.rate() >= 0.99, "{}", self.wrong.join("\n"));
    }
}

/// How many phases have this phase's name.
fn names_of(roadmap: &Roadmap, phase: &Phase) -> usize {
    let plain = |text: &str| {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
    };
    let name = plain(phase.name.as_str());
    let same = |other: &&Phase| {
        other.place.occurrence <= 1
            && (plain(other.name.as_str()) == name || other.name == phase.name)
    };
    roadmap.phases.iter().filter(same).count()
}

fn corpus() -> Option<PathBuf> {
    let named = std::env::var_os("ORCH_TUI_CORPUS").map(PathBuf::from);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = ["../shared/corpus", "../../shared/corpus"].map(|folder| root.join(folder));
    named.into_iter().chain(beside).find(|folder| folder.is_dir())
}

#[test]
fn names_of_real_roadmaps_mean_their_phases() {
    let Some(folder) = corpus() else {
        println!("skipped: no corpus beside the repository and ORCH_TUI_CORPUS names none");
        return;
    };
    let mut tally = Tally::default();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.retain(|file| file.extension().is_some_and(|end| end == "md"));
    for file in &files {
        let of = file.file_stem().unwrap().to_string_lossy();
        tally.add(&of, &Roadmap::parse(std::fs::read(file).unwrap()));
    }
    tally.check(&format!("{} real roadmaps", files.len()));
}

#[test]
fn names_of_generated_roadmaps_mean_their_phases() {
    let mut tally = Tally::default();
    for seed in 0..20 {
        let roadmap = Roadmap::parse(generate::roadmap(seed, 60).into_bytes());
        assert_eq!(roadmap.phases.len(), 60, "seed {seed}");
        tally.add(&format!("seed {seed}"), &roadmap);
    }
    tally.check("20 generated roadmaps");
}
