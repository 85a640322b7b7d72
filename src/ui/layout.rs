//! Where the panes go. Every size from 1x1 up has a layout; nothing here can underflow.

use ratatui::layout::Rect;

use crate::domain::frame::Size;
use crate::ui::keys::Pane;

/// Fewer columns than this can't be drawn in.
pub const LEAST_COLS: u16 = 60;
/// Fewer rows than this can't be drawn in.
pub const LEAST_ROWS: u16 = 15;

/// How the panes are arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Roadmap, streams and agent side by side.
    Columns,
    /// Roadmap over streams, the agent beside them.
    Stack,
    /// Panes below each other without side borders, the focused one open.
    Accordion,
    /// The agent alone.
    Zoom,
    /// One message.
    TooSmall,
}

/// What the layout depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Size of the screen.
    pub size: Size,
    /// The focused pane.
    pub focus: Pane,
    /// The agent has the screen for itself.
    pub zoom: bool,
}

/// Where everything is. Panes include their titles and borders; a pane that isn't there has no area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// How the panes are arranged.
    pub shape: Shape,
    /// The first line.
    pub header: Rect,
    /// The last line.
    pub status: Rect,
    roadmap: Rect,
    streams: Rect,
    agent: Rect,
    goal: Rect,
}

impl Layout {
    /// The area of a pane with its title and borders.
    pub fn pane(&self, pane: Pane) -> Rect {
        match pane {
            Pane::Roadmap => self.roadmap,
            Pane::Streams => self.streams,
            Pane::Agent => self.agent,
            Pane::Goal => self.goal,
        }
    }

    /// The area of a pane's content.
    pub fn inner(&self, pane: Pane) -> Rect {
        let area = self.pane(pane);
        match self.shape {
            Shape::Columns | Shape::Stack => shrink(area),
            Shape::Accordion => Rect {
                y: area.y + area.height.min(1),
                height: area.height.saturating_sub(1),
                ..area
            },
            Shape::Zoom | Shape::TooSmall => area,
        }
    }

    /// The pane at a place of the screen.
    pub fn pane_at(&self, x: u16, y: u16) -> Option<Pane> {
        let panes = [Pane::Roadmap, Pane::Streams, Pane::Agent, Pane::Goal];
        panes.into_iter().find(|pane| self.pane(*pane).contains((x, y).into()))
    }
}

fn shrink(area: Rect) -> Rect {
    if area.width < 2 || area.height < 2 {
        return Rect { width: 0, height: 0, ..area };
    }
    Rect { x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 2 }
}

/// Size an agent's terminal should have here. Moving the focus never changes it.
pub fn terminal(request: Request) -> Size {
    let inner = layout(Request { focus: Pane::Agent, ..request }).inner(Pane::Agent);
    Size { cols: inner.width, rows: inner.height }.at_least_smallest()
}

/// Lays the screen out.
pub fn layout(request: Request) -> Layout {
    let Size { cols, rows } = request.size;
    let screen = Rect::new(0, 0, cols, rows);
    let nothing = Rect::new(0, 0, 0, 0);
    let bare = Layout {
        shape: Shape::TooSmall,
        header: nothing,
        status: nothing,
        roadmap: nothing,
        streams: nothing,
        agent: nothing,
        goal: nothing,
    };
    if cols < LEAST_COLS || rows < LEAST_ROWS {
        return Layout { agent: nothing, header: screen, ..bare };
    }
    let framed = Layout {
        header: Rect { height: 1, ..screen },
        status: Rect { y: rows - 1, height: 1, ..screen },
        ..bare
    };
    let body = Rect { y: 1, height: rows - 2, ..screen };
    if request.zoom {
        Layout { shape: Shape::Zoom, agent: body, ..framed }
    } else if cols < 110 || rows < 28 {
        accordion(framed, body, request.focus)
    } else if cols < 180 {
        stack(framed, body)
    } else {
        columns(framed, body)
    }
}

/// Cuts `rows` off the top of `area`.
fn take(area: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    let top = Rect { height: rows, ..*area };
    area.y += rows;
    area.height -= rows;
    top
}

/// Cuts `cols` off the left of `area`.
fn take_left(area: &mut Rect, cols: u16) -> Rect {
    let cols = cols.min(area.width);
    let left = Rect { width: cols, ..*area };
    area.x += cols;
    area.width -= cols;
    left
}

const GOAL_ROWS: u16 = 3;

fn stack(framed: Layout, mut body: Rect) -> Layout {
    let mut upper = take(&mut body, framed.status.y.saturating_sub(1 + GOAL_ROWS));
    let mut left = take_left(&mut upper, 38);
    let streams_rows = share(left.height, 36).max(5);
    let roadmap_rows = left.height.saturating_sub(streams_rows);
    let roadmap = take(&mut left, roadmap_rows);
    Layout { shape: Shape::Stack, roadmap, streams: left, agent: upper, goal: body, ..framed }
}

fn columns(framed: Layout, mut body: Rect) -> Layout {
    let mut upper = take(&mut body, framed.status.y.saturating_sub(1 + GOAL_ROWS));
    let roadmap = take_left(&mut upper, 44);
    let streams = take_left(&mut upper, 40);
    Layout { shape: Shape::Columns, roadmap, streams, agent: upper, goal: body, ..framed }
}

fn accordion(framed: Layout, mut body: Rect, focus: Pane) -> Layout {
    let goal_rows = match focus {
        Pane::Goal => 4,
        Pane::Roadmap | Pane::Streams | Pane::Agent => 2,
    };
    let spare = body.height.saturating_sub(3 + goal_rows);
    let (roadmap_rows, streams_rows) = match focus {
        Pane::Roadmap => (spare, 0),
        Pane::Streams => {
            let list = share(spare, 30).max(5);
            (0, if spare.saturating_sub(list) < 6 { spare } else { list })
        }
        Pane::Agent | Pane::Goal => (0, 0),
    };
    let roadmap = take(&mut body, 1 + roadmap_rows);
    let streams = take(&mut body, 1 + streams_rows);
    let agent_rows = body.height.saturating_sub(goal_rows);
    let agent = take(&mut body, agent_rows);
    Layout { shape: Shape::Accordion, roadmap, streams, agent, goal: body, ..framed }
}

/// `percent` of `rows`.
fn share(rows: u16, percent: u32) -> u16 {
    u16::try_from(u32::from(rows) * percent / 100).unwrap_or(rows)
}

/// First row to show so that `cursor` is in the middle of `height` rows where that is possible.
pub fn window(cursor: usize, count: usize, height: usize) -> usize {
    cursor.saturating_sub(height / 2).min(count.saturating_sub(height))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(cols: u16, rows: u16, focus: Pane) -> Request {
        Request { size: Size { cols, rows }, focus, zoom: false }
    }

    #[test]
    fn at_120x36_the_agent_has_80x29() {
        let at = layout(request(120, 36, Pane::Roadmap));
        assert_eq!(at.shape, Shape::Stack);
        assert_eq!(at.inner(Pane::Agent).as_size(), ratatui::layout::Size::new(80, 29));
        assert_eq!(terminal(request(120, 36, Pane::Roadmap)), Size { cols: 80, rows: 29 });
    }

    #[test]
    fn breakpoints() {
        let shape = |cols, rows| layout(request(cols, rows, Pane::Agent)).shape;
        assert_eq!(shape(180, 28), Shape::Columns);
        assert_eq!(shape(179, 28), Shape::Stack);
        assert_eq!(shape(110, 28), Shape::Stack);
        assert_eq!(shape(109, 28), Shape::Accordion);
        assert_eq!(shape(200, 27), Shape::Accordion);
        assert_eq!(shape(60, 15), Shape::Accordion);
        assert_eq!(shape(59, 15), Shape::TooSmall);
        assert_eq!(shape(60, 14), Shape::TooSmall);
    }

    #[test]
    fn streams_leave_room_for_the_agent_at_80x24() {
        let at = layout(request(80, 24, Pane::Streams));
        assert_eq!(at.inner(Pane::Streams).height, 5);
        assert_eq!(at.inner(Pane::Agent).height, 12);
        assert_eq!(at.inner(Pane::Goal).height, 1);
    }

    const PANES: [Pane; 4] = [Pane::Roadmap, Pane::Streams, Pane::Agent, Pane::Goal];

    proptest! {
        #[test]
        fn panes_fill_the_screen_without_overlap(cols in 1u16..300, rows in 1u16..100, pane in 0usize..4) {
            let at = layout(request(cols, rows, PANES[pane]));
            let screen = Rect::new(0, 0, cols, rows);
            let areas = PANES.map(|p| at.pane(p)).into_iter().chain([at.header, at.status]);
            let areas: Vec<Rect> = areas.collect();
            let cells: u32 = areas.iter().map(|a| a.area()).sum();
            prop_assert_eq!(cells, screen.area());
            for (n, area) in areas.iter().enumerate() {
                prop_assert_eq!(area.intersection(screen), *area);
                for other in &areas[n + 1..] {
                    prop_assert!(area.intersection(*other).area() == 0);
                }
            }
        }

        #[test]
        fn the_focus_never_resizes_terminals(cols in 1u16..300, rows in 1u16..100, zoom: bool) {
            let sizes = PANES.map(|focus| terminal(Request { zoom, ..request(cols, rows, focus) }));
            prop_assert!(sizes.iter().all(|s| *s == sizes[0] && s.cols >= 80 && s.rows >= 24));
        }

        #[test]
        fn the_cursor_is_in_the_window(count in 1usize..500, at in 0usize..500, height in 1usize..80) {
            let cursor = at % count;
            let first = window(cursor, count, height);
            prop_assert!(first <= cursor && cursor < first + height);
        }
    }
}
