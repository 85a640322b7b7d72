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
use crate::domain::workspace::Isolation;
use crate::ui::intent::Intent;
use crate::ui::keys::{self, Action, Choice, Scope};
use crate::ui::look::{ColourRole, Look};
use crate::ui::text::wrap;

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
    /// Lives that ran when it was asked.
    Some(Vec<AgentRef>),
    /// Every agent, those that start meanwhile too.
    All,
}

impl StopDialog {
    /// For the present life of this agent.
    pub(super) fn new(agent: AgentId, o: &Orchestrator) -> Self {
        let life = o.agent(&agent).filter(|a| a.is_live()).map(|a| a.me().clone());
        Self { meant: Meant::One(agent, life), guard: Guard::default() }
    }

    /// For these lives.
    pub(super) fn some(lives: Vec<AgentRef>) -> Self {
        Self { meant: Meant::Some(lives), guard: Guard::default() }
    }

    /// For all agents.
    pub(super) fn all(_: &Orchestrator) -> Self {
        Self { meant: Meant::All, guard: Guard::default() }
    }

    pub(super) fn is_over(&self, o: &Orchestrator) -> bool {
        match &self.meant {
            Meant::One(_, life) => life.as_ref().and_then(|me| o.run().live(me)).is_none(),
            Meant::Some(lives) => living(lives, o).is_empty(),
            Meant::All => o.busy_agents() == 0,
        }
    }

    pub(super) fn key(&mut self, key: KeyEvent, o: &Orchestrator, now: Timestamp) -> Answer {
        let pace = self.guard.press(now);
        if self.is_over(o) {
            return Answer::Close;
        }
        let how = match keys::find(Scope::Ask(keys::Question::Stop), &key) {
            Some(Action::Choose(Choice::Yes)) => StopKind::Term,
            Some(Action::Choose(Choice::Kill)) => StopKind::Kill,
            Some(Action::Back) => return Answer::Close,
            Some(_) | None => return Answer::Stay,
        };
        let commands = match &self.meant {
            Meant::One(agent, _) => vec![Command::Stop(agent.clone(), how)],
            Meant::Some(lives) => {
                living(lives, o).iter().map(|me| Command::Stop(me.id.clone(), how)).collect()
            }
            Meant::All => vec![Command::StopAll(how)],
        };
        confirmed(pace, commands.into_iter().map(Intent::Run).collect())
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        self.guard.show(look.now);
        let (title, question) = match &self.meant {
            Meant::One(agent, life) => ("Stop agent", one(agent, life.as_ref(), o, look.now)),
            Meant::Some(lives) => ("Stop agents", several(&living(lives, o), o)),
            Meant::All => ("Stop all agents", every(o)),
        };
        draw_dialog(frame, title, &question, look);
    }
}

/// Those of the lives that go on.
fn living(lives: &[AgentRef], o: &Orchestrator) -> Vec<AgentRef> {
    lives.iter().filter(|me| o.run().live(me).is_some()).cloned().collect()
}

/// The question before one agent is stopped.
fn one(id: &AgentId, life: Option<&AgentRef>, o: &Orchestrator, now: Timestamp) -> Question {
    let Some(agent) = life.and_then(|me| o.run().live(me)) else {
        return Question::plain(format!("{} does not run any more.", shown(id)));
    };
    let grace = grace(o, &agent.birth.adapter);
    let fate = Fate::of([agent], o);
    let what = match fate {
        Fate::Stays | Fate::Both => "its changes stay",
        Fate::Goes => "its worktree goes",
    };
    Question {
        text: format!("Stop {}?", described(agent, o, now)),
        names: fate.note(),
        choices: vec![
            ("y", format!("stop: SIGTERM, SIGKILL after {grace}, {what}")),
            ("k", format!("kill now, {what}")),
            ("Esc / Enter / n", "leave it running".into()),
        ],
    }
}

/// The question before some agents are stopped.
fn several(lives: &[AgentRef], o: &Orchestrator) -> Question {
    let grace = grace(o, &o.target().agent);
    let fate = Fate::of(lives.iter().filter_map(|me| o.run().live(me)), o);
    let what = fate.clause();
    Question {
        text: match lives {
            [] => return Question::plain("None of them runs any more.".into()),
            [one] => format!("Stop {}?", shown(&one.id)),
            all => format!("Stop these {} agents?", all.len()),
        },
        names: lives.iter().map(|me| shown(&me.id).to_string()).chain(fate.note()).collect(),
        choices: vec![
            ("y", format!("stop: SIGTERM, SIGKILL after {grace}, {what}")),
            ("k", format!("kill now, {what}")),
            ("Esc / Enter / n", "leave them running".into()),
        ],
    }
}

/// The question before all agents are stopped.
fn every(o: &Orchestrator) -> Question {
    let text = match o.busy_agents() {
        0 => return Question::plain("No agent is working any more.".into()),
        1 => "Stop the one agent at work, and start nothing new?".to_owned(),
        n => format!("Stop all {n} agents, and start nothing new?"),
    };
    let grace = grace(o, &o.target().agent);
    let fate = Fate::of(o.run().everyone().filter(|agent| agent.is_busy()), o);
    let what = fate.clause();
    Question {
        text,
        names: fate.note(),
        choices: vec![
            ("y", format!("stop: SIGTERM, SIGKILL after {grace}, {what}")),
            ("k", format!("kill now, {what}")),
            ("Esc / Enter / n", "leave them running".into()),
        ],
    }
}

/// What becomes of what agents changed when they are stopped.
#[derive(Clone, Copy)]
enum Fate {
    /// It stays where it is.
    Stays,
    /// It goes with the worktrees: the agents work for no plan.
    Goes,
    /// That of some stays.
    Both,
}

impl Fate {
    fn of<'a>(agents: impl IntoIterator<Item = &'a Agent>, o: &Orchestrator) -> Self {
        let own = o.target().workspaces.isolation == Isolation::Worktree;
        let goes = |agent: &Agent| {
            let place = agent.workspace.as_ref();
            agent.errand().is_some() && place.map_or(own, |place| place.worktree().is_some())
        };
        let (go, stay): (Vec<&Agent>, Vec<&Agent>) = agents.into_iter().partition(|a| goes(a));
        match (go.is_empty(), stay.is_empty()) {
            (true, _) => Self::Stays,
            (false, true) => Self::Goes,
            (false, false) => Self::Both,
        }
    }

    fn clause(self) -> &'static str {
        match self {
            Self::Stays => "changes stay",
            Self::Goes => "worktrees go",
            Self::Both => "changes for the plan stay",
        }
    }

    /// Where what goes is found again.
    fn note(self) -> Vec<String> {
        let note = match self {
            Self::Stays => return Vec::new(),
            Self::Goes => "no document is left; changes are kept in refs/orch-tui/",
            Self::Both => "on demand: changes are kept in refs/orch-tui/, no document",
        };
        vec![note.to_owned()]
    }
}

/// A question with its answers: key, and what it does.
pub(super) struct Question {
    pub(super) text: String,
    /// Whom or what it is about, where that is not in the text.
    pub(super) names: Vec<String>,
    pub(super) choices: Vec<(&'static str, String)>,
}

impl Question {
    /// Nothing to choose.
    pub(super) fn plain(text: String) -> Self {
        Self { text, names: Vec::new(), choices: vec![("Esc", "close".into())] }
    }
}

pub(super) fn confirmed(pace: Pace, intents: Vec<Intent>) -> Answer {
    match pace {
        Pace::Calm => Answer::CloseAnd(intents),
        Pace::Hasty => Answer::Stay,
    }
}

pub(super) fn draw_dialog(frame: &mut Frame<'_>, title: &str, question: &Question, look: &Look) {
    let texts = question.choices.iter().map(|(key, does)| key.width() + does.width() + 5);
    let inner = texts.chain([question.text.width()]).max().unwrap_or(0).max(WIDTH - 4);
    let most = usize::from(frame.area().height).saturating_sub(question.choices.len() + 3);
    // A sentence that is too long for one line is told whole.
    let names: Vec<String> = question.names.iter().flat_map(|name| wrap(name, inner)).collect();
    let named = named(&names, (inner, most), look);
    let height = question.choices.len() + named.len() + 3;
    let size = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let area = centred(frame.area(), size(inner + 4), size(height));
    let body = sheet(frame, area, (title, None), look);
    let width = usize::from(body.width);
    let bold = look.style(ColourRole::Plain).add_modifier(Modifier::BOLD);
    let mut lines = vec![Line::styled(cut(&question.text, width, look), bold)];
    lines.extend(named.into_iter().map(Line::raw));
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

/// Names in lines of at most `width` columns. Those for which `rows` lines have no room are counted.
pub(super) fn named(names: &[String], (width, rows): (usize, usize), look: &Look) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let (mut line, mut told) = (String::new(), 0);
    for (n, name) in names.iter().enumerate() {
        let room = if lines.len() + 1 < rows { 0 } else { " +9999 more".len() };
        let gap = if line.is_empty() { 0 } else { 2 };
        if line.width() + gap + name.width() + room > width && !line.is_empty() {
            if lines.len() + 1 >= rows {
                break;
            }
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push_str("  ");
        }
        line.push_str(&cut(name, width, look));
        told = n + 1;
    }
    if told < names.len() {
        line.push_str(&format!("  +{} more", names.len() - told));
    }
    lines.extend((!line.is_empty() && rows > 0).then_some(line));
    lines
}

/// `a-3.3 (3.3 HTTP router, 12:41)`
pub(super) fn described(agent: &Agent, o: &Orchestrator, now: Timestamp) -> String {
    let ran = running_time(agent.ran_for(now));
    let (id, about) = (shown(&agent.me().id), o.about(agent));
    if agent.errand().is_some() {
        return format!("{id} ({about}, {ran})");
    }
    let name = format!("{} {about}", Printable::new(agent.phase().as_str()));
    format!("{id} ({}, {ran})", name.trim_end())
}

pub(super) fn shown(agent: &AgentId) -> Printable {
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
pub(super) fn grace(o: &Orchestrator, adapter: &str) -> String {
    match o.setup().adapters.get(adapter) {
        Some(adapter) => format!("{}s", adapter.limits.grace.as_secs()),
        None => "its grace time".into(),
    }
}
