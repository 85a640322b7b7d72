//! What a branch changes, to be looked at before it is merged: files beside their hunks, remarks under their lines.

use std::cell::Cell;
use std::sync::Arc;

use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::style::{Modifier, Style};
use tui_textarea::{CursorMove, TextArea, WrapMode};

use super::Answer;
use super::comments::{Comment, told};
use super::review::Sight;
use super::sheet::Scroll;
use crate::domain::agent::Stage;
use crate::domain::command::{Command, Refusal};
use crate::domain::diff::{Diff, DiffLine, FileDiff, FileKind};
use crate::domain::id::AgentRef;
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::printable::{Printable, is_hidden};
use crate::ui::intent::Intent;
use crate::ui::keys::{
    self, Action, AgentAction, Direction, Reading, ReviewAction, Scope, Step, TextAction,
};
use crate::ui::line_keys;

/// Lines one notch of the wheel scrolls.
const NOTCH: usize = 3;

/// Which of its two sides keys are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The list of files.
    Files,
    /// The hunks of the file.
    Lines,
}

/// A row of the hunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// The head of a hunk.
    Heading(usize),
    /// A line of a hunk.
    Line(usize, usize),
    /// A remark on the line above.
    Comment(usize),
}

/// What is looked at of one agent.
#[derive(Clone, Debug)]
pub struct DiffSheet {
    pub(super) agent: AgentRef,
    /// What it changes; `None` until git has told.
    pub(super) diff: Option<Result<Arc<Diff>, Printable>>,
    pub(super) side: Side,
    pub(super) file: usize,
    pub(super) cursor: usize,
    pub(super) comments: Vec<Comment>,
    /// The remark that is written, and on which line.
    pub(super) writing: Option<(Comment, TextArea<'static>)>,
    /// Why the last key did nothing.
    pub(super) note: Option<String>,
    pub(super) scroll: Scroll,
    /// Rows of hunks there is room for.
    pub(super) page: Cell<usize>,
}

impl DiffSheet {
    /// Of this life, with what was said of its lines before.
    pub(super) fn new(agent: AgentRef, comments: Vec<Comment>) -> Self {
        Self {
            agent,
            diff: None,
            side: Side::Lines,
            file: 0,
            cursor: 0,
            comments,
            writing: None,
            note: None,
            scroll: Scroll::default(),
            page: Cell::new(1),
        }
    }

    /// Whose work it shows, and what is said of it.
    pub fn comments(&self) -> (&AgentRef, &[Comment]) {
        (&self.agent, &self.comments)
    }

    pub(super) fn scope(&self) -> Scope {
        match self.writing {
            Some(_) => Scope::Reading(Reading::Comment),
            None => Scope::Reading(Reading::Changes),
        }
    }

    /// Git told what an agent's branch changes.
    pub(super) fn told(&mut self, agent: &AgentRef, outcome: &Result<Arc<Diff>, Printable>) {
        if *agent == self.agent {
            self.diff = Some(outcome.clone());
            self.file = self.file.min(self.files().len().saturating_sub(1));
            self.cursor = self.cursor.min(self.rows().len().saturating_sub(1));
        }
    }

    pub(super) fn files(&self) -> &[FileDiff] {
        match &self.diff {
            Some(Ok(diff)) => &diff.files,
            Some(Err(_)) | None => &[],
        }
    }

    pub(super) fn current(&self) -> Option<&FileDiff> {
        self.files().get(self.file)
    }

    /// The rows of the current file.
    pub(super) fn rows(&self) -> Vec<Row> {
        let Some(file) = self.current() else { return Vec::new() };
        let mut rows = Vec::new();
        for (h, hunk) in file.hunks.iter().enumerate() {
            rows.push(Row::Heading(h));
            for (l, line) in hunk.lines.iter().enumerate() {
                rows.push(Row::Line(h, l));
                let on = self.comments.iter().enumerate().filter(|(_, c)| c.is_on(file, line));
                rows.extend(on.map(|(n, _)| Row::Comment(n)));
            }
        }
        rows
    }

    /// The line the cursor is on, or whose remark it is on.
    fn line(&self) -> Option<(&FileDiff, &DiffLine)> {
        let file = self.current()?;
        let rows = self.rows();
        let before = rows.get(..=self.cursor)?.iter().rev();
        let (h, l) = before.copied().find_map(|row| match row {
            Row::Line(h, l) => Some(Some((h, l))),
            Row::Heading(_) => Some(None),
            Row::Comment(_) => None,
        })??;
        Some((file, file.hunks.get(h)?.lines.get(l)?))
    }

    pub(super) fn key(&mut self, key: KeyEvent, o: &Orchestrator) -> Answer {
        self.note = None;
        let action = keys::find(self.scope(), &key);
        if self.writing.is_some() {
            self.write(key, action);
            return Answer::Stay;
        }
        match action {
            Some(Action::Back) => return Answer::Close,
            Some(Action::Go(step)) => self.go(step),
            Some(Action::Agent(AgentAction::Review(action))) => return self.act(action, o),
            Some(_) | None => {}
        }
        Answer::Stay
    }

    fn act(&mut self, action: ReviewAction, o: &Orchestrator) -> Answer {
        match action {
            ReviewAction::Hunk(way) => self.go_to_hunk(way),
            ReviewAction::File(way) => self.go_to_file(way),
            ReviewAction::Side => {
                self.side = match self.side {
                    Side::Files => Side::Lines,
                    Side::Lines => Side::Files,
                };
            }
            ReviewAction::Comment => self.comment(),
            ReviewAction::Edit => return self.edit(o),
            ReviewAction::SendBack => return self.send_back(o),
            ReviewAction::Merge => match self.not_in_review(o) {
                Some(why) => self.note = Some(why),
                None => return Answer::Review(Sight::Merge, self.agent.id.clone()),
            },
            ReviewAction::Discard => return Answer::Review(Sight::Discard, self.agent.id.clone()),
            ReviewAction::Look => {}
        }
        Answer::Stay
    }

    /// Whether a key does now what its hint says.
    pub(super) fn works(&self, action: AgentAction, o: &Orchestrator) -> bool {
        match action {
            AgentAction::Review(ReviewAction::Merge | ReviewAction::SendBack) => {
                self.not_in_review(o).is_none()
            }
            _ => true,
        }
    }

    /// Why its work can be neither merged nor sent back now.
    fn not_in_review(&self, o: &Orchestrator) -> Option<String> {
        let id = &self.agent.id;
        match o.agent(id).map(|agent| &agent.stage) {
            Some(Stage::Review(_)) => None,
            Some(Stage::Ended(outcome)) => Some(format!(
                "only proven work is merged or sent back, r in the list begins again here: {id} {}",
                outcome.clause()
            )),
            Some(_) => Some(format!("{id} is at work: it can be merged once its gates passed")),
            None => Some(format!("there is no agent {id}")),
        }
    }

    fn send_back(&mut self, o: &Orchestrator) -> Answer {
        let refused = match self.comments.is_empty() {
            true => Some("there is no comment to send: c writes one on the line".to_owned()),
            false => only_looking(o).or_else(|| self.not_in_review(o)),
        };
        if refused.is_some() {
            self.note = refused;
            return Answer::Stay;
        }
        let comments = told(&std::mem::take(&mut self.comments));
        let back = Command::Refuse(self.agent.id.clone(), Refusal::SendBack(comments));
        Answer::CloseAnd(vec![Intent::Run(back)])
    }

    fn edit(&mut self, o: &Orchestrator) -> Answer {
        let worktree = o.agent(&self.agent.id).and_then(|agent| o.worktree_of(agent));
        let (Some(worktree), Some(file)) = (worktree, self.current()) else { return Answer::Stay };
        if file.kind == FileKind::Deleted {
            self.note = Some(format!("{} is deleted: there is nothing to open", file.path));
            return Answer::Stay;
        }
        let line = self.line().and_then(|(_, line)| line.new.or(line.old)).unwrap_or(1);
        let path = worktree.root.join(&file.name);
        Answer::Do(vec![Intent::Open { path, line: usize::try_from(line).unwrap_or(1) }])
    }

    fn comment(&mut self) {
        let begun = self.line().and_then(|(file, line)| {
            let known = self.comments.iter().find(|comment| comment.is_on(file, line)).cloned();
            known.or_else(|| Comment::on(file, line))
        });
        let Some(comment) = begun else {
            self.note = Some("go to a line first: j and k".to_owned());
            return;
        };
        let mut text = TextArea::new(vec![comment.text.clone()]);
        text.set_wrap_mode(WrapMode::WordOrGlyph);
        text.set_cursor_line_style(Style::new());
        text.set_cursor_style(Style::new().add_modifier(Modifier::REVERSED));
        text.move_cursor(CursorMove::End);
        self.side = Side::Lines;
        self.writing = Some((comment, text));
    }

    fn write(&mut self, key: KeyEvent, action: Option<Action>) {
        let Some((_, text)) = &mut self.writing else { return };
        match action {
            Some(Action::Back) => self.writing = None,
            Some(Action::Text(TextAction::Submit)) => self.keep(),
            Some(Action::Text(action)) => line_keys::edit(text, action),
            Some(_) => {}
            None => match key.code {
                KeyCode::Char(c) if c.is_control() || is_hidden(c) => {}
                _ => {
                    text.input(key);
                }
            },
        }
    }

    /// Keeps the remark that is written; an empty one goes.
    fn keep(&mut self) {
        let Some((mut comment, text)) = self.writing.take() else { return };
        let before = comment.clone();
        comment.text = text.lines().join(" ").trim().to_owned();
        let place = self.comments.iter().position(|known| *known == before);
        match (place, comment.text.is_empty()) {
            (Some(at), true) => drop(self.comments.remove(at)),
            (Some(at), false) => self.comments[at] = comment,
            (None, true) => {}
            (None, false) => self.comments.push(comment),
        }
        self.cursor = self.cursor.min(self.rows().len().saturating_sub(1));
    }

    /// Text was pasted: it belongs to a remark, or nowhere.
    pub(super) fn paste(&mut self, text: &str) {
        if let Some((_, area)) = &mut self.writing {
            let line = text.replace(['\r', '\n', '\t'], " ");
            let harmless = line.chars().filter(|c| !(c.is_control() || is_hidden(*c)));
            area.insert_str(harmless.collect::<String>());
        }
    }

    /// The wheel was turned.
    pub fn wheel(&mut self, step: Step) {
        (0..NOTCH).for_each(|_| self.go(step));
    }

    fn go(&mut self, step: Step) {
        let page = self.page.get().saturating_sub(1).max(1);
        match self.side {
            Side::Files => self.go_to(step.from(self.file, self.files().len(), page)),
            Side::Lines => self.cursor = step.from(self.cursor, self.rows().len(), page),
        }
    }

    fn go_to(&mut self, file: usize) {
        if file != self.file {
            (self.file, self.cursor, self.scroll) = (file, 0, Scroll::default());
        }
    }

    fn go_to_file(&mut self, way: Direction) {
        let (last, at) = (self.files().len().saturating_sub(1), self.file);
        match way {
            Direction::On if at == last => self.note = Some("this is the last file".to_owned()),
            Direction::Back if at == 0 => self.note = Some("this is the first file".to_owned()),
            Direction::On => self.go_to(at + 1),
            Direction::Back => self.go_to(at - 1),
        }
    }

    /// To the head of the next hunk, past the end of a file to the next one.
    fn go_to_hunk(&mut self, way: Direction) {
        self.side = Side::Lines;
        let heading = |row: &Row| matches!(row, Row::Heading(_));
        let rows = self.rows();
        let found = match way {
            Direction::On => {
                let mut after = rows.iter().enumerate().skip(self.cursor + 1);
                after.find(|(_, row)| heading(row)).map(|(at, _)| at)
            }
            Direction::Back => rows.iter().take(self.cursor).rposition(heading),
        };
        match (found, way) {
            (Some(at), _) => self.cursor = at,
            (None, Direction::On) => self.go_to_file(way),
            (None, Direction::Back) => {
                self.go_to_file(way);
                self.cursor = self.rows().iter().rposition(heading).unwrap_or(0);
            }
        }
    }
}

/// Why a viewer can't send anything.
fn only_looking(o: &Orchestrator) -> Option<String> {
    match o.role() {
        Role::Driver => None,
        Role::Viewer { driver } => Some(format!("process {driver} drives: only it can do that")),
    }
}
