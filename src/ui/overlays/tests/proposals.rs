//! The proposals: what waits, what it would come to, and that nothing is decided about what was not seen.

use super::*;
use crate::domain::proposal::{Listing, Proposal, ProposalAct, ProposalFile, ProposalNews};

const SPEED: &str = "\
# Faster import

Users wait **too long** for the first \u{1b}[2Janswer.

## Batch 5: Speed

### Phase 5.1: Measure the import

- **Status:** Not Started
- **Depends On:** 3.3
- **Effort:** S
- **Tasks:**
  - [ ] A benchmark in `benches/import.rs`
  - [ ] Figures in the log
- **Done When:** the benchmark runs in CI

### Phase 5.2: Index the store

- **Status:** Blocked
- **Depends On:** 5.1, 9.9
- **Effort:** M
";
const CLASH: &str = "### Phase 3.3: Another router\n\n- **Status:** Not Started\n";
const BROKEN: &str = "Let us do something about the router.\n";

fn files() -> Vec<(&'static str, &'static str)> {
    vec![("broken.md", BROKEN), ("clash.md", CLASH), ("speed.md", SPEED)]
}

fn give(o: &mut Orchestrator, files: &[(&str, &str)]) {
    let read = files.iter().map(|(name, text)| Proposal::read(name, text.as_bytes()));
    let listing = Listing { proposals: read.collect(), ..Listing::default() };
    o.observe(NOW, Report::Proposals(ProposalNews { listing, answer: None }));
}

fn proposing(role: Role) -> Orchestrator {
    let mut setup = setup();
    setup.target.documents.proposals = "/src/tide/plans/proposals".into();
    let mut o = Orchestrator::new(setup, role);
    give_roadmap(&mut o, ROADMAP);
    give(&mut o, &files());
    o
}

/// The overlay with the cursor on the last proposal, drawn at `NOW`.
fn at_speed(o: &Orchestrator) -> Overlay {
    let mut proposals = seen(Overlay::proposals(), o);
    proposals.key(key('G'), o, NOW);
    drawn(&proposals, o, (120, 36));
    proposals
}

fn file(name: &str, text: &str) -> ProposalFile {
    Proposal::read(name, text.as_bytes()).file
}

fn decides(act: ProposalAct) -> Answer {
    Answer::Do(run(Command::Proposal(act)))
}

#[test]
fn proposals_are_drawn_as_they_would_be_added() {
    let o = proposing(Role::Driver);
    let proposals = at_speed(&o);
    for (name, size) in [("80x24", (80, 24)), ("120x36", (120, 36)), ("200x60", (200, 60))] {
        insta::assert_snapshot!(format!("proposals-{name}"), drawn(&proposals, &o, size));
    }
    let ascii = drawn_with(&proposals, &o, (80, 24), Glyphs::Ascii);
    assert!(ascii.contains("+ Faster import"), "{ascii}");
    let narrow = drawn(&proposals, &o, (60, 30));
    assert!(narrow.contains("Faster import") && narrow.contains("5.1 Measure"), "{narrow}");
}

#[test]
fn what_can_t_be_added_says_why() {
    let o = proposing(Role::Driver);
    let mut proposals = seen(Overlay::proposals(), &o);
    insta::assert_snapshot!("proposals-broken-80x24", drawn(&proposals, &o, (80, 24)));
    assert_eq!(proposals.key(key('y'), &o, after(1_000)), Answer::Stay);
    assert!(drawn(&proposals, &o, (120, 36)).contains("it can't be added: There is no phase"));
    proposals.key(key('j'), &o, after(2_000));
    let screen = drawn(&proposals, &o, (120, 36));
    assert!(screen.contains("The roadmap has a phase 3.3 already, on line"), "{screen}");
    assert_eq!(proposals.key(key('y'), &o, after(3_000)), Answer::Stay);
}

#[test]
fn an_empty_folder_says_where_it_is_and_what_goes_there() {
    let mut o = proposing(Role::Driver);
    give(&mut o, &[]);
    let mut proposals = seen(Overlay::proposals(), &o);
    insta::assert_snapshot!("proposals-empty-80x24", drawn(&proposals, &o, (80, 24)));
    for c in ['y', 'x', 'e', 'j', 'G'] {
        assert_eq!(proposals.key(key(c), &o, after(9_000)), Answer::Stay, "{c}");
    }
    let problem = Some("proposals can't be read from /p: it is a file".into());
    let listing = Listing { problem, ..Listing::default() };
    o.observe(NOW, Report::Proposals(ProposalNews { listing, answer: None }));
    assert!(drawn(&proposals, &o, (80, 24)).contains("proposals can't be read from /p"));
}

#[test]
fn y_alone_approves_what_was_seen() {
    let o = proposing(Role::Driver);
    let mut proposals = at_speed(&o);
    assert_eq!(proposals.key(key('y'), &o, after(100)), Answer::Stay, "right after another key");
    let approve = decides(ProposalAct::Approve(file("speed.md", SPEED)));
    assert_eq!(proposals.key(key('y'), &o, after(1_000)), approve);
    assert_eq!(proposals.key(code(KeyCode::Esc), &o, after(2_000)), Answer::Close);
}

#[test]
fn what_changed_since_it_was_drawn_is_drawn_first() {
    let mut o = proposing(Role::Driver);
    let mut proposals = at_speed(&o);
    let other = SPEED.replace("Measure", "Delete");
    give(&mut o, &[("speed.md", &other)]);
    assert_eq!(proposals.key(key('y'), &o, after(1_000)), Answer::Stay);
    assert_eq!(proposals.key(key('x'), &o, after(2_000)), Answer::Stay);
    let look = Look { now: after(3_000), ..look(Glyphs::Unicode) };
    let mut terminal = Terminal::new(TestBackend::new(120, 36)).unwrap();
    terminal.draw(|frame| proposals.draw(frame, &o, &look)).unwrap();
    let screen = terminal.backend().to_string();
    assert!(screen.contains("it has changed since it was shown"), "{screen}");
    assert!(screen.contains("5.1 Delete the import"), "{screen}");
    assert_eq!(proposals.key(key('y'), &o, after(3_100)), Answer::Stay, "too soon to have read it");
    let approve = decides(ProposalAct::Approve(file("speed.md", &other)));
    assert_eq!(proposals.key(key('y'), &o, after(4_000)), approve);
}

#[test]
fn the_cursor_stays_on_its_file_while_others_come_and_go() {
    let mut o = proposing(Role::Driver);
    let proposals = at_speed(&o);
    let first = ("a.md", "### Phase 6.1: First\n- **Status:** Ready\n");
    let mut more = files();
    more.insert(0, first);
    more.push(("z.md", BROKEN));
    give(&mut o, &more);
    assert!(drawn(&proposals, &o, (120, 36)).contains("5.1 Measure the import"));
    give(&mut o, &[first]);
    assert!(drawn(&proposals, &o, (120, 36)).contains("6.1 First"), "the nearest that is left");
    let listing = Listing { more: 3, ..o.view().proposals.listing.clone().unwrap() };
    o.observe(NOW, Report::Proposals(ProposalNews { listing, answer: None }));
    assert!(drawn(&proposals, &o, (120, 36)).contains("and 3 more files not read"));
}

#[test]
fn refusing_asks_first() {
    let o = proposing(Role::Driver);
    let mut proposals = at_speed(&o);
    assert_eq!(proposals.key(key('x'), &o, after(1_000)), Answer::Stay);
    let asked = "put speed.md into rejected/? y does it, Esc leaves it";
    assert!(drawn(&proposals, &o, (80, 24)).contains(asked));
    assert_eq!(proposals.key(code(KeyCode::Esc), &o, after(2_000)), Answer::Stay);
    assert!(!drawn(&proposals, &o, (80, 24)).contains(asked));
    proposals.key(key('x'), &o, after(3_000));
    assert_eq!(proposals.key(key('y'), &o, after(3_100)), Answer::Stay, "typed ahead");
    let refuse = decides(ProposalAct::Refuse(file("speed.md", SPEED)));
    assert_eq!(proposals.key(key('y'), &o, after(4_000)), refuse);
}

#[test]
fn e_opens_the_file_and_nothing_that_is_none() {
    let mut o = proposing(Role::Driver);
    let mut proposals = at_speed(&o);
    let path = "/src/tide/plans/proposals/speed.md".into();
    let look = Intent::Run(Command::Proposal(ProposalAct::Look));
    let opened = Answer::Do(vec![Intent::Open { path, line: 1 }, look.clone()]);
    assert_eq!(proposals.key(key('e'), &o, NOW), opened);
    assert_eq!(proposals.key(key('R'), &o, NOW), Answer::Do(vec![look]));
    let link = Proposal::unreadable("link.md", "It is a link.");
    let listing = Listing { proposals: vec![link], ..Listing::default() };
    o.observe(NOW, Report::Proposals(ProposalNews { listing, answer: None }));
    drawn(&proposals, &o, (80, 24));
    assert_eq!(proposals.key(key('e'), &o, NOW), Answer::Stay);
    assert!(drawn(&proposals, &o, (80, 24)).contains("what is no file of this folder"));
}

#[test]
fn a_viewer_decides_nothing() {
    let o = proposing(Role::Viewer { driver: 77 });
    let mut proposals = at_speed(&o);
    assert!(drawn(&proposals, &o, (80, 24)).contains("only looking: process 77 drives"));
    for c in ['y', 'x', 'y'] {
        assert_eq!(proposals.key(key(c), &o, after(5_000)), Answer::Stay, "{c}");
    }
    proposals.key(key('y'), &o, after(9_000));
    assert!(drawn(&proposals, &o, (80, 24)).contains("it is decided there"));
}

#[test]
fn long_texts_scroll_and_many_files_keep_the_cursor_in_view() {
    let mut o = proposing(Role::Driver);
    let many: Vec<(String, String)> = (0..40)
        .map(|n| {
            (format!("p{n:02}.md"), format!("### Phase 7.{n}: Part {n}\n- **Status:** Ready\n"))
        })
        .collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    give(&mut o, &many);
    let mut proposals = Overlay::proposals();
    for n in 0..40 {
        let screen = drawn(&proposals, &o, (80, 24));
        assert!(screen.contains(&format!("p{n:02}.md")), "{screen}");
        assert!(screen.contains(&format!("7.{n} Part {n}")), "{screen}");
        proposals.key(key('j'), &o, NOW);
    }
    give(&mut o, &files());
    let mut proposals = at_speed(&o);
    let first = drawn(&proposals, &o, (80, 16));
    proposals.key(code(KeyCode::PageDown), &o, NOW);
    let second = drawn(&proposals, &o, (80, 16));
    assert!(first.contains("lines below") && first != second, "{first}\n{second}");
    proposals.key(code(KeyCode::PageUp), &o, NOW);
    assert_eq!(drawn(&proposals, &o, (80, 16)), first);
}
