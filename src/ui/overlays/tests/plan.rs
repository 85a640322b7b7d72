//! What can be looked at and changed in a plan before it starts.

use super::*;
use crate::domain::preview::Preview;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 60)];

fn preview(phase: &str) -> Preview {
    let id = PhaseId::new(phase);
    Preview {
        name: (phase == "3.4").then(|| "Ada".into()),
        agent: AgentRef { id: AgentId::for_phase(&id), life: Life(1) },
        phase: id,
        adapter: "claude".into(),
        argv: ["claude", "-p", "--output-format", "stream-json"].map(String::from).to_vec(),
        workspace: Workspace::Checkout { path: PathBuf::from("/src/tide") },
        env: [("PATH", "/usr/bin"), ("AGENT_ID", "a"), ("API_TOKEN", "hunter2")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        prompt: format!("Task: phase {phase} of tide\nYou are Ada.\n\nDo\tit\u{202e}.\n"),
        retry: String::new(),
        problem: None,
    }
}

/// Does what an answer asks for, as the app does.
fn obey(answer: Answer, o: &mut Orchestrator) {
    let intents = match answer {
        Answer::Do(intents) | Answer::CloseAnd(intents) => intents,
        Answer::Stay
        | Answer::Close
        | Answer::Say(_)
        | Answer::Phase(_)
        | Answer::Targets(_)
        | Answer::Review(..)
        | Answer::Errand(_)
        | Answer::Send(..)
        | Answer::Read { .. } => return,
    };
    for intent in intents {
        let Intent::Run(command) = intent else { panic!("{intent:?}") };
        let effects = o.command(NOW, command);
        for effect in effects {
            if let crate::domain::effect::Effect::Preview(launches) = effect {
                let previews = launches.iter().map(|l| preview(l.phase.id.as_str())).collect();
                o.observe(
                    NOW,
                    Report::Rehearsed(crate::domain::report::Rehearsed::Launches(previews)),
                );
            }
        }
    }
}

fn press(plan: &mut Overlay, o: &mut Orchestrator, pressed: KeyEvent) {
    let answer = plan.key(pressed, o, NOW);
    obey(answer, o);
}

fn ctrl(c: char) -> KeyEvent {
    KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL)
}

#[test]
fn a_wide_plan_is_drawn_and_no_colour_is_needed_to_read_it() {
    let o = planning("finish batch 3");
    insta::assert_snapshot!("plan-200x60", drawn(&Overlay::plan(&o), &o, (200, 60)));
    let narrow = drawn(&Overlay::plan(&o), &o, (111, 36));
    assert!(narrow.contains("DEPENDS") && !narrow.contains("AGENT "), "{narrow}");
    assert!(drawn(&Overlay::plan(&o), &o, (112, 36)).contains("AGENT "));
    for width in [60, 80, 111, 200] {
        let screen = drawn(&Overlay::plan(&o), &o, (width, 24));
        assert!(screen.contains("DEPENDS") && screen.contains(" 3.1 ✓ "), "{screen}");
        assert!(
            screen.trim_end().ends_with(&format!("{}\"", " ".repeat(width.into()))),
            "{screen}"
        );
    }
}

#[test]
fn every_key_of_the_plan_is_answered() {
    let mut o = planning("finish batch 3");
    let here = |row: &&crate::ui::keys::KeyRow| row.action != crate::ui::keys::Action::Help;
    for row in crate::ui::keys::rows(Scope::Plan).filter(here) {
        for chord in row.chords {
            let mut plan = seen(Overlay::plan(&o), &o);
            if row.name == "plan.down" || row.name == "plan.bottom" || row.name == "plan.page-down"
            {
                plan.key(key('g'), &o, after(300));
            } else if ["plan.up", "plan.top", "plan.page-up"].contains(&row.name) {
                plan.key(key('G'), &o, after(300));
            }
            let before = drawn(&plan, &o, (120, 36));
            let pressed = KeyEvent::new(chord.code, chord.modifiers);
            let answer = plan.key(pressed, &o, after(900));
            let changed = drawn(&plan, &o, (120, 36)) != before;
            assert!(
                answer != Answer::Stay || changed,
                "{} {} does nothing",
                row.name,
                chord.label()
            );
        }
    }
    let mut plan = Overlay::plan(&o);
    for opener in ['d', 'E', 'n', 'e'] {
        press(&mut plan, &mut o, key(opener));
        assert_ne!(plan.scope(), Scope::Plan, "{opener}");
        press(&mut plan, &mut o, code(KeyCode::Esc));
        assert_eq!(plan.scope(), Scope::Plan, "{opener}");
    }
}

#[test]
fn a_dry_run_tells_what_would_happen_and_starts_nothing() {
    let mut o = planning("finish batch 3");
    let mut plan = Overlay::plan(&o);
    assert_eq!(plan.key(key('d'), &o, NOW), Answer::Do(run(Command::Preview(None))));
    let waiting = drawn(&plan, &o, (120, 36));
    assert!(waiting.contains("looking up"), "{waiting}");
    obey(Answer::Do(run(Command::Preview(None))), &mut o);
    for size in SIZES {
        let screen = drawn(&plan, &o, size);
        assert!(screen.contains("claude -p --output-format stream-json"), "{screen}");
        assert!(screen.contains("AGENT_ID") && !screen.contains("hunter2"), "{screen}");
    }
    insta::assert_snapshot!("plan-dry-run-120x36", drawn(&plan, &o, (120, 36)));
    insta::assert_snapshot!("plan-dry-run-80x24", drawn(&plan, &o, (80, 24)));
    let ascii = drawn_with(&plan, &o, (80, 24), Glyphs::Ascii);
    assert!(ascii.is_ascii(), "{ascii}");
    press(&mut plan, &mut o, key('G'));
    assert!(drawn(&plan, &o, (80, 24)).contains("a-3.3"));
    assert_eq!(plan.key(key('y'), &o, after(900)), Answer::Stay, "y starts nothing from here");
    assert!(o.live_agents() == 1 && o.draft().is_some());
}

#[test]
fn the_environment_is_shown_whole_but_for_secrets() {
    let mut o = planning("finish batch 3");
    let mut plan = Overlay::plan(&o);
    press(&mut plan, &mut o, key('E'));
    let screen = drawn(&plan, &o, (120, 36));
    assert!(screen.contains("3 variables") && screen.contains("PATH=/usr/bin"), "{screen}");
    assert!(screen.contains("API_TOKEN is set, and not shown"), "{screen}");
    assert!(!screen.contains("hunter2"), "{screen}");
}

#[test]
fn the_goal_of_a_plan_can_be_taken_to_another_target() {
    let o = planning("finish batch 3");
    let mut plan = Overlay::plan(&o);
    let goal = Some("finish batch 3".to_owned());
    assert_eq!(plan.key(key('t'), &o, NOW), Answer::Targets(goal));
}

#[test]
fn a_prompt_is_edited_kept_by_phase_and_marked() {
    let mut o = planning("finish batch 3");
    let mut plan = Overlay::plan(&o);
    press(&mut plan, &mut o, key('e'));
    let phase = o.draft().unwrap().rows[0].id.clone();
    let screen = drawn(&plan, &o, (120, 36));
    assert!(
        screen.contains(&format!("Prompt of {phase}")) && screen.contains("Do    it."),
        "{screen}"
    );
    insta::assert_snapshot!("plan-prompt-120x36", screen);
    press(&mut plan, &mut o, code(KeyCode::Esc));
    assert!(!o.draft().unwrap().is_edited(&phase), "nothing was changed");
    press(&mut plan, &mut o, key('e'));
    for c in "yq ".chars() {
        press(&mut plan, &mut o, key(c));
    }
    plan.paste("two\r\nlines\u{1b}[31m", &o);
    press(&mut plan, &mut o, code(KeyCode::Esc));
    let text = &o.draft().unwrap().notes.prompts[&phase];
    assert!(text.starts_with("yq two\nlines[31mDo    it."), "{text:?}");
    let screen = drawn(&plan, &o, (120, 36));
    assert!(
        screen.contains("edited; ") && screen.contains(&format!("edited: {phase}")),
        "{screen}"
    );
    assert_eq!(o.draft().unwrap().approved().prompts.len(), 1);
    press(&mut plan, &mut o, key('e'));
    press(&mut plan, &mut o, ctrl('r'));
    assert!(!o.draft().unwrap().is_edited(&phase), "as it was");
}

#[test]
fn an_edited_prompt_of_a_phase_that_changed_is_told_and_kept() {
    let mut o = planning("finish batch 3");
    let mut plan = Overlay::plan(&o);
    press(&mut plan, &mut o, key('e'));
    press(&mut plan, &mut o, key('x'));
    press(&mut plan, &mut o, code(KeyCode::Esc));
    let id = o.draft().unwrap().notes.prompts.keys().next().unwrap().clone();
    let stale = |o: &Orchestrator| o.draft().unwrap().is_stale(&id, o.roadmap().unwrap());
    assert!(!stale(&o) && id.as_str() == "3.4", "{id}");
    // How far a phase is does not change what its agent should do.
    let (before, section) =
        ROADMAP.split_once("### Phase 3.4: Auth tokens ⭐ BOOTSTRAP\n").unwrap();
    let moved = section.replacen("⚪ Not Started", "🔴 Blocked", 1);
    give_roadmap(&mut o, &format!("{before}### Phase 3.4: Auth tokens ⭐ BOOTSTRAP\n{moved}"));
    assert!(!stale(&o));
    give_roadmap(&mut o, &format!("{before}### Phase 3.4: Auth tokens and cookies\n{section}"));
    assert!(stale(&o));
    for size in [(80, 24), (120, 36), (200, 60)] {
        let screen = drawn(&plan, &o, size);
        assert!(screen.contains("! edited before"), "{screen}");
        let words = screen.replace(['│', '"'], " ");
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("3.4 changed in the roadmap since; your text stays"), "{words}");
        assert!(words.contains("e shows it, Ctrl-R there takes the new one"), "{words}");
    }
    press(&mut plan, &mut o, key('e'));
    let screen = drawn(&plan, &o, (80, 24));
    assert!(screen.contains("The phase changed since this was written"), "{screen}");
    press(&mut plan, &mut o, code(KeyCode::Esc));
    assert!(o.draft().unwrap().notes.prompts[&id].starts_with('x'), "the text stays");
    obey(plan.key(key('y'), &o, after(9_000)), &mut o);
    assert!(stale(&o), "it is told in the plan drafted anew as well");
    press(&mut plan, &mut o, key('e'));
    press(&mut plan, &mut o, ctrl('r'));
    assert!(!stale(&o) && o.draft().unwrap().notes.prompts.is_empty());
}

#[test]
fn a_goal_that_nothing_fits_says_what_to_do_next() {
    let o = planning("zebra quux");
    for size in [(80, 24), (120, 36)] {
        let screen = drawn(&Overlay::plan(&o), &o, size).replace(['│', '"'], " ");
        let words = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("`orch-tui add FILE` adds a phase for it."), "{screen}");
    }
}

#[test]
fn a_prompt_goes_on_in_the_editor() {
    let mut o = planning("finish batch 3");
    let mut plan = Overlay::plan(&o);
    assert!(matches!(plan.key(key('e'), &o, NOW), Answer::Do(_)));
    assert_eq!(plan.key(ctrl('o'), &o, NOW), Answer::Stay, "there is nothing to edit yet");
    let phase = o.draft().unwrap().rows[0].id.clone();
    obey(Answer::Do(run(Command::Preview(Some(phase.clone())))), &mut o);
    let Answer::Do(intents) = plan.key(ctrl('o'), &o, NOW) else { panic!("no editor") };
    let [Intent::EditPrompt { phase: of, text }] = &intents[..] else { panic!("{intents:?}") };
    assert_eq!((of, text.as_str()), (&phase, "Do    it."));
    assert_eq!(plan.scope(), Scope::Plan);
}

#[test]
fn the_rest_is_listed_and_taken_away_again() {
    let mut o = planning("3.3");
    let mut plan = Overlay::plan(&o);
    assert!(!drawn(&plan, &o, (120, 36)).contains("Auth tokens"));
    press(&mut plan, &mut o, key('a'));
    let screen = drawn(&plan, &o, (120, 36));
    assert!(screen.contains("[ ] 3.4 Auth tokens") && screen.contains("not meant"), "{screen}");
    press(&mut plan, &mut o, key('a'));
    assert!(!drawn(&plan, &o, (120, 36)).contains("Auth tokens"));
}

#[test]
fn what_was_left_out_can_be_taken_in() {
    let mut o = planning("4.1 but not 3.3");
    let mut plan = seen(Overlay::plan(&o), &o);
    let screen = drawn(&plan, &o, (120, 36));
    assert!(screen.contains("nothing is ticked") && screen.contains("i takes in 4.1"), "{screen}");
    press(&mut plan, &mut o, key('i'));
    let phases = o.draft().unwrap().approved().phases;
    assert!(phases.iter().any(|id| id.as_str() == "4.1"), "{phases:?}");
    assert!(phases.iter().any(|id| id.as_str() == "3.3"), "{phases:?}");
    assert!(!drawn(&plan, &o, (120, 36)).contains("takes in"));
}

#[test]
fn what_moved_is_said_when_it_is_asked_again() {
    let mut o = planning("finish batch 3");
    let mut plan = seen(Overlay::plan(&o), &o);
    let changed = ROADMAP
        .replacen(
            "⚪ Not Started\n- **Depends On:** 3.1 ✅\n- **Effort:** S",
            "✅ Complete\n- **Effort:** S",
            1,
        )
        .replacen("3.1 ✅\n- **Effort:** M", "3.1 ✅, 3.3\n- **Effort:** M", 1);
    give_roadmap(&mut o, &changed);
    let answer = plan.key(key('y'), &o, after(900));
    obey(answer, &mut o);
    let screen = drawn(&plan, &o, (120, 36));
    assert!(screen.contains("3.2 is complete now"), "{screen}");
    assert!(screen.contains("3.4 waits for 3.3 now"), "{screen}");
    assert!(o.draft().is_some(), "it asks again");
}

#[test]
fn what_a_phase_says_anew_is_told_before_it_runs() {
    let mut o = planning("finish batch 3");
    let mut plan = seen(Overlay::plan(&o), &o);
    let elsewhere = ROADMAP.replacen("# ", "# The ", 1);
    give_roadmap(&mut o, &elsewhere);
    let changed = elsewhere.replacen("3.1 ✅\n- **Effort:** S", "3.1 ✅\n- **Effort:** L", 1);
    assert_ne!(changed, elsewhere);
    give_roadmap(&mut o, &changed);
    let answer = plan.key(key('y'), &o, after(900));
    obey(answer, &mut o);
    let screen = drawn(&plan, &o, (120, 36));
    assert!(screen.contains("3.2 says something else now"), "{screen}");
    assert!(!screen.contains("3.4 says"), "{screen}");
    assert!(o.draft().is_some(), "it asks again");
    let answer = plan.key(key('y'), &o, after(1900));
    obey(answer, &mut o);
    assert!(o.draft().is_none(), "once is enough");
}

#[test]
fn a_plan_is_kept_where_it_says() {
    let mut o = planning("finish batch 3");
    let mut plan = Overlay::plan(&o);
    assert_eq!(plan.key(key('s'), &o, NOW), Answer::Do(run(Command::SavePlan)));
    let effects = o.command(NOW, Command::SavePlan);
    let [
        crate::domain::effect::Effect::Document(crate::domain::effect::DocumentOrder::Keep {
            name,
            text,
            ..
        }),
    ] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!(name, "2026-11-23-finish-batch-3");
    assert!(text.starts_with("# Plan: finish batch 3\n") && text.contains("- [x] 3.3 HTTP router"));
    o.observe(
        NOW,
        Report::Document(crate::domain::report::DocumentReport::Kept(
            crate::domain::effect::Document::Plan,
            Ok("/state/plans/x.md".into()),
        )),
    );
    assert!(o.notices().back().unwrap().text.as_str().contains("/state/plans/x.md"));
}

/// The cells with their styles: a cursor that moved is a change too.
fn drawn_cells(plan: &Overlay, o: &Orchestrator) -> String {
    let mut terminal = Terminal::new(TestBackend::new(80, 16)).unwrap();
    terminal.draw(|frame| plan.draw(frame, o, &look(Glyphs::Unicode))).unwrap();
    format!("{:?}", terminal.backend().buffer())
}

#[test]
fn every_key_of_a_page_and_of_the_prompt_does_something() {
    let mut o = planning("finish batch 3");
    let size = (80, 16);
    let here = |row: &&crate::ui::keys::KeyRow| row.action != crate::ui::keys::Action::Help;
    for row in crate::ui::keys::rows(Scope::Page).filter(here) {
        for chord in row.chords {
            let mut plan = Overlay::plan(&o);
            press(&mut plan, &mut o, key('d'));
            drawn(&plan, &o, size);
            if ["page.up", "page.top", "page.page-up"].contains(&row.name) {
                press(&mut plan, &mut o, key('G'));
            }
            let before = drawn(&plan, &o, size);
            press(&mut plan, &mut o, KeyEvent::new(chord.code, chord.modifiers));
            assert_ne!(drawn(&plan, &o, size), before, "{} {}", row.name, chord.label());
        }
    }
    for row in crate::ui::keys::rows(Scope::Prompt).filter(here) {
        let is_text = row.name.starts_with("text.");
        for chord in row.chords {
            let mut plan = Overlay::plan(&o);
            press(&mut plan, &mut o, key('e'));
            press(&mut plan, &mut o, key('x'));
            if is_text {
                if ["text.end", "text.start"].contains(&row.name) {
                    press(&mut plan, &mut o, key('x'));
                }
                if row.name == "text.start" {
                    press(&mut plan, &mut o, code(KeyCode::End));
                }
                let before = drawn_cells(&plan, &o);
                assert_eq!(
                    plan.key(KeyEvent::new(chord.code, chord.modifiers), &o, NOW),
                    Answer::Stay
                );
                assert_ne!(drawn_cells(&plan, &o), before, "{} {}", row.name, chord.label());
                continue;
            }
            let answer = plan.key(KeyEvent::new(chord.code, chord.modifiers), &o, NOW);
            let Answer::Do(intents) = answer else { panic!("{} does nothing", row.name) };
            assert_eq!((intents.len(), plan.scope()), (1, Scope::Plan), "{}", row.name);
        }
    }
}

#[test]
fn what_is_said_stands_in_the_plan_with_its_file_and_goes_with_the_next_key() {
    let mut o = planning("finish batch 3");
    let mut plan = seen(Overlay::plan(&o), &o);
    plan.key(key('s'), &o, after(300));
    let path = format!("/home/someone/{}/plans/2026-11-23-finish-batch-3.md", "long/".repeat(20));
    o.observe(
        after(301),
        Report::Document(crate::domain::report::DocumentReport::Kept(
            crate::domain::effect::Document::Plan,
            Ok(path.as_str().into()),
        )),
    );
    for (size, glyphs) in [((80, 24), Glyphs::Unicode), ((120, 36), Glyphs::Ascii)] {
        let screen = drawn_with(&plan, &o, size, glyphs);
        assert!(screen.contains("/plans/2026-11-23-finish-batch-3.md"), "{screen}");
    }
    plan.key(key('j'), &o, after(900));
    assert!(!drawn(&plan, &o, (80, 24)).contains("/plans/"));
}

#[test]
fn a_plan_whose_agent_can_t_start_says_so_and_is_not_started() {
    let refusal = Some("agent `claude` does not work as root".into());
    let mut o = Orchestrator::new(Setup { refusal, ..setup() }, Role::Driver);
    let read = Ok(Arc::new(Roadmap::parse(ROADMAP.as_bytes().to_vec())));
    o.observe(NOW, Report::Roadmap { target: TargetId::new("tide"), read });
    o.command(NOW, Command::Interpret("finish batch 3".into()));
    let mut plan = seen(Overlay::plan(&o), &o);
    let screen = drawn(&plan, &o, (80, 24));
    assert!(screen.contains("│ Agent     agent `claude` does not work as root"), "{screen}");
    assert!(screen.contains("[ y can't start ]"), "{screen}");
    assert_eq!(plan.key(key('y'), &o, after(900)), Answer::Stay);
}

#[test]
fn what_is_not_offered_is_cut_at_whole_entries_and_shown_whole_by_a_key() {
    let mut o = planning("3.3, 2.4, 7.1, 7.2, 7.3, 7.4, 7.5 and 7.6");
    let mut plan = Overlay::plan(&o);
    let screen = drawn(&plan, &o, (80, 24));
    assert!(screen.contains("more, n shows why"), "{screen}");
    press(&mut plan, &mut o, key('n'));
    let screen = drawn(&plan, &o, (80, 24));
    assert!(screen.contains("7.6") && screen.contains("not a phase of this roadmap"), "{screen}");
}
