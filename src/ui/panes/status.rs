//! The last line: mode, agents by state, what was said last, keys.

use std::collections::BTreeMap;

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::domain::agent::AgentState;
use crate::domain::orchestrator::Level;
use crate::ui::canvas::{Canvas, Piece};
use crate::ui::draw::Scene;
use crate::ui::keys::{Action, AgentAction, essential, hints_where};
use crate::ui::look::{ColourRole, Look};
use crate::ui::text::{columns, cut};

/// Draws the status bar.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>) {
    let area = scene.at.status;
    if area.is_empty() {
        return;
    }
    let look = canvas.look;
    let mut left: Vec<Piece> = vec![
        (" ".into(), Style::new()),
        (
            scene.d.focus.mode.word().into(),
            Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED),
        ),
        ("  ".into(), Style::new()),
    ];
    left.extend(counts(scene, look));
    let used: usize = left.iter().map(|(text, _)| columns(text)).sum();
    let room = usize::from(area.width).saturating_sub(used + 1);
    canvas.line(area, &left);
    let right = Rect { x: area.x, width: area.width.saturating_sub(1), ..area };
    let scope = scene.d.scope(scene.o);
    let said = scene.d.toast(scene.o, look.now);
    let Some(said) = said else {
        // Without an agent there is nothing to stop, restart, type to or hold.
        let agents = !scene.o.run().agents.is_empty();
        let works = |action: Action| agents || !is_for_agents(action);
        let hints = hints_where(scope, u16::try_from(room).unwrap_or(u16::MAX), works);
        canvas.line_right(right, &[(hints, look.style(ColourRole::Plain))]);
        return;
    };
    let help = essential(scope);
    let (sign, style) = match said.level {
        Level::Info => ("", look.style(ColourRole::Accent)),
        Level::Error => ("! ", look.style(ColourRole::Fail)),
    };
    let text =
        cut(&format!("{sign}{}", said.text), room.saturating_sub(columns(&help) + 2), look.glyphs);
    let pieces = [(text, style), (format!("  {help}"), Style::new())];
    canvas.line_right(right, &pieces);
}

/// Whether an action does something to agents alone.
fn is_for_agents(action: Action) -> bool {
    action == Action::Hold
        || [AgentAction::Type, AgentAction::Zoom, AgentAction::Stop, AgentAction::Restart]
            .map(Action::Agent)
            .contains(&action)
}

/// Agents by state, those that need a person first.
fn counts(scene: &Scene<'_>, look: &Look) -> Vec<Piece> {
    let mut counts: BTreeMap<AgentState, usize> = BTreeMap::new();
    for agent in scene.o.run().agents.values() {
        *counts.entry(agent.state(look.now)).or_default() += 1;
    }
    let mut pieces = Vec::new();
    for (state, count) in counts {
        let (glyph, _, role) = look.state(state);
        pieces.push((format!("{glyph}{count}"), look.style(role)));
        pieces.push((" ".into(), Style::new()));
    }
    pieces
}
