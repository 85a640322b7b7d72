//! TYPE mode: keys go to the agent, all but one.

use ratatui::crossterm::event::KeyEvent;

use crate::domain::agent::Agent;
use crate::domain::frame::{InputModes, KeyboardFlags};
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::ui::dashboard::{Dashboard, Mode};
use crate::ui::encode;
use crate::ui::intent::Intent;
use crate::ui::keys::{self, Action, Pane, Scope};

impl Dashboard {
    /// Sends keys to the agent in view from now on.
    pub(super) fn enter_typing(&mut self, o: &Orchestrator) {
        if let Role::Viewer { driver } = o.role() {
            let text = format!("process {driver} drives: only it can type into agents");
            self.toasts.refuse_typing(self.now, &text);
            return;
        }
        let Some(agent) = self.agent_in_view(o) else {
            self.toasts.refuse_typing(self.now, "no agent to type into yet: n types a goal");
            return;
        };
        if !agent.has_process() {
            let text = self.untyped(agent, o);
            self.toasts.refuse_typing(self.now, &text);
            return;
        }
        self.agent.shown = Some(agent.me().id.clone());
        (self.agent.up, self.agent.reader) = (0, None);
        // A tile is no place to type in.
        self.agent.zoom |= self.agent.grid.open;
        (self.focus.pane, self.focus.mode) = (Pane::Agent, Mode::Type);
        if !self.toasts.taught_typing {
            self.toasts.taught_typing = true;
            self.toasts.say(self.now, "every key goes to the agent now; Ctrl-Z comes back");
        }
    }

    /// Why nothing is typed to an agent without a process, and what helps, where something does.
    fn untyped(&self, agent: &Agent, o: &Orchestrator) -> String {
        let not_typed = format!("{} does not run, nothing is typed", agent.me().id);
        if agent.is_live() {
            return not_typed;
        }
        // r is about the selected phase's agent where phases are selected.
        let is_meant = self.meant(o).iter().any(|meant| meant.me() == agent.me());
        match o.cannot_begin(agent) {
            Some(why) => format!("{not_typed}: {} {why}", agent.phase()),
            None if is_meant => format!("{not_typed}; after a moment r restarts it"),
            None => not_typed,
        }
    }

    pub(super) fn leave_typing(&mut self) {
        self.put_reader_away();
        self.focus.mode = Mode::Browse;
    }

    /// Whether keys go to the agent.
    pub(super) fn types(&self) -> bool {
        self.overlay.is_none() && self.focus.mode == Mode::Type
    }

    /// What the agent that keys go to wants to know of them.
    pub fn keyboard(&self, o: &Orchestrator) -> KeyboardFlags {
        let agent = self.agent_in_view(o).filter(|agent| self.types() && agent.has_process());
        let seen = agent.and_then(|agent| self.screens.get(agent.me()));
        seen.map(|seen| seen.screen.input.keyboard).unwrap_or_default()
    }

    /// A key in TYPE mode. TYPE ends only by its own key: what was meant for an agent never becomes a command.
    pub(super) fn type_key(&mut self, key: &KeyEvent, o: &Orchestrator) -> Vec<Intent> {
        if keys::find(Scope::Type, key) == Some(Action::LeaveType) {
            self.leave_typing();
            return Vec::new();
        }
        self.type_bytes(o, |modes| encode::key(key, modes))
    }

    /// Sends what `encode` makes of the agent's input modes.
    pub(super) fn type_bytes(
        &mut self,
        o: &Orchestrator,
        encode: impl Fn(InputModes) -> Vec<u8>,
    ) -> Vec<Intent> {
        let Some(agent) = self.agent_in_view(o).filter(|agent| agent.has_process()) else {
            self.toasts.say(self.now, "the agent has ended; Ctrl-Z leaves TYPE");
            return Vec::new();
        };
        let modes = self.screens.get(agent.me()).map(|seen| seen.screen.input).unwrap_or_default();
        let bytes = encode(modes);
        (self.agent.up, self.agent.reader) = (0, None);
        if bytes.is_empty() { Vec::new() } else { vec![Intent::Type(agent.me().clone(), bytes)] }
    }
}
