#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::os::unix::fs::symlink;

use super::super::{carry_out, list, shelve};
use super::*;
use crate::domain::proposal::{ProposalAnswer, ProposalOrder};

const PHASE: &str = "### Phase 3.1: New\n\n- **Status:** ⚪ Not Started\n";

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn file(folder: &Path, name: &str) -> ProposalFile {
    list(folder).find(name).unwrap_or_else(|| panic!("{name} is not listed")).file.clone()
}

fn names(folder: &Path) -> Vec<String> {
    list(folder).proposals.iter().map(|proposal| proposal.file.name.clone()).collect()
}

#[test]
fn markdown_files_are_listed_by_name_and_nothing_else() {
    let folder = folder();
    let path = folder.path();
    assert_eq!(list(&path.join("missing")), Listing::default());
    for name in ["b.md", "a.md", "C.MD", "d.Md", ".hidden.md", "notes.txt", "readme.MD", "md"] {
        fs::write(path.join(name), PHASE).unwrap();
    }
    fs::create_dir(path.join("accepted")).unwrap();
    fs::create_dir(path.join("folder.md")).unwrap();
    fs::write(path.join("accepted/c.md"), PHASE).unwrap();
    assert_eq!(names(path), ["C.MD", "a.md", "b.md", "d.Md"]);
    assert_eq!(list(path).problem, None);
    let no_folder = list(&path.join("a.md"));
    assert!(no_folder.problem.unwrap().as_str().contains("proposals can't be read from"));
}

#[test]
fn links_pipes_and_long_files_are_shown_and_never_read() {
    let (outside, folder) = (folder(), folder());
    let path = folder.path();
    fs::write(outside.path().join("secret.md"), PHASE).unwrap();
    symlink(outside.path().join("secret.md"), path.join("a-link.md")).unwrap();
    symlink(path.join("nowhere"), path.join("b-dangling.md")).unwrap();
    symlink(outside.path(), path.join("c-folder.md")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        path.join("d-pipe.md"),
        rustix::fs::FileType::Fifo,
        Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    fs::write(path.join("e-long.md"), "x".repeat(MOST_BYTES as usize + 1)).unwrap();
    fs::write(path.join("f-just.md"), "x".repeat(MOST_BYTES as usize)).unwrap();
    let listing = list(path);
    let said: Vec<&str> = listing
        .proposals
        .iter()
        .map(|proposal| proposal.drafted.as_ref().unwrap_err().as_str())
        .collect();
    let expected =
        ["is a link", "is a link", "is a link", "no regular file", "longer than 512 KiB"];
    for (said, expected) in said.iter().zip(expected) {
        assert!(said.contains(expected), "{said}");
    }
    assert!(said[5].contains("no phase"), "{said:?}");
    let link = file(path, "a-link.md");
    let to = shelve(path, &link, Shelf::Rejected).unwrap();
    assert!(to.is_symlink(), "the link itself is put away");
    assert_eq!(fs::read_to_string(outside.path().join("secret.md")).unwrap(), PHASE);
}

#[test]
fn more_files_than_are_read_are_counted() {
    let folder = folder();
    for number in 0..MOST_FILES + 3 {
        fs::write(folder.path().join(format!("{number:04}.md")), PHASE).unwrap();
    }
    let listing = list(folder.path());
    assert_eq!((listing.proposals.len(), listing.more), (MOST_FILES, 3));
}

#[test]
fn a_file_is_put_away_and_never_over_another() {
    let folder = folder();
    let path = folder.path();
    for turn in ["a.md", "a-2.md", "a-3.md"] {
        fs::write(path.join("a.md"), format!("{PHASE}{turn}")).unwrap();
        let to = shelve(path, &file(path, "a.md"), Shelf::Accepted).unwrap();
        assert_eq!(to, path.join("accepted").join(turn));
        assert_eq!(fs::read_to_string(&to).unwrap(), format!("{PHASE}{turn}"));
        assert_eq!(names(path), [""; 0]);
    }
    assert!(fs::read_to_string(path.join("accepted/a.md")).unwrap().ends_with("a.md"));
    for turn in ["B.MD", "B-2.MD"] {
        fs::write(path.join("B.MD"), PHASE).unwrap();
        let to = shelve(path, &file(path, "B.MD"), Shelf::Accepted).unwrap();
        assert_eq!(to, path.join("accepted").join(turn));
    }
}

#[test]
fn what_changed_or_went_stays_as_it_is() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("a.md"), PHASE).unwrap();
    let seen = file(path, "a.md");
    fs::write(path.join("a.md"), "another").unwrap();
    let error = shelve(path, &seen, Shelf::Accepted).unwrap_err();
    assert!(error.to_string().contains("a.md has changed since it was shown"), "{error}");
    assert_eq!(fs::read_to_string(path.join("a.md")).unwrap(), "another");
    fs::remove_file(path.join("a.md")).unwrap();
    let error = shelve(path, &seen, Shelf::Rejected).unwrap_err();
    assert!(error.to_string().contains("a.md is gone"), "{error}");
    assert!(!path.join("rejected").exists(), "no folder is made for nothing");
}

#[test]
fn a_shelf_that_leads_elsewhere_is_not_used() {
    let (outside, folder) = (folder(), folder());
    let path = folder.path();
    fs::write(path.join("a.md"), PHASE).unwrap();
    symlink(outside.path(), path.join("accepted")).unwrap();
    let error = shelve(path, &file(path, "a.md"), Shelf::Accepted).unwrap_err();
    let error = error.to_string();
    assert!(error.starts_with("a.md stays where it is: "), "{error}");
    assert!(
        error.contains("/accepted is a link, and nothing is put there. Make a folder"),
        "{error}"
    );
    assert_eq!(names(path), ["a.md"]);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    fs::remove_file(path.join("accepted")).unwrap();
    fs::write(path.join("accepted"), "a file").unwrap();
    let error = shelve(path, &file(path, "a.md"), Shelf::Accepted).unwrap_err().to_string();
    assert!(error.contains("/accepted is no folder, and nothing is put there"), "{error}");
    assert_eq!(fs::read_to_string(path.join("accepted")).unwrap(), "a file");
}

#[test]
fn a_file_is_compared_with_what_was_shown() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("a.md"), PHASE).unwrap();
    let seen = file(path, "a.md");
    let answer = |order| carry_out(path, order).answer;
    let compare = || ProposalOrder::Compare(seen.clone());
    assert_eq!(answer(compare()), Some(ProposalAnswer::Same(seen.clone())));
    fs::write(path.join("a.md"), format!("{PHASE}\nmore")).unwrap();
    let news = carry_out(path, compare());
    assert_eq!(news.answer, Some(ProposalAnswer::Changed(seen.clone())));
    assert_ne!(news.listing.find("a.md").unwrap().file, seen, "it is shown anew");
    assert_eq!(answer(ProposalOrder::Look), None);
}

#[test]
fn what_was_added_and_can_t_be_put_away_is_told_as_such() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("a.md"), PHASE).unwrap();
    fs::write(path.join("accepted"), "a file").unwrap();
    let seen = file(path, "a.md");
    let news = carry_out(path, ProposalOrder::Shelve(seen.clone(), Shelf::Accepted));
    let Some(ProposalAnswer::Shelved(of, Shelf::Accepted, Err(why))) = news.answer else {
        panic!("{news:?}")
    };
    assert_eq!(of, seen);
    assert!(why.as_str().starts_with("what was shown is in the roadmap, but a.md stays where"));
    assert_eq!(news.listing.proposals.len(), 1, "it is shown still");
    let news = carry_out(path, ProposalOrder::Shelve(seen.clone(), Shelf::Rejected));
    let Some(ProposalAnswer::Shelved(_, Shelf::Rejected, Ok(to))) = news.answer else {
        panic!("{news:?}")
    };
    assert!(to.as_str().ends_with("/rejected/a.md"), "{to}");
    assert_eq!(news.listing, Listing::default());
}
