//! The phase overlay.

use super::*;

#[test]
fn a_phase_is_shown_as_its_author_wrote_it() {
    let o = orchestrator();
    let mut phase = Overlay::phase(PhaseId::new("3.3"));
    insta::assert_snapshot!("phase-120x36", drawn(&phase, &o, (120, 36)));
    insta::assert_snapshot!("phase-80x24", drawn(&phase, &o, (80, 24)));
    let top = drawn(&phase, &o, (80, 24));
    phase.key(key('G'), &o, NOW);
    assert!(drawn(&phase, &o, (80, 24)).contains("[1] https://example.org/405"));
    phase.key(key('g'), &o, NOW);
    assert_eq!(drawn(&phase, &o, (80, 24)), top);
    let ascii = drawn_with(&phase, &o, (80, 40), Glyphs::Ascii);
    assert!(ascii.replace("完了", "").is_ascii(), "{ascii}");
    let plan = run(Command::PlanPhases(vec![PhaseId::new("3.3")]));
    assert_eq!(phase.clone().key(key('s'), &o, NOW), Answer::CloseAnd(plan));
    let line = ROADMAP.lines().position(|line| line.contains("3.3: HTTP")).unwrap() + 1;
    assert_eq!(phase.key(key('e'), &o, NOW), Answer::Do(vec![Intent::Edit { line }]));
    let blocked = drawn(&Overlay::phase(PhaseId::new("4.1")), &o, (120, 36));
    insta::assert_snapshot!("phase-blocked-120x36", blocked);
    let gone = drawn(&Overlay::phase(PhaseId::new("9.9")), &o, (80, 24));
    assert!(gone.contains("no longer in the roadmap"), "{gone}");
}

#[test]
fn a_phase_says_nothing_twice() {
    let text = "### Phase 1: One\n- **Status:** 🔄 In Progress\n- **Depends On:** None\n- **Effort:** M\n\
        - **Owner's note:** keep me\n- **Done When:**\n  - it runs\n  - it stops\n- **Tasks:**\n  1. [x] dig\n";
    let o = orchestrator_of(text, Role::Driver);
    let shown = drawn(&Overlay::phase(PhaseId::new("1")), &o, (120, 36));
    for once in ["In Progress", "Depends", "it stops", "Effort", "keep me", "dig"] {
        assert_eq!(shown.matches(once).count(), 1, "{once}: {shown}");
    }
    assert!(!shown.contains("already") && shown.contains("1/1 done"), "{shown}");
}
