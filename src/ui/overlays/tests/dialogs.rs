//! Help, dialogs and events.

use super::*;

#[test]
fn help_shows_this_place_first_and_can_be_searched() {
    let o = orchestrator();
    let mut help = Overlay::help(Scope::Roadmap);
    let screen = drawn(&help, &o, (120, 500));
    let place = |text: &str| screen.find(text).unwrap_or_else(|| panic!("no {text:?}:\n{screen}"));
    assert!(place("Here: Roadmap") < place("Lists") && place("Lists") < place("Everywhere"));
    for row in crate::ui::keys::table() {
        assert!(screen.contains(row.name), "{} is missing", row.name);
    }
    let mut here = Overlay::help(Scope::Agent);
    let screen = drawn(&here, &o, (120, 500));
    for name in ["agent.scroll", "agent.type"] {
        assert_eq!(screen.matches(name).count(), 1, "{name}:\n{screen}");
    }
    "agent.zoom".chars().for_each(|c| drop(here.key(key(c), &o, NOW)));
    let found = drawn(&here, &o, (80, 24));
    assert!(found.contains("   1 key"), "here, and not again where it is the same:\n{found}");
    for c in "/kill".chars() {
        assert_eq!(help.key(key(c), &o, NOW), Answer::Stay);
    }
    let found = drawn(&help, &o, (80, 24));
    assert!(found.contains("kill at once") && !found.contains("type a goal"), "{found}");
    assert_eq!(help.key(code(KeyCode::Esc), &o, NOW), Answer::Stay, "the search goes first");
    assert_eq!(help.key(code(KeyCode::Esc), &o, NOW), Answer::Close);
}

#[test]
fn the_stop_dialog_needs_another_key_than_the_one_that_opened_it() {
    let o = orchestrator();
    let id = AgentId::new("a-2.4");
    let mut dialog = seen(Overlay::stop(id.clone(), &o), &o);
    insta::assert_snapshot!("stop-80x24", drawn(&dialog, &o, (80, 24)));
    for (opener, at) in [('x', 0), ('X', 300), ('x', 900)] {
        assert_eq!(dialog.key(key(opener), &o, after(at)), Answer::Stay);
    }
    assert_eq!(dialog.key(key('y'), &o, after(1_000)), Answer::Stay, "typed ahead");
    let stop = |how| Answer::CloseAnd(run(Command::Stop(id.clone(), how)));
    assert_eq!(dialog.clone().key(key('y'), &o, after(2_000)), stop(StopKind::Term));
    assert_eq!(dialog.clone().key(key('k'), &o, after(2_000)), stop(StopKind::Kill));
    for leave in [code(KeyCode::Enter), code(KeyCode::Esc), key('n')] {
        assert_eq!(dialog.clone().key(leave, &o, after(2_000)), Answer::Close);
    }
}

/// With an agent that works for no plan besides, in such a place.
fn with_errand(workspace: Workspace) -> Orchestrator {
    let mut o = orchestrator();
    let mut entries = journal();
    let (id, life) = (AgentId::new("qa-3.1"), Life(1));
    let qa = AgentRef { id, life };
    let errand = crate::domain::errand::Errand::Qa(PhaseId::new("3.1"));
    let first = Birth::first(qa.clone(), PhaseId::new("qa-3.1"), TargetId::new("tide"), "claude");
    let birth = Birth { role: errand.role(), errand: Some(errand), ..first };
    let facts = [
        Fact::AgentSpawned(birth),
        Fact::ClaimWon { agent: qa.clone(), fence: Fence(9) },
        Fact::WorkspaceReady { agent: qa, workspace, assigned_before: None },
    ];
    entries.extend(facts.map(|fact| Entry { at: NOW, fact }));
    o.restore(&entries);
    o
}

#[test]
fn what_becomes_of_changes_is_told_before_an_agent_on_demand_is_stopped() {
    let root = PathBuf::from("/state/worktrees/qa-3-1-1");
    let (branch, onto) = ("orch/qa-3.1-1".to_owned(), "main".to_owned());
    let worktree = crate::domain::workspace::Worktree {
        path: root.clone(),
        root,
        branch,
        onto,
        base: "abc".into(),
    };
    let o = with_errand(Workspace::Worktree(worktree));
    let (qa, coder) = (AgentId::new("qa-3.1"), AgentId::new("a-2.4"));
    let life = |id: &AgentId| o.agent(id).unwrap().me().clone();
    let dialog = |dialog: Overlay| drawn(&dialog, &o, (80, 24));
    let goes = "no document is left; changes are kept in refs/orch-tui/";
    let rows = [
        (Overlay::stop(qa.clone(), &o), "kill now, its worktree goes", Some(goes)),
        (Overlay::stop(coder.clone(), &o), "kill now, its changes stay", None),
        (Overlay::stop_some(vec![life(&qa)]), "kill now, worktrees go", Some(goes)),
        (Overlay::stop_some(vec![life(&coder)]), "kill now, changes stay", None),
        (
            Overlay::stop_some(vec![life(&qa), life(&coder)]),
            "kill now, changes for the plan stay",
            Some("changes are kept in refs/orch-tui/"),
        ),
        (
            Overlay::stop_all(&o),
            "kill now, changes for the plan stay",
            Some("on demand: changes are kept"),
        ),
    ];
    for (overlay, what, note) in rows {
        let screen = dialog(overlay);
        assert!(screen.contains(what), "{what}:\n{screen}");
        assert!(screen.contains(note.unwrap_or(what)), "{note:?}:\n{screen}");
        assert_eq!(screen.contains("refs/orch-tui"), note.is_some(), "{screen}");
    }
    let shared = with_errand(Workspace::Checkout { path: "/here".into() });
    let screen = drawn(&Overlay::stop(qa, &shared), &shared, (80, 24));
    assert!(screen.contains("kill now, its changes stay"), "{screen}");
}

#[test]
fn a_stop_dialog_never_ends_a_later_life() {
    let mut o = orchestrator();
    let mut dialog = seen(Overlay::stop(AgentId::new("a-2.4"), &o), &o);
    o.observe(after(100), Report::HostLost(me()));
    assert!(!dialog.is_over(&o), "its phase is put back first");
    let mut entries = journal();
    let outcome = Outcome::Killed;
    entries.push(Entry { at: NOW, fact: Fact::AgentFailed { agent: me(), outcome } });
    entries.push(Entry { at: NOW, fact: Fact::Released { agent: me() } });
    o.restore(&entries);
    assert!(dialog.is_over(&o));
    assert_eq!(dialog.key(key('y'), &o, after(5_000)), Answer::Close);
}

#[test]
fn the_restart_dialog_asks_for_a_new_life() {
    let o = orchestrator();
    let id = AgentId::new("a-2.4");
    let mut dialog = seen(Overlay::restart(vec![id.clone()]), &o);
    insta::assert_snapshot!("restart-80x24", drawn(&dialog, &o, (80, 24)));
    assert_eq!(dialog.key(key('r'), &o, after(400)), Answer::Stay);
    let again = Answer::CloseAnd(run(Command::Restart(id)));
    assert_eq!(dialog.key(key('y'), &o, after(900)), again);
}

#[test]
fn the_quit_dialog_detaches_or_stops() {
    let o = orchestrator();
    let dialog = seen(Overlay::quit(Behind::default()), &o);
    insta::assert_snapshot!("quit-80x24", drawn(&dialog, &o, (80, 24)));
    let answer = |c: char, at: u64| dialog.clone().key(key(c), &o, after(at));
    assert_eq!(answer('d', 100), Answer::Stay, "typed ahead");
    assert_eq!(answer('d', 300), Answer::CloseAnd(vec![Intent::Detach]));
    assert_eq!(answer('s', 300), Answer::CloseAnd(vec![Intent::StopAndQuit]));
    assert_eq!(answer('q', 300), Answer::Stay);
    assert_eq!(dialog.clone().key(code(KeyCode::Enter), &o, after(300)), Answer::Close);
}

#[test]
fn events_follow_until_somebody_scrolls() {
    let mut o = orchestrator();
    let mut events = Overlay::events();
    insta::assert_snapshot!("events-120x36", drawn(&events, &o, (120, 36)));
    insta::assert_snapshot!("events-80x24", drawn(&events, &o, (80, 24)));
    let mut entries = journal();
    for index in 0..60 {
        let receipt = Receipt {
            gate: format!("gate-{index}"),
            required: true,
            result: GateResult::Passed,
            took: Duration::from_secs(3),
            commit: None,
            tree: Tree::Work,
            tail: vec![],
        };
        entries.push(Entry { at: NOW, fact: Fact::GateJudged { agent: me(), receipt } });
    }
    o.restore(&entries);
    assert!(drawn(&events, &o, (80, 24)).contains("gate-59"));
    events.key(key('k'), &o, NOW);
    let held = drawn(&events, &o, (80, 24));
    assert!(!held.contains("gate-59") && held.contains("1 line below"), "{held}");
    events.key(key('G'), &o, NOW);
    assert!(drawn(&events, &o, (80, 24)).contains("gate-59"));
}
