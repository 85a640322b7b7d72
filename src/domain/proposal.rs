//! Proposals: files with new phases that wait for a person. Reading one never fails: what can't be used says why.

mod judge;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::domain::printable::{Printable, Unprintable};
use crate::domain::roadmap::{Roadmap, RoadmapChange};
pub use judge::{Judgement, Standing, judge, repeated};

/// Begins what stands for the hash of bytes that were not read.
const UNREAD: &str = "unread: ";

/// One state of one file: what a person decides about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProposalFile {
    /// Its name in the folder of proposals.
    pub name: String,
    /// Identifies its bytes, in hex.
    pub hash: String,
}

/// A file of the folder of proposals.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Which file, in which state.
    pub file: ProposalFile,
    /// What it is called.
    pub title: Printable,
    /// What it says before its first phase, for the reader; that goes nowhere. All of it where nothing can be added.
    pub intro: String,
    /// Its phases, or one sentence why there are none to be had.
    pub drafted: Result<Drafted, Printable>,
}

/// The phases of a proposal.
#[derive(Clone, Debug, PartialEq)]
pub struct Drafted {
    /// Their sections in Markdown, with the headings of their batches.
    pub text: Arc<str>,
    /// The same as read.
    pub phases: Arc<Roadmap>,
}

/// What was found in a folder of proposals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// The proposals, by file name.
    pub proposals: Vec<Proposal>,
    /// How many files there are more than are read.
    pub more: usize,
    /// Why the folder can't be read, in one sentence. A folder that does not exist is empty.
    pub problem: Option<Printable>,
}

/// Where the file of a proposal goes when it is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Its phases are in the roadmap.
    Accepted,
    /// A person does not want them.
    Rejected,
}

/// What is to be done in a folder of proposals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProposalOrder {
    /// List it.
    Look,
    /// Find out whether a file is still as it was shown, for it is to be approved.
    Compare(ProposalFile),
    /// Put a file where it belongs, unless it has changed.
    Shelve(ProposalFile, Shelf),
}

/// What came of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposalNews {
    /// The folder as it is now.
    pub listing: Listing,
    /// What was asked for.
    pub answer: Option<ProposalAnswer>,
}

/// The answer to an order about one file.
#[derive(Clone, Debug, PartialEq)]
pub enum ProposalAnswer {
    /// It is as it was shown.
    Same(ProposalFile),
    /// It is gone, or something else stands in it.
    Changed(ProposalFile),
    /// It was put on a shelf: where it lies now, or one sentence why it was not.
    Shelved(ProposalFile, Shelf, Result<Printable, Printable>),
}

/// What a person wants with proposals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProposalAct {
    /// Read the folder again.
    Look,
    /// Add its phases to the roadmap.
    Approve(ProposalFile),
    /// Put it aside.
    Refuse(ProposalFile),
}

impl Shelf {
    /// The name of its folder in the folder of proposals.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }
}

impl Listing {
    /// A proposal by the name of its file.
    pub fn find(&self, name: &str) -> Option<&Proposal> {
        self.proposals.iter().find(|proposal| proposal.file.name == name)
    }

    /// The files, each in its state.
    pub fn files(&self) -> BTreeSet<ProposalFile> {
        self.proposals.iter().map(|proposal| proposal.file.clone()).collect()
    }
}

impl Drafted {
    /// The change that adds the phases to a roadmap.
    pub fn change(&self, file: &ProposalFile) -> RoadmapChange {
        RoadmapChange::Append { text: self.text.to_string(), proposal: Some(file.clone()) }
    }
}

impl Proposal {
    /// Reads the bytes of a file.
    pub fn read(name: &str, bytes: &[u8]) -> Self {
        let hash = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let file = ProposalFile { name: name.to_owned(), hash };
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::of_text(file, text),
            Err(error) => {
                let whole = &bytes[..error.valid_up_to()];
                let line = whole.iter().filter(|byte| **byte == b'\n').count() + 1;
                let why = format!("It is no UTF-8 text (line {line}): save it as UTF-8.");
                Self::unread(file, &why)
            }
        }
    }

    /// A file that can't be read, or is not to be. Its state is why: with another reason it is another one.
    pub fn unreadable(name: &str, why: &str) -> Self {
        let file = ProposalFile { name: name.to_owned(), hash: format!("{UNREAD}{why}") };
        Self::unread(file, why)
    }

    /// Whether its text was read at all.
    pub fn is_read(&self) -> bool {
        !self.file.hash.starts_with(UNREAD)
    }

    /// How many phases it has.
    pub fn count(&self) -> usize {
        self.drafted.as_ref().map_or(0, |drafted| drafted.phases.phases.len())
    }

    fn unread(file: ProposalFile, why: &str) -> Self {
        let title = Printable::new(&file.name);
        Self { file, title, intro: String::new(), drafted: Err(Printable::new(why)) }
    }

    fn of_text(file: ProposalFile, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (front, body) = front_matter(text);
        let first = first_section(body);
        let (intro, sections) = first.map_or((body, body), |at| body.split_at(at));
        // Only what would stand in the roadmap is looked at: the rest goes nowhere.
        let found = first.and_then(|_| Unprintable::find(text, text.len() - sections.len()));
        let drafted = match found {
            Some(found) => Err(unprintable(&file.name, found)),
            None => drafted(sections),
        };
        // What can't be added is shown whole.
        let shown = if drafted.is_ok() { untitled(intro) } else { body };
        let title = title(front, intro);
        let first = || drafted.as_ref().ok()?.phases.phases.first();
        let title = title.or_else(|| first().map(|phase| phase.name.to_string()));
        let title = Printable::new(title.as_deref().unwrap_or(&file.name));
        Self { file, title, intro: shown.to_owned(), drafted }
    }
}

/// Why a file with such a character is not added.
fn unprintable(name: &str, found: Unprintable) -> Printable {
    let line = found.line;
    Printable::new(&format!("Line {line} of {name} has {found}: take it out there."))
}

/// The phases of these sections. Whether they are phases at all does not depend on the roadmap they go to.
fn drafted(sections: &str) -> Result<Drafted, Printable> {
    let empty = Roadmap::parse(Vec::new());
    let append = RoadmapChange::Append { text: sections.to_owned(), proposal: None };
    append.edits(&empty, &BTreeSet::new())?;
    let phases = Arc::new(Roadmap::parse(sections.as_bytes()));
    Ok(Drafted { text: sections.into(), phases })
}

/// Where the first phase or the heading of its batch begins, if there is one.
fn first_section(text: &str) -> Option<usize> {
    let read = Roadmap::parse(text.as_bytes());
    let first = read.phases.first()?;
    let batch = read.batches.iter().map(|batch| batch.line).find(|line| *line < first.place.line);
    Some(batch.map_or(first.place.heading.start, |line| start_of(text, line)))
}

/// Byte at which a line begins, counted from 1.
fn start_of(text: &str, line: usize) -> usize {
    let bytes = text.as_bytes();
    let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    line.checked_sub(2).map_or(0, |nth| ends.map(|(at, _)| at + 1).nth(nth).unwrap_or(0))
}

/// The YAML between `---` lines at the top, and the rest.
fn front_matter(text: &str) -> (&str, &str) {
    let Some(rest) = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n")) else {
        return ("", text);
    };
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return (&rest[..at], &rest[at + line.len()..]);
        }
        at += line.len();
    }
    ("", text)
}

/// What the text before the phases calls it.
fn title(front: &str, intro: &str) -> Option<String> {
    let heading = intro.lines().find_map(heading);
    let field = || front.lines().find_map(|line| line.strip_prefix("title:"));
    let given = heading.or_else(field)?;
    let plain = given.trim().trim_matches(['"', '\'']);
    let plain = plain.strip_prefix("Proposal:").unwrap_or(plain).trim();
    (!plain.is_empty()).then(|| plain.to_owned())
}

/// The words of a heading.
fn heading(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    let hashes = line.len() - rest.len();
    ((1..=6).contains(&hashes) && rest.starts_with(' ')).then(|| rest.trim())
}

/// The text before the phases without a heading that is its title already.
fn untitled(intro: &str) -> &str {
    let body = intro.trim();
    match body.split_once('\n') {
        Some((first, rest)) if heading(first).is_some() => rest.trim(),
        None if heading(body).is_some() => "",
        Some(_) | None => body,
    }
}
