//! Pane 2: claimed streams, those that need a person first.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::domain::agent::{Agent, AgentState, Outcome, Stage};
use crate::domain::id::PhaseId;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::roadmap::phase::{Phase, Status};
use crate::domain::roadmap::readiness::Evaluator;
use crate::ui::canvas::{Canvas, Chrome, Piece};
use crate::ui::dashboard::Dashboard;
use crate::ui::draw::Scene;
use crate::ui::keys::{Pane, label};
use crate::ui::layout::window;
use crate::ui::look::{ColourRole, Look};
use crate::ui::panes::roadmap;
use crate::ui::text::{clock, columns, fit, fit_right, spark};

/// Cells of an activity line.
const SPARK_CELLS: usize = 10;

/// Draws the pane.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>) {
    let area = scene.at.pane(Pane::Streams);
    if area.is_empty() {
        return;
    }
    let inner = scene.at.inner(Pane::Streams);
    let agents = scene.o.agents(canvas.look.now);
    let planned = planned(scene.o);
    let chrome = Chrome {
        title: "2 Claimed streams".into(),
        note: (format!("{}/{} slots", scene.o.live_agents(), scene.o.slots()), ColourRole::Muted),
        foot: String::new(),
        foot_note: String::new(),
        border: scene.border(Pane::Streams),
    };
    let hidden = hidden(scene, &agents, planned.len());
    canvas.frame(area, &chrome.with_hidden(hidden, scene.at.shape), scene.at.shape);
    if agents.is_empty() && planned.is_empty() {
        empty(canvas, inner);
        return;
    }
    list(canvas, scene, inner, &agents);
    let used = u16::try_from(agents.len()).unwrap_or(u16::MAX).min(inner.height);
    let left = Rect { y: inner.y + used, height: inner.height - used, ..inner };
    queue(canvas, left, &planned);
}

/// How many rows are above and below those in view; a queue that is cut names its rest itself.
fn hidden(scene: &Scene<'_>, agents: &[&Agent], planned: usize) -> (usize, usize) {
    let height = usize::from(scene.at.inner(Pane::Streams).height);
    if height == 0 {
        return (0, 0);
    }
    let first = window(cursor(agents, scene.o, scene.d), agents.len(), height);
    let below = agents.len().saturating_sub(first + height);
    (first, if agents.len() < height { below } else { below + planned })
}

/// What waits for its turn. What there is no row for is counted and named in the last one.
fn queue(canvas: &mut Canvas<'_>, area: Rect, planned: &[(PhaseId, String)]) {
    let (glyph, word, role) = canvas.look.state(AgentState::Pending);
    let rows = usize::from(area.height);
    let shown = if planned.len() > rows { rows.saturating_sub(1) } else { planned.len() };
    let mut lines: Vec<String> = planned
        .iter()
        .take(shown)
        .map(|(id, why)| format!(" {id:<5} {glyph} {word} {why}"))
        .collect();
    let rest: Vec<&str> = planned.iter().skip(shown).map(|(id, _)| id.as_str()).collect();
    if !rest.is_empty() {
        lines.push(format!(" {} more: {}", rest.len(), rest.join(" ")));
    }
    for (y, text) in (area.y..area.bottom()).zip(lines) {
        canvas.put((area.x, y), area.width, &text, canvas.look.style(role));
    }
}

/// Phases of the approved plan without an agent yet, and what each waits for.
fn planned(o: &Orchestrator) -> Vec<(PhaseId, String)> {
    let (Some(plan), Some(roadmap)) = (&o.run().plan, o.roadmap()) else { return Vec::new() };
    if plan.finished {
        return Vec::new();
    }
    let held = o.held_phases();
    let evaluator = Evaluator::new(roadmap, &held);
    let open = |id: &&PhaseId| {
        !plan.done.contains(*id) && !plan.given_up.contains_key(*id) && o.agent_of(id).is_none()
    };
    let phases = plan.approved.phases.iter().filter(open).filter_map(|id| roadmap.phase(id));
    let phases = phases.filter(|phase| phase.status.state != Status::Complete);
    let why = |phase: &Phase| {
        let reasons = evaluator.reasons(phase);
        match (reasons.is_empty(), o.run().held) {
            (true, true) => "on hold".to_owned(),
            (true, false) => "waits for a slot".to_owned(),
            (false, _) => format!("waits for {}", roadmap::short(&reasons, phase)),
        }
    };
    phases.map(|phase| (phase.id.clone(), why(phase))).collect()
}

/// Place of the agent in view among the rows.
pub fn cursor(agents: &[&Agent], o: &Orchestrator, d: &Dashboard) -> usize {
    let shown = d.agent_in_view(o);
    shown.and_then(|shown| agents.iter().position(|a| a.me() == shown.me())).unwrap_or(0)
}

fn empty(canvas: &mut Canvas<'_>, inner: Rect) {
    let lines = [
        "Nothing claimed.".to_owned(),
        format!("{}  type a goal", label("goal.new")),
        format!("{}  plan the selected phase", label("phase.plan")),
    ];
    let muted = canvas.look.style(ColourRole::Muted);
    for (y, text) in (inner.y..inner.bottom()).zip(lines) {
        canvas.put((inner.x + 1, y), inner.width.saturating_sub(1), &text, muted);
    }
}

fn list(canvas: &mut Canvas<'_>, scene: &Scene<'_>, inner: Rect, agents: &[&Agent]) {
    let cursor = cursor(agents, scene.o, scene.d);
    let first = window(cursor, agents.len(), usize::from(inner.height));
    let top = agents.iter().flat_map(|a| a.activity.pulse.iter().copied()).max().unwrap_or(1);
    let ids = agents.iter().map(|a| columns(a.me().id.as_str())).max().unwrap_or(0).clamp(5, 10);
    for (y, (n, agent)) in (inner.y..inner.bottom()).zip(agents.iter().enumerate().skip(first)) {
        let line = Rect { y, height: 1, ..inner };
        let pointer = if n == cursor { canvas.look.pick("›", ">") } else { " " };
        let mut pieces = head(agent, (pointer, ids), canvas.look);
        if scene.is_wide() {
            let name = phase_name(agent, scene.o);
            let name = fit(&name, usize::from(inner.width / 4).min(30), canvas.look.glyphs);
            pieces.insert(1, (format!("{name} "), Style::new()));
        }
        pieces.push((tail(agent, scene, top, canvas.look), canvas.look.style(ColourRole::Plain)));
        canvas.line(line, &pieces);
        if n == cursor && scene.d.focus.pane == Pane::Streams {
            canvas.select(line);
        }
    }
}

fn phase_name(agent: &Agent, o: &Orchestrator) -> String {
    let phase = o.roadmap().and_then(|roadmap| roadmap.phase(agent.phase()));
    phase.map(|phase| phase.name.to_string()).unwrap_or_default()
}

/// Pointer, id, state and clock.
fn head(agent: &Agent, (pointer, ids): (&str, usize), look: &Look) -> Vec<Piece> {
    let (glyph, word, role) = look.state(agent.state(look.now));
    let id = fit(agent.me().id.as_str(), ids, look.glyphs);
    let time = fit_right(&clock(agent.ran_for(look.now)), 6, look.glyphs);
    vec![
        (format!("{pointer}{id} "), Style::new().add_modifier(Modifier::BOLD)),
        (format!("{glyph} {word:<4}"), look.style(role)),
        (format!("{time} "), Style::new()),
    ]
}

/// What is worth knowing of an agent in its state.
fn tail(agent: &Agent, scene: &Scene<'_>, top: u32, look: &Look) -> String {
    let activity = &agent.activity;
    match agent.state(look.now) {
        AgentState::Waiting | AgentState::Running | AgentState::Idle => {
            let line = spark(&activity.pulse, SPARK_CELLS, top, look);
            let doing = match &activity.waiting {
                Some(question) => format!("asks: {question}"),
                None => activity.doing.to_string(),
            };
            if scene.is_wide() { format!("{line} {doing}") } else { line }
        }
        AgentState::Verifying => gates(agent, scene.o),
        AgentState::Pending => "waits for its claim".into(),
        AgentState::Starting => start(agent).into(),
        AgentState::Stopping => "stopping".into(),
        AgentState::Failed | AgentState::TimedOut | AgentState::Killed | AgentState::Succeeded => {
            reason(agent)
        }
    }
}

fn start(agent: &Agent) -> &'static str {
    match agent.stage {
        Stage::Preparing => "workspace",
        Stage::Marking => "marks the roadmap",
        Stage::Starting => "starting",
        Stage::Claiming
        | Stage::Running
        | Stage::Stopping
        | Stage::Verifying(_)
        | Stage::Completing
        | Stage::Unmarking(_)
        | Stage::Ended(_) => "",
    }
}

/// Which gate runs, of how many.
pub fn gates(agent: &Agent, o: &Orchestrator) -> String {
    let gates = &o.target().gates;
    let at = agent.receipts.len();
    match gates.get(at) {
        Some(gate) => format!("gate {}/{} {}", at + 1, gates.len(), gate.name),
        None => "writes Complete".into(),
    }
}

/// How a life ended, as short as possible.
pub fn reason(agent: &Agent) -> String {
    let Some(outcome) = agent.outcome() else { return String::new() };
    match outcome {
        Outcome::Succeeded => {
            let passed = agent.receipts.iter().filter(|receipt| receipt.passed()).count();
            if agent.receipts.is_empty() {
                String::new()
            } else {
                format!("gates {passed}/{}", agent.receipts.len())
            }
        }
        Outcome::Failed(why) | Outcome::Refused(why) | Outcome::TimedOut(why) => why.to_string(),
        Outcome::Killed => "by you".into(),
        Outcome::Lost => "its host disappeared".into(),
    }
}
