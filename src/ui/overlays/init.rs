//! The question before starter files are written: which, and where.

use ratatui::Frame;
use ratatui::crossterm::event::KeyEvent;

use super::Answer;
use super::dialog::{Question, confirmed, draw_dialog};
use super::sheet::Guard;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::time::Timestamp;
use crate::ui::intent::Intent;
use crate::ui::keys::{self, Action, Choice, Scope};
use crate::ui::look::Look;
use crate::ui::text::clean;

/// Asks before files are written.
#[derive(Clone, Debug)]
pub struct InitDialog {
    folder: String,
    files: Vec<String>,
    guard: Guard,
}

impl InitDialog {
    /// For these files, named from the folder on.
    pub(super) fn new(folder: String, files: Vec<String>) -> Self {
        Self { folder, files, guard: Guard::default() }
    }

    pub(super) fn key(&mut self, key: KeyEvent, o: &Orchestrator, now: Timestamp) -> Answer {
        let pace = self.guard.press(now);
        if o.roadmap().is_some() {
            return Answer::Close;
        }
        match keys::find(Scope::Ask(keys::Question::Init), &key) {
            Some(Action::Choose(Choice::Yes)) => confirmed(pace, vec![Intent::WriteStarter]),
            Some(Action::Back) => Answer::Close,
            Some(_) | None => Answer::Stay,
        }
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, look: &Look) {
        self.guard.show(look.now);
        let what = match self.files.len() {
            1 => "this file".to_owned(),
            n => format!("these {n} files"),
        };
        let question = Question {
            text: format!("Write {what} into {}?", clean(&self.folder)),
            names: self.files.iter().map(|file| clean(file)).collect(),
            choices: vec![
                ("y", "write: nothing that is there is overwritten".to_owned()),
                ("Esc / Enter / n", "write nothing".to_owned()),
            ],
        };
        draw_dialog(frame, "Write a starter", &question, look);
    }
}
