//! The diff of an agent's branch, and the questions about it.

use super::*;
use crate::domain::branch::BranchFact;
use crate::domain::diff::{self, Diff, Ending, MergeOutlook};
use crate::domain::orchestrator::fake_repository::a_diff;
use crate::domain::workspace::Worktree;
use crate::ui::keys::{AgentAction, ReviewAction};

/// `a-2.4` works in a worktree; its work is proven and waits.
fn reviewed() -> Orchestrator {
    reviewed_with(1)
}

/// The same in a target with so many retries.
fn reviewed_with(retries: u32) -> Orchestrator {
    let mut setup = setup();
    setup.target.workspaces.isolation = Isolation::Worktree;
    setup.target.retry.retries = retries;
    let mut o = Orchestrator::new(setup, Role::Driver);
    o.restore(&review());
    give_roadmap(&mut o, ROADMAP);
    o
}

/// The journal of that.
fn review() -> Vec<Entry> {
    let worktree = Worktree {
        root: "/wt".into(),
        path: "/wt".into(),
        branch: "orch/2.4-1".into(),
        onto: "main".into(),
        base: "b".into(),
    };
    let receipt = Receipt {
        gate: "tests".into(),
        required: true,
        result: GateResult::Passed,
        took: Duration::from_secs(64),
        commit: None,
        tree: Tree::Work,
        tail: vec![],
    };
    let review = BranchFact::ReviewAsked { agent: me(), why: "".into() };
    let facts = [
        Fact::WorkspaceReady {
            agent: me(),
            workspace: Workspace::Worktree(worktree),
            assigned_before: None,
        },
        Fact::GateJudged { agent: me(), receipt },
        Fact::VerificationComplete { agent: me(), failed: vec![] },
        Fact::Branch(review),
    ];
    let mut entries = journal();
    entries.extend(facts.map(|fact| Entry { at: NOW, fact }));
    entries
}

fn sheet(diff: Diff) -> Overlay {
    let mut overlay = Overlay::sight(Sight::Diff, me(), vec![]);
    overlay.told(&me(), &Ok(Arc::new(diff)));
    overlay
}

fn presses(overlay: &mut Overlay, o: &Orchestrator, text: &str) {
    text.chars().for_each(|c| assert_eq!(overlay.key(key(c), o, NOW), Answer::Stay, "{c}"));
}

/// A diff in which there is something of everything.
fn rich() -> Diff {
    let mut diff = a_diff("orch/2.4-1");
    diff.uncommitted = vec!["notes.txt".into(), "src/half.rs".into()];
    diff.merge = MergeOutlook::Conflicts(vec!["src/error.rs".into()]);
    diff
}

#[test]
fn a_diff_is_drawn_at_every_size() {
    let o = reviewed();
    let mut overlay = sheet(rich());
    presses(&mut overlay, &o, "jjjc");
    presses(&mut overlay, &o, "also map Busy");
    overlay.key(code(KeyCode::Enter), &o, NOW);
    for (width, height) in [(200, 60), (120, 36), (80, 24), (60, 15)] {
        let name = format!("diff-{width}x{height}");
        insta::assert_snapshot!(name, drawn(&overlay, &o, (width, height)));
    }
    overlay.key(code(KeyCode::Tab), &o, NOW);
    insta::assert_snapshot!("diff-files-80x24", drawn(&overlay, &o, (80, 24)));
    let ascii = drawn_with(&overlay, &o, (120, 36), Glyphs::Ascii);
    assert!(ascii.is_ascii(), "{ascii}");
    presses(&mut overlay, &o, "kc");
    insta::assert_snapshot!(
        "diff-comment-ascii-80x24",
        drawn_with(&overlay, &o, (80, 24), Glyphs::Ascii)
    );
}

#[test]
fn hunks_and_files_are_gone_through_by_keys() {
    let o = reviewed();
    let mut overlay = sheet(rich());
    let at = |overlay: &mut Overlay| {
        let sheet = overlay.as_diff().unwrap();
        (sheet.file, sheet.cursor)
    };
    let place = |overlay: &mut Overlay, text: &str| {
        presses(overlay, &o, text);
        at(overlay)
    };
    // Heading and four lines, then the next hunk's heading.
    assert_eq!(place(&mut overlay, "n"), (0, 5));
    assert_eq!(place(&mut overlay, "n"), (1, 0), "past the end to the next file");
    assert_eq!(place(&mut overlay, "N"), (0, 5));
    assert_eq!(place(&mut overlay, "N"), (0, 0));
    assert_eq!(place(&mut overlay, "G"), (0, 8));
    assert_eq!(place(&mut overlay, "]]"), (2, 0));
    assert!(drawn(&overlay, &o, (120, 36)).contains("Binary: no lines to show."));
    assert_eq!(place(&mut overlay, "]"), (2, 0));
    assert!(drawn(&overlay, &o, (120, 36)).contains("this is the last file"));
    overlay.key(code(KeyCode::Tab), &o, NOW);
    assert_eq!(place(&mut overlay, "g"), (0, 0), "on the other side keys are about files");
    let open = |line| Answer::Do(vec![Intent::Open { path: "/wt/src/error.rs".into(), line }]);
    assert_eq!(overlay.key(key('e'), &o, NOW), open(1));
    overlay.key(code(KeyCode::Tab), &o, NOW);
    presses(&mut overlay, &o, "jj");
    assert_eq!(overlay.key(key('e'), &o, NOW), open(119), "a line that is gone: where it was");
}

#[test]
fn a_comment_is_changed_and_goes_when_it_is_emptied() {
    let o = reviewed();
    let mut overlay = sheet(rich());
    presses(&mut overlay, &o, "jjcold");
    overlay.key(code(KeyCode::Enter), &o, NOW);
    // On the line, or on the comment below it.
    presses(&mut overlay, &o, "jcer");
    overlay.key(code(KeyCode::Enter), &o, NOW);
    let said = |overlay: &mut Overlay| {
        let comments = overlay.as_diff().unwrap().comments().1.to_vec();
        comments.into_iter().map(|c| (c.line, c.text)).collect::<Vec<_>>()
    };
    assert_eq!(said(&mut overlay), [(119, "older".to_owned())]);
    presses(&mut overlay, &o, "cx");
    overlay.key(code(KeyCode::Esc), &o, NOW);
    assert_eq!(said(&mut overlay).len(), 1, "dropped, it stays as it was");
    presses(&mut overlay, &o, "c");
    overlay.key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL), &o, NOW);
    overlay.paste("\u{202e}\x1b", &o);
    overlay.key(code(KeyCode::Enter), &o, NOW);
    assert_eq!(said(&mut overlay), []);
    // A hunk's head is no line.
    presses(&mut overlay, &o, "gc");
    assert!(drawn(&overlay, &o, (120, 36)).contains("go to a line first"));
}

#[test]
fn what_is_not_there_is_said() {
    let o = reviewed();
    let mut waits = Overlay::sight(Sight::Diff, me(), vec![]);
    assert!(drawn(&waits, &o, (80, 24)).contains("Reading what it changes."));
    waits.told(&me(), &Err("branch orch/2.4-1 is gone".into()));
    assert!(drawn(&waits, &o, (80, 24)).contains("branch orch/2.4-1 is gone"));
    let mut empty = a_diff("orch/2.4-1");
    (empty.files, empty.commits) = (vec![], 0);
    let drawn_empty = drawn(&sheet(empty), &o, (120, 36));
    assert!(drawn_empty.contains("orch/2.4-1 has nothing that main has"), "{drawn_empty}");
    // Another life's diff is not taken for this one's.
    let mut other = Overlay::sight(Sight::Diff, me(), vec![]);
    let later = AgentRef { life: Life(2), ..me() };
    other.told(&later, &Ok(Arc::new(rich())));
    assert!(drawn(&other, &o, (80, 24)).contains("Reading what it changes."));
}

#[test]
fn a_long_line_is_shown_whole_under_the_cursor_and_a_long_file_scrolls() {
    let o = reviewed();
    let mut files = diff::files(b":100644 100644 a b M\0a.rs\x00300\t0\ta.rs\0");
    let lines: String = (0..300).map(|n| format!("+line {n} {}\n", "word ".repeat(40))).collect();
    let patch = format!("diff --git a/a.rs b/a.rs\n@@ -0,0 +1,300 @@\n{lines}");
    diff::fill(&mut files, patch.as_bytes(), Ending::Whole);
    let mut overlay = sheet(Diff { files, ..a_diff("orch/2.4-1") });
    let top = drawn(&overlay, &o, (80, 24));
    assert!(top.contains("+  1 line 0") && !top.contains("line 25 "), "{top}");
    presses(&mut overlay, &o, "G");
    let end = drawn(&overlay, &o, (80, 24));
    let last = end.lines().filter(|line| line.contains("word word")).count();
    assert!(end.contains("+300 line 299") && last >= 19, "{end}");
    let rows = end.lines().skip_while(|line| !line.contains("line 299"));
    assert!(rows.take_while(|line| line.contains("word")).count() >= 3, "{end}");
    overlay.as_diff().unwrap().wheel(crate::ui::keys::Step::Up);
    assert!(drawn(&overlay, &o, (80, 24)).contains("line 297"));
}

#[test]
fn the_questions_say_what_is_at_stake() {
    let o = reviewed();
    let mut merge = Overlay::sight(Sight::Merge, me(), vec![]);
    merge.told(&me(), &Ok(Arc::new(rich())));
    insta::assert_snapshot!("merge-80x24", drawn(&merge, &o, (80, 24)));
    assert_eq!(merge.key(key('y'), &o, after(100)), Answer::Stay, "typed ahead");
    let yes = Answer::CloseAnd(run(Command::Merge(me().id)));
    assert_eq!(merge.clone().key(key('y'), &o, after(1_000)), yes);
    assert_eq!(merge.key(key('d'), &o, after(1_000)), Answer::Review(Sight::Diff, me().id));
    assert!(merge.is_over(&orchestrator()), "it is at work again");
    let mut discard = Overlay::sight(Sight::Discard, me(), vec![]);
    presses(&mut discard, &o, "2.");
    insta::assert_snapshot!("discard-80x24", drawn(&discard, &o, (80, 24)));
    assert_eq!(discard.key(code(KeyCode::Enter), &o, NOW), Answer::Stay);
    presses(&mut discard, &o, "4");
    let gone =
        Answer::CloseAnd(run(Command::Refuse(me().id, crate::domain::command::Refusal::Discard)));
    assert_eq!(discard.key(code(KeyCode::Enter), &o, NOW), gone);
}

#[test]
fn before_a_merge_with_conflicts_it_is_told_whether_a_try_is_left() {
    let asked = |retries: u32| {
        let o = reviewed_with(retries);
        let mut dialog = Overlay::sight(Sight::Merge, me(), vec![]);
        dialog.told(&me(), &Ok(Arc::new(rich())));
        let screen = drawn(&dialog, &o, (80, 24));
        screen
            .split(|c: char| c.is_whitespace() || c == '│')
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let left = asked(1);
    assert!(left.contains("its agent solves that first"), "{left}");
    let none = asked(0);
    assert!(!none.contains("its agent solves"), "{none}");
    assert!(none.contains("none is left: R in the diff sends it back instead"), "{none}");
}

#[test]
fn a_diff_of_work_that_failed_offers_no_merge_and_says_why() {
    let mut o = reviewed();
    let overlay = sheet(rich());
    let merge = AgentAction::Review(ReviewAction::Merge);
    assert!(overlay.works(merge, &o));
    let outcome = Outcome::Failed("gate tests failed with exit code 1".into());
    let mut entries = review();
    entries.push(Entry { at: NOW, fact: Fact::AgentFailed { agent: me(), outcome } });
    entries.push(Entry { at: NOW, fact: Fact::Released { agent: me() } });
    o.restore(&entries);
    let mut overlay = overlay;
    for action in [ReviewAction::Merge, ReviewAction::SendBack] {
        assert!(!overlay.works(AgentAction::Review(action), &o), "{action:?}");
    }
    assert!(overlay.works(AgentAction::Review(ReviewAction::Discard), &o));
    presses(&mut overlay, &o, "m");
    let screen = drawn(&overlay, &o, (80, 24));
    assert!(screen.contains("only proven work is merged"), "{screen}");
}

#[test]
fn work_in_review_is_begun_again_and_nothing_is_stopped() {
    let o = reviewed();
    let dialog = drawn(&Overlay::restart(vec![me().id]), &o, (80, 24));
    assert!(dialog.contains("what was proven has to be proven again"), "{dialog}");
    assert!(!dialog.contains("SIGTERM"), "{dialog}");
}
