//! The writers that edit the roadmap behind the program.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::support::crew::{Dice, pass};
use crate::support::screen::Screen;
use crate::{BLOCKED, COMPLETE, EACH, NOT_STARTED, WAITING};

/// How a writer saves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Rename,
    Truncate,
}

impl Style {
    fn word(self) -> &'static str {
        match self {
            Self::Rename => "rename",
            Self::Truncate => "truncate",
        }
    }

    fn batch(self) -> usize {
        match self {
            Self::Rename => 2,
            Self::Truncate => 3,
        }
    }
}

/// Both writers. They take turns, for without our help they would lose each other's edits; orch-tui never waits for them.
pub struct Writers {
    path: PathBuf,
    pub dice: Dice,
    /// Status each flipped phase was given last.
    pub given: BTreeMap<String, &'static str>,
    pub counts: BTreeMap<&'static str, usize>,
    pub remarks: Vec<String>,
    /// How often one that waits was blocked anew.
    pub blocked: usize,
    record: Record,
}

/// The last saves, and the file: told when the test fails.
#[derive(Clone)]
struct Record {
    path: PathBuf,
    began: Instant,
    saves: Rc<RefCell<VecDeque<String>>>,
}

impl Record {
    fn new(path: PathBuf) -> Self {
        Self { path, began: Instant::now(), saves: Rc::default() }
    }

    /// What a writer did, with the statuses of all phases as it read them and as it left them.
    fn note(&self, what: &str, (read, wrote): (&str, &str)) {
        let mut saves = self.saves.borrow_mut();
        let (at, read, wrote) = (self.began.elapsed(), statuses(read), statuses(wrote));
        saves.push_back(format!("{at:?} {what}\n   read {read}\n  wrote {wrote}"));
        let surplus = saves.len().saturating_sub(16);
        saves.drain(..surplus);
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let text = fs::read_to_string(&self.path).unwrap_or_default();
            let saves = self.saves.take().into_iter().collect::<Vec<_>>().join("\n");
            let mut out = std::io::stderr();
            writeln!(out, "{saves}\n    now {}\n{text}", statuses(&text)).unwrap();
        }
    }
}

/// One letter a phase (`C`omplete, `N`ot started, `B`locked, `I`n progress), a word a batch, then both counters.
fn statuses(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        if line.starts_with("## Batch") {
            out.push(' ');
        } else if let Some(status) = line.strip_prefix("- **Status:** ") {
            out.extend(status.chars().find(|c| c.is_ascii_alphabetic()));
        } else if line.starts_with("rename: ") || line.starts_with("truncate: ") {
            out.push_str(line);
            out.push(' ');
        }
    }
    out
}

impl Writers {
    pub fn new(path: PathBuf, seed: u64) -> Self {
        let given = [2, 3].into_iter().flat_map(|batch| {
            (1..=EACH).map(move |number| (format!("{batch}.{number}"), NOT_STARTED))
        });
        let given = given.collect();
        let counts = BTreeMap::from([("rename", 0), ("truncate", 0)]);
        let record = Record::new(path.clone());
        Self {
            path,
            dice: Dice::new(seed),
            given,
            counts,
            remarks: Vec::new(),
            blocked: WAITING,
            record,
        }
    }

    /// One edit: reads the file, flips a phase, perhaps blocks one that waits, adds a remark, counts, and saves.
    pub fn edit(&mut self) {
        let style = if self.dice.below(2) == 0 { Style::Rename } else { Style::Truncate };
        let count = self.counts.get_mut(style.word()).unwrap();
        *count += 1;
        let count = *count;
        let id = format!("{}.{}", style.batch(), 1 + self.dice.below(EACH as u64));
        let read = fs::read_to_string(&self.path).unwrap();
        let status = if self.given[&id] == COMPLETE { NOT_STARTED } else { COMPLETE };
        let mut text = with_status(&read, &id, status);
        let what = format!("{} {count}: {id} {status}", style.word());
        self.given.insert(id, status);
        if self.dice.below(4) == 0 {
            let id = format!("4.{}", 1 + self.dice.below(WAITING as u64));
            let blocked = with_status(&text, &id, BLOCKED);
            self.blocked += usize::from(blocked != text);
            text = blocked;
        }
        let marker = format!("{}: ", style.word());
        let at = text.find(&marker).unwrap() + marker.len();
        let end = at + text[at..].find('\n').unwrap();
        text.replace_range(at..end, &count.to_string());
        let remark = format!("- {} {count}", style.word());
        text += &format!("{remark}\n");
        self.remarks.push(remark);
        if self.dice.below(3) == 0 {
            // Others change the file while somebody thinks.
            pass(Duration::from_micros(self.dice.below(8_000)));
        }
        self.record.note(&what, (&read, &text));
        match style {
            Style::Rename => {
                let temp = self.path.with_extension("swap");
                fs::write(&temp, text).unwrap();
                fs::rename(&temp, &self.path).unwrap();
            }
            Style::Truncate => fs::write(&self.path, text).unwrap(),
        }
    }

    /// Whether the screen shows every phase the writers own as they left it, and the ones that wait accordingly.
    pub fn are_shown(&self, screen: &Screen) -> bool {
        let lines = screen.lines();
        let shows = |id: &str, glyphs: &[&str]| {
            let text = glyphs.iter().map(|glyph| format!(" {glyph} {id} "));
            text.into_iter().any(|text| lines.iter().any(|line| line.contains(&text)))
        };
        let flipped = self
            .given
            .iter()
            .all(|(id, status)| shows(id, if *status == COMPLETE { &["✓"] } else { &["◦"] }));
        flipped
            && (1..=WAITING).all(|number| {
                let free = self.given[&format!("2.{number}")] == COMPLETE;
                shows(&format!("4.{number}"), if free { &["◦"] } else { &["⊘"] })
            })
    }
}

/// The text with another status of one phase.
pub fn with_status(text: &str, id: &str, status: &str) -> String {
    let phase = text.find(&format!("### Phase {id}:")).unwrap_or_else(|| panic!("no {id}\n{text}"));
    let at = phase + text[phase..].find("**Status:** ").unwrap() + "**Status:** ".len();
    let end = at + text[at..].find('\n').unwrap();
    format!("{}{status}{}", &text[..at], &text[end..])
}
