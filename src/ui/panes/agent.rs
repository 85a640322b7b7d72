//! Pane 3: one agent's terminal.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::domain::agent::{Agent, AgentState};
use crate::domain::frame::Screen;
use crate::domain::gate::{GateResult, Receipt, Tree};
use crate::domain::id::Life;
use crate::domain::orchestrator::Orchestrator;
use crate::ui::canvas::{Canvas, Chrome, Piece};
use crate::ui::dashboard::{Dashboard, Mode};
use crate::ui::draw::Scene;
use crate::ui::keys::{Pane, Scope, essential, hints_of, label};
use crate::ui::layout::Shape;
use crate::ui::look::{ColourRole, Look};
use crate::ui::panes::names::{CORNERS, chosen, fitting};
use crate::ui::panes::streams;
use crate::ui::reading;
use crate::ui::terminal::{self, View, used_rows};
use crate::ui::text::{clock, wrap};

/// Draws the pane. Gives the place of the agent's cursor on our screen.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>) -> Option<(u16, u16)> {
    let area = scene.at.pane(Pane::Agent);
    if area.is_empty() {
        return None;
    }
    let inner = scene.at.inner(Pane::Agent);
    let agent = scene.d.agent_in_view(scene.o);
    canvas.frame(area, &chrome(scene, agent, inner, canvas.look), scene.at.shape);
    let Some(agent) = agent else {
        nothing(canvas, inner);
        return None;
    };
    if let Some((reader, seen)) = scene.d.reader(agent.me()) {
        return reading::draw(canvas, inner, seen, reader);
    }
    let band = review_band(canvas, inner, agent);
    let inner = Rect { y: inner.y + band, height: inner.height - band, ..inner };
    match scene.d.screen(agent.me()) {
        Some(screen) => {
            let view = view(screen, inner, scene.d);
            terminal::draw(canvas, inner, screen, view)
        }
        None => {
            facts(canvas, scene, inner, agent);
            None
        }
    }
}

/// Says above the screen that its work waits for a person, and the keys for that. How many rows that takes.
fn review_band(canvas: &mut Canvas<'_>, inner: Rect, agent: &Agent) -> u16 {
    if !streams::in_review(agent) || inner.height < 6 {
        return 0;
    }
    let width = usize::from(inner.width);
    let mut lines = wrap(&streams::review(agent), width);
    lines.truncate(3);
    let style = canvas.look.style(ColourRole::Plain).add_modifier(Modifier::BOLD);
    for (y, line) in (inner.y..inner.bottom()).zip(&lines) {
        canvas.put((inner.x, y), inner.width, line, style);
    }
    let rows = u16::try_from(lines.len()).unwrap_or(0);
    let rule = canvas.look.pick("─", "-").repeat(width);
    let muted = canvas.look.style(ColourRole::Muted);
    canvas.put((inner.x, inner.y + rows), inner.width, &rule, muted);
    rows + 1
}

/// Glyph, word and clock of an agent's state.
pub fn state_note(agent: &Agent, o: &Orchestrator, look: &Look) -> (String, ColourRole) {
    let (glyph, word, role) = look.state(o.state_of(agent, look.now));
    (format!("{glyph} {word} {}", clock(agent.ran_for(look.now))), role)
}

/// Agent and what it works on between two texts, in so many columns beside a note; where that is too little, without
/// its name.
pub fn title(
    (before, after): (&str, &str),
    (agent, o): (&Agent, &Orchestrator),
    (width, note): (u16, &str),
) -> String {
    let about = o.about(agent);
    let phase = match agent.errand() {
        Some(_) => about.to_string(),
        None => format!("{} {about}", agent.phase()).trim_end().to_owned(),
    };
    let title = |called: &str| format!("{before}{called}  {phase}{after}");
    fitting(title, agent, (width, note))
}

fn chrome(scene: &Scene<'_>, agent: Option<&Agent>, inner: Rect, look: &Look) -> Chrome {
    let border = scene.border(Pane::Agent);
    let Some(agent) = agent else {
        let note = (String::new(), ColourRole::Muted);
        return Chrome {
            title: "3 Agent".into(),
            note,
            foot: String::new(),
            foot_note: String::new(),
            border,
        };
    };
    let foot = foot(scene, agent, inner.width, look);
    let foot_note = reading_note(scene, agent)
        .or_else(|| scene.d.screen(agent.me()).map(|screen| place(screen, scene)))
        .unwrap_or_default();
    let note = match scene.at.shape {
        Shape::Accordion if !foot_note.is_empty() => {
            let (state, role) = state_note(agent, scene.o, look);
            (format!("{state}  {foot_note}"), role)
        }
        Shape::Accordion | Shape::Columns | Shape::Stack | Shape::Zoom | Shape::TooSmall => {
            state_note(agent, scene.o, look)
        }
    };
    let life = match agent.me().life {
        Life(1) => String::new(),
        Life(life) => format!("  life {life}"),
    };
    let width = scene.at.pane(Pane::Agent).width.saturating_sub(CORNERS);
    let after = format!("  {}{life}", agent.birth.adapter);
    let title = title(("3 ", &after), (agent, scene.o), (width, &note.0));
    Chrome { title, note, foot, foot_note, border }
}

/// Keys while it runs, how it ended after that.
fn foot(scene: &Scene<'_>, agent: &Agent, width: u16, look: &Look) -> String {
    let ended = streams::ending(agent, scene.o, look);
    let asks = scene.o.outlook(agent, look.now).is_some_and(|outlook| outlook.asks());
    match scene.d.focus.mode {
        Mode::Type => essential(Scope::Type),
        // The status bar has them, and the place in the lines needs the room.
        Mode::Scroll => String::new(),
        _ if scene.d.reader(agent.me()).is_some() => String::new(),
        Mode::Browse | Mode::Goal | Mode::Filter if streams::in_review(agent) => {
            format!("{} what it changed  {} merge", label("review.diff"), label("review.merge"))
        }
        Mode::Browse | Mode::Goal | Mode::Filter if agent.is_live() => {
            hints_of("agent", width.saturating_sub(24))
        }
        Mode::Browse | Mode::Goal | Mode::Filter
            if agent.state(look.now) == AgentState::Succeeded =>
        {
            ended
        }
        Mode::Browse | Mode::Goal | Mode::Filter
            if asks || scene.o.cannot_begin(agent).is_some() =>
        {
            ended
        }
        Mode::Browse | Mode::Goal | Mode::Filter => {
            format!("{ended}   {} restart", label("agent.restart"))
        }
    }
}

/// Where one reads in what the agent said.
pub fn reading_note(scene: &Scene<'_>, agent: &Agent) -> Option<String> {
    let (reader, seen) = scene.d.reader(agent.me())?;
    Some(reading::note(seen, reader))
}

/// Size of the agent's terminal and whether the view follows its end.
fn place(screen: &Screen, scene: &Scene<'_>) -> String {
    let size = format!("{}x{}", screen.size.cols, screen.size.rows);
    match scene.d.agent.up {
        0 => format!("{size} follow"),
        up => format!("{size} {up} lines below, {}", label("agent.bottom")),
    }
}

/// The part of the screen in view: its end, unless scrolled up; its cursor while one types.
pub fn view(screen: &Screen, inner: Rect, d: &Dashboard) -> View {
    let end = used_rows(screen).max(inner.height.min(screen.size.rows));
    let top = end.saturating_sub(inner.height).saturating_sub(d.agent.up);
    let left = match (d.focus.mode, screen.cursor) {
        (Mode::Type, Some((column, _))) => (column + 1).saturating_sub(inner.width),
        (Mode::Type | Mode::Browse | Mode::Goal | Mode::Filter | Mode::Scroll, _) => 0,
    };
    View { left, top }
}

fn nothing(canvas: &mut Canvas<'_>, inner: Rect) {
    let goal = format!(
        "{}  type a goal: a plan is shown, nothing starts before you approve it",
        label("goal.new")
    );
    let lines = ["No agent yet.", "", goal.as_str()];
    for (y, text) in (inner.y..inner.bottom()).zip(lines) {
        canvas.put(
            (inner.x + 1, y),
            inner.width.saturating_sub(1),
            text,
            canvas.look.style(ColourRole::Muted),
        );
    }
}

/// What is known of an agent whose screen was never seen.
fn facts(canvas: &mut Canvas<'_>, scene: &Scene<'_>, inner: Rect, agent: &Agent) {
    let look = canvas.look;
    let width = usize::from(inner.width).saturating_sub(2);
    let (note, role) = state_note(agent, scene.o, look);
    let mut lines: Vec<Piece> = vec![(note, look.style(role))];
    let chosen = wrap(&chosen(agent).unwrap_or_default(), width);
    lines.extend(chosen.into_iter().map(|line| (line, look.style(ColourRole::Muted))));
    let ended = streams::ending(agent, scene.o, look);
    let why = Some(streams::reason(agent)).filter(|why| !ended.contains(why));
    lines.extend(wrap(&ended, width).into_iter().map(|line| (line, Style::new())));
    let why = why.map(|why| wrap(&why, width)).unwrap_or_default();
    lines.extend(why.into_iter().map(|line| (line, look.style(ColourRole::Muted))));
    let now = match agent.state(look.now) {
        AgentState::Verifying => Some(streams::gates(agent, scene.o)),
        AgentState::Merging => Some(streams::merging(agent, scene.o)),
        AgentState::Review => Some(streams::review(agent)),
        _ => None,
    };
    lines.extend(now.map(|text| (text, Style::new())));
    lines.extend(receipts(agent, look));
    if let Some(pids) = agent.processes {
        let bold = Style::new().add_modifier(Modifier::DIM);
        lines.push((format!("process {}  host {}", pids.agent, pids.host), bold));
    }
    for (y, (text, style)) in (inner.y..inner.bottom()).zip(lines) {
        canvas.put((inner.x + 1, y), inner.width.saturating_sub(2), &text, style);
    }
}

/// Glyph and colour of what a gate said.
pub fn receipt_mark(receipt: &Receipt, look: &Look) -> (&'static str, ColourRole) {
    match (receipt.passed(), receipt.required) {
        (true, _) => (look.pick("✓", "+"), ColourRole::Ok),
        (false, true) => (look.pick("✗", "x"), ColourRole::Fail),
        (false, false) => ("!", ColourRole::Muted),
    }
}

/// What the gates said, with the last lines of those that did not pass.
pub fn receipts(agent: &Agent, look: &Look) -> Vec<Piece> {
    let mut lines = Vec::new();
    for receipt in &agent.receipts {
        let (glyph, role) = receipt_mark(receipt, look);
        let how = match &receipt.result {
            GateResult::Passed => "passed".to_owned(),
            GateResult::Failed(Some(code)) => format!("exit code {code}"),
            GateResult::Failed(None) => "ended by a signal".to_owned(),
            GateResult::TimedOut => "timed out".to_owned(),
            GateResult::Unavailable(why) => why.to_string(),
        };
        let on = match receipt.tree {
            Tree::Work => "",
            Tree::Merged => " on the merge",
        };
        lines.push((
            format!("{glyph} {}{on}  {how}  {}", receipt.gate, clock(receipt.took)),
            look.style(role),
        ));
        if !receipt.passed() {
            let tail = receipt.tail.iter().rev().take(8).rev();
            lines.extend(tail.map(|line| (format!("  {line}"), look.style(ColourRole::Muted))));
        }
    }
    lines
}
