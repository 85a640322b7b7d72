//! What a person looks at and decides about an agent's work: the diff, the merge, giving it up.

use std::sync::Arc;

use ratatui::crossterm::event::{MouseEvent, MouseEventKind};

use crate::domain::command::Command;
use crate::domain::diff::Diff;
use crate::domain::id::{AgentId, AgentRef};
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::printable::Printable;
use crate::ui::dashboard::Dashboard;
use crate::ui::intent::Intent;
use crate::ui::keys::{Pane, ReviewAction, Step};
use crate::ui::overlays::{Overlay, Sight};
use crate::ui::panes::streams;

impl Dashboard {
    /// A key about the work of the agent meant.
    pub(super) fn review(&mut self, action: ReviewAction, o: &Orchestrator) -> Vec<Intent> {
        let sight = match action {
            ReviewAction::Look => Sight::Diff,
            ReviewAction::Merge => Sight::Merge,
            // These are keys of the diff.
            ReviewAction::Hunk(_)
            | ReviewAction::File(_)
            | ReviewAction::Side
            | ReviewAction::Comment
            | ReviewAction::Edit
            | ReviewAction::SendBack
            | ReviewAction::Discard => return Vec::new(),
        };
        let meant = self.agents_meant(o);
        let Some(agent) = meant.first().copied() else { return Vec::new() };
        if sight == Sight::Diff && agent.document.is_some() {
            return self.show_document(agent);
        }
        let id = agent.me().id.clone();
        let refused = match sight {
            _ if o.worktree_of(agent).is_none() => Some(o.no_diff(&id)),
            Sight::Merge if !streams::in_review(agent) => {
                Some(format!("{id} has nothing to merge: only proven work in review is merged"))
            }
            Sight::Diff | Sight::Merge | Sight::Discard => None,
        };
        match refused {
            Some(why) => {
                self.toasts.say(self.now, &why);
                Vec::new()
            }
            None => self.open_sight(sight, &id, o),
        }
    }

    /// Shows something of an agent's work, over what is open.
    pub(super) fn open_sight(
        &mut self,
        sight: Sight,
        id: &AgentId,
        o: &Orchestrator,
    ) -> Vec<Intent> {
        if let (Role::Viewer { driver }, Sight::Merge | Sight::Discard) = (o.role(), sight) {
            self.toasts.say(self.now, &format!("process {driver} drives: only it can do that"));
            return Vec::new();
        }
        let Some(agent) = o.agent(id) else { return Vec::new() };
        let me = agent.me().clone();
        let comments = self.agent.comments.get(&me).cloned().unwrap_or_default();
        let looks = sight == Sight::Diff;
        // From its question back to the diff: that is below already.
        if looks && self.beneath.last_mut().is_some_and(|under| under.as_diff().is_some()) {
            self.overlay = self.beneath.pop();
            return Vec::new();
        }
        if looks {
            (self.overlay, self.beneath) = (None, Vec::new());
        }
        self.lay_over(Overlay::sight(sight, me, comments));
        match sight {
            Sight::Diff | Sight::Merge => vec![Intent::Run(Command::Diff(id.clone()))],
            Sight::Discard => Vec::new(),
        }
    }

    /// Git told what an agent's branch changes.
    pub fn diffed(&mut self, agent: &AgentRef, outcome: &Result<Arc<Diff>, Printable>) {
        for overlay in self.overlay.iter_mut().chain(&mut self.beneath) {
            overlay.told(agent, outcome);
        }
    }

    /// Comments outlive the diff they were written in.
    pub(super) fn keep_comments(&mut self) {
        let sheet = self.overlay.as_mut().and_then(Overlay::as_diff);
        if let Some((agent, comments)) = sheet.map(|sheet| sheet.comments()) {
            match comments {
                [] => drop(self.agent.comments.remove(agent)),
                said => drop(self.agent.comments.insert(agent.clone(), said.to_vec())),
            }
        }
    }

    /// Whether the row that is opened is an agent whose work waits for a person.
    pub(super) fn is_reviewed(&self, o: &Orchestrator) -> bool {
        let on_agents = self.shows_grid() || self.focus.pane != Pane::Roadmap;
        on_agents && self.agent_in_view(o).is_some_and(streams::in_review)
    }

    /// The wheel over an open diff.
    pub(super) fn turn_in_diff(&mut self, event: MouseEvent) {
        let Some(sheet) = self.overlay.as_mut().and_then(Overlay::as_diff) else { return };
        match event.kind {
            MouseEventKind::ScrollDown => sheet.wheel(Step::Down),
            MouseEventKind::ScrollUp => sheet.wheel(Step::Up),
            _ => {}
        }
    }
}
