//! The agent grid: all agents as tiles, page by page, those that need a person first.

use ratatui::crossterm::event::{KeyCode, KeyEvent, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

use crate::domain::agent::Agent;
use crate::domain::id::AgentRef;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::time::Timestamp;
use crate::ui::dashboard::{Dashboard, Mode};
use crate::ui::keys::{FocusMove, Pane, Step};
use crate::ui::tiles::{Density, Tiles};

/// Whether and how agents are shown as tiles.
#[derive(Clone, Debug)]
pub struct GridView {
    /// They are. A zoomed agent lies over them.
    pub open: bool,
    /// How many tiles are wanted on a page.
    pub density: Density,
    /// The pane to go back to.
    back: Pane,
}

impl Default for GridView {
    fn default() -> Self {
        Self { open: false, density: Density::default(), back: Pane::Roadmap }
    }
}

/// The tiles of the page in view, and their agents.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// Where the tiles are.
    pub tiles: Tiles,
    /// All agents, in the order of the grid.
    pub agents: Vec<&'a Agent>,
    /// Place of the agent that keys are about.
    pub cursor: usize,
}

impl<'a> Page<'a> {
    /// The agents in view, with their places among all.
    pub fn shown(&self) -> impl Iterator<Item = (usize, &'a Agent)> {
        let first = self.tiles.first(self.cursor);
        self.agents.iter().copied().enumerate().skip(first).take(self.tiles.count())
    }

    /// Number of this page and of all, from 1.
    pub fn number(&self) -> (usize, usize) {
        let pages = self.agents.len().div_ceil(self.tiles.count());
        (self.cursor / self.tiles.count() + 1, pages.max(1))
    }
}

impl Dashboard {
    /// Whether the grid is what one sees.
    pub fn shows_grid(&self) -> bool {
        self.agent.grid.open && !self.agent.zoom && self.focus.mode == Mode::Browse
    }

    /// The page of the grid with the agent in view.
    pub fn page<'a>(&self, o: &'a Orchestrator, now: Timestamp) -> Page<'a> {
        let agents = o.agents(now);
        let tiles = self.tiles(agents.len(), self.agent.grid.density);
        let shown = self.agent_in_view(o);
        let cursor = shown.and_then(|shown| agents.iter().position(|a| a.me() == shown.me()));
        Page { tiles, agents, cursor: cursor.unwrap_or(0) }
    }

    fn tiles(&self, agents: usize, density: Density) -> Tiles {
        let (width, rows) = (self.around.size.cols, self.around.size.rows);
        Tiles::new(Rect::new(0, 1, width, rows.saturating_sub(2)), density, agents)
    }

    /// Opens the grid, or closes it.
    pub(super) fn toggle_grid(&mut self, o: &Orchestrator) {
        if self.agent.grid.open {
            return self.close_grid();
        }
        let chosen = self.agent.shown.as_ref().and_then(|id| o.agent(id));
        if let (None, Some(first)) = (chosen, o.agents(self.now).first()) {
            self.show(first);
        }
        self.agent.grid.back = self.focus.pane;
        self.agent.grid.open = true;
        self.agent.zoom = false;
        (self.focus.pane, self.focus.mode) = (Pane::Agent, Mode::Browse);
    }

    /// Goes back to the pane one came from.
    pub(super) fn close_grid(&mut self) {
        self.agent.grid.open = false;
        self.agent.zoom = false;
        self.focus.pane = self.agent.grid.back;
    }

    /// Down, up, pages: to another tile.
    pub(super) fn go_in_grid(&mut self, step: Step, o: &Orchestrator) {
        let page = self.page(o, self.now);
        let (at, last) = (page.cursor, page.agents.len().saturating_sub(1));
        let (row, all) = (usize::from(page.tiles.cols), page.tiles.count());
        let to = match step {
            Step::Down => at + row,
            Step::Up => at.checked_sub(row).unwrap_or(at),
            Step::PageDown => page.tiles.first(at) + all,
            Step::PageUp => page.tiles.first(at).saturating_sub(all),
            Step::Top => 0,
            Step::Bottom => last,
        };
        self.go_to(to.min(last), &page);
    }

    /// To the tile before or after.
    pub(super) fn go_aside(&mut self, to: FocusMove, o: &Orchestrator) {
        let page = self.page(o, self.now);
        let to = match to {
            FocusMove::Next | FocusMove::Right => page.cursor + 1,
            FocusMove::Previous | FocusMove::Left => page.cursor.saturating_sub(1),
            FocusMove::Pane(_) => page.cursor,
        };
        self.go_to(to, &page);
    }

    /// To the tile whose number was pressed.
    pub(super) fn pick(&mut self, key: &KeyEvent, o: &Orchestrator) {
        let KeyCode::Char(digit) = key.code else { return };
        let tile = digit.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
        let Some(tile) = tile.and_then(|digit| digit.checked_sub(1)) else { return };
        self.pick_tile(tile, o);
    }

    fn pick_tile(&mut self, tile: usize, o: &Orchestrator) {
        let page = self.page(o, self.now);
        if tile < page.tiles.count() {
            self.go_to(page.tiles.first(page.cursor) + tile, &page);
        }
    }

    fn go_to(&mut self, at: usize, page: &Page<'_>) {
        if let Some(agent) = page.agents.get(at) {
            self.show(agent);
        }
    }

    /// The next number of tiles on a page that makes a difference here.
    pub(super) fn turn_density(&mut self, o: &Orchestrator) {
        let count = o.run().agents.len();
        let now = self.tiles(count, self.agent.grid.density);
        let at = Density::ALL.iter().position(|one| *one == self.agent.grid.density).unwrap_or(0);
        let others = Density::ALL.iter().cycle().skip(at + 1).take(Density::ALL.len() - 1);
        let mut others = others.filter(|density| self.tiles(count, **density) != now);
        match others.next() {
            Some(density) => self.agent.grid.density = *density,
            None => self.toasts.say(self.now, "no other layout fits here"),
        }
    }

    /// Lives whose terminals are seen in tiles of this page.
    pub(super) fn watching_tiles(&self, o: &Orchestrator, now: Timestamp) -> Vec<AgentRef> {
        let page = self.page(o, now);
        let seen = page.shown().filter(|(_, agent)| agent.has_process());
        seen.map(|(_, agent)| agent.me().clone()).collect()
    }

    /// A click picks a tile, the wheel turns pages.
    pub(super) fn grid_mouse(&mut self, event: MouseEvent, o: &Orchestrator) {
        match event.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                let tiles = self.page(o, self.now).tiles;
                if let Some(tile) = tiles.at(event.column, event.row) {
                    self.pick_tile(tile, o);
                }
            }
            MouseEventKind::ScrollDown => self.go_in_grid(Step::PageDown, o),
            MouseEventKind::ScrollUp => self.go_in_grid(Step::PageUp, o),
            _ => {}
        }
    }
}
