//! Pane 1: the roadmap, by batches.

use std::collections::BTreeSet;

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::domain::agent::{Agent, AgentState};
use crate::domain::id::PhaseId;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Phase, Status};
use crate::domain::roadmap::readiness::{Evaluator, NotReady};
use crate::ui::canvas::{Canvas, Chrome, Piece};
use crate::ui::dashboard::{Dashboard, Mode};
use crate::ui::draw::Scene;
use crate::ui::keys::{Pane, hints_of, label};
use crate::ui::layout::{Shape, window};
use crate::ui::look::{ColourRole, Glyphs, Look};
use crate::ui::panes::roadmap_columns::Columns;
use crate::ui::roadmap_rows::RoadmapRow;
use crate::ui::text::{columns, wrap};

/// From here on a title has room for all that is counted, and for how many rows are hidden.
const WIDE_TITLE: u16 = 70;

/// What decides how phases look.
pub(in crate::ui) struct Judge<'a> {
    pub o: &'a Orchestrator,
    pub evaluator: Evaluator<'a>,
    pub look: &'a Look,
}

/// How a phase looks.
pub(in crate::ui) struct Mark {
    pub glyph: &'static str,
    pub role: ColourRole,
    /// Whom it belongs to, what it waits for, or that it is ready.
    pub note: String,
}

/// Draws the pane.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>) {
    let area = scene.at.pane(Pane::Roadmap);
    if area.is_empty() {
        return;
    }
    let held = scene.o.held_phases();
    let inner = scene.at.inner(Pane::Roadmap);
    canvas.frame(area, &chrome(scene, &held), scene.at.shape);
    match scene.o.roadmap() {
        None => welcome(canvas, scene, inner),
        Some(roadmap) => {
            problem(canvas, scene, inner);
            let judge =
                Judge { o: scene.o, evaluator: Evaluator::new(roadmap, &held), look: canvas.look };
            list(canvas, scene, list_area(inner, scene.o, scene.d), (roadmap, &judge));
        }
    }
}

/// How many rows are above and below those in view.
fn hidden(scene: &Scene<'_>) -> (usize, usize) {
    let Some(roadmap) = scene.o.roadmap() else { return (0, 0) };
    let rows = scene.d.roadmap.rows(roadmap);
    let inner = scene.at.inner(Pane::Roadmap);
    let height = usize::from(list_area(inner, scene.o, scene.d).height);
    let first = window(scene.d.roadmap.index(roadmap, &rows), rows.len(), height);
    let below = rows.len().saturating_sub(first + height);
    // A folded pane hides nothing that its title promises.
    if height == 0 { (0, 0) } else { (first, below) }
}

/// The part of the pane's content that holds its rows.
pub fn list_area(inner: Rect, o: &Orchestrator, d: &Dashboard) -> Rect {
    let lines = problem_lines(inner, o).len() + usize::from(filter_is_shown(d));
    let lines = u16::try_from(lines).unwrap_or(u16::MAX).min(inner.height);
    Rect { y: inner.y + lines, height: inner.height - lines, ..inner }
}

/// Why the list is old, all of it: what to do stands at its end.
fn problem_lines(inner: Rect, o: &Orchestrator) -> Vec<String> {
    let problem = o.view().problem.as_ref().map(|problem| format!("! {problem}"));
    problem.map(|text| wrap(&text, usize::from(inner.width))).unwrap_or_default()
}

fn filter_is_shown(d: &Dashboard) -> bool {
    d.focus.mode == Mode::Filter || !d.roadmap.filter.is_empty()
}

fn chrome(scene: &Scene<'_>, held: &BTreeSet<PhaseId>) -> Chrome {
    let note = match (scene.o.roadmap(), &scene.o.view().problem) {
        (_, Some(_)) => ("can't be read".into(), ColourRole::Fail),
        (None, None) => (String::new(), ColourRole::Muted),
        (Some(roadmap), None) => (counts(scene, roadmap, held), ColourRole::Muted),
    };
    let hidden = hidden(scene);
    let chrome = Chrome {
        title: "1 Roadmap".into(),
        note,
        foot: String::new(),
        foot_note: String::new(),
        border: scene.border(Pane::Roadmap),
    };
    let mut chrome = chrome.with_hidden(hidden, scene.at.shape);
    let focused = scene.d.focus.pane == Pane::Roadmap && scene.o.roadmap().is_some();
    if focused && scene.at.shape != Shape::Accordion {
        // Whole hints beside what is said of hidden rows.
        let taken = u16::try_from(columns(&chrome.foot_note)).unwrap_or(u16::MAX);
        let taken = if taken == 0 { 4 } else { taken.saturating_add(7) };
        let room = scene.at.inner(Pane::Roadmap).width.saturating_sub(taken);
        chrome.foot = hints_of("phase", room);
    }
    chrome
}

fn counts(scene: &Scene<'_>, roadmap: &Roadmap, held: &BTreeSet<PhaseId>) -> String {
    let marked = scene.d.roadmap.marked.len();
    if marked > 0 {
        return format!("{marked} marked");
    }
    let done = |phase: &&Phase| phase.status.state == Status::Complete;
    if !roadmap.phases.is_empty() && roadmap.phases.iter().all(|phase| done(&phase)) {
        return "all done".into();
    }
    let ready = Evaluator::new(roadmap, held).ready().len();
    let mut text = format!("{ready} ready");
    let width = scene.at.pane(Pane::Roadmap).width;
    if scene.is_wide() && (width >= WIDE_TITLE || hidden(scene) == (0, 0)) {
        let failed = roadmap.phases.iter().filter(|p| failed(scene.o, p).is_some()).count();
        let blocked = roadmap.phases.iter().filter(|p| p.status.state == Status::Blocked).count();
        for (count, word) in [(failed, "failed"), (blocked, "blocked")] {
            if count > 0 {
                text.push_str(&format!("  {count} {word}"));
            }
        }
    }
    text
}

/// What there is to say while there is no roadmap.
fn welcome(canvas: &mut Canvas<'_>, scene: &Scene<'_>, inner: Rect) {
    let file = scene.o.target().roadmap.display().to_string();
    let mut lines: Vec<Piece> = Vec::new();
    match (&scene.o.view().problem, scene.o.view().read_at) {
        (None, None) => {
            lines.push(("Reading the roadmap".into(), canvas.look.style(ColourRole::Muted)))
        }
        (Some(problem), _) => {
            let wrapped = wrap(problem.as_str(), usize::from(inner.width).saturating_sub(2));
            lines.extend(wrapped.into_iter().map(|line| (line, Style::new())));
        }
        (None, Some(_)) => lines.push((format!("No roadmap at {file}"), Style::new())),
    }
    if scene.o.view().read_at.is_some() {
        lines.push((String::new(), Style::new()));
        let bold = Style::new().add_modifier(Modifier::BOLD);
        lines.push((format!("{}  write a starter", label("app.init")), bold));
        lines.push((format!("{}  all keys", label("app.help")), Style::new()));
    }
    for (y, (text, style)) in (inner.y..inner.bottom()).zip(lines) {
        let x = inner.x + u16::from(inner.width > 1);
        canvas.put((x, y), inner.width.saturating_sub(1), &text, style);
    }
}

/// Why the list is old, and a line for the filter.
fn problem(canvas: &mut Canvas<'_>, scene: &Scene<'_>, inner: Rect) {
    let told = problem_lines(inner, scene.o).into_iter();
    let mut lines: Vec<Piece> =
        told.map(|line| (line, canvas.look.style(ColourRole::Fail))).collect();
    if filter_is_shown(scene.d) {
        let cursor = if scene.d.focus.mode == Mode::Filter { "_" } else { "" };
        let text = format!("/{}{cursor}", scene.d.roadmap.filter);
        lines.push((text, canvas.look.style(ColourRole::Accent)));
    }
    for (y, (text, style)) in (inner.y..inner.bottom()).zip(lines) {
        canvas.put((inner.x, y), inner.width, &text, style);
    }
}

fn list(
    canvas: &mut Canvas<'_>,
    scene: &Scene<'_>,
    area: Rect,
    (roadmap, judge): (&Roadmap, &Judge<'_>),
) {
    let rows = scene.d.roadmap.rows(roadmap);
    if rows.is_empty() {
        // What to do with a file that can't be read stands above.
        if scene.o.view().problem.is_none() {
            nothing(canvas, area, roadmap);
        }
        return;
    }
    let cursor = scene.d.roadmap.index(roadmap, &rows);
    let first = window(cursor, rows.len(), usize::from(area.height));
    let shown = rows.iter().enumerate().skip(first).take(usize::from(area.height));
    let columns = Columns::of(shown.clone().map(|(_, row)| row), judge, usize::from(area.width));
    for (y, (n, row)) in (area.y..area.bottom()).zip(shown) {
        let line = Rect { y, height: 1, ..area };
        let pointer = if n == cursor { canvas.look.pick("›", ">") } else { " " };
        let pieces = match row {
            RoadmapRow::Batch(batch) => columns.batch(batch, pointer, canvas.look),
            RoadmapRow::Phase(phase) => {
                let mark = if scene.d.roadmap.marked.contains(&phase.id) {
                    canvas.look.pick("»", "=")
                } else {
                    " "
                };
                columns.phase(phase, &format!("{pointer}{mark}"), judge)
            }
        };
        canvas.line(line, &pieces);
        if n == cursor && scene.d.focus.pane == Pane::Roadmap {
            canvas.select(line);
        }
    }
}

/// The agent whose last life on a phase ended badly, as long as the phase isn't complete.
fn failed<'a>(o: &'a Orchestrator, phase: &Phase) -> Option<&'a Agent> {
    let agent = o.agent_of(&phase.id).filter(|agent| !agent.is_live())?;
    let state = agent.state(crate::domain::time::Timestamp(0));
    let bad = state == AgentState::Failed || state == AgentState::TimedOut;
    (bad && phase.status.state != Status::Complete).then_some(agent)
}

/// Why no row is there, and what to do next.
fn nothing(canvas: &mut Canvas<'_>, area: Rect, roadmap: &Roadmap) {
    let lines = if roadmap.phases.is_empty() {
        [
            "No phase in it yet".to_owned(),
            String::new(),
            "orch-tui add FILE  adds phases".to_owned(),
            format!("{}  opens it in $EDITOR", label("phase.edit")),
        ]
    } else {
        let clear = label("app.back");
        let none = String::new;
        ["Nothing matches the filter".to_owned(), none(), format!("{clear}  clears it"), none()]
    };
    for (y, text) in (area.y..area.bottom()).zip(lines) {
        canvas.put((area.x, y), area.width, &text, Style::new());
    }
}

impl Judge<'_> {
    /// How a phase looks.
    pub fn mark(&self, phase: &Phase) -> Mark {
        let agent = self.o.agent_of(&phase.id).filter(|_| phase.place.occurrence == 1);
        if let Some(agent) = agent.filter(|agent| agent.is_live()) {
            let (glyph, _, role) = self.look.state(agent.state(self.look.now));
            return Mark { glyph: self.boxed(glyph), role, note: agent.me().id.to_string() };
        }
        if phase.status.state == Status::Complete {
            return Mark {
                glyph: self.look.pick("✓", "[x]"),
                role: ColourRole::Ok,
                note: String::new(),
            };
        }
        if let Some(agent) = failed(self.o, phase) {
            let note = agent.me().id.to_string();
            return Mark { glyph: self.look.pick("✗", "[!]"), role: ColourRole::Fail, note };
        }
        let reasons = self.evaluator.reasons(phase);
        if reasons.is_empty() {
            let glyph = self.look.pick("◦", "[ ]");
            return Mark { glyph, role: ColourRole::Plain, note: "ready".into() };
        }
        if phase.status.state == Status::InProgress {
            let note = phase.assigned_to.as_ref().map_or("in progress".into(), ToString::to_string);
            return Mark { glyph: self.look.pick("⇢", "[D]"), role: ColourRole::Accent, note };
        }
        let glyph = self.look.pick("⊘", "[#]");
        Mark { glyph, role: ColourRole::Muted, note: short(&reasons, phase) }
    }

    /// An agent's glyph as a phase's: in brackets where only ASCII may be drawn.
    fn boxed(&self, glyph: &'static str) -> &'static str {
        match (self.look.glyphs, glyph) {
            (Glyphs::Unicode, glyph) => glyph,
            (Glyphs::Ascii, "?") => "[?]",
            (Glyphs::Ascii, "-") => "[-]",
            (Glyphs::Ascii, "%") => "[%]",
            (Glyphs::Ascii, "~") => "[~]",
            (Glyphs::Ascii, ".") => "[.]",
            (Glyphs::Ascii, "x" | "T" | "K") => "[!]",
            (Glyphs::Ascii, _) => "[>]",
        }
    }
}

/// What a phase waits for, as short as possible: `3.3 +1`.
pub fn short(reasons: &[NotReady], phase: &Phase) -> String {
    if phase.status.told().is_some() {
        return format!("{}?", phase.status.shown.word());
    }
    let waits = |reason: &NotReady| match reason {
        NotReady::Waits(id) => Some(id.to_string()),
        NotReady::UnknownDependency(id) => Some(format!("{id}?")),
        NotReady::Opaque(_) => Some("a person".into()),
        NotReady::Status(_) | NotReady::Held | NotReady::Duplicate | NotReady::NoStatusField => {
            None
        }
    };
    let waited: Vec<String> = reasons.iter().filter_map(waits).collect();
    match waited.as_slice() {
        [] => {}
        [one] => return one.clone(),
        [first, rest @ ..] => return format!("{first} +{}", rest.len()),
    }
    let mut own = reasons.iter().map(|reason| match reason {
        NotReady::Duplicate => "twice",
        NotReady::NoStatusField => "no status",
        NotReady::Held => "held",
        NotReady::Status(Status::Deferred) => "later",
        NotReady::Status(Status::Unknown) => "unclear",
        NotReady::Status(Status::Blocked) if phase.status.reason.is_some() => "a person",
        NotReady::Status(_) | NotReady::Waits(_) | NotReady::UnknownDependency(_) => "blocked",
        NotReady::Opaque(_) => "a person",
    });
    own.next_back().unwrap_or_default().to_owned()
}
