//! Proposals: told, approved step by step, refused, and never without a person who saw what stands in them.

use super::*;
use crate::domain::proposal::{
    Listing, Proposal, ProposalAct, ProposalAnswer, ProposalFile, ProposalNews, ProposalOrder,
    Shelf,
};

const PROPOSED: &str = "### Phase 8.1: Proposed\n\n- **Status:** ⚪ Not Started\n";

fn listing(files: &[(&str, &str)]) -> Listing {
    let read = files.iter().map(|(name, text)| Proposal::read(name, text.as_bytes()));
    Listing { proposals: read.collect(), ..Listing::default() }
}

fn found(bench: &mut Bench, files: &[(&str, &str)]) -> Vec<Effect> {
    bench.report(Report::Proposals(ProposalNews { listing: listing(files), answer: None }))
}

fn answered(bench: &mut Bench, files: &[(&str, &str)], answer: ProposalAnswer) -> Vec<Effect> {
    let news = ProposalNews { listing: listing(files), answer: Some(answer) };
    bench.report(Report::Proposals(news))
}

fn file(name: &str, text: &str) -> ProposalFile {
    Proposal::read(name, text.as_bytes()).file
}

fn approve(file: &ProposalFile) -> Command {
    Command::Proposal(ProposalAct::Approve(file.clone()))
}

fn last_said(bench: &Bench) -> &str {
    bench.o.notices().back().map_or("", |notice| notice.text.as_str())
}

fn compare(file: &ProposalFile) -> Vec<Effect> {
    vec![Effect::Proposals(ProposalOrder::Compare(file.clone()))]
}

fn shelve(file: &ProposalFile, shelf: Shelf) -> Vec<Effect> {
    vec![Effect::Proposals(ProposalOrder::Shelve(file.clone(), shelf))]
}

#[test]
fn a_new_proposal_is_told_once() {
    let mut bench = Bench::new(1);
    assert_eq!(found(&mut bench, &[]), []);
    assert_eq!(bench.o.notices().len(), 0);
    found(&mut bench, &[("a.md", PROPOSED)]);
    assert_eq!(last_said(&bench), "1 proposal waits: P");
    found(&mut bench, &[("a.md", PROPOSED)]);
    found(&mut bench, &[("a.md", "changed")]);
    assert_eq!(bench.o.notices().len(), 1, "it is no new one");
    found(&mut bench, &[("a.md", "changed"), ("b.md", PROPOSED)]);
    assert_eq!(last_said(&bench), "2 proposals wait: P");
    assert_eq!(bench.o.view().proposals.waiting(), 2);
    assert_eq!(bench.journal, []);
}

#[test]
fn a_folder_that_can_t_be_read_is_told_once() {
    let mut bench = Bench::new(1);
    for _ in 0..2 {
        let problem = Some("proposals can't be read".into());
        let listing = Listing { problem, ..Listing::default() };
        bench.report(Report::Proposals(ProposalNews { listing, answer: None }));
    }
    assert_eq!((last_said(&bench), bench.o.notices().len()), ("proposals can't be read", 1));
}

#[test]
fn approving_compares_adds_and_only_then_puts_the_file_away() {
    let mut bench = Bench::new(1);
    let (files, me) = ([("a.md", PROPOSED)], file("a.md", PROPOSED));
    found(&mut bench, &files);
    let before = bench.file.clone();
    assert_eq!(bench.command(approve(&me)), compare(&me));
    assert_eq!(bench.command(approve(&me)), [], "one decision at a time");
    let order = only_edit(&answered(&mut bench, &files, ProposalAnswer::Same(me.clone())));
    assert_eq!(bench.edit(order), shelve(&me, Shelf::Accepted));
    assert!(bench.file.starts_with(&before), "nothing else is touched");
    assert_eq!(bench.status("8.1"), Status::NotStarted);
    let [Entry { fact: Fact::RoadmapEdited(record), .. }] = &bench.journal[..] else {
        panic!("{:?}", bench.journal)
    };
    assert_eq!((record.why.as_str(), record.proposal.as_deref()), ("append", Some("a.md")));
    assert!(last_said(&bench).starts_with("added 8.1 (roadmap line "), "{}", last_said(&bench));
    assert!(last_said(&bench).ends_with(", as a.md proposed; u undoes it"));
    let path = Ok("/here/plans/proposals/accepted/a.md".into());
    let shelved = ProposalAnswer::Shelved(me.clone(), Shelf::Accepted, path);
    assert_eq!(answered(&mut bench, &[], shelved), []);
    assert_eq!(bench.o.view().proposals.waiting(), 0);
}

#[test]
fn every_phase_of_a_proposal_is_named_when_it_is_added() {
    let mut bench = Bench::new(1);
    let both = PROPOSED.to_owned() + "\n" + &PROPOSED.replace("8.1", "8.2");
    let (files, me) = ([("a.md", both.as_str())], file("a.md", &both));
    found(&mut bench, &files);
    bench.command(approve(&me));
    let order = only_edit(&answered(&mut bench, &files, ProposalAnswer::Same(me.clone())));
    bench.edit(order);
    assert!(
        last_said(&bench).starts_with("added 8.1, 8.2 (roadmap line "),
        "{}",
        last_said(&bench)
    );
    let [Entry { fact: Fact::RoadmapEdited(record), .. }] = &bench.journal[..] else {
        panic!("{:?}", bench.journal)
    };
    assert_eq!(record.phases, ["8.1", "8.2"].map(PhaseId::new));
}

#[test]
fn what_changed_since_it_was_shown_is_not_approved() {
    let mut bench = Bench::new(1);
    let me = file("a.md", PROPOSED);
    let other = [("a.md", "### Phase 8.2: Other\n- **Status:** Ready\n")];
    found(&mut bench, &[("a.md", PROPOSED)]);
    // The folder tells it before the key is pressed.
    found(&mut bench, &other);
    assert_eq!(bench.command(approve(&me)), []);
    assert!(last_said(&bench).contains("a.md has changed since it was shown"));
    // Or the comparison does.
    found(&mut bench, &[("a.md", PROPOSED)]);
    assert_eq!(bench.command(approve(&me)), compare(&me));
    assert_eq!(answered(&mut bench, &other, ProposalAnswer::Changed(me.clone())), []);
    assert!(last_said(&bench).contains("look at it again; nothing was done"));
    assert_eq!(answered(&mut bench, &[], ProposalAnswer::Same(me.clone())), [], "not asked for");
    assert_eq!(bench.command(approve(&me)), []);
    assert!(last_said(&bench).contains("a.md is gone"));
    assert_eq!(bench.journal, []);
}

#[test]
fn a_change_that_is_refused_leaves_the_file() {
    let mut bench = Bench::new(1);
    let (files, me) = ([("a.md", PROPOSED)], file("a.md", PROPOSED));
    found(&mut bench, &files);
    bench.command(approve(&me));
    let order = only_edit(&answered(&mut bench, &files, ProposalAnswer::Same(me.clone())));
    // Somebody adds a phase with this id at the same moment.
    bench.file.extend(PROPOSED.replace("Proposed", "Theirs").into_bytes());
    assert_eq!(bench.edit(order), [], "nothing is put away");
    assert!(last_said(&bench).starts_with("a.md was not added: The roadmap has a phase 8.1"));
    assert_eq!(bench.command(approve(&me)), [], "now it collides");
    assert!(last_said(&bench).starts_with("a.md can't be added: The roadmap has a phase 8.1"));
}

#[test]
fn what_is_in_the_roadmap_already_is_only_put_away() {
    let mut bench = Bench::new(1);
    let (files, me) = ([("a.md", PROPOSED)], file("a.md", PROPOSED));
    bench.file.extend(format!("\n{PROPOSED}").into_bytes());
    bench.read();
    found(&mut bench, &files);
    let before = bench.file.clone();
    bench.command(approve(&me));
    let order = only_edit(&answered(&mut bench, &files, ProposalAnswer::Same(me.clone())));
    assert_eq!(bench.edit(order), shelve(&me, Shelf::Accepted));
    assert_eq!((&bench.file, &bench.journal[..]), (&before, &[][..]));
    assert!(last_said(&bench).contains("has the phases of a.md already"));
}

#[test]
fn refusing_puts_the_file_aside_and_says_where() {
    let mut bench = Bench::new(1);
    let broken = [("a.md", "no phase at all")];
    let me = file("a.md", "no phase at all");
    found(&mut bench, &broken);
    assert_eq!(bench.command(approve(&me)), []);
    assert!(last_said(&bench).contains("a.md can't be added: There is no phase"));
    let refuse = || Command::Proposal(ProposalAct::Refuse(me.clone()));
    assert_eq!(bench.command(refuse()), shelve(&me, Shelf::Rejected));
    let failed = ProposalAnswer::Shelved(me.clone(), Shelf::Rejected, Err("disk full".into()));
    answered(&mut bench, &broken, failed);
    assert_eq!(last_said(&bench), "disk full");
    assert_eq!(bench.command(refuse()), shelve(&me, Shelf::Rejected), "it can be tried again");
    let path = Ok("/p/rejected/a.md".into());
    answered(&mut bench, &[], ProposalAnswer::Shelved(me.clone(), Shelf::Rejected, path));
    assert_eq!(last_said(&bench), "refused: a.md lies in /p/rejected/a.md");
    assert_eq!(bench.journal, []);
}

#[test]
fn a_viewer_looks_and_decides_nothing() {
    let mut bench = Bench::new(1);
    bench.o.role = Role::Viewer { driver: 77 };
    let me = file("a.md", PROPOSED);
    found(&mut bench, &[("a.md", PROPOSED)]);
    assert_eq!(bench.o.view().proposals.waiting(), 1);
    let look = Effect::Proposals(ProposalOrder::Look);
    assert_eq!(bench.command(Command::Proposal(ProposalAct::Look)), [look]);
    for act in [ProposalAct::Approve(me.clone()), ProposalAct::Refuse(me.clone())] {
        assert_eq!(bench.command(Command::Proposal(act)), []);
        assert!(last_said(&bench).contains("process 77 drives"), "{}", last_said(&bench));
    }
}

#[test]
fn nothing_is_added_once_the_journal_can_not_be_written() {
    let mut bench = Bench::new(1);
    let me = file("a.md", PROPOSED);
    found(&mut bench, &[("a.md", PROPOSED)]);
    bench.report(Report::JournalFailed("disk full".into()));
    assert_eq!(bench.command(approve(&me)), []);
    assert_eq!(last_said(&bench), "nothing is added: the journal can't be written");
}
