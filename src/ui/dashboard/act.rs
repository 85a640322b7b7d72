//! What actions do in BROWSE.

use std::time::Duration;

use crate::domain::agent::Agent;
use crate::domain::command::Command;
use crate::domain::id::PhaseId;
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::roadmap::phase::Status;
use crate::ui::dashboard::{Dashboard, Mode, waiting};
use crate::ui::intent::Intent;
use crate::ui::keys::{
    Action, AgentAction, FocusMove, Pane, ReviewAction, RowAction, Shown, Step, Tend,
    TerminalAction,
};
use crate::ui::layout::Shape;
use crate::ui::overlays::{Overlay, proposals};
use crate::ui::panes::streams;
use crate::ui::roadmap_rows::RoadmapRow;

/// Ctrl-C twice within this time leaves.
const TWICE_WITHIN: Duration = Duration::from_secs(1);

/// Panes in the order of their numbers.
const PANES: [Pane; 4] = [Pane::Roadmap, Pane::Streams, Pane::Agent, Pane::Goal];

impl Dashboard {
    /// Carries an action out.
    pub(super) fn act(&mut self, action: Action, o: &Orchestrator) -> Vec<Intent> {
        match action {
            Action::Quit => return self.quit(o),
            Action::Interrupt => return self.interrupt(o),
            Action::Help => self.overlay = Some(Overlay::help(self.scope(o))),
            Action::Back => self.back(),
            Action::Terminal(TerminalAction::Redraw) => return vec![Intent::Redraw],
            Action::Terminal(TerminalAction::Mouse) => return self.toggle_mouse(),
            Action::Read(action) => return self.read(action, o),
            Action::Goal => self.enter_goal(),
            Action::NextNeedy => return self.next_needy(o),
            Action::Tend(tend) => return tended(tend),
            Action::Hold => return vec![Intent::Run(Command::ToggleHold)],
            Action::Show(Shown::Events) => self.overlay = Some(Overlay::events()),
            Action::Show(Shown::Health) => self.overlay = Some(Overlay::health()),
            Action::Show(Shown::Grid) => self.toggle_grid(o),
            Action::Show(Shown::Report) => return self.show_report(o),
            Action::Show(Shown::Summary) => {}
            Action::Show(Shown::Targets) => return self.show_targets(None),
            Action::Show(Shown::Proposals) => {
                self.overlay = Some(Overlay::proposals());
                return proposals::look();
            }
            Action::Init => return vec![Intent::Init],
            Action::Focus(to) if self.shows_grid() => self.go_aside(to, o),
            Action::Focus(to) => self.move_focus(to),
            Action::Go(step) => self.go(step, o),
            Action::Row(action) => return self.act_on_row(action, o),
            Action::Agent(action) => return self.act_on_agent(action, o),
            Action::Text(action) => return self.edit_text(action, o),
            Action::LeaveType => self.leave_typing(),
            Action::Plan(_) | Action::Choose(_) => {}
        }
        Vec::new()
    }

    fn quit(&mut self, o: &Orchestrator) -> Vec<Intent> {
        match o.role() {
            Role::Driver if o.working_agents() > 0 || o.wakes_at(self.now).is_some() => {
                self.ask_to_quit()
            }
            Role::Driver | Role::Viewer { .. }
                if self.others_busy() || !self.agent.comments.is_empty() =>
            {
                self.ask_to_quit()
            }
            Role::Driver | Role::Viewer { .. } => vec![Intent::Quit],
        }
    }

    fn ask_to_quit(&mut self) -> Vec<Intent> {
        self.overlay = Some(Overlay::quit(self.behind()));
        Vec::new()
    }

    /// The first Ctrl-C tells; a second one soon after leaves, past an open question agents go on.
    pub(super) fn interrupt(&mut self, o: &Orchestrator) -> Vec<Intent> {
        let now = self.now;
        let before = self.toasts.interrupted.replace(now);
        if before.is_none_or(|before| now.since(before) > TWICE_WITHIN) {
            self.toasts.say(now, "Ctrl-C again within a second quits");
            return Vec::new();
        }
        self.toasts.interrupted = None;
        match &self.overlay {
            Some(Overlay::Quit(_)) => vec![Intent::Detach],
            Some(_) | None => self.quit(o),
        }
    }

    fn back(&mut self) {
        if self.agent.zoom {
            self.agent.zoom = false;
        } else if !self.agent.marked.is_empty() {
            self.agent.marked.clear();
        } else if self.agent.grid.open {
            self.close_grid();
        } else if !self.roadmap.filter.is_empty() {
            self.roadmap.filter.clear();
        } else {
            self.roadmap.marked.clear();
        }
    }

    /// Gives a pane the focus.
    pub(super) fn focus_on(&mut self, pane: Pane) {
        match pane {
            Pane::Goal => self.enter_goal(),
            Pane::Roadmap | Pane::Streams | Pane::Agent => {
                self.leave_reading();
                self.agent.zoom &= pane == Pane::Agent;
                self.agent.grid.open &= pane == Pane::Agent;
                (self.focus.pane, self.focus.mode) = (pane, Mode::Browse);
            }
        }
    }

    fn move_focus(&mut self, to: FocusMove) {
        let at = PANES.iter().position(|pane| *pane == self.focus.pane).unwrap_or(0);
        let pane = match to {
            FocusMove::Next => PANES[(at + 1) % PANES.len()],
            FocusMove::Previous => PANES[(at + PANES.len() - 1) % PANES.len()],
            FocusMove::Pane(pane) => pane,
            FocusMove::Left => match (self.focus.pane, self.layout().shape) {
                (Pane::Agent, Shape::Stack) => Pane::Roadmap,
                (Pane::Agent, _) => Pane::Streams,
                (Pane::Streams, Shape::Stack) => Pane::Streams,
                (Pane::Roadmap | Pane::Streams, _) => Pane::Roadmap,
                (Pane::Goal, _) => Pane::Goal,
            },
            FocusMove::Right => match (self.focus.pane, self.layout().shape) {
                (Pane::Roadmap, Shape::Columns | Shape::Accordion) => Pane::Streams,
                (Pane::Roadmap | Pane::Streams | Pane::Agent, _) => Pane::Agent,
                (Pane::Goal, _) => Pane::Goal,
            },
        };
        self.focus_on(pane);
    }

    /// Moves the selection or the view of the focused pane.
    pub(super) fn go(&mut self, step: Step, o: &Orchestrator) {
        if self.shows_grid() {
            return self.go_in_grid(step, o);
        }
        let page = usize::from(self.layout().inner(self.focus.pane).height.max(2)) - 1;
        match self.focus.pane {
            Pane::Roadmap => self.go_in_roadmap(step, page, o),
            Pane::Streams => self.go_in_streams(step, page, o),
            Pane::Agent => self.scroll_agent(step, page),
            Pane::Goal => {}
        }
    }

    fn go_in_roadmap(&mut self, step: Step, page: usize, o: &Orchestrator) {
        let Some(roadmap) = o.roadmap() else { return };
        let rows = self.roadmap.rows(roadmap);
        let at = step.from(self.roadmap.index(roadmap, &rows), rows.len(), page);
        let key = rows.get(at).map(RoadmapRow::key);
        self.roadmap.cursor = key;
        self.follow_phase(o);
    }

    /// Shows the agent of the phase under the cursor, if there is one.
    pub(super) fn follow_phase(&mut self, o: &Orchestrator) {
        let agent = self.selected_phase(o).and_then(|phase| o.agent_of(&phase.id));
        if let Some(agent) = agent {
            self.show(agent);
        }
    }

    /// Puts an agent in view.
    pub(super) fn show(&mut self, agent: &Agent) {
        let id = &agent.me().id;
        if self.agent.shown.as_ref() != Some(id) {
            self.agent.shown = Some(id.clone());
            self.agent.up = 0;
            self.leave_reading();
        }
    }

    pub(super) fn go_in_streams(&mut self, step: Step, page: usize, o: &Orchestrator) {
        let agents = o.agents(self.now);
        let height = usize::from(self.layout().inner(Pane::Streams).height);
        let at = streams::cursor(&agents, o, self);
        // One begins at what is in view.
        let begins = self.agent.shown.is_none() && at >= height && step != Step::Bottom;
        let to = if begins { 0 } else { step.from(at, agents.len(), page) };
        if let Some(agent) = agents.get(to) {
            self.show(agent);
        }
    }

    fn scroll_agent(&mut self, step: Step, page: usize) {
        let page = u16::try_from(page).unwrap_or(u16::MAX);
        let most = self.hidden_rows();
        self.agent.up = match step {
            Step::Up => self.agent.up.saturating_add(1),
            Step::Down => self.agent.up.saturating_sub(1),
            Step::PageUp => self.agent.up.saturating_add(page),
            Step::PageDown => self.agent.up.saturating_sub(page),
            Step::Top => most,
            Step::Bottom => 0,
        }
        .min(most);
    }

    /// Rows of the largest screen that the agent pane can't show.
    fn hidden_rows(&self) -> u16 {
        let height = self.layout().inner(Pane::Agent).height;
        let rows = self.screens.values().map(|seen| seen.screen.size.rows).max();
        rows.unwrap_or(0).saturating_sub(height)
    }

    /// After the last one here come those of other targets.
    pub(super) fn next_needy(&mut self, o: &Orchestrator) -> Vec<Intent> {
        let waiting = waiting(o, self.now);
        let at = waiting.iter().position(|a| Some(&a.me().id) == self.agent.shown.as_ref());
        let next = at.map_or(0, |at| at + 1);
        let elsewhere = self.needy_elsewhere(o).filter(|_| next >= waiting.len());
        if elsewhere.is_some() {
            return elsewhere.into_iter().collect();
        }
        self.show_needy(waiting.get(next % waiting.len().max(1)).copied());
        Vec::new()
    }

    /// The agent here that has waited longest.
    pub(super) fn first_needy(&mut self, o: &Orchestrator) {
        let waiting = waiting(o, self.now);
        self.show_needy(waiting.first().copied());
    }

    fn show_needy(&mut self, agent: Option<&Agent>) {
        match agent {
            Some(agent) => {
                self.show(agent);
                let zoom = self.agent.zoom;
                self.focus_on(Pane::Agent);
                self.agent.zoom = zoom;
            }
            None => self.toasts.say(self.now, "no agent needs you"),
        }
    }

    fn act_on_row(&mut self, action: RowAction, o: &Orchestrator) -> Vec<Intent> {
        match action {
            RowAction::Open if self.is_reviewed(o) => return self.review(ReviewAction::Look, o),
            RowAction::Open if self.document_opened(o).is_some() => {
                let agent = self.document_opened(o);
                return agent.map(|agent| self.show_document(agent)).unwrap_or_default();
            }
            RowAction::Open if self.shows_grid() || self.focus.pane == Pane::Agent => {
                return self.act_on_agent(AgentAction::Zoom, o);
            }
            RowAction::Open => self.open(o),
            RowAction::Mark if self.focus.pane == Pane::Roadmap => self.mark(o),
            RowAction::Mark => self.mark_agent(o),
            RowAction::MarkAll => self.mark_all_agents(o),
            RowAction::Filter => self.focus.mode = Mode::Filter,
            RowAction::Plan => return self.plan_phases(o),
            RowAction::Edit => return self.edit_phase(o),
            RowAction::Copy => return self.copy(o),
            RowAction::Graph => {
                let phase = self.selected_phase(o).map(|phase| phase.id.clone());
                self.overlay = Some(Overlay::graph(phase));
            }
            RowAction::Range => self.turn_density(o),
            RowAction::Qa => return self.ask_qa(o),
            RowAction::Pick | RowAction::Close => {}
        }
        Vec::new()
    }

    fn open(&mut self, o: &Orchestrator) {
        match self.focus.pane {
            Pane::Streams if self.agent_in_view(o).is_some() => {
                self.focus_on(Pane::Agent);
                self.agent.zoom = true;
            }
            Pane::Roadmap => match self.selected_phase(o) {
                Some(phase) => self.overlay = Some(Overlay::phase(phase.id.clone())),
                None => self.toggle_batch(o),
            },
            Pane::Streams | Pane::Agent | Pane::Goal => {}
        }
    }

    fn toggle_batch(&mut self, o: &Orchestrator) {
        let Some(roadmap) = o.roadmap() else { return };
        let rows = self.roadmap.rows(roadmap);
        if let Some(RoadmapRow::Batch(batch)) = rows.get(self.roadmap.index(roadmap, &rows)) {
            self.roadmap.toggle(batch);
        }
    }

    fn mark(&mut self, o: &Orchestrator) {
        match self.selected_phase(o) {
            Some(phase) => {
                let id = phase.id.clone();
                self.roadmap.mark(&id);
                self.go(Step::Down, o);
            }
            None => self.toggle_batch(o),
        }
    }

    fn plan_phases(&mut self, o: &Orchestrator) -> Vec<Intent> {
        let mut phases: Vec<PhaseId> = self.roadmap.marked.iter().cloned().collect();
        if phases.is_empty() {
            phases = self.phases_under_cursor(o);
        }
        if phases.is_empty() {
            self.toasts.say(self.now, "nothing open to plan here: select a phase");
            return Vec::new();
        }
        self.roadmap.marked.clear();
        self.goal.planned = false;
        vec![Intent::Run(Command::PlanPhases(phases))]
    }

    /// The selected phase, or those of the selected batch that aren't complete.
    fn phases_under_cursor(&self, o: &Orchestrator) -> Vec<PhaseId> {
        let Some(roadmap) = o.roadmap() else { return Vec::new() };
        let rows = self.roadmap.rows(roadmap);
        match rows.get(self.roadmap.index(roadmap, &rows)) {
            Some(RoadmapRow::Phase(phase)) => vec![phase.id.clone()],
            Some(RoadmapRow::Batch(batch)) => {
                let open = roadmap.phases.iter().filter(|phase| {
                    phase.place.batch == batch.number && phase.status.state != Status::Complete
                });
                open.map(|phase| phase.id.clone()).collect()
            }
            None => Vec::new(),
        }
    }

    fn edit_phase(&mut self, o: &Orchestrator) -> Vec<Intent> {
        if o.roadmap().is_none() {
            self.toasts.say(self.now, "there is no roadmap to edit");
            return Vec::new();
        }
        let phase = match self.focus.pane {
            Pane::Roadmap => self.selected_phase(o),
            Pane::Streams | Pane::Agent | Pane::Goal => {
                let agent = self.agent_in_view(o);
                agent.and_then(|agent| o.roadmap()?.phase(agent.about()?))
            }
        };
        vec![Intent::Edit { line: phase.map_or(1, |phase| phase.place.line) }]
    }

    fn copy(&mut self, o: &Orchestrator) -> Vec<Intent> {
        let id = match self.focus.pane {
            Pane::Roadmap => self.selected_phase(o).map(|phase| phase.id.to_string()),
            Pane::Streams | Pane::Agent | Pane::Goal => {
                self.agent_in_view(o).map(|agent| agent.me().id.to_string())
            }
        };
        let Some(id) = id else { return Vec::new() };
        self.toasts.say(self.now, &format!("copied {id}"));
        vec![Intent::Copy(crate::ui::text::clean(&id))]
    }
}

/// What is asked of the orchestrator; single findings are mended on the health screen alone.
fn tended(tend: Tend) -> Vec<Intent> {
    match tend {
        Tend::Garden => vec![Intent::Run(Command::Garden)],
        Tend::Undo => vec![Intent::Run(Command::Undo)],
        Tend::One | Tend::All => Vec::new(),
    }
}
