//! The screen's own state: focus, mode, selections, agents' screens, the overlay. Keys become intents here.

mod act;
mod agents;
mod answer;
mod errands;
mod fields;
mod grid;
mod others;
mod pointer;
mod reading;
mod review;
mod toast;
mod typing;

use std::collections::{BTreeMap, BTreeSet};

use ratatui::crossterm::event::{KeyEvent, KeyEventKind};

use crate::domain::agent::{Agent, AgentState};
use crate::domain::frame::{Screen, Size};
use crate::domain::glance::Glance;
use crate::domain::id::{AgentId, AgentRef};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::roadmap::phase::Phase;
use crate::domain::time::Timestamp;
use crate::ui::intent::Intent;
use crate::ui::keys::{self, Action, Pane, Reading, RowAction, Scope};
use crate::ui::layout::{self, Layout, Request, Shape};
use crate::ui::look::{Glyphs, Look, Theme};
use crate::ui::overlays::{Comment, Overlay};
use crate::ui::reading::{Reader, Seen};
use crate::ui::roadmap_rows::{RoadmapList, RoadmapRow};
use crate::ui::text::clean;
pub use fields::GoalField;
pub use grid::{GridView, Page};
pub use others::Bearing;
use pointer::Pointer;
pub use toast::Toasts;

/// How things shall look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Colours.
    pub theme: Theme,
    /// Glyphs.
    pub glyphs: Glyphs,
}

/// What keys mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Keys are commands.
    Browse,
    /// Keys are text of a goal.
    Goal,
    /// Keys are text of the roadmap's filter.
    Filter,
    /// Keys go to the agent.
    Type,
    /// Keys move in what the agent said.
    Scroll,
}

impl Mode {
    /// Its word in the status bar.
    pub fn word(self) -> &'static str {
        match self {
            Self::Browse => "BROWSE",
            Self::Goal => "GOAL",
            Self::Filter => "FILTER",
            Self::Type => "TYPE",
            Self::Scroll => "SCROLL",
        }
    }
}

/// Which pane has the focus and what keys mean in it. GOAL mode and the goal pane go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Focus {
    /// The pane.
    pub pane: Pane,
    /// The pane to go back to from the goal.
    pub back: Pane,
    /// The mode.
    pub mode: Mode,
}

/// What is shown of agents.
#[derive(Clone, Debug, Default)]
pub struct AgentView {
    /// The agent a person chose.
    pub shown: Option<AgentId>,
    /// It has the screen for itself.
    pub zoom: bool,
    /// Rows the view is scrolled up from its newest line.
    pub up: u16,
    /// Agents that keys are about together.
    pub marked: BTreeSet<AgentId>,
    /// All of them as tiles.
    pub grid: GridView,
    /// What it said is being read.
    pub reader: Option<Reader>,
    /// All of it up to this line shall be opened in the editor once it is here.
    pub edits: Option<u64>,
    /// What was said of lines of diffs and is not sent yet.
    pub comments: BTreeMap<AgentRef, Vec<Comment>>,
}

/// What a screen is drawn in: it is the same for all targets.
#[derive(Clone, Debug)]
struct Surroundings {
    settings: Settings,
    size: Size,
    /// What is known of all targets.
    others: Vec<Glance>,
}

/// The screen's state. See the module's documentation.
#[derive(Clone, Debug)]
pub struct Dashboard {
    around: Surroundings,
    now: Timestamp,
    /// Focus and mode.
    pub focus: Focus,
    /// Cursor, marks, folds and filter of the roadmap pane.
    pub roadmap: RoadmapList,
    /// What is shown of agents.
    pub agent: AgentView,
    /// The goal's text and history.
    pub goal: GoalField,
    screens: BTreeMap<AgentRef, Seen>,
    overlay: Option<Overlay>,
    /// What comes back when the overlay closes, the next one last.
    beneath: Vec<Overlay>,
    toasts: Toasts,
    pointer: Pointer,
}

impl Dashboard {
    /// A screen with nothing chosen yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            around: Surroundings { settings, size: Size::SMALLEST, others: Vec::new() },
            now: Timestamp(0),
            focus: Focus { pane: Pane::Roadmap, back: Pane::Roadmap, mode: Mode::Browse },
            roadmap: RoadmapList::default(),
            agent: AgentView::default(),
            goal: GoalField::default(),
            screens: BTreeMap::new(),
            overlay: None,
            beneath: Vec::new(),
            toasts: Toasts::default(),
            pointer: Pointer::default(),
        }
    }

    /// How things look at this moment.
    pub fn look(&self, now: Timestamp) -> Look {
        let settings = self.around.settings;
        Look { theme: settings.theme, glyphs: settings.glyphs, now }
    }

    /// The clock moved on.
    pub fn tick(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// The screen has a new size, in cells.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.around.size = Size { cols, rows };
        self.read_with(Reader::refresh);
    }

    /// The screen of a life, if it was ever seen.
    pub fn screen(&self, agent: &AgentRef) -> Option<&Screen> {
        self.screens.get(agent).map(|seen| &seen.screen)
    }

    /// The overlay that is open and not settled yet.
    pub fn overlay(&self, o: &Orchestrator) -> Option<&Overlay> {
        self.overlay.as_ref().filter(|overlay| !overlay.is_over(o))
    }

    /// Whether nothing is begun that another screen would interrupt: no overlay, no text.
    pub fn rests(&self, o: &Orchestrator) -> bool {
        self.overlay(o).is_none() && self.focus.mode == Mode::Browse
    }

    /// What a key press does.
    pub fn key(&mut self, key: KeyEvent, o: &Orchestrator, now: Timestamp) -> Vec<Intent> {
        self.now = now;
        if key.kind == KeyEventKind::Release {
            return if self.types() { self.type_key(&key, o) } else { Vec::new() };
        }
        let browsing = self.overlay.is_none() && self.focus.mode == Mode::Browse;
        if browsing && self.toasts.swallows(&key, now) {
            return Vec::new();
        }
        self.toasts.key_pressed(now);
        if self.overlay.as_ref().is_some_and(Overlay::is_plan) {
            self.toasts.seen(now);
        }
        self.overlay.take_if(|overlay| overlay.is_over(o));
        if self.overlay.is_none() {
            self.beneath.clear();
        }
        if self.types() {
            return self.type_key(&key, o);
        }
        if keys::find(Scope::Browse, &key) == Some(Action::Interrupt) {
            return self.interrupt(o);
        }
        if self.overlay.is_some() {
            return self.overlay_key(key, o);
        }
        if self.focus.mode == Mode::Scroll && self.takes_digit(&key) {
            return Vec::new();
        }
        match keys::find(self.scope(o), &key) {
            Some(Action::Row(RowAction::Pick)) => {
                self.pick(&key, o);
                Vec::new()
            }
            Some(action) => self.act(action, o),
            None => {
                self.text_key(key);
                Vec::new()
            }
        }
    }

    /// Where keys are looked up now.
    pub fn scope(&self, o: &Orchestrator) -> Scope {
        if let Some(overlay) = self.overlay(o) {
            return overlay.scope();
        }
        if self.shows_grid() {
            return Scope::Grid;
        }
        match (self.focus.mode, self.focus.pane) {
            (Mode::Type, _) => Scope::Type,
            (Mode::Scroll, _) => Scope::Reading(self.reading_place()),
            (Mode::Goal, _) | (Mode::Browse, Pane::Goal) => Scope::Goal,
            (Mode::Filter, _) => Scope::Filter,
            (Mode::Browse, Pane::Roadmap) if is_first_run(o) => Scope::Welcome,
            (Mode::Browse, Pane::Roadmap) => Scope::Roadmap,
            (Mode::Browse, Pane::Streams) => Scope::Streams,
            (Mode::Browse, Pane::Agent) => Scope::Agent,
        }
    }

    fn reading_place(&self) -> Reading {
        match self.agent.reader.as_ref().is_some_and(Reader::is_searching) {
            true => Reading::Needle,
            false => Reading::Lines,
        }
    }

    /// What the layout depends on, for a screen of this size.
    pub fn request(&self, size: Size) -> Request {
        Request { size, focus: self.focus.pane, zoom: self.agent.zoom }
    }

    /// Where everything is.
    pub fn layout(&self) -> Layout {
        layout::layout(self.request(self.around.size))
    }

    /// Size agents' terminals should have. Only a new screen size or the zoom changes it.
    pub fn terminal_size(&self) -> Size {
        layout::terminal(self.request(self.around.size))
    }

    /// The agent in view: the chosen one, else the one that lives longest, else the last that ended.
    pub fn agent_in_view<'a>(&self, o: &'a Orchestrator) -> Option<&'a Agent> {
        let chosen = self.agent.shown.as_ref().and_then(|id| o.agent(id));
        let agents = || o.run().everyone();
        chosen
            .or_else(|| {
                agents().filter(|a| a.is_live()).min_by_key(|a| (a.times.asked, a.me().clone()))
            })
            .or_else(|| agents().max_by_key(|a| (a.times.ended, a.me().clone())))
    }

    /// Lives whose screens are visible, or about to be typed into: ask the world to show these and no others.
    pub fn watching(&self, o: &Orchestrator, now: Timestamp) -> Vec<AgentRef> {
        if self.overlay.as_ref().is_some_and(Overlay::searches) {
            return o.run().everyone().filter(|a| has_screen(a)).map(|a| a.me().clone()).collect();
        }
        let at = self.layout();
        let mut seen = match at.shape {
            Shape::TooSmall => Vec::new(),
            _ if self.shows_grid() => self.watching_tiles(o, now),
            _ if at.inner(Pane::Agent).is_empty() => Vec::new(),
            _ => {
                let agent = self.agent_in_view(o);
                agent.filter(|a| has_screen(a)).map(|a| a.me().clone()).into_iter().collect()
            }
        };
        if let Some(Overlay::Broadcast(words)) = &self.overlay {
            let unseen = words.to().iter().filter(|me| !seen.contains(me));
            let unseen: Vec<AgentRef> = unseen.cloned().collect();
            seen.extend(unseen);
        }
        seen
    }

    /// Title of the terminal's window.
    pub fn title(&self, o: &Orchestrator, now: Timestamp) -> String {
        let elsewhere = self.around.others.iter().filter(|other| other.needs_a_person());
        let elsewhere: usize = elsewhere.map(|other| other.crowd.waiting).sum();
        let waiting = waiting(o, now).len() + elsewhere;
        let call = if waiting > 0 { format!("[{waiting}!] ") } else { String::new() };
        clean(&format!("{call}orch-tui {}", o.target().name))
    }

    /// Whether something on the screen changes with time alone: a clock of a running agent, a passing sentence, an agent that
    /// waits for its next life.
    pub fn needs_tick(&self, o: &Orchestrator) -> bool {
        o.run().everyone().any(Agent::has_process)
            || self.toasts.passing(o.notices(), self.now)
            || o.wakes_at(self.now).is_some()
    }

    /// The sentence to show in the status bar.
    pub fn toast<'a>(
        &'a self,
        o: &'a Orchestrator,
        now: Timestamp,
    ) -> Option<&'a crate::domain::orchestrator::Notice> {
        // The plan shows itself what is said.
        let shown_there = self.overlay(o).is_some_and(Overlay::is_plan);
        let toast = self.toasts.visible(o.notices(), now);
        toast.filter(|notice| !shown_there || !o.notices().contains(notice))
    }

    /// The phase under the roadmap's cursor.
    pub fn selected_phase<'a>(&self, o: &'a Orchestrator) -> Option<&'a Phase> {
        let roadmap = o.roadmap()?;
        let rows = self.roadmap.rows(roadmap);
        match rows.get(self.roadmap.index(roadmap, &rows))? {
            RoadmapRow::Phase(phase) => Some(phase),
            RoadmapRow::Batch(_) => None,
        }
    }
}

/// Whether an agent has a terminal, or had one.
fn has_screen(agent: &Agent) -> bool {
    agent.has_process() || agent.processes.is_some()
}

/// The roadmap was looked for and there is none.
fn is_first_run(o: &Orchestrator) -> bool {
    o.roadmap().is_none() && o.view().read_at.is_some()
}

/// Whether an agent in this state can't go on without a person.
fn needs_a_person(state: AgentState) -> bool {
    match state {
        AgentState::Waiting | AgentState::Review => true,
        AgentState::Failed
        | AgentState::TimedOut
        | AgentState::Running
        | AgentState::Idle
        | AgentState::Verifying
        | AgentState::Merging
        | AgentState::Starting
        | AgentState::Pending
        | AgentState::Stopping
        | AgentState::Succeeded
        | AgentState::Killed => false,
    }
}

/// Agents that ask for a person or wait for a review, the one that has waited longest first.
pub fn waiting(o: &Orchestrator, now: Timestamp) -> Vec<&Agent> {
    let agents = o.run().everyone();
    let mut waiting: Vec<&Agent> =
        agents.filter(|agent| needs_a_person(agent.state(now))).collect();
    waiting.sort_by_key(|agent| (agent.state(now), agent.activity.last_output, agent.me().clone()));
    waiting
}
