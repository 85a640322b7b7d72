//! What holds for every roadmap.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;

use super::archive::Archive;
use super::phase::Status;
use super::readiness::Evaluator;
use super::{Edit, Moved, Roadmap, RoadmapChange, splice};
use crate::domain::gardener::RoadmapGardener;
use crate::domain::id::PhaseId;

/// A generated phase: its state and the phases it depends on, each perhaps ticked.
#[derive(Clone, Debug)]
struct Made {
    id: usize,
    state: usize,
    deps: Vec<(usize, bool)>,
    style: usize,
}

const STATES: [&str; 6] = [
    "⚪ Not Started",
    "🔄 In Progress",
    "✅ Complete",
    "🔴 Blocked",
    "🔴 Blocked (legal)",
    "Deferred",
];

fn made() -> impl Strategy<Value = Vec<Made>> {
    let dep = (0..14usize, any::<bool>());
    let phase = (0..STATES.len(), prop::collection::vec(dep, 0..4), 0..4usize);
    prop::collection::vec(phase, 1..12).prop_map(|phases| {
        let numbered = phases.into_iter().enumerate();
        numbered.map(|(id, (state, deps, style))| Made { id, state, deps, style }).collect()
    })
}

fn written(phases: &[Made]) -> String {
    phases.iter().map(section).collect()
}

fn section(phase: &Made) -> String {
    let deps: Vec<_> = phase
        .deps
        .iter()
        .map(|(id, tick)| format!("Phase 1.{id}{}", if *tick { " ✅" } else { "" }))
        .collect();
    let key = |key: &str| match phase.style {
        0 => format!("- **{key}:**"),
        1 => format!("* **{key}**:"),
        2 => format!("**{key}:**"),
        _ => format!("- **{}:**", key.to_uppercase()),
    };
    let (id, state) = (phase.id, STATES[phase.state]);
    let end = if phase.style == 3 { "\r\n" } else { "\n" };
    let mut text = format!("### Phase 1.{id}: Name{end}{end}{} {state}{end}", key("Status"));
    if !deps.is_empty() {
        text.push_str(&format!("{} {}{end}", key("Depends On"), deps.join(", ")));
    }
    text + end
}

/// What lines begin with.
const STARTS: [&str; 22] = [
    "### Phase 1.1: a",
    "### Phase 1.1: a",
    "### Phase 1.2: b ",
    "#### Phase 1.3 — c",
    "## Batch 2",
    "## Other",
    "- **Status:** ",
    "- **Status:** ",
    "**Status:** ",
    "* **Status**: ",
    "**Status: 🔴 Blocked**",
    "- **Depends On:** ",
    "- Depends on: ",
    "- **Assigned To:**",
    "- **Owner:** Nova",
    "- **Completed:** ",
    "- **Tasks:**",
    "  - [ ] t",
    "- **Done When:**",
    "```",
    "<!-- ",
    "",
];

/// What stands in lines.
const FRAGMENTS: [&str; 41] = [
    "🔴 Blocked",
    "Blocked",
    "✅ Complete",
    "⚪ Not Started",
    "🔄 In Progress",
    "🟡",
    "🟢",
    "⚪",
    "Nova",
    "TBD",
    "Phase 1.1",
    "Phase 1.2 ✅",
    "1.1-1.9",
    "1/2/3",
    ", ",
    " and ",
    "None",
    "(",
    ")",
    " (needs 1.1)",
    " - ",
    "**",
    "__",
    ":",
    "#",
    "\u{feff}",
    "\u{a0}",
    "\u{fe0f}",
    "All previous phases",
    "50%",
    "|",
    "⭐ ",
    "[x] ",
    ":red_circle: ",
    "-->",
    "<!-- x -->",
    "~~",
    "`",
    " ",
    "not ",
    "complete",
];

/// Whatever a roadmap could be: its own building blocks in any order, with any bytes between.
pub(super) fn soup() -> impl Strategy<Value = Vec<u8>> {
    let fragment = prop_oneof![
        8 => prop::sample::select(FRAGMENTS.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    let end = prop::sample::select(vec!["\n", "\n", "\n", "\r\n", "\r", "\n\n", "  \n", ""]);
    let line = (prop::sample::select(STARTS.to_vec()), prop::collection::vec(fragment, 0..4), end)
        .prop_map(|(start, rest, end)| [start.as_bytes(), &rest.concat(), end.as_bytes()].concat());
    prop::collection::vec(line, 0..16).prop_map(|lines| lines.concat())
}

fn gardened(bytes: &[u8]) -> (Vec<Edit>, Vec<u8>) {
    let edits = RoadmapGardener.garden(&Roadmap::parse(bytes), None, &BTreeSet::new()).edits;
    let out = splice(bytes, &edits);
    (edits, out)
}

/// Readiness, decided without looking at any of the code under test.
fn oracle(phases: &[Made]) -> (BTreeSet<usize>, BTreeSet<usize>) {
    let states: BTreeMap<usize, usize> =
        phases.iter().map(|phase| (phase.id, phase.state)).collect();
    let met = |phase: &&Made| {
        phase.deps.iter().all(|(id, tick)| states.get(id).map_or(*tick, |state| *state == 2))
    };
    let ids = |state: usize, with_deps: usize| -> BTreeSet<usize> {
        let found =
            phases.iter().filter(|phase| phase.state == state && phase.deps.len() >= with_deps);
        found.filter(met).map(|phase| phase.id).collect()
    };
    (ids(0, 0), ids(3, 1))
}

fn numbers<'i>(ids: impl IntoIterator<Item = &'i PhaseId>) -> BTreeSet<usize> {
    ids.into_iter().map(|id| id.as_str()[2..].parse().unwrap()).collect()
}

/// Words that decide something somewhere.
const WORDS: [&str; 40] = [
    "it",
    "this",
    "by",
    "on",
    "for",
    "blocked",
    "blocks",
    "hold",
    "holds",
    "waiting",
    "awaited",
    "approval",
    "pending",
    "depends",
    "dependent",
    "not",
    "do",
    "don't",
    "start",
    "before",
    "until",
    "none",
    "no",
    "phase",
    "1",
    "1.1",
    "complete",
    "needs",
    "requires",
    "after",
    "us",
    "up",
    "soft",
    "~~x~~",
    "✅",
    "-",
    "(",
    ")",
    ",",
    "legal",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn any_bytes_are_read_and_kept(bytes in soup()) {
        let roadmap = Roadmap::parse(bytes.as_slice());
        prop_assert_eq!(splice(roadmap.bytes(), &[]), bytes.clone());
        for phase in &roadmap.phases {
            prop_assert!(phase.place.section.end <= bytes.len());
            prop_assert!(bytes.get(phase.status.token.clone()).is_some());
            for field in &phase.fields {
                prop_assert!(field.line_span.start <= field.span.start && field.span.end <= field.line_span.end);
            }
        }
        let (_, once) = gardened(&bytes);
        prop_assert!(gardened(&once).0.is_empty());
    }

    #[test]
    fn any_change_of_any_bytes_is_made_once(bytes in soup(), which in 0..3usize) {
        let phase = PhaseId::new("1.1");
        let change = match which {
            0 => RoadmapChange::Claim { phase: phase.clone(), assignee: "Nova".into() },
            1 => RoadmapChange::Complete { phase: phase.clone(), date: "2026-01-02".into(), ticked: vec![] },
            _ => RoadmapChange::Release { phase: phase.clone(), assignee: "Nova".into(), restore: None },
        };
        let roadmap = Roadmap::parse(bytes.as_slice());
        if let Ok(edits) = change.edits(&roadmap, &BTreeSet::new()) {
            for edit in &edits {
                prop_assert_eq!(&bytes[edit.span.clone()], edit.old.as_slice());
            }
            for pair in edits.windows(2) {
                prop_assert!(pair[0].span.end <= pair[1].span.start);
            }
            let after = Roadmap::parse(splice(&bytes, &edits));
            let again = change.edits(&after, &BTreeSet::new());
            prop_assert_eq!(again, Ok(Vec::new()));
            let state = after.phase(&phase).map(|phase| phase.status.state);
            match which {
                0 => prop_assert_eq!(state, Some(Status::InProgress)),
                1 => prop_assert_eq!(state, Some(Status::Complete)),
                _ => prop_assert!(state != Some(Status::InProgress) || edits.is_empty()),
            }
            prop_assert_eq!(after.phases.len(), roadmap.phases.len());
        }
    }

    #[test]
    fn any_words_are_a_key_and_a_value(
        key in proptest::collection::vec(0..WORDS.len(), 0..5),
        value in proptest::collection::vec(0..WORDS.len(), 0..6),
    ) {
        let said = |words: &[usize]| words.iter().map(|at| WORDS[*at]).collect::<Vec<_>>().join(" ");
        let (key, value) = (said(&key), said(&value));
        for text in [
            format!("### Phase 1: a\n- **Status:** Blocked\n- **{key}:** {value}\n> {key} {value}\n"),
            format!("### Phase 1: a\n- **Status:** Blocked ({key} {value})\n{key} {value}\n{key}: {value}\n"),
        ] {
            decided(&Roadmap::parse(text.into_bytes()));
        }
    }

    #[test]
    fn decisions_agree_with_the_oracle(phases in made()) {
        let text = written(&phases);
        let roadmap = Roadmap::parse(text.as_bytes());
        let nobody = BTreeSet::new();
        let (ready, stale) = oracle(&phases);
        let garden = RoadmapGardener.garden(&roadmap, None, &nobody);
        prop_assert_eq!(numbers(&garden.unblocked), stale.clone());
        prop_assert_eq!(numbers(Evaluator::new(&roadmap, &nobody).ready().into_iter().map(|phase| &phase.id)), ready.clone());
        let tended = Roadmap::parse(splice(text.as_bytes(), &garden.edits));
        let after = numbers(Evaluator::new(&tended, &nobody).ready().into_iter().map(|phase| &phase.id));
        prop_assert_eq!(after, &ready | &stale);
        prop_assert!(RoadmapGardener.garden(&tended, None, &nobody).edits.is_empty());
    }

    #[test]
    fn gardening_touches_only_the_states_it_names(phases in made()) {
        let text = written(&phases);
        let (edits, out) = gardened(text.as_bytes());
        let mut expected = phases.clone();
        for id in numbers(edits.iter().map(|edit| &edit.phase)) {
            expected[id].state = 0;
        }
        prop_assert_eq!(String::from_utf8(out).unwrap(), written(&expected));
    }

    #[test]
    fn the_order_of_phases_decides_nothing(phases in made()) {
        let decide = |text: String| {
            let roadmap = Roadmap::parse(text.into_bytes());
            let mut garden = RoadmapGardener.garden(&roadmap, None, &BTreeSet::new());
            garden.unblocked.sort();
            garden.still_blocked.sort();
            garden.needs_human.sort();
            (garden.unblocked, garden.still_blocked, garden.needs_human)
        };
        let mut turned = phases.clone();
        turned.reverse();
        prop_assert_eq!(decide(written(&phases)), decide(written(&turned)));
    }

    #[test]
    fn archiving_decides_nothing_and_is_taken_back(phases in batched(), archived in batched()) {
        let old = format!("# Old\n\n{}", in_batches(&archived, 50));
        let (text, nobody) = (in_batches(&phases, 0), BTreeSet::new());
        let beside = |text: &[u8], archive: &[u8]| {
            let archive = Arc::new(Archive::read(archive));
            Roadmap::parse(text).with_archive(archive)
        };
        let before = beside(text.as_bytes(), old.as_bytes());
        let edits = RoadmapChange::Archive.edits(&before, &nobody).unwrap();
        let moved = edits.iter().map(|edit| (edit.phase.clone(), edit.old.clone())).collect();
        let sections = Moved::of(&before, moved);
        let keep = RoadmapChange::Keep { sections: sections.clone() };
        let kept = keep.edits(&Roadmap::parse(old.as_bytes()), &nobody).unwrap();
        let archive = splice(old.as_bytes(), &kept);
        let after = beside(&splice(text.as_bytes(), &edits), &archive);
        prop_assert_eq!(decided(&before), decided(&after));
        for one in &sections {
            let batch = |roadmap: &Roadmap| roadmap.phase(&one.phase).map(|phase| phase.place.batch);
            prop_assert_eq!(batch(&before), batch(&Roadmap::parse(archive.as_slice())));
        }
        let back = RoadmapChange::TakeBack { sections };
        let edits = back.edits(&Roadmap::parse(archive.as_slice()), &nobody).unwrap();
        prop_assert_eq!(String::from_utf8(splice(&archive, &edits)).unwrap(), old);
    }
}

/// A phase of a batch: its batch, its state, and the batches and phases it depends on.
type Batched = (usize, usize, Vec<usize>, Vec<usize>);

fn batched() -> impl Strategy<Value = Vec<Batched>> {
    let few = |most: usize| prop::collection::vec(0..most, 0..3);
    prop::collection::vec((0..4usize, 0..STATES.len(), few(4), few(10)), 0..10)
}

/// Phases where batch 0 is none.
fn in_batches(phases: &[Batched], first: usize) -> String {
    let (mut text, mut open) = (String::from("# Roadmap\n\n"), 0);
    for (at, (batch, state, batches, ids)) in phases.iter().enumerate() {
        if *batch != open {
            let heading = |batch| format!("## Batch {batch}: of {batch}\n\n");
            text.push_str(
                &Some(*batch).filter(|batch| *batch > 0).map_or("## More\n\n".into(), heading),
            );
            open = *batch;
        }
        let batches = batches.iter().map(|batch| format!("Batch {batch}"));
        let on: Vec<_> = batches.chain(ids.iter().map(|id| format!("Phase 1.{id}"))).collect();
        let (id, state) = (first + at, STATES[*state]);
        text.push_str(&format!("### Phase 1.{id}: n\n- **Status:** {state}\n"));
        if !on.is_empty() {
            text.push_str(&format!("- **Depends On:** {}\n", on.join(", ")));
        }
        text.push('\n');
    }
    text
}

/// What is said of the phases that are not complete.
fn decided(roadmap: &Roadmap) -> Vec<String> {
    let nobody = BTreeSet::new();
    let evaluator = Evaluator::new(roadmap, &nobody);
    let open = roadmap.phases.iter().filter(|phase| phase.status.state != Status::Complete);
    let said = open.map(|phase| {
        format!("{} {:?} {:?}", phase.id, evaluator.blockage(phase), evaluator.reasons(phase))
    });
    let unblocked = RoadmapGardener.garden(roadmap, None, &nobody).unblocked;
    said.chain(unblocked.iter().map(|id| format!("unblocks {id}"))).collect()
}
