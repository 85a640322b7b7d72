//! The mouse: a click focuses a pane and selects a row, the wheel scrolls, a drag over an agent's lines copies them.

use std::time::Duration;

use ratatui::crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

use crate::domain::orchestrator::Orchestrator;
use crate::domain::time::Timestamp;
use crate::ui::dashboard::{Dashboard, Mode};
use crate::ui::encode_mouse;
use crate::ui::intent::{Intent, Mouse};
use crate::ui::keys::{Direction, Pane, Step};
use crate::ui::layout::window;
use crate::ui::panes::agent::view;
use crate::ui::panes::{roadmap, streams};
use crate::ui::reading::{Began, place_of};

/// Rows one notch of the wheel moves.
const NOTCH: usize = 3;
/// Two clicks on one cell within this time are one on its word.
const TWICE_WITHIN: Duration = Duration::from_millis(400);

/// What the mouse did last, and whether it is ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pointer {
    /// It is left to the terminal.
    pub released: bool,
    /// A button is held since it went down in the terminal of an agent that hears of the mouse.
    forwards: bool,
    /// The button is held since it went down over an agent's lines.
    held: Option<Held>,
    /// Where and when it went down last.
    last: Option<((u16, u16), Timestamp)>,
}

/// A button that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    /// Where it went down.
    at: (u16, u16),
    /// Whether SCROLL mode began by it, and ends with it.
    began: Option<Began>,
    /// Something is selected by it.
    selects: bool,
}

impl Dashboard {
    /// What the mouse does. Nothing while an overlay is open.
    pub fn mouse(&mut self, event: MouseEvent, o: &Orchestrator) -> Vec<Intent> {
        let covered = self.overlay(o).is_some();
        if covered || self.shows_grid() {
            self.pointer.held = None;
            match covered {
                true => self.turn_in_diff(event),
                false => self.grid_mouse(event, o),
            }
            return Vec::new();
        }
        if let Some(sent) = self.forwarded(&event, o) {
            return sent;
        }
        let cell = (event.column, event.row);
        let pane = self.layout().pane_at(cell.0, cell.1);
        match (event.kind, pane) {
            (MouseEventKind::Drag(MouseButton::Left), _) => self.drag(cell, o),
            (MouseEventKind::Up(MouseButton::Left), _) => return self.let_go(),
            (MouseEventKind::Down(MouseButton::Left), Some(pane)) => self.click(pane, cell, o),
            (MouseEventKind::ScrollDown, Some(pane)) => self.wheel(pane, Step::Down, o),
            (MouseEventKind::ScrollUp, Some(pane)) => self.wheel(pane, Step::Up, o),
            _ => {}
        }
        Vec::new()
    }

    /// What an agent that one types to asked to hear of the mouse. Shift keeps an event from it.
    fn forwarded(&mut self, event: &MouseEvent, o: &Orchestrator) -> Option<Vec<Intent>> {
        let inner = self.layout().inner(Pane::Agent);
        // A button that went down there comes up there, wherever the pointer is.
        let holds = match event.kind {
            MouseEventKind::Down(_) => false,
            MouseEventKind::Up(_) => std::mem::take(&mut self.pointer.forwards),
            _ => self.pointer.forwards,
        };
        let is_meant = self.focus.mode == Mode::Type
            && self.agent.reader.is_none()
            && (holds || inner.contains((event.column, event.row).into()))
            && !event.modifiers.contains(KeyModifiers::SHIFT);
        let agent = self.agent_in_view(o).filter(|agent| is_meant && agent.has_process())?;
        let screen = self.screen(agent.me())?;
        let view = view(screen, inner, self);
        let x = event.column.clamp(inner.x, inner.right().checked_sub(1)?);
        let y = event.row.clamp(inner.y, inner.bottom().checked_sub(1)?);
        let at = (x - inner.x + view.left, y - inner.y + view.top);
        if at.0 >= screen.size.cols || at.1 >= screen.size.rows {
            return None;
        }
        let bytes = encode_mouse::mouse(event, at, screen.input)?;
        self.pointer.forwards = holds || matches!(event.kind, MouseEventKind::Down(_));
        self.pointer.forwards &= !matches!(event.kind, MouseEventKind::Up(_));
        Some(vec![Intent::Type(agent.me().clone(), bytes)])
    }

    fn click(&mut self, pane: Pane, cell: (u16, u16), o: &Orchestrator) {
        let inner = self.layout().inner(pane);
        if pane == Pane::Agent {
            self.press_agent(inner, cell, o);
            return;
        }
        self.focus_on(pane);
        let Some(line) = cell.1.checked_sub(inner.y).filter(|line| *line < inner.height) else {
            return;
        };
        match pane {
            Pane::Roadmap => self.click_roadmap(usize::from(line), o),
            Pane::Streams => self.click_stream(usize::from(line), o),
            Pane::Agent | Pane::Goal => {}
        }
    }

    /// The button goes down over an agent's lines: a drag may follow, or a second click.
    fn press_agent(&mut self, inner: Rect, cell: (u16, u16), o: &Orchestrator) {
        match self.focus.mode {
            Mode::Type => {}
            Mode::Scroll => {
                self.read_with(|reader, seen, extent| {
                    reader.mark = None;
                    reader.jump(seen, place_of(inner, reader, cell), extent);
                });
            }
            Mode::Browse | Mode::Goal | Mode::Filter => self.focus_on(Pane::Agent),
        }
        // The pane may have opened under the pointer: what is pressed is what is there now.
        let inner = self.layout().inner(Pane::Agent);
        if !inner.contains(cell.into()) {
            return;
        }
        let last = self.pointer.last.replace((cell, self.now));
        let twice =
            last.is_some_and(|(at, then)| at == cell && self.now.since(then) < TWICE_WITHIN);
        self.pointer.held = Some(Held { at: cell, began: None, selects: false });
        if twice && self.begin_drag(o) {
            self.read_with(|reader, seen, extent| {
                reader.jump(seen, place_of(inner, reader, cell), extent);
                reader.select_word(seen, extent);
            });
        }
    }

    /// Makes sure that the agent is read while the button is held.
    fn begin_drag(&mut self, o: &Orchestrator) -> bool {
        let is_read = self.agent.reader.is_some();
        if !is_read && !self.open_reader(o, Began::ByWheel) {
            self.pointer.held = None;
            return false;
        }
        if let Some(held) = &mut self.pointer.held {
            held.selects = true;
            held.began = held.began.or((!is_read).then_some(Began::ByWheel));
        }
        true
    }

    fn drag(&mut self, cell: (u16, u16), o: &Orchestrator) {
        let Some(held) = self.pointer.held else { return };
        if held.at == cell && !held.selects {
            return;
        }
        let inner = self.layout().inner(Pane::Agent);
        if !held.selects {
            if !self.begin_drag(o) {
                return;
            }
            self.read_with(|reader, seen, extent| {
                let from = place_of(inner, reader, held.at);
                reader.mark_at(seen, from, extent);
            });
        }
        self.read_with(|reader, seen, extent| {
            if cell.1 < inner.y {
                reader.scroll(seen, Direction::Back, (1, extent));
            } else if cell.1 >= inner.bottom() {
                reader.scroll(seen, Direction::On, (1, extent));
            }
            let to = place_of(inner, reader, cell);
            reader.jump(seen, to, extent);
        });
    }

    /// The button comes up: what was selected by it is copied.
    fn let_go(&mut self) -> Vec<Intent> {
        let Some(held) = self.pointer.held.take().filter(|held| held.selects) else {
            return Vec::new();
        };
        let copied = self.copy_read();
        if held.began.is_some() {
            self.put_reader_away();
        }
        copied
    }

    /// Leaves the mouse to the terminal, or takes it again.
    pub(super) fn toggle_mouse(&mut self) -> Vec<Intent> {
        self.pointer = Pointer { released: !self.pointer.released, ..Pointer::default() };
        let told = match self.pointer.released {
            true => "the mouse is the terminal's now: M takes it again",
            false => "the mouse is taken: Shift and a drag select as the terminal does",
        };
        self.toasts.say(self.now, told);
        vec![Intent::Mouse(if self.pointer.released { Mouse::Released } else { Mouse::Taken })]
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
        if pane == Pane::Agent {
            self.wheel_agent(step, o);
            return;
        }
        let focus = std::mem::replace(&mut self.focus.pane, pane);
        for _ in 0..NOTCH {
            self.go(step, o);
        }
        self.focus.pane = focus;
    }

    /// The wheel over an agent: up begins to read, down to the newest line ends it. Where keys are text they stay text.
    fn wheel_agent(&mut self, step: Step, o: &Orchestrator) {
        let way = if step == Step::Up { Direction::Back } else { Direction::On };
        if self.agent.reader.is_none() {
            let began = match (way, self.focus.mode) {
                (Direction::On, _) => false,
                (Direction::Back, Mode::Browse) => self.enter_reading(o, Began::ByWheel),
                (Direction::Back, _) => self.open_reader(o, Began::ByWheel),
            };
            if !began {
                return;
            }
        }
        let is_over = self.read_with(|reader, seen, extent| {
            reader.scroll(seen, way, (NOTCH as u64, extent));
            let is_plain = reader.mark.is_none() && reader.search.is_none();
            reader.began == Began::ByWheel && is_plain && reader.follows() && way == Direction::On
        });
        if is_over == Some(true) {
            self.leave_reading();
        }
    }
}
