//! The question before agents are started again.

use ratatui::Frame;
use ratatui::crossterm::event::KeyEvent;

use super::Answer;
use super::dialog::{Question, confirmed, described, draw_dialog, grace, shown};
use super::sheet::Guard;
use crate::domain::agent::{Agent, Stage};
use crate::domain::command::Command;
use crate::domain::id::AgentId;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::time::Timestamp;
use crate::ui::intent::Intent;
use crate::ui::keys::{self, Action, Choice, Scope};
use crate::ui::look::Look;

/// Asks before live agents, or several ones, are started again.
#[derive(Clone, Debug)]
pub struct RestartDialog {
    agents: Vec<AgentId>,
    guard: Guard,
}

impl RestartDialog {
    /// For these agents.
    pub(super) fn new(agents: Vec<AgentId>) -> Self {
        Self { agents, guard: Guard::default() }
    }

    pub(super) fn is_over(&self, o: &Orchestrator) -> bool {
        match self.agents.as_slice() {
            [one] => !o.agent(one).is_some_and(Agent::is_live),
            all => all.is_empty(),
        }
    }

    pub(super) fn key(&mut self, key: KeyEvent, o: &Orchestrator, now: Timestamp) -> Answer {
        let pace = self.guard.press(now);
        if self.is_over(o) {
            return Answer::Close;
        }
        match keys::find(Scope::Ask(keys::Question::Restart), &key) {
            Some(Action::Choose(Choice::Yes)) => {
                let restart = |id: &AgentId| Intent::Run(Command::Restart(id.clone()));
                confirmed(pace, self.agents.iter().map(restart).collect())
            }
            Some(Action::Back) => Answer::Close,
            Some(_) | None => Answer::Stay,
        }
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        self.guard.show(look.now);
        let (title, question) = match self.agents.as_slice() {
            [one] => ("Restart agent", again(one, o, look.now)),
            all => ("Restart agents", all_again(all, o)),
        };
        draw_dialog(frame, title, &question, look);
    }
}

/// The question before one agent is started again.
fn again(id: &AgentId, o: &Orchestrator, now: Timestamp) -> Question {
    let Some(agent) = o.agent(id).filter(|agent| agent.is_live()) else {
        return Question::plain(format!("{} does not run any more.", shown(id)));
    };
    let life = agent.me().life.next().0;
    let (first, leave) = match agent.stage {
        // Nothing runs that could be stopped.
        Stage::Review(_) => (
            format!("start life {life} on it: what was proven has to be proven again"),
            "leave it as it is",
        ),
        _ => {
            let grace = grace(o, &agent.birth.adapter);
            let stop = format!("stop it (SIGTERM, SIGKILL after {grace}), then start life {life}");
            (stop, "leave it running")
        }
    };
    Question {
        text: format!("Restart {}?", described(agent, o, now)),
        names: Vec::new(),
        choices: vec![("y", first), ("Esc / Enter / n", leave.to_owned())],
    }
}

/// The question before several agents are started again.
fn all_again(ids: &[AgentId], o: &Orchestrator) -> Question {
    let live = ids.iter().filter(|id| o.agent(id).is_some_and(Agent::is_live)).count();
    let grace = grace(o, &o.target().agent);
    let first = match live {
        0 => "start them again".to_owned(),
        n => format!("stop the {n} at work (SIGTERM, SIGKILL after {grace}), then start all again"),
    };
    Question {
        text: format!("Restart these {} agents?", ids.len()),
        names: ids.iter().map(|id| shown(id).to_string()).collect(),
        choices: vec![("y", first), ("Esc / Enter / n", "leave them as they are".into())],
    }
}
