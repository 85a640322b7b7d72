//! Questions before something that can't be undone. Enter never confirms, and neither does the key that opened them.

use std::time::Duration;

use ratatui::Frame;
use ratatui::crossterm::event::KeyEvent;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::Answer;
use super::sheet::{Guard, Pace, centred, cut, draw_lines, sheet};
use crate::domain::agent::Agent;
use crate::domain::command::Command;
use crate::domain::effect::StopKind;
use crate::domain::id::{AgentId, AgentRef};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::printable::Printable;
use crate::domain::time::Timestamp;
use crate::ui::intent::Intent;
use crate::ui::keys::{self, Action, Choice, Scope};
use crate::ui::look::{ColourRole, Look};

/// Width of a dialog unless its text is longer.
const WIDTH: usize = 60;

/// Asks before agents are stopped or killed.
#[derive(Clone, Debug)]
pub struct StopDialog {
    meant: Meant,
    guard: Guard,
}

/// Whom a question is about.
#[derive(Clone, Debug)]
enum Meant {
    /// The life of an agent that ran when it was asked.
    One(AgentId, Option<AgentRef>),
    /// Every agent, those that start meanwhile too.
    All,
}

impl StopDialog {
    /// For the present life of this agent.
    pub(super) fn new(agent: AgentId, o: &Orchestrator) -> Self {
        let life = o.agent(&agent).filter(|a| a.is_live()).map(|a| a.me().clone());
        Self { meant: Meant::One(agent, life), guard: Guard::default() }
    }

    /// For all agents.
    pub(super) fn all(_: &Orchestrator) -> Self {
        Self { meant: Meant::All, guard: Guard::default() }
    }

    pub(super) fn is_over(&self, o: &Orchestrator) -> bool {
        match &self.meant {
            Meant::One(_, life) => life.as_ref().and_then(|me| o.run().live(me)).is_none(),
            Meant::All => o.live_agents() == 0,
        }
    }

    pub(super) fn key(&mut self, key: KeyEvent, o: &Orchestrator, now: Timestamp) -> Answer {
        let pace = self.guard.press(now);
        if self.is_over(o) {
            return Answer::Close;
        }
        let how = match keys::find(Scope::Stop, &key) {
            Some(Action::Choose(Choice::Yes)) => StopKind::Term,
            Some(Action::Choose(Choice::Kill)) => StopKind::Kill,
            Some(Action::Back) => return Answer::Close,
            Some(_) | None => return Answer::Stay,
        };
        let command = match &self.meant {
            Meant::One(agent, _) => Command::Stop(agent.clone(), how),
            Meant::All => Command::StopAll(how),
        };
        confirmed(pace, Intent::Run(command))
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        self.guard.show(look.now);
        let (title, question) = match &self.meant {
            Meant::One(agent, life) => ("Stop agent", one(agent, life.as_ref(), o, look.now)),
            Meant::All => ("Stop all agents", every(o)),
        };
        draw_dialog(frame, title, &question, look);
    }
}

/// The question before one agent is stopped.
fn one(id: &AgentId, life: Option<&AgentRef>, o: &Orchestrator, now: Timestamp) -> Question {
    let Some(agent) = life.and_then(|me| o.run().live(me)) else {
        return Question::plain(format!("{} does not run any more.", shown(id)));
    };
    let grace = grace(o, &agent.birth.adapter);
    Question {
        text: format!("Stop {}?", described(agent, o, now)),
        choices: vec![
            ("y", format!("stop: SIGTERM, SIGKILL after {grace}, its changes stay")),
            ("k", "kill now, its changes stay".into()),
            ("Esc / Enter / n", "leave it running".into()),
        ],
    }
}

/// The question before all agents are stopped.
fn every(o: &Orchestrator) -> Question {
    let text = match o.live_agents() {
        0 => return Question::plain("No agent is working any more.".into()),
        1 => "Stop the one agent at work, and start nothing new?".to_owned(),
        n => format!("Stop all {n} agents, and start nothing new?"),
    };
    let grace = grace(o, &o.target().agent);
    Question {
        text,
        choices: vec![
            ("y", format!("stop: SIGTERM, SIGKILL after {grace}, changes stay")),
            ("k", "kill now, changes stay".into()),
            ("Esc / Enter / n", "leave them running".into()),
        ],
    }
}

/// Asks before a live agent is started again.
#[derive(Clone, Debug)]
pub struct RestartDialog {
    agent: AgentId,
    guard: Guard,
}

impl RestartDialog {
    /// For this agent.
    pub(super) fn new(agent: AgentId) -> Self {
        Self { agent, guard: Guard::default() }
    }

    fn subject<'a>(&self, o: &'a Orchestrator) -> Option<&'a Agent> {
        o.agent(&self.agent).filter(|agent| agent.is_live())
    }

    pub(super) fn is_over(&self, o: &Orchestrator) -> bool {
        self.subject(o).is_none()
    }

    pub(super) fn key(&mut self, key: KeyEvent, o: &Orchestrator, now: Timestamp) -> Answer {
        let pace = self.guard.press(now);
        if self.subject(o).is_none() {
            return Answer::Close;
        }
        match keys::find(Scope::Restart, &key) {
            Some(Action::Choose(Choice::Yes)) => {
                confirmed(pace, Intent::Run(Command::Restart(self.agent.clone())))
            }
            Some(Action::Back) => Answer::Close,
            Some(_) | None => Answer::Stay,
        }
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        self.guard.show(look.now);
        let title = "Restart agent";
        let Some(agent) = self.subject(o) else {
            let text = format!("{} does not run any more.", shown(&self.agent));
            return draw_dialog(frame, title, &Question::plain(text), look);
        };
        let grace = grace(o, &agent.birth.adapter);
        let life = agent.me().life.next().0;
        let question = Question {
            text: format!("Restart {}?", described(agent, o, look.now)),
            choices: vec![
                ("y", format!("stop it (SIGTERM, SIGKILL after {grace}), then start life {life}")),
                ("Esc / Enter / n", "leave it running".into()),
            ],
        };
        draw_dialog(frame, title, &question, look);
    }
}

/// Asks what becomes of agents at work.
#[derive(Clone, Debug, Default)]
pub struct QuitDialog {
    guard: Guard,
}

impl QuitDialog {
    pub(super) fn key(&mut self, key: KeyEvent, now: Timestamp) -> Answer {
        let pace = self.guard.press(now);
        match keys::find(Scope::Quit, &key) {
            Some(Action::Choose(Choice::Detach)) => confirmed(pace, Intent::Detach),
            Some(Action::Choose(Choice::StopAll)) => confirmed(pace, Intent::StopAndQuit),
            Some(Action::Back) => Answer::Close,
            Some(_) | None => Answer::Stay,
        }
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        self.guard.show(look.now);
        let live = o.live_agents();
        let grace = grace(o, &o.target().agent);
        let stop = format!("stop all and quit (SIGTERM, {grace}, SIGKILL)");
        let (text, detach) = match live {
            0 => ("No agent is working any more.".to_owned(), "quit"),
            1 => (
                "1 agent is still working.".to_owned(),
                "detach: it keeps running, orch-tui shows it again",
            ),
            n => (
                format!("{n} agents are still working."),
                "detach: they keep running, orch-tui shows them again",
            ),
        };
        let mut choices = vec![("d", detach.to_owned())];
        if live > 0 {
            choices.push(("s", stop));
        }
        choices.push(("Esc / Enter", "stay".into()));
        let question = Question { text, choices };
        draw_dialog(frame, "Quit", &question, look);
    }
}

/// A question with its answers: key, and what it does.
struct Question {
    text: String,
    choices: Vec<(&'static str, String)>,
}

impl Question {
    /// Nothing to choose.
    fn plain(text: String) -> Self {
        Self { text, choices: vec![("Esc", "close".into())] }
    }
}

fn confirmed(pace: Pace, intent: Intent) -> Answer {
    match pace {
        Pace::Calm => Answer::CloseAnd(vec![intent]),
        Pace::Hasty => Answer::Stay,
    }
}

fn draw_dialog(frame: &mut Frame<'_>, title: &str, question: &Question, look: &Look) {
    let texts = question.choices.iter().map(|(key, does)| key.width() + does.width() + 5);
    let inner = texts.chain([question.text.width()]).max().unwrap_or(0).max(WIDTH - 4);
    let height = question.choices.len() + 3;
    let size = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let area = centred(frame.area(), size(inner + 4), size(height));
    let body = sheet(frame, area, (title, None), look);
    let width = usize::from(body.width);
    let bold = look.style(ColourRole::Plain).add_modifier(Modifier::BOLD);
    let mut lines = vec![Line::styled(cut(&question.text, width, look), bold)];
    for (key, does) in &question.choices {
        let does = cut(does, width.saturating_sub(key.width() + 5), look);
        lines.push(Line::from(vec![
            Span::raw("   "),
            Span::styled(*key, look.style(ColourRole::Accent).add_modifier(Modifier::BOLD)),
            Span::raw("  "),
            Span::raw(does),
        ]));
    }
    draw_lines(frame, body, &lines);
}

/// `a-3.3 (3.3 HTTP router, 12:41)`
fn described(agent: &Agent, o: &Orchestrator, now: Timestamp) -> String {
    let phase = o.roadmap().and_then(|roadmap| roadmap.phase(agent.phase()));
    let name = phase.map(|phase| format!(" {}", phase.name)).unwrap_or_default();
    let ran = running_time(agent.ran_for(now));
    let id = shown(&agent.me().id);
    format!("{id} ({}{name}, {ran})", Printable::new(agent.phase().as_str()))
}

fn shown(agent: &AgentId) -> Printable {
    Printable::new(agent.as_str())
}

/// `12:41`, from an hour on `1:02:41`.
pub(super) fn running_time(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// Time between SIGTERM and SIGKILL of an adapter.
fn grace(o: &Orchestrator, adapter: &str) -> String {
    match o.setup().adapters.get(adapter) {
        Some(adapter) => format!("{}s", adapter.limits.grace.as_secs()),
        None => "its grace time".into(),
    }
}
