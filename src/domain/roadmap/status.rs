//! Judging a status: words first, then a check box, then a mark.

use std::ops::Range;

use foldhash::{HashMap, HashMapExt};

use super::Dialect;
use super::finished::{takes_back, tells_of_waiting, waits};
use super::phase::Status;
use super::vocabulary::by_words;

/// What a status value says. Ranges are in the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Judgement {
    /// The state.
    pub state: Status,
    /// Glyph and words of the state.
    pub token: Range<usize>,
    /// What stands behind it, without brackets or dash.
    pub reason: Option<Range<usize>>,
    /// Words and mark contradict each other.
    pub conflict: bool,
}

/// What a mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    NotStarted,
    InProgress,
    Blocked,
    Tick,
    Green,
    Deferred,
}

/// Every mark and shortcode, without variation selectors.
const MARKS: [(&str, Mark); 29] = [
    ("⚪", Mark::NotStarted),
    ("⬜", Mark::NotStarted),
    ("🔲", Mark::NotStarted),
    ("☐", Mark::NotStarted),
    (":white_circle:", Mark::NotStarted),
    ("🔄", Mark::InProgress),
    ("🟡", Mark::InProgress),
    ("🚧", Mark::InProgress),
    ("⏳", Mark::InProgress),
    ("⚙", Mark::InProgress),
    (":arrows_counterclockwise:", Mark::InProgress),
    (":yellow_circle:", Mark::InProgress),
    (":large_yellow_circle:", Mark::InProgress),
    (":construction:", Mark::InProgress),
    ("🔴", Mark::Blocked),
    ("🚫", Mark::Blocked),
    ("⛔", Mark::Blocked),
    ("🛑", Mark::Blocked),
    ("❌", Mark::Blocked),
    (":red_circle:", Mark::Blocked),
    (":no_entry:", Mark::Blocked),
    ("✅", Mark::Tick),
    ("☑", Mark::Tick),
    ("✔", Mark::Tick),
    (":white_check_mark:", Mark::Tick),
    (":heavy_check_mark:", Mark::Tick),
    ("🟢", Mark::Green),
    (":green_circle:", Mark::Green),
    ("⏸", Mark::Deferred),
];

/// Longest value that is remembered, in bytes: longer ones seldom come twice.
const REMEMBERED_BYTES: usize = 32;
/// So many values are remembered.
const REMEMBERED: usize = 64;

/// Judges the status values of one file; most of them come again and again.
#[derive(Debug)]
pub(super) struct Judge<'t> {
    dialect: Dialect,
    known: HashMap<&'t str, Judgement>,
}

impl<'t> Judge<'t> {
    /// A judge for a file with this dialect.
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, known: HashMap::new() }
    }

    /// Judges one value.
    pub fn of(&mut self, value: &'t str) -> Judgement {
        if let Some(known) = self.known.get(value) {
            return known.clone();
        }
        let judged = judge(value, self.dialect);
        if value.len() <= REMEMBERED_BYTES && self.known.len() < REMEMBERED {
            self.known.insert(value, judged.clone());
        }
        judged
    }

    /// Judges a value that comes once.
    pub fn once(&self, value: &str) -> Judgement {
        judge(value, self.dialect)
    }
}

/// Judges a status value in a file with this dialect. What is struck through does not count beside something else.
pub(super) fn judge(value: &str, dialect: Dialect) -> Judgement {
    match unstruck(value) {
        Some(plain) => Judgement { token: 0..value.len(), ..judged(&plain, dialect) },
        None => judged(value, dialect),
    }
}

/// The value with blanks in place of what is struck through; `None` when nothing is, or everything.
fn unstruck(value: &str) -> Option<String> {
    let mut parts = value.split("~~");
    let mut plain = parts.next()?.to_owned();
    let mut found = false;
    while let (Some(struck), Some(kept)) = (parts.next(), parts.next()) {
        found = true;
        plain.extend(std::iter::repeat_n(' ', struck.len() + 4));
        plain.push_str(kept);
    }
    let whole = plain.len() == value.len()
        && plain.contains(|c: char| c.is_alphanumeric() || !c.is_ascii());
    (found && whole).then_some(plain)
}

/// The same once nothing is struck through.
fn judged(value: &str, dialect: Dialect) -> Judgement {
    let mut end = first_clause(value);
    let mut read = by_words(&value[..end]);
    let tells = |read: &Option<(Status, _)>| read.as_ref().is_some_and(|r| r.0 != Status::Unknown);
    if !tells(&read) && end < value.len() {
        let whole = by_words(value);
        if tells(&whole) || read.is_none() {
            end = if whole.is_some() { value.len() } else { end };
            read = whole;
        }
    }
    let mark = first_mark(value);
    let state = match &read {
        Some((state, _)) => *state,
        None => by_marks(value, mark.map(|(mark, _)| mark), dialect),
    };
    let close = match (&read, mark) {
        (Some((_, at)), _) => through_marks(value, at.end),
        (None, Some((_, at))) if at <= end => through_marks(value, at),
        _ => value[..end].trim_end().len(),
    };
    let token = trimmed_emphasis(value, close);
    let boxed = if read.is_none() && by_box(value).is_some() { value.find(']') } else { None };
    let behind = boxed.map_or(token.end, |at| at + 1);
    let state = doubted(doubted(state, &value[behind..]), &value[end.max(behind)..]);
    let (state, conflict) = settled(state, mark.map(|(mark, _)| mark), value);
    // A template, or a state that is asked for rather than told.
    let open = is_template(value) || is_asked(state, &value[token.end..]);
    let reason = reason(value, token.end);
    let state = if open { Status::Unknown } else { state };
    Judgement { state, token, reason, conflict: conflict && !open }
}

/// The state a value without words for one stands for. A mark beside words of what is waited for tells of that.
fn by_marks(value: &str, mark: Option<Mark>, dialect: Dialect) -> Status {
    let told = by_box(value).or(mark.map(|mark| alone(mark, dialect)));
    told.filter(|state| *state != Status::Complete || !tells_of_waiting(value))
        .unwrap_or(Status::Unknown)
}

/// The state once what follows is heard as well.
fn doubted(state: Status, rest: &str) -> Status {
    match state {
        Status::Complete if takes_back(rest) => Status::InProgress,
        Status::NotStarted if waits(rest) => Status::Blocked,
        Status::Complete
        | Status::NotStarted
        | Status::InProgress
        | Status::Blocked
        | Status::Deferred
        | Status::Unknown => state,
    }
}

/// Whether a state is asked for by what follows it: `Done?`, `Done yet?`, `Done (?)`.
fn is_asked(state: Status, rest: &str) -> bool {
    let asked = rest.trim_start().starts_with('?');
    let sentence = rest.split(". ").next().unwrap_or(rest);
    let mark = |(at, _): (usize, &str)| {
        // That of an address is none.
        !sentence[at + 1..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '=' | '&'))
    };
    asked || (state == Status::Complete && sentence.match_indices('?').any(mark))
}

/// Which dialect a value speaks, if it tells.
pub(super) fn dialect(value: &str) -> Option<Dialect> {
    let words = by_words(&value[..first_clause(value)]).map(|(state, _)| state);
    if words.is_some_and(|state| ![Status::InProgress, Status::Complete].contains(&state)) {
        return None;
    }
    let (mark, end) = first_mark(value)?;
    let text = &value[..end];
    match mark {
        Mark::Tick => Some(Dialect::Arrows),
        Mark::Green => Some(Dialect::Circles),
        Mark::InProgress if text.ends_with("🔄") || text.ends_with(":arrows_counterclockwise:") => {
            Some(Dialect::Arrows)
        }
        Mark::InProgress if text.ends_with("🟡") || text.ends_with("yellow_circle:") => {
            Some(Dialect::Circles)
        }
        Mark::InProgress | Mark::NotStarted | Mark::Blocked | Mark::Deferred => None,
    }
}

/// Where the first clause ends.
fn first_clause(value: &str) -> usize {
    let dash = |at: usize| [" - ", " — ", " – "].iter().any(|cut| value[at..].starts_with(cut));
    let cuts =
        |(at, c): &(usize, char)| matches!(c, '(' | '|' | ',' | ';') || (*c == ' ' && dash(*at));
    let cut = value.char_indices().find(cuts).map_or(value.len(), |(at, _)| at);
    if cut == 0 { value.len() } else { cut }
}

/// The state a mark alone stands for.
fn alone(mark: Mark, dialect: Dialect) -> Status {
    match (mark, dialect) {
        (Mark::NotStarted, _) => Status::NotStarted,
        (Mark::InProgress, _) => Status::InProgress,
        (Mark::Blocked, _) => Status::Blocked,
        (Mark::Tick, _) | (Mark::Green, Dialect::Circles) => Status::Complete,
        // Beside ticks a green circle may as well mean ready.
        (Mark::Green, Dialect::Arrows) => Status::Unknown,
        (Mark::Deferred, _) => Status::Deferred,
    }
}

/// State and conflict once words and mark are compared. Complete against a mark is never complete.
fn settled(state: Status, mark: Option<Mark>, value: &str) -> (Status, bool) {
    match (state, mark) {
        (_, None) => (state, false),
        (Status::Complete, Some(mark)) => {
            let agrees = ticked(value) || [Mark::Tick, Mark::Green].contains(&mark);
            if agrees { (state, false) } else { (Status::Unknown, true) }
        }
        (
            Status::NotStarted | Status::InProgress | Status::Blocked | Status::Deferred,
            Some(mark),
        ) => (state, mark == Mark::Tick),
        (Status::Unknown, Some(_)) => (state, false),
    }
}

/// Whether a tick stands anywhere in the value.
fn ticked(value: &str) -> bool {
    marks(value).any(|(mark, _)| [Mark::Tick, Mark::Green].contains(&mark))
}

/// The first mark and where it ends.
fn first_mark(value: &str) -> Option<(Mark, usize)> {
    marks(value).next()
}

/// Every mark of a value and where it ends.
fn marks(value: &str) -> impl Iterator<Item = (Mark, usize)> + '_ {
    let places = value.char_indices().filter(|(_, c)| !c.is_ascii() || *c == ':');
    places.filter_map(|(at, _)| {
        let (text, mark) = MARKS.iter().find(|(text, _)| value[at..].starts_with(text))?;
        Some((*mark, at + text.len()))
    })
}

/// What follows a mark at the start of a text.
pub(super) fn after_mark(text: &str) -> Option<&str> {
    // Every mark is outside of ASCII or has a colon at either end.
    text.bytes().next().filter(|first| !first.is_ascii() || *first == b':')?;
    let rest = MARKS.iter().find_map(|(mark, _)| text.strip_prefix(mark))?;
    Some(rest.strip_prefix('\u{fe0f}').unwrap_or(rest))
}

/// What stands before a mark at the end of a text.
pub(super) fn before_mark(text: &str) -> Option<&str> {
    let text = text.strip_suffix('\u{fe0f}').unwrap_or(text);
    text.bytes().last().filter(|last| !last.is_ascii() || *last == b':')?;
    MARKS.iter().find_map(|(mark, _)| text.strip_suffix(mark))
}

/// The end of the marks that follow `at`.
fn through_marks(value: &str, at: usize) -> usize {
    let mut end = at;
    loop {
        let rest = value[end..].strip_prefix('\u{fe0f}').unwrap_or(&value[end..]);
        let start = value.len() - rest.len();
        let blank = rest.len() - rest.trim_start().len();
        match MARKS.iter().find(|(text, _)| rest[blank..].starts_with(text)) {
            Some((text, _)) => end = start + blank + text.len(),
            None => return start,
        }
    }
}

/// The token without the emphasis around it.
fn trimmed_emphasis(value: &str, close: usize) -> Range<usize> {
    let start = value.len() - value.trim_start_matches(['*', '_', '`', '~']).len();
    let start = start.min(close);
    start..start + value[start..close].trim_end_matches(['*', '_', '`', '~', ' ']).len()
}

/// What stands behind the token, without brackets, dash or colon.
fn reason(value: &str, from: usize) -> Option<Range<usize>> {
    let lead = |c: char| {
        c.is_whitespace()
            || matches!(c, '-' | '—' | '–' | ':' | ',' | ';' | '|' | '*' | '_' | '`' | '~' | '.')
    };
    let rest = value[from..].trim_start_matches(lead);
    let start = value.len() - rest.len();
    let text =
        rest.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '`' | '~'));
    let inner = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
    match inner {
        Some(inner) if !inner.contains(['(', ')']) && !inner.trim().is_empty() => {
            Some(start + 1..start + 1 + inner.len())
        }
        _ => (!text.is_empty()).then_some(start..start + text.len()),
    }
}

/// Several states split by pipes, or by slashes in the first clause: a template nobody filled in.
fn is_template(value: &str) -> bool {
    differ(value, '|') || differ(&value[..first_clause(value)], '/')
}

/// Whether the parts of a text stand for several states.
fn differ(text: &str, mark: char) -> bool {
    if !text.contains(mark) {
        return false;
    }
    let mut states = Vec::new();
    for part in text.split(mark).take(16) {
        let state = by_words(part).map(|(state, _)| state);
        states.extend(state.or(first_mark(part).map(|(mark, _)| alone(mark, Dialect::Circles))));
    }
    states.iter().any(|state| *state != states[0])
}

/// The state a check box stands for.
fn by_box(value: &str) -> Option<Status> {
    let inner = value.trim_start().strip_prefix('[')?;
    match inner.get(..2)? {
        "x]" | "X]" => Some(Status::Complete),
        " ]" => Some(Status::NotStarted),
        _ => None,
    }
}

/// A state written the way the old token is: with a mark, with a shortcode, or in words alone.
pub(super) fn write(state: Status, old: &str, dialect: Dialect) -> String {
    let (words, arrows, circles) = match state {
        Status::InProgress => {
            ("In Progress", ["🔄", ":arrows_counterclockwise:"], ["🟡", ":yellow_circle:"])
        }
        Status::Complete => ("Complete", ["✅", ":white_check_mark:"], ["🟢", ":green_circle:"]),
        Status::Blocked => ("Blocked", ["🔴", ":red_circle:"], ["🔴", ":red_circle:"]),
        Status::NotStarted | Status::Deferred | Status::Unknown => {
            ("Not Started", ["⚪", ":white_circle:"], ["⚪", ":white_circle:"])
        }
    };
    let marks = match dialect {
        Dialect::Arrows => arrows,
        Dialect::Circles => circles,
    };
    let coded = MARKS.iter().any(|(text, _)| text.starts_with(':') && old.contains(text));
    let drawn = old.chars().any(|c| !c.is_ascii() && !c.is_alphanumeric() && !c.is_whitespace());
    match (coded, drawn) {
        (true, _) => format!("{} {words}", marks[1]),
        (false, true) => format!("{} {words}", marks[0]),
        (false, false) => words.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn state(value: &str) -> (Status, bool) {
        let judged = judge(value, Dialect::Arrows);
        (judged.state, judged.conflict)
    }

    #[test]
    fn words_decide() {
        use Status::{Blocked, Complete, Deferred, InProgress, NotStarted, Unknown};
        for (value, expected) in [
            ("⚪ Not Started", NotStarted),
            ("🟢 Ready", NotStarted),
            ("🔴 BLOCKED", Blocked),
            ("Blocked", Blocked),
            ("🟢 Complete (2025-12-29)", Complete),
            ("Complete ✅", Complete),
            ("Not Complete yet", InProgress),
            ("⚪ Not started - depends on completed work", NotStarted),
            ("🟡 Code Complete - Pending Hardware Validation", InProgress),
            ("🟡 95% complete", InProgress),
            ("100% complete", Complete),
            ("To be completed", InProgress),
            ("Incomplete", InProgress),
            ("unblocked", NotStarted),
            ("🔴 Blocked (needs review)", Blocked),
            ("❌ Deferred Indefinitely", Deferred),
            ("Backlog - items deferred from completed work", Deferred),
            ("⚪ Not Started | 🔄 In Progress | ✅ Complete", Unknown),
            ("Not Started | Complete", Unknown),
            ("Not Started / In Progress / Complete", Unknown),
            ("Blocked/Waiting", Blocked),
            ("⚪ Not Started (see plans/completed/a.md)", NotStarted),
            ("✅ Complete 2026/01/02", Complete),
            ("✅ Complete | 2025-01-02", Complete),
            ("Ready for review", Unknown),
            ("whatever", Unknown),
            ("Done?", Unknown),
            ("✅ Complete?", Unknown),
            ("~~Not Started~~ Complete", Complete),
            ("~~Complete~~ ⚪ Not Started", NotStarted),
            ("~~Blocked~~", Blocked),
            ("Mostly complete", InProgress),
            ("Half done", InProgress),
            ("3/5 tasks complete", InProgress),
            ("2 of 3 done", InProgress),
            ("5/5 complete", Complete),
            ("12/29/2025 complete", Complete),
            ("Complete except docs", InProgress),
            ("Done but untested", InProgress),
            ("✅ Complete. All but the docs are long", Complete),
            ("Ready to complete", InProgress),
            ("None done", InProgress),
            ("✅ Complete. All items done", Complete),
            ("", Unknown),
            ("[x]", Complete),
            ("[ ]", NotStarted),
            ("🔴", Blocked),
            ("🟢", Unknown),
            (":white_check_mark: Done", Complete),
            (":red_circle:", Blocked),
        ] {
            assert_eq!(state(value), (expected, false), "{value}");
        }
        assert_eq!(judge("🟢", Dialect::Circles).state, Complete);
    }

    #[test]
    fn complete_against_its_mark_is_a_conflict() {
        for value in ["🟡 Complete", "🔄 Complete", "🔴 Done", "⚪ Complete"] {
            assert_eq!(state(value), (Status::Unknown, true), "{value}");
        }
        assert_eq!(state("🟡 Complete ✅"), (Status::Complete, false));
        assert_eq!(state("✅ Blocked"), (Status::Blocked, true));
        assert_eq!(state("✅ Complete except docs"), (Status::InProgress, true));
    }

    #[test]
    fn the_token_leaves_the_reason_out() {
        for (value, token, reason) in [
            ("🔴 Blocked", "🔴 Blocked", None),
            ("🔴 Blocked (needs 2.1)", "🔴 Blocked", Some("needs 2.1")),
            ("🔴 Blocked - by legal", "🔴 Blocked", Some("by legal")),
            ("🔴 Blocked by vendor", "🔴 Blocked", Some("by vendor")),
            ("**Blocked**: legal", "Blocked", Some("legal")),
            ("Complete ✅ (2025)", "Complete ✅", Some("2025")),
            ("⚙️ In Progress", "⚙️ In Progress", None),
            ("🔴\u{a0}Blocked", "🔴\u{a0}Blocked", None),
            ("🔴", "🔴", None),
            ("~~Complete~~ 🔴 Blocked (legal)", "~~Complete~~ 🔴 Blocked (legal)", Some("legal")),
        ] {
            let judged = judge(value, Dialect::Arrows);
            assert_eq!(&value[judged.token.clone()], token, "{value}");
            assert_eq!(judged.reason.map(|range| &value[range]), reason, "{value}");
        }
    }

    #[test]
    fn states_are_written_in_the_style_found() {
        assert_eq!(write(Status::NotStarted, "🔴 Blocked", Dialect::Arrows), "⚪ Not Started");
        assert_eq!(write(Status::NotStarted, "BLOCKED", Dialect::Arrows), "Not Started");
        assert_eq!(write(Status::Complete, "🟡 In Progress", Dialect::Circles), "🟢 Complete");
        assert_eq!(
            write(Status::InProgress, ":white_circle: Not Started", Dialect::Arrows),
            ":arrows_counterclockwise: In Progress"
        );
    }
}
