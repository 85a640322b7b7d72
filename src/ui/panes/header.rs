//! The first line: where we are, how far, who needs a person. In zoom: whose terminal this is.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::domain::agent::Agent;
use crate::domain::cost::{amount, used};
use crate::domain::glance::{Access, Call, Glance};
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::plan::Mode as PlanMode;
use crate::domain::printable::counted;
use crate::ui::canvas::{Canvas, Piece};
use crate::ui::dashboard::{Mode, Page, waiting};
use crate::ui::draw::Scene;
use crate::ui::keys::{Scope, essential, label};
use crate::ui::layout::Shape;
use crate::ui::look::{ColourRole, Look};
use crate::ui::panes::agent;
use crate::ui::text::{bar, columns};

/// How many of those that wait are named.
const NAMED: usize = 3;

/// A part of the line; parts with a higher rank are left out first.
struct Part {
    rank: u8,
    text: String,
    style: Style,
}

/// Draws the header.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>) {
    let area = scene.at.header;
    match scene.at.shape {
        Shape::Zoom => zoomed(canvas, scene, area),
        Shape::Columns | Shape::Stack | Shape::Accordion => usual(canvas, scene, area),
        Shape::TooSmall => {}
    }
}

fn usual(canvas: &mut Canvas<'_>, scene: &Scene<'_>, area: Rect) {
    let look = canvas.look;
    let left = vec![
        Part {
            rank: 1,
            text: " orch-tui".into(),
            style: Style::new().add_modifier(Modifier::BOLD),
        },
        Part {
            rank: 0,
            text: format!("  {}", scene.o.target().name),
            style: look.style(ColourRole::Accent),
        },
        Part {
            rank: 6,
            text: format!("  {}", scene.o.target().path.display()),
            style: look.style(ColourRole::Muted),
        },
    ];
    let right = badges(scene, look);
    lay(canvas, area, left, right);
}

/// Draws as many parts as there is room for, from both ends.
fn lay(canvas: &mut Canvas<'_>, area: Rect, mut left: Vec<Part>, mut right: Vec<Part>) {
    loop {
        let width: usize = left.iter().chain(&right).map(|part| columns(&part.text)).sum();
        let worst = left.iter().chain(&right).map(|part| part.rank).max().unwrap_or(0);
        if width + 2 <= usize::from(area.width) || worst == 0 {
            break;
        }
        left.retain(|part| part.rank < worst);
        right.retain(|part| part.rank < worst);
    }
    let pieces = |parts: Vec<Part>| -> Vec<Piece> {
        parts.into_iter().map(|part| (part.text, part.style)).collect()
    };
    let used =
        canvas.line_right(Rect { width: area.width.saturating_sub(1), ..area }, &pieces(right));
    canvas.line(Rect { width: area.width.saturating_sub(used + 2), ..area }, &pieces(left));
}

/// Draws the header of the agent grid: how many agents, how they are sorted, which page this is.
pub fn grid(canvas: &mut Canvas<'_>, scene: &Scene<'_>, page: &Page<'_>) {
    let look = canvas.look;
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let muted = look.style(ColourRole::Muted);
    let agents = match page.agents.len() {
        1 => "1 agent".to_owned(),
        n => format!("{n} agents"),
    };
    let mut left = vec![
        Part { rank: 1, text: " GRID".into(), style: bold },
        Part { rank: 0, text: format!("  {agents}"), style: Style::new() },
    ];
    let marked = scene.d.agent.marked.len();
    if marked > 0 {
        let style = look.style(ColourRole::Accent);
        left.push(Part { rank: 0, text: format!("  {marked} marked"), style });
    }
    let (number, pages) = page.number();
    if pages > 1 {
        left.push(Part { rank: 1, text: format!("  page {number}/{pages}"), style: Style::new() });
    }
    if scene.d.others().len() > 1 {
        let text = format!("  {}", scene.o.target().name);
        left.insert(1, Part { rank: 3, text, style: look.style(ColourRole::Accent) });
    }
    let tiles = format!("  {}x{}", page.tiles.cols, page.tiles.rows);
    left.push(Part { rank: 4, text: tiles, style: muted });
    let slots = format!("  {}/{} slots", scene.o.slots_taken(), scene.o.slots());
    left.push(Part { rank: 5, text: slots, style: muted });
    left.push(Part { rank: 5, text: "  sorted: needs you first".into(), style: muted });
    lay(canvas, scene.at.header, left, badges(scene, look));
}

fn badges(scene: &Scene<'_>, look: &Look) -> Vec<Part> {
    let o = scene.o;
    let mut parts = Vec::new();
    if let Some((done, total)) = progress(o) {
        let percent = (done * 100).checked_div(total).unwrap_or(0);
        parts.push(Part { rank: 2, text: format!("  {done}/{total}"), style: Style::new() });
        let text = format!(" {}", bar(done, total, 18, look));
        parts.push(Part { rank: 4, text, style: look.style(ColourRole::Ok) });
        parts.push(Part { rank: 3, text: format!(" {percent}%"), style: Style::new() });
    }
    if let Some(text) = plan_state(o) {
        parts.push(Part {
            rank: 5,
            text: format!("   {text}"),
            style: look.style(ColourRole::Muted),
        });
    }
    parts.extend(tokens(o, look));
    parts.extend(elsewhere(scene.d.others(), look));
    parts.extend(calls(o, look));
    parts
}

/// What the plan's agents used so far, once they told.
fn tokens(o: &Orchestrator, look: &Look) -> Option<Part> {
    let used = used(o.run());
    let tokens = used.input_tokens.saturating_add(used.output_tokens);
    let granted = o.run().plan.as_ref().map_or(0, |plan| u64::from(plan.granted));
    let of = o.target().budget.tokens.map(|of| of.saturating_mul(granted + 1));
    let of = of.map(|of| format!("/{}", amount(of))).unwrap_or_default();
    let text = format!("   tok {}{of}", amount(tokens));
    (tokens > 0).then(|| Part { rank: 5, text, style: look.style(ColourRole::Muted) })
}

/// What a person should notice: who drives, that nothing starts, who waits.
fn calls(o: &Orchestrator, look: &Look) -> Vec<Part> {
    let mut parts = Vec::new();
    if let Role::Viewer { driver } = o.role() {
        let text = format!("  VIEWER: process {driver} drives");
        parts.push(Part { rank: 1, text, style: look.style(ColourRole::Accent) });
    }
    if o.run().held {
        let style = look.style(ColourRole::Plain).add_modifier(Modifier::BOLD | Modifier::REVERSED);
        parts.push(Part { rank: 0, text: "  ".into(), style: Style::new() });
        parts.push(Part { rank: 0, text: " HOLD ".into(), style });
    }
    parts.extend(proposed(o, look));
    parts.extend(waiters(&waiting(o, look.now), look));
    parts
}

/// How many proposals wait for a person.
fn proposed(o: &Orchestrator, look: &Look) -> Option<Part> {
    let waiting = o.view().proposals.waiting();
    let text = format!("  {}", counted(waiting, "proposal"));
    (waiting > 0).then(|| Part { rank: 3, text, style: look.style(ColourRole::Accent) })
}

/// What a person should notice of the other targets: where agents need them, and that some are at work.
fn elsewhere(others: &[Glance], look: &Look) -> Vec<Part> {
    let mut parts = Vec::new();
    let calls = others.iter().filter_map(|other| Some((&other.target, other.call()?)));
    // Agents that wait come before what is only held.
    let first = calls.min_by_key(|(_, call)| match call {
        Call::Waits => 0,
        Call::Trouble(_) => 1,
        Call::Held => 2,
    });
    if let Some((target, call)) = first {
        let text = match call {
            Call::Waits => format!(" ! {target} needs you "),
            Call::Held => format!(" ! {target} is held "),
            Call::Trouble(_) => format!(" ! {target} is in trouble "),
        };
        parts.push(Part { rank: 1, text: "  ".into(), style: Style::new() });
        parts.push(Part { rank: 1, text, style: look.style(ColourRole::Wait) });
        let press = format!(" (press {})", label("app.targets"));
        parts.push(Part { rank: 6, text: press, style: look.style(ColourRole::Muted) });
    }
    let working = others.iter().filter(|other| other.access == Access::Open);
    let working: usize = working.map(|other| other.crowd.working).sum();
    if working > 0 {
        let text = format!("  +{working} at work in other targets");
        parts.push(Part { rank: 5, text, style: look.style(ColourRole::Muted) });
    }
    parts
}

/// Who waits for a person, the one that has waited longest first.
fn waiters(waiting: &[&Agent], look: &Look) -> Vec<Part> {
    let Some(first) = waiting.first() else { return Vec::new() };
    let text = match waiting.len() {
        1 => format!(" ! {} needs you ", first.me().id),
        n => format!(" ! {n} agents wait for you "),
    };
    let muted = look.style(ColourRole::Muted);
    let mut parts = vec![
        Part { rank: 0, text: "  ".into(), style: Style::new() },
        Part { rank: 0, text, style: look.style(ColourRole::Wait) },
    ];
    if waiting.len() > 1 {
        let named = waiting.iter().take(NAMED).map(|agent| format!(" {}", agent.me().id));
        let mut names: String = named.collect();
        if waiting.len() > NAMED {
            names.push_str(&format!(" +{}", waiting.len() - NAMED));
        }
        parts.push(Part { rank: 5, text: names, style: muted });
    }
    let press = format!(" (press {})", label("agent.next-needy"));
    parts.push(Part { rank: 6, text: press, style: muted });
    parts
}

/// Complete and all phases.
fn progress(o: &Orchestrator) -> Option<(usize, usize)> {
    Some(o.roadmap()?.progress())
}

fn plan_state(o: &Orchestrator) -> Option<String> {
    let plan = o.run().plan.as_ref()?;
    let done = plan.done.len();
    if plan.finished {
        let all = plan.approved.phases.iter().filter(|id| !plan.done.contains(*id)).count();
        return Some(match all {
            0 => "plan finished".into(),
            left => format!("plan ended, {left} left"),
        });
    }
    Some(match plan.approved.mode {
        PlanMode::Single => format!("plan {done}/{} single", plan.approved.phases.len()),
        PlanMode::Parallel => format!("plan {done}/{} parallel", plan.approved.phases.len()),
        PlanMode::Batch => format!("plan {done} done, batch"),
    })
}

fn zoomed(canvas: &mut Canvas<'_>, scene: &Scene<'_>, area: Rect) {
    let look = canvas.look;
    let Some(agent) = scene.d.agent_in_view(scene.o) else {
        canvas.line(area, &[(" No agent yet".into(), Style::new())]);
        return;
    };
    let (lead, way_out) = match scene.d.focus.mode {
        Mode::Type => {
            (" TYPING into ", format!("every key goes to the agent    {}", essential(Scope::Type)))
        }
        Mode::Scroll => {
            let note = agent::reading_note(scene, agent).unwrap_or_default();
            (" READING ", format!("{note}    {} back", label("read.leave")))
        }
        Mode::Browse | Mode::Goal | Mode::Filter => {
            (" ", format!("{} unzoom", label("agent.zoom")))
        }
    };
    let (note, role) = agent::state_note(agent, scene.o, look);
    let others = waiting(scene.o, look.now).iter().any(|other| other.me() != agent.me());
    let call = if others { "! another needs you  " } else { "" };
    let hint = format!("{call}{way_out} ");
    let pieces = [(hint, look.style(ColourRole::Muted))];
    let reads = scene.d.focus.mode == Mode::Scroll;
    let wide = usize::from(area.width) >= 100 || others || reads;
    let used = if wide { canvas.line_right(area, &pieces) } else { 0 };
    let room = area.width.saturating_sub(used);
    let title = agent::title((lead, "  "), (agent, scene.o), (room, &note));
    let left = [(title, Style::new().add_modifier(Modifier::BOLD)), (note, look.style(role))];
    canvas.line(Rect { width: room, ..area }, &left);
}
