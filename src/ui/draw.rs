//! The whole screen: model to frame.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::domain::frame::Size;
use crate::domain::orchestrator::Orchestrator;
use crate::ui::canvas::{Border, Canvas};
use crate::ui::dashboard::{Dashboard, Mode};
use crate::ui::keys::Pane;
use crate::ui::layout::{LEAST_COLS, LEAST_ROWS, Layout, Shape, layout};
use crate::ui::look::Look;
use crate::ui::panes;

/// What the panes draw from.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The run.
    pub o: &'a Orchestrator,
    /// The screen's own state.
    pub d: &'a Dashboard,
    /// Where everything is.
    pub at: &'a Layout,
}

impl Scene<'_> {
    /// The border of a pane.
    pub fn border(&self, pane: Pane) -> Border {
        match (self.d.focus.pane == pane, self.d.focus.mode) {
            (false, _) => Border::Plain,
            (true, Mode::Type) => Border::Typing,
            (true, Mode::Scroll) => Border::Reading,
            (true, Mode::Browse | Mode::Goal | Mode::Filter) => Border::Focus,
        }
    }

    /// Whether panes lie below each other over the whole width.
    pub fn is_wide(&self) -> bool {
        self.at.shape == Shape::Accordion
    }
}

/// Draws everything into the frame. The frame's own size decides the layout.
pub fn draw(frame: &mut Frame<'_>, o: &Orchestrator, d: &Dashboard, look: &Look) {
    let area = frame.area();
    let at = layout(d.request(Size { cols: area.width, rows: area.height }));
    let scene = Scene { o, d, at: &at };
    let mut canvas = Canvas { buffer: frame.buffer_mut(), look };
    if at.shape == Shape::TooSmall {
        too_small(&mut canvas, area);
        return;
    }
    let cursor = if d.shows_grid() {
        panes::grid::draw(&mut canvas, &scene);
        None
    } else {
        panes::header::draw(&mut canvas, &scene);
        panes::roadmap::draw(&mut canvas, &scene);
        panes::streams::draw(&mut canvas, &scene);
        panes::goal::draw(&mut canvas, &scene);
        panes::agent::draw(&mut canvas, &scene)
    };
    let typed = panes::status::draw(&mut canvas, &scene);
    match d.overlay(o) {
        Some(overlay) => overlay.draw(frame, o, look),
        None => {
            if let (Mode::Type | Mode::Scroll, Some(cursor)) = (d.focus.mode, typed.or(cursor)) {
                frame.set_cursor_position(cursor);
            }
        }
    }
    panes::status::draw_long(&mut Canvas { buffer: frame.buffer_mut(), look }, &scene);
}

fn too_small(canvas: &mut Canvas<'_>, area: Rect) {
    let (cols, rows) = (area.width, area.height);
    let sentences = [
        format!("Too small ({cols}x{rows}), need {LEAST_COLS}x{LEAST_ROWS}."),
        "Agents keep running.".to_owned(),
    ];
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let one_line = sentences.join(" ");
    if one_line.len() <= usize::from(cols) || rows < 2 {
        canvas.put((0, 0), cols, &one_line, bold);
    } else {
        for (y, sentence) in (0..rows).zip(&sentences) {
            canvas.put((0, y), cols, sentence, bold);
        }
    }
}
