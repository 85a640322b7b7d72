#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;
use crate::domain::roadmap::archive::Archive;

const ROADMAP: &str = "# Plan\n\n## Batch 1\n\n### Phase 1.1: Base\n\n- **Status:** ✅ Complete\n\n### Phase 1.2: Middle\n\n- **Status:** ⚪ Not Started\n- **Depends On:** 1.1\n";

const PROPOSED: &str = "---\ntitle: not this one\n---\n# Proposal: Faster import\n\nUsers wait too long.\n\n# Batch 2: Speed\n\n## Phase 2.1: Measure\n\n- Status: Not Started\n- Depends On: 1.2\n- Effort: S\n\n- [ ] a bench\n\n## Phase 2.2: Index\n\n- Status: Blocked\n- Depends On: 2.1, 9.9\n";

fn phase(id: &str) -> String {
    format!("### Phase {id}: New {id}\n\n- **Status:** ⚪ Not Started\n")
}

fn listing(files: &[(&str, &str)]) -> Listing {
    let proposals = files.iter().map(|(name, text)| Proposal::read(name, text.as_bytes()));
    Listing { proposals: proposals.collect(), ..Listing::default() }
}

fn judged(text: &str, roadmap: &str) -> Judgement {
    let listing = listing(&[("a.md", text)]);
    let roadmap = Roadmap::parse(roadmap.as_bytes());
    judge(&listing.proposals[0], (&listing, Some(&roadmap)), &BTreeSet::new())
}

fn ids(roadmap: &Roadmap) -> Vec<&str> {
    roadmap.phases.iter().map(|phase| phase.id.as_str()).collect()
}

#[test]
fn what_stands_before_the_first_batch_or_phase_is_for_the_reader() {
    let read = Proposal::read("speed.md", PROPOSED.as_bytes());
    assert_eq!(read.title.as_str(), "Faster import");
    assert_eq!(read.intro, "Users wait too long.");
    assert_eq!(read.count(), 2);
    let drafted = read.drafted.unwrap();
    assert!(drafted.text.starts_with("# Batch 2: Speed\n\n## Phase 2.1"), "{}", drafted.text);
    assert!(drafted.text.ends_with("9.9\n"), "{}", drafted.text);
}

#[test]
fn a_title_is_found_wherever_there_is_one() {
    let cases = [
        (format!("---\ntitle: \"From the top\"\n---\n{}", phase("3.1")), "From the top"),
        (phase("3.1"), "New 3.1"),
        (format!("Only words.\n\n{}", phase("3.1")), "New 3.1"),
        (format!("\u{feff}# Title\r\n\r\n{}", phase("3.1")), "Title"),
        ("nothing here".to_owned(), "a.md"),
        (format!("# Tit\u{1b}[2Jle\n\n{}", phase("3.1")), "Tit\u{241b}[2Jle"),
    ];
    for (text, title) in cases {
        assert_eq!(Proposal::read("a.md", text.as_bytes()).title.as_str(), title, "{text:?}");
    }
}

#[test]
fn what_can_t_be_used_says_why() {
    let running = phase("3.1").replace("⚪ Not Started", "✅ Complete");
    let twice = phase("3.1") + &phase("3.1");
    let cases: [(&[u8], &str); 6] = [
        (b"", "There is no phase in the text"),
        (b"# Only a title\n", "There is no phase in the text"),
        (b"ok\n\xff", "no UTF-8 text (line 2)"),
        (running.as_bytes(), "needs a Status field"),
        (twice.as_bytes(), "stands twice"),
        (b"```\n### Phase 3.1: x\n- Status: Ready\n", "never ends"),
    ];
    for (bytes, why) in cases {
        let read = Proposal::read("a.md", bytes);
        let said = read.drafted.unwrap_err();
        assert!(said.as_str().contains(why), "{said}");
    }
}

#[test]
fn what_can_t_be_printed_is_refused_with_its_line_and_only_where_it_would_be_added() {
    let with = |odd: &str| {
        let text = format!("\u{feff}---\r\ntitle: t\r\n---\r\n\r\nWhy.\r\n\r\n{}", phase("3.1"));
        text.replace("New 3.1\n", &format!("New\t3.1\n\n- {odd}\n"))
    };
    assert!(Proposal::read("a.md", with("- tabs\tstay").as_bytes()).drafted.is_ok());
    for (odd, code) in [("\u{1b}[2J", "001B"), ("\u{9b}2J", "009B"), ("\u{202e}x", "202E")] {
        let why =
            format!("Line 9 of a.md has the unprintable character U+{code}: take it out there.");
        let read = Proposal::read("a.md", with(odd).as_bytes());
        assert_eq!(read.drafted.as_ref().unwrap_err().as_str(), why);
        assert!(read.intro.contains("New\t3.1"), "it is shown whole: {:?}", read.intro);
        assert_eq!(judged(&with(odd), ROADMAP).obstacle().unwrap().as_str(), why);
        let before = format!("Why {odd}.\n\n{}", phase("3.1"));
        assert!(Proposal::read("a.md", before.as_bytes()).drafted.is_ok(), "that goes nowhere");
        let other = Proposal::read("a.md", odd.as_bytes()).drafted.unwrap_err();
        assert!(other.as_str().contains("no phase in the text"), "{other}");
    }
}

#[test]
fn every_state_of_a_file_is_another_one() {
    let hash = |bytes: &[u8]| Proposal::read("a.md", bytes).file;
    assert_ne!(hash(b"x"), hash(b"y"));
    assert_eq!(hash(b"x"), hash(b"x"));
    let link = Proposal::unreadable("a.md", "It is a link.");
    assert_ne!(link.file, Proposal::unreadable("a.md", "It is a pipe.").file);
}

#[test]
fn phases_are_shown_as_they_would_be_added() {
    let judgement = judged(PROPOSED, ROADMAP);
    assert_eq!(judgement.standing, Standing::Ready);
    let shown = String::from_utf8_lossy(judgement.phases.bytes()).into_owned();
    assert!(shown.contains("\n### Phase 2.1: Measure\n"), "the level of the file: {shown}");
    assert!(shown.contains("- Status: ⚪ Not Started\n"), "the marks of the file: {shown}");
    let remarks: Vec<&str> = judgement.remarks.iter().map(Printable::as_str).collect();
    assert_eq!(remarks.len(), 1, "{remarks:?}");
    assert!(remarks[0].contains("2.2") && remarks[0].contains("9.9"), "{remarks:?}");
}

#[test]
fn what_is_approved_is_what_is_shown() {
    let read = Proposal::read("a.md", PROPOSED.as_bytes());
    let roadmap = Roadmap::parse(ROADMAP.as_bytes());
    let change = read.drafted.unwrap().change(&read.file);
    let edits = change.edits(&roadmap, &BTreeSet::new()).unwrap();
    let after = crate::domain::roadmap::splice(roadmap.bytes(), &edits);
    let text = String::from_utf8(after).unwrap();
    assert!(text.starts_with(ROADMAP), "nothing else is touched: {text}");
    assert!(!text.contains("Users wait") && !text.contains("title:"), "{text}");
    assert_eq!(ids(&Roadmap::parse(text.as_bytes())), ["1.1", "1.2", "2.1", "2.2"]);
    let again = Roadmap::parse(text.as_bytes());
    assert_eq!(change.edits(&again, &BTreeSet::new()).unwrap(), [], "it is added once");
    assert_eq!(judged(PROPOSED, &text).standing, Standing::Added);
}

#[test]
fn ids_that_are_taken_are_named() {
    let both = phase("1.1") + &phase("1.2") + &phase("1.3");
    let refused = judged(&both, ROADMAP);
    assert_eq!(
        refused.obstacle().unwrap().as_str(),
        "The roadmap has phases 1.1, 1.2 already, on lines 5, 9: give the new ones other ids."
    );
    assert_eq!(ids(&refused.phases), ["1.1", "1.2", "1.3"], "they are shown all the same");
    let one = judged(&(phase("1.1") + &phase("1.3")), ROADMAP);
    assert!(one.obstacle().unwrap().as_str().contains("has a phase 1.1 already, on line 5"));
    let nowhere = judge(
        &Proposal::read("a.md", phase("1.1").as_bytes()),
        (&Listing::default(), None),
        &BTreeSet::new(),
    );
    assert_eq!(nowhere.obstacle().unwrap().as_str(), "There is no roadmap to add it to.");
}

#[test]
fn other_proposals_and_the_archive_are_looked_at_too() {
    let waits = phase("3.1").replace("- **Status", "- **Depends On:** 4.1\n- **Status");
    let listing = listing(&[
        ("a.md", waits.as_str()),
        ("b.md", &(phase("3.1") + &phase("4.1"))),
        ("c.md", "broken"),
    ]);
    let done = phase("3.1").replace("⚪ Not Started", "✅ Complete");
    let archive = Arc::new(Archive::read(done.as_bytes()));
    let roadmap = Roadmap::parse(ROADMAP.as_bytes()).with_archive(archive);
    let of =
        |at: usize| judge(&listing.proposals[at], (&listing, Some(&roadmap)), &BTreeSet::new());
    let remarks: Vec<String> = of(0).remarks.iter().map(ToString::to_string).collect();
    let found = |part: &str| remarks.iter().any(|remark| remark.contains(part));
    assert!(found("Proposal b.md has 3.1 too"), "{remarks:?}");
    assert!(found("It waits for 4.1 of proposal b.md."), "{remarks:?}");
    assert!(found("The archive has a phase 3.1 already."), "{remarks:?}");
    assert!(of(2).obstacle().unwrap().as_str().contains("no phase in the text"));
    assert_eq!(repeated(&listing.proposals[1], &roadmap), []);
}

proptest! {
    /// Whatever stands in a file: it is read, its parts begin where lines begin, and adding it touches nothing else.
    #[test]
    fn any_text_is_read_and_added_whole_or_not_at_all(lines in lines(), ending in ending()) {
        let text = lines.join(ending);
        let read = Proposal::read("a.md", text.as_bytes());
        prop_assert!(!read.title.as_str().chars().any(char::is_control));
        let Ok(drafted) = &read.drafted else { return Ok(()) };
        let at = text.len() - drafted.text.len();
        prop_assert!(text.ends_with(&*drafted.text));
        prop_assert!(at == 0 || text[..at].ends_with(['\n', '\r']), "{text:?} at {at}");
        let roadmap = Roadmap::parse(ROADMAP.as_bytes());
        let listing = Listing { proposals: vec![read.clone()], ..Listing::default() };
        let judged = judge(&read, (&listing, Some(&roadmap)), &BTreeSet::new());
        if judged.standing == Standing::Ready {
            let change = drafted.change(&read.file);
            let edits = change.edits(&roadmap, &BTreeSet::new()).unwrap();
            let after = crate::domain::roadmap::splice(roadmap.bytes(), &edits);
            prop_assert!(after.starts_with(ROADMAP.as_bytes()));
            let after = Roadmap::parse(after);
            let new: Vec<_> = after.phases.iter().skip(2).map(|phase| &phase.id).collect();
            let shown: Vec<_> = judged.phases.phases.iter().map(|phase| &phase.id).collect();
            prop_assert_eq!(new, shown);
        }
    }
}

fn lines() -> impl Strategy<Value = Vec<String>> {
    let line = prop_oneof![
        Just("---".to_owned()),
        Just("title: x".to_owned()),
        Just("# Proposal: y".to_owned()),
        Just(String::new()),
        Just("```".to_owned()),
        Just("<!--".to_owned()),
        Just("## Batch 2: Two".to_owned()),
        Just("- **Status:** Not Started".to_owned()),
        Just("- **Depends On:** 1.2, 9.9".to_owned()),
        Just("  - [ ] task".to_owned()),
        "#{1,6} Phase [1-3]\\.[1-4]: [a-z é]{1,6}",
        "\\PC{0,12}",
    ];
    let status = "- **Status:** Not Started";
    let phase =
        "#{2,4} Phase [1-3]\\.[1-4]: [a-z é]{1,6}".prop_map(|head| vec![head, status.to_owned()]);
    let part = prop_oneof![3 => line.prop_map(|line| vec![line]), 2 => phase];
    proptest::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

fn ending() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("\n"), Just("\r\n"), Just("\r")]
}

#[test]
fn what_others_decide_and_where_it_will_stand_is_remarked_upon() {
    let text = "### Phase 7.1: New\n- **Status:** ⚪ Not Started\n- **Assigned To:** a-1.1\n- **Completed:** 2020-01-01\n- **Tasks:**\n  - [x] done\n  - [ ] open\n";
    let proposal = Proposal::read("new.md", text.as_bytes());
    let roadmap = Roadmap::parse(
        "# R\n\n## Batch 1: Ground\n\n### Phase 1.1: One\n- **Status:** ⚪ Not Started\n"
            .as_bytes(),
    );
    let listing = Listing { proposals: vec![proposal.clone()], ..Listing::default() };
    let judged = judge(&proposal, (&listing, Some(&roadmap)), &BTreeSet::new());
    assert_eq!(judged.standing, Standing::Ready);
    let said: Vec<&str> = judged.remarks.iter().map(Printable::as_str).collect();
    for remark in [
        "7.1 says who has it or when it was completed: orch-tui writes that.",
        "7.1 has ticked tasks.",
        "7.1 becomes part of batch 1.",
    ] {
        assert!(said.contains(&remark), "{remark:?} is not in {said:?}");
    }
}
