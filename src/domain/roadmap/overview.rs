//! States told elsewhere than in a Status field: the mark of a heading, an overview check list, the row of a table, a
//! phase's own tasks. They are only shown. Nothing is decided from them, and they are never written.

use std::collections::HashMap;

use super::Dialect;
use super::field;
use super::heading::{self, Ground, Title};
use super::phase::{Status, StatusSource};
use super::status;
use super::token::{self, Letters};
use super::vocabulary::by_words;
use crate::domain::id::PhaseId;

/// What the text outside of phases tells about phases. The first to tell is believed.
#[derive(Debug, Default)]
pub(super) struct Overview {
    lists: HashMap<PhaseId, Status>,
    tables: HashMap<PhaseId, Status>,
    table: Table,
}

/// Where the lines are in a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Table {
    /// In none with phases and their states.
    #[default]
    None,
    /// Behind its head.
    Head(Columns),
    /// In its rows.
    Rows(Columns),
}

/// Which columns of a table are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    phase: usize,
    status: usize,
}

impl Overview {
    /// Reads a line that belongs to no phase.
    pub fn line(&mut self, text: &str) {
        let text = text.trim();
        match text.as_bytes().first() {
            Some(b'|') => self.row(text),
            Some(b'-' | b'*' | b'+') => {
                self.table = Table::None;
                self.item(text);
            }
            Some(_) | None => self.table = Table::None,
        }
    }

    /// What is told of a phase, and where.
    pub fn of(&self, id: &PhaseId) -> Option<(StatusSource, Status)> {
        let list = self.lists.get(id).map(|state| (StatusSource::Checklist, *state));
        list.or_else(|| self.tables.get(id).map(|state| (StatusSource::Table, *state)))
    }

    /// `- [x] **Phase 1: Name** - …`
    fn item(&mut self, text: &str) {
        let Some(task) = field::task(text) else { return };
        let state = match &text[task.mark.clone()] {
            _ if task.done => Status::Complete,
            mark if mark.trim().is_empty() => Status::NotStarted,
            "~" | "/" | "🔄" | "🟡" | "⚙️" | "🚧" => Status::InProgress,
            _ => return,
        };
        if let Title::Phase(title) = heading::title(&text[task.text])
            && title.ground != Ground::Status
        {
            self.lists.entry(title.id).or_insert(state);
        }
    }

    /// `| Phase | … | Status |`, the line below it, and rows.
    fn row(&mut self, text: &str) {
        self.table = match self.table {
            Table::Head(columns) if is_ruler(text) => Table::Rows(columns),
            Table::Rows(columns) => {
                if let Some((id, state)) = columns.read(text) {
                    self.tables.entry(id).or_insert(state);
                }
                Table::Rows(columns)
            }
            Table::None | Table::Head(_) => Columns::of(text).map_or(Table::None, Table::Head),
        };
    }
}

impl Columns {
    /// The columns a head names.
    fn of(head: &str) -> Option<Self> {
        let place = |words: &[&str]| {
            let named = |cell: &str| words.iter().any(|word| cell.eq_ignore_ascii_case(word));
            cells(head).position(|cell| named(cell.trim_matches(['*', '_', '`', ' '])))
        };
        let phase = place(&["phase", "id", "work package", "work stream", "workstream", "stream"]);
        let phase = phase.or_else(|| place(&["milestone", "stage", "wp", "#"]))?;
        Some(Self { phase, status: place(&["status", "state"])? })
    }

    /// The phase and the state of a row.
    fn read(self, row: &str) -> Option<(PhaseId, Status)> {
        let id = id(cells(row).nth(self.phase)?)?;
        let judged = status::judge(cells(row).nth(self.status)?, Dialect::Arrows);
        (judged.state != Status::Unknown && !judged.conflict).then_some((id, judged.state))
    }
}

/// The cells of a row.
fn cells(row: &str) -> impl Iterator<Item = &str> {
    row.trim_start_matches('|').split('|').map(str::trim)
}

/// The line between the head of a table and its rows.
fn is_ruler(row: &str) -> bool {
    row.contains('-') && row.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t'))
}

/// The id a cell begins with.
fn id(cell: &str) -> Option<PhaseId> {
    let plain = cell.trim_start_matches(|c: char| {
        matches!(c, '*' | '_' | '`' | '~' | '[' | '#') || (!c.is_ascii() && !c.is_alphanumeric())
    });
    let plain = plain.trim_start();
    let (text, letters) = match token::after_keyword(plain) {
        Some((text, token::Number::Singular)) => (text, Letters::Allowed),
        Some((_, token::Number::Plural)) => return None,
        None => (plain, Letters::Refused),
    };
    let length = token::id_length(text, letters)?;
    let behind = text[length..].trim_start();
    let many = behind.strip_prefix(['-', '–', '—', '/', '+', '&', ',']);
    let many = many.is_some_and(|rest| rest.trim_start().starts_with(|c: char| c.is_ascii_digit()));
    (!many).then(|| PhaseId::new(&text[..length]))
}

/// The state a phase's heading is marked with: `✅ Phase 1: Name`, `Phase 1 ✅ - Name`, `Phase 1: Name (Complete)`,
/// `Phase 1: Name - DONE`. Coloured circles are left out: they are as often a priority, or a colour.
pub(super) fn marked(heading: &str, id: &PhaseId) -> Option<Status> {
    let behind = heading.find(id.as_str()).map(|at| at + id.as_str().len())?;
    let (before, name) = heading.split_at(behind);
    let ends =
        [marks_of(before), marks_of(leading(name)), marks_of(trailing(name)), words_of(name)];
    let mut told = ends.into_iter().flatten();
    let first = told.next()?;
    told.all(|state| state == first).then_some(first)
}

/// What stands before the first letter or digit.
fn leading(text: &str) -> &str {
    &text[..text.find(char::is_alphanumeric).unwrap_or(text.len())]
}

/// What stands behind the last letter, digit or bracket.
fn trailing(text: &str) -> &str {
    let end = text.rfind(|c: char| c.is_alphanumeric() || matches!(c, ')' | ']'));
    let behind = end.and_then(|at| text[at..].chars().next().map(|c| at + c.len_utf8()));
    behind.map_or("", |at| &text[at..])
}

/// The state of the marks in a text that is no name.
fn marks_of(text: &str) -> Option<Status> {
    let kinds: [(Status, &[&str]); 3] = [
        (Status::Complete, &["✅", "☑", "✔", ":white_check_mark:", ":heavy_check_mark:", "[x]"]),
        (Status::InProgress, &["🔄", "🚧", "⏳", ":construction:"]),
        (Status::Deferred, &["⏸"]),
    ];
    let mut told =
        kinds.into_iter().filter(|(_, marks)| marks.iter().any(|mark| text.contains(mark)));
    let first = told.next()?.0;
    told.next().is_none().then_some(first)
}

/// The state in words at the end of a name, in brackets or behind a dash, with nothing but a date beside it.
fn words_of(name: &str) -> Option<Status> {
    let name = name.trim_end_matches(|c: char| {
        c.is_whitespace()
            || matches!(c, '*' | '_' | '~' | '`')
            || (!c.is_ascii() && !c.is_alphanumeric())
    });
    let start = match name.chars().next_back()? {
        ')' => name.rfind('(')? + 1,
        ']' => name.rfind('[')? + 1,
        _ => dash(name)?,
    };
    let words = name[start..].trim_end_matches([')', ']']);
    let (state, at) = by_words(words)?;
    let alone = [&words[..at.start], &words[at.end..]];
    alone.iter().all(|rest| !rest.contains(char::is_alphabetic)).then_some(state)
}

/// Where what follows the last dash of a name begins. The dash behind the id is none: what follows it is the name.
fn dash(name: &str) -> Option<usize> {
    let cuts = [" - ", " — ", " – "];
    let last = cuts.iter().filter_map(|cut| name.rfind(cut).map(|at| at + cut.len())).max()?;
    name[..last].contains(char::is_alphanumeric).then_some(last)
}

/// The state a phase's own check boxes add up to.
pub(super) fn of_tasks((done, all): (usize, usize)) -> Option<Status> {
    match (done, all) {
        (_, 0) => None,
        (0, _) => Some(Status::NotStarted),
        (done, all) if done == all => Some(Status::Complete),
        _ => Some(Status::InProgress),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::Roadmap;
    use super::super::readiness::Evaluator;
    use super::*;
    use crate::domain::gardener::RoadmapGardener;

    fn told(text: &str) -> Vec<(String, StatusSource, Status)> {
        let roadmap = Roadmap::parse(text.as_bytes());
        let phases = roadmap.phases.iter();
        phases
            .map(|phase| (phase.id.to_string(), phase.status.source, phase.status.shown))
            .collect()
    }

    #[test]
    fn headings_are_marked_in_many_ways() {
        use Status::{Complete, Deferred, InProgress};
        for (line, state) in [
            ("### ✅ Phase 2: Walls", Some(Complete)),
            ("## Phase 2 ✅ — Walls", Some(Complete)),
            ("### Phase 2: Walls ✅", Some(Complete)),
            ("### [x] Phase 2: Walls", Some(Complete)),
            ("## Phase 2: Walls (COMPLETE) ##", Some(Complete)),
            ("### :white_check_mark: Phase 2: Walls", Some(Complete)),
            ("## Phase 2 - Walls (Complete)", Some(Complete)),
            ("## Phase 2: Walls (done, 2026-01-02)", Some(Complete)),
            ("## Phase 2: Walls — COMPLETE", Some(Complete)),
            ("## **Phase 2: Walls [DONE]**", Some(Complete)),
            ("## 🚧 Phase 2: Walls", Some(InProgress)),
            ("## Phase 2: Walls (in progress)", Some(InProgress)),
            ("## Phase 2: Walls (deferred)", Some(Deferred)),
            ("## 🚧 Phase 2: Walls — COMPLETE", None),
            ("## Phase 2: Complete the walls", None),
            ("## Phase 2 - Done", None),
            ("## Phase 2: Order - complete checkout", None),
            ("## 🔴 Phase 2: Walls (2 weeks)", None),
            ("## Phase 2: A ✅ button", None),
            ("## Phase 2: Walls (Dependencies complete)", None),
            ("## Phase 2: Walls (complete rewrite)", None),
            ("## Phase 2: Walls (not complete)", Some(InProgress)),
        ] {
            let source = if state.is_some() { StatusSource::Heading } else { StatusSource::None };
            let shown = state.unwrap_or(Status::Unknown);
            assert_eq!(told(line), [("2".into(), source, shown)], "{line}");
        }
    }

    #[test]
    fn lists_tables_and_tasks_are_looked_at_in_this_order() {
        let text = "# Plan\n- [x] **Phase 1: Walls** - stand\n- [ ] Phase 2: Roof\n- [~] WP-3: Door\n\
            - [x] Phases 4-5\n\n| Phase | Plans | Status |\n|---|---|---|\n| 1. Walls | 1 | Blocked |\n\
            | 4. Floor | 0/1 | Not started |\n| **Phase 5** | 1 | ✅ Complete |\n| 6-7 | 1 | Complete |\n\
            ### Phase 1: Walls\n- [ ] paint\n### Phase 2: Roof ✅\n### WP-3: Door\n- **Plan:** x\n\
            ### Phase 4: Floor\n### Phase 5: Window\n- **Status:** 🔄 In Progress\n\
            ### Phase 6: Stairs\n- [x] up\n- [ ] down\n### Phase 7: Lamp\n- [x] on\n### Phase 8: End\n";
        use Status::{Complete, InProgress, NotStarted, Unknown};
        use StatusSource::{Checklist, Derived, Field, Heading, None, Table};
        let expected = [
            ("1", Checklist, Complete),
            ("2", Heading, Complete),
            ("WP-3", Checklist, InProgress),
            ("4", Table, NotStarted),
            ("5", Field, InProgress),
            ("6", Derived, InProgress),
            ("7", Derived, Complete),
            ("8", None, Unknown),
        ];
        assert_eq!(told(text), expected.map(|(id, source, shown)| (id.into(), source, shown)));
    }

    #[test]
    fn tables_need_a_head_with_phases_and_states() {
        let phase = "### Phase 1: Walls\n";
        let rows =
            |head: &str, row: &str| told(&format!("{head}\n|--|:-:|\n{row}\n\n{phase}"))[0].1;
        assert_eq!(rows("| ID | State |", "| Phase 1 | Done |"), StatusSource::Table);
        assert_eq!(rows("|Stage|**Status**|", "|[1](#walls)|Done|"), StatusSource::Table);
        assert_eq!(rows("| Phase | Goal |", "| 1 | Done |"), StatusSource::None);
        assert_eq!(rows("| Risk | Status |", "| 1 | Done |"), StatusSource::None);
        assert_eq!(rows("| Phase | Status |", "| 1 | maybe |"), StatusSource::None);
        assert_eq!(
            told(&format!("| Phase | Status |\n| 1 | Done |\n{phase}"))[0].1,
            StatusSource::None
        );
        assert_eq!(
            told(&format!("```\n| Phase | Status |\n|-|-|\n| 1 | Done |\n```\n{phase}"))[0].1,
            StatusSource::None
        );
    }

    #[test]
    fn what_is_told_decides_nothing() {
        let text = "- [x] Phase 1: Walls\n- [ ] Phase 2: Roof\n### Phase 1: Walls ✅\n- [x] a\n### Phase 2: Roof\n\
            ### Phase 3: Door\n- **Status:** 🔴 Blocked\n- **Depends On:** Phase 1\n\
            ### Phase 4: Lamp\n- **Status:** ⚪ Not Started\n- **Depends On:** All previous phases\n";
        let (roadmap, nobody) = (Roadmap::parse(text.as_bytes()), BTreeSet::new());
        let garden = RoadmapGardener.garden(&roadmap, Option::None, &nobody);
        assert!(garden.unblocked.is_empty() && garden.edits.is_empty());
        assert_eq!(garden.still_blocked, [(PhaseId::new("3"), vec![PhaseId::new("1")])]);
        let evaluator = Evaluator::new(&roadmap, &nobody);
        assert!(evaluator.ready().is_empty());
        assert!(!evaluator.is_complete(&PhaseId::new("1")));
        assert!(roadmap.phases[..2].iter().all(|phase| phase.status.state == Status::Unknown));
        assert_eq!(roadmap.phases[0].status.told().as_deref(), Some("complete by its heading"));
    }
}
