//! The goal's text and its history, and keys and pastes that are text.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::{Modifier, Style};
use tui_textarea::{CursorMove, TextArea};

use crate::domain::command::Command;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::printable::is_hidden;
use crate::ui::dashboard::{Dashboard, Mode};
use crate::ui::encode;
use crate::ui::intent::Intent;
use crate::ui::keys::{Pane, TextAction};
use crate::ui::line_keys;

/// The goal's text and the goals before.
#[derive(Clone, Debug, Default)]
pub struct GoalField {
    /// The text.
    pub text: TextArea<'static>,
    history: Vec<String>,
    /// Place in the history while one goes through it.
    at: Option<usize>,
    /// A goal was asked for and not answered yet.
    pub asked: bool,
    /// The plan in question came from a goal.
    pub planned: bool,
}

impl GoalField {
    /// The whole text.
    pub fn content(&self) -> String {
        self.text.lines().join("\n")
    }

    /// Replaces the text.
    pub fn set(&mut self, text: &str) {
        let mut area = TextArea::new(text.split('\n').map(str::to_owned).collect());
        area.set_cursor_line_style(Style::new());
        area.set_cursor_style(Style::new().add_modifier(Modifier::REVERSED));
        area.set_selection_style(Style::new().add_modifier(Modifier::REVERSED));
        area.move_cursor(CursorMove::Bottom);
        area.move_cursor(CursorMove::End);
        self.text = area;
    }

    /// Puts text in at the cursor, without what could not be drawn.
    pub fn insert(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace(['\r', '\t'], " ");
        let harmless = |c: &char| *c == '\n' || !(c.is_control() || is_hidden(*c));
        self.text.insert_str(text.chars().filter(harmless).collect::<String>());
    }

    /// Offers what was left here to be replaced: the next key that types takes its place, and it stays in the history.
    fn offer(&mut self) {
        let left = self.content();
        if left.trim().is_empty() {
            self.set("");
            return;
        }
        if self.history.last() != Some(&left) {
            self.history.push(left);
        }
        self.at = None;
        self.text.select_all();
    }

    /// The goal before in the history that is another than what stands here.
    fn older(&mut self) {
        let (here, at) = (self.content(), self.at.unwrap_or(self.history.len()));
        let before = self.history.get(..at).unwrap_or_default();
        match before.iter().rposition(|goal| *goal != here) {
            Some(other) => self.recall(other),
            None => line_keys::edit(&mut self.text, TextAction::End),
        }
    }

    /// The goal after in the history, at last an empty one.
    fn newer(&mut self) {
        match self.at {
            Some(at) if at + 1 < self.history.len() => self.recall(at + 1),
            Some(_) => {
                self.at = None;
                self.set("");
            }
            None => {}
        }
    }

    fn recall(&mut self, at: usize) {
        self.at = Some(at);
        let text = self.history[at].clone();
        self.set(&text);
    }

    /// Takes the text as a goal: it goes into the history and leaves the field.
    pub(super) fn submit(&mut self) -> Option<String> {
        let goal = self.content().trim().to_owned();
        if goal.is_empty() {
            return None;
        }
        if self.history.last() != Some(&goal) {
            self.history.push(goal.clone());
        }
        self.at = None;
        self.set("");
        (self.asked, self.planned) = (true, true);
        Some(goal)
    }

    /// What was taken as a goal was none: no plan comes of it.
    fn forget(&mut self) {
        (self.asked, self.planned) = (false, false);
    }

    /// The goal asked for last.
    pub fn last(&self) -> Option<&String> {
        self.history.last()
    }
}

impl Dashboard {
    /// Begins to type a goal.
    pub(super) fn enter_goal(&mut self) {
        if self.agent.grid.open {
            self.close_grid();
        }
        if self.focus.pane != Pane::Goal {
            self.focus.back = self.focus.pane;
        }
        self.agent.zoom = false;
        (self.focus.pane, self.focus.mode) = (Pane::Goal, Mode::Goal);
        self.goal.offer();
    }

    /// Goes back to where one was before.
    pub(super) fn leave_goal(&mut self) {
        (self.focus.pane, self.focus.mode) = (self.focus.back, Mode::Browse);
    }

    /// Keys of text fields that do something else than put text in.
    pub(super) fn edit_text(&mut self, action: TextAction, o: &Orchestrator) -> Vec<Intent> {
        match self.focus.mode {
            Mode::Filter => self.edit_filter(action),
            Mode::Goal | Mode::Browse | Mode::Type => return self.edit_goal(action, o),
            Mode::Scroll => {}
        }
        Vec::new()
    }

    fn edit_filter(&mut self, action: TextAction) {
        match action {
            TextAction::Submit => {}
            TextAction::Leave => self.roadmap.filter.clear(),
            TextAction::CutToStart => return self.roadmap.filter.clear(),
            TextAction::CutWord => return cut_word(&mut self.roadmap.filter),
            TextAction::Newline | TextAction::Older | TextAction::Newer => return,
            TextAction::Start | TextAction::End | TextAction::CutToEnd | TextAction::Undo => return,
        }
        self.focus.mode = Mode::Browse;
    }

    fn edit_goal(&mut self, action: TextAction, o: &Orchestrator) -> Vec<Intent> {
        let (line, lines) = (self.goal.text.cursor().0, self.goal.text.lines().len());
        let selected = self.goal.text.is_selecting();
        match action {
            TextAction::Submit => {
                if let Some(goal) = self.goal.submit() {
                    self.leave_goal();
                    if let Some(errand) = Self::wish(&goal) {
                        self.goal.forget();
                        return self.ask_errand(errand, o);
                    }
                    return vec![Intent::Run(Command::Interpret(goal))];
                }
            }
            // With all of it selected, or from its first line, up is the history.
            TextAction::Older if line == 0 || selected => self.goal.older(),
            TextAction::Newer if line + 1 >= lines => self.goal.newer(),
            TextAction::Leave => self.leave_goal(),
            TextAction::Newline
            | TextAction::Older
            | TextAction::Newer
            | TextAction::Start
            | TextAction::End
            | TextAction::CutToStart
            | TextAction::CutToEnd
            | TextAction::CutWord
            | TextAction::Undo => line_keys::edit(&mut self.goal.text, action),
        }
        Vec::new()
    }

    /// A key that is text, in a mode that takes text.
    pub(super) fn text_key(&mut self, key: KeyEvent) {
        let hidden = match key.code {
            KeyCode::Char(c) => c.is_control() || is_hidden(c),
            _ => false,
        };
        if hidden {
            return;
        }
        match self.focus.mode {
            Mode::Goal => {
                self.goal.text.input(key);
            }
            Mode::Filter => self.filter_key(key),
            Mode::Scroll => self.reading_key(key),
            Mode::Browse | Mode::Type => {}
        }
    }

    fn filter_key(&mut self, key: KeyEvent) {
        let command = KeyModifiers::CONTROL | KeyModifiers::ALT;
        match key.code {
            KeyCode::Char(c) if !key.modifiers.intersects(command) => self.roadmap.filter.push(c),
            KeyCode::Backspace => {
                self.roadmap.filter.pop();
            }
            _ => {}
        }
    }

    /// What a paste does: it is text wherever text is wanted, and a goal on offer elsewhere. It never acts as keys.
    pub fn paste(&mut self, text: &str, o: &Orchestrator) -> Vec<Intent> {
        if self.overlay(o).is_some() {
            if let Some(overlay) = &mut self.overlay {
                overlay.paste(text, o);
            }
            self.look_in_all();
            return Vec::new();
        }
        match self.focus.mode {
            Mode::Type => return self.type_bytes(o, |modes| encode::paste(text, modes)),
            Mode::Filter => {
                let line = text.lines().next().unwrap_or_default();
                let harmless = line.chars().filter(|c| !c.is_control() && !is_hidden(*c));
                self.roadmap.filter.extend(harmless);
            }
            Mode::Goal => self.goal.insert(text),
            Mode::Scroll => self.paste_needle(text),
            Mode::Browse => {
                self.enter_goal();
                self.goal.insert(text);
            }
        }
        Vec::new()
    }
}

/// Takes the last word away, and blanks behind it.
fn cut_word(text: &mut String) {
    let kept = text.trim_end().rfind(char::is_whitespace);
    let next = |at: usize| at + text[at..].chars().next().map_or(0, char::len_utf8);
    text.truncate(kept.map_or(0, next));
}
