//! A text that is typed once and sent to several agents: first the text, then the question whether it shall go.

use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;
use tui_textarea::{CursorMove, TextArea, WrapMode};

use super::Answer;
use super::dialog::named;
use super::sheet::{Guard, Pace, centred, cut, draw_lines, sheet};
use crate::domain::agent::Stage;
use crate::domain::id::AgentRef;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::printable::is_hidden;
use crate::domain::time::Timestamp;
use crate::ui::keys::{self, Action, Choice, Question, Scope, TextAction};
use crate::ui::line_keys;
use crate::ui::look::{ColourRole, Look};

/// Width where the screen is large enough.
const WIDTH: u16 = 72;

/// Rows besides those of the names: the border, the text, what is said of it.
const REST: u16 = 10;

/// What is on: typing, or the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Words,
    Send,
}

/// A text for agents.
#[derive(Clone, Debug)]
pub struct BroadcastDialog {
    to: Vec<AgentRef>,
    /// Those that were meant as well and don't run, in one clause.
    left_out: Option<String>,
    text: TextArea<'static>,
    step: Step,
    guard: Guard,
}

impl BroadcastDialog {
    /// For these lives; the others were meant and don't run.
    pub(super) fn new(to: Vec<AgentRef>, others: &[AgentRef]) -> Self {
        let mut text = TextArea::default();
        text.set_wrap_mode(WrapMode::WordOrGlyph);
        text.set_cursor_line_style(Style::new());
        text.set_cursor_style(Style::new().add_modifier(Modifier::REVERSED));
        Self { to, left_out: left_out(others), text, step: Step::Words, guard: Guard::default() }
    }

    /// Whom it is for.
    pub fn to(&self) -> &[AgentRef] {
        &self.to
    }

    pub(super) fn scope(&self) -> Scope {
        match self.step {
            Step::Words => Scope::Ask(Question::Words),
            Step::Send => Scope::Ask(Question::Send),
        }
    }

    pub(super) fn key(&mut self, key: KeyEvent, _: &Orchestrator, now: Timestamp) -> Answer {
        let action = keys::find(self.scope(), &key);
        match self.step {
            Step::Words => self.type_key(key, action),
            Step::Send => self.confirm(action, now),
        }
    }

    fn type_key(&mut self, key: KeyEvent, action: Option<Action>) -> Answer {
        match action {
            Some(Action::Back) => return Answer::Close,
            Some(Action::Text(TextAction::Submit)) => {
                if !self.words().is_empty() {
                    (self.step, self.guard) = (Step::Send, Guard::default());
                }
            }
            Some(Action::Text(action)) => line_keys::edit(&mut self.text, action),
            Some(_) => {}
            None => {
                let hidden = matches!(key.code, KeyCode::Char(c) if c.is_control() || is_hidden(c));
                if !hidden {
                    self.text.input(key);
                }
            }
        }
        Answer::Stay
    }

    fn confirm(&mut self, action: Option<Action>, now: Timestamp) -> Answer {
        let pace = self.guard.press(now);
        match (action, pace) {
            (Some(Action::Choose(Choice::Yes)), Pace::Calm) => {
                Answer::Send(self.to.clone(), self.words())
            }
            (Some(Action::Back), _) => {
                self.step = Step::Words;
                Answer::Stay
            }
            (Some(_) | None, _) => Answer::Stay,
        }
    }

    /// Puts text in at the cursor. While it is asked about nothing changes.
    pub(super) fn paste(&mut self, text: &str) {
        if self.step == Step::Words {
            let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
            let harmless = |c: &char| *c == '\n' || !(c.is_control() || is_hidden(*c));
            self.text.insert_str(text.chars().filter(harmless).collect::<String>());
        }
    }

    /// The text as it will be sent.
    fn words(&self) -> String {
        self.text.lines().join("\n").trim().to_owned()
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        if self.step == Step::Send {
            self.guard.show(look.now);
        }
        let names: Vec<String> = self.to.iter().map(|me| self.name(me, o)).collect();
        let screen = frame.area();
        let width = usize::from(WIDTH.min(screen.width).saturating_sub(4));
        let left_out = self.left_out.iter().map(|clause| cut(clause, width, look));
        let rest = REST + 2 + u16::from(self.left_out.is_some());
        let rows = usize::from(screen.height.saturating_sub(rest)).max(1);
        let mut names = named(&names, (width, rows), look);
        names.extend(left_out);
        let height = u16::try_from(names.len()).unwrap_or(u16::MAX).saturating_add(REST);
        let title = match self.to.as_slice() {
            [one] => format!("Send to {}", one.id),
            all => format!("Send to {} agents", all.len()),
        };
        let area = centred(screen, WIDTH, height);
        let body = sheet(frame, area, (&title, Some(self.scope())), look);
        let muted = look.style(ColourRole::Muted);
        let names: Vec<Line<'_>> =
            names.into_iter().map(|name| Line::styled(name, muted)).collect();
        let used = u16::try_from(names.len() + 1).unwrap_or(u16::MAX);
        draw_lines(frame, body, &names);
        let foot = self.foot();
        let below = u16::try_from(foot.len() + 1).unwrap_or(u16::MAX);
        let height = body.height.saturating_sub(used + below);
        let text = Rect { y: body.y.saturating_add(used), height, ..body };
        self.draw_text(frame, text.intersection(body));
        let y = body.bottom().saturating_sub(below - 1).max(body.y);
        let lines: Vec<Line<'_>> = foot
            .into_iter()
            .map(|(line, role)| Line::styled(cut(&line, width, look), look.style(role)))
            .collect();
        draw_lines(frame, Rect { y, height: body.bottom() - y, ..body }, &lines);
    }

    /// The text, without a cursor while it is asked about.
    fn draw_text(&self, frame: &mut Frame<'_>, area: Rect) {
        match self.step {
            Step::Words => frame.render_widget(&self.text, area),
            Step::Send => {
                let mut shown = self.text.clone();
                // From its beginning: the person has just seen its end.
                shown.move_cursor(CursorMove::Top);
                shown.move_cursor(CursorMove::Head);
                shown.set_cursor_style(Style::new());
                shown.set_style(Style::new().add_modifier(Modifier::BOLD));
                frame.render_widget(&shown, area);
            }
        }
    }

    /// Its id, and that it has ended meanwhile.
    fn name(&self, me: &AgentRef, o: &Orchestrator) -> String {
        let runs = o.run().live(me).is_some_and(|agent| agent.stage == Stage::Running);
        if runs { me.id.to_string() } else { format!("{} (ended)", me.id) }
    }

    fn foot(&self) -> Vec<(String, ColourRole)> {
        let how = match self.words().lines().count() {
            0 | 1 => "As it stands, then Enter.".to_owned(),
            n => format!("{n} lines, as a paste or one by one, as each asked; then Enter."),
        };
        let asked = match self.step {
            Step::Words => "Nothing is sent before you were asked.".to_owned(),
            Step::Send => {
                let whom = if self.to.len() == 1 { "it" } else { "it to all" };
                format!("y  send {whom}     Esc / Enter / n  back to the text")
            }
        };
        let role = match self.step {
            Step::Words => ColourRole::Muted,
            Step::Send => ColourRole::Plain,
        };
        vec![(how, ColourRole::Muted), (asked, role)]
    }
}

/// That those marked as well get nothing.
fn left_out(others: &[AgentRef]) -> Option<String> {
    match others {
        [] => None,
        [one] => Some(format!("not to {}: it does not run", one.id)),
        [one, two] => Some(format!("not to {} and {}: they do not run", one.id, two.id)),
        [one, rest @ ..] => {
            Some(format!("not to {} and {} more: they do not run", one.id, rest.len()))
        }
    }
}
