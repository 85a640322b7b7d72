//! Ticks of tasks and of dependencies.

use std::collections::HashMap;
use std::ops::Range;

use super::Page;
use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;
use crate::domain::roadmap::believed::is_ticked;
use crate::domain::roadmap::phase::{Dependency, Phase, Span, Task};
use crate::domain::roadmap::readiness::Evaluator;
use crate::domain::roadmap::{Edit, Roadmap, Tick, splice};

/// Marks that tick a dependency.
const MARKS: [&str; 5] = ["✅", "☑", "✔", ":white_check_mark:", ":heavy_check_mark:"];

/// One named dependency of a list.
struct Item<'p> {
    id: &'p PhaseId,
    ticked: bool,
    span: &'p Span,
}

impl<'p> Item<'p> {
    fn of(dependency: &'p Dependency) -> Option<Self> {
        match dependency {
            Dependency::Phase { id, ticked, span } => Some(Self { id, ticked: *ticked, span }),
            Dependency::Batch(_) | Dependency::AllPrevious | Dependency::Opaque(_) => None,
        }
    }
}

impl Page<'_> {
    /// Ticks the open task with this number or text, or all open tasks.
    pub(super) fn tick_tasks(&self, text: Option<&str>) -> Result<Vec<Edit>, Printable> {
        let meant = match text {
            Some(text) => vec![self.task(text.trim())?],
            None => self.phase.tasks.iter().collect(),
        };
        let mark = self.task_mark();
        let open = meant.into_iter().filter(|task| !task.done);
        Ok(open.filter_map(|task| self.edit(task.mark.clone(), task.line, mark.clone())).collect())
    }

    /// Ticks the open tasks with these texts, as far as the phase has them; of tasks with one text all.
    pub(super) fn tick_known(&self, texts: &[String]) -> Vec<Edit> {
        let mark = self.task_mark();
        let known = |task: &&Task| {
            let text = self.phase.task_text(task);
            !task.done && texts.iter().any(|known| known == text.as_str())
        };
        let open = self.phase.tasks.iter().filter(known);
        open.filter_map(|task| self.edit(task.mark.clone(), task.line, mark.clone())).collect()
    }

    /// The one task with this number or this text.
    fn task(&self, said: &str) -> Result<&Task, Printable> {
        let (id, tasks) = (&self.phase.id, &self.phase.tasks);
        let count = match tasks.len() {
            0 => "no tasks".to_owned(),
            1 => "1 task".to_owned(),
            n => format!("{n} tasks"),
        };
        let wanted = Printable::new(said);
        let by_text: Vec<&Task> =
            tasks.iter().filter(|task| self.phase.task_text(task) == wanted).collect();
        let is_number = !said.is_empty() && said.bytes().all(|byte| byte.is_ascii_digit());
        let number = if is_number { said.parse::<usize>().ok() } else { None };
        let by_number = number.and_then(|number| tasks.get(number.checked_sub(1)?));
        let why = match (&by_text[..], by_number) {
            ([one], None) => return Ok(one),
            ([], Some(one)) => return Ok(one),
            ([one], Some(other)) if std::ptr::eq(*one, other) => return Ok(one),
            ([], None) if number.is_some() => format!(
                "Phase {id} has {count}, so none is number {wanted}: give a number from 1 on, or the whole text of a task."
            ),
            ([], None) => format!(
                "Phase {id} has {count}, and none is \"{wanted}\": give its whole text, or its number from 1 on."
            ),
            ([_], Some(_)) => format!(
                "Phase {id} has {count}, and \"{wanted}\" is the number of one and the text of another: tick it by hand."
            ),
            ([..], _) => format!(
                "Phase {id} has {count}, and more than one is \"{wanted}\": give the number of the one you mean, from 1 on."
            ),
        };
        Err(Printable::new(&why))
    }

    /// How tasks are ticked here: as in this phase, else as anywhere in the file.
    fn task_mark(&self) -> Vec<u8> {
        let everywhere = self.roadmap.phases.iter().flat_map(|phase| phase.tasks.iter());
        let mut done = self.phase.tasks.iter().chain(everywhere).filter(|task| task.done);
        let found = done.next().and_then(|task| self.roadmap.bytes().get(task.mark.clone()));
        found.map_or_else(|| b"x".to_vec(), <[u8]>::to_vec)
    }

    /// Ticks a dependency, or takes its tick away.
    pub(super) fn tick_dependency(
        &self,
        evaluator: &Evaluator,
        on: &PhaseId,
        tick: Tick,
    ) -> Result<Vec<Edit>, Printable> {
        let phase = &self.phase.id;
        let mut ticks = vec![Ticks { phase, on, tick, edits: self.ticks(on, tick)? }];
        match only_ticks(evaluator, &mut ticks) {
            Some(why) => Err(why),
            None => Ok(ticks.into_iter().flat_map(|ticks| ticks.edits).collect()),
        }
    }

    /// The edits of a tick. Whether they do what they are to do, and no more, [`only_ticks`] tells.
    pub(super) fn ticks(&self, on: &PhaseId, tick: Tick) -> Result<Vec<Edit>, Printable> {
        let id = &self.phase.id;
        let items = items(self.phase);
        let wanted = tick == Tick::On;
        if !items.iter().any(|item| item.id == on) {
            let text = format!("Phase {id} does not name {on} among what it depends on.");
            return Err(Printable::new(&text));
        }
        let mut edits: Vec<Edit> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            if item.id != on || item.ticked == wanted {
                continue;
            }
            edits.push(self.ticked(&items, at, tick).ok_or_else(|| by_hand(self.phase, on, tick))?);
        }
        // Where the id stands in the words around itself, one edit would reach into the next.
        edits.sort_by_key(|edit| edit.span.start);
        if edits.windows(2).any(|pair| pair[0].span.end > pair[1].span.start) {
            return Err(by_hand(self.phase, on, tick));
        }
        Ok(edits)
    }

    /// The edit of one item.
    fn ticked(&self, items: &[Item], at: usize, tick: Tick) -> Option<Edit> {
        let span = items[at].span;
        if items.iter().filter(|item| item.span == span).count() > 1 {
            return None;
        }
        let bytes = self.roadmap.bytes();
        let line = line_around(bytes, span);
        let field = self.phase.fields.iter().map(|field| field.span.start);
        let value = field.filter(|start| line.contains(start) && *start <= span.start).max();
        let before = items[..at].last().map(|item| item.span.end).filter(|end| line.contains(end));
        let after = items.get(at + 1).map(|item| item.span.start).filter(|at| line.contains(at));
        let left = value.unwrap_or(line.start).max(before.unwrap_or(line.start));
        let right = after.unwrap_or(line.end);
        let text = |range: Range<usize>| std::str::from_utf8(bytes.get(range)?).ok();
        let lead = own_lead(text(left..span.start)?);
        let tail = own_tail(text(span.end..right)?);
        let (new_lead, new_tail) = match tick {
            Tick::On => with_tick(lead, tail),
            Tick::Off => without_tick(lead, tail),
        };
        let old = text(span.start - lead.len()..span.end + tail.len())?;
        let new = format!("{new_lead}{}{new_tail}", text(span.clone())?);
        let changed = difference(old, &new);
        let start = span.start - lead.len() + changed.start;
        let kept = old.len() - changed.end;
        // Counted from the heading, not from the start of the file.
        let heading = self.phase.place.heading.start;
        let lines = bytes.get(heading..start).unwrap_or_default();
        let number = self.phase.place.line + lines_before(lines, lines.len());
        let new = new.get(changed.start..new.len() - kept)?;
        self.edit(start..span.start - lead.len() + changed.end, number, new.as_bytes().to_vec())
    }
}

/// One tick, as edits.
pub(super) struct Ticks<'c> {
    pub phase: &'c PhaseId,
    pub on: &'c PhaseId,
    pub tick: Tick,
    pub edits: Vec<Edit>,
}

/// Leaves the ticks whose edits change these ticks and nothing else that is read, and says why another one went. All are
/// tried at once, and halves only where that fails.
pub(super) fn only_ticks(evaluator: &Evaluator, ticks: &mut Vec<Ticks>) -> Option<Printable> {
    if ticks.iter().all(|ticks| ticks.edits.is_empty()) || are_only_ticks(evaluator, ticks) {
        return None;
    }
    if let [one] = &ticks[..] {
        let why = evaluator.phase(one.phase).map(|phase| by_hand(phase, one.on, one.tick));
        ticks.clear();
        return why;
    }
    let mut rest = ticks.split_off(ticks.len() / 2);
    let why = only_ticks(evaluator, ticks);
    let other = only_ticks(evaluator, &mut rest);
    ticks.append(&mut rest);
    why.or(other)
}

fn are_only_ticks(evaluator: &Evaluator, ticks: &[Ticks]) -> bool {
    let roadmap = evaluator.roadmap();
    let edits: Vec<Edit> = ticks.iter().flat_map(|ticks| ticks.edits.iter().cloned()).collect();
    let after = Roadmap::parse(splice(roadmap.bytes(), &edits));
    let mut wanted: HashMap<&PhaseId, HashMap<&PhaseId, bool>> = HashMap::new();
    for Ticks { phase, on, tick, .. } in ticks {
        wanted.entry(phase).or_default().insert(on, *tick == Tick::On);
    }
    let as_wanted = |(was, is): (&Phase, &Phase)| {
        let Some(wanted) = wanted.get(&was.id) else { return true };
        was.id == is.id
            && was.status.state == is.status.state
            && was.depends_on.len() == is.depends_on.len()
            && was.depends_on.iter().zip(&is.depends_on).all(|(was, is)| same(was, is, wanted))
    };
    after.phases.len() == roadmap.phases.len()
        && roadmap.phases.iter().zip(&after.phases).all(as_wanted)
}

/// Whether a dependency is the one it was, with the tick that is wanted.
fn same(was: &Dependency, is: &Dependency, wanted: &HashMap<&PhaseId, bool>) -> bool {
    match (was, is) {
        (Dependency::Phase { id, ticked, .. }, Dependency::Phase { id: new, ticked: now, .. }) => {
            id == new && now == wanted.get(id).unwrap_or(ticked)
        }
        (Dependency::Phase { .. }, _) => false,
        (was, is) => was == is,
    }
}

fn by_hand(phase: &Phase, on: &PhaseId, tick: Tick) -> Printable {
    let (id, line) = (&phase.id, phase.place.line);
    let what = match tick {
        Tick::On => "ticked",
        Tick::Off => "unticked",
    };
    let text = format!(
        "{on} in the dependencies of phase {id} (line {line}) is written so that it can't be {what} alone: do it by hand."
    );
    Printable::new(&text)
}

/// The named dependencies of a phase, in file order.
fn items(phase: &Phase) -> Vec<Item<'_>> {
    let mut found: Vec<Item> = phase.depends_on.iter().filter_map(Item::of).collect();
    found.sort_by_key(|item| item.span.start);
    found
}

/// The line a range begins in, without its ending.
fn line_around(bytes: &[u8], span: &Span) -> Range<usize> {
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let start = bytes[..span.start].iter().rposition(is_end).map_or(0, |at| at + 1);
    let end = bytes[span.start..].iter().position(is_end).map_or(bytes.len(), |at| span.start + at);
    start..end
}

/// How many lines end before `at`.
pub(super) fn lines_before(bytes: &[u8], at: usize) -> usize {
    let mut count = 0;
    for (index, byte) in bytes[..at].iter().enumerate() {
        let pair = *byte == b'\r' && bytes.get(index + 1) == Some(&b'\n');
        count += usize::from(*byte == b'\n' || (*byte == b'\r' && !pair));
    }
    count
}

/// Joins between two items.
fn is_join(word: &str) -> bool {
    matches!(word, "and" | "&" | "+")
}

/// What of a text before an id belongs to it.
fn own_lead(text: &str) -> &str {
    let cut = text.rfind([',', ';']).map_or(0, |at| at + 1);
    let words = text[cut..].match_indices(char::is_whitespace);
    let mut start = cut;
    for (at, blank) in words {
        let word = text[start..cut + at].trim();
        if is_join(word) {
            start = cut + at + blank.len();
        }
    }
    &text[start..]
}

/// What of a text behind an id belongs to it: up to a separator outside of brackets.
fn own_tail(text: &str) -> &str {
    let (mut depth, mut word) = (0usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' | ';' if depth == 0 => return &text[..at],
            c if c.is_whitespace() && depth == 0 => {
                if is_join(&text[word..at]) {
                    return text[..word].trim_end();
                }
                word = at + c.len_utf8();
            }
            _ => {}
        }
    }
    text
}

/// The text around an id with a tick.
fn with_tick(lead: &str, tail: &str) -> (String, String) {
    if let Some(at) = lead.rfind("[ ]") {
        return (format!("{}[x]{}", &lead[..at], &lead[at + 3..]), tail.to_owned());
    }
    let body = tail.trim_end();
    let end = if body.starts_with(':') { body.len() } else { 0 };
    (lead.to_owned(), format!("{} ✅{}", &tail[..end], &tail[end..]))
}

/// The text around an id without any tick.
fn without_tick(lead: &str, tail: &str) -> (String, String) {
    let mut before = lead.replace("~~", "");
    for mark in ["[x]", "[X]", "[✅]", "[✔]", "[☑]"] {
        before = before.replace(mark, "[ ]");
    }
    for mark in MARKS {
        while let Some(at) = before.find(mark) {
            let rest = before[at + mark.len()..].trim_start_matches('\u{fe0f}');
            before = format!("{}{}", &before[..at], rest.strip_prefix(' ').unwrap_or(rest));
        }
    }
    let mut behind = tail.replace("~~", "");
    for mark in MARKS.into_iter().chain(["[x]", "[X]"]) {
        while let Some(at) = behind.find(mark) {
            let rest = behind[at + mark.len()..].trim_start_matches('\u{fe0f}').to_owned();
            behind = format!("{}{rest}", without_last_blank(&behind[..at]));
        }
    }
    (before, without_words(&behind))
}

/// `text` without brackets, or a last word, that say complete.
fn without_words(text: &str) -> String {
    let open = text.find('(');
    let close = open.and_then(|open| text[open..].find(')').map(|close| open + close));
    if let (Some(open), Some(close)) = (open, close)
        && is_ticked(&text[open..=close])
    {
        return format!("{}{}", without_last_blank(&text[..open]), &text[close + 1..]);
    }
    if is_ticked(text) {
        let rest = text.trim_end_matches(|c: char| !c.is_alphanumeric());
        let word = rest.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let kept = rest[..rest.len() - word.len()].trim_end_matches([' ', '-', '—', '–', ':']);
        return format!("{kept}{}", &text[rest.len()..]);
    }
    text.to_owned()
}

fn without_last_blank(text: &str) -> &str {
    text.strip_suffix(char::is_whitespace).unwrap_or(text)
}

/// The range of `old` outside of which it is the same as `new`.
fn difference(old: &str, new: &str) -> Range<usize> {
    let same = |pair: &(char, char)| pair.0 == pair.1;
    let start: usize =
        old.chars().zip(new.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let pairs = old_rest.chars().rev().zip(new_rest.chars().rev());
    let end: usize = pairs.take_while(same).map(|(c, _)| c.len_utf8()).sum();
    start..old.len() - end
}
