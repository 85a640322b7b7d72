//! What is done to agents: to the one in view, or to all that are marked.

use crate::domain::agent::{Agent, Stage};
use crate::domain::command::Command;
use crate::domain::effect::StopKind;
use crate::domain::id::{AgentId, AgentRef};
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::ui::dashboard::{Dashboard, Mode};
use crate::ui::encode;
use crate::ui::intent::Intent;
use crate::ui::keys::{AgentAction, Pane, ReviewAction, Step};
use crate::ui::overlays::Overlay;
use crate::ui::panes::streams;

impl Dashboard {
    pub(super) fn act_on_agent(&mut self, action: AgentAction, o: &Orchestrator) -> Vec<Intent> {
        match action {
            AgentAction::Type => self.enter_typing(o),
            AgentAction::Next => self.show_beside(|at, count| (at + 1) % count, o),
            AgentAction::Previous => self.show_beside(|at, count| (at + count - 1) % count, o),
            AgentAction::Zoom => {
                self.agent.zoom = !self.agent.zoom;
                self.agent.up = 0;
                (self.focus.pane, self.focus.mode) = (Pane::Agent, Mode::Browse);
            }
            AgentAction::Stop => return self.ask_stop(o),
            AgentAction::Restart => return self.restart(o),
            AgentAction::Broadcast => self.ask_words(o),
            AgentAction::Review(action) => return self.review(action, o),
        }
        Vec::new()
    }

    /// Shows the agent at another place of the list: after the last one comes the first.
    fn show_beside(&mut self, to: impl Fn(usize, usize) -> usize, o: &Orchestrator) {
        let agents = o.agents(self.now);
        let at = streams::cursor(&agents, o, self);
        if let Some(agent) = agents.get(to(at, agents.len().max(1))) {
            self.show(agent);
        }
    }

    /// Whether marks count here: where they are seen.
    fn shows_marks(&self) -> bool {
        self.shows_grid() || self.focus.pane == Pane::Streams
    }

    /// Marks the agent in view, or no longer, and goes on to the next one.
    pub(super) fn mark_agent(&mut self, o: &Orchestrator) {
        let Some(agent) = self.agent_in_view(o) else { return };
        let id = agent.me().id.clone();
        if !self.agent.marked.remove(&id) {
            self.agent.marked.insert(id);
        }
        self.show(agent);
        self.go_in_streams(Step::Down, 1, o);
    }

    /// Marks all agents with a process; none when that is so already.
    pub(super) fn mark_all_agents(&mut self, o: &Orchestrator) {
        let agents = o.run().everyone().filter(|agent| agent.has_process());
        let all = agents.map(|agent| agent.me().id.clone()).collect();
        let marked = std::mem::replace(&mut self.agent.marked, all);
        if marked == self.agent.marked {
            self.agent.marked.clear();
        }
    }

    /// The agents a key is about: those that are marked, where marks are seen, else one. That is the agent of the
    /// selected phase in the roadmap, elsewhere the one in view.
    pub fn meant<'a>(&self, o: &'a Orchestrator) -> Vec<&'a Agent> {
        let marked = self.agent.marked.iter().filter_map(|id| o.agent(id));
        let mut marked: Vec<&Agent> = marked.filter(|_| self.shows_marks()).collect();
        marked.sort_by_key(|agent| agent.phase());
        if !marked.is_empty() {
            return marked;
        }
        let agent = match self.focus.pane {
            Pane::Roadmap => self.selected_phase(o).and_then(|phase| o.agent_of(&phase.id)),
            Pane::Streams | Pane::Agent | Pane::Goal => self.agent_in_view(o),
        };
        agent.into_iter().collect()
    }

    pub(super) fn agents_meant<'a>(&mut self, o: &'a Orchestrator) -> Vec<&'a Agent> {
        let meant = self.meant(o);
        match meant.as_slice() {
            [] => self.toasts.say(self.now, "no agent here"),
            // It stays in view whatever becomes of it: the next key is about it as well.
            [one] => self.show(one),
            [_, ..] => {}
        }
        meant
    }

    /// Whether a key that does something to agents would do it now.
    pub fn works(&self, action: AgentAction, o: &Orchestrator) -> bool {
        match action {
            AgentAction::Type => self.agent_in_view(o).is_some_and(Agent::has_process),
            AgentAction::Stop => {
                let ends = |agent: &Agent| agent.is_live() && agent.proven_and_waiting().is_none();
                self.meant(o).iter().any(|agent| ends(agent) || o.comes_again(agent))
            }
            AgentAction::Restart => {
                self.meant(o).iter().any(|agent| agent.is_live() || o.cannot_begin(agent).is_none())
            }
            AgentAction::Broadcast => self.meant(o).iter().any(|agent| hears(agent)),
            AgentAction::Review(ReviewAction::Merge) => {
                self.meant(o).iter().any(|agent| streams::in_review(agent))
            }
            AgentAction::Review(_) => self
                .meant(o)
                .iter()
                .any(|agent| o.worktree_of(agent).is_some() || agent.document.is_some()),
            AgentAction::Next | AgentAction::Previous | AgentAction::Zoom => !o.has_no_agents(),
        }
    }

    /// Asks before agents at work are stopped. What only waits to begin again is given up at once: `r` takes that back.
    /// Work in review is left as it is.
    fn ask_stop(&mut self, o: &Orchestrator) -> Vec<Intent> {
        let meant = self.agents_meant(o);
        let (spared, meant): (Vec<&Agent>, Vec<&Agent>) =
            meant.into_iter().partition(|agent| agent.proven_and_waiting().is_some());
        if let Some(why) = spared_said(&spared, &meant) {
            self.toasts.say(self.now, &why);
        }
        if meant.is_empty() {
            return Vec::new();
        }
        if meant.iter().all(|agent| !agent.is_live()) {
            let waiting = meant.iter().filter(|agent| o.comes_again(agent));
            let stop =
                |agent: &&Agent| Intent::Run(Command::Stop(agent.me().id.clone(), StopKind::Term));
            let stopped: Vec<Intent> = waiting.map(stop).collect();
            if !stopped.is_empty() {
                return stopped;
            }
        }
        let live: Vec<&Agent> = meant.iter().copied().filter(|agent| agent.is_live()).collect();
        match (live.as_slice(), meant.as_slice()) {
            ([one], _) => self.overlay = Some(Overlay::stop(one.me().id.clone(), o)),
            ([], []) => {}
            ([], [one]) => self.toasts.say(self.now, &format!("{} does not run", one.me().id)),
            ([], _) => self.toasts.say(self.now, "none of the marked agents runs"),
            (_, _) => self.overlay = Some(Overlay::stop_some(lives(&live))),
        }
        Vec::new()
    }

    fn restart(&mut self, o: &Orchestrator) -> Vec<Intent> {
        let meant = self.agents_meant(o);
        let ids: Vec<AgentId> = meant.iter().map(|agent| agent.me().id.clone()).collect();
        // Nothing is lost any more once it is being put back.
        let works = |agent: &Agent| agent.is_live() && !matches!(agent.stage, Stage::Unmarking(_));
        match meant.as_slice() {
            [one] if !works(one) => {}
            [] => return Vec::new(),
            [_, ..] => {
                self.overlay = Some(Overlay::restart(ids));
                return Vec::new();
            }
        }
        ids.into_iter().map(|id| Intent::Run(Command::Restart(id))).collect()
    }

    /// Asks what shall be sent to the agents that run.
    fn ask_words(&mut self, o: &Orchestrator) {
        if let Role::Viewer { driver } = o.role() {
            let text = format!("process {driver} drives: only it can type into agents");
            return self.toasts.say(self.now, &text);
        }
        let meant = self.agents_meant(o);
        let running: Vec<&Agent> = meant.iter().copied().filter(|agent| hears(agent)).collect();
        match (running.as_slice(), meant.as_slice()) {
            ([], []) => {}
            ([], [one]) => {
                let text = format!("{} does not run, nothing can be sent to it", one.me().id);
                self.toasts.say(self.now, &text);
            }
            ([], _) => self.toasts.say(self.now, "none of the marked agents runs"),
            (_, _) => {
                let deaf: Vec<&Agent> = meant.iter().copied().filter(|a| !hears(a)).collect();
                self.overlay = Some(Overlay::broadcast(lives(&running), &lives(&deaf)));
            }
        }
    }

    /// Sends a text and Enter to each of these lives that still runs, as its terminal takes pastes.
    pub(super) fn broadcast(
        &mut self,
        to: &[AgentRef],
        text: &str,
        o: &Orchestrator,
    ) -> Vec<Intent> {
        let running = |me: &&AgentRef| o.run().live(me).is_some_and(hears);
        let (hearing, gone): (Vec<&AgentRef>, Vec<&AgentRef>) = to.iter().partition(running);
        // How a terminal takes more than one line is known once it was seen.
        let unseen = |me: &&&AgentRef| text.contains('\n') && self.screen(me).is_none();
        if let Some(me) = hearing.iter().find(unseen) {
            let told = format!("the terminal of {} was not seen yet; try again", me.id);
            self.toasts.say(self.now, &told);
            return Vec::new();
        }
        let send = |me: &&AgentRef| {
            let modes = self.screen(me).map(|screen| screen.input).unwrap_or_default();
            let mut bytes = encode::paste(text, modes);
            bytes.push(b'\r');
            Intent::Type((*me).clone(), bytes)
        };
        let sent: Vec<Intent> = hearing.iter().map(send).collect();
        self.overlay = None;
        self.toasts.say(self.now, &told(&hearing, &gone));
        sent
    }
}

/// Whether what is typed reaches it.
fn hears(agent: &Agent) -> bool {
    agent.stage == Stage::Running
}

fn lives(agents: &[&Agent]) -> Vec<AgentRef> {
    agents.iter().map(|agent| agent.me().clone()).collect()
}

/// That work in review is not stopped, and what can be done with it.
fn spared_said(spared: &[&Agent], others: &[&Agent]) -> Option<String> {
    match (spared, others) {
        ([one], []) => one.proven_and_waiting(),
        ([_, ..], _) => {
            let names: Vec<&str> = spared.iter().map(|agent| agent.me().id.as_str()).collect();
            let names = names.join(", ");
            Some(format!(
                "left out, as proven work waits for a review: {names}; d shows it, m merges it"
            ))
        }
        ([], _) => None,
    }
}

/// To how many it went.
fn told(hearing: &[&AgentRef], gone: &[&AgentRef]) -> String {
    let whom = match hearing {
        [one] => one.id.to_string(),
        all => format!("{} agents", all.len()),
    };
    match (hearing, gone) {
        ([], _) => "sent to nobody: they have ended".to_owned(),
        (_, []) => format!("sent to {whom}"),
        (_, [one]) => format!("sent to {whom}; {} has ended", one.id),
        (_, ended) => format!("sent to {whom}; {} have ended", ended.len()),
    }
}
