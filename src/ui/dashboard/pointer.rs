//! The mouse: a click focuses a pane and selects a row, the wheel scrolls.

use ratatui::crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use crate::domain::orchestrator::Orchestrator;
use crate::ui::dashboard::{Dashboard, Mode};
use crate::ui::intent::Intent;
use crate::ui::keys::{Pane, Step};
use crate::ui::layout::window;
use crate::ui::panes::{roadmap, streams};

/// Rows one notch of the wheel moves.
const NOTCH: usize = 3;

impl Dashboard {
    /// What the mouse does. Nothing while an overlay is open.
    pub fn mouse(&mut self, event: MouseEvent, o: &Orchestrator) -> Vec<Intent> {
        if self.shows_grid() && self.overlay(o).is_none() {
            self.grid_mouse(event, o);
            return Vec::new();
        }
        let pane = self.layout().pane_at(event.column, event.row);
        let (Some(pane), None) = (pane, self.overlay(o)) else { return Vec::new() };
        match event.kind {
            MouseEventKind::Down(MouseButton::Left) => self.click(pane, event.row, o),
            MouseEventKind::ScrollDown => self.wheel(pane, Step::Down, o),
            MouseEventKind::ScrollUp => self.wheel(pane, Step::Up, o),
            _ => {}
        }
        Vec::new()
    }

    fn click(&mut self, pane: Pane, row: u16, o: &Orchestrator) {
        if self.focus.mode == Mode::Type && pane == Pane::Agent {
            return;
        }
        let inner = self.layout().inner(pane);
        self.focus_on(pane);
        let Some(line) = row.checked_sub(inner.y).filter(|line| *line < inner.height) else {
            return;
        };
        match pane {
            Pane::Roadmap => self.click_roadmap(usize::from(line), o),
            Pane::Streams => self.click_stream(usize::from(line), o),
            Pane::Agent | Pane::Goal => {}
        }
    }

    fn click_roadmap(&mut self, line: usize, o: &Orchestrator) {
        let Some(map) = o.roadmap() else { return };
        let inner = roadmap::list_area(self.layout().inner(Pane::Roadmap), o, self);
        let hidden = usize::from(self.layout().inner(Pane::Roadmap).height - inner.height);
        let Some(line) = line.checked_sub(hidden) else { return };
        let rows = self.roadmap.rows(map);
        let at = self.roadmap.index(map, &rows);
        let first = window(at, rows.len(), usize::from(inner.height));
        if let Some(key) = rows.get(first + line).map(|row| row.key()) {
            self.roadmap.cursor = Some(key);
            self.follow_phase(o);
        }
    }

    fn click_stream(&mut self, line: usize, o: &Orchestrator) {
        let height = usize::from(self.layout().inner(Pane::Streams).height);
        let agents = o.agents(self.now);
        let first = streams::first(&agents, height, (o, self));
        if let Some(agent) = agents.get(first + line) {
            self.show(agent);
        }
    }

    fn wheel(&mut self, pane: Pane, step: Step, o: &Orchestrator) {
        let focus = std::mem::replace(&mut self.focus.pane, pane);
        for _ in 0..NOTCH {
            self.go(step, o);
        }
        self.focus.pane = focus;
    }
}
