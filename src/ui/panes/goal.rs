//! Pane 4: the goal.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::widgets::Widget;

use crate::ui::canvas::{Canvas, Chrome};
use crate::ui::dashboard::Mode;
use crate::ui::draw::Scene;
use crate::ui::keys::{Pane, label};
use crate::ui::look::ColourRole;

/// Columns before the text.
const PROMPT: u16 = 3;

/// Draws the pane.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>) {
    let area = scene.at.pane(Pane::Goal);
    if area.is_empty() {
        return;
    }
    let chrome = Chrome {
        title: "4 Goal".into(),
        note: (
            "Enter shows a plan; nothing starts before you approve it".into(),
            ColourRole::Muted,
        ),
        foot: String::new(),
        foot_note: String::new(),
        border: scene.border(Pane::Goal),
    };
    canvas.frame(area, &chrome, scene.at.shape);
    let inner = scene.at.inner(Pane::Goal);
    canvas.put((inner.x, inner.y), inner.width, " > ", Style::new().add_modifier(Modifier::BOLD));
    let width = inner.width.saturating_sub(PROMPT);
    let text = Rect { x: inner.x + PROMPT.min(inner.width), width, ..inner };
    if scene.d.focus.mode == Mode::Goal {
        Widget::render(&scene.d.goal.text, text, canvas.buffer);
    } else if scene.d.goal.text.is_empty() {
        let hint = format!("{}  type a goal", label("goal.new"));
        canvas.put((text.x, text.y), width, &hint, canvas.look.style(ColourRole::Muted));
    } else {
        let first = scene.d.goal.text.lines().first().cloned().unwrap_or_default();
        canvas.put((text.x, text.y), width, &first, Style::new());
    }
}
