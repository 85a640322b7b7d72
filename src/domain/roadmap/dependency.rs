//! Dependency lists: ids with their own ticks, ranges, scopes, and text that waits for a person.

use super::believed::is_ticked;
use super::condition;
use super::note::{Remainder, is_lead, named_phase, names_at_start, own, remainder};
use super::phase::{Dependency, Span};
use super::scope::{Carry, leading_id, scope};
use super::token::{self, Letters, id_length};
use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;

/// Most ids the ranges of one file may name; what goes beyond is opaque.
const RANGE_BUDGET: usize = 200_000;
/// Longest heading a note is compared with.
const LONGEST_TITLE: usize = 400;

/// Reads dependency lists of one file.
#[derive(Debug)]
pub(super) struct DependencyReader<'t> {
    text: &'t str,
    ids: Vec<PhaseId>,
    /// Per id, until they are brought in order: its heading.
    titles: Vec<Span>,
    order: Order,
    budget: usize,
}

/// Whether the ids of the file were brought in order: few lists need that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    AsWritten,
    Natural,
}

/// The end of one range and what is known of its start.
struct RangeEnd<'t> {
    id: &'t str,
    length: usize,
}

/// Whether a tick or a strike-through stands before an id.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ticks {
    None,
    Before,
    /// An empty check box: nothing behind the id counts either.
    Open,
}

impl<'t> DependencyReader<'t> {
    /// `ids` are the ids of the file, in any order.
    pub fn new(text: &'t str, ids: Vec<PhaseId>) -> Self {
        let titles = Vec::new();
        Self { text, ids, titles, order: Order::AsWritten, budget: RANGE_BUDGET }
    }

    /// The same with the headings of the ids: a note that gives the name of a phase is no condition.
    #[must_use]
    pub fn with_titles(self, titles: Vec<Span>) -> Self {
        Self { titles, ..self }
    }

    /// Reads the lines of one value.
    pub fn read(&mut self, parts: &[Span]) -> Vec<Dependency> {
        let mut list = List { items: Vec::new(), carry: Carry::Nothing };
        let (mut first, mut none) = (true, false);
        for (line, part) in parts.iter().enumerate() {
            let wrapped = &self.text[part.clone()];
            let from = if line > 0 { numbering(wrapped) } else { 0 };
            let from = from.max(conjunction(wrapped).filter(|_| line > 0).unwrap_or(0));
            for segment in segments(self.text, part.start + from..part.end) {
                let text = &self.text[segment.clone()];
                if text.trim().is_empty() {
                    continue;
                }
                if std::mem::take(&mut first) && is_none(text) {
                    none = true;
                    break;
                }
                // What names a phase below `None` contradicts it.
                if none && !names_at_start(text) {
                    continue;
                }
                self.segment(segment, &mut list);
            }
        }
        list.items
    }

    /// Whether a list speaks of phases at all: of one of the file, of a scope, or of one by its keyword or prefix.
    pub fn names_phases(&mut self, list: &[Dependency], parts: &[Span]) -> bool {
        self.bring_in_order();
        let known = |dependency: &Dependency| match dependency {
            Dependency::Phase { id, .. } => self.ids.binary_search(id).is_ok(),
            Dependency::Batch(_) | Dependency::AllPrevious => true,
            Dependency::Opaque(_) => false,
        };
        let named = |part: &Span| named_phase(&self.text[part.clone()]).is_some();
        list.iter().any(known) || parts.iter().any(named)
    }

    /// Reads one item of the list.
    fn segment(&mut self, segment: Span, list: &mut List) {
        let whole = &self.text[segment.clone()];
        if let Some(scope) = scope(whole, list.carry) {
            list.carry = if scope == [Dependency::AllPrevious] { list.carry } else { Carry::Batch };
            list.items.extend(scope);
            return;
        }
        if condition::is_parallel(whole) {
            return;
        }
        let lead = whole.len() - whole.trim_start_matches(is_lead).len();
        let boxed = lead + box_length(&whole[lead..]);
        let struck = is_ticked(&whole[..boxed]) || whole[..boxed].contains("~~");
        let before = match struck {
            true => Ticks::Before,
            false if whole[lead..].starts_with("[ ]") => Ticks::Open,
            false => Ticks::None,
        };
        let start = segment.start + boxed;
        let end = self
            .item(start..segment.end, before, list)
            .or_else(|| self.inner(segment.clone(), list));
        match end {
            Some(end) => self.rest(end..segment.end, list),
            None => list.items.push(Dependency::Opaque(Printable::new(whole.trim()))),
        }
    }

    /// An id (or a range) at the start of the span; returns where it ends.
    fn item(&mut self, span: Span, before: Ticks, list: &mut List) -> Option<usize> {
        let text = &self.text[span.clone()];
        let (at, length) = leading_id(text, list.carry)?;
        let id = &text[at..at + length];
        let rest = &text[at + length..];
        let plain = id.bytes().all(|b| b.is_ascii_alphanumeric());
        if plain && at == 0 && remainder(rest) == Remainder::Words {
            return None;
        }
        list.carry = Carry::Phase;
        let place = span.start + at..span.start + at + length;
        if let Some(end) = Some(rest).filter(|rest| !rest.is_empty()).and_then(range_end) {
            self.range(id, &end, place.start..place.end + end.length, list);
            return Some(place.end + end.length);
        }
        if self.is_doubtful(id) {
            list.items.push(Dependency::Opaque(Printable::new(id)));
            return Some(place.end);
        }
        let ticked = match before {
            Ticks::Before => true,
            Ticks::None => !rest.is_empty() && is_ticked(own(rest)),
            Ticks::Open => false,
        };
        list.items.push(Dependency::Phase { id: PhaseId::new(id), ticked, span: place.clone() });
        Some(place.end)
    }

    /// Whether what is written as one id, which the file does not have, may be a range that begins with one it has:
    /// `C1-3`.
    fn is_doubtful(&mut self, id: &str) -> bool {
        let Some(part) = token::numbered_part(id) else { return false };
        self.bring_in_order();
        let has = |id: &str| self.ids.binary_search(&PhaseId::new(id)).is_ok();
        !has(id) && has(&id[..part])
    }

    /// What follows an id: notes are dropped, further ids count, anything else is opaque.
    fn rest(&mut self, span: Span, list: &mut List) {
        let mut at = span.start;
        let behind = self.text[span.clone()].trim();
        if behind.is_empty()
            || behind.starts_with(['-', '—', '–']) && condition::is_parallel(behind)
        {
            return;
        }
        if token::after_keyword(behind).is_some() && named_phase(behind) == Some(0) {
            // `Phase 1 Stream 3` is a part of a phase, or two phases: a person knows.
            list.items.push(Dependency::Opaque(Printable::new(behind)));
        }
        loop {
            let text = &self.text[at..span.end];
            let next = self.slashed(at..span.end, list).or_else(|| self.inner(at..span.end, list));
            match next {
                Some(next) => at = next,
                None => {
                    match remainder(text) {
                        Remainder::Words => {
                            list.items.push(Dependency::Opaque(Printable::new(text.trim())));
                        }
                        Remainder::Note => self.note(at..span.end, list),
                    }
                    return;
                }
            }
        }
    }

    /// An id behind a slash.
    fn slashed(&mut self, span: Span, list: &mut List) -> Option<usize> {
        let behind = self.text[span.clone()].trim_start().strip_prefix('/')?.trim_start();
        let start = span.end - behind.len();
        let end = start + behind.find('/').unwrap_or(behind.len());
        self.item(start..end, Ticks::None, list)
    }

    /// A phase named by its keyword (or its prefix) further inside the span.
    fn inner(&mut self, span: Span, list: &mut List) -> Option<usize> {
        let text = &self.text[span.clone()];
        let at = named_phase(text)?;
        match remainder(&text[..at]) {
            Remainder::Words => {
                list.items.push(Dependency::Opaque(Printable::new(text[..at].trim())));
            }
            Remainder::Note => self.note(span.start..span.start + at, list),
        }
        self.item(span.start + at..span.end, Ticks::None, list)
    }

    /// What a note holds besides a name: further phases count, and a condition waits for a person.
    fn note(&mut self, span: Span, list: &mut List) {
        let text = &self.text[span.clone()];
        if text.trim().is_empty() {
            return;
        }
        let condition = condition::told(text);
        let owner = list.items.last().cloned();
        for (place, sure) in condition::needed(text) {
            let id = PhaseId::new(&text[place.clone()]);
            self.bring_in_order();
            if sure || self.ids.binary_search(&id).is_ok() {
                let span = span.start + place.start..span.start + place.end;
                list.items.push(Dependency::Phase { id, ticked: false, span });
            }
        }
        if condition && !owner.is_some_and(|owner| self.is_name(&owner, text)) {
            list.items.push(Dependency::Opaque(Printable::new(text.trim())));
        }
    }

    /// Whether a note gives the name of its phase.
    fn is_name(&mut self, owner: &Dependency, note: &str) -> bool {
        let Dependency::Phase { id, .. } = owner else { return false };
        self.bring_in_order();
        let at = self.ids.binary_search(id).ok();
        let title = at.and_then(|at| self.titles.get(at)).cloned().unwrap_or_default();
        let plain = note.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let title = Some(title).filter(|title| title.len() <= LONGEST_TITLE);
        let title = title.and_then(|title| self.text.get(title)).unwrap_or_default();
        !plain.is_empty() && title.to_lowercase().contains(&plain)
    }

    fn bring_in_order(&mut self) {
        if self.order == Order::AsWritten {
            let none = std::iter::repeat(0..0);
            let titles = std::mem::take(&mut self.titles).into_iter().chain(none);
            let mut pairs: Vec<_> = std::mem::take(&mut self.ids).into_iter().zip(titles).collect();
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            pairs.dedup_by(|a, b| a.0 == b.0);
            (self.ids, self.titles) = pairs.into_iter().unzip();
            self.order = Order::Natural;
        }
    }

    /// The ids of the file between two ids, both ends included.
    fn range(&mut self, from: &str, end: &RangeEnd, span: Span, list: &mut List) {
        self.bring_in_order();
        let (first, last) = (PhaseId::new(from), PhaseId::new(end.id));
        let low = self.ids.partition_point(|id| *id < first);
        let high = self.ids.partition_point(|id| *id <= last);
        let found = self.ids.get(low..high).unwrap_or_default();
        if first > last || found.len() > self.budget {
            list.items.push(Dependency::Opaque(Printable::new(&self.text[span])));
            return;
        }
        self.budget -= found.len();
        let mut push = |id: &PhaseId| {
            list.items.push(Dependency::Phase {
                id: id.clone(),
                ticked: false,
                span: span.clone(),
            });
        };
        if found.first() != Some(&first) {
            push(&first);
        }
        found.iter().for_each(&mut push);
        if found.last() != Some(&last) && first != last {
            push(&last);
        }
    }
}

/// A list in the making.
struct List {
    items: Vec<Dependency>,
    carry: Carry,
}

/// Length of the number of a numbered list at the start of a line.
pub(super) fn numbering(line: &str) -> usize {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line[digits..].strip_prefix(['.', ')']).filter(|_| (1..=3).contains(&digits));
    let body = rest.filter(|rest| rest.starts_with(char::is_whitespace)).map(str::trim_start);
    body.filter(|body| !body.is_empty()).map_or(0, |body| line.len() - body.len())
}

/// Splits a line on commas, semicolons, `+`, `&` and `and`, outside of brackets.
fn segments(text: &str, part: Span) -> Vec<Span> {
    let line = &text[part.clone()];
    let brackets = |kinds: [u8; 3]| line.bytes().filter(|byte| kinds.contains(byte)).count();
    let balanced = brackets(*b"([{") == brackets(*b")]}");
    let mut found = Vec::new();
    let (mut depth, mut start, mut at) = (0usize, 0, 0);
    while let Some(c) = line[at..].chars().next() {
        let mut next = at + c.len_utf8();
        match c {
            '(' | '[' | '{' if balanced => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            ',' | ';' => {
                found.push(part.start + start..part.start + at);
                start = next;
            }
            c if c.is_whitespace() => {
                if let Some(length) = conjunction(&line[next..]) {
                    found.push(part.start + start..part.start + at);
                    next += length;
                    start = next;
                }
            }
            _ => {}
        }
        at = next;
    }
    found.push(part.start + start..part.end);
    found
}

/// Length of a joining word and its blank at the start of `text`; the blank itself stays, so that joins can follow.
fn conjunction(text: &str) -> Option<usize> {
    let word = ["and", "+", "&"].into_iter().find(|word| token::starts_with_word(text, word))?;
    text[word.len()..].starts_with(char::is_whitespace).then_some(word.len())
}

/// Whether a value says that there are no dependencies.
fn is_none(text: &str) -> bool {
    let text =
        text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '`' | '('));
    // A dash alone is none; before anything else it is a bullet.
    let bare = text.trim_start_matches(['-', '—', '–']);
    if bare.len() < text.len() && bare.trim().is_empty() {
        return true;
    }
    let text = bare.trim_start();
    let words =
        ["none", "nothing", "n/a", "na", "no dependencies", "no dependency", "no prerequisites"];
    let word = words.iter().find(|word| token::starts_with_word(text, word));
    word.map(|word| &text[word.len()..]).is_some_and(|rest| {
        // `Nothing but Phase 1` is something.
        let mut next = rest.split_whitespace();
        let unless = next.next().is_some_and(|next| {
            ["but", "except", "besides", "other"].iter().any(|word| next.eq_ignore_ascii_case(word))
        });
        !unless && !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
    })
}

/// Length of a check box or the opening of a link.
fn box_length(text: &str) -> usize {
    for mark in ["[x]", "[X]", "[✅]", "[ ]", "[✔]", "[☑]"] {
        if let Some(rest) = text.strip_prefix(mark) {
            return mark.len() + rest.len() - rest.trim_start_matches(is_lead).len();
        }
    }
    usize::from(text.starts_with('['))
}

/// The other end of a range that begins right before `rest`.
fn range_end(rest: &str) -> Option<RangeEnd<'_>> {
    let near = rest.trim_start();
    let joins = ["..", "to ", "through ", "thru ", "-", "–", "—"];
    let join = joins.iter().find(|join| token::starts_with_word(near, join))?;
    let behind = near[join.len()..].trim_start_matches('.').trim_start();
    let id = token::after_keyword(behind).map_or(behind, |(id, _)| id);
    let length = id_length(id, Letters::Allowed)?;
    let single = length == 1 && id.starts_with(|c: char| c.is_ascii_alphabetic());
    let spaced = near.len() < rest.len() && single;
    (!spaced).then(|| RangeEnd { id: &id[..length], length: rest.len() - id.len() + length })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let ids =
            ["1.1", "1.2", "1.9", "1.10", "2.1", "2.2", "2.3", "WP-2.5"].map(PhaseId::new).to_vec();
        let mut reader = DependencyReader::new(text, ids);
        let mut parts = Vec::new();
        let mut at = 0;
        for line in text.split('\n') {
            parts.push(at..at + line.len());
            at += line.len() + 1;
        }
        let shown = reader.read(&parts).into_iter().map(|dependency| match dependency {
            Dependency::Phase { id, ticked, span } => {
                assert!(text[span].contains(id.as_str()) || text.contains(['-', '.', '–']));
                format!("{id}{}", if ticked { "!" } else { "" })
            }
            Dependency::Batch(number) => format!("B{number}"),
            Dependency::AllPrevious => "all".into(),
            Dependency::Opaque(text) => format!("<{text}>"),
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_belong_to_their_own_id() {
        assert_eq!(read("Phase 1.1 ✅, Phase 1.2"), "1.1! 1.2");
        assert_eq!(read("✅ Phase 1.1, ~~Phase 1.2~~; 2.1 (done)"), "1.1! 1.2! 2.1!");
        assert_eq!(read("Phase 1.1 (not complete), Phase 1.2 (must be complete)"), "1.1 1.2");
        assert_eq!(read("WP-2.5 (Hue) - Complete"), "WP-2.5!");
        assert_eq!(read("- [x] Phase 1.1\n- [ ] Phase 1.2"), "1.1! 1.2");
        assert_eq!(read("WP-2.5 (a), WP-2.6 (b) - now complete"), "WP-2.5 WP-2.6!");
    }

    #[test]
    fn lists_are_split_in_every_way() {
        for text in [
            "Phase 1.1, Phase 1.2, Phase 2.1",
            "Phase 1.1; 1.2 and 2.1",
            "1.1 + 1.2 & 2.1",
            "Phases 1.1, 1.2 AND 2.1",
            "Phase 1.1, and Phase 1.2\n  Phase 2.1",
            "- Phase 1.1\n* Phase 1.2\n- **Phase 2.1**: the name",
            "[Phase 1.1](#a), [Phase 1.2](#b), `2.1`",
            "Phase 1.1 / 1.2 / 2.1",
            "phase 1.1 (core, base), phase 1.2, phase 2.1",
            "\n1. Phase 1.1\n2. Phase 1.2\n10) 2.1",
            "After Phase 1.1, Phase 1.2 & 2.1",
        ] {
            assert_eq!(read(text), "1.1 1.2 2.1", "{text}");
        }
    }

    #[test]
    fn ranges_follow_natural_order() {
        assert_eq!(read("Phase 1.1-1.10"), "1.1 1.2 1.9 1.10");
        assert_eq!(read("Phases 2.1 – 2.3, 1.1"), "2.1 2.2 2.3 1.1");
        assert_eq!(read("Phase 1.9 through Phase 2.1"), "1.9 1.10 2.1");
        assert_eq!(read("Phases 2.2-2.9"), "2.2 2.3 2.9");
        assert_eq!(read("2.3-2.1"), "<2.3-2.1>");
    }

    #[test]
    fn scopes_are_values() {
        assert_eq!(read("Batch 3, All Batch 4 phases"), "B3 B4");
        assert_eq!(read("ALL previous phases"), "all");
        assert_eq!(read("Batches 1-3"), "B1 B2 B3");
        assert_eq!(read("Batch 1 and 2"), "B1 B2");
    }

    #[test]
    fn nothing_means_nothing() {
        for text in
            ["None", "none (can start at once)", "Nothing -- first", "N/A", "-", "—", "", "*None*"]
        {
            assert_eq!(read(text), "", "{text}");
        }
        assert_eq!(read("Nonesuch"), "<Nonesuch>");
        assert_eq!(read("Nothing but Phase 1.1"), "<Nothing but> 1.1");
    }

    #[test]
    fn what_is_left_waits_for_a_person() {
        assert_eq!(read("vendor approval"), "<vendor approval>");
        assert_eq!(read("Phase 1.1 and vendor approval"), "1.1 <vendor approval>");
        assert_eq!(read("Phase 1.1 plus vendor approval"), "1.1 <plus vendor approval>");
        assert_eq!(read("Python 3.11"), "<Python 3.11>");
        assert_eq!(read("v2.0"), "<v2.0>");
        assert_eq!(read("2 approvals"), "<2 approvals>");
        assert_eq!(read("a project (Batch 1 first)"), "<a project (Batch 1 first)>");
        assert_eq!(read("Completion of Phase 1.2"), "1.2");
        assert_eq!(read("18.3"), "18.3");
        assert_eq!(read("Phase 1.1 Stream 3"), "1.1 <Stream 3> 3");
        assert_eq!(read("Phase 1.1+"), "1.1 <+>");
        assert_eq!(read("2.1+, 2.*"), "2.1 <+> <2.*>");
        assert_eq!(read("Phase 1.1 or Phase 1.2"), "1.1 <or> 1.2");
    }

    #[test]
    fn an_open_bracket_loses_nothing() {
        assert_eq!(read("Phase 1.1 (core, Phase 1.2"), "1.1 1.2");
    }
}
