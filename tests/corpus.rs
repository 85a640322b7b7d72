//! Real roadmaps with expected answers, where a folder with them is at hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use orch_tui::domain::gardener::RoadmapGardener;
use orch_tui::domain::id::PhaseId;
use orch_tui::domain::roadmap::finding::{Finding, FindingKind};
use orch_tui::domain::roadmap::readiness::Evaluator;
use orch_tui::domain::roadmap::{Roadmap, splice};
use serde::Deserialize;

/// Where an expected answer contradicts itself and the rules, and what is expected instead.
struct Contested {
    file: &'static str,
    /// Ids it calls ready, which are not.
    not_ready: &'static [&'static str],
    why: &'static str,
}

const CONTESTED: [Contested; 1] = [Contested {
    file: "vertz-dev+vertz_N_001_5059fab2_plans_archived_ui-implementation",
    not_ready: &["1", "1A", "1B", "1C"],
    why: "the answer itself warns that these ids stand twice, and a duplicate is never ready; nor do 1A, 1B and 1C have a Status field",
}];

/// What a correct reader answers.
#[derive(Deserialize)]
struct Expected {
    unblocked: BTreeSet<String>,
    still_blocked: Vec<StillBlocked>,
    ready: BTreeSet<String>,
    warnings: Vec<Warning>,
    needs_human: BTreeSet<String>,
}

#[derive(Deserialize)]
struct StillBlocked {
    id: String,
    pending: BTreeSet<String>,
}

/// `id` for duplicates, `phase` for everything else.
#[derive(Deserialize)]
struct Warning {
    kind: String,
    #[serde(alias = "phase")]
    id: String,
    #[serde(default)]
    lines: Vec<usize>,
}

/// An answer, comparable.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    unblocked: BTreeSet<String>,
    still_blocked: BTreeMap<String, BTreeSet<String>>,
    ready: BTreeSet<String>,
    /// Kind, phase, and of a duplicate its second line.
    warnings: BTreeSet<(String, String, Option<usize>)>,
    needs_human: BTreeSet<String>,
}

fn names<'i>(ids: impl IntoIterator<Item = &'i PhaseId>) -> BTreeSet<String> {
    ids.into_iter().map(|id| id.as_str().to_owned()).collect()
}

/// A finding as expected answers write it, if they speak of its kind.
fn warning(finding: &Finding) -> Option<(String, String, Option<usize>)> {
    let kinds = [
        (FindingKind::DuplicateId, "duplicate_id", Some(finding.line)),
        (FindingKind::CompleteBeforeDeps, "complete_before_deps", None),
        (FindingKind::StartedBeforeDeps, "started_before_deps", None),
        (FindingKind::UnknownDep, "unknown_dep", None),
        (FindingKind::Cycle, "cycle", None),
    ];
    let (_, kind, line) = kinds.into_iter().find(|(kind, ..)| *kind == finding.kind)?;
    Some((kind.to_owned(), finding.phase.as_ref()?.as_str().to_owned(), line))
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
        warnings: garden.findings.iter().filter_map(warning).collect(),
        needs_human: names(garden.needs_human.iter().map(|(id, _)| id)),
    }
}

fn expected(json: &str, file: &str) -> Answer {
    let expected: Expected = serde_json::from_str(json).expect("an expected answer");
    let mut ready = expected.ready;
    for contested in CONTESTED.iter().filter(|contested| contested.file == file) {
        println!("contested: {file}: {:?}: {}", contested.not_ready, contested.why);
        let removed = contested.not_ready.iter().filter(|id| ready.remove(**id)).count();
        assert_eq!(removed, contested.not_ready.len(), "{file} is contested no more");
    }
    let blocked = expected.still_blocked.into_iter();
    let warnings = expected.warnings.into_iter();
    Answer {
        unblocked: expected.unblocked,
        still_blocked: blocked.map(|blocked| (blocked.id, blocked.pending)).collect(),
        ready,
        warnings: warnings
            .map(|warning| (warning.kind, warning.id, warning.lines.last().copied()))
            .collect(),
        needs_human: expected.needs_human,
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
        println!("SKIPPED: no corpus beside the repository, and ORCH_TUI_CORPUS names none");
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
        let expected = expected(&std::fs::read_to_string(&file).unwrap(), stem);
        let answer = answer(&bytes);
        checked += 1;
        if answer != expected {
            wrong.push(format!("{stem}\n  expected {expected:?}\n  answered {answer:?}"));
        }
    }
    println!("corpus: {} of {checked} expected answers are given", checked - wrong.len());
    assert!(checked > 0, "{} holds no expected answer", folder.display());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_of_the_corpus_is_read_whole() {
    let Some(folder) = corpus() else {
        println!("SKIPPED: no corpus beside the repository, and ORCH_TUI_CORPUS names none");
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
