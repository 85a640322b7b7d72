#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::domain::goal::GoalInterpreter;

const LANTERN: &str = include_str!("../goal/fixtures/lantern.md");

fn roadmap() -> Roadmap {
    Roadmap::parse(LANTERN.as_bytes().to_vec())
}

fn plan(goal: &str) -> Plan {
    let (roadmap, held) = (roadmap(), BTreeSet::new());
    let found = GoalInterpreter::new(&roadmap, &held).interpret(goal);
    Plan::draft(found, &roadmap, TargetId::new("lantern"), 4)
}

fn toggled(plan: Plan, id: &str) -> Plan {
    plan.edited(PlanEdit::Toggle(PhaseId::new(id)), &roadmap())
}

fn waves(plan: &Plan) -> Vec<Vec<String>> {
    let texts = |ids: Vec<PhaseId>| ids.iter().map(PhaseId::to_string).collect();
    plan.waves().into_iter().map(texts).collect()
}

fn texts(ids: &[PhaseId]) -> Vec<&str> {
    ids.iter().map(PhaseId::as_str).collect()
}

/// Each ticked row's open ticked dependencies are in earlier waves, and none of them is missing.
fn check(plan: &Plan) -> Result<(), TestCaseError> {
    for row in plan.rows.iter().filter(|row| row.ticked) {
        for dependency in &row.waits_for {
            if let Some(of) = plan.rows.iter().find(|other| other.id == *dependency) {
                prop_assert!(of.ticked, "{} without {}", row.id, of.id);
                prop_assert!(of.wave < row.wave, "{} before {}", of.id, row.id);
            }
        }
    }
    let order: Vec<_> = plan.rows.iter().map(|row| row.wave).collect();
    prop_assert!(order.is_sorted());
    prop_assert!(order.first().is_none_or(|wave| *wave >= 1));
    prop_assert!((1..=MOST_SLOTS).contains(&plan.slots));
    let ids: BTreeSet<_> = plan.rows.iter().map(|row| &row.id).collect();
    prop_assert_eq!(ids.len(), plan.rows.len());
    Ok(())
}

#[test]
fn the_critical_path_is_the_longest_by_effort() {
    let phase = |(id, effort, on): (&str, &str, &str)| {
        format!(
            "### Phase {id}: n\n- **Status:** Not Started\n- **Depends On:** {on}\n- **Effort:** {effort}\n\n"
        )
    };
    let chains = [("1.1", "S", "None"), ("1.2", "S", "1.1"), ("1.3", "S", "1.2")];
    let large = [("1.4", "L", "None"), ("1.5", "M", "1.4")];
    let text: String = chains.into_iter().chain(large).map(phase).collect();
    let (roadmap, held) = (Roadmap::parse(text.into_bytes()), BTreeSet::new());
    let found = GoalInterpreter::new(&roadmap, &held).interpret("everything");
    let plan = Plan::draft(found, &roadmap, TargetId::new("t"), 4);
    assert_eq!(texts(&plan.critical_path), ["1.4", "1.5"]);
}

#[test]
fn waves_are_layers_over_open_dependencies() {
    let plan = plan("4.5 and 2.5");
    assert_eq!(waves(&plan), [vec!["2.4", "3.4", "3.3"], vec!["2.5", "4.2"], vec!["4.5"]]);
    assert_eq!(plan.mode, Mode::Parallel);
    assert_eq!(texts(&plan.critical_path), ["3.3", "4.2", "4.5"]);
}

#[test]
fn a_phase_in_progress_is_waited_for_and_makes_no_wave() {
    let plan = plan("4.3");
    assert_eq!(waves(&plan), [["3.4"], ["4.3"]]);
    let row = plan.rows.iter().find(|row| row.id.as_str() == "4.3").unwrap();
    assert_eq!(texts(&row.waits_for), ["2.3", "3.4"]);
}

#[test]
fn modes_follow_the_goal() {
    for (goal, mode) in [
        ("3.3", Mode::Single),
        ("3.5", Mode::Parallel),
        ("batch 1", Mode::Single),
        ("batch 3", Mode::Parallel),
        ("next two", Mode::Parallel),
        ("everything", Mode::Batch),
        ("everything except 3.3", Mode::Parallel),
        ("everything ready", Mode::Parallel),
        ("keep going", Mode::Batch),
        ("write a poem", Mode::Parallel),
        ("stop 3.3", Mode::Parallel),
    ] {
        assert_eq!(plan(goal).mode, mode, "{goal}");
    }
}

#[test]
fn only_ticked_phases_are_approved_in_order() {
    let plan = plan("batch 3");
    let approved = plan.approved();
    assert_eq!(texts(&approved.phases), ["3.4", "3.2", "3.3", "3.5"]);
    assert_eq!((approved.goal.as_str(), approved.slots), ("batch 3", 4));
    let single = plan.edited(PlanEdit::Mode(Mode::Single), &roadmap());
    assert_eq!(texts(&single.approved().phases), ["3.4"]);
    for goal in ["why is 4.2 blocked?", "write a poem", "stop 3.3", "skip 3.3", "status"] {
        assert!(super::tests::plan(goal).approved().phases.is_empty(), "{goal}");
    }
}

#[test]
fn ticking_brings_open_dependencies_and_unticking_takes_dependents_along() {
    let plan = toggled(plan("3.2"), "4.5");
    assert_eq!(waves(&plan), [vec!["3.4", "3.2", "3.3"], vec!["4.2"], vec!["4.5"]]);
    let less = toggled(plan, "3.4");
    assert_eq!(waves(&less), [["3.2", "3.3"]]);
    let again = toggled(less, "4.5");
    assert_eq!(waves(&again).len(), 3);
}

#[test]
fn what_cannot_run_cannot_be_ticked() {
    for id in ["3.1", "2.3", "4.4", "4.6", "9.9"] {
        let plan = toggled(plan("3.3"), id);
        assert_eq!(waves(&plan), [["3.3"]], "{id}");
    }
}

#[test]
fn a_batch_says_what_it_comes_to_and_leaves_out_what_it_was_told() {
    let batch = |plan: Plan| plan.edited(PlanEdit::Mode(Mode::Batch), &roadmap());
    let without = |plan: &Plan| -> Vec<String> {
        plan.approved().without.iter().map(PhaseId::to_string).collect()
    };
    let plan = batch(plan("3.3"));
    let all = ["1.3", "2.2", "2.4", "2.5", "3.2", "3.4", "3.5", "4.1", "4.2", "4.3", "4.5"];
    assert_eq!(texts(&plan.notes.further), all);
    assert_eq!(without(&plan), Vec::<String>::new());
    let except = batch(super::tests::plan("everything except 3.4"));
    assert_eq!(without(&except), ["3.4"], "and what waits for it waits");
    assert_eq!(texts(&except.notes.further), Vec::<String>::new());
    let unticked = toggled(batch(super::tests::plan("everything")), "3.4");
    assert!(without(&unticked).contains(&"3.4".to_owned()), "{:?}", without(&unticked));
    assert_eq!(texts(&unticked.notes.further), Vec::<String>::new());
    let back = toggled(unticked, "3.4");
    assert_eq!(without(&back), Vec::<String>::new());
    let parallel = back.edited(PlanEdit::Mode(Mode::Parallel), &roadmap());
    assert_eq!(texts(&parallel.notes.further), Vec::<String>::new());
}

#[test]
fn slots_stay_within_bounds() {
    for (asked, given) in [(0, 1), (7, 7), (256, 256), (1000, 256)] {
        assert_eq!(plan("3.3").edited(PlanEdit::Slots(asked), &roadmap()).slots, given);
    }
}

#[test]
fn phases_of_one_wave_that_name_one_file_collide() {
    let plan = plan("2.2, 2.4, 3.2 and 3.3");
    let found: Vec<_> = plan
        .collisions
        .iter()
        .map(|collision| (texts(&collision.phases), collision.file.as_str()))
        .collect();
    assert_eq!(
        found,
        [(vec!["3.2", "3.3"], "src/api/mod.rs"), (vec!["2.4", "2.2"], "src/storage/archive.rs")]
    );
    assert!(toggled(plan, "3.2").collisions.len() == 1);
}

#[test]
fn long_chains_are_planned() {
    let text: String = (1..=3000)
        .map(|n| {
            let waits = if n == 1 { "None".into() } else { format!("Phase 1.{}", n - 1) };
            format!("### Phase 1.{n}: Link {n}\n- **Status:** ⚪ Not Started\n- **Depends On:** {waits}\n\n")
        })
        .collect();
    let (roadmap, held) = (Roadmap::parse(text.into_bytes()), BTreeSet::new());
    let found = GoalInterpreter::new(&roadmap, &held).interpret("1.3000");
    let plan = Plan::draft(found, &roadmap, TargetId::new("t"), 1);
    assert_eq!((plan.waves().len(), plan.critical_path.len()), (3000, 3000));
}

#[test]
fn the_rest_is_every_other_phase_that_can_run() {
    let rest = plan("3.3").edited(PlanEdit::Rest, &roadmap());
    assert!(rest.lists_rest());
    let ids: Vec<&str> = rest.rows.iter().map(|row| row.id.as_str()).collect();
    assert!(ids.contains(&"2.4") && ids.contains(&"4.2"), "{ids:?}");
    for id in ["3.1", "2.3", "4.4", "4.6"] {
        assert!(!ids.contains(&id), "{id} is complete, under way, opaque or put off: {ids:?}");
    }
    assert_eq!(rest.approved().phases, [PhaseId::new("3.3")]);
    let kept = toggled(rest, "2.4").edited(PlanEdit::Rest, &roadmap());
    let ids: Vec<&str> = kept.rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["2.4", "3.3"], "what was ticked stays");
}

#[test]
fn what_the_goal_leaves_out_is_taken_in_with_what_it_waits_for() {
    let left_out = plan("2.2 and 4.2 but not 3.3");
    assert_eq!((left_out.mode, texts(&left_out.notes.includable)), (Mode::Single, vec!["4.2"]));
    let taken_in = left_out.edited(PlanEdit::Include, &roadmap());
    assert_eq!(taken_in.mode, Mode::Parallel, "all of it starts");
    assert_eq!(waves(&taken_in), [vec!["3.4", "2.2", "3.3"], vec!["4.2"]]);
    assert!(taken_in.notes.includable.is_empty());
    assert!(plan("4.4").notes.includable.is_empty(), "it waits for a vendor");
}

#[test]
fn prompts_go_with_the_phases_that_are_approved() {
    let word = |plan: Plan, id: &str, text: Option<&str>| {
        plan.edited(PlanEdit::Prompt(PhaseId::new(id), text.map(str::to_owned)), &roadmap())
    };
    let plan = word(word(plan("3.2 and 3.3"), "3.2", Some("mine")), "3.3", Some("also"));
    assert_eq!(plan.approved().prompts.len(), 2);
    let fewer = toggled(plan.clone(), "3.3").approved();
    assert_eq!(fewer.prompts.keys().map(PhaseId::as_str).collect::<Vec<_>>(), ["3.2"]);
    assert!(word(plan.clone(), "3.2", None).approved().prompts.len() == 1);
    assert!(word(plan, "3.2", Some(" \n")).approved().prompts.len() == 1, "nothing is no prompt");
    let written = serde_json::to_string(&toggled(self::plan("3.2"), "3.3").approved()).unwrap();
    assert!(!written.contains("prompts"), "{written}");
    let read: ApprovedPlan = serde_json::from_str(&written).unwrap();
    assert!(read.prompts.is_empty());
}

#[test]
fn a_kept_plan_says_all_there_is_to_say() {
    let plan = plan("3.2, 3.3 and 4.4");
    let edit = PlanEdit::Prompt(PhaseId::new("3.2"), Some("```\nmine\n```".into()));
    let text = text::markdown(&plan.edited(edit, &roadmap()), &roadmap());
    for part in [
        "# Plan: 3.2, 3.3 and 4.4",
        "- [x] 3.2 Config endpoint (1.00",
        "## Not offered",
        "- 4.4: ",
        "````\n```\nmine",
        "src/api/mod.rs",
    ] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    assert_eq!(text::file_name(&self::plan("完了"), "2026-11-26"), "2026-11-26-plan");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn plans_keep_their_invariants(
        goal in "(everything|4\\.5|batch [1-4]|next two|2\\.\\*|router|4\\.[1-6] and 3\\.[1-5]|why 4\\.2)",
        toggles in proptest::collection::vec("[1-4]\\.[1-6]", 0..8),
    ) {
        let mut plan = plan(&goal);
        check(&plan)?;
        for id in toggles {
            plan = toggled(plan, &id);
            check(&plan)?;
        }
        let approved = plan.approved();
        prop_assert!(approved.phases.len() <= plan.rows.len());
    }
}

#[test]
fn space_twice_changes_nothing() {
    let plan = plan("4.5 and 2.5");
    for row in &plan.rows {
        let twice = toggled(toggled(plan.clone(), row.id.as_str()), row.id.as_str());
        assert_eq!(twice.ticked(), plan.ticked(), "{}", row.id);
    }
    let rest = super::tests::plan("3.3").edited(PlanEdit::Rest, &roadmap());
    let in_and_out = toggled(toggled(rest.clone(), "4.2"), "4.2");
    assert_eq!(in_and_out.ticked(), rest.ticked(), "what came in with it goes out with it");
}

#[test]
fn the_rest_has_nothing_that_stands_elsewhere_or_can_t_run() {
    let text = "### Phase 1: A\n- **Status:** 🔄 In Progress\n\n### Phase 2: B\n- **Status:** ⚪ Not Started\n- **Depends On:** 1\n\n\
        ### Phase 3: C\n- **Status:** 🔴 Blocked (legal)\n\n### Phase 4: D\n- **Status:** ⚪ Not Started\n- **Depends On:** 3\n\n\
        ### Phase 5: E\n- **Status:** ⚪ Not Started\n\n### Phase 6: F\n- **Status:** ⚪ Not Started\n- **Depends On:** 5\n";
    let roadmap = Roadmap::parse(text.as_bytes().to_vec());
    let held = BTreeSet::new();
    let found = GoalInterpreter::new(&roadmap, &held).interpret("phase 5 and phase 4");
    let plan = Plan::draft(found, &roadmap, TargetId::new("t"), 4);
    let rest = plan.edited(PlanEdit::Rest, &roadmap);
    let ids: Vec<&str> = rest.rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["5", "6"]);
}

#[test]
fn a_batch_comes_to_what_is_listed_of_the_rest_whoever_it_is_assigned_to() {
    let text = "### Phase 1: A\n- **Status:** ⚪ Not Started\n\n### Phase 2: B\n- **Status:** ⚪ Not Started\n\n\
        ### Phase 3: C\n- **Status:** ⚪ Not Started\n- **Assigned To:** Bob\n";
    let roadmap = Roadmap::parse(text.as_bytes().to_vec());
    let held = BTreeSet::new();
    let found = GoalInterpreter::new(&roadmap, &held).interpret("phase 1");
    let plan = Plan::draft(found, &roadmap, TargetId::new("t"), 4);
    let rest = plan.edited(PlanEdit::Mode(Mode::Batch), &roadmap);
    let rest = rest.edited(PlanEdit::Rest, &roadmap);
    assert_eq!(rest.rows.len(), 3, "all are listed");
    assert!(rest.approved().without.is_empty(), "{:?}", rest.approved().without);
}

#[test]
fn only_a_plan_that_goes_on_is_said_to() {
    for goal in [
        "keep going",
        "everything until nothing is left",
        "bootstrap phases and keep going",
        "batch 3 and keep going",
        "batch 3 until nothing is left",
        "keep going but not 3.2",
        "next two and keep going",
    ] {
        let plan = plan(goal);
        let says = plan.interpretation.explanation.as_str().contains("until nothing is left");
        assert_eq!(says, plan.mode == Mode::Batch, "{goal}: {}", plan.interpretation.explanation);
    }
}

#[test]
fn a_goal_of_which_part_is_not_there_is_understood_fairly() {
    let partly = plan("batch 77 and 3.3").interpretation;
    assert!((0.5..0.75).contains(&partly.confidence), "{partly:?}");
    assert!(partly.explanation.as_str().contains("Batch 77: no such batch"), "{partly:?}");
    let short = plan("next 60").interpretation;
    assert!((0.5..0.75).contains(&short.confidence), "{short:?}");
    assert!(short.explanation.as_str().contains(" of 60)"), "{short:?}");
    assert!(plan("next 2").interpretation.confidence > 0.75);
    let empty = plan(" ").interpretation;
    assert!(empty.explanation.as_str().starts_with("The goal is empty"), "{empty:?}");
}
