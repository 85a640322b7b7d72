//! The health screen over a roadmap with something of everything.

use super::*;
use crate::domain::roadmap::RoadmapChange;
use crate::domain::roadmap::phase::Status;

const ODD: &str = "\
# Tide

### Phase 1.1: Error envelope
- **Status:** ✅ Complete
- **Tasks:**
  - [x] Variants
  - [ ] Documents
  - [ ] Examples

### Phase 1.2: Config endpoint
- **Status:** 🔴 Blocked
- **Depends On:** 1.1

### Phase 1.3: HTTP router
- **Status:** 🔴 Blocked (needs 9.9)
- **Depends On:** 1.1 ✅, 1.2 ✅

### Phase 1.4: Auth tokens
- **Status:** 🔄 In Progress

### Phase 1.5: Rates
- **Status:** 🔴 Blocked
- **Depends On:** 1.6, 9.9

### Phase 1.6: Limits
- **Status:** 🔴 Blocked
- **Depends On:** 1.5, vendor approval \u{1b}[2J
";

fn odd(role: Role) -> Orchestrator {
    let mut setup = setup();
    // Otherwise the gardener would be at work on it.
    setup.auto_garden = false;
    let mut o = Orchestrator::new(setup, role);
    give_roadmap(&mut o, ODD);
    o
}

fn opened(o: &Orchestrator) -> Overlay {
    seen(Overlay::health(), o)
}

/// Moves to the finding whose row has this text.
fn go_to(health: &mut Overlay, o: &Orchestrator, text: &str) {
    health.key(key('g'), o, NOW);
    for _ in 0..30 {
        let screen = drawn(health, o, (120, 60));
        if screen.lines().any(|line| line.contains('›') && line.contains(text)) {
            return;
        }
        health.key(key('j'), o, NOW);
    }
    panic!("no finding {text:?}:\n{}", drawn(health, o, (120, 60)));
}

#[test]
fn findings_are_drawn_worst_first() {
    let o = odd(Role::Driver);
    let health = opened(&o);
    insta::assert_snapshot!("health-200x60", drawn(&health, &o, (200, 60)));
    insta::assert_snapshot!("health-120x36", drawn(&health, &o, (120, 36)));
    insta::assert_snapshot!("health-80x24", drawn(&health, &o, (80, 24)));
    let mut o = odd(Role::Driver);
    give_roadmap(&mut o, &ODD.replace(" \u{1b}[2J", ""));
    let ascii = drawn_with(&health, &o, (80, 24), Glyphs::Ascii);
    assert!(ascii.is_ascii(), "{ascii}");
    insta::assert_snapshot!("health-ascii-80x24", ascii);
}

#[test]
fn a_fix_is_shown_before_it_is_made() {
    let o = odd(Role::Driver);
    let mut health = opened(&o);
    go_to(&mut health, &o, "is blocked though");
    insta::assert_snapshot!("health-fix-120x36", drawn(&health, &o, (120, 36)));
    let reopen = RoadmapChange::Reopen { phase: PhaseId::new("1.2"), from: Status::Blocked };
    assert_eq!(health.key(key('f'), &o, NOW), Answer::Do(run(Command::Change(reopen))));
}

#[test]
fn more_than_one_line_is_asked_about() {
    let o = odd(Role::Driver);
    let mut health = opened(&o);
    go_to(&mut health, &o, "is complete with 2");
    let tick = RoadmapChange::TickTasks { phase: PhaseId::new("1.1"), task: None };
    assert_eq!(health.key(key('f'), &o, after(1_000)), Answer::Stay);
    let asked = drawn(&health, &o, (80, 24));
    assert!(asked.contains("2 lines change: y does it"), "{asked}");
    assert_eq!(health.key(key('y'), &o, after(1_100)), Answer::Stay, "too soon");
    assert_eq!(health.key(key('y'), &o, after(1_500)), Answer::Do(run(Command::Change(tick))));
    assert_eq!(health.key(key('y'), &o, after(2_000)), Answer::Stay, "it was asked once");

    assert_eq!(health.key(key('F'), &o, after(3_000)), Answer::Stay);
    insta::assert_snapshot!("health-asked-120x36", drawn(&health, &o, (120, 36)));
    assert_eq!(health.key(code(KeyCode::Esc), &o, after(4_000)), Answer::Stay, "leaves them");
    assert_eq!(health.key(key('y'), &o, after(5_000)), Answer::Stay);
    health.key(key('F'), &o, after(6_000));
    let safe = o.view().garden.safe_fixes().unwrap();
    assert_eq!(health.key(key('y'), &o, after(7_000)), Answer::Do(run(Command::Change(safe))));
    assert_eq!(health.key(code(KeyCode::Esc), &o, after(8_000)), Answer::Close);
}

#[test]
fn what_only_a_person_can_mend_leads_to_the_phase_or_the_editor() {
    let o = odd(Role::Driver);
    let mut health = opened(&o);
    go_to(&mut health, &o, "wait for each other");
    assert_eq!(health.key(key('f'), &o, NOW), Answer::Stay);
    assert!(drawn(&health, &o, (80, 24)).contains("only a person can mend this"));
    assert_eq!(health.key(code(KeyCode::Enter), &o, NOW), Answer::Phase(PhaseId::new("1.5")));
    assert_eq!(health.key(key('e'), &o, NOW), Answer::Do(vec![Intent::Edit { line: 21 }]));
    assert_eq!(health.key(key('u'), &o, NOW), Answer::Do(run(Command::Undo)));
    assert_eq!(health.key(key('R'), &o, NOW), Answer::Do(run(Command::Garden)));
}

#[test]
fn a_viewer_mends_nothing() {
    let o = odd(Role::Viewer { driver: 77 });
    let mut health = opened(&o);
    assert!(drawn(&health, &o, (80, 24)).contains("only looking: process 77 drives"));
    for c in ['f', 'F', 'u', 'R', 'y'] {
        assert_eq!(health.key(key(c), &o, after(5_000)), Answer::Stay, "{c}");
    }
    health.key(key('f'), &o, after(9_000));
    assert!(drawn(&health, &o, (80, 24)).contains("nothing is changed here"));
}

#[test]
fn a_sound_roadmap_and_none_at_all_say_so() {
    let o = orchestrator_of("### Phase 1: a\n- **Status:** Ready\n", Role::Driver);
    let mut health = opened(&o);
    assert!(drawn(&health, &o, (80, 24)).contains("the roadmap is in order"));
    for c in ['f', 'F', 'j', 'G', 'y'] {
        assert_eq!(health.key(key(c), &o, after(5_000)), Answer::Stay, "{c}");
    }
    let o = Orchestrator::new(setup(), Role::Driver);
    assert!(drawn(&Overlay::health(), &o, (80, 24)).contains("There is no roadmap"));
}

#[test]
fn every_key_of_the_health_screen_does_something() {
    let o = odd(Role::Driver);
    let here = |row: &&crate::ui::keys::KeyRow| row.action != crate::ui::keys::Action::Help;
    for row in crate::ui::keys::rows(Scope::Sheet(Sheet::Health)).filter(here) {
        for chord in row.chords {
            let mut health = opened(&o);
            go_to(&mut health, &o, "is complete with 2");
            if row.name == "health.confirm" {
                health.key(key('f'), &o, after(1_000));
            }
            let before = drawn(&health, &o, (120, 36));
            let pressed = KeyEvent::new(chord.code, chord.modifiers);
            let answer = health.key(pressed, &o, after(2_000));
            let bottom = row.name == "health.bottom" || row.name.ends_with("down");
            let moved = drawn(&health, &o, (120, 36)) != before;
            assert!(answer != Answer::Stay || moved || bottom, "{}", row.name);
        }
    }
}
