#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::domain::id::{Life, PhaseId, TargetId};

fn birth(name: Option<&str>, (phase, life): (&str, u32), batch: u32) -> Birth {
    let phase = PhaseId::new(phase);
    let agent = AgentRef { id: AgentId::for_phase(&phase), life: Life(life) };
    let chosen = Choice { why: Ground::New, batch: Some(batch), tags: Vec::new() };
    Birth {
        name: name.map(str::to_owned),
        chosen: name.map(|_| Box::new(chosen)),
        attempt: life,
        ..Birth::first(agent, phase, TargetId::new("here"), "claude")
    }
}

/// A life from its birth to its end.
fn life(birth: Birth, outcome: Outcome, at: u64) -> Vec<Entry> {
    let agent = birth.agent.clone();
    let end = match outcome {
        Outcome::Succeeded => Fact::AgentCompleted { agent, document: None },
        outcome => Fact::AgentFailed { agent, outcome },
    };
    vec![
        Entry { at: Timestamp(at), fact: Fact::AgentSpawned(birth) },
        Entry { at: Timestamp(at + 5), fact: end },
    ]
}

fn failed() -> Outcome {
    Outcome::Failed("gate tests failed".into())
}

/// Who did what in which batch, one after the other.
fn crew(past: &[(&str, &str, u32, Outcome)]) -> Crew {
    let lives = past.iter().zip(0..).flat_map(|((name, phase, batch, outcome), at)| {
        life(birth(Some(name), (phase, 1), *batch), outcome.clone(), at * 10)
    });
    Crew::of(&lives.collect::<Vec<_>>())
}

/// Who is chosen for phase 9.1 of batch 9 that needs 1.1 and 1.2.
fn chosen(crew: &Crew, busy: &[&str]) -> String {
    let busy = busy.iter().map(|name| (*name).to_owned()).collect();
    let needs = ["1.1", "1.2"].map(PhaseId::new).into();
    let phase = PhaseId::new("9.1");
    let wanted = Wanted { phase: &phase, adapter: "claude", batch: Some(9), needs: &needs };
    let chosen = choose(crew, &wanted, &busy);
    format!("{}: {}", chosen.name, chosen.ground.clause())
}

#[test]
fn who_did_a_dependency_comes_first_then_who_knows_the_batch_then_who_does_well() {
    use Outcome::Succeeded as Done;
    let crew = crew(&[
        ("Ada", "1.1", 1, Done),
        ("Ben", "9.2", 9, Done),
        ("Cleo", "5.1", 5, Done),
        ("Cleo", "5.2", 5, Done),
        ("Dora", "5.3", 5, Done),
        ("Eli", "5.4", 5, failed()),
    ]);
    let order = [
        "Ada: did 1.1, this phase depends on it",
        "Ben: did 9.2 of the same batch",
        "Cleo: is free, 2 of 2 phases done",
        "Dora: is free, 1 of 1 phases done",
        "Eli: is free, 0 of 1 phases done",
        "Fay: new, nobody is free",
    ];
    let names = ["Ada", "Ben", "Cleo", "Dora", "Eli"];
    for (busy, expected) in order.iter().enumerate() {
        assert_eq!(chosen(&crew, &names[..busy]), *expected);
    }
}

#[test]
fn more_dependencies_count_more_and_of_equals_who_ended_last() {
    use Outcome::Succeeded as Done;
    let two = crew(&[("Ada", "1.1", 1, Done), ("Ben", "1.1", 1, Done), ("Ben", "1.2", 1, Done)]);
    assert_eq!(chosen(&two, &[]), "Ben: did 1.1, 1.2, this phase depends on them");
    let equal = crew(&[("Ada", "5.1", 5, Done), ("Ben", "5.2", 5, Done)]);
    assert_eq!(chosen(&equal, &[]), "Ben: is free, 1 of 1 phases done");
}

#[test]
fn who_failed_at_the_last_two_phases_rests() {
    use Outcome::Succeeded as Done;
    let once = [("Ada", "1.1", 1, Done), ("Ada", "5.1", 5, failed())];
    assert_eq!(chosen(&crew(&once), &[]), "Ada: did 1.1, this phase depends on it");
    let twice = [once.to_vec(), vec![("Ada", "5.2", 5, Outcome::TurnLimit)]].concat();
    assert_eq!(chosen(&crew(&twice), &[]), "Ben: new, Ada failed twice and rests");
    assert_eq!(chosen(&crew(&twice), &["Ada"]), "Ben: new, nobody is free");
    // What was not its fault is not held against it.
    let killed = [once.to_vec(), vec![("Ada", "5.2", 5, Outcome::Killed)]].concat();
    assert_eq!(chosen(&crew(&killed), &[]), "Ada: did 1.1, this phase depends on it");
    let again = [twice, vec![("Ada", "5.3", 5, Done)]].concat();
    assert_eq!(chosen(&crew(&again), &[]), "Ada: did 1.1, this phase depends on it");
}

#[test]
fn who_worked_on_it_stays_unless_the_adapter_is_another() {
    let other = birth(Some("Ben"), ("9.1", 1), 9);
    let entries = life(other.clone(), failed(), 0);
    assert_eq!(chosen(&Crew::of(&entries), &[]), "Ben: worked on this phase before");
    assert_eq!(chosen(&Crew::of(&entries), &["Ben"]), "Ada: new, nobody is free");
    let codex = Birth { adapter: "codex".into(), ..other };
    assert_eq!(chosen(&Crew::of(&life(codex, failed(), 0)), &[]), "Ada: new, nobody is free");
}

#[test]
fn lives_of_one_phase_are_one_work_and_keep_what_gates_found() {
    use crate::domain::gate::{GateResult, Tree};
    let first = birth(Some("Ada"), ("1.1", 1), 1);
    let receipt = Receipt {
        gate: "tests".into(),
        required: true,
        result: GateResult::Failed(Some(1)),
        took: std::time::Duration::ZERO,
        commit: None,
        tree: Tree::Work,
        tail: (0..20).map(|n| format!("line {n}").into()).collect(),
    };
    let mut entries = life(first.clone(), failed(), 10);
    let judged = Fact::GateJudged { agent: first.agent.clone(), receipt };
    entries.insert(1, Entry { at: Timestamp(12), fact: judged });
    let second = birth(Some("Ada"), ("1.1", 2), 1);
    entries.extend(life(second.clone(), Outcome::Succeeded, 20));
    // A word of a life that is over changes nothing.
    let late = Fact::AgentFailed { agent: first.agent, outcome: Outcome::Lost };
    entries.push(Entry { at: Timestamp(40), fact: late });
    let crew = Crew::of(&entries);
    let [work] = crew.works() else { panic!("{:?}", crew.works()) };
    assert_eq!((work.lives, work.succeeded(), work.times.asked), (2, true, Timestamp(10)));
    assert_eq!(work.times.ended, Some(Timestamp(25)));
    assert_eq!(work.findings[0].line, "gate tests failed with exit code 1");
    let said: Vec<&str> = work.findings[0].said.iter().map(|line| line.as_str()).collect();
    assert_eq!((said.len(), said[5]), (FINDING_LINES, "line 19"));
    // Done again later it is other work.
    entries.extend(life(birth(Some("Ada"), ("1.1", 3), 1), failed(), 60));
    let who = Crew::of(&entries);
    let ada = who.identity("Ada").unwrap();
    assert_eq!((ada.works.len(), ada.done(), ada.failed()), (2, 1, 1));
}

#[test]
fn lives_without_a_name_are_nobody_s() {
    let entries = life(birth(None, ("1.1", 1), 1), Outcome::Succeeded, 0);
    let crew = Crew::of(&entries);
    assert_eq!((crew.identities().len(), crew.works().len()), (0, 1));
    assert_eq!(chosen(&crew, &[]), "Ada: new, nobody is free");
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        3 => Just(Outcome::Succeeded),
        2 => Just(failed()),
        1 => Just(Outcome::Killed),
    ]
}

/// Who did what: few names and few phases, so that they meet.
fn past() -> impl Strategy<Value = Vec<(u8, u8, u8, Outcome)>> {
    prop::collection::vec((0..6u8, 0..4u8, 0..4u8, outcome()), 0..14)
}

fn crew_of(past: &[(u8, u8, u8, Outcome)]) -> Crew {
    let lives = past.iter().zip(1u32..).flat_map(|((who, batch, n, outcome), at)| {
        let phase = format!("{batch}.{n}");
        let name = names::nth((*who).into());
        life(birth(Some(&name), (&phase, at), (*batch).into()), outcome.clone(), u64::from(at) * 10)
    });
    Crew::of(&lives.collect::<Vec<_>>())
}

proptest! {
    /// Whoever is chosen is free; nobody else who is free fits better, by a rule told again in plain words.
    #[test]
    fn the_choice_is_free_the_best_and_always_the_same(
        past in past(),
        busy in prop::collection::btree_set(0..6usize, 0..6),
        needs in prop::collection::btree_set((0..4u8, 0..4u8), 0..3),
    ) {
        let crew = crew_of(&past);
        let busy: BTreeSet<String> = busy.into_iter().map(names::nth).collect();
        let needs: BTreeSet<PhaseId> =
            needs.iter().map(|(batch, n)| PhaseId::new(format!("{batch}.{n}"))).collect();
        let phase = PhaseId::new("2.99");
        let wanted = Wanted { phase: &phase, adapter: "claude", batch: Some(2), needs: &needs };
        let chosen = choose(&crew, &wanted, &busy);
        prop_assert_eq!(&chosen, &choose(&crew_of(&past), &wanted, &busy));
        prop_assert!(!busy.contains(&chosen.name));
        let score = |who: &Identity<'_>| {
            let mut knows = BTreeSet::new();
            let (mut batch, mut balance, mut last) = (0, 0i64, Timestamp(0));
            for work in &who.works {
                if work.succeeded() {
                    balance += 1;
                    if needs.contains(&work.birth.phase) {
                        knows.insert(work.birth.phase.as_str());
                    }
                    if work.birth.phase.as_str().starts_with("2.") {
                        batch = 1;
                    }
                }
                balance -= i64::from(work.failed());
                last = last.max(work.times.ended.unwrap());
            }
            (knows.len(), batch, balance, last)
        };
        let all = crew.identities();
        let free: Vec<&Identity<'_>> =
            all.iter().filter(|who| !busy.contains(who.name) && !who.rests()).collect();
        match all.iter().find(|who| who.name == chosen.name) {
            Some(who) => {
                prop_assert!(!who.rests());
                prop_assert!(free.iter().all(|other| score(other) <= score(who)));
            }
            None => prop_assert!(free.is_empty(), "{} is new, and {:?} is free", chosen.name, free),
        }
        let told = match &chosen.ground {
            Ground::Dependency(_) => (1, 0),
            Ground::Batch(_) => (0, 1),
            Ground::Record { .. } => (0, 0),
            Ground::Stays | Ground::New | Ground::InsteadOf(_) => return Ok(()),
        };
        let who = crew.identity(&chosen.name).unwrap();
        let (knows, batch, ..) = score(&who);
        prop_assert_eq!((knows.min(1), if knows > 0 { 0 } else { batch }), told);
    }
}
