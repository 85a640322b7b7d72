#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::GoalInterpreter;
use super::interpretation::{GoalKind, Interpretation};
use crate::domain::id::{PhaseId, TargetId};
use crate::domain::plan::Plan;
use crate::domain::roadmap::Roadmap;

const LANTERN: &str = include_str!("fixtures/lantern.md");
const GOALS: &str = include_str!("fixtures/goals.txt");

static ROADMAP: LazyLock<Roadmap> = LazyLock::new(|| Roadmap::parse(LANTERN.as_bytes().to_vec()));

fn lantern() -> &'static Roadmap {
    &ROADMAP
}

fn interpret(goal: &str) -> Interpretation {
    GoalInterpreter::new(lantern(), &BTreeSet::new()).interpret(goal)
}

fn ticked(found: &Interpretation) -> Vec<String> {
    let mut ids: Vec<_> = found.selected().cloned().collect();
    ids.sort();
    ids.iter().map(PhaseId::to_string).collect()
}

fn refused<'f>(found: &'f Interpretation, id: &str) -> Option<&'f str> {
    let of = found.not_offered.iter().find(|refused| refused.id.as_str() == id);
    of.map(|refused| refused.reason.as_str())
}

fn kind(name: &str) -> GoalKind {
    match name {
        "single" => GoalKind::RunSingle,
        "parallel" => GoalKind::RunParallel,
        "batch" => GoalKind::RunBatch,
        "suggest" => GoalKind::Suggest,
        "garden" => GoalKind::Garden,
        "status" => GoalKind::Status,
        "agents" => GoalKind::ListAgents,
        "stop" => GoalKind::Stop,
        "help" => GoalKind::Help,
        "explain" => GoalKind::Explain,
        other => panic!("no kind {other}"),
    }
}

#[test]
fn the_fixture_is_read_as_meant() {
    let roadmap = lantern();
    assert_eq!(roadmap.phases.len(), 19);
    assert_eq!(roadmap.batches.len(), 4);
    let ready = interpret("all ready phases");
    assert_eq!(ticked(&ready), ["1.3", "2.2", "2.4", "3.2", "3.3", "3.4"]);
}

#[test]
fn goals_mean_what_the_table_says() {
    let (mut rows, mut wrong) = (0, Vec::new());
    for line in GOALS.lines().filter(|line| !line.starts_with("# ")) {
        let columns: Vec<_> = line.rsplitn(3, '|').map(str::trim).collect();
        let [ids, name, goal] = columns[..] else { panic!("{line}") };
        let found = interpret(goal);
        rows += 1;
        let got = ticked(&found).join(" ");
        if found.kind != kind(name) || got != ids {
            wrong.push(format!(
                "{goal:?}: expected {name} [{ids}], got {:?} [{got}] {:.2} {}",
                found.kind, found.confidence, found.explanation
            ));
        }
        if found.kind == GoalKind::Suggest {
            assert_eq!(found.confidence, 0.0, "{goal}");
        }
    }
    assert!(rows >= 150, "{rows}");
    assert!(wrong.is_empty(), "{} of {rows}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn named_phases_that_cannot_run_are_answered_with_the_reason() {
    for (goal, id, reason) in [
        ("run 3.1", "3.1", "complete"),
        ("Error envelope", "3.1", "complete"),
        ("2.3", "2.3", "in progress"),
        ("load harness", "4.4", "vendor approval"),
        ("4.6", "4.6", "put off"),
        ("run 9.9", "9.9", "not a phase"),
        ("phase 3", "3", "3.*"),
        ("4.2 but not 3.3", "4.2", "leaves out"),
        ("batch 9", "Batch 9", "no such batch"),
        ("batch 3", "3.1", "complete"),
    ] {
        let found = interpret(goal);
        let said = refused(&found, id).unwrap_or_default();
        assert!(said.contains(reason), "{goal}: {said:?}");
    }
}

#[test]
fn what_could_not_be_left_out_is_said() {
    let found = interpret("everything except the flux capacitor");
    assert!(found.explanation.as_str().contains("“flux capacitor”"), "{}", found.explanation);
    let found = interpret("everything except the rate limiter");
    assert!(found.explanation.as_str().contains("without 3.5"), "{}", found.explanation);
}

#[test]
fn what_is_said_to_be_done_is_left_out_with_the_reason() {
    for goal in ["3.2 is done, do 3.3", "mark 3.2 complete and run 3.3"] {
        let found = interpret(goal);
        let said = refused(&found, "3.2").unwrap_or_default();
        assert_eq!(said, "is left out: the goal says it is done", "{goal}");
        assert!(found.explanation.as_str().contains("phase 3.2 said to be done"), "{goal}");
    }
    assert_eq!(refused(&interpret("3.1 is done, do 3.3"), "3.1"), Some("already complete"));
    let waits = interpret("3.3 is done, do 3.5");
    assert!(refused(&waits, "3.5").unwrap().contains("3.3, which the goal leaves out"));
    for goal in ["mark 3.3 complete", "3.3 is done", "the HTTP router is done"] {
        let said = interpret(goal).explanation;
        assert!(said.as_str().contains("gates complete a phase"), "{goal}: {said}");
        assert!(said.as_str().contains("by hand in its Status"), "{goal}: {said}");
    }
    let pause = interpret("pause").explanation;
    assert!(pause.as_str().contains("p starts nothing new until p again"), "{pause}");
}

#[test]
fn a_named_phase_is_never_replaced_by_others() {
    for goal in ["run 3.1", "Error envelope", "2.3", "4.4", "load harness", "9.9", "phase 9"] {
        assert_eq!(interpret(goal).matched, [], "{goal}");
    }
}

#[test]
fn nothing_found_lists_the_ready_phases_unticked() {
    let found = interpret("write a poem");
    let ids: Vec<_> = found.matched.iter().map(|m| m.id.as_str()).collect();
    assert_eq!(ids, ["2.4", "3.4", "1.3", "2.2", "3.2", "3.3"]);
    assert!(found.matched.iter().all(|m| !m.selected && m.evidence[0].field == "ready"));
    assert!(found.explanation.as_str().contains("Nothing in this roadmap matches"));
}

#[test]
fn what_is_said_beside_a_batch_is_listed() {
    let found = interpret("finish batch 2 and the router");
    let router = found.matched.iter().find(|m| m.id.as_str() == "3.3").unwrap();
    assert!(!router.selected, "{}", found.explanation);
    assert_eq!(ticked(&found), ["2.2", "2.4", "2.5"]);
    assert!(interpret("finish batch 3 by friday").matched.iter().all(|m| m.selected));
}

#[test]
fn weak_matches_are_listed_unticked() {
    let found = interpret("HTTP status page");
    let router = found.matched.iter().find(|m| m.id.as_str() == "3.3").unwrap();
    assert!(!router.selected && (0.30..0.60).contains(&router.score), "{}", router.score);
    assert_eq!(router.evidence[0].words[0].as_str(), "http");
}

#[test]
fn open_dependencies_are_added_with_their_evidence() {
    let found = interpret("4.5");
    for id in ["3.3", "3.4", "4.2"] {
        let of = found.matched.iter().find(|m| m.id.as_str() == id).unwrap();
        assert_eq!(of.evidence[0].field, "dependency", "{id}");
    }
    assert!(found.explanation.as_str().contains("after the open dependencies"));
}

#[test]
fn held_phases_are_waited_for_not_started() {
    let roadmap = lantern();
    let held = BTreeSet::from([PhaseId::new("3.3")]);
    let interpreter = GoalInterpreter::new(roadmap, &held);
    assert_eq!(interpreter.interpret("run 3.3").kind, GoalKind::Suggest);
    assert_eq!(ticked(&interpreter.interpret("3.5")), ["3.5"]);
    let stop = interpreter.interpret("stop the http router");
    assert_eq!((stop.kind, stop.matched[0].id.as_str()), (GoalKind::Stop, "3.3"));
    assert_eq!(interpret("stop the http router").kind, GoalKind::Suggest);
}

#[test]
fn a_stop_names_its_phases_and_ticks_none() {
    let one = interpret("kill 3.3 and 3.2");
    let ids: Vec<_> = one.matched.iter().map(|m| m.id.as_str()).collect();
    assert_eq!(ids, ["3.3", "3.2"]);
    let all = interpret("kill all agents");
    assert!(all.matched.is_empty() && all.not_offered.is_empty());
    assert_eq!(refused(&interpret("stop 9.9"), "9.9"), Some("not a phase of this roadmap"));
}

#[test]
fn questions_show_phases_whatever_their_state() {
    let found = interpret("why is 4.4 blocked?");
    assert_eq!(found.matched[0].id.as_str(), "4.4");
    assert!(refused(&found, "4.4").unwrap().contains("vendor approval"));
    assert_eq!(interpret("explain the error envelope").matched[0].id.as_str(), "3.1");
    assert_eq!(interpret("what's next").matched[0].id.as_str(), "2.4");
    assert_eq!(interpret("why not 4.4").matched[0].id.as_str(), "4.4");
}

#[test]
fn every_name_typed_verbatim_ranks_its_phase_first_and_alone() {
    let roadmap = lantern();
    for phase in &roadmap.phases {
        let found = interpret(phase.name.as_str());
        let meant: Vec<_> = found
            .matched
            .iter()
            .filter(|m| m.evidence.iter().any(|e| e.field != "dependency"))
            .map(|m| m.id.clone())
            .collect();
        if refused(&found, phase.id.as_str()).is_some() {
            assert_eq!(meant, [], "{}", phase.name);
        } else {
            assert_eq!(meant, std::slice::from_ref(&phase.id), "{}", phase.name);
            assert!(found.selected().any(|id| *id == phase.id), "{}", phase.name);
            assert!(found.confidence > 0.9);
        }
    }
}

#[test]
fn names_that_look_like_commands_or_questions_are_names() {
    let names = [
        "Status",
        "Stop all",
        "Explain plans",
        "Run without network",
        "Next",
        "Everything",
        "Batch 7",
        "Upgrade to 3.2",
        "2.1",
        "Don't panic",
        "What?",
        "phase",
        "the",
        "完了",
        "a b - c: d",
    ];
    let text: String = names
        .iter()
        .enumerate()
        .map(|(n, name)| format!("### Phase 9.{n}: {name}\n- **Status:** ⚪ Not Started\n\n"))
        .collect();
    let roadmap = Roadmap::parse(text.into_bytes());
    let held = BTreeSet::new();
    for phase in &roadmap.phases {
        let found = GoalInterpreter::new(&roadmap, &held).interpret(phase.name.as_str());
        assert_eq!(ticked(&found), [phase.id.to_string()], "{:?}", phase.name.as_str());
    }
    assert_eq!(GoalInterpreter::new(&roadmap, &held).interpret(":status").kind, GoalKind::Status);
}

#[test]
fn several_phases_of_one_name_have_to_be_chosen_from() {
    let text = "### Phase 1.1: Tests\n- **Status:** ⚪ Not Started\n\n\
        ### Phase 2.1: Tests\n- **Status:** ⚪ Not Started\n";
    let roadmap = Roadmap::parse(text.as_bytes().to_vec());
    let held = BTreeSet::new();
    let found = GoalInterpreter::new(&roadmap, &held).interpret("tests");
    assert_eq!((found.kind, found.matched.len()), (GoalKind::Suggest, 2));
}

#[test]
fn ids_of_all_shapes_are_found() {
    let ids = ["WP-10.1", "WP-2.1", "SEC-2", "1.9", "1.10", "1.9a", "3", "12"];
    let text: String = ids
        .iter()
        .map(|id| format!("### Phase {id}: Name of {id}\n- **Status:** ⚪ Not Started\n\n"))
        .collect();
    let roadmap = Roadmap::parse(text.into_bytes());
    let held = BTreeSet::new();
    let read = |goal: &str| ticked(&GoalInterpreter::new(&roadmap, &held).interpret(goal));
    for (goal, expected) in [
        ("wp-10.1", &["WP-10.1"][..]),
        ("fix SEC-2", &["SEC-2"]),
        ("1.9-1.10", &["1.9", "1.9a", "1.10"]),
        ("phase 3", &["3"]),
        ("run 3", &["3"]),
        ("phases 3 and 12", &["3", "12"]),
        ("1.9a", &["1.9a"]),
        ("run 3 phases", &["1.9", "1.9a", "1.10"]),
        ("run 1.9 at 12", &["1.9"]),
        ("run 1.9 at 3 or 12", &["1.9"]),
        ("run 3 by 12", &["3"]),
        ("do 1.9 at around 3-12", &["1.9"]),
        ("run 1.9 in 12 minutes", &["1.9"]),
        ("run 1.9 at 1.10", &["1.9"]),
        ("start at 1.10", &["1.10"]),
        ("run 1.9 and 12", &["1.9", "12"]),
        ("12 is done, do 3", &["3"]),
    ] {
        assert_eq!(read(goal), expected, "{goal}");
    }
}

#[test]
fn loops_of_dependencies_are_never_ticked() {
    let text = "### Phase 1.1: Hen\n- **Status:** ⚪ Not Started\n- **Depends On:** Phase 1.2\n\n\
        ### Phase 1.2: Egg\n- **Status:** ⚪ Not Started\n- **Depends On:** Phase 1.1\n\n\
        ### Phase 1.3: Omelette\n- **Status:** ⚪ Not Started\n- **Depends On:** Phase 1.2\n";
    let roadmap = Roadmap::parse(text.as_bytes().to_vec());
    let held = BTreeSet::new();
    for goal in ["1.1", "1.2", "1.3", "everything", "omelette"] {
        let found = GoalInterpreter::new(&roadmap, &held).interpret(goal);
        assert_eq!(ticked(&found), [""; 0], "{goal}");
        assert!(!found.not_offered.is_empty(), "{goal}");
    }
}

/// A roadmap of `count` phases in which each third waits for the one before.
fn large(count: usize) -> Roadmap {
    const WORDS: [&str; 12] = [
        "router", "cache", "ledger", "import", "export", "search", "index", "audit", "session",
        "render", "layout", "metric",
    ];
    let word = |n: usize| WORDS[n % WORDS.len()];
    let phase = |n: usize| {
        let (batch, id) = (n / 20 + 1, n % 20 + 1);
        let heading =
            if id == 1 { format!("## Batch {batch} (Part {batch})\n\n") } else { String::new() };
        let waits =
            if n % 3 == 2 && id > 1 { format!("Phase {batch}.{}", id - 1) } else { "None".into() };
        format!(
            "{heading}### Phase {batch}.{id}: {} {} of part{n}\n- **Status:** ⚪ Not Started\n- **Depends On:** {waits}\n\
             - **Tasks:**\n  - [ ] Write the {} for every {} and measure it twice\n  - [ ] Document how {} works with {}\n\
             - **Done When:** the {} passes its checks\n\n",
            word(n),
            word(n / 12),
            word(n + 3),
            word(n + 5),
            word(n + 7),
            word(n + 1),
            word(n + 2)
        )
    };
    Roadmap::parse((0..count).map(phase).collect::<String>().into_bytes())
}

#[test]
fn a_goal_over_ten_thousand_phases_finds_something() {
    let roadmap = large(10_000);
    let held = BTreeSet::new();
    let interpreter = GoalInterpreter::new(&roadmap, &held);
    for goal in
        ["everything", "router cache of part0", "batch 7", "sesion layuot", "next", "write a poem"]
    {
        let found = interpreter.interpret(goal);
        assert!(!found.matched.is_empty(), "{goal}");
    }
    let plan = Plan::draft(interpreter.interpret("everything"), &roadmap, TargetId::new("t"), 4);
    assert_eq!(plan.rows.len(), 10_000);
}

#[test]
fn a_paragraph_is_a_goal() {
    let goal = "We need the web server to answer properly before Friday.\n\n\
        Please implement the HTTP router with nested scopes, and make it answer 405 with an Allow header \
        where a route exists but the method doesn't. Leave the rate limiter out for now.";
    let found = interpret(goal);
    assert_eq!(
        (found.kind, ticked(&found)),
        (GoalKind::RunSingle, vec!["3.3".to_owned()]),
        "{}",
        found.explanation
    );
    let poem = "Roses are red, violets are blue; ".repeat(200);
    let found = interpret(&poem);
    assert_eq!((found.kind, ticked(&found).len()), (GoalKind::Suggest, 0), "{}", found.explanation);
}

#[test]
fn what_is_ruled_out_is_left_out_or_said_to_stay() {
    for (goal, ids, says) in [
        ("3.2, 3.3 and 3.4 except HTTP router", &["3.2", "3.4"][..], "without 3.3"),
        ("3.2, 3.3 and 3.4 but not the router", &["3.2", "3.4"], "without 3.3"),
        ("3.2 and 2.4 but not batch 2", &["3.2"], "without 2.1, 2.2, 2.3, 2.4, 2.5"),
        ("3.3 except HTTP router", &["3.3"], "3.3 is asked for by id, so was not left out"),
        ("3.2, 3.3 but not batch 3", &["3.2", "3.3"], "3.2, 3.3 are asked for by id"),
    ] {
        let found = interpret(goal);
        assert_eq!(ticked(&found), ids, "{goal}: {}", found.explanation);
        assert!(found.explanation.as_str().contains(says), "{goal}: {}", found.explanation);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_is_interpreted(goal in any::<String>()) {
        interpret(&goal);
    }

    #[test]
    fn any_words_are_interpreted_the_same_twice(
        goal in "((run|not|3\\.3|phases|batch|2|-|next|all|router|until|2\\.1-2\\.4|stop|,|and|4\\.5|the|skip|\\?|no|but|auth) ?){0,9}",
    ) {
        let first = interpret(&goal);
        prop_assert_eq!(&first, &interpret(&goal));
        let scores = first.selected().count();
        prop_assert!((scores == 0) == (first.confidence == 0.0));
        for m in &first.matched {
            prop_assert!((0.0..=1.0).contains(&m.score));
        }
        for refused in &first.not_offered {
            prop_assert!(first.selected().all(|id| *id != refused.id));
        }
    }
}
