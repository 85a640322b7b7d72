//! One phase: what the app makes of it, then its section of the roadmap as its author wrote it.

use ratatui::Frame;
use ratatui::crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::dialog::running_time;
use super::events::clock;
use super::sheet::{PROSE, Scroll, draw_lines, fit, labelled, sheet, whole};
use super::{Answer, phase_body};
use crate::domain::command::Command;
use crate::domain::id::{AgentId, PhaseId};
use crate::domain::journal::{Entry, Fact};
use crate::domain::journal_text::{about, sentence};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::orchestrator::run::subject;
use crate::domain::printable::Printable;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Dependency, Effort, Phase, Status};
use crate::domain::roadmap::readiness::{Evaluator, NotReady};
use crate::ui::intent::Intent;
use crate::ui::keys::{self, Action, RowAction, Scope, Sheet};
use crate::ui::look::{ColourRole, Look};
use crate::ui::markdown::{self, wrap::wrap};
use crate::ui::panes::names::chosen;

/// Bytes of a section that are shown; what is longer is read in an editor.
const SHOWN: usize = 64 * 1024;

/// From this width on facts and section stand beside each other.
const BESIDE: u16 = 150;

/// How many events of a phase are shown; all are on the events screen.
const HISTORY: usize = 5;

/// The phase overlay.
#[derive(Clone, Debug)]
pub struct PhaseSheet {
    id: PhaseId,
    scroll: Scroll,
}

impl PhaseSheet {
    pub(super) fn new(id: PhaseId) -> Self {
        Self { id, scroll: Scroll::default() }
    }

    pub(super) fn key(&mut self, key: KeyEvent, o: &Orchestrator) -> Answer {
        let line = o.roadmap().and_then(|roadmap| roadmap.phase(&self.id)).map(|p| p.place.line);
        match (keys::find(Scope::Sheet(Sheet::Phase), &key), line) {
            (Some(Action::Back), _) => Answer::Close,
            (Some(Action::Go(step)), _) => {
                self.scroll.go(step);
                Answer::Stay
            }
            (Some(Action::Row(RowAction::Plan)), Some(_)) => {
                let plan = Command::PlanPhases(vec![self.id.clone()]);
                Answer::CloseAnd(vec![Intent::Run(plan)])
            }
            (Some(Action::Row(RowAction::Edit)), Some(line)) => {
                Answer::Do(vec![Intent::Edit { line }])
            }
            (Some(_) | None, _) => Answer::Stay,
        }
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        let area = whole(frame.area());
        let found = o.roadmap().and_then(|roadmap| Some((roadmap, roadmap.phase(&self.id)?)));
        let Some((roadmap, phase)) = found else {
            let title = Printable::new(self.id.as_str());
            let body = sheet(frame, area, (title.as_str(), Some(Scope::Sheet(Sheet::Phase))), look);
            draw_lines(frame, body, &[Line::raw("This phase is no longer in the roadmap.")]);
            return;
        };
        let file = o.target().roadmap.file_name().unwrap_or_default().to_string_lossy();
        let title = format!("{} in {file}:{}", phase.id, phase.place.line);
        let title = Printable::new(&title);
        let body = sheet(frame, area, (title.as_str(), Some(Scope::Sheet(Sheet::Phase))), look);
        let list = Rect { height: body.height.saturating_sub(1), ..body };
        let columns = columns((o, roadmap, phase), list, look);
        let longest = columns.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
        let top = self.scroll.settle(longest, usize::from(list.height));
        for (area, lines) in columns {
            draw_lines(frame, area, lines.get(top..).unwrap_or_default());
        }
        let more = match self.scroll.below() {
            0 => String::new(),
            n => format!("{n} more lines below"),
        };
        let line = Rect { y: list.bottom(), height: body.height.min(1), ..body };
        draw_lines(frame, line, &[Line::styled(more, look.style(ColourRole::Muted))]);
    }
}

/// What the app makes of the phase, and the section: beside each other where both have room, else below each other.
fn columns(
    (o, roadmap, phase): (&Orchestrator, &Roadmap, &Phase),
    area: Rect,
    look: &Look,
) -> Vec<(Rect, Vec<Line<'static>>)> {
    let summary = |width: u16| Summary { o, roadmap, phase, look, width: usize::from(width) };
    if area.width < BESIDE {
        let mut lines = summary(area.width).lines();
        lines.push(Line::default());
        lines.extend(section(roadmap, phase, area.width.min(PROSE), look));
        return vec![(area, lines)];
    }
    let left = Rect { width: area.width * 2 / 5, ..area };
    let x = left.right() + 3;
    let right = Rect { x, width: area.right().saturating_sub(x).min(PROSE), ..area };
    let rule = Rect { x: left.right() + 1, width: 1, ..area };
    let line = Line::styled(look.pick("│", "|"), look.style(ColourRole::Muted));
    // One line for each that the view can be scrolled to.
    let (facts, text) = (summary(left.width).lines(), section(roadmap, phase, right.width, look));
    let rows = facts.len().max(text.len()).max(usize::from(area.height));
    vec![(left, facts), (rule, vec![line; rows]), (right, text)]
}

/// Fewer rows that another overlay leaves stay empty.
const LEAST_SPARE: u16 = 4;

/// Fewer rows are not spent on how many lines are missing.
const COUNTED_FROM: u16 = 8;

/// Fills the room another overlay leaves with what is known of a phase, below a rule; what that overlay has to say of it
/// comes first.
pub(super) fn beneath(
    frame: &mut Frame<'_>,
    area: Rect,
    (id, own): (&PhaseId, &[(&str, Option<String>)]),
    (o, look): (&Orchestrator, &Look),
) {
    let found = o.roadmap().and_then(|roadmap| Some((roadmap, roadmap.phase(id)?)));
    let Some((roadmap, phase)) = found.filter(|_| area.height >= LEAST_SPARE) else { return };
    let muted = look.style(ColourRole::Muted);
    let rule = Line::styled(look.pick("─", "-").repeat(usize::from(area.width)), muted);
    draw_lines(frame, area, &[Line::default(), rule]);
    let rest = Rect { y: area.y + 2, height: area.height - 2, ..area };
    let mut columns = columns((o, roadmap, phase), rest, look);
    if let Some((area, facts)) = columns.first_mut() {
        let lines = own.iter().filter_map(|(label, text)| {
            let text = format!("  {}", Printable::new(text.as_ref()?));
            let line = labelled(label, vec![Span::raw(text)], look);
            Some(wrap(&line.spans, usize::from(area.width), 12))
        });
        let at = facts.len().min(1);
        facts.splice(at..at, lines.flatten().collect::<Vec<_>>());
    }
    // Without the rule between them: a line is drawn below a graph already.
    for (area, lines) in columns.into_iter().filter(|(area, _)| area.width > 1) {
        draw_lines(frame, area, &lines);
        if area.height >= COUNTED_FROM && lines.len() > usize::from(area.height) {
            let last = Rect { y: area.bottom() - 1, height: 1, ..area };
            let rest = format!("{} more lines", lines.len() + 1 - usize::from(area.height));
            draw_lines(
                frame,
                last,
                &[Line::styled(fit(&rest, usize::from(area.width), look), muted)],
            );
        }
    }
}

/// The section below its heading, rendered.
fn section(roadmap: &Roadmap, phase: &Phase, width: u16, look: &Look) -> Vec<Line<'static>> {
    let (start, end) = (phase.place.heading.end, phase.place.section.end);
    let bytes = roadmap.bytes().get(start..end).unwrap_or_default();
    let cut = start + bytes.len().min(SHOWN);
    let text = phase_body::untold(roadmap, phase, start..cut);
    let mut lines = markdown::render(&text, width, look);
    if bytes.len() > SHOWN {
        let rest = "The section is longer than what is shown here: e opens it in the editor.";
        lines.push(Line::styled(rest, look.style(ColourRole::Muted)));
    }
    lines
}

/// What the app makes of a phase.
struct Summary<'a> {
    o: &'a Orchestrator,
    roadmap: &'a Roadmap,
    phase: &'a Phase,
    look: &'a Look,
    width: usize,
}

impl Summary<'_> {
    fn lines(&self) -> Vec<Line<'static>> {
        let phase = self.phase;
        let held = self.o.held_phases();
        let evaluator = Evaluator::new(self.roadmap, &held);
        let mut lines = self.headline();
        lines.extend(self.value("Status", self.status(&evaluator)));
        lines.extend(self.value("Depends on", self.depends_on(&evaluator)));
        lines.extend(self.value("Unblocks", self.unblocks()));
        lines.extend(self.value("Claimed by", self.claimed_by()));
        if let Some(text) = self.o.agent_of(&phase.id).and_then(chosen) {
            lines.extend(self.value("Agent", vec![Span::raw(text)]));
        }
        let (done, all) = phase.progress();
        let tasks = if all == 0 { "none".to_string() } else { format!("{done}/{all} done") };
        lines.extend(self.value("Tasks", vec![Span::raw(tasks)]));
        if let Some(done) = phase.field("Done When") {
            let text = phase.value(done).split_whitespace().collect::<Vec<_>>().join(" ");
            lines.extend(
                self.value("Done when", vec![Span::raw(Printable::new(&text).to_string())]),
            );
        }
        lines.extend(self.history());
        lines
    }

    /// What the journal has of the phase, newest first.
    fn history(&self) -> Vec<Line<'static>> {
        let agent = AgentId::for_phase(&self.phase.id);
        let of_phase = |entry: &&Entry| match &entry.fact {
            Fact::RoadmapEdited(record) => record.phases.contains(&self.phase.id),
            fact => subject(fact).is_some_and(|me| me.id == agent),
        };
        let log = &self.o.run().log;
        let offset = self.o.setup().utc_offset;
        let mut lines = Vec::new();
        for entry in log.iter().rev().filter(of_phase).take(HISTORY) {
            let label = if lines.is_empty() { "History" } else { "" };
            let at = self.muted(format!("{}  ", clock(entry.at, offset)));
            let text = format!("{} {}", about(&entry.fact), sentence(&entry.fact));
            lines.extend(self.value(label, vec![at, Span::raw(text)]));
        }
        lines
    }

    fn value(&self, label: &str, value: Vec<Span<'static>>) -> Vec<Line<'static>> {
        wrap(&labelled(label, padded(value), self.look).spans, self.width, 12)
    }

    fn muted(&self, text: impl Into<String>) -> Span<'static> {
        Span::styled(text.into(), self.look.style(ColourRole::Muted))
    }

    /// `3.3 HTTP router  Batch 3  Effort L  bootstrap`
    fn headline(&self) -> Vec<Line<'static>> {
        let phase = self.phase;
        let name = Printable::new(&format!("{} {}", phase.id, phase.name));
        let bold = self.look.style(ColourRole::Plain).add_modifier(Modifier::BOLD);
        let mut spans = vec![Span::styled(name.to_string(), bold)];
        if let Some(batch) = phase.place.batch {
            spans.push(self.muted(format!("   Batch {batch}")));
        }
        let effort = match phase.effort {
            Some(Effort::S) => "   Effort S",
            Some(Effort::M) => "   Effort M",
            Some(Effort::L) => "   Effort L",
            None => "",
        };
        spans.push(self.muted(effort));
        for tag in &phase.tags {
            spans.push(self.muted(format!("   {} {tag}", self.look.pick("✶", "*"))));
        }
        wrap(&spans, self.width, 2)
    }

    fn status(&self, evaluator: &Evaluator<'_>) -> Vec<Span<'static>> {
        let (word, role) = match self.phase.status.state {
            Status::NotStarted => ("Not Started", ColourRole::Plain),
            Status::InProgress => ("In Progress", ColourRole::Run),
            Status::Complete => ("Complete", ColourRole::Ok),
            Status::Blocked => ("Blocked", ColourRole::Plain),
            Status::Deferred => ("Deferred", ColourRole::Muted),
            Status::Unknown => ("Unknown", ColourRole::Fail),
        };
        let mut spans = vec![Span::styled(word, self.look.style(role))];
        if let Some(reason) = &self.phase.status.reason {
            spans.push(Span::raw(format!(" ({reason})")));
        }
        if let Some(told) = self.phase.status.told() {
            spans.push(Span::raw(format!(" ({told}, which decides nothing)")));
        }
        if self.phase.status.conflict {
            spans.push(Span::raw("  its text and mark contradict each other"));
        }
        match self.phase.status.state {
            Status::Complete => {}
            Status::NotStarted
            | Status::InProgress
            | Status::Blocked
            | Status::Deferred
            | Status::Unknown => {
                let own = NotReady::Status(self.phase.status.state).clause();
                let why = self.o.why_not(self.phase, evaluator);
                let more: Vec<String> =
                    why.iter().filter(|why| **why != own).take(4).cloned().collect();
                let text = if why.is_empty() { "ready".into() } else { more.join("; ") };
                spans.push(self.muted(format!("   {}", Printable::new(&text))));
            }
        }
        spans
    }

    fn depends_on(&self, evaluator: &Evaluator<'_>) -> Vec<Span<'static>> {
        let mut spans = Vec::new();
        for dependency in &self.phase.depends_on {
            if !spans.is_empty() {
                spans.push(Span::raw(", "));
            }
            match dependency {
                Dependency::Phase { id, .. } => {
                    spans.push(Span::raw(self.named(id)));
                    spans.push(self.tick(evaluator, id));
                }
                Dependency::Batch(number) => {
                    spans.push(Span::raw(format!("all of Batch {number}")));
                }
                Dependency::AllPrevious => spans.push(Span::raw("all phases before it")),
                Dependency::Opaque(text) => {
                    spans.push(Span::raw(format!("\"{text}\"")));
                    spans.push(self.muted(" (has no id: a person decides)"));
                }
            }
        }
        let pending = evaluator.shown_pending(self.phase);
        let scoped = self.phase.depends_on.iter().any(|dependency| match dependency {
            Dependency::Batch(_) | Dependency::AllPrevious => true,
            Dependency::Phase { .. } | Dependency::Opaque(_) => false,
        });
        if scoped && !pending.is_empty() {
            let ids: Vec<&str> = pending.iter().take(12).map(PhaseId::as_str).collect();
            let count = evaluator.open_before_it(&self.phase.id).max(pending.len());
            let text = format!("   {count} open: {}", ids.join(" "));
            spans.push(self.muted(Printable::new(&text).to_string()));
        }
        if spans.is_empty() { vec![Span::raw("nothing")] } else { spans }
    }

    fn tick(&self, evaluator: &Evaluator<'_>, id: &PhaseId) -> Span<'static> {
        if evaluator.is_complete(id) {
            Span::styled(self.look.pick(" ✓", " +"), self.look.style(ColourRole::Ok))
        } else {
            self.muted(" open")
        }
    }

    /// Open phases that name this one, or its batch, among their dependencies.
    fn unblocks(&self) -> Vec<Span<'static>> {
        let me = self.phase;
        let names_me = |dependency: &Dependency| match dependency {
            Dependency::Phase { id, .. } => *id == me.id,
            Dependency::Batch(number) => me.place.batch == Some(*number),
            Dependency::AllPrevious | Dependency::Opaque(_) => false,
        };
        let waiting = self.roadmap.phases.iter().filter(|phase| {
            phase.status.state != Status::Complete && phase.depends_on.iter().any(names_me)
        });
        let names: Vec<String> = waiting.map(|phase| self.named(&phase.id)).collect();
        let text = if names.is_empty() { "nothing".into() } else { names.join(", ") };
        vec![Span::raw(text)]
    }

    fn named(&self, id: &PhaseId) -> String {
        match self.roadmap.phase(id) {
            Some(phase) => Printable::new(&format!("{id} {}", phase.name)).to_string(),
            None => Printable::new(&format!("{id} (not in the roadmap)")).to_string(),
        }
    }

    fn claimed_by(&self) -> Vec<Span<'static>> {
        let agent = self.o.agent_of(&self.phase.id);
        let file = self.phase.assigned_to.as_ref();
        match (agent, file) {
            (Some(agent), _) if agent.is_live() => {
                let (glyph, word, role) = self.look.state(agent.state(self.look.now));
                let ran = running_time(agent.ran_for(self.look.now));
                let id = agent.called();
                vec![
                    Span::raw(format!("{id} on this host, {ran}  ")),
                    Span::styled(format!("{glyph} {word}"), self.look.style(role)),
                ]
            }
            (_, Some(name)) => vec![Span::raw(format!("{name}, as the roadmap says"))],
            (Some(agent), None) => {
                let (glyph, word, role) = self.look.state(agent.state(self.look.now));
                let id = agent.called();
                vec![
                    Span::raw(format!("nobody; {id} was last  ")),
                    Span::styled(format!("{glyph} {word}"), self.look.style(role)),
                ]
            }
            (None, None) => vec![Span::raw("nobody")],
        }
    }
}

/// Two columns between the label and its value.
fn padded(value: Vec<Span<'static>>) -> Vec<Span<'static>> {
    std::iter::once(Span::raw("  ")).chain(value).collect()
}
