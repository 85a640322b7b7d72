//! Real roadmaps with expected answers, where a folder with them is at hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use orch_tui::domain::gardener::RoadmapGardener;
use orch_tui::domain::id::PhaseId;
use orch_tui::domain::roadmap::readiness::Evaluator;
use orch_tui::domain::roadmap::{Roadmap, splice};
use serde::Deserialize;

/// Files whose expected answer isn't given yet, and why.
const KNOWN_GAPS: [(&str, &str); 1] = [(
    "vertz-dev+vertz_N_001_5059fab2_plans_archived_ui-implementation",
    "the answer offers ids that stand twice and sub-phases without a Status field; the rules offer neither",
)];

/// What a correct reader answers.
#[derive(Deserialize)]
struct Expected {
    unblocked: BTreeSet<String>,
    still_blocked: Vec<StillBlocked>,
    ready: BTreeSet<String>,
}

#[derive(Deserialize)]
struct StillBlocked {
    id: String,
    pending: BTreeSet<String>,
}

/// An answer, comparable.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    unblocked: BTreeSet<String>,
    still_blocked: BTreeMap<String, BTreeSet<String>>,
    ready: BTreeSet<String>,
}

fn names<'i>(ids: impl IntoIterator<Item = &'i PhaseId>) -> BTreeSet<String> {
    ids.into_iter().map(|id| id.as_str().to_owned()).collect()
}

fn answer(bytes: &[u8]) -> Answer {
    let nobody = BTreeSet::new();
    let garden = RoadmapGardener.garden(&Roadmap::parse(bytes), None, &nobody);
    let tended = Roadmap::parse(splice(bytes, &garden.edits));
    let still_blocked = garden.still_blocked.iter();
    Answer {
        unblocked: names(&garden.unblocked),
        still_blocked: still_blocked
            .map(|(id, pending)| (id.as_str().to_owned(), names(pending)))
            .collect(),
        ready: names(Evaluator::new(&tended, &nobody).ready().into_iter().map(|phase| &phase.id)),
    }
}

fn expected(json: &str) -> Answer {
    let expected: Expected = serde_json::from_str(json).expect("an expected answer");
    Answer {
        unblocked: expected.unblocked,
        still_blocked: expected
            .still_blocked
            .into_iter()
            .map(|blocked| (blocked.id, blocked.pending))
            .collect(),
        ready: expected.ready,
    }
}

fn corpus() -> Option<PathBuf> {
    let named = std::env::var_os("ORCH_TUI_CORPUS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    named.or(Some(beside)).filter(|folder| folder.is_dir())
}

#[test]
fn real_roadmaps_give_the_expected_answers() {
    let Some(folder) = corpus() else {
        println!("skipped: no corpus beside the repository and ORCH_TUI_CORPUS names none");
        return;
    };
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut checked, mut wrong) = (0, Vec::new());
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let Some(stem) = name.strip_suffix(".expected.json") else { continue };
        let bytes = std::fs::read(folder.join(format!("{stem}.md"))).unwrap();
        let expected = expected(&std::fs::read_to_string(&file).unwrap());
        let answer = answer(&bytes);
        let gap = KNOWN_GAPS.iter().find(|(gap, _)| *gap == stem);
        match (gap, answer == expected) {
            (None, true) => checked += 1,
            (Some((_, reason)), false) => println!("known gap: {stem}: {reason}"),
            (None, false) => {
                wrong.push(format!("{stem}\n  expected {expected:?}\n  answered {answer:?}"))
            }
            (Some(_), true) => wrong.push(format!("{stem} is a known gap no more")),
        }
    }
    println!("corpus: {checked} files agree, {} known gaps", KNOWN_GAPS.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_of_the_corpus_is_read_whole() {
    let Some(folder) = corpus() else {
        println!("skipped: no corpus beside the repository and ORCH_TUI_CORPUS names none");
        return;
    };
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let bytes = std::fs::read(&path).unwrap();
            let roadmap = Roadmap::parse(bytes.as_slice());
            assert_eq!(splice(roadmap.bytes(), &[]), bytes);
            println!("{}: {} phases", path.display(), roadmap.phases.len());
        }
    }
}
