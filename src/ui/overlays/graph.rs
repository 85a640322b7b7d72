//! The dependency graph: what is left, in waves, with the longest chain and what each phase unblocks.

mod cells;
mod foot;
mod layout;
mod list;
mod paint;
mod route;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;

use ratatui::Frame;
use ratatui::crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::Answer;
use super::phase::{PhaseSheet, beneath};
use super::sheet::{PAGE, draw_lines, fit, sheet, whole};
use crate::domain::command::Command;
use crate::domain::graph::{Graph, Range};
use crate::domain::id::PhaseId;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::roadmap::RoadmapHash;
use crate::domain::roadmap::readiness::Evaluator;
use crate::ui::canvas::Canvas;
use crate::ui::intent::Intent;
use crate::ui::keys::{self, Action, FocusMove, RowAction, Scope, Sheet, Step};
use crate::ui::look::{ColourRole, Glyphs, Look};
use crate::ui::panes::roadmap::Judge;
use layout::Layout;
use paint::Window;

/// Narrower screens get the list.
const DRAWN_FROM: u16 = 100;

/// More phases than this are a list: nobody finds a way through so many lines.
const MOST_DRAWN: usize = 3_000;

/// Fewer rows below the graph stay empty: the foot has the most important of a phase anyway.
const SPARE_FROM: u16 = 12;

/// What a layout was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Basis {
    hash: RoadmapHash,
    held: BTreeSet<PhaseId>,
    range: Range,
    width: u16,
}

/// The graph overlay.
#[derive(Clone, Debug)]
pub struct GraphSheet {
    selected: Option<PhaseId>,
    range: Range,
    window: Window,
    width: Cell<u16>,
    is_list: Cell<bool>,
    kept: RefCell<Option<(Basis, Arc<Layout>)>>,
    /// The phase that was opened from here.
    open: Option<PhaseSheet>,
}

impl GraphSheet {
    pub(super) fn new(selected: Option<PhaseId>) -> Self {
        Self {
            selected,
            range: Range::Open,
            window: Window::default(),
            width: Cell::new(120),
            is_list: Cell::new(false),
            kept: RefCell::new(None),
            open: None,
        }
    }

    /// Where its keys stand: in the phase that is open over it, or here.
    pub(super) fn scope(&self) -> Scope {
        if self.open.is_some() { Scope::Sheet(Sheet::Phase) } else { Scope::Sheet(Sheet::Graph) }
    }

    /// The layout for the present roadmap, made anew only when something it depends on has changed.
    fn layout(&self, o: &Orchestrator) -> Option<Arc<Layout>> {
        let roadmap = o.roadmap()?;
        let basis = Basis {
            hash: roadmap.hash.clone(),
            held: o.held_phases(),
            range: self.range,
            width: self.width.get(),
        };
        let mut kept = self.kept.borrow_mut();
        if let Some((known, layout)) = kept.as_ref()
            && *known == basis
        {
            return Some(Arc::clone(layout));
        }
        let graph = Graph::new(roadmap, &basis.held, self.range);
        let layout = Arc::new(Layout::new(graph, usize::from(basis.width)));
        *kept = Some((basis, Arc::clone(&layout)));
        Some(layout)
    }

    /// The selected phase, or the first of the longest chain.
    fn selected(&self, layout: &Layout) -> Option<usize> {
        let found = self.selected.as_ref().and_then(|id| layout.graph.find(id));
        found.or(layout.graph.critical.first().copied()).or(layout.in_order().first().copied())
    }

    pub(super) fn key(&mut self, key: KeyEvent, o: &Orchestrator) -> Answer {
        if let Some(phase) = &mut self.open {
            let answer = phase.key(key, o);
            if answer == Answer::Close {
                self.open = None;
                return Answer::Stay;
            }
            return answer;
        }
        let action = keys::find(Scope::Sheet(Sheet::Graph), &key);
        if action == Some(Action::Back) {
            return Answer::Close;
        }
        let Some(layout) = self.layout(o) else { return Answer::Stay };
        match action {
            Some(Action::Row(RowAction::Range)) => self.turn(),
            Some(Action::Row(RowAction::Open)) => {
                let node = self.selected(&layout).map(|node| &layout.graph.nodes[node]);
                self.open = node.map(|node| PhaseSheet::new(node.id.clone()));
            }
            Some(Action::Row(RowAction::Plan)) => return self.plan(&layout),
            Some(Action::Go(step)) => self.go(step, &layout),
            Some(Action::Focus(FocusMove::Left)) => self.along(Way::Back, &layout),
            Some(Action::Focus(FocusMove::Right)) => self.along(Way::On, &layout),
            Some(_) | None => {}
        }
        Answer::Stay
    }

    fn plan(&self, layout: &Layout) -> Answer {
        match self.selected(layout) {
            None => Answer::Stay,
            Some(node) => {
                let plan = Command::PlanPhases(vec![layout.graph.nodes[node].id.clone()]);
                Answer::CloseAnd(vec![Intent::Run(plan)])
            }
        }
    }

    fn turn(&mut self) {
        self.range = match self.range {
            Range::Open => Range::All,
            Range::All => Range::Critical,
            Range::Critical => Range::Open,
        };
    }

    fn select(&mut self, node: Option<usize>, layout: &Layout) {
        if let Some(node) = node {
            self.selected = Some(layout.graph.nodes[node].id.clone());
        }
    }

    /// Up and down: within the wave, or through the list.
    fn go(&mut self, step: Step, layout: &Layout) {
        let Some(at) = self.selected(layout) else { return };
        let all = layout.in_order();
        let near =
            if self.is_list.get() { all.clone() } else { layout.wave(layout.spots[at].layer) };
        let place = near.iter().position(|node| *node == at).unwrap_or(0);
        let node = match step {
            Step::Down | Step::Up | Step::PageDown | Step::PageUp => {
                near.get(step.from(place, near.len(), PAGE)).copied()
            }
            Step::Top => all.first().copied(),
            Step::Bottom => all.last().copied(),
        };
        self.select(node, layout);
    }

    /// Along an edge to the nearest phase; without an edge to the nearest one of the wave beside it.
    fn along(&mut self, way: Way, layout: &Layout) {
        let Some(at) = self.selected(layout) else { return };
        let layer = layout.spots[at].layer;
        let edges = layout.graph.edges.iter();
        let (along, beside): (Vec<usize>, _) = match way {
            Way::On => (
                edges.filter(|edge| edge.from == at).map(|edge| edge.to).collect(),
                Some(layer + 1),
            ),
            Way::Back => (
                edges.filter(|edge| edge.to == at).map(|edge| edge.from).collect(),
                layer.checked_sub(1),
            ),
        };
        let beside = beside.map(|layer| layout.wave(layer)).unwrap_or_default();
        let next = layout.nearest(at, along.into_iter());
        self.select(next.or_else(|| layout.nearest(at, beside.into_iter())), layout);
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        if let Some(phase) = &self.open {
            return phase.draw(frame, o, look);
        }
        let screen = whole(frame.area());
        // One column of blank inside the border on each side.
        self.width.set(screen.width.saturating_sub(4));
        let layout = self.layout(o);
        let title = self.title(layout.as_deref());
        let body = sheet(frame, screen, (&title, Some(Scope::Sheet(Sheet::Graph))), look);
        let selected = layout.as_ref().and_then(|layout| self.selected(layout));
        let (Some(layout), Some(selected), Some(roadmap)) = (layout, selected, o.roadmap()) else {
            let text = match o.roadmap() {
                None => "There is no roadmap to draw.",
                Some(roadmap) if roadmap.phases.is_empty() => "The roadmap has no phase yet.",
                Some(_) => "All phases are complete: f shows them.",
            };
            draw_lines(frame, body, &[Line::raw(text)]);
            return;
        };
        let held = o.held_phases();
        let judge = Judge { o, evaluator: Evaluator::new(roadmap, &held), look };
        let many = layout.graph.nodes.len() > MOST_DRAWN;
        self.is_list.set(screen.width < DRAWN_FROM || look.glyphs == Glyphs::Ascii || many);
        let foot = foot::lines(&layout, &judge, selected, usize::from(body.width));
        let (area, spare) = self.shared(body, &layout, foot.len());
        // What fills the rest begins with the same line.
        let foot = foot.into_iter().skip(usize::from(spare.height > 0)).collect();
        let what = (&*layout, &judge, selected);
        if self.is_list.get() {
            list::paint(frame, area, what, &self.window);
        } else {
            let mut canvas = Canvas { buffer: frame.buffer_mut(), look };
            paint::paint(&mut canvas, area, what, &self.window);
        }
        beneath(frame, spare, (&layout.graph.nodes[selected].id, &[]), (o, look));
        let below = Rect { y: spare.bottom(), height: body.bottom() - spare.bottom(), ..body };
        self.foot(frame, below, foot, look);
    }

    /// The place of the graph, and what it leaves above so many lines of the foot.
    fn shared(&self, body: Rect, layout: &Layout, foot: usize) -> (Rect, Rect) {
        let rows = if body.height < 10 { 1 } else { u16::try_from(foot).unwrap_or(1) + 1 };
        let room = body.height.saturating_sub(rows);
        let nodes = layout.graph.nodes.len() + layout.layers.items.len();
        let wanted = if self.is_list.get() { nodes } else { layout.height + 1 };
        let height = u16::try_from(wanted).unwrap_or(room).min(room);
        let spare = room - height;
        if spare < SPARE_FROM {
            return (Rect { height: room, ..body }, Rect { y: body.y + room, height: 0, ..body });
        }
        (Rect { height, ..body }, Rect { y: body.y + height, height: spare + 1, ..body })
    }

    /// What is outside of the view, then the lines about the selected phase.
    fn foot(&self, frame: &mut Frame<'_>, area: Rect, foot: Vec<Line<'static>>, look: &Look) {
        let outside = self.window.outside();
        let outside = fit(&outside, usize::from(area.width), look);
        let outside = Line::styled(outside, look.style(ColourRole::Muted));
        let lines: Vec<Line<'static>> = match area.height {
            0 => Vec::new(),
            1 => foot.into_iter().take(1).collect(),
            _ => std::iter::once(outside).chain(foot).collect(),
        };
        draw_lines(frame, area, &lines);
    }

    fn title(&self, layout: Option<&Layout>) -> String {
        let words = [(Range::Open, "open"), (Range::All, "all"), (Range::Critical, "critical")];
        let word = |(range, word): (Range, &str)| match range == self.range {
            true => format!("[{word}]"),
            false => word.to_owned(),
        };
        let what = words.map(word).join(" ");
        let Some(layout) = layout else { return format!("Graph  {what}") };
        let (phases, waves) = (layout.graph.nodes.len(), layout.graph.waves);
        let s = |count: usize| if count == 1 { "" } else { "s" };
        format!("Graph  {what}  {phases} phase{}, {waves} wave{}", s(phases), s(waves))
    }
}

/// Which way along the edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// To what waits for this phase.
    On,
    /// To what it waits for.
    Back,
}
