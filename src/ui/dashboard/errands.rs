//! Agents that work for no plan: asked for, and what they left.

use crate::domain::agent::{Agent, Outcome};
use crate::domain::command::{Command, ErrandWish};
use crate::domain::errand::Errand;
use crate::domain::id::AgentRef;
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::printable::Printable;
use crate::domain::workspace::Isolation;
use crate::ui::dashboard::Dashboard;
use crate::ui::intent::Intent;
use crate::ui::keys::Pane;
use crate::ui::overlays::Overlay;

/// What a goal begins with that is a wish for proposals.
const PROPOSE: &str = "pm:";

impl Dashboard {
    /// What an agent left was read.
    pub fn opened(&mut self, agent: &AgentRef, outcome: &Result<String, Printable>) {
        for overlay in self.overlay.iter_mut().chain(&mut self.beneath) {
            overlay.opened(agent, outcome);
        }
    }

    /// Asks before an agent is started for an errand, over what is open.
    pub(super) fn ask_errand(&mut self, errand: Errand, o: &Orchestrator) -> Vec<Intent> {
        let refused = match o.role() {
            Role::Viewer { driver } => {
                Err(format!("process {driver} drives: only it can start agents"))
            }
            Role::Driver => o.can_run(&errand).and_then(|()| in_its_place(o)),
        };
        match refused {
            Ok(()) => self.lay_over(Overlay::errand(errand)),
            Err(why) => self.toasts.say(self.now, &why),
        }
        Vec::new()
    }

    /// Asks whether an agent shall look for what is wrong with the selected phase.
    pub(super) fn ask_qa(&mut self, o: &Orchestrator) -> Vec<Intent> {
        if let Some(phase) = self.selected_phase(o).map(|phase| phase.id.clone()) {
            return self.ask_errand(Errand::Qa(phase), o);
        }
        self.toasts.say(self.now, "select a phase: a batch is not looked at as one");
        Vec::new()
    }

    /// The wish for proposals that a goal is, if it is one.
    pub(super) fn wish(goal: &str) -> Option<Errand> {
        let (start, rest) = goal.trim_start().split_at_checked(PROPOSE.len())?;
        start.eq_ignore_ascii_case(PROPOSE).then(|| Errand::Pm(rest.trim().to_owned()))
    }

    /// Shows what an agent left.
    pub(super) fn show_document(&mut self, agent: &Agent) -> Vec<Intent> {
        self.lay_over(Overlay::document(agent.me().clone()));
        vec![Intent::Run(Command::Errand(ErrandWish::Open(agent.me().id.clone())))]
    }

    /// Opens the report of the last plan, and what an agent wrote of it.
    pub(super) fn show_report(&mut self, o: &Orchestrator) -> Vec<Intent> {
        self.overlay = Some(Overlay::report(o));
        let open = |agent: &Agent| Command::Errand(ErrandWish::Open(agent.me().id.clone()));
        o.summary().map(|agent| Intent::Run(open(agent))).into_iter().collect()
    }

    /// The agent whose row is opened, if what it left can be read.
    pub(super) fn document_opened<'a>(&self, o: &'a Orchestrator) -> Option<&'a Agent> {
        let on_agents = self.shows_grid() || self.focus.pane != Pane::Roadmap;
        self.agent_in_view(o).filter(|agent| on_agents && agent.document.is_some())
    }
}

/// Nobody is to begin in a shared checkout that stands elsewhere: they would take it for right.
fn in_its_place(o: &Orchestrator) -> Result<(), String> {
    let shared = o.target().workspaces.isolation == Isolation::Shared;
    let left = |agent: &Agent| match agent.outcome() {
        Some(Outcome::Astray(how)) => Some(format!(
            "{how}, as {} left it: put the checkout right, p goes on with it as it is then, and ask again",
            agent.me().id
        )),
        _otherwise => None,
    };
    let astray = o.run().everyone().find_map(left).filter(|_| shared && o.run().held);
    astray.map_or(Ok(()), Err)
}
