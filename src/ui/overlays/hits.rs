//! Searching in what all agents said: a text, and the lines that hold it.

use std::collections::{BTreeMap, BTreeSet};

use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::Answer;
use super::sheet::{PAGE, Scroll, cut, draw_lines, fit, select, sheet, whole};
use crate::domain::id::AgentRef;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::printable::{is_hidden, visible};
use crate::ui::keys::{self, Action, ReadAction, Reading, Scope, Step};
use crate::ui::look::{ColourRole, Look};
use crate::ui::reading::{Match, Place, Seen, find};
use crate::ui::text::columns;

/// Lines shown of one agent at most, the newest.
const MOST_OF_ONE: usize = 200;
/// Columns of the agent's name.
const AGENT: usize = 10;
/// Columns of its phase.
const PHASE: usize = 24;

/// The overlay that searches in all agents.
#[derive(Clone, Debug, Default)]
pub struct HitsSheet {
    needle: String,
    found: BTreeMap<AgentRef, Vec<Hit>>,
    /// The line one went to; the first one before. More lines may come above it.
    cursor: Option<(AgentRef, Place)>,
    scroll: Scroll,
    /// Agents that were searched since the text changed.
    looked: BTreeSet<AgentRef>,
}

/// A line that holds the text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Hit {
    at: Place,
    /// What stands before the match, the match, and what follows.
    text: [String; 3],
}

impl HitsSheet {
    pub(super) fn key(&mut self, key: KeyEvent, o: &Orchestrator) -> Answer {
        let command = KeyModifiers::CONTROL | KeyModifiers::ALT;
        match (keys::find(Scope::Reading(Reading::Hits), &key), key.code) {
            (Some(Action::Go(step)), _) => self.go(step, o),
            (Some(Action::Back), _) => return Answer::Close,
            (Some(Action::Read(ReadAction::Submit)), _) => {
                if let Some((agent, hit)) = self.under_cursor(&self.rows(o)) {
                    let (agent, at) = (agent.clone(), hit.at);
                    return Answer::Read { agent, at, needle: self.needle.clone() };
                }
            }
            (Some(_), _) => {}
            (None, KeyCode::Backspace) => self.refine(|needle| {
                needle.pop();
            }),
            (None, KeyCode::Char(c)) if !key.modifiers.intersects(command) => {
                self.paste(&c.to_string());
            }
            (None, _) => {}
        }
        Answer::Stay
    }

    /// Adds to the text that is searched for.
    pub(super) fn paste(&mut self, text: &str) {
        let line = text.lines().next().unwrap_or_default();
        let harmless = line.chars().filter(|c| !c.is_control() && !is_hidden(*c));
        self.refine(|needle| needle.extend(harmless));
    }

    fn refine(&mut self, change: impl FnOnce(&mut String)) {
        change(&mut self.needle);
        self.looked.clear();
        (self.cursor, self.scroll) = (None, Scroll::default());
    }

    /// Searches in an agent's lines, unless it did since the text changed.
    pub fn look(&mut self, agent: &AgentRef, seen: &Seen) {
        if self.looked.insert(agent.clone()) {
            self.look_again(agent, seen);
        }
    }

    /// Searches in an agent's lines: more of them came.
    pub fn look_again(&mut self, agent: &AgentRef, seen: &Seen) {
        let found = find(seen, &self.needle, (seen.first(), seen.end()));
        let mut hits: Vec<Hit> = Vec::new();
        for one in found.iter().rev() {
            // One row for a line, however often the text stands in it.
            if hits.last().is_some_and(|hit| hit.at.line == one.from.line) {
                continue;
            }
            if hits.len() == MOST_OF_ONE {
                break;
            }
            hits.push(Hit { at: one.from, text: around(seen, one) });
        }
        self.found.retain(|known, _| known.id != agent.id);
        self.found.insert(agent.clone(), hits);
    }

    /// All rows: agent by agent, the newest line of each first.
    fn rows<'a>(&'a self, o: &Orchestrator) -> Vec<(&'a AgentRef, &'a Hit)> {
        let agents = o.run().everyone().map(|agent| agent.me());
        let of = |agent: &AgentRef| self.found.get_key_value(agent);
        let found = agents.filter_map(of);
        found.flat_map(|(agent, hits)| hits.iter().map(move |hit| (agent, hit))).collect()
    }

    /// Place of the line under the cursor among all rows.
    fn place(&self, rows: &[(&AgentRef, &Hit)]) -> usize {
        let is_it = |(agent, hit): &(&AgentRef, &Hit)| {
            self.cursor.as_ref().is_some_and(|(whose, at)| whose == *agent && *at == hit.at)
        };
        rows.iter().position(is_it).unwrap_or(0)
    }

    fn under_cursor<'a>(
        &self,
        rows: &[(&'a AgentRef, &'a Hit)],
    ) -> Option<(&'a AgentRef, &'a Hit)> {
        rows.get(self.place(rows)).copied()
    }

    fn go(&mut self, step: Step, o: &Orchestrator) {
        let rows = self.rows(o);
        let to = step.from(self.place(&rows), rows.len(), PAGE);
        self.cursor = rows.get(to).map(|(agent, hit)| ((*agent).clone(), hit.at));
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        let area = whole(frame.area());
        let scope = Some(Scope::Reading(Reading::Hits));
        let body = sheet(frame, area, ("Search in all agents", scope), look);
        let width = usize::from(body.width);
        let rows = self.rows(o);
        let typed = Line::from(vec![
            Span::styled("/", look.style(ColourRole::Accent)),
            Span::styled(cut(&self.needle, width.saturating_sub(20), look), bold()),
            Span::raw("  "),
            Span::styled(self.told(&rows, o), look.style(ColourRole::Muted)),
        ]);
        draw_lines(frame, Rect { height: body.height.min(1), ..body }, &[typed]);
        let list =
            Rect { y: body.y + body.height.min(2), height: body.height.saturating_sub(2), ..body };
        self.scroll.settle(rows.len(), usize::from(list.height));
        let cursor = self.place(&rows);
        self.scroll.reveal(cursor);
        let top = self.scroll.top();
        let lines = rows.iter().skip(top).take(usize::from(list.height));
        let lines: Vec<Line<'_>> =
            lines.map(|(agent, hit)| line(agent, hit, (o, width), look)).collect();
        draw_lines(frame, list, &lines);
        if let Some(row) = list.rows().nth(cursor.saturating_sub(top)).filter(|_| !rows.is_empty())
        {
            select(frame, row, look);
        }
        let x = body.x
            + 1
            + u16::try_from(columns(&cut(&self.needle, width.saturating_sub(20), look)))
                .unwrap_or(0);
        frame.set_cursor_position((x.min(body.right().saturating_sub(1)), body.y));
    }

    fn told(&self, rows: &[(&AgentRef, &Hit)], o: &Orchestrator) -> String {
        if o.has_no_agents() {
            return "no agent has said anything yet".into();
        }
        if self.needle.is_empty() {
            return "type what to search for; small letters find capitals too".into();
        }
        let with = self.found.values().filter(|hits| !hits.is_empty()).count();
        // Of an agent that said it more often the newest lines are here.
        let more = if self.found.values().any(|hits| hits.len() == MOST_OF_ONE) { "+" } else { "" };
        match (rows.len(), with) {
            (0, _) => "no line has it".into(),
            (1, _) => "1 line".into(),
            (lines, 1) => format!("{lines}{more} lines of 1 agent"),
            (lines, agents) => format!("{lines}{more} lines of {agents} agents"),
        }
    }
}

fn bold() -> ratatui::style::Style {
    ratatui::style::Style::new().add_modifier(Modifier::BOLD)
}

/// Agent, phase, and as much of the line as there is room for, the match always.
fn line<'a>(
    agent: &AgentRef,
    hit: &Hit,
    (o, width): (&Orchestrator, usize),
    look: &Look,
) -> Line<'a> {
    let name = o.agent(&agent.id).map(|agent| o.about(agent).to_string());
    let (agents, phases) = if width < 80 { (AGENT, 0) } else { (AGENT, PHASE) };
    let room = width.saturating_sub(agents + phases + 2);
    let [before, hit, after] = &hit.text;
    let kept = room.saturating_sub(columns(hit)).min(room * 2 / 3);
    let mut before = before.trim_start().to_owned();
    let mark = look.pick("⋯", "~");
    if columns(&before) > kept {
        while columns(&before) + 1 > kept && !before.is_empty() {
            before.remove(0);
        }
        before.insert_str(0, mark);
    }
    let rest = room.saturating_sub(columns(&before) + columns(hit));
    let mut spans = vec![Span::styled(
        format!("{} ", fit(agent.id.as_str(), agents, look)),
        look.style(ColourRole::Accent),
    )];
    if phases > 0 {
        let name = fit(&name.unwrap_or_default(), phases, look);
        spans.push(Span::styled(format!("{name} "), look.style(ColourRole::Muted)));
    }
    spans.push(Span::raw(before));
    spans.push(Span::styled(cut(hit, room, look), bold().add_modifier(Modifier::UNDERLINED)));
    spans.push(Span::raw(cut(after, rest, look)));
    Line::from(spans)
}

/// The line of a match in three parts, printable.
fn around(seen: &Seen, one: &Match) -> [String; 3] {
    let mut parts = [String::new(), String::new(), String::new()];
    for line in seen.line_start(one.from.line)..=seen.line_end(one.to.line) {
        for letter in seen.letters(line) {
            let at = Place { line, column: letter.column };
            let part = usize::from(at >= one.from) + usize::from(at > one.to);
            parts[part].push(letter.c);
        }
    }
    parts.map(|part| visible(&part))
}
