//! What the report of a plan says, and what it must not do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use super::*;
use crate::domain::agent::{Exit, ExitCause, Outcome, Usage};
use crate::domain::gate::{GateResult, Receipt};
use crate::domain::id::TargetId;
use crate::domain::journal::Birth;
use crate::domain::plan::Mode;
use crate::domain::reason::Reason;
use crate::domain::roadmap::Roadmap;
use crate::domain::timeline::tests::{completed, failed, me, running, spawned};

const ROADMAP: &str = "\
## Batch 1

### Phase 1.1: Store | `rm` [link](http://x) <b>

- **Status:** ✅ Complete

### Phase 1.2: Router

- **Status:** ⚪ Not Started

### Phase 1.3: Pages

- **Status:** 🔴 Blocked
- **Depends On:** Phase 1.2

### Phase 1.4: Search

- **Status:** 🔴 Blocked (waiting for the vendor)
";
const START: u64 = 1_795_388_400_000;
const MINUTE: u64 = 60_000;

fn approved(goal: &str) -> Fact {
    Fact::PlanApproved(ApprovedPlan {
        target: TargetId::new("here"),
        goal: goal.into(),
        mode: Mode::Batch,
        slots: 4,
        phases: ["1.1", "1.2", "1.3"].map(PhaseId::new).into(),
        without: Default::default(),
        prompts: Default::default(),
        merge: None,
    })
}

fn stopped(phase: &str, life: u32, said: Result<(), Reason>) -> Fact {
    let usage =
        Usage { input_tokens: 400_000, output_tokens: 12_000, cost_millicents: 50_000, turns: 9 };
    let exit = Exit {
        cause: ExitCause::Own,
        code: Some(0),
        signal: None,
        said: Some(said),
        session: None,
        survivors: 0,
        usage,
        at: Timestamp(START),
    };
    Fact::Stopped { agent: me(phase, life), exit, unanswered: None }
}

fn judged(phase: &str, life: u32, result: GateResult) -> Fact {
    let receipt = Receipt {
        gate: "tests".into(),
        required: true,
        tree: Default::default(),
        result,
        took: Duration::from_secs(75),
        commit: Some("8e1f0c2aaaa".into()),
        tail: vec!["# not a heading".into(), "left: \u{1b}[31m1".into()],
    };
    Fact::GateJudged { agent: me(phase, life), receipt }
}

fn finished(completed: &[&str], left: &[&str]) -> Fact {
    let ids = |of: &[&str]| of.iter().map(PhaseId::new).collect();
    Fact::PlanFinished { completed: ids(completed), left: ids(left) }
}

fn story(facts: Vec<Fact>) -> Story {
    let at = |n: usize| Timestamp(START + u64::try_from(n).unwrap() * 5 * MINUTE);
    let entries: Vec<Entry> =
        facts.into_iter().enumerate().map(|(n, fact)| Entry { at: at(n), fact }).collect();
    Story::of(&entries)
}

fn whole() -> Story {
    story(vec![
        approved("finish batch 1"),
        spawned("1.1", 1),
        running("1.1", 1),
        stopped("1.1", 1, Ok(())),
        judged("1.1", 1, GateResult::Passed),
        completed("1.1", 1),
        spawned("1.2", 1),
        running("1.2", 1),
        stopped("1.2", 1, Ok(())),
        judged("1.2", 1, GateResult::Failed(Some(1))),
        failed("1.2", 1),
        spawned("1.2", 2),
        running("1.2", 2),
        stopped("1.2", 2, Err(Reason::NeedsLogin("log in first".into()))),
        Fact::AgentFailed {
            agent: me("1.2", 2),
            outcome: Outcome::Failed("needs a log-in: log in first".into()),
        },
        finished(&["1.1"], &["1.2", "1.3"]),
    ])
}

fn text(story: &Story) -> String {
    let roadmap = Roadmap::parse(ROADMAP.as_bytes());
    let known = Known {
        roadmap: Some(&roadmap),
        now: Timestamp(START),
        utc_offset: 0,
        reviews: &[],
        hold: None,
    };
    markdown(story, known).unwrap()
}

#[test]
fn a_report_tells_what_was_asked_and_what_came_of_it() {
    let text = text(&whole());
    for said in [
        "# Report: finish batch 1\n",
        "Approved 2026-11-22 23:00, finished 2026-11-23 00:15: 1h15m. Target here.",
        "- finish batch 1: 3 phases (1.1, 1.2, 1.3), until nothing is ready, at most 4 at once",
        "## Complete: 1\n",
        "  - gate tests (1m) passed at 8e1f0c2\n",
        "## Not complete: 1\n\n- **1.2** Router, begun 2 times\n  - try 1: failed: exit code 1\n",
        "    - gate tests failed with exit code 1 at 8e1f0c2, 1m\n",
        "  - try 2: failed: needs a log-in: log in first\n",
        "## Never begun: 1\n\n- **1.3** Pages: waits for 1.2\n",
        "## Conflicts: 0\n\nNo merge met one.\n",
        "## Open questions: 1\n\n- **1.2** Router: its agent needs a log-in: log in first; log in, then start it again\n",
        "## Waits for a person: 1\n\n- **1.4** Search is blocked: waiting for the vendor\n",
        "| all | 3 | 1.2M tokens, $1.50, 27 turns |",
        "| 1.2 | 2 | 824k tokens, $1.00, 18 turns |",
        "| 1.2 try 2 | 1 | 412k tokens, $0.50, 9 turns |",
        "    1.1 ▓",
    ] {
        assert!(text.contains(said), "{said:?} is not in:\n{text}");
    }
}

/// A try that was broken off by a limit goes on in another life.
#[test]
fn a_try_of_several_lives_is_one_row_of_the_costs() {
    let born = |life: u32, attempt: u32, waits: u32| match spawned("1.2", life) {
        Fact::AgentSpawned(birth) => Fact::AgentSpawned(Birth { attempt, waits, ..birth }),
        other => other,
    };
    let lives = [(1, 1, 0), (2, 2, 0), (3, 2, 1), (4, 2, 2)];
    let lives = lives.map(|(life, attempt, waits)| {
        let ended = [stopped("1.2", life, Ok(())), failed("1.2", life)];
        [vec![born(life, attempt, waits)], ended.into()].concat()
    });
    let text = text(&story([vec![approved("batch 1")], lives.concat()].concat()));
    let table = text.split("## Cost\n\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let expected = [
        "| | lives | used |",
        "|---|---|---|",
        "| all | 4 | 1.6M tokens, $2.00, 36 turns |",
        "| 1.2 | 4 | 1.6M tokens, $2.00, 36 turns |",
        "| 1.2 try 2 | 3 | 1.2M tokens, $1.50, 27 turns |",
    ];
    assert_eq!(table.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn text_from_outside_means_nothing_to_markdown_or_a_terminal() {
    let text = text(&whole());
    assert!(text.contains("**1.1** Store \\| rm \\[link\\](http://x) \\<b\\>"), "{text}");
    assert!(text.contains("      - \\# not a heading\n      - left: ␛\\[31m1\n"), "{text}");
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text}");
}

#[test]
fn a_new_plan_after_the_end_begins_a_new_story_and_one_before_it_joins() {
    let joined = story(vec![approved("one"), spawned("1.1", 1), approved("two")]);
    assert_eq!((joined.approvals.len(), joined.timeline.lives().len()), (2, 1));
    assert!(text(&joined).contains("Approved 2026-11-22 23:00, not finished."));
    let ended = vec![approved("one"), spawned("1.1", 1), finished(&[], &["1.1"])];
    let new = story([ended.clone(), vec![approved("two")]].concat());
    assert_eq!((new.approvals.len(), new.timeline.lives().len()), (1, 0));
    let again = story([ended, vec![spawned("1.1", 2), approved("two")]].concat());
    assert_eq!((again.approvals.len(), again.timeline.lives().len()), (2, 2));
}

#[test]
fn files_are_named_for_the_day_and_the_goal() {
    let named = |goal: &str| file_name(&story(vec![approved(goal)]), 3_600);
    assert_eq!(named("Finish ../batch 1!"), "2026-11-23-finish-batch-1");
    assert_eq!(named("\u{202e}…"), "2026-11-23-plan");
    let known = Known { roadmap: None, now: Timestamp(0), utc_offset: 0, reviews: &[], hold: None };
    assert_eq!(markdown(&Story::default(), known), None);
}

#[test]
fn conflicts_are_told_with_how_they_ended() {
    let conflict = |phase: &str, life: u32| {
        let (agent, onto) = (me(phase, life), "main".to_owned());
        let files = vec!["src/a_b.rs".into(), "x".into()];
        Fact::Branch(BranchFact::Conflicted { agent, onto, files })
    };
    let landed = BranchFact::MergeLanded { agent: me("1.1", 2), commit: "0123456789".into() };
    let facts = vec![
        approved("batch 1"),
        spawned("1.1", 1),
        conflict("1.1", 1),
        failed("1.1", 1),
        spawned("1.2", 1),
        conflict("1.2", 1),
        failed("1.2", 1),
        spawned("1.1", 2),
        Fact::Branch(landed),
        completed("1.1", 2),
    ];
    let text = text(&story(facts));
    for said in [
        "## Conflicts: 2\n",
        "with main in src/a\\_b.rs, x: solved in life 2, merged as 0123456\n",
        "- **1.2** Router with main in src/a\\_b.rs, x: not solved, nobody tried again\n",
    ] {
        assert!(text.contains(said), "{said:?} is not in:\n{text}");
    }
}

#[test]
fn open_questions_are_those_of_agents_and_reviews() {
    let asked = |life| match stopped("1.1", life, Ok(())) {
        Fact::Stopped { agent, exit, .. } => {
            Fact::Stopped { agent, exit, unanswered: Some("Keep *both*?".into()) }
        }
        other => other,
    };
    let mut facts = vec![approved("batch 1"), spawned("1.1", 1), running("1.1", 1), asked(1)];
    // What the next try asks again is one question.
    facts.extend([failed("1.1", 1), spawned("1.1", 2), running("1.1", 2), asked(2)]);
    let roadmap = Roadmap::parse(ROADMAP.as_bytes());
    let reviews =
        [(PhaseId::new("1.2"), "".into()), (PhaseId::new("1.3"), "the branch is gone".into())];
    let known = Known {
        roadmap: Some(&roadmap),
        now: Timestamp(START),
        utc_offset: 0,
        reviews: &reviews,
        hold: None,
    };
    let text = markdown(&story(facts), known).unwrap();
    for said in [
        "## Open questions: 3\n",
        "asked, and nobody answered: Keep \\*both\\*?\n",
        "- **1.2** Router is proven and waits for a review: look at it, then merge it or send it back\n",
        "- **1.3** Pages is proven and waits for a review: the branch is gone\n",
    ] {
        assert!(text.contains(said), "{said:?} is not in:\n{text}");
    }
}

#[test]
fn a_plan_that_is_held_names_what_has_not_begun_and_what_goes_on() {
    let roadmap = Roadmap::parse(ROADMAP.as_bytes());
    let story = story(vec![approved("finish batch 1"), spawned("1.1", 1), completed("1.1", 1)]);
    let why =
        "100% of the plan's budget is used: nothing new is started; p goes on with as much again";
    let known = Known {
        roadmap: Some(&roadmap),
        now: Timestamp(START),
        utc_offset: 0,
        reviews: &[],
        hold: Some(why),
    };
    let text = markdown(&story, known).unwrap();
    let begun = "## Not begun yet: 2\n\n- **1.2** Router: the plan is held\n- **1.3** Pages: ";
    assert!(text.contains(begun), "{text}");
    assert!(text.contains("## Open questions: 1\n\n- The plan is held: 100% of"), "{text}");
    assert!(text.contains("p goes on with as much again"), "{text}");
    let free = markdown(&story, Known { hold: None, ..known }).unwrap();
    assert!(free.contains("- **1.2** Router: nothing is in its way"), "{free}");
    assert!(free.contains("Nothing is left to answer."), "{free}");
}

#[test]
fn a_checkout_that_is_astray_is_told_as_a_sentence() {
    let how = "the checkout was on `main` when it began and is on `x` now";
    let text = text(&story(vec![
        approved("finish batch 1"),
        spawned("1.2", 1),
        stopped("1.2", 1, Err(Reason::Astray(how.into()))),
        failed("1.2", 1),
    ]));
    assert!(text.contains("- **1.2** Router: the checkout was on "), "{text}");
    assert!(!text.contains("its agent the checkout"), "{text}");
}
